// Statements after semantic analysis. Targets of jumps are objects: a break or continue names its statement, a case its value.

using Kiln.Base;
using Kiln.Frontend.Types;

namespace Kiln.Frontend.Ast;

public enum StatementKind : byte
{
    Null,
    Expression,
    Declaration,
    Compound,
    If,
    While,
    Do,
    For,
    Switch,
    Case,
    Label,
    Goto,
    ComputedGoto,
    Break,
    Continue,
    Return,
    Asm,
}

/// <summary>A statement.</summary>
public abstract class Statement
{
    private protected Statement(StatementKind kind, Location location)
    {
        Kind = kind;
        Location = location;
    }

    public StatementKind Kind { get; }
    public Location Location { get; }
}

public sealed class NullStatement(Location location) : Statement(StatementKind.Null, location)
{
    /// <summary>Attribute fallthrough: control is meant to run into the next case.</summary>
    internal bool IsFallThrough { get; init; }
}

public sealed class ExpressionStatement(Expression expression, Location location) : Statement(StatementKind.Expression, location)
{
    public Expression Expression { get; } = expression;
}

/// <summary>
/// One step of a declaration, in source order: evaluates the bounds of a variably modified type, then (where there is one) brings
/// a variable into being and initializes it. Static and extern variables are left out.
/// </summary>
public sealed class DeclarationStatement(VariableDeclaration? variable, VariableBound[] bounds, Location location)
    : Statement(StatementKind.Declaration, location)
{
    public VariableDeclaration? Variable { get; } = variable;
    public VariableBound[] Bounds { get; } = bounds;
}

/// <summary>A block: a scope. Variables with a cleanup, and variable length arrays, end with it.</summary>
public sealed class CompoundStatement(Location location) : Statement(StatementKind.Compound, location)
{
    internal Statement[] _statements = [];

    /// <summary>What it does, in order.</summary>
    public Statement[] Statements { get => _statements; internal set => _statements = value; }

    /// <summary>Automatic variables of the scope itself, for debug information; static ones too.</summary>
    public VariableDeclaration[] Variables { get; internal set; } = [];

    public Location EndLocation { get; internal set; }

    /// <summary>Whether leaving it has something to do: a cleanup to call, or a variable length array to give back.</summary>
    public bool HasCleanups { get; internal set; }
    public bool HasVariableArrays { get; internal set; }
}

public sealed class IfStatement(Expression condition, Statement then, Statement? otherwise, Location location)
    : Statement(StatementKind.If, location)
{
    public Expression Condition { get; } = condition;
    public Statement Then { get; } = then;
    public Statement? Else { get; } = otherwise;
}

/// <summary>A statement that break, and but for switch continue, refer to.</summary>
public abstract class BreakableStatement : Statement, ISlotted
{
    private protected BreakableStatement(StatementKind kind, Location location) : base(kind, location)
    {
    }

    public Statement Body { get; internal set; } = null!;

    /// <summary>Whether a break leaves it.</summary>
    public bool HasBreak { get; internal set; }
    public bool HasContinue { get; internal set; }

    /// <summary>Free for the consumer of the tree.</summary>
    public int BreakSlot { get; set; }

    /// <summary>Free for the consumer of the tree.</summary>
    public int ContinueSlot { get; set; }

    void ISlotted.ClearSlots() => BreakSlot = ContinueSlot = 0;
}

public sealed class WhileStatement(Location location) : BreakableStatement(StatementKind.While, location)
{
    public Expression Condition { get; internal set; } = null!;
}

public sealed class DoStatement(Location location) : BreakableStatement(StatementKind.Do, location)
{
    public Expression Condition { get; internal set; } = null!;
}

/// <summary>for. Its first clause's declarations are in a scope of their own around it: <see cref="Initialize"/> holds them, and a
/// CompoundStatement around the for is their scope.</summary>
public sealed class ForStatement(Location location) : BreakableStatement(StatementKind.For, location)
{
    /// <summary>What the first clause does: an expression or declarations, in order.</summary>
    public Statement[] Initialize { get; internal set; } = [];

