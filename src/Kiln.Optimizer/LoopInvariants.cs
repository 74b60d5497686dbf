using Kiln.Base;
using Kiln.IR;
using Kiln.IR.Analyses;

namespace Kiln.Optimizer;

/// <summary>
/// LICM: moves computations whose operands do not change in a loop to the block before it. Pure operations that cannot trap always
/// move (cheap ones that selection folds into addresses and immediates stay); a load moves where its block runs in every iteration
/// that leaves the header and nothing in the loop may write its place.
///
/// Needs: the verifier's law. Changes: makes preheaders. An instruction that moves past a branch loses its flags.
/// </summary>
public sealed class LoopInvariants
{
    private readonly Dominators _dominators = new();
    private readonly Loops _loops = new();
    private readonly Aliasing _aliasing = new();
    private readonly GrowBuffer<Value> _writes = new(32);
    private bool _writesAll;

    /// <summary>Moves what it can; tells whether anything moved.</summary>
    public bool Run(Function function)
    {
        _dominators.Compute(function);
        _loops.Compute(function, _dominators);
        if (_loops.Count == 1)
            return false;
        if (Preheaders.Make(function, _dominators, _loops))
        {
            _dominators.Compute(function);
            _loops.Compute(function, _dominators);
        }
        _aliasing.Analyze(function);
        bool changed = false;
        // Outer loops come first; inner ones are done first, so that what leaves them can leave the outer ones too.
        for (int loop = _loops.Count - 1; loop > 0; loop--)
            changed |= Hoist(function, loop);
        return changed;
    }

    private bool Hoist(Function function, int loop)
    {
        Block preheader = Preheaders.Of(function, _dominators, _loops[loop].Header);
        if (preheader.IsNone)
            return false;
        CollectWrites(function, loop);
        bool changed = false;
        foreach (Block block in _dominators.Order)
        {
            if (!_loops.Contains(loop, block))
                continue;
            bool always = _loops.RunsAlways(function, _dominators, loop, block);
            for (Value v = function[block].First; !v.IsNone;)
            {
                Value next = function[v].Next;
                if (CanMove(function, loop, v, always))
                {
                    if (function.OpOf(v) == Op.Load && !IsInvariant(function, loop, function[v].A))
                    {
                        // A new instruction may move the others: it is made before the load is referred to.
                        Value address = CopyAddress(function, function[v].A, preheader);
                        function[v].A = address;
                    }
                    function.Remove(v);
                    function.InsertBefore(function[preheader].Last, v);
                    if (!always)
                        function[v].Flags = 0;
                    changed = true;
                }
                v = next;
            }
        }
        return changed;
    }

    private void CollectWrites(Function function, int loop)
    {
        _writes.Clear();
        _writesAll = false;
        foreach (Block block in _dominators.Order)
        {
            if (!_loops.Contains(loop, block))
                continue;
            for (Value v = function[block].First; !v.IsNone; v = function[v].Next)
            {
                ref Instruction instruction = ref function[v];
                switch (instruction.Op)
                {
                    case Op.Store when MemoryAccess.Unpack(instruction.Aux).Order <= MemoryOrder.Relaxed:
                        _writes.Add(v);
                        break;
                    case Op.Load when MemoryAccess.Unpack(instruction.Aux).Order <= MemoryOrder.Relaxed:
                        break;
                    case Op.Call:
                        _writesAll |= (function.Calls[(int)instruction.Aux].Flags & (CallFlags.Const | CallFlags.Pure)) == 0;
                        break;
                    default:
                        _writesAll |= !OpInfo.IsPure(instruction.Op) && !OpInfo.IsTerminator(instruction.Op)
                            && instruction.Op is not (Op.Phi or Op.DebugValue or Op.Result or Op.Prefetch);
                        break;
                }
            }
        }
    }

    private bool CanMove(Function function, int loop, Value v, bool always)
    {
        ref Instruction instruction = ref function[v];
        if (instruction.Op == Op.Load)
        {
            return always && MemoryAccess.Unpack(instruction.Aux).IsSimple && IsInvariantAddress(function, _loops, loop, instruction.A)
                && !MayBeWritten(function, v);
        }
        // What may trap must not come before a call that does not return.
        if (!OpInfo.IsPure(instruction.Op) || OpInfo.MayTrap(instruction.Op) && (!always || _writesAll))
            return false;
        // Compares are fused with their branches, and additions of constants are folded into addresses: moving them costs a register.
        if (instruction.Op is Op.Compare or Op.FloatCompare || instruction.Op is Op.PointerAdd or Op.Add && function.OpOf(instruction.B) == Op.Constant)
            return false;
        foreach (Value operand in function.Operands(v))
        {
            if (!IsInvariant(function, loop, operand))
                return false;
        }
        return true;
    }

    private bool IsInvariant(Function function, int loop, Value value) => IsInvariant(function, _loops, loop, value);

    /// <summary>Whether a value is made outside a loop.</summary>
    internal static bool IsInvariant(Function function, Loops loops, int loop, Value value)
    {
        Block block = function[value].Block;
        return block.IsNone || !loops.Contains(loop, block);
    }

    /// <summary>Whether an address is invariant, or a constant away from one that is: such offsets stay in the loop, for they are part of each access.
    /// An access that leaves takes a copy along (<see cref="CopyAddress"/>).</summary>
    internal static bool IsInvariantAddress(Function function, Loops loops, int loop, Value address) => IsInvariant(function, loops, loop, address)
        || function.OpOf(address) == Op.PointerAdd && function.OpOf(function[address].B) == Op.Constant
        && IsInvariant(function, loops, loop, function[address].A);

    /// <summary>Computes such an address again at a block's end.</summary>
    internal static Value CopyAddress(Function function, Value address, Block to)
    {
        Instruction original = function[address];
        Value copy = function.New(original.Op, original.Type, original.A, original.B, default, original.Aux, original.Location);
        function[copy].Flags = original.Flags;
        return function.InsertBefore(function[to].Last, copy);
    }

    private bool MayBeWritten(Function function, Value load)
    {
        ref Instruction instruction = ref function[load];
        int tag = MemoryAccess.Unpack(instruction.Aux).AliasTag;
        if (_writesAll)
            return true;
        foreach (Value store in _writes.Span)
        {
            ref Instruction write = ref function[store];
            if (_aliasing.MayAlias(instruction.A, instruction.Type.Size, tag, write.A, function.TypeOf(write.B).Size, MemoryAccess.Unpack(write.Aux).AliasTag))
                return true;
        }
        return false;
    }
}
