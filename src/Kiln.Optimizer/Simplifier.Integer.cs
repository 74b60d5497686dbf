using System.Numerics;
using Kiln.IR;

namespace Kiln.Optimizer;

// Rules for integer arithmetic, logic and shifts.
public sealed partial class Simplifier
{
    private const InstructionFlags Wraps = InstructionFlags.NoSignedWrap | InstructionFlags.NoUnsignedWrap;

    private Value SimplifyAdd(Value v)
    {
        Commute(v);
        Value a = A(v), b = B(v);
        IrType type = TypeOf(v);
        // x + 0 => x
        if (IsConstant(b, 0))
            return a;
        if (IsConstant(b, out long c))
        {
            // (x + c1) + c2 => x + (c1 + c2)
            if (Is(a, Op.Add) && IsConstant(B(a), out long inner))
            {
                InstructionFlags flags = _function[v].Flags & _function[a].Flags;
                Int128 sum = (Int128)c + inner;
                bool exact = sum >= long.MinValue >> 64 - type.LaneBits && sum <= long.MaxValue >> 64 - type.LaneBits;
                Change(v, Op.Add, A(a), Constant(type, c + inner), exact && c < 0 == inner < 0 ? flags & InstructionFlags.NoSignedWrap : 0);
            }
            return default;
        }
        // (x - y) + y => x
        if (Is(a, Op.Sub) && B(a) == b)
            return A(a);
        if (Is(b, Op.Sub) && B(b) == a)
            return A(b);
        // x + (0 - y) => x - y
        if (Is(b, Op.Sub) && IsConstant(A(b), 0))
            Change(v, Op.Sub, a, B(b));
        else if (Is(a, Op.Sub) && IsConstant(A(a), 0))
            Change(v, Op.Sub, b, B(a));
        return default;
    }

    private Value SimplifySub(Value v)
    {
        Value a = A(v), b = B(v);
        IrType type = TypeOf(v);
        if (type.IsVector)
            return default;
        // x - x => 0
        if (a == b)
            return Constant(type, 0L);
        // x - c => x + -c
        if (IsConstant(b, out long c))
        {
            if (c == 0)
                return a;
            InstructionFlags flags = c == long.MinValue >> 64 - type.LaneBits ? 0 : _function[v].Flags & InstructionFlags.NoSignedWrap;
            Change(v, Op.Add, a, Constant(type, -c), flags);
            return default;
        }
        // (x + y) - x => y
        if (Is(a, Op.Add))
        {
            if (A(a) == b)
                return B(a);
            if (B(a) == b)
                return A(a);
        }
        return default;
    }

    private Value SimplifyMul(Value v)
    {
        Commute(v);
        Value a = A(v), b = B(v);
        IrType type = TypeOf(v);
        if (!IsConstant(b, out long c))
            return default;
        // x * 0 => 0; x * 1 => x; x * -1 => 0 - x
        if (c == 0)
            return b;
        if (c == 1)
            return a;
        if (c == -1)
        {
            Change(v, Op.Sub, Constant(type, 0), a, _function[v].Flags & InstructionFlags.NoSignedWrap);
            return default;
        }
        // x * 2^n => x << n
        if (c > 0 && BitOperations.IsPow2(c))
        {
            Change(v, Op.ShiftLeft, a, Constant(type, (long)BitOperations.TrailingZeroCount(c)), _function[v].Flags & Wraps);
            return default;
        }
        // (x + c1) * c2 => x * c2 + c1 * c2: the constant goes to an address's displacement
        if (Distributes(a, type))
            return New(Op.Add, type, New(Op.Mul, type, A(a), b), Constant(type, unchecked(_function[B(a)].Aux * c)));
        // (x * c1) * c2 => x * (c1 * c2)
        if (Is(a, Op.Mul) && IsConstant(B(a), out long inner))
            Change(v, Op.Mul, A(a), Constant(type, unchecked(c * inner)));
        else if (Is(a, Op.ShiftLeft) && IsConstant(B(a), out long shift))
            Change(v, Op.Mul, A(a), Constant(type, unchecked(c << (int)(shift & type.LaneBits - 1))));
        return default;
    }

    private bool Distributes(Value sum, IrType type) =>
        type == IrType.I64 && Is(sum, Op.Add) && IsConstant(B(sum), out long c) && c == (int)c;

