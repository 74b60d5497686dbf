// Conversions (C17 6.3) and what may be assigned to what (6.5.16.1), in gcc's words.

using Kiln.Base;
using Kiln.Frontend.Ast;
using Kiln.Frontend.Constants;
using Kiln.Frontend.Types;

namespace Kiln.Frontend.Sema;

/// <summary>Where a value is converted as if by assignment, for messages.</summary>
internal enum AssignmentContext : byte
{
    Assignment,
    Initialization,
    Argument,
    Return,
}

internal sealed partial class Semantics
{
    /// <summary>Makes a value of an expression: reads lvalues, and lets arrays and functions decay (C17 6.3.2.1).</summary>
    public Expression Value(Expression e)
    {
        MarkRead(e);
        return Unmarked(e);
    }

    /// <summary>Notes that the variable at the root of an expression is read, for warnings.</summary>
    public static void MarkRead(Expression e)
    {
        while (true)
        {
            switch (e.Kind)
            {
                case ExpressionKind.Variable:
                    ((VariableReference)e).Variable.IsRead = true;
                    return;
                case ExpressionKind.Member:
                    e = ((MemberExpression)e).Record;
                    continue;
                case ExpressionKind.Part:
                    e = ((PartExpression)e).Operand;
                    continue;
                case ExpressionKind.VectorElement:
                    e = ((VectorElementExpression)e).Vector;
                    continue;
                case ExpressionKind.Assign:
                    e = ((AssignExpression)e).Target;
                    continue;
                case ExpressionKind.CompoundAssign:
                    e = ((CompoundAssignExpression)e).Target;
                    continue;
                case ExpressionKind.Increment:
                    e = ((IncrementExpression)e).Operand;
                    continue;
                case ExpressionKind.Dereference when ((DereferenceExpression)e).Pointer is { } pointer:
                    e = pointer is PointerOffset offset ? offset.Pointer : pointer;
                    if (e is not CastExpression { CastKind: CastKind.ArrayDecay, Operand: { } array })
                        return;
                    e = array;
                    continue;
                default:
                    return;
            }
        }
    }

    /// <summary>A value of an expression of which nobody reads the result.</summary>
    private Expression Unmarked(Expression e)
    {
        CType type = e.Type;
        if (type is ArrayType)
        {
            if (!e.IsLvalue && e is not (StringLiteral or CompoundLiteralExpression)
                && (e.Kind != ExpressionKind.Member || Options.Standard < CStandard.C99))
                return e;
            if (e is VariableReference { Variable: { } array })
            {
                array.IsAddressTaken = true;
                if (array.Storage == StorageClass.Register)
                    return Decay(e);
            }
            return Decay(e);
        }
        if (type is FunctionType)
        {
            if (e is FunctionReference { Function: var function })
                function.IsUsed = true;
            return new CastExpression(CastKind.FunctionDecay, e, Types.PointerTo(e.QualType.Unqualified), e.Location);
        }
        if (!e.IsLvalue)
            return e;
        if (type.IsVoid || type.IsError)
            return e;
        if (!type.IsComplete)
        {
            if (type.IsRecord || type is EnumType { IsDefined: false } && type.Size == 0)
                return Error(e.Location, IncompleteText(e));
            return e;
        }
        CType target = type;
        // A bit-field narrower than int keeps its declared type here; the promotions look at its width.
        return new CastExpression(CastKind.LvalueToRvalue, e, target, e.Location);
    }

    private string IncompleteText(Expression e) => e is VariableReference variable
        ? $"'{Text(variable.Variable.Name)}' has an incomplete type '{Print(e.QualType.Unqualified)}'"
        : $"invalid use of undefined type '{Print(e.QualType.Unqualified)}'";

    private CastExpression Decay(Expression e) =>
        new(CastKind.ArrayDecay, e, Types.PointerTo(ElementType(e.QualType)), e.Location);

    /// <summary>The bit-field that a value was read from, or null.</summary>
    private static Field? BitFieldOf(Expression e)
    {
        while (true)
        {
            switch (e)
            {
                case MemberExpression { Field.IsBitField: true } member:
                    return member.Field;
                case CastExpression { CastKind: CastKind.LvalueToRvalue } cast:
                    e = cast.Operand;
                    continue;
                case CommaExpression comma:
                    e = comma.Right;
                    continue;
                case AssignExpression assign:
                    e = assign.Target;
                    continue;
                case CompoundAssignExpression assign:
                    e = assign.Target;
                    continue;
                case IncrementExpression increment:
                    e = increment.Operand;
                    continue;
                default:
                    return null;
            }
        }
    }

