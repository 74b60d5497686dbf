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
        // A limit of which only bounds are known, as in strnlen("12", n & 3): the result has bounds too.
        if (Length(_arguments[0], out long length))
        {
            (ulong least, ulong most) = Bounds(_arguments[1], 6);
            (least, most) = (Math.Min(least, (ulong)length), Math.Min(most, (ulong)length));
            if (least == most || IsDecidedWithin(least, most))
                return Long((long)least);
        }
        return default;
    }

    // What an unsigned value lies between, from the operations that make it.
    private (ulong Least, ulong Most) Bounds(Value value, int depth)
    {
        ref Instruction instruction = ref _function[value];
        int bits = instruction.Type.LaneBits;
        (ulong Least, ulong Most) all = (0, bits >= 64 ? ulong.MaxValue : (1UL << bits) - 1);
        if (bits > 64 || depth == 0)
            return all;
        switch (instruction.Op)
        {
            case Op.Constant:
                ulong constant = (ulong)instruction.Aux & all.Most;
                return (constant, constant);
            case Op.And:
                return (0, Math.Min(Bounds(instruction.A, depth - 1).Most, Bounds(instruction.B, depth - 1).Most));
            case Op.Or:
                (ulong leastA, ulong mostA) = Bounds(instruction.A, depth - 1);
                (ulong leastB, ulong mostB) = Bounds(instruction.B, depth - 1);
                // No bit above the highest of either is set.
                ulong highest = mostA | mostB;
                return (Math.Max(leastA, leastB), highest == 0 ? 0 : ulong.MaxValue >> System.Numerics.BitOperations.LeadingZeroCount(highest));
            case Op.ZeroExtend:
                return Bounds(instruction.A, depth - 1);
            case Op.Select:
                (ulong leastTrue, ulong mostTrue) = Bounds(instruction.B, depth - 1);
                (ulong leastFalse, ulong mostFalse) = Bounds(instruction.C, depth - 1);
                return (Math.Min(leastTrue, leastFalse), Math.Max(mostTrue, mostFalse));
            case Op.RemUnsigned when _function.OpOf(instruction.B) == Op.Constant && _function[instruction.B].Aux != 0:
                return (0, Bounds(instruction.B, depth - 1).Most - 1);
            default:
                return all;
        }
    }

    // Whether the call's value serves one unsigned comparison alone, which comes out the same for all values between two.
    private bool IsDecidedWithin(ulong least, ulong most)
    {
        Value next = _function[_at].Next;
        if (next.IsNone || Uses(_at) != 1 || _function.OpOf(next) != Op.Compare || _function[next].A != _at || !IsConstant(_function[next].B, out long against))
            return false;
        ulong limit = (ulong)against;
        return (IntPredicate)_function[next].Aux switch
        {
            IntPredicate.Equal or IntPredicate.NotEqual => limit < least || limit > most,
            IntPredicate.LessUnsigned or IntPredicate.GreaterEqualUnsigned => most < limit || least >= limit,
            IntPredicate.LessEqualUnsigned or IntPredicate.GreaterUnsigned => most <= limit || least > limit,
            _ => false,
        };
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
