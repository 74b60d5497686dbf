namespace Kiln.Lowering;

/// <summary>A value of any class, as an argument: one IR value, two (complex), or the address of an object.</summary>
internal readonly record struct Operand(CType Type, Value First, Value Second = default);

// Calls: what the signature's places want is made of the arguments, and the result of what comes back.
internal sealed partial class FunctionLowering
{
    private Value CallScalar(CallExpression e)
    {
        if (ExpandLibraryCall(e, out Value expanded))
            return expanded;
        Value result = Call(e, default);
        return Lowering.ClassOf(e.Type) == TypeClass.Void ? default : result;
    }

    private void DiscardCall(CallExpression e)
    {
        if (ExpandLibraryCall(e, out _))
            return;
        if (Lowering.ClassOf(e.Type) is TypeClass.Memory or TypeClass.Complex)
            Call(e, Temporary(e.Type));
        else
            Call(e, default);
    }

    /// <summary>A call whose result is an object, put at an address that the callee does not know otherwise.</summary>
    private void CallInto(CallExpression e, Value address)
    {
        if (!ExpandLibraryCallInto(e, address))
            Call(e, address);
    }

    private Value Call(CallExpression e, Value into)
    {
        FunctionType type = e.FunctionType;
        FunctionDeclaration? callee = DirectCallee(e.Callee);
        Value pointer = default, chain = default;
        if (callee is null)
            pointer = Scalar(e.Callee);
        else if ((callee.Flags & SourceFunctionFlags.NeedsStaticChain) != 0)
            chain = ChainFor(callee);

        CType[] types = ArgumentTypes(e.Arguments);
        if (callee is not null && unit.IsPackUser(callee) && types.Length >= type.Parameters.Length)
        {
            callee = unit.Specialize(callee, Array.ConvertAll(types[type.Parameters.Length..], t => new QualType(t)));
            type = callee.FunctionType;
        }
        Operand[] arguments = EvaluateArguments(e.Arguments);
        Open();
        _b.Location = e.Location;
        (Signature signature, CallLayout layout) = CallSignature(type, types);
        CallFlags flags = Lowering.TypeCallFlags(type);
        Symbol symbol = default;
        if (callee is not null)
        {
            symbol = unit.Reference(callee);
            flags |= Module[symbol].CallFlags | CalleeFlags(callee);
            if (IsOptimizing && callee.Builtin is { } builtin && (builtin.Flags & BuiltinFlags.Library) != 0)
            {
                flags |= CallFlags.Library;
                if (Module[symbol].Name != builtin.Name && Module[symbol].LibraryName is null)
                    Module.RenameLibrary(builtin.Name, symbol);
            }
            if (callee.CallMessage is { } message)
                ReportCall(callee, message, e.Location);
        }
        return EmitCall(signature, layout, e.Type, symbol, pointer, chain, arguments, flags, into);
    }

    // The arguments that __builtin_va_arg_pack () at the end of a call stands for; null where there is none.
    private VariableDeclaration[]? PackAtEnd(Expression[] arguments) =>
        arguments is [.., BuiltinExpression { Builtin.Id: BuiltinId.VaArgPack }] ? _definition.PackedArguments : null;

    private CType[] ArgumentTypes(Expression[] arguments)
    {
        VariableDeclaration[]? packed = PackAtEnd(arguments);
        int written = arguments.Length - (packed is null ? 0 : 1);
        var types = new CType[written + (packed?.Length ?? 0)];
        for (int i = 0; i < types.Length; i++)
            types[i] = i < written ? arguments[i].Type : packed![i - written].Type.Type;
        return types;
    }

    private static FunctionDeclaration? DirectCallee(Expression callee)
    {
        while (true)
        {
            switch (callee)
            {
                case FunctionReference reference:
                    return reference.Function;
                case CastExpression { CastKind: CastKind.FunctionDecay or CastKind.NoOp or CastKind.Pointer } cast:
                    callee = cast.Operand;
                    break;
                case AddressOfExpression address:
                    callee = address.Operand;
                    break;
                case DereferenceExpression dereference:
                    callee = dereference.Pointer;
                    break;
                default:
                    return null;
            }
        }
    }

