using System.Text;
using System.Text.RegularExpressions;

namespace Kiln.Suites;

/// <summary>
/// A test of binutils that describes itself: options of the tools in lines <c>#NAME: VALUE</c>, then what a dump of the result is like.
/// Assemblers and linkers are the ones under test or GNU's; the tools that dump are always GNU's.
/// </summary>
internal sealed class DumpTest
{
    private static readonly string[] Dumpers = ["objdump", "readelf", "nm", "size"];
    private static readonly Regex Option = new(@"^#([a-z_A-Z0-9]+)[ \t]*:[ \t]*(.*?)[ \t]*$");
    private readonly string _directory, _name;
    private readonly Dictionary<string, string> _options = [];
    private readonly List<string> _sources = [];
    private readonly string[] _expected;

    public DumpTest(string file)
    {
        _directory = Path.GetDirectoryName(file)!;
        _name = Path.GetFileNameWithoutExtension(file);
        string[] lines = File.ReadAllLines(file, Encoding.Latin1);
        foreach (string line in lines)
        {
            Match match = Option.Match(line.Trim());
            if (!match.Success)
            {
                if (!line.StartsWith('#'))
                    break;
                continue;
            }
            (string key, string value) = (match.Groups[1].Value, match.Groups[2].Value);
            if (key == "source")
                _sources.Add(value);
            else
                _options[key] = _options.TryGetValue(key, out string? before) ? before + " " + value : value;
        }
        if (_sources.Count == 0)
            _sources.Add(_name + ".s");
        if (_options.TryGetValue("dump", out string? other))
            lines = File.ReadAllLines(Path.Combine(_directory, other), Encoding.Latin1);
        _expected = lines;
    }

    /// <summary>Whether the test is one for x86-64 ELF that this runner can do.</summary>
    public bool IsTaken
    {
        get
        {
            if (!_options.ContainsKey("name") && !IsTarget("target") && !_options.ContainsKey("readelf") && !_options.ContainsKey("objdump") &&
                !_options.ContainsKey("nm") && !ExpectsError && !ExpectsWarning)
                return false;
            foreach (string key in _options.Keys)
            {
                if (key is "cc" or "objcopy" or "objcopy_objects" or "objcopy_linked_file" or "ar" or "strip" or "elfedit" or "map" or "DUMPPROG" or
                    "strings" or "addr2line" or "PROG" or "ranlib" or "section_subst")
                    return false;
            }
            string all = string.Join(' ', _options.Where(static option => option.Key is "as" or "ld" or "ld_after_inputfiles").Select(static option => option.Value)) +
                " " + string.Join(' ', _sources);
            if (all.Contains("--32") || all.Contains("--x32") || all.Contains("elf_i386") || all.Contains("elf32_x86_64") || all.Contains("tmpdir/") ||
                all.Contains('[') || all.Contains("RUN_OBJCOPY") || all.Contains("$DT_RELR") || all.Contains("iamcu") || all.Contains("-plugin"))
                return false;
            if (_options.ContainsKey("target") && !IsTarget("target") || _options.ContainsKey("alltargets") && !IsTarget("alltargets") ||
                _options.ContainsKey("noskip") && !IsTarget("noskip"))
                return false;
            if (IsTarget("notarget") || IsTarget("skip") || _options.ContainsKey("anyskip") && !IsTarget("anyskip"))
                return false;
            return _sources.TrueForAll(source => File.Exists(Path.Combine(_directory, source.Split(' ')[0])));
        }
    }

    /// <summary>Whether the test gives the linker a script of its own.</summary>
    public bool HasLinkerScript => Array.Exists(Words(_options.GetValueOrDefault("ld", "") + " " + _options.GetValueOrDefault("ld_after_inputfiles", "")),
        static word => word.StartsWith("-T", StringComparison.Ordinal) && !word.StartsWith("-Ttext", StringComparison.Ordinal) &&
            !word.StartsWith("-Tdata", StringComparison.Ordinal) && !word.StartsWith("-Tbss", StringComparison.Ordinal) &&
            !word.StartsWith("-Trodata", StringComparison.Ordinal) || word is "--script" or "-dT" or "--default-script");

