using Kiln.IR;

namespace Kiln.CodeGen.Legalize;

// Integers: those wider than a register as pairs (ExpandWide), and operations that the target lacks on register-sized ones
// (ExpandNarrow). Formulas after Warren, Hacker's Delight, 2-8, 2-12, 2-18, 5-1, 7-1, 8-2.
public sealed partial class Legalization
{
    private Value ExpandWide(Op op, IrType type, Value a, Value b, Value c, long aux)
    {
        switch (op)
        {
            case Op.Truncate:
                return Convert(Op.Truncate, type, Part(a, 0));
            case Op.ZeroExtend:
                {
                    IrType half = PartType(type);
                    return Whole(type, Convert(Op.ZeroExtend, half, a), Constant(half, 0));
                }
            case Op.SignExtend:
                {
                    Value low = Convert(Op.SignExtend, PartType(type), a);
                    return Whole(type, low, SignOf(low));
                }
            case Op.Compare:
                return CompareWide((IntPredicate)aux, a, b);
            case Op.Select:
                return Whole(type, Select(a, Part(b, 0), Part(c, 0)), Select(a, Part(b, 1), Part(c, 1)));
            case Op.And or Op.Or or Op.Xor:
                return Whole(type, Binary(op, Part(a, 0), Part(b, 0)), Binary(op, Part(a, 1), Part(b, 1)));
            case Op.Add:
                {
                    Value low = Binary(Op.Add, Part(a, 0), Part(b, 0));
                    Value carry = Convert(Op.ZeroExtend, PartType(type), Make(Op.AddOverflowsUnsigned, IrType.I1, Part(a, 0), Part(b, 0)));
                    return Whole(type, low, Binary(Op.Add, Binary(Op.Add, Part(a, 1), Part(b, 1)), carry));
                }
            case Op.Sub:
                {
                    Value low = Binary(Op.Sub, Part(a, 0), Part(b, 0));
                    Value borrow = Convert(Op.ZeroExtend, PartType(type), Make(Op.SubOverflowsUnsigned, IrType.I1, Part(a, 0), Part(b, 0)));
                    return Whole(type, low, Binary(Op.Sub, Binary(Op.Sub, Part(a, 1), Part(b, 1)), borrow));
                }
            case Op.Mul:
                return MultiplyWide(type, a, b);
            case Op.DivSigned:
                return Call($"__div{LibraryCalls.Mode(type)}3", type, a, b);
            case Op.DivUnsigned:
                return Call($"__udiv{LibraryCalls.Mode(type)}3", type, a, b);
            case Op.RemSigned:
                return Call($"__mod{LibraryCalls.Mode(type)}3", type, a, b);
            case Op.RemUnsigned:
                return Call($"__umod{LibraryCalls.Mode(type)}3", type, a, b);
            case Op.ShiftLeft or Op.ShiftRightSigned or Op.ShiftRightUnsigned:
                return ShiftWide(op, type, a, b);
            case Op.RotateLeft or Op.RotateRight:
                return RotateByShifts(op, type, a, b);
            case Op.MinSigned or Op.MaxSigned or Op.MinUnsigned or Op.MaxUnsigned:
                return MinMax(op, a, b);
            case >= Op.AddOverflowsSigned and <= Op.SubOverflowsUnsigned:
                return AddOverflows(op, a, b);
            case Op.MulOverflowsUnsigned:
                return MultiplyOverflowsUnsignedWide(a, b);
            case Op.MulOverflowsSigned:
                return MultiplyOverflowsSignedWide(a, b);
            case Op.CountLeadingZeros:
                return CountZerosWide(op, type, Part(a, 1), Part(a, 0));
            case Op.CountTrailingZeros:
                return CountZerosWide(op, type, Part(a, 0), Part(a, 1));
            case Op.PopulationCount:
                {
                    Value count = Binary(Op.Add, MakeUnary(op, Part(a, 0)), MakeUnary(op, Part(a, 1)));
                    return Whole(type, count, Constant(PartType(type), 0));
                }
            case Op.ByteSwap or Op.BitReverse:
                return Whole(type, MakeUnary(op, Part(a, 1)), MakeUnary(op, Part(a, 0)));
            default:
                throw Unsupported(op, type);
        }
    }

