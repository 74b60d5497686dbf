using System.Numerics;
using Kiln.CodeGen.Machine;
using Kiln.IR;
using M = Kiln.Isa.X86.Mnemonic;

namespace Kiln.CodeGen.Targets.X86;

// Integer arithmetic. Values of 8 and 16 bits live in 32-bit registers whose upper bits are unspecified, so that sums, products
// and logic are plain 32-bit instructions; what looks at the upper bits (right shifts, divisions, conversions) extends first.
// An i1 is 0 or 1 in the low 8 bits of its register.
public sealed partial class X86Target
{
    /// <summary>The width at which arithmetic of a type is done: 4 or 8.</summary>
    private static int Wide(IrType type) => type.LaneBits > 32 ? 8 : 4;

    private void SelectAdd(Value v)
    {
        Value a = _f[v].A, b = _f[v].B;
        IrType type = _f[v].Type;
        int size = Wide(type);
        if (type == IrType.I1)
        {
            EmitBinary(M.Xor, 4, Def(v), a, b, true);
            return;
        }
        if (IsConstant(a))
            (a, b) = (b, a);
        if (TryCarry(v, a, b, M.Adc, Op.AddOverflowsUnsigned) || TryCarry(v, b, a, M.Adc, Op.AddOverflowsUnsigned))
            return;
        if (type.LaneBits >= 32 && TryLea(v, size))
            return;
        if (TryImmediate(b, size, out long constant))
        {
            Reg d = Def(v);
            Reg source = Use(a);
            if (constant is 128 or 0x80000000)
            {
                Copy(d, source);
                Emit(M.Sub, size, d, Arg.Imm(-constant));
            }
            else if (_optimize && !DiesHere(a))
            {
                Emit(M.Lea, size, d, new Address { Base = source, Displacement = constant });
            }
            else
            {
                Copy(d, source);
                Emit(M.Add, size, d, Arg.Imm(constant));
            }
            return;
        }
        if (_optimize && !DiesHere(a) && !DiesHere(b) && !CanFoldLoad(b, size) && !CanFoldLoad(a, size))
        {
            Reg d = Def(v);
            Reg x = Use(a), y = Use(b);
            Emit(M.Lea, size, d, new Address { Base = x, Index = y, Scale = 1 });
            return;
        }
        EmitBinary(M.Add, size, Def(v), a, b, true);
    }

    // x + (y << k), x + y + c and the like in one lea; not for what add does as well.
    private bool TryLea(Value v, int size)
    {
        if (!_optimize)
            return false;
        var parts = new AddressParts();
        if (!MatchSum(v, ref parts, size) || parts.Index.IsNone || (parts.Scale == 1 && parts.Displacement == 0))
            return false;
        Reg d = Def(v);
        Address address = Realize(ref parts);
        Emit(M.Lea, size, d, address);
        return true;
    }

    // hi + zext(lo overflowed): add, adc in one group. `carry` is the extended overflow.
    private bool TryCarry(Value v, Value high, Value carry, M withCarry, Op overflow)
    {
        if (_f.OpOf(carry) != Op.ZeroExtend || !IsCovered(carry))
            return false;
        Value test = _f[carry].A;
        if (_f.OpOf(test) != overflow || !IsCovered(test) || _f.TypeOf(_f[test].A).LaneBits < 32)
            return false;
        Value low = FindTwin(test, overflow == Op.AddOverflowsUnsigned ? Op.Add : Op.Sub);
        int size = Wide(_f.TypeOf(v));
        int lowSize = Wide(_f.TypeOf(_f[test].A));
        Reg d = Def(v);
        // high is itself a sum x + y of single use: add; adc x, y. Else adc high, 0.
        Value x = high, y = default;
        Op sum = overflow == Op.AddOverflowsUnsigned ? Op.Add : Op.Sub;
        if (_f.OpOf(high) == sum && IsCovered(high))
        {
            x = _f[high].A;
            y = _f[high].B;
        }
        Arg operandY = y.IsNone ? Arg.Imm(0) : RegisterOrImmediate(y, size);
        Reg operandX = Use(x);
        Arg lowB = RegisterOrImmediate(_f[test].B, lowSize);
        Reg lowA = Use(_f[test].A);
        Reg sumReg = low.IsNone ? NewReg(lowSize) : DefineEarly(low);
        Reg copyX = NewReg(size);
        Copy(copyX, operandX);
        Copy(sumReg, lowA);
        Emit(overflow == Op.AddOverflowsUnsigned ? M.Add : M.Sub, lowSize, sumReg, lowB);
        Emit(withCarry, size, copyX, operandY);
        Copy(d, copyX);
        return true;
    }

