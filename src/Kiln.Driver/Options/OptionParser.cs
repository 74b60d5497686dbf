using System.Globalization;
using Kiln.Target.X86;

namespace Kiln.Driver.Options;

/// <summary>
/// Reads gcc's command line by <see cref="OptionTable"/>. An option is applied, accepted as harmless on purpose, or refused
/// with its name; nothing is ignored in silence.
/// </summary>
internal sealed class OptionParser
{
    private readonly DriverOptions _options = new();
    private readonly Action<string> _error;
    private string? _language;

    private OptionParser(Action<string> error) => _error = error;

    /// <summary>Reads a command line without the program's name; every error is reported, and the reading goes on.</summary>
    public static DriverOptions Parse(ReadOnlySpan<string> arguments, Action<string> error)
    {
        var parser = new OptionParser(error);
        parser.ParseWords(ResponseFiles.Expand(arguments));
        if (parser._options.TogglesDebug)
            ToggleDebug(parser._options, "");
        return parser._options;
    }

    private void ParseWords(List<string> words)
    {
        for (int i = 0; i < words.Count; i++)
        {
            string word = words[i];
            if (word is "-run" or "--run")
            {
                RunRest(words, i + 1);
                return;
            }
            if (word.Length < 2 || word[0] != '-')
            {
                AddFile(word);
                continue;
            }
            try
            {
                if (!Option(words, ref i))
                    _error($"unrecognized command-line option '{word}'");
            }
            catch (UsageException e)
            {
                _error(e.Message);
            }
        }
    }

    private void RunRest(List<string> words, int first)
    {
        _options.RunResult = true;
        if (first >= words.Count)
        {
            _error("no input file after '-run'");
            return;
        }
        AddFile(words[first]);
        _options.RunArguments.AddRange(words.GetRange(first + 1, words.Count - first - 1));
    }

    private void AddFile(string name) => _options.Inputs.Add(new DriverInput(DriverInputKind.File, name, _language));

    private bool Option(List<string> words, ref int i)
    {
        string word = words[i];
        if (word.StartsWith("-x", StringComparison.Ordinal))
        {
            string language = word.Length > 2 ? word[2..] : Next(words, ref i, "-x");
            _language = language == "none" ? null : Language(language);
            return true;
        }
        if (Find(OptionTable.General, word, words, ref i))
            return true;
        return word[1] switch
        {
            'f' => Group(OptionTable.Code, word) || KnownFlag(word),
            'm' => Group(OptionTable.Machine, word) || Feature(word),
            '-' when word.Length > 2 => LongOption(words, ref i),
            _ => false,
        };
    }

    // Long options without a row are other options written out: --fast-math is -ffast-math, --warn-unused is -Wunused.
    private bool LongOption(List<string> words, ref int i)
    {
        string name = words[i][2..];
        string word = "-f" + name;
        foreach ((string from, string to) in ((string, string)[])[("machine-", "-m"), ("machine=", "-m"), ("warn-", "-W"), ("debug=", "-g"), ("optimize=", "-O")])
        {
            if (name.StartsWith(from, StringComparison.Ordinal))
                word = to + name[from.Length..];
        }
        List<string> one = [word];
        int at = 0;
        return word.Length > 2 && Option(one, ref at);
    }

    private bool Find(OptionRow[] table, string word, List<string> words, ref int i)
    {
        OptionRow? best = null;
        foreach (OptionRow row in table)
        {
            if (Matches(row, word) && (best is null || row.Name.Length > best.Name.Length))
                best = row;
        }
        if (best is null)
            return false;
        string rest = word[Math.Min(word.Length, best.Name.Length)..];
        string argument = best.Form switch
        {
            Form.Flag => "",
            Form.Joined or Form.Value => rest,
            Form.Separate => Next(words, ref i, best.Name),
            Form.Either => rest.Length > 0 ? rest : Next(words, ref i, best.Name),
            Form.Long => rest.Length > 0 ? rest[1..] : Next(words, ref i, best.Name),
            _ => throw new InvalidOperationException($"form {best.Form} of {best.Name}"),
        };
        best.Apply(_options, argument, true);
        return true;
    }

