// Declarators (C17 6.7.6): pointers, arrays, functions, in any nesting. The derivations are collected in the order in which they apply to the
// base type, then applied.

using Kiln.Base;
using Kiln.Frontend.Ast;
using Kiln.Frontend.Constants;
using Kiln.Frontend.Lex;
using Kiln.Frontend.Sema;
using Kiln.Frontend.Types;

namespace Kiln.Frontend.Parse;

public sealed partial class Parser
{
    private enum DeclaratorKind : byte
    {
        /// <summary>A name must stand in it.</summary>
        Concrete,
        /// <summary>No name may stand in it.</summary>
        Abstract,
        /// <summary>A parameter: either.</summary>
        Parameter,
    }

    private enum Derivation : byte
    {
        Pointer,
        Array,
        Function,
        /// <summary>Attributes that stand inside of parentheses, before a nested declarator.</summary>
        Attributes,
    }

    private struct Chunk
    {
        public Derivation Derivation;
        public Qualifiers Qualifiers;
        public Location Location;
        public AttributeList? Attributes;
        /// <summary>Array: the bound, or null for [].</summary>
        public Expression? Bound;
        /// <summary>Array: [*].</summary>
        public bool IsStar;
        public bool IsStatic;
        public ParameterList? Parameters;
    }

    /// <summary>What stands between the parentheses of a function declarator.</summary>
    private sealed class ParameterList
    {
        public VariableDeclaration[] Parameters = [];
        public bool HasPrototype = true;
        public bool IsVariadic;
        /// <summary>Names of a K&amp;R definition, with their places; null where the list has types.</summary>
        public List<(int Name, Location Location)>? OldNames;
        public List<(int Name, CType Type)>? Tags;
        /// <summary>Bounds in the parameters' types, in order.</summary>
        public List<VariableBound>? Bounds;
        /// <summary>Parameter forward declarations (GNU C) are parameters that come again.</summary>
        public bool HasForward;
    }

    private struct Declarator
    {
        public int Name;
        public Location Location;
        public QualType Type;
        /// <summary>The parameters where the declared thing is a function itself.</summary>
        public ParameterList? Parameters;
        public AttributeList? Attributes;
    }

    private readonly GrowBuffer<Chunk> _chunks = new(32);

    /// <summary>Bounds of variable length arrays met in the declaration at hand, in order of evaluation.</summary>
    private List<VariableBound>? _bounds;

    private int _prototypeDepth;

    private Declarator ParseDeclarator(QualType baseType, DeclaratorKind kind)
    {
        Declarator declarator = default;
        declarator.Location = Here;
        int first = _chunks.Count;
        CollectDerivations(kind, ref declarator);
        // Apply to the base, in the order collected.
        QualType type = baseType;
        ParameterList? outermost = null;
        for (int i = first; i < _chunks.Count; i++)
        {
            Chunk chunk = _chunks[i];
            outermost = null;
            switch (chunk.Derivation)
            {
                case Derivation.Pointer:
                    QualType pointee = type;
                    type = new QualType(_types.PointerTo(type), chunk.Qualifiers);
                    if (_types.Spellings is { } spellings)
                        type = spellings.Derive(SpellingKind.Pointer, type, pointee);
                    if ((chunk.Qualifiers & Qualifiers.Restrict) != 0 && ((PointerType)type.Type).Pointee.Type.IsFunction)
                        _report.Error(chunk.Location, "invalid use of 'restrict'");
                    if (chunk.Attributes is not null)
                    {
                        declarator.Attributes = Merge(declarator.Attributes, ForDeclaration(chunk.Attributes, type));
                        type = TypeAttributes(type, chunk.Attributes, isTypedef: false, fromSpecifiers: false);
                    }
                    break;
                case Derivation.Array:
                    QualType element = type;
                    type = MakeArray(type, chunk, declarator.Name, i == _chunks.Count - 1);
                    if (_types.Spellings is { } arraySpellings && type.Type is ArrayType)
                        type = arraySpellings.Derive(SpellingKind.Array, type, element);
                    break;
                case Derivation.Function:
                    QualType result = type;
                    type = MakeFunction(type, chunk, declarator.Name);
                    if (_types.Spellings is { } functionSpellings && type.Type is FunctionType { HasPrototype: true })
                        type = functionSpellings.Function(type, result, chunk.Parameters!.Parameters);
                    outermost = chunk.Parameters;
                    break;
                case Derivation.Attributes:
                    declarator.Attributes = Merge(declarator.Attributes, ForDeclaration(chunk.Attributes!, type));
                    type = TypeAttributes(type, chunk.Attributes!, isTypedef: false, fromSpecifiers: false);
                    outermost = i == _chunks.Count - 1 && i > first && _chunks[i - 1].Derivation == Derivation.Function ? _chunks[i - 1].Parameters : null;
                    break;
                default:
                    throw new ArgumentOutOfRangeException(nameof(baseType), chunk.Derivation, null);
            }
        }
        _chunks.Truncate(first);
        declarator.Type = type;
        declarator.Parameters = outermost;
        return declarator;
    }

