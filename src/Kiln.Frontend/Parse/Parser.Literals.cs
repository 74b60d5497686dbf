// Constants and string literals (C23 6.4.4, 6.4.5): from spelling to value and type.

using System.Text;
using Kiln.Base;
using Kiln.Frontend.Ast;
using Kiln.Frontend.Constants;
using Kiln.Frontend.Lex;
using Kiln.Frontend.Types;

namespace Kiln.Frontend.Parse;

public sealed partial class Parser
{
    private Expression NumberConstant(in Token token)
    {
        ReadOnlySpan<byte> text = _names.Bytes(token.Payload);
        Location location = token.Location;
        // One or a few decimal digits, which is nearly all of them.
        if (text.Length <= 9)
        {
            long value = 0;
            int i = 0;
            for (; i < text.Length && text[i] is >= (byte)'0' and <= (byte)'9'; i++)
                value = value * 10 + (text[i] - '0');
            if (i == text.Length && (text[0] != '0' || text.Length == 1))
                return _sema.Int(value, location);
        }
        bool isHex = text.Length > 1 && text[0] == '0' && (text[1] | 0x20) == 'x';
        bool isFloat = false;
        foreach (byte b in text)
        {
            if (b == '.' || !isHex && (b | 0x20) == 'e' || isHex && (b | 0x20) == 'p')
                isFloat = true;
        }
        if (isHex)
            isFloat = text.IndexOfAny((byte)'.', (byte)'p', (byte)'P') >= 0;
        else if (text.Length > 1 && text[0] == '0' && (text[1] | 0x20) == 'b')
            isFloat = false;
        return isFloat ? FloatingConstant(text, isHex, location) : IntegerConstantOf(text, isHex, location);
    }

    private Expression BadNumber(string message, Location location) => _sema.Error(location, message);

    private Expression IntegerConstantOf(ReadOnlySpan<byte> text, bool isHex, Location location)
    {
        int radix = 10, at = 0;
        if (isHex)
            (radix, at) = (16, 2);
        else if (text.Length > 1 && text[0] == '0' && (text[1] | 0x20) == 'b')
            (radix, at) = (2, 2);
        else if (text[0] == '0')
            (radix, at) = (8, 0);
        int start = at;
        UInt128 value = 0;
        bool overflow = false;
        for (; at < text.Length; at++)
        {
            int digit = Digit(text[at]);
            if (text[at] == '\'' && at > start)
                continue;
            if (digit >= radix || digit < 0)
            {
                if (radix == 8 && digit is 8 or 9)
                    return BadNumber($"invalid digit \"{digit}\" in octal constant", location);
                if (radix == 2 && digit is >= 2 and <= 9)
                    return BadNumber($"invalid digit \"{digit}\" in binary constant", location);
                break;
            }
            UInt128 next = value * (UInt128)radix + (UInt128)digit;
            overflow |= next >> 64 != 0;
            value = next;
        }
        if (radix == 2 && _options.Standard < CStandard.C23)
            _report.Pedantic(location, "binary constants are a C2X feature or GCC extension");
        ReadOnlySpan<byte> suffix = text[at..];
        bool isUnsigned = false, isImaginary = false;
        int longs = 0;
        for (int i = 0; i < suffix.Length; i++)
        {
            switch (suffix[i])
            {
                case (byte)'u' or (byte)'U' when !isUnsigned:
                    isUnsigned = true;
                    break;
                case (byte)'l' or (byte)'L' when longs == 0:
                    longs = 1;
                    if (i + 1 < suffix.Length && suffix[i + 1] == suffix[i])
                    {
                        longs = 2;
                        i++;
                    }
                    break;
                case (byte)'i' or (byte)'I' or (byte)'j' or (byte)'J' when !isImaginary:
                    isImaginary = true;
                    break;
                default:
                    return BadNumber($"invalid suffix \"{Encoding.UTF8.GetString(suffix)}\" on integer constant", location);
            }
        }
        if (longs == 2 && _options.Standard < CStandard.C99)
            _report.Pedwarn("Wlong-long", location, "use of C99 long long integer constant");
        if (at == start && (radix == 16 || radix == 2))
            return BadNumber($"invalid suffix \"{Encoding.UTF8.GetString(text[1..])}\" on integer constant", location);
        if (overflow)
        {
            _report.Pedwarn(null, location, "integer constant is too large for its type");
            value &= ulong.MaxValue;
        }
        IntegerType type = TypeOfInteger((ulong)value, isUnsigned, longs, radix != 10, location);
        if (isImaginary)
        {
            _report.Pedantic(location, "imaginary constants are a GCC extension");
            return new ComplexConstant(_types.ComplexOf(type), 0, value, location);
        }
        return new IntegerConstant(type, IntegerArithmetic.Normalize(value, type), location) { Flags = ExpressionFlags.StrictConstant };
    }

