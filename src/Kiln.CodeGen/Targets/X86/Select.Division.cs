using System.Numerics;
using Kiln.CodeGen.Machine;
using Kiln.IR;
using M = Kiln.Isa.X86.Mnemonic;

namespace Kiln.CodeGen.Targets.X86;

// Division: by constants as multiplication by the inverse (Granlund and Montgomery, "Division by Invariant Integers using
// Multiplication"), else the processor's.
public sealed partial class X86Target
{
    private void SelectDivision(Value v, bool signed, bool remainder)
    {
        Value a = _f[v].A, b = _f[v].B;
        IrType type = _f[v].Type;
        if (type == IrType.I1)
        {
            // The divisor is 1.
            Reg flag = Def(v);
            if (remainder)
                EmitConstant(flag, 0, 4);
            else
                Copy(flag, Use(a));
            return;
        }
        if (IsConstant(b) && TryDivideByConstant(v, a, _f[b].Aux, signed, remainder))
            return;
        int size = Wide(type);
        Op other = (signed, remainder) switch
        {
            (true, true) => Op.DivSigned,
            (true, false) => Op.RemSigned,
            (false, true) => Op.DivUnsigned,
            _ => Op.RemUnsigned,
        };
        if (DeferTo(v, other))
            return;
        Value twin = TwinOf(v);
        Reg own = Def(v);
        Reg second = twin.IsNone ? default : DefineEarly(twin);
        Reg dividend = type.LaneBits < 32 ? Extended(a, signed, 4) : Use(a);
        Arg divisor = type.LaneBits < 32 ? Extended(b, signed, 4) : CanFoldLoad(b, size) ? Source(b, size) : Use(b);
        Reg high = NewReg(size);
        if (signed)
        {
            EmitFixed(size == 8 ? M.Cqo : M.Cdq, 0, default, [(dividend, Regs.Rax)], [(high, Regs.Rdx)]);
        }
        else
        {
            EmitConstant(high, 0, 4);
        }
        Reg quotientReg = remainder ? second : own, remainderReg = remainder ? own : second;
        M mnemonic = signed ? M.Idiv : M.Div;
        ReadOnlySpan<(Reg, Reg)> reads = [(dividend, Regs.Rax), (high, Regs.Rdx)];
        if (quotientReg.IsNone)
            EmitFixed(mnemonic, size, divisor, reads, [(remainderReg, Regs.Rdx)], RegisterSet.Of(0));
        else if (remainderReg.IsNone)
            EmitFixed(mnemonic, size, divisor, reads, [(quotientReg, Regs.Rax)], RegisterSet.Of(2));
        else
            EmitFixed(mnemonic, size, divisor, reads, [(quotientReg, Regs.Rax), (remainderReg, Regs.Rdx)]);
    }

    private bool TryDivideByConstant(Value v, Value a, long divisor, bool signed, bool remainder)
    {
        IrType type = _f[v].Type;
        int bits = type.LaneBits;
        int size = Wide(type);
        ulong unsignedDivisor = (ulong)divisor & (bits == 64 ? ulong.MaxValue : (1UL << bits) - 1);
        if (divisor == 0 || (signed && divisor == -1 && remainder))
            return false;
        if (!_optimize && !BitOperations.IsPow2(signed ? (ulong)Math.Max(divisor, 0) : unsignedDivisor))
            return false;
        if (divisor == long.MinValue || (signed && divisor == -(1L << (bits - 1))))
            return false;
        Reg d = Def(v);
        Reg n = bits < 32 ? Extended(a, signed, 4) : Use(a);
        if (signed)
            DivideSigned(d, n, divisor, Math.Max(bits, 32), size, remainder);
        else
            DivideUnsigned(d, n, unsignedDivisor, Math.Max(bits, 32), size, remainder);
        return true;
    }

    private void DivideUnsigned(Reg d, Reg n, ulong divisor, int bits, int size, bool remainder)
    {
        if (BitOperations.IsPow2(divisor))
        {
            int shift = BitOperations.Log2(divisor);
            Copy(d, n);
            if (!remainder)
            {
                if (shift != 0)
                    Emit(M.Shr, size, d, Arg.Imm(shift));
                return;
            }
            ulong mask = divisor - 1;
            if (mask <= int.MaxValue)
                Emit(M.And, 4, d, Arg.Imm((long)mask));
            else if (mask == uint.MaxValue)
                Emit(M.Mov, 4, d, d);
            else
            {
                Reg wideMask = Constant64((long)mask, size);
                Emit(M.And, size, d, wideMask);
            }
            return;
        }
        UnsignedReciprocal reciprocal = UnsignedReciprocal.Of(divisor, bits);
        Reg quotient = remainder ? NewReg(size) : d;
        Reg shifted = n;
        if (reciprocal.PreShift != 0)
        {
            shifted = NewReg(size);
            Copy(shifted, n);
            Emit(M.Shr, size, shifted, Arg.Imm(reciprocal.PreShift));
        }
        if (bits == 32 && !reciprocal.Add)
        {
            // The whole product fits 64 bits: no need of rdx.
            Reg wide = NewReg(8);
            Emit(M.Mov, 4, wide, shifted);
            if (reciprocal.Multiplier <= int.MaxValue)
            {
                Emit(M.Imul, 8, wide, wide, Arg.Imm((long)reciprocal.Multiplier));
            }
            else
            {
                Reg multiplier = NewReg(8);
                EmitConstant(multiplier, (long)reciprocal.Multiplier, 8);
                Emit(M.Imul, 8, wide, multiplier);
            }
            Emit(M.Shr, 8, wide, Arg.Imm(32 + reciprocal.Shift));
            Copy(quotient, wide);
        }
        else
        {
            Reg high = NewReg(size);
            EmitWideMultiply(M.Mul, size, default, high, shifted, Constant64((long)reciprocal.Multiplier, size));
            if (reciprocal.Add)
            {
                // t + (n - t >> 1) >> shift - 1
                Reg rest = NewReg(size);
                Copy(rest, n);
                Emit(M.Sub, size, rest, high);
                Emit(M.Shr, size, rest, Arg.Imm(1));
                Emit(M.Add, size, rest, high);
                if (reciprocal.Shift > 1)
                    Emit(M.Shr, size, rest, Arg.Imm(reciprocal.Shift - 1));
                Copy(quotient, rest);
            }
            else
            {
                Copy(quotient, high);
                if (reciprocal.Shift != 0)
                    Emit(M.Shr, size, quotient, Arg.Imm(reciprocal.Shift));
            }
        }
        if (remainder)
            SubtractProduct(d, n, quotient, (long)divisor, size);
    }

