// Statements (C17 6.8), with GNU C's computed goto, case ranges, local labels and asm.

using Kiln.Base;
using Kiln.Frontend.Ast;
using Kiln.Frontend.Constants;
using Kiln.Frontend.Lex;
using Kiln.Frontend.Sema;
using Kiln.Frontend.Types;

namespace Kiln.Frontend.Parse;

public sealed partial class Parser
{
    private sealed class SwitchState(SwitchStatement statement, SwitchState? outer)
    {
        public SwitchStatement Statement { get; } = statement;
        public SwitchState? Outer { get; } = outer;
        public readonly List<CaseStatement> Cases = [];
        public readonly Dictionary<UInt128, CaseStatement> Values = [];
        public readonly List<CaseStatement> Ranges = [];
        public ScopeMark? Mark;
    }

    private readonly GrowBuffer<Statement> _statementStack = new(256);

    /// <summary>A block; the current token is its opening brace.</summary>
    private CompoundStatement Block()
    {
        Location location = Here;
        Expect(TokenKind.LeftBrace);
        _scopes.Push();
        CompoundStatement block = BlockItems(location, isFunctionBody: false);
        _scopes.Pop();
        return block;
    }

    /// <summary>The items of a block up to and with its closing brace, in the scope at hand.</summary>
    private CompoundStatement BlockItems(Location location, bool isFunctionBody)
    {
        var block = new CompoundStatement(location);
        FunctionState state = _state!;
        List<VariableDeclaration>? outerVariables = state.ScopeVariables;
        bool outerCleanups = state.ScopeHasCleanups, outerArrays = state.ScopeHasArrays;
        int localLabels = state.LocalLabels.Count;
        ScopeMark? outerMark = state.Mark;
        List<FunctionDeclaration>? outerPromised = state.Promised;
        state.Promised = null;
        state.ScopeVariables = null;
        state.ScopeHasCleanups = state.ScopeHasArrays = false;
        var variables = new List<VariableDeclaration>();
        state.ScopeVariables = variables;
        var statements = new List<Statement>(8);
        if (HasRoom())
        {
            while (CurrentKeyword == Keyword.Label)
                LocalLabelDeclaration();
            while (Kind is not (TokenKind.RightBrace or TokenKind.End))
                BlockItem(statements);
        }
        block.EndLocation = Here;
        if (!Accept(TokenKind.RightBrace))
            SyntaxError(isFunctionBody ? "expected declaration or statement" : "expected declaration or statement");
        block.Statements = statements.Count == 0 ? [] : [.. statements];
        block.Variables = variables.Count == 0 ? [] : [.. variables];
        block.HasCleanups = state.ScopeHasCleanups;
        block.HasVariableArrays = state.ScopeHasArrays;
        for (int i = localLabels; i < state.LocalLabels.Count; i++)
        {
            if (!state.LocalLabels[i].IsDefined)
            {
                if (state.LocalLabels[i].IsUsed)
                    _report.Error(state.LocalLabels[i].UseLocation, $"label '{_names.Text(state.LocalLabels[i].Name)}' used but not defined");
                else
                    _report.Error(state.LocalLabels[i].Location, $"label '{_names.Text(state.LocalLabels[i].Name)}' declared but not defined");
            }
        }
        foreach (FunctionDeclaration promised in state.Promised ?? [])
        {
            if (!promised.IsDefined)
                _report.Error(promised.Location, $"nested function '{_names.Text(promised.Name)}' declared but never defined");
        }
        state.Promised = outerPromised;
        state.LocalLabels.RemoveRange(localLabels, state.LocalLabels.Count - localLabels);
        state.ScopeVariables = outerVariables;
        state.ScopeHasCleanups = outerCleanups;
        state.ScopeHasArrays = outerArrays;
        state.Mark = outerMark;
        return block;
    }

