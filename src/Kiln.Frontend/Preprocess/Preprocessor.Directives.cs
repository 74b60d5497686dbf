using System.Text;
using Kiln.Base;
using Kiln.Frontend.Diagnostics;
using Kiln.Frontend.Lex;

namespace Kiln.Frontend.Preprocess;

/// <summary>Which directive a line holds.</summary>
internal enum DirectiveKind : byte
{
    None,
    Define,
    Undef,
    Include,
    IncludeNext,
    Import,
    Embed,
    If,
    Ifdef,
    Ifndef,
    Elif,
    Elifdef,
    Elifndef,
    Else,
    Endif,
    Line,
    Error,
    Warning,
    Pragma,
    Ident,
    Sccs,
    Assert,
    Unassert,
}

/// <summary>Tells the directives apart and handles the small ones.</summary>
public sealed partial class Preprocessor
{
    private readonly DirectiveKind[] _directiveByName = new DirectiveKind[4096];
    private int _vaArgs, _vaOpt, _defined, _once, _push, _pop;

    private void NameDirectives()
    {
        Name("define", DirectiveKind.Define);
        Name("undef", DirectiveKind.Undef);
        Name("include", DirectiveKind.Include);
        Name("include_next", DirectiveKind.IncludeNext);
        Name("import", DirectiveKind.Import);
        Name("embed", DirectiveKind.Embed);
        Name("if", DirectiveKind.If);
        Name("ifdef", DirectiveKind.Ifdef);
        Name("ifndef", DirectiveKind.Ifndef);
        Name("elif", DirectiveKind.Elif);
        Name("elifdef", DirectiveKind.Elifdef);
        Name("elifndef", DirectiveKind.Elifndef);
        Name("else", DirectiveKind.Else);
        Name("endif", DirectiveKind.Endif);
        Name("line", DirectiveKind.Line);
        Name("error", DirectiveKind.Error);
        Name("warning", DirectiveKind.Warning);
        Name("pragma", DirectiveKind.Pragma);
        Name("ident", DirectiveKind.Ident);
        Name("sccs", DirectiveKind.Sccs);
        Name("assert", DirectiveKind.Assert);
        Name("unassert", DirectiveKind.Unassert);
        _vaArgs = _names.Intern("__VA_ARGS__"u8);
        _vaOpt = _names.Intern("__VA_OPT__"u8);
        _defined = _names.Intern("defined"u8);
        _once = _names.Intern("once"u8);
        _push = _names.Intern("push"u8);
        _pop = _names.Intern("pop"u8);
        Macros.Set(_vaArgs, new Macro { Name = _vaArgs, Kind = MacroKind.Reserved });
        Macros.Set(_vaOpt, new Macro { Name = _vaOpt, Kind = MacroKind.Reserved });
    }

    private void Name(string name, DirectiveKind kind)
    {
        int id = _names.Intern(name);
        if (id >= _directiveByName.Length)
            throw new InvalidOperationException($"directive name {name} was interned too late");
        _directiveByName[id] = kind;
    }

    private DirectiveKind KindOf(in Token token) =>
        token.Kind == TokenKind.Identifier && token.Payload < _directiveByName.Length ? _directiveByName[token.Payload] : DirectiveKind.None;

    /// <summary>Obeys the directive whose <c>#</c> was read.</summary>
    /// <returns>Whether it was one; if not, the <c>#</c> is a token of assembly text.</returns>
    private bool Directive(ref Token hash)
    {
        if (_argumentState == ArgumentState.Collecting && _diagnostics.Pedantic)
            _diagnostics.Report(hash.Location, Messages.DirectiveInArguments);
        ArgumentState argumentState = _argumentState;
        int prevented = _preventExpansion;
        bool keepComments = _lexer.KeepComments;
        bool inArguments = _lexer.InArguments;
        _argumentState = ArgumentState.None;
        _preventExpansion = 0;
        _inDirective = _lexer.InDirective = true;
        _lexer.KeepComments = false;
        _lexer.InArguments = false;

        int start = _lexer.Position;
        Token name = default;
        _lexer.Lex(ref name);
        DirectiveKind kind = KindOf(name);
        bool isDirective = true;
        bool guardWasValid = _guardIsValid;
        if (kind is not (DirectiveKind.If or DirectiveKind.Ifdef or DirectiveKind.Ifndef))
            _guardIsValid = false;
        if (_options.Preprocessed && kind is not (DirectiveKind.Pragma or DirectiveKind.None or DirectiveKind.Line or DirectiveKind.Ident))
        {
            isDirective = false;
        }
        else if (kind != DirectiveKind.None)
        {
            Obey(kind, name, hash, guardWasValid);
        }
        else if (name.Kind == TokenKind.EndOfLine)
        {
            // The null directive.
        }
        else if (name.Kind == TokenKind.Number && !_options.Assembly)
        {
            LineMarker(name);
        }
        else if (_options.Assembly)
        {
            // Assembly comments and the assembler's own directives may begin so.
            isDirective = false;
        }
        else
        {
            _diagnostics.Report(name.Location, Messages.InvalidDirective, Encoding.UTF8.GetString(Spelling(name)));
        }

        if (!isDirective)
            _lexer.Position = start;
        else if (_lexer.InDirective)
            _lexer.SkipLine();
        _inDirective = _lexer.InDirective = false;
        _argumentState = argumentState;
        _preventExpansion = prevented;
        _lexer.KeepComments = keepComments;
        _lexer.InArguments = inArguments;
        return isDirective;
    }

