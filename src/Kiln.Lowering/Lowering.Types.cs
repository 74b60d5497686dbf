using System.Numerics;
using System.Runtime.CompilerServices;

namespace Kiln.Lowering;

/// <summary>How values of a C type are carried while a function is lowered.</summary>
internal enum TypeClass : byte
{
    Void,
    /// <summary>One IR value.</summary>
    Scalar,
    /// <summary>Two IR values.</summary>
    Complex,
    /// <summary>The address of memory that holds it: records, arrays, vectors past the IR's.</summary>
    Memory,
}

// What C types are to the IR: value types, shapes for calling conventions, alias classes, signatures.
public sealed partial class Lowering
{
    /// <summary>Vectors of up to 2^6 lanes are IR values; legalization splits them.</summary>
    internal const int MaxLanesLog2 = 6;

    // By the vector size that functions may use: what wide vectors travel in depends on it.
    private readonly Dictionary<CType, TypeShape>[] _shapes = [[], []];
    private readonly Dictionary<FunctionType, (Signature Signature, CallLayout Layout)>[] _signatures = [[], []];
    private readonly Dictionary<string, ulong> _targetFeatures = [];

    /// <summary>Bytes of the widest vector register that the function being lowered may use.</summary>
    internal int VectorSize { get; set; } = 16;

    /// <summary>What of the target a function may use.</summary>
    internal ulong FeaturesOf(FunctionDeclaration function, ulong outside)
    {
        if (function.TargetFeatures is not { } words)
            return outside;
        if (outside == Options.Features && _targetFeatures.TryGetValue(words, out ulong known))
            return known;
        ulong features = outside;
        X86Features.TryApply(ref features, words, out _);
        if (outside == Options.Features)
            _targetFeatures.Add(words, features);
        return features;
    }
    private readonly int[] _aliasTags = new int[AliasClassCount];

    internal static TypeClass ClassOf(CType type) => type.Kind switch
    {
        TypeKind.Void or TypeKind.Function or TypeKind.Error => TypeClass.Void,
        TypeKind.Complex => TypeClass.Complex,
        TypeKind.Struct or TypeKind.Union or TypeKind.Array => TypeClass.Memory,
        TypeKind.Vector => ((VectorType)type).Count <= 1 << MaxLanesLog2 && BitOperations.IsPow2(((VectorType)type).Count)
            ? TypeClass.Scalar
            : TypeClass.Memory,
        _ => TypeClass.Scalar,
    };

    /// <summary>The IR type of a scalar's values, in registers and in memory.</summary>
    internal static IrType IrTypeOf(CType type)
    {
        switch (type.Kind)
        {
            case TypeKind.Bool or TypeKind.Char or TypeKind.SignedChar or TypeKind.UnsignedChar:
                return IrType.I8;
            case TypeKind.Int or TypeKind.UnsignedInt:
                return IrType.I32;
            case TypeKind.Pointer or TypeKind.NullPointer:
                return IrType.Pointer;
            case TypeKind.Enum:
                return IrTypeOf(((EnumType)type).Underlying);
            case TypeKind.Vector:
                var vector = (VectorType)type;
                return IrTypeOf(vector.Element).VectorOf(BitOperations.Log2((uint)vector.Count));
            case TypeKind.Decimal32 or TypeKind.Decimal64 or TypeKind.Decimal128:
                return IrType.Integer((int)type.Size * 8);
            case TypeKind.BFloat16:
                return IrType.I16;
            case TypeKind.Void:
                return IrType.Void;
            default:
                return type is FloatType real ? FloatIrType(real.Format) : IrType.Integer((int)type.Size * 8);
        }
    }

    private static IrType FloatIrType(FloatFormat format) => format switch
    {
        FloatFormat.Half => IrType.F16,
        FloatFormat.Single => IrType.F32,
        FloatFormat.Double => IrType.F64,
        FloatFormat.X87 => IrType.F80,
        FloatFormat.Quad => IrType.F128,
        _ => throw new InvalidOperationException($"no IR type for {format}"),
    };

    /// <summary>Whether an integer (or pointer: no) type has negative values.</summary>
    internal static bool IsSigned(CType type) => type switch
    {
        IntegerType integer => integer.IsSigned,
        EnumType { Underlying: { } underlying } => underlying.IsSigned,
        VectorType vector => IsSigned(vector.Element),
        ComplexType complex => IsSigned(complex.Element),
        _ => false,
    };

    // Shapes

    /// <summary>What calling conventions see of a type.</summary>
    internal TypeShape ShapeOf(CType type)
    {
        if (_shapes[VectorSize >> 5].TryGetValue(type, out TypeShape? known))
            return known;
        TypeShape shape = MakeShape(type);
        _shapes[VectorSize >> 5].Add(type, shape);
        return shape;
    }

