namespace Kiln.Lowering;

// Conditions: scalars tested against zero, with short circuits as branches and constant ones decided here.
internal sealed partial class FunctionLowering
{
    /// <summary>Whether a value is not zero, as i1.</summary>
    private Value Truth(Value value, CType type)
    {
        IrType irType = _function.TypeOf(value);
        if (type is FloatType { IsDecimalFloat: true } decimalFloat)
            return DecimalComparison(BinaryOperator.NotEqual, decimalFloat, value, ConvertScalar(Constant(IrType.I32, 0), unit.CTypes.Int, type));
        return irType.IsFloat
            ? _b.Compare(FloatPredicate.NotEqual | FloatPredicate.Quiet, value, ZeroOf(irType))
            : _b.Compare(IntPredicate.NotEqual, value, ZeroOf(irType));
    }

    /// <summary>The truth of a scalar expression as i1.</summary>
    private Value Condition(Expression e)
    {
        switch (e)
        {
            case UnaryExpression { Operator: UnaryOperator.LogicalNot } not:
                return _b.Binary(Op.Xor, Condition(not.Operand), Constant(IrType.I1, 1));
            case BinaryExpression binary when IsComparison(binary.Operator):
                return Comparison(binary);
            case CastExpression cast when PassesTruth(cast):
                return Condition(cast.Operand);
            case LogicalExpression:
                return LogicalCondition(e);
            case CommaExpression comma:
                Discard(comma.Left);
                return Condition(comma.Right);
            case IntegerConstant integer:
                return Constant(IrType.I1, integer.Value != 0 ? 1 : 0);
        }
        if (e.Type is ComplexType complex)
        {
            (Value real, Value imaginary) = ComplexValue(e);
            Open();
            return ComplexTruth(complex, real, imaginary);
        }
        Value value = Scalar(e);
        Open();
        _b.Location = e.Location;
        return Truth(value, e.Type);
    }

    /// <summary>Whether a conversion is zero exactly where its operand is.</summary>
    private static bool PassesTruth(CastExpression cast) => cast.CastKind switch
    {
        CastKind.ToBool or CastKind.NoOp or CastKind.Pointer => Lowering.ClassOf(cast.Operand.Type) is TypeClass.Scalar or TypeClass.Complex && !cast.Operand.Type.IsVector,
        CastKind.Integral => cast.Type.Kind == TypeKind.Bool || cast.Type.Size >= cast.Operand.Type.Size && !IsBitField(cast.Operand),
        _ => false,
    };

    private static bool IsBitField(Expression e) => e is MemberExpression { Field.IsBitField: true };

    private Value LogicalCondition(Expression e)
    {
        Block whenTrue = NewBlock(), whenFalse = NewBlock(), join = NewBlock();
        BranchOn(e, whenTrue, whenFalse);
        _b.Current = whenTrue;
        _b.Branch(join);
        _b.Current = whenFalse;
        _b.Branch(join);
        _b.Current = join;
        return _b.EmitList(Op.Phi, IrType.I1, [Constant(IrType.I1, 1), Constant(IrType.I1, 0)]);
    }

    private Value Comparison(BinaryExpression e)
    {
        CType type = e.Left.Type;
        if (type is ComplexType complex)
        {
            (Value ar, Value ai) = ComplexValue(e.Left);
            (Value br, Value bi) = ComplexValue(e.Right);
            Open();
            _b.Location = e.Location;
            return ComplexComparison(e.Operator, complex.Element, ar, ai, br, bi);
        }
        Value left = Scalar(e.Left);
        Value right = Scalar(e.Right);
        Open();
        _b.Location = e.Location;
        return CompareScalars(e.Operator, type, left, right);
    }

    private Value CompareScalars(BinaryOperator op, CType type, Value left, Value right)
    {
        if (type is FloatType { IsDecimalFloat: true } decimalFloat)
            return DecimalComparison(op, decimalFloat, left, right);
        // Nothing is beyond infinity; gcc says so at every level.
        if (type is FloatType && op is BinaryOperator.Less or BinaryOperator.Greater && IsInfinity(right, isNegative: op == BinaryOperator.Less))
            return Constant(IrType.I1, 0);
        return type is FloatType
            ? _b.Compare(FloatPredicateOf(op), left, right)
            : _b.Compare(IntPredicateOf(op, Lowering.IsSigned(type)), left, right);
    }

