using Kiln.Base;
using Kiln.IR;

namespace Kiln.CodeGen.Blocks;

/// <summary>
/// The blocks of a function in post-order, and in the order in which they are emitted. The plain order (-O0) is reverse post-order with
/// first successors first, which is nearly the order of the source.
/// </summary>
public sealed class BlockOrder
{
    private readonly GrowBuffer<Block> _postOrder = new(64);
    private readonly GrowBuffer<Block> _layout = new(64);
    private readonly GrowBuffer<(Block Block, int Next)> _stack = new(64);
    private readonly BitSet _seen = new();

    /// <summary>The reachable blocks in post-order; the entry is the last.</summary>
    public ReadOnlySpan<Block> PostOrder => _postOrder.Span;

    /// <summary>The blocks in the order of emission; the entry is the first.</summary>
    public ReadOnlySpan<Block> Layout => _layout.Span;

    /// <summary>Whether a block can be reached.</summary>
    public bool IsReachable(Block block) => _seen[block.Id];

    /// <summary>Finds the post-order, and the plain order of emission.</summary>
    public void Compute(Function function)
    {
        _postOrder.Clear();
        _seen.Reset(function.BlockCount);
        _seen.Add(function.Entry.Id);
        _stack.Add((function.Entry, function.Successors(function.Entry).Length));
        while (_stack.Count > 0)
        {
            ref (Block Block, int Next) top = ref _stack.Last;
            if (top.Next > 0)
            {
                Block next = function.Successors(top.Block)[--top.Next];
                if (_seen.Add(next.Id))
                    _stack.Add((next, function.Successors(next).Length));
            }
            else
            {
                _postOrder.Add(top.Block);
                _stack.Pop();
            }
        }
        _layout.Clear();
        for (int i = _postOrder.Count - 1; i >= 0; i--)
            _layout.Add(_postOrder[i]);
    }

    /// <summary>Chooses another order of emission.</summary>
    public void SetLayout(ReadOnlySpan<Block> layout)
    {
        _layout.Clear();
        _layout.AddRange(layout);
    }
}
