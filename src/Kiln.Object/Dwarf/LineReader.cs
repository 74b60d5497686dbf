using System.Buffers.Binary;
using System.Text;
using Kiln.Object.Elf;

namespace Kiln.Object.Dwarf;

/// <summary>
/// Finds the source line of an offset in a section of a relocatable object, in .debug_line of DWARF 2 to 5 (6.2). Addresses and
/// string offsets stand in the relocations, which are taken as a table by offset. Any bytes are safe to read: what makes no sense
/// ends the search.
/// </summary>
public ref struct LineReader
{
    private readonly ReadOnlySpan<byte> _data;
    private readonly ReadOnlySpan<byte> _lineStrings;
    private readonly ReadOnlySpan<byte> _strings;
    private readonly Dictionary<ulong, (int Section, long Addend)> _relocations;
    private int _at;
    private bool _isBad;

    /// <summary>Makes a reader.</summary>
    /// <param name="data">The bytes of .debug_line.</param>
    /// <param name="lineStrings">The bytes of .debug_line_str.</param>
    /// <param name="strings">The bytes of .debug_str.</param>
    /// <param name="relocations">By the offset of the field: the section that it refers to and the offset in it.</param>
    public LineReader(ReadOnlySpan<byte> data, ReadOnlySpan<byte> lineStrings, ReadOnlySpan<byte> strings,
        Dictionary<ulong, (int Section, long Addend)> relocations)
    {
        _data = data;
        _lineStrings = lineStrings;
        _strings = strings;
        _relocations = relocations;
    }

    private struct FileName
    {
        public string Name;
        public int Directory;
    }

    /// <summary>The file and line of an offset in a section, or null.</summary>
    public (string File, int Line)? Find(int section, ulong offset)
    {
        while (_at + 4 <= _data.Length && !_isBad)
        {
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(_data[_at..]);
            int start = _at + 4;
            // The form with 64-bit lengths is not searched.
            if (length == 0xffffffff || length > (uint)(_data.Length - start))
                return null;
            int end = start + (int)length;
            _at = start;
            if (Unit(end, section, offset) is { } found)
                return found;
            _at = end;
        }
        return null;
    }

    private byte U8()
    {
        if (_at < _data.Length)
            return _data[_at++];
        _isBad = true;
        return 0;
    }

    private ushort U16() => (ushort)(U8() | U8() << 8);

    private uint U32() => (uint)(U16() | U16() << 16);

    private ulong Uleb()
    {
        ulong value = 0;
        for (int shift = 0; !_isBad; shift += 7)
        {
            byte b = U8();
            if (shift < 64)
                value |= (ulong)(b & 0x7f) << shift;
            if ((b & 0x80) == 0)
                break;
        }
        return value;
    }

    private long Sleb()
    {
        long value = 0;
        int shift = 0;
        byte b = 0;
        do
        {
            b = U8();
            if (shift < 64)
                value |= (long)(b & 0x7f) << shift;
            shift += 7;
        }
        while ((b & 0x80) != 0 && !_isBad);
        return shift < 64 && (b & 0x40) != 0 ? value | -1L << shift : value;
    }

    private string Text()
    {
        ReadOnlySpan<byte> text = ElfFile.String(_data, (uint)_at);
        _at += text.Length + 1;
        return Encoding.UTF8.GetString(text);
    }

    private (string File, int Line)? Unit(int end, int section, ulong offset)
    {
        int version = U16();
        if (version is < 2 or > 5)
            return null;
        if (version >= 5)
        {
            U8();
            U8();
        }
        uint headerLength = U32();
        int program = _at + (int)Math.Min(headerLength, int.MaxValue / 2);
        int minimum = U8();
        if (version >= 4)
            U8();
        U8();
        int lineBase = (sbyte)U8();
        int lineRange = U8();
        int opcodeBase = U8();
        if (lineRange == 0 || opcodeBase == 0 || program > end)
            return null;
        int lengths = _at;
        _at += opcodeBase - 1;
        var directories = new List<string>();
        var files = new List<FileName>();
        if (version >= 5)
        {
            foreach (FileName directory in Entries())
                directories.Add(directory.Name);
            files = Entries();
        }
        else
            OldTables(directories, files);
        if (_isBad)
            return null;
        _at = program;
        return Program(end, section, offset, minimum, lineBase, lineRange, opcodeBase, lengths) is { } row
            ? (PathOf(directories, files, row.File), row.Line) : null;
    }

    private readonly string PathOf(List<string> directories, List<FileName> files, int index)
    {
        if (index < 0 || index >= files.Count)
            return "?";
        FileName file = files[index];
        if (file.Name.StartsWith('/') || file.Directory < 0 || file.Directory >= directories.Count || directories[file.Directory].Length == 0)
            return file.Name;
        string directory = directories[file.Directory];
        if (!directory.StartsWith('/') && file.Directory != 0 && directories[0].StartsWith('/'))
            directory = directories[0] + "/" + directory;
        return directory + "/" + file.Name;
    }

    // DWARF 2 to 4: indices count from one; 0 is the compilation's directory, which stands elsewhere.
    private void OldTables(List<string> directories, List<FileName> files)
    {
        directories.Add("");
        files.Add(new FileName { Name = "?" });
        while (!_isBad && _at < _data.Length && _data[_at] != 0)
            directories.Add(Text());
        _at++;
        while (!_isBad && _at < _data.Length && _data[_at] != 0)
        {
            var file = new FileName { Name = Text(), Directory = (int)Math.Min(Uleb(), int.MaxValue) };
            Uleb();
            Uleb();
            files.Add(file);
        }
        _at++;
    }

    // DWARF 5: a table that says of itself what its entries are.
    private List<FileName> Entries()
    {
        int formats = U8();
        Span<(int Content, int Form)> format = stackalloc (int, int)[formats];
        for (int i = 0; i < formats; i++)
            format[i] = ((int)Math.Min(Uleb(), int.MaxValue), (int)Math.Min(Uleb(), int.MaxValue));
        ulong count = Uleb();
        var result = new List<FileName>();
        if (formats == 0)
            return result;
        for (ulong i = 0; i < count && !_isBad; i++)
        {
            var entry = new FileName { Name = "" };
            for (int f = 0; f < formats; f++)
            {
                string? text = null;
                ulong number = 0;
                Form(format[f].Form, ref text, ref number);
                if (format[f].Content == 1)
                    entry.Name = text ?? "";
                else if (format[f].Content == 2)
                    entry.Directory = (int)Math.Min(number, int.MaxValue);
            }
            result.Add(entry);
        }
        return result;
    }

    private void Form(int form, ref string? text, ref ulong number)
    {
        switch (form)
        {
            case 0x08:
                text = Text();
                break;
            case 0x0e or 0x1f:
                ulong field = (ulong)_at;
                uint offset = U32();
                if (_relocations.TryGetValue(field, out (int Section, long Addend) target))
                    offset = (uint)target.Addend;
                text = Encoding.UTF8.GetString(ElfFile.String(form == 0x0e ? _strings : _lineStrings, offset));
                break;
            case 0x0b:
                number = U8();
                break;
            case 0x05:
                number = U16();
                break;
            case 0x06:
                number = U32();
                break;
            case 0x07:
                number = U32() | (ulong)U32() << 32;
                break;
            case 0x0f:
                number = Uleb();
                break;
            case 0x1e:
                _at += 16;
                break;
            case 0x09:
                _at += (int)Math.Min(Uleb(), (ulong)_data.Length);
                break;
            default:
                _isBad = true;
                break;
        }
    }

    // Runs the program and keeps the last row at or before the offset in a sequence that spans it.
    private (int File, int Line)? Program(int end, int section, ulong offset, int minimum, int lineBase, int lineRange, int opcodeBase, int lengths)
    {
        ulong address = 0;
        int inSection = -1;
        int file = 1, line = 1;
        (int File, int Line)? before = null;
        while (_at < end && !_isBad)
        {
            int opcode = U8();
            bool isRow = false;
            if (opcode >= opcodeBase)
            {
                int special = opcode - opcodeBase;
                address += (ulong)(special / lineRange * minimum);
                line += lineBase + special % lineRange;
                isRow = true;
            }
            else
                switch (opcode)
                {
                    case 0:
                        int length = (int)Math.Min(Uleb(), (ulong)_data.Length);
                        int next = _at + length;
                        int extended = length > 0 ? U8() : 0;
                        if (extended == 1)
                        {
                            if (inSection == section && before is { } found && address > offset)
                                return found;
                            (address, inSection, file, line, before) = (0, -1, 1, 1, null);
                        }
                        else if (extended == 2 && _relocations.TryGetValue((ulong)_at, out (int Section, long Addend) target))
                            (inSection, address) = (target.Section, (ulong)target.Addend);
                        _at = next;
                        break;
                    case 1:
                        isRow = true;
                        break;
                    case 2:
                        address += Uleb() * (ulong)minimum;
                        break;
                    case 3:
                        line += (int)Sleb();
                        break;
                    case 4:
                        file = (int)Math.Min(Uleb(), int.MaxValue);
                        break;
                    case 5:
                        Uleb();
                        break;
                    case 8:
                        address += (ulong)((255 - opcodeBase) / lineRange * minimum);
                        break;
                    case 9:
                        address += U16();
                        break;
                    case 6 or 7 or 10 or 11:
                        break;
                    case 12:
                        Uleb();
                        break;
                    default:
                        for (int i = _data[lengths + opcode - 1]; i > 0; i--)
                            Uleb();
                        break;
                }
            if (!isRow || inSection != section)
                continue;
            if (address > offset)
            {
                if (before is { } found)
                    return found;
            }
            else
                before = (file, line);
        }
        return null;
    }
}
