using Kiln.Base;
using Kiln.IR;
using Kiln.IR.Analyses;

namespace Kiln.Optimizer;

/// <summary>
/// Global value numbering along the dominator tree: a pure operation that a dominating block has computed is not computed again, and a
/// load takes the value that a dominating load or store left, where nothing in between may write the place. Memory facts are carried
/// from a block to those that it alone leads to; where paths meet they are dropped. A comparison of values that a branch on the way here
/// has compared is known where the branch's outcome decides it.
///
/// Needs: the verifier's law. Keeps: the CFG. An instruction that stands in for another keeps only the flags that both had.
/// </summary>
public sealed partial class ValueNumbering
{
    private const int MaximumFacts = 96;

    private readonly Dominators _dominators = new();
    private readonly Aliasing _aliasing = new();
    private readonly GrowBuffer<(int Slot, int Old)> _undo = new(64);
    private readonly GrowBuffer<Fact> _facts = new(64);
    private readonly GrowBuffer<(Block Block, int Undo, int FirstFact, int FactCount, int Outcomes)> _walk = new(32);
    private int[] _table = new int[256];
    private int[] _nextInBucket = [];
    private Value[] _replacement = [];
    private Function _function = null!;
    private int _firstFact;
    private bool _changed;

    // The place holds the value.
    private struct Fact
    {
        public Value Address;
        public Value Value;
        public int Tag;
    }

    /// <summary>Numbers a function; tells whether anything was replaced.</summary>
    public bool Run(Function function)
    {
        _function = function;
        _changed = false;
        _dominators.Compute(function);
        _aliasing.Analyze(function);
        Prepare(function.ValueCount);
        _undo.Clear();
        _facts.Clear();
        _walk.Clear();
        _outcomes.Clear();
        _firstFact = 0;
        Walk();
        if (_changed)
            Replacement.Apply(function, _replacement);
        _function = null!;
        return _changed;
    }

    private void Prepare(int values)
    {
        int buckets = 256;
        while (buckets < values)
            buckets *= 2;
        if (_table.Length != buckets)
            _table = new int[buckets];
        else
            Array.Clear(_table);
        if (_nextInBucket.Length < values)
        {
            _nextInBucket = new int[Math.Max(values, _nextInBucket.Length * 2)];
            _replacement = new Value[_nextInBucket.Length];
        }
        else
        {
            Array.Clear(_replacement);
        }
    }

    private void Walk()
    {
        Block at = _function.Entry;
        while (true)
        {
            EnterBlock(at);
            Block next = _dominators.FirstChild(at);
            while (next.IsNone)
            {
                (Block left, int undo, int firstFact, int factCount, int outcomes) = _walk.Pop();
                while (_undo.Count > undo)
                {
                    (int bucket, int old) = _undo.Pop();
                    _table[bucket] = old;
                }
                _facts.Truncate(Math.Min(_facts.Count, factCount));
                _firstFact = firstFact;
                _outcomes.Truncate(outcomes);
                if (left == _function.Entry)
                    return;
                next = _dominators.Sibling(left);
            }
            at = next;
        }
    }

    private void EnterBlock(Block block)
    {
        int before = _facts.Count;
        _walk.Add((block, _undo.Count, _firstFact, before, _outcomes.Count));
        ReadOnlySpan<Block> predecessors = _function.Predecessors(block);
        if (predecessors.Length == 1)
            LearnOutcome(predecessors[0], block);
        bool inherits = predecessors.Length == 1 && predecessors[0] == _dominators.Immediate(block);
        // The facts of the dominator are copied, since this block may drop some that a sibling still has.
        int from = _firstFact;
        _firstFact = before;
        if (inherits)
        {
            for (int i = from; i < before; i++)
                _facts.Add(_facts[i]);
        }
        for (Value v = _function[block].First; !v.IsNone;)
        {
            Value next = _function[v].Next;
            Visit(v);
            v = next;
        }
    }

    private Value Find(Value value)
    {
        while (value.Id < _replacement.Length && !_replacement[value.Id].IsNone)
            value = _replacement[value.Id];
        return value;
    }

    private void Visit(Value v)
    {
        Op op = _function.OpOf(v);
        if (op == Op.Phi)
            return;
        foreach (ref Value operand in _function.Operands(v))
            operand = Find(operand);
        if (OpInfo.IsPure(op))
        {
            VisitPure(v);
            return;
        }
        switch (op)
        {
            case Op.BranchIf:
                DecideBranch(v);
                break;
            case Op.Load:
                VisitLoad(v);
                break;
            case Op.Store:
                VisitStore(v);
                break;
            case Op.MemoryCopy or Op.MemoryMove or Op.MemorySet:
                DropFacts(_function[v].A, MaximumSize(_function[v].C), 0);
                break;
            case Op.Call:
                CallFlags flags = _function.Calls[(int)_function[v].Aux].Flags;
                if ((flags & (CallFlags.Const | CallFlags.Pure)) == 0)
                    DropEscaped();
                break;
            case Op.Asm or Op.AsmGoto:
                if (_function.Asms[(int)_function[v].Aux] is { ClobbersMemory: false } asm && !WritesMemory(asm))
                    break;
                _facts.Truncate(_firstFact);
                break;
            default:
                if (!OpInfo.IsTerminator(op) && op is not (Op.DebugValue or Op.Result or Op.FrameAddress or Op.ReturnAddress or Op.StackSave
                    or Op.ThreadPointer or Op.StaticChain or Op.Prefetch or Op.Opaque or Op.IsConstant))
                    _facts.Truncate(_firstFact);
                break;
        }
    }

