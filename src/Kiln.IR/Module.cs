using Kiln.Base;

namespace Kiln.IR;

/// <summary>What a symbol names.</summary>
public enum SymbolKind : byte
{
    /// <summary>Only referred to.</summary>
    Undefined,
    Function,
    /// <summary>An object with an initializer (maybe all zero).</summary>
    Object,
    /// <summary>A tentative definition to be merged by the linker (-fcommon, attribute common).</summary>
    Common,
    /// <summary>Another name of <see cref="SymbolData.AliasTarget"/>.</summary>
    Alias,
    /// <summary>A function chosen at load time by <see cref="SymbolData.AliasTarget"/>.</summary>
    IndirectFunction,
}

/// <summary>Who sees a symbol.</summary>
public enum Linkage : byte
{
    External,
    Internal,
    Weak,
    /// <summary>A weak reference: undefined counts as null.</summary>
    WeakReference,
}

/// <summary>ELF visibility.</summary>
public enum Visibility : byte
{
    Default,
    Hidden,
    Protected,
    Internal,
}

/// <summary>How thread-local objects are reached.</summary>
public enum TlsModel : byte
{
    /// <summary>Not thread-local.</summary>
    None,
    GeneralDynamic,
    LocalDynamic,
    InitialExec,
    LocalExec,
}

/// <summary>A value inside an object's initial bytes that only the linker knows: the address of a symbol plus an addend, the address of
/// a block, or a difference of two blocks.</summary>
/// <param name="Offset">Where in the object.</param>
/// <param name="Size">Bytes: 1, 2, 4 or 8.</param>
/// <param name="Symbol">The symbol, or the function whose block is meant.</param>
/// <param name="Addend">What is added.</param>
/// <param name="Block">The block, or none.</param>
/// <param name="Minus">The block whose address is taken off, or none.</param>
public readonly record struct DataReference(int Offset, int Size, Symbol Symbol, long Addend, Block Block = default, Block Minus = default);

/// <summary>A symbol of the module.</summary>
public sealed class SymbolData
{
    /// <summary>The assembler's name.</summary>
    public required string Name { get; set; }

    /// <summary>The C library's name of the function, where an asm label gave its symbol another name; else null.</summary>
    public string? LibraryName { get; set; }

    public SymbolKind Kind { get; set; }
    public Linkage Linkage { get; set; }
    public Visibility Visibility { get; set; }
    public TlsModel Tls { get; set; }

    /// <summary>Whether the definition of this unit is the one that runs: false where another module may take its place (default
    /// visibility in a shared library, weak).</summary>
    public bool BindsLocally { get; set; }

    /// <summary>Whether this unit declares it as an object and nowhere as weak: an executable has such an object at an address of its own,
    /// by a copy where a shared library defines it, and so may address it without its global offset table.</summary>
    public bool IsDeclaredObject { get; set; }

    /// <summary>A section given by attribute, or null.</summary>
    public string? Section { get; set; }

    /// <summary>Whether the object's memory may be read-only.</summary>
    public bool IsReadOnly { get; set; }

    /// <summary>Whether it must be kept even if nothing refers to it (attribute used).</summary>
    public bool IsUsed { get; set; }

    /// <summary>Whether its section is kept by the linker too (attribute retain).</summary>
    public bool IsRetained { get; set; }

    /// <summary>Bytes of an object.</summary>
    public long Size { get; set; }

    public int AlignmentLog2 { get; set; }

    /// <summary>The initial bytes; null or shorter than Size: the rest is zero.</summary>
    public byte[]? Data { get; set; }

    /// <summary>What the linker fills in, by offset.</summary>
    public List<DataReference>? References { get; set; }

    /// <summary>Whether equal objects may share one address (string literals).</summary>
    public bool IsMergeable { get; set; }

    /// <summary>String literals: bytes of a character, else 0.</summary>
    public byte StringUnit { get; set; }

    public Symbol AliasTarget { get; set; }

    /// <summary>Function: constructor or destructor priority (65535 the default), or -1.</summary>
    public int ConstructorPriority { get; set; } = -1;

    public int DestructorPriority { get; set; } = -1;

    /// <summary>Function: facts that callers may use.</summary>
    public CallFlags CallFlags { get; set; }

    /// <summary>A symbol version (<c>.symver</c> operand), or null.</summary>
    public string? Version { get; set; }

    /// <summary>Whether anything in the unit refers to it.</summary>
    public bool IsReferenced { get; set; }

    /// <summary>A static object that no pointer leads to: only the unit's own loads, stores and copies name it. Known once the unit is whole.</summary>
    public bool IsPrivate { get; set; }

