using Kiln.Base;

namespace Kiln.Object.Dwarf;

// Describes a source in assembly to a debugger: one compilation unit of DWARF 2 to 5 without children, which says where the code is and
// where its line table (section 7.5). A debugger finds no line table without it.

/// <summary>Writes the unit of an assembled source. See the file's header.</summary>
public sealed class AssemblyUnit(int addressSize, int version = 5)
{
    private const int TagCompileUnit = 0x11, NameAttribute = 3, StatementList = 0x10, LowPc = 0x11, HighPc = 0x12, Language = 0x13,
        CompilationDirectory = 0x1b, Producer = 0x25, Ranges = 0x55;
    private const int FormAddress = 1, FormData2 = 5, FormData4 = 6, FormString = 8, FormUData = 0x0f, FormSectionOffset = 0x17;
    private const int MipsAssembler = 0x8001;
    private const int RangeEnd = 0, RangeStartLength = 7;

    public required string Name { get; init; }
    public required string Directory { get; init; }
    public required string ProducedBy { get; init; }

    /// <summary>The code: a symbol and a length for every section.</summary>
    public required IReadOnlyList<(int Start, long Length)> Code { get; init; }

    /// <summary>Appends <c>.debug_abbrev</c>.</summary>
    public void WriteAbbreviations(ByteWriter output)
    {
        output.Uleb(1);
        output.Uleb(TagCompileUnit);
        output.U8(0);
        int offsetForm = version >= 4 ? FormSectionOffset : FormData4;
        Pair(output, StatementList, offsetForm);
        Pair(output, LowPc, FormAddress);
        if (Code.Count == 1)
            Pair(output, HighPc, version >= 4 ? FormUData : FormAddress);
        else
            Pair(output, Ranges, offsetForm);
        Pair(output, NameAttribute, FormString);
        Pair(output, CompilationDirectory, FormString);
        Pair(output, Producer, FormString);
        Pair(output, Language, FormData2);
        Pair(output, 0, 0);
        output.U8(0);
    }

    private static void Pair(ByteWriter output, int attribute, int form)
    {
        output.Uleb((ulong)attribute);
        output.Uleb((ulong)form);
    }

    /// <summary>Appends <c>.debug_info</c>; the symbols stand for the starts of the other sections, ranges for the list behind its header.</summary>
    public void WriteUnit(ByteWriter output, GrowBuffer<DwarfFixup> fixups, int abbreviations, int lines, int ranges)
    {
        int start = output.Length;
        output.U32(0);
        output.U16(version);
        if (version >= 5)
        {
            output.U8(1);
            output.U8(addressSize);
        }
        Offset(output, fixups, abbreviations, 0);
        if (version < 5)
            output.U8(addressSize);
        output.Uleb(1);
        Offset(output, fixups, lines, 0);
        if (Code.Count == 1)
        {
            Address(output, fixups, Code[0].Start);
            if (version >= 4)
                output.Uleb((ulong)Code[0].Length);
            else
                Address(output, fixups, Code[0].Start, Code[0].Length);
        }
        else
        {
            output.Fill(0, addressSize);
            Offset(output, fixups, ranges, version >= 5 ? 12 : 0);
        }
        output.CString(Name);
        output.CString(Directory);
        output.CString(ProducedBy);
        output.U16(MipsAssembler);
        output.PatchU32(start, output.Length - start - 4);
    }

    /// <summary>The section that a unit with code in several sections refers to.</summary>
    public string RangesSection => version >= 5 ? ".debug_rnglists" : ".debug_ranges";

    /// <summary>Appends that section.</summary>
    public void WriteRanges(ByteWriter output, GrowBuffer<DwarfFixup> fixups)
    {
        int start = output.Length;
        if (version < 5)
        {
            output.Fill(0xff, addressSize);
            output.Fill(0, addressSize);
            foreach ((int symbol, long length) in Code)
            {
                Address(output, fixups, symbol);
                Address(output, fixups, symbol, length);
            }
            output.Fill(0, addressSize * 2);
            return;
        }
        output.U32(0);
        output.U16(5);
        output.U8(addressSize);
        output.U8(0);
        output.U32(0);
        foreach ((int symbol, long length) in Code)
        {
            output.U8(RangeStartLength);
            Address(output, fixups, symbol);
            output.Uleb((ulong)length);
        }
        output.U8(RangeEnd);
        output.PatchU32(start, output.Length - start - 4);
    }

    /// <summary>Appends <c>.debug_aranges</c>.</summary>
    public void WriteAddressRanges(ByteWriter output, GrowBuffer<DwarfFixup> fixups, int unit)
    {
        int start = output.Length;
        output.U32(0);
        output.U16(2);
        Offset(output, fixups, unit, 0);
        output.U8(addressSize);
        output.U8(0);
        output.Fill(0, -(output.Length - start) & addressSize * 2 - 1);
        foreach ((int symbol, long length) in Code)
        {
            Address(output, fixups, symbol);
            output.Little((ulong)length, addressSize);
        }
        output.Fill(0, addressSize * 2);
        output.PatchU32(start, output.Length - start - 4);
    }

    private static void Offset(ByteWriter output, GrowBuffer<DwarfFixup> fixups, int symbol, long addend)
    {
        fixups.Add(new DwarfFixup(output.Length, 4, symbol, addend, false));
        output.U32(0);
    }

    private void Address(ByteWriter output, GrowBuffer<DwarfFixup> fixups, int symbol, long addend = 0)
    {
        fixups.Add(new DwarfFixup(output.Length, addressSize, symbol, addend, false));
        output.Fill(0, addressSize);
    }
}
