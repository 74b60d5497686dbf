namespace Kiln.Lowering;

// The module's debug tables: types and symbols as a debugger sees them.
public sealed partial class Lowering
{
    private readonly Dictionary<CType, int> _debugTypes = [];
    private readonly Dictionary<(int Base, Qualifiers Qualifier), int> _debugQualified = [];

    private void StartDebugTables() =>
        Module.Debug = new DebugTables
        {
            Producer = Options.Producer,
            Directory = Options.Directory,
            MainFile = Options.MainFile,
        };

    /// <summary>The index of a type in the debug tables.</summary>
    internal int DebugType(QualType type)
    {
        int index = DebugType(type.Type);
        // Innermost first: const is outside of volatile, as gcc writes them.
        index = Qualified(index, type.Qualifiers & Qualifiers.Atomic, DebugTypeKind.Atomic);
        index = Qualified(index, type.Qualifiers & Qualifiers.Restrict, DebugTypeKind.Restrict);
        index = Qualified(index, type.Qualifiers & Qualifiers.Volatile, DebugTypeKind.Volatile);
        return Qualified(index, type.Qualifiers & Qualifiers.Const, DebugTypeKind.Const);
    }

    private int Qualified(int type, Qualifiers qualifier, DebugTypeKind kind)
    {
        if (qualifier == 0)
            return type;
        if (_debugQualified.TryGetValue((type, qualifier), out int known))
            return known;
        int index = Add(new DebugType { Kind = kind, Base = type, Size = type == 0 ? 0 : Module.Debug!.Types[type].Size });
        _debugQualified.Add((type, qualifier), index);
        return index;
    }

    private int Add(DebugType type)
    {
        Module.Debug!.Types.Add(type);
        return Module.Debug.Types.Count - 1;
    }

    private int DebugType(CType type)
    {
        if (type.IsVoid || type.IsError)
            return 0;
        if (_debugTypes.TryGetValue(type, out int known))
            return known;
        switch (type)
        {
            case RecordType record:
                return DescribeRecord(record);
            case PointerType pointer:
                // A pointer may lead back to itself: its entry exists before its pointee's.
                var pointerEntry = new DebugType { Kind = DebugTypeKind.Pointer, Size = pointer.Size };
                int pointerIndex = Note(type, pointerEntry);
                pointerEntry.Base = DebugType(pointer.Pointee);
                return pointerIndex;
            case FunctionType function:
                var functionEntry = new DebugType { Kind = DebugTypeKind.Function, IsOpen = function.IsVariadic || !function.HasPrototype };
                int functionIndex = Note(type, functionEntry);
                functionEntry.Base = DebugType(function.Result);
                foreach (QualType parameter in function.Parameters)
                    functionEntry.Members.Add(new DebugMember(null, DebugType(parameter), 0));
                return functionIndex;
            case ArrayType array:
                return Note(type, new DebugType
                {
                    Kind = DebugTypeKind.Array,
                    Size = array.HasVariableSize || array.Count < 0 ? -1 : array.Size,
                    Base = DebugType(array.Element),
                    Count = array.HasVariableSize ? -1 : array.Count,
                });
            case VectorType vector:
                return Note(type, new DebugType { Kind = DebugTypeKind.Vector, Size = vector.Size, Base = DebugType(vector.Element), Count = vector.Count });
            case EnumType enumeration:
                return DescribeEnumeration(enumeration);
            case ComplexType complex:
                return Note(type, new DebugType { Kind = DebugTypeKind.ComplexFloat, Size = complex.Size, Name = "complex " + ScalarName(complex.Element.Kind) });
            default:
                return Note(type, new DebugType { Kind = ScalarDebugKind(type), Size = type.Size, Name = ScalarName(type.Kind) });
        }
    }

    private int Note(CType type, DebugType entry)
    {
        int index = Add(entry);
        _debugTypes.Add(type, index);
        return index;
    }

    private int DescribeRecord(RecordType record)
    {
        var entry = new DebugType
        {
            Kind = record.IsUnion ? DebugTypeKind.Union : DebugTypeKind.Structure,
            Name = record.Tag != 0 ? Names.Text(record.Tag) : null,
            Size = record.IsDefined ? record.Size : -1,
            IsOpen = !record.IsDefined,
            Location = record.Location,
        };
        int index = Add(entry);
        // One that is completed later in the unit gets its entry then.
        if (record.IsDefined)
            _debugTypes.Add(record, index);
        else
            _incompleteRecords.Add((record, index));
        AddMembers(record, entry);
        return index;
    }

    private readonly List<(RecordType Record, int Index)> _incompleteRecords = [];

    private void AddMembers(RecordType record, DebugType entry)
    {
        foreach (Field field in record.Fields)
        {
            string? name = field.Name != 0 ? Names.Text(field.Name) : null;
            int type = DebugType(field.Type);
            entry.Members.Add(field.IsBitField
                ? new DebugMember(name, type, field.Offset, field.Offset * 8 + field.BitOffset, field.BitWidth)
                : new DebugMember(name, type, field.Offset));
        }
    }

    /// <summary>At the unit's end: records that were declared when they were first described.</summary>
    private void CompleteDebugTypes()
    {
        for (int i = 0; i < _incompleteRecords.Count; i++)
        {
            (RecordType record, int index) = _incompleteRecords[i];
            if (!record.IsDefined)
                continue;
            DebugType entry = Module.Debug!.Types[index];
            entry.IsOpen = false;
            entry.Size = record.Size;
            AddMembers(record, entry);
        }
        _incompleteRecords.Clear();
    }

    private int DescribeEnumeration(EnumType enumeration)
    {
        var entry = new DebugType
        {
            Kind = DebugTypeKind.Enumeration,
            Name = enumeration.Tag != 0 ? Names.Text(enumeration.Tag) : null,
            Size = enumeration.Size,
            Base = enumeration.Underlying is null ? 0 : DebugType(enumeration.Underlying),
            Location = enumeration.Location,
        };
        int index = Note(enumeration, entry);
        foreach (EnumConstantDeclaration enumerator in enumeration.Enumerators)
            entry.Members.Add(new DebugMember(Names.Text(enumerator.Name), index, (long)(ulong)enumerator.Value));
        return index;
    }

    private DebugTypeKind ScalarDebugKind(CType type) => type.Kind switch
    {
        TypeKind.Bool => DebugTypeKind.Boolean,
        TypeKind.Char => Target.CharIsSigned ? DebugTypeKind.SignedChar : DebugTypeKind.UnsignedChar,
        TypeKind.SignedChar => DebugTypeKind.SignedChar,
        TypeKind.UnsignedChar => DebugTypeKind.UnsignedChar,
        TypeKind.NullPointer => DebugTypeKind.Pointer,
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
        TypeKind.NullPointer => "nullptr_t",
        _ => kind.ToString(),
    };

    /// <summary>Describes a function's symbol.</summary>
    internal void DescribeFunction(FunctionDeclaration function, Symbol symbol) =>
        Module.Debug!.Symbols[symbol] = (Names.Text(function.Name), DebugType(function.Type), function.Location);

    /// <summary>Describes an object's symbol.</summary>
    private void DescribeVariable(VariableDeclaration variable)
    {
        if (variable.Name != 0)
            Module.Debug!.Symbols[SymbolOf(variable)] = (Names.Text(variable.Name), DebugType(variable.Type), variable.Location);
    }
}
