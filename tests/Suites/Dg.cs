using System.Text.RegularExpressions;

namespace Kiln.Suites;

/// <summary>
/// gcc's own tests of its C front end and optimizers (gcc.dg, c-c++-common), in three kinds:
/// <c>run</c>, programs that must end with 0; <c>error</c>, programs that must be refused, with an error at each line
/// that is marked <c>dg-error</c> (the texts may differ); <c>accept</c>, programs without such a line that must be accepted.
/// A test counts where the reference gcc, with the same options, does what its directives say.
/// Not judged: warnings, assembly and dump scans, and output other than errors.
/// </summary>
internal sealed partial class Dg(Settings settings, string root)
{
    // The folders of each kind and the options of a test that has no dg-options (gcc.dg/dg.exp, cpp.exp, ...).
    private static readonly (string Folder, string Defaults, bool Runs, bool Compiles)[] Folders =
    [
        ("gcc.dg", "-ansi -pedantic-errors", true, true),
        ("gcc.dg/torture", "", true, true),
        ("gcc.dg/atomic", "", true, false),
        ("gcc.dg/cpp", "-ansi -pedantic-errors", false, true),
        ("gcc.dg/noncompile", "", false, true),
        ("c-c++-common", "-ansi -pedantic-errors", true, true),
        ("c-c++-common/torture", "", true, true),
        ("c-c++-common/cpp", "-ansi -pedantic-errors", false, true),
    ];

    private int _accepted;
    private int _refusable;

    public void Run(string kind, string level)
    {
        Report report = settings.NewReport($"dg-{kind}{level}");
        var reference = new Reference(settings.Cache, $"dg-{kind}{level}");
        foreach ((string folder, string defaults, bool runs, bool compiles) in Folders)
        {
            if (!(kind == "run" ? runs : compiles))
                continue;
            List<string> files = [.. Directory.EnumerateFiles(Path.Combine(root, folder), "*.c")];
            files.Sort(StringComparer.Ordinal);
            settings.ForEach(files, file =>
            {
                string name = $"{folder}/{Path.GetFileNameWithoutExtension(file)}";
                if (settings.Chosen(name))
                    Judge(report, reference, kind, level, file, name, Words(defaults));
            });
        }
        if (kind == "error")
            Console.WriteLine($"dg-error: {_refusable - _accepted} of {_refusable} invalid programs refused");
        settings.Close(report);
    }

    private void Judge(Report report, Reference reference, string kind, string level, string file, string name, List<string> defaults)
    {
        var directives = new Directives(file);
        List<string> flags = directives.Options(defaults);
        flags.RemoveAll(flag => flag.StartsWith("-fdump-")); // for scans that are not judged
        string? skipped = directives.Skips(flags);
        bool run = directives.Action == "run";
        if (run != (kind == "run") || (!run && directives.HasErrors != (kind == "error")))
            return;
        // A level of its own makes the other levels the same test; warnings and dumps are not judged.
        bool own = flags.Exists(flag => Level().IsMatch(flag));
        if (kind == "run" && own && level != settings.Levels[0])
            return;
        if (skipped is not null)
        {
            if (skipped.StartsWith("unknown"))
                report.Skip(name, skipped);
            return;
        }
        if (kind == "run")
            flags.Insert(0, level);
        string Try(string compiler) => kind == "run" ? Execute(compiler, file, flags, directives) : Compile(compiler, file, flags, directives);
        if (reference.Ask(name, () => Try("gcc")) != "ok")
            return;
        string result = Try(settings.Kiln);
        if (kind == "error")
        {
            Interlocked.Increment(ref _refusable);
            if (result.StartsWith("accepted"))
                Interlocked.Increment(ref _accepted);
        }
        if (result == "ok")
            report.Pass(name);
        else
            report.Fail(name, result);
    }

    private string Execute(string compiler, string file, List<string> flags, Directives directives)
    {
        string work = settings.NewDirectory();
        try
        {
            List<string> words = [compiler, .. flags, "-w", "-o", Path.Combine(work, "test"), file];
            foreach (string source in directives.Sources)
                words.Add(Path.Combine(Path.GetDirectoryName(file)!, source));
            words.Add("-lm");
            if (compiler == "gcc")
                words.Add("-latomic"); // a library apart; Kiln's is in its support library
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

    private string Compile(string compiler, string file, List<string> flags, Directives directives)
    {
        string work = settings.NewDirectory();
        try
        {
            string action = directives.Action switch { "preprocess" => "-E", "assemble" or "link" => "-c", _ => "-S" };
            CommandResult compiled = Command.Run(work, settings.CompileLimit, [compiler, .. flags, action, "-o", Path.Combine(work, "out"), file]);
            if (!directives.HasErrors)
                return compiled.Status == 0 ? "ok" : $"compiler: {compiled.Status}: {compiled.FirstLine}";
            SortedSet<int> expected = directives.ErrorLines();
            if (expected.Count == 0)
                return "no error is expected on this target";
            if (compiled.Status == 0)
                return $"accepted; an error belongs at line {string.Join(", ", expected)}";
            if (compiled.Status != 1)
                return $"compiler: {compiled.Status}: {compiled.FirstLine}";
            foreach (Match match in ErrorAt().Matches(compiled.Error))
                expected.Remove(int.Parse(match.Groups["line"].Value));
            return expected.Count == 0 ? "ok" : $"refused, but without an error at line {string.Join(", ", expected)}";
        }
        finally
        {
            settings.Drop(work);
        }
    }

    private static List<string> Words(string text) => [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries)];

    [GeneratedRegex("^-O([0-9sgz]|fast)?$")]
    private static partial Regex Level();

    [GeneratedRegex("""^[^:\n]+:(?<line>\d+):(?:\d+:)? (?:fatal )?error: """, RegexOptions.Multiline)]
    private static partial Regex ErrorAt();
}
