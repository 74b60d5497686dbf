using System.Numerics;
using Kiln.Base;
using Kiln.IR;
using Kiln.IR.Analyses;

namespace Kiln.Optimizer;

/// <summary>
/// Turns loops that test at the top into loops that test at the bottom behind a test of their own: the header's instructions are repeated in
/// the preheader, and what was the header ends the loop. Then a loop that is entered runs its body, so that loads can leave it, and each
/// round takes one jump. Values of the header that are used elsewhere go through stack slots, which promotion turns into phis again: run it next.
/// A phi plus a constant is added up again where it is used, and the lower half of one taken again: as a phi of its own it would be a second
/// counter beside the first.
///
/// Needs: the verifier's law. Changes: blocks and edges; makes preheaders.
/// </summary>
public sealed class LoopRotation
{
    private const int MaximumSize = 12;
    private const int LikelyEntered = 65536 / 8 * 7;

    private readonly Dominators _dominators = new();
    private readonly Loops _loops = new();
    private readonly GrowBuffer<(Value Value, Value Slot)> _kept = new(16);
    private Value[] _slotOf = [];
    private Value[] _copyOf = [];
    private Function _function = null!;

    /// <summary>Rotates loops; tells whether it changed any.</summary>
    public bool Run(Function function)
    {
        if ((function.Flags & (FunctionFlags.CallsReturnsTwice | FunctionFlags.HasNonLocalEntries)) != 0)
            return false;
        _dominators.Compute(function);
        _loops.Compute(function, _dominators);
        if (_loops.Count == 1)
            return false;
        _function = function;
        if (Preheaders.Make(function, _dominators, _loops))
        {
            _dominators.Compute(function);
            _loops.Compute(function, _dominators);
        }
        if (_slotOf.Length < function.ValueCount)
        {
            _slotOf = new Value[function.ValueCount * 2];
            _copyOf = new Value[function.ValueCount * 2];
        }
        else
        {
            Array.Clear(_slotOf);
            Array.Clear(_copyOf);
        }
        _kept.Clear();
        bool changed = false;
        for (int loop = 1; loop < _loops.Count; loop++)
        {
            if (CanRotate(loop))
            {
                KeepValues(_loops[loop].Header);
                Rotate(_loops[loop].Header);
                changed = true;
            }
        }
        if (changed)
            Reload();
        _function = null!;
        return changed;
    }

    private bool CanRotate(int loop)
    {
        Block header = _loops[loop].Header;
        ref BlockData data = ref _function[header];
        if (data.AddressTaken || _function.OpOf(data.Last) != Op.BranchIf || Preheaders.Of(_function, _dominators, header).IsNone)
            return false;
        ReadOnlySpan<Block> successors = _function.Successors(header);
        if (_loops.Contains(loop, successors[0]) == _loops.Contains(loop, successors[1]) || successors.Contains(header))
            return false;
        // A loop that is left at its end needs no other test.
        foreach (Block predecessor in _function.Predecessors(header))
        {
            if (!_dominators.IsReachable(predecessor) || !_dominators.Dominates(header, predecessor))
                continue;
            if (_function.OpOf(_function[predecessor].Last) is not (Op.Branch or Op.BranchIf or Op.Switch))
                return false;
            foreach (Block successor in _function.Successors(predecessor))
            {
                if (!_loops.Contains(loop, successor))
                    return false;
            }
        }
        int size = 0;
        for (Value v = data.First; v != data.Last; v = _function[v].Next)
        {
            Op op = _function.OpOf(v);
            if (op is Op.Phi or Op.DebugValue)
                continue;
            if (!OpInfo.IsPure(op) && op != Op.Load || ++size > MaximumSize)
                return false;
        }
        return true;
    }

    // Values of the header that others use are written to slots where they are made.
    private void KeepValues(Block header)
    {
        int first = _kept.Count;
        for (Value v = _function[header].First; v != _function[header].Last; v = _function[v].Next)
        {
            if (_function.OpOf(v) == Op.DebugValue)
                continue;
            if (IsStep(v, header))
            {
                _slotOf[v.Id] = v;
                _kept.Add((v, v));
                continue;
            }
            IrType type = _function.TypeOf(v);
            Value slot = _function.SlotAddress(_function.NewSlot(type.Size, BitOperations.Log2((uint)type.Size)));
            _slotOf[v.Id] = slot;
            _kept.Add((v, slot));
        }
        for (int i = first; i < _kept.Count; i++)
        {
            (Value value, Value slot) = _kept[i];
            if (slot == value)
                continue;
            IrType type = _function.TypeOf(value);
            Value place = value;
            while (_function.OpOf(place) == Op.Phi && _function.OpOf(_function[place].Next) == Op.Phi)
                place = _function[place].Next;
            Value store = _function.New(Op.Store, IrType.Void, slot, value, default, new MemoryAccess((byte)BitOperations.Log2((uint)type.Size)).Pack());
            _function.InsertAfter(place, store);
        }
    }

