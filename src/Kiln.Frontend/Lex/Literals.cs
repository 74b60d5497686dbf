using Kiln.Base;
using Kiln.Frontend.Diagnostics;

namespace Kiln.Frontend.Lex;

/// <summary>What the meaning of literals depends on.</summary>
public sealed record LiteralOptions
{
    /// <summary>The year of the standard: 1990 to 2023.</summary>
    public int StandardYear { get; init; } = 2017;

    /// <summary>Whether plain char is signed.</summary>
    public bool CharIsSigned { get; init; } = true;

    /// <summary>Size of wchar_t: 4, or 2 with -fshort-wchar.</summary>
    public int WideCharSize { get; init; } = 4;

    /// <summary>Whether wchar_t is signed.</summary>
    public bool WideCharIsSigned { get; init; } = true;
}

/// <summary>The encoding prefix of a string or character constant.</summary>
public enum LiteralPrefix : byte
{
    None,
    Utf8,
    Utf16,
    Utf32,
    Wide,
}

/// <summary>A character constant's value, extended to 64 bits by the signedness of its type.</summary>
public readonly record struct CharacterLiteral(long Value, LiteralPrefix Prefix, bool IsUnsigned, bool IsMultiple);

/// <summary>Says what constants and strings mean (C17 6.4.4, 6.4.5).</summary>
public static partial class Literals
{
    /// <summary>The prefix of a string or character constant as written.</summary>
    public static LiteralPrefix PrefixOf(ReadOnlySpan<byte> spelling) => spelling[0] switch
    {
        (byte)'L' => LiteralPrefix.Wide,
        (byte)'U' => LiteralPrefix.Utf32,
        (byte)'u' => spelling[1] == '8' ? LiteralPrefix.Utf8 : LiteralPrefix.Utf16,
        _ => LiteralPrefix.None,
    };

    /// <summary>Bytes of one code unit.</summary>
    public static int UnitSize(LiteralPrefix prefix, LiteralOptions options) => prefix switch
    {
        LiteralPrefix.Wide => options.WideCharSize,
        LiteralPrefix.Utf16 => 2,
        LiteralPrefix.Utf32 => 4,
        _ => 1,
    };

    /// <summary>
    /// The prefix of adjacent string literals together (C17 6.4.5 paragraph 5): one without takes that of the others.
    /// </summary>
    /// <returns>False if the two cannot be joined.</returns>
    public static bool Join(ref LiteralPrefix all, LiteralPrefix next)
    {
        if (next == LiteralPrefix.None || next == all)
            return true;
        if (all == LiteralPrefix.None)
        {
            all = next;
            return true;
        }
        return false;
    }

    /// <summary>
    /// Appends the code units of a string literal, without a closing zero, little-endian.
    /// </summary>
    /// <param name="spelling">The literal as written, quotes and prefix included.</param>
    /// <param name="at">Its place.</param>
    /// <param name="prefix">The prefix of the whole string it belongs to.</param>
    /// <param name="options">What the meaning depends on.</param>
    /// <param name="diagnostics">Where messages go.</param>
    /// <param name="to">Takes the code units.</param>
    public static void AppendString(
        ReadOnlySpan<byte> spelling, Location at, LiteralPrefix prefix, LiteralOptions options, DiagnosticEngine diagnostics, ByteWriter to)
    {
        ReadOnlySpan<byte> text = spelling[(spelling.IndexOf((byte)'"') + 1)..^1];
        int unit = UnitSize(prefix, options);
        if (unit == 1)
        {
            AppendNarrow(text, at, options, diagnostics, to);
            return;
        }
        int i = 0;
        while (i < text.Length)
        {
            if (text[i] == '\\')
            {
                uint value = Escape(text, ref i, unit * 8, at, options, diagnostics, out bool isCodePoint);
                if (isCodePoint)
                    AppendWide(value, unit, to);
                else
                    to.Little(value, unit);
                continue;
            }
            int codePoint = CodePoints.Decode(text[i..], out int length);
            if (codePoint < 0)
            {
                diagnostics.Report(at, Messages.ConversionToExecutionCharset);
                return;
            }
            i += length;
            AppendWide((uint)codePoint, unit, to);
        }
    }

