// Attributes: __attribute__((...)) and [[...]]. They are parsed into a list, then applied: first to the type, then to the declaration. An attribute
// that is known neither here nor to gcc gets gcc's warning; one that changes meaning and is not done is an error, never ignored.

using System.Text;
using Kiln.Base;
using Kiln.Frontend.Ast;
using Kiln.Frontend.Constants;
using Kiln.Frontend.Lex;
using Kiln.Frontend.Sema;
using Kiln.Frontend.Types;

namespace Kiln.Frontend.Parse;

public sealed partial class Parser
{
    private Dictionary<int, AttributeKind> _attributeKinds = null!;
    private int _nameGnu;
    private int _nameGnu2;

    private static AttributeList? Merge(AttributeList? a, AttributeList? b)
    {
        if (a is null || a.Uses.Count == 0)
            return b;
        if (b is null || b.Uses.Count == 0)
            return a;
        var merged = new AttributeList();
        merged.Uses.AddRange(a.Uses);
        merged.Uses.AddRange(b.Uses);
        return merged;
    }

    /// <summary>Attributes inside a declarator that say nothing about the type there: they belong to what is declared.</summary>
    private static AttributeList? ForDeclaration(AttributeList list, QualType type)
    {
        bool isFunction = type.Type.IsFunction || type.Type is PointerType { Pointee.Type.IsFunction: true };
        AttributeList? rest = null;
        foreach (AttributeUse use in list.Uses)
        {
            bool isForType = use.Kind switch
            {
                AttributeKind.VectorSize or AttributeKind.Mode or AttributeKind.MayAlias or AttributeKind.TransparentUnion or AttributeKind.Packed
                    or AttributeKind.Regparm or AttributeKind.Stdcall or AttributeKind.Fastcall or AttributeKind.Thiscall or AttributeKind.Cdecl => true,
                AttributeKind.NoReturn or AttributeKind.Const or AttributeKind.Pure or AttributeKind.ReturnsTwice or AttributeKind.NoThrow
                    or AttributeKind.MsAbi or AttributeKind.SysvAbi or AttributeKind.Malloc or AttributeKind.ReturnsNonNull or AttributeKind.WarnUnusedResult => isFunction,
                _ => false,
            };
            if (!isForType)
                (rest ??= new AttributeList()).Uses.Add(use);
        }
        return rest;
    }

    // ---- Parsing ----

    private void GnuAttributes(ref AttributeList? list)
    {
        while (CurrentKeyword == Keyword.Attribute)
        {
            Advance();
            if (!Expect(TokenKind.LeftParenthesis))
                return;
            if (!Expect(TokenKind.LeftParenthesis))
            {
                ExpectClosing(TokenKind.RightParenthesis);
                return;
            }
            // The list is copied on write: specifiers' lists are shared between declarators.
            var made = new AttributeList();
            if (list is not null)
                made.Uses.AddRange(list.Uses);
            list = made;
            while (true)
            {
                if (Kind == TokenKind.Identifier)
                    made.Uses.Add(OneAttribute(isStandard: false));
                if (!Accept(TokenKind.Comma))
                    break;
            }
            if (ExpectClosing(TokenKind.RightParenthesis))
                ExpectClosing(TokenKind.RightParenthesis);
        }
    }

    private void StandardAttributes(ref AttributeList? list)
    {
        while (Kind == TokenKind.LeftBracket && Peek().Kind == TokenKind.LeftBracket)
        {
            if (_options.Standard < CStandard.C23)
                _report.Pedantic(Here, "ISO C does not support '[[]]' attributes before C2X");
            Advance();
            Advance();
            var made = new AttributeList();
            if (list is not null)
                made.Uses.AddRange(list.Uses);
            list = made;
            while (true)
            {
                if (Kind == TokenKind.Identifier)
                    made.Uses.Add(OneAttribute(isStandard: true));
                if (!Accept(TokenKind.Comma))
                    break;
            }
            if (ExpectClosing(TokenKind.RightBracket))
                ExpectClosing(TokenKind.RightBracket);
        }
    }

