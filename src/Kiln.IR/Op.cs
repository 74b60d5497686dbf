namespace Kiln.IR;

/// <summary>
/// The operations. What each does on every input is said in docs/ir.md. Operands are A, B, C unless the name is in the
/// group with operand lists. Vector types: arithmetic, logic, comparisons and conversions work lane by lane.
/// </summary>
public enum Op : byte
{
    None,

    // Leaves: belong to the function, stand in no block, dominate everything, are interned (but for Parameter).
    /// <summary>An integer or pointer constant: Aux is the value, sign-extended; i128: Aux is an index of <see cref="Function.Wide"/>.</summary>
    Constant,
    /// <summary>A floating-point constant: Aux is the bit pattern; f80 and f128: an index of <see cref="Function.Wide"/>.</summary>
    FloatConstant,
    /// <summary>A vector constant: Aux is an offset in <see cref="Function.ConstantBytes"/>; length is the type's size.</summary>
    VectorConstant,
    /// <summary>The address of a symbol plus an offset: A.Id is the symbol's id, Aux the offset.</summary>
    SymbolAddress,
    /// <summary>The address of a stack slot: A.Id is the slot's id.</summary>
    SlotAddress,
    /// <summary>The address of a block, for computed goto: A.Id is the block's id.</summary>
    BlockAddress,
    /// <summary>A parameter: Aux is its index in the signature.</summary>
    Parameter,
    /// <summary>One arbitrary fixed value.</summary>
    Any,

    // Integer arithmetic (modulo 2^n).
    Add,
    Sub,
    Mul,
    /// <summary>Quotient rounded to zero. A zero divisor, or the most negative number by -1, traps.</summary>
    DivSigned,
    DivUnsigned,
    RemSigned,
    RemUnsigned,
    /// <summary>The upper half of the double-width product.</summary>
    MulHighSigned,
    MulHighUnsigned,
    And,
    Or,
    Xor,
    /// <summary>Shifts and rotates: the amount, of the value's own type, is taken modulo the width.</summary>
    ShiftLeft,
    ShiftRightUnsigned,
    ShiftRightSigned,
    RotateLeft,
    RotateRight,
    MinSigned,
    MaxSigned,
    MinUnsigned,
    MaxUnsigned,
    /// <summary>i1: whether the exact result of A op B does not fit A's type.</summary>
    AddOverflowsSigned,
    AddOverflowsUnsigned,
    SubOverflowsSigned,
    SubOverflowsUnsigned,
    MulOverflowsSigned,
    MulOverflowsUnsigned,
    /// <summary>Leading zeros; of 0 the width.</summary>
    CountLeadingZeros,
    /// <summary>Trailing zeros; of 0 the width.</summary>
    CountTrailingZeros,
    PopulationCount,
    ByteSwap,
    BitReverse,

    // Floating-point arithmetic: IEEE 754, round to nearest even (or the dynamic mode under -frounding-math).
    FloatAdd,
    FloatSub,
    FloatMul,
    FloatDiv,
    FloatNegate,
    FloatAbs,
    FloatSqrt,
    FloatCopySign,
    /// <summary>C's fmin and fmax: a NaN loses against a number.</summary>
    FloatMin,
    FloatMax,
    FloatFma,
    FloatFloor,
    FloatCeil,
    FloatTruncate,
    /// <summary>Round to an integer in the current mode (rint).</summary>
    FloatRint,

    // Comparisons: Aux is an IntPredicate or FloatPredicate. Scalars give i1, vectors a vector of integers 0 or -1.
    Compare,
    FloatCompare,
    /// <summary>A ? B : C; A is i1, or a vector of integers 0 or -1 that chooses lane by lane.</summary>
    Select,

    // Conversions of A to the instruction's type.
    Truncate,
    ZeroExtend,
    SignExtend,
    FloatNarrow,
    FloatExtend,
    SignedToFloat,
    UnsignedToFloat,
    /// <summary>Rounds to zero; out of range gives any value (what the target's instruction gives).</summary>
    FloatToSigned,
    FloatToUnsigned,
    /// <summary>The same bits as another type of the same size; between integers and pointers too.</summary>
    Bitcast,

    /// <summary>Pointer A plus integer B (i64) in bytes.</summary>
    PointerAdd,

