// The types of C. What goes out: objects that are the same exactly when the types are (TypeTable interns them), with
// size and alignment computed. Structures, unions and enumerations are their own identity; a variable length array
// is a new type wherever it is written. Qualifiers and typedef alignment stand beside a type (QualType), never in it.

using Kiln.Base;
using Kiln.Frontend.Ast;

namespace Kiln.Frontend.Types;

/// <summary>A type without qualifiers.</summary>
public abstract class CType
{
    internal PointerType? PointerToThis;

    private protected CType(TypeKind kind) => Kind = kind;

    /// <summary>The kind.</summary>
    public TypeKind Kind { get; }

    /// <summary>The size in bytes; 0 where <see cref="IsComplete"/> is false, 1 of void and functions (GNU C). Not known of
    /// a type whose <see cref="HasVariableSize"/> holds.</summary>
    public long Size { get; internal set; }

    /// <summary>The alignment in bytes, of objects that stand alone.</summary>
    public int Alignment { get; internal set; } = 1;

    /// <summary>Whether the size is known, at run time at least.</summary>
    public virtual bool IsComplete => true;

    /// <summary>Whether the size is known at run time only.</summary>
    public virtual bool HasVariableSize => false;

    /// <summary>Whether a variable length array occurs in the type (C17 6.7.6p3: variably modified).</summary>
    public virtual bool IsVariablyModified => false;

    /// <summary>Bool, char and the integers, enumerations.</summary>
    public bool IsInteger => Kind is >= TypeKind.Bool and <= TypeKind.Enum;

    /// <summary>A real floating type, binary or decimal.</summary>
    public bool IsFloat => Kind is >= TypeKind.Float16 and <= TypeKind.Decimal128;

    public bool IsDecimalFloat => Kind is >= TypeKind.Decimal32 and <= TypeKind.Decimal128;
    public bool IsReal => Kind is >= TypeKind.Bool and <= TypeKind.Decimal128;
    public bool IsComplex => Kind == TypeKind.Complex;
    public bool IsArithmetic => Kind is >= TypeKind.Bool and <= TypeKind.Complex;
    public bool IsPointer => Kind == TypeKind.Pointer;
    public bool IsScalar => IsArithmetic || Kind is TypeKind.Pointer or TypeKind.NullPointer;
    public bool IsVector => Kind == TypeKind.Vector;
    public bool IsArray => Kind == TypeKind.Array;
    public bool IsFunction => Kind == TypeKind.Function;
    public bool IsRecord => Kind is TypeKind.Struct or TypeKind.Union;
    public bool IsVoid => Kind == TypeKind.Void;
    public bool IsError => Kind == TypeKind.Error;

    public override string ToString() => Kind.ToString();
}

/// <summary>void, the error type, nullptr_t.</summary>
public sealed class SimpleType : CType
{
    internal SimpleType(TypeKind kind, int size, int alignment) : base(kind)
    {
        Size = size;
        Alignment = alignment;
    }

    public override bool IsComplete => Kind is not TypeKind.Void;
}

/// <summary>A bool, character or integer type.</summary>
public sealed class IntegerType : CType
{
    private readonly int _width;

    internal IntegerType(TypeKind kind, int size, int alignment, bool isSigned, int rank, int width = 0) : base(kind)
    {
        _width = width != 0 ? width : kind == TypeKind.Bool ? 1 : size * 8;
        Size = size;
        Alignment = alignment;
        IsSigned = isSigned;
        Rank = rank;
    }

    /// <summary>Whether it has negative values.</summary>
    public bool IsSigned { get; }

    /// <summary>The conversion rank (C17 6.3.1.1).</summary>
    public int Rank { get; }

    /// <summary>How many bits take part in values; 1 of bool.</summary>
    public int Width => _width;

    /// <summary>Whether this is the type of a bit-field wider than int, in which arithmetic wraps at the field's width (gcc). Nodes of such a
    /// type hold values in range, in the storage of the declared type; where an operation may leave the range, a mask or shifts follow it.</summary>
    public bool IsNarrow => _width != Size * 8 && Kind != TypeKind.Bool;
}

/// <summary>A real floating type.</summary>
public sealed class FloatType : CType
{
    internal FloatType(TypeKind kind, FloatFormat format, int size, int alignment, int rank) : base(kind)
    {
        Format = format;
        Size = size;
        Alignment = alignment;
        Rank = rank;
    }

    /// <summary>The format; without meaning of decimal types.</summary>
    public FloatFormat Format { get; }

    /// <summary>The place in the order of the usual arithmetic conversions.</summary>
    public int Rank { get; }
}

