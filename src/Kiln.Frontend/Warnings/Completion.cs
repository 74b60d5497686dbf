// Which statements and expressions control can get past: a simple reading of the tree (constant conditions, functions that do not return,
// jumps), as gcc's flow graph has it before optimization. Control is thought to reach every label.

using Kiln.Frontend.Ast;
using Kiln.Frontend.Builtins;
using Kiln.Frontend.Constants;
using Kiln.Frontend.Types;

namespace Kiln.Frontend.Warnings;

/// <summary>Says whether control comes out behind a statement or an expression.</summary>
internal static class Completion
{
    public static bool Completes(Statement? statement) => Completes(statement, []);

    /// <param name="statement">What is asked of.</param>
    /// <param name="left">Gets the loops and switches that a break leaves which control reaches.</param>
    private static bool Completes(Statement? statement, HashSet<BreakableStatement> left)
    {
        switch (statement)
        {
            case null or NullStatement or AsmStatement:
                return true;
            case ExpressionStatement expression:
                return Completes(expression.Expression);
            case DeclarationStatement declaration:
                return declaration.Variable?.Initializer is not { } initializer || Completes(initializer);
            case CompoundStatement compound:
                bool completes = true;
                foreach (Statement inner in compound.Statements)
                {
                    if (completes || HasLabel(inner))
                        completes = Completes(inner, left);
                }
                return completes;
            case IfStatement branch:
                if (!Completes(branch.Condition))
                    return false;
                bool? truth = Folding.Truth(branch.Condition);
                bool then = (truth != false || HasLabel(branch.Then)) && Completes(branch.Then, left);
                bool otherwise = (truth != true || HasLabel(branch.Else)) && Completes(branch.Else, left);
                return then || otherwise;
            case WhileStatement loop:
                Completes(loop.Body, left);
                return left.Contains(loop) || Completes(loop.Condition) && Folding.Truth(loop.Condition) != true;
            case DoStatement loop:
                bool goesRound = Completes(loop.Body, left) || loop.HasContinue;
                return left.Contains(loop) || goesRound && Completes(loop.Condition) && Folding.Truth(loop.Condition) != true;
            case ForStatement loop:
                Completes(loop.Body, left);
                return left.Contains(loop) || loop.Condition is not null && Completes(loop.Condition) && Folding.Truth(loop.Condition) != true;
            case SwitchStatement choice:
                bool runsOut = Completes(choice.Body, left);
                return Completes(choice.Value) && (choice.Default is null || runsOut || left.Contains(choice));
            case CaseStatement label:
                while (label.Body is CaseStatement next)
                    label = next;
                return Completes(label.Body, left);
            case LabelStatement label:
                return Completes(label.Body, left);
            case BreakStatement jump:
                left.Add(jump.Target);
                return false;
            default:
                return false; // goto, continue, return
        }
    }

    /// <summary>Whether a label or a case stands in a statement: control may come in there.</summary>
    private static bool HasLabel(Statement? statement, bool countCases = true) => statement switch
    {
        CaseStatement label => countCases || HasLabel(label.Body, countCases),
        LabelStatement => true,
        CompoundStatement compound => Array.Exists(compound.Statements, inner => HasLabel(inner, countCases)),
        IfStatement branch => HasLabel(branch.Then, countCases) || HasLabel(branch.Else, countCases),
        SwitchStatement choice => HasLabel(choice.Body, countCases: false),
        BreakableStatement loop => HasLabel(loop.Body, countCases),
        _ => false,
    };

    public static bool Completes(Expression e) => e switch
    {
        CallExpression call => (call.FunctionType.Flags & FunctionTypeFlags.NoReturn) == 0
            && !(call.Callee is FunctionReference { Function.Flags: var flags } && (flags & FunctionFlags.NoReturn) != 0)
            && Array.TrueForAll(call.Arguments, Completes),
        BuiltinExpression builtin => builtin.Builtin.Id is not (BuiltinId.Unreachable or BuiltinId.Trap) && (builtin.Builtin.Flags & BuiltinFlags.NoReturn) == 0
            && Array.TrueForAll(builtin.Arguments, Completes),
        CastExpression cast => Completes(cast.Operand),
        CommaExpression comma => Completes(comma.Left) && Completes(comma.Right),
        LogicalExpression logical => Completes(logical.Left)
            && (Folding.Truth(logical.Left) is not { } known || known == logical.IsOr || Completes(logical.Right)),
        ConditionalExpression choice => Completes(choice.Condition) && Folding.Truth(choice.Condition) switch
        {
            true => Completes(choice.WhenTrue),
            false => Completes(choice.WhenFalse),
            null => Completes(choice.WhenTrue) || Completes(choice.WhenFalse),
        },
        StatementExpression statements => Completes(statements.Body),
        AssignExpression assign => Completes(assign.Value),
        BinaryExpression binary => Completes(binary.Left) && Completes(binary.Right),
        UnaryExpression unary => Completes(unary.Operand),
        _ => true,
    };
}
