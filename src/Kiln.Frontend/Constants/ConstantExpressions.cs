// What an initializer that folds may not hold although it folds (C17 6.6p3, p7): asked with -pedantic alone.

using Kiln.Frontend.Ast;

namespace Kiln.Frontend.Constants;

/// <summary>Judges expressions by the standard's rules of constant expressions.</summary>
internal static class ConstantExpressions
{
    private const string NotAnExpression = "initializer element is not a constant expression";

    /// <summary>What is wrong with a value that the <see cref="Evaluator"/> knows, or null.</summary>
    /// <param name="e">The value.</param>
    /// <param name="isC90">C90 asks of operands that are not evaluated too.</param>
    public static string? Fault(Expression e, bool isC90)
    {
        switch (e)
        {
            case IntegerConstant:
                return (e.Flags & ExpressionFlags.Loose) != 0 ? NotAnExpression : null;
            case CastExpression { CastKind: CastKind.LvalueToRvalue, Operand: DereferenceExpression { Pointer: { } pointer } } when IsString(pointer):
                return null;
            case CastExpression { CastKind: CastKind.LvalueToRvalue }:
                return "initializer element is not constant";
            case CastExpression { CastKind: CastKind.ArrayDecay or CastKind.FunctionDecay }:
                return null;
            case CastExpression cast:
                return Fault(cast.Operand, isC90);
            case UnaryExpression unary:
                return Fault(unary.Operand, isC90);
            case BinaryExpression { Operator: BinaryOperator.ShiftLeft or BinaryOperator.ShiftRight, Left: IntegerConstant, Right: IntegerConstant }:
                return NotAnExpression;
            case BinaryExpression binary:
                return Fault(binary.Left, isC90) ?? Fault(binary.Right, isC90);
            case PointerOffset offset:
                return Fault(offset.Pointer, isC90) ?? Fault(offset.Index, isC90);
            case LogicalExpression logical:
                if (Fault(logical.Left, isC90) is { } left)
                    return left;
                return isC90 || Folding.Truth(logical.Left) != logical.IsOr ? Fault(logical.Right, isC90) : null;
            case ConditionalExpression conditional:
                if (Fault(conditional.Condition, isC90) is { } condition)
                    return condition;
                // A condition that folded may have been __builtin_constant_p, behind which gcc lets anything stand.
                return Folding.Truth(conditional.Condition) is null
                    ? Fault(conditional.WhenTrue, isC90) ?? Fault(conditional.WhenFalse, isC90)
                    : null;
            case AssignExpression or CompoundAssignExpression or IncrementExpression or CallExpression or CommaExpression or StatementExpression:
                return NotAnExpression;
            default:
                return null;
        }
    }

    private static bool IsString(Expression pointer) => pointer switch
    {
        CastExpression { CastKind: CastKind.ArrayDecay, Operand: StringLiteral } => true,
        PointerOffset offset => IsString(offset.Pointer),
        _ => false,
    };
}
