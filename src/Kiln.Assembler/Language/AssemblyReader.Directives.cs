using Kiln.Assembler.Sections;
using Kiln.Base;
using Kiln.Isa;

namespace Kiln.Assembler.Language;

// The table of directives, the choice by name, and those about macros, files and the reader itself.

public sealed partial class AssemblyReader
{
    private static readonly Dictionary<string, Directive> Directives = new()
    {
        ["text"] = Directive.Text,
        ["data"] = Directive.Data,
        ["bss"] = Directive.Bss,
        ["section"] = Directive.Section,
        ["pushsection"] = Directive.PushSection,
        ["popsection"] = Directive.PopSection,
        ["previous"] = Directive.Previous,
        ["subsection"] = Directive.Subsection,
        ["attach_to_group"] = Directive.AttachToGroup,
        ["struct"] = Directive.Struct,
        ["offset"] = Directive.Struct,
        ["globl"] = Directive.Global,
        ["global"] = Directive.Global,
        ["weak"] = Directive.Weak,
        ["hidden"] = Directive.Hidden,
        ["protected"] = Directive.Protected,
        ["internal"] = Directive.Internal,
        ["local"] = Directive.Local,
        ["comm"] = Directive.Common,
        ["common"] = Directive.Common,
        ["lcomm"] = Directive.LocalCommon,
        ["tls_common"] = Directive.TlsCommon,
        ["type"] = Directive.Type,
        ["size"] = Directive.Size,
        ["set"] = Directive.Set,
        ["equ"] = Directive.Set,
        ["equiv"] = Directive.SetOnce,
        ["eqv"] = Directive.SetOnce,
        ["symver"] = Directive.SymbolVersion,
        ["weakref"] = Directive.WeakReference,
        ["byte"] = Directive.Byte,
        ["dc.b"] = Directive.Byte,
        ["1byte"] = Directive.Byte,
        ["short"] = Directive.Short,
        ["hword"] = Directive.Short,
        ["word"] = Directive.Short,
        ["value"] = Directive.Short,
        ["2byte"] = Directive.Short,
        ["dc.w"] = Directive.Short,
        ["dc"] = Directive.Short,
        ["long"] = Directive.Long,
        ["int"] = Directive.Long,
        ["4byte"] = Directive.Long,
        ["dc.l"] = Directive.Long,
        ["quad"] = Directive.Quad,
        ["8byte"] = Directive.Quad,
        ["octa"] = Directive.Octa,
        ["dc.a"] = Directive.Address,
        ["ascii"] = Directive.Ascii,
        ["asciz"] = Directive.Asciz,
        ["string"] = Directive.Asciz,
        ["string8"] = Directive.Asciz,
        ["string16"] = Directive.String16,
        ["string32"] = Directive.String32,
        ["string64"] = Directive.String64,
        ["float"] = Directive.Single,
        ["single"] = Directive.Single,
        ["dc.s"] = Directive.Single,
        ["double"] = Directive.Double,
        ["dc.d"] = Directive.Double,
        ["tfloat"] = Directive.Extended,
        ["dc.x"] = Directive.Extended,
        ["ldouble"] = Directive.Extended,
        ["hfloat"] = Directive.Half,
        ["float16"] = Directive.Half,
        ["bfloat16"] = Directive.BFloat,
        ["zero"] = Directive.Skip,
        ["skip"] = Directive.Skip,
        ["space"] = Directive.Skip,
        ["fill"] = Directive.Fill,
        ["dcb"] = Directive.Repeat2,
        ["dcb.b"] = Directive.Repeat1,
        ["dcb.w"] = Directive.Repeat2,
        ["dcb.l"] = Directive.Repeat4,
        ["dcb.s"] = Directive.RepeatSingle,
        ["dcb.d"] = Directive.RepeatDouble,
        ["ds"] = Directive.Reserve2,
        ["ds.b"] = Directive.Reserve1,
        ["ds.w"] = Directive.Reserve2,
        ["ds.l"] = Directive.Reserve4,
        ["ds.s"] = Directive.Reserve4,
        ["ds.d"] = Directive.Reserve8,
        ["ds.x"] = Directive.Reserve12,
        ["ds.p"] = Directive.Reserve12,
        ["org"] = Directive.Org,
        ["align"] = Directive.Balign,
        ["balign"] = Directive.Balign,
        ["balignw"] = Directive.BalignWord,
        ["balignl"] = Directive.BalignLong,
        ["p2align"] = Directive.P2Align,
        ["p2alignw"] = Directive.P2AlignWord,
        ["p2alignl"] = Directive.P2AlignLong,
        ["even"] = Directive.Even,
        ["nops"] = Directive.Nops,
        ["nop"] = Directive.Nop,
        ["uleb128"] = Directive.Uleb128,
        ["sleb128"] = Directive.Sleb128,
        ["incbin"] = Directive.IncBin,
        ["include"] = Directive.Include,
        ["ident"] = Directive.Ident,
        ["version"] = Directive.Version,
        ["file"] = Directive.File,
        ["loc"] = Directive.Loc,
        ["loc_mark_labels"] = Directive.LocMarkLabels,
        ["linefile"] = Directive.LineFile,
        ["line"] = Directive.Line,
        ["ln"] = Directive.Line,
        ["appfile"] = Directive.LineFile,
        ["macro"] = Directive.Macro,
        ["endm"] = Directive.EndMacro,
        ["exitm"] = Directive.ExitMacro,
        ["purgem"] = Directive.PurgeMacro,
        ["altmacro"] = Directive.AltMacro,
        ["noaltmacro"] = Directive.NoAltMacro,
        ["rept"] = Directive.Repeat,
        ["rep"] = Directive.Repeat,
        ["irp"] = Directive.Irp,
        ["irep"] = Directive.Irp,
        ["irpc"] = Directive.Irpc,
        ["irepc"] = Directive.Irpc,
        ["endr"] = Directive.EndRepeat,
        ["if"] = Directive.If,
        ["ifdef"] = Directive.IfDefined,
        ["ifndef"] = Directive.IfNotDefined,
        ["ifnotdef"] = Directive.IfNotDefined,
        ["ifb"] = Directive.IfBlank,
        ["ifnb"] = Directive.IfNotBlank,
        ["ifc"] = Directive.IfSame,
        ["ifnc"] = Directive.IfNotSame,
        ["ifeqs"] = Directive.IfStrings,
        ["ifnes"] = Directive.IfNotStrings,
        ["ifeq"] = Directive.IfZero,
        ["ifne"] = Directive.If,
        ["ifge"] = Directive.IfNotNegative,
        ["ifgt"] = Directive.IfPositive,
        ["ifle"] = Directive.IfNotPositive,
        ["iflt"] = Directive.IfNegative,
        ["elseif"] = Directive.ElseIf,
        ["elsec"] = Directive.Else,
        ["else"] = Directive.Else,
        ["endif"] = Directive.EndIf,
        ["endc"] = Directive.EndIf,
        ["error"] = Directive.Error,
        ["warning"] = Directive.Warning,
        ["err"] = Directive.Err,
        ["print"] = Directive.Print,
        ["fail"] = Directive.Fail,
        ["abort"] = Directive.Abort,
        ["end"] = Directive.End,
        ["reloc"] = Directive.Reloc,
        ["arch"] = Directive.Arch,
        ["code16"] = Directive.Code16,
        ["code16gcc"] = Directive.Code16Gcc,
        ["code32"] = Directive.Code32,
        ["code64"] = Directive.Code64,
        ["att_syntax"] = Directive.AttSyntax,
        ["intel_syntax"] = Directive.IntelSyntax,
        ["att_mnemonic"] = Directive.Harmless,
        ["allow_index_reg"] = Directive.Harmless,
        ["disallow_index_reg"] = Directive.Harmless,
        ["sse_check"] = Directive.Harmless,
        ["operand_check"] = Directive.Harmless,
        ["insn"] = Directive.Refused,
        ["bundle_align_mode"] = Directive.Refused,
        ["bundle_lock"] = Directive.Refused,
        ["bundle_unlock"] = Directive.Refused,
        ["stabs"] = Directive.Refused,
        ["stabn"] = Directive.Refused,
        ["stabd"] = Directive.Refused,
        ["mri"] = Directive.Refused,
        ["intel_mnemonic"] = Directive.Refused,
        ["vtable_inherit"] = Directive.Refused,
        ["vtable_entry"] = Directive.Refused,
        ["func"] = Directive.Harmless,
        ["endfunc"] = Directive.Harmless,
        ["gnu_attribute"] = Directive.GnuAttribute,
        ["nolist"] = Directive.Harmless,
        ["list"] = Directive.Harmless,
        ["lflags"] = Directive.Harmless,
        ["title"] = Directive.Harmless,
        ["ttl"] = Directive.Harmless,
        ["sbttl"] = Directive.Harmless,
        ["psize"] = Directive.Harmless,
        ["eject"] = Directive.Harmless,
        ["page"] = Directive.Harmless,
        ["plen"] = Directive.Harmless,
        ["spc"] = Directive.Harmless,
        ["extern"] = Directive.Harmless,
        ["noformat"] = Directive.Harmless,
        ["format"] = Directive.Harmless,
        ["dead_code"] = Directive.Refused,
        ["addrsig"] = Directive.Refused,
        ["addrsig_sym"] = Directive.Refused,
        ["def"] = Directive.Refused,
        ["cfi_sections"] = Directive.CfiSections,
        ["cfi_startproc"] = Directive.CfiStartProcedure,
        ["cfi_endproc"] = Directive.CfiEndProcedure,
        ["cfi_def_cfa"] = Directive.CfiDefineCfa,
        ["cfi_def_cfa_register"] = Directive.CfiDefineCfaRegister,
        ["cfi_def_cfa_offset"] = Directive.CfiDefineCfaOffset,
        ["cfi_adjust_cfa_offset"] = Directive.CfiAdjustCfaOffset,
        ["cfi_offset"] = Directive.CfiOffset,
        ["cfi_rel_offset"] = Directive.CfiRelativeOffset,
        ["cfi_val_offset"] = Directive.CfiValueOffset,
        ["cfi_register"] = Directive.CfiRegister,
        ["cfi_restore"] = Directive.CfiRestore,
        ["cfi_undefined"] = Directive.CfiUndefined,
        ["cfi_same_value"] = Directive.CfiSameValue,
        ["cfi_remember_state"] = Directive.CfiRememberState,
        ["cfi_restore_state"] = Directive.CfiRestoreState,
        ["cfi_return_column"] = Directive.CfiReturnColumn,
        ["cfi_signal_frame"] = Directive.CfiSignalFrame,
        ["cfi_window_save"] = Directive.CfiWindowSave,
        ["cfi_escape"] = Directive.CfiEscape,
        ["cfi_personality"] = Directive.CfiPersonality,
        ["cfi_lsda"] = Directive.CfiLsda,
        ["cfi_label"] = Directive.CfiLabel,
        ["cfi_val_encoded_addr"] = Directive.Refused,
        ["cfi_fde_data"] = Directive.Refused,
        ["cfi_personality_id"] = Directive.Refused,
        ["cfi_inline_lsda"] = Directive.Refused,
    };

