using System.Text;
using Kiln.Base;
using Kiln.Frontend.Diagnostics;
using Kiln.Frontend.Lex;

namespace Kiln.Frontend.Preprocess;

/// <summary><c>#define</c> and <c>#undef</c> (C17 6.10.3).</summary>
public sealed partial class Preprocessor
{
    private readonly GrowBuffer<Token> _body = new(256);
    private readonly GrowBuffer<int> _parameters = new(16);
    private bool _definingBuiltins;

    /// <summary>Reads the name that #define, #undef and #ifdef want.</summary>
    private bool ReadMacroName(DirectiveKind kind, out Token name)
    {
        name = default;
        _lexer.Lex(ref name);
        bool forDefinition = kind is DirectiveKind.Define or DirectiveKind.Undef;
        if (name.Kind == TokenKind.Identifier)
        {
            if (forDefinition && name.Payload == _defined)
            {
                _diagnostics.Report(name.Location, Messages.CannotDefine, "defined");
                return false;
            }
            if (Macros[name.Payload] is { Kind: MacroKind.Poisoned } poisoned)
            {
                ReportReserved(poisoned, name);
                return false;
            }
            if (Macros[name.Payload] is { Kind: MacroKind.Reserved } reserved)
            {
                ReportReserved(reserved, name);
                return !forDefinition;
            }
            if (forDefinition && Macros[name.Payload] is { Kind: MacroKind.Dynamic, Dynamic: >= DynamicMacro.HasInclude and <= DynamicMacro.HasEmbed })
            {
                _diagnostics.Report(name.Location, Messages.CannotDefine, _names.Text(name.Payload));
                return false;
            }
            return true;
        }
        if (name.Kind == TokenKind.EndOfLine)
            _diagnostics.Report(name.Location, Messages.NoMacroName, WordOf(kind));
        else
            _diagnostics.Report(name.Location, Messages.MacroNameNotIdentifier);
        return false;
    }

    private void Undefine(in Token hash)
    {
        if (!ReadMacroName(DirectiveKind.Undef, out Token name))
            return;
        Observer?.Undefined(name.Payload, hash.Location);
        if (Macros[name.Payload] is { IsDefined: true } macro)
        {
            if (macro.IsBuiltin && macro.Kind == MacroKind.Dynamic || macro.IsBuiltin && IsStandardBuiltin(macro.Name))
                _diagnostics.Report(name.Location, macro.Kind == MacroKind.Dynamic ? Messages.UndefiningBuiltin : Messages.UndefiningBuiltinQuiet, _names.Text(name.Payload));
            if (_diagnostics.IsOn(Warning.UnusedMacros))
                ReportUnused(macro);
            Macros.Set(name.Payload, null);
        }
        ExpectEndOfLine("undef");
    }

    private bool IsStandardBuiltin(int name) => _names.Bytes(name) is var text && (text.StartsWith("__STDC_"u8) && !text.SequenceEqual("__STDC_FORMAT_MACROS"u8)
        && !text.SequenceEqual("__STDC_LIMIT_MACROS"u8) && !text.SequenceEqual("__STDC_CONSTANT_MACROS"u8) || text.SequenceEqual("__STDC__"u8));

    private void Define(in Token hash)
    {
        if (!ReadMacroName(DirectiveKind.Define, out Token name))
            return;
        var macro = new Macro { Name = name.Payload, Location = name.Location, IsSystem = InSystemHeader, IsBuiltin = _definingBuiltins };
        // Comments in a body are kept by -CC alone.
        _lexer.KeepComments = _options.KeepMacroComments && !_definingBuiltins;
        Token token = default;
        _parameters.Clear();
        _lexer.Lex(ref token);
        if (token.Kind == TokenKind.LeftParenthesis && (token.Flags & TokenFlags.SpaceBefore) == 0)
        {
            macro.Kind = MacroKind.Function;
            if (!ReadParameters(macro))
                return;
            _lexer.Lex(ref token);
        }
        else if (token.Kind != TokenKind.EndOfLine && (token.Flags & TokenFlags.SpaceBefore) == 0 && token.Kind != TokenKind.Comment)
        {
            _diagnostics.Report(token.Location, _options.StandardYear >= 1999 ? Messages.MissingSpaceC99 : Messages.MissingSpace);
        }
        if (!ReadBody(macro, token))
            return;
        macro.Parameters = _parameters.Span.ToArray();
        macro.Body = _body.Span.ToArray();
        Finish(macro, hash.Location);
    }

