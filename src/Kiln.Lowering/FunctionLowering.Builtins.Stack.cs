namespace Kiln.Lowering;

// Builtins about the stack and the frame, and about objects' sizes.
internal sealed partial class FunctionLowering
{
    private Value StackBuiltin(BuiltinExpression e)
    {
        Expression[] a = e.Arguments;
        switch (e.Builtin.Id)
        {
            case BuiltinId.Alloca:
                return Alloca(Resize(Argument(e, 0), IrType.I64, false), 16);
            case BuiltinId.AllocaWithAlign or BuiltinId.AllocaWithAlignAndMax:
                long bits = IntegerValue(a[1], out Int128 alignment) ? (long)alignment : 128;
                return Alloca(Resize(Argument(e, 0), IrType.I64, false), (int)Math.Max(16, bits / 8));
            case BuiltinId.StackSave:
                return _b.Emit(Op.StackSave, IrType.Pointer);
            case BuiltinId.StackRestore:
                Value stack = Argument(e, 0);
                _b.Emit(Op.StackRestore, IrType.Void, stack);
                NoteStackChange();
                return default;
            case BuiltinId.FrameAddress:
                _function.Flags |= FunctionFlags.NeedsFramePointer;
                return _b.Emit(Op.FrameAddress, IrType.Pointer, aux: IntegerValue(a[0], out Int128 up) ? (long)up : 0);
            case BuiltinId.ReturnAddress:
                long levels = IntegerValue(a[0], out Int128 level) ? (long)level : 0;
                if (levels > 0)
                    _function.Flags |= FunctionFlags.NeedsFramePointer;
                return _b.Emit(Op.ReturnAddress, IrType.Pointer, aux: levels);
            case BuiltinId.ExtractReturnAddress or BuiltinId.FrobReturnAddress:
                return Argument(e, 0);
            case BuiltinId.DwarfCfa:
                // Above the saved frame pointer and the return address.
                _function.Flags |= FunctionFlags.NeedsFramePointer;
                return OffsetBy(_b.Emit(Op.FrameAddress, IrType.Pointer), 16);
            case BuiltinId.DwarfSpColumn:
                return Constant(IrType.I32, 7);
            case BuiltinId.InitDwarfRegSizes:
                // rax to r15 and the return address, 8 bytes each.
                _b.Emit(Op.MemorySet, IrType.Void, Argument(e, 0), Constant(IrType.I8, 8), SizeConstant(17), new MemoryAccess(0).Pack());
                return default;
            case BuiltinId.EhReturnDataRegno:
                // DWARF's numbers of rax and rdx.
                long number = IntegerValue(a[0], out Int128 which) ? (long)which : -1;
                return Constant(IrType.I32, number is 0 or 1 ? number : -1);
            case BuiltinId.UnwindInit:
                SaveAllRegisters();
                return default;
            case BuiltinId.NonLocalSetjmp:
                _function.Flags |= FunctionFlags.HasNonLocalEntries | FunctionFlags.CallsReturnsTwice | FunctionFlags.NoInline;
                return _b.Emit(Op.SetJump, IrType.I32, Argument(e, 0));
            case BuiltinId.NonLocalLongjmp:
                Value buffer = Argument(e, 0);
                if (a.Length > 1)
                    Discard(a[1]);
                _b.Emit(Op.LongJump, IrType.Void, buffer);
                _b.End(Op.Unreachable);
                Open();
                return default;
            case BuiltinId.CallWithStaticChain:
                return CallWithChain(e, default);
            default:
                unit.Error(e.Location, $"sorry, unimplemented: '__builtin_{e.Builtin.Name}'");
                return Lowering.ClassOf(e.Type) == TypeClass.Scalar ? _function.Any(Lowering.IrTypeOf(e.Type)) : default;
        }
    }

    /// <summary>Has the prologue save every register that calls keep.</summary>
    private void SaveAllRegisters()
    {
        _function.Flags |= FunctionFlags.NeedsFramePointer;
        int index = _function.Asms.Add(new AsmInfo
        {
            Template = [],
            IsVolatile = true,
            Operands = [],
            Clobbers = ["rbx", "r12", "r13", "r14", "r15"],
        });
        _b.EmitList(Op.Asm, IrType.Void, [], index);
    }

