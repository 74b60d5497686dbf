namespace Kiln.Suites;

/// <summary>What the command line asks of all suites, and what they share.</summary>
internal sealed class Settings
{
    private readonly object _lock = new();
    private int _next;

    public required string Kiln { get; init; }
    public required string Cache { get; init; }
    public required Dictionary<string, string> Known { get; init; }
    public string[] Levels { get; init; } = ["-O0", "-O1"];

    /// <summary>Of how many tests one is run (chosen by a hash of its name, so that a sample is the same each time).</summary>
    public int Sample { get; init; } = 1;

    /// <summary>Only tests whose name holds this.</summary>
    public string? Filter { get; init; }

    public int Jobs { get; init; } = Environment.ProcessorCount;
    public int CompileLimit { get; init; } = 20000;
    public int RunLimit { get; init; } = 20000;
    public int Passed { get; private set; }
    public int Failed { get; private set; }
    public int Skipped { get; private set; }

    public Report NewReport(string suite) => new(suite, Known);

    public void Close(Report report)
    {
        report.Close();
        Passed += report.Passed;
        Failed += report.Failed;
        Skipped += report.Skipped;
    }

    public bool Chosen(string name)
    {
        if (Filter is not null && !name.Contains(Filter))
            return false;
        if (Sample <= 1)
            return true;
        uint hash = 2166136261;
        foreach (char c in name)
            hash = (hash ^ c) * 16777619;
        return (hash >> 7) % (uint)Sample == 0;
    }

    public void ForEach(List<string> items, Action<string> action) =>
        Parallel.ForEach(items, new ParallelOptions { MaxDegreeOfParallelism = Jobs }, action);

    public string NewDirectory()
    {
        lock (_lock)
        {
            string directory = Path.Combine(Path.GetTempPath(), $"kiln-suites-{Environment.ProcessId}", (_next++).ToString());
            Directory.CreateDirectory(directory);
            return directory;
        }
    }

    public void Drop(string directory)
    {
        try
        {
            Directory.Delete(directory, recursive: true);
        }
        catch (IOException)
        {
            // A child that was ended may still hold a file: the directory of this process goes at the end.
        }
    }
}
