using System.Text;

namespace Kiln.Lowering;

// Classification and comparison of floating-point numbers, infinities and NaNs, __builtin_powi.
internal sealed partial class FunctionLowering
{
    private Value FloatBuiltin(BuiltinExpression e)
    {
        Expression[] a = e.Arguments;
        switch (e.Builtin.Id)
        {
            case BuiltinId.Inf or BuiltinId.HugeVal:
                return _function.FloatConstant(Lowering.IrTypeOf(e.Type), SoftFloat.Infinity(((FloatType)e.Type).Format));
            case BuiltinId.Nan or BuiltinId.Nans:
                return NanConstant(e);
            case BuiltinId.FltRounds:
                return Constant(IrType.I32, 1);
            case BuiltinId.IsGreater:
                return QuietCompare(e, FloatPredicate.Greater);
            case BuiltinId.IsGreaterEqual:
                return QuietCompare(e, FloatPredicate.GreaterEqual);
            case BuiltinId.IsLess:
                return QuietCompare(e, FloatPredicate.Less);
            case BuiltinId.IsLessEqual:
                return QuietCompare(e, FloatPredicate.LessEqual);
            case BuiltinId.IsLessGreater:
                return QuietCompare(e, FloatPredicate.LessGreater);
            case BuiltinId.IsUnordered:
                return QuietCompare(e, FloatPredicate.Unordered);
            case BuiltinId.IsEqSig:
                return _b.Compare(FloatPredicate.Equal, Argument(e, 0), Argument(e, 1));
            case BuiltinId.Powi:
                CType type = e.Type;
                return CallLibrary($"__powi{FloatMode(((FloatType)type).Format)}2", type, [type, unit.CTypes.Int], [Argument(e, 0), Argument(e, 1)],
                    CallFlags.Const | CallFlags.NoThrow);
        }
        Expression tested = a[^1];
        if (e.Builtin.Id == BuiltinId.FpClassify)
            return Classify(e);
        if (tested.Type is not FloatType { IsDecimalFloat: false } real)
        {
            // Integers and decimal floats: nothing but finite (decimal classification is the library's).
            Discard(tested);
            return Constant(IrType.I32, e.Builtin.Id is BuiltinId.IsFinite ? 1 : 0);
        }
        Value value = Argument(e, a.Length - 1);
        return e.Builtin.Id switch
        {
            BuiltinId.IsNan => _b.Compare(FloatPredicate.Unordered | FloatPredicate.Quiet, value, value),
            BuiltinId.IsInf => IsInfinite(value, real),
            BuiltinId.IsInfSign => InfinitySign(value, real),
            BuiltinId.IsFinite => IsFiniteNumber(value, real),
            BuiltinId.IsNormal => IsNormalNumber(value, real),
            BuiltinId.SignBit => SignBitOf(value),
            BuiltinId.IsSignaling => IsSignalingNan(value, real),
            _ => throw new InvalidOperationException($"builtin {e.Builtin.Id}"),
        };
    }

    private Value QuietCompare(BuiltinExpression e, FloatPredicate predicate)
    {
        Value left = Argument(e, 0), right = Argument(e, 1);
        return _b.Compare(predicate | FloatPredicate.Quiet, left, right);
    }

    private Value NanConstant(BuiltinExpression e)
    {
        FloatFormat format = ((FloatType)e.Type).Format;
        string text = e.Arguments.Length > 0 ? StringArgument(e.Arguments[0]) ?? "" : "";
        UInt128 payload = ParsePayload(text);
        return _function.FloatConstant(Lowering.IrTypeOf(e.Type), SoftFloat.NaN(format, false, payload, e.Builtin.Id == BuiltinId.Nans));
    }

    private static UInt128 ParsePayload(string text)
    {
        int radix = 10;
        if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
            (radix, text) = (16, text[2..]);
        else if (text.StartsWith('0'))
            radix = 8;
        UInt128 value = 0;
        foreach (char c in text)
        {
            int digit = char.IsAsciiHexDigit(c) ? Convert.ToInt32(c.ToString(), 16) : radix;
            if (digit >= radix)
                return 0;
            value = value * (UInt128)radix + (UInt128)digit;
        }
        return value;
    }

    private Value FloatAbsOf(Value value) => _b.Emit(Op.FloatAbs, _function.TypeOf(value), value);

    private Value FloatBits(FloatType type, UInt128 bits) => _function.FloatConstant(Lowering.IrTypeOf(type), bits);

    private Value IsInfinite(Value value, FloatType type) =>
        _b.Compare(FloatPredicate.Equal | FloatPredicate.Quiet, FloatAbsOf(value), FloatBits(type, SoftFloat.Infinity(type.Format)));

