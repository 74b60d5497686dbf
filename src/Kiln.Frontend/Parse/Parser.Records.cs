// Structures, unions and enumerations (C17 6.7.2.1 to 6.7.2.3).

using Kiln.Base;
using Kiln.Frontend.Ast;
using Kiln.Frontend.Constants;
using Kiln.Frontend.Lex;
using Kiln.Frontend.Sema;
using Kiln.Frontend.Types;

namespace Kiln.Frontend.Parse;

public sealed partial class Parser
{
    private int _recordDepth;
    private int _pack;

    private CType RecordSpecifier(ref Specifiers specifiers)
    {
        bool isUnion = CurrentKeyword == Keyword.Union;
        string word = isUnion ? "union" : "struct";
        specifiers.HasTag = true;
        Advance();
        AttributeList? attributes = null;
        TagAttributes(ref attributes);
        int tag = 0;
        Location location = Here;
        if (IsPlainIdentifier)
        {
            tag = _token.Payload;
            Advance();
            // An attribute may stand here in old code only; gcc refuses it where no brace follows.
        }
        else if (Kind != TokenKind.LeftBrace)
        {
            SyntaxError($"expected '{{'");
            return _types.Error;
        }
        if (Kind != TokenKind.LeftBrace)
        {
            if (Kind == TokenKind.Semicolon)
                specifiers.DefinesTag = true;
            specifiers.IsFirstReference = _scopes.LookUpTag(tag) is null;
            return ReferTag(tag, location, isUnion ? TypeKind.Union : TypeKind.Struct, Kind == TokenKind.Semicolon && specifiers.Storage == Keyword.None);
        }
        specifiers.DefinesTag = specifiers.HasBody = true;
        RecordType record;
        if (tag != 0 && _scopes.LookUpTagHere(tag) is { } known)
        {
            if (known is RecordType { IsDefined: false } incomplete && incomplete.IsUnion == isUnion && !incomplete.IsBeingDefined)
                record = incomplete;
            else
            {
                if (known is RecordType { IsBeingDefined: true } nested && nested.IsUnion == isUnion)
                    _report.Error(location, $"nested redefinition of '{word} {_names.Text(tag)}'");
                else if (known.Kind != (isUnion ? TypeKind.Union : TypeKind.Struct))
                    _report.Error(location, $"'{_names.Text(tag)}' defined as wrong kind of tag");
                else
                    _report.Error(location, $"redefinition of '{word} {_names.Text(tag)}'");
                record = new RecordType(isUnion, tag, location);
            }
        }
        else
        {
            record = new RecordType(isUnion, tag, location);
            if (tag != 0)
                _scopes.BindTag(tag, record);
        }
        record.Location = location;
        record.IsBeingDefined = true;
        Advance();
        _recordDepth++;
        var fields = new List<Field>();
        HashSet<int>? names = null;
        while (Kind is not (TokenKind.RightBrace or TokenKind.End))
            Members(record, fields, ref names);
        _recordDepth--;
        int pack = _pack;
        ExpectClosing(TokenKind.RightBrace);
        TagAttributes(ref attributes);
        record.IsBeingDefined = false;
        FinishRecord(record, fields, attributes, pack);
        return record;
    }

    private void TagAttributes(ref AttributeList? attributes)
    {
        while (true)
        {
            if (CurrentKeyword == Keyword.Attribute)
                GnuAttributes(ref attributes);
            else if (Kind == TokenKind.LeftBracket && Peek().Kind == TokenKind.LeftBracket)
                StandardAttributes(ref attributes);
            else if (CurrentKeyword == Keyword.Alignas)
                AlignmentSpecifier();
            else
                return;
        }
    }

    /// <summary>struct tag without a member list: the known one, or a new incomplete one.</summary>
    private CType ReferTag(int tag, Location location, TypeKind kind, bool declaresAnew)
    {
        CType? known = declaresAnew ? _scopes.LookUpTagHere(tag) : _scopes.LookUpTag(tag);
        if (known is not null)
        {
            if (known.Kind != kind)
            {
                _report.Error(location, $"'{_names.Text(tag)}' defined as wrong kind of tag");
                return _types.Error;
            }
            return known;
        }
        if (kind == TypeKind.Enum)
        {
            _report.Pedantic(location, "ISO C forbids forward references to 'enum' types");
            var enumeration = new EnumType(tag, location) { Underlying = _types.UnsignedInt };
            _scopes.BindTag(tag, enumeration);
            return enumeration;
        }
        var record = new RecordType(kind == TypeKind.Union, tag, location);
        if (_prototypeDepth > 0 && !declaresAnew)
            _report.Warning(location, $"'{_sema.Print(record)}' declared inside parameter list will not be visible outside of this definition or declaration");
        _scopes.BindTag(tag, record);
        return record;
    }

