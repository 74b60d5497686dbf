namespace Kiln.Lowering;

// Library functions that are known: expanded where the result is better than a call, else left to be called.
internal sealed partial class FunctionLowering
{
    /// <summary>Copies and fills of a constant size up to this are operations, which CodeGen makes moves of.</summary>
    private const int InlineCopyLimit = 128;

    private BuiltinInfo? KnownFunction(CallExpression e) => DirectCallee(e.Callee) is { Builtin: { } builtin } ? builtin : null;

    private bool ExpandLibraryCall(CallExpression e, out Value value)
    {
        value = default;
        return KnownFunction(e) is { } builtin && ExpandLibraryOperation(builtin.Id, e.Arguments, e.Type, out value);
    }

    private bool ExpandLibraryCallInto(CallExpression e, Value address)
    {
        if (e.Type is not ComplexType || !ExpandComplexCall(e, out Value real, out Value imaginary))
            return false;
        StoreComplex(MemoryLvalue(address, e.Type), real, imaginary);
        return true;
    }

    private bool ExpandComplexCall(CallExpression e, out Value real, out Value imaginary)
    {
        real = imaginary = default;
        if (KnownFunction(e) is not { Id: BuiltinId.Conj } || e.Arguments is not [{ Type: ComplexType type } argument])
            return false;
        (real, imaginary) = ComplexValue(argument);
        imaginary = NegateScalar(imaginary, type.Element, null);
        return true;
    }

    private bool ExpandLibraryOperation(BuiltinId id, Expression[] a, CType type, out Value value)
    {
        value = default;
        switch (id)
        {
            case BuiltinId.Abs when a.Length == 1 && a[0].Type.IsInteger:
                Value number = Scalar(a[0]);
                Open();
                IrType irType = _function.TypeOf(number);
                Value negated = _b.Binary(Op.Sub, ZeroOf(irType), number, SignedFlags(a[0].Type));
                value = _b.Select(_b.Compare(IntPredicate.LessSigned, number, ZeroOf(irType)), negated, number);
                return true;
            case BuiltinId.Fabs when a is [{ Type: FloatType { IsDecimalFloat: false } }]:
                Value real = Scalar(a[0]);
                Open();
                value = FloatAbsOf(real);
                return true;
            case BuiltinId.Copysign when a is [{ Type: FloatType { IsDecimalFloat: false } }, { Type: FloatType }] && a[0].Type.Size == a[1].Type.Size:
                Value magnitude = Scalar(a[0]), sign = Scalar(a[1]);
                Open();
                value = _b.Emit(Op.FloatCopySign, _function.TypeOf(magnitude), magnitude, sign);
                return true;
            case BuiltinId.Sqrt when !Options.MathErrno && a is [{ Type: FloatType { IsDecimalFloat: false } }]:
                Value radicand = Scalar(a[0]);
                Open();
                value = _b.Emit(Op.FloatSqrt, _function.TypeOf(radicand), radicand);
                return true;
            case BuiltinId.Ffs when a.Length == 1:
                Value bits = Scalar(a[0]);
                Open();
                value = FindFirstSet(bits);
                return true;
            case BuiltinId.Creal or BuiltinId.Cimag when a is [{ Type: ComplexType }]:
                (Value re, Value im) = ComplexValue(a[0]);
                value = id == BuiltinId.Creal ? re : im;
                return true;
            case BuiltinId.Alloca when a.Length == 1:
                Value size = Resize(Scalar(a[0]), IrType.I64, false);
                Open();
                value = Alloca(size, 16);
                return true;
            case BuiltinId.Memcmp or BuiltinId.Bcmp or BuiltinId.Strncmp when a.Length == 3 && IntegerValue(a[2], out Int128 count) && count == 0:
                // Nothing is compared; the operands are evaluated all the same.
                Discard(a[0]);
                Discard(a[1]);
                Open();
                value = Constant(IrType.I32, 0);
                return true;
            case BuiltinId.Strlen when a.Length == 1 && LiteralText(a[0], out ReadOnlySpan<byte> text):
                value = Constant(Lowering.IrTypeOf(type), text.Length);
                return true;
            case BuiltinId.Memcpy or BuiltinId.Mempcpy or BuiltinId.Memmove or BuiltinId.Memset when a.Length == 3:
                return ExpandMemoryCall(id, a, out value);
            case BuiltinId.MemcpyChk or BuiltinId.MempcpyChk or BuiltinId.MemmoveChk or BuiltinId.MemsetChk when a.Length == 4 && IsUnchecked(a[3], a[2]):
                return PlainCall(id, a, type, out value);
            case BuiltinId.StrcpyChk or BuiltinId.StpcpyChk or BuiltinId.StrcatChk when a.Length == 3 && IsUnchecked(a[2], null):
            case BuiltinId.StrncpyChk or BuiltinId.StrncatChk when a.Length == 4 && IsUnchecked(a[3], id == BuiltinId.StrncpyChk ? a[2] : null):
                return PlainCall(id, a, type, out value);
            default:
                return false;
        }
    }

