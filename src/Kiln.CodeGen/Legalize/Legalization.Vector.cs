using Kiln.IR;

namespace Kiln.CodeGen.Legalize;

// Vectors: those wider than the target's as their halves, those that it has no registers for as their lanes; operations that it lacks
// lane by lane.
public sealed partial class Legalization
{
    private Value ExpandVector(Op op, IrType type, Value a, Value b, Value c, long aux, InstructionFlags flags)
    {
        switch (op)
        {
            case Op.ExtractLane:
                return ExtractLane(type, a, b);
            case Op.InsertLane:
                return InsertLane(type, a, b, c);
            case Op.Splat:
                return Splat(type, a);
            case Op.Shuffle:
                return Shuffle(type, a, b, aux);
        }
        if (HasSameParts(type, a) && HasSameParts(type, b) && HasSameParts(type, c))
            return MapParts(op, type, a, b, c, aux, flags);
        return MapLanes(op, type, a, b, c, aux, flags);
    }

    private bool HasSameParts(IrType type, Value operand)
    {
        if (IsLegalType(type))
            return false;
        if (operand.IsNone)
            return true;
        IrType other = _function.TypeOf(operand);
        return !other.IsVector || !IsLegalType(other) && PartCount(other) == PartCount(type) && PartType(other).IsVector == PartType(type).IsVector;
    }

    private Value MapParts(Op op, IrType type, Value a, Value b, Value c, long aux, InstructionFlags flags)
    {
        IrType part = PartType(type);
        if (!part.IsVector && type.IsVector)
            return MapLanes(op, type, a, b, c, aux, flags);
        Span<Value> parts = stackalloc Value[PartCount(type)];
        for (int i = 0; i < parts.Length; i++)
            parts[i] = Make(op, part, PartOrScalar(a, i), PartOrScalar(b, i), PartOrScalar(c, i), aux, flags);
        return Whole(type, parts);
    }

    // An i1 that selects between vectors is the same for all parts.
    private Value PartOrScalar(Value value, int index) =>
        value.IsNone || IsLegalType(_function.TypeOf(value)) ? value : Part(value, index);

    private Value MapLanes(Op op, IrType type, Value a, Value b, Value c, long aux, InstructionFlags flags)
    {
        Span<Value> lanes = stackalloc Value[type.Lanes];
        for (int i = 0; i < lanes.Length; i++)
            lanes[i] = MakeLane(op, type.Lane, Lane(a, i), Lane(b, i), Lane(c, i), aux, flags);
        return Vector(type, lanes);
    }

    private Value MakeLane(Op op, IrType lane, Value a, Value b, Value c, long aux, InstructionFlags flags)
    {
        switch (op)
        {
            case Op.Compare or Op.FloatCompare:
                Value test = Make(op, IrType.I1, a, b, default, aux, flags);
                return Select(test, Constant(lane, -1), Constant(lane, 0));
            case Op.Select:
                Value condition = _function.TypeOf(a) == IrType.I1 ? a : Compare(IntPredicate.NotEqual, a, Constant(_function.TypeOf(a), 0));
                return Select(condition, b, c);
            case >= Op.Truncate and <= Op.FloatToUnsigned when _function.TypeOf(a) == lane:
                return a;
            default:
                return Make(op, lane, a, b, c, aux, flags);
        }
    }

    /// <summary>A lane of a vector; a scalar is every lane of itself.</summary>
    private Value Lane(Value vector, int index)
    {
        if (vector.IsNone)
            return vector;
        IrType type = _function.TypeOf(vector);
        if (!type.IsVector)
            return vector;
        if (_function.OpOf(vector) == Op.VectorConstant)
        {
            int size = type.Lane.Size;
            return ConstantOf(type.Lane, _function.Bytes(vector).Slice(index * size, size).ToArray());
        }
        if (_function.OpOf(vector) == Op.Any)
            return _function.Any(type.Lane);
        if (IsLegalType(type))
            return Make(Op.ExtractLane, type.Lane, vector, Constant(IrType.I32, index));
        IrType part = PartType(type);
        Value held = Part(vector, index / part.Lanes);
        return part.IsVector ? Lane(held, index % part.Lanes) : held;
    }

    /// <summary>A vector of lanes.</summary>
    private Value Vector(IrType type, ReadOnlySpan<Value> lanes)
    {
        if (!IsLegalType(type))
        {
            IrType part = PartType(type);
            Span<Value> parts = stackalloc Value[PartCount(type)];
            for (int i = 0; i < parts.Length; i++)
                parts[i] = part.IsVector ? Vector(part, lanes.Slice(i * part.Lanes, part.Lanes)) : lanes[i];
            return Whole(type, parts);
        }
        if (!IsLegal(Op.InsertLane, type, type))
            return VectorThroughMemory(type, lanes);
        Value vector = _function.Any(type);
        for (int i = 0; i < lanes.Length; i++)
        {
            if (_function.OpOf(lanes[i]) != Op.Any)
                vector = Make(Op.InsertLane, type, vector, lanes[i], Constant(IrType.I32, i));
        }
        return vector;
    }

    private Value VectorThroughMemory(IrType type, ReadOnlySpan<Value> lanes)
    {
        StackSlot slot = _function.NewSlot(type.Size, Math.Min(4, System.Numerics.BitOperations.Log2((uint)type.Size)));
        Value address = _function.SlotAddress(slot);
        for (int i = 0; i < lanes.Length; i++)
            Make(Op.Store, IrType.Void, At(address, i * type.Lane.Size), lanes[i], default, SlotAccess(type.Lane));
        return Make(Op.Load, type, address, default, default, SlotAccess(type));
    }