    /// <summary>One member declaration.</summary>
    private void Members(RecordType record, List<Field> fields, ref HashSet<int>? names)
    {
        if (!HasRoom())
            return;
        if (Kind == TokenKind.Semicolon)
        {
            _report.Pedantic(Here, "extra semicolon in struct or union specified");
            Advance();
            return;
        }
        if (CurrentKeyword == Keyword.StaticAssert)
        {
            StaticAssert();
            return;
        }
        if (CurrentKeyword == Keyword.Extension)
        {
            Extension extension = BeginExtension();
            Members(record, fields, ref names);
            EndExtension(extension);
            return;
        }
        if (!StartsDeclaration(_token))
        {
            if (IsPlainIdentifier)
                SyntaxErrorUnknownType();
            else
                SyntaxError("expected specifier-qualifier-list");
            SkipDeclaration();
            return;
        }
        Specifiers specifiers = ParseSpecifiers(allowStorage: false);
        if (specifiers.IsImplicitInt && Kind == TokenKind.Semicolon && specifiers.Type.Qualifiers != 0)
        {
            _report.Pedantic(specifiers.Location, "ISO C forbids member declarations with no members");
            _report.Warning(specifiers.Location, "useless type qualifier in empty declaration");
            Advance();
            return;
        }
        if (specifiers.IsImplicitInt)
        {
            SyntaxError("expected specifier-qualifier-list");
            SkipDeclaration();
            return;
        }
        if (Kind is TokenKind.Semicolon or TokenKind.RightBrace)
        {
            Location end = Here;
            if (!Accept(TokenKind.Semicolon))
                _report.Pedwarn(null, Here, "no semicolon at end of struct or union");
            CType type = specifiers.Type.Type;
            bool isAnonymous = type is RecordType inner && (inner.Tag == 0 || _options.MicrosoftExtensions || _options.Plan9Extensions);
            if (type is RecordType { Tag: 0 })
                _report.Before(CStandard.C11, end, "doesn't support unnamed structs/unions");
            if (isAnonymous && type is RecordType { Tag: not 0 } tagged && specifiers.HasBody is false)
                isAnonymous = tagged.IsDefined;
            if (isAnonymous)
                AddMember(record, fields, ref names, new Field(0, specifiers.Type, specifiers.Location) { RequestedAlignment = specifiers.Alignment });
            else
                _report.Pedwarn(null, specifiers.Location, "declaration does not declare anything");
            return;
        }
        while (true)
        {
            Member(record, fields, ref names, specifiers);
            if (!Accept(TokenKind.Comma))
                break;
        }
        if (Accept(TokenKind.Semicolon))
            return;
        if (Kind == TokenKind.RightBrace)
        {
            _report.Pedwarn(null, Here, "no semicolon at end of struct or union");
            return;
        }
        SyntaxError("expected ':', ',', ';', '}' or '__attribute__'");
        SkipDeclaration();
    }

    private void Member(RecordType record, List<Field> fields, ref HashSet<int>? names, in Specifiers specifiers)
    {
        AttributeList? leading = null;
        if (CurrentKeyword == Keyword.Attribute)
            GnuAttributes(ref leading);
        Declarator declarator = default;
        declarator.Location = Here;
        declarator.Type = specifiers.Type;
        if (Kind != TokenKind.Colon)
            declarator = ParseDeclarator(specifiers.Type, DeclaratorKind.Concrete);
        int width = -1;
        if (Accept(TokenKind.Colon))
            width = BitFieldWidth(declarator);
        AttributeList? attributes = Merge(Merge(specifiers.Attributes, leading), declarator.Attributes);
        if (CurrentKeyword == Keyword.Attribute)
            GnuAttributes(ref attributes);
        QualType type = declarator.Type;
        if (attributes is not null)
            type = TypeAttributes(type, attributes, isTypedef: false, fromSpecifiers: false);
        string name = declarator.Name != 0 ? $"'{_names.Text(declarator.Name)}'" : "<anonymous>";
        if (width >= 0 && specifiers.HasAlignas)
            _report.Error(declarator.Location, $"alignment specified for bit-field {name}");
        if (width >= 0 && type.IsAtomic)
            _report.Error(declarator.Location, declarator.Name != 0 ? $"bit-field {name} has atomic type" : "bit-field has atomic type");
        if (type.Type is RecordType { HasFlexibleArray: true })
            _report.Pedantic(declarator.Location, "invalid use of structure with flexible array member");
        if (type.Type.IsFunction)
        {
            _report.Error(declarator.Location, $"field {name} declared as a function");
            type = _types.PointerTo(type);
        }
        else if (type.Type.IsVoid)
        {
            _report.Error(declarator.Location, $"variable or field {name} declared void");
            type = _types.Int;
        }
        else if (type.Type is not ArrayType && !type.Type.IsComplete)
        {
            _report.Error(declarator.Location, $"field {name} has incomplete type");
            type = _types.Error;
        }
        if (width >= 0 && !CheckBitField(ref type, ref width, declarator, name))
            return;
        if (type.Type.IsError)
            type = _types.Int;
        var field = new Field(declarator.Name, type, declarator.Location)
        {
            BitWidth = width,
            RequestedAlignment = specifiers.Alignment,
        };
        if (attributes is not null)
            FieldAttributes(field, attributes);
        AddMember(record, fields, ref names, field);
    }

