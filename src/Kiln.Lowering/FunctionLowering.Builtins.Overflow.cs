namespace Kiln.Lowering;

// __builtin_add_overflow and its kin: the exact result of operands of any integer types, stored cut to the result's type, and whether it
// fits there.
internal sealed partial class FunctionLowering
{
    private Value Overflow(BuiltinExpression e)
    {
        Expression[] a = e.Arguments;
        bool isPredicate = e.Builtin.Id is BuiltinId.AddOverflowP or BuiltinId.SubOverflowP or BuiltinId.MulOverflowP;
        QualType resultType = isPredicate ? a[2].QualType : ((PointerType)a[2].Type).Pointee;
        BinaryOperator op = e.Builtin.Id switch
        {
            BuiltinId.AddOverflow or BuiltinId.AddOverflowP => BinaryOperator.Add,
            BuiltinId.SubOverflow or BuiltinId.SubOverflowP => BinaryOperator.Subtract,
            _ => BinaryOperator.Multiply,
        };
        Value left = Argument(e, 0), right = Argument(e, 1);
        Value address = default;
        int width = Width(resultType.Type);
        if (!isPredicate)
            address = Argument(e, 2);
        else if (IsBitFieldRead(a[2], out Field? field))
            width = field!.BitWidth;
        else
            Discard(a[2]);
        Open();
        (Value result, Value overflows) = ExactOperation(op, left, a[0].Type, right, a[1].Type, resultType.Type, width);
        if (!isPredicate)
            Store(MemoryLvalue(address, resultType.WithOnly(resultType.Qualifiers & ~Qualifiers.Atomic)), result);
        return overflows;
    }

    private static bool IsBitFieldRead(Expression e, out Field? field)
    {
        while (e is CastExpression cast)
            e = cast.Operand;
        field = e is MemberExpression { Field.IsBitField: true } member ? member.Field : null;
        return field is not null;
    }

    private static int Width(CType type) => type.Kind == TypeKind.Bool ? 1 : (int)type.Size * 8;

    /// <summary>Whether every value of one integer type is a value of another.</summary>
    private static bool IsSubset(CType type, bool isSigned, int width)
    {
        int own = Width(type);
        bool ownSigned = Lowering.IsSigned(type);
        return ownSigned == isSigned ? own <= width : isSigned && own < width;
    }

    private (Value Result, Value Overflows) ExactOperation(
        BinaryOperator op, Value left, CType leftType, Value right, CType rightType, CType resultType, int width)
    {
        bool isSigned = Lowering.IsSigned(resultType);
        IrType irType = Lowering.IrTypeOf(resultType);
        bool isWhole = width == irType.LaneBits;
        if (isWhole && IsSubset(leftType, isSigned, width) && IsSubset(rightType, isSigned, width))
        {
            Value a = Resize(left, irType, Lowering.IsSigned(leftType)), b = Resize(right, irType, Lowering.IsSigned(rightType));
            return (_b.Binary(PlainOperation(op), a, b), _b.Overflows(OverflowTest(op, isSigned), a, b));
        }
        int widest = Math.Max(Width(leftType), Width(rightType));
        if (widest <= 32 && width <= 64)
            return InWider(IrType.I64, op, left, leftType, right, rightType, irType, isSigned, width);
        if (widest <= 64 && (op != BinaryOperator.Multiply || Lowering.IsSigned(leftType) || Lowering.IsSigned(rightType)))
            return InWider(IrType.I128, op, left, leftType, right, rightType, irType, isSigned, width);
        return InPieces(op, left, leftType, right, rightType, irType, isSigned, width);
    }

    private static Op PlainOperation(BinaryOperator op) => op switch
    {
        BinaryOperator.Add => Op.Add,
        BinaryOperator.Subtract => Op.Sub,
        _ => Op.Mul,
    };

    private static Op OverflowTest(BinaryOperator op, bool isSigned) => op switch
    {
        BinaryOperator.Add => isSigned ? Op.AddOverflowsSigned : Op.AddOverflowsUnsigned,
        BinaryOperator.Subtract => isSigned ? Op.SubOverflowsSigned : Op.SubOverflowsUnsigned,
        _ => isSigned ? Op.MulOverflowsSigned : Op.MulOverflowsUnsigned,
    };

