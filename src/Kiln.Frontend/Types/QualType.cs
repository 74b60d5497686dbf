using System.Runtime.CompilerServices;

namespace Kiln.Frontend.Types;

/// <summary>
/// A type with what stands beside it: qualifiers, and the alignment that a typedef's <c>aligned</c> attribute gave it
/// (which may be smaller than the type's own). Two are the same type exactly when they are equal. How the type was written, with
/// which typedef names, is carried along for a debugger's sake (<see cref="TypeSpellings"/>); equality does not look at it.
/// </summary>
public readonly struct QualType : IEquatable<QualType>
{
    private readonly CType _type;
    private readonly Qualifiers _qualifiers;
    private readonly byte _alignment;
    private readonly int _spelling;

    /// <summary>Puts qualifiers beside a type.</summary>
    /// <param name="type">The type.</param>
    /// <param name="qualifiers">Its qualifiers.</param>
    /// <param name="alignmentCode">0, or one more than the logarithm of the alignment that an attribute gave.</param>
    public QualType(CType type, Qualifiers qualifiers = Qualifiers.None, int alignmentCode = 0)
    {
        _type = type;
        _qualifiers = qualifiers;
        _alignment = (byte)alignmentCode;
    }

    private QualType(CType type, Qualifiers qualifiers, int alignmentCode, int spelling) : this(type, qualifiers, alignmentCode) =>
        _spelling = spelling;

    /// <summary>The type without what stands beside it.</summary>
    public CType Type => _type;

    /// <summary>The qualifiers.</summary>
    public Qualifiers Qualifiers => _qualifiers;

    /// <summary>0, or one more than the logarithm of the alignment that an attribute gave.</summary>
    public int AlignmentCode => _alignment;

    /// <summary>How it was written: a number of <see cref="TypeSpellings"/>, or 0 where that says no more than the type.</summary>
    public int Spelling => _spelling;

    /// <summary>The alignment in bytes of objects of this type.</summary>
    public int Alignment => _alignment != 0 ? 1 << (_alignment - 1) : _type.Alignment;

    /// <summary>Whether it is the default value, which is no type.</summary>
    public bool IsNone => _type is null;

    public bool IsConst => (_qualifiers & Qualifiers.Const) != 0;
    public bool IsVolatile => (_qualifiers & Qualifiers.Volatile) != 0;
    public bool IsRestrict => (_qualifiers & Qualifiers.Restrict) != 0;
    public bool IsAtomic => (_qualifiers & Qualifiers.Atomic) != 0;

    /// <summary>The kind of the type.</summary>
    public TypeKind Kind => _type.Kind;

    /// <summary>The type with nothing beside it.</summary>
    public QualType Unqualified => new(_type);

    /// <summary>The type with more qualifiers; an array's go to its elements where somebody asks (C17 6.7.3p9).</summary>
    public QualType With(Qualifiers more) => new(_type, _qualifiers | more, _alignment, _spelling);

    /// <summary>The type with other qualifiers.</summary>
    public QualType WithOnly(Qualifiers qualifiers) => new(_type, qualifiers, _alignment, _spelling);

    /// <summary>The same beside another type. An array that gets its length, or a function another attribute, is still written so.</summary>
    public QualType WithType(CType type) =>
        new(type, _qualifiers, _alignment, type.Kind == _type.Kind && type.Kind is TypeKind.Array or TypeKind.Function ? _spelling : 0);

    /// <summary>The type with an alignment, a power of two.</summary>
    public QualType WithAlignment(int alignment) =>
        new(_type, _qualifiers, System.Numerics.BitOperations.Log2((uint)alignment) + 1, _spelling);

    /// <summary>The same type, written so.</summary>
    public QualType Spelled(int spelling) => new(_type, _qualifiers, _alignment, spelling);

    public bool Equals(QualType other) =>
        ReferenceEquals(_type, other._type) && _qualifiers == other._qualifiers && _alignment == other._alignment;

    public override bool Equals(object? obj) => obj is QualType other && Equals(other);

    public override int GetHashCode() => (RuntimeHelpers.GetHashCode(_type) * 31 + (int)_qualifiers) * 31 + _alignment;

    public static bool operator ==(QualType a, QualType b) => a.Equals(b);
    public static bool operator !=(QualType a, QualType b) => !a.Equals(b);

    public static implicit operator QualType(CType type) => new(type);

    /// <summary>The type in C's notation, for tests and debugging; messages use TypePrinter, which knows the names.</summary>
    public override string ToString() => _type is null ? "none" : (_qualifiers != 0 ? _qualifiers + " " : "") + _type;
}
