namespace Kiln.Lowering;

// Complex numbers: two values. Multiplication and division follow C17 annex G as gcc does: the school formula, and where it gives
// two NaNs (or for division always) the support library's __mulXc3 and __divXc3, unless -fcx-limited-range.
internal sealed partial class FunctionLowering
{
    private (Value Real, Value Imaginary) ComplexValue(Expression e)
    {
        if (!CompilationStack.HasRoom)
            throw new InsufficientExecutionStackException("nesting too deep");
        if (e.Type is not ComplexType type)
            throw new InvalidOperationException($"complex value of {e.Type}");
        CType element = type.Element;
        switch (e)
        {
            case ComplexConstant constant:
                return (FloatingConstant(element, constant.Real), FloatingConstant(element, constant.Imaginary));
            case CastExpression cast:
                return ComplexCast(cast, type);
            case MakeComplexExpression make:
                return (Scalar(make.Real), Scalar(make.Imaginary));
            case UnaryExpression unary:
                (Value ur, Value ui) = ComplexValue(unary.Operand);
                Open();
                return unary.Operator switch
                {
                    UnaryOperator.Negate => (NegateScalar(ur, element, null), NegateScalar(ui, element, null)),
                    UnaryOperator.Conjugate => (ur, NegateScalar(ui, element, null)),
                    _ => throw new InvalidOperationException($"complex {unary.Operator}"),
                };
            case BinaryExpression binary:
                return ComplexBinary(binary, element);
            case CommaExpression comma:
                Discard(comma.Left);
                return ComplexValue(comma.Right);
            case AssignExpression assign:
                Lvalue target = LvalueOf(assign.Target);
                (Value ar, Value ai) = ComplexValue(assign.Value);
                Open();
                _b.Location = e.Location;
                if (target.Type.IsAtomic)
                {
                    Value temporary = Temporary(type);
                    StoreComplex(MemoryLvalue(temporary, type), ar, ai);
                    AtomicStoreFrom(target, temporary);
                }
                else
                {
                    StoreComplex(target, ar, ai);
                }
                return (ar, ai);
            case CompoundAssignExpression assign:
                return ComplexCompoundAssign(assign, type);
            case IncrementExpression increment:
                Lvalue place = LvalueOf(increment.Operand);
                Value one = element is FloatType floating
                    ? _function.FloatConstant(Lowering.IrTypeOf(element), SoftFloat.One(floating.Format))
                    : Constant(Lowering.IrTypeOf(element), 1);
                (Value Real, Value Imaginary) Stepped(Value real, Value imaginary) =>
                    (BinaryOperation(increment.IsDecrement ? BinaryOperator.Subtract : BinaryOperator.Add, element, real, one, element, null), imaginary);
                if (place.Type.IsAtomic)
                {
                    var (was, made) = AtomicUpdateComplex(place, Stepped);
                    return increment.IsPostfix ? was : made;
                }
                (Value or, Value oi) = LoadComplex(place);
                (Value nr, _) = Stepped(or, oi);
                StoreComplex(place, nr, oi);
                return increment.IsPostfix ? (or, oi) : (nr, oi);
            case InitializerList { Elements: var elements } list when list.Elements.Length <= 2:
                if (elements is [{ Value.Type: ComplexType }])
                    return ComplexValue(elements[0].Value);
                Value first = elements.Length > 0 ? Scalar(elements[0].Value) : ZeroOf(Lowering.IrTypeOf(element));
                return (first, elements.Length > 1 ? Scalar(elements[1].Value) : ZeroOf(Lowering.IrTypeOf(element)));
            case ErrorExpression:
                Value any = _function.Any(Lowering.IrTypeOf(element));
                return (any, any);
            case BuiltinExpression builtin:
                return BuiltinComplex(builtin, element);
            case CallExpression call when ExpandComplexCall(call, out Value cr, out Value ci):
                return (cr, ci);
        }
        if (e.IsLvalue)
            return LoadComplex(LvalueOf(e));
        // Choices, calls and the like go through memory.
        Value memory = Temporary(type);
        Lvalue held = MemoryLvalue(memory, type);
        ComplexInto(e, held);
        Open();
        return LoadComplex(held);
    }

