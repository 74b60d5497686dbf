namespace Kiln.Target.Abi;

/// <summary>
/// The convention of 64-bit Windows (attribute ms_abi): the first four arguments take one position each in rcx, rdx, r8, r9 or
/// xmm0..3; what is not 1, 2, 4 or 8 bytes is passed by reference; 32 bytes of the stack area are the callee's.
/// </summary>
internal static class MicrosoftX64
{
    private static ReadOnlySpan<byte> IntegerArguments => [1, 2, 8, 9];

    private const int HomeSize = 32;

    private static bool IsDirect(TypeShape shape) => shape.Size is 1 or 2 or 4 or 8;

    private static bool IsFloat(TypeShape shape) =>
        shape.Kind == ShapeKind.Scalar && shape.Leaves[0].Kind is LeafKind.Half or LeafKind.Single or LeafKind.Double;

    public static CallLayout Lay(in CallShape call)
    {
        int position = 0;
        Place structReturn = default, structReturnResult = default;
        Piece[] result = [];
        int size = (int)call.Result.Size;
        if (call.Result.Kind == ShapeKind.Scalar && call.Result.Leaves[0].Kind is LeafKind.IntegerVector or LeafKind.FloatVector && size == 16)
        {
            result = [new Piece(PieceKind.Vector, 0, 16, Place.InRegister(RegisterBank.Vector, 0, 16))];
        }
        else if (size > 0 && !IsDirect(call.Result))
        {
            structReturn = Place.InRegister(RegisterBank.Integer, IntegerArguments[position++], 8);
            structReturnResult = Place.InRegister(RegisterBank.Integer, 0, 8);
        }
        else if (size > 0)
        {
            result = IsFloat(call.Result)
                ? [new Piece(PieceKind.Float, 0, size, Place.InRegister(RegisterBank.Vector, 0, size))]
                : [new Piece(PieceKind.Integer, 0, size, Place.InRegister(RegisterBank.Integer, 0, size))];
        }
        var parameters = new Piece[call.Parameters.Length][];
        bool[]? byReference = null;
        for (int i = 0; i < parameters.Length; i++)
        {
            TypeShape shape = call.Parameters[i];
            if (shape.Size == 0)
            {
                parameters[i] = [];
                continue;
            }
            int bytes = (int)Math.Min(shape.Size, 8);
            bool isFloat = IsFloat(shape);
            if (!IsDirect(shape))
            {
                byReference ??= new bool[parameters.Length];
                byReference[i] = true;
                bytes = 8;
            }
            Place place = position >= IntegerArguments.Length ? Place.OnStack(HomeSize + (position - 4) * 8, bytes, 8)
                : isFloat ? Place.InRegister(RegisterBank.Vector, position, bytes)
                : Place.InRegister(RegisterBank.Integer, IntegerArguments[position], bytes);
            position++;
            parameters[i] = [new Piece(isFloat ? PieceKind.Float : PieceKind.Integer, 0, bytes, place)];
        }
        return new CallLayout
        {
            Result = result,
            StructReturn = structReturn,
            StructReturnResult = structReturnResult,
            Parameters = parameters,
            ByReference = byReference,
            StackSize = HomeSize + Math.Max(0, position - 4) * 8,
            NamedUse = (0, 0, 0),
            StaticChain = Place.InRegister(RegisterBank.Integer, 10, 8),
        };
    }
}
