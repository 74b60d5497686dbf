namespace Kiln.Lowering;

/// <summary>What kind of place an lvalue designates.</summary>
internal enum LvalueKind : byte
{
    Memory,
    /// <summary>Bits in memory.</summary>
    BitField,
    /// <summary>A lane of a vector variable: read and written through the whole vector, so that the variable can leave memory.</summary>
    Lane,
    /// <summary>A global register variable.</summary>
    Register,
}

/// <summary>A place that can be read and written.</summary>
internal struct Lvalue
{
    public LvalueKind Kind;

    /// <summary>Where the object is; of a bit-field, where its access begins; of a lane, where the vector is.</summary>
    public Value Address;

    /// <summary>The type with its qualifiers.</summary>
    public QualType Type;

    /// <summary>Logarithm of the alignment that holds at <see cref="Address"/>.</summary>
    public byte AlignmentLog2;

    /// <summary>The access goes through a union or a type that may alias with everything.</summary>
    public bool AliasesAll;

    /// <summary>A bit-field's member.</summary>
    public Field? Field;

    /// <summary>A lane's number, and the vector's type.</summary>
    public Value Index;
    public VectorType? Vector;

    /// <summary>A global register variable's register.</summary>
    public string? Register;
}

internal enum VariablePlaceKind : byte
{
    /// <summary>At a fixed address, which is the same value all through the function.</summary>
    Address,
    /// <summary>A stack slot holds its address (variable length arrays).</summary>
    PointerSlot,
}

/// <summary>Where an automatic variable is that has no stack slot of its own.</summary>
internal struct VariablePlace
{
    public VariablePlaceKind Kind;
    public Value Address;
}

// Lvalues: where objects are, and how they are read and written.
internal sealed partial class FunctionLowering
{
    // Automatic variables: Slot > 0 is a stack slot, Slot < 0 an index of this list (captured ones: an offset in the frame record plus 1).
    private readonly GrowBuffer<VariablePlace> _places = new(8);

    /// <summary>The address of a variable.</summary>
    private Value AddressOf(VariableDeclaration variable)
    {
        if (!variable.IsAutomatic)
            return _function.SymbolAddress(unit.Reference(variable));
        if (variable.IsCaptured)
            return CapturedAddress(variable);
        if (variable.Slot == 0)
        {
            if (IsOnStackTop(variable))
                return VariableArrayAddress(variable);
            StackSlot slot = NewSlot(Math.Max(1, variable.Type.Type.Size), Lowering.ObjectAlignment(variable));
            NoteForGuard(variable);
            Remember(variable).Slot = slot.Id;
            DescribeLocal(variable, slot);
        }
        if (variable.Slot > 0)
            return _function.SlotAddress(new StackSlot(variable.Slot));
        ref VariablePlace place = ref _places[-variable.Slot];
        return place.Kind == VariablePlaceKind.Address ? place.Address : _b.Load(IrType.Pointer, place.Address, new MemoryAccess(3));
    }

    /// <summary>The slot with the address of a variable length array, made where the variable is first seen.</summary>
    private Value VariableArrayPointer(VariableDeclaration variable)
    {
        if (variable.IsCaptured)
            return CapturedSlotAddress(variable, 8, 8);
        if (variable.Slot == 0)
        {
            StackSlot slot = NewSlot(8, 8);
            _places.Add(new VariablePlace { Kind = VariablePlaceKind.PointerSlot, Address = _function.SlotAddress(slot) });
            Remember(variable).Slot = -(_places.Count - 1);
        }
        return _places[-variable.Slot].Address;
    }

    private Value VariableArrayAddress(VariableDeclaration variable) =>
        _b.Load(IrType.Pointer, VariableArrayPointer(variable), new MemoryAccess(3));

    /// <summary>The place that an expression designates; of an rvalue in memory, where it is.</summary>
    private Lvalue LvalueOf(Expression e)
    {
        switch (e)
        {
            case VariableReference reference:
                return VariableLvalue(reference.Variable, e.QualType);
            case DereferenceExpression dereference:
                return DereferenceLvalue(dereference);
            case MemberExpression member:
                return MemberLvalue(member);
            case VectorElementExpression element:
                return ElementLvalue(element);
            case CompoundLiteralExpression literal:
                return CompoundLiteralLvalue(literal);
            case StringLiteral literal:
                return MemoryLvalue(_function.SymbolAddress(unit.String(literal)), e.QualType);
            case PartExpression part:
                return PartLvalue(part);
            case EvaluateBoundsExpression bounds:
                foreach (VariableBound bound in bounds.Bounds)
                    EvaluateBound(bound);
                return LvalueOf(bounds.Operand);
            case ConditionalExpression { Type.Kind: TypeKind.Void }:
                Discard(e);
                return MemoryLvalue(_function.Any(IrType.Pointer), e.QualType);
            case CastExpression { CastKind: CastKind.NoOp } cast when cast.Operand.IsLvalue:
                Lvalue inner = LvalueOf(cast.Operand);
                inner.Type = e.QualType;
                return inner;
            default:
                if (Lowering.ClassOf(e.Type) == TypeClass.Memory)
                    return MemoryLvalue(MemoryValue(e), e.QualType);
                // A scalar or complex rvalue whose memory is wanted: it gets some.
                Value temporary = Temporary(e.Type);
                EvaluateInto(e, MemoryLvalue(temporary, e.QualType.Unqualified));
                return MemoryLvalue(temporary, e.QualType);
        }
    }

