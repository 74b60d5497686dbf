using Kiln.IR;

namespace Kiln.Optimizer;

// Rules for comparisons, selects, branches and phis.
public sealed partial class Simplifier
{
    private static IntPredicate Opposite(IntPredicate predicate) => predicate switch
    {
        IntPredicate.Equal => IntPredicate.NotEqual,
        IntPredicate.NotEqual => IntPredicate.Equal,
        IntPredicate.LessSigned => IntPredicate.GreaterEqualSigned,
        IntPredicate.LessEqualSigned => IntPredicate.GreaterSigned,
        IntPredicate.GreaterSigned => IntPredicate.LessEqualSigned,
        IntPredicate.GreaterEqualSigned => IntPredicate.LessSigned,
        IntPredicate.LessUnsigned => IntPredicate.GreaterEqualUnsigned,
        IntPredicate.LessEqualUnsigned => IntPredicate.GreaterUnsigned,
        IntPredicate.GreaterUnsigned => IntPredicate.LessEqualUnsigned,
        IntPredicate.GreaterEqualUnsigned => IntPredicate.LessUnsigned,
        _ => throw new ArgumentOutOfRangeException(nameof(predicate), predicate, "no such predicate"),
    };

    private static IntPredicate Swapped(IntPredicate predicate) => predicate switch
    {
        IntPredicate.Equal or IntPredicate.NotEqual => predicate,
        IntPredicate.LessSigned => IntPredicate.GreaterSigned,
        IntPredicate.LessEqualSigned => IntPredicate.GreaterEqualSigned,
        IntPredicate.GreaterSigned => IntPredicate.LessSigned,
        IntPredicate.GreaterEqualSigned => IntPredicate.LessEqualSigned,
        IntPredicate.LessUnsigned => IntPredicate.GreaterUnsigned,
        IntPredicate.LessEqualUnsigned => IntPredicate.GreaterEqualUnsigned,
        IntPredicate.GreaterUnsigned => IntPredicate.LessUnsigned,
        IntPredicate.GreaterEqualUnsigned => IntPredicate.LessEqualUnsigned,
        _ => throw new ArgumentOutOfRangeException(nameof(predicate), predicate, "no such predicate"),
    };

    private Value SimplifyCompare(Value v)
    {
        ref Instruction compare = ref _function[v];
        if (compare.Type.IsVector)
            return default;
        var predicate = (IntPredicate)compare.Aux;
        // c < x => x > c
        if (Is(compare.A, Op.Constant) && !Is(compare.B, Op.Constant))
        {
            (compare.A, compare.B) = (compare.B, compare.A);
            predicate = Swapped(predicate);
            compare.Aux = (long)predicate;
        }
        Value a = compare.A, b = compare.B;
        // x == x => true
        if (a == b)
            return Constant(IrType.I1, predicate is IntPredicate.Equal or IntPredicate.LessEqualSigned or IntPredicate.GreaterEqualSigned
                or IntPredicate.LessEqualUnsigned or IntPredicate.GreaterEqualUnsigned ? 1 : 0);
        // The address of a slot, or of a symbol that must exist, is not null.
        if (IsConstant(b, 0) && Is(a, Op.SlotAddress) && predicate is IntPredicate.Equal or IntPredicate.NotEqual && Is(a, Op.SlotAddress))
            return Constant(IrType.I1, predicate == IntPredicate.NotEqual ? 1 : 0);
        if (!IsConstant(b, out long c))
            return CompareBothExtended(predicate, a, b);
        return CompareWithConstant(v, predicate, a, c);
    }

    // sext x op sext y => x op y; zext x op zext y => x op y, unsigned
    private Value CompareBothExtended(IntPredicate predicate, Value a, Value b)
    {
        bool isZero = Is(a, Op.ZeroExtend);
        if (isZero ? !Is(b, Op.ZeroExtend) : !Is(a, Op.SignExtend) || !Is(b, Op.SignExtend))
            return default;
        IrType narrow = TypeOf(A(a));
        if (narrow != TypeOf(A(b)) || narrow.LaneBits is 1 or > 64)
            return default;
        return New(Op.Compare, IrType.I1, A(a), A(b), (long)(isZero ? Unsigned(predicate) : predicate));
    }

