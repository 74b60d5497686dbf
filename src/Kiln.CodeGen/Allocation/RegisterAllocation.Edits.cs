using System.Numerics;
using Kiln.Base;
using Kiln.CodeGen.Machine;

namespace Kiln.CodeGen.Allocation;

// The edit list: all moves that make the places agree, sorted by where they stand, each group of one gap a parallel move; and
// its application in one walk over the code.
public sealed partial class RegisterAllocation
{
    // Places of moves: a register's number; FrameBase + a frame object; Again: made by the definition's instruction.
    private const int FrameBase = 64, Again = -1;

    // Moves in a cycle from which on a free register is better than swaps.
    private const int LongCycle = 3;

    // The gaps at an instruction, in order.
    private const int Head = 0, GapBefore = 1, Tail = 2, GapAfter = 3;

    private struct Edit
    {
        public long Key;
        public int To;
        public int From;
        public int Register;
    }

    private readonly GrowBuffer<Edit> _edits = new(256);
    private readonly GrowBuffer<Edit> _transitions = new(32);
    private readonly GrowBuffer<Edit> _group = new(16);
    private readonly GrowBuffer<MachineInstruction> _code = new(1024);
    private readonly Comparison<Edit> _byKey = static (a, b) => a.Key.CompareTo(b.Key);
    private float _storeCost;
    private int _temporary;

    // The registers that the parallel move being emitted writes, those already written among them.
    private RegisterSet _groupTargets;

    // Making

    private void MakeEdits()
    {
        _edits.Clear();
        for (int value = 0; value < _function.Registers.Count; value++)
        {
            int first = _firstStretch[value], end = _firstStretch[value + 1];
            if (end - first > 1 && IsMixed(first, end))
                MoveBetweenStretches(value, first, end);
        }
        for (int block = 0; block < _function.Blocks.Count; block++)
        {
            MoveIntoPhis(block);
            ref MachineBlock data = ref _function.Blocks[block];
            for (int i = data.Start; i < data.End; i++)
                MoveOperands(i);
        }
    }

    private bool IsMixed(int first, int end)
    {
        int place = _stretches[first].Place;
        for (int i = first + 1; i < end; i++)
        {
            if (_stretches[i].Place != place)
                return true;
        }
        return false;
    }

    private int PlaceOf(int value, int stretch) => Encode(value, _stretches[stretch].Place);

    private int Encode(int value, int place) =>
        place >= 0 ? place : _isAgain[value] ? Again : FrameBase + _spillSets[_setOfValue[value]].Slot;

    private int PlaceAt(int value, int position)
    {
        int stretch = StretchAt(value, position);
        if (stretch < 0)
            throw new InvalidOperationException($"v{value} is nowhere at {position}");
        return PlaceOf(value, stretch);
    }

    private static long KeyOf(int instruction, int gap) => (long)instruction << 2 | (uint)gap;

    // A value in several places: moves where they meet in the code and on edges; stores either there or once at its definition.
    private void MoveBetweenStretches(int value, int first, int end)
    {
        _transitions.Clear();
        _storeCost = 0;
        for (int i = first; i < end; i++)
        {
            ref Stretch stretch = ref _stretches[i];
            if (i > first && _stretches[i - 1].To == stretch.From && (stretch.From & 3) != 0)
                MoveInside(value, i);
            int position = stretch.From + 3 & ~3;
            // Heads of blocks inside the stretch, but for the head where a phi defines the value.
            for (int block = BlockFrom(position); block < _function.Blocks.Count; block++)
            {
                int head = _function.Blocks[block].Start * 4;
                if (head >= stretch.To)
                    break;
                if (!(block == _definingBlock[value] && head == _definition[value] && IsPhiDefinition(value)))
                    MoveOnEdges(value, block, PlaceOf(value, i));
            }
        }
        bool storesOnce = DecideStores(value);
        foreach (ref Edit edit in _transitions.Span)
        {
            if (edit.To < FrameBase || !storesOnce)
                _edits.Add(edit);
        }
    }

    private bool IsPhiDefinition(int value) => (DefinitionOf(value).Flags & UseFlags.Phi) != 0;

    private ref Use DefinitionOf(int value)
    {
        int i = _firstUse[value];
        while ((_uses[i].Flags & UseFlags.Def) == 0)
            i++;
        return ref _uses[i];
    }

