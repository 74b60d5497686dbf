using Kiln.Base;
using Kiln.IR;

namespace Kiln.Optimizer;

/// <summary>
/// Which accesses may touch the same bytes: by the object that an address is made from (slots and symbols are different objects), by
/// constant offsets in one object, by whether a slot's address leaves the function, and by the alias tags of the source's types.
/// Valid while no instruction is added that takes a slot's address elsewhere.
/// </summary>
public sealed class Aliasing
{
    private readonly BitSet _escapes = new();
    private Function _function = null!;

    /// <summary>One more than the number of slots that were there when they were analyzed.</summary>
    public int SlotCount { get; private set; }

    /// <summary>Finds the slots whose address leaves the function's own loads and stores.</summary>
    public void Analyze(Function function)
    {
        _function = function;
        SlotCount = function.SlotCount;
        _escapes.Reset(Math.Max(1, function.SlotCount));
        for (int i = 1; i < function.SlotCount; i++)
        {
            if (function[new StackSlot(i)].IsPinned)
                _escapes.Add(i);
        }
        if (function.SlotCount <= 1)
            return;
        for (int b = 1; b < function.BlockCount; b++)
        {
            for (Value v = function[new Block(b)].First; !v.IsNone; v = function[v].Next)
                FindEscapes(v);
        }
    }

    private void FindEscapes(Value v)
    {
        ref Instruction instruction = ref _function[v];
        switch (instruction.Op)
        {
            case Op.Load or Op.PointerAdd or Op.Compare or Op.DebugValue or Op.MemoryCopy or Op.MemoryMove or Op.MemorySet:
                return;
            case Op.Store:
                Escape(instruction.B);
                return;
            case Op.AtomicRmw or Op.CompareExchange:
                Escape(instruction.B);
                Escape(instruction.C);
                return;
        }
        foreach (Value operand in _function.Operands(v))
            Escape(operand);
    }

    private void Escape(Value value)
    {
        if (value.IsNone)
            return;
        Value root = Root(value, out _);
        if (_function.OpOf(root) == Op.SlotAddress)
            _escapes.Add(_function[root].A.Id);
    }

    // The pointer that an address is made from by additions, and the distance; long.MinValue where it is not constant.
    private Value Root(Value address, out long offset)
    {
        offset = 0;
        while (_function.OpOf(address) == Op.PointerAdd)
        {
            ref Instruction add = ref _function[address];
            if (_function.OpOf(add.B) != Op.Constant)
                offset = long.MinValue;
            else if (offset != long.MinValue)
                offset += _function[add.B].Aux;
            address = add.A;
        }
        if (offset != long.MinValue && _function.OpOf(address) == Op.SymbolAddress)
            offset += _function[address].Aux;
        return address;
    }

    /// <summary>Whether an address is in a slot that nothing outside this function's own accesses can reach.</summary>
    public bool IsPrivate(Value address)
    {
        Value root = Root(address, out _);
        return _function.OpOf(root) == Op.SlotAddress && !_escapes[_function[root].A.Id];
    }

    /// <summary>Whether two accesses of some bytes may overlap. Tags are of <see cref="Module.AliasTags"/>; a size of long.MaxValue is unknown.</summary>
    public bool MayAlias(Value a, long sizeA, int tagA, Value b, long sizeB, int tagB)
    {
        if (a == b)
            return true;
        Value rootA = Root(a, out long offsetA);
        Value rootB = Root(b, out long offsetB);
        Op opA = _function.OpOf(rootA), opB = _function.OpOf(rootB);
        if (SameObject(rootA, rootB))
        {
            if (offsetA == long.MinValue || offsetB == long.MinValue)
                return true;
            return offsetA <= offsetB ? sizeA > offsetB - offsetA : sizeB > offsetA - offsetB;
        }
        if (opA is Op.SlotAddress && (opB is Op.SlotAddress or Op.SymbolAddress || !_escapes[_function[rootA].A.Id]))
            return false;
        if (opB is Op.SlotAddress && (opA is Op.SymbolAddress || !_escapes[_function[rootB].A.Id]))
            return false;
        if (opA is Op.SymbolAddress && opB is Op.SymbolAddress && IsOwnObject(rootA) && IsOwnObject(rootB))
            return false;
        if (IsPrivateObject(rootA) || IsPrivateObject(rootB))
            return false;
        return tagA == 0 || tagB == 0 || Contains(tagA, tagB) || Contains(tagB, tagA);
    }

    /// <summary>Whether two addresses are certainly equal.</summary>
    public bool IsSamePlace(Value a, Value b)
    {
        if (a == b)
            return true;
        Value rootA = Root(a, out long offsetA), rootB = Root(b, out long offsetB);
        return offsetA != long.MinValue && offsetA == offsetB && SameObject(rootA, rootB);
    }

    private bool SameObject(Value a, Value b) =>
        a == b || _function.OpOf(a) == Op.SymbolAddress && _function.OpOf(b) == Op.SymbolAddress && _function[a].A == _function[b].A;

    // A symbol that is certainly not another name of some other object.
    private bool IsOwnObject(Value address) =>
        _function.Module[new Symbol(_function[address].A.Id)].Kind is SymbolKind.Object or SymbolKind.Common or SymbolKind.Function;

    // No other address leads to it.
    private bool IsPrivateObject(Value root) =>
        _function.OpOf(root) == Op.SymbolAddress && _function.Module[new Symbol(_function[root].A.Id)].IsPrivate;

    private bool Contains(int outer, int inner)
    {
        for (; inner != 0; inner = _function.Module.AliasTags[inner].Parent)
        {
            if (inner == outer)
                return true;
        }
        return false;
    }
}