    /// <summary>Collects the chunks of a declarator in the order in which they apply.</summary>
    private void CollectDerivations(DeclaratorKind kind, ref Declarator declarator)
    {
        if (!HasRoom())
            return;
        while (Kind == TokenKind.Star)
        {
            var chunk = new Chunk { Derivation = Derivation.Pointer, Location = Here };
            Advance();
            chunk.Qualifiers = PointerQualifiers(ref chunk.Attributes);
            _chunks.Add(chunk);
        }
        int first = _chunks.Count;
        if (Kind == TokenKind.LeftParenthesis && IsNestedDeclarator(kind))
        {
            Advance();
            AttributeList? attributes = null;
            if (CurrentKeyword == Keyword.Attribute)
                GnuAttributes(ref attributes);
            CollectDerivations(kind, ref declarator);
            ExpectClosing(TokenKind.RightParenthesis);
            if (attributes is not null)
            {
                // They belong to what stands outside of the parentheses: applied before the nested part.
                _chunks.Add(new Chunk { Derivation = Derivation.Attributes, Attributes = attributes, Location = Here });
                Rotate(first, _chunks.Count - 1);
            }
        }
        else if (Kind == TokenKind.Identifier && kind != DeclaratorKind.Abstract
            && (CurrentKeyword == Keyword.None && !(kind == DeclaratorKind.Parameter && false)))
        {
            declarator.Name = _token.Payload;
            declarator.Location = Here;
            Advance();
        }
        else if (kind == DeclaratorKind.Concrete)
        {
            SyntaxError("expected identifier or '('");
            declarator.Name = 0;
            return;
        }
        if (Kind == TokenKind.LeftBracket && Peek().Kind == TokenKind.LeftBracket)
            StandardAttributes(ref declarator.Attributes);
        int suffixes = _chunks.Count;
        while (true)
        {
            if (Kind == TokenKind.LeftBracket && Peek().Kind == TokenKind.LeftBracket)
                StandardAttributes(ref declarator.Attributes);
            else if (Kind == TokenKind.LeftBracket)
                _chunks.Add(ArraySuffix());
            else if (Kind == TokenKind.LeftParenthesis)
                _chunks.Add(FunctionSuffix());
            else
                break;
        }
        // Suffixes apply last to first, and before what is nested.
        if (_chunks.Count > suffixes)
        {
            _chunks.Span[suffixes..].Reverse();
            if (suffixes > first)
                Rotate(first, suffixes);
        }
    }

    /// <summary>Moves the chunks from <paramref name="middle"/> on before those from <paramref name="first"/> on.</summary>
    private void Rotate(int first, int middle)
    {
        Span<Chunk> all = _chunks.Span;
        all[first..middle].Reverse();
        all[middle..].Reverse();
        all[first..].Reverse();
    }