    private static int Digit(byte b) => b switch
    {
        >= (byte)'0' and <= (byte)'9' => b - '0',
        >= (byte)'a' and <= (byte)'f' => b - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => b - 'A' + 10,
        _ => -1,
    };

    /// <summary>The first of the types that holds the value (C17 6.4.4.1p5).</summary>
    private IntegerType TypeOfInteger(ulong value, bool isUnsigned, int longs, bool mayBeUnsigned, Location location)
    {
        mayBeUnsigned |= isUnsigned;
        if (longs == 0)
        {
            if (!isUnsigned && value <= int.MaxValue)
                return _types.Int;
            if (mayBeUnsigned && value <= uint.MaxValue)
                return _types.UnsignedInt;
        }
        if (longs <= 1)
        {
            ulong limit = _types.Long.Size == 8 ? (ulong)long.MaxValue : (ulong)int.MaxValue;
            if (!isUnsigned && value <= limit)
                return _types.Long;
            if (mayBeUnsigned && value <= limit * 2 + 1)
                return _types.UnsignedLong;
        }
        if (!isUnsigned && value <= long.MaxValue)
            return _types.LongLong;
        if (mayBeUnsigned)
            return _types.UnsignedLongLong;
        if (_options.Standard >= CStandard.C99)
            _report.Pedwarn(null, location, "integer constant is so large that it is unsigned");
        else
            _report.Warning(location, "integer constant is so large that it is unsigned");
        return _types.HasWideLiterals ? _types.Int128 : _types.UnsignedLongLong;
    }

    private Expression FloatingConstant(ReadOnlySpan<byte> text, bool isHex, Location location)
    {
        // The number ends where its suffix begins.
        int end = isHex ? 2 : 0;
        bool inExponent = false;
        for (; end < text.Length; end++)
        {
            byte b = text[end];
            if (b is >= (byte)'0' and <= (byte)'9' or (byte)'.' or (byte)'\'')
                continue;
            if (isHex && !inExponent && Digit(b) >= 0)
                continue;
            if (!inExponent && (isHex ? (b | 0x20) == 'p' : (b | 0x20) == 'e'))
            {
                inExponent = true;
                if (end + 1 < text.Length && text[end + 1] is (byte)'+' or (byte)'-')
                    end++;
                continue;
            }
            break;
        }
        if (isHex && !inExponent)
            return BadNumber("hexadecimal floating constants require an exponent", location);
        if (inExponent && Digit(text[end - 1]) is < 0 or > 9)
            return BadNumber("exponent has no digits", location);
        bool isImaginary = false;
        string suffix = "";
        foreach (byte b in text[end..])
        {
            if ((b | 0x20) is 'i' or 'j' && !isImaginary)
                isImaginary = true;
            else
                suffix += (char)b;
        }
        FloatType? type = suffix switch
        {
            "" => _types.Double,
            "f" or "F" => _types.Float,
            "l" or "L" => _types.LongDouble,
            "w" or "W" => _types.LongDouble,
            "q" or "Q" or "f128" or "F128" => _types.Float128,
            "f16" or "F16" => _types.Float16,
            "f32" or "F32" => _types.Float32,
            "f64" or "F64" => _types.Float64,
            "f32x" or "F32x" => _types.Float32x,
            "f64x" or "F64x" => _types.Float64x,
            "bf16" or "BF16" => _types.BFloat16,
            "d" or "D" => _types.Double,
            "df" or "DF" => _types.Decimal32,
            "dd" or "DD" => _types.Decimal64,
            "dl" or "DL" => _types.Decimal128,
            _ => null,
        };
        if (isHex && _options.Standard < CStandard.C99)
            _report.Pedantic(location, "use of C99 hexadecimal floating constant");
        if (suffix is "d" or "D")
            _report.Pedantic(location, "suffix for double constant is a GCC extension");
        if (type is null)
            return BadNumber($"invalid suffix \"{Encoding.UTF8.GetString(text[end..])}\" on floating constant", location);
        if (type.IsDecimalFloat)
            return _sema.Error(location, "decimal floating-point constants are not supported");
        if (SoftFloat.Parse(type.Format, text[..end]) is not { } bits)
            return BadNumber("invalid floating constant", location);
        if (SoftFloat.IsInfinity(type.Format, bits))
            _report.Pedwarn("Woverflow", location, $"floating constant exceeds range of '{_sema.Print(type)}'");
        if (isImaginary)
        {
            _report.Pedantic(location, "imaginary constants are a GCC extension");
            return new ComplexConstant(_types.ComplexOf(type), SoftFloat.Zero(type.Format), bits, location);
        }
        return new FloatConstant(type, bits, location);
    }