    /// <summary>What holds of a call of a function, beside what its type and symbol say; notes callees to be inlined by force.</summary>
    private CallFlags CalleeFlags(FunctionDeclaration callee)
    {
        CallFlags flags = 0;
        if ((callee.Flags & SourceFunctionFlags.NoReturn) != 0)
            flags |= CallFlags.NoReturn;
        if ((callee.Flags & SourceFunctionFlags.AlwaysInline) != 0)
        {
            flags |= CallFlags.AlwaysInline;
            if (callee.TargetFeatures is not null && (unit.FeaturesOf(callee, Options.Features) & ~_features) != 0)
            {
                unit.Error(callee.Location, $"inlining failed in call to 'always_inline' '{unit.Names.Text(callee.Name)}': target specific option mismatch");
                unit.Remark(_b.Location, "called from here");
            }
            if (callee.Definition is not null)
                _inlineFirst.Add(callee);
        }
        if ((callee.Flags & SourceFunctionFlags.NoInline) != 0)
            flags |= CallFlags.NoInline;
        if (Options.NoPlt)
            flags |= CallFlags.NoPlt;
        return flags;
    }

    private void ReportCall(FunctionDeclaration callee, string message, Location location)
    {
        // Only calls that optimization leaves count; at -O0 all but those in dead code are left.
        if (IsOptimizing)
            return;
        string name = unit.Names.Text(callee.Name);
        if (callee.IsCallError)
            unit.Error(location, $"call to '{name}' declared with attribute error: {message}");
        else
            unit.Warn(location, $"call to '{name}' declared with attribute warning: {message}", "Wattribute-warning");
    }

    private Operand[] EvaluateArguments(Expression[] expressions)
    {
        if (expressions.Length == 0)
            return [];
        VariableDeclaration[]? packed = PackAtEnd(expressions);
        int written = expressions.Length - (packed is null ? 0 : 1);
        var operands = new Operand[written + (packed?.Length ?? 0)];
        for (int i = 0; i < operands.Length; i++)
            operands[i] = i < written ? EvaluateOperand(expressions[i]) : OperandOf(packed![i - written]);
        return operands;
    }

    private Operand OperandOf(VariableDeclaration variable)
    {
        CType type = variable.Type.Type;
        Lvalue place = MemoryLvalue(AddressOf(variable), type);
        switch (Lowering.ClassOf(type))
        {
            case TypeClass.Scalar:
                return new Operand(type, Load(place));
            case TypeClass.Complex:
                (Value real, Value imaginary) = LoadComplex(place);
                return new Operand(type, real, imaginary);
            default:
                return new Operand(type, place.Address);
        }
    }

    private Operand EvaluateOperand(Expression e)
    {
        if (e.Type.HasVariableSize)
        {
            Value object_ = MemoryValue(e);
            Open();
            Value size = RuntimeSize(e.Type);
            Value copy = AllocateStack(size, Math.Max(16, e.Type.Alignment));
            _b.Emit(Op.MemoryCopy, IrType.Void, copy, object_, size, new MemoryAccess(0).Pack());
            return new Operand(unit.CTypes.VoidPointer, copy);
        }
        switch (Lowering.ClassOf(e.Type))
        {
            case TypeClass.Scalar:
                return new Operand(e.Type, Scalar(e));
            case TypeClass.Complex:
                (Value real, Value imaginary) = ComplexValue(e);
                return new Operand(e.Type, real, imaginary);
            case TypeClass.Memory:
                return new Operand(e.Type, MemoryValue(e));
            default:
                Discard(e);
                return new Operand(e.Type, default);
        }
    }

    private (Signature Signature, CallLayout Layout) CallSignature(FunctionType type, CType[] arguments)
    {
        if (type.HasPrototype && !type.IsVariadic && arguments.Length == type.Parameters.Length)
            return unit.SignatureOf(type);
        var types = new CType[arguments.Length];
        int named = type.HasPrototype ? Math.Min(type.Parameters.Length, types.Length) : types.Length;
        for (int i = 0; i < types.Length; i++)
            types[i] = i < named && type.HasPrototype ? type.Parameters[i].Type : arguments[i];
        return unit.MakeSignature(type, types, named);
    }

