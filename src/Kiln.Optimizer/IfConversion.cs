using Kiln.Base;
using Kiln.IR;
using Kiln.IR.Analyses;

namespace Kiln.Optimizer;

/// <summary>
/// Turns branches over a few cheap computations into selects (conditional moves), and two tests of one value against constants into one
/// range test: a &lt;= x &amp;&amp; x &lt;= b becomes x - a &lt;=u b - a.
///
/// Needs: the verifier's law. Changes: blocks and edges; empty blocks are left for ControlFlow. What is now computed where it was not before
/// loses its flags. Branches that the source calls likely or unlikely stay; so do floating-point choices that are no minimum or maximum,
/// and choices of what a switch is on: jump threading lets each way jump to its case.
/// </summary>
public sealed class IfConversion
{
    private const int MaximumSelects = 2;
    private const int MaximumCost = 4;

    private readonly Dominators _dominators = new();
    private readonly BitSet _states = new();
    private int _statesEnd; // values before any select
    private readonly GrowBuffer<Value> _work = new(8);
    private Function _function = null!;

    /// <summary>Converts what pays; tells whether anything changed.</summary>
    public bool Run(Function function)
    {
        _function = function;
        _dominators.Compute(function);
        CollectStates();
        bool changed = false;
        // Inner branches first.
        for (int i = _dominators.Order.Length - 1; i >= 0; i--)
        {
            Block block = _dominators.Order[i];
            if (function[block].IsDead || function.OpOf(function[block].Last) != Op.BranchIf)
                continue;
            while (JoinRange(block))
                changed = true;
            changed |= Convert(block);
        }
        _function = null!;
        return changed;
    }

    // The phis that switches are on, and those that come to them.
    private void CollectStates()
    {
        _statesEnd = _function.ValueCount;
        _states.Reset(_statesEnd);
        _work.Clear();
        for (int b = 1; b < _function.BlockCount; b++)
        {
            Value last = _function[new Block(b)].Last;
            if (!last.IsNone && _function.OpOf(last) == Op.Switch)
                AddState(_function[last].A);
        }
        while (_work.Count > 0)
        {
            foreach (Value operand in _function.Operands(_work.Pop()))
                AddState(operand);
        }
    }

    private void AddState(Value value)
    {
        if (_function.OpOf(value) == Op.Phi && _states.Add(value.Id))
            _work.Add(value);
    }

    private bool Convert(Block block)
    {
        ReadOnlySpan<Block> successors = _function.Successors(block);
        Block yes = successors[0], no = successors[1];
        if (yes == no || IsBiased(block))
            return false;
        Block afterYes = After(block, yes), afterNo = After(block, no);
        // A block between, on one side or on both.
        if (!afterYes.IsNone && afterYes == afterNo)
            return ConvertTo(block, afterYes, yes, no);
        if (!afterYes.IsNone && afterYes == no)
            return ConvertTo(block, no, yes, block);
        if (!afterNo.IsNone && afterNo == yes)
            return ConvertTo(block, yes, block, no);
        return false;
    }

    private bool IsBiased(Block block)
    {
        long probability = _function[_function[block].Last].Aux;
        return probability != 0 && probability is < 65536 / 5 or > 65536 / 5 * 4 && probability != 0;
    }

    // Where a block that is entered from here alone, and may be computed in advance, goes to.
    private Block After(Block from, Block block)
    {
        ref BlockData data = ref _function[block];
        if (_function.Predecessors(block).Length != 1 || data.AddressTaken || data.IsCold || _function.OpOf(data.Last) != Op.Branch
            || _function.Successors(block).Length != 1 || _function.Successors(block)[0] == block || _function.Successors(block)[0] == from)
            return default;
        int cost = 0;
        for (Value v = data.First; v != data.Last; v = _function[v].Next)
        {
            cost += Cost(v);
            if (cost > MaximumCost)
                return default;
        }
        return _function.Successors(block)[0];
    }

