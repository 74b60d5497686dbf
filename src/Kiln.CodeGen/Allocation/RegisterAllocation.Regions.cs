using Kiln.Base;
using Kiln.CodeGen.Machine;

namespace Kiln.CodeGen.Allocation;

// Splitting a bundle that spans blocks: into the loops with uses in it and the rest; what has no more loops in it, around the obstacles of
// a register, or into the trees of blocks (a block with one predecessor of the same loop hangs under it), so that no join asks for moves;
// what is in one tree, into blocks.
public sealed partial class RegisterAllocation
{
    private const int SlotGroup = -1, AroundGroup = int.MaxValue - 1;

    // What blocks are to the bundle at hand; entries are valid where _mark[block] is _markNow.
    private struct BlockPart
    {
        public int Mark;
        public int Group;
        public int From;
        public int To;

        /// <summary>The first and last use that needs a register.</summary>
        public int FirstBefore;
        public int LastAfter;
        public bool HasUse;
        public float Weight;
        public bool HasUseBelow;
        public bool IsIncluded;
        public bool IsDecided;
        public bool HasIncludedChild;
    }

    private readonly GrowBuffer<(int Group, LiveRange Range)> _fragments = new(64);
    private readonly GrowBuffer<long> _fragmentOrder = new(64);
    private readonly GrowBuffer<int> _partBlocks = new(64);
    private readonly GrowBuffer<(int Mark, bool HasUse)> _loopParts = new(8);
    private BlockPart[] _parts = [];
    private (int Mark, RegisterSet Registers)[] _obstacles = [];
    private int[] _treeParent = [];
    private int[] _treeRoot = [];
    private int _markNow;

    // A block with one predecessor of the same loop hangs under it.
    private void FindTrees()
    {
        int blocks = _function.Blocks.Count;
        Grow(ref _treeParent, blocks);
        Grow(ref _treeRoot, blocks);
        if (_parts.Length < blocks)
        {
            _parts = new BlockPart[blocks * 2];
            _obstacles = new (int, RegisterSet)[blocks * 2];
        }
        for (int i = 0; i < blocks; i++)
        {
            ref MachineBlock block = ref _function.Blocks[i];
            int parent = block.PredecessorCount == 1 ? _function.Predecessors(i)[0] : -1;
            bool hangs = parent >= 0 && parent != i && _function.Blocks[parent].Loop == block.Loop && !block.IsAbnormalEntry;
            _treeParent[i] = hangs ? parent : -1;
            _treeRoot[i] = -1;
        }
        for (int i = 0; i < blocks; i++)
        {
            int root = i;
            int steps = 0;
            while (_treeRoot[root] < 0 && _treeParent[root] >= 0 && steps++ < blocks)
                root = _treeParent[root];
            if (_treeRoot[root] >= 0)
                root = _treeRoot[root];
            for (int block = i; block != root && _treeRoot[block] < 0; block = _treeParent[block])
                _treeRoot[block] = root;
            _treeRoot[root] = root;
        }
    }

    private void SplitByRegions(int index)
    {
        MarkBlocks(index);
        int number = -1;
        if (!GroupByLoops())
        {
            number = FindObstacles(index);
            if (!GroupByTrees())
                GroupByBlocks();
            else if (number >= 0)
                GroupAround(number);
        }
        PartitionByBlocks(index, number);
    }

    // The trees in which each register is taken, and the register whose free trees gain most; -1 if none gains enough.
    private int FindObstacles(int index)
    {
        Bundle bundle = _bundles[index];
        float total = 0;
        foreach (int block in _partBlocks.Span)
            total += _parts[block].Weight;
        int best = -1;
        float bestGain = total * 0.1f;
        foreach (byte number in _file.Order(bundle.Class))
        {
            if (!bundle.Allowed.Contains(number))
                continue;
            MarkObstacles(in bundle, number);
            float gain = GainOf(number);
            if (gain > bestGain)
            {
                bestGain = gain;
                best = number;
            }
        }
        return best;
    }

    private void MarkObstacles(in Bundle bundle, int number)
    {
        IntervalSet held = _assigned[number];
        Span<Interval> reserved = _reserved[number].Span;
        int nextReserved = 0, nextClobber = 0;
        foreach (ref LiveRange range in _ranges.Span.Slice(bundle.FirstRange, bundle.RangeCount))
        {
            for (IntervalSet.Cursor c = held.Find(range.From); held.IsAt(in c) && held[in c].From < range.To; held.Next(ref c))
                MarkObstacle(Math.Max(held[in c].From, range.From), Math.Min(held[in c].To, range.To), number);
            nextReserved = FirstEndingAfter(reserved, nextReserved, range.From);
            for (int k = nextReserved; k < reserved.Length && reserved[k].From < range.To; k++)
            {
                if (reserved[k].Owner != range.Register)
                    MarkObstacle(Math.Max(reserved[k].From, range.From), Math.Min(reserved[k].To, range.To), number);
            }
            if (!_allClobbers.Contains(number))
                continue;
            nextClobber = FirstClobberFrom(nextClobber, range.From);
            for (int k = nextClobber; k < _clobbers.Count && _clobbers[k].Position < range.To; k++)
            {
                if (_clobbers[k].Registers.Contains(number))
                    MarkObstacle(_clobbers[k].Position, _clobbers[k].Position + 1, number);
            }
        }
    }

