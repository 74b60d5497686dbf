using System.Buffers.Binary;
using Kiln.Base;
using Kiln.Target;

namespace Kiln.Isa.X86;

/// <summary>Branches with a short and a long form, fields filled in late, and padding.</summary>
internal static class Relaxation
{
    private const int JumpOpcode = 0xeb;

    /// <summary>jmp and jcc to a symbol. Form: the short opcode, then a prefix byte, then the modifier.</summary>
    public static bool TryRelax(in Instruction instruction, int mode, out RelaxableInstruction relaxable)
    {
        relaxable = default;
        ref readonly Operand target = ref instruction.Operand0;
        if (target.Kind != OperandKind.Target || target.Symbol == 0 || target.Modifier is not (0 or (byte)X86Modifier.Plt) || instruction.Size != 0 ||
            instruction.Mnemonic >= Table.MnemonicCount)
            return false;
        ulong e = Table.Encodings[Table.FirstRow[instruction.Mnemonic]];
        if ((e & RowEncoding.IsRelaxable) == 0)
            return false;
        uint prefix = ((Prefixes)instruction.Prefixes & ~Prefixes.Wishes) switch
        {
            Prefixes.None => 0,
            Prefixes.Repne => 0xf2,
            (Prefixes)(2 << 20) => 0x2e,
            (Prefixes)(4 << 20) => 0x3e,
            _ => uint.MaxValue,
        };
        if (prefix == uint.MaxValue)
            return false;
        int opcode = RowEncoding.Opcode(e), extra = prefix != 0 ? 1 : 0;
        relaxable = new RelaxableInstruction
        {
            Form = (uint)opcode | prefix << 8 | (uint)target.Modifier << 16,
            ShortSize = (byte)(2 + extra),
            LongSize = (byte)((opcode == JumpOpcode ? 1 : 2) + (mode == 16 ? 2 : 4) + extra),
            Symbol = target.Symbol,
            Addend = target.Value,
        };
        return true;
    }

    public static void Write(in RelaxableInstruction relaxable, bool isLong, int mode, ByteWriter code, GrowBuffer<Fixup> fixups)
    {
        int opcode = (int)(relaxable.Form & 0xff), prefix = (int)(relaxable.Form >> 8 & 0xff);
        int start = code.Length;
        if (prefix != 0)
            code.U8(prefix);
        int size = !isLong ? 1 : mode == 16 ? 2 : 4;
        if (!isLong)
            code.U8(opcode);
        else if (opcode == JumpOpcode)
            code.U8(0xe9);
        else
        {
            code.U8(0x0f);
            code.U8(opcode + 0x10);
        }
        fixups.Add(new Fixup
        {
            Offset = code.Length - start,
            Kind = (byte)(size switch { 1 => X86FixupKind.Branch8, 2 => X86FixupKind.Branch16, _ => X86FixupKind.Branch32 }),
            Size = (byte)size,
            Modifier = (byte)(relaxable.Form >> 16),
            Symbol = relaxable.Symbol,
            Addend = relaxable.Addend - size,
        });
        code.Fill(0, size);
    }

