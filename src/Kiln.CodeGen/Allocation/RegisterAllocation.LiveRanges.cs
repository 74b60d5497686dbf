using Kiln.Base;
using Kiln.CodeGen.Machine;

namespace Kiln.CodeGen.Allocation;

// Uses and live ranges. Uses are collected in code order and sorted by value with a counting sort; then each value's blocks are found by
// walking up from its uses to its definition, which costs as much as the ranges found.
public sealed partial class RegisterAllocation
{
    private readonly GrowBuffer<(int Register, Use Use)> _collected = new(1024);
    private readonly GrowBuffer<Use> _uses = new(1024);
    private readonly GrowBuffer<Interval>[] _reserved = new GrowBuffer<Interval>[64];
    private readonly GrowBuffer<(int Position, RegisterSet Registers)> _clobbers = new(64);
    private readonly GrowBuffer<int> _work = new(64);
    private readonly GrowBuffer<int> _touched = new(64);
    private RegisterSet _allClobbers;
    private int[] _firstUse = [];
    private int[] _firstRange = [];
    private int[] _definition = [];
    private int[] _definingBlock = [];
    private int[] _blockOfInstruction = [];
    private int[] _liveIn = [];
    private int[] _liveOut = [];
    private int[] _lastUse = [];
    private int[] _touchedBy = [];

    // The first terminator of each block.
    private int[] _terminator = [];

    // Values that phis and copies take: these may want them in a slot, where nothing is made again.
    private readonly BitSet _isHandedOn = new();

    private void FindLiveRanges()
    {
        int values = _function.Registers.Count;
        int blocks = _function.Blocks.Count;
        Grow(ref _firstUse, values + 2);
        Grow(ref _firstRange, values + 1);
        Grow(ref _definition, values);
        Grow(ref _definingBlock, values);
        Grow(ref _blockOfInstruction, _function.Code.Count + 1);
        Grow(ref _liveIn, blocks);
        Grow(ref _liveOut, blocks);
        Grow(ref _lastUse, blocks);
        Array.Clear(_firstUse, 0, values + 2);
        _definition.AsSpan(0, values).Fill(-1);
        Grow(ref _touchedBy, blocks);
        Grow(ref _terminator, blocks);
        _liveIn.AsSpan(0, blocks).Fill(-1);
        _liveOut.AsSpan(0, blocks).Fill(-1);
        _touchedBy.AsSpan(0, blocks).Fill(-1);
        _isHandedOn.Reset(values);
        _collected.Clear();
        _clobbers.Clear();
        _allClobbers = default;
        foreach (GrowBuffer<Interval> reserved in _reserved)
            reserved.Clear();
        for (int block = 0; block < blocks; block++)
            CollectBlock(block);
        SortUses(values);
        for (int value = 0; value < values; value++)
        {
            _firstRange[value] = _ranges.Count;
            FindRanges(value);
        }
        _firstRange[values] = _ranges.Count;
        FindTrees();
    }

    private static void Grow(ref int[] array, int length)
    {
        if (array.Length < length)
            array = new int[Math.Max(length, array.Length * 2)];
    }

    // Collecting

    private void CollectBlock(int index)
    {
        MachineBlock block = _function.Blocks[index];
        float frequency = Math.Max(block.Frequency, 1e-4f);
        foreach (int phi in _function.PhiDefs(index))
        {
            _definition[phi - Reg.FirstVirtual] = block.Start * 4;
            _definingBlock[phi - Reg.FirstVirtual] = index;
            Collect(phi - Reg.FirstVirtual, block.Start * 4, -1, frequency, UseFlags.Def | UseFlags.Phi);
        }
        if (block.IsAbnormalEntry)
            AddClobber(block.Start * 4, RegisterSet.All);
        for (int i = block.Start; i < block.End; i++)
        {
            _blockOfInstruction[i] = index;
            CollectInstruction(i, index, frequency);
        }
        int terminator = block.End;
        while (terminator > block.Start && (_function.Code[terminator - 1].Flags & MachineFlags.Terminator) != 0)
            terminator--;
        _terminator[index] = terminator;
        for (int s = 0; s < block.SuccessorCount; s++)
        {
            int successor = _function.Edges[block.SuccessorStart + s];
            if (_function.Blocks[successor].PhiCount == 0)
                continue;
            foreach (int argument in _function.PhiArguments(successor, PredecessorIndex(index, successor, s)))
            {
                _isHandedOn.Add(argument - Reg.FirstVirtual);
                Collect(argument - Reg.FirstVirtual, block.End * 4 - 1, -1, frequency, UseFlags.Phi);
            }
        }
    }