    // ---- Characters and strings ----

    private enum Prefix : byte
    {
        None,
        Utf8,
        Wide,
        Char16,
        Char32,
    }

    private static Prefix PrefixOf(ReadOnlySpan<byte> text, out int length)
    {
        length = 0;
        if (text.StartsWith("u8"u8))
        {
            length = 2;
            return Prefix.Utf8;
        }
        if (text.Length > 0 && text[0] is (byte)'L' or (byte)'u' or (byte)'U')
        {
            length = 1;
            return text[0] == 'L' ? Prefix.Wide : text[0] == 'u' ? Prefix.Char16 : Prefix.Char32;
        }
        return Prefix.None;
    }

    private CType ElementOf(Prefix prefix) => prefix switch
    {
        Prefix.None => _types.Char,
        Prefix.Utf8 => _options.Standard >= CStandard.C23 ? _types.UnsignedChar : _types.Char,
        Prefix.Wide => _types.WideChar,
        Prefix.Char16 => _types.UnsignedShort,
        Prefix.Char32 => _types.UnsignedInt,
        _ => throw new ArgumentOutOfRangeException(nameof(prefix), prefix, null),
    };

    private Expression CharacterConstant(in Token token)
    {
        ReadOnlySpan<byte> text = _names.Bytes(token.Payload);
        Prefix prefix = PrefixOf(text, out int skip);
        text = text[(skip + 1)..];
        if (text.Length > 0 && text[^1] == '\'')
            text = text[..^1];
        Location location = token.Location;
        if (text.IsEmpty)
            return _sema.Error(location, "empty character constant");
        CType element = ElementOf(prefix);
        var units = new ByteWriter(8);
        Decode(text, (int)element.Size, units, location);
        int count = units.Length / (int)element.Size;
        if (prefix == Prefix.None)
        {
            // Several characters make one int, the first the highest (gcc).
            uint value = 0;
            foreach (byte b in units.Span)
                value = value << 8 | b;
            if (count > 4)
                _report.Warning(location, "character constant too long for its type");
            else if (count > 1)
                _report.Warning("Wmultichar", location, "multi-character character constant");
            long result = count == 1 ? _types.Char.IsSigned ? (sbyte)value : (long)(byte)value : (int)value;
            return _sema.Int(result, location);
        }
        UInt128 unit = 0;
        if (count > 1)
        {
            if (prefix == Prefix.Utf8)
                return _sema.Error(location, "character constant too long for its type");
            _report.Warning(location, "character constant too long for its type");
        }
        ReadOnlySpan<byte> last = units.Span[^(int)element.Size..];
        for (int i = last.Length - 1; i >= 0; i--)
            unit = unit << 8 | last[i];
        if (prefix == Prefix.Utf8)
            element = _types.UnsignedChar;
        return new IntegerConstant(element, IntegerArithmetic.Normalize(unit, element), location) { Flags = ExpressionFlags.StrictConstant };
    }

