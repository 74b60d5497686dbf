using Kiln.Assembler.Sections;
using Kiln.Base;
using Kiln.CodeGen.Machine;
using Kiln.IR;
using Kiln.Target.Abi;

namespace Kiln.CodeGen.DebugInfo;

// Where the arguments of an optimized function are while it runs.
//
// Of a parameter that the source never assigns to and whose address it never takes, any place that holds a copy of what the caller passed
// holds the variable. The argument's register holds it at the entry; from there copies are followed forwards through the final machine
// code: a move adds a place, a write takes one away, and where paths meet only what all of them have is left. Control flow is read off the
// code itself, as jumps were threaded and code repeated after allocation. Blocks that are reached by other ways than direct jumps
// (jump tables, computed goto) begin without knowledge.
//
// During emission the walk is repeated, and a label put wherever the place that is told changes. A call ends the places that it destroys
// before it, not behind it: seen from its callee the value is gone.

/// <summary>Follows arguments through the code. See the file's header.</summary>
internal sealed class ArgumentPlaces(Emitter emitter, TargetMachine target)
{
    private struct State
    {
        public ulong Registers;

        /// <summary>A frame object, or 0.</summary>
        public int Slot;
    }

    private struct Argument
    {
        public int Variable;
        public int Size;

        /// <summary>What is told now: 0 nothing, above 0 a register's number plus 1, below 0 a frame object.</summary>
        public int Told;
        public int Since;
    }

    /// <summary>A stretch of code in which a variable is in one place; places as in <see cref="Argument.Told"/>.</summary>
    public readonly record struct Stretch(int Variable, int Start, int End, int Place);

    private readonly GrowBuffer<Argument> _arguments = new(8);
    private readonly GrowBuffer<State> _entries = new(64);
    private readonly GrowBuffer<State> _now = new(8);
    private readonly GrowBuffer<Stretch> _stretches = new(16);
    private readonly BitSet _reached = new();
    private readonly BitSet _pending = new();
    private MachineFunction _function = null!;
    private int _last;
    private bool _isOn;

    /// <summary>What was found, when the function is emitted.</summary>
    public ReadOnlySpan<Stretch> Stretches => _stretches.Span;

    /// <summary>Starts a function whose first label was put.</summary>
    public void Begin(MachineFunction function, int label)
    {
        _function = function;
        _arguments.Clear();
        _stretches.Clear();
        _now.Clear();
        _last = -1;
        _isOn = FindArguments(label);
        if (_isOn)
            Solve();
    }

    private bool FindArguments(int label)
    {
        Function source = _function.Source;
        if ((source.Flags & (FunctionFlags.CallsReturnsTwice | FunctionFlags.HasNonLocalEntries | FunctionFlags.Naked)) != 0)
            return false;
        foreach (AsmInfo info in source.Asms.Span)
        {
            if (info.LabelCount > 0)
                return false;
        }
        for (int i = 0; i < source.Variables.Count; i++)
        {
            ref DebugVariable variable = ref source.Variables[i];
            bool hasSlot = variable.Place == DebugPlace.Slot && !_function.FrameObjects[variable.Id].IsUnused;
            if (variable.Part == 0 || hasSlot)
                continue;
            Place place = source.Signature.Parameters[variable.Part - 1].Place;
            int register = target.RegisterOf(place);
            if (register < 0)
                continue;
            _arguments.Add(new Argument { Variable = i, Size = place.Size, Told = register + 1, Since = label });
            _now.Add(new State { Registers = 1UL << register });
        }
        return _arguments.Count > 0;
    }

    // The fixpoint

    private void Solve()
    {
        int blocks = _function.Blocks.Count, count = _arguments.Count;
        _entries.Clear();
        _entries.AddDefault(blocks * count);
        _reached.Reset(blocks);
        _pending.Reset(blocks);
        Meet(0);
        for (int b = 0; b < blocks; b++)
        {
            Block block = _function.Blocks[b].Block;
            if (_function.Blocks[b].IsAbnormalEntry || _function.Blocks[b].AddressOf > 0 || _function.Source[block].AddressTaken)
                Forget(b);
        }
        foreach (int block in _function.TableBlocks.Span)
            Forget(_function.PositionOfBlock[block]);
        for (int b = _pending.NextFrom(0); b >= 0; b = _pending.NextFrom(0))
        {
            _pending.Remove(b);
            Flow(b);
        }
        Load(0);
    }

    private void Forget(int block)
    {
        if (block < 0)
            return;
        _reached.Add(block);
        _pending.Add(block);
        _entries.Span.Slice(block * _arguments.Count, _arguments.Count).Clear();
    }

    // What is known now holds on one more way into a block.
    private void Meet(int block)
    {
        Span<State> into = _entries.Span.Slice(block * _arguments.Count, _arguments.Count);
        if (_reached.Add(block))
        {
            _now.Span.CopyTo(into);
            _pending.Add(block);
            return;
        }
        bool changed = false;
        for (int i = 0; i < into.Length; i++)
        {
            ulong registers = into[i].Registers & _now[i].Registers;
            int slot = into[i].Slot == _now[i].Slot ? into[i].Slot : 0;
            changed |= registers != into[i].Registers || slot != into[i].Slot;
            into[i].Registers = registers;
            into[i].Slot = slot;
        }
        if (changed)
            _pending.Add(block);
    }

