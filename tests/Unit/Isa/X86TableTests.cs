using System.Text;
using Kiln.Base;
using Kiln.Isa;
using Kiln.Isa.X86;
using Xunit;
using Ic = Iced.Intel;

namespace Kiln.Tests.Isa;

/// <summary>Invariants of every row of the x86 table.</summary>
public sealed class X86TableTests
{
    private static readonly X86InstructionSet Isa = X86InstructionSet.Instance;

    public static TheoryData<int, AssemblySyntax> ModesAndSyntaxes => new()
    {
        { 64, AssemblySyntax.Gnu }, { 32, AssemblySyntax.Gnu }, { 16, AssemblySyntax.Gnu },
        { 64, AssemblySyntax.Intel }, { 32, AssemblySyntax.Intel }, { 16, AssemblySyntax.Intel },
    };

    private static string Hex(ByteWriter code) => Convert.ToHexStringLower(code.Span);

    private static string Text(in Instruction instruction, int mode, AssemblySyntax syntax)
    {
        var output = new ByteWriter();
        Isa.Print(in instruction, mode, syntax, NoSymbols.Instance, output);
        return Encoding.UTF8.GetString(output.Span);
    }

    /// <summary>What Intel syntax cannot say: the size of descriptor tables and of far branches other than the mode's.</summary>
    private static bool IsSayable(int row, int mode, AssemblySyntax syntax) =>
        syntax == AssemblySyntax.Gnu || (Table.Encodings[row] & RowEncoding.OnlySized) == 0 &&
        (Mnemonic)Table.RowMnemonic[row] is not (Mnemonic.Jmpf or Mnemonic.Callf or Mnemonic.Sysexit) &&
        (mode != 16 || (Mnemonic)Table.RowMnemonic[row] is not (Mnemonic.Jmp or Mnemonic.Call));

    [Theory]
    [MemberData(nameof(ModesAndSyntaxes))]
    public void Encode_decode_print_parse_is_a_fixpoint(int mode, AssemblySyntax syntax)
    {
        var failures = new StringBuilder();
        int count = 0;
        for (int row = 0; row < Table.RowCount; row++)
        {
            foreach (Instruction sample in X86Samples.Of(row, mode))
            {
                if (!IsSayable(row, mode, syntax))
                    continue;
                count++;
                string text = Text(in sample, mode, syntax);
                ByteWriter code = new(), again = new();
                GrowBuffer<Fixup> fixups = new();
                Assert.Equal(EncodeStatus.Ok, Isa.Encode(in sample, mode, code, fixups));
                // A prefix alone, and x87's wait in front, are no instruction to the decoder.
                Instruction decoded = sample;
                bool isPrefix = Forms.OperandCount(row) == 0 && code.Length == 1 && (Table.Encodings[row] & RowEncoding.NoDecode) != 0;
                if (!isPrefix && code.Span[0] != 0x9b && Isa.Decode(code.Span, mode, out decoded) != code.Length)
                {
                    failures.AppendLine($"{text}: {Hex(code)} decodes to {Text(in decoded, mode, syntax)}");
                    continue;
                }
                foreach (string line in (string[])[text, Text(in decoded, mode, syntax)])
                {
                    again.Clear();
                    if (!Isa.Parse(Encoding.UTF8.GetBytes(line), mode, syntax, NumberParser.Instance, out Instruction parsed, out string? error))
                    {
                        failures.AppendLine($"{line}: {error}");
                        continue;
                    }
                    if (parsed.Operand0.Kind == OperandKind.Target)
                        parsed.Operand0 = sample.Operand0;
                    Isa.Encode(in parsed, mode, again, fixups);
                    if (Hex(again) != Hex(code))
                        failures.AppendLine($"{line}: {Hex(code)} comes back as {Hex(again)}");
                }
            }
        }
        Assert.True(failures.Length == 0, failures.ToString());
        Assert.True(count > 8000);
    }

