using Kiln.IR;
using Kiln.IR.Analyses;

namespace Kiln.Optimizer;

/// <summary>
/// Makes counters of loops as wide as the addresses made of them. A counter i = phi(start, i + c) whose addition does not overflow and that
/// is sign-extended somewhere becomes a counter of 64 bits, of which narrow uses take the lower half; its extensions are the counter itself.
///
/// Needs: the verifier's law, preheaders not. Keeps: the CFG.
/// </summary>
public sealed class InductionWidening
{
    private readonly Dominators _dominators = new();
    private readonly Loops _loops = new();
    private Value[] _replacement = [];
    private Value[] _wide = [];
    private Function _function = null!;

    /// <summary>Widens counters; tells whether there were any.</summary>
    public bool Run(Function function)
    {
        _dominators.Compute(function);
        _loops.Compute(function, _dominators);
        if (_loops.Count == 1)
            return false;
        _function = function;
        int count = function.ValueCount;
        Reserve(ref _replacement, count);
        Reserve(ref _wide, count);
        bool changed = false;
        for (int loop = 1; loop < _loops.Count; loop++)
        {
            Block header = _loops[loop].Header;
            for (Value phi = function[header].First; !phi.IsNone && function.OpOf(phi) == Op.Phi; phi = function[phi].Next)
            {
                if (phi.Id < count && function.TypeOf(phi) == IrType.I32 && Step(phi, header) is { IsNone: false } step)
                    _wide[phi.Id] = _wide[step.Id] = phi;
            }
        }
        // An extension of a counter, or of its next value, asks for the wide one.
        foreach (Block block in _dominators.Order)
        {
            for (Value v = function[block].First; !v.IsNone;)
            {
                Value next = function[v].Next;
                if (v.Id < count && function.OpOf(v) == Op.SignExtend && function.TypeOf(v) == IrType.I64
                    && function[v].A is var narrow && narrow.Id < count && !_wide[narrow.Id].IsNone)
                {
                    Value phi = _wide[narrow.Id];
                    if (function.OpOf(phi) == Op.Phi && function.TypeOf(phi) == IrType.I32)
                        Widen(phi);
                    _replacement[v.Id] = _wide[narrow.Id];
                    function.Remove(v);
                    changed = true;
                }
                v = next;
            }
        }
        if (changed)
            Replacement.Apply(function, _replacement);
        _function = null!;
        return changed;
    }

    private static void Reserve(ref Value[] table, int count)
    {
        if (table.Length < count)
            table = new Value[Math.Max(count, table.Length * 2)];
        else
            Array.Clear(table);
    }

    // The addition of a constant that every way back gives to the phi; none where there is no such.
    private Value Step(Value phi, Block header)
    {
        Value step = default;
        ReadOnlySpan<Value> operands = _function.Operands(phi);
        ReadOnlySpan<Block> predecessors = _function.Predecessors(header);
        for (int i = 0; i < operands.Length; i++)
        {
            if (!_dominators.IsReachable(predecessors[i]))
                return default;
            if (!_dominators.Dominates(header, predecessors[i]))
            {
                // The start is extended at the end of the block that it comes from.
                if (OpInfo.IsLeaf(_function.OpOf(operands[i])) && _function.OpOf(operands[i]) is not (Op.Constant or Op.Parameter))
                    return default;
                if (_function.OpOf(_function[predecessors[i]].Last) is not (Op.Branch or Op.BranchIf or Op.Switch))
                    return default;
                continue;
            }
            if (!step.IsNone && operands[i] != step)
                return default;
            step = operands[i];
        }
        if (step.IsNone || step == phi || _function.OpOf(step) != Op.Add || _function[step].A != phi || _function.OpOf(_function[step].B) != Op.Constant
            || (_function[step].Flags & InstructionFlags.NoSignedWrap) == 0)
            return default;
        return step;
    }

    private void Widen(Value phi)
    {
        Function function = _function;
        Block header = function[phi].Block;
        Value step = Step(phi, header);
        int count = function.Operands(phi).Length;
        Value[] operands = new Value[count];
        Value wideStep = function.New(Op.Add, IrType.I64, default, function.Constant(IrType.I64, function[function[step].B].Aux), default, 0, function[step].Location);
        function[wideStep].Flags = InstructionFlags.NoSignedWrap;
        for (int i = 0; i < count; i++)
        {
            Value operand = function.Operands(phi)[i];
            if (operand == step)
            {
                operands[i] = wideStep;
            }
            else if (function.OpOf(operand) == Op.Constant)
            {
                operands[i] = function.Constant(IrType.I64, function[operand].Aux);
            }
            else
            {
                Block from = function.Predecessors(header)[i];
                Value extended = function.New(Op.SignExtend, IrType.I64, operand, default, default, 0, function[phi].Location);
                operands[i] = function.InsertBefore(function[from].Last, extended);
            }
        }
        Value wide = function.NewList(Op.Phi, IrType.I64, operands, 0, function[phi].Location);
        function.Prepend(header, wide);
        function[wideStep].A = wide;
        function.InsertBefore(step, wideStep);
        // Narrow uses take the lower half.
        Value low = function.New(Op.Truncate, IrType.I32, wide, default, default, 0, function[phi].Location);
        Value first = function[header].First;
        while (function.OpOf(first) == Op.Phi)
            first = function[first].Next;
        function.InsertBefore(first, low);
        Value lowStep = function.New(Op.Truncate, IrType.I32, wideStep, default, default, 0, function[step].Location);
        function.InsertBefore(step, lowStep);
        _replacement[phi.Id] = low;
        _replacement[step.Id] = lowStep;
        _wide[phi.Id] = wide;
        _wide[step.Id] = wideStep;
        function.Remove(step);
        function.Remove(phi);
    }
}
