// Expressions (C17 6.5) by precedence climbing, with GNU C's forms.

using Kiln.Base;
using Kiln.Frontend.Ast;
using Kiln.Frontend.Builtins;
using Kiln.Frontend.Constants;
using Kiln.Frontend.Lex;
using Kiln.Frontend.Sema;
using Kiln.Frontend.Types;

namespace Kiln.Frontend.Parse;

public sealed partial class Parser
{
    /// <summary>expression: assignment-expressions with commas between.</summary>
    private Expression Expression()
    {
        Expression e = AssignmentExpression();
        while (Kind == TokenKind.Comma)
        {
            Location location = Here;
            Advance();
            e = _sema.Comma(e, AssignmentExpression(), location);
        }
        return e;
    }

    private Expression ConstantExpression() => ConditionalExpression();

    private static BinaryOperator? CompoundOperator(TokenKind kind) => kind switch
    {
        TokenKind.StarEqual => BinaryOperator.Multiply,
        TokenKind.SlashEqual => BinaryOperator.Divide,
        TokenKind.PercentEqual => BinaryOperator.Remainder,
        TokenKind.PlusEqual => BinaryOperator.Add,
        TokenKind.MinusEqual => BinaryOperator.Subtract,
        TokenKind.LessLessEqual => BinaryOperator.ShiftLeft,
        TokenKind.GreaterGreaterEqual => BinaryOperator.ShiftRight,
        TokenKind.AmpersandEqual => BinaryOperator.And,
        TokenKind.CaretEqual => BinaryOperator.Xor,
        TokenKind.BarEqual => BinaryOperator.Or,
        _ => null,
    };

    private Expression AssignmentExpression()
    {
        // Whatever nests in brackets comes by here.
        if (!HasRoom())
            return _sema.Error(Here);
        Expression left = ConditionalExpression();
        if (Kind is < TokenKind.Equal or > TokenKind.BarEqual)
            return left;
        Location location = Here;
        TokenKind kind = Kind;
        Advance();
        Expression right = AssignmentExpression();
        return kind == TokenKind.Equal
            ? _sema.Assign(left, right, location)
            : _sema.CompoundAssign(CompoundOperator(kind)!.Value, left, right, location);
    }

    private Expression ConditionalExpression()
    {
        Expression condition = BinaryExpression(1);
        if (Kind != TokenKind.Question)
            return condition;
        if (!HasRoom())
            return _sema.Error(Here);
        Location location = Here;
        Advance();
        Expression? middle = null;
        // The side that a constant condition leaves out is not evaluated: no warnings of its values.
        bool? known = Folding.Truth(condition);
        if (Kind != TokenKind.Colon)
        {
            _sema.Unreached += known == false ? 1 : 0;
            middle = Expression();
            _sema.Unreached -= known == false ? 1 : 0;
        }
        if (!Expect(TokenKind.Colon))
            return _sema.Error(location);
        _sema.Unreached += known == true ? 1 : 0;
        Expression last = ConditionalExpression();
        _sema.Unreached -= known == true ? 1 : 0;
        if (condition.Type.IsError || last.Type.IsError || middle is { Type.IsError: true })
            return _sema.Error(location);
        return _sema.Conditional(condition, middle, last, location);
    }

    /// <summary>Precedence of binary operators by token kind, from * at 10 down to || at 1; 0 is none.</summary>
    private static int Precedence(TokenKind kind) => kind switch
    {
        TokenKind.Star or TokenKind.Slash or TokenKind.Percent => 10,
        TokenKind.Plus or TokenKind.Minus => 9,
        TokenKind.LessLess or TokenKind.GreaterGreater => 8,
        TokenKind.Less or TokenKind.Greater or TokenKind.LessEqual or TokenKind.GreaterEqual => 7,
        TokenKind.EqualEqual or TokenKind.ExclamationEqual => 6,
        TokenKind.Ampersand => 5,
        TokenKind.Caret => 4,
        TokenKind.Bar => 3,
        TokenKind.AmpersandAmpersand => 2,
        TokenKind.BarBar => 1,
        _ => 0,
    };

