using Kiln.Base;

namespace Kiln.IR.Analyses;

/// <summary>
/// Reverse postorder and the dominator tree of a function's reachable blocks (Cooper, Harvey, Kennedy: "A Simple, Fast Dominance
/// Algorithm"). One object serves many functions; its tables are kept between them. Valid until an edge changes.
/// </summary>
public sealed class Dominators
{
    private readonly GrowBuffer<Block> _order = new(32);
    private readonly GrowBuffer<(Block Block, int Next)> _stack = new(32);
    private readonly BitSet _seen = new();
    private int[] _number = [];
    private Block[] _immediate = [];
    private int[] _enter = [];
    private int[] _leave = [];
    private Block[] _firstChild = [];
    private Block[] _sibling = [];

    /// <summary>The reachable blocks in reverse postorder, the entry first.</summary>
    public ReadOnlySpan<Block> Order => _order.Span;

    /// <summary>The block's place in <see cref="Order"/>, or -1 where it cannot be reached.</summary>
    public int Number(Block block) => _number[block.Id];

    /// <summary>Whether the block can be reached from the entry.</summary>
    public bool IsReachable(Block block) => _number[block.Id] >= 0;

    /// <summary>The immediate dominator; none for the entry.</summary>
    public Block Immediate(Block block) => _immediate[block.Id];

    /// <summary>The first block that this one immediately dominates, or none.</summary>
    public Block FirstChild(Block block) => _firstChild[block.Id];

    /// <summary>The next block with the same immediate dominator, or none.</summary>
    public Block Sibling(Block block) => _sibling[block.Id];

    /// <summary>Whether <paramref name="a"/> dominates <paramref name="b"/>; a block dominates itself. Both are reachable.</summary>
    public bool Dominates(Block a, Block b) => _enter[a.Id] <= _enter[b.Id] && _leave[b.Id] <= _leave[a.Id];

    /// <summary>Whether the value <paramref name="a"/> is there where <paramref name="b"/> stands (not at it).</summary>
    public bool Dominates(Function function, Value a, Value b)
    {
        Block blockA = function[a].Block;
        Block blockB = function[b].Block;
        if (OpInfo.IsLeaf(function.OpOf(a)))
            return true;
        if (blockA != blockB)
            return Dominates(blockA, blockB);
        for (Value v = function[a].Next; !v.IsNone; v = function[v].Next)
        {
            if (v == b)
                return true;
        }
        return false;
    }

    /// <summary>Computes everything for a function.</summary>
    public void Compute(Function function)
    {
        int count = function.BlockCount;
        if (_number.Length < count)
        {
            int length = Math.Max(count, _number.Length * 2);
            _number = new int[length];
            _immediate = new Block[length];
            _enter = new int[length];
            _leave = new int[length];
            _firstChild = new Block[length];
            _sibling = new Block[length];
        }
        _number.AsSpan(0, count).Fill(-1);
        _immediate.AsSpan(0, count).Clear();
        _firstChild.AsSpan(0, count).Clear();
        _sibling.AsSpan(0, count).Clear();
        OrderBlocks(function);
        FindImmediate(function);
        NumberTree(function.Entry);
    }

    private void OrderBlocks(Function function)
    {
        _order.Clear();
        _stack.Clear();
        _seen.Reset(function.BlockCount);
        _seen.Add(function.Entry.Id);
        _stack.Add((function.Entry, 0));
        while (_stack.Count > 0)
        {
            ref (Block Block, int Next) top = ref _stack.Last;
            ReadOnlySpan<Block> successors = function.Successors(top.Block);
            if (top.Next < successors.Length)
            {
                Block next = successors[top.Next++];
                if (_seen.Add(next.Id))
                    _stack.Add((next, 0));
            }
            else
            {
                _order.Add(top.Block);
                _stack.Pop();
            }
        }
        _order.Span.Reverse();
        for (int i = 0; i < _order.Count; i++)
            _number[_order[i].Id] = i;
    }

    private void FindImmediate(Function function)
    {
        Block entry = function.Entry;
        _immediate[entry.Id] = entry;
        bool changed = true;
        while (changed)
        {
            changed = false;
            for (int i = 1; i < _order.Count; i++)
            {
                Block block = _order[i];
                Block best = default;
                foreach (Block predecessor in function.Predecessors(block))
                {
                    if (_number[predecessor.Id] < 0 || _immediate[predecessor.Id].IsNone)
                        continue;
                    best = best.IsNone ? predecessor : Intersect(best, predecessor);
                }
                if (_immediate[block.Id] != best)
                {
                    _immediate[block.Id] = best;
                    changed = true;
                }
            }
        }
        _immediate[entry.Id] = default;
    }

    private Block Intersect(Block a, Block b)
    {
        while (a != b)
        {
            while (_number[a.Id] > _number[b.Id])
                a = _immediate[a.Id];
            while (_number[b.Id] > _number[a.Id])
                b = _immediate[b.Id];
        }
        return a;
    }

    private void NumberTree(Block entry)
    {
        // Children in reverse order of insertion: insert from the back, so that they come in reverse postorder.
        for (int i = _order.Count - 1; i > 0; i--)
        {
            Block block = _order[i];
            Block parent = _immediate[block.Id];
            _sibling[block.Id] = _firstChild[parent.Id];
            _firstChild[parent.Id] = block;
        }
        int time = 0;
        Block at = entry;
        _enter[at.Id] = time++;
        while (true)
        {
            if (!_firstChild[at.Id].IsNone)
            {
                at = _firstChild[at.Id];
                _enter[at.Id] = time++;
                continue;
            }
            _leave[at.Id] = time++;
            while (at != entry && _sibling[at.Id].IsNone)
            {
                at = _immediate[at.Id];
                _leave[at.Id] = time++;
            }
            if (at == entry)
                return;
            at = _sibling[at.Id];
            _enter[at.Id] = time++;
        }
    }
}
