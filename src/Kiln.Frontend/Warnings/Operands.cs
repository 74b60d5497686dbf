// Warnings of operators and their operands: what is likely a slip although the standard defines it. Each follows gcc's rule for the option of
// that name. The tree keeps parentheses and explicit casts as flags; implicit conversions are casts without them.

using Kiln.Base;
using Kiln.Frontend.Ast;
using Kiln.Frontend.Constants;
using Kiln.Frontend.Sema;
using Kiln.Frontend.Types;

namespace Kiln.Frontend.Warnings;

/// <summary>Judges single expressions; the walk over the function calls it for each node.</summary>
internal sealed class Operands(Semantics sema)
{
    private Reporter Report => sema.Report;

    /// <summary>The expression as written, without the conversions that the language put around it.</summary>
    public static Expression Written(Expression e)
    {
        while (e is CastExpression { CastKind: CastKind.Integral or CastKind.NoOp or CastKind.ToBool or CastKind.Floating or CastKind.IntegralToFloating } cast
            && (cast.Flags & ExpressionFlags.Explicit) == 0)
            e = cast.Operand;
        return e;
    }

    /// <summary>The type of an operand before conversions.</summary>
    private static CType WrittenType(Expression e)
    {
        e = Written(e);
        return e is IntegerConstant { Enumerator.Enumeration: { } enumeration } ? enumeration : e.Type;
    }

    private static bool IsComparison(Expression e) => e is BinaryExpression { Operator: >= BinaryOperator.Less and <= BinaryOperator.NotEqual };

    private static bool IsBare(Expression e) => (e.Flags & ExpressionFlags.Parenthesized) == 0;

    private static bool IsBoolean(Expression e) => Written(e) switch
    {
        LogicalExpression or UnaryExpression { Operator: UnaryOperator.LogicalNot } => true,
        BinaryExpression binary => binary.Operator is >= BinaryOperator.Less and <= BinaryOperator.NotEqual
            || binary.Operator is BinaryOperator.And or BinaryOperator.Or or BinaryOperator.Xor && IsBoolean(binary.Left) && IsBoolean(binary.Right),
        { Type.Kind: TypeKind.Bool } => true,
        _ => false,
    };

    // ---- Binary operators ----

    public void Binary(BinaryExpression e)
    {
        Parentheses(e);
        if (e.Operator is not (>= BinaryOperator.Less and <= BinaryOperator.NotEqual))
            return;
        bool isEquality = e.Operator is BinaryOperator.Equal or BinaryOperator.NotEqual;
        if (Written(e.Left) is UnaryExpression { Operator: UnaryOperator.LogicalNot } not && IsBare(not) && !IsBoolean(e.Right) && !IsBoolean(not.Operand)
            && not.Operand.Type.Kind != TypeKind.Bool && !(Written(e.Right) is IntegerConstant { Value: var bit } && bit <= 1))
            Report.Warning("Wlogical-not-parentheses", e.Location, "logical not is only applied to the left hand side of comparison");
        if (e.Left.Type.IsInteger && e.Right.Type.IsInteger)
        {
            Signs(e, isEquality);
            Limits(e);
            CType a = WrittenType(e.Left), b = WrittenType(e.Right);
            if (a is EnumType x && b is EnumType y && !ReferenceEquals(x, y) && x.Tag != 0 | y.Tag != 0)
                Report.Warning("Wenum-compare", e.Location, $"comparison between '{sema.Print(x)}' and '{sema.Print(y)}'");
        }
        if (isEquality && e.Left.Type is FloatType or ComplexType { Element: FloatType })
            Report.Warning("Wfloat-equal", e.Location, "comparing floating-point with '==' or '!=' is unsafe");
        if (isEquality && e.Left.Type.IsPointer)
            Address(e);
        if (!IsFromMacro(e) && Same(Written(e.Left), Written(e.Right)) && e.Left.Type.IsInteger | e.Left.Type.IsPointer)
        {
            bool isTrue = e.Operator is BinaryOperator.Equal or BinaryOperator.LessEqual or BinaryOperator.GreaterEqual;
            Report.Warning("Wtautological-compare", e.Location, $"self-comparison always evaluates to {(isTrue ? "true" : "false")}");
        }
    }