    /// <summary>
    /// Emits a call. The result: a scalar's value; of another class, it is stored to <paramref name="into"/>, or where that is none
    /// the call must give none.
    /// </summary>
    private Value EmitCall(
        Signature signature, CallLayout layout, CType resultType, Symbol callee, Value pointer, Value chain,
        ReadOnlySpan<Operand> arguments, CallFlags flags, Value into)
    {
        int count = (callee.IsNone ? 1 : 0) + signature.Parameters.Length + (chain.IsNone ? 0 : 1);
        Span<Value> operands = count <= 32 ? stackalloc Value[count] : new Value[count];
        int at = 0;
        if (callee.IsNone)
            operands[at++] = pointer;
        if (layout.IsStructReturn)
        {
            // The result is written to memory, whatever else the callee leaves alone.
            flags = flags & ~(CallFlags.Const | CallFlags.Pure) | CallFlags.StructReturn;
            if (into.IsNone)
                into = Temporary(resultType);
            operands[at++] = into;
        }
        for (int i = 0; i < arguments.Length && i < layout.Parameters.Length; i++)
        {
            Piece[] pieces = layout.Parameters[i];
            PassArgument(arguments[i], pieces, layout.ByReference is { } byReference && byReference[i], operands.Slice(at, pieces.Length));
            at += pieces.Length;
        }
        if (!chain.IsNone)
        {
            operands[at++] = chain;
            flags |= CallFlags.StaticChain;
        }
        if ((flags & CallFlags.ReturnsTwice) != 0)
            _function.Flags |= FunctionFlags.CallsReturnsTwice;
        if (_longJumpBuffers.Count > 0)
            flags |= CallFlags.MayJumpNonLocally;

        Value call = _b.Call(new CallInfo(signature, callee, flags), operands[..at]);
        Value result = TakeResult(call, signature, layout, resultType, into);
        if ((flags & CallFlags.NoReturn) != 0)
        {
            _b.End(Op.Unreachable);
            Open();
        }
        return result;
    }

    private Value TakeResult(Value call, Signature signature, CallLayout layout, CType type, Value into)
    {
        Piece[] pieces = layout.Result;
        if (layout.IsStructReturn)
            return Lowering.ClassOf(type) == TypeClass.Scalar ? _b.Load(Lowering.IrTypeOf(type), into, new MemoryAccess(AlignmentLog2(type.Alignment))) : default;
        if (pieces.Length == 0)
            return Lowering.ClassOf(type) == TypeClass.Scalar ? _function.Any(Lowering.IrTypeOf(type)) : default;
        Span<Value> values = stackalloc Value[pieces.Length];
        values[0] = call;
        for (int i = 1; i < pieces.Length; i++)
            values[i] = _b.Result(call, i, signature.Results[i].Type);
        if (Lowering.ClassOf(type) == TypeClass.Scalar)
            return JoinPieces(type, pieces, values);
        if (!into.IsNone)
        {
            for (int i = 0; i < pieces.Length; i++)
                StorePiece(into, pieces[i], values[i], type.Alignment);
        }
        return default;
    }

    /// <summary>Makes the values that an argument's pieces want.</summary>
    private void PassArgument(in Operand argument, Piece[] pieces, bool byReference, Span<Value> values)
    {
        if (pieces.Length == 0)
            return;
        CType type = argument.Type;
        TypeClass kind = Lowering.ClassOf(type);
        bool wantsMemory = byReference || pieces[0].Kind == PieceKind.Memory || kind == TypeClass.Complex && !IsPartByPart(type, pieces);
        if (kind == TypeClass.Scalar && !wantsMemory)
        {
            SplitPieces(argument.First, type, pieces, values);
            return;
        }
        if (kind == TypeClass.Complex && !wantsMemory)
        {
            values[0] = argument.First;
            values[1] = argument.Second;
            return;
        }
        Value address = argument.First;
        if (kind != TypeClass.Memory)
        {
            address = Temporary(type);
            StoreOperand(argument, MemoryLvalue(address, type));
        }
        else if (byReference)
        {
            // The callee may write to it: a copy.
            Value copy = Temporary(type);
            CopyMemory(copy, address, type.Size, type.Alignment, type.Alignment, false);
            address = copy;
        }
        if (byReference || pieces[0].Kind == PieceKind.Memory)
        {
            values[0] = address;
            return;
        }
        for (int i = 0; i < pieces.Length; i++)
            values[i] = LoadPiece(address, Lowering.PieceType(type, pieces[i]), pieces[i], type.Alignment);
    }

    /// <summary>Whether each piece of a complex number is one of its parts, in its own type.</summary>
    private static bool IsPartByPart(CType type, Piece[] pieces) =>
        pieces.Length == 2 && Lowering.PieceType(type, pieces[0]) == Lowering.IrTypeOf(((ComplexType)type).Element);

    private void StoreOperand(in Operand operand, in Lvalue place)
    {
        if (Lowering.ClassOf(operand.Type) == TypeClass.Complex)
            StoreComplex(place, operand.First, operand.Second);
        else
            Store(place, operand.First);
    }

    // Pieces

