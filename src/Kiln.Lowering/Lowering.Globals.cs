namespace Kiln.Lowering;

// Symbols of functions and variables, and the data of objects in the image.
public sealed partial class Lowering
{
    private readonly HashSet<VariableDeclaration> _unreferenced = [];
    private readonly Queue<VariableDeclaration> _wantedVariables = new();
    private readonly Interner?[] _stringContents = new Interner?[3];
    private readonly List<Symbol>[] _stringSymbols = [[], [], []];
    private int _localNumber;

    /// <summary>The symbol of a function that lowered code or data refers to.</summary>
    internal Symbol Reference(FunctionDeclaration function)
    {
        Symbol symbol = SymbolOf(function);
        SymbolData data = Module[symbol];
        if (!data.IsReferenced)
        {
            data.IsReferenced = true;
            Want(function);
        }
        return symbol;
    }

    /// <summary>The symbol of a variable in the image that lowered code or data refers to.</summary>
    internal Symbol Reference(VariableDeclaration variable)
    {
        Symbol symbol = SymbolOf(variable);
        SymbolData data = Module[symbol];
        if (!data.IsReferenced)
        {
            data.IsReferenced = true;
            if (_unreferenced.Remove(variable))
                _wantedVariables.Enqueue(variable);
            else if (Options.Debug && !variable.IsDefined)
                _debugDeclared.Add(variable);
        }
        return symbol;
    }

    /// <summary>A support or C library function, by its name in the object file.</summary>
    internal Symbol Library(string name)
    {
        Symbol symbol = Module.Library(name);
        Module[symbol].IsReferenced = true;
        return symbol;
    }

    internal Symbol SymbolOf(FunctionDeclaration function)
    {
        if (function.Slot != 0)
            return new Symbol(function.Slot);
        Symbol symbol;
        if (function.Symbol is { WeakReferenceTo: > 0 } attributes)
        {
            symbol = Module.Intern(Names.Text(attributes.WeakReferenceTo));
            if (Module[symbol].Kind == SymbolKind.Undefined)
                Module[symbol].Linkage = Linkage.WeakReference;
            function.Slot = symbol.Id;
            return symbol;
        }
        symbol = function.Linkage == SourceLinkage.None
            ? Module.NewLocal($"{Names.Text(function.Name)}.{_localNumber++}")
            : Module.Intern(Names.Text(function.SymbolName));
        function.Slot = symbol.Id;
        UpdateSymbol(function, Module[symbol]);
        return symbol;
    }

    internal Symbol SymbolOf(VariableDeclaration variable)
    {
        if (variable.Slot != 0)
            return new Symbol(variable.Slot);
        Symbol symbol;
        if (variable.Symbol is { WeakReferenceTo: > 0 } attributes)
        {
            symbol = Module.Intern(Names.Text(attributes.WeakReferenceTo));
            if (Module[symbol].Kind == SymbolKind.Undefined)
                Module[symbol].Linkage = Linkage.WeakReference;
            variable.Slot = symbol.Id;
            return symbol;
        }
        symbol = variable.Linkage != SourceLinkage.None ? Module.Intern(Names.Text(variable.SymbolName))
            : variable.Symbol is { AssemblerName: not 0 } ? Module.Intern(Names.Text(variable.Symbol.AssemblerName))
            : Module.NewLocal($"{(variable.Name != 0 ? Names.Text(variable.Name) : "__compound_literal")}.{_localNumber++}");
        variable.Slot = symbol.Id;
        UpdateSymbol(variable, Module[symbol]);
        if (variable.Linkage == SourceLinkage.None)
            Module[symbol].Linkage = Linkage.Internal;
        return symbol;
    }