    private bool IsFromMacro(Expression e) => Report.Map is { } map && map.IsExpansion(e.Location);

    /// <summary>Whether two operands are one simple object.</summary>
    private static bool Same(Expression a, Expression b) => (a, b) switch
    {
        (CastExpression { CastKind: CastKind.LvalueToRvalue } x, CastExpression { CastKind: CastKind.LvalueToRvalue } y)
            => !x.Operand.QualType.IsVolatile && Same(x.Operand, y.Operand),
        (VariableReference x, VariableReference y) => ReferenceEquals(x.Variable, y.Variable),
        (MemberExpression x, MemberExpression y) => ReferenceEquals(x.Field, y.Field) && Same(x.Record, y.Record),
        (DereferenceExpression x, DereferenceExpression y) => Same(x.Pointer, y.Pointer),
        (PointerOffset x, PointerOffset y) => x.IsSubtraction == y.IsSubtraction && Same(x.Pointer, y.Pointer) && Same(Written(x.Index), Written(y.Index)),
        (CastExpression { CastKind: CastKind.ArrayDecay } x, CastExpression { CastKind: CastKind.ArrayDecay } y) => Same(x.Operand, y.Operand),
        (IntegerConstant x, IntegerConstant y) => x.Value == y.Value,
        _ => false,
    };

    /// <summary>Whether two conditions are the same expression, as far as simple forms go.</summary>
    public static bool SameCondition(Expression a, Expression b)
    {
        a = Written(a);
        b = Written(b);
        if (a is IntegerConstant)
            return false;
        return (a, b) switch
        {
            (BinaryExpression x, BinaryExpression y) => x.Operator == y.Operator && (SameCondition(x.Left, y.Left) || Same(Written(x.Left), Written(y.Left)))
                && (SameCondition(x.Right, y.Right) || Same(Written(x.Right), Written(y.Right))),
            (LogicalExpression x, LogicalExpression y) => x.IsOr == y.IsOr && SameCondition(x.Left, y.Left) && SameCondition(x.Right, y.Right),
            (UnaryExpression x, UnaryExpression y) => x.Operator == y.Operator && SameCondition(x.Operand, y.Operand),
            _ => Same(a, b),
        };
    }

    private void Signs(BinaryExpression e, bool isEquality)
    {
        CType result = e.Left.Type is EnumType enumeration ? enumeration.Underlying : e.Left.Type;
        if (IntegerArithmetic.IsSigned(result))
            return;
        Expression left = Written(e.Left), right = Written(e.Right);
        bool leftSigned = IntegerArithmetic.IsSigned(left.Type), rightSigned = IntegerArithmetic.IsSigned(right.Type);
        if (leftSigned == rightSigned)
            return;
        (Expression signed, Expression unsigned) = leftSigned ? (left, right) : (right, left);
        if (IsNonNegative(signed))
            return;
        if (isEquality && unsigned is IntegerConstant constant && constant.Value <= (UInt128.One << (IntegerArithmetic.Width(result) - 1)) - 1)
            return;
        if (unsigned.Type.Size < signed.Type.Size)
            return;
        Report.Warning("Wsign-compare", e.Location,
            $"comparison of integer expressions of different signedness: '{sema.Print(left.QualType.Unqualified)}' and '{sema.Print(right.QualType.Unqualified)}'");
    }

