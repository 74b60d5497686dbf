namespace Kiln.Frontend.Types;

/// <summary>The kinds of types. Integer kinds come first in the order of their rank, signed before unsigned.</summary>
public enum TypeKind : byte
{
    /// <summary>Stands where a type was wrong and has been reported; goes with everything, silently.</summary>
    Error,
    Void,
    Bool,
    Char,
    SignedChar,
    UnsignedChar,
    Short,
    UnsignedShort,
    Int,
    UnsignedInt,
    Long,
    UnsignedLong,
    LongLong,
    UnsignedLongLong,
    Int128,
    UnsignedInt128,
    Enum,

    Float16,
    BFloat16,
    Float,
    Float32,
    Double,
    Float64,
    Float32x,
    LongDouble,
    Float64x,
    Float128,
    Decimal32,
    Decimal64,
    Decimal128,

    Complex,
    Vector,
    Pointer,
    Array,
    Function,
    Struct,
    Union,
    /// <summary>The type of <c>nullptr</c> (C23).</summary>
    NullPointer,
}

/// <summary>What stands beside a type: C's qualifiers, and what a typedef's attributes add to accesses.</summary>
[Flags]
public enum Qualifiers : byte
{
    None = 0,
    Const = 1,
    Volatile = 2,
    Restrict = 4,
    Atomic = 8,
    /// <summary>Accesses alias with everything (attribute may_alias on a typedef).</summary>
    MayAlias = 16,
    /// <summary>C's own qualifiers.</summary>
    All = Const | Volatile | Restrict | Atomic,
}

/// <summary>A calling convention that a function type may name.</summary>
public enum CallingConvention : byte
{
    Default,
    SystemV,
    Microsoft,
}

/// <summary>Facts of a function type that its attributes state. They do not make types incompatible, the convention apart.</summary>
[Flags]
public enum FunctionTypeFlags : ushort
{
    None = 0,
    NoReturn = 1,
    /// <summary>The result depends on the arguments and memory alone, and there are no effects.</summary>
    Pure = 2,
    /// <summary>The result depends on the arguments alone, and there are no effects.</summary>
    Const = 4,
    ReturnsTwice = 8,
    NoThrow = 16,
    /// <summary>The result is a fresh pointer that aliases nothing.</summary>
    Malloc = 32,
    ReturnsNonNull = 64,
    NoCallerSaved = 128,
    WarnUnusedResult = 256,
}
