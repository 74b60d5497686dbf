using Kiln.IR;

namespace Kiln.Optimizer;

/// <summary>
/// How many bytes lie between an address and the end of its object, for __builtin_object_size: through additions of constants, choices and
/// phis, to slots, symbols, and what allocation functions gave. The address of a member counts to the end of the whole object: for
/// the kinds that ask for the member alone Lowering answers where it can, and the whole is an upper bound.
/// </summary>
internal sealed class ObjectSizes
{
    private const int DepthLimit = 16;

    private readonly Dictionary<int, long> _open = [];
    private Function _function = null!;
    private Value[] _replacement = [];
    private bool _least;

    /// <summary>Whether the last answer cannot change any more: no phi took part, whose ways may yet prove impossible.</summary>
    public bool IsCertain { get; private set; }

    /// <summary>The bytes, or null where they are not known. Of several ways that the address may be made the greatest size counts, or with
    /// <paramref name="least"/> the least.</summary>
    public long? Find(Function function, Value[] replacement, Value address, bool least)
    {
        _function = function;
        _replacement = replacement;
        _least = least;
        _open.Clear();
        IsCertain = true;
        return Size(address, 0, 0) is { } size && size != long.MinValue ? size : null;
    }

    // long.MinValue: the address comes from itself around a loop, and says nothing new.
    private long? Size(Value address, long offset, int depth)
    {
        while (address.Id < _replacement.Length && !_replacement[address.Id].IsNone)
            address = _replacement[address.Id];
        if (depth > DepthLimit)
            return null;
        ref Instruction instruction = ref _function[address];
        switch (instruction.Op)
        {
            case Op.PointerAdd when _function.OpOf(instruction.B) == Op.Constant:
                return Size(instruction.A, offset + _function[instruction.B].Aux, depth + 1);
            case Op.SlotAddress:
                SlotData slot = _function[new StackSlot(instruction.A.Id)];
                return Left(slot.Size, offset);
            case Op.SymbolAddress:
                SymbolData data = _function.Module[new Symbol(instruction.A.Id)];
                bool isSized = data.Kind is SymbolKind.Object or SymbolKind.Common or SymbolKind.Undefined && data.Linkage != Linkage.Weak && data.Size > 0;
                return isSized ? Left(data.Size, offset + instruction.Aux) : null;
            case Op.StackAllocate:
                return _function.OpOf(instruction.A) == Op.Constant ? Left(_function[instruction.A].Aux, offset) : null;
            case Op.Constant or Op.Parameter or Op.Load:
                return null;
            case Op.Select:
                Value whenTrue = instruction.B, whenFalse = instruction.C;
                IsCertain = false;
                return Join(Size(whenTrue, offset, depth + 1), Size(whenFalse, offset, depth + 1));
            case Op.Phi:
                return OfPhi(address, offset, depth);
            case Op.Call:
                return OfCall(address, offset, depth);
            default:
                return null;
        }
    }

    private static long Left(long size, long offset) => offset < 0 || offset > size ? 0 : size - offset;

    private long? Join(long? a, long? b)
    {
        if (a is null || b is null)
            return null;
        if (a == long.MinValue || b == long.MinValue)
            return Math.Max(a.Value, b.Value);
        return _least ? Math.Min(a.Value, b.Value) : Math.Max(a.Value, b.Value);
    }

    private long? OfPhi(Value phi, long offset, int depth)
    {
        IsCertain = false;
        // Around a loop: further on in the object only makes the size less, which matters to the least alone.
        if (_open.TryGetValue(phi.Id, out long before))
            return offset == before || !_least && offset > before ? long.MinValue : null;
        _open.Add(phi.Id, offset);
        long? size = long.MinValue;
        foreach (Value way in _function.Operands(phi).ToArray())
            size = Join(size, Size(way, offset, depth + 1));
        _open.Remove(phi.Id);
        return size;
    }

    private long? OfCall(Value call, long offset, int depth)
    {
        CallInfo info = _function.Calls[(int)_function[call].Aux];
        if ((info.Flags & CallFlags.Library) == 0 || info.Callee.IsNone)
            return null;
        SymbolData callee = _function.Module[info.Callee];
        Value[] arguments = _function.Operands(call).ToArray();
        switch (callee.LibraryName ?? callee.Name)
        {
            case "malloc" when arguments.Length == 1:
                return Known(arguments[0]) is { } size ? Left(size, offset) : null;
            case "aligned_alloc" or "realloc" when arguments.Length == 2:
                return Known(arguments[1]) is { } size2 ? Left(size2, offset) : null;
            case "calloc" when arguments.Length == 2:
                return Known(arguments[0]) is { } count && Known(arguments[1]) is { } each && Math.BigMul(count, each, out long total) == 0
                    ? Left(total, offset)
                    : null;
            case "memcpy" or "memmove" or "memset" or "strcpy" or "strncpy" or "strcat" or "strncat" or "__memcpy_chk" or "__memmove_chk"
                or "__memset_chk" or "__strcpy_chk" or "__strncpy_chk" or "__strcat_chk" or "__strncat_chk" when arguments.Length >= 2:
                return Size(arguments[0], offset, depth + 1);
            default:
                return null;
        }
    }

    private long? Known(Value value) => _function.OpOf(value) == Op.Constant && _function[value].Aux >= 0 ? _function[value].Aux : null;
}