    /// <summary>Whether an open parenthesis begins a nested declarator and not a parameter list.</summary>
    private bool IsNestedDeclarator(DeclaratorKind kind)
    {
        if (kind == DeclaratorKind.Concrete)
            return true;
        Token next = Peek();
        switch (next.Kind)
        {
            case TokenKind.Star or TokenKind.LeftParenthesis:
                return true;
            case TokenKind.LeftBracket:
                return Peek(2).Kind != TokenKind.LeftBracket;
            case TokenKind.Identifier:
                Keyword keyword = KeywordOf(next);
                if (keyword == Keyword.Attribute)
                    return !AttributeBeginsParameter();
                return keyword == Keyword.None && kind == DeclaratorKind.Parameter && _scopes.LookUp(next.Payload) is not TypedefDeclaration;
            default:
                return false;
        }
    }

    /// <summary>Whether the attribute behind an open parenthesis belongs to a parameter's specifiers: a type follows it.</summary>
    private bool AttributeBeginsParameter()
    {
        int distance = 2, depth = 0;
        for (; distance < 15; distance++)
        {
            TokenKind kind = Peek(distance).Kind;
            if (kind == TokenKind.LeftParenthesis)
                depth++;
            else if (kind == TokenKind.RightParenthesis && --depth == 0)
            {
                Token after = Peek(distance + 1);
                return after.Kind == TokenKind.RightParenthesis || StartsTypeName(after) && KeywordOf(after) != Keyword.Attribute;
            }
            else if (kind == TokenKind.End)
                break;
        }
        return false;
    }

    private Qualifiers PointerQualifiers(ref AttributeList? attributes)
    {
        Qualifiers qualifiers = Qualifiers.None;
        while (true)
        {
            switch (CurrentKeyword)
            {
                case Keyword.Const:
                    qualifiers |= Qualifiers.Const;
                    break;
                case Keyword.Volatile:
                    qualifiers |= Qualifiers.Volatile;
                    break;
                case Keyword.Restrict:
                    qualifiers |= Qualifiers.Restrict;
                    break;
                case Keyword.Atomic:
                    _report.Before(CStandard.C11, Here, "does not support the '_Atomic' qualifier");
                    qualifiers |= Qualifiers.Atomic;
                    break;
                case Keyword.Attribute:
                    GnuAttributes(ref attributes);
                    continue;
                default:
                    if (Kind == TokenKind.LeftBracket && Peek().Kind == TokenKind.LeftBracket)
                    {
                        StandardAttributes(ref attributes);
                        continue;
                    }
                    return qualifiers;
            }
            Advance();
        }
    }

    private Chunk ArraySuffix()
    {
        var chunk = new Chunk { Derivation = Derivation.Array, Location = Here };
        Advance();
        while (true)
        {
            Keyword keyword = CurrentKeyword;
            if (keyword == Keyword.Static)
            {
                chunk.IsStatic = true;
                Advance();
            }
            else if (keyword is Keyword.Const or Keyword.Volatile or Keyword.Restrict or Keyword.Atomic or Keyword.Attribute)
                chunk.Qualifiers |= PointerQualifiers(ref chunk.Attributes);
            else
                break;
        }
        if (Kind == TokenKind.Star && Peek().Kind == TokenKind.RightBracket)
        {
            Advance();
            chunk.IsStar = true;
            _report.Before(CStandard.C99, chunk.Location, "does not support '[*]' array declarators");
            if (_prototypeDepth == 0)
                _report.Error(chunk.Location, "'[*]' not allowed in other than function prototype scope");
        }
        else if (Kind != TokenKind.RightBracket)
        {
            bool wasStatic = _sema.InStaticInitializer;
            _sema.InStaticInitializer = false;
            chunk.Bound = AssignmentExpression();
            _sema.InStaticInitializer = wasStatic;
        }
        if (chunk.IsStatic || chunk.Qualifiers != 0)
            _report.Before(CStandard.C99, chunk.Location, "does not support 'static' or type qualifiers in parameter array declarators");
        ExpectClosing(TokenKind.RightBracket);
        if (Kind == TokenKind.LeftBracket && Peek().Kind == TokenKind.LeftBracket)
        {
            AttributeList? ignored = null;
            StandardAttributes(ref ignored);
            IgnoredStandard(ignored);
        }
        return chunk;
    }