    /// <summary>The characters of a string literal up to its first NUL, from a constant place on.</summary>
    private static bool LiteralText(Expression e, out ReadOnlySpan<byte> text)
    {
        text = default;
        long offset = 0;
        while (true)
        {
            switch (e)
            {
                case CastExpression { CastKind: CastKind.NoOp or CastKind.Pointer or CastKind.ArrayDecay } cast:
                    e = cast.Operand;
                    continue;
                case PointerOffset { IsSubtraction: false } moved when ConstantIndex(moved.Index, out long index) && ((PointerType)moved.Type).Pointee.Type.Size == 1:
                    offset += index;
                    e = moved.Pointer;
                    continue;
                case StringLiteral { Bytes: var bytes } literal when ((ArrayType)literal.Type).Element.Type.Size == 1 && offset >= 0 && offset < bytes.Length:
                    ReadOnlySpan<byte> rest = bytes.AsSpan((int)offset);
                    int end = rest.IndexOf((byte)0);
                    text = end < 0 ? rest : rest[..end];
                    return end >= 0;
                default:
                    return false;
            }
        }
    }

    private bool ExpandMemoryCall(BuiltinId id, Expression[] a, out Value value)
    {
        value = default;
        if (!IntegerValue(a[2], out Int128 size) || size < 0 || size > InlineCopyLimit && id != BuiltinId.Memset || size > int.MaxValue)
            return false;
        if (id == BuiltinId.Memset && (!IntegerValue(a[1], out _) || size > InlineCopyLimit))
            return false;
        long bytes = (long)size;
        Lvalue to = PointedTo(StripPointerCasts(a[0]));
        Value target = to.Address;
        Value source = id == BuiltinId.Memset ? Scalar(a[1]) : Scalar(a[1]);
        Open();
        value = id == BuiltinId.Mempcpy ? OffsetBy(target, bytes) : target;
        if (bytes == 0)
            return true;
        // A pointer's type says nothing of the alignment here: memcpy takes any bytes.
        long access = new MemoryAccess(0).Pack();
        Value count = SizeConstant(bytes);
        switch (id)
        {
            case BuiltinId.Memset:
                _b.Emit(Op.MemorySet, IrType.Void, target, Resize(source, IrType.I8, false), count, access);
                break;
            case BuiltinId.Memmove:
                _b.Emit(Op.MemoryMove, IrType.Void, target, source, count, access);
                break;
            default:
                _b.Emit(Op.MemoryCopy, IrType.Void, target, source, count, access);
                break;
        }
        return true;
    }

    private static Expression StripPointerCasts(Expression e)
    {
        while (e is CastExpression { CastKind: CastKind.Pointer or CastKind.NoOp } cast && cast.Operand.Type.IsPointer)
            e = cast.Operand;
        return e;
    }

    /// <summary>Whether a checked function's check can be left out: the object's size is not known, or the count fits.</summary>
    private bool IsUnchecked(Expression objectSize, Expression? count)
    {
        Int128 size;
        if (objectSize is BuiltinExpression { Builtin.Id: BuiltinId.ObjectSize or BuiltinId.DynamicObjectSize } test)
        {
            long kind = IntegerValue(test.Arguments[1], out Int128 given) ? (long)given & 3 : 0;
            if (KnownObjectSize(test.Arguments[0], (kind & 1) != 0) is not { } known)
                return kind < 2 && !MayAskLater(test.Arguments[0]);
            size = known;
        }
        else if (objectSize is CastExpression { CastKind: CastKind.Integral or CastKind.NoOp } cast)
        {
            return IsUnchecked(cast.Operand, count);
        }
        else if (!IntegerValue(objectSize, out size))
        {
            return false;
        }
        return (ulong)size == ulong.MaxValue || count is not null && IntegerValue(count, out Int128 wanted) && wanted <= size;
    }

    /// <summary>A checked function's call without its check.</summary>
    private bool PlainCall(BuiltinId id, Expression[] a, CType type, out Value value)
    {
        (string name, BuiltinId plain) = id switch
        {
            BuiltinId.MemcpyChk => ("memcpy", BuiltinId.Memcpy),
            BuiltinId.MempcpyChk => ("mempcpy", BuiltinId.Mempcpy),
            BuiltinId.MemmoveChk => ("memmove", BuiltinId.Memmove),
            BuiltinId.MemsetChk => ("memset", BuiltinId.Memset),
            BuiltinId.StrcpyChk => ("strcpy", BuiltinId.Strcpy),
            BuiltinId.StpcpyChk => ("stpcpy", BuiltinId.Stpcpy),
            BuiltinId.StrncpyChk => ("strncpy", BuiltinId.Strncpy),
            BuiltinId.StrcatChk => ("strcat", BuiltinId.Strcat),
            _ => ("strncat", BuiltinId.Strncat),
        };
        Expression[] arguments = a[..^1];
        if (ExpandLibraryOperation(plain, arguments, type, out value))
            return true;
        Operand[] operands = EvaluateArguments(arguments);
        Open();
        value = CallLibrary(name, type, operands, CallFlags.NoThrow | CallFlags.Library, default);
        return true;
    }
}