    private enum Directive : byte
    {
        None, Harmless, Refused,
        Text, Data, Bss, Section, PushSection, PopSection, Previous, Subsection, AttachToGroup, Struct,
        Global, Weak, Hidden, Protected, Internal, Local, Common, LocalCommon, TlsCommon, Type, Size, Set, SetOnce, SymbolVersion, WeakReference,
        Byte, Short, Long, Quad, Octa, Address, Ascii, Asciz, String16, String32, String64,
        Half, BFloat, Single, Double, Extended, Skip, Fill, Repeat1, Repeat2, Repeat4, RepeatSingle, RepeatDouble,
        Reserve1, Reserve2, Reserve4, Reserve8, Reserve12, Org, Balign, BalignWord, BalignLong, P2Align, P2AlignWord, P2AlignLong, Even,
        Nops, Nop, Uleb128, Sleb128, IncBin, Include, Ident, Version, File, Loc, LocMarkLabels, LineFile, Line,
        Macro, EndMacro, ExitMacro, PurgeMacro, AltMacro, NoAltMacro, Repeat, Irp, Irpc, EndRepeat,
        If, IfDefined, IfNotDefined, IfBlank, IfNotBlank, IfSame, IfNotSame, IfStrings, IfNotStrings, IfZero, IfNotNegative, IfPositive,
        IfNotPositive, IfNegative, ElseIf, Else, EndIf,
        Error, Warning, Err, Print, Fail, Abort, End, Reloc, Arch, Code16, Code16Gcc, Code32, Code64, AttSyntax, IntelSyntax, GnuAttribute,
        CfiSections, CfiStartProcedure, CfiEndProcedure, CfiDefineCfa, CfiDefineCfaRegister, CfiDefineCfaOffset, CfiAdjustCfaOffset, CfiOffset,
        CfiRelativeOffset, CfiValueOffset, CfiRegister, CfiRestore, CfiUndefined, CfiSameValue, CfiRememberState, CfiRestoreState,
        CfiReturnColumn, CfiSignalFrame, CfiWindowSave, CfiEscape, CfiPersonality, CfiLsda, CfiLabel,
    }