    // Of several edges between two blocks the n-th successor is the n-th predecessor.
    private int PredecessorIndex(int from, int to, int successorIndex)
    {
        int nth = 0;
        ReadOnlySpan<int> successors = _function.Successors(from);
        for (int i = 0; i < successorIndex; i++)
        {
            if (successors[i] == to)
                nth++;
        }
        ReadOnlySpan<int> predecessors = _function.Predecessors(to);
        for (int i = 0; ; i++)
        {
            if (predecessors[i] == from && nth-- == 0)
                return i;
        }
    }

    private void CollectInstruction(int index, int block, float frequency)
    {
        ref MachineInstruction instruction = ref _function.Code[index];
        int position = index * 4;
        RegisterSet clobbers = default, fixedDefs = default;
        Span<MachineOperand> operands = _function.OperandsOf(in instruction);
        bool isCopy = instruction.Opcode == GenericOp.Copy;
        ulong tiedUses = 0, twinnedUses = 0;
        foreach (ref MachineOperand operand in operands)
        {
            if (operand.Kind != OperandKind.Register || operand.Constraint != Constraint.Tied)
                continue;
            tiedUses |= 1UL << operand.Extra;
            // What is written early shares with its own use alone.
            if ((operand.Role & Role.Early) == 0)
                twinnedUses |= 1UL << operand.Extra;
        }
        for (int k = 0; k < operands.Length; k++)
        {
            ref MachineOperand operand = ref operands[k];
            if (operand.Kind == OperandKind.Clobbers)
                clobbers |= new RegisterSet((ulong)operand.Value);
            if (operand.Kind != OperandKind.Register || !operand.Reg.IsVirtual || (operand.Role & Role.Debug) != 0)
                continue;
            int value = operand.Reg.Index;
            int at = instruction.FirstOperand + k;
            if (operand.IsDef)
            {
                _definition[value] = position;
                _definingBlock[value] = block;
                Collect(value, position, at, frequency, DefFlags(ref operand, in instruction, isCopy));
                if (operand.Constraint == Constraint.Fixed)
                {
                    fixedDefs = fixedDefs.With(operand.Extra);
                    Reserve(operand.Extra, (operand.Role & Role.Early) != 0 ? position + 1 : position + 2, position + 3, value);
                }
            }
            else
            {
                if (isCopy)
                    _isHandedOn.Add(value);
                Collect(value, position, at, frequency,
                    UseFlagsOf(in operand, isCopy || k < 64 && (tiedUses >> k & 1) != 0 || IsTwin(in operand, operands, twinnedUses)));
                if (operand.Constraint == Constraint.Fixed)
                    Reserve(operand.Extra, position + 1, (operand.Role & Role.Early) != 0 ? position + 3 : position + 2, value);
            }
        }
        if ((instruction.Flags & MachineFlags.Call) != 0 && KeepsNothingInRegisters)
            clobbers = RegisterSet.All;
        clobbers &= ~fixedDefs;
        if (!clobbers.IsEmpty)
            AddClobber(position + 2, clobbers);
    }

    // A plain use of what is in the register of a tied pair is read there: x * x needs no second register.
    private static bool IsTwin(in MachineOperand operand, Reg tied) =>
        operand.Kind == OperandKind.Register && operand.IsUse && operand.Reg == tied && (operand.Constraint is Constraint.Any or Constraint.Register)
        && (operand.Role & (Role.Early | Role.Debug)) == 0;

    private static bool IsTwin(in MachineOperand operand, Span<MachineOperand> operands, ulong tiedUses)
    {
        for (; tiedUses != 0; tiedUses &= tiedUses - 1)
        {
            if (IsTwin(in operand, operands[System.Numerics.BitOperations.TrailingZeroCount(tiedUses)].Reg))
                return true;
        }
        return false;
    }

