using Kiln.Base;
using Kiln.CodeGen.Machine;

namespace Kiln.CodeGen.Allocation;

// Register allocation from -O1 on: live ranges with holes, coalesced into bundles that are given registers by priority, with eviction and
// splitting; then one list of edits, applied once. After Fallin's regalloc2 and Olesen's greedy allocator in LLVM, on SSA.
//
// Positions. Instruction i has four: p = 4i. A range covers the states between them, half-open:
//     p + 0   before its gap: what was live into the instruction (a block's head is p + 0 of its first instruction)
//     p + 1   behind the gap before it, where moves for it stand: plain uses are read, early definitions written
//     p + 2   plain definitions are written, clobbered registers are lost
//     p + 3   behind the gap after it, where moves of its fixed definitions and stores stand
//   A plain use needs [p+1, p+2) in a register, a definition [p+2, p+3). Splits lie at p + 1, p + 3, block heads, and at p + 2 from a
//   register to the slot alone.
//
// Operands. Register and Set need a register. All others take any place and are served by moves: a Fixed use is a move into its register in
//   the gap before, and the register is reserved there for this value (the value itself may be in it); a Fixed definition is reserved
//   likewise and moved on in the gap after; a Tied definition starts at p + 1 with a move from its use, whose range ends there if
//   it dies; a Copy is a move; phis are moves of edges. Moves between equal places are no moves: hints and coalescing make them equal.
//
// Bundles. Ranges that share a place. Coalescing joins the ranges of phis and their arguments, of copies and of tied pairs where
//   they do not overlap: no copy is ever made to be removed. A bundle belongs to a spill set: all that was split from one
//   coalesced bundle has one slot. In SSA a slot's content never changes while a value lives: a value is stored at most once on each path,
//   at its definition or where it leaves its register, whichever is the rarer.
//
// The queue holds bundles, longest first. For each: a free register, else one whose holders weigh less (they go back to the
//   queue), else it is split, once all others have their places: into the loops with uses in it and the rest; what has no more loops in
//   it, around the obstacles of the register where they cost least, or into the trees of blocks that are entered at their roots alone (so
//   that no join asks for moves); what is in one tree, into blocks; what is in one block, at the first obstacle in the register that is free for longest, at last around each instruction. Stretches without uses go to
//   the slot. Weights are frequencies of uses by length; a bundle around one instruction cannot be split and weighs infinitely. Every
//   split goes a level down: the work stays near linear. What is left over for slots tries registers that are still free.
//
// Rematerialization: a value made by an instruction without inputs is made again in place of a reload, and never stored.
//
// Calls. Clobbers are one sorted list of positions with masks, not ranges in each register; a bundle asks once what it crosses.
//
// In:  MachineFunction before allocation, without critical edges. Out: after allocation. The checker (AllocationChecker) proves that
// each use reads the value that the SSA form says.
//
// Files: LiveRanges (uses and ranges), Coalescing (bundles), this file (the queue), Regions and Splitting, Slots, Edits.

/// <summary>The allocator. See the file's header.</summary>
public sealed partial class RegisterAllocation
{
    private const int OnStack = -2, Unassigned = -1;

    // How often pieces of a spill set may be split within blocks; then they are cut by instructions.
    private const int FreeSplits = 24;

    private struct Use
    {
        public int Position;

        /// <summary>Index of the operand, or -1 for a phi's definition or argument.</summary>
        public int Operand;
        public float Weight;
        public UseFlags Flags;
    }

    [Flags]
    private enum UseFlags : byte
    {
        None = 0,
        Def = 1,

        /// <summary>Must be in a register there.</summary>
        NeedsRegister = 2,

        /// <summary>Takes a frame operand in place of a register.</summary>
        Any = 4,
        Early = 8,
        Tied = 16,
        Fixed = 32,
        Phi = 64,
        Set = 128,
    }

    private struct LiveRange
    {
        public int From;
        public int To;

        /// <summary>The virtual register's index.</summary>
        public int Register;
        public int FirstUse;
        public int EndUse;
    }

    private struct Bundle
    {
        public int FirstRange;
        public int RangeCount;
        public int SpillSet;

        /// <summary>The register's number, Unassigned, OnStack.</summary>
        public int Assigned;
        public float Weight;
        public int Length;
        public RegisterSet Allowed;
        public RegisterClass Class;
        public bool IsMinimal;
        public bool NeedsRegister;
        public bool IsGone;