    private static Directive FindDirective(ReadOnlySpan<byte> word)
    {
        if (word.Length < 2 || word.Length > 40 || word[0] != '.')
            return Directive.None;
        Span<char> name = stackalloc char[40];
        for (int i = 1; i < word.Length; i++)
            name[i - 1] = char.ToLowerInvariant((char)word[i]);
        var lookup = Directives.GetAlternateLookup<ReadOnlySpan<char>>();
        return lookup.TryGetValue(name[..(word.Length - 1)], out Directive directive) ? directive : Directive.None;
    }

    private void ReadDirective(ReadOnlySpan<byte> word)
    {
        Directive directive = FindDirective(word);
        SkipSpace();
        switch (directive)
        {
            case Directive.None:
                Error($"unknown pseudo-op: `{Text(word)}'");
                break;
            case Directive.Refused:
                Error($"{Text(word)} is not supported");
                break;
            case Directive.Harmless:
                break;
            case <= Directive.Struct:
                ReadSectionDirective(directive);
                break;
            case <= Directive.WeakReference:
                ReadSymbolDirective(directive);
                break;
            case <= Directive.Sleb128:
                ReadDataDirective(directive);
                break;
            case <= Directive.Line:
                ReadFileDirective(directive);
                break;
            case <= Directive.EndRepeat:
                ReadMacroDirective(directive, Text(word));
                break;
            case <= Directive.EndIf:
                ReadCondition(directive);
                break;
            case <= Directive.GnuAttribute:
                ReadControlDirective(directive);
                break;
            default:
                ReadFrameDirective(directive);
                break;
        }
    }