    private void DivideSigned(Reg d, Reg n, long divisor, int bits, int size, bool remainder)
    {
        ulong magnitude = (ulong)Math.Abs(divisor);
        if (magnitude == 1)
        {
            Copy(d, n);
            if (remainder)
                EmitConstant(d, 0, 4);
            else if (divisor < 0)
                Emit(M.Neg, size, d);
            return;
        }
        if (BitOperations.IsPow2(magnitude))
        {
            int shift = BitOperations.Log2(magnitude);
            // bias = n < 0 ? 2^k - 1 : 0
            Reg bias = NewReg(size);
            Copy(bias, n);
            if (shift > 1)
                Emit(M.Sar, size, bias, Arg.Imm(bits - 1));
            Emit(M.Shr, size, bias, Arg.Imm(bits - shift));
            if (!remainder)
            {
                Emit(M.Add, size, bias, n);
                Emit(M.Sar, size, bias, Arg.Imm(shift));
                if (divisor < 0)
                    Emit(M.Neg, size, bias);
                Copy(d, bias);
                return;
            }
            // ((n + bias) & 2^k - 1) - bias
            Reg sum = NewReg(size);
            Copy(sum, n);
            Emit(M.Add, size, sum, bias);
            if (magnitude - 1 <= int.MaxValue)
                Emit(M.And, size, sum, Arg.Imm((long)(magnitude - 1)));
            else
                Emit(M.And, size, sum, Constant64((long)(magnitude - 1), size));
            Emit(M.Sub, size, sum, bias);
            Copy(d, sum);
            return;
        }
        SignedReciprocal reciprocal = SignedReciprocal.Of(divisor, bits);
        Reg quotient = NewReg(size);
        if (bits == 32)
        {
            Reg wide = NewReg(8);
            Emit(M.Movsxd, 8, wide, Arg.Narrow(n, 4));
            Emit(M.Imul, 8, wide, wide, Arg.Imm(reciprocal.Multiplier));
            if ((divisor > 0 && reciprocal.Multiplier < 0) || (divisor < 0 && reciprocal.Multiplier > 0))
            {
                Emit(M.Shr, 8, wide, Arg.Imm(32));
                Emit(divisor > 0 ? M.Add : M.Sub, 4, wide, n);
                if (reciprocal.Shift != 0)
                    Emit(M.Sar, 4, wide, Arg.Imm(reciprocal.Shift));
            }
            else
            {
                Emit(M.Sar, 8, wide, Arg.Imm(32 + reciprocal.Shift));
            }
            Copy(quotient, wide);
        }
        else
        {
            EmitWideMultiply(M.Imul, 8, default, quotient, n, Constant64(reciprocal.Multiplier, 8));
            if (divisor > 0 && reciprocal.Multiplier < 0)
                Emit(M.Add, 8, quotient, n);
            else if (divisor < 0 && reciprocal.Multiplier > 0)
                Emit(M.Sub, 8, quotient, n);
            if (reciprocal.Shift != 0)
                Emit(M.Sar, 8, quotient, Arg.Imm(reciprocal.Shift));
        }
        // Round to zero: add one where the quotient is negative.
        Reg sign = NewReg(size);
        Copy(sign, divisor > 0 ? n : quotient);
        Emit(M.Sar, size, sign, Arg.Imm(bits - 1));
        Reg result = NewReg(size);
        Copy(result, quotient);
        Emit(M.Sub, size, result, sign);
        if (!remainder)
            Copy(d, result);
        else
            SubtractProduct(d, n, result, divisor, size);
    }

    // d = n - quotient * divisor
    private void SubtractProduct(Reg d, Reg n, Reg quotient, long divisor, int size)
    {
        Reg product = NewReg(size);
        if (size == 4)
            divisor = (int)divisor;
        if (divisor == (int)divisor)
        {
            Emit(M.Imul, size, product, quotient, Arg.Imm(divisor));
        }
        else
        {
            Copy(product, quotient);
            Emit(M.Imul, size, product, Constant64(divisor, size));
        }
        Reg rest = NewReg(size);
        Copy(rest, n);
        Emit(M.Sub, size, rest, product);
        Copy(d, rest);
    }

    private Reg Constant64(long value, int size)
    {
        Reg r = NewReg(size);
        EmitConstant(r, size == 4 ? (int)value : value, size);
        return r;
    }
}