    /// <summary>Adjacent string literals, joined.</summary>
    private Expression ParseString()
    {
        Location location = Here;
        Prefix prefix = PrefixOf(_names.Bytes(_token.Payload), out _);
        Token first = _token;
        Advance();
        if (Kind != TokenKind.String)
            return MakeString(first, prefix, location);
        var parts = new List<Token> { first };
        while (Kind == TokenKind.String)
        {
            Prefix next = PrefixOf(_names.Bytes(_token.Payload), out _);
            if (next != Prefix.None)
            {
                if (prefix != Prefix.None && prefix != next)
                    _report.Error(Here, "unsupported non-standard concatenation of string literals");
                prefix = next;
            }
            parts.Add(_token);
            Advance();
        }
        CType element = ElementOf(prefix);
        var units = new ByteWriter(256);
        var pieces = new (int, Location)[parts.Count];
        for (int i = 0; i < parts.Count; i++)
        {
            pieces[i] = (units.Length, parts[i].Location);
            Decode(Inside(parts[i]), (int)element.Size, units, parts[i].Location);
        }
        units.Fill(0, (int)element.Size);
        StringLiteral joined = NewString(element, units.ToArray(), location);
        if (_warnsFunctions)
            _sema.StringPieces.Add(joined, pieces);
        return joined;
    }

    private Expression MakeString(in Token token, Prefix prefix, Location location)
    {
        CType element = ElementOf(prefix);
        ReadOnlySpan<byte> inside = Inside(token);
        if (element.Size == 1 && inside.IndexOf((byte)'\\') < 0)
        {
            var plain = new byte[inside.Length + 1];
            inside.CopyTo(plain);
            return NewString(element, plain, location);
        }
        var units = new ByteWriter(inside.Length * (int)element.Size + 4);
        Decode(inside, (int)element.Size, units, location);
        units.Fill(0, (int)element.Size);
        return NewString(element, units.ToArray(), location);
    }

    private StringLiteral NewString(CType element, byte[] bytes, Location location) =>
        new(_types.ArrayOf(_constStrings ? new QualType(element, Qualifiers.Const) : element, bytes.Length / element.Size), bytes, location);

    private StringLiteral Text(string text, Location location) => NewString(_types.Char, [.. Encoding.UTF8.GetBytes(text), 0], location);

    /// <summary>What stands between a string literal's quotes.</summary>
    private ReadOnlySpan<byte> Inside(in Token token)
    {
        ReadOnlySpan<byte> text = _names.Bytes(token.Payload);
        PrefixOf(text, out int skip);
        text = text[skip..];
        if (text.Length > 2 && text[0] == 'R')
            return RawInside(text);
        return text.Length >= 2 && text[^1] == '"' ? text[1..^1] : text[1..];
    }

    private static ReadOnlySpan<byte> RawInside(ReadOnlySpan<byte> text)
    {
        int open = text.IndexOf((byte)'(');
        int close = text.LastIndexOf((byte)')');
        return open < 0 || close < open ? text[1..] : text[(open + 1)..close];
    }

    private byte[] DecodeString(in Token token)
    {
        var units = new ByteWriter(64);
        Decode(Inside(token), 1, units, token.Location);
        return units.ToArray();
    }

    /// <summary>The text of the string literals at the current token, for asm and attributes.</summary>
    private string StringText()
    {
        if (ParseString() is StringLiteral text && ((ArrayType)text.Type).Element.Type.Size == 1)
            return Encoding.Latin1.GetString(text.Bytes.AsSpan(0, text.Bytes.Length - 1)) is var latin && Ascii.IsValid(latin) ? latin
                : Encoding.UTF8.GetString(text.Bytes.AsSpan(0, text.Bytes.Length - 1));
        _report.Error(_previousEnd, "a wide string is invalid in this context");
        return "";
    }