    private static bool Matches(OptionRow row, string word) => row.Form switch
    {
        Form.Flag or Form.Separate => word == row.Name,
        Form.Joined or Form.Either => word.StartsWith(row.Name, StringComparison.Ordinal),
        Form.Value => word.Length > row.Name.Length && word.StartsWith(row.Name, StringComparison.Ordinal),
        Form.Long => word.StartsWith(row.Name, StringComparison.Ordinal) && (word.Length == row.Name.Length || word[row.Name.Length] == '='),
        _ => false,
    };

    // -fname, -fno-name, -fname=value and the same with -m.
    private bool Group(OptionRow[] table, string word)
    {
        string name = word[2..];
        foreach (OptionRow row in table)
        {
            switch (row.Form)
            {
                case Form.Flag when name == row.Name:
                case Form.Toggle when name == row.Name:
                    row.Apply(_options, "", true);
                    return true;
                case Form.Toggle when name.Length == row.Name.Length + 3 && name.StartsWith("no-", StringComparison.Ordinal) && name.EndsWith(row.Name, StringComparison.Ordinal):
                    row.Apply(_options, "", false);
                    return true;
                case Form.Value when name.Length > row.Name.Length && name.StartsWith(row.Name, StringComparison.Ordinal):
                    row.Apply(_options, name[row.Name.Length..], true);
                    return true;
            }
        }
        return false;
    }

    private static bool KnownFlag(string word)
    {
        ReadOnlySpan<char> name = word.AsSpan(2);
        bool isOff = name.StartsWith("no-");
        if (isOff)
            name = name[3..];
        if (FlagNames.ContainsFlag(FlagNames.HarmlessCodeFlags, name))
            return true;
        if (!FlagNames.ContainsFlag(FlagNames.RefusedCodeFlags, name))
            return false;
        if (isOff)
            return true;
        throw new UsageException(name.StartsWith("lto")
            ? "LTO support has not been enabled in this configuration"
            : $"'{word}' is not supported");
    }

    private bool Feature(string word)
    {
        string name = word[2..];
        bool isOn = !name.StartsWith("no-", StringComparison.Ordinal);
        if (!isOn)
            name = name[3..];
        if (X86Features.Bit(name) != 0 && name is not "80387" && (name != "general-regs-only" || isOn))
        {
            _options.Features.Add((isOn ? "+" : "-") + name);
            return true;
        }
        if (!isOn && name.StartsWith("avx512", StringComparison.Ordinal))
            return true;
        return false;
    }

    private static string Next(List<string> words, ref int i, string option) =>
        i + 1 < words.Count ? words[++i] : throw new UsageException($"missing argument to '{option}'");

    private static string Language(string name) =>
        name is "c" or "c-header" or "cpp-output" or "assembler" or "assembler-with-cpp" ? name
            : throw new UsageException($"language {name} not recognized");

    // What the table's rows call

