using Kiln.CodeGen.Machine;
using Kiln.IR;
using Kiln.Isa.X86;
using Kiln.Target.X86;
using M = Kiln.Isa.X86.Mnemonic;
using OperandKind = Kiln.CodeGen.Machine.OperandKind;
using Role = Kiln.CodeGen.Machine.Role;

namespace Kiln.CodeGen.Targets.X86;

// Operations of the intrinsic table. Most rows name an instruction that takes the operands in order; what the first operand is to it
// (changed in place, or beside a result of its own) the instruction table tells. The others are ways of their own, by name.
public sealed partial class X86Target
{
    private void SelectIntrinsic(Value v)
    {
        Intrinsic row = IntrinsicTable.Get(_f[v].Aux);
        Value[] operands = _f.Operands(v).ToArray();
        if (row.Swaps)
            (operands[0], operands[1]) = (operands[1], operands[0]);
        M mnemonic = row.Instruction.Length > 0 ? _mnemonics.Value[row.Instruction] : M.None;
        if (row.Way.Length > 0)
            SelectWay(v, row, mnemonic, operands);
        else if (row.Condition.Length > 0)
            SelectFlags(v, row, mnemonic, operands);
        else
            SelectRow(v, row, mnemonic, operands);
    }

    // Operands

    private static int VectorWidth(IrType type) => type.Size == 32 ? 32 : 16;

    private static int RegisterWidth(IrType type) => type.IsVector ? VectorWidth(type) : type.IsFloat ? 16 : type.LaneBits <= 32 ? 4 : 8;

    private Arg OperandOf(Intrinsic row, Value v, int memorySize)
    {
        IrType type = _f.TypeOf(v);
        if (type.IsPointer)
            return AddressOf(v).OfSize(memorySize);
        return Arg.Narrow(Use(v), RegisterWidth(type));
    }

    // A whole vector may come from memory; SSE wants it aligned.
    private bool IsFoldableVector(Value v, int size)
    {
        IrType type = _f.TypeOf(v);
        return type.IsVector && type.Size == size && CanFoldLoad(v, size)
            && (UsesVex(size) || MemoryAccess.Unpack(_f[v].Aux).AlignmentLog2 >= 4);
    }

    private static int MemorySizeOf(M mnemonic, int width) => mnemonic switch
    {
        M.Movhps or M.Movlps or M.Movhpd or M.Movlpd => 8,
        _ => width,
    };

    private void SelectRow(Value v, Intrinsic row, M mnemonic, Value[] operands)
    {
        IrType type = _f[v].Type;
        Span<Arg> args = new Arg[operands.Length + 1];
        int width = type.IsVoid ? 0 : RegisterWidth(type);
        foreach (Value operand in operands)
        {
            if (!IsImmediateOperand(row, operand) && !_f.TypeOf(operand).IsPointer)
                width = Math.Max(width, RegisterWidth(_f.TypeOf(operand)));
        }
        Reg d = type.IsVoid ? default : Def(v);
        bool mayFold = operands.Length >= 2 && row.Result is { IsVector: true } && !row.HasEffects && row.Parameters[0] == row.Parameters[1]
            && row.Result.Size == row.Parameters[0].Size && row.Parameters[0].Size >= 16 && !row.Instruction.EndsWith("ss", StringComparison.Ordinal)
            && !row.Instruction.EndsWith("sd", StringComparison.Ordinal) && mnemonic is not (M.Movhlps or M.Movlhps or M.Insertps);
        int last = operands.Length - (row.Parameters[^1].IsImmediate ? 2 : 1);
        int count = 0;
        for (int i = 0; i < operands.Length; i++)
        {
            if (row.Parameters[i].IsImmediate)
                args[count++] = Arg.Imm((byte)_f[operands[i]].Aux);
            else if (mayFold && i == last && IsFoldableVector(operands[i], width))
                args[count++] = MemoryOf(operands[i]).OfSize(width);
            else
                args[count++] = OperandOf(row, operands[i], MemorySizeOf(mnemonic, width));
        }
        if (row.Immediate >= 0)
            args[count++] = Arg.Imm(row.Immediate);
        EmitRow(mnemonic, width, d, type.IsVoid ? 0 : RegisterWidth(type), args[..count]);
    }

