// Calls of builtins that take any type, and folding of builtins whose arguments are constants. What is left is a BuiltinExpression for Lowering.

using Kiln.Base;
using Kiln.Frontend.Ast;
using Kiln.Frontend.Builtins;
using Kiln.Frontend.Constants;
using Kiln.Frontend.Types;
using Kiln.Target.X86;

namespace Kiln.Frontend.Sema;

internal sealed partial class Semantics
{
    private BuiltinTable? _builtinTable;

    public BuiltinTable Builtins
    {
        get => _builtinTable!;
        set => _builtinTable = value;
    }

    /// <summary>An expression whose value is dropped: read only where that may be seen.</summary>
    public Expression Discard(Expression e) =>
        e.IsLvalue && e.QualType.IsVolatile && !e.Type.IsArray && !e.Type.IsVoid && e.Type.IsComplete ? Value(e) : e;

    /// <summary>Checks an asm output.</summary>
    public void AsmOutput(Expression e, Location location)
    {
        if (!e.IsLvalue || e.Type.IsFunction)
        {
            Report.Error(location, "lvalue required in 'asm' statement");
            return;
        }
        CheckModifiable(e, "asm output", location);
    }

    /// <summary>A call of a builtin with a fixed type.</summary>
    public Expression CallBuiltin(BuiltinInfo builtin, FunctionType type, Expression[] arguments, Location location)
    {
        foreach (Expression argument in arguments)
        {
            if (argument.Type.IsError)
                return Error(location);
        }
        if (!ConvertArguments(type, null, SpelledName(builtin), arguments, location))
            return Error(location);
        if (builtin.Id is BuiltinId.AllocaWithAlign or BuiltinId.AllocaWithAlignAndMax
            && (FoldFully(arguments[1]) is not IntegerConstant { Value: var bits } || bits < 8 || bits > 0x80000000 || (bits & bits - 1) != 0))
            return Error(location, $"second argument to function '{SpelledName(builtin)}' must be a constant integer power of 2 between '8' and '2147483648' bits");
        if (builtin.Intrinsic is { } intrinsic && !CheckImmediates(intrinsic, arguments, location))
            return Error(location);
        NoteEffects(builtin);
        if (BuiltinFolding.Fold(this, builtin, arguments, type.Result, location) is { } folded)
            return folded;
        return new BuiltinExpression(builtin, arguments, type.Result, location);
    }

    // Arguments that the instruction has in itself must be constants, and small enough.
    private bool CheckImmediates(Intrinsic intrinsic, Expression[] arguments, Location location)
    {
        for (int i = 0; i < arguments.Length; i++)
        {
            IntrinsicType parameter = intrinsic.Parameters[i];
            if (!parameter.IsImmediate)
                continue;
            if (FoldFully(arguments[i]) is IntegerConstant constant
                && (parameter.Limit == 255 ? (long)constant.Value is >= -128 and <= 255 : constant.Value <= (UInt128)parameter.Limit)
                && (intrinsic.Way != "gather" || constant.Value == 1 || constant.Value == 2 || constant.Value == 4 || constant.Value == 8))
            {
                arguments[i] = constant;
                continue;
            }
            Report.Error(location, ImmediateError(intrinsic, parameter.Limit, i == arguments.Length - 1 ? "last" : "third"));
            return false;
        }
        return true;
    }

    private static string ImmediateError(Intrinsic intrinsic, int limit, string place)
    {
        if (intrinsic.Name.StartsWith("vec_", StringComparison.Ordinal))
            return $"selector must be an integer constant in the range [0, {limit}]";
        if (intrinsic.Way == "gather")
            return $"the {place} argument must be scale 1, 2, 4, 8";
        if (intrinsic.Way == "bytes")
            return "shift must be an immediate";
        int bits = System.Numerics.BitOperations.Log2((uint)limit) + 1;
        return $"the {place} argument must be {(bits == 8 ? "an" : "a")} {bits}-bit immediate";
    }

    private static string SpelledName(BuiltinInfo builtin) =>
        builtin.Name.StartsWith("__", StringComparison.Ordinal) ? builtin.Name : "__builtin_" + builtin.Name;

