using Kiln.Base;
using Kiln.IR;

namespace Kiln.Optimizer;

/// <summary>
/// Removes what nothing needs: marks backwards from effects and terminators, then sweeps; cycles of dead phis go with the rest.
///
/// Needs: the verifier's law. Keeps: the CFG.
/// </summary>
public sealed class DeadCode
{
    private readonly BitSet _live = new();
    private readonly GrowBuffer<Value> _work = new(64);

    /// <summary>Whether an instruction must stay though nobody uses its result.</summary>
    public static bool HasEffect(Function function, Value value)
    {
        ref Instruction instruction = ref function[value];
        switch (instruction.Op)
        {
            case Op.Load:
                return !MemoryAccess.Unpack(instruction.Aux).IsSimple;
            case Op.Call:
                CallFlags flags = function.Calls[(int)instruction.Aux].Flags;
                return (flags & (CallFlags.Const | CallFlags.Pure)) == 0;
            case Op.Asm:
                AsmInfo asm = function.Asms[(int)instruction.Aux];
                return asm.IsVolatile || asm.ClobbersMemory || instruction.Type.IsVoid && !HasResults(asm);
            case Op.Phi or Op.FrameAddress or Op.ReturnAddress or Op.StaticChain or Op.ThreadPointer or Op.Result or Op.Opaque or Op.IsConstant or Op.StackSave:
                return false;
            default:
                return !OpInfo.IsPure(instruction.Op);
        }
    }

    private static bool HasResults(AsmInfo asm)
    {
        foreach (AsmOperand operand in asm.Operands)
        {
            if (operand.Kind == AsmOperandKind.OutputRegister)
                return true;
        }
        return false;
    }

    /// <summary>Removes dead code; tells whether there was any.</summary>
    public bool Run(Function function)
    {
        _live.Reset(function.ValueCount);
        _work.Clear();
        for (int b = 1; b < function.BlockCount; b++)
        {
            for (Value v = function[new Block(b)].First; !v.IsNone; v = function[v].Next)
            {
                if (HasEffect(function, v) && function.OpOf(v) != Op.DebugValue)
                    Need(v);
            }
        }
        while (_work.Count > 0)
        {
            foreach (Value operand in function.Operands(_work.Pop()))
            {
                if (!operand.IsNone)
                    Need(operand);
            }
        }
        bool changed = false;
        for (int b = 1; b < function.BlockCount; b++)
        {
            for (Value v = function[new Block(b)].First; !v.IsNone;)
            {
                Value next = function[v].Next;
                if (!_live[v.Id] && !KeepMarker(function, v))
                {
                    function.Remove(v);
                    changed = true;
                }
                v = next;
            }
        }
        return changed;
    }

    private void Need(Value value)
    {
        if (_live.Add(value.Id))
            _work.Add(value);
    }

    // A debug marker keeps nothing alive; its variable is lost from here on where the value is.
    private bool KeepMarker(Function function, Value value)
    {
        if (function.OpOf(value) != Op.DebugValue)
            return false;
        Value shown = function[value].A;
        if (!OpInfo.IsLeaf(function.OpOf(shown)) && !_live[shown.Id])
        {
            Value any = function.Any(function.TypeOf(shown));
            function[value].A = any;
        }
        return true;
    }
}