        /// <summary>Whether it failed once and waits until what is left is placed.</summary>
        public bool IsToSplit;

        /// <summary>A register that saves a move, or -1.</summary>
        public int Hint;
    }

    private struct SpillSet
    {
        public RegisterClass Class;
        public byte Size;
        public int Splits;

        /// <summary>The frame object, or 0.</summary>
        public int Slot;

        /// <summary>The register that a piece of it got last, or -1.</summary>
        public int Hint;

        /// <summary>The first of its values; the others by _nextInSet.</summary>
        public int FirstRegister;
    }

    private readonly GrowBuffer<LiveRange> _ranges = new(1024);
    private readonly GrowBuffer<Bundle> _bundles = new(256);
    private readonly GrowBuffer<SpillSet> _spillSets = new(256);
    private readonly GrowBuffer<(long Key, int Bundle)> _queue = new(256);
    private readonly GrowBuffer<int> _leftOver = new(64);
    private readonly GrowBuffer<int> _conflicts = new(16);
    private readonly GrowBuffer<int> _bestConflicts = new(16);
    private readonly IntervalSet[] _assigned = new IntervalSet[64];
    private MachineFunction _function = null!;
    private RegisterFile _file = null!;
    private RegisterSet _general, _vector;
    private float _conflictWeight;
    private int _conflictPosition;
    private int[] _stamps = [];
    private int _stamp;
    private RegisterSet _taken;

    /// <summary>Makes an allocator.</summary>
    public RegisterAllocation()
    {
        for (int i = 0; i < 64; i++)
        {
            _assigned[i] = new IntervalSet();
            _reserved[i] = new GrowBuffer<Interval>(4);
        }
    }

    /// <summary>Allocates a function's registers.</summary>
    public void Run(MachineFunction function, RegisterFile file, bool verify)
    {
        _function = function;
        _file = file;
        _general = file.Allocatable(RegisterClass.General);
        _vector = file.Allocatable(RegisterClass.Vector);
        _ranges.Clear();
        _bundles.Clear();
        _bundles.AddDefault(1);
        _spillSets.Clear();
        _spillSets.AddDefault(1);
        _queue.Clear();
        _leftOver.Clear();
        _taken = default;
        foreach (IntervalSet set in _assigned)
            set.Clear();
        FindLiveRanges();
        Coalesce();
        ProcessQueue();
        PlaceLeftOver();
        FindSlots();
        AllocationChecker? checker = verify ? new AllocationChecker(function, file) : null;
        checker?.Remember();
        MakeEdits();
        RewriteOperands();
        ApplyEdits(checker);
        checker?.Check();
    }

    // The queue

    private void Enqueue(int bundle)
    {
        // Longest first; among equals the older one. Those to be split come when all others have their places.
        long key = (long)_bundles[bundle].Length << 31 | (uint)(int.MaxValue - bundle);
        if (!_bundles[bundle].IsToSplit)
            key |= 1L << 62;
        int at = _queue.Add((key, bundle));
        while (at > 0 && _queue[at - 1 >> 1].Key < key)
        {
            _queue[at] = _queue[at - 1 >> 1];
            at = at - 1 >> 1;
        }
        _queue[at] = (key, bundle);
    }

    private int Dequeue()
    {
        int bundle = _queue[0].Bundle;
        (long Key, int Bundle) last = _queue.Pop();
        int count = _queue.Count;
        if (count == 0)
            return bundle;
        int at = 0;
        while (true)
        {
            int child = at * 2 + 1;
            if (child >= count)
                break;
            if (child + 1 < count && _queue[child + 1].Key > _queue[child].Key)
                child++;
            if (_queue[child].Key <= last.Key)
                break;
            _queue[at] = _queue[child];
            at = child;
        }
        _queue[at] = last;
        return bundle;
    }

    private void ProcessQueue()
    {
        while (_queue.Count > 0)
            Process(Dequeue());
    }

