namespace Kiln.Lowering;

// Builtins that are operations: the switch over what they are, and the small ones. Floating-point tests, overflow arithmetic, object sizes,
// the stack and library functions have files of their own.
internal sealed partial class FunctionLowering
{
    private Value BuiltinScalar(BuiltinExpression e)
    {
        _b.Location = e.Location;
        Value value = BuiltinValue(e);
        Open();
        // Rows of the table may say int where C says bool.
        if (!value.IsNone && Lowering.ClassOf(e.Type) == TypeClass.Scalar)
        {
            IrType wanted = Lowering.IrTypeOf(e.Type), known = _function.TypeOf(value);
            if (known == IrType.I1)
                return _b.Convert(Op.ZeroExtend, wanted, value);
            if (known != wanted && known.IsInteger && wanted.IsInteger)
                return Resize(value, wanted, false);
            if (known != wanted && known.Size == wanted.Size)
                return _b.Emit(Op.Bitcast, wanted, value);
        }
        return value;
    }

    private Value Argument(BuiltinExpression e, int index)
    {
        Value value = Scalar(e.Arguments[index]);
        Open();
        _b.Location = e.Location;
        return value;
    }

    private Value BuiltinValue(BuiltinExpression e)
    {
        Expression[] a = e.Arguments;
        BuiltinId id = e.Builtin.Id;
        switch (id)
        {
            case >= BuiltinId.AtomicLoadN and <= BuiltinId.SyncSynchronize:
                return AtomicBuiltin(e);

            // Bits
            case BuiltinId.Clz:
                return Resize(_b.Emit(Op.CountLeadingZeros, Lowering.IrTypeOf(a[0].Type), Argument(e, 0)), IrType.I32, false);
            case BuiltinId.Ctz:
                return Resize(_b.Emit(Op.CountTrailingZeros, Lowering.IrTypeOf(a[0].Type), Argument(e, 0)), IrType.I32, false);
            case BuiltinId.Popcount:
                return Resize(_b.Emit(Op.PopulationCount, Lowering.IrTypeOf(a[0].Type), Argument(e, 0)), IrType.I32, false);
            case BuiltinId.Parity:
                Value ones = Resize(_b.Emit(Op.PopulationCount, Lowering.IrTypeOf(a[0].Type), Argument(e, 0)), IrType.I32, false);
                return _b.Binary(Op.And, ones, Constant(IrType.I32, 1));
            case BuiltinId.Clrsb:
                return LeadingSignBits(Argument(e, 0));
            case BuiltinId.Ffs:
                return FindFirstSet(Argument(e, 0));
            case BuiltinId.Bswap:
                return _b.Emit(Op.ByteSwap, Lowering.IrTypeOf(e.Type), Resize(Argument(e, 0), Lowering.IrTypeOf(e.Type), false));
            case BuiltinId.Bitreverse:
                return _b.Emit(Op.BitReverse, Lowering.IrTypeOf(e.Type), Resize(Argument(e, 0), Lowering.IrTypeOf(e.Type), false));

            // Facts and control
            case BuiltinId.Expect or BuiltinId.ExpectWithProbability:
                Value expected = Argument(e, 0);
                for (int i = 1; i < a.Length; i++)
                    Discard(a[i]);
                return expected;
            case BuiltinId.Unreachable:
                _b.End(Op.Unreachable);
                Open();
                return default;
            case BuiltinId.Trap:
                _b.End(Op.Trap);
                Open();
                return default;
            case BuiltinId.Prefetch:
                return Prefetch(e);
            case BuiltinId.AssumeAligned or BuiltinId.SpeculationSafeValue or BuiltinId.Launder:
                Value same = Argument(e, 0);
                for (int i = 1; i < a.Length; i++)
                    Discard(a[i]);
                return same;
            case BuiltinId.Assume:
                return default;
            case BuiltinId.ClearPadding:
                Value padded = Argument(e, 0);
                ClearPadding(padded, ((PointerType)a[0].Type).Pointee.Type);
                return default;
            case BuiltinId.ExtendPointer:
                return Resize(Argument(e, 0), Lowering.IrTypeOf(e.Type), false);
            case BuiltinId.ConstantP:
                return ConstantTest(e);
            case BuiltinId.ObjectSize or BuiltinId.DynamicObjectSize:
                return ObjectSize(e);
            case BuiltinId.HasAttribute or BuiltinId.ClassifyType:
                return Constant(Lowering.IrTypeOf(e.Type), 0);
            case BuiltinId.ClearCache:
                return ClearCache(e);

            // Overflow
            case >= BuiltinId.AddOverflow and <= BuiltinId.MulOverflowP:
                return Overflow(e);

            // Variable arguments
            case BuiltinId.VaStart:
                VaStart(e);
                return default;
            case BuiltinId.VaEnd:
                Discard(a[0]);
                return default;
            case BuiltinId.VaCopy:
                VaCopy(e);
                return default;
            case BuiltinId.VaArgPackLen when _definition.PackedArguments is { } packed:
                return Constant(IrType.I32, packed.Length);
            case BuiltinId.VaArgPack or BuiltinId.VaArgPackLen:
                unit.Error(e.Location, $"invalid use of '__builtin_{e.Builtin.Name} ()'");
                return _function.Any(IrType.I32);

            // Vectors
            case BuiltinId.Shuffle or BuiltinId.ShuffleVector:
                return ShuffleValue(e);
            case BuiltinId.ConvertVector:
                return ConvertVector(a[0], (VectorType)e.Type);

            case >= BuiltinId.Alloca and <= BuiltinId.NonLocalLongjmp:
                return StackBuiltin(e);
            case >= BuiltinId.Inf and <= BuiltinId.Powi:
                return FloatBuiltin(e);
            case BuiltinId.CpuInit or BuiltinId.CpuIs or BuiltinId.CpuSupports:
                return ProcessorBuiltin(e);
            case BuiltinId.ThreadPointer:
                return _b.Emit(Op.ThreadPointer, IrType.Pointer);
            case BuiltinId.Intrinsic:
                return IntrinsicValue(e);
        }
        // Library functions written with their builtin's name and nothing else known: a call.
        return LibraryBuiltin(e);
    }

