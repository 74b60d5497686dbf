using System.Buffers.Binary;
using Kiln.Linker.Sections;

namespace Kiln.Linker.Synthetic;

/// <summary>
/// .eh_frame_hdr (LSB 5, 10.6.2): a table of functions' addresses and their FDEs, sorted, by which the unwinder finds an FDE fast.
/// Written after .eh_frame, whose bytes it reads. Without a table where an object's call frame information was not understood.
/// </summary>
internal sealed class EhFrameHeaderChunk(EhFrameChunk frames) : Chunk
{
    private const byte PcRelativeSigned4 = 0x1b, Unsigned4 = 0x03, DataRelativeSigned4 = 0x3b, Omitted = 0xff;

    /// <summary>Fixes the size.</summary>
    public void Place()
    {
        Alignment = 4;
        Size = frames.IsBroken ? 8UL : 12 + (ulong)frames.Fdes.Count * 8;
    }

    /// <inheritdoc/>
    public override void Write(LinkJob job, Span<byte> to)
    {
        // Filled by WriteTable when .eh_frame is there.
    }

    /// <summary>Writes the header and the table.</summary>
    public void WriteTable(LinkJob job, Span<byte> to, ReadOnlySpan<byte> frameBytes)
    {
        to[0] = 1;
        to[1] = PcRelativeSigned4;
        to[2] = frames.IsBroken ? Omitted : Unsigned4;
        to[3] = frames.IsBroken ? Omitted : DataRelativeSigned4;
        BinaryPrimitives.WriteInt32LittleEndian(to[4..], (int)(frames.Address - (Address + 4)));
        if (frames.IsBroken)
            return;
        var table = new (long Pc, ulong Fde)[frames.Fdes.Count];
        for (int i = 0; i < table.Length; i++)
        {
            (int input, int record) = frames.Fdes[i];
            int at = frames.InputOf(input).Records[record].Output;
            table[i] = (InitialLocation(job, input, record, frameBytes, at), frames.Address + (ulong)at);
        }
        Array.Sort(table);
        BinaryPrimitives.WriteInt32LittleEndian(to[8..], table.Length);
        for (int i = 0; i < table.Length; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(to[(12 + i * 8)..], (int)(table[i].Pc - (long)Address));
            BinaryPrimitives.WriteInt32LittleEndian(to[(16 + i * 8)..], (int)(table[i].Fde - Address));
        }
    }

    // The function's address as the FDE's relocated field gives it, by the encoding in its CIE.
    private long InitialLocation(LinkJob job, int input, int record, ReadOnlySpan<byte> bytes, int at)
    {
        EhFrameInput section = frames.InputOf(input);
        ref FrameRecord cie = ref section.Records[section.Records[record].Cie];
        int encoding = PointerEncoding(job.Sections[section.Section].Data.Span.Slice(cie.Offset, cie.Size));
        ReadOnlySpan<byte> field = bytes[(at + 8)..];
        long value = (encoding & 15) switch
        {
            0 or 4 or 12 when field.Length >= 8 => BinaryPrimitives.ReadInt64LittleEndian(field),
            2 => BinaryPrimitives.ReadUInt16LittleEndian(field),
            10 => BinaryPrimitives.ReadInt16LittleEndian(field),
            3 when field.Length >= 4 => BinaryPrimitives.ReadUInt32LittleEndian(field),
            _ => field.Length >= 4 ? BinaryPrimitives.ReadInt32LittleEndian(field) : 0,
        };
        return (encoding & 0x70) == 0x10 ? value + (long)frames.Address + at + 8 : value;
    }

    /// <summary>The encoding of addresses that a CIE's augmentation 'R' gives; absolute where it has none.</summary>
    private static int PointerEncoding(ReadOnlySpan<byte> cie)
    {
        if (cie.Length < 10)
            return 0;
        ReadOnlySpan<byte> augmentation = cie[9..];
        int end = augmentation.IndexOf((byte)0);
        if (end < 0)
            return 0;
        augmentation = augmentation[..end];
        int at = 9 + end + 1;
        if (augmentation is not [(byte)'z', ..])
            return 0;
        // Code and data alignment, return register, length of the augmentation data.
        at += LebLength(cie, at);
        at += LebLength(cie, at);
        at += cie[8] == 1 ? 1 : LebLength(cie, at);
        at += LebLength(cie, at);
        foreach (byte letter in augmentation[1..])
        {
            if (at >= cie.Length)
                return 0;
            switch (letter)
            {
                case (byte)'R':
                    return cie[at];
                case (byte)'L':
                    at++;
                    break;
                case (byte)'P':
                    at += 1 + ((cie[at] & 15) switch { 0 or 4 or 12 => 8, 2 or 10 => 2, _ => 4 });
                    break;
                case (byte)'S' or (byte)'B' or (byte)'G':
                    break;
                default:
                    return 0;
            }
        }
        return 0;
    }

    private static int LebLength(ReadOnlySpan<byte> bytes, int at)
    {
        int length = 1;
        while (at < bytes.Length && (bytes[at++] & 0x80) != 0)
            length++;
        return length;
    }
}
