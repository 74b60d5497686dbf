using System.Numerics;

namespace Kiln.Base;

// Conversions between formats, and from and to integers.
public static partial class SoftFloat
{
    private static double ToDouble(UInt128 bits) => BitConverter.UInt64BitsToDouble((ulong)bits);

    private static float ToSingle(UInt128 bits) => BitConverter.UInt32BitsToSingle((uint)bits);

    private static UInt128 OfDouble(double value) => BitConverter.DoubleToUInt64Bits(value);

    private static UInt128 OfSingle(float value) => BitConverter.SingleToUInt32Bits(value);

    /// <summary>The pattern of a double in a format.</summary>
    public static UInt128 FromDouble(FloatFormat format, double value) => Convert(FloatFormat.Double, format, OfDouble(value));

    /// <summary>The value as the nearest double.</summary>
    public static double AsDouble(FloatFormat format, UInt128 bits) => ToDouble(Convert(format, FloatFormat.Double, bits));

    /// <summary>The number in another format. A NaN keeps its sign and the upper bits of its payload, and becomes quiet.</summary>
    public static UInt128 Convert(FloatFormat from, FloatFormat to, UInt128 bits)
    {
        if (from == to)
            return bits;
        if (IsNaN(from, bits))
        {
            int shift = Precision(to) - Precision(from);
            UInt128 fraction = Fraction(from, bits);
            return NaN(to, IsNegative(from, bits), shift >= 0 ? fraction << shift : fraction >> -shift);
        }
        if (from == FloatFormat.Single && to == FloatFormat.Double)
            return OfDouble(ToSingle(bits));
        if (from == FloatFormat.Double && to == FloatFormat.Single)
            return OfSingle((float)ToDouble(bits));
        if (IsInfinity(from, bits))
            return Infinity(to, IsNegative(from, bits));
        Unpack(from, bits, out bool negative, out int exponent, out UInt128 significand);
        return Round(to, negative, significand, exponent);
    }

    /// <summary>A signed integer, rounded.</summary>
    public static UInt128 FromInteger(FloatFormat format, Int128 value) =>
        value < 0 ? Round(format, true, (BigInteger)(UInt128)(-value), 0) : FromInteger(format, (UInt128)value);

    /// <summary>An unsigned integer, rounded.</summary>
    public static UInt128 FromInteger(FloatFormat format, UInt128 value) => Round(format, false, value, 0);

    /// <summary>An integer of any size, rounded.</summary>
    public static UInt128 FromInteger(FloatFormat format, BigInteger value) =>
        Round(format, value.Sign < 0, BigInteger.Abs(value), 0);

    /// <summary>
    /// Rounds to zero to a signed integer of <paramref name="width"/> bits. What does not fit becomes the nearest end of the range (a NaN
    /// the low end) and sets <paramref name="saturated"/>.
    /// </summary>
    public static Int128 ToSigned(FloatFormat format, UInt128 bits, int width, out bool saturated)
    {
        Int128 low = Int128.MinValue >> 128 - width;
        Int128 high = ~low;
        saturated = true;
        if (IsNaN(format, bits))
            return low;
        bool negative = IsNegative(format, bits);
        if (!Truncated(format, bits, out UInt128 magnitude))
            return negative ? low : high;
        if (magnitude > (UInt128)high + (negative ? 1u : 0u))
            return negative ? low : high;
        saturated = false;
        return negative ? (Int128)(UInt128.Zero - magnitude) : (Int128)magnitude;
    }

    /// <summary>Rounds to zero to an unsigned integer of <paramref name="width"/> bits; as <see cref="ToSigned"/>.</summary>
    public static UInt128 ToUnsigned(FloatFormat format, UInt128 bits, int width, out bool saturated)
    {
        UInt128 high = UInt128.MaxValue >> 128 - width;
        saturated = true;
        if (IsNaN(format, bits))
            return 0;
        bool negative = IsNegative(format, bits);
        if (!Truncated(format, bits, out UInt128 magnitude))
            return negative ? 0 : high;
        if (negative && magnitude != 0)
            return 0;
        if (magnitude > high)
            return high;
        saturated = false;
        return magnitude;
    }

    /// <summary>The integer part of a finite number's magnitude; false where it needs more than 128 bits.</summary>
    private static bool Truncated(FloatFormat format, UInt128 bits, out UInt128 magnitude)
    {
        magnitude = 0;
        if (IsInfinity(format, bits))
            return false;
        Unpack(format, bits, out _, out int exponent, out UInt128 significand);
        if (significand == 0 || exponent <= -128)
            return true;
        if (exponent <= 0)
        {
            magnitude = significand >> -exponent;
            return true;
        }
        if (exponent > (int)UInt128.LeadingZeroCount(significand))
            return false;
        magnitude = significand << exponent;
        return true;
    }
}
