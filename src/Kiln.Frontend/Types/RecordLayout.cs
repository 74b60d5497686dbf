// Lays out structures and unions as gcc does on System V targets (psABI "Aggregates and Unions" and "Bit-Fields"): a bit-field
// must not cross a boundary of its declared type unless packed; its type's alignment counts for the record only when it is named.
// In: members with type, width and requested alignment. Out: offsets, access units of bit-fields, size and alignment.

using Kiln.Target;

namespace Kiln.Frontend.Types;

internal static class RecordLayout
{
    /// <summary>Computes the layout and marks the record defined.</summary>
    /// <param name="record">A record whose <see cref="RecordType.Fields"/> hold all members, unnamed bit-fields too, which are dropped.</param>
    /// <param name="target">The target.</param>
    /// <param name="pack">The limit of #pragma pack in bytes, or 0.</param>
    /// <param name="requested">The alignment that attributes ask for the record, or 0.</param>
    public static void Compute(RecordType record, TargetInfo target, int pack, int requested)
    {
        // Counted in bits, an object may pass 63 bits.
        Int128 bits = 0;
        Int128 unionBits = 0;
        int recordAlignment = 1;
        bool hasBitFields = false;
        foreach (Field field in record.Fields)
        {
            field.Record = record;
            if (record.IsUnion)
                bits = 0;
            bool isPacked = record.IsPacked || field.IsPacked;
            field.IsPacked = isPacked;
            int alignment = TypeAlignment(field, target);
            if (isPacked && field.Type.AlignmentCode == 0)
                alignment = 1;
            if (field.IsBitField)
            {
                hasBitFields = true;
                bits = PlaceBitField(field, bits, alignment, pack, isPacked, ref recordAlignment, target);
            }
            else
            {
                if (field.RequestedAlignment > alignment)
                    alignment = field.RequestedAlignment;
                if (pack != 0)
                    alignment = Math.Min(alignment, Math.Max(pack, 1));
                recordAlignment = Math.Max(recordAlignment, alignment);
                bits = RoundUp(bits, alignment * 8L);
                field.Offset = (long)(bits >> 3);
                field.Alignment = alignment;
                bits += (Int128)field.Type.Type.Size * 8;
            }
            unionBits = Int128.Max(unionBits, bits);
            NoteMember(record, field);
        }
        if (record.IsUnion)
            bits = unionBits;
        recordAlignment = Math.Max(recordAlignment, requested);
        record.Alignment = recordAlignment;
        record.Size = (long)Int128.Min(RoundUp(RoundUp(bits, 8) >> 3, recordAlignment), long.MaxValue);
        record.IsDefined = true;
        if (hasBitFields)
            PlaceStorage(record, (long)Int128.Min(bits, long.MaxValue));
        foreach (Field field in record.Fields)
        {
            if (field.Offset != 0 && field.IsBitField)
                field.Alignment = (int)Math.Min(recordAlignment, field.Offset & -field.Offset);
            else if (field.IsBitField)
                field.Alignment = recordAlignment;
        }
    }

    private static void NoteMember(RecordType record, Field field)
    {
        if (field.Type.IsConst)
            record.HasConstMember = true;
        if (field.Type.IsVolatile)
            record.HasVolatileMember = true;
        CType type = field.Type.Type;
        while (type is ArrayType array)
        {
            if (array.Element.IsConst)
                record.HasConstMember = true;
            if (array.Element.IsVolatile)
                record.HasVolatileMember = true;
            type = array.Element.Type;
        }
        if (type is RecordType inner)
        {
            record.HasConstMember |= inner.HasConstMember;
            record.HasVolatileMember |= inner.HasVolatileMember;
            if (field.Type.Type is RecordType)
                record.HasFlexibleArray |= inner.HasFlexibleArray;
        }
        if (field.Type.Type is ArrayType { Count: < 0, Bound: null })
            record.HasFlexibleArray = true;
    }

