// Operators (C17 6.5.3 to 6.5.17), with GNU C's vectors, complex integers and pointer arithmetic on void and functions.

using Kiln.Base;
using Kiln.Frontend.Ast;
using Kiln.Frontend.Constants;
using Kiln.Frontend.Types;

namespace Kiln.Frontend.Sema;

internal sealed partial class Semantics
{
    private static string Spelling(BinaryOperator op) => op switch
    {
        BinaryOperator.Multiply => "*",
        BinaryOperator.Divide => "/",
        BinaryOperator.Remainder => "%",
        BinaryOperator.Add => "+",
        BinaryOperator.Subtract => "-",
        BinaryOperator.ShiftLeft => "<<",
        BinaryOperator.ShiftRight => ">>",
        BinaryOperator.Less => "<",
        BinaryOperator.Greater => ">",
        BinaryOperator.LessEqual => "<=",
        BinaryOperator.GreaterEqual => ">=",
        BinaryOperator.Equal => "==",
        BinaryOperator.NotEqual => "!=",
        BinaryOperator.And => "&",
        BinaryOperator.Xor => "^",
        BinaryOperator.Or => "|",
        _ => throw new ArgumentOutOfRangeException(nameof(op), op, null),
    };

    /// <summary>A binary operator but for assignments, &amp;&amp;, || and the comma.</summary>
    public Expression Binary(BinaryOperator op, Expression left, Expression right, Location location)
    {
        left = Value(left);
        right = Value(right);
        CType a = left.Type, b = right.Type;
        if (a.IsError || b.IsError)
            return Error(location);
        if (a.IsVector || b.IsVector)
            return VectorBinary(op, left, right, location);
        switch (op)
        {
            case BinaryOperator.Add:
                if (a.IsPointer && b.IsInteger)
                    return OffsetPointer(left, right, false, location);
                if (b.IsPointer && a.IsInteger)
                    return OffsetPointer(right, left, false, location);
                goto case BinaryOperator.Multiply;
            case BinaryOperator.Subtract:
                if (a.IsPointer && b.IsInteger)
                    return OffsetPointer(left, right, true, location);
                if (a.IsPointer && b.IsPointer)
                    return SubtractPointers(left, right, location);
                goto case BinaryOperator.Multiply;
            case BinaryOperator.Multiply:
            case BinaryOperator.Divide:
                if (!a.IsArithmetic || !b.IsArithmetic)
                    break;
                if (op == BinaryOperator.Divide)
                    WarnZeroDivisor(right, location);
                return Arithmetic(op, left, right, location);
            case BinaryOperator.Remainder:
            case BinaryOperator.And:
            case BinaryOperator.Xor:
            case BinaryOperator.Or:
                if (!a.IsInteger || !b.IsInteger)
                    break;
                if (op == BinaryOperator.Remainder)
                    WarnZeroDivisor(right, location);
                return Arithmetic(op, left, right, location);
            case BinaryOperator.ShiftLeft:
            case BinaryOperator.ShiftRight:
                if (!a.IsInteger || !b.IsInteger)
                    break;
                return Shift(op, left, right, location);
            default:
                return Compare(op, left, right, location);
        }
        return InvalidOperands(op, a, b, location);
    }

    private ErrorExpression InvalidOperands(BinaryOperator op, CType a, CType b, Location location)
    {
        if (a.IsVoid || b.IsVoid)
            return Error(location, "void value not ignored as it ought to be");
        return Error(location, $"invalid operands to binary {Spelling(op)} (have '{Print(a)}' and '{Print(b)}')");
    }

    private void WarnZeroDivisor(Expression right, Location location)
    {
        if ((Unevaluated | Unreached) == 0 && right is IntegerConstant { Value: var value } && value == 0)
            Report.Warning("Wdiv-by-zero", location, "division by zero");
    }

    private Expression Arithmetic(BinaryOperator op, Expression left, Expression right, Location location)
    {
        // real op complex keeps the real operand real in gcc; the parts that are zero change nothing but signs of zeros
        // and NaNs, which Annex G leaves to the implementation where both are written as complex.
        CType type = UsualConversions(ref left, ref right);
        if (type.IsComplex && op is BinaryOperator.Remainder)
            return InvalidOperands(op, left.Type, right.Type, location);
        if (Folding.Binary(op, left, right, type, InStaticInitializer, location) is { } folded)
        {
            if (folded is IntegerConstant && (folded.Flags & ExpressionFlags.Overflow) != 0
                && (left.Flags & ExpressionFlags.Overflow) == 0 && (right.Flags & ExpressionFlags.Overflow) == 0 && (Unevaluated | Unreached) == 0)
            {
                Report.Warning("Woverflow", location,
                    $"integer overflow in expression of type '{Print(type)}' results in '{ValueText(((IntegerConstant)folded).Value, type)}'");
            }
            return folded;
        }
        if (type is IntegerType { IsNarrow: true } narrow)
            return InDeclaredType(op, left, right, narrow, location);
        return new BinaryExpression(op, left, right, type, location);
    }

