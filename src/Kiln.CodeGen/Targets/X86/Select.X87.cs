using Kiln.CodeGen.Machine;
using Kiln.IR;
using Kiln.Target;
using M = Kiln.Isa.X86.Mnemonic;

namespace Kiln.CodeGen.Targets.X86;

// long double. Values live in the frame (register class Memory); an operation loads its operands on the x87 stack, computes and
// stores. A tree of operations of single use is computed on the stack as a whole.
public sealed partial class X86Target
{
    private const int DeepestX87 = 6;

    private void Emit87(M mnemonic)
    {
        _s.Begin((int)mnemonic);
        _s.End();
    }

    // st(i)
    private void EmitX87(M mnemonic, int stack)
    {
        _s.Begin((int)mnemonic);
        StackOperand(stack);
        _s.End();
    }

    private void EmitX87(M mnemonic, int first, int second)
    {
        _s.Begin((int)mnemonic);
        StackOperand(first);
        StackOperand(second);
        _s.End();
    }

    private void StackOperand(int stack) =>
        _s.Operand(new MachineOperand { Kind = OperandKind.Immediate, Value = stack, Segment = X87Mark });

    /// <summary>In the segment of an immediate operand: it is the register st(Value).</summary>
    internal const byte X87Mark = 0x40;

    private void EmitX87Memory(M mnemonic, Address address, int size)
    {
        address = ResolveAll(address);
        address.Size = (byte)size;
        _s.Begin((int)mnemonic, size);
        EmitMemory(in address);
        _s.End();
    }

    private void EmitX87Load(Reg source)
    {
        _s.Begin((int)M.Fld, 10);
        _s.UseAny(Resolve(source));
        _s.End();
    }

    private void EmitX87StoreTo(Reg d)
    {
        Reg r = Define(d);
        _s.Begin((int)M.Fstp, 10);
        _s.Register(r, Role.Def, Constraint.Any);
        _s.End();
    }

    /// <summary>16 bytes of the frame for what passes between the register files in one instruction's code.</summary>
    private Address Transfer()
    {
        if (_frame.TransferSlot == 0)
            _frame.TransferSlot = _s.Machine.NewFrameObject(32, 4);
        return new Address { Slot = _frame.TransferSlot, Scale = 1 };
    }

    /// <summary>Pushes a value on the x87 stack.</summary>
    private void PushX87(Value v, int depth = 0)
    {
        ref IR.Instruction instruction = ref _f[v];
        if (instruction.Op == Op.FloatConstant)
        {
            PushConstant(_f.ConstantBits(v));
            return;
        }
        if (instruction.Op == Op.Load && IsCovered(v))
        {
            EmitX87Memory(M.Fld, AddressOf(instruction.A), 10);
            return;
        }
        if (depth < DeepestX87 && IsCovered(v) && CanPush(v))
        {
            PushOperation(v, depth);
            return;
        }
        EmitX87Load(Use(v));
    }

    private void PushConstant(UInt128 bits)
    {
        if (bits == 0)
            Emit87(M.Fldz);
        else if (bits == new UInt128(0x3fff, 0x8000000000000000))
            Emit87(M.Fld1);
        else
            EmitX87Memory(M.Fld, ConstantAddress(bits, 16), 10);
    }

    private bool CanPush(Value v) => _f.OpOf(v) switch
    {
        Op.FloatAdd or Op.FloatSub or Op.FloatMul or Op.FloatDiv or Op.FloatNegate or Op.FloatAbs or Op.FloatSqrt or Op.FloatRint
            or Op.FloatExtend or Op.SignedToFloat or Op.UnsignedToFloat => true,
        _ => false,
    };

