using Kiln.Assembler.Language;
using Kiln.Base;
using Kiln.Driver.Options;
using Kiln.Isa;
using Kiln.Isa.X86;
using Kiln.Target;

namespace Kiln.Driver.Tools;

/// <summary>The <c>as</c> role: GNU as's command line. The compiler driver's <c>-Wa,</c> options are read by the same table.</summary>
internal static class AsTool
{
    private const string DefaultOutput = "a.out";

    /// <summary>Assembles as the words say and returns the exit status.</summary>
    public static int Run(ReadOnlySpan<string> args, TextWriter output, TextWriter error)
    {
        var words = ResponseFiles.Expand(args);
        string target = DefaultOutput;
        var inputs = new List<string>();
        var rest = new List<string>();
        try
        {
            for (int i = 0; i < words.Count; i++)
            {
                string word = words[i];
                if (word == "--version")
                {
                    output.WriteLine(Announcements.Assembler());
                    return 0;
                }
                if (word is "--defsym" or "-defsym" or "-I" && i + 1 < words.Count)
                    rest.AddRange([word, words[++i]]);
                else if (word == "-o")
                    target = i + 1 < words.Count ? words[++i] : throw new UsageException("option '-o' needs an argument");
                else if (word.Length > 2 && word.StartsWith("-o", StringComparison.Ordinal))
                    target = word[2..];
                else if (word == "-" || word.Length == 0 || word[0] != '-')
                    inputs.Add(word);
                else
                    rest.Add(word);
            }
            return Assemble(inputs, rest, target, error);
        }
        catch (UsageException e)
        {
            error.WriteLine($"as: error: {e.Message}");
            return 1;
        }
    }

    private static int Assemble(List<string> inputs, List<string> rest, string target, TextWriter error)
    {
        if (Announces(rest))
            error.WriteLine(Announcements.AssemblerDetails(TargetInfo.X86_64.Triple));
        var map = new SourceMap();
        AssemblerOptions options = Options(rest, new AssemblerOptions
        {
            Target = TargetInfo.X86_64,
            Map = map,
            Directory = Directory.GetCurrentDirectory(),
        });
        // Several files are assembled as if they were one.
        var text = new ByteWriter(1 << 14);
        foreach (string input in inputs.Count == 0 ? ["-"] : inputs)
            text.Bytes(InputFiles.Read(input));
        string name = inputs.Count == 0 || inputs[0] == "-" ? "{standard input}" : inputs[0];
        var messages = new AssemblerMessages(map);
        var bytes = new ByteWriter(1 << 14);
        bool done = Assembly.Assemble(new SourceFile(name, text.ToArray()), options, messages, bytes);
        foreach (string line in messages.Lines)
            error.WriteLine(line);
        if (!done || messages.ErrorCount > 0)
            return 1;
        OutputFiles.Write(target, bytes.Span, error);
        return 0;
    }

    /// <summary>Whether the words ask for the assembler's version beside its work: <c>-v</c>.</summary>
    public static bool Announces(List<string> words) => words.Contains("-v") || words.Contains("-version") || words.Contains("--verbose");

