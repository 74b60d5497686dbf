using Kiln.Frontend.Ast;
using Kiln.IR;

namespace Kiln.Lowering;

/// <summary>-finstrument-functions: which functions tell of their entries and exits.</summary>
public sealed record Instrumentation
{
    /// <summary>-finstrument-functions-exclude-function-list: a function whose name contains one of these is silent.</summary>
    public IReadOnlyList<string> ExcludedFunctions { get; init; } = [];

    /// <summary>-finstrument-functions-exclude-file-list: and one that is defined in a file whose path contains one of these.</summary>
    public IReadOnlyList<string> ExcludedFiles { get; init; } = [];
}

// -finstrument-functions (gcc's manual, section 3.12): calls of __cyg_profile_func_enter and __cyg_profile_func_exit with the function's
// address and the place it was called from. Such a function is inlined only where it must be (always_inline); its calls come along then,
// and tell the place that the function around was called from.
internal sealed partial class FunctionLowering
{
    private bool _isInstrumented;

    private bool WantsInstruments()
    {
        if (Options.Instrumentation is not { } rules || (_declaration.Flags & (SourceFunctionFlags.NoInstrument | SourceFunctionFlags.Naked)) != 0)
            return false;
        return !ContainsAny(unit.Names.Text(_declaration.Name), rules.ExcludedFunctions)
            && (rules.ExcludedFiles.Count == 0 || !ContainsAny(Module.Sources!.Position(_declaration.Location).File, rules.ExcludedFiles));
    }

    private static bool ContainsAny(string text, IReadOnlyList<string> parts)
    {
        foreach (string part in parts)
        {
            if (text.Contains(part, StringComparison.Ordinal))
                return true;
        }
        return false;
    }

    private void TellOfEntry()
    {
        _isInstrumented = WantsInstruments();
        if (_isInstrumented)
            CallInstrument("__cyg_profile_func_enter");
    }

    private void CallInstrument(string name)
    {
        Value site = _b.Emit(Op.ReturnAddress, IrType.Pointer, aux: 0);
        CallLibrary(name, unit.CTypes.Void, [unit.CTypes.VoidPointer, unit.CTypes.VoidPointer], [_function.SymbolAddress(_function.Symbol), site], CallFlags.None);
    }
}