    private void ComplexInto(Expression e, in Lvalue place)
    {
        switch (e)
        {
            case CallExpression call:
                Call(call, place.Address);
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
            case VaArgExpression fetch:
                VaArgInto(fetch, place);
                break;
            case MemberExpression or EvaluateBoundsExpression:
                (Value real, Value imaginary) = LoadComplex(LvalueOf(e));
                StoreComplex(place, real, imaginary);
                break;
            default:
                throw new InvalidOperationException($"complex {e.Kind}");
        }
    }

    private (Lvalue Real, Lvalue Imaginary) Parts(in Lvalue place)
    {
        CType element = ((ComplexType)place.Type.Type).Element;
        Lvalue real = place;
        real.Type = new QualType(element, place.Type.Qualifiers & ~Qualifiers.Atomic);
        Lvalue imaginary = real;
        imaginary.Address = OffsetBy(place.Address, element.Size);
        imaginary.AlignmentLog2 = OffsetAlignment(place.AlignmentLog2, element.Size);
        return (real, imaginary);
    }

    private (Value Real, Value Imaginary) LoadComplex(Lvalue place)
    {
        if (place.Type.IsAtomic)
        {
            Value temporary = Temporary(place.Type.Type);
            AtomicLoadInto(place, temporary);
            place = MemoryLvalue(temporary, place.Type.Unqualified);
        }
        (Lvalue real, Lvalue imaginary) = Parts(place);
        return (Load(real), Load(imaginary));
    }

    private void StoreComplex(in Lvalue place, Value real, Value imaginary)
    {
        (Lvalue realPlace, Lvalue imaginaryPlace) = Parts(place);
        Store(realPlace, real);
        Store(imaginaryPlace, imaginary);
    }

    private (Value Real, Value Imaginary) ComplexCast(CastExpression e, ComplexType type)
    {
        CType element = type.Element;
        switch (e.CastKind)
        {
            case CastKind.LvalueToRvalue:
                Lvalue place = LvalueOf(e.Operand);
                Open();
                _b.Location = e.Location;
                return LoadComplex(place);
            case CastKind.RealToComplex:
                Value real = ConvertScalar(Scalar(e.Operand), e.Operand.Type, element);
                return (real, ZeroOf(Lowering.IrTypeOf(element)));
            default:
                if (e.Operand.Type is not ComplexType from)
                {
                    Value only = ConvertScalar(Scalar(e.Operand), e.Operand.Type, element);
                    return (only, ZeroOf(Lowering.IrTypeOf(element)));
                }
                (Value r, Value i) = ComplexValue(e.Operand);
                Open();
                return (ConvertScalar(r, from.Element, element), ConvertScalar(i, from.Element, element));
        }
    }

    private (Value Real, Value Imaginary) ComplexBinary(BinaryExpression e, CType element)
    {
        // A real operand keeps its missing imaginary part missing (C17 G.5): no zero is multiplied with an infinity.
        bool leftIsReal = RealOperand(e.Left, out Expression left), rightIsReal = RealOperand(e.Right, out Expression right);
        if (leftIsReal || rightIsReal)
        {
            (Value lr, Value li) = leftIsReal ? (ConvertScalar(Scalar(left), left.Type, element), default) : ComplexValue(e.Left);
            (Value rr, Value ri) = rightIsReal ? (ConvertScalar(Scalar(right), right.Type, element), default) : ComplexValue(e.Right);
            Open();
            _b.Location = e.Location;
            return MixedOperation(e.Operator, element, lr, li, rr, ri);
        }
        (Value ar, Value ai) = ComplexValue(e.Left);
        (Value br, Value bi) = ComplexValue(e.Right);
        Open();
        _b.Location = e.Location;
        return ComplexOperation(e.Operator, element, ar, ai, br, bi);
    }

