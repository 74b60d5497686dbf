// Folds builtins whose arguments are constants, as gcc does in initializers and elsewhere.

using System.Numerics;
using Kiln.Base;
using Kiln.Frontend.Ast;
using Kiln.Frontend.Builtins;
using Kiln.Frontend.Sema;
using Kiln.Frontend.Types;

namespace Kiln.Frontend.Constants;

internal static class BuiltinFolding
{
    /// <summary>The constant that a call means, or null. Arguments are converted already.</summary>
    public static Expression? Fold(Semantics sema, BuiltinInfo builtin, Expression[] arguments, QualType result, Location location)
    {
        CType type = result.Type;
        switch (builtin.Id)
        {
            case BuiltinId.Inf or BuiltinId.HugeVal when type is FloatType { IsDecimalFloat: false } format:
                return new FloatConstant(type, SoftFloat.Infinity(format.Format), location);
            case BuiltinId.Nan or BuiltinId.Nans when type is FloatType { IsDecimalFloat: false } format:
                return Payload(arguments[0]) is { } payload
                    ? new FloatConstant(type, SoftFloat.NaN(format.Format, false, payload, builtin.Id == BuiltinId.Nans), location)
                    : null;
            case BuiltinId.Expect or BuiltinId.ExpectWithProbability:
                return arguments[0] is IntegerConstant ? arguments[0] : null;
        }
        if (arguments.Length == 0)
            return null;
        foreach (Expression argument in arguments)
        {
            if (!Folding.IsConstant(argument) && builtin.Id is not (BuiltinId.FpClassify or BuiltinId.Strlen))
                return null;
        }
        switch (arguments[0])
        {
            case IntegerConstant integer:
                return FoldInteger(sema, builtin, integer, arguments, type, location);
            case FloatConstant { Type: FloatType { IsDecimalFloat: false } format } real:
                return FoldFloat(sema, builtin, real.Bits, format.Format, arguments, type, location);
            default:
                return null;
        }
    }

    /// <summary>The number in a NaN's string, or null where it isn't constant.</summary>
    private static UInt128? Payload(Expression e)
    {
        while (e is CastExpression cast)
            e = cast.Operand;
        if (e is not StringLiteral text)
            return null;
        ReadOnlySpan<byte> digits = text.Bytes.AsSpan(0, text.Bytes.Length - 1);
        uint radix = 10;
        if (digits.StartsWith("0x"u8) || digits.StartsWith("0X"u8))
        {
            radix = 16;
            digits = digits[2..];
        }
        else if (digits.Length > 0 && digits[0] == '0')
            radix = 8;
        UInt128 value = 0;
        foreach (byte b in digits)
        {
            int digit = b is >= (byte)'0' and <= (byte)'9' ? b - '0' : (b | 0x20) is >= 'a' and <= 'f' ? (b | 0x20) - 'a' + 10 : 99;
            if (digit >= radix)
                return null;
            value = value * radix + (UInt128)digit;
        }
        return value;
    }

    private static IntegerConstant Make(Semantics sema, UInt128 value, CType type, Location location) =>
        new(type, IntegerArithmetic.Normalize(value, type), location) { Flags = ExpressionFlags.StrictConstant };