    private bool IsStep(Value v, Block header) =>
        (_function.OpOf(v) is Op.Add or Op.PointerAdd && _function.OpOf(_function[v].B) == Op.Constant || _function.OpOf(v) == Op.Truncate)
        && _function.OpOf(_function[v].A) == Op.Phi && _function[_function[v].A].Block == header;

    private void Rotate(Block header)
    {
        Block before = Preheaders.Of(_function, _dominators, header);
        int entry = _function.Predecessors(header).IndexOf(before);
        Value jump = _function[before].Last;
        for (Value v = _function[header].First; !v.IsNone; v = _function[v].Next)
        {
            Op op = _function.OpOf(v);
            if (op == Op.DebugValue)
                continue;
            if (op == Op.Phi)
            {
                Remember(v, _function.Operands(v)[entry]);
                continue;
            }
            Instruction original = _function[v];
            Value copy = _function.New(op, original.Type, original.A, original.B, original.C, original.Aux, original.Location);
            _function[copy].Flags = original.Flags;
            foreach (ref Value operand in _function.Operands(copy))
                operand = Copy(operand);
            if (op == Op.BranchIf)
            {
                if (original.Aux == 0)
                    _function[copy].Aux = InLoop(header, 0) ? LikelyEntered : 65536 - LikelyEntered;
                _function.Remove(jump);
                _function.Append(before, copy);
                break;
            }
            _function.InsertBefore(jump, copy);
            if (op != Op.Store)
                Remember(v, copy);
        }
        // Both ways out of the header are ways out of the preheader now.
        _function.RemoveEdge(before, 0);
        for (int i = 0; i < 2; i++)
        {
            Block to = _function.Successors(header)[i];
            int edge = _function.PredecessorIndex(header, i);
            _function.AddEdge(before, to);
            for (Value phi = _function[to].First; !phi.IsNone && _function.OpOf(phi) == Op.Phi; phi = _function[phi].Next)
                _function.AddPhiOperand(phi, Copy(_function.Operands(phi)[edge]));
        }
        foreach ((Value value, _) in _kept.Span)
        {
            if (value.Id < _copyOf.Length)
                _copyOf[value.Id] = default;
        }
    }

    private bool InLoop(Block header, int successor) => _loops.Contains(_loops.LoopOf(header), _function.Successors(header)[successor]);

    private void Remember(Value value, Value copy) => _copyOf[value.Id] = copy;

    private Value Copy(Value value) => value.Id < _copyOf.Length && !_copyOf[value.Id].IsNone ? _copyOf[value.Id] : value;

    // Uses outside the block of a value read its slot. A phi's operand is used at the end of the block that it comes from.
    private void Reload()
    {
        for (int b = 1; b < _function.BlockCount; b++)
        {
            var block = new Block(b);
            if (_function[block].IsDead)
                continue;
            for (Value v = _function[block].First; !v.IsNone; v = _function[v].Next)
            {
                bool isPhi = _function.OpOf(v) == Op.Phi;
                int count = _function.Operands(v).Length;
                for (int i = 0; i < count; i++)
                {
                    Value operand = _function.Operands(v)[i];
                    if (operand.Id >= _slotOf.Length || _slotOf[operand.Id].IsNone)
                        continue;
                    Block at = isPhi ? _function.Predecessors(block)[i] : block;
                    if (at == _function[operand].Block)
                        continue;
                    Value place = isPhi ? _function[at].Last : v;
                    Value again = _slotOf[operand.Id] == operand ? StepAgain(operand, place) : LoadSlot(operand, place);
                    _function.Operands(v)[i] = again;
                }
            }
        }
    }

    private Value StepAgain(Value step, Value place)
    {
        Value phi = LoadSlot(_function[step].A, place);
        Instruction original = _function[step];
        Value again = _function.New(original.Op, original.Type, phi, original.B, default, original.Aux, original.Location);
        _function[again].Flags = original.Flags;
        return _function.InsertBefore(place, again);
    }

    private Value LoadSlot(Value value, Value place)
    {
        IrType type = _function.TypeOf(value);
        Value load = _function.New(Op.Load, type, _slotOf[value.Id], default, default,
            new MemoryAccess((byte)BitOperations.Log2((uint)type.Size)).Pack(), _function[place].Location);
        return _function.InsertBefore(place, load);
    }
}