    private static IntPredicate Unsigned(IntPredicate predicate) => predicate switch
    {
        IntPredicate.LessSigned => IntPredicate.LessUnsigned,
        IntPredicate.LessEqualSigned => IntPredicate.LessEqualUnsigned,
        IntPredicate.GreaterSigned => IntPredicate.GreaterUnsigned,
        IntPredicate.GreaterEqualSigned => IntPredicate.GreaterEqualUnsigned,
        _ => predicate,
    };

    private Value CompareWithConstant(Value v, IntPredicate predicate, Value a, long c)
    {
        IrType type = TypeOf(a);
        // x <u 1 => x == 0; x >=u 1 => x != 0
        if (c == 1 && predicate is IntPredicate.LessUnsigned or IntPredicate.GreaterEqualUnsigned && c == 1)
            return New(Op.Compare, IrType.I1, a, Constant(type, 0), (long)(predicate == IntPredicate.LessUnsigned ? IntPredicate.Equal : IntPredicate.NotEqual));
        // x >u 0 => x != 0; x <=u 0 => x == 0
        if (c == 0 && predicate is IntPredicate.GreaterUnsigned or IntPredicate.LessEqualUnsigned && c == 0)
            return New(Op.Compare, IrType.I1, a, Constant(type, 0), (long)(predicate == IntPredicate.GreaterUnsigned ? IntPredicate.NotEqual : IntPredicate.Equal));
        if (predicate is not (IntPredicate.Equal or IntPredicate.NotEqual))
            return CompareExtended(v, predicate, a, c);
        bool isEqual = predicate == IntPredicate.Equal;
        // i1 == 0 => x ^ 1; i1 != 0 => x
        if (type == IrType.I1)
            return c != 0 == isEqual ? a : New(Op.Xor, type, a, Constant(type, 1));
        // (x ^ c1) == c2 => x == (c1 ^ c2); (x + c1) == c2 => x == c2 - c1
        if (Is(a, Op.Xor) && IsConstant(B(a), out long mask))
            return New(Op.Compare, IrType.I1, A(a), Constant(type, c ^ mask), (long)predicate);
        if (Is(a, Op.Add) && IsConstant(B(a), out long addend))
            return New(Op.Compare, IrType.I1, A(a), Constant(type, unchecked(c - addend)), (long)predicate);
        // (x - y) == 0 => x == y; (x ^ y) == 0 => x == y
        if (c == 0 && (Is(a, Op.Sub) || Is(a, Op.Xor)))
            return New(Op.Compare, IrType.I1, A(a), B(a), (long)predicate);
        return CompareExtended(v, predicate, a, c);
    }

    // zext x op c => x op c in the narrow type where c fits; the signed predicates become unsigned ones.
    private Value CompareExtended(Value v, IntPredicate predicate, Value a, long c)
    {
        bool isZero = Is(a, Op.ZeroExtend);
        if (!isZero && !Is(a, Op.SignExtend))
            return default;
        IrType narrow = TypeOf(A(a));
        int width = narrow.LaneBits;
        if (width >= 64)
            return default;
        if (isZero)
        {
            if (c < 0 || c >= 1L << width)
                return default;
            if (width == 1 && predicate is not (IntPredicate.Equal or IntPredicate.NotEqual))
                return default;
            predicate = Unsigned(predicate);
        }
        else if (c < -(1L << width - 1) || c >= 1L << width - 1)
        {
            return default;
        }
        return New(Op.Compare, IrType.I1, A(a), Constant(narrow, c), (long)predicate);
    }

    private bool IsNaN(Value v) => Is(v, Op.FloatConstant) && Kiln.Base.SoftFloat.IsNaN(TypeOf(v).Format, _function.ConstantBits(v));

