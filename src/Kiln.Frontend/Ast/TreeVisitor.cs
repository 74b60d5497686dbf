// Walks over finished trees: every expression and statement below a node, in the order of evaluation as far as the language gives one.

using Kiln.Base;
using Kiln.Frontend.Types;

namespace Kiln.Frontend.Ast;

/// <summary>Visits a tree; who derives from it says what is done at the nodes that matter and hands the rest back.</summary>
internal abstract class TreeVisitor
{
    /// <summary>Visits a statement: what is below it.</summary>
    public virtual void Visit(Statement? statement)
    {
        if (!CompilationStack.HasRoom)
            return;
        switch (statement)
        {
            case ExpressionStatement expression:
                Visit(expression.Expression);
                break;
            case DeclarationStatement declaration:
                foreach (VariableBound bound in declaration.Bounds)
                {
                    if (bound.Count is { } count)
                        Visit(count);
                }
                if (declaration.Variable?.Initializer is { } initializer)
                    Visit(initializer);
                break;
            case CompoundStatement compound:
                foreach (Statement inner in compound.Statements)
                    Visit(inner);
                break;
            case IfStatement branch:
                Visit(branch.Condition);
                Visit(branch.Then);
                Visit(branch.Else);
                break;
            case WhileStatement loop:
                Visit(loop.Condition);
                Visit(loop.Body);
                break;
            case DoStatement loop:
                Visit(loop.Body);
                Visit(loop.Condition);
                break;
            case ForStatement loop:
                foreach (Statement first in loop.Initialize)
                    Visit(first);
                if (loop.Condition is not null)
                    Visit(loop.Condition);
                Visit(loop.Body);
                if (loop.Step is not null)
                    Visit(loop.Step);
                break;
            case SwitchStatement choice:
                Visit(choice.Value);
                Visit(choice.Body);
                break;
            case CaseStatement label:
                // Labels one behind the other nest by thousands in generated code.
                while (label.Body is CaseStatement next)
                    label = next;
                Visit(label.Body);
                break;
            case LabelStatement label:
                Visit(label.Body);
                break;
            case ComputedGotoStatement jump:
                Visit(jump.Target);
                break;
            case ReturnStatement { Value: { } value }:
                Visit(value);
                break;
            case AsmStatement assembly:
                foreach (AsmOperand operand in assembly.Inputs)
                    Visit(operand.Value);
                foreach (AsmOperand operand in assembly.Outputs)
                    Target(operand.Value);
                break;
        }
    }

    /// <summary>Visits an lvalue that something is stored to.</summary>
    protected virtual void Target(Expression target) => Visit(target);

    /// <summary>Visits an expression: what is below it.</summary>
    public virtual void Visit(Expression e)
    {
        if (!CompilationStack.HasRoom)
            return;
        switch (e)
        {
            case CastExpression cast:
                Visit(cast.Operand);
                break;
            case UnaryExpression unary:
                Visit(unary.Operand);
                break;
            case IncrementExpression increment:
                Target(increment.Operand);
                break;
            case BinaryExpression binary:
                Visit(binary.Left);
                Visit(binary.Right);
                break;
            case PointerOffset offset:
                Visit(offset.Pointer);
                Visit(offset.Index);
                break;
            case PointerDifference difference:
                Visit(difference.Left);
                Visit(difference.Right);
                break;
            case LogicalExpression logical:
                Visit(logical.Left);
                Visit(logical.Right);
                break;
            case CommaExpression comma:
                Visit(comma.Left);
                Visit(comma.Right);
                break;
            case ConditionalExpression choice:
                Visit(choice.Condition);
                Visit(choice.WhenTrue);
                Visit(choice.WhenFalse);
                break;
            case OmittedMiddleExpression omitted:
                Visit(omitted.Value);
                Visit(omitted.WhenFalse);
                break;
            case AssignExpression assign:
                Visit(assign.Value);
                Target(assign.Target);
                break;
            case CompoundAssignExpression assign:
                Visit(assign.Value);
                Target(assign.Target);
                break;
            case AddressOfExpression address:
                Visit(address.Operand);
                break;
            case DereferenceExpression dereference:
                Visit(dereference.Pointer);
                break;
            case MemberExpression member:
                Visit(member.Record);
                break;
            case VectorElementExpression element:
                Visit(element.Vector);
                Visit(element.Index);
                break;
            case PartExpression part:
                Visit(part.Operand);
                break;
            case MakeComplexExpression make:
                Visit(make.Real);
                Visit(make.Imaginary);
                break;
            case CallExpression call:
                Visit(call.Callee);
                foreach (Expression argument in call.Arguments)
                    Visit(argument);
                break;
            case BuiltinExpression builtin:
                foreach (Expression argument in builtin.Arguments)
                    Visit(argument);
                break;
            case CompoundLiteralExpression { Variable.Initializer: { } initializer }:
                Visit(initializer);
                break;
            case InitializerList list:
                foreach (InitializerElement element in list.Elements)
                    Visit(element.Value);
                break;
            case StatementExpression statements:
                Visit(statements.Body);
                break;
            case VaArgExpression argument:
                Visit(argument.List);
                break;
            case EvaluateBoundsExpression bounds:
                Visit(bounds.Operand);
                break;
        }
    }
}
