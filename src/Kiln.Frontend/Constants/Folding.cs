// Folds one operation whose operands are constants already, as the tree is built. Whatever cannot be folded with the meaning it has at run
// time is left alone: division by zero, operations of floats that would raise more than inexact (in_static: initializers fold these too).

using Kiln.Base;
using Kiln.Frontend.Ast;
using Kiln.Frontend.Types;

namespace Kiln.Frontend.Constants;

internal static class Folding
{
    public static bool IsConstant(Expression e) =>
        e.Kind is ExpressionKind.Integer or ExpressionKind.Float or ExpressionKind.ComplexConstant or ExpressionKind.VectorConstant;

    /// <summary>Whether a scalar constant is zero; null where it is no constant.</summary>
    public static bool? Truth(Expression e) => e switch
    {
        IntegerConstant integer => integer.Value != 0,
        FloatConstant value => value.Type is FloatType { IsDecimalFloat: false } type ? !SoftFloat.IsZero(type.Format, value.Bits) : null,
        ComplexConstant complex => !IsZeroPart(complex.Real, complex) || !IsZeroPart(complex.Imaginary, complex),
        StringLiteral => true,
        CastExpression { CastKind: CastKind.FunctionDecay, Operand: FunctionReference { Function.IsWeak: false } } => true,
        CastExpression { CastKind: CastKind.ArrayDecay, Operand: StringLiteral } => true,
        _ => null,
    };

    private static bool IsZeroPart(UInt128 part, ComplexConstant complex) =>
        ((ComplexType)complex.Type).Element is FloatType type ? SoftFloat.IsZero(type.Format, part) : part == 0;

    /// <summary>Converts a scalar from one type to another: a value or floating bits each.</summary>
    /// <returns>False where there is no constant result.</returns>
    public static bool ConvertScalar(UInt128 value, CType from, CType to, out UInt128 result, out bool inexact)
    {
        inexact = false;
        result = value;
        if (from is FloatType source)
        {
            if (source.IsDecimalFloat)
                return ReferenceEquals(from, to);
            if (to is FloatType target)
            {
                if (target.IsDecimalFloat)
                    return false;
                result = SoftFloat.Convert(source.Format, target.Format, value);
                return true;
            }
            if (to.Kind == TypeKind.Bool)
            {
                result = SoftFloat.IsZero(source.Format, value) ? 0u : 1u;
                return true;
            }
            int width = IntegerArithmetic.Width(to);
            bool saturated;
            result = IntegerArithmetic.IsSigned(to)
                ? (UInt128)SoftFloat.ToSigned(source.Format, value, width, out saturated)
                : SoftFloat.ToUnsigned(source.Format, value, width, out saturated);
            if (saturated && !IntegerArithmetic.IsSigned(to) && SoftFloat.IsNegative(source.Format, value) && !SoftFloat.IsNaN(source.Format, value))
            {
                // gcc wraps negative values when it folds.
                UInt128 wrapped = (UInt128)SoftFloat.ToSigned(source.Format, value, 128, out bool far);
                result = far ? 0 : IntegerArithmetic.Normalize(wrapped, to);
            }
            inexact = saturated;
            return true;
        }
        if (to is FloatType format)
        {
            if (format.IsDecimalFloat)
                return false;
            result = IntegerArithmetic.IsSigned(from)
                ? SoftFloat.FromInteger(format.Format, (Int128)value)
                : SoftFloat.FromInteger(format.Format, value);
            return true;
        }
        result = IntegerArithmetic.Normalize(value, to);
        return true;
    }

