using System.Text;
using Kiln.Assembler.Sections;
using Kiln.Base;
using Kiln.Isa;

namespace Kiln.Assembler.Language;

// Reads the GNU assembler language into an Emitter: labels, assignments, directives, macro calls, instructions.
//
// In:  files (ReadFile) or pieces of inline assembly (ReadInline), one after the other; macros and symbols stay.
// Out: calls of the emitter; errors in GNU as's wording, with their place, to the options' sink.
//
// AssemblyReader.Directives.cs chooses the directive; Data, Symbols, Conditions and Debug have the directives by subject.
// A directive that is not known is an error; what is known and has no meaning here is listed as such.

/// <summary>Reads assembly into an emitter. See the file's header.</summary>
public sealed partial class AssemblyReader : IExpressionParser
{
    private const int MaximumReports = 10_000;

    private readonly Emitter _emitter;
    private readonly AssemblerOptions _options;
    private readonly InstructionSet _isa;
    private readonly StatementReader _input;
    private readonly ExpressionReader _expressions;
    private readonly Dictionary<string, Macro> _macros = new(StringComparer.OrdinalIgnoreCase);
    private byte[] _line = new byte[256];
    private int _length, _at;
    private Location _location;
    private int _mode;
    private bool _widensStackOperations;
    private AssemblySyntax _syntax;
    private bool _isAlternate, _wasEnded;
    private int _macroCount, _localCount, _reports;

    /// <summary>Makes a reader that calls an emitter.</summary>
    public AssemblyReader(Emitter emitter, AssemblerOptions options)
    {
        _emitter = emitter;
        _options = options;
        _isa = InstructionSet.For(options.Target.Architecture);
        byte comment = options.Target.Architecture == Target.Architecture.AArch64 ? (byte)0 : (byte)'#';
        _input = new StatementReader(comment, ReportInput, LineMarker);
        _expressions = new ExpressionReader(emitter, _isa, Error, Warn);
        _mode = options.Target.PointerSize * 8;
        _isAlternate = options.AlternateMacros;
        SetSyntax(options.Syntax);
        emitter.WorkingDirectory = options.Directory;
        emitter.MakesUnit |= options.MakesLines;
        foreach ((string name, long value) in options.Symbols)
            emitter.Set(emitter.Symbol(name), 0, value);
    }

    /// <summary>Reads a file.</summary>
    public void ReadFile(SourceFile file)
    {
        Location start = _options.Map.AddFile(file, default);
        Push(file, start, default);
        Run();
    }

    /// <summary>
    /// Reads a piece of inline assembly, in which operands are put in already. Its lines have the places given, the last one also those after it.
    /// The text sink takes it as it stands.
    /// </summary>
    public void ReadInline(ReadOnlySpan<byte> text, params ReadOnlySpan<Location> lines)
    {
        if (_emitter is TextEmitter sink)
        {
            sink.Verbatim(text);
            return;
        }
        Location before = _emitter.Location;
        _input.Push(new InputText
        {
            Text = text.ToArray(),
            LineLocations = lines.IsEmpty ? [before] : lines.ToArray(),
            Conditionals = _conditions.Count,
        });
        Run();
        _wasEnded = false;
        _emitter.Location = before;
    }

    /// <summary>Checks what must be closed at the end of all input.</summary>
    public void End()
    {
        Condition[] open = [.. _conditions];
        _conditions.Clear();
        foreach (Condition condition in open)
            Report(Severity.Error, condition.Location, "end of file inside conditional");
        _expressions.ReportUndefined(number => Report(Severity.Error, default, $"local label `\"{number}\" (instance number 1 of a fb label)' is not defined"));
    }

    private void Push(SourceFile file, Location start, Location caller) =>
        _input.Push(new InputText { Text = file.Text.ToArray(), Base = start, File = file, Caller = caller, Conditionals = _conditions.Count });

    private void Run()
    {
        while (!_wasEnded && _input.Read())
        {
            Take();
            ReadStatement();
        }
    }

    /// <summary>Makes the statement read last the current one.</summary>
    private void Take()
    {
        ReadOnlySpan<byte> statement = _input.Statement;
        if (_line.Length < statement.Length)
            _line = new byte[statement.Length * 2];
        statement.CopyTo(_line);
        (_length, _at) = (statement.Length, 0);
        _location = _input.Location;
        _emitter.Location = _location;
    }

    // ---- messages ----

    private void Error(string message) => Report(Severity.Error, _location, message);

    private void Warn(string message)
    {
        if (_options.Warns || _options.WarningsAreErrors)
            Report(_options.WarningsAreErrors ? Severity.Error : Severity.Warning, _location, message);
    }

    private void ReportInput(Location location, string message) => Report(Severity.Error, location, message);

