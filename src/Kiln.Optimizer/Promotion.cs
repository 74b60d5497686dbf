using Kiln.Base;
using Kiln.IR;
using Kiln.IR.Analyses;

namespace Kiln.Optimizer;

/// <summary>
/// SROA and SSA construction: takes scalars out of stack slots. A slot whose address never leaves the loads and stores of this
/// function is cut into the disjoint ranges that are accessed; each range that is always accessed as a whole becomes a variable, and so does
/// an integer's range of which parts are accessed too, which become shifts and masks (little-endian). Variables become SSA values with
/// pruned phis (Cytron et al., "Efficiently Computing Static Single Assignment Form", with liveness).
///
/// Needs: nothing but the verifier's law. Keeps: the CFG. Afterwards no load or store names a promoted range; reads before any
/// write are <c>any</c>. Slots of functions that call returns-twice functions and pinned slots stay.
/// </summary>
public sealed class Promotion
{
    private readonly Dominators _dominators = new();
    private readonly GrowBuffer<Access> _accesses = new(64);
    private readonly GrowBuffer<Variable> _variables = new(32);
    private readonly GrowBuffer<(int Block, int Next)> _frontier = new(64);
    private readonly GrowBuffer<int> _work = new(64);
    private readonly GrowBuffer<(int Variable, Value Old)> _undo = new(64);
    private readonly GrowBuffer<(Block Block, int Undo)> _walk = new(32);
    private readonly BitSet _live = new();
    private readonly BitSet _placed = new();
    private readonly BitSet _defines = new();
    private int[] _firstFrontier = [];
    private int[] _firstAccess = [];
    private bool[] _escapes = [];
    private Value[] _current = [];
    private int[] _variableOf = [];
    private Value[] _replacement = [];

    // An access to a slot. Accesses of one slot are linked.
    private struct Access
    {
        public Value Instruction;
        public int Offset;
        public int Size;
        public int Next;
    }

    private struct Variable
    {
        public IrType Type;
        public int Offset;
        public int FirstAccess;
    }

    /// <summary>Promotes what can be promoted; tells whether anything was.</summary>
    public bool Run(Function function)
    {
        if (function.SlotCount <= 1 || (function.Flags & (FunctionFlags.CallsReturnsTwice | FunctionFlags.HasNonLocalEntries)) != 0)
            return false;
        _dominators.Compute(function);
        CollectAccesses(function);
        FormVariables(function);
        if (_variables.Count == 0)
            return false;
        ComputeFrontiers(function);
        PlacePhis(function);
        Rename(function);
        Replacement.Apply(function, _replacement);
        return true;
    }

    // Which slot a pointer points into, and where: slot addresses plus constants.
    private static bool Resolve(Function function, Value pointer, out int slot, out long offset)
    {
        offset = 0;
        while (function.OpOf(pointer) == Op.PointerAdd)
        {
            ref Instruction add = ref function[pointer];
            if (function.OpOf(add.B) != Op.Constant)
            {
                slot = RootSlot(function, add.A);
                offset = long.MinValue;
                return slot != 0;
            }
            offset += function[add.B].Aux;
            pointer = add.A;
        }
        slot = function.OpOf(pointer) == Op.SlotAddress ? function[pointer].A.Id : 0;
        return slot != 0;
    }

    private static int RootSlot(Function function, Value pointer)
    {
        while (function.OpOf(pointer) == Op.PointerAdd)
            pointer = function[pointer].A;
        return function.OpOf(pointer) == Op.SlotAddress ? function[pointer].A.Id : 0;
    }

    private void CollectAccesses(Function function)
    {
        _accesses.Clear();
        _accesses.AddDefault(1);
        Ensure(ref _firstAccess, function.SlotCount);
        Ensure(ref _escapes, function.SlotCount);
        for (int i = 1; i < function.SlotCount; i++)
            _escapes[i] = function[new StackSlot(i)].IsPinned;
        foreach (Block block in _dominators.Order)
        {
            for (Value v = function[block].First; !v.IsNone; v = function[v].Next)
                CollectFrom(function, v);
        }
    }

    private void CollectFrom(Function function, Value value)
    {
        ref Instruction instruction = ref function[value];
        switch (instruction.Op)
        {
            case Op.PointerAdd:
                // A derived pointer with a constant offset is judged by its own uses.
                if (Resolve(function, value, out int derived, out long at) && at == long.MinValue)
                    _escapes[derived] = true;
                return;
            case Op.DebugValue:
                return;
            case Op.Load:
            case Op.Store:
                if (Resolve(function, instruction.A, out int slot, out long offset))
                    AddAccess(function, value, slot, offset);
                if (instruction.Op == Op.Store && Resolve(function, instruction.B, out int stored, out _))
                    _escapes[stored] = true;
                return;
        }
        foreach (Value operand in function.Operands(value))
        {
            if (!operand.IsNone && Resolve(function, operand, out int used, out _))
                _escapes[used] = true;
        }
    }