    private void LocalLabelDeclaration()
    {
        Advance();
        do
        {
            if (!IsPlainIdentifier)
            {
                SyntaxError("expected identifier");
                break;
            }
            var label = new LabelDeclaration(_token.Payload, Here) { Function = _state!.Declaration, IsLocal = true };
            foreach (LabelDeclaration other in _state.LocalLabels)
            {
                if (other.Name == label.Name && other.ScopeDepth == _scopes.Depth)
                    _report.Error(Here, $"duplicate label declaration '{_names.Text(label.Name)}'");
            }
            label.ScopeDepth = _scopes.Depth;
            _state.LocalLabels.Add(label);
            _state.AllLabels.Add(label);
            Advance();
        }
        while (Accept(TokenKind.Comma));
        Semicolon();
    }

    private void MixedDeclaration(Location location)
    {
        const string text = "ISO C90 forbids mixed declarations and code";
        if (_options.Standard < CStandard.C99 && _report.IsPedantic)
            _report.Pedwarn("Wdeclaration-after-statement", location, text);
        else
            _report.Warning("Wdeclaration-after-statement", location, text);
    }

    /// <summary>One declaration or statement of a block.</summary>
    private void BlockItem(List<Statement> statements)
    {
        Location before = Here;
        TokenKind kind = Kind;
        if (Kind == TokenKind.LeftBracket && Peek().Kind == TokenKind.LeftBracket)
        {
            AttributeList? attributes = null;
            StandardAttributes(ref attributes);
            if (Kind == TokenKind.Semicolon)
            {
                IgnoredStandard(attributes, isStatement: true);
                AttributeStatement(attributes, statements, before);
                Advance();
                return;
            }
            if (!StartsDeclaration(_token) || CurrentKeyword == Keyword.None && Peek().Kind == TokenKind.Colon)
                IgnoredStandard(attributes);
            _leadingAttributes = attributes;
            BlockItem(statements);
            _leadingAttributes = null;
            return;
        }
        if (CurrentKeyword == Keyword.Attribute && IsStatementAttribute())
        {
            AttributeList? attributes = null;
            GnuAttributes(ref attributes);
            AttributeStatement(attributes, statements, before);
            Semicolon();
            return;
        }
        if (CurrentKeyword == Keyword.Extension)
        {
            // __extension__ before a declaration or before an expression.
            int distance = 1;
            while (KeywordOf(Peek(distance)) == Keyword.Extension)
                distance++;
            Token token = Peek(distance);
            if (token.Kind == TokenKind.Identifier && StartsDeclaration(token) && Peek(distance + 1).Kind != TokenKind.Colon)
            {
                Extension extension = BeginExtension();
                BlockItem(statements);
                EndExtension(extension);
                return;
            }
        }
        else if (Kind == TokenKind.Identifier && StartsDeclaration(_token) && !(CurrentKeyword == Keyword.None && Peek().Kind == TokenKind.Colon))
        {
            if (CurrentKeyword == Keyword.StaticAssert)
                StaticAssert();
            else
            {
                bool isMixed = statements.Count > 0 && statements[^1] is not DeclarationStatement;
                ParseDeclaration(isExternal: false, statements);
                if (isMixed)
                    MixedDeclaration(before);
            }
        }
        else
        {
            if (IsPlainIdentifier && IsUnknownTypeDeclaration())
            {
                SyntaxErrorUnknownType();
                SkipDeclaration();
                return;
            }
            statements.Add(Statement());
        }
        if (Here == before && Kind == kind && Kind != TokenKind.End && before.IsValid)
            Advance();
    }

    /// <summary>fallthrough stands for a statement where the next one is a label of a switch.</summary>
    private void AttributeStatement(AttributeList? attributes, List<Statement> statements, Location location)
    {
        if (attributes?.Find(AttributeKind.FallThrough) is not { } use)
            return;
        if (_state!.Switch is null)
        {
            _report.Error(use.Location, "invalid use of attribute 'fallthrough'");
            return;
        }
        Token next = Kind == TokenKind.Semicolon ? Peek() : _token;
        if (next.Kind != TokenKind.RightBrace && KeywordOf(next) is not (Keyword.Case or Keyword.Default) && !(next.Kind == TokenKind.Identifier && Peek(2).Kind == TokenKind.Colon)
            && next.Kind != TokenKind.LeftBracket && KeywordOf(next) != Keyword.Attribute)
        {
            const string text = "attribute 'fallthrough' not preceding a case label or default label";
            if (use.IsStandard)
                _report.Pedwarn(null, use.Location, text);
            else
                _report.Warning(use.Location, text);
        }
        statements.Add(new NullStatement(location) { IsFallThrough = true });
    }

