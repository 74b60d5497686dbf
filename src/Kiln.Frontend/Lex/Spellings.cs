using Kiln.Base;

namespace Kiln.Frontend.Lex;

/// <summary>Gives back how tokens are written.</summary>
internal sealed class Spellings(Interner names, SourceMap map)
{
    /// <summary>The bytes of a token; valid until the next name is interned.</summary>
    public ReadOnlySpan<byte> Of(in Token token)
    {
        switch (token.Kind)
        {
            case TokenKind.Identifier:
                return (token.Flags & TokenFlags.NeedsCleaning) != 0 ? Original(token) : names.Bytes(token.Payload);
            case TokenKind.Number:
            case TokenKind.Character:
            case TokenKind.String:
            case TokenKind.HeaderName:
            case TokenKind.Comment:
            case TokenKind.Other:
                return names.Bytes(token.Payload);
            default:
                return Punctuators.Spelling(token.Kind, (token.Flags & TokenFlags.Digraph) != 0);
        }
    }

    /// <summary>An identifier with UCNs as the file has it.</summary>
    private ReadOnlySpan<byte> Original(in Token token)
    {
        SourceFile? file = map.File(map.SpellingLocation(token.Location), out int offset, out _);
        if (file is null || offset + token.Length > file.Text.Length)
            return names.Bytes(token.Payload);
        return file.Text.Span.Slice(offset, token.Length);
    }
}
