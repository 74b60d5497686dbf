using System.Globalization;
using System.Text;
using Kiln.Base;
using Kiln.Object.Archives;
using Kiln.Object.Elf;

namespace Kiln.Driver.Tools;

/// <summary>The <c>nm</c> role: lists symbols in the bsd, sysv, posix and just-symbols formats of GNU nm.</summary>
public sealed class NmTool : IDisposable
{
    private enum Format : byte
    {
        Bsd,
        SysV,
        Posix,
        JustSymbols,
    }

    private readonly record struct Row(string Name, string Version, ulong Value, ulong Size, char Letter, string Type, string Section, bool IsUndefined);

    private readonly TextWriter _output, _error;
    private readonly List<MappedFile> _mapped = [];
    private Format _format;
    private bool _isDynamic, _isExternal, _isUndefinedOnly, _isDefinedOnly, _isNumeric, _isUnsorted, _isReversed, _showsSize, _showsFile,
        _showsIndex, _showsDebug, _bySize, _isQuiet, _skipsWeak, _showsVersions, _hidesVersions;
    private int _radix = 16;

    private NmTool(TextWriter output, TextWriter error) => (_output, _error) = (output, error);

    /// <summary>Runs nm.</summary>
    public static int Run(ReadOnlySpan<string> args, TextWriter output, TextWriter error)
    {
        using var tool = new NmTool(output, error);
        var files = new List<string>();
        string[] words = [.. Options.ResponseFiles.Expand(args)];
        for (int i = 0; i < words.Length; i++)
        {
            string word = words[i];
            if (word is not ['-', _, ..])
            {
                files.Add(word);
                continue;
            }
            if (word is "-V" or "--version")
            {
                output.WriteLine(Announcements.Tool("nm"));
                return 0;
            }
            string? problem = word.StartsWith("--", StringComparison.Ordinal) ? tool.LongOption(word, words, ref i) : tool.Letters(word, words, ref i);
            if (problem is null)
                continue;
            error.WriteLine($"nm: {problem}");
            return 1;
        }
        if (files.Count == 0)
            files.Add("a.out");
        int status = 0;
        foreach (string file in files)
            status |= tool.List(file, files.Count > 1);
        return status;
    }

    private string? LongOption(string word, string[] words, ref int next)
    {
        int equals = word.IndexOf('=');
        string name = equals < 0 ? word[2..] : word[2..equals];
        string? value = equals < 0 ? null : word[(equals + 1)..];
        switch (name)
        {
            case "format" or "radix" or "target" or "plugin" or "ifunc-chars" or "unicode":
                if (value is null && ++next >= words.Length)
                    return $"option '{word}' requires an argument";
                value ??= words[next];
                return name switch { "format" => SetFormat(value), "radix" => SetRadix(value), _ => null };
            case "debug-syms":
                return Letter('a');
            case "print-file-name":
                return Letter('A');
            case "demangle" or "no-demangle" or "recurse-limit" or "no-recurse-limit" or "synthetic" or "special-syms":
                return null;
            case "dynamic":
                return Letter('D');
            case "extern-only":
                return Letter('g');
            case "just-symbols":
                return Letter('j');
            case "numeric-sort":
                return Letter('n');
            case "no-sort":
                return Letter('p');
            case "portability":
                return Letter('P');
            case "reverse-sort":
                return Letter('r');
            case "print-size":
                return Letter('S');
            case "print-armap":
                return Letter('s');
            case "quiet":
                _isQuiet = true;
                return null;
            case "size-sort":
                _bySize = true;
                return null;
            case "undefined-only":
                return Letter('u');
            case "defined-only":
                return Letter('U');
            case "no-weak":
                return Letter('W');
            case "without-symbol-versions":
                _hidesVersions = true;
                return null;
            case "with-symbol-versions":
                _showsVersions = true;
                return null;
            default:
                return $"unrecognized option '{word}'";
        }
    }

    private string? Letters(string word, string[] words, ref int next)
    {
        for (int i = 1; i < word.Length; i++)
        {
            if (word[i] is 'f' or 't' or 'X')
            {
                string? value = i + 1 < word.Length ? word[(i + 1)..] : ++next < words.Length ? words[next] : null;
                if (value is null)
                    return $"option requires an argument -- '{word[i]}'";
                return word[i] switch { 'f' => SetFormat(value), 't' => SetRadix(value), _ => null };
            }
            if (Letter(word[i]) is { } problem)
                return problem;
        }
        return null;
    }

