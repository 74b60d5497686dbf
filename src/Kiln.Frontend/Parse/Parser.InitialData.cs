using System.Buffers.Binary;
using Kiln.Base;
using Kiln.Frontend.Ast;
using Kiln.Frontend.Constants;
using Kiln.Frontend.Lex;
using Kiln.Frontend.Sema;
using Kiln.Frontend.Types;

namespace Kiln.Frontend.Parse;

// What initializers store: assignments for automatic objects, bytes and references for static ones.
public sealed partial class Parser
{
    /// <summary>Stores one value at a place.</summary>
    private void Store(long offset, Field? field, QualType type, Expression value, Location location)
    {
        if (_sink.IsStatic && value is CompoundLiteralExpression { Variable.Image: { } image } && ReferenceEquals(value.Type, type.Type))
        {
            _report.Pedantic(location, "initializer element is not constant");
            CopyImage(image, offset);
            return;
        }
        _sink.Values++;
        _sink.HasNonZero |= value is not IntegerConstant { Value: var zero } || zero != 0;
        Expression converted = _sema.ConvertForAssignment(value, type.Unqualified, AssignmentContext.Initialization, location);
        if (converted.Type.IsError || converted.Kind == ExpressionKind.Error)
        {
            _sink.Failed = true;
            return;
        }
        Field? bitField = field is { IsBitField: true } ? field : null;
        if (_sink.IsStatic)
        {
            StoreStatic(offset, bitField, type, converted, location);
            return;
        }
        if (_sink.HasDesignators)
            RemoveOverridden(offset, bitField, type.Type.Size);
        _sink.Elements.Add(new InitializerElement(offset, bitField, converted, type.Unqualified));
    }

    private void RemoveOverridden(long offset, Field? bitField, long size)
    {
        for (int i = _sink.Elements.Count - 1; i >= 0; i--)
        {
            InitializerElement known = _sink.Elements[i];
            if (known.Count != 1)
                continue;
            if (bitField is not null || known.BitField is not null)
            {
                if (ReferenceEquals(known.BitField, bitField) && known.Offset == offset)
                    _sink.Elements.RemoveAt(i);
            }
            else if (known.Offset >= offset && known.Offset + known.Type.Type.Size <= offset + size && known.Type.Type.Size > 0)
                _sink.Elements.RemoveAt(i);
        }
    }

    private void CopyImage(StaticImage image, long offset)
    {
        _sink.Clear(offset, image.Size);
        image.Bytes.AsSpan(0, image.Length).CopyTo(_sink.At(offset, image.Length));
        foreach (ImageRelocation relocation in image.Relocations)
            _sink.Relocations.Add(relocation with { Offset = relocation.Offset + offset });
    }

    private void StoreStatic(long offset, Field? bitField, QualType type, Expression value, Location location)
    {
        if (value is IntegerConstant fast && bitField is null)
        {
            if ((fast.Flags & (ExpressionFlags.Overflow | ExpressionFlags.Loose)) != 0)
            {
                OverflowInConstant(fast, location);
                if ((fast.Flags & ExpressionFlags.Loose) != 0)
                    _report.Pedantic(location, "initializer element is not a constant expression");
            }
            PutInteger(offset, type.Type, fast.Value);
            return;
        }
        if (!Evaluator.Evaluate(value, out Constant constant))
        {
            _report.Error(location, "initializer element is not constant");
            _sink.Failed = true;
            return;
        }
        if (_report.IsPedantic && ConstantExpressions.Fault(value, _options.Standard < CStandard.C99) is { } fault)
            _report.Pedantic(location, fault);
        switch (constant.Kind)
        {
            case ConstantKind.Integer when bitField is not null:
                PutBits(offset, bitField, constant.A);
                break;
            case ConstantKind.Integer:
                PutInteger(offset, type.Type, constant.A);
                break;
            case ConstantKind.Float:
                PutFloat(offset, (FloatType)type.Type, constant.A);
                break;
            case ConstantKind.Complex:
                CType part = ((ComplexType)type.Type).Element;
                PutScalar(offset, part, constant.A);
                PutScalar(offset + part.Size, part, constant.B);
                break;
            case ConstantKind.Vector:
                CType element = ((VectorType)type.Type).Element;
                for (int i = 0; i < constant.Elements!.Length; i++)
                    PutScalar(offset + i * element.Size, element, constant.Elements[i]);
                break;
            case ConstantKind.Address or ConstantKind.LabelDifference:
                if (bitField is not null || constant.Kind == ConstantKind.Address && type.Type.Size != _target.PointerSize)
                {
                    _report.Error(location, "initializer element is not computable at load time");
                    _sink.Failed = true;
                    return;
                }
                if (_sink.HasDesignators)
                    _sink.Clear(offset, type.Type.Size);
                _sink.At(offset, type.Type.Size);
                MarkReferenced(constant.Base);
                _sink.Relocations.Add(new ImageRelocation(
                    offset, (int)type.Type.Size,
                    constant.Kind == ConstantKind.Address ? ImageRelocationKind.Address : ImageRelocationKind.LabelDifference,
                    constant.Base!, constant.Minus, constant.Offset));
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(value), constant.Kind, null);
        }
    }

    private static void MarkReferenced(object? target)
    {
        switch (target)
        {
            case VariableDeclaration variable:
                variable.IsAddressTaken = true;
                variable.IsAssigned = true;
                variable.IsUsed = true;
                break;
            case Declaration declaration:
                declaration.IsUsed = true;
                break;
        }
    }

    private void PutScalar(long offset, CType type, UInt128 bits)
    {
        if (type is FloatType real)
            PutFloat(offset, real, bits);
        else
            PutInteger(offset, type, bits);
    }

    private void PutInteger(long offset, CType type, UInt128 value)
    {
        int size = (int)type.Size;
        if (_sink.HasDesignators)
            _sink.Clear(offset, size);
        Span<byte> to = _sink.At(offset, size);
        switch (size)
        {
            case 1:
                to[0] = (byte)value;
                break;
            case 2:
                BinaryPrimitives.WriteUInt16LittleEndian(to, (ushort)value);
                break;
            case 4:
                BinaryPrimitives.WriteUInt32LittleEndian(to, (uint)value);
                break;
            case 8:
                BinaryPrimitives.WriteUInt64LittleEndian(to, (ulong)value);
                break;
            default:
                BinaryPrimitives.WriteUInt128LittleEndian(to, value);
                break;
        }
    }

    private void PutFloat(long offset, FloatType type, UInt128 bits)
    {
        int size = (int)type.Size;
        if (_sink.HasDesignators)
            _sink.Clear(offset, size);
        Span<byte> to = _sink.At(offset, size);
        for (int i = 0; i < size; i++, bits >>= 8)
            to[i] = (byte)bits;
    }

    private void PutBits(long offset, Field field, UInt128 value)
    {
        Span<byte> to = _sink.At(offset, field.StorageSize);
        for (int bit = 0; bit < field.BitWidth; bit++)
        {
            int at = field.BitOffset + bit;
            byte mask = (byte)(1 << (at & 7));
            if ((value >> bit & 1) != 0)
                to[at >> 3] |= mask;
            else
                to[at >> 3] &= (byte)~mask;
        }
    }
}