    private void NoteEffects(BuiltinInfo builtin)
    {
        if (Function is null || Unevaluated != 0)
            return;
        switch (builtin.Id)
        {
            case BuiltinId.Alloca or BuiltinId.AllocaWithAlign or BuiltinId.AllocaWithAlignAndMax:
                Function.Flags |= FunctionFlags.CallsAlloca;
                break;
            case BuiltinId.VaArgPack or BuiltinId.VaArgPackLen:
                Function.Flags |= FunctionFlags.UsesArgumentPack;
                break;
            case BuiltinId.NonLocalSetjmp:
                Function.Flags |= FunctionFlags.CallsReturnsTwice | FunctionFlags.NotInlinable;
                break;
            case BuiltinId.NonLocalLongjmp or BuiltinId.ApplyArgs or BuiltinId.Apply or BuiltinId.Return or BuiltinId.EhReturn or BuiltinId.UnwindInit:
                Function.Flags |= FunctionFlags.NotInlinable;
                break;
        }
    }

    private bool Count(BuiltinInfo builtin, Expression[] arguments, int least, int most, Location location)
    {
        if (arguments.Length < least)
        {
            Report.Error(location, $"too few arguments to function '{SpelledName(builtin)}'");
            return false;
        }
        if (arguments.Length > most)
        {
            Report.Error(location, $"too many arguments to function '{SpelledName(builtin)}'");
            return false;
        }
        return true;
    }

    /// <summary>A call of a builtin with arguments of any type.</summary>
    public Expression SpecialBuiltin(BuiltinInfo builtin, Expression[] arguments, Location location)
    {
        NoteEffects(builtin);
        switch (builtin.Id)
        {
            case BuiltinId.ConstantP:
                return Count(builtin, arguments, 1, 1, location) ? ConstantP(builtin, arguments, location) : Error(location);
            case BuiltinId.ClassifyType:
                return Count(builtin, arguments, 1, 1, location) ? Int(ClassifyType(Value(arguments[0]).Type), location) : Error(location);
            case BuiltinId.VaStart or BuiltinId.VaEnd or BuiltinId.VaCopy:
                return VaBuiltin(builtin, arguments, location);
            case BuiltinId.IsNan or BuiltinId.IsInf or BuiltinId.IsInfSign or BuiltinId.IsFinite or BuiltinId.IsNormal or BuiltinId.SignBit or BuiltinId.IsSignaling:
                return FloatTest(builtin, arguments, location);
            case BuiltinId.IsGreater or BuiltinId.IsGreaterEqual or BuiltinId.IsLess or BuiltinId.IsLessEqual or BuiltinId.IsLessGreater
                or BuiltinId.IsUnordered or BuiltinId.IsEqSig:
                return FloatComparison(builtin, arguments, location);
            case BuiltinId.FpClassify:
                return Classify(builtin, arguments, location);
            case BuiltinId.AddOverflow or BuiltinId.SubOverflow or BuiltinId.MulOverflow
                or BuiltinId.AddOverflowP or BuiltinId.SubOverflowP or BuiltinId.MulOverflowP:
                return Overflow(builtin, arguments, location);
            case BuiltinId.SpeculationSafeValue:
                if (!Count(builtin, arguments, 1, 2, location))
                    return Error(location);
                Expression safe = Value(arguments[0]);
                return new BuiltinExpression(builtin, arguments.Length == 2 ? [safe, Value(arguments[1])] : [safe], safe.Type, location);
            case BuiltinId.AtomicAlwaysLockFree or BuiltinId.AtomicIsLockFree:
                return LockFree(builtin, arguments, location);
            case >= BuiltinId.AtomicLoadN and <= BuiltinId.AtomicNandFetch:
                return Atomic(builtin, arguments, location);
            case >= BuiltinId.SyncFetchAdd and <= BuiltinId.SyncLockRelease:
                return Sync(builtin, arguments, location);
            case BuiltinId.ObjectSize or BuiltinId.DynamicObjectSize:
                return ObjectSize(builtin, arguments, location);
            case BuiltinId.ClearPadding:
                return ClearPadding(builtin, arguments, location);
            case BuiltinId.VaArgPack or BuiltinId.VaArgPackLen:
                return new BuiltinExpression(builtin, [], Types.Int, location);
            default:
                throw new ArgumentOutOfRangeException(nameof(builtin), builtin.Id, null);
        }
    }

