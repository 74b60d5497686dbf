namespace Kiln.Lowering;

// The module's debug tables: types and symbols as a debugger sees them.
//
// A type gets an entry when something described is of it. Records are entered empty, so that a type may lead back to itself, and
// get their members at the unit's end, when those that were declared only are known to be complete or not.
// Typedef names come from the type's spelling (TypeSpellings); a spelling that no longer fits its type (an attribute made
// another one of it) is passed over.
public sealed partial class Lowering
{
    private readonly Dictionary<CType, int> _debugTypes = [];
    private readonly Dictionary<(int Base, DebugTypeKind Kind), int> _debugDerived = [];
    private readonly Dictionary<(int Element, long Count), int> _debugArrays = [];
    private readonly List<(RecordType Record, DebugType Entry)> _debugRecords = [];
    private readonly List<VariableDeclaration> _debugDeclared = [];
    private FunctionLowering? _described;

    private void StartDebugTables() =>
        Module.Debug = new DebugTables
        {
            Producer = Options.Producer,
            Directory = Options.Directory,
            MainFile = Options.MainFile,
            StandardYear = Options.StandardYear,
        };

    /// <summary>The index of the type of a function's variable: arrays of variable length get their bounds from its frame.</summary>
    internal int DebugType(QualType type, FunctionLowering function)
    {
        _described = function;
        int index = DebugType(type);
        _described = null;
        return index;
    }

    /// <summary>The index of a type in the debug tables.</summary>
    internal int DebugType(QualType type)
    {
        int index = SpelledType(type, out Qualifiers within);
        if (index < 0)
            index = DebugType(type.Type);
        Qualifiers around = type.Qualifiers & ~within;
        // Innermost first: const is outside of volatile, as gcc writes them.
        if ((around & Qualifiers.Atomic) != 0)
            index = Derived(index, DebugTypeKind.Atomic);
        if ((around & Qualifiers.Restrict) != 0)
            index = Derived(index, DebugTypeKind.Restrict);
        if ((around & Qualifiers.Volatile) != 0)
            index = Derived(index, DebugTypeKind.Volatile);
        return (around & Qualifiers.Const) != 0 ? Derived(index, DebugTypeKind.Const) : index;
    }

    /// <summary>The index of a type as it is written, or -1 where there is nothing to add to the type itself.</summary>
    private int SpelledType(QualType type, out Qualifiers within)
    {
        within = 0;
        if (type.Spelling == 0 || CTypes.Spellings is not { } spellings)
            return -1;
        ref readonly Spelling spelling = ref spellings[type.Spelling];
        switch (spelling.Kind)
        {
            case SpellingKind.Typedef:
                TypedefDeclaration typedef = spelling.Typedef!;
                if (typedef.Type.Type != type.Type)
                    return -1;
                within = typedef.Type.Qualifiers;
                return DescribeTypedef(typedef);
            case SpellingKind.Pointer when type.Type is PointerType pointer && pointer.Pointee == spelling.Inner:
                return Derived(DebugType(spelling.Inner), DebugTypeKind.Pointer);
            case SpellingKind.Array when type.Type is ArrayType array && array.Element == spelling.Inner:
                return DescribeArray(array, DebugType(spelling.Inner));
            case SpellingKind.Function when type.Type is FunctionType function && function.Parameters.AsSpan().SequenceEqual(spelling.Parameters)
                && function.Result.Type == spelling.Inner.Type:
                return DescribeFunctionType(function, spelling.Inner, spelling.Parameters!);
            default:
                return -1;
        }
    }

    private int DescribeTypedef(TypedefDeclaration typedef)
    {
        if (typedef.Slot != 0)
            return typedef.Slot;
        int named = DebugType(typedef.Type);
        typedef.Slot = Add(new DebugType
        {
            Kind = DebugTypeKind.Typedef,
            Name = Names.Text(typedef.Name),
            Base = named,
            Size = Module.Debug!.Types[named].Size,
            Alignment = typedef.Type.AlignmentCode != 0 ? typedef.Type.Alignment : 0,
            Location = typedef.Location,
        });
        return typedef.Slot;
    }

