using Kiln.Base;
using Kiln.Isa;
using Kiln.Isa.X86;

namespace Kiln.Tests.Isa;

/// <summary>Makes instructions of every row of the x86 table: registers low and high, memory in several forms, numbers of several sizes.</summary>
internal static class X86Samples
{
    /// <summary>Instructions that a row takes, in a mode.</summary>
    public static IEnumerable<Instruction> Of(int row, int mode, int variants = 6)
    {
        ulong e = Table.Encodings[row];
        int modeBit = mode == 64 ? 4 : mode == 32 ? 2 : 1;
        if ((RowEncoding.Modes(e) & modeBit) == 0)
            yield break;
        var seen = new HashSet<string>();
        for (int variant = 0; variant < variants; variant++)
        {
            var instruction = new Instruction { Mnemonic = Table.RowMnemonic[row], OperandCount = (byte)Forms.OperandCount(row) };
            if ((e & RowEncoding.NeedsVexPrefix) != 0)
                instruction.Prefixes = (uint)Prefixes.Vex;
            bool ok = true;
            for (int i = 0; i < instruction.OperandCount; i++)
                ok &= Make(row, i, variant, mode, out instruction[i]);
            if (!ok)
                continue;
            Suffix suffix = RowEncoding.SuffixOf(e);
            if (suffix != Suffix.None)
                instruction.Size = (byte)RowEncoding.SizeOf(suffix);
            if (seen.Add(Describe(in instruction)))
                yield return instruction;
        }
    }

    private static string Describe(in Instruction instruction)
    {
        var output = new ByteWriter();
        X86InstructionSet.Instance.Print(in instruction, 64, AssemblySyntax.Gnu, NoSymbols.Instance, output);
        string text = System.Text.Encoding.UTF8.GetString(output.Span);
        for (int i = 0; i < instruction.OperandCount; i++)
        {
            Instruction copy = instruction;
            Operand o = copy[i];
            text += $"|{o.Kind} {o.Register} {o.Index} {o.Scale} {o.Value} {o.Size}";
        }
        return text;
    }

    private static bool Make(int row, int index, int variant, int mode, out Operand operand)
    {
        int type = (int)(Table.Operands[row] >> index * 8 & 0xff);
        var bits = (OperandBits)Table.TypeBits[type];
        var immediate = (ImmediateKind)Table.TypeImmediates[type];
        bool high = mode == 64;
        operand = default;
        if ((bits & OperandBits.Target) != 0)
        {
            operand = new Operand { Kind = OperandKind.Target, Value = immediate == ImmediateKind.Byte ? 5 + variant : 300 + variant };
            return variant < 2;
        }
        if (immediate != ImmediateKind.None)
        {
            operand = Operand.Imm(immediate switch
            {
                ImmediateKind.Byte => variant == 0 ? 0x12 : variant == 1 ? 7 : 1 + variant,
                ImmediateKind.SignedByte => variant == 0 ? -5 : variant == 1 ? 1 : 0x7f,
                ImmediateKind.Word => variant == 0 ? 0x1234 : -30000,
                ImmediateKind.Long => variant == 0 ? 0x12345678 : variant == 1 ? 300 : 0x7fffffff,
                ImmediateKind.SignedLong => variant == 0 ? -0x12345678 : variant == 1 ? 300 : int.MinValue,
                _ => 0x123456789abcdef0,
            });
            return true;
        }
        if ((bits & (OperandBits.One | OperandBits.Three)) != 0)
        {
            operand = Operand.Imm((bits & OperandBits.One) != 0 ? 1 : 3);
            return true;
        }
        bool wantsMemory = (bits & (OperandBits.MAny | OperandBits.MOffset | OperandBits.MVectorX | OperandBits.MVectorY)) != 0;
        OperandBits registers = bits & ~(OperandBits.MAny | OperandBits.MOffset | OperandBits.MVectorX | OperandBits.MVectorY);
        if (registers != 0 && (!wantsMemory || variant is 0 or 1 or 5))
        {
            // The choice differs by operand, so that exchanged operands show.
            int wanted = variant == 0 ? 1 + index : variant == 1 && high ? 9 + index * 2 : variant == 2 ? 6 - index : variant == 5 && high ? (index == 0 ? 3 : 13 - index) : 0;
            for (int register = 1, hits = 0; register < Registers.Limit * 2; register++)
            {
                int number = register % Registers.Limit;
                if (((OperandBits)RegisterNames.Bits[number] & registers) == 0 || !high && !In32(number))
                    continue;
                if (System.Numerics.BitOperations.PopCount((ulong)registers) == 1 && (number & 31) != wanted && register < Registers.Limit)
                    continue;
                if (Registers.ClassOf(number) == RegisterClass.Control && (number & 31) is not (0 or 2 or 3 or 4 or 8) ||
                    Registers.ClassOf(number) == RegisterClass.Segment && (number & 31) is 1)
                    continue;
                hits++;
                operand = Operand.Reg(number);
                return true;
            }
            return false;
        }
        if (!wantsMemory)
            return false;
        int size = Table.TypeSizes[type];
        if ((bits & OperandBits.MOffset) != 0)
        {
            operand = Operand.Mem(size, 0, displacement: mode == 16 ? 0x1234 : mode == 32 ? 0x12345678 : 0x123456789abc + variant);
            return variant == 0;
        }
        if ((bits & (OperandBits.MVectorX | OperandBits.MVectorY)) != 0)
        {
            int vector = (bits & OperandBits.MVectorX) != 0 ? Registers.Xmm0 : Registers.Ymm0;
            operand = Operand.Mem(size, mode == 64 ? Registers.Rdi : Registers.Edi, vector + (variant == 1 && high ? 14 : 7), 4, variant * 100);
            return variant < (high ? 2 : 1);
        }
        int addressSize = 8 << RowEncoding.AddressSize(Table.Encodings[row]);
        if (addressSize > 8)
        {
            operand = Operand.Mem(size, addressSize == 64 ? Registers.Rdi : addressSize == 32 ? Registers.Edi : Registers.Di, displacement: variant);
            return true;
        }
        operand = (mode, variant) switch
        {
            (64, 0) => Operand.Mem(size, Registers.Rax),
            (64, 1) => Operand.Mem(size, Registers.R13, Registers.R14, 4, 0x40),
            (64, 2) => Operand.Mem(size, Registers.Rbp),
            (64, 3) => Operand.Mem(size, Registers.Rsp, Registers.R12, 8, -0x12345),
            (64, 4) => Operand.Mem(size, 0, Registers.Rdx, 2, 0x1000),
            (64, _) => Operand.Mem(size, Registers.Rip, displacement: 0x77),
            (32, 0) => Operand.Mem(size, Registers.Eax),
            (32, 1) => Operand.Mem(size, Registers.Ebp, Registers.Esi, 4, 0x40),
            (32, 2) => Operand.Mem(size, Registers.Esp),
            (32, 3) => Operand.Mem(size, 0, Registers.Edi, 8, -0x12345),
            (32, _) => Operand.Mem(size, 0, displacement: 0x12345),
            (_, 0) => Operand.Mem(size, Registers.Bx),
            (_, 1) => Operand.Mem(size, Registers.Bp, Registers.Si, 1, 0x40),
            (_, 2) => Operand.Mem(size, Registers.Bp),
            (_, 3) => Operand.Mem(size, Registers.Di, displacement: 0x1234),
            (_, 4) => Operand.Mem(size, 0, displacement: 0x1234),
            (_, _) => Operand.Mem(size, Registers.Eax, Registers.Ecx, 2, 8),
        };
        return true;
    }

