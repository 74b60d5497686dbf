using Kiln.Base;
using Kiln.Linker.Symbols;

namespace Kiln.Linker.Inputs;

/// <summary>
/// Follows the DT_NEEDED entries of the libraries, as the dynamic linker will, when a symbol that only libraries refer to is not
/// found yet: so that a library's missing symbol is reported, and one that its own needs bring is not.
/// </summary>
internal sealed class NeededLibraries(LinkJob job, SymbolResolver resolver, InputReader reader)
{
    /// <summary>Loads what is needed to resolve the libraries' own references.</summary>
    public void Run()
    {
        if (job.IsShared && job.Options.AllowShlibUndefined != false || job.Options.AllowShlibUndefined == true)
            return;
        for (int i = 0; i < job.Libraries.Count && AnyUnresolved(); i++)
        {
            SharedFile library = job.Libraries[i];
            if (library.NeedsFollowed)
                continue;
            library.NeedsFollowed = true;
            foreach (string name in library.Needed)
                if (!reader.HasLibrary(name) && !Load(library, name))
                    job.Warning($"{name}, needed by {library.Name}, not found (try using -rpath or -rpath-link)");
        }
    }

    private bool AnyUnresolved()
    {
        resolver.CompactUndefined();
        GrowBuffer<int> undefined = resolver.Undefined;
        bool any = false;
        for (int i = 0; i < undefined.Count; i++)
        {
            ref Symbol symbol = ref job.Symbols[undefined[i]];
            if (symbol.Has(SymbolTraits.StrongLibraryReference) && !symbol.Has(SymbolTraits.InObject) && !IsInLibraries(symbol))
                any = true;
        }
        return any;
    }

    private bool IsInLibraries(in Symbol symbol)
    {
        foreach (SharedFile library in job.Libraries)
            if (library.Find(symbol.Name.Span, [], symbol.Hash) != 0)
                return true;
        return false;
    }

    private bool Load(SharedFile by, string name)
    {
        if (name.Contains('/'))
            return reader.ReadIndirect(name);
        foreach (string directory in job.Options.RunPathLinks)
            if (reader.ReadIndirect($"{directory}/{name}"))
                return true;
        foreach (string directory in job.Options.RunPaths)
            if (reader.ReadIndirect($"{directory}/{name}"))
                return true;
        if (by.RunPath is { } paths)
            foreach (string directory in paths.Split(':'))
                if (reader.ReadIndirect($"{directory.Replace("$ORIGIN", Path.GetDirectoryName(by.Name) ?? ".", StringComparison.Ordinal)}/{name}"))
                    return true;
        foreach (string directory in reader.Directories)
            if (reader.ReadIndirect($"{directory}/{name}"))
                return true;
        return false;
    }
}
