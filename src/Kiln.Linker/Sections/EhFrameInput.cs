using System.Buffers.Binary;
using Kiln.Object.Elf;

namespace Kiln.Linker.Sections;

/// <summary>A record of call frame information: a CIE, an FDE, or the zero word that ends a section.</summary>
internal struct FrameRecord
{
    public int Offset;
    public int Size;

    /// <summary>For an FDE, the index of its CIE among the records of the section; -1 for a CIE; -2 for the end.</summary>
    public int Cie;

    /// <summary>Its relocations: the first in the section's list, and how many.</summary>
    public int FirstRelocation, RelocationCount;

    /// <summary>Where it stands in the output; -1 when it is left out.</summary>
    public int Output;

    /// <summary>Whether it is part of the output.</summary>
    public bool IsLive;

    public readonly bool IsCie => Cie == -1;
    public readonly bool IsEnd => Cie == -2;
}

/// <summary>One .eh_frame section of an object, taken apart into its records (DWARF 5, 6.4.1, as the LSB changes it).</summary>
internal sealed class EhFrameInput(int section, FrameRecord[] records)
{
    public int Section => section;

    public FrameRecord[] Records => records;

    /// <summary>Takes a section apart; null where its records do not fill it or its relocations are out of order.</summary>
    public static EhFrameInput? Parse(int section, ReadOnlySpan<byte> data, ReadOnlySpan<ElfRelocation> relocations)
    {
        var records = new List<FrameRecord>();
        int relocation = 0;
        for (int at = 0; at < data.Length;)
        {
            if (data.Length - at < 4)
                return null;
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(data[at..]);
            var record = new FrameRecord { Offset = at, Output = -1, FirstRelocation = relocation };
            if (length == 0)
            {
                record.Size = 4;
                record.Cie = -2;
            }
            else
            {
                // The form with 64-bit lengths is not used for .eh_frame.
                if (length < 4 || length > (uint)(data.Length - at - 4))
                    return null;
                record.Size = (int)length + 4;
                int back = BinaryPrimitives.ReadInt32LittleEndian(data[(at + 4)..]);
                record.Cie = back == 0 ? -1 : FindCie(records, at + 4 - back);
                if (record.Cie == int.MinValue)
                    return null;
            }
            while (relocation < relocations.Length && relocations[relocation].Offset < (ulong)(at + record.Size))
            {
                if (relocations[relocation].Offset < (ulong)at)
                    return null;
                relocation++;
            }
            record.RelocationCount = relocation - record.FirstRelocation;
            records.Add(record);
            at += record.Size;
        }
        return relocation == relocations.Length ? new EhFrameInput(section, [.. records]) : null;
    }

    private static int FindCie(List<FrameRecord> records, int offset)
    {
        for (int i = records.Count - 1; i >= 0; i--)
            if (records[i].Offset == offset)
                return records[i].IsCie ? i : int.MinValue;
        return int.MinValue;
    }

    /// <summary>The record that holds an offset, or -1.</summary>
    public int RecordAt(ulong offset)
    {
        int low = 0, high = records.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            if (offset < (ulong)records[middle].Offset)
                high = middle - 1;
            else if (offset >= (ulong)(records[middle].Offset + records[middle].Size))
                low = middle + 1;
            else
                return middle;
        }
        return -1;
    }

    /// <summary>Whether the record at an offset is in the output.</summary>
    public bool IsLive(ulong offset)
    {
        int record = RecordAt(offset);
        return record >= 0 && records[record].IsLive;
    }
}
