using Kiln.IR;

namespace Kiln.Optimizer;

/// <summary>Puts values in the place of others, all at once: passes note what replaces what, and one walk rewrites the operands.</summary>
public static class Replacement
{
    /// <summary>Rewrites every operand v of the function to <paramref name="replacement"/>[v], followed to its end, where one is noted;
    /// new phis of SSA construction lose their mark.</summary>
    public static void Apply(Function function, Value[] replacement)
    {
        for (int b = 1; b < function.BlockCount; b++)
        {
            for (Value v = function[new Block(b)].First; !v.IsNone; v = function[v].Next)
            {
                foreach (ref Value operand in function.Operands(v))
                {
                    while (operand.Id < replacement.Length && !replacement[operand.Id].IsNone)
                        operand = replacement[operand.Id];
                }
                ref Instruction instruction = ref function[v];
                if (instruction.Op == Op.Phi)
                    instruction.Aux = 0;
            }
        }
    }
}