    private int BlockFrom(int position)
    {
        if (position >> 2 >= _function.Code.Count)
            return _function.Blocks.Count;
        int block = _blockOfInstruction[position >> 2];
        return _function.Blocks[block].Start * 4 < position ? block + 1 : block;
    }

    private void MoveInside(int value, int stretch)
    {
        ref Stretch here = ref _stretches[stretch];
        int from = PlaceOf(value, stretch - 1), to = PlaceOf(value, stretch);
        if (from == to || to == Again)
            return;
        int instruction = here.From >> 2;
        int gap = (here.From & 3) == 3 ? GapAfter : GapBefore;
        if ((here.From & 3) == 2)
        {
            // From a register to the slot while the instruction reads the register: the store stands before, from where the value was then.
            int before = StretchAt(value, here.From - 2);
            if (before < 0)
                return;
            from = PlaceOf(value, before);
            if (from == to || from == Again)
                return;
        }
        Transition(KeyOf(instruction, gap), to, from, value, _function.Blocks[_blockOfInstruction[instruction]].Frequency);
    }

    private void Transition(long key, int to, int from, int value, float frequency)
    {
        _transitions.Add(new Edit { Key = key, To = to, From = from, Register = value });
        if (to >= FrameBase)
            _storeCost += frequency;
    }

    private void MoveOnEdges(int value, int block, int to)
    {
        if (to == Again)
            return;
        ReadOnlySpan<int> predecessors = _function.Predecessors(block);
        for (int p = 0; p < predecessors.Length; p++)
        {
            int predecessor = predecessors[p];
            ref MachineBlock data = ref _function.Blocks[predecessor];
            int from = PlaceAt(value, data.End * 4 - 1);
            if (from == to || IsAbnormal(predecessor, block))
                continue;
            Transition(EdgeKey(predecessor, block), to, from, value, Math.Min(data.Frequency, _function.Blocks[block].Frequency));
        }
    }

    // Abnormal edges are never taken from their source.
    private bool IsAbnormal(int from, int to) =>
        _function.Blocks[to].IsAbnormalEntry && _function.Blocks[from].SuccessorCount > 1 && _function.Successors(from)[0] != to;

    private long EdgeKey(int from, int to)
    {
        ref MachineBlock source = ref _function.Blocks[from];
        ref MachineBlock target = ref _function.Blocks[to];
        if (_function.Source.OpOf(_function.Source[source.Block].Last) != IR.Op.Branch)
        {
            if (target.PredecessorCount > 1)
                throw new InvalidOperationException($"a critical edge from block {from} to {to}");
            return KeyOf(target.Start, Head);
        }
        int terminator = _terminator[from];
        return terminator < source.End ? KeyOf(terminator, Tail) : KeyOf(terminator - 1, GapAfter);
    }

    // Whether a value that needs its slot is stored once, behind its definition, rather than at each way into the slot.
    private bool DecideStores(int value)
    {
        if (_isAgain[value])
            return true;
        ref Use definition = ref DefinitionOf(value);
        int place = PlaceAt(value, StartOf(in definition));
        if (place >= FrameBase)
            return true;
        int instruction = definition.Position >> 2;
        bool isPhi = (definition.Flags & UseFlags.Phi) != 0;
        if (_storeCost == 0 || _storeCost < _function.Blocks[_definingBlock[value]].Frequency)
            return false;
        if (!isPhi && (_function.Code[instruction].Flags & MachineFlags.Terminator) != 0)
            return false;
        int slot = FrameBase + _spillSets[_setOfValue[value]].Slot;
        if (isPhi)
        {
            _edits.Add(new Edit { Key = KeyOf(instruction, GapBefore), To = slot, From = place, Register = value });
            return true;
        }
        int from = place;
        if ((definition.Flags & UseFlags.Fixed) != 0)
            from = _function.Operands[definition.Operand].Extra;
        _edits.Add(new Edit { Key = KeyOf(instruction, GapAfter), To = slot, From = from, Register = value });
        return true;
    }

