using Kiln.Base;
using Kiln.Frontend.Diagnostics;

namespace Kiln.Frontend.Lex;

/// <summary>What the lexer has to know of the language.</summary>
public struct LexerOptions
{
    /// <summary><c>//</c> starts a comment.</summary>
    public bool LineComments;
    /// <summary>C99's own list of characters that begin no identifier.</summary>
    public bool DigitsOfC99;

    /// <summary>Digraphs are punctuators (C94 on).</summary>
    public bool Digraphs;

    /// <summary><c>u"" U"" u8"" u'' U''</c> (C11; gnu99 has them too).</summary>
    public bool UnicodeLiterals;

    /// <summary><c>u8''</c> (C23).</summary>
    public bool Utf8Characters;

    /// <summary><c>1'000</c> (C23).</summary>
    public bool DigitSeparators;

    /// <summary><c>::</c> is one token (C23).</summary>
    public bool Scope;

    /// <summary>p exponents belong to pp-numbers (C99; GNU C89 too).</summary>
    public bool HexFloats;

    /// <summary>UCNs and extended characters in identifiers (C99).</summary>
    public bool ExtendedIdentifiers;

    /// <summary><c>$</c> in identifiers.</summary>
    public bool Dollars;

    /// <summary>Assembly: quotes need not match.</summary>
    public bool Assembly;
}

/// <summary>
/// Translation phase 3: makes tokens of the bytes of one text at a time. In: a text made by <see cref="TextCleaner"/>, with its place
/// in the source map. Out: one token a call, with white space and comments gone into flags. At the end of a directive's line
/// it gives <see cref="TokenKind.EndOfLine"/> until the directive is over; at the end of the text <see cref="TokenKind.End"/>.
/// The state is plain fields, so that the preprocessor can put it aside when it enters an include file.
/// </summary>
public sealed class Lexer(Interner names, DiagnosticEngine diagnostics)
{
    private const byte Start = 1, Digit = 2, Extended = 4;

    private byte[] _text = [0];
    private int _position;
    private int _limit;
    private uint _base;
    private TokenFlags _fileFlags;
    private bool _atLineStart;

    /// <summary>Splices with blanks, of which those in comments are forgotten as they are passed.</summary>
    private List<int>? _spacedSplices;
    private TextCuts? _cuts;

    /// <summary>The options of the language.</summary>
    public LexerOptions Options;

    /// <summary>The line belongs to a directive: its end is a token.</summary>
    public bool InDirective;

    /// <summary>Arguments of a macro are being read: a newline is white space.</summary>
    public bool InArguments;

    /// <summary>Comments are tokens.</summary>
    public bool KeepComments;

    /// <summary>Nothing is reported: the text is skipped or tried.</summary>
    public bool Quiet;

    /// <summary>What is kept of a text that is put aside.</summary>
    public struct State
    {
        internal byte[] Text;
        internal int Position;
        internal int Limit;
        internal uint Base;
        internal TokenFlags FileFlags;
        internal bool AtLineStart;
        internal TextCuts? Cuts;
    }

    /// <summary>Starts reading a text from its beginning.</summary>
    /// <param name="text">The array that holds it, padded with zeros.</param>
    /// <param name="length">Its length.</param>
    /// <param name="start">The location of its first byte.</param>
    /// <param name="isSystem">Whether its tokens are marked as being from a system header.</param>
    /// <param name="cuts">Where the cleaner took bytes out, or null.</param>
    public void Open(byte[] text, int length, Location start, bool isSystem, TextCuts? cuts = null)
    {
        _cuts = cuts;
        _spacedSplices = cuts?.SpacedSplices;
        _text = text;
        _position = 0;
        _limit = length;
        _base = start.Offset;
        _fileFlags = isSystem ? TokenFlags.System : TokenFlags.None;
        _atLineStart = true;
    }

    /// <summary>Puts the text aside.</summary>
    public State Save() => new()
    {
        Text = _text,
        Position = _position,
        Limit = _limit,
        Base = _base,
        FileFlags = _fileFlags,
        AtLineStart = _atLineStart,
        Cuts = _cuts,
    };