    private static BinaryOperator OperatorOf(TokenKind kind) => kind switch
    {
        TokenKind.Star => BinaryOperator.Multiply,
        TokenKind.Slash => BinaryOperator.Divide,
        TokenKind.Percent => BinaryOperator.Remainder,
        TokenKind.Plus => BinaryOperator.Add,
        TokenKind.Minus => BinaryOperator.Subtract,
        TokenKind.LessLess => BinaryOperator.ShiftLeft,
        TokenKind.GreaterGreater => BinaryOperator.ShiftRight,
        TokenKind.Less => BinaryOperator.Less,
        TokenKind.Greater => BinaryOperator.Greater,
        TokenKind.LessEqual => BinaryOperator.LessEqual,
        TokenKind.GreaterEqual => BinaryOperator.GreaterEqual,
        TokenKind.EqualEqual => BinaryOperator.Equal,
        TokenKind.ExclamationEqual => BinaryOperator.NotEqual,
        TokenKind.Ampersand => BinaryOperator.And,
        TokenKind.Caret => BinaryOperator.Xor,
        TokenKind.Bar => BinaryOperator.Or,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    private Expression BinaryExpression(int minimum)
    {
        Expression left = CastExpression();
        while (true)
        {
            TokenKind kind = Kind;
            int precedence = Precedence(kind);
            if (precedence < minimum || precedence == 0)
                return left;
            Location location = Here;
            Advance();
            if (precedence <= 2)
            {
                bool isOr = precedence == 1;
                bool skipped = Folding.Truth(left) is { } known && known == isOr;
                _sema.Unreached += skipped ? 1 : 0;
                Expression other = BinaryExpression(precedence + 1);
                _sema.Unreached -= skipped ? 1 : 0;
                left = left.Type.IsError || other.Type.IsError ? _sema.Error(location) : _sema.Logical(isOr, left, other, location);
                continue;
            }
            Expression right = BinaryExpression(precedence + 1);
            left = _sema.Binary(OperatorOf(kind), left, right, location);
        }
    }

    /// <summary>( type-name ) cast-expression, a compound literal, or a unary expression.</summary>
    private Expression CastExpression()
    {
        if (Kind != TokenKind.LeftParenthesis)
            return UnaryExpression();
        Token next = Peek();
        if (next.Kind != TokenKind.Identifier || !StartsTypeName(next) || KeywordOf(next) == Keyword.Extension && !ExtensionStartsType())
            return UnaryExpression();
        if (!HasRoom())
            return _sema.Error(Here);
        Location location = Here;
        QualType type = ParenthesizedTypeName(out VariableBound[] bounds, "cast");
        if (Kind == TokenKind.LeftBrace)
            return PostfixOperators(CompoundLiteral(type, bounds, location));
        Expression operand = CastExpression();
        return WithBounds(bounds, _sema.ExplicitCast(type, operand, location), location);
    }

    private bool ExtensionStartsType()
    {
        int distance = 2;
        while (KeywordOf(Peek(distance)) == Keyword.Extension)
            distance++;
        return StartsTypeName(Peek(distance));
    }

    /// <summary>( type-name ), with the bounds of variable length arrays written in it.</summary>
    private QualType ParenthesizedTypeName(out VariableBound[] bounds, string? context = null)
    {
        Advance();
        QualType type = TypeNameWithBounds(out bounds, context);
        ExpectClosing(TokenKind.RightParenthesis);
        return type;
    }

    private QualType TypeNameWithBounds(out VariableBound[] bounds, string? context = null)
    {
        List<VariableBound>? outer = _bounds;
        _bounds = null;
        QualType type = TypeName(context);
        bounds = _bounds is { Count: > 0 } ? [.. _bounds] : [];
        _bounds = outer;
        return type;
    }

    private static Expression WithBounds(VariableBound[] bounds, Expression e, Location location)
    {
        if (bounds.Length == 0 || e.Type.IsError)
            return e;
        return new EvaluateBoundsExpression(bounds, e, location) { Flags = e.Flags & ExpressionFlags.Lvalue };
    }

    private Expression CompoundLiteral(QualType type, VariableBound[] bounds, Location location)
    {
        if (_options.Standard < CStandard.C99)
            _report.Pedantic(location, "ISO C90 forbids compound literals");
        // In a static variable's initializer the literal's value is taken, never its address.
        bool isStatic = _sema.Function is null || _sema.InStaticInitializer;
        var variable = new VariableDeclaration(0, location)
        {
            Type = type,
            Storage = isStatic ? StorageClass.Static : StorageClass.Automatic,
            Linkage = isStatic ? Linkage.Internal : Linkage.None,
            Function = _sema.Function,
            IsDefined = true,
            IsUsed = true,
        };
        if (!type.Type.IsComplete && type.Type is not ArrayType { Element.Type.IsComplete: true } || type.Type.IsFunction || type.Type.IsVoid)
        {
            if (!type.Type.IsError)
                _report.Error(location, type.Type.IsFunction ? "compound literal has function type" : $"invalid use of undefined type '{_sema.Print(type)}'".Replace("undefined type 'void'", "void expression"));
            variable.Type = _types.Error;
            _sink ??= new InitializerSink(false);
            DiscardInitializer();
            return _sema.Error(location);
        }
        if (type.Type.HasVariableSize)
        {
            _report.Error(location, "compound literal has variable size");
            _sink ??= new InitializerSink(false);
            DiscardInitializer();
            return _sema.Error(location);
        }
        VariableInitializer(variable, isStatic);
        if (variable.Initializer is ErrorExpression || isStatic && variable.Image is null)
            return _sema.Error(location);
        if (_sema.Function is null)
        {
            variable.SymbolName = _names.Intern(".compoundliteral." + (_localCounter++).ToString(System.Globalization.CultureInfo.InvariantCulture));
            Deliver(variable);
        }
        return WithBounds(bounds, new CompoundLiteralExpression(variable, variable.Type, location), location);
    }

    private Expression UnaryExpression()
    {
        Location location = Here;
        switch (Kind)
        {
            case TokenKind.PlusPlus:
            case TokenKind.MinusMinus:
                bool down = Kind == TokenKind.MinusMinus;
                Advance();
                if (!HasRoom())
                    return _sema.Error(location);
                return _sema.Increment(CastExpression(), down, postfix: false, location);
            case TokenKind.Ampersand:
                Advance();
                if (!HasRoom())
                    return _sema.Error(location);
                return _sema.AddressOf(CastExpression(), location);
            case TokenKind.Star:
                Advance();
                if (!HasRoom())
                    return _sema.Error(location);
                return _sema.Dereference(CastExpression(), location);
            case TokenKind.Plus:
                Advance();
                if (!HasRoom())
                    return _sema.Error(location);
                return _sema.Unary(UnaryOperator.Negate, CastExpression(), isPlus: true, location);
            case TokenKind.Minus:
                Advance();
                if (!HasRoom())
                    return _sema.Error(location);
                return _sema.Unary(UnaryOperator.Negate, CastExpression(), isPlus: false, location);
            case TokenKind.Tilde:
                Advance();
                if (!HasRoom())
                    return _sema.Error(location);
                return _sema.Unary(UnaryOperator.Complement, CastExpression(), isPlus: false, location);
            case TokenKind.Exclamation:
                Advance();
                if (!HasRoom())
                    return _sema.Error(location);
                return _sema.Unary(UnaryOperator.LogicalNot, CastExpression(), isPlus: false, location);
            case TokenKind.AmpersandAmpersand:
                return LabelAddress();
            case TokenKind.Identifier:
                break;
            default:
                return PostfixExpression();
        }
        switch (CurrentKeyword)
        {
            case Keyword.None:
                return PostfixExpression();
            case Keyword.Sizeof:
                return SizeofExpression(isAlignof: false);
            case Keyword.Alignof or Keyword.Alignof2:
                if (CurrentKeyword == Keyword.Alignof)
                    _report.Before(CStandard.C11, location, "does not support '_Alignof'");
                return SizeofExpression(isAlignof: true);
            case Keyword.Extension:
                Extension extension = BeginExtension();
                Expression e = CastExpression();
                EndExtension(extension);
                return e;
            case Keyword.Real or Keyword.Imag:
                bool imaginary = CurrentKeyword == Keyword.Imag;
                Advance();
                return _sema.Part(imaginary, CastExpression(), location);
            default:
                return PostfixExpression();
        }
    }

    private Expression LabelAddress()
    {
        Location location = Here;
        Advance();
        if (!IsPlainIdentifier)
        {
            SyntaxError("expected identifier");
            return _sema.Error(location);
        }
        if (_state is null)
        {
            _report.Error(location, $"label '{_names.Text(_token.Payload)}' referenced outside of any function");
            Advance();
            return _sema.Error(location);
        }
        _report.Pedantic(location, "taking the address of a label is non-standard");
        LabelDeclaration label = LookUpLabel(_token.Payload, Here);
        label.IsUsed = true;
        label.UseLocation = Here;
        label.IsAddressTaken = true;
        label.Function.Flags |= FunctionFlags.NotInlinable;
        Advance();
        return new LabelAddress(label, _types.VoidPointer, location);
    }

    private Expression SizeofExpression(bool isAlignof)
    {
        Location location = Here;
        Advance();
        if (!HasRoom())
            return _sema.Error(location);
        if (Kind == TokenKind.LeftParenthesis && StartsTypeName(Peek()) && !(KeywordOf(Peek()) == Keyword.Extension && !ExtensionStartsType()))
        {
            Location at = Here;
            _sema.Unevaluated++;
            QualType type = ParenthesizedTypeName(out VariableBound[] bounds, isAlignof ? "'_Alignof'" : "'sizeof'");
            _sema.Unevaluated--;
            if (Kind == TokenKind.LeftBrace)
            {
                _sema.Unevaluated++;
                Expression literal = PostfixOperators(CompoundLiteral(type, bounds, at));
                _sema.Unevaluated--;
                return literal.Type.IsError ? literal : _sema.SizeOf(literal.QualType, location, isAlignof);
            }
            return WithBounds(isAlignof ? [] : bounds, _sema.SizeOf(type, location, isAlignof), location);
        }
        _sema.Unevaluated++;
        int flagsBefore = (int)(_sema.Function?.Flags ?? 0);
        _ = flagsBefore;
        Expression operand = UnaryExpression();
        _sema.Unevaluated--;
        if (operand.Type.IsError)
            return operand;
        if (operand is MemberExpression { Field.IsBitField: true })
            return _sema.Error(location, isAlignof ? "'__alignof' applied to a bit-field" : "'sizeof' applied to a bit-field");
        if (isAlignof)
            return _sema.Size(AlignmentOf(operand), location);
        // An operand of variable length array type is evaluated (C17 6.5.3.4p2).
        if (operand.Type.HasVariableSize && operand.IsLvalue && operand is not VariableReference)
        {
            Expression size = _sema.SizeOf(operand.QualType, location);
            return HasEffects(operand) ? new CommaExpression(_sema.AddressOf(operand, location), size, location) : size;
        }
        return _sema.SizeOf(operand.QualType, location);
    }

    private static bool HasEffects(Expression e) => e switch
    {
        VariableReference or IntegerConstant or StringLiteral => false,
        CastExpression cast => HasEffects(cast.Operand),
        DereferenceExpression dereference => HasEffects(dereference.Pointer),
        PointerOffset offset => HasEffects(offset.Pointer) || HasEffects(offset.Index),
        MemberExpression member => HasEffects(member.Record),
        BinaryExpression binary => HasEffects(binary.Left) || HasEffects(binary.Right),
        EvaluateBoundsExpression => true,
        _ => true,
    };

    private static int AlignmentOf(Expression e) => e switch
    {
        VariableReference { Variable: { } variable } => variable.Alignment,
        FunctionReference { Function: { } function } => Math.Max(1, function.RequestedAlignment),
        MemberExpression { Field: { } field } => Math.Max(field.RequestedAlignment, field.IsPacked ? field.Alignment : field.Type.Alignment),
        _ => e.Type is ArrayType array && e.QualType.AlignmentCode == 0 ? array.Element.Alignment : e.QualType.Alignment,
    };

    private Expression PostfixExpression() => PostfixOperators(PrimaryExpression());

    private Expression PostfixOperators(Expression e)
    {
        while (true)
        {
            Location location = Here;
            switch (Kind)
            {
                case TokenKind.LeftBracket:
                    Advance();
                    Expression index = Expression();
                    ExpectClosing(TokenKind.RightBracket);
                    e = _sema.Subscript(e, index, location);
                    break;
                case TokenKind.LeftParenthesis:
                    e = CallExpression(e);
                    break;
                case TokenKind.Dot:
                case TokenKind.Arrow:
                    bool isArrow = Kind == TokenKind.Arrow;
                    Advance();
                    if (Kind != TokenKind.Identifier)
                    {
                        SyntaxError("expected identifier");
                        return _sema.Error(location);
                    }
                    int name = _token.Payload;
                    location = Here;
                    Advance();
                    e = _sema.Member(e, name, isArrow, location);
                    break;
                case TokenKind.PlusPlus:
                case TokenKind.MinusMinus:
                    bool down = Kind == TokenKind.MinusMinus;
                    Advance();
                    e = _sema.Increment(e, down, postfix: true, location);
                    break;
                default:
                    return e;
            }
        }
    }

    private readonly GrowBuffer<Expression> _arguments = new(64);

    private Expression CallExpression(Expression callee)
    {
        Location location = callee.Location;
        Expression[] arguments = Arguments();
        if (callee.Type.IsError)
            return callee;
        return _sema.Call(callee, arguments, location);
    }

    /// <summary>( argument, ... )</summary>
    private Expression[] Arguments()
    {
        if (!HasRoom())
            return [];
        Advance();
        int first = _arguments.Count;
        if (Kind != TokenKind.RightParenthesis)
        {
            do
                _arguments.Add(AssignmentExpression());
            while (Accept(TokenKind.Comma));
        }
        ExpectClosing(TokenKind.RightParenthesis);
        Expression[] arguments = _arguments.Count == first ? [] : _arguments.Span[first..].ToArray();
        _arguments.Truncate(first);
        return arguments;
    }

    private Expression PrimaryExpression()
    {
        Location location = Here;
        switch (Kind)
        {
            case TokenKind.Number:
                Expression number = NumberConstant(_token);
                Advance();
                return number;
            case TokenKind.Character:
                Expression character = CharacterConstant(_token);
                Advance();
                return character;
            case TokenKind.String:
                return ParseString();
            case TokenKind.LeftParenthesis:
                if (Peek().Kind == TokenKind.LeftBrace)
                    return StatementExpression();
                if (!HasRoom())
                    return _sema.Error(location);
                Advance();
                Expression inner = Expression();
                ExpectClosing(TokenKind.RightParenthesis);
                inner.Flags |= ExpressionFlags.Parenthesized;
                return inner;
            case TokenKind.Identifier:
                if (CurrentKeyword == Keyword.None)
                    return Identifier();
                return KeywordExpression();
            default:
                SyntaxError("expected expression");
                if (Kind is not (TokenKind.Semicolon or TokenKind.RightBrace or TokenKind.RightParenthesis or TokenKind.RightBracket or TokenKind.Comma
                    or TokenKind.End or TokenKind.Colon))
                    Advance();
                return _sema.Error(location);
        }
    }

    private Expression Identifier()
    {
        int name = _token.Payload;
        Location location = Here;
        Advance();
        Declaration? declaration = _scopes.LookUp(name);
        if (declaration is not null and not TypedefDeclaration)
            return _sema.Reference(declaration, location);
        if (declaration is TypedefDeclaration)
        {
            if (_errorAt != location)
                _report.Error(location, $"expected expression before '{_names.Text(name)}'");
            _errorAt = location;
            return _sema.Error(location);
        }
        if (_builtins.Find(name, _options) is { } builtin)
        {
            if (Kind == TokenKind.LeftParenthesis)
            {
                if ((builtin.Flags & BuiltinFlags.Special) != 0)
                    return BuiltinCall(builtin, location);
                if ((builtin.Flags & BuiltinFlags.Library) == 0)
                    return _sema.CallBuiltin(builtin, _builtins.TypeOf(builtin)!, Arguments(), location);
                FunctionDeclaration spelled = LibraryFunction(builtin);
                spelled.IsUsed = true;
                Expression call = _sema.Call(new FunctionReference(spelled, location), Arguments(), location);
                call.Flags |= ExpressionFlags.BuiltinSpelling;
                return call;
            }
            if ((builtin.Flags & BuiltinFlags.Library) != 0)
                return _sema.Reference(LibraryFunction(builtin), location);
            return _sema.Error(location, $"built-in function '{_names.Text(name)}' must be directly called");
        }
        if (Kind == TokenKind.LeftParenthesis)
            return _sema.Reference(ImplicitFunction(name, location), location);
        Undeclared(name, location);
        return _sema.Error(location);
    }

    private void Undeclared(int name, Location location)
    {
        string text = _names.Text(name);
        if (_state is null)
        {
            _report.Error(location, $"'{text}' undeclared here (not in a function)");
            // Said once: the name is an error from here on.
            _scopes.BindAtFileScope(name, new VariableDeclaration(name, default) { Type = _types.Error, Storage = StorageClass.Static, Linkage = Linkage.None });
            return;
        }
        if (!(_state.Undeclared ??= []).Add(name))
            return;
        _report.Error(location, $"'{text}' undeclared (first use in this function)");
        if (!_toldUndeclared)
            _report.Note(location, "each undeclared identifier is reported only once for each function it appears in");
        _toldUndeclared = true;
    }

    private bool _toldUndeclared;

    /// <summary>The declaration of a library function that a builtin stands for, made where the program has none.</summary>
    private FunctionDeclaration LibraryFunction(BuiltinInfo builtin)
    {
        int name = _names.Intern(builtin.Name);
        if (_libraryFunctions.TryGetValue(name, out FunctionDeclaration? known))
            return known;
        FunctionType type = _builtins.TypeOf(builtin)!;
        EntityDeclaration? linked = _scopes.Linked(name);
        if (linked is FunctionDeclaration { Builtin: not null } declared)
            return declared;
        var function = new FunctionDeclaration(name, default)
        {
            Type = _types.WithFlags(type, type.Flags | _builtins.TypeFlags(builtin), CallingConvention.Default),
            Linkage = Linkage.External,
            SymbolName = linked is FunctionDeclaration other ? other.SymbolName : name,
            Builtin = builtin,
        };
        if ((builtin.Flags & BuiltinFlags.NoReturn) != 0)
            function.Flags |= FunctionFlags.NoReturn;
        if (linked is null)
            _scopes.SetLinked(name, function);
        _libraryFunctions.Add(name, function);
        return function;
    }

    private readonly Dictionary<int, FunctionDeclaration> _libraryFunctions = [];

    /// <summary>A function that is called without having been declared.</summary>
    private FunctionDeclaration ImplicitFunction(int name, Location location)
    {
        string text = _names.Text(name);
        if (_scopes.Linked(name) is FunctionDeclaration known && known.Location.IsValid)
        {
            _scopes.Bind(name, known);
            if (_options.Standard >= CStandard.C99)
                _report.Pedwarn("Wimplicit-function-declaration", location, $"implicit declaration of function '{text}'");
            return known;
        }
        if (_builtins.FindPlain(name, _options) is { } builtin && _builtins.TypeOf(builtin) is { } type)
        {
            if (_options.Standard >= CStandard.C99)
                _report.Pedwarn("Wimplicit-function-declaration", location, $"implicit declaration of function '{text}'");
            var implied = new FunctionDeclaration(name, location)
            {
                Type = _types.WithFlags(type, type.Flags | _builtins.TypeFlags(builtin), CallingConvention.Default),
                Linkage = Linkage.External,
                SymbolName = _renames.TryGetValue(name, out int to) ? to : name,
                Builtin = builtin,
                WasImplicit = true,
            };
            if (!(type.Result.Type.Kind == TypeKind.Int && !type.HasPrototype))
                _report.Warning("Wbuiltin-declaration-mismatch", location, $"incompatible implicit declaration of built-in function '{text}'");
            _scopes.SetLinked(name, implied);
            _scopes.BindAtFileScope(name, implied);
            return implied;
        }
        if (_options.Standard >= CStandard.C99)
            _report.Pedwarn("Wimplicit-function-declaration", location, $"implicit declaration of function '{text}'");
        var function = new FunctionDeclaration(name, location)
        {
            Type = _types.FunctionOf(_types.Int, [], false, false),
            Linkage = Linkage.External,
            SymbolName = _renames.TryGetValue(name, out int renamed) ? renamed : name,
            WasImplicit = true,
        };
        _scopes.SetLinked(name, function);
        _scopes.BindAtFileScope(name, function);
        return function;
    }

    /// <summary>({ ... })</summary>
    private Expression StatementExpression()
    {
        Location location = Here;
        if (!HasRoom())
            return _sema.Error(location);
        Advance();
        if (_state is null || _prototypeDepth > 0 && _sema.Function is null)
        {
            _report.Error(location, "braced-group within expression allowed only inside a function");
            int depth = 0;
            do
            {
                if (Kind == TokenKind.LeftBrace)
                    depth++;
                else if (Kind == TokenKind.RightBrace)
                    depth--;
                Advance();
            }
            while (depth > 0 && Kind != TokenKind.End);
            ExpectClosing(TokenKind.RightParenthesis);
            return _sema.Error(location);
        }
        _report.Pedantic(location, "ISO C forbids braced-groups within expressions");
        int outerUnreached = _sema.Unreached;
        List<VariableBound>? outerBounds = _bounds;
        _bounds = null;
        ScopeMark? outerMark = _state.Mark;
        _state.Mark = new ScopeMark(outerMark, null, location);
        CompoundStatement body = Block();
        _state.Mark = outerMark;
        _bounds = outerBounds;
        _sema.Unreached = outerUnreached;
        ExpectClosing(TokenKind.RightParenthesis);
        return FinishStatementExpression(body, location);
    }

    private StatementExpression FinishStatementExpression(CompoundStatement body, Location location)
    {
        if (body.Statements.Length == 0)
            return new StatementExpression(body, _types.Void, location);
        // The value is the last statement's, be it labelled.
        ref Statement last = ref body.Statements[^1];
        if (last is ExpressionStatement plain)
        {
            Expression value = _sema.Value(plain.Expression);
            if (!ReferenceEquals(value, plain.Expression))
                last = new ExpressionStatement(value, plain.Location);
            return new StatementExpression(body, value.QualType.Unqualified, location);
        }
        if (last is LabelStatement label)
        {
            while (label.Body is LabelStatement inner)
                label = inner;
            if (label.Body is ExpressionStatement labelled)
            {
                Expression value = _sema.Value(labelled.Expression);
                label.Body = new NullStatement(labelled.Location);
                Array.Resize(ref body._statements, body.Statements.Length + 1);
                body.Statements[^1] = new ExpressionStatement(value, labelled.Location);
                return new StatementExpression(body, value.QualType.Unqualified, location);
            }
        }
        return new StatementExpression(body, _types.Void, location);
    }
}
