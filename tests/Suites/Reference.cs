using System.Collections.Concurrent;

namespace Kiln.Suites;

/// <summary>
/// Remembers what the reference compiler does with each test, in a file of the cache, so that a second run need not ask again.
/// </summary>
internal sealed class Reference
{
    private readonly string _path;
    private readonly ConcurrentDictionary<string, string> _known = new();
    private readonly object _lock = new();

    public Reference(string directory, string suite)
    {
        Directory.CreateDirectory(directory);
        _path = Path.Combine(directory, suite + ".reference");
        if (!File.Exists(_path))
            return;
        foreach (string line in File.ReadLines(_path))
        {
            int tab = line.IndexOf('\t');
            if (tab > 0)
                _known[line[..tab]] = line[(tab + 1)..];
        }
    }

    public string Ask(string test, Func<string> run)
    {
        if (_known.TryGetValue(test, out string? answer))
            return answer;
        answer = run().Replace('\n', ' ');
        _known[test] = answer;
        lock (_lock)
            File.AppendAllText(_path, $"{test}\t{answer}\n");
        return answer;
    }
}