    private void Report(Severity severity, Location location, string message)
    {
        if (_reports > MaximumReports)
            return;
        if (++_reports == MaximumReports)
        {
            // a repetition of what is wrong would fill the memory with messages
            (severity, message) = (Severity.Fatal, "too many messages");
            StopReading();
        }
        _emitter.Diagnostics.Report(new Diagnostic(severity, location, message));
        for (int i = _input.Stack.Count - 1; i > 0; i--)
        {
            InputText text = _input.Stack[i];
            if (text.IsMacro)
                _emitter.Diagnostics.Report(new Diagnostic(Severity.Note, text.Caller, "macro invoked from here"));
        }
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);

    // ---- the current statement ----

    private ReadOnlySpan<byte> Statement => _line.AsSpan(0, _length);

    private ReadOnlySpan<byte> Rest => _line.AsSpan(_at, _length - _at);

    private byte Peek => _at < _length ? _line[_at] : (byte)0;

    private void SkipSpace()
    {
        while (_at < _length && _line[_at] is (byte)' ' or (byte)'\t')
            _at++;
    }

    private bool Accept(char c)
    {
        SkipSpace();
        if (_at >= _length || _line[_at] != c)
            return false;
        _at++;
        return true;
    }

    private bool IsAtEnd
    {
        get
        {
            SkipSpace();
            return _at >= _length;
        }
    }

    /// <summary>Reports what stands behind the end of a directive.</summary>
    private void ExpectEnd()
    {
        if (!IsAtEnd)
            Error($"junk at end of line, first unrecognized character is `{(char)_line[_at]}'");
        _at = _length;
    }

    /// <summary>Reads a name, also a quoted one; empty where none stands.</summary>
    private byte[] ReadName()
    {
        SkipSpace();
        if (Peek == '"')
        {
            if (!ReadString(out byte[] quoted))
                return [];
            while (Peek == '"' && ReadString(out byte[] more))
                quoted = [.. quoted, .. more];
            return quoted;
        }
        int end = _at < _length && ExpressionReader.IsNameStart(_line[_at]) ? ExpressionReader.NameEnd(Statement, _at) : _at;
        byte[] name = _line[_at..end];
        _at = end;
        return name;
    }

    /// <summary>Reads the symbol of a name; 0, with an error reported, where none stands.</summary>
    private int ReadSymbol()
    {
        byte[] name = ReadName();
        if (name.Length != 0)
            return _emitter.Symbol(name);
        Error("expected symbol name");
        _at = _length;
        return 0;
    }

    private bool ReadValue(out ReadValue value) => _expressions.Read(Statement, ref _at, out value);

    /// <summary>Reads a number that is known now.</summary>
    private bool ReadNumber(out long number, string what = "bad or irreducible absolute expression")
    {
        number = 0;
        if (!ReadValue(out ReadValue value))
        {
            _at = _length;
            return false;
        }
        number = value.Addend;
        if (value.IsMissing)
        {
            Warn("missing expression; zero assumed");
            number = 0;
            return true;
        }
        if (value.Value == 0 && value.Register == 0)
            return true;
        Error(what);
        return false;
    }

    /// <summary>Reads a string; false, with an error reported, where none stands.</summary>
    private bool ReadString(out byte[] value)
    {
        SkipSpace();
        value = [];
        if (Peek != '"')
        {
            Error("expected string");
            return false;
        }
        var bytes = new ByteWriter();
        _at++;
        while (_at < _length && _line[_at] != '"')
            bytes.U8(ReadStringByte());
        _at++;
        value = bytes.ToArray();
        return true;
    }

    private int ReadStringByte()
    {
        byte c = _line[_at++];
        if (c != '\\' || _at >= _length)
            return c;
        c = _line[_at++];
        switch (c)
        {
            case (byte)'b':
                return '\b';
            case (byte)'f':
                return '\f';
            case (byte)'n':
                return '\n';
            case (byte)'r':
                return '\r';
            case (byte)'t':
                return '\t';
            case (byte)'v':
                return '\v';
            case (byte)'\\' or (byte)'"':
                return c;
            case (byte)'x' or (byte)'X':
                int hexadecimal = 0;
                while (_at < _length && char.IsAsciiHexDigit((char)_line[_at]))
                    hexadecimal = hexadecimal << 4 & 0xff | Convert.ToInt32(((char)_line[_at++]).ToString(), 16);
                return hexadecimal;
            case >= (byte)'0' and <= (byte)'9':
                int octal = c - '0';
                for (int i = 0; i < 2 && _at < _length && char.IsAsciiDigit((char)_line[_at]); i++)
                    octal = octal * 8 + _line[_at++] - '0';
                return octal & 0xff;
            case (byte)'\n':
                return '\n';
            default:
                Warn("bad escaped character in string");
                return c;
        }
    }

    // ---- statements ----

    private void ReadStatement()
    {
        if (_isSkipping)
        {
            SkipStatement();
            return;
        }
        while (ReadLabel())
        {
        }
        if (IsAtEnd)
            return;
        int start = _at;
        byte c = _line[_at];
        if (ExpressionReader.IsNameStart(c))
        {
            int end = ExpressionReader.NameEnd(Statement, _at);
            if (ReadAssignment(end))
                return;
            ReadOnlySpan<byte> word = _line.AsSpan(start, end - start);
            if (_macros.Count > 0 && FindMacro(word) is Macro macro && (end == _length || _line[end] is (byte)' ' or (byte)'\t'))
            {
                _at = end;
                CallMacro(macro);
                return;
            }
            if (c == '.' && end - start > 1)
            {
                _at = end;
                ReadDirective(word);
                return;
            }
        }
        else if (c == '"' && ReadQuotedAssignment())
        {
            return;
        }
        ReadInstruction();
    }