    private string? SetFormat(string value)
    {
        switch (value)
        {
            case ['b' or 'B', ..]:
                _format = Format.Bsd;
                return null;
            case ['s' or 'S', ..]:
                _format = Format.SysV;
                return null;
            case ['p' or 'P', ..]:
                _format = Format.Posix;
                return null;
            case ['j', ..]:
                _format = Format.JustSymbols;
                return null;
            default:
                return $"{value}: invalid output format";
        }
    }

    private string? SetRadix(string value)
    {
        _radix = value switch { "d" => 10, "o" => 8, "x" => 16, _ => 0 };
        return _radix == 0 ? $"{value}: invalid radix" : null;
    }

    private string? Letter(char letter)
    {
        switch (letter)
        {
            case 'a':
                _showsDebug = true;
                break;
            case 'A' or 'o':
                _showsFile = true;
                break;
            case 'B':
                _format = Format.Bsd;
                break;
            case 'C' or 'e':
                break;
            case 'D':
                _isDynamic = true;
                break;
            case 'g':
                _isExternal = true;
                break;
            case 'j':
                _format = Format.JustSymbols;
                break;
            case 'n' or 'v':
                _isNumeric = true;
                break;
            case 'p':
                _isUnsorted = true;
                break;
            case 'P':
                _format = Format.Posix;
                break;
            case 'r':
                _isReversed = true;
                break;
            case 'S':
                _showsSize = true;
                break;
            case 's':
                _showsIndex = true;
                break;
            case 'u':
                _isUndefinedOnly = true;
                break;
            case 'U':
                _isDefinedOnly = true;
                break;
            case 'W':
                _skipsWeak = true;
                break;
            default:
                return $"invalid option -- '{letter}'";
        }
        return null;
    }

    private int Fail(string message)
    {
        _error.WriteLine($"nm: {message}");
        return 1;
    }

    private int List(string path, bool isOneOfMany)
    {
        if (!File.Exists(path))
            return Fail(Directory.Exists(path) ? $"Warning: '{path}' is a directory" : $"'{path}': No such file");
        Bytes bytes;
        try
        {
            MappedFile file = MappedFile.Open(path);
            _mapped.Add(file);
            bytes = file.Bytes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Fail($"{path}: {e.Message}");
        }
        if (Archive.IsArchive(bytes.Span))
            return ListArchive(path, bytes, isOneOfMany);
        if (ElfFile.Read(bytes, out string? problem) is not { } elf)
            return Fail($"{path}: {problem}");
        return ListFile(elf, path, null, isOneOfMany);
    }

    private int ListArchive(string path, Bytes bytes, bool isOneOfMany)
    {
        var archive = Archive.Read(bytes, out string? problem);
        if (archive is null)
            return Fail($"{path}: {problem}");
        if (isOneOfMany && _format == Format.Bsd)
            _output.WriteLine($"\n{path}:");
        if (_showsIndex)
            ShowIndex(archive);
        int status = 0;
        for (int at = archive.FirstMember; archive.Member(at, out ArchiveMember member); at = member.Next)
        {
            Bytes data = member.Data;
            if (archive.IsThin)
            {
                string file = Path.Combine(Path.GetDirectoryName(path) ?? "", member.Name);
                if (!File.Exists(file))
                {
                    status = Fail($"{file}: No such file or directory");
                    continue;
                }
                MappedFile mapped = MappedFile.Open(file);
                _mapped.Add(mapped);
                data = mapped.Bytes;
            }
            if (ElfFile.Read(data, out problem) is { } elf)
                status |= ListFile(elf, path, member.Name, isOneOfMany: true);
            else
                _error.WriteLine($"nm: {member.Name}: {problem}");
        }
        return status;
    }

    private void ShowIndex(Archive archive)
    {
        _output.WriteLine();
        _output.WriteLine("Archive index:");
        ReadOnlySpan<byte> names = archive.SymbolNames.Span;
        for (int i = 0; i < archive.SymbolCount && names.Length > 0; i++)
        {
            int end = names.IndexOf((byte)0);
            ReadOnlySpan<byte> name = end < 0 ? names : names[..end];
            if (archive.Member(archive.SymbolMember(i), out ArchiveMember member))
                _output.WriteLine($"{Encoding.UTF8.GetString(name)} in {member.Name}");
            names = names[Math.Min(name.Length + 1, names.Length)..];
        }
    }