    private void Process(int index)
    {
        if (_bundles[index].Class == RegisterClass.Memory)
        {
            _bundles[index].Assigned = OnStack;
            return;
        }
        int best = -1;
        float bestWeight = float.MaxValue;
        int furthest = -1;
        ReadOnlySpan<byte> order = _file.Order(_bundles[index].Class);
        RegisterSet crossed = Crossed(in _bundles[index]);
        RegisterSet allowed = _bundles[index].Allowed;
        int first = FirstChoice(in _bundles[index], allowed & ~crossed);
        for (int i = -1; i < order.Length; i++)
        {
            int number = i < 0 ? first : order[i];
            if (number < 0 || i >= 0 && number == first || !allowed.Contains(number))
                continue;
            if (crossed.Contains(number))
                continue;
            if (TryRegister(index, number, Math.Min(bestWeight, _bundles[index].Weight)))
            {
                Assign(index, number);
                return;
            }
            furthest = Math.Max(furthest, _conflictPosition);
            if (_conflictWeight < bestWeight)
            {
                bestWeight = _conflictWeight;
                best = number;
                _bestConflicts.Clear();
                _bestConflicts.AddRange(_conflicts.Span);
            }
        }
        if (best >= 0 && bestWeight < _bundles[index].Weight)
        {
            foreach (int other in _bestConflicts.Span)
                Evict(other);
            Assign(index, best);
            return;
        }
        if (!_bundles[index].NeedsRegister)
        {
            _leftOver.Add(index);
            return;
        }
        if (_bundles[index].IsMinimal)
            throw new InvalidOperationException($"no register is left for the operand at instruction {_ranges[_bundles[index].FirstRange].From >> 2}");
        if (!_bundles[index].IsToSplit && BlockAt(_ranges[_bundles[index].FirstRange].From) != LastBlock(in _bundles[index]))
        {
            _bundles[index].IsToSplit = true;
            Enqueue(index);
            return;
        }
        foreach (byte number in order)
        {
            if (crossed.Contains(number) && allowed.Contains(number))
            {
                // How far it would go before the first call.
                if (TryRegister(index, number, 0) || _conflictPosition > furthest)
                    furthest = Math.Max(furthest, Math.Min(FirstClobber(in _bundles[index], number), _conflictPosition));
            }
        }
        Split(index, furthest);
    }

    private int LastBlock(in Bundle bundle) => BlockAt(_ranges[bundle.FirstRange + bundle.RangeCount - 1].To - 1);

    private int FirstChoice(in Bundle bundle, RegisterSet possible)
    {
        if (bundle.Hint >= 0 && possible.Contains(bundle.Hint))
            return bundle.Hint;
        int hint = _spillSets[bundle.SpillSet].Hint;
        return hint >= 0 && possible.Contains(hint) ? hint : -1;
    }

    // Whether a register is free for a bundle. If not: the greatest weight of those who hold it, with them in _conflicts (infinite
    // where it is reserved or weighs at least `limit`), and the first position that is taken.
    private bool TryRegister(int index, int number, float limit)
    {
        Bundle bundle = _bundles[index];
        _conflicts.Clear();
        _conflictWeight = 0;
        _conflictPosition = int.MaxValue;
        _stamp++;
        Span<LiveRange> ranges = _ranges.Span.Slice(bundle.FirstRange, bundle.RangeCount);
        if (IsReserved(ranges, number))
            return false;
        IntervalSet held = _assigned[number];
        if (held.Count == 0)
            return true;
        IntervalSet.Cursor cursor = held.Find(ranges[0].From);
        int i = 0;
        while (i < ranges.Length && held.IsAt(in cursor))
        {
            ref Interval interval = ref held[in cursor];
            ref LiveRange range = ref ranges[i];
            if (interval.To <= range.From)
            {
                // A far way to go is searched for, a short one walked.
                held.Next(ref cursor);
                if (held.IsAt(in cursor) && held[in cursor].To <= range.From)
                    cursor = held.Find(range.From);
                continue;
            }
            if (interval.From >= range.To)
            {
                i++;
                continue;
            }
            if (_conflictPosition == int.MaxValue)
                _conflictPosition = Math.Max(interval.From, range.From);
            int owner = interval.Owner;
            if (_stamps[owner] != _stamp)
            {
                _stamps[owner] = _stamp;
                _conflicts.Add(owner);
                float weight = _bundles[owner].Weight;
                if (weight >= limit)
                {
                    _conflictWeight = float.MaxValue;
                    return false;
                }
                _conflictWeight = Math.Max(_conflictWeight, weight);
            }
            held.Next(ref cursor);
        }
        return _conflicts.Count == 0;
    }

