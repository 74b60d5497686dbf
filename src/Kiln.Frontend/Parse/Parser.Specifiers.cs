// Declaration specifiers (C17 6.7): storage classes, type specifiers in any order, qualifiers, function specifiers, alignment, attributes.

using Kiln.Base;
using Kiln.Frontend.Ast;
using Kiln.Frontend.Constants;
using Kiln.Frontend.Lex;
using Kiln.Frontend.Sema;
using Kiln.Frontend.Types;

namespace Kiln.Frontend.Parse;

public sealed partial class Parser
{
    /// <summary>What the specifiers of a declaration say.</summary>
    private struct Specifiers
    {
        public QualType Type;
        public Keyword Storage;
        public bool IsThreadLocal;
        public bool IsInline;
        public bool IsNoreturn;
        public bool IsConstexpr;
        public bool IsAutoType;
        /// <summary>No type specifier stood there: int was assumed.</summary>
        public bool IsImplicitInt;
        /// <summary>A struct, union or enum specifier occurred: the declaration may do without declarators.</summary>
        public bool HasTag;
        /// <summary>It was only a reference to a tag (struct s), so that "struct s;" declares it anew.</summary>
        public bool DefinesTag;
        /// <summary>A member or enumerator list stood there.</summary>
        public bool HasBody;
        /// <summary>The tag was not known before.</summary>
        public bool IsFirstReference;
        /// <summary>_Alignas stood there, be it of no effect.</summary>
        public bool HasAlignas;
        public int Alignment;
        public Location Location;
        public AttributeList? Attributes;
    }

    [Flags]
    private enum TypeWords
    {
        None = 0,
        Void = 1 << 0,
        Char = 1 << 1,
        Short = 1 << 2,
        Int = 1 << 3,
        Long = 1 << 4,
        LongLong = 1 << 5,
        Float = 1 << 6,
        Double = 1 << 7,
        Signed = 1 << 8,
        Unsigned = 1 << 9,
        Bool = 1 << 10,
        Complex = 1 << 11,
        Int128 = 1 << 12,
        /// <summary>A type that stands for itself: _Float16, a typedef, a struct, typeof.</summary>
        Whole = 1 << 13,
    }

    /// <summary>Whether the current token begins declaration specifiers.</summary>
    private bool StartsDeclaration(in Token token)
    {
        if (token.Kind != TokenKind.Identifier)
            return token.Kind == TokenKind.LeftBracket && IsStandardAttribute(token);
        Keyword keyword = KeywordOf(token);
        if (keyword == Keyword.None)
            return _scopes.LookUp(token.Payload) is TypedefDeclaration;
        return keyword is >= Keyword.Typedef and <= Keyword.Attribute or Keyword.StaticAssert;
    }

    /// <summary>Whether the token begins a type name.</summary>
    private bool StartsTypeName(in Token token)
    {
        if (token.Kind != TokenKind.Identifier)
            return false;
        Keyword keyword = KeywordOf(token);
        if (keyword == Keyword.None)
            return _scopes.LookUp(token.Payload) is TypedefDeclaration;
        return keyword is >= Keyword.Void and <= Keyword.Attribute or Keyword.Extension;
    }

    private bool IsStandardAttribute(in Token token) =>
        token.Kind == TokenKind.LeftBracket && _token.Location == token.Location && Peek().Kind == TokenKind.LeftBracket
        && _options.Standard >= CStandard.C89;