    private int BitFieldWidth(in Declarator declarator)
    {
        Location location = Here;
        Expression e = Semantics.FoldFully(_sema.Value(ConditionalExpression()));
        string name = declarator.Name != 0 ? $"'{_names.Text(declarator.Name)}'" : "<anonymous>";
        if (e is not IntegerConstant constant || !e.Type.IsInteger)
        {
            if (!e.Type.IsError)
                _report.Error(location, $"bit-field {name} width not an integer constant");
            return 1;
        }
        if ((constant.Flags & ExpressionFlags.StrictConstant) == 0)
            _report.Pedantic(location, $"bit-field {name} width not an integer constant expression");
        if (IntegerArithmetic.IsSigned(e.Type) && (Int128)constant.Value < 0)
        {
            _report.Error(location, declarator.Name != 0 ? $"negative width in bit-field {name}" : "negative width in bit-field '<anonymous>'");
            return 1;
        }
        return (int)UInt128.Min(constant.Value, 1 << 20);
    }

    private bool CheckBitField(ref QualType type, ref int width, in Declarator declarator, string name)
    {
        if (!type.Type.IsInteger)
        {
            if (!type.Type.IsError)
                _report.Error(declarator.Location, $"bit-field {name} has invalid type");
            type = _types.Int;
        }
        if (width == 0 && declarator.Name != 0)
        {
            _report.Error(declarator.Location, $"zero width for bit-field {name}");
            width = 1;
        }
        int limit = IntegerArithmetic.Width(type.Type);
        if (width > limit)
        {
            _report.Error(declarator.Location, $"width of {name} exceeds its type");
            width = limit;
        }
        if (_options.UnsignedBitFields && type.Type is IntegerType { Kind: TypeKind.Int or TypeKind.Short or TypeKind.Long or TypeKind.Char } plain)
            type = type.WithType(_types.WithSign(plain, false));
        return true;
    }

    private void AddMember(RecordType record, List<Field> fields, ref HashSet<int>? names, Field field)
    {
        if (field.Name != 0)
        {
            if (fields.Count < 12)
            {
                foreach (Field other in fields)
                {
                    if (other.Name == field.Name || other.Name == 0 && other.Type.Type is RecordType inner && Semantics.LookUp(inner, field.Name) is not null)
                    {
                        _report.Error(field.Location, $"duplicate member '{_names.Text(field.Name)}'");
                        return;
                    }
                }
            }
            else
            {
                if (names is null)
                {
                    names = [];
                    foreach (Field other in fields)
                        AddNames(other, names);
                }
                if (!names.Add(field.Name))
                {
                    _report.Error(field.Location, $"duplicate member '{_names.Text(field.Name)}'");
                    return;
                }
            }
        }
        else if (field.Type.Type is RecordType inner && !field.IsBitField)
        {
            var mine = new HashSet<int>();
            AddNames(field, mine);
            foreach (Field outer in fields)
            {
                if (outer.Name != 0)
                {
                    if (Semantics.LookUp(inner, outer.Name) is { } twice)
                        _report.Error(twice.Location, $"duplicate member '{_names.Text(outer.Name)}'");
                    continue;
                }
                var others = new HashSet<int>();
                AddNames(outer, others);
                others.IntersectWith(mine);
                foreach (int name in others)
                    _report.Error(Semantics.LookUp(inner, name)!.Location, $"duplicate member '{_names.Text(name)}'");
            }
            names?.UnionWith(mine);
        }
        fields.Add(field);
        _ = record;
    }