    // ---- the assembler itself ----

    private void ReadControlDirective(Directive directive)
    {
        switch (directive)
        {
            case Directive.Error or Directive.Warning:
                string message = directive == Directive.Error ? ".error directive invoked in source file" : ".warning directive invoked in source file";
                if (!IsAtEnd)
                {
                    if (!ReadString(out byte[] given))
                        return;
                    message = Text(given);
                }
                if (directive == Directive.Error)
                    Error(message);
                else
                    Warn(message);
                break;
            case Directive.Err:
                Error(".err encountered");
                break;
            case Directive.Print:
                if (ReadString(out byte[] text))
                    Report(Severity.Remark, _location, Text(text));
                break;
            case Directive.Fail:
                if (ReadNumber(out long code))
                {
                    if (code >= 500)
                        Warn($".fail {code} encountered");
                    else
                        Error($".fail {code} encountered");
                }
                break;
            case Directive.Abort:
                Error(".abort detected.  Abandoning ship.");
                StopReading();
                break;
            case Directive.End:
                StopReading();
                break;
            case Directive.Reloc:
                ReadRelocation();
                break;
            case Directive.Arch:
                _at = _length;
                break;
            case Directive.Code16:
                SetMode(16);
                break;
            case Directive.Code16Gcc:
                SetMode(16);
                _widensStackOperations = true;
                break;
            case Directive.Code32:
                SetMode(32);
                break;
            case Directive.Code64:
                if (_options.Target.PointerSize == 8)
                    SetMode(64);
                else
                    Error("64bit mode not supported on this processor");
                break;
            case Directive.AttSyntax:
                SetSyntax(Text(ReadName()) == "noprefix" ? AssemblySyntax.GnuNoPrefix : AssemblySyntax.Gnu);
                break;
            case Directive.IntelSyntax:
                SetSyntax(Text(ReadName()) == "noprefix" ? AssemblySyntax.Intel : AssemblySyntax.IntelPrefix);
                break;
            case Directive.GnuAttribute:
                _at = _length;
                break;
            default:
                throw new InvalidOperationException($"directive {directive}");
        }
        if (directive is not (Directive.Abort or Directive.End))
            ExpectEnd();
    }

