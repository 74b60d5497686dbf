using System.Numerics;
using Kiln.CodeGen.Machine;
using Kiln.IR;
using M = Kiln.Isa.X86.Mnemonic;

namespace Kiln.CodeGen.Targets.X86;

// Comparisons and what uses them: branches, selects, flags as values; switches.
public sealed partial class X86Target
{
    private static M Jump(Condition condition) => condition switch
    {
        Condition.Overflow => M.Jo,
        Condition.NotOverflow => M.Jno,
        Condition.Below => M.Jb,
        Condition.AboveEqual => M.Jae,
        Condition.Equal => M.Je,
        Condition.NotEqual => M.Jne,
        Condition.BelowEqual => M.Jbe,
        Condition.Above => M.Ja,
        Condition.Sign => M.Js,
        Condition.NotSign => M.Jns,
        Condition.Parity => M.Jp,
        Condition.NotParity => M.Jnp,
        Condition.Less => M.Jl,
        Condition.GreaterEqual => M.Jge,
        Condition.LessEqual => M.Jle,
        Condition.Greater => M.Jg,
        _ => throw new ArgumentOutOfRangeException(nameof(condition), condition, "no such condition"),
    };

    private static M Set(Condition condition) => condition switch
    {
        Condition.Overflow => M.Seto,
        Condition.NotOverflow => M.Setno,
        Condition.Below => M.Setb,
        Condition.AboveEqual => M.Setae,
        Condition.Equal => M.Sete,
        Condition.NotEqual => M.Setne,
        Condition.BelowEqual => M.Setbe,
        Condition.Above => M.Seta,
        Condition.Sign => M.Sets,
        Condition.NotSign => M.Setns,
        Condition.Parity => M.Setp,
        Condition.NotParity => M.Setnp,
        Condition.Less => M.Setl,
        Condition.GreaterEqual => M.Setge,
        Condition.LessEqual => M.Setle,
        Condition.Greater => M.Setg,
        _ => throw new ArgumentOutOfRangeException(nameof(condition), condition, "no such condition"),
    };

    private static M Cmov(Condition condition) => condition switch
    {
        Condition.Overflow => M.Cmovo,
        Condition.NotOverflow => M.Cmovno,
        Condition.Below => M.Cmovb,
        Condition.AboveEqual => M.Cmovae,
        Condition.Equal => M.Cmove,
        Condition.NotEqual => M.Cmovne,
        Condition.BelowEqual => M.Cmovbe,
        Condition.Above => M.Cmova,
        Condition.Sign => M.Cmovs,
        Condition.NotSign => M.Cmovns,
        Condition.Parity => M.Cmovp,
        Condition.NotParity => M.Cmovnp,
        Condition.Less => M.Cmovl,
        Condition.GreaterEqual => M.Cmovge,
        Condition.LessEqual => M.Cmovle,
        Condition.Greater => M.Cmovg,
        _ => throw new ArgumentOutOfRangeException(nameof(condition), condition, "no such condition"),
    };

    /// <summary>The condition of a jcc, or null for anything else.</summary>
    internal static Condition? ConditionOfJump(M mnemonic) => mnemonic switch
    {
        M.Jo => Condition.Overflow,
        M.Jno => Condition.NotOverflow,
        M.Jb => Condition.Below,
        M.Jae => Condition.AboveEqual,
        M.Je => Condition.Equal,
        M.Jne => Condition.NotEqual,
        M.Jbe => Condition.BelowEqual,
        M.Ja => Condition.Above,
        M.Js => Condition.Sign,
        M.Jns => Condition.NotSign,
        M.Jp => Condition.Parity,
        M.Jnp => Condition.NotParity,
        M.Jl => Condition.Less,
        M.Jge => Condition.GreaterEqual,
        M.Jle => Condition.LessEqual,
        M.Jg => Condition.Greater,
        _ => null,
    };

    // Flags

    private bool IsScalarCompare(Value v) => !_f.TypeOf(_f[v].A).IsVector && _f.TypeOf(_f[v].A).LaneBits <= 64;