    private static int TypeAlignment(Field field, TargetInfo target)
    {
        int alignment = field.Type.Alignment;
        // The i386 ABI aligns eight-byte scalars to four within records.
        if (alignment > target.LongLongAlignment && field.Type.AlignmentCode == 0 && target.LongLongAlignment < 8)
        {
            CType type = field.Type.Type;
            while (type is ArrayType array)
                type = array.Element.Type;
            if (type is IntegerType or FloatType { Size: 8 } or EnumType or ComplexType { Element.Size: 8 })
                alignment = Math.Min(alignment, target.LongLongAlignment);
        }
        return alignment;
    }

    private static Int128 PlaceBitField(
        Field field, Int128 bits, int alignment, int pack, bool isPacked, ref int recordAlignment, TargetInfo target)
    {
        long typeBits = field.Type.Type.Size * 8;
        int natural = TypeAlignment(field, target);
        if (field.BitWidth == 0)
        {
            int boundary = natural;
            return RoundUp(bits, Math.Max(boundary, field.RequestedAlignment) * 8L);
        }
        if (pack != 0)
            alignment = Math.Min(alignment, pack);
        if (field.RequestedAlignment != 0)
        {
            int wanted = pack != 0 ? Math.Min(field.RequestedAlignment, pack) : field.RequestedAlignment;
            bits = RoundUp(bits, wanted * 8L);
            recordAlignment = Math.Max(recordAlignment, wanted);
        }
        if (!isPacked && pack == 0) // #pragma pack of any value lets them cross boundaries
        {
            long unit = alignment * 8L;
            if ((bits % unit + field.BitWidth + unit - 1) / unit > typeBits / unit)
                bits = RoundUp(bits, unit);
        }
        if (field.Name != 0)
            recordAlignment = Math.Max(recordAlignment, isPacked ? 1 : alignment);
        field.Offset = (long)(bits >> 3);
        field.BitOffset = (int)(bits & 7);
        return bits + field.BitWidth;
    }

    /// <summary>Chooses for each bit-field the bytes that an access takes, so that it touches no other kind of member (C17 3.14p3),
    /// lies inside the record, and is a naturally aligned power of two wherever possible; then drops the unnamed ones.</summary>
    private static void PlaceStorage(RecordType record, long endBits)
    {
        Field[] fields = record.Fields;
        for (int first = 0; first < fields.Length;)
        {
            if (!fields[first].IsBitField)
            {
                first++;
                continue;
            }
            int last = first;
            while (!record.IsUnion && last + 1 < fields.Length && fields[last + 1] is { IsBitField: true, BitWidth: > 0 })
                last++;
            long runStart = fields[first].Offset;
            long runEnd = record.Size;
            for (int next = last + 1; next < fields.Length && !record.IsUnion; next++)
            {
                if (fields[next].BitWidth == 0)
                {
                    long zero = next + 1 < fields.Length ? fields[next + 1].Offset : (RoundUp(endBits, 8) >> 3);
                    runEnd = Math.Min(runEnd, zero);
                    continue;
                }
                runEnd = Math.Min(runEnd, fields[next].Offset);
                break;
            }
            for (int i = first; i <= last; i++)
                ChooseUnit(fields[i], runStart, runEnd);
            first = last + 1;
        }
        record.Fields = Array.FindAll(fields, f => !(f.IsBitField && f.Name == 0));
    }

    private static void ChooseUnit(Field field, long runStart, long runEnd)
    {
        if (field.BitWidth == 0)
            return;
        long firstBit = field.Offset * 8 + field.BitOffset;
        long endBit = firstBit + field.BitWidth;
        for (int size = 1; size <= 16; size *= 2)
        {
            long start = firstBit / (size * 8) * size;
            if (start < runStart || start + size > runEnd || endBit > (start + size) * 8)
                continue;
            field.Offset = start;
            field.BitOffset = (int)(firstBit - start * 8);
            field.StorageSize = size;
            return;
        }
        field.StorageSize = (int)((endBit + 7 >> 3) - field.Offset);
    }

    private static long RoundUp(long value, long unit) => (value + unit - 1) / unit * unit;

    /// <summary>Units are powers of two.</summary>
    private static Int128 RoundUp(Int128 value, long unit) => (value + (unit - 1)) & -(Int128)unit;
}
