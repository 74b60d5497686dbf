namespace Kiln.Frontend.Diagnostics;

/// <summary>Messages of the lexer and of literals.</summary>
public static partial class Messages
{
    public static Message NullCharacter => Warn(Warning.None, "null character(s) ignored");
    public static Message MissingTerminator => Pedwarn(Warning.None, "missing terminating {0} character");
    public static Message MissingTerminatorError => Error("missing terminating {0} character");
    public static Message UnterminatedComment => Error("unterminated comment");
    public static Message LineCommentC90 => Error("C++ style comments are not allowed in ISO C90");
    public static Message OncePerFile => Note("(this will be reported only once per input file)");
    public static Message NestedComment => Warn(Warning.Comment, "\"/*\" within comment");
    public static Message MultiLineComment => Warn(Warning.Comment, "multi-line comment");
    public static Message EmptyCharacter => Error("empty character constant");
    public static Message StrayToken => Error("stray '{0}' in program");
    public static Message BackslashNewlineAtEnd => Pedwarn(Warning.None, "backslash-newline at end of file");
    public static Message SpacedSplice => Warn(Warning.None, "backslash and newline separated by space");

    public static Message InvalidSuffixInteger => Error("invalid suffix \"{0}\" on integer constant");
    public static Message InvalidSuffixFloating => Error("invalid suffix \"{0}\" on floating constant");
    public static Message InvalidDigitOctal => Error("invalid digit \"{0}\" in octal constant");
    public static Message InvalidDigitBinary => Error("invalid digit \"{0}\" in binary constant");
    public static Message TooManyPoints => Error("too many decimal points in number");
    public static Message NoExponentDigits => Error("exponent has no digits");
    public static Message HexFloatNeedsExponent => Error("hexadecimal floating constants require an exponent");
    public static Message HexNoDigits => Error("no digits in hexadecimal floating constant");
    public static Message FixedPointUnsupported => Error("fixed-point types not supported for this target");
    public static Message IntegerTooLarge => Pedwarn(Warning.None, "integer constant is too large for its type");
    public static Message IntegerSoLargeUnsigned => Warn(Warning.None, "integer constant is so large that it is unsigned");
    public static Message BinaryConstantExtension => Pedwarn(Warning.Pedantic, "binary constants are a C2X feature or GCC extension");
    public static Message ImaginaryExtension => Pedwarn(Warning.Pedantic, "imaginary constants are a GCC extension");
    public static Message LongLongC90 => Pedwarn(Warning.LongLong, "use of C99 long long integer constant");
    public static Message HexFloatC90 => Pedwarn(Warning.Pedantic, "use of C99 hexadecimal floating constant");

    public static Message UnknownEscape => Pedwarn(Warning.None, "unknown escape sequence: '\\{0}'");
    public static Message UnknownEscapeCode => Pedwarn(Warning.None, "unknown escape sequence: '\\{0}'");
    public static Message NonStandardEscape => Pedwarn(Warning.Pedantic, "non-ISO-standard escape sequence, '\\{0}'");
    public static Message HexEscapeNoDigits => Error("\\x used with no following hex digits");
    public static Message HexEscapeRange => Pedwarn(Warning.None, "hex escape sequence out of range");
    public static Message OctalEscapeRange => Pedwarn(Warning.None, "octal escape sequence out of range");
    public static Message IncompleteUcn => Error("incomplete universal character name {0}");
    public static Message NotAtStart => Error("{0} character {1} is not valid at the start of an identifier");
    public static Message NotInIdentifier => Error("universal character {0} is not valid in an identifier");
    public static Message InvalidUcn => Error("{0} is not a valid universal character");
    public static Message CharacterTooLong => Warn(Warning.None, "character constant too long for its type");
    public static Message MultiCharacter => Warn(Warning.Multichar, "multi-character character constant");
    public static Message ConversionToExecutionCharset => Error("converting to execution character set: Invalid or incomplete multibyte or wide character");
    public static Message UnsupportedConcatenation => Error("unsupported non-standard concatenation of string literals");
    public static Message CharacterTooLongUtf8 => Error("character not encodable in a single code unit");
    public static Message InvalidSuffixHexFloat => Error("invalid suffix \"{0}\" with hexadecimal floating constant");
}