    private Expression Shift(BinaryOperator op, Expression left, Expression right, Location location)
    {
        left = Promote(left);
        right = Promote(right);
        CType type = left.Type;
        if (right is IntegerConstant count && (Unevaluated | Unreached) == 0)
        {
            string way = op == BinaryOperator.ShiftLeft ? "left" : "right";
            if (IntegerArithmetic.IsSigned(right.Type) && (Int128)count.Value < 0)
                Report.Warning("Wshift-count-negative", location, $"{way} shift count is negative");
            else if (count.Value >= (UInt128)IntegerArithmetic.Width(type))
                Report.Warning("Wshift-count-overflow", location, $"{way} shift count >= width of type");
        }
        bool isLoose = op == BinaryOperator.ShiftLeft && left is IntegerConstant shifted && ShiftsOut(shifted, right, location);
        if (left is IntegerConstant a && right is IntegerConstant b
            && IntegerArithmetic.Compute(op, a.Value, b.Value, type, out UInt128 value, out bool overflow))
        {
            ExpressionFlags flags = a.Flags & b.Flags & ExpressionFlags.StrictConstant
                | (a.Flags | b.Flags) & (ExpressionFlags.Overflow | ExpressionFlags.Loose);
            if (overflow && !isLoose)
                return new BinaryExpression(op, left, right, type, location);
            if (isLoose)
                flags = flags & ~ExpressionFlags.StrictConstant | ExpressionFlags.Loose;
            return new IntegerConstant(type, value, location) { Flags = flags };
        }
        if (type is IntegerType { IsNarrow: true } narrow)
            return InDeclaredType(op, left, right, narrow, location);
        return new BinaryExpression(op, left, right, type, location);
    }

    /// <summary>Whether a signed constant is negative or loses bits when shifted left, which C99 leaves undefined (6.5.7p4); warns.</summary>
    private bool ShiftsOut(IntegerConstant shifted, Expression right, Location location)
    {
        if (Options.Standard < CStandard.C99 || !IntegerArithmetic.IsSigned(shifted.Type))
            return false;
        bool isSilent = (Unevaluated | Unreached) != 0;
        bool isNegative = (Int128)shifted.Value < 0;
        if (isNegative && !isSilent)
            Report.Warning("Wshift-negative-value", location, "left shift of negative value");
        int width = IntegerArithmetic.Width(shifted.Type);
        if (right is not IntegerConstant count || count.Value >= (UInt128)width)
            return isNegative;
        int bits = shifted.Value == 0 ? 0 : 129 - (int)UInt128.LeadingZeroCount(isNegative ? ~shifted.Value : shifted.Value);
        int needed = bits == 0 ? 0 : bits + (int)count.Value;
        if (needed <= width)
            return isNegative;
        // 1 into the sign bit is no matter of the warning's first level.
        if (!isSilent && (isNegative || needed != width + 1))
        {
            Report.Warning("Wshift-overflow", location, $"result of '{ValueText(shifted.Value, shifted.Type)} << {ValueText(count.Value, count.Type)}' "
                + $"requires {needed} bits to represent, but '{Print(shifted.Type)}' only has {width} bits");
        }
        return true;
    }

    private Expression Compare(BinaryOperator op, Expression left, Expression right, Location location)
    {
        CType a = left.Type, b = right.Type;
        bool isEquality = op is BinaryOperator.Equal or BinaryOperator.NotEqual;
        if (a.IsArithmetic && b.IsArithmetic)
        {
            if (!isEquality && (a.IsComplex || b.IsComplex))
                return InvalidOperands(op, a, b, location);
            UsualConversions(ref left, ref right);
            if (Folding.Binary(op, left, right, Types.Int, InStaticInitializer, location) is { } folded)
                return folded;
            return new BinaryExpression(op, left, right, Types.Int, location);
        }
        bool nullA = IsNullPointerConstant(left), nullB = IsNullPointerConstant(right);
        if (a.IsPointer && b.IsPointer)
        {
            QualType x = ((PointerType)a).Pointee, y = ((PointerType)b).Pointee;
            CType common;
            if (x.Type.IsVoid || y.Type.IsVoid || nullA || nullB)
            {
                if (!isEquality && x.Type.IsVoid != y.Type.IsVoid)
                    Report.Pedwarn(null, location, "comparison of distinct pointer types lacks a cast");
                else if (isEquality && !nullA && !nullB && (x.Type.IsFunction || y.Type.IsFunction))
                    Report.Pedantic(location, "ISO C forbids comparison of 'void *' with function pointer");
                common = Types.VoidPointer;
            }
            else
            {
                if (!CompatiblePointees(x.Type, y.Type) || x.IsAtomic != y.IsAtomic)
                    Report.Pedwarn(null, location, "comparison of distinct pointer types lacks a cast");
                else if (!isEquality && x.Type.IsFunction)
                    Report.Pedantic(location, "ordered comparisons of pointers to functions");
                else if (!isEquality && x.Type.IsComplete != y.Type.IsComplete && Options.Standard < CStandard.C11)
                    Report.Pedantic(location, "comparison of complete and incomplete pointers");
                common = a;
            }
            return Comparison(op, Convert(left, common), Convert(right, common), location);
        }
        if (a.IsPointer && (nullB || b.Kind == TypeKind.NullPointer))
        {
            if (!isEquality)
                Report.Pedantic(location, "ordered comparison of pointer with integer zero");
            return Comparison(op, left, Convert(right, a), location);
        }
        if (b.IsPointer && (nullA || a.Kind == TypeKind.NullPointer))
        {
            if (!isEquality)
                Report.Pedantic(location, "ordered comparison of pointer with integer zero");
            return Comparison(op, Convert(left, b), right, location);
        }
        if (a.IsPointer && b.IsInteger || a.IsInteger && b.IsPointer)
        {
            Report.Pedwarn(null, location, "comparison between pointer and integer");
            CType common = a.IsPointer ? a : b;
            return Comparison(op, Convert(left, common), Convert(right, common), location);
        }
        if (a.Kind == TypeKind.NullPointer && b.Kind == TypeKind.NullPointer && isEquality)
            return Int(op == BinaryOperator.Equal ? 1 : 0, location);
        return InvalidOperands(op, a, b, location);
    }

