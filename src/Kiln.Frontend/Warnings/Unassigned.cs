// -Wuninitialized, the certain cases: an automatic variable that is read before anything, in source order, can have given it a value. What
// depends on the path taken (-Wmaybe-uninitialized) asks for a flow graph and is not done here.

using Kiln.Base;
using Kiln.Frontend.Ast;
using Kiln.Frontend.Constants;
using Kiln.Frontend.Sema;
using Kiln.Frontend.Types;

namespace Kiln.Frontend.Warnings;

/// <summary>Walks a body in the order of evaluation and drops variables from its list as they are assigned to.</summary>
internal sealed class Unassigned(Semantics sema) : TreeVisitor
{
    private readonly HashSet<VariableDeclaration> _open = [];
    private bool _isStopped;

    public void Check(FunctionDefinition definition)
    {
        if (!sema.Report.IsEnabled("Wuninitialized"))
            return;
        _open.Clear();
        // Labels may be come to from behind: the order of the source says nothing then.
        _isStopped = definition.Labels.Length > 0 || definition.NestedFunctions.Length > 0;
        Visit(definition.Body);
    }

    public override void Visit(Statement? statement)
    {
        if (_isStopped)
            return;
        switch (statement)
        {
            case DeclarationStatement { Variable: { Initializer: null } variable }:
                base.Visit(statement);
                if (variable is { IsAutomatic: true, IsAddressTaken: false, IsCaptured: false, Storage: not StorageClass.Parameter, RegisterName: null }
                    && variable.Type.Type is IntegerType or EnumType or FloatType or PointerType && !variable.Type.IsVolatile)
                    _open.Add(variable);
                return;
            // int x = x; is how programs silence this warning.
            case DeclarationStatement { Variable: { Initializer: CastExpression { CastKind: CastKind.LvalueToRvalue, Operand: VariableReference { Variable: { } self } } } variable }
                when ReferenceEquals(self, variable):
                return;
            case BreakableStatement loop and not SwitchStatement:
                // What a loop assigns to may come round to its beginning.
                if (_open.Count > 0)
                {
                    var changes = new Changes(_open);
                    changes.Visit(loop.Body);
                    if (loop is ForStatement { Step: { } step })
                        changes.Visit(step);
                    if (loop is ForStatement { Condition: { } condition })
                        changes.Visit(condition);
                }
                break;
            case ComputedGotoStatement or LabelStatement:
                _isStopped = true;
                return;
        }
        base.Visit(statement);
    }

    private void Read(VariableDeclaration variable, Location at)
    {
        if (!_open.Remove(variable))
            return;
        sema.Report.Warning("Wuninitialized", at, $"'{sema.Text(variable.Name)}' is used uninitialized");
        sema.Report.Note(variable.Location, $"'{sema.Text(variable.Name)}' was declared here");
    }

    protected override void Target(Expression target)
    {
        if (target is VariableReference { Variable: { } variable })
            _open.Remove(variable);
        else
            Visit(target);
    }

    public override void Visit(Expression e)
    {
        if (_isStopped)
            return;
        switch (e)
        {
            case CastExpression { CastKind: CastKind.ToVoid, Operand: VariableReference }:
                return;
            case CastExpression { CastKind: CastKind.LvalueToRvalue, Operand: VariableReference { Variable: { } variable } }:
                Read(variable, e.Location);
                return;
            case IncrementExpression { Operand: VariableReference { Variable: { } variable } }:
                Read(variable, e.Location);
                return;
            case CompoundAssignExpression { Target: VariableReference { Variable: { } changed } } assign:
                Visit(assign.Value);
                Read(changed, e.Location);
                return;
            case LogicalExpression logical when Folding.Truth(logical.Left) is { } known && known == logical.IsOr:
                Visit(logical.Left);
                return;
            case ConditionalExpression choice when Folding.Truth(choice.Condition) is { } isTrue:
                Visit(choice.Condition);
                Visit(isTrue ? choice.WhenTrue : choice.WhenFalse);
                return;
        }
        base.Visit(e);
    }

    /// <summary>Takes the variables that something assigns to out of a set.</summary>
    private sealed class Changes(HashSet<VariableDeclaration> open) : TreeVisitor
    {
        protected override void Target(Expression target)
        {
            if (target is VariableReference { Variable: { } variable })
                open.Remove(variable);
            else
                Visit(target);
        }
    }
}