    private static Lvalue MemoryLvalue(Value address, QualType type) =>
        new() { Address = address, Type = type, AlignmentLog2 = AlignmentLog2(type.Alignment) };

    private Lvalue VariableLvalue(VariableDeclaration variable, QualType type)
    {
        if (variable is { RegisterName: { } register, Function: null } && variable.Storage is StorageClass.Register or StorageClass.Static or StorageClass.Extern)
            return new Lvalue { Kind = LvalueKind.Register, Type = type, Register = register };
        return new Lvalue { Address = AddressOf(variable), Type = type, AlignmentLog2 = AlignmentLog2(variable.Alignment) };
    }

    private Lvalue DereferenceLvalue(DereferenceExpression dereference)
    {
        if (dereference.Pointer is CastExpression { CastKind: CastKind.ArrayDecay } or PointerOffset or AddressOfExpression)
        {
            Lvalue place = PointedTo(dereference.Pointer);
            place.Type = dereference.QualType;
            return place;
        }
        return MemoryLvalue(Scalar(dereference.Pointer), dereference.QualType);
    }

    /// <summary>The place that a pointer points to, with what is known of its alignment where the pointer is made from an object.</summary>
    private Lvalue PointedTo(Expression pointer)
    {
        switch (pointer)
        {
            case CastExpression { CastKind: CastKind.ArrayDecay } decay:
                return LvalueOf(decay.Operand);
            case AddressOfExpression { Operand: not FunctionReference } address when Lowering.ClassOf(address.Operand.Type) != TypeClass.Void:
                return LvalueOf(address.Operand);
            case PointerOffset offset:
                Lvalue place = PointedTo(offset.Pointer);
                Advance(ref place, offset);
                return place;
            default:
                QualType pointee = pointer.Type is PointerType type ? type.Pointee : unit.CTypes.Char;
                return MemoryLvalue(Scalar(pointer), pointee);
        }
    }

    /// <summary>Moves a place by a pointer offset's index.</summary>
    private void Advance(ref Lvalue place, PointerOffset offset)
    {
        QualType element = offset.Type is PointerType type ? type.Pointee : unit.CTypes.Char;
        if (element.Type.HasVariableSize)
        {
            Value size = RuntimeSize(element.Type);
            Value distance = Arithmetic(Op.Mul, IndexValue(offset.Index), size);
            place.Address = OffsetBy(place.Address, offset.IsSubtraction ? Negate(distance) : distance);
            place.AlignmentLog2 = Math.Min(place.AlignmentLog2, AlignmentLog2(element.Alignment));
            return;
        }
        long elementSize = ElementSize(element);
        if (ConstantIndex(offset.Index, out long index))
        {
            long bytes = unchecked(index * elementSize);
            bytes = offset.IsSubtraction ? -bytes : bytes;
            place.Address = OffsetBy(place.Address, bytes);
            place.AlignmentLog2 = OffsetAlignment(place.AlignmentLog2, bytes);
            return;
        }
        Value scaled = Scale(IndexValue(offset.Index), elementSize);
        place.Address = OffsetBy(place.Address, offset.IsSubtraction ? Negate(scaled) : scaled);
        place.AlignmentLog2 = OffsetAlignment(place.AlignmentLog2, elementSize);
    }

    /// <summary>How far apart elements are: void and functions count 1 (GNU C).</summary>
    private static long ElementSize(QualType element) => element.Kind is TypeKind.Void or TypeKind.Function ? 1 : element.Type.Size;

    private static bool ConstantIndex(Expression index, out long value)
    {
        while (index is CastExpression { CastKind: CastKind.NoOp or CastKind.Integral, Operand: IntegerConstant constant } && index.Type.Size == 8)
            index = constant;
        value = index is IntegerConstant integer ? (long)(ulong)integer.Value : 0;
        return index is IntegerConstant;
    }

    /// <summary>An index as i64.</summary>
    private Value IndexValue(Expression index)
    {
        Value value = Scalar(index);
        return Resize(value, IrType.I64, Lowering.IsSigned(index.Type));
    }

