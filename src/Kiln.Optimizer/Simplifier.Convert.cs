using Kiln.Base;
using Kiln.IR;

namespace Kiln.Optimizer;

// Rules for conversions, addresses and floating-point arithmetic.
public sealed partial class Simplifier
{
    private Value SimplifyTruncate(Value v)
    {
        Value a = A(v);
        IrType type = TypeOf(v);
        if (type.IsVector)
            return default;
        switch (_function.OpOf(a))
        {
            // trunc (ext x) => x, or a shorter trunc or ext
            case Op.ZeroExtend or Op.SignExtend:
                Value inner = A(a);
                int width = TypeOf(inner).LaneBits;
                if (width == type.LaneBits)
                    return inner;
                return New(width > type.LaneBits ? Op.Truncate : _function.OpOf(a), type, inner);
            // trunc (trunc x) => trunc x
            case Op.Truncate:
                return New(Op.Truncate, type, A(a));
            // trunc (x & c) => trunc x where c keeps all the low bits
            case Op.And when IsConstant(B(a), out long mask) && (~mask & (long)(ulong.MaxValue >> 64 - Math.Min(64, type.LaneBits))) == 0:
                return New(Op.Truncate, type, A(a));
            default:
                return default;
        }
    }

    private Value SimplifyExtend(Value v, Op op)
    {
        Value a = A(v);
        IrType type = TypeOf(v);
        if (type.IsVector)
            return default;
        // zext (zext x) => zext x; sext (sext x) => sext x; sext (zext x) => zext x
        if (Is(a, Op.ZeroExtend) || Is(a, op))
            return New(_function.OpOf(a), type, A(a));
        // sext (x + c) => sext x + c, sext (x * c) => sext x * c to the width of addresses, where nothing overflows
        if (op == Op.SignExtend && type == IrType.I64 && _function.OpOf(a) is Op.Add or Op.Mul && (_function[a].Flags & InstructionFlags.NoSignedWrap) != 0
            && _function.OpOf(a) is Op.Add or Op.Mul && IsConstant(B(a), out long c))
            return New(_function.OpOf(a), type, New(Op.SignExtend, type, A(a)), Constant(type, c), 0, InstructionFlags.NoSignedWrap);
        // zext (trunc x) => x & mask, where x has the wanted type
        if (op == Op.ZeroExtend && Is(a, Op.Truncate) && TypeOf(A(a)) == type && type.LaneBits <= 64)
        {
            int width = TypeOf(a).LaneBits;
            return New(Op.And, type, A(a), Constant(type, (long)(ulong.MaxValue >> 64 - width)));
        }
        return default;
    }

    private Value SimplifyBitcast(Value v)
    {
        Value a = A(v);
        IrType type = TypeOf(v);
        if (TypeOf(a) == type)
            return a;
        // bitcast (bitcast x) => bitcast x
        if (Is(a, Op.Bitcast))
            return TypeOf(A(a)) == type ? A(a) : New(Op.Bitcast, type, A(a));
        // Constants change their kind.
        if (Is(a, Op.Constant) && TypeOf(a).LaneBits <= 64 && type.LaneBits <= 64 && !type.IsVector)
        {
            UInt128 bits = ScalarEvaluator.Cut(TypeOf(a), _function.ConstantBits(a));
            return type.IsFloat ? _function.FloatConstant(type, bits) : WideConstant(type, bits);
        }
        return default;
    }

    private Value SimplifyPointerAdd(Value v)
    {
        Value a = A(v), b = B(v);
        if (!IsConstant(b, out long c))
        {
            // p + (x + c) => (p + x) + c: the constant goes to the displacement
            if (Is(b, Op.Add) && IsConstant(B(b), out long displacement) && displacement == (int)displacement)
                Change(v, Op.PointerAdd, New(Op.PointerAdd, TypeOf(v), a, A(b)), B(b));
            // (p + c) + x => (p + x) + c
            else if (Is(a, Op.PointerAdd) && HasOneUse(a) && IsConstant(B(a), out long inner) && inner == (int)inner)
                Change(v, Op.PointerAdd, New(Op.PointerAdd, TypeOf(v), A(a), b), B(a));
            return default;
        }
        // p + 0 => p
        if (c == 0)
            return a;
        // symbol + c => symbol with offset
        if (Is(a, Op.SymbolAddress) && InReach(_function[a].Aux + c))
            return _function.SymbolAddress(new Symbol(_function[a].A.Id), _function[a].Aux + c);
        // (p + c1) + c2 => p + (c1 + c2)
        if (Is(a, Op.PointerAdd) && IsConstant(B(a), out long first))
            Change(v, Op.PointerAdd, A(a), Constant(IrType.I64, c + first), _function[v].Flags & _function[a].Flags);
        return default;
    }