    /// <summary>Folds a conversion of a constant; null where there is nothing to fold.</summary>
    public static Expression? Cast(CastKind kind, Expression operand, QualType to, Location location)
    {
        switch (operand)
        {
            case IntegerConstant integer:
                switch (kind)
                {
                    case CastKind.Integral or CastKind.NoOp or CastKind.IntegralToPointer or CastKind.PointerToIntegral
                        or CastKind.Pointer or CastKind.NullToPointer:
                        ExpressionFlags kept = ExpressionFlags.StrictConstant | ExpressionFlags.Overflow | ExpressionFlags.Loose;
                        return new IntegerConstant(to, IntegerArithmetic.Normalize(integer.Value, to.Type), location)
                        {
                            Flags = integer.Flags & (kind == CastKind.PointerToIntegral ? kept & ~ExpressionFlags.StrictConstant : kept),
                        };
                    case CastKind.ToBool:
                        return new IntegerConstant(to, integer.Value != 0 ? 1u : 0u, location)
                        {
                            Flags = integer.Type.IsPointer ? ExpressionFlags.None : integer.Flags & (ExpressionFlags.StrictConstant | ExpressionFlags.Loose),
                        };
                    case CastKind.IntegralToFloating:
                        return ConvertScalar(integer.Value, operand.Type, to.Type, out UInt128 bits, out _)
                            ? new FloatConstant(to, bits, location)
                            : null;
                    default:
                        break;
                }
                break;
            case FloatConstant real:
                switch (kind)
                {
                    case CastKind.Floating or CastKind.NoOp or CastKind.ExcessPrecision:
                        return ConvertScalar(real.Bits, operand.Type, to.Type, out UInt128 bits, out _)
                            ? new FloatConstant(to, bits, location)
                            : null;
                    case CastKind.FloatingToIntegral or CastKind.ToBool:
                        return ConvertScalar(real.Bits, operand.Type, to.Type, out UInt128 value, out bool inexact)
                            ? new IntegerConstant(to, value, location) { Flags = inexact ? ExpressionFlags.Overflow : ExpressionFlags.None }
                            : null;
                    default:
                        break;
                }
                break;
            case ComplexConstant complex:
                CType element = ((ComplexType)complex.Type).Element;
                switch (kind)
                {
                    case CastKind.Complex or CastKind.NoOp:
                        CType target = ((ComplexType)to.Type).Element;
                        return ConvertScalar(complex.Real, element, target, out UInt128 re, out _)
                            && ConvertScalar(complex.Imaginary, element, target, out UInt128 im, out _)
                            ? new ComplexConstant(to, re, im, location) { IsReal = complex.IsReal }
                            : null;
                    case CastKind.ComplexToReal:
                        return Scalar(complex.Real, to, location);
                    case CastKind.ToBool:
                        return new IntegerConstant(to, Truth(complex) == true ? 1u : 0u, location);
                    default:
                        break;
                }
                break;
            case VectorConstant vector when kind == CastKind.NoOp:
                return new VectorConstant(to, vector.Elements, location);
        }
        if (kind == CastKind.RealToComplex && operand is IntegerConstant or FloatConstant)
        {
            UInt128 zero = 0;
            return new ComplexConstant(to, ScalarBits(operand), zero, location) { IsReal = true };
        }
        if (kind == CastKind.Splat && operand is IntegerConstant or FloatConstant)
        {
            var elements = new UInt128[((VectorType)to.Type).Count];
            Array.Fill(elements, ScalarBits(operand));
            return new VectorConstant(to, elements, location);
        }
        return null;
    }

    public static UInt128 ScalarBits(Expression e) => e is IntegerConstant integer ? integer.Value : ((FloatConstant)e).Bits;

    public static Expression Scalar(UInt128 bits, QualType type, Location location) =>
        type.Type.IsFloat ? new FloatConstant(type, bits, location) : new IntegerConstant(type, bits, location);

