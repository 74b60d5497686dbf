using Kiln.CodeGen.Machine;
using Kiln.IR;

namespace Kiln.CodeGen.Targets.X86;

/// <summary>The frame of one function. From high addresses to low:
/// stack arguments (the CFA is their lowest address), return address, saved rbp, saved registers, objects, outgoing arguments.</summary>
internal sealed class FrameState
{
    /// <summary>Whether rbp is the frame pointer.</summary>
    public bool UsesFramePointer;

    /// <summary>Whether the stack pointer is aligned down to more than the convention's 16 bytes.</summary>
    public bool IsRealigned;

    /// <summary>Whether rbx is the base of the objects (a realigned frame with a stack pointer that moves).</summary>
    public bool UsesBasePointer;

    /// <summary>Whether the objects lie in the red zone below the stack pointer.</summary>
    public bool InRedZone;

    /// <summary>The registers saved, pushed in the order r15 .. rbx.</summary>
    public RegisterSet Saved;

    /// <summary>Vector registers that a function of the Microsoft convention keeps, and the frame object of the first; the others follow.</summary>
    public RegisterSet SavedVectors;
    public int FirstVectorObject;

    /// <summary>Bytes that the prologue takes off the stack pointer behind the pushes.</summary>
    public int Size;

    /// <summary>From the stack pointer after the prologue up to the CFA (not known where realigned).</summary>
    public int Total;

    public int Alignment = 16;

    /// <summary>Variadic function: the register save area's frame object, or 0.</summary>
    public int SaveArea;

    /// <summary>How many labels inside blocks there are.</summary>
    public int LocalLabels;

    /// <summary>The object that values pass through between the register files, or 0.</summary>
    public int TransferSlot;

    /// <summary>Whether __builtin_setjmp is used: all registers must be saved.</summary>
    public bool SavesAll;
}

// Frames: layout after allocation, and where an object is.
public sealed partial class X86Target
{
    private FrameState _frame = new();

    /// <inheritdoc/>
    public override long StackUsage(MachineFunction function)
    {
        var frame = (FrameState)function.TargetState!;
        int pushed = 8 + (frame.UsesFramePointer ? 8 : 0) + 8 * frame.Saved.Count;
        return frame.InRedZone ? pushed : pushed + (frame.IsRealigned ? frame.Size + frame.Alignment - 1 & -frame.Alignment : frame.Size);
    }

    private bool WantsFramePointer(Function function)
    {
        if ((function.Flags & (FunctionFlags.NeedsFramePointer | FunctionFlags.HasDynamicStack | FunctionFlags.HasNonLocalEntries)) != 0)
            return true;
        if (!(Options.OmitFramePointer ?? Options.OptimizationLevel > 0))
            return true;
        return NeedsRealignment(function);
    }

    private static bool NeedsRealignment(Function function)
    {
        bool any = false;
        for (int i = 1; i < function.SlotCount && !any; i++)
            any = function[new StackSlot(i)].AlignmentLog2 > 4;
        return any && NamesAligned(function);
    }

    // Whether code still names a slot of such alignment: promotion leaves many without a use.
    private static bool NamesAligned(Function function)
    {
        for (int b = 1; b < function.BlockCount; b++)
        {
            for (Value v = function[new Block(b)].First; !v.IsNone; v = function[v].Next)
            {
                foreach (Value operand in function.Operands(v))
                {
                    if (!operand.IsNone && function.OpOf(operand) == Op.SlotAddress && function[new StackSlot(function[operand].A.Id)].AlignmentLog2 > 4)
                        return true;
                }
            }
        }
        return false;
    }

    public override RegisterFile RegistersOf(Function function)
    {
        bool vectors = _features.Sse2;
        bool pointer = WantsFramePointer(function);
        bool @base = NeedsRealignment(function) && (function.Flags & FunctionFlags.HasDynamicStack) != 0;
        int key = (pointer ? 1 : 0) | (@base ? 2 : 0) | (vectors ? 4 : 0);
        return _files[key] ??= Regs.File(pointer, @base, vectors);
    }

    private readonly RegisterFile?[] _files = new RegisterFile?[8];

    private void BeginFrame()
    {
        _frame = new FrameState { UsesFramePointer = WantsFramePointer(_f) };
        _s.Machine.TargetState = _frame;
        _chain = default;

    }

    // Such moves go through push and pop, which write below the stack pointer.
    private static bool MovesBetweenFrameObjects(MachineFunction function)
    {
        foreach (ref MachineInstruction instruction in function.Code.Span)
        {
            if (instruction.Opcode == GenericOp.Move && function.Operands[instruction.FirstOperand].Kind == OperandKind.Frame
                && function.Operands[instruction.FirstOperand + 1].Kind == OperandKind.Frame)
                return true;
        }
        return false;
    }