    private bool IsInfinity(Value value, bool isNegative)
    {
        if (_function.OpOf(value) != Op.FloatConstant)
            return false;
        IrType type = _function.TypeOf(value);
        return !type.IsVector && _function.ConstantBits(value) == SoftFloat.Infinity(type.Format, isNegative);
    }

    private static IntPredicate IntPredicateOf(BinaryOperator op, bool isSigned) => op switch
    {
        BinaryOperator.Equal => IntPredicate.Equal,
        BinaryOperator.NotEqual => IntPredicate.NotEqual,
        BinaryOperator.Less => isSigned ? IntPredicate.LessSigned : IntPredicate.LessUnsigned,
        BinaryOperator.LessEqual => isSigned ? IntPredicate.LessEqualSigned : IntPredicate.LessEqualUnsigned,
        BinaryOperator.Greater => isSigned ? IntPredicate.GreaterSigned : IntPredicate.GreaterUnsigned,
        BinaryOperator.GreaterEqual => isSigned ? IntPredicate.GreaterEqualSigned : IntPredicate.GreaterEqualUnsigned,
        _ => throw new InvalidOperationException($"comparison {op}"),
    };

    private static FloatPredicate FloatPredicateOf(BinaryOperator op) => op switch
    {
        BinaryOperator.Equal => FloatPredicate.Equal | FloatPredicate.Quiet,
        BinaryOperator.NotEqual => FloatPredicate.NotEqual | FloatPredicate.Quiet,
        BinaryOperator.Less => FloatPredicate.Less,
        BinaryOperator.LessEqual => FloatPredicate.LessEqual,
        BinaryOperator.Greater => FloatPredicate.Greater,
        BinaryOperator.GreaterEqual => FloatPredicate.GreaterEqual,
        _ => throw new InvalidOperationException($"comparison {op}"),
    };

    /// <summary>Branches on a condition; the current block ends.</summary>
    private void BranchOn(Expression e, Block whenTrue, Block whenFalse, int probability = 0)
    {
        Open();
        if (ConstantTruth(e) is { } known)
        {
            if (!HasNoEffects(e))
                Discard(e);
            Open();
            _b.Branch(known ? whenTrue : whenFalse);
            return;
        }
        switch (e)
        {
            case UnaryExpression { Operator: UnaryOperator.LogicalNot } not when !not.Operand.Type.IsVector:
                BranchOn(not.Operand, whenFalse, whenTrue, probability == 0 ? 0 : 0x10000 - probability);
                return;
            case LogicalExpression logical:
                Block second = NewBlock();
                if (logical.IsOr)
                    BranchOn(logical.Left, whenTrue, second);
                else
                    BranchOn(logical.Left, second, whenFalse);
                _b.Current = second;
                BranchOn(logical.Right, whenTrue, whenFalse, probability);
                return;
            case CommaExpression comma:
                Discard(comma.Left);
                BranchOn(comma.Right, whenTrue, whenFalse, probability);
                return;
            case CastExpression cast when PassesTruth(cast):
                BranchOn(cast.Operand, whenTrue, whenFalse, probability);
                return;
            case BuiltinExpression { Builtin.Id: BuiltinId.Expect or BuiltinId.ExpectWithProbability } expect when IntegerValue(expect.Arguments[1], out _):
                BranchOn(expect.Arguments[0], whenTrue, whenFalse, ExpectedProbability(expect));
                return;
            case ConditionalExpression conditional when !conditional.Condition.Type.IsVector:
                Block first = NewBlock(), otherwise = NewBlock();
                BranchOn(conditional.Condition, first, otherwise);
                _b.Current = first;
                BranchOn(conditional.WhenTrue, whenTrue, whenFalse);
                _b.Current = otherwise;
                BranchOn(conditional.WhenFalse, whenTrue, whenFalse);
                return;
        }
        Value condition = Condition(e);
        Open();
        _b.Location = e.Location;
        if (_function.OpOf(condition) == Op.Constant)
            _b.Branch(_function.ConstantBits(condition) != 0 ? whenTrue : whenFalse);
        else
            _b.BranchIf(condition, whenTrue, whenFalse, probability);
    }

