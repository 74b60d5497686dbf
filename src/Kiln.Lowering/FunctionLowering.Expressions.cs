namespace Kiln.Lowering;

// Rvalues. Scalar gives a value, ComplexValue (Complex.cs) a pair, MemoryValue the address of an object, EvaluateInto puts a value of any
// kind into a place, Discard evaluates for the effects.
internal sealed partial class FunctionLowering
{
    /// <summary>The value of a scalar expression; none for void.</summary>
    private Value Scalar(Expression e)
    {
        if (!CompilationStack.HasRoom)
            throw new InsufficientExecutionStackException("nesting too deep");
        switch (e.Kind)
        {
            case ExpressionKind.Integer:
                return _function.Constant(Lowering.IrTypeOf(e.Type), ((IntegerConstant)e).Value);
            case ExpressionKind.Float:
                return FloatingConstant(e.Type, ((FloatConstant)e).Bits);
            case ExpressionKind.VectorConstant:
                return VectorConstantValue((VectorConstant)e);
            case ExpressionKind.Cast:
                return Cast((CastExpression)e);
            case ExpressionKind.Unary:
                return Unary((UnaryExpression)e);
            case ExpressionKind.Binary:
                return Binary((BinaryExpression)e);
            case ExpressionKind.PointerOffset:
                return PointerOffsetValue((PointerOffset)e);
            case ExpressionKind.PointerDifference:
                return Difference((PointerDifference)e);
            case ExpressionKind.Logical:
                return _b.Convert(Op.ZeroExtend, Lowering.IrTypeOf(e.Type), Condition(e));
            case ExpressionKind.Comma:
                var comma = (CommaExpression)e;
                Discard(comma.Left);
                return Scalar(comma.Right);
            case ExpressionKind.Conditional:
                return Conditional((ConditionalExpression)e);
            case ExpressionKind.OmittedMiddle:
                return OmittedMiddle((OmittedMiddleExpression)e);
            case ExpressionKind.Assign:
                return Assign((AssignExpression)e, wantsValue: true);
            case ExpressionKind.CompoundAssign:
                return CompoundAssign((CompoundAssignExpression)e, wantsValue: true);
            case ExpressionKind.Increment:
                return Increment((IncrementExpression)e, wantsValue: true);
            case ExpressionKind.AddressOf:
                return AddressOfValue((AddressOfExpression)e);
            case ExpressionKind.Function:
                return FunctionAddress(((FunctionReference)e).Function);
            case ExpressionKind.LabelAddress:
                return LabelAddressValue((LabelAddress)e);
            case ExpressionKind.Call:
                return CallScalar((CallExpression)e);
            case ExpressionKind.Builtin:
                return BuiltinScalar((BuiltinExpression)e);
            case ExpressionKind.StatementExpression:
                return StatementExpressionScalar((StatementExpression)e);
            case ExpressionKind.VaArg:
                return VaArgScalar((VaArgExpression)e);
            case ExpressionKind.VariableSize:
                return Resize(RuntimeSize(((VariableSizeExpression)e).Measured), Lowering.IrTypeOf(e.Type), false);
            case ExpressionKind.EvaluateBounds when !e.IsLvalue:
                var bounds = (EvaluateBoundsExpression)e;
                foreach (VariableBound bound in bounds.Bounds)
                    EvaluateBound(bound);
                return Scalar(bounds.Operand);
            case ExpressionKind.VectorElement when !e.IsLvalue:
                return ElementOfValue((VectorElementExpression)e);
            case ExpressionKind.Part when !e.IsLvalue:
                return PartOfValue((PartExpression)e);
            case ExpressionKind.InitializerList:
                return InitializerScalar((InitializerList)e);
            case ExpressionKind.Error:
                return e.Type.IsVoid || e.Type.IsError ? default : _function.Any(Lowering.IrTypeOf(e.Type));
            default:
                if (Lowering.ClassOf(e.Type) == TypeClass.Void)
                {
                    Discard(e);
                    return default;
                }
                return Load(LvalueOf(e));
        }
    }