    /// <summary>Splits a scalar into the pieces that it travels in.</summary>
    private void SplitPieces(Value value, CType type, Piece[] pieces, Span<Value> values)
    {
        IrType whole = _function.TypeOf(value);
        if (pieces.Length == 1)
        {
            IrType travelling = Lowering.PieceType(type, pieces[0]);
            values[0] = whole == travelling ? value
                : whole.Size == travelling.Size ? _b.Emit(Op.Bitcast, travelling, value)
                : Resize(_b.Convert(Op.Bitcast, IrType.Integer(whole.Size * 8), value), travelling, false);
            return;
        }
        // __int128, decimal floats: low half first.
        value = _b.Convert(Op.Bitcast, IrType.I128, value);
        values[0] = _b.Convert(Op.Truncate, IrType.I64, value);
        values[1] = _b.Convert(Op.Truncate, IrType.I64, ShiftBy(Op.ShiftRightUnsigned, value, 64));
    }

    /// <summary>Makes a scalar of the pieces that it travelled in.</summary>
    private Value JoinPieces(CType type, Piece[] pieces, ReadOnlySpan<Value> values)
    {
        IrType whole = Lowering.IrTypeOf(type);
        Value first = values[0];
        if (pieces.Length == 1)
        {
            IrType travelled = _function.TypeOf(first);
            return travelled == whole ? first
                : travelled.Size == whole.Size ? _b.Emit(Op.Bitcast, whole, first)
                : _b.Convert(Op.Bitcast, whole, Resize(first, IrType.Integer(whole.Size * 8), false));
        }
        Value low = _b.Convert(Op.ZeroExtend, IrType.I128, first);
        Value high = ShiftBy(Op.ShiftLeft, _b.Convert(Op.ZeroExtend, IrType.I128, values[1]), 64);
        return _b.Convert(Op.Bitcast, whole, _b.Binary(Op.Or, low, high));
    }

    /// <summary>Reads a piece of an object, and not a byte more.</summary>
    private Value LoadPiece(Value object_, IrType type, in Piece piece, int alignment)
    {
        Value address = OffsetBy(object_, piece.Offset);
        byte alignmentLog2 = OffsetAlignment(AlignmentLog2(alignment), piece.Offset);
        if (type.Size == piece.Size)
            return _b.Load(type, address, new MemoryAccess(alignmentLog2));
        var bytes = new Lvalue { Address = address, Type = unit.CTypes.Char, AlignmentLog2 = alignmentLog2 };
        Value word = LoadBytes(address, piece.Size, bytes);
        return type.IsInteger ? Resize(word, type, false) : _b.Convert(Op.Bitcast, type, Resize(word, IrType.Integer(type.Size * 8), false));
    }

    private void StorePiece(Value object_, in Piece piece, Value value, int alignment)
    {
        Value address = OffsetBy(object_, piece.Offset);
        byte alignmentLog2 = OffsetAlignment(AlignmentLog2(alignment), piece.Offset);
        IrType type = _function.TypeOf(value);
        if (type.Size == piece.Size)
        {
            _b.Store(address, value, new MemoryAccess(alignmentLog2));
            return;
        }
        if (!type.IsInteger)
            value = _b.Emit(Op.Bitcast, IrType.Integer(type.Size * 8), value);
        var bytes = new Lvalue { Address = address, Type = unit.CTypes.Char, AlignmentLog2 = alignmentLog2 };
        StoreBytes(address, piece.Size, value, bytes);
    }

    // Support library

    /// <summary>Calls a function of the support or C library with a scalar result.</summary>
    private Value CallLibrary(string name, CType result, ReadOnlySpan<CType> types, ReadOnlySpan<Value> values, CallFlags flags)
    {
        var operands = new Operand[types.Length];
        for (int i = 0; i < operands.Length; i++)
            operands[i] = new Operand(types[i], values[i]);
        return CallLibrary(name, result, operands, flags, default);
    }

    private Value CallLibrary(string name, CType result, ReadOnlySpan<Operand> operands, CallFlags flags, Value into)
    {
        (Signature signature, CallLayout layout) = LibrarySignature(result, operands);
        return EmitCall(signature, layout, result, unit.Library(name), default, default, operands, flags, into);
    }

    private (Signature Signature, CallLayout Layout) LibrarySignature(CType result, ReadOnlySpan<Operand> operands)
    {
        var parameters = new QualType[operands.Length];
        for (int i = 0; i < parameters.Length; i++)
            parameters[i] = operands[i].Type;
        return unit.SignatureOf(unit.CTypes.FunctionOf(result, parameters, hasPrototype: true, isVariadic: false));
    }
}
