using System.Buffers.Binary;

namespace Kiln.Base;

/// <summary>A growable run of bytes with little-endian, big-endian and LEB128 writers.</summary>
public sealed class ByteWriter
{
    private byte[] _bytes;
    private int _length;

    /// <summary>Makes an empty writer.</summary>
    public ByteWriter(int capacity = 64) => _bytes = new byte[capacity];

    /// <summary>How many bytes were written.</summary>
    public int Length => _length;

    /// <summary>The bytes written; valid until the next write.</summary>
    public Span<byte> Span => _bytes.AsSpan(0, _length);

    /// <summary>The bytes written, as memory; valid until the next write.</summary>
    public ReadOnlyMemory<byte> Memory => _bytes.AsMemory(0, _length);

    /// <summary>A copy of the bytes written.</summary>
    public byte[] ToArray() => Span.ToArray();

    /// <summary>Forgets what was written and keeps the storage.</summary>
    public void Clear() => _length = 0;

    /// <summary>Cuts the run to <paramref name="length"/> bytes.</summary>
    public void Truncate(int length) => _length = Math.Min(_length, length);

    /// <summary>Appends <paramref name="count"/> bytes of unspecified content and returns them.</summary>
    public Span<byte> Append(int count)
    {
        int start = _length;
        if (start + count > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(start + count, Math.Max(64, _bytes.Length * 2)));
        _length = start + count;
        return _bytes.AsSpan(start, count);
    }

    public void U8(int value) => Append(1)[0] = (byte)value;
    public void U16(int value) => BinaryPrimitives.WriteUInt16LittleEndian(Append(2), (ushort)value);
    public void U32(long value) => BinaryPrimitives.WriteUInt32LittleEndian(Append(4), (uint)value);
    public void U64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Append(8), value);
    public void U128(UInt128 value) => BinaryPrimitives.WriteUInt128LittleEndian(Append(16), value);
    public void U16BigEndian(int value) => BinaryPrimitives.WriteUInt16BigEndian(Append(2), (ushort)value);
    public void U32BigEndian(long value) => BinaryPrimitives.WriteUInt32BigEndian(Append(4), (uint)value);
    public void U64BigEndian(ulong value) => BinaryPrimitives.WriteUInt64BigEndian(Append(8), value);

    /// <summary>Writes the low <paramref name="size"/> (at most 8) bytes of a value, little-endian.</summary>
    public void Little(ulong value, int size)
    {
        Span<byte> to = Append(size);
        for (int i = 0; i < size; i++, value >>= 8)
            to[i] = (byte)value;
    }

    public void Bytes(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Append(bytes.Length));
    public void Fill(byte value, int count) => Append(count).Fill(value);

    /// <summary>Pads with <paramref name="fill"/> to a multiple of <paramref name="alignment"/> (a power of two).</summary>
    public void Align(int alignment, byte fill = 0) => Fill(fill, -_length & alignment - 1);

    /// <summary>Writes a string as UTF-8 with a closing NUL.</summary>
    public void CString(string text)
    {
        Text(text);
        U8(0);
    }

    /// <summary>Writes a string as UTF-8.</summary>
    public void Text(ReadOnlySpan<char> text)
    {
        int count = System.Text.Encoding.UTF8.GetByteCount(text);
        System.Text.Encoding.UTF8.GetBytes(text, Append(count));
    }

    /// <summary>Writes an unsigned LEB128 (DWARF 5, 7.6).</summary>
    public void Uleb(ulong value)
    {
        while (value >= 0x80)
        {
            U8((int)value & 0x7f | 0x80);
            value >>= 7;
        }
        U8((int)value);
    }

    /// <summary>Writes a signed LEB128 (DWARF 5, 7.6).</summary>
    public void Sleb(long value)
    {
        while (value is < -64 or > 63)
        {
            U8((int)value & 0x7f | 0x80);
            value >>= 7;
        }
        U8((int)value & 0x7f);
    }

    public void PatchU8(int at, int value) => _bytes[at] = (byte)value;
    public void PatchU32(int at, long value) => BinaryPrimitives.WriteUInt32LittleEndian(_bytes.AsSpan(at), (uint)value);
    public void PatchU64(int at, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(_bytes.AsSpan(at), value);
}