    private static bool WritesMemory(AsmInfo asm)
    {
        foreach (AsmOperand operand in asm.Operands)
        {
            if (operand.Kind == AsmOperandKind.Memory)
                return true;
        }
        return false;
    }

    private long MaximumSize(Value size) => _function.OpOf(size) == Op.Constant ? _function[size].Aux : long.MaxValue;

    private void Replace(Value v, Value by)
    {
        _replacement[v.Id] = by;
        _function[by].Flags &= _function[v].Flags | ~(InstructionFlags)0xff;
        _function.Remove(v);
        _changed = true;
    }

    private void VisitPure(Value v)
    {
        if (_outcomes.Count != 0 && _function.OpOf(v) is Op.Compare or Op.FloatCompare && Decide(v) is { IsNone: false } known)
        {
            Replace(v, known);
            return;
        }
        int bucket = (int)(Hash(v) & (uint)(_table.Length - 1));
        for (int id = _table[bucket]; id != 0; id = _nextInBucket[id])
        {
            if (!Same(new Value(id), v))
                continue;
            Replace(v, new Value(id));
            return;
        }
        if (v.Id >= _nextInBucket.Length)
            return;
        _nextInBucket[v.Id] = _table[bucket];
        _undo.Add((bucket, _table[bucket]));
        _table[bucket] = v.Id;
    }

    private uint Hash(Value v)
    {
        ref Instruction i = ref _function[v];
        ulong hash = (ulong)i.Aux * 0x9E3779B97F4A7C15 + ((uint)i.Op << 8 | i.Type.Code);
        foreach (Value operand in _function.Operands(v))
            hash = (hash ^ (uint)operand.Id) * 0xD6E8FEB86659FD93;
        return (uint)(hash >> 32 ^ hash);
    }

    private bool Same(Value left, Value right)
    {
        ref Instruction a = ref _function[left];
        ref Instruction b = ref _function[right];
        if (a.Op != b.Op || a.Type != b.Type)
            return false;
        if (a.Op == Op.Shuffle ? !_function.Bytes(left).SequenceEqual(_function.Bytes(right)) : a.Aux != b.Aux)
            return false;
        return _function.Operands(left).SequenceEqual(_function.Operands(right));
    }

    private void VisitLoad(Value load)
    {
        ref Instruction instruction = ref _function[load];
        MemoryAccess access = MemoryAccess.Unpack(instruction.Aux);
        if (!access.IsSimple)
        {
            if (access.Order > MemoryOrder.Relaxed)
                DropEscaped();
            return;
        }
        for (int i = _facts.Count - 1; i >= _firstFact; i--)
        {
            ref Fact fact = ref _facts[i];
            if (fact.Address != instruction.A)
                continue;
            IrType known = _function.TypeOf(fact.Value);
            if (known == instruction.Type)
            {
                Replace(load, fact.Value);
                return;
            }
            if (known.Size == instruction.Type.Size && known.TotalBits == instruction.Type.TotalBits && instruction.Type != IrType.I1)
            {
                instruction.Op = Op.Bitcast;
                instruction.A = fact.Value;
                instruction.Aux = 0;
                instruction.Flags = 0;
                _changed = true;
                return;
            }
        }
        Learn(instruction.A, load, access.AliasTag);
    }

    private void VisitStore(Value store)
    {
        ref Instruction instruction = ref _function[store];
        MemoryAccess access = MemoryAccess.Unpack(instruction.Aux);
        if (access.Order > MemoryOrder.Relaxed)
            DropEscaped();
        DropFacts(instruction.A, _function.TypeOf(instruction.B).Size, access.AliasTag);
        if (access.IsSimple)
            Learn(instruction.A, instruction.B, access.AliasTag);
    }

    private void Learn(Value address, Value value, int tag)
    {
        if (_facts.Count - _firstFact >= MaximumFacts)
            _facts.Truncate(_firstFact);
        _facts.Add(new Fact { Address = address, Value = value, Tag = tag });
    }

    // What a write of some bytes at an address may change is no longer known.
    private void DropFacts(Value address, long size, int tag)
    {
        int kept = _firstFact;
        for (int i = _firstFact; i < _facts.Count; i++)
        {
            Fact fact = _facts[i];
            if (!_aliasing.MayAlias(fact.Address, _function.TypeOf(fact.Value).Size, fact.Tag, address, size, tag))
                _facts[kept++] = fact;
        }
        _facts.Truncate(kept);
    }

    // What others can reach is no longer known; slots that never escape are.
    private void DropEscaped()
    {
        int kept = _firstFact;
        for (int i = _firstFact; i < _facts.Count; i++)
        {
            if (_aliasing.IsPrivate(_facts[i].Address))
                _facts[kept++] = _facts[i];
        }
        _facts.Truncate(kept);
    }
}
