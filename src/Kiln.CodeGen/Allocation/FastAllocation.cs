using System.Numerics;
using Kiln.Base;
using Kiln.CodeGen.Machine;

namespace Kiln.CodeGen.Allocation;

// Register allocation of -O0: one pass over each block, from its end to its start; no liveness, no allocation of memory.
//
// Going backwards, the first use seen of a value is its last one: there it gets a register, and keeps it up to its definition. What
// lives across blocks is stored at its definition and loaded at the head of each block that wants it in a register. Where a
// register is needed for something else (a fixed operand, a call), its holder moves away above the instruction: the instruction is
// followed by a restore (from another register, or from the holder's slot, which obliges the definition to store).
//
// An instruction I comes out as:   moves into fixed and tied registers; I; moves and stores of its definitions; restores.
//   - sources of the moves before I are never in their targets: holders of the targets were displaced first;
//   - a restore's source is not written by I nor by the moves of its definitions.
// Phis live in slots: predecessors store into them before their terminators.
//
// In: MachineFunction before allocation. Out: after allocation, UsedRegisters set.

/// <summary>The allocator of -O0. See the file's header.</summary>
public sealed class FastAllocation
{
    private const int ManyPhis = 6;

    private readonly GrowBuffer<MachineInstruction> _reversed = new(256);
    private readonly GrowBuffer<MachineInstruction> _code = new(1024);
    private readonly GrowBuffer<MachineInstruction> _before = new(16);
    private readonly GrowBuffer<MachineInstruction> _after = new(16);
    private readonly GrowBuffer<MachineInstruction> _restores = new(16);
    private readonly GrowBuffer<(int Slot, int Size)> _freeSlots = new(16);
    private readonly GrowBuffer<(int Slot, int Size)> _blockSlots = new(16);
    private readonly int[] _holder = new int[64];
    private byte[] _at = [];
    private int[] _slot = [];
    private int[] _phiSlot = [];
    private ulong _held;
    private bool _keepsCopies;
    private MachineFunction _function = null!;
    private RegisterFile _file = null!;
    private ulong _general, _vector, _used;

    // Facts about the instruction at hand.
    private ulong _fixedDefs, _fixedUses, _clobbers, _written, _busy;
    private Location _location;

    /// <summary>Allocates a function's registers.</summary>
    public void Run(MachineFunction function, RegisterFile file, bool verify)
    {
        AllocationChecker? checker = verify ? new AllocationChecker(function, file) : null;
        checker?.Remember();
        _keepsCopies = verify;
        _function = function;
        _file = file;
        _general = file.Allocatable(RegisterClass.General).Bits;
        _vector = file.Allocatable(RegisterClass.Vector).Bits;
        _used = 0;
        int count = function.Registers.Count;
        if (_at.Length < count)
        {
            _at = new byte[count * 2];
            _slot = new int[count * 2];
            _phiSlot = new int[count * 2];
        }
        Array.Clear(_at, 0, count);
        Array.Clear(_slot, 0, count);
        Array.Clear(_phiSlot, 0, count);
        _code.Clear();
        _freeSlots.Clear();
        for (int i = 0; i < function.Blocks.Count; i++)
            ReservePhis(i);
        for (int i = 0; i < function.Blocks.Count; i++)
            AllocateBlock(i);
        function.Code.Clear();
        function.Code.AddRange(_code.Span);
        function.UsedRegisters = new RegisterSet(_used);
        checker?.Check();
    }

    private void ReservePhis(int block)
    {
        Span<int> defs = _function.PhiDefs(block);
        foreach (int phi in defs)
        {
            int slot = SlotOf(new Reg(phi));
            // With many phis a register may have to be freed between the stores: they must not overwrite what is still read.
            if (defs.Length > ManyPhis)
                slot = NewObject(_function.Data(new Reg(phi)).SpillSize);
            _phiSlot[phi - Reg.FirstVirtual] = slot;
        }
    }

