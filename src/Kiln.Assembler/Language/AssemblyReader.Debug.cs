using Kiln.Assembler.Sections;
using Kiln.Base;

namespace Kiln.Assembler.Language;

// Directives about files, lines and call frames.

public sealed partial class AssemblyReader
{
    private bool _isStatement = true;
    private int _lineIsa, _lineColumn, _ownFile;
    private (string File, int Line) _madeLine;

    // ---- files and lines ----

    private void ReadFileDirective(Directive directive)
    {
        switch (directive)
        {
            case Directive.IncBin:
                ReadIncBin();
                break;
            case Directive.Include:
                if (ReadString(out byte[] included))
                    Include(Text(included));
                break;
            case Directive.Ident:
                if (ReadString(out byte[] ident))
                    _emitter.Ident(ident);
                break;
            case Directive.Version:
                if (ReadString(out byte[] version))
                    EmitVersion(version);
                break;
            case Directive.File:
                ReadFileName();
                break;
            case Directive.Loc:
                ReadLine();
                break;
            case Directive.LocMarkLabels:
                if (ReadNumber(out long on))
                    _emitter.LineMarkLabels(on != 0);
                break;
            case Directive.LineFile or Directive.Line:
                ReadLineNumber(directive == Directive.LineFile);
                break;
            default:
                throw new InvalidOperationException($"directive {directive}");
        }
        ExpectEnd();
    }

    private byte[]? FindFile(string name)
    {
        byte[]? bytes = _options.ReadFile(name);
        for (int i = 0; bytes is null && i < _options.IncludePaths.Count; i++)
            bytes = _options.ReadFile(Path.Combine(_options.IncludePaths[i], name));
        return bytes;
    }

    private void Include(string name)
    {
        if (FindFile(name) is not byte[] bytes)
        {
            Error($"can't open {name} for reading: No such file or directory");
            return;
        }
        var file = new SourceFile(name, bytes);
        Push(file, _options.Map.AddFile(file, _location), _location);
    }

    private void ReadIncBin()
    {
        if (!ReadString(out byte[] name))
            return;
        long skip = 0, count = -1;
        if (Accept(','))
        {
            SkipSpace();
            if (Peek != ',')
                ReadNumber(out skip);
            if (Accept(','))
                ReadNumber(out count);
        }
        if (FindFile(Text(name)) is not byte[] bytes)
        {
            Error($"file not found: {Text(name)}");
            return;
        }
        if (skip < 0 || skip > bytes.Length || count > bytes.Length - skip)
        {
            Error($"skip ({skip}) or count ({count}) invalid for file size ({bytes.Length})");
            return;
        }
        _emitter.Data(bytes.AsSpan((int)skip, (int)(count < 0 ? bytes.Length - skip : count)));
    }

    /// <summary>Makes the note that <c>.version</c> asks for.</summary>
    private void EmitVersion(byte[] text)
    {
        _emitter.PushSection(_emitter.Section(".note", Object.Elf.SectionType.Note, 0));
        _emitter.Integer((ulong)text.Length + 1, 4);
        _emitter.Integer(0, 4);
        _emitter.Integer(1, 4);
        _emitter.Data(text);
        _emitter.Integer(0, 1);
        _emitter.Align(4);
        _emitter.PopSection();
    }

    private void ReadFileName()
    {
        if (Peek == '"')
        {
            if (ReadString(out byte[] unit))
                _emitter.FileName(unit);
            return;
        }
        if (!ReadNumber(out long number) || !ReadString(out byte[] name))
        {
            _at = _length;
            return;
        }
        if (number is < 0 or > 1 << 20)
        {
            Error("file number out of range");
            return;
        }
        byte[] directory = [];
        SkipSpace();
        if (Peek == '"')
        {
            directory = name;
            if (!ReadString(out name))
                return;
        }
        UInt128? md5 = null;
        int before = _at;
        string word = Text(ReadName());
        if (word == "md5" && ReadValue(out ReadValue sum))
            md5 = Reverse(sum.IsWide ? sum.Wide : (ulong)sum.Addend);
        else if (word == "source")
            ReadString(out _);
        else
            _at = before;
        _emitter.LineFile((int)number, directory, name, md5);
    }

    /// <summary>The sum is written with its first byte first.</summary>
    private static UInt128 Reverse(UInt128 value) => System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(value);