    // Leaves the result of an operation of type f80 on the stack.
    private void PushOperation(Value v, int depth)
    {
        Value a = _f[v].A, b = _f[v].B;
        switch (_f.OpOf(v))
        {
            case Op.FloatAdd: PushBinary(a, b, M.Faddp, depth); break;
            case Op.FloatMul: PushBinary(a, b, M.Fmulp, depth); break;
            // GNU's names of fsubp and fsubrp (fdivp, fdivrp) are exchanged; the table has the manual's: st(1) = st(1) - st(0).
            case Op.FloatSub: PushBinary(a, b, M.Fsubp, depth); break;
            case Op.FloatDiv: PushBinary(a, b, M.Fdivp, depth); break;
            case Op.FloatNegate:
                PushX87(a, depth);
                Emit87(M.Fchs);
                break;
            case Op.FloatAbs:
                PushX87(a, depth);
                Emit87(M.Fabs);
                break;
            case Op.FloatSqrt:
                PushX87(a, depth);
                Emit87(M.Fsqrt);
                break;
            case Op.FloatRint:
                PushX87(a, depth);
                Emit87(M.Frndint);
                break;
            case Op.FloatExtend:
                PushExtended(a);
                break;
            case Op.SignedToFloat:
                PushInteger(a, true);
                break;
            case Op.UnsignedToFloat:
                PushInteger(a, false);
                break;
            default:
                throw new NotSupportedException($"x87: {_f.OpOf(v)}");
        }
    }

    private void PushBinary(Value a, Value b, M mnemonic, int depth)
    {
        // What the operands need of other registers may call (thread-local addresses): the stack must be empty then.
        PushX87(a, depth + 1);
        PushX87(b, depth + 1);
        EmitX87(mnemonic, 1, 0);
    }

    private void PushExtended(Value a)
    {
        int size = _f.TypeOf(a).Size;
        if (_f.OpOf(a) == Op.FloatConstant)
        {
            EmitX87Memory(M.Fld, ConstantAddress(_f.ConstantBits(a), size), size);
            return;
        }
        if (CanFoldLoad(a, size))
        {
            EmitX87Memory(M.Fld, MemoryOf(a), size);
            return;
        }
        Reg x = Use(a);
        Emit(MoveOf(size, true), size, Transfer().OfSize(size), x);
        EmitX87Memory(M.Fld, Transfer(), size);
    }

    private void PushInteger(Value a, bool signed)
    {
        IrType type = _f.TypeOf(a);
        int bits = type.LaneBits;
        if (signed && bits >= 16 && CanFoldLoad(a, bits / 8))
        {
            EmitX87Memory(M.Fild, MemoryOf(a), bits / 8);
            return;
        }
        if (bits < 32)
        {
            Reg extended = Extended(a, signed, 4);
            Emit(M.Mov, 4, Transfer().OfSize(4), extended);
            EmitX87Memory(M.Fild, Transfer(), 4);
            return;
        }
        Reg x = Use(a);
        if (bits == 32 && !signed)
        {
            Reg wide = NewReg(8);
            Emit(M.Mov, 4, wide, x);
            Emit(M.Mov, 8, Transfer().OfSize(8), wide);
            EmitX87Memory(M.Fild, Transfer(), 8);
            return;
        }
        Emit(M.Mov, bits / 8, Transfer().OfSize(bits / 8), x);
        EmitX87Memory(M.Fild, Transfer(), bits / 8);
        if (signed)
            return;
        // What was read as negative is 2^64 too small: add entry (sign bit) of { 0, 2^64 }.
        Reg sign = NewReg(8), table = NewReg(8);
        Copy(sign, x);
        Emit(M.Shr, 8, sign, Arg.Imm(63));
        Emit(M.Lea, 8, table, ConstantAddress(0x5f800000UL << 32, 8));
        EmitX87Memory(M.Fadd, new Address { Base = table, Index = sign, Scale = 4 }, 4);
    }

    /// <summary>Operations with f80 results or operands; false for those that the general ways do.</summary>
    private bool SelectX87(Value v)
    {
        Op op = _f.OpOf(v);
        if (op is Op.Select or Op.Call or Op.Asm or Op.AsmGoto or Op.Store or Op.Return or Op.Result or Op.DebugValue or Op.TargetOp)
            return false;
        if (op == Op.Load)
        {
            Reg loaded = Def(v);
            EmitX87Memory(M.Fld, AddressOf(_f[v].A), 10);
            EmitX87StoreTo(loaded);
            return true;
        }
        if (op == Op.FloatCompare)
            return false;
        if (CanPush(v) && _f.TypeOf(v) == IrType.F80)
        {
            Reg d = Def(v);
            PushOperation(v, 0);
            EmitX87StoreTo(d);
            return true;
        }
        switch (op)
        {
            case Op.FloatNarrow:
                {
                    int size = _f[v].Type.Size;
                    Reg d = Def(v);
                    PushX87(_f[v].A);
                    EmitX87Memory(M.Fstp, Transfer(), size);
                    Emit(MoveOf(size, true), size, d, Transfer().OfSize(size));
                    return true;
                }
            case Op.FloatToSigned:
                ConvertToInteger(v, true);
                return true;
            case Op.FloatToUnsigned:
                ConvertToInteger(v, false);
                return true;
            case Op.FloatCopySign:
                CopySignX87(v);
                return true;
            case Op.Opaque:
                {
                    Reg d = Def(v);
                    PushX87(_f[v].A);
                    EmitX87StoreTo(d);
                    return true;
                }
            default:
                throw new NotSupportedException($"x87: {op} on {_f[v].Type}");
        }
    }