    private AttributeUse OneAttribute(bool isStandard)
    {
        int name = _token.Payload;
        // gcc speaks of attributes at the declaration: of those that a macro brings, where the macro is used.
        Location location = (_token.Flags & TokenFlags.FromMacro) != 0 && _report.Map is { } map ? map.FileLocation(Here) : Here;
        Advance();
        AttributeKind kind = _attributeKinds.GetValueOrDefault(name);
        bool isForeign = false;
        if (isStandard && (Kind == TokenKind.ColonColon || Kind == TokenKind.Colon && Peek().Kind == TokenKind.Colon))
        {
            if (Kind == TokenKind.Colon)
                Advance();
            Advance();
            isForeign = name != _nameGnu && name != _nameGnu2;
            if (Kind == TokenKind.Identifier)
            {
                name = _token.Payload;
                kind = isForeign ? AttributeKind.Unknown : _attributeKinds.GetValueOrDefault(name);
                Advance();
            }
        }
        else if (isStandard && kind is not (AttributeKind.Deprecated or AttributeKind.FallThrough or AttributeKind.NoReturn or AttributeKind.Unused
            or AttributeKind.NoDiscard) && !(kind == AttributeKind.Unknown && _names.Text(name) is "_Noreturn"))
            kind = AttributeKind.Unknown;
        var use = new AttributeUse(kind, name, location) { IsStandard = isStandard };
        if (kind == AttributeKind.Unknown)
        {
            if (isStandard && _names.Text(name) is "_Noreturn")
                use = new AttributeUse(AttributeKind.NoReturn, name, location) { IsStandard = true };
            else if (isStandard)
                _report.Pedwarn("Wattributes", location, isForeign ? "scoped attribute directive ignored" : $"'{_names.Text(name)}' attribute ignored");
            else
                _report.Warning("Wattributes", location, $"'{_names.Text(name)}' attribute directive ignored");
        }
        if (Kind == TokenKind.LeftParenthesis)
        {
            if (isStandard)
                StandardArguments(use);
            AttributeArguments(use);
        }
        (int least, int most) = AttributeTable.Arity(use.Kind);
        int count = use.Arguments.Length + (use.Identifier != 0 ? 1 : 0);
        if (count < least || count > most)
        {
            _report.Error(location, $"wrong number of arguments specified for '{AttributeName(use)}' attribute");
            return new AttributeUse(AttributeKind.Ignored, name, location) { IsStandard = isStandard };
        }
        return use;
    }

    /// <summary>What a standard attribute may have in its parentheses: a string, or nothing at all (C23 6.7.12).</summary>
    private void StandardArguments(AttributeUse use)
    {
        Token next = Peek();
        string name = _names.Text(use.Name);
        if (use.Kind is AttributeKind.Unused or AttributeKind.FallThrough or AttributeKind.NoReturn && name is "maybe_unused" or "fallthrough" or "noreturn")
            _report.Error(use.Location, $"'{name}' attribute does not take any arguments");
        else if (use.Kind is AttributeKind.Deprecated or AttributeKind.NoDiscard && next.Kind != TokenKind.String)
        {
            if (next.Kind == TokenKind.RightParenthesis)
                _report.Error(use.Location, "parentheses must be omitted if attribute argument list is empty");
            else
                _report.Error(next.Location, "expected string literal");
        }
    }

    /// <summary>Attributes where they mean nothing: behind type specifiers, alone, before statements.</summary>
    private void IgnoredStandard(AttributeList? list, bool isStatement = false)
    {
        foreach (AttributeUse use in list?.Uses ?? [])
        {
            if (!use.IsStandard || use.Kind == AttributeKind.Unknown)
                continue;
            if (use.Kind is AttributeKind.Deprecated or AttributeKind.Unused or AttributeKind.NoDiscard or AttributeKind.NoReturn
                || use.Kind == AttributeKind.FallThrough && !isStatement)
                _report.Pedwarn("Wattributes", use.Location, $"'{AttributeName(use)}' attribute ignored");
        }
    }

    private void AttributeArguments(AttributeUse use)
    {
        Advance();
        use.HasArguments = true;
        if (use.Kind is AttributeKind.Unknown or AttributeKind.Ignored)
        {
            SkipBalanced();
            return;
        }
        var arguments = new List<Expression>();
        if (Kind == TokenKind.Identifier && Peek().Kind is TokenKind.Comma or TokenKind.RightParenthesis
            && use.Kind is not (AttributeKind.Aligned or AttributeKind.VectorSize or AttributeKind.Constructor or AttributeKind.Destructor or AttributeKind.AllocSize
                or AttributeKind.NonNull or AttributeKind.Sentinel or AttributeKind.AssumeAligned or AttributeKind.WarnIfNotAligned))
        {
            use.Identifier = _token.Payload;
            Advance();
            if (!Accept(TokenKind.Comma))
            {
                ExpectClosing(TokenKind.RightParenthesis);
                return;
            }
        }
        if (Kind != TokenKind.RightParenthesis)
        {
            do
            {
                if (use.Kind == AttributeKind.Malloc && Kind != TokenKind.Identifier && Kind != TokenKind.Number)
                    break;
                _sema.Unevaluated++;
                arguments.Add(AssignmentExpression());
                _sema.Unevaluated--;
            }
            while (Accept(TokenKind.Comma));
        }
        use.Arguments = [.. arguments];
        ExpectClosing(TokenKind.RightParenthesis);
    }

    /// <summary>Skips to the parenthesis that closes the one just read, and past it.</summary>
    private void SkipBalanced()
    {
        int depth = 1;
        while (Kind != TokenKind.End)
        {
            if (Kind == TokenKind.LeftParenthesis)
                depth++;
            else if (Kind == TokenKind.RightParenthesis && --depth == 0)
            {
                Advance();
                return;
            }
            Advance();
        }
    }

