using Kiln.IR;
using Kiln.IR.Analyses;

namespace Kiln.Optimizer;

/// <summary>The blocks before loops: a place for what is computed once for the whole loop.</summary>
public static class Preheaders
{
    /// <summary>Makes a preheader for every loop that has none and can have one; tells whether it made any. Then dominators and loops are out of date.</summary>
    public static bool Make(Function function, Dominators dominators, Loops loops)
    {
        bool made = false;
        for (int loop = 1; loop < loops.Count; loop++)
        {
            if (Of(function, dominators, loops[loop].Header).IsNone)
                made |= MakeOne(function, dominators, loops[loop].Header);
        }
        return made;
    }

    /// <summary>The only block from which the loop with this header is entered, if it leads nowhere else; or none.</summary>
    public static Block Of(Function function, Dominators dominators, Block header)
    {
        Block found = default;
        foreach (Block predecessor in function.Predecessors(header))
        {
            if (dominators.IsReachable(predecessor) && dominators.Dominates(header, predecessor))
                continue;
            if (!found.IsNone)
                return default;
            found = predecessor;
        }
        return !found.IsNone && function.OpOf(function[found].Last) == Op.Branch && function.Successors(found).Length == 1 ? found : default;
    }

    private static bool MakeOne(Function function, Dominators dominators, Block header)
    {
        if (function[header].AddressTaken)
            return false;
        int outside = 0;
        foreach (Block predecessor in function.Predecessors(header))
        {
            if (dominators.IsReachable(predecessor) && dominators.Dominates(header, predecessor))
                continue;
            if (function.OpOf(function[predecessor].Last) is not (Op.Branch or Op.BranchIf or Op.Switch) || Parallel(function, predecessor, header))
                return false;
            outside++;
        }
        if (outside == 0)
            return false;
        Block preheader = function.NewBlock();
        // Phis of what comes from outside move to the preheader.
        for (Value phi = function[header].First; !phi.IsNone && function.OpOf(phi) == Op.Phi; phi = function[phi].Next)
        {
            Value joined = function.NewList(Op.Phi, function.TypeOf(phi), []);
            function.Append(preheader, joined);
        }
        for (int i = 0; i < function.Predecessors(header).Length;)
        {
            Block predecessor = function.Predecessors(header)[i];
            if (dominators.IsReachable(predecessor) && dominators.Dominates(header, predecessor))
            {
                i++;
                continue;
            }
            Value joined = function[preheader].First;
            for (Value phi = function[header].First; !phi.IsNone && function.OpOf(phi) == Op.Phi; phi = function[phi].Next)
            {
                function.AddPhiOperand(joined, function.Operands(phi)[i]);
                joined = function[joined].Next;
            }
            function.RedirectEdge(predecessor, function.Successors(predecessor).IndexOf(header), preheader);
        }
        Value made = function[preheader].First;
        function.Append(preheader, function.New(Op.Branch, IrType.Void));
        function.AddEdge(preheader, header);
        for (Value phi = function[header].First; !phi.IsNone && function.OpOf(phi) == Op.Phi; phi = function[phi].Next)
        {
            function.AddPhiOperand(phi, made);
            made = function[made].Next;
        }
        return true;
    }

    private static bool Parallel(Function function, Block from, Block to)
    {
        int edges = 0;
        foreach (Block successor in function.Successors(from))
        {
            if (successor == to)
                edges++;
        }
        return edges > 1;
    }
}