    private Value MakeUnary(Op op, Value a) => Make(op, _function.TypeOf(a), a);

    private Value SignOf(Value a)
    {
        IrType type = _function.TypeOf(a);
        return Binary(Op.ShiftRightSigned, a, Constant(type, type.LaneBits - 1));
    }

    private Value CompareWide(IntPredicate predicate, Value a, Value b)
    {
        Value low = Part(a, 0), high = Part(a, 1), otherLow = Part(b, 0), otherHigh = Part(b, 1);
        switch (predicate)
        {
            case IntPredicate.Equal or IntPredicate.NotEqual:
                Value difference = Binary(Op.Or, Binary(Op.Xor, low, otherLow), Binary(Op.Xor, high, otherHigh));
                return Compare(predicate, difference, Constant(_function.TypeOf(low), 0));
            case IntPredicate.GreaterSigned or IntPredicate.GreaterUnsigned:
                return CompareWide(predicate == IntPredicate.GreaterSigned ? IntPredicate.LessSigned : IntPredicate.LessUnsigned, b, a);
            case IntPredicate.GreaterEqualSigned or IntPredicate.GreaterEqualUnsigned:
                predicate = predicate == IntPredicate.GreaterEqualSigned ? IntPredicate.LessEqualSigned : IntPredicate.LessEqualUnsigned;
                return CompareWide(predicate, b, a);
        }
        bool isSigned = predicate is IntPredicate.LessSigned or IntPredicate.LessEqualSigned;
        bool takesEqual = predicate is IntPredicate.LessEqualSigned or IntPredicate.LessEqualUnsigned;
        Value less = Compare(isSigned ? IntPredicate.LessSigned : IntPredicate.LessUnsigned, high, otherHigh);
        Value lowLess = Compare(takesEqual ? IntPredicate.LessEqualUnsigned : IntPredicate.LessUnsigned, low, otherLow);
        Value equal = Compare(IntPredicate.Equal, high, otherHigh);
        return Binary(Op.Or, less, Binary(Op.And, equal, lowLess));
    }

    private Value MultiplyWide(IrType type, Value a, Value b)
    {
        Value low = Binary(Op.Mul, Part(a, 0), Part(b, 0));
        Value high = Binary(Op.MulHighUnsigned, Part(a, 0), Part(b, 0));
        Value cross = Binary(Op.Add, Binary(Op.Mul, Part(a, 0), Part(b, 1)), Binary(Op.Mul, Part(a, 1), Part(b, 0)));
        return Whole(type, low, Binary(Op.Add, high, cross));
    }

    // The amount is taken modulo the width; half-width shifts take theirs modulo the half by themselves.
    private Value ShiftWide(Op op, IrType type, Value a, Value b)
    {
        IrType half = PartType(type);
        int bits = half.LaneBits;
        Value low = Part(a, 0), high = Part(a, 1), amount = Part(b, 0);
        Value zero = Constant(half, 0);
        if (_function.OpOf(amount) == Op.Constant)
            return ShiftConstant(op, type, low, high, (int)_function[amount].Aux & bits * 2 - 1);
        Value isBig = Compare(IntPredicate.NotEqual, Binary(Op.And, amount, Constant(half, bits)), zero);
        Value complement = Binary(Op.Xor, amount, Constant(half, bits - 1));
        if (op == Op.ShiftLeft)
        {
            Value moved = Binary(Op.ShiftLeft, low, amount);
            Value spill = Binary(Op.ShiftRightUnsigned, Binary(Op.ShiftRightUnsigned, low, Constant(half, 1)), complement);
            Value top = Binary(Op.Or, Binary(Op.ShiftLeft, high, amount), spill);
            return Whole(type, Select(isBig, zero, moved), Select(isBig, moved, top));
        }
        Value shifted = Binary(op, high, amount);
        Value over = Binary(Op.ShiftLeft, Binary(Op.ShiftLeft, high, Constant(half, 1)), complement);
        Value bottom = Binary(Op.Or, Binary(Op.ShiftRightUnsigned, low, amount), over);
        Value fill = op == Op.ShiftRightSigned ? SignOf(high) : zero;
        return Whole(type, Select(isBig, shifted, bottom), Select(isBig, fill, shifted));
    }

