using Kiln.Base;

namespace Kiln.Isa;

// What an instruction set does for the rooms that do not know which one it is: Assembler above all.
//
// In:  Instructions in the neutral form, or the text of a statement, or bytes.
// Out: bytes with fixups, text, Instructions.
//
// An object of this class has no state: one serves any number of threads. `mode` is the width of the code in bits
// (x86: 16, 32 or 64; other targets pass their only one). Values in Operand.Symbol and Fixup.Symbol are opaque here.

/// <summary>The language that instructions are written in.</summary>
public enum AssemblySyntax : byte
{
    /// <summary>The target's GNU syntax; AT&amp;T on x86.</summary>
    Gnu,

    /// <summary>x86: <c>.intel_syntax noprefix</c>.</summary>
    Intel,

    /// <summary>x86: <c>.intel_syntax prefix</c>: registers carry a <c>%</c>.</summary>
    IntelPrefix,

    /// <summary>x86: <c>.att_syntax noprefix</c>.</summary>
    GnuNoPrefix,
}

/// <summary>Why an instruction was not encoded.</summary>
public enum EncodeStatus : byte
{
    Ok,

    /// <summary>There is no such mnemonic.</summary>
    UnknownMnemonic,

    /// <summary>The mnemonic takes another number of operands.</summary>
    OperandCount,

    /// <summary>No form of the mnemonic takes these operands.</summary>
    OperandMismatch,

    /// <summary>A form exists but for another operand size than the one asked for.</summary>
    SizeMismatch,

    /// <summary>Nothing tells how large the memory operand is.</summary>
    AmbiguousSize,

    /// <summary>The form does not exist in this mode.</summary>
    NotInMode,

    /// <summary>A number does not fit its field.</summary>
    ImmediateRange,

    /// <summary>A displacement does not fit its field.</summary>
    DisplacementRange,

    /// <summary>Base, index or scale cannot be used in an address together.</summary>
    BadAddress,

    /// <summary>A register that needs a REX prefix together with ah, bh, ch or dh.</summary>
    RexConflict,

    /// <summary>The prefix does not go with this instruction.</summary>
    BadPrefix,
}

/// <summary>The value of an expression in an operand: a symbol (opaque; 0: none) plus a number, and how the symbol is meant.</summary>
public struct ExpressionValue
{
    public int Symbol;
    public long Addend;
    public byte Modifier;
}

/// <summary>What the statement parser asks its caller for: whoever parses statements knows symbols and expressions.</summary>
public interface IExpressionParser
{
    /// <summary>
    /// Reads the expression at <paramref name="position"/> and stops behind it, at the first byte that cannot continue it
    /// (<c>(</c>, <c>,</c>, <c>[</c> or the end of the text). Modifiers (<c>foo@PLT+4</c>) are part of it:
    /// <see cref="InstructionSet.FindModifier"/> tells their numbers. False, with an error reported, where there is none.
    /// </summary>
    bool ParseExpression(ReadOnlySpan<byte> text, ref int position, out ExpressionValue value);

    /// <summary>A handle for an absolute number, so that a branch can go there (<c>jmp 0x1234</c>).</summary>
    int AbsoluteSymbol(long value);

    /// <summary>The register that a symbol stands for (<c>.set counter, %rcx</c>), or 0.</summary>
    int RegisterSymbol(ReadOnlySpan<byte> name);
}

/// <summary>What the printer asks its caller for.</summary>
public interface ISymbolWriter
{
    /// <summary>
    /// Writes a symbol or expression plus a number as an assembler reads it back, with the modifier's spelling (<c>@PLT</c>) where the
    /// target wants it (behind the name on x86). Never called without a symbol.
    /// </summary>
    void WriteSymbol(int symbol, long addend, int modifier, ByteWriter output);
}

/// <summary>An instruction with a short and a long form (a branch to a symbol), kept small until the distance is known.</summary>
public struct RelaxableInstruction
{
    /// <summary>The target's own: which instruction, with its prefixes.</summary>
    public uint Form;

    public byte ShortSize;
    public byte LongSize;

    /// <summary>The symbol branched to, plus a number.</summary>
    public int Symbol;
    public long Addend;
}

/// <summary>The services of an instruction set. See the file's header.</summary>
public abstract class InstructionSet
{
    /// <summary>The instruction set of a target's architecture.</summary>
    public static InstructionSet For(Target.Architecture architecture) => architecture switch
    {
        Target.Architecture.X86_64 or Target.Architecture.I386 => X86.X86InstructionSet.Instance,
        _ => throw new NotSupportedException($"no instruction set for {architecture}"),
    };