    private void SelectSub(Value v)
    {
        Value a = _f[v].A, b = _f[v].B;
        IrType type = _f[v].Type;
        int size = Wide(type);
        if (type == IrType.I1)
        {
            EmitBinary(M.Xor, 4, Def(v), a, b, true);
            return;
        }
        if (TryCarry(v, a, b, M.Sbb, Op.SubOverflowsUnsigned))
            return;
        if (IsConstant(a) && _f[a].Aux == 0)
        {
            EmitUnary(M.Neg, size, Def(v), b);
            return;
        }
        if (TryImmediate(b, size, out long constant) && constant != int.MinValue)
        {
            Reg d = Def(v);
            Reg source = Use(a);
            Copy(d, source);
            if (constant == 128)
                Emit(M.Add, size, d, Arg.Imm(-128));
            else
                Emit(M.Sub, size, d, Arg.Imm(constant));
            return;
        }
        EmitBinary(M.Sub, size, Def(v), a, b, false);
    }

    private void SelectLogic(Value v, M mnemonic)
    {
        Value a = _f[v].A, b = _f[v].B;
        IrType type = _f[v].Type;
        int size = Wide(type);
        if (IsConstant(a))
            (a, b) = (b, a);
        if (IsConstant(b))
        {
            long constant = _f[b].Aux;
            if (mnemonic == M.Xor && constant == -1)
            {
                if (type == IrType.I1)
                {
                    Reg flag = Def(v);
                    Copy(flag, Use(a));
                    Emit(M.Xor, 4, flag, Arg.Imm(1));
                    return;
                }
                EmitUnary(M.Not, size, Def(v), a);
                return;
            }
            if (mnemonic == M.And && type.LaneBits >= 32)
            {
                if (constant is 0xff or 0xffff)
                {
                    Reg narrow = Use(a);
                    EmitExtension(Def(v), narrow, constant == 0xff ? 1 : 2, false, 4);
                    return;
                }
                if (constant == 0xffffffff)
                {
                    Reg low = Use(a);
                    Emit(M.Mov, 4, Def(v), low);
                    return;
                }
                if (size == 8 && constant is > 0 and <= int.MaxValue)
                    size = 4;
            }
            if (type == IrType.I1)
                constant &= 1;
            if (constant == (int)constant)
            {
                Reg d = Def(v);
                Copy(d, Use(a));
                if (type.LaneBits < 32 && mnemonic != M.And)
                    constant &= (1L << type.LaneBits) - 1;
                else if (type.LaneBits < 32)
                    constant &= type.LaneBits == 1 ? 1 : (1L << type.LaneBits) - 1;
                Emit(mnemonic, size, d, Arg.Imm(constant));
                return;
            }
            // One bit of 64 beyond the immediates: bts, btr, btc.
            if (size == 8 && mnemonic != M.And && BitOperations.IsPow2((ulong)constant))
            {
                Reg d = Def(v);
                Copy(d, Use(a));
                Emit(mnemonic == M.Or ? M.Bts : M.Btc, 8, d, Arg.Imm(BitOperations.TrailingZeroCount((ulong)constant)));
                return;
            }
            if (size == 8 && mnemonic == M.And && BitOperations.IsPow2(~(ulong)constant))
            {
                Reg d = Def(v);
                Copy(d, Use(a));
                Emit(M.Btr, 8, d, Arg.Imm(BitOperations.TrailingZeroCount(~(ulong)constant)));
                return;
            }
        }
        if (mnemonic == M.And && _features.Bmi1 && type.LaneBits >= 32 && TryAndNot(v, a, b, size))
            return;
        EmitBinary(mnemonic, size, Def(v), a, b, true);
    }

    // ~a & b
    private bool TryAndNot(Value v, Value a, Value b, int size)
    {
        if (!IsNot(a))
            (a, b) = (b, a);
        if (!IsNot(a) || !IsCovered(a))
            return false;
        Reg d = Def(v);
        Reg inverted = Use(_f[a].A);
        Arg other = CanFoldLoad(b, size) ? MemoryOf(b).OfSize(size) : Use(b);
        Emit(M.Andn, size, d, inverted, other);
        return true;
    }

    private bool IsNot(Value v) => _f.OpOf(v) == Op.Xor && IsConstant(_f[v].B) && _f[_f[v].B].Aux == -1;

