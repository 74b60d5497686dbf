namespace Kiln.Object.Dwarf;

/// <summary>A field of a table that a symbol's value goes into. Symbols are opaque handles of whoever made the table.</summary>
/// <param name="Offset">Where the field is in the table's bytes.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="IsPcRelative">Whether the field's own address is taken off.</param>
public record struct DwarfFixup(int Offset, int Size, int Symbol, long Addend, bool IsPcRelative);

/// <summary>How a pointer in an exception table is encoded (DW_EH_PE_*, LSB Core 10.5.1).</summary>
public static class PointerEncoding
{
    public const int Absolute = 0, Uleb128 = 1, UData2 = 2, UData4 = 3, UData8 = 4, Sleb128 = 9, SData2 = 10, SData4 = 11, SData8 = 12,
        PcRelative = 0x10, TextRelative = 0x20, DataRelative = 0x30, FunctionRelative = 0x40, Aligned = 0x50, Indirect = 0x80, Omit = 0xff;

    /// <summary>Size in bytes of a pointer so encoded, or 0 where it has no fixed size.</summary>
    public static int Size(int encoding, int addressSize) => encoding == Omit ? 0 : (encoding & 7) switch
    {
        0 => addressSize,
        2 => 2,
        3 => 4,
        4 => 8,
        _ => 0,
    };
}