    private int Cost(Value v)
    {
        ref Instruction instruction = ref _function[v];
        if (instruction.Op == Op.DebugValue)
            return 0;
        if (instruction.Type.IsVector || instruction.Type.IsFloat || instruction.Type.LaneBits > 64)
            return MaximumCost + 1;
        return instruction.Op switch
        {
            Op.Add or Op.Sub or Op.And or Op.Or or Op.Xor or Op.ShiftLeft or Op.ShiftRightSigned or Op.ShiftRightUnsigned or Op.RotateLeft or Op.RotateRight
                or Op.PointerAdd or Op.Select or Op.SignExtend or Op.ZeroExtend => 1,
            Op.Compare when !_function.TypeOf(instruction.A).IsVector && _function.TypeOf(instruction.A).LaneBits <= 64 => 1,
            Op.Truncate or Op.Bitcast when !_function.TypeOf(instruction.A).IsFloat && !_function.TypeOf(instruction.A).IsVector
                && _function.TypeOf(instruction.A).LaneBits <= 64 => 0,
            _ => MaximumCost + 1,
        };
    }

    // `yes` and `no` are the predecessors of `join` on either way; one of them may be the block itself.
    private bool ConvertTo(Block block, Block join, Block yes, Block no)
    {
        int fromYes = _function.Predecessors(join).IndexOf(yes), fromNo = _function.Predecessors(join).IndexOf(no);
        if (join == block || _function[join].AddressTaken)
            return false;
        int selects = 0, cost = 0;
        Value condition = _function[_function[block].Last].A;
        for (Value phi = _function[join].First; !phi.IsNone && _function.OpOf(phi) == Op.Phi; phi = _function[phi].Next)
        {
            Value a = _function.Operands(phi)[fromYes], b = _function.Operands(phi)[fromNo];
            if (a == b)
                continue;
            selects++;
            if (phi.Id < _statesEnd && _states[phi.Id])
                return false;
            IrType type = _function.TypeOf(phi);
            if (type.IsVector || type.LaneBits > 64 || type.IsFloat && !IsMinMax(condition, a, b))
                return false;
        }
        if (selects is 0 or > MaximumSelects)
            return false;
        cost += selects;
        foreach (Block side in (ReadOnlySpan<Block>)[yes, no])
        {
            if (side == block)
                continue;
            for (Value v = _function[side].First; v != _function[side].Last; v = _function[v].Next)
                cost += Cost(v);
        }
        if (cost > MaximumCost + 1 || selects > 1 && _function.OpOf(condition) != Op.Compare && !IsOrder(condition))
            return false;
        Rewrite(block, join, yes, no, fromYes, fromNo);
        return true;
    }

    private bool IsMinMax(Value condition, Value a, Value b) =>
        IsOrder(condition)
        && (_function[condition].A == a && _function[condition].B == b || _function[condition].A == b && _function[condition].B == a);

    // One flag tells.
    private bool IsOrder(Value condition) => _function.OpOf(condition) == Op.FloatCompare
        && ((FloatPredicate)_function[condition].Aux & ~FloatPredicate.Quiet) is FloatPredicate.Less or FloatPredicate.Greater;

    private void Rewrite(Block block, Block join, Block yes, Block no, int fromYes, int fromNo)
    {
        Value last = _function[block].Last;
        Value condition = _function[last].A;
        foreach (Block side in (ReadOnlySpan<Block>)[yes, no])
        {
            if (side == block)
                continue;
            for (Value v = _function[side].First; v != _function[side].Last;)
            {
                Value next = _function[v].Next;
                _function.Remove(v);
                // A mark of one side would be wrong for the other.
                if (_function.OpOf(v) != Op.DebugValue)
                    _function.InsertBefore(last, v);
                _function[v].Flags = 0;
                v = next;
            }
        }
        // The way that stays is through the block itself, or through what was its first side and is empty now.
        int kept = yes == block ? fromYes : no == block ? fromNo : fromYes;
        for (Value phi = _function[join].First; !phi.IsNone && _function.OpOf(phi) == Op.Phi; phi = _function[phi].Next)
        {
            Value a = _function.Operands(phi)[fromYes], b = _function.Operands(phi)[fromNo];
            if (a == b)
                continue;
            Value select = _function.New(Op.Select, _function.TypeOf(phi), condition, a, b, 0, _function[phi].Location);
            _function.InsertBefore(last, select);
            _function.Operands(phi)[kept] = select;
        }
        Block dropped = kept == fromYes ? no : yes;
        Block next2 = yes == block || no == block ? join : yes;
        _function.RemoveEdge(dropped, 0);
        ControlFlow.MakeBranch(_function, block, _function.Successors(block).IndexOf(next2));
        while (!_function[dropped].Last.IsNone)
            _function.Remove(_function[dropped].Last);
        _function[dropped].IsDead = true;
    }

