using Kiln.CodeGen.Machine;
using Kiln.IR;
using Kiln.Isa.X86;
using M = Kiln.Isa.X86.Mnemonic;
using OperandKind = Kiln.CodeGen.Machine.OperandKind;
using Role = Kiln.CodeGen.Machine.Role;

namespace Kiln.CodeGen.Targets.X86;

// After allocation, within a block: shorter instructions where the flags are free, no test of what the flags say already, no
// zero extension of what is extended. Flags are never live from one block to the next.
public sealed partial class X86Target
{
    private void ImproveBlocks(MachineFunction function)
    {
        for (int b = 0; b < function.Blocks.Count; b++)
        {
            SinkConstants(function, b);
            DropTests(function, b);
            DropExtensions(function, b);
            ShortenByFlags(function, b);
        }
    }

    // A constant made in one register and moved to another is made in the other.
    private static void SinkConstants(MachineFunction function, int b)
    {
        ref MachineBlock block = ref function.Blocks[b];
        for (int i = block.Start; i < block.End; i++)
        {
            ref MachineInstruction move = ref function.Code[i];
            if (move.Opcode is not (GenericOp.Move or GenericOp.Copy) || move.OperandCount != 2)
                continue;
            Reg to = function.Operands[move.FirstOperand].Reg, from = function.Operands[move.FirstOperand + 1].Reg;
            if (function.Operands[move.FirstOperand].Kind != OperandKind.Register || function.Operands[move.FirstOperand + 1].Kind != OperandKind.Register
                || to == from || from.Number >= Regs.FirstVector != to.Number >= Regs.FirstVector)
                continue;
            int maker = MakerOf(function, block.Start, i, from);
            if (maker < 0)
                continue;
            int first = function.Operands.Count;
            MachineInstruction copy = function.Code[maker];
            for (int k = 0; k < copy.OperandCount; k++)
            {
                MachineOperand operand = function.Operands[copy.FirstOperand + k];
                if (operand.Kind == OperandKind.Register && operand.IsDef)
                    operand.Reg = to;
                function.Operands.Add(operand);
            }
            copy.FirstOperand = first;
            copy.Location = function.Code[i].Location;
            function.Code[i] = copy;
            if (IsDeadAfter(function, maker + 1, block.End, from))
                function.Code[maker].Opcode = GenericOp.Nothing;
        }
    }

    // The instruction of the block that made what a register holds at a place, if it may be made again anywhere.
    private static int MakerOf(MachineFunction function, int start, int at, Reg r)
    {
        for (int i = at - 1; i >= start && i >= at - 24; i--)
        {
            ref MachineInstruction instruction = ref function.Code[i];
            foreach (ref MachineOperand operand in function.OperandsOf(in instruction))
            {
                if (operand.Kind == OperandKind.Clobbers && new RegisterSet((ulong)operand.Value).Contains(r.Number))
                    return -1;
                if (operand.Kind == OperandKind.Register && operand.IsDef && operand.Reg == r)
                {
                    bool isRemade = (instruction.Flags & MachineFlags.Rematerializable) != 0 && !ReadsRegisters(function, in instruction)
                        && instruction.Opcode is not (GenericOp.Move or GenericOp.Copy or GenericOp.Nothing);
                    return isRemade ? i : -1;
                }
            }
        }
        return -1;
    }

    private static bool ReadsRegisters(MachineFunction function, in MachineInstruction instruction)
    {
        foreach (ref MachineOperand operand in function.OperandsOf(in instruction))
        {
            if (operand.Kind == OperandKind.Register && operand.IsUse)
                return true;
        }
        return false;
    }

    // Whether a register is written again within the block before anything reads it.
    private static bool IsDeadAfter(MachineFunction function, int start, int end, Reg r)
    {
        for (int i = start; i < end; i++)
        {
            ref MachineInstruction instruction = ref function.Code[i];
            if (IsNothing(in instruction))
                continue;
            bool isWritten = false;
            foreach (ref MachineOperand operand in function.OperandsOf(in instruction))
            {
                if (operand.Kind == OperandKind.Register && operand.Reg == r)
                {
                    if (operand.IsUse)
                        return false;
                    isWritten |= operand.IsDef;
                }
                else if (operand.Kind == OperandKind.Clobbers && new RegisterSet((ulong)operand.Value).Contains(r.Number))
                {
                    isWritten = true;
                }
            }
            if (isWritten)
                return true;
        }
        return false;
    }

    private static bool IsTable(in MachineInstruction instruction) => instruction.Opcode < GenericOp.FirstTargetPseudo;

    private static int ExplicitCount(MachineFunction function, in MachineInstruction instruction)
    {
        int count = 0;
        Span<MachineOperand> operands = function.OperandsOf(in instruction);
        for (int i = 0; i < operands.Length; i++)
        {
            if (operands[i].IsImplicit || operands[i].Kind is OperandKind.Clobbers or OperandKind.None)
                continue;
            count++;
            if (operands[i].Kind == OperandKind.Memory)
                i += 2;
        }
        return count;
    }

