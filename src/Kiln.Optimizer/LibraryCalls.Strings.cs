using Kiln.IR;

namespace Kiln.Optimizer;

// Strings: searching, comparing (C17 7.24.4, 7.24.5), and copying where lengths are known (7.24.2, 7.24.3).
public sealed partial class LibraryCalls
{
    private Value Strlen()
    {
        Value s = _arguments[0];
        if (Length(s, out long length))
            return Long(length);
        ref Instruction sum = ref _function[s];
        // strlen("text" + i) => 4 - i, where no NUL stands in the text: i past its end would be no string.
        if (sum.Op == Op.PointerAdd && ConstantData.Bytes(_function, sum.A, out ReadOnlySpan<byte> bytes) && bytes.IndexOf((byte)0) == bytes.Length - 1)
            return New(Op.Sub, IrType.I64, Long(bytes.Length - 1), sum.B);
        // strlen(s) == 0 => *s == 0
        return IsTestedForZero() ? New(Op.ZeroExtend, IrType.I64, Character(s)) : default;
    }

    // Whether the call's value serves one comparison alone, right behind it, which asks only whether it is zero.
    private bool IsTestedForZero()
    {
        Value next = _function[_at].Next;
        if (next.IsNone || Uses(_at) != 1 || _function.OpOf(next) != Op.Compare || _function[next].A != _at)
            return false;
        return (IntPredicate)_function[next].Aux switch
        {
            IntPredicate.Equal or IntPredicate.NotEqual or IntPredicate.GreaterUnsigned or IntPredicate.LessEqualUnsigned => IsConstant(_function[next].B, 0),
            IntPredicate.LessUnsigned or IntPredicate.GreaterEqualUnsigned => IsConstant(_function[next].B, 1),
            _ => false,
        };
    }

    private Value Strnlen()
    {
        if (IsConstant(_arguments[1], 0))
            return Long(0);
        // No NUL in the first n bytes, or one, in an object that is seen.
        if (IsConstant(_arguments[1], out long limit) && ConstantData.Bytes(_function, _arguments[0], out ReadOnlySpan<byte> bytes))
        {
            int end = bytes.IndexOf((byte)0);
            if (end >= 0 || (ulong)limit <= (ulong)bytes.Length)
                return Long((long)Math.Min((ulong)limit, end < 0 ? ulong.MaxValue : (ulong)end));
        }
        return default;
    }

    private Value Strcmp()
    {
        Value a = _arguments[0], b = _arguments[1];
        if (a == b)
            return Int(0);
        bool knowsA = Text(a, out ReadOnlySpan<byte> textA), knowsB = Text(b, out ReadOnlySpan<byte> textB);
        if (knowsA && knowsB)
            return Int(Math.Sign(textA.SequenceCompareTo(textB)));
        // strcmp(a, "") => *a, strcmp("", b) => -*b
        if (knowsB && textB.Length == 0)
            return Character(a);
        if (knowsA && textA.Length == 0)
            return New(Op.Sub, IrType.I32, Int(0), Character(b));
        return default;
    }

    private Value Strncmp()
    {
        Value a = _arguments[0], b = _arguments[1];
        if (a == b || IsConstant(_arguments[2], 0))
            return Int(0);
        if (!IsConstant(_arguments[2], out long limit))
            return default;
        bool knowsA = Text(a, out ReadOnlySpan<byte> textA), knowsB = Text(b, out ReadOnlySpan<byte> textB);
        if (knowsA && knowsB)
            return Int(Math.Sign(Cut(textA, limit).SequenceCompareTo(Cut(textB, limit))));
        if (knowsB && textB.Length == 0)
            return Character(a);
        if (knowsA && textA.Length == 0)
            return New(Op.Sub, IrType.I32, Int(0), Character(b));
        // One character: neither string is read beyond it.
        return limit == 1 ? New(Op.Sub, IrType.I32, Character(a), Character(b)) : default;
    }