    /// <summary>Sets the flags for an integer comparison and gives the condition that holds where it is true.</summary>
    private Condition EmitCompareOf(Value v)
    {
        Value a = _f[v].A, b = _f[v].B;
        Condition condition = Conditions.Of((IntPredicate)_f[v].Aux);
        int size = Math.Max(1, _f.TypeOf(a).LaneBits / 8);
        if (IsConstant(a) && !IsConstant(b))
        {
            (a, b) = (b, a);
            condition = Conditions.Swap(condition);
        }
        if (IsConstant(b) && _f[b].Aux == 0 && TryTest(a, size, ref condition))
            return condition;
        // x < 1 => x <= 0, x >= 1 => x > 0: against zero test is shorter.
        if (IsConstant(b) && _f[b].Aux == 1 && condition is Condition.Less or Condition.GreaterEqual)
        {
            EmitTest(a, size);
            return condition == Condition.Less ? Condition.LessEqual : Condition.Greater;
        }
        EmitCompare(a, b, size);
        return condition;
    }

    private void EmitCompare(Value a, Value b, int size)
    {
        if (TryImmediate(b, size, out long constant))
        {
            if (constant == 0)
            {
                EmitTest(a, size);
                return;
            }
            if (size == 1)
                constant = (sbyte)constant;
            else if (size == 2)
                constant = (short)constant;
            if (CanFoldLoad(a, size))
                Emit(M.Cmp, size, MemoryOf(a).OfSize(size), Arg.Imm(constant));
            else
                Emit(M.Cmp, size, Use(a), Arg.Imm(constant));
            return;
        }
        if (CanFoldLoad(b, size))
        {
            Reg register = Use(a);
            Emit(M.Cmp, size, register, MemoryOf(b).OfSize(size));
            return;
        }
        if (CanFoldLoad(a, size))
        {
            Reg register = Use(b);
            Emit(M.Cmp, size, MemoryOf(a).OfSize(size), register);
            return;
        }
        Reg first = Use(a), second = Use(b);
        Emit(M.Cmp, size, first, second);
    }

    // Against zero.
    private void EmitTest(Value a, int size)
    {
        if (CanFoldLoad(a, size))
        {
            Emit(M.Cmp, size, MemoryOf(a).OfSize(size), Arg.Imm(0));
            return;
        }
        Reg register = Use(a);
        Emit(M.Test, size, register, register);
    }

    // x & y against zero.
    private bool TryTest(Value a, int size, ref Condition condition)
    {
        if (_f.OpOf(a) != Op.And || !IsCovered(a) || _f.TypeOf(a).IsVector)
        {
            EmitTest(a, size);
            return true;
        }
        Value x = _f[a].A, y = _f[a].B;
        if (IsConstant(x))
            (x, y) = (y, x);
        if (IsConstant(y))
        {
            long mask = _f[y].Aux;
            if (size < 8)
                mask &= (1L << size * 8) - 1;
            bool isEquality = condition is Condition.Equal or Condition.NotEqual;
            if (isEquality && size == 8 && mask != (int)mask && !(mask is > 0 and <= uint.MaxValue) && BitOperations.IsPow2((ulong)mask))
            {
                Reg bits = Use(x);
                Emit(M.Bt, 8, bits, Arg.Imm(BitOperations.TrailingZeroCount((ulong)mask)));
                condition = condition == Condition.Equal ? Condition.AboveEqual : Condition.Below;
                return true;
            }
            if (size == 8 && mask != (int)mask && !(mask is > 0 and <= uint.MaxValue && isEquality))
            {
                Reg wide = Use(x);
                Emit(M.Test, 8, wide, Constant64(mask, 8));
                return true;
            }
            // The fewer bits are looked at, the shorter the instruction.
            int narrow = size;
            if (isEquality || mask >= 0)
            {
                if (mask is >= 0 and <= 0xff && (isEquality || mask < 0x80 || size == 1))
                    narrow = 1;
                else if (mask is >= 0 and <= uint.MaxValue && size == 8 && (isEquality || mask <= int.MaxValue))
                    narrow = 4;
            }
            long immediate = narrow == 1 ? (sbyte)mask : narrow == 2 ? (short)mask : narrow == 4 ? (int)mask : mask;
            if (CanFoldLoad(x, size))
            {
                Address address = MemoryOf(x);
                Emit(M.Test, narrow, address.OfSize(narrow), Arg.Imm(immediate));
            }
            else
            {
                Reg register = Use(x);
                Emit(M.Test, narrow, Arg.Narrow(register, narrow), Arg.Imm(immediate));
            }
            return true;
        }
        if (CanFoldLoad(y, size))
            (x, y) = (y, x);
        if (CanFoldLoad(x, size))
        {
            Reg register = Use(y);
            Emit(M.Test, size, MemoryOf(x).OfSize(size), register);
            return true;
        }
        Reg first = Use(x), second = Use(y);
        Emit(M.Test, size, first, second);
        return true;
    }

