using Kiln.CodeGen.Machine;
using M = Kiln.Isa.X86.Mnemonic;

namespace Kiln.CodeGen.Targets.X86;

// After allocation. Jumps to jumps go on at once; a short block that ends in a condition is repeated where a loop jumps back to it, so
// that one jump goes round; a computed jump is repeated where it is jumped to; branches to the next block vanish, conditions
// are turned around so that they do. Then it is known which blocks need labels, and where innermost loops without calls begin:
// processors fetch aligned windows, and a short loop across the border of two takes twice as long.
public sealed partial class X86Target
{
    private const int LongestHead = 5, LongestDispatch = 8;
    private const int TinyLoop = 6, ShortLoop = 14, LongestAlignedLoop = 28; // in instructions, of some four and a half bytes each

    private bool[] _isTarget = [];
    private bool[] _isEmpty = [];

    public override void Peephole(MachineFunction function)
    {
        ThreadJumps(function);
        if (Options.OptimizationLevel > 0)
        {
            DropPassedBlocks(function);
            if (!Options.OptimizeForSize)
                RepeatHeads(function);
            ImproveBlocks(function);
        }
        CleanBranches(function);
        if (Options.OptimizationLevel > 0 && !Options.OptimizeForSize && function.Loops.Count > 1)
            AlignLoops(function);
    }

    // Innermost loops: from a block that a later one jumps back to, without another such block between.
    private void AlignLoops(MachineFunction function)
    {
        for (int b = 0; b < function.Blocks.Count; b++)
        {
            ref MachineBlock block = ref function.Blocks[b];
            if (block.LoopDepth == 0 || function.Source[block.Block].IsCold)
                continue;
            int head = -1;
            for (int i = block.Start; i < block.End; i++)
            {
                if ((function.Code[i].Flags & MachineFlags.Terminator) == 0 || IsNothing(in function.Code[i]) || function.Code[i].OperandCount == 0)
                    continue;
                ref MachineOperand operand = ref function.Operands[function.Code[i].FirstOperand];
                if (operand.Kind == OperandKind.Block && function.PositionOfBlock[operand.Symbol] is int target && target <= b)
                    head = Math.Max(head, target);
            }
            // A block aligned already heads a loop that ended before.
            for (int inner = b; head >= 0 && inner > head; inner--)
            {
                if (function.Blocks[inner].AlignmentLog2 != 0)
                    head = -1;
            }
            if (head < 0)
                continue;
            int length = LoopLength(function, head, b);
            if (length <= LongestAlignedLoop)
                function.Blocks[head].AlignmentLog2 = (byte)(length <= TinyLoop || length > ShortLoop ? 5 : 6);
        }
    }

    // In instructions; very long where it calls.
    private static int LoopLength(MachineFunction function, int from, int to)
    {
        int length = 0;
        for (int b = from; b <= to && length <= LongestAlignedLoop; b++)
        {
            ref MachineBlock block = ref function.Blocks[b];
            length += block.End - block.Start;
            for (int i = block.Start; i < block.End; i++)
            {
                if ((function.Code[i].Flags & MachineFlags.Call) != 0)
                    return int.MaxValue;
            }
        }
        return length;
    }

    private static bool IsNothing(in MachineInstruction instruction) =>
        instruction.Opcode is GenericOp.Nothing or GenericOp.DebugValue or GenericOp.Keep;

    private static void ThreadJumps(MachineFunction function)
    {
        for (int b = 0; b < function.Blocks.Count; b++)
        {
            ref MachineBlock block = ref function.Blocks[b];
            for (int i = block.Start; i < block.End; i++)
            {
                ref MachineInstruction instruction = ref function.Code[i];
                if ((instruction.Flags & MachineFlags.Terminator) == 0 || !IsJump(in instruction)
                    || function.Operands[instruction.FirstOperand].Kind != OperandKind.Block)
                    continue;
                ref MachineOperand target = ref function.Operands[instruction.FirstOperand];
                target.Symbol = function.Blocks[Thread(function, function.PositionOfBlock[target.Symbol])].Block.Id;
            }
        }
        foreach (ref int target in function.TableBlocks.Span)
            target = function.Blocks[Thread(function, function.PositionOfBlock[target])].Block.Id;
    }