    private static ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> text, long limit) => (ulong)limit < (ulong)text.Length ? text[..(int)limit] : text;

    private Value Memcmp()
    {
        Value a = _arguments[0], b = _arguments[1];
        if (a == b || IsConstant(_arguments[2], 0))
            return Int(0);
        if (!IsConstant(_arguments[2], out long count))
            return default;
        if (ConstantData.Bytes(_function, a, out ReadOnlySpan<byte> bytesA) && ConstantData.Bytes(_function, b, out ReadOnlySpan<byte> bytesB)
            && (ulong)count <= (ulong)bytesA.Length && (ulong)count <= (ulong)bytesB.Length)
            return Int(Math.Sign(bytesA[..(int)count].SequenceCompareTo(bytesB[..(int)count])));
        return count == 1 ? New(Op.Sub, IrType.I32, Character(a), Character(b)) : default;
    }

    private Value Strchr()
    {
        Value s = _arguments[0];
        if (!IsConstant(_arguments[1], out long character))
            return default;
        byte wanted = (byte)character;
        if (Text(s, out ReadOnlySpan<byte> text))
        {
            int at = wanted == 0 ? text.Length : text.IndexOf(wanted);
            return at < 0 ? Null : Offset(s, at);
        }
        // strchr(s, 0) => s + strlen(s)
        return wanted == 0 ? Offset(s, EmitCall("strlen", s)) : default;
    }

    private Value Strrchr()
    {
        Value s = _arguments[0];
        if (!IsConstant(_arguments[1], out long character))
            return default;
        byte wanted = (byte)character;
        if (wanted != 0 && Text(s, out ReadOnlySpan<byte> text))
        {
            int at = text.LastIndexOf(wanted);
            return at < 0 ? Null : Offset(s, at);
        }
        return wanted == 0 ? EmitCall("strchr", s, Int(0)) : default;
    }

    private Value Strstr()
    {
        Value s = _arguments[0];
        if (s == _arguments[1])
            return s;
        if (!Text(_arguments[1], out ReadOnlySpan<byte> wanted))
            return default;
        if (wanted.Length == 0)
            return s;
        if (Text(s, out ReadOnlySpan<byte> text))
        {
            int at = text.IndexOf(wanted);
            return at < 0 ? Null : Offset(s, at);
        }
        return wanted.Length == 1 ? EmitCall("strchr", s, Int((sbyte)wanted[0])) : default;
    }

    private Value Strpbrk()
    {
        Value s = _arguments[0];
        if (IsEmptyText(s))
            return Null;
        if (!Text(_arguments[1], out ReadOnlySpan<byte> wanted))
            return default;
        if (wanted.Length == 0)
            return Null;
        if (Text(s, out ReadOnlySpan<byte> text))
        {
            int at = text.IndexOfAny(wanted);
            return at < 0 ? Null : Offset(s, at);
        }
        return wanted.Length == 1 ? EmitCall("strchr", s, Int((sbyte)wanted[0])) : default;
    }

    private Value Strspn()
    {
        bool knowsText = Text(_arguments[0], out ReadOnlySpan<byte> text), knowsSet = Text(_arguments[1], out ReadOnlySpan<byte> set);
        if (knowsText && text.Length == 0 || knowsSet && set.Length == 0)
            return Long(0);
        if (!knowsText || !knowsSet)
            return default;
        int at = text.IndexOfAnyExcept(set);
        return Long(at < 0 ? text.Length : at);
    }

    private Value Strcspn()
    {
        bool knowsText = Text(_arguments[0], out ReadOnlySpan<byte> text), knowsSet = Text(_arguments[1], out ReadOnlySpan<byte> set);
        if (knowsText && text.Length == 0)
            return Long(0);
        if (knowsText && knowsSet)
        {
            int at = text.IndexOfAny(set);
            return Long(at < 0 ? text.Length : at);
        }
        return knowsSet && set.Length == 0 ? EmitCall("strlen", _arguments[0]) : default;
    }

    private Value Memchr()
    {
        if (IsConstant(_arguments[2], 0))
            return Null;
        if (!IsConstant(_arguments[1], out long character) || !IsConstant(_arguments[2], out long count)
            || !ConstantData.Bytes(_function, _arguments[0], out ReadOnlySpan<byte> bytes))
            return default;
        int at = bytes.IndexOf((byte)character);
        if (at >= 0 && (ulong)at < (ulong)count)
            return Offset(_arguments[0], at);
        return (ulong)count <= (ulong)bytes.Length ? Null : default;
    }

    private Value Strcpy()
    {
        (Value to, Value from) = (_arguments[0], _arguments[1]);
        if (to == from)
            return to;
        return Length(from, out long length) ? EmitCall("memcpy", to, from, Long(length + 1)) : default;
    }

    private Value Stpcpy()
    {
        (Value to, Value from) = (_arguments[0], _arguments[1]);
        if (Length(from, out long length))
        {
            EmitCall("memcpy", to, from, Long(length + 1));
            return Offset(to, length);
        }
        return IsUnused ? EmitCall("strcpy", to, from) : default;
    }

    private Value Strncpy()
    {
        (Value to, Value from) = (_arguments[0], _arguments[1]);
        if (IsConstant(_arguments[2], 0))
            return to;
        // No filling with zeros beyond the text's own.
        return IsConstant(_arguments[2], out long count) && Length(from, out long length) && (ulong)count <= (ulong)length + 1
            ? EmitCall("memcpy", to, from, _arguments[2])
            : default;
    }

    private Value Stpncpy()
    {
        if (IsConstant(_arguments[2], 0))
            return _arguments[0];
        return IsUnused ? EmitCall("strncpy", _arguments[0], _arguments[1], _arguments[2]) : default;
    }

    private Value Strcat()
    {
        (Value to, Value from) = (_arguments[0], _arguments[1]);
        if (IsEmptyText(from))
            return to;
        if (!Length(from, out long length))
            return default;
        EmitCall("memcpy", Offset(to, EmitCall("strlen", to)), from, Long(length + 1));
        return to;
    }

    private Value Strncat()
    {
        (Value to, Value from) = (_arguments[0], _arguments[1]);
        if (IsConstant(_arguments[2], 0) || IsEmptyText(from))
            return to;
        return IsConstant(_arguments[2], out long count) && Length(from, out long length) && (ulong)count >= (ulong)length
            ? EmitCall("strcat", to, from)
            : default;
    }

    // The functions that check the size of the object they write to: plain ones where the size is not known, or what is written fits.

    private bool IsUnlimited(Value size) => IsConstant(size, -1);

    private Value StrcpyChk(string plain)
    {
        (Value to, Value from, Value size) = (_arguments[0], _arguments[1], _arguments[2]);
        if (!IsConstant(size, out long limit))
            return default;
        if (to == from && plain == "strcpy")
            return to;
        if (limit == -1 || GreatestLength(from, out long length) && (ulong)length < (ulong)limit)
            return EmitCall(plain, to, from);
        return plain == "stpcpy" && IsUnused ? EmitCall("__strcpy_chk", to, from, size) : default;
    }

    private Value StrncpyChk(string plain)
    {
        (Value to, Value from, Value count, Value size) = (_arguments[0], _arguments[1], _arguments[2], _arguments[3]);
        if (!IsConstant(size, out long limit))
            return default;
        if (limit == -1 || Greatest(count, out ulong greatest) && greatest <= (ulong)limit)
            return EmitCall(plain, to, from, count);
        return plain == "stpncpy" && IsUnused ? EmitCall("__strncpy_chk", to, from, count, size) : default;
    }

    private Value StrcatChk()
    {
        (Value to, Value from) = (_arguments[0], _arguments[1]);
        if (IsEmptyText(from))
            return to;
        return IsUnlimited(_arguments[2]) ? EmitCall("strcat", to, from) : default;
    }

    private Value StrncatChk()
    {
        (Value to, Value from, Value count, Value size) = (_arguments[0], _arguments[1], _arguments[2], _arguments[3]);
        if (IsConstant(count, 0) || IsEmptyText(from))
            return to;
        if (IsUnlimited(size))
            return EmitCall("strncat", to, from, count);
        return IsConstant(size, out _) && IsConstant(count, out long limit) && Length(from, out long length) && (ulong)limit >= (ulong)length
            ? EmitCall("__strcat_chk", to, from, size)
            : default;
    }
}
