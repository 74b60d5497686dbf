using Kiln.Base;
using Kiln.IR;

namespace Kiln.Optimizer;

/// <summary>
/// Square roots without a call: <c>sqrt(x)</c> of the library is the machine's square root but for negative numbers, where the library sets
/// errno too. So the root is computed at once, and the call stands on a cold way that only negative numbers take. A call on the way that is
/// taken would cost all registers. (With -fno-math-errno Lowering makes no call in the first place.)
///
/// Needs: the verifier's law. Changes: blocks and edges.
/// </summary>
public sealed class SquareRoots
{
    private Value[] _replacement = [];
    private Function _function = null!;

    /// <summary>Splits the calls; tells whether there were any.</summary>
    public bool Run(Function function)
    {
        if (!LibraryCalls.IsWanted(function) || (function.Flags & FunctionFlags.OptimizeForSize) != 0)
            return false;
        _function = function;
        bool changed = false;
        // What stands behind a call goes to a new block, which comes up later.
        for (int b = 1; b < function.BlockCount; b++)
        {
            if (function[new Block(b)].IsDead || function[new Block(b)].IsCold)
                continue;
            for (Value v = function[new Block(b)].First; !v.IsNone; v = function[v].Next)
            {
                if (!IsSquareRoot(v))
                    continue;
                if (!changed)
                    Prepare();
                Split(v);
                changed = true;
                break;
            }
        }
        if (changed)
            Replacement.Apply(function, _replacement);
        _function = null!;
        return changed;
    }

    private void Prepare()
    {
        if (_replacement.Length < _function.ValueCount)
            _replacement = new Value[_function.ValueCount * 2];
        else
            Array.Clear(_replacement);
    }

    private bool IsSquareRoot(Value v)
    {
        if (_function.OpOf(v) != Op.Call)
            return false;
        CallInfo info = _function.Calls[(int)_function[v].Aux];
        if ((info.Flags & CallFlags.Library) == 0 || info.Callee.IsNone)
            return false;
        SymbolData callee = _function.Module[info.Callee];
        IrType type = _function.TypeOf(v);
        return (callee.LibraryName ?? callee.Name) is "sqrt" or "sqrtf" && type.IsFloat && !type.IsVector && type.LaneBits is 32 or 64
            && _function.Operands(v).Length == 1 && _function.TypeOf(_function.Operands(v)[0]) == type;
    }

    private void Split(Value call)
    {
        Block block = _function[call].Block;
        Block cold = _function.NewBlock(), rest = _function.NewBlock();
        for (Value v = _function[call].Next; !v.IsNone;)
        {
            Value next = _function[v].Next;
            _function.Remove(v);
            _function.Append(rest, v);
            v = next;
        }
        _function.MoveSuccessors(block, rest);
        _function.Remove(call);
        _function.Append(cold, call);
        _function[cold].IsCold = true;

        IrType type = _function.TypeOf(call);
        Value operand = _function.Operands(call)[0];
        Location location = _function[call].Location;
        Value root = _function.Append(block, _function.New(Op.FloatSqrt, type, operand, default, default, 0, location));
        Value isNegative = _function.Append(block, _function.New(Op.FloatCompare, IrType.I1, operand, _function.FloatConstant(type, 0), default,
            (long)(FloatPredicate.Less | FloatPredicate.Quiet), location));
        _function.Append(block, _function.New(Op.BranchIf, IrType.Void, isNegative, default, default, 1, location));
        _function.AddEdge(block, cold);
        _function.AddEdge(block, rest);
        _function.Append(cold, _function.New(Op.Branch, IrType.Void, default, default, default, 0, location));
        _function.AddEdge(cold, rest);
        Value joined = _function.Prepend(rest, _function.NewList(Op.Phi, type, [root, call], 0, location));
        // Uses of the call become uses of the phi; the phi itself uses a call of the same arguments in its place.
        Value kept = _function.New(Op.Call, type, _function[call].A, _function[call].B, _function[call].C, _function[call].Aux, location);
        _function[kept].Flags = _function[call].Flags;
        _function.InsertBefore(call, kept);
        _function.Remove(call);
        _function.Operands(joined)[1] = kept;
        _replacement[call.Id] = joined;
    }
}