    private Value ShiftConstant(Op op, IrType type, Value low, Value high, int amount)
    {
        IrType half = PartType(type);
        int bits = half.LaneBits;
        if (amount == 0)
            return Whole(type, low, high);
        Value Shift(Op kind, Value value, int by) => by == 0 ? value : Binary(kind, value, Constant(half, by));
        if (op == Op.ShiftLeft)
        {
            if (amount >= bits)
                return Whole(type, Constant(half, 0), Shift(op, low, amount - bits));
            Value top = Binary(Op.Or, Shift(op, high, amount), Shift(Op.ShiftRightUnsigned, low, bits - amount));
            return Whole(type, Shift(op, low, amount), top);
        }
        if (amount >= bits)
            return Whole(type, Shift(op, high, amount - bits), op == Op.ShiftRightSigned ? SignOf(high) : Constant(half, 0));
        Value bottom = Binary(Op.Or, Shift(Op.ShiftRightUnsigned, low, amount), Shift(Op.ShiftLeft, high, bits - amount));
        return Whole(type, bottom, Shift(op, high, amount));
    }

    private Value RotateByShifts(Op op, IrType type, Value a, Value b)
    {
        Value back = Make(Op.Sub, type, Constant(type, 0), b);
        (Value left, Value right) = op == Op.RotateLeft ? (b, back) : (back, b);
        return Make(Op.Or, type, Make(Op.ShiftLeft, type, a, left), Make(Op.ShiftRightUnsigned, type, a, right));
    }

    private Value MinMax(Op op, Value a, Value b)
    {
        IntPredicate predicate = op switch
        {
            Op.MinSigned => IntPredicate.LessSigned,
            Op.MaxSigned => IntPredicate.GreaterSigned,
            Op.MinUnsigned => IntPredicate.LessUnsigned,
            _ => IntPredicate.GreaterUnsigned,
        };
        return Select(Compare(predicate, a, b), a, b);
    }

    private Value AddOverflows(Op op, Value a, Value b)
    {
        IrType type = _function.TypeOf(a);
        bool isAdd = op is Op.AddOverflowsSigned or Op.AddOverflowsUnsigned;
        Value result = Make(isAdd ? Op.Add : Op.Sub, type, a, b);
        if (op == Op.AddOverflowsUnsigned)
            return Compare(IntPredicate.LessUnsigned, result, a);
        if (op == Op.SubOverflowsUnsigned)
            return Compare(IntPredicate.LessUnsigned, a, b);
        // The sign is wrong where both operands (of a subtraction: the first and the complement of the second) have the other one.
        Value wrong = isAdd
            ? Binary(Op.And, Binary(Op.Xor, result, a), Binary(Op.Xor, result, b))
            : Binary(Op.And, Binary(Op.Xor, a, b), Binary(Op.Xor, a, result));
        return Compare(IntPredicate.LessSigned, wrong, Constant(type, 0));
    }

