using System.Globalization;

namespace Kiln.Linker.Symbols;

/// <summary>
/// The expressions of --defsym: numbers, symbols, parentheses and C's operators on 64-bit integers, as the linker's script language
/// has them.
/// </summary>
internal sealed class SymbolExpression(LinkJob job, string text)
{
    private int _at;
    private int _symbol;
    private int _depth;

    /// <summary>What is wrong with the text.</summary>
    public string Problem { get; private set; } = $"--defsym:1: syntax error in `{text}'";

    /// <summary>Whether a text is a plain number.</summary>
    public static bool IsNumber(string text) => text.Length > 0 && char.IsAsciiDigit(text[0]) && text.IndexOfAny(['+', '-', '*', '/', '<', '>', '&', '|', '(']) < 0;

    /// <summary>The value, and the symbol to whose section it belongs (0 for an absolute value).</summary>
    public bool Evaluate(out ulong value, out int relativeTo)
    {
        _at = 0;
        bool isGood = Binary(0, out value) && Peek() == '\0';
        relativeTo = _symbol;
        return isGood;
    }

    private char Peek()
    {
        while (_at < text.Length && char.IsWhiteSpace(text[_at]))
            _at++;
        return _at < text.Length ? text[_at] : '\0';
    }

    private static readonly string[][] Levels = [["||"], ["&&"], ["|"], ["^"], ["&"], ["==", "!="], ["<=", ">=", "<<", ">>", "<", ">"], ["+", "-"], ["*", "/", "%"]];

    private bool Binary(int level, out ulong value)
    {
        value = 0;
        if (_depth > 1000)
            return false;
        if (level == Levels.Length)
            return Unary(out value);
        if (!Binary(level + 1, out value))
            return false;
        while (Operator(level) is { } op)
        {
            if (!Binary(level + 1, out ulong right))
                return false;
            if (op is "/" or "%" && right == 0)
            {
                Problem = $"--defsym:1: {(op == "/" ? "/" : "%")} by zero";
                return false;
            }
            value = op switch
            {
                "||" => value != 0 || right != 0 ? 1UL : 0,
                "&&" => value != 0 && right != 0 ? 1UL : 0,
                "|" => value | right,
                "^" => value ^ right,
                "&" => value & right,
                "==" => value == right ? 1UL : 0,
                "!=" => value != right ? 1UL : 0,
                "<=" => value <= right ? 1UL : 0,
                ">=" => value >= right ? 1UL : 0,
                "<" => value < right ? 1UL : 0,
                ">" => value > right ? 1UL : 0,
                "<<" => right > 63 ? 0 : value << (int)right,
                ">>" => right > 63 ? 0 : value >> (int)right,
                "+" => value + right,
                "-" => value - right,
                "*" => value * right,
                "/" => value / right,
                "%" => value % right,
                _ => throw new InvalidOperationException(op),
            };
        }
        return true;
    }

    private string? Operator(int level)
    {
        Peek();
        foreach (string op in Levels[level])
        {
            if (string.CompareOrdinal(text, _at, op, 0, op.Length) != 0)
                continue;
            // One character of a longer operator is not the shorter one.
            char next = _at + op.Length < text.Length ? text[_at + op.Length] : '\0';
            if (op is "|" or "&" && next == op[0] || op is "<" or ">" && next == op[0])
                continue;
            _at += op.Length;
            return op;
        }
        return null;
    }

    private bool Unary(out ulong value)
    {
        value = 0;
        char c = Peek();
        if (c is '-' or '~' or '!' or '+')
        {
            _at++;
            _depth++;
            bool isGood = Unary(out value);
            _depth--;
            value = c switch { '-' => 0 - value, '~' => ~value, '!' => value == 0 ? 1UL : 0, _ => value };
            return isGood && _depth < 1000;
        }
        if (c == '(')
        {
            _at++;
            _depth++;
            bool isGood = Binary(0, out value) && Peek() == ')';
            _depth--;
            _at++;
            return isGood;
        }
        int start = _at;
        while (_at < text.Length && (char.IsLetterOrDigit(text[_at]) || text[_at] is '_' or '.' or '$' or '@'))
            _at++;
        string word = text[start.._at];
        if (word.Length == 0)
            return false;
        return char.IsAsciiDigit(word[0]) ? Number(word, out value) : Symbol(word, out value);
    }

    private static bool Number(string word, out ulong value)
    {
        if (word.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
            return ulong.TryParse(word.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
        ulong scale = word[^1] is 'k' or 'K' ? 1024UL : word[^1] is 'm' or 'M' ? 1048576UL : 1;
        string digits = scale == 1 ? word : word[..^1];
        bool isGood = true;
        if (digits.Length > 1 && digits[0] == '0')
        {
            value = 0;
            foreach (char digit in digits)
            {
                isGood &= digit is >= '0' and <= '7';
                value = value * 8 + (ulong)(digit - '0');
            }
        }
        else
            isGood = ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out value);
        value *= scale;
        return isGood;
    }

    private bool Symbol(string name, out ulong value)
    {
        value = 0;
        int id = job.Symbols.Find(name);
        if (id != 0)
            id = job.Symbols.Final(id);
        if (id == 0 || job.Symbols[id].State == SymbolState.Undefined)
        {
            Problem = $"--defsym:1: undefined symbol `{name}' referenced in expression";
            return false;
        }
        value = job.Addresses[id];
        if (!job.Symbols[id].IsAbsolute)
            _symbol = id;
        return true;
    }
}