    private bool IsImmediateOperand(Intrinsic row, Value operand)
    {
        _ = row;
        return IsConstant(operand);
    }

    /// <summary>Emits an instruction by what the table says of its operands. Without a result, <paramref name="d"/> is none.</summary>
    private void EmitRow(M mnemonic, int width, Reg d, int resultSize, ReadOnlySpan<Arg> args)
    {
        if (UsesVex(width) && VexTwin(mnemonic) != M.None)
            mnemonic = VexTwin(mnemonic);
        bool apart = !d.IsNone && Forms.Find(mnemonic, args.Length + 1) is >= 0 and int whole && Forms.Access(whole, 0) == OperandAccess.Write;
        // A scalar operation keeps the upper lanes of its operand: it is changed and read.
        bool isTwice = !apart && !d.IsNone && Forms.Find(mnemonic, args.Length) < 0;
        bool isThrice = isTwice && Forms.Find(mnemonic, args.Length + 2) is >= 0 and int wide && Forms.Access(wide, 0) == OperandAccess.Write;
        Span<Reg> registers = stackalloc Reg[args.Length];
        Address memory = default;
        for (int i = 0; i < args.Length; i++)
        {
            if (args[i].Kind == ArgKind.Register)
                registers[i] = Resolve(args[i].Register);
            else if (args[i].Kind == ArgKind.Memory)
                memory = args[i].Address;
        }
        memory.Base = Resolve(memory.Base);
        memory.Index = Resolve(memory.Index);
        _s.Begin((int)mnemonic, width);
        int first = 0;
        if (apart || isThrice)
        {
            _s.Def(Define(d), resultSize);
            if (isThrice)
                _s.Use(registers[0], args[0].Size);
        }
        else if (!d.IsNone)
        {
            _s.DefTied(Define(d), registers[0], args[0].Size);
            first = isTwice ? 0 : 1;
        }
        for (int i = first; i < args.Length; i++)
            EmitArg(args[i], registers[i], in memory, false);
        _s.End();
    }

    // Flags

    private void SelectFlags(Value v, Intrinsic row, M mnemonic, Value[] operands)
    {
        Reg d = Def(v);
        Arg a = OperandOf(row, operands[0], 0), b = OperandOf(row, operands[1], 0);
        EmitRow(mnemonic, a.Size, default, 0, [a, b]);
        EmitFlags(d, row.Condition);
    }

    private void EmitFlags(Reg d, string condition)
    {
        Reg set = NewReg(1);
        switch (condition)
        {
            case "eq" or "ne":
                {
                    bool isEqual = condition == "eq";
                    Reg ordered = NewReg(1);
                    Emit(isEqual ? M.Setnp : M.Setp, 1, ordered);
                    Emit(isEqual ? M.Sete : M.Setne, 1, set);
                    Emit(isEqual ? M.And : M.Or, 4, set, ordered);
                    break;
                }
            default:
                Emit(_mnemonics.Value["set" + condition], 1, set);
                break;
        }
        Emit(M.Movzx, 4, d, Arg.Narrow(set, 1));
    }

    // Ways of their own