    /// <summary>Folds a unary operation; null where there is nothing to fold.</summary>
    public static Expression? Unary(UnaryOperator op, Expression operand, QualType type, Location location)
    {
        switch (operand)
        {
            case IntegerConstant integer:
                UInt128 value;
                bool overflow = false;
                switch (op)
                {
                    case UnaryOperator.Negate:
                        value = IntegerArithmetic.Normalize(0 - integer.Value, type.Type);
                        overflow = IntegerArithmetic.IsSigned(type.Type) && integer.Value != 0 && value == integer.Value;
                        break;
                    case UnaryOperator.Complement:
                        value = IntegerArithmetic.Normalize(~integer.Value, type.Type);
                        break;
                    case UnaryOperator.LogicalNot:
                        value = integer.Value == 0 ? 1u : 0u;
                        break;
                    default:
                        return null;
                }
                ExpressionFlags flags = integer.Flags & (ExpressionFlags.StrictConstant | ExpressionFlags.Overflow | ExpressionFlags.Loose);
                return new IntegerConstant(type, value, location) { Flags = overflow ? flags | ExpressionFlags.Overflow : flags };
            case FloatConstant real when real.Type is FloatType { IsDecimalFloat: false } format:
                return op switch
                {
                    UnaryOperator.Negate => new FloatConstant(type, SoftFloat.Neg(format.Format, real.Bits), location),
                    UnaryOperator.LogicalNot => new IntegerConstant(type, SoftFloat.IsZero(format.Format, real.Bits) ? 1u : 0u, location),
                    _ => null,
                };
            case ComplexConstant complex:
                CType element = ((ComplexType)complex.Type).Element;
                return op switch
                {
                    UnaryOperator.Negate => new ComplexConstant(type, NegatePart(complex.Real, element), NegatePart(complex.Imaginary, element), location),
                    UnaryOperator.Conjugate => new ComplexConstant(type, complex.Real, NegatePart(complex.Imaginary, element), location),
                    UnaryOperator.LogicalNot => new IntegerConstant(type, Truth(complex) == true ? 0u : 1u, location),
                    _ => null,
                };
            case VectorConstant vector when op is UnaryOperator.Negate or UnaryOperator.Complement:
                CType part = ((VectorType)vector.Type).Element;
                if (op == UnaryOperator.Complement && part.IsFloat)
                    return null;
                var elements = new UInt128[vector.Elements.Length];
                for (int i = 0; i < elements.Length; i++)
                {
                    elements[i] = op == UnaryOperator.Negate ? NegatePart(vector.Elements[i], part)
                        : IntegerArithmetic.Normalize(~vector.Elements[i], part);
                }
                return new VectorConstant(type, elements, location);
            default:
                return null;
        }
    }

    private static UInt128 NegatePart(UInt128 part, CType element) =>
        element is FloatType format ? SoftFloat.Neg(format.Format, part) : IntegerArithmetic.Normalize(0 - part, element);

    /// <summary>Folds a binary operation on operands of one type; null where there is nothing to fold.</summary>
    /// <param name="op">The operation.</param>
    /// <param name="left">The left operand.</param>
    /// <param name="right">The right operand.</param>
    /// <param name="type">The result's type.</param>
    /// <param name="isStatic">In a static initializer: operations that trap are folded too.</param>
    /// <param name="location">The place of the operator.</param>
    public static Expression? Binary(
        BinaryOperator op, Expression left, Expression right, QualType type, bool isStatic, Location location)
    {
        if (left is IntegerConstant a && right is IntegerConstant b)
        {
            if (op >= BinaryOperator.Less && op <= BinaryOperator.NotEqual && a.Type.IsPointer
                || a.Type.IsInteger && b.Type.IsInteger)
            {
                if (!IntegerArithmetic.Compute(op, a.Value, b.Value, a.Type, out UInt128 value, out bool overflow))
                    return null;
                ExpressionFlags flags = a.Flags & b.Flags & ExpressionFlags.StrictConstant
                    | (a.Flags | b.Flags) & (ExpressionFlags.Overflow | ExpressionFlags.Loose);
                return new IntegerConstant(type, value, location) { Flags = overflow ? flags | ExpressionFlags.Overflow : flags };
            }
            return null;
        }
        if (left is FloatConstant x && right is FloatConstant y && x.Type is FloatType { IsDecimalFloat: false } format)
        {
            if (op >= BinaryOperator.Less)
            {
                return op > BinaryOperator.NotEqual ? null
                    : new IntegerConstant(type, CompareFloats(op, format.Format, x.Bits, y.Bits) ? 1u : 0u, location);
            }
            return FloatArithmetic(op, format.Format, x.Bits, y.Bits, isStatic, out UInt128 bits)
                ? new FloatConstant(type, bits, location)
                : null;
        }
        if (left is ComplexConstant p && right is ComplexConstant q)
            return ComplexArithmetic(op, p, q, type, isStatic, location);
        if (left is VectorConstant v && right is VectorConstant w)
            return VectorArithmetic(op, v, w, type, isStatic, location);
        return null;
    }

