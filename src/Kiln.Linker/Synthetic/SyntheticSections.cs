using Kiln.Linker.Relocations;

namespace Kiln.Linker.Synthetic;

/// <summary>The places that a symbol has in the linker's own tables; each is its index plus one, 0 for none.</summary>
internal struct SymbolSlots
{
    /// <summary>The word of the GOT with its address, of the pair for general dynamic, of the offset for initial exec, of the descriptor.</summary>
    public int Got, TlsGd, TlsIe, TlsDescriptor;

    /// <summary>Its entry in .plt, and in .plt.got.</summary>
    public int Plt, PltGot;

    /// <summary>Its index in the dynamic symbol table (not plus one: 0 is the null symbol).</summary>
    public int Dynamic;
}

/// <summary>All chunks that the linker itself makes; those that are not needed are in no section.</summary>
internal sealed class SyntheticSections
{
    public RelocationScan Scan { get; set; } = null!;

    public EhFrameChunk EhFrame { get; } = new();
    public EhFrameHeaderChunk EhFrameHeader { get; }
    public List<MergedChunk> Merged { get; } = [];
    public ZeroChunk Commons { get; } = new();
    public ZeroChunk TlsCommons { get; } = new();

    /// <summary>Copies of libraries' variables, and of those that the library protects after relocation.</summary>
    public ZeroChunk Copies { get; } = new();
    public ZeroChunk RelroCopies { get; } = new();

    /// <summary>The symbols whose copies the dynamic linker fills, and where; their relocations begin at <see cref="CopyStart"/>.</summary>
    public List<(int Symbol, ZeroChunk Room, ulong Offset)> CopiedSymbols { get; } = [];
    public int CopyStart { get; set; }

    /// <summary>Where the copy of a symbol, or of the variable that it is another name of, lies.</summary>
    public Dictionary<int, (ZeroChunk Room, ulong Offset)> CopyPlaces { get; } = [];

    public GotChunk Got { get; } = new();
    public GotPltChunk GotPlt { get; } = new();
    public PltChunk Plt { get; } = new();
    public PltGotChunk PltGot { get; } = new();
    public RelocationChunk RelaDyn { get; } = new();
    public RelocationChunk RelaPlt { get; } = new();

    public InterpChunk Interp { get; } = new();
    public NoteChunk BuildId { get; } = new();
    public NoteChunk Property { get; } = new();
    public DynamicSymbolTable DynamicSymbols { get; } = new();
    public DynamicChunk Dynamic { get; } = new();

    /// <summary>The slots of every symbol, by id.</summary>
    public SymbolSlots[] Slots { get; set; } = [];

    public SyntheticSections() => EhFrameHeader = new EhFrameHeaderChunk(EhFrame);
}
