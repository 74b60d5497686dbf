using Kiln.Base;
using Kiln.Frontend.Diagnostics;

namespace Kiln.Frontend.Lex;

/// <summary>What a preprocessing number turned out to be.</summary>
public enum NumberKind : byte
{
    /// <summary>No number; it was reported.</summary>
    Invalid,
    Integer,
    Floating,
}

/// <summary>The suffix that gives a floating constant its type.</summary>
public enum FloatSuffix : byte
{
    /// <summary>double.</summary>
    None,
    /// <summary>f: float.</summary>
    F,
    /// <summary>d: double (GNU).</summary>
    D,
    /// <summary>l: long double.</summary>
    L,
    F16,
    F32,
    F64,
    F128,
    F32x,
    F64x,
    F128x,
    /// <summary>q: __float128.</summary>
    Q,
    /// <summary>w: __float80.</summary>
    W,
    /// <summary>df: _Decimal32.</summary>
    Df,
    /// <summary>dd: _Decimal64.</summary>
    Dd,
    /// <summary>dl: _Decimal128.</summary>
    Dl,
    /// <summary>bf16: __bf16.</summary>
    Bf16,
}

/// <summary>A number's meaning.</summary>
public struct NumberLiteral
{
    public NumberKind Kind;

    /// <summary>Integer: its value modulo 2^128.</summary>
    public UInt128 Value;

    /// <summary>Integer: it needs more than 128 bits.</summary>
    public bool Overflows;

    /// <summary>Integer: written in base ten, which decides what types it may have.</summary>
    public bool IsDecimal;

    /// <summary>u.</summary>
    public bool IsUnsigned;

    /// <summary>How many times l: 0, 1 or 2.</summary>
    public int Longs;

    /// <summary>wb: _BitInt.</summary>
    public bool IsBitPrecise;

    /// <summary>i or j: an imaginary constant (GNU).</summary>
    public bool IsImaginary;

    public FloatSuffix Suffix;

    /// <summary>Floating: how many bytes of the spelling come before the suffix; <see cref="SoftFloat"/> parses these.</summary>
    public int DigitsLength;
}

