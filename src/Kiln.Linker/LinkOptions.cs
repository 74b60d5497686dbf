namespace Kiln.Linker;

// What a link is asked for, as data. The command line of the `ld` role fills it; a program that links in memory may
// fill it by hand. Defaults are those of GNU ld for Linux.

/// <summary>The kind of file that a link makes.</summary>
public enum OutputKind : byte
{
    /// <summary>An executable at fixed addresses; dynamic exactly when a shared library is linked in.</summary>
    Executable,

    /// <summary>A position independent executable; static-pie when it has no program interpreter and no shared library.</summary>
    Pie,

    /// <summary>A shared library.</summary>
    Shared,

    /// <summary>A relocatable object (<c>-r</c>).</summary>
    Relocatable,
}

/// <summary>Which hash tables a dynamic output has.</summary>
[Flags]
public enum HashStyle : byte
{
    SysV = 1,
    Gnu = 2,
    Both = 3,
}

/// <summary>What <c>--strip-*</c> takes away.</summary>
public enum StripKind : byte
{
    None,
    Debug,
    All,
}

/// <summary>Which local symbols are left out of the symbol table.</summary>
public enum DiscardKind : byte
{
    /// <summary>Temporary symbols in merged sections only: the default.</summary>
    Merged,

    /// <summary><c>-X</c>: all temporary (<c>.L</c>) symbols.</summary>
    Temporary,

    /// <summary><c>-x</c>: all local symbols.</summary>
    All,

    /// <summary><c>--discard-none</c>.</summary>
    None,
}

/// <summary>What becomes of unresolved symbols.</summary>
public enum UnresolvedPolicy : byte
{
    Report,
    Warn,
    Ignore,
}

/// <summary>What an executable stack is decided by.</summary>
public enum StackFlags : byte
{
    /// <summary>By the inputs' <c>.note.GNU-stack</c> sections.</summary>
    Inputs,
    Executable,
    NotExecutable,
}

/// <summary>How input sections of one output section are sorted.</summary>
public enum SectionSort : byte
{
    None,
    Name,
    Alignment,
}

/// <summary>How symbols of a shared library bind to definitions inside it.</summary>
public enum SymbolicBinding : byte
{
    None,
    Functions,
    All,
}

/// <summary>All that a link may be asked for.</summary>
public sealed class LinkOptions
{
    public OutputKind Kind { get; set; } = OutputKind.Executable;

    /// <summary>The output's path; null when the image is wanted in memory.</summary>
    public string? Output { get; set; } = "a.out";

    /// <summary>Files that live in memory: a path found here is not looked for on disk. Keys are compared exactly.</summary>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? MemoryFiles { get; set; }

    /// <summary>How many threads may work; 0 for one a processor. The output does not depend on it.</summary>
    public int Threads { get; set; }

    // Search
    public List<string> LibraryDirectories { get; } = [];
    public string Sysroot { get; set; } = "";
    public List<string> RunPaths { get; } = [];
    public List<string> RunPathLinks { get; } = [];

    // Dynamic linking
    public string? DynamicLinker { get; set; }
    public bool NoDynamicLinker { get; set; }
    public string? SoName { get; set; }
    public bool NewDynamicTags { get; set; } = true;
    public bool ExportDynamic { get; set; }
    public List<string> ExportDynamicSymbols { get; } = [];
    public List<string> VersionScripts { get; } = [];
    public List<string> DynamicLists { get; } = [];
    public List<string> ExportDynamicSymbolLists { get; } = [];
    public bool DynamicListData { get; set; }
    public SymbolicBinding Symbolic { get; set; }
    public bool UndefinedVersion { get; set; } = true;
    public HashStyle HashStyle { get; set; } = HashStyle.Both;
    public List<string> ExcludeLibraries { get; } = [];
    public List<string> Filters { get; } = [];
    public List<string> AuxiliaryFilters { get; } = [];
    public string? InitSymbol { get; set; } = "_init";
    public string? FiniSymbol { get; set; } = "_fini";
    public ulong DynamicFlags1 { get; set; }
    public ulong DynamicFlags { get; set; }
    public bool BindNow { get; set; }
    public bool CombineRelocations { get; set; } = true;
    public bool CopyRelocations { get; set; } = true;
    public bool? DynamicUndefinedWeak { get; set; }

