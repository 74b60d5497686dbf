using System.Numerics;

namespace Kiln.Base;

/// <summary>How two floating-point numbers compare.</summary>
public enum FloatOrder : byte
{
    Less,
    Equal,
    Greater,
    Unordered,
}

/// <summary>
/// Arithmetic on binary floating-point numbers of every format the C language meets, by bit pattern, correctly rounded to nearest,
/// ties to even (IEEE 754-2019). What comes in and goes out is the pattern in the low bits of a <see cref="UInt128"/>: 16, 16, 32, 64,
/// 80 or 128 bits. Single and Double go through the machine's own arithmetic, whose results IEEE 754 fixes; all else is exact
/// arithmetic on big integers, rounded once. NaNs follow x86: a NaN operand comes back quieted, the first one of two; an invalid
/// operation gives the negative quiet NaN without payload. Exceptions are not recorded; rounding modes other than to nearest
/// are left out on purpose: the compiler does not fold under them.
/// x87 patterns that are no numbers of the format (integer bit missing at a nonzero exponent) are taken as NaNs.
/// </summary>
public static partial class SoftFloat
{
    private static ReadOnlySpan<byte> PrecisionColumn => [11, 8, 24, 53, 64, 113];

    private static ReadOnlySpan<byte> ExponentBitsColumn => [5, 8, 8, 11, 15, 15];

    private static ReadOnlySpan<byte> WidthColumn => [16, 16, 32, 64, 80, 128];

    /// <summary>Bits of the significand with the leading one.</summary>
    public static int Precision(FloatFormat format) => PrecisionColumn[(int)format];

    /// <summary>Bits of the whole pattern.</summary>
    public static int Width(FloatFormat format) => WidthColumn[(int)format];

    /// <summary>The exponent of the greatest finite numbers, which is also the bias.</summary>
    public static int MaxExponent(FloatFormat format) => (1 << ExponentBitsColumn[(int)format] - 1) - 1;

    /// <summary>The exponent of the smallest normal number.</summary>
    public static int MinExponent(FloatFormat format) => 1 - MaxExponent(format);

    private static UInt128 SignBit(FloatFormat format) => UInt128.One << Width(format) - 1;

    private static int ExponentMask(FloatFormat format) => (1 << ExponentBitsColumn[(int)format]) - 1;

    /// <summary>Where the exponent field starts: the stored significand's width.</summary>
    private static int ExponentShift(FloatFormat format) => Precision(format) - (format == FloatFormat.X87 ? 0 : 1);

    private static UInt128 IntegerBit(FloatFormat format) => UInt128.One << Precision(format) - 1;

    private static UInt128 QuietBit(FloatFormat format) => UInt128.One << Precision(format) - 2;

    /// <summary>The significand without its leading bit.</summary>
    private static UInt128 Fraction(FloatFormat format, UInt128 bits) => bits & IntegerBit(format) - 1;

    private static int BiasedExponent(FloatFormat format, UInt128 bits) => (int)(bits >> ExponentShift(format)) & ExponentMask(format);

    /// <summary>Whether the sign bit is set.</summary>
    public static bool IsNegative(FloatFormat format, UInt128 bits) => (bits & SignBit(format)) != 0;

    /// <summary>Whether it is a NaN.</summary>
    public static bool IsNaN(FloatFormat format, UInt128 bits)
    {
        int exponent = BiasedExponent(format, bits);
        if (format == FloatFormat.X87 && exponent != 0 && (bits & IntegerBit(format)) == 0)
            return true;
        return exponent == ExponentMask(format) && Fraction(format, bits) != 0;
    }

    /// <summary>Whether it is a NaN that signals.</summary>
    public static bool IsSignaling(FloatFormat format, UInt128 bits) => IsNaN(format, bits) && (bits & QuietBit(format)) == 0;

    /// <summary>Whether it is an infinity.</summary>
    public static bool IsInfinity(FloatFormat format, UInt128 bits) =>
        BiasedExponent(format, bits) == ExponentMask(format) && Fraction(format, bits) == 0
        && (format != FloatFormat.X87 || (bits & IntegerBit(format)) != 0);

    /// <summary>Whether it is neither infinite nor a NaN.</summary>
    public static bool IsFinite(FloatFormat format, UInt128 bits) =>
        BiasedExponent(format, bits) != ExponentMask(format) && !IsNaN(format, bits);

    /// <summary>Whether it is a zero of either sign.</summary>
    public static bool IsZero(FloatFormat format, UInt128 bits) => (bits & SignBit(format) - 1) == 0;

    /// <summary>Whether it is finite, not zero, and not subnormal.</summary>
    public static bool IsNormal(FloatFormat format, UInt128 bits) => IsFinite(format, bits) && BiasedExponent(format, bits) != 0;

    /// <summary>The zero of a sign.</summary>
    public static UInt128 Zero(FloatFormat format, bool negative = false) => negative ? SignBit(format) : 0;

    /// <summary>The number 1.</summary>
    public static UInt128 One(FloatFormat format) => Pack(format, false, MaxExponent(format), IntegerBit(format));

    /// <summary>The infinity of a sign.</summary>
    public static UInt128 Infinity(FloatFormat format, bool negative = false) =>
        Pack(format, negative, ExponentMask(format), IntegerBit(format));

