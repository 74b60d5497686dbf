using System.Runtime.CompilerServices;

namespace Kiln.Isa.X86;

// Finds the row of the table that an instruction is encoded by. An operand is turned into the set of all that it can pass for, one 64-bit
// word; a row's operand type is such a set too, and they fit where they meet. Rows are tried in the table's order, which is GNU as's
// preference. What a set cannot say (does the number fit? does anything tell the size?) is checked on the row that fits otherwise.

internal static class Matcher
{
    /// <summary>The row of an instruction, or -1.</summary>
    public static int Find(in Instruction instruction, int mode, out EncodeStatus status)
    {
        int mnemonic = instruction.Mnemonic;
        if (mnemonic is 0 or >= Table.MnemonicCount)
        {
            status = EncodeStatus.UnknownMnemonic;
            return -1;
        }
        // A row's signature tells in one test whether the operands are roughly of its kinds.
        int count = instruction.OperandCount;
        if (count > 4)
        {
            status = EncodeStatus.OperandCount;
            return -1;
        }
        ulong key = count > 0 ? 1UL << CoarseOf(in instruction.Operand0) : 1;
        key |= count > 1 ? 1UL << CoarseOf(in instruction.Operand1) + 16 : 1UL << 16;
        key |= count > 2 ? 1UL << CoarseOf(in instruction.Operand2) + 32 : 1UL << 32;
        key |= count > 3 ? 1UL << CoarseOf(in instruction.Operand3) + 48 : 1UL << 48;
        int row = Table.FirstRow[mnemonic];
        ReadOnlySpan<ulong> signatures = Table.Signatures[row..Table.FirstRow[mnemonic + 1]];
        ulong bits0 = 0, bits1 = 0, bits2 = 0, bits3 = 0;
        int modeBit = mode == 64 ? 4 : mode >> 4;
        ReadOnlySpan<ulong> typeBits = Table.TypeBits;
        status = EncodeStatus.OperandMismatch;
        int deferred = -1;
        for (int i = 0; i < signatures.Length; i++, row++)
        {
            if ((signatures[i] & key) != key)
                continue;
            uint types = Table.Operands[row];
            if (count > 0)
            {
                if (bits0 == 0)
                {
                    bits0 = BitsOf(in instruction.Operand0);
                    bits1 = count > 1 ? BitsOf(in instruction.Operand1) : 0;
                    bits2 = count > 2 ? BitsOf(in instruction.Operand2) : 0;
                    bits3 = count > 3 ? BitsOf(in instruction.Operand3) : 0;
                }
                if ((typeBits[(int)(types & 0xff)] & bits0) == 0 ||
                    count > 1 && ((typeBits[(int)(types >> 8 & 0xff)] & bits1) == 0 ||
                    count > 2 && ((typeBits[(int)(types >> 16 & 0xff)] & bits2) == 0 ||
                    count > 3 && (typeBits[(int)(types >> 24)] & bits3) == 0)))
                    continue;
            }
            ulong e = Table.Encodings[row];
            if ((RowEncoding.Modes(e) & modeBit) == 0)
            {
                Worse(ref status, EncodeStatus.NotInMode);
                continue;
            }
            EncodeStatus check = Check(in instruction, row, e, types, mode);
            if (check != EncodeStatus.Ok)
            {
                Worse(ref status, check);
                if (check == EncodeStatus.AmbiguousSize)
                    return -1;
                continue;
            }
            // Where nothing tells the size, 16-bit code means 16 bits.
            if (mode == 16 && (e & RowEncoding.DefaultSize) != 0 && RowEncoding.OperandSize(e) == 3 && instruction.Size == 0 &&
                !NamesSize(in instruction))
            {
                if (deferred < 0)
                    deferred = row;
                continue;
            }
            status = EncodeStatus.Ok;
            return row;
        }
        if (deferred >= 0)
            status = EncodeStatus.Ok;
        else if (status == EncodeStatus.OperandMismatch && !TakesCount(mnemonic, count))
            status = EncodeStatus.OperandCount;
        return deferred;
    }

