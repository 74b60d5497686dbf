// Evaluates what an initializer of static storage may hold (C17 6.6p7-10) and what gcc takes there besides: arithmetic constants,
// addresses with offsets, differences of labels. Also decides what folds in other places that want a constant. The walk is over
// the typed tree; it never reports, it says what the value is or that there is none.

using Kiln.Base;
using Kiln.Frontend.Ast;
using Kiln.Frontend.Types;

namespace Kiln.Frontend.Constants;

internal enum ConstantKind : byte
{
    None,
    /// <summary>A value of an integer, enumeration or pointer type.</summary>
    Integer,
    Float,
    Complex,
    Vector,
    /// <summary>The address of something, plus an offset.</summary>
    Address,
    LabelDifference,
}

internal struct Constant
{
    public ConstantKind Kind;
    public UInt128 A;
    public UInt128 B;
    public object? Base;
    public LabelDeclaration? Minus;
    public long Offset;
    public UInt128[]? Elements;
}

internal static class Evaluator
{
    /// <summary>The constant value of an rvalue.</summary>
    public static bool Evaluate(Expression e, out Constant result)
    {
        result = default;
        if (!CompilationStack.HasRoom)
            return false;
        switch (e)
        {
            case IntegerConstant integer:
                result = new Constant { Kind = ConstantKind.Integer, A = integer.Value };
                return true;
            case FloatConstant real:
                result = new Constant { Kind = ConstantKind.Float, A = real.Bits };
                return true;
            case ComplexConstant complex:
                result = new Constant { Kind = ConstantKind.Complex, A = complex.Real, B = complex.Imaginary };
                return true;
            case VectorConstant vector:
                result = new Constant { Kind = ConstantKind.Vector, Elements = vector.Elements };
                return true;
            case LabelAddress label:
                result = new Constant { Kind = ConstantKind.Address, Base = label.Label };
                return true;
            case FunctionReference function:
                result = new Constant { Kind = ConstantKind.Address, Base = function.Function };
                return (function.Function.Flags & FunctionFlags.NeedsStaticChain) == 0;
            case AddressOfExpression address:
                return Address(address.Operand, out result);
            case CastExpression cast:
                return Cast(cast, out result);
            case UnaryExpression unary:
                return Unary(unary, out result);
            case BinaryExpression binary:
                return Binary(binary, out result);
            case PointerOffset offset:
                return Offset(offset, out result);
            case PointerDifference difference:
                return Difference(difference, out result);
            case LogicalExpression logical:
                return Logical(logical, out result);
            case ConditionalExpression conditional:
                return EvaluateTruth(conditional.Condition, out bool truth)
                    && Evaluate(truth ? conditional.WhenTrue : conditional.WhenFalse, out result);
            case OmittedMiddleExpression omitted:
                if (!Evaluate(omitted.Value, out Constant value) || Truth(value, omitted.Value.Type) is not { } isTrue)
                    return false;
                if (!isTrue)
                    return Evaluate(omitted.WhenFalse, out result);
                result = value;
                return ReferenceEquals(omitted.Value.Type, omitted.Type) || Convert(value, omitted.Value.Type, omitted.Type, out result);
            case PartExpression part:
                if (!Evaluate(part.Operand, out Constant whole))
                    return false;
                if (whole.Kind != ConstantKind.Complex)
                    return false;
                result = Make(part.Type, part.IsImaginary ? whole.B : whole.A);
                return true;
            case MakeComplexExpression make:
                if (!Evaluate(make.Real, out Constant re) || !Evaluate(make.Imaginary, out Constant im))
                    return false;
                result = new Constant { Kind = ConstantKind.Complex, A = re.A, B = im.A };
                return true;
            case EvaluateBoundsExpression bounds:
                // A static object's initializer is no place to evaluate bounds; only the value counts.
                return Evaluate(bounds.Operand, out result);
            case InitializerList list when list.Type is VectorType vectorType:
                return VectorList(list, vectorType, out result);
            default:
                return false;
        }
    }

    private static Constant Make(CType type, UInt128 bits) =>
        new() { Kind = type.IsFloat ? ConstantKind.Float : ConstantKind.Integer, A = bits };

    private static bool VectorList(InitializerList list, VectorType type, out Constant result)
    {
        result = new Constant { Kind = ConstantKind.Vector, Elements = new UInt128[type.Count] };
        foreach (InitializerElement element in list.Elements)
        {
            if (!Evaluate(element.Value, out Constant value) || value.Kind is not (ConstantKind.Integer or ConstantKind.Float))
                return false;
            for (long i = 0, at = element.Offset / type.Element.Size; i < element.Count; i++, at++)
                result.Elements[at] = value.A;
        }
        return true;
    }