    private Value Scale(Value index, long size) => size == 1 ? index : Arithmetic(Op.Mul, index, SizeConstant(size));

    private Value Negate(Value value) => _b.Binary(Op.Sub, Constant(_function.TypeOf(value), 0), value);

    private Value Arithmetic(Op op, Value a, Value b) => _b.Binary(op, a, b, Options.WrapSigned ? 0 : InstructionFlags.NoSignedWrap);

    private Value OffsetBy(Value pointer, Value bytes) => _b.PointerAdd(pointer, bytes, Options.WrapSigned ? 0 : InstructionFlags.InBounds);

    /// <summary>A pointer plus a constant; addresses of symbols take it into themselves.</summary>
    private Value OffsetBy(Value pointer, long bytes)
    {
        if (bytes == 0)
            return pointer;
        if (_function.OpOf(pointer) == Op.SymbolAddress)
        {
            ref Instruction leaf = ref _function[pointer];
            long total = leaf.Aux + bytes;
            // Offsets far outside of the object may not fit a relocation.
            if (total is > -(1 << 24) and < 1 << 24)
                return _function.SymbolAddress(new Symbol(leaf.A.Id), total);
        }
        else if (_function.OpOf(pointer) == Op.PointerAdd && _function.OpOf(_function[pointer].B) == Op.Constant)
        {
            // Member of member: one sum. The inner one is dead unless something else uses it.
            bytes += _function[_function[pointer].B].Aux;
            pointer = _function[pointer].A;
            if (bytes == 0)
                return pointer;
        }
        return _b.PointerAdd(pointer, SizeConstant(bytes), Options.WrapSigned ? 0 : InstructionFlags.InBounds);
    }

    private static byte OffsetAlignment(byte alignmentLog2, long offset) =>
        offset == 0 ? alignmentLog2 : (byte)Math.Min(alignmentLog2, System.Numerics.BitOperations.TrailingZeroCount((ulong)offset));

    private Lvalue MemberLvalue(MemberExpression member)
    {
        Field field = member.Field;
        Lvalue place = LvalueOf(member.Record);
        var record = (RecordType)member.Record.Type;
        place.AliasesAll |= record.IsUnion || record.MayAlias || (member.Record.QualType.Qualifiers & Qualifiers.MayAlias) != 0;
        place.Type = member.QualType;
        if (field.VariableOffset is { } offset)
        {
            place.Address = OffsetBy(place.Address, Resize(Scalar(offset), IrType.I64, false));
            place.AlignmentLog2 = Math.Min(place.AlignmentLog2, AlignmentLog2(field.Type.Alignment));
        }
        else
        {
            place.Address = OffsetBy(place.Address, field.Offset);
            place.AlignmentLog2 = OffsetAlignment(place.AlignmentLog2, field.Offset);
        }
        if (field.IsBitField)
        {
            place.Kind = LvalueKind.BitField;
            place.Field = field;
        }
        return place;
    }

    private Lvalue ElementLvalue(VectorElementExpression element)
    {
        var vector = (VectorType)element.Vector.Type;
        bool isWhole = element.Vector is VariableReference { Variable: { IsAutomatic: true, IsCaptured: false, IsAddressTaken: false } }
            && vector.Count > 1 && Lowering.ClassOf(vector) == TypeClass.Scalar && !element.Vector.QualType.IsVolatile;
        Lvalue place = LvalueOf(element.Vector);
        place.Type = element.QualType;
        if (isWhole)
        {
            place.Kind = LvalueKind.Lane;
            place.Vector = vector;
            place.Index = IndexValue(element.Index);
            return place;
        }
        long size = vector.Element.Size;
        if (ConstantIndex(element.Index, out long index))
        {
            place.Address = OffsetBy(place.Address, index * size);
            place.AlignmentLog2 = OffsetAlignment(place.AlignmentLog2, index * size);
        }
        else
        {
            place.Address = OffsetBy(place.Address, Scale(IndexValue(element.Index), size));
            place.AlignmentLog2 = OffsetAlignment(place.AlignmentLog2, size);
        }
        return place;
    }

    private Lvalue PartLvalue(PartExpression part)
    {
        Lvalue place = LvalueOf(part.Operand);
        place.Type = part.QualType;
        if (part.IsImaginary)
        {
            place.Address = OffsetBy(place.Address, part.Type.Size);
            place.AlignmentLog2 = OffsetAlignment(place.AlignmentLog2, part.Type.Size);
        }
        return place;
    }

    private Lvalue CompoundLiteralLvalue(CompoundLiteralExpression literal)
    {
        VariableDeclaration variable = literal.Variable;
        if (variable.IsAutomatic)
        {
            if (IsOnStackTop(variable))
                DeclareVariableArray(variable);
            InitializeVariable(variable);
        }
        return VariableLvalue(variable, literal.QualType);
    }

