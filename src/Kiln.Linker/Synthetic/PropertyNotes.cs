using System.Buffers.Binary;
using Kiln.Base;
using Kiln.Linker.Inputs;
using Kiln.Linker.Sections;
using Kiln.Object.Elf;

namespace Kiln.Linker.Synthetic;

/// <summary>
/// Merges .note.gnu.property of the objects (Linux Extensions to gABI): features that all must have are anded, those that any may need
/// are ored, those that are both used and known to all are ored where all have them.
/// </summary>
internal static class PropertyNotes
{
    private enum Merge : byte
    {
        And,
        Or,
        OrAnd,
        Max,
        Other,
    }

    private static Merge KindOf(uint type) => type switch
    {
        NoteType.PropertyStackSize => Merge.Max,
        NoteType.PropertyNoCopyOnProtected => Merge.Or,
        >= 0xb0000000 and <= 0xb0007fff => Merge.And,
        >= 0xb0008000 and <= 0xb000ffff => Merge.Or,
        >= 0xc0000002 and <= 0xc0007fff => Merge.And,
        >= 0xc0008000 and <= 0xc000ffff => Merge.Or,
        >= 0xc0010000 and <= 0xc0017fff => Merge.OrAnd,
        _ => Merge.Other,
    };

    /// <summary>Builds the output's note, if there is anything to say.</summary>
    public static void Run(LinkJob job)
    {
        byte[] description = Merged(job);
        if (description.Length > 0)
            job.Synthetic.Property.Set(NoteType.GnuProperty, description, 8);
    }

    /// <summary>The description of the note that holds of all objects together. Their own notes are dropped sections.</summary>
    public static byte[] Merged(LinkJob job)
    {
        SortedDictionary<uint, ulong>? merged = null;
        foreach (ObjectFile file in job.Objects)
        {
            SortedDictionary<uint, ulong> own = Read(job, file);
            merged = merged is null ? own : Combine(merged, own);
        }
        merged ??= [];
        LinkOptions options = job.Options;
        if (options.ForcedX86Features != 0)
            merged[NoteType.PropertyX86Feature1And] = merged.GetValueOrDefault(NoteType.PropertyX86Feature1And) | options.ForcedX86Features;
        if (options.X86IsaNeeded != 0)
            merged[NoteType.PropertyX86Isa1Needed] = merged.GetValueOrDefault(NoteType.PropertyX86Isa1Needed) | options.X86IsaNeeded;
        // Entries of the PLT do not begin as indirect branch tracking demands.
        if (!job.IsRelocatable && merged.TryGetValue(NoteType.PropertyX86Feature1And, out ulong features) && job.Synthetic.Plt.Count + (int)job.Synthetic.PltGot.Size > 0)
            merged[NoteType.PropertyX86Feature1And] = features & ~(ulong)NoteType.X86FeatureIbt;
        var description = new ByteWriter();
        foreach ((uint type, ulong value) in merged)
        {
            Merge kind = KindOf(type);
            // that nothing is used is worth saying; that nothing is had or needed is not
            if (kind == Merge.Other || value == 0 && kind == Merge.And || value == 0 && kind == Merge.Or && type != NoteType.PropertyNoCopyOnProtected)
                continue;
            description.U32(type);
            int size = kind == Merge.Max ? 8 : type == NoteType.PropertyNoCopyOnProtected ? 0 : 4;
            description.U32(size);
            description.Little(value, size);
            description.Align(8);
        }
        return description.ToArray();
    }

    private static SortedDictionary<uint, ulong> Combine(SortedDictionary<uint, ulong> a, SortedDictionary<uint, ulong> b)
    {
        var result = new SortedDictionary<uint, ulong>();
        foreach ((uint type, ulong value) in a)
        {
            bool inBoth = b.TryGetValue(type, out ulong other);
            switch (KindOf(type))
            {
                case Merge.And when inBoth:
                    result[type] = value & other;
                    break;
                case Merge.OrAnd when inBoth:
                case Merge.Or:
                    result[type] = value | other;
                    break;
                case Merge.Max:
                    result[type] = Math.Max(value, other);
                    break;
            }
        }
        foreach ((uint type, ulong value) in b)
            if (KindOf(type) is Merge.Or or Merge.Max)
                result.TryAdd(type, value);
        return result;
    }

    private static SortedDictionary<uint, ulong> Read(LinkJob job, ObjectFile file)
    {
        var result = new SortedDictionary<uint, ulong>();
        for (int id = file.FirstSection + 1; id < file.FirstSection + file.SectionCount; id++)
        {
            ref InputSection section = ref job.Sections[id];
            if (section.Type == SectionType.Note && section.Fate == SectionFate.Dropped && section.Name.Span.SequenceEqual(".note.gnu.property"u8))
                ReadNotes(section.Data.Span, result);
        }
        return result;
    }

    private static void ReadNotes(ReadOnlySpan<byte> data, SortedDictionary<uint, ulong> result)
    {
        while (data.Length >= 16)
        {
            uint nameSize = BinaryPrimitives.ReadUInt32LittleEndian(data);
            uint size = BinaryPrimitives.ReadUInt32LittleEndian(data[4..]);
            uint type = BinaryPrimitives.ReadUInt32LittleEndian(data[8..]);
            if (nameSize != 4 || size > (uint)data.Length - 16)
                return;
            if (type == NoteType.GnuProperty)
                ReadProperties(data.Slice(16, (int)size), result);
            data = data[Math.Min(16 + ((int)size + 7 & ~7), data.Length)..];
        }
    }

    private static void ReadProperties(ReadOnlySpan<byte> data, SortedDictionary<uint, ulong> result)
    {
        while (data.Length >= 8)
        {
            uint type = BinaryPrimitives.ReadUInt32LittleEndian(data);
            uint size = BinaryPrimitives.ReadUInt32LittleEndian(data[4..]);
            if (size > (uint)data.Length - 8)
                return;
            ReadOnlySpan<byte> value = data.Slice(8, (int)size);
            result[type] = size == 4 ? BinaryPrimitives.ReadUInt32LittleEndian(value) : size == 8 ? BinaryPrimitives.ReadUInt64LittleEndian(value) : 0;
            data = data[Math.Min(8 + ((int)size + 7 & ~7), data.Length)..];
        }
    }
}
