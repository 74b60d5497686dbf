using Kiln.CodeGen.Machine;
using Kiln.IR;

namespace Kiln.CodeGen;

/// <summary>How legalization treats values of a type.</summary>
public enum TypeAction : byte
{
    /// <summary>A value fits one virtual register; which operations are legal is asked one by one.</summary>
    Legal,

    /// <summary>An integer becomes two of half the width (i128), or a vector two of half the lanes.</summary>
    Split,

    /// <summary>A vector becomes its lanes.</summary>
    Scalarize,
}

/// <summary>
/// What a target gives to code generation. One object serves all functions of a module, one after the other; the order of calls for a
/// function is BeginFunction, Select for each instruction bottom-up (blocks in post-order), SelectEntry, then after allocation
/// LayoutFrame, Peephole, Emit.
/// </summary>
public abstract class TargetMachine(CodeGenOptions options)
{
    /// <summary>What the command line asks.</summary>
    public CodeGenOptions Options => options;

    /// <summary>Called before anything else is asked about a function: it may use other instructions than the one before. True: what
    /// was legal may not be so any more.</summary>
    public virtual bool Enter(Function function) => false;

    /// <summary>The registers as this function may use them (with or without a frame pointer, with or without vector registers).</summary>
    public abstract RegisterFile RegistersOf(Function function);

    /// <summary>The unconditional jump: one Block operand.</summary>
    public abstract ushort JumpOpcode { get; }

    /// <summary>The name of an opcode of this target's, for listings; null for those that all targets share.</summary>
    public abstract string? OpcodeName(int opcode);

    // Types and legality

    /// <summary>What becomes of values of a type.</summary>
    public abstract TypeAction ActionOf(IrType type);

    /// <summary>
    /// Whether <see cref="Select"/> takes an operation on legal types. <paramref name="type"/> is the result's type (of a store: the
    /// value's), <paramref name="operand"/> the type of operand A where the operation has one.
    /// </summary>
    public abstract bool IsLegal(Op op, IrType type, IrType operand);

    /// <summary>The register class of a legal type and the bytes of its spill slot.</summary>
    public abstract (RegisterClass Class, int SpillSize) RegisterFor(IrType type);

    /// <summary>The greatest number of bytes for which a copy (or fill) of constant size is selected inline; larger ones become calls.</summary>
    public abstract int InlineCopyLimit(Function function);

    /// <summary>Whether a leaf, as operand number <paramref name="operand"/> of an instruction, takes an instruction of its own that
    /// a loop had better not repeat.</summary>
    public virtual bool IsCostly(Function function, Value user, int operand) => false;

    // Selection

    /// <summary>Called before the first Select of a function.</summary>
    public virtual void BeginFunction(Selection selection)
    {
    }

    /// <summary>
    /// Emits an instruction (not a phi, not a leaf) and what is folded into it. Op.Switch comes only as a jump table: on an i64, with one
    /// case for each value from 0 up without gaps, exhaustive. Successors of a branch are named by IR block; both arms of BranchIf are
    /// branched to explicitly (Jcc, Jmp), jumps to the next block are dropped at emission.
    /// </summary>
    public abstract void Select(Selection selection, Value instruction);

    /// <summary>Emits code that puts a leaf (constant, address, Any; not a parameter) in a new register; of kind Memory where its class is.</summary>
    public abstract Reg Materialize(Selection selection, Value leaf);

    /// <summary>
    /// Emits the start of the entry block: <see cref="GenericOp.Entry"/> with the parameters that <see cref="Selection.Requested"/> names,
    /// loads of those on the stack. Called after all blocks were selected.
    /// </summary>
    public abstract void SelectEntry(Selection selection);

    /// <summary>Whether a TargetOp (or asm) must be emitted even if its result is not used.</summary>
    public abstract bool HasEffects(Function function, Value instruction);

    // After allocation

    /// <summary>
    /// Decides the frame: places the frame objects (those that are neither fixed nor unused), the saved registers and the argument area.
    /// </summary>
    public abstract void LayoutFrame(MachineFunction function);

    /// <summary>How many bytes of stack a call of the function takes whatever it is called with, the return address included.</summary>
    public abstract long StackUsage(MachineFunction function);

    /// <summary>Improves allocated code in place.</summary>
    public virtual void Peephole(MachineFunction function)
    {
    }

    /// <summary>
    /// Emits the function's body: prologue, blocks with their labels, epilogues, call frame information, jump tables. The section is
    /// entered and the function's label defined by the caller.
    /// </summary>
    public abstract void Emit(MachineFunction function, FunctionEmission emission);

    /// <summary>Where a frame object is, for a debugger: the distance from the canonical frame address (register -1), or from a register by
    /// its DWARF number, where the frame is aligned at run time.</summary>
    public abstract (int Register, long Displacement) FramePlace(MachineFunction function, int frameObject);

    /// <summary>The modifier of a datum that is the distance of a thread-local symbol in its module's block.</summary>
    public abstract int TlsOffsetModifier { get; }

    /// <summary>The number of the physical register that a place is, or -1.</summary>
    public abstract int RegisterOf(Kiln.Target.Abi.Place place);

    /// <summary>DWARF's number of a physical register.</summary>
    public abstract int DwarfNumber(int register);
}
