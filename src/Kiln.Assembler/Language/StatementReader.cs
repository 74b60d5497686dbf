using Kiln.Base;

namespace Kiln.Assembler.Language;

// Cuts text into statements. A statement ends at the end of a line or at `;`. Comments go, whitespace shrinks to what
// separates words, character constants become numbers, so that what follows sees one spelling of everything; GNU as does
// the same before anything else, and macro arguments depend on it.
//
// Texts are stacked: a file includes another, a macro's or a repetition's body stands in the place of its call. Every statement has
// the place in the source where it was written; the stack tells what called for it.

/// <summary>A text that statements are read from.</summary>
internal sealed class InputText
{
    public required byte[] Text { get; init; }

    /// <summary>Where the text is in the source, or for a body the place of each of its lines.</summary>
    public Location Base { get; init; }
    public Location[]? LineLocations { get; init; }

    /// <summary>The file, for line markers.</summary>
    public SourceFile? File { get; init; }

    /// <summary>What the text was called for by.</summary>
    public Location Caller { get; init; }

    /// <summary>How many conditionals were open when it began.</summary>
    public int Conditionals { get; init; }

    /// <summary>Whether it is a macro's body, and not a file's, a repetition's or a piece of inline assembly.</summary>
    public bool IsMacro { get; init; }

    /// <summary>Whether it is the body of a macro or a repetition.</summary>
    public bool IsBody { get; init; }

    /// <summary>How often the text is read again when it is at its end.</summary>
    public long Repetitions;

    public int Position;
    public int Line;
}

/// <summary>Reads statements from a stack of texts. See the file's header.</summary>
internal sealed class StatementReader
{
    private const int MaximumDepth = 500;

    /// <summary>A guard of memory: no source calls for as much text by macros and repetitions.</summary>
    private const long MaximumExpansion = 1L << 25;

    private readonly List<InputText> _stack = [];
    private readonly Action<Location, string> _error;
    private readonly Action<string, int> _lineMarker;
    private readonly byte _comment;
    private byte[] _statement = new byte[256];
    private int _length;
    private long _expanded;

    /// <summary>Makes a reader for a target whose comments start with a character, or with // where that is 0.</summary>
    public StatementReader(byte comment, Action<Location, string> error, Action<string, int> lineMarker)
    {
        _comment = comment;
        _error = error;
        _lineMarker = lineMarker;
    }

    /// <summary>The statement read last, without surrounding whitespace.</summary>
    public ReadOnlySpan<byte> Statement => _statement.AsSpan(0, _length);

    /// <summary>Where it stands.</summary>
    public Location Location { get; private set; }

    /// <summary>The text that it came from.</summary>
    public InputText? Current => _stack.Count > 0 ? _stack[^1] : null;

    /// <summary>The texts, the outermost first.</summary>
    public IReadOnlyList<InputText> Stack => _stack;

    /// <summary>Puts a text in front of what is left; false where too many are nested.</summary>
    public bool Push(InputText text)
    {
        if (!CheckExpansion(text))
            return false;
        _stack.Add(text);
        return true;
    }

    private bool CheckExpansion(InputText text)
    {
        _expanded += text.LineLocations is null ? 0 : text.Text.Length;
        if (_stack.Count < MaximumDepth && _expanded <= MaximumExpansion)
            return true;
        _error(Location, _stack.Count < MaximumDepth ? "macros and repetitions make too much text" : "macros nested too deeply");
        _stack.Clear();
        return false;
    }

    /// <summary>Drops the texts from the innermost body of a macro or repetition on; null where there is none.</summary>
    public InputText? LeaveBody()
    {
        for (int i = _stack.Count - 1; i >= 0; i--)
        {
            if (!_stack[i].IsBody)
                continue;
            InputText left = _stack[i];
            _stack.RemoveRange(i, _stack.Count - i);
            return left;
        }
        return null;
    }

    /// <summary>Drops everything (<c>.end</c>).</summary>
    public void LeaveAll() => _stack.Clear();

    /// <summary>Reads the next statement that is not empty; false at the end of all texts, or of those above <paramref name="floor"/>.</summary>
    public bool Read(int floor = 0)
    {
        while (_stack.Count > floor)
        {
            InputText text = _stack[^1];
            if (text.Position >= text.Text.Length)
            {
                if (text.Repetitions-- <= 0)
                    _stack.RemoveAt(_stack.Count - 1);
                else if (CheckExpansion(text))
                    text.Position = text.Line = 0;
                continue;
            }
            if (ReadStatement(text))
                return true;
        }
        return false;
    }