    private void AddAccess(Function function, Value value, int slot, long offset)
    {
        ref Instruction instruction = ref function[value];
        IrType type = instruction.Op == Op.Load ? instruction.Type : function.TypeOf(instruction.B);
        if (offset < 0 || offset + type.Size > function[new StackSlot(slot)].Size || !MemoryAccess.Unpack(instruction.Aux).IsSimple)
        {
            _escapes[slot] = true;
            return;
        }
        int index = _accesses.Add(new Access { Instruction = value, Offset = (int)offset, Size = type.Size, Next = _firstAccess[slot] });
        _firstAccess[slot] = index;
    }

    // Cuts each slot into ranges; a range with accesses of one offset and size is a variable.
    private void FormVariables(Function function)
    {
        _variables.Clear();
        _variables.AddDefault(1);
        Ensure(ref _variableOf, _accesses.Count);
        for (int slot = 1; slot < function.SlotCount; slot++)
        {
            if (_escapes[slot] || _firstAccess[slot] == 0)
                continue;
            for (int i = _firstAccess[slot]; i != 0; i = _accesses[i].Next)
            {
                if (_variableOf[i] != 0)
                    continue;
                if (!Overlaps(slot, i))
                    MakeVariable(function, slot, i);
                else if (Covers(function, slot, i))
                    MakeCovering(slot, i);
                // A debugger must not look into the slot any more: part of the variable at least is elsewhere.
                int described = function[new StackSlot(slot)].Variable;
                if (_variableOf[i] != 0 && described != 0)
                    function.Variables[described - 1].Place = DebugPlace.None;
            }
        }
        if (_variables.Count == 1)
            _variables.Clear();
    }

    private bool Overlaps(int slot, int access)
    {
        Access a = _accesses[access];
        for (int i = _firstAccess[slot]; i != 0; i = _accesses[i].Next)
        {
            ref Access b = ref _accesses[i];
            if ((b.Offset != a.Offset || b.Size != a.Size) && b.Offset < a.Offset + a.Size && a.Offset < b.Offset + b.Size)
                return true;
        }
        return false;
    }

    // Whether every access that meets this one's range lies in it, and all can be made from an integer of its size.
    private bool Covers(Function function, int slot, int access)
    {
        Access a = _accesses[access];
        if (a.Size > 8)
            return false;
        for (int i = _firstAccess[slot]; i != 0; i = _accesses[i].Next)
        {
            ref Access b = ref _accesses[i];
            if (b.Offset >= a.Offset + a.Size || a.Offset >= b.Offset + b.Size)
                continue;
            if (b.Offset < a.Offset || b.Offset + b.Size > a.Offset + a.Size || AccessType(function, b.Instruction).TotalBits != b.Size * 8)
                return false;
        }
        return true;
    }

    private void MakeCovering(int slot, int first)
    {
        Access a = _accesses[first];
        int variable = _variables.Add(new Variable { Type = IrType.Integer(a.Size * 8), Offset = a.Offset });
        for (int i = _firstAccess[slot]; i != 0; i = _accesses[i].Next)
        {
            if (_accesses[i].Offset >= a.Offset && _accesses[i].Offset < a.Offset + a.Size)
                _variableOf[i] = variable;
        }
    }

    private void MakeVariable(Function function, int slot, int first)
    {
        Access a = _accesses[first];
        IrType type = AccessType(function, a.Instruction);
        // f80 has bytes that its value does not hold: no other type may share its range.
        bool mixed = false;
        for (int i = _firstAccess[slot]; i != 0; i = _accesses[i].Next)
        {
            if (_accesses[i].Offset == a.Offset && _accesses[i].Size == a.Size)
                mixed |= AccessType(function, _accesses[i].Instruction) != type && (type.LaneBits is 1 or 80 || AccessType(function, _accesses[i].Instruction).LaneBits is 1 or 80);
        }
        if (mixed)
            return;
        int variable = _variables.Add(new Variable { Type = type, Offset = a.Offset });
        for (int i = _firstAccess[slot]; i != 0; i = _accesses[i].Next)
        {
            if (_accesses[i].Offset == a.Offset && _accesses[i].Size == a.Size)
                _variableOf[i] = variable;
        }
    }