    /// <summary>Whether a signed value is known not to be negative, by its form.</summary>
    private static bool IsNonNegative(Expression e)
    {
        switch (e)
        {
            case IntegerConstant constant:
                return (Int128)constant.Value >= 0;
            case CastExpression cast when cast.CastKind is CastKind.Integral or CastKind.NoOp && cast.Operand.Type.IsInteger:
                if (!IntegerArithmetic.IsSigned(cast.Operand.Type))
                    return cast.Operand.Type.Size < cast.Type.Size;
                return cast.Operand.Type.Size <= cast.Type.Size && IsNonNegative(cast.Operand);
            case LogicalExpression or UnaryExpression { Operator: UnaryOperator.LogicalNot }:
                return true;
            case CastExpression { CastKind: CastKind.LvalueToRvalue, Operand: MemberExpression { Field: { IsBitField: true } field } }:
                return !IntegerArithmetic.IsSigned(field.Type.Type);
            case BinaryExpression { Operator: >= BinaryOperator.Less and <= BinaryOperator.NotEqual }:
                return true;
            case BinaryExpression { Operator: BinaryOperator.And } and:
                return IsNonNegative(and.Left) || IsNonNegative(and.Right);
            case BinaryExpression { Operator: BinaryOperator.Or or BinaryOperator.Xor or BinaryOperator.Divide } binary:
                return IsNonNegative(binary.Left) && IsNonNegative(binary.Right);
            case BinaryExpression { Operator: BinaryOperator.Add or BinaryOperator.Multiply } binary:
                return IsExtended(binary.Left) && IsExtended(binary.Right);
            case BinaryExpression { Operator: BinaryOperator.ShiftRight or BinaryOperator.Remainder } binary:
                return IsNonNegative(binary.Left);
            case ConditionalExpression choice:
                return IsNonNegative(choice.WhenTrue) && IsNonNegative(choice.WhenFalse);
            case AssignExpression assign:
                return IsNonNegative(assign.Value);
            case CommaExpression comma:
                return IsNonNegative(comma.Right);
            case CallExpression { Callee: FunctionReference { Function.Builtin.Name: "abs" or "labs" or "llabs" } }:
                return true;
            default:
                return false;
        }
    }

    /// <summary>Whether a value has been widened from an unsigned type of at most half its width, or is a small constant.</summary>
    private static bool IsExtended(Expression e) => e switch
    {
        IntegerConstant constant => (Int128)constant.Value >= 0 && constant.Value <= ushort.MaxValue,
        CastExpression { CastKind: CastKind.Integral } cast => !IntegerArithmetic.IsSigned(cast.Operand.Type) && cast.Operand.Type.Size * 2 <= cast.Type.Size
            && cast.Operand.Type.IsInteger,
        _ => false,
    };

    /// <summary>Comparisons that a type's range decides.</summary>
    private void Limits(BinaryExpression e)
    {
        Expression left = Written(e.Left), right = Written(e.Right);
        BinaryOperator op = e.Operator;
        if (left is IntegerConstant && right is not IntegerConstant)
        {
            (left, right) = (right, left);
            op = op switch
            {
                BinaryOperator.Less => BinaryOperator.Greater,
                BinaryOperator.Greater => BinaryOperator.Less,
                BinaryOperator.LessEqual => BinaryOperator.GreaterEqual,
                BinaryOperator.GreaterEqual => BinaryOperator.LessEqual,
                _ => op,
            };
        }
        if (right is not IntegerConstant constant || left is IntegerConstant)
            return;
        if (IsBoolean(left) && e.Left.Type.Kind is not TypeKind.Bool || left.Type.Kind == TypeKind.Bool)
        {
            Int128 value = (Int128)constant.Value;
            if (value < 0 || value > 1)
            {
                bool isTrue = op switch
                {
                    BinaryOperator.Equal => false,
                    BinaryOperator.NotEqual => true,
                    BinaryOperator.Less or BinaryOperator.LessEqual => value > 1,
                    _ => value < 0,
                };
                Report.Warning("Wbool-compare", e.Location, $"comparison of constant '{value}' with boolean expression is always {(isTrue ? "true" : "false")}");
            }
            return;
        }
        if (left.Type is EnumType || !left.Type.IsInteger)
            return;
        if (!IntegerArithmetic.IsSigned(left.Type) && constant.Value == 0 && op is BinaryOperator.Less or BinaryOperator.GreaterEqual)
        {
            bool isTrue = op == BinaryOperator.GreaterEqual;
            Report.Warning("Wtype-limits", e.Location, $"comparison of unsigned expression in '{(isTrue ? ">=" : "<")} 0' is always {(isTrue ? "true" : "false")}");
            return;
        }
        int width = IntegerArithmetic.Width(left.Type);
        if (left.Type.Size >= e.Left.Type.Size || IntegerArithmetic.Width(e.Left.Type) > 64)
            return;
        bool signed = IntegerArithmetic.IsSigned(left.Type);
        Int128 least = signed ? -(Int128.One << (width - 1)) : 0, most = (Int128.One << (signed ? width - 1 : width)) - 1;
        Int128 c = (Int128)constant.Value;
        bool? known = op switch
        {
            BinaryOperator.Equal => c < least || c > most ? false : null,
            BinaryOperator.NotEqual => c < least || c > most ? true : null,
            BinaryOperator.Less => c > most ? true : c <= least ? false : null,
            BinaryOperator.LessEqual => c >= most ? true : c < least ? false : null,
            BinaryOperator.Greater => c >= most ? false : c < least ? true : null,
            _ => c > most ? false : c <= least ? true : null,
        };
        if (known is { } answer)
            Report.Warning("Wtype-limits", e.Location, $"comparison is always {(answer ? "true" : "false")} due to limited range of data type");
    }