    private static bool In32(int register) => Registers.ClassOf(register) switch
    {
        RegisterClass.Gpr64 or RegisterClass.Special => false,
        RegisterClass.Gpr8 => (register & 31) < 4,
        _ => (register & 31) < 8,
    };
}

/// <summary>A symbol writer for instructions without symbols.</summary>
internal sealed class NoSymbols : ISymbolWriter
{
    public static NoSymbols Instance { get; } = new();

    public void WriteSymbol(int symbol, long addend, int modifier, ByteWriter output)
    {
        output.Text("sym" + symbol);
        ReadOnlySpan<byte> name = X86InstructionSet.Instance.ModifierName(modifier);
        if (name.Length > 0)
        {
            output.U8('@');
            output.Bytes(name);
        }
        if (addend != 0)
            output.Text(addend.ToString("+0;-0"));
    }
}

/// <summary>An expression parser for numbers and for names <c>symN</c>, with modifiers and sums.</summary>
internal sealed class NumberParser : IExpressionParser
{
    public static NumberParser Instance { get; } = new();

    public bool ParseExpression(ReadOnlySpan<byte> text, ref int position, out ExpressionValue value)
    {
        value = default;
        int sign = 1;
        bool any = false;
        while (true)
        {
            while (position < text.Length && text[position] == ' ')
                position++;
            if (position < text.Length && text[position] is (byte)'+' or (byte)'-')
            {
                sign = text[position++] == '-' ? -1 : 1;
                continue;
            }
            int start = position;
            while (position < text.Length && (char.IsAsciiLetterOrDigit((char)text[position]) || text[position] is (byte)'.' or (byte)'_'))
                position++;
            if (position == start)
                return any;
            string word = System.Text.Encoding.UTF8.GetString(text[start..position]);
            any = true;
            if (word.StartsWith("sym", StringComparison.Ordinal))
                value.Symbol = int.Parse(word[3..]);
            else if (word == ".")
                value.Symbol = 1;
            else if (word.StartsWith("0x", StringComparison.Ordinal))
                value.Addend += sign * Convert.ToInt64(word, 16);
            else
                value.Addend += (long)((ulong)sign * ulong.Parse(word));
            if (position < text.Length && text[position] == '@')
            {
                start = ++position;
                while (position < text.Length && char.IsAsciiLetterOrDigit((char)text[position]))
                    position++;
                value.Modifier = (byte)X86InstructionSet.Instance.FindModifier(text[start..position]);
            }
            if (position >= text.Length || text[position] is not ((byte)'+' or (byte)'-'))
                return true;
            sign = 1;
        }
    }

    public int AbsoluteSymbol(long value) => 1;

    public int RegisterSymbol(ReadOnlySpan<byte> name) => 0;
}
