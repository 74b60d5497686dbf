using System.Runtime.CompilerServices;
using Kiln.Base;
using Kiln.IR;

namespace Kiln.CodeGen.Machine;

// The machine code of one function.
//
// Code is a flat array in final block order; a block is a run of it. Operands stand in one array, a run for each instruction;
// a memory operand takes three entries (head, base, index), so that whoever looks for registers walks entries and knows nothing
// of addressing modes.
//
// Before allocation:
//   - every virtual register has exactly one definition: an instruction, or a phi of a block; it dominates the uses;
//   - physical registers stand in operands only where they are not allocatable (stack pointer, frame pointer); a value that must be in
//     an allocatable register at an instruction is a virtual register with Constraint.Fixed;
//   - a two-address instruction has a definition (Tied) and a use (Implicit): `def v3 tied 1, use v1 implicit, use v2`;
//   - phis are columns of the block: PhiDef(block, k), PhiArgument(block, predecessor, k). No critical edges: a block with several
//     predecessors has only predecessors with one successor, but for targets of abnormal edges;
//   - terminators (flag) are last; moves of an edge go before the first terminator or to the head of the successor;
//   - an instruction reads its plain uses, then writes its plain definitions, then its Clobbers are destroyed.
// After allocation: all registers are physical, spilled Any operands are Frame operands, Copy became Move or nothing, phis are gone.
//
// All buffers are kept for the next function (Reset).

/// <summary>A virtual register.</summary>
public struct VirtualRegister
{
    public RegisterClass Class;

    /// <summary>Bytes of its spill slot: 4, 8, 16, 32 or 64.</summary>
    public byte SpillSize;

    /// <summary>Whether it is used in another block than it is defined in, or defined by a phi.</summary>
    public bool IsGlobal;
}

/// <summary>An object in the frame.</summary>
public struct FrameObject
{
    public int Size;
    public int AlignmentLog2;

    /// <summary>Set by frame layout; what it is relative to is the target's business.</summary>
    public int Offset;

    /// <summary>Whether its place is given (incoming stack arguments) and layout leaves it alone.</summary>
    public bool IsFixed;

    /// <summary>Whether nothing refers to it any more: it needs no room.</summary>
    public bool IsUnused;

    /// <summary>Whether it lies above all others, below what returns and is saved (-fstack-protector).</summary>
    public bool IsGuard;
}

/// <summary>A block: a run of instructions, and its phis.</summary>
public struct MachineBlock
{
    public Block Block;
    public int Start;
    public int End;

    /// <summary>Phis: their definitions in <see cref="MachineFunction.PhiRegisters"/> at PhiStart, and for predecessor number p the
    /// arguments at PhiStart + (p + 1) * PhiCount.</summary>
    public int PhiStart;
    public int PhiCount;

    /// <summary>Runs in <see cref="MachineFunction.Edges"/>; positions in block order.</summary>
    public int PredecessorStart;
    public int PredecessorCount;
    public int SuccessorStart;
    public int SuccessorCount;

    public float Frequency;
    public int LoopDepth;

    /// <summary>The innermost loop that holds it, a number of <see cref="MachineFunction.Loops"/>; 0: none.</summary>
    public int Loop;

    /// <summary>Whether another function or longjmp may enter it: no value is in a register at its head.</summary>
    public bool IsAbnormalEntry;

    /// <summary>The IR block whose address is this block's; 0: its own, -1: another block has its address.</summary>
    public int AddressOf;

    /// <summary>Alignment of its label as a power of two, 0: none.</summary>
    public byte AlignmentLog2;
}

/// <summary>The machine code of one function. See the file's header.</summary>
public sealed class MachineFunction
{
    public GrowBuffer<MachineInstruction> Code { get; } = new(1024);
    public GrowBuffer<MachineOperand> Operands { get; } = new(4096);
    public GrowBuffer<VirtualRegister> Registers { get; } = new(1024);
    public GrowBuffer<MachineBlock> Blocks { get; } = new(128);
    public GrowBuffer<int> Edges { get; } = new(256);
    public GrowBuffer<int> PhiRegisters { get; } = new(256);

    /// <summary>Object 0 is none; then the IR's stack slots by their own ids; then what code generation adds.</summary>
    public GrowBuffer<FrameObject> FrameObjects { get; } = new(64);