    private void EmitSet(Reg d, Condition condition) => Emit(Set(condition), 1, d);

    private void SelectCompare(Value v)
    {
        if (_f.TypeOf(_f[v].A).LaneBits > 64)
            throw new NotSupportedException("comparison of 128 bits");
        Condition condition = EmitCompareOf(v);
        EmitSet(Def(v), condition);
    }

    // The conditions under which an i1 that is folded is true, with the flags set.
    private FloatCondition EmitCondition(Value condition)
    {
        bool negated = false;
        while (_f.OpOf(condition) == Op.Xor && IsConstant(_f[condition].B) && (_f[_f[condition].B].Aux & 1) == 1 && IsCovered(condition))
        {
            negated = !negated;
            condition = _f[condition].A;
        }
        FloatCondition result;
        Op op = _f.OpOf(condition);
        bool isCovered = IsCovered(condition);
        if (op == Op.Compare && isCovered && IsScalarCompare(condition))
        {
            result = new FloatCondition(false, EmitCompareOf(condition));
        }
        else if (op == Op.FloatCompare && isCovered && !_f.TypeOf(_f[condition].A).IsVector && IsOrdinary(condition))
        {
            var predicate = (FloatPredicate)_f[condition].Aux;
            if (negated)
            {
                predicate = Conditions.Negate(predicate);
                negated = false;
            }
            result = EmitFloatCompareOf(condition, predicate);
        }
        else if (op is >= Op.AddOverflowsSigned and <= Op.MulOverflowsUnsigned && isCovered)
        {
            result = new FloatCondition(false, EmitOverflow(condition));
        }
        else
        {
            if (CanFoldLoad(condition, 1))
            {
                Emit(M.Cmp, 1, MemoryOf(condition).OfSize(1), Arg.Imm(0));
            }
            else
            {
                Reg flag = Use(condition);
                Emit(M.Test, 1, flag, flag);
            }
            result = new FloatCondition(false, Condition.NotEqual);
        }
        if (!negated)
            return result;
        return new FloatCondition(false, Conditions.Negate(result.First), Conditions.Negate(result.Second), (byte)(result.Join == 0 ? 0 : 3 - result.Join));
    }

    private bool IsOrdinary(Value compare) => (FloatPredicate)(_f[compare].Aux & 15) is not (FloatPredicate.Never or FloatPredicate.Always);

    private void EmitJump(M mnemonic, Block target)
    {
        _s.Begin((int)mnemonic, 0, MachineFlags.Terminator | (mnemonic == M.Jmp ? 0 : MachineFlags.ReadsFlags));
        _s.Block(target);
        _s.End();
    }

    private void SelectBranchIf(Value v)
    {
        ReadOnlySpan<Block> successors = _f.Successors(CurrentBlock);
        Block whenTrue = successors[0], whenFalse = successors[1];
        Value condition = _f[v].A;
        if (IsConstant(condition))
        {
            EmitJump(M.Jmp, (_f[condition].Aux & 1) != 0 ? whenTrue : whenFalse);
            return;
        }
        FloatCondition test = EmitCondition(condition);
        if (test.Join == 1)
        {
            EmitJump(Jump(Conditions.Negate(test.First)), whenFalse);
            EmitJump(Jump(Conditions.Negate(test.Second)), whenFalse);
            EmitJump(M.Jmp, whenTrue);
            return;
        }
        EmitJump(Jump(test.First), whenTrue);
        if (test.Join == 2)
            EmitJump(Jump(test.Second), whenTrue);
        EmitJump(M.Jmp, whenFalse);
    }

