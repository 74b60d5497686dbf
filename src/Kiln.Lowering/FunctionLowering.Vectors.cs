using System.Buffers.Binary;

namespace Kiln.Lowering;

// Vectors (GNU C). Up to 64 lanes they are IR values; longer ones lie in memory and are computed in pieces of the IR's kind.
internal sealed partial class FunctionLowering
{
    private Value VectorConstantValue(VectorConstant e)
    {
        var vector = (VectorType)e.Type;
        IrType type = Lowering.IrTypeOf(vector);
        if (!type.IsVector)
            return FloatingConstant(vector.Element, e.Elements[0]);
        byte[] bytes = ConstantLanes(vector, e.Elements);
        return _function.VectorConstant(type, bytes);
    }

    private static byte[] ConstantLanes(VectorType vector, UInt128[] elements)
    {
        int size = (int)vector.Element.Size;
        var bytes = new byte[size * vector.Count];
        Span<byte> wide = stackalloc byte[16];
        for (int i = 0; i < elements.Length && i < vector.Count; i++)
        {
            BinaryPrimitives.WriteUInt128LittleEndian(wide, elements[i]);
            wide[..Math.Min(size, 16)].CopyTo(bytes.AsSpan(i * size));
        }
        return bytes;
    }

    /// <summary>A vector built of an initializer's elements.</summary>
    private Value VectorOfElements(InitializerList list, VectorType vector)
    {
        IrType type = Lowering.IrTypeOf(vector);
        if (list.Elements is [{ Value.Type: VectorType, Offset: 0 } whole])
            return Scalar(whole.Value);
        if (!type.IsVector)
            return list.Elements.Length == 0 ? ZeroOf(type) : Scalar(list.Elements[0].Value);
        Value value = ZeroOf(type);
        foreach (ref readonly InitializerElement element in list.Elements.AsSpan())
        {
            Value lane = Scalar(element.Value);
            Open();
            for (long i = 0; i < element.Count; i++)
            {
                long index = (element.Offset + i * element.Stride) / vector.Element.Size;
                value = _b.Emit(Op.InsertLane, type, value, lane, SizeConstant(index));
            }
        }
        return value;
    }

    private Value SplatValue(CastExpression e)
    {
        var vector = (VectorType)e.Type;
        Value lane = ConvertScalar(Scalar(e.Operand), e.Operand.Type, vector.Element);
        Open();
        IrType type = Lowering.IrTypeOf(vector);
        return type.IsVector ? _b.Emit(Op.Splat, type, lane) : lane;
    }

    private Value BitCast(CastExpression e)
    {
        CType from = e.Operand.Type;
        switch (Lowering.ClassOf(from))
        {
            case TypeClass.Scalar:
                Value value = Scalar(e.Operand);
                Open();
                return _b.Convert(Op.Bitcast, Lowering.IrTypeOf(e.Type), value);
            case TypeClass.Complex:
                Value memory = Temporary(from);
                EvaluateInto(e.Operand, MemoryLvalue(memory, from));
                return _b.Load(Lowering.IrTypeOf(e.Type), memory, new MemoryAccess(AlignmentLog2(from.Alignment)));
            default:
                Value address = MemoryValue(e.Operand);
                Open();
                return _b.Load(Lowering.IrTypeOf(e.Type), address, new MemoryAccess(AlignmentLog2(from.Alignment)));
        }
    }

    /// <summary>A vector comparison: -1 or 0 in each lane.</summary>
    private Value CompareVector(BinaryOperator op, VectorType type, Value left, Value right)
    {
        Value result = CompareScalars(op, type.Element, left, right);
        // One lane is a scalar to the IR.
        return type.Count > 1 ? result : _b.Emit(Op.SignExtend, IrType.Integer((int)type.Element.Size * 8), result);
    }

