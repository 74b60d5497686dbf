using System.Globalization;
using Kiln.Base;
using Kiln.Linker;

namespace Kiln.Driver.Tools;

/// <summary>
/// The <c>ld</c> role: GNU ld's command line, read into <see cref="LinkOptions"/> and a list of inputs. Every option is taken,
/// is harmless on purpose (listed in <see cref="IsHarmless"/>), or is refused by name.
/// Long options take one dash or two (two alone where the name begins with o, as <c>-o</c> would eat it); letters take
/// their argument attached or as the next word.
/// </summary>
public sealed partial class LdTool
{
    private readonly LinkOptions _options = new();
    private readonly List<LinkInput> _inputs = [];
    private readonly Stack<LinkInputState> _saved = new();
    private LinkInputState _state;
    private string[] _words = [];
    private TextWriter _output = TextWriter.Null;
    private int _next;
    private bool _versionShown;
    private bool _verbose;
    private bool _forcesCommon;
    private bool _defaultLibraryPaths = true;
    private string? _emulation;

    /// <summary>Links as the words say and returns the exit status.</summary>
    public static int Run(ReadOnlySpan<string> args, TextWriter output, TextWriter error) =>
        Run("ld", args, null, output, error);

    /// <summary>The same, with files that live in memory, under the program's name for messages.</summary>
    public static int Run(string program, ReadOnlySpan<string> args, IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? memoryFiles,
        TextWriter output, TextWriter error) =>
        Run(program, args, memoryFiles, output, error, inMemory: false, out _);

    /// <summary>The same; where <paramref name="inMemory"/>, <c>-o</c> is only a name and the image is given back.</summary>
    public static int Run(string program, ReadOnlySpan<string> args, IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? memoryFiles,
        TextWriter output, TextWriter error, bool inMemory, out byte[]? image)
    {
        image = null;
        var tool = new LdTool();
        tool._options.MemoryFiles = memoryFiles;
        string? problem;
        try
        {
            problem = tool.Parse(args, output);
        }
        catch (IOException e)
        {
            problem = e.Message;
        }
        if (problem is not null)
        {
            error.WriteLine($"{program}: {problem}");
            return 1;
        }
        if (tool._inputs.Count == 0 && tool._versionShown)
            return 0;
        if (inMemory)
            tool._options.Output = null;
        var messages = new ToolMessages(program, output, error);
        return Kiln.Linker.Linker.Link(tool._options, tool._inputs, messages, out image) ? 0 : 1;
    }

    private string? Parse(ReadOnlySpan<string> args, TextWriter output)
    {
        _output = output;
        _words = [.. Options.ResponseFiles.Expand(args)];
        for (_next = 0; _next < _words.Length;)
        {
            string word = _words[_next++];
            string? problem = word is ['-', _, ..] ? Option(word) : Input(LinkInputKind.File, word);
            if (problem is not null)
                return problem;
        }
        Finish();
        if (_forcesCommon && _options.Kind == OutputKind.Relocatable)
            return "-d is not supported with -r";
        if (_options.CommonPageSize > _options.MaxPageSize)
            return $"common page size (0x{_options.CommonPageSize:x}) > maximum page size (0x{_options.MaxPageSize:x})";
        if (_options.EmitRelocations && _options.Kind == OutputKind.Relocatable)
            _options.EmitRelocations = false;
        if (_verbose)
            output.WriteLine("GNU ld compatible linker of kiln 0.1.0");
        return _inputs.Count == 0 && !_versionShown ? "no input files" : null;
    }

    private void Finish()
    {
        if (_defaultLibraryPaths)
            foreach (string directory in (string[])["/usr/local/lib/x86_64-linux-gnu", "/lib/x86_64-linux-gnu",
                "/usr/lib/x86_64-linux-gnu", "/usr/local/lib64", "/lib64", "/usr/lib64", "/usr/local/lib", "/lib", "/usr/lib"])
                _options.LibraryDirectories.Add("=" + directory);
    }

    private string? Input(LinkInputKind kind, string name)
    {
        _inputs.Add(new LinkInput(kind, name, _state));
        return null;
    }

    private string? State(LinkInputState bit, bool on)
    {
        _state = on ? _state | bit : _state & ~bit;
        return null;
    }

