using System.Text.RegularExpressions;

namespace Kiln.Suites;

/// <summary>
/// gcc's C torture suite. A test counts where the reference gcc, with the same options, compiles it (and the program ends with 0).
/// </summary>
internal sealed partial class Torture(Settings settings, string root)
{
    private static readonly string[] BuiltinsFlags =
        ["-fno-tree-dse", "-fno-tree-loop-distribute-patterns", "-fno-tracer", "-fno-ipa-ra", "-fno-inline-functions"];

    public void Run(string part, string level)
    {
        string directory = part == "compile" ? Path.Combine(root, "compile") : Path.Combine(root, "execute", part == "execute" ? "" : part);
        var files = new List<string>();
        foreach (string file in Directory.EnumerateFiles(directory, "*.c"))
        {
            if (part != "builtins" || File.Exists(file[..^2] + "-lib.c"))
                files.Add(file);
        }
        files.Sort(StringComparer.Ordinal);
        Report report = settings.NewReport($"torture-{part}{level}");
        var reference = new Reference(settings.Cache, $"torture-{part}{level}");
        settings.ForEach(files, file =>
        {
            string name = Path.GetFileNameWithoutExtension(file);
            if (!settings.Chosen(name))
                return;
            List<string> flags = Options(file);
            if (flags is ["skip"])
                return;
            string answer = reference.Ask(name, () => Try("gcc", file, part, level, flags));
            if (answer != "ok")
                return;
            string result = Try(settings.Kiln, file, part, level, flags);
            if (result == "ok")
                report.Pass(name);
            else
                report.Fail(name, result);
        });
        settings.Close(report);
    }

    private string Try(string compiler, string file, string part, string level, List<string> flags)
    {
        string work = settings.NewDirectory();
        try
        {
            List<string> words = [compiler, "-w", level, .. flags];
            if (part == "compile")
            {
                words.AddRange(["-c", "-o", Path.Combine(work, "test.o"), file]);
                CommandResult compiled = Command.Run(work, settings.CompileLimit, words);
                return compiled.Status == 0 ? "ok" : $"compiler: {compiled.Status}: {compiled.FirstLine}";
            }
            words.AddRange(["-o", Path.Combine(work, "test"), file]);
            if (part == "builtins")
                words.AddRange([file[..^2] + "-lib.c", Path.Combine(root, "execute/builtins/lib/main.c"), .. BuiltinsFlags]);
            words.Add("-lm");
            CommandResult built = Command.Run(work, settings.CompileLimit, words);
            if (built.Status != 0)
                return $"compiler: {built.Status}: {built.FirstLine}";
            CommandResult ran = Command.Run(work, settings.RunLimit, Path.Combine(work, "test"));
            return ran.Status == 0 ? "ok" : $"program: status {ran.Status}";
        }
        finally
        {
            settings.Drop(work);
        }
    }

    // The options that the test's directives and its .x file ask for on this target; "skip" where it says that it is not for it.
    private static List<string> Options(string file)
    {
        var directives = new Directives(file);
        List<string> flags = directives.Options();
        // What is asked of the target and not known here counts all the same: gcc's own run decides.
        if (directives.Skips(flags) is { } reason && !reason.StartsWith("unknown ", StringComparison.Ordinal) && !reason.StartsWith("dg-require-", StringComparison.Ordinal))
            return ["skip"];
        string x = file[..^2] + ".x";
        if (File.Exists(x))
        {
            string script = File.ReadAllText(x);
            foreach (Match match in AdditionalFlags().Matches(script))
                flags.AddRange(match.Groups["flags"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        }
        return flags;
    }

    [GeneratedRegex("""(?:set additional_flags|lappend additional_flags|set options)\s+"(?:additional_flags=)?(?<flags>[^"]*)"|set additional_flags\s+(?<flags>-\S+)""")]
    private static partial Regex AdditionalFlags();
}
