using System.Numerics;
using Kiln.Base;

namespace Kiln.IR;

/// <summary>
/// What each pure operation does on scalar bits, exactly as docs/ir.md says: the simplifier folds with it and the interpreter runs with
/// it. Integers and pointers are carried zero-extended to 128 bits, floating-point numbers as their pattern.
/// </summary>
public static class ScalarEvaluator
{
    /// <summary>The low bits of a value that its type holds.</summary>
    public static UInt128 Cut(IrType type, UInt128 bits) => type.LaneBits >= 128 ? bits : bits & (UInt128.One << type.LaneBits) - 1;

    /// <summary>An integer with its sign carried through to 128 bits.</summary>
    public static Int128 Signed(IrType type, UInt128 bits)
    {
        int unused = 128 - type.LaneBits;
        return (Int128)(bits << unused) >> unused;
    }

    /// <summary>Evaluates an operation on scalars.</summary>
    /// <param name="op">The operation.</param>
    /// <param name="type">The result's type.</param>
    /// <param name="operand">The type of operand A.</param>
    /// <param name="a">Operand A.</param>
    /// <param name="b">Operand B.</param>
    /// <param name="c">Operand C.</param>
    /// <param name="aux">Comparisons: the predicate.</param>
    /// <param name="result">The result.</param>
    /// <returns>False where the operation traps, is not pure, or gives an unspecified result.</returns>
    public static bool TryEvaluate(Op op, IrType type, IrType operand, UInt128 a, UInt128 b, UInt128 c, long aux, out UInt128 result)
    {
        bool done = op switch
        {
            >= Op.Add and <= Op.BitReverse => Integer(op, operand, a, b, out result),
            >= Op.FloatAdd and <= Op.FloatRint => Float(op, operand, a, b, c, out result),
            >= Op.Compare and <= Op.Select => Choose(op, operand, a, b, c, aux, out result),
            >= Op.Truncate and <= Op.Bitcast => Convert(op, type, operand, a, out result),
            Op.PointerAdd => Known(a + b, out result),
            _ => Unknown(out result),
        };
        result = Cut(type, result);
        return done;
    }

    private static bool Known(UInt128 value, out UInt128 result)
    {
        result = value;
        return true;
    }

    private static bool Unknown(out UInt128 result)
    {
        result = 0;
        return false;
    }

    private static bool Integer(Op op, IrType type, UInt128 a, UInt128 b, out UInt128 result)
    {
        int width = type.LaneBits;
        int amount = (int)(b & (uint)(width - 1));
        Int128 x = Signed(type, a), y = Signed(type, b);
        switch (op)
        {
            case Op.Add:
                return Known(a + b, out result);
            case Op.Sub:
                return Known(a - b, out result);
            case Op.Mul:
                return Known(a * b, out result);
            case Op.DivSigned or Op.RemSigned:
                if (y == 0 || (y == -1 && x == Lowest(width)))
                    return Unknown(out result);
                return Known((UInt128)(op == Op.DivSigned ? x / y : x % y), out result);
            case Op.DivUnsigned or Op.RemUnsigned:
                if (b == 0)
                    return Unknown(out result);
                return Known(op == Op.DivUnsigned ? a / b : a % b, out result);
            case Op.MulHighSigned:
                return width == 128 ? Known((UInt128)(Int128)((BigInteger)x * y >> 128), out result) : Known((UInt128)(x * y >> width), out result);
            case Op.MulHighUnsigned:
                return width == 128 ? Known((UInt128)((BigInteger)a * b >> 128), out result) : Known(a * b >> width, out result);
            case Op.And:
                return Known(a & b, out result);
            case Op.Or:
                return Known(a | b, out result);
            case Op.Xor:
                return Known(a ^ b, out result);
            case Op.ShiftLeft:
                return Known(a << amount, out result);
            case Op.ShiftRightUnsigned:
                return Known(a >> amount, out result);
            case Op.ShiftRightSigned:
                return Known((UInt128)(x >> amount), out result);
            case Op.RotateLeft:
                return Known(Rotate(a, amount, width), out result);
            case Op.RotateRight:
                return Known(Rotate(a, width - amount & width - 1, width), out result);
            case Op.MinSigned:
                return Known(x < y ? a : b, out result);
            case Op.MaxSigned:
                return Known(x > y ? a : b, out result);
            case Op.MinUnsigned:
                return Known(a < b ? a : b, out result);
            case Op.MaxUnsigned:
                return Known(a > b ? a : b, out result);
            case >= Op.AddOverflowsSigned and <= Op.MulOverflowsUnsigned:
                return Known(Overflows(op, width, x, y, a, b) ? UInt128.One : 0, out result);
            case Op.CountLeadingZeros:
                return Known((UInt128)(int)(UInt128.LeadingZeroCount(a) - (UInt128)(128 - width)), out result);
            case Op.CountTrailingZeros:
                return Known(a == 0 ? (UInt128)width : UInt128.TrailingZeroCount(a), out result);
            case Op.PopulationCount:
                return Known(UInt128.PopCount(a), out result);
            case Op.ByteSwap:
                return Known(SwapBytes(a, width / 8), out result);
            case Op.BitReverse:
                return Known(ReverseBits(a, width), out result);
            default:
                return Unknown(out result);
        }
    }