    private void SelectMul(Value v)
    {
        Value a = _f[v].A, b = _f[v].B;
        IrType type = _f[v].Type;
        int size = Wide(type);
        if (type == IrType.I1)
        {
            EmitBinary(M.And, 4, Def(v), a, b, true);
            return;
        }
        if (_optimize && type.LaneBits >= 32 && (DeferTo(v, Op.MulHighUnsigned) || DeferTo(v, Op.MulHighSigned)))
            return;
        Value high = TwinOf(v);
        if (!high.IsNone)
        {
            Reg lowReg = Def(v), highReg = DefineEarly(high);
            Reg x = Use(a), y = Use(b);
            EmitWideMultiply(_f.OpOf(high) == Op.MulHighSigned ? M.Imul : M.Mul, size, lowReg, highReg, x, y);
            return;
        }
        if (IsConstant(a))
            (a, b) = (b, a);
        if (IsConstant(b))
        {
            long constant = _f[b].Aux;
            if (_optimize && TryMultiplyByShifts(v, a, constant, size))
                return;
            if (constant == (int)constant)
            {
                Reg d = Def(v);
                Arg source = CanFoldLoad(a, size) ? MemoryOf(a).OfSize(size) : Use(a);
                Emit(M.Imul, size, d, source, Arg.Imm(constant));
                return;
            }
        }
        EmitBinary(M.Imul, size, Def(v), a, b, true);
    }

    // c = 1, 2^n, -2^n, (1|2|4|8 + 1)*2^n, products of two such, 2^n +- 1.
    private bool TryMultiplyByShifts(Value v, Value a, long constant, int size)
    {
        if (constant == 0)
            return false;
        if (constant == -1)
        {
            EmitUnary(M.Neg, size, Def(v), a);
            return true;
        }
        ulong magnitude = (ulong)constant;
        if (size == 4)
            magnitude &= uint.MaxValue;
        int shift = BitOperations.TrailingZeroCount(magnitude);
        ulong odd = magnitude >> shift;
        if (odd == 1)
        {
            Reg d = Def(v);
            Copy(d, Use(a));
            if (shift != 0)
                Emit(M.Shl, size, d, Arg.Imm(shift));
            return true;
        }
        if (odd is 3 or 5 or 9)
        {
            Reg d = Def(v);
            Reg source = Use(a);
            Emit(M.Lea, size, d, new Address { Base = source, Index = source, Scale = (byte)(odd - 1) });
            if (shift != 0)
                Emit(M.Shl, size, d, Arg.Imm(shift));
            return true;
        }
        if (shift == 0 && (odd % 3 == 0 || odd % 5 == 0 || odd % 9 == 0))
        {
            ulong first = odd % 9 == 0 ? 9UL : odd % 5 == 0 ? 5UL : 3UL;
            if (odd / first is 3 or 5 or 9)
            {
                Reg d = Def(v);
                Reg source = Use(a);
                Reg middle = NewReg(size);
                Emit(M.Lea, size, middle, new Address { Base = source, Index = source, Scale = (byte)(first - 1) });
                Emit(M.Lea, size, d, new Address { Base = middle, Index = middle, Scale = (byte)(odd / first - 1) });
                return true;
            }
        }
        if (shift == 0 && BitOperations.IsPow2(magnitude + 1))
        {
            // x * (2^n - 1) = (x << n) - x
            Reg d = Def(v);
            Reg source = Use(a);
            Copy(d, source);
            Emit(M.Shl, size, d, Arg.Imm(BitOperations.Log2(magnitude + 1)));
            Emit(M.Sub, size, d, source);
            return true;
        }
        return false;
    }

    private void SelectMulHigh(Value v, bool signed)
    {
        Value a = _f[v].A, b = _f[v].B;
        IrType type = _f[v].Type;
        if (type.LaneBits < 32)
        {
            Reg narrow = Def(v);
            Reg x = Extended(a, signed, 4), y = Extended(b, signed, 4);
            Copy(narrow, x);
            Emit(M.Imul, 4, narrow, y);
            Emit(signed ? M.Sar : M.Shr, 4, narrow, Arg.Imm(type.LaneBits));
            return;
        }
        int size = Wide(type);
        if (_optimize && DeferTo(v, Op.Mul))
            return;
        Reg d = Def(v);
        Value low = TwinOf(v);
        Reg lowReg = low.IsNone ? default : DefineEarly(low);
        if (IsConstant(a))
            (a, b) = (b, a);
        Reg first = Use(a);
        Arg second = Use(b);
        EmitWideMultiply(signed ? M.Imul : M.Mul, size, lowReg, d, first, second);
    }

