using System.Numerics;
using Kiln.Base;
using Kiln.IR;
using Kiln.IR.Analyses;

namespace Kiln.Optimizer;

/// <summary>
/// Keeps in a variable what a loop reads and writes at one place in memory: <c>while (...) object-&gt;count++</c> loads the count before the
/// loop and stores it at the loop's ways out. The place becomes a stack slot in the loop, which promotion turns into values: run it next.
///
/// A place qualifies whose address does not change in the loop; that no other access of the loop may touch in part or under another
/// type; and that is read or written in every round, so that the load before the loop cannot trap. Where no store runs in every round, a
/// flag tells at the ways out whether one ran: a store that the source does not make could undo another thread's (C11 5.1.2.4,
/// data races). Loops that call what may write, or have no way out, are left alone. Types do not tell two stores apart: the later of two to
/// one allocated object decides its value and its type (6.5p6), so they keep their order.
///
/// Needs: the verifier's law, preheaders (LoopInvariants). Changes: splits the edges that leave loops.
/// </summary>
public sealed class LoopPromotion
{
    private const int MostPlaces = 4, MostExits = 8; // of a loop

    private readonly Dominators _dominators = new();
    private readonly Loops _loops = new();
    private readonly Aliasing _aliasing = new();
    private readonly GrowBuffer<Value> _accesses = new(32);
    private readonly GrowBuffer<Value> _group = new(8);
    private readonly GrowBuffer<Block> _exits = new(8);
    private Function _function = null!;
    private bool _isFlagged; // no store of the group runs in every round

    /// <summary>Promotes what it can; tells whether it changed anything.</summary>
    public bool Run(Function function)
    {
        if ((function.Flags & (FunctionFlags.CallsReturnsTwice | FunctionFlags.HasNonLocalEntries)) != 0)
            return false;
        _dominators.Compute(function);
        _loops.Compute(function, _dominators);
        if (_loops.Count == 1)
            return false;
        _function = function;
        _aliasing.Analyze(function);
        bool changed = false;
        // Outer loops come first: what they keep is no memory any more within.
        for (int loop = 1; loop < _loops.Count; loop++)
        {
            if (!CollectAccesses(loop))
                continue;
            for (int place = 0; place < MostPlaces && FindPlace(loop); place++)
            {
                Promote(loop);
                changed = true;
            }
        }
        _function = null!;
        return changed;
    }

    // The loads and stores of a loop; false where something else reads or writes memory, or it has no ordinary way out.
    private bool CollectAccesses(int loop)
    {
        _accesses.Clear();
        int stores = 0, exits = 0;
        foreach (Block block in _dominators.Order)
        {
            if (!_loops.Contains(loop, block))
                continue;
            if (_function.OpOf(_function[block].Last) is not (Op.Branch or Op.BranchIf or Op.Switch))
                return false;
            foreach (Block successor in _function.Successors(block))
                exits += _loops.Contains(loop, successor) ? 0 : 1;
            for (Value v = _function[block].First; !v.IsNone; v = _function[v].Next)
            {
                Op op = _function.OpOf(v);
                if (op is Op.Load or Op.Store)
                {
                    if (MemoryAccess.Unpack(_function[v].Aux).Order > MemoryOrder.Relaxed)
                        return false;
                    _accesses.Add(v);
                    stores += op == Op.Store ? 1 : 0;
                }
                else if (!OpInfo.IsPure(op) && !OpInfo.IsTerminator(op) && op is not (Op.Phi or Op.DebugValue))
                {
                    return false;
                }
            }
        }
        return stores > 0 && exits is > 0 and <= MostExits && !Preheaders.Of(_function, _dominators, _loops[loop].Header).IsNone;
    }

    // Puts the accesses of a place that qualifies into _group, a store first.
    private bool FindPlace(int loop)
    {
        foreach (Value store in _accesses.Span)
        {
            if (_function.OpOf(store) == Op.Store && FormGroup(loop, store))
                return true;
        }
        return false;
    }

