using Kiln.Assembler.Sections;
using Kiln.Base;
using Kiln.Isa;

namespace Kiln.Assembler.Language;

// Reads expressions: numbers, characters, symbols, local labels, `.`, all operators with the assembler's precedences
// (multiplication and shifts; bits; addition; comparisons; &&; ||). What is a number is computed at once; everything else becomes a tree
// of the emitter. Where an expression ends is for the caller to judge.

/// <summary>A value that was read.</summary>
internal struct ReadValue
{
    /// <summary>A symbol or expression of the emitter, or 0.</summary>
    public int Value;

    /// <summary>The number, or what is added.</summary>
    public long Addend;

    /// <summary>How the symbol is meant (<c>@PLT</c>).</summary>
    public int Modifier;

    /// <summary>A register, or 0.</summary>
    public int Register;

    /// <summary>A number of more than 64 bits.</summary>
    public UInt128 Wide;
    public bool IsWide;

    /// <summary>Nothing was there.</summary>
    public bool IsMissing;

    public readonly bool IsNumber => Value == 0 && Register == 0 && !IsMissing;
}

/// <summary>Reads expressions into an emitter. See the file's header.</summary>
internal sealed class ExpressionReader(Emitter emitter, InstructionSet isa, Action<string> error, Action<string> warn)
{
    private const int MaximumDepth = 1000;

    private readonly Dictionary<long, (int Last, int Next)> _localLabels = [];
    private readonly Dictionary<string, int> _registers = [];
    private int _depth;

    /// <summary>Whether numbers may end in <c>h</c>, as Intel's syntax has it.</summary>
    public bool IsIntel { get; set; }

    /// <summary>Where the current place is a number, as in <c>.struct</c>.</summary>
    public long? AbsolutePlace { get; set; }

    /// <summary>Defines a numbered local label here and gives its symbol.</summary>
    public int DefineLocalLabel(long number)
    {
        (_, int next) = _localLabels.GetValueOrDefault(number);
        int symbol = next != 0 ? next : emitter.Anonymous();
        _localLabels[number] = (symbol, 0);
        return symbol;
    }

    /// <summary>Makes a name stand for a register.</summary>
    public void SetRegister(ReadOnlySpan<byte> name, int register) => _registers[System.Text.Encoding.UTF8.GetString(name)] = register;

    /// <summary>The register that a name stands for, or 0.</summary>
    public int FindRegister(ReadOnlySpan<byte> name) =>
        _registers.Count == 0 ? 0 : _registers.GetValueOrDefault(System.Text.Encoding.UTF8.GetString(name));

    public static bool IsNameStart(byte c) => char.IsAsciiLetter((char)c) || c is (byte)'_' or (byte)'.' or (byte)'$' or >= 0x80;

    public static bool IsNamePart(byte c) => IsNameStart(c) || char.IsAsciiDigit((char)c);

    /// <summary>The end of the name that starts at a position.</summary>
    public static int NameEnd(ReadOnlySpan<byte> text, int at)
    {
        while (at < text.Length && IsNamePart(text[at]))
            at++;
        return at;
    }

    private static void SkipSpace(ReadOnlySpan<byte> text, ref int at)
    {
        while (at < text.Length && text[at] is (byte)' ' or (byte)'\t')
            at++;
    }

    /// <summary>Reads an expression; false, with an error reported, where none can be read. Nothing at all is a missing value.</summary>
    public bool Read(ReadOnlySpan<byte> text, ref int at, out ReadValue value)
    {
        _depth = 0;
        if (!ReadBinary(text, ref at, 0, out value))
            return false;
        if (value.Value < 0 && emitter.TryEvaluate(value.Value, out long number))
        {
            value.Value = 0;
            value.Addend += number;
        }
        return true;
    }

