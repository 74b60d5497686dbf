using System.Globalization;
using System.Text;
using Kiln.Base;
using Kiln.Frontend.Diagnostics;
using Kiln.Frontend.Lex;

namespace Kiln.Frontend.Preprocess;

/// <summary><c>#embed</c> (C23 6.10.4): the bytes of a file as a comma list of integers.</summary>
public sealed partial class Preprocessor
{
    private readonly GrowBuffer<ReadOnlyMemory<byte>> _blobs = new(0);

    /// <summary>The bytes of an <see cref="TokenKind.Embed"/> token.</summary>
    public ReadOnlyMemory<byte> Blob(int index) => _blobs[index];

    private struct EmbedParameters
    {
        public long Limit;
        public long Offset;
        public Token[]? Prefix;
        public Token[]? Suffix;
        public Token[]? IfEmpty;
        public bool IsUnsupported;
    }

    private void Embed(in Token word)
    {
        if (_options.StandardYear < 2023 && _diagnostics.Pedantic)
            _diagnostics.Report(word.Location, Messages.EmbedExtension);
        if (!ReadHeaderName("embed", out string name, out bool isAngled, out Token header)
            || !ReadEmbedParameters(TokenKind.EndOfLine, isTest: false, out EmbedParameters parameters))
            return;
        CachedFile? file = FindEmbedded(name, isAngled);
        if (file is null)
        {
            _diagnostics.Report(header.Location, Messages.FileNotFound, name, "No such file or directory");
            return;
        }
        AddDependency(file);
        ReadOnlyMemory<byte> bytes = Cut(file.Raw, parameters);
        var tokens = new GrowBuffer<Token>(16);
        if (bytes.IsEmpty)
        {
            tokens.AddRange(parameters.IfEmpty);
        }
        else
        {
            tokens.AddRange(parameters.Prefix);
            if (Observer is null && bytes.Length > 16)
                tokens.Add(new Token { Kind = TokenKind.Embed, Location = header.Location, Flags = TokenFlags.SpaceBefore, Payload = _blobs.Add(bytes) });
            else
                AddIntegers(tokens, bytes.Span, header.Location);
            tokens.AddRange(parameters.Suffix);
        }
        _lexer.SkipLine();
        if (tokens.Count > 0)
            PushTokens(tokens.Span.ToArray(), 0, tokens.Count, 0, null, -1);
    }

    private void AddIntegers(GrowBuffer<Token> tokens, ReadOnlySpan<byte> bytes, Location at)
    {
        Span<int> names = stackalloc int[256];
        for (int i = 0; i < 256; i++)
            names[i] = _names.Intern(i.ToString(CultureInfo.InvariantCulture));
        for (int i = 0; i < bytes.Length; i++)
        {
            if (i > 0)
                tokens.Add(new Token { Kind = TokenKind.Comma, Location = at });
            tokens.Add(new Token { Kind = TokenKind.Number, Location = at, Flags = TokenFlags.SpaceBefore, Payload = names[bytes[i]] });
        }
    }

    private static ReadOnlyMemory<byte> Cut(ReadOnlyMemory<byte> bytes, in EmbedParameters parameters)
    {
        bytes = bytes[(int)Math.Min(parameters.Offset, bytes.Length)..];
        return parameters.Limit >= 0 && parameters.Limit < bytes.Length ? bytes[..(int)parameters.Limit] : bytes;
    }

    private CachedFile? FindEmbedded(string name, bool isAngled)
    {
        if (name[0] == '/')
            return _files.Find(name);
        if (!isAngled)
        {
            string path = _frames.Last.File.Path;
            int slash = path.LastIndexOf('/');
            CachedFile? own = _files.Find(slash < 0 ? name : path[..(slash + 1)] + name);
            if (own is not null)
                return own;
        }
        foreach (string directory in _options.EmbedDirectories)
        {
            if (_files.Find(IncludeSearch.Join(directory, name)) is { } found)
                return found;
        }
        return Search.Find(name, isAngled ? Search.FirstAngled : 0).File;
    }