    /// <summary>How likely __builtin_expect's value is not zero, in 1/65536.</summary>
    private static int ExpectedProbability(BuiltinExpression expect)
    {
        if (!IntegerValue(expect.Arguments[1], out Int128 expected))
            return 0;
        double probability = 0.9;
        if (expect.Builtin.Id == BuiltinId.ExpectWithProbability && expect.Arguments.Length > 2 && expect.Arguments[2] is FloatConstant given)
            probability = SoftFloat.AsDouble(FloatFormat.Double, given.Bits);
        int scaled = Math.Clamp((int)(probability * 0x10000), 1, 0xffff);
        return expected != 0 ? scaled : 0x10000 - scaled;
    }

    private void DiscardLogical(LogicalExpression e)
    {
        if (ConstantTruth(e.Left) is { } known)
        {
            Discard(e.Left);
            if (known != e.IsOr)
                Discard(e.Right);
            return;
        }
        Block second = NewBlock(), join = NewBlock();
        if (e.IsOr)
            BranchOn(e.Left, join, second);
        else
            BranchOn(e.Left, second, join);
        _b.Current = second;
        Discard(e.Right);
        Begin(join);
    }

    // Constants that decide what code there is

    /// <summary>Whether a condition is always true or always false; null where it is not known before the program runs. The operands
    /// that decide have no effects, but others may: who asks evaluates the expression for its effects.</summary>
    private bool? ConstantTruth(Expression e)
    {
        switch (e)
        {
            case LogicalExpression logical:
                bool? left = ConstantTruth(logical.Left);
                if (left == logical.IsOr)
                    return logical.IsOr;
                bool? right = ConstantTruth(logical.Right);
                if (right == logical.IsOr && HasNoEffects(logical.Left))
                    return logical.IsOr;
                return left is null ? null : right;
            case UnaryExpression { Operator: UnaryOperator.LogicalNot } not when !not.Operand.Type.IsVector:
                return !ConstantTruth(not.Operand);
            case CastExpression cast when PassesTruth(cast):
                return ConstantTruth(cast.Operand);
            case CastExpression { CastKind: CastKind.ArrayDecay or CastKind.FunctionDecay } cast:
                return IsNeverNull(cast.Operand) ? true : null;
            case AddressOfExpression address:
                return IsNeverNull(address.Operand) ? true : null;
            case FloatConstant real:
                return !SoftFloat.IsZero(((FloatType)e.Type).Format, real.Bits);
            case CommaExpression comma:
                return ConstantTruth(comma.Right);
        }
        return IntegerValue(e, out Int128 value) ? value != 0 : null;
    }

    private bool IsNeverNull(Expression e) => Options.DeleteNullChecks && e switch
    {
        VariableReference { Variable: { IsWeak: false } variable } => variable.Symbol?.WeakReferenceTo is null or 0,
        StringLiteral => true,
        FunctionReference { Function: { IsWeak: false } function } => function.Symbol?.WeakReferenceTo is null or 0,
        _ => false,
    };

    private static bool HasNoEffects(Expression e) => e switch
    {
        IntegerConstant or FloatConstant or StringLiteral or FunctionReference => true,
        VariableReference => !e.QualType.IsVolatile,
        CastExpression cast => HasNoEffects(cast.Operand),
        UnaryExpression unary => HasNoEffects(unary.Operand),
        BinaryExpression binary => HasNoEffects(binary.Left) && HasNoEffects(binary.Right),
        LogicalExpression logical => HasNoEffects(logical.Left) && HasNoEffects(logical.Right),
        MemberExpression member => !e.QualType.IsVolatile && HasNoEffects(member.Record),
        DereferenceExpression dereference => !e.QualType.IsVolatile && HasNoEffects(dereference.Pointer),
        PointerOffset offset => HasNoEffects(offset.Pointer) && HasNoEffects(offset.Index),
        AddressOfExpression address => HasNoEffects(address.Operand),
        ConditionalExpression choice => HasNoEffects(choice.Condition) && HasNoEffects(choice.WhenTrue) && HasNoEffects(choice.WhenFalse),
        BuiltinExpression { Builtin.Id: BuiltinId.ConstantP or BuiltinId.Expect } builtin =>
            builtin.Builtin.Id == BuiltinId.ConstantP || HasNoEffects(builtin.Arguments[0]),
        _ => false,
    };