    /// <summary>Goes on with a text that was put aside.</summary>
    public void Restore(in State state)
    {
        _text = state.Text;
        _position = state.Position;
        _limit = state.Limit;
        _base = state.Base;
        _fileFlags = state.FileFlags;
        _atLineStart = state.AtLineStart;
        _cuts = state.Cuts;
        _spacedSplices = _cuts?.SpacedSplices;
    }

    /// <summary>Where the next byte is.</summary>
    public Location Here => new(_base + (uint)_position);

    /// <summary>The offset of the next byte.</summary>
    public int Position
    {
        get => _position;
        set => _position = value;
    }

    /// <summary>The text.</summary>
    public ReadOnlySpan<byte> Text => _text.AsSpan(0, _limit);

    /// <summary>The location of the text's first byte.</summary>
    public Location Origin => new(_base);

    /// <summary>Whether the whole text was read.</summary>
    public bool AtEnd => _position >= _limit;

    /// <summary>Marks the tokens from here on as being from a system header, or not.</summary>
    public void SetSystem(bool isSystem) => _fileFlags = isSystem ? TokenFlags.System : TokenFlags.None;

    /// <summary>Reads the next token.</summary>
    public void Lex(ref Token token)
    {
        byte[] text = _text;
        int position = _position;
        TokenFlags flags = _fileFlags;
        if (_atLineStart)
        {
            flags |= TokenFlags.StartOfLine;
            if (InArguments)
                flags |= TokenFlags.SpaceBefore;
        }

    again:
        int start = position;
        byte c = text[position++];
        TokenKind kind;
        switch (c)
        {
            case (byte)' ':
            case (byte)'\t':
            case (byte)'\f':
            case (byte)'\v':
            case (byte)'\r':
                flags |= TokenFlags.SpaceBefore;
                while (text[position] is (byte)' ' or (byte)'\t')
                    position++;
                goto again;

            case (byte)'\n':
                if (InDirective)
                {
                    position = start;
                    kind = TokenKind.EndOfLine;
                    break;
                }
                flags = _fileFlags | TokenFlags.StartOfLine;
                if (InArguments)
                    flags |= TokenFlags.SpaceBefore;
                goto again;

            case 0:
                if (start >= _limit)
                {
                    position = start;
                    kind = InDirective ? TokenKind.EndOfLine : TokenKind.End;
                    break;
                }
                if (!Quiet)
                    diagnostics.Report(At(start), Messages.NullCharacter);
                flags |= TokenFlags.SpaceBefore;
                goto again;

            case (byte)'0':
            case (byte)'1':
            case (byte)'2':
            case (byte)'3':
            case (byte)'4':
            case (byte)'5':
            case (byte)'6':
            case (byte)'7':
            case (byte)'8':
            case (byte)'9':
            number:
                position = NumberEnd(text, position);
                kind = TokenKind.Number;
                token.Payload = names.Intern(text.AsSpan(start, position - start));
                break;

            case (byte)'u':
            case (byte)'U':
            case (byte)'L':
                if (LiteralPrefix(text, position, c, out int quote))
                {
                    position = quote + 1;
                    kind = Literal(text, start, ref position, text[quote], ref token);
                    break;
                }
                goto identifier;

            case (byte)'a':
            case (byte)'b':
            case (byte)'c':
            case (byte)'d':
            case (byte)'e':
            case (byte)'f':
            case (byte)'g':
            case (byte)'h':
            case (byte)'i':
            case (byte)'j':
            case (byte)'k':
            case (byte)'l':
            case (byte)'m':
            case (byte)'n':
            case (byte)'o':
            case (byte)'p':
            case (byte)'q':
            case (byte)'r':
            case (byte)'s':
            case (byte)'t':
            case (byte)'v':
            case (byte)'w':
            case (byte)'x':
            case (byte)'y':
            case (byte)'z':
            case (byte)'A':
            case (byte)'B':
            case (byte)'C':
            case (byte)'D':
            case (byte)'E':
            case (byte)'F':
            case (byte)'G':
            case (byte)'H':
            case (byte)'I':
            case (byte)'J':
            case (byte)'K':
            case (byte)'M':
            case (byte)'N':
            case (byte)'O':
            case (byte)'P':
            case (byte)'Q':
            case (byte)'R':
            case (byte)'S':
            case (byte)'T':
            case (byte)'V':
            case (byte)'W':
            case (byte)'X':
            case (byte)'Y':
            case (byte)'Z':
            case (byte)'_':
            identifier:
                {
                    ReadOnlySpan<byte> classes = Classes;
                    uint hash = (2166136261 ^ c) * 16777619;
                    byte next = text[position];
                    while ((classes[next] & (Start | Digit)) != 0)
                    {
                        hash = (hash ^ next) * 16777619;
                        next = text[++position];
                    }
                    kind = TokenKind.Identifier;
                    if ((classes[next] & Extended) != 0 && ExtendsIdentifier(text, position))
                    {
                        ExtendedIdentifier(text, start, ref position, ref token, ref flags);
                        break;
                    }
                    token.Payload = names.Intern(text.AsSpan(start, position - start), hash);
                    break;
                }

            case (byte)'"':
            case (byte)'\'':
                kind = Literal(text, start, ref position, c, ref token);
                break;

            case (byte)'/':
                if (text[position] == '*')
                {
                    if (!BlockComment(text, start, ref position))
                        flags |= TokenFlags.SpaceBefore;
                    if (KeepComments)
                    {
                        kind = TokenKind.Comment;
                        token.Payload = names.Intern(text.AsSpan(start, position - start));
                        break;
                    }
                    flags |= TokenFlags.SpaceBefore;
                    goto again;
                }
                if (text[position] == '/' && (Options.LineComments || Options.Assembly
                    || !Quiet && !InDirective && text[position + 1] != '*' && IsForbiddenComment(start)))
                {
                    position += text.AsSpan(position).IndexOf((byte)'\n');
                    if (_cuts is not null)
                        SplicedComment(start, position);
                    if (KeepComments)
                    {
                        kind = TokenKind.Comment;
                        token.Payload = names.Intern(text.AsSpan(start, position - start));
                        break;
                    }
                    flags |= TokenFlags.SpaceBefore;
                    goto again;
                }
                kind = Then(text, ref position, (byte)'=', TokenKind.SlashEqual, TokenKind.Slash);
                break;

            case (byte)'[':
                kind = TokenKind.LeftBracket;
                break;
            case (byte)']':
                kind = TokenKind.RightBracket;
                break;
            case (byte)'(':
                kind = TokenKind.LeftParenthesis;
                break;
            case (byte)')':
                kind = TokenKind.RightParenthesis;
                break;
            case (byte)'{':
                kind = TokenKind.LeftBrace;
                break;
            case (byte)'}':
                kind = TokenKind.RightBrace;
                break;
            case (byte)';':
                kind = TokenKind.Semicolon;
                break;
            case (byte)',':
                kind = TokenKind.Comma;
                break;
            case (byte)'?':
                kind = TokenKind.Question;
                break;
            case (byte)'~':
                kind = TokenKind.Tilde;
                break;
            case (byte)'.':
                if ((Classes[text[position]] & Digit) != 0)
                    goto number;
                if (text[position] == '.' && text[position + 1] == '.')
                {
                    position += 2;
                    kind = TokenKind.Ellipsis;
                    break;
                }
                kind = TokenKind.Dot;
                break;
            case (byte)'-':
                if (text[position] == '>')
                {
                    position++;
                    kind = TokenKind.Arrow;
                    break;
                }
                kind = text[position] == '-'
                    ? Take(ref position, TokenKind.MinusMinus)
                    : Then(text, ref position, (byte)'=', TokenKind.MinusEqual, TokenKind.Minus);
                break;
            case (byte)'+':
                kind = text[position] == '+'
                    ? Take(ref position, TokenKind.PlusPlus)
                    : Then(text, ref position, (byte)'=', TokenKind.PlusEqual, TokenKind.Plus);
                break;
            case (byte)'&':
                kind = text[position] == '&'
                    ? Take(ref position, TokenKind.AmpersandAmpersand)
                    : Then(text, ref position, (byte)'=', TokenKind.AmpersandEqual, TokenKind.Ampersand);
                break;
            case (byte)'|':
                kind = text[position] == '|'
                    ? Take(ref position, TokenKind.BarBar)
                    : Then(text, ref position, (byte)'=', TokenKind.BarEqual, TokenKind.Bar);
                break;
            case (byte)'*':
                kind = Then(text, ref position, (byte)'=', TokenKind.StarEqual, TokenKind.Star);
                break;
            case (byte)'^':
                kind = Then(text, ref position, (byte)'=', TokenKind.CaretEqual, TokenKind.Caret);
                break;
            case (byte)'!':
                kind = Then(text, ref position, (byte)'=', TokenKind.ExclamationEqual, TokenKind.Exclamation);
                break;
            case (byte)'=':
                kind = Then(text, ref position, (byte)'=', TokenKind.EqualEqual, TokenKind.Equal);
                break;
            case (byte)'<':
                kind = AfterLess(text, ref position, ref flags);
                break;
            case (byte)'>':
                if (text[position] == '>')
                {
                    position++;
                    kind = Then(text, ref position, (byte)'=', TokenKind.GreaterGreaterEqual, TokenKind.GreaterGreater);
                    break;
                }
                kind = Then(text, ref position, (byte)'=', TokenKind.GreaterEqual, TokenKind.Greater);
                break;
            case (byte)'%':
                kind = AfterPercent(text, ref position, ref flags);
                break;
            case (byte)':':
                if (text[position] == '>' && Options.Digraphs)
                {
                    position++;
                    flags |= TokenFlags.Digraph;
                    kind = TokenKind.RightBracket;
                    break;
                }
                kind = text[position] == ':' && Options.Scope ? Take(ref position, TokenKind.ColonColon) : TokenKind.Colon;
                break;
            case (byte)'#':
                kind = Then(text, ref position, (byte)'#', TokenKind.HashHash, TokenKind.Hash);
                break;

            default:
                if (c is (byte)'$' or (byte)'\\' or >= 0x80 && ExtendsIdentifier(text, start, isFirst: true))
                {
                    position = start;
                    kind = TokenKind.Identifier;
                    ExtendedIdentifier(text, start, ref position, ref token, ref flags);
                    break;
                }
                kind = TokenKind.Other;
                if (c >= 0x80)
                    position = start + CodePoints.Utf8Length(text.AsSpan(start, _limit - start));
                token.Payload = names.Intern(text.AsSpan(start, position - start));
                break;
        }

        _position = position;
        _atLineStart = false;
        token.Kind = kind;
        token.Flags = flags;
        token.Location = new Location(_base + (uint)start);
        token.Length = position - start;
    }