    private Expression ClearPadding(BuiltinInfo builtin, Expression[] arguments, Location location)
    {
        if (!Count(builtin, arguments, 1, 1, location))
            return Error(location);
        Expression pointer = Value(arguments[0]);
        string argument = $"argument 1 in call to function '{SpelledName(builtin)}'";
        if (pointer.Type is not PointerType { Pointee: var pointee })
            return Error(location, $"{argument} does not have pointer type");
        if (!pointee.Type.IsComplete || pointee.Type.IsVoid || pointee.Type.IsFunction)
            return Error(location, $"{argument} points to incomplete type");
        if (pointee.IsConst)
            return Error(location, $"{argument} has pointer to 'const' type");
        if (pointee.IsAtomic)
            return Error(location, $"{argument} has pointer to '_Atomic' type");
        return new BuiltinExpression(builtin, [pointer], Types.Void, location);
    }

    private Expression ObjectSize(BuiltinInfo builtin, Expression[] arguments, Location location)
    {
        if (!Count(builtin, arguments, 2, 2, location))
            return Error(location);
        Expression pointer = ConvertForAssignment(
            arguments[0], Types.PointerTo(new QualType(Types.Void, Qualifiers.Const)), AssignmentContext.Argument, location, SpelledName(builtin), 1);
        Expression kind = FoldFully(Value(arguments[1]));
        if (pointer.Type.IsError)
            return pointer;
        if (kind is not IntegerConstant { Value: var value } || value > 3)
            return Error(location, $"last argument of '{SpelledName(builtin)}' is not integer constant between 0 and 3");
        return new BuiltinExpression(builtin, [pointer, Convert(kind, Types.Int)], Types.SizeType, location);
    }

    private Expression ConstantP(BuiltinInfo builtin, Expression[] arguments, Location location)
    {
        Expression e = Value(arguments[0]);
        if (e.Type.IsError)
            return e;
        Expression folded = FoldFully(e);
        bool isConstant = folded is IntegerConstant or FloatConstant or ComplexConstant
            || folded is CastExpression { CastKind: CastKind.ArrayDecay, Operand: StringLiteral };
        if (isConstant)
            return Int(1, location);
        if (!Options.Optimize || InStaticInitializer || Function is null || e.Type.IsRecord)
            return Int(0, location);
        return new BuiltinExpression(builtin, [e], Types.Int, location);
    }

    /// <summary>gcc's type classes (typeclass.h).</summary>
    private static int ClassifyType(CType type) => type switch
    {
        SimpleType { Kind: TypeKind.Void } => 0,
        IntegerType or EnumType => 1,
        PointerType or SimpleType => 5,
        FloatType => 8,
        ComplexType => 9,
        RecordType { IsUnion: true } => 13,
        RecordType => 12,
        FunctionType => 10,
        ArrayType => 14,
        VectorType => 19,
        _ => -1,
    };

    /// <summary>A pointer to what a va_list variable or parameter holds: its record where va_list is an array, else the variable.</summary>
    private Expression? VaList(Expression list, string name, int index, Location location)
    {
        if (Types.VaList is ArrayType array)
        {
            Expression pointer = Value(list);
            if (pointer.Type is PointerType { Pointee.Type: var pointee } && ReferenceEquals(pointee, array.Element.Type))
                return pointer;
        }
        else if (list.IsLvalue && TypeRelations.Compatible(list.Type, Types.VaList))
            return AddressOf(list, location);
        Report.Error(location, index > 0 ? $"incompatible type for argument {index} of '{name}'" : $"first argument to '{name}' not of type 'va_list'");
        return null;
    }