    private Value FloatingConstant(CType type, UInt128 bits)
    {
        IrType irType = Lowering.IrTypeOf(type);
        return irType.IsFloat ? _function.FloatConstant(irType, bits) : _function.Constant(irType, bits);
    }

    /// <summary>The address of memory that holds the value of an expression of a class that is carried in memory. It may be the object
    /// itself that the expression names: who keeps it copies.</summary>
    private Value MemoryValue(Expression e)
    {
        switch (e)
        {
            case CastExpression { CastKind: CastKind.LvalueToRvalue } cast when !cast.Operand.QualType.IsAtomic:
                return LvalueOf(cast.Operand).Address;
            case CastExpression { CastKind: CastKind.NoOp } cast:
                return MemoryValue(cast.Operand);
            case CommaExpression comma:
                Discard(comma.Left);
                return MemoryValue(comma.Right);
            case AssignExpression assign:
                Lvalue target = LvalueOf(assign.Target);
                AssignMemory(target, assign.Value);
                return target.Address;
            case ErrorExpression:
                return _function.Any(IrType.Pointer);
            case MemberExpression { IsLvalue: false } or VectorElementExpression { IsLvalue: false }:
                return LvalueOf(e).Address;
        }
        if (e.IsLvalue)
            return LvalueOf(e).Address;
        if (e.Type.HasVariableSize)
            return VariableSizeValue(e);
        Value temporary = Temporary(e.Type);
        EvaluateInto(e, MemoryLvalue(temporary, e.QualType.Unqualified));
        return temporary;
    }

    /// <summary>A record whose size only run time knows (GNU C): a statement expression or choice that gives one.</summary>
    private Value VariableSizeValue(Expression e)
    {
        switch (e)
        {
            case StatementExpression statement:
                return StatementExpressionMemory(statement, default);
            default:
                Value size = RuntimeSize(e.Type);
                Value temporary = AllocateStack(size, e.Type.Alignment);
                EvaluateInto(e, MemoryLvalue(temporary, e.QualType.Unqualified));
                return temporary;
        }
    }

    /// <summary>Evaluates a value of any class and puts it into a place that nothing in the expression can name.</summary>
    private void EvaluateInto(Expression e, in Lvalue place)
    {
        switch (Lowering.ClassOf(e.Type))
        {
            case TypeClass.Void:
                Discard(e);
                return;
            case TypeClass.Scalar:
                Value value = Scalar(e);
                Open();
                Store(place, value);
                return;
            case TypeClass.Complex:
                (Value real, Value imaginary) = ComplexValue(e);
                Open();
                StoreComplex(place, real, imaginary);
                return;
        }
        switch (e)
        {
            case CallExpression call:
                CallInto(call, place.Address);
                break;
            case InitializerList list:
                InitializeObject(list, place);
                break;
            case ConditionalExpression conditional:
                ConditionalInto(conditional, place);
                break;
            case OmittedMiddleExpression omitted:
                OmittedMiddleInto(omitted, place);
                break;
            case StatementExpression statement:
                StatementExpressionMemory(statement, place);
                break;
            case CommaExpression comma:
                Discard(comma.Left);
                EvaluateInto(comma.Right, place);
                break;
            case VaArgExpression fetch:
                VaArgInto(fetch, place);
                break;
            case CastExpression { CastKind: CastKind.NoOp } cast:
                EvaluateInto(cast.Operand, place);
                break;
            case CastExpression { CastKind: CastKind.ToUnion } cast:
                EvaluateInto(cast.Operand, MemoryLvalue(place.Address, cast.Operand.QualType.Unqualified));
                break;
            case CastExpression { CastKind: CastKind.LvalueToRvalue, Operand.QualType.IsAtomic: true } cast:
                AtomicLoadInto(LvalueOf(cast.Operand), place.Address);
                break;
            case BuiltinExpression builtin when !e.Type.IsVector:
                BuiltinInto(builtin, place);
                break;
            case EvaluateBoundsExpression { IsLvalue: false } bounds:
                foreach (VariableBound bound in bounds.Bounds)
                    EvaluateBound(bound);
                EvaluateInto(bounds.Operand, place);
                break;
            default:
                if (e.Type.IsVector && WideVectorInto(e, place))
                    break;
                Value from = MemoryValue(e);
                Open();
                CopyObject(place, from, e.QualType);
                break;
        }
    }

