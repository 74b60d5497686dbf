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
}

/// <summary>A member of a structure or union, an enumerator, or a parameter of a function type.</summary>
/// <param name="Name">Its name, or null.</param>
/// <param name="Type">Index of <see cref="DebugTables.Types"/>.</param>
/// <param name="Offset">Bytes from the start; an enumerator: its value.</param>
/// <param name="BitOffset">A bit-field: bits from the start of the structure.</param>
/// <param name="BitSize">A bit-field: its width, else 0.</param>
public readonly record struct DebugMember(string? Name, int Type, long Offset, long BitOffset = 0, int BitSize = 0);

/// <summary>A type as a debugger sees it.</summary>
public sealed class DebugType
{
    public required DebugTypeKind Kind { get; init; }
    public string? Name { get; init; }

    /// <summary>Bytes; -1 for an incomplete type.</summary>
    public long Size { get; set; }

    /// <summary>The type pointed to, qualified, renamed, of elements, of the result: index of the table, 0 is void.</summary>
    public int Base { get; set; }

    /// <summary>Array: number of elements, -1 unknown.</summary>
    public long Count { get; init; } = -1;

    public List<DebugMember> Members { get; } = [];

    /// <summary>Function: variadic. Structure: only declared.</summary>
    public bool IsOpen { get; set; }

    public Location Location { get; set; }
}

/// <summary>A local variable or parameter that a debugger sees. At -O0 it lives in its stack slot.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Index of <see cref="DebugTables.Types"/>.</param>
/// <param name="Scope">Index of the function's scopes.</param>
/// <param name="Location">Where it is declared.</param>
/// <param name="Parameter">Its number from 1 if it is a parameter, else 0.</param>
public readonly record struct DebugVariable(string Name, int Type, int Scope, Location Location, int Parameter = 0);

/// <summary>A lexical block: its parent and the source range it spans.</summary>
public readonly record struct DebugScope(int Parent, Location Start, Location End);

/// <summary>The module's debug tables, free of any format. Filled by Lowering; CodeGen turns them into DWARF.</summary>
public sealed class DebugTables
{
    /// <summary>Types; index 0 is void.</summary>
    public List<DebugType> Types { get; } = [new DebugType { Kind = DebugTypeKind.Void }];

    /// <summary>A symbol's source name, type and place (objects: the object's type; functions: the function type).</summary>
    public Dictionary<Symbol, (string Name, int Type, Location Location)> Symbols { get; } = [];

    /// <summary>Macro, producer and directory facts for the unit's header.</summary>
    public string Producer { get; set; } = "";

    public string Directory { get; set; } = "";

    public string MainFile { get; set; } = "";
}