    private QualType MakeArray(QualType element, in Chunk chunk, int name, bool isOutermost)
    {
        string what = name != 0 ? $"'{_names.Text(name)}'" : "type name";
        CType type = element.Type;
        if (type.IsError)
            return _types.Error;
        if (type.IsVoid || type.IsFunction || type is { IsComplete: false } and not ArrayType)
        {
            _report.Error(chunk.Location, type.IsVoid
                ? name != 0 ? $"declaration of {what} as array of voids" : "declaration of type name as array of voids"
                : type.IsFunction ? $"declaration of {what} as array of functions" : $"array type has incomplete element type '{_sema.Print(element)}'");
            return _types.Error;
        }
        if (element.AlignmentCode != 0 && !type.HasVariableSize && type.IsComplete && type.Size % element.Alignment != 0)
        {
            _report.Error(chunk.Location, type.Size != 0 && type.Size < element.Alignment ? "alignment of array elements is greater than element size"
                : "size of array element is not a multiple of its alignment");
            return _types.Error;
        }
        if (type is ArrayType { Count: < 0, Bound: null })
        {
            _report.Error(chunk.Location, name != 0 ? $"multidimensional array {what} must have bounds for all dimensions except the first"
                : "array type has incomplete element type '" + _sema.Print(element) + "'");
            return _types.Error;
        }
        if (type is RecordType { HasFlexibleArray: true })
            _report.Pedantic(chunk.Location, "invalid use of structure with flexible array member");
        if ((chunk.IsStatic || chunk.Qualifiers != 0) && (_prototypeDepth == 0 || !isOutermost))
            _report.Error(chunk.Location, "static or type qualifiers in non-parameter array declarator");
        if (chunk.IsStar)
            return QualifyOutermost(_types.VariableArrayOf(element, new VariableBound { Function = _sema.Function }), chunk);
        if (chunk.Bound is null)
            return QualifyOutermost(_types.ArrayOf(element, -1), chunk);
        Expression bound = _sema.Value(chunk.Bound);
        if (bound.Type.IsError)
            return _types.Error;
        if (!bound.Type.IsInteger)
        {
            _report.Error(chunk.Location, $"size of array {what} has non-integer type".Replace("array type name", "unnamed array"));
            return _types.Error;
        }
        bool wasConstant = bound is IntegerConstant && (bound.Flags & ExpressionFlags.StrictConstant) != 0;
        Expression folded = Semantics.FoldFully(bound);
        if (folded is IntegerConstant constant && (wasConstant || _scopes.Depth == 0 && _sema.Function is null || !IsBlockVla(bound)))
        {
            if (IntegerArithmetic.IsSigned(bound.Type) && (Int128)constant.Value < 0)
            {
                _report.Error(chunk.Location, name != 0 ? $"size of array {what} is negative" : "size of unnamed array is negative");
                return _types.Error;
            }
            if (constant.Value == 0)
                _report.Pedantic(chunk.Location, $"ISO C forbids zero-size array {what}");
            OverflowInConstant(bound, chunk.Location);
            if (!wasConstant && name != 0 && _scopes.Depth == 0 && _prototypeDepth == 0 && _recordDepth == 0)
                _report.Pedwarn(null, chunk.Location, $"variably modified {what} at file scope");
            UInt128 total = constant.Value * (UInt128)Math.Max(1, type.HasVariableSize ? 1 : type.Size);
            if (constant.Value > long.MaxValue || total > long.MaxValue)
            {
                _report.Error(chunk.Location, name != 0 ? $"size of array {what} is too large" : "size of unnamed array is too large");
                return _types.Error;
            }
            return QualifyOutermost(_types.ArrayOf(element, (long)constant.Value), chunk);
        }
        if (_sema.Function is null && _prototypeDepth == 0 && (name != 0 || _recordDepth > 0))
        {
            _report.Error(chunk.Location, name != 0 ? $"variably modified {what} at file scope" : "variably modified type at file scope");
            return _types.Error;
        }
        if (_recordDepth > 0 && _sema.Function is null && _prototypeDepth == 0)
        {
            _report.Error(chunk.Location, "a member of a structure or union cannot have a variably modified type");
            return _types.Error;
        }
        if (_options.Standard < CStandard.C99 ? _report.IsPedantic || _report.IsEnabled("Wvla") : _report.IsEnabled("Wvla"))
        {
            string forbidden = folded is IntegerConstant
                ? name != 0 ? $"ISO C90 forbids array {what} whose size cannot be evaluated" : "ISO C90 forbids array whose size cannot be evaluated"
                : name != 0 ? $"ISO C90 forbids variable length array {what}" : "ISO C90 forbids variable length array";
            if (_options.Standard < CStandard.C99)
                _report.Pedwarn("Wvla", chunk.Location, forbidden);
            else
                _report.Warning("Wvla", chunk.Location, forbidden);
        }
        var made = new VariableBound { Count = _sema.Convert(_sema.Promote(bound), _types.SizeType), Function = _sema.Function };
        // In sizeof and typeof of a type name it is evaluated too.
        (_bounds ??= []).Add(made);
        _ = isOutermost;
        return QualifyOutermost(_types.VariableArrayOf(element, made), chunk);
    }