    /// <summary>Standard attributes that were read before the declaration that they belong to.</summary>
    private AttributeList? _leadingAttributes;

    /// <summary>"foo x;" and "foo *x;" with an unknown foo, where gcc speaks of an unknown type.</summary>
    private bool IsUnknownTypeDeclaration()
    {
        if (_scopes.LookUp(_token.Payload) is not null)
            return false;
        Token next = Peek();
        return next.Kind == TokenKind.Identifier && KeywordOf(next) is Keyword.None;
    }

    /// <summary>__attribute__((fallthrough)); and such: an attribute list that a semicolon follows.</summary>
    private bool IsStatementAttribute()
    {
        int distance = 1, depth = 0;
        while (distance < 15)
        {
            TokenKind kind = Peek(distance).Kind;
            if (kind == TokenKind.LeftParenthesis)
                depth++;
            else if (kind == TokenKind.RightParenthesis && --depth == 0)
                return Peek(distance + 1).Kind == TokenKind.Semicolon;
            else if (kind == TokenKind.End)
                return false;
            distance++;
        }
        return false;
    }

    private Statement Statement()
    {
        if (!HasRoom())
            return new NullStatement(Here);
        Location location = Here;
        switch (Kind)
        {
            case TokenKind.LeftBrace:
                return Block();
            case TokenKind.Semicolon:
                Advance();
                return new NullStatement(location);
            case TokenKind.Identifier:
                break;
            case TokenKind.LeftBracket when Peek().Kind == TokenKind.LeftBracket:
                AttributeList? attributes = null;
                StandardAttributes(ref attributes);
                return Statement();
            default:
                return ExpressionStatement();
        }
        switch (CurrentKeyword)
        {
            case Keyword.None:
                if (Peek().Kind == TokenKind.Colon)
                    return Label();
                break;
            case Keyword.If:
                return If();
            case Keyword.While:
                return While();
            case Keyword.Do:
                return Do();
            case Keyword.For:
                return For();
            case Keyword.Switch:
                return Switch();
            case Keyword.Case or Keyword.Default:
                return Case();
            case Keyword.Break:
                Advance();
                Semicolon();
                if (_state!.BreakTarget is { } target)
                {
                    target.HasBreak = true;
                    return new BreakStatement(target, location);
                }
                _report.Error(location, "break statement not within loop or switch");
                return new NullStatement(location);
            case Keyword.Continue:
                Advance();
                Semicolon();
                if (_state!.ContinueTarget is { } loop)
                {
                    loop.HasContinue = true;
                    return new ContinueStatement(loop, location);
                }
                _report.Error(location, "continue statement not within a loop");
                return new NullStatement(location);
            case Keyword.Return:
                return Return();
            case Keyword.Goto:
                return Goto();
            case Keyword.Asm:
                return Asm();
            case Keyword.Else:
                _report.Error(Here, "'else' without a previous 'if'");
                Advance();
                return new NullStatement(location);
            case Keyword.Attribute:
                AttributeList? list = null;
                GnuAttributes(ref list);
                return Statement();
            default:
                if (StartsDeclaration(_token))
                {
                    // A declaration where only a statement may stand.
                    SyntaxError("expected expression");
                    SkipDeclaration();
                    return new NullStatement(location);
                }
                break;
        }
        return ExpressionStatement();
    }

