namespace Kiln.Lowering;

// Conversions between scalar types (C17 6.3).
internal sealed partial class FunctionLowering
{
    private Value Cast(CastExpression e)
    {
        switch (e.CastKind)
        {
            case CastKind.NoOp:
                return Reinterpret(Scalar(e.Operand), e.Operand.Type, e.Type);
            case CastKind.LvalueToRvalue:
                if (Lowering.ClassOf(e.Type) == TypeClass.Void)
                {
                    Discard(e.Operand);
                    return default;
                }
                Lvalue place = LvalueOf(e.Operand);
                Open();
                _b.Location = e.Location;
                return Load(place);
            case CastKind.ArrayDecay:
                return LvalueOf(e.Operand).Address;
            case CastKind.FunctionDecay:
                return e.Operand is FunctionReference function ? FunctionAddress(function.Function)
                    : e.Operand is DereferenceExpression dereference ? Scalar(dereference.Pointer)
                    : Scalar(e.Operand);
            case CastKind.ToVoid:
                Discard(e.Operand);
                return default;
            case CastKind.ToBool:
                return _b.Convert(Op.ZeroExtend, IrType.I8, Condition(e.Operand));
            case CastKind.ComplexToReal:
                return ComplexValue(e.Operand).Real;
            case CastKind.BitCast:
                return BitCast(e);
            case CastKind.Splat:
                return SplatValue(e);
            case CastKind.VectorConvert:
                return ConvertVector(e.Operand, (VectorType)e.Type);
            case CastKind.NullToPointer:
                Discard(e.Operand);
                return ZeroOf(IrType.Pointer);
            case CastKind.ToUnion:
                throw new InvalidOperationException("a union is no scalar");
            default:
                Value value = Scalar(e.Operand);
                Open();
                _b.Location = e.Location;
                return ConvertScalar(value, e.Operand.Type, e.Type);
        }
    }

    /// <summary>A value under another type of the same representation.</summary>
    private Value Reinterpret(Value value, CType from, CType to)
    {
        if (value.IsNone || Lowering.ClassOf(to) != TypeClass.Scalar)
            return value;
        IrType type = Lowering.IrTypeOf(to);
        IrType known = _function.TypeOf(value);
        if (known == type)
            return value;
        return known.Size == type.Size ? _b.Emit(Op.Bitcast, type, value) : ConvertScalar(value, from, to);
    }

    /// <summary>A scalar of one type as another type, as C converts it.</summary>
    private Value ConvertScalar(Value value, CType from, CType to)
    {
        if (from == to || value.IsNone)
            return value;
        if (to.IsVector || from.IsVector)
            return Reinterpret(value, from, to);
        if (to.Kind == TypeKind.Bool)
            return from.Kind == TypeKind.Bool ? value : _b.Convert(Op.ZeroExtend, IrType.I8, Truth(value, from));
        if (from is FloatType { IsDecimalFloat: true } || to is FloatType { IsDecimalFloat: true })
            return ConvertDecimal(value, from, to);
        if (from is FloatType { Format: FloatFormat.BFloat16 })
            return ConvertScalar(WidenBFloat16(value), unit.CTypes.Float, to);
        if (to is FloatType { Format: FloatFormat.BFloat16 })
            return CallLibrary("__truncsfbf2", to, [unit.CTypes.Float], [ConvertScalar(value, from, unit.CTypes.Float)], CallFlags.Const | CallFlags.NoThrow);
        IrType type = Lowering.IrTypeOf(to);
        switch (from, to)
        {
            case (FloatType, FloatType):
                IrType known = _function.TypeOf(value);
                if (known == type)
                    return value;
                return _b.Emit(SoftFloat.Precision(type.Format) > SoftFloat.Precision(known.Format) ? Op.FloatExtend : Op.FloatNarrow, type, value);
            case (FloatType, _):
                return FloatToInteger(value, type, Lowering.IsSigned(to));
            case (_, FloatType):
                // The conversions exist from 32 bits on.
                bool isSigned = Lowering.IsSigned(from);
                if (_function.TypeOf(value).LaneBits < 32)
                {
                    value = Resize(value, IrType.I32, isSigned);
                    isSigned = true;
                }
                return _b.Emit(isSigned ? Op.SignedToFloat : Op.UnsignedToFloat, type, value);
            default:
                return Resize(value, type, Lowering.IsSigned(from));
        }
    }

    private Value FloatToInteger(Value value, IrType type, bool isSigned)
    {
        if (type.IsPointer)
            return _b.Convert(Op.Bitcast, type, FloatToInteger(value, IrType.I64, false));
        if (type.LaneBits < 32)
            return _b.Convert(Op.Truncate, type, _b.Emit(Op.FloatToSigned, IrType.I32, value));
        return _b.Emit(isSigned ? Op.FloatToSigned : Op.FloatToUnsigned, type, value);
    }

