using Kiln.CodeGen.Machine;
using Kiln.IR;
using M = Kiln.Isa.X86.Mnemonic;

namespace Kiln.CodeGen.Targets.X86;

// Arithmetic that tells of overflow; counts, swaps and reversals of bits.
public sealed partial class X86Target
{
    private void SelectOverflow(Value v)
    {
        Condition condition = EmitOverflow(v);
        EmitSet(Def(v), condition);
    }

    /// <summary>Computes an overflow test's operation, with its result where the block wants it too, and gives the condition that it overflowed.</summary>
    private Condition EmitOverflow(Value v)
    {
        Value a = _f[v].A, b = _f[v].B;
        Op op = _f.OpOf(v);
        IrType type = _f.TypeOf(a);
        int size = type.LaneBits / 8;
        if (type.LaneBits < 8)
            throw new NotSupportedException("overflow of i1");
        bool signed = op is Op.AddOverflowsSigned or Op.SubOverflowsSigned or Op.MulOverflowsSigned;
        Op plain = op switch
        {
            Op.AddOverflowsSigned or Op.AddOverflowsUnsigned => Op.Add,
            Op.SubOverflowsSigned or Op.SubOverflowsUnsigned => Op.Sub,
            _ => Op.Mul,
        };
        if (op == Op.SubOverflowsUnsigned && FindTwin(v, plain).IsNone)
        {
            EmitCompare(a, b, size);
            return Condition.Below;
        }
        if (plain == Op.Mul)
            return EmitMultiplyOverflow(v, a, b, size, signed);
        Value twin = FindTwin(v, plain);
        if (IsConstant(a) && plain == Op.Add)
            (a, b) = (b, a);
        Arg second = RegisterOrImmediate(b, size);
        Reg first = Use(a);
        Reg result = twin.IsNone ? NewReg(Math.Max(size, 4)) : DefineEarly(twin);
        Copy(result, first);
        Emit(plain == Op.Add ? M.Add : M.Sub, size, result, second);
        return signed ? Condition.Overflow : Condition.Below;
    }

    private Condition EmitMultiplyOverflow(Value v, Value a, Value b, int size, bool signed)
    {
        Value twin = FindTwin(v, Op.Mul);
        if (signed && size >= 2)
        {
            if (IsConstant(a))
                (a, b) = (b, a);
            if (TryImmediate(b, size, out long constant))
            {
                Reg source = Use(a);
                Reg product = twin.IsNone ? NewReg(Math.Max(size, 4)) : DefineEarly(twin);
                Emit(M.Imul, size, product, source, Arg.Imm(constant));
                return Condition.Overflow;
            }
            Reg second = Use(b), first = Use(a);
            Reg result = twin.IsNone ? NewReg(Math.Max(size, 4)) : DefineEarly(twin);
            Copy(result, first);
            Emit(M.Imul, size, result, second);
            return Condition.Overflow;
        }
        Reg lowReg = twin.IsNone ? default : DefineEarly(twin);
        Reg y = Use(b), x = Use(a);
        // One byte: ax is the product, dx is left alone.
        RegisterSet high = size == 1 ? default : RegisterSet.Of(2);
        if (lowReg.IsNone)
            EmitFixed(signed ? M.Imul : M.Mul, size, y, [(x, Regs.Rax)], [], high.With(0));
        else
            EmitFixed(signed ? M.Imul : M.Mul, size, y, [(x, Regs.Rax)], [(lowReg, Regs.Rax)], high);
        return Condition.Overflow;
    }

    private void SelectCountLeading(Value v)
    {
        Value a = _f[v].A;
        IrType type = _f[v].Type;
        int bits = type.LaneBits, size = Wide(type);
        Reg d = Def(v);
        Reg source = bits < 32 ? Extended(a, false, 4) : Use(a);
        if (_features.Lzcnt)
        {
            Emit(M.Lzcnt, size, d, source);
            if (bits < 32)
                Emit(M.Sub, 4, d, Arg.Imm(32 - bits));
            return;
        }
        // bsr leaves its target on 0: start with 2 * bits - 1, so that the xor gives the width.
        Reg none = NewReg(size), index = NewReg(size);
        EmitConstant(none, 2 * bits - 1, 4);
        Emit(M.Bsr, size, index, source);
        Emit(Cmov(Condition.Equal), size, index, none);
        Emit(M.Xor, 4, index, Arg.Imm(bits - 1));
        Copy(d, index);
    }