    private static Expression? VectorArithmetic(
        BinaryOperator op, VectorConstant v, VectorConstant w, QualType type, bool isStatic, Location location)
    {
        CType element = ((VectorType)v.Type).Element;
        bool comparison = op is >= BinaryOperator.Less and <= BinaryOperator.NotEqual;
        var elements = new UInt128[v.Elements.Length];
        for (int i = 0; i < elements.Length; i++)
        {
            UInt128 bits;
            if (element is FloatType format)
            {
                if (comparison)
                    bits = CompareFloats(op, format.Format, v.Elements[i], w.Elements[i]) ? 1u : 0u;
                else if (op > BinaryOperator.Subtract || !FloatArithmetic(op, format.Format, v.Elements[i], w.Elements[i], isStatic, out bits))
                    return null;
            }
            else if (!IntegerArithmetic.Compute(op, v.Elements[i], w.Elements[i], element, out bits, out _))
                return null;
            elements[i] = comparison ? IntegerArithmetic.Normalize(0 - bits, ((VectorType)type.Type).Element) : bits;
        }
        return new VectorConstant(type, elements, location);
    }

    private static bool CompareFloats(BinaryOperator op, FloatFormat format, UInt128 x, UInt128 y)
    {
        FloatOrder order = SoftFloat.Compare(format, x, y);
        return op switch
        {
            BinaryOperator.Less => order == FloatOrder.Less,
            BinaryOperator.Greater => order == FloatOrder.Greater,
            BinaryOperator.LessEqual => order is FloatOrder.Less or FloatOrder.Equal,
            BinaryOperator.GreaterEqual => order is FloatOrder.Greater or FloatOrder.Equal,
            BinaryOperator.Equal => order == FloatOrder.Equal,
            BinaryOperator.NotEqual => order != FloatOrder.Equal,
            _ => throw new ArgumentOutOfRangeException(nameof(op), op, null),
        };
    }

    private static bool FloatArithmetic(BinaryOperator op, FloatFormat format, UInt128 x, UInt128 y, bool isStatic, out UInt128 bits)
    {
        bits = op switch
        {
            BinaryOperator.Add => SoftFloat.Add(format, x, y),
            BinaryOperator.Subtract => SoftFloat.Sub(format, x, y),
            BinaryOperator.Multiply => SoftFloat.Mul(format, x, y),
            BinaryOperator.Divide => SoftFloat.Div(format, x, y),
            _ => throw new ArgumentOutOfRangeException(nameof(op), op, null),
        };
        // What would raise invalid, overflow or division by zero at run time is left to run time.
        return isStatic || SoftFloat.IsFinite(format, bits) || !SoftFloat.IsFinite(format, x) && !SoftFloat.IsNaN(format, bits)
            || !SoftFloat.IsFinite(format, y) && !SoftFloat.IsNaN(format, bits);
    }