    private Value SimplifyDivision(Value v, Op op)
    {
        Value a = A(v), b = B(v);
        IrType type = TypeOf(v);
        if (!IsConstant(b, out long c))
            return default;
        // x / 1 => x; x % 1 => 0
        if (c == 1)
            return op is Op.DivSigned or Op.DivUnsigned ? a : Constant(type, 0);
        if (op == Op.DivSigned && c == -1)
            return New(Op.Sub, type, Constant(type, 0), a);
        ulong divisor = (ulong)c & ulong.MaxValue >> 64 - type.LaneBits;
        // A dividend that is not negative makes the division unsigned.
        bool isUnsigned = op is Op.DivUnsigned or Op.RemUnsigned;
        if (!isUnsigned && c > 0 && KnownWidth(a) < type.LaneBits)
        {
            Change(v, op == Op.DivSigned ? Op.DivUnsigned : Op.RemUnsigned, a, b);
            isUnsigned = true;
            op = _function.OpOf(v);
        }
        if (!isUnsigned || !BitOperations.IsPow2(divisor))
            return default;
        // x / 2^n => x >> n; x % 2^n => x & 2^n - 1 (unsigned)
        if (op == Op.DivUnsigned)
            Change(v, Op.ShiftRightUnsigned, a, Constant(type, (long)BitOperations.TrailingZeroCount(divisor)), _function[v].Flags & InstructionFlags.Exact);
        else
            Change(v, Op.And, a, Constant(type, (long)(divisor - 1)));
        return default;
    }

    private Value SimplifyAnd(Value v)
    {
        Commute(v);
        Value a = A(v), b = B(v);
        IrType type = TypeOf(v);
        if (a == b)
            return a;
        if (!IsConstant(b, out long c))
            return default;
        // x & 0 => 0; x & -1 => x; x & c => x where c covers all bits that x may have
        if (c == 0)
            return b;
        if (c == -1)
            return a;
        if (c > 0 && (c & c + 1) == 0 && KnownWidth(a) <= 64 - (int)long.LeadingZeroCount(c))
            return a;
        // (x & c1) & c2 => x & (c1 & c2)
        if (Is(a, Op.And) && IsConstant(B(a), out long inner))
            Change(v, Op.And, A(a), Constant(type, c & inner));
        return default;
    }

    private Value SimplifyOr(Value v)
    {
        Commute(v);
        Value a = A(v), b = B(v);
        IrType type = TypeOf(v);
        // x | x => x; x | 0 => x; x | -1 => -1
        if (a == b)
            return a;
        if (IsConstant(b, out long c))
        {
            if (c == 0)
                return a;
            if (c == -1)
                return b;
            if (Is(a, Op.Or) && IsConstant(B(a), out long inner))
                Change(v, Op.Or, A(a), Constant(type, c | inner));
            return default;
        }
        return Rotation(v, a, b, type) is { IsNone: false } rotated ? rotated : Rotation(v, b, a, type);
    }

    // (x << n) | (x >> w - n) => rotate, with n constant, or w - n written so that it is right modulo w
    private Value Rotation(Value v, Value left, Value right, IrType type)
    {
        if (type.IsVector || !Is(left, Op.ShiftLeft) || !Is(right, Op.ShiftRightUnsigned) || A(left) != A(right) || type.LaneBits < 8)
            return default;
        int width = type.LaneBits;
        Value n = B(left), m = B(right);
        if (IsConstant(n, out long up) && IsConstant(m, out long down))
            return up + down == width && up > 0 && down > 0 ? New(Op.RotateLeft, type, A(left), n) : default;
        if (IsComplement(n, m, width))
            return New(Op.RotateLeft, type, A(left), n);
        if (IsComplement(m, n, width))
            return New(Op.RotateRight, type, A(left), m);
        return default;
    }

    // Whether `other` is (w - n) or -n, possibly masked by w - 1 or widened. With n = 0 both shifts give x: x | x is x as well.
    private bool IsComplement(Value n, Value other, int width)
    {
        other = Unmask(other, width);
        n = Unmask(n, width);
        if (!Is(other, Op.Sub) || !IsConstant(A(other), out long c) || (c & width - 1) != 0)
            return false;
        return Unmask(B(other), width) == n;
    }