    private void Finish(Macro macro, Location directive)
    {
        if (Macros[macro.Name] is { IsDefined: true } old && !Same(old, macro))
        {
            if (old.Kind == MacroKind.Dynamic)
            {
                _diagnostics.Report(macro.Location, Messages.RedefiningBuiltin, _names.Text(macro.Name));
            }
            else if (_diagnostics.Report(macro.Location, Messages.Redefined, _names.Text(macro.Name)) && !old.IsBuiltin)
            {
                _diagnostics.Report(old.Location, Messages.PreviousDefinition);
            }
        }
        Macros.Set(macro.Name, macro);
        Observer?.Defined(macro, directive);
    }

    private bool ReadParameters(Macro macro)
    {
        Token token = default;
        bool afterName = false;
        for (; ; )
        {
            _lexer.Lex(ref token);
            switch (token.Kind)
            {
                case TokenKind.Comment:
                    continue;
                case TokenKind.Identifier:
                    if (afterName)
                    {
                        _diagnostics.Report(token.Location, Messages.ExpectedCommaNotName, Encoding.UTF8.GetString(Spelling(token)));
                        return false;
                    }
                    if (Macros[token.Payload] is { Kind: MacroKind.Poisoned or MacroKind.Reserved } reserved)
                    {
                        ReportReserved(reserved, token);
                        if (reserved.Kind == MacroKind.Poisoned)
                            return false;
                    }
                    if (_parameters.Span.Contains(token.Payload))
                    {
                        _diagnostics.Report(token.Location, Messages.DuplicateParameter, _names.Text(token.Payload));
                        return false;
                    }
                    _parameters.Add(token.Payload);
                    afterName = true;
                    continue;
                case TokenKind.RightParenthesis:
                    if (afterName || _parameters.Count == 0)
                        return true;
                    _diagnostics.Report(token.Location, Messages.ExpectedParameterName, ")");
                    return false;
                case TokenKind.Comma:
                    if (!afterName)
                    {
                        _diagnostics.Report(token.Location, Messages.ExpectedParameterName, ",");
                        return false;
                    }
                    afterName = false;
                    continue;
                case TokenKind.Ellipsis:
                    macro.IsVariadic = true;
                    if (afterName)
                    {
                        macro.IsNamedVariadic = true;
                        if (_diagnostics.Pedantic && !InSystemHeader)
                            _diagnostics.Report(token.Location, Messages.NamedVariadic);
                    }
                    else
                    {
                        _parameters.Add(_vaArgs);
                        if (_options.StandardYear < 1999 && _diagnostics.IsOn(Warning.VariadicMacros) && !InSystemHeader)
                            _diagnostics.Report(token.Location, Messages.AnonymousVariadic);
                    }
                    _lexer.Lex(ref token);
                    if (token.Kind == TokenKind.RightParenthesis)
                        return true;
                    _diagnostics.Report(token.Location, Messages.ExpectedParenthesisAfterEllipsis);
                    return false;
                case TokenKind.EndOfLine:
                    _diagnostics.Report(token.Location, afterName ? Messages.ExpectedParenthesisBeforeEnd : Messages.ExpectedNameBeforeEnd);
                    return false;
                default:
                    if (afterName)
                        _diagnostics.Report(token.Location, Messages.ExpectedCommaNotName, Encoding.UTF8.GetString(Spelling(token)));
                    else
                        _diagnostics.Report(token.Location, Messages.ExpectedParameterName, Encoding.UTF8.GetString(Spelling(token)));
                    return false;
            }
        }
    }

