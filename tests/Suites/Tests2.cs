namespace Kiln.Suites;

/// <summary>tcc's tests2: a program and what it prints. A test counts where the reference gcc's program prints that too.</summary>
internal sealed class Tests2(Settings settings, string root)
{
    public void Run(string level)
    {
        Report report = settings.NewReport("tests2" + level);
        var reference = new Reference(settings.Cache, "tests2" + level);
        List<string> files = [.. Directory.EnumerateFiles(root, "*.c")];
        files.Sort(StringComparer.Ordinal);
        settings.ForEach(files, file =>
        {
            string name = Path.GetFileNameWithoutExtension(file);
            string expectation = file[..^2] + ".expect";
            if (!settings.Chosen(name) || !File.Exists(expectation))
                return;
            if (reference.Ask(name, () => Try("gcc", file, expectation, level)) != "ok")
                return;
            string result = Try(settings.Kiln, file, expectation, level);
            if (result == "ok")
                report.Pass(name);
            else
                report.Fail(name, result);
        });
        settings.Close(report);
    }

    private string Try(string compiler, string file, string expectation, string level)
    {
        string work = settings.NewDirectory();
        try
        {
            string program = Path.Combine(work, "test");
            CommandResult built = Command.Run(root, settings.CompileLimit, compiler, "-w", "-std=gnu11", "-fno-omit-frame-pointer", level, "-o", program, Path.GetFileName(file), "-lm", "-lpthread", "-ldl");
            if (built.Status != 0)
                return $"compiler: {built.Status}: {built.FirstLine}";
            List<string> words = [program];
            if (Path.GetFileName(file).StartsWith("31_args", StringComparison.Ordinal))
                words.AddRange(["arg1", "arg2", "arg3", "arg4", "arg5"]);
            if (Path.GetFileName(file).StartsWith("46_grep", StringComparison.Ordinal))
                words.AddRange(["[^* ]*[:a:d: ]+\\:\\*-/: $", "46_grep.c"]);
            CommandResult ran = Command.Run(root, settings.RunLimit, words);
            string wanted = File.ReadAllText(expectation, System.Text.Encoding.Latin1);
            return Same(ran.Output + ran.Error, wanted) ? "ok" : $"program: other output (status {ran.Status})";
        }
        finally
        {
            settings.Drop(work);
        }
    }

    private static bool Same(string output, string wanted) => Trim(output) == Trim(wanted);

    private static string Trim(string text) => text.Replace("\r", "").Trim();
}