    /// <summary>The condition, or null for none.</summary>
    public Expression? Condition { get; internal set; }

    /// <summary>The third clause, or null.</summary>
    public Expression? Step { get; internal set; }
}

/// <summary>switch. The value is of a promoted integer type.</summary>
public sealed class SwitchStatement(Location location) : BreakableStatement(StatementKind.Switch, location)
{
    public Expression Value { get; internal set; } = null!;

    /// <summary>The cases in source order, the default label left out.</summary>
    public CaseStatement[] Cases { get; internal set; } = [];

    /// <summary>The default label, or null.</summary>
    public CaseStatement? Default { get; internal set; }
}

/// <summary>case A: or case A ... B: or default:, with the statement behind it.</summary>
public sealed class CaseStatement(Location location) : Statement(StatementKind.Case, location), ISlotted
{
    public SwitchStatement Switch { get; internal set; } = null!;
    public bool IsDefault { get; internal set; }

    /// <summary>The first value, converted to the switch's type, sign-extended where that is signed.</summary>
    public UInt128 Low { get; internal set; }

    /// <summary>The last value; the same as <see cref="Low"/> but for a range.</summary>
    public UInt128 High { get; internal set; }

    public Statement Body { get; internal set; } = null!;

    /// <summary>Free for the consumer of the tree.</summary>
    public int Slot { get; set; }

    void ISlotted.ClearSlots() => Slot = 0;
}

public sealed class LabelStatement(LabelDeclaration label, Location location) : Statement(StatementKind.Label, location)
{
    public LabelDeclaration Label { get; } = label;
    public Statement Body { get; internal set; } = null!;
}

/// <summary>goto; to a label of an enclosing function (Label.Function) it is a non-local one.</summary>
public sealed class GotoStatement(LabelDeclaration label, Location location) : Statement(StatementKind.Goto, location)
{
    public LabelDeclaration Label { get; } = label;
}

public sealed class ComputedGotoStatement(Expression target, Location location) : Statement(StatementKind.ComputedGoto, location)
{
    public Expression Target { get; } = target;
}

public sealed class BreakStatement(BreakableStatement target, Location location) : Statement(StatementKind.Break, location)
{
    public BreakableStatement Target { get; } = target;
}

public sealed class ContinueStatement(BreakableStatement target, Location location) : Statement(StatementKind.Continue, location)
{
    public BreakableStatement Target { get; } = target;
}

/// <summary>return. The value is of the function's result type; null for none. In a void function the value may be a void expression.</summary>
public sealed class ReturnStatement(Expression? value, Location location) : Statement(StatementKind.Return, location)
{
    public Expression? Value { get; } = value;
}

/// <summary>An operand of an asm statement.</summary>
/// <param name="Name">The symbolic name (interned), or 0.</param>
/// <param name="Constraint">The constraint, as written.</param>
/// <param name="Value">Output: an lvalue. Input: a value, or an lvalue where the constraint allows memory alone.</param>
public sealed record AsmOperand(int Name, string Constraint, Expression Value);

/// <summary>An asm statement, or a top-level asm (which has a template alone, and is basic).</summary>
public sealed class AsmStatement(string template, Location location) : Statement(StatementKind.Asm, location)
{
    public string Template { get; } = template;

    /// <summary>Without operands and colons: the template is put out as it stands, percent signs too.</summary>
    public bool IsBasic { get; internal set; }

    public bool IsVolatile { get; internal set; }
    public bool IsInline { get; internal set; }
    public bool IsGoto { get; internal set; }
    public AsmOperand[] Outputs { get; internal set; } = [];
    public AsmOperand[] Inputs { get; internal set; } = [];
    public string[] Clobbers { get; internal set; } = [];
    public LabelDeclaration[] Labels { get; internal set; } = [];
    public int[] LabelNames { get; internal set; } = [];
}