    private static Expression? ComplexArithmetic(
        BinaryOperator op, ComplexConstant p, ComplexConstant q, QualType type, bool isStatic, Location location)
    {
        CType element = ((ComplexType)p.Type).Element;
        if (op is BinaryOperator.Equal or BinaryOperator.NotEqual)
        {
            bool equal = element is FloatType f
                ? SoftFloat.Compare(f.Format, p.Real, q.Real) == FloatOrder.Equal && SoftFloat.Compare(f.Format, p.Imaginary, q.Imaginary) == FloatOrder.Equal
                : p.Real == q.Real && p.Imaginary == q.Imaginary;
            return new IntegerConstant(type, equal == (op == BinaryOperator.Equal) ? 1u : 0u, location);
        }
        if (op > BinaryOperator.Subtract || op == BinaryOperator.Remainder)
            return null;
        if (p.IsReal != q.IsReal && (op != BinaryOperator.Divide || q.IsReal))
            return MixedArithmetic(op, p, q, type, isStatic, location);
        if (op is BinaryOperator.Add or BinaryOperator.Subtract)
        {
            return Part(op, element, p.Real, q.Real, isStatic, out UInt128 re) && Part(op, element, p.Imaginary, q.Imaginary, isStatic, out UInt128 im)
                ? new ComplexConstant(type, re, im, location)
                : null;
        }
        if (!Part(BinaryOperator.Multiply, element, p.Real, q.Real, isStatic, out UInt128 ac)
            || !Part(BinaryOperator.Multiply, element, p.Imaginary, q.Imaginary, isStatic, out UInt128 bd)
            || !Part(BinaryOperator.Multiply, element, p.Real, q.Imaginary, isStatic, out UInt128 ad)
            || !Part(BinaryOperator.Multiply, element, p.Imaginary, q.Real, isStatic, out UInt128 bc))
            return null;
        if (op == BinaryOperator.Multiply)
        {
            return Part(BinaryOperator.Subtract, element, ac, bd, isStatic, out UInt128 re) && Part(BinaryOperator.Add, element, ad, bc, isStatic, out UInt128 im)
                && (isStatic || element is not FloatType nf || !SoftFloat.IsNaN(nf.Format, re) && !SoftFloat.IsNaN(nf.Format, im))
                ? new ComplexConstant(type, re, im, location)
                : null;
        }
        if (element is FloatType format)
        {
            // (a + bi) / (c + di), computed in quad precision so that each part is rounded once in all but extreme cases.
            FloatFormat from = format.Format, wide = FloatFormat.Quad;
            UInt128 a = SoftFloat.Convert(from, wide, p.Real), b = SoftFloat.Convert(from, wide, p.Imaginary);
            UInt128 c = SoftFloat.Convert(from, wide, q.Real), d = SoftFloat.Convert(from, wide, q.Imaginary);
            UInt128 norm = SoftFloat.Add(wide, SoftFloat.Mul(wide, c, c), SoftFloat.Mul(wide, d, d));
            if (!isStatic && (SoftFloat.IsZero(wide, norm) || !SoftFloat.IsFinite(wide, norm)))
                return null;
            UInt128 re = SoftFloat.Div(wide, SoftFloat.Add(wide, SoftFloat.Mul(wide, a, c), SoftFloat.Mul(wide, b, d)), norm);
            UInt128 im = SoftFloat.Div(wide, SoftFloat.Sub(wide, SoftFloat.Mul(wide, b, c), SoftFloat.Mul(wide, a, d)), norm);
            return new ComplexConstant(type, SoftFloat.Convert(wide, from, re), SoftFloat.Convert(wide, from, im), location);
        }
        return null;
    }

    // A complex number and a real one (C17 annex G.5.1, G.5.2): the missing part takes no part.
    private static ComplexConstant? MixedArithmetic(
        BinaryOperator op, ComplexConstant p, ComplexConstant q, QualType type, bool isStatic, Location location)
    {
        CType element = ((ComplexType)p.Type).Element;
        if (!Part(op, element, p.Real, q.Real, isStatic, out UInt128 re))
            return null;
        UInt128 im = p.IsReal ? q.Imaginary : p.Imaginary;
        switch (op)
        {
            case BinaryOperator.Subtract when p.IsReal:
                im = NegatePart(im, element);
                break;
            case BinaryOperator.Multiply or BinaryOperator.Divide:
                if (!Part(op, element, p.IsReal ? p.Real : p.Imaginary, p.IsReal ? q.Imaginary : q.Real, isStatic, out im))
                    return null;
                break;
        }
        return new ComplexConstant(type, re, im, location);
    }

    private static bool Part(BinaryOperator op, CType element, UInt128 x, UInt128 y, bool isStatic, out UInt128 result) =>
        element is FloatType format
            ? FloatArithmetic(op, format.Format, x, y, isStatic, out result)
            : IntegerArithmetic.Compute(op, x, y, element, out result, out _);
}
