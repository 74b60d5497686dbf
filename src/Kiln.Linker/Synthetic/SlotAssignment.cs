using Kiln.Linker.Inputs;
using Kiln.Linker.Relocations;
using Kiln.Linker.Sections;
using Kiln.Linker.Symbols;
using Kiln.Object.Elf;

namespace Kiln.Linker.Synthetic;

/// <summary>
/// Gives what the scan found needed its places: GOT words, PLT entries, copies, dynamic symbols, and the number of dynamic
/// relocations. In the order of symbol ids, so that the output does not depend on how the scan was spread over threads.
/// </summary>
internal static class SlotAssignment
{
    /// <summary>Assigns all slots. Needs the scan; the layout needs the sizes it leaves.</summary>
    public static void Run(LinkJob job)
    {
        SyntheticSections synthetic = job.Synthetic;
        Needs[] needs = AllNeeds(job);
        AssignCopies(job, needs);
        var slots = new SymbolSlots[job.Symbols.Count];
        synthetic.Slots = slots;
        for (int id = 1; id < needs.Length; id++)
            if (needs[id] != Needs.None)
                Assign(job, id, needs[id], slots);
        if (synthetic.Scan.UsesTlsLd)
            synthetic.Got.AddOwnModule(job);
        synthetic.Plt.Number(slots);
        int total = 0;
        for (int id = 1; id < job.Sections.Count; id++)
        {
            ref InputSection section = ref job.Sections[id];
            section.DynamicStart = total;
            total += section.DynamicCount;
        }
        synthetic.Got.DynamicStart = total;
        total += synthetic.Got.DynamicCount;
        synthetic.CopyStart = total;
        total += synthetic.CopiedSymbols.Count;
        synthetic.RelaDyn.SetCount(total);
        synthetic.RelaPlt.SetCount(synthetic.Plt.Count);
        if (job.IsDynamic)
            synthetic.DynamicSymbols.Collect(job, needs);
    }

    // The needs of global symbols, and behind them those of local symbols, which become symbols of the table here.
    private static Needs[] AllNeeds(LinkJob job)
    {
        int globals = job.Symbols.Count;
        foreach (ObjectFile file in job.Objects)
        {
            if (file.LocalNeeds is not { } local)
                continue;
            for (int i = 0; i < local.Length; i++)
                if (local[i] != Needs.None)
                    file.SymbolIds[i] = AddLocal(job, file, i);
        }
        var needs = new Needs[job.Symbols.Count];
        for (int id = 1; id < globals; id++)
            needs[id] = job.Synthetic.Scan.NeedsOf(id);
        foreach (ObjectFile file in job.Objects)
            if (file.LocalNeeds is { } local)
                for (int i = 0; i < local.Length; i++)
                    if (local[i] != Needs.None)
                        needs[file.SymbolIds[i]] = local[i];
        return needs;
    }

    private static int AddLocal(LinkJob job, ObjectFile file, int index)
    {
        ref readonly ElfSymbol elf = ref file.Symbols.Span[index];
        int section = file.Symbols.Section(index);
        int sectionId = section > 0 && section < file.SectionCount ? file.FirstSection + section : 0;
        if (sectionId != 0 && job.Sections[sectionId].Fate == SectionFate.Duplicate)
            sectionId = job.Sections[sectionId].KeptTwin;
        return job.Symbols.AddLocal(new Symbol
        {
            Name = file.Symbols.Name(elf),
            File = file.Index,
            ElfIndex = index,
            Section = sectionId,
            Value = elf.Value,
            Size = elf.Size,
            State = SymbolState.Defined,
            Type = (byte)elf.Type,
            Traits = SymbolTraits.Local,
        });
    }