    /// <summary>Makes the next token one at the start of a line: called when a directive is over.</summary>
    public void StartLine() => _atLineStart = _position == 0 || _text[_position - 1] == '\n';

    private Location At(int position) => new(_base + (uint)position);

    private static TokenKind Take(ref int position, TokenKind kind)
    {
        position++;
        return kind;
    }

    private static TokenKind Then(byte[] text, ref int position, byte next, TokenKind with, TokenKind without)
    {
        if (text[position] != next)
            return without;
        position++;
        return with;
    }

    private TokenKind AfterLess(byte[] text, ref int position, ref TokenFlags flags)
    {
        switch (text[position])
        {
            case (byte)'<':
                position++;
                return Then(text, ref position, (byte)'=', TokenKind.LessLessEqual, TokenKind.LessLess);
            case (byte)'=':
                position++;
                return TokenKind.LessEqual;
            case (byte)':' when Options.Digraphs:
                position++;
                flags |= TokenFlags.Digraph;
                return TokenKind.LeftBracket;
            case (byte)'%' when Options.Digraphs:
                position++;
                flags |= TokenFlags.Digraph;
                return TokenKind.LeftBrace;
            default:
                return TokenKind.Less;
        }
    }

    private TokenKind AfterPercent(byte[] text, ref int position, ref TokenFlags flags)
    {
        switch (text[position])
        {
            case (byte)'=':
                position++;
                return TokenKind.PercentEqual;
            case (byte)'>' when Options.Digraphs:
                position++;
                flags |= TokenFlags.Digraph;
                return TokenKind.RightBrace;
            case (byte)':' when Options.Digraphs:
                position++;
                flags |= TokenFlags.Digraph;
                if (text[position] == '%' && text[position + 1] == ':')
                {
                    position += 2;
                    return TokenKind.HashHash;
                }
                return TokenKind.Hash;
            default:
                return TokenKind.Percent;
        }
    }

