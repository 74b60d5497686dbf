namespace Kiln.CodeGen;

/// <summary>How addresses of symbols may be formed.</summary>
public enum RelocationModel : byte
{
    /// <summary>-fno-pic: absolute addresses are known at link time.</summary>
    Static,

    /// <summary>-fpie: own symbols bind locally.</summary>
    Pie,

    /// <summary>-fpic.</summary>
    Pic,
}

/// <summary>-mcmodel.</summary>
public enum CodeModel : byte
{
    Small,
    Kernel,
    Medium,
    Large,
}

/// <summary>What the command line asks of code generation, free of any target.</summary>
public sealed record CodeGenOptions
{
    /// <summary>0 to 3: 0 takes the fast path.</summary>
    public int OptimizationLevel { get; init; }

    public bool OptimizeForSize { get; init; }
    public RelocationModel Relocation { get; init; } = RelocationModel.Pie;
    public CodeModel CodeModel { get; init; }

    /// <summary>-fplt (the default): calls to symbols of other modules go through the PLT.</summary>
    public bool UsePlt { get; init; } = true;

    public bool FunctionSections { get; init; }
    public bool DataSections { get; init; }

    /// <summary>-fomit-frame-pointer; null: the level's default (kept at 0).</summary>
    public bool? OmitFramePointer { get; init; }

    /// <summary>-mno-red-zone clears it.</summary>
    public bool RedZone { get; init; } = true;

    /// <summary>-fasynchronous-unwind-tables: .eh_frame.</summary>
    public bool UnwindTables { get; init; } = true;

    /// <summary>-g: DWARF in the object; 0 none, 1 lines, 2 all.</summary>
    public int DebugLevel { get; init; }

    /// <summary>-fdebug-prefix-map: what the names of files in debug information begin with, and what stands there instead.</summary>
    public IReadOnlyList<(string From, string To)> DebugPrefixMap { get; init; } = [];

    /// <summary>-fno-zero-initialized-in-bss clears it.</summary>
    public bool ZeroInitializedInBss { get; init; } = true;

    /// <summary>-fmerge-constants.</summary>
    public bool MergeConstants { get; init; } = true;

    /// <summary>-fno-jump-tables clears it.</summary>
    public bool JumpTables { get; init; } = true;

    /// <summary>-fcf-protection=branch: endbr at entries.</summary>
    public bool BranchProtection { get; init; }

    /// <summary>-fstack-clash-protection: each page of a frame is touched in order.</summary>
    public bool StackProbes { get; init; }

    /// <summary>-pg.</summary>
    public bool Profile { get; init; }

    /// <summary>-falign-functions; 0: the default.</summary>
    public int FunctionAlignment { get; init; }

    /// <summary>-fverify: allocation is proved by the checker.</summary>
    public bool Verify { get; init; }

    /// <summary>The text of .ident; null: none (-fno-ident).</summary>
    public string? Ident { get; init; } = "Kiln";

    /// <summary>The translation unit's name, for the symbol table.</summary>
    public string? FileName { get; init; }

    /// <summary>Target features (-march, -m...) as the target's bits; 0: what every such processor has. A function may say otherwise.</summary>
    public ulong Features { get; init; }

    /// <summary>Assembly output in Intel syntax.</summary>
    public bool IntelSyntax { get; init; }
}