    /// <summary>A qualified type, or a pointer.</summary>
    private int Derived(int type, DebugTypeKind kind)
    {
        if (_debugDerived.TryGetValue((type, kind), out int known))
            return known;
        long size = kind == DebugTypeKind.Pointer ? Target.PointerSize : Module.Debug!.Types[type].Size;
        int index = Add(new DebugType { Kind = kind, Base = type, Size = size });
        _debugDerived.Add((type, kind), index);
        return index;
    }

    private int Add(DebugType type)
    {
        List<DebugType> types = Module.Debug!.Types;
        type.IsLocal |= types[type.Base].IsLocal;
        types.Add(type);
        if (type.IsLocal)
            _described?.AddLocalType(types.Count - 1);
        return types.Count - 1;
    }

    private int DebugType(CType type)
    {
        if (type.IsVoid || type.IsError)
            return 0;
        if (_debugTypes.TryGetValue(type, out int known))
            return known;
        int index = type switch
        {
            RecordType record => DescribeRecord(record),
            PointerType pointer => Derived(DebugType(pointer.Pointee), DebugTypeKind.Pointer),
            FunctionType function => DescribeFunctionType(function, function.Result, function.Parameters),
            ArrayType array => DescribeArray(array, DebugType(array.Element)),
            VectorType vector => Add(new DebugType
            {
                Kind = DebugTypeKind.Vector,
                Size = vector.Size,
                Base = DebugType(vector.Element),
                Count = vector.Count,
            }),
            EnumType enumeration => DescribeEnumeration(enumeration),
            ComplexType complex => Add(new DebugType
            {
                Kind = complex.Element.IsFloat ? DebugTypeKind.ComplexFloat : DebugTypeKind.ComplexInteger,
                Size = complex.Size,
                Name = complex.Element.Kind == TypeKind.Int ? "complex int" : "complex " + ScalarName(complex.Element.Kind),
            }),
            _ => Add(new DebugType { Kind = ScalarDebugKind(type), Size = type.Size, Name = ScalarName(type.Kind) }),
        };
        // What is made of a variable length array is made anew for each.
        if (!type.IsVariablyModified)
            _debugTypes[type] = index;
        return index;
    }

    private int DescribeArray(ArrayType array, int element)
    {
        bool isVariable = array.Bound is not null;
        long count = array.Bound is { Count: IntegerConstant constant } ? (long)(ulong)constant.Value : isVariable ? -1 : array.Count;
        if (!isVariable && _debugArrays.TryGetValue((element, count), out int known))
            return known;
        int index = Add(new DebugType
        {
            Kind = DebugTypeKind.Array,
            Size = array.HasVariableSize || array.Count < 0 ? -1 : array.Size,
            Base = element,
            Count = count,
            BoundSlot = isVariable && count < 0 ? _described?.BoundSlot(array.Bound!) ?? 0 : 0,
            IsLocal = isVariable,
        });
        if (!isVariable)
            _debugArrays.Add((element, count), index);
        return index;
    }

    private int DescribeFunctionType(FunctionType function, QualType result, QualType[] parameters)
    {
        var entry = new DebugType
        {
            Kind = DebugTypeKind.Function,
            IsOpen = function.IsVariadic || !function.HasPrototype,
            IsPrototyped = function.HasPrototype,
            Base = DebugType(result),
        };
        foreach (QualType parameter in parameters)
            entry.Members.Add(new DebugMember(null, DebugType(parameter), 0));
        return Add(entry);
    }

    private int DescribeRecord(RecordType record)
    {
        var entry = new DebugType
        {
            Kind = record.IsUnion ? DebugTypeKind.Union : DebugTypeKind.Structure,
            Name = record.Tag != 0 ? Names.Text(record.Tag) : null,
            Size = record.IsDefined && !record.HasVariableSize ? record.Size : -1,
            IsOpen = !record.IsDefined,
            Location = record.Location,
        };
        int index = Add(entry);
        _debugTypes[record] = index;
        _debugRecords.Add((record, entry));
        return index;
    }