/// <summary>A complex type; its element may be an integer type (GNU C).</summary>
public sealed class ComplexType : CType
{
    internal ComplexType(CType element) : base(TypeKind.Complex)
    {
        Element = element;
        Size = element.Size * 2;
        Alignment = element.Alignment;
    }

    /// <summary>The type of the real and the imaginary part.</summary>
    public CType Element { get; }
}

/// <summary>A vector type (attribute vector_size).</summary>
public sealed class VectorType : CType
{
    internal VectorType(CType element, int count) : base(TypeKind.Vector)
    {
        Element = element;
        Count = count;
        Size = element.Size * count;
        Alignment = (int)Math.Min(Size, 1 << 28);
    }

    /// <summary>The element's type: integer (no bool), enumeration excluded, or floating.</summary>
    public CType Element { get; }

    /// <summary>How many elements there are: a power of two.</summary>
    public int Count { get; }
}

/// <summary>A pointer type.</summary>
public sealed class PointerType : CType
{
    internal PointerType(QualType pointee, int size) : base(TypeKind.Pointer)
    {
        Pointee = pointee.Spelled(0);
        Size = size;
        Alignment = size;
    }

    /// <summary>What it points to.</summary>
    public QualType Pointee { get; }

    public override bool IsVariablyModified => Pointee.Type.IsVariablyModified;
}

/// <summary>The number of elements of a variable length array, evaluated once where the array's type is written.</summary>
public sealed class VariableBound : ISlotted
{
    /// <summary>The count, converted to size_t; null for <c>[*]</c> in a prototype.</summary>
    public Expression? Count { get; internal set; }

    /// <summary>The function in which the type is written, or null at file scope (in error).</summary>
    public FunctionDeclaration? Function { get; internal set; }

    /// <summary>Whether a nested function reads it through the static chain.</summary>
    public bool IsCaptured { get; internal set; }

    /// <summary>Free for the consumer of the tree: where the evaluated count is.</summary>
    public int Slot { get; set; }

    void ISlotted.ClearSlots() => Slot = 0;
}

/// <summary>An array type: of known, unknown or variable length.</summary>
public sealed class ArrayType : CType
{
    internal ArrayType(QualType element, long count, VariableBound? bound) : base(TypeKind.Array)
    {
        Element = element.Spelled(0);
        Count = count;
        Bound = bound;
        Alignment = element.Alignment;
        if (count >= 0 && !element.Type.HasVariableSize)
            Size = element.Type.Size * count;
    }

    /// <summary>The element's type; an array's qualifiers are its elements'.</summary>
    public QualType Element { get; }

    /// <summary>The number of elements, or -1 where it is not known before run time, or unknown.</summary>
    public long Count { get; }

    /// <summary>The bound, where this is a variable length array itself.</summary>
    public VariableBound? Bound { get; }

    public override bool IsComplete => (Count >= 0 || Bound is not null) && Element.Type.IsComplete;
    public override bool HasVariableSize => Bound is not null || Element.Type.HasVariableSize;
    public override bool IsVariablyModified => Bound is not null || Element.Type.IsVariablyModified;
}

/// <summary>A function type.</summary>
public sealed class FunctionType : CType
{
    internal FunctionType(
        QualType result,
        QualType[] parameters,
        bool hasPrototype,
        bool isVariadic,
        FunctionTypeFlags flags,
        CallingConvention convention)
        : base(TypeKind.Function)
    {
        Result = result.Spelled(0);
        Parameters = parameters;
        foreach (ref QualType parameter in parameters.AsSpan())
            parameter = parameter.Spelled(0);
        HasPrototype = hasPrototype;
        IsVariadic = isVariadic;
        Flags = flags;
        Convention = convention;
        Size = 1;
    }

    /// <summary>The result's type.</summary>
    public QualType Result { get; }

    /// <summary>The parameters' types, adjusted and without qualifiers. Empty where there is no prototype.</summary>
    public QualType[] Parameters { get; }

    /// <summary>Whether the parameters are declared.</summary>
    public bool HasPrototype { get; }

    /// <summary>Whether the parameter list ends in an ellipsis.</summary>
    public bool IsVariadic { get; }

    /// <summary>What attributes say.</summary>
    public FunctionTypeFlags Flags { get; }

    /// <summary>How it is called.</summary>
    public CallingConvention Convention { get; }

    public override bool IsVariablyModified => Result.Type.IsVariablyModified;
}

/// <summary>An enumeration; laid out as its <see cref="Underlying"/> type.</summary>
public sealed class EnumType : CType
{
    internal EnumType(int tag, Location location) : base(TypeKind.Enum)
    {
        Tag = tag;
        Location = location;
    }