    private void Obey(DirectiveKind kind, in Token name, in Token hash, bool guardWasValid)
    {
        switch (kind)
        {
            case DirectiveKind.Define:
                Define(hash);
                break;
            case DirectiveKind.Undef:
                Undefine(hash);
                break;
            case DirectiveKind.Include:
            case DirectiveKind.IncludeNext:
            case DirectiveKind.Import:
                if (kind == DirectiveKind.Import)
                    _diagnostics.Report(name.Location, Messages.ImportDeprecated);
                else if (kind == DirectiveKind.IncludeNext && _diagnostics.Pedantic)
                    _diagnostics.Report(name.Location, Messages.DirectiveIsExtension, "include_next");
                IncludeDirective(hash, kind);
                break;
            case DirectiveKind.Embed:
                Embed(name);
                break;
            case DirectiveKind.If:
            case DirectiveKind.Ifdef:
            case DirectiveKind.Ifndef:
                OpenConditional(kind, name, hash, guardWasValid);
                break;
            case DirectiveKind.Elif:
            case DirectiveKind.Elifdef:
            case DirectiveKind.Elifndef:
            case DirectiveKind.Else:
                AlternativeAfterTaken(kind, name);
                break;
            case DirectiveKind.Endif:
                CloseConditional(name);
                break;
            case DirectiveKind.Line:
                LineDirective();
                break;
            case DirectiveKind.Error:
                _diagnostics.Report(name.Location, Messages.ErrorDirective, RestOfLine("#error"));
                break;
            case DirectiveKind.Warning:
                if (_options.StandardYear < 2023 && _diagnostics.Pedantic)
                    _diagnostics.Report(name.Location, Messages.DirectiveIsExtension, "warning");
                _diagnostics.Report(name.Location, Messages.WarningDirective, RestOfLine("#warning"));
                break;
            case DirectiveKind.Pragma:
                Pragma(hash);
                break;
            case DirectiveKind.Ident:
            case DirectiveKind.Sccs:
                Ident(kind, name, hash);
                break;
            case DirectiveKind.Assert:
            case DirectiveKind.Unassert:
                Assert(kind, name);
                break;
            default:
                throw new InvalidOperationException(kind.ToString());
        }
    }

    /// <summary>The text of a directive from its name to the end of the line, blanks made single.</summary>
    private string RestOfLine(string word)
    {
        var text = new StringBuilder(word);
        Token token = default;
        bool quiet = _lexer.Quiet;
        _lexer.Quiet = true;
        for (_lexer.Lex(ref token); token.Kind != TokenKind.EndOfLine; _lexer.Lex(ref token))
        {
            if ((token.Flags & TokenFlags.SpaceBefore) != 0)
                text.Append(' ');
            text.Append(Encoding.UTF8.GetString(Spelling(token)));
        }
        _lexer.Quiet = quiet;
        return text.ToString();
    }

    /// <summary>Complains of tokens behind a directive that is complete.</summary>
    private void ExpectEndOfLine(string word, bool governed = false)
    {
        Token token = default;
        if (_depth > 0)
        {
            GetSolid(ref token);
        }
        else
        {
            if (_hasLookahead)
            {
                token = _lookahead;
                _hasLookahead = false;
            }
            else
            {
                _lexer.Lex(ref token);
            }
        }
        if (token.Kind is not (TokenKind.EndOfLine or TokenKind.End))
            _diagnostics.Report(token.Location, governed ? Messages.ExtraTokensLabels : Messages.ExtraTokens, word);
        while (_depth > 0 && !_contexts[_depth - 1].IsArgument)
            PopContext();
        _hasLookahead = false;
    }

