using Kiln.Base;

namespace Kiln.Frontend.Lex;

/// <summary>Code points: UTF-8, universal character names (C17 6.4.3), and which may stand in identifiers (C11 annex D).</summary>
public static class CodePoints
{
    /// <summary>Decodes one code point; -1 and length 1 if the bytes are no UTF-8.</summary>
    public static int Decode(ReadOnlySpan<byte> text, out int length)
    {
        length = 1;
        if (text.IsEmpty)
            return -1;
        if (text[0] < 0x80)
            return text[0];
        if (System.Text.Rune.DecodeFromUtf8(text, out System.Text.Rune rune, out int consumed) != System.Buffers.OperationStatus.Done)
            return -1;
        length = consumed;
        return rune.Value;
    }

    /// <summary>The bytes of the code point at the start; 1 if they are no UTF-8.</summary>
    public static int Utf8Length(ReadOnlySpan<byte> text)
    {
        Decode(text, out int length);
        return length;
    }

    /// <summary>Writes a code point as UTF-8; also those that are no scalar values.</summary>
    public static void Encode(int codePoint, ByteWriter to)
    {
        if (codePoint < 0x80)
        {
            to.U8(codePoint);
        }
        else if (codePoint < 0x800)
        {
            to.U8(0xC0 | codePoint >> 6);
            to.U8(0x80 | codePoint & 0x3F);
        }
        else if (codePoint < 0x10000)
        {
            to.U8(0xE0 | codePoint >> 12);
            to.U8(0x80 | codePoint >> 6 & 0x3F);
            to.U8(0x80 | codePoint & 0x3F);
        }
        else
        {
            to.U8(0xF0 | codePoint >> 18);
            to.U8(0x80 | codePoint >> 12 & 0x3F);
            to.U8(0x80 | codePoint >> 6 & 0x3F);
            to.U8(0x80 | codePoint & 0x3F);
        }
    }

    /// <summary>Reads <c>\uXXXX</c> or <c>\UXXXXXXXX</c>; -1 if digits are missing.</summary>
    public static int UniversalName(ReadOnlySpan<byte> text, out int length)
    {
        int digits = text[1] == 'u' ? 4 : 8;
        length = 2 + digits;
        if (text.Length < length)
            return -1;
        uint value = 0;
        for (int i = 2; i < length; i++)
        {
            int digit = HexDigit(text[i]);
            if (digit < 0)
                return -1;
            value = value << 4 | (uint)digit;
        }
        return value > 0x10FFFF || value is >= 0xD800 and < 0xE000 ? -1 : (int)value;
    }

    /// <summary>The value of a hexadecimal digit, or -1.</summary>
    public static int HexDigit(byte c) => c switch
    {
        >= (byte)'0' and <= (byte)'9' => c - '0',
        >= (byte)'a' and <= (byte)'f' => c - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => c - 'A' + 10,
        _ => -1,
    };

    /// <summary>Whether a code point outside ASCII may stand in an identifier (C11 annex D.1, D.2).</summary>
    public static bool IsIdentifier(int codePoint, bool isFirst)
    {
        if (codePoint < 0xA8 || !In(Allowed, codePoint))
            return false;
        return !isFirst || !In(NotFirst, codePoint);
    }

    private static bool In(ReadOnlySpan<int> ranges, int codePoint)
    {
        for (int i = 0; i < ranges.Length; i += 2)
        {
            if (codePoint < ranges[i])
                return false;
            if (codePoint <= ranges[i + 1])
                return true;
        }
        return false;
    }

    private static ReadOnlySpan<int> Allowed =>
    [
        0xA8, 0xA8, 0xAA, 0xAA, 0xAD, 0xAD, 0xAF, 0xAF, 0xB2, 0xB5, 0xB7, 0xBA, 0xBC, 0xBE, 0xC0, 0xD6, 0xD8, 0xF6, 0xF8, 0xFF,
        0x100, 0x167F, 0x1681, 0x180D, 0x180F, 0x1FFF, 0x200B, 0x200D, 0x202A, 0x202E, 0x203F, 0x2040, 0x2054, 0x2054,
        0x2060, 0x206F, 0x2070, 0x218F, 0x2460, 0x24FF, 0x2776, 0x2793, 0x2C00, 0x2DFF, 0x2E80, 0x2FFF, 0x3004, 0x3007,
        0x3021, 0x302F, 0x3031, 0x303F, 0x3040, 0xD7FF, 0xF900, 0xFD3D, 0xFD40, 0xFDCF, 0xFDF0, 0xFE44, 0xFE47, 0xFFFD,
        0x10000, 0x1FFFD, 0x20000, 0x2FFFD, 0x30000, 0x3FFFD, 0x40000, 0x4FFFD, 0x50000, 0x5FFFD, 0x60000, 0x6FFFD,
        0x70000, 0x7FFFD, 0x80000, 0x8FFFD, 0x90000, 0x9FFFD, 0xA0000, 0xAFFFD, 0xB0000, 0xBFFFD, 0xC0000, 0xCFFFD,
        0xD0000, 0xDFFFD, 0xE0000, 0xEFFFD,
    ];

    /// <summary>Whether C99 (annex D) counts a code point among the digits, which begin no identifier.</summary>
    public static bool IsDigitOfC99(int codePoint) => In(Digits, codePoint);

    private static ReadOnlySpan<int> Digits =>
    [
        0x660, 0x669, 0x6F0, 0x6F9, 0x966, 0x96F, 0x9E6, 0x9EF, 0xA66, 0xA6F, 0xAE6, 0xAEF, 0xB66, 0xB6F, 0xBE7, 0xBEF, 0xC66, 0xC6F,
        0xCE6, 0xCEF, 0xD66, 0xD6F, 0xE50, 0xE59, 0xED0, 0xED9, 0xF20, 0xF33,
    ];

    private static ReadOnlySpan<int> NotFirst => [0x300, 0x36F, 0x1DC0, 0x1DFF, 0x20D0, 0x20FF, 0xFE20, 0xFE2F];
}