    private static IrType AccessType(Function function, Value access) =>
        function.OpOf(access) == Op.Load ? function.TypeOf(access) : function.TypeOf(function[access].B);

    // Dominance frontiers, as linked lists by block.
    private void ComputeFrontiers(Function function)
    {
        Ensure(ref _firstFrontier, function.BlockCount);
        _frontier.Clear();
        _frontier.AddDefault(1);
        foreach (Block block in _dominators.Order)
        {
            ReadOnlySpan<Block> predecessors = function.Predecessors(block);
            if (predecessors.Length < 2 && block != function.Entry)
                continue;
            Block stop = _dominators.Immediate(block);
            foreach (Block predecessor in predecessors)
            {
                if (!_dominators.IsReachable(predecessor))
                    continue;
                for (Block runner = predecessor; runner != stop && !runner.IsNone; runner = _dominators.Immediate(runner))
                {
                    int head = _firstFrontier[runner.Id];
                    if (head != 0 && _frontier[head].Block == block.Id)
                        break;
                    _firstFrontier[runner.Id] = _frontier.Add((block.Id, head));
                }
            }
        }
    }

    private void PlacePhis(Function function)
    {
        // Accesses by variable, linked anew (their slots are done with).
        for (int i = _accesses.Count - 1; i > 0; i--)
        {
            if (_variableOf[i] == 0)
                continue;
            ref Variable variable = ref _variables[_variableOf[i]];
            _accesses[i].Next = variable.FirstAccess;
            variable.FirstAccess = i;
        }
        Ensure(ref _replacement, function.ValueCount);
        for (int i = 1; i < _variables.Count; i++)
            PlacePhis(function, i);
        if (_replacement.Length < function.ValueCount)
            Array.Resize(ref _replacement, function.ValueCount);
    }

    private void PlacePhis(Function function, int number)
    {
        FindLiveBlocks(function, number);
        _placed.Reset(function.BlockCount);
        _work.Clear();
        for (int b = _defines.NextFrom(0); b >= 0; b = _defines.NextFrom(b + 1))
            _work.Add(b);
        while (_work.Count > 0)
        {
            for (int f = _firstFrontier[_work.Pop()]; f != 0; f = _frontier[f].Next)
            {
                int block = _frontier[f].Block;
                if (!_live[block] || !_placed.Add(block))
                    continue;
                InsertPhi(function, new Block(block), number);
                if (!_defines[block])
                    _work.Add(block);
            }
        }
    }

    private void InsertPhi(Function function, Block block, int number)
    {
        int count = function.Predecessors(block).Length;
        Span<Value> operands = count <= 64 ? stackalloc Value[count] : new Value[count];
        operands.Clear();
        Value phi = function.NewList(Op.Phi, _variables[number].Type, operands, -number);
        function.Prepend(block, phi);
    }

    // Where the variable is live at the block's start: from reads that no write in the block comes before, backwards.
    private void FindLiveBlocks(Function function, int number)
    {
        _live.Reset(function.BlockCount);
        _defines.Reset(function.BlockCount);
        _work.Clear();
        for (int i = _variables[number].FirstAccess; i != 0; i = _accesses[i].Next)
        {
            if (function.OpOf(_accesses[i].Instruction) == Op.Store)
                _defines.Add(function[_accesses[i].Instruction].Block.Id);
        }
        // Accesses are linked in the order in which the walk over the blocks met them: the first of a block decides.
        int last = 0;
        for (int i = _variables[number].FirstAccess; i != 0; i = _accesses[i].Next)
        {
            int block = function[_accesses[i].Instruction].Block.Id;
            if (block == last)
                continue;
            last = block;
            // A write of a part reads the rest.
            if ((function.OpOf(_accesses[i].Instruction) == Op.Load || _accesses[i].Size != _variables[number].Type.Size) && _live.Add(block))
                _work.Add(block);
        }
        while (_work.Count > 0)
        {
            foreach (Block predecessor in function.Predecessors(new Block(_work.Pop())))
            {
                if (_dominators.IsReachable(predecessor) && !_defines[predecessor.Id] && _live.Add(predecessor.Id))
                    _work.Add(predecessor.Id);
            }
        }
    }

