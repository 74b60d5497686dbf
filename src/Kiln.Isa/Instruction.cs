using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Kiln.Isa;

/// <summary>What an operand is.</summary>
public enum OperandKind : byte
{
    None,
    Register,
    /// <summary>A number, or a symbol's value plus a number.</summary>
    Immediate,
    /// <summary>A memory operand.</summary>
    Memory,
    /// <summary>The target of a branch or call: a symbol plus a number.</summary>
    Target,
}

/// <summary>
/// An operand of an instruction of any target. Registers are numbers of the target's register file (0: none).
/// A symbol is an opaque handle of whoever builds the instruction (the assembler's symbols and expressions); 0: none.
/// </summary>
public struct Operand
{
    public OperandKind Kind;

    /// <summary>Memory: its size in bytes where known, else 0. Register: unused.</summary>
    public byte Size;

    /// <summary>How the symbol is meant: a number of the target's modifiers (<c>@PLT</c>, <c>@GOTPCREL</c>, <c>:lo12:</c>).</summary>
    public byte Modifier;

    /// <summary>Memory: what the index is multiplied by.</summary>
    public byte Scale;

    /// <summary>The register, or the base of a memory operand.</summary>
    public ushort Register;

    /// <summary>The index of a memory operand.</summary>
    public ushort Index;

    /// <summary>The segment register of a memory operand (x86), or another target's third register.</summary>
    public ushort Segment;

    /// <summary>The target's own flags (<c>X86.OperandFlags</c>).</summary>
    public ushort Extra;

    /// <summary>The symbol, or 0.</summary>
    public int Symbol;

    /// <summary>The number, or what is added to the symbol.</summary>
    public long Value;

    public static Operand Reg(int register) => new() { Kind = OperandKind.Register, Register = (ushort)register };

    public static Operand Imm(long value) => new() { Kind = OperandKind.Immediate, Value = value };

    public static Operand SymbolImm(int symbol, long addend = 0, int modifier = 0) =>
        new() { Kind = OperandKind.Immediate, Symbol = symbol, Value = addend, Modifier = (byte)modifier };

    public static Operand Label(int symbol, long addend = 0, int modifier = 0) =>
        new() { Kind = OperandKind.Target, Symbol = symbol, Value = addend, Modifier = (byte)modifier };

    public static Operand Mem(int size, int @base, int index = 0, int scale = 1, long displacement = 0, int symbol = 0, int modifier = 0) =>
        new()
        {
            Kind = OperandKind.Memory,
            Size = (byte)size,
            Register = (ushort)@base,
            Index = (ushort)index,
            Scale = (byte)scale,
            Value = displacement,
            Symbol = symbol,
            Modifier = (byte)modifier,
        };
}

/// <summary>
/// An instruction of any target, as an assembler statement says it: mnemonic, operand size and operands in the order of
/// the vendor's manual (destination first). The encoder finds the table's row that fits.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct Instruction
{
    /// <summary>A number of the target's mnemonics (<c>X86.Mnemonic</c>).</summary>
    public ushort Mnemonic;

    /// <summary>Operand size in bytes where the operands do not tell (AT&amp;T's suffix); 0: they do.</summary>
    public byte Size;

    public byte OperandCount;

    /// <summary>Prefixes and wishes for the encoding: flags of the target (<c>X86.Prefixes</c>).</summary>
    public uint Prefixes;

    /// <summary>The target's own: x86's parser keeps the size of string operands here.</summary>
    public byte Extra;

    public Operand Operand0;
    public Operand Operand1;
    public Operand Operand2;
    public Operand Operand3;
    public Operand Operand4;

    /// <summary>The operand of this number.</summary>
    [UnscopedRef]
    public ref Operand this[int index] => ref Unsafe.Add(ref Operand0, index);
}

/// <summary>A place in the code whose value is not known yet. The kind is a number of the target's fixup kinds.</summary>
public struct Fixup
{
    /// <summary>Offset of the field from the start of the instruction.</summary>
    public int Offset;

    /// <summary>A number of the target's fixup kinds.</summary>
    public byte Kind;

    /// <summary>Size of the field in bytes.</summary>
    public byte Size;

    /// <summary>How the symbol is meant: a number of the target's modifiers.</summary>
    public byte Modifier;

    /// <summary>The symbol whose value goes in.</summary>
    public int Symbol;

    /// <summary>What is added to it. For pc-relative kinds the distance from the field to the instruction's end is already taken off.</summary>
    public long Addend;
}
