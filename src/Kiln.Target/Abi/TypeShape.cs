namespace Kiln.Target.Abi;

/// <summary>What a scalar leaf of a type is to a calling convention.</summary>
public enum LeafKind : byte
{
    /// <summary>Integers, pointers, booleans, enumerations; <c>__int128</c> with size 16.</summary>
    Integer,
    /// <summary>A bit-field: it counts where its bits lie and has no alignment.</summary>
    BitField,
    Half,
    Single,
    Double,
    /// <summary>x87 <c>long double</c>.</summary>
    X87,
    /// <summary>binary128.</summary>
    Quad,
    /// <summary>A vector of integers.</summary>
    IntegerVector,
    /// <summary>A vector of floating-point numbers of more than one lane.</summary>
    FloatVector,
    /// <summary>A vector that no machine vector has the form of (one floating-point lane, odd sizes): memory.</summary>
    MemoryVector,
}

/// <summary>A scalar in a type.</summary>
/// <param name="Offset">Bytes from the start.</param>
/// <param name="Size">Bytes; a bit-field: the bytes that its bits touch.</param>
/// <param name="Kind">What it is.</param>
public readonly record struct ShapeLeaf(int Offset, int Size, LeafKind Kind);

/// <summary>What kind of C type a shape stands for.</summary>
public enum ShapeKind : byte
{
    Void,
    Scalar,
    /// <summary>A complex number: two leaves.</summary>
    Complex,
    /// <summary>A structure, union or array.</summary>
    Aggregate,
}

/// <summary>
/// What calling conventions see of a type: its size, its alignment, its scalar leaves with those of unions and bit-fields
/// overlapping. Flexible array members and zero-width bit-fields are no leaves. A type so large that no convention looks at its
/// leaves (past 64 bytes) need not list them.
/// </summary>
public sealed class TypeShape
{
    /// <summary>The shape of void.</summary>
    public static TypeShape Void { get; } = new() { Kind = ShapeKind.Void, Size = 0, Alignment = 1, Leaves = [] };

    public required ShapeKind Kind { get; init; }

    /// <summary>Bytes.</summary>
    public required long Size { get; init; }

    /// <summary>Alignment in bytes, of the type without a typedef's own attribute.</summary>
    public required int Alignment { get; init; }

    public required ShapeLeaf[] Leaves { get; init; }

    /// <summary>What one convention made of it, kept by that convention; null before the first question.</summary>
    internal object? Classification { get; set; }
}

/// <summary>How a piece of a value looks in its place.</summary>
public enum PieceKind : byte
{
    /// <summary>1 to 8 bytes of an integer register or of an argument slot.</summary>
    Integer,
    /// <summary>2, 4 or 8 bytes of a floating-point register.</summary>
    Float,
    X87,
    Quad,
    /// <summary>A whole vector.</summary>
    Vector,
    /// <summary>The whole value in memory: on the stack for an argument, behind the struct-return pointer for a result.</summary>
    Memory,
}

/// <summary>One piece of an argument or result: the bytes of the object it holds and where they travel.</summary>
public readonly record struct Piece(PieceKind Kind, int Offset, int Size, Place Place);

/// <summary>A function's parameters and result as a calling convention sees them.</summary>
public readonly ref struct CallShape
{
    /// <summary>The result's type.</summary>
    public required TypeShape Result { get; init; }

    /// <summary>The parameters' types, or at a call the arguments'.</summary>
    public required ReadOnlySpan<TypeShape> Parameters { get; init; }

    /// <summary>How many are named; the others are variable arguments.</summary>
    public required int NamedCount { get; init; }

    /// <summary>Bytes of the widest vector register that the code may use: 16, 32 or 64; 0 without floating-point registers.</summary>
    public int VectorSize { get; init; }

    /// <summary>The convention of Windows (attribute ms_abi) in place of the platform's.</summary>
    public bool IsMicrosoft { get; init; }
}

/// <summary>Where everything at a call goes.</summary>
public sealed class CallLayout
{
    /// <summary>Pieces of the result; empty for void, for an empty structure, and for a result in memory.</summary>
    public required Piece[] Result { get; init; }

    /// <summary>Whether the result is in memory, whose address is a hidden pointer.</summary>
    public bool IsStructReturn => StructReturn.Kind != PlaceKind.None;

    /// <summary>Where the hidden pointer travels, or none.</summary>
    public Place StructReturn { get; init; }

    /// <summary>Where the callee gives the hidden pointer back, or none.</summary>
    public Place StructReturnResult { get; init; }

    /// <summary>The pieces of each parameter; none for an empty structure.</summary>
    public required Piece[][] Parameters { get; init; }

    /// <summary>Parameters whose address is passed in place of the object, which the caller copies.</summary>
    public bool[]? ByReference { get; init; }

    /// <summary>Bytes of the stack argument area.</summary>
    public required int StackSize { get; init; }

    /// <summary>Integer registers, vector registers and stack bytes that the named parameters take.</summary>
    public required (int Integer, int Vector, int Stack) NamedUse { get; init; }

    /// <summary>The integer register that carries the static chain of a nested function.</summary>
    public required Place StaticChain { get; init; }
}

/// <summary>The choice of the calling convention. Every target is a file beside this one with the same entry.</summary>
public static class CallingConvention
{
    /// <summary>Where a call's arguments and result go.</summary>
    public static CallLayout Lay(TargetInfo target, in CallShape call) => target.Architecture switch
    {
        Architecture.X86_64 => call.IsMicrosoft ? MicrosoftX64.Lay(call) : SystemVX86_64.Lay(call),
        _ => throw new NotSupportedException($"no calling convention yet for {target.Triple}"),
    };

    /// <summary>How va_arg fetches a variable argument.</summary>
    public static VariableArgument FetchVariable(TargetInfo target, TypeShape shape, int vectorSize) => target.Architecture switch
    {
        Architecture.X86_64 => SystemVX86_64.FetchVariable(shape, vectorSize),
        _ => throw new NotSupportedException($"no calling convention yet for {target.Triple}"),
    };
}

/// <summary>What va_arg does for a type.</summary>
/// <param name="Pieces">Where the object's bytes lie if they come from the register save area; empty: always from the stack area.</param>
/// <param name="IntegerRegisters">How many integer registers it takes.</param>
/// <param name="VectorRegisters">How many vector registers it takes.</param>
/// <param name="StackAlignment">Its alignment in the stack area.</param>
/// <param name="StackSize">The bytes it takes there.</param>
public readonly record struct VariableArgument(
    Piece[] Pieces, int IntegerRegisters, int VectorRegisters, int StackAlignment, long StackSize);