    /// <summary>Copies an object that may have a size known at run time only.</summary>
    private void CopyObject(in Lvalue to, Value from, QualType type)
    {
        bool isVolatile = to.Type.IsVolatile || type.IsVolatile;
        if (type.Type.HasVariableSize)
        {
            _b.Emit(Op.MemoryCopy, IrType.Void, to.Address, from, RuntimeSize(type.Type), new MemoryAccess(0, isVolatile).Pack());
            return;
        }
        CopyMemory(to.Address, from, type.Type.Size, 1 << to.AlignmentLog2, type.Alignment, isVolatile);
    }

    /// <summary>Evaluates for the effects alone.</summary>
    private void Discard(Expression e)
    {
        Open();
        switch (e)
        {
            case CastExpression { CastKind: CastKind.ToVoid or CastKind.NoOp } cast:
                Discard(cast.Operand);
                return;
            case CastExpression { CastKind: CastKind.LvalueToRvalue, Operand.QualType.IsVolatile: false, Operand.QualType.IsAtomic: false } cast:
                DiscardLvalue(cast.Operand);
                return;
            case CastExpression { CastKind: not (CastKind.LvalueToRvalue or CastKind.ArrayDecay or CastKind.FunctionDecay) } cast:
                Discard(cast.Operand);
                return;
            case IntegerConstant or FloatConstant or ComplexConstant or VectorConstant or StringLiteral or FunctionReference:
                return;
            case CommaExpression comma:
                Discard(comma.Left);
                Discard(comma.Right);
                return;
            case ConditionalExpression conditional when !conditional.Condition.Type.IsVector:
                DiscardConditional(conditional);
                return;
            case LogicalExpression logical:
                DiscardLogical(logical);
                return;
            case AssignExpression assign when Lowering.ClassOf(e.Type) == TypeClass.Scalar:
                Assign(assign, wantsValue: false);
                return;
            case IncrementExpression increment when Lowering.ClassOf(e.Type) == TypeClass.Scalar:
                Increment(increment, wantsValue: false);
                return;
            case CompoundAssignExpression assign when Lowering.ClassOf(e.Type) == TypeClass.Scalar:
                CompoundAssign(assign, wantsValue: false);
                return;
            case StatementExpression statement:
                DiscardStatementExpression(statement);
                return;
            case CallExpression call:
                DiscardCall(call);
                return;
        }
        if (e.IsLvalue)
        {
            DiscardLvalue(e);
            return;
        }
        switch (Lowering.ClassOf(e.Type))
        {
            case TypeClass.Complex:
                ComplexValue(e);
                break;
            case TypeClass.Memory:
                MemoryValue(e);
                break;
            case TypeClass.Scalar:
                Scalar(e);
                break;
            default:
                DiscardVoid(e);
                break;
        }
    }

    private void DiscardVoid(Expression e)
    {
        switch (e)
        {
            case BuiltinExpression builtin:
                BuiltinScalar(builtin);
                break;
            case OmittedMiddleExpression omitted:
                OmittedMiddle(omitted);
                break;
            case EvaluateBoundsExpression bounds:
                foreach (VariableBound bound in bounds.Bounds)
                    EvaluateBound(bound);
                Discard(bounds.Operand);
                break;
            case VaArgExpression fetch:
                VaArgScalar(fetch);
                break;
            case ErrorExpression:
                break;
            case AssignExpression or IncrementExpression or CompoundAssignExpression or UnaryExpression or BinaryExpression:
                throw new InvalidOperationException($"{e.Kind} of void type");
        }
    }