    private static (ExpressionOperator Operator, int Rank, int Length) Operator(ReadOnlySpan<byte> text, int at)
    {
        if (at >= text.Length)
            return default;
        byte next = at + 1 < text.Length ? text[at + 1] : (byte)0;
        return text[at] switch
        {
            (byte)'*' => (ExpressionOperator.Multiply, 6, 1),
            (byte)'/' => (ExpressionOperator.Divide, 6, 1),
            (byte)'%' => (ExpressionOperator.Remainder, 6, 1),
            (byte)'<' when next == '<' => (ExpressionOperator.ShiftLeft, 6, 2),
            (byte)'>' when next == '>' => (ExpressionOperator.ShiftRight, 6, 2),
            (byte)'|' when next == '|' => (ExpressionOperator.LogicalOr, 1, 2),
            (byte)'&' when next == '&' => (ExpressionOperator.LogicalAnd, 2, 2),
            (byte)'|' => (ExpressionOperator.Or, 5, 1),
            (byte)'&' => (ExpressionOperator.And, 5, 1),
            (byte)'^' => (ExpressionOperator.Xor, 5, 1),
            (byte)'!' when next == '=' => (ExpressionOperator.NotEqual, 3, 2),
            (byte)'!' => (ExpressionOperator.OrNot, 5, 1),
            (byte)'+' => (ExpressionOperator.Add, 4, 1),
            (byte)'-' => (ExpressionOperator.Subtract, 4, 1),
            (byte)'=' when next == '=' => (ExpressionOperator.Equal, 3, 2),
            (byte)'<' when next == '>' => (ExpressionOperator.NotEqual, 3, 2),
            (byte)'<' when next == '=' => (ExpressionOperator.LessOrEqual, 3, 2),
            (byte)'>' when next == '=' => (ExpressionOperator.GreaterOrEqual, 3, 2),
            (byte)'<' => (ExpressionOperator.Less, 3, 1),
            (byte)'>' => (ExpressionOperator.Greater, 3, 1),
            _ => default,
        };
    }

    private bool ReadBinary(ReadOnlySpan<byte> text, ref int at, int minimumRank, out ReadValue left)
    {
        if (!ReadOperand(text, ref at, out left))
            return false;
        while (true)
        {
            SkipSpace(text, ref at);
            (ExpressionOperator op, int rank, int length) = Operator(text, at);
            if (length == 0 || rank <= minimumRank)
                return true;
            at += length;
            if (!ReadBinary(text, ref at, rank, out ReadValue right))
                return false;
            if (right.IsMissing)
                warn("missing operand; zero assumed");
            if (!Combine(op, ref left, right))
                return false;
        }
    }

    private bool Combine(ExpressionOperator op, ref ReadValue left, ReadValue right)
    {
        if (left.Register != 0 || right.Register != 0)
        {
            error("invalid use of register");
            return false;
        }
        left.IsMissing = false;
        if (right.Modifier != 0)
            left.Modifier = right.Modifier;
        if (left.IsWide || right.IsWide)
            return CombineWide(op, ref left, in right);
        if (left.Value == 0 && right.Value == 0)
        {
            if (!ExpressionArithmetic.TryCompute(op, left.Addend, right.Addend, out long number))
            {
                warn("division by zero");
                number = op == ExpressionOperator.Divide ? left.Addend : 0;
            }
            left.Addend = number;
            return true;
        }
        switch (op)
        {
            case ExpressionOperator.Add:
                left.Value = left.Value == 0 ? right.Value
                    : right.Value == 0 ? left.Value
                    : emitter.Expression(ExpressionOperator.Add, left.Value, right.Value);
                left.Addend += right.Addend;
                break;
            case ExpressionOperator.Subtract:
                left.Value = right.Value == 0 ? left.Value
                    : left.Value == 0 ? emitter.Expression(ExpressionOperator.Negate, right.Value)
                    : emitter.Expression(ExpressionOperator.Subtract, left.Value, right.Value);
                left.Addend -= right.Addend;
                break;
            default:
                left.Value = emitter.Expression(op, Whole(left), Whole(right));
                left.Addend = 0;
                break;
        }
        return true;
    }

