// Warnings of function bodies: one walk over the finished tree, made only where an option asks for one of its warnings. What is wrong with the
// operands of an operator is Operands' matter, with formats FormatStrings', with jumps Completion's; here are the statements, and what is
// declared and not used.

using Kiln.Base;
using Kiln.Frontend.Ast;
using Kiln.Frontend.Constants;
using Kiln.Frontend.Sema;
using Kiln.Frontend.Types;

namespace Kiln.Frontend.Warnings;

/// <summary>Walks function bodies and says what looks like a mistake.</summary>
internal sealed class FunctionWarnings(Semantics sema) : TreeVisitor
{
    private readonly Operands _operands = new(sema);
    private readonly FormatStrings _formats = new(sema);
    private readonly SequencePoints _points = new(sema);
    private readonly FallThrough _fallThrough = new(sema);
    private readonly Unassigned _unassigned = new(sema);
    private FunctionDeclaration _function = null!;

    // The options whose warnings this walk gives.
    private static readonly string[] Options =
    [
        "Waddress", "Wbool-compare", "Wdangling-else", "Wduplicated-cond", "Wempty-body", "Wenum-compare", "Wfloat-equal", "Wformat", "Wformat-security",
        "Wformat-nonliteral", "Wimplicit-fallthrough", "Wint-in-bool-context", "Wlogical-not-parentheses", "Wlogical-op", "Wmisleading-indentation",
        "Wnonnull", "Wparentheses", "Wreturn-type", "Wsequence-point", "Wsign-compare", "Wswitch", "Wswitch-default", "Wswitch-enum",
        "Wtautological-compare", "Wtype-limits", "Wuninitialized", "Wunused-but-set-parameter", "Wunused-but-set-variable", "Wunused-label", "Wunused-local-typedefs",
        "Wunused-parameter", "Wunused-value", "Wunused-variable",
    ];

    private Reporter Report => sema.Report;

    /// <summary>Whether any of the options is on.</summary>
    public static bool IsNeeded(Reporter report) => Array.Exists(Options, report.IsEnabled);

    /// <summary>Walks a function.</summary>
    /// <param name="definition">The function, its body finished.</param>
    /// <param name="hasOmittedType">Its result is int because nothing is said.</param>
    /// <param name="isMain">It is the hosted main, which C99 lets end without a return.</param>
    public void Check(FunctionDefinition definition, bool hasOmittedType, bool isMain)
    {
        _function = definition.Declaration;
        Visit(definition.Body);
        Unused(definition);
        _unassigned.Check(definition);
        QualType result = _function.FunctionType.Result;
        if (!result.Type.IsVoid && !isMain && (_function.Flags & (FunctionFlags.NoReturn | FunctionFlags.Naked)) == 0 && Completion.Completes(definition.Body))
        {
            if (_function.Linkage == Linkage.Internal && !_hasReturn && !hasOmittedType)
                Report.Warning("Wreturn-type", _function.Location, "no return statement in function returning non-void");
            else
                Report.Warning("Wreturn-type", definition.EndLocation, "control reaches end of non-void function");
        }
        _hasReturn = false;
    }

    private bool _hasReturn;

    // ---- What is declared and not used ----

    private void Unused(FunctionDefinition definition)
    {
        foreach (LabelDeclaration label in definition.Labels)
        {
            if (label is { IsUsed: false, IsDefined: true, MayBeUnused: false })
                Report.Warning("Wunused-label", label.Location, $"label '{sema.Text(label.Name)}' defined but not used");
        }
        foreach (VariableDeclaration parameter in definition.Parameters)
        {
            if (parameter.Name == 0 || parameter.MayBeUnused || parameter.Type.Type.IsError)
                continue;
            if (!parameter.IsMentioned)
                Report.Warning("Wunused-parameter", parameter.Location, $"unused parameter '{sema.Text(parameter.Name)}'");
            else if (!parameter.IsRead)
                Report.Warning("Wunused-but-set-parameter", parameter.Location, $"parameter '{sema.Text(parameter.Name)}' set but not used");
        }
    }

    private void Unused(VariableDeclaration[] variables)
    {
        foreach (VariableDeclaration variable in variables)
        {
            if (variable.Name == 0 || variable.MayBeUnused || variable.Cleanup is not null || variable.Type.Type.IsError || variable.Linkage != Linkage.None)
                continue;
            if (!variable.IsMentioned)
                Report.Warning("Wunused-variable", variable.Location, $"unused variable '{sema.Text(variable.Name)}'");
            else if (!variable.IsRead)
                Report.Warning("Wunused-but-set-variable", variable.Location, $"variable '{sema.Text(variable.Name)}' set but not used");
        }
    }

    // ---- Statements ----

