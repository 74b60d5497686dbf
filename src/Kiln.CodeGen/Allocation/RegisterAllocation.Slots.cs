using System.Numerics;
using Kiln.Base;
using Kiln.CodeGen.Machine;

namespace Kiln.CodeGen.Allocation;

// Where every value is in the end, and the slots: a spill set gets one of its own size, shared with sets whose values live at
// other times.
public sealed partial class RegisterAllocation
{
    private const int SlotTries = 10;

    // A stretch of a value's life in one place.
    private struct Stretch
    {
        public int From;
        public int To;

        /// <summary>A register's number, or OnStack.</summary>
        public int Place;
        public int Register;
    }

    private readonly GrowBuffer<Stretch> _stretches = new(1024);
    private readonly GrowBuffer<Stretch> _unsorted = new(1024);
    private readonly GrowBuffer<(int Slot, int Size, int Set)> _slots = new(16);
    private readonly List<IntervalSet> _slotSets = [];
    private int[] _firstStretch = [];
    private bool[] _isStacked = [];
    private bool[] _isAgain = [];
    private int[] _setOfValue = [];

    private void FindSlots()
    {
        CollectStretches();
        _slots.Clear();
        bool isSharing = (_function.Source.Flags & IR.FunctionFlags.CallsReturnsTwice) == 0;
        for (int set = 1; set < _spillSets.Count; set++)
        {
            bool needsSlot = false;
            for (int value = _spillSets[set].FirstRegister; value >= 0; value = _nextInSet[value])
            {
                _setOfValue[value] = set;
                needsSlot |= _isStacked[value] && !_isAgain[value];
            }
            if (needsSlot)
                PlaceSet(set, isSharing);
        }
    }

    private void CollectStretches()
    {
        int values = _function.Registers.Count;
        Grow(ref _firstStretch, values + 2);
        Grow(ref _setOfValue, values);
        if (_isStacked.Length < values)
        {
            _isStacked = new bool[values * 2];
            _isAgain = new bool[values * 2];
        }
        Array.Clear(_isStacked, 0, values);
        Array.Clear(_firstStretch, 0, values + 2);
        for (int value = 0; value < values; value++)
            _isAgain[value] = _firstUse[value] < _firstUse[value + 1] && IsRematerializable(value);
        _unsorted.Clear();
        for (int i = 1; i < _bundles.Count; i++)
        {
            ref Bundle bundle = ref _bundles[i];
            if (bundle.IsGone)
                continue;
            foreach (ref LiveRange range in _ranges.Span.Slice(bundle.FirstRange, bundle.RangeCount))
            {
                _unsorted.Add(new Stretch { From = range.From, To = range.To, Place = bundle.Assigned, Register = range.Register });
                _firstStretch[range.Register + 2]++;
                _isStacked[range.Register] |= bundle.Assigned == OnStack;
            }
        }
        for (int i = 2; i < values + 2; i++)
            _firstStretch[i] += _firstStretch[i - 1];
        _stretches.Clear();
        _stretches.AddDefault(_unsorted.Count);
        foreach (ref Stretch stretch in _unsorted.Span)
            _stretches[_firstStretch[stretch.Register + 1]++] = stretch;
        for (int value = 0; value < values; value++)
            SortStretches(_stretches.Span[_firstStretch[value].._firstStretch[value + 1]]);
    }

    private static void SortStretches(Span<Stretch> stretches)
    {
        if (stretches.Length > 24)
        {
            stretches.Sort(static (a, b) => a.From.CompareTo(b.From));
            return;
        }
        for (int i = 1; i < stretches.Length; i++)
        {
            Stretch stretch = stretches[i];
            int at = i;
            while (at > 0 && stretches[at - 1].From > stretch.From)
            {
                stretches[at] = stretches[at - 1];
                at--;
            }
            stretches[at] = stretch;
        }
    }

    // Puts places into operands. Fixed operands and tied uses got theirs with their moves.
    private void RewriteOperands()
    {
        for (int i = 1; i < _bundles.Count; i++)
        {
            ref Bundle bundle = ref _bundles[i];
            if (bundle.IsGone)
                continue;
            foreach (ref LiveRange range in _ranges.Span.Slice(bundle.FirstRange, bundle.RangeCount))
                Rewrite(in range, bundle.Assigned);
        }
    }

    private void Rewrite(in LiveRange range, int place)
    {
        foreach (ref Use use in _uses.Span[range.FirstUse..range.EndUse])
        {
            if (use.Operand < 0 || (use.Flags & (UseFlags.NeedsRegister | UseFlags.Any)) == 0)
                continue;
            ref MachineOperand operand = ref _function.Operands[use.Operand];
            if (place >= 0)
            {
                operand.Register = place + 1;
                continue;
            }
            if ((use.Flags & UseFlags.Any) == 0)
                throw new InvalidOperationException($"v{range.Register} is in no register at instruction {use.Position >> 2}");
            operand.Kind = OperandKind.Frame;
            operand.Register = _spillSets[_setOfValue[range.Register]].Slot;
        }
    }

    private void PlaceSet(int set, bool isSharing)
    {
        ref SpillSet data = ref _spillSets[set];
        if (isSharing)
        {
            int tries = 0;
            for (int i = _slots.Count - 1; i >= 0 && tries < SlotTries; i--)
            {
                if (_slots[i].Size != data.Size)
                    continue;
                tries++;
                if (!IsFree(set, _slotSets[_slots[i].Set]))
                    continue;
                Occupy(set, _slotSets[_slots[i].Set]);
                data.Slot = _slots[i].Slot;
                return;
            }
        }
        data.Slot = _function.NewFrameObject(data.Size, Math.Min(4, BitOperations.Log2((uint)data.Size)));
        if (_slots.Count == _slotSets.Count)
            _slotSets.Add(new IntervalSet());
        IntervalSet fresh = _slotSets[_slots.Count];
        fresh.Clear();
        Occupy(set, fresh);
        _slots.Add((data.Slot, data.Size, _slots.Count));
    }

    private bool IsFree(int set, IntervalSet slot)
    {
        for (int value = _spillSets[set].FirstRegister; value >= 0; value = _nextInSet[value])
        {
            if (!_isStacked[value] || _isAgain[value])
                continue;
            for (int i = _firstRange[value]; i < _firstRange[value + 1]; i++)
            {
                if (slot.Overlaps(_originals[i].From, _originals[i].To))
                    return false;
            }
        }
        return true;
    }

    private void Occupy(int set, IntervalSet slot)
    {
        for (int value = _spillSets[set].FirstRegister; value >= 0; value = _nextInSet[value])
        {
            if (!_isStacked[value] || _isAgain[value])
                continue;
            for (int i = _firstRange[value]; i < _firstRange[value + 1]; i++)
                slot.Add(_originals[i].From, _originals[i].To, set);
        }
    }

    /// <summary>The stretch of a value that covers a position; -1 if none does.</summary>
    private int StretchAt(int value, int position)
    {
        int low = _firstStretch[value], high = _firstStretch[value + 1] - 1;
        while (low < high)
        {
            int middle = low + high + 1 >>> 1;
            if (_stretches[middle].From <= position)
                low = middle;
            else
                high = middle - 1;
        }
        return low <= high && _stretches[low].From <= position && position < _stretches[low].To ? low : -1;
    }
}