    private void Load(int block)
    {
        _now.Clear();
        _now.AddRange(_entries.Span.Slice(block * _arguments.Count, _arguments.Count));
    }

    private void Flow(int b)
    {
        Load(b);
        ref MachineBlock block = ref _function.Blocks[b];
        bool fallsThrough = true;
        for (int i = block.Start; i < block.End; i++)
        {
            ref MachineInstruction instruction = ref _function.Code[i];
            if (instruction.Opcode == GenericOp.Nothing)
                continue;
            if ((instruction.Flags & MachineFlags.Terminator) != 0)
            {
                foreach (ref MachineOperand operand in _function.OperandsOf(in instruction))
                {
                    if (operand.Kind == OperandKind.Block)
                        Meet(_function.PositionOfBlock[operand.Symbol]);
                }
            }
            Step(in instruction);
            fallsThrough = instruction.Opcode != target.JumpOpcode
                && (instruction.Flags & (MachineFlags.Return | MachineFlags.IndirectBranch)) == 0;
        }
        if (fallsThrough && b + 1 < _function.Blocks.Count)
            Meet(b + 1);
    }

    /// <summary>What an instruction changes.</summary>
    private void Step(in MachineInstruction instruction)
    {
        if (instruction.Opcode is GenericOp.Nothing or GenericOp.Entry or GenericOp.DebugValue or GenericOp.Keep)
            return;
        Span<MachineOperand> operands = _function.OperandsOf(in instruction);
        if (instruction.Opcode is GenericOp.Move or GenericOp.Copy)
        {
            Move(in operands[0], in operands[1], instruction.Size);
            return;
        }
        if (instruction.Opcode == GenericOp.Swap)
        {
            Lose(1UL << operands[0].Reg.Number | 1UL << operands[1].Reg.Number);
            return;
        }
        foreach (ref MachineOperand operand in operands)
        {
            if (operand.Kind == OperandKind.Clobbers)
                Lose((ulong)operand.Value);
            else if (operand.Kind == OperandKind.Register && operand.IsDef)
                Lose(1UL << operand.Reg.Number);
            else if (operand.Kind == OperandKind.Frame && operand.IsDef)
                LoseSlot(operand.Register);
        }
    }

    private void Lose(ulong registers)
    {
        foreach (ref State state in _now.Span)
            state.Registers &= ~registers;
    }

    private void LoseSlot(int slot)
    {
        foreach (ref State state in _now.Span)
        {
            if (state.Slot == slot)
                state.Slot = 0;
        }
    }

    private void Move(in MachineOperand to, in MachineOperand from, int size)
    {
        for (int i = 0; i < _now.Count; i++)
        {
            ref State state = ref _now[i];
            bool holds = size >= _arguments[i].Size && (from.Kind == OperandKind.Register
                ? (state.Registers >> from.Reg.Number & 1) != 0
                : from.Kind == OperandKind.Frame && from.Value == 0 && state.Slot == from.Register);
            if (to.Kind == OperandKind.Register)
            {
                ulong bit = 1UL << to.Reg.Number;
                state.Registers = holds ? state.Registers | bit : state.Registers & ~bit;
            }
            else if (to.Kind == OperandKind.Frame && holds && to.Value == 0)
            {
                state.Slot = to.Register;
            }
            else if (to.Kind == OperandKind.Frame && state.Slot == to.Register)
            {
                state.Slot = 0;
            }
        }
    }

    // Emission

    /// <summary>The instruction is emitted next.</summary>
    public void Before(int block, int index)
    {
        if (!_isOn)
            return;
        if (index == _function.Blocks[block].Start)
            Load(block);
        else if (_last >= 0)
            Step(in _function.Code[_last]);
        _last = index;
        ref MachineInstruction instruction = ref _function.Code[index];
        if ((instruction.Flags & MachineFlags.Call) != 0)
            Step(in instruction);
        int label = 0;
        bool leaves = (instruction.Flags & MachineFlags.Return) != 0;
        for (int i = 0; i < _arguments.Count; i++)
        {
            ref Argument argument = ref _arguments[i];
            int place = leaves ? 0 : Choose(in _now[i], argument.Told);
            if (place == argument.Told)
                continue;
            if (label == 0)
                label = emitter.Here();
            Close(ref argument, label);
            (argument.Told, argument.Since) = (place, label);
        }
    }

    private static int Choose(in State state, int told)
    {
        if (told > 0 && (state.Registers >> told - 1 & 1) != 0 || told < 0 && state.Slot == -told)
            return told;
        return state.Registers != 0 ? System.Numerics.BitOperations.TrailingZeroCount(state.Registers) + 1 : -state.Slot;
    }

    /// <summary>The function's code ends at a label.</summary>
    public void End(int label)
    {
        if (!_isOn)
            return;
        foreach (ref Argument argument in _arguments.Span)
            Close(ref argument, label);
        _isOn = false;
    }

    private void Close(ref Argument argument, int label)
    {
        if (argument.Told != 0 && argument.Since != label)
            _stretches.Add(new Stretch(argument.Variable, argument.Since, label, argument.Told));
    }
}
