using Kiln.Base;

namespace Kiln.Frontend.Preprocess;

/// <summary>A macro given on the command line: <c>-D</c> (text <c>NAME=BODY</c>), <c>-U</c> (name) or <c>-A</c> (assertion), in order.</summary>
public readonly record struct MacroOption(char Kind, string Text);

/// <summary>What <c>-E</c> and its companions ask for.</summary>
[Flags]
public enum DumpKinds : byte
{
    None = 0,
    /// <summary>-dM: the macros alone.</summary>
    Macros = 1,
    /// <summary>-dD: definitions beside the text.</summary>
    Definitions = 2,
    /// <summary>-dN: names of definitions beside the text.</summary>
    Names = 4,
    /// <summary>-dI: include directives beside the text.</summary>
    Includes = 8,
    /// <summary>-dU: definitions of the macros that are used.</summary>
    Used = 16,
}

/// <summary>
/// What the command line says to the preprocessor. The driver resolves environment variables, sysroots and the
/// target's directories; the lists here are the whole truth.
/// </summary>
public sealed record PreprocessorOptions
{
    /// <summary>Directories for <c>#include "x"</c> alone, behind the including file's own (-iquote).</summary>
    public IReadOnlyList<string> QuoteDirectories { get; init; } = [];

    /// <summary>Directories of -I and CPATH.</summary>
    public IReadOnlyList<string> IncludeDirectories { get; init; } = [];

    /// <summary>Directories whose headers are system headers: -isystem, C_INCLUDE_PATH, and then the carried and standard ones.</summary>
    public IReadOnlyList<string> SystemDirectories { get; init; } = [];

    /// <summary>Directories of -idirafter: system headers too.</summary>
    public IReadOnlyList<string> AfterDirectories { get; init; } = [];

    /// <summary>-D, -U and -A in order.</summary>
    public IReadOnlyList<MacroOption> Macros { get; init; } = [];

    /// <summary>-include.</summary>
    public IReadOnlyList<string> Includes { get; init; } = [];

    /// <summary>-imacros.</summary>
    public IReadOnlyList<string> MacroIncludes { get; init; } = [];

    /// <summary>The year of the standard: 1990, 1994, 1999, 2011, 2017, 2023.</summary>
    public int StandardYear { get; init; } = 2017;

    /// <summary>-std=gnuNN.</summary>
    public bool IsGnu { get; init; } = true;

    /// <summary>-trigraphs; null: as the standard has it.</summary>
    public bool? Trigraphs { get; init; }

    /// <summary>-undef: no system-specific and no GNU predefined macros.</summary>
    public bool Undef { get; init; }

    /// <summary>The text of the predefined macros (<see cref="PredefinedMacros"/>); null: made of the other options.</summary>
    public string? PredefinedText { get; init; }

    /// <summary>What the predefined macros depend on besides the target.</summary>
    public PredefinedOptions Predefined { get; init; } = new();

    /// <summary>The input is assembly (<c>.S</c>).</summary>
    public bool Assembly { get; init; }

    /// <summary>The input is preprocessed already (<c>.i</c>): nothing is predefined and nothing expanded.</summary>
    public bool Preprocessed { get; init; }

    /// <summary>-fno-dollars-in-identifiers; null: as the language has it.</summary>
    public bool? Dollars { get; init; }

    /// <summary>-C.</summary>
    public bool KeepComments { get; init; }

    /// <summary>-CC.</summary>
    public bool KeepMacroComments { get; init; }

    /// <summary>-P.</summary>
    public bool NoLineMarkers { get; init; }

    /// <summary>-dM and the like.</summary>
    public DumpKinds Dump { get; init; }

    /// <summary>Whether the text goes to -E and not to a parser.</summary>
    public bool ForOutput { get; init; }

    /// <summary>-fdirectives-only is not supported; -MG: a missing header is a dependency and no error.</summary>
    public bool MissingHeadersAreDependencies { get; init; }

    /// <summary>SOURCE_DATE_EPOCH: seconds since 1970, or null.</summary>
    public long? SourceDateEpoch { get; init; }

    /// <summary>-fmacro-prefix-map, the last one that fits counts.</summary>
    public IReadOnlyList<(string From, string To)> MacroPrefixMap { get; init; } = [];

    /// <summary>-H: writes each header that is opened, with a dot a level.</summary>
    public TextWriter? IncludeTrace { get; init; }

    /// <summary>-fmax-include-depth.</summary>
    public int MaxIncludeDepth { get; init; } = 200;

    /// <summary>Directories of #embed with angle brackets (--embed-dir).</summary>
    public IReadOnlyList<string> EmbedDirectories { get; init; } = [];

    /// <summary>What the front end knows; the preprocessor asks it for <c>__has_attribute</c> and the like.</summary>
    public IFeatureOracle? Features { get; init; }
}

/// <summary>What the front end answers for <c>__has_attribute</c> and the like. Names come without leading and trailing <c>__</c>.</summary>
public interface IFeatureOracle
{
    /// <summary>The value of <c>__has_attribute(name)</c>: 0 if the attribute is not known.</summary>
    int HasAttribute(string name);

    /// <summary>The value of <c>__has_c_attribute(scope::name)</c>; the scope is empty for standard ones.</summary>
    int HasCAttribute(string scope, string name);

    /// <summary>The value of <c>__has_builtin(name)</c>.</summary>
    int HasBuiltin(string name);
}