    private Value SimplifyFloatCompare(Value v)
    {
        ref Instruction compare = ref _function[v];
        var predicate = (FloatPredicate)compare.Aux & FloatPredicate.Always;
        Value a = compare.A, b = compare.B;
        if (compare.Type.IsVector)
            return default;
        // x == x and the like: equal or unordered; the exceptions that signalling NaNs raise are not kept.
        if (a == b)
        {
            bool whenEqual = (predicate & FloatPredicate.Equal) != 0, whenUnordered = (predicate & FloatPredicate.Unordered) != 0;
            if (whenEqual == whenUnordered)
                return Constant(IrType.I1, whenEqual ? 1 : 0);
        }
        // A NaN is unordered to all; here too exceptions are not kept, as in gcc.
        if (IsNaN(a) || IsNaN(b))
            return Constant(IrType.I1, (predicate & FloatPredicate.Unordered) != 0 ? 1 : 0);
        if (!Is(b, Op.FloatConstant))
            return default;
        UInt128 bits = ScalarEvaluator.Cut(TypeOf(b), _function.ConstantBits(b));
        // |x| < 0 => false
        if (predicate == FloatPredicate.Less && Is(a, Op.FloatAbs) && bits == 0)
            return Constant(IrType.I1, 0);
        // x > inf => false, x < -inf => false
        IrType type = TypeOf(b);
        if (type == IrType.F64 && (predicate == FloatPredicate.Greater && bits == 0x7ff0_0000_0000_0000ul || predicate == FloatPredicate.Less && bits == 0xfff0_0000_0000_0000ul)
            || type == IrType.F32 && (predicate == FloatPredicate.Greater && bits == 0x7f80_0000u || predicate == FloatPredicate.Less && bits == 0xff80_0000u))
            return Constant(IrType.I1, 0);
        return default;
    }

    // A load from an object that never changes, of bytes that the compiler knows.
    private Value SimplifyLoad(Value v)
    {
        ref Instruction load = ref _function[v];
        IrType type = load.Type;
        if (type.IsVector || type.LaneBits is > 64 or < 8 || type.IsPointer || !MemoryAccess.Unpack(load.Aux).IsSimple
            || !ConstantData.Bytes(_function, load.A, out ReadOnlySpan<byte> bytes) || bytes.Length < type.Size)
            return default;
        ulong value = 0;
        for (int i = type.Size - 1; i >= 0; i--)
            value = value << 8 | bytes[i];
        return type.IsFloat ? _function.FloatConstant(type, value) : Constant(type, (long)value);
    }

    private Value SimplifySelect(Value v)
    {
        ref Instruction select = ref _function[v];
        Value condition = select.A, whenTrue = select.B, whenFalse = select.C;
        if (whenTrue == whenFalse)
            return whenTrue;
        if (TypeOf(condition) != IrType.I1)
            return default;
        // select(c, 1, 0) => zext c; select(c, 0, 1) => zext !c
        if (select.Type.IsInteger && IsConstant(whenTrue, out long yes) && IsConstant(whenFalse, out long no))
        {
            if (select.Type == IrType.I1)
                return yes != 0 ? condition : New(Op.Xor, IrType.I1, condition, Constant(IrType.I1, 1));
            if (yes == 1 && no == 0)
                return New(Op.ZeroExtend, TypeOf(v), condition);
            if (yes == 0 && no == 1)
                return New(Op.ZeroExtend, TypeOf(v), New(Op.Xor, IrType.I1, condition, Constant(IrType.I1, 1)));
        }
        // select(!c, a, b) => select(c, b, a)
        if (Is(condition, Op.Xor) && IsConstant(B(condition), -1))
        {
            select = ref _function[v];
            select.A = A(condition);
            (select.B, select.C) = (whenFalse, whenTrue);
            _changed = true;
        }
        return default;
    }

    private void SimplifyBranch(Value v)
    {
        Value condition = A(v);
        // if (!c) a else b => if (c) b else a: the compare is turned round instead, which costs no edge.
        if (Is(condition, Op.Xor) && IsConstant(B(condition), -1) && Is(A(condition), Op.Compare) && TypeOf(condition) == IrType.I1)
        {
            Value compare = A(condition);
            Value turned = New(Op.Compare, IrType.I1, A(compare), B(compare), (long)Opposite((IntPredicate)_function[compare].Aux));
            _function[v].A = turned;
        }
    }

    private Value SimplifyPhi(Value phi)
    {
        Value same = default;
        foreach (Value raw in _function.Operands(phi))
        {
            Value operand = Find(raw);
            if (operand == phi || operand == same)
                continue;
            if (!same.IsNone)
                return default;
            same = operand;
        }
        return same;
    }
}