    // Reading and writing

    private MemoryAccess Access(in Lvalue place) =>
        new(place.AlignmentLog2, place.Type.IsVolatile, MemoryOrder.Plain, place.AliasesAll ? 0 : unit.AliasTagOf(place.Type));

    /// <summary>Reads a scalar.</summary>
    private Value Load(in Lvalue place)
    {
        CType type = place.Type.Type;
        switch (place.Kind)
        {
            case LvalueKind.Memory when place.Type.IsAtomic:
                return AtomicLoad(place);
            case LvalueKind.Memory:
                return _b.Load(Lowering.IrTypeOf(type), place.Address, Access(place));
            case LvalueKind.BitField:
                return LoadBitField(place);
            case LvalueKind.Lane:
                return _b.Emit(Op.ExtractLane, Lowering.IrTypeOf(type), LoadVector(place), place.Index);
            case LvalueKind.Register:
                return ReadRegister(place);
            default:
                throw new InvalidOperationException($"lvalue {place.Kind}");
        }
    }

    /// <summary>Writes a scalar.</summary>
    private void Store(in Lvalue place, Value value)
    {
        switch (place.Kind)
        {
            case LvalueKind.Memory when place.Type.IsAtomic:
                AtomicStore(place, value);
                break;
            case LvalueKind.Memory:
                _b.Store(place.Address, value, Access(place));
                break;
            case LvalueKind.BitField:
                StoreBitField(place, value);
                break;
            case LvalueKind.Lane:
                Value vector = LoadVector(place);
                vector = _b.Emit(Op.InsertLane, _function.TypeOf(vector), vector, value, place.Index);
                _b.Store(place.Address, vector, new MemoryAccess(place.AlignmentLog2));
                break;
            case LvalueKind.Register:
                WriteRegister(place, value);
                break;
            default:
                throw new InvalidOperationException($"lvalue {place.Kind}");
        }
    }

    private Value LoadVector(in Lvalue lane) =>
        _b.Load(Lowering.IrTypeOf(lane.Vector!), lane.Address, new MemoryAccess(lane.AlignmentLog2));

    /// <summary>What a later read of the place gives after <paramref name="value"/> was stored: a bit-field cuts it.</summary>
    private Value StoredValue(in Lvalue place, Value value) =>
        place.Kind == LvalueKind.BitField ? CutToField(value, place.Field!) : value;

    // Sizes

    /// <summary>The size of a type as i64: a constant, or computed from its bounds.</summary>
    private Value RuntimeSize(CType type)
    {
        switch (type)
        {
            case ArrayType { HasVariableSize: true } array:
                Value count = array.Bound is { } bound ? LoadBound(bound) : SizeConstant(array.Count);
                Value element = RuntimeSize(array.Element.Type);
                return _b.Binary(Op.Mul, count, element);
            case RecordType { VariableSize: { } size }:
                return Resize(Scalar(size), IrType.I64, false);
            default:
                return SizeConstant(type.Kind is TypeKind.Void or TypeKind.Function ? 1 : type.Size);
        }
    }

    /// <summary>Evaluates a bound and keeps it.</summary>
    private void EvaluateBound(VariableBound bound)
    {
        if (bound.Count is null)
            return;
        Value count = Resize(Scalar(bound.Count), IrType.I64, false);
        _b.Store(BoundAddress(bound), count, new MemoryAccess(3));
    }

    private Value LoadBound(VariableBound bound) =>
        bound.Count is IntegerConstant constant
            ? SizeConstant((long)(ulong)constant.Value)
            : _b.Load(IrType.I64, BoundAddress(bound), new MemoryAccess(3));

    private Value BoundAddress(VariableBound bound)
    {
        if (bound.IsCaptured)
            return CapturedBoundAddress(bound);
        if (bound.Slot == 0)
            Remember(bound).Slot = NewSlot(8, 8).Id;
        return _function.SlotAddress(new StackSlot(bound.Slot));
    }

    // Copies

    /// <summary>Copies an object of constant size; the two are the same or apart.</summary>
    private void CopyMemory(Value to, Value from, long size, int toAlignment, int fromAlignment, bool isVolatile)
    {
        if (size == 0 || to == from)
            return;
        _b.Emit(Op.MemoryCopy, IrType.Void, to, from, SizeConstant(size),
            new MemoryAccess(AlignmentLog2(Math.Min(toAlignment, fromAlignment)), isVolatile).Pack());
    }

    private void ZeroMemory(Value address, long size, int alignment)
    {
        if (size > 0)
        {
            _b.Emit(Op.MemorySet, IrType.Void, address, Constant(IrType.I8, 0), SizeConstant(size),
                new MemoryAccess(AlignmentLog2(alignment)).Pack());
        }
    }
}
