using Kiln.Linker.Inputs;
using Kiln.Object.Elf;

namespace Kiln.Linker.Symbols;

/// <summary>
/// Decides of every symbol whether others can reach it at run time (it is exported), and whether its own address is known now or
/// only then (it is preemptible). Needs the resolution and the version script; the scan of relocations lives by the result.
/// </summary>
internal static class SymbolClassification
{
    /// <summary>Sets <see cref="SymbolTraits.Exported"/> and <see cref="SymbolTraits.Preemptible"/>.</summary>
    public static void Run(LinkJob job)
    {
        job.Versions?.Apply(job);
        if (!job.IsDynamic)
            return;
        SymbolTable symbols = job.Symbols;
        for (int id = 1; id < symbols.Count; id++)
        {
            ref Symbol symbol = ref symbols[id];
            if (symbol.Alias != 0)
                continue;
            switch (symbol.State)
            {
                case SymbolState.Undefined:
                    if (symbol.Has(SymbolTraits.InObject) && ImportsUndefined(job, symbol))
                        symbol.Traits |= SymbolTraits.Preemptible;
                    break;
                case SymbolState.Shared:
                    if (symbol.Has(SymbolTraits.InObject))
                        symbol.Traits |= SymbolTraits.Preemptible;
                    break;
                case SymbolState.Defined or SymbolState.Common:
                    if (IsExported(job, ref symbol))
                        symbol.Traits |= SymbolTraits.Exported | (IsInterposable(job, symbol) ? SymbolTraits.Preemptible : 0);
                    break;
                default:
                    throw new InvalidOperationException($"symbol state {symbol.State}");
            }
        }
    }

    // Whether an undefined symbol is left to the dynamic linker.
    private static bool ImportsUndefined(LinkJob job, in Symbol symbol)
    {
        if (symbol.IsHidden)
            return false;
        if (job.IsShared)
            return true;
        if (symbol.IsUndefinedWeak)
            return job.HasInterpreter && job.Options.DynamicUndefinedWeak != false;
        return job.HasInterpreter && job.Options.UnresolvedInObjects == UnresolvedPolicy.Ignore;
    }

    private static bool IsExported(LinkJob job, ref Symbol symbol)
    {
        if (symbol.IsHidden || symbol.Has(SymbolTraits.Collected) || !symbol.Has(SymbolTraits.InObject) && !symbol.Has(SymbolTraits.LinkerDefined))
            return false;
        if (job.IsShared)
            return !symbol.Has(SymbolTraits.LinkerDefined) || symbol.Has(SymbolTraits.Kept);
        if (symbol.Has(SymbolTraits.InLibrary | SymbolTraits.ListedDynamic) || symbol.Binding == SymbolBinding.GnuUnique)
            return true;
        if (symbol.Has(SymbolTraits.LinkerDefined) && !symbol.Has(SymbolTraits.Kept))
            return IsInLibraries(job, symbol);
        if (job.Options.ExportDynamic || job.Options.DynamicListData && symbol.Type == SymbolType.Object)
            return true;
        return IsInLibraries(job, symbol);
    }

    // A library defines it too: the library's own references must come here.
    private static bool IsInLibraries(LinkJob job, in Symbol symbol)
    {
        foreach (SharedFile library in job.Libraries)
            if (library.Find(symbol.Name.Span, [], symbol.Hash) != 0)
                return true;
        return false;
    }

    private static bool IsInterposable(LinkJob job, in Symbol symbol)
    {
        if (!job.IsShared || symbol.Visibility != SymbolVisibility.Default)
            return false;
        if (symbol.Has(SymbolTraits.ListedDynamic))
            return true;
        if (job.Options.DynamicLists.Count > 0)
            return false;
        return job.Options.Symbolic switch
        {
            SymbolicBinding.None => true,
            SymbolicBinding.Functions => !symbol.IsFunction,
            SymbolicBinding.All => false,
            _ => throw new InvalidOperationException($"binding {job.Options.Symbolic}"),
        };
    }
}
