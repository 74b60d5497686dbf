using System.Runtime.CompilerServices;
using System.Text;

namespace Kiln.Isa.X86;

// Parses one statement in either syntax. A name may stand for several mnemonics (movq is MOVQ, and MOV with AT&T's suffix q; movsd is a
// string and an SSE instruction): operands are parsed first, then the first mnemonic is taken of which some form fits.

internal ref partial struct StatementParser
{
    private readonly ReadOnlySpan<byte> _text;
    private readonly IExpressionParser _expressions;
    private readonly int _mode;
    private readonly bool _isIntel, _needsPercent;
    private int _at;
    private string? _error;

    private StatementParser(ReadOnlySpan<byte> text, int mode, AssemblySyntax syntax, IExpressionParser expressions)
    {
        _text = text;
        _mode = mode;
        _isIntel = syntax is AssemblySyntax.Intel or AssemblySyntax.IntelPrefix;
        _needsPercent = syntax is AssemblySyntax.Gnu or AssemblySyntax.IntelPrefix;
        _expressions = expressions;
    }

    public static bool Parse(ReadOnlySpan<byte> text, int mode, AssemblySyntax syntax, IExpressionParser expressions,
        out Instruction instruction, out string? error)
    {
        var parser = new StatementParser(text, mode, syntax, expressions);
        instruction = default;
        bool ok = parser.Parse(ref instruction);
        error = parser._error;
        return ok;
    }

    private bool Fail(string? error)
    {
        _error ??= error;
        return false;
    }

    private bool Parse(ref Instruction instruction)
    {
        Span<byte> name = stackalloc byte[24];
        int length;
        while (true)
        {
            SkipBlanks();
            int start = _at;
            if (Peek() == '{')
            {
                if (!ParsePseudoPrefix(ref instruction))
                    return false;
                continue;
            }
            while (_at < _text.Length && IsNameByte(_text[_at]))
                _at++;
            if (_at - start > name.Length || _at == start)
                return Fail($"no such instruction: `{Encoding.UTF8.GetString(_text[start..])}'");
            length = Ascii.ToLower(_text[start.._at], name, out int written) == System.Buffers.OperationStatus.Done ? written : 0;
            if (length == 0)
                return Fail("no such instruction");
            SkipBlanks();
            // A prefix with nothing behind it is a statement of its own.
            if (_at >= _text.Length || !AddPrefix(name[..length], ref instruction.Prefixes))
                break;
        }
        ParseHint(ref instruction);
        if (length > 2 && name[length - 2] == '.' && name[length - 1] == 's')
        {
            instruction.Prefixes |= (uint)Prefixes.OtherDirection;
            length -= 2;
        }
        else if (name[..length].EndsWith(".d8"u8))
        {
            instruction.Prefixes |= (uint)Prefixes.Disp8;
            length -= 3;
        }
        else if (name[..length].EndsWith(".d32"u8))
        {
            instruction.Prefixes |= (uint)Prefixes.Disp32;
            length -= 4;
        }
        int entry = Names.FindEntry(name[..length]);
        int predicate = -1;
        if (entry < 0)
            entry = FindPredicated(name[..length], out predicate);
        int size = 0;
        if (_isIntel && length > 1 && (entry < 0 || !IsIntel(entry)))
        {
            // A size may stand at the end of a name in this syntax too: cvtsi2ssq, callq.
            size = name[length - 1] switch { (byte)'b' => 1, (byte)'w' => 2, (byte)'d' or (byte)'l' => 4, (byte)'q' => 8, _ => 0 };
            entry = size == 0 ? -1 : Names.FindEntry(name[..(length - 1)]);
        }
        if (entry < 0)
            return Fail($"no such instruction: `{Encoding.UTF8.GetString(_text)}'");
        instruction.Mnemonic = Table.EntryMnemonics[entry];
        if (!ParseOperands(ref instruction))
            return false;
        if (predicate >= 0)
        {
            if (instruction.OperandCount > 3)
                return Fail($"number of operands mismatch for `{Encoding.UTF8.GetString(name[..length])}'");
            instruction[instruction.OperandCount++] = Operand.Imm(predicate);
        }
        return Choose(entry, name[..length], size, ref instruction);
    }

    /// <summary>Whether a name means something in this syntax, not in the other alone.</summary>
    private static bool IsIntel(int entry)
    {
        while ((Table.EntrySyntaxes[entry] & 2) == 0)
        {
            if (!Names.HasNext(entry++))
                return false;
        }
        return true;
    }

    private readonly int Peek() => _at < _text.Length ? _text[_at] : 0;

    private void SkipBlanks()
    {
        while (_at < _text.Length && _text[_at] is (byte)' ' or (byte)'\t')
            _at++;
    }

    private static bool IsNameByte(byte c) =>
        c is >= (byte)'a' and <= (byte)'z' or >= (byte)'A' and <= (byte)'Z' or >= (byte)'0' and <= (byte)'9' or (byte)'.' or (byte)'_';

    private static bool AddPrefix(ReadOnlySpan<byte> name, ref uint prefixes)
    {
        Prefixes prefix = Prefixes.None;
        if (name.SequenceEqual("lock"u8))
            prefix = Prefixes.Lock;
        else if (name.SequenceEqual("rep"u8) || name.SequenceEqual("repe"u8) || name.SequenceEqual("repz"u8) || name.SequenceEqual("xrelease"u8))
            prefix = Prefixes.Rep;
        else if (name.SequenceEqual("repne"u8) || name.SequenceEqual("repnz"u8) || name.SequenceEqual("bnd"u8) || name.SequenceEqual("xacquire"u8))
            prefix = Prefixes.Repne;
        else if (name.SequenceEqual("notrack"u8))
            prefix = Prefixes.NoTrack;
        else if (name.SequenceEqual("data16"u8) || name.SequenceEqual("data32"u8))
            prefix = Prefixes.Data16;
        else if (name.SequenceEqual("addr16"u8) || name.SequenceEqual("addr32"u8))
            prefix = Prefixes.Addr;
        else if (name.SequenceEqual("rex64"u8))
            prefix = Prefixes.Rex | (Prefixes)0x80000;
        else if (name.Length == 2 && Registers.Find(name) is >= Registers.Es and <= Registers.Gs and var segment)
            prefix = (Prefixes)((segment & 31) + 1 << 20);
        else if (name.StartsWith("rex"u8) && (name.Length == 3 || name[3] == '.'))
        {
            prefix = Prefixes.Rex;
            for (int i = 4; i < name.Length; i++)
                prefix |= (Prefixes)(name[i] switch { (byte)'w' => 0x80000, (byte)'r' => 0x40000, (byte)'x' => 0x20000, (byte)'b' => 0x10000, _ => 0 });
        }
        else if (name.Length > 3 && name.StartsWith("rex"u8) && name[3..].ContainsAnyExcept("64xyz"u8) == false)
        {
            // The old names: 64, x, y and z are the bits W, R, X and B.
            prefix = Prefixes.Rex;
            foreach (byte c in name[3..])
                prefix |= (Prefixes)(c switch { (byte)'6' => 0x80000, (byte)'x' => 0x40000, (byte)'y' => 0x20000, (byte)'z' => 0x10000, _ => 0 });
        }
        prefixes |= (uint)prefix;
        return prefix != Prefixes.None;
    }

    /// <summary><c>{disp32}</c>, <c>{vex3}</c> and their like.</summary>
    private bool ParsePseudoPrefix(ref Instruction instruction)
    {
        int end = _text[_at..].IndexOf((byte)'}');
        if (end < 0)
            return Fail("expecting `}' after the pseudo prefix");
        ReadOnlySpan<byte> word = _text.Slice(_at + 1, end - 1);
        _at += end + 1;
        Prefixes prefix = word switch
        {
            _ when Ascii.EqualsIgnoreCase(word, "vex3"u8) => Prefixes.Vex3,
            _ when Ascii.EqualsIgnoreCase(word, "vex"u8) || Ascii.EqualsIgnoreCase(word, "vex2"u8) => Prefixes.Vex,
            _ when Ascii.EqualsIgnoreCase(word, "disp8"u8) => Prefixes.Disp8,
            _ when Ascii.EqualsIgnoreCase(word, "disp32"u8) || Ascii.EqualsIgnoreCase(word, "disp16"u8) => Prefixes.Disp32,
            _ when Ascii.EqualsIgnoreCase(word, "load"u8) => Prefixes.Load,
            _ when Ascii.EqualsIgnoreCase(word, "store"u8) => Prefixes.Store,
            _ when Ascii.EqualsIgnoreCase(word, "rex"u8) => Prefixes.Rex,
            _ when Ascii.EqualsIgnoreCase(word, "nooptimize"u8) => Prefixes.NoOptimize,
            _ => Prefixes.None,
        };
        if (prefix == Prefixes.None)
            return Fail($"unknown pseudo prefix `{{{Encoding.UTF8.GetString(word)}}}'");
        instruction.Prefixes |= (uint)prefix;
        return true;
    }

    /// <summary>Branch hints: <c>jne,pt</c>.</summary>
    private void ParseHint(ref Instruction instruction)
    {
        if (_at + 3 > _text.Length || _text[_at] != ',' || _text[_at + 1] != 'p')
            return;
        int segment = _text[_at + 2] switch { (byte)'t' => 4, (byte)'n' => 2, _ => 0 };
        if (segment == 0 || _at + 3 < _text.Length && IsNameByte(_text[_at + 3]))
            return;
        instruction.Prefixes |= (uint)segment << 20;
        _at += 3;
    }

    /// <summary>The predicates by number, then the full names of those that have short ones, each with its number as a letter.</summary>
    private static ReadOnlySpan<byte> Predicates =>
        "eq\0lt\0le\0unord\0neq\0nlt\0nle\0ord\0eq_uq\0nge\0ngt\0false\0neq_oq\0ge\0gt\0true\0eq_os\0lt_oq\0le_oq\0unord_s\0"u8 +
        "neq_us\0nlt_uq\0nle_uq\0ord_s\0eq_us\0nge_uq\0ngt_uq\0false_os\0neq_os\0ge_oq\0gt_oq\0true_us\0"u8 +
        "eq_oq\0lt_os\0le_os\0unord_q\0neq_uq\0nlt_us\0nle_us\0ord_q\0-\0nge_us\0ngt_us\0false_oq\0-\0ge_os\0gt_os\0true_uq\0"u8;

    /// <summary>cmpltps is CMPPS with the predicate 1, pclmulhqlqdq PCLMULQDQ with 1.</summary>
    private static int FindPredicated(ReadOnlySpan<byte> name, out int predicate)
    {
        predicate = -1;
        int v = name.Length > 0 && name[0] == 'v' ? 1 : 0;
        Span<byte> plain = stackalloc byte[16];
        if (name[v..].StartsWith("pclmul"u8) && name.EndsWith("qdq"u8) && name.Length == v + 12 && name[v + 7] == 'q')
        {
            predicate = (name[v + 6], name[v + 8]) switch
            {
                ((byte)'l', (byte)'l') => 0x00,
                ((byte)'h', (byte)'l') => 0x01,
                ((byte)'l', (byte)'h') => 0x10,
                ((byte)'h', (byte)'h') => 0x11,
                _ => -1,
            };
            return predicate < 0 ? -1 : Names.FindEntry(v == 0 ? "pclmulqdq"u8 : "vpclmulqdq"u8);
        }
        if (!name[v..].StartsWith("cmp"u8) || name.Length < v + 7)
            return -1;
        ReadOnlySpan<byte> wanted = name[(v + 3)..^2];
        ReadOnlySpan<byte> rest = Predicates;
        for (int i = 0; i < (v == 0 ? 8 : 48); i++)
        {
            int end = rest.IndexOf((byte)0);
            if (wanted.SequenceEqual(rest[..end]))
            {
                name[..(v + 3)].CopyTo(plain);
                name[^2..].CopyTo(plain[(v + 3)..]);
                predicate = i & 31;
                return Names.FindEntry(plain[..(v + 5)]);
            }
            rest = rest[(end + 1)..];
        }
        return -1;
    }

    private bool ParseOperands(ref Instruction instruction)
    {
        SkipBlanks();
        if (_at >= _text.Length)
            return true;
        while (true)
        {
            if (instruction.OperandCount == 5)
                return Fail("too many operands");
            ref Operand operand = ref instruction[instruction.OperandCount];
            SkipBlanks();
            if (!(_isIntel ? ParseIntelOperand(ref operand) : ParseGnuOperand(ref operand)))
                return false;
            instruction.OperandCount++;
            SkipBlanks();
            if (_at >= _text.Length)
                break;
            // Intel's far pointer is SEGMENT:OFFSET.
            if (_text[_at] != ',' && !(_isIntel && _text[_at] == ':'))
                return Fail($"junk `{Encoding.UTF8.GetString(_text[_at..])}' after expression");
            _at++;
        }
        if (!_isIntel)
            Reverse(ref instruction);
        return true;
    }

    private static void Reverse(ref Instruction instruction)
    {
        int count = instruction.OperandCount;
        if (Printer.IsKeptInOrder(in instruction))
            return;
        for (int i = 0, k = count - 1; i < k; i++, k--)
            (instruction[i], instruction[k]) = (instruction[k], instruction[i]);
    }

    private bool ParseGnuOperand(ref Operand operand)
    {
        bool isIndirect = false;
        if (Peek() == '*')
        {
            isIndirect = true;
            _at++;
            SkipBlanks();
        }
        operand.Extra = isIndirect ? (ushort)OperandFlags.Indirect : (ushort)0;
        if (Peek() == '$')
        {
            _at++;
            if (!ParseValue(ref operand))
                return false;
            operand.Kind = OperandKind.Immediate;
            return true;
        }
        int register = ParseRegister();
        if (register < 0)
            return false;
        if (register > 0)
        {
            SkipBlanks();
            if (Peek() != ':' || Registers.ClassOf(register) != RegisterClass.Segment)
            {
                operand.Kind = OperandKind.Register;
                operand.Register = (ushort)register;
                return true;
            }
            _at++;
            operand.Segment = (ushort)register;
            SkipBlanks();
        }
        operand.Kind = OperandKind.Memory;
        if (!AtBase() && !ParseValue(ref operand))
            return false;
        SkipBlanks();
        return Peek() != '(' || ParseGnuBase(ref operand);
    }

    /// <summary>Whether a parenthesis opens base and index, not an expression.</summary>
    private bool AtBase()
    {
        if (Peek() != '(')
            return false;
        int saved = _at++;
        SkipBlanks();
        bool isBase = Peek() is ',' or '%';
        if (!isBase && IsNameStart(Peek()))
        {
            isBase = ParseRegister() > 0;
            SkipBlanks();
            isBase &= Peek() is ',' or ')';
        }
        _at = saved;
        return isBase;
    }

    private static bool IsNameStart(int c) => c is >= 'a' and <= 'z' or >= 'A' and <= 'Z' or '_' or '.';

    private bool ParseGnuBase(ref Operand operand)
    {
        _at++;
        SkipBlanks();
        int register = Peek() is ',' ? 0 : ParseRegister();
        if (register < 0)
            return false;
        if (register == 0 && Peek() != ',')
            return Fail("expecting a base register");
        operand.Register = (ushort)register;
        SkipBlanks();
        if (Peek() == ',')
        {
            _at++;
            SkipBlanks();
            register = ParseRegister();
            if (register < 0)
                return false;
            operand.Index = (ushort)register;
            SkipBlanks();
            if (Peek() == ',' || register == 0 && Peek() != ')')
            {
                if (Peek() == ',')
                    _at++;
                SkipBlanks();
                if (Peek() != ')')
                {
                    var scale = default(Operand);
                    if (!ParseValue(ref scale))
                        return false;
                    if (scale.Symbol != 0 || scale.Value is not (1 or 2 or 4 or 8))
                        return Fail($"expecting scale factor of 1, 2, 4, or 8: got {scale.Value}");
                    operand.Scale = (byte)scale.Value;
                }
                SkipBlanks();
            }
            if (operand.Index != 0 && operand.Scale == 0)
                operand.Scale = 1;
            if (operand.Index == 0)
                operand.Scale = 0;
        }
        if (Peek() != ')')
            return Fail("expecting `)' after the base and index");
        _at++;
        // in (%dx), %al: the port, not memory.
        if (operand.Register == Registers.Dx && operand.Index == 0)
        {
            operand = Operand.Reg(Registers.Dx);
        }
        return true;
    }

    /// <summary>The register at the current place: its number, 0 where none is, -1 after an error.</summary>
    private int ParseRegister()
    {
        int start = _at;
        bool hasPercent = Peek() == '%';
        if (hasPercent)
        {
            _at++;
            SkipBlanks();
        }
        int from = _at;
        if (!IsNameStart(Peek()))
        {
            _at = start;
            return 0;
        }
        while (_at < _text.Length && (IsNameByte(_text[_at]) || _text[_at] == '$'))
            _at++;
        ReadOnlySpan<byte> name = _text[from.._at];
        int register = hasPercent || !_needsPercent ? Registers.Find(name) : 0;
        if (register == Registers.St0)
        {
            int saved = _at;
            SkipBlanks();
            if (Peek() == '(')
            {
                _at++;
                SkipBlanks();
                int digit = Peek() - '0';
                if (digit is >= 0 and <= 7)
                {
                    _at++;
                    SkipBlanks();
                    if (Peek() == ')')
                    {
                        _at++;
                        return Registers.St0 + digit;
                    }
                }
                _at = saved;
            }
            _at = saved;
        }
        if (register != 0)
        {
            if (_mode != 64 && IsLong(register))
                register = 0;
            else
                return register;
        }
        if (hasPercent)
        {
            Fail($"bad register name `%{Encoding.UTF8.GetString(name)}'");
            return -1;
        }
        register = _expressions.RegisterSymbol(name);
        if (register == 0)
            _at = start;
        return register;
    }

    /// <summary>Registers that 64-bit mode alone has.</summary>
    private static bool IsLong(int register) => Registers.ClassOf(register) switch
    {
        RegisterClass.Gpr64 => true,
        RegisterClass.Gpr32 or RegisterClass.Gpr16 => (register & 31) > 7,
        RegisterClass.Gpr8 => (register & 31) > 3,
        RegisterClass.Xmm or RegisterClass.Ymm or RegisterClass.Zmm => (register & 31) > 7,
        RegisterClass.Special => register is Registers.Rip or Registers.Riz,
        _ => false,
    };

    private bool ParseValue(ref Operand operand)
    {
        if (!_expressions.ParseExpression(_text, ref _at, out ExpressionValue value))
        {
            _error = null;
            return false;
        }
        operand.Symbol = value.Symbol;
        operand.Value = value.Addend;
        operand.Modifier = value.Modifier;
        return true;
    }
}