    /// <summary>Whether a bound that folds although it is no integer constant expression makes a variable length array: in blocks it does.</summary>
    private bool IsBlockVla(Expression bound) => bound is not IntegerConstant;

    /// <summary>Qualifiers inside of a parameter's brackets are the adjusted pointer's: carried beside the array until then.</summary>
    private static QualType QualifyOutermost(CType array, in Chunk chunk) => new(array, chunk.Qualifiers);

    private QualType MakeFunction(QualType result, in Chunk chunk, int name)
    {
        string what = name != 0 ? $"'{_names.Text(name)}'" : "type name";
        ParameterList list = chunk.Parameters!;
        if (result.Type.IsArray || result.Type.IsFunction)
        {
            _report.Error(chunk.Location, result.Type.IsArray
                ? $"{what} declared as function returning an array" : $"{what} declared as function returning a function");
            result = _types.Int;
        }
        if ((result.Qualifiers & Qualifiers.All) != 0 && !result.Type.IsVoid)
            _report.Warning("Wignored-qualifiers", chunk.Location, "type qualifiers ignored on function return type");
        if ((result.Qualifiers & Qualifiers.All) != 0)
            result = result.WithOnly(result.Qualifiers & ~Qualifiers.All);
        if (list.OldNames is not null)
            return _types.FunctionOf(result, [], false, false);
        int count = list.Parameters.Length;
        if (count == 0)
            return _types.FunctionOf(result, [], list.HasPrototype, list.IsVariadic);
        QualType[]? rented = count > 16 ? new QualType[count] : null;
        ParameterBuffer buffer = default;
        Span<QualType> types = rented ?? ((Span<QualType>)buffer)[..count];
        for (int i = 0; i < count; i++)
        {
            QualType type = list.Parameters[i].Type;
            types[i] = type.WithOnly(type.Qualifiers & ~Qualifiers.All);
        }
        return _types.FunctionOf(result, types, list.HasPrototype, list.IsVariadic);
    }

    [System.Runtime.CompilerServices.InlineArray(16)]
    private struct ParameterBuffer
    {
        private QualType _first;
    }

    private Chunk FunctionSuffix()
    {
        var chunk = new Chunk { Derivation = Derivation.Function, Location = Here };
        Advance();
        chunk.Parameters = ParameterTypeList();
        return chunk;
    }