    // The block that a jump ends up in: blocks that only jump on are passed over.
    private static int Thread(MachineFunction function, int position)
    {
        for (int steps = 0; steps < 8; steps++)
        {
            ref MachineBlock block = ref function.Blocks[position];
            int first = block.Start;
            while (first < block.End && IsNothing(in function.Code[first]))
                first++;
            if (first == block.End || function.Code[first].Opcode != (ushort)M.Jmp
                || function.Operands[function.Code[first].FirstOperand].Kind != OperandKind.Block)
                return position;
            int target = function.PositionOfBlock[function.Operands[function.Code[first].FirstOperand].Symbol];
            if (target == position)
                return position;
            position = target;
        }
        return position;
    }

    private static void RepeatHeads(MachineFunction function)
    {
        int count = function.Blocks.Count;
        for (int b = 0; b < count; b++)
        {
            int last = LastOf(function, in function.Blocks[b], function.Blocks[b].End);
            if (last < 0 || function.Code[last].Opcode != (ushort)M.Jmp || function.Operands[function.Code[last].FirstOperand].Kind != OperandKind.Block)
                continue;
            int head = function.PositionOfBlock[function.Operands[function.Code[last].FirstOperand].Symbol];
            if (head == b || head == b + 1 || function.Blocks[b].LoopDepth == 0 || !IsShortHead(function, head, head <= b))
                continue;
            AppendBlock(function, b, head, last);
        }
    }

    // Few instructions and then a condition with both ways out, or a computed jump.
    private static bool IsShortHead(MachineFunction function, int head, bool isBack)
    {
        ref MachineBlock block = ref function.Blocks[head];
        int last = LastOf(function, in block, block.End);
        if (last < 0)
            return false;
        int work = 0;
        bool hasCondition = false;
        for (int i = block.Start; i <= last; i++)
        {
            ref MachineInstruction instruction = ref function.Code[i];
            if (IsNothing(in instruction))
                continue;
            if (i == last)
                break;
            if ((instruction.Flags & MachineFlags.Terminator) != 0)
            {
                if (ConditionalTarget(function, i) < 0)
                    return false;
                hasCondition = true;
            }
            else if ((instruction.Flags & MachineFlags.Call) != 0 || instruction.Opcode is GenericOp.Entry or Pseudo.Asm or Pseudo.SetJump
                or Pseudo.RmwLoop or Pseudo.SaveRegisters)
            {
                return false;
            }
            else
            {
                work++;
            }
        }
        ref MachineInstruction end = ref function.Code[last];
        if (end.Opcode != (ushort)M.Jmp)
            return false;
        if (function.Operands[end.FirstOperand].Kind == OperandKind.Block)
            return isBack && hasCondition && work <= LongestHead;
        return work <= LongestDispatch;
    }

    // Block b, which ends in a jump to head, gets head's instructions in place of the jump.
    private static void AppendBlock(MachineFunction function, int b, int head, int jump)
    {
        int start = function.Code.Count;
        (int from, int headFrom, int headEnd) = (function.Blocks[b].Start, function.Blocks[head].Start, function.Blocks[head].End);
        for (int i = from; i < jump; i++)
            function.Code.Add(function.Code[i]);
        for (int i = headFrom; i < headEnd; i++)
        {
            MachineInstruction copy = function.Code[i];
            if (copy.Opcode == GenericOp.DebugValue)
                continue;
            int first = function.Operands.Count;
            for (int k = 0; k < copy.OperandCount; k++)
            {
                MachineOperand operand = function.Operands[copy.FirstOperand + k];
                function.Operands.Add(operand);
            }
            copy.FirstOperand = first;
            function.Code.Add(copy);
        }
        ref MachineBlock block = ref function.Blocks[b];
        block.Start = start;
        block.End = function.Code.Count;
    }