    /// <summary>The names that a member brings into its record: its own, or an anonymous record's.</summary>
    private static void AddNames(Field field, HashSet<int> names)
    {
        if (field.Name != 0)
            names.Add(field.Name);
        else if (field.Type.Type is RecordType inner && !field.IsBitField)
        {
            foreach (Field member in inner.Fields)
                AddNames(member, names);
        }
    }

    /// <summary>A named member, or an anonymous record that has one.</summary>
    private static bool HasName(Field field) =>
        field.Name != 0 || field.Type.Type is RecordType inner && !field.IsBitField && Array.Exists(inner.Fields, HasName);

    private void FinishRecord(RecordType record, List<Field> fields, AttributeList? attributes, int pack)
    {
        for (int i = 0; i < fields.Count; i++)
        {
            Field field = fields[i];
            if (field.Type.Type is not ArrayType { Count: < 0, Bound: null })
                continue;
            // A flexible array member comes last, and not alone (C17 6.7.2.1p18).
            if (record.IsUnion)
                _report.Error(field.Location, "flexible array member in union");
            else if (i != fields.Count - 1)
                _report.Error(field.Location, "flexible array member not at end of struct");
            else if (!fields.Exists(f => !ReferenceEquals(f, field) && HasName(f)))
                _report.Error(field.Location, "flexible array member in a struct with no named members");
            else
                continue;
            field.Type = new QualType(_types.ArrayOf(((ArrayType)field.Type.Type).Element, 0)).Spelled(field.Type.Spelling);
        }
        if (fields.Count > 0 && fields[^1].Type.Type is ArrayType { Count: < 0, Bound: null })
            _report.Before(CStandard.C99, fields[^1].Location, "does not support flexible array members");
        if (!fields.Exists(HasName))
            _report.Pedantic(record.Location, $"{(record.IsUnion ? "union" : "struct")} has no {(fields.Count == 0 ? "" : "named ")}members");
        int requested = 0;
        if (attributes is not null)
            requested = RecordAttributes(record, attributes);
        record.Fields = [.. fields];
        foreach (Field field in fields)
        {
            if (field.Type.Type.HasVariableSize)
            {
                VariableLayout(record, requested);
                return;
            }
        }
        RecordLayout.Compute(record, _target, pack, requested);
        if (record.Size < 0 || record.Size == long.MaxValue)
            _report.Error(record.Location, $"type '{_sema.Print(record)}' is too large");
    }

    /// <summary>A record with members of variable size (GNU C): offsets and size become expressions.</summary>
    private void VariableLayout(RecordType record, int requested)
    {
        Location at = record.Location;
        Expression offset = _sema.Size(0, at);
        Expression largest = offset;
        int alignment = Math.Max(1, requested);
        foreach (Field field in record.Fields)
        {
            field.Record = record;
            int wanted = record.IsPacked || field.IsPacked ? 1 : Math.Max(field.Type.Alignment, field.RequestedAlignment);
            field.Alignment = wanted;
            alignment = Math.Max(alignment, wanted);
            if (field.IsBitField)
            {
                // No ABI fixes such layouts: every bit-field gets bytes of its own.
                field.StorageSize = (int)field.Type.Type.Size;
                field.BitOffset = 0;
            }
            offset = RoundUp(record.IsUnion ? _sema.Size(0, at) : offset, wanted, at);
            if (offset is IntegerConstant constant)
                field.Offset = (long)constant.Value;
            else
                field.VariableOffset = offset;
            offset = _sema.Binary(BinaryOperator.Add, offset, _sema.SizeOf(field.Type, at), at);
            if (record.IsUnion)
            {
                Expression greater = _sema.Binary(BinaryOperator.Greater, offset, largest, at);
                largest = _sema.Conditional(greater, offset, largest, at);
            }
        }
        record.Alignment = alignment;
        record.VariableSize = RoundUp(record.IsUnion ? largest : offset, alignment, at);
        record.IsDefined = true;
    }

    private Expression RoundUp(Expression value, int unit, Location at)
    {
        if (unit == 1)
            return value;
        Expression sum = _sema.Binary(BinaryOperator.Add, value, _sema.Size(unit - 1, at), at);
        return _sema.Binary(BinaryOperator.And, sum, _sema.Size(-unit, at), at);
    }

