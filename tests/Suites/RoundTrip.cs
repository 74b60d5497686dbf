namespace Kiln.Suites;

/// <summary>
/// What <c>-S</c> prints is assembled, by GNU as and by Kiln's, to the bytes and relocations that <c>-c</c> makes; lines are compared decoded. Relocations
/// are compared as a set: GNU as writes those of branches that it relaxes behind the others. Compiled with <c>-fverify</c>, so that the IR's
/// law and the fixpoint of its text are checked for every function as well.
/// </summary>
internal sealed class RoundTrip(Settings settings, string cache)
{
    public void Run(string level)
    {
        var files = new List<string>();
        foreach (string part in (string[])["gcc.c-torture/execute", "gcc.c-torture/compile", "tests2", "sqlite-build", "lua5.4"])
        {
            string directory = Path.Combine(cache, part);
            if (Directory.Exists(directory))
                files.AddRange(Directory.EnumerateFiles(directory, "*.c", part == "lua5.4" ? SearchOption.AllDirectories : SearchOption.TopDirectoryOnly));
        }
        files.Sort(StringComparer.Ordinal);
        Report report = settings.NewReport("roundtrip" + level);
        settings.ForEach(files, file =>
        {
            string name = $"{Path.GetFileName(Path.GetDirectoryName(file))}/{Path.GetFileNameWithoutExtension(file)}";
            if (!settings.Chosen(name))
                return;
            string result = Try(file, level);
            if (result == "ok")
                report.Pass(name);
            else if (result != "refused")
                report.Fail(name, result);
        });
        settings.Close(report);
    }

    // A file that Kiln or GNU as (top-level assembly of another machine) cannot take is the business of other suites, but for internal errors.
    private string Try(string file, string level)
    {
        string work = settings.NewDirectory();
        try
        {
            string[] common = [settings.Kiln, "-w", "-fverify", "-g1", level, file];
            CommandResult compiled = Command.Run(work, settings.CompileLimit * 3, [.. common, "-c", "-o", "c.o"]);
            if (compiled.Status != 0)
                return compiled.Error.Contains("internal error") || compiled.Status < 0 ? $"-c: {compiled.FirstLine}" : "refused";
            CommandResult printed = Command.Run(work, settings.CompileLimit * 3, [.. common, "-S", "-o", "c.s"]);
            if (printed.Status != 0)
                return $"-S: {printed.FirstLine}";
            if (Command.Run(work, settings.CompileLimit, "as", "c.s", "-o", "gas.o") is { Status: not 0 } gas)
                return $"GNU as: {gas.Error.Split('\n').ElementAtOrDefault(1)}";
            if (Command.Run(work, settings.CompileLimit, settings.Kiln, "as", "c.s", "-o", "kiln.o") is { Status: not 0 } own)
                return $"as: {own.FirstLine}";
            List<string> wanted = Contents(work, "c.o");
            return Differs("GNU as", wanted, Contents(work, "gas.o")) ?? Differs("as", wanted, Contents(work, "kiln.o")) ?? "ok";
        }
        finally
        {
            settings.Drop(work);
        }
    }

    private List<string> Contents(string work, string file)
    {
        var lines = new List<string>();
        bool isDebug = false;
        foreach (string line in Command.Run(work, settings.CompileLimit, "objdump", "-s", "-r", "-w", file).Output.Split('\n'))
        {
            if (line.StartsWith("Contents of", StringComparison.Ordinal) || line.StartsWith("RELOCATION", StringComparison.Ordinal))
                isDebug = line.Contains(".debug_");
            if (!isDebug && !line.Contains("file format"))
                lines.Add(line);
        }
        foreach (string line in Command.Run(work, settings.CompileLimit, "objdump", "--dwarf=decodedline", file).Output.Split('\n'))
        {
            if (!line.Contains("file format"))
                lines.Add(line);
        }
        int relocations = lines.FindIndex(l => l.StartsWith("RELOCATION", StringComparison.Ordinal));
        if (relocations >= 0)
            lines.Sort(relocations, lines.Count - relocations, StringComparer.Ordinal);
        return lines;
    }

    private static string? Differs(string who, List<string> wanted, List<string> got)
    {
        for (int i = 0; i < wanted.Count || i < got.Count; i++)
        {
            string a = wanted.ElementAtOrDefault(i) ?? "nothing", b = got.ElementAtOrDefault(i) ?? "nothing";
            if (a != b)
                return $"{who} makes '{b.Trim()}' of what is '{a.Trim()}'";
        }
        return null;
    }
}