    // Memory. Aux is a MemoryAccess.
    /// <summary>Loads from A.</summary>
    Load,
    /// <summary>Stores B to A.</summary>
    Store,
    /// <summary>Copies C bytes from B to A; they are the same place or do not overlap. Aux is a MemoryAccess.</summary>
    MemoryCopy,
    /// <summary>Copies C bytes from B to A; they may overlap.</summary>
    MemoryMove,
    /// <summary>Sets C bytes from A on to B (i8).</summary>
    MemorySet,
    /// <summary>Atomically: old = *A; *A = old op B; gives old. Flags' low bits hold an RmwOperation.</summary>
    AtomicRmw,
    /// <summary>Atomically: old = *A; if old == B, *A = C; gives old.</summary>
    CompareExchange,
    /// <summary>A fence of Aux's order.</summary>
    Fence,
    /// <summary>Room for A bytes on the stack until the function returns or StackRestore; Aux is the alignment.</summary>
    StackAllocate,
    StackSave,
    StackRestore,
    /// <summary>Prefetch A; Aux: bit 0 write, bits 1-2 locality.</summary>
    Prefetch,

    // Vectors.
    /// <summary>Lane B (integer, taken modulo the lanes) of A.</summary>
    ExtractLane,
    /// <summary>A with lane C replaced by B.</summary>
    InsertLane,
    /// <summary>All lanes are A.</summary>
    Splat,
    /// <summary>Lanes chosen from A and B, joined, by constant bytes: Aux is an offset in ConstantBytes, one byte a lane; 255: any.</summary>
    Shuffle,
    /// <summary>Operation number Aux of the target's table of intrinsics, on one, two or three operands, without any effect.</summary>
    Target1,
    Target2,
    Target3,

    // Frame and control.
    /// <summary>Fills the va_list at A for this variadic function.</summary>
    VaStart,
    /// <summary>The frame address Aux levels up.</summary>
    FrameAddress,
    /// <summary>The return address Aux levels up.</summary>
    ReturnAddress,
    /// <summary>The static chain this function was called with (in a nested function).</summary>
    StaticChain,
    /// <summary>__builtin_setjmp on buffer A: 0, or 1 when reached by __builtin_longjmp. All registers are clobbered.</summary>
    SetJump,
    /// <summary>__builtin_longjmp to buffer A (frame, place, stack: three pointers). Never comes back.</summary>
    LongJump,
    /// <summary>Thread pointer (__builtin_thread_pointer).</summary>
    ThreadPointer,
    /// <summary>An address's stop for optimizers: A, with its origin unknown.</summary>
    Opaque,
    /// <summary>i1: whether A became a constant by the time the optimizer asks last (__builtin_constant_p). Never left for selection.</summary>
    IsConstant,
    /// <summary>Marks that variable Aux of the function has value A (or lives at slot address A, if bit 31 of B.Id is set).</summary>
    DebugValue,
    /// <summary>Result number Aux (from 1) of call or asm A; directly behind it or behind another of its results.</summary>
    Result,

    // Operand lists (Function.Operands): A.Id and B.Id are start and count in the pool.
    /// <summary>One operand a predecessor, in the order of the block's predecessors. Only at a block's head.</summary>
    Phi,
    /// <summary>Operands: the arguments; for an indirect call the callee first. Aux is an index of Function.Calls.</summary>
    Call,
    /// <summary>Inline assembly: operands are the inputs, then the addresses of memory operands in order. Aux is an index of Function.Asms.</summary>
    Asm,
    /// <summary>Operation number Aux of the target's table of intrinsics: one that touches memory or state, or has many operands.</summary>
    TargetOp,

    // Terminators. The successors stand in the block.
    /// <summary>To successor 0. Further successors are abnormal: entered from elsewhere (non-local goto), never from here.</summary>
    Branch,
    /// <summary>A (i1) ? successor 0 : successor 1. Aux: probability of successor 0 in 1/65536, 0 unknown.</summary>
    BranchIf,
    /// <summary>Switch on A: Aux is an index of Function.Switches; successor 0 is the default.</summary>
    Switch,
    /// <summary>To the block whose address is A; it is one of the successors.</summary>
    BranchIndirect,
    /// <summary>asm goto: as Asm, of type void; successor 0 falls through, the others are its labels in order. Register outputs, counted from 0,
    /// stand at the head of the successors as Result.</summary>
    AsmGoto,
    /// <summary>Operands (a list): the results, as the signature places them.</summary>
    Return,
    /// <summary>Never reached.</summary>
    Unreachable,
    /// <summary>Stops the program (__builtin_trap).</summary>
    Trap,
}