    /// <summary>Loops by number from 1: the loop around each (0: none) and its depth.</summary>
    public GrowBuffer<(int Parent, int Depth)> Loops { get; } = new(8);

    /// <summary>Jump tables: runs of IR block ids in <see cref="TableBlocks"/>.</summary>
    public GrowBuffer<(int Start, int Count)> JumpTables { get; } = new(4);
    public GrowBuffer<int> TableBlocks { get; } = new(16);

    /// <summary>By IR block id: its position in <see cref="Blocks"/>, or -1.</summary>
    public GrowBuffer<int> PositionOfBlock { get; } = new(128);

    /// <summary>The function in IR.</summary>
    public Function Source { get; private set; } = null!;

    /// <summary>Bytes of the outgoing argument area: the most that a call needs.</summary>
    public int OutgoingSize { get; set; }

    /// <summary>Whether it calls anything (or may: asm).</summary>
    public bool HasCalls { get; set; }

    /// <summary>The stack pointer moves while the body runs (dynamic allocation).</summary>
    public bool HasDynamicStack { get; set; }

    /// <summary>Physical registers that anything in the code writes; after allocation.</summary>
    public RegisterSet UsedRegisters { get; set; }

    /// <summary>The target's own facts about the function (variadic save area and so on).</summary>
    public object? TargetState { get; set; }

    /// <summary>Starts a new function.</summary>
    public void Reset(Function source)
    {
        Source = source;
        Code.Clear();
        Operands.Clear();
        Registers.Clear();
        Blocks.Clear();
        Edges.Clear();
        PhiRegisters.Clear();
        FrameObjects.Clear();
        JumpTables.Clear();
        TableBlocks.Clear();
        PositionOfBlock.Clear();
        Loops.Clear();
        Loops.Add(default);
        OutgoingSize = 0;
        HasCalls = false;
        HasDynamicStack = (source.Flags & FunctionFlags.HasDynamicStack) != 0;
        UsedRegisters = default;
        FrameObjects.Add(default);
        for (int i = 1; i < source.SlotCount; i++)
        {
            ref SlotData slot = ref source[new StackSlot(i)];
            FrameObjects.Add(new FrameObject { Size = slot.Size, AlignmentLog2 = slot.AlignmentLog2, IsGuard = slot.IsGuard });
        }
    }

    /// <summary>Makes a virtual register.</summary>
    public Reg NewRegister(RegisterClass registerClass, int spillSize) =>
        new(Reg.FirstVirtual + Registers.Add(new VirtualRegister { Class = registerClass, SpillSize = (byte)spillSize }));

    /// <summary>Makes a frame object.</summary>
    public int NewFrameObject(int size, int alignmentLog2) =>
        FrameObjects.Add(new FrameObject { Size = size, AlignmentLog2 = alignmentLog2 });

    /// <summary>Makes a frame object at a given place.</summary>
    public int NewFixedObject(int size, int offset) => FrameObjects.Add(new FrameObject { Size = size, Offset = offset, IsFixed = true });

    /// <summary>The data of a virtual register.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref VirtualRegister Data(Reg register) => ref Registers[register.Id - Reg.FirstVirtual];

    /// <summary>The operands of an instruction.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<MachineOperand> OperandsOf(in MachineInstruction instruction) =>
        Operands.Span.Slice(instruction.FirstOperand, instruction.OperandCount);

    public ReadOnlySpan<int> Predecessors(int block) => Edges.Span.Slice(Blocks[block].PredecessorStart, Blocks[block].PredecessorCount);

    public ReadOnlySpan<int> Successors(int block) => Edges.Span.Slice(Blocks[block].SuccessorStart, Blocks[block].SuccessorCount);

    /// <summary>The registers that a block's phis define.</summary>
    public Span<int> PhiDefs(int block) => PhiRegisters.Span.Slice(Blocks[block].PhiStart, Blocks[block].PhiCount);

    /// <summary>What the phis get from predecessor number <paramref name="predecessor"/>.</summary>
    public Span<int> PhiArguments(int block, int predecessor)
    {
        ref MachineBlock data = ref Blocks[block];
        return PhiRegisters.Span.Slice(data.PhiStart + (predecessor + 1) * data.PhiCount, data.PhiCount);
    }

    /// <summary>The position of an IR block, or -1.</summary>
    public int Position(Block block) => PositionOfBlock[block.Id];
}