    private int Whole(in ReadValue value) => value.Value == 0 ? emitter.Constant(value.Addend) : emitter.Sum(value.Value, value.Addend);

    private bool CombineWide(ExpressionOperator op, ref ReadValue left, in ReadValue right)
    {
        if (left.Value != 0 || right.Value != 0)
        {
            error("bignum invalid");
            return false;
        }
        UInt128 a = left.IsWide ? left.Wide : (UInt128)(Int128)left.Addend, b = right.IsWide ? right.Wide : (UInt128)(Int128)right.Addend;
        UInt128 result;
        switch (op)
        {
            case ExpressionOperator.Add:
                result = a + b;
                break;
            case ExpressionOperator.Subtract:
                result = a - b;
                break;
            case ExpressionOperator.And:
                result = a & b;
                break;
            case ExpressionOperator.Or:
                result = a | b;
                break;
            case ExpressionOperator.Xor:
                result = a ^ b;
                break;
            case ExpressionOperator.ShiftLeft:
                result = b < 128 ? a << (int)b : 0;
                break;
            case ExpressionOperator.ShiftRight:
                result = b < 128 ? a >> (int)b : 0;
                break;
            default:
                error("bignum invalid");
                return false;
        }
        SetWide(ref left, result);
        return true;
    }

    private static void SetWide(ref ReadValue value, UInt128 number)
    {
        value.IsWide = number > ulong.MaxValue && (Int128)number < long.MinValue || number >> 64 != 0 && (Int128)number >= 0;
        value.Wide = number;
        value.Addend = (long)(ulong)number;
    }

    private bool ReadOperand(ReadOnlySpan<byte> text, ref int at, out ReadValue value)
    {
        value = default;
        SkipSpace(text, ref at);
        if (at >= text.Length)
        {
            value.IsMissing = true;
            return true;
        }
        if (++_depth > MaximumDepth || !CompilationStack.HasRoom)
        {
            error("expression nested too deeply");
            return false;
        }
        byte c = text[at];
        bool isRead;
        switch (c)
        {
            case (byte)'-':
                isRead = ReadUnary(ExpressionOperator.Negate, text, ref at, out value);
                break;
            case (byte)'~':
                isRead = ReadUnary(ExpressionOperator.Complement, text, ref at, out value);
                break;
            case (byte)'!':
                isRead = ReadUnary(ExpressionOperator.LogicalNot, text, ref at, out value);
                break;
            case (byte)'+':
                at++;
                isRead = ReadOperand(text, ref at, out value);
                break;
            case (byte)'(':
            case (byte)'[' when !IsIntel:
                isRead = ReadGroup(text, ref at, c == '(' ? (byte)')' : (byte)']', out value);
                break;
            case >= (byte)'0' and <= (byte)'9':
                isRead = ReadNumber(text, ref at, out value);
                break;
            case (byte)'\'':
                at++;
                value.Addend = at < text.Length ? text[at++] : 0;
                if (at < text.Length && text[at] == '\'')
                    at++;
                isRead = true;
                break;
            case (byte)'%':
                isRead = ReadRegister(text, ref at, out value);
                break;
            case (byte)'"':
                isRead = ReadQuotedName(text, ref at, out value);
                break;
            case (byte)'.' when at + 1 >= text.Length || !IsNamePart(text[at + 1]):
                at++;
                if (AbsolutePlace is long place)
                    value.Addend = place;
                else
                    value.Value = emitter.AnonymousHere();
                isRead = true;
                break;
            default:
                if (!IsNameStart(c))
                {
                    value.IsMissing = true;
                    isRead = true;
                    break;
                }
                int end = NameEnd(text, at);
                ReadOnlySpan<byte> name = text[at..end];
                at = end;
                if (end < text.Length && text[end] == '(' && (name.SequenceEqual(".startof."u8) || name.SequenceEqual(".sizeof."u8)))
                {
                    // the linker knows .startof..text as the start of the output's section
                    int close = text[end..].IndexOf((byte)')');
                    if (close > 1)
                    {
                        value.Value = emitter.Symbol([.. name, .. text.Slice(end + 1, close - 1)]);
                        at = end + close + 1;
                        isRead = true;
                        break;
                    }
                }
                isRead = ReadSymbol(name, text, ref at, out value);
                break;
        }
        _depth--;
        return isRead;
    }

