using Kiln.Base;
using Kiln.IR;

namespace Kiln.CodeGen.Blocks;

/// <summary>
/// Makes the graph fit for allocation: unreachable blocks lose their edges, and critical edges (from a block with several successors to
/// one with several predecessors) get a block of their own where moves can stand. An edge of a computed goto is split by giving the
/// address of the target to the new block, which is sound because a function has one such jump. Abnormal edges stay: nothing is in a
/// register at their heads.
/// </summary>
public static class EdgeSplitting
{
    /// <summary>Removes the edges that leave unreachable blocks.</summary>
    public static void DropUnreachable(Function function, BlockOrder order)
    {
        if (order.PostOrder.Length == function.BlockCount - 1)
            return;
        for (int i = 1; i < function.BlockCount; i++)
        {
            var block = new Block(i);
            if (order.IsReachable(block))
                continue;
            for (int k = function.Successors(block).Length - 1; k >= 0; k--)
                function.RemoveEdge(block, k);
            function[block].IsDead = true;
        }
    }

    /// <summary>Splits critical edges; tells whether any was. <paramref name="landings"/> gets (new block, block whose address it has).</summary>
    public static bool Split(Function function, ReadOnlySpan<Block> blocks, bool onlyIntoPhis, GrowBuffer<(Block Landing, Block Target)> landings)
    {
        bool isChanged = false;
        landings.Clear();
        foreach (Block block in blocks)
        {
            int count = function.Successors(block).Length;
            Op op = function.OpOf(function[block].Last);
            // Moves of the only edge stand before a plain branch; others read operands there, even with one successor.
            if (op == Op.Branch)
                continue;
            for (int i = 0; i < count; i++)
            {
                Block target = function.Successors(block)[i];
                Value first = function[target].First;
                if (function.Predecessors(target).Length < 2 || onlyIntoPhis && function.OpOf(first) != Op.Phi)
                    continue;
                Block middle = function.SplitEdge(block, i);
                function[middle].IsCold = function[target].IsCold || function[block].IsCold;
                function[function[middle].Last].Location = function[function[block].Last].Location;
                isChanged = true;
                if (op == Op.BranchIndirect)
                    landings.Add((middle, target));
            }
        }
        return isChanged;
    }
}
