using System.Numerics;
using Kiln.Base;
using Kiln.IR;
using Kiln.IR.Analyses;

namespace Kiln.Optimizer;

/// <summary>
/// Jump threading: where a branch or switch is decided by which edge its block was entered through (a phi that is a constant on that edge, or known there from a switch above; or
/// its comparison with a constant), the edge gets a copy of the block that goes where the branch would go. So
/// <c>ok = 0; ... if (!ok) continue;</c> continues at once, and a state machine jumps from state to state. The way to the branch may be two
/// blocks long: the test at the end of a loop, and the switch at its head.
///
/// Values of a copied block that others use go through stack slots, which promotion turns into phis again: run it next.
/// Needs: the verifier's law. Changes: blocks and edges. With <c>acrossLoops</c> it goes round loops, which leaves cycles with several
/// entries: only behind the passes that work on loops. Edges into a loop from outside stay in any case, so that its header is one.
/// </summary>
public sealed class JumpThreading
{
    private const int LongestBlock = 6;
    private const int LongestWay = 10;
    private const int LargestGrowth = 400;
    private const int FarthestBranch = 12;

    private readonly Dominators _dominators = new();
    private readonly Loops _loops = new();
    private readonly GrowBuffer<(Block From, Block First, Block Second, int Way)> _edges = new(16);
    private readonly GrowBuffer<(Value Value, Value Slot)> _kept = new(16);
    private readonly BitSet _copied = new();
    private readonly BitSet _sources = new();
    private Value[] _slotOf = [];
    private Value[] _copyOf = [];
    private Function _function = null!;
    private bool _acrossLoops;
    private int _copiedCount; // blocks before any copy

    /// <summary>Threads what it can; tells whether it changed anything.</summary>
    public bool Run(Function function, bool acrossLoops)
    {
        if ((function.Flags & (FunctionFlags.CallsReturnsTwice | FunctionFlags.HasNonLocalEntries)) != 0)
            return false;
        _function = function;
        _acrossLoops = acrossLoops;
        _edges.Clear();
        _copiedCount = function.BlockCount;
        _copied.Reset(function.BlockCount);
        _sources.Reset(function.BlockCount);
        bool hasLoops = false;
        for (int b = 1; b < function.BlockCount; b++)
        {
            var block = new Block(b);
            if (function[block].IsDead || function[block].AddressTaken || !IsDecidedByPhi(block, out _, out _))
                continue;
            if (!hasLoops)
            {
                _dominators.Compute(function);
                _loops.Compute(function, _dominators);
                hasLoops = true;
            }
            Collect(block);
        }
        if (_edges.Count > 0)
        {
            KeepValues();
            foreach ((Block from, Block first, Block second, int way) in _edges.Span)
                Thread(from, first, second, way);
        }
        _function = null!;
        return _edges.Count > 0;
    }

    // Finding edges

    // The phi that decides the block's terminator, and the comparison between, if there is one.
    private bool IsDecidedByPhi(Block block, out Value phi, out Value compare)
    {
        phi = compare = default;
        Value last = _function[block].Last;
        if (last.IsNone || _function.OpOf(last) is not (Op.BranchIf or Op.Switch))
            return false;
        phi = _function[last].A;
        if (_function.OpOf(phi) == Op.Compare && _function.OpOf(_function[phi].B) == Op.Constant)
        {
            compare = phi;
            phi = _function[compare].A;
        }
        return _function.OpOf(phi) == Op.Phi && _function.TypeOf(phi) is { IsVector: false, LaneBits: <= 64 }
            && (compare.IsNone || _function[compare].Block == block);
    }

