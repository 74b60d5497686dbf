namespace Kiln.Lowering;

// Atomic objects and the __atomic and __sync builtins. Sizes 1, 2, 4, 8 are the machine's; 16 and all others are libatomic's.
internal sealed partial class FunctionLowering
{
    private static bool IsLockFree(long size) => size is 1 or 2 or 4 or 8;

    /// <summary>The integer type in which an atomic access of a lock-free size is made; pointers stay what they are.</summary>
    private static IrType AtomicType(CType type) =>
        Lowering.ClassOf(type) == TypeClass.Scalar && Lowering.IrTypeOf(type) is { IsPointer: true } pointer ? pointer : IrType.Integer((int)type.Size * 8);

    private static MemoryAccess AtomicAccess(CType type, MemoryOrder order, bool isVolatile = false) =>
        new(AlignmentLog2((int)type.Size), isVolatile, order);

    private Value AtomicLoad(in Lvalue place)
    {
        CType type = place.Type.Type;
        if (!IsLockFree(type.Size))
        {
            Value temporary = Temporary(type);
            AtomicLoadInto(place, temporary);
            return _b.Load(Lowering.IrTypeOf(type), temporary, new MemoryAccess(AlignmentLog2(type.Alignment)));
        }
        Value loaded = _b.Load(AtomicType(type), place.Address, AtomicAccess(type, MemoryOrder.SequentiallyConsistent, place.Type.IsVolatile));
        return _b.Convert(Op.Bitcast, Lowering.IrTypeOf(type), loaded);
    }

    private void AtomicStore(in Lvalue place, Value value)
    {
        CType type = place.Type.Type;
        if (!IsLockFree(type.Size))
        {
            Value temporary = Temporary(type);
            _b.Store(temporary, value, new MemoryAccess(AlignmentLog2(type.Alignment)));
            AtomicStoreFrom(place, temporary);
            return;
        }
        value = _b.Convert(Op.Bitcast, AtomicType(type), value);
        _b.Store(place.Address, value, AtomicAccess(type, MemoryOrder.SequentiallyConsistent, place.Type.IsVolatile));
    }

    /// <summary>Reads an atomic object of any type into plain memory.</summary>
    private void AtomicLoadInto(in Lvalue place, Value to)
    {
        CType type = place.Type.Type;
        if (IsLockFree(type.Size))
        {
            IrType word = IrType.Integer((int)type.Size * 8);
            Value loaded = _b.Load(word, place.Address, AtomicAccess(type, MemoryOrder.SequentiallyConsistent));
            _b.Store(to, loaded, new MemoryAccess(AlignmentLog2(type.Alignment)));
            return;
        }
        CallAtomicLibrary("__atomic_load", [SizeOperand(type), PointerOperand(place.Address), PointerOperand(to), OrderOperand(5)]);
    }

    private void AtomicStoreFrom(in Lvalue place, Value from)
    {
        CType type = place.Type.Type;
        if (IsLockFree(type.Size))
        {
            IrType word = IrType.Integer((int)type.Size * 8);
            Value value = _b.Load(word, from, new MemoryAccess(AlignmentLog2(type.Alignment)));
            _b.Store(place.Address, value, AtomicAccess(type, MemoryOrder.SequentiallyConsistent));
            return;
        }
        CallAtomicLibrary("__atomic_store", [SizeOperand(type), PointerOperand(place.Address), PointerOperand(from), OrderOperand(5)]);
    }

    private Operand SizeOperand(CType type) => new(unit.CTypes.SizeType, SizeConstant(type.Size));

    private Operand PointerOperand(Value pointer) => new(unit.CTypes.VoidPointer, pointer);

    private Operand OrderOperand(int order) => new(unit.CTypes.Int, Constant(IrType.I32, order));

    private void CallAtomicLibrary(string name, ReadOnlySpan<Operand> operands) =>
        CallLibrary(name, unit.CTypes.Void, operands, CallFlags.NoThrow, default);

