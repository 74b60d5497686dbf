using Kiln.Base;

namespace Kiln.IR;

/// <summary>The scalar kinds of the IR. Integers have no sign; operations do.</summary>
public enum ScalarKind : byte
{
    Void,
    I1,
    I8,
    I16,
    I32,
    I64,
    I128,
    F16,
    F32,
    F64,
    F80,
    F128,
    Pointer,
}

/// <summary>A type: a scalar kind, or a short vector of 2^n of them. One byte.</summary>
public readonly record struct IrType
{
    private readonly byte _code;

    private IrType(int code) => _code = (byte)code;

    public IrType(ScalarKind kind, int lanesLog2 = 0) => _code = (byte)((int)kind | lanesLog2 << 4);

    public static IrType Void => new(ScalarKind.Void);
    public static IrType I1 => new(ScalarKind.I1);
    public static IrType I8 => new(ScalarKind.I8);
    public static IrType I16 => new(ScalarKind.I16);
    public static IrType I32 => new(ScalarKind.I32);
    public static IrType I64 => new(ScalarKind.I64);
    public static IrType I128 => new(ScalarKind.I128);
    public static IrType F16 => new(ScalarKind.F16);
    public static IrType F32 => new(ScalarKind.F32);
    public static IrType F64 => new(ScalarKind.F64);
    public static IrType F80 => new(ScalarKind.F80);
    public static IrType F128 => new(ScalarKind.F128);
    public static IrType Pointer => new(ScalarKind.Pointer);

    /// <summary>The type as one byte, for tables by type.</summary>
    public byte Code => _code;

    /// <summary>The type of a <see cref="Code"/>.</summary>
    public static IrType FromCode(byte code) => new((int)code);

    /// <summary>The scalar kind, of a vector's lanes too.</summary>
    public ScalarKind Kind => (ScalarKind)(_code & 15);

    /// <summary>How many lanes: 1 for a scalar.</summary>
    public int Lanes => 1 << (_code >> 4);

    /// <summary>The binary logarithm of <see cref="Lanes"/>.</summary>
    public int LanesLog2 => _code >> 4;

    public bool IsVector => _code >= 16;
    public bool IsVoid => _code == 0;

    /// <summary>A scalar integer (i1 to i128).</summary>
    public bool IsInteger => _code is >= (byte)ScalarKind.I1 and <= (byte)ScalarKind.I128;

    /// <summary>A scalar of floating point.</summary>
    public bool IsFloat => _code is >= (byte)ScalarKind.F16 and <= (byte)ScalarKind.F128;

    public bool IsPointer => _code == (byte)ScalarKind.Pointer;

    /// <summary>The type of one lane.</summary>
    public IrType Lane => new(_code & 15);

    /// <summary>The vector of 2^<paramref name="lanesLog2"/> lanes of this scalar.</summary>
    public IrType VectorOf(int lanesLog2) => new(Kind, lanesLog2);

    /// <summary>Bits of a lane: 1 for i1, 80 for f80, the target's (64 here) for a pointer.</summary>
    public int LaneBits => Bits[_code & 15];

    /// <summary>Bits of the whole value.</summary>
    public int TotalBits => LaneBits << LanesLog2;

    /// <summary>Bytes that a value takes in memory: 1 for i1, 16 for f80.</summary>
    public int Size => Sizes[_code & 15] << LanesLog2;

    /// <summary>The floating-point format of a lane.</summary>
    public FloatFormat Format => Kind switch
    {
        ScalarKind.F16 => FloatFormat.Half,
        ScalarKind.F32 => FloatFormat.Single,
        ScalarKind.F64 => FloatFormat.Double,
        ScalarKind.F80 => FloatFormat.X87,
        ScalarKind.F128 => FloatFormat.Quad,
        _ => throw new InvalidOperationException($"{this} is no floating-point type"),
    };

    /// <summary>The scalar integer of a number of bits (1, 8, 16, 32, 64 or 128).</summary>
    public static IrType Integer(int bits) => bits switch
    {
        1 => I1,
        8 => I8,
        16 => I16,
        32 => I32,
        64 => I64,
        128 => I128,
        _ => throw new ArgumentOutOfRangeException(nameof(bits), bits, "no such integer type"),
    };

    private static ReadOnlySpan<byte> Bits => [0, 1, 8, 16, 32, 64, 128, 16, 32, 64, 80, 128, 64, 0, 0, 0];

    private static ReadOnlySpan<byte> Sizes => [0, 1, 1, 2, 4, 8, 16, 2, 4, 8, 16, 16, 8, 0, 0, 0];

    /// <summary>The text form: <c>i32</c>, <c>v4f32</c>.</summary>
    public override string ToString()
    {
        string lane = Kind switch
        {
            ScalarKind.Void => "void",
            ScalarKind.Pointer => "ptr",
            _ => Kind.ToString().ToLowerInvariant(),
        };
        return IsVector ? $"v{Lanes}{lane}" : lane;
    }
}
