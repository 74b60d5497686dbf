using Kiln.Base;

namespace Kiln.IR;

/// <summary>What a debug type is. The set of DWARF 5's C tags, free of DWARF's numbers.</summary>
public enum DebugTypeKind : byte
{
    Void,
    Signed,
    Unsigned,
    SignedChar,
    UnsignedChar,
    Boolean,
    Float,
    ComplexFloat,
    Pointer,
    Const,
    Volatile,
    Restrict,
    Atomic,
    Typedef,
    Array,
    Vector,
    Structure,
    Union,
    Enumeration,
    Function,
    /// <summary>nullptr_t.</summary>
    Unspecified,
    /// <summary>A complex number of integers (GNU C).</summary>
    ComplexInteger,
}

/// <summary>A member of a structure or union, an enumerator, or a parameter of a function type.</summary>
/// <param name="Name">Its name, or null.</param>
/// <param name="Type">Index of <see cref="DebugTables.Types"/>.</param>
/// <param name="Offset">Bytes from the start; an enumerator: its value. -1 of a member behind a variable length array: not known.</param>
/// <param name="BitOffset">A bit-field: bits from the start of the structure.</param>
/// <param name="BitSize">A bit-field: its width, else 0.</param>
/// <param name="Location">Where it is declared.</param>
public readonly record struct DebugMember(
    string? Name, int Type, long Offset, long BitOffset = 0, int BitSize = 0, Location Location = default);

/// <summary>A type as a debugger sees it.</summary>
public sealed class DebugType
{
    public required DebugTypeKind Kind { get; init; }
    public string? Name { get; init; }

    /// <summary>Bytes; -1 where not known to the compiler.</summary>
    public long Size { get; set; }

    /// <summary>The alignment that the source asks for, or 0.</summary>
    public int Alignment { get; set; }

    /// <summary>The type pointed to, qualified, renamed, of elements, of the result, of values: index of the table, 0 is void.</summary>
    public int Base { get; set; }

    /// <summary>Array: number of elements, -1 unknown.</summary>
    public long Count { get; init; } = -1;

    /// <summary>Array of variable length: the id of the stack slot that holds the number of elements (8 bytes), or 0.</summary>
    public int BoundSlot { get; init; }

    /// <summary>Whether it means something in one function's frame only: a variable length array, or made of one.</summary>
    public bool IsLocal { get; set; }

    public List<DebugMember> Members { get; } = [];

    /// <summary>Function: variadic. Structure, union, enumeration: only declared.</summary>
    public bool IsOpen { get; set; }

    /// <summary>Function: has a prototype.</summary>
    public bool IsPrototyped { get; init; }

    public Location Location { get; set; }
}

/// <summary>Where a variable lives.</summary>
public enum DebugPlace : byte
{
    /// <summary>Nowhere, or in values that debug markers name.</summary>
    None,
    /// <summary>In a stack slot, at an offset.</summary>
    Slot,
    /// <summary>Where the address in a stack slot, at an offset, points.</summary>
    Pointer,
    /// <summary>In the memory that the caller passed it in: the number of a part of the signature.</summary>
    Argument,
    /// <summary>In the image: the id of a symbol.</summary>
    Symbol,
}

/// <summary>A local variable or parameter that a debugger sees.</summary>
public struct DebugVariable
{
    public string Name;

    /// <summary>Index of <see cref="DebugTables.Types"/>.</summary>
    public int Type;

    /// <summary>Index of the function's scopes.</summary>
    public int Scope;

    /// <summary>Where it is declared.</summary>
    public Location Location;

    /// <summary>Its number from 1 if it is a parameter, else 0.</summary>
    public int Parameter;

    public DebugPlace Place;

    /// <summary>The slot, part or symbol.</summary>
    public int Id;

    /// <summary>Bytes from the slot's start.</summary>
    public int Offset;

    /// <summary>A parameter that nothing assigns to and whose address nothing takes, so that it is what the caller passed wherever that is:
    /// the part of the signature that it comes in, from 1; else 0.</summary>
    public int Part;
}

/// <summary>A lexical block: its parent and the source range it spans.</summary>
public readonly record struct DebugScope(int Parent, Location Start, Location End);

/// <summary>A symbol as the source knows it.</summary>
/// <param name="Name">The source name.</param>
/// <param name="Type">The object's type, or the function's.</param>
/// <param name="Location">Where it is declared.</param>
/// <param name="IsFunction">Whether it is a function.</param>
public readonly record struct DebugSymbol(string Name, int Type, Location Location, bool IsFunction);

/// <summary>The module's debug tables, free of any format. Filled by Lowering; CodeGen turns them into DWARF.</summary>
public sealed class DebugTables
{
    /// <summary>Types; index 0 is void.</summary>
    public List<DebugType> Types { get; } = [new DebugType { Kind = DebugTypeKind.Void }];

    /// <summary>Functions, and the variables of file scope.</summary>
    public Dictionary<Symbol, DebugSymbol> Symbols { get; } = [];

    /// <summary>What compiled the unit.</summary>
    public string Producer { get; set; } = "";

    /// <summary>The compilation's directory.</summary>
    public string Directory { get; set; } = "";

    /// <summary>The translation unit's name as given.</summary>
    public string MainFile { get; set; } = "";

    /// <summary>The year of the C standard in force.</summary>
    public int StandardYear { get; set; } = 2017;
}