    private void MarkObstacle(int from, int to, int number)
    {
        int last = BlockAt(to - 1);
        for (int block = BlockAt(from); block <= last; block++)
        {
            int root = _treeRoot[block];
            if (_obstacles[root].Mark != _markNow)
                _obstacles[root] = (_markNow, default);
            _obstacles[root].Registers = _obstacles[root].Registers.With(number);
        }
    }

    private bool IsObstructed(int block, int number)
    {
        ref (int Mark, RegisterSet Registers) root = ref _obstacles[_treeRoot[block]];
        return root.Mark == _markNow && root.Registers.Contains(number);
    }

    // The uses in free trees, less the moves on edges between free trees and others.
    private float GainOf(int number)
    {
        float gain = 0;
        foreach (int block in _partBlocks.Span)
        {
            if (IsObstructed(block, number))
                continue;
            gain += _parts[block].Weight;
            float frequency = _function.Blocks[block].Frequency;
            foreach (int predecessor in _function.Predecessors(block))
            {
                if (_parts[predecessor].Mark == _markNow && IsObstructed(predecessor, number))
                    gain -= Math.Min(frequency, _function.Blocks[predecessor].Frequency);
            }
        }
        return gain;
    }

    // All free trees become one group, whole.
    private void GroupAround(int number)
    {
        foreach (int block in _partBlocks.Span)
        {
            if (IsObstructed(block, number))
                continue;
            ref BlockPart part = ref _parts[block];
            part.Group = AroundGroup;
            part.From = 0;
            part.To = int.MaxValue;
        }
    }

    // Notes the blocks that the bundle touches, and their uses.
    private void MarkBlocks(int index)
    {
        Bundle bundle = _bundles[index];
        _markNow++;
        _partBlocks.Clear();
        foreach (ref LiveRange range in _ranges.Span.Slice(bundle.FirstRange, bundle.RangeCount))
        {
            int last = BlockAt(range.To - 1);
            for (int block = BlockAt(range.From); block <= last; block++)
                Mark(block);
            foreach (ref Use use in _uses.Span[range.FirstUse..range.EndUse])
            {
                if ((use.Flags & UseFlags.NeedsRegister) == 0)
                    continue;
                ref BlockPart part = ref _parts[_blockOfInstruction[use.Position >> 2]];
                part.FirstBefore = Math.Min(part.FirstBefore, Before(in use));
                part.LastAfter = Math.Max(part.LastAfter, After(in use));
                part.HasUse = true;
                part.Weight += use.Weight;
            }
        }
    }

    private void Mark(int block)
    {
        ref BlockPart part = ref _parts[block];
        if (part.Mark == _markNow)
            return;
        part = new BlockPart
        {
            Mark = _markNow,
            Group = SlotGroup,
            From = _function.Blocks[block].Start * 4,
            To = _function.Blocks[block].End * 4,
            FirstBefore = int.MaxValue,
        };
        _partBlocks.Add(block);
    }

    // The innermost loop that holds all blocks; the loops directly in it become groups where they have uses, go to the slot where not.
    private bool GroupByLoops()
    {
        int common = _function.Blocks[_partBlocks[0]].Loop;
        foreach (int block in _partBlocks.Span)
        {
            while (common != 0 && LoopAt(_function.Blocks[block].Loop, _function.Loops[common].Depth) != common)
                common = _function.Loops[common].Parent;
        }
        int depth = _function.Loops[common].Depth + 1;
        _loopParts.Resize(_function.Loops.Count);
        bool hasChild = false;
        foreach (int block in _partBlocks.Span)
        {
            int child = LoopAt(_function.Blocks[block].Loop, depth);
            _parts[block].Group = child;
            hasChild |= child != 0;
            ref (int Mark, bool HasUse) loop = ref _loopParts[child];
            loop.HasUse = _parts[block].HasUse || loop.Mark == _markNow && loop.HasUse;
            loop.Mark = _markNow;
        }
        foreach (int block in _partBlocks.Span)
        {
            if (!hasChild || !_loopParts[_parts[block].Group].HasUse)
                _parts[block].Group = SlotGroup;
        }
        return hasChild;
    }

    // The loop of a depth around (or equal to) a loop; 0 if it is not that deep.
    private int LoopAt(int loop, int depth)
    {
        if (_function.Loops[loop].Depth < depth)
            return 0;
        while (_function.Loops[loop].Depth > depth)
            loop = _function.Loops[loop].Parent;
        return loop;
    }