    public static int Number(string option, string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value
            : throw new UsageException($"argument to '{option}' should be a non-negative integer");

    public static string OneOf(string option, string value, params ReadOnlySpan<string> allowed)
    {
        foreach (string name in allowed)
        {
            if (name == value)
                return value;
        }
        throw new UsageException($"unrecognized argument in option '{option}{value}'");
    }

    public static void NotYet(bool on, string option)
    {
        if (on)
            throw new UsageException($"'{option}' is not supported");
    }

    public static void IncludeDirectory(DriverOptions options, string argument)
    {
        if (argument == "-")
            throw new UsageException("'-I-' is not supported; use '-iquote'");
        options.IncludeDirectories.Add(argument);
    }

    public static void Dump(DriverOptions options, string letters)
    {
        foreach (char letter in letters)
        {
            // A, p and P add comments to assembly, of gcc's own matters.
            if (letter is 'A' or 'p' or 'P')
                continue;
            if (letter is not ('M' or 'D' or 'N' or 'I' or 'U'))
                throw new UsageException($"unrecognized command-line option '-d{letters}'");
        }
        options.Dump += letters;
    }

    public static void PreprocessorList(DriverOptions options, string list)
    {
        string[] words = list.Split(',');
        for (int i = 0; i < words.Length; i++)
        {
            // gcc hands -MD and -MMD on with the file's name behind them.
            if (words[i] is "-MD" or "-MMD" && i + 1 < words.Length)
            {
                options.DependenciesToo = true;
                options.SystemDependencies = words[i] == "-MD";
                options.DependencyFile = words[++i];
                continue;
            }
            int at = 0;
            var parser = new OptionParser(message => throw new UsageException(message));
            List<string> rest = [.. words[i..]];
            if (!parser.Find(OptionTable.General, words[i], rest, ref at))
                throw new UsageException($"unrecognized command-line option '{words[i]}'");
            Copy(parser._options, options);
            i += at;
        }
    }

    public static void Preprocessor(DriverOptions options, string word) => PreprocessorList(options, word);

    private static void Copy(DriverOptions from, DriverOptions to)
    {
        to.MacroOptions.AddRange(from.MacroOptions);
        to.IncludeDirectories.AddRange(from.IncludeDirectories);
        to.QuoteDirectories.AddRange(from.QuoteDirectories);
        to.SystemDirectories.AddRange(from.SystemDirectories);
        to.AfterDirectories.AddRange(from.AfterDirectories);
        to.Includes.AddRange(from.Includes);
        to.DependencyTargets.AddRange(from.DependencyTargets);
        to.DependencyPhony |= from.DependencyPhony;
        to.DependencyMissing |= from.DependencyMissing;
        to.DependencyFile ??= from.DependencyFile;
        to.NoLineMarkers |= from.NoLineMarkers;
        to.Undef |= from.Undef;
        to.Dump += from.Dump;
    }

    public static void LinkerList(DriverOptions options, string list)
    {
        foreach (string word in list.Split(','))
            options.Inputs.Add(new DriverInput(DriverInputKind.LinkerOption, word));
    }

    public static Action<DriverOptions, string> LinkerOptionPair(string option) => (options, argument) =>
    {
        options.Inputs.Add(new DriverInput(DriverInputKind.LinkerOption, option));
        options.Inputs.Add(new DriverInput(DriverInputKind.LinkerOption, argument));
    };

    public static void Standard(DriverOptions options, string name)
    {
        options.Standard = name switch
        {
            "c89" or "c90" or "iso9899:1990" => "c90",
            "iso9899:199409" => "iso9899:199409",
            "c99" or "c9x" or "iso9899:1999" or "iso9899:199x" => "c99",
            "c11" or "c1x" or "iso9899:2011" => "c11",
            "c17" or "c18" or "iso9899:2017" or "iso9899:2018" => "c17",
            "c23" or "c2x" or "iso9899:2024" => "c23",
            "gnu89" or "gnu90" => "gnu90",
            "gnu99" or "gnu9x" => "gnu99",
            "gnu11" or "gnu1x" => "gnu11",
            "gnu17" or "gnu18" => "gnu17",
            "gnu23" or "gnu2x" => "gnu23",
            _ => throw new UsageException($"unrecognized command-line option '-std={name}'"),
        };
    }

    public static void Warning(DriverOptions options, string name)
    {
        string plain = name;
        if (plain.StartsWith("no-", StringComparison.Ordinal))
        {
            // gcc speaks of an unknown -Wno-x only beside another message; it is never an error.
            options.Warnings.Add(name);
            return;
        }
        if (plain is "error" or "all" or "extra" or "everything")
        {
            if (plain == "everything")
                throw new UsageException("unrecognized command-line option '-Weverything'");
            options.Warnings.Add(name);
            return;
        }
        if (plain.StartsWith("error=", StringComparison.Ordinal))
        {
            plain = plain[6..];
            if (!IsWarning(plain))
                throw new UsageException($"'-Werror={plain}': no option '-W{plain}'");
        }
        else if (!IsWarning(plain))
        {
            throw new UsageException($"unrecognized command-line option '-W{name}'");
        }
        options.Warnings.Add(name);
    }

    private static bool IsWarning(string name) =>
        FlagNames.ContainsFlag(FlagNames.Warnings, name) || FlagNames.Contains(FlagNames.Warnings, name) || name is "pedantic" or "all" or "extra" or "format=2" or "abi";

    public static void Optimize(DriverOptions options, string level)
    {
        options.OptimizeLevel = level switch
        {
            "" => '1',
            "s" or "z" => 's',
            "g" => 'g',
            "fast" => '3',
            _ when level.AsSpan().ContainsAnyExceptInRange('0', '9') => throw new UsageException($"argument to '-O' should be a non-negative integer, 'g', 's', 'z' or 'fast'"),
            _ => level[0] > '3' || level.Length > 1 ? '3' : level[0],
        };
        if (level == "fast")
            options.FastMath = options.FiniteMathOnly = options.CxLimitedRange = true;
    }

    public static void Debug(DriverOptions options, string how)
    {
        switch (how)
        {
            case "":
                options.DebugLevel = Math.Max(options.DebugLevel, 2);
                break;
            case "toggle":
                options.TogglesDebug ^= true;
                break;
            case "0" or "1" or "2" or "3":
                options.DebugLevel = how[0] - '0';
                break;
            case "gdb" or "dwarf" or "gdb2" or "gdb1":
                options.DebugLevel = 2;
                break;
            case "gdb0":
                options.DebugLevel = 0;
                break;
            case "gdb3":
                options.DebugLevel = 3;
                break;
            case "dwarf-5":
                options.DebugLevel = Math.Max(options.DebugLevel, 2);
                break;
            case "dwarf-2" or "dwarf-3" or "dwarf-4":
                throw new UsageException($"'-g{how}' is not supported: debug information is DWARF 5");
            case "strict-dwarf" or "no-strict-dwarf" or "record-gcc-switches" or "no-record-gcc-switches" or "dwarf32" or "column-info"
                or "no-column-info" or "statement-frontiers" or "no-statement-frontiers" or "variable-location-views"
                or "no-variable-location-views" or "inline-points" or "no-inline-points" or "no-pubnames" or "pubnames" or "gnu-pubnames"
                or "z=none" or "as-loc-support" or "no-as-loc-support" or "as-locview-support" or "no-as-locview-support":
                break;
            default:
                throw new UsageException(how is "z" or "split-dwarf" || how.StartsWith("z=", StringComparison.Ordinal) || how.StartsWith("stabs", StringComparison.Ordinal)
                    ? $"'-g{how}' is not supported"
                    : $"unrecognized command-line option '-g{how}'");
        }
    }

    /// <summary>-gtoggle: no debug information where some was asked for, the usual where none was.</summary>
    public static void ToggleDebug(DriverOptions options, string how)
    {
        if (how.Length == 0)
            options.DebugLevel = options.DebugLevel > 0 ? 0 : 2;
        foreach (string word in how.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (word == "-gtoggle")
                ToggleDebug(options, "");
            else if (word.StartsWith("-g", StringComparison.Ordinal))
                Debug(options, word[2..]);
        }
    }

    /// <summary>-fcompare-debug=: the options of the second compilation, of which those for debug information are known.</summary>
    public static string DebugOptions(string text)
    {
        foreach (string word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!word.StartsWith("-g", StringComparison.Ordinal))
                throw new UsageException($"'-fcompare-debug={text}': only options for debug information are supported");
        }
        return text;
    }