    /// <summary>The greatest finite number.</summary>
    public static UInt128 MaxFinite(FloatFormat format) =>
        Pack(format, false, ExponentMask(format) - 1, IntegerBit(format) | IntegerBit(format) - 1);

    /// <summary>A NaN with a payload (what fits below the quiet bit).</summary>
    public static UInt128 NaN(FloatFormat format, bool negative = false, UInt128 payload = default, bool signaling = false)
    {
        UInt128 fraction = payload & QuietBit(format) - 1;
        if (!signaling)
            fraction |= QuietBit(format);
        else if (fraction == 0)
            fraction = QuietBit(format) >> 1;
        return Pack(format, negative, ExponentMask(format), IntegerBit(format) | fraction);
    }

    /// <summary>What an invalid operation gives.</summary>
    private static UInt128 InvalidResult(FloatFormat format) => NaN(format, negative: true);

    private static UInt128 Quiet(FloatFormat format, UInt128 nan) => nan | QuietBit(format) | (format == FloatFormat.X87 ? IntegerBit(format) : 0);

    /// <summary>The result of an operation one of whose operands is a NaN.</summary>
    private static UInt128 Propagate(FloatFormat format, UInt128 a, UInt128 b)
    {
        bool first = IsNaN(format, a);
        // The x87 unit prefers the NaN with the greater significand.
        if (first && format == FloatFormat.X87 && IsNaN(format, b) && Fraction(format, Quiet(format, b)) > Fraction(format, Quiet(format, a)))
            first = false;
        return Quiet(format, first ? a : b);
    }

    /// <summary>-a; of NaNs too.</summary>
    public static UInt128 Neg(FloatFormat format, UInt128 a) => a ^ SignBit(format);

    /// <summary>The magnitude of a; of NaNs too.</summary>
    public static UInt128 Abs(FloatFormat format, UInt128 a) => a & SignBit(format) - 1;

    /// <summary>The magnitude of a with the sign of b.</summary>
    public static UInt128 CopySign(FloatFormat format, UInt128 a, UInt128 b) => Abs(format, a) | b & SignBit(format);

    /// <summary>How a and b compare.</summary>
    public static FloatOrder Compare(FloatFormat format, UInt128 a, UInt128 b)
    {
        if (IsNaN(format, a) || IsNaN(format, b))
            return FloatOrder.Unordered;
        if (IsZero(format, a) && IsZero(format, b))
            return FloatOrder.Equal;
        bool negative = IsNegative(format, a);
        if (negative != IsNegative(format, b))
            return negative ? FloatOrder.Less : FloatOrder.Greater;
        // Patterns of one sign are in the order of their magnitudes.
        int order = a.CompareTo(b);
        return order == 0 ? FloatOrder.Equal : order < 0 != negative ? FloatOrder.Less : FloatOrder.Greater;
    }

    private static UInt128 Pack(FloatFormat format, bool negative, int biasedExponent, UInt128 significand)
    {
        UInt128 stored = format == FloatFormat.X87 ? significand : significand & IntegerBit(format) - 1;
        return (negative ? SignBit(format) : 0) | (UInt128)(uint)biasedExponent << ExponentShift(format) | stored;
    }

    /// <summary>A finite number is <paramref name="significand"/> * 2^<paramref name="exponent"/>.</summary>
    private static void Unpack(FloatFormat format, UInt128 bits, out bool negative, out int exponent, out UInt128 significand)
    {
        negative = IsNegative(format, bits);
        int biased = BiasedExponent(format, bits);
        significand = Fraction(format, bits);
        if (biased != 0 || format == FloatFormat.X87 && (bits & IntegerBit(format)) != 0)
            significand |= IntegerBit(format);
        exponent = Math.Max(biased, 1) - MaxExponent(format) - (Precision(format) - 1);
    }

    /// <summary>Rounds magnitude * 2^exponent to the format; <paramref name="sticky"/> says that the exact value is a little greater.</summary>
    private static UInt128 Round(FloatFormat format, bool negative, BigInteger magnitude, long exponent, bool sticky = false)
    {
        if (magnitude.IsZero)
            return Zero(format, negative);
        int precision = Precision(format);
        long leading = exponent + (long)magnitude.GetBitLength() - 1;
        if (leading > MaxExponent(format))
            return Infinity(format, negative);
        long last = Math.Max(leading, MinExponent(format)) - (precision - 1);
        if (leading < last - 1)
            return Zero(format, negative);
        int drop = (int)(last - exponent);
        UInt128 kept;
        if (drop > 0)
        {
            BigInteger quotient = magnitude >> drop;
            BigInteger rest = magnitude - (quotient << drop);
            int order = rest.CompareTo(BigInteger.One << drop - 1);
            kept = (UInt128)quotient;
            if (order > 0 || order == 0 && (sticky || !quotient.IsEven))
                kept++;
            if (kept >> precision != 0)
            {
                kept >>= 1;
                last++;
            }
        }
        else
        {
            kept = (UInt128)(magnitude << -drop);
        }
        if (kept < IntegerBit(format))
            return Pack(format, negative, 0, kept);
        long biased = last + precision - 1 + MaxExponent(format);
        return biased >= ExponentMask(format) ? Infinity(format, negative) : Pack(format, negative, (int)biased, kept);
    }
}
