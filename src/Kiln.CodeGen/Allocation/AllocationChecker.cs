using Kiln.CodeGen.Machine;

namespace Kiln.CodeGen.Allocation;

// A symbolic proof of an allocation: abstract interpretation of the allocated code, in which a place (register or frame object) holds a set
// of values of the code before allocation. Moves copy sets, definitions start them, clobbers empty them, joins intersect them. Every
// operand must then hold the value that the code before allocation named. Knows nothing of how the allocator thinks. For tests and -fverify:
// clear rather than fast.

/// <summary>Proves that allocated code reads the values that the code before allocation said. See the file's header.</summary>
internal sealed class AllocationChecker(MachineFunction function, RegisterFile file)
{
    private const int FrameBase = 64;

    private readonly Dictionary<int, int> _again = [];
    private readonly Dictionary<int, List<MachineInstruction>> _skipped = [];
    private int[] _registers = [];
    private MachineOperand[] _operands = [];
    private Dictionary<int, HashSet<int>>?[] _states = [];

    /// <summary>Notes the code before allocation.</summary>
    public void Remember()
    {
        _operands = function.Operands.Span.ToArray();
        _registers = new int[_operands.Length];
        for (int i = 0; i < _operands.Length; i++)
            _registers[i] = _operands[i].Kind == OperandKind.Register ? _operands[i].Register : 0;
    }

    /// <summary>Notes that an instruction is not in the allocated code, where it stood.</summary>
    public void Skip(in MachineInstruction instruction, int at)
    {
        if (!_skipped.TryGetValue(at, out List<MachineInstruction>? list))
            _skipped.Add(at, list = []);
        list.Add(instruction);
    }

    /// <summary>Notes that the instruction with these operands makes a value once more.</summary>
    public void MadeAgain(int firstOperand, int value) => _again.Add(firstOperand, value + Reg.FirstVirtual);

    /// <summary>Proves the allocated code; throws where it is wrong.</summary>
    public void Check()
    {
        _states = new Dictionary<int, HashSet<int>>?[function.Blocks.Count];
        _states[0] = [];
        var work = new Queue<int>([0]);
        while (work.TryDequeue(out int block))
        {
            Dictionary<int, HashSet<int>> state = CopyOf(_states[block]!);
            RunBlock(block, state, false);
            ReadOnlySpan<int> successors = function.Successors(block);
            for (int i = 0; i < successors.Length; i++)
            {
                if (Join(successors[i], OnEdge(block, successors[i], state)) && !work.Contains(successors[i]))
                    work.Enqueue(successors[i]);
            }
        }
        for (int block = 0; block < function.Blocks.Count; block++)
        {
            if (_states[block] is { } state)
                RunBlock(block, CopyOf(state), true);
        }
    }

    private static Dictionary<int, HashSet<int>> CopyOf(Dictionary<int, HashSet<int>> state)
    {
        var copy = new Dictionary<int, HashSet<int>>(state.Count);
        foreach ((int place, HashSet<int> values) in state)
            copy.Add(place, [.. values]);
        return copy;
    }

    private Dictionary<int, HashSet<int>> OnEdge(int from, int to, Dictionary<int, HashSet<int>> state)
    {
        if (function.Blocks[to].IsAbnormalEntry)
        {
            state = CopyOf(state);
            for (int number = 0; number < 64; number++)
                state.Remove(number);
        }
        int phis = function.Blocks[to].PhiCount;
        if (phis == 0)
            return state;
        int predecessor = function.Predecessors(to).IndexOf(from);
        int[] defs = function.PhiDefs(to).ToArray();
        int[] arguments = function.PhiArguments(to, predecessor).ToArray();
        var after = new Dictionary<int, HashSet<int>>(state.Count);
        foreach ((int place, HashSet<int> values) in state)
        {
            HashSet<int> held = [.. values];
            held.ExceptWith(defs);
            for (int k = 0; k < phis; k++)
            {
                if (values.Contains(arguments[k]))
                    held.Add(defs[k]);
            }
            after.Add(place, held);
        }
        return after;
    }

