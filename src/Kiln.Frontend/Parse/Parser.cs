// The parser: recursive descent over the preprocessor's tokens, with semantic analysis as it goes, because C cannot be parsed without
// knowing which names are types. In: tokens. Out: one external declaration at a time, typed and resolved, to the consumer. After a syntax
// error it looks for the end of the statement or declaration and goes on; an expression that was wrong is an ErrorExpression, of which
// nothing more is reported. Follows C17 6.7 to 6.9, and GNU C.

using Kiln.Base;
using Kiln.Frontend.Ast;
using Kiln.Frontend.Builtins;
using Kiln.Frontend.Lex;
using Kiln.Frontend.Sema;
using Kiln.Frontend.Types;
using Kiln.Frontend.Warnings;
using Kiln.Target;

namespace Kiln.Frontend.Parse;

/// <summary>Where the parser's tokens come from.</summary>
public interface ITokenSource
{
    /// <summary>The next token; End again and again at the end.</summary>
    void Next(out Token token);
}

/// <summary>Parses and analyses a translation unit.</summary>
public sealed partial class Parser
{
    private readonly ITokenSource _source;
    private readonly Interner _names;
    private readonly LanguageOptions _options;
    private readonly Reporter _report;
    private readonly Keyword[] _keywords;
    private readonly Scopes _scopes = new();
    private readonly Semantics _sema;
    private readonly TypeTable _types;
    private readonly TargetInfo _target;
    private readonly BuiltinTable _builtins;
    private readonly ITranslationUnitConsumer _consumer;
    private readonly Token[] _ahead = new Token[16];
    private readonly FunctionWarnings _functionWarnings;
    private readonly bool _warnsFunctions;
    /// <summary>-Wwrite-strings: the elements of string literals are const.</summary>
    private readonly bool _constStrings;
    private int _aheadStart;
    private int _aheadCount;
    private Token _token;
    private Location _previousEnd;

    private Parser(
        ITokenSource source,
        Interner names,
        TypeTable types,
        LanguageOptions options,
        IDiagnosticSink sink,
        ITranslationUnitConsumer consumer,
        Func<Location, FilePosition>? position)
    {
        _source = source;
        _names = names;
        _options = options;
        _types = types;
        _target = types.Target;
        _consumer = consumer;
        _report = new Reporter(sink, options);
        _sourceLine = position ?? (_report.Map is { } map ? map.Position : null);
        _sema = new Semantics(types, names, options, _report);
        _keywords = KeywordTable.Make(names, options, _target.Architecture is Architecture.X86_64 or Architecture.I386);
        _builtins = new BuiltinTable(types, names);
        _sema.Builtins = _builtins;
        _functionWarnings = new FunctionWarnings(_sema);
        _warnsFunctions = FunctionWarnings.IsNeeded(_report);
        _constStrings = _report.IsEnabled("Wwrite-strings");
        _pack = options.PackStruct;
        InternNames();
        PredeclareTypes();
        Fetch();
    }

    /// <summary>Parses a whole translation unit and hands it over, one external declaration at a time.</summary>
    public static void ParseTranslationUnit(
        ITokenSource source,
        Interner names,
        TypeTable types,
        LanguageOptions options,
        IDiagnosticSink sink,
        ITranslationUnitConsumer consumer,
        Func<Location, FilePosition>? position = null)
    {
        var parser = new Parser(source, names, types, options, sink, consumer, position);
        parser.TranslationUnit();
    }

    // ---- Tokens ----

    private TokenKind Kind => _token.Kind;

    private Location Here => _token.Location;

    /// <summary>The keyword that the current token is, or None.</summary>
    private Keyword CurrentKeyword => KeywordOf(_token);

    private Keyword KeywordOf(in Token token) =>
        token.Kind == TokenKind.Identifier && (uint)token.Payload < (uint)_keywords.Length ? _keywords[token.Payload] : Keyword.None;

    private bool IsPlainIdentifier => Kind == TokenKind.Identifier && CurrentKeyword == Keyword.None;

    private void Advance()
    {
        _previousEnd = (_token.Flags & TokenFlags.FromMacro) == 0 ? _token.Location.Add(_token.Length) : default;
        Fetch();
    }

    private void Fetch()
    {
        if (_aheadCount > 0)
        {
            _token = _ahead[_aheadStart];
            _aheadStart = _aheadStart + 1 & 15;
            _aheadCount--;
            return;
        }
        Read(out _token);
    }

    private void Read(out Token token)
    {
        while (true)
        {
            _source.Next(out token);
            if (token.Kind == TokenKind.Pragma)
                Pragma(token.Location);
            else if (token.Kind != TokenKind.Comment)
                return;
        }
    }

    /// <summary>The token <paramref name="distance"/> behind the current one.</summary>
    private Token Peek(int distance = 1)
    {
        while (_aheadCount < distance)
        {
            Read(out Token token);
            _ahead[_aheadStart + _aheadCount & 15] = token;
            _aheadCount++;
        }
        return _ahead[_aheadStart + distance - 1 & 15];
    }

    private bool Accept(TokenKind kind)
    {
        if (Kind != kind)
            return false;
        Advance();
        return true;
    }

