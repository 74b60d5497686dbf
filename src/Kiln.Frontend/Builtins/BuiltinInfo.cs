using Kiln.Target.X86;

namespace Kiln.Frontend.Builtins;

/// <summary>What holds of a builtin, whoever calls it.</summary>
[Flags]
public enum BuiltinFlags : ushort
{
    None = 0,
    /// <summary>The result depends on the arguments alone; no effects.</summary>
    Const = 1,
    /// <summary>The result depends on the arguments and memory; no effects.</summary>
    Pure = 2,
    NoReturn = 4,
    NoThrow = 8,
    /// <summary>A library function: every call can fall back to a call of it.</summary>
    Library = 16,
    /// <summary>The plain name means the builtin too, unless -fno-builtin (strlen); else only <c>__builtin_X</c> does.</summary>
    PlainName = 32,
    /// <summary>The plain name means it outside strict ISO modes only (ffs, index).</summary>
    GnuName = 64,
    ReturnsTwice = 128,
    Malloc = 256,
    /// <summary>Arguments are checked and the result's type found by code of its own (signature "?").</summary>
    Special = 512,
    /// <summary>A const function but for errno: Const with -fno-math-errno.</summary>
    MathErrno = 1024,
}

/// <summary>A row of the builtin table, as the tree refers to it.</summary>
public sealed class BuiltinInfo(BuiltinId id, string name, string signature, BuiltinFlags flags)
{
    /// <summary>What it does; <see cref="BuiltinId.None"/> of a library function that nothing is known of but its type.</summary>
    public BuiltinId Id { get; } = id;

    /// <summary>The name without <c>__builtin_</c>; the library function's name where <see cref="BuiltinFlags.Library"/> is set.
    /// Names that start with two underscores are whole.</summary>
    public string Name { get; } = name;

    /// <summary>The type: result and parameters in the letters that BuiltinTable explains.</summary>
    public string Signature { get; } = signature;

    public BuiltinFlags Flags { get; } = flags;

    /// <summary>The row of the target's intrinsic table, where <see cref="Id"/> is <see cref="BuiltinId.Intrinsic"/>.</summary>
    public Intrinsic? Intrinsic { get; init; }

    public override string ToString() => Name;
}
