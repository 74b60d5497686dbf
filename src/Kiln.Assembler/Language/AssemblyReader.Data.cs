using System.Numerics;
using Kiln.Base;

namespace Kiln.Assembler.Language;

// Directives that put something into the current section.

public sealed partial class AssemblyReader
{
    /// <summary>More zeros than this in a section with contents are a mistake, not a program.</summary>
    private const long MaximumFill = 1L << 30;

    private void ReadDataDirective(Directive directive)
    {
        if (_expressions.AbsolutePlace is long place)
        {
            ReserveAbsolute(directive, place);
            return;
        }
        switch (directive)
        {
            case Directive.Byte:
                ReadIntegers(1);
                break;
            case Directive.Short:
                ReadIntegers(2);
                break;
            case Directive.Long:
                ReadIntegers(4);
                break;
            case Directive.Quad:
                ReadIntegers(8);
                break;
            case Directive.Octa:
                ReadIntegers(16);
                break;
            case Directive.Address:
                ReadIntegers(_options.Target.PointerSize);
                break;
            case Directive.Ascii:
                ReadStrings(1, isTerminated: false);
                break;
            case Directive.Asciz:
                ReadStrings(1, isTerminated: true);
                break;
            case Directive.String16:
                ReadStrings(2, isTerminated: true);
                break;
            case Directive.String32:
                ReadStrings(4, isTerminated: true);
                break;
            case Directive.String64:
                ReadStrings(8, isTerminated: true);
                break;
            case Directive.Half:
                ReadFloats(FloatFormat.Half, 2, 2);
                break;
            case Directive.BFloat:
                ReadFloats(FloatFormat.BFloat16, 2, 2);
                break;
            case Directive.Single:
                ReadFloats(FloatFormat.Single, 4, 4);
                break;
            case Directive.Double:
                ReadFloats(FloatFormat.Double, 8, 8);
                break;
            case Directive.Extended:
                ReadFloats(FloatFormat.X87, 10, 10);
                break;
            case Directive.Skip:
                ReadSkip();
                break;
            case Directive.Fill:
                ReadFill();
                break;
            case Directive.Repeat1:
                ReadRepeated(1);
                break;
            case Directive.Repeat2:
                ReadRepeated(2);
                break;
            case Directive.Repeat4:
                ReadRepeated(4);
                break;
            case Directive.RepeatSingle:
                ReadRepeatedFloat(FloatFormat.Single, 4);
                break;
            case Directive.RepeatDouble:
                ReadRepeatedFloat(FloatFormat.Double, 8);
                break;
            case Directive.Reserve1:
                ReadReserve(1);
                break;
            case Directive.Reserve2:
                ReadReserve(2);
                break;
            case Directive.Reserve4:
                ReadReserve(4);
                break;
            case Directive.Reserve8:
                ReadReserve(8);
                break;
            case Directive.Reserve12:
                ReadReserve(12);
                break;
            case Directive.Org:
                ReadOrg();
                break;
            case Directive.Balign:
                ReadAlignment(1, isPower: false);
                break;
            case Directive.BalignWord:
                ReadAlignment(2, isPower: false);
                break;
            case Directive.BalignLong:
                ReadAlignment(4, isPower: false);
                break;
            case Directive.P2Align:
                ReadAlignment(1, isPower: true);
                break;
            case Directive.P2AlignWord:
                ReadAlignment(2, isPower: true);
                break;
            case Directive.P2AlignLong:
                ReadAlignment(4, isPower: true);
                break;
            case Directive.Even:
                _emitter.Align(2);
                break;
            case Directive.Nops:
                if (ReadValue(out ReadValue size) && (size.Value != 0 || CheckCount(size.Addend)))
                {
                    long maximum = 0;
                    if (Accept(','))
                        ReadNumber(out maximum);
                    int longest = (int)Math.Clamp(maximum, 0, 64);
                    if (size.Value != 0)
                        _emitter.NopsOf(_emitter.Sum(size.Value, size.Addend), longest);
                    else
                        _emitter.Nops(size.Addend, longest);
                }
                break;
            case Directive.Nop:
                long bytes = 1;
                if (IsAtEnd || ReadNumber(out bytes) && CheckCount(bytes))
                {
                    if (_options.MakesLines)
                        MakeLine();
                    _emitter.Nops(bytes, 1);
                }
                break;
            case Directive.Uleb128 or Directive.Sleb128:
                ReadLeb128(directive == Directive.Sleb128);
                break;
            default:
                throw new InvalidOperationException($"directive {directive}");
        }
        ExpectEnd();
    }

