using Kiln.Base;
using Kiln.CodeGen.Machine;

namespace Kiln.CodeGen.Allocation;

// Splitting a bundle within a block that got no register. See the header of RegisterAllocation for where cuts may lie.
public sealed partial class RegisterAllocation
{
    // Pieces in order: a piece ends at To and goes to the queue or to the slot.
    private readonly GrowBuffer<(int To, bool IsSlot)> _pieces = new(16);

    private int Before(in Use use) => (use.Flags & UseFlags.Def) != 0 ? StartOf(in use) : Unit(use.Position) * 4 + 1;

    // Behind a use: p + 3; the slot may take over at p + 2 already. Behind a phi, before the first instruction. Behind a terminator,
    // the next block.
    private int After(in Use use) => (use.Flags & UseFlags.Phi) != 0 ? use.Position + 1 : AfterUnit(use.Position >> 2, 3);

    // The terminators of a block are cut by nothing: together they are one unit, named by the first.
    private int Unit(int position) => Math.Min(position >> 2, _terminator[BlockAt(position)]);

    private int AfterUnit(int instruction, int point)
    {
        int block = _blockOfInstruction[instruction];
        return instruction >= _terminator[block] ? _function.Blocks[block].End * 4 : instruction * 4 + point;
    }

    private void Split(int index, int conflict)
    {
        Bundle bundle = _bundles[index];
        ref SpillSet set = ref _spillSets[bundle.SpillSet];
        int start = _ranges[bundle.FirstRange].From;
        int end = _ranges[bundle.FirstRange + bundle.RangeCount - 1].To;
        _pieces.Clear();
        if (BlockAt(start) != BlockAt(end - 1))
        {
            SplitByRegions(index);
            return;
        }
        if (++set.Splits > FreeSplits)
        {
            CutApart(in bundle);
            Partition(index);
            return;
        }
        if (!FindAround(in bundle, conflict, out Use last, out Use next, out bool hasLast, out bool hasNext))
        {
            throw new InvalidOperationException("a bundle without uses is split");
        }
        if (!hasLast)
            CutFirst(in bundle, start, in next);
        else
            CutBehind(in last, in next, hasNext, conflict, end);
        Partition(index);
    }

    // The last use that is over at the conflict, and the one behind it.
    private bool FindAround(in Bundle bundle, int conflict, out Use last, out Use next, out bool hasLast, out bool hasNext)
    {
        last = next = default;
        hasLast = hasNext = false;
        foreach (ref LiveRange range in _ranges.Span.Slice(bundle.FirstRange, bundle.RangeCount))
        {
            foreach (ref Use use in _uses.Span[range.FirstUse..range.EndUse])
            {
                int over = (use.Flags & UseFlags.Def) != 0 ? StartOf(in use) + 1 : EndOf(in use);
                if (over <= conflict)
                {
                    last = use;
                    hasLast = true;
                    continue;
                }
                next = use;
                hasNext = true;
                return true;
            }
        }
        return hasLast;
    }

    // Nothing fits up to the first use: what is before it goes to the slot, or the use itself is cut off.
    private void CutFirst(in Bundle bundle, int start, in Use first)
    {
        int before = Before(in first);
        if (before > start)
        {
            _pieces.Add((BestCut(start, before), true));
            return;
        }
        IsolateUses(in bundle, Unit(first.Position));
    }

    // Cuts behind all uses of one instruction, at the bundle's start.
    private void IsolateUses(in Bundle bundle, int instruction)
    {
        bool hasDef = false;
        int nextBefore = int.MaxValue;
        foreach (ref LiveRange range in _ranges.Span.Slice(bundle.FirstRange, bundle.RangeCount))
        {
            foreach (ref Use use in _uses.Span[range.FirstUse..range.EndUse])
            {
                if (Unit(use.Position) == instruction && (use.Flags & UseFlags.Phi) == 0)
                {
                    hasDef |= (use.Flags & UseFlags.Def) != 0;
                }
                else if (Unit(use.Position) > instruction || (use.Flags & (UseFlags.Phi | UseFlags.Def)) == UseFlags.Phi)
                {
                    nextBefore = Before(in use);
                    break;
                }
            }
            if (nextBefore != int.MaxValue)
                break;
        }
        int cut = AfterUnit(instruction, hasDef ? 3 : 2);
        _pieces.Add((cut, false));
        if (nextBefore == int.MaxValue)
            _pieces.Add((int.MaxValue, true));
        else if (nextBefore > cut)
            _pieces.Add((BestCut(Math.Max(cut, instruction * 4 + 3), nextBefore), true));
    }

    private void CutBehind(in Use last, in Use next, bool hasNext, int conflict, int end)
    {
        int low = After(in last);
        if (low > conflict)
            low = conflict;
        int high = Math.Min(conflict, hasNext ? Math.Max(low, Before(in next)) : end);
        int cut = low >= high || (low & 3) == 2 ? low : BestCut(low, GapAt(high, low));
        _pieces.Add((cut, false));
        if (!hasNext)
        {
            _pieces.Add((int.MaxValue, true));
            return;
        }
        int before = Before(in next);
        if (before <= cut)
            return;
        int back = BestCut(Math.Max(cut, (cut & 3) == 2 ? cut + 1 : cut), before);
        if (back > cut)
            _pieces.Add((back, true));
    }