    private Specifiers ParseSpecifiers(bool allowStorage)
    {
        Specifiers specifiers = default;
        specifiers.Location = Here;
        TypeWords words = TypeWords.None;
        Qualifiers qualifiers = Qualifiers.None;
        QualType whole = default;
        bool reported = false;
        bool isKeywordType = false;
        while (true)
        {
            Keyword keyword = CurrentKeyword;
            TypeWords word = TypeWords.None;
            // Behind a definition's brace a type begins the next declaration: a semicolon is missing.
            if (specifiers.HasBody && keyword is >= Keyword.Void and <= Keyword.VaList)
                goto done;
            switch (keyword)
            {
                case Keyword.None:
                    if (Kind == TokenKind.LeftBracket && Peek().Kind == TokenKind.LeftBracket)
                    {
                        AttributeList? standard = null;
                        StandardAttributes(ref standard);
                        if (words != TypeWords.None || specifiers.IsAutoType)
                            IgnoredStandard(standard);
                        else
                            specifiers.Attributes = Merge(specifiers.Attributes, standard);
                        continue;
                    }
                    if (Kind == TokenKind.Identifier && (words & ~TypeWords.Complex) == 0 && !specifiers.IsAutoType
                        && _scopes.LookUp(_token.Payload) is TypedefDeclaration typedef)
                    {
                        if (typedef.Deprecated is { } message)
                            _report.Warning("Wdeprecated-declarations", Here, message.Length > 0 ? $"'{_names.Text(typedef.Name)}' is deprecated: {message}" : $"'{_names.Text(typedef.Name)}' is deprecated");
                        typedef.IsUsed = true;
                        whole = _types.Spellings is { } spellings ? spellings.Name(typedef) : typedef.Type;
                        if (whole.Type.IsVariablyModified)
                            _sema.CaptureBounds(whole.Type);
                        words |= TypeWords.Whole;
                        Advance();
                        continue;
                    }
                    goto done;
                case Keyword.Typedef or Keyword.Extern or Keyword.Static or Keyword.Auto or Keyword.Register:
                    if (!allowStorage)
                    {
                        if (!reported)
                            SyntaxError("expected specifier-qualifier-list");
                        reported = true;
                        Advance();
                        continue;
                    }
                    if (words != TypeWords.None || qualifiers != 0)
                        _report.Warning("Wold-style-declaration", Here, $"'{_names.Text(_token.Payload)}' is not at beginning of declaration");
                    if (specifiers.Storage == keyword)
                        _report.Error(Here, $"duplicate '{_names.Text(_token.Payload)}'");
                    else if (specifiers.Storage != Keyword.None)
                        _report.Error(specifiers.Location, "multiple storage classes in declaration specifiers");
                    else if (specifiers.IsThreadLocal && keyword is not (Keyword.Extern or Keyword.Static))
                        _report.Error(Here, $"'{_names.Text(_token.Payload)}' used with '__thread'");
                    specifiers.Storage = keyword;
                    Advance();
                    continue;
                case Keyword.ThreadLocal:
                    if (specifiers.Storage is not (Keyword.None or Keyword.Extern or Keyword.Static))
                        _report.Error(Here, "'_Thread_local' used with storage class");
                    if (_names.Text(_token.Payload) == "_Thread_local")
                        _report.Before(CStandard.C11, Here, "does not support '_Thread_local'");
                    specifiers.IsThreadLocal = true;
                    Advance();
                    continue;
                case Keyword.Inline:
                    if (!allowStorage)
                        goto done;
                    if (words != TypeWords.None || qualifiers != 0)
                        _report.Warning("Wold-style-declaration", Here, $"'{_names.Text(_token.Payload)}' is not at beginning of declaration");
                    specifiers.IsInline = true;
                    Advance();
                    continue;
                case Keyword.Noreturn:
                    if (!allowStorage)
                        goto done;
                    _report.Before(CStandard.C11, Here, "does not support '_Noreturn'");
                    specifiers.IsNoreturn = true;
                    Advance();
                    continue;
                case Keyword.Constexpr:
                    specifiers.IsConstexpr = true;
                    qualifiers |= Qualifiers.Const;
                    Advance();
                    continue;
                case Keyword.Const or Keyword.Volatile or Keyword.Restrict:
                    Qualifiers qualifier = keyword == Keyword.Const ? Qualifiers.Const : keyword == Keyword.Volatile ? Qualifiers.Volatile : Qualifiers.Restrict;
                    if ((qualifiers & qualifier) != 0 && _options.Standard < CStandard.C99)
                        _report.Pedantic(Here, $"duplicate '{_names.Text(_token.Payload)}' declaration specifier");
                    qualifiers |= qualifier;
                    Advance();
                    continue;
                case Keyword.Atomic:
                    _report.Before(CStandard.C11, Here, Peek().Kind == TokenKind.LeftParenthesis
                        ? "does not support the '_Atomic' specifier" : "does not support the '_Atomic' qualifier");
                    if (Peek().Kind == TokenKind.LeftParenthesis)
                    {
                        Advance();
                        Advance();
                        QualType inner = TypeName();
                        ExpectClosing(TokenKind.RightParenthesis);
                        if ((inner.Qualifiers & Qualifiers.All) != 0)
                            _report.Error(specifiers.Location, "'_Atomic' applied to a qualified type");
                        if (inner.Type.IsArray || inner.Type.IsFunction)
                            _report.Error(specifiers.Location, $"'_Atomic'-qualified {(inner.Type.IsArray ? "array" : "function")} type");
                        whole = inner.With(Qualifiers.Atomic);
                        word = TypeWords.Whole;
                        break;
                    }
                    qualifiers |= Qualifiers.Atomic;
                    Advance();
                    continue;
                case Keyword.Alignas:
                    specifiers.HasAlignas = true;
                    specifiers.Alignment = Math.Max(specifiers.Alignment, AlignmentSpecifier());
                    continue;
                case Keyword.Attribute:
                    GnuAttributes(ref specifiers.Attributes);
                    continue;
                case Keyword.Extension:
                    Advance();
                    continue;
                case Keyword.Void:
                    word = TypeWords.Void;
                    Advance();
                    break;
                case Keyword.Char:
                    word = TypeWords.Char;
                    Advance();
                    break;
                case Keyword.Short:
                    word = TypeWords.Short;
                    Advance();
                    break;
                case Keyword.Int:
                    word = TypeWords.Int;
                    Advance();
                    break;
                case Keyword.Long:
                    if ((words & TypeWords.LongLong) != 0)
                    {
                        _report.Error(Here, "'long long long' is too long for GCC");
                        Advance();
                        continue;
                    }
                    if ((words & TypeWords.Long) != 0)
                        words &= ~TypeWords.Long;
                    else
                    {
                        words |= TypeWords.Long;
                        Advance();
                        CheckWords(words, ref reported, specifiers.Location);
                        continue;
                    }
                    word = TypeWords.LongLong;
                    _report.Before(CStandard.C99, Here, "does not support 'long long'", "Wlong-long");
                    Advance();
                    break;
                case Keyword.Float:
                    word = TypeWords.Float;
                    Advance();
                    break;
                case Keyword.Double:
                    word = TypeWords.Double;
                    Advance();
                    break;
                case Keyword.Signed:
                    word = TypeWords.Signed;
                    Advance();
                    break;
                case Keyword.Unsigned:
                    word = TypeWords.Unsigned;
                    Advance();
                    break;
                case Keyword.Bool:
                    word = TypeWords.Bool;
                    Advance();
                    break;
                case Keyword.Complex:
                    word = TypeWords.Complex;
                    _report.Before(CStandard.C99, Here, "does not support complex types");
                    Advance();
                    break;
                case Keyword.Imaginary:
                    _report.Error(Here, "imaginary types are not supported");
                    Advance();
                    continue;
                case Keyword.Int128:
                    word = TypeWords.Int128;
                    Advance();
                    break;
                case >= Keyword.Float16 and <= Keyword.Decimal128:
                    whole = FloatingKeyword(keyword);
                    isKeywordType = true;
                    word = TypeWords.Whole;
                    Advance();
                    break;
                case Keyword.BitInt:
                    _report.Error(Here, "'_BitInt' is not supported");
                    Advance();
                    if (Accept(TokenKind.LeftParenthesis))
                    {
                        ConstantExpression();
                        ExpectClosing(TokenKind.RightParenthesis);
                    }
                    whole = _types.Error;
                    word = TypeWords.Whole;
                    break;
                case Keyword.VaList:
                    whole = _types.VaList;
                    word = TypeWords.Whole;
                    Advance();
                    break;
                case Keyword.AutoType:
                    specifiers.IsAutoType = true;
                    whole = _types.Error;
                    word = TypeWords.Whole;
                    Advance();
                    break;
                case Keyword.Typeof or Keyword.TypeofUnqual:
                    whole = Typeof(keyword == Keyword.TypeofUnqual);
                    word = TypeWords.Whole;
                    break;
                case Keyword.Struct or Keyword.Union:
                    whole = RecordSpecifier(ref specifiers);
                    word = TypeWords.Whole;
                    break;
                case Keyword.Enum:
                    whole = EnumSpecifier(ref specifiers);
                    word = TypeWords.Whole;
                    break;
                default:
                    goto done;
            }
            if ((words & word) != 0 && !reported)
            {
                _report.Error(specifiers.Location, word switch
                {
                    TypeWords.Whole => "two or more data types in declaration specifiers",
                    TypeWords.Signed or TypeWords.Unsigned or TypeWords.Short or TypeWords.Complex => $"duplicate '{WordText(word)}'",
                    _ => "two or more data types in declaration specifiers",
                });
                reported = true;
            }
            words |= word;
            CheckWords(words, ref reported, specifiers.Location);
        }
    done:
        QualType type;
        if ((words & TypeWords.Whole) != 0)
        {
            type = whole;
            if ((words & TypeWords.Complex) != 0 && !reported)
            {
                if (isKeywordType)
                    type = _types.ComplexOf(type.Type);
                else
                {
                    _report.Error(specifiers.Location, specifiers.IsAutoType ? "both '_Complex' and '__auto_type' in declaration specifiers"
                        : "two or more data types in declaration specifiers");
                }
            }
        }
        else
            type = TypeOfWords(words, ref specifiers, reported);
        if (qualifiers != 0)
        {
            if (_options.Standard < CStandard.C99)
                NoteRepeated(qualifiers & Semantics.DeepQualifiers(type), specifiers.Location);
            if ((qualifiers & Qualifiers.Restrict) != 0 && !IsRestrictable(type.Type) && !type.Type.IsError)
            {
                _report.Error(specifiers.Location, "invalid use of 'restrict'");
                qualifiers &= ~Qualifiers.Restrict;
            }
            if ((qualifiers & Qualifiers.Atomic) != 0 && (type.Type.IsArray || type.Type.IsFunction))
                _report.Error(specifiers.Location, $"'_Atomic'-qualified {(type.Type.IsArray ? "array" : "function")} type");
            type = Qualify(type, qualifiers);
        }
        specifiers.Type = type;
        if (specifiers.Attributes is not null)
            specifiers.Type = TypeAttributes(specifiers.Type, specifiers.Attributes, isTypedef: specifiers.Storage == Keyword.Typedef, fromSpecifiers: true);
        return specifiers;
    }