    public override void Visit(Statement? statement)
    {
        switch (statement)
        {
            case ExpressionStatement expression:
                Full(expression.Expression);
                _operands.Dropped(expression.Expression);
                return;
            case DeclarationStatement { Variable.Initializer: { } initializer }:
                Full(initializer);
                return;
            case CompoundStatement compound:
                Block(compound);
                return;
            case IfStatement branch:
                If(branch);
                return;
            case WhileStatement loop:
                Condition(loop.Condition);
                Visit(loop.Body);
                return;
            case DoStatement loop:
                if (loop.Body is NullStatement { IsFallThrough: false })
                    Report.Warning("Wempty-body", loop.Body.Location, "suggest braces around empty body in 'do' statement");
                Visit(loop.Body);
                Condition(loop.Condition);
                return;
            case ForStatement loop:
                foreach (Statement first in loop.Initialize)
                    Visit(first);
                if (loop.Condition is not null)
                    Condition(loop.Condition);
                if (loop.Step is not null)
                {
                    Full(loop.Step);
                    _operands.Dropped(loop.Step);
                }
                Visit(loop.Body);
                return;
            case SwitchStatement choice:
                Full(choice.Value);
                Switch(choice);
                Visit(choice.Body);
                return;
            case ReturnStatement back:
                _hasReturn = true;
                if (back.Value is not null)
                    Full(back.Value);
                return;
        }
        base.Visit(statement);
    }

    private void Block(CompoundStatement compound)
    {
        Statement[] statements = compound.Statements;
        for (int i = 0; i < statements.Length; i++)
        {
            Visit(statements[i]);
            if (i + 1 < statements.Length)
                Indentation(statements[i], statements[i + 1]);
        }
        Unused(compound.Variables);
    }

    private void If(IfStatement branch)
    {
        Condition(branch.Condition);
        if (branch.Then is NullStatement { IsFallThrough: false } && branch.Else is null)
            Report.Warning("Wempty-body", branch.Then.Location, "suggest braces around empty body in an 'if' statement");
        if (branch.Else is NullStatement { IsFallThrough: false })
            Report.Warning("Wempty-body", branch.Else.Location, "suggest braces around empty body in an 'else' statement");
        if (branch.Else is null && InnerIf(branch.Then) is { Else: not null })
            Report.Warning("Wdangling-else", branch.Location, "suggest explicit braces to avoid ambiguous 'else'");
        for (Statement? other = branch.Else; other is IfStatement { } chained; other = chained.Else)
        {
            if (Operands.SameCondition(branch.Condition, chained.Condition) && !Operands.HasEffects(branch.Condition))
                Report.Warning("Wduplicated-cond", chained.Condition.Location, "duplicated 'if' condition");
        }
        Visit(branch.Then);
        Visit(branch.Else);
    }

    /// <summary>The if that a branch without braces is, be it behind loops.</summary>
    private static IfStatement? InnerIf(Statement? statement) => statement switch
    {
        IfStatement inner => inner,
        WhileStatement loop => InnerIf(loop.Body),
        ForStatement loop => InnerIf(loop.Body),
        _ => null,
    };

    private void Condition(Expression condition)
    {
        Full(condition);
        _operands.Truth(condition);
    }

    /// <summary>A statement that is indented as if a guard without braces held for it.</summary>
    private void Indentation(Statement guard, Statement next)
    {
        if (Report.Map is not { } map || next is NullStatement or LabelStatement or CaseStatement)
            return;
        Location place = guard.Location;
        string word = "if";
        Statement body;
        if (guard is IfStatement branch)
        {
            // Of a chain the last clause counts.
            while (branch.Else is IfStatement { } chained)
                branch = chained;
            if (branch.Else is not null)
                return;
            (place, body) = (branch.Location, branch.Then);
        }
        else if (guard is WhileStatement loop)
            (word, body) = ("while", loop.Body);
        else if (guard is ForStatement { } count)
            (word, body) = ("for", count.Body);
        else
            return;
        if (body is CompoundStatement or NullStatement || map.IsExpansion(place) || map.IsExpansion(body.Location) || map.IsExpansion(next.Location))
            return;
        FilePosition a = map.Position(place), b = map.Position(body.Location), c = map.Position(next.Location);
        if (a.File != b.File || b.File != c.File)
            return;
        bool isMisleading = b.Line == c.Line && a.Line == b.Line && Column(map, place) >= 0
            || b.Line != a.Line && c.Line > b.Line && Column(map, next.Location) == Column(map, body.Location) && Column(map, body.Location) > LineStart(map, place);
        if (!isMisleading || IsUnindented(map, body.Location, next.Location))
            return;
        Report.Warning("Wmisleading-indentation", place, $"this '{word}' clause does not guard...");
        Report.Note(next.Location, $"...this statement, but the latter is misleadingly indented as if it were guarded by the '{word}'");
    }

    /// <summary>Whether a line between two places stands further left than they do, a directive say: then nobody is misled.</summary>
    private static bool IsUnindented(SourceMap map, Location from, Location to)
    {
        if (map.File(map.FileLocation(from), out int first, out _) is not { } file || map.File(map.FileLocation(to), out int last, out _) != file)
            return false;
        int column = LineStart(map, to);
        for (int number = file.PhysicalLine(first) + 1; number < file.PhysicalLine(last); number++)
        {
            ReadOnlySpan<byte> line = file.Line(number);
            ReadOnlySpan<byte> rest = line.TrimStart(" \t\r"u8);
            if (!rest.IsEmpty && Width(line[..(line.Length - rest.Length)]) < column)
                return true;
        }
        return false;
    }