    /// <summary>Brings linkage, visibility and the other attributes up to what the declaration says by now.</summary>
    private void UpdateSymbol(EntityDeclaration declaration, SymbolData symbol)
    {
        SymbolAttributes? attributes = declaration.Symbol;
        bool isDefined = declaration is FunctionDeclaration { IsDefined: true, IsInlineOnly: false }
            or VariableDeclaration { IsDefined: true };
        symbol.Linkage = declaration.Linkage != SourceLinkage.External ? Linkage.Internal
            : !declaration.IsWeak ? Linkage.External
            : isDefined || attributes!.AliasOf != 0 ? Linkage.Weak
            : Linkage.WeakReference;
        // -fvisibility does not touch what is only declared.
        symbol.Visibility = attributes is { HasVisibility: true } ? Convert(attributes.Visibility)
            : isDefined ? Options.DefaultVisibility
            : Visibility.Default;
        if (attributes is not null)
        {
            symbol.Section = attributes.Section;
            symbol.IsUsed = attributes.IsUsed;
            symbol.IsRetained = attributes.IsRetained;
            symbol.Version = attributes.SymbolVersion;
        }
        bool mayBeReplaced = symbol.Linkage is Linkage.Weak or Linkage.WeakReference
            || Options.PositionIndependence == PositionIndependence.Library && symbol.Visibility == Visibility.Default;
        symbol.BindsLocally = symbol.Linkage == Linkage.Internal
            || isDefined && !mayBeReplaced
            || symbol.Visibility is Visibility.Hidden or Visibility.Internal && !declaration.IsWeak;
        symbol.IsDeclaredObject = declaration is VariableDeclaration && symbol.Linkage is not (Linkage.Weak or Linkage.WeakReference);
        if (declaration is VariableDeclaration { TlsModel: not SourceTlsModel.None } variable)
            symbol.Tls = ChooseTlsModel(variable.TlsModel, symbol.BindsLocally);
        if (declaration is FunctionDeclaration function)
        {
            symbol.ConstructorPriority = function.ConstructorPriority;
            symbol.DestructorPriority = function.DestructorPriority;
            symbol.CallFlags = CallFlagsOf(function);
        }
        else if (symbol.Kind == SymbolKind.Undefined && declaration.Type.Type is { IsComplete: true, HasVariableSize: false } type)
        {
            // What is only declared has its size all the same, which object sizes are found by.
            symbol.Size = type.Size;
        }
    }

    private static Visibility Convert(SourceVisibility visibility) => visibility switch
    {
        SourceVisibility.Default => Visibility.Default,
        SourceVisibility.Internal => Visibility.Internal,
        SourceVisibility.Hidden => Visibility.Hidden,
        SourceVisibility.Protected => Visibility.Protected,
        _ => throw new ArgumentOutOfRangeException(nameof(visibility), visibility, "no such visibility"),
    };

    private TlsModel ChooseTlsModel(SourceTlsModel asked, bool bindsLocally)
    {
        TlsModel found = Options.PositionIndependence == PositionIndependence.Library
            ? bindsLocally ? TlsModel.LocalDynamic : TlsModel.GeneralDynamic
            : bindsLocally ? TlsModel.LocalExec : TlsModel.InitialExec;
        TlsModel given = asked switch
        {
            SourceTlsModel.GlobalDynamic => TlsModel.GeneralDynamic,
            SourceTlsModel.LocalDynamic => TlsModel.LocalDynamic,
            SourceTlsModel.InitialExec => TlsModel.InitialExec,
            SourceTlsModel.LocalExec => TlsModel.LocalExec,
            _ => Options.TlsModel ?? TlsModel.GeneralDynamic,
        };
        // The models are in the order of their strength: the stronger of what is asked and what is found.
        return found > given ? found : given;
    }

    private static CallFlags CallFlagsOf(FunctionDeclaration function)
    {
        CallFlags flags = TypeCallFlags(function.FunctionType);
        if ((function.Flags & SourceFunctionFlags.NoReturn) != 0)
            flags |= CallFlags.NoReturn;
        if ((function.Flags & SourceFunctionFlags.NoPlt) != 0)
            flags |= CallFlags.NoPlt;
        if (function.Builtin is { } builtin)
        {
            if ((builtin.Flags & BuiltinFlags.NoReturn) != 0)
                flags |= CallFlags.NoReturn;
            if ((builtin.Flags & BuiltinFlags.ReturnsTwice) != 0)
                flags |= CallFlags.ReturnsTwice;
        }
        return flags;
    }

    internal static CallFlags TypeCallFlags(FunctionType type)
    {
        CallFlags flags = 0;
        FunctionTypeFlags facts = type.Flags;
        if ((facts & FunctionTypeFlags.NoReturn) != 0)
            flags |= CallFlags.NoReturn;
        if ((facts & FunctionTypeFlags.ReturnsTwice) != 0)
            flags |= CallFlags.ReturnsTwice;
        if ((facts & FunctionTypeFlags.Const) != 0)
            flags |= CallFlags.Const;
        if ((facts & FunctionTypeFlags.Pure) != 0)
            flags |= CallFlags.Pure;
        if ((facts & FunctionTypeFlags.NoThrow) != 0)
            flags |= CallFlags.NoThrow;
        if ((facts & FunctionTypeFlags.Malloc) != 0)
            flags |= CallFlags.Malloc;
        return flags;
    }

    /// <summary>A function's symbol as its definition is about to be lowered.</summary>
    internal Symbol DefineFunction(FunctionDeclaration function)
    {
        Symbol symbol = SymbolOf(function);
        SymbolData data = Module[symbol];
        UpdateSymbol(function, data);
        if (function.Linkage == SourceLinkage.None)
        {
            data.Linkage = Linkage.Internal;
            data.BindsLocally = true;
        }
        if (function.RequestedAlignment > 0)
            data.AlignmentLog2 = Log2(function.RequestedAlignment);
        if (function.IsInlineOnly)
            data.IsInlineOnly = true;
        else
            data.Kind = SymbolKind.Function;
        return symbol;
    }