    private bool Join(int block, Dictionary<int, HashSet<int>> state)
    {
        if (_states[block] is not { } known)
        {
            _states[block] = CopyOf(state);
            return true;
        }
        bool isChanged = false;
        foreach ((int place, HashSet<int> values) in known)
        {
            int before = values.Count;
            if (state.TryGetValue(place, out HashSet<int>? others))
                values.IntersectWith(others);
            else
                values.Clear();
            isChanged |= values.Count != before;
        }
        return isChanged;
    }

    private void RunBlock(int block, Dictionary<int, HashSet<int>> state, bool isChecking)
    {
        ref MachineBlock data = ref function.Blocks[block];
        for (int i = data.Start; i <= data.End; i++)
        {
            if (i < data.End || block == function.Blocks.Count - 1)
                RunSkipped(i, state);
            if (i == data.End)
                continue;
            if (function.Code[i].Opcode == GenericOp.Nothing)
                RunUnseen(in function.Code[i], state);
            else
                Run(i, in function.Code[i], state, isChecking);
        }
    }

    private void RunSkipped(int at, Dictionary<int, HashSet<int>> state)
    {
        if (!_skipped.TryGetValue(at, out List<MachineInstruction>? list))
            return;
        foreach (MachineInstruction instruction in list)
            RunUnseen(in instruction, state);
    }

    // What leaves no code: copies and definitions of any value.
    private void RunUnseen(in MachineInstruction instruction, Dictionary<int, HashSet<int>> state)
    {
        int first = instruction.FirstOperand;
        if (instruction.OperandCount == 2 && _operands[first].IsDef && _operands[first + 1].IsUse)
        {
            // A copy: what holds the source holds the target too.
            (int to, int from) = (_registers[first], _registers[first + 1]);
            Forget(to, state);
            foreach (HashSet<int> values in state.Values)
            {
                if (values.Contains(from))
                    values.Add(to);
            }
        }
        else if (instruction.OperandCount == 1 && _operands[first].IsDef)
        {
            int value = _registers[first];
            Forget(value, state);
            Set(PlaceOf(in function.Operands[first]), [value], state);
        }
    }

    private static void Forget(int value, Dictionary<int, HashSet<int>> state)
    {
        foreach (HashSet<int> values in state.Values)
            values.Remove(value);
    }

    private static void Set(int place, HashSet<int> values, Dictionary<int, HashSet<int>> state) => state[place] = values;

    private static int PlaceOf(in MachineOperand operand) =>
        operand.Kind == OperandKind.Frame ? FrameBase + operand.Register : operand.Register - 1;

    private void Run(int index, in MachineInstruction instruction, Dictionary<int, HashSet<int>> state, bool isChecking)
    {
        Span<MachineOperand> operands = function.OperandsOf(in instruction);
        if (instruction.FirstOperand >= _operands.Length && operands.Length > 0)
        {
            if (_again.TryGetValue(instruction.FirstOperand, out int made))
            {
                foreach (ref MachineOperand operand in operands)
                {
                    if (operand.IsDef)
                        Set(PlaceOf(in operand), [made], state);
                }
                return;
            }
            int to = PlaceOf(in operands[0]), from = PlaceOf(in operands[1]);
            HashSet<int> moved = state.TryGetValue(from, out HashSet<int>? held) ? [.. held] : [];
            if (instruction.Opcode == GenericOp.Swap)
                Set(from, state.TryGetValue(to, out HashSet<int>? other) ? [.. other] : [], state);
            Set(to, moved, state);
            return;
        }
        if (isChecking)
        {
            CheckUses(index, in instruction, operands, state);
            CheckEarly(index, operands);
        }
        RegisterSet clobbers = default;
        foreach (ref MachineOperand operand in operands)
        {
            if (operand.Kind == OperandKind.Clobbers)
                clobbers |= new RegisterSet((ulong)operand.Value);
        }
        for (int number = 0; number < 64; number++)
        {
            if (clobbers.Contains(number))
                state.Remove(number);
        }
        for (int k = 0; k < operands.Length; k++)
        {
            int value = _registers[instruction.FirstOperand + k];
            if (value < Reg.FirstVirtual || !operands[k].IsDef)
                continue;
            CheckClass(index, in operands[k], value);
            Forget(value, state);
            Set(PlaceOf(in operands[k]), [value], state);
        }
    }