    private string? StringArgument(AttributeUse use, int index = 0)
    {
        if (index < use.Arguments.Length && use.Arguments[index] is StringLiteral text)
            return Encoding.UTF8.GetString(text.Bytes.AsSpan(0, text.Bytes.Length - 1));
        _report.Error(use.Location, $"'{AttributeName(use)}' attribute argument not a string");
        return null;
    }

    private long? IntegerArgument(AttributeUse use, int index, long? missing = null)
    {
        if (index >= use.Arguments.Length)
            return missing;
        if (Semantics.FoldFully(_sema.Value(use.Arguments[index])) is IntegerConstant constant)
            return (long)(Int128)constant.Value;
        return null;
    }

    private string AttributeName(AttributeUse use)
    {
        string text = _names.Text(use.Name);
        return text.StartsWith("__", StringComparison.Ordinal) && text.EndsWith("__", StringComparison.Ordinal) && text.Length > 4 ? text[2..^2] : text;
    }

    private int AlignedArgument(AttributeUse use)
    {
        if (use.Arguments.Length == 0)
            return _target.BiggestAlignment;
        Expression e = Semantics.FoldFully(_sema.Value(use.Arguments[0]));
        if (e is not IntegerConstant constant)
        {
            if (!e.Type.IsError)
                _report.Error(use.Location, "requested alignment is not an integer constant");
            return 0;
        }
        if (!IsPowerOfTwo(constant.Value) || (Int128)constant.Value < 0)
        {
            if (constant.Value != 0)
                _report.Error(use.Location, $"requested alignment '{(Int128)constant.Value}' is not a positive power of 2");
            return 0;
        }
        if (constant.Value > 1 << 28)
        {
            _report.Error(use.Location, $"requested alignment '{(Int128)constant.Value}' exceeds maximum 268435456");
            return 0;
        }
        return (int)constant.Value;
    }

    // ---- Types ----

    /// <summary>Applies the attributes that change a type.</summary>
    private QualType TypeAttributes(QualType type, AttributeList list, bool isTypedef, bool fromSpecifiers)
    {
        foreach (AttributeUse use in list.Uses)
        {
            switch (use.Kind)
            {
                case AttributeKind.VectorSize when !use.IsApplied:
                    use.IsApplied = fromSpecifiers;
                    type = Rebuild(type, use);
                    break;
                case AttributeKind.Mode when !use.IsApplied:
                    use.IsApplied = fromSpecifiers;
                    type = Rebuild(type, use);
                    break;
                case AttributeKind.Aligned when isTypedef && !fromSpecifiers:
                    int alignment = AlignedArgument(use);
                    if (alignment != 0)
                        type = type.WithAlignment(alignment);
                    break;
                case AttributeKind.MayAlias when isTypedef && !fromSpecifiers || !fromSpecifiers && type.Type.IsPointer:
                    type = type.With(Qualifiers.MayAlias);
                    break;
                case AttributeKind.NoReturn or AttributeKind.Const or AttributeKind.Pure or AttributeKind.ReturnsTwice or AttributeKind.NoThrow
                    or AttributeKind.Malloc or AttributeKind.MsAbi or AttributeKind.SysvAbi or AttributeKind.ReturnsNonNull or AttributeKind.WarnUnusedResult:
                    if (!fromSpecifiers)
                        type = FunctionAttribute(type, use);
                    break;
                case AttributeKind.Regparm or AttributeKind.Stdcall or AttributeKind.Fastcall or AttributeKind.Thiscall:
                    if (_target.PointerSize == 8)
                    {
                        if (!use.IsApplied)
                            _report.Warning("Wattributes", use.Location, $"'{AttributeName(use)}' attribute ignored");
                        use.IsApplied = true;
                    }
                    else
                        _report.Error(use.Location, $"attribute '{AttributeName(use)}' is not supported");
                    break;
                case AttributeKind.TransparentUnion when isTypedef && type.Type is RecordType { IsUnion: true } union && !fromSpecifiers:
                    union.IsTransparentUnion = true;
                    break;
                case AttributeKind.Packed when isTypedef && !fromSpecifiers:
                    _report.Warning("Wattributes", use.Location, "'packed' attribute ignored");
                    break;
            }
        }
        return type;
    }

    /// <summary>Applies vector_size or mode to what stands at the bottom of pointers, arrays and functions.</summary>
    private QualType Rebuild(QualType type, AttributeUse use)
    {
        switch (type.Type)
        {
            case PointerType pointer when use.Kind == AttributeKind.VectorSize || !IsPointerMode(use):
                return type.WithType(_types.PointerTo(Rebuild(pointer.Pointee, use)));
            case ArrayType array:
                QualType element = Rebuild(array.Element, use);
                return type.WithType(array.Bound is { } bound ? _types.VariableArrayOf(element, bound) : _types.ArrayOf(element, array.Count));
            case FunctionType function:
                return type.WithType(_types.FunctionOf(
                    Rebuild(function.Result, use), function.Parameters, function.HasPrototype, function.IsVariadic, function.Flags, function.Convention));
        }
        return use.Kind == AttributeKind.VectorSize ? MakeVector(type, use) : ApplyMode(type, use);
    }