    private bool ReadLabel()
    {
        SkipSpace();
        int start = _at;
        if (_at >= _length)
            return false;
        byte c = _line[_at];
        if (char.IsAsciiDigit((char)c))
            return ReadLocalLabel();
        int end = start;
        byte[]? quoted = null;
        if (c == '"')
        {
            quoted = ReadName();
            end = _at;
            _at = start;
        }
        else if (ExpressionReader.IsNameStart(c))
        {
            end = ExpressionReader.NameEnd(Statement, start);
        }
        int colon = end;
        while (colon < _length && _line[colon] == ' ')
            colon++;
        if (end == start || colon >= _length || _line[colon] != ':')
            return false;
        _at = colon + 1;
        DefineLabel(_emitter.Symbol(quoted ?? _line.AsSpan(start, end - start)));
        return true;
    }

    private bool ReadLocalLabel()
    {
        int end = _at;
        while (end < _length && char.IsAsciiDigit((char)_line[end]))
            end++;
        int colon = end;
        while (colon < _length && _line[colon] == ' ')
            colon++;
        if (colon >= _length || _line[colon] != ':' || !long.TryParse(_line.AsSpan(_at, end - _at), out long number))
            return false;
        _at = colon + 1;
        DefineLabel(_expressions.DefineLocalLabel(number));
        return true;
    }

    private void DefineLabel(int symbol)
    {
        if (_expressions.AbsolutePlace is long place)
            _emitter.Set(symbol, 0, place);
        else
            _emitter.Label(symbol);
    }

    /// <summary>Reads <c>name = value</c> and <c>name == value</c>.</summary>
    private bool ReadAssignment(int nameEnd)
    {
        int at = nameEnd;
        while (at < _length && _line[at] == ' ')
            at++;
        if (at >= _length || _line[at] != '=')
            return false;
        byte[] name = _line[_at..nameEnd];
        bool isOnce = at + 1 < _length && _line[at + 1] == '=';
        _at = at + (isOnce ? 2 : 1);
        Assign(name, isOnce);
        return true;
    }

    private bool ReadQuotedAssignment()
    {
        int start = _at;
        byte[] name = ReadName();
        if (Accept('='))
        {
            Assign(name, Accept('='));
            return true;
        }
        _at = start;
        return false;
    }

    private void Assign(byte[] name, bool isOnce)
    {
        if (!ReadValue(out ReadValue value))
            return;
        if (value.IsMissing)
            Warn("missing expression; zero assumed");
        ExpectEnd();
        if (name.AsSpan().SequenceEqual("."u8))
        {
            _emitter.Org(value.Value, value.Addend, 0);
            return;
        }
        if (value.Register != 0)
        {
            _expressions.SetRegister(name, value.Register);
            return;
        }
        int symbol = _emitter.Symbol(name);
        if (isOnce && _emitter.IsDefined(symbol))
        {
            Error($"symbol `{Text(name)}' is already defined");
            return;
        }
        _emitter.Set(symbol, value.Value, value.Addend);
    }

    private void ReadInstruction()
    {
        if (_expressions.AbsolutePlace is not null)
        {
            Error("attempt to store value in absolute section");
            return;
        }
        ReadOnlySpan<byte> text = Rest;
        // the expression callbacks know the text by what they are given, so that the statement may stay where it is
        if (!_isa.Parse(text, _mode, _syntax, this, out Instruction instruction, out string? error))
        {
            if (error is not null)
                Error(error);
            return;
        }
        instruction.Prefixes |= _options.EncodingWishes;
        if (_widensStackOperations)
            _isa.WidenStackOperation(ref instruction);
        if (_options.MakesLines)
            MakeLine();
        _emitter.Instruction(in instruction);
    }

    bool IExpressionParser.ParseExpression(ReadOnlySpan<byte> text, ref int position, out ExpressionValue value)
    {
        value = default;
        if (!_expressions.Read(text, ref position, out ReadValue read))
            return false;
        if (read.Register != 0 || read.IsMissing)
        {
            Error(read.IsMissing ? "missing or invalid expression" : "invalid use of register");
            return false;
        }
        value = new ExpressionValue { Symbol = read.Value, Addend = read.Addend, Modifier = (byte)read.Modifier };
        return true;
    }

    int IExpressionParser.AbsoluteSymbol(long value) => _emitter.Constant(value);

    int IExpressionParser.RegisterSymbol(ReadOnlySpan<byte> name) => _expressions.FindRegister(name);

    private void SetSyntax(AssemblySyntax syntax)
    {
        _syntax = syntax;
        _expressions.IsIntel = syntax is AssemblySyntax.Intel or AssemblySyntax.IntelPrefix;
    }
}