    // What is written early must not be where something is still read.
    private void CheckEarly(int index, Span<MachineOperand> operands)
    {
        for (int d = 0; d < operands.Length; d++)
        {
            if (operands[d].Kind is not (OperandKind.Register or OperandKind.Frame) || !operands[d].IsDef)
                continue;
            for (int k = 0; k < operands.Length; k++)
            {
                if (k == d || operands[k].Kind is not (OperandKind.Register or OperandKind.Frame) || PlaceOf(in operands[k]) != PlaceOf(in operands[d]))
                    continue;
                bool isTied = operands[d].Constraint == Constraint.Tied && operands[d].Extra == k;
                if (operands[k].IsDef || !isTied && ((operands[d].Role | operands[k].Role) & Role.Early) != 0)
                    throw Wrong(index, $"operands {d} and {k} share {Name(PlaceOf(in operands[d]))}");
                if (operands[d].Constraint == Constraint.Tied && !isTied && operands[k].IsUse
                    && operands[k].Register != operands[operands[d].Extra].Register)
                {
                    throw Wrong(index, $"operand {k} shares the register of a tied pair");
                }
            }
        }
    }

    private void CheckUses(int index, in MachineInstruction instruction, Span<MachineOperand> operands, Dictionary<int, HashSet<int>> state)
    {
        for (int k = 0; k < operands.Length; k++)
        {
            ref MachineOperand operand = ref operands[k];
            int value = _registers[instruction.FirstOperand + k];
            if (value < Reg.FirstVirtual || !operand.IsUse || (operand.Role & Role.Debug) != 0)
                continue;
            CheckClass(index, in operand, value);
            int place = PlaceOf(in operand);
            if (!state.TryGetValue(place, out HashSet<int>? values) || !values.Contains(value))
                throw Wrong(index, $"operand {k} reads {Name(place)}, which holds [{Show(values)}] and not {new Reg(value)}, which is in [{Where(value, state)}]");
            for (int d = 0; d < operands.Length; d++)
            {
                if (operands[d].Kind == OperandKind.Register && operands[d].IsDef && operands[d].Constraint == Constraint.Tied
                    && operands[d].Extra == k && PlaceOf(in operands[d]) != place)
                {
                    throw Wrong(index, "a tied pair is in two places");
                }
            }
        }
    }

    private void CheckClass(int index, in MachineOperand operand, int value)
    {
        if (operand.Kind == OperandKind.Frame)
        {
            if (operand.Constraint != Constraint.Any)
                throw Wrong(index, $"{new Reg(value)} is in the frame");
            return;
        }
        if (!operand.Reg.IsPhysical)
            throw Wrong(index, $"{new Reg(value)} has no place");
        RegisterSet set = function.Data(new Reg(value)).Class == RegisterClass.Vector ? file.Vector : file.General;
        if (!set.Contains(operand.Reg.Number) && operand.Constraint != Constraint.Fixed)
            throw Wrong(index, $"{new Reg(value)} is in a register of another class");
        if (operand.Constraint == Constraint.Fixed && operand.Reg.Number != operand.Extra)
            throw Wrong(index, $"{new Reg(value)} is not in {Name(operand.Extra)}");
        if (operand.Constraint == Constraint.Set && (operand.Value >> operand.Reg.Number & 1) == 0)
            throw Wrong(index, $"{new Reg(value)} is not in one of its registers");
    }

    private static string Show(HashSet<int>? values) => values is null ? "" : string.Join(' ', values.Select(v => new Reg(v).ToString()));

    private string Where(int value, Dictionary<int, HashSet<int>> state) =>
        string.Join(' ', state.Where(pair => pair.Value.Contains(value)).Select(pair => Name(pair.Key)));

    private string Name(int place) => place >= FrameBase ? $"frame object {place - FrameBase}" : file.Names[place];

    private InvalidOperationException Wrong(int index, string message) =>
        new($"allocation of {function.Source.Module[function.Source.Symbol].Name}: instruction {index} ({function.Code[index].Opcode:x}): {message}");
}