    private Expression Comparison(BinaryOperator op, Expression left, Expression right, Location location)
    {
        if (left is IntegerConstant && right is IntegerConstant && Folding.Binary(op, left, right, Types.Int, true, location) is { } folded)
        {
            folded.Flags &= ~ExpressionFlags.StrictConstant;
            return folded;
        }
        return new BinaryExpression(op, left, right, Types.Int, location);
    }

    private Expression OffsetPointer(Expression pointer, Expression index, bool subtract, Location location)
    {
        var type = (PointerType)pointer.Type;
        QualType pointee = type.Pointee;
        if (!CheckPointee(pointee, location))
            return Error(location);
        index = Promote(index);
        if (index is IntegerConstant { Value: var value } && value == 0 && pointer.Kind != ExpressionKind.Integer)
            return pointer;
        if (pointer is IntegerConstant address && index is IntegerConstant count && !pointee.Type.HasVariableSize)
        {
            UInt128 bytes = count.Value * (UInt128)pointee.Type.Size;
            return new IntegerConstant(type, IntegerArithmetic.Normalize(subtract ? address.Value - bytes : address.Value + bytes, type), location);
        }
        return new PointerOffset(pointer, index, subtract, type, location);
    }

    /// <summary>Whether arithmetic may be done on pointers to the type.</summary>
    private bool CheckPointee(QualType pointee, Location location)
    {
        if (pointee.Type.IsVoid || pointee.Type.IsFunction)
        {
            if (Report.IsEnabled("Wpointer-arith") && Report.IsPedanticHere)
                Report.Pedwarn("Wpointer-arith", location, pointee.Type.IsVoid ? "pointer of type 'void *' used in arithmetic" : "pointer to a function used in arithmetic");
            return true;
        }
        if (pointee.Type.IsComplete)
            return true;
        if (pointee.Type.IsRecord)
            Report.Error(location, $"invalid use of undefined type '{Print(pointee.Unqualified)}'");
        else
            Report.Error(location, "arithmetic on pointer to an incomplete type");
        return false;
    }

    private Expression SubtractPointers(Expression left, Expression right, Location location)
    {
        QualType x = ((PointerType)left.Type).Pointee, y = ((PointerType)right.Type).Pointee;
        if (!CompatiblePointees(x.Type, y.Type) || x.IsAtomic != y.IsAtomic)
            return InvalidOperands(BinaryOperator.Subtract, left.Type, right.Type, location);
        if (!CheckPointee(x, location))
            return Error(location);
        if (!x.Type.HasVariableSize && x.Type.Size == 0)
            return Error(location, "arithmetic on pointer to an empty aggregate");
        var difference = new PointerDifference(left, Convert(right, left.Type), Types.PointerDifferenceType, location);
        // offsetof as old code writes it folds to a constant.
        return Evaluator.Evaluate(difference, out Constant value) && value.Kind == ConstantKind.Integer
            ? new IntegerConstant(Types.PointerDifferenceType, value.A, location)
            : difference;
    }

