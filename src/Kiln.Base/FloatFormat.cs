namespace Kiln.Base;

/// <summary>A binary floating-point format. Values are carried as their bit pattern in a <see cref="UInt128"/>.</summary>
public enum FloatFormat : byte
{
    /// <summary>IEEE 754 binary16.</summary>
    Half,
    /// <summary>bfloat16: binary32 cut to 16 bits.</summary>
    BFloat16,
    /// <summary>IEEE 754 binary32.</summary>
    Single,
    /// <summary>IEEE 754 binary64.</summary>
    Double,
    /// <summary>x87 extended: 80 bits with an explicit integer bit.</summary>
    X87,
    /// <summary>IEEE 754 binary128.</summary>
    Quad,
}