    private static bool RealOperand(Expression e, out Expression operand)
    {
        operand = e;
        if (e is ComplexConstant { IsReal: true } constant)
        {
            CType element = ((ComplexType)constant.Type).Element;
            operand = element is FloatType
                ? new FloatConstant(element, constant.Real, constant.Location)
                : new IntegerConstant(element, constant.Real, constant.Location);
            return true;
        }
        if (e is CastExpression { CastKind: CastKind.Complex or CastKind.NoOp } outer && outer.Operand is CastExpression { CastKind: CastKind.RealToComplex } inside
            && (outer.Flags & ExpressionFlags.Explicit) == 0)
            e = inside;
        if (e is not CastExpression { CastKind: CastKind.RealToComplex } cast || (cast.Flags & ExpressionFlags.Explicit) != 0)
            return false;
        operand = cast.Operand;
        return true;
    }

    private Value Real(BinaryOperator op, CType element, Value a, Value b) => BinaryOperation(op, element, a, b, element, null);

    /// <summary>An operation with one or two real operands, whose imaginary value is none.</summary>
    private (Value Real, Value Imaginary) MixedOperation(BinaryOperator op, CType element, Value lr, Value li, Value rr, Value ri)
    {
        Value zero = ZeroOf(Lowering.IrTypeOf(element));
        if (li.IsNone && ri.IsNone)
            return (Real(op, element, lr, rr), zero);
        switch (op)
        {
            case BinaryOperator.Add:
                return (Real(op, element, lr, rr), li.IsNone ? ri : li);
            case BinaryOperator.Subtract:
                return (Real(op, element, lr, rr), li.IsNone ? NegateScalar(ri, element, null) : li);
            case BinaryOperator.Multiply when li.IsNone:
                return (Real(op, element, lr, rr), Real(op, element, lr, ri));
            case BinaryOperator.Multiply:
                return (Real(op, element, lr, rr), Real(op, element, li, rr));
            case BinaryOperator.Divide when ri.IsNone:
                return (Real(op, element, lr, rr), Real(op, element, li, rr));
            default:
                return ComplexOperation(op, element, lr, li.IsNone ? zero : li, rr, ri.IsNone ? zero : ri);
        }
    }

    private (Value Real, Value Imaginary) ComplexOperation(BinaryOperator op, CType element, Value ar, Value ai, Value br, Value bi)
    {
        switch (op)
        {
            case BinaryOperator.Add or BinaryOperator.Subtract:
                return (Real(op, element, ar, br), Real(op, element, ai, bi));
            case BinaryOperator.Multiply:
                return Multiply(element, ar, ai, br, bi);
            case BinaryOperator.Divide:
                return Divide(element, ar, ai, br, bi);
            default:
                throw new InvalidOperationException($"complex {op}");
        }
    }

    private (Value Real, Value Imaginary) Multiply(CType element, Value ar, Value ai, Value br, Value bi)
    {
        Value real = Real(BinaryOperator.Subtract, element, Real(BinaryOperator.Multiply, element, ar, br), Real(BinaryOperator.Multiply, element, ai, bi));
        Value imaginary = Real(BinaryOperator.Add, element, Real(BinaryOperator.Multiply, element, ar, bi), Real(BinaryOperator.Multiply, element, ai, br));
        if (element is not FloatType { IsDecimalFloat: false } type || Options.ComplexLimitedRange || Options.FastMath)
            return (real, imaginary);
        // Two NaNs may stand for an infinity.
        Block maybe = NewBlock(), recover = NewBlock(), join = NewBlock();
        const FloatPredicate isNan = FloatPredicate.Unordered | FloatPredicate.Quiet;
        _b.BranchIf(_b.Compare(isNan, real, real), maybe, join, 1);
        _b.Current = maybe;
        _b.BranchIf(_b.Compare(isNan, imaginary, imaginary), recover, join);
        _b.Current = recover;
        (Value exactReal, Value exactImaginary) = CallComplexLibrary($"__mul{ComplexMode(type)}3", element, ar, ai, br, bi);
        _b.Branch(join);
        _b.Current = join;
        IrType irType = Lowering.IrTypeOf(element);
        return (_b.EmitList(Op.Phi, irType, [real, real, exactReal]), _b.EmitList(Op.Phi, irType, [imaginary, imaginary, exactImaginary]));
    }