    private void Collect(Block block)
    {
        IsDecidedByPhi(block, out Value phi, out Value compare);
        if (!_dominators.IsReachable(block))
            return;
        int size = Size(block, LongestBlock);
        if (size < 0)
            return;
        Block home = _function[phi].Block;
        if (home == block)
        {
            int count = _function.Predecessors(block).Length;
            for (int i = 0; i < count; i++)
            {
                Value operand = _function.Operands(phi)[i];
                Block before = _function.Predecessors(block)[i];
                if (Known(operand, before, out long value))
                    Note(before, block, default, Way(block, compare, value));
                else if (_function.OpOf(operand) == Op.Phi && _function[operand].Block == before)
                    CollectFrom(before, operand, block, compare, size);
            }
        }
        else if (_function.Predecessors(block).Length == 1 && _function.Predecessors(block)[0] == home)
        {
            CollectFrom(home, phi, block, compare, size);
        }
    }

    private void CollectFrom(Block first, Value phi, Block second, Value compare, int size)
    {
        if (first == second || _function[first].AddressTaken || _function.OpOf(_function[first].Last) is not (Op.Branch or Op.BranchIf)
            || Size(first, LongestWay - size) < 0 || !IsOnly(_function.Successors(first), second) || !MayPass(first, second))
            return;
        int count = _function.Predecessors(first).Length;
        for (int i = 0; i < count; i++)
        {
            Value operand = _function.Operands(phi)[i];
            Block before = _function.Predecessors(first)[i];
            if (Known(operand, before, out long value))
                Note(before, first, second, Way(second, compare, value));
        }
    }

    // What a value is at the end of a block: a constant, or what the branches and switches above let it be.
    private bool Known(Value value, Block block, out long constant)
    {
        constant = _function[value].Aux;
        if (_function.OpOf(value) == Op.Constant)
            return true;
        if (_function.OpOf(value) != Op.Phi || !_dominators.IsReachable(block))
            return false;
        for (int steps = 0; steps < FarthestBranch; steps++)
        {
            Block above = _dominators.Immediate(block);
            if (above.IsNone)
                return false;
            if (_function.Predecessors(block).Length == 1 && IsDecidedBy(above, block, value, out constant))
                return true;
            block = above;
        }
        return false;
    }

    private bool IsDecidedBy(Block branch, Block taken, Value value, out long constant)
    {
        constant = 0;
        Value last = _function[branch].Last, condition = _function[last].A;
        int way = _function.Successors(branch).IndexOf(taken);
        if (_function.OpOf(last) == Op.BranchIf)
        {
            if (_function.OpOf(condition) != Op.Compare || _function[condition].A != value || _function.OpOf(_function[condition].B) != Op.Constant
                || (IntPredicate)_function[condition].Aux != (way == 0 ? IntPredicate.Equal : IntPredicate.NotEqual))
                return false;
            constant = _function[_function[condition].B].Aux;
            return true;
        }
        if (_function.OpOf(last) != Op.Switch || condition != value || way == 0)
            return false;
        int found = 0;
        foreach ((long low, long high, int successor) in _function.Switches[(int)_function[last].Aux].Cases)
        {
            if (successor != way)
                continue;
            constant = low;
            found += low == high ? 1 : 2;
        }
        return found == 1;
    }

    private void Note(Block from, Block first, Block second, int way)
    {
        if (from == first || from == second || _edges.Count * LongestWay >= LargestGrowth || !_dominators.IsReachable(from)
            || _function.OpOf(_function[from].Last) is not (Op.Branch or Op.BranchIf or Op.Switch)
            || !IsOnly(_function.Successors(from), first) || !MayPass(from, first))
            return;
        // A copy jumps where its original does: none of its edges may lead to a copy that was made for the original alone.
        if (_copied[from.Id] || _sources[first.Id] || !second.IsNone && _sources[second.Id] || IsNoted(from, first))
            return;
        _copied.Add(first.Id);
        if (!second.IsNone)
            _copied.Add(second.Id);
        _sources.Add(from.Id);
        _edges.Add((from, first, second, way));
    }