    // Read, modify, write

    private Value AtomicCompoundAssign(CompoundAssignExpression e)
    {
        Lvalue target = LvalueOf(e.Target);
        CType type = e.Target.Type;
        if (e.OperationType is PointerType pointer)
        {
            Value distance = PointerDistance(pointer.Pointee, e.Value, e.Operator == BinaryOperator.Subtract);
            Open();
            return AtomicAddPointer(target, distance).New;
        }
        if (e.OperationType is ComplexType { Element: var element })
        {
            // A real object combined with a complex value: only the real part is kept.
            (Value real, Value imaginary) = ComplexValue(e.Value);
            Open();
            _b.Location = e.Location;
            return AtomicUpdate(target, old =>
            {
                Value zero = ZeroOf(Lowering.IrTypeOf(element));
                (Value combined, _) = ComplexOperation(e.Operator, element, ConvertScalar(old, type, element), zero, real, imaginary);
                return ConvertScalar(combined, element, type);
            }).New;
        }
        Value right = Scalar(e.Value);
        Open();
        _b.Location = e.Location;
        bool isInteger = type.IsInteger && type.Kind != TypeKind.Bool && e.OperationType.IsInteger && IsLockFree(type.Size);
        if (isInteger && RmwOf(e.Operator) is { } rmw)
        {
            IrType irType = Lowering.IrTypeOf(type);
            Value operand = Resize(right, irType, Lowering.IsSigned(e.Value.Type));
            Value old = EmitRmw(rmw, target.Address, operand, AtomicAccess(type, MemoryOrder.SequentiallyConsistent));
            return _b.Binary(PlainOperation(rmw), old, operand);
        }
        return AtomicUpdate(target, old =>
        {
            Value left = ConvertScalar(old, type, e.OperationType);
            Value combined = BinaryOperation(e.Operator, e.OperationType, left, right, e.Value.Type, null);
            return ConvertScalar(combined, e.OperationType, type);
        }).New;
    }

    private Value AtomicIncrement(IncrementExpression e)
    {
        Lvalue target = LvalueOf(e.Operand);
        CType type = e.Operand.Type;
        _b.Location = e.Location;
        (Value old, Value updated) = type switch
        {
            PointerType { Pointee.Type: { HasVariableSize: true } pointee } =>
                AtomicAddPointer(target, e.IsDecrement ? Negate(RuntimeSize(pointee)) : RuntimeSize(pointee)),
            PointerType pointer => AtomicAddPointer(target, SizeConstant(e.IsDecrement ? -ElementSize(pointer.Pointee) : ElementSize(pointer.Pointee))),
            _ => AtomicUpdate(target, value => Incremented(e, value)),
        };
        return e.IsPostfix ? old : updated;
    }

    private (Value Old, Value New) AtomicAddPointer(in Lvalue target, Value distance)
    {
        Value old = EmitRmw(RmwOperation.Add, target.Address, distance, AtomicAccess(target.Type.Type, MemoryOrder.SequentiallyConsistent));
        old = _b.Emit(Op.Bitcast, IrType.Pointer, old);
        return (old, _b.PointerAdd(old, distance));
    }