    private QualType MakeVector(QualType type, AttributeUse use)
    {
        if (type.Type.IsError)
            return type;
        CType element = type.Type is EnumType enumeration ? enumeration.Underlying : type.Type;
        if (element is not (IntegerType or FloatType) || element.Kind == TypeKind.Bool || element.IsDecimalFloat)
        {
            _report.Error(use.Location, $"invalid vector type for attribute '{AttributeName(use)}'");
            return type;
        }
        if (IntegerArgument(use, 0) is not { } bytes)
        {
            _report.Error(use.Location, $"'{AttributeName(use)}' attribute argument value '...' is not an integer constant");
            return type;
        }
        if (bytes <= 0 || bytes % element.Size != 0)
        {
            _report.Error(use.Location, bytes == 0 ? "zero vector size" : bytes < 0 ? $"vector size {bytes} is negative" : "vector size not an integral multiple of component size");
            return type;
        }
        long count = bytes / element.Size;
        if ((count & count - 1) != 0)
        {
            _report.Error(use.Location, $"number of vector components {count} not a power of two");
            return type;
        }
        return type.WithType(_types.VectorOf(element, (int)count));
    }

    private string ModeName(AttributeUse use)
    {
        string name = use.Identifier != 0 ? _names.Text(use.Identifier) : "";
        return name.StartsWith("__", StringComparison.Ordinal) && name.EndsWith("__", StringComparison.Ordinal) && name.Length > 4 ? name[2..^2] : name;
    }

    private bool IsPointerMode(AttributeUse use) => ModeName(use) is "pointer" or "DI" or "SI";

    private int? ModeSize(AttributeUse use) => ModeName(use) switch
    {
        "QI" or "byte" => 1,
        "HI" => 2,
        "SI" => 4,
        "DI" => 8,
        "TI" => 16,
        "word" or "pointer" or "unwind_word" or "libgcc_cmp_return" or "libgcc_shift_count" => _target.PointerSize,
        _ => null,
    };

    private QualType ApplyMode(QualType type, AttributeUse use)
    {
        string mode = ModeName(use);
        if (type.Type.IsError)
            return type;
        if (use.Identifier == 0)
        {
            _report.Warning("Wattributes", use.Location, "'mode' attribute ignored");
            return type;
        }
        bool isSigned = IntegerArithmetic.IsSigned(type.Type);
        CType? made = null;
        if (type.Type is PointerType)
            return ModeSize(use) == type.Type.Size ? type : Bad(use, type);
        if (ModeSize(use) is { } size)
        {
            if (type.Type is EnumType { IsDefined: false })
                return type;
            if (type.Type.IsInteger)
                made = type.Type is EnumType && type.Type.Size == size ? type.Type : _types.IntegerOfSize(size, isSigned);
        }
        else if (mode.Length > 2 && mode[0] == 'V')
        {
            // V4SI: a vector.
            int digits = 1;
            while (digits < mode.Length && char.IsAsciiDigit(mode[digits]))
                digits++;
            string element = mode[digits..];
            CType? part = element switch
            {
                "SF" => _types.Float,
                "DF" => _types.Double,
                "QI" => _types.IntegerOfSize(1, isSigned),
                "HI" => _types.IntegerOfSize(2, isSigned),
                "SI" => _types.IntegerOfSize(4, isSigned),
                "DI" => _types.IntegerOfSize(8, isSigned),
                _ => null,
            };
            if (part is not null && int.TryParse(mode.AsSpan(1, digits - 1), out int count) && count > 0 && (count & count - 1) == 0)
                made = _types.VectorOf(part, count);
        }
        else
        {
            made = mode switch
            {
                "HF" => _types.Float16,
                "SF" => _types.Float,
                "DF" => _types.Double,
                "XF" => _types.LongDouble,
                "TF" => _types.Float128,
                "HC" => _types.ComplexOf(_types.Float16),
                "SC" => _types.ComplexOf(_types.Float),
                "DC" => _types.ComplexOf(_types.Double),
                "XC" => _types.ComplexOf(_types.LongDouble),
                "TC" => _types.ComplexOf(_types.Float128),
                "CQI" => _types.ComplexOf(_types.IntegerOfSize(1, isSigned)!),
                "CHI" => _types.ComplexOf(_types.IntegerOfSize(2, isSigned)!),
                "CSI" => _types.ComplexOf(_types.IntegerOfSize(4, isSigned)!),
                "CDI" => _types.ComplexOf(_types.IntegerOfSize(8, isSigned)!),
                "SD" => _types.Decimal32,
                "DD" => _types.Decimal64,
                "TD" => _types.Decimal128,
                _ => null,
            };
            if (made is not null && type.Type.IsInteger && !(made is ComplexType { Element.IsInteger: true }) && type.Type.Kind != TypeKind.Int && !made.IsComplex)
                made = null;
        }
        return made is null ? Bad(use, type) : type.WithType(made);
    }

