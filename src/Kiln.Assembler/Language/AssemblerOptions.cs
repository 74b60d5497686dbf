using Kiln.Base;
using Kiln.Isa;
using Kiln.Target;

namespace Kiln.Assembler.Language;

/// <summary>What an assembly is asked for.</summary>
public sealed record AssemblerOptions
{
    /// <summary>What is made code for.</summary>
    public required TargetInfo Target { get; init; }

    /// <summary>Where sources have their places; one of its own where none is given.</summary>
    public SourceMap Map { get; init; } = new();

    /// <summary>Where <c>.include</c> and <c>.incbin</c> look beside the current directory (<c>-I</c>).</summary>
    public IReadOnlyList<string> IncludePaths { get; init; } = [];

    /// <summary>Symbols set from the command line (<c>--defsym</c>).</summary>
    public IReadOnlyList<(string Name, long Value)> Symbols { get; init; } = [];

    /// <summary>The syntax that the source starts in.</summary>
    public AssemblySyntax Syntax { get; init; } = AssemblySyntax.Gnu;

    /// <summary>Wishes for the encoding of every instruction: prefixes of the target's own.</summary>
    public uint EncodingWishes { get; init; }

    /// <summary>The version of DWARF that line tables are written in (<c>--gdwarf-N</c>); 0: what the source needs.</summary>
    public int DwarfVersion { get; init; }

    /// <summary>The version of the common information in <c>.debug_frame</c> (<c>--gdwarf-cie-version=N</c>).</summary>
    public int CieVersion { get; init; } = 1;

    /// <summary>Whether a line row is made for every line of the source (<c>-g</c>).</summary>
    public bool MakesLines { get; init; }

    /// <summary>Whether warnings are given (<c>--no-warn</c> turns them off).</summary>
    public bool Warns { get; init; } = true;

    /// <summary>Whether warnings are errors (<c>--fatal-warnings</c>).</summary>
    public bool WarningsAreErrors { get; init; }

    /// <summary>Whether the object says that it needs no executable stack (<c>--noexecstack</c>).</summary>
    public bool NoExecutableStack { get; init; }

    /// <summary>Whether macros start in the alternate mode (<c>--alternate</c>).</summary>
    public bool AlternateMacros { get; init; }

    /// <summary>Reads a file, or gives null where there is none.</summary>
    public Func<string, byte[]?> ReadFile { get; init; } = static path => File.Exists(path) ? File.ReadAllBytes(path) : null;

    /// <summary>The directory that debug information names as the compilation's.</summary>
    public string Directory { get; init; } = "";
}