    /// <summary>The effects in an lvalue that is not read; a volatile one is.</summary>
    private void DiscardLvalue(Expression e)
    {
        switch (e)
        {
            case VariableReference or StringLiteral when !e.QualType.IsVolatile:
                break;
            case DereferenceExpression dereference when !e.QualType.IsVolatile:
                Discard(dereference.Pointer);
                break;
            case MemberExpression member when !e.QualType.IsVolatile:
                Discard(member.Record);
                break;
            default:
                Lvalue place = LvalueOf(e);
                if (e.QualType.IsVolatile && Lowering.ClassOf(e.Type) == TypeClass.Scalar)
                    Load(place);
                break;
        }
    }

    // Operators

    private InstructionFlags SignedFlags(CType type, Expression? e = null) =>
        Lowering.IsSigned(type) && !Options.WrapSigned && (e is null || (e.Flags & ExpressionFlags.Overflow) == 0) && !type.IsVector
            ? InstructionFlags.NoSignedWrap
            : 0;

    private InstructionFlags FloatFlags =>
        (Options.FastMath ? InstructionFlags.Fast : 0) | (Options.Contract ? InstructionFlags.Contract : 0);

    private Value Unary(UnaryExpression e)
    {
        if (e.Operator == UnaryOperator.LogicalNot && !e.Operand.Type.IsVector)
            return _b.Convert(Op.ZeroExtend, Lowering.IrTypeOf(e.Type), Condition(e));
        Value operand = Scalar(e.Operand);
        Open();
        _b.Location = e.Location;
        CType type = e.Type;
        switch (e.Operator)
        {
            case UnaryOperator.Negate:
                return NegateScalar(operand, type, e);
            case UnaryOperator.Complement:
                return _b.Binary(Op.Xor, operand, AllOnes(_function.TypeOf(operand)));
            case UnaryOperator.LogicalNot:
                return CompareVector(BinaryOperator.Equal, (VectorType)e.Operand.Type, operand, ZeroOf(_function.TypeOf(operand)));
            default:
                throw new InvalidOperationException($"unary {e.Operator} of a scalar");
        }
    }

    private Value NegateScalar(Value operand, CType type, Expression? e)
    {
        CType element = type is VectorType vector ? vector.Element : type;
        if (element is FloatType { IsDecimalFloat: true })
            return _b.Binary(Op.Xor, operand, _function.Constant(_function.TypeOf(operand), UInt128.One << (int)type.Size * 8 - 1));
        if (element is FloatType)
            return _b.Emit(Op.FloatNegate, _function.TypeOf(operand), operand);
        Value zero = ZeroOf(_function.TypeOf(operand));
        if (Options.TrapSigned && Lowering.IsSigned(type) && !type.IsVector)
            return TrappingArithmetic(Op.Sub, zero, operand);
        return _b.Binary(Op.Sub, zero, operand, SignedFlags(type, e));
    }

    /// <summary>The zero of a type.</summary>
    private Value ZeroOf(IrType type)
    {
        if (type.IsVector)
            return _function.VectorConstant(type, new byte[type.Size]);
        return type.IsFloat ? _function.FloatConstant(type, 0) : _function.Constant(type, 0L);
    }

    private Value AllOnes(IrType type)
    {
        if (!type.IsVector)
            return _function.Constant(type, -1L);
        Span<byte> ones = type.Size <= 64 ? stackalloc byte[type.Size] : new byte[type.Size];
        ones.Fill(0xff);
        return _function.VectorConstant(type, ones);
    }

    private static bool IsComparison(BinaryOperator op) => op is >= BinaryOperator.Less and <= BinaryOperator.NotEqual;

    private Value Binary(BinaryExpression e)
    {
        if (IsComparison(e.Operator))
        {
            if (e.Left.Type is VectorType vector)
            {
                Value a = Scalar(e.Left), b = Scalar(e.Right);
                Open();
                return CompareVector(e.Operator, vector, a, b);
            }
            return _b.Convert(Op.ZeroExtend, Lowering.IrTypeOf(e.Type), Condition(e));
        }
        Value left = Scalar(e.Left);
        Value right = Scalar(e.Right);
        Open();
        _b.Location = e.Location;
        return BinaryOperation(e.Operator, e.Type, left, right, e.Right.Type, e);
    }