    private Expression VectorBinary(BinaryOperator op, Expression left, Expression right, Location location)
    {
        if (left.Type is not VectorType)
        {
            if (!SplatOperand(ref left, (VectorType)right.Type, op, location))
                return Error(location);
        }
        else if (right.Type.IsInteger && op is BinaryOperator.ShiftLeft or BinaryOperator.ShiftRight)
            right = Cast(CastKind.Splat, Convert(right, ((VectorType)left.Type).Element), left.Type);
        else if (right.Type is not VectorType && !SplatOperand(ref right, (VectorType)left.Type, op, location))
            return Error(location);
        var a = (VectorType)left.Type;
        var b = (VectorType)right.Type;
        bool isShift = op is BinaryOperator.ShiftLeft or BinaryOperator.ShiftRight;
        bool isComparison = op is >= BinaryOperator.Less and <= BinaryOperator.NotEqual;
        bool needsIntegers = isShift || op is BinaryOperator.Remainder or BinaryOperator.And or BinaryOperator.Xor or BinaryOperator.Or;
        if (a.Count != b.Count || a.Element.Size != b.Element.Size || a.Element.IsFloat != b.Element.IsFloat
            || needsIntegers && a.Element.IsFloat)
        {
            if (isComparison && a.Count != b.Count)
                return Error(location, $"comparing vectors with different number of elements");
            return InvalidOperands(op, a, b, location);
        }
        CType type = a;
        if (!ReferenceEquals(a, b) && !isShift)
        {
            // Signed with unsigned: gcc takes the unsigned type.
            if (a.Element.IsInteger && IntegerArithmetic.IsSigned(a.Element) && !IntegerArithmetic.IsSigned(b.Element))
                type = b;
            left = Convert(left, type);
            right = Convert(right, type);
        }
        if (isComparison)
            type = ComparisonType(a);
        if (Folding.Binary(op, left, right, type, InStaticInitializer, location) is { } folded)
            return folded;
        return new BinaryExpression(op, left, right, type, location);
    }

    /// <summary>The signed integer vector that a comparison of vectors gives.</summary>
    private VectorType ComparisonType(VectorType vector) =>
        Types.VectorOf(Types.IntegerOfSize((int)vector.Element.Size, true)!, vector.Count);

    private bool SplatOperand(ref Expression scalar, VectorType vector, BinaryOperator op, Location location)
    {
        if (!scalar.Type.IsReal)
        {
            InvalidOperands(op, scalar.Type, vector, location);
            return false;
        }
        bool lossy = scalar is IntegerConstant constant
            ? vector.Element is not FloatType && !FitsLoosely(constant, vector.Element)
            : scalar is FloatConstant ? !vector.Element.IsFloat
            : scalar.Type.IsFloat && !vector.Element.IsFloat
                || scalar.Type.IsFloat == vector.Element.IsFloat && scalar.Type.Size > vector.Element.Size
                || scalar.Type.IsInteger && vector.Element.IsFloat && scalar.Type.Size >= vector.Element.Size;
        if (lossy)
        {
            Report.Error(location, $"conversion of scalar '{Print(scalar.Type)}' to vector '{Print(vector)}' involves truncation");
            return false;
        }
        scalar = Cast(CastKind.Splat, Convert(scalar, vector.Element), vector);
        return true;
    }

    private static bool FitsLoosely(IntegerConstant constant, CType element)
    {
        int width = IntegerArithmetic.Width(element);
        return IntegerArithmetic.Extend(constant.Value, width, true) == constant.Value
            || IntegerArithmetic.Extend(constant.Value, width, false) == constant.Value;
    }

    /// <summary>The operators + - ~ !.</summary>
    public Expression Unary(UnaryOperator op, Expression operand, bool isPlus, Location location)
    {
        operand = Value(operand);
        CType type = operand.Type;
        if (type.IsError)
            return operand;
        switch (op)
        {
            case UnaryOperator.Negate:
                if (type.IsVector)
                    return isPlus ? operand : Fold(op, operand, type, location);
                if (!type.IsArithmetic)
                    return Error(location, isPlus ? "wrong type argument to unary plus" : "wrong type argument to unary minus");
                operand = Promote(operand);
                if (isPlus)
                    return Rvalue(operand, location);
                return Fold(op, operand, operand.Type, location);
            case UnaryOperator.Complement:
                if (type is VectorType { Element.IsInteger: true })
                    return Fold(op, operand, type, location);
                if (type.IsComplex)
                    Report.Pedantic(location, "ISO C does not support '~' for complex conjugation");
                if (type.IsComplex)
                    return Fold(UnaryOperator.Conjugate, operand, type, location);
                if (!type.IsInteger)
                    return Error(location, "wrong type argument to bit-complement");
                operand = Promote(operand);
                return Fold(op, operand, operand.Type, location);
            case UnaryOperator.LogicalNot:
                if (type is VectorType vector)
                    return new UnaryExpression(op, operand, ComparisonType(vector), location);
                if (!type.IsScalar)
                {
                    return type.IsVoid ? Error(location, "void value not ignored as it ought to be")
                        : Error(location, "wrong type argument to unary exclamation mark");
                }
                return Fold(op, operand, Types.Int, location);
            default:
                throw new ArgumentOutOfRangeException(nameof(op), op, null);
        }
    }

    private static Expression Rvalue(Expression e, Location location) =>
        e.IsLvalue ? new CastExpression(CastKind.NoOp, e, e.Type, location) : e;

    private Expression Fold(UnaryOperator op, Expression operand, CType type, Location location)
    {
        if (Folding.Unary(op, operand, type, location) is not { } folded)
        {
            if (type is IntegerType { IsNarrow: true } narrow)
            {
                IntegerType wide = Types.WidenedOf(narrow);
                return Narrow(new UnaryExpression(op, Convert(operand, wide), wide, location), narrow);
            }
            return new UnaryExpression(op, operand, type, location);
        }
        if ((folded.Flags & ExpressionFlags.Overflow) != 0 && (operand.Flags & ExpressionFlags.Overflow) == 0 && (Unevaluated | Unreached) == 0)
        {
            Report.Warning("Woverflow", location,
                $"integer overflow in expression of type '{Print(type)}' results in '{ValueText(((IntegerConstant)folded).Value, type)}'");
        }
        return folded;
    }