    private TypeShape MakeShape(CType type)
    {
        if (type.IsVoid)
            return TypeShape.Void;
        var leaves = new List<ShapeLeaf>();
        if (type.Size <= 64)
            AddLeaves(leaves, type, 0);
        return new TypeShape
        {
            Kind = type.Kind switch
            {
                TypeKind.Complex => ShapeKind.Complex,
                TypeKind.Struct or TypeKind.Union or TypeKind.Array => ShapeKind.Aggregate,
                _ => ShapeKind.Scalar,
            },
            Size = type.Size,
            Alignment = type.Alignment,
            Leaves = leaves.Count == 0 && type.Kind == TypeKind.Vector
                ? [new ShapeLeaf(0, (int)Math.Min(type.Size, int.MaxValue), LeafKind.MemoryVector)]
                : [.. leaves],
        };
    }

    private static void AddLeaves(List<ShapeLeaf> leaves, CType type, long offset)
    {
        switch (type)
        {
            case RecordType record:
                foreach (Field field in record.Fields)
                {
                    if (field.IsBitField)
                        AddBitField(leaves, field, offset);
                    else
                        AddLeaves(leaves, field.Type.Type, offset + field.Offset);
                }
                break;
            case ArrayType array:
                long size = array.Element.Type.Size;
                for (long i = 0; i < array.Count && size > 0; i++)
                    AddLeaves(leaves, array.Element.Type, offset + i * size);
                break;
            case ComplexType complex:
                AddLeaves(leaves, complex.Element, offset);
                AddLeaves(leaves, complex.Element, offset + complex.Element.Size);
                break;
            default:
                leaves.Add(new ShapeLeaf((int)offset, (int)type.Size, LeafKindOf(type)));
                break;
        }
    }

    private static void AddBitField(List<ShapeLeaf> leaves, Field field, long offset)
    {
        if (field.BitWidth == 0)
            return;
        long first = offset + field.Offset + field.BitOffset / 8;
        long last = offset + field.Offset + (field.BitOffset + field.BitWidth - 1) / 8;
        leaves.Add(new ShapeLeaf((int)first, (int)(last - first + 1), LeafKind.BitField));
    }

    private static LeafKind LeafKindOf(CType type) => type switch
    {
        FloatType { IsDecimalFloat: true } decimalFloat => decimalFloat.Size switch
        {
            4 => LeafKind.Single,
            8 => LeafKind.Double,
            _ => LeafKind.Quad,
        },
        FloatType real => real.Format switch
        {
            FloatFormat.Half or FloatFormat.BFloat16 => LeafKind.Half,
            FloatFormat.Single => LeafKind.Single,
            FloatFormat.Double => LeafKind.Double,
            FloatFormat.X87 => LeafKind.X87,
            _ => LeafKind.Quad,
        },
        VectorType { Element: FloatType, Count: 1 } => LeafKind.MemoryVector,
        VectorType { Element: FloatType } => LeafKind.FloatVector,
        VectorType => LeafKind.IntegerVector,
        _ => LeafKind.Integer,
    };

    // Signatures

    /// <summary>The signature and layout of a prototyped function that takes no variable arguments; found once for each type.</summary>
    internal (Signature Signature, CallLayout Layout) SignatureOf(FunctionType type)
    {
        if (_signatures[VectorSize >> 5].TryGetValue(type, out (Signature, CallLayout) known))
            return known;
        var parameters = new CType[type.Parameters.Length];
        for (int i = 0; i < parameters.Length; i++)
            parameters[i] = type.Parameters[i].Type;
        (Signature, CallLayout) made = MakeSignature(type, parameters, parameters.Length);
        _signatures[VectorSize >> 5].Add(type, made);
        return made;
    }

    /// <summary>What travels for an argument: a record whose size only run time knows is passed by the address of a copy.</summary>
    internal CType PassedType(CType type) => type.HasVariableSize ? CTypes.VoidPointer : type;

    /// <summary>The signature of a call or definition with these parameter types.</summary>
    internal (Signature Signature, CallLayout Layout) MakeSignature(
        FunctionType type, ReadOnlySpan<CType> parameters, int namedCount, bool isDefinition = false)
    {
        var shapes = new TypeShape[parameters.Length];
        for (int i = 0; i < shapes.Length; i++)
            shapes[i] = ShapeOf(PassedType(parameters[i]));
        CType result = type.Result.Type;
        CallLayout layout = CallingConvention.Lay(Target, new CallShape
        {
            Result = ShapeOf(result),
            Parameters = shapes,
            NamedCount = namedCount,
            VectorSize = VectorSize,
            IsMicrosoft = type.Convention == SourceCallingConvention.Microsoft,
        });

        var parts = new List<SignaturePart>(parameters.Length + 1);
        if (layout.IsStructReturn)
            parts.Add(new SignaturePart(IrType.Pointer, layout.StructReturn));
        int namedParts = parts.Count;
        for (int i = 0; i < parameters.Length; i++)
        {
            AddParts(parts, PassedType(parameters[i]), layout.Parameters[i], layout.ByReference is { } byReference && byReference[i], isParameter: true);
            if (i < namedCount)
                namedParts = parts.Count;
        }
        var results = new List<SignaturePart>(2);
        if (layout.IsStructReturn && layout.StructReturnResult.Kind != PlaceKind.None)
            results.Add(new SignaturePart(IrType.Pointer, layout.StructReturnResult));
        else
            AddParts(results, result, layout.Result, false, isParameter: false);
        var signature = new Signature
        {
            Parameters = [.. parts],
            Results = [.. results],
            IsVariadic = type.IsVariadic || !type.HasPrototype && !isDefinition,
            NamedCount = namedParts,
            NamedUse = layout.NamedUse,
            StackSize = layout.StackSize,
            PreservedSet = (byte)(type.Convention == SourceCallingConvention.Microsoft ? 1
                : (type.Flags & FunctionTypeFlags.NoCallerSaved) != 0 ? 2
                : 0),
        };
        return (signature, layout);
    }

