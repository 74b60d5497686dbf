// Makes types, each one once. A pointer to a type without qualifiers, which is most of them, is found in the type itself;
// the others in dictionaries. One table belongs to one compilation.

using Kiln.Base;
using Kiln.Target;

namespace Kiln.Frontend.Types;

/// <summary>The types of a compilation.</summary>
public sealed class TypeTable
{
    private readonly Dictionary<QualType, PointerType> _pointers = [];
    private readonly Dictionary<(QualType Element, long Count), ArrayType> _arrays = [];
    private readonly Dictionary<CType, ComplexType> _complexes = [];
    private readonly Dictionary<(CType Element, int Count), VectorType> _vectors = [];
    private readonly Dictionary<int, FunctionType[]> _functions = [];

    /// <summary>Makes the basic types of a target.</summary>
    public TypeTable(TargetInfo target, Interner names)
    {
        Target = target;
        int longSize = target.LongSize;
        int wide = target.LongLongAlignment;
        Error = new SimpleType(TypeKind.Error, 0, 1);
        Void = new SimpleType(TypeKind.Void, 1, 1);
        NullPointer = new SimpleType(TypeKind.NullPointer, target.PointerSize, target.PointerSize);
        Bool = new IntegerType(TypeKind.Bool, 1, 1, false, 0);
        Char = new IntegerType(TypeKind.Char, 1, 1, target.CharIsSigned, 1);
        SignedChar = new IntegerType(TypeKind.SignedChar, 1, 1, true, 1);
        UnsignedChar = new IntegerType(TypeKind.UnsignedChar, 1, 1, false, 1);
        Short = new IntegerType(TypeKind.Short, 2, 2, true, 2);
        UnsignedShort = new IntegerType(TypeKind.UnsignedShort, 2, 2, false, 2);
        Int = new IntegerType(TypeKind.Int, 4, 4, true, 3);
        UnsignedInt = new IntegerType(TypeKind.UnsignedInt, 4, 4, false, 3);
        Long = new IntegerType(TypeKind.Long, longSize, longSize, true, 4);
        UnsignedLong = new IntegerType(TypeKind.UnsignedLong, longSize, longSize, false, 4);
        LongLong = new IntegerType(TypeKind.LongLong, 8, 8, true, 5);
        UnsignedLongLong = new IntegerType(TypeKind.UnsignedLongLong, 8, 8, false, 5);
        Int128 = new IntegerType(TypeKind.Int128, 16, 16, true, 6);
        UnsignedInt128 = new IntegerType(TypeKind.UnsignedInt128, 16, 16, false, 6);
        Float16 = new FloatType(TypeKind.Float16, FloatFormat.Half, 2, 2, 0);
        BFloat16 = new FloatType(TypeKind.BFloat16, FloatFormat.BFloat16, 2, 2, 1);
        Float = new FloatType(TypeKind.Float, FloatFormat.Single, 4, 4, 2);
        Float32 = new FloatType(TypeKind.Float32, FloatFormat.Single, 4, 4, 3);
        // Of types with the same values, interchange types come before standard ones, those before extended ones.
        Double = new FloatType(TypeKind.Double, FloatFormat.Double, 8, 8, 5);
        Float32x = new FloatType(TypeKind.Float32x, FloatFormat.Double, 8, 8, 4);
        Float64 = new FloatType(TypeKind.Float64, FloatFormat.Double, 8, 8, 6);
        LongDouble = new FloatType(
            TypeKind.LongDouble, target.LongDoubleFormat, target.LongDoubleSize, target.LongDoubleAlignment, 8);
        bool hasX87 = target.Architecture is Architecture.X86_64 or Architecture.I386;
        Float64x = hasX87
            ? new FloatType(TypeKind.Float64x, FloatFormat.X87, target.LongDoubleSize, target.LongDoubleAlignment, 7)
            : new FloatType(TypeKind.Float64x, FloatFormat.Quad, 16, 16, 7);
        Float128 = new FloatType(TypeKind.Float128, FloatFormat.Quad, 16, 16, 9);
        Decimal32 = new FloatType(TypeKind.Decimal32, FloatFormat.Single, 4, 4, 20);
        Decimal64 = new FloatType(TypeKind.Decimal64, FloatFormat.Double, 8, 8, 21);
        Decimal128 = new FloatType(TypeKind.Decimal128, FloatFormat.Quad, 16, 16, 22);
        bool wordIsLong = longSize == target.PointerSize;
        bool is64 = target.PointerSize == 8;
        SizeType = is64 ? UnsignedLong : UnsignedInt;
        PointerDifferenceType = is64 ? Long : Int;
        WideChar = target.WideCharIsSigned ? Int : UnsignedInt;
        MaximumInt = wordIsLong && is64 ? Long : LongLong;
        MaximumUnsigned = wordIsLong && is64 ? UnsignedLong : UnsignedLongLong;
        VoidPointer = PointerTo(Void);
        CharPointer = PointerTo(Char);
        ConstCharPointer = PointerTo(new QualType(Char, Qualifiers.Const));
        _ = wide;
        VaList = MakeVaList(names);
    }

