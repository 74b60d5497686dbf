using Kiln.Base;
using Kiln.IR;
using Kiln.IR.Analyses;

namespace Kiln.CodeGen.Blocks;

// The order of emission by frequency (Pettis and Hansen, "Profile guided code positioning", bottom-up): the most frequent edges first make
// chains of blocks that fall through; chains are placed so that loops stay together, cold chains last.
//
// A loop whose header ends in the exit test is turned around by the same means: the edge from its last block to the header is heavier
// than the one that enters, so that the header comes behind it where that costs no jump elsewhere.

/// <summary>Orders blocks so that the likely way falls through. See the file's header.</summary>
public sealed class BlockLayout
{
    private readonly GrowBuffer<(float Weight, int From, int To)> _edges = new(64);
    private readonly GrowBuffer<Block> _layout = new(64);
    private readonly GrowBuffer<int> _ready = new(16);
    private readonly Comparison<(float Weight, int From, int To)> _heaviestFirst = static (a, b) =>
        a.Weight != b.Weight ? b.Weight.CompareTo(a.Weight) : a.From != b.From ? a.From.CompareTo(b.From) : a.To.CompareTo(b.To);
    private int[] _chain = [];
    private int[] _next = [];
    private int[] _last = [];
    private int[] _number = [];
    private bool[] _isPlaced = [];

    /// <summary>Replaces the order's plain layout.</summary>
    public void Run(Function function, BlockOrder order, Dominators dominators, Loops loops)
    {
        int count = order.PostOrder.Length;
        if (count < 3)
            return;
        Prepare(function.BlockCount, order);
        CollectEdges(function, order, dominators, loops);
        _edges.Span.Sort(_heaviestFirst);
        foreach ((_, int from, int to) in _edges.Span)
            Join(from, to, function.Entry.Id);
        Place(function, order);
        order.SetLayout(_layout.Span);
    }

    private void Prepare(int blocks, BlockOrder order)
    {
        if (_chain.Length < blocks)
        {
            _chain = new int[blocks * 2];
            _next = new int[blocks * 2];
            _last = new int[blocks * 2];
            _number = new int[blocks * 2];
            _isPlaced = new bool[blocks * 2];
        }
        for (int i = 0; i < order.Layout.Length; i++)
        {
            int id = order.Layout[i].Id;
            _chain[id] = id;
            _next[id] = 0;
            _last[id] = id;
            _number[id] = i;
            _isPlaced[id] = false;
        }
    }

    private void CollectEdges(Function function, BlockOrder order, Dominators dominators, Loops loops)
    {
        _edges.Clear();
        foreach (Block block in order.Layout)
        {
            ReadOnlySpan<Block> successors = function.Successors(block);
            Op op = function.OpOf(function[block].Last);
            if (op is not (Op.Branch or Op.BranchIf or Op.AsmGoto))
                continue;
            int normal = op == Op.Branch ? 1 : successors.Length;
            for (int i = 0; i < normal; i++)
            {
                Block to = successors[i];
                if (to == block || to == function.Entry)
                    continue;
                float weight = Math.Min(function[block].Frequency, function[to].Frequency);
                // Of equal edges the one that keeps the plain order.
                if (_number[to.Id] == _number[block.Id] + 1)
                    weight *= 1.001f;
                if (dominators.Dominates(to, block) && loops.LoopOf(to) != 0)
                    weight = BackEdgeWeight(function, loops, block, to, weight);
                _edges.Add((weight, block.Id, to.Id));
            }
        }
    }

    // The jump back is worth turning the loop around only where its header leaves the loop; else it only moves the jump.
    private static float BackEdgeWeight(Function function, Loops loops, Block from, Block header, float weight)
    {
        if (function.Successors(from).Length != 1)
            return 0;
        foreach (Block successor in function.Successors(header))
        {
            // Heavier than the way from the header into the body, which is as frequent.
            if (!loops.Contains(loops.LoopOf(header), successor))
                return weight * 1.02f;
        }
        return 0;
    }

    // Chains are joined where one ends in the edge's source and the other begins with its target.
    private void Join(int from, int to, int entry)
    {
        int first = _chain[from], second = _chain[to];
        if (first == second || _last[first] != from || second != to || second == entry)
            return;
        _next[from] = to;
        _last[first] = _last[second];
        // Names of chains are kept at their heads and ends alone: a block in the middle is never asked again.
        _chain[_last[first]] = first;
        if (_last[second] != to)
            _chain[to] = first;
    }

    // The entry's chain first; then always the chain that the placed ones jump to most, cold ones last.
    private void Place(Function function, BlockOrder order)
    {
        _layout.Clear();
        PlaceChain(function.Entry.Id);
        foreach (bool isCold in (ReadOnlySpan<bool>)[false, true])
        {
            foreach (Block block in order.Layout)
            {
                int head = block.Id;
                if (_isPlaced[head] || !IsHead(head))
                    continue;
                if (!isCold && IsColdChain(function, head))
                    continue;
                PlaceChain(head);
            }
        }
        foreach (Block block in order.Layout)
        {
            if (!_isPlaced[block.Id])
                throw new InvalidOperationException($"{block} has no place");
        }
    }

    private bool IsHead(int block) => _chain[block] == block;

    private bool IsColdChain(Function function, int head)
    {
        for (int block = head; block != 0; block = _next[block])
        {
            if (function[new Block(block)].Frequency > 0.02f && !function[new Block(block)].IsCold)
                return false;
        }
        return true;
    }

    private void PlaceChain(int head)
    {
        for (int block = head; block != 0; block = _next[block])
        {
            _isPlaced[block] = true;
            _layout.Add(new Block(block));
        }
    }
}