    private Value MultiplyOverflowsUnsignedWide(Value a, Value b)
    {
        IrType half = PartType(_function.TypeOf(a));
        Value zero = Constant(half, 0);
        Value low = Part(a, 0), high = Part(a, 1), otherLow = Part(b, 0), otherHigh = Part(b, 1);
        Value both = Binary(Op.And, Compare(IntPredicate.NotEqual, high, zero), Compare(IntPredicate.NotEqual, otherHigh, zero));
        Value first = Make(Op.MulOverflowsUnsigned, IrType.I1, high, otherLow);
        Value second = Make(Op.MulOverflowsUnsigned, IrType.I1, otherHigh, low);
        // At most one of the cross products is not zero here, so that their sum does not wrap.
        Value cross = Binary(Op.Add, Binary(Op.Mul, high, otherLow), Binary(Op.Mul, otherHigh, low));
        Value carry = Make(Op.AddOverflowsUnsigned, IrType.I1, cross, Binary(Op.MulHighUnsigned, low, otherLow));
        return Binary(Op.Or, Binary(Op.Or, both, first), Binary(Op.Or, second, carry));
    }

    private Value MultiplyOverflowsSignedWide(Value a, Value b)
    {
        IrType type = _function.TypeOf(a);
        IrType half = PartType(type);
        Value signA = SignOf(Part(a, 1)), signB = SignOf(Part(b, 1));
        Value magnitudeA = Magnitude(type, a, signA), magnitudeB = Magnitude(type, b, signB);
        Value tooBig = MultiplyOverflowsUnsignedWide(magnitudeA, magnitudeB);
        Value product = MultiplyWide(type, magnitudeA, magnitudeB);
        // A negative product may be as big as 2^(n-1), a positive one is less.
        Value isNegative = Binary(Op.Xor, signA, signB);
        Value limit = Whole(type, Binary(Op.Xor, Constant(half, -1), isNegative),
            Binary(Op.Add, Constant(half, ~(-1L << half.LaneBits - 1)), Binary(Op.And, isNegative, Constant(half, 1))));
        return Binary(Op.Or, tooBig, CompareWide(IntPredicate.GreaterUnsigned, product, limit));
    }

    private Value Magnitude(IrType type, Value value, Value sign)
    {
        Value mask = Whole(type, sign, sign);
        return Make(Op.Sub, type, Make(Op.Xor, type, value, mask), mask);
    }

    private Value CountZerosWide(Op op, IrType type, Value first, Value second)
    {
        IrType half = PartType(type);
        Value further = Binary(Op.Add, MakeUnary(op, second), Constant(half, half.LaneBits));
        Value isZero = Compare(IntPredicate.Equal, first, Constant(half, 0));
        return Whole(type, Select(isZero, further, MakeUnary(op, first)), Constant(half, 0));
    }

    // Operations missing on register-sized integers

    private Value ExpandNarrow(Op op, IrType type, Value a, Value b, long aux)
    {
        IrType operand = _function.TypeOf(a);
        int bits = operand.LaneBits;
        switch (op)
        {
            case Op.MinSigned or Op.MaxSigned or Op.MinUnsigned or Op.MaxUnsigned:
                return MinMax(op, a, b);
            case Op.RotateLeft or Op.RotateRight:
                return RotateByShifts(op, type, a, b);
            case >= Op.AddOverflowsSigned and <= Op.SubOverflowsUnsigned:
                return AddOverflows(op, a, b);
            case Op.MulOverflowsSigned or Op.MulOverflowsUnsigned:
                return MultiplyOverflows(op, a, b);
            case Op.PopulationCount:
                return PopulationCount(type, a);
            case Op.BitReverse:
                return BitReverse(type, a);
            case Op.ByteSwap when bits == 16:
                return Make(Op.RotateLeft, type, a, Constant(type, 8));
            case Op.ByteSwap when bits == 8:
                return a;
            case Op.CountLeadingZeros when bits < 32:
                return Make(Op.Truncate, type, Binary(Op.Sub, MakeUnary(op, Convert(Op.ZeroExtend, IrType.I32, a)), Constant(IrType.I32, 32 - bits)));
            case Op.CountTrailingZeros when bits < 32:
                return Make(Op.Truncate, type, MakeUnary(op, Binary(Op.Or, Convert(Op.ZeroExtend, IrType.I32, a), Constant(IrType.I32, 1L << bits))));
            case Op.MulHighSigned or Op.MulHighUnsigned when bits <= 32:
                {
                    IrType wide = IrType.Integer(bits * 2);
                    Op extend = op == Op.MulHighSigned ? Op.SignExtend : Op.ZeroExtend;
                    Value product = Binary(Op.Mul, Convert(extend, wide, a), Convert(extend, wide, b));
                    return Make(Op.Truncate, type, Binary(Op.ShiftRightUnsigned, product, Constant(wide, bits)));
                }
            case >= Op.Add and <= Op.Xor or Op.ShiftLeft or Op.ShiftRightSigned or Op.ShiftRightUnsigned when bits < 32:
                return Widen(op, type, a, b);
            case Op.Compare when bits < 32:
                {
                    bool isSigned = (IntPredicate)aux is >= IntPredicate.LessSigned and <= IntPredicate.GreaterEqualSigned;
                    Op extend = isSigned ? Op.SignExtend : Op.ZeroExtend;
                    return Compare((IntPredicate)aux, Convert(extend, IrType.I32, a), Convert(extend, IrType.I32, b));
                }
            case Op.SignExtend when bits == 1:
                return Select(a, Constant(type, -1), Constant(type, 0));
            default:
                throw Unsupported(op, operand);
        }
    }