    private Value ElementOfValue(VectorElementExpression e)
    {
        var vector = (VectorType)e.Vector.Type;
        if (Lowering.ClassOf(vector) == TypeClass.Memory)
            return Load(ElementLvalue(e));
        Value value = Scalar(e.Vector);
        Value index = IndexValue(e.Index);
        Open();
        return _function.TypeOf(value).IsVector ? _b.Emit(Op.ExtractLane, Lowering.IrTypeOf(e.Type), value, index) : value;
    }

    private Value VectorConditional(ConditionalExpression e, VectorType condition)
    {
        Value test = Scalar(e.Condition), a = Scalar(e.WhenTrue), b = Scalar(e.WhenFalse);
        Open();
        IrType type = _function.TypeOf(test);
        Value chosen = _b.Compare(IntPredicate.NotEqual, test, ZeroOf(type));
        _ = condition;
        return _b.Select(chosen, a, b);
    }

    private Value IncrementedVector(VectorType vector, Value old, bool down)
    {
        IrType type = _function.TypeOf(old);
        UInt128 bits = vector.Element is FloatType real ? SoftFloat.One(real.Format) : 1;
        Value one = FloatingConstant(vector.Element, bits);
        if (type.IsVector)
            one = _b.Emit(Op.Splat, type, one);
        return BinaryOperation(down ? BinaryOperator.Subtract : BinaryOperator.Add, vector, old, one, vector, null);
    }

    /// <summary>Integer lanes in another width.</summary>
    private Value ResizeLanes(Value value, IrType type, bool isSigned)
    {
        IrType known = _function.TypeOf(value);
        if (known == type)
            return value;
        return known.LaneBits > type.LaneBits ? _b.Emit(Op.Truncate, type, value)
            : _b.Emit(isSigned ? Op.SignExtend : Op.ZeroExtend, type, value);
    }

    /// <summary>__builtin_convertvector: every lane converted as C converts the element types.</summary>
    private Value ConvertVector(Expression operand, VectorType to)
    {
        Value value = Scalar(operand);
        Open();
        return ConvertVector(value, (VectorType)operand.Type, to);
    }

    private Value ConvertVector(Value value, VectorType from, VectorType to)
    {
        IrType type = Lowering.IrTypeOf(to);
        if (!type.IsVector)
            return ConvertScalar(value, from.Element, to.Element);
        bool fromFloat = from.Element is FloatType, toFloat = to.Element is FloatType;
        IrType known = _function.TypeOf(value);
        if (known == type)
            return value;
        if (!fromFloat && !toFloat)
            return ResizeLanes(value, type, Lowering.IsSigned(from));
        if (fromFloat && toFloat)
        {
            bool isWider = SoftFloat.Precision(type.Format) > SoftFloat.Precision(known.Format);
            return _b.Convert(isWider ? Op.FloatExtend : Op.FloatNarrow, type, value);
        }
        if (fromFloat)
        {
            // Through signed lanes of the float's own width, then cut or widened, where the target is narrower.
            bool isSigned = Lowering.IsSigned(to);
            if (type.LaneBits < known.LaneBits && type.LaneBits < 32)
            {
                IrType wide = IrType.Integer(Math.Max(32, known.LaneBits)).VectorOf(type.LanesLog2);
                return ResizeLanes(_b.Emit(Op.FloatToSigned, wide, value), type, true);
            }
            return _b.Emit(isSigned ? Op.FloatToSigned : Op.FloatToUnsigned, type, value);
        }
        bool wasSigned = Lowering.IsSigned(from);
        if (known.LaneBits < 32)
        {
            value = ResizeLanes(value, IrType.I32.VectorOf(known.LanesLog2), wasSigned);
            wasSigned = true;
        }
        return _b.Emit(wasSigned ? Op.SignedToFloat : Op.UnsignedToFloat, type, value);
    }

    // Shuffles