    private void AllocateBlock(int position)
    {
        MachineBlock block = _function.Blocks[position];
        _reversed.Clear();
        _blockSlots.Clear();
        int i = block.End - 1;
        for (; i >= block.Start && (_function.Code[i].Flags & MachineFlags.Terminator) != 0; i--)
            Allocate(ref _function.Code[i]);
        StorePhiArguments(position);
        for (; i >= block.Start; i--)
            Allocate(ref _function.Code[i]);
        LoadLiveIns(position);
        ref MachineBlock data = ref _function.Blocks[position];
        data.Start = _code.Count;
        Span<MachineInstruction> reversed = _reversed.Span;
        for (int k = reversed.Length - 1; k >= 0; k--)
            _code.Add(reversed[k]);
        data.End = _code.Count;
        _freeSlots.AddRange(_blockSlots.Span);
    }

    private void LoadLiveIns(int position)
    {
        while (_held != 0)
        {
            int number = BitOperations.TrailingZeroCount(_held);
            Reg value = new(_holder[number]);
            _reversed.Add(Load(number, value));
            Release(number);
        }
        Span<int> phis = _function.PhiDefs(position);
        if (phis.Length <= ManyPhis)
            return;
        for (int i = 0; i < phis.Length; i++)
        {
            Reg phi = new(_function.PhiDefs(position)[i]);
            int size = _function.Data(phi).SpillSize;
            _reversed.Add(Move(FrameOperand(SlotOf(phi)), FrameOperand(_phiSlot[phi.Index]), size));
        }
    }

    private void StorePhiArguments(int position)
    {
        ref MachineBlock block = ref _function.Blocks[position];
        for (int i = 0; i < block.SuccessorCount; i++)
        {
            int successor = _function.Edges[block.SuccessorStart + i];
            int phis = _function.Blocks[successor].PhiCount;
            if (phis == 0)
                continue;
            int predecessor = PredecessorIndex(position, successor, i);
            for (int k = 0; k < phis; k++)
                StorePhi(new Reg(_function.PhiDefs(successor)[k]), new Reg(_function.PhiArguments(successor, predecessor)[k]));
        }
    }

    // Of several edges between two blocks the n-th successor is the n-th predecessor.
    private int PredecessorIndex(int from, int to, int successorIndex)
    {
        int nth = 0;
        ReadOnlySpan<int> successors = _function.Successors(from);
        for (int i = 0; i < successorIndex; i++)
        {
            if (successors[i] == to)
                nth++;
        }
        ReadOnlySpan<int> predecessors = _function.Predecessors(to);
        for (int i = 0; ; i++)
        {
            if (predecessors[i] == from && nth-- == 0)
                return i;
        }
    }

    private void StorePhi(Reg phi, Reg argument)
    {
        int slot = _phiSlot[phi.Index];
        VirtualRegister data = _function.Data(phi);
        _fixedDefs = _fixedUses = _clobbers = _written = _busy = 0;
        if (argument == phi && slot == _slot[phi.Index])
            return;
        if (data.Class == RegisterClass.Memory)
        {
            _reversed.Add(Move(FrameOperand(slot), FrameOperand(SlotOf(argument)), data.SpillSize));
            return;
        }
        int number = _at[argument.Index] - 1;
        if (number < 0)
        {
            number = Choose(data.Class, ~0UL, 0);
            Hold(number, argument);
        }
        foreach (MachineInstruction restore in _restores.Span)
            _reversed.Add(restore);
        _restores.Clear();
        _reversed.Add(Move(FrameOperand(slot), RegisterOperand(number), data.SpillSize));
    }

    // One instruction