    /// <summary>An arithmetic operation on two scalars or vectors of one type (a shift's right operand is of its own).</summary>
    private Value BinaryOperation(BinaryOperator op, CType type, Value left, Value right, CType rightType, Expression? e)
    {
        CType element = type is VectorType vector ? vector.Element : type;
        if (element is FloatType real)
            return FloatOperation(op, real, left, right);
        bool isSigned = Lowering.IsSigned(element);
        switch (op)
        {
            case BinaryOperator.Add or BinaryOperator.Subtract or BinaryOperator.Multiply:
                Op operation = op == BinaryOperator.Add ? Op.Add : op == BinaryOperator.Subtract ? Op.Sub : Op.Mul;
                if (Options.TrapSigned && isSigned && !type.IsVector)
                    return TrappingArithmetic(operation, left, right);
                return _b.Binary(operation, left, right, SignedFlags(type, e));
            case BinaryOperator.Divide:
                return _b.Binary(isSigned ? Op.DivSigned : Op.DivUnsigned, left, right);
            case BinaryOperator.Remainder:
                return _b.Binary(isSigned ? Op.RemSigned : Op.RemUnsigned, left, right);
            case BinaryOperator.ShiftLeft:
                return _b.Binary(Op.ShiftLeft, left, ShiftAmount(left, right, rightType));
            case BinaryOperator.ShiftRight:
                return _b.Binary(isSigned ? Op.ShiftRightSigned : Op.ShiftRightUnsigned, left, ShiftAmount(left, right, rightType));
            case BinaryOperator.And:
                return _b.Binary(Op.And, left, right);
            case BinaryOperator.Xor:
                return _b.Binary(Op.Xor, left, right);
            case BinaryOperator.Or:
                return _b.Binary(Op.Or, left, right);
            default:
                throw new InvalidOperationException($"arithmetic {op}");
        }
    }

    private Value ShiftAmount(Value left, Value amount, CType amountType)
    {
        IrType type = _function.TypeOf(left);
        if (type.IsVector)
        {
            return _function.TypeOf(amount).IsVector ? ResizeLanes(amount, type, Lowering.IsSigned(amountType))
                : _b.Emit(Op.Splat, type, Resize(amount, type.Lane, false));
        }
        return Resize(amount, type, false);
    }

    private Value FloatOperation(BinaryOperator op, FloatType type, Value left, Value right)
    {
        if (type.IsDecimalFloat)
            return DecimalOperation(op, type, left, right);
        Op operation = op switch
        {
            BinaryOperator.Add => Op.FloatAdd,
            BinaryOperator.Subtract => Op.FloatSub,
            BinaryOperator.Multiply => Op.FloatMul,
            BinaryOperator.Divide => Op.FloatDiv,
            _ => throw new InvalidOperationException($"floating-point {op}"),
        };
        return _b.Binary(operation, left, right, FloatFlags);
    }

    /// <summary>-ftrapv: stops the program where the result does not fit.</summary>
    private Value TrappingArithmetic(Op op, Value left, Value right)
    {
        Op test = op switch
        {
            Op.Add => Op.AddOverflowsSigned,
            Op.Sub => Op.SubOverflowsSigned,
            _ => Op.MulOverflowsSigned,
        };
        Block overflow = NewBlock(), fits = NewBlock();
        Value result = _b.Binary(op, left, right);
        _b.BranchIf(_b.Overflows(test, left, right), overflow, fits);
        _b.Current = overflow;
        CallLibrary("abort", unit.CTypes.Void, [], [], CallFlags.NoReturn | CallFlags.NoThrow);
        _b.End(Op.Unreachable);
        _b.Current = fits;
        return result;
    }

    private Value PointerOffsetValue(PointerOffset e)
    {
        Lvalue place = e.Pointer is CastExpression { CastKind: CastKind.ArrayDecay } or PointerOffset or AddressOfExpression
            ? PointedTo(e.Pointer)
            : new Lvalue { Address = Scalar(e.Pointer) };
        Open();
        _b.Location = e.Location;
        Advance(ref place, e);
        return place.Address;
    }

