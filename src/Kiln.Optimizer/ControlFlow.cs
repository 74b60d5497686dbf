using Kiln.Base;
using Kiln.IR;
using Kiln.IR.Analyses;

namespace Kiln.Optimizer;

/// <summary>
/// Cleans the control flow graph: branches on constants become jumps, what cannot be reached is removed, blocks with one way in from a
/// block with one way out are joined, empty blocks are skipped, phis that choose among equal values vanish.
///
/// Needs: the verifier's law. Changes: blocks and edges. A block whose address is taken stays, reachable or not.
/// </summary>
public sealed class ControlFlow
{
    private readonly BitSet _reached = new();
    private readonly GrowBuffer<Block> _work = new(32);
    private readonly GrowBuffer<Block> _successors = new(32);
    private readonly Dictionary<Block, int> _indices = [];
    private Block[] _way = [];
    private Value[] _replacement = [];
    private bool _replaced;

    /// <summary>Cleans until nothing changes; tells whether anything did.</summary>
    public bool Run(Function function)
    {
        bool any = false;
        bool changed = true;
        while (changed)
        {
            changed = false;
            for (int b = 1; b < function.BlockCount; b++)
            {
                var block = new Block(b);
                if (!function[block].IsDead && !function[block].Last.IsNone)
                    changed |= FoldTerminator(function, block);
            }
            changed |= RemoveUnreachable(function);
            changed |= RemovePhis(function);
            changed |= Shorten(function);
            for (int b = 1; b < function.BlockCount; b++)
            {
                var block = new Block(b);
                if (!function[block].IsDead)
                    changed |= Join(function, block) || Skip(function, block);
            }
            any |= changed;
        }
        return any;
    }

    private static bool FoldTerminator(Function function, Block block)
    {
        Value last = function[block].Last;
        ref Instruction terminator = ref function[last];
        switch (terminator.Op)
        {
            case Op.BranchIf when function.OpOf(terminator.A) == Op.Constant:
                MakeBranch(function, block, (function[terminator.A].Aux & 1) != 0 ? 0 : 1);
                return true;
            case Op.BranchIf when function.OpOf(terminator.A) == Op.Any:
                MakeBranch(function, block, 0);
                return true;
            case Op.BranchIf when function.Successors(block)[0] == function.Successors(block)[1] && !HasPhis(function, function.Successors(block)[0]):
                MakeBranch(function, block, 0);
                return true;
            case Op.Switch when function.OpOf(terminator.A) == Op.Constant:
                MakeBranch(function, block, Target(function.Switches[(int)terminator.Aux], function[terminator.A].Aux));
                return true;
            case Op.Switch when function.Switches[(int)terminator.Aux].Cases.Count == 0 || function.Successors(block).Length == 1:
                MakeBranch(function, block, 0);
                return true;
            default:
                return false;
        }
    }

    private static bool HasPhis(Function function, Block block) =>
        !function[block].First.IsNone && function.OpOf(function[block].First) == Op.Phi;

    /// <summary>The successor that a switch takes for a value.</summary>
    public static int Target(SwitchInfo info, long value)
    {
        foreach ((long low, long high, int successor) in info.Cases)
        {
            if (value >= low && value <= high)
                return successor;
        }
        return 0;
    }

    /// <summary>Makes a block's terminator a jump to one of its successors.</summary>
    public static void MakeBranch(Function function, Block block, int keep)
    {
        for (int i = function.Successors(block).Length - 1; i >= 0; i--)
        {
            if (i != keep)
                function.RemoveEdge(block, i);
        }
        ref Instruction terminator = ref function[function[block].Last];
        terminator.Op = Op.Branch;
        terminator.A = default;
        terminator.Aux = 0;
    }

    private bool RemoveUnreachable(Function function)
    {
        _reached.Reset(function.BlockCount);
        _work.Clear();
        Reach(function.Entry);
        while (_work.Count > 0)
        {
            foreach (Block successor in function.Successors(_work.Pop()))
                Reach(successor);
        }
        bool changed = false;
        for (int b = 1; b < function.BlockCount; b++)
        {
            var block = new Block(b);
            if (_reached[b] || function[block].IsDead)
                continue;
            changed = true;
            for (int i = function.Successors(block).Length - 1; i >= 0; i--)
                function.RemoveEdge(block, i);
            while (!function[block].Last.IsNone)
                function.Remove(function[block].Last);
            function[block].IsDead = true;
        }
        return changed;
    }

    private void Reach(Block block)
    {
        if (_reached.Add(block.Id))
            _work.Add(block);
    }

    // phi(x, x, itself) => x
    private bool RemovePhis(Function function)
    {
        if (_replacement.Length < function.ValueCount)
            _replacement = new Value[Math.Max(function.ValueCount, _replacement.Length * 2)];
        else
            Array.Clear(_replacement);
        _replaced = false;
        bool again = true;
        while (again)
        {
            again = false;
            for (int b = 1; b < function.BlockCount; b++)
            {
                for (Value v = function[new Block(b)].First; !v.IsNone && function.OpOf(v) == Op.Phi;)
                {
                    Value next = function[v].Next;
                    Value same = OnlyOperand(function, v);
                    if (!same.IsNone)
                    {
                        _replacement[v.Id] = same;
                        function.Remove(v);
                        again = _replaced = true;
                    }
                    v = next;
                }
            }
        }
        if (_replaced)
            Replacement.Apply(function, _replacement);
        return _replaced;
    }

    private Value OnlyOperand(Function function, Value phi)
    {
        Value same = default;
        foreach (Value operand in function.Operands(phi))
        {
            Value value = operand;
            while (value.Id < _replacement.Length && !_replacement[value.Id].IsNone)
                value = _replacement[value.Id];
            if (value == phi || value == same)
                continue;
            if (!same.IsNone)
                return default;
            same = value;
        }
        return same.IsNone ? function.Any(function.TypeOf(phi)) : same;
    }