    private ParameterList ParameterTypeList()
    {
        var list = new ParameterList();
        if (Accept(TokenKind.RightParenthesis))
        {
            // gcc 12 has () declare no prototype in C2X either, definitions apart.
            list.HasPrototype = false;
            return list;
        }
        if (IsPlainIdentifier && _scopes.LookUp(_token.Payload) is not TypedefDeclaration)
        {
            // A list of names: (a, b, c).
            Token next = Peek();
            if (next.Kind is TokenKind.Comma or TokenKind.RightParenthesis)
            {
                list.OldNames = [];
                list.HasPrototype = false;
                do
                {
                    if (!IsPlainIdentifier)
                    {
                        SyntaxError("expected identifier");
                        break;
                    }
                    list.OldNames.Add((_token.Payload, Here));
                    Advance();
                }
                while (Accept(TokenKind.Comma));
                ExpectClosing(TokenKind.RightParenthesis);
                return list;
            }
        }
        _scopes.Push();
        _prototypeDepth++;
        List<VariableBound>? outer = _bounds;
        _bounds = null;
        var parameters = new List<VariableDeclaration>(4);
        bool isVoid = false;
        while (true)
        {
            if (Kind == TokenKind.Ellipsis)
            {
                if (parameters.Count == 0 && _options.Standard < CStandard.C23)
                    _report.Error(Here, "ISO C requires a named argument before '...'");
                Advance();
                list.IsVariadic = true;
                break;
            }
            VariableDeclaration? parameter = Parameter(parameters.Count, ref isVoid);
            if (parameter is not null)
                parameters.Add(parameter);
            if (Kind == TokenKind.Semicolon)
            {
                // Forward declarations of parameters (GNU C): the names are known, the parameters come again.
                Advance();
                _report.Pedantic(Here, "ISO C forbids forward parameter declarations");
                list.HasForward = true;
                _forwardParameters = [.. parameters];
                parameters.Clear();
                if (Kind == TokenKind.RightParenthesis)
                    break;
                continue;
            }
            if (!Accept(TokenKind.Comma))
                break;
        }
        if (isVoid && (parameters.Count > 0 || list.IsVariadic))
            _report.Error(Here, "'void' must be the only parameter");
        foreach (VariableDeclaration forward in _forwardParameters ?? [])
        {
            if (!parameters.Contains(forward))
                _report.Error(forward.Location, $"parameter '{(forward.Name != 0 ? _names.Text(forward.Name) : "({anonymous})")}' has just a forward declaration");
        }
        list.Parameters = parameters.ToArray();
        list.Tags = _scopes.TagsHere();
        list.Bounds = _bounds;
        _bounds = outer;
        _forwardParameters = null;
        _prototypeDepth--;
        _scopes.Pop();
        ExpectClosing(TokenKind.RightParenthesis);
        return list;
    }

    private VariableDeclaration[]? _forwardParameters;