    /// <summary>Decodes escapes and, for wide elements, UTF-8.</summary>
    private void Decode(ReadOnlySpan<byte> text, int size, ByteWriter to, Location location)
    {
        for (int i = 0; i < text.Length;)
        {
            byte b = text[i];
            if (b != '\\')
            {
                if (size == 1)
                {
                    int run = text[i..].IndexOf((byte)'\\');
                    if (run < 0)
                        run = text.Length - i;
                    to.Bytes(text.Slice(i, run));
                    i += run;
                    continue;
                }
                if (b < 0x80)
                {
                    to.Little(b, size);
                    i++;
                    continue;
                }
                if (Rune.DecodeFromUtf8(text[i..], out Rune rune, out int used) != System.Buffers.OperationStatus.Done)
                {
                    to.Little(b, size);
                    i++;
                    continue;
                }
                PutRune(rune.Value, size, to);
                i += used;
                continue;
            }
            i++;
            if (i >= text.Length)
                break;
            i = Escape(text, i, size, to, location);
        }
    }

    private static void PutRune(int value, int size, ByteWriter to)
    {
        if (size == 4)
            to.U32(value);
        else if (size == 2)
        {
            if (value > 0xffff)
            {
                value -= 0x10000;
                to.U16(0xd800 | value >> 10);
                to.U16(0xdc00 | value & 0x3ff);
            }
            else
                to.U16(value);
        }
        else
        {
            Span<byte> bytes = stackalloc byte[4];
            if (Rune.IsValid(value))
                to.Bytes(bytes[..new Rune(value).EncodeToUtf8(bytes)]);
            else
                to.U8(value);
        }
    }

    private int Escape(ReadOnlySpan<byte> text, int i, int size, ByteWriter to, Location location)
    {
        byte b = text[i++];
        int simple = b switch
        {
            (byte)'n' => '\n',
            (byte)'t' => '\t',
            (byte)'r' => '\r',
            (byte)'a' => 7,
            (byte)'b' => 8,
            (byte)'f' => 12,
            (byte)'v' => 11,
            (byte)'\\' or (byte)'\'' or (byte)'"' or (byte)'?' => b,
            (byte)'e' or (byte)'E' => 27,
            _ => -1,
        };
        if (simple >= 0)
        {
            if (b is (byte)'e' or (byte)'E')
                _report.Pedantic(location, $"non-ISO-standard escape sequence, '\\{(char)b}'");
            to.Little((ulong)simple, size);
            return i;
        }
        if (b is >= (byte)'0' and <= (byte)'7')
        {
            uint value = (uint)(b - '0');
            for (int n = 1; n < 3 && i < text.Length && text[i] is >= (byte)'0' and <= (byte)'7'; n++)
                value = value * 8 + (uint)(text[i++] - '0');
            if (size == 1 && value > 255)
                _report.Pedwarn(null, location, "octal escape sequence out of range");
            to.Little(value, size);
            return i;
        }
        if (b == 'x')
        {
            ulong value = 0;
            int start = i;
            bool tooLarge = false;
            for (; i < text.Length && Digit(text[i]) >= 0; i++)
            {
                value = value << 4 | (uint)Digit(text[i]);
                tooLarge |= size < 8 && value >> size * 8 != 0;
            }
            if (i == start)
                _report.Error(location, "\\x used with no following hex digits");
            if (tooLarge)
                _report.Pedwarn(null, location, "hex escape sequence out of range");
            to.Little(value, size);
            return i;
        }
        if (b is (byte)'u' or (byte)'U')
        {
            int digits = b == 'u' ? 4 : 8;
            uint value = 0;
            int n = 0;
            for (; n < digits && i < text.Length && Digit(text[i]) >= 0; n++, i++)
                value = value << 4 | (uint)Digit(text[i]);
            if (n < digits)
                _report.Error(location, $"incomplete universal character name");
            else if (value > 0x10ffff)
            {
                _report.Pedwarn(null, location, $"\\U{value:x8} is outside the UCS codespace");
                PutRune((int)(value & 0xfffff), size, to);
            }
            else if (value is >= 0xd800 and < 0xe000)
                _report.Error(location, $"\\{(char)b}{value.ToString(digits == 4 ? "x4" : "x8", System.Globalization.CultureInfo.InvariantCulture)} is not a valid universal character");
            else
                PutRune((int)value, size, to);
            return i;
        }
        _report.Pedwarn(null, location, b is > 32 and < 127 ? $"unknown escape sequence: '\\{(char)b}'" : $"unknown escape sequence: '\\{Convert.ToString(b, 8)}'");
        to.Little(b, size);
        return i;
    }
}