    /// <summary>rdx:rax = a * b; the halves are copied out where a register is given.</summary>
    private void EmitWideMultiply(M mnemonic, int size, Reg low, Reg high, Reg a, Arg b)
    {
        if (high.IsNone)
            EmitFixed(mnemonic, size, b, [(a, Regs.Rax)], [(low, Regs.Rax)], RegisterSet.Of(2));
        else if (low.IsNone)
            EmitFixed(mnemonic, size, b, [(a, Regs.Rax)], [(high, Regs.Rdx)], RegisterSet.Of(0));
        else
            EmitFixed(mnemonic, size, b, [(a, Regs.Rax)], [(low, Regs.Rax), (high, Regs.Rdx)]);
    }

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

    private void SelectShift(Value v, M mnemonic)
    {
        Value a = _f[v].A, amount = _f[v].B;
        IrType type = _f[v].Type;
        int size = Wide(type), bits = type.LaneBits;
        if (type == IrType.I1)
        {
            Copy(Def(v), Use(a));
            return;
        }
        bool right = mnemonic != M.Shl;
        Reg d = Def(v);
        if (IsConstant(amount))
        {
            int count = (int)_f[amount].Aux & (bits - 1);
            Reg source = right && bits < 32 ? Extended(a, mnemonic == M.Sar, 4) : Use(a);
            if (!right && count is >= 1 and <= 3 && _optimize && bits >= 32 && !DiesHere(a))
            {
                if (count == 1)
                    Emit(M.Lea, size, d, new Address { Base = source, Index = source, Scale = 1 });
                else
                    Emit(M.Lea, size, d, new Address { Index = source, Scale = (byte)(1 << count) });
                return;
            }
            Copy(d, source);
            if (count != 0)
                Emit(mnemonic, size, d, Arg.Imm(count));
            return;
        }
        Reg value = right && bits < 32 ? Extended(a, mnemonic == M.Sar, 4) : Use(a);
        Reg count8 = Use(StripShiftMask(amount, bits));
        if (bits < 32)
        {
            Reg masked = NewReg(4);
            Copy(masked, count8);
            Emit(M.And, 4, masked, Arg.Imm(bits - 1));
            count8 = masked;
        }
        if (_features.Bmi2 && bits >= 32)
        {
            Emit(mnemonic switch { M.Shl => M.Shlx, M.Shr => M.Shrx, _ => M.Sarx }, size, d, value, count8);
            return;
        }
        Copy(d, value);
        Emit(mnemonic, size, d, Arg.InFixed(count8, Regs.Rcx, 1));
    }

    // The hardware takes amounts modulo 32 or 64 anyhow: x & 31 => x; and an extension of a narrower amount is not needed.
    private Value StripShiftMask(Value amount, int bits)
    {
        while (true)
        {
            if (bits >= 32 && _f.OpOf(amount) == Op.And && IsConstant(_f[amount].B) && (_f[_f[amount].B].Aux & (bits - 1)) == bits - 1
                && IsCovered(amount))
                amount = _f[amount].A;
            else if (_f.OpOf(amount) is Op.ZeroExtend or Op.SignExtend && _f.TypeOf(_f[amount].A).LaneBits >= 8 && IsCovered(amount))
                amount = _f[amount].A;
            else if (_f.OpOf(amount) is Op.Truncate && _f.TypeOf(_f[amount].A).LaneBits <= 64 && IsCovered(amount))
                amount = _f[amount].A;
            else
                return amount;
        }
    }

    private void SelectRotate(Value v, bool left)
    {
        Value a = _f[v].A, amount = _f[v].B;
        IrType type = _f[v].Type;
        if (type == IrType.I1)
        {
            Copy(Def(v), Use(a));
            return;
        }
        int size = type.LaneBits / 8, bits = type.LaneBits;
        M mnemonic = left ? M.Rol : M.Ror;
        Reg d = Def(v);
        if (IsConstant(amount))
        {
            int count = (int)_f[amount].Aux & (bits - 1);
            Reg source = Use(a);
            Copy(d, source);
            if (count != 0)
                Emit(mnemonic, size, d, Arg.Imm(count));
            return;
        }
        Reg value = Use(a);
        Reg count8 = Use(amount);
        Copy(d, value);
        Emit(mnemonic, size, d, Arg.InFixed(count8, Regs.Rcx, 1));
    }

    private void SelectMinMax(Value v, Condition keepFirst)
    {
        Value a = _f[v].A, b = _f[v].B;
        IrType type = _f[v].Type;
        bool signed = keepFirst is Condition.Less or Condition.Greater;
        int size = Wide(type);
        Reg d = Def(v);
        Reg x = type.LaneBits < 32 ? Extended(a, signed, 4) : Use(a);
        Reg y = type.LaneBits < 32 ? Extended(b, signed, 4) : Use(b);
        Copy(d, y);
        Emit(M.Cmp, size, x, y);
        Emit(Cmov(keepFirst), size, d, x);
    }

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

