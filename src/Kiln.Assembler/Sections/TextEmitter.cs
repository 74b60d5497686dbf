using System.Text;
using Kiln.Base;
using Kiln.Isa;
using Kiln.Object.Elf;
using Kiln.Target;

namespace Kiln.Assembler.Sections;

// The sink that writes GNU assembler text (-S). What is emitted comes out as a statement at once; nothing is computed, so
// that an assembler makes of the text what ObjectEmitter makes of the same calls.

/// <summary>Emits assembler text. See the file's header and <see cref="Emitter"/>.</summary>
public sealed class TextEmitter : Emitter, ISymbolWriter
{
    private readonly InstructionSet _isa;
    private readonly AssemblySyntax _syntax;
    private readonly ByteWriter _text = new(1 << 14);
    private readonly Dictionary<int, (int Value, long Addend)> _equated = [];
    private readonly HashSet<int> _defined = [];
    private int _mode, _shownSection = TextSection, _shownSubsection;

    /// <summary>Makes an empty text for a target, in one of its syntaxes.</summary>
    public TextEmitter(TargetInfo target, IDiagnosticSink diagnostics, AssemblySyntax syntax = AssemblySyntax.Gnu)
        : base(target, diagnostics)
    {
        _isa = InstructionSet.For(target.Architecture);
        _syntax = syntax;
        _mode = target.PointerSize * 8;
        if (syntax == AssemblySyntax.Intel)
            Line("\t.intel_syntax noprefix\n"u8);
        Line("\t.text\n"u8);
    }

    private protected override void SymbolMade(int symbol)
    {
    }

    private protected override void SectionMade(int section)
    {
    }

    private void Line(ReadOnlySpan<byte> text) => _text.Bytes(text);

    private void End() => _text.U8('\n');

    private void Name(int symbol) => Name(NameOf(symbol));

    /// <summary>Writes a name, quoted where an assembler would not take it otherwise.</summary>
    private void Name(ReadOnlySpan<byte> name)
    {
        bool isPlain = name.Length > 0 && !char.IsAsciiDigit((char)name[0]);
        foreach (byte c in name)
            isPlain &= char.IsAsciiLetterOrDigit((char)c) || c is (byte)'_' or (byte)'.' or (byte)'$' or >= 0x80;
        if (isPlain && name[0] != '$')
            _text.Bytes(name);
        else
            Quoted(name);
    }

    private void Quoted(ReadOnlySpan<byte> bytes)
    {
        _text.U8('"');
        foreach (byte c in bytes)
            Escaped(c);
        _text.U8('"');
    }

    private void Escaped(byte c)
    {
        switch (c)
        {
            case (byte)'"' or (byte)'\\':
                _text.U8('\\');
                _text.U8(c);
                break;
            case (byte)'\n':
                Line("\\n"u8);
                break;
            case (byte)'\t':
                Line("\\t"u8);
                break;
            case < 32 or >= 127:
                _text.U8('\\');
                _text.U8('0' + (c >> 6));
                _text.U8('0' + (c >> 3 & 7));
                _text.U8('0' + (c & 7));
                break;
            default:
                _text.U8(c);
                break;
        }
    }

    private void Number(long value)
    {
        Span<byte> digits = stackalloc byte[24];
        value.TryFormat(digits, out int count);
        _text.Bytes(digits[..count]);
    }

    private void Hexadecimal(ulong value)
    {
        Span<byte> digits = stackalloc byte[24];
        value.TryFormat(digits, out int count, "x");
        Line("0x"u8);
        _text.Bytes(digits[..count]);
    }

    /// <summary>Writes a symbol or expression plus a number.</summary>
    public void WriteSymbol(int symbol, long addend, int modifier, ByteWriter output)
    {
        if (output != _text)
            throw new InvalidOperationException("the text is written by its own sink alone");
        WriteValue(symbol, addend, modifier);
    }

    private void WriteValue(int value, long addend, int modifier = 0)
    {
        if (value == 0)
        {
            Number(addend);
            return;
        }
        WriteOperand(value, 0);
        ReadOnlySpan<byte> name = modifier != 0 ? _isa.ModifierName(modifier) : default;
        if (!name.IsEmpty)
        {
            _text.U8('@');
            _text.Bytes(name);
        }
        if (addend > 0)
            _text.U8('+');
        if (addend != 0)
            Number(addend);
    }