    [Theory]
    [MemberData(nameof(ModesAndSyntaxes))]
    public void Gnu_as_makes_the_same_bytes(int mode, AssemblySyntax syntax)
    {
        Assert.SkipUnless(GnuAssembler.IsInstalled, "GNU as is not installed");
        List<string> lines = [], expected = [];
        for (int row = 0; row < Table.RowCount; row++)
        {
            foreach (Instruction sample in X86Samples.Of(row, mode))
            {
                if (!IsSayable(row, mode, syntax))
                    continue;
                var code = new ByteWriter();
                Isa.Encode(in sample, mode, code, new GrowBuffer<Fixup>());
                lines.Add(Text(in sample, mode, syntax));
                expected.Add(Hex(code));
            }
        }
        string[] actual = GnuAssembler.Assemble(lines, mode, syntax == AssemblySyntax.Intel);
        var failures = new StringBuilder();
        for (int i = 0; i < lines.Count; i++)
        {
            if (actual[i] != expected[i])
                failures.AppendLine($"{lines[i]}: {expected[i]}, GNU as: {actual[i]}");
        }
        Assert.True(failures.Length == 0, failures.ToString());
    }

    [Theory]
    [InlineData(64)]
    [InlineData(32)]
    [InlineData(16)]
    public void Iced_reads_the_same_instruction(int mode)
    {
        var failures = new StringBuilder();
        for (int row = 0; row < Table.RowCount; row++)
        {
            if ((Table.Encodings[row] & RowEncoding.NoDecode) != 0)
                continue;
            foreach (Instruction sample in X86Samples.Of(row, mode))
            {
                var code = new ByteWriter();
                Isa.Encode(in sample, mode, code, new GrowBuffer<Fixup>());
                if (code.Span[0] == 0x9b || Forms.Find(in sample, mode) != row || IsUnknownToIced((Mnemonic)sample.Mnemonic))
                    continue;
                Ic.Decoder.Create(mode, new Ic.ByteArrayCodeReader(code.ToArray())).Decode(out Ic.Instruction other);
                if (other.IsInvalid && (Table.Operands[row] & 0xff) != 0 && IsReserved(in sample))
                    continue;
                Compare(in sample, in other, code, failures);
            }
        }
        Assert.True(failures.Length == 0, failures.ToString());
    }

    /// <summary>dr8 and its like have numbers but do not exist.</summary>
    private static bool IsReserved(in Instruction sample) =>
        Registers.ClassOf(sample.Operand0.Register) == RegisterClass.Debug || Registers.ClassOf(sample.Operand1.Register) == RegisterClass.Debug;

    /// <summary>Younger than the package, or another name for an instruction that it knows.</summary>
    private static bool IsUnknownToIced(Mnemonic mnemonic) =>
        mnemonic is Mnemonic.Prefetchit0 or Mnemonic.Montmul or Mnemonic.Xchg or Mnemonic.Prefetchit1 or Mnemonic.Movabs or Mnemonic.Jmpf or Mnemonic.Callf;

    private static void Compare(in Instruction sample, in Ic.Instruction other, ByteWriter code, StringBuilder failures)
    {
        string name = Encoding.UTF8.GetString(Names.Of((Mnemonic)sample.Mnemonic));
        string otherName = other.Mnemonic.ToString().ToLowerInvariant();
        if (other.Length != code.Length || otherName != name && !otherName.StartsWith(name, StringComparison.Ordinal))
            failures.AppendLine($"{name} {Hex(code)}: Iced reads {other} of {other.Length} bytes");
        // The package names other sizes where the size means nothing, or where vendors differ.
        if (other.OpCount != sample.OperandCount || Registers.ClassOf(sample.Operand0.Register) == RegisterClass.Segment ||
            (Mnemonic)sample.Mnemonic is Mnemonic.Lldt or Mnemonic.Ltr or Mnemonic.Lmsw or Mnemonic.Verr or Mnemonic.Verw or Mnemonic.Arpl or
            Mnemonic.Call or Mnemonic.Jmp)
            return;
        for (int i = 0; i < sample.OperandCount; i++)
        {
            Instruction copy = sample;
            Operand operand = copy[i];
            bool same = other.GetOpKind(i) switch
            {
                Ic.OpKind.Register => operand.Kind == OperandKind.Register && NameInIced(other.GetOpRegister(i)) == NameHere(operand.Register),
                Ic.OpKind.Memory => operand.Kind == OperandKind.Memory && (operand.Register == Registers.Rip ||
                    NameInIced(other.MemoryBase) == NameHere(operand.Register) && NameInIced(other.MemoryIndex) == NameHere(operand.Index) &&
                    (operand.Index == 0 || other.MemoryIndexScale == operand.Scale) &&
                    (uint)other.MemoryDisplacement64 << (operand.Register is Registers.Bx or Registers.Bp ? 16 : 0) ==
                    (uint)operand.Value << (operand.Register is Registers.Bx or Registers.Bp ? 16 : 0) || operand.Value > uint.MaxValue),
                Ic.OpKind.NearBranch16 or Ic.OpKind.NearBranch32 or Ic.OpKind.NearBranch64 => operand.Kind == OperandKind.Target &&
                    (ushort)(other.NearBranchTarget - other.NextIP) == (ushort)operand.Value,
                >= Ic.OpKind.Immediate8 and <= Ic.OpKind.Immediate32to64 => operand.Kind == OperandKind.Immediate &&
                    (byte)other.GetImmediate(i) == (byte)operand.Value,
                _ => true,
            };
            if (!same)
                failures.AppendLine($"{name} {Hex(code)}: operand {i} of {other}");
        }
    }