    /// <summary>Handles <c>#ident "text"</c>: a comment in the object file, passed on as a pragma.</summary>
    private void Ident(DirectiveKind kind, in Token name, in Token hash)
    {
        string word = kind == DirectiveKind.Ident ? "ident" : "sccs";
        if (_diagnostics.Pedantic)
            _diagnostics.Report(name.Location, Messages.DirectiveIsExtension, word);
        Token text = default;
        GetSolid(ref text);
        if (text.Kind != TokenKind.String)
        {
            _diagnostics.Report(text.Location, Messages.InvalidIdent, word);
            return;
        }
        ExpectEndOfLine(word);
        if (Observer is not null)
        {
            Observer.PassThrough(hash.Location, Encoding.UTF8.GetBytes($"#ident {Encoding.UTF8.GetString(Spelling(text))}"), isOperator: false);
            return;
        }
        Token identifier = text;
        identifier.Kind = TokenKind.Identifier;
        identifier.Payload = _names.Intern("ident"u8);
        int start = _arenaTop;
        Emit(new Token { Kind = TokenKind.Pragma, Location = hash.Location, Flags = TokenFlags.StartOfLine });
        Emit(identifier);
        Emit(text);
        Emit(new Token { Kind = TokenKind.PragmaEnd, Location = text.Location });
        PushTokens(_arena, start, _arenaTop, 0, null, start);
    }

    /// <summary>Handles <c>#line</c> (C17 6.10.4).</summary>
    private void LineDirective()
    {
        Token token = default;
        GetSolid(ref token);
        int directiveLine = PhysicalLine();
        if (token.Kind != TokenKind.Number || !ParseLine(Spelling(token), out long line))
        {
            if (token.Kind == TokenKind.EndOfLine)
                _diagnostics.Report(token.Location, Messages.UnexpectedEndAfterLine);
            else
                _diagnostics.Report(token.Location, Messages.InvalidLineNumber, Encoding.UTF8.GetString(Spelling(token)));
            return;
        }
        long limit = _options.StandardYear >= 1999 ? 2147483647 : 32767;
        if (_diagnostics.Pedantic && (line == 0 || line > limit))
            _diagnostics.Report(token.Location, Messages.LineOutOfRange);
        else if (line > uint.MaxValue)
            _diagnostics.Report(token.Location, Messages.LineOutOfRangeAlways);
        string? file = null;
        GetSolid(ref token);
        if (token.Kind == TokenKind.String)
        {
            file = FileNameOf(token);
            if (_depth > 0 || !_lexer.AtEnd)
                ExpectEndOfLine("line");
        }
        else if (token.Kind is not (TokenKind.EndOfLine or TokenKind.End))
        {
            _diagnostics.Report(token.Location, Messages.InvalidFileName, Encoding.UTF8.GetString(Spelling(token)));
            return;
        }
        while (_depth > 0 && !_contexts[_depth - 1].IsArgument)
            PopContext();
        SourceFile source = CurrentSource;
        int offset = OffsetIn(_lexer.Here);
        source.AddLineDirective(directiveLine, (int)line, file, source.IsSystemAt(offset), source.PresumedInclusion(directiveLine));
        _lexer.SkipLine();
        Observer?.FileChanged(FileChange.Rename, _lexer.Here.Add(1));
    }

    private int PhysicalLine() => CurrentSource.PhysicalLine(OffsetIn(_lexer.Here));

    private int OffsetIn(Location location) => (int)(location.Offset - _lexer.Origin.Offset);

    private static bool ParseLine(ReadOnlySpan<byte> text, out long line)
    {
        line = 0;
        foreach (byte b in text)
        {
            if (b == '\'')
                continue;
            if (b is < (byte)'0' or > (byte)'9')
                return false;
            line = Math.Min(line * 10 + (b - '0'), uint.MaxValue + 1L);
        }
        return true;
    }

