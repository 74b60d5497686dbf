using System.Runtime.CompilerServices;

namespace Kiln.Base;

/// <summary>
/// A growable array whose elements are reached by reference. Element references are valid until the next
/// <see cref="Add"/>. <see cref="Clear"/> keeps the storage, so that a pooled buffer costs nothing to use again.
/// </summary>
public sealed class GrowBuffer<T>
{
    private T[] _items;
    private int _count;

    /// <summary>Makes an empty buffer.</summary>
    public GrowBuffer(int capacity = 16) => _items = new T[capacity];

    /// <summary>How many elements there are.</summary>
    public int Count => _count;

    /// <summary>The element at <paramref name="index"/>.</summary>
    public ref T this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref _items[index];
    }

    /// <summary>The elements; valid until the next Add.</summary>
    public Span<T> Span => _items.AsSpan(0, _count);

    /// <summary>The last element.</summary>
    public ref T Last => ref _items[_count - 1];

    /// <summary>Appends an element and returns its index.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Add(T item)
    {
        if (_count == _items.Length)
            Grow(_count + 1);
        _items[_count] = item;
        return _count++;
    }

    /// <summary>Appends <paramref name="count"/> default elements and returns the index of the first.</summary>
    public int AddDefault(int count)
    {
        int first = _count;
        if (first + count > _items.Length)
            Grow(first + count);
        _items.AsSpan(first, count).Clear();
        _count = first + count;
        return first;
    }

    /// <summary>Appends all of <paramref name="items"/> and returns the index of the first.</summary>
    public int AddRange(ReadOnlySpan<T> items)
    {
        int first = _count;
        if (first + items.Length > _items.Length)
            Grow(first + items.Length);
        items.CopyTo(_items.AsSpan(first));
        _count = first + items.Length;
        return first;
    }

    /// <summary>Removes and returns the last element.</summary>
    public T Pop() => _items[--_count];

    /// <summary>Cuts the buffer to its first <paramref name="count"/> elements.</summary>
    public void Truncate(int count)
    {
        if (RuntimeHelpers.IsReferenceOrContainsReferences<T>())
            _items.AsSpan(count, _count - count).Clear();
        _count = count;
    }

    /// <summary>Makes the count <paramref name="count"/>; new elements are default.</summary>
    public void Resize(int count)
    {
        if (count > _count)
            AddDefault(count - _count);
        else
            Truncate(count);
    }

    /// <summary>Removes all elements and keeps the storage.</summary>
    public void Clear() => Truncate(0);

    private void Grow(int needed) => Array.Resize(ref _items, Math.Max(needed, Math.Max(16, _items.Length * 2)));
}