    /// <summary>Applies options of the assembler to a set of options. What is not known is an error.</summary>
    public static AssemblerOptions Options(List<string> words, AssemblerOptions options)
    {
        for (int i = 0; i < words.Count; i++)
        {
            string word = words[i];
            string Argument(string name) =>
                word.Length > name.Length ? word[(word[name.Length] == '=' ? name.Length + 1 : name.Length)..]
                    : i + 1 < words.Count ? words[++i] : throw new UsageException($"option '{name}' needs an argument");
            switch (word)
            {
                case "--64" or "--fatal-warnings" or "--no-warn" or "-W" or "--warn" or "--noexecstack" or "--execstack" or "--alternate" or "-g"
                    or "--gen-debug" or "-mavxscalar=256" or "-mvexwig=1" or "-mrelax-relocations=no" or "-mfence-as-lock-add=yes":
                    options = ApplyFlag(word, options);
                    break;
                case "--gdwarf-2" or "--gdwarf-3" or "--gdwarf-4" or "--gdwarf-5" or "-gdwarf-2" or "-gdwarf-3" or "-gdwarf-4" or "-gdwarf-5":
                    options = options with { MakesLines = true, DwarfVersion = word[^1] - '0' };
                    break;
                case "--gdwarf-cie-version=1" or "--gdwarf-cie-version=3" or "--gdwarf-cie-version=4":
                    options = options with { CieVersion = word[^1] - '0' };
                    break;
                case "-mintel" or "-msyntax=intel":
                    options = options with { Syntax = AssemblySyntax.Intel };
                    break;
                case var _ when Defaults.Contains(word):
                    break;
                case "-defsym" or ['-', 'd', 'e', 'f', 's', 'y', 'm', '=', ..]:
                    options = options with { Symbols = [.. options.Symbols, Definition(Argument("-defsym"))] };
                    break;
                case "--32" or "--x32":
                    throw new UsageException($"'{word}': this target is not there yet");
                case "--defsym" or ['-', '-', 'd', 'e', 'f', 's', 'y', 'm', '=', ..]:
                    options = options with { Symbols = [.. options.Symbols, Definition(Argument("--defsym"))] };
                    break;
                case ['-', 'I', ..]:
                    options = options with { IncludePaths = [.. options.IncludePaths, Argument("-I")] };
                    break;
                case ['-', 'm', 'a', 'r', 'c', 'h', '=', ..] or ['-', 'm', 't', 'u', 'n', 'e', '=', ..]:
                    break;
                default:
                    throw new UsageException($"unrecognized option '{word}'");
            }
        }
        return options;
    }

    /// <summary>Options that ask for what is done anyway, or for nothing that an object shows.</summary>
    private static readonly HashSet<string> Defaults =
    [
        "-mmnemonic=att", "-mmnemonic=intel", "-msyntax=att", "-mnaked-reg", "-mrelax-relocations=yes", "-mx86-used-note=no", "-mvexwig=0", "-mevexwig=0",
        "-mavxscalar=128", "-mevexlig=128", "-mevexrcig=rne", "-mamd64", "-momit-lock-prefix=no", "-mfence-as-lock-add=no", "-msse-check=none",
        "-moperand-check=none", "-moperand-check=warning", "-mlfence-after-load=no", "-mlfence-before-indirect-branch=none", "-mlfence-before-ret=none",
        "-malign-branch-boundary=0", "-mbig-obj", "-O0", "-J", "-Qy", "-Qn", "-k", "-K", "-D", "-f", "-s", "-q", "-R", "-L", "-Z", "-w", "-X",
        "--keep-locals", "--strip-local-absolute", "--nocompress-debug-sections", "--compress-debug-sections=none", "--reduce-memory-overheads",
        "--traditional-format", "-v", "-version", "--verbose", "--generate-missing-build-notes=no", "--size-check=error", "--elf-stt-common=no", "--divide", "--no-pad-sections",
    ];

    private static AssemblerOptions ApplyFlag(string word, AssemblerOptions options) => word switch
    {
        "--fatal-warnings" => options with { WarningsAreErrors = true },
        "--no-warn" or "-W" => options with { Warns = false },
        "--warn" => options with { Warns = true },
        "--noexecstack" => options with { NoExecutableStack = true },
        "--alternate" => options with { AlternateMacros = true },
        "--64" or "--execstack" => options,
        "-mavxscalar=256" => Wish(options, Prefixes.LongWhereIgnored),
        "-mvexwig=1" => Wish(options, Prefixes.WideWhereIgnored),
        "-mrelax-relocations=no" => Wish(options, Prefixes.NoGotRelaxation),
        "-mfence-as-lock-add=yes" => Wish(options, Prefixes.FenceAsLockAdd),
        _ => options with { MakesLines = true },
    };

    private static AssemblerOptions Wish(AssemblerOptions options, Prefixes wish) => options with { EncodingWishes = options.EncodingWishes | (uint)wish };

    private static (string Name, long Value) Definition(string text)
    {
        int equal = text.IndexOf('=');
        string number = equal < 0 ? "" : text[(equal + 1)..];
        bool isHex = number.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        long value = 0;
        if (equal <= 0 || !(isHex
            ? long.TryParse(number.AsSpan(2), System.Globalization.NumberStyles.HexNumber, null, out value)
            : long.TryParse(number, out value)))
            throw new UsageException("bad defsym; format is --defsym name=value");
        return (text[..equal], value);
    }
}