    private bool ExpectsError => _options.ContainsKey("error") || _options.ContainsKey("error_output");

    private bool ExpectsWarning => _options.ContainsKey("warning") || _options.ContainsKey("warning_output");

    // Lists of globs; procedures of the suite's own ([is_elf_format]) are true of this target.
    private bool IsTarget(string key)
    {
        if (!_options.TryGetValue(key, out string? globs))
            return false;
        foreach (string glob in globs.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
        {
            if (glob.StartsWith('[') || glob.StartsWith('!'))
            {
                if (glob is "[is_elf_format]" or "[check_shared_lib_support]" or "[check_gc_sections_available]" or "[is_elf64" or "[check_relro_support]")
                    return true;
                continue;
            }
            if (Regex.IsMatch("x86_64-pc-linux-gnu", "^" + Regex.Escape(glob).Replace("\\*", ".*").Replace("\\?", ".").Replace("\\[", "[").Replace("\\]", "]") + "$"))
                return true;
        }
        return false;
    }

    /// <summary>Runs the test: "ok", or what went wrong. The assembler and linker are given as first words of commands.</summary>
    public string Run(string work, int limit, string[] assembler, string[] linker)
    {
        string objects = Path.Combine(work, "tmpdir");
        Directory.CreateDirectory(objects);
        string result = Path.Combine(objects, "dump");
        var files = new List<string>();
        var said = new StringBuilder();
        foreach (string source in _sources)
        {
            string[] words = Words(source);
            string made = Path.Combine("tmpdir", Path.GetFileNameWithoutExtension(words[0]) + ".o");
            for (int i = 1; files.Contains(made); i++)
                made = Path.Combine("tmpdir", $"{Path.GetFileNameWithoutExtension(words[0])}{i}.o");
            files.Add(made);
            CommandResult assembled = Command.Run(_directory, limit,
                [.. assembler, .. Words(_options.GetValueOrDefault("as", "")), .. words[1..], "-o", Path.Combine(work, made), words[0]]);
            if (assembled.Status != 0 && _options.ContainsKey("ld") && assembled.Error.Contains("unrecognized option"))
            {
                // a test of the linker whose objects GNU as alone makes
                assembled = Command.Run(_directory, limit,
                    ["as", "--64", .. Words(_options.GetValueOrDefault("as", "")), .. words[1..], "-o", Path.Combine(work, made), words[0]]);
            }
            said.Append(assembled.Error).Append(assembled.Output);
            if (assembled.Status != 0)
                return Refused("as", assembled);
        }
        bool links = _options.ContainsKey("ld");
        if (links)
        {
            CommandResult linked = Command.Run(work, limit,
                [.. linker, "-L" + _directory, "-o", result, .. Words(_options["ld"]), .. files, .. Words(_options.GetValueOrDefault("ld_after_inputfiles", ""))]);
            said.Append(linked.Error).Append(linked.Output);
            if (linked.Status != 0)
                return Refused("ld", linked);
        }
        if (ExpectsError)
            return "is taken, but must be refused";
        if (_options.TryGetValue("warning", out string? warning) && !ExpectedDump.Find(warning, said.ToString()))
            return $"no warning like: {warning}";
        return Dump(work, limit, links ? result : Path.Combine(work, files[0]));
    }

    private string Dump(string work, int limit, string file)
    {
        string? tool = Array.Find(Dumpers, _options.ContainsKey);
        if (tool is null)
            return "ok";
        CommandResult dumped = Command.Run(work, limit, ["env", "LC_ALL=C", tool, .. Words(_options[tool]), Path.GetRelativePath(work, file)]);
        return dumped.Status == CommandResult.TimedOut ? $"{tool} does not end" : new ExpectedDump(_expected).Difference(dumped.Output) ?? "ok";
    }

    private string Refused(string tool, CommandResult result)
    {
        if (result.Status is < 0 or > 2)
            return $"{tool}: status {result.Status}: {result.FirstLine}";
        return ExpectsError ? "ok" : $"{tool}: {result.FirstLine}";
    }

    private string[] Words(string text) =>
        text.Replace("$srcdir/$subdir", _directory).Replace("$NO_DT_RELR_LDFLAGS", "").Replace("\"", "").Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
}
