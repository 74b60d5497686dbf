// -Wsequence-point (C17 6.5p2): a variable that is changed twice, or changed and read, with no sequence point between. Plain variables are
// watched; what pointers lead to is not.

using Kiln.Frontend.Ast;
using Kiln.Frontend.Sema;

namespace Kiln.Frontend.Warnings;

/// <summary>Looks for unsequenced side effects in one full expression.</summary>
internal sealed class SequencePoints(Semantics sema)
{
    private struct Effect
    {
        public VariableDeclaration Variable;
        public Expression Place;
        public bool IsWrite;
    }

    private readonly List<Effect> _effects = [];
    private readonly HashSet<VariableDeclaration> _told = [];

    public void Check(Expression full)
    {
        _effects.Clear();
        _told.Clear();
        Walk(full);
    }

    private void Add(VariableDeclaration variable, Expression place, bool isWrite) =>
        _effects.Add(new Effect { Variable = variable, Place = place, IsWrite = isWrite });

    /// <summary>A point: nothing before it conflicts with what comes behind.</summary>
    private void Point(int from) => _effects.RemoveRange(from, _effects.Count - from);

    /// <summary>Two operands in no order: effects of the one are held against those of the other.</summary>
    private void Unordered(int from, int middle)
    {
        for (int i = from; i < middle; i++)
        {
            for (int k = middle; k < _effects.Count; k++)
            {
                if (_effects[i].IsWrite || _effects[k].IsWrite)
                    Conflict(_effects[i], _effects[k]);
            }
        }
    }

    private void Conflict(in Effect a, in Effect b)
    {
        if (!ReferenceEquals(a.Variable, b.Variable) || !_told.Add(a.Variable))
            return;
        sema.Report.Warning("Wsequence-point", (a.IsWrite ? a : b).Place.Location, $"operation on '{sema.Text(a.Variable.Name)}' may be undefined");
    }

    private void Both(Expression left, Expression right)
    {
        int from = _effects.Count;
        Walk(left);
        int middle = _effects.Count;
        Walk(right);
        Unordered(from, middle);
    }

    private void Walk(Expression e)
    {
        int from = _effects.Count;
        switch (e)
        {
            case CastExpression { CastKind: CastKind.LvalueToRvalue, Operand: VariableReference { Variable: { Name: not 0 } read } }:
                Add(read, e, false);
                break;
            case CastExpression cast:
                Walk(cast.Operand);
                break;
            case UnaryExpression unary:
                Walk(unary.Operand);
                break;
            case BinaryExpression binary:
                Both(binary.Left, binary.Right);
                break;
            case PointerOffset offset:
                Both(offset.Pointer, offset.Index);
                break;
            case PointerDifference difference:
                Both(difference.Left, difference.Right);
                break;
            case DereferenceExpression dereference:
                Walk(dereference.Pointer);
                break;
            case AddressOfExpression { Operand: not VariableReference } address:
                Walk(address.Operand);
                break;
            case MemberExpression member:
                Walk(member.Record);
                break;
            case LogicalExpression logical:
                Walk(logical.Left);
                Point(from);
                Walk(logical.Right);
                Point(from);
                break;
            case CommaExpression comma:
                Walk(comma.Left);
                Point(from);
                Walk(comma.Right);
                break;
            case ConditionalExpression choice:
                Walk(choice.Condition);
                Point(from);
                Walk(choice.WhenTrue);
                int whenTrue = _effects.Count;
                Walk(choice.WhenFalse);
                _ = whenTrue;
                break;
            case IncrementExpression { Operand: VariableReference { Variable: { } changed } }:
                Add(changed, e, true);
                break;
            case IncrementExpression increment:
                Walk(increment.Operand);
                break;
            case AssignExpression assign:
                Assignment(assign.Target, assign.Value, e);
                break;
            case CompoundAssignExpression assign:
                Assignment(assign.Target, assign.Value, e);
                break;
            case CallExpression call:
                Walk(call.Callee);
                foreach (Expression argument in call.Arguments)
                {
                    int middle = _effects.Count;
                    Walk(argument);
                    Unordered(from, middle);
                }
                break;
            case BuiltinExpression builtin:
                foreach (Expression argument in builtin.Arguments)
                    Walk(argument);
                break;
        }
    }

    private void Assignment(Expression target, Expression value, Expression whole)
    {
        int from = _effects.Count;
        if (target is VariableReference { Variable: { } variable })
        {
            Walk(value);
            // What the value reads it reads before; what it changes comes in no order.
            for (int i = from; i < _effects.Count; i++)
            {
                if (_effects[i].IsWrite)
                    Conflict(new Effect { Variable = variable, Place = whole, IsWrite = true }, _effects[i]);
            }
            Add(variable, whole, true);
            return;
        }
        Both(target, value);
    }
}