    private void MoveIntoPhis(int block)
    {
        int phis = _function.Blocks[block].PhiCount;
        int head = _function.Blocks[block].Start * 4;
        for (int k = 0; k < phis; k++)
        {
            int value = _function.PhiDefs(block)[k] - Reg.FirstVirtual;
            int to = PlaceAt(value, head);
            for (int p = 0; p < _function.Blocks[block].PredecessorCount; p++)
            {
                int predecessor = _function.Predecessors(block)[p];
                int argument = _function.PhiArguments(block, p)[k] - Reg.FirstVirtual;
                int from = PlaceAt(argument, _function.Blocks[predecessor].End * 4 - 1);
                if (from != to && !IsAbnormal(predecessor, block))
                    _edits.Add(new Edit { Key = EdgeKey(predecessor, block), To = to, From = from, Register = value });
            }
        }
    }

    // Moves of fixed and tied operands and copies; their operands get their registers.
    private void MoveOperands(int index)
    {
        ref MachineInstruction instruction = ref _function.Code[index];
        Span<MachineOperand> operands = _function.OperandsOf(in instruction);
        int position = index * 4;
        if (instruction.Opcode == GenericOp.Copy)
        {
            MoveCopy(index, position, operands);
            return;
        }
        for (int k = 0; k < operands.Length; k++)
        {
            ref MachineOperand operand = ref operands[k];
            if (operand.Kind != OperandKind.Register || !operand.Reg.IsVirtual)
                continue;
            int value = operand.Reg.Index;
            if (operand.Constraint == Constraint.Tied)
            {
                MoveTied(index, value, operands, ref operands[operand.Extra], (operand.Role & Role.Early) != 0);
            }
            else if (operand.Constraint == Constraint.Fixed)
            {
                int number = operand.Extra;
                _taken = _taken.With(number);
                if (operand.IsUse)
                    AddMove(KeyOf(index, GapBefore), number, PlaceAt(value, position), value);
                else if (StretchAt(value, position + 3) is >= 0 and int stretch && PlaceOf(value, stretch) is var to && to != Again)
                    AddMove(KeyOf(index, GapAfter), to, number, value);
                operand.Register = number + 1;
            }
        }
    }

    private void MoveTied(int index, int value, Span<MachineOperand> operands, ref MachineOperand use, bool isEarly)
    {
        int to = PlaceAt(value, index * 4 + 1);
        Reg source = use.Reg;
        if (source.IsPhysical)
        {
            AddMove(KeyOf(index, GapBefore), to, source.Number, value);
            use.Register = to + 1;
            return;
        }
        AddMove(KeyOf(index, GapBefore), to, PlaceAt(source.Index, index * 4), value, source.Index);
        use.Register = to + 1;
        for (int k = 0; k < operands.Length && !isEarly; k++)
        {
            if (IsTwin(in operands[k], source) && !IsTiedUse(operands, k))
                operands[k].Register = to + 1;
        }
    }

    // A value may be tied twice: each pair has a register of its own.
    private static bool IsTiedUse(Span<MachineOperand> operands, int use)
    {
        foreach (ref MachineOperand operand in operands)
        {
            if (operand.Kind == OperandKind.Register && operand.Constraint == Constraint.Tied && operand.Extra == use)
                return true;
        }
        return false;
    }

    private void MoveCopy(int index, int position, Span<MachineOperand> operands)
    {
        int value = operands[0].Reg.Index;
        int stretch = StretchAt(value, position + 1);
        if (stretch >= 0 && PlaceOf(value, stretch) is var to && to != Again)
        {
            Reg source = operands[1].Reg;
            if (source.IsVirtual)
                AddMove(KeyOf(index, GapBefore), to, PlaceAt(source.Index, position), value, source.Index);
            else
                AddMove(KeyOf(index, GapBefore), to, source.Number, value);
        }
        _function.Code[index].Opcode = GenericOp.Nothing;
    }

    private void AddMove(long key, int to, int from, int value, int source = -1)
    {
        if (to != from)
            _edits.Add(new Edit { Key = key, To = to, From = from, Register = from == Again && source >= 0 ? source : value });
    }

    // Applying

