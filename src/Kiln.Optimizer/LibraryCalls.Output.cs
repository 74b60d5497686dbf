using System.Text;
using Kiln.IR;

namespace Kiln.Optimizer;

// Formatted output (C17 7.21.6) whose format says little: what is printed is a known text, one string, or one character.
public sealed partial class LibraryCalls
{
    // printf and its kin; the format is argument number at. Only calls whose result is not used: the simpler functions count otherwise.
    private Value Printf(int at, string suffix, bool isList = false)
    {
        if (!IsUnused || !Text(_arguments[at], out ReadOnlySpan<byte> format))
            return default;
        if (format.IndexOf((byte)'%') < 0)
            return PrintText(format, suffix);
        if (isList || _arguments.Length <= at + 1)
            return default;
        Value argument = _arguments[at + 1];
        if (format.SequenceEqual("%s\n"u8) && _function.TypeOf(argument).IsPointer)
            return Done(EmitCall("puts" + suffix, argument));
        if (format.SequenceEqual("%c"u8) && _function.TypeOf(argument) == IrType.I32)
            return Done(EmitCall("putchar" + suffix, argument));
        return format.SequenceEqual("%s"u8) && Text(argument, out ReadOnlySpan<byte> text) ? PrintText(text, suffix) : default;
    }

    private Value PrintText(ReadOnlySpan<byte> text, string suffix)
    {
        if (text.Length == 0)
            return Done(default);
        if (text.Length == 1)
            return Done(EmitCall("putchar" + suffix, Int(text[0])));
        return text[^1] == '\n' ? Done(EmitCall("puts" + suffix, NewText(text[..^1]))) : default;
    }

    private Value Fprintf(int at, string suffix, bool isList = false)
    {
        if (!IsUnused || !Text(_arguments[at], out ReadOnlySpan<byte> format))
            return default;
        Value stream = _arguments[0];
        if (format.IndexOf((byte)'%') < 0)
            return format.Length == 0 ? Done(default) : Done(EmitCall("fputs" + suffix, _arguments[at], stream));
        if (isList || _arguments.Length <= at + 1)
            return default;
        Value argument = _arguments[at + 1];
        if (format.SequenceEqual("%s"u8) && _function.TypeOf(argument).IsPointer)
            return Done(EmitCall("fputs" + suffix, argument, stream));
        return format.SequenceEqual("%c"u8) && _function.TypeOf(argument) == IrType.I32
            ? Done(EmitCall("fputc" + suffix, argument, stream))
            : default;
    }

    private Value Fputs(string suffix)
    {
        (Value text, Value stream) = (_arguments[0], _arguments[1]);
        if (!IsUnused || !Length(text, out long length))
            return default;
        if (length == 0)
            return Done(default);
        if (length == 1 && Text(text, out ReadOnlySpan<byte> one))
            return Done(EmitCall("fputc" + suffix, Int(one[0]), stream));
        return Done(EmitCall("fwrite" + suffix, text, Long(1), Long(length), stream));
    }

    // The length of what a format prints, if it is fixed: no % at all, or %s alone with a text. The value copied is set with it.
    private bool PrintedLength(int at, out Value source, out long length, out long greatest)
    {
        source = default;
        length = greatest = 0;
        if (!Text(_arguments[at], out ReadOnlySpan<byte> format))
            return false;
        if (format.IndexOf((byte)'%') < 0)
            source = _arguments[at];
        else if (format.SequenceEqual("%s"u8) && _arguments.Length > at + 1 && _function.TypeOf(_arguments[at + 1]).IsPointer)
            source = _arguments[at + 1];
        else
            return false;
        return Lengths(source, out length, out greatest, 0);
    }

    private Value Sprintf()
    {
        Value to = _arguments[0];
        if (PrintedLength(1, out Value source, out long length, out long greatest) && length == greatest)
        {
            EmitCall("strcpy", to, source);
            return Int((int)length);
        }
        return !source.IsNone && IsUnused ? Done(EmitCall("strcpy", to, source)) : default;
    }

    private Value Snprintf()
    {
        if (!IsConstant(_arguments[1], out long limit) || !PrintedLength(2, out Value source, out long length, out long greatest)
            || length != greatest || (ulong)length >= (ulong)limit)
            return default;
        EmitCall("strcpy", _arguments[0], source);
        return Int((int)length);
    }

    // The flag asks for more checks of the format; a format that writes through no argument needs none.
    private bool NeedsNoFormatCheck(int flag, int format) =>
        IsConstant(_arguments[flag], 0)
        || Text(_arguments[format], out ReadOnlySpan<byte> text) && (text.IndexOf((byte)'%') < 0 || text.SequenceEqual("%s"u8));

    // (to, flag, size, format, ...)
    private Value SprintfChk(string plain)
    {
        if (!IsConstant(_arguments[2], out long limit))
            return default;
        bool fits = limit == -1
            || (plain == "sprintf" || Text(_arguments[3], out ReadOnlySpan<byte> format) && format.IndexOf((byte)'%') < 0)
                && PrintedLength(3, out _, out _, out long greatest) && (ulong)greatest < (ulong)limit;
        if (!fits && IsConstant(_arguments[2], out _) && !FitsNumbers(plain, limit))
            return default;
        return NeedsNoFormatCheck(1, 3) ? EmitCall(plain, [_arguments[0], .. _arguments.AsSpan(3)]) : default;
    }

    // Formats of texts, %% and %c alone print a length that is known before.
    private bool FitsNumbers(string plain, long limit)
    {
        if (plain != "sprintf" || !Text(_arguments[3], out ReadOnlySpan<byte> format))
            return false;
        ulong length = 0;
        int argument = 4;
        for (int i = 0; i < format.Length; i++, length++)
        {
            if (format[i] != '%')
                continue;
            if (++i >= format.Length)
                return false;
            switch (format[i])
            {
                case (byte)'%':
                    break;
                case (byte)'c':
                    argument++;
                    break;
                case (byte)'s' when argument < _arguments.Length && GreatestLength(_arguments[argument], out long text):
                    argument++;
                    length += (ulong)text - 1;
                    break;
                default:
                    return false;
            }
        }
        return length < (ulong)limit;
    }

    // (to, count, flag, size, format, ...)
    private Value SnprintfChk(string plain)
    {
        if (!IsConstant(_arguments[3], out long limit))
            return default;
        bool fits = limit == -1 || Greatest(_arguments[1], out ulong greatest) && greatest <= (ulong)limit;
        return fits && NeedsNoFormatCheck(2, 4) ? EmitCall(plain, [_arguments[0], _arguments[1], .. _arguments.AsSpan(4)]) : default;
    }
}