    /// <summary>Replaces an atomic scalar by a function of it: a loop around compare-and-exchange.</summary>
    private (Value Old, Value New) AtomicUpdate(Lvalue target, Func<Value, Value> compute)
    {
        CType type = target.Type.Type;
        IrType irType = Lowering.IrTypeOf(type);
        var access = new MemoryAccess(AlignmentLog2(type.Alignment));
        if (!IsLockFree(type.Size))
        {
            Value before = default, after = default;
            AtomicReplace(target, (held, desired) =>
            {
                before = _b.Load(irType, held, access);
                after = compute(before);
                _b.Store(desired, after, access);
            });
            return (before, after);
        }
        Value memory = Temporary(type);
        _b.Store(memory, AtomicLoad(target), access);
        Block loop = NewBlock(), end = NewBlock();
        _b.Branch(loop);
        _b.Current = loop;
        Value old = _b.Load(irType, memory, access);
        Value updated = compute(old);
        IrType word = AtomicType(type);
        Value expected = _b.Convert(Op.Bitcast, word, old);
        Value found = _b.Emit(Op.CompareExchange, word, target.Address, expected, _b.Convert(Op.Bitcast, word, updated),
            AtomicAccess(type, MemoryOrder.SequentiallyConsistent).Pack());
        _b.Store(memory, _b.Convert(Op.Bitcast, irType, found), access);
        _b.BranchIf(_b.Compare(IntPredicate.Equal, found, expected), end, loop);
        _b.Current = end;
        return (old, updated);
    }

    /// <summary>Replaces an atomic complex number by a function of it.</summary>
    private ((Value Real, Value Imaginary) Old, (Value Real, Value Imaginary) New) AtomicUpdateComplex(
        Lvalue target, Func<Value, Value, (Value Real, Value Imaginary)> compute)
    {
        CType type = target.Type.Type;
        (Value, Value) before = default, after = default;
        AtomicReplace(target, (held, desired) =>
        {
            (Value real, Value imaginary) = LoadComplex(MemoryLvalue(held, type));
            before = (real, imaginary);
            (real, imaginary) = compute(real, imaginary);
            after = (real, imaginary);
            StoreComplex(MemoryLvalue(desired, type), real, imaginary);
        });
        return (before, after);
    }

    /// <summary>
    /// Replaces an atomic object of any type: <paramref name="compute"/> writes the new value from the old one, both in memory,
    /// until no other thread has come between.
    /// </summary>
    private void AtomicReplace(Lvalue target, Action<Value, Value> compute)
    {
        CType type = target.Type.Type;
        Value held = Temporary(type), desired = Temporary(type);
        AtomicLoadInto(target, held);
        Block loop = NewBlock(), end = NewBlock();
        _b.Branch(loop);
        _b.Current = loop;
        // Padding takes part in the comparison of bytes.
        ZeroMemory(desired, type.Size, type.Alignment);
        compute(held, desired);
        Value isDone;
        if (IsLockFree(type.Size))
        {
            IrType word = IrType.Integer((int)type.Size * 8);
            var access = new MemoryAccess(AlignmentLog2(type.Alignment));
            Value expected = _b.Load(word, held, access);
            Value found = _b.Emit(Op.CompareExchange, word, target.Address, expected, _b.Load(word, desired, access),
                AtomicAccess(type, MemoryOrder.SequentiallyConsistent).Pack());
            _b.Store(held, found, access);
            isDone = _b.Compare(IntPredicate.Equal, found, expected);
        }
        else
        {
            Value result = CallLibrary("__atomic_compare_exchange", unit.CTypes.Bool,
                [SizeOperand(type), PointerOperand(target.Address), PointerOperand(held), PointerOperand(desired), OrderOperand(5), OrderOperand(5)],
                CallFlags.NoThrow, default);
            isDone = Truth(result, unit.CTypes.Bool);
        }
        _b.BranchIf(isDone, end, loop);
        _b.Current = end;
    }

    private Value EmitRmw(RmwOperation operation, Value address, Value operand, MemoryAccess access) =>
        _b.Emit(Op.AtomicRmw, _function.TypeOf(operand), address, operand, default, access.Pack(), Function.RmwFlags(operation));

    private static RmwOperation? RmwOf(BinaryOperator op) => op switch
    {
        BinaryOperator.Add => RmwOperation.Add,
        BinaryOperator.Subtract => RmwOperation.Sub,
        BinaryOperator.And => RmwOperation.And,
        BinaryOperator.Or => RmwOperation.Or,
        BinaryOperator.Xor => RmwOperation.Xor,
        _ => null,
    };