    private void WriteOperand(int value, int depth)
    {
        if (value > 0)
        {
            Name(value);
            return;
        }
        ExpressionNode node = Node(value);
        if (node.Operator == ExpressionOperator.Constant)
        {
            Number(node.Value);
            return;
        }
        // a sum or difference of names alone needs no parentheses at the outside
        bool isBare = depth == 0 && node.Operator is ExpressionOperator.Add or ExpressionOperator.Subtract;
        if (!isBare)
            _text.U8('(');
        if (node.Operator <= ExpressionOperator.LogicalNot)
        {
            Line(Spelling(node.Operator));
            WriteOperand(node.Left, depth + 1);
        }
        else
        {
            WriteOperand(node.Left, depth + (isBare && node.Left < 0 ? 0 : 1));
            Line(Spelling(node.Operator));
            WriteOperand(node.Right, depth + 1);
        }
        if (!isBare)
            _text.U8(')');
    }

    private static ReadOnlySpan<byte> Spelling(ExpressionOperator op) => op switch
    {
        ExpressionOperator.Negate => "-"u8,
        ExpressionOperator.Complement => "~"u8,
        ExpressionOperator.LogicalNot => "!"u8,
        ExpressionOperator.Add => "+"u8,
        ExpressionOperator.Subtract => "-"u8,
        ExpressionOperator.Multiply => "*"u8,
        ExpressionOperator.Divide => "/"u8,
        ExpressionOperator.Remainder => "%"u8,
        ExpressionOperator.ShiftLeft => "<<"u8,
        ExpressionOperator.ShiftRight => ">>"u8,
        ExpressionOperator.And => "&"u8,
        ExpressionOperator.Or => "|"u8,
        ExpressionOperator.OrNot => "!"u8,
        ExpressionOperator.Xor => "^"u8,
        ExpressionOperator.Equal => "=="u8,
        ExpressionOperator.NotEqual => "!="u8,
        ExpressionOperator.Less => "<"u8,
        ExpressionOperator.LessOrEqual => "<="u8,
        ExpressionOperator.Greater => ">"u8,
        ExpressionOperator.GreaterOrEqual => ">="u8,
        ExpressionOperator.LogicalAnd => "&&"u8,
        ExpressionOperator.LogicalOr => "||"u8,
        _ => throw new InvalidOperationException($"operator {op}"),
    };

    // ---- sections ----

    private protected override void SectionEntered(int section, int subsection)
    {
        if (_text is null || section == _shownSection && subsection == _shownSubsection)
            return;
        (_shownSection, _shownSubsection) = (section, subsection);
        SectionInfo info = SectionInfo(section);
        if (section <= BssSection)
        {
            _text.U8('\t');
            _text.Text(info.Name);
        }
        else
        {
            WriteSection(info);
        }
        if (subsection != 0 && section <= BssSection)
        {
            _text.U8('\t');
            Number(subsection);
        }
        End();
        if (subsection != 0 && section > BssSection)
        {
            Line("\t.subsection\t"u8);
            Number(subsection);
            End();
        }
    }

    private void WriteSection(SectionInfo info)
    {
        Line("\t.section\t"u8);
        Name(Encoding.UTF8.GetBytes(info.Name));
        Line(",\""u8);
        ReadOnlySpan<(ulong Flag, char Letter)> letters =
        [
            (SectionFlags.Alloc, 'a'), (SectionFlags.Write, 'w'), (SectionFlags.ExecInstr, 'x'), (SectionFlags.Merge, 'M'),
            (SectionFlags.Strings, 'S'), (SectionFlags.Tls, 'T'), (SectionFlags.Group, 'G'), (SectionFlags.LinkOrder, 'o'),
            (SectionFlags.GnuRetain, 'R'), (SectionFlags.Exclude, 'e'), (SectionFlags.X86_64Large, 'l'),
        ];
        foreach ((ulong flag, char letter) in letters)
        {
            if ((info.Flags & flag) != 0)
                _text.U8(letter);
        }
        Line("\",@"u8);
        switch (info.Type)
        {
            case SectionType.ProgBits:
                Line("progbits"u8);
                break;
            case SectionType.NoBits:
                Line("nobits"u8);
                break;
            case SectionType.Note:
                Line("note"u8);
                break;
            case SectionType.InitArray:
                Line("init_array"u8);
                break;
            case SectionType.FiniArray:
                Line("fini_array"u8);
                break;
            case SectionType.PreInitArray:
                Line("preinit_array"u8);
                break;
            case SectionType.X86_64Unwind when Target.Architecture == Architecture.X86_64:
                Line("unwind"u8);
                break;
            default:
                Hexadecimal(info.Type);
                break;
        }
        if ((info.Flags & SectionFlags.Merge) != 0)
        {
            _text.U8(',');
            Number(info.EntrySize);
        }
        if (info.LinkedTo != 0)
        {
            _text.U8(',');
            Name(info.LinkedTo);
        }
        if (info.Group != 0)
        {
            _text.U8(',');
            Name(info.Group);
            if (info.IsComdat)
                Line(",comdat"u8);
        }
        if (info.Unique >= 0)
        {
            Line(",unique,"u8);
            Number(info.Unique);
        }
    }

