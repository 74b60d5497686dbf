namespace Kiln.Base;

/// <summary>Bytes that do not move: a mapped file or pinned memory. Who made it keeps it alive and frees it.</summary>
public readonly unsafe struct Bytes(byte* pointer, int length)
{
    /// <summary>The first byte.</summary>
    public byte* Pointer => pointer;

    /// <summary>How many bytes there are.</summary>
    public int Length => length;

    /// <summary>The bytes as a span.</summary>
    public ReadOnlySpan<byte> Span => new(pointer, length);

    /// <summary>The byte at <paramref name="index"/>.</summary>
    public byte this[int index] => pointer[index];

    /// <summary>A part of the bytes.</summary>
    public Bytes Slice(int start, int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)start, (uint)length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(length - start));
        return new Bytes(pointer + start, count);
    }
}