    /// <summary>The column of the first thing in the line of a place, tabs counted.</summary>
    private static int LineStart(SourceMap map, Location at)
    {
        if (map.File(map.FileLocation(at), out int offset, out _) is not { } file)
            return 0;
        ReadOnlySpan<byte> line = file.Line(file.PhysicalLine(offset));
        return Width(line[..(line.Length - line.TrimStart(" \t"u8).Length)]);
    }

    private static int Column(SourceMap map, Location at)
    {
        if (map.File(map.FileLocation(at), out int offset, out _) is not { } file)
            return -1;
        ReadOnlySpan<byte> line = file.Line(file.PhysicalLine(offset));
        int column = Math.Min(line.Length, file.Column(offset) - 1);
        // Only what begins its line can mislead by its column.
        return line[..column].TrimStart(" \t"u8).IsEmpty ? Width(line[..column]) : -1;
    }

    private static int Width(ReadOnlySpan<byte> blanks)
    {
        int width = 0;
        foreach (byte b in blanks)
            width = b == '\t' ? (width / 8 + 1) * 8 : width + 1;
        return width;
    }

    // ---- switch ----

    private void Switch(SwitchStatement choice)
    {
        _fallThrough.Check(choice);
        if (choice.Default is null)
            Report.Warning("Wswitch-default", choice.Location, "switch missing default case");
        Expression value = Operands.Written(choice.Value);
        if (value.Type.Kind == TypeKind.Bool || value is LogicalExpression or UnaryExpression { Operator: UnaryOperator.LogicalNot }
            or BinaryExpression { Operator: >= BinaryOperator.Less and <= BinaryOperator.NotEqual })
            Report.Warning("Wswitch-bool", choice.Location, "switch condition has boolean value");
        if (value.Type is not EnumType enumeration)
            return;
        string option = choice.Default is null && Report.IsEnabled("Wswitch") ? "Wswitch" : "Wswitch-enum";
        var covered = new HashSet<UInt128>();
        foreach (CaseStatement label in choice.Cases)
        {
            if (label.Low == label.High)
                covered.Add(label.Low);
        }
        var known = new HashSet<UInt128>();
        foreach (EnumConstantDeclaration constant in enumeration.Enumerators)
        {
            UInt128 number = IntegerArithmetic.Normalize(constant.Value, choice.Value.Type);
            known.Add(number);
            if (choice.Default is not null && option == "Wswitch")
                continue;
            if (!covered.Contains(number) && !InRange(choice, number) && covered.Add(number))
                Report.Warning(option, choice.Location, $"enumeration value '{sema.Text(constant.Name)}' not handled in switch");
        }
        foreach (CaseStatement label in choice.Cases)
        {
            if (known.Contains(label.Low))
                continue;
            string text = IntegerArithmetic.IsSigned(choice.Value.Type) ? ((Int128)label.Low).ToString() : label.Low.ToString();
            Report.Warning(Report.IsEnabled("Wswitch") ? "Wswitch" : "Wswitch-enum", label.Location, enumeration.Tag != 0
                ? $"case value '{text}' not in enumerated type '{sema.Print(enumeration)}'" : $"case value '{text}' not in enumerated type");
        }
    }

    private static bool InRange(SwitchStatement choice, UInt128 number) =>
        Array.Exists(choice.Cases, c => c.Low != c.High && (Int128)number >= (Int128)c.Low && (Int128)number <= (Int128)c.High);

    // ---- Expressions ----

    private void Full(Expression e)
    {
        Visit(e);
        if (Operands.HasEffects(e))
            _points.Check(e);
    }

    public override void Visit(Expression e)
    {
        switch (e)
        {
            case CastExpression { CastKind: CastKind.ToBool } cast when (cast.Flags & ExpressionFlags.Explicit) == 0:
                _operands.Truth(cast.Operand);
                break;
            case UnaryExpression { Operator: UnaryOperator.LogicalNot } not:
                _operands.Truth(not.Operand);
                break;
            case StatementExpression statements:
                Inner(statements);
                return;
        }
        base.Visit(e);
        switch (e)
        {
            case BinaryExpression binary:
                _operands.Binary(binary);
                break;
            case LogicalExpression logical:
                _operands.Logical(logical);
                break;
            case CommaExpression comma:
                _operands.Comma(comma);
                break;
            case ConditionalExpression choice:
                _operands.Conditional(choice);
                break;
            case CallExpression call:
                _formats.Check(call, _function);
                _operands.Call(call);
                break;
        }
    }

    /// <summary>A statement expression: the last statement is its value, not dropped.</summary>
    private void Inner(StatementExpression e)
    {
        Statement[] statements = e.Body.Statements;
        for (int i = 0; i < statements.Length; i++)
        {
            if (i == statements.Length - 1 && statements[i] is ExpressionStatement last)
                Full(last.Expression);
            else
                Visit(statements[i]);
        }
        Unused(e.Body.Variables);
    }
}
