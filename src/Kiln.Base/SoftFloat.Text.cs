using System.Globalization;
using System.Numerics;
using System.Text;

namespace Kiln.Base;

// Reading C's floating constants, and a text form that says every pattern exactly.
public static partial class SoftFloat
{
    /// <summary>
    /// Reads a floating constant (C23 6.4.4.3) without its suffix: decimal, or hexadecimal with or without the binary exponent;
    /// digit separators are passed over. A leading sign, <c>inf</c> and <c>nan</c> or <c>nan:0xPATTERN</c> (the form of
    /// <see cref="Format"/>) are taken too. Correctly rounded; too large gives infinity.
    /// </summary>
    /// <returns>The pattern, or null if the text is no number.</returns>
    public static UInt128? Parse(FloatFormat format, ReadOnlySpan<byte> text)
    {
        bool negative = false;
        if (text.Length > 0 && text[0] is (byte)'-' or (byte)'+')
        {
            negative = text[0] == '-';
            text = text[1..];
        }
        if (text.SequenceEqual("inf"u8))
            return Infinity(format, negative);
        if (text.SequenceEqual("nan"u8))
            return NaN(format, negative);
        if (text.StartsWith("nan:0x"u8))
        {
            return UInt128.TryParse(text[6..], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out UInt128 pattern)
                ? pattern | (negative ? SignBit(format) : 0)
                : null;
        }
        return text.Length > 2 && text[0] == '0' && (text[1] | 0x20) == 'x'
            ? ParseHexadecimal(format, negative, text[2..])
            : ParseDecimal(format, negative, text);
    }

    private static UInt128? ParseHexadecimal(FloatFormat format, bool negative, ReadOnlySpan<byte> text)
    {
        BigInteger magnitude = 0;
        long exponent = 0;
        bool anyDigit = false, afterPoint = false;
        int i = 0;
        for (; i < text.Length; i++)
        {
            byte c = text[i];
            if (c == '.' && !afterPoint)
            {
                afterPoint = true;
            }
            else if (char.IsAsciiHexDigit((char)c))
            {
                anyDigit = true;
                magnitude = magnitude << 4 | System.Convert.ToInt32(((char)c).ToString(), 16);
                exponent -= afterPoint ? 4 : 0;
            }
            else if (c != '\'')
            {
                break;
            }
        }
        if (!anyDigit || !ParseExponent(text[i..], (byte)'p', ref exponent))
            return null;
        return Round(format, negative, magnitude, exponent);
    }

    private static UInt128? ParseDecimal(FloatFormat format, bool negative, ReadOnlySpan<byte> text)
    {
        var digits = new StringBuilder(text.Length);
        long exponent = 0;
        bool anyDigit = false, afterPoint = false;
        int i = 0;
        for (; i < text.Length; i++)
        {
            byte c = text[i];
            if (c == '.' && !afterPoint)
            {
                afterPoint = true;
            }
            else if (char.IsAsciiDigit((char)c))
            {
                anyDigit = true;
                if (c != '0' || digits.Length > 0)
                    digits.Append((char)c);
                exponent -= afterPoint ? 1 : 0;
            }
            else if (c != '\'')
            {
                break;
            }
        }
        if (!anyDigit || !ParseExponent(text[i..], (byte)'e', ref exponent))
            return null;
        if (digits.Length == 0)
            return Zero(format, negative);
        // Powers of ten past every format's range, by far.
        if (exponent + digits.Length > 5000)
            return Infinity(format, negative);
        if (exponent + digits.Length < -5100)
            return Zero(format, negative);
        if (format == FloatFormat.Double && digits.Length <= 15 && exponent is >= -22 and <= 22)
        {
            // Both the digits and the power of ten are exact doubles: one rounding.
            double value = long.Parse(digits.ToString(), CultureInfo.InvariantCulture);
            double power = Math.Round(Math.Pow(10, Math.Abs(exponent)));
            value = exponent < 0 ? value / power : value * power;
            return OfDouble(negative ? -value : value);
        }
        BigInteger magnitude = BigInteger.Parse(digits.ToString(), CultureInfo.InvariantCulture);
        return exponent >= 0
            ? Round(format, negative, magnitude * BigInteger.Pow(10, (int)exponent), 0)
            : RoundRatio(format, negative, magnitude, BigInteger.Pow(10, (int)-exponent), 0);
    }

    private static bool ParseExponent(ReadOnlySpan<byte> text, byte letter, ref long exponent)
    {
        if (text.IsEmpty)
            return true;
        if ((text[0] | 0x20) != letter)
            return false;
        text = text[1..];
        bool negative = false;
        if (!text.IsEmpty && text[0] is (byte)'-' or (byte)'+')
        {
            negative = text[0] == '-';
            text = text[1..];
        }
        if (text.IsEmpty)
            return false;
        long value = 0;
        foreach (byte c in text)
        {
            if (c == '\'')
                continue;
            if (!char.IsAsciiDigit((char)c))
                return false;
            value = Math.Min(value * 10 + (c - '0'), int.MaxValue);
        }
        exponent += negative ? -value : value;
        return true;
    }

    /// <summary>
    /// The exact text form: <c>-0x1.8p+3</c>, <c>0x0p+0</c>, <c>inf</c>, <c>nan:0xPATTERN</c>. Numbers are normalized, subnormal ones
    /// too; <see cref="Parse"/> reads it back to the same pattern.
    /// </summary>
    public static string Format(FloatFormat format, UInt128 bits)
    {
        string sign = IsNegative(format, bits) ? "-" : "";
        if (IsNaN(format, bits))
            return $"{sign}nan:0x{Abs(format, bits):x}";
        if (IsInfinity(format, bits))
            return sign + "inf";
        Unpack(format, bits, out _, out int exponent, out UInt128 significand);
        if (significand == 0)
            return sign + "0x0p+0";
        int leading = 127 - (int)UInt128.LeadingZeroCount(significand);
        exponent += leading;
        // The fraction's bits below the leading one, as hexadecimal digits from the left.
        UInt128 fraction = leading == 0 ? 0 : significand << 128 - leading;
        string digits = fraction == 0 ? "" : "." + fraction.ToString("x32", CultureInfo.InvariantCulture).TrimEnd('0');
        return $"{sign}0x1{digits}p{(exponent < 0 ? "-" : "+")}{Math.Abs(exponent)}";
    }
}