    /// <summary>A variable's definition: its data is made at once if the linker may need it, else when something refers to it.</summary>
    private void DefineVariable(VariableDeclaration variable)
    {
        Symbol symbol = SymbolOf(variable);
        SymbolData data = Module[symbol];
        UpdateSymbol(variable, data);
        if (data.Linkage != Linkage.Internal || data.IsUsed || data.IsReferenced)
            _wantedVariables.Enqueue(variable);
        else
            _unreferenced.Add(variable);
        EmitWantedVariables();
    }

    /// <summary>The static variables of a function that is about to be lowered.</summary>
    internal void PrepareStatics(VariableDeclaration[] variables)
    {
        foreach (VariableDeclaration variable in variables)
        {
            // A use in a function that was lowered before (an initializer's address) may have come first.
            SymbolData data = Module[SymbolOf(variable)];
            UpdateSymbol(variable, data);
            if (variable.Linkage == SourceLinkage.None)
            {
                data.Linkage = Linkage.Internal;
                data.BindsLocally = true;
            }
            if (data.IsReferenced || data.IsUsed)
                _wantedVariables.Enqueue(variable);
            else
                _unreferenced.Add(variable);
        }
    }

    /// <summary>Makes the data of all variables that something refers to.</summary>
    internal void EmitWantedVariables(FunctionLowering? current = null)
    {
        while (_wantedVariables.TryDequeue(out VariableDeclaration? variable))
            EmitVariable(variable, current);
    }

    /// <summary>A variable's alignment: that of an array of 16 bytes or more is at least 16 (x86-64 psABI 3.1.2), unless the source gives one.</summary>
    internal static int ObjectAlignment(VariableDeclaration variable)
    {
        CType type = variable.Type.Type;
        bool isLargeArray = type is ArrayType && !type.HasVariableSize && type.Size >= 16 && variable.Alignment == type.Alignment;
        return isLargeArray ? Math.Max(16, variable.Alignment) : variable.Alignment;
    }

    private void EmitVariable(VariableDeclaration variable, FunctionLowering? current)
    {
        SymbolData data = Module[SymbolOf(variable)];
        if (data.Kind is SymbolKind.Object or SymbolKind.Common)
            return;
        StaticImage? image = variable.Image;
        data.Size = image is not null ? Math.Max(image.Size, variable.Type.Type.Size) : variable.Type.Type.Size;
        data.AlignmentLog2 = Log2(ObjectAlignment(variable));
        bool isCommon = variable.IsTentative && image is null && data.Tls == TlsModel.None && data.Section is null
            && data.Linkage == Linkage.External && (variable.Common ?? Options.Common);
        data.Kind = isCommon ? SymbolKind.Common : SymbolKind.Object;
        if (isCommon)
            data.BindsLocally &= Options.PositionIndependence != PositionIndependence.Library;
        Qualifiers qualifiers = DeepQualifiers(variable.Type);
        data.IsReadOnly = (qualifiers & Qualifiers.Const) != 0 && (qualifiers & Qualifiers.Volatile) == 0
            && variable.Type.Type is not RecordType { HasVolatileMember: true };
        if (image is not null)
            FillData(data, image, current);
        if (Options.Debug)
            DescribeVariable(variable);
    }

    /// <summary>The qualifiers of an array's elements, and of any other type.</summary>
    private static Qualifiers DeepQualifiers(QualType type)
    {
        Qualifiers qualifiers = type.Qualifiers;
        while (type.Type is ArrayType array)
        {
            type = array.Element;
            qualifiers |= type.Qualifiers;
        }
        return qualifiers;
    }

    private void FillData(SymbolData data, StaticImage image, FunctionLowering? current)
    {
        int length = image.Length;
        while (length > 0 && image.Bytes[length - 1] == 0)
            length--;
        data.Data = length == 0 ? null : length == image.Bytes.Length ? image.Bytes : image.Bytes.AsSpan(0, length).ToArray();
        if (image.Relocations.Length == 0)
            return;
        var references = new List<DataReference>(image.Relocations.Length);
        foreach (ref readonly ImageRelocation relocation in image.Relocations.AsSpan())
            references.Add(DataReferenceOf(relocation, current));
        data.References = references;
    }

