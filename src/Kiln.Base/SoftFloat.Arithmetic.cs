using System.Numerics;

namespace Kiln.Base;

// Addition, multiplication, division, square root, fused multiply-add, remainder.
public static partial class SoftFloat
{
    /// <summary>a + b.</summary>
    public static UInt128 Add(FloatFormat format, UInt128 a, UInt128 b)
    {
        if (format == FloatFormat.Double)
        {
            double sum = ToDouble(a) + ToDouble(b);
            if (!double.IsNaN(sum))
                return OfDouble(sum);
        }
        else if (format == FloatFormat.Single)
        {
            float sum = ToSingle(a) + ToSingle(b);
            if (!float.IsNaN(sum))
                return OfSingle(sum);
        }
        if (IsNaN(format, a) || IsNaN(format, b))
            return Propagate(format, a, b);
        if (IsInfinity(format, a))
            return IsInfinity(format, b) && a != b ? InvalidResult(format) : a;
        if (IsInfinity(format, b))
            return b;
        Unpack(format, a, out bool negativeA, out int exponentA, out UInt128 significandA);
        Unpack(format, b, out bool negativeB, out int exponentB, out UInt128 significandB);
        return AddExact(format, negativeA, significandA, exponentA, negativeB, significandB, exponentB);
    }

    /// <summary>a - b.</summary>
    public static UInt128 Sub(FloatFormat format, UInt128 a, UInt128 b) =>
        IsNaN(format, b) ? Add(format, a, b) : Add(format, a, Neg(format, b));

    private static UInt128 AddExact(
        FloatFormat format, bool negativeA, BigInteger a, int exponentA, bool negativeB, BigInteger b, int exponentB)
    {
        int exponent = Math.Min(exponentA, exponentB);
        BigInteger sum = (negativeA ? -a : a) << exponentA - exponent;
        sum += (negativeB ? -b : b) << exponentB - exponent;
        // An exact zero is positive unless both addends are negative.
        bool negative = sum.IsZero ? negativeA && negativeB : sum.Sign < 0;
        return Round(format, negative, BigInteger.Abs(sum), exponent);
    }

    /// <summary>a * b.</summary>
    public static UInt128 Mul(FloatFormat format, UInt128 a, UInt128 b)
    {
        if (format == FloatFormat.Double)
        {
            double product = ToDouble(a) * ToDouble(b);
            if (!double.IsNaN(product))
                return OfDouble(product);
        }
        else if (format == FloatFormat.Single)
        {
            float product = ToSingle(a) * ToSingle(b);
            if (!float.IsNaN(product))
                return OfSingle(product);
        }
        if (IsNaN(format, a) || IsNaN(format, b))
            return Propagate(format, a, b);
        bool negative = IsNegative(format, a) != IsNegative(format, b);
        if (IsInfinity(format, a) || IsInfinity(format, b))
            return IsZero(format, a) || IsZero(format, b) ? InvalidResult(format) : Infinity(format, negative);
        Unpack(format, a, out _, out int exponentA, out UInt128 significandA);
        Unpack(format, b, out _, out int exponentB, out UInt128 significandB);
        return Round(format, negative, (BigInteger)significandA * significandB, exponentA + exponentB);
    }

    /// <summary>a / b.</summary>
    public static UInt128 Div(FloatFormat format, UInt128 a, UInt128 b)
    {
        if (format == FloatFormat.Double)
        {
            double quotient = ToDouble(a) / ToDouble(b);
            if (!double.IsNaN(quotient))
                return OfDouble(quotient);
        }
        else if (format == FloatFormat.Single)
        {
            float quotient = ToSingle(a) / ToSingle(b);
            if (!float.IsNaN(quotient))
                return OfSingle(quotient);
        }
        if (IsNaN(format, a) || IsNaN(format, b))
            return Propagate(format, a, b);
        bool negative = IsNegative(format, a) != IsNegative(format, b);
        if (IsInfinity(format, a))
            return IsInfinity(format, b) ? InvalidResult(format) : Infinity(format, negative);
        if (IsInfinity(format, b))
            return Zero(format, negative);
        if (IsZero(format, b))
            return IsZero(format, a) ? InvalidResult(format) : Infinity(format, negative);
        Unpack(format, a, out _, out int exponentA, out UInt128 significandA);
        Unpack(format, b, out _, out int exponentB, out UInt128 significandB);
        return RoundRatio(format, negative, significandA, significandB, exponentA - exponentB);
    }

    /// <summary>Rounds numerator / denominator * 2^exponent.</summary>
    private static UInt128 RoundRatio(FloatFormat format, bool negative, BigInteger numerator, BigInteger denominator, long exponent)
    {
        // Two bits more than the precision, so that the remainder is below half a last place of any result.
        long wanted = Precision(format) + 2;
        long shift = Math.Max(0, wanted - ((long)numerator.GetBitLength() - (long)denominator.GetBitLength()));
        BigInteger quotient = BigInteger.DivRem(numerator << (int)shift, denominator, out BigInteger rest);
        return Round(format, negative, quotient, exponent - shift, !rest.IsZero);
    }

