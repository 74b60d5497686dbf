namespace Kiln.Lowering;

// Bit-fields. The layout names the bytes that an access reads and writes (StorageSize of them, no other members in them) and where
// the bits lie. Where that is no machine width, an access goes byte group by byte group.
internal sealed partial class FunctionLowering
{
    private Value LoadBitField(in Lvalue place)
    {
        Field field = place.Field!;
        IrType result = Lowering.IrTypeOf(place.Type.Type);
        if (field.BitWidth == 0)
            return Constant(result, 0);
        bool isSigned = Lowering.IsSigned(place.Type.Type);
        if (field.StorageSize > 16)
            return LoadStraddling(place, result, isSigned);
        Value word = LoadBytes(place.Address, field.StorageSize, place);
        IrType wordType = _function.TypeOf(word);
        int bits = wordType.LaneBits;
        int above = bits - field.BitOffset - field.BitWidth;
        Value value;
        if (isSigned)
        {
            value = ShiftBy(Op.ShiftLeft, word, above);
            value = ShiftBy(Op.ShiftRightSigned, value, bits - field.BitWidth);
        }
        else
        {
            value = ShiftBy(Op.ShiftRightUnsigned, word, field.BitOffset);
            if (above > 0)
                value = _b.Binary(Op.And, value, Mask(wordType, field.BitWidth));
        }
        return Resize(value, result, isSigned);
    }

    private Value ShiftBy(Op op, Value value, int amount) =>
        amount == 0 ? value : _b.Binary(op, value, Constant(_function.TypeOf(value), amount));

    private Value Mask(IrType type, int width) =>
        _function.Constant(type, width >= 128 ? UInt128.MaxValue : (UInt128.One << width) - 1);

    private void StoreBitField(in Lvalue place, Value value)
    {
        Field field = place.Field!;
        if (field.BitWidth == 0)
            return;
        if (field.StorageSize > 16)
        {
            StoreStraddling(place, value);
            return;
        }
        IrType wordType = WordType(field.StorageSize);
        Value bits = Resize(value, wordType, false);
        if (field.BitWidth < field.StorageSize * 8)
        {
            Value word = LoadBytes(place.Address, field.StorageSize, place);
            UInt128 mask = ((UInt128.One << field.BitWidth) - 1) << field.BitOffset;
            bits = _b.Binary(Op.And, bits, Mask(wordType, field.BitWidth));
            bits = ShiftBy(Op.ShiftLeft, bits, field.BitOffset);
            word = _b.Binary(Op.And, word, _function.Constant(wordType, ~mask));
            bits = _b.Binary(Op.Or, word, bits);
        }
        StoreBytes(place.Address, field.StorageSize, bits, place);
    }

    /// <summary>The value as the field holds it.</summary>
    private Value CutToField(Value value, Field field)
    {
        IrType type = _function.TypeOf(value);
        int unused = type.LaneBits - field.BitWidth;
        if (unused <= 0)
            return value;
        if (Lowering.IsSigned(field.Type.Type))
            return ShiftBy(Op.ShiftRightSigned, ShiftBy(Op.ShiftLeft, value, unused), unused);
        return _b.Binary(Op.And, value, Mask(type, field.BitWidth));
    }

    /// <summary>The smallest integer type of at least a number of bytes.</summary>
    private static IrType WordType(int size) => size switch
    {
        1 => IrType.I8,
        2 => IrType.I16,
        <= 4 => IrType.I32,
        <= 8 => IrType.I64,
        _ => IrType.I128,
    };

    private MemoryAccess ByteAccess(in Lvalue place, int offset) =>
        new(OffsetAlignment(place.AlignmentLog2, offset), place.Type.IsVolatile);

    /// <summary>Reads up to 16 bytes, not one more, as an integer; upper bits that no byte fills are zero.</summary>
    private Value LoadBytes(Value address, int size, in Lvalue place)
    {
        IrType type = WordType(size);
        if (type.Size == size)
            return _b.Load(type, address, ByteAccess(place, 0));
        Value word = default;
        for (int at = 0; at < size;)
        {
            int step = LargestStep(size - at);
            Value part = _b.Load(IrType.Integer(step * 8), OffsetBy(address, at), ByteAccess(place, at));
            part = ShiftBy(Op.ShiftLeft, _b.Convert(Op.ZeroExtend, type, part), at * 8);
            word = word.IsNone ? part : _b.Binary(Op.Or, word, part);
            at += step;
        }
        return word;
    }

    /// <summary>Writes the low bytes of an integer, not one more.</summary>
    private void StoreBytes(Value address, int size, Value word, in Lvalue place)
    {
        IrType type = _function.TypeOf(word);
        if (type.Size == size)
        {
            _b.Store(address, word, ByteAccess(place, 0));
            return;
        }
        for (int at = 0; at < size;)
        {
            int step = LargestStep(size - at);
            Value part = ShiftBy(Op.ShiftRightUnsigned, word, at * 8);
            part = _b.Convert(Op.Truncate, IrType.Integer(step * 8), part);
            _b.Store(OffsetBy(address, at), part, ByteAccess(place, at));
            at += step;
        }
    }

    private static int LargestStep(int size) => size >= 8 ? 8 : size >= 4 ? 4 : size >= 2 ? 2 : 1;

    // A packed __int128 field may touch 17 bytes: the low 16 and one more.

    private Value LoadStraddling(in Lvalue place, IrType result, bool isSigned)
    {
        Field field = place.Field!;
        Value low = _b.Load(IrType.I128, place.Address, ByteAccess(place, 0));
        Value high = _b.Load(IrType.I8, OffsetBy(place.Address, 16), ByteAccess(place, 16));
        Value value = ShiftBy(Op.ShiftRightUnsigned, low, field.BitOffset);
        high = ShiftBy(Op.ShiftLeft, _b.Convert(Op.ZeroExtend, IrType.I128, high), 128 - field.BitOffset);
        value = _b.Binary(Op.Or, value, high);
        int unused = 128 - field.BitWidth;
        value = ShiftBy(Op.ShiftLeft, value, unused);
        value = ShiftBy(isSigned ? Op.ShiftRightSigned : Op.ShiftRightUnsigned, value, unused);
        return Resize(value, result, isSigned);
    }

    private void StoreStraddling(in Lvalue place, Value value)
    {
        Field field = place.Field!;
        UInt128 mask = field.BitWidth >= 128 ? UInt128.MaxValue : (UInt128.One << field.BitWidth) - 1;
        Value bits = _b.Binary(Op.And, Resize(value, IrType.I128, false), _function.Constant(IrType.I128, mask));
        Value low = _b.Load(IrType.I128, place.Address, ByteAccess(place, 0));
        low = _b.Binary(Op.And, low, _function.Constant(IrType.I128, ~(mask << field.BitOffset)));
        low = _b.Binary(Op.Or, low, ShiftBy(Op.ShiftLeft, bits, field.BitOffset));
        _b.Store(place.Address, low, ByteAccess(place, 0));
        Value top = OffsetBy(place.Address, 16);
        Value high = _b.Load(IrType.I8, top, ByteAccess(place, 16));
        high = _b.Binary(Op.And, high, _function.Constant(IrType.I8, ~(long)(ulong)(mask >> 128 - field.BitOffset)));
        Value rest = _b.Convert(Op.Truncate, IrType.I8, ShiftBy(Op.ShiftRightUnsigned, bits, 128 - field.BitOffset));
        _b.Store(top, _b.Binary(Op.Or, high, rest), ByteAccess(place, 16));
    }
}
