using Kiln.Base;

namespace Kiln.Assembler.Language;

/// <summary>What a macro's parameter asks for.</summary>
internal enum ParameterKind : byte
{
    Optional,
    Required,
    /// <summary>Takes everything that is left.</summary>
    Rest,
}

/// <summary>A parameter of a macro.</summary>
internal readonly record struct MacroParameter(byte[] Name, byte[] Default, ParameterKind Kind);

/// <summary>Statements that were put aside, with the place of each line.</summary>
internal sealed class StatementBody
{
    private readonly ByteWriter _text = new();
    private readonly List<Location> _lines = [];

    public ReadOnlySpan<byte> Text => _text.Span;

    public List<Location> Lines => _lines;

    public void Add(ReadOnlySpan<byte> statement, Location location)
    {
        _text.Bytes(statement);
        _text.U8('\n');
        _lines.Add(location);
        for (int rest = statement.Count((byte)'\n'); rest > 0; rest--)
            _lines.Add(location);
    }
}

/// <summary>A macro: its parameters and its body, and how the one is put into the other.</summary>
internal sealed class Macro(string name, List<MacroParameter> parameters, StatementBody body)
{
    public string Name => name;

    public List<MacroParameter> Parameters => parameters;

    /// <summary>The number of a parameter, or -1.</summary>
    public int Find(ReadOnlySpan<byte> parameter)
    {
        for (int i = 0; i < parameters.Count; i++)
        {
            if (parameter.SequenceEqual(parameters[i].Name))
                return i;
        }
        return -1;
    }

    /// <summary>The body with the arguments put in, as a text that stands in the place of the call.</summary>
    public InputText Expand(byte[][] arguments, int count, bool isAlternate, ref int locals, Location caller, int conditionals)
    {
        var output = new ByteWriter(body.Text.Length + 64);
        var lines = new List<Location>(body.Lines.Count);
        Dictionary<string, string>? localNames = null;
        ReadOnlySpan<byte> text = body.Text;
        int line = 0;
        int at = 0;
        while (at < text.Length)
        {
            int end = text[at..].IndexOf((byte)'\n') + at;
            ReadOnlySpan<byte> statement = text[at..end];
            at = end + 1;
            Location location = body.Lines[line++];
            if (isAlternate && ReadLocals(statement, ref localNames, ref locals))
                continue;
            int start = output.Length;
            Substitute(statement, arguments, count, isAlternate, localNames, output);
            output.U8('\n');
            for (int i = output.Span[start..].Count((byte)'\n'); i > 0; i--)
                lines.Add(location);
        }
        return new InputText
        {
            Text = output.ToArray(),
            LineLocations = lines.Count == 0 ? [caller] : lines.ToArray(),
            Caller = caller,
            Conditionals = conditionals,
            IsMacro = name.Length > 0,
            IsBody = true,
        };
    }

    /// <summary>Reads <c>LOCAL a, b</c> of the alternate mode.</summary>
    private static bool ReadLocals(ReadOnlySpan<byte> statement, ref Dictionary<string, string>? names, ref int locals)
    {
        if (statement.Length < 6 || !System.Text.Ascii.EqualsIgnoreCase(statement[..6], "local "u8))
            return false;
        names ??= [];
        foreach (string name in System.Text.Encoding.UTF8.GetString(statement[6..]).Split([',', ' '], StringSplitOptions.RemoveEmptyEntries))
            names[name] = $".LL{locals++:x4}";
        return true;
    }

    private void Substitute(ReadOnlySpan<byte> text, byte[][] arguments, int count, bool isAlternate, Dictionary<string, string>? locals,
        ByteWriter output)
    {
        int at = 0;
        bool isInString = false;
        while (at < text.Length)
        {
            byte c = text[at];
            if (c == '\\' && at + 1 < text.Length)
            {
                at = SubstituteEscape(text, at + 1, arguments, count, output);
                continue;
            }
            if (c == '"')
                isInString = !isInString;
            if (isAlternate && (!isInString || c == '&'))
            {
                if (c == '&')
                {
                    at++;
                    if (isInString && TrySubstituteName(text, ref at, arguments, locals, output))
                        continue;
                    if (isInString)
                        output.U8(c);
                    continue;
                }
                if (ExpressionReader.IsNameStart(c) && TrySubstituteName(text, ref at, arguments, locals, output))
                    continue;
            }
            if (ExpressionReader.IsNamePart(c) && !isInString)
            {
                int end = ExpressionReader.NameEnd(text, at);
                output.Bytes(text[at..end]);
                at = end;
                continue;
            }
            output.U8(c);
            at++;
        }
    }

    private bool TrySubstituteName(ReadOnlySpan<byte> text, ref int at, byte[][] arguments, Dictionary<string, string>? locals,
        ByteWriter output)
    {
        int end = ExpressionReader.NameEnd(text, at);
        ReadOnlySpan<byte> word = text[at..end];
        int parameter = Find(word);
        if (parameter >= 0)
            output.Bytes(arguments[parameter]);
        else if (locals is not null && locals.TryGetValue(System.Text.Encoding.UTF8.GetString(word), out string? local))
            output.Text(local);
        else
            return false;
        at = end;
        return true;
    }

    /// <summary>Replaces what follows a backslash; gives where the text goes on.</summary>
    private int SubstituteEscape(ReadOnlySpan<byte> text, int at, byte[][] arguments, int count, ByteWriter output)
    {
        byte c = text[at];
        if (c == '@')
        {
            output.Text(count.ToString());
            return at + 1;
        }
        if (c == '(' && at + 1 < text.Length && text[at + 1] == ')')
            return at + 2;
        if (ExpressionReader.IsNameStart(c))
        {
            int end = ExpressionReader.NameEnd(text, at);
            int parameter = Find(text[at..end]);
            if (parameter >= 0)
            {
                output.Bytes(arguments[parameter]);
                return end;
            }
        }
        output.U8('\\');
        output.U8(c);
        return at + 1;
    }
}
