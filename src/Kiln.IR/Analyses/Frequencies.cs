using Kiln.Base;

namespace Kiln.IR.Analyses;

/// <summary>
/// Estimates how often each block runs: branch probabilities where the source gives them, else that loops go on (seven times in eight)
/// and that blocks which end the program or are marked cold are not reached. Writes <see cref="BlockData.Frequency"/>; the entry's is 1.
/// Loops multiply by 8 a level, up to 8^8, so that the numbers stay finite in one pass over reverse postorder.
/// </summary>
public static class Frequencies
{
    private const float LoopFactor = 8;
    private const int MaximumDepth = 8;

    /// <summary>Estimates the frequencies of all reachable blocks.</summary>
    public static void Estimate(Function function, Dominators dominators, Loops loops)
    {
        foreach (Block block in dominators.Order)
            function[block].Frequency = 0;
        function[function.Entry].Frequency = 1;
        foreach (Block block in dominators.Order)
        {
            int loop = loops.LoopOf(block);
            bool isHeader = loop != 0 && loops[loop].Header == block;
            if (isHeader && loops[loop].Depth <= MaximumDepth)
                function[block].Frequency *= LoopFactor;
            Distribute(function, dominators, loops, block);
        }
    }

    private static void Distribute(Function function, Dominators dominators, Loops loops, Block block)
    {
        float frequency = function[block].Frequency;
        ReadOnlySpan<Block> successors = function.Successors(block);
        if (successors.Length == 2 && function.OpOf(function[block].Last) == Op.BranchIf)
        {
            float first = Probability(function, loops, block);
            Give(function, dominators, block, successors[0], frequency * first);
            Give(function, dominators, block, successors[1], frequency * (1 - first));
            return;
        }
        int normal = function.OpOf(function[block].Last) == Op.Branch ? 1 : successors.Length;
        for (int i = 0; i < successors.Length; i++)
            Give(function, dominators, block, successors[i], i < normal ? frequency / normal : 0);
    }

    // A back edge's share has been counted by the header's factor.
    private static void Give(Function function, Dominators dominators, Block from, Block to, float share)
    {
        if (dominators.Number(to) > dominators.Number(from))
            function[to].Frequency += share;
    }

    private static float Probability(Function function, Loops loops, Block block)
    {
        long given = function[function[block].Last].Aux;
        if (given != 0)
            return given / 65536f;
        Block first = function.Successors(block)[0];
        Block second = function.Successors(block)[1];
        bool firstCold = IsCold(function, first);
        if (firstCold != IsCold(function, second))
            return firstCold ? 0.01f : 0.99f;
        int loop = loops.LoopOf(block);
        if (loop != 0)
        {
            // Leaving the loop: the header's factor says how often it goes on; what leaves is the reciprocal.
            bool firstStays = loops.Contains(loop, first);
            if (firstStays != loops.Contains(loop, second))
                return firstStays ? 1 - 1 / LoopFactor : 1 / LoopFactor;
        }
        return 0.5f;
    }

    private static bool IsCold(Function function, Block block) =>
        function[block].IsCold || function.OpOf(function[block].Last) is Op.Unreachable or Op.Trap;
}