    /// <summary>The tag (interned), or 0.</summary>
    public int Tag { get; }

    /// <summary>Where it is declared.</summary>
    public Location Location { get; internal set; }

    /// <summary>The compatible integer type; unsigned int until the enumeration is complete.</summary>
    public IntegerType Underlying { get; internal set; } = null!;

    /// <summary>The enumerators in order, for debug information.</summary>
    public EnumConstantDeclaration[] Enumerators { get; internal set; } = [];

    /// <summary>Whether the list of enumerators was seen.</summary>
    public bool IsDefined { get; internal set; }

    internal bool IsBeingDefined { get; set; }

    public override bool IsComplete => IsDefined;
}

/// <summary>A structure or a union.</summary>
public sealed class RecordType : CType
{
    internal RecordType(bool isUnion, int tag, Location location) : base(isUnion ? TypeKind.Union : TypeKind.Struct)
    {
        Tag = tag;
        Location = location;
    }

    /// <summary>The tag (interned), or 0.</summary>
    public int Tag { get; }

    /// <summary>The first typedef that names a record without a tag, or 0.</summary>
    public int TypedefName { get; internal set; }

    /// <summary>Where it is declared.</summary>
    public Location Location { get; internal set; }

    public bool IsUnion => Kind == TypeKind.Union;

    /// <summary>The members in order, unnamed bit-fields left out; anonymous structures and unions are members without a name.</summary>
    public Field[] Fields { get; internal set; } = [];

    /// <summary>Whether the member list was seen.</summary>
    public bool IsDefined { get; internal set; }

    internal bool IsBeingDefined { get; set; }

    /// <summary>Declared packed.</summary>
    public bool IsPacked { get; internal set; }

    /// <summary>Accesses through it alias with everything.</summary>
    public bool MayAlias { get; internal set; }

    /// <summary>An argument may be of any member's type and is passed as the first member (attribute transparent_union).</summary>
    public bool IsTransparentUnion { get; internal set; }

    /// <summary>Whether the last member is a flexible array, or contains one.</summary>
    public bool HasFlexibleArray { get; internal set; }

    /// <summary>Whether a member, however deep, is const.</summary>
    public bool HasConstMember { get; internal set; }

    /// <summary>Whether a member, however deep, is volatile.</summary>
    public bool HasVolatileMember { get; internal set; }

    /// <summary>The size in bytes as an expression, where a member's type is a variable length array (GNU C).</summary>
    public Expression? VariableSize { get; internal set; }

    public override bool IsComplete => IsDefined;
    public override bool HasVariableSize => VariableSize is not null;
    public override bool IsVariablyModified => VariableSize is not null;

    /// <summary>Members by name, those of anonymous members included; made at the first look-up in a large record.</summary>
    internal Dictionary<int, Field>? Lookup { get; set; }
}

/// <summary>A member of a structure or union.</summary>
public sealed class Field(int name, QualType type, Location location)
{
    /// <summary>The name (interned), or 0 of an anonymous member.</summary>
    public int Name { get; } = name;

    /// <summary>The type.</summary>
    public QualType Type { get; internal set; } = type;

    /// <summary>Where it is declared.</summary>
    public Location Location { get; } = location;

    /// <summary>The record it is a member of.</summary>
    public RecordType Record { get; internal set; } = null!;

    /// <summary>
    /// Where it begins in the record, in bytes. Of a bit-field: where the bytes begin that an access reads and writes.
    /// They hold no other members than bit-fields, and lie inside the record.
    /// </summary>
    public long Offset { get; internal set; }

    /// <summary>The width of a bit-field, or -1.</summary>
    public int BitWidth { get; internal set; } = -1;

    /// <summary>A bit-field's lowest bit, counted from the lowest bit at <see cref="Offset"/>.</summary>
    public int BitOffset { get; internal set; }

    /// <summary>How many bytes a bit-field's access takes: 1, 2, 4, 8, 16, or where the layout forces it any number up to 17.</summary>
    public int StorageSize { get; internal set; }

    /// <summary>The alignment that the layout guarantees at the member, given the record's.</summary>
    public int Alignment { get; internal set; } = 1;

    /// <summary>The offset in bytes as an expression where a variable length array stands before it (GNU C).</summary>
    public Expression? VariableOffset { get; internal set; }

    /// <summary>Declared packed, or in a packed record.</summary>
    public bool IsPacked { get; internal set; }

    /// <summary>The alignment that attributes or <c>_Alignas</c> ask for, or 0.</summary>
    internal int RequestedAlignment { get; set; }

    public bool IsBitField => BitWidth >= 0;
}
