using Kiln.Base;

namespace Kiln.Object.Dwarf;

// Writes a line number program of DWARF 3, 4 or 5 (section 6.2) for .debug_line; 5 has its strings in .debug_line_str.
//
// In:  directories, files and rows, in sequences that each cover a contiguous run of one section's code; the distances are known.
// Out: the section's bytes and the fields that symbols go into.
//
// Left out: MD5 sums are written only where every file has one (and in DWARF 5); view numbers have no place in the program.

/// <summary>A row of a line table.</summary>
public struct LineRow
{
    /// <summary>Offset of the code from the start of the sequence.</summary>
    public long Offset;

    public int File, Line, Column, Discriminator, Isa;
    public bool IsStatement, BasicBlock, PrologueEnd, EpilogueBegin;

    /// <summary>Whether consumers start to count views anew: a row that sets the address does that.</summary>
    public bool ResetsView;
}

/// <summary>A contiguous run of code: rows from FirstRow on, and where the code starts and how long it is.</summary>
public record struct LineSequence(int Start, long StartAddend, long Length, int FirstRow, int RowCount);

/// <summary>The line table of one object. See the file's header.</summary>
public sealed class LineTable(int addressSize, int minimumInstructionLength, int version = 5)
{
    private const int LineBase = -5, LineRange = 14, OpcodeBase = 13, PerConstAdd = (255 - OpcodeBase) / LineRange;
    private const int Copy = 1, AdvancePc = 2, AdvanceLine = 3, SetFile = 4, SetColumn = 5, NegateStatement = 6, SetBasicBlock = 7,
        ConstAddPc = 8, FixedAdvancePc = 9, SetPrologueEnd = 10, SetEpilogueBegin = 11, SetIsa = 12;
    private const int EndSequence = 1, SetAddress = 2, SetDiscriminator = 4;
    private const int ContentPath = 1, ContentDirectory = 2, ContentMd5 = 5;
    private const int FormUData = 0x0f, FormData16 = 0x1e, FormLineStrp = 0x1f;

    private readonly record struct FileEntry(string Name, int Directory, UInt128? Md5);

    private readonly List<string> _directories = [];
    private readonly List<FileEntry> _files = [];
    private readonly Dictionary<string, int> _strings = [];

    public GrowBuffer<LineRow> Rows { get; } = new(64);

    public GrowBuffer<LineSequence> Sequences { get; } = new(4);

    /// <summary>The number of a directory; made when it is new. Number 0 is the compilation's directory.</summary>
    public int Directory(string path)
    {
        int index = _directories.IndexOf(path);
        if (index < 0)
        {
            index = _directories.Count;
            _directories.Add(path);
        }
        return index;
    }

    /// <summary>Adds a directory, whether it is known or not.</summary>
    public int NewDirectory(string path)
    {
        _directories.Add(path);
        return _directories.Count - 1;
    }

    /// <summary>Names the file of a number.</summary>
    public void File(int number, string name, int directory, UInt128? md5)
    {
        while (_files.Count <= number)
            _files.Add(default);
        _files[number] = new FileEntry(name, directory, md5);
    }

    /// <summary>Whether a file has the number.</summary>
    public bool HasFile(int number) => number < _files.Count && _files[number].Name is not null;

    public int FileCount => _files.Count;

    /// <summary>Appends the table; names go to <paramref name="strings"/>, whose start is <paramref name="stringsSymbol"/>.</summary>
    public void Write(ByteWriter output, GrowBuffer<DwarfFixup> fixups, ByteWriter strings, int stringsSymbol)
    {
        int start = output.Length;
        output.U32(0);
        output.U16(version);
        if (version >= 5)
        {
            output.U8(addressSize);
            output.U8(0);
        }
        int headerLength = output.Length;
        output.U32(0);
        output.U8(minimumInstructionLength);
        if (version >= 4)
            output.U8(1);
        output.U8(1);
        output.U8(LineBase & 0xff);
        output.U8(LineRange);
        output.U8(OpcodeBase);
        output.Bytes([0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1]);
        if (version >= 5)
        {
            WriteDirectories(output, fixups, strings, stringsSymbol);
            WriteFiles(output, fixups, strings, stringsSymbol);
        }
        else
        {
            WriteNames(output);
        }
        output.PatchU32(headerLength, output.Length - headerLength - 4);
        foreach (ref readonly LineSequence sequence in Sequences.Span)
            WriteSequence(output, fixups, in sequence);
        output.PatchU32(start, output.Length - start - 4);
    }

    /// <summary>Directories and files before DWARF 5: strings in place, numbered from 1, each list ended by a zero.</summary>
    private void WriteNames(ByteWriter output)
    {
        for (int i = 1; i < _directories.Count; i++)
            output.CString(_directories[i]);
        output.U8(0);
        for (int i = 1; i < _files.Count; i++)
        {
            output.CString(_files[i].Name ?? "");
            output.Uleb((ulong)_files[i].Directory);
            output.U8(0);
            output.U8(0);
        }
        output.U8(0);
    }

