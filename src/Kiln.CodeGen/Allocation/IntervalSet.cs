using System.Runtime.CompilerServices;
using Kiln.Base;

namespace Kiln.CodeGen.Allocation;

/// <summary>A stretch of positions, the end not in it, and who owns it.</summary>
public struct Interval
{
    public int From;
    public int To;
    public int Owner;
}

/// <summary>
/// A set of disjoint intervals in order, for many of them: sorted chunks under a sorted directory, so that insertion, removal and search
/// take logarithmic time and small moves. Cleared without giving back its storage.
/// </summary>
public sealed class IntervalSet
{
    private const int ChunkSize = 32;

    private readonly GrowBuffer<Interval> _items = new(ChunkSize);
    private readonly GrowBuffer<int> _freeChunks = new(4);
    private int[] _first = new int[8];
    private int[] _chunk = new int[8];
    private int[] _size = new int[8];
    private int _chunks;

    /// <summary>How many intervals there are.</summary>
    public int Count { get; private set; }

    /// <summary>Removes all.</summary>
    public void Clear()
    {
        _items.Clear();
        _freeChunks.Clear();
        _chunks = 0;
        Count = 0;
    }

    /// <summary>A place in the set: for walking over intervals in order.</summary>
    public struct Cursor
    {
        internal int Chunk;
        internal int Index;
    }

    /// <summary>The first interval that ends after <paramref name="position"/>.</summary>
    public Cursor Find(int position)
    {
        if (_chunks == 0)
            return default;
        int chunk = ChunkOf(position);
        Span<Interval> items = Items(chunk);
        int low = 0, high = items.Length;
        while (low < high)
        {
            int middle = low + high >>> 1;
            if (items[middle].To <= position)
                low = middle + 1;
            else
                high = middle;
        }
        return low < items.Length ? new Cursor { Chunk = chunk, Index = low } : new Cursor { Chunk = chunk + 1 };
    }

    /// <summary>Whether the cursor stands on an interval.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsAt(in Cursor cursor) => cursor.Chunk < _chunks;

    /// <summary>The interval at a cursor.</summary>
    public ref Interval this[in Cursor cursor] => ref _items[_chunk[cursor.Chunk] * ChunkSize + cursor.Index];

    /// <summary>Goes on to the next interval.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Next(ref Cursor cursor)
    {
        if (++cursor.Index >= _size[cursor.Chunk])
        {
            cursor.Chunk++;
            cursor.Index = 0;
        }
    }

    /// <summary>Whether any interval overlaps [from, to).</summary>
    public bool Overlaps(int from, int to)
    {
        if (Count == 0)
            return false;
        Cursor cursor = Find(from);
        return IsAt(in cursor) && this[in cursor].From < to;
    }

    /// <summary>Adds an interval that overlaps no other.</summary>
    public void Add(int from, int to, int owner)
    {
        var interval = new Interval { From = from, To = to, Owner = owner };
        Count++;
        if (_chunks == 0)
        {
            InsertChunk(0, from);
            Storage(0)[0] = interval;
            _size[0] = 1;
            return;
        }
        int chunk = ChunkOf(from);
        if (_size[chunk] == ChunkSize)
        {
            Split(chunk);
            if (_first[chunk + 1] <= from)
                chunk++;
        }
        Span<Interval> items = Storage(chunk);
        int size = _size[chunk]++;
        int at = size;
        while (at > 0 && items[at - 1].From > from)
            at--;
        items[at..size].CopyTo(items[(at + 1)..]);
        items[at] = interval;
        _first[chunk] = items[0].From;
    }

    /// <summary>Removes the interval that starts at a position.</summary>
    public void Remove(int from)
    {
        int chunk = ChunkOf(from);
        Span<Interval> items = Items(chunk);
        for (int i = 0; i < items.Length; i++)
        {
            if (items[i].From != from)
                continue;
            items[(i + 1)..].CopyTo(items[i..]);
            Count--;
            if (--_size[chunk] == 0)
                RemoveChunk(chunk);
            else
                _first[chunk] = items[0].From;
            return;
        }
        throw new InvalidOperationException($"no interval starts at {from}");
    }

    // The last chunk that starts at or before a position, or the first.
    private int ChunkOf(int position)
    {
        int low = 0, high = _chunks - 1;
        while (low < high)
        {
            int middle = low + high + 1 >>> 1;
            if (_first[middle] <= position)
                low = middle;
            else
                high = middle - 1;
        }
        return low;
    }

    private Span<Interval> Items(int chunk) => _items.Span.Slice(_chunk[chunk] * ChunkSize, _size[chunk]);

    private Span<Interval> Storage(int chunk) => _items.Span.Slice(_chunk[chunk] * ChunkSize, ChunkSize);

    private void Split(int chunk)
    {
        InsertChunk(chunk + 1, 0);
        const int Half = ChunkSize / 2;
        Storage(chunk)[Half..].CopyTo(Storage(chunk + 1));
        _size[chunk] = Half;
        _size[chunk + 1] = ChunkSize - Half;
        _first[chunk + 1] = Storage(chunk + 1)[0].From;
    }

    private void InsertChunk(int at, int first)
    {
        if (_chunks == _first.Length)
        {
            Array.Resize(ref _first, _chunks * 2);
            Array.Resize(ref _chunk, _chunks * 2);
            Array.Resize(ref _size, _chunks * 2);
        }
        Array.Copy(_first, at, _first, at + 1, _chunks - at);
        Array.Copy(_chunk, at, _chunk, at + 1, _chunks - at);
        Array.Copy(_size, at, _size, at + 1, _chunks - at);
        _chunks++;
        _first[at] = first;
        _size[at] = 0;
        _chunk[at] = _freeChunks.Count > 0 ? _freeChunks.Pop() : _items.AddDefault(ChunkSize) / ChunkSize;
    }

    private void RemoveChunk(int at)
    {
        _freeChunks.Add(_chunk[at]);
        _chunks--;
        Array.Copy(_first, at + 1, _first, at, _chunks - at);
        Array.Copy(_chunk, at + 1, _chunk, at, _chunks - at);
        Array.Copy(_size, at + 1, _size, at, _chunks - at);
    }
}