    public static int FieldSize(X86FixupKind kind) => kind switch
    {
        X86FixupKind.Abs8 or X86FixupKind.PcRel8 or X86FixupKind.Branch8 => 1,
        X86FixupKind.Abs16 or X86FixupKind.PcRel16 or X86FixupKind.Branch16 => 2,
        X86FixupKind.Abs32 or X86FixupKind.Abs32S or X86FixupKind.PcRel32 or X86FixupKind.Branch32 => 4,
        X86FixupKind.Abs64 or X86FixupKind.PcRel64 => 8,
        X86FixupKind.None or X86FixupKind.Mark => 0,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    public static bool Apply(Span<byte> field, X86FixupKind kind, long value)
    {
        switch (kind)
        {
            case X86FixupKind.Abs8:
                field[0] = (byte)value;
                return value is >= sbyte.MinValue and <= byte.MaxValue;
            case X86FixupKind.PcRel8 or X86FixupKind.Branch8:
                field[0] = (byte)value;
                return value == (sbyte)value;
            case X86FixupKind.Abs16 or X86FixupKind.PcRel16 or X86FixupKind.Branch16:
                BinaryPrimitives.WriteInt16LittleEndian(field, (short)value);
                return value is >= short.MinValue and <= ushort.MaxValue;
            case X86FixupKind.Abs32:
                BinaryPrimitives.WriteInt32LittleEndian(field, (int)value);
                return value is >= int.MinValue and <= uint.MaxValue;
            case X86FixupKind.Abs32S or X86FixupKind.PcRel32 or X86FixupKind.Branch32:
                BinaryPrimitives.WriteInt32LittleEndian(field, (int)value);
                return value == (int)value;
            case X86FixupKind.Abs64 or X86FixupKind.PcRel64:
                BinaryPrimitives.WriteInt64LittleEndian(field, value);
                return true;
            case X86FixupKind.None or X86FixupKind.Mark:
                return true;
            default:
                throw new ArgumentOutOfRangeException(nameof(kind), kind, null);
        }
    }

    /// <summary>Padding of 1..11 bytes: a length's pattern starts at n(n-1)/2. Long nops exist since the Pentium Pro.</summary>
    private static ReadOnlySpan<byte> LongNops =>
    [
        0x90,
        0x66, 0x90,
        0x0f, 0x1f, 0x00,
        0x0f, 0x1f, 0x40, 0x00,
        0x0f, 0x1f, 0x44, 0x00, 0x00,
        0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00,
        0x0f, 0x1f, 0x80, 0x00, 0x00, 0x00, 0x00,
        0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x66, 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x66, 0x2e, 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x66, 0x66, 0x2e, 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00,
    ];

    /// <summary>What an i386 runs too: lea 0(%esi), %esi and its like, 1..7 bytes.</summary>
    private static ReadOnlySpan<byte> OldNops =>
    [
        0x90,
        0x66, 0x90,
        0x8d, 0x76, 0x00,
        0x8d, 0x74, 0x26, 0x00,
        0x8d, 0x74, 0x26, 0x00, 0x90,
        0x8d, 0xb6, 0x00, 0x00, 0x00, 0x00,
        0x8d, 0xb4, 0x26, 0x00, 0x00, 0x00, 0x00,
    ];

    /// <summary>16-bit code: lea 0(%si), %si, 1..4 bytes.</summary>
    private static ReadOnlySpan<byte> RealNops =>
    [
        0x90,
        0x66, 0x90,
        0x8d, 0x74, 0x00,
        0x8d, 0xb4, 0x00, 0x00,
    ];

    /// <summary>GNU as's padding: the longest first; past a number of them a jump over the rest.</summary>
    public static void Nops(Span<byte> bytes, int mode, int maximum)
    {
        ReadOnlySpan<byte> patterns = mode == 64 ? LongNops : mode == 32 ? OldNops : RealNops;
        int longest = mode == 64 ? 11 : mode == 32 ? 7 : 4, most = mode == 64 ? 7 : 2;
        if (maximum > 0)
            longest = Math.Min(longest, maximum);
        else if (bytes.Length / longest > most)
            bytes = bytes[Jump(bytes, mode)..];
        while (bytes.Length > 0)
        {
            int size = Math.Min(longest, bytes.Length);
            patterns.Slice(size * (size - 1) / 2, size).CopyTo(bytes);
            bytes = bytes[size..];
        }
    }

    private static int Jump(Span<byte> bytes, int mode)
    {
        if (bytes.Length <= sbyte.MaxValue + 2)
        {
            bytes[0] = JumpOpcode;
            bytes[1] = (byte)(bytes.Length - 2);
            return 2;
        }
        int at = 0;
        if (mode == 16)
            bytes[at++] = 0x66;
        bytes[at++] = 0xe9;
        BinaryPrimitives.WriteInt32LittleEndian(bytes[at..], bytes.Length - at - 4);
        return at + 4;
    }
}
