using Kiln.IR;

namespace Kiln.CodeGen.Legalize;

// Floating point: f128 by the support library, f16 by way of f32 (exact, for a product or quotient of two f16 rounds the same through
// f32), operations without an instruction by libm; signs by integer operations on the bits.
public sealed partial class Legalization
{
    private Value ExpandFloat(Op op, IrType type, Value a, Value b, Value c, long aux)
    {
        IrType operand = _function.TypeOf(a);
        switch (op)
        {
            case Op.FloatNegate or Op.FloatAbs or Op.FloatCopySign:
                return ChangeSign(op, type, a, b);
            case Op.FloatCompare when operand.Kind == ScalarKind.F128:
                return CompareQuad((FloatPredicate)aux, a, b);
            case Op.FloatCompare when operand.Kind == ScalarKind.F16:
                return Make(Op.FloatCompare, type, Convert(Op.FloatExtend, IrType.F32, a), Convert(Op.FloatExtend, IrType.F32, b), default, aux);
        }
        if (operand.Kind == ScalarKind.F16)
            return ThroughSingle(op, a, b, c);
        if (operand.Kind == ScalarKind.F128)
        {
            switch (op)
            {
                case Op.FloatAdd:
                    return Call("__addtf3", type, a, b);
                case Op.FloatSub:
                    return Call("__subtf3", type, a, b);
                case Op.FloatMul:
                    return Call("__multf3", type, a, b);
                case Op.FloatDiv:
                    return Call("__divtf3", type, a, b);
            }
        }
        string name = op switch
        {
            Op.FloatSqrt => "sqrt",
            Op.FloatMin => "fmin",
            Op.FloatMax => "fmax",
            Op.FloatFma => "fma",
            Op.FloatFloor => "floor",
            Op.FloatCeil => "ceil",
            Op.FloatTruncate => "trunc",
            Op.FloatRint => "rint",
            _ => throw Unsupported(op, operand),
        } + LibraryCalls.Suffix(operand);
        return op switch
        {
            Op.FloatFma => Call(name, type, a, b, c),
            Op.FloatMin or Op.FloatMax => Call(name, type, a, b),
            _ => Call(name, type, a),
        };
    }

    private Value ThroughSingle(Op op, Value a, Value b, Value c)
    {
        // A fused multiplication needs the product whole: f64 has it.
        IrType wide = op == Op.FloatFma ? IrType.F64 : IrType.F32;
        Value wideA = Convert(Op.FloatExtend, wide, a);
        Value wideB = b.IsNone ? default : Convert(Op.FloatExtend, wide, b);
        if (op == Op.FloatFma)
        {
            Value product = Make(Op.FloatMul, wide, wideA, wideB);
            return Convert(Op.FloatNarrow, IrType.F16, Make(Op.FloatAdd, wide, product, Convert(Op.FloatExtend, wide, c)));
        }
        return Convert(Op.FloatNarrow, IrType.F16, Make(op, wide, wideA, wideB));
    }

    private Value ChangeSign(Op op, IrType type, Value a, Value b)
    {
        if (type.Kind == ScalarKind.F80)
            throw Unsupported(op, type);
        if (type.Kind == ScalarKind.F128)
            return ChangeQuadSign(op, type, a, b);
        IrType bits = IrType.Integer(type.LaneBits);
        Value sign = Constant(bits, -1L << type.LaneBits - 1);
        Value rest = Constant(bits, ~(-1L << type.LaneBits - 1));
        Value value = Make(Op.Bitcast, bits, a);
        Value made = op switch
        {
            Op.FloatNegate => Binary(Op.Xor, value, sign),
            Op.FloatAbs => Binary(Op.And, value, rest),
            _ => Binary(Op.Or, Binary(Op.And, value, rest), Binary(Op.And, Make(Op.Bitcast, bits, b), sign)),
        };
        return Make(Op.Bitcast, type, made);
    }