    public TargetInfo Target { get; }

    /// <summary>How types are written, where a debugger wants to know; else null.</summary>
    public TypeSpellings? Spellings { get; init; }

    public SimpleType Error { get; }
    public SimpleType Void { get; }
    public SimpleType NullPointer { get; }
    public IntegerType Bool { get; }
    public IntegerType Char { get; }
    public IntegerType SignedChar { get; }
    public IntegerType UnsignedChar { get; }
    public IntegerType Short { get; }
    public IntegerType UnsignedShort { get; }
    public IntegerType Int { get; }
    public IntegerType UnsignedInt { get; }
    public IntegerType Long { get; }
    public IntegerType UnsignedLong { get; }
    public IntegerType LongLong { get; }
    public IntegerType UnsignedLongLong { get; }
    public IntegerType Int128 { get; }
    public IntegerType UnsignedInt128 { get; }
    public FloatType Float16 { get; }
    public FloatType BFloat16 { get; }
    public FloatType Float { get; }
    public FloatType Float32 { get; }
    public FloatType Double { get; }
    public FloatType Float32x { get; }
    public FloatType Float64 { get; }
    public FloatType LongDouble { get; }
    public FloatType Float64x { get; }
    public FloatType Float128 { get; }
    public FloatType Decimal32 { get; }
    public FloatType Decimal64 { get; }
    public FloatType Decimal128 { get; }
    public IntegerType SizeType { get; }
    public IntegerType PointerDifferenceType { get; }
    public IntegerType WideChar { get; }
    public IntegerType MaximumInt { get; }
    public IntegerType MaximumUnsigned { get; }
    /// <summary>Whether constants that no other type holds are __int128 (gcc warns and takes it).</summary>
    public bool HasWideLiterals => Target.HasInt128;
    public PointerType VoidPointer { get; }
    public PointerType CharPointer { get; }
    public PointerType ConstCharPointer { get; }

    /// <summary><c>__builtin_va_list</c>: an array of one record, a record, or a pointer, as the target's ABI says.</summary>
    public CType VaList { get; }

    private readonly Dictionary<(IntegerType Declared, int Width), IntegerType> _narrow = [];

    /// <summary>The type that a bit-field wider than int promotes to.</summary>
    internal IntegerType NarrowOf(IntegerType declared, int width)
    {
        if (!_narrow.TryGetValue((declared, width), out IntegerType? known))
        {
            known = new IntegerType(declared.Kind, (int)declared.Size, declared.Alignment, declared.IsSigned, Int.Rank, width);
            _narrow.Add((declared, width), known);
        }
        return known;
    }

    /// <summary>The declared type of a narrow one.</summary>
    internal IntegerType WidenedOf(IntegerType narrow) => narrow.Kind switch
    {
        TypeKind.Long => Long,
        TypeKind.UnsignedLong => UnsignedLong,
        TypeKind.LongLong => LongLong,
        TypeKind.UnsignedLongLong => UnsignedLongLong,
        TypeKind.Int128 => Int128,
        TypeKind.UnsignedInt128 => UnsignedInt128,
        _ => throw new ArgumentOutOfRangeException(nameof(narrow), narrow.Kind, null),
    };

