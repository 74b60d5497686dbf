namespace Kiln.Isa.X86;

/// <summary>Prefixes of an x86 instruction, and wishes for its encoding (<see cref="Instruction.Prefixes"/>).</summary>
[Flags]
public enum Prefixes : uint
{
    None = 0,
    Lock = 1,

    /// <summary>rep, repe, repz (F3); also xrelease.</summary>
    Rep = 2,

    /// <summary>repne, repnz (F2); also bnd and xacquire.</summary>
    Repne = 4,
    NoTrack = 8,
    Data16 = 0x10,
    Addr = 0x20,

    /// <summary><c>{vex3}</c></summary>
    Vex3 = 0x40,

    /// <summary><c>{disp8}</c></summary>
    Disp8 = 0x80,

    /// <summary><c>{disp32}</c>, and <c>{disp16}</c> with 16-bit addresses.</summary>
    Disp32 = 0x100,

    /// <summary><c>{load}</c></summary>
    Load = 0x200,

    /// <summary><c>{store}</c></summary>
    Store = 0x400,

    /// <summary><c>mov.s</c>: of two forms between registers the one that is not the usual.</summary>
    OtherDirection = Load | Store,

    /// <summary><c>{rex}</c></summary>
    Rex = 0x800,

    /// <summary><c>{vex}</c></summary>
    Vex = 0x1000,

    /// <summary><c>{nooptimize}</c>: the encoder never does.</summary>
    NoOptimize = 0x2000,

    /// <summary>VEX.W is set where an instruction ignores it (<c>-mvexwig=1</c>).</summary>
    WideWhereIgnored = 0x4000,

    /// <summary>VEX.L is set where a scalar instruction ignores it (<c>-mavxscalar=256</c>).</summary>
    LongWhereIgnored = 0x8000,

    /// <summary>Explicit rex prefix bits WRXB (<c>rex.W</c>) in bits 16..19, taken where <see cref="Rex"/> is set.</summary>
    RexBits = 0xf0000,

    /// <summary>A segment prefix that no memory operand carries: 1 + the segment's hardware number, in bits 20..22.</summary>
    Segment = 0x700000,

    /// <summary>Loads from the GOT are not marked for a linker to rewrite (<c>-mrelax-relocations=no</c>).</summary>
    NoGotRelaxation = 0x800000,

    /// <summary><c>lfence</c>, <c>mfence</c> and <c>sfence</c> are a locked addition (<c>-mfence-as-lock-add=yes</c>).</summary>
    FenceAsLockAdd = 0x1000000,

    /// <summary>What an assembly asks of all its instructions.</summary>
    Wishes = WideWhereIgnored | LongWhereIgnored | NoGotRelaxation | FenceAsLockAdd,
}

/// <summary>What <see cref="Operand.Extra"/> holds on x86.</summary>
[Flags]
public enum OperandFlags : ushort
{
    None = 0,

    /// <summary>The operand of an indirect branch (<c>*%rax</c>). The encoder does not need it: it goes by the operand's kind.</summary>
    Indirect = 1,

    /// <summary>The address is absolute: no base or index, and not relative to rip even where that is shorter.</summary>
    Absolute = 2,

    /// <summary>The mask register of an EVEX operand, and zeroing.</summary>
    MaskRegister = 0x70,
    Zeroing = 0x80,
}
