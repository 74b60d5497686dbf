using System.Numerics;

namespace Kiln.Isa.X86;

/// <summary>What an instruction does with an operand.</summary>
[Flags]
public enum OperandAccess : byte
{
    None = 0,
    Read = 1,
    Write = 2,
    ReadWrite = 3,
}

/// <summary>Flags of rFLAGS, as the table's rows list them.</summary>
[Flags]
public enum StatusFlags : byte
{
    None = 0,
    Carry = 1,
    Parity = 2,
    Adjust = 4,
    Zero = 8,
    Sign = 16,
    Overflow = 32,
    Direction = 64,
    Interrupt = 128,
}

/// <summary>
/// What the table says of a form (a row): its operands' access, the registers and flags that it reads and writes without naming
/// them. Sets of registers are bit sets: bit 0..15 the general registers by hardware number, 16..47 the vector registers,
/// <see cref="X87Stack"/>, <see cref="Memory"/>.
/// </summary>
public static class Forms
{
    public const ulong X87Stack = 1UL << 48, Memory = 1UL << 52;

    /// <summary>How many mnemonics there are; their numbers begin at 1.</summary>
    public const int MnemonicCount = Table.MnemonicCount;

    /// <summary>Whether a mnemonic is encoded with VEX.</summary>
    public static bool IsVex(Mnemonic mnemonic) => RowEncoding.Space(Table.Encodings[Table.FirstRow[(int)mnemonic]]) == 1;

    /// <summary>A form of the mnemonic with so many operands (the first: access is the same in nearly all), or -1.</summary>
    public static int Find(Mnemonic mnemonic, int operandCount)
    {
        int end = Table.FirstRow[(int)mnemonic + 1];
        for (int row = Table.FirstRow[(int)mnemonic]; row < end; row++)
        {
            if (OperandCount(row) == operandCount)
                return row;
        }
        return -1;
    }

    /// <summary>The form that an instruction is encoded by, or -1.</summary>
    public static int Find(in Instruction instruction, int mode) => Matcher.Find(in instruction, mode, out _);

    /// <summary>Whether a mnemonic has a form that branches to a label.</summary>
    public static bool HasTarget(int mnemonic) =>
        (Table.TypeBits[(int)(Table.Operands[Table.FirstRow[mnemonic]] & 0xff)] & (ulong)OperandBits.Target) != 0;

    /// <summary>How many explicit operands a form has.</summary>
    public static int OperandCount(int form) => 4 - (BitOperations.LeadingZeroCount(Table.Operands[form]) >> 3);

    /// <summary>What a form does with an explicit operand.</summary>
    public static OperandAccess Access(int form, int operand) => (OperandAccess)(Table.Accesses[form] >> operand * 2 & 3);

    /// <summary>Registers that a form reads beside its operands.</summary>
    public static ulong ImplicitReads(int form) => Table.ImplicitReads[Table.Implicit[form]];

    /// <summary>Registers that a form writes beside its operands.</summary>
    public static ulong ImplicitWrites(int form) => Table.ImplicitWrites[Table.Implicit[form]];

    /// <summary>The form's suffix tells the operand size in bytes; 0 where it has none.</summary>
    public static int SizeOf(int form) => RowEncoding.SizeOf(RowEncoding.SuffixOf(Table.Encodings[form]));

    /// <summary>Flags that a form reads.</summary>
    public static StatusFlags FlagsRead(int form) => (StatusFlags)Table.Flags[form];

    /// <summary>Flags that have the form's result afterwards.</summary>
    public static StatusFlags FlagsWritten(int form) => (StatusFlags)(Table.Flags[form] >> 8);

    /// <summary>Flags that hold nothing of use afterwards.</summary>
    public static StatusFlags FlagsUndefined(int form) => (StatusFlags)(Table.Flags[form] >> 16);
}