    public static void Visibility(DriverOptions options, string value) =>
        options.Visibility = OneOf("-fvisibility=", value, "default", "hidden", "protected", "internal");

    public static void GnucVersion(DriverOptions options, string text)
    {
        string[] parts = text.Split('.');
        int version = 0;
        for (int i = 0; i < 3; i++)
            version = version * 100 + (i < parts.Length ? Number("-fgnuc-version=", parts[i]) : 0);
        options.GnucVersion = version;
    }

    public static void PrefixMap(List<(string From, string To)> map, string argument)
    {
        int equal = argument.IndexOf('=');
        if (equal < 0)
            throw new UsageException($"invalid argument '{argument}' to a prefix map option");
        map.Add((argument[..equal], argument[(equal + 1)..]));
    }

    public static Action<DriverOptions, string> OnlyUtf8(string option) => (_, value) =>
    {
        if (!value.Equals("utf-8", StringComparison.OrdinalIgnoreCase) && !value.Equals("utf8", StringComparison.OrdinalIgnoreCase)
            && !value.Equals("ascii", StringComparison.OrdinalIgnoreCase))
            throw new UsageException($"'{option}{value}': only UTF-8 is supported");
    };

    public static void OnlyWide(DriverOptions options, string value)
    {
        if (!value.StartsWith("utf-32", StringComparison.OrdinalIgnoreCase) && !value.StartsWith("ucs-4", StringComparison.OrdinalIgnoreCase))
            throw new UsageException($"'-fwide-exec-charset={value}': only UTF-32 is supported");
    }

    public static void March(DriverOptions options, string name)
    {
        if (name == "native")
        {
            options.MarchFeatures = HostProcessor.Features();
            return;
        }
        options.MarchFeatures = 0;
        if (X86Features.IsProcessor(name))
        {
            options.March = name;
            return;
        }
        throw new UsageException($"bad value ('{name}') for '-march=' switch");
    }
}