    private int ListFile(ElfFile elf, string path, string? member, bool isOneOfMany)
    {
        int table = elf.FindSection(_isDynamic ? SectionType.DynSym : SectionType.SymTab);
        string shown = member ?? path;
        List<Row> rows = table == 0 ? [] : Rows(elf, table);
        if (_format == Format.SysV)
        {
            string kind = _isUndefinedOnly ? "Undefined symbols" : "Symbols";
            _output.WriteLine($"\n\n{kind} from {(member is null ? path : $"{path}[{member}]")}:\n");
            _output.WriteLine("Name                  Value           Class        Type         Size             Line  Section\n");
        }
        else if (isOneOfMany && !_showsFile && _format != Format.JustSymbols)
            _output.WriteLine(_format == Format.Posix ? member is null ? $"{path}:" : $"{path}[{member}]:" : $"\n{shown}:");
        if (table == 0 || elf.Symbols(table).Count <= 1)
        {
            if (!_isQuiet)
                _error.WriteLine($"nm: {shown}: no symbols");
            return 0;
        }
        foreach (Row row in rows)
            Write(row, path, member, elf.Is64 ? 16 : 8);
        return 0;
    }

    private List<Row> Rows(ElfFile elf, int table)
    {
        ElfSymbols symbols = elf.Symbols(table);
        Bytes versions = (_isDynamic || _showsVersions) && !_hidesVersions ? elf.Data(elf.FindSection(SectionType.GnuVerSym)) : default;
        SymbolVersions? names = versions.Length > 0 && _isDynamic ? SymbolVersions.Read(elf) : null;
        var rows = new List<Row>(symbols.Count);
        for (int i = 1; i < symbols.Count; i++)
        {
            ElfSymbol symbol = symbols.Span[i];
            int section = symbols.Section(i);
            bool isUndefined = section == ElfSectionIndex.Undefined;
            if (!_showsDebug && symbol.Type is SymbolType.Section or SymbolType.File && !(_isDynamic && symbol.Type == SymbolType.Section)
                || _isExternal && symbol.Binding == SymbolBinding.Local || _isUndefinedOnly && !isUndefined || _isDefinedOnly && isUndefined
                || _skipsWeak && symbol.Binding == SymbolBinding.Weak || _bySize && (isUndefined || symbol.Size == 0))
                continue;
            string name = Encoding.UTF8.GetString(symbols.Name(symbol).Span);
            if (symbol.Type == SymbolType.Section && name.Length == 0 && section > 0 && section < elf.Sections.Length)
                name = Encoding.UTF8.GetString(elf.SectionName(elf.Sections[section]));
            if (name.Length == 0)
                continue;
            // The absolute symbols that a library has for its versions carry none themselves.
            string version = section == ElfSymbols.Absolute ? "" : names?.Suffix(i, isUndefined) ?? "";
            bool isCommon = section == ElfSymbols.Common;
            rows.Add(new Row(name, version, isCommon ? symbol.Size : symbol.Value, symbol.Size, LetterOf(elf, symbol, section), TypeOf(symbol),
                SectionOf(elf, section), isUndefined));
        }
        Sort(rows);
        return rows;
    }

    private void Sort(List<Row> rows)
    {
        if (_isUnsorted)
            return;
        var keys = new int[rows.Count];
        Row[] array = [.. rows];
        Comparison<Row> compare = _bySize ? static (a, b) => a.Size != b.Size ? a.Size.CompareTo(b.Size) : string.CompareOrdinal(a.Name, b.Name)
            : _isNumeric ? static (a, b) => a.IsUndefined != b.IsUndefined ? (a.IsUndefined ? -1 : 1)
                : a.Value != b.Value ? a.Value.CompareTo(b.Value) : string.CompareOrdinal(a.Name, b.Name)
            : static (a, b) => string.CompareOrdinal(a.Name, b.Name);
        for (int i = 0; i < keys.Length; i++)
            keys[i] = i;
        Array.Sort(keys, (a, b) =>
        {
            int order = compare(array[a], array[b]);
            return order != 0 ? order : a.CompareTo(b);
        });
        if (_isReversed)
            Array.Reverse(keys);
        for (int i = 0; i < keys.Length; i++)
            rows[i] = array[keys[i]];
    }