    private static IntegerConstant? FoldInteger(
        Semantics sema, BuiltinInfo builtin, IntegerConstant argument, Expression[] arguments, CType type, Location location)
    {
        int width = IntegerArithmetic.Width(argument.Type);
        UInt128 value = IntegerArithmetic.Extend(argument.Value, width, false);
        switch (builtin.Id)
        {
            case BuiltinId.Clz when value != 0:
                return Make(sema, UInt128.LeadingZeroCount(value) - (UInt128)(128 - width), type, location);
            case BuiltinId.Ctz when value != 0:
                return Make(sema, UInt128.TrailingZeroCount(value), type, location);
            case BuiltinId.Ffs:
                return Make(sema, value == 0 ? 0 : UInt128.TrailingZeroCount(value) + 1, type, location);
            case BuiltinId.Popcount:
                return Make(sema, UInt128.PopCount(value), type, location);
            case BuiltinId.Parity:
                return Make(sema, UInt128.PopCount(value) & 1, type, location);
            case BuiltinId.Clrsb:
                Int128 signed = (Int128)argument.Value;
                return Make(sema, UInt128.LeadingZeroCount((UInt128)(signed < 0 ? ~signed : signed)) - (UInt128)(128 - width) - 1, type, location);
            case BuiltinId.Bswap:
                UInt128 swapped = 0;
                for (int i = 0; i < width; i += 8, value >>= 8)
                    swapped = swapped << 8 | value & 0xff;
                return Make(sema, swapped, type, location);
            case BuiltinId.Abs:
                return (Int128)argument.Value < 0 ? Make(sema, 0 - argument.Value, type, location) : Make(sema, argument.Value, type, location);
            case BuiltinId.AddOverflowP or BuiltinId.SubOverflowP or BuiltinId.MulOverflowP when arguments[1] is IntegerConstant second:
                return OverflowPredicate(sema, builtin.Id, argument, second, arguments[2].Type, location);
            default:
                return null;
        }
    }

    private static IntegerConstant OverflowPredicate(
        Semantics sema, BuiltinId id, IntegerConstant a, IntegerConstant b, CType type, Location location)
    {
        BigInteger x = IntegerArithmetic.IsSigned(a.Type) ? (Int128)a.Value : (BigInteger)a.Value;
        BigInteger y = IntegerArithmetic.IsSigned(b.Type) ? (Int128)b.Value : (BigInteger)b.Value;
        BigInteger exact = id switch
        {
            BuiltinId.AddOverflowP => x + y,
            BuiltinId.SubOverflowP => x - y,
            _ => x * y,
        };
        int width = IntegerArithmetic.Width(type);
        BigInteger low = IntegerArithmetic.IsSigned(type) ? -(BigInteger.One << width - 1) : 0;
        BigInteger high = IntegerArithmetic.IsSigned(type) ? (BigInteger.One << width - 1) - 1 : (BigInteger.One << width) - 1;
        return Make(sema, exact < low || exact > high ? 1u : 0u, sema.Types.Bool, location);
    }