    /// <summary>The value of an expression of integer type where it is known now (what gcc -O0 folds); it has no effects then.</summary>
    private static bool IntegerValue(Expression e, out Int128 value)
    {
        value = 0;
        switch (e)
        {
            case IntegerConstant integer:
                value = (Int128)integer.Value;
                return true;
            case CastExpression { CastKind: CastKind.Integral or CastKind.NoOp or CastKind.ToBool } cast when cast.Operand.Type.IsInteger && cast.Type.IsInteger:
                if (!IntegerValue(cast.Operand, out value))
                    return false;
                value = cast.Type.Kind == TypeKind.Bool ? value != 0 ? 1 : 0 : Wrap(value, cast.Type);
                return true;
            case UnaryExpression unary when unary.Type.IsInteger && unary.Operand.Type.IsInteger && IntegerValue(unary.Operand, out Int128 operand):
                value = unary.Operator switch
                {
                    UnaryOperator.Negate => -operand,
                    UnaryOperator.LogicalNot => operand == 0 ? 1 : 0,
                    _ => ~operand,
                };
                value = Wrap(value, unary.Type);
                return true;
            case BinaryExpression binary when binary.Type.IsInteger && binary.Left.Type.IsInteger:
                return IntegerValue(binary.Left, out Int128 left) && IntegerValue(binary.Right, out Int128 right)
                    && Compute(binary, left, right, out value);
            case LogicalExpression logical:
                if (!IntegerValue(logical.Left, out Int128 first))
                    return false;
                if (first != 0 == logical.IsOr)
                {
                    value = logical.IsOr ? 1 : 0;
                    return true;
                }
                if (!IntegerValue(logical.Right, out Int128 second))
                    return false;
                value = second != 0 ? 1 : 0;
                return true;
            case ConditionalExpression conditional when conditional.Type.IsInteger && IntegerValue(conditional.Condition, out Int128 choice):
                return IntegerValue(choice != 0 ? conditional.WhenTrue : conditional.WhenFalse, out value);
            case BuiltinExpression { Builtin.Id: BuiltinId.Expect or BuiltinId.ExpectWithProbability, Arguments: [_, IntegerConstant, ..] } expect:
                return IntegerValue(expect.Arguments[0], out value);
            case BuiltinExpression { Builtin.Id: BuiltinId.ConstantP } test:
                value = 1;
                return IsKnownConstant(test.Arguments[0]);
            default:
                return false;
        }
    }

    private static bool Compute(BinaryExpression e, Int128 a, Int128 b, out Int128 value)
    {
        bool isSigned = Lowering.IsSigned(e.Left.Type) || e.Left.Type.Size < 16;
        int order = isSigned ? a.CompareTo(b) : ((UInt128)a).CompareTo((UInt128)b);
        value = 0;
        switch (e.Operator)
        {
            case BinaryOperator.Multiply:
                value = unchecked(a * b);
                break;
            case BinaryOperator.Divide or BinaryOperator.Remainder:
                if (b == 0 || b == -1 && isSigned)
                    return false;
                if (isSigned)
                    value = e.Operator == BinaryOperator.Divide ? a / b : a % b;
                else
                    value = (Int128)(e.Operator == BinaryOperator.Divide ? (UInt128)a / (UInt128)b : (UInt128)a % (UInt128)b);
                break;
            case BinaryOperator.Add:
                value = unchecked(a + b);
                break;
            case BinaryOperator.Subtract:
                value = unchecked(a - b);
                break;
            case BinaryOperator.ShiftLeft or BinaryOperator.ShiftRight:
                if (b < 0 || b >= e.Left.Type.Size * 8)
                    return false;
                value = e.Operator == BinaryOperator.ShiftLeft ? a << (int)b : isSigned ? a >> (int)b : (Int128)((UInt128)a >> (int)b);
                break;
            case BinaryOperator.And:
                value = a & b;
                break;
            case BinaryOperator.Xor:
                value = a ^ b;
                break;
            case BinaryOperator.Or:
                value = a | b;
                break;
            default:
                value = e.Operator switch
                {
                    BinaryOperator.Less => order < 0,
                    BinaryOperator.Greater => order > 0,
                    BinaryOperator.LessEqual => order <= 0,
                    BinaryOperator.GreaterEqual => order >= 0,
                    BinaryOperator.Equal => order == 0,
                    _ => order != 0,
                } ? 1 : 0;
                return true;
        }
        value = Wrap(value, e.Type);
        return true;
    }

    /// <summary>A value cut to an integer type.</summary>
    private static Int128 Wrap(Int128 value, CType type)
    {
        int unused = 128 - (int)type.Size * 8;
        return Lowering.IsSigned(type) ? value << unused >> unused : (Int128)((UInt128)value << unused >> unused);
    }
}