    // The letter of nm: of the section's kind, small for local symbols, with letters of their own for special ones.
    private static char LetterOf(ElfFile elf, in ElfSymbol symbol, int section)
    {
        if (section == ElfSymbols.Common)
            return 'C';
        if (section == ElfSectionIndex.Undefined)
            return symbol.Binding == SymbolBinding.Weak ? symbol.Type == SymbolType.Object ? 'v' : 'w' : 'U';
        if (symbol.Type == SymbolType.GnuIFunc)
            return 'i';
        if (symbol.Binding == SymbolBinding.Weak)
            return symbol.Type == SymbolType.Object ? 'V' : 'W';
        if (symbol.Binding == SymbolBinding.GnuUnique)
            return 'u';
        char letter = section == ElfSymbols.Absolute ? 'a' : section > 0 && section < elf.Sections.Length ? SectionLetter(elf, elf.Sections[section]) : '?';
        return symbol.Binding == SymbolBinding.Local ? letter : char.ToUpperInvariant(letter);
    }

    private static char SectionLetter(ElfFile elf, in ElfSectionHeader section)
    {
        ReadOnlySpan<byte> name = elf.SectionName(section);
        if (name.StartsWith(".debug"u8) || name.StartsWith(".zdebug"u8) || name.SequenceEqual(".line"u8) || name.StartsWith(".stab"u8))
            return 'N';
        if ((section.Flags & SectionFlags.ExecInstr) != 0)
            return 't';
        if ((section.Flags & SectionFlags.Alloc) == 0)
            return (section.Flags & SectionFlags.Write) == 0 ? 'n' : 'N';
        if (section.Type == SectionType.NoBits)
            return 'b';
        return (section.Flags & SectionFlags.Write) != 0 ? 'd' : 'r';
    }

    private static string TypeOf(in ElfSymbol symbol) => symbol.Type switch
    {
        SymbolType.NoType => "NOTYPE",
        SymbolType.Object => "OBJECT",
        SymbolType.Function => "FUNC",
        SymbolType.Section => "SECTION",
        SymbolType.File => "FILE",
        SymbolType.Common => "COMMON",
        SymbolType.Tls => "TLS",
        SymbolType.GnuIFunc => "IFUNC",
        _ => $"<processor specific>: {symbol.Type}",
    };

    private static string SectionOf(ElfFile elf, int section) => section switch
    {
        ElfSectionIndex.Undefined => "*UND*",
        ElfSymbols.Absolute => "*ABS*",
        ElfSymbols.Common => "*COM*",
        _ => section > 0 && section < elf.Sections.Length ? Encoding.UTF8.GetString(elf.SectionName(elf.Sections[section])) : "",
    };

    private string Number(ulong value, int width) => _radix switch
    {
        8 => Convert.ToString((long)value, 8).PadLeft(width, '0'),
        10 => value.ToString(CultureInfo.InvariantCulture).PadLeft(width, '0'),
        _ => value.ToString("x", CultureInfo.InvariantCulture).PadLeft(width, '0'),
    };

    private void Write(in Row row, string path, string? member, int width)
    {
        string file = !_showsFile ? "" : member is null ? $"{path}:" : _format == Format.Posix ? $"{path}[{member}]: " : $"{path}:{member}:";
        string name = row.Name + row.Version;
        switch (_format)
        {
            case Format.JustSymbols:
                _output.WriteLine(file + name);
                break;
            case Format.Posix:
                if (_showsFile && member is null)
                    file += " ";
                string size = row.Size != 0 ? Number(row.Size, 0) : "";
                _output.WriteLine(row.IsUndefined ? $"{file}{name} {row.Letter}         {size}" : $"{file}{name} {row.Letter} {Number(row.Value, 0)} {size}");
                break;
            case Format.SysV:
                string value = row.IsUndefined ? new string(' ', width) : Number(row.Value, width);
                string length = row.Size != 0 ? Number(row.Size, width) : new string(' ', width);
                _output.WriteLine($"{file}{name,-20}|{value}|   {row.Letter}  |{row.Type,18}|{length}|     |{row.Section}");
                break;
            case Format.Bsd:
                string address = _bySize && !_showsSize ? Number(row.Size, width) : row.IsUndefined ? new string(' ', width) : Number(row.Value, width);
                string extent = _showsSize && row.Size != 0 ? " " + Number(row.Size, width) : "";
                _output.WriteLine($"{file}{address}{extent} {row.Letter} {name}");
                break;
            default:
                throw new InvalidOperationException($"format {_format}");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (MappedFile file in _mapped)
            file.Dispose();
    }
}