    private void StopReading()
    {
        _wasEnded = true;
        _conditions.Clear();
        _isSkipping = false;
        _input.LeaveAll();
    }

    private void SetMode(int mode)
    {
        _mode = mode;
        _widensStackOperations = false;
        _emitter.CodeWidth(mode);
    }

    private void ReadRelocation()
    {
        if (!ReadValue(out ReadValue place) || !Accept(','))
        {
            Error("missing relocation type");
            _at = _length;
            return;
        }
        byte[] name = ReadName();
        ReadValue value = default;
        if (Accept(',') && !ReadValue(out value))
            return;
        _emitter.Relocation(place.Value, place.Addend, name, value.Value, value.Addend);
    }

    // ---- macros and repetitions ----

    private Macro? FindMacro(ReadOnlySpan<byte> name) =>
        name.Length <= 200 && _macros.TryGetValue(Text(name), out Macro? macro) ? macro : null;

    private void ReadMacroDirective(Directive directive, string word)
    {
        switch (directive)
        {
            case Directive.Macro:
                DefineMacro();
                break;
            case Directive.EndMacro:
                Error("unexpected `.endm'");
                break;
            case Directive.EndRepeat:
                Error("unexpected `.endr'");
                break;
            case Directive.ExitMacro:
                LeaveMacro();
                break;
            case Directive.PurgeMacro:
                do
                {
                    string name = Text(ReadName());
                    if (!_macros.Remove(name))
                        Error($"attempt to purge non-existing macro `{name}'");
                }
                while (Accept(','));
                ExpectEnd();
                break;
            case Directive.AltMacro:
                _isAlternate = true;
                break;
            case Directive.NoAltMacro:
                _isAlternate = false;
                break;
            case Directive.Repeat:
                bool isKnown = ReadNumber(out long count);
                ExpectEnd();
                StatementBody repeated = ReadBody(isMacro: false, word);
                if (count < 0)
                    Error("negative count for .rept - ignored");
                else if (isKnown)
                    Repeat(repeated, count);
                break;
            case Directive.Irp or Directive.Irpc:
                RepeatFor(directive == Directive.Irpc, word);
                break;
            default:
                throw new InvalidOperationException($"directive {directive}");
        }
    }

    private void LeaveMacro()
    {
        InputText? left = _input.LeaveBody();
        if (left is null)
        {
            Error("ignoring macro exit outside a macro definition.");
            return;
        }
        while (_conditions.Count > left.Conditionals)
            _conditions.RemoveAt(_conditions.Count - 1);
        UpdateSkipping();
    }

    /// <summary>Puts the statements up to the end of a macro or repetition aside.</summary>
    private StatementBody ReadBody(bool isMacro, string word)
    {
        var body = new StatementBody();
        int depth = 1;
        Location start = _location;
        while (_input.Read())
        {
            ReadOnlySpan<byte> statement = _input.Statement;
            Directive directive = BodyDirective(statement);
            if (isMacro ? directive == Directive.Macro : directive is Directive.Repeat or Directive.Irp or Directive.Irpc)
                depth++;
            else if (directive == (isMacro ? Directive.EndMacro : Directive.EndRepeat) && --depth == 0)
                return body;
            body.Add(statement, _input.Location);
        }
        Report(Severity.Error, start, isMacro ? $"unexpected end of file in macro `{word}' definition" : $"{word} without matching .endr");
        return body;
    }

