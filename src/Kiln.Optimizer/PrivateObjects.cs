using Kiln.IR;

namespace Kiln.Optimizer;

/// <summary>
/// Finds the unit's static objects whose address is used by nothing but loads, stores and copies of the unit's own functions: no pointer
/// leads to them, and those that are never written hold their initial value. Facts about the whole unit: all its functions
/// must be there, and no pass may take an address that was not taken before.
/// </summary>
public static class PrivateObjects
{
    /// <summary>Sets <see cref="SymbolData.IsPrivate"/> and <see cref="SymbolData.IsNeverWritten"/>.</summary>
    public static void Find(Module module, List<Function> functions)
    {
        // Assembly may name everything.
        if (module.TopLevelAsm.Count > 0)
            return;
        foreach (SymbolData? data in module.Symbols)
        {
            if (data is not null)
                data.IsPrivate = data.IsNeverWritten = IsCandidate(data);
        }
        foreach (SymbolData? data in module.Symbols)
        {
            if (data is null)
                continue;
            if (!data.AliasTarget.IsNone)
                Expose(module, data.AliasTarget);
            foreach (DataReference reference in data.References ?? [])
                Expose(module, reference.Symbol);
        }
        foreach (Function function in functions)
        {
            for (int b = 1; b < function.BlockCount; b++)
            {
                for (Value v = function[new Block(b)].First; !v.IsNone; v = function[v].Next)
                    Visit(function, v);
            }
        }
    }

    private static bool IsCandidate(SymbolData data) => data.Kind == SymbolKind.Object && data.Linkage == Linkage.Internal && !data.IsUsed
        && data.Section is null && data.AliasTarget.IsNone;

    private static void Visit(Function function, Value v)
    {
        ref Instruction instruction = ref function[v];
        switch (instruction.Op)
        {
            // What an address is added to is followed from where the sum is used.
            case Op.PointerAdd:
                Expose(function, instruction.B);
                break;
            case Op.Load:
                Touch(function, instruction.A, MemoryAccess.Unpack(instruction.Aux).IsVolatile);
                break;
            case Op.Store:
                Touch(function, instruction.A, true);
                Expose(function, instruction.B);
                break;
            case Op.MemoryCopy or Op.MemoryMove:
                Touch(function, instruction.A, true);
                Touch(function, instruction.B, false);
                Expose(function, instruction.C);
                break;
            case Op.MemorySet:
                Touch(function, instruction.A, true);
                Expose(function, instruction.B);
                Expose(function, instruction.C);
                break;
            case Op.DebugValue:
                break;
            default:
                foreach (Value operand in function.Operands(v))
                    Expose(function, operand);
                break;
        }
    }

    private static void Touch(Function function, Value address, bool writes)
    {
        if (writes && ObjectOf(function, address) is { } data)
            data.IsNeverWritten = false;
    }

    private static void Expose(Function function, Value value)
    {
        if (!value.IsNone && ObjectOf(function, value) is { } data)
            data.IsPrivate = data.IsNeverWritten = false;
    }

    private static void Expose(Module module, Symbol symbol)
    {
        if (module.Symbols[symbol.Id] is { } data)
            data.IsPrivate = data.IsNeverWritten = false;
    }

    private static SymbolData? ObjectOf(Function function, Value address)
    {
        while (function.OpOf(address) == Op.PointerAdd)
            address = function[address].A;
        return function.OpOf(address) == Op.SymbolAddress ? function.Module[new Symbol(function[address].A.Id)] : null;
    }
}