    private void ApplyEdits(AllocationChecker? checker)
    {
        _edits.Span.Sort(_byKey);
        _code.Clear();
        _temporary = 0;
        int at = 0;
        RegisterSet used = _taken;
        for (int block = 0; block < _function.Blocks.Count; block++)
        {
            ref MachineBlock data = ref _function.Blocks[block];
            int start = _code.Count;
            for (int i = data.Start; i < data.End; i++)
            {
                MachineInstruction instruction = _function.Code[i];
                for (int gap = Head; gap <= Tail; gap++)
                    at = Apply(at, KeyOf(i, gap), instruction.Location, checker);
                if (instruction.Opcode is not (GenericOp.Nothing or GenericOp.Undefined or GenericOp.Keep or GenericOp.DebugValue))
                    _code.Add(instruction);
                else if (checker is not null)
                    checker.Skip(in instruction, _code.Count);
                at = Apply(at, KeyOf(i, GapAfter), instruction.Location, checker);
                foreach (ref MachineOperand operand in _function.OperandsOf(in instruction))
                {
                    if (operand.Kind == OperandKind.Clobbers)
                        used |= new RegisterSet((ulong)operand.Value);
                }
            }
            data.Start = start;
            data.End = _code.Count;
        }
        if (at != _edits.Count)
            throw new InvalidOperationException("an edit stands nowhere");
        _function.Code.Clear();
        _function.Code.AddRange(_code.Span);
        _function.UsedRegisters = used;
    }

    private int Apply(int at, long key, Location location, AllocationChecker? checker)
    {
        if (at >= _edits.Count || _edits[at].Key != key)
            return at;
        _group.Clear();
        for (; at < _edits.Count && _edits[at].Key == key; at++)
        {
            if (_edits[at].From != _edits[at].To && !IsInGroup(_edits[at]))
                _group.Add(_edits[at]);
        }
        EmitParallel(key, location, checker);
        return at;
    }

    private bool IsInGroup(in Edit edit)
    {
        foreach (ref Edit other in _group.Span)
        {
            if (other.To == edit.To && other.From == edit.From && other.Register == edit.Register)
                return true;
        }
        return false;
    }

    // A move may be made once nobody reads its target; what is left then are cycles.
    private void EmitParallel(long key, Location location, AllocationChecker? checker)
    {
        int again = 0;
        _groupTargets = default;
        foreach (ref Edit edit in _group.Span)
        {
            if (edit.To < FrameBase)
                _groupTargets = _groupTargets.With(edit.To);
        }
        while (_group.Count > again)
        {
            bool isProgress = false;
            for (int i = 0; i < _group.Count; i++)
            {
                if (_group[i].From == Again || IsRead(_group[i].To, i))
                    continue;
                EmitMove(_group[i].To, _group[i].From, _group[i].Register, location);
                _group[i] = _group.Last;
                _group.Pop();
                isProgress = true;
                i--;
            }
            again = 0;
            foreach (ref Edit edit in _group.Span)
                again += edit.From == Again ? 1 : 0;
            if (!isProgress && _group.Count > again)
                BreakCycle(key, location, checker);
        }
        foreach (ref Edit edit in _group.Span)
            EmitAgain(in edit, location, checker);
    }

    private bool IsRead(int place, int except)
    {
        for (int i = 0; i < _group.Count; i++)
        {
            if (i != except && _group[i].From == place)
                return true;
        }
        return false;
    }

    // Two registers are swapped where the target can; else, and in longer cycles where a register is free, one place is read through
    // a free one: a swap costs as much as several moves.
    private void BreakCycle(long key, Location location, AllocationChecker? checker)
    {
        int i = 0;
        while (_group[i].From == Again)
            i++;
        Edit edit = _group[i];
        bool isGeneral = edit.To < FrameBase && edit.From < FrameBase && _file.General.Contains(edit.To) && _file.General.Contains(edit.From);
        int spare = isGeneral && IsLongCycle(in edit) ? FreeRegister(key) : -1;
        if (isGeneral && spare < 0)
        {
            EmitSwap(edit.To, edit.From, location, checker);
            // What was in To is in From now, and the other way round.
            _group[i] = _group.Last;
            _group.Pop();
            foreach (ref Edit other in _group.Span)
            {
                if (other.From == edit.To)
                    other.From = edit.From;
                else if (other.From == edit.From)
                    other.From = edit.To;
            }
            for (int k = _group.Count - 1; k >= 0; k--)
            {
                if (_group[k].From != _group[k].To)
                    continue;
                _group[k] = _group.Last;
                _group.Pop();
            }
            return;
        }
        if (spare < 0)
            spare = Spare(edit.To);
        int value = edit.Register;
        foreach (ref Edit other in _group.Span)
        {
            if (other.From == edit.To && _function.Registers[other.Register].SpillSize >= _function.Registers[value].SpillSize)
                value = other.Register;
        }
        EmitMove(spare, edit.To, value, location);
        foreach (ref Edit other in _group.Span)
        {
            if (other.From == edit.To)
                other.From = spare;
        }
    }