    // Blocks of a mere jump that all jumps have passed over, and that nothing falls into, are empty.
    private void DropPassedBlocks(MachineFunction function)
    {
        ClearTargets(function);
        MarkTargets(function);
        bool isClosed = false;
        for (int b = 0; b < function.Blocks.Count; b++)
        {
            ref MachineBlock block = ref function.Blocks[b];
            int last = LastOf(function, in block, block.End);
            bool isPassed = isClosed && !_isTarget[b];
            bool isJump = last >= 0 && function.Code[last].Opcode == (ushort)M.Jmp;
            isClosed = isJump || last >= 0 && (function.Code[last].Flags & (MachineFlags.Return | MachineFlags.IndirectBranch)) != 0;
            if (!isPassed || !isJump || LastOf(function, in block, last) >= 0 || block.AddressOf > 0 || block.IsAbnormalEntry
                || function.Operands[function.Code[last].FirstOperand].Kind != OperandKind.Block)
                continue;
            function.Code[last].Opcode = GenericOp.Nothing;
        }
        ClearTargets(function);
    }

    private void ClearTargets(MachineFunction function)
    {
        if (_isTarget.Length < function.Blocks.Count)
        {
            _isTarget = new bool[function.Blocks.Count * 2];
            _isEmpty = new bool[function.Blocks.Count * 2];
        }
        else
        {
            Array.Clear(_isTarget, 0, function.Blocks.Count);
        }
    }

    private void CleanBranches(MachineFunction function)
    {
        ClearTargets(function);
        // From the last to the first: a block knows which of those behind it have become empty.
        for (int b = function.Blocks.Count - 1; b >= 0; b--)
        {
            CleanEnd(function, b);
            _isEmpty[b] = LastOf(function, in function.Blocks[b], function.Blocks[b].End) < 0 && b + 1 < function.Blocks.Count
                && !function.Source[function.Blocks[b].Block].AddressTaken && function.Blocks[b].AddressOf <= 0 && !function.Blocks[b].IsAbnormalEntry;
        }
        MarkTargets(function);
    }

    private void MarkTargets(MachineFunction function)
    {
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

    private void CleanEnd(MachineFunction function, int b)
    {
        ref MachineBlock block = ref function.Blocks[b];
        int last = LastOf(function, in block, block.End);
        if (last < 0 || function.Code[last].Opcode != (ushort)M.Jmp)
            return;
        ref MachineInstruction jump = ref function.Code[last];
        if (function.Operands[jump.FirstOperand].Kind != OperandKind.Block)
            return;
        int unconditional = function.PositionOfBlock[function.Operands[jump.FirstOperand].Symbol];
        if (IsNext(function, b, unconditional))
        {
            jump.Opcode = GenericOp.Nothing;
            // Conditional jumps to the same place are none either.
            for (int before = LastOf(function, in block, last); before >= 0 && IsNext(function, b, ConditionalTarget(function, before));
                before = LastOf(function, in block, before))
                function.Code[before].Opcode = GenericOp.Nothing;
            return;
        }
        int conditional = LastOf(function, in block, last);
        if (conditional < 0 || !IsNext(function, b, ConditionalTarget(function, conditional)))
            return;
        // Behind another conditional jump to the next block (jne a; jp a; jmp b, with a next) this one is turned all the same.
        ref MachineInstruction branch = ref function.Code[conditional];
        branch.Opcode = (ushort)Jump(Conditions.Negate(ConditionOfJump((M)branch.Opcode)!.Value));
        function.Operands[branch.FirstOperand].Symbol = function.Operands[jump.FirstOperand].Symbol;
        jump.Opcode = GenericOp.Nothing;
    }

    // Whether a block is what comes next in the code, empty ones passed over.
    private bool IsNext(MachineFunction function, int b, int position)
    {
        if (position <= b)
            return false;
        for (int next = b + 1; next < function.Blocks.Count; next++)
        {
            if (next == position)
                return true;
            if (!_isEmpty[next])
                return false;
        }
        return false;
    }

    private static bool IsJump(in MachineInstruction instruction) =>
        instruction.Opcode == (ushort)M.Jmp
        || (instruction.Opcode < GenericOp.FirstTargetPseudo && instruction.Extra == 0 && ConditionOfJump((M)instruction.Opcode) is not null);

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
            if (!IsNothing(in function.Code[i]))
                return i;
        }
        return -1;
    }
}
