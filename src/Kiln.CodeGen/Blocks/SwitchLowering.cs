using Kiln.Base;
using Kiln.IR;

namespace Kiln.CodeGen.Blocks;

/// <summary>
/// Turns each switch into a balanced tree of comparisons whose leaves are equality tests, range tests and jump tables. What is left of
/// Op.Switch is a jump table: on an i64, with one case for each value from 0 up without gaps, exhaustive.
/// A table is made of at least four cases that fill an eighth of its range; for size, two fifths.
/// </summary>
public sealed class SwitchLowering
{
    private const int SmallestTable = 4;
    private const int LargestTable = 1 << 16;

    private readonly GrowBuffer<(long Low, long High, int Successor)> _cases = new(32);
    private readonly GrowBuffer<Cluster> _clusters = new(16);
    private readonly GrowBuffer<Block> _targets = new(16);
    private readonly GrowBuffer<(int Start, int Count)> _phis = new(16);
    private readonly GrowBuffer<(Value Phi, Value Operand)> _phiOperands = new(16);
    private readonly Comparison<(long Low, long High, int Successor)> _byLow = static (a, b) => a.Low.CompareTo(b.Low);
    private Function _function = null!;
    private Builder _builder = null!;
    private Value _value;
    private IrType _type;
    private bool _isExhaustive;
    private int _leastFill; // in fortieths

    // Cases First to Last; a table if there are several.
    private struct Cluster
    {
        public int First;
        public int Last;
    }

    /// <summary>Lowers all switches of a function.</summary>
    public void Run(Function function, bool useTables, bool forSize)
    {
        _leastFill = forSize ? 16 : 5;
        if (function.Switches.Count == 0)
            return;
        _function = function;
        _builder = new Builder(function);
        int count = function.BlockCount;
        for (int i = 1; i < count; i++)
        {
            var block = new Block(i);
            Value terminator = function.Terminator(block);
            if (!terminator.IsNone && function.OpOf(terminator) == Op.Switch)
                Lower(block, terminator, useTables);
        }
        _builder = null!;
    }

    private void Lower(Block block, Value terminator, bool useTables)
    {
        SwitchInfo info = _function.Switches[(int)_function[terminator].Aux];
        _value = _function[terminator].A;
        _type = _function.TypeOf(_value);
        _isExhaustive = info.IsExhaustive;
        SaveEdges(block);
        _function.Remove(terminator);
        _builder.Location = _function[terminator].Location;
        _builder.Current = block;
        CollectCases(info);
        CollectClusters(useTables);
        if (_clusters.Count == 0)
        {
            Jump(block, 0);
            return;
        }
        int bits = _type.LaneBits;
        long least = bits == 64 ? long.MinValue : -1L << bits - 1;
        Tree(block, 0, _clusters.Count - 1, least, ~least);
    }

    private void SaveEdges(Block block)
    {
        _targets.Clear();
        _phis.Clear();
        _phiOperands.Clear();
        int count = _function.Successors(block).Length;
        for (int i = 0; i < count; i++)
        {
            Block target = _function.Successors(block)[i];
            int predecessor = _function.PredecessorIndex(block, i);
            int start = _phiOperands.Count;
            for (Value v = _function[target].First; !v.IsNone && _function.OpOf(v) == Op.Phi; v = _function[v].Next)
                _phiOperands.Add((v, _function.Operands(v)[predecessor]));
            _targets.Add(target);
            _phis.Add((start, _phiOperands.Count - start));
        }
        for (int i = count - 1; i >= 0; i--)
            _function.RemoveEdge(block, i);
    }

    private void AddEdge(Block from, int successor)
    {
        _function.AddEdge(from, _targets[successor]);
        (int start, int count) = _phis[successor];
        for (int i = start; i < start + count; i++)
            _function.AddPhiOperand(_phiOperands[i].Phi, _phiOperands[i].Operand);
    }

    // Sorted, neighbours with one target joined, those of the default dropped.
    private void CollectCases(SwitchInfo info)
    {
        _cases.Clear();
        foreach ((long Low, long High, int Successor) range in info.Cases)
        {
            if (range.Successor != 0)
                _cases.Add(range);
            else
                _isExhaustive = false;
        }
        _cases.Span.Sort(_byLow);
        int kept = 0;
        for (int i = 0; i < _cases.Count; i++)
        {
            (long Low, long High, int Successor) range = _cases[i];
            if (kept > 0 && _cases[kept - 1].High != long.MaxValue && _cases[kept - 1].High + 1 == range.Low
                && _cases[kept - 1].Successor == range.Successor)
            {
                _cases[kept - 1].High = range.High;
            }
            else
            {
                _cases[kept++] = range;
            }
        }
        _cases.Truncate(kept);
    }

    private void CollectClusters(bool useTables)
    {
        _clusters.Clear();
        int first = 0;
        while (first < _cases.Count)
        {
            int last = useTables ? TableEnd(first) : first;
            _clusters.Add(new Cluster { First = first, Last = last });
            first = last + 1;
        }
    }