/// <summary>Preprocessing numbers (C23 6.4.4.1, 6.4.4.2 and GNU's additions).</summary>
public static partial class Literals
{
    /// <summary>Says what a preprocessing number means.</summary>
    public static NumberLiteral Number(ReadOnlySpan<byte> text, Location at, LiteralOptions options, DiagnosticEngine diagnostics)
    {
        // The digits 0 to 9 alone are the most common case.
        if (text.Length == 1)
            return new NumberLiteral { Kind = NumberKind.Integer, Value = (uint)(text[0] - '0'), IsDecimal = text[0] != '0' };
        int radix = 10, i = 0;
        if (text[0] == '0' && text.Length > 1)
        {
            if ((text[1] | 0x20) == 'x' && text.Length > 2 && (CodePoints.HexDigit(text[2]) >= 0 || text[2] == '.'))
            {
                radix = 16;
                i = 2;
            }
            else if ((text[1] | 0x20) == 'b' && text.Length > 2 && text[2] is >= (byte)'0' and <= (byte)'9')
            {
                radix = 2;
                i = 2;
                if (options.StandardYear < 2023 && diagnostics.Pedantic)
                    diagnostics.Report(at, Messages.BinaryConstantExtension);
            }
            else
            {
                radix = 8;
            }
        }
        UInt128 value = 0;
        bool overflows = false, isFloating = false, anyDigit = false;
        byte tooLarge = 0;
        for (; i < text.Length; i++)
        {
            byte c = text[i];
            int digit = CodePoints.HexDigit(c);
            if (digit >= 0 && (digit < 10 || radix == 16))
            {
                anyDigit = true;
                if (digit >= radix)
                    tooLarge = Math.Max(tooLarge, c);
                UInt128 next = value * (uint)radix + (uint)digit;
                overflows |= value > UInt128.MaxValue / (uint)radix || next < value * (uint)radix;
                value = next;
            }
            else if (c == '.')
            {
                if (isFloating)
                {
                    diagnostics.Report(at, Messages.TooManyPoints);
                    return default;
                }
                isFloating = true;
            }
            else if (c == '\'')
            {
            }
            else if (radix is 10 or 8 && (c | 0x20) == 'e' || radix == 16 && (c | 0x20) == 'p')
            {
                isFloating = true;
                break;
            }
            else
            {
                break;
            }
        }
        if (isFloating)
            return Floating(text, radix, i, anyDigit, at, options, diagnostics);
        // 09 may begin a floating constant with an imaginary or decimal suffix only after a point or exponent.
        if (tooLarge != 0 && radix != 10)
        {
            diagnostics.Report(at, radix == 2 ? Messages.InvalidDigitBinary : Messages.InvalidDigitOctal, (char)tooLarge);
            return default;
        }
        var number = new NumberLiteral
        {
            Kind = NumberKind.Integer,
            Value = value,
            Overflows = overflows,
            IsDecimal = radix == 10,
            DigitsLength = i,
        };
        if (i < text.Length && !IntegerSuffix(text[i..], ref number))
        {
            diagnostics.Report(at, Messages.InvalidSuffixInteger, System.Text.Encoding.UTF8.GetString(text[i..]));
            return default;
        }
        if (number.Longs == 2 && options.StandardYear < 1999)
            diagnostics.Report(at, Messages.LongLongC90);
        if (number.IsImaginary && diagnostics.Pedantic)
            diagnostics.Report(at, Messages.ImaginaryExtension);
        if (overflows && !number.IsBitPrecise)
            diagnostics.Report(at, Messages.IntegerTooLarge);
        return number;
    }

    private static bool IntegerSuffix(ReadOnlySpan<byte> suffix, ref NumberLiteral number)
    {
        for (int i = 0; i < suffix.Length; i++)
        {
            switch (suffix[i])
            {
                case (byte)'u' or (byte)'U' when !number.IsUnsigned:
                    number.IsUnsigned = true;
                    break;
                case (byte)'l' or (byte)'L' when number.Longs == 0 && !number.IsBitPrecise:
                    number.Longs = 1;
                    if (i + 1 < suffix.Length && suffix[i + 1] == suffix[i])
                    {
                        number.Longs = 2;
                        i++;
                    }
                    break;
                case (byte)'w' or (byte)'W' when number.Longs == 0 && !number.IsBitPrecise:
                    if (i + 1 >= suffix.Length || suffix[i + 1] != (suffix[i] == 'w' ? 'b' : 'B'))
                        return false;
                    number.IsBitPrecise = true;
                    i++;
                    break;
                case (byte)'i' or (byte)'I' or (byte)'j' or (byte)'J' when !number.IsImaginary:
                    number.IsImaginary = true;
                    break;
                default:
                    return false;
            }
        }
        return true;
    }

