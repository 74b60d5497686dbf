using Kiln.Base;
using Kiln.Object.Elf;

namespace Kiln.Linker.Symbols;

/// <summary>What is known of where a symbol is.</summary>
internal enum SymbolState : byte
{
    /// <summary>Nobody defines it (yet).</summary>
    Undefined,

    /// <summary>An object, or the linker itself, defines it.</summary>
    Defined,

    /// <summary>A common symbol: storage is made for it unless a definition comes. Its value is its alignment.</summary>
    Common,

    /// <summary>A shared library defines it.</summary>
    Shared,
}

/// <summary>Facts about a symbol that passes find out.</summary>
[Flags]
internal enum SymbolTraits : uint
{
    None = 0,

    /// <summary>An object refers to it or defines it.</summary>
    InObject = 1,

    /// <summary>An object refers to it by a reference that is not weak.</summary>
    StrongReference = 2,

    /// <summary>A shared library refers to it.</summary>
    InLibrary = 4,

    /// <summary>A shared library's reference to it is not weak.</summary>
    StrongLibraryReference = 8,

    /// <summary>It is in the dynamic symbol table, by which others can reach it.</summary>
    Exported = 0x10,

    /// <summary>Its address is decided at run time: it is imported, or may be preempted.</summary>
    Preemptible = 0x20,

    /// <summary>The linker defines it where somebody asks (<c>PROVIDE</c>).</summary>
    LinkerDefined = 0x40,

    /// <summary>A version script or --exclude-libs made it local.</summary>
    ForcedLocal = 0x80,

    /// <summary>The user asked for it by -u, -e or a dynamic list.</summary>
    Kept = 0x100,

    /// <summary>Told of by -y.</summary>
    Traced = 0x200,

    /// <summary>A .gnu.warning section speaks of it.</summary>
    HasWarning = 0x400,

    /// <summary>It stands for a local symbol of an object: not in the table of names.</summary>
    Local = 0x800,

    /// <summary>Its storage was copied out of a shared library.</summary>
    Copied = 0x1000,

    /// <summary>Its address is that of its PLT entry, everywhere.</summary>
    CanonicalPlt = 0x2000,

    /// <summary>It must be in the dynamic symbol table because a dynamic relocation names it.</summary>
    InDynamicRelocation = 0x4000,

    /// <summary>A live section refers to it.</summary>
    Used = 0x8000,

    /// <summary>A version node of the version script names it.</summary>
    VersionGiven = 0x10000,

    /// <summary>Given by --export-dynamic-symbol or a dynamic list.</summary>
    ListedDynamic = 0x20000,

    /// <summary>A version of its own stands in its name (<c>name@VERSION</c> or <c>name@@VERSION</c>).</summary>
    HasVersionSuffix = 0x40000,

    /// <summary>Whether that version is the default one (<c>@@</c>).</summary>
    DefaultVersion = 0x80000,

    /// <summary>Its definition was thrown away by the garbage collection.</summary>
    Collected = 0x100000,

    /// <summary>Defined by a section that was discarded with its group, and nowhere else.</summary>
    InDiscardedSection = 0x200000,

    /// <summary>Reported as undefined already.</summary>
    Reported = 0x400000,
}

/// <summary>One symbol. Its id is its place in the table; 0 is no symbol.</summary>
internal struct Symbol
{
    /// <summary>The name without its version, in mapped memory.</summary>
    public Bytes Name;

    /// <summary>The version that the name carried after its @, in mapped memory.</summary>
    public Bytes VersionName;

    public uint Hash;
    public int Next;

    /// <summary>The symbol that this one is another name of, or 0.</summary>
    public int Alias;

    /// <summary>The index of the file that defines it (or first referred to it), or -1.</summary>
    public int File;

    /// <summary>Its index in that file's symbol table.</summary>
    public int ElfIndex;

    /// <summary>Id of the input section that holds it; 0 for absolute; ~N for the output section N.</summary>
    public int Section;

    public ulong Value;
    public ulong Size;
    public SymbolTraits Traits;
    public SymbolState State;
    public byte Type;
    public byte Binding;
    public byte Visibility;

    /// <summary>Its version in the output (index of a version definition or need).</summary>
    public ushort Version;

    public readonly bool Has(SymbolTraits traits) => (Traits & traits) != 0;
    public readonly bool IsWeak => Binding == SymbolBinding.Weak;
    public readonly bool IsAbsolute => State == SymbolState.Defined && Section == 0;
    public readonly bool IsPreemptible => Has(SymbolTraits.Preemptible);
    public readonly bool IsIFunc => Type == SymbolType.GnuIFunc && State == SymbolState.Defined;
    public readonly bool IsUndefinedWeak => State == SymbolState.Undefined && !Has(SymbolTraits.StrongReference);
    public readonly bool IsFunction => Type is SymbolType.Function or SymbolType.GnuIFunc;
    public readonly bool IsHidden => Visibility is SymbolVisibility.Hidden or SymbolVisibility.Internal || Has(SymbolTraits.ForcedLocal);
}