    /// <summary>C90 has no qualifier twice, be it by a typedef (C90 6.5.3).</summary>
    private void NoteRepeated(Qualifiers twice, Location location)
    {
        foreach ((Qualifiers qualifier, string word) in ((Qualifiers, string)[])[(Qualifiers.Const, "const"), (Qualifiers.Restrict, "restrict"), (Qualifiers.Volatile, "volatile")])
        {
            if ((twice & qualifier) != 0)
                _report.Pedantic(location, $"duplicate '{word}'");
        }
    }

    private static bool IsRestrictable(CType type)
    {
        while (type is ArrayType array)
            type = array.Element.Type;
        return type is PointerType { Pointee.Type.IsFunction: false };
    }

    /// <summary>Adds qualifiers; an array's go to its elements.</summary>
    private QualType Qualify(QualType type, Qualifiers qualifiers)
    {
        if (type.Type is ArrayType array)
        {
            QualType element = Qualify(array.Element, qualifiers);
            ArrayType made = array.Bound is { } bound ? _types.VariableArrayOf(element, bound) : _types.ArrayOf(element, array.Count);
            return new QualType(made, type.Qualifiers, type.AlignmentCode);
        }
        return type.With(qualifiers);
    }

    private static string WordText(TypeWords word) => word switch
    {
        TypeWords.Void => "void",
        TypeWords.Char => "char",
        TypeWords.Short => "short",
        TypeWords.Int => "int",
        TypeWords.Long => "long",
        TypeWords.LongLong => "long long",
        TypeWords.Float => "float",
        TypeWords.Double => "double",
        TypeWords.Signed => "signed",
        TypeWords.Unsigned => "unsigned",
        TypeWords.Bool => "_Bool",
        TypeWords.Complex => "_Complex",
        TypeWords.Int128 => "__int128",
        _ => "type",
    };