    private (Value Real, Value Imaginary) Divide(CType element, Value ar, Value ai, Value br, Value bi)
    {
        if (element is FloatType { IsDecimalFloat: false } type && !Options.ComplexLimitedRange)
            return CallComplexLibrary($"__div{ComplexMode(type)}3", element, ar, ai, br, bi);
        // (a + bi) / (c + di) = ((ac + bd) + (bc - ad)i) / (cc + dd)
        Value divisor = Real(BinaryOperator.Add, element, Real(BinaryOperator.Multiply, element, br, br), Real(BinaryOperator.Multiply, element, bi, bi));
        Value real = Real(BinaryOperator.Add, element, Real(BinaryOperator.Multiply, element, ar, br), Real(BinaryOperator.Multiply, element, ai, bi));
        Value imaginary = Real(BinaryOperator.Subtract, element, Real(BinaryOperator.Multiply, element, ai, br), Real(BinaryOperator.Multiply, element, ar, bi));
        return (Real(BinaryOperator.Divide, element, real, divisor), Real(BinaryOperator.Divide, element, imaginary, divisor));
    }

    private static string ComplexMode(FloatType type) => FloatMode(type.Format)[..1] + "c";

    private (Value Real, Value Imaginary) CallComplexLibrary(string name, CType element, Value ar, Value ai, Value br, Value bi)
    {
        CType result = unit.CTypes.ComplexOf(element);
        Value memory = Temporary(result);
        CallLibrary(name, result,
            [new Operand(element, ar), new Operand(element, ai), new Operand(element, br), new Operand(element, bi)],
            CallFlags.Const | CallFlags.NoThrow, memory);
        return LoadComplex(MemoryLvalue(memory, result));
    }

    private (Value Real, Value Imaginary) ComplexCompoundAssign(CompoundAssignExpression e, ComplexType type)
    {
        Lvalue target = LvalueOf(e.Target);
        CType operation = e.OperationType;
        CType element = operation is ComplexType complexOperation ? complexOperation.Element : operation;
        Value rr, ri = default;
        if (RealOperand(e.Value, out Expression realValue) && realValue != e.Value)
            rr = ConvertScalar(Scalar(realValue), realValue.Type, element);
        else if (e.Value.Type is ComplexType)
            (rr, ri) = ComplexValue(e.Value);
        else
            rr = ConvertScalar(Scalar(e.Value), e.Value.Type, element);
        Open();
        _b.Location = e.Location;
        (Value Real, Value Imaginary) Combined(Value lr, Value li)
        {
            lr = ConvertScalar(lr, type.Element, element);
            li = ConvertScalar(li, type.Element, element);
            (Value real, Value imaginary) = ri.IsNone
                ? MixedOperation(e.Operator, element, lr, li, rr, ri)
                : ComplexOperation(e.Operator, element, lr, li, rr, ri);
            return (ConvertScalar(real, element, type.Element), ConvertScalar(imaginary, element, type.Element));
        }
        if (target.Type.IsAtomic)
            return AtomicUpdateComplex(target, Combined).New;
        (Value oldReal, Value oldImaginary) = LoadComplex(target);
        (Value newReal, Value newImaginary) = Combined(oldReal, oldImaginary);
        StoreComplex(target, newReal, newImaginary);
        return (newReal, newImaginary);
    }

    private Value ComplexTruth(ComplexType type, Value real, Value imaginary) =>
        _b.Binary(Op.Or, Truth(real, type.Element), Truth(imaginary, type.Element));

    private Value ComplexComparison(BinaryOperator op, CType element, Value ar, Value ai, Value br, Value bi)
    {
        Value real = CompareScalars(op, element, ar, br);
        Value imaginary = CompareScalars(op, element, ai, bi);
        return _b.Binary(op == BinaryOperator.Equal ? Op.And : Op.Or, real, imaginary);
    }

    private Value PartOfValue(PartExpression e)
    {
        if (e.Operand.Type is not ComplexType)
        {
            // __real__ and __imag__ of a real value (GNU C).
            if (!e.IsImaginary)
                return Scalar(e.Operand);
            Discard(e.Operand);
            return ZeroOf(Lowering.IrTypeOf(e.Type));
        }
        (Value real, Value imaginary) = ComplexValue(e.Operand);
        return e.IsImaginary ? imaginary : real;
    }
}