    private bool IsLongCycle(in Edit start)
    {
        int place = start.From, length = 1;
        for (int i = 0; i < _group.Count && place != start.To && length < LongCycle; i++)
        {
            if (_group[i].To != place)
                continue;
            place = _group[i].From;
            length++;
            i = -1;
        }
        return length >= LongCycle;
    }

    // A general register that holds nothing where moves of an edge stand, or -1: at the end of a block from its first terminator on, or
    // at the head of one.
    private int FreeRegister(long key)
    {
        int instruction = (int)(key >> 2), gap = (int)key & 3;
        if (gap is not (Head or Tail))
            return -1;
        int from = instruction * 4;
        int to = gap == Head ? from + 2 : _function.Blocks[_blockOfInstruction[instruction]].End * 4;
        foreach (byte number in _file.GeneralOrder)
        {
            if (_file.CalleeSaved.Contains(number) && !_taken.Contains(number) || _assigned[number].Overlaps(from, to) ||
                _groupTargets.Contains(number))
            {
                continue;
            }
            bool isFree = gap == Head || !IsNamed(number, instruction, to / 4);
            foreach (ref Edit edit in _group.Span)
                isFree &= edit.From != number;
            if (isFree)
                return number;
        }
        return -1;
    }

    // Whether instructions have a register as an operand (fixed ones are in no set of assigned ranges).
    private bool IsNamed(int number, int from, int to)
    {
        for (int i = from; i < to; i++)
        {
            foreach (ref MachineOperand operand in _function.OperandsOf(in _function.Code[i]))
            {
                if (operand.Kind == OperandKind.Register && operand.Register == number + 1)
                    return true;
            }
        }
        return false;
    }

    // The scratch register where the value fits, if no frame-to-frame move needs it meanwhile; else a frame object.
    private int Spare(int place)
    {
        if (place < FrameBase && _file.Scratch >= 0)
        {
            bool isFree = true;
            foreach (ref Edit edit in _group.Span)
                isFree &= (edit.From < FrameBase || edit.To < FrameBase) && edit.From != _file.Scratch;
            if (isFree)
                return _file.Scratch;
        }
        if (_temporary == 0)
            _temporary = _function.NewFrameObject(16, 4);
        return FrameBase + _temporary;
    }

    private void EmitMove(int to, int from, int value, Location location)
    {
        int first = _function.Operands.Add(OperandFor(to, Role.Def));
        _function.Operands.Add(OperandFor(from, Role.Use));
        _code.Add(new MachineInstruction
        {
            Opcode = GenericOp.Move,
            Size = _function.Registers[value].SpillSize,
            FirstOperand = first,
            OperandCount = 2,
            Location = location,
        });
    }

    private void EmitSwap(int a, int b, Location location, AllocationChecker? checker)
    {
        _ = checker;
        int first = _function.Operands.Add(OperandFor(a, Role.Use | Role.Def));
        _function.Operands.Add(OperandFor(b, Role.Use | Role.Def));
        _code.Add(new MachineInstruction { Opcode = GenericOp.Swap, Size = 8, FirstOperand = first, OperandCount = 2, Location = location });
    }

    private static MachineOperand OperandFor(int place, Role role) => place >= FrameBase
        ? new MachineOperand { Kind = OperandKind.Frame, Role = role, Register = place - FrameBase }
        : new MachineOperand { Kind = OperandKind.Register, Role = role, Register = place + 1 };

    // Repeats the definition's instruction with another target.
    private void EmitAgain(in Edit edit, Location location, AllocationChecker? checker)
    {
        int target = edit.To;
        if (target >= FrameBase)
            throw new InvalidOperationException($"v{edit.Register} is made again in a slot");
        ref Use definition = ref DefinitionOf(edit.Register);
        MachineInstruction instruction = _function.Code[definition.Position >> 2];
        int count = instruction.OperandCount;
        int source = instruction.FirstOperand;
        int first = _function.Operands.AddDefault(count);
        _function.Operands.Span.Slice(source, count).CopyTo(_function.Operands.Span[first..]);
        _function.Operands[first + definition.Operand - source].Register = target + 1;
        instruction.FirstOperand = first;
        instruction.Location = location;
        checker?.MadeAgain(first, edit.Register);
        _code.Add(instruction);
    }
}