    /// <summary>The integer promotions (C17 6.3.1.1p2) of a value.</summary>
    public Expression Promote(Expression e)
    {
        CType type = e.Type;
        if (type is EnumType enumeration)
            type = enumeration.Underlying;
        if (type is not IntegerType integer)
            return e;
        if (e.Kind is ExpressionKind.Cast or ExpressionKind.Comma or ExpressionKind.Assign or ExpressionKind.CompoundAssign or ExpressionKind.Increment
            && BitFieldOf(e) is { } field)
        {
            // A bit-field whose values int holds becomes int; a wider one keeps its type (gcc: the type of its width).
            if (field.BitWidth < 32 || field.BitWidth == 32 && integer.IsSigned)
                return Cast(CastKind.Integral, e, Types.Int);
            if (field.BitWidth == 32)
                return Cast(CastKind.Integral, e, Types.UnsignedInt);
            if (field.BitWidth < integer.Width)
                return new CastExpression(CastKind.NoOp, e, Types.NarrowOf(integer, field.BitWidth), e.Location);
        }
        if (integer.Rank < Types.Int.Rank)
            return Cast(CastKind.Integral, e, Types.Int);
        return ReferenceEquals(type, e.Type) ? e : Cast(CastKind.Integral, e, type);
    }

    /// <summary>The default argument promotions (C17 6.5.2.2p6).</summary>
    public Expression PromoteArgument(Expression e) =>
        e.Type.Kind is TypeKind.Float ? Cast(CastKind.Floating, e, Types.Double)
        : e.Type.Kind is TypeKind.NullPointer ? Cast(CastKind.NullToPointer, e, Types.VoidPointer)
        : Promote(e);

    /// <summary>The type that a value of a type is promoted to as an argument.</summary>
    public CType PromotedType(CType type)
    {
        if (type is EnumType enumeration)
            type = enumeration.Underlying;
        if (type is IntegerType integer && integer.Rank < Types.Int.Rank)
            return Types.Int;
        return type.Kind == TypeKind.Float ? Types.Double : type;
    }

    /// <summary>A conversion node, folded where its operand is constant.</summary>
    public Expression Cast(CastKind kind, Expression e, QualType type, Location location = default)
    {
        if (!location.IsValid)
            location = e.Location;
        if (e.Kind is ExpressionKind.Integer or ExpressionKind.Float or ExpressionKind.ComplexConstant or ExpressionKind.VectorConstant
            && Folding.Cast(kind, e, type, location) is { } folded)
            return folded;
        return new CastExpression(kind, e, type, location);
    }

    /// <summary>The common type of two arithmetic types (C17 6.3.1.8), complex and vectors aside.</summary>
    public CType CommonRealType(CType a, CType b)
    {
        if (ReferenceEquals(a, b) && a is FloatType)
            return a;
        if (a is FloatType fa)
        {
            if (b is not FloatType fb)
                return a;
            return fa.Rank >= fb.Rank ? a : b;
        }
        if (b is FloatType)
            return b;
        var ia = (IntegerType)PromotedType(a);
        var ib = (IntegerType)PromotedType(b);
        if (ReferenceEquals(ia, ib))
            return ia;
        if (ia.IsNarrow || ib.IsNarrow)
            return ia.Width != ib.Width ? ia.Width > ib.Width ? ia : ib : ia.IsSigned ? ib : ia;
        if (ia.IsSigned == ib.IsSigned)
            return ia.Rank >= ib.Rank ? ia : ib;
        IntegerType signed = ia.IsSigned ? ia : ib;
        IntegerType unsigned = ia.IsSigned ? ib : ia;
        if (unsigned.Rank >= signed.Rank)
            return unsigned;
        return signed.Size > unsigned.Size ? signed : Types.WithSign(signed, false);
    }

    /// <summary>The usual arithmetic conversions of two values of arithmetic type; gives the common type.</summary>
    public CType UsualConversions(ref Expression left, ref Expression right)
    {
        // Promote looks at bit-fields' widths, so it comes first.
        left = Promote(left);
        right = Promote(right);
        CType a = left.Type, b = right.Type;
        if (ReferenceEquals(a, b))
            return a;
        CType partA = a is ComplexType ca ? ca.Element : a;
        CType partB = b is ComplexType cb ? cb.Element : b;
        CType common = CommonRealType(partA, partB);
        if (a is ComplexType || b is ComplexType)
            common = Types.ComplexOf(common);
        left = Convert(left, common);
        right = Convert(right, common);
        return common;
    }