    private Value Difference(PointerDifference e)
    {
        Value left = _b.Convert(Op.Bitcast, IrType.I64, Scalar(e.Left));
        Value right = _b.Convert(Op.Bitcast, IrType.I64, Scalar(e.Right));
        Open();
        _b.Location = e.Location;
        Value bytes = _b.Binary(Op.Sub, left, right);
        QualType element = ((PointerType)e.Left.Type).Pointee;
        IrType result = Lowering.IrTypeOf(e.Type);
        if (element.Type.HasVariableSize)
            return Resize(_b.Binary(Op.DivSigned, bytes, RuntimeSize(element.Type)), result, true);
        long size = ElementSize(element);
        if (size > 1)
        {
            bytes = System.Numerics.BitOperations.IsPow2(size)
                ? _b.Binary(Op.ShiftRightSigned, bytes, SizeConstant(System.Numerics.BitOperations.Log2((ulong)size)), InstructionFlags.Exact)
                : _b.Binary(Op.DivSigned, bytes, SizeConstant(size), InstructionFlags.Exact);
        }
        return Resize(bytes, result, true);
    }

    private Value AddressOfValue(AddressOfExpression e)
    {
        if (e.Operand is FunctionReference function)
            return FunctionAddress(function.Function);
        if (e.Operand is DereferenceExpression dereference)
            return Scalar(dereference.Pointer);
        return LvalueOf(e.Operand).Address;
    }

    private Value FunctionAddress(FunctionDeclaration function)
    {
        if ((function.Flags & SourceFunctionFlags.NeedsStaticChain) != 0)
            return TrampolineOf(function);
        Symbol symbol = unit.Reference(function);
        Module[symbol].IsAddressTaken = true;
        return _function.SymbolAddress(symbol);
    }

    // Assignment

    private Value Assign(AssignExpression e, bool wantsValue)
    {
        Lvalue target = LvalueOf(e.Target);
        Value value = Scalar(e.Value);
        Open();
        _b.Location = e.Location;
        Store(target, value);
        return wantsValue ? StoredValue(target, value) : value;
    }

    /// <summary>Assigns an object in memory. Source and target may be the same or, through pointers, anything that C allows.</summary>
    private void AssignMemory(in Lvalue target, Expression value)
    {
        if (target.Type.IsAtomic)
        {
            Value object_ = MemoryValue(value);
            Open();
            AtomicStoreFrom(target, object_);
            return;
        }
        // What reads the source before it writes the target may go to the target directly.
        bool isPlainCopy = value.IsLvalue || value is CastExpression { CastKind: CastKind.LvalueToRvalue } or AssignExpression;
        if (!isPlainCopy && value.Type.HasVariableSize)
        {
            EvaluateInto(value, target);
            return;
        }
        Value from = MemoryValue(value);
        Open();
        CopyObject(target, from, value.QualType);
    }

    private Value CompoundAssign(CompoundAssignExpression e, bool wantsValue)
    {
        if (e.Target.QualType.IsAtomic)
            return AtomicCompoundAssign(e);
        Lvalue target = LvalueOf(e.Target);
        CType type = e.Target.Type;
        if (e.OperationType is PointerType pointer)
        {
            Value distance = PointerDistance(pointer.Pointee, e.Value, e.Operator == BinaryOperator.Subtract);
            Open();
            _b.Location = e.Location;
            Value moved = OffsetBy(Load(target), distance);
            Store(target, moved);
            return moved;
        }
        if (Lowering.ClassOf(e.OperationType) == TypeClass.Complex)
        {
            // A real target combined with a complex value: only the real part is kept.
            (Value real, Value imaginary) = ComplexValue(e.Value);
            Open();
            _b.Location = e.Location;
            CType element = ((ComplexType)e.OperationType).Element;
            Value widened = ConvertScalar(Load(target), type, element);
            (Value result, _) = ComplexOperation(e.Operator, element, widened, ZeroOf(Lowering.IrTypeOf(element)), real, imaginary);
            Value narrowed = ConvertScalar(result, element, type);
            Store(target, narrowed);
            return StoredValue(target, narrowed);
        }
        Value right = Scalar(e.Value);
        Open();
        _b.Location = e.Location;
        Value left = ConvertScalar(Load(target), type, e.OperationType);
        Value combined = BinaryOperation(e.Operator, e.OperationType, left, right, e.Value.Type, e);
        Value stored = ConvertScalar(combined, e.OperationType, type);
        Store(target, stored);
        return wantsValue ? StoredValue(target, stored) : stored;
    }