    private Value CallWithChain(BuiltinExpression e, Value into)
    {
        Expression inner = e.Arguments[0];
        while (inner is CastExpression cast)
            inner = cast.Operand;
        if (inner is not CallExpression call)
        {
            unit.Error(e.Location, "first argument of '__builtin_call_with_static_chain' must be a call expression");
            return default;
        }
        Value pointer = DirectCallee(call.Callee) is { } callee ? _function.SymbolAddress(unit.Reference(callee)) : Scalar(call.Callee);
        Operand[] arguments = EvaluateArguments(call.Arguments);
        Value chain = Resize(Scalar(e.Arguments[1]), IrType.Pointer, false);
        Open();
        (Signature signature, CallLayout layout) = CallSignature(call.FunctionType, ArgumentTypes(call.Arguments));
        CallFlags flags = Lowering.TypeCallFlags(call.FunctionType);
        if (into.IsNone && Lowering.ClassOf(call.Type) is TypeClass.Memory or TypeClass.Complex)
            into = Temporary(call.Type);
        return EmitCall(signature, layout, call.Type, default, pointer, chain, arguments, flags, into);
    }

    // __builtin_object_size: what is known without following values through the program

    private Value ObjectSize(BuiltinExpression e)
    {
        IrType type = Lowering.IrTypeOf(e.Type);
        long kind = IntegerValue(e.Arguments[1], out Int128 given) ? (long)given & 3 : 0;
        long unknown = kind < 2 ? -1 : 0;
        if (KnownObjectSize(e.Arguments[0], (kind & 1) != 0) is { } size)
            return Constant(type, size);
        if (!MayAskLater(e.Arguments[0]))
            return Constant(type, unknown);
        string name = e.Builtin.Id == BuiltinId.ObjectSize ? "__builtin_object_size" : "__builtin_dynamic_object_size";
        return CallLibrary(name, unit.CTypes.SizeType, [unit.CTypes.VoidPointer, unit.CTypes.Int],
            [Scalar(e.Arguments[0]), Constant(IrType.I32, kind)], CallFlags.Const | CallFlags.NoThrow | CallFlags.Library);
    }

    /// <summary>Whether the optimizer may answer what an expression's value is: it is evaluated then, which must not show.</summary>
    private bool MayAskLater(Expression e) =>
        IsOptimizing && (_function.Flags & FunctionFlags.NoOptimization) == 0 && HasNoEffects(e);

    /// <summary>Bytes from where a pointer points to the end of the object (or of the innermost member), if that can be seen.</summary>
    private long? KnownObjectSize(Expression pointer, bool innermost)
    {
        long offset = 0;
        while (true)
        {
            switch (pointer)
            {
                case CastExpression { CastKind: CastKind.Pointer or CastKind.NoOp } cast:
                    pointer = cast.Operand;
                    continue;
                case PointerOffset { Index: var index, IsSubtraction: var isSubtraction, Type: PointerType type } moved
                    when ConstantIndex(index, out long count) && !type.Pointee.Type.HasVariableSize:
                    long bytes = count * ElementSize(type.Pointee);
                    offset += isSubtraction ? -bytes : bytes;
                    pointer = moved.Pointer;
                    continue;
                case CastExpression { CastKind: CastKind.ArrayDecay } decay:
                    return Remaining(decay.Operand, offset, innermost);
                case AddressOfExpression address:
                    return Remaining(address.Operand, offset, innermost);
                default:
                    return null;
            }
        }
    }

    private long? Remaining(Expression lvalue, long offset, bool innermost)
    {
        long? whole = null;
        while (true)
        {
            if (lvalue.Type.HasVariableSize)
                return null;
            switch (lvalue)
            {
                case VariableReference variable when !variable.Type.IsArray || ((ArrayType)variable.Type).Count >= 0:
                    whole = variable.Variable.Image is { } image ? Math.Max(image.Size, variable.Type.Size) : variable.Type.Size;
                    break;
                case StringLiteral or CompoundLiteralExpression:
                    whole = lvalue.Type.Size;
                    break;
                case MemberExpression { Field: var field, Record: var record } when !field.IsBitField && field.VariableOffset is null:
                    bool isTrailing = field.Type.Type is ArrayType && field.Offset + field.Type.Type.Size >= field.Record.Size;
                    if (innermost && !(field.Type.Type is ArrayType { Count: < 0 }) && !isTrailing)
                    {
                        whole = field.Type.Type.Size;
                        break;
                    }
                    offset += field.Offset;
                    lvalue = record;
                    continue;
                case DereferenceExpression { Pointer: PointerOffset or CastExpression { CastKind: CastKind.ArrayDecay } or AddressOfExpression } dereference
                    when !innermost || lvalue.Type.IsArray is false:
                    long? inner = KnownObjectSize(dereference.Pointer, innermost);
                    return inner - offset is >= 0 and var left ? left : inner is null ? null : 0;
                default:
                    return null;
            }
            return offset < 0 ? null : Math.Max(0, whole.Value - offset);
        }
    }
}