    private QualType Bad(AttributeUse use, QualType type)
    {
        if (ModeSize(use) is null && !ModeName(use).StartsWith('V'))
            _report.Error(use.Location, $"unknown machine mode '{ModeName(use)}'");
        else
            _report.Error(use.Location, $"mode '{ModeName(use)}' applied to inappropriate type");
        return type;
    }

    /// <summary>Adds a fact to a function type, or to the function type that a pointer points to.</summary>
    private QualType FunctionAttribute(QualType type, AttributeUse use)
    {
        if (type.Type is PointerType { Pointee: { Type: FunctionType or PointerType } pointee })
            return type.WithType(_types.PointerTo(FunctionAttribute(pointee, use)));
        if (type.Type is ArrayType { Bound: null } array && array.Element.Type is PointerType)
            return type.WithType(_types.ArrayOf(FunctionAttribute(array.Element, use), array.Count));
        if (type.Type is not FunctionType function)
            return type;
        if (use.Kind == AttributeKind.ReturnsNonNull && !function.Result.Type.IsPointer)
            _report.Error(use.Location, "'returns_nonnull' attribute on a function not returning a pointer");
        FunctionTypeFlags flag = use.Kind switch
        {
            AttributeKind.NoReturn => FunctionTypeFlags.NoReturn,
            AttributeKind.Const => FunctionTypeFlags.Const,
            AttributeKind.Pure => FunctionTypeFlags.Pure,
            AttributeKind.ReturnsTwice => FunctionTypeFlags.ReturnsTwice,
            AttributeKind.NoThrow => FunctionTypeFlags.NoThrow,
            AttributeKind.Malloc when !use.HasArguments => FunctionTypeFlags.Malloc,
            AttributeKind.ReturnsNonNull => FunctionTypeFlags.ReturnsNonNull,
            AttributeKind.WarnUnusedResult => FunctionTypeFlags.WarnUnusedResult,
            _ => FunctionTypeFlags.None,
        };
        CallingConvention convention = use.Kind switch
        {
            AttributeKind.MsAbi => CallingConvention.Microsoft,
            AttributeKind.SysvAbi => CallingConvention.SystemV,
            _ => function.Convention,
        };
        return type.WithType(_types.WithFlags(function, function.Flags | flag, convention));
    }

    // ---- Records and members ----

    /// <summary>Applies attributes of a struct or union specifier; gives the alignment asked for.</summary>
    private int RecordAttributes(RecordType record, AttributeList list)
    {
        int alignment = 0;
        foreach (AttributeUse use in list.Uses)
        {
            switch (use.Kind)
            {
                case AttributeKind.Packed:
                    record.IsPacked = true;
                    break;
                case AttributeKind.Aligned:
                    alignment = Math.Max(alignment, AlignedArgument(use));
                    break;
                case AttributeKind.MayAlias:
                    record.MayAlias = true;
                    break;
                case AttributeKind.TransparentUnion:
                    if (record.IsUnion)
                        record.IsTransparentUnion = true;
                    else
                        _report.Warning("Wattributes", use.Location, "'transparent_union' attribute ignored");
                    break;
                case AttributeKind.ScalarStorageOrder:
                    if (use.Arguments.Length > 0 && StringArgument(use) is not "little-endian")
                        _report.Error(use.Location, "scalar_storage_order other than the target's is not supported");
                    break;
                case AttributeKind.MsStruct:
                    _report.Error(use.Location, "attribute 'ms_struct' is not supported");
                    break;
                case AttributeKind.Deprecated or AttributeKind.Unavailable or AttributeKind.Unused or AttributeKind.Designated or AttributeKind.GccStruct
                    or AttributeKind.Unknown or AttributeKind.Ignored or AttributeKind.Visibility or AttributeKind.WarnIfNotAligned or AttributeKind.Copy:
                    break;
                default:
                    _report.Warning("Wattributes", use.Location, $"'{AttributeName(use)}' attribute ignored");
                    break;
            }
        }
        return alignment;
    }

    private void FieldAttributes(Field field, AttributeList list)
    {
        foreach (AttributeUse use in list.Uses)
        {
            switch (use.Kind)
            {
                case AttributeKind.Packed:
                    field.IsPacked = true;
                    break;
                case AttributeKind.Aligned:
                    field.RequestedAlignment = Math.Max(field.RequestedAlignment, AlignedArgument(use));
                    break;
            }
        }
    }

    // ---- Variables and functions ----

    private void DeprecationAttributes(Declaration declaration, AttributeList list)
    {
        foreach (AttributeUse use in list.Uses)
        {
            if (use.Kind is not (AttributeKind.Deprecated or AttributeKind.Unavailable))
                continue;
            declaration.Deprecated = use.Arguments.Length > 0 ? StringArgument(use) ?? "" : "";
            declaration.IsUnavailable = use.Kind == AttributeKind.Unavailable;
        }
    }