    /// <summary>An element count as a number of bytes, with the sign of the operation.</summary>
    private Value PointerDistance(QualType element, Expression index, bool subtract)
    {
        if (!element.Type.HasVariableSize && ConstantIndex(index, out long constant))
        {
            long bytes = unchecked(constant * ElementSize(element));
            return SizeConstant(subtract ? -bytes : bytes);
        }
        Value count = IndexValue(index);
        Open();
        Value distance = element.Type.HasVariableSize
            ? Arithmetic(Op.Mul, count, RuntimeSize(element.Type))
            : Scale(count, ElementSize(element));
        return subtract ? Negate(distance) : distance;
    }

    private Value Increment(IncrementExpression e, bool wantsValue)
    {
        if (e.Operand.QualType.IsAtomic)
            return AtomicIncrement(e);
        Lvalue target = LvalueOf(e.Operand);
        _b.Location = e.Location;
        Value old = Load(target);
        Value updated = Incremented(e, old);
        Store(target, updated);
        return !wantsValue || e.IsPostfix ? old : StoredValue(target, updated);
    }

    /// <summary>The value plus or minus one, in its type.</summary>
    private Value Incremented(IncrementExpression e, Value old)
    {
        CType type = e.Operand.Type;
        bool down = e.IsDecrement;
        switch (type)
        {
            case PointerType pointer:
                if (pointer.Pointee.Type.HasVariableSize)
                {
                    Value size = RuntimeSize(pointer.Pointee.Type);
                    return OffsetBy(old, down ? Negate(size) : size);
                }
                long step = ElementSize(pointer.Pointee);
                return OffsetBy(old, SizeConstant(down ? -step : step));
            case IntegerType { Kind: TypeKind.Bool }:
                return down ? _b.Binary(Op.Xor, old, Constant(IrType.I8, 1)) : Constant(IrType.I8, 1);
            case FloatType { IsDecimalFloat: false } real:
                Value one = _function.FloatConstant(Lowering.IrTypeOf(type), SoftFloat.One(real.Format));
                return _b.Binary(down ? Op.FloatSub : Op.FloatAdd, old, one, FloatFlags);
            case VectorType vector:
                return IncrementedVector(vector, old, down);
            case FloatType decimalFloat:
                Value oneDecimal = ConvertScalar(Constant(IrType.I32, 1), unit.CTypes.Int, type);
                return DecimalOperation(down ? BinaryOperator.Subtract : BinaryOperator.Add, decimalFloat, old, oneDecimal);
            default:
                // Types below int are widened, so that they wrap.
                IrType irType = Lowering.IrTypeOf(type);
                Value amount = _function.Constant(irType, 1L);
                bool mayWrap = type.Size < 4 || e.Operand is MemberExpression { Field.IsBitField: true };
                if (Options.TrapSigned && Lowering.IsSigned(type) && !mayWrap)
                    return TrappingArithmetic(down ? Op.Sub : Op.Add, old, amount);
                return _b.Binary(down ? Op.Sub : Op.Add, old, amount, mayWrap ? 0 : SignedFlags(type));
        }
    }

    // Choice

