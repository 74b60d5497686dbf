using Kiln.Base;
using Kiln.Linker.Sections;
using Kiln.Object.Elf;

namespace Kiln.Linker.Synthetic;

/// <summary>
/// The union of mergeable sections of one output section with the same entry size, flags and alignment: every distinct string or
/// constant once, in the order of first appearance.
/// A piece of an input runs to the next piece; what a string is padded with counts to it and stands for its closing NUL.
/// </summary>
internal sealed class MergedChunk(uint entrySize, bool isStrings, ulong alignment) : Chunk
{
    private struct Entry
    {
        public Bytes Data;
        public ulong Offset;
        public uint Hash;
        public int Next;
        public byte AlignmentLog;
    }

    private sealed class Input
    {
        public int Section;
        public int[] Starts = [];
        public int[] Entries = [];
    }

    private readonly GrowBuffer<Entry> _entries = new(64);
    private readonly List<Input> _inputs = [];
    private int[] _buckets = new int[128];

    public uint EntrySize => entrySize;
    public bool IsStrings => isStrings;
    public ulong InputAlignment => alignment;

    /// <summary>Takes a section in and gives it its number in this chunk.</summary>
    public int Add(LinkJob job, int sectionId)
    {
        ReadOnlySpan<byte> data = job.Sections[sectionId].Data.Span;
        Bytes bytes = job.Sections[sectionId].Data;
        var input = new Input { Section = sectionId };
        if (isStrings)
            SplitStrings(input, bytes, data);
        else
        {
            int size = (int)entrySize;
            input.Entries = new int[data.Length / size];
            for (int i = 0; i < input.Entries.Length; i++)
                input.Entries[i] = Intern(bytes.Slice(i * size, size), AlignmentAt(i * size));
        }
        _inputs.Add(input);
        return _inputs.Count - 1;
    }

    // What an offset of the section promises of the alignment of the piece there.
    private byte AlignmentAt(int offset)
    {
        ulong promised = offset == 0 ? alignment : Math.Min(alignment, (ulong)(offset & -offset));
        return (byte)System.Numerics.BitOperations.Log2(promised);
    }

    private void SplitStrings(Input input, Bytes bytes, ReadOnlySpan<byte> data)
    {
        var starts = new GrowBuffer<int>(data.Length / 16 + 4);
        var entries = new GrowBuffer<int>(data.Length / 16 + 4);
        int unit = (int)entrySize;
        for (int at = 0; at < data.Length;)
        {
            int end = EndOfString(data, at, unit);
            starts.Add(at);
            entries.Add(Intern(bytes.Slice(at, end - at), AlignmentAt(at)));
            at = end;
            // Padding up to the alignment is no string of its own.
            while (at < data.Length && (ulong)at % alignment != 0 && IsZero(data, at, unit))
                at += unit;
        }
        input.Starts = starts.Span.ToArray();
        input.Entries = entries.Span.ToArray();
    }

    private static bool IsZero(ReadOnlySpan<byte> data, int at, int unit) => data.Length - at >= unit && !data.Slice(at, unit).ContainsAnyExcept((byte)0);

    private static int EndOfString(ReadOnlySpan<byte> data, int at, int unit)
    {
        if (unit == 1)
        {
            int end = data[at..].IndexOf((byte)0);
            return end < 0 ? data.Length : at + end + 1;
        }
        while (at + unit <= data.Length)
        {
            bool isEnd = IsZero(data, at, unit);
            at += unit;
            if (isEnd)
                return at;
        }
        return data.Length;
    }

    private int Intern(Bytes data, byte alignmentLog)
    {
        ReadOnlySpan<byte> span = data.Span;
        uint hash = Hash(span);
        for (int i = _buckets[hash & (uint)(_buckets.Length - 1)]; i != 0; i = _entries[i - 1].Next)
        {
            ref Entry entry = ref _entries[i - 1];
            if (entry.Hash != hash || !entry.Data.Span.SequenceEqual(span))
                continue;
            entry.AlignmentLog = Math.Max(entry.AlignmentLog, alignmentLog);
            return i - 1;
        }
        if (_entries.Count >= _buckets.Length)
            Rehash();
        ref int bucket = ref _buckets[hash & (uint)(_buckets.Length - 1)];
        int id = _entries.Add(new Entry { Data = data, Hash = hash, Next = bucket, AlignmentLog = alignmentLog });
        bucket = id + 1;
        return id;
    }

    private void Rehash()
    {
        _buckets = new int[_buckets.Length * 2];
        for (int i = 0; i < _entries.Count; i++)
        {
            ref Entry entry = ref _entries[i];
            ref int bucket = ref _buckets[entry.Hash & (uint)(_buckets.Length - 1)];
            entry.Next = bucket;
            bucket = i + 1;
        }
    }

    // Eight bytes at a time, multiplied and folded.
    private static uint Hash(ReadOnlySpan<byte> data)
    {
        ulong hash = 0x9e3779b97f4a7c15 ^ (ulong)data.Length;
        while (data.Length >= 8)
        {
            hash = (hash ^ System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(data)) * 0xff51afd7ed558ccd;
            hash ^= hash >> 32;
            data = data[8..];
        }
        foreach (byte b in data)
            hash = (hash ^ b) * 0x100000001b3;
        return (uint)(hash ^ hash >> 29);
    }

    /// <summary>Gives every piece its place.</summary>
    public void Place()
    {
        Alignment = alignment;
        ulong at = 0;
        for (int i = 0; i < _entries.Count; i++)
        {
            ref Entry entry = ref _entries[i];
            ulong mask = (1UL << entry.AlignmentLog) - 1;
            at = at + mask & ~mask;
            entry.Offset = at;
            at += (ulong)entry.Data.Length;
        }
        Size = at;
    }

    /// <summary>Where an offset of a section taken in is in the chunk.</summary>
    public ulong Map(int number, ulong offset)
    {
        Input input = _inputs[number];
        int[] entries = input.Entries;
        if (entries.Length == 0)
            return 0;
        int piece;
        ulong delta;
        if (isStrings)
        {
            piece = Array.BinarySearch(input.Starts, (int)Math.Min(offset, int.MaxValue));
            if (piece < 0)
                piece = Math.Max(~piece - 1, 0);
            delta = offset - (ulong)input.Starts[piece];
            int length = _entries[entries[piece]].Data.Length;
            // Padding behind a string stands for its NUL, a place past the section's end stays past it.
            if (delta >= (ulong)length && piece + 1 < entries.Length)
                delta = (ulong)(length - 1);
        }
        else
        {
            piece = (int)Math.Min(offset / entrySize, (ulong)(entries.Length - 1));
            delta = offset - (ulong)piece * entrySize;
        }
        return _entries[entries[piece]].Offset + delta;
    }

    /// <inheritdoc/>
    public override void Write(LinkJob job, Span<byte> to)
    {
        for (int i = 0; i < _entries.Count; i++)
        {
            ref Entry entry = ref _entries[i];
            entry.Data.Span.CopyTo(to[(int)entry.Offset..]);
        }
    }
}
