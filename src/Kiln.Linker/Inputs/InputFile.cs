using Kiln.Base;
using Kiln.Object.Elf;

namespace Kiln.Linker.Inputs;

/// <summary>A file with symbols that takes part in the link: an object or a shared library.</summary>
internal abstract class InputFile(string name, Bytes bytes, int index)
{
    /// <summary>The name as messages show it: <c>libc.a(printf.o)</c> for a member.</summary>
    public string Name { get; } = name;

    /// <summary>The whole file or member.</summary>
    public Bytes Bytes { get; } = bytes;

    /// <summary>Its place in the list of files.</summary>
    public int Index { get; } = index;
}

/// <summary>A relocatable object.</summary>
internal sealed class ObjectFile(string name, Bytes bytes, int index, ElfFile elf) : InputFile(name, bytes, index)
{
    /// <summary>The reader.</summary>
    public ElfFile Elf { get; } = elf;

    /// <summary>The id of its section 0; that of section N is N more.</summary>
    public int FirstSection { get; set; }

    /// <summary>How many sections it has.</summary>
    public int SectionCount { get; set; }

    /// <summary>Its symbol table.</summary>
    public ElfSymbols Symbols { get; set; }

    /// <summary>The global symbol's id for each of its symbols; 0 for a local symbol that needs none.</summary>
    public int[] SymbolIds { get; set; } = [];

    /// <summary>What local symbols need of the GOT and PLT, by symbol index; null until one needs something.</summary>
    public Relocations.Needs[]? LocalNeeds { get; set; }

    /// <summary>Whether the file asks for an executable stack (it has no .note.GNU-stack, or one that says so).</summary>
    public bool WantsExecutableStack { get; set; } = true;

    /// <summary>Whether it has a .note.GNU-stack section.</summary>
    public bool HasStackNote { get; set; }

    /// <summary>The archive it comes from, or null.</summary>
    public string? ArchiveName { get; set; }

    /// <summary>Whether --exclude-libs hides its symbols.</summary>
    public bool HidesSymbols { get; set; }

    /// <summary>Whether only its symbols are wanted (-R).</summary>
    public bool SymbolsOnly { get; set; }

    /// <summary>The relocations of its .debug_line by offset, once a message needed them.</summary>
    public Dictionary<ulong, (int Section, long Addend)>? LineRelocations { get; set; }

    /// <summary>Bytes that were made for it (decompressed sections), freed with the link.</summary>
    public List<MappedFile> Owned { get; } = [];
}