    /// <summary>An integer or pointer in another width.</summary>
    private Value Resize(Value value, IrType type, bool isSigned)
    {
        IrType known = _function.TypeOf(value);
        if (known == type)
            return value;
        if (_function.OpOf(value) == Op.Constant && !known.IsPointer && !type.IsVector)
            return ResizeConstant(value, known, type, isSigned);
        if (known.IsPointer)
        {
            value = _b.Emit(Op.Bitcast, IrType.I64, value);
            known = IrType.I64;
        }
        IrType integer = type.IsPointer ? IrType.I64 : type;
        if (known.LaneBits > integer.LaneBits)
            value = _b.Emit(Op.Truncate, integer, value);
        else if (known.LaneBits < integer.LaneBits)
            value = _b.Emit(isSigned ? Op.SignExtend : Op.ZeroExtend, integer, value);
        return type.IsPointer ? _b.Emit(Op.Bitcast, type, value) : value;
    }

    private Value ResizeConstant(Value value, IrType known, IrType type, bool isSigned)
    {
        UInt128 bits = _function.ConstantBits(value);
        if (!isSigned && known.LaneBits < 128)
            bits &= (UInt128.One << known.LaneBits) - 1;
        return _function.Constant(type, bits);
    }

    private Value WidenBFloat16(Value value)
    {
        Value wide = _b.Convert(Op.ZeroExtend, IrType.I32, value);
        return _b.Emit(Op.Bitcast, IrType.F32, ShiftBy(Op.ShiftLeft, wide, 16));
    }

    // Decimal floats: their patterns travel as integers, and the support library (libgcc's names, binary encoding) computes.

    private static string DecimalMode(CType type) => type.Kind switch
    {
        TypeKind.Decimal32 => "sd",
        TypeKind.Decimal64 => "dd",
        _ => "td",
    };

    private Value DecimalOperation(BinaryOperator op, FloatType type, Value left, Value right)
    {
        string name = op switch
        {
            BinaryOperator.Add => "add",
            BinaryOperator.Subtract => "sub",
            BinaryOperator.Multiply => "mul",
            BinaryOperator.Divide => "div",
            _ => throw new InvalidOperationException($"decimal {op}"),
        };
        return CallLibrary($"__bid_{name}{DecimalMode(type)}3", type, [type, type], [left, right], CallFlags.Const | CallFlags.NoThrow);
    }

    private Value DecimalComparison(BinaryOperator op, FloatType type, Value left, Value right)
    {
        string name = op switch
        {
            BinaryOperator.Equal => "eq",
            BinaryOperator.NotEqual => "ne",
            BinaryOperator.Less => "lt",
            BinaryOperator.LessEqual => "le",
            BinaryOperator.Greater => "gt",
            _ => "ge",
        };
        CType result = unit.CTypes.Int;
        Value order = CallLibrary($"__bid_{name}{DecimalMode(type)}2", result, [type, type], [left, right], CallFlags.Const | CallFlags.NoThrow);
        return _b.Compare(IntPredicateOf(op, isSigned: true), order, Constant(IrType.I32, 0));
    }

    private Value ConvertDecimal(Value value, CType from, CType to)
    {
        bool fromInteger = from is not FloatType, toInteger = to is not FloatType;
        if (fromInteger && from.Size < 4)
        {
            value = Resize(value, IrType.I32, Lowering.IsSigned(from));
            from = unit.CTypes.Int;
        }
        if (toInteger && to.Size < 4)
            return Resize(ConvertDecimal(value, from, unit.CTypes.Int), Lowering.IrTypeOf(to), true);
        string source = ModeName(from), target = ModeName(to);
        string name = fromInteger ? $"__bid_float{(Lowering.IsSigned(from) ? "" : "uns")}{source}{target}"
            : toInteger ? $"__bid_fix{(Lowering.IsSigned(to) ? "" : "uns")}{source}{target}"
            : DecimalRank(to) > DecimalRank(from) ? $"__bid_extend{source}{target}{(from.IsDecimalFloat && to.IsDecimalFloat ? "2" : "")}"
            : $"__bid_trunc{source}{target}{(from.IsDecimalFloat && to.IsDecimalFloat ? "2" : "")}";
        return CallLibrary(name, to, [from], [value], CallFlags.Const | CallFlags.NoThrow);
    }

    private static int DecimalRank(CType type) => (int)type.Size * 2 + (type.IsDecimalFloat ? 0 : 1);

    private static string ModeName(CType type) => type switch
    {
        FloatType { IsDecimalFloat: true } => DecimalMode(type),
        FloatType real => FloatMode(real.Format),
        _ => type.Size switch
        {
            16 => "ti",
            8 => "di",
            _ => "si",
        },
    };

    /// <summary>libgcc's name of a binary format.</summary>
    private static string FloatMode(FloatFormat format) => format switch
    {
        FloatFormat.Half => "hf",
        FloatFormat.BFloat16 => "bf",
        FloatFormat.Single => "sf",
        FloatFormat.Double => "df",
        FloatFormat.X87 => "xf",
        FloatFormat.Quad => "tf",
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "no such format"),
    };
}