    private void SelectX87Store(Value v)
    {
        PushX87(_f[v].B);
        EmitX87Memory(M.Fstp, AddressOf(_f[v].A), 10);
    }

    // Both on the stack, the first on top; compares and empties the stack.
    private void EmitX87Compare(Value a, Value b)
    {
        PushX87(b, DeepestX87);
        PushX87(a, DeepestX87);
        EmitX87(M.Fucomip, 0, 1);
        EmitX87(M.Fstp, 0);
    }

    // Stores st(0) as a truncated integer and pops it.
    private void EmitTruncatingStore(Address to, int size)
    {
        if (_features.Sse3)
        {
            EmitX87Memory(M.Fisttp, to, size);
            return;
        }
        Address control = Transfer().Plus(24), truncating = Transfer().Plus(28);
        EmitX87Memory(M.Fnstcw, control, 2);
        Reg word = NewReg(4);
        EmitLoadZero(word, control, 2);
        Emit(M.Or, 4, word, Arg.Imm(0xc00));
        Emit(M.Mov, 2, truncating.OfSize(2), word);
        EmitX87Memory(M.Fldcw, truncating, 2);
        EmitX87Memory(M.Fistp, to, size);
        EmitX87Memory(M.Fldcw, control, 2);
    }

    private void ConvertToInteger(Value v, bool signed)
    {
        int bits = _f[v].Type.LaneBits;
        Reg d = Def(v);
        int size = bits >= 64 || (!signed && bits == 32) ? 8 : bits == 32 || bits == 16 || (!signed && bits < 32) || bits <= 8 ? 4 : 4;
        if (signed || bits < 64)
        {
            PushX87(_f[v].A);
            EmitTruncatingStore(Transfer(), size);
            Emit(M.Mov, size, d, Transfer().OfSize(size));
            if (bits == 1)
                Emit(M.And, 4, d, Arg.Imm(1));
            return;
        }
        // As for double: directly, and less 2^63; what is out of range gives the top bit alone.
        Reg direct = NewReg(8), rest = NewReg(8), mask = NewReg(8);
        PushX87(_f[v].A, DeepestX87);
        EmitX87(M.Fld, 0);
        EmitTruncatingStore(Transfer(), 8);
        EmitX87Memory(M.Fsub, ConstantAddress(0x5f000000, 4), 4);
        EmitTruncatingStore(Transfer().Plus(8), 8);
        Emit(M.Mov, 8, direct, Transfer().OfSize(8));
        Emit(M.Mov, 8, rest, Transfer().Plus(8).OfSize(8));
        Copy(mask, direct);
        Emit(M.Sar, 8, mask, Arg.Imm(63));
        Emit(M.And, 8, mask, rest);
        Emit(M.Or, 8, mask, direct);
        Copy(d, mask);
    }

    private void CopySignX87(Value v)
    {
        Reg d = Def(v);
        Address a = Transfer();
        // The sign of b: its upper word, from the frame.
        PushX87(_f[v].B, DeepestX87);
        EmitX87Memory(M.Fstp, a, 10);
        Reg sign = NewReg(4), word = NewReg(4);
        EmitLoadZero(sign, a.Plus(8), 2);
        PushX87(_f[v].A, DeepestX87);
        EmitX87Memory(M.Fstp, a, 10);
        EmitLoadZero(word, a.Plus(8), 2);
        Emit(M.And, 4, word, Arg.Imm(0x7fff));
        Emit(M.And, 4, sign, Arg.Imm(0x8000));
        Emit(M.Or, 4, word, sign);
        Emit(M.Mov, 2, a.Plus(8).OfSize(2), word);
        EmitX87Memory(M.Fld, a, 10);
        EmitX87StoreTo(d);
    }
}