    // The last gap at or before a position.
    private int GapAt(int position, int low)
    {
        int unit = Unit(position);
        if (position > unit * 4 + 1 && position >> 2 >= unit && IsInTerminators(position))
            return Math.Max(low, unit * 4 + 1);
        bool isGap = (position & 1) != 0 || (position & 3) == 0 && _function.Blocks[BlockAt(position)].Start * 4 == position;
        return isGap ? position : Math.Max(low, position - 1);
    }

    private bool IsInTerminators(int position) =>
        position >> 2 < _function.Code.Count && position >> 2 >= _terminator[BlockAt(position)];

    /// <summary>
    /// The cheapest place for a cut in [low, high]: high itself, or the head of a block between them that moves run less often at. High is
    /// a gap or a block's head.
    /// </summary>
    private int BestCut(int low, int high)
    {
        int block = BlockAt(high);
        int best = high;
        float bestFrequency = _function.Blocks[block].Frequency;
        for (int steps = 0; steps < 64 && block > 0; steps++, block--)
        {
            int head = _function.Blocks[block].Start * 4;
            if (head <= low)
                break;
            float frequency = Math.Min(_function.Blocks[block].Frequency, _function.Blocks[block - 1].Frequency);
            if (head <= high && frequency < bestFrequency * 0.99f)
            {
                best = head;
                bestFrequency = frequency;
            }
        }
        return best;
    }

    private int BlockAt(int position) =>
        position >> 2 >= _function.Code.Count ? _function.Blocks.Count - 1 : _blockOfInstruction[position >> 2];

    // Cuts around the uses of each instruction; everything between goes to the slot.
    private void CutApart(in Bundle bundle)
    {
        int at = _ranges[bundle.FirstRange].From;
        int open = -1, openEnd = 0;
        bool openHasDef = false;
        foreach (ref LiveRange range in _ranges.Span.Slice(bundle.FirstRange, bundle.RangeCount))
        {
            foreach (ref Use use in _uses.Span[range.FirstUse..range.EndUse])
            {
                if ((use.Flags & UseFlags.NeedsRegister) == 0)
                    continue;
                int key = Unit(use.Position);
                if (key != open)
                {
                    CloseIsland(openEnd, openHasDef, ref at);
                    int before = Before(in use);
                    if (before > at)
                    {
                        _pieces.Add((before, true));
                        at = before;
                    }
                    open = key;
                    openHasDef = false;
                }
                openHasDef |= (use.Flags & UseFlags.Def) != 0;
                openEnd = After(in use);
            }
        }
        CloseIsland(openEnd, openHasDef, ref at);
        _pieces.Add((int.MaxValue, true));
    }

    private void CloseIsland(int end, bool hasDef, ref int at)
    {
        if (end == 0)
            return;
        if (!hasDef && (end & 3) == 3)
            end--;
        if (end <= at)
            return;
        _pieces.Add((end, false));
        at = end;
    }

    // Makes new bundles of a bundle's pieces; what is behind the last piece goes to the queue.
    private void Partition(int index)
    {
        Bundle bundle = _bundles[index];
        _bundles[index].IsGone = true;
        int first = bundle.FirstRange, end = first + bundle.RangeCount;
        LiveRange rest = _ranges[first];
        int i = first;
        int piece = 0;
        int made = 0;
        while (i < end)
        {
            int to = piece < _pieces.Count ? _pieces[piece].To : int.MaxValue;
            bool isSlot = piece < _pieces.Count && _pieces[piece].IsSlot;
            piece++;
            int newFirst = _ranges.Count;
            while (i < end && rest.From < to)
            {
                if (rest.To <= to)
                {
                    _ranges.Add(rest);
                    if (++i < end)
                        rest = _ranges[i];
                    continue;
                }
                LiveRange left = rest;
                left.To = to;
                int use = left.FirstUse;
                while (use < rest.EndUse && PointOf(in _uses[use]) < to)
                    use++;
                left.EndUse = use;
                rest.From = to;
                rest.FirstUse = use;
                _ranges.Add(left);
            }
            if (_ranges.Count == newFirst)
                continue;
            made++;
            AddPiece(in bundle, newFirst, isSlot);
        }
        if (made < 2 && _bundles.Last.Length >= bundle.Length && !_bundles.Last.IsMinimal && _spillSets[bundle.SpillSet].Splits > FreeSplits + 4)
            throw new InvalidOperationException($"a bundle at {_ranges[_bundles.Last.FirstRange].From} cannot be split");
    }

    // The piece around the obstacles of a register gets it at once.
    private void AddAround(in Bundle parent, int firstRange, int number)
    {
        int index = NewPiece(in parent, firstRange);
        if (TryRegister(index, number, 0) && !Crossed(in _bundles[index]).Contains(number))
            Assign(index, number);
        else
            Enqueue(index);
    }

    private void AddPiece(in Bundle parent, int firstRange, bool isSlot)
    {
        int index = NewPiece(in parent, firstRange);
        if (isSlot)
            _leftOver.Add(index);
        else
            Enqueue(index);
    }

    private int NewPiece(in Bundle parent, int firstRange)
    {
        int index = _bundles.Add(new Bundle
        {
            FirstRange = firstRange,
            RangeCount = _ranges.Count - firstRange,
            SpillSet = parent.SpillSet,
            Assigned = Unassigned,
            Class = parent.Class,
            Allowed = parent.Class == RegisterClass.Vector ? _vector : _general,
        });
        if (_stamps.Length <= index)
            Array.Resize(ref _stamps, index * 2);
        Describe(index);
        return index;
    }
}