    /// <summary>A library function that the tree carries as an operation.</summary>
    private Value LibraryBuiltin(BuiltinExpression e)
    {
        if (ExpandLibraryOperation(e.Builtin.Id, e.Arguments, e.Type, out Value value))
            return value;
        if ((e.Builtin.Flags & BuiltinFlags.Library) == 0)
        {
            unit.Error(e.Location, $"sorry, unimplemented: '__builtin_{e.Builtin.Name}'");
            return Lowering.ClassOf(e.Type) == TypeClass.Scalar ? _function.Any(Lowering.IrTypeOf(e.Type)) : default;
        }
        Operand[] operands = EvaluateArguments(e.Arguments);
        CallFlags flags = CallFlags.NoThrow | CallFlags.Library;
        if ((e.Builtin.Flags & BuiltinFlags.NoReturn) != 0)
            flags |= CallFlags.NoReturn;
        if ((e.Builtin.Flags & BuiltinFlags.ReturnsTwice) != 0)
            flags |= CallFlags.ReturnsTwice;
        return CallLibrary(e.Builtin.Name, e.Type, operands, flags, default);
    }

    private (Value Real, Value Imaginary) BuiltinComplex(BuiltinExpression e, CType element)
    {
        if (e.Builtin.Id == BuiltinId.Complex)
            return (Scalar(e.Arguments[0]), Scalar(e.Arguments[1]));
        Value memory = Temporary(e.Type);
        BuiltinInto(e, MemoryLvalue(memory, e.Type));
        _ = element;
        return LoadComplex(MemoryLvalue(memory, e.Type));
    }

    private void BuiltinInto(BuiltinExpression e, in Lvalue place)
    {
        if (e.Builtin.Id == BuiltinId.CallWithStaticChain)
        {
            CallWithChain(e, place.Address);
            return;
        }
        Operand[] operands = EvaluateArguments(e.Arguments);
        CallLibrary(e.Builtin.Name, e.Type, operands, CallFlags.NoThrow, place.Address);
    }

    private Value LeadingSignBits(Value value)
    {
        IrType type = _function.TypeOf(value);
        Value sign = ShiftBy(Op.ShiftRightSigned, value, type.LaneBits - 1);
        Value leading = _b.Emit(Op.CountLeadingZeros, type, _b.Binary(Op.Xor, value, sign));
        return Resize(_b.Binary(Op.Sub, leading, Constant(type, 1)), IrType.I32, false);
    }

    private Value FindFirstSet(Value value)
    {
        IrType type = _function.TypeOf(value);
        Value trailing = Resize(_b.Emit(Op.CountTrailingZeros, type, value), IrType.I32, false);
        Value isZero = _b.Compare(IntPredicate.Equal, value, ZeroOf(type));
        return _b.Select(isZero, Constant(IrType.I32, 0), _b.Binary(Op.Add, trailing, Constant(IrType.I32, 1)));
    }

    private Value Prefetch(BuiltinExpression e)
    {
        Expression[] a = e.Arguments;
        Value address = Argument(e, 0);
        long write = a.Length > 1 && IntegerValue(a[1], out Int128 rw) && rw != 0 ? 1 : 0;
        long locality = a.Length > 2 && IntegerValue(a[2], out Int128 level) ? (long)level & 3 : 3;
        _b.Emit(Op.Prefetch, IrType.Void, address, aux: write | locality << 1);
        return default;
    }

    private Value ClearCache(BuiltinExpression e)
    {
        // x86 keeps instruction caches coherent.
        foreach (Expression argument in e.Arguments)
            Discard(argument);
        return default;
    }

    /// <summary>__builtin_constant_p: decided here, or with optimization when inlining and folding are done.</summary>
    private Value ConstantTest(BuiltinExpression e)
    {
        IrType type = Lowering.IrTypeOf(e.Type);
        Expression tested = e.Arguments[0];
        if (IsKnownConstant(tested))
            return Constant(type, 1);
        bool mayWait = IsOptimizing && (_function.Flags & FunctionFlags.NoOptimization) == 0
            && Lowering.ClassOf(tested.Type) == TypeClass.Scalar && !tested.Type.IsVector && HasNoEffects(tested);
        return mayWait ? _b.Emit(Op.IsConstant, IrType.I1, Scalar(tested)) : Constant(type, 0);
    }

