using Kiln.Base;

namespace Kiln.Frontend.Lex;

/// <summary>The kinds of tokens. Keywords are identifiers here; the parser knows them by their interned name.</summary>
public enum TokenKind : byte
{
    /// <summary>End of the translation unit.</summary>
    End,
    Identifier,
    /// <summary>A preprocessing number, not yet interpreted (C17 6.4.8).</summary>
    Number,
    /// <summary>A character constant with its prefix.</summary>
    Character,
    /// <summary>A string literal with its prefix; adjacent ones are not yet joined.</summary>
    String,
    /// <summary>A header name; in <c>#include</c>, <c>#embed</c> and <c>__has_include</c> only.</summary>
    HeaderName,
    /// <summary>A comment; with <c>-C</c> only.</summary>
    Comment,
    /// <summary>End of a directive's line; inside the preprocessor only.</summary>
    EndOfLine,
    /// <summary>A pragma that the preprocessor passes on: the tokens up to <see cref="PragmaEnd"/> are its text after <c>pragma</c>.</summary>
    Pragma,
    PragmaEnd,
    /// <summary>A macro parameter in a macro's body; inside the preprocessor only.</summary>
    Parameter,
    /// <summary>An empty macro argument or body; inside the preprocessor only.</summary>
    Placemarker,
    /// <summary>Any other byte (C17 6.4: each non-white-space character that cannot be one of the above).</summary>
    Other,
    /// <summary>Bytes from <c>#embed</c>: payload is an index of the preprocessor's blobs; stands for a comma list of integers.</summary>
    Embed,

    LeftBracket,
    RightBracket,
    LeftParenthesis,
    RightParenthesis,
    LeftBrace,
    RightBrace,
    Dot,
    Arrow,
    PlusPlus,
    MinusMinus,
    Ampersand,
    Star,
    Plus,
    Minus,
    Tilde,
    Exclamation,
    Slash,
    Percent,
    LessLess,
    GreaterGreater,
    Less,
    Greater,
    LessEqual,
    GreaterEqual,
    EqualEqual,
    ExclamationEqual,
    Caret,
    Bar,
    AmpersandAmpersand,
    BarBar,
    Question,
    Colon,
    ColonColon,
    Semicolon,
    Ellipsis,
    Equal,
    StarEqual,
    SlashEqual,
    PercentEqual,
    PlusEqual,
    MinusEqual,
    LessLessEqual,
    GreaterGreaterEqual,
    AmpersandEqual,
    CaretEqual,
    BarEqual,
    Comma,
    Hash,
    HashHash,
}

/// <summary>What else is to be known of a token.</summary>
[Flags]
public enum TokenFlags : ushort
{
    None = 0,
    /// <summary>The first token of its line.</summary>
    StartOfLine = 1,
    /// <summary>White space stands before it.</summary>
    SpaceBefore = 2,
    /// <summary>An identifier that must never be expanded again (C17 6.10.3.4).</summary>
    NoExpand = 4,
    /// <summary>Spelled as a digraph, or with trigraphs, line splices or UCNs: its spelling differs from the bytes in the file.</summary>
    NeedsCleaning = 8,
    /// <summary>Comes from the expansion of a macro.</summary>
    FromMacro = 16,
    /// <summary>Spelled as a digraph.</summary>
    Digraph = 32,
    /// <summary>Stands in a system header.</summary>
    System = 64,
    /// <summary>The next token is to be pasted to it (<c>##</c>); inside the preprocessor only.</summary>
    PasteLeft = 128,
    /// <summary>A parameter whose argument is to be made a string (<c>#</c>); inside the preprocessor only.</summary>
    Stringify = 256,
    /// <summary>In a macro's body: the token opens or closes <c>__VA_OPT__</c>; inside the preprocessor only.</summary>
    VaOpt = 512,
    /// <summary>A <c>##</c> that is no operator: it came from an argument.</summary>
    NotAnOperator = 1024,
}

/// <summary>A token: 16 bytes.</summary>
public struct Token
{
    public TokenKind Kind;
    public byte Reserved;
    public TokenFlags Flags;
    public Location Location;

    /// <summary>Identifier: its interned name. Number, Character, String, Other: the interned spelling.
    /// Parameter: its index. Embed: the blob's index.</summary>
    public int Payload;

    /// <summary>The bytes it takes in the file.</summary>
    public int Length;
}
