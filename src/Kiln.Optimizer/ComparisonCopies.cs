using Kiln.IR;

namespace Kiln.Optimizer;

/// <summary>
/// Gives every select and branch a comparison of its own, where one serves several in its block: a comparison leaves no value then but
/// the processor's flags, which is what selection makes of one with a single use. The opposite of value numbering, so it comes last.
///
/// Needs: the verifier's law. Keeps: the CFG. Comparisons that lose all their uses are left for DeadCode.
/// </summary>
public sealed class ComparisonCopies
{
    private int[] _uses = [];

    /// <summary>Copies comparisons; tells whether it made any.</summary>
    public bool Run(Function function)
    {
        int count = function.ValueCount;
        if (_uses.Length < count)
            _uses = new int[count * 2];
        else
            Array.Clear(_uses, 0, count);
        bool isShared = false;
        for (int b = 1; b < function.BlockCount; b++)
        {
            for (Value v = function[new Block(b)].First; !v.IsNone; v = function[v].Next)
            {
                if (function.OpOf(v) == Op.DebugValue)
                    continue;
                foreach (Value operand in function.Operands(v))
                    isShared |= ++_uses[operand.Id] > 1 && function.OpOf(operand) is Op.Compare or Op.FloatCompare;
            }
        }
        return isShared && Copy(function, count);
    }

    private bool Copy(Function function, int count)
    {
        bool changed = false;
        for (int b = 1; b < function.BlockCount; b++)
        {
            for (Value v = function[new Block(b)].First; !v.IsNone; v = function[v].Next)
            {
                if (function.OpOf(v) is not (Op.Select or Op.BranchIf))
                    continue;
                Value condition = function[v].A;
                if (condition.Id >= count || _uses[condition.Id] < 2 || function.OpOf(condition) is not (Op.Compare or Op.FloatCompare)
                    || function[condition].Block != new Block(b) || function.TypeOf(condition) != IrType.I1)
                    continue;
                Instruction compare = function[condition];
                Value copy = function.New(compare.Op, compare.Type, compare.A, compare.B, default, compare.Aux, compare.Location);
                function[copy].Flags = compare.Flags;
                function[v].A = function.InsertBefore(v, copy);
                changed = true;
            }
        }
        return changed;
    }
}
