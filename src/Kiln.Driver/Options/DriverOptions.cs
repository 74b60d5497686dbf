namespace Kiln.Driver.Options;

/// <summary>How far the driver goes with C and assembly inputs.</summary>
internal enum Stage : byte
{
    Link,
    Preprocess,
    Assembly,
    Object,
    SyntaxOnly,
}

/// <summary>What kind of file the linker is to make.</summary>
internal enum LinkKind : byte
{
    /// <summary>The target's default: a position-independent executable.</summary>
    Default,
    Pie,
    NoPie,
    StaticPie,
    Static,
    Shared,
    Relocatable,
}

/// <summary>One thing on the command line that is compiled or linked, in order.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">A file's name, a library's name without <c>-l</c>, or an option for the linker.</param>
/// <param name="Language">The language given by <c>-x</c>, or null: told by the name.</param>
internal readonly record struct DriverInput(DriverInputKind Kind, string Text, string? Language = null);

internal enum DriverInputKind : byte
{
    File,
    Library,
    /// <summary>An argument of <c>-Wl,</c> or <c>-Xlinker</c>.</summary>
    LinkerOption,
}

/// <summary>A flag with three states: what the command line says, or nothing.</summary>
internal enum Switch : byte
{
    Unset,
    Off,
    On,
}

/// <summary>What the driver's command line says, before any default is filled in that depends on another option.</summary>
internal sealed class DriverOptions
{
    public Stage Stage { get; set; }
    public string? Output { get; set; }
    public List<DriverInput> Inputs { get; } = [];
    public string Target { get; set; } = "x86_64-linux-gnu";
    public bool DryRun { get; set; }
    public bool Verbose { get; set; }
    public bool SaveTemps { get; set; }

    /// <summary><c>-save-temps=cwd</c>: what is kept is written to the current directory, wherever the output goes.</summary>
    public bool TemporariesHere { get; set; }

    /// <summary><c>-fdump-*</c>: kinds as <see cref="Kiln.Driver.Dumps"/> names them, and files that were named.</summary>
    public List<(string Kind, string? File)> Dumps { get; } = [];

    public bool RunResult { get; set; }
    public List<string> RunArguments { get; } = [];
    public string? DumpBase { get; set; }
    public bool Time { get; set; }

    // Preprocessor
    public List<(char Kind, string Text)> MacroOptions { get; } = [];
    public List<string> QuoteDirectories { get; } = [];
    public List<string> IncludeDirectories { get; } = [];
    public List<string> SystemDirectories { get; } = [];
    public List<string> AfterDirectories { get; } = [];
    public List<string> Includes { get; } = [];
    public List<string> MacroIncludes { get; } = [];
    public string IncludePrefix { get; set; } = "";
    public bool NoStandardIncludes { get; set; }
    public bool Undef { get; set; }
    public bool KeepComments { get; set; }
    public bool KeepMacroComments { get; set; }
    public bool NoLineMarkers { get; set; }
    public string Dump { get; set; } = "";
    public Switch Trigraphs { get; set; }
    public bool Preprocessed { get; set; }
    public bool ShowIncludes { get; set; }

    // Dependencies
    public bool Dependencies { get; set; }
    public bool DependenciesToo { get; set; }
    public bool SystemDependencies { get; set; } = true;
    public bool DependencyPhony { get; set; }
    public bool DependencyMissing { get; set; }
    public string? DependencyFile { get; set; }
    public List<(string Name, bool Quote)> DependencyTargets { get; } = [];

    // Language
    public string Standard { get; set; } = "gnu17";
    public bool Ansi { get; set; }
    public Switch SignedChar { get; set; }
    public Switch Common { get; set; }
    public Switch GnuInline { get; set; }
    public Switch MsExtensions { get; set; }
    public bool Freestanding { get; set; }
    public bool NoBuiltin { get; set; }
    public List<string> NoBuiltins { get; } = [];
    public bool ShortEnums { get; set; }
    public bool ShortWchar { get; set; }
    public int PackStruct { get; set; }
    public int GnucVersion { get; set; } = 120200;

    /// <summary>The version of gcc that is claimed, as <c>12.2.0</c>.</summary>
    public string GnucVersionText => $"{GnucVersion / 10000}.{GnucVersion / 100 % 100}.{GnucVersion % 100}";
    public Switch LaxVectorConversions { get; set; }
    public bool UnsignedBitfields { get; set; }
    public Switch DollarsInIdentifiers { get; set; }
    public string? ExecCharset { get; set; }

    // Diagnostics
    public List<string> Warnings { get; } = [];
    public bool NoWarnings { get; set; }
    public bool Pedantic { get; set; }
    public bool PedanticErrors { get; set; }
    public int MaxErrors { get; set; }
    public bool FatalErrors { get; set; }
    public Switch Color { get; set; }
    public bool ShowCaret { get; set; } = true;