    // Ranges

    // block: c1 ? next : out; next: c2 ? in : out  =>  block: c ? in : out, where both test one value against constants.
    private bool JoinRange(Block block)
    {
        Value last = _function[block].Last;
        if (_function.OpOf(last) != Op.BranchIf || !Interval(_function[last].A, out Value value, out ulong start1, out ulong count1))
            return false;
        for (int i = 0; i < 2; i++)
        {
            Block next = _function.Successors(block)[i], otherwise = _function.Successors(block)[1 - i];
            if (next == otherwise || next == block || _function.Predecessors(next).Length != 1 || _function[next].AddressTaken
                || _function.OpOf(_function[next].Last) != Op.BranchIf)
                continue;
            Value second = _function[_function[next].Last].A;
            if (!Interval(second, out Value same, out ulong start2, out ulong count2) || same != value || _function[second].Block != next && _function[second].Block != block)
                continue;
            int way = _function.Successors(next)[0] == otherwise ? 1 : _function.Successors(next)[1] == otherwise ? 0 : -1;
            if (way < 0 || _function.Successors(next)[way] == otherwise || !IsOnlyTest(next, second) || !SamePhis(otherwise, block, next))
                continue;
            int bits = _function.TypeOf(value).LaneBits;
            ulong mask = ulong.MaxValue >> 64 - bits;
            (ulong s1, ulong c1) = i == 0 ? (start1, count1) : (start1 + count1 & mask, 0 - count1 & mask);
            (ulong s2, ulong c2) = way == 0 ? (start2, count2) : (start2 + count2 & mask, 0 - count2 & mask);
            if (!Intersect(s1, c1, s2, c2, mask, out ulong start, out ulong count))
                continue;
            Merge(block, i, next, way, value, start, count);
            return true;
        }
        return false;
    }

    // The values for which a comparison with a constant holds: `count` from `start` on, modulo 2^n; neither none nor all.
    private bool Interval(Value compare, out Value value, out ulong start, out ulong count)
    {
        value = default;
        start = count = 0;
        if (_function.OpOf(compare) != Op.Compare)
            return false;
        ref Instruction instruction = ref _function[compare];
        value = instruction.A;
        IrType type = _function.TypeOf(value);
        if (!type.IsInteger || type.LaneBits is 1 or > 64 || _function.OpOf(instruction.B) != Op.Constant)
            return false;
        ulong mask = ulong.MaxValue >> 64 - type.LaneBits, lowest = 1UL << type.LaneBits - 1;
        ulong c = (ulong)_function[instruction.B].Aux & mask;
        (ulong, ulong) interval = (IntPredicate)instruction.Aux switch
        {
            IntPredicate.Equal => (c, 1UL),
            IntPredicate.NotEqual => (c + 1, ulong.MaxValue),
            IntPredicate.LessUnsigned => (0UL, c),
            IntPredicate.LessEqualUnsigned => (0UL, c + 1),
            IntPredicate.GreaterUnsigned => (c + 1, ulong.MaxValue - c),
            IntPredicate.GreaterEqualUnsigned => (c, 0UL - c),
            IntPredicate.LessSigned => (lowest, c - lowest),
            IntPredicate.LessEqualSigned => (lowest, c - lowest + 1),
            IntPredicate.GreaterSigned => (c + 1, lowest - 1 - c),
            IntPredicate.GreaterEqualSigned => (c, lowest - c),
            _ => throw new InvalidOperationException("no such predicate"),
        };
        (start, count) = (interval.Item1 & mask, interval.Item2 & mask);
        // Seen from one value, or as an offset from another one that is a range test already.
        if (_function.OpOf(value) == Op.Add && _function.OpOf(_function[value].B) == Op.Constant)
        {
            start = start - (ulong)_function[_function[value].B].Aux & mask;
            value = _function[value].A;
        }
        return count != 0;
    }