    private int NumberEnd(byte[] text, int position)
    {
        ReadOnlySpan<byte> classes = Classes;
        for (; ; )
        {
            byte c = text[position];
            if ((classes[c] & (Start | Digit)) != 0 || c == '.')
            {
                position++;
                byte sign = text[position];
                if (sign is (byte)'+' or (byte)'-' && ((c | 0x20) == 'e' || (c | 0x20) == 'p' && Options.HexFloats))
                    position++;
            }
            else if (c == '\'' && Options.DigitSeparators && (classes[text[position + 1]] & (Start | Digit)) != 0)
            {
                position += 2;
            }
            else if ((classes[c] & Extended) != 0 && ExtendsIdentifier(text, position))
            {
                position += c == '\\' ? (text[position + 1] == 'u' ? 6 : 10)
                    : c == '$' ? 1 : CodePoints.Utf8Length(text.AsSpan(position, _limit - position));
            }
            else
            {
                return position;
            }
        }
    }

    private bool LiteralPrefix(byte[] text, int position, byte c, out int quote)
    {
        quote = position;
        byte next = text[position];
        if (next is (byte)'"' or (byte)'\'')
            return c == 'L' || Options.UnicodeLiterals;
        if (c != 'u' || next != '8' || !Options.UnicodeLiterals)
            return false;
        quote = position + 1;
        return text[quote] == '"' || text[quote] == '\'' && Options.Utf8Characters;
    }

