using Kiln.IR;
using Kiln.IR.Analyses;

namespace Kiln.CodeGen.Blocks;

/// <summary>
/// Leaves (constants, addresses) stand in no block: each use makes its own. In a loop those that cost an instruction are made once before
/// the outermost loop instead: the use is replaced by an Opaque of the leaf, placed where the block above the loop's header ends.
/// Allocation makes them again where a register is dearer. Needs loops; keeps blocks and edges.
/// </summary>
public sealed class LeafPlacement
{
    private readonly Dictionary<(int Leaf, int Loop), Value> _made = [];

    /// <summary>Places the leaves of a function.</summary>
    public void Run(Function function, TargetMachine target, BlockOrder order, Dominators dominators, Loops loops)
    {
        if (loops.Count <= 1)
            return;
        _made.Clear();
        for (int i = order.PostOrder.Length - 1; i >= 0; i--)
        {
            Block block = order.PostOrder[i];
            int loop = loops.LoopOf(block);
            if (loop == 0)
                continue;
            while (loops[loop].Parent != 0)
                loop = loops[loop].Parent;
            Block place = dominators.Immediate(loops[loop].Header);
            if (place.IsNone)
                continue;
            for (Value v = function[block].First; !v.IsNone; v = function[v].Next)
                Replace(function, target, v, loop, place);
        }
    }

    private void Replace(Function function, TargetMachine target, Value user, int loop, Block place)
    {
        if (function.OpOf(user) is Op.Phi or Op.DebugValue)
            return;
        int count = function.Operands(user).Length;
        for (int k = 0; k < count; k++)
        {
            Value leaf = function.Operands(user)[k];
            Op op = function.OpOf(leaf);
            if (op is not (Op.Constant or Op.FloatConstant or Op.SymbolAddress or Op.VectorConstant) || !target.IsCostly(function, user, k))
                continue;
            if (!_made.TryGetValue((leaf.Id, loop), out Value made))
            {
                made = function.New(Op.Opaque, function.TypeOf(leaf), leaf, default, default, 0, function[user].Location);
                function.InsertBefore(function.Terminator(place), made);
                _made.Add((leaf.Id, loop), made);
            }
            function.Operands(user)[k] = made;
        }
    }
}
