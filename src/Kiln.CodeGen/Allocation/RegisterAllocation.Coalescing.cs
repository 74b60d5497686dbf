using Kiln.Base;
using Kiln.CodeGen.Machine;

namespace Kiln.CodeGen.Allocation;

// Coalescing: a bundle for each value, then those of phis and arguments, tied pairs and copies joined, the most frequent first, where
// no ranges overlap. The smaller goes into the larger: short lists are merged, long ones live in interval sets meanwhile, so
// that a phi of thousands of arguments costs no square.
public sealed partial class RegisterAllocation
{
    private const int ShortList = 48;
    private const float MinimalWeight = 1e30f, TinyWeight = 1e20f;

    private readonly GrowBuffer<LiveRange> _originals = new(1024);
    private readonly GrowBuffer<(float Weight, int A, int B)> _candidates = new(256);
    private readonly List<IntervalSet> _setPool = [];
    private int _setsUsed;
    private int[] _bundleOf = [];
    private int[] _setOf = [];
    private int[] _nextInSet = [];
    private int[] _lastInSet = [];
    private readonly Comparison<(float Weight, int A, int B)> _heaviestFirst = static (x, y) => y.Weight.CompareTo(x.Weight);

    private void Coalesce()
    {
        _originals.Clear();
        _originals.AddRange(_ranges.Span);
        int values = _function.Registers.Count;
        Grow(ref _bundleOf, values);
        Grow(ref _nextInSet, values);
        MakeBundles(values);
        int bundles = _bundles.Count;
        Grow(ref _setOf, bundles);
        Grow(ref _lastInSet, bundles);
        Array.Clear(_setOf, 0, bundles);
        _setsUsed = 0;
        CollectCandidates();
        _candidates.Span.Sort(_heaviestFirst);
        foreach ((_, int a, int b) in _candidates.Span)
            TryJoin(Root(a), Root(b));
        for (int i = 1; i < bundles; i++)
        {
            if (_bundles[i].IsGone)
                continue;
            Flatten(i);
            Describe(i);
            Enqueue(i);
        }
    }

    private void MakeBundles(int values)
    {
        for (int value = 0; value < values; value++)
        {
            int count = _firstRange[value + 1] - _firstRange[value];
            _bundleOf[value] = 0;
            _nextInSet[value] = -1;
            if (count == 0)
                continue;
            ref VirtualRegister data = ref _function.Registers[value];
            int set = _spillSets.Add(new SpillSet { Class = data.Class, Size = data.SpillSize, Hint = -1, FirstRegister = value });
            _bundleOf[value] = _bundles.Add(new Bundle
            {
                FirstRange = _firstRange[value],
                RangeCount = count,
                SpillSet = set,
                Assigned = Unassigned,
                Class = data.Class,
                Allowed = data.Class == RegisterClass.Vector ? _vector : _general,
                Hint = -1,
            });
        }
        if (_stamps.Length < _bundles.Count)
            _stamps = new int[_bundles.Count * 2];
    }

    private void CollectCandidates()
    {
        _candidates.Clear();
        for (int block = 0; block < _function.Blocks.Count; block++)
        {
            ref MachineBlock data = ref _function.Blocks[block];
            for (int i = data.Start; i < data.End; i++)
                CollectTied(in _function.Code[i], data.Frequency);
            if (data.PhiCount == 0)
                continue;
            for (int p = 0; p < data.PredecessorCount; p++)
            {
                float frequency = _function.Blocks[_function.Predecessors(block)[p]].Frequency;
                for (int k = 0; k < data.PhiCount; k++)
                    AddCandidate(frequency, _function.PhiDefs(block)[k], _function.PhiArguments(block, p)[k]);
            }
        }
    }

    private void CollectTied(in MachineInstruction instruction, float frequency)
    {
        Span<MachineOperand> operands = _function.OperandsOf(in instruction);
        if (instruction.Opcode == GenericOp.Copy)
        {
            AddCandidate(frequency, operands[0].Register, operands[1].Register);
            return;
        }
        foreach (ref MachineOperand operand in operands)
        {
            if (operand.Kind == OperandKind.Register && operand.Constraint == Constraint.Tied)
                AddCandidate(frequency, operand.Register, operands[operand.Extra].Register);
        }
    }

    private void AddCandidate(float weight, int a, int b)
    {
        if (a < Reg.FirstVirtual || b < Reg.FirstVirtual)
            return;
        int first = _bundleOf[a - Reg.FirstVirtual], second = _bundleOf[b - Reg.FirstVirtual];
        if (first != 0 && second != 0 && first != second && _bundles[first].Class == _bundles[second].Class)
            _candidates.Add((weight, first, second));
    }

    // A bundle that is gone names its heir in FirstRange.
    private int Root(int bundle)
    {
        int root = bundle;
        while (_bundles[root].IsGone)
            root = _bundles[root].FirstRange;
        while (_bundles[bundle].IsGone)
        {
            int next = _bundles[bundle].FirstRange;
            _bundles[bundle].FirstRange = root;
            bundle = next;
        }
        return root;
    }

    private void TryJoin(int a, int b)
    {
        if (a == b)
            return;
        if (_bundles[a].RangeCount < _bundles[b].RangeCount)
            (a, b) = (b, a);
        bool isJoined = _setOf[a] == 0 && _setOf[b] == 0 && _bundles[a].RangeCount + _bundles[b].RangeCount <= ShortList
            ? JoinLists(a, b)
            : JoinSets(a, b);
        if (!isJoined)
            return;
        ref Bundle heir = ref _bundles[a];
        ref Bundle gone = ref _bundles[b];
        JoinSpillSets(heir.SpillSet, gone.SpillSet);
        gone.IsGone = true;
        gone.FirstRange = a;
    }