    /// <summary>-Wparentheses: operators whose rank many do not know by heart.</summary>
    private void Parentheses(BinaryExpression e)
    {
        Expression left = Written(e.Left), right = Written(e.Right);
        switch (e.Operator)
        {
            case BinaryOperator.ShiftLeft or BinaryOperator.ShiftRight:
                string shift = e.Operator == BinaryOperator.ShiftLeft ? "<<" : ">>";
                foreach (Expression side in (ReadOnlySpan<Expression>)[left, right])
                {
                    if (IsBare(side) && side is BinaryExpression { Operator: BinaryOperator.Add or BinaryOperator.Subtract } sum)
                        Suggest(side, $"suggest parentheses around '{(sum.Operator == BinaryOperator.Add ? '+' : '-')}' inside '{shift}'");
                }
                break;
            case BinaryOperator.And or BinaryOperator.Or or BinaryOperator.Xor:
                char op = e.Operator switch { BinaryOperator.And => '&', BinaryOperator.Or => '|', _ => '^' };
                if (e.Operator != BinaryOperator.Xor && left is UnaryExpression { Operator: UnaryOperator.LogicalNot } && IsBare(left) && !IsBoolean(right))
                {
                    Suggest(left, $"suggest parentheses around operand of '!' or change '{op}' to '{op}{op}' or '!' to '~'");
                    break;
                }
                foreach (Expression side in (ReadOnlySpan<Expression>)[left, right])
                {
                    if (!IsBare(side) || side is not BinaryExpression inner)
                        continue;
                    if (IsComparison(inner))
                        Suggest(side, $"suggest parentheses around comparison in operand of '{op}'");
                    else if (e.Operator == BinaryOperator.And && inner.Operator is BinaryOperator.Add or BinaryOperator.Subtract)
                        Suggest(side, $"suggest parentheses around '{(inner.Operator == BinaryOperator.Add ? '+' : '-')}' in operand of '&'");
                    else if (e.Operator != BinaryOperator.And && inner.Operator is BinaryOperator.Add or BinaryOperator.Subtract or BinaryOperator.And
                        || e.Operator == BinaryOperator.Or && inner.Operator == BinaryOperator.Xor)
                        Suggest(side, $"suggest parentheses around arithmetic in operand of '{op}'");
                }
                break;
            case BinaryOperator.Equal or BinaryOperator.NotEqual:
                if (IsBare(left) && IsComparison(left) || IsBare(right) && IsComparison(right))
                    Suggest(e, $"suggest parentheses around comparison in operand of '{(e.Operator == BinaryOperator.Equal ? "==" : "!=")}'");
                break;
            case BinaryOperator.Less or BinaryOperator.Greater or BinaryOperator.LessEqual or BinaryOperator.GreaterEqual:
                if (IsBare(left) && left is BinaryExpression { Operator: >= BinaryOperator.Less and <= BinaryOperator.GreaterEqual }
                    || IsBare(right) && right is BinaryExpression { Operator: >= BinaryOperator.Less and <= BinaryOperator.GreaterEqual })
                    Suggest(e, "comparisons like 'X<=Y<=Z' do not have their mathematical meaning");
                break;
        }
    }