    /// <summary>Whether an expression may be assigned to; reports where not.</summary>
    private bool CheckModifiable(Expression e, string use, Location location)
    {
        if (e.Type.IsError)
            return false;
        if (!e.IsLvalue || e.Type.IsFunction)
        {
            Report.Error(location, $"lvalue required as {use}");
            return false;
        }
        if (e.QualType.IsConst && e is VectorElementExpression && use != "asm output")
            Report.Warning(location, ReadOnlyText(e, use));
        else if (e.QualType.IsConst || e.Type is ArrayType { Element.IsConst: true })
        {
            Report.Error(location, ReadOnlyText(e, use));
            return false;
        }
        if (e.Type is RecordType { HasConstMember: true })
        {
            Report.Error(location, ReadOnlyText(e, use));
            return false;
        }
        if (!e.Type.IsComplete && !e.Type.IsVoid && e.Type.IsRecord)
        {
            Report.Error(location, $"invalid use of undefined type '{Print(e.Type)}'");
            return false;
        }
        MarkAssigned(e);
        return true;
    }

    private static void MarkAssigned(Expression e)
    {
        while (true)
        {
            switch (e)
            {
                case VariableReference variable:
                    variable.Variable.IsAssigned = true;
                    return;
                case MemberExpression member:
                    e = member.Record;
                    continue;
                case PartExpression part:
                    e = part.Operand;
                    continue;
                case VectorElementExpression element:
                    e = element.Vector;
                    continue;
                default:
                    return;
            }
        }
    }

    private string ReadOnlyText(Expression e, string use)
    {
        string verb = use switch
        {
            "increment operand" => "increment of",
            "decrement operand" => "decrement of",
            "asm output" => "read-only",
            _ => "assignment of",
        };
        string what = e switch
        {
            VariableReference { Variable: { } variable } => variable.Storage == StorageClass.Parameter
                ? $"read-only parameter '{Text(variable.Name)}'"
                : $"read-only variable '{Text(variable.Name)}'",
            MemberExpression member => member.QualType.IsConst && (member.Field.Type.IsConst)
                ? $"read-only member '{Text(member.Field.Name)}'"
                : $"member '{Text(member.Field.Name)}' in read-only object",
            _ => $"read-only location '{Describe(e)}'",
        };
        return use == "asm output" ? $"{what} used as 'asm' output" : $"{verb} {what}";
    }

    /// <summary>An expression as messages show it: short forms only.</summary>
    private string Describe(Expression e) => e switch
    {
        VariableReference variable => Text(variable.Variable.Name),
        DereferenceExpression { Pointer: PointerOffset offset } => $"*({Describe(offset.Pointer)} + {Describe(offset.Index)})",
        DereferenceExpression dereference => "*" + Describe(dereference.Pointer),
        MemberExpression { Record: DereferenceExpression d } member => $"{Describe(d.Pointer)}->{Text(member.Field.Name)}",
        MemberExpression member => $"{Describe(member.Record)}.{Text(member.Field.Name)}",
        CastExpression cast when (cast.Flags & ExpressionFlags.Explicit) == 0 => Describe(cast.Operand),
        IntegerConstant constant => ValueText(constant.Value, constant.Type),
        _ => "<expression>",
    };

    /// <summary>Simple assignment.</summary>
    public Expression Assign(Expression target, Expression value, Location location)
    {
        if (target.Type.IsError || value.Type.IsError)
            return Error(location);
        if (!CheckModifiable(target, "left operand of assignment", location))
            return Error(location);
        if (target.Type.IsArray)
            return Error(location, "assignment to expression with array type");
        if (target.Type.IsVoid)
            return Error(location, "invalid use of void expression");
        value = ConvertForAssignment(value, target.QualType.Unqualified, AssignmentContext.Assignment, location);
        if (value.Type.IsError)
            return value;
        if (value is IntegerConstant constant && target is MemberExpression { Field: { IsBitField: true } field })
            WarnBitFieldOverflow(constant, field, location);
        return new AssignExpression(target, value, target.Type, location);
    }

    private void WarnBitFieldOverflow(IntegerConstant constant, Field field, Location location)
    {
        if (field.Type.Type.Kind == TypeKind.Bool)
            return;
        UInt128 a = IntegerArithmetic.Extend(constant.Value, field.BitWidth, true), b = IntegerArithmetic.Extend(constant.Value, field.BitWidth, false);
        if (a == constant.Value || b == constant.Value)
            return;
        UInt128 cut = IntegerArithmetic.IsSigned(field.Type.Type) ? a : b;
        string unsigned = IntegerArithmetic.IsSigned(field.Type.Type) ? "overflow in" : "unsigned";
        Report.Warning("Woverflow", location, $"{unsigned} conversion from '{Print(constant.Type)}' to "
            + $"'{Print(field.Type.Type)}:{field.BitWidth}' changes value from '{ValueText(constant.Value, constant.Type)}' to '{ValueText(cut, field.Type.Type)}'");
    }

