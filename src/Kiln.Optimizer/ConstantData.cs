using Kiln.IR;

namespace Kiln.Optimizer;

/// <summary>What the unit's read-only objects hold.</summary>
internal static class ConstantData
{
    /// <summary>Whether an address is in an object that is never written.</summary>
    public static bool IsReadOnly(Function function, Value address) => Object(function, address, out _) is not null;

    private static SymbolData? Object(Function function, Value address, out long offset)
    {
        offset = 0;
        while (function.OpOf(address) == Op.PointerAdd && function.OpOf(function[address].B) == Op.Constant)
        {
            offset += function[function[address].B].Aux;
            address = function[address].A;
        }
        ref Instruction leaf = ref function[address];
        if (leaf.Op != Op.SymbolAddress)
            return null;
        offset += leaf.Aux;
        SymbolData data = function.Module[new Symbol(leaf.A.Id)];
        return data.Kind == SymbolKind.Object && (data.IsNeverWritten || data.IsReadOnly && (data.BindsLocally || data.Linkage == Linkage.Internal))
            ? data : null;
    }

    /// <summary>The bytes from an address on to the end of a read-only object, as far as they are known without the linker; false where the
    /// address is in no such object.</summary>
    public static bool Bytes(Function function, Value address, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        if (Object(function, address, out long offset) is not { Size: <= 1 << 20 } data || offset < 0 || offset >= data.Size)
            return false;
        byte[] initial = data.Data ?? [];
        if (initial.Length < data.Size)
        {
            // The rest is zero. Objects of constant data are small and few: kept whole from now on.
            Array.Resize(ref initial, (int)data.Size);
            data.Data = initial;
        }
        long end = data.Size;
        foreach (DataReference reference in data.References ?? [])
        {
            if (reference.Offset + reference.Size > offset)
                end = Math.Min(end, reference.Offset);
        }
        if (end <= offset)
            return false;
        bytes = initial.AsSpan((int)offset, (int)(end - offset));
        return true;
    }
}
