using Kiln.Base;
using Kiln.IR;

namespace Kiln.Optimizer;

/// <summary>
/// Removes stores that nobody reads: overwritten later in the same block with no read in between, or to a private slot that no load of
/// the function reads at all.
///
/// Needs: the verifier's law. Keeps: the CFG.
/// </summary>
public sealed class DeadStores
{
    private const int MaximumPending = 64;

    private readonly Aliasing _aliasing = new();
    private readonly GrowBuffer<(Value Address, long Size, int Tag)> _overwritten = new(16);
    private readonly BitSet _read = new();

    /// <summary>Removes dead stores; tells whether there were any.</summary>
    public bool Run(Function function)
    {
        _aliasing.Analyze(function);
        bool changed = RemoveUnread(function);
        for (int b = 1; b < function.BlockCount; b++)
            changed |= RemoveOverwritten(function, new Block(b));
        return changed;
    }

    private static int RootSlot(Function function, Value pointer)
    {
        while (function.OpOf(pointer) == Op.PointerAdd)
            pointer = function[pointer].A;
        return function.OpOf(pointer) == Op.SlotAddress ? function[pointer].A.Id : 0;
    }

    // Slots that are only written.
    private bool RemoveUnread(Function function)
    {
        if (function.SlotCount <= 1)
            return false;
        _read.Reset(function.SlotCount);
        for (int b = 1; b < function.BlockCount; b++)
        {
            for (Value v = function[new Block(b)].First; !v.IsNone; v = function[v].Next)
            {
                ref Instruction instruction = ref function[v];
                if (instruction.Op is Op.PointerAdd or Op.DebugValue)
                    continue;
                Span<Value> operands = function.Operands(v);
                // The place written is no read of it, if writing is all that happens.
                int first = instruction.Op is Op.Store or Op.MemorySet or Op.MemoryCopy && MemoryAccess.Unpack(instruction.Aux).IsSimple ? 1 : 0;
                for (int i = first; i < operands.Length; i++)
                {
                    if (!operands[i].IsNone && RootSlot(function, operands[i]) is var slot and not 0)
                        _read.Add(slot);
                }
            }
        }
        bool changed = false;
        for (int b = 1; b < function.BlockCount; b++)
        {
            for (Value v = function[new Block(b)].First; !v.IsNone;)
            {
                Value next = function[v].Next;
                ref Instruction instruction = ref function[v];
                if (instruction.Op is Op.Store or Op.MemorySet or Op.MemoryCopy && MemoryAccess.Unpack(instruction.Aux).IsSimple
                    && RootSlot(function, instruction.A) is var slot and not 0 && !_read[slot] && !function[new StackSlot(slot)].IsPinned)
                {
                    function.Remove(v);
                    changed = true;
                }
                v = next;
            }
        }
        return changed;
    }

    private bool RemoveOverwritten(Function function, Block block)
    {
        bool changed = false;
        _overwritten.Clear();
        for (Value v = function[block].Last; !v.IsNone;)
        {
            Value previous = function[v].Previous;
            ref Instruction instruction = ref function[v];
            switch (instruction.Op)
            {
                case Op.Store:
                    MemoryAccess access = MemoryAccess.Unpack(instruction.Aux);
                    long size = function.TypeOf(instruction.B).Size;
                    if (!access.IsSimple)
                    {
                        _overwritten.Clear();
                    }
                    else if (IsOverwritten(instruction.A, size))
                    {
                        function.Remove(v);
                        changed = true;
                    }
                    else if (_overwritten.Count < MaximumPending)
                    {
                        _overwritten.Add((instruction.A, size, access.AliasTag));
                    }
                    break;
                case Op.Load:
                    MemoryAccess read = MemoryAccess.Unpack(instruction.Aux);
                    if (read.IsSimple)
                        DropRead(instruction.A, instruction.Type.Size, read.AliasTag);
                    else
                        _overwritten.Clear();
                    break;
                default:
                    if (!OpInfo.IsPure(instruction.Op) && instruction.Op is not (Op.Phi or Op.DebugValue or Op.Result or Op.Branch or Op.BranchIf or Op.Switch))
                        _overwritten.Clear();
                    break;
            }
            v = previous;
        }
        return changed;
    }

    private bool IsOverwritten(Value address, long size)
    {
        foreach ((Value later, long laterSize, int _) in _overwritten.Span)
        {
            if (later == address && laterSize >= size)
                return true;
        }
        return false;
    }

    private void DropRead(Value address, long size, int tag)
    {
        int kept = 0;
        for (int i = 0; i < _overwritten.Count; i++)
        {
            (Value Address, long Size, int Tag) pending = _overwritten[i];
            if (!_aliasing.MayAlias(pending.Address, pending.Size, pending.Tag, address, size, tag))
                _overwritten[kept++] = pending;
        }
        _overwritten.Truncate(kept);
    }
}