    /// <summary>__builtin_constant_p as gcc answers it without optimization.</summary>
    private static bool IsKnownConstant(Expression e) => e switch
    {
        FloatConstant or ComplexConstant or VectorConstant or StringLiteral => true,
        CastExpression { CastKind: CastKind.ArrayDecay, Operand: StringLiteral } => true,
        CastExpression { CastKind: not (CastKind.LvalueToRvalue or CastKind.ArrayDecay or CastKind.FunctionDecay) } cast => IsKnownConstant(cast.Operand),
        PointerOffset offset => IsKnownConstant(offset.Pointer) && IsKnownConstant(offset.Index),
        UnaryExpression unary => IsKnownConstant(unary.Operand),
        BinaryExpression binary => IsKnownConstant(binary.Left) && IsKnownConstant(binary.Right),
        _ => IntegerValue(e, out _),
    };

    // Processor features: the support library's __cpu_model, laid out as libgcc's

    private Value ProcessorBuiltin(BuiltinExpression e)
    {
        CType integer = unit.CTypes.Int;
        if (e.Builtin.Id == BuiltinId.CpuInit)
        {
            CallLibrary("__cpu_indicator_init", integer, [], [], CallFlags.NoThrow);
            return Constant(IrType.I32, 0);
        }
        string name = StringArgument(e.Arguments[0]) ?? "";
        (int field, int value) = e.Builtin.Id == BuiltinId.CpuIs ? ProcessorNames.Model(name) : ProcessorNames.Feature(name);
        if (field < 0)
        {
            unit.Error(e.Location, $"parameter to builtin not valid: {name}");
            return Constant(IrType.I32, 0);
        }
        bool isTail = field >= 16;
        Value model = _function.SymbolAddress(unit.Library(isTail ? "__cpu_features2" : "__cpu_model"), isTail ? field - 16 : field);
        Value word = _b.Load(IrType.I32, model, new MemoryAccess(2));
        return e.Builtin.Id == BuiltinId.CpuIs
            ? _b.Convert(Op.ZeroExtend, IrType.I32, _b.Compare(IntPredicate.Equal, word, Constant(IrType.I32, value)))
            : _b.Binary(Op.And, word, Constant(IrType.I32, value));
    }

    private static string? StringArgument(Expression e)
    {
        while (e is CastExpression cast)
            e = cast.Operand;
        return e is StringLiteral { Bytes: var bytes } ? System.Text.Encoding.UTF8.GetString(bytes.AsSpan(0, bytes.Length - 1)) : null;
    }
}

/// <summary>The names of __builtin_cpu_is and __builtin_cpu_supports: the word of __cpu_model (offset; from 16 on of __cpu_features2) and the
/// number or mask in it, as libgcc's cpuinfo.h numbers them.</summary>
internal static class ProcessorNames
{
    private static readonly string[] _features =
    [
        "cmov", "mmx", "popcnt", "sse", "sse2", "sse3", "ssse3", "sse4.1", "sse4.2", "avx", "avx2", "sse4a", "fma4", "xop", "fma", "avx512f",
        "bmi", "bmi2", "aes", "pclmul", "avx512vl", "avx512bw", "avx512dq", "avx512cd", "avx512er", "avx512pf", "avx512vbmi", "avx512ifma",
        "avx5124vnniw", "avx5124fmaps", "avx512vpopcntdq", "avx512vbmi2",
    ];

    public static (int Field, int Value) Feature(string name)
    {
        int index = Array.IndexOf(_features, name);
        return index >= 0 ? (12, 1 << index) : (-1, 0);
    }

    public static (int Field, int Value) Model(string name) => name switch
    {
        "intel" => (0, 1),
        "amd" => (0, 2),
        "atom" or "bonnell" => (4, 1),
        "core2" => (4, 2),
        "corei7" => (4, 3),
        "amdfam10h" => (4, 4),
        "amdfam15h" => (4, 5),
        "silvermont" or "slm" => (4, 6),
        "knl" => (4, 7),
        "btver1" => (4, 8),
        "btver2" => (4, 9),
        "amdfam17h" => (4, 10),
        "nehalem" => (8, 1),
        "westmere" => (8, 2),
        "sandybridge" => (8, 3),
        "barcelona" => (8, 4),
        "shanghai" => (8, 5),
        "istanbul" => (8, 6),
        "bdver1" => (8, 7),
        "bdver2" => (8, 8),
        "bdver3" => (8, 9),
        "bdver4" => (8, 10),
        "znver1" => (8, 11),
        "ivybridge" => (8, 12),
        "haswell" => (8, 13),
        "broadwell" => (8, 14),
        "skylake" => (8, 15),
        "skylake-avx512" => (8, 16),
        _ => (-1, 0),
    };
}