    private bool CheckCount(long count)
    {
        if (count is >= 0 and <= MaximumFill)
            return true;
        Error(count < 0 ? "repeat count is negative" : "repeat count is too large");
        return false;
    }

    /// <summary>Data in the absolute section only moves the place on.</summary>
    private void ReserveAbsolute(Directive directive, long place)
    {
        int unit = directive switch
        {
            Directive.Skip or Directive.Reserve1 => 1,
            Directive.Reserve2 => 2,
            Directive.Reserve4 => 4,
            Directive.Reserve8 => 8,
            Directive.Reserve12 => 12,
            _ => 0,
        };
        if (unit != 0)
        {
            if (ReadNumber(out long count))
                _expressions.AbsolutePlace = place + count * unit;
        }
        else if (directive is Directive.Balign or Directive.P2Align)
        {
            if (ReadNumber(out long alignment) && alignment is >= 0 and < 1 << 30)
            {
                if (directive == Directive.P2Align)
                    alignment = alignment < 31 ? 1L << (int)alignment : 1;
                alignment = Math.Max(1, alignment);
                _expressions.AbsolutePlace = (place + alignment - 1) / alignment * alignment;
            }
        }
        else if (directive == Directive.Org)
        {
            if (ReadNumber(out long origin))
                _expressions.AbsolutePlace = origin;
        }
        else if (directive is >= Directive.Byte and <= Directive.Address)
        {
            ReadAbsoluteIntegers(directive, place);
        }
        else
        {
            Error("attempt to store value in absolute section");
        }
        _at = _length;
    }

    private void ReadAbsoluteIntegers(Directive directive, long place)
    {
        int size = directive switch
        {
            Directive.Byte => 1,
            Directive.Short => 2,
            Directive.Long => 4,
            Directive.Octa => 16,
            _ => 8,
        };
        do
        {
            if (!ReadNumber(out long value))
                return;
            if (value != 0)
                Error("attempt to store value in absolute section");
            _expressions.AbsolutePlace = place += size;
        }
        while (Accept(','));
    }

    private void ReadIntegers(int size)
    {
        if (IsAtEnd)
            return;
        do
        {
            if (!ReadValue(out ReadValue value))
            {
                _at = _length;
                return;
            }
            Emit(in value, size);
        }
        while (Accept(','));
    }

    private void Emit(in ReadValue value, int size)
    {
        if (value.Register != 0)
        {
            Error("register value used as expression");
            return;
        }
        if (value.IsMissing)
            Warn("zero assumed for missing expression");
        if (value.Value != 0 || value.Modifier != 0)
        {
            _emitter.Value(value.Value, size, value.Addend, value.Modifier);
            return;
        }
        if (size == 16)
        {
            UInt128 wide = value.IsWide ? value.Wide : (UInt128)(Int128)value.Addend;
            _emitter.Integer((ulong)wide, 8);
            _emitter.Integer((ulong)(wide >> 64), 8);
            return;
        }
        if (value.IsWide)
        {
            Warn("bignum truncated to 8 bytes");
        }
        else if (size < 8)
        {
            long limit = 1L << size * 8;
            if (value.Addend >= limit || value.Addend < -limit)
                Warn($"value 0x{value.Addend:x} truncated to 0x{value.Addend & limit - 1:x}");
        }
        _emitter.Integer((ulong)value.Addend, size);
    }