    /// <summary>A pointer to a type.</summary>
    public PointerType PointerTo(QualType pointee)
    {
        if (pointee.Qualifiers == Qualifiers.None && pointee.AlignmentCode == 0)
            return pointee.Type.PointerToThis ??= new PointerType(pointee, Target.PointerSize);
        ref PointerType? known = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_pointers, pointee, out _);
        return known ??= new PointerType(pointee, Target.PointerSize);
    }

    /// <summary>An array of a known number of elements, or with -1 of an unknown one.</summary>
    public ArrayType ArrayOf(QualType element, long count)
    {
        // An array of an incomplete record is not interned: its size may become known.
        if (!element.Type.IsComplete || element.Type.HasVariableSize)
            return new ArrayType(element, count, null);
        ref ArrayType? known = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_arrays, (element, count), out _);
        return known ??= new ArrayType(element, count, null);
    }

    /// <summary>A variable length array: a new type.</summary>
    public ArrayType VariableArrayOf(QualType element, VariableBound bound) => new(element, -1, bound);

    /// <summary>The complex type of an element type.</summary>
    public ComplexType ComplexOf(CType element)
    {
        if (!_complexes.TryGetValue(element, out ComplexType? known))
            _complexes.Add(element, known = new ComplexType(element));
        return known;
    }

    /// <summary>The vector of <paramref name="count"/> elements.</summary>
    public VectorType VectorOf(CType element, int count)
    {
        if (!_vectors.TryGetValue((element, count), out VectorType? known))
            _vectors.Add((element, count), known = new VectorType(element, count));
        return known;
    }

    /// <summary>A function type.</summary>
    public FunctionType FunctionOf(
        QualType result,
        ReadOnlySpan<QualType> parameters,
        bool hasPrototype,
        bool isVariadic,
        FunctionTypeFlags flags = FunctionTypeFlags.None,
        CallingConvention convention = CallingConvention.Default)
    {
        int hash = HashCode.Combine(result.GetHashCode(), hasPrototype, isVariadic, flags, convention);
        foreach (QualType parameter in parameters)
            hash = hash * 31 + parameter.GetHashCode();
        ref FunctionType[]? bucket = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_functions, hash, out _);
        if (bucket is not null)
        {
            foreach (FunctionType known in bucket)
            {
                if (known.Result == result && known.HasPrototype == hasPrototype && known.IsVariadic == isVariadic
                    && known.Flags == flags && known.Convention == convention && parameters.SequenceEqual(known.Parameters))
                    return known;
            }
        }
        var made = new FunctionType(result, parameters.ToArray(), hasPrototype, isVariadic, flags, convention);
        if (bucket is null)
            bucket = [made];
        else
        {
            Array.Resize(ref bucket, bucket.Length + 1);
            bucket[^1] = made;
        }
        return made;
    }

    /// <summary>The same function type with other facts.</summary>
    public FunctionType WithFlags(FunctionType type, FunctionTypeFlags flags, CallingConvention convention) =>
        type.Flags == flags && type.Convention == convention
            ? type
            : FunctionOf(type.Result, type.Parameters, type.HasPrototype, type.IsVariadic, flags, convention);

    /// <summary>The standard integer type of a size, or null.</summary>
    public IntegerType? IntegerOfSize(int size, bool isSigned) => size switch
    {
        1 => isSigned ? SignedChar : UnsignedChar,
        2 => isSigned ? Short : UnsignedShort,
        4 => isSigned ? Int : UnsignedInt,
        8 => Target.LongSize == 8 ? isSigned ? Long : UnsignedLong : isSigned ? LongLong : UnsignedLongLong,
        16 => isSigned ? Int128 : UnsignedInt128,
        _ => null,
    };

    /// <summary>The unsigned type that corresponds to an integer type, or the signed one (C17 6.2.5).</summary>
    public IntegerType WithSign(IntegerType type, bool isSigned) => type.Kind switch
    {
        TypeKind.Char or TypeKind.SignedChar or TypeKind.UnsignedChar => isSigned ? SignedChar : UnsignedChar,
        TypeKind.Short or TypeKind.UnsignedShort => isSigned ? Short : UnsignedShort,
        TypeKind.Int or TypeKind.UnsignedInt => isSigned ? Int : UnsignedInt,
        TypeKind.Long or TypeKind.UnsignedLong => isSigned ? Long : UnsignedLong,
        TypeKind.LongLong or TypeKind.UnsignedLongLong => isSigned ? LongLong : UnsignedLongLong,
        TypeKind.Int128 or TypeKind.UnsignedInt128 => isSigned ? Int128 : UnsignedInt128,
        _ => type,
    };

    private CType MakeVaList(Interner names)
    {
        if (Target.Architecture != Architecture.X86_64)
            return VoidPointer;
        // System V x86-64 psABI, 3.5.7.
        var record = new RecordType(false, names.Intern("__va_list_tag"), default)
        {
            Fields =
            [
                new Field(names.Intern("gp_offset"), UnsignedInt, default),
                new Field(names.Intern("fp_offset"), UnsignedInt, default),
                new Field(names.Intern("overflow_arg_area"), VoidPointer, default),
                new Field(names.Intern("reg_save_area"), VoidPointer, default),
            ],
        };
        RecordLayout.Compute(record, Target, 0, 0);
        return ArrayOf(record, 1);
    }
}