    private CType EnumSpecifier(ref Specifiers specifiers)
    {
        specifiers.HasTag = true;
        Advance();
        AttributeList? attributes = null;
        TagAttributes(ref attributes);
        int tag = 0;
        Location location = Here;
        if (IsPlainIdentifier)
        {
            tag = _token.Payload;
            Advance();
        }
        else if (Kind is not (TokenKind.LeftBrace or TokenKind.Colon))
        {
            SyntaxError("expected '{'");
            return _types.Error;
        }
        IntegerType? fixedType = null;
        if (Kind == TokenKind.Colon && StartsTypeName(Peek()))
        {
            // C23: an underlying type.
            Advance();
            Specifiers underlying = ParseSpecifiers(allowStorage: false);
            fixedType = IntegerArithmetic.Underlying(underlying.Type.Type);
            if (fixedType is null)
                _report.Error(location, "invalid 'enum' underlying type");
        }
        if (Kind != TokenKind.LeftBrace)
        {
            specifiers.IsFirstReference = _scopes.LookUpTag(tag) is null;
            CType referred = ReferTag(tag, location, TypeKind.Enum, Kind == TokenKind.Semicolon);
            if (fixedType is not null && referred is EnumType { IsDefined: false } declared)
                Complete(declared, fixedType);
            return referred;
        }
        specifiers.DefinesTag = specifiers.HasBody = true;
        EnumType? enumeration = null;
        if (tag != 0 && _scopes.LookUpTagHere(tag) is { } known)
        {
            if (known is EnumType { IsBeingDefined: true })
                _report.Error(location, $"nested redefinition of 'enum {_names.Text(tag)}'");
            else if (known is EnumType { IsDefined: false } or EnumType { Enumerators.Length: 0 })
                enumeration = (EnumType)known;
            else if (known is EnumType)
                _report.Error(location, $"redeclaration of 'enum {_names.Text(tag)}'");
            else
                _report.Error(location, $"'{_names.Text(tag)}' defined as wrong kind of tag");
        }
        if (enumeration is null)
        {
            enumeration = new EnumType(tag, location) { Underlying = fixedType ?? _types.UnsignedInt };
            if (tag != 0)
                _scopes.BindTag(tag, enumeration);
        }
        Advance();
        var constants = new List<EnumConstantDeclaration>();
        enumeration.IsBeingDefined = true;
        Enumerators(constants, fixedType);
        enumeration.IsBeingDefined = false;
        ExpectClosing(TokenKind.RightBrace);
        TagAttributes(ref attributes);
        FinishEnum(enumeration, constants, fixedType, attributes);
        return enumeration;
    }

    private void Enumerators(List<EnumConstantDeclaration> constants, IntegerType? fixedType)
    {
        UInt128 next = 0;
        bool nextIsSigned = true;
        bool overflowed = false;
        if (Kind == TokenKind.RightBrace)
        {
            _report.Error(Here, "empty enum is invalid");
            return;
        }
        while (true)
        {
            if (!IsPlainIdentifier)
            {
                SyntaxError("expected identifier");
                SkipTo(TokenKind.RightBrace);
                return;
            }
            int name = _token.Payload;
            Location location = Here;
            Advance();
            AttributeList? attributes = null;
            TagAttributes(ref attributes);
            IntegerType? written = null;
            if (Accept(TokenKind.Equal))
            {
                Expression e = Semantics.FoldFully(_sema.Value(ConstantExpression()));
                if (e is IntegerConstant constant && e.Type.IsInteger)
                {
                    if ((constant.Flags & ExpressionFlags.StrictConstant) == 0)
                        _report.Pedantic(location, $"enumerator value for '{_names.Text(name)}' is not an integer constant expression");
                    next = constant.Value;
                    nextIsSigned = IntegerArithmetic.IsSigned(e.Type);
                    written = IntegerArithmetic.Underlying(_sema.PromotedType(e.Type));
                    overflowed = false;
                    OverflowInConstant(e, location);
                }
                else if (!e.Type.IsError)
                {
                    _report.Error(location, $"enumerator value for '{_names.Text(name)}' is not an integer constant");
                }
            }
            else if (overflowed)
                _report.Error(location, "overflow in enumeration values");
            // An enumerator that int holds is an int until the enumeration is complete; others have the type of their value.
            bool isNegative = nextIsSigned && (Int128)next < 0;
            bool fitsInt = IntegerArithmetic.Fits(next, nextIsSigned, _types.Int);
            CType type = fixedType ?? (fitsInt ? _types.Int : isNegative
                ? written is not null && written.Size > 4 ? written : _types.Long
                : written is not null && written.Size >= 4 && IntegerArithmetic.Fits(next, nextIsSigned, written) ? written
                : IntegerArithmetic.Fits(next, nextIsSigned, _types.UnsignedInt) ? _types.UnsignedInt
                : IntegerArithmetic.Fits(next, nextIsSigned, _types.Long) ? _types.Long : _types.UnsignedLong);
            if (!fitsInt && fixedType is null)
                _report.Pedantic(location, $"ISO C restricts enumerator values to range of 'int'");
            var declaration = new EnumConstantDeclaration(name, location, IntegerArithmetic.Normalize(next, type), type);
            DeclareEnumerator(declaration);
            if (attributes is not null)
                DeprecationAttributes(declaration, attributes);
            constants.Add(declaration);
            overflowed = fixedType is null && type is IntegerType held && next == (UInt128.One << (held.Width - (held.IsSigned ? 1 : 0))) - 1;
            next += 1;
            if (!Accept(TokenKind.Comma))
            {
                if (Kind != TokenKind.RightBrace)
                {
                    SyntaxError("expected ',' or '}'");
                    SkipTo(TokenKind.RightBrace);
                }
                return;
            }
            if (Kind == TokenKind.RightBrace)
            {
                if (_options.Standard < CStandard.C99)
                    _report.Pedantic(Here, "comma at end of enumerator list");
                return;
            }
        }
    }