    // An edge has one way.
    private bool IsNoted(Block from, Block first)
    {
        foreach ((Block other, Block otherFirst, _, _) in _edges.Span)
        {
            if (other == from && otherFirst == first)
                return true;
        }
        return false;
    }

    // Whether an edge may be led around the block that it enters: not from outside a loop past its header, and round a loop only if asked for.
    private bool MayPass(Block from, Block block)
    {
        int loop = _loops.LoopOf(block);
        if (loop == 0 || _loops[loop].Header != block)
            return true;
        return _acrossLoops && _loops.Contains(loop, from);
    }

    private static bool IsOnly(ReadOnlySpan<Block> blocks, Block block)
    {
        int first = blocks.IndexOf(block);
        return first >= 0 && blocks[(first + 1)..].IndexOf(block) < 0;
    }

    // The instructions of a block that can be copied; -1 if there are too many, or others.
    private int Size(Block block, int largest)
    {
        int size = 0;
        for (Value v = _function[block].First; v != _function[block].Last; v = _function[v].Next)
        {
            Op op = _function.OpOf(v);
            if (op is Op.Phi or Op.DebugValue)
                continue;
            if (!OpInfo.IsPure(op) && op is not (Op.Load or Op.Store) || ++size > largest)
                return -1;
        }
        return size;
    }

    // Which successor the terminator takes where the phi is a constant.
    private int Way(Block block, Value compare, long value)
    {
        Value last = _function[block].Last;
        if (!compare.IsNone)
        {
            IrType type = _function.TypeOf(_function[compare].A);
            UInt128 a = ScalarEvaluator.Cut(type, (UInt128)(Int128)value);
            UInt128 b = ScalarEvaluator.Cut(type, (UInt128)(Int128)_function[_function[compare].B].Aux);
            if (!ScalarEvaluator.TryEvaluate(Op.Compare, IrType.I1, type, a, b, 0, _function[compare].Aux, out UInt128 result))
                throw new InvalidOperationException("a comparison of constants has no result");
            value = (long)(result & 1);
        }
        if (_function.OpOf(last) == Op.BranchIf)
            return (value & 1) != 0 ? 0 : 1;
        return ControlFlow.Target(_function.Switches[(int)_function[last].Aux], value);
    }

    // Values through slots

    private void KeepValues()
    {
        if (_slotOf.Length < _function.ValueCount)
        {
            _slotOf = new Value[_function.ValueCount * 2];
            _copyOf = new Value[_function.ValueCount * 2];
        }
        else
        {
            Array.Clear(_slotOf);
            Array.Clear(_copyOf);
        }
        _kept.Clear();
        for (int b = 1; b < _function.BlockCount; b++)
            Reload(new Block(b));
        foreach ((Value value, Value slot) in _kept.Span)
        {
            IrType type = _function.TypeOf(value);
            Value place = value;
            while (_function.OpOf(place) == Op.Phi && _function.OpOf(_function[place].Next) == Op.Phi)
                place = _function[place].Next;
            _function.InsertAfter(place, _function.New(Op.Store, IrType.Void, slot, value, default, Access(type)));
        }
    }

    // What a block uses of a copied block's values it reads from their slots. A phi's operand is used at the end of the block that it comes from.
    private void Reload(Block block)
    {
        if (_function[block].IsDead)
            return;
        for (Value v = _function[block].First; !v.IsNone; v = _function[v].Next)
        {
            bool isPhi = _function.OpOf(v) == Op.Phi;
            int count = _function.Operands(v).Length;
            for (int i = 0; i < count; i++)
            {
                Value operand = _function.Operands(v)[i];
                Block home = _function[operand].Block;
                if (home.IsNone || !_copied[home.Id])
                    continue;
                Block at = isPhi ? _function.Predecessors(block)[i] : block;
                if (at == home)
                    continue;
                IrType type = _function.TypeOf(operand);
                Value load = _function.New(Op.Load, type, Slot(operand), default, default, Access(type), _function[v].Location);
                _function.InsertBefore(isPhi ? _function[at].Last : v, load);
                _function.Operands(v)[i] = load;
            }
        }
    }