    private Statement ExpressionStatement()
    {
        Location location = Here;
        Expression e = Expression();
        if (e.Type.IsError && Kind is not (TokenKind.Semicolon or TokenKind.RightBrace) && _errorAt == Here)
        {
            SkipDeclaration();
            return new NullStatement(location);
        }
        StatementEnd();
        if (e.Type.IsError)
            return new NullStatement(location);
        CheckUnusedValue(e);
        return new ExpressionStatement(_sema.Discard(e), location);
    }

    private void CheckUnusedValue(Expression e)
    {
        if (e is CallExpression { FunctionType.Flags: var flags } call && (flags & FunctionTypeFlags.WarnUnusedResult) != 0 && !e.Type.IsVoid)
        {
            string name = call.Callee is FunctionReference f ? _names.Text(f.Function.Name) : "function";
            _report.Warning("Wunused-result", call.Location, $"ignoring return value of '{name}' declared with attribute 'warn_unused_result'");
        }
    }

    /// <summary>The semicolon of a statement; where it is missing, says so and goes on behind it, or right here if the next token begins a statement.</summary>
    private void StatementEnd()
    {
        if (Accept(TokenKind.Semicolon))
            return;
        SyntaxError("expected ';'");
        if (Kind == TokenKind.RightBrace || Kind == TokenKind.Identifier && (KeywordOf(_token) is >= Keyword.If and <= Keyword.Asm || StartsDeclaration(_token)))
            return;
        SkipDeclaration();
    }

    private Statement Label()
    {
        int name = _token.Payload;
        Location location = Here;
        Advance();
        Advance();
        LabelDeclaration label = LookUpOwnLabel(name, location);
        if (label.IsDefined)
        {
            _report.Error(location, $"duplicate label '{_names.Text(name)}'");
            _report.Note(label.Location, $"previous definition of '{_names.Text(name)}' with type 'void'".Replace(" with type 'void'", ""));
        }
        label.IsDefined = true;
        label.Location = location;
        label.Mark = _state!.Mark;
        var statement = new LabelStatement(label, location);
        if (CurrentKeyword == Keyword.Attribute)
        {
            AttributeList? attributes = null;
            GnuAttributes(ref attributes);
            if (attributes is not null && attributes.Has(AttributeKind.Unused))
                label.MayBeUnused = true;
        }
        statement.Body = LabelledBody(location);
        return statement;
    }

    /// <summary>A label of this very function: one of an enclosing function does not count.</summary>
    private LabelDeclaration LookUpOwnLabel(int name, Location location)
    {
        for (int i = _state!.LocalLabels.Count - 1; i >= 0; i--)
        {
            if (_state.LocalLabels[i].Name == name)
                return _state.LocalLabels[i];
        }
        if (_state.Labels is not null && _state.Labels.TryGetValue(name, out LabelDeclaration? known))
            return known;
        var label = new LabelDeclaration(name, location) { Function = _state.Declaration };
        (_state.Labels ??= []).Add(name, label);
        _state.AllLabels.Add(label);
        return label;
    }

    /// <summary>What a label stands before; a declaration or the end of the block in newer C.</summary>
    private Statement LabelledBody(Location location)
    {
        if (Kind == TokenKind.RightBrace)
        {
            if (_options.Standard < CStandard.C23)
                _report.Pedantic(location, "label at end of compound statement");
            return new NullStatement(Here);
        }
        if (Kind == TokenKind.LeftBracket && Peek().Kind == TokenKind.LeftBracket)
        {
            AttributeList? attributes = null;
            StandardAttributes(ref attributes);
        }
        if (Kind == TokenKind.Identifier && StartsDeclaration(_token) && CurrentKeyword != Keyword.Attribute && Peek().Kind != TokenKind.Colon
            && CurrentKeyword != Keyword.Extension)
        {
            if (_options.Standard < CStandard.C23)
                _report.Pedantic(Here, "a label can only be part of a statement and a declaration is not a statement");
            var items = new List<Statement>(2);
            BlockItem(items);
            // What the declaration does comes first; its scope is the block at hand.
            return items.Count == 1 ? items[0] : new CompoundStatement(location) { Statements = [.. items], EndLocation = location };
        }
        return Statement();
    }

