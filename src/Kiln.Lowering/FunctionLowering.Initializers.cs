namespace Kiln.Lowering;

// Initial values of automatic objects.
internal sealed partial class FunctionLowering
{
    /// <summary>Up to this size a constant object is built by stores, past it copied from read-only data.</summary>
    private const int StoredImageLimit = 32;

    private const int UnrolledRepeats = 8;

    private void InitializeVariable(VariableDeclaration variable)
    {
        Expression initializer = variable.Initializer!;
        Lvalue place = VariableLvalue(variable, variable.Type.WithOnly(variable.Type.Qualifiers & ~(Qualifiers.Const | Qualifiers.Atomic)));
        _b.Location = initializer.Location;
        switch (initializer)
        {
            case StringLiteral literal:
                CopyString(literal, place.Address, variable.Type.Type.Size, place.AlignmentLog2, clearsRest: true);
                break;
            case InitializerList list:
                InitializeObject(list, place);
                break;
            default:
                EvaluateInto(initializer, place);
                break;
        }
    }

    /// <summary>An initializer list for a scalar: <c>{ 5 }</c>, or a vector's elements.</summary>
    private Value InitializerScalar(InitializerList list)
    {
        if (!list.Type.IsVector && list.Elements is [{ BitField: null, Offset: 0 } single])
            return Scalar(single.Value);
        if (!list.Type.IsVector && list.Elements.Length == 0)
            return ZeroOf(Lowering.IrTypeOf(list.Type));
        if (list.Type is VectorType vector)
            return VectorOfElements(list, vector);
        Value temporary = Temporary(list.Type);
        InitializeObject(list, MemoryLvalue(temporary, list.QualType));
        return _b.Load(Lowering.IrTypeOf(list.Type), temporary, new MemoryAccess(AlignmentLog2(list.Type.Alignment)));
    }

    private void InitializeObject(InitializerList list, in Lvalue place)
    {
        switch (Lowering.ClassOf(list.Type))
        {
            case TypeClass.Scalar:
                Value scalar = InitializerScalar(list);
                Store(place, scalar);
                return;
            case TypeClass.Complex:
                (Value real, Value imaginary) = ComplexValue(list);
                StoreComplex(place, real, imaginary);
                return;
        }
        if (list.Image is { } image)
        {
            PutImage(image, list.Type.Size, place);
            return;
        }
        if (!list.CoversAll)
        {
            if (list.Type.HasVariableSize)
                _b.Emit(Op.MemorySet, IrType.Void, place.Address, Constant(IrType.I8, 0), RuntimeSize(list.Type), new MemoryAccess(0).Pack());
            else
                ZeroMemory(place.Address, list.Type.Size, 1 << place.AlignmentLog2);
        }
        foreach (ref readonly InitializerElement element in list.Elements.AsSpan())
            InitializeElement(element, place, !list.CoversAll);
    }

    private Lvalue ElementPlace(in InitializerElement element, in Lvalue whole) => new()
    {
        Kind = element.BitField is null ? LvalueKind.Memory : LvalueKind.BitField,
        Address = OffsetBy(whole.Address, element.Offset),
        Type = element.Type.WithOnly(element.Type.Qualifiers & ~(Qualifiers.Const | Qualifiers.Atomic) | whole.Type.Qualifiers & Qualifiers.Volatile),
        AlignmentLog2 = OffsetAlignment(whole.AlignmentLog2, element.Offset),
        AliasesAll = true,
        Field = element.BitField,
    };

    private void InitializeElement(in InitializerElement element, in Lvalue whole, bool isCleared)
    {
        _b.Location = element.Value.Location;
        // What is zero already needs no store.
        if (isCleared && element.Value is IntegerConstant { Value: var zero } && zero == 0)
            return;
        Lvalue first = ElementPlace(element, whole);
        if (element.Value is StringLiteral literal && element.Type.Type is ArrayType)
            CopyString(literal, first.Address, element.Type.Type.Size, first.AlignmentLog2, clearsRest: !isCleared);
        else
            EvaluateInto(element.Value, first);
        if (element.Count > 1)
            Repeat(element, first);
    }