    /// <summary>The square root of a.</summary>
    public static UInt128 Sqrt(FloatFormat format, UInt128 a)
    {
        if (IsNaN(format, a))
            return Quiet(format, a);
        if (IsZero(format, a))
            return a;
        if (IsNegative(format, a))
            return InvalidResult(format);
        if (IsInfinity(format, a))
            return a;
        if (format == FloatFormat.Double)
            return OfDouble(Math.Sqrt(ToDouble(a)));
        if (format == FloatFormat.Single)
            return OfSingle(MathF.Sqrt(ToSingle(a)));
        Unpack(format, a, out _, out int exponent, out UInt128 significand);
        int shift = 2 * Precision(format) + 4;
        if ((exponent - shift & 1) != 0)
            shift++;
        BigInteger radicand = (BigInteger)significand << shift;
        BigInteger root = SquareRoot(radicand);
        return Round(format, false, root, exponent - shift >> 1, root * root != radicand);
    }

    /// <summary>The integer part of a square root, by Newton's iteration from above.</summary>
    private static BigInteger SquareRoot(BigInteger n)
    {
        BigInteger root = BigInteger.One << (int)(n.GetBitLength() + 1) / 2;
        while (true)
        {
            BigInteger next = root + n / root >> 1;
            if (next >= root)
                return root;
            root = next;
        }
    }

    /// <summary>a * b + c, rounded once.</summary>
    public static UInt128 Fma(FloatFormat format, UInt128 a, UInt128 b, UInt128 c)
    {
        if (IsNaN(format, a) || IsNaN(format, b))
            return Propagate(format, a, b);
        bool negative = IsNegative(format, a) != IsNegative(format, b);
        bool infinite = IsInfinity(format, a) || IsInfinity(format, b);
        if (infinite && (IsZero(format, a) || IsZero(format, b)))
            return IsNaN(format, c) ? Quiet(format, c) : InvalidResult(format);
        if (IsNaN(format, c))
            return Quiet(format, c);
        if (infinite)
            return IsInfinity(format, c) && IsNegative(format, c) != negative ? InvalidResult(format) : Infinity(format, negative);
        if (IsInfinity(format, c))
            return c;
        Unpack(format, a, out _, out int exponentA, out UInt128 significandA);
        Unpack(format, b, out _, out int exponentB, out UInt128 significandB);
        Unpack(format, c, out bool negativeC, out int exponentC, out UInt128 significandC);
        return AddExact(
            format, negative, (BigInteger)significandA * significandB, exponentA + exponentB, negativeC, significandC, exponentC);
    }

    /// <summary>C's fmod: a - n * b with n the quotient rounded to zero; exact.</summary>
    public static UInt128 Rem(FloatFormat format, UInt128 a, UInt128 b)
    {
        if (IsNaN(format, a) || IsNaN(format, b))
            return Propagate(format, a, b);
        if (IsInfinity(format, a) || IsZero(format, b))
            return InvalidResult(format);
        if (IsInfinity(format, b))
            return a;
        Unpack(format, a, out bool negative, out int exponentA, out UInt128 significandA);
        Unpack(format, b, out _, out int exponentB, out UInt128 significandB);
        BigInteger rest;
        if (exponentA >= exponentB)
            rest = significandA * BigInteger.ModPow(2, exponentA - exponentB, significandB) % significandB;
        else if (exponentB - exponentA > 2 * Precision(format))
            return a;
        else
            rest = significandA % ((BigInteger)significandB << exponentB - exponentA);
        return Round(format, negative, rest, Math.Min(exponentA, exponentB));
    }

    /// <summary>Rounds to an integer in the same format: to zero, down, up, or to nearest with ties to even.</summary>
    public static UInt128 RoundToIntegral(FloatFormat format, UInt128 a, MidpointRounding mode)
    {
        if (IsNaN(format, a))
            return Quiet(format, a);
        if (IsInfinity(format, a) || IsZero(format, a))
            return a;
        Unpack(format, a, out bool negative, out int exponent, out UInt128 significand);
        if (exponent >= 0)
            return a;
        int drop = -exponent;
        UInt128 quotient = drop >= 128 ? 0 : significand >> drop;
        UInt128 rest = drop >= 128 ? significand : significand - (quotient << drop);
        // Against half of the dropped weight; past 120 bits the rest is less than half in every format.
        int order = drop > 120 ? -1 : rest.CompareTo(UInt128.One << drop - 1);
        bool up = mode switch
        {
            MidpointRounding.ToZero => false,
            MidpointRounding.ToNegativeInfinity => negative && rest != 0,
            MidpointRounding.ToPositiveInfinity => !negative && rest != 0,
            MidpointRounding.ToEven => order > 0 || order == 0 && !UInt128.IsEvenInteger(quotient),
            MidpointRounding.AwayFromZero => order >= 0,
            _ => throw new ArgumentOutOfRangeException(nameof(mode), mode, "no such rounding"),
        };
        return Round(format, negative, quotient + (up ? 1u : 0u), 0);
    }
}