    private Value Slot(Value value)
    {
        if (_slotOf[value.Id].IsNone)
        {
            IrType type = _function.TypeOf(value);
            _slotOf[value.Id] = _function.SlotAddress(_function.NewSlot(type.Size, BitOperations.Log2((uint)type.Size)));
            _kept.Add((value, _slotOf[value.Id]));
        }
        return _slotOf[value.Id];
    }

    private static long Access(IrType type) => new MemoryAccess((byte)BitOperations.Log2((uint)type.Size)).Pack();

    // Copying

    private void Thread(Block from, Block first, Block second, int way)
    {
        int successor = _function.Successors(from).IndexOf(first);
        if (_copyOf.Length < _function.ValueCount)
            Array.Resize(ref _copyOf, _function.ValueCount * 2);
        Block copy = _function.NewBlock();
        CopyBody(first, _function.PredecessorIndex(from, successor), copy, behindCopy: false);
        if (second.IsNone)
        {
            Leave(first, way, copy);
        }
        else
        {
            Block next = _function.NewBlock();
            CopyBody(second, _function.Predecessors(second).IndexOf(first), next, behindCopy: true);
            Leave(second, way, next);
            CopyEnd(first, second, copy, next);
        }
        _function.RedirectEdge(from, successor, copy);
    }

    private void CopyBody(Block block, int edge, Block copy, bool behindCopy)
    {
        _function[copy].IsCold = _function[block].IsCold;
        for (Value v = _function[block].First; v != _function[block].Last; v = _function[v].Next)
        {
            Instruction original = _function[v];
            if (original.Op == Op.Phi)
            {
                Value operand = _function.Operands(v)[edge];
                _copyOf[v.Id] = behindCopy ? Copy(operand) : operand;
                continue;
            }
            Value made = _function.New(original.Op, original.Type, original.A, original.B, original.C, original.Aux, original.Location);
            _function[made].Flags = original.Flags;
            foreach (ref Value operand in _function.Operands(made))
                operand = Copy(operand);
            _function.Append(copy, made);
            _copyOf[v.Id] = made;
        }
    }

    // Other blocks' values that stand here are none of copied blocks: those are read from slots.
    private Value Copy(Value value)
    {
        Block home = _function[value].Block;
        return home.IsNone || home.Id >= _copiedCount || !_copied[home.Id] || _copyOf[value.Id].IsNone ? value : _copyOf[value.Id];
    }

    // The copy ends in a jump to where the block's terminator goes.
    private void Leave(Block block, int way, Block copy)
    {
        _function.Append(copy, _function.New(Op.Branch, IrType.Void, default, default, default, 0, _function[_function[block].Last].Location));
        Follow(block, way, copy);
    }

    private void CopyEnd(Block block, Block second, Block copy, Block next)
    {
        Instruction last = _function[_function[block].Last];
        Value condition = last.Op == Op.BranchIf ? Copy(last.A) : default;
        _function.Append(copy, _function.New(last.Op, IrType.Void, condition, default, default, last.Aux, last.Location));
        int count = _function.Successors(block).Length;
        for (int i = 0; i < count; i++)
        {
            if (_function.Successors(block)[i] == second)
                _function.AddEdge(copy, next);
            else
                Follow(block, i, copy);
        }
    }

    // An edge beside a block's own, with what its phis get.
    private void Follow(Block block, int way, Block copy)
    {
        Block to = _function.Successors(block)[way];
        int edge = _function.PredecessorIndex(block, way);
        _function.AddEdge(copy, to);
        for (Value phi = _function[to].First; !phi.IsNone && _function.OpOf(phi) == Op.Phi; phi = _function[phi].Next)
            _function.AddPhiOperand(phi, Copy(_function.Operands(phi)[edge]));
    }
}