    // ---- code and data ----

    public override void Label(int symbol)
    {
        _defined.Add(symbol);
        Name(symbol);
        Line(":\n"u8);
    }

    public override void Instruction(in Instruction instruction)
    {
        _text.U8('\t');
        _isa.Print(in instruction, _mode, _syntax, this, _text);
        End();
    }

    /// <summary>Writes statements in the assembler's language as they stand, marked as gcc marks inline assembly.</summary>
    public void Verbatim(ReadOnlySpan<byte> text)
    {
        Line("#APP\n"u8);
        _text.U8('\t');
        _text.Bytes(text);
        Line("\n#NO_APP\n"u8);
    }

    public override void CodeWidth(int bits)
    {
        _mode = bits;
        Line("\t.code"u8);
        Number(bits);
        End();
    }

    public override void Data(ReadOnlySpan<byte> bytes)
    {
        int start = 0;
        while (start < bytes.Length)
        {
            int nul = bytes[start..].IndexOf((byte)0);
            if (nul >= 0 && nul <= 1000)
            {
                Line("\t.string\t"u8);
                Quoted(bytes.Slice(start, nul));
                start += nul + 1;
            }
            else
            {
                int count = Math.Min(bytes.Length - start, 1000);
                Line("\t.ascii\t"u8);
                Quoted(bytes.Slice(start, count));
                start += count;
            }
            End();
        }
    }

    private void Directive(int size)
    {
        Line(size switch
        {
            1 => "\t.byte\t"u8,
            2 => "\t.value\t"u8,
            4 => "\t.long\t"u8,
            8 => "\t.quad\t"u8,
            16 => "\t.octa\t"u8,
            _ => throw new ArgumentOutOfRangeException(nameof(size), size, "not a datum's size"),
        });
    }

    public override void Integer(ulong value, int size)
    {
        if (size is not (1 or 2 or 4 or 8))
        {
            for (int i = 0; i < size; i++, value >>= 8)
                Integer(value & 0xff, 1);
            return;
        }
        Directive(size);
        Number(size switch
        {
            1 => (sbyte)value,
            2 => (short)value,
            4 => (int)value,
            _ => (long)value,
        });
        End();
    }

    public override void Value(int value, int size, long addend = 0, int modifier = 0)
    {
        if (value == 0)
        {
            Integer((ulong)addend, size);
            return;
        }
        Directive(size);
        WriteValue(value, addend, modifier);
        End();
    }

    public override void Zero(long count)
    {
        if (count <= 0)
            return;
        Line("\t.zero\t"u8);
        Number(count);
        End();
    }

    public override void Fill(int count, int size, ulong pattern)
    {
        Line("\t.fill\t"u8);
        WriteValue(count, 0);
        _text.U8(',');
        Number(size);
        _text.U8(',');
        Hexadecimal(pattern);
        End();
    }

    public override void Align(int alignment, int maximumSkip = 0)
    {
        Line("\t.p2align\t"u8);
        Number(System.Numerics.BitOperations.Log2((uint)Math.Max(1, alignment)));
        if (maximumSkip != 0)
        {
            Line(",,"u8);
            Number(maximumSkip);
        }
        End();
    }