    /// <summary>Null: text relocations are warned of; true: an error (<c>-z text</c>); false: silent (<c>-z notext</c>).</summary>
    public bool? TextRelocationsAreErrors { get; set; } = false;

    // Symbols
    public string Entry { get; set; } = "_start";
    public bool EntryGiven { get; set; }
    public List<string> Undefined { get; } = [];
    public List<string> RequireDefined { get; } = [];
    public List<string> Wrap { get; } = [];
    public List<(string Name, string Expression)> DefinedSymbols { get; } = [];
    public List<string> TraceSymbols { get; } = [];
    public bool AllowMultipleDefinition { get; set; }
    public bool NoUndefined { get; set; }
    public bool? AllowShlibUndefined { get; set; }
    public UnresolvedPolicy UnresolvedInObjects { get; set; } = UnresolvedPolicy.Report;
    public UnresolvedPolicy UnresolvedInLibraries { get; set; } = UnresolvedPolicy.Report;
    public bool WarnUnresolved { get; set; }
    public HashSet<string> IgnoreUnresolved { get; } = [];
    public bool WarnCommon { get; set; }

    /// <summary><c>--sort-common</c>: null for the order of symbols, true for descending alignment, false for ascending.</summary>
    public bool? SortCommon { get; set; }

    // Sections and layout
    public bool GcSections { get; set; }
    public bool PrintGcSections { get; set; }
    public bool GcKeepExported { get; set; }
    public bool StartStopGc { get; set; }
    public int StartStopVisibility { get; set; } = 3;
    public bool EhFrameHeader { get; set; }
    public bool Relro { get; set; } = true;
    public bool SeparateCode { get; set; } = true;
    public StackFlags Stack { get; set; }
    public ulong StackSize { get; set; }
    /// <summary>The byte that fills up a call that went through the GOT and is direct now; where it stands behind the call.</summary>
    public byte CallPadding { get; set; } = 0x67;
    public bool CallPaddingIsBehind { get; set; }
    public ulong MaxPageSize { get; set; } = 0x1000;
    public ulong CommonPageSize { get; set; } = 0x1000;
    public ulong? ImageBase { get; set; }
    public ulong? TextAddress { get; set; }
    public ulong? DataAddress { get; set; }
    public ulong? BssAddress { get; set; }
    public ulong? TextSegment { get; set; }
    public ulong? RodataSegment { get; set; }
    public List<(string Section, ulong Address)> SectionStarts { get; } = [];
    public bool NMagic { get; set; }
    public bool OMagic { get; set; }
    public SectionSort SortSections { get; set; }
    public bool Relax { get; set; } = true;
    public bool EmitRelocations { get; set; }
    public bool CheckOverflow { get; set; } = true;
    public uint ForcedX86Features { get; set; }
    public uint X86IsaNeeded { get; set; }

    // Output
    public StripKind Strip { get; set; }
    public DiscardKind Discard { get; set; }

    /// <summary>Null for none, else <c>sha1</c>, <c>md5</c>, <c>uuid</c> or <c>0xHEX</c>.</summary>
    public string? BuildId { get; set; }

    public string? MapFile { get; set; }
    public bool PrintMap { get; set; }
    public string? DependencyFile { get; set; }
    public bool Trace { get; set; }
    public bool FatalWarnings { get; set; }
    public bool NoWarnings { get; set; }
    public bool NoInhibitExec { get; set; }

    /// <summary>Whether an executable stack is warned of: null where an object causes it, true where the command line does too.</summary>
    public bool? WarnExecStack { get; set; }
    public bool WarnRwxSegments { get; set; } = true;
}