    private Value LaneAddress(Value slot, IrType type, Value index)
    {
        Value wide = Convert(Op.ZeroExtend, IrType.I64, index);
        Value number = Binary(Op.And, wide, Constant(IrType.I64, type.Lanes - 1));
        Value offset = Binary(Op.Mul, number, Constant(IrType.I64, type.Lane.Size));
        return Make(Op.PointerAdd, IrType.Pointer, slot, offset);
    }

    private Value ExtractLane(IrType type, Value vector, Value index)
    {
        IrType whole = _function.TypeOf(vector);
        if (_function.OpOf(index) == Op.Constant)
        {
            int number = (int)_function[index].Aux & whole.Lanes - 1;
            if (IsLegalType(whole) && _function.OpOf(vector) is not (Op.VectorConstant or Op.Any))
                return Make(Op.Load, type, At(Spill(vector), number * type.Size), default, default, SlotAccess(type));
            return Lane(vector, number);
        }
        return Make(Op.Load, type, LaneAddress(Spill(vector), whole, index), default, default, SlotAccess(type));
    }

    private Value InsertLane(IrType type, Value vector, Value lane, Value index)
    {
        if (_function.OpOf(index) == Op.Constant && !IsLegalType(type))
        {
            int number = (int)_function[index].Aux & type.Lanes - 1;
            IrType part = PartType(type);
            Span<Value> parts = stackalloc Value[PartCount(type)];
            for (int i = 0; i < parts.Length; i++)
                parts[i] = Part(vector, i);
            ref Value changed = ref parts[number / part.Lanes];
            changed = part.IsVector ? Make(Op.InsertLane, part, changed, lane, Constant(IrType.I32, number % part.Lanes)) : lane;
            return Whole(type, parts);
        }
        Value slot = Spill(vector);
        Make(Op.Store, IrType.Void, LaneAddress(slot, type, index), lane, default, SlotAccess(type.Lane));
        return Make(Op.Load, type, slot, default, default, SlotAccess(type));
    }

    private Value Splat(IrType type, Value lane)
    {
        if (IsLegalType(type))
        {
            Span<Value> lanes = stackalloc Value[type.Lanes];
            lanes.Fill(lane);
            return Vector(type, lanes);
        }
        IrType part = PartType(type);
        Span<Value> parts = stackalloc Value[PartCount(type)];
        parts.Fill(part.IsVector ? Make(Op.Splat, part, lane) : lane);
        return Whole(type, parts);
    }

    private bool IsShuffleLegal(Value shuffle) =>
        IsLegal(Op.Shuffle, _function.TypeOf(shuffle), _function.TypeOf(_function[shuffle].A));

    // Each part of the result is a shuffle of at most two parts of the operands, or made lane by lane.
    private Value Shuffle(IrType type, Value a, Value b, long mask)
    {
        IrType source = _function.TypeOf(a);
        byte[] chosen = _function.ConstantBytes.Span.Slice((int)mask, type.Lanes).ToArray();
        IrType part = IsLegalType(type) ? type : PartType(type);
        if (!part.IsVector || IsLegalType(type))
            return ShuffleLanes(type, a, b, source, chosen);
        Span<Value> parts = stackalloc Value[PartCount(type)];
        for (int i = 0; i < parts.Length; i++)
            parts[i] = ShufflePart(part, a, b, source, chosen.AsSpan(i * part.Lanes, part.Lanes));
        return Whole(type, parts);
    }

    private Value ShufflePart(IrType part, Value a, Value b, IrType source, Span<byte> chosen)
    {
        IrType piece = IsLegalType(source) ? source : PartType(source);
        if (piece != part || !IsLegal(Op.Shuffle, part, part))
            return ShuffleLanes(part, a, b, source, chosen);
        int first = -1, second = -1;
        Span<byte> mask = stackalloc byte[chosen.Length];
        for (int i = 0; i < chosen.Length; i++)
        {
            if (chosen[i] == 255)
            {
                mask[i] = 255;
                continue;
            }
            int from = chosen[i] / part.Lanes;
            if (first < 0 || first == from)
                first = from;
            else if (second < 0 || second == from)
                second = from;
            else
                return ShuffleLanes(part, a, b, source, chosen);
            mask[i] = (byte)(chosen[i] % part.Lanes + (from == first ? 0 : part.Lanes));
        }
        if (first < 0)
            return _function.Any(part);
        int at = _function.ConstantBytes.Length;
        _function.ConstantBytes.Bytes(mask);
        Value left = SourcePart(a, b, source, first, piece);
        return Make(Op.Shuffle, part, left, second < 0 ? left : SourcePart(a, b, source, second, piece), default, at);
    }

    private Value SourcePart(Value a, Value b, IrType source, int index, IrType piece)
    {
        int count = source.Lanes / piece.Lanes;
        Value from = index < count ? a : b;
        return IsLegalType(source) ? from : Part(from, index % count);
    }

    private Value ShuffleLanes(IrType type, Value a, Value b, IrType source, ReadOnlySpan<byte> chosen)
    {
        Span<Value> lanes = stackalloc Value[type.Lanes];
        for (int i = 0; i < lanes.Length; i++)
        {
            int from = chosen[i];
            lanes[i] = from == 255 ? _function.Any(type.Lane) : from < source.Lanes ? Lane(a, from) : Lane(b, from - source.Lanes);
        }
        return Vector(type, lanes);
    }
}