    /// <summary>Whether a constant is not zero; null where that isn't known.</summary>
    public static bool? Truth(in Constant value, CType type) => value.Kind switch
    {
        ConstantKind.Integer => value.A != 0,
        ConstantKind.Float => type is FloatType { IsDecimalFloat: false } format ? !SoftFloat.IsZero(format.Format, value.A) : null,
        ConstantKind.Address => value.Base is EntityDeclaration { IsWeak: true } ? null : true,
        ConstantKind.Complex => type is ComplexType { Element: FloatType f }
            ? !SoftFloat.IsZero(f.Format, value.A) || !SoftFloat.IsZero(f.Format, value.B)
            : value.A != 0 || value.B != 0,
        _ => null,
    };

    public static bool EvaluateTruth(Expression e, out bool truth)
    {
        truth = false;
        if (!Evaluate(e, out Constant value) || Truth(value, e.Type) is not { } known)
            return false;
        truth = known;
        return true;
    }

    /// <summary>The address of an lvalue with static storage.</summary>
    public static bool Address(Expression e, out Constant result)
    {
        result = default;
        if (!CompilationStack.HasRoom)
            return false;
        switch (e)
        {
            case VariableReference { Variable: { IsAutomatic: false, TlsModel: TlsModel.None } variable }:
                result = new Constant { Kind = ConstantKind.Address, Base = variable };
                return true;
            case CompoundLiteralExpression { Variable: { IsAutomatic: false, Function: null } } literal:
                result = new Constant { Kind = ConstantKind.Address, Base = literal.Variable };
                return true;
            case StringLiteral text:
                result = new Constant { Kind = ConstantKind.Address, Base = text };
                return true;
            case FunctionReference:
                return Evaluate(e, out result);
            case DereferenceExpression dereference:
                return Evaluate(dereference.Pointer, out result) && result.Kind is ConstantKind.Address or ConstantKind.Integer;
            case MemberExpression { Field.VariableOffset: null } member:
                if (!Address(member.Record, out result))
                    return false;
                Shift(ref result, member.Field.Offset);
                return true;
            case PartExpression part:
                if (!Address(part.Operand, out result))
                    return false;
                Shift(ref result, part.IsImaginary ? part.Type.Size : 0);
                return true;
            case VectorElementExpression element:
                if (!Address(element.Vector, out result) || !Evaluate(element.Index, out Constant index) || index.Kind != ConstantKind.Integer)
                    return false;
                Shift(ref result, (long)index.A * element.Type.Size);
                return true;
            default:
                return false;
        }
    }

    private static void Shift(ref Constant address, long offset)
    {
        if (address.Kind == ConstantKind.Address)
            address.Offset += offset;
        else
            address.A += (UInt128)(Int128)offset;
    }

    private static bool Cast(CastExpression cast, out Constant result)
    {
        result = default;
        switch (cast.CastKind)
        {
            case CastKind.ArrayDecay or CastKind.FunctionDecay:
                return Address(cast.Operand, out result);
            case CastKind.LvalueToRvalue:
                return Load(cast.Operand, out result);
            case CastKind.ToVoid or CastKind.ToUnion:
                return false;
        }
        return Evaluate(cast.Operand, out Constant operand) && Convert(operand, cast.Operand.Type, cast.Type, out result);
    }

    /// <summary>What gcc reads of constant objects: const scalars with a constant initializer, elements of strings, and
    /// compound literals.</summary>
    private static bool Load(Expression e, out Constant result)
    {
        result = default;
        switch (e)
        {
            case VariableReference { Variable: { ConstantValue: { } value, Type: { IsConst: true, IsVolatile: false } } }:
                return Evaluate(value, out result);
            case CompoundLiteralExpression { Variable: { Initializer: { } value, Type.IsVolatile: false } literal } when !literal.Type.Type.IsArray:
                return Evaluate(value, out result);
            case CompoundLiteralExpression { Variable.ConstantValue: { } value }:
                return Evaluate(value, out result);
            case PartExpression part when Load(part.Operand, out Constant whole) && whole.Kind == ConstantKind.Complex:
                result = Make(part.Type, part.IsImaginary ? whole.B : whole.A);
                return true;
            case DereferenceExpression when e.Type.IsInteger && Address(e, out Constant address)
                && address.Base is StringLiteral text && address.Offset >= 0 && address.Offset + e.Type.Size <= text.Bytes.Length:
                UInt128 bits = 0;
                for (int i = (int)e.Type.Size - 1; i >= 0; i--)
                    bits = bits << 8 | text.Bytes[address.Offset + i];
                result = Make(e.Type, IntegerArithmetic.Normalize(bits, e.Type));
                return true;
            case DereferenceExpression or MemberExpression { Field.IsBitField: false } when e.Type.IsReal && e.QualType.IsConst && !e.QualType.IsVolatile
                && Address(e, out Constant place) && place.Base is VariableDeclaration { Image: { } image } && place.Offset >= 0:
                return ReadImage(image, place.Offset, e.Type, out result);
            default:
                return false;
        }
    }