    private Expression VaBuiltin(BuiltinInfo builtin, Expression[] arguments, Location location)
    {
        int most = builtin.Id switch { BuiltinId.VaStart => int.MaxValue, BuiltinId.VaEnd => 1, _ => 2 };
        if (!Count(builtin, arguments, builtin.Id == BuiltinId.VaCopy ? 2 : 1, most, location))
            return Error(location);
        if (VaList(arguments[0], SpelledName(builtin), 1, location) is not { } list)
            return Error(location);
        if (builtin.Id != BuiltinId.VaCopy)
            return new BuiltinExpression(builtin, [list], Types.Void, location);
        return VaList(arguments[1], SpelledName(builtin), 2, location) is { } source
            ? new BuiltinExpression(builtin, [list, source], Types.Void, location)
            : Error(location);
    }

    /// <summary>va_arg.</summary>
    public Expression VaArg(Expression list, QualType type, Location location, Location typeLocation)
    {
        if (list.Type.IsError || type.Type.IsError)
            return Error(location);
        if (VaList(list, "va_arg", 0, location) is not { } pointer)
            return Error(location);
        if (!type.Type.IsComplete)
            return Error(typeLocation, $"second argument to 'va_arg' is of incomplete type '{Print(type)}'");
        if (type.Type.IsFunction)
            return Error(typeLocation, $"second argument to 'va_arg' is a function type '{Print(type)}'");
        CType promoted = PromotedType(type.Type);
        if (!ReferenceEquals(promoted, type.Type) && type.Type is not EnumType)
        {
            Report.Warning(typeLocation, $"'{Print(type)}' is promoted to '{Print(promoted)}' when passed through '...'");
            Report.Note(typeLocation, $"(so you should pass '{Print(promoted)}' not '{Print(type)}' to 'va_arg')");
            Report.Note(typeLocation, "if this code is reached, the program will abort");
            Expression trap = new BuiltinExpression(Builtins.Known(BuiltinId.Trap), [], Types.Void, location);
            // The list is evaluated before the program stops.
            return new CommaExpression(new CommaExpression(pointer, trap, location), new VaArgExpression(pointer, type.Unqualified, location), location);
        }
        return new VaArgExpression(pointer, type.Unqualified, location);
    }

    private Expression? FloatArgument(BuiltinInfo builtin, Expression argument, Location location)
    {
        Expression e = Value(argument);
        if (e.Type.IsFloat)
            return e;
        if (!e.Type.IsError)
            Report.Error(location, $"non-floating-point argument in call to function '{SpelledName(builtin)}'");
        return null;
    }

    private Expression FloatTest(BuiltinInfo builtin, Expression[] arguments, Location location)
    {
        if (!Count(builtin, arguments, 1, 1, location) || FloatArgument(builtin, arguments[0], location) is not { } e)
            return Error(location);
        return BuiltinFolding.Fold(this, builtin, [e], Types.Int, location) ?? new BuiltinExpression(builtin, [e], Types.Int, location);
    }

    private Expression FloatComparison(BuiltinInfo builtin, Expression[] arguments, Location location)
    {
        if (!Count(builtin, arguments, 2, 2, location))
            return Error(location);
        Expression a = Value(arguments[0]), b = Value(arguments[1]);
        if (!a.Type.IsReal || !b.Type.IsReal || !a.Type.IsFloat && !b.Type.IsFloat)
            return Error(location, $"non-floating-point arguments in call to function '{SpelledName(builtin)}'");
        UsualConversions(ref a, ref b);
        return BuiltinFolding.Fold(this, builtin, [a, b], Types.Int, location) ?? new BuiltinExpression(builtin, [a, b], Types.Int, location);
    }

    private Expression Classify(BuiltinInfo builtin, Expression[] arguments, Location location)
    {
        if (!Count(builtin, arguments, 6, 6, location))
            return Error(location);
        var converted = new Expression[6];
        for (int i = 0; i < 5; i++)
        {
            converted[i] = ConvertForAssignment(arguments[i], Types.Int, AssignmentContext.Argument, location, SpelledName(builtin), i + 1);
            if (converted[i].Type.IsError)
                return converted[i];
        }
        if (FloatArgument(builtin, arguments[5], location) is not { } e)
            return Error(location);
        converted[5] = e;
        return BuiltinFolding.Fold(this, builtin, converted, Types.Int, location) ?? new BuiltinExpression(builtin, converted, Types.Int, location);
    }