    private bool ReadBody(Macro macro, Token token)
    {
        _body.Clear();
        bool isFunction = macro.Kind == MacroKind.Function;
        bool afterPaste = false;
        bool isFirst = true;
        int vaOpt = -1, vaOptNesting = 0;
        Location end = token.Location;
        macro.BodyStart = token.Location;
        for (; token.Kind != TokenKind.EndOfLine; _lexer.Lex(ref token))
        {
            end = token.Location.Add(token.Length);
            token.Flags |= TokenFlags.FromMacro;
            if (isFirst)
                token.Flags &= ~(TokenFlags.SpaceBefore | TokenFlags.StartOfLine);
            isFirst = false;
            if (token.Kind == TokenKind.HashHash)
            {
                if (_body.Count == 0)
                {
                    _diagnostics.Report(token.Location, Messages.PasteAtEnd);
                    return false;
                }
                if (vaOpt == _body.Count - 1)
                {
                    _diagnostics.Report(token.Location, Messages.PasteAtEndOfVaOpt);
                    return false;
                }
                _body.Last.Flags |= TokenFlags.PasteLeft;
                macro.HasPaste = true;
                afterPaste = true;
                continue;
            }
            bool isOperand = isFunction && _body.Count > 0 && _body.Last.Kind == TokenKind.Hash
                && (_body.Last.Flags & TokenFlags.NotAnOperator) == 0;
            if (token.Kind == TokenKind.Identifier)
            {
                int index = isFunction ? _parameters.Span.IndexOf(token.Payload) : -1;
                if (token.Payload == _vaOpt && macro.IsVariadic)
                {
                    if (vaOpt >= 0)
                    {
                        _diagnostics.Report(token.Location, Messages.VaOptNested);
                        return false;
                    }
                    if (_options.StandardYear < 2023 && _diagnostics.Pedantic && !InSystemHeader)
                        _diagnostics.Report(token.Location, Messages.VaOptExtension);
                    Token open = token;
                    open.Kind = TokenKind.Placemarker;
                    open.Flags |= TokenFlags.VaOpt;
                    _lexer.Lex(ref token);
                    if (token.Kind != TokenKind.LeftParenthesis)
                    {
                        _diagnostics.Report(open.Location, token.Kind == TokenKind.EndOfLine ? Messages.VaOptUnterminated : Messages.VaOptNeedsParenthesis);
                        return false;
                    }
                    if (isOperand)
                        MakeOperand(ref open);
                    vaOpt = _body.Add(open);
                    vaOptNesting = 0;
                    macro.HasVaOpt = true;
                    afterPaste = false;
                    continue;
                }
                if (index >= 0)
                {
                    token.Kind = TokenKind.Parameter;
                    token.Payload = index;
                }
                else if (Macros[token.Payload] is { Kind: MacroKind.Poisoned or MacroKind.Reserved } reserved)
                {
                    ReportReserved(reserved, token);
                }
            }
            if (isOperand)
            {
                if (token.Kind == TokenKind.Parameter)
                {
                    MakeOperand(ref token);
                }
                else if (!_options.Assembly)
                {
                    _diagnostics.Report(_body.Last.Location, Messages.HashWithoutParameter);
                    return false;
                }
                else
                {
                    _body.Last.Flags |= TokenFlags.NotAnOperator;
                }
            }
            afterPaste = false;
            if (vaOpt >= 0)
            {
                if (token.Kind == TokenKind.LeftParenthesis)
                {
                    vaOptNesting++;
                }
                else if (token.Kind == TokenKind.RightParenthesis && vaOptNesting-- == 0)
                {
                    if (_body.Count - 1 > vaOpt && (_body.Last.Flags & TokenFlags.PasteLeft) != 0)
                    {
                        _diagnostics.Report(token.Location, Messages.PasteAtEndOfVaOpt);
                        return false;
                    }
                    _body[vaOpt].Payload = _body.Count;
                    vaOpt = -1;
                    token.Kind = TokenKind.Placemarker;
                    token.Flags |= TokenFlags.VaOpt;
                }
            }
            _body.Add(token);
        }
        if (vaOpt >= 0)
        {
            _diagnostics.Report(_body[vaOpt].Location, Messages.VaOptUnterminated);
            return false;
        }
        if (afterPaste)
        {
            _diagnostics.Report(token.Location, Messages.PasteAtEnd);
            return false;
        }
        if (isFunction && _body.Count > 0 && _body.Last.Kind == TokenKind.Hash && (_body.Last.Flags & TokenFlags.NotAnOperator) == 0
            && !_options.Assembly)
        {
            _diagnostics.Report(_body.Last.Location, Messages.HashWithoutParameter);
            return false;
        }
        macro.BodyLength = (int)(end.Offset - macro.BodyStart.Offset);
        return true;
    }

    /// <summary>The last token is a #: it becomes a flag of its operand.</summary>
    private void MakeOperand(ref Token operand)
    {
        Token hash = _body.Pop();
        operand.Flags = operand.Flags & ~TokenFlags.SpaceBefore | TokenFlags.Stringify | hash.Flags & TokenFlags.SpaceBefore;
        operand.Length = (int)(operand.Location.Offset - hash.Location.Offset) + operand.Length;
        operand.Location = hash.Location;
    }

    /// <summary>Whether two definitions are the same (6.10.3 paragraph 1).</summary>
    private bool Same(Macro a, Macro b)
    {
        if (a.Kind != b.Kind || a.IsVariadic != b.IsVariadic || !a.Parameters.AsSpan().SequenceEqual(b.Parameters) || a.Body.Length != b.Body.Length)
            return false;
        const TokenFlags Compared = TokenFlags.SpaceBefore | TokenFlags.PasteLeft | TokenFlags.Stringify | TokenFlags.VaOpt | TokenFlags.Digraph;
        for (int i = 0; i < a.Body.Length; i++)
        {
            ref Token x = ref a.Body[i];
            ref Token y = ref b.Body[i];
            if (x.Kind != y.Kind || ((x.Flags ^ y.Flags) & Compared) != 0)
                return false;
            bool hasPayload = x.Kind is TokenKind.Identifier or TokenKind.Number or TokenKind.String or TokenKind.Character
                or TokenKind.Other or TokenKind.Parameter;
            if (hasPayload && x.Payload != y.Payload)
                return false;
        }
        return true;
    }
}