    private Value Conditional(ConditionalExpression e)
    {
        if (e.Condition.Type is VectorType vector)
            return VectorConditional(e, vector);
        if (ConstantTruth(e.Condition) is { } known)
        {
            Discard(e.Condition);
            return Scalar(known ? e.WhenTrue : e.WhenFalse);
        }
        Block whenTrue = NewBlock(), whenFalse = NewBlock(), join = NewBlock();
        BranchOn(e.Condition, whenTrue, whenFalse);
        _b.Current = whenTrue;
        Value a = Scalar(e.WhenTrue);
        Open();
        _b.Branch(join);
        _b.Current = whenFalse;
        Value b = Scalar(e.WhenFalse);
        Open();
        _b.Branch(join);
        _b.Current = join;
        return Lowering.ClassOf(e.Type) == TypeClass.Void ? default : _b.EmitList(Op.Phi, Lowering.IrTypeOf(e.Type), [a, b]);
    }

    private void ConditionalInto(ConditionalExpression e, in Lvalue place)
    {
        if (ConstantTruth(e.Condition) is { } known)
        {
            Discard(e.Condition);
            EvaluateInto(known ? e.WhenTrue : e.WhenFalse, place);
            return;
        }
        Block whenTrue = NewBlock(), whenFalse = NewBlock(), join = NewBlock();
        BranchOn(e.Condition, whenTrue, whenFalse);
        _b.Current = whenTrue;
        EvaluateInto(e.WhenTrue, place);
        Begin(join);
        _b.Current = whenFalse;
        EvaluateInto(e.WhenFalse, place);
        Begin(join);
    }

    private void DiscardConditional(ConditionalExpression e)
    {
        if (ConstantTruth(e.Condition) is { } known)
        {
            Discard(e.Condition);
            Discard(known ? e.WhenTrue : e.WhenFalse);
            return;
        }
        Block whenTrue = NewBlock(), whenFalse = NewBlock(), join = NewBlock();
        BranchOn(e.Condition, whenTrue, whenFalse);
        _b.Current = whenTrue;
        Discard(e.WhenTrue);
        Begin(join);
        _b.Current = whenFalse;
        Discard(e.WhenFalse);
        Begin(join);
    }

    /// <summary>Evaluates a ?: c's first operand into its placeholder and branches on it.</summary>
    private void StartOmittedMiddle(OmittedMiddleExpression e, Block whenTrue, Block whenFalse)
    {
        VariableDeclaration placeholder = e.Placeholder;
        if (Lowering.ClassOf(e.Value.Type) == TypeClass.Complex)
        {
            (Value real, Value imaginary) = ComplexValue(e.Value);
            Open();
            StoreComplex(VariableLvalue(placeholder, placeholder.Type.Unqualified), real, imaginary);
            _b.BranchIf(ComplexTruth((ComplexType)e.Value.Type, real, imaginary), whenTrue, whenFalse);
            return;
        }
        Value value = Scalar(e.Value);
        Open();
        Store(VariableLvalue(placeholder, placeholder.Type.Unqualified), value);
        _b.BranchIf(Truth(value, e.Value.Type), whenTrue, whenFalse);
    }

    private Value OmittedMiddle(OmittedMiddleExpression e)
    {
        Block whenTrue = NewBlock(), whenFalse = NewBlock(), join = NewBlock();
        StartOmittedMiddle(e, whenTrue, whenFalse);
        _b.Current = whenTrue;
        Value a = Scalar(e.WhenTrue);
        Open();
        _b.Branch(join);
        _b.Current = whenFalse;
        Value b = Scalar(e.WhenFalse);
        Open();
        _b.Branch(join);
        _b.Current = join;
        return Lowering.ClassOf(e.Type) == TypeClass.Void ? default : _b.EmitList(Op.Phi, Lowering.IrTypeOf(e.Type), [a, b]);
    }

    private void OmittedMiddleInto(OmittedMiddleExpression e, in Lvalue place)
    {
        Block whenTrue = NewBlock(), whenFalse = NewBlock(), join = NewBlock();
        StartOmittedMiddle(e, whenTrue, whenFalse);
        _b.Current = whenTrue;
        EvaluateInto(e.WhenTrue, place);
        Begin(join);
        _b.Current = whenFalse;
        EvaluateInto(e.WhenFalse, place);
        Begin(join);
    }
}