    private Value ChangeQuadSign(Op op, IrType type, Value a, Value b)
    {
        IrType pair = IrType.I64.VectorOf(1);
        if (!IsLegalType(pair))
            pair = IrType.I128;
        UInt128 signBit = UInt128.One << 127;
        Value sign = PairConstant(pair, signBit);
        Value rest = PairConstant(pair, ~signBit);
        Value value = Make(Op.Bitcast, pair, a);
        Value made = op switch
        {
            Op.FloatNegate => Binary(Op.Xor, value, sign),
            Op.FloatAbs => Binary(Op.And, value, rest),
            _ => Binary(Op.Or, Binary(Op.And, value, rest), Binary(Op.And, Make(Op.Bitcast, pair, b), sign)),
        };
        return Make(Op.Bitcast, type, made);
    }

    private Value PairConstant(IrType type, UInt128 bits)
    {
        if (!type.IsVector)
            return _function.Constant(type, bits);
        Span<byte> bytes = stackalloc byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128LittleEndian(bytes, bits);
        return _function.VectorConstant(type, bytes);
    }

    // The support library's comparisons give a number whose sign tells; with a NaN each gives the answer that makes its own test fail.
    private Value CompareQuad(FloatPredicate predicate, Value a, Value b)
    {
        Value Test(string name, IntPredicate test) => Compare(test, Call(name, IrType.I32, a, b), Constant(IrType.I32, 0));
        FloatPredicate order = predicate & FloatPredicate.LessGreater;
        if ((predicate & FloatPredicate.Quiet) != 0 && order is FloatPredicate.Less or FloatPredicate.Greater)
            return QuietCompareQuad(predicate, a, b);
        return (predicate & FloatPredicate.Always) switch
        {
            FloatPredicate.Never => Constant(IrType.I1, 0),
            FloatPredicate.Less => Test("__lttf2", IntPredicate.LessSigned),
            FloatPredicate.Equal => Test("__eqtf2", IntPredicate.Equal),
            FloatPredicate.LessEqual => Test("__letf2", IntPredicate.LessEqualSigned),
            FloatPredicate.Greater => Test("__gttf2", IntPredicate.GreaterSigned),
            FloatPredicate.LessGreater when (predicate & FloatPredicate.Quiet) != 0 =>
                Binary(Op.And, Test("__netf2", IntPredicate.NotEqual), Test("__unordtf2", IntPredicate.Equal)),
            FloatPredicate.LessGreater => Binary(Op.Or, Test("__lttf2", IntPredicate.LessSigned), Test("__gttf2", IntPredicate.GreaterSigned)),
            FloatPredicate.GreaterEqual => Test("__getf2", IntPredicate.GreaterEqualSigned),
            FloatPredicate.Ordered => Test("__unordtf2", IntPredicate.Equal),
            FloatPredicate.Unordered => Test("__unordtf2", IntPredicate.NotEqual),
            FloatPredicate.UnorderedLess => Test("__getf2", IntPredicate.LessSigned),
            FloatPredicate.UnorderedEqual => Binary(Op.Or, Test("__unordtf2", IntPredicate.NotEqual), Test("__eqtf2", IntPredicate.Equal)),
            FloatPredicate.UnorderedLessEqual => Test("__gttf2", IntPredicate.LessEqualSigned),
            FloatPredicate.UnorderedGreater => Test("__letf2", IntPredicate.GreaterSigned),
            FloatPredicate.NotEqual => Test("__netf2", IntPredicate.NotEqual),
            FloatPredicate.UnorderedGreaterEqual => Test("__lttf2", IntPredicate.GreaterEqualSigned),
            FloatPredicate.Always => Constant(IrType.I1, 1),
            _ => throw new ArgumentOutOfRangeException(nameof(predicate), predicate, "no such predicate"),
        };
    }