    // Offsets that every code model can put beside a symbol.
    private static bool InReach(long offset) => offset is > -(1 << 24) and < 1 << 24;

    private Value SimplifyFloat(Value v, Op op)
    {
        IrType type = TypeOf(v);
        if (type.IsVector)
            return default;
        if (OpInfo.IsCommutative(op))
            Commute(v);
        Value a = A(v);
        switch (op)
        {
            // - - x => x
            case Op.FloatNegate when Is(a, Op.FloatNegate):
                return A(a);
            // x * 1 => x; x / 1 => x
            case Op.FloatMul or Op.FloatDiv when IsOne(B(v)):
                return a;
            // x / 2^n => x * 2^-n, exact where the reciprocal is a normal number
            case Op.FloatDiv when Reciprocal(B(v), type) is { IsNone: false } reciprocal:
                Change(v, Op.FloatMul, a, reciprocal, _function[v].Flags);
                return default;
            // x - 0 => x (x + -0 too); x + 0 is not x for x = -0
            case Op.FloatSub when IsZero(B(v), negative: false):
                return a;
            case Op.FloatAdd when IsZero(B(v), negative: true):
                return a;
            // narrow (extend x) => x
            case Op.FloatNarrow when Is(a, Op.FloatExtend) && TypeOf(A(a)) == type:
                return A(a);
            // f32(f64(x) op f64(y)) => x op y: rounding twice is harmless with more than twice the bits plus two
            case Op.FloatNarrow when type == IrType.F32 && TypeOf(a) == IrType.F64 && HasOneUse(a)
                && _function.OpOf(a) is Op.FloatAdd or Op.FloatSub or Op.FloatMul or Op.FloatDiv && HasOneUse(a):
                Value x = NarrowOperand(A(a)), y = NarrowOperand(B(a));
                return x.IsNone || y.IsNone ? default : New(_function.OpOf(a), type, x, y);
            default:
                return default;
        }
    }

    private Value NarrowOperand(Value value)
    {
        if (Is(value, Op.FloatExtend) && TypeOf(A(value)) == IrType.F32)
            return A(value);
        if (!Is(value, Op.FloatConstant))
            return default;
        UInt128 bits = _function.ConstantBits(value);
        UInt128 narrow = SoftFloat.Convert(FloatFormat.Double, FloatFormat.Single, bits);
        return SoftFloat.Convert(FloatFormat.Single, FloatFormat.Double, narrow) == bits ? _function.FloatConstant(IrType.F32, narrow) : default;
    }

    private bool IsOne(Value value) =>
        Is(value, Op.FloatConstant) && _function.ConstantBits(value) == SoftFloat.One(TypeOf(value).Format);

    private bool IsZero(Value value, bool negative) =>
        Is(value, Op.FloatConstant) && _function.ConstantBits(value) == SoftFloat.Zero(TypeOf(value).Format, negative);

    private Value Reciprocal(Value value, IrType type)
    {
        if (!Is(value, Op.FloatConstant) || type.LaneBits > 64)
            return default;
        FloatFormat format = type.Format;
        UInt128 bits = _function.ConstantBits(value);
        if (!SoftFloat.IsNormal(format, bits) || (bits & (UInt128.One << SoftFloat.Precision(format) - 1) - 1) != 0)
            return default;
        UInt128 inverse = SoftFloat.Div(format, SoftFloat.One(format), bits);
        return SoftFloat.IsNormal(format, inverse) ? _function.FloatConstant(type, inverse) : default;
    }
}
