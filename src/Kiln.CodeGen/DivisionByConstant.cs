namespace Kiln.CodeGen;

// Division by a constant as a multiplication by its scaled reciprocal (Granlund and Montgomery, "Division by Invariant
// Integers using Multiplication", PLDI 1994; Warren, Hacker's Delight, chapter 10). Free of any target: it gives the
// numbers, the targets write the instructions.

/// <summary>Unsigned n / d of a width: q = high(n * Multiplier) >> Shift, or, where Add is set (the multiplier has one bit more
/// than the width), t = high(n * Multiplier); q = (t + (n - t >> 1)) >> (Shift - 1). n is shifted right by PreShift first.</summary>
public readonly record struct UnsignedReciprocal(ulong Multiplier, int PreShift, int Shift, bool Add)
{
    /// <summary>The reciprocal of a divisor that is neither 0, 1 nor a power of two.</summary>
    public static UnsignedReciprocal Of(ulong divisor, int bits)
    {
        UnsignedReciprocal found = Choose(divisor, bits, bits);
        if (!found.Add || (divisor & 1) != 0)
            return found;
        int pre = System.Numerics.BitOperations.TrailingZeroCount(divisor);
        UnsignedReciprocal shifted = Choose(divisor >> pre, bits, bits - pre);
        return shifted with { PreShift = pre };
    }

    // The least multiplier m and shift s such that floor(n * m / 2^(bits + s)) = floor(n / d) for all n below 2^precision.
    private static UnsignedReciprocal Choose(ulong divisor, int bits, int precision)
    {
        int log = 64 - System.Numerics.BitOperations.LeadingZeroCount(divisor - 1);
        int shift = log;
        UInt128 low = Quotient(UInt128.Zero, divisor, bits, log, 0);
        UInt128 high = Quotient(UInt128.One, divisor, bits, log, precision);
        while (low >> 1 < high >> 1 && shift > 0)
        {
            low >>= 1;
            high >>= 1;
            shift--;
        }
        bool add = high >> bits != 0;
        ulong mask = bits == 64 ? ulong.MaxValue : (1UL << bits) - 1;
        return new UnsignedReciprocal((ulong)high & mask, 0, shift, add);
    }

    // floor((2^(bits + log) + extra * 2^(bits + log - precision)) / divisor), which needs up to 129 bits above the line:
    // long division from the top.
    private static UInt128 Quotient(UInt128 extra, ulong divisor, int bits, int log, int precision)
    {
        int top = bits + log;
        int second = extra == 0 ? -1 : top - precision;
        UInt128 quotient = 0;
        UInt128 remainder = 0;
        for (int i = top; i >= 0; i--)
        {
            remainder = remainder << 1 | (i == top || i == second ? UInt128.One : UInt128.Zero);
            quotient <<= 1;
            if (top == second && i == top)
                remainder = 2;
            if (remainder >= divisor)
            {
                UInt128 digit = remainder / divisor;
                quotient += digit;
                remainder -= digit * divisor;
            }
        }
        return quotient;
    }
}

/// <summary>Signed n / d of a width: t = high(n * Multiplier) (signed); t += n if d > 0 > Multiplier; t -= n if d &lt; 0 &lt; Multiplier;
/// q = (t >> Shift) + (t's sign bit).</summary>
public readonly record struct SignedReciprocal(long Multiplier, int Shift)
{
    /// <summary>The reciprocal of a divisor whose magnitude is at least 2 and no power of two.</summary>
    public static SignedReciprocal Of(long divisor, int bits)
    {
        UInt128 two = UInt128.One << (bits - 1);
        UInt128 magnitude = (ulong)Int128.Abs(divisor);
        UInt128 t = two + (divisor < 0 ? UInt128.One : UInt128.Zero);
        UInt128 limit = t - 1 - t % magnitude;
        int power = bits - 1;
        UInt128 quotient1 = two / limit, remainder1 = two % limit;
        UInt128 quotient2 = two / magnitude, remainder2 = two % magnitude;
        UInt128 delta;
        do
        {
            power++;
            quotient1 <<= 1;
            remainder1 <<= 1;
            if (remainder1 >= limit)
            {
                quotient1++;
                remainder1 -= limit;
            }
            quotient2 <<= 1;
            remainder2 <<= 1;
            if (remainder2 >= magnitude)
            {
                quotient2++;
                remainder2 -= magnitude;
            }
            delta = magnitude - remainder2;
        }
        while (quotient1 < delta || (quotient1 == delta && remainder1 == 0));
        long multiplier = (long)(ulong)(quotient2 + 1);
        if (divisor < 0)
            multiplier = -multiplier;
        int unused = 64 - bits;
        return new SignedReciprocal(multiplier << unused >> unused, power - bits);
    }
}
