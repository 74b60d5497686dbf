using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Kiln.Base;

namespace Kiln.Object.Elf;

/// <summary>
/// Reads an ELF file of either class (little-endian, as all targets are) out of bytes that the caller keeps alive. Nothing is
/// copied for ELF64: tables are spans over the file.
/// Everything that a header says is checked against the file's length before it is used, so that any bytes at all are safe to
/// read: what does not fit is a problem text, or an empty table. What follows the gABI: sections past 0xff00 by the first
/// header, symbols' section numbers by SHT_SYMTAB_SHNDX.
/// Left out on purpose: big-endian files, core files.
/// </summary>
public sealed class ElfFile
{
    private readonly ElfSectionHeader[]? _widenedSections;
    private readonly int _sectionTable;
    private int _sectionCount, _sectionNames;

    private ElfFile(Bytes bytes, bool is64)
    {
        Bytes = bytes;
        Is64 = is64;
        ReadOnlySpan<byte> b = bytes.Span;
        OsAbi = b[ElfFormat.IdentOsAbi];
        Type = BinaryPrimitives.ReadUInt16LittleEndian(b[16..]);
        Machine = BinaryPrimitives.ReadUInt16LittleEndian(b[18..]);
        ulong sections, segments;
        int entry;
        if (is64)
        {
            Entry = BinaryPrimitives.ReadUInt64LittleEndian(b[24..]);
            segments = BinaryPrimitives.ReadUInt64LittleEndian(b[32..]);
            sections = BinaryPrimitives.ReadUInt64LittleEndian(b[40..]);
            entry = 48;
        }
        else
        {
            Entry = BinaryPrimitives.ReadUInt32LittleEndian(b[24..]);
            segments = BinaryPrimitives.ReadUInt32LittleEndian(b[28..]);
            sections = BinaryPrimitives.ReadUInt32LittleEndian(b[32..]);
            entry = 36;
        }
        Flags = BinaryPrimitives.ReadUInt32LittleEndian(b[entry..]);
        SegmentTable = segments;
        SegmentCount = BinaryPrimitives.ReadUInt16LittleEndian(b[(entry + 8)..]);
        int sectionSize = BinaryPrimitives.ReadUInt16LittleEndian(b[(entry + 10)..]);
        _sectionCount = BinaryPrimitives.ReadUInt16LittleEndian(b[(entry + 12)..]);
        _sectionNames = BinaryPrimitives.ReadUInt16LittleEndian(b[(entry + 14)..]);
        int wanted = is64 ? ElfFormat.SectionHeaderSize64 : ElfFormat.SectionHeaderSize32;
        if (sections == 0)
            _sectionCount = 0;
        else if (sectionSize != wanted || sections > (ulong)bytes.Length || (ulong)bytes.Length - sections < (ulong)wanted)
            Problem = "the section header table lies beyond the end of the file";
        else
        {
            _sectionTable = (int)sections;
            ReadExtendedCounts();
            if ((long)_sectionCount * wanted > bytes.Length - _sectionTable)
                Problem = "the section header table lies beyond the end of the file";
            else if (!is64)
                _widenedSections = WidenSections();
        }
        if (Problem is not null)
            _sectionCount = 0;
    }

    /// <summary>The whole file.</summary>
    public Bytes Bytes { get; }

    /// <summary>Whether it is ELF64.</summary>
    public bool Is64 { get; }

    public int OsAbi { get; }
    public int Type { get; }
    public int Machine { get; }
    public uint Flags { get; }
    public ulong Entry { get; }
    public int SegmentCount { get; }
    private ulong SegmentTable { get; }

    /// <summary>What is wrong with the file as a whole, or null.</summary>
    public string? Problem { get; private set; }