    private static Op PlainOperation(RmwOperation operation) => operation switch
    {
        RmwOperation.Add => Op.Add,
        RmwOperation.Sub => Op.Sub,
        RmwOperation.And or RmwOperation.Nand => Op.And,
        RmwOperation.Or => Op.Or,
        RmwOperation.Xor => Op.Xor,
        _ => throw new InvalidOperationException($"no plain operation of {operation}"),
    };

    // Builtins

    /// <summary>The order that an argument names; the strongest where it is not constant.</summary>
    private MemoryOrder Order(Expression e)
    {
        if (!IntegerValue(e, out Int128 value))
        {
            Discard(e);
            return MemoryOrder.SequentiallyConsistent;
        }
        // Upper bits are hints of hardware lock elision.
        return (int)(value & 0xffff) switch
        {
            0 => MemoryOrder.Relaxed,
            1 => MemoryOrder.Consume,
            2 => MemoryOrder.Acquire,
            3 => MemoryOrder.Release,
            4 => MemoryOrder.AcquireRelease,
            _ => MemoryOrder.SequentiallyConsistent,
        };
    }

    private static CType Pointee(Expression pointer) => ((PointerType)pointer.Type).Pointee.Type;

    private Value AtomicBuiltin(BuiltinExpression e)
    {
        Expression[] a = e.Arguments;
        BuiltinId id = e.Builtin.Id;
        switch (id)
        {
            case BuiltinId.AtomicThreadFence or BuiltinId.SyncSynchronize:
                MemoryOrder fence = a.Length > 0 ? Order(a[0]) : MemoryOrder.SequentiallyConsistent;
                if (fence != MemoryOrder.Relaxed)
                    _b.Emit(Op.Fence, IrType.Void, aux: (long)fence);
                return default;
            case BuiltinId.AtomicSignalFence:
                Order(a[0]);
                CompilerBarrier();
                return default;
            case BuiltinId.AtomicAlwaysLockFree or BuiltinId.AtomicIsLockFree:
                return LockFreeTest(e);
            case BuiltinId.AtomicTestAndSet:
                Value flag = Scalar(a[0]);
                Value was = EmitRmw(RmwOperation.Exchange, flag, Constant(IrType.I8, 1), new MemoryAccess(0, false, Order(a[1])));
                return _b.Convert(Op.ZeroExtend, IrType.I8, Truth(was, unit.CTypes.UnsignedChar));
            case BuiltinId.AtomicClear:
                Value cleared = Scalar(a[0]);
                _b.Store(cleared, Constant(IrType.I8, 0), new MemoryAccess(0, false, Order(a[1])));
                return default;
        }
        CType type = Pointee(a[0]);
        Value address = Scalar(a[0]);
        Open();
        _b.Location = e.Location;
        bool isLockFree = IsLockFree(type.Size);
        switch (id)
        {
            case BuiltinId.AtomicLoadN:
                return AtomicLoadN(address, type, Order(a[1]));
            case BuiltinId.AtomicStoreN:
                Value stored = Scalar(a[1]);
                AtomicStoreN(address, type, ConvertScalar(stored, a[1].Type, type), Order(a[2]));
                return default;
            case BuiltinId.AtomicExchangeN or BuiltinId.SyncLockTestSet:
                Value exchanged = ConvertScalar(Scalar(a[1]), a[1].Type, type);
                MemoryOrder exchangeOrder = id == BuiltinId.SyncLockTestSet ? MemoryOrder.Acquire : Order(a[2]);
                return AtomicExchangeN(address, type, exchanged, exchangeOrder);
            case BuiltinId.AtomicLoad:
                GenericAtomicLoad(address, type, Scalar(a[1]), a[2]);
                return default;
            case BuiltinId.AtomicStore:
                GenericAtomicStore(address, type, Scalar(a[1]), a[2]);
                return default;
            case BuiltinId.AtomicExchange:
                GenericAtomicExchange(address, type, Scalar(a[1]), Scalar(a[2]), a[3]);
                return default;
            case BuiltinId.AtomicCompareExchangeN:
                Value expectedAddress = Scalar(a[1]);
                Value desired = ConvertScalar(Scalar(a[2]), a[2].Type, type);
                return CompareExchangeN(address, type, expectedAddress, desired, a);
            case BuiltinId.AtomicCompareExchange:
                Value expectedPlace = Scalar(a[1]), desiredPlace = Scalar(a[2]);
                if (isLockFree)
                {
                    IrType word = AtomicType(type);
                    return CompareExchangeN(address, type, expectedPlace, _b.Load(word, desiredPlace, new MemoryAccess(0)), a);
                }
                Discard(a[3]);
                return CallLibrary("__atomic_compare_exchange", unit.CTypes.Bool,
                    [SizeOperand(type), PointerOperand(address), PointerOperand(expectedPlace), PointerOperand(desiredPlace), OrderValue(a[4]), OrderValue(a[5])],
                    CallFlags.NoThrow, default);
            case BuiltinId.SyncBoolCompareSwap or BuiltinId.SyncValueCompareSwap:
                return SyncCompareSwap(e, address, type);
            case BuiltinId.SyncLockRelease:
                AtomicStoreN(address, type, ZeroOf(Lowering.IrTypeOf(type)), MemoryOrder.Release);
                return default;
            default:
                return FetchOperation(e, address, type);
        }
    }