    private void JoinSpillSets(int a, int b)
    {
        ref SpillSet heir = ref _spillSets[a];
        ref SpillSet gone = ref _spillSets[b];
        heir.Size = Math.Max(heir.Size, gone.Size);
        int last = gone.FirstRegister;
        while (_nextInSet[last] >= 0)
            last = _nextInSet[last];
        _nextInSet[last] = heir.FirstRegister;
        heir.FirstRegister = gone.FirstRegister;
        gone.FirstRegister = -1;
    }

    private bool JoinLists(int a, int b)
    {
        ref Bundle x = ref _bundles[a];
        ref Bundle y = ref _bundles[b];
        int i = x.FirstRange, j = y.FirstRange;
        int endX = i + x.RangeCount, endY = j + y.RangeCount;
        while (i < endX && j < endY)
        {
            if (_ranges[i].To <= _ranges[j].From)
                i++;
            else if (_ranges[j].To <= _ranges[i].From)
                j++;
            else
                return false;
        }
        int count = x.RangeCount + y.RangeCount;
        int at = _ranges.AddDefault(count);
        (i, j) = (x.FirstRange, y.FirstRange);
        x.FirstRange = at;
        x.RangeCount = count;
        while (i < endX || j < endY)
        {
            bool takesX = j == endY || i < endX && _ranges[i].From < _ranges[j].From;
            _ranges[at++] = takesX ? _ranges[i++] : _ranges[j++];
        }
        return true;
    }

    private bool JoinSets(int a, int b)
    {
        IntervalSet set = SetOf(a);
        if (_setOf[b] != 0)
        {
            IntervalSet other = SetOf(b);
            for (IntervalSet.Cursor c = other.Find(0); other.IsAt(in c); other.Next(ref c))
            {
                if (set.Overlaps(other[in c].From, other[in c].To))
                    return false;
            }
            for (IntervalSet.Cursor c = other.Find(0); other.IsAt(in c); other.Next(ref c))
                set.Add(other[in c].From, other[in c].To, other[in c].Owner);
        }
        else
        {
            int first = _bundles[b].FirstRange, end = first + _bundles[b].RangeCount;
            for (int i = first; i < end; i++)
            {
                if (set.Overlaps(_ranges[i].From, _ranges[i].To))
                    return false;
            }
            for (int i = first; i < end; i++)
                set.Add(_ranges[i].From, _ranges[i].To, i);
        }
        _bundles[a].RangeCount += _bundles[b].RangeCount;
        return true;
    }

    private IntervalSet SetOf(int bundle)
    {
        if (_setOf[bundle] != 0)
            return _setPool[_setOf[bundle] - 1];
        if (_setsUsed == _setPool.Count)
            _setPool.Add(new IntervalSet());
        IntervalSet set = _setPool[_setsUsed++];
        set.Clear();
        _setOf[bundle] = _setsUsed;
        int first = _bundles[bundle].FirstRange;
        for (int i = first; i < first + _bundles[bundle].RangeCount; i++)
            set.Add(_ranges[i].From, _ranges[i].To, i);
        return set;
    }

    private void Flatten(int bundle)
    {
        if (_setOf[bundle] == 0)
            return;
        IntervalSet set = SetOf(bundle);
        int at = _ranges.AddDefault(set.Count);
        _bundles[bundle].FirstRange = at;
        for (IntervalSet.Cursor c = set.Find(0); set.IsAt(in c); set.Next(ref c))
            _ranges[at++] = _ranges[set[in c].Owner];
    }

    /// <summary>Finds a bundle's weight, length, needs and hint.</summary>
    private void Describe(int index)
    {
        ref Bundle bundle = ref _bundles[index];
        float total = 0, hintWeight = 0;
        int length = 0;
        bundle.NeedsRegister = false;
        bundle.Hint = -1;
        Span<LiveRange> ranges = _ranges.Span.Slice(bundle.FirstRange, bundle.RangeCount);
        foreach (ref LiveRange range in ranges)
        {
            length += range.To - range.From;
            foreach (ref Use use in _uses.Span[range.FirstUse..range.EndUse])
            {
                total += use.Weight;
                bundle.NeedsRegister |= (use.Flags & UseFlags.NeedsRegister) != 0;
                if ((use.Flags & (UseFlags.Fixed | UseFlags.Set)) == 0)
                    continue;
                ref MachineOperand operand = ref _function.Operands[use.Operand];
                if ((use.Flags & UseFlags.Set) != 0)
                {
                    bundle.Allowed &= new RegisterSet((ulong)operand.Value);
                }
                else if (use.Weight > hintWeight && bundle.Allowed.Contains(operand.Extra))
                {
                    hintWeight = use.Weight;
                    bundle.Hint = operand.Extra;
                }
            }
        }
        bundle.Length = length;
        bundle.Weight = total / (length / 4 + 6);
        int first = ranges[0].From, last = ranges[^1].To - 1;
        bundle.IsMinimal = Unit(first) == Unit(last) && BlockAt(first) == BlockAt(last);
        if (bundle.IsMinimal && bundle.NeedsRegister)
            bundle.Weight = MinimalWeight;
        else if (bundle.NeedsRegister && last - first < 6)
            bundle.Weight = TinyWeight;
    }
}