    /// <summary>Converts a value to a type that is known to be reachable: arithmetic, pointers, vectors of one size.</summary>
    public Expression Convert(Expression e, CType to, Location location = default)
    {
        CType from = e.Type;
        if (ReferenceEquals(from, to))
            return e;
        if (from.IsError || to.IsError)
            return e.Type.IsError ? e : new ErrorExpression(to, e.Location);
        if (to.IsVoid)
            return new CastExpression(CastKind.ToVoid, e, to, e.Location);
        if (from is ComplexType complex && to.IsReal && to.Kind != TypeKind.Bool)
            return Convert(Cast(CastKind.ComplexToReal, e, complex.Element, location), to, location);
        if (to is IntegerType { IsNarrow: true } narrow)
            return Narrow(Convert(e, Types.WidenedOf(narrow), location), narrow);
        switch (to)
        {
            case IntegerType { Kind: TypeKind.Bool }:
                return from.Kind == TypeKind.Vector ? new CastExpression(CastKind.BitCast, e, to, e.Location) : Cast(CastKind.ToBool, e, to, location);
            case IntegerType or EnumType:
                return Cast(
                    from switch
                    {
                        FloatType => CastKind.FloatingToIntegral,
                        PointerType or SimpleType => CastKind.PointerToIntegral,
                        VectorType => CastKind.BitCast,
                        _ => CastKind.Integral,
                    },
                    e,
                    to,
                    location);
            case FloatType:
                return Cast(
                    from switch
                    {
                        FloatType => CastKind.Floating,
                        VectorType => CastKind.BitCast,
                        _ => CastKind.IntegralToFloating,
                    },
                    e, to, location);
            case ComplexType complexTo:
                if (from is ComplexType)
                    return Cast(CastKind.Complex, e, to, location);
                return Cast(CastKind.RealToComplex, Convert(e, complexTo.Element, location), to, location);
            case PointerType:
                if (from.IsPointer)
                    return Cast(CastKind.Pointer, e, to, location);
                return Cast(from.Kind == TypeKind.NullPointer ? CastKind.NullToPointer : CastKind.IntegralToPointer, e, to, location);
            case VectorType:
                return Cast(CastKind.BitCast, e, to, location);
            default:
                if (to.Kind == TypeKind.NullPointer)
                    return Cast(CastKind.NullToPointer, e, to, location);
                return new CastExpression(CastKind.NoOp, e, to, e.Location);
        }
    }

    /// <summary>Cuts a value of a narrow type's declared type to the narrow type.</summary>
    private Expression Narrow(Expression e, IntegerType narrow)
    {
        if (e is IntegerConstant constant)
            return new IntegerConstant(narrow, IntegerArithmetic.Normalize(constant.Value, narrow), e.Location) { Flags = constant.Flags };
        if (!narrow.IsSigned)
        {
            var mask = new IntegerConstant(narrow, (UInt128.One << narrow.Width) - 1, e.Location);
            return new BinaryExpression(BinaryOperator.And, e, mask, narrow, e.Location);
        }
        IntegerConstant count = Int(narrow.Size * 8 - narrow.Width, e.Location);
        var up = new BinaryExpression(BinaryOperator.ShiftLeft, e, count, e.Type, e.Location);
        return new BinaryExpression(BinaryOperator.ShiftRight, up, count, narrow, e.Location);
    }

    /// <summary>An operation whose operands are of a narrow type is done in the declared type and cut.</summary>
    private Expression InDeclaredType(BinaryOperator op, Expression left, Expression right, IntegerType narrow, Location location)
    {
        IntegerType wide = Types.WidenedOf(narrow);
        bool isShift = op is BinaryOperator.ShiftLeft or BinaryOperator.ShiftRight;
        return Narrow(new BinaryExpression(op, Convert(left, wide), isShift ? right : Convert(right, wide), wide, location), narrow);
    }

    /// <summary>A value as a condition: scalar, or reported.</summary>
    public Expression Condition(Expression e, Location location)
    {
        e = Value(e);
        if (e.Type.IsError || e.Type.IsScalar)
            return e;
        if (e.Type.IsVoid)
            return Error(location, "void value not ignored as it ought to be");
        if (e.Type.IsRecord)
            return Error(location, $"used {(e.Type.Kind == TypeKind.Union ? "union" : "struct")} type value where scalar is required");
        if (e.Type.IsArray)
            return Error(location, "used array that cannot be converted to pointer where scalar is required");
        return Error(location, e.Type.IsVector ? "used vector type where scalar is required" : "used a value where scalar is required");
    }