    // In a function that others jump into, values live in slots across calls: nobody restores the callee-saved registers.
    private bool KeepsNothingInRegisters => (_function.Source.Flags & IR.FunctionFlags.HasNonLocalEntries) != 0;

    private static UseFlags DefFlags(ref MachineOperand operand, in MachineInstruction instruction, bool isCopy)
    {
        UseFlags flags = UseFlags.Def | ((operand.Role & Role.Early) != 0 ? UseFlags.Early : 0);
        if (isCopy)
            return flags | UseFlags.Tied;
        if (operand.Constraint == Constraint.Fixed && (instruction.Flags & MachineFlags.Terminator) != 0)
        {
            // No gap stands behind a terminator: the value must be there where it is defined.
            operand.Constraint = Constraint.Set;
            operand.Value = 1L << operand.Extra;
        }
        switch (operand.Constraint)
        {
            case Constraint.Any:
                return flags | UseFlags.Any;
            case Constraint.Fixed:
                return flags | UseFlags.Fixed;
            case Constraint.Tied:
                return flags | UseFlags.Tied | UseFlags.NeedsRegister;
            case Constraint.Set:
                return flags | UseFlags.Set | UseFlags.NeedsRegister;
            default:
                return flags | UseFlags.NeedsRegister;
        }
    }

    private static UseFlags UseFlagsOf(in MachineOperand operand, bool isTied)
    {
        if (isTied)
            return UseFlags.Tied;
        UseFlags flags = (operand.Role & Role.Early) != 0 ? UseFlags.Early : 0;
        return operand.Constraint switch
        {
            Constraint.Any => flags | UseFlags.Any,
            Constraint.Fixed => flags | UseFlags.Fixed,
            Constraint.Set => flags | UseFlags.Set | UseFlags.NeedsRegister,
            _ => flags | UseFlags.NeedsRegister,
        };
    }

    private void Collect(int value, int position, int operand, float weight, UseFlags flags)
    {
        _collected.Add((value, new Use { Position = position, Operand = operand, Weight = weight, Flags = flags }));
        _firstUse[value + 2]++;
    }

    // Kept in order: the definitions of an instruction come before its uses among the operands.
    private void Reserve(int number, int from, int to, int owner)
    {
        GrowBuffer<Interval> reserved = _reserved[number];
        int at = reserved.Add(new Interval { From = from, To = to, Owner = owner });
        for (; at > 0 && reserved[at - 1].From > from; at--)
            (reserved[at - 1], reserved[at]) = (reserved[at], reserved[at - 1]);
    }

    private void AddClobber(int position, RegisterSet registers)
    {
        _clobbers.Add((position, registers));
        _allClobbers |= registers;
    }

    // _firstUse[v + 2] holds the count of v; after the sums [v + 1] is the next free place, and in the end [v] and [v + 1] bound v's uses.
    private void SortUses(int values)
    {
        for (int i = 2; i < values + 2; i++)
            _firstUse[i] += _firstUse[i - 1];
        _uses.Clear();
        _uses.AddDefault(_collected.Count);
        foreach (ref (int Register, Use Use) item in _collected.Span)
            _uses[_firstUse[item.Register + 1]++] = item.Use;
    }

    // Ranges

    private bool IsRematerializable(int value)
    {
        int at = _definition[value];
        ref Use first = ref _uses[_firstUse[value]];
        if (first.Operand < 0 || (first.Flags & UseFlags.Def) == 0)
            return false;
        return (_function.Code[at >> 2].Flags & MachineFlags.Rematerializable) != 0 && !_isHandedOn[value]
            && (first.Flags & UseFlags.NeedsRegister) != 0;
    }

    private static int StartOf(in Use use)
    {
        if ((use.Flags & UseFlags.Phi) != 0)
            return use.Position;
        if ((use.Flags & (UseFlags.Tied | UseFlags.Early)) != 0)
            return use.Position + 1;
        return (use.Flags & UseFlags.Fixed) != 0 ? use.Position + 3 : use.Position + 2;
    }

    private static int EndOf(in Use use)
    {
        if ((use.Flags & UseFlags.Phi) != 0)
            return use.Position + 1;
        if ((use.Flags & UseFlags.Tied) != 0)
            return use.Position + 1;
        return (use.Flags & UseFlags.Early) != 0 ? use.Position + 3
            : (use.Flags & UseFlags.Fixed) != 0 ? use.Position + 1
            : use.Position + 2;
    }