    // The last case of the longest dense run from `first`, or `first`. Runs are sought forward, bounded, so that the whole is linear
    // in practice: the search stops where a run cannot become dense again within the largest table.
    private int TableEnd(int first)
    {
        long low = _cases[first].Low;
        long filled = 0;
        int best = first;
        for (int i = first; i < _cases.Count; i++)
        {
            ulong range = (ulong)_cases[i].High - (ulong)low;
            if (range >= LargestTable)
                break;
            filled += _cases[i].High - _cases[i].Low + 1;
            if (i - first + 1 >= SmallestTable && filled * 40 >= ((long)range + 1) * _leastFill)
                best = i;
            if (i - best > 64)
                break;
        }
        return best;
    }

    // The value is known to be within [low, high].
    private void Tree(Block block, int first, int last, long low, long high)
    {
        if (first == last)
        {
            Leaf(block, _clusters[first], low, high);
            return;
        }
        int middle = (first + last + 1) / 2;
        long pivot = _cases[_clusters[middle].First].Low;
        _builder.Current = block;
        Value less = _builder.Compare(IntPredicate.LessSigned, _value, _function.Constant(_type, pivot));
        Block left = NewBlock(block);
        Block right = NewBlock(block);
        _builder.BranchIf(less, left, right);
        Tree(left, first, middle - 1, low, pivot - 1);
        Tree(right, middle, last, pivot, high);
    }

    private void Leaf(Block block, Cluster cluster, long low, long high)
    {
        _builder.Current = block;
        long from = _cases[cluster.First].Low;
        long to = _cases[cluster.Last].High;
        bool isCovered = low >= from && high <= to || _isExhaustive;
        if (cluster.First == cluster.Last)
        {
            int successor = _cases[cluster.First].Successor;
            if (isCovered)
                Jump(block, successor);
            else if (from == to)
                Test(block, _builder.Compare(IntPredicate.Equal, _value, _function.Constant(_type, from)), successor);
            else if (low >= from)
                Test(block, _builder.Compare(IntPredicate.LessEqualSigned, _value, _function.Constant(_type, to)), successor);
            else if (high <= to)
                Test(block, _builder.Compare(IntPredicate.GreaterEqualSigned, _value, _function.Constant(_type, from)), successor);
            else
                Test(block, InRange(Offset(from), from, to), successor);
            return;
        }
        Value offset = Offset(from);
        Block table = block;
        if (!isCovered)
        {
            table = NewBlock(block);
            Value inRange = InRange(offset, from, to);
            _builder.Emit(Op.BranchIf, IrType.Void, inRange);
            _function.AddEdge(block, table);
            AddEdge(block, 0);
        }
        Table(table, offset, cluster);
    }

    private Value Offset(long from) =>
        from == 0 ? _value : _builder.Binary(Op.Sub, _value, _function.Constant(_type, from));

    private Value InRange(Value offset, long from, long to) =>
        _builder.Compare(IntPredicate.LessEqualUnsigned, offset, _function.Constant(_type, to - from));

    private void Test(Block block, Value condition, int successor)
    {
        _builder.Emit(Op.BranchIf, IrType.Void, condition);
        AddEdge(block, successor);
        AddEdge(block, 0);
        _builder.Current = default;
    }

    private void Jump(Block block, int successor)
    {
        _builder.Current = block;
        _builder.Emit(Op.Branch, IrType.Void);
        AddEdge(block, successor);
        _builder.Current = default;
    }

    private void Table(Block block, Value offset, Cluster cluster)
    {
        _builder.Current = block;
        Value index = _builder.Convert(Op.ZeroExtend, IrType.I64, offset);
        var info = new SwitchInfo { IsExhaustive = true };
        long from = _cases[cluster.First].Low;
        long next = from;
        bool hasHoles = false;
        for (int i = cluster.First; i <= cluster.Last; i++)
            hasHoles |= i > cluster.First && _cases[i].Low != _cases[i - 1].High + 1;
        Span<int> edgeOf = stackalloc int[Math.Min(_targets.Count, 512)];
        if (_targets.Count > 512)
            edgeOf = new int[_targets.Count];
        edgeOf.Fill(-1);
        int edges = 0;
        _builder.Emit(Op.Switch, IrType.Void, index, default, default, _function.Switches.Add(info));
        if (hasHoles)
        {
            edgeOf[0] = edges++;
            AddEdge(block, 0);
        }
        for (int i = cluster.First; i <= cluster.Last; i++)
        {
            (long low, long high, int successor) = _cases[i];
            for (; next < low; next++)
                info.Cases.Add((next - from, next - from, edgeOf[0]));
            if (edgeOf[successor] < 0)
            {
                edgeOf[successor] = edges++;
                AddEdge(block, successor);
            }
            for (; next <= high; next++)
                info.Cases.Add((next - from, next - from, edgeOf[successor]));
        }
        _builder.Current = default;
    }

    private Block NewBlock(Block like)
    {
        Block block = _function.NewBlock();
        _function[block].Frequency = _function[like].Frequency;
        _function[block].IsCold = _function[like].IsCold;
        return block;
    }
}
