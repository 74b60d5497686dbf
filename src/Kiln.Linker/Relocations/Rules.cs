using Kiln.Linker.Sections;
using Kiln.Linker.Symbols;
using Kiln.Linker.Targets;
using Kiln.Object.Elf;

namespace Kiln.Linker.Relocations;

/// <summary>How code reaches a thread-local variable.</summary>
internal enum TlsModel : byte
{
    Dynamic,
    InitialExec,
    LocalExec,
}

/// <summary>The decisions that the scan and the writing of relocations must take alike.</summary>
internal static class Rules
{
    /// <summary>How a load through the GOT is rewritten to do without the slot.</summary>
    public static X86_64.GotForm RelaxedGot(LinkJob job, in Referent referent, ReadOnlySpan<byte> data, in ElfRelocation relocation)
    {
        if (!job.Options.Relax || referent.IsPreemptible || referent.IsIFunc)
            return X86_64.GotForm.None;
        // A constant that no immediate holds stays in its slot; what an expression gives is not known yet.
        if (referent.IsAbsolute && (referent.Section != 0 || (long)referent.Value != (int)referent.Value
            || referent.Id != 0 && job.Symbols[referent.Id].Has(SymbolTraits.LinkerDefined)))
            return X86_64.GotForm.None;
        return X86_64.RelaxedGot(data, relocation.Offset, relocation.Type, relocation.Addend, job.IsPositionIndependent, referent.IsAbsolute);
    }

    /// <summary>The cheapest model that a thread-local reference can have here; dynamic where the code cannot be rewritten.</summary>
    public static TlsModel Model(LinkJob job, in Referent referent, bool canRewrite)
    {
        if (job.IsShared || !canRewrite)
            return TlsModel.Dynamic;
        return referent.IsPreemptible ? TlsModel.InitialExec : TlsModel.LocalExec;
    }

    /// <summary>Whether local dynamic code becomes local exec: an executable's own block has a fixed place.</summary>
    public static bool RelaxesLocalDynamic(LinkJob job) => !job.IsShared;

    /// <summary>Whether a section may refer to what was dropped with its group: debug information and unwind tables, which get 0.</summary>
    public static bool ToleratesDiscarded(in InputSection section)
    {
        ReadOnlySpan<byte> name = section.Name.Span;
        return !section.IsAllocated || section.Fate == SectionFate.EhFrame || name.StartsWith(".gcc_except_table"u8)
            || name.StartsWith(".eh_frame"u8);
    }
}