    private static string NameInIced(Ic.Register register) =>
        register == Ic.Register.None ? "" : register.ToString().ToLowerInvariant() is var name && name.EndsWith('l') && name[0] == 'r' ? name[..^1] + "b" : name;

    private static string NameHere(int register) =>
        Encoding.UTF8.GetString(Registers.NameOf(register)).Replace("(", "").Replace(")", "").Replace("db", "dr");

    [Fact]
    public void Access_flags_and_implicit_registers_agree_with_iced()
    {
        // Where the package is more or less exact than the manual, by intent or by error.
        string[] known =
        [
            "encls", "enclu", "getsec", "pconfig", "psmash", "rcl", "rcr", "rdpru", "rdsspd", "rdsspq", "rmpadjust", "rmpupdate", "saveprevssp",
            "skinit", "syscall", "sysenter", "sysexit", "vmcall", "vmfunc", "vmrun", "vzeroupper", "xabort", "xbegin", "nop", "ud0", "ud1", "maskmovq",
            "maskmovdqu", "vmaskmovdqu", "insertq", "enclv", "tdcall", "seamops", "seamcall", "rmpquery", "encodekey128", "encodekey256",
            "aesencwide128kl", "aesencwide256kl", "aesdecwide128kl", "aesdecwide256kl", "xstore", "xcryptecb", "xcryptcbc", "xcryptctr", "xcryptcfb",
            "xcryptofb", "xsha1", "xsha256", "montmul",
        ];
        var failures = new StringBuilder();
        var factory = new Ic.InstructionInfoFactory();
        for (int row = 0; row < Table.RowCount; row++)
        {
            string name = Encoding.UTF8.GetString(Names.Of((Mnemonic)Table.RowMnemonic[row]));
            if ((Table.Encodings[row] & RowEncoding.NoDecode) != 0 || known.Contains(name))
                continue;
            // The first variant whose registers differ: xor of a register with itself reads nothing, says Iced.
            foreach (Instruction sample in X86Samples.Of(row, 64, 1))
            {
                var code = new ByteWriter();
                Isa.Encode(in sample, 64, code, new GrowBuffer<Fixup>());
                if (code.Span[0] == 0x9b || Forms.Find(in sample, 64) != row)
                    continue;
                Ic.Decoder.Create(64, new Ic.ByteArrayCodeReader(code.ToArray())).Decode(out Ic.Instruction other);
                string here = $"{Forms.FlagsRead(row)}/{Forms.FlagsWritten(row)}/{Forms.FlagsUndefined(row)}";
                string there = $"{Flags(other.RflagsRead)}/{Flags(other.RflagsWritten | other.RflagsCleared | other.RflagsSet)}/{Flags(other.RflagsUndefined)}";
                if (here != there)
                    failures.AppendLine($"{name}: flags {here}, Iced {there}");
                (ulong, ulong) mine = Used(in sample, row), its = Used(factory.GetInfo(in other));
                if (mine != its)
                    failures.AppendLine($"{name} {Hex(code)}: registers {mine:x}, Iced {its:x}");
            }
        }
        Assert.True(failures.Length == 0, failures.ToString());
    }