    private bool Accept(Keyword keyword)
    {
        if (CurrentKeyword != keyword)
            return false;
        Advance();
        return true;
    }

    private static string Spelling(TokenKind kind) => kind switch
    {
        TokenKind.LeftBracket => "[",
        TokenKind.RightBracket => "]",
        TokenKind.LeftParenthesis => "(",
        TokenKind.RightParenthesis => ")",
        TokenKind.LeftBrace => "{",
        TokenKind.RightBrace => "}",
        TokenKind.Dot => ".",
        TokenKind.Arrow => "->",
        TokenKind.PlusPlus => "++",
        TokenKind.MinusMinus => "--",
        TokenKind.Ampersand => "&",
        TokenKind.Star => "*",
        TokenKind.Plus => "+",
        TokenKind.Minus => "-",
        TokenKind.Tilde => "~",
        TokenKind.Exclamation => "!",
        TokenKind.Slash => "/",
        TokenKind.Percent => "%",
        TokenKind.LessLess => "<<",
        TokenKind.GreaterGreater => ">>",
        TokenKind.Less => "<",
        TokenKind.Greater => ">",
        TokenKind.LessEqual => "<=",
        TokenKind.GreaterEqual => ">=",
        TokenKind.EqualEqual => "==",
        TokenKind.ExclamationEqual => "!=",
        TokenKind.Caret => "^",
        TokenKind.Bar => "|",
        TokenKind.AmpersandAmpersand => "&&",
        TokenKind.BarBar => "||",
        TokenKind.Question => "?",
        TokenKind.Colon => ":",
        TokenKind.ColonColon => "::",
        TokenKind.Semicolon => ";",
        TokenKind.Ellipsis => "...",
        TokenKind.Equal => "=",
        TokenKind.StarEqual => "*=",
        TokenKind.SlashEqual => "/=",
        TokenKind.PercentEqual => "%=",
        TokenKind.PlusEqual => "+=",
        TokenKind.MinusEqual => "-=",
        TokenKind.LessLessEqual => "<<=",
        TokenKind.GreaterGreaterEqual => ">>=",
        TokenKind.AmpersandEqual => "&=",
        TokenKind.CaretEqual => "^=",
        TokenKind.BarEqual => "|=",
        TokenKind.Comma => ",",
        TokenKind.Hash => "#",
        TokenKind.HashHash => "##",
        _ => kind.ToString(),
    };

    /// <summary>gcc's form of a syntax error: what was expected, and before which token.</summary>
    private void SyntaxError(string expected)
    {
        if (_errorAt == Here && Here.IsValid)
            return;
        _errorAt = Here;
        string where = Kind switch
        {
            TokenKind.End => " at end of input",
            TokenKind.Identifier => $" before '{_names.Text(_token.Payload)}'",
            TokenKind.Number => " before numeric constant",
            TokenKind.Character => " before character constant",
            TokenKind.String => " before string constant",
            TokenKind.Other => $" before '{_names.Text(_token.Payload)}'",
            _ => $" before '{Spelling(Kind)}' token",
        };
        // gcc points behind the token before where one closing token is missing, at the token itself otherwise.
        bool isCloser = expected is "expected ';'" or "expected ')'" or "expected ']'" or "expected ','" or "expected ':'";
        Location at = isCloser && _previousEnd.IsValid && (_token.Flags & TokenFlags.FromMacro) == 0 ? _previousEnd : Here;
        _report.Error(at, expected + where);
    }

    private Location _errorAt;

    private bool Expect(TokenKind kind)
    {
        if (Kind == kind)
        {
            Advance();
            return true;
        }
        SyntaxError($"expected '{Spelling(kind)}'");
        return false;
    }

    /// <summary>A closing bracket; where it is missing, skips to it if it follows in the same statement.</summary>
    private bool ExpectClosing(TokenKind kind)
    {
        if (Expect(kind))
            return true;
        SkipTo(kind);
        return Accept(kind);
    }

    /// <summary>Skips tokens, brackets balanced, up to a token of the kind, a semicolon, a closing brace or the end.</summary>
    private void SkipTo(TokenKind kind)
    {
        int depth = 0;
        while (Kind != TokenKind.End)
        {
            if (depth == 0 && (Kind == kind || Kind is TokenKind.Semicolon or TokenKind.RightBrace))
                return;
            if (Kind is TokenKind.LeftParenthesis or TokenKind.LeftBracket or TokenKind.LeftBrace)
                depth++;
            else if (Kind is TokenKind.RightParenthesis or TokenKind.RightBracket or TokenKind.RightBrace)
            {
                if (depth == 0)
                    return;
                depth--;
            }
            Advance();
        }
    }

