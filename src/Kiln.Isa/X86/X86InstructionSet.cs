using System.Text;
using Kiln.Base;
using Kiln.Target;

namespace Kiln.Isa.X86;

/// <summary>x86 with its modes of 16, 32 and 64 bits.</summary>
public sealed class X86InstructionSet : InstructionSet
{
    private X86InstructionSet()
    {
    }

    /// <summary>The one object.</summary>
    public static X86InstructionSet Instance { get; } = new();

    public override EncodeStatus Encode(in Instruction instruction, int mode, ByteWriter code, GrowBuffer<Fixup> fixups) =>
        Encoder.Encode(in instruction, mode, code, fixups);

    public override string Explain(EncodeStatus status, in Instruction instruction, int mode) =>
        Explain(status, Encoding.UTF8.GetString(Names.Of((Mnemonic)instruction.Mnemonic)), mode);

    internal static string Explain(EncodeStatus status, string name, int mode) =>
        status switch
        {
            EncodeStatus.Ok => "",
            EncodeStatus.UnknownMnemonic => "no such instruction",
            EncodeStatus.OperandCount => $"number of operands mismatch for `{name}'",
            EncodeStatus.OperandMismatch => $"operand type mismatch for `{name}'",
            EncodeStatus.SizeMismatch => $"incorrect register or suffix used with `{name}'",
            EncodeStatus.AmbiguousSize => $"ambiguous operand size for `{name}'",
            EncodeStatus.NotInMode => mode == 64 ? $"`{name}' is not supported in 64-bit mode" : $"`{name}' is only supported in 64-bit mode",
            EncodeStatus.ImmediateRange => $"operand out of range for `{name}'",
            EncodeStatus.DisplacementRange => "displacement out of range",
            EncodeStatus.BadAddress => "not a valid base/index expression",
            EncodeStatus.RexConflict => "can't encode register ah, bh, ch or dh in an instruction requiring REX prefix",
            EncodeStatus.BadPrefix => $"expecting another instruction after the prefix than `{name}'",
            _ => throw new ArgumentOutOfRangeException(nameof(status), status, null),
        };

    public override void WidenStackOperation(ref Instruction instruction)
    {
        if (instruction.Size != 0 || (Mnemonic)instruction.Mnemonic is not (Mnemonic.Call or Mnemonic.Ret or Mnemonic.Enter or Mnemonic.Leave or
            Mnemonic.Push or Mnemonic.Pop or Mnemonic.Pusha or Mnemonic.Popa or Mnemonic.Pushf or Mnemonic.Popf))
            return;
        bool tellsSize = instruction.Operand0.Kind == OperandKind.Register &&
            Registers.ClassOf(instruction.Operand0.Register) != RegisterClass.Segment ||
            instruction.Operand0.Kind == OperandKind.Memory && instruction.Operand0.Size != 0;
        if (!tellsSize)
            instruction.Size = 4;
    }

    public override bool TryRelax(in Instruction instruction, int mode, out RelaxableInstruction relaxable) =>
        Relaxation.TryRelax(in instruction, mode, out relaxable);

    public override bool IsLinkage(uint form) => form >> 16 != 0;

    public override void WriteRelaxed(in RelaxableInstruction relaxable, bool isLong, int mode, ByteWriter code, GrowBuffer<Fixup> fixups) =>
        Relaxation.Write(in relaxable, isLong, mode, code, fixups);

    public override bool ApplyFixup(Span<byte> field, int kind, long value) =>
        Relaxation.Apply(field, (X86FixupKind)kind, value);

    public override bool IsPcRelative(int kind) =>
        Encoder.IsPcRelative((X86FixupKind)kind);

    public override int FieldSize(int kind) =>
        Relaxation.FieldSize((X86FixupKind)kind);

    public override int DataFixup(int size, bool isPcRelative) =>
        (int)(size switch
        {
            1 => isPcRelative ? X86FixupKind.PcRel8 : X86FixupKind.Abs8,
            2 => isPcRelative ? X86FixupKind.PcRel16 : X86FixupKind.Abs16,
            4 => isPcRelative ? X86FixupKind.PcRel32 : X86FixupKind.Abs32,
            8 => isPcRelative ? X86FixupKind.PcRel64 : X86FixupKind.Abs64,
            _ => X86FixupKind.None,
        });

    public override void Nops(Span<byte> bytes, int mode, int maximum = 0) =>
        Relaxation.Nops(bytes, mode, maximum);

    public override int Decode(ReadOnlySpan<byte> bytes, int mode, out Instruction instruction) =>
        Decoder.Decode(bytes, mode, out instruction);

    public override void Print(in Instruction instruction, int mode, AssemblySyntax syntax, ISymbolWriter symbols, ByteWriter output) =>
        Printer.Print(in instruction, mode, syntax, symbols, output);

    public override bool Parse(ReadOnlySpan<byte> statement, int mode, AssemblySyntax syntax, IExpressionParser expressions, out Instruction instruction, out string? error) =>
        StatementParser.Parse(statement, mode, syntax, expressions, out instruction, out error);

    public override int FindModifier(ReadOnlySpan<byte> name) =>
        Modifiers.Find(name);

    public override ReadOnlySpan<byte> ModifierName(int modifier) =>
        Modifiers.NameOf((X86Modifier)modifier);

    public override int FindRegister(ReadOnlySpan<byte> name) => Registers.Find(name);
    public override ReadOnlySpan<byte> RegisterName(int register) => Registers.NameOf(register);
    public override int DwarfNumber(int register, int mode) => Registers.DwarfNumber(register, mode);
}