    private void SelectWay(Value v, Intrinsic row, M mnemonic, Value[] operands)
    {
        IrType type = _f[v].Type;
        switch (row.Way)
        {
            case "shift": SelectShiftRow(v, mnemonic, operands); break;
            case "bytes": SelectByteShift(v, mnemonic, operands); break;
            case "half":
                {
                    Reg d = Def(v);
                    Arg kept = OperandOf(row, operands[0], 0), half = OperandOf(row, operands[1], 8);
                    EmitRow(mnemonic, 16, d, 16, [kept, half]);
                    break;
                }
            case "broadcast":
                {
                    Reg d = Def(v);
                    EmitRow(mnemonic, VectorWidth(type), d, VectorWidth(type), [AddressOf(operands[0]).OfSize(row.Immediate)]);
                    break;
                }
            case "cast":
                {
                    Reg d = Def(v);
                    EmitRow(M.Movaps, 16, d, 16, [Arg.Narrow(Use(operands[0]), 16)]);
                    break;
                }
            case "twice":
                {
                    Reg d = Def(v);
                    Reg x = Use(operands[0]);
                    EmitRow(M.Vinserti128, 32, d, 32, [Arg.Narrow(x, 32), Arg.Narrow(x, 16), Arg.Imm(1)]);
                    break;
                }
            case "blend": SelectBlendRow(v, mnemonic, operands); break;
            case "rounds":
                {
                    Reg d = Def(v);
                    EmitWithXmm0(M.Sha256rnds2, d, Use(operands[0]), Use(operands[1]), Use(operands[2]));
                    break;
                }
            case "string": SelectStringRow(v, row, mnemonic, operands); break;
            case "crc":
                {
                    Reg d = Def(v);
                    Reg a = Use(operands[0]), b = Use(operands[1]);
                    Copy(d, a);
                    Emit(M.Crc32, row.Immediate == 8 ? 8 : 4, d, Arg.Narrow(b, row.Immediate));
                    break;
                }
            case "count":
                {
                    Reg d = Def(v);
                    Emit(mnemonic, type.Size, d, Use(operands[0]));
                    break;
                }
            case "bsr":
                {
                    Reg d = Def(v);
                    Emit(M.Bsr, _f.TypeOf(operands[0]).Size, d, Use(operands[0]));
                    break;
                }
            case "carry": SelectCarry(v, mnemonic, operands); break;
            case "counter": SelectCounter(v, mnemonic, operands); break;
            case "random": SelectRandom(v, mnemonic, operands, row.Immediate); break;
            case "pid":
                Emit(M.Rdpid, 8, Def(v));
                break;
            case "gather": SelectGather(v, mnemonic, operands); break;
            case "clflush":
                EmitRow(mnemonic, 1, default, 0, [AddressOf(operands[0]).OfSize(1)]);
                break;
            case "ldmxcsr":
                Emit(M.Mov, 4, Transfer().OfSize(4), Use(operands[0]));
                Emit(M.Ldmxcsr, 4, Transfer().OfSize(4));
                break;
            case "stmxcsr":
                {
                    Reg d = Def(v);
                    Emit(M.Stmxcsr, 4, Transfer().OfSize(4));
                    Emit(M.Mov, 4, d, Transfer().OfSize(4));
                    break;
                }
            case "maskmov":
                {
                    Reg a = Use(operands[0]), mask = Use(operands[1]), at = Use(operands[2]);
                    _s.Begin((int)mnemonic, 16);
                    _s.Use(a, 16);
                    _s.Use(mask, 16);
                    _s.UseFixed(at, Regs.Rdi.Number);
                    _s.End();
                    break;
                }
            case "zero":
                _s.Begin((int)mnemonic, 0);
                _s.Clobbers(Regs.Vector);
                _s.End();
                break;
            case "pack":
                {
                    // Both operands side by side in one register.
                    Reg d = Def(v);
                    Reg a = Use(operands[0]), b = Use(operands[1]), both = NewVector(16);
                    EmitRow(M.Punpcklqdq, 16, both, 16, [Arg.Narrow(a, 16), Arg.Narrow(b, 16)]);
                    EmitRow(mnemonic, 16, d, 16, [Arg.Narrow(both, 16), Arg.Narrow(both, 16)]);
                    break;
                }
            case "high":
                {
                    Reg d = Def(v);
                    Reg a = Use(operands[0]), b = Use(operands[1]), both = NewVector(16);
                    EmitRow(mnemonic, 16, both, 16, [Arg.Narrow(a, 16), Arg.Narrow(b, 16)]);
                    EmitRow(M.Psrldq, 16, d, 16, [Arg.Narrow(both, 16), Arg.Imm(8)]);
                    break;
                }
            case "mask":
                {
                    Reg d = Def(v);
                    Reg low = NewVector(16);
                    EmitRow(M.Movq, 16, low, 16, [Arg.Narrow(Use(operands[0]), 16)]);
                    EmitRow(M.Pmovmskb, 16, d, 4, [Arg.Narrow(low, 16)]);
                    break;
                }
            default:
                throw new NotSupportedException($"intrinsic {row.Name}: no way '{row.Way}'");
        }
    }