    private void ReadLine()
    {
        if (!ReadNumber(out long file))
            return;
        // a column that is not given is that of the line before
        long line = 0, column = _lineColumn;
        if (!IsAtEnd)
            ReadNumber(out line);
        if (!IsAtEnd && char.IsAsciiDigit((char)Peek))
            ReadNumber(out column);
        _lineColumn = (int)column;
        LineFlags flags = 0;
        long discriminator = 0;
        int view = 0;
        bool hasView = false, isReset = false, isZero = false;
        while (!IsAtEnd)
        {
            string word = Text(ReadName());
            switch (word)
            {
                case "basic_block":
                    flags |= LineFlags.BasicBlock;
                    break;
                case "prologue_end":
                    flags |= LineFlags.PrologueEnd;
                    break;
                case "epilogue_begin":
                    flags |= LineFlags.EpilogueBegin;
                    break;
                case "is_stmt":
                    if (ReadNumber(out long isStatement))
                        _isStatement = isStatement != 0;
                    break;
                case "isa":
                    if (ReadNumber(out long isa))
                        _lineIsa = (int)isa;
                    break;
                case "discriminator":
                    ReadNumber(out discriminator);
                    break;
                case "view":
                    hasView = ReadView(out view, out isReset, out isZero);
                    break;
                default:
                    Error($"unknown .loc sub-directive `{word}'");
                    _at = _length;
                    return;
            }
        }
        if (_isStatement)
            flags |= LineFlags.IsStatement;
        _emitter.Line((int)file, (int)line, (int)column, flags, (int)discriminator, _lineIsa);
        if (hasView)
            _emitter.LineView(view, isReset, isZero);
    }

    /// <summary>Reads <c>view NAME</c>, which names the row's number, or <c>view -0</c>, which makes it 0; <c>view 0</c> asserts that.</summary>
    private bool ReadView(out int symbol, out bool isReset, out bool isZero)
    {
        symbol = 0;
        isZero = false;
        isReset = Accept('-');
        SkipSpace();
        if (!isReset && ExpressionReader.IsNameStart(Peek))
        {
            symbol = ReadSymbol();
            return true;
        }
        if (ReadNumber(out long number) && number != 0)
            Error("numeric view can only be asserted to zero");
        else
            isZero = !isReset;
        return true;
    }

    private void ReadLineNumber(bool hasFile)
    {
        if (!ReadNumber(out long line))
            return;
        string? file = null;
        if (hasFile && !IsAtEnd && Peek == '"' && ReadString(out byte[] name))
            file = Text(name);
        while (!IsAtEnd && char.IsAsciiDigit((char)Peek))
            ReadNumber(out _);
        InputText? text = _input.Current;
        if (text?.File is SourceFile source && text.Position > 0)
            source.AddLineDirective(source.PhysicalLine(text.Position - 1), (int)line, file);
    }

    /// <summary>A line marker of the preprocessor.</summary>
    private void LineMarker(string file, int line)
    {
    }

    /// <summary>A row for the line of the source itself (<c>-g</c>).</summary>
    private void MakeLine()
    {
        FilePosition position = _options.Map.Position(_location);
        if (_ownFile == 0 || _madeLine.File != position.File)
        {
            _ownFile++;
            _emitter.LineFile(_ownFile, System.Text.Encoding.UTF8.GetBytes(_options.Directory), System.Text.Encoding.UTF8.GetBytes(position.File));
        }
        else if (_madeLine.Line == position.Line)
        {
            return;
        }
        _madeLine = (position.File, position.Line);
        _emitter.Line(_ownFile, position.Line, 0);
    }

    // ---- call frames ----

    private void ReadFrameDirective(Directive directive)
    {
        switch (directive)
        {
            case Directive.CfiSections:
                ReadFrameSections();
                break;
            case Directive.CfiStartProcedure:
                bool isSimple = Text(ReadName()) == "simple";
                _emitter.CfiStartProcedure(isSimple);
                break;
            case Directive.CfiEndProcedure:
                _emitter.CfiEndProcedure();
                break;
            case Directive.CfiDefineCfa:
                ReadRule(CfiOperation.DefineCfa, hasRegister: true, hasNumber: true);
                break;
            case Directive.CfiDefineCfaRegister:
                ReadRule(CfiOperation.DefineCfaRegister, hasRegister: true, hasNumber: false);
                break;
            case Directive.CfiDefineCfaOffset:
                ReadRule(CfiOperation.DefineCfaOffset, hasRegister: false, hasNumber: true);
                break;
            case Directive.CfiAdjustCfaOffset:
                ReadRule(CfiOperation.AdjustCfaOffset, hasRegister: false, hasNumber: true);
                break;
            case Directive.CfiOffset:
                ReadRule(CfiOperation.Offset, hasRegister: true, hasNumber: true);
                break;
            case Directive.CfiRelativeOffset:
                ReadRule(CfiOperation.RelativeOffset, hasRegister: true, hasNumber: true);
                break;
            case Directive.CfiValueOffset:
                ReadRule(CfiOperation.ValueOffset, hasRegister: true, hasNumber: true);
                break;
            case Directive.CfiRegister:
                if (ReadFrameRegister(out long first) && Accept(',') && ReadFrameRegister(out long second))
                    _emitter.Cfi(CfiOperation.Register, first, second);
                break;
            case Directive.CfiRestore:
                ReadRegisters(CfiOperation.Restore);
                break;
            case Directive.CfiUndefined:
                ReadRegisters(CfiOperation.Undefined);
                break;
            case Directive.CfiSameValue:
                ReadRegisters(CfiOperation.SameValue);
                break;
            case Directive.CfiRememberState:
                _emitter.CfiRememberState();
                break;
            case Directive.CfiRestoreState:
                _emitter.CfiRestoreState();
                break;
            case Directive.CfiReturnColumn:
                if (ReadFrameRegister(out long column))
                    _emitter.CfiReturnColumn((int)column);
                break;
            case Directive.CfiSignalFrame:
                _emitter.CfiSignalFrame();
                break;
            case Directive.CfiWindowSave:
                _emitter.Cfi(CfiOperation.WindowSave);
                break;
            case Directive.CfiEscape:
                ReadEscape();
                break;
            case Directive.CfiPersonality or Directive.CfiLsda:
                ReadPointer(directive == Directive.CfiLsda);
                break;
            case Directive.CfiLabel:
                Error(".cfi_label is not supported");
                _at = _length;
                break;
            default:
                throw new InvalidOperationException($"directive {directive}");
        }
        ExpectEnd();
    }