    private bool IsReserved(Span<LiveRange> ranges, int number)
    {
        Span<Interval> reserved = _reserved[number].Span;
        if (reserved.Length == 0)
            return false;
        int at = 0;
        foreach (ref LiveRange range in ranges)
        {
            at = FirstEndingAfter(reserved, at, range.From);
            for (int k = at; k < reserved.Length && reserved[k].From < range.To; k++)
            {
                if (reserved[k].Owner == range.Register)
                    continue;
                _conflictPosition = Math.Max(reserved[k].From, range.From);
                _conflictWeight = float.MaxValue;
                return true;
            }
            if (at == reserved.Length)
                return false;
        }
        return false;
    }

    private static int FirstEndingAfter(Span<Interval> items, int low, int position)
    {
        int high = items.Length;
        while (low < high)
        {
            int middle = low + high >>> 1;
            if (items[middle].To <= position)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }

    private void Assign(int index, int number)
    {
        ref Bundle bundle = ref _bundles[index];
        bundle.Assigned = number;
        _taken = _taken.With(number);
        _spillSets[bundle.SpillSet].Hint = number;
        foreach (ref LiveRange range in _ranges.Span.Slice(bundle.FirstRange, bundle.RangeCount))
            _assigned[number].Add(range.From, range.To, index);
    }

    private void Evict(int index)
    {
        ref Bundle bundle = ref _bundles[index];
        foreach (ref LiveRange range in _ranges.Span.Slice(bundle.FirstRange, bundle.RangeCount))
            _assigned[bundle.Assigned].Remove(range.From);
        bundle.Assigned = Unassigned;
        Enqueue(index);
    }

    // Stretches that need no register take one that nobody wants.
    private void PlaceLeftOver()
    {
        foreach (int index in _leftOver.Span)
        {
            ref Bundle bundle = ref _bundles[index];
            bundle.Assigned = OnStack;
            if (bundle.NeedsRegister)
                throw new InvalidOperationException("a bundle that needs a register was left over");
            LiveRange first = _ranges[bundle.FirstRange];
            if (bundle.Class == RegisterClass.Memory || IsRematerializable(first.Register) || IsCutInside(in first))
                continue;
            RegisterSet possible = bundle.Allowed & ~Crossed(in bundle) & ~(_file.CalleeSaved & ~_taken);
            int choice = FirstChoice(in bundle, possible);
            ReadOnlySpan<byte> order = _file.Order(bundle.Class);
            for (int i = -1; i < order.Length; i++)
            {
                int number = i < 0 ? choice : order[i];
                if (number < 0 || !possible.Contains(number) || !TryRegister(index, number, 0))
                    continue;
                Assign(index, number);
                break;
            }
        }
    }

    // Whether a range starts at a cut within an instruction, where only the slot may take over.
    private bool IsCutInside(in LiveRange range) => (range.From & 3) == 2 && StartOf(in DefinitionOf(range.Register)) != range.From;

    // Clobbers

    private RegisterSet Crossed(in Bundle bundle)
    {
        RegisterSet crossed = default;
        if (_clobbers.Count == 0)
            return crossed;
        int at = 0;
        foreach (ref LiveRange range in _ranges.Span.Slice(bundle.FirstRange, bundle.RangeCount))
        {
            at = FirstClobberFrom(at, range.From);
            for (int k = at; k < _clobbers.Count && _clobbers[k].Position < range.To; k++)
            {
                crossed |= _clobbers[k].Registers;
                if (crossed == _allClobbers)
                    return crossed;
            }
        }
        return crossed;
    }

    private int FirstClobber(in Bundle bundle, int number)
    {
        int at = 0;
        foreach (ref LiveRange range in _ranges.Span.Slice(bundle.FirstRange, bundle.RangeCount))
        {
            at = FirstClobberFrom(at, range.From);
            for (int k = at; k < _clobbers.Count && _clobbers[k].Position < range.To; k++)
            {
                if (_clobbers[k].Registers.Contains(number))
                    return _clobbers[k].Position;
            }
        }
        return int.MaxValue;
    }

    private int FirstClobberFrom(int low, int position)
    {
        int high = _clobbers.Count;
        while (low < high)
        {
            int middle = low + high >>> 1;
            if (_clobbers[middle].Position < position)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }
}