    private void ReadStrings(int size, bool isTerminated)
    {
        if (IsAtEnd)
            return;
        do
        {
            var all = new ByteWriter();
            do
            {
                if (!ReadString(out byte[] text))
                {
                    _at = _length;
                    return;
                }
                all.Bytes(text);
                SkipSpace();
            }
            while (Peek == '"');
            if (isTerminated)
                all.U8(0);
            if (size == 1)
            {
                _emitter.Data(all.Span);
                continue;
            }
            foreach (byte c in all.Span)
                _emitter.Integer(c, size);
        }
        while (Accept(','));
    }

    // ---- floating-point numbers ----

    private void ReadFloats(FloatFormat format, int size, int stride)
    {
        if (IsAtEnd)
            return;
        do
        {
            if (!TryReadFloat(format, out UInt128 bits))
            {
                _at = _length;
                return;
            }
            EmitFloat(bits, size, stride);
        }
        while (Accept(','));
    }

    private void EmitFloat(UInt128 bits, int size, int stride)
    {
        _emitter.Integer((ulong)bits, Math.Min(size, 8));
        if (size > 8)
            _emitter.Integer((ulong)(bits >> 64), size - 8);
        if (stride > size)
            _emitter.Zero(stride - size);
    }

    private bool TryReadFloat(FloatFormat format, out UInt128 bits)
    {
        SkipSpace();
        int start = _at;
        while (_at < _length && _line[_at] is not ((byte)',' or (byte)' '))
            _at++;
        ReadOnlySpan<byte> text = _line.AsSpan(start, _at - start);
        bool isNegative = text.Length > 0 && text[0] == '-';
        ReadOnlySpan<byte> number = text.Length > 0 && text[0] is (byte)'-' or (byte)'+' ? text[1..] : text;
        // 0f, 0d, 0x and so on mark a number of any format
        if (number.Length > 2 && number[0] == '0' && char.IsAsciiLetter((char)number[1]) && (number[1] | 0x20) != 'e' && number[2] != ':')
            number = number[2..];
        string word = Text(number).ToLowerInvariant();
        bits = 0;
        UInt128? value = word switch
        {
            "inf" or "infinity" => SoftFloat.Infinity(format),
            "nan" or "qnan" => SoftFloat.NaN(format),
            "snan" => SoftFloat.NaN(format, signaling: true),
            _ => number.Length > 0 && (char.IsAsciiDigit((char)number[0]) || number[0] == '.') ? SoftFloat.Parse(format, number) : null,
        };
        if (value is not UInt128 pattern)
        {
            Error("bad floating literal: " + Text(text));
            return false;
        }
        bits = isNegative ? SoftFloat.Neg(format, pattern) : pattern;
        return true;
    }

    // ---- room and padding ----

    private void ReadSkip()
    {
        if (!ReadValue(out ReadValue count))
        {
            _at = _length;
            return;
        }
        if (count.IsMissing)
        {
            Error("missing expression");
            return;
        }
        long fill = 0;
        if (Accept(',') && !ReadNumber(out fill))
            return;
        if (count.Value != 0)
            _emitter.Fill(_emitter.Sum(count.Value, count.Addend), 1, (byte)fill);
        else if (count.Addend < 0)
            Warn(".space repeat count is negative, ignored");
        else if (fill == 0)
            _emitter.Zero(count.Addend);
        else if (CheckCount(count.Addend))
            _emitter.Fill(_emitter.Constant(count.Addend), 1, (byte)fill);
    }

    private void ReadFill()
    {
        if (!ReadValue(out ReadValue count))
            return;
        long size = 1, value = 0;
        if (Accept(',') && ReadNumber(out size) && Accept(','))
            ReadNumber(out value);
        if (size > 8)
        {
            Warn(".fill size clamped to 8");
            size = 8;
        }
        if (size < 0)
        {
            Warn("size negative; .fill ignored");
            return;
        }
        // the pattern has four bytes, whatever the size
        ulong pattern = size > 4 ? (uint)value : (ulong)value;
        if (count.Value == 0 && count.Addend <= 0)
        {
            if (count.Addend < 0)
                Warn("repeat < 0; .fill ignored");
            return;
        }
        if (size == 0 || count.Value == 0 && !CheckCount(count.Addend * Math.Max(1, size)))
            return;
        _emitter.Fill(count.Value == 0 ? _emitter.Constant(count.Addend) : _emitter.Sum(count.Value, count.Addend), (int)size, pattern);
    }