    private static NumberLiteral Floating(
        ReadOnlySpan<byte> text, int radix, int i, bool anyDigit, Location at, LiteralOptions options, DiagnosticEngine diagnostics)
    {
        if (radix == 16 && !anyDigit)
        {
            diagnostics.Report(at, Messages.HexNoDigits);
            return default;
        }
        if (radix == 2)
        {
            diagnostics.Report(at, Messages.InvalidSuffixInteger, System.Text.Encoding.UTF8.GetString(text[i..]));
            return default;
        }
        bool hasExponent = i < text.Length && (text[i] | 0x20) == (radix == 16 ? 'p' : 'e');
        if (hasExponent)
        {
            i++;
            if (i < text.Length && text[i] is (byte)'+' or (byte)'-')
                i++;
            int start = i;
            while (i < text.Length && text[i] is >= (byte)'0' and <= (byte)'9' or (byte)'\'')
                i++;
            if (i == start)
            {
                diagnostics.Report(at, Messages.NoExponentDigits);
                return default;
            }
        }
        else if (radix == 16)
        {
            diagnostics.Report(at, Messages.HexFloatNeedsExponent);
            return default;
        }
        if (radix == 16 && options.StandardYear < 1999 && diagnostics.Pedantic)
            diagnostics.Report(at, Messages.HexFloatC90);
        var number = new NumberLiteral { Kind = NumberKind.Floating, DigitsLength = i };
        ReadOnlySpan<byte> suffix = text[i..];
        if (!FloatingSuffix(suffix, ref number))
        {
            diagnostics.Report(at, Messages.InvalidSuffixFloating, System.Text.Encoding.UTF8.GetString(suffix));
            return default;
        }
        if (radix == 16 && number.Suffix is FloatSuffix.Df or FloatSuffix.Dd or FloatSuffix.Dl)
        {
            diagnostics.Report(at, Messages.InvalidSuffixHexFloat, System.Text.Encoding.UTF8.GetString(suffix));
            return default;
        }
        if (number.IsImaginary && diagnostics.Pedantic)
            diagnostics.Report(at, Messages.ImaginaryExtension);
        return number;
    }

    /// <summary>A type suffix with at most one i or j before or behind it.</summary>
    private static bool FloatingSuffix(ReadOnlySpan<byte> suffix, ref NumberLiteral number)
    {
        if (suffix.IsEmpty)
            return true;
        if (IsImaginary(suffix[^1]))
        {
            number.IsImaginary = true;
            suffix = suffix[..^1];
        }
        else if (IsImaginary(suffix[0]))
        {
            number.IsImaginary = true;
            suffix = suffix[1..];
        }
        FloatSuffix? type = suffix switch
        {
            [] => FloatSuffix.None,
            [(byte)'f' or (byte)'F'] => FloatSuffix.F,
            [(byte)'l' or (byte)'L'] => FloatSuffix.L,
            [(byte)'d' or (byte)'D'] => FloatSuffix.D,
            [(byte)'q' or (byte)'Q'] => FloatSuffix.Q,
            [(byte)'w' or (byte)'W'] => FloatSuffix.W,
            [(byte)'d', (byte)'f'] or [(byte)'D', (byte)'F'] => FloatSuffix.Df,
            [(byte)'d', (byte)'d'] or [(byte)'D', (byte)'D'] => FloatSuffix.Dd,
            [(byte)'d', (byte)'l'] or [(byte)'D', (byte)'L'] => FloatSuffix.Dl,
            [(byte)'f' or (byte)'F', .. var width] => Width(width),
            [(byte)'b', (byte)'f', (byte)'1', (byte)'6'] or [(byte)'B', (byte)'F', (byte)'1', (byte)'6'] => FloatSuffix.Bf16,
            _ => null,
        };
        number.Suffix = type ?? FloatSuffix.None;
        return type is not null && !(number.IsImaginary && type is FloatSuffix.Df or FloatSuffix.Dd or FloatSuffix.Dl);
    }

    private static FloatSuffix? Width(ReadOnlySpan<byte> width)
    {
        if (width.SequenceEqual("16"u8))
            return FloatSuffix.F16;
        if (width.SequenceEqual("32"u8))
            return FloatSuffix.F32;
        if (width.SequenceEqual("64"u8))
            return FloatSuffix.F64;
        if (width.SequenceEqual("128"u8))
            return FloatSuffix.F128;
        if (width.SequenceEqual("32x"u8))
            return FloatSuffix.F32x;
        if (width.SequenceEqual("64x"u8))
            return FloatSuffix.F64x;
        return width.SequenceEqual("128x"u8) ? FloatSuffix.F128x : null;
    }

    private static bool IsImaginary(byte c) => c is (byte)'i' or (byte)'I' or (byte)'j' or (byte)'J';
}
