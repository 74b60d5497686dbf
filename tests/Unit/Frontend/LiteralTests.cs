using System.Text;
using Kiln.Base;
using Kiln.Frontend.Diagnostics;
using Kiln.Frontend.Lex;
using Xunit;

namespace Kiln.Tests.Frontend;

public class LiteralTests
{
    private sealed class Sink : IDiagnosticSink
    {
        public List<string> Seen { get; } = [];

        public int ErrorCount => Seen.Count;

        public void Report(in Diagnostic diagnostic) => Seen.Add(diagnostic.Message);
    }

    private readonly Sink _sink = new();
    private readonly LiteralOptions _options = new() { StandardYear = 2023 };

    private DiagnosticEngine Engine() => new(new SourceMap(), _sink);

    [Theory]
    [InlineData("0", "0", "d")]
    [InlineData("42", "42", "D")]
    [InlineData("0x1Fu", "31", "u")]
    [InlineData("017L", "15", "l")]
    [InlineData("0b101ull", "5", "ull")]
    [InlineData("1'000'000LLU", "1000000", "Dull")]
    [InlineData("5wb", "5", "Dw")]
    [InlineData("5uwb", "5", "Duw")]
    [InlineData("3i", "3", "Di")]
    [InlineData("340282366920938463463374607431768211455", "340282366920938463463374607431768211455", "D")]
    public void Integers(string text, string value, string traits)
    {
        NumberLiteral number = Literals.Number(Encoding.ASCII.GetBytes(text), default, _options, Engine());
        Assert.Empty(_sink.Seen);
        Assert.Equal(NumberKind.Integer, number.Kind);
        Assert.Equal(UInt128.Parse(value), number.Value);
        string seen = (number.IsDecimal ? "D" : "") + (number.IsUnsigned ? "u" : "") + new string('l', number.Longs)
            + (number.IsBitPrecise ? "w" : "") + (number.IsImaginary ? "i" : "");
        Assert.Equal(traits == "d" ? "" : traits, seen);
    }

    [Theory]
    [InlineData("1.5", FloatSuffix.None, 3)]
    [InlineData("1e10f", FloatSuffix.F, 4)]
    [InlineData(".5L", FloatSuffix.L, 2)]
    [InlineData("0x1.8p-3", FloatSuffix.None, 8)]
    [InlineData("09.5", FloatSuffix.None, 4)]
    [InlineData("1.f16", FloatSuffix.F16, 2)]
    [InlineData("1.F32x", FloatSuffix.F32x, 2)]
    [InlineData("1.0q", FloatSuffix.Q, 3)]
    [InlineData("1.0dd", FloatSuffix.Dd, 3)]
    [InlineData("1.0if", FloatSuffix.F, 3)]
    [InlineData("1.0w", FloatSuffix.W, 3)]
    public void Floats(string text, FloatSuffix suffix, int digits)
    {
        NumberLiteral number = Literals.Number(Encoding.ASCII.GetBytes(text), default, _options, Engine());
        Assert.Empty(_sink.Seen);
        Assert.Equal((NumberKind.Floating, suffix, digits), (number.Kind, number.Suffix, number.DigitsLength));
    }

    [Theory]
    [InlineData("08", "invalid digit \"8\" in octal constant")]
    [InlineData("0b12", "invalid digit \"2\" in binary constant")]
    [InlineData("1.2.3", "too many decimal points in number")]
    [InlineData("1e", "exponent has no digits")]
    [InlineData("0x1.8", "hexadecimal floating constants require an exponent")]
    [InlineData("1ulul", "invalid suffix \"ulul\" on integer constant")]
    [InlineData("1lL", "invalid suffix \"lL\" on integer constant")]
    [InlineData("1.0zz", "invalid suffix \"zz\" on floating constant")]
    [InlineData("0xg", "invalid suffix \"xg\" on integer constant")]
    public void Bad_numbers(string text, string message)
    {
        Assert.Equal(NumberKind.Invalid, Literals.Number(Encoding.ASCII.GetBytes(text), default, _options, Engine()).Kind);
        Assert.Equal([message], _sink.Seen);
    }

    [Theory]
    [InlineData("'a'", 97)]
    [InlineData("'\\n'", 10)]
    [InlineData("'\\0'", 0)]
    [InlineData("'\\377'", -1)]
    [InlineData("'\\x41'", 65)]
    [InlineData("L'\\xffffffff'", -1)]
    [InlineData("u'\\xffff'", 65535)]
    [InlineData("U'\\U0001F600'", 0x1F600)]
    [InlineData("L'é'", 0xE9)]
    [InlineData("u8'a'", 97)]
    [InlineData("'\\e'", 27)]
    public void Characters(string text, long value)
    {
        CharacterLiteral literal = Literals.Character(Encoding.UTF8.GetBytes(text), default, _options, Engine());
        Assert.Empty(_sink.Seen);
        Assert.Equal(value, literal.Value);
    }

    [Theory]
    [InlineData("'ab'", 0x6162, "multi-character character constant")]
    [InlineData("'abcde'", 0x62636465, "character constant too long for its type")]
    [InlineData("'\\q'", 'q', "unknown escape sequence: '\\q'")]
    [InlineData("'\\x100'", 0, "hex escape sequence out of range")]
    [InlineData("''", 0, "empty character constant")]
    public void Odd_characters(string text, long value, string message)
    {
        Assert.Equal(value, Literals.Character(Encoding.UTF8.GetBytes(text), default, _options, Engine()).Value);
        Assert.Equal([message], _sink.Seen);
    }

    [Theory]
    [InlineData("\"a\\tb\"", LiteralPrefix.None, "610962")]
    [InlineData("\"é\\u00e9\\xe9\"", LiteralPrefix.None, "C3A9C3A9E9")]
    [InlineData("u\"é😀\"", LiteralPrefix.Utf16, "E9003DD800DE")]
    [InlineData("U\"\\U0001F600\"", LiteralPrefix.Utf32, "00F60100")]
    [InlineData("L\"a\\377\"", LiteralPrefix.Wide, "61000000FF000000")]
    [InlineData("\"a\"", LiteralPrefix.Utf16, "6100")]
    public void Strings(string text, LiteralPrefix prefix, string units)
    {
        var writer = new ByteWriter();
        Literals.AppendString(Encoding.UTF8.GetBytes(text), default, prefix, _options, Engine(), writer);
        Assert.Empty(_sink.Seen);
        Assert.Equal(units, Convert.ToHexString(writer.Span));
    }

    [Fact]
    public void Prefixes_join()
    {
        LiteralPrefix all = LiteralPrefix.None;
        Assert.True(Literals.Join(ref all, LiteralPrefix.Utf16));
        Assert.True(Literals.Join(ref all, LiteralPrefix.None));
        Assert.Equal(LiteralPrefix.Utf16, all);
        Assert.False(Literals.Join(ref all, LiteralPrefix.Wide));
    }
}
