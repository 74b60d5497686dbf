namespace Kiln.Suites;

/// <summary>
/// The project's own run tests, <c>tests/Run</c>: a program and, in a file of its name with <c>.expected</c>, what it prints. It must end with 0.
/// A first line <c>/* options: ... */</c> adds words to the command line. The expected output was checked by hand or against gcc.
/// </summary>
internal sealed class Programs(Settings settings, string directory)
{
    public void Run(string level)
    {
        Report report = settings.NewReport("run" + level);
        List<string> files = [.. Directory.EnumerateFiles(directory, "*.c")];
        files.Sort(StringComparer.Ordinal);
        settings.ForEach(files, file =>
        {
            string name = Path.GetFileNameWithoutExtension(file);
            string result = Try(file, level);
            if (result == "ok")
                report.Pass(name);
            else
                report.Fail(name, result);
        });
        settings.Close(report);
    }

    private string Try(string file, string level)
    {
        string work = settings.NewDirectory();
        try
        {
            string program = Path.Combine(work, "test");
            List<string> words = [settings.Kiln, "-fverify", level, "-o", program, file, .. Options(file), "-lm"];
            CommandResult built = Command.Run(work, settings.CompileLimit, words);
            if (built.Status != 0)
                return $"compiler: {built.Status}: {built.FirstLine}";
            CommandResult ran = Command.Run(work, settings.RunLimit, program);
            if (ran.Status != 0)
                return $"program: status {ran.Status}";
            return ran.Output == File.ReadAllText(Path.ChangeExtension(file, ".expected")) ? "ok" : "program: other output";
        }
        finally
        {
            settings.Drop(work);
        }
    }

    private static string[] Options(string file)
    {
        const string mark = "/* options:";
        string first = File.ReadLines(file).FirstOrDefault() ?? "";
        return first.StartsWith(mark, StringComparison.Ordinal)
            ? first[mark.Length..first.IndexOf("*/", StringComparison.Ordinal)].Split(' ', StringSplitOptions.RemoveEmptyEntries)
            : [];
    }
}