    private Value Widen(Op op, IrType type, Value a, Value b)
    {
        Op extend = op is Op.DivSigned or Op.RemSigned or Op.ShiftRightSigned ? Op.SignExtend : Op.ZeroExtend;
        bool isShift = op is Op.ShiftLeft or Op.ShiftRightSigned or Op.ShiftRightUnsigned;
        Value wideB = isShift
            ? Convert(Op.ZeroExtend, IrType.I32, Binary(Op.And, b, Constant(type, type.LaneBits - 1)))
            : Convert(extend, IrType.I32, b);
        return Make(Op.Truncate, type, Binary(op, Convert(extend, IrType.I32, a), wideB));
    }

    private Value MultiplyOverflows(Op op, Value a, Value b)
    {
        IrType type = _function.TypeOf(a);
        bool isSigned = op == Op.MulOverflowsSigned;
        Value high = Binary(isSigned ? Op.MulHighSigned : Op.MulHighUnsigned, a, b);
        Value expected = isSigned ? SignOf(Binary(Op.Mul, a, b)) : Constant(type, 0);
        return Compare(IntPredicate.NotEqual, high, expected);
    }

    private static long Repeat(int pattern) => pattern * 0x0101010101010101L;

    private Value PopulationCount(IrType type, Value a)
    {
        if (type.LaneBits < 32)
            return Make(Op.Truncate, type, Make(Op.PopulationCount, IrType.I32, Convert(Op.ZeroExtend, IrType.I32, a)));
        Value Mask(Value value, int pattern) => Binary(Op.And, value, Constant(type, Repeat(pattern)));
        Value Right(Value value, int by) => Binary(Op.ShiftRightUnsigned, value, Constant(type, by));
        a = Binary(Op.Sub, a, Mask(Right(a, 1), 0x55));
        a = Binary(Op.Add, Mask(a, 0x33), Mask(Right(a, 2), 0x33));
        a = Mask(Binary(Op.Add, a, Right(a, 4)), 0x0f);
        return Right(Binary(Op.Mul, a, Constant(type, Repeat(1))), type.LaneBits - 8);
    }

    private Value BitReverse(IrType type, Value a)
    {
        if (type.LaneBits > 8)
            a = Make(Op.ByteSwap, type, a);
        foreach ((int by, int pattern) in (ReadOnlySpan<(int, int)>)[(4, 0x0f), (2, 0x33), (1, 0x55)])
        {
            Value mask = Constant(type, Repeat(pattern));
            Value amount = Constant(type, by);
            Value up = Binary(Op.ShiftLeft, Binary(Op.And, a, mask), amount);
            a = Binary(Op.Or, up, Binary(Op.And, Binary(Op.ShiftRightUnsigned, a, amount), mask));
        }
        return a;
    }
}
