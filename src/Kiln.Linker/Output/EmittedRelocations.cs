using System.Runtime.InteropServices;
using Kiln.Base;
using Kiln.Linker.Inputs;
using Kiln.Linker.Layout;
using Kiln.Linker.Relocations;
using Kiln.Linker.Sections;
using Kiln.Linker.Symbols;
using Kiln.Linker.Targets;
using Kiln.Object.Elf;

namespace Kiln.Linker.Output;

/// <summary>
/// --emit-relocs: the objects' relocations again, with the addresses and symbols of the output, for tools that move or check the image.
/// A load through the GOT that was rewritten is given as the relative reference that it became.
/// </summary>
internal sealed class EmittedRelocations(LinkJob job, SymbolTableWriter symbols)
{
    /// <summary>The relocation sections, each with the section that it is of.</summary>
    public List<(OutputSection Section, byte[] Bytes)> Build()
    {
        var result = new List<(OutputSection, byte[])>();
        foreach (OutputSection section in job.Outputs)
        {
            var records = new GrowBuffer<ElfRelocation>();
            foreach (int part in section.Parts.Span)
                if (part > 0 && job.Sections[part].Relocations != 0)
                    Add(section, part, records);
            if (records.Count > 0)
                result.Add((section, MemoryMarshal.AsBytes(records.Span).ToArray()));
        }
        return result;
    }

    private void Add(OutputSection section, int id, GrowBuffer<ElfRelocation> records)
    {
        ref InputSection input = ref job.Sections[id];
        ObjectFile file = job.ObjectOf(id);
        symbols.LocalIndices.TryGetValue(file, out int[]? locals);
        foreach (ref readonly ElfRelocation relocation in file.Elf.Relocations(input.Relocations))
        {
            if (!Referent.Of(job, file, relocation.Symbol, out Referent referent))
                continue;
            int type = relocation.Type;
            if (X86_64.Kind(type) == RelocationKind.GotPcRelaxable && Rules.RelaxedGot(job, referent, input.Data.Span, relocation) is not X86_64.GotForm.None and var form)
                type = form == X86_64.GotForm.Immediate ? X86_64Relocation.Abs32S : X86_64Relocation.Pc32;
            int symbol = 0;
            long addend = relocation.Addend;
            if (referent.Id != 0 && !job.Symbols[referent.Id].Has(SymbolTraits.Local))
                symbol = symbols.GlobalIndices[referent.Id];
            else if (locals is not null && !referent.IsSectionSymbol && locals[relocation.Symbol] != 0)
                symbol = locals[relocation.Symbol];
            else if (referent.Section > 0 && job.OutputOf(referent.Section) is { } target)
            {
                // By the section: the addend is the place in it.
                ulong place = job.Sections[referent.Section].Fate == SectionFate.Merged && referent.IsSectionSymbol
                    ? job.AddressIn(referent.Section, referent.Value + (ulong)addend)
                    : job.AddressIn(referent.Section, referent.Value) + (ulong)addend;
                symbol = symbols.SectionIndices[target];
                addend = (long)(place - target.Address);
            }
            records.Add(new ElfRelocation(section.Address + input.Offset + relocation.Offset, symbol, type, addend));
        }
    }
}