    private static void Assign(LinkJob job, int id, Needs needs, SymbolSlots[] slots)
    {
        SyntheticSections synthetic = job.Synthetic;
        ref Symbol symbol = ref job.Symbols[id];
        ref SymbolSlots slot = ref slots[id];
        bool isIndirect = symbol.IsIFunc && !symbol.IsPreemptible;
        if ((needs & Needs.Got) != 0)
            slot.Got = synthetic.Got.AddAddress(job, id) + 1;
        if ((needs & Needs.Plt) != 0)
        {
            if (isIndirect)
                synthetic.Plt.AddIndirect(id);
            else if (symbol.IsPreemptible)
            {
                // A word in the GOT that is filled at the start serves calls too, unless the entry is the function's address.
                if ((needs & (Needs.Got | Needs.CanonicalPlt)) == Needs.Got)
                    slot.PltGot = synthetic.PltGot.Add(id) + 1;
                else
                    synthetic.Plt.AddLazy(id);
            }
            if ((needs & Needs.CanonicalPlt) != 0 && (isIndirect || symbol.IsPreemptible && job.IsExecutable))
                symbol.Traits |= SymbolTraits.CanonicalPlt;
        }
        if ((needs & Needs.TlsGd) != 0)
            slot.TlsGd = synthetic.Got.AddTlsPair(job, id) + 1;
        if ((needs & Needs.TlsIe) != 0)
            slot.TlsIe = synthetic.Got.AddThreadOffset(job, id) + 1;
        if ((needs & Needs.TlsDescriptor) != 0)
            slot.TlsDescriptor = synthetic.Got.AddDescriptor(id) + 1;
    }

    // Makes room for copies. Every name that the library gives to the same variable must lead to the copy.
    private static void AssignCopies(LinkJob job, Needs[] needs)
    {
        SyntheticSections synthetic = job.Synthetic;
        for (int id = 1; id < needs.Length; id++)
        {
            if ((needs[id] & Needs.Copy) == 0)
                continue;
            ref Symbol symbol = ref job.Symbols[id];
            if (symbol.State != SymbolState.Shared)
                continue;
            var library = (SharedFile)job.Files[symbol.File];
            ElfSymbol elf = library.Symbols.Span[symbol.ElfIndex];
            if (elf.Size == 0)
            {
                job.Warning($"type and size of dynamic symbol `{job.Symbols.Text(id)}' are not defined");
                continue;
            }
            bool isRelro = job.Options.Relro && library.IsInReadOnlySection(elf);
            ZeroChunk room = isRelro ? synthetic.RelroCopies : synthetic.Copies;
            ulong offset = room.Allocate(elf.Size, library.AlignmentOf(elf));
            synthetic.CopiedSymbols.Add((id, room, offset));
            MakeCopied(job, id, room, offset);
            ReadOnlySpan<ElfSymbol> symbols = library.Symbols.Span;
            for (int i = 1; i < symbols.Length; i++)
                if (i != symbol.ElfIndex && symbols[i].Value == elf.Value && symbols[i].Section == elf.Section
                    && symbols[i].Type == SymbolType.Object && (library.VersionOf(i) & SymbolVersion.Hidden) == 0)
                    CopyAlias(job, library, i, room, offset);
        }
    }

    private static void MakeCopied(LinkJob job, int id, ZeroChunk room, ulong offset)
    {
        ref Symbol symbol = ref job.Symbols[id];
        job.Synthetic.CopyPlaces[id] = (room, offset);
        symbol.Traits = symbol.Traits & ~SymbolTraits.Preemptible | SymbolTraits.Copied | SymbolTraits.Exported;
    }

    private static void CopyAlias(LinkJob job, SharedFile library, int index, ZeroChunk room, ulong offset)
    {
        ref readonly ElfSymbol elf = ref library.Symbols.Span[index];
        int id = job.Symbols.Final(job.Symbols.Intern(library.Symbols.Name(elf)));
        ref Symbol symbol = ref job.Symbols[id];
        if (symbol.State is SymbolState.Defined or SymbolState.Common || symbol.Has(SymbolTraits.Copied)
            || symbol.State == SymbolState.Shared && symbol.File != library.Index)
            return;
        symbol.State = SymbolState.Shared;
        symbol.File = library.Index;
        symbol.ElfIndex = index;
        symbol.Type = (byte)elf.Type;
        symbol.Binding = (byte)elf.Binding;
        symbol.Value = elf.Value;
        symbol.Size = elf.Size;
        symbol.Traits |= SymbolTraits.InObject;
        MakeCopied(job, id, room, offset);
    }
}