    private void FindRanges(int value)
    {
        int first = _firstUse[value], end = _firstUse[value + 1];
        if (first == end)
            return;
        SortByPoint(first, end);
        // The definition is not the first in code order where its block is laid out behind a use's.
        int definition = first;
        while (definition < end && (_uses[definition].Flags & UseFlags.Def) == 0)
            definition++;
        if (definition == end)
            throw new InvalidOperationException($"v{value} is used and never defined");
        int home = _definingBlock[value];
        int start = StartOf(in _uses[definition]);
        _touched.Clear();
        _work.Clear();
        Touch(home, value);
        for (int i = first; i < end; i++)
        {
            if (i == definition)
                continue;
            ref Use use = ref _uses[i];
            int block = _blockOfInstruction[use.Position >> 2];
            Touch(block, value);
            _lastUse[block] = Math.Max(_lastUse[block], EndOf(in use));
            if (block != home)
                LiveInto(block, value);
        }
        while (_work.Count > 0)
        {
            int block = _work.Pop();
            foreach (int predecessor in _function.Predecessors(block))
            {
                Touch(predecessor, value);
                _liveOut[predecessor] = value;
                if (predecessor != home)
                    LiveInto(predecessor, value);
            }
        }
        _touched.Span.Sort();
        if (IsRematerializable(value))
            RefuseSlots(first, end);
        BuildRanges(value, home, start, first, end);
    }

    // A value that is made again has no slot that an instruction could read.
    private void RefuseSlots(int first, int end)
    {
        for (int i = first; i < end; i++)
        {
            ref Use use = ref _uses[i];
            if ((use.Flags & UseFlags.Any) != 0)
                use.Flags = use.Flags & ~UseFlags.Any | UseFlags.NeedsRegister;
        }
    }

    // By the point that matters: a tied use is read before a plain one of the same instruction.
    private void SortByPoint(int first, int end)
    {
        for (int i = first + 1; i < end; i++)
        {
            Use use = _uses[i];
            int point = PointOf(in use);
            int at = i;
            while (at > first && PointOf(in _uses[at - 1]) > point)
            {
                _uses[at] = _uses[at - 1];
                at--;
            }
            _uses[at] = use;
        }
    }

    private void Touch(int block, int value)
    {
        if (_touchedBy[block] == value)
            return;
        _touchedBy[block] = value;
        _lastUse[block] = 0;
        _touched.Add(block);
    }

    private void LiveInto(int block, int value)
    {
        if (_liveIn[block] == value)
            return;
        _liveIn[block] = value;
        _work.Add(block);
    }

    private void BuildRanges(int value, int home, int start, int firstUse, int endUse)
    {
        int begin = _ranges.Count;
        foreach (int block in _touched.Span)
        {
            ref MachineBlock data = ref _function.Blocks[block];
            int from = block == home ? start : data.Start * 4;
            int to = _liveOut[block] == value ? data.End * 4 : _lastUse[block];
            if (block == home && to <= from)
            {
                // A definition that nobody reads is there for a moment; a fixed one has its reservation alone.
                if ((start & 3) == 3)
                    continue;
                to = (start & 3) == 0 ? start + 1 : (start & ~3) + 3;
            }
            else if (block == home && (start & 3) != 0)
            {
                to = Math.Max(to, (start & ~3) + 3);
            }
            if (_ranges.Count > begin && _ranges.Last.To == from)
                _ranges.Last.To = to;
            else
                _ranges.Add(new LiveRange { From = from, To = to, Register = value });
        }
        int use = firstUse;
        for (int i = begin; i < _ranges.Count; i++)
        {
            ref LiveRange range = ref _ranges[i];
            range.FirstUse = use;
            while (use < endUse && PointOf(in _uses[use]) < range.To)
                use++;
            range.EndUse = use;
        }
        if (_ranges.Count > begin)
            _ranges.Last.EndUse = endUse;
    }

    // Where a use lies among ranges: a position that its range covers.
    private static int PointOf(in Use use) => (use.Flags & UseFlags.Def) != 0 ? StartOf(in use) : EndOf(in use) - 1;
}