    private static void AppendNarrow(ReadOnlySpan<byte> text, Location at, LiteralOptions options, DiagnosticEngine diagnostics, ByteWriter to)
    {
        int i = 0;
        while (i < text.Length)
        {
            int escape = text[i..].IndexOf((byte)'\\');
            if (escape < 0)
            {
                to.Bytes(text[i..]);
                return;
            }
            to.Bytes(text.Slice(i, escape));
            i += escape;
            uint value = Escape(text, ref i, 8, at, options, diagnostics, out bool isCodePoint);
            if (isCodePoint)
                CodePoints.Encode((int)value, to);
            else
                to.U8((int)value);
        }
    }

    private static void AppendWide(uint codePoint, int unit, ByteWriter to)
    {
        if (unit == 2 && codePoint > 0xFFFF)
        {
            codePoint -= 0x10000;
            to.U16((int)(0xD800 + (codePoint >> 10)));
            to.U16((int)(0xDC00 + (codePoint & 0x3FF)));
            return;
        }
        to.Little(codePoint, unit);
    }

    /// <summary>The value of a character constant as written, for <c>#if</c>.</summary>
    public static long CharacterValue(
        ReadOnlySpan<byte> spelling, Location at, LiteralOptions options, DiagnosticEngine diagnostics, out bool isUnsigned)
    {
        CharacterLiteral literal = Character(spelling, at, options, diagnostics);
        isUnsigned = literal.IsUnsigned;
        return literal.Value;
    }

    /// <summary>The value of a character constant as written (C17 6.4.4.4; several characters as gcc has it).</summary>
    public static CharacterLiteral Character(ReadOnlySpan<byte> spelling, Location at, LiteralOptions options, DiagnosticEngine diagnostics)
    {
        LiteralPrefix prefix = PrefixOf(spelling);
        ReadOnlySpan<byte> text = spelling[(spelling.IndexOf((byte)'\'') + 1)..^1];
        if (text.IsEmpty)
        {
            diagnostics.Report(at, Messages.EmptyCharacter);
            return new CharacterLiteral(0, prefix, false, false);
        }
        var units = new ByteWriter(16);
        int unit = UnitSize(prefix, options);
        AppendUnits(text, at, prefix, options, diagnostics, units);
        ReadOnlySpan<byte> bytes = units.Span;
        int count = bytes.Length / unit;
        if (count == 0)
            return new CharacterLiteral(0, prefix, false, false);
        if (prefix is LiteralPrefix.None)
            return NarrowCharacter(bytes, at, options, diagnostics);
        if (count > 1)
            diagnostics.Report(at, prefix == LiteralPrefix.Utf8 ? Messages.CharacterTooLongUtf8 : Messages.CharacterTooLong);
        // The last one counts.
        uint value = 0;
        for (int i = 0; i < unit; i++)
            value |= (uint)bytes[bytes.Length - unit + i] << 8 * i;
        bool isSigned = prefix == LiteralPrefix.Wide && options.WideCharIsSigned
            || prefix == LiteralPrefix.Utf8 && options.StandardYear < 2023 && options.CharIsSigned;
        long extended = !isSigned ? value : unit == 4 ? (int)value : unit == 2 ? (short)value : (sbyte)value;
        return new CharacterLiteral(extended, prefix, !isSigned, false);
    }

    private static CharacterLiteral NarrowCharacter(ReadOnlySpan<byte> bytes, Location at, LiteralOptions options, DiagnosticEngine diagnostics)
    {
        if (bytes.Length == 1)
        {
            long single = options.CharIsSigned ? (sbyte)bytes[0] : bytes[0];
            return new CharacterLiteral(single, LiteralPrefix.None, !options.CharIsSigned, false);
        }
        diagnostics.Report(at, bytes.Length > 4 ? Messages.CharacterTooLong : Messages.MultiCharacter);
        uint value = 0;
        foreach (byte b in bytes)
            value = value << 8 | b;
        return new CharacterLiteral((int)value, LiteralPrefix.None, false, true);
    }

    private static void AppendUnits(
        ReadOnlySpan<byte> text, Location at, LiteralPrefix prefix, LiteralOptions options, DiagnosticEngine diagnostics, ByteWriter to)
    {
        // The same as a string's: the quotes around do not matter.
        byte[] quoted = new byte[text.Length + 2];
        quoted[0] = quoted[^1] = (byte)'"';
        text.CopyTo(quoted.AsSpan(1));
        AppendString(quoted, at, prefix, options, diagnostics, to);
    }