    private void SelectCountTrailing(Value v)
    {
        Value a = _f[v].A;
        IrType type = _f[v].Type;
        int bits = type.LaneBits, size = Wide(type);
        Reg d = Def(v);
        Reg source = Use(a);
        if (bits < 32)
        {
            // A bit just above the value ends the search.
            Reg guarded = NewReg(4);
            Copy(guarded, source);
            Emit(M.Or, 4, guarded, Arg.Imm(1L << bits));
            Emit(_features.Bmi1 ? M.Tzcnt : M.Bsf, 4, d, guarded);
            return;
        }
        if (_features.Bmi1)
        {
            Emit(M.Tzcnt, size, d, source);
            return;
        }
        Reg none = NewReg(size), index = NewReg(size);
        EmitConstant(none, bits, 4);
        Emit(M.Bsf, size, index, source);
        Emit(Cmov(Condition.Equal), size, index, none);
        Copy(d, index);
    }

    private void SelectPopulationCount(Value v)
    {
        Value a = _f[v].A;
        IrType type = _f[v].Type;
        int bits = type.LaneBits, size = Wide(type);
        Reg d = Def(v);
        Reg x = NewReg(size);
        Copy(x, bits < 32 ? Extended(a, false, 4) : Use(a));
        if (_features.Popcnt)
        {
            Emit(M.Popcnt, size, d, x);
            return;
        }
        // Pairs, nibbles, bytes, then all bytes summed by a multiplication.
        Reg t = NewReg(size);
        Arg Mask(ulong pattern) => size == 4 ? Arg.Imm((int)(uint)pattern) : Constant64((long)pattern, 8);
        Copy(t, x);
        Emit(M.Shr, size, t, Arg.Imm(1));
        Emit(M.And, size, t, Mask(0x5555555555555555));
        Emit(M.Sub, size, x, t);
        Reg u = NewReg(size);
        Arg pairs = Mask(0x3333333333333333);
        Copy(u, x);
        Emit(M.And, size, u, pairs);
        Emit(M.Shr, size, x, Arg.Imm(2));
        Emit(M.And, size, x, pairs);
        Emit(M.Add, size, x, u);
        Reg w = NewReg(size);
        Copy(w, x);
        Emit(M.Shr, size, w, Arg.Imm(4));
        Emit(M.Add, size, w, x);
        Emit(M.And, size, w, Mask(0x0f0f0f0f0f0f0f0f));
        if (size == 4)
            Emit(M.Imul, 4, w, w, Arg.Imm(0x01010101));
        else
            Emit(M.Imul, 8, w, Constant64(0x0101010101010101, 8));
        Emit(M.Shr, size, w, Arg.Imm(size * 8 - 8));
        Copy(d, w);
    }

    private void SelectByteSwap(Value v)
    {
        Value a = _f[v].A;
        IrType type = _f[v].Type;
        Reg d = Def(v);
        Copy(d, Use(a));
        switch (type.LaneBits)
        {
            case <= 8:
                break;
            case 16:
                Emit(M.Rol, 2, d, Arg.Imm(8));
                break;
            default:
                Emit(M.Bswap, Wide(type), d);
                break;
        }
    }

    private void SelectBitReverse(Value v)
    {
        Value a = _f[v].A;
        IrType type = _f[v].Type;
        int bits = type.LaneBits, size = Wide(type);
        Reg d = Def(v);
        Reg x = NewReg(size);
        Copy(x, Use(a));
        if (bits == 1)
        {
            Copy(d, x);
            return;
        }
        Emit(M.Bswap, size, x);
        ReadOnlySpan<ulong> masks = [0x0f0f0f0f0f0f0f0f, 0x3333333333333333, 0x5555555555555555];
        for (int i = 0; i < 3; i++)
        {
            int shift = 4 >> i;
            Arg mask = size == 4 ? Arg.Imm((int)(uint)masks[i]) : Constant64((long)masks[i], 8);
            Reg t = NewReg(size);
            Copy(t, x);
            Emit(M.And, size, t, mask);
            Emit(M.Shl, size, t, Arg.Imm(shift));
            Emit(M.Shr, size, x, Arg.Imm(shift));
            Emit(M.And, size, x, mask);
            Emit(M.Or, size, x, t);
        }
        if (bits < 32)
            Emit(M.Shr, 4, x, Arg.Imm(32 - bits));
        Copy(d, x);
    }
}
