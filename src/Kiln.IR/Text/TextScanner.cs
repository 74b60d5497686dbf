using System.Globalization;

namespace Kiln.IR.Text;

/// <summary>Text that is no IR.</summary>
/// <param name="line">The line's number, from 1.</param>
/// <param name="message">What is wrong.</param>
public sealed class IrTextException(int line, string message) : Exception($"line {line}: {message}")
{
    /// <summary>The line's number, from 1.</summary>
    public int Line => line;
}

/// <summary>Words, numbers, strings and single characters of the IR's text, a line at a time; a semicolon starts a comment.</summary>
internal sealed class TextScanner(string text)
{
    private int _at;
    private int _line = 1;

    /// <summary>An error at the current line.</summary>
    public IrTextException Error(string message) => new(_line, message);

    /// <summary>The next character on the line that is not blank; a line feed at its end, NUL at the end of all.</summary>
    public char Peek()
    {
        while (_at < text.Length && text[_at] is ' ' or '\t' or '\r')
            _at++;
        if (_at < text.Length && text[_at] == ';')
        {
            while (_at < text.Length && text[_at] != '\n')
                _at++;
        }
        return _at < text.Length ? text[_at] : '\0';
    }

    /// <summary>Whether a digit stands behind the next character.</summary>
    public bool IsNumberNext => Peek() != '\0' && _at + 1 < text.Length && char.IsAsciiDigit(text[_at + 1]);

    /// <summary>Whether the line is at its end.</summary>
    public bool IsAtLineEnd => Peek() is '\n' or '\0';

    /// <summary>Takes a character if it is next.</summary>
    public bool Try(char c)
    {
        if (Peek() != c || c == '\0')
            return false;
        _at++;
        if (c == '\n')
            _line++;
        return true;
    }

    /// <summary>Takes a character that must be next.</summary>
    public void Expect(char c)
    {
        if (!Try(c))
            throw Error($"expected '{(c == '\n' ? "end of line" : c.ToString())}' before '{Rest()}'");
    }

    /// <summary>Goes over ends of lines; false at the end of the text.</summary>
    public bool NextLine()
    {
        while (Try('\n'))
        {
        }
        return Peek() != '\0';
    }

    /// <summary>Takes a word (letters, digits and low lines, no digit first) if it is this one.</summary>
    public bool TryWord(string word)
    {
        if (!PeekWord().SequenceEqual(word))
            return false;
        _at += word.Length;
        return true;
    }

    /// <summary>Takes a word.</summary>
    public string Word()
    {
        string word = PeekWord().ToString();
        if (word.Length == 0)
            throw Error($"expected a word before '{Rest()}'");
        _at += word.Length;
        return word;
    }

    /// <summary>The next word without taking it; empty if none is next.</summary>
    public ReadOnlySpan<char> PeekWord()
    {
        if (!(char.IsAsciiLetter(Peek()) || Peek() == '_'))
            return default;
        int end = _at;
        while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] == '_'))
            end++;
        return text.AsSpan(_at, end - _at);
    }

    /// <summary>Takes the characters of a plain symbol name.</summary>
    public string Name()
    {
        Peek();
        int start = _at;
        while (_at < text.Length && Printer.IsPlain(text[_at]))
            _at++;
        return _at > start ? text[start.._at] : throw Error($"expected a name before '{Rest()}'");
    }

    /// <summary>Takes a decimal number, signed.</summary>
    public Int128 Wide()
    {
        Peek();
        int start = _at;
        if (_at < text.Length && text[_at] == '-')
            _at++;
        while (_at < text.Length && char.IsAsciiDigit(text[_at]))
            _at++;
        return Int128.TryParse(text.AsSpan(start, _at - start), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out Int128 value)
            ? value : throw Error($"expected a number before '{Rest()}'");
    }

    /// <summary>Takes a number of 64 bits.</summary>
    public long Long() => Wide() is var wide && wide >= long.MinValue && wide <= long.MaxValue ? (long)wide : throw Error("the number is too large");

    /// <summary>Takes a number that an index, count or size may be.</summary>
    public int Int() => Wide() is var wide && wide >= 0 && wide <= int.MaxValue ? (int)wide : throw Error("the number is too large");

    /// <summary>Takes a decimal number with fraction or exponent.</summary>
    public float Float()
    {
        Peek();
        int start = _at;
        while (_at < text.Length && (char.IsAsciiLetterOrDigit(text[_at]) || text[_at] is '.' or '+' or '-'))
            _at++;
        return float.TryParse(text.AsSpan(start, _at - start), NumberStyles.Float, CultureInfo.InvariantCulture, out float value)
            ? value : throw Error("expected a fraction");
    }

    /// <summary>Takes hexadecimal digits behind <paramref name="prefix"/>.</summary>
    public ReadOnlySpan<char> Hexadecimal(string prefix)
    {
        Peek();
        if (!text.AsSpan(_at).StartsWith(prefix, StringComparison.Ordinal))
            throw Error($"expected {prefix} before '{Rest()}'");
        _at += prefix.Length;
        int start = _at;
        while (_at < text.Length && char.IsAsciiHexDigit(text[_at]))
            _at++;
        return text.AsSpan(start, _at - start);
    }

    /// <summary>Takes bytes written as <see cref="Hexadecimal"/> digits behind x.</summary>
    public byte[] Bytes()
    {
        ReadOnlySpan<char> digits = Hexadecimal("x");
        return digits.Length % 2 == 0 ? Convert.FromHexString(digits) : throw Error("half a byte");
    }

    /// <summary>Takes a string between quotes, as <see cref="Printer.Quote"/> writes it.</summary>
    public byte[] Quoted()
    {
        Expect('"');
        var bytes = new List<byte>();
        for (; ; _at++)
        {
            if (_at >= text.Length || text[_at] == '\n')
                throw Error("the string does not end");
            if (text[_at] == '"')
                break;
            if (text[_at] != '\\')
                bytes.Add(text[_at] < 0x80 ? (byte)text[_at] : throw Error("a character that is not ASCII"));
            else if (_at + 2 < text.Length && byte.TryParse(text.AsSpan(_at + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte b))
                (bytes, _at) = (Append(bytes, b), _at + 2);
            else
                throw Error("a wrong escape sequence");
        }
        _at++;
        return [.. bytes];
    }

    /// <summary>The greatest number behind a percent sign up to the line that holds a closing brace alone.</summary>
    public int GreatestValue()
    {
        int greatest = 0;
        bool isQuoted = false;
        for (int i = _at; i < text.Length && !(text[i] == '}' && !isQuoted && text[i - 1] == '\n'); i++)
        {
            isQuoted ^= text[i] == '"';
            if (isQuoted || text[i] != '%')
                continue;
            int end = i + 1;
            while (end < text.Length && char.IsAsciiDigit(text[end]))
                end++;
            if (int.TryParse(text.AsSpan(i + 1, end - i - 1), CultureInfo.InvariantCulture, out int number))
                greatest = Math.Max(greatest, number);
        }
        return greatest;
    }

    private static List<byte> Append(List<byte> list, byte b)
    {
        list.Add(b);
        return list;
    }

    private string Rest()
    {
        int end = _at;
        while (end < text.Length && text[end] != '\n' && end < _at + 20)
            end++;
        return text[_at..end];
    }
}