    private void Allocate(ref MachineInstruction instruction)
    {
        _location = instruction.Location;
        if (instruction.Opcode == GenericOp.Copy)
        {
            AllocateCopy(in instruction);
            if (_keepsCopies)
                _reversed.Add(instruction with { Opcode = GenericOp.Nothing });
            return;
        }
        if (instruction.Opcode is GenericOp.DebugValue or GenericOp.Nothing)
            return;
        int first = instruction.FirstOperand;
        int end = first + instruction.OperandCount;
        Scan(first, end);
        for (int i = first; i < end; i++)
        {
            ref MachineOperand operand = ref _function.Operands[i];
            if (operand.Kind == OperandKind.Register && operand.IsDef && operand.Reg.IsVirtual)
                Define(i, first);
        }
        ulong destroyed = _held & _clobbers;
        while (destroyed != 0)
        {
            Spill(BitOperations.TrailingZeroCount(destroyed));
            destroyed &= destroyed - 1;
        }
        _used |= _clobbers | _written;
        if (_fixedUses != 0)
            UseFixed(first, end);
        for (int i = first; i < end; i++)
        {
            ref MachineOperand operand = ref _function.Operands[i];
            if (operand.Kind == OperandKind.Register && operand.IsUse && operand.Reg.IsVirtual)
                Use(i);
        }
        foreach (MachineInstruction restore in _restores.Span)
            _reversed.Add(restore);
        Span<MachineInstruction> after = _after.Span;
        for (int i = after.Length - 1; i >= 0; i--)
            _reversed.Add(after[i]);
        if (instruction.Opcode is not (GenericOp.Undefined or GenericOp.Keep))
            _reversed.Add(instruction);
        else if (_keepsCopies)
            _reversed.Add(instruction with { Opcode = GenericOp.Nothing });
        foreach (MachineInstruction move in _before.Span)
            _reversed.Add(move);
        _restores.Clear();
        _after.Clear();
        _before.Clear();
    }

    private void Scan(int first, int end)
    {
        _fixedDefs = _fixedUses = _clobbers = _written = _busy = 0;
        foreach (ref MachineOperand operand in _function.Operands.Span[first..end])
        {
            if (operand.Kind == OperandKind.Register)
            {
                if (operand.Constraint == Constraint.Fixed)
                {
                    if (operand.IsDef)
                        _fixedDefs |= 1UL << operand.Extra;
                    else
                        _fixedUses |= 1UL << operand.Extra;
                }
            }
            else if (operand.Kind == OperandKind.Clobbers)
            {
                _clobbers |= (ulong)operand.Value;
            }
        }
    }

    private void Define(int index, int first)
    {
        MachineOperand operand = _function.Operands[index];
        Reg value = operand.Reg;
        VirtualRegister data = _function.Data(value);
        bool isStored = data.IsGlobal || _slot[value.Index] != 0 || data.Class == RegisterClass.Memory;
        int below = _at[value.Index] - 1;
        if (below < 0 && isStored && operand.Constraint == Constraint.Any)
        {
            _function.Operands[index].Kind = OperandKind.Frame;
            _function.Operands[index].Register = SlotOf(value);
            FreeSlot(value, data);
            return;
        }
        int number = below;
        if (operand.Constraint == Constraint.Fixed)
        {
            number = DefineFixed(value, operand.Extra, ref below);
        }
        else
        {
            ulong allowed = (operand.Constraint == Constraint.Set ? (ulong)operand.Value : ~0UL) & ~_clobbers;
            if (operand.Constraint == Constraint.Tied || (operand.Role & Role.Early) != 0)
                allowed &= ~_fixedUses;
            if (number < 0 || (allowed >> number & 1) == 0)
                number = Choose(data.Class, allowed, _written | _fixedDefs);
            below = _at[value.Index] - 1;
        }
        if (below >= 0)
        {
            if (below != number)
                _after.Add(Move(RegisterOperand(below), RegisterOperand(number), data.SpillSize));
            Release(below);
            _written |= 1UL << below;
        }
        _written |= 1UL << number;
        _busy |= Early(operand) & 1UL << number;
        if (data.IsGlobal || _slot[value.Index] != 0)
        {
            _after.Add(Store(value, number, data));
            FreeSlot(value, data);
        }
        _function.Operands[index].Register = number + 1;
        if (operand.Constraint == Constraint.Tied)
        {
            ref MachineOperand use = ref _function.Operands[first + operand.Extra];
            use.Constraint = Constraint.Fixed;
            use.Extra = (byte)number;
            _fixedUses |= 1UL << number;
        }
    }

    private static ulong Early(in MachineOperand operand) => (operand.Role & Role.Early) != 0 ? ~0UL : 0;

    private int DefineFixed(Reg value, int number, ref int below)
    {
        if (below != number && below >= 0 && (_fixedDefs >> below & 1) != 0)
        {
            Displace(below);
            below = _at[value.Index] - 1;
        }
        if ((_held >> number & 1) != 0 && _holder[number] != value.Id)
            Displace(number);
        return number;
    }