    /// <summary>Converts a value as if by assignment to an object of a type, or reports why it may not be.</summary>
    /// <param name="e">The right side, not yet a value.</param>
    /// <param name="target">The left side's type.</param>
    /// <param name="context">What it is done for.</param>
    /// <param name="location">The place for messages.</param>
    /// <param name="callee">Arguments: the function's name, or null.</param>
    /// <param name="index">Arguments: the number, from 1.</param>
    public Expression ConvertForAssignment(
        Expression e, QualType target, AssignmentContext context, Location location, string? callee = null, int index = 0)
    {
        e = Value(e);
        CType to = target.Type;
        CType from = e.Type;
        if (ReferenceEquals(from, to))
            return e;
        if (from.IsError || to.IsError)
            return from.IsError ? e : new ErrorExpression(to, e.Location);
        if (from.IsVoid)
            return Error(location, "void value not ignored as it ought to be");
        if (from.IsArray && !to.IsRecord)
            return Error(location, "invalid use of non-lvalue array");
        if (to.IsArithmetic && from.IsArithmetic)
        {
            WarnConstantConversion(e, to, location);
            return Convert(e, to, location);
        }
        if (to.Kind == TypeKind.Bool && from.IsScalar)
            return Convert(e, to, location);
        if (to is PointerType toPointer)
        {
            if (IsNullPointerConstant(e))
                return Convert(e, to, location);
            if (from is PointerType fromPointer)
            {
                CheckPointerAssignment(fromPointer, toPointer, e, context, location, callee, index);
                return Convert(e, to, location);
            }
            if (from.IsInteger)
            {
                Report.Pedwarn("Wint-conversion", location, MakesText(context, e, target, callee, index, "pointer from integer"));
                NoteParameter(context, location);
                return Convert(e, to, location);
            }
        }
        else if (to.IsInteger && from.IsPointer)
        {
            Report.Pedwarn("Wint-conversion", location, MakesText(context, e, target, callee, index, "integer from pointer"));
            return Convert(e, to, location);
        }
        else if (to.IsRecord && TypeRelations.Compatible(to, from))
            return new CastExpression(CastKind.NoOp, e, to, e.Location);
        else if (to is VectorType toVector && from is VectorType fromVector)
        {
            if (toVector.Size == fromVector.Size && (LaxlyCompatible(toVector, fromVector) || IsComparison(e) && toVector.Element.IsInteger))
                return Convert(e, to, location);
        }
        else if (to.Kind == TypeKind.NullPointer && IsNullPointerConstant(e))
            return Convert(e, to, location);
        if (to is RecordType { IsTransparentUnion: true } union && context == AssignmentContext.Argument)
        {
            Expression? passed = ToTransparentUnion(e, union, location);
            if (passed is not null)
                return passed;
        }
        Report.Error(location, IncompatibleText(context, e, target, callee, index));
        return new ErrorExpression(to, e.Location);
    }

    /// <summary>What a comparison of vectors gives goes to unsigned vectors too.</summary>
    private static bool IsComparison(Expression e) => e switch
    {
        BinaryExpression { Operator: >= BinaryOperator.Less and <= BinaryOperator.NotEqual } => true,
        BinaryExpression { Operator: >= BinaryOperator.And } binary => IsComparison(binary.Left) && IsComparison(binary.Right),
        UnaryExpression unary => unary.Operator == UnaryOperator.LogicalNot || IsComparison(unary.Operand),
        _ => false,
    };

    private static bool LaxlyCompatible(VectorType a, VectorType b)
    {
        if (a.Count != b.Count || a.Element.IsFloat != b.Element.IsFloat)
            return false;
        // gcc converts silently where the elements are the same but for the name of the type (long, long long).
        return ReferenceEquals(a.Element, b.Element) || a.Element.IsInteger
            && IntegerArithmetic.IsSigned(a.Element) == IntegerArithmetic.IsSigned(b.Element) || a.Element.IsFloat;
    }

    private CastExpression? ToTransparentUnion(Expression e, RecordType union, Location location)
    {
        foreach (Field field in union.Fields)
        {
            CType member = field.Type.Type;
            bool goes = TypeRelations.Compatible(member, e.Type)
                || member is PointerType pointer
                && (IsNullPointerConstant(e)
                    || e.Type is PointerType from && (pointer.Pointee.Type.IsVoid || from.Pointee.Type.IsVoid
                        || TypeRelations.Compatible(pointer.Pointee.Type, from.Pointee.Type)));
            if (goes)
                return new CastExpression(CastKind.ToUnion, Convert(e, member, location), union, e.Location);
        }
        return null;
    }