    /// <summary>In a signed type that holds every exact result.</summary>
    private (Value, Value) InWider(
        IrType wide, BinaryOperator op, Value left, CType leftType, Value right, CType rightType, IrType result, bool isSigned, int width)
    {
        Value a = Resize(left, wide, Lowering.IsSigned(leftType)), b = Resize(right, wide, Lowering.IsSigned(rightType));
        Value exact = _b.Binary(PlainOperation(op), a, b);
        int unused = wide.LaneBits - width;
        // What is left of the value in the result's width.
        Value kept = unused <= 0 ? exact
            : ShiftBy(isSigned ? Op.ShiftRightSigned : Op.ShiftRightUnsigned, ShiftBy(Op.ShiftLeft, exact, unused), unused);
        Value overflows = unused <= 0
            ? isSigned ? Constant(IrType.I1, 0) : _b.Compare(IntPredicate.LessSigned, exact, ZeroOf(wide))
            : _b.Compare(IntPredicate.NotEqual, kept, exact);
        return (Resize(kept, result, isSigned), overflows);
    }

    /// <summary>With 128-bit operands of mixed signs: the exact result as its low 128 bits and the sign word above them.</summary>
    private (Value, Value) InPieces(
        BinaryOperator op, Value left, CType leftType, Value right, CType rightType, IrType result, bool isSigned, int width)
    {
        bool leftSigned = Lowering.IsSigned(leftType), rightSigned = Lowering.IsSigned(rightType);
        Value a = Resize(left, IrType.I128, leftSigned), b = Resize(right, IrType.I128, rightSigned);
        Value zero = ZeroOf(IrType.I128);
        Value low, high, tooLarge = Constant(IrType.I1, 0);
        if (op == BinaryOperator.Multiply)
        {
            // The product of the magnitudes, then the sign.
            Value aNegative = leftSigned ? _b.Compare(IntPredicate.LessSigned, a, zero) : Constant(IrType.I1, 0);
            Value bNegative = rightSigned ? _b.Compare(IntPredicate.LessSigned, b, zero) : Constant(IrType.I1, 0);
            Value aMagnitude = _b.Select(aNegative, _b.Binary(Op.Sub, zero, a), a);
            Value bMagnitude = _b.Select(bNegative, _b.Binary(Op.Sub, zero, b), b);
            Value magnitude = _b.Binary(Op.Mul, aMagnitude, bMagnitude);
            tooLarge = _b.Overflows(Op.MulOverflowsUnsigned, aMagnitude, bMagnitude);
            Value negative = _b.Binary(Op.And, _b.Binary(Op.Xor, aNegative, bNegative), _b.Compare(IntPredicate.NotEqual, magnitude, zero));
            low = _b.Select(negative, _b.Binary(Op.Sub, zero, magnitude), magnitude);
            high = _b.Emit(Op.SignExtend, IrType.I64, negative);
        }
        else
        {
            Value aHigh = leftSigned ? SignWord(a) : SizeConstant(0), bHigh = rightSigned ? SignWord(b) : SizeConstant(0);
            bool isAddition = op == BinaryOperator.Add;
            low = _b.Binary(isAddition ? Op.Add : Op.Sub, a, b);
            Value carry = _b.Emit(Op.ZeroExtend, IrType.I64, _b.Overflows(isAddition ? Op.AddOverflowsUnsigned : Op.SubOverflowsUnsigned, a, b));
            high = _b.Binary(isAddition ? Op.Add : Op.Sub, _b.Binary(isAddition ? Op.Add : Op.Sub, aHigh, bHigh), carry);
        }
        int unused = 128 - width;
        Value kept = ShiftBy(isSigned ? Op.ShiftRightSigned : Op.ShiftRightUnsigned, ShiftBy(Op.ShiftLeft, low, unused), unused);
        Value wantedHigh = isSigned ? SignWord(kept) : SizeConstant(0);
        Value differs = _b.Binary(Op.Or, _b.Compare(IntPredicate.NotEqual, kept, low), _b.Compare(IntPredicate.NotEqual, high, wantedHigh));
        return (Resize(kept, result, isSigned), _b.Binary(Op.Or, differs, tooLarge));
    }

    /// <summary>-1 for a negative 128-bit number, else 0.</summary>
    private Value SignWord(Value value) => _b.Emit(Op.Truncate, IrType.I64, ShiftBy(Op.ShiftRightSigned, value, 127));
}
