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