    // isless and its kin raise nothing for a NaN: which number is greater is told by their bits, the rest by the tests that are quiet.
    private Value QuietCompareQuad(FloatPredicate predicate, Value a, Value b)
    {
        Value unordered = Compare(IntPredicate.NotEqual, Call("__unordtf2", IrType.I32, a, b), Constant(IrType.I32, 0));
        Value equal = Compare(IntPredicate.Equal, Call("__eqtf2", IrType.I32, a, b), Constant(IrType.I32, 0));
        bool isLess = (predicate & FloatPredicate.LessGreater) == FloatPredicate.Less;
        Value strict = Compare(isLess ? IntPredicate.LessSigned : IntPredicate.GreaterSigned, OrderedBits(a), OrderedBits(b));
        Value one = Constant(IrType.I1, 1);
        Value ordered = (predicate & FloatPredicate.Equal) != 0 ? Binary(Op.Or, strict, equal) : Binary(Op.And, strict, Binary(Op.Xor, equal, one));
        return (predicate & FloatPredicate.Unordered) != 0
            ? Binary(Op.Or, ordered, unordered)
            : Binary(Op.And, ordered, Binary(Op.Xor, unordered, one));
    }

    // A number's bits as an integer that is ordered as the numbers are: of negative ones all bits but the sign's are turned.
    private Value OrderedBits(Value quad)
    {
        Value bits = Make(Op.Bitcast, IrType.I128, quad);
        Value turned = Binary(Op.ShiftRightUnsigned, Binary(Op.ShiftRightSigned, bits, Constant(IrType.I128, 127)), Constant(IrType.I128, 1));
        return Binary(Op.Xor, bits, turned);
    }

    private Value ExpandFloatConversion(Op op, IrType type, Value a)
    {
        IrType from = _function.TypeOf(a);
        switch (op)
        {
            case Op.FloatExtend when from.Kind == ScalarKind.F16 && type.Kind != ScalarKind.F32:
                return Convert(Op.FloatExtend, type, Convert(Op.FloatExtend, IrType.F32, a));
            case Op.FloatExtend:
                return Call($"__extend{LibraryCalls.Mode(from)}{LibraryCalls.Mode(type)}2", type, a);
            case Op.FloatNarrow:
                return Call($"__trunc{LibraryCalls.Mode(from)}{LibraryCalls.Mode(type)}2", type, a);
            case Op.SignedToFloat or Op.UnsignedToFloat:
                return IntegerToFloat(op, type, a, from);
            case Op.FloatToSigned or Op.FloatToUnsigned:
                return FloatToInteger(op, type, a, from);
            default:
                throw Unsupported(op, type);
        }
    }

    private Value IntegerToFloat(Op op, IrType type, Value a, IrType from)
    {
        bool isSigned = op == Op.SignedToFloat;
        if (from.LaneBits < 32)
            return Make(Op.SignedToFloat, type, Convert(isSigned ? Op.SignExtend : Op.ZeroExtend, IrType.I32, a));
        if (type.Kind == ScalarKind.F16 && from.LaneBits < 128)
        {
            // What f32 rounds is past the greatest f16 already.
            return Convert(Op.FloatNarrow, type, Make(op, IrType.F32, a));
        }
        return Call($"__float{(isSigned ? "" : "un")}{LibraryCalls.Mode(from)}{LibraryCalls.Mode(type)}", type, a);
    }

    private Value FloatToInteger(Op op, IrType type, Value a, IrType from)
    {
        if (type.LaneBits < 32)
            return Convert(Op.Truncate, type, Make(Op.FloatToSigned, IrType.I32, a));
        if (from.Kind == ScalarKind.F16)
            return Make(op, type, Convert(Op.FloatExtend, IrType.F32, a));
        return Call($"__fix{(op == Op.FloatToSigned ? "" : "uns")}{LibraryCalls.Mode(from)}{LibraryCalls.Mode(type)}", type, a);
    }
}