    /// <summary>Compound assignment.</summary>
    public Expression CompoundAssign(BinaryOperator op, Expression target, Expression value, Location location)
    {
        value = Value(value);
        if (target.Type.IsError || value.Type.IsError)
            return Error(location);
        MarkRead(target);
        if (!CheckModifiable(target, "left operand of assignment", location))
            return Error(location);
        CType a = target.Type, b = value.Type;
        if (a is VectorType || b is VectorType)
        {
            // The vector rules decide on operands and type; the tree keeps the target apart.
            Expression probe = VectorBinary(op, new CastExpression(CastKind.LvalueToRvalue, target, a, target.Location), value, location);
            if (probe is not BinaryExpression binary)
                return Error(location);
            if (!a.IsVector)
                return InvalidOperands(op, a, b, location);
            return new CompoundAssignExpression(op, target, binary.Right, binary.Type, a, location);
        }
        if (a.IsPointer)
        {
            if (op is not (BinaryOperator.Add or BinaryOperator.Subtract) || !b.IsInteger)
                return InvalidOperands(op, a, b, location);
            if (!CheckPointee(((PointerType)a).Pointee, location))
                return Error(location);
            return new CompoundAssignExpression(op, target, Promote(value), a, a, location);
        }
        bool needsIntegers = op is BinaryOperator.Remainder or BinaryOperator.ShiftLeft or BinaryOperator.ShiftRight
            or BinaryOperator.And or BinaryOperator.Xor or BinaryOperator.Or;
        if (!a.IsArithmetic || !b.IsArithmetic || needsIntegers && !(a.IsInteger && b.IsInteger))
        {
            if (a.IsInteger && b.IsPointer && op is BinaryOperator.Add)
            {
                // int += pointer: gcc computes a pointer and assigns it with a warning.
                Report.Pedwarn("Wint-conversion", location, $"assignment to '{Print(a)}' from '{Print(b)}' makes integer from pointer without a cast");
                return new CompoundAssignExpression(op, target, Convert(value, Types.PointerDifferenceType), Types.PointerDifferenceType, a, location);
            }
            return InvalidOperands(op, a, b, location);
        }
        if (op is BinaryOperator.Divide or BinaryOperator.Remainder)
            WarnZeroDivisor(value, location);
        Expression left = new CastExpression(CastKind.LvalueToRvalue, target, a, target.Location);
        CType type;
        if (op is BinaryOperator.ShiftLeft or BinaryOperator.ShiftRight)
        {
            value = Promote(value);
            type = Promote(left).Type;
            if (value is IntegerConstant count && (Unevaluated | Unreached) == 0)
            {
                string way = op == BinaryOperator.ShiftLeft ? "left" : "right";
                if (IntegerArithmetic.IsSigned(value.Type) && (Int128)count.Value < 0)
                    Report.Warning("Wshift-count-negative", location, $"{way} shift count is negative");
                else if (count.Value >= (UInt128)IntegerArithmetic.Width(type))
                    Report.Warning("Wshift-count-overflow", location, $"{way} shift count >= width of type");
            }
        }
        else
            type = UsualConversions(ref left, ref value);
        if (type is IntegerType { IsNarrow: true } narrow)
        {
            // The store cuts the result.
            type = Types.WidenedOf(narrow);
            if (op is not (BinaryOperator.ShiftLeft or BinaryOperator.ShiftRight))
                value = Convert(value, type);
        }
        return new CompoundAssignExpression(op, target, value, type, a, location);
    }

    /// <summary>++ and --.</summary>
    public Expression Increment(Expression operand, bool decrement, bool postfix, Location location)
    {
        if (operand.Type.IsError)
            return operand;
        MarkRead(operand);
        if (!CheckModifiable(operand, decrement ? "decrement operand" : "increment operand", location))
            return Error(location);
        CType type = operand.Type;
        if (type.IsPointer)
        {
            if (!CheckPointee(((PointerType)type).Pointee, location))
                return Error(location);
        }
        else if (!type.IsArithmetic && !type.IsVector)
            return Error(location, decrement ? "wrong type argument to decrement" : "wrong type argument to increment");
        else if (type.IsComplex)
            Report.Pedantic(location, "ISO C does not support '++' and '--' on complex types");
        return new IncrementExpression(operand, type, location)
        {
            Flags = (postfix ? ExpressionFlags.Postfix : 0) | (decrement ? ExpressionFlags.Decrement : 0),
        };
    }