    private static SymbolAttributes SymbolOf(EntityDeclaration entity) => entity.Symbol ??= new SymbolAttributes();

    /// <summary>Attributes that variables and functions share.</summary>
    /// <returns>Whether it was one.</returns>
    private bool EntityAttribute(EntityDeclaration entity, AttributeUse use)
    {
        switch (use.Kind)
        {
            case AttributeKind.Alias:
                if (StringArgument(use) is not { } alias)
                    return true;
                // A weak reference may have its target from an alias attribute behind it.
                if (SymbolOf(entity).WeakReferenceTo == -1)
                    SymbolOf(entity).WeakReferenceTo = _names.Intern(alias);
                else
                    SymbolOf(entity).AliasOf = _names.Intern(alias);
                return true;
            case AttributeKind.Weak:
                SymbolOf(entity).IsWeak = true;
                return true;
            case AttributeKind.WeakRef:
                SymbolOf(entity).IsWeak = true;
                if (use.Arguments.Length > 0 && StringArgument(use) is { } reference)
                    SymbolOf(entity).WeakReferenceTo = _names.Intern(reference);
                else
                    SymbolOf(entity).WeakReferenceTo = -1;
                return true;
            case AttributeKind.Ifunc:
                if (StringArgument(use) is { } resolver)
                    SymbolOf(entity).IndirectResolver = _names.Intern(resolver);
                return true;
            case AttributeKind.Section:
                if (StringArgument(use) is { } section)
                {
                    if (entity is VariableDeclaration { Function: not null } local && local.IsAutomatic)
                        _report.Error(use.Location, $"section attribute cannot be specified for local variables");
                    else
                        SymbolOf(entity).Section = section;
                }
                return true;
            case AttributeKind.Visibility:
                SymbolOf(entity).HasVisibility = true;
                SymbolOf(entity).Visibility = StringArgument(use) switch
                {
                    "default" or null => Visibility.Default,
                    "hidden" => Visibility.Hidden,
                    "internal" => Visibility.Internal,
                    "protected" => Visibility.Protected,
                    _ => BadVisibility(use),
                };
                return true;
            case AttributeKind.Used:
                SymbolOf(entity).IsUsed = true;
                entity.IsUsed = true;
                return true;
            case AttributeKind.Uninitialized:
                if (entity is VariableDeclaration { IsAutomatic: true } automatic)
                    automatic.IsUninitialized = true;
                else
                    _report.Warning("Wattributes", use.Location, "'uninitialized' attribute ignored because it is not on a local variable");
                return true;
            case AttributeKind.Retain:
                SymbolOf(entity).IsRetained = true;
                return true;
            case AttributeKind.Symver:
                SymbolOf(entity).SymbolVersion = StringArgument(use);
                return true;
            case AttributeKind.Aligned:
                entity.RequestedAlignment = Math.Max(entity.RequestedAlignment, AlignedArgument(use));
                return true;
            case AttributeKind.Deprecated or AttributeKind.Unavailable:
                entity.Deprecated = use.Arguments.Length > 0 ? StringArgument(use) ?? "" : "";
                entity.IsUnavailable = use.Kind == AttributeKind.Unavailable;
                return true;
            case AttributeKind.Copy:
                CopyAttributes(entity, use);
                return true;
            case AttributeKind.NoDiscard when use.IsStandard && entity is VariableDeclaration:
                _report.Pedwarn("Wattributes", use.Location, "'nodiscard' attribute can only be applied to functions or to structure, union or enumeration types");
                return true;
            case AttributeKind.FallThrough when use.IsStandard:
                _report.Pedwarn("Wattributes", use.Location, "'fallthrough' attribute ignored");
                return true;
            case AttributeKind.Unknown or AttributeKind.Ignored or AttributeKind.Externally or AttributeKind.NoSanitize or AttributeKind.Leaf
                or AttributeKind.NoReorder or AttributeKind.VectorSize or AttributeKind.Mode or AttributeKind.MayAlias or AttributeKind.FallThrough
                or AttributeKind.WarnIfNotAligned or AttributeKind.NoThrow or AttributeKind.Cdecl
                or AttributeKind.Regparm or AttributeKind.Stdcall or AttributeKind.Fastcall or AttributeKind.Thiscall
                or AttributeKind.MsAbi or AttributeKind.SysvAbi or AttributeKind.NoReturn or AttributeKind.Const or AttributeKind.Pure
                or AttributeKind.ReturnsTwice or AttributeKind.Malloc or AttributeKind.ReturnsNonNull or AttributeKind.WarnUnusedResult or AttributeKind.NoDiscard:
                return use.Kind is not AttributeKind.NoReturn;
            default:
                return false;
        }
    }