    /// <summary>Reads the rest of a character constant or string. What is not closed on its line is a lone quote.</summary>
    private TokenKind Literal(byte[] text, int start, ref int position, byte quote, ref Token token)
    {
        int at = position;
        for (; ; )
        {
            byte c = text[at++];
            if (c == quote)
            {
                TokenKind kind = quote == '"' ? TokenKind.String : TokenKind.Character;
                position = at;
                token.Payload = names.Intern(text.AsSpan(start, at - start));
                return kind;
            }
            if (c == '\\' && text[at] != '\n')
            {
                at++;
            }
            else if (c == '\n' || c == 0 && at > _limit)
            {
                at--;
                break;
            }
        }
        // Not closed: the rest of the line is one token, which only a parser objects to.
        if (!Quiet && !Options.Assembly)
            diagnostics.Report(At(start), Messages.MissingTerminator, (char)quote);
        position = at;
        token.Payload = names.Intern(text.AsSpan(start, at - start));
        return TokenKind.Other;
    }

    private bool BlockComment(byte[] text, int start, ref int position)
    {
        int from = position + 1;
        int end = text.AsSpan(from, Math.Max(0, _limit - from)).IndexOf("*/"u8);
        if (end < 0)
        {
            diagnostics.Report(At(start), Messages.UnterminatedComment);
            // The newline that ends a directive must still be seen.
            position = InDirective ? _limit - 1 : _limit;
            return false;
        }
        if (!Quiet && diagnostics.IsOn(Warning.Comment))
        {
            int inner = text.AsSpan(from, end).IndexOf("/*"u8);
            if (inner >= 0)
                diagnostics.Report(At(from + inner), Messages.NestedComment);
        }
        position = from + end + 2;
        if (_spacedSplices is not null)
            ForgetSplices(start, position);
        return true;
    }

    /// <summary>ISO C90 has no // comments; gcc says so once and takes them for what they are meant to be.</summary>
    private bool IsForbiddenComment(int start)
    {
        if (!_saidLineComment && !diagnostics.Map.IsInSystemHeader(At(start)))
        {
            diagnostics.Report(At(start), Messages.LineCommentC90);
            diagnostics.Report(At(start), Messages.OncePerFile);
        }
        _saidLineComment = true;
        return true;
    }

    private bool _saidLineComment;

    /// <summary>A // comment that goes on in the next line is in most cases not meant.</summary>
    private void SplicedComment(int start, int end)
    {
        if (!Quiet && diagnostics.IsOn(Warning.Comment) && _cuts!.AnyInside(start, end))
            diagnostics.Report(At(start), Messages.MultiLineComment);
        if (_spacedSplices is not null)
            ForgetSplices(start, end);
    }

