using Kiln.Linker.Inputs;
using Kiln.Linker.Sections;
using Kiln.Linker.Symbols;
using Kiln.Object.Elf;

namespace Kiln.Linker.Relocations;

/// <summary>What a relocation refers to: a global symbol by id, or a local one by the section and value it stands for.</summary>
internal struct Referent
{
    /// <summary>The id of a symbol in the table, or 0 for a local symbol that has none.</summary>
    public int Id;

    /// <summary>For a local symbol: the input section that holds it, 0 for an absolute one.</summary>
    public int Section;

    public ulong Value;
    public ulong Size;
    public byte Type;
    public bool IsSectionSymbol;

    /// <summary>Whether its address is known only at run time.</summary>
    public bool IsPreemptible;

    /// <summary>Whether it does not move with the image.</summary>
    public bool IsAbsolute;

    public bool IsIFunc;
    public bool IsUndefined;

    /// <summary>The symbol of a relocation; false where its index is out of range.</summary>
    public static bool Of(LinkJob job, ObjectFile file, int index, out Referent referent)
    {
        referent = default;
        if ((uint)index >= (uint)file.SymbolIds.Length)
        {
            // The null symbol is good even without a table.
            referent.IsAbsolute = true;
            return index == 0;
        }
        int id = file.SymbolIds[index];
        if (id != 0)
        {
            ref Symbol symbol = ref job.Symbols[id];
            referent.Id = id;
            referent.Section = symbol.Section;
            referent.Value = symbol.Value;
            referent.Size = symbol.Size;
            referent.Type = symbol.Type;
            referent.IsPreemptible = symbol.IsPreemptible;
            referent.IsUndefined = symbol.State == SymbolState.Undefined;
            referent.IsAbsolute = symbol.IsAbsolute || referent.IsUndefined && !symbol.IsPreemptible;
            referent.IsIFunc = symbol.IsIFunc;
            return true;
        }
        ref readonly ElfSymbol elf = ref file.Symbols.Span[index];
        int section = file.Symbols.Section(index);
        if (section >= file.SectionCount || section < 0 && section != ElfSymbols.Absolute)
            return false;
        referent.Section = section > 0 ? file.FirstSection + section : 0;
        referent.Value = elf.Value;
        referent.Size = elf.Size;
        referent.Type = (byte)elf.Type;
        referent.IsSectionSymbol = elf.Type == SymbolType.Section;
        referent.IsAbsolute = section <= 0;
        referent.IsIFunc = elf.Type == SymbolType.GnuIFunc;
        return true;
    }
}