    /// <summary>Reads a scalar of a constant object.</summary>
    private static bool ReadImage(StaticImage image, long offset, CType type, out Constant result)
    {
        result = default;
        if (offset + type.Size > image.Size || type.IsDecimalFloat)
            return false;
        foreach (ImageRelocation relocation in image.Relocations)
        {
            if (relocation.Offset < offset + type.Size && offset < relocation.Offset + relocation.Size)
                return false;
        }
        UInt128 bits = 0;
        int width = type is FloatType format ? SoftFloat.Width(format.Format) / 8 : (int)type.Size;
        for (long at = offset + width - 1; at >= offset; at--)
            bits = bits << 8 | (at < image.Length ? image.Bytes[at] : (byte)0);
        result = Make(type, type.IsFloat ? bits : IntegerArithmetic.Normalize(bits, type));
        return true;
    }

    public static bool Convert(in Constant operand, CType from, CType to, out Constant result)
    {
        result = operand;
        switch (operand.Kind)
        {
            case ConstantKind.Address:
                if (to.Kind == TypeKind.Bool)
                {
                    if (Truth(operand, from) is not { } truth)
                        return false;
                    result = Make(to, truth ? 1u : 0u);
                    return true;
                }
                return to.Size == from.Size && (to.IsPointer || to.IsInteger);
            case ConstantKind.LabelDifference:
                return to.IsInteger && to.Kind != TypeKind.Bool;
            case ConstantKind.Vector:
                return BitCast(operand, from, to, out result);
            case ConstantKind.Complex:
                CType element = ((ComplexType)from).Element;
                if (to is ComplexType complex)
                {
                    if (!Folding.ConvertScalar(operand.A, element, complex.Element, out UInt128 re, out _)
                        || !Folding.ConvertScalar(operand.B, element, complex.Element, out UInt128 im, out _))
                        return false;
                    result = new Constant { Kind = ConstantKind.Complex, A = re, B = im };
                    return true;
                }
                if (to.Kind == TypeKind.Bool)
                {
                    result = Make(to, Truth(operand, from) == true ? 1u : 0u);
                    return true;
                }
                return ConvertScalar(operand.A, element, to, out result);
            default:
                if (to is ComplexType target)
                {
                    if (!Folding.ConvertScalar(operand.A, from, target.Element, out UInt128 real, out _))
                        return false;
                    result = new Constant { Kind = ConstantKind.Complex, A = real, B = 0 };
                    return true;
                }
                if (to.IsVector)
                    return BitCast(operand, from, to, out result);
                return to.IsScalar && ConvertScalar(operand.A, from, to, out result);
        }
    }

    private static bool ConvertScalar(UInt128 value, CType from, CType to, out Constant result)
    {
        bool done = Folding.ConvertScalar(value, from, to, out UInt128 bits, out _);
        result = Make(to, bits);
        return done;
    }

    private static bool BitCast(in Constant operand, CType from, CType to, out Constant result)
    {
        result = operand;
        if (ReferenceEquals(from, to))
            return true;
        if (from.Size != to.Size)
            return false;
        var bytes = new byte[from.Size];
        if (operand.Kind == ConstantKind.Vector)
        {
            var vector = (VectorType)from;
            for (int i = 0; i < vector.Count; i++)
                Put(bytes.AsSpan(i * (int)vector.Element.Size, (int)vector.Element.Size), operand.Elements![i]);
        }
        else
            Put(bytes, operand.A);
        if (to is VectorType target)
        {
            result = new Constant { Kind = ConstantKind.Vector, Elements = new UInt128[target.Count] };
            int size = (int)target.Element.Size;
            for (int i = 0; i < target.Count; i++)
                result.Elements![i] = Get(bytes.AsSpan(i * size, size), target.Element);
            return true;
        }
        if (!to.IsScalar || bytes.Length > 16)
            return false;
        result = Make(to, Get(bytes, to));
        return true;
    }

    private static void Put(Span<byte> to, UInt128 value)
    {
        for (int i = 0; i < to.Length; i++, value >>= 8)
            to[i] = (byte)value;
    }