    private void Suggest(Expression at, string text) => Report.Warning("Wparentheses", at.Location, text);

    public void Logical(LogicalExpression e)
    {
        if (e.IsOr)
        {
            foreach (Expression side in (ReadOnlySpan<Expression>)[Written(e.Left), Written(e.Right)])
            {
                if (side is LogicalExpression { IsOr: false } && IsBare(side))
                    Suggest(side, "suggest parentheses around '&&' within '||'");
            }
        }
        if (!IsFromMacro(e) && SameCondition(e.Left, e.Right))
            Report.Warning("Wlogical-op", e.Location, $"logical '{(e.IsOr ? "or" : "and")}' of equal expressions");
        Truth(e.Left);
        Truth(e.Right);
    }

    // ---- Truth values ----

    /// <summary>A value that is taken for true or false.</summary>
    public void Truth(Expression e)
    {
        e = Written(e);
        switch (e)
        {
            case AssignExpression when IsBare(e):
                Suggest(e, "suggest parentheses around assignment used as truth value");
                break;
            case BinaryExpression { Operator: BinaryOperator.ShiftLeft } shift when IntegerArithmetic.IsSigned(shift.Type):
                Report.Warning("Wint-in-bool-context", e.Location, "'<<' in boolean context, did you mean '<'?");
                break;
            case BinaryExpression { Operator: BinaryOperator.Multiply } product when product.Type.IsInteger && !IsFromMacro(e):
                Report.Warning("Wint-in-bool-context", e.Location, "'*' in boolean context, suggest '&&' instead");
                break;
            case ConditionalExpression { WhenTrue: { } a, WhenFalse: { } b } when Written(a) is IntegerConstant x && Written(b) is IntegerConstant y
                && (x.Value > 1 || y.Value > 1):
                Report.Warning("Wint-in-bool-context", e.Location, x.Value != 0 && y.Value != 0
                    ? "'?:' using integer constants in boolean context, the expression will always evaluate to 'true'"
                    : "'?:' using integer constants in boolean context");
                break;
            case CastExpression { CastKind: CastKind.ArrayDecay or CastKind.FunctionDecay } or AddressOfExpression:
                if (Object(e) is { } name)
                    Report.Warning("Waddress", e.Location, $"the address of '{name}' will always evaluate as 'true'");
                break;
        }
    }

    /// <summary>The name of a thing whose address is never null, or null.</summary>
    private string? Object(Expression e) => e switch
    {
        CastExpression { CastKind: CastKind.ArrayDecay, Operand: VariableReference { Variable: { IsWeak: false, Storage: not StorageClass.Extern } array } } => sema.Text(array.Name),
        CastExpression { CastKind: CastKind.FunctionDecay, Operand: FunctionReference { Function: { IsWeak: false } function } } => sema.Text(function.Name),
        AddressOfExpression { Operand: VariableReference { Variable: { IsWeak: false } variable } } => sema.Text(variable.Name),
        CastExpression { CastKind: CastKind.Pointer } cast => Object(cast.Operand),
        _ => null,
    };

    private void Address(BinaryExpression e)
    {
        Expression? other = IsNull(e.Right) ? e.Left : IsNull(e.Left) ? e.Right : null;
        if (other is null || IsFromMacro(other) || Object(other) is not { } name)
            return;
        Report.Warning("Waddress", e.Location,
            $"the comparison will always evaluate as '{(e.Operator == BinaryOperator.Equal ? "false" : "true")}' for the address of '{name}' will never be NULL");
    }

    private static bool IsNull(Expression e) => e is IntegerConstant { Value: var value } && value == 0;

    // ---- Other operators ----