    // Walks the dominator tree with the current value of every variable; what a subtree changes is undone behind it.
    private void Rename(Function function)
    {
        Ensure(ref _current, _variables.Count);
        var accessOf = new int[function.ValueCount];
        for (int i = 1; i < _accesses.Count; i++)
        {
            if (_variableOf[i] != 0)
                accessOf[_accesses[i].Instruction.Id] = i;
        }
        _undo.Clear();
        _walk.Clear();
        Block at = function.Entry;
        while (true)
        {
            _walk.Add((at, _undo.Count));
            RenameBlock(function, at, accessOf);
            Block next = _dominators.FirstChild(at);
            while (next.IsNone)
            {
                (Block left, int undo) = _walk.Pop();
                while (_undo.Count > undo)
                {
                    (int variable, Value old) = _undo.Pop();
                    _current[variable] = old;
                }
                if (left == function.Entry)
                    return;
                next = _dominators.Sibling(left);
            }
            at = next;
        }
    }

    private void RenameBlock(Function function, Block block, int[] accessOf)
    {
        for (Value v = function[block].First; !v.IsNone;)
        {
            Value next = function[v].Next;
            if (function.OpOf(v) == Op.Phi && function[v].Aux < 0)
            {
                Set((int)-function[v].Aux, v);
            }
            else if (v.Id < accessOf.Length && accessOf[v.Id] is var access and not 0)
            {
                if (function.OpOf(v) == Op.Load)
                    ReplaceLoad(function, v, access);
                else
                    ReplaceStore(function, v, access);
            }
            v = next;
        }
        FillPhis(function, block);
    }

    private void Set(int variable, Value value)
    {
        _undo.Add((variable, _current[variable]));
        _current[variable] = value;
    }

    private Value Current(Function function, int variable)
    {
        Value value = _current[variable];
        return value.IsNone ? function.Any(_variables[variable].Type) : Find(value);
    }

    // What a value was replaced by, so far.
    private Value Find(Value value)
    {
        while (value.Id < _replacement.Length && !_replacement[value.Id].IsNone)
            value = _replacement[value.Id];
        return value;
    }

    private void ReplaceLoad(Function function, Value load, int access)
    {
        int variable = _variableOf[access];
        Value value = Current(function, variable);
        int size = _accesses[access].Size, shift = (_accesses[access].Offset - _variables[variable].Offset) * 8;
        IrType whole = _variables[variable].Type;
        if (size < whole.Size)
        {
            if (shift != 0)
                value = Before(function, load, Op.ShiftRightUnsigned, whole, value, function.Constant(whole, (long)shift));
            value = Before(function, load, Op.Truncate, IrType.Integer(size * 8), value);
        }
        value = Cast(function, load, function.TypeOf(load), value);
        function.Remove(load);
        _replacement[load.Id] = value;
    }

    private void ReplaceStore(Function function, Value store, int access)
    {
        int variable = _variableOf[access];
        Value value = Find(function[store].B);
        int size = _accesses[access].Size, shift = (_accesses[access].Offset - _variables[variable].Offset) * 8;
        IrType whole = _variables[variable].Type;
        if (size < whole.Size)
        {
            long mask = (long)(ulong.MaxValue >> 64 - size * 8) << shift;
            value = Cast(function, store, IrType.Integer(size * 8), value);
            value = Before(function, store, Op.ZeroExtend, whole, value);
            if (shift != 0)
                value = Before(function, store, Op.ShiftLeft, whole, value, function.Constant(whole, (long)shift));
            Value rest = Before(function, store, Op.And, whole, Current(function, variable), function.Constant(whole, ~mask));
            value = Before(function, store, Op.Or, whole, rest, value);
        }
        value = Cast(function, store, whole, value);
        function.Remove(store);
        Set(variable, value);
    }

    private static Value Before(Function function, Value place, Op op, IrType type, Value a, Value b = default) =>
        function.InsertBefore(place, function.New(op, type, a, b, default, 0, function[place].Location));

    private static Value Cast(Function function, Value place, IrType type, Value value) =>
        function.TypeOf(value) == type ? value : Before(function, place, Op.Bitcast, type, value);

    private void FillPhis(Function function, Block block)
    {
        ReadOnlySpan<Block> successors = function.Successors(block);
        for (int s = 0; s < successors.Length; s++)
        {
            Block successor = function.Successors(block)[s];
            Value first = function[successor].First;
            if (first.IsNone || function.OpOf(first) != Op.Phi || function[first].Aux >= 0)
                continue;
            int edge = function.PredecessorIndex(block, s);
            for (Value phi = first; !phi.IsNone && function.OpOf(phi) == Op.Phi && function[phi].Aux < 0; phi = function[phi].Next)
            {
                Value value = Current(function, (int)-function[phi].Aux);
                function.Operands(phi)[edge] = value;
            }
        }
    }

    private static void Ensure<T>(ref T[] table, int count)
    {
        if (table.Length < count)
            table = new T[Math.Max(count, table.Length * 2)];
        else
            Array.Clear(table);
    }
}