    private bool ReadUnary(ExpressionOperator op, ReadOnlySpan<byte> text, ref int at, out ReadValue value)
    {
        at++;
        if (!ReadOperand(text, ref at, out value))
            return false;
        if (value.IsMissing)
            warn("missing operand; zero assumed");
        value.IsMissing = false;
        if (value.Register != 0)
        {
            error("invalid use of register");
            return false;
        }
        if (value.IsWide && op != ExpressionOperator.LogicalNot)
        {
            SetWide(ref value, op == ExpressionOperator.Negate ? UInt128.Zero - value.Wide : ~value.Wide);
            return true;
        }
        if (value.Value == 0)
        {
            ExpressionArithmetic.TryCompute(op, value.Addend, 0, out long number);
            value.Addend = number;
            return true;
        }
        if (op == ExpressionOperator.Negate)
        {
            value.Value = emitter.Expression(op, value.Value);
            value.Addend = -value.Addend;
            return true;
        }
        value.Value = emitter.Expression(op, Whole(in value));
        value.Addend = 0;
        return true;
    }

    private bool ReadGroup(ReadOnlySpan<byte> text, ref int at, byte close, out ReadValue value)
    {
        at++;
        if (!ReadBinary(text, ref at, 0, out value))
            return false;
        SkipSpace(text, ref at);
        if (at >= text.Length || text[at] != close)
        {
            error($"missing '{(char)close}'");
            return false;
        }
        at++;
        if (value.IsMissing)
        {
            warn("missing operand; zero assumed");
            value.IsMissing = false;
        }
        return ReadModifier(text, ref at, ref value);
    }

    private bool ReadRegister(ReadOnlySpan<byte> text, ref int at, out ReadValue value)
    {
        value = default;
        int end = NameEnd(text, at + 1);
        // st(3)
        if (end + 2 < text.Length && text[end] == '(' && text[end + 2] == ')' && end - at == 3)
            end += 3;
        value.Register = isa.FindRegister(text[(at + 1)..end]);
        if (value.Register == 0)
        {
            error($"bad register name `{System.Text.Encoding.UTF8.GetString(text[at..end])}'");
            return false;
        }
        at = end;
        return true;
    }

    private bool ReadQuotedName(ReadOnlySpan<byte> text, ref int at, out ReadValue value)
    {
        var name = new ByteWriter();
        value = default;
        for (at++; at < text.Length && text[at] != '"'; at++)
        {
            if (text[at] == '\\' && at + 1 < text.Length)
                at++;
            name.U8(text[at]);
        }
        at++;
        return ReadSymbol(name.Span, text, ref at, out value);
    }

    private bool ReadSymbol(ReadOnlySpan<byte> name, ReadOnlySpan<byte> text, ref int at, out ReadValue value)
    {
        value = default;
        value.Register = FindRegister(name);
        if (value.Register != 0)
            return true;
        int symbol = emitter.Symbol(name);
        if (emitter.IsNumber(symbol, out long number))
            value.Addend = number;
        else if (emitter.EquatedValue(symbol, out _) != 0 && emitter.TryEvaluate(symbol, out number))
            value.Addend = number;
        else
            value.Value = symbol;
        return ReadModifier(text, ref at, ref value);
    }

    private bool ReadModifier(ReadOnlySpan<byte> text, ref int at, ref ReadValue value)
    {
        if (at >= text.Length || text[at] != '@')
            return true;
        int end = NameEnd(text, at + 1);
        int modifier = isa.FindModifier(text[(at + 1)..end]);
        if (modifier < 0)
        {
            error($"invalid modifier `{System.Text.Encoding.UTF8.GetString(text[at..end])}'");
            return false;
        }
        value.Modifier = modifier;
        at = end;
        return true;
    }