    private void WriteDirectories(ByteWriter output, GrowBuffer<DwarfFixup> fixups, ByteWriter strings, int stringsSymbol)
    {
        if (_directories.Count == 0)
            _directories.Add("");
        output.U8(1);
        output.Uleb(ContentPath);
        output.Uleb(FormLineStrp);
        output.Uleb((ulong)_directories.Count);
        foreach (string directory in _directories)
            WriteString(output, fixups, strings, stringsSymbol, directory);
    }

    private void WriteFiles(ByteWriter output, GrowBuffer<DwarfFixup> fixups, ByteWriter strings, int stringsSymbol)
    {
        bool hasMd5 = _files.Count > 0 && _files.TrueForAll(static file => file.Md5 is not null);
        output.U8(hasMd5 ? 3 : 2);
        output.Uleb(ContentPath);
        output.Uleb(FormLineStrp);
        output.Uleb(ContentDirectory);
        output.Uleb(FormUData);
        if (hasMd5)
        {
            output.Uleb(ContentMd5);
            output.Uleb(FormData16);
        }
        output.Uleb((ulong)_files.Count);
        foreach (FileEntry file in _files)
        {
            WriteString(output, fixups, strings, stringsSymbol, file.Name ?? "");
            output.Uleb((ulong)file.Directory);
            if (hasMd5)
                output.U128(file.Md5!.Value);
        }
    }

    private void WriteString(ByteWriter output, GrowBuffer<DwarfFixup> fixups, ByteWriter strings, int stringsSymbol, string text)
    {
        if (!_strings.TryGetValue(text, out int at))
        {
            at = strings.Length;
            strings.CString(text);
            _strings.Add(text, at);
        }
        fixups.Add(new DwarfFixup(output.Length, 4, stringsSymbol, at, false));
        output.U32(0);
    }

    private void WriteSequence(ByteWriter output, GrowBuffer<DwarfFixup> fixups, in LineSequence sequence)
    {
        long offset = 0;
        int file = 1, line = 1, column = 0, isa = 0;
        bool isStatement = true;
        for (int i = 0; i < sequence.RowCount; i++)
        {
            ref readonly LineRow row = ref Rows[sequence.FirstRow + i];
            if (row.File != file)
                Write(output, SetFile, (ulong)(file = row.File));
            if (row.Column != column)
                Write(output, SetColumn, (ulong)(column = row.Column));
            if (row.Discriminator != 0)
            {
                output.U8(0);
                var size = new ByteWriter(8);
                size.Uleb((ulong)row.Discriminator);
                output.Uleb((ulong)size.Length + 1);
                output.U8(SetDiscriminator);
                output.Bytes(size.Span);
            }
            if (row.Isa != isa)
                Write(output, SetIsa, (ulong)(isa = row.Isa));
            if (row.IsStatement != isStatement)
            {
                isStatement = row.IsStatement;
                output.U8(NegateStatement);
            }
            if (row.BasicBlock)
                output.U8(SetBasicBlock);
            if (row.PrologueEnd)
                output.U8(SetPrologueEnd);
            if (row.EpilogueBegin)
                output.U8(SetEpilogueBegin);
            if (i == 0 || row.ResetsView && row.Offset == offset)
            {
                output.U8(0);
                output.Uleb((ulong)addressSize + 1);
                output.U8(SetAddress);
                fixups.Add(new DwarfFixup(output.Length, addressSize, sequence.Start, sequence.StartAddend + row.Offset, false));
                output.Fill(0, addressSize);
                offset = row.Offset;
            }
            WriteStep(output, row.Line - line, (row.Offset - offset) / minimumInstructionLength);
            line = row.Line;
            offset = row.Offset;
        }
        ulong rest = (ulong)((sequence.Length - offset) / minimumInstructionLength);
        if (rest == PerConstAdd)
            output.U8(ConstAddPc);
        else if (rest != 0)
            Write(output, AdvancePc, rest);
        output.U8(0);
        output.U8(1);
        output.U8(EndSequence);
    }

    private static void Write(ByteWriter output, int opcode, ulong operand)
    {
        output.U8(opcode);
        output.Uleb(operand);
    }

    /// <summary>Advances line and address and adds a row, by a special opcode where one fits (6.2.5.1).</summary>
    private static void WriteStep(ByteWriter output, int lineDelta, long addressDelta)
    {
        bool needsCopy = lineDelta is < LineBase or >= LineBase + LineRange;
        if (needsCopy)
        {
            output.U8(AdvanceLine);
            output.Sleb(lineDelta);
            lineDelta = 0;
        }
        if (lineDelta == 0 && addressDelta == 0)
        {
            output.U8(Copy);
            return;
        }
        long special = lineDelta - LineBase + LineRange * addressDelta + OpcodeBase;
        if (addressDelta < 1000 && special <= 255)
        {
            output.U8((int)special);
            return;
        }
        special = lineDelta - LineBase + LineRange * (addressDelta - PerConstAdd) + OpcodeBase;
        if (addressDelta < 1000 && special <= 255)
        {
            output.U8(ConstAddPc);
            output.U8((int)special);
            return;
        }
        Write(output, AdvancePc, (ulong)addressDelta);
        output.U8(needsCopy ? Copy : lineDelta - LineBase + OpcodeBase);
    }
}