    /// <summary>Skips past the end of the statement or declaration: a semicolon, or the closing brace of a block that began in it.</summary>
    private void SkipDeclaration()
    {
        int depth = 0;
        while (Kind != TokenKind.End)
        {
            switch (Kind)
            {
                case TokenKind.Semicolon when depth == 0:
                    Advance();
                    return;
                case TokenKind.LeftBrace or TokenKind.LeftParenthesis or TokenKind.LeftBracket:
                    depth++;
                    break;
                case TokenKind.RightBrace:
                    if (depth == 0)
                        return;
                    if (--depth == 0)
                    {
                        Advance();
                        if (Kind is not (TokenKind.Semicolon or TokenKind.Comma or TokenKind.Equal or TokenKind.RightParenthesis))
                            return;
                        continue;
                    }
                    break;
                case TokenKind.RightParenthesis or TokenKind.RightBracket:
                    if (depth > 0)
                        depth--;
                    break;
            }
            Advance();
        }
    }

    /// <summary>
    /// Stack that the descent may use: some ten thousand levels of parentheses. The bound is much below what the stack has, because
    /// each level may ask something of all levels in it, and because later walks over the tree need stack as well.
    /// </summary>
    private const int StackBudget = 16 << 20;

    private readonly nint _stackStart = CompilationStack.Position;

    /// <summary>Guards recursion; reports once where the budget ends.</summary>
    private bool HasRoom()
    {
        if (_stackStart - CompilationStack.Position < StackBudget && CompilationStack.HasRoom)
            return true;
        if (!_tooDeep)
            _report.Error(Here, "nesting too deep");
        _tooDeep = true;
        // Nothing sensible can follow: the rest of the input is dropped.
        while (Kind != TokenKind.End)
            Advance();
        return false;
    }

    private bool _tooDeep;

    // ---- The unit ----

    private void TranslationUnit()
    {
        if (Kind == TokenKind.End)
            _report.Pedantic(Here, "ISO C forbids an empty translation unit");
        while (Kind != TokenKind.End)
        {
            Location before = Here;
            TokenKind kind = Kind;
            ExternalDeclaration();
            if (Here == before && Kind == kind && Kind != TokenKind.End && before.IsValid)
                Advance();
        }
        FinishUnit();
    }

    private void ExternalDeclaration()
    {
        switch (Kind)
        {
            case TokenKind.Semicolon:
                _report.Pedantic(Here, "ISO C does not allow extra ';' outside of a function");
                Advance();
                return;
            case TokenKind.RightBrace:
                SyntaxError("expected identifier or '('");
                Advance();
                return;
        }
        switch (CurrentKeyword)
        {
            case Keyword.Asm:
                TopLevelAsm();
                return;
            case Keyword.StaticAssert:
                StaticAssert();
                return;
            case Keyword.Extension:
                Extension extension = BeginExtension();
                ExternalDeclaration();
                EndExtension(extension);
                return;
        }
        ParseDeclaration(isExternal: true, null);
    }

    /// <summary>__extension__ turns pedantic warnings off for what follows.</summary>
    private Extension BeginExtension()
    {
        Advance();
        while (Accept(Keyword.Extension))
        {
        }
        var saved = new Extension(_report.PedanticOff);
        _report.PedanticOff = true;
        return saved;
    }

    private void EndExtension(Extension saved) => _report.PedanticOff = saved.WasOff;

    private readonly record struct Extension(bool WasOff);

    private void StaticAssert()
    {
        Location location = Here;
        _report.Before(CStandard.C11, location, "does not support '_Static_assert'");
        Advance();
        if (!Expect(TokenKind.LeftParenthesis))
        {
            SkipDeclaration();
            return;
        }
        Expression condition = ConstantExpression();
        string? message = null;
        if (Accept(TokenKind.Comma))
        {
            if (Kind == TokenKind.String)
                message = StringText();
            else
            {
                SyntaxError("expected string literal");
                SkipDeclaration();
                return;
            }
        }
        else if (_options.Standard < CStandard.C23)
            _report.Pedantic(location, "ISO C11 does not support omitting the string in '_Static_assert'");
        ExpectClosing(TokenKind.RightParenthesis);
        Semicolon();
        if (condition.Type.IsError)
            return;
        condition = Semantics.FoldFully(_sema.Value(condition));
        if (!condition.Type.IsInteger)
            _report.Error(condition.Location, "expression in static assertion is not an integer");
        else if (condition is not IntegerConstant constant)
            _report.Error(condition.Location, "expression in static assertion is not constant");
        else if (constant.Value != 0)
        {
            if ((constant.Flags & ExpressionFlags.StrictConstant) == 0)
                _report.Pedantic(condition.Location, "expression in static assertion is not an integer constant expression");
            OverflowInConstant(constant, condition.Location);
        }
        else
            _report.Error(location, message is null ? "static assertion failed" : $"static assertion failed: \"{message}\"");
    }

    /// <summary>A constant expression whose value its type does not hold (C17 6.6p4).</summary>
    private void OverflowInConstant(Expression e, Location location)
    {
        if ((e.Flags & ExpressionFlags.Overflow) != 0 && e.Kind is ExpressionKind.Integer or ExpressionKind.Float && _report.IsPedantic)
            _report.Pedwarn("Woverflow", location, "overflow in constant expression");
    }

    private void Semicolon()
    {
        if (Accept(TokenKind.Semicolon))
            return;
        SyntaxError("expected ';'");
        SkipDeclaration();
    }
}