    // ---- bytes ----

    /// <summary>
    /// Appends the bytes of an instruction to <paramref name="code"/> and its fixups, with offsets from the instruction's start, to
    /// <paramref name="fixups"/>. Nothing is appended unless the result is Ok. A branch to a symbol gets its long form.
    /// </summary>
    public abstract EncodeStatus Encode(in Instruction instruction, int mode, ByteWriter code, GrowBuffer<Fixup> fixups);

    /// <summary>Says in words why an instruction was not encoded (the wording is GNU as's).</summary>
    public abstract string Explain(EncodeStatus status, in Instruction instruction, int mode);

    /// <summary>Whether an instruction has a short and a long form whose choice hangs on a symbol's distance; gives both.</summary>
    public abstract bool TryRelax(in Instruction instruction, int mode, out RelaxableInstruction relaxable);

    /// <summary>Whether a branch asks for the procedure linkage table, so that another definition may take its target's place.</summary>
    public virtual bool IsLinkage(uint form) => false;

    /// <summary>
    /// Appends the bytes of the form chosen and adds its one fixup. The short form's is one byte, counted from the instruction's
    /// end (its addend has the distance taken off).
    /// </summary>
    public abstract void WriteRelaxed(in RelaxableInstruction relaxable, bool isLong, int mode, ByteWriter code, GrowBuffer<Fixup> fixups);

    /// <summary>Writes a value into a fixup's field (whose bytes hold the instruction's other bits); false where it does not fit.</summary>
    public abstract bool ApplyFixup(Span<byte> field, int kind, long value);

    /// <summary>Whether a fixup's value is the distance from the field.</summary>
    public abstract bool IsPcRelative(int kind);

    /// <summary>Size of a fixup's field in bytes.</summary>
    public abstract int FieldSize(int kind);

    /// <summary>The fixup kind of a datum of <paramref name="size"/> bytes (<c>.long foo</c>); 0 where there is none.</summary>
    public abstract int DataFixup(int size, bool isPcRelative);

    /// <summary>Fills a span with no-operations, none longer than <paramref name="maximum"/> bytes (0: as long as is good).</summary>
    public abstract void Nops(Span<byte> bytes, int mode, int maximum = 0);

    /// <summary>Decodes one instruction; gives its length, or 0 where the bytes are none. A branch target is its distance from the
    /// instruction's end.</summary>
    public abstract int Decode(ReadOnlySpan<byte> bytes, int mode, out Instruction instruction);

    // ---- text ----

    /// <summary>Writes an instruction as GNU as reads it, without a line's end.</summary>
    public abstract void Print(in Instruction instruction, int mode, AssemblySyntax syntax, ISymbolWriter symbols, ByteWriter output);

    /// <summary>
    /// Parses one statement: prefixes, mnemonic, operands; no label, no comment. Gives an instruction that
    /// <see cref="Encode"/> takes, or false and <paramref name="error"/> in words (null: the expression parser reported it).
    /// </summary>
    public abstract bool Parse(ReadOnlySpan<byte> statement, int mode, AssemblySyntax syntax, IExpressionParser expressions,
        out Instruction instruction, out string? error);

    /// <summary>
    /// Gives a stack operation that names no size the larger one, as <c>.code16gcc</c> wants it (x86: 32 bits in 16-bit code). Nothing
    /// where there is no such thing.
    /// </summary>
    public virtual void WidenStackOperation(ref Instruction instruction)
    {
    }

    /// <summary>The number of the modifier spelled so behind <c>@</c> (any case), or -1.</summary>
    public abstract int FindModifier(ReadOnlySpan<byte> name);

    /// <summary>How a modifier is spelled, without the <c>@</c>; empty for none.</summary>
    public abstract ReadOnlySpan<byte> ModifierName(int modifier);

    // ---- registers ----

    /// <summary>The register of a name without <c>%</c> (any case), or 0.</summary>
    public abstract int FindRegister(ReadOnlySpan<byte> name);

    /// <summary>The name of a register without <c>%</c>.</summary>
    public abstract ReadOnlySpan<byte> RegisterName(int register);

    /// <summary>The DWARF number of a register, or -1.</summary>
    public abstract int DwarfNumber(int register, int mode);
}
