using Kiln.Base;

namespace Kiln.Isa.X86;

/// <summary>x86 with its modes of 16, 32 and 64 bits.</summary>
public sealed class X86InstructionSet : InstructionSet
{
    private X86InstructionSet()
    {
    }

    /// <summary>The one object.</summary>
    public static X86InstructionSet Instance { get; } = new();

    public override EncodeStatus Encode(in Instruction instruction, int mode, ByteWriter code, GrowBuffer<Fixup> fixups) => throw new NotImplementedException();
    public override string Explain(EncodeStatus status, in Instruction instruction, int mode) => throw new NotImplementedException();
    public override bool TryRelax(in Instruction instruction, int mode, out RelaxableInstruction relaxable) => throw new NotImplementedException();
    public override void WriteRelaxed(in RelaxableInstruction relaxable, bool isLong, int mode, ByteWriter code, GrowBuffer<Fixup> fixups) => throw new NotImplementedException();
    public override bool ApplyFixup(Span<byte> field, int kind, long value) => throw new NotImplementedException();
    public override bool IsPcRelative(int kind) => throw new NotImplementedException();
    public override int FieldSize(int kind) => throw new NotImplementedException();
    public override int DataFixup(int size, bool isPcRelative) => throw new NotImplementedException();
    public override void Nops(Span<byte> bytes, int mode, int maximum = 0) => throw new NotImplementedException();
    public override int Decode(ReadOnlySpan<byte> bytes, int mode, out Instruction instruction) => throw new NotImplementedException();
    public override void Print(in Instruction instruction, int mode, AssemblySyntax syntax, ISymbolWriter symbols, ByteWriter output) => throw new NotImplementedException();
    public override bool Parse(ReadOnlySpan<byte> statement, int mode, AssemblySyntax syntax, IExpressionParser expressions, out Instruction instruction, out string? error) => throw new NotImplementedException();
    public override int FindModifier(ReadOnlySpan<byte> name) => throw new NotImplementedException();
    public override ReadOnlySpan<byte> ModifierName(int modifier) => throw new NotImplementedException();
    public override int FindRegister(ReadOnlySpan<byte> name) => Registers.Find(name);
    public override ReadOnlySpan<byte> RegisterName(int register) => Registers.NameOf(register);
    public override int DwarfNumber(int register, int mode) => Registers.DwarfNumber(register, mode);
}