    private Expression ParenthesizedCondition()
    {
        if (!Expect(TokenKind.LeftParenthesis))
        {
            return _sema.Error(Here);
        }
        Location location = Here;
        Expression e = Expression();
        ExpectClosing(TokenKind.RightParenthesis);
        return e.Type.IsError ? e : _sema.Condition(e, location);
    }

    private Statement If()
    {
        Location location = Here;
        Advance();
        PushImplicitScope();
        Expression condition = ParenthesizedCondition();
        Statement then = ScopedStatement();
        Statement? otherwise = null;
        if (Accept(Keyword.Else))
            otherwise = ScopedStatement();
        PopImplicitScope();
        return new IfStatement(condition, then, otherwise, location);
    }

    // Statements are scopes since C99; before, what a condition or a substatement declares belongs to the block around.
    private void PushImplicitScope()
    {
        if (_options.Standard >= CStandard.C99)
            _scopes.Push();
    }

    private void PopImplicitScope()
    {
        if (_options.Standard >= CStandard.C99)
            _scopes.Pop();
    }

    /// <summary>A statement that is a scope of its own although no brace says so (C17 6.8.5p5).</summary>
    private Statement ScopedStatement()
    {
        if (Kind == TokenKind.LeftBrace)
            return Block();
        PushImplicitScope();
        Statement statement = Statement();
        PopImplicitScope();
        return statement;
    }

    private Statement LoopBody(BreakableStatement loop)
    {
        FunctionState state = _state!;
        BreakableStatement? outerBreak = state.BreakTarget, outerContinue = state.ContinueTarget;
        state.BreakTarget = loop;
        state.ContinueTarget = loop;
        Statement body = ScopedStatement();
        state.BreakTarget = outerBreak;
        state.ContinueTarget = outerContinue;
        return body;
    }

    private WhileStatement While()
    {
        var statement = new WhileStatement(Here);
        Advance();
        PushImplicitScope();
        statement.Condition = ParenthesizedCondition();
        statement.Body = LoopBody(statement);
        PopImplicitScope();
        return statement;
    }

    private DoStatement Do()
    {
        var statement = new DoStatement(Here);
        Advance();
        PushImplicitScope();
        statement.Body = LoopBody(statement);
        PopImplicitScope();
        if (!Accept(Keyword.While))
        {
            SyntaxError("expected 'while'");
            SkipDeclaration();
            statement.Condition = _sema.Error(Here);
            return statement;
        }
        PushImplicitScope();
        statement.Condition = ParenthesizedCondition();
        PopImplicitScope();
        StatementEnd();
        return statement;
    }

    private Statement For()
    {
        Location location = Here;
        var statement = new ForStatement(location);
        Advance();
        Expect(TokenKind.LeftParenthesis);
        PushImplicitScope();
        FunctionState state = _state!;
        List<VariableDeclaration>? outerVariables = state.ScopeVariables;
        bool outerCleanups = state.ScopeHasCleanups, outerArrays = state.ScopeHasArrays;
        var variables = new List<VariableDeclaration>(1);
        state.ScopeVariables = variables;
        state.ScopeHasCleanups = state.ScopeHasArrays = false;
        var first = new List<Statement>(1);
        ScopeMark? outerMark = state.Mark;
        if (Kind == TokenKind.Semicolon)
            Advance();
        else if (Kind == TokenKind.Identifier && (StartsDeclaration(_token) || CurrentKeyword == Keyword.Extension && StartsDeclaration(Peek())))
        {
            if (_options.Standard < CStandard.C99)
                _report.Error(Here, "'for' loop initial declarations are only allowed in C99 or C11 mode");
            Extension extension = new(_report.PedanticOff);
            if (CurrentKeyword == Keyword.Extension)
                extension = BeginExtension();
            ParseDeclaration(isExternal: false, first);
            EndExtension(extension);
            CheckForDeclarations(location);
        }
        else
        {
            Location at = Here;
            Expression e = Expression();
            if (!e.Type.IsError)
                first.Add(new ExpressionStatement(_sema.Discard(e), at));
            Expect(TokenKind.Semicolon);
        }
        statement.Initialize = first.Count == 0 ? [] : [.. first];
        if (Kind != TokenKind.Semicolon)
        {
            Location at = Here;
            Expression e = Expression();
            statement.Condition = e.Type.IsError ? e : _sema.Condition(e, at);
        }
        Expect(TokenKind.Semicolon);
        if (Kind != TokenKind.RightParenthesis)
        {
            Expression e = Expression();
            statement.Step = e.Type.IsError ? null : _sema.Discard(e);
        }
        ExpectClosing(TokenKind.RightParenthesis);
        statement.Body = LoopBody(statement);
        PopImplicitScope();
        bool hasCleanups = state.ScopeHasCleanups, hasArrays = state.ScopeHasArrays;
        state.Mark = outerMark;
        state.ScopeVariables = outerVariables;
        state.ScopeHasCleanups = outerCleanups;
        state.ScopeHasArrays = outerArrays;
        if (variables.Count == 0 && !hasArrays)
            return statement;
        return new CompoundStatement(location)
        {
            Statements = [statement],
            Variables = [.. variables],
            HasCleanups = hasCleanups,
            HasVariableArrays = hasArrays,
            EndLocation = _previousEnd,
        };
    }