    /// <summary>The directive that a statement is, behind its labels.</summary>
    private static Directive BodyDirective(ReadOnlySpan<byte> statement)
    {
        int at = 0;
        while (true)
        {
            while (at < statement.Length && statement[at] == ' ')
                at++;
            int end = ExpressionReader.NameEnd(statement, at);
            if (end < statement.Length && statement[end] == ':' && end > at)
            {
                at = end + 1;
                continue;
            }
            return FindDirective(statement[at..end]);
        }
    }

    private void DefineMacro()
    {
        byte[] name = ReadName();
        if (name.Length == 0)
        {
            Error("missing macro name");
            ReadBody(isMacro: true, "");
            return;
        }
        var parameters = new List<MacroParameter>();
        Accept(',');
        bool hasParentheses = Accept('(');
        while (!IsAtEnd && Peek != ')')
        {
            if (!ReadParameter(parameters))
                break;
            Accept(',');
        }
        if (hasParentheses)
            Accept(')');
        ExpectEnd();
        Location location = _location;
        StatementBody body = ReadBody(isMacro: true, Text(name));
        if (!_macros.TryAdd(Text(name), new Macro(Text(name), parameters, body)))
            Report(Severity.Error, location, $"Macro `{Text(name)}' was already defined");
    }

    private bool ReadParameter(List<MacroParameter> parameters)
    {
        byte[] name = ReadName();
        if (name.Length == 0)
        {
            Error("expected a parameter's name");
            return false;
        }
        foreach (MacroParameter other in parameters)
        {
            if (other.Name.AsSpan().SequenceEqual(name))
                Error($"A parameter named `{Text(name)}' already exists for macro");
        }
        ParameterKind kind = ParameterKind.Optional;
        if (Accept(':'))
        {
            string qualifier = Text(ReadName());
            if (qualifier == "req")
                kind = ParameterKind.Required;
            else if (qualifier == "vararg")
                kind = ParameterKind.Rest;
            else
                Error($"`{qualifier}' is not a valid parameter qualifier for `{Text(name)}' in macro");
        }
        byte[] value = [];
        if (Accept('='))
            value = ReadArgument();
        parameters.Add(new MacroParameter(name, value, kind));
        return true;
    }

    /// <summary>Reads one argument of a call: up to a comma, or a space outside of parentheses.</summary>
    private byte[] ReadArgument()
    {
        SkipSpace();
        if (_at >= _length)
            return [];
        byte c = _line[_at];
        if (_isAlternate && c == '%')
        {
            _at++;
            return ReadNumber(out long number) ? System.Text.Encoding.ASCII.GetBytes(number.ToString()) : [];
        }
        if (c == '"' || _isAlternate && c is (byte)'<' or (byte)'\'')
            return ReadQuotedArgument(c == '<' ? (byte)'>' : c);
        var open = new ByteWriter(8);
        int start = _at;
        while (_at < _length)
        {
            c = _line[_at];
            if (c == ',' || c == ' ' && open.Length == 0)
                break;
            if (c is (byte)'"' or (byte)'\'')
            {
                int end = Statement[(_at + 1)..].IndexOf(c);
                _at = end < 0 ? _length : _at + end + 2;
                continue;
            }
            if (c is (byte)'(' or (byte)'[')
                open.U8(c == '(' ? ')' : ']');
            else if (open.Length > 0 && c == open.Span[^1])
                open.Truncate(open.Length - 1);
            _at++;
        }
        return _line[start..Math.Min(_at, _length)];
    }

    private byte[] ReadQuotedArgument(byte close)
    {
        var value = new ByteWriter();
        int depth = 0;
        byte first = _line[_at++];
        for (; _at < _length; _at++)
        {
            byte c = _line[_at];
            if (c == close && depth == 0)
                break;
            if (first == '<')
                depth += c == '<' ? 1 : c == '>' ? -1 : 0;
            if (_isAlternate && c == '!' && _at + 1 < _length)
            {
                c = _line[++_at];
            }
            else if (c == '\\' && _at + 1 < _length)
            {
                // an escape stays one in the body
                value.U8(c);
                c = _line[++_at];
            }
            value.U8(c);
        }
        _at++;
        return value.ToArray();
    }

