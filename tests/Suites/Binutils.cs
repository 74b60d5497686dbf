namespace Kiln.Suites;

/// <summary>
/// The tests of GNU as (<c>gas:FOLDER,FOLDER</c>) and ld (<c>ld:FOLDER,FOLDER</c>) whose <c>.d</c> files say what to run. A test counts
/// where GNU's tools on this machine pass it.
/// </summary>
internal sealed class Binutils(Settings settings, string root)
{
    // Families of extensions that are not in the instruction table (docs/missing.md), by what the tests' names hold.
    private static readonly (string Part, string Reason)[] Refused =
    [
        ("avx512", "AVX-512 is not in the instruction table"),
        ("evex", "AVX-512 is not in the instruction table"),
        ("vp2intersect", "AVX-512 is not in the instruction table"),
        ("amx", "AMX is not in the instruction table"),
        ("xop", "XOP is not in the instruction table"),
        ("fma4", "FMA4 is not in the instruction table"),
        ("tbm", "TBM is not in the instruction table"),
        ("lwp", "LWP is not in the instruction table"),
        ("mpx", "MPX is not in the instruction table"),
        ("3dnow", "3DNow! is not in the instruction table"),
    ];

    private static readonly string[] GasFolders = ["i386", "all", "elf", "macros", "cfi", "symver"];

    private static readonly string[] LdFolders = ["ld-x86-64", "ld-elf", "ld-elfvers", "ld-elfweak", "ld-gc", "ld-ifunc", "ld-pie", "ld-shared", "ld-size", "ld-unique", "ld-undefined"];

    public void Run(string tool, string folders)
    {
        Report report = settings.NewReport(tool);
        var reference = new Reference(settings.Cache, "binutils-" + tool);
        string top = tool == "gas" ? Path.Combine(root, "gas", "testsuite", "gas") : Path.Combine(root, "ld", "testsuite");
        var files = new List<string>();
        foreach (string folder in folders.Length > 0 ? folders.Split(',') : tool == "gas" ? GasFolders : LdFolders)
        {
            if (Directory.Exists(Path.Combine(top, folder)))
                files.AddRange(Directory.EnumerateFiles(Path.Combine(top, folder), "*.d"));
        }
        files.Sort(StringComparer.Ordinal);
        settings.ForEach(files, file =>
        {
            string name = Path.GetFileName(Path.GetDirectoryName(file)) + "/" + Path.GetFileNameWithoutExtension(file);
            if (!settings.Chosen(name) || tool == "gas" && name.StartsWith("i386/", StringComparison.Ordinal) && !name.Contains("x86-64") && !name.Contains("x86_64"))
                return;
            var test = new DumpTest(file);
            if (!test.IsTaken || reference.Ask(name, () => Try(test, ["as", "--64"], ["ld"])) != "ok")
                return;
            (string Part, string Reason) refused = Array.Find(Refused, family => name.Contains(family.Part));
            if (refused.Reason is not null)
            {
                report.Skip(name, refused.Reason);
                return;
            }
            if (test.HasLinkerScript)
            {
                report.Skip(name, "linker scripts given by -T are refused");
                return;
            }
            string result = Try(test, [settings.Kiln, "as"], [settings.Kiln, "ld"]);
            if (result == "ok")
                report.Pass(name);
            else
                report.Fail(name, result);
        });
        settings.Close(report);
    }

    private string Try(DumpTest test, string[] assembler, string[] linker)
    {
        string work = settings.NewDirectory();
        try
        {
            return test.Run(work, settings.CompileLimit, assembler, linker);
        }
        finally
        {
            settings.Drop(work);
        }
    }
}