    /// <summary>&amp;&amp; and ||.</summary>
    public Expression Logical(bool isOr, Expression left, Expression right, Location location)
    {
        left = Condition(left, location);
        right = Condition(right, location);
        if (left.Type.IsError || right.Type.IsError)
            return Error(location);
        if (Folding.Truth(left) is { } a)
        {
            bool? b = Folding.Truth(right);
            bool strict = (left.Flags & right.Flags & ExpressionFlags.StrictConstant) != 0;
            // 0 && x, 1 || x: x is not evaluated, but must stay where it holds a label.
            if (b is not null || a == isOr && right.Kind is not (ExpressionKind.StatementExpression or ExpressionKind.Comma or ExpressionKind.Conditional
                or ExpressionKind.Logical or ExpressionKind.Call) && left.Kind == ExpressionKind.Integer && !HasStatements(right))
            {
                bool value = a == isOr ? isOr : b!.Value;
                // An unevaluated operand does not spoil gcc's integer constants (0 && n), though the standard is stricter.
                return new IntegerConstant(Types.Int, value ? 1u : 0u, location)
                {
                    Flags = strict ? ExpressionFlags.StrictConstant : ExpressionFlags.None,
                };
            }
        }
        return new LogicalExpression(isOr, left, right, Types.Int, location);
    }

    /// <summary>Whether a statement expression, whose labels something may jump to, occurs.</summary>
    private static bool HasStatements(Expression e) => e switch
    {
        CastExpression cast => HasStatements(cast.Operand),
        UnaryExpression unary => HasStatements(unary.Operand),
        BinaryExpression binary => HasStatements(binary.Left) || HasStatements(binary.Right),
        LogicalExpression logical => HasStatements(logical.Left) || HasStatements(logical.Right),
        IntegerConstant or FloatConstant or StringLiteral or VariableReference or FunctionReference => false,
        MemberExpression member => HasStatements(member.Record),
        DereferenceExpression dereference => HasStatements(dereference.Pointer),
        PointerOffset offset => HasStatements(offset.Pointer) || HasStatements(offset.Index),
        AddressOfExpression address => HasStatements(address.Operand),
        _ => true,
    };

    public Expression Comma(Expression left, Expression right, Location location)
    {
        left = left.Type.IsVoid ? left : Unmarked(left);
        right = Value(right);
        if (left.Type.IsError || right.Type.IsError)
            return Error(location);
        return new CommaExpression(left, right, location);
    }

    /// <summary>a ? b : c, and with no middle a ?: c.</summary>
    public Expression Conditional(Expression condition, Expression? middle, Expression last, Location location)
    {
        if (condition.Type.IsVector || middle is null && Value(condition).Type.IsVector)
            return VectorConditional(Value(condition), middle is null ? null : Value(middle), Value(last), location);
        condition = Condition(condition, location);
        if (middle is null)
            return OmittedMiddle(condition, Value(last), location);
        Expression whenTrue = Value(middle), whenFalse = Value(last);
        if (condition.Type.IsError || whenTrue.Type.IsError || whenFalse.Type.IsError)
            return Error(location);
        if (whenTrue.Type.IsArray || whenFalse.Type.IsArray)
            return Error(location, "non-lvalue array in conditional expression");
        QualType type = ConditionalType(ref whenTrue, ref whenFalse, location);
        if (type.Type.IsError)
            return Error(location);
        if (condition is IntegerConstant chosen)
        {
            Expression taken = chosen.Value != 0 ? whenTrue : whenFalse;
            Expression other = chosen.Value != 0 ? whenFalse : whenTrue;
            if (Folding.IsConstant(taken) && !HasStatements(other))
            {
                bool strict = (condition.Flags & taken.Flags & ExpressionFlags.StrictConstant) != 0
                    && other.Kind is ExpressionKind.Integer or ExpressionKind.Binary or ExpressionKind.Comma;
                if (taken is IntegerConstant integer)
                {
                    bool isLoose = ((condition.Flags | taken.Flags) & ExpressionFlags.Loose) != 0 || Options.Standard < CStandard.C99
                        && other.Kind is ExpressionKind.Assign or ExpressionKind.CompoundAssign or ExpressionKind.Increment or ExpressionKind.Call or ExpressionKind.Comma;
                    return new IntegerConstant(integer.Type, integer.Value, location)
                    {
                        Flags = (isLoose ? ExpressionFlags.Loose : strict && !integer.Type.IsPointer ? ExpressionFlags.StrictConstant : ExpressionFlags.None)
                            | (condition.Flags | taken.Flags) & ExpressionFlags.Overflow,
                    };
                }
                return taken;
            }
        }
        return new ConditionalExpression(condition, whenTrue, whenFalse, type, location);
    }

    // What a pointer to one or the other points to: of functions, only the facts that hold of both.
    private QualType ChosenPointee(QualType x, QualType y)
    {
        QualType both = TypeRelations.Composite(Types, x, y);
        return both.Type is FunctionType function && x.Type is FunctionType a && y.Type is FunctionType b && a.Flags != b.Flags
            ? both.WithType(Types.WithFlags(function, a.Flags & b.Flags, function.Convention))
            : both;
    }