    private void ReadRepeated(int size)
    {
        ReadValue value = default;
        if (!ReadNumber(out long count) || Accept(',') && !ReadValue(out value) || !CheckCount(count) || !CheckCount(count * size))
            return;
        if (value.Value == 0)
        {
            _emitter.Fill(_emitter.Constant(count), size, (ulong)value.Addend);
            return;
        }
        for (long i = 0; i < count; i++)
            Emit(in value, size);
    }

    private void ReadRepeatedFloat(FloatFormat format, int size)
    {
        if (!ReadNumber(out long count) || !Accept(',') || !TryReadFloat(format, out UInt128 bits) || !CheckCount(count * size))
            return;
        _emitter.Fill(_emitter.Constant(count), size, (ulong)bits);
    }

    private void ReadReserve(int size)
    {
        if (!ReadNumber(out long count) || !CheckCount(count))
            return;
        long fill = 0;
        if (Accept(','))
            ReadNumber(out fill);
        if (fill == 0)
            _emitter.Zero(count * size);
        else
            _emitter.Fill(_emitter.Constant(count * size), 1, (byte)fill);
    }

    private void ReadOrg()
    {
        if (!ReadValue(out ReadValue place))
            return;
        long fill = 0;
        if (Accept(','))
            ReadNumber(out fill);
        _emitter.Org(place.Value, place.Addend, (byte)fill);
    }

    private void ReadAlignment(int patternSize, bool isPower)
    {
        if (!ReadNumber(out long alignment))
            return;
        if (isPower)
        {
            if (alignment is < 0 or > 30)
            {
                Warn(alignment < 0 ? "alignment negative; 0 assumed" : "alignment too large: 30 assumed");
                alignment = alignment < 0 ? 0 : 30;
            }
            alignment = 1L << (int)alignment;
        }
        else if (alignment == 0)
        {
            alignment = 1;
        }
        else if (alignment < 0 || alignment > 1 << 30 || !BitOperations.IsPow2(alignment))
        {
            Error("alignment not a power of 2");
            return;
        }
        long fill = 0, maximum = 0;
        bool hasFill = false;
        if (Accept(','))
        {
            SkipSpace();
            if (Peek != ',' && !IsAtEnd)
            {
                if (!ReadNumber(out fill))
                    return;
                hasFill = true;
            }
            if (Accept(','))
                ReadNumber(out maximum);
        }
        int skip = (int)Math.Clamp(maximum, 0, int.MaxValue);
        bool isNop = hasFill && patternSize == 1 && (byte)fill == 0x90 && _emitter.SectionInfo(_emitter.CurrentSection).IsCode;
        if (!hasFill || isNop)
            _emitter.Align((int)alignment, skip);
        else
            _emitter.AlignWith((int)alignment, skip, (ulong)fill, patternSize);
    }

    private void ReadLeb128(bool isSigned)
    {
        do
        {
            if (!ReadValue(out ReadValue value))
            {
                _at = _length;
                return;
            }
            if (value.IsMissing)
                Error("zero assumed for missing expression");
            else if (value.IsWide)
                EmitWideLeb128(value.Wide, isSigned);
            else
                _emitter.Leb128(value.Value, value.Addend, isSigned);
        }
        while (Accept(','));
    }

    private void EmitWideLeb128(UInt128 value, bool isSigned)
    {
        var bytes = new ByteWriter();
        while (isSigned ? (Int128)value < -64 || (Int128)value > 63 : value > 127)
        {
            bytes.U8((int)(value & 0x7f) | 0x80);
            value = isSigned ? (UInt128)((Int128)value >> 7) : value >> 7;
        }
        bytes.U8((int)(value & 0x7f));
        _emitter.Data(bytes.Span);
    }
}
