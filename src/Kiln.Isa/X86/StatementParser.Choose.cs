using System.Text;

namespace Kiln.Isa.X86;

// Chooses, of the mnemonics that a name may stand for, the first of which some form fits the operands.

internal ref partial struct StatementParser
{
    private bool Choose(int entry, scoped ReadOnlySpan<byte> name, int size, ref Instruction instruction)
    {
        EncodeStatus best = EncodeStatus.UnknownMnemonic;
        for (; ; entry++)
        {
            int syntaxes = Table.EntrySyntaxes[entry];
            if ((syntaxes & (_isIntel ? 2 : 1)) != 0)
            {
                Instruction candidate = instruction;
                candidate.Mnemonic = Table.EntryMnemonics[entry];
                candidate.Size = size != 0 ? (byte)size : Table.EntrySizes[entry];
                EncodeStatus status = Try(ref candidate, Table.EntryMemory[entry], syntaxes);
                if (status == EncodeStatus.Ok)
                {
                    instruction = candidate;
                    return CheckPrefixes(in instruction);
                }
                if (best is EncodeStatus.UnknownMnemonic or EncodeStatus.OperandCount or EncodeStatus.OperandMismatch or EncodeStatus.NotInMode)
                    best = status;
            }
            if (!Names.HasNext(entry))
                break;
        }
        if (best == EncodeStatus.UnknownMnemonic)
            return Fail($"no such instruction: `{Encoding.UTF8.GetString(_text)}'");
        return Fail(X86InstructionSet.Explain(best, Encoding.UTF8.GetString(name), _mode));
    }

    private EncodeStatus Try(ref Instruction candidate, int sourceSize, int syntaxes)
    {
        if (candidate.OperandCount > 0)
        {
            if (IsString(candidate.Mnemonic) || (Mnemonic)candidate.Mnemonic == Mnemonic.Xlatb)
                FoldStringOperands(ref candidate);
            else
                FoldImpliedRegisters(ref candidate);
        }
        // inb $0x60, outb (%dx): the accumulator goes without saying.
        if ((Mnemonic)candidate.Mnemonic is Mnemonic.In or Mnemonic.Out && candidate.OperandCount == 1 && candidate.Size is 1 or 2 or 4)
        {
            Operand accumulator = Operand.Reg(Registers.General(0, candidate.Size));
            candidate.OperandCount = 2;
            if ((Mnemonic)candidate.Mnemonic == Mnemonic.Out)
                candidate.Operand1 = accumulator;
            else
                (candidate.Operand0, candidate.Operand1) = (accumulator, candidate.Operand0);
        }
        // A bare address is where a branch goes, and the memory that anything else works on.
        ref Operand first = ref candidate.Operand0;
        if (candidate.OperandCount == 1 && first.Kind is OperandKind.Memory or OperandKind.Immediate && Forms.HasTarget(candidate.Mnemonic) &&
            first.Register == 0 && first.Index == 0 && first.Segment == 0 && (first.Extra & (ushort)OperandFlags.Indirect) == 0)
        {
            if (first.Kind == OperandKind.Immediate && !_isIntel)
                return EncodeStatus.OperandMismatch;
            first.Kind = OperandKind.Target;
            if (first.Symbol == 0)
            {
                first.Symbol = _expressions.AbsoluteSymbol(first.Value);
                first.Value = 0;
            }
        }
        if (sourceSize != 0)
        {
            ref Operand source = ref candidate.Operand1;
            if (source.Kind == OperandKind.Memory && source.Size == 0)
                source.Size = (byte)sourceSize;
            else if (source.Kind == OperandKind.Register && Registers.SizeOf(source.Register) != sourceSize)
                return EncodeStatus.OperandMismatch;
        }
        int row = Matcher.Find(in candidate, _mode, out EncodeStatus status);
        if (status == EncodeStatus.AmbiguousSize && !_isIntel)
        {
            // AT&T's default where nothing tells the size.
            candidate.Size = (byte)(_mode == 16 ? 2 : 4);
            row = Matcher.Find(in candidate, _mode, out status);
        }
        if (row < 0)
            return status;
        if (!_isIntel && (Table.Encodings[row] & RowEncoding.SwappedName) != 0 != ((syntaxes & 4) != 0))
            return EncodeStatus.OperandMismatch;
        // movs, cmps and their like have their size from the operands alone.
        if ((Table.Encodings[row] & RowEncoding.IsString) != 0 && candidate.Extra != 0 &&
            RowEncoding.SizeOf(RowEncoding.SuffixOf(Table.Encodings[row])) != candidate.Extra)
            return EncodeStatus.SizeMismatch;
        return EncodeStatus.Ok;
    }

    private static bool IsString(int mnemonic) => (Table.Encodings[Table.FirstRow[mnemonic]] & RowEncoding.IsString) != 0;

    /// <summary>
    /// String instructions may be written with their operands (<c>rep stos %al, %es:(%rdi)</c>), which say nothing but the size, the address
    /// size and the segment of the source.
    /// </summary>
    private readonly void FoldStringOperands(ref Instruction candidate)
    {
        int size = 0, segment = 0, memories = 0;
        bool isShort = false;
        for (int i = 0; i < candidate.OperandCount; i++)
        {
            ref Operand operand = ref candidate[i];
            if (operand.Kind == OperandKind.Register)
            {
                if (operand.Register != Registers.Dx)
                {
                    if ((operand.Register & 31) != 0 || Registers.ClassOf(operand.Register) > RegisterClass.Gpr8)
                        return;
                    size = Registers.SizeOf(operand.Register);
                }
                continue;
            }
            memories++;
            if (operand.Kind != OperandKind.Memory || operand.Index != 0 || operand.Value != 0 || operand.Symbol != 0 ||
                (operand.Register & 31) is not (3 or 6 or 7) || Registers.ClassOf(operand.Register) > RegisterClass.Gpr16)
                return;
            if (operand.Size != 0)
                size = operand.Size;
            bool isSource = (operand.Register & 31) != 7;
            if (operand.Segment != 0 && isSource && operand.Segment != Registers.Ds)
                segment = (operand.Segment & 31) + 1;
            isShort |= Registers.SizeOf(operand.Register) * 8 != _mode;
        }
        if (memories == 0)
            return;
        if (candidate.Size == 0)
            candidate.Extra = (byte)size;
        candidate.Prefixes |= (uint)segment << 20 | (isShort ? (uint)Prefixes.Addr : 0);
        candidate.OperandCount = 0;
    }

    /// <summary>
    /// Instructions that work on fixed registers may be written with them (<c>monitor %rax, %ecx, %edx</c>). The first is an address where the
    /// others are not: its width is the address size.
    /// </summary>
    private readonly void FoldImpliedRegisters(ref Instruction candidate)
    {
        int row = Table.FirstRow[candidate.Mnemonic];
        ulong e = Table.Encodings[row];
        bool isFixed = RowEncoding.Map(e) == 1 && RowEncoding.Opcode(e) == 1 && RowEncoding.Extension(e) == RowEncoding.ExtensionFixed;
        bool isWait = (Mnemonic)candidate.Mnemonic is Mnemonic.Umwait or Mnemonic.Tpause;
        int kept = isWait ? 1 : 0;
        if (!isFixed && !isWait || candidate.OperandCount <= kept)
            return;
        // Such operands stand in the same order in either syntax.
        if (!_isIntel)
        {
            for (int i = 0, k = candidate.OperandCount - 1; i < k; i++, k--)
                (candidate[i], candidate[k]) = (candidate[k], candidate[i]);
        }
        int address = 0;
        for (int i = kept; i < candidate.OperandCount; i++)
        {
            ref Operand operand = ref candidate[i];
            if (operand.Kind != OperandKind.Register || Registers.ClassOf(operand.Register) > RegisterClass.Gpr16 || (operand.Register & 31) > 3)
                return;
            if ((operand.Register & 31) == 0)
                address = Registers.SizeOf(operand.Register) * 8;
        }
        if (isFixed && address != 0 && address != _mode && (Mnemonic)candidate.Mnemonic is not (Mnemonic.Mwait or Mnemonic.Mwaitx))
            candidate.Prefixes |= (uint)Prefixes.Addr;
        candidate.OperandCount = (byte)kept;
    }

    private bool CheckPrefixes(in Instruction instruction)
    {
        if ((instruction.Prefixes & (uint)Prefixes.Lock) == 0)
            return true;
        int row = Matcher.Find(in instruction, _mode, out _);
        if ((Table.Encodings[row] & RowEncoding.Lockable) == 0 || instruction.Operand0.Kind != OperandKind.Memory &&
            !((Mnemonic)instruction.Mnemonic == Mnemonic.Xchg && instruction.Operand1.Kind == OperandKind.Memory))
            return Fail("expecting lockable instruction after `lock'");
        return true;
    }
}
