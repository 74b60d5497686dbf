namespace Kiln.Lowering;

// Variable arguments. va_start is an operation of the IR; va_arg is made of loads and branches here, for each shape of va_list.
internal sealed partial class FunctionLowering
{
    // The record of x86-64's va_list (psABI 3.5.7).
    private const int IntegerOffsetField = 0;
    private const int VectorOffsetField = 4;
    private const int OverflowField = 8;
    private const int SaveAreaField = 16;
    private const int IntegerAreaSize = 6 * 8;
    private const int SaveAreaSize = IntegerAreaSize + 8 * 16;

    private Dictionary<CType, VariableArgument>? _variableArguments;

    /// <summary>The address of a va_list's record.</summary>
    private Value ListAddress(Expression list) =>
        list.Type.IsPointer ? Scalar(list) : list.IsLvalue ? LvalueOf(list).Address : MemoryValue(list);

    private Value VaArgScalar(VaArgExpression e)
    {
        if (Lowering.ClassOf(e.Type) == TypeClass.Void)
        {
            FetchArgument(e, out _);
            return default;
        }
        Value address = FetchArgument(e, out int alignment);
        return _b.Load(Lowering.IrTypeOf(e.Type), address, new MemoryAccess(AlignmentLog2(alignment)));
    }

    private void VaArgInto(VaArgExpression e, in Lvalue place)
    {
        Value address = FetchArgument(e, out int alignment);
        if (e.Type.HasVariableSize)
            CopyObject(place, address, e.QualType);
        else
            CopyMemory(place.Address, address, e.Type.Size, 1 << place.AlignmentLog2, alignment, false);
    }

    /// <summary>Takes the next argument off a list and gives its address.</summary>
    private Value FetchArgument(VaArgExpression e, out int alignment)
    {
        Value list = ListAddress(e.List);
        if (!e.Type.HasVariableSize)
            return FetchArgument(e, e.Type, list, out alignment);
        alignment = e.Type.Alignment;
        Value pointer = FetchArgument(e, unit.CTypes.VoidPointer, list, out _);
        return _b.Load(IrType.Pointer, pointer, new MemoryAccess(3));
    }

    private Value FetchArgument(VaArgExpression e, CType type, Value list, out int alignment)
    {
        Open();
        _b.Location = e.Location;
        _variableArguments ??= [];
        if (!_variableArguments.TryGetValue(type, out VariableArgument argument))
        {
            argument = CallingConvention.FetchVariable(unit.Target, unit.ShapeOf(type), unit.VectorSize);
            _variableArguments.Add(type, argument);
        }
        alignment = Math.Min(type.Alignment, argument.VectorRegisters > 0 && argument.IntegerRegisters == 0 ? 16 : argument.Pieces.Length == 0 ? argument.StackAlignment : 8);
        if (argument.StackSize == 0)
            return Temporary(type);
        if (argument.Pieces.Length == 0)
            return FetchFromStack(list, argument);

        Block fromRegisters = NewBlock(), fromStack = NewBlock(), join = NewBlock();
        var access = new MemoryAccess(2);
        Value integerOffset = default, vectorOffset = default;
        Value fits = default;
        if (argument.IntegerRegisters > 0)
        {
            integerOffset = _b.Load(IrType.I32, OffsetBy(list, IntegerOffsetField), access);
            fits = _b.Compare(IntPredicate.LessEqualUnsigned, integerOffset, Constant(IrType.I32, IntegerAreaSize - argument.IntegerRegisters * 8));
        }
        if (argument.VectorRegisters > 0)
        {
            vectorOffset = _b.Load(IrType.I32, OffsetBy(list, VectorOffsetField), access);
            Value fitsToo = _b.Compare(IntPredicate.LessEqualUnsigned, vectorOffset, Constant(IrType.I32, SaveAreaSize - argument.VectorRegisters * 16));
            fits = fits.IsNone ? fitsToo : _b.Binary(Op.And, fits, fitsToo);
        }
        _b.BranchIf(fits, fromRegisters, fromStack);

        _b.Current = fromRegisters;
        Value saved = FetchFromSaveArea(list, argument, type, integerOffset, vectorOffset);
        if (argument.IntegerRegisters > 0)
            _b.Store(OffsetBy(list, IntegerOffsetField), _b.Binary(Op.Add, integerOffset, Constant(IrType.I32, argument.IntegerRegisters * 8)), access);
        if (argument.VectorRegisters > 0)
            _b.Store(OffsetBy(list, VectorOffsetField), _b.Binary(Op.Add, vectorOffset, Constant(IrType.I32, argument.VectorRegisters * 16)), access);
        _b.Branch(join);

        _b.Current = fromStack;
        Value stacked = FetchFromStack(list, argument);
        _b.Branch(join);

        _b.Current = join;
        return _b.EmitList(Op.Phi, IrType.Pointer, [saved, stacked]);
    }

    private Value FetchFromSaveArea(Value list, in VariableArgument argument, CType type, Value integerOffset, Value vectorOffset)
    {
        Value area = _b.Load(IrType.Pointer, OffsetBy(list, SaveAreaField), new MemoryAccess(3));
        Value integers = integerOffset.IsNone ? default : _b.PointerAdd(area, Resize(integerOffset, IrType.I64, false));
        Value vectors = vectorOffset.IsNone ? default : _b.PointerAdd(area, Resize(vectorOffset, IrType.I64, false));
        // What lies in the save area as it lies in memory is used in place.
        if (argument.VectorRegisters == 0)
            return integers;
        if (argument is { IntegerRegisters: 0, VectorRegisters: 1 })
            return vectors;
        Value whole = Temporary(type);
        foreach (ref readonly Piece piece in argument.Pieces.AsSpan())
        {
            bool isVector = piece.Place.Bank == RegisterBank.Vector;
            int offset = piece.Place.Register * (isVector ? 16 : 8);
            Value from = OffsetBy(isVector ? vectors : integers, offset);
            CopyMemory(OffsetBy(whole, piece.Offset), from, piece.Size, Math.Min(8, type.Alignment), 8, false);
        }
        return whole;
    }

    private Value FetchFromStack(Value list, in VariableArgument argument)
    {
        var access = new MemoryAccess(3);
        Value field = OffsetBy(list, OverflowField);
        Value address = _b.Load(IrType.Pointer, field, access);
        if (argument.StackAlignment > 8)
        {
            Value number = _b.Emit(Op.Bitcast, IrType.I64, address);
            number = _b.Binary(Op.Add, number, SizeConstant(argument.StackAlignment - 1));
            number = _b.Binary(Op.And, number, SizeConstant(-argument.StackAlignment));
            address = _b.Emit(Op.Bitcast, IrType.Pointer, number);
        }
        _b.Store(field, OffsetBy(address, argument.StackSize), access);
        return address;
    }

    private void VaStart(BuiltinExpression e)
    {
        Value list = ListAddress(e.Arguments[0]);
        Open();
        _b.Location = e.Location;
        _b.Emit(Op.VaStart, IrType.Void, list);
    }

    private void VaCopy(BuiltinExpression e)
    {
        Value to = ListAddress(e.Arguments[0]);
        Value from = ListAddress(e.Arguments[1]);
        Open();
        CType list = unit.CTypes.VaList;
        long size = list is ArrayType array ? array.Element.Type.Size : list.Size;
        CopyMemory(to, from, size, 8, 8, false);
    }
}