/// <summary>Facts about an instruction, guaranteed by the source language.</summary>
[Flags]
public enum InstructionFlags : ushort
{
    None = 0,
    /// <summary>Signed overflow does not happen.</summary>
    NoSignedWrap = 1,
    /// <summary>Unsigned overflow does not happen.</summary>
    NoUnsignedWrap = 2,
    /// <summary>A division or right shift leaves no remainder.</summary>
    Exact = 4,
    /// <summary>A pointer addition stays in (or one past) its object.</summary>
    InBounds = 8,
    /// <summary>The result is not null.</summary>
    NonNull = 16,
    /// <summary>Floating-point: contraction into fused operations is allowed.</summary>
    Contract = 32,
    /// <summary>Floating-point: -ffast-math's freedoms.</summary>
    Fast = 64,
    /// <summary>Load: the memory never changes while the function runs.</summary>
    Invariant = 128,
    /// <summary>Scratch mark for one pass; cleared when it ends.</summary>
    Mark = 0x8000,
}

/// <summary>Comparisons of integers and pointers.</summary>
public enum IntPredicate : byte
{
    Equal,
    NotEqual,
    LessSigned,
    LessEqualSigned,
    GreaterSigned,
    GreaterEqualSigned,
    LessUnsigned,
    LessEqualUnsigned,
    GreaterUnsigned,
    GreaterEqualUnsigned,
}

/// <summary>Comparisons of floating-point numbers: bit 0 less, bit 1 equal, bit 2 greater, bit 3 unordered; bit 4: quiet on quiet NaNs.</summary>
[Flags]
public enum FloatPredicate : byte
{
    Never = 0,
    Less = 1,
    Equal = 2,
    LessEqual = 3,
    Greater = 4,
    LessGreater = 5,
    GreaterEqual = 6,
    Ordered = 7,
    Unordered = 8,
    UnorderedLess = 9,
    UnorderedEqual = 10,
    UnorderedLessEqual = 11,
    UnorderedGreater = 12,
    NotEqual = 13,
    UnorderedGreaterEqual = 14,
    Always = 15,
    Quiet = 16,
}

/// <summary>What an <see cref="Op.AtomicRmw"/> does.</summary>
public enum RmwOperation : byte
{
    Exchange,
    Add,
    Sub,
    And,
    Or,
    Xor,
    Nand,
}

/// <summary>Memory orders of C11, with Plain for what is not atomic.</summary>
public enum MemoryOrder : byte
{
    Plain,
    Relaxed,
    Consume,
    Acquire,
    Release,
    AcquireRelease,
    SequentiallyConsistent,
}

/// <summary>How memory is accessed; packed into an instruction's Aux.</summary>
/// <param name="AlignmentLog2">Binary logarithm of the alignment in bytes that is guaranteed.</param>
/// <param name="IsVolatile">Whether the access itself is an observable effect.</param>
/// <param name="Order">Atomic order; Plain: not atomic.</param>
/// <param name="AliasTag">Index of Module.AliasTags; 0: may alias everything.</param>
public readonly record struct MemoryAccess(byte AlignmentLog2, bool IsVolatile = false, MemoryOrder Order = MemoryOrder.Plain, int AliasTag = 0)
{
    /// <summary>Packs into an instruction's Aux.</summary>
    public long Pack() => (long)AliasTag << 32 | (uint)(AlignmentLog2 | (IsVolatile ? 1 << 8 : 0) | (int)Order << 9);

    /// <summary>Unpacks an instruction's Aux.</summary>
    public static MemoryAccess Unpack(long aux) =>
        new((byte)aux, (aux & 1 << 8) != 0, (MemoryOrder)(aux >> 9 & 7), (int)(aux >> 32));

    /// <summary>Neither volatile nor atomic.</summary>
    public bool IsSimple => !IsVolatile && Order == MemoryOrder.Plain;
}