    /// <summary>Reads one statement; false where it is empty.</summary>
    private bool ReadStatement(InputText input)
    {
        byte[] text = input.Text;
        int at = input.Position;
        bool isLineStart = at == 0 || text[at - 1] == '\n';
        _length = 0;
        while (at < text.Length && text[at] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\f')
            at++;
        Location = input.LineLocations is null
            ? input.Base.IsValid ? input.Base.Add(at) : default
            : input.LineLocations[Math.Min(input.Line, input.LineLocations.Length - 1)];
        if (isLineStart && at < text.Length && (text[at] == '#' || text[at] == '/' && _comment == '#'
            && (at + 1 >= text.Length || text[at + 1] != '*')))
        {
            int end = Array.IndexOf(text, (byte)'\n', at);
            end = end < 0 ? text.Length : end;
            if (text[at] == '#')
                ReadMarker(input, text.AsSpan(at, end - at));
            input.Position = Math.Min(end + 1, text.Length);
            input.Line++;
            return false;
        }
        input.Position = Scrub(input, text, at);
        while (_length > 0 && _statement[_length - 1] == ' ')
            _length--;
        return _length > 0;
    }

    private void Put(byte c)
    {
        if (_length == _statement.Length)
            Array.Resize(ref _statement, _statement.Length * 2);
        _statement[_length++] = c;
    }

    /// <summary>What keeps a space in front of it and behind it.</summary>
    private static bool IsWordPart(byte c) =>
        char.IsAsciiLetterOrDigit((char)c)
        || c is (byte)'_' or (byte)'.' or (byte)'$' or (byte)'*' or (byte)'%' or (byte)'-' or (byte)'(' or (byte)'[' or (byte)'{'
            or (byte)'}' or (byte)'\\' or (byte)'"' or (byte)'\'' or >= 0x80;

    /// <summary>Copies a statement in its plain form; gives where the next one starts.</summary>
    private int Scrub(InputText input, byte[] text, int at)
    {
        // 0: before the first word, 1: in it, 2: behind it
        int state = 0;
        bool hasSpace = false;
        while (at < text.Length)
        {
            byte c = text[at];
            if (c is (byte)'\n' or (byte)';')
            {
                if (c == '\n')
                    input.Line++;
                return at + 1;
            }
            if (c is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\f' or 0)
            {
                hasSpace = true;
                at++;
                continue;
            }
            if (c == '/' && at + 1 < text.Length && text[at + 1] == '*')
            {
                at = SkipComment(input, text, at + 2);
                hasSpace = true;
                continue;
            }
            if (c == _comment || _comment == 0 && c == '/' && at + 1 < text.Length && text[at + 1] == '/')
            {
                int end = Array.IndexOf(text, (byte)'\n', at);
                at = end < 0 ? text.Length : end;
                continue;
            }
            if (hasSpace)
            {
                hasSpace = false;
                if (state == 1 && c != ':' && c != '=')
                {
                    Put((byte)' ');
                    state = 2;
                }
                else if (_length > 0 && IsWordPart(_statement[_length - 1]) && IsWordPart(c))
                {
                    Put((byte)' ');
                }
            }
            if (c == '"')
            {
                at = CopyString(input, text, at);
                state = state == 0 ? 1 : state;
                continue;
            }
            if (c == '\'' && state != 1 && (_length == 0 || !IsQuotable(_statement[_length - 1])))
            {
                at = CopyCharacter(input, text, at);
                continue;
            }
            if (state == 0)
                state = 1;
            else if (state == 1 && c == ':')
                state = 0;
            Put(c);
            at++;
        }
        return at;
    }

    /// <summary>Whether a quote behind this belongs to a word (<c>\name'</c>) and does not begin a character.</summary>
    private static bool IsQuotable(byte c) => char.IsAsciiLetterOrDigit((char)c) || c == '_';

    private int SkipComment(InputText input, byte[] text, int at)
    {
        while (at < text.Length)
        {
            if (text[at] == '\n')
                input.Line++;
            if (text[at] == '*' && at + 1 < text.Length && text[at + 1] == '/')
                return at + 2;
            at++;
        }
        _error(Location, "end of file in comment");
        return at;
    }

    private int CopyString(InputText input, byte[] text, int at)
    {
        Put(text[at++]);
        while (at < text.Length)
        {
            byte c = text[at++];
            Put(c);
            if (c == '"')
                return at;
            if (c == '\n')
                input.Line++;
            if (c == '\\' && at < text.Length)
                Put(text[at++]);
        }
        _error(Location, "end of file in string; '\"' inserted");
        Put((byte)'"');
        return at;
    }

    /// <summary>Copies a character constant (<c>'c</c>, <c>'c'</c>, <c>'\n</c>) as its number.</summary>
    private int CopyCharacter(InputText input, byte[] text, int at)
    {
        at++;
        if (at >= text.Length)
            return at;
        int value = text[at++];
        if (value == '\n')
        {
            Put((byte)'1');
            Put((byte)'0');
            input.Line++;
            return at;
        }
        if (value == '\\' && at < text.Length)
        {
            value = text[at++] switch
            {
                (byte)'b' => '\b',
                (byte)'f' => '\f',
                (byte)'n' => '\n',
                (byte)'r' => '\r',
                (byte)'t' => '\t',
                (byte)'v' => '\v',
                byte other => other,
            };
        }
        if (at < text.Length && text[at] == '\'')
            at++;
        Span<byte> digits = stackalloc byte[4];
        value.TryFormat(digits, out int count);
        foreach (byte digit in digits[..count])
            Put(digit);
        return at;
    }

    /// <summary>Obeys <c># 12 "file"</c>; any other line that starts so is a comment.</summary>
    private void ReadMarker(InputText input, ReadOnlySpan<byte> line)
    {
        int at = 1;
        if (line.StartsWith("#line "u8))
            at = 6;
        while (at < line.Length && line[at] == ' ')
            at++;
        int number = 0, start = at;
        while (at < line.Length && char.IsAsciiDigit((char)line[at]) && number < 100_000_000)
            number = number * 10 + line[at++] - '0';
        if (at == start || input.File is null)
            return;
        while (at < line.Length && line[at] == ' ')
            at++;
        string? file = null;
        if (at < line.Length && line[at] == '"')
        {
            var name = new ByteWriter();
            for (at++; at < line.Length && line[at] != '"'; at++)
            {
                if (line[at] == '\\' && at + 1 < line.Length)
                    at++;
                name.U8(line[at]);
            }
            file = System.Text.Encoding.UTF8.GetString(name.Span);
        }
        input.File.AddLineDirective(input.File.PhysicalLine(input.Position), number, file);
        _lineMarker(file ?? "", number);
    }
}