    private Value ShuffleValue(BuiltinExpression e)
    {
        var result = (VectorType)e.Type;
        IrType type = Lowering.IrTypeOf(result);
        if (Array.Exists(e.Arguments, a => Lowering.ClassOf(a.Type) == TypeClass.Memory))
        {
            Lvalue place = MemoryLvalue(Temporary(result), result);
            ShuffleInto(e, place);
            return Load(place);
        }
        if (e.Elements is { } elements)
            return ConstantShuffle(e, elements, type);
        // __builtin_shuffle (a, mask) or (a, b, mask) with a mask known at run time: lane by lane through memory.
        var source = (VectorType)e.Arguments[0].Type;
        bool isTwo = e.Arguments.Length == 3;
        Value a = Scalar(e.Arguments[0]);
        Value b = isTwo ? Scalar(e.Arguments[1]) : a;
        Expression maskExpression = e.Arguments[^1];
        Value mask = Scalar(maskExpression);
        Open();
        if (!type.IsVector)
            return a;
        int lanes = source.Count * (isTwo ? 2 : 1);
        long size = source.Element.Size;
        Value memory = _function.SlotAddress(NewSlot(lanes * size, (int)Math.Min(64, source.Size)));
        var access = new MemoryAccess(AlignmentLog2((int)Math.Min(64, source.Size)));
        _b.Store(memory, a, access);
        if (isTwo)
            _b.Store(OffsetBy(memory, source.Size), b, access);
        IrType maskLane = _function.TypeOf(mask).Lane;
        Value chosen = ZeroOf(type);
        for (int i = 0; i < result.Count; i++)
        {
            Value index = _b.Emit(Op.ExtractLane, maskLane, mask, SizeConstant(i));
            index = Resize(index, IrType.I64, false);
            index = _b.Binary(Op.And, index, SizeConstant(lanes - 1));
            Value lane = _b.Load(type.Lane, OffsetBy(memory, Scale(index, size)), new MemoryAccess(AlignmentLog2((int)size)));
            chosen = _b.Emit(Op.InsertLane, type, chosen, lane, SizeConstant(i));
        }
        return chosen;
    }

    private Value ConstantShuffle(BuiltinExpression e, int[] elements, IrType type)
    {
        bool isTwo = e.Builtin.Id == BuiltinId.ShuffleVector || e.Arguments.Length == 3;
        Value a = Scalar(e.Arguments[0]);
        Value b = isTwo ? Scalar(e.Arguments[1]) : a;
        Open();
        IrType source = _function.TypeOf(a);
        if (source.IsVector && source == _function.TypeOf(b) && source.LanesLog2 == type.LanesLog2)
        {
            Span<byte> mask = stackalloc byte[type.Lanes];
            for (int i = 0; i < mask.Length; i++)
                mask[i] = i < elements.Length && elements[i] >= 0 ? (byte)elements[i] : (byte)255;
            return Shuffle(type, a, b, mask);
        }
        // Other numbers of lanes: lane by lane. A vector of one lane is a scalar.
        Value Chosen(int element)
        {
            Value from = element < source.Lanes ? a : b;
            IrType known = _function.TypeOf(from);
            int lane = element < source.Lanes ? element : element - source.Lanes;
            return known.IsVector ? _b.Emit(Op.ExtractLane, known.Lane, from, SizeConstant(lane)) : from;
        }
        if (!type.IsVector)
            return elements[0] < 0 ? ZeroOf(type) : Chosen(elements[0]);
        Value result = ZeroOf(type);
        for (int i = 0; i < type.Lanes; i++)
        {
            if (elements[i] >= 0)
                result = _b.Emit(Op.InsertLane, type, result, Chosen(elements[i]), SizeConstant(i));
        }
        return result;
    }

    private Value Shuffle(IrType type, Value a, Value b, ReadOnlySpan<byte> mask)
    {
        int at = _function.ConstantBytes.Length;
        _function.ConstantBytes.Bytes(mask);
        return _b.Emit(Op.Shuffle, type, a, b, default, at);
    }