    // By a number that is known or not.
    private void SelectShiftRow(Value v, M mnemonic, Value[] operands)
    {
        int width = VectorWidth(_f[v].Type);
        Reg d = Def(v);
        Reg a = Use(operands[0]);
        if (IsConstant(operands[1]))
        {
            long count = _f[operands[1]].Aux;
            EmitRow(mnemonic, width, d, width, [Arg.Narrow(a, width), Arg.Imm(count is < 0 or > 255 ? 255 : count)]);
            return;
        }
        Reg count32 = Use(operands[1]), moved = NewVector(16);
        EmitRow(M.Movd, 16, moved, 16, [Arg.Narrow(count32, 4)]);
        EmitRow(mnemonic, width, d, width, [Arg.Narrow(a, width), Arg.Narrow(moved, 16)]);
    }

    // The number is one of bits.
    private void SelectByteShift(Value v, M mnemonic, Value[] operands)
    {
        int width = VectorWidth(_f[v].Type);
        Reg d = Def(v);
        Span<Arg> args = new Arg[operands.Length];
        for (int i = 0; i < operands.Length - 1; i++)
            args[i] = Arg.Narrow(Use(operands[i]), width);
        args[^1] = Arg.Imm(Math.Min(255, _f[operands[^1]].Aux / 8));
        EmitRow(mnemonic, width, d, width, args);
    }

    private void SelectBlendRow(Value v, M mnemonic, Value[] operands)
    {
        int width = VectorWidth(_f[v].Type);
        Reg d = Def(v);
        Reg a = Use(operands[0]), b = Use(operands[1]), mask = Use(operands[2]);
        EmitBlend(mnemonic, width, d, a, b, mask);
    }

    /// <summary>b where the sign bit of the mask is set, else a.</summary>
    private void EmitBlend(M mnemonic, int width, Reg d, Reg a, Reg b, Reg mask)
    {
        if (!UsesVex(width))
        {
            EmitWithXmm0(mnemonic, d, a, b, mask);
            return;
        }
        M wide = mnemonic switch { M.Blendvps => M.Vblendvps, M.Blendvpd => M.Vblendvpd, _ => M.Vpblendvb };
        EmitRow(wide, width, d, width, [Arg.Narrow(a, width), Arg.Narrow(b, width), Arg.Narrow(mask, width)]);
    }

    private void EmitWithXmm0(M mnemonic, Reg d, Reg a, Reg b, Reg mask)
    {
        (a, b, mask) = (Resolve(a), Resolve(b), Resolve(mask));
        _s.Begin((int)mnemonic, 16);
        _s.DefTied(Define(d), a, 16);
        _s.Use(b, 16);
        _s.UseFixed(mask, Regs.FirstVector);
        _s.End();
    }

