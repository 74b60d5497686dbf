namespace Kiln.Lowering;

// __builtin_clear_padding, and -ftrivial-auto-var-init, which fills automatic variables that have no initializer and clears the
// padding of those that have one. Padding is every bit of an object that belongs to no member (of a union: to none of its members).
internal sealed partial class FunctionLowering
{
    // A record up to this size is cleared by the map of its bits; larger ones member by member.
    private const int LargestPaddingMap = 1 << 12;

    /// <summary>Sets the padding of an object to zero.</summary>
    private void ClearPadding(Value address, CType type)
    {
        Open();
        switch (type)
        {
            case ArrayType array when array.Bound is not null || array.Element.Type.HasVariableSize:
                CType element = array.Element.Type;
                while (element is ArrayType { Element.Type: var inner })
                    element = inner;
                if (!element.HasVariableSize && element.Size != 0 && HasPadding(element))
                    ClearElements(address, element, RuntimeSize(array));
                break;
            case ArrayType array when array.Size > LargestPaddingMap || array.Count > 16:
                if (HasPadding(array.Element.Type))
                    ClearElements(address, array.Element.Type, SizeConstant(array.Size));
                break;
            case RecordType { IsUnion: false, HasVariableSize: false } record when record.Size > LargestPaddingMap:
                ClearLargeRecord(address, record);
                break;
            default:
                if (!type.HasVariableSize && HasPadding(type))
                    ClearByMap(address, DataBits(type));
                break;
        }
    }

    /// <summary>Fills a variable where it has no initializer, clears its padding where it has one.</summary>
    private void FillAutomatic(VariableDeclaration variable)
    {
        if (variable.IsUninitialized || variable.Type.Type is { IsComplete: false, HasVariableSize: false } || !variable.Type.Type.HasVariableSize && variable.Type.Type.Size == 0)
            return;
        CType type = variable.Type.Type;
        Lvalue place = VariableLvalue(variable, variable.Type.WithOnly(variable.Type.Qualifiers & ~(Qualifiers.Const | Qualifiers.Atomic)));
        if (variable.Initializer is not null)
        {
            if (place.Kind == LvalueKind.Memory && Lowering.ClassOf(type) != TypeClass.Scalar)
                ClearPadding(place.Address, type);
            return;
        }
        Open();
        _b.Location = variable.Location;
        int pattern = Options.AutomaticValues == AutomaticValues.Zero ? 0 : 0xfe;
        if (place.Kind != LvalueKind.Memory)
        {
            Store(place, ConvertScalar(Constant(IrType.I64, pattern * 0x0101010101010101), unit.CTypes.Long, type));
            return;
        }
        if (Lowering.ClassOf(type) == TypeClass.Scalar && (pattern == 0 || type.IsInteger || type.IsPointer))
        {
            Value value = pattern == 0 ? ZeroOf(Lowering.IrTypeOf(type))
                : _b.Convert(Op.Bitcast, Lowering.IrTypeOf(type), _function.Constant(IrType.Integer((int)type.Size * 8), UInt128.MaxValue / 255 * (uint)pattern));
            // A bool is no bit pattern but a value.
            Store(place, type.Kind == TypeKind.Bool ? Constant(IrType.I8, 0) : value);
            return;
        }
        _b.Emit(Op.MemorySet, IrType.Void, place.Address, Constant(IrType.I8, pattern), type.HasVariableSize ? RuntimeSize(type) : SizeConstant(type.Size),
            new MemoryAccess(place.AlignmentLog2).Pack());
        // Padding is zero even where the rest is a pattern.
        if (pattern != 0)
            ClearPadding(place.Address, type);
    }

    private static bool HasPadding(CType type)
    {
        switch (type)
        {
            case ArrayType array:
                return HasPadding(array.Element.Type);
            case RecordType { IsUnion: false } record when record.Size > LargestPaddingMap:
                return true;
            default:
                return DataBits(type).AsSpan().ContainsAnyExcept((byte)0xff);
        }
    }

    /// <summary>The bits of an object that hold data, as a mask of its bytes.</summary>
    private static byte[] DataBits(CType type)
    {
        var mask = new byte[type.Size];
        MarkData(type, mask, 0);
        return mask;
    }