    private static Expression? FoldFloat(
        Semantics sema, BuiltinInfo builtin, UInt128 x, FloatFormat format, Expression[] arguments, CType type, Location location)
    {
        UInt128 y = arguments.Length > 1 && arguments[1] is FloatConstant second ? second.Bits : 0;
        bool isNaN = SoftFloat.IsNaN(format, x) || arguments.Length > 1 && arguments[1] is FloatConstant && SoftFloat.IsNaN(format, y);
        switch (builtin.Id)
        {
            case BuiltinId.Fabs:
                return new FloatConstant(type, SoftFloat.Abs(format, x), location);
            case BuiltinId.Copysign:
                return new FloatConstant(type, SoftFloat.CopySign(format, x, y), location);
            case BuiltinId.Floor when !isNaN:
                return new FloatConstant(type, SoftFloat.RoundToIntegral(format, x, MidpointRounding.ToNegativeInfinity), location);
            case BuiltinId.Ceil when !isNaN:
                return new FloatConstant(type, SoftFloat.RoundToIntegral(format, x, MidpointRounding.ToPositiveInfinity), location);
            case BuiltinId.Trunc when !isNaN:
                return new FloatConstant(type, SoftFloat.RoundToIntegral(format, x, MidpointRounding.ToZero), location);
            case BuiltinId.Sqrt when !isNaN && !SoftFloat.IsNegative(format, x):
                return new FloatConstant(type, SoftFloat.Sqrt(format, x), location);
            case BuiltinId.Fmin or BuiltinId.Fmax when !isNaN:
                bool less = SoftFloat.Compare(format, x, y) == FloatOrder.Less;
                return new FloatConstant(type, less == (builtin.Id == BuiltinId.Fmin) ? x : y, location);
            case BuiltinId.IsNan:
                return sema.Int(isNaN ? 1 : 0, location);
            case BuiltinId.IsInf:
                return sema.Int(SoftFloat.IsInfinity(format, x) ? 1 : 0, location);
            case BuiltinId.IsInfSign:
                return sema.Int(SoftFloat.IsInfinity(format, x) ? SoftFloat.IsNegative(format, x) ? -1 : 1 : 0, location);
            case BuiltinId.IsFinite:
                return sema.Int(SoftFloat.IsFinite(format, x) ? 1 : 0, location);
            case BuiltinId.IsNormal:
                return sema.Int(SoftFloat.IsNormal(format, x) ? 1 : 0, location);
            case BuiltinId.SignBit:
                return sema.Int(SoftFloat.IsNegative(format, x) ? 1 : 0, location);
            case BuiltinId.IsSignaling:
                return sema.Int(SoftFloat.IsSignaling(format, x) ? 1 : 0, location);
            case BuiltinId.IsGreater or BuiltinId.IsGreaterEqual or BuiltinId.IsLess or BuiltinId.IsLessEqual or BuiltinId.IsLessGreater or BuiltinId.IsUnordered:
                FloatOrder order = SoftFloat.Compare(format, x, y);
                bool holds = builtin.Id switch
                {
                    BuiltinId.IsGreater => order == FloatOrder.Greater,
                    BuiltinId.IsGreaterEqual => order is FloatOrder.Greater or FloatOrder.Equal,
                    BuiltinId.IsLess => order == FloatOrder.Less,
                    BuiltinId.IsLessEqual => order is FloatOrder.Less or FloatOrder.Equal,
                    BuiltinId.IsLessGreater => order is FloatOrder.Less or FloatOrder.Greater,
                    _ => order == FloatOrder.Unordered,
                };
                return sema.Int(holds ? 1 : 0, location);
            default:
                return sema.InStaticInitializer && !isNaN ? FoldMath(builtin, x, y, arguments.Length, format, type, location) : null;
        }
    }

    /// <summary>Functions that gcc evaluates where a constant is demanded; correct to the precision of double.</summary>
    private static FloatConstant? FoldMath(
        BuiltinInfo builtin, UInt128 x, UInt128 y, int count, FloatFormat format, CType type, Location location)
    {
        double a = SoftFloat.AsDouble(format, x), b = SoftFloat.AsDouble(format, y);
        string name = builtin.Name;
        if (type.Kind == TypeKind.Float && name.EndsWith('f') || type.Kind == TypeKind.LongDouble && name.EndsWith('l'))
            name = name[..^1];
        double value = (name, count) switch
        {
            ("sin", 1) => Math.Sin(a),
            ("cos", 1) => Math.Cos(a),
            ("tan", 1) => Math.Tan(a),
            ("asin", 1) => Math.Asin(a),
            ("acos", 1) => Math.Acos(a),
            ("atan", 1) => Math.Atan(a),
            ("sinh", 1) => Math.Sinh(a),
            ("cosh", 1) => Math.Cosh(a),
            ("tanh", 1) => Math.Tanh(a),
            ("exp", 1) => Math.Exp(a),
            ("log", 1) => Math.Log(a),
            ("log2", 1) => Math.Log2(a),
            ("log10", 1) => Math.Log10(a),
            ("cbrt", 1) => Math.Cbrt(a),
            ("rint" or "nearbyint", 1) => Math.Round(a, MidpointRounding.ToEven),
            ("round", 1) => Math.Round(a, MidpointRounding.AwayFromZero),
            ("pow", 2) => Math.Pow(a, b),
            ("atan2", 2) => Math.Atan2(a, b),
            ("fmod", 2) => a % b,
            _ => double.NaN,
        };
        return double.IsFinite(value) && type is FloatType result ? new FloatConstant(type, SoftFloat.FromDouble(result.Format, value), location) : null;
    }
}