    /// <summary>The first clause of a for declares automatic and register variables alone (C17 6.8.5p3).</summary>
    private void CheckForDeclarations(Location location)
    {
        if (_options.Standard < CStandard.C99)
            return;
        foreach (object declared in _scopes.DeclaredHere())
        {
            switch (declared)
            {
                case VariableDeclaration { IsAutomatic: true } or VariableDeclaration { Type.Type.IsError: true }:
                    break;
                case VariableDeclaration variable:
                    _report.Error(variable.Storage == StorageClass.Extern ? location : variable.Location, variable.Linkage == Linkage.None
                        ? $"declaration of static variable '{_names.Text(variable.Name)}' in 'for' loop initial declaration"
                        : $"declaration of 'extern' variable '{_names.Text(variable.Name)}' in 'for' loop initial declaration");
                    break;
                case CType type:
                    _report.Error(location, $"'{_sema.Print(type)}' declared in 'for' loop initial declaration");
                    break;
                case Declaration other:
                    _report.Error(other.Location, $"declaration of non-variable '{_names.Text(other.Name)}' in 'for' loop initial declaration");
                    break;
            }
        }
    }

    private SwitchStatement Switch()
    {
        var statement = new SwitchStatement(Here);
        Advance();
        PushImplicitScope();
        Expect(TokenKind.LeftParenthesis);
        Location location = Here;
        Expression value = _sema.Value(Expression());
        ExpectClosing(TokenKind.RightParenthesis);
        if (!value.Type.IsInteger)
        {
            if (!value.Type.IsError)
                _report.Error(location, "switch quantity not an integer");
            value = _sema.Error(location);
        }
        statement.Value = _sema.Promote(value);
        FunctionState state = _state!;
        BreakableStatement? outerBreak = state.BreakTarget;
        state.BreakTarget = statement;
        state.Switch = new SwitchState(statement, state.Switch) { Mark = state.Mark };
        statement.Body = ScopedStatement();
        statement.Cases = [.. state.Switch.Cases];
        state.Switch = state.Switch.Outer;
        state.BreakTarget = outerBreak;
        PopImplicitScope();
        return statement;
    }

    // Labels one behind the other nest in the tree, by thousands in generated code: they are read in a loop.
    private Statement Case()
    {
        Statement? first = null;
        CaseStatement? last = null;
        while (true)
        {
            Location location = Here;
            CaseStatement? label = CaseLabel(location);
            if (label is not null)
            {
                if (last is not null)
                    last.Body = label;
                first ??= label;
                last = label;
                if (label.Body is null && CurrentKeyword is Keyword.Case or Keyword.Default)
                    continue;
            }
            Statement body = label is not null && label.Body is { } empty ? empty : LabelledBody(location);
            if (last is null)
                return body;
            last.Body = body;
            return first!;
        }
    }