    private string FileNameOf(in Token token)
    {
        ReadOnlySpan<byte> text = Spelling(token);
        text = text[(text.IndexOf((byte)'"') + 1)..^1];
        if (text.IndexOf((byte)'\\') < 0)
            return Encoding.UTF8.GetString(text);
        var name = new ByteWriter(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 1 < text.Length)
            {
                i++;
                if (text[i] is >= (byte)'0' and <= (byte)'7')
                {
                    int value = 0, digits = 0;
                    for (; digits < 3 && i < text.Length && text[i] is >= (byte)'0' and <= (byte)'7'; digits++, i++)
                        value = value * 8 + (text[i] - '0');
                    i--;
                    name.U8(value);
                    continue;
                }
            }
            name.U8(text[i]);
        }
        return Encoding.UTF8.GetString(name.Span);
    }

    private readonly GrowBuffer<int> _markerInclusions = new(0);

    /// <summary>Obeys a line marker of preprocessed text: <c># 5 "file.h" 1 3</c>.</summary>
    private void LineMarker(in Token number)
    {
        if (!_options.Preprocessed && _diagnostics.Pedantic)
            _diagnostics.Report(number.Location, Messages.LineMarkerStyle);
        if (!ParseLine(Spelling(number), out long line))
        {
            _diagnostics.Report(number.Location, Messages.InvalidLineMarker, Encoding.UTF8.GetString(Spelling(number)));
            return;
        }
        int directiveLine = PhysicalLine();
        Token token = default;
        _lexer.Lex(ref token);
        string? file = null;
        bool isSystem = CurrentSource.IsSystemAt(OffsetIn(number.Location));
        bool enters = false, leaves = false;
        if (token.Kind == TokenKind.String)
        {
            file = FileNameOf(token);
            isSystem = false;
            for (_lexer.Lex(ref token); token.Kind == TokenKind.Number; _lexer.Lex(ref token))
            {
                switch (Spelling(token)[0] - '0')
                {
                    case 1:
                        enters = true;
                        break;
                    case 2:
                        leaves = true;
                        break;
                    case 3:
                        isSystem = true;
                        break;
                    case 4:
                        break;
                    default:
                        _diagnostics.Report(token.Location, Messages.InvalidMarkerFlag, Encoding.UTF8.GetString(Spelling(token)));
                        break;
                }
            }
        }
        else if (token.Kind != TokenKind.EndOfLine)
        {
            _diagnostics.Report(token.Location, Messages.InvalidFileName, Encoding.UTF8.GetString(Spelling(token)));
            return;
        }
        if (enters)
            _markerInclusions.Add(directiveLine);
        else if (leaves && _markerInclusions.Count > 0)
            _markerInclusions.Pop();
        int includedAt = _markerInclusions.Count > 0 ? _markerInclusions.Last : 0;
        CurrentSource.AddLineDirective(directiveLine, (int)line, file, isSystem, includedAt);
        _frames.Last.IsSystem = isSystem;
        _lexer.SetSystem(isSystem);
        _lexer.SkipLine();
        Observer?.FileChanged(enters ? FileChange.Enter : leaves ? FileChange.Leave : FileChange.Rename, _lexer.Here.Add(1));
    }

    private readonly Dictionary<int, List<string>> _assertions = [];

    /// <summary>Handles <c>#assert</c> and <c>#unassert</c> (GNU, obsolete).</summary>
    private void Assert(DirectiveKind kind, in Token name)
    {
        string word = kind == DirectiveKind.Assert ? "assert" : "unassert";
        _diagnostics.Report(name.Location, Messages.DirectiveIsDeprecated, word);
        if (!ReadAssertion(kind == DirectiveKind.Unassert, out int predicate, out string? answer))
            return;
        if (!_assertions.TryGetValue(predicate, out List<string>? answers))
            _assertions.Add(predicate, answers = []);
        if (kind == DirectiveKind.Unassert)
        {
            if (answer is null)
                answers.Clear();
            else
                answers.Remove(answer);
        }
        else if (answers.Contains(answer!))
        {
            _diagnostics.Report(name.Location, Messages.Reasserted, _names.Text(predicate));
        }
        else
        {
            answers.Add(answer!);
        }
        if (kind == DirectiveKind.Assert)
            ExpectEndOfLine(word);
    }

    /// <summary>Reads <c>predicate (answer)</c>; the answer may be missing where a test or removal of all is meant.</summary>
    private bool ReadAssertion(bool answerIsOptional, out int predicate, out string? answer)
    {
        Token token = default;
        predicate = 0;
        answer = null;
        _preventExpansion++;
        try
        {
            GetSolid(ref token);
            if (token.Kind != TokenKind.Identifier)
            {
                _diagnostics.Report(token.Location, token.Kind == TokenKind.EndOfLine ? Messages.AssertionWithoutPredicate : Messages.PredicateNotIdentifier);
                return false;
            }
            predicate = token.Payload;
            GetSolid(ref token);
            if (token.Kind != TokenKind.LeftParenthesis)
            {
                if (answerIsOptional)
                {
                    PutBack(token);
                    return true;
                }
                _diagnostics.Report(token.Location, Messages.MissingParenthesisPredicate);
                return false;
            }
            var text = new StringBuilder();
            for (GetSolid(ref token); token.Kind != TokenKind.RightParenthesis; GetSolid(ref token))
            {
                if (token.Kind is TokenKind.EndOfLine or TokenKind.End)
                {
                    _diagnostics.Report(token.Location, Messages.MissingParenthesisAnswer);
                    return false;
                }
                if (text.Length > 0 && (token.Flags & TokenFlags.SpaceBefore) != 0)
                    text.Append(' ');
                text.Append(Encoding.UTF8.GetString(Spelling(token)));
            }
            if (text.Length == 0)
            {
                _diagnostics.Report(token.Location, Messages.EmptyAnswer);
                return false;
            }
            answer = text.ToString();
            return true;
        }
        finally
        {
            _preventExpansion--;
        }
    }
}