    public override void AlignWith(int alignment, int maximumSkip, ulong pattern, int patternSize)
    {
        Line(patternSize switch
        {
            2 => "\t.p2alignw\t"u8,
            4 => "\t.p2alignl\t"u8,
            _ => "\t.p2align\t"u8,
        });
        Number(System.Numerics.BitOperations.Log2((uint)Math.Max(1, alignment)));
        _text.U8(',');
        Hexadecimal(pattern);
        if (maximumSkip != 0)
        {
            _text.U8(',');
            Number(maximumSkip);
        }
        End();
    }

    public override void Org(int value, long addend, byte fill)
    {
        Line("\t.org\t"u8);
        WriteValue(value, addend);
        _text.U8(',');
        Number(fill);
        End();
    }

    public override void Leb128(int value, long addend, bool isSigned)
    {
        Line(isSigned ? "\t.sleb128\t"u8 : "\t.uleb128\t"u8);
        if (value == 0 && !isSigned && addend < 0)
            Hexadecimal((ulong)addend);
        else
            WriteValue(value, addend);
        End();
    }

    public override void Nops(long count, int maximum = 0) => Nops(count, 0, maximum);

    public override void NopsOf(int count, int maximum = 0) => Nops(0, count, maximum);

    private void Nops(long count, int value, int maximum)
    {
        Line("\t.nops\t"u8);
        WriteValue(value, count);
        if (maximum != 0)
        {
            _text.U8(',');
            Number(maximum);
        }
        End();
    }

    public override void Relocation(int place, long placeAddend, ReadOnlySpan<byte> name, int value, long addend)
    {
        Line("\t.reloc\t"u8);
        WriteValue(place, placeAddend);
        _text.U8(',');
        _text.Bytes(name);
        if (value != 0 || addend != 0)
        {
            _text.U8(',');
            WriteValue(value, addend);
        }
        End();
    }

    // ---- symbols ----

    public override bool IsDefined(int symbol) => _defined.Contains(symbol) || _equated.ContainsKey(symbol);

    public override bool IsReferenced(int symbol) => true;

    public override bool IsNumber(int symbol, out long number)
    {
        bool isEquated = _equated.TryGetValue(symbol, out (int Value, long Addend) meaning);
        number = meaning.Addend;
        return isEquated && meaning.Value == 0;
    }

    public override int EquatedValue(int symbol, out long addend)
    {
        (int value, addend) = _equated.GetValueOrDefault(symbol);
        return value;
    }

    public override bool TryEvaluate(int value, out long number) => TryEvaluate(value, 0, out number);

    private bool TryEvaluate(int value, int depth, out long number)
    {
        number = 0;
        if (value == 0)
            return true;
        if (value > 0)
            return IsNumber(value, out number);
        ExpressionNode node = Node(value);
        number = node.Value;
        if (node.Operator == ExpressionOperator.Constant)
            return true;
        long right = 0;
        return depth < 1000
            && TryEvaluate(node.Left, depth + 1, out long left)
            && (node.Operator <= ExpressionOperator.LogicalNot || TryEvaluate(node.Right, depth + 1, out right))
            && ExpressionArithmetic.TryCompute(node.Operator, left, right, out number);
    }

    private void SymbolDirective(ReadOnlySpan<byte> directive, int symbol)
    {
        Line(directive);
        Name(symbol);
        End();
    }

    public override void Attribute(int symbol, SymbolAttribute attribute)
    {
        switch (attribute)
        {
            case SymbolAttribute.Global:
                SymbolDirective("\t.globl\t"u8, symbol);
                break;
            case SymbolAttribute.Local:
                SymbolDirective("\t.local\t"u8, symbol);
                break;
            case SymbolAttribute.Weak:
                SymbolDirective("\t.weak\t"u8, symbol);
                break;
            case SymbolAttribute.Hidden:
                SymbolDirective("\t.hidden\t"u8, symbol);
                break;
            case SymbolAttribute.Protected:
                SymbolDirective("\t.protected\t"u8, symbol);
                break;
            case SymbolAttribute.Internal:
                SymbolDirective("\t.internal\t"u8, symbol);
                break;
            default:
                Line("\t.type\t"u8);
                Name(symbol);
                Line(attribute switch
                {
                    SymbolAttribute.Unique => ", @gnu_unique_object\n"u8,
                    SymbolAttribute.NoType => ", @notype\n"u8,
                    SymbolAttribute.Object => ", @object\n"u8,
                    SymbolAttribute.Function => ", @function\n"u8,
                    SymbolAttribute.Tls => ", @tls_object\n"u8,
                    SymbolAttribute.Common => ", @common\n"u8,
                    SymbolAttribute.IndirectFunction => ", @gnu_indirect_function\n"u8,
                    _ => throw new InvalidOperationException($"attribute {attribute}"),
                });
                break;
        }
    }