    private Visibility BadVisibility(AttributeUse use)
    {
        _report.Error(use.Location, "attribute 'visibility' argument must be one of 'default', 'hidden', 'protected', or 'internal'");
        return Visibility.Default;
    }

    private void CopyAttributes(EntityDeclaration entity, AttributeUse use)
    {
        EntityDeclaration? from = use.Arguments.Length == 0
            ? use.Identifier != 0 ? _scopes.LookUp(use.Identifier) as EntityDeclaration : null
            : use.Arguments[0] switch
            {
                VariableReference variable => variable.Variable,
                FunctionReference function => function.Function,
                _ => null,
            };
        if (from is null)
            return;
        if (entity is FunctionDeclaration to && from is FunctionDeclaration source)
        {
            to.Flags |= source.Flags & (FunctionFlags.Cold | FunctionFlags.Hot | FunctionFlags.NoReturn | FunctionFlags.NoInline);
            if (to.Type.Type is FunctionType type && source.Type.Type is FunctionType like)
                to.Type = to.Type.WithType(_types.WithFlags(type, type.Flags | like.Flags, type.Convention));
        }
        if (from.Symbol is { } symbol && symbol.HasVisibility)
        {
            SymbolOf(entity).HasVisibility = true;
            SymbolOf(entity).Visibility = symbol.Visibility;
        }
    }

    private void VariableAttributes(VariableDeclaration variable, AttributeList list)
    {
        foreach (AttributeUse use in list.Uses)
        {
            switch (use.Kind)
            {
                case AttributeKind.Cleanup:
                    VariableCleanup(variable, use);
                    break;
                case AttributeKind.Common:
                    variable.Common = true;
                    break;
                case AttributeKind.NoCommon:
                    variable.Common = false;
                    break;
                case AttributeKind.Unused:
                    variable.MayBeUnused = true;
                    break;
                case AttributeKind.TlsModel:
                    variable.TlsModel = StringArgument(use) switch
                    {
                        "global-dynamic" => TlsModel.GlobalDynamic,
                        "local-dynamic" => TlsModel.LocalDynamic,
                        "initial-exec" => TlsModel.InitialExec,
                        "local-exec" => TlsModel.LocalExec,
                        _ => BadTlsModel(use),
                    };
                    break;
                case AttributeKind.TransparentUnion when variable.Type.Type is RecordType { IsUnion: true } union:
                    union.IsTransparentUnion = true;
                    break;
                case AttributeKind.Packed:
                    _report.Warning("Wattributes", use.Location, $"'packed' attribute ignored");
                    break;
                case AttributeKind.NonNull or AttributeKind.Format or AttributeKind.FormatArg or AttributeKind.NoReturn or AttributeKind.Sentinel
                    or AttributeKind.AllocSize or AttributeKind.AllocAlign or AttributeKind.AssumeAligned or AttributeKind.Access
                    or AttributeKind.ForceAlignArgPointer or AttributeKind.NoCallerSaved or AttributeKind.NoPlt:
                    break; // of a pointer to a function
                default:
                    if (!EntityAttribute(variable, use))
                        _report.Warning("Wattributes", use.Location, $"'{AttributeName(use)}' attribute ignored");
                    break;
            }
        }
    }

    private TlsModel BadTlsModel(AttributeUse use)
    {
        _report.Error(use.Location, "'tls_model' argument must be one of 'local-exec', 'initial-exec', 'local-dynamic', or 'global-dynamic'");
        return TlsModel.Default;
    }

    private void VariableCleanup(VariableDeclaration variable, AttributeUse use)
    {
        int name = use.Identifier;
        FunctionDeclaration? function = use.Arguments is [FunctionReference reference] ? reference.Function
            : name != 0 ? _scopes.LookUp(name) as FunctionDeclaration : null;
        if (!variable.IsAutomatic || variable.Storage == StorageClass.Parameter)
        {
            _report.Warning("Wattributes", use.Location, "'cleanup' attribute ignored");
            return;
        }
        if (function is null)
        {
            _report.Error(use.Location, "'cleanup' argument not a function");
            return;
        }
        variable.Cleanup = function;
        variable.IsAddressTaken = true;
        variable.IsUsed = true;
        function.IsUsed = true;
    }

    private int Priority(AttributeUse use)
    {
        if (use.Arguments.Length == 0)
            return 65535;
        if (IntegerArgument(use, 0) is { } value and >= 0 and <= 65535)
            return (int)value;
        _report.Error(use.Location, $"{AttributeName(use)} priorities must be integers from 0 to 65535 inclusive");
        return 65535;
    }