    public override void LayoutFrame(MachineFunction function)
    {
        var frame = (FrameState)function.TargetState!;
        Function source = function.Source;
        bool isNaked = (source.Flags & FunctionFlags.Naked) != 0;
        frame.IsRealigned = NeedsRealignment(source);
        frame.UsesBasePointer = frame.IsRealigned && function.HasDynamicStack;
        RegisterSet saved = function.UsedRegisters & Regs.CalleeSaved;
        if ((source.Flags & (FunctionFlags.HasNonLocalEntries | FunctionFlags.SavesAllRegisters)) != 0 || frame.SavesAll)
            saved |= Regs.CalleeSaved;
        if (frame.UsesBasePointer)
            saved = saved.With(Regs.Rbx.Number);
        RegisterSet keptToo = source.Signature.PreservedSet == 1 && !isNaked ? function.UsedRegisters & Regs.MicrosoftSaved : default;
        saved |= keptToo & Regs.General;
        if (frame.UsesFramePointer)
            saved = saved.Without(Regs.Rbp.Number);
        frame.Saved = isNaked ? default : saved;

        if (Options.OptimizationLevel > 0)
            MarkUnused(function);
        frame.SavedVectors = keptToo & Regs.Vector;
        if (source.Signature.PreservedSet == 1 && !isNaked && MovesBetweenFrameObjects(function))
            frame.SavedVectors = frame.SavedVectors.With(Regs.Scratch);
        frame.FirstVectorObject = function.FrameObjects.Count;
        for (int i = 0; i < frame.SavedVectors.Count; i++)
            function.NewFrameObject(16, 4);
        int outgoing = function.HasCalls ? function.OutgoingSize : 0;
        int at = outgoing;
        int alignment = 16;
        // The large ones last: the small ones then have short displacements from the stack pointer. Above them all, guards.
        for (int pass = 0; pass < 3; pass++)
        {
            for (int i = 1; i < function.FrameObjects.Count; i++)
            {
                ref FrameObject item = ref function.FrameObjects[i];
                if (item.IsFixed || item.IsUnused || (item.IsGuard ? 2 : item.Size > 256 ? 1 : 0) != pass)
                    continue;
                int align = 1 << item.AlignmentLog2;
                alignment = Math.Max(alignment, align);
                at = at + align - 1 & -align;
                item.Offset = at;
                at += item.Size;
            }
        }
        int pushed = 8 + (frame.UsesFramePointer ? 8 : 0) + 8 * frame.Saved.Count;
        bool isLeaf = !function.HasCalls && !function.HasDynamicStack;
        frame.Alignment = alignment;
        if (isLeaf && Options.RedZone && at <= 128 && !frame.IsRealigned && !MovesBetweenFrameObjects(function))
        {
            // No call writes below the stack pointer: the objects may lie there. They end at a 16-byte border of the CFA.
            int size = at;
            while ((size + pushed & 15) != 0)
                size++;
            if (size <= 128)
            {
                frame.InRedZone = true;
                frame.Size = size;
                frame.Total = pushed + size;
                return;
            }
        }
        int total = at;
        if (!isLeaf || at > 0)
        {
            while ((total + pushed & 15) != 0)
                total++;
        }
        frame.Size = isNaked ? 0 : total;
        frame.Total = pushed + total;
    }

    // Objects that no instruction names need no room.
    private static void MarkUnused(MachineFunction function)
    {
        for (int i = 1; i < function.FrameObjects.Count; i++)
            function.FrameObjects[i].IsUnused = true;
        foreach (ref MachineInstruction instruction in function.Code.Span)
        {
            if (instruction.Opcode == GenericOp.DebugValue)
                continue;
            foreach (ref MachineOperand operand in function.OperandsOf(in instruction))
            {
                if (operand.Kind is OperandKind.Memory or OperandKind.Frame)
                    function.FrameObjects[operand.Register].IsUnused = false;
            }
        }
    }

    /// <summary>The base register (hardware number) and displacement of a frame object.</summary>
    private static (int Register, long Displacement) Place(FrameState frame, in FrameObject item)
    {
        if (item.IsFixed)
        {
            // Relative to the CFA.
            if (frame.UsesFramePointer)
                return (5, item.Offset + 16);
            return (4, item.Offset + frame.Total - (frame.InRedZone ? frame.Size : 0));
        }
        if (frame.UsesBasePointer)
            return (3, item.Offset);
        if (frame.IsRealigned)
            return (4, item.Offset);
        if (frame.UsesFramePointer)
            return (5, item.Offset - frame.Total + 16);
        return (4, item.Offset - (frame.InRedZone ? frame.Size : 0));
    }

    public override (int Register, long Displacement) FramePlace(MachineFunction function, int frameObject)
    {
        var frame = (FrameState)function.TargetState!;
        ref FrameObject item = ref function.FrameObjects[frameObject];
        if (item.IsFixed)
            return (-1, item.Offset);
        if (!frame.IsRealigned)
            return (-1, item.Offset - frame.Total);
        (int register, long displacement) = Place(frame, in item);
        return (DwarfNumber(register), displacement);
    }

    public override int RegisterOf(Kiln.Target.Abi.Place place) => place switch
    {
        { Kind: Kiln.Target.Abi.PlaceKind.Register, Bank: Kiln.Target.Abi.RegisterBank.Integer } => place.Register,
        { Kind: Kiln.Target.Abi.PlaceKind.Register, Bank: Kiln.Target.Abi.RegisterBank.Vector } => Regs.FirstVector + place.Register,
        _ => -1,
    };

    public override int TlsOffsetModifier => (int)Kiln.Target.X86Modifier.DtpOff;

    public override int DwarfNumber(int register)
    {
        ReadOnlySpan<byte> order = [0, 2, 1, 3, 7, 6, 4, 5];
        return register < 8 ? order[register] : register < 16 ? register : register - 16 + 17;
    }
}