    private Expression Overflow(BuiltinInfo builtin, Expression[] arguments, Location location)
    {
        if (!Count(builtin, arguments, 3, 3, location))
            return Error(location);
        bool isPredicate = builtin.Id >= BuiltinId.AddOverflowP;
        var values = new Expression[3];
        for (int i = 0; i < 3; i++)
        {
            values[i] = Value(arguments[i]);
            if (i < 2 || isPredicate)
            {
                if (!values[i].Type.IsInteger)
                    return Error(location, $"argument {i + 1} in call to function '{SpelledName(builtin)}' does not have integral type");
            }
        }
        if (!isPredicate)
        {
            if (values[2].Type is not PointerType { Pointee: { Type.IsInteger: true } result })
                return Error(location, $"argument 3 in call to function '{SpelledName(builtin)}' does not have pointer to integral type");
            if (result.Kind is TypeKind.Enum)
                return Error(location, $"argument 3 in call to function '{SpelledName(builtin)}' has pointer to enumerated type");
            if (result.Kind is TypeKind.Bool)
                return Error(location, $"argument 3 in call to function '{SpelledName(builtin)}' has pointer to boolean type");
            if (result.IsAtomic)
                return Error(location, $"argument 3 in call to function '{SpelledName(builtin)}' has pointer to '_Atomic' type ('{Print(values[2].Type)}')");
            if (result.IsConst)
                return Error(location, $"argument 3 in call to function '{SpelledName(builtin)}' has pointer to 'const' type ('{Print(values[2].Type)}')");
        }
        return BuiltinFolding.Fold(this, builtin, values, Types.Bool, location) ?? new BuiltinExpression(builtin, values, Types.Bool, location);
    }

    // ---- Atomics ----

    private Expression LockFree(BuiltinInfo builtin, Expression[] arguments, Location location)
    {
        if (!Count(builtin, arguments, 2, 2, location))
            return Error(location);
        Expression size = FoldFully(Value(arguments[0]));
        if (size is not IntegerConstant constant)
        {
            if (builtin.Id == BuiltinId.AtomicAlwaysLockFree)
                return Error(location, "non-constant argument 1 to '__atomic_always_lock_free'");
            return new BuiltinExpression(builtin, [Convert(size, Types.SizeType), Convert(Value(arguments[1]), Types.VoidPointer)], Types.Bool, location);
        }
        bool isFree = constant.Value is var n && (n == 1 || n == 2 || n == 4 || n == 8 && Types.Target.PointerSize == 8);
        if (isFree || builtin.Id == BuiltinId.AtomicAlwaysLockFree)
            return Int(isFree ? 1 : 0, location, Types.Bool);
        return new BuiltinExpression(builtin, [Convert(size, Types.SizeType), Convert(Value(arguments[1]), Types.VoidPointer)], Types.Bool, location);
    }

    /// <summary>The object that an atomic builtin works on; null after an error.</summary>
    private Expression? AtomicPointer(BuiltinInfo builtin, Expression argument, bool needsScalar, bool isStore, Location location, out QualType pointee)
    {
        Expression pointer = Value(argument);
        pointee = default;
        if (pointer.Type is not PointerType type)
        {
            Report.Error(location, $"argument 1 of '{builtin.Name}' must be a pointer type");
            return null;
        }
        pointee = type.Pointee;
        if (pointee.Type.IsVoid)
        {
            Report.Error(location, needsScalar ? $"operand type '{Print(pointer.Type)}' is incompatible with argument 1 of '{builtin.Name}'"
                : $"argument 1 of '{builtin.Name}' must not be a pointer to a 'void' type".Replace("must not be a pointer to a 'void' type", "must be a non-void pointer type"));
            return null;
        }
        if (!pointee.Type.IsComplete || pointee.Type.IsFunction)
        {
            Report.Error(location, pointee.Type.IsFunction ? $"argument 1 of '{builtin.Name}' must not be a pointer to a function"
                : $"argument 1 of '{builtin.Name}' must be a pointer to a complete type");
            return null;
        }
        if (needsScalar && !(pointee.Type.IsInteger || pointee.Type.IsPointer) || needsScalar && pointee.Type.Size is not (1 or 2 or 4 or 8 or 16))
        {
            Report.Error(location, $"operand type '{Print(pointer.Type)}' is incompatible with argument 1 of '{builtin.Name}'");
            return null;
        }
        if (isStore && pointee.IsConst)
        {
            Report.Pedwarn("Wdiscarded-qualifiers", location, $"argument 1 of '{builtin.Name}' discards 'const' qualifier");
        }
        if (needsScalar && pointee.Kind == TypeKind.Bool && builtin.Id is >= BuiltinId.AtomicFetchAdd and <= BuiltinId.AtomicNandFetch or >= BuiltinId.SyncFetchAdd and <= BuiltinId.SyncNandFetch)
        {
            Report.Error(location, $"operand type '{Print(pointer.Type)}' is incompatible with argument 1 of '{builtin.Name}'");
            return null;
        }
        pointee = pointee.Unqualified;
        return pointer;
    }