    private static UInt128 Get(ReadOnlySpan<byte> bytes, CType type)
    {
        UInt128 value = 0;
        for (int i = bytes.Length - 1; i >= 0; i--)
            value = value << 8 | bytes[i];
        return type.IsFloat ? value : IntegerArithmetic.Normalize(value, type);
    }

    private static bool Unary(UnaryExpression unary, out Constant result)
    {
        result = default;
        if (!Evaluate(unary.Operand, out Constant operand))
            return false;
        if (unary.Operator == UnaryOperator.LogicalNot && !unary.Type.IsVector)
        {
            if (Truth(operand, unary.Operand.Type) is not { } truth)
                return false;
            result = Make(unary.Type, truth ? 0u : 1u);
            return true;
        }
        return ToNode(operand, unary.Operand.Type) is { } node
            && Folding.Unary(unary.Operator, node, unary.Type, default) is { } folded && Evaluate(folded, out result);
    }

    /// <summary>A constant node of a value; null of addresses.</summary>
    public static Expression? ToNode(in Constant value, QualType type, Location location = default) => value.Kind switch
    {
        ConstantKind.Integer => new IntegerConstant(type, value.A, location),
        ConstantKind.Float => new FloatConstant(type, value.A, location),
        ConstantKind.Complex => new ComplexConstant(type, value.A, value.B, location),
        ConstantKind.Vector => new VectorConstant(type, value.Elements!, location),
        _ => null,
    };

    private static bool Binary(BinaryExpression binary, out Constant result)
    {
        result = default;
        if (!Evaluate(binary.Left, out Constant left) || !Evaluate(binary.Right, out Constant right))
            return false;
        if (left.Kind is ConstantKind.Address or ConstantKind.LabelDifference
            || right.Kind is ConstantKind.Address or ConstantKind.LabelDifference)
            return AddressArithmetic(binary, left, right, out result);
        return ToNode(left, binary.Left.Type) is { } a && ToNode(right, binary.Right.Type) is { } b
            && Folding.Binary(binary.Operator, a, b, binary.Type, true, default) is { } folded && Evaluate(folded, out result);
    }

    private static bool AddressArithmetic(BinaryExpression binary, Constant left, Constant right, out Constant result)
    {
        result = default;
        switch (binary.Operator)
        {
            case BinaryOperator.Add when right.Kind == ConstantKind.Integer:
                result = left;
                result.Offset += (long)(ulong)right.A;
                return true;
            case BinaryOperator.Add when left.Kind == ConstantKind.Integer:
                result = right;
                result.Offset += (long)(ulong)left.A;
                return true;
            case BinaryOperator.Subtract when right.Kind == ConstantKind.Integer:
                result = left;
                result.Offset -= (long)(ulong)right.A;
                return true;
            case BinaryOperator.Subtract when left.Kind == ConstantKind.Address && right.Kind == ConstantKind.Address:
                return Subtract(left, right, 1, binary.Type, out result);
            case BinaryOperator.GreaterEqual or BinaryOperator.Less when right is { Kind: ConstantKind.Integer, A: var zero } && zero == 0:
                result = Make(binary.Type, binary.Operator == BinaryOperator.GreaterEqual ? 1u : 0u);
                return left.Kind == ConstantKind.Address;
            case BinaryOperator.Equal or BinaryOperator.NotEqual:
                if (left.Kind != ConstantKind.Address || right.Kind == ConstantKind.LabelDifference)
                    return false;
                bool? equal = right.Kind == ConstantKind.Integer
                    ? right.A == 0 && Truth(left, binary.Left.Type) == true ? false : null
                    : ReferenceEquals(left.Base, right.Base) ? left.Offset == right.Offset
                    : left.Base is EntityDeclaration { IsWeak: false } && right.Base is EntityDeclaration { IsWeak: false }
                        && left.Offset == 0 && right.Offset == 0 ? false : null;
                if (equal is not { } known)
                    return false;
                result = Make(binary.Type, known == (binary.Operator == BinaryOperator.Equal) ? 1u : 0u);
                return true;
            case >= BinaryOperator.Less and <= BinaryOperator.GreaterEqual when ReferenceEquals(left.Base, right.Base):
                IntegerArithmetic.Compute(
                    binary.Operator, (UInt128)(Int128)left.Offset, (UInt128)(Int128)right.Offset, SignedOffsets, out UInt128 order, out _);
                result = Make(binary.Type, order);
                return true;
            default:
                return false;
        }
    }

    private static readonly IntegerType SignedOffsets = new(TypeKind.Int128, 16, 16, true, 6);