    public override void Size(int symbol, int value, long addend = 0)
    {
        Line("\t.size\t"u8);
        Name(symbol);
        Line(", "u8);
        WriteValue(value, addend);
        End();
    }

    public override void Set(int symbol, int value, long addend = 0)
    {
        _equated[symbol] = (value, addend);
        Line("\t.set\t"u8);
        Name(symbol);
        _text.U8(',');
        WriteValue(value, addend);
        End();
    }

    public override void Common(int symbol, long size, long alignment)
    {
        Line("\t.comm\t"u8);
        Name(symbol);
        _text.U8(',');
        Number(size);
        _text.U8(',');
        Number(Math.Max(1, alignment));
        End();
    }

    public override void LocalCommon(int symbol, long size, long alignment)
    {
        Attribute(symbol, SymbolAttribute.Local);
        Common(symbol, size, alignment);
    }

    public override void SymbolVersion(int symbol, ReadOnlySpan<byte> versionedName, VersionedOriginal original = VersionedOriginal.Kept)
    {
        Line("\t.symver\t"u8);
        Name(symbol);
        _text.U8(',');
        _text.Bytes(versionedName);
        Line(original switch
        {
            VersionedOriginal.Kept => ""u8,
            VersionedOriginal.Hidden => ", hidden"u8,
            VersionedOriginal.Local => ", local"u8,
            VersionedOriginal.Removed => ", remove"u8,
            _ => throw new InvalidOperationException($"versioned original {original}"),
        });
        End();
    }

    public override void WeakReference(int alias, int target)
    {
        Line("\t.weakref\t"u8);
        Name(alias);
        _text.U8(',');
        Name(target);
        End();
    }

    // ---- call frame information ----

    public override void CfiSections(bool ehFrame, bool debugFrame)
    {
        Line("\t.cfi_sections\t"u8);
        Line(ehFrame ? debugFrame ? ".eh_frame, .debug_frame\n"u8 : ".eh_frame\n"u8 : ".debug_frame\n"u8);
    }

    public override void CfiStartProcedure(bool isSimple = false) =>
        Line(isSimple ? "\t.cfi_startproc simple\n"u8 : "\t.cfi_startproc\n"u8);

    public override void CfiEndProcedure() => Line("\t.cfi_endproc\n"u8);

    public override void Cfi(CfiOperation operation, long first = 0, long second = 0)
    {
        switch (operation)
        {
            case CfiOperation.DefineCfa:
                Numbers("\t.cfi_def_cfa "u8, first, second);
                break;
            case CfiOperation.DefineCfaRegister:
                Numbers("\t.cfi_def_cfa_register "u8, first);
                break;
            case CfiOperation.DefineCfaOffset:
                Numbers("\t.cfi_def_cfa_offset "u8, first);
                break;
            case CfiOperation.AdjustCfaOffset:
                Numbers("\t.cfi_adjust_cfa_offset "u8, first);
                break;
            case CfiOperation.Offset:
                Numbers("\t.cfi_offset "u8, first, second);
                break;
            case CfiOperation.RelativeOffset:
                Numbers("\t.cfi_rel_offset "u8, first, second);
                break;
            case CfiOperation.ValueOffset:
                Numbers("\t.cfi_val_offset "u8, first, second);
                break;
            case CfiOperation.Register:
                Numbers("\t.cfi_register "u8, first, second);
                break;
            case CfiOperation.Restore:
                Numbers("\t.cfi_restore "u8, first);
                break;
            case CfiOperation.Undefined:
                Numbers("\t.cfi_undefined "u8, first);
                break;
            case CfiOperation.SameValue:
                Numbers("\t.cfi_same_value "u8, first);
                break;
            case CfiOperation.RememberState:
                Line("\t.cfi_remember_state\n"u8);
                break;
            case CfiOperation.RestoreState:
                Line("\t.cfi_restore_state\n"u8);
                break;
            case CfiOperation.WindowSave:
                Line("\t.cfi_window_save\n"u8);
                break;
            case CfiOperation.ArgumentsSize:
                var escape = new ByteWriter(12);
                escape.U8(0x2e);
                escape.Uleb((ulong)first);
                CfiEscape(escape.Span);
                break;
            default:
                throw new InvalidOperationException($"CFI operation {operation}");
        }
    }