    private static bool WritesFlags(MachineFunction function, in MachineInstruction instruction)
    {
        if (!IsTable(in instruction))
        {
            return instruction.Opcode is not (GenericOp.Move or GenericOp.Copy or GenericOp.Nothing or GenericOp.Entry or GenericOp.DebugValue
                or GenericOp.Undefined or GenericOp.Keep or GenericOp.Swap or Pseudo.SelectVector or Pseudo.SelectX87 or Pseudo.ZeroVector
                or Pseudo.OnesVector or Pseudo.GetStack or Pseudo.SetStack or Pseudo.FrameAddress or Pseudo.LocalLabel);
        }
        if ((instruction.Flags & MachineFlags.Call) != 0)
            return true;
        int form = Forms.Find((M)instruction.Opcode, ExplicitCount(function, in instruction));
        return form < 0 || (Forms.FlagsWritten(form) | Forms.FlagsUndefined(form)) != 0;
    }

    private static bool ReadsFlags(in MachineInstruction instruction) => (instruction.Flags & MachineFlags.ReadsFlags) != 0;

    // mov $0 => xor; lea that only adds => add.
    private static void ShortenByFlags(MachineFunction function, int b)
    {
        ref MachineBlock block = ref function.Blocks[b];
        bool live = false;
        for (int i = block.End - 1; i >= block.Start; i--)
        {
            ref MachineInstruction instruction = ref function.Code[i];
            if (!live && IsTable(in instruction))
            {
                if (instruction.Opcode == (ushort)M.Mov)
                    ZeroByXor(function, ref instruction);
                else if (instruction.Opcode == (ushort)M.Lea)
                    AddForLea(function, ref instruction);
            }
            if (WritesFlags(function, in instruction))
                live = false;
            if (ReadsFlags(in instruction))
                live = true;
        }
    }

    private static void ZeroByXor(MachineFunction function, ref MachineInstruction instruction)
    {
        Span<MachineOperand> operands = function.OperandsOf(in instruction);
        if (operands.Length != 2 || operands[0].Kind != OperandKind.Register || operands[1].Kind != OperandKind.Immediate
            || operands[1].Space != SymbolSpace.None || operands[1].Value != 0 || instruction.Size < 4)
            return;
        instruction.Opcode = (ushort)M.Xor;
        instruction.Size = 4;
        operands[0].Size = 0;
        operands[1] = operands[0];
        operands[1].Role = Role.Use;
    }

    private static void AddForLea(MachineFunction function, ref MachineInstruction instruction)
    {
        Span<MachineOperand> operands = function.OperandsOf(in instruction);
        if (operands.Length != 4 || operands[1].Kind != OperandKind.Memory || operands[1].Register != 0 || operands[1].Space != SymbolSpace.None
            || operands[1].Segment != 0)
            return;
        Reg d = operands[0].Reg;
        long displacement = operands[1].Value;
        bool hasBase = operands[2].Kind == OperandKind.Register, hasIndex = operands[3].Kind == OperandKind.Register;
        if (hasBase && !hasIndex && operands[2].Reg == d && displacement == (int)displacement)
        {
            bool negative = displacement == 128 || (displacement < 0 && displacement != -128 && displacement != int.MinValue);
            Two(ref instruction, negative ? M.Sub : M.Add, new MachineOperand { Kind = OperandKind.Immediate, Value = negative ? -displacement : displacement });
        }
        else if (hasBase && hasIndex && displacement == 0 && operands[1].Extra <= 1 && (operands[2].Reg == d || operands[3].Reg == d))
        {
            MachineOperand other = operands[2].Reg == d ? operands[3] : operands[2];
            Two(ref instruction, M.Add, other);
        }
        else if (!hasBase && hasIndex && displacement == 0 && operands[3].Reg == d && operands[1].Extra is 2 or 4 or 8)
        {
            int shift = System.Numerics.BitOperations.Log2(operands[1].Extra);
            Two(ref instruction, M.Shl, new MachineOperand { Kind = OperandKind.Immediate, Value = shift });
        }

        void Two(ref MachineInstruction target, M mnemonic, MachineOperand second)
        {
            Span<MachineOperand> all = function.OperandsOf(in target);
            all[1] = second;
            target.Opcode = (ushort)mnemonic;
            target.OperandCount = 2;
        }
    }

    // test r, r right behind what set the flags by r.
    private static void DropTests(MachineFunction function, int b)
    {
        ref MachineBlock block = ref function.Blocks[b];
        for (int i = block.Start + 1; i < block.End; i++)
        {
            ref MachineInstruction test = ref function.Code[i];
            if (test.Opcode != (ushort)M.Test || test.OperandCount != 2)
                continue;
            Span<MachineOperand> operands = function.OperandsOf(in test);
            if (operands[0].Kind != OperandKind.Register || operands[1].Kind != OperandKind.Register || operands[0].Register != operands[1].Register)
                continue;
            Reg r = operands[0].Reg;
            int producer = ProducerOf(function, block.Start, i, r);
            if (producer < 0)
                continue;
            ref MachineInstruction source = ref function.Code[producer];
            if (source.Size != test.Size || test.Size < 4)
                continue;
            bool isLogic = (M)source.Opcode is M.And or M.Or or M.Xor;
            if (CanReadFrom(function, i + 1, block.End, isLogic))
                test.Opcode = GenericOp.Nothing;
        }
    }

