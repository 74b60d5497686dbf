using Kiln.CodeGen.Machine;
using M = Kiln.Isa.X86.Mnemonic;

namespace Kiln.CodeGen.Targets.X86;

// After allocation: branches to the next block vanish, conditions are turned around so that they do; which blocks need labels.
public sealed partial class X86Target
{
    private bool[] _isTarget = [];

    public override void Peephole(MachineFunction function)
    {
        CleanBranches(function);
        if (Options.OptimizationLevel > 0)
            ImproveBlocks(function);
    }

    private void CleanBranches(MachineFunction function)
    {
        if (_isTarget.Length < function.Blocks.Count)
            _isTarget = new bool[function.Blocks.Count * 2];
        else
            Array.Clear(_isTarget, 0, function.Blocks.Count);
        for (int b = 0; b < function.Blocks.Count; b++)
            CleanEnd(function, b);
        for (int b = 0; b < function.Blocks.Count; b++)
        {
            ref MachineBlock block = ref function.Blocks[b];
            if (function.Source[block.Block].AddressTaken)
                _isTarget[b] = true;
            for (int i = block.Start; i < block.End; i++)
            {
                ref MachineInstruction instruction = ref function.Code[i];
                if ((instruction.Flags & MachineFlags.Terminator) == 0 || instruction.Opcode == GenericOp.Nothing)
                    continue;
                foreach (ref MachineOperand operand in function.OperandsOf(in instruction))
                {
                    if (operand.Kind == OperandKind.Block)
                        _isTarget[function.PositionOfBlock[operand.Symbol]] = true;
                }
            }
        }
        foreach (int block in function.TableBlocks.Span)
            _isTarget[function.PositionOfBlock[block]] = true;
        MarkAsmTargets(function);
    }

    // The block that a jump ends up in: empty blocks that only jump on are passed over.
    private static int Thread(MachineFunction function, int position)
    {
        for (int steps = 0; steps < 8; steps++)
        {
            ref MachineBlock block = ref function.Blocks[position];
            int target = -1;
            for (int i = block.Start; i < block.End; i++)
            {
                ref MachineInstruction instruction = ref function.Code[i];
                if (instruction.Opcode is GenericOp.Nothing && (instruction.Flags & MachineFlags.Terminator) == 0)
                    continue;
                if (instruction.Opcode is GenericOp.DebugValue or GenericOp.Keep)
                    continue;
                if (instruction.Opcode == (ushort)M.Jmp && function.Operands[instruction.FirstOperand].Kind == OperandKind.Block)
                    target = function.PositionOfBlock[function.Operands[instruction.FirstOperand].Symbol];
                break;
            }
            if (target < 0 || target == position)
                return position;
            position = target;
        }
        return position;
    }

    private void CleanEnd(MachineFunction function, int b)
    {
        ref MachineBlock block = ref function.Blocks[b];
        for (int i = block.Start; i < block.End; i++)
        {
            ref MachineInstruction instruction = ref function.Code[i];
            if ((instruction.Flags & MachineFlags.Terminator) == 0 || !IsJump(in instruction) || function.Operands[instruction.FirstOperand].Kind != OperandKind.Block)
                continue;
            ref MachineOperand target = ref function.Operands[instruction.FirstOperand];
            int final = Thread(function, function.PositionOfBlock[target.Symbol]);
            target.Symbol = function.Blocks[final].Block.Id;
        }
        int last = LastOf(function, in block, block.End);
        if (last < 0 || function.Code[last].Opcode != (ushort)M.Jmp)
            return;
        ref MachineInstruction jump = ref function.Code[last];
        if (function.Operands[jump.FirstOperand].Kind != OperandKind.Block)
            return;
        int next = NextBlock(function, b);
        int unconditional = function.PositionOfBlock[function.Operands[jump.FirstOperand].Symbol];
        if (unconditional == next)
        {
            jump.Opcode = GenericOp.Nothing;
            // A conditional jump to the same place is none either.
            int before = LastOf(function, in block, last);
            if (before >= 0 && ConditionalTarget(function, before) == next)
                function.Code[before].Opcode = GenericOp.Nothing;
            return;
        }
        int conditional = LastOf(function, in block, last);
        if (next < 0 || conditional < 0 || ConditionalTarget(function, conditional) != next)
            return;
        // Behind another conditional jump to the next block (jne a; jp a; jmp b, with a next) this one is turned all the same.
        ref MachineInstruction branch = ref function.Code[conditional];
        branch.Opcode = (ushort)Jump(Conditions.Negate(ConditionOfJump((M)branch.Opcode)!.Value));
        function.Operands[branch.FirstOperand].Symbol = function.Operands[jump.FirstOperand].Symbol;
        jump.Opcode = GenericOp.Nothing;
    }

    private static bool IsJump(in MachineInstruction instruction) =>
        instruction.Opcode == (ushort)M.Jmp
        || (instruction.Opcode < GenericOp.FirstTargetPseudo && instruction.Extra == 0 && ConditionOfJump((M)instruction.Opcode) is not null);

    // The block after it in the code that has any code, or -1.
    private static int NextBlock(MachineFunction function, int b) => b + 1 < function.Blocks.Count ? b + 1 : -1;

    private static int ConditionalTarget(MachineFunction function, int at)
    {
        ref MachineInstruction instruction = ref function.Code[at];
        if (instruction.Opcode >= GenericOp.FirstTargetPseudo || instruction.Extra != 0 || ConditionOfJump((M)instruction.Opcode) is null)
            return -1;
        return function.PositionOfBlock[function.Operands[instruction.FirstOperand].Symbol];
    }

    private static int LastOf(MachineFunction function, in MachineBlock block, int end)
    {
        for (int i = end - 1; i >= block.Start; i--)
        {
            if (function.Code[i].Opcode is not (GenericOp.Nothing or GenericOp.DebugValue or GenericOp.Keep))
                return i;
        }
        return -1;
    }
}