    private long HasEmbedValue(string word)
    {
        Token token = default;
        GetSolid(ref token);
        if (token.Kind != TokenKind.LeftParenthesis)
        {
            _diagnostics.Report(token.Location, Messages.MissingParenthesisBefore, word);
            PutBack(token);
            return 0;
        }
        if (!ReadHeaderName(word, out string name, out bool isAngled, out _)
            || !ReadEmbedParameters(TokenKind.RightParenthesis, isTest: true, out EmbedParameters parameters) || parameters.IsUnsupported)
            return 0;
        CachedFile? file = FindEmbedded(name, isAngled);
        return file is null ? 0 : Cut(file.Raw, parameters).IsEmpty ? 2 : 1;
    }

    /// <summary>Reads <c>limit(n) prefix(...)</c> and so on up to a closing token.</summary>
    private bool ReadEmbedParameters(TokenKind end, bool isTest, out EmbedParameters parameters)
    {
        parameters = new EmbedParameters { Limit = -1 };
        var seen = new HashSet<string>();
        Token token = default;
        for (; ; )
        {
            GetSolid(ref token);
            if (token.Kind == end)
                return true;
            if (token.Kind != TokenKind.Identifier)
            {
                _diagnostics.Report(token.Location, Messages.EmbedUnknownParameter, Encoding.UTF8.GetString(Spelling(token)));
                return false;
            }
            string name = Plain(_names.Text(token.Payload));
            Location at = token.Location;
            GetSolid(ref token);
            if (token.Kind is TokenKind.Colon or TokenKind.ColonColon)
            {
                if (token.Kind == TokenKind.Colon)
                    GetSolid(ref token);
                GetSolid(ref token);
                name = $"{name}::{(token.Kind == TokenKind.Identifier ? Plain(_names.Text(token.Payload)) : "")}";
                GetSolid(ref token);
            }
            if (name is "gnu::offset")
                name = "offset";
            bool isKnown = name is "limit" or "offset" or "prefix" or "suffix" or "if_empty";
            if (!isKnown && !isTest)
            {
                _diagnostics.Report(at, Messages.EmbedUnknownParameter, name);
                return false;
            }
            parameters.IsUnsupported |= !isKnown;
            if (!seen.Add(name))
            {
                _diagnostics.Report(at, Messages.EmbedDuplicateParameter, name);
                return false;
            }
            if (token.Kind != TokenKind.LeftParenthesis)
            {
                if (!isKnown)
                {
                    PutBack(token);
                    continue;
                }
                _diagnostics.Report(token.Location, Messages.EmbedNeedsOperand, name);
                return false;
            }
            if (name is "limit" or "offset")
            {
                if (!ReadEmbedNumber(at, out long value))
                    return false;
                if (name is "limit")
                    parameters.Limit = value;
                else
                    parameters.Offset = value;
                continue;
            }
            if (!ReadBalanced(out Token[] tokens))
                return false;
            switch (name)
            {
                case "prefix":
                    parameters.Prefix = tokens;
                    break;
                case "suffix":
                    parameters.Suffix = tokens;
                    break;
                case "if_empty":
                    parameters.IfEmpty = tokens;
                    break;
            }
        }
    }

    private bool ReadEmbedNumber(Location at, out long value)
    {
        _failed = false;
        _conditionWord = "embed";
        Advance();
        Value result = Ternary();
        value = result.Bits;
        if (_failed)
            return false;
        if (_operand.Kind != TokenKind.RightParenthesis)
        {
            _diagnostics.Report(_operand.Location, Messages.MissingParenthesisAfter, "embed");
            return false;
        }
        if (!result.IsUnsigned && value < 0)
        {
            _diagnostics.Report(at, Messages.EmbedNegative);
            return false;
        }
        return true;
    }

    private bool ReadBalanced(out Token[] tokens)
    {
        var read = new GrowBuffer<Token>(8);
        Token token = default;
        tokens = [];
        for (int nesting = 0; ;)
        {
            GetSolid(ref token);
            switch (token.Kind)
            {
                case TokenKind.LeftParenthesis or TokenKind.LeftBrace or TokenKind.LeftBracket:
                    nesting++;
                    break;
                case TokenKind.RightParenthesis or TokenKind.RightBrace or TokenKind.RightBracket:
                    if (nesting-- == 0)
                    {
                        tokens = read.Span.ToArray();
                        return true;
                    }
                    break;
                case TokenKind.EndOfLine or TokenKind.End:
                    _diagnostics.Report(token.Location, Messages.EmbedUnbalanced, "(");
                    return false;
            }
            read.Add(token);
        }
    }
}
