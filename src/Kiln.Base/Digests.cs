using System.Buffers.Binary;
using System.Numerics;

namespace Kiln.Base;

/// <summary>
/// SHA-1 (FIPS 180-4) and MD5 (RFC 1321), for names that are made of contents. Written out here because the class library's
/// load OpenSSL, which costs more than a whole link and may not be there.
/// </summary>
public static class Digests
{
    private const int BlockSize = 64;

    /// <summary>The 20 bytes of SHA-1.</summary>
    public static byte[] Sha1(ReadOnlySpan<byte> data)
    {
        Span<uint> state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
        int whole = data.Length / BlockSize * BlockSize;
        for (int at = 0; at < whole; at += BlockSize)
            Sha1Block(state, data.Slice(at, BlockSize));
        Span<byte> tail = stackalloc byte[2 * BlockSize];
        int length = Pad(data[whole..], tail);
        BinaryPrimitives.WriteUInt64BigEndian(tail[(length - 8)..], (ulong)data.Length * 8);
        for (int at = 0; at < length; at += BlockSize)
            Sha1Block(state, tail.Slice(at, BlockSize));
        byte[] digest = new byte[20];
        for (int i = 0; i < 5; i++)
            BinaryPrimitives.WriteUInt32BigEndian(digest.AsSpan(i * 4), state[i]);
        return digest;
    }

    // The rest of the data, a one bit and zeros up to the place of the length.
    private static int Pad(ReadOnlySpan<byte> rest, Span<byte> tail)
    {
        tail.Clear();
        rest.CopyTo(tail);
        tail[rest.Length] = 0x80;
        return rest.Length + 9 <= BlockSize ? BlockSize : 2 * BlockSize;
    }

    private static void Sha1Block(Span<uint> state, ReadOnlySpan<byte> block)
    {
        Span<uint> w = stackalloc uint[80];
        for (int i = 0; i < 16; i++)
            w[i] = BinaryPrimitives.ReadUInt32BigEndian(block[(i * 4)..]);
        for (int i = 16; i < 80; i++)
            w[i] = BitOperations.RotateLeft(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
        uint a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
        for (int i = 0; i < 20; i++)
        {
            uint next = BitOperations.RotateLeft(a, 5) + (d ^ b & (c ^ d)) + e + 0x5a827999 + w[i];
            (e, d, c, b, a) = (d, c, BitOperations.RotateLeft(b, 30), a, next);
        }
        for (int i = 20; i < 40; i++)
        {
            uint next = BitOperations.RotateLeft(a, 5) + (b ^ c ^ d) + e + 0x6ed9eba1 + w[i];
            (e, d, c, b, a) = (d, c, BitOperations.RotateLeft(b, 30), a, next);
        }
        for (int i = 40; i < 60; i++)
        {
            uint next = BitOperations.RotateLeft(a, 5) + (b & c | d & (b | c)) + e + 0x8f1bbcdc + w[i];
            (e, d, c, b, a) = (d, c, BitOperations.RotateLeft(b, 30), a, next);
        }
        for (int i = 60; i < 80; i++)
        {
            uint next = BitOperations.RotateLeft(a, 5) + (b ^ c ^ d) + e + 0xca62c1d6 + w[i];
            (e, d, c, b, a) = (d, c, BitOperations.RotateLeft(b, 30), a, next);
        }
        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
        state[4] += e;
    }

    /// <summary>The 16 bytes of MD5.</summary>
    public static byte[] Md5(ReadOnlySpan<byte> data)
    {
        Span<uint> state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
        int whole = data.Length / BlockSize * BlockSize;
        for (int at = 0; at < whole; at += BlockSize)
            Md5Block(state, data.Slice(at, BlockSize));
        Span<byte> tail = stackalloc byte[2 * BlockSize];
        int length = Pad(data[whole..], tail);
        BinaryPrimitives.WriteUInt64LittleEndian(tail[(length - 8)..], (ulong)data.Length * 8);
        for (int at = 0; at < length; at += BlockSize)
            Md5Block(state, tail.Slice(at, BlockSize));
        byte[] digest = new byte[16];
        for (int i = 0; i < 4; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(digest.AsSpan(i * 4), state[i]);
        return digest;
    }

    // floor(2^32 * abs(sin(i + 1)))
    private static ReadOnlySpan<uint> Sines =>
    [
        0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501, 0x698098d8, 0x8b44f7af, 0xffff5bb1,
        0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821, 0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453,
        0xd8a1e681, 0xe7d3fbc8, 0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a, 0xfffa3942,
        0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70, 0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05,
        0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665, 0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d,
        0x85845dd1, 0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
    ];

    private static ReadOnlySpan<byte> Shifts => [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21];

    private static void Md5Block(Span<uint> state, ReadOnlySpan<byte> block)
    {
        uint a = state[0], b = state[1], c = state[2], d = state[3];
        for (int i = 0; i < 64; i++)
        {
            (uint f, int word) = (i >> 4) switch
            {
                0 => (b & c | ~b & d, i),
                1 => (d & b | ~d & c, 5 * i + 1 & 15),
                2 => (b ^ c ^ d, 3 * i + 5 & 15),
                _ => (c ^ (b | ~d), 7 * i & 15),
            };
            uint sum = a + f + Sines[i] + BinaryPrimitives.ReadUInt32LittleEndian(block[(word * 4)..]);
            (a, d, c, b) = (d, c, b, b + BitOperations.RotateLeft(sum, Shifts[(i >> 4) * 4 + (i & 3)]));
        }
        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
    }
}