    private Operand OrderValue(Expression e) => new(unit.CTypes.Int, ConvertScalar(Scalar(e), e.Type, unit.CTypes.Int));

    private void CompilerBarrier()
    {
        int index = _function.Asms.Add(new AsmInfo { Template = [], IsVolatile = true, Operands = [], ClobbersMemory = true });
        _b.EmitList(Op.Asm, IrType.Void, [], index);
    }

    private Value LockFreeTest(BuiltinExpression e)
    {
        Expression[] a = e.Arguments;
        IrType result = Lowering.IrTypeOf(e.Type);
        if (IntegerValue(a[0], out Int128 size))
        {
            Discard(a[1]);
            if (IsLockFree((long)size))
                return Constant(result, 1);
            if (e.Builtin.Id == BuiltinId.AtomicAlwaysLockFree)
                return Constant(result, 0);
        }
        return CallLibrary("__atomic_is_lock_free", unit.CTypes.Bool,
            [new Operand(unit.CTypes.SizeType, Scalar(a[0])), PointerOperand(Scalar(a[1]))], CallFlags.NoThrow, default);
    }

    private Value AtomicLoadN(Value address, CType type, MemoryOrder order)
    {
        if (!IsLockFree(type.Size))
            return CallSized("__atomic_load_16", type, [PointerOperand(address), OrderOperand(OrderNumber(order))]);
        Value loaded = _b.Load(AtomicType(type), address, AtomicAccess(type, order));
        return _b.Convert(Op.Bitcast, Lowering.IrTypeOf(type), loaded);
    }

    private static int OrderNumber(MemoryOrder order) => order switch
    {
        MemoryOrder.Plain or MemoryOrder.Relaxed => 0,
        _ => (int)order - (int)MemoryOrder.Relaxed,
    };

    private Value CallSized(string name, CType type, ReadOnlySpan<Operand> operands) =>
        CallLibrary(name, type, operands, CallFlags.NoThrow, default);

    private void AtomicStoreN(Value address, CType type, Value value, MemoryOrder order)
    {
        if (!IsLockFree(type.Size))
        {
            CallLibrary("__atomic_store_16", unit.CTypes.Void,
                [PointerOperand(address), new Operand(type, value), OrderOperand(OrderNumber(order))], CallFlags.NoThrow, default);
            return;
        }
        _b.Store(address, _b.Convert(Op.Bitcast, AtomicType(type), value), AtomicAccess(type, order));
    }