    private void ForgetSplices(int start, int end) => _spacedSplices!.RemoveAll(at => at > start && at <= end);

    /// <summary>Reports splices with blanks outside comments: at the end of the text, when comments are known.</summary>
    public void ReportSplices()
    {
        if (_spacedSplices is null)
            return;
        foreach (int at in _spacedSplices)
            diagnostics.Report(At(at), Messages.SpacedSplice);
        _spacedSplices.Clear();
    }

    /// <summary>Whether a <c>$</c>, UCN or extended character at a position belongs to an identifier.</summary>
    private bool ExtendsIdentifier(byte[] text, int position, bool isFirst = false)
    {
        byte c = text[position];
        if (c == '$')
            return Options.Dollars;
        if (!Options.ExtendedIdentifiers)
            return false;
        int codePoint;
        if (c == '\\')
        {
            if (text[position + 1] is not ((byte)'u' or (byte)'U'))
                return false;
            codePoint = CodePoints.UniversalName(text.AsSpan(position, _limit - position), out _);
        }
        else
        {
            codePoint = CodePoints.Decode(text.AsSpan(position, _limit - position), out _);
        }
        if (codePoint < 0)
            return false;
        bool isDigit = Options.DigitsOfC99 && CodePoints.IsDigitOfC99(codePoint);
        if (CodePoints.IsIdentifier(codePoint, isFirst) && !(isFirst && isDigit))
            return true;
        if (Quiet || Options.Assembly)
            return false;
        // What is written as a universal character name, or may stand further on, is meant to be part of an identifier.
        bool mayFollow = isFirst && CodePoints.IsIdentifier(codePoint, false);
        string spelled = c == '\\' ? System.Text.Encoding.Latin1.GetString(text, position, text[position + 1] == 'u' ? 6 : 10) : char.ConvertFromUtf32(codePoint);
        if (c == '\\' && codePoint < 0xA0)
            diagnostics.Report(At(position), Messages.InvalidUcn, spelled);
        else if (mayFollow && (c == '\\' || diagnostics.Pedantic))
            diagnostics.Report(At(position), Messages.NotAtStart, c == '\\' ? "universal" : "extended", spelled);
        else if (c == '\\')
            diagnostics.Report(At(position), Messages.NotInIdentifier, spelled);
        else
            return false;
        return true;
    }

    /// <summary>Reads an identifier with <c>$</c>, UCNs or extended characters; its name is the one in UTF-8.</summary>
    private void ExtendedIdentifier(byte[] text, int start, ref int position, ref Token token, ref TokenFlags flags)
    {
        var name = new ByteWriter(64);
        name.Bytes(text.AsSpan(start, position - start));
        for (; ; )
        {
            byte c = text[position];
            if ((Classes[c] & (Start | Digit)) != 0)
            {
                name.U8(c);
                position++;
            }
            else if ((Classes[c] & Extended) != 0 && ExtendsIdentifier(text, position, position == start))
            {
                ReadOnlySpan<byte> rest = text.AsSpan(position, _limit - position);
                int length = 1;
                if (c == '$')
                {
                    name.U8(c);
                }
                else if (c == '\\')
                {
                    int codePoint = CodePoints.UniversalName(rest, out length);
                    CodePoints.Encode(codePoint, name);
                    flags |= TokenFlags.NeedsCleaning;
                }
                else
                {
                    length = CodePoints.Utf8Length(rest);
                    name.Bytes(rest[..length]);
                }
                position += length;
            }
            else
            {
                break;
            }
        }
        token.Payload = names.Intern(name.Span);
    }