    // ---- numbers ----

    private bool ReadNumber(ReadOnlySpan<byte> text, ref int at, out ReadValue value)
    {
        value = default;
        int end = at;
        while (end < text.Length && char.IsAsciiDigit((char)text[end]))
            end++;
        byte next = end < text.Length ? (byte)(text[end] | 0x20) : (byte)0;
        bool endsAfter = end + 1 >= text.Length || !IsNamePart(text[end + 1]);
        if (next is (byte)'f' or (byte)'b' && endsAfter)
            return ReadLocalLabel(text, ref at, end, next == 'f', out value);
        if (IsIntel && TryReadIntelNumber(text, ref at, out value))
            return true;
        if (text[at] == '0' && end == at + 1 && next is (byte)'x' or (byte)'b')
        {
            at += 2;
            return ReadDigits(text, ref at, next == 'x' ? 16 : 2, out value);
        }
        return ReadDigits(text, ref at, text[at] == '0' ? 8 : 10, out value);
    }

    private bool ReadLocalLabel(ReadOnlySpan<byte> text, ref int at, int end, bool isForward, out ReadValue value)
    {
        value = default;
        if (!long.TryParse(text[at..end], out long number))
        {
            error("local label number too large");
            return false;
        }
        (int last, int next) = _localLabels.GetValueOrDefault(number);
        if (isForward && next == 0)
        {
            next = emitter.Anonymous();
            _localLabels[number] = (last, next);
        }
        if (!isForward && last == 0)
        {
            error($"backward ref to unknown label \"{number}:\"");
            return false;
        }
        value.Value = isForward ? next : last;
        at = end + 1;
        return ReadModifier(text, ref at, ref value);
    }

    private bool ReadDigits(ReadOnlySpan<byte> text, ref int at, int radix, out ReadValue value)
    {
        value = default;
        UInt128 number = 0;
        int start = at;
        for (; at < text.Length; at++)
        {
            int digit = Digit(text[at]);
            if (digit < 0 || digit >= radix)
                break;
            if (number > (UInt128.MaxValue - (UInt128)digit) / (UInt128)radix)
            {
                error("bignum too large");
                return false;
            }
            number = number * (UInt128)radix + (UInt128)digit;
        }
        if (at == start)
        {
            error("invalid number");
            return false;
        }
        value.IsWide = number >> 64 != 0;
        value.Wide = number;
        value.Addend = (long)(ulong)number;
        return true;
    }

    private static int Digit(byte c) => c switch
    {
        >= (byte)'0' and <= (byte)'9' => c - '0',
        >= (byte)'a' and <= (byte)'f' => c - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => c - 'A' + 10,
        _ => -1,
    };

    /// <summary>Reads <c>0ffh</c>, <c>17o</c>, <c>101y</c>; leaves anything else alone.</summary>
    private bool TryReadIntelNumber(ReadOnlySpan<byte> text, ref int at, out ReadValue value)
    {
        value = default;
        int end = at;
        while (end < text.Length && Digit(text[end]) >= 0)
            end++;
        if (end >= text.Length || end + 1 < text.Length && IsNamePart(text[end + 1]))
            return false;
        int radix = (text[end] | 0x20) switch { 'h' => 16, 'o' or 'q' => 8, 'y' => 2, _ => 0 };
        if (radix == 0)
            return false;
        int stop = at;
        if (!ReadDigits(text[..end], ref stop, radix, out value) || stop != end)
            return false;
        at = end + 1;
        return true;
    }

    /// <summary>The local labels that were referred to forward and never came.</summary>
    public void ReportUndefined(Action<long> report)
    {
        foreach ((long number, (int _, int next)) in _localLabels)
        {
            if (next != 0)
                report(number);
        }
    }
}