    private static int ProducerOf(MachineFunction function, int start, int at, Reg r)
    {
        for (int i = at - 1; i >= start && i >= at - 6; i--)
        {
            ref MachineInstruction instruction = ref function.Code[i];
            bool writesRegister = false;
            foreach (ref MachineOperand operand in function.OperandsOf(in instruction))
            {
                if (operand.Kind == OperandKind.Register && operand.IsDef && operand.Reg == r)
                    writesRegister = true;
                else if (operand.Kind == OperandKind.Clobbers)
                    return -1;
            }
            if (writesRegister)
            {
                if (!IsTable(in instruction))
                    return -1;
                ref MachineOperand first = ref function.Operands[instruction.FirstOperand];
                if (first.Kind != OperandKind.Register || first.Reg != r || !first.IsDef)
                    return -1;
                switch ((M)instruction.Opcode)
                {
                    case M.Add or M.Sub or M.And or M.Or or M.Xor or M.Neg:
                        return i;
                    case M.Shl or M.Shr or M.Sar:
                        // A count of 0 leaves the flags as they were.
                        ref MachineOperand count = ref function.Operands[instruction.FirstOperand + instruction.OperandCount - 1];
                        return count.Kind == OperandKind.Immediate && count.Value != 0 ? i : -1;
                    default:
                        return -1;
                }
            }
            if (WritesFlags(function, in instruction))
                return -1;
        }
        return -1;
    }

    // Whether all that read the flags of a test may read those of the arithmetic before it: those are turned to conditions that mean the
    // same there.
    private static bool CanReadFrom(MachineFunction function, int start, int end, bool isLogic)
    {
        for (int pass = 0; pass < 2; pass++)
        {
            for (int i = start; i < end; i++)
            {
                ref MachineInstruction reader = ref function.Code[i];
                if (ReadsFlags(in reader))
                {
                    if (!Translate(ref reader, isLogic, pass == 1))
                        return false;
                }
                if (WritesFlags(function, in reader))
                    break;
            }
        }
        return true;
    }

    private static bool Translate(ref MachineInstruction reader, bool isLogic, bool apply)
    {
        if (!IsTable(in reader))
            return isLogic;
        var mnemonic = (M)reader.Opcode;
        for (Condition condition = Condition.Overflow; condition <= Condition.Greater; condition++)
        {
            M kind = mnemonic == Jump(condition) ? M.Jmp : mnemonic == Set(condition) ? M.Seta : mnemonic == Cmov(condition) ? M.Cmova : M.None;
            if (kind == M.None)
                continue;
            Condition result = condition switch
            {
                Condition.Equal or Condition.NotEqual or Condition.Sign or Condition.NotSign => condition,
                Condition.Less => Condition.Sign,
                Condition.GreaterEqual => Condition.NotSign,
                _ when isLogic => condition,
                _ => Condition.Overflow,
            };
            if (result == Condition.Overflow)
                return false;
            if (apply)
                reader.Opcode = (ushort)(kind == M.Jmp ? Jump(result) : kind == M.Seta ? Set(result) : Cmov(result));
            return true;
        }
        return false;
    }

    // mov %eax, %eax where eax was written as 32 bits: its upper half is zero already.
    private static void DropExtensions(MachineFunction function, int b)
    {
        ref MachineBlock block = ref function.Blocks[b];
        uint extended = 0;
        for (int i = block.Start; i < block.End; i++)
        {
            ref MachineInstruction instruction = ref function.Code[i];
            Span<MachineOperand> operands = function.OperandsOf(in instruction);
            if (instruction.Opcode == (ushort)M.Mov && operands.Length == 2 && operands[0].Kind == OperandKind.Register && operands[1].Kind == OperandKind.Register
                && operands[0].Reg == operands[1].Reg && instruction.Size == 4 && operands[0].Reg.Number < 16
                && (extended >> operands[0].Reg.Number & 1) != 0)
            {
                instruction.Opcode = GenericOp.Nothing;
                continue;
            }
            foreach (ref MachineOperand operand in operands)
            {
                if (operand.Kind == OperandKind.Clobbers)
                    extended &= ~(uint)operand.Value;
                if (operand.Kind != OperandKind.Register || !operand.IsDef || !operand.Reg.IsPhysical || operand.Reg.Number >= 16)
                    continue;
                int size = operand.Size != 0 ? operand.Size : instruction.Size;
                bool zeros = IsTable(in instruction) && size == 4 && !operand.IsImplicit && (instruction.Flags & MachineFlags.Call) == 0;
                if (zeros)
                    extended |= 1u << operand.Reg.Number;
                else
                    extended &= ~(1u << operand.Reg.Number);
            }
        }
    }
}