    /// <summary>Copies the first of several equal elements to the others ([a ... b] =).</summary>
    private void Repeat(in InitializerElement element, in Lvalue first)
    {
        CType type = element.Type.Type;
        Value scalar = Lowering.ClassOf(type) == TypeClass.Scalar && element.BitField is null ? Load(first) : default;
        if (element.Count <= UnrolledRepeats)
        {
            for (long i = 1; i < element.Count; i++)
                RepeatAt(OffsetBy(first.Address, i * element.Stride), first, scalar, type, element.BitField);
            return;
        }
        // i = stride; do { copy; i += stride } while (i != end)
        Value counter = _function.SlotAddress(NewSlot(8, 8));
        var access = new MemoryAccess(3);
        Block body = NewBlock(), end = NewBlock();
        _b.Store(counter, SizeConstant(element.Stride), access);
        _b.Branch(body);
        _b.Current = body;
        Value at = _b.Load(IrType.I64, counter, access);
        RepeatAt(OffsetBy(first.Address, at), first, scalar, type, element.BitField);
        Value next = Arithmetic(Op.Add, at, SizeConstant(element.Stride));
        _b.Store(counter, next, access);
        _b.BranchIf(_b.Compare(IntPredicate.NotEqual, next, SizeConstant(element.Count * element.Stride)), body, end);
        _b.Current = end;
    }

    private void RepeatAt(Value address, Lvalue first, Value scalar, CType type, Field? bitField)
    {
        Lvalue place = first;
        place.Address = address;
        place.AlignmentLog2 = Math.Min(place.AlignmentLog2, AlignmentLog2(type.Alignment));
        if (bitField is not null)
            Store(place, Load(first));
        else if (!scalar.IsNone)
            Store(place, scalar);
        else
            CopyMemory(address, first.Address, type.Size, 1 << place.AlignmentLog2, 1 << place.AlignmentLog2, false);
    }

    private void CopyString(StringLiteral literal, Value to, long size, byte alignmentLog2, bool clearsRest)
    {
        int length = (int)Math.Min(literal.Bytes.Length, size);
        if (length <= 8)
        {
            StoreConstantBytes(literal.Bytes.AsSpan(0, length), to, alignmentLog2);
        }
        else
        {
            Value from = _function.SymbolAddress(unit.String(literal));
            CopyMemory(to, from, length, 1 << alignmentLog2, literal.QualType.Alignment, false);
        }
        if (clearsRest && length < size)
            ZeroMemory(OffsetBy(to, length), size - length, 1 << OffsetAlignment(alignmentLog2, length));
    }

    private void StoreConstantBytes(ReadOnlySpan<byte> bytes, Value to, byte alignmentLog2)
    {
        for (int at = 0; at < bytes.Length;)
        {
            int step = LargestStep(bytes.Length - at);
            long word = 0;
            for (int i = step - 1; i >= 0; i--)
                word = word << 8 | bytes[at + i];
            _b.Store(OffsetBy(to, at), Constant(IrType.Integer(step * 8), word), new MemoryAccess(OffsetAlignment(alignmentLog2, at)));
            at += step;
        }
    }

    /// <summary>Puts a constant object in place: zeroed, stored, or copied from read-only data.</summary>
    private void PutImage(StaticImage image, long size, in Lvalue place)
    {
        ReadOnlySpan<byte> bytes = image.Bytes.AsSpan(0, image.Length);
        if (image.Relocations.Length == 0 && bytes.IndexOfAnyExcept((byte)0) < 0)
        {
            ZeroMemory(place.Address, size, 1 << place.AlignmentLog2);
            return;
        }
        if (image.Relocations.Length == 0 && size <= StoredImageLimit)
        {
            Span<byte> whole = stackalloc byte[(int)size];
            whole.Clear();
            bytes[..Math.Min(bytes.Length, whole.Length)].CopyTo(whole);
            StoreConstantBytes(whole, place.Address, place.AlignmentLog2);
            return;
        }
        Symbol template = unit.ConstantObject(image, place.AlignmentLog2, this);
        CopyMemory(place.Address, _function.SymbolAddress(template), size, 1 << place.AlignmentLog2, 1 << place.AlignmentLog2, false);
    }
}