    /// <summary>Reports words that do not go together (C17 6.7.2p2).</summary>
    private void CheckWords(TypeWords words, ref bool reported, Location location)
    {
        if (reported)
            return;
        const TypeWords sizes = TypeWords.Short | TypeWords.Long | TypeWords.LongLong;
        const TypeWords signs = TypeWords.Signed | TypeWords.Unsigned;
        TypeWords bases = words & ~(sizes | signs | TypeWords.Complex | TypeWords.Int);
        if ((words & TypeWords.Complex) != 0 && bases is TypeWords.Void or TypeWords.Bool)
        {
            _report.Error(location, $"both '_Complex' and '{WordText(bases)}' in declaration specifiers");
            reported = true;
            return;
        }
        bool isBad = System.Numerics.BitOperations.PopCount((uint)bases) > 1;
        isBad |= (words & TypeWords.Int) != 0 && bases != 0 && (bases != TypeWords.Whole || true);
        if (isBad)
        {
            _report.Error(location, "two or more data types in declaration specifiers");
            reported = true;
            return;
        }
        TypeWords a = TypeWords.None, b = TypeWords.None;
        if ((words & signs) == signs)
            (a, b) = (TypeWords.Signed, TypeWords.Unsigned);
        else if ((words & TypeWords.Short) != 0 && (words & (TypeWords.Long | TypeWords.LongLong)) != 0)
            (a, b) = (TypeWords.Long, TypeWords.Short);
        else if (bases is TypeWords.Void or TypeWords.Bool or TypeWords.Float or TypeWords.Whole or TypeWords.Char or TypeWords.Int128 or TypeWords.Double)
        {
            TypeWords others = words & (sizes | signs);
            if (bases == TypeWords.Double)
                others &= ~TypeWords.Long;
            else if (bases is TypeWords.Char or TypeWords.Int128)
                others &= sizes;
            if (others != 0)
                (a, b) = ((TypeWords)(1 << System.Numerics.BitOperations.Log2((uint)others)), bases);
        }
        if (a == TypeWords.None)
            return;
        _report.Error(location, b == TypeWords.Whole
            ? "two or more data types in declaration specifiers"
            : $"both '{WordText(a)}' and '{WordText(b)}' in declaration specifiers");
        reported = true;
    }