    private void CheckPointerAssignment(
        PointerType from, PointerType to, Expression e, AssignmentContext context, Location location, string? callee, int index)
    {
        QualType source = from.Pointee, target = to.Pointee;
        if (source.Type.IsError || target.Type.IsError)
            return;
        // Qualifiers of an array are its elements'.
        Qualifiers sourceQualifiers = DeepQualifiers(source), targetQualifiers = DeepQualifiers(target);
        Qualifiers lost = sourceQualifiers & ~targetQualifiers & (Qualifiers.Const | Qualifiers.Volatile | Qualifiers.Restrict);
        bool compatible = target.Type.IsVoid && !target.IsAtomic || source.Type.IsVoid && !source.IsAtomic || CompatiblePointees(target.Type, source.Type) && source.IsAtomic == target.IsAtomic;
        if (target.Type.IsVoid && source.Type.IsFunction || source.Type.IsVoid && target.Type.IsFunction)
        {
            Report.Pedantic(location, context switch
            {
                AssignmentContext.Argument => $"ISO C forbids passing argument {index} of '{callee}' between function pointer and 'void *'",
                AssignmentContext.Initialization => "ISO C forbids initialization between function pointer and 'void *'",
                AssignmentContext.Return => "ISO C forbids return between function pointer and 'void *'",
                _ => "ISO C forbids assignment between function pointer and 'void *'",
            });
        }
        if (!compatible)
        {
            if (SameButForSign(source.Type, target.Type))
            {
                if (Report.IsEnabled("Wpointer-sign"))
                    Report.Pedwarn("Wpointer-sign", location, SignText(context, e, to, callee, index));
            }
            else
            {
                Report.Pedwarn("Wincompatible-pointer-types", location, PointerText(context, e, to, callee, index));
                return;
            }
        }
        if (lost != 0 && !source.Type.IsFunction)
            Report.Pedwarn("Wdiscarded-qualifiers", location, DiscardText(context, lost, callee, index));
    }

    private static bool CompatiblePointees(CType a, CType b)
    {
        // What an array's elements are qualified with is compared apart (C23 6.3.2.3).
        while (a is ArrayType x && b is ArrayType y)
        {
            if (x.Count >= 0 && y.Count >= 0 && x.Count != y.Count)
                return false;
            if (!x.Element.Type.IsArray)
                return TypeRelations.Compatible(x.Element.Type, y.Element.Type);
            a = x.Element.Type;
            b = y.Element.Type;
        }
        return TypeRelations.Compatible(a, b);
    }

    /// <summary>A type's qualifiers; of an array its elements'.</summary>
    public static Qualifiers DeepQualifiers(QualType type)
    {
        Qualifiers qualifiers = type.Qualifiers;
        CType at = type.Type;
        while (at is ArrayType array)
        {
            qualifiers |= array.Element.Qualifiers;
            at = array.Element.Type;
        }
        return qualifiers & Qualifiers.All;
    }

    private static bool SameButForSign(CType a, CType b) =>
        IntegerArithmetic.Underlying(a) is { Kind: not TypeKind.Bool } x && IntegerArithmetic.Underlying(b) is { Kind: not TypeKind.Bool } y
        && x.Size == y.Size && x.Rank == y.Rank;

    private string MakesText(AssignmentContext context, Expression e, QualType target, string? callee, int index, string what) => context switch
    {
        AssignmentContext.Argument => $"passing argument {index} of '{callee}' makes {what} without a cast",
        AssignmentContext.Initialization => $"initialization of '{Print(target)}' from '{Print(e.Type)}' makes {what} without a cast",
        AssignmentContext.Return => $"returning '{Print(e.Type)}' from a function with return type '{Print(target)}' makes {what} without a cast",
        _ => $"assignment to '{Print(target)}' from '{Print(e.Type)}' makes {what} without a cast",
    };

    private string PointerText(AssignmentContext context, Expression e, CType target, string? callee, int index) => context switch
    {
        AssignmentContext.Argument => $"passing argument {index} of '{callee}' from incompatible pointer type",
        AssignmentContext.Initialization => $"initialization of '{Print(target)}' from incompatible pointer type '{Print(e.Type)}'",
        AssignmentContext.Return => $"returning '{Print(e.Type)}' from a function with incompatible return type '{Print(target)}'",
        _ => $"assignment to '{Print(target)}' from incompatible pointer type '{Print(e.Type)}'",
    };