    private bool FormGroup(int loop, Value store)
    {
        Value address = _function[store].A;
        IrType type = _function.TypeOf(_function[store].B);
        if (type.IsVector || IsSlotOfOurs(address) || !LoopInvariants.IsInvariantAddress(_function, _loops, loop, address))
            return false;
        bool runs = false;
        _isFlagged = true;
        int tag = MemoryAccess.Unpack(_function[store].Aux).AliasTag;
        _group.Clear();
        foreach (Value other in _accesses.Span)
        {
            if (IsSlotOfOurs(_function[other].A))
                continue;
            MemoryAccess access = MemoryAccess.Unpack(_function[other].Aux);
            IrType otherType = _function.OpOf(other) == Op.Load ? _function.TypeOf(other) : _function.TypeOf(_function[other].B);
            if (otherType == type && _aliasing.IsSamePlace(address, _function[other].A))
            {
                if (!access.IsSimple)
                    return false;
                _group.Add(other);
                if (_loops.RunsAlways(_function, _dominators, loop, _function[other].Block))
                {
                    runs = true;
                    _isFlagged &= _function.OpOf(other) != Op.Store;
                }
            }
            else if (_aliasing.MayAlias(address, type.Size, _function.OpOf(other) == Op.Store ? 0 : tag, _function[other].A, otherType.Size, access.AliasTag))
            {
                return false;
            }
        }
        return runs;
    }

    // Slots made here are no memory.
    private bool IsSlotOfOurs(Value address) => _function.OpOf(address) == Op.SlotAddress && _function[address].A.Id >= _aliasing.SlotCount;

    private void Promote(int loop)
    {
        Value store = _group.Span[0];
        foreach (Value v in _group.Span)
            store = _function.OpOf(v) == Op.Store ? v : store;
        Block preheader = Preheaders.Of(_function, _dominators, _loops[loop].Header);
        IrType type = _function.TypeOf(_function[store].B);
        long access = _function[store].Aux;
        Value address = _function[store].A;
        if (!LoopInvariants.IsInvariant(_function, _loops, loop, address))
            address = LoopInvariants.CopyAddress(_function, address, preheader);
        Value slot = NewSlot(type, out long plain), flag = default;
        long flagAccess = 0;
        if (_isFlagged)
        {
            flag = NewSlot(IrType.I8, out flagAccess);
            Store(_function[preheader].Last, flag, _function.Constant(IrType.I8, 0), flagAccess);
        }
        foreach (Value v in _group.Span)
        {
            _function[v].A = slot;
            _function[v].Aux = plain;
            if (_isFlagged && _function.OpOf(v) == Op.Store)
                Store(v, flag, _function.Constant(IrType.I8, 1), flagAccess);
        }
        Hand(_function[preheader].Last, type, address, access, slot, plain);
        SplitExits(loop);
        foreach (Block exit in _exits.Span)
        {
            Block place = exit;
            if (_isFlagged)
                place = Fork(exit, Load(_function[exit].Last, IrType.I8, flag, flagAccess));
            Hand(_function[place].Last, type, slot, plain, address, access);
        }
    }

    private Value NewSlot(IrType type, out long access)
    {
        int alignment = BitOperations.Log2((uint)type.Size);
        access = new MemoryAccess((byte)alignment).Pack();
        return _function.SlotAddress(_function.NewSlot(type.Size, alignment));
    }

    // Loads from one place and stores to the other.
    private void Hand(Value before, IrType type, Value from, long fromAccess, Value to, long toAccess) =>
        Store(before, to, Load(before, type, from, fromAccess), toAccess);

    private Value Load(Value before, IrType type, Value from, long access) =>
        _function.InsertBefore(before, _function.New(Op.Load, type, from, default, default, access, _function[before].Location));

    private void Store(Value before, Value to, Value value, long access) =>
        _function.InsertBefore(before, _function.New(Op.Store, IrType.Void, to, value, default, access, _function[before].Location));

    // A block on each edge that leaves the loop.
    private void SplitExits(int loop)
    {
        _exits.Clear();
        foreach (Block block in _dominators.Order)
        {
            if (!_loops.Contains(loop, block))
                continue;
            for (int i = 0; i < _function.Successors(block).Length; i++)
            {
                if (!_loops.Contains(loop, _function.Successors(block)[i]))
                    _exits.Add(_function.SplitEdge(block, i));
            }
        }
    }

    // A block that runs between this one and the next where the flag is not zero.
    private Block Fork(Block block, Value flag)
    {
        Block next = _function.SplitEdge(block, 0);
        Value jump = _function[block].Last;
        Location location = _function[jump].Location;
        Value unset = _function.New(Op.Compare, IrType.I1, flag, _function.Constant(IrType.I8, 0), default, (long)IntPredicate.Equal, location);
        _function.InsertBefore(jump, unset);
        _function.Remove(jump);
        _function.Append(block, _function.New(Op.BranchIf, IrType.Void, unset, default, default, 0, location));
        Block middle = _function.NewBlock();
        _function[middle].Frequency = _function[block].Frequency;
        _function.Append(middle, _function.New(Op.Branch, IrType.Void, default, default, default, 0, location));
        _function.AddEdge(block, middle);
        _function.AddEdge(middle, next);
        return middle;
    }
}