    private void SelectStringRow(Value v, Intrinsic row, M mnemonic, Value[] operands)
    {
        bool isExplicit = operands.Length == 5, isMask = mnemonic is M.Pcmpistrm or M.Pcmpestrm;
        Reg d = Def(v);
        Reg a = Use(operands[0]), b = Use(operands[isExplicit ? 2 : 1]);
        Reg lengthA = isExplicit ? Use(operands[1]) : default, lengthB = isExplicit ? Use(operands[3]) : default;
        long control = _f[operands[^1]].Aux;
        bool wantsFlags = row.Condition.Length > 0;
        int written = isMask ? Regs.FirstVector : Regs.Rcx.Number;
        Reg result = wantsFlags ? default : Define(d);
        _s.Begin((int)(_features.Avx ? VexTwin(mnemonic) : mnemonic), 16);
        _s.Use(a, 16);
        _s.Use(b, 16);
        _s.Immediate((byte)control);
        if (isExplicit)
        {
            _s.UseFixed(lengthA, Regs.Rax.Number);
            _s.UseFixed(lengthB, Regs.Rdx.Number);
        }
        if (wantsFlags)
            _s.Clobbers(RegisterSet.Of(written));
        else
            _s.DefFixed(result, written);
        _s.End();
        if (wantsFlags)
            EmitFlags(d, row.Condition);
    }

    private void SelectCarry(Value v, M mnemonic, Value[] operands)
    {
        int size = _f.TypeOf(operands[1]).Size;
        Reg d = Def(v);
        Reg carry = Use(operands[0]), a = Use(operands[1]), b = Use(operands[2]);
        Address place = AddressOf(operands[3]).OfSize(size);
        Reg flag = NewReg(1), sum = NewReg(size), set = NewReg(1);
        Copy(flag, carry);
        Emit(M.Add, 1, flag, Arg.Imm(-1));
        Copy(sum, a);
        Emit(mnemonic, size, sum, b);
        Emit(M.Setb, 1, set);
        Emit(M.Mov, size, place, sum);
        Copy(d, set);
    }

    private void SelectCounter(Value v, M mnemonic, Value[] operands)
    {
        Reg d = Def(v);
        Reg low = NewReg(8), high = NewReg(8), third = NewReg(8);
        if (mnemonic is M.Rdpmc or M.Xgetbv)
            EmitFixed(mnemonic, 0, default, [(Use(operands[0]), Regs.Rcx)], [(low, Regs.Rax), (high, Regs.Rdx)]);
        else if (mnemonic == M.Rdtsc)
            EmitFixed(mnemonic, 0, default, [], [(low, Regs.Rax), (high, Regs.Rdx)]);
        else
        {
            Address place = AddressOf(operands[0]).OfSize(4);
            EmitFixed(mnemonic, 0, default, [], [(low, Regs.Rax), (high, Regs.Rdx), (third, Regs.Rcx)]);
            Emit(M.Mov, 4, place, third);
        }
        Emit(M.Shl, 8, high, Arg.Imm(32));
        Emit(M.Or, 8, high, low);
        Copy(d, high);
    }

    private void SelectRandom(Value v, M mnemonic, Value[] operands, int size)
    {
        Reg d = Def(v);
        Address place = AddressOf(operands[0]).OfSize(size);
        Reg number = NewReg(size), set = NewReg(1);
        Emit(mnemonic, size, number);
        Emit(M.Setb, 1, set);
        Emit(M.Mov, size, place, number);
        Emit(M.Movzx, 4, d, Arg.Narrow(set, 1));
    }

    // Lanes from memory by a vector of indices, where the mask says so; the mask is used up. Operands: the rest, base, indices, mask, scale.
    private void SelectGather(Value v, M mnemonic, Value[] operands)
    {
        int width = VectorWidth(_f[v].Type), indexWidth = VectorWidth(_f.TypeOf(operands[2]));
        Reg d = Def(v);
        Reg rest = Use(operands[0]), start = Use(operands[1]), indices = Use(operands[2]), mask = Use(operands[3]);
        Reg used = NewVector(width);
        _s.Begin((int)mnemonic, width);
        _s.Open.Extra = 0;
        _s.DefTied(Define(d), rest, width);
        int at = _s.Machine.Operands.Count;
        _s.Memory(start, indices, (int)_f[operands[4]].Aux, 0, width);
        // The index is a vector, of its own width.
        _s.Machine.Operands[at + 2].Size = (byte)indexWidth;
        _s.DefTied(Define(used), mask, width);
        _s.End();
    }
}
