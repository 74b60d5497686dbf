using Kiln.Base;

namespace Kiln.IR.Analyses;

/// <summary>
/// The natural loops of a function: headers of back edges (to a dominator), with nesting. A cycle with several entries is no loop here.
/// Loops are numbered from 1, outer ones before the loops in them; 0 is no loop.
/// </summary>
public sealed class Loops
{
    private readonly GrowBuffer<Loop> _loops = new(8);
    private readonly GrowBuffer<Block> _work = new(16);
    private int[] _loopOf = [];
    private int _blocks; // those made later are in no loop

    /// <summary>A loop.</summary>
    public struct Loop
    {
        public Block Header;

        /// <summary>The loop around it, or 0.</summary>
        public int Parent;

        /// <summary>1 for an outermost loop.</summary>
        public int Depth;
    }

    /// <summary>One more than the number of loops.</summary>
    public int Count => _loops.Count;

    /// <summary>A loop by its number.</summary>
    public ref Loop this[int number] => ref _loops[number];

    /// <summary>The innermost loop that holds the block, or 0.</summary>
    public int LoopOf(Block block) => _loopOf[block.Id];

    /// <summary>How many loops hold the block.</summary>
    public int Depth(Block block) => _loops[_loopOf[block.Id]].Depth;

    /// <summary>Whether the loop, or one inside it, holds the block.</summary>
    public bool Contains(int loop, Block block)
    {
        if (block.Id >= _blocks)
            return false;
        int inner = _loopOf[block.Id];
        while (inner != 0 && _loops[inner].Depth > _loops[loop].Depth)
            inner = _loops[inner].Parent;
        return inner == loop;
    }

    /// <summary>Whether a block of the loop runs in every round, the last one included: it dominates every way out and back.</summary>
    public bool RunsAlways(Function function, Dominators dominators, int loop, Block block)
    {
        if (block == _loops[loop].Header)
            return true;
        foreach (Block other in dominators.Order)
        {
            if (!Contains(loop, other) || dominators.Dominates(block, other))
                continue;
            foreach (Block successor in function.Successors(other))
            {
                if (successor == _loops[loop].Header || !Contains(loop, successor))
                    return false;
            }
        }
        return true;
    }

    /// <summary>Finds the loops.</summary>
    public void Compute(Function function, Dominators dominators)
    {
        _blocks = function.BlockCount;
        if (_loopOf.Length < function.BlockCount)
            _loopOf = new int[Math.Max(function.BlockCount, _loopOf.Length * 2)];
        else
            _loopOf.AsSpan(0, function.BlockCount).Clear();
        _loops.Clear();
        _loops.AddDefault(1);
        // Headers in reverse postorder: an outer loop's header comes first, and its body is marked before the inner ones claim theirs.
        foreach (Block header in dominators.Order)
        {
            _work.Clear();
            foreach (Block predecessor in function.Predecessors(header))
            {
                if (dominators.IsReachable(predecessor) && dominators.Dominates(header, predecessor))
                    _work.Add(predecessor);
            }
            if (_work.Count == 0)
                continue;
            int parent = _loopOf[header.Id];
            int loop = _loops.Add(new Loop { Header = header, Parent = parent, Depth = _loops[parent].Depth + 1 });
            _loopOf[header.Id] = loop;
            while (_work.Count > 0)
            {
                Block block = _work.Pop();
                if (_loopOf[block.Id] == loop)
                    continue;
                _loopOf[block.Id] = loop;
                foreach (Block predecessor in function.Predecessors(block))
                {
                    if (dominators.IsReachable(predecessor))
                        _work.Add(predecessor);
                }
            }
        }
    }
}
