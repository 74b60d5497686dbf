using Kiln.Base;
using Kiln.IR;
using Kiln.Target;
using Kiln.Target.Abi;

namespace Kiln.CodeGen.Legalize;

/// <summary>
/// Calls of the support library and of libm for what a target's instructions do not do: names as libgcc's, places by the platform's
/// convention.
/// </summary>
public sealed class LibraryCalls(TargetInfo target)
{
    private readonly Dictionary<string, (Signature Signature, CallFlags Flags)> _known = [];
    private readonly List<SignaturePart> _parts = [];

    /// <summary>The signature of a function of scalars.</summary>
    public Signature SignatureOf(IrType result, ReadOnlySpan<IrType> parameters)
    {
        var shapes = new TypeShape[parameters.Length];
        for (int i = 0; i < shapes.Length; i++)
            shapes[i] = ShapeOf(parameters[i]);
        CallLayout layout = CallingConvention.Lay(target, new CallShape
        {
            Result = ShapeOf(result),
            Parameters = shapes,
            NamedCount = shapes.Length,
            VectorSize = 16,
        });
        _parts.Clear();
        for (int i = 0; i < shapes.Length; i++)
            AddParts(parameters[i], layout.Parameters[i]);
        SignaturePart[] places = [.. _parts];
        _parts.Clear();
        AddParts(result, layout.Result);
        return new Signature
        {
            Parameters = places,
            Results = [.. _parts],
            NamedCount = places.Length,
            NamedUse = layout.NamedUse,
            StackSize = layout.StackSize,
        };
    }

    private void AddParts(IrType type, Piece[] pieces)
    {
        foreach (Piece piece in pieces)
        {
            IrType part = pieces.Length > 1 ? IrType.Integer(piece.Size * 8) : type;
            _parts.Add(new SignaturePart(part, piece.Place));
        }
    }

    /// <summary>The call of a pure library function.</summary>
    public CallInfo Call(Module module, string name, IrType result, ReadOnlySpan<IrType> parameters, bool isPure = true)
    {
        if (!_known.TryGetValue(name, out (Signature Signature, CallFlags Flags) entry))
        {
            entry = (SignatureOf(result, parameters), isPure ? CallFlags.Const | CallFlags.NoThrow : CallFlags.NoThrow);
            _known.Add(name, entry);
        }
        Symbol symbol = module.Intern(name);
        module[symbol].IsReferenced = true;
        return new CallInfo(entry.Signature, symbol, entry.Flags);
    }

    private static TypeShape ShapeOf(IrType type)
    {
        if (type.IsVoid)
            return TypeShape.Void;
        LeafKind kind = type.Kind switch
        {
            ScalarKind.F16 => LeafKind.Half,
            ScalarKind.F32 => LeafKind.Single,
            ScalarKind.F64 => LeafKind.Double,
            ScalarKind.F80 => LeafKind.X87,
            ScalarKind.F128 => LeafKind.Quad,
            _ => LeafKind.Integer,
        };
        return new TypeShape
        {
            Kind = ShapeKind.Scalar,
            Size = type.Size,
            Alignment = type.Size,
            Leaves = [new ShapeLeaf(0, type.Size, kind)],
        };
    }

    /// <summary>The letters of a type in libgcc's names.</summary>
    public static string Mode(IrType type) => type.Kind switch
    {
        ScalarKind.I32 => "si",
        ScalarKind.I64 => "di",
        ScalarKind.I128 => "ti",
        ScalarKind.F16 => "hf",
        ScalarKind.F32 => "sf",
        ScalarKind.F64 => "df",
        ScalarKind.F80 => "xf",
        ScalarKind.F128 => "tf",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "no support function has this type"),
    };

    /// <summary>The suffix of libm's function for a type.</summary>
    public static string Suffix(IrType type) => type.Kind switch
    {
        ScalarKind.F32 => "f",
        ScalarKind.F64 => "",
        ScalarKind.F80 => "l",
        ScalarKind.F128 => "f128",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "libm has no such type"),
    };
}