    private void Numbers(ReadOnlySpan<byte> directive, long first)
    {
        Line(directive);
        Number(first);
        End();
    }

    private void Numbers(ReadOnlySpan<byte> directive, long first, long second)
    {
        Line(directive);
        Number(first);
        Line(", "u8);
        Number(second);
        End();
    }

    public override void CfiEscape(ReadOnlySpan<byte> bytes)
    {
        Line("\t.cfi_escape "u8);
        for (int i = 0; i < bytes.Length; i++)
        {
            if (i > 0)
                _text.U8(',');
            Hexadecimal(bytes[i]);
        }
        End();
    }

    public override void CfiPersonality(int encoding, int value, long addend = 0) => Pointer("\t.cfi_personality "u8, encoding, value, addend);

    public override void CfiLsda(int encoding, int value, long addend = 0) => Pointer("\t.cfi_lsda "u8, encoding, value, addend);

    private void Pointer(ReadOnlySpan<byte> directive, int encoding, int value, long addend)
    {
        Line(directive);
        Hexadecimal((ulong)encoding);
        if (encoding != Object.Dwarf.PointerEncoding.Omit)
        {
            _text.U8(',');
            WriteValue(value, addend);
        }
        End();
    }

    public override void CfiSignalFrame() => Line("\t.cfi_signal_frame\n"u8);

    public override void CfiReturnColumn(int register) => Numbers("\t.cfi_return_column "u8, register);

    // ---- line rows and the rest ----

    public override void FileName(ReadOnlySpan<byte> name)
    {
        Line("\t.file\t"u8);
        Quoted(name);
        End();
    }

    public override void LineFile(int number, ReadOnlySpan<byte> directory, ReadOnlySpan<byte> name, UInt128? md5 = null)
    {
        Line("\t.file "u8);
        Number(number);
        _text.U8(' ');
        if (!directory.IsEmpty)
        {
            Quoted(directory);
            _text.U8(' ');
        }
        Quoted(name);
        if (md5 is UInt128 sum)
            _text.Text(" md5 0x" + sum.ToString("x32"));
        End();
    }

    public override void Line(int file, int line, int column, LineFlags flags = LineFlags.IsStatement, int discriminator = 0, int isa = 0)
    {
        Line("\t.loc "u8);
        Number(file);
        _text.U8(' ');
        Number(line);
        _text.U8(' ');
        Number(column);
        if ((flags & LineFlags.BasicBlock) != 0)
            Line(" basic_block"u8);
        if ((flags & LineFlags.PrologueEnd) != 0)
            Line(" prologue_end"u8);
        if ((flags & LineFlags.EpilogueBegin) != 0)
            Line(" epilogue_begin"u8);
        bool isStatement = (flags & LineFlags.IsStatement) != 0;
        if (isStatement != _isStatement)
            Line(isStatement ? " is_stmt 1"u8 : " is_stmt 0"u8);
        _isStatement = isStatement;
        if (isa != _lastIsa)
        {
            Line(" isa "u8);
            Number(isa);
            _lastIsa = isa;
        }
        if (discriminator != 0)
        {
            Line(" discriminator "u8);
            Number(discriminator);
        }
        End();
    }

    public override void LineView(int symbol, bool isReset, bool isZero = false)
    {
        // belongs on the row's own line
        _text.Truncate(_text.Length - 1);
        Line(" view "u8);
        if (isReset || isZero)
            Line(isReset ? "-0"u8 : "0"u8);
        else
            Name(symbol);
        End();
    }

    private bool _isStatement = true;
    private int _lastIsa;

    public override void LineMarkLabels(bool on) => Numbers("\t.loc_mark_labels "u8, on ? 1 : 0);

    public override void Ident(ReadOnlySpan<byte> text)
    {
        Line("\t.ident\t"u8);
        Quoted(text);
        End();
    }

    public override void Comment(string text)
    {
        Line("\t# "u8);
        _text.Text(text);
        End();
    }

    public override bool Finish(ByteWriter output)
    {
        output.Bytes(_text.Span);
        return true;
    }
}