    private void DeclareEnumerator(EnumConstantDeclaration declaration)
    {
        if (_scopes.LookUpHere(declaration.Name) is { } other)
        {
            string name = _names.Text(declaration.Name);
            _report.Error(declaration.Location, other is EnumConstantDeclaration ? $"redeclaration of enumerator '{name}'"
                : $"'{name}' redeclared as different kind of symbol");
            NotePrevious(other);
        }
        _scopes.Bind(declaration.Name, declaration);
    }

    private void FinishEnum(EnumType enumeration, List<EnumConstantDeclaration> constants, IntegerType? fixedType, AttributeList? attributes)
    {
        bool hasNegative = false;
        int signedBits = 1, unsignedBits = 1;
        foreach (EnumConstantDeclaration constant in constants)
        {
            UInt128 value = constant.Value;
            bool isNegative = IntegerArithmetic.IsSigned(constant.Type.Type) && (Int128)value < 0;
            hasNegative |= isNegative;
            int bits = 128 - (int)UInt128.LeadingZeroCount(isNegative ? ~value : value);
            signedBits = Math.Max(signedBits, bits + 1);
            unsignedBits = Math.Max(unsignedBits, bits);
        }
        IntegerType underlying;
        if (fixedType is not null)
            underlying = fixedType;
        else
        {
            int bits = hasNegative ? signedBits : unsignedBits;
            bool isShort = _options.ShortEnums || attributes is not null && attributes.Has(AttributeKind.Packed);
            int size = bits <= 8 && isShort ? 1 : bits <= 16 && isShort ? 2 : bits <= 32 ? 4 : bits <= 64 ? 8 : 16;
            if (attributes is not null && attributes.Find(AttributeKind.Mode) is { } mode && ModeSize(mode) is { } modeSize)
            {
                if (modeSize * 8 < bits)
                    _report.Error(enumeration.Location, "specified mode too small for enumerated values");
                size = modeSize;
            }
            if (size > 8)
                _report.Error(enumeration.Location, "enumeration values exceed range of largest integer");
            underlying = _types.IntegerOfSize(size, hasNegative)!;
        }
        // Enumerators are of type int where they fit; else of the enumeration's integer type (gcc).
        foreach (EnumConstantDeclaration constant in constants)
        {
            constant.Enumeration = enumeration;
            if (fixedType is not null)
                constant.Type = enumeration;
            else if (!IntegerArithmetic.Fits(constant.Value, IntegerArithmetic.IsSigned(constant.Type.Type), _types.Int))
                constant.Type = underlying;
            constant.Value = IntegerArithmetic.Normalize(constant.Value, constant.Type.Type is EnumType ? underlying : constant.Type.Type);
        }
        Complete(enumeration, underlying);
        enumeration.Enumerators = [.. constants];
    }

    private static void Complete(EnumType enumeration, IntegerType underlying)
    {
        enumeration.Underlying = underlying;
        enumeration.Size = underlying.Size;
        enumeration.Alignment = underlying.Alignment;
        enumeration.IsDefined = true;
    }
}
