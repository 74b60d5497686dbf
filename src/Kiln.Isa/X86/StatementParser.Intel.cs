using System.Text;

namespace Kiln.Isa.X86;

// Operands in Intel syntax: registers may stand anywhere in a sum. The registers are taken out of it term by term, and what is left is an
// expression like any other.

internal ref partial struct StatementParser
{
    private bool ParseIntelOperand(ref Operand operand)
    {
        bool isMemory = ParseIntelSize(ref operand);
        if (TakeWord("offset"u8))
        {
            SkipBlanks();
            if (TakeWord("flat"u8))
            {
                SkipBlanks();
                if (Peek() != ':')
                    return Fail("expecting `:' after FLAT");
                _at++;
            }
            operand.Kind = OperandKind.Immediate;
            operand.Size = 0;
            return ParseValue(ref operand);
        }
        SkipBlanks();
        int start = _at;
        int register = ParseRegister();
        if (register < 0)
            return false;
        if (register > 0)
        {
            SkipBlanks();
            if (Registers.ClassOf(register) == RegisterClass.Segment && Peek() == ':')
            {
                _at++;
                operand.Segment = (ushort)register;
                isMemory = true;
            }
            else if (_at >= _text.Length || Peek() == ',')
            {
                operand.Kind = OperandKind.Register;
                operand.Register = (ushort)register;
                operand.Size = 0;
                return true;
            }
            else
                _at = start;
        }
        return ParseIntelSum(ref operand, isMemory);
    }

    /// <summary>Takes <c>DWORD PTR</c>, <c>SHORT</c> and the like.</summary>
    private bool ParseIntelSize(ref Operand operand)
    {
        SkipBlanks();
        if (!IsNameStart(Peek()))
            return false;
        int size =
            TakeWord("byte"u8) ? 1 : TakeWord("word"u8) ? 2 : TakeWord("dword"u8) ? 4 : TakeWord("fword"u8) ? 6 :
            TakeWord("qword"u8) || TakeWord("mmword"u8) ? 8 : TakeWord("tbyte"u8) ? 10 :
            TakeWord("oword"u8) || TakeWord("xmmword"u8) ? 16 : TakeWord("ymmword"u8) ? 32 : TakeWord("zmmword"u8) ? 64 : 0;
        if (size == 0)
        {
            bool isFar = TakeWord("far"u8);
            if (isFar || TakeWord("short"u8) || TakeWord("near"u8))
                TakeWord("ptr"u8);
            SkipBlanks();
            if (isFar)
                operand.Size = 6; // a segment and an offset
            return isFar;
        }
        SkipBlanks();
        TakeWord("ptr"u8);
        SkipBlanks();
        operand.Size = (byte)size;
        return true;
    }

    private bool TakeWord(ReadOnlySpan<byte> word)
    {
        SkipBlanks();
        if (_text.Length - _at < word.Length || !Ascii.EqualsIgnoreCase(_text.Slice(_at, word.Length), word) ||
            _at + word.Length < _text.Length && (IsNameByte(_text[_at + word.Length]) || _text[_at + word.Length] == '$'))
            return false;
        // A lone name is a symbol, whatever it spells.
        _at += word.Length;
        return true;
    }

    /// <summary>Parses a sum of registers, scaled registers and expressions, in brackets or not.</summary>
    private bool ParseIntelSum(ref Operand operand, bool isMemory)
    {
        byte[]? rented = _text.Length > 512 ? new byte[_text.Length * 2] : null;
        Span<byte> rest = rented ?? stackalloc byte[1024];
        int restLength = 0;
        int brackets = 0, parentheses = 0;
        bool sawBracket = false;
        byte sign = (byte)'+';
        while (_at < _text.Length)
        {
            SkipBlanks();
            byte c = (byte)Peek();
            if (c == 0 || c == ',' && brackets == 0 && parentheses == 0 || c == ':' && brackets == 0)
                break;
            if (c is (byte)'[' or (byte)']')
            {
                brackets += c == '[' ? 1 : -1;
                if (brackets < 0)
                    return Fail("unbalanced brackets");
                sawBracket = true;
                sign = (byte)'+';
                _at++;
                continue;
            }
            if (c is (byte)'+' or (byte)'-')
            {
                sign = c == sign ? (byte)'+' : (byte)'-';
                _at++;
                continue;
            }
            // [QWORD PTR foo[rax*8]]
            var inner = default(Operand);
            if (ParseIntelSize(ref inner))
            {
                if (operand.Size == 0)
                    operand.Size = inner.Size;
                isMemory = true;
                continue;
            }
            int start = _at;
            if (ParseIntelSegment(ref operand))
            {
                isMemory = true;
                continue;
            }
            _at = start;
            if (!ParseIntelRegister(ref operand, sign, out bool took))
                return false;
            if (took)
            {
                isMemory = true;
                sign = (byte)'+';
                continue;
            }
            _at = start;
            int end = EndOfTerm(start, brackets > 0);
            if (end == start)
                return Fail($"junk `{Encoding.UTF8.GetString(_text[start..])}' after expression");
            rest[restLength++] = sign;
            ReadOnlySpan<byte> term = _text[start..end].TrimEnd(" \t"u8);
            term.CopyTo(rest[restLength..]);
            restLength += term.Length;
            _at = end;
            sign = (byte)'+';
        }
        if (brackets != 0)
            return Fail("unbalanced brackets");
        if (restLength > 0)
        {
            int position = rest[0] == '+' ? 1 : 0;
            if (!_expressions.ParseExpression(rest[..restLength], ref position, out ExpressionValue value))
            {
                _error = null;
                return false;
            }
            if (position < restLength)
                return Fail($"junk `{Encoding.UTF8.GetString(rest[position..restLength])}' after expression");
            operand.Symbol = value.Symbol;
            operand.Value = value.Addend;
            operand.Modifier = value.Modifier;
        }
        else if (!isMemory && !sawBracket)
            return Fail("missing operand");
        if (sawBracket || isMemory)
            operand.Extra |= (ushort)OperandFlags.Indirect;
        // A plain number is a number; a symbol alone means what it labels.
        operand.Kind = isMemory || sawBracket || operand.Symbol != 0 ? OperandKind.Memory : OperandKind.Immediate;
        if (operand.Index != 0 && operand.Register == 0 && operand.Scale == 0)
            operand.Scale = 1;
        if (operand.Index is Registers.Rsp or Registers.Esp && operand.Scale <= 1)
            (operand.Register, operand.Index) = (operand.Index, operand.Register);
        return true;
    }

    /// <summary>Takes <c>fs:</c>, and <c>FLAT:</c>, which says nothing.</summary>
    private bool ParseIntelSegment(ref Operand operand)
    {
        bool isFlat = TakeWord("flat"u8);
        int register = isFlat || !IsNameStart(Peek()) && Peek() != '%' ? 0 : ParseRegister();
        SkipBlanks();
        if (Peek() != ':' || !isFlat && Registers.ClassOf(Math.Max(register, 0)) != RegisterClass.Segment)
            return false;
        _at++;
        if (!isFlat)
            operand.Segment = (ushort)register;
        return true;
    }

    /// <summary>Takes a register, or a register times a number, as base or index.</summary>
    private bool ParseIntelRegister(ref Operand operand, byte sign, out bool took)
    {
        took = false;
        int scale = 0;
        int register;
        if (Peek() is >= '1' and <= '8' && _at + 1 < _text.Length && !IsNameByte(_text[_at + 1]))
        {
            // 4*rcx
            scale = Peek() - '0';
            _at++;
            SkipBlanks();
            if (Peek() != '*')
                return true;
            _at++;
            SkipBlanks();
            register = ParseRegister();
            if (register <= 0)
                return register == 0;
        }
        else
        {
            register = ParseRegister();
            if (register <= 0)
                return register == 0;
            SkipBlanks();
            if (Peek() == '*')
            {
                _at++;
                SkipBlanks();
                scale = Peek() - '0';
                _at++;
            }
        }
        if (sign == '-' || scale is not (0 or 1 or 2 or 4 or 8))
            return Fail("not a valid base/index expression");
        took = true;
        bool isVector = Registers.ClassOf(register) is RegisterClass.Xmm or RegisterClass.Ymm or RegisterClass.Zmm;
        if (scale == 0 && !isVector && operand.Register == 0)
            operand.Register = (ushort)register;
        else if (operand.Index == 0)
        {
            operand.Index = (ushort)register;
            operand.Scale = (byte)Math.Max(scale, 1);
        }
        else if (operand.Register == 0 && operand.Scale <= 1)
        {
            operand.Register = operand.Index;
            operand.Index = (ushort)register;
            operand.Scale = (byte)Math.Max(scale, 1);
        }
        else
            return Fail("not a valid base/index expression");
        return true;
    }

    /// <summary>Where a term of a sum ends: at a sign, bracket or comma outside parentheses and quotes.</summary>
    private readonly int EndOfTerm(int start, bool inBrackets)
    {
        int depth = 0;
        bool wantsOperand = true;
        for (int i = start; i < _text.Length; i++)
        {
            byte c = _text[i];
            if (c is (byte)'(')
                depth++;
            else if (c is (byte)')')
                depth--;
            else if (depth == 0 && (c is (byte)'[' or (byte)']' or (byte)',' or (byte)':' || c is (byte)'+' or (byte)'-' && !wantsOperand))
                return i;
            if (c is not ((byte)' ' or (byte)'\t'))
                wantsOperand = c is (byte)'*' or (byte)'/' or (byte)'%' or (byte)'<' or (byte)'>' or (byte)'&' or (byte)'|' or (byte)'^' or (byte)'~' or (byte)'(';
        }
        return _text.Length;
    }
}