    /// <summary>At the unit's end: members of records, which may bring further records.</summary>
    private void CompleteDebugTypes()
    {
        foreach (VariableDeclaration variable in _debugDeclared)
        {
            if (Module[SymbolOf(variable)].Kind == SymbolKind.Undefined)
                DescribeVariable(variable);
        }
        for (int i = 0; i < _debugRecords.Count; i++)
        {
            (RecordType record, DebugType entry) = _debugRecords[i];
            if (!record.IsDefined)
                continue;
            entry.IsOpen = false;
            entry.Location = record.Location;
            if (!record.HasVariableSize)
                entry.Size = record.Size;
            foreach (Field field in record.Fields)
            {
                string? name = field.Name != 0 ? Names.Text(field.Name) : null;
                int type = DebugType(field.Type);
                long offset = field.VariableOffset is null ? field.Offset : -1;
                entry.Members.Add(field.IsBitField
                    ? new DebugMember(name, type, offset, field.Offset * 8 + field.BitOffset, field.BitWidth, field.Location)
                    : new DebugMember(name, type, offset, Location: field.Location));
            }
        }
        _debugRecords.Clear();
    }

    private int DescribeEnumeration(EnumType enumeration)
    {
        var entry = new DebugType
        {
            Kind = DebugTypeKind.Enumeration,
            Name = enumeration.Tag != 0 ? Names.Text(enumeration.Tag) : null,
            Size = enumeration.Size,
            Base = DebugType(enumeration.Underlying),
            IsOpen = !enumeration.IsDefined,
            Location = enumeration.Location,
        };
        int index = Add(entry);
        foreach (EnumConstantDeclaration enumerator in enumeration.Enumerators)
            entry.Members.Add(new DebugMember(Names.Text(enumerator.Name), 0, (long)(ulong)enumerator.Value));
        return index;
    }

    private DebugTypeKind ScalarDebugKind(CType type) => type.Kind switch
    {
        TypeKind.Bool => DebugTypeKind.Boolean,
        TypeKind.Char => Target.CharIsSigned ? DebugTypeKind.SignedChar : DebugTypeKind.UnsignedChar,
        TypeKind.SignedChar => DebugTypeKind.SignedChar,
        TypeKind.UnsignedChar => DebugTypeKind.UnsignedChar,
        TypeKind.NullPointer => DebugTypeKind.Unspecified,
        _ => type is FloatType ? DebugTypeKind.Float : IsSigned(type) ? DebugTypeKind.Signed : DebugTypeKind.Unsigned,
    };

    /// <summary>The names that gcc gives base types.</summary>
    private static string ScalarName(TypeKind kind) => kind switch
    {
        TypeKind.Bool => "_Bool",
        TypeKind.Char => "char",
        TypeKind.SignedChar => "signed char",
        TypeKind.UnsignedChar => "unsigned char",
        TypeKind.Short => "short int",
        TypeKind.UnsignedShort => "short unsigned int",
        TypeKind.Int => "int",
        TypeKind.UnsignedInt => "unsigned int",
        TypeKind.Long => "long int",
        TypeKind.UnsignedLong => "long unsigned int",
        TypeKind.LongLong => "long long int",
        TypeKind.UnsignedLongLong => "long long unsigned int",
        TypeKind.Int128 => "__int128",
        TypeKind.UnsignedInt128 => "__int128 unsigned",
        TypeKind.Float => "float",
        TypeKind.Double => "double",
        TypeKind.LongDouble => "long double",
        TypeKind.BFloat16 => "__bf16",
        TypeKind.Decimal32 or TypeKind.Decimal64 or TypeKind.Decimal128 or TypeKind.Float16 or TypeKind.Float32 or TypeKind.Float64
            or TypeKind.Float32x or TypeKind.Float64x or TypeKind.Float128 => "_" + kind,
        TypeKind.NullPointer => "decltype(nullptr)",
        _ => kind.ToString(),
    };

    /// <summary>Describes a function's symbol.</summary>
    internal void DescribeFunction(FunctionDeclaration function, Symbol symbol) =>
        Module.Debug!.Symbols[symbol] = new DebugSymbol(Names.Text(function.Name), DebugType(function.Type), function.Location, true);

    /// <summary>Describes the symbol of a variable of file scope; those of blocks are their functions' business.</summary>
    private void DescribeVariable(VariableDeclaration variable)
    {
        if (variable.Name != 0 && (variable.Function is null || variable.Linkage != SourceLinkage.None))
            Module.Debug!.Symbols[SymbolOf(variable)] = new DebugSymbol(Names.Text(variable.Name), DebugType(variable.Type), variable.Location, false);
    }
}