    /// <summary>Whether the bytes begin as an ELF file does.</summary>
    public static bool IsElf(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= 4 && BinaryPrimitives.ReadUInt32LittleEndian(bytes) == ElfFormat.MagicLittle;

    /// <summary>Reads the headers. Null with a problem where the bytes are no ELF file that can be read.</summary>
    public static ElfFile? Read(Bytes bytes, out string? problem)
    {
        problem = "file format not recognized";
        ReadOnlySpan<byte> b = bytes.Span;
        if (!IsElf(b) || b.Length < ElfFormat.HeaderSize32)
            return null;
        bool is64 = b[ElfFormat.IdentClass] == ElfFormat.Class64;
        if (!is64 && b[ElfFormat.IdentClass] != ElfFormat.Class32 || is64 && b.Length < ElfFormat.HeaderSize64)
            return null;
        if (b[ElfFormat.IdentData] != ElfFormat.DataLittle || b[ElfFormat.IdentVersion] != ElfFormat.VersionCurrent)
            return null;
        var file = new ElfFile(bytes, is64);
        problem = file.Problem;
        return problem is null ? file : null;
    }

    // gABI: a count or an index that does not fit 16 bits stands in the first section header.
    private void ReadExtendedCounts()
    {
        ReadOnlySpan<byte> first = Bytes.Span[_sectionTable..];
        ulong size = Is64 ? BinaryPrimitives.ReadUInt64LittleEndian(first[32..]) : BinaryPrimitives.ReadUInt32LittleEndian(first[20..]);
        uint link = BinaryPrimitives.ReadUInt32LittleEndian(first[(Is64 ? 40 : 24)..]);
        if (_sectionCount == 0)
        {
            if (size > (ulong)Bytes.Length)
                Problem = "the section header table lies beyond the end of the file";
            else
                _sectionCount = (int)size;
        }
        if (_sectionNames == ElfSectionIndex.Extended)
            _sectionNames = link < int.MaxValue ? (int)link : 0;
    }

    private ElfSectionHeader[] WidenSections()
    {
        var result = new ElfSectionHeader[_sectionCount];
        for (int i = 0; i < result.Length; i++)
        {
            ReadOnlySpan<uint> w = MemoryMarshal.Cast<byte, uint>(Bytes.Span.Slice(_sectionTable + i * ElfFormat.SectionHeaderSize32, 40));
            result[i] = new ElfSectionHeader
            {
                Name = w[0],
                Type = w[1],
                Flags = w[2],
                Address = w[3],
                Offset = w[4],
                Size = w[5],
                Link = w[6],
                Info = w[7],
                Alignment = w[8],
                EntrySize = w[9],
            };
        }
        return result;
    }

    /// <summary>The section headers.</summary>
    public ReadOnlySpan<ElfSectionHeader> Sections => _widenedSections is not null ? _widenedSections
        : MemoryMarshal.Cast<byte, ElfSectionHeader>(Bytes.Span.Slice(_sectionTable, _sectionCount * ElfFormat.SectionHeaderSize64));

    /// <summary>Whether a section's bytes lie inside the file (always so for one without bytes).</summary>
    public bool IsInside(in ElfSectionHeader section) => section.Type == SectionType.NoBits
        || section.Offset <= (ulong)Bytes.Length && section.Size <= (ulong)Bytes.Length - section.Offset;

    /// <summary>The bytes of a section; none where it has none or lies outside the file.</summary>
    public Bytes Data(in ElfSectionHeader section)
    {
        if (section.Type == SectionType.NoBits || !IsInside(section))
            return default;
        return Bytes.Slice((int)section.Offset, (int)section.Size);
    }

    /// <summary>The bytes of the section with an index; none where there is no such section.</summary>
    public Bytes Data(int section) => (uint)section < (uint)_sectionCount ? Data(Sections[section]) : default;

    /// <summary>The NUL-terminated bytes at an offset of a string table; empty where it lies outside.</summary>
    public static ReadOnlySpan<byte> String(ReadOnlySpan<byte> table, uint offset)
    {
        if (offset >= (uint)table.Length)
            return [];
        ReadOnlySpan<byte> rest = table[(int)offset..];
        int end = rest.IndexOf((byte)0);
        return end < 0 ? rest : rest[..end];
    }

    /// <summary>The same as bytes that stay.</summary>
    public static Bytes StringBytes(Bytes table, uint offset)
    {
        if (offset >= (uint)table.Length)
            return default;
        int length = String(table.Span, offset).Length;
        return table.Slice((int)offset, length);
    }

    /// <summary>The table of section names.</summary>
    public Bytes SectionNameTable => Data(_sectionNames);

    /// <summary>The name of a section.</summary>
    public ReadOnlySpan<byte> SectionName(in ElfSectionHeader section) => String(SectionNameTable.Span, section.Name);

    /// <summary>The index of the first section of a type, or 0.</summary>
    public int FindSection(uint type)
    {
        ReadOnlySpan<ElfSectionHeader> sections = Sections;
        for (int i = 1; i < sections.Length; i++)
            if (sections[i].Type == type)
                return i;
        return 0;
    }

    /// <summary>The symbols of the symbol table in section <paramref name="section"/> (none for 0).</summary>
    public ElfSymbols Symbols(int section)
    {
        if (section <= 0 || section >= _sectionCount)
            return default;
        ref readonly ElfSectionHeader header = ref Sections[section];
        Bytes data = Data(header);
        Bytes names = Data((int)Math.Min(header.Link, int.MaxValue));
        Bytes extended = default;
        ReadOnlySpan<ElfSectionHeader> sections = Sections;
        for (int i = section + 1; i < sections.Length && extended.Length == 0; i++)
            if (sections[i].Type == SectionType.SymTabShndx && sections[i].Link == (uint)section)
                extended = Data(i);
        int firstGlobal = (int)Math.Min(header.Info, int.MaxValue);
        if (Is64)
            return new ElfSymbols(data.Slice(0, data.Length / ElfFormat.SymbolSize64 * ElfFormat.SymbolSize64), null, names, extended,
                firstGlobal);
        return new ElfSymbols(default, WidenSymbols(data.Span), names, extended, firstGlobal);
    }

    private static ElfSymbol[] WidenSymbols(ReadOnlySpan<byte> data)
    {
        var result = new ElfSymbol[data.Length / ElfFormat.SymbolSize32];
        for (int i = 0; i < result.Length; i++)
        {
            ReadOnlySpan<byte> s = data.Slice(i * ElfFormat.SymbolSize32, ElfFormat.SymbolSize32);
            result[i] = new ElfSymbol
            {
                Name = BinaryPrimitives.ReadUInt32LittleEndian(s),
                Value = BinaryPrimitives.ReadUInt32LittleEndian(s[4..]),
                Size = BinaryPrimitives.ReadUInt32LittleEndian(s[8..]),
                Info = s[12],
                Other = s[13],
                Section = BinaryPrimitives.ReadUInt16LittleEndian(s[14..]),
            };
        }
        return result;
    }

    /// <summary>
    /// The relocations of a SHT_RELA or SHT_REL section. An addend that stands in the place itself (REL) is given as 0.
    /// </summary>
    public ReadOnlySpan<ElfRelocation> Relocations(int section)
    {
        if ((uint)section >= (uint)_sectionCount)
            return [];
        ref readonly ElfSectionHeader header = ref Sections[section];
        ReadOnlySpan<byte> data = Data(header).Span;
        bool hasAddend = header.Type == SectionType.Rela;
        if (Is64 && hasAddend)
            return MemoryMarshal.Cast<byte, ElfRelocation>(data[..(data.Length / ElfFormat.RelaSize64 * ElfFormat.RelaSize64)]);
        return WidenRelocations(data, hasAddend);
    }

    private ElfRelocation[] WidenRelocations(ReadOnlySpan<byte> data, bool hasAddend)
    {
        int word = Is64 ? 8 : 4;
        int size = word * (hasAddend ? 3 : 2);
        var result = new ElfRelocation[data.Length / size];
        for (int i = 0; i < result.Length; i++)
        {
            ReadOnlySpan<byte> r = data.Slice(i * size, size);
            if (Is64)
                result[i] = new ElfRelocation
                {
                    Offset = BinaryPrimitives.ReadUInt64LittleEndian(r),
                    Info = BinaryPrimitives.ReadUInt64LittleEndian(r[8..]),
                };
            else
            {
                uint info = BinaryPrimitives.ReadUInt32LittleEndian(r[4..]);
                long addend = hasAddend ? BinaryPrimitives.ReadInt32LittleEndian(r[8..]) : 0;
                result[i] = new ElfRelocation(BinaryPrimitives.ReadUInt32LittleEndian(r), (int)(info >> 8), (int)(info & 0xff), addend);
            }
        }
        return result;
    }

    /// <summary>A program header.</summary>
    public bool Segment(int index, out ElfProgramHeader segment)
    {
        segment = default;
        int size = Is64 ? ElfFormat.ProgramHeaderSize64 : ElfFormat.ProgramHeaderSize32;
        ulong at = SegmentTable + (ulong)index * (ulong)size;
        if (at > (ulong)Bytes.Length || (ulong)Bytes.Length - at < (ulong)size)
            return false;
        ReadOnlySpan<byte> p = Bytes.Span.Slice((int)at, size);
        if (Is64)
        {
            segment = MemoryMarshal.Read<ElfProgramHeader>(p);
            return true;
        }
        ReadOnlySpan<uint> w = MemoryMarshal.Cast<byte, uint>(p);
        segment = new ElfProgramHeader
        {
            Type = w[0],
            Offset = w[1],
            Address = w[2],
            PhysicalAddress = w[3],
            FileSize = w[4],
            MemorySize = w[5],
            Flags = w[6],
            Alignment = w[7],
        };
        return true;
    }

    /// <summary>The entries of a SHT_DYNAMIC section up to its closing null.</summary>
    public ElfDynamic[] Dynamic(int section)
    {
        ReadOnlySpan<byte> data = Data(section).Span;
        int size = Is64 ? ElfFormat.DynamicSize64 : ElfFormat.DynamicSize32;
        int count = 0;
        var result = new ElfDynamic[data.Length / size];
        for (; count < result.Length; count++)
        {
            ReadOnlySpan<byte> d = data.Slice(count * size, size);
            result[count] = Is64
                ? new ElfDynamic { Tag = BinaryPrimitives.ReadInt64LittleEndian(d), Value = BinaryPrimitives.ReadUInt64LittleEndian(d[8..]) }
                : new ElfDynamic { Tag = BinaryPrimitives.ReadInt32LittleEndian(d), Value = BinaryPrimitives.ReadUInt32LittleEndian(d[4..]) };
            if (result[count].Tag == DynamicTag.Null)
                break;
        }
        return result[..count];
    }
}

/// <summary>A symbol table with its names and its large section numbers.</summary>
public readonly struct ElfSymbols(Bytes raw, ElfSymbol[]? widened, Bytes names, Bytes extended, int firstGlobal)
{
    /// <summary>The symbols; the first is the null symbol.</summary>
    public ReadOnlySpan<ElfSymbol> Span => widened ?? MemoryMarshal.Cast<byte, ElfSymbol>(raw.Span);

    /// <summary>How many there are, with the null symbol.</summary>
    public int Count => Span.Length;

    /// <summary>The index of the first symbol that is not local.</summary>
    public int FirstGlobal => Math.Min(firstGlobal, Count);

    /// <summary>The string table.</summary>
    public Bytes Names => names;

    /// <summary>The name of a symbol, as bytes in the file.</summary>
    public Bytes Name(in ElfSymbol symbol) => ElfFile.StringBytes(names, symbol.Name);

    /// <summary>The section of an absolute symbol, as <see cref="Section"/> gives it.</summary>
    public const int Absolute = ElfSectionIndex.Absolute - 0x10000;

    /// <summary>The section of a common symbol, as <see cref="Section"/> gives it.</summary>
    public const int Common = ElfSectionIndex.Common - 0x10000;

    /// <summary>The section of a large common symbol, as <see cref="Section"/> gives it.</summary>
    public const int LargeCommon = ElfSectionIndex.LargeCommonX86_64 - 0x10000;

    /// <summary>
    /// The section number of the symbol at an index, with SHT_SYMTAB_SHNDX looked up. Reserved numbers are given less 0x10000, as
    /// negative numbers, because a large section number may look like one.
    /// </summary>
    public int Section(int index)
    {
        int section = Span[index].Section;
        if (section < ElfSectionIndex.LoReserve)
            return section;
        if (section != ElfSectionIndex.Extended)
            return section - 0x10000;
        if (extended.Length < (index + 1) * 4)
            return ElfSectionIndex.Undefined;
        uint large = BinaryPrimitives.ReadUInt32LittleEndian(extended.Span[(index * 4)..]);
        return large <= int.MaxValue ? (int)large : ElfSectionIndex.Undefined;
    }
}
