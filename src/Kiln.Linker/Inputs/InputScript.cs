using System.Text;

namespace Kiln.Linker.Inputs;

/// <summary>
/// Reads the linker scripts that stand where a library is expected (libc.so): GROUP, INPUT, AS_NEEDED, OUTPUT_FORMAT, OUTPUT_ARCH,
/// TARGET, SEARCH_DIR, EXTERN. Whatever lays sections out is refused: such scripts are given by -T.
/// </summary>
internal ref struct InputScript(LinkJob job, string path, ReadOnlySpan<byte> text, LinkInputState state)
{
    private readonly ReadOnlySpan<byte> _text = text;
    private int _at;

    public List<LinkInput> Inputs { get; } = [];
    public List<string> SearchDirectories { get; } = [];
    public List<string> ExternSymbols { get; } = [];

    /// <summary>Reads it all; false after an error.</summary>
    public bool Parse()
    {
        // What is neither an object nor text of a script at its very beginning is not recognized, as ld says.
        foreach (byte b in _text[..Math.Min(_text.Length, 256)])
            if (b is < 9 or (> 13 and < 32) or 127)
                return Fail($"{path}: file format not recognized; treating as linker script");
        while (Word(out string word))
        {
            if (word is ";")
                continue;
            if (!Command(word))
                return Fail($"{path}:{Line()}: syntax error");
        }
        return true;
    }

    private readonly bool Fail(string message)
    {
        job.Error(message);
        return false;
    }

    private readonly int Line() => 1 + _text[..Math.Min(_at, _text.Length)].Count((byte)'\n');

    private bool Command(string word)
    {
        switch (word)
        {
            case "INPUT":
                return Files(state);
            case "GROUP":
                Inputs.Add(new LinkInput(LinkInputKind.GroupStart, ""));
                bool isGood = Files(state);
                Inputs.Add(new LinkInput(LinkInputKind.GroupEnd, ""));
                return isGood;
            case "OUTPUT_FORMAT" or "OUTPUT_ARCH" or "TARGET":
                return Words(null);
            case "SEARCH_DIR":
                return Words(SearchDirectories);
            case "EXTERN":
                return Words(ExternSymbols);
            default:
                return false;
        }
    }

    private bool Words(List<string>? to)
    {
        if (!Word(out string word) || word != "(")
            return false;
        while (Word(out word))
        {
            if (word == ")")
                return true;
            if (word is not "," and not "(")
                to?.Add(word);
        }
        return false;
    }

    private bool Files(LinkInputState at)
    {
        if (!Word(out string word) || word != "(")
            return false;
        while (Word(out word))
        {
            if (word == ")")
                return true;
            if (word == ",")
                continue;
            if (word == "AS_NEEDED")
            {
                if ((at & LinkInputState.AsNeeded) != 0 && (state & LinkInputState.AsNeeded) == 0 || !Files(at | LinkInputState.AsNeeded))
                    return false;
            }
            else if (word == "(")
                return false;
            else if (word.StartsWith("-l", StringComparison.Ordinal))
                Inputs.Add(new LinkInput(LinkInputKind.Library, word[2..], at));
            else
                Inputs.Add(new LinkInput(LinkInputKind.File, word, at));
        }
        return false;
    }

    private bool Word(out string word)
    {
        word = "";
        if (!SkipSpace())
            return false;
        byte first = _text[_at];
        int start = _at;
        if (first is (byte)'(' or (byte)')' or (byte)',' or (byte)';' or (byte)'{' or (byte)'}')
            _at++;
        else if (first == '"')
        {
            int end = _text[(_at + 1)..].IndexOf((byte)'"');
            if (end < 0)
                return false;
            word = Encoding.UTF8.GetString(_text.Slice(_at + 1, end));
            _at += end + 2;
            return true;
        }
        else
            while (_at < _text.Length && _text[_at] is not ((byte)'(' or (byte)')' or (byte)',' or (byte)';' or (byte)'{' or (byte)'}' or <= 32))
                _at++;
        word = Encoding.UTF8.GetString(_text[start.._at]);
        return true;
    }

    private bool SkipSpace()
    {
        while (_at < _text.Length)
        {
            if (_text[_at] <= 32)
                _at++;
            else if (_text[_at..].StartsWith("/*"u8))
            {
                int end = _text[(_at + 2)..].IndexOf("*/"u8);
                if (end < 0)
                {
                    _at = _text.Length;
                    return false;
                }
                _at += end + 4;
            }
            else if (_text[_at] == '#')
            {
                int end = _text[_at..].IndexOf((byte)'\n');
                _at = end < 0 ? _text.Length : _at + end;
            }
            else
                return true;
        }
        return false;
    }
}