    private static void MarkData(CType type, Span<byte> mask, long offset)
    {
        switch (type)
        {
            case RecordType record:
                foreach (Field field in record.Fields)
                {
                    if (!field.IsBitField)
                    {
                        MarkData(field.Type.Type, mask, offset + field.Offset);
                        continue;
                    }
                    for (long bit = (offset + field.Offset) * 8 + field.BitOffset, end = bit + field.BitWidth; bit < end; bit++)
                        mask[(int)(bit >> 3)] |= (byte)(1 << (int)(bit & 7));
                }
                break;
            case ArrayType array:
                for (long i = 0; i < array.Count; i++)
                    MarkData(array.Element.Type, mask, offset + i * array.Element.Type.Size);
                break;
            case ComplexType complex:
                MarkData(complex.Element, mask, offset);
                MarkData(complex.Element, mask, offset + complex.Element.Size);
                break;
            case FloatType { Format: { } format } when format == FloatFormat.X87:
                mask.Slice((int)offset, 10).Fill(0xff);
                break;
            default:
                if (!type.HasVariableSize && type.Size > 0)
                    mask.Slice((int)offset, (int)type.Size).Fill(0xff);
                break;
        }
    }

    private void ClearByMap(Value address, ReadOnlySpan<byte> mask)
    {
        for (int i = 0; i < mask.Length; i++)
        {
            if (mask[i] == 0xff)
                continue;
            Value at = OffsetBy(address, i);
            if (mask[i] != 0)
            {
                Value kept = _b.Binary(Op.And, _b.Load(IrType.I8, at, new MemoryAccess(0)), Constant(IrType.I8, mask[i]));
                _b.Store(at, kept, new MemoryAccess(0));
                continue;
            }
            int run = 1;
            while (i + run < mask.Length && mask[i + run] == 0)
                run++;
            ZeroMemory(at, run, 1);
            i += run - 1;
        }
    }

    // The gaps between the members by a map in which arrays count as data, then the members' own.
    private void ClearLargeRecord(Value address, RecordType record)
    {
        long end = 0;
        foreach (Field field in record.Fields)
        {
            if (field.IsBitField)
                continue;
            if (field.Offset > end)
                ClearGap(address, record, end, field.Offset);
            ClearPadding(OffsetBy(address, field.Offset), field.Type.Type);
            end = Math.Max(end, field.Offset + (field.Type.Type.IsComplete && !field.Type.Type.HasVariableSize ? field.Type.Type.Size : 0));
        }
        if (end < record.Size)
            ClearGap(address, record, end, record.Size);
    }

    // Between other members stand bit-fields, or nothing.
    private void ClearGap(Value address, RecordType record, long start, long end)
    {
        var mask = new byte[end - start];
        foreach (Field field in record.Fields)
        {
            for (long bit = (field.Offset - start) * 8 + field.BitOffset, i = 0; field.IsBitField && i < field.BitWidth; i++, bit++)
            {
                if (bit >= 0 && bit < mask.Length * 8L)
                    mask[bit >> 3] |= (byte)(1 << (int)(bit & 7));
            }
        }
        ClearByMap(OffsetBy(address, start), mask);
    }

    /// <summary>The elements of an array, one by one.</summary>
    private void ClearElements(Value address, CType element, Value size)
    {
        Value position = Temporary(unit.CTypes.SizeType);
        var access = new MemoryAccess(3);
        _b.Store(position, SizeConstant(0), access);
        Block test = NewBlock(), body = NewBlock(), end = NewBlock();
        _b.Branch(test);
        _b.Current = test;
        _b.BranchIf(_b.Compare(IntPredicate.LessUnsigned, _b.Load(IrType.I64, position, access), size), body, end);
        _b.Current = body;
        ClearPadding(_b.PointerAdd(address, _b.Load(IrType.I64, position, access)), element);
        _b.Store(position, _b.Binary(Op.Add, _b.Load(IrType.I64, position, access), SizeConstant(element.Size)), access);
        _b.Branch(test);
        _b.Current = end;
    }
}
