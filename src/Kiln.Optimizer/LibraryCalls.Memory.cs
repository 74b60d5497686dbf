using Kiln.IR;

namespace Kiln.Optimizer;

// Blocks of memory: copies and fills of few bytes become operations (C17 7.24.2, 7.24.6).
public sealed partial class LibraryCalls
{
    private static readonly long _anyAccess = new MemoryAccess(0).Pack();

    private Value Memcpy()
    {
        (Value to, Value from, Value count) = (_arguments[0], _arguments[1], _arguments[2]);
        if (to == from || IsConstant(count, 0))
            return to;
        if (!IsConstant(count, out long bytes) || bytes is < 0 or > OperationLimit)
            return default;
        New(Op.MemoryCopy, IrType.Void, to, from, count, _anyAccess);
        return to;
    }

    private Value Mempcpy()
    {
        (Value to, Value from, Value count) = (_arguments[0], _arguments[1], _arguments[2]);
        EmitCall("memcpy", to, from, count);
        return Offset(to, count);
    }

    private Value Memmove()
    {
        (Value to, Value from, Value count) = (_arguments[0], _arguments[1], _arguments[2]);
        if (to == from || IsConstant(count, 0))
            return to;
        if (IsConstant(count, out long bytes) && bytes is >= 0 and <= OperationLimit)
        {
            New(Op.MemoryMove, IrType.Void, to, from, count, _anyAccess);
            return to;
        }
        // Nothing that may be written overlaps what may not.
        return ConstantData.IsReadOnly(_function, from) ? EmitCall("memcpy", to, from, count) : default;
    }

    private Value Memset(Value to, Value filler, Value count)
    {
        if (IsConstant(count, 0))
            return to;
        if (!IsConstant(count, out long bytes) || bytes is < 0 or > OperationLimit || !IsConstant(filler, out long value))
            return default;
        New(Op.MemorySet, IrType.Void, to, _function.Constant(IrType.I8, value), count, _anyAccess);
        return to;
    }

    private Value MemoryChk(string plain)
    {
        (Value to, Value second, Value count, Value size) = (_arguments[0], _arguments[1], _arguments[2], _arguments[3]);
        if (!IsConstant(size, out long limit))
            return default;
        bool fits = limit == -1 || Greatest(count, out ulong greatest) && greatest <= (ulong)limit;
        if (fits)
            return EmitCall(plain, to, second, count);
        // Copied onto itself nothing changes, however much it is.
        if (to == second && plain is "memcpy" or "memmove")
            return to;
        return default;
    }
}