    private CType FloatingKeyword(Keyword keyword)
    {
        switch (keyword)
        {
            case Keyword.Float16:
                return _types.Float16;
            case Keyword.Float32:
                return _types.Float32;
            case Keyword.Float64:
                return _types.Float64;
            case Keyword.Float128:
                return _types.Float128;
            case Keyword.Float32x:
                return _types.Float32x;
            case Keyword.Float64x:
                return _types.Float64x;
            case Keyword.BFloat16:
                return _types.BFloat16;
            case Keyword.Float80:
                return _types.LongDouble;
            case Keyword.Decimal32:
                return _types.Decimal32;
            case Keyword.Decimal64:
                return _types.Decimal64;
            case Keyword.Decimal128:
                return _types.Decimal128;
            case Keyword.Float128x:
                _report.Error(Here, "'_Float128x' is not supported on this target");
                return _types.Error;
            default:
                throw new ArgumentOutOfRangeException(nameof(keyword), keyword, null);
        }
    }

    private CType TypeOfWords(TypeWords words, ref Specifiers specifiers, bool reported)
    {
        bool isUnsigned = (words & TypeWords.Unsigned) != 0;
        bool isComplex = (words & TypeWords.Complex) != 0;
        CType type;
        switch (words & ~(TypeWords.Signed | TypeWords.Unsigned | TypeWords.Complex))
        {
            case TypeWords.None:
                if (words == TypeWords.None)
                {
                    specifiers.IsImplicitInt = true;
                    return _types.Int;
                }
                if (words == TypeWords.Complex)
                {
                    _report.Pedantic(specifiers.Location, "ISO C does not support plain 'complex' meaning 'double complex'");
                    return _types.ComplexOf(_types.Double);
                }
                type = isUnsigned ? _types.UnsignedInt : _types.Int;
                break;
            case TypeWords.Void:
                return _types.Void;
            case TypeWords.Bool:
                return _types.Bool;
            case TypeWords.Char:
                type = isUnsigned ? _types.UnsignedChar : (words & TypeWords.Signed) != 0 ? _types.SignedChar : _types.Char;
                break;
            case TypeWords.Short or TypeWords.Short | TypeWords.Int:
                type = isUnsigned ? _types.UnsignedShort : _types.Short;
                break;
            case TypeWords.Int:
                type = isUnsigned ? _types.UnsignedInt : _types.Int;
                break;
            case TypeWords.Long or TypeWords.Long | TypeWords.Int:
                type = isUnsigned ? _types.UnsignedLong : _types.Long;
                break;
            case TypeWords.LongLong or TypeWords.LongLong | TypeWords.Int:
                type = isUnsigned ? _types.UnsignedLongLong : _types.LongLong;
                break;
            case TypeWords.Int128:
                type = isUnsigned ? _types.UnsignedInt128 : _types.Int128;
                break;
            case TypeWords.Float:
                type = _types.Float;
                break;
            case TypeWords.Double:
                type = _types.Double;
                break;
            case TypeWords.Double | TypeWords.Long:
                type = _types.LongDouble;
                break;
            default:
                if (!reported)
                    _report.Error(specifiers.Location, "two or more data types in declaration specifiers");
                return _types.Int;
        }
        if (isComplex && type.IsInteger)
            _report.Pedantic(specifiers.Location, "ISO C does not support complex integer types");
        return isComplex ? _types.ComplexOf(type) : type;
    }