    /// <summary>-fmax-include-depth.</summary>
    public int MaxIncludeDepth { get; set; } = 200;

    /// <summary>-ftrack-macro-expansion.</summary>
    public bool TrackMacros { get; set; } = true;
    public bool ShowOption { get; set; } = true;
    public bool ShowColumn { get; set; } = true;
    public int TabStop { get; set; } = 8;
    public List<(string From, string To)> MacroPrefixMap { get; } = [];
    public List<(string From, string To)> DebugPrefixMap { get; } = [];

    // Code
    public char OptimizeLevel { get; set; } = '0';
    public int DebugLevel { get; set; }

    /// <summary>-gtoggle, which acts when all options have been read.</summary>
    public bool TogglesDebug { get; set; }

    /// <summary>-fcompare-debug: the options of the second compilation, empty for toggled debug information.</summary>
    public string? CompareDebug { get; set; }
    public int PicLevel { get; set; }
    public int PieLevel { get; set; }
    public bool PicGiven { get; set; }
    public Switch OmitFramePointer { get; set; }
    public Switch StrictAliasing { get; set; }
    public Switch Wrapv { get; set; }
    public bool Trapv { get; set; }
    public bool StackUsage { get; set; }
    public bool OptimizationRecord { get; set; }
    public string AutomaticValues { get; set; } = "uninitialized";
    public Switch DeleteNullPointerChecks { get; set; }
    public Switch FunctionSections { get; set; }
    public Switch DataSections { get; set; }
    public Switch UnwindTables { get; set; }
    public bool Exceptions { get; set; }
    public string Visibility { get; set; } = "default";
    public string? TlsModel { get; set; }
    public Switch Plt { get; set; }
    public Switch JumpTables { get; set; }
    public Switch MathErrno { get; set; }
    public bool FastMath { get; set; }
    public Switch AssociativeMath { get; set; }
    public Switch ReciprocalMath { get; set; }
    public Switch SignedZeros { get; set; }
    public Switch TrappingMath { get; set; }
    public bool FiniteMathOnly { get; set; }
    public bool RoundingMath { get; set; }
    public bool CxLimitedRange { get; set; }
    public bool SingleConstants { get; set; }
    public string FpContract { get; set; } = "fast";
    public Switch ZeroInBss { get; set; }
    public Switch MergeConstants { get; set; }
    public Switch SemanticInterposition { get; set; }
    public Switch OptimizeSiblingCalls { get; set; }
    public Switch Inline { get; set; }
    public string StackProtector { get; set; } = "none";
    /// <summary>-mpc32, -mpc64, -mpc80: what the x87 rounds to in the program; 0: left alone.</summary>
    public int X87Precision { get; set; }

    public bool InstrumentFunctions { get; set; }
    public List<string> UninstrumentedFunctions { get; } = [];
    public List<string> UninstrumentedFiles { get; } = [];
    public bool StackClashProtection { get; set; }

    /// <summary>-fstack-check: as the above, which is what gcc's checks come to where the kernel keeps a guard page.</summary>
    public bool StackCheck { get; set; }

    public string CfProtection { get; set; } = "none";
    public Switch Ident { get; set; }
    public bool VerboseAsm { get; set; }
    public string CodeModel { get; set; } = "small";
    public Switch RedZone { get; set; }
    public bool GeneralRegistersOnly { get; set; }
    public string March { get; set; } = "x86-64";

    /// <summary>-march=native: what this machine's processor has.</summary>
    public ulong MarchFeatures { get; set; }
    public List<string> Features { get; } = [];
    public bool IntelSyntax { get; set; }
    public string Mode { get; set; } = "64";
    public bool VerifyPasses { get; set; }

    /// <summary>Whether the IR's text is written in place of assembly (<c>-emit-ir</c>, Kiln's own).</summary>
    public bool EmitIr { get; set; }

    // Assembler
    public List<string> AssemblerOptions { get; } = [];

    // Linker
    public LinkKind LinkKind { get; set; }
    public bool NoStandardLibraries { get; set; }
    public bool NoDefaultLibraries { get; set; }
    public bool NoStartFiles { get; set; }
    public bool NoLibc { get; set; }
    public List<string> LibraryDirectories { get; } = [];
    public bool Pthread { get; set; }
    public bool ExportDynamic { get; set; }
    public bool StaticLibgcc { get; set; }
    public bool SharedLibgcc { get; set; }
    public bool Strip { get; set; }
    public string? Sysroot { get; set; }
    public List<string> PrefixDirectories { get; } = [];

    /// <summary>Questions to answer instead of compiling (<c>-print-search-dirs</c>, <c>-dumpversion</c>, <c>--version</c>).</summary>
    public List<string> Questions { get; } = [];
}