    private VariableDeclaration? Parameter(int index, ref bool isVoid)
    {
        if (Kind == TokenKind.Identifier && CurrentKeyword == Keyword.None && _scopes.LookUp(_token.Payload) is not TypedefDeclaration)
        {
            SyntaxErrorUnknownType();
            if (Peek().Kind is TokenKind.Identifier or TokenKind.Star)
                Advance();
        }
        else if (!StartsDeclaration(_token) && CurrentKeyword != Keyword.Extension)
        {
            SyntaxError("expected declaration specifiers or '...'");
            SkipTo(TokenKind.RightParenthesis);
            return null;
        }
        Specifiers specifiers = ParseSpecifiers(allowStorage: true);
        if (specifiers.IsAutoType)
            _report.Error(specifiers.Location, "'__auto_type' in parameter declaration");
        Declarator declarator = ParseDeclarator(specifiers.Type, DeclaratorKind.Parameter);
        AttributeList? attributes = Merge(specifiers.Attributes, declarator.Attributes);
        if (CurrentKeyword == Keyword.Asm)
            AsmLabel();
        if (CurrentKeyword == Keyword.Attribute)
            GnuAttributes(ref attributes);
        if (specifiers.IsImplicitInt)
            _report.Pedwarn("Wimplicit-int", specifiers.Location, "type defaults to 'int' in declaration of " + (declarator.Name != 0 ? $"'{_names.Text(declarator.Name)}'" : "parameter"));
        if (specifiers.Storage is not (Keyword.None or Keyword.Register))
        {
            _report.Error(declarator.Location, declarator.Name != 0
                ? $"storage class specified for parameter '{_names.Text(declarator.Name)}'" : "storage class specified for unnamed parameter");
        }
        if (specifiers.IsInline || specifiers.IsNoreturn)
            NoFunctionSpecifiers(specifiers, declarator.Location, $"parameter '{(declarator.Name != 0 ? _names.Text(declarator.Name) : "({anonymous})")}'");
        if (specifiers.HasAlignas)
        {
            _report.Error(declarator.Location, declarator.Name != 0 ? $"alignment specified for parameter '{_names.Text(declarator.Name)}'"
                : "alignment specified for unnamed parameter");
        }
        QualType type = declarator.Type;
        if (attributes is not null)
            type = TypeAttributes(type, attributes, isTypedef: false, fromSpecifiers: false);
        if (type.Type.IsVoid && declarator.Name == 0 && index == 0 && Kind == TokenKind.RightParenthesis)
        {
            if (type.Qualifiers != 0 || specifiers.Storage != Keyword.None)
                _report.Error(declarator.Location, "'void' as only parameter may not be qualified");
            isVoid = true;
            return null;
        }
        type = AdjustParameter(type);
        if (type.Type.IsVoid)
        {
            if (declarator.Name != 0)
                _report.Error(declarator.Location, $"parameter {index + 1} ('{_names.Text(declarator.Name)}') has void type");
            else
            {
                isVoid = true;
                if (Kind != TokenKind.RightParenthesis || index > 0)
                    return null;
                return null;
            }
            type = _types.Int;
        }
        VariableDeclaration? forward = null;
        if (_forwardParameters is not null)
        {
            foreach (VariableDeclaration known in _forwardParameters)
            {
                if (known.Name == declarator.Name && known.Name != 0)
                    forward = known;
            }
        }
        if (forward is not null && !TypeRelations.Compatible(forward.Type, type) && !type.Type.IsVariablyModified)
            _report.Error(declarator.Location, $"conflicting types for '{_names.Text(declarator.Name)}'; have '{_sema.Print(type)}'");
        VariableDeclaration parameter = forward ?? new VariableDeclaration(declarator.Name, declarator.Location);
        parameter.Type = type;
        parameter.Storage = StorageClass.Parameter;
        parameter.IsDefined = true;
        parameter.ParameterIndex = index;
        if (attributes is not null)
            VariableAttributes(parameter, attributes);
        if (declarator.Name != 0)
        {
            if (forward is null && _scopes.LookUpHere(declarator.Name) is not null)
                _report.Error(declarator.Location, $"redefinition of parameter '{_names.Text(declarator.Name)}'");
            else
                _scopes.Bind(declarator.Name, parameter);
        }
        return parameter;
    }

    private void SyntaxErrorUnknownType()
    {
        if (_errorAt == Here)
            return;
        _errorAt = Here;
        _report.Error(Here, $"unknown type name '{_names.Text(_token.Payload)}'");
    }

    /// <summary>Arrays become pointers, functions pointers to functions (C17 6.7.6.3p7-8).</summary>
    private QualType AdjustParameter(QualType type)
    {
        if (type.Type is ArrayType array)
        {
            var pointer = new QualType(_types.PointerTo(array.Element), type.Qualifiers & Qualifiers.All);
            return _types.Spellings is { } spellings ? spellings.Decay(pointer, type) : pointer;
        }
        if (!type.Type.IsFunction)
            return type;
        QualType called = _types.PointerTo(type.Unqualified);
        return _types.Spellings is { } known ? known.Derive(SpellingKind.Pointer, called, type) : called;
    }
}
