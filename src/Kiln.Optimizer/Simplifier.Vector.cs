using Kiln.IR;

namespace Kiln.Optimizer;

// Vectors put together of lanes: constants, splats, and lanes taken out again.
public sealed partial class Simplifier
{
    // splat c => the constant
    private Value SimplifySplat(Value v)
    {
        Value lane = A(v);
        if (!IsLaneConstant(lane))
            return default;
        IrType type = TypeOf(v);
        Span<byte> bytes = stackalloc byte[256];
        bytes = bytes[..type.Size];
        for (int at = 0; at < bytes.Length; at += type.Lane.Size)
            PutLane(bytes, at, lane);
        return _function.VectorConstant(type, bytes);
    }

    // insert (constant, c, i) => the constant; a chain of inserts of one value in all lanes => splat
    private Value SimplifyInsertLane(Value v)
    {
        ref Instruction instruction = ref _function[v];
        IrType type = instruction.Type;
        if (!IsConstant(instruction.C, out long index))
            return default;
        if (IsLaneConstant(instruction.B) && (Is(instruction.A, Op.VectorConstant) || Is(instruction.A, Op.Any)))
        {
            Span<byte> bytes = stackalloc byte[256];
            bytes = bytes[..type.Size];
            bytes.Clear();
            if (Is(instruction.A, Op.VectorConstant))
                _function.Bytes(instruction.A).CopyTo(bytes);
            PutLane(bytes, (int)(index & type.Lanes - 1) * type.Lane.Size, instruction.B);
            return _function.VectorConstant(type, bytes);
        }
        ulong filled = 0;
        Value chain = v;
        while (Is(chain, Op.InsertLane) && B(chain) == instruction.B && IsConstant(_function[chain].C, out long at))
        {
            filled |= 1UL << (int)(at & type.Lanes - 1);
            if (System.Numerics.BitOperations.PopCount(filled) == type.Lanes)
            {
                instruction.Op = Op.Splat;
                instruction.A = instruction.B;
                instruction.B = default;
                instruction.C = default;
                return v;
            }
            chain = A(chain);
        }
        return default;
    }

    // extract (insert (a, x, i), i) => x; past another lane => extract (a, i); extract (splat x) => x
    private Value SimplifyExtractLane(Value v)
    {
        ref Instruction instruction = ref _function[v];
        if (Is(instruction.A, Op.Splat))
            return A(instruction.A);
        int lanes = TypeOf(instruction.A).Lanes;
        if (!IsConstant(instruction.B, out long index))
            return default;
        Value from = instruction.A;
        while (Is(from, Op.InsertLane) && IsConstant(_function[from].C, out long at))
        {
            if ((at & lanes - 1) == (index & lanes - 1))
                return B(from);
            from = A(from);
        }
        if (from == instruction.A)
            return default;
        instruction.A = from;
        return v;
    }

    private bool IsLaneConstant(Value lane) =>
        (Is(lane, Op.Constant) || Is(lane, Op.FloatConstant)) && TypeOf(lane).Size <= 8 && TypeOf(lane) != IrType.I1;

    private void PutLane(Span<byte> bytes, int at, Value lane)
    {
        UInt128 bits = _function.ConstantBits(lane);
        int size = TypeOf(lane).Size;
        for (int i = 0; i < size; i++)
            bytes[at + i] = (byte)(bits >> i * 8);
    }
}