    private Value InfinitySign(Value value, FloatType type)
    {
        Value isPlus = _b.Compare(FloatPredicate.Equal | FloatPredicate.Quiet, value, FloatBits(type, SoftFloat.Infinity(type.Format)));
        Value isMinus = _b.Compare(FloatPredicate.Equal | FloatPredicate.Quiet, value, FloatBits(type, SoftFloat.Infinity(type.Format, true)));
        return _b.Binary(Op.Sub, _b.Emit(Op.ZeroExtend, IrType.I32, isPlus), _b.Emit(Op.ZeroExtend, IrType.I32, isMinus));
    }

    private Value IsFiniteNumber(Value value, FloatType type) =>
        _b.Compare(FloatPredicate.LessEqual | FloatPredicate.Quiet, FloatAbsOf(value), FloatBits(type, SoftFloat.MaxFinite(type.Format)));

    private UInt128 MinNormal(FloatType type) =>
        SoftFloat.Parse(type.Format, Encoding.ASCII.GetBytes($"0x1p{SoftFloat.MinExponent(type.Format)}"))!.Value;

    private Value IsNormalNumber(Value value, FloatType type)
    {
        Value magnitude = FloatAbsOf(value);
        Value isFinite = _b.Compare(FloatPredicate.LessEqual | FloatPredicate.Quiet, magnitude, FloatBits(type, SoftFloat.MaxFinite(type.Format)));
        Value isLarge = _b.Compare(FloatPredicate.GreaterEqual | FloatPredicate.Quiet, magnitude, FloatBits(type, MinNormal(type)));
        return _b.Binary(Op.And, isFinite, isLarge);
    }

    /// <summary>__builtin_fpclassify (nan, infinite, normal, subnormal, zero, x).</summary>
    private Value Classify(BuiltinExpression e)
    {
        Expression[] a = e.Arguments;
        Value value = Argument(e, 5);
        var type = (FloatType)a[5].Type;
        Value magnitude = FloatAbsOf(value);
        Value nan = Argument(e, 0), infinite = Argument(e, 1), normal = Argument(e, 2), subnormal = Argument(e, 3), zero = Argument(e, 4);
        Value result = _b.Select(_b.Compare(FloatPredicate.GreaterEqual | FloatPredicate.Quiet, magnitude, FloatBits(type, MinNormal(type))), normal, subnormal);
        result = _b.Select(_b.Compare(FloatPredicate.Equal | FloatPredicate.Quiet, magnitude, FloatBits(type, 0)), zero, result);
        result = _b.Select(_b.Compare(FloatPredicate.Equal | FloatPredicate.Quiet, magnitude, FloatBits(type, SoftFloat.Infinity(type.Format))), infinite, result);
        return _b.Select(_b.Compare(FloatPredicate.Unordered | FloatPredicate.Quiet, value, value), nan, result);
    }

    /// <summary>The pattern of a number as an integer of 16 to 128 bits.</summary>
    private Value Pattern(Value value)
    {
        IrType type = _function.TypeOf(value);
        if (type != IrType.F80)
            return _b.Emit(Op.Bitcast, IrType.Integer(type.LaneBits), value);
        Value memory = Temporary(unit.CTypes.LongDouble);
        _b.Store(memory, value, new MemoryAccess(4));
        Value low = _b.Emit(Op.ZeroExtend, IrType.I128, _b.Load(IrType.I64, memory, new MemoryAccess(3)));
        Value high = _b.Emit(Op.ZeroExtend, IrType.I128, _b.Load(IrType.I16, OffsetBy(memory, 8), new MemoryAccess(3)));
        return _b.Binary(Op.Or, low, ShiftBy(Op.ShiftLeft, high, 64));
    }

    private Value SignBitOf(Value value)
    {
        IrType type = _function.TypeOf(value);
        Value bits;
        if (type == IrType.F80)
        {
            Value memory = Temporary(unit.CTypes.LongDouble);
            _b.Store(memory, value, new MemoryAccess(4));
            bits = _b.Load(IrType.I16, OffsetBy(memory, 8), new MemoryAccess(3));
        }
        else
        {
            bits = _b.Emit(Op.Bitcast, IrType.Integer(type.LaneBits), value);
        }
        return _b.Compare(IntPredicate.LessSigned, bits, ZeroOf(_function.TypeOf(bits)));
    }

    private Value IsSignalingNan(Value value, FloatType type)
    {
        Value bits = Pattern(value);
        IrType word = _function.TypeOf(bits);
        UInt128 quiet = UInt128.One << SoftFloat.Precision(type.Format) - 2;
        Value isNan = _b.Compare(FloatPredicate.Unordered | FloatPredicate.Quiet, value, value);
        Value isLoud = _b.Compare(IntPredicate.Equal, _b.Binary(Op.And, bits, _function.Constant(word, quiet)), ZeroOf(word));
        return _b.Binary(Op.And, isNan, isLoud);
    }
}