    /// <summary>typeof (expression or type name).</summary>
    private QualType Typeof(bool unqualified)
    {
        Advance();
        if (!Expect(TokenKind.LeftParenthesis))
            return _types.Error;
        QualType type;
        if (StartsTypeName(_token))
            type = TypeName();
        else
        {
            _sema.Unevaluated++;
            Expression operand = Expression();
            _sema.Unevaluated--;
            type = operand.QualType;
            if (operand is MemberExpression { Field.IsBitField: true })
                _report.Error(operand.Location, "'typeof' applied to a bit-field");
            if (!operand.IsLvalue && !operand.Type.IsFunction && !operand.Type.IsError)
                type = type.WithOnly(type.Qualifiers & ~Qualifiers.All);
            // An operand of variably modified type is evaluated: with the bounds of the declaration or expression that it stands in.
            if (_sema.Function is { } function && operand.Type.IsVariablyModified && HasEffects(operand))
            {
                Expression evaluated = operand.IsLvalue ? _sema.AddressOf(operand, operand.Location) : operand;
                (_bounds ??= []).Add(new VariableBound
                {
                    Count = _sema.Comma(evaluated, _sema.Size(0, operand.Location), operand.Location),
                    Function = function,
                });
            }
        }
        ExpectClosing(TokenKind.RightParenthesis);
        return unqualified ? type.WithOnly(type.Qualifiers & ~Qualifiers.All) : type;
    }

    /// <summary>_Alignas (type or constant): the alignment, or 0.</summary>
    private int AlignmentSpecifier()
    {
        _report.Before(CStandard.C11, Here, "does not support '_Alignas'");
        Advance();
        if (!Expect(TokenKind.LeftParenthesis))
            return 0;
        int alignment = 0;
        Location location = Here;
        if (StartsTypeName(_token))
        {
            QualType type = TypeName();
            if (type.Type.IsFunction)
                _report.Pedantic(location, "ISO C does not permit '_Alignof' applied to a function type");
            else if (type.Type.IsComplete)
                alignment = type.Alignment;
            else
                _report.Error(location, $"invalid application of '_Alignof' to incomplete type '{_sema.Print(type)}'");
        }
        else
        {
            Expression e = Semantics.FoldFully(_sema.Value(ConstantExpression()));
            if (e is IntegerConstant constant && e.Type.IsInteger)
            {
                if (constant.Value == 0)
                    alignment = 0;
                else if (!IsPowerOfTwo(constant.Value) || IntegerArithmetic.IsSigned(e.Type) && (Int128)constant.Value < 0)
                    _report.Error(location, "requested alignment is not a positive power of 2");
                else if (constant.Value > 1 << 28)
                    _report.Error(location, "requested alignment is too large");
                else
                    alignment = (int)constant.Value;
            }
            else if (!e.Type.IsError)
                _report.Error(location, "requested alignment is not an integer constant");
        }
        ExpectClosing(TokenKind.RightParenthesis);
        return alignment;
    }

    private static bool IsPowerOfTwo(UInt128 value) => value != 0 && (value & value - 1) == 0;

    /// <summary>A type name (C17 6.7.7).</summary>
    private QualType TypeName(string? context = null)
    {
        if (CurrentKeyword == Keyword.Alignas && context is null)
            SyntaxError("expected specifier-qualifier-list");
        Specifiers specifiers = ParseSpecifiers(allowStorage: false);
        if (specifiers.HasAlignas && context is not null && !(Kind == TokenKind.RightParenthesis && Peek().Kind == TokenKind.LeftBrace))
            _report.Error(specifiers.Location, $"alignment specified for type name in {context}");
        if (specifiers.IsImplicitInt)
        {
            if (specifiers.Type.Qualifiers == 0 && specifiers.Attributes is null)
                SyntaxError("expected specifier-qualifier-list");
            else if (_options.Standard >= CStandard.C99)
                _report.Pedwarn("Wimplicit-int", specifiers.Location, "type defaults to 'int' in type name");
        }
        if (specifiers.IsAutoType)
            _report.Error(specifiers.Location, "'__auto_type' used in a type name");
        QualType type = Kind == TokenKind.RightParenthesis ? specifiers.Type : ParseDeclarator(specifiers.Type, DeclaratorKind.Abstract).Type;
        // Of the attributes among the specifiers this one is the whole type's, as in gcc.
        foreach (AttributeUse use in specifiers.Attributes?.Uses ?? [])
        {
            if (use.Kind == AttributeKind.Aligned && AlignedArgument(use) is > 0 and var alignment)
                type = type.WithAlignment(alignment);
        }
        return type;
    }
}