    // One label, whose body is left open, but for a null statement behind attributes; null outside of a switch.
    private CaseStatement? CaseLabel(Location location)
    {
        bool isDefault = CurrentKeyword == Keyword.Default;
        Advance();
        SwitchState? owner = _state!.Switch;
        var statement = new CaseStatement(location) { IsDefault = isDefault };
        Expression? low = null, high = null;
        if (!isDefault)
        {
            low = CaseValue(ConstantExpression());
            if (Accept(TokenKind.Ellipsis))
            {
                _report.Pedantic(location, "range expressions in switch statements are non-standard");
                high = CaseValue(ConstantExpression());
            }
        }
        if (!Expect(TokenKind.Colon))
        {
            SkipTo(TokenKind.Colon);
            Accept(TokenKind.Colon);
        }
        if (owner is null)
        {
            _report.Error(location, isDefault ? "'default' label not within a switch statement" : "case label not within a switch statement");
            return null;
        }
        statement.Switch = owner.Statement;
        if (ScopeMark.Entered(owner.Mark, _state.Mark) is { } entered)
        {
            _report.Error(location, entered.Declared is null ? "switch jumps into statement expression" : "switch jumps into scope of identifier with variably modified type");
            _report.Note(owner.Statement.Location, "switch starts here");
        }
        if (isDefault)
        {
            if (owner.Statement.Default is { } other)
            {
                _report.Error(location, "multiple default labels in one switch");
                _report.Note(other.Location, "this is the first default label");
            }
            else
                owner.Statement.Default = statement;
        }
        else
            AddCase(owner, statement, low!, high);
        if (CurrentKeyword == Keyword.Attribute)
        {
            AttributeList? attributes = null;
            GnuAttributes(ref attributes);
            if (Kind == TokenKind.Semicolon)
                statement.Body = Statement();
        }
        return statement;
    }

    private Expression CaseValue(Expression e)
    {
        e = Semantics.FoldFully(_sema.Value(e));
        if (e.Type.IsError)
            return e;
        if (!e.Type.IsInteger || e is not IntegerConstant)
        {
            return _sema.Error(e.Location, e.Type.IsPointer ? "pointers are not permitted as case values" : "case label does not reduce to an integer constant");
        }
        if ((e.Flags & ExpressionFlags.StrictConstant) == 0)
            _report.Pedantic(e.Location, "case label is not an integer constant expression");
        OverflowInConstant(e, e.Location);
        return e;
    }

    private void AddCase(SwitchState owner, CaseStatement statement, Expression low, Expression? high)
    {
        CType type = owner.Statement.Value.Type;
        if (low is not IntegerConstant first || high is not null and not IntegerConstant || !type.IsInteger)
            return;
        UInt128 a = IntegerArithmetic.Normalize(first.Value, type);
        UInt128 b = high is IntegerConstant second ? IntegerArithmetic.Normalize(second.Value, type) : a;
        statement.Low = a;
        statement.High = b;
        bool isSigned = IntegerArithmetic.IsSigned(type);
        if (isSigned ? (Int128)b < (Int128)a : b < a)
        {
            _report.Warning(statement.Location, "empty range specified");
            return;
        }
        CaseStatement? clash = null;
        if (a == b)
        {
            if (!owner.Values.TryAdd(a, statement))
                clash = owner.Values[a];
        }
        else
        {
            foreach ((UInt128 value, CaseStatement known) in owner.Values)
            {
                if (InRange(value, a, b, isSigned))
                    clash = known;
            }
        }
        foreach (CaseStatement range in owner.Ranges)
        {
            if (InRange(a, range.Low, range.High, isSigned) || InRange(b, range.Low, range.High, isSigned) || InRange(range.Low, a, b, isSigned))
                clash = range;
        }
        if (clash is not null)
        {
            _report.Error(statement.Location, a == b ? "duplicate case value" : "duplicate (or overlapping) case value");
            _report.Note(clash.Location, a == b ? "previously used here" : "this is the first entry overlapping that value");
            return;
        }
        if (a != b)
            owner.Ranges.Add(statement);
        owner.Cases.Add(statement);
    }