    private static bool Intersect(ulong s1, ulong c1, ulong s2, ulong c2, ulong mask, out ulong start, out ulong count)
    {
        // Counted from s1 on, the second is [d, d + c2).
        ulong d = s2 - s1 & mask;
        start = count = 0;
        if (c1 == 0 || c2 == 0)
            return false;
        bool wraps = c2 - 1 > mask - d;
        if (!wraps)
        {
            if (d >= c1)
                return false;
            start = s2;
            count = Math.Min(c1 - d, c2);
            return true;
        }
        // The end of the second comes round to the start of the first: one piece only if the other end is not met.
        ulong head = c2 - (mask - d) - 1;
        if (d < c1)
            return false;
        start = s1;
        count = Math.Min(head, c1);
        return count != 0;
    }

    private bool IsOnlyTest(Block block, Value test)
    {
        for (Value v = _function[block].First; v != _function[block].Last; v = _function[v].Next)
        {
            if (v != test && _function.OpOf(v) != Op.DebugValue && !(v == _function[test].A && _function.OpOf(v) == Op.Add))
                return false;
        }
        return true;
    }

    private bool SamePhis(Block block, Block a, Block b)
    {
        int fromA = _function.Predecessors(block).IndexOf(a), fromB = _function.Predecessors(block).IndexOf(b);
        for (Value phi = _function[block].First; !phi.IsNone && _function.OpOf(phi) == Op.Phi; phi = _function[phi].Next)
        {
            if (_function.Operands(phi)[fromA] != _function.Operands(phi)[fromB])
                return false;
        }
        return true;
    }

    private void Merge(Block block, int toNext, Block next, int way, Value value, ulong start, ulong count)
    {
        Value last = _function[block].Last;
        IrType type = _function.TypeOf(value);
        Value test;
        if (count == 1)
        {
            test = _function.New(Op.Compare, IrType.I1, value, _function.Constant(type, (long)start), default, (long)IntPredicate.Equal, _function[last].Location);
        }
        else
        {
            if (start != 0)
            {
                Value shifted = _function.New(Op.Add, type, value, _function.Constant(type, -(long)start), default, 0, _function[last].Location);
                value = _function.InsertBefore(last, shifted);
            }
            test = _function.New(Op.Compare, IrType.I1, value, _function.Constant(type, (long)count), default, (long)IntPredicate.LessUnsigned, _function[last].Location);
        }
        _function.InsertBefore(last, test);
        // The second test's instructions may be used behind it.
        for (Value v = _function[next].First; v != _function[next].Last;)
        {
            Value following = _function[v].Next;
            _function.Remove(v);
            _function.InsertBefore(last, v);
            _function[v].Flags = 0;
            v = following;
        }
        // block: true to `next`, which goes on to its way alone.
        if (toNext == 1)
        {
            Value turned = _function.New(Op.Compare, IrType.I1, _function[test].A, _function[test].B, default,
                (long)(count == 1 ? IntPredicate.NotEqual : IntPredicate.GreaterEqualUnsigned), _function[last].Location);
            _function.InsertBefore(last, turned);
            test = turned;
        }
        _function[last].A = test;
        _function[last].Aux = 0;
        ControlFlow.MakeBranch(_function, next, way);
    }
}