    /// <summary>A shuffle in which a vector past the IR's takes part: element by element through memory.</summary>
    private void ShuffleInto(BuiltinExpression e, in Lvalue place)
    {
        var vector = (VectorType)e.Type;
        var source = (VectorType)e.Arguments[0].Type;
        bool isTwo = e.Builtin.Id == BuiltinId.ShuffleVector || e.Arguments.Length == 3;
        int second = isTwo ? ((VectorType)e.Arguments[1].Type).Count : 0;
        long size = vector.Element.Size;
        // The operands lie one behind the other.
        Value memory = _function.SlotAddress(NewSlot((source.Count + second) * size, (int)Math.Min(64, source.Size)));
        EvaluateInto(e.Arguments[0], MemoryLvalue(memory, source));
        if (isTwo)
            EvaluateInto(e.Arguments[1], MemoryLvalue(OffsetBy(memory, source.Size), e.Arguments[1].Type));
        VectorType? masks = e.Elements is null ? (VectorType)e.Arguments[^1].Type : null;
        Value mask = masks is null ? default : InMemory(e.Arguments[^1]);
        Open();
        IrType element = Lowering.IrTypeOf(vector.Element);
        var access = new MemoryAccess(AlignmentLog2((int)size));
        for (int i = 0; i < vector.Count; i++)
        {
            Value from;
            if (masks is null)
            {
                from = OffsetBy(memory, Math.Max(0, e.Elements![i]) * size);
            }
            else
            {
                Value index = _b.Load(Lowering.IrTypeOf(masks.Element), OffsetBy(mask, i * size), access);
                index = _b.Binary(Op.And, Resize(index, IrType.I64, false), SizeConstant(source.Count + second - 1));
                from = OffsetBy(memory, Scale(index, size));
            }
            _b.Store(OffsetBy(place.Address, i * size), _b.Load(element, from, access), access);
        }
    }

    /// <summary>The address of a vector's value, which is put into memory where it is not there.</summary>
    private Value InMemory(Expression e)
    {
        if (Lowering.ClassOf(e.Type) == TypeClass.Memory)
            return MemoryValue(e);
        Value temporary = Temporary(e.Type);
        EvaluateInto(e, MemoryLvalue(temporary, e.Type));
        return temporary;
    }

    // Vectors past the IR's: pieces of at most 16 bytes