    private static bool InRange(UInt128 value, UInt128 low, UInt128 high, bool isSigned) =>
        isSigned ? (Int128)value >= (Int128)low && (Int128)value <= (Int128)high : value >= low && value <= high;

    private Statement Return()
    {
        Location location = Here;
        Advance();
        Expression? value = null;
        Location at = Here;
        if (Kind != TokenKind.Semicolon)
            value = Expression();
        StatementEnd();
        FunctionDeclaration function = _state!.Declaration;
        QualType result = function.FunctionType.Result;
        if ((function.Flags & FunctionFlags.NoReturn) != 0)
            _report.Warning(location, "function declared 'noreturn' has a 'return' statement");
        if (value is null)
        {
            if (!result.Type.IsVoid && _options.Standard >= CStandard.C99)
                _report.Pedwarn(_report.IsExplicit("Wreturn-type") ? "Wreturn-type" : null, location, "'return' with no value, in function returning non-void");
            else if (!result.Type.IsVoid)
                _report.Warning("Wreturn-type", location, "'return' with no value, in function returning non-void");
            return new ReturnStatement(null, location);
        }
        if (value.Type.IsError)
            return new ReturnStatement(null, location);
        if (result.Type.IsVoid)
        {
            if (value.Type.IsVoid)
                _report.Pedantic(location, "ISO C forbids 'return' with expression, in function returning void");
            else
                _report.Pedwarn(_report.IsExplicit("Wreturn-type") ? "Wreturn-type" : null, at, "'return' with a value, in function returning void");
            return new ReturnStatement(_sema.Convert(value.Type.IsVoid ? value : _sema.Value(value), _types.Void), location);
        }
        Expression converted = _sema.ConvertForAssignment(value, result, AssignmentContext.Return, at);
        WarnLocalAddress(converted, at);
        return new ReturnStatement(converted.Type.IsError ? null : converted, location);
    }

    private void WarnLocalAddress(Expression e, Location location)
    {
        while (e is CastExpression { CastKind: CastKind.Pointer or CastKind.NoOp } cast)
            e = cast.Operand;
        VariableDeclaration? variable = e switch
        {
            AddressOfExpression { Operand: VariableReference reference } => reference.Variable,
            CastExpression { CastKind: CastKind.ArrayDecay, Operand: VariableReference reference } => reference.Variable,
            _ => null,
        };
        if (variable is { IsAutomatic: true } && ReferenceEquals(variable.Function, _sema.Function))
            _report.Warning("Wreturn-local-addr", location, "function returns address of local variable");
    }

    private Statement Goto()
    {
        Location location = Here;
        Advance();
        if (Kind == TokenKind.Star)
        {
            Advance();
            _report.Pedantic(location, "ISO C forbids 'goto *expr;'");
            Location at = Here;
            Expression target = _sema.Value(Expression());
            StatementEnd();
            if (!target.Type.IsError)
            {
                if (!target.Type.IsPointer)
                    target = _sema.Error(at, "computed goto must be pointer type");
                target = _sema.Convert(target, _types.VoidPointer);
            }
            _state!.Declaration.Flags |= FunctionFlags.NotInlinable;
            return target.Type.IsError ? new NullStatement(location) : new ComputedGotoStatement(target, location);
        }
        if (!IsPlainIdentifier)
        {
            SyntaxError("expected identifier or '*'");
            SkipDeclaration();
            return new NullStatement(location);
        }
        LabelDeclaration label = LookUpLabel(_token.Payload, Here);
        label.IsUsed = true;
        label.UseLocation = Here;
        if (ReferenceEquals(label.Function, _state!.Declaration))
            _state.Jumps.Add((label, _state.Mark, location));
        Advance();
        StatementEnd();
        return new GotoStatement(label, location);
    }
}