    /// <summary>The type of a conditional (C17 6.5.15p3-6); converts both sides to it.</summary>
    private QualType ConditionalType(ref Expression whenTrue, ref Expression whenFalse, Location location)
    {
        CType a = whenTrue.Type, b = whenFalse.Type;
        if (a.IsArithmetic && b.IsArithmetic)
            return UsualConversions(ref whenTrue, ref whenFalse);
        if (a.IsVoid || b.IsVoid)
        {
            if (!a.IsVoid || !b.IsVoid)
                Report.Pedantic(location, "ISO C forbids conditional expr with only one void side");
            whenTrue = Convert(whenTrue, Types.Void);
            whenFalse = Convert(whenFalse, Types.Void);
            return Types.Void;
        }
        if (ReferenceEquals(a, b))
            return a;
        if (a.IsRecord && b.IsRecord && TypeRelations.Compatible(a, b))
            return a;
        bool nullA = IsNullPointerConstant(whenTrue), nullB = IsNullPointerConstant(whenFalse);
        CType? common = null;
        if (a is PointerType pointerA && b is PointerType pointerB)
        {
            QualType x = pointerA.Pointee, y = pointerB.Pointee;
            Qualifiers both = (x.Qualifiers | y.Qualifiers) & Qualifiers.All;
            if (nullA && x.Type.IsVoid && x.Qualifiers == 0)
                common = b;
            else if (nullB && y.Type.IsVoid && y.Qualifiers == 0)
                common = a;
            else if (CompatiblePointees(x.Type, y.Type) && x.IsAtomic == y.IsAtomic)
                common = Types.PointerTo(ChosenPointee(x, y).With(both));
            else if (x.Type.IsVoid && !x.IsAtomic || y.Type.IsVoid && !y.IsAtomic)
            {
                if (x.Type.IsFunction || y.Type.IsFunction)
                    Report.Pedantic(location, "ISO C forbids conditional expr between 'void *' and function pointer");
                common = Types.PointerTo(new QualType(Types.Void, both & ~Qualifiers.Atomic));
            }
            else
            {
                Report.Pedwarn(null, location, "pointer type mismatch in conditional expression");
                common = Types.PointerTo(new QualType(Types.Void, both));
            }
        }
        else if (a.IsPointer && (nullB || b.Kind == TypeKind.NullPointer))
            common = a;
        else if (b.IsPointer && (nullA || a.Kind == TypeKind.NullPointer))
            common = b;
        else if (a.IsPointer && b.IsInteger || a.IsInteger && b.IsPointer)
        {
            Report.Pedwarn("Wint-conversion", location, "pointer/integer type mismatch in conditional expression");
            common = a.IsPointer ? a : b;
        }
        else if (a.IsVector && b.IsVector && a.Size == b.Size)
            common = a;
        if (common is null)
        {
            Report.Error(location, "type mismatch in conditional expression");
            return Types.Error;
        }
        whenTrue = Convert(whenTrue, common);
        whenFalse = Convert(whenFalse, common);
        return common;
    }

    private Expression OmittedMiddle(Expression value, Expression last, Location location)
    {
        Report.Pedantic(location, "ISO C forbids omitting the middle term of a '?:' expression");
        if (value.Type.IsError || last.Type.IsError)
            return Error(location);
        var placeholder = new VariableDeclaration(0, location)
        {
            Type = value.Type,
            Storage = StorageClass.Automatic,
            Function = Function,
        };
        Expression middle = new CastExpression(CastKind.LvalueToRvalue, new VariableReference(placeholder, value.Location), value.Type, value.Location);
        // A bit-field's width must not be lost on the way through the placeholder.
        Expression promoted = Promote(value);
        if (Folding.IsConstant(value) && Folding.Truth(value) is { } truth)
        {
            Expression left = promoted;
            QualType folded = ConditionalType(ref left, ref last, location);
            return folded.Type.IsError ? Error(location) : truth ? left : last;
        }
        QualType type = ConditionalType(ref middle, ref last, location);
        return type.Type.IsError ? Error(location) : new OmittedMiddleExpression(value, placeholder, middle, last, type, location);
    }

    private Expression VectorConditional(Expression condition, Expression? middle, Expression last, Location location)
    {
        middle ??= condition;
        if (condition.Type.IsError || middle.Type.IsError || last.Type.IsError)
            return Error(location);
        if (condition.Type is not VectorType { Element.IsInteger: true } mask)
            return Error(location, "used vector type where scalar is required");
        if (middle.Type is not VectorType && last.Type is VectorType lastVector)
        {
            if (!SplatOperand(ref middle, lastVector, BinaryOperator.Or, location))
                return Error(location);
        }
        else if (last.Type is not VectorType && middle.Type is VectorType middleVector)
        {
            if (!SplatOperand(ref last, middleVector, BinaryOperator.Or, location))
                return Error(location);
        }
        else if (middle.Type is not VectorType)
        {
            CType element = UsualConversions(ref middle, ref last);
            if (element.Size != mask.Element.Size)
                return Error(location, "inferred scalar type is not of the same size as the elements of the vector condition");
            VectorType type = Types.VectorOf(element, mask.Count);
            middle = Cast(CastKind.Splat, middle, type);
            last = Cast(CastKind.Splat, last, type);
        }
        if (middle.Type is not VectorType result || !TypeRelations.Compatible(result, last.Type) && result.Size != last.Type.Size
            || result.Count != mask.Count)
            return Error(location, "type mismatch in conditional expression");
        return new ConditionalExpression(condition, middle, Convert(last, result), result, location);
    }
}
