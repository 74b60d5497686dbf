// Compatibility and composition of types (C17 6.2.7). Pairs of records are compared by identity: within a translation unit, two
// declarations make the same record only by the same tag in the same scope.

namespace Kiln.Frontend.Types;

/// <summary>Relations between types.</summary>
public static class TypeRelations
{
    /// <summary>Whether two types are compatible, qualifiers included.</summary>
    public static bool Compatible(QualType a, QualType b) =>
        (a.Qualifiers & Qualifiers.All) == (b.Qualifiers & Qualifiers.All) && Compatible(a.Type, b.Type);

    /// <summary>Whether two types are compatible, whatever qualifiers stand beside them.</summary>
    public static bool Compatible(CType a, CType b)
    {
        if (ReferenceEquals(a, b) || a.IsError || b.IsError)
            return true;
        if (a.Kind != b.Kind)
        {
            // An enumeration is compatible with its integer type.
            if (a is EnumType enumA)
                return b is IntegerType && ReferenceEquals(enumA.Underlying, b);
            return b is EnumType enumB && a is IntegerType && ReferenceEquals(enumB.Underlying, a);
        }
        switch (a)
        {
            case PointerType pointer:
                return Compatible(pointer.Pointee, ((PointerType)b).Pointee);
            case ArrayType array:
                var other = (ArrayType)b;
                return (array.Count < 0 || other.Count < 0 || array.Count == other.Count) && Compatible(array.Element, other.Element);
            case FunctionType function:
                return CompatibleFunctions(function, (FunctionType)b);
            case VectorType vector:
                return vector.Count == ((VectorType)b).Count && Compatible(vector.Element, ((VectorType)b).Element);
            case ComplexType complex:
                return Compatible(complex.Element, ((ComplexType)b).Element);
            default:
                return false;
        }
    }

    /// <summary>Whether two compatible types are the same type (C17 6.7p3): enumerations are not their integer types, arrays have
    /// the same bounds or none, functions the same prototype or none.</summary>
    public static bool Same(QualType a, QualType b)
    {
        if (ReferenceEquals(a.Type, b.Type))
            return true;
        if (a.Type.Kind != b.Type.Kind)
            return a.Type.IsError || b.Type.IsError;
        switch (a.Type)
        {
            case PointerType pointer:
                return Same(pointer.Pointee, ((PointerType)b.Type).Pointee);
            case ArrayType array:
                var other = (ArrayType)b.Type;
                bool isVariable = array.Bound is not null || other.Bound is not null;
                return (isVariable || array.Count < 0 == other.Count < 0) && Same(array.Element, other.Element);
            case FunctionType function:
                var like = (FunctionType)b.Type;
                if (function.HasPrototype != like.HasPrototype || !Same(function.Result, like.Result) || function.Parameters.Length != like.Parameters.Length)
                    return false;
                for (int i = 0; i < function.Parameters.Length; i++)
                {
                    if (!Same(function.Parameters[i], like.Parameters[i]))
                        return false;
                }
                return true;
            default:
                return true;
        }
    }

    private static bool CompatibleFunctions(FunctionType a, FunctionType b)
    {
        if (!Compatible(a.Result.Type, b.Result.Type) || Conventional(a) != Conventional(b))
            return false;
        if (!a.HasPrototype && !b.HasPrototype)
            return true;
        if (!a.HasPrototype)
            return SelfPromoting(b);
        if (!b.HasPrototype)
            return SelfPromoting(a);
        if (a.IsVariadic != b.IsVariadic || a.Parameters.Length != b.Parameters.Length)
            return false;
        for (int i = 0; i < a.Parameters.Length; i++)
        {
            if (!CompatibleParameters(a.Parameters[i].Type, b.Parameters[i].Type))
                return false;
        }
        return true;
    }

    private static bool CompatibleParameters(CType a, CType b)
    {
        if (Compatible(a, b))
            return true;
        // A transparent union goes with each of its members' types (GNU C).
        if (a is RecordType { IsTransparentUnion: true } unionA)
            return HasMemberOf(unionA, b);
        return b is RecordType { IsTransparentUnion: true } unionB && HasMemberOf(unionB, a);
    }

    private static bool HasMemberOf(RecordType union, CType type)
    {
        foreach (Field field in union.Fields)
        {
            if (Compatible(field.Type.Type, type))
                return true;
        }
        return false;
    }

    private static CallingConvention Conventional(FunctionType type) =>
        type.Convention == CallingConvention.SystemV ? CallingConvention.Default : type.Convention;

    /// <summary>Whether every parameter is of a type that the default promotions leave as it is (C17 6.7.6.3p15).</summary>
    private static bool SelfPromoting(FunctionType type)
    {
        if (type.IsVariadic)
            return false;
        foreach (QualType parameter in type.Parameters)
        {
            CType at = parameter.Type is EnumType enumeration ? enumeration.Underlying : parameter.Type;
            if (at.Kind is >= TypeKind.Bool and <= TypeKind.UnsignedShort or TypeKind.Float)
                return false;
        }
        return true;
    }

    /// <summary>The composite of two compatible types (C17 6.2.7p3); <paramref name="a"/>'s qualifiers are kept.</summary>
    public static QualType Composite(TypeTable table, QualType a, QualType b)
    {
        if (ReferenceEquals(a.Type, b.Type))
            return a;
        switch (a.Type)
        {
            case PointerType pointer when b.Type is PointerType other:
                return a.WithType(table.PointerTo(Composite(table, pointer.Pointee, other.Pointee)));
            case ArrayType array when b.Type is ArrayType other:
                QualType element = Composite(table, array.Element, other.Element);
                if (array.Count >= 0)
                    return element == array.Element ? a : a.WithType(table.ArrayOf(element, array.Count));
                if (other.Count >= 0)
                    return a.WithType(table.ArrayOf(element, other.Count));
                if (array.Bound is { Count: not null })
                    return a;
                return other.Bound is not null ? b.WithOnly(a.Qualifiers) : a;
            case FunctionType function when b.Type is FunctionType other:
                return a.WithType(CompositeFunction(table, function, other));
            case EnumType:
                return a;
            case IntegerType when b.Type is EnumType:
                return a.WithType(b.Type);
            default:
                return a;
        }
    }

    private static FunctionType CompositeFunction(TypeTable table, FunctionType a, FunctionType b)
    {
        QualType result = Composite(table, a.Result, b.Result);
        FunctionTypeFlags flags = a.Flags | b.Flags;
        CallingConvention convention = a.Convention != CallingConvention.Default ? a.Convention : b.Convention;
        if (!a.HasPrototype || !b.HasPrototype)
        {
            FunctionType shaped = a.HasPrototype ? a : b;
            return table.FunctionOf(result, shaped.Parameters, shaped.HasPrototype, shaped.IsVariadic, flags, convention);
        }
        var parameters = new QualType[a.Parameters.Length];
        for (int i = 0; i < parameters.Length; i++)
        {
            QualType x = a.Parameters[i], y = b.Parameters[i];
            parameters[i] = x.Type is RecordType { IsTransparentUnion: true } ? x
                : y.Type is RecordType { IsTransparentUnion: true } ? y
                : Composite(table, x, y);
        }
        return table.FunctionOf(result, parameters, true, a.IsVariadic, flags, convention);
    }
}