    /// <summary>Computes a vector in memory; false where the expression is only to be copied.</summary>
    private bool WideVectorInto(Expression e, in Lvalue place)
    {
        var vector = (VectorType)e.Type;
        switch (e)
        {
            case VectorConstant constant:
                byte[] bytes = ConstantLanes(vector, constant.Elements);
                Symbol symbol = unit.ConstantObject(bytes, bytes.Length, AlignmentLog2((int)Math.Min(vector.Size, 64)), ".LV");
                CopyMemory(place.Address, _function.SymbolAddress(symbol), vector.Size, 1 << place.AlignmentLog2, 16, false);
                return true;
            case UnaryExpression unary:
                Value operand = MemoryValue(unary.Operand);
                EachPiece(vector, (VectorType)unary.Operand.Type, place, (piece, at, access) =>
                {
                    IrType type = Lowering.IrTypeOf(piece);
                    Value part = _b.Load(type, OffsetBy(operand, at), access);
                    return unary.Operator switch
                    {
                        UnaryOperator.Negate => NegateScalar(part, piece, null),
                        UnaryOperator.Complement => _b.Binary(Op.Xor, part, AllOnes(type)),
                        _ => CompareVector(BinaryOperator.Equal, piece, part, ZeroOf(type)),
                    };
                });
                return true;
            case BinaryExpression binary:
                Value left = MemoryValue(binary.Left), right = MemoryValue(binary.Right);
                EachPiece(vector, (VectorType)binary.Left.Type, place, (piece, at, access) =>
                {
                    IrType type = Lowering.IrTypeOf(piece);
                    Value a = _b.Load(type, OffsetBy(left, at), access), b = _b.Load(type, OffsetBy(right, at), access);
                    return IsComparison(binary.Operator)
                        ? CompareVector(binary.Operator, piece, a, b)
                        : BinaryOperation(binary.Operator, piece, a, b, piece, null);
                });
                return true;
            case CompoundAssignExpression assign:
                Lvalue target = LvalueOf(assign.Target);
                Value other = MemoryValue(assign.Value);
                EachPiece(vector, vector, target, (piece, at, access) =>
                {
                    IrType type = Lowering.IrTypeOf(piece);
                    Value a = _b.Load(type, OffsetBy(target.Address, at), access), b = _b.Load(type, OffsetBy(other, at), access);
                    return BinaryOperation(assign.Operator, piece, a, b, piece, null);
                });
                CopyMemory(place.Address, target.Address, vector.Size, 1, 1, false);
                return true;
            case CastExpression { CastKind: CastKind.Splat } splat:
                Value lane = ConvertScalar(Scalar(splat.Operand), splat.Operand.Type, vector.Element);
                Open();
                EachPiece(vector, vector, place, (piece, _, _) => _b.Emit(Op.Splat, Lowering.IrTypeOf(piece), lane));
                return true;
            case CastExpression { CastKind: CastKind.BitCast or CastKind.NoOp } cast when Lowering.ClassOf(cast.Operand.Type) == TypeClass.Memory:
                Value from = MemoryValue(cast.Operand);
                CopyMemory(place.Address, from, vector.Size, 1 << place.AlignmentLog2, cast.Operand.Type.Alignment, false);
                return true;
            case IncrementExpression increment:
                Lvalue counted = LvalueOf(increment.Operand);
                if (increment.IsPostfix)
                    CopyMemory(place.Address, counted.Address, vector.Size, 1, 1, false);
                EachPiece(vector, vector, counted, (piece, at, access) =>
                    IncrementedVector(piece, _b.Load(Lowering.IrTypeOf(piece), OffsetBy(counted.Address, at), access), increment.IsDecrement));
                if (!increment.IsPostfix)
                    CopyMemory(place.Address, counted.Address, vector.Size, 1, 1, false);
                return true;
            case CastExpression { CastKind: CastKind.VectorConvert } convert:
                var known = (VectorType)convert.Operand.Type;
                Value converted = MemoryValue(convert.Operand);
                EachPiece(vector, known, place, (piece, at, access) =>
                    ConvertVector(_b.Load(Lowering.IrTypeOf(piece), OffsetBy(converted, at), access), piece, unit.CTypes.VectorOf(vector.Element, piece.Count)));
                return true;
            case BuiltinExpression { Builtin.Id: BuiltinId.Shuffle or BuiltinId.ShuffleVector } shuffle:
                ShuffleInto(shuffle, place);
                return true;
            case ConditionalExpression { Condition.Type: VectorType tests } conditional:
                Value test = MemoryValue(conditional.Condition), whenTrue = MemoryValue(conditional.WhenTrue), whenFalse = MemoryValue(conditional.WhenFalse);
                EachPiece(vector, tests, place, (piece, at, access) =>
                {
                    IrType type = Lowering.IrTypeOf(unit.CTypes.VectorOf(vector.Element, piece.Count));
                    Value condition = _b.Load(Lowering.IrTypeOf(piece), OffsetBy(test, at), access);
                    condition = _b.Compare(IntPredicate.NotEqual, condition, ZeroOf(_function.TypeOf(condition)));
                    return _b.Select(condition, _b.Load(type, OffsetBy(whenTrue, at), access), _b.Load(type, OffsetBy(whenFalse, at), access));
                });
                return true;
            default:
                return false;
        }
    }

    /// <summary>Computes a long vector piece by piece; a piece has as many lanes as 16 bytes hold.</summary>
    private void EachPiece(VectorType result, VectorType source, in Lvalue place, Func<VectorType, long, MemoryAccess, Value> compute)
    {
        Open();
        int lanes = (int)Math.Max(2, 16 / source.Element.Size);
        VectorType piece = unit.CTypes.VectorOf(source.Element, lanes);
        for (int i = 0; i < source.Count; i += lanes)
        {
            Value value = compute(piece, i * source.Element.Size, new MemoryAccess(AlignmentLog2((int)source.Element.Size)));
            _b.Store(OffsetBy(place.Address, i * result.Element.Size), value, new MemoryAccess(AlignmentLog2((int)result.Element.Size)));
        }
    }
}