    public void Conditional(ConditionalExpression e)
    {
        Truth(e.Condition);
        if (!e.Type.IsInteger || IntegerArithmetic.IsSigned(e.Type))
            return;
        (Expression a, Expression b) = (Written(e.WhenTrue), Written(e.WhenFalse));
        foreach ((Expression side, Expression other, Expression whole) in ((Expression, Expression, Expression)[])[(a, b, e.WhenTrue), (b, a, e.WhenFalse)])
        {
            if (IntegerArithmetic.IsSigned(side.Type) && !IntegerArithmetic.IsSigned(other.Type) && !IsNonNegative(side) && side is not IntegerConstant
                && side.Type.Size <= e.Type.Size)
            {
                Report.Warning("Wsign-compare", whole.Location, $"operand of '?:' changes signedness from '{sema.Print(side.QualType.Unqualified)}' to "
                    + $"'{sema.Print(e.QualType.Unqualified)}' due to unsignedness of other operand");
            }
        }
    }

    /// <summary>A null pointer for a parameter that must have none.</summary>
    public void Call(CallExpression call)
    {
        if (call.Callee is not FunctionReference { Function.NonNullParameters: { } positions })
            return;
        for (int i = 0; i < call.Arguments.Length; i++)
        {
            if (call.Arguments[i] is IntegerConstant { Type.IsPointer: true, Value: var value } && value == 0
                && (positions.Length == 0 || Array.IndexOf(positions, i + 1) >= 0))
                Report.Warning("Wnonnull", call.Arguments[i].Location, $"argument {i + 1} null where non-null expected");
        }
    }

    // ---- Values that nobody uses ----

    /// <summary>An expression whose value is dropped.</summary>
    public void Dropped(Expression e)
    {
        if (e.Type.IsVoid || e.Type.IsError)
            return;
        if (!HasEffects(e))
        {
            Report.Warning("Wunused-value", e.Location, "statement with no effect");
            return;
        }
        switch (e)
        {
            case CommaExpression comma:
                if (!HasEffects(comma.Right) && !comma.Right.Type.IsVoid)
                    Report.Warning("Wunused-value", comma.Location, "right-hand operand of comma expression has no effect");
                else
                    Dropped(comma.Right);
                break;
            case BinaryExpression or PointerOffset or DereferenceExpression or UnaryExpression:
                if (!e.QualType.IsVolatile)
                    Report.Warning("Wunused-value", e.Location, "value computed is not used");
                break;
            case CastExpression { CastKind: CastKind.LvalueToRvalue, Operand: DereferenceExpression { QualType.IsVolatile: false } }:
                Report.Warning("Wunused-value", e.Location, "value computed is not used");
                break;
        }
    }

    public void Comma(CommaExpression e)
    {
        if (!e.Left.Type.IsVoid && !HasEffects(e.Left))
            Report.Warning("Wunused-value", e.Location, "left-hand operand of comma expression has no effect");
    }

    /// <summary>Whether evaluating does anything but give a value.</summary>
    public static bool HasEffects(Expression e) => e switch
    {
        IntegerConstant or FloatConstant or ComplexConstant or VectorConstant or StringLiteral or FunctionReference or LabelAddress or VariableSizeExpression => false,
        VariableReference variable => variable.QualType.IsVolatile,
        CastExpression cast => HasEffects(cast.Operand),
        UnaryExpression unary => HasEffects(unary.Operand),
        BinaryExpression binary => HasEffects(binary.Left) || HasEffects(binary.Right),
        PointerOffset offset => HasEffects(offset.Pointer) || HasEffects(offset.Index),
        PointerDifference difference => HasEffects(difference.Left) || HasEffects(difference.Right),
        LogicalExpression logical => HasEffects(logical.Left) || HasEffects(logical.Right),
        CommaExpression comma => HasEffects(comma.Left) || HasEffects(comma.Right),
        ConditionalExpression choice => HasEffects(choice.Condition) || HasEffects(choice.WhenTrue) || HasEffects(choice.WhenFalse),
        AddressOfExpression address => HasEffects(address.Operand),
        DereferenceExpression dereference => dereference.QualType.IsVolatile || HasEffects(dereference.Pointer),
        MemberExpression member => member.QualType.IsVolatile || HasEffects(member.Record),
        PartExpression part => HasEffects(part.Operand),
        _ => true,
    };
}