    private Value AtomicExchangeN(Value address, CType type, Value value, MemoryOrder order)
    {
        if (!IsLockFree(type.Size))
            return CallSized("__atomic_exchange_16", type, [PointerOperand(address), new Operand(type, value), OrderOperand(OrderNumber(order))]);
        IrType irType = Lowering.IrTypeOf(type);
        IrType word = IrType.Integer((int)type.Size * 8);
        Value old = EmitRmw(RmwOperation.Exchange, address, _b.Convert(Op.Bitcast, word, value), AtomicAccess(type, order));
        return _b.Convert(Op.Bitcast, irType, old);
    }

    private void GenericAtomicLoad(Value address, CType type, Value to, Expression order)
    {
        if (IsLockFree(type.Size))
        {
            Value value = _b.Load(IrType.Integer((int)type.Size * 8), address, AtomicAccess(type, Order(order)));
            _b.Store(to, value, new MemoryAccess(0));
            return;
        }
        CallAtomicLibrary("__atomic_load", [SizeOperand(type), PointerOperand(address), PointerOperand(to), OrderValue(order)]);
    }

    private void GenericAtomicStore(Value address, CType type, Value from, Expression order)
    {
        if (IsLockFree(type.Size))
        {
            Value value = _b.Load(IrType.Integer((int)type.Size * 8), from, new MemoryAccess(0));
            _b.Store(address, value, AtomicAccess(type, Order(order)));
            return;
        }
        CallAtomicLibrary("__atomic_store", [SizeOperand(type), PointerOperand(address), PointerOperand(from), OrderValue(order)]);
    }

    private void GenericAtomicExchange(Value address, CType type, Value from, Value to, Expression order)
    {
        if (IsLockFree(type.Size))
        {
            Value value = _b.Load(IrType.Integer((int)type.Size * 8), from, new MemoryAccess(0));
            Value old = EmitRmw(RmwOperation.Exchange, address, value, AtomicAccess(type, Order(order)));
            _b.Store(to, old, new MemoryAccess(0));
            return;
        }
        CallAtomicLibrary("__atomic_exchange", [SizeOperand(type), PointerOperand(address), PointerOperand(from), PointerOperand(to), OrderValue(order)]);
    }

    /// <summary>Stores the found value to the expected one's place where they differ; gives whether the exchange was made.</summary>
    private Value CompareExchangeN(Value address, CType type, Value expectedAddress, Value desired, Expression[] a)
    {
        Discard(a[3]);
        MemoryOrder order = Order(a[4]);
        Order(a[5]);
        if (!IsLockFree(type.Size))
        {
            return CallLibrary("__atomic_compare_exchange_16", unit.CTypes.Bool,
                [PointerOperand(address), PointerOperand(expectedAddress), new Operand(type, desired), OrderOperand(OrderNumber(order)), OrderOperand(5)],
                CallFlags.NoThrow, default);
        }
        IrType word = AtomicType(type);
        Value expected = _b.Load(word, expectedAddress, new MemoryAccess(AlignmentLog2(type.Alignment)));
        Value found = _b.Emit(Op.CompareExchange, word, address, expected, _b.Convert(Op.Bitcast, word, desired), AtomicAccess(type, order).Pack());
        Value isSame = _b.Compare(IntPredicate.Equal, found, expected);
        Block differs = NewBlock(), end = NewBlock();
        _b.BranchIf(isSame, end, differs);
        _b.Current = differs;
        _b.Store(expectedAddress, found, new MemoryAccess(AlignmentLog2(type.Alignment)));
        _b.Branch(end);
        _b.Current = end;
        return _b.Convert(Op.ZeroExtend, IrType.I8, isSame);
    }