    private void UseFixed(int first, int end)
    {
        _busy |= _fixedUses;
        for (int i = first; i < end; i++)
        {
            ref MachineOperand operand = ref _function.Operands[i];
            if (IsFixedUse(in operand) && (_held >> operand.Extra & 1) != 0 && _holder[operand.Extra] != operand.Register)
                Displace(operand.Extra);
        }
        for (int i = first; i < end; i++)
        {
            if (!IsFixedUse(in _function.Operands[i]))
                continue;
            int number = _function.Operands[i].Extra;
            Reg value = _function.Operands[i].Reg;
            int at = _at[value.Index] - 1;
            if (at < 0 && IsOfClass(number, value))
            {
                Hold(number, value);
                at = number;
            }
            else if (at < 0)
            {
                at = Choose(_function.Data(value).Class, ~0UL, _busy);
                Hold(at, value);
            }
            if (at != number)
            {
                _before.Add(Move(RegisterOperand(number), RegisterOperand(at), _function.Data(value).SpillSize));
                _used |= 1UL << number;
                _busy |= 1UL << at;
            }
            _function.Operands[i].Register = number + 1;
        }
    }

    // A value may be passed in a register of the other class (a vector of one integer).
    private bool IsOfClass(int number, Reg value) =>
        ((_function.Data(value).Class == RegisterClass.Vector ? _file.Vector : _file.General).Bits >> number & 1) != 0;

    private static bool IsFixedUse(in MachineOperand operand) =>
        operand.Kind == OperandKind.Register && operand.IsUse && operand.Constraint == Constraint.Fixed && operand.Reg.IsVirtual;

    private void Use(int index)
    {
        MachineOperand operand = _function.Operands[index];
        Reg value = operand.Reg;
        VirtualRegister data = _function.Data(value);
        int number = _at[value.Index] - 1;
        ulong set = operand.Constraint == Constraint.Set ? (ulong)operand.Value : ~0UL;
        set &= ~(Early(in operand) & (_written | _clobbers));
        if (number < 0)
        {
            if (operand.Constraint == Constraint.Any
                && (data.IsGlobal || data.Class == RegisterClass.Memory || _slot[value.Index] != 0))
            {
                _function.Operands[index].Kind = OperandKind.Frame;
                _function.Operands[index].Register = SlotOf(value);
                return;
            }
            number = Choose(data.Class, set, _busy);
            Hold(number, value);
        }
        else if ((set >> number & 1) == 0)
        {
            _busy |= 1UL << number;
            int target = Choose(data.Class, set, _busy);
            _before.Add(Move(RegisterOperand(target), RegisterOperand(number), data.SpillSize));
            _used |= 1UL << target;
            number = target;
        }
        _function.Operands[index].Register = number + 1;
        _busy |= 1UL << number;
    }

    private void AllocateCopy(in MachineInstruction instruction)
    {
        _fixedDefs = _fixedUses = _clobbers = _written = _busy = 0;
        MachineOperand to = _function.Operands[instruction.FirstOperand];
        MachineOperand from = _function.Operands[instruction.FirstOperand + 1];
        VirtualRegister data = _function.Data(to.Reg);
        if (data.Class == RegisterClass.Memory)
        {
            int target = SlotOf(to.Reg);
            FreeSlot(to.Reg, data);
            _reversed.Add(Move(FrameOperand(target), FrameOperand(SlotOf(from.Reg)), data.SpillSize));
            return;
        }
        int below = _at[to.Reg.Index] - 1;
        bool isStored = data.IsGlobal || _slot[to.Reg.Index] != 0;
        if (below < 0 && !isStored)
            return;
        if (below >= 0)
            Release(below);
        int source = from.Reg.IsPhysical ? from.Reg.Number : _at[from.Reg.Index] - 1;
        if (source < 0)
        {
            bool sameClass = _function.Data(from.Reg).Class == data.Class;
            source = below >= 0 && sameClass ? below : Choose(_function.Data(from.Reg).Class, ~0UL, 0);
            Hold(source, from.Reg);
        }
        foreach (MachineInstruction restore in _restores.Span)
            _reversed.Add(restore);
        _restores.Clear();
        if (isStored)
        {
            _reversed.Add(Store(to.Reg, source, data));
            FreeSlot(to.Reg, data);
        }
        if (below >= 0 && below != source)
            _reversed.Add(Move(RegisterOperand(below), RegisterOperand(source), data.SpillSize));
    }

