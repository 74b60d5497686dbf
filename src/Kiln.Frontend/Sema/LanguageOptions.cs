namespace Kiln.Frontend;

/// <summary>A version of the C standard.</summary>
public enum CStandard : byte
{
    C89,
    C94,
    C99,
    C11,
    C17,
    C23,
}

/// <summary>What the command line says of the language.</summary>
public sealed record LanguageOptions
{
    /// <summary>The standard (-std=).</summary>
    public CStandard Standard { get; init; } = CStandard.C17;

    /// <summary>GNU C: -std=gnuNN.</summary>
    public bool IsGnu { get; init; } = true;

    /// <summary>-fsigned-char, -funsigned-char; null for the target's own way.</summary>
    public bool? CharIsSigned { get; init; }

    /// <summary>-fshort-enums.</summary>
    public bool ShortEnums { get; init; }

    /// <summary>-fshort-wchar.</summary>
    public bool ShortWideChar { get; init; }

    /// <summary>-ffreestanding: main is a function like others.</summary>
    public bool IsFreestanding { get; init; }

    /// <summary>-fno-builtin, -ffreestanding: plain names of library functions mean nothing special.</summary>
    public bool NoBuiltin { get; init; }

    /// <summary>-fno-builtin-NAME: library functions whose plain names mean nothing special.</summary>
    public IReadOnlyList<string> NoBuiltins { get; init; } = [];

    /// <summary>-fgnu89-inline.</summary>
    public bool Gnu89Inline { get; init; }

    /// <summary>-fms-extensions.</summary>
    public bool MicrosoftExtensions { get; init; }

    /// <summary>-fplan9-extensions.</summary>
    public bool Plan9Extensions { get; init; }

    /// <summary>-fpermissive-like severities are not of C; -pedantic and -pedantic-errors are.</summary>
    public bool Pedantic { get; init; }

    /// <summary>-pedantic-errors.</summary>
    public bool PedanticErrors { get; init; }

    /// <summary>-ftrapv, -fwrapv do not change the tree; -fpack-struct=N does: the default of #pragma pack, or 0.</summary>
    public int PackStruct { get; init; }

    /// <summary>-funsigned-bitfields.</summary>
    public bool UnsignedBitFields { get; init; }

    /// <summary>-fno-asm: asm, inline and typeof are no keywords.</summary>
    public bool NoAsm { get; init; }

    /// <summary>Optimization is on: what __builtin_constant_p and such may wait for.</summary>
    public bool Optimize { get; init; }
}