    private void CallMacro(Macro macro)
    {
        List<MacroParameter> parameters = macro.Parameters;
        var arguments = new byte[parameters.Count][];
        int position = 0;
        while (!IsAtEnd)
        {
            int named = FindNamedArgument(macro);
            if (named >= 0)
            {
                arguments[named] = ReadArgument();
            }
            else if (position >= parameters.Count)
            {
                Error("too many positional arguments");
                _at = _length;
                return;
            }
            else if (parameters[position].Kind == ParameterKind.Rest)
            {
                arguments[position++] = Rest.ToArray();
                _at = _length;
            }
            else
            {
                byte[] argument = ReadArgument();
                arguments[position++] = argument.Length == 0 ? null! : argument;
            }
            SkipSpace();
            Accept(',');
        }
        for (int i = 0; i < arguments.Length; i++)
        {
            if (arguments[i] is not null)
                continue;
            arguments[i] = parameters[i].Default;
            if (parameters[i].Kind == ParameterKind.Required)
                Error($"Missing value for required parameter `{Text(parameters[i].Name)}' of macro `{macro.Name}'");
        }
        _input.Push(macro.Expand(arguments, _macroCount++, _isAlternate, ref _localCount, _location, _conditions.Count));
    }

    /// <summary>The parameter that <c>name=value</c> here is for, or -1; then the value follows.</summary>
    private int FindNamedArgument(Macro macro)
    {
        int end = ExpressionReader.NameEnd(Statement, _at);
        if (end == _at || end >= _length || _line[end] != '=' || end + 1 < _length && _line[end + 1] == '=')
            return -1;
        int parameter = macro.Find(_line.AsSpan(_at, end - _at));
        if (parameter >= 0)
            _at = end + 1;
        return parameter;
    }

    private void Repeat(StatementBody body, long count)
    {
        if (count > 0 && body.Lines.Count > 0)
            _input.Push(new InputText
            {
                Text = body.Text.ToArray(),
                LineLocations = body.Lines.ToArray(),
                Caller = _location,
                Conditionals = _conditions.Count,
                IsBody = true,
                Repetitions = count - 1,
            });
    }

    /// <summary>Reads <c>.irp name, values</c> and <c>.irpc name, characters</c> and puts the bodies in.</summary>
    private void RepeatFor(bool isByCharacter, string word)
    {
        byte[] name = ReadName();
        Accept(',');
        var values = new List<byte[]>();
        if (isByCharacter)
        {
            byte[] characters = ReadArgument();
            foreach (byte c in characters)
                values.Add([c]);
        }
        else
        {
            while (!IsAtEnd)
            {
                values.Add(ReadArgument());
                SkipSpace();
                Accept(',');
            }
        }
        if (values.Count == 0)
            values.Add([]);
        _at = _length;
        StatementBody body = ReadBody(isMacro: false, word);
        if (name.Length == 0)
        {
            Error("missing model parameter");
            return;
        }
        var macro = new Macro("", [new MacroParameter(name, [], ParameterKind.Optional)], body);
        if ((long)values.Count * Math.Max(1, body.Text.Length) > 1 << 28)
        {
            Error("the repetition is too long");
            return;
        }
        var text = new ByteWriter();
        var lines = new List<Location>();
        foreach (byte[] value in values)
        {
            InputText expanded = macro.Expand([value], _macroCount, _isAlternate, ref _localCount, _location, 0);
            text.Bytes(expanded.Text);
            lines.AddRange(expanded.LineLocations!.AsSpan(0, expanded.Text.AsSpan().Count((byte)'\n')));
        }
        if (lines.Count > 0)
            _input.Push(new InputText { Text = text.ToArray(), LineLocations = lines.ToArray(), Caller = _location, Conditionals = _conditions.Count, IsBody = true });
    }
}