    /// <summary>A memory order argument, or one of the flags beside it.</summary>
    private Expression Order(Expression argument, Location location, int index, string name) =>
        FoldFully(ConvertForAssignment(argument, Types.Int, AssignmentContext.Argument, location, name, index));

    /// <summary>A value for an atomic object: pointers take integers as they are.</summary>
    private Expression AtomicValue(Expression argument, QualType pointee, Location location)
    {
        Expression e = Value(argument);
        if (e.Type.IsError)
            return e;
        if (!e.Type.IsScalar)
            return Error(location, $"incompatible type for argument 2");
        return Convert(e, pointee.Type, location);
    }

    private Expression Atomic(BuiltinInfo builtin, Expression[] arguments, Location location)
    {
        BuiltinId id = builtin.Id;
        int count = id switch
        {
            BuiltinId.AtomicLoadN => 2,
            BuiltinId.AtomicLoad or BuiltinId.AtomicStore or BuiltinId.AtomicStoreN or BuiltinId.AtomicExchangeN => 3,
            BuiltinId.AtomicExchange => 4,
            BuiltinId.AtomicCompareExchange or BuiltinId.AtomicCompareExchangeN => 6,
            _ => 3,
        };
        if (!Count(builtin, arguments, count, count, location))
            return Error(location);
        bool isGeneric = id is BuiltinId.AtomicLoad or BuiltinId.AtomicStore or BuiltinId.AtomicExchange or BuiltinId.AtomicCompareExchange;
        bool isLoad = id is BuiltinId.AtomicLoad or BuiltinId.AtomicLoadN;
        if (AtomicPointer(builtin, arguments[0], !isGeneric, !isLoad, location, out QualType pointee) is not { } pointer)
            return Error(location);
        var values = new Expression[count];
        values[0] = pointer;
        int orders = id is BuiltinId.AtomicCompareExchange or BuiltinId.AtomicCompareExchangeN ? 3 : 1;
        for (int i = 1; i < count - orders; i++)
        {
            bool isPointer = isGeneric || id == BuiltinId.AtomicCompareExchangeN && i == 1;
            if (isPointer)
            {
                Expression e = Value(arguments[i]);
                if (e.Type is not PointerType { Pointee: var other } || !other.Type.IsComplete)
                    return Error(location, $"argument {i + 1} of '{builtin.Name}' must be a pointer type");
                if (isGeneric && other.Type.Size != pointee.Type.Size)
                    return Error(location, $"size mismatch in argument {i + 1} of '{builtin.Name}'");
                if (!isGeneric && !TypeRelations.Compatible(other.Type, pointee.Type))
                    Report.Pedwarn("Wincompatible-pointer-types", location, $"passing argument {i + 1} of '{builtin.Name}' from incompatible pointer type");
                values[i] = e;
            }
            else
                values[i] = AtomicValue(arguments[i], pointee, location);
            if (values[i].Type.IsError)
                return Error(location);
        }
        for (int i = count - orders; i < count; i++)
        {
            values[i] = Order(arguments[i], location, i + 1, builtin.Name);
            if (values[i].Type.IsError)
                return values[i];
        }
        CType result = id switch
        {
            BuiltinId.AtomicLoad or BuiltinId.AtomicStore or BuiltinId.AtomicStoreN or BuiltinId.AtomicExchange => Types.Void,
            BuiltinId.AtomicCompareExchange or BuiltinId.AtomicCompareExchangeN => Types.Bool,
            _ => pointee.Type,
        };
        return new BuiltinExpression(builtin, values, result, location);
    }