    private static bool TakesCount(int mnemonic, int count)
    {
        for (int row = Table.FirstRow[mnemonic]; row < Table.FirstRow[mnemonic + 1]; row++)
        {
            if (Forms.OperandCount(row) == count)
                return true;
        }
        return false;
    }

    /// <summary>The rough class of an operand.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int CoarseOf(in Operand operand)
    {
        if (operand.Kind == OperandKind.Register)
        {
            // By class: none, 64, 32, 16, 8, high 8, xmm, ymm, zmm, mask, mmx, x87, segment, control, debug, special, bound.
            ReadOnlySpan<byte> byClass = [0, 4, 3, 2, 1, 1, 7, 8, 13, 14, 9, 10, 11, 14, 14, 0, 14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
            int coarse = byClass[operand.Register >> 5 & 31];
            return coarse is 7 or 8 && (operand.Register & 16) != 0 ? (int)CoarseClass.Other : coarse;
        }
        ReadOnlySpan<byte> byKind = [0, 0, (byte)CoarseClass.Number, (byte)CoarseClass.Memory, (byte)CoarseClass.Target, 0, 0, 0];
        return byKind[(int)operand.Kind & 7];
    }

    private static bool NamesSize(in Instruction instruction) =>
        instruction.OperandCount > 0 && (instruction.Operand0.Kind == OperandKind.Register &&
            Registers.ClassOf(instruction.Operand0.Register) == RegisterClass.Gpr32 ||
            instruction.Operand0.Kind == OperandKind.Memory && instruction.Operand0.Size != 0);

    /// <summary>Keeps the status that says most about why nothing fits.</summary>
    private static void Worse(ref EncodeStatus status, EncodeStatus found)
    {
        if (Rank(found) > Rank(status))
            status = found;
    }

    private static int Rank(EncodeStatus status) => status switch
    {
        EncodeStatus.OperandCount => 0,
        EncodeStatus.OperandMismatch => 1,
        EncodeStatus.NotInMode => 2,
        EncodeStatus.SizeMismatch => 3,
        EncodeStatus.ImmediateRange => 4,
        _ => 5,
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong BitsOf(in Operand operand) => operand.Kind switch
    {
        OperandKind.Register => RegisterNames.Bits[operand.Register],
        OperandKind.Immediate => ImmediateBits(in operand),
        OperandKind.Memory => MemoryBits(in operand),
        OperandKind.Target => (ulong)OperandBits.Target,
        _ => 0,
    };

    private static ulong ImmediateBits(in Operand operand)
    {
        if (operand.Symbol != 0)
            return (ulong)OperandBits.SymbolNumber;
        return (ulong)(operand.Value switch
        {
            1 => OperandBits.Number | OperandBits.One,
            3 => OperandBits.Number | OperandBits.Three,
            _ => OperandBits.Number,
        });
    }

    private static ulong MemoryBits(in Operand operand)
    {
        OperandBits bits = operand.Size switch
        {
            0 => OperandBits.MAny,
            1 => OperandBits.M8,
            2 => OperandBits.M16,
            4 => OperandBits.M32,
            6 => OperandBits.M48,
            8 => OperandBits.M64,
            10 => OperandBits.M80,
            16 => OperandBits.M128,
            32 => OperandBits.M256,
            64 => OperandBits.M512,
            _ => OperandBits.MOther,
        };
        if (operand.Index != 0)
        {
            RegisterClass index = Registers.ClassOf(operand.Index);
            if (index is RegisterClass.Xmm)
                return (ulong)OperandBits.MVectorX;
            if (index is RegisterClass.Ymm)
                return (ulong)OperandBits.MVectorY;
        }
        else if (operand.Register == 0 && operand.Modifier != (byte)Target.X86Modifier.Got)
        {
            // An address that no displacement holds: moffs alone.
            if (operand.Symbol == 0 && (operand.Value > uint.MaxValue || operand.Value < int.MinValue))
                return (ulong)OperandBits.MOffset;
            bits |= OperandBits.MOffset;
        }
        return (ulong)bits;
    }

    /// <summary>Checks what the sets of bits do not tell.</summary>
    private static EncodeStatus Check(in Instruction instruction, int row, ulong e, uint types, int mode)
    {
        Suffix suffix = RowEncoding.SuffixOf(e);
        if (suffix != Suffix.None)
        {
            if (instruction.Size != 0 && RowEncoding.SizeOf(suffix) != instruction.Size)
                return EncodeStatus.SizeMismatch;
            if ((e & RowEncoding.NeedsSize) != 0 && instruction.Size == 0 && HasUnsizedMemory(in instruction))
                return EncodeStatus.AmbiguousSize;
        }
        if ((e & RowEncoding.NeedsVexPrefix) != 0 && (instruction.Prefixes & (uint)(Prefixes.Vex | Prefixes.Vex3)) == 0)
            return EncodeStatus.OperandMismatch;
        if (mode == 64 && IsOffsetMove(e) && (Mnemonic)instruction.Mnemonic == Mnemonic.Mov && !WantsOffset(in instruction))
            return EncodeStatus.OperandMismatch;
        if ((e & RowEncoding.OnlySized) != 0 && instruction.Size == 0)
            return EncodeStatus.SizeMismatch;
        if ((instruction.Prefixes & (uint)Prefixes.Data16) != 0 && mode != 64 && instruction.OperandCount == 1 &&
            instruction.Operand0.Kind == OperandKind.Target && RowEncoding.OperandSize(e) != (mode == 32 ? 2 : 3))
            return EncodeStatus.OperandMismatch; // data16 call foo: the prefix makes the distance a short one.
        if ((e & RowEncoding.IsRelaxable) != 0)
        {
            // The short form of a branch is the relaxer's to choose where the target is a symbol.
            if (instruction.Operand0.Symbol != 0 || (instruction.Prefixes & (uint)Prefixes.Disp32) != 0 ||
                instruction.Operand0.Value != (sbyte)instruction.Operand0.Value)
                return EncodeStatus.ImmediateRange;
        }
        if ((e & RowEncoding.IsExchange) != 0 && mode == 64 && RowEncoding.OperandSize(e) == 3 &&
            instruction.Operand0.Register == instruction.Operand1.Register)
            return EncodeStatus.OperandMismatch; // 90 is no exchange: it would keep the upper half of rax.
        if ((instruction.Prefixes & (uint)(Prefixes.Load | Prefixes.Store)) != 0 && !TakesDirection(in instruction, row, e))
            return EncodeStatus.OperandMismatch;
        ReadOnlySpan<byte> kinds = Table.TypeImmediates;
        for (int i = 0; types != 0; i++, types >>= 8)
        {
            var kind = (ImmediateKind)kinds[(int)(types & 0xff)];
            if (kind != ImmediateKind.None && !Fits(kind, in Unsafe.Add(ref Unsafe.AsRef(in instruction.Operand0), i), e))
                return EncodeStatus.ImmediateRange;
        }
        return EncodeStatus.Ok;
    }

    /// <summary>Whether a row is one of the moves between the accumulator and an absolute address (A0 to A3).</summary>
    private static bool IsOffsetMove(ulong e) =>
        (RowEncoding.Opcode(e) & 0xfc) == 0xa0 && RowEncoding.Map(e) == 0 && RowEncoding.Space(e) == 0;

    /// <summary>In 64-bit code <c>mov</c> takes that form where the address is of 32 bits (<c>addr32</c>) or no displacement holds it.</summary>
    private static bool WantsOffset(in Instruction instruction)
    {
        if ((instruction.Prefixes & (uint)(Prefixes.Rep | Prefixes.Repne)) != 0)
            return false; // xrelease takes the forms with ModRM alone.
        if ((instruction.Prefixes & (uint)Prefixes.Addr) != 0)
            return true;
        ref readonly Operand memory = ref instruction.Operand0;
        if (memory.Kind != OperandKind.Memory)
            memory = ref instruction.Operand1;
        return memory.Symbol == 0 && memory.Value != (int)memory.Value;
    }

    private static bool HasUnsizedMemory(in Instruction instruction)
    {
        for (int i = 0; i < instruction.OperandCount; i++)
        {
            ref readonly Operand operand = ref Unsafe.Add(ref Unsafe.AsRef(in instruction.Operand0), i);
            if (operand.Kind == OperandKind.Memory && operand.Size == 0)
                return true;
        }
        return false;
    }

    /// <summary>
    /// Whether a row of register operands is of the direction that <c>{load}</c> or <c>{store}</c> asks for; <c>mov.s</c> asks for the one that
    /// is not the usual.
    /// </summary>
    private static bool TakesDirection(in Instruction instruction, int row, ulong e)
    {
        if (RowEncoding.Extension(e) != RowEncoding.ExtensionRegister || instruction.OperandCount < 2 ||
            instruction.Operand0.Kind != OperandKind.Register || instruction.Operand1.Kind != OperandKind.Register)
            return true;
        bool wantsStore = (instruction.Prefixes & (uint)Prefixes.Store) != 0;
        if ((instruction.Prefixes & (uint)Prefixes.OtherDirection) == (uint)Prefixes.OtherDirection)
        {
            int usual = Table.FirstRow[instruction.Mnemonic];
            while (usual < row && !TakesRegisters(in instruction, usual))
                usual++;
            wantsStore = (Role)(Table.Roles[usual] & 15) != Role.ModRm;
        }
        bool isStore = (Role)(Table.Roles[row] & 15) == Role.ModRm;
        if (isStore == wantsStore)
            return true;
        // Where the mnemonic has no form of the other direction, the wish is idle.
        int end = Table.FirstRow[instruction.Mnemonic + 1];
        for (int other = Table.FirstRow[instruction.Mnemonic]; other < end; other++)
        {
            if (other != row && (Role)(Table.Roles[other] & 15) == Role.ModRm == wantsStore && TakesRegisters(in instruction, other))
                return false;
        }
        return true;
    }

    private static bool TakesRegisters(in Instruction instruction, int row) =>
        RowEncoding.Extension(Table.Encodings[row]) == RowEncoding.ExtensionRegister && Forms.OperandCount(row) == instruction.OperandCount &&
        (Table.TypeBits[(int)(Table.Operands[row] & 0xff)] & RegisterNames.Bits[instruction.Operand0.Register]) != 0 &&
        (Table.TypeBits[(int)(Table.Operands[row] >> 8 & 0xff)] & RegisterNames.Bits[instruction.Operand1.Register]) != 0;

    private static bool Fits(ImmediateKind kind, in Operand operand, ulong e)
    {
        if (operand.Symbol != 0)
            return kind != ImmediateKind.SignedByte && !(kind == ImmediateKind.SignedLong && operand.Modifier == (byte)Target.X86Modifier.Size);
        long value = operand.Value;
        if (operand.Kind == OperandKind.Target)
            return kind switch
            {
                ImmediateKind.Byte => value == (sbyte)value,
                ImmediateKind.Word => value is >= short.MinValue and <= ushort.MaxValue,
                _ => value == (int)value,
            };
        switch (kind)
        {
            case ImmediateKind.Byte:
                return value is >= sbyte.MinValue and <= byte.MaxValue;
            case ImmediateKind.Word:
                return value is >= short.MinValue and <= ushort.MaxValue;
            case ImmediateKind.Long:
                return value is >= int.MinValue and <= uint.MaxValue;
            case ImmediateKind.SignedLong:
                return value == (int)value;
            case ImmediateKind.SignedByte:
                // Numbers are the same modulo the operand size: 0xffff is -1 of 16 bits.
                if (RowEncoding.OperandSize(e) == 2 && value is >= short.MinValue and <= ushort.MaxValue)
                    value = (short)value;
                else if (RowEncoding.OperandSize(e) == 3 && value is >= int.MinValue and <= uint.MaxValue)
                    value = (int)value;
                return value == (sbyte)value;
            default:
                return true;
        }
    }
}