    private static bool Subtract(in Constant left, in Constant right, long unit, CType type, out Constant result)
    {
        result = default;
        if (ReferenceEquals(left.Base, right.Base)
            || left.Base is StringLiteral a && right.Base is StringLiteral b && a.Bytes.AsSpan().SequenceEqual(b.Bytes))
        {
            if (unit == 0)
                return false;
            result = Make(type, (UInt128)(Int128)((left.Offset - right.Offset) / unit));
            return true;
        }
        if (left.Base is LabelDeclaration && right.Base is LabelDeclaration minus && unit == 1)
        {
            result = new Constant { Kind = ConstantKind.LabelDifference, Base = left.Base, Minus = minus, Offset = left.Offset - right.Offset };
            return true;
        }
        return false;
    }

    private static bool Offset(PointerOffset offset, out Constant result)
    {
        result = default;
        if (!Evaluate(offset.Pointer, out Constant pointer) || !Evaluate(offset.Index, out Constant index)
            || index.Kind != ConstantKind.Integer || ((PointerType)offset.Pointer.Type).Pointee.Type.HasVariableSize)
            return false;
        long bytes = (long)(ulong)index.A * ((PointerType)offset.Pointer.Type).Pointee.Type.Size;
        if (pointer.Kind == ConstantKind.Integer)
        {
            UInt128 sum = offset.IsSubtraction ? pointer.A - (UInt128)(Int128)bytes : pointer.A + (UInt128)(Int128)bytes;
            result = Make(offset.Type, IntegerArithmetic.Normalize(sum, offset.Type));
            return true;
        }
        if (pointer.Kind != ConstantKind.Address)
            return false;
        result = pointer;
        result.Offset += offset.IsSubtraction ? -bytes : bytes;
        return true;
    }

    private static bool Difference(PointerDifference difference, out Constant result)
    {
        result = default;
        if (!Evaluate(difference.Left, out Constant left) || !Evaluate(difference.Right, out Constant right))
        {
            // p + 2 - (p + 1) and &p->b - &p->a are known whatever p is.
            long a = 0, b = 0;
            long size = ((PointerType)difference.Left.Type).Pointee.Type is { HasVariableSize: false } element ? element.Size : 0;
            if (size == 0 || Root(difference.Left, ref a) is not { } root || !ReferenceEquals(root, Root(difference.Right, ref b)))
                return false;
            result = Make(difference.Type, (UInt128)(Int128)((a - b) / size));
            return true;
        }
        CType pointee = ((PointerType)difference.Left.Type).Pointee.Type;
        if (pointee.HasVariableSize || pointee.Size == 0)
            return false;
        if (left.Kind == ConstantKind.Integer && right.Kind == ConstantKind.Integer)
        {
            result = Make(difference.Type, (UInt128)((Int128)(long)(ulong)(left.A - right.A) / pointee.Size));
            return true;
        }
        return left.Kind == ConstantKind.Address && right.Kind == ConstantKind.Address
            && Subtract(left, right, pointee.Size, difference.Type, out result);
    }

    /// <summary>The variable whose value a pointer expression is a constant number of bytes behind, or null.</summary>
    private static VariableDeclaration? Root(Expression e, ref long bytes)
    {
        while (true)
        {
            switch (e)
            {
                case PointerOffset { Index: IntegerConstant index } offset
                    when ((PointerType)offset.Type).Pointee.Type is { HasVariableSize: false } pointee && pointee.Size > 0:
                    long distance = unchecked((long)(ulong)index.Value * pointee.Size);
                    bytes += offset.IsSubtraction ? -distance : distance;
                    e = offset.Pointer;
                    break;
                case AddressOfExpression address:
                    e = address.Operand;
                    break;
                case CastExpression { CastKind: CastKind.ArrayDecay or CastKind.Pointer or CastKind.NoOp } cast:
                    e = cast.Operand;
                    break;
                // Of a place its address is meant; only an address was asked for, so nothing is read.
                case MemberExpression { Field: { IsBitField: false } field } member:
                    bytes += field.Offset;
                    e = member.Record;
                    break;
                case DereferenceExpression dereference:
                    e = dereference.Pointer;
                    break;
                case CastExpression { CastKind: CastKind.LvalueToRvalue, Operand: VariableReference { Variable: { Type.IsVolatile: false } variable } }:
                    return variable;
                default:
                    return null;
            }
        }
    }

    private static bool Logical(LogicalExpression logical, out Constant result)
    {
        result = default;
        if (!EvaluateTruth(logical.Left, out bool left))
            return false;
        if (left != logical.IsOr)
        {
            if (!EvaluateTruth(logical.Right, out bool right))
                return false;
            left = right;
        }
        result = Make(logical.Type, left ? 1u : 0u);
        return true;
    }
}