    private string SignText(AssignmentContext context, Expression e, CType target, string? callee, int index) => context switch
    {
        AssignmentContext.Argument => $"pointer targets in passing argument {index} of '{callee}' differ in signedness",
        AssignmentContext.Initialization => $"pointer targets in initialization of '{Print(target)}' from '{Print(e.Type)}' differ in signedness",
        AssignmentContext.Return => $"pointer targets in returning '{Print(e.Type)}' from a function with return type '{Print(target)}' differ in signedness",
        _ => $"pointer targets in assignment from '{Print(e.Type)}' to '{Print(target)}' differ in signedness",
    };

    private static string DiscardText(AssignmentContext context, Qualifiers lost, string? callee, int index)
    {
        string what = (lost & Qualifiers.Const) != 0 ? (lost & Qualifiers.Volatile) != 0 ? "const volatile" : "const"
            : (lost & Qualifiers.Volatile) != 0 ? "volatile" : (lost & Qualifiers.Restrict) != 0 ? "restrict" : "_Atomic";
        return context switch
        {
            AssignmentContext.Argument => $"passing argument {index} of '{callee}' discards '{what}' qualifier from pointer target type",
            AssignmentContext.Initialization => $"initialization discards '{what}' qualifier from pointer target type",
            AssignmentContext.Return => $"return discards '{what}' qualifier from pointer target type",
            _ => $"assignment discards '{what}' qualifier from pointer target type",
        };
    }

    private string IncompatibleText(AssignmentContext context, Expression e, QualType target, string? callee, int index) => context switch
    {
        AssignmentContext.Argument => $"incompatible type for argument {index} of '{callee}'",
        AssignmentContext.Initialization => target.Type.IsArray
            ? "invalid initializer"
            : $"incompatible types when initializing type '{Print(target.Unqualified)}' using type '{Print(e.Type)}'",
        AssignmentContext.Return => $"incompatible types when returning type '{Print(e.Type)}' but '{Print(target.Unqualified)}' was expected",
        _ => $"incompatible types when assigning to type '{Print(target.Unqualified)}' from type '{Print(e.Type)}'",
    };

    private void NoteParameter(AssignmentContext context, Location location)
    {
        _ = context;
        _ = location;
    }

    /// <summary>-Woverflow: a constant that the target type doesn't hold.</summary>
    private void WarnConstantConversion(Expression e, CType to, Location location)
    {
        if (e is not IntegerConstant constant || !to.IsInteger || to.Kind == TypeKind.Bool)
            return;
        CType from = e.Type;
        if (IntegerArithmetic.Width(from) <= IntegerArithmetic.Width(to) && !(IntegerArithmetic.Width(from) == IntegerArithmetic.Width(to)))
            return;
        UInt128 cut = IntegerArithmetic.Normalize(constant.Value, to);
        if (IntegerArithmetic.Width(from) == IntegerArithmetic.Width(to) || cut == constant.Value)
            return;
        // A value that fits the width in either sign is only -Wsign-conversion's or -Wconversion's matter.
        int width = IntegerArithmetic.Width(to);
        if (IntegerArithmetic.IsSigned(to))
        {
            if (IntegerArithmetic.Extend(constant.Value, width, false) == constant.Value)
                return;
        }
        else if (IntegerArithmetic.IsSigned(from) && (Int128)constant.Value < 0 && IntegerArithmetic.Extend(constant.Value, width, true) == constant.Value)
            return;
        if (IntegerArithmetic.IsSigned(to))
        {
            Report.Warning("Woverflow", location, $"overflow in conversion from '{Print(from)}' to '{Print(to)}' changes value from "
                + $"'{ValueText(constant.Value, from)}' to '{ValueText(cut, to)}'");
        }
        else
        {
            Report.Warning("Woverflow", location, $"{(IntegerArithmetic.IsSigned(from) && (Int128)constant.Value < 0 ? "" : "unsigned ")}conversion from "
                + $"'{Print(from)}' to '{Print(to)}' changes value from '{ValueText(constant.Value, from)}' to '{ValueText(cut, to)}'");
        }
    }

    private static string ValueText(UInt128 value, CType type) =>
        IntegerArithmetic.IsSigned(type) ? ((Int128)value).ToString() : value.ToString();
}