    /// <summary>Reads a header name, if one starts at the next byte that is not white space.</summary>
    /// <returns>Whether the token was set.</returns>
    public bool LexHeaderName(ref Token token)
    {
        int position = _position;
        while (_text[position] is (byte)' ' or (byte)'\t' or (byte)'\f' or (byte)'\v')
            position++;
        byte close = _text[position] switch
        {
            (byte)'<' => (byte)'>',
            (byte)'"' => (byte)'"',
            _ => (byte)0,
        };
        if (close == 0)
            return false;
        int end = _text.AsSpan(position + 1).IndexOfAny(close, (byte)'\n');
        if (_text[position + 1 + end] != close)
            return false;
        int length = end + 2;
        token.Kind = TokenKind.HeaderName;
        token.Flags = _fileFlags | TokenFlags.SpaceBefore;
        token.Location = At(position);
        token.Length = length;
        token.Payload = names.Intern(_text.AsSpan(position, length));
        _position = position + length;
        return true;
    }

    /// <summary>Moves to the newline that ends the line, without making tokens; a block comment is passed over whole.</summary>
    public void SkipLine()
    {
        byte[] text = _text;
        int position = _position;
        for (; ; )
        {
            position += text.AsSpan(position, _limit - position).IndexOfAny(LineStops) is var found and >= 0 ? found : _limit - position;
            if (position >= _limit)
                break;
            byte c = text[position];
            if (c == '\n')
                break;
            if (c == '/')
            {
                if (text[position + 1] == '*')
                {
                    int end = text.AsSpan(position + 2, Math.Max(0, _limit - position - 2)).IndexOf("*/"u8);
                    if (end < 0)
                    {
                        diagnostics.Report(At(position), Messages.UnterminatedComment);
                        position = _limit - 1;
                        break;
                    }
                    if (_spacedSplices is not null)
                        ForgetSplices(position, position + end + 4);
                    position += end + 4;
                }
                else if (text[position + 1] == '/' && Options.LineComments)
                {
                    int line = text.AsSpan(position, _limit - position).IndexOf((byte)'\n');
                    if (_spacedSplices is not null)
                        ForgetSplices(position, position + line);
                    position += line;
                    break;
                }
                else
                {
                    position++;
                }
            }
            else
            {
                position = SkipLiteral(text, position, c);
            }
        }
        _position = position;
    }

    private static System.Buffers.SearchValues<byte> LineStops { get; } = System.Buffers.SearchValues.Create("\n/\"'"u8);

    private static int SkipLiteral(byte[] text, int position, byte quote)
    {
        int at = position + 1;
        for (; ; at++)
        {
            byte c = text[at];
            if (c == quote)
                return at + 1;
            if (c == '\n')
                return at;
            if (c == '\\' && text[at + 1] != '\n')
                at++;
        }
    }

    /// <summary>
    /// In a skipped group, from the start of a line: moves to the next line that starts with <c>#</c> and passes that byte.
    /// </summary>
    /// <returns>Whether there is one.</returns>
    public bool SkipToDirective()
    {
        byte[] text = _text;
        for (; ; )
        {
            int position = _position;
            // Blanks and comments may stand before the hash.
            for (; ; )
            {
                byte c = text[position];
                if (c is (byte)' ' or (byte)'\t' or (byte)'\f' or (byte)'\v' or (byte)'\n' or (byte)'\r')
                {
                    position++;
                }
                else if (c == '/' && text[position + 1] == '*')
                {
                    int end = text.AsSpan(position + 2, Math.Max(0, _limit - position - 2)).IndexOf("*/"u8);
                    if (end < 0)
                    {
                        diagnostics.Report(At(position), Messages.UnterminatedComment);
                        position = _limit;
                        break;
                    }
                    if (_spacedSplices is not null)
                        ForgetSplices(position, position + end + 4);
                    position += end + 4;
                }
                else
                {
                    break;
                }
            }
            if (position >= _limit)
            {
                _position = _limit;
                return false;
            }
            if (text[position] == '#')
            {
                _position = position + 1;
                _atLineStart = false;
                return true;
            }
            if (text[position] == '%' && text[position + 1] == ':' && Options.Digraphs)
            {
                _position = position + 2;
                _atLineStart = false;
                return true;
            }
            _position = position;
            SkipLine();
        }
    }

    /// <summary>1: starts an identifier. 2: digit. 4: may belong to one after a closer look.</summary>
    private static ReadOnlySpan<byte> Classes =>
    [
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 0, 0, 0, 0, 0, 0,
        0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 4, 0, 0, 1,
        0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0,
        4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4,
        4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4,
        4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4,
        4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4,
    ];
}