    /// <summary>A private object that nothing writes: it holds what it was initialized with.</summary>
    public bool IsNeverWritten { get; set; }

    /// <summary>A function whose address the unit's code takes, beside calling it.</summary>
    public bool IsAddressTaken { get; set; }

    /// <summary>A function whose body is handed on for inlining alone (C's inline definitions): it stays undefined here.</summary>
    public bool IsInlineOnly { get; set; }
}

/// <summary>Facts about a whole function.</summary>
[Flags]
public enum FunctionFlags : uint
{
    None = 0,
    /// <summary>Calls a function that returns twice: slots are neither promoted nor shared.</summary>
    CallsReturnsTwice = 1,
    /// <summary>Has labels that other functions jump to, or uses SetJump: values do not live in registers across calls.</summary>
    HasNonLocalEntries = 2,
    NoInline = 4,
    AlwaysInline = 8,
    Cold = 16,
    Hot = 32,
    Naked = 64,
    /// <summary>Needs a frame pointer (frame address asked for).</summary>
    NeedsFramePointer = 128,
    /// <summary>Is a nested function, called with a static chain.</summary>
    UsesStaticChain = 256,
    OptimizeForSize = 512,
    /// <summary>Attribute optimize("O0"), optnone.</summary>
    NoOptimization = 1024,
    /// <summary>Uses StackAllocate.</summary>
    HasDynamicStack = 2048,
    /// <summary>The source says inline.</summary>
    InlineHint = 4096,
    /// <summary>Attribute interrupt and the like: saves all registers.</summary>
    SavesAllRegisters = 8192,
    /// <summary>Saves no registers (noreturn with -O, no_callee_saved).</summary>
    NoStackProtector = 16384,
}

/// <summary>A type-based alias class: accesses conflict where one's class is the other's or an ancestor of it. Tag 0 conflicts with all.</summary>
/// <param name="Name">For the text form.</param>
/// <param name="Parent">A tag that contains it; 0 the root.</param>
public readonly record struct AliasTag(string Name, int Parent);

/// <summary>
/// A translation unit in IR: symbols, data, debug tables. Functions are handed on one by one, or kept for the inliner.
/// </summary>
public sealed class Module
{
    private readonly Dictionary<string, Symbol> _byName = [];
    private readonly Dictionary<string, Symbol> _renamed = [];

    /// <summary>Symbols by id; 0 is none.</summary>
    public List<SymbolData> Symbols { get; } = [null!];

    /// <summary>Alias classes by tag; 0 may alias everything.</summary>
    public List<AliasTag> AliasTags { get; } = [default];

    /// <summary>Assembly outside functions, in order.</summary>
    public List<(byte[] Text, Location Location)> TopLevelAsm { get; } = [];

    /// <summary>Texts of <c>#ident</c>, for the comment section.</summary>
    public List<string> Idents { get; } = [];

    /// <summary>Whether code runs on the stack (trampolines of nested functions).</summary>
    public bool NeedsExecutableStack { get; set; }

    /// <summary>What of the target functions may use that say nothing else, as the target's bits.</summary>
    public ulong Features { get; set; }

    /// <summary>Debug tables, or null without -g.</summary>
    public DebugTables? Debug { get; set; }

    /// <summary>Source places, for debug lines and messages.</summary>
    public SourceMap? Sources { get; set; }

    /// <summary>A symbol's data.</summary>
    public SymbolData this[Symbol symbol] => Symbols[symbol.Id];

    /// <summary>The symbol of a name, made if it is new.</summary>
    public Symbol Intern(string name)
    {
        if (!_byName.TryGetValue(name, out Symbol symbol))
        {
            symbol = new Symbol(Symbols.Count);
            Symbols.Add(new SymbolData { Name = name });
            _byName.Add(name, symbol);
        }
        return symbol;
    }

    /// <summary>The symbol of a function of the C library, by the name that the program's asm labels gave it.</summary>
    public Symbol Library(string name) => _renamed.TryGetValue(name, out Symbol symbol) ? symbol : Intern(name);

    /// <summary>Notes that a library function goes by another symbol.</summary>
    public void RenameLibrary(string name, Symbol symbol)
    {
        Symbols[symbol.Id].LibraryName = name;
        _renamed[name] = symbol;
    }

    /// <summary>The symbol of a name, or none.</summary>
    public Symbol Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>A new local symbol whose name nobody can ask for (string literals, static locals, nested functions).</summary>
    public Symbol NewLocal(string name)
    {
        var symbol = new Symbol(Symbols.Count);
        Symbols.Add(new SymbolData { Name = name, Linkage = Linkage.Internal, BindsLocally = true });
        return symbol;
    }
}