    /// <summary>Reads an escape sequence (C17 6.4.4.4).</summary>
    /// <param name="text">The text.</param>
    /// <param name="i">The index of the backslash; then the one past the sequence.</param>
    /// <param name="width">Bits of a code unit.</param>
    /// <param name="at">The literal's place.</param>
    /// <param name="options">What the meaning depends on.</param>
    /// <param name="diagnostics">Where messages go.</param>
    /// <param name="isCodePoint">Whether the value is a code point to be encoded and not a code unit.</param>
    private static uint Escape(
        ReadOnlySpan<byte> text, ref int i, int width, Location at, LiteralOptions options, DiagnosticEngine diagnostics, out bool isCodePoint)
    {
        isCodePoint = false;
        i++;
        if (i >= text.Length)
            return '\\';
        byte c = text[i++];
        switch (c)
        {
            case (byte)'n':
                return '\n';
            case (byte)'t':
                return '\t';
            case (byte)'r':
                return '\r';
            case (byte)'0' or (byte)'1' or (byte)'2' or (byte)'3' or (byte)'4' or (byte)'5' or (byte)'6' or (byte)'7':
                uint octal = (uint)(c - '0');
                for (int digits = 1; digits < 3 && i < text.Length && text[i] is >= (byte)'0' and <= (byte)'7'; digits++, i++)
                    octal = octal << 3 | (uint)(text[i] - '0');
                if (width == 8 && octal > 255)
                {
                    diagnostics.Report(at, Messages.OctalEscapeRange);
                    octal &= 255;
                }
                return octal;
            case (byte)'x':
                return HexEscape(text, ref i, width, at, diagnostics);
            case (byte)'a':
                return 7;
            case (byte)'b':
                return 8;
            case (byte)'f':
                return 12;
            case (byte)'v':
                return 11;
            case (byte)'\\' or (byte)'\'' or (byte)'"' or (byte)'?':
                return c;
            case (byte)'e' or (byte)'E':
                if (diagnostics.Pedantic)
                    diagnostics.Report(at, Messages.NonStandardEscape, (char)c);
                return 27;
            case (byte)'(' or (byte)'{' or (byte)'[' or (byte)'%':
                if (diagnostics.Pedantic)
                    diagnostics.Report(at, Messages.NonStandardEscape, (char)c);
                return c;
            case (byte)'u' or (byte)'U':
                return UniversalName(text, ref i, at, diagnostics, out isCodePoint);
            default:
                if (c is > 0x20 and < 0x7f)
                    diagnostics.Report(at, Messages.UnknownEscape, (char)c);
                else
                    diagnostics.Report(at, Messages.UnknownEscape, Convert.ToString(c, 8).PadLeft(3, '0'));
                return c;
        }
    }

    private static uint HexEscape(ReadOnlySpan<byte> text, ref int i, int width, Location at, DiagnosticEngine diagnostics)
    {
        ulong value = 0;
        bool overflows = false;
        int start = i;
        for (; i < text.Length && CodePoints.HexDigit(text[i]) is var digit and >= 0; i++)
        {
            overflows |= value >> width - 4 != 0;
            value = (value << 4 | (uint)digit) & (1UL << width) - 1;
        }
        if (i == start)
            diagnostics.Report(at, Messages.HexEscapeNoDigits);
        if (overflows)
            diagnostics.Report(at, Messages.HexEscapeRange);
        return (uint)value;
    }

    private static uint UniversalName(ReadOnlySpan<byte> text, ref int i, Location at, DiagnosticEngine diagnostics, out bool isCodePoint)
    {
        int start = i - 2;
        int wanted = text[i - 1] == 'u' ? 4 : 8;
        uint value = 0;
        int digits = 0;
        for (; digits < wanted && i < text.Length && CodePoints.HexDigit(text[i]) is var digit and >= 0; digits++, i++)
            value = value << 4 | (uint)digit;
        isCodePoint = true;
        string name = System.Text.Encoding.UTF8.GetString(text[start..i]);
        if (digits < wanted)
        {
            diagnostics.Report(at, Messages.IncompleteUcn, name);
            return 1;
        }
        if (value is >= 0xD800 and <= 0xDFFF || value > 0x10FFFF || value < 0xA0 && value != 0x24 && value != 0x40 && value != 0x60)
        {
            diagnostics.Report(at, Messages.InvalidUcn, name);
            return 1;
        }
        return value;
    }
}