    // Registers

    private void Hold(int number, Reg value)
    {
        _holder[number] = value.Id;
        _at[value.Index] = (byte)(number + 1);
        _held |= 1UL << number;
        _used |= 1UL << number;
    }

    private void Release(int number)
    {
        _at[_holder[number] - Reg.FirstVirtual] = 0;
        _held &= ~(1UL << number);
    }

    // A register that is free above the instruction and not in `avoid`; one is freed if need be.
    private int Choose(RegisterClass registerClass, ulong set, ulong avoid)
    {
        ulong allowed = set & ~avoid;
        ulong free = allowed & ~_held;
        foreach (byte number in _file.Order(registerClass))
        {
            if ((free >> number & 1) != 0)
                return number;
        }
        ulong victims = allowed & ~_busy & (registerClass == RegisterClass.General ? _general : _vector);
        if (victims == 0)
            throw new InvalidOperationException("no register is left for an operand");
        int victim = BitOperations.TrailingZeroCount(victims);
        Displace(victim);
        return victim;
    }

    // The holder of a register, which lives on below the instruction, must be elsewhere above it.
    private void Displace(int number)
    {
        Reg value = new(_holder[number]);
        VirtualRegister data = _function.Data(value);
        ulong free = ~(_held | _written | _clobbers | _fixedDefs | _fixedUses | _busy);
        foreach (byte other in _file.Order(data.Class))
        {
            if ((free >> other & 1) == 0)
                continue;
            _restores.Add(Move(RegisterOperand(number), RegisterOperand(other), data.SpillSize));
            Release(number);
            Hold(other, value);
            return;
        }
        Spill(number);
    }

    private void Spill(int number)
    {
        _restores.Add(Load(number, new Reg(_holder[number])));
        Release(number);
    }

    // Slots

    private int SlotOf(Reg value)
    {
        ref int slot = ref _slot[value.Index];
        if (slot == 0)
            slot = _function.Data(value).IsGlobal ? NewObject(_function.Data(value).SpillSize) : NewSlot(_function.Data(value).SpillSize);
        return slot;
    }

    private int NewObject(int size) => _function.NewFrameObject(size, Math.Min(4, BitOperations.Log2((uint)size)));

    private int NewSlot(int size)
    {
        for (int i = _freeSlots.Count - 1; i >= 0 && i >= _freeSlots.Count - 8; i--)
        {
            if (_freeSlots[i].Size != size)
                continue;
            int slot = _freeSlots[i].Slot;
            _freeSlots[i] = _freeSlots.Last;
            _freeSlots.Pop();
            return slot;
        }
        return NewObject(size);
    }

    // Slots of values that live in one block are used again by other blocks (not in this one: a slot freed here at the definition is
    // free above it, but restores of the same instruction may still stand below).
    private void FreeSlot(Reg value, in VirtualRegister data)
    {
        if (!data.IsGlobal && _slot[value.Index] != 0)
            _blockSlots.Add((_slot[value.Index], data.SpillSize));
    }

    // Instructions made here

    private MachineInstruction Load(int number, Reg value) =>
        Move(RegisterOperand(number), FrameOperand(SlotOf(value)), _function.Data(value).SpillSize);

    private MachineInstruction Store(Reg value, int number, in VirtualRegister data) =>
        Move(FrameOperand(SlotOf(value)), RegisterOperand(number), data.SpillSize);

    private MachineInstruction Move(in MachineOperand to, in MachineOperand from, int size)
    {
        int first = _function.Operands.Add(to);
        _function.Operands.Add(from);
        _function.Operands[first].Role = Role.Def;
        return new MachineInstruction
        {
            Opcode = GenericOp.Move,
            Size = (byte)size,
            FirstOperand = first,
            OperandCount = 2,
            Location = _location,
        };
    }

    private static MachineOperand RegisterOperand(int number) =>
        new() { Kind = OperandKind.Register, Role = Role.Use, Register = number + 1 };

    private static MachineOperand FrameOperand(int slot) => new() { Kind = OperandKind.Frame, Role = Role.Use, Register = slot };
}