    private Value SyncCompareSwap(BuiltinExpression e, Value address, CType type)
    {
        Expression[] a = e.Arguments;
        Value expected = ConvertScalar(Scalar(a[1]), a[1].Type, type);
        Value desired = ConvertScalar(Scalar(a[2]), a[2].Type, type);
        bool wantsTruth = e.Builtin.Id == BuiltinId.SyncBoolCompareSwap;
        if (!IsLockFree(type.Size))
        {
            return CallLibrary(wantsTruth ? "__sync_bool_compare_and_swap_16" : "__sync_val_compare_and_swap_16", wantsTruth ? unit.CTypes.Bool : type,
                [PointerOperand(address), new Operand(type, expected), new Operand(type, desired)], CallFlags.NoThrow, default);
        }
        IrType word = AtomicType(type);
        expected = _b.Convert(Op.Bitcast, word, expected);
        Value found = _b.Emit(Op.CompareExchange, word, address, expected, _b.Convert(Op.Bitcast, word, desired),
            AtomicAccess(type, MemoryOrder.SequentiallyConsistent).Pack());
        return wantsTruth
            ? _b.Convert(Op.ZeroExtend, IrType.I8, _b.Compare(IntPredicate.Equal, found, expected))
            : _b.Convert(Op.Bitcast, Lowering.IrTypeOf(type), found);
    }

    private Value FetchOperation(BuiltinExpression e, Value address, CType type)
    {
        Expression[] a = e.Arguments;
        (RmwOperation operation, bool givesNew) = e.Builtin.Id switch
        {
            BuiltinId.AtomicFetchAdd or BuiltinId.SyncFetchAdd => (RmwOperation.Add, false),
            BuiltinId.AtomicFetchSub or BuiltinId.SyncFetchSub => (RmwOperation.Sub, false),
            BuiltinId.AtomicFetchAnd or BuiltinId.SyncFetchAnd => (RmwOperation.And, false),
            BuiltinId.AtomicFetchXor or BuiltinId.SyncFetchXor => (RmwOperation.Xor, false),
            BuiltinId.AtomicFetchOr or BuiltinId.SyncFetchOr => (RmwOperation.Or, false),
            BuiltinId.AtomicFetchNand or BuiltinId.SyncFetchNand => (RmwOperation.Nand, false),
            BuiltinId.AtomicAddFetch or BuiltinId.SyncAddFetch => (RmwOperation.Add, true),
            BuiltinId.AtomicSubFetch or BuiltinId.SyncSubFetch => (RmwOperation.Sub, true),
            BuiltinId.AtomicAndFetch or BuiltinId.SyncAndFetch => (RmwOperation.And, true),
            BuiltinId.AtomicXorFetch or BuiltinId.SyncXorFetch => (RmwOperation.Xor, true),
            BuiltinId.AtomicOrFetch or BuiltinId.SyncOrFetch => (RmwOperation.Or, true),
            BuiltinId.AtomicNandFetch or BuiltinId.SyncNandFetch => (RmwOperation.Nand, true),
            _ => throw new InvalidOperationException($"atomic {e.Builtin.Id}"),
        };
        // Pointers are counted in bytes here.
        IrType word = IrType.Integer((int)type.Size * 8);
        Value operand = Resize(Scalar(a[1]), word, Lowering.IsSigned(a[1].Type));
        MemoryOrder order = a.Length > 2 ? Order(a[2]) : MemoryOrder.SequentiallyConsistent;
        Value old;
        if (IsLockFree(type.Size))
        {
            old = EmitRmw(operation, address, operand, AtomicAccess(type, order));
        }
        else
        {
            old = CallSized($"__atomic_fetch_{operation.ToString().ToLowerInvariant()}_16", type,
                [PointerOperand(address), new Operand(type, operand), OrderOperand(OrderNumber(order))]);
        }
        if (givesNew)
        {
            old = _b.Binary(PlainOperation(operation), old, operand);
            if (operation == RmwOperation.Nand)
                old = _b.Binary(Op.Xor, old, AllOnes(word));
        }
        return _b.Convert(Op.Bitcast, Lowering.IrTypeOf(type), old);
    }
}