    // Select

    private void SelectSelect(Value v)
    {
        Value condition = _f[v].A, whenTrue = _f[v].B, whenFalse = _f[v].C;
        IrType type = _f[v].Type;
        if (IsConstant(condition))
        {
            Copy(Def(v), Use((_f[condition].Aux & 1) != 0 ? whenTrue : whenFalse));
            return;
        }
        bool isVector = type.IsFloat || type.IsVector;
        if (isVector && _optimize && TrySelectMinMax(v))
            return;
        Reg d = Def(v);
        Reg x = Use(whenTrue), y = Use(whenFalse);
        FloatCondition test = EmitCondition(condition);
        if (isVector)
        {
            EmitVectorSelect(d, x, y, test, type);
            return;
        }
        int size = Wide(type);
        if (test.Join == 1)
        {
            // x if both hold: y where one does not.
            Copy(d, x);
            Emit(Cmov(Conditions.Negate(test.First)), size, d, y);
            Emit(Cmov(Conditions.Negate(test.Second)), size, d, y);
            return;
        }
        Copy(d, y);
        Emit(Cmov(test.First), size, d, x);
        if (test.Join == 2)
            Emit(Cmov(test.Second), size, d, x);
    }

    private void EmitVectorSelect(Reg d, Reg x, Reg y, FloatCondition test, IrType type)
    {
        if (test.Join == 1)
        {
            Copy(d, x);
            EmitSelectStep(d, y, Conditions.Negate(test.First), type);
            EmitSelectStep(d, y, Conditions.Negate(test.Second), type);
            return;
        }
        Copy(d, y);
        EmitSelectStep(d, x, test.First, type);
        if (test.Join == 2)
            EmitSelectStep(d, x, test.Second, type);
    }

    // d = condition ? x : d
    private void EmitSelectStep(Reg d, Reg x, Condition condition, IrType type)
    {
        Reg old = Resolve(d), source = Resolve(x);
        Reg result = Define(d);
        bool isX87 = type == IrType.F80;
        _s.Begin(isX87 ? Pseudo.SelectX87 : Pseudo.SelectVector, type == IrType.F80 ? 10 : Math.Max(type.Size, 4), MachineFlags.ReadsFlags);
        _s.Open.Extra = (ushort)condition;
        if (isX87)
        {
            _s.Register(result, Role.Def | Role.Early, Constraint.Any);
            _s.UseAny(old);
            _s.UseAny(source);
        }
        else
        {
            _s.DefTied(result, old);
            _s.Use(source);
        }
        _s.End();
    }

    // What switches are lowered to: a table with a target for each value of a 64-bit selector from 0 up.
    private void SelectSwitch(Value v)
    {
        SwitchInfo info = _f.Switches[(int)_f[v].Aux];
        ReadOnlySpan<Block> successors = _f.Successors(CurrentBlock);
        MachineFunction machine = _s.Machine;
        int table = machine.JumpTables.Count;
        int start = machine.TableBlocks.Count;
        long next = 0;
        foreach ((long low, long high, int successor) in info.Cases)
        {
            if (low != next)
                throw new InvalidOperationException("a table with gaps");
            for (; next <= high; next++)
                machine.TableBlocks.Add(successors[successor].Id);
        }
        machine.JumpTables.Add((start, machine.TableBlocks.Count - start));
        // lea table, t; movslq (t, index, 4), index; add t, index; jmp *index
        Reg index = Resolve(Use(_f[v].A));
        Reg target = Define(NewReg(8)), @base = Define(NewReg(8));
        _s.Begin(Pseudo.TableJump, 8, MachineFlags.Terminator | MachineFlags.IndirectBranch);
        _s.Open.Info = table;
        _s.DefTied(target, index);
        _s.Register(@base, Role.Def | Role.Early | Role.Dead);
        _s.End();
    }

    private void SelectBranchIndirect(Value v)
    {
        Reg target = Use(_f[v].A);
        _s.Begin((int)M.Jmp, 8, MachineFlags.Terminator | MachineFlags.IndirectBranch);
        _s.Use(Resolve(target));
        _s.End();
    }
}