    private DataReference DataReferenceOf(in ImageRelocation relocation, FunctionLowering? current)
    {
        int offset = (int)relocation.Offset;
        switch (relocation.Target)
        {
            case FunctionDeclaration function:
                return new DataReference(offset, relocation.Size, Reference(function), relocation.Addend);
            case VariableDeclaration variable:
                return new DataReference(offset, relocation.Size, Reference(variable), relocation.Addend);
            case StringLiteral literal:
                return new DataReference(offset, relocation.Size, String(literal), relocation.Addend);
            case LabelDeclaration label:
                FunctionLowering owner = current?.Owning(label)
                    ?? throw new InvalidOperationException($"label {Names.Text(label.Name)} in data outside its function");
                return new DataReference(
                    offset, relocation.Size, SymbolOf(label.Function), relocation.Addend, owner.AddressedBlock(label),
                    relocation.Minus is null ? default : owner.AddressedBlock(relocation.Minus));
            default:
                throw new InvalidOperationException($"relocation to {relocation.Target}");
        }
    }

    /// <summary>The object of a string literal; equal ones are one object.</summary>
    internal Symbol String(StringLiteral literal)
    {
        if (literal.Slot != 0)
            return new Symbol(literal.Slot);
        int unit = (int)((ArrayType)literal.Type).Element.Type.Size;
        Symbol symbol = StringObject(literal.Bytes, unit, literal.QualType.Alignment);
        literal.Slot = symbol.Id;
        return symbol;
    }

    internal Symbol StringObject(ReadOnlySpan<byte> bytes, int unit, int alignment)
    {
        int kind = Log2(unit);
        Interner contents = _stringContents[kind] ??= new Interner();
        List<Symbol> symbols = _stringSymbols[kind];
        int id = contents.Intern(bytes);
        while (symbols.Count <= id)
            symbols.Add(default);
        if (!symbols[id].IsNone)
            return symbols[id];
        Symbol symbol = ConstantObject(bytes.ToArray(), bytes.Length, Log2(alignment), ".LC");
        SymbolData data = Module[symbol];
        // The linker merges strings up to their end: one with a NUL inside is an object like any other.
        data.IsMergeable = IsOneString(bytes, unit);
        data.StringUnit = data.IsMergeable ? (byte)unit : (byte)0;
        symbols[id] = symbol;
        return symbol;
    }

    private static bool IsOneString(ReadOnlySpan<byte> bytes, int unit)
    {
        for (int i = 0; i + unit <= bytes.Length; i += unit)
        {
            if (bytes.Slice(i, unit).IndexOfAnyExcept((byte)0) < 0)
                return i + unit == bytes.Length;
        }
        return false;
    }

    /// <summary>A read-only object without a name of its own.</summary>
    internal Symbol ConstantObject(byte[] bytes, long size, int alignmentLog2, string prefix)
    {
        Symbol symbol = Module.NewLocal($"{prefix}{_localNumber++}");
        SymbolData data = Module[symbol];
        data.Kind = SymbolKind.Object;
        data.IsReadOnly = true;
        data.IsReferenced = true;
        data.Size = size;
        data.Data = bytes;
        data.AlignmentLog2 = alignmentLog2;
        return symbol;
    }

    /// <summary>A read-only object with an initializer's bytes.</summary>
    internal Symbol ConstantObject(StaticImage image, int alignmentLog2, FunctionLowering current)
    {
        Symbol symbol = ConstantObject([], image.Size, alignmentLog2, ".LI");
        FillData(Module[symbol], image, current);
        return symbol;
    }

    /// <summary>At the unit's end: aliases, indirect functions, weak references.</summary>
    private void DeclareSymbol(EntityDeclaration declaration)
    {
        SymbolAttributes? attributes = declaration.Symbol;
        if (attributes is { WeakReferenceTo: > 0 })
            return;
        Symbol symbol = declaration is FunctionDeclaration function ? SymbolOf(function) : SymbolOf((VariableDeclaration)declaration);
        SymbolData data = Module[symbol];
        UpdateSymbol(declaration, data);
        if (attributes is null)
            return;
        if (attributes.AliasOf != 0)
            MakeAlias(data, SymbolKind.Alias, attributes.AliasOf, declaration);
        else if (attributes.IndirectResolver != 0)
            MakeAlias(data, SymbolKind.IndirectFunction, attributes.IndirectResolver, declaration);
    }

    private void MakeAlias(SymbolData data, SymbolKind kind, int target, EntityDeclaration declaration)
    {
        data.Kind = kind;
        if (data.Linkage == Linkage.WeakReference)
            data.Linkage = Linkage.Weak;
        data.BindsLocally = data.Linkage == Linkage.Internal;
        // The target is a static function or variable more often than not, which nothing else may refer to.
        foreach (FunctionDeclaration waiting in _waiting)
        {
            if (waiting.SymbolName == target)
                Reference(waiting);
        }
        foreach (VariableDeclaration variable in _unreferenced)
        {
            if (variable.SymbolName == target)
            {
                Reference(variable);
                break;
            }
        }
        data.AliasTarget = Module.Intern(Names.Text(target));
        Module[data.AliasTarget].IsReferenced = true;
        if (Options.Debug && declaration is VariableDeclaration described)
            DescribeVariable(described);
    }
}