    private Expression Sync(BuiltinInfo builtin, Expression[] arguments, Location location)
    {
        int least = builtin.Id switch
        {
            BuiltinId.SyncLockRelease => 1,
            BuiltinId.SyncBoolCompareSwap or BuiltinId.SyncValueCompareSwap => 3,
            _ => 2,
        };
        if (!Count(builtin, arguments, least, int.MaxValue, location))
            return Error(location);
        if (AtomicPointer(builtin, arguments[0], true, true, location, out QualType pointee) is not { } pointer)
            return Error(location);
        // Arguments past the known ones name the variables that the barrier protects: gcc ignores them.
        var values = new Expression[least];
        values[0] = pointer;
        for (int i = 1; i < least; i++)
        {
            values[i] = AtomicValue(arguments[i], pointee, location);
            if (values[i].Type.IsError)
                return values[i];
        }
        CType result = builtin.Id switch
        {
            BuiltinId.SyncLockRelease => Types.Void,
            BuiltinId.SyncBoolCompareSwap => Types.Bool,
            _ => pointee.Type,
        };
        return new BuiltinExpression(builtin, values, result, location);
    }

    // ---- Vectors, complex, tgmath ----

    public Expression Shuffle(Expression[] arguments, bool isShuffleVector, Location location)
    {
        BuiltinInfo builtin = Builtins.Known(isShuffleVector ? BuiltinId.ShuffleVector : BuiltinId.Shuffle);
        string name = SpelledName(builtin);
        if (!isShuffleVector)
        {
            if (arguments.Length is not (2 or 3))
                return Error(location, $"wrong number of arguments to '{name}'");
            Expression first = Value(arguments[0]), mask = Value(arguments[^1]);
            Expression second = arguments.Length == 3 ? Value(arguments[1]) : first;
            if (first.Type is not VectorType vector || second.Type is not VectorType)
                return Error(location, $"'{name}' arguments must be vectors");
            if (mask.Type is not VectorType { Element.IsInteger: true } maskType)
                return Error(location, $"'{name}' last argument must be an integer vector");
            if (!ReferenceEquals(vector, second.Type) && !TypeRelations.Compatible(vector, second.Type))
                return Error(location, $"'{name}' argument vectors must be of the same type");
            if (maskType.Count != vector.Count)
                return Error(location, $"'{name}' number of elements of the argument vector(s) and the mask vector should be the same");
            if (maskType.Element.Size != vector.Element.Size)
                return Error(location, $"'{name}' argument vector(s) inner type must have the same size as inner type of the mask");
            Expression folded = FoldFully(mask);
            int[]? elements = null;
            if (folded is VectorConstant constant)
            {
                elements = new int[vector.Count];
                int limit = arguments.Length == 3 ? vector.Count * 2 : vector.Count;
                for (int i = 0; i < elements.Length; i++)
                    elements[i] = (int)(constant.Elements[i] & (UInt128)(limit - 1));
            }
            Expression[] operands = arguments.Length == 3 ? [first, second, folded] : [first, folded];
            return new BuiltinExpression(builtin, operands, vector, location) { Elements = elements };
        }
        if (arguments.Length < 3)
            return Error(location, $"wrong number of arguments to '{name}'");
        Expression a = Value(arguments[0]), b = Value(arguments[1]);
        if (a.Type is not VectorType va || b.Type is not VectorType vb || !ReferenceEquals(va.Element, vb.Element))
            return Error(location, $"'{name}' argument vectors must have the same element type");
        var indices = new int[arguments.Length - 2];
        if ((indices.Length & indices.Length - 1) != 0)
            return Error(location, $"'{name}' must specify a result with a power of two number of elements");
        for (int i = 0; i < indices.Length; i++)
        {
            if (FoldFully(Value(arguments[i + 2])) is not IntegerConstant index)
                return Error(location, $"invalid element index '...' to '{name}'");
            if ((Int128)index.Value < -1 || (Int128)index.Value >= va.Count + vb.Count)
                return Error(location, $"invalid element index '{(Int128)index.Value}' to '{name}'");
            indices[i] = (int)(Int128)index.Value;
        }
        return new BuiltinExpression(builtin, [a, b], Types.VectorOf(va.Element, indices.Length), location) { Elements = indices };
    }