    private static void AddParts(List<SignaturePart> parts, CType type, Piece[] pieces, bool byReference, bool isParameter)
    {
        foreach (Piece piece in pieces)
        {
            if (byReference)
            {
                parts.Add(new SignaturePart(IrType.Pointer, piece.Place));
                continue;
            }
            IrType irType = PieceType(type, piece);
            Extension extension = Extension.None;
            if (isParameter && irType.IsInteger && irType.LaneBits < 32 && ClassOf(type) == TypeClass.Scalar && !type.IsVector)
                extension = IsSigned(type) ? Extension.Sign : Extension.Zero;
            parts.Add(new SignaturePart(irType, piece.Place, extension));
        }
    }

    /// <summary>The IR type in which a piece of a value travels.</summary>
    internal static IrType PieceType(CType type, in Piece piece)
    {
        if (piece.Kind == PieceKind.Memory)
            return IrType.Pointer;
        if (ClassOf(type) == TypeClass.Scalar)
        {
            IrType whole = IrTypeOf(type);
            // A small vector in an integer register, a decimal float in a vector register, __int128 in two halves.
            if (whole.Size == piece.Size && !(whole.IsVector && piece.Kind == PieceKind.Integer) && !(whole.IsInteger && piece.Kind != PieceKind.Integer))
                return whole;
        }
        return piece.Kind switch
        {
            PieceKind.Integer => piece.Size switch
            {
                1 => IrType.I8,
                2 => IrType.I16,
                <= 4 => IrType.I32,
                _ => IrType.I64,
            },
            PieceKind.Float => piece.Size switch
            {
                2 => IrType.F16,
                4 => IrType.F32,
                _ => IrType.F64,
            },
            PieceKind.X87 => IrType.F80,
            PieceKind.Quad => IrType.F128,
            PieceKind.Vector => IrType.I64.VectorOf(BitOperations.Log2((uint)piece.Size / 8)),
            _ => throw new InvalidOperationException($"piece {piece.Kind}"),
        };
    }

    // Alias classes

    private const int AliasClassCount = 16;

    /// <summary>Whether the function that is being lowered accesses memory without regard to types.</summary>
    internal bool IsUntyped { get; set; }

    /// <summary>The alias tag of an access to a scalar of a type; 0 where it may touch anything.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int AliasTagOf(QualType type) =>
        Options.StrictAliasing && !IsUntyped && (type.Qualifiers & Qualifiers.MayAlias) == 0 ? AliasTagOf(type.Type) : 0;

    private int AliasTagOf(CType type)
    {
        (int number, string name) = type.Kind switch
        {
            TypeKind.Bool => (1, "bool"),
            TypeKind.Short or TypeKind.UnsignedShort => (2, "short"),
            TypeKind.Int or TypeKind.UnsignedInt => (3, "int"),
            TypeKind.Long or TypeKind.UnsignedLong => (4, "long"),
            TypeKind.LongLong or TypeKind.UnsignedLongLong => (5, "long long"),
            TypeKind.Int128 or TypeKind.UnsignedInt128 => (6, "int128"),
            TypeKind.Float16 or TypeKind.BFloat16 => (7, "half"),
            TypeKind.Float or TypeKind.Float32 => (8, "float"),
            TypeKind.Double or TypeKind.Float64 or TypeKind.Float32x => (9, "double"),
            TypeKind.LongDouble or TypeKind.Float64x => (10, "long double"),
            TypeKind.Float128 => (11, "float128"),
            // Pointers to different types are different types, but programs that mix them are many: one class.
            TypeKind.Pointer or TypeKind.NullPointer => (12, "pointer"),
            _ => (0, ""),
        };
        switch (type)
        {
            case EnumType { Underlying: { } underlying }:
                return AliasTagOf(underlying);
            case VectorType vector:
                return AliasTagOf(vector.Element);
        }
        if (number == 0)
            return 0;
        ref int tag = ref _aliasTags[number];
        if (tag == 0)
        {
            tag = Module.AliasTags.Count;
            Module.AliasTags.Add(new AliasTag(name, 0));
        }
        return tag;
    }
}