    // A block that ends in a jump to a block with no other way in takes over its instructions.
    private static bool Join(Function function, Block block)
    {
        bool changed = false;
        while (true)
        {
            Value last = function[block].Last;
            if (last.IsNone || function.OpOf(last) != Op.Branch || function.Successors(block).Length != 1)
                return changed;
            Block next = function.Successors(block)[0];
            if (next == block || next == function.Entry || function[next].AddressTaken || function.Predecessors(next).Length != 1 || HasPhis(function, next))
                return changed;
            function.RemoveEdge(block, 0);
            function.Remove(last);
            for (Value v = function[next].First; !v.IsNone;)
            {
                Value following = function[v].Next;
                function.Remove(v);
                function.Append(block, v);
                v = following;
            }
            function.MoveSuccessors(next, block);
            function[next].IsDead = true;
            changed = true;
        }
    }

    // Ways through empty blocks to one without phis are shortened, all at once: a switch may have thousands of them in a row.
    private bool Shorten(Function function)
    {
        bool any = false;
        if (_way.Length < function.BlockCount)
            _way = new Block[function.BlockCount * 2];
        for (int b = function.BlockCount - 1; b > 0; b--)
        {
            var block = new Block(b);
            _way[b] = IsEmpty(function, block) && !HasPhis(function, function.Successors(block)[0]) ? function.Successors(block)[0] : block;
            any |= _way[b] != block;
        }
        if (!any)
            return false;
        bool changed = false;
        for (int b = 1; b < function.BlockCount; b++)
        {
            var block = new Block(b);
            if (_way[b] == block && !function[block].IsDead)
                changed |= ShortenFrom(function, block);
        }
        return changed;
    }

    private static bool IsEmpty(Function function, Block block)
    {
        ref BlockData data = ref function[block];
        return !data.IsDead && block != function.Entry && !data.AddressTaken && !data.First.IsNone
            && function.OpOf(data.First) == Op.Branch && function.Successors(block).Length == 1;
    }

    private bool ShortenFrom(Function function, Block from)
    {
        bool changed = false;
        foreach (Block successor in function.Successors(from))
            changed |= _way[successor.Id] != successor;
        if (!changed)
            return false;
        _successors.Clear();
        changed = false;
        foreach (Block successor in function.Successors(from))
        {
            Block end = EndOf(successor);
            changed |= end != successor;
            _successors.Add(end);
        }
        if (changed && function.OpOf(function[from].Last) == Op.Switch)
            MergeCases(function, from);
        if (changed)
            function.ReplaceSuccessors(from, _successors.Span);
        return changed;
    }

    // Follows empty blocks; a ring of them ends where it was entered.
    private Block EndOf(Block start)
    {
        Block end = _way[start.Id];
        int steps = 0;
        while (_way[end.Id] != end && end != start && steps++ < _way.Length)
            end = _way[end.Id];
        if (_way[end.Id] != end)
            return start;
        for (Block at = start; at != end;)
        {
            Block next = _way[at.Id];
            _way[at.Id] = end;
            at = next;
        }
        return end;
    }

    // Cases of one target become cases of one successor; the default, which is successor 0, stays first.
    private void MergeCases(Function function, Block block)
    {
        _indices.Clear();
        Span<int> index = _successors.Count <= 256 ? stackalloc int[_successors.Count] : new int[_successors.Count];
        int kept = 0;
        for (int i = 0; i < _successors.Count; i++)
        {
            Block successor = _successors[i];
            if (HasPhis(function, successor) || !_indices.TryGetValue(successor, out int known))
            {
                _successors[kept] = successor;
                known = kept++;
                _indices.TryAdd(successor, known);
            }
            index[i] = known;
        }
        _successors.Resize(kept);
        List<(long Low, long High, int Successor)> cases = function.Switches[(int)function[function[block].Last].Aux].Cases;
        for (int i = 0; i < cases.Count; i++)
            cases[i] = (cases[i].Low, cases[i].High, index[cases[i].Successor]);
    }

    // An empty block that only jumps is left out of the way of its predecessors.
    private static bool Skip(Function function, Block block)
    {
        Value only = function[block].First;
        if (only.IsNone || block == function.Entry || function[block].AddressTaken || function.OpOf(only) != Op.Branch || function.Successors(block).Length != 1)
            return false;
        Block to = function.Successors(block)[0];
        if (to == block || HasPhis(function, to) && !CanMovePhis(function, block, to))
            return false;
        int edge = function.PredecessorIndex(block, 0);
        bool changed = false;
        while (function.Predecessors(block).Length > 0)
        {
            Block from = function.Predecessors(block)[0];
            int successor = function.Successors(from).IndexOf(block);
            function.RedirectEdge(from, successor, to);
            for (Value phi = function[to].First; !phi.IsNone && function.OpOf(phi) == Op.Phi; phi = function[phi].Next)
                function.AddPhiOperand(phi, function.Operands(phi)[edge]);
            changed = true;
        }
        return changed;
    }

    // With phis in the target, every predecessor must become a new one of it, and end in a plain or two-way branch.
    private static bool CanMovePhis(Function function, Block block, Block to)
    {
        foreach (Block from in function.Predecessors(block))
        {
            if (function.OpOf(function[from].Last) is not (Op.Branch or Op.BranchIf or Op.Switch))
                return false;
            int edges = 0;
            foreach (Block successor in function.Successors(from))
            {
                if (successor == to)
                    return false;
                if (successor == block)
                    edges++;
            }
            if (edges > 1)
                return false;
        }
        return true;
    }
}