    public Expression MakeComplex(Expression[] parts, Location location)
    {
        if (parts.Length != 2)
            return Error(location, "wrong number of arguments to '__builtin_complex'");
        Expression re = Value(parts[0]), im = Value(parts[1]);
        if (!re.Type.IsFloat || re.Type.IsDecimalFloat || !im.Type.IsFloat || im.Type.IsDecimalFloat)
            return Error(location, "'__builtin_complex' operand not of real binary floating-point type");
        if (!ReferenceEquals(re.Type, im.Type))
            return Error(location, "'__builtin_complex' operands of different types");
        ComplexType type = Types.ComplexOf(re.Type);
        if (re is FloatConstant x && im is FloatConstant y)
            return new ComplexConstant(type, x.Bits, y.Bits, location);
        return new MakeComplexExpression(re, im, type, location);
    }

    /// <summary>__builtin_tgmath (f1, f2, ..., arguments): the function whose parameter type is the arguments' common one.</summary>
    public Expression TypeGeneric(Expression[] all, Location location)
    {
        int functions = 0;
        while (functions < all.Length && Value(all[functions]).Type is PointerType { Pointee.Type: FunctionType })
            functions++;
        if (functions == 0 || functions == all.Length || Value(all[0]).Type is not PointerType { Pointee.Type: FunctionType first })
            return Error(location, "too few arguments to function '__builtin_tgmath'");
        Expression[] arguments = all[functions..];
        if (first.Parameters.Length != arguments.Length)
            return Error(location, arguments.Length < first.Parameters.Length ? "too few arguments to function '__builtin_tgmath'" : "too many arguments to function '__builtin_tgmath'");
        for (int f = 1; f < functions; f++)
        {
            if (((FunctionType)((PointerType)Value(all[f]).Type).Pointee.Type).Parameters.Length != arguments.Length)
                return Error(location, $"argument {f + 1} of '__builtin_tgmath' has wrong number of arguments".Replace("has wrong number of arguments", "has a different number of parameters"));
        }
        // Parameters whose type differs between the functions are the generic ones.
        CType? common = null;
        bool isComplex = false;
        for (int i = 0; i < arguments.Length; i++)
        {
            bool isGeneric = false;
            for (int f = 1; f < functions; f++)
            {
                var other = (FunctionType)((PointerType)Value(all[f]).Type).Pointee.Type;
                isGeneric |= !ReferenceEquals(Real(other.Parameters[i].Type), Real(first.Parameters[i].Type));
            }
            if (!isGeneric)
                continue;
            CType type = Value(arguments[i]).Type;
            isComplex |= type.IsComplex;
            type = Real(type);
            if (type.IsInteger)
                type = Types.Double;
            if (!type.IsFloat)
                return Error(location, $"invalid type of argument {i + 1} of type-generic function");
            common = common is null ? type : CommonRealType(common, type);
        }
        common ??= Types.Double;
        // The function of the common type, or else the narrowest one that holds it.
        Expression? best = null;
        int bestRank = int.MaxValue;
        for (int pass = isComplex ? 1 : 0; pass < 2 && best is null; pass++)
        {
            for (int f = 0; f < functions; f++)
            {
                var type = (FunctionType)((PointerType)Value(all[f]).Type).Pointee.Type;
                foreach (QualType parameter in type.Parameters)
                {
                    if (Real(parameter.Type) is FloatType real && parameter.Type.IsComplex == (pass == 1)
                        && real.Rank >= ((FloatType)common).Rank && real.Rank < bestRank)
                    {
                        best = all[f];
                        bestRank = real.Rank;
                    }
                }
            }
        }
        return best is null ? Error(location, "no matching function for type-generic call") : Call(best, arguments, location);
    }

    private static CType Real(CType type) => type is ComplexType complex ? complex.Element : type;
}
