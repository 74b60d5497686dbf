using Kiln.CodeGen.Machine;
using Kiln.IR;
using Kiln.Target;

namespace Kiln.CodeGen.Targets.X86;

/// <summary>A memory operand while it is put together.</summary>
internal struct Address
{
    public Reg Base;
    public Reg Index;
    public byte Scale;
    public byte Size;
    public byte Segment;
    public X86Modifier Modifier;
    public SymbolSpace Space;

    /// <summary>A frame object, or 0.</summary>
    public int Slot;

    /// <summary>An id in <see cref="Space"/>. With neither base nor index it is relative to rip, unless <see cref="IsAbsolute"/>.</summary>
    public int Symbol;
    public bool IsAbsolute;
    public long Displacement;

    public readonly Address OfSize(int size) => this with { Size = (byte)size };

    public readonly Address Plus(long bytes) => this with { Displacement = Displacement + bytes };
}

internal enum ArgKind : byte
{
    None,
    Register,
    Fixed,
    Immediate,
    Memory,
    Block,
}

/// <summary>An operand of <c>Emit</c>.</summary>
internal struct Arg
{
    public ArgKind Kind;
    public byte Size;
    public byte Number;
    public Reg Register;
    public Block Block;
    public long Value;
    public Address Address;

    /// <summary>A number.</summary>
    public static Arg Imm(long value) => new() { Kind = ArgKind.Immediate, Value = value };

    /// <summary>A symbol's address as a number.</summary>
    public static Arg Sym(Symbol symbol, long addend) =>
        new() { Kind = ArgKind.Immediate, Value = addend, Address = new Address { Space = SymbolSpace.Module, Symbol = symbol.Id } };

    /// <summary>The low bytes of a register, in an instruction of another size.</summary>
    public static Arg Narrow(Reg register, int size) => new() { Kind = ArgKind.Register, Register = register, Size = (byte)size };

    /// <summary>A value that must be in a given physical register, written in the instruction.</summary>
    public static Arg InFixed(Reg register, Reg physical, int size) =>
        new() { Kind = ArgKind.Fixed, Register = register, Number = (byte)physical.Number, Size = (byte)size };

    public static Arg To(Block block) => new() { Kind = ArgKind.Block, Block = block };

    public static implicit operator Arg(Reg register) => new() { Kind = ArgKind.Register, Register = register };

    public static implicit operator Arg(Address address) => new() { Kind = ArgKind.Memory, Address = address, Size = address.Size };
}

/// <summary>Instructions that the table does not have: what several become, or what says more than its mnemonic.</summary>
internal static class Pseudo
{
    private const ushort First = GenericOp.FirstTargetPseudo;

    /// <summary>Def vector: all bits zero, all bits one.</summary>
    public const ushort ZeroVector = First, OnesVector = First + 1;

    /// <summary>Def vector tied to the first use; second use is taken where condition Extra holds.</summary>
    public const ushort SelectVector = First + 2;

    /// <summary>Def rax: __tls_get_addr of the symbol in the immediate operand, general dynamic or (Extra 1) local dynamic.</summary>
    public const ushort TlsCall = First + 3;

    /// <summary>The statement of inline assembly number Info.</summary>
    public const ushort Asm = First + 4;

    /// <summary>Saves the register arguments of a variadic function: use al, frame object.</summary>
    public const ushort SaveRegisters = First + 5;

    /// <summary>The epilogue and return: uses of the result registers.</summary>
    public const ushort Return = First + 6;

    /// <summary>The epilogue and a jump to a function.</summary>
    public const ushort TailCall = First + 7;

    /// <summary>Sets rsp: Use a register (stack restore); Def a register (stack save).</summary>
    public const ushort SetStack = First + 8, GetStack = First + 9;

    /// <summary>Def register: room of (use) bytes below, above the argument area; Extra: alignment.</summary>
    public const ushort AllocateStack = First + 10;

    /// <summary>Def rax-like register: address of the byte above the return address minus what Extra levels say.</summary>
    public const ushort FrameAddress = First + 11;

    /// <summary>Setjmp: use buffer; Def 0 or 1.</summary>
    public const ushort SetJump = First + 12;

    /// <summary>Longjmp: use buffer.</summary>
    public const ushort LongJump = First + 13;

    /// <summary>Jump through table Info: Def tied to the index (0 the first entry), early Def of a register for the table's address.</summary>
    public const ushort TableJump = First + 14;

    /// <summary>A label inside a block, number Info; jumps to it have it as an immediate, and Extra 1.</summary>
    public const ushort LocalLabel = First + 15;

    /// <summary>As SelectVector for values of the x87: Def, false, true, all in the frame.</summary>
    public const ushort SelectX87 = First + 16;

    /// <summary>A loop of cmpxchg: memory, late use of the value, early Def of a register to work in; rax is the old value.</summary>
    public const ushort RmwLoop = First + 17;

    private static readonly string[] Names =
    [
        "zero_vector", "ones_vector", "select_vector", "tls_call", "asm", "save_registers", "return", "tail_call", "set_stack", "get_stack",
        "allocate_stack", "frame_address", "set_jump", "long_jump", "table_jump", "local_label", "select_x87", "rmw_loop",
    ];

    /// <summary>The name for listings, or null for an opcode that is none of these.</summary>
    public static string? NameOf(int opcode) => (uint)(opcode - First) < (uint)Names.Length ? Names[opcode - First] : null;
}
