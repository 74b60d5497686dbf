using Kiln.Frontend.Ast;
using Kiln.Frontend.Types;

namespace Kiln.Frontend.Constants;

/// <summary>
/// Arithmetic of integer constants up to 128 bits. A value of a signed type is carried sign-extended, of an unsigned type
/// zero-extended, in a <see cref="UInt128"/>.
/// </summary>
public static class IntegerArithmetic
{
    /// <summary>The integer type that a type's values are laid out as; null of none.</summary>
    public static IntegerType? Underlying(CType type) => type switch
    {
        IntegerType integer => integer,
        EnumType enumeration => enumeration.Underlying,
        _ => null,
    };

    /// <summary>Whether values of the type are signed; pointers are not.</summary>
    public static bool IsSigned(CType type) => Underlying(type) is { IsSigned: true };

    /// <summary>The width of values of an integer, enumeration or pointer type.</summary>
    public static int Width(CType type) => Underlying(type)?.Width ?? (int)type.Size * 8;

    /// <summary>Cuts a value to a type.</summary>
    public static UInt128 Normalize(UInt128 value, CType type)
    {
        if (type.Kind == TypeKind.Bool)
            return value != 0 ? UInt128.One : UInt128.Zero;
        return Extend(value, Width(type), IsSigned(type));
    }

    /// <summary>Keeps the low <paramref name="width"/> bits and extends them.</summary>
    public static UInt128 Extend(UInt128 value, int width, bool isSigned)
    {
        if (width >= 128)
            return value;
        int shift = 128 - width;
        return isSigned ? (UInt128)((Int128)(value << shift) >> shift) : value << shift >> shift;
    }

    /// <summary>Whether the value, taken with the sign of <paramref name="isSigned"/>, is one of the type's.</summary>
    public static bool Fits(UInt128 value, bool isSigned, CType type)
    {
        UInt128 cut = Normalize(value, type);
        if (cut != value)
            return false;
        // The same bits mean different values only where one side is signed and the top bit is set.
        return isSigned == IsSigned(type) || (Int128)value >= 0;
    }

    /// <summary>Computes an operation on values of <paramref name="type"/>.</summary>
    /// <returns>Whether there is a result: not of a division by zero.</returns>
    /// <param name="op">The operation.</param>
    /// <param name="a">The left operand.</param>
    /// <param name="b">The right operand; of shifts, its value is signed.</param>
    /// <param name="type">The operands' type.</param>
    /// <param name="result">The result, in the type; 0 or 1 of comparisons.</param>
    /// <param name="overflow">Whether a signed result had to be cut, or a shift count is out of range.</param>
    public static bool Compute(BinaryOperator op, UInt128 a, UInt128 b, CType type, out UInt128 result, out bool overflow)
    {
        bool isSigned = IsSigned(type);
        int width = Width(type);
        overflow = false;
        result = 0;
        switch (op)
        {
            case BinaryOperator.Add:
                result = a + b;
                overflow = isSigned && (width == 128
                    ? (Int128)((a ^ result) & (b ^ result)) < 0
                    : Extend(result, width, true) != result);
                break;
            case BinaryOperator.Subtract:
                result = a - b;
                overflow = isSigned && (width == 128
                    ? (Int128)((a ^ b) & (a ^ result)) < 0
                    : Extend(result, width, true) != result);
                break;
            case BinaryOperator.Multiply:
                result = a * b;
                if (isSigned)
                    overflow = MultiplyOverflows((Int128)a, (Int128)b, width);
                break;
            case BinaryOperator.Divide:
            case BinaryOperator.Remainder:
                if (b == 0)
                    return false;
                if (isSigned)
                {
                    if ((Int128)b == -1)
                    {
                        result = op == BinaryOperator.Divide ? 0 - a : 0;
                        overflow = a == UInt128.One << (width - 1) || Extend(0 - a, width, true) != 0 - a
                            || width == 128 && a == UInt128.One << 127;
                        break;
                    }
                    result = op == BinaryOperator.Divide ? (UInt128)((Int128)a / (Int128)b) : (UInt128)((Int128)a % (Int128)b);
                }
                else
                    result = op == BinaryOperator.Divide ? a / b : a % b;
                break;
            case BinaryOperator.ShiftLeft:
            case BinaryOperator.ShiftRight:
                if ((Int128)b < 0 || b >= (UInt128)width)
                {
                    // The count is out of range: gcc leaves such a shift to the machine. Any fixed answer will do.
                    overflow = true;
                    result = op == BinaryOperator.ShiftRight && isSigned && (Int128)a < 0 ? UInt128.MaxValue : 0;
                    break;
                }
                result = op == BinaryOperator.ShiftLeft ? a << (int)b
                    : isSigned ? (UInt128)((Int128)a >> (int)b) : a >> (int)b;
                break;
            case BinaryOperator.Less:
                result = Truth(isSigned ? (Int128)a < (Int128)b : a < b);
                return true;
            case BinaryOperator.Greater:
                result = Truth(isSigned ? (Int128)a > (Int128)b : a > b);
                return true;
            case BinaryOperator.LessEqual:
                result = Truth(isSigned ? (Int128)a <= (Int128)b : a <= b);
                return true;
            case BinaryOperator.GreaterEqual:
                result = Truth(isSigned ? (Int128)a >= (Int128)b : a >= b);
                return true;
            case BinaryOperator.Equal:
                result = Truth(a == b);
                return true;
            case BinaryOperator.NotEqual:
                result = Truth(a != b);
                return true;
            case BinaryOperator.And:
                result = a & b;
                break;
            case BinaryOperator.Xor:
                result = a ^ b;
                break;
            case BinaryOperator.Or:
                result = a | b;
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(op), op, null);
        }
        result = Normalize(result, type);
        return true;
    }

    private static UInt128 Truth(bool value) => value ? UInt128.One : UInt128.Zero;

    private static bool MultiplyOverflows(Int128 a, Int128 b, int width)
    {
        if (a == 0 || b == 0)
            return false;
        Int128 product = unchecked(a * b);
        if (a == -1 && b == Int128.MinValue || b == -1 && a == Int128.MinValue)
            return true;
        return product / b != a || (Int128)Extend((UInt128)product, width, true) != product;
    }
}