    private static Int128 Lowest(int width) => Int128.MinValue >> 128 - width;

    private static UInt128 Rotate(UInt128 a, int left, int width) => left == 0 ? a : a << left | a >> width - left;

    private static bool Overflows(Op op, int width, Int128 x, Int128 y, UInt128 a, UInt128 b)
    {
        BigInteger exact = op switch
        {
            Op.AddOverflowsSigned => (BigInteger)x + y,
            Op.SubOverflowsSigned => (BigInteger)x - y,
            Op.MulOverflowsSigned => (BigInteger)x * y,
            Op.AddOverflowsUnsigned => (BigInteger)a + b,
            Op.SubOverflowsUnsigned => (BigInteger)a - b,
            Op.MulOverflowsUnsigned => (BigInteger)a * b,
            _ => throw new ArgumentOutOfRangeException(nameof(op), op, "no overflow test"),
        };
        bool isSigned = op is Op.AddOverflowsSigned or Op.SubOverflowsSigned or Op.MulOverflowsSigned;
        return isSigned
            ? exact < -(BigInteger.One << width - 1) || exact >= BigInteger.One << width - 1
            : exact.Sign < 0 || exact >= BigInteger.One << width;
    }

    private static UInt128 SwapBytes(UInt128 a, int bytes)
    {
        UInt128 result = 0;
        for (int i = 0; i < bytes; i++, a >>= 8)
            result = result << 8 | a & 0xff;
        return result;
    }

    private static UInt128 ReverseBits(UInt128 a, int width)
    {
        UInt128 result = 0;
        for (int i = 0; i < width; i++, a >>= 1)
            result = result << 1 | a & 1;
        return result;
    }

    private static bool Float(Op op, IrType type, UInt128 a, UInt128 b, UInt128 c, out UInt128 result)
    {
        FloatFormat format = type.Format;
        return op switch
        {
            Op.FloatAdd => Known(SoftFloat.Add(format, a, b), out result),
            Op.FloatSub => Known(SoftFloat.Sub(format, a, b), out result),
            Op.FloatMul => Known(SoftFloat.Mul(format, a, b), out result),
            Op.FloatDiv => Known(SoftFloat.Div(format, a, b), out result),
            Op.FloatNegate => Known(SoftFloat.Neg(format, a), out result),
            Op.FloatAbs => Known(SoftFloat.Abs(format, a), out result),
            Op.FloatSqrt => Known(SoftFloat.Sqrt(format, a), out result),
            Op.FloatCopySign => Known(SoftFloat.CopySign(format, a, b), out result),
            Op.FloatMin => Known(Extreme(format, a, b, FloatOrder.Greater), out result),
            Op.FloatMax => Known(Extreme(format, a, b, FloatOrder.Less), out result),
            Op.FloatFma => Known(SoftFloat.Fma(format, a, b, c), out result),
            Op.FloatFloor => Known(SoftFloat.RoundToIntegral(format, a, MidpointRounding.ToNegativeInfinity), out result),
            Op.FloatCeil => Known(SoftFloat.RoundToIntegral(format, a, MidpointRounding.ToPositiveInfinity), out result),
            Op.FloatTruncate => Known(SoftFloat.RoundToIntegral(format, a, MidpointRounding.ToZero), out result),
            Op.FloatRint => Known(SoftFloat.RoundToIntegral(format, a, MidpointRounding.ToEven), out result),
            _ => Unknown(out result),
        };
    }