    private bool GroupByTrees()
    {
        int root = _treeRoot[_partBlocks[0]];
        bool isOneTree = true;
        foreach (int block in _partBlocks.Span)
        {
            isOneTree &= _treeRoot[block] == root;
            if (!_parts[block].HasUse)
                continue;
            for (int b = block; b >= 0 && _parts[b].Mark == _markNow && !_parts[b].HasUseBelow; b = _treeParent[b])
                _parts[b].HasUseBelow = true;
        }
        if (isOneTree)
            return false;
        foreach (int block in _partBlocks.Span)
            Include(block);
        foreach (int block in _partBlocks.Span)
        {
            if (_parts[block].IsIncluded)
                SetIsland(block, _treeRoot[block]);
        }
        return true;
    }

    // A block is in if it has a use, or lies between one with a use and another below. Goes up to what is decided, then down again.
    private void Include(int block)
    {
        _work.Clear();
        int top = block;
        while (!_parts[top].IsDecided)
        {
            _work.Add(top);
            int parent = _treeParent[top];
            if (parent < 0 || _parts[parent].Mark != _markNow)
                break;
            top = parent;
        }
        while (_work.Count > 0)
        {
            int b = _work.Pop();
            ref BlockPart part = ref _parts[b];
            int parent = _treeParent[b];
            bool isBehind = parent >= 0 && _parts[parent].Mark == _markNow && _parts[parent].IsIncluded;
            part.IsDecided = true;
            part.IsIncluded = part.HasUse || isBehind && part.HasUseBelow;
            if (part.IsIncluded && isBehind)
                _parts[parent].HasIncludedChild = true;
        }
    }

    private void SetIsland(int block, int group)
    {
        ref BlockPart part = ref _parts[block];
        int parent = _treeParent[block];
        bool isBehind = parent >= 0 && _parts[parent].Mark == _markNow && _parts[parent].IsIncluded;
        part.Group = group;
        if (!isBehind)
            part.From = part.FirstBefore;
        if (!part.HasIncludedChild)
            part.To = part.LastAfter;
    }

    private void GroupByBlocks()
    {
        foreach (int block in _partBlocks.Span)
        {
            ref BlockPart part = ref _parts[block];
            if (!part.HasUse)
                continue;
            part.Group = block;
            part.From = part.FirstBefore;
            part.To = part.LastAfter;
        }
    }

    // Cuts the ranges as the blocks' parts say, and makes a bundle of each group and one of what goes to the slot.
    private void PartitionByBlocks(int index, int number)
    {
        Bundle bundle = _bundles[index];
        _bundles[index].IsGone = true;
        _fragments.Clear();
        int end = bundle.FirstRange + bundle.RangeCount;
        for (int i = bundle.FirstRange; i < end; i++)
        {
            LiveRange rest = _ranges[i];
            bool isFresh = true;
            while (rest.From < rest.To)
            {
                int block = BlockAt(rest.From);
                ref BlockPart part = ref _parts[block];
                int blockEnd = Math.Min(rest.To, _function.Blocks[block].End * 4);
                int from = Math.Max(rest.From, part.From), to = Math.Min(blockEnd, part.To);
                if (part.Group == SlotGroup || from >= to)
                {
                    Fragment(ref rest, blockEnd, SlotGroup, ref isFresh);
                    continue;
                }
                Fragment(ref rest, from, SlotGroup, ref isFresh);
                Fragment(ref rest, to, part.Group, ref isFresh);
                Fragment(ref rest, blockEnd, SlotGroup, ref isFresh);
            }
        }
        MakeGroups(in bundle, number);
    }

    private void Fragment(ref LiveRange rest, int to, int group, ref bool isFresh)
    {
        if (to <= rest.From)
            return;
        int use = rest.FirstUse;
        while (use < rest.EndUse && (to == rest.To || PointOf(in _uses[use]) < to))
            use++;
        if (!isFresh && _fragments.Last.Group == group)
        {
            _fragments.Last.Range.To = to;
            _fragments.Last.Range.EndUse = use;
        }
        else
        {
            LiveRange cut = rest;
            cut.To = to;
            cut.EndUse = use;
            _fragments.Add((group, cut));
            isFresh = false;
        }
        rest.From = to;
        rest.FirstUse = use;
    }

    private void MakeGroups(in Bundle parent, int number)
    {
        _fragmentOrder.Clear();
        for (int i = 0; i < _fragments.Count; i++)
            _fragmentOrder.Add((long)(_fragments[i].Group + 1) << 32 | (uint)i);
        _fragmentOrder.Span.Sort();
        int at = 0;
        while (at < _fragmentOrder.Count)
        {
            long group = _fragmentOrder[at] >> 32;
            int first = _ranges.Count;
            for (; at < _fragmentOrder.Count && _fragmentOrder[at] >> 32 == group; at++)
                _ranges.Add(_fragments[(int)_fragmentOrder[at]].Range);
            if (group == AroundGroup + 1)
                AddAround(in parent, first, number);
            else
                AddPiece(in parent, first, group == 0);
        }
    }
}