    private void FunctionAttributes(FunctionDeclaration function, AttributeList list)
    {
        foreach (AttributeUse use in list.Uses)
        {
            FunctionFlags flag = use.Kind switch
            {
                AttributeKind.AlwaysInline => FunctionFlags.AlwaysInline,
                AttributeKind.NoInline => FunctionFlags.NoInline,
                AttributeKind.GnuInline => FunctionFlags.GnuInline,
                AttributeKind.NoReturn => FunctionFlags.NoReturn,
                AttributeKind.Naked => FunctionFlags.Naked,
                AttributeKind.Cold => FunctionFlags.Cold,
                AttributeKind.Hot => FunctionFlags.Hot,
                AttributeKind.NoClone => FunctionFlags.NoClone,
                AttributeKind.NoIpa => FunctionFlags.NoIpa | FunctionFlags.NoClone | FunctionFlags.NoInline,
                AttributeKind.Artificial => FunctionFlags.Artificial,
                AttributeKind.Flatten => FunctionFlags.Flatten,
                AttributeKind.NoInstrument => FunctionFlags.NoInstrument,
                AttributeKind.NoStackProtector => FunctionFlags.NoStackProtector,
                AttributeKind.NoCallerSaved => FunctionFlags.NoCallerSaved,
                AttributeKind.ForceAlignArgPointer => FunctionFlags.ForceAlignArgPointer,
                AttributeKind.NoPlt => FunctionFlags.NoPlt,
                AttributeKind.Unused => FunctionFlags.MayBeUnused,
                _ => FunctionFlags.None,
            };
            if (flag != FunctionFlags.None)
            {
                function.Flags |= flag;
                continue;
            }
            switch (use.Kind)
            {
                case AttributeKind.Interrupt:
                    _report.Error(use.Location, "attribute 'interrupt' is not supported");
                    break;
                case AttributeKind.Constructor:
                    function.ConstructorPriority = Priority(use);
                    function.IsUsed = true;
                    break;
                case AttributeKind.Destructor:
                    function.DestructorPriority = Priority(use);
                    function.IsUsed = true;
                    break;
                case AttributeKind.Target:
                    for (int i = 0; i < use.Arguments.Length; i++)
                    {
                        if (TargetWords(StringArgument(use, i), use.Location) is { } words)
                            function.TargetFeatures = function.TargetFeatures is null ? words : function.TargetFeatures + "," + words;
                    }
                    break;
                case AttributeKind.TargetClones:
                    _report.Error(use.Location, "attribute 'target_clones' is not supported");
                    break;
                case AttributeKind.Optimize:
                    if (use.Arguments is [StringLiteral] && StringArgument(use) is "O0" or "0" or "-O0" || use.Arguments is [IntegerConstant { Value: var level }] && level == 0)
                        function.Flags |= FunctionFlags.OptimizeNone;
                    else if (use.Arguments is [StringLiteral] && StringArgument(use) is "no-strict-aliasing" or "-fno-strict-aliasing")
                        function.Flags |= FunctionFlags.NoStrictAliasing;
                    break;
                case AttributeKind.NonNull:
                    function.NonNullParameters = NonNull(use, function.NonNullParameters);
                    break;
                case AttributeKind.Error or AttributeKind.Warning:
                    if (use.Arguments is not [StringLiteral])
                    {
                        _report.Warning("Wattributes", use.Location, $"'{AttributeName(use)}' attribute ignored");
                        break;
                    }
                    function.CallMessage = StringArgument(use);
                    function.IsCallError = use.Kind == AttributeKind.Error;
                    break;
                case AttributeKind.AllocSize:
                    function.AllocationSize = ((int)(IntegerArgument(use, 0) ?? 0), (int)(IntegerArgument(use, 1, 0) ?? 0));
                    break;
                case AttributeKind.AssumeAligned:
                    function.ResultAlignment = (int)(IntegerArgument(use, 0) ?? 0);
                    break;
                case AttributeKind.Sentinel:
                    function.Sentinel = new SentinelAttribute((int)(IntegerArgument(use, 0, 0) ?? 0));
                    break;
                case AttributeKind.Format:
                    function.Formats = [.. function.Formats ?? [], new FormatAttribute(use.Identifier, (int)(IntegerArgument(use, 0) ?? 0), (int)(IntegerArgument(use, 1) ?? 0))];
                    break;
                case AttributeKind.FormatArg:
                    function.FormatArguments = [.. function.FormatArguments ?? [], (int)(IntegerArgument(use, 0) ?? 0)];
                    break;
                case AttributeKind.AllocAlign or AttributeKind.Access or AttributeKind.NoIcf or AttributeKind.ZeroCallUsedRegs
                    or AttributeKind.Simd or AttributeKind.FunctionReturnThunk:
                    break;
                default:
                    if (!EntityAttribute(function, use))
                        _report.Warning("Wattributes", use.Location, $"'{AttributeName(use)}' attribute ignored");
                    break;
            }
        }
    }

    private int[] NonNull(AttributeUse use, int[]? known)
    {
        if (use.Arguments.Length == 0 || known is { Length: 0 })
            return [];
        var list = new List<int>(known ?? []);
        for (int i = 0; i < use.Arguments.Length; i++)
        {
            if (IntegerArgument(use, i) is { } number)
                list.Add((int)number);
        }
        return [.. list];
    }
}
