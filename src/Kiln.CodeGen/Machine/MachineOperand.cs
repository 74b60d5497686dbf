using System.Runtime.InteropServices;

namespace Kiln.CodeGen.Machine;

/// <summary>What an entry of the operand array is.</summary>
public enum OperandKind : byte
{
    None,

    /// <summary>A register; virtual until allocation.</summary>
    Register,

    /// <summary>The number in Value, or a symbol's address plus Value.</summary>
    Immediate,

    /// <summary>
    /// The head of a memory operand: Space and Symbol, or FrameObject; Scale; Value is the displacement. The two entries behind it
    /// are base and index: Register uses, or None.
    /// </summary>
    Memory,

    /// <summary>A frame object in place of a register: what allocation makes of a spilled <see cref="Constraint.Any"/> operand.</summary>
    Frame,

    /// <summary>A branch target: Symbol is the IR block's id.</summary>
    Block,

    /// <summary>The callee of a direct call: a symbol plus Value.</summary>
    Target,

    /// <summary>Registers that the instruction destroys, as the bits of Value.</summary>
    Clobbers,
}

/// <summary>What Symbol is an id of.</summary>
public enum SymbolSpace : byte
{
    None,

    /// <summary>A symbol of the IR module.</summary>
    Module,

    /// <summary>An entry of the module's <see cref="ConstantPool"/>.</summary>
    Constant,

    /// <summary>An IR block of the function: its address, as <c>&amp;&amp;label</c> means it.</summary>
    Block,

    /// <summary>A jump table of the function.</summary>
    JumpTable,

    /// <summary>A value of the emitter.</summary>
    Emitter,
}

/// <summary>How an instruction touches a register.</summary>
[Flags]
public enum Role : byte
{
    None = 0,

    /// <summary>Read. By default before any plain definition is written: both may share a register.</summary>
    Use = 1,

    /// <summary>Written. By default after all plain uses were read.</summary>
    Def = 2,

    /// <summary>Def: written before the uses are read. Use: read after the definitions are written (LateUse).</summary>
    Early = 4,

    /// <summary>Not encoded: the instruction says it by itself (rax of a division), or it is the tied twin of a definition.</summary>
    Implicit = 8,

    /// <summary>A debug marker's use: does not keep the value alive.</summary>
    Debug = 16,

    /// <summary>A definition nobody reads.</summary>
    Dead = 32,
}

/// <summary>Where allocation may put a register operand.</summary>
public enum Constraint : byte
{
    /// <summary>Any register of the class.</summary>
    Register,

    /// <summary>Any register of the class, or a spill slot: the instruction takes memory here.</summary>
    Any,

    /// <summary>The physical register number Extra.</summary>
    Fixed,

    /// <summary>Def only: the register of the use at operand index Extra (relative to the instruction's first).</summary>
    Tied,

    /// <summary>Any register of the set in Value (byte registers of i386, asm constraint Q).</summary>
    Set,
}

/// <summary>An entry of the operand array. 24 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct MachineOperand
{
    public OperandKind Kind;
    public Role Role;
    public Constraint Constraint;

    /// <summary>Register: the number for Fixed, the operand index for Tied. Memory: the scale.</summary>
    public byte Extra;

    /// <summary>Bytes of the register part, memory or immediate that the instruction touches; 0: the instruction's size.</summary>
    public byte Size;

    /// <summary>How the symbol is meant: a number of the target's modifiers (GOT, PLT, TLS).</summary>
    public byte Modifier;

    public SymbolSpace Space;

    /// <summary>Memory: the segment, a number of the target's own.</summary>
    public byte Segment;

    /// <summary>Register: the <see cref="Reg"/>. Memory and Frame: the frame object, or 0.</summary>
    public int Register;

    /// <summary>An id in <see cref="Space"/>; Block: the IR block's id.</summary>
    public int Symbol;

    /// <summary>The number; the displacement; the addend; the clobbered set.</summary>
    public long Value;

    public Reg Reg
    {
        readonly get => new(Register);
        set => Register = value.Id;
    }

    public readonly bool IsRegister => Kind == OperandKind.Register;
    public readonly bool IsUse => (Role & Role.Use) != 0;
    public readonly bool IsDef => (Role & Role.Def) != 0;
    public readonly bool IsImplicit => (Role & Role.Implicit) != 0;
}