    private string? Option(string word)
    {
        bool twoDashes = word.StartsWith("--", StringComparison.Ordinal);
        string body = word[(twoDashes ? 2 : 1)..];
        int equals = body.IndexOf('=');
        string name = equals < 0 ? body : body[..equals];
        string? value = equals < 0 ? null : body[(equals + 1)..];
        // One dash: -o is the output, whatever follows; every other long name is tried first.
        if (twoDashes || word[1] != 'o' || word == "-o")
        {
            string? answer = LongOption(name, value, word);
            if (!ReferenceEquals(answer, NotKnown))
                return answer;
        }
        return twoDashes ? $"unrecognized option '{word}'" : Letter(word);
    }

    private const string NotKnown = "";

    // The argument of an option: after the equals sign, or the next word.
    private bool Argument(ref string? value, out string? problem, string word)
    {
        problem = null;
        if (value is not null)
            return true;
        if (_next < _words.Length)
        {
            value = _words[_next++];
            return true;
        }
        problem = $"option '{word}' requires an argument";
        return false;
    }

    private string? Letter(string word)
    {
        char letter = word[1];
        string? value = word.Length > 2 ? word[2..] : null;
        switch (letter)
        {
            case 'n' or 'N' or 's' or 'S' or 'x' or 'X' or 't' or 'E' or 'M' or 'r' or 'i' or 'q' or 'd' or 'g' or 'w' or 'v' or 'V' or 'p'
                when word.Length > 2:
                return $"unrecognized option '{word}'";
            case 'O':
                // ld spends the time on smaller hash tables alone.
                return null;
            case 'l' or 'L' or 'o' or 'e' or 'u' or 'h' or 'm' or 'z' or 'I' or 'R' or 'T' or 'f' or 'F' or 'y' or 'A' or 'a' or 'b' or 'c'
                or 'G' or 'Y' or 'P':
                if (!Argument(ref value, out string? problem, word[..2]))
                    return problem;
                return LetterWithValue(letter, value!, word);
            default:
                return $"unrecognized option '{word}'";
        }
    }

    private string? LetterWithValue(char letter, string value, string word)
    {
        switch (letter)
        {
            case 'l':
                return Input(LinkInputKind.Library, value);
            case 'L':
                _options.LibraryDirectories.Add(value);
                return null;
            case 'o':
                _options.Output = value;
                return null;
            case 'e':
                _options.Entry = value;
                _options.EntryGiven = true;
                return null;
            case 'u':
                _options.Undefined.Add(value);
                return null;
            case 'h':
                _options.SoName = value;
                return null;
            case 'm':
                return Emulation(value);
            case 'z':
                return Keyword(value);
            case 'I':
                _options.DynamicLinker = value;
                return null;
            case 'R':
                if (Directory.Exists(value))
                    _options.RunPaths.Add(value);
                else
                    return Input(LinkInputKind.JustSymbols, value);
                return null;
            case 'T':
                return $"{value}: linker scripts given by -T are not supported yet";
            case 'f':
                _options.AuxiliaryFilters.Add(value);
                return null;
            case 'F':
                _options.Filters.Add(value);
                return null;
            case 'y':
                _options.TraceSymbols.Add(value);
                return null;
            case 'A' or 'G' or 'Y' or 'a':
                return null;
            case 'b' when value is "elf64-x86-64" or "default":
                return null;
            default:
                return $"option '{word}' is not supported";
        }
    }

    private string? Emulation(string name)
    {
        _emulation = name;
        if (name is "elf_x86_64")
            return null;
        return name is "elf_i386" or "elf32_x86_64" or "aarch64linux" or "elf64lriscv"
            ? $"emulation {name} is not supported yet"
            : $"unrecognised emulation mode: {name}";
    }

    /// <summary>Reads C's forms of a number; with <paramref name="hex"/> the digits are hexadecimal without a prefix too.</summary>
    private static bool Number(string text, bool hex, out ulong value)
    {
        if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
            return ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
        if (hex)
            return ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
        ulong scale = 1;
        if (text is [.. { } digits, 'k' or 'K'])
            (text, scale) = (digits, 1024);
        else if (text is [.. { } digits2, 'm' or 'M'])
            (text, scale) = (digits2, 1024 * 1024);
        bool isNumber = ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
        value *= scale;
        return isNumber;
    }

    private static string? Address(string text, string word, Action<ulong> set)
    {
        if (!Number(text, hex: true, out ulong value))
            return $"invalid hex number `{text}' in '{word}'";
        set(value);
        return null;
    }
}