    private void ReadFrameSections()
    {
        bool hasEh = false, hasDebug = false;
        while (!IsAtEnd)
        {
            string name = Text(ReadName());
            if (name == ".eh_frame")
                hasEh = true;
            else if (name == ".debug_frame")
                hasDebug = true;
            else
            {
                Error($"unsupported section `{name}' in .cfi_sections");
                _at = _length;
                return;
            }
            Accept(',');
        }
        _emitter.CfiSections(hasEh, hasDebug);
    }

    /// <summary>Reads a register by name or by its DWARF number.</summary>
    private bool ReadFrameRegister(out long register)
    {
        SkipSpace();
        register = 0;
        int start = _at;
        if (ExpressionReader.IsNameStart(Peek))
        {
            byte[] name = ReadName();
            int found = _isa.FindRegister(name);
            if (found != 0)
                return CheckFrameRegister(found, out register);
            _at = start;
        }
        if (!ReadValue(out ReadValue value))
        {
            _at = _length;
            return false;
        }
        if (value.Register != 0)
            return CheckFrameRegister(value.Register, out register);
        register = value.Addend;
        if (value.IsNumber && value.Addend is >= 0 and < 1 << 16)
            return true;
        Error("bad register expression");
        _at = _length;
        return false;
    }

    private bool CheckFrameRegister(int found, out long register)
    {
        register = _isa.DwarfNumber(found, _mode);
        if (register >= 0)
            return true;
        Error("bad register expression");
        _at = _length;
        return false;
    }

    private void ReadRule(CfiOperation operation, bool hasRegister, bool hasNumber)
    {
        long register = 0, number = 0;
        if (hasRegister && !ReadFrameRegister(out register))
            return;
        if (hasRegister && hasNumber && !Accept(','))
        {
            Error("missing separator");
            _at = _length;
            return;
        }
        if (hasNumber && !ReadNumber(out number))
        {
            _at = _length;
            return;
        }
        if (hasRegister)
            _emitter.Cfi(operation, register, number);
        else
            _emitter.Cfi(operation, number);
    }

    private void ReadRegisters(CfiOperation operation)
    {
        do
        {
            if (!ReadFrameRegister(out long register))
                return;
            _emitter.Cfi(operation, register);
        }
        while (Accept(','));
    }

    private void ReadEscape()
    {
        var bytes = new ByteWriter();
        do
        {
            if (!ReadNumber(out long value))
            {
                _at = _length;
                return;
            }
            bytes.U8((int)value);
        }
        while (Accept(','));
        _emitter.CfiEscape(bytes.Span);
    }

    private void ReadPointer(bool isLsda)
    {
        if (!ReadNumber(out long encoding))
            return;
        ReadValue value = default;
        if (encoding != Object.Dwarf.PointerEncoding.Omit)
        {
            if (Object.Dwarf.PointerEncoding.Size((int)encoding, _options.Target.PointerSize) == 0)
            {
                Error($"invalid or unsupported encoding in .cfi_{(isLsda ? "lsda" : "personality")}");
                _at = _length;
                return;
            }
            if (!Accept(',') || !ReadValue(out value))
            {
                Error($".cfi_{(isLsda ? "lsda" : "personality")} requires encoding and symbol arguments");
                _at = _length;
                return;
            }
        }
        if (isLsda)
            _emitter.CfiLsda((int)encoding, value.Value, value.Addend);
        else
            _emitter.CfiPersonality((int)encoding, value.Value, value.Addend);
    }
}
