using Kiln.Base;

namespace Kiln.Target;

/// <summary>An instruction set with its width.</summary>
public enum Architecture : byte
{
    X86_64,
    I386,
    AArch64,
    RiscV64,
}

/// <summary>What a target is to the C language and to the rooms behind it, as data. Sizes and alignments are in bytes.</summary>
public sealed record TargetInfo
{
    /// <summary>The canonical triple, such as <c>x86_64-linux-gnu</c>.</summary>
    public required string Triple { get; init; }

    /// <summary>The instruction set.</summary>
    public required Architecture Architecture { get; init; }

    /// <summary>The ELF machine number (e_machine).</summary>
    public required int ElfMachine { get; init; }

    /// <summary>Size and alignment of a pointer; also the width of <c>size_t</c>.</summary>
    public required int PointerSize { get; init; }

    /// <summary>Size of <c>long</c>.</summary>
    public required int LongSize { get; init; }

    /// <summary>Alignment of <c>long long</c> and <c>double</c> in a structure (4 on i386).</summary>
    public int LongLongAlignment { get; init; } = 8;

    /// <summary>Format of <c>long double</c>.</summary>
    public required FloatFormat LongDoubleFormat { get; init; }

    /// <summary>Size of <c>long double</c> in memory.</summary>
    public required int LongDoubleSize { get; init; }

    /// <summary>Alignment of <c>long double</c>.</summary>
    public required int LongDoubleAlignment { get; init; }

    /// <summary>Whether plain <c>char</c> is signed.</summary>
    public required bool CharIsSigned { get; init; }

    /// <summary>Whether <c>wchar_t</c> is signed (<c>int</c>) or not (<c>unsigned int</c>).</summary>
    public bool WideCharIsSigned { get; init; } = true;

    /// <summary>The strictest alignment of any type: <c>__BIGGEST_ALIGNMENT__</c>.</summary>
    public required int BiggestAlignment { get; init; }

    /// <summary>Whether <c>__int128</c> exists.</summary>
    public bool HasInt128 { get; init; } = true;

    /// <summary>The dynamic linker of glibc.</summary>
    public required string DynamicLinker { get; init; }

    /// <summary>The Debian multiarch directory name.</summary>
    public required string Multiarch { get; init; }

    /// <summary>x86-64, System V ABI, Linux.</summary>
    public static TargetInfo X86_64 { get; } = new()
    {
        Triple = "x86_64-linux-gnu",
        Architecture = Architecture.X86_64,
        ElfMachine = 62,
        PointerSize = 8,
        LongSize = 8,
        LongDoubleFormat = FloatFormat.X87,
        LongDoubleSize = 16,
        LongDoubleAlignment = 16,
        CharIsSigned = true,
        BiggestAlignment = 16,
        DynamicLinker = "/lib64/ld-linux-x86-64.so.2",
        Multiarch = "x86_64-linux-gnu",
    };
}