    private Value Unmask(Value value, int width)
    {
        while (true)
        {
            if (Is(value, Op.And) && IsConstant(B(value), out long c) && (c & width - 1) == width - 1)
                value = A(value);
            else if (Is(value, Op.ZeroExtend) || Is(value, Op.SignExtend) || Is(value, Op.Truncate) && TypeOf(value).LaneBits >= 8)
                value = A(value);
            else
                return value;
        }
    }

    private Value SimplifyXor(Value v)
    {
        Commute(v);
        Value a = A(v), b = B(v);
        IrType type = TypeOf(v);
        if (type.IsVector)
            return default;
        // x ^ x => 0; x ^ 0 => x
        if (a == b)
            return Constant(type, 0L);
        if (!IsConstant(b, out long c))
            return default;
        if (c == 0)
            return a;
        // (x ^ c1) ^ c2 => x ^ (c1 ^ c2)
        if (Is(a, Op.Xor) && IsConstant(B(a), out long inner))
        {
            Change(v, Op.Xor, A(a), Constant(type, c ^ inner));
            return default;
        }
        // compare ^ 1 => the opposite compare
        if (type == IrType.I1 && Is(a, Op.Compare))
            return New(Op.Compare, type, A(a), B(a), (long)Opposite((IntPredicate)_function[a].Aux));
        if (type == IrType.I1 && Is(a, Op.FloatCompare))
            return New(Op.FloatCompare, type, A(a), B(a), _function[a].Aux ^ (long)FloatPredicate.Always);
        return default;
    }

    private Value SimplifyShift(Value v, Op op)
    {
        Value a = A(v), b = B(v);
        IrType type = TypeOf(v);
        if (type.IsVector)
            return default;
        int width = type.LaneBits;
        // The amount counts modulo the width: a mask that keeps those bits is not needed.
        if (Is(b, Op.And) && IsConstant(B(b), out long mask) && (mask & width - 1) == width - 1)
        {
            Change(v, op, a, A(b), _function[v].Flags);
            return default;
        }
        // 0 << x => 0, 0 >> x => 0, -1 >> x => -1 with the sign, -1 rotated is -1
        if (IsConstant(a, 0) || IsConstant(a, -1) && op is Op.ShiftRightSigned or Op.RotateLeft or Op.RotateRight && IsConstant(a, -1))
            return a;
        if (!IsConstant(b, out long amount))
            return default;
        amount &= width - 1;
        // x << 0 => x
        if (amount == 0)
            return a;
        if (_function.OpOf(a) == op && op is Op.ShiftLeft or Op.ShiftRightUnsigned or Op.ShiftRightSigned && Is(a, op) && IsConstant(B(a), out long inner))
        {
            // (x << c1) << c2 => x << c1 + c2, or 0 (the sign, for the signed shift) once all bits are out
            long sum = amount + (inner & width - 1);
            if (sum >= width && op != Op.ShiftRightSigned)
                return Constant(type, 0L);
            Change(v, op, A(a), Constant(type, Math.Min(sum, width - 1)));
            return default;
        }
        // (x + c1) << c2 => (x << c2) + (c1 << c2)
        if (op == Op.ShiftLeft && Distributes(a, type))
            return New(Op.Add, type, New(Op.ShiftLeft, type, A(a), b), Constant(type, _function[B(a)].Aux << (int)amount));
        // (x << c) >> c => x & low bits (unsigned); sign extension of the low bits (signed)
        if (Is(a, Op.ShiftLeft) && IsConstant(B(a), out long left) && (left & width - 1) == amount)
        {
            int kept = width - (int)amount;
            if (op == Op.ShiftRightUnsigned && width <= 64)
                return New(Op.And, type, A(a), Constant(type, (long)(ulong.MaxValue >> 64 - kept)));
            if (op == Op.ShiftRightSigned && kept is 8 or 16 or 32 && op == Op.ShiftRightSigned)
                return New(Op.SignExtend, type, New(Op.Truncate, IrType.Integer(kept), A(a)));
        }
        // A value whose sign bit is clear shifts alike both ways.
        if (op == Op.ShiftRightSigned && KnownWidth(a) < width)
            Change(v, Op.ShiftRightUnsigned, a, b);
        return default;
    }
}