    private static StatusFlags Flags(Ic.RflagsBits bits)
    {
        StatusFlags flags = StatusFlags.None;
        if ((bits & Ic.RflagsBits.OF) != 0)
            flags |= StatusFlags.Overflow;
        if ((bits & Ic.RflagsBits.SF) != 0)
            flags |= StatusFlags.Sign;
        if ((bits & Ic.RflagsBits.ZF) != 0)
            flags |= StatusFlags.Zero;
        if ((bits & Ic.RflagsBits.AF) != 0)
            flags |= StatusFlags.Adjust;
        if ((bits & Ic.RflagsBits.PF) != 0)
            flags |= StatusFlags.Parity;
        if ((bits & Ic.RflagsBits.CF) != 0)
            flags |= StatusFlags.Carry;
        if ((bits & Ic.RflagsBits.DF) != 0)
            flags |= StatusFlags.Direction;
        if ((bits & Ic.RflagsBits.IF) != 0)
            flags |= StatusFlags.Interrupt;
        return flags;
    }

    private static (ulong Reads, ulong Writes) Used(in Instruction sample, int row)
    {
        const ulong GeneralAndVector = (1UL << 48) - 1;
        ulong reads = Forms.ImplicitReads(row) & GeneralAndVector, writes = Forms.ImplicitWrites(row) & GeneralAndVector;
        for (int i = 0; i < sample.OperandCount; i++)
        {
            Instruction copy = sample;
            Operand operand = copy[i];
            if (operand.Kind == OperandKind.Memory)
                reads |= Bit(operand.Register) | Bit(operand.Index);
            if (operand.Kind != OperandKind.Register)
                continue;
            if ((Forms.Access(row, i) & OperandAccess.Read) != 0)
                reads |= Bit(operand.Register);
            if ((Forms.Access(row, i) & OperandAccess.Write) != 0)
                writes |= Bit(operand.Register);
        }
        return (reads, writes);
    }

    private static ulong Bit(int register) => Registers.ClassOf(register) switch
    {
        RegisterClass.Gpr64 or RegisterClass.Gpr32 or RegisterClass.Gpr16 or RegisterClass.Gpr8 => 1UL << (register & 31),
        RegisterClass.Gpr8High => 1UL << (register & 31) - 4,
        RegisterClass.Xmm or RegisterClass.Ymm => 1UL << 16 + (register & 31),
        _ => 0,
    };

    private static (ulong Reads, ulong Writes) Used(Ic.InstructionInfo info)
    {
        ulong reads = 0, writes = 0;
        foreach (Ic.UsedRegister used in info.GetUsedRegisters())
        {
            Ic.Register full = Ic.RegisterExtensions.GetFullRegister(used.Register);
            ulong bit = full switch
            {
                >= Ic.Register.RAX and <= Ic.Register.R15 => 1UL << full - Ic.Register.RAX,
                >= Ic.Register.ZMM0 and <= Ic.Register.ZMM31 => 1UL << 16 + (full - Ic.Register.ZMM0),
                _ => 0,
            };
            if (used.Access is not Ic.OpAccess.Write)
                reads |= bit;
            if (used.Access is not (Ic.OpAccess.Read or Ic.OpAccess.CondRead))
                writes |= bit;
        }
        return (reads, writes);
    }

    [Fact]
    public void Decoding_random_bytes_never_fails_and_stays_inside()
    {
        var random = new Random(20);
        byte[] bytes = new byte[16];
        int decoded = 0;
        for (int i = 0; i < 200_000; i++)
        {
            random.NextBytes(bytes);
            int mode = i % 3 == 0 ? 64 : i % 3 == 1 ? 32 : 16;
            int available = 1 + i % 16;
            int length = Isa.Decode(bytes.AsSpan(0, available), mode, out Instruction instruction);
            Assert.InRange(length, 0, available);
            if (length == 0)
                continue;
            decoded++;
            Assert.NotEqual(0, instruction.Mnemonic);
            Text(in instruction, mode, AssemblySyntax.Gnu);
        }
        Assert.True(decoded > 100_000, decoded.ToString());
    }
}