    // Conversions

    private void SelectTruncate(Value v)
    {
        Value a = _f[v].A;
        Reg source = Use(a);
        Reg d = Def(v);
        Copy(d, source);
        if (_f[v].Type == IrType.I1)
            Emit(M.And, 4, d, Arg.Imm(1));
    }

    private void SelectExtend(Value v, bool signed)
    {
        Value a = _f[v].A;
        IrType from = _f.TypeOf(a), to = _f[v].Type;
        Reg d = Def(v);
        if (from == IrType.I1)
        {
            Reg bit = Use(a);
            if (to == IrType.I8 && !signed)
            {
                Copy(d, bit);
                return;
            }
            if (!signed && ClearsUpperBits(a, 1))
                Copy(d, bit);
            else
                EmitExtension(d, bit, 1, false, 4);
            if (signed)
                Emit(M.Neg, Wide(to), d);
            return;
        }
        int bytes = from.LaneBits / 8;
        if (to.LaneBits <= 32 && to.LaneBits < 32 && bytes >= to.LaneBits / 8)
        {
            Copy(d, Use(a));
            return;
        }
        if (TryLoadExtended(a, bytes, signed, Wide(to), d))
            return;
        Reg source = Use(a);
        if (!signed && ClearsUpperBits(a, bytes))
            Copy(d, source);
        else
            EmitExtension(d, source, bytes, signed, Wide(to));
    }

    // The load of a narrow value and its extension in one movzx or movsx.
    private bool TryLoadExtended(Value a, int bytes, bool signed, int size, Reg d)
    {
        if (!CanFoldLoad(a, bytes))
            return false;
        Address address = MemoryOf(a);
        if (!signed)
            EmitLoadZero(d, address, bytes);
        else
            Emit(bytes == 4 ? M.Movsxd : M.Movsx, size, d, address.OfSize(bytes));
        return true;
    }

    /// <summary>Extends the low bytes of a register to 4 or 8 bytes.</summary>
    private void EmitExtension(Reg d, Reg source, int bytes, bool signed, int size)
    {
        if (bytes == 4)
            Emit(signed ? M.Movsxd : M.Mov, signed ? 8 : 4, d, Arg.Narrow(source, 4));
        else if (signed)
            Emit(M.Movsx, size, d, Arg.Narrow(source, bytes));
        else
            Emit(M.Movzx, 4, d, Arg.Narrow(source, bytes));
    }

    /// <summary>A value of less than <paramref name="size"/> bytes in a register, extended to that size.</summary>
    private Reg Extended(Value a, bool signed, int size)
    {
        IrType type = _f.TypeOf(a);
        int bytes = Math.Max(1, type.LaneBits / 8);
        if (IsConstant(a))
        {
            Reg constant = NewReg(size);
            long value = _f[a].Aux;
            if (!signed && type.LaneBits < 64)
                value &= (1L << type.LaneBits) - 1;
            EmitConstant(constant, value, size);
            return constant;
        }
        Reg d = NewReg(size);
        if (TryLoadExtended(a, bytes, signed, size, d))
            return d;
        Reg source = Use(a);
        if (!signed && ClearsUpperBits(a, bytes))
            return source;
        EmitExtension(d, source, bytes, signed, size);
        return d;
    }

    /// <summary>Whether the register of a value has zeros above its low bytes because of how the value is made.</summary>
    private bool ClearsUpperBits(Value a, int bytes)
    {
        Op op = _f.OpOf(a);
        if (bytes == 4)
        {
            switch (op)
            {
                case Op.Add or Op.Sub or Op.And or Op.Or or Op.Xor or Op.Load or Op.ZeroExtend or Op.SignExtend or Op.CountLeadingZeros
                    or Op.CountTrailingZeros or Op.PopulationCount or Op.RemSigned or Op.RemUnsigned:
                    return true;
                // By 0 or 1 they are only another name of the operand.
                case Op.ShiftLeft or Op.ShiftRightSigned or Op.ShiftRightUnsigned or Op.RotateLeft or Op.RotateRight:
                    return !IsConstant(_f[a].B) || (_f[_f[a].B].Aux & 31) != 0;
                case Op.Mul or Op.DivSigned or Op.DivUnsigned:
                    return !(IsConstant(_f[a].B) && _f[_f[a].B].Aux == 1) && !(IsConstant(_f[a].A) && _f[_f[a].A].Aux == 1);
                default:
                    return false;
            }
        }
        if (op == Op.Load)
            return true;
        return op == Op.And && (IsConstant(_f[a].B) || IsConstant(_f[a].A));
    }
}
