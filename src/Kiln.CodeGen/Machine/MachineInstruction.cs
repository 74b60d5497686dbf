using Kiln.Base;

namespace Kiln.CodeGen.Machine;

/// <summary>Opcodes that no target owns. Below <see cref="FirstTargetPseudo"/> stand the mnemonics of the target's instruction table.</summary>
public static class GenericOp
{
    /// <summary>The first number for pseudo instructions of the target.</summary>
    public const ushort FirstTargetPseudo = 0xE000;

    /// <summary>The first number of the generic ones.</summary>
    public const ushort First = 0xFF00;

    /// <summary>Nothing; removed code.</summary>
    public const ushort Nothing = 0xFF00;

    /// <summary>Def, use: the same value. Selection writes it with virtual registers; both sides may be Any. Coalesced where possible.</summary>
    public const ushort Copy = 0xFF01;

    /// <summary>Made by allocation: operand 0 (register or frame) becomes operand 1 (register or frame), Size bytes. Both of any class.</summary>
    public const ushort Move = 0xFF02;

    /// <summary>Made by allocation: swaps two general registers (Size bytes).</summary>
    public const ushort Swap = 0xFF03;

    /// <summary>The function's entry: fixed definitions of the parameters in registers. First in the entry block.</summary>
    public const ushort Entry = 0xFF04;

    /// <summary>A debug marker: Info is the variable, operand 0 the place.</summary>
    public const ushort DebugValue = 0xFF05;

    /// <summary>A definition of any value: no code.</summary>
    public const ushort Undefined = 0xFF06;

    /// <summary>Keeps its uses alive to here: no code.</summary>
    public const ushort Keep = 0xFF07;
}

/// <summary>Facts about a machine instruction.</summary>
[Flags]
public enum MachineFlags : byte
{
    None = 0,

    /// <summary>Has one definition, no register uses and no effects: may be repeated elsewhere in place of a reload (destroys no flags).</summary>
    Rematerializable = 1,

    /// <summary>A call: clobbers, and a place where registers of the caller die.</summary>
    Call = 2,

    /// <summary>Ends a block (with others of the kind): nothing is put behind the first.</summary>
    Terminator = 4,

    /// <summary>Leaves the function.</summary>
    Return = 8,

    /// <summary>Jumps to a register's or memory's address.</summary>
    IndirectBranch = 16,

    /// <summary>Reads the target's flags, which an instruction before it wrote: nothing that writes flags may come between.</summary>
    ReadsFlags = 32,

    /// <summary>The target's own mark.</summary>
    Target0 = 64,
    Target1 = 128,
}

/// <summary>A machine instruction: a mnemonic and a run of the operand array. 20 bytes.</summary>
public struct MachineInstruction
{
    /// <summary>A mnemonic of the target's instruction table, or a pseudo instruction.</summary>
    public ushort Opcode;

    /// <summary>Operand size in bytes.</summary>
    public byte Size;

    public MachineFlags Flags;

    /// <summary>Index of the first operand in <see cref="MachineFunction.Operands"/>.</summary>
    public int FirstOperand;

    public ushort OperandCount;

    /// <summary>The target's own: prefixes, rounding, condition.</summary>
    public ushort Extra;

    /// <summary>The opcode's own: index of a call, an asm statement, a variable.</summary>
    public int Info;

    /// <summary>The place in the source.</summary>
    public Location Location;
}