    // fmin and fmax: a number wins over a NaN.
    private static UInt128 Extreme(FloatFormat format, UInt128 a, UInt128 b, FloatOrder whenSecond)
    {
        if (SoftFloat.IsNaN(format, a))
            return b;
        return SoftFloat.Compare(format, a, b) == whenSecond ? b : a;
    }

    private static bool Choose(Op op, IrType operand, UInt128 a, UInt128 b, UInt128 c, long aux, out UInt128 result)
    {
        switch (op)
        {
            case Op.Compare:
                return Known(Holds((IntPredicate)aux, operand, a, b) ? UInt128.One : 0, out result);
            case Op.FloatCompare:
                return Known(Holds((FloatPredicate)aux, operand.Format, a, b) ? UInt128.One : 0, out result);
            case Op.Select:
                return Known((a & 1) != 0 ? b : c, out result);
            default:
                return Unknown(out result);
        }
    }

    /// <summary>Whether a comparison of integers holds.</summary>
    public static bool Holds(IntPredicate predicate, IrType type, UInt128 a, UInt128 b)
    {
        Int128 x = Signed(type, a), y = Signed(type, b);
        return predicate switch
        {
            IntPredicate.Equal => a == b,
            IntPredicate.NotEqual => a != b,
            IntPredicate.LessSigned => x < y,
            IntPredicate.LessEqualSigned => x <= y,
            IntPredicate.GreaterSigned => x > y,
            IntPredicate.GreaterEqualSigned => x >= y,
            IntPredicate.LessUnsigned => a < b,
            IntPredicate.LessEqualUnsigned => a <= b,
            IntPredicate.GreaterUnsigned => a > b,
            IntPredicate.GreaterEqualUnsigned => a >= b,
            _ => throw new ArgumentOutOfRangeException(nameof(predicate), predicate, "no such predicate"),
        };
    }

    /// <summary>Whether a comparison of floating-point numbers holds.</summary>
    public static bool Holds(FloatPredicate predicate, FloatFormat format, UInt128 a, UInt128 b)
    {
        FloatPredicate order = SoftFloat.Compare(format, a, b) switch
        {
            FloatOrder.Less => FloatPredicate.Less,
            FloatOrder.Equal => FloatPredicate.Equal,
            FloatOrder.Greater => FloatPredicate.Greater,
            _ => FloatPredicate.Unordered,
        };
        return (predicate & order) != 0;
    }

    private static bool Convert(Op op, IrType type, IrType from, UInt128 a, out UInt128 result)
    {
        switch (op)
        {
            case Op.Truncate or Op.ZeroExtend or Op.Bitcast:
                return Known(a, out result);
            case Op.SignExtend:
                return Known((UInt128)Signed(from, a), out result);
            case Op.FloatNarrow or Op.FloatExtend:
                return Known(SoftFloat.Convert(from.Format, type.Format, a), out result);
            case Op.SignedToFloat:
                return Known(SoftFloat.FromInteger(type.Format, Signed(from, a)), out result);
            case Op.UnsignedToFloat:
                return Known(SoftFloat.FromInteger(type.Format, a), out result);
            case Op.FloatToSigned:
                result = (UInt128)SoftFloat.ToSigned(from.Format, a, type.LaneBits, out bool tooLarge);
                return !tooLarge;
            case Op.FloatToUnsigned:
                result = SoftFloat.ToUnsigned(from.Format, a, type.LaneBits, out bool outOfRange);
                return !outOfRange;
            default:
                return Unknown(out result);
        }
    }
}
