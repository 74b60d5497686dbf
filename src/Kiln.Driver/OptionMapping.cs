using Kiln.CodeGen;
using Kiln.Driver.Options;
using Kiln.Frontend;
using Kiln.Frontend.Preprocess;
using Kiln.IR;
using Kiln.Lowering;
using Kiln.Target;
using Kiln.Target.X86;

namespace Kiln.Driver;

/// <summary>What the command line means to each room: its options with the defaults that depend on other options filled in.</summary>
internal static class OptionMapping
{
    private static bool Is(Switch value, bool otherwise) => value == Switch.Unset ? otherwise : value == Switch.On;

    private static bool? OrNull(Switch value) => value == Switch.Unset ? null : value == Switch.On;

    /// <summary>0 to 3; s and g are as 2 and 1.</summary>
    public static int Level(DriverOptions options) => options.OptimizeLevel switch
    {
        's' => 2,
        'g' => 1,
        char digit => digit - '0',
    };

    private static bool Optimizes(DriverOptions options) => options.OptimizeLevel != '0';

    private static int Year(DriverOptions options) => options.Standard[^2..] switch
    {
        "90" => 1990,
        "09" => 1994,
        "99" => 1999,
        "11" => 2011,
        "17" => 2017,
        "23" => 2023,
        _ => throw new InvalidOperationException($"standard {options.Standard}"),
    };

    private static bool IsGnu(DriverOptions options) => options.Standard.StartsWith("gnu", StringComparison.Ordinal);

    /// <summary>Position independence: by default code for position-independent executables.</summary>
    private static (int Pic, int Pie) Independence(DriverOptions options) =>
        options.PicGiven ? (options.PicLevel, options.PieLevel)
        : options.CodeModel == "kernel" || options.LinkKind == LinkKind.NoPie ? (0, 0)
        : (0, 2);

    /// <summary>The processor's features, as bits of <see cref="X86Features"/>.</summary>
    public static ulong Features(DriverOptions options)
    {
        ulong features = X86Features.OfProcessor(options.March) | options.MarchFeatures;
        foreach (string change in options.Features)
            features = change[0] == '+' ? X86Features.With(features, change[1..]) : X86Features.Without(features, change[1..]);
        return features;
    }

    /// <summary>The preprocessor's options.</summary>
    public static PreprocessorOptions Preprocessor(DriverOptions options, SystemPaths paths, string language, TextWriter error)
    {
        var system = new List<string>(options.SystemDirectories);
        var includes = new List<string>(options.IncludeDirectories);
        AddPath(includes, "CPATH");
        AddPath(system, "C_INCLUDE_PATH");
        if (!options.NoStandardIncludes)
        {
            system.Add(CarriedFiles.Root + "/include");
            system.AddRange(paths.IncludeDirectories());
        }
        var macros = new List<MacroOption>();
        foreach ((char kind, string text) in options.MacroOptions)
            macros.Add(new MacroOption(kind, text));
        (int pic, int pie) = Independence(options);
        string? epoch = Environment.GetEnvironmentVariable("SOURCE_DATE_EPOCH");
        return new PreprocessorOptions
        {
            QuoteDirectories = options.QuoteDirectories,
            IncludeDirectories = includes,
            SystemDirectories = system,
            AfterDirectories = options.AfterDirectories,
            Macros = macros,
            Includes = options.Includes,
            MacroIncludes = options.MacroIncludes,
            StandardYear = Year(options),
            MaxIncludeDepth = options.MaxIncludeDepth,
            IsGnu = IsGnu(options),
            Trigraphs = OrNull(options.Trigraphs),
            Undef = options.Undef,
            Assembly = language == "assembler-with-cpp",
            Preprocessed = language == "cpp-output" || options.Preprocessed,
            Dollars = OrNull(options.DollarsInIdentifiers),
            KeepComments = options.KeepComments,
            KeepMacroComments = options.KeepMacroComments,
            NoLineMarkers = options.NoLineMarkers,
            Dump = DumpOf(options.Dump),
            ForOutput = options.Stage == Stage.Preprocess,
            MissingHeadersAreDependencies = options.DependencyMissing,
            MacroPrefixMap = options.MacroPrefixMap,
            IncludeTrace = options.ShowIncludes ? error : null,
            SourceDateEpoch = epoch is null ? null : ParseEpoch(epoch),
            Predefined = new PredefinedOptions
            {
                OptimizeLevel = options.OptimizeLevel,
                PicLevel = pic,
                PieLevel = pie,
                GnucVersion = options.GnucVersion,
                IsFreestanding = options.Freestanding,
                CharIsSigned = OrNull(options.SignedChar),
                ShortWideChar = options.ShortWchar,
                FastMath = options.FastMath,
                // gcc takes the order of operations as free only where neither signed zeros nor traps are to be kept.
                AssociativeMath = Is(options.AssociativeMath, options.FastMath)
                    && !Is(options.SignedZeros, !options.FastMath) && !Is(options.TrappingMath, !options.FastMath),
                ReciprocalMath = Is(options.ReciprocalMath, options.FastMath),
                NoSignedZeros = !Is(options.SignedZeros, !options.FastMath),
                NoTrappingMath = !Is(options.TrappingMath, !options.FastMath),
                RoundingMath = options.RoundingMath,
                FiniteMathOnly = options.FiniteMathOnly,
                NoMathErrno = options.MathErrno == Switch.Off,
                Gnu89Inline = OrNull(options.GnuInline),
                CfiAssembly = Is(options.UnwindTables, true),
                StackProtector = options.StackProtector switch { "none" => 0, "on" => 1, "all" => 2, "strong" => 3, _ => 4 },
                CfProtection = options.CfProtection switch { "branch" => 1, "return" => 2, "full" => 3, _ => 0 },
                CodeModel = options.CodeModel,
                Features = [.. X86Features.Names(Features(options))],
                March = options.March,
                Pthread = options.Pthread,
            },
        };
    }

    private static long ParseEpoch(string text) =>
        long.TryParse(text, out long seconds) && seconds is >= 0 and <= 253402300799 ? seconds
            : throw new UsageException("environment variable 'SOURCE_DATE_EPOCH' must expand to a non-negative integer less than or equal to 253402300799");

    private static void AddPath(List<string> directories, string variable)
    {
        if (Environment.GetEnvironmentVariable(variable) is not { Length: > 0 } value)
            return;
        foreach (string directory in value.Split(':'))
            directories.Add(directory.Length == 0 ? "." : directory);
    }

    private static DumpKinds DumpOf(string letters)
    {
        var kinds = DumpKinds.None;
        foreach (char letter in letters)
        {
            kinds |= letter switch
            {
                'M' => DumpKinds.Macros,
                'D' => DumpKinds.Definitions,
                'N' => DumpKinds.Names,
                'I' => DumpKinds.Includes,
                'U' => DumpKinds.Used,
                _ => DumpKinds.None,
            };
        }
        return kinds;
    }

    /// <summary>The front end's options.</summary>
    public static LanguageOptions Language(DriverOptions options) => new()
    {
        IsFreestanding = options.Freestanding,
        Standard = Year(options) switch
        {
            1990 => CStandard.C89,
            1994 => CStandard.C94,
            1999 => CStandard.C99,
            2011 => CStandard.C11,
            2017 => CStandard.C17,
            2023 => CStandard.C23,
            int year => throw new InvalidOperationException($"standard of {year}"),
        },
        IsGnu = IsGnu(options),
        CharIsSigned = OrNull(options.SignedChar),
        ShortEnums = options.ShortEnums,
        ShortWideChar = options.ShortWchar,
        NoBuiltin = options.NoBuiltin,
        NoBuiltins = options.NoBuiltins,
        Gnu89Inline = Is(options.GnuInline, Year(options) < 1999),
        MicrosoftExtensions = Is(options.MsExtensions, false),
        Pedantic = options.Pedantic,
        PedanticErrors = options.PedanticErrors,
        PackStruct = options.PackStruct,
        UnsignedBitFields = options.UnsignedBitfields,
        Optimize = Optimizes(options),
    };

    /// <summary>Lowering's options.</summary>
    public static LoweringOptions Lowering(DriverOptions options, string mainFile)
    {
        (int pic, int pie) = Independence(options);
        return new LoweringOptions
        {
            OptimizationLevel = Level(options),
            PositionIndependence = pic > 0 ? PositionIndependence.Library : pie > 0 ? PositionIndependence.Executable : PositionIndependence.None,
            DefaultVisibility = options.Visibility switch
            {
                "hidden" => Visibility.Hidden,
                "protected" => Visibility.Protected,
                "internal" => Visibility.Internal,
                _ => Visibility.Default,
            },
            Debug = options.DebugLevel > 0,
            StackProtector = options.StackProtector switch
            {
                "none" => StackProtector.None,
                "on" => StackProtector.Default,
                "strong" => StackProtector.Strong,
                "all" => StackProtector.All,
                _ => StackProtector.Explicit,
            },
            WrapSigned = Is(options.Wrapv, false),
            TrapSigned = options.Trapv,
            AutomaticValues = options.AutomaticValues switch
            {
                "zero" => AutomaticValues.Zero,
                "pattern" => AutomaticValues.Pattern,
                _ => AutomaticValues.None,
            },
            StrictAliasing = Is(options.StrictAliasing, Level(options) >= 1),
            DeleteNullChecks = Is(options.DeleteNullPointerChecks, true),
            Common = Is(options.Common, false),
            ComplexLimitedRange = options.CxLimitedRange,
            FastMath = options.FastMath,
            Contract = options.FpContract == "fast",
            MathErrno = Is(options.MathErrno, true),
            Freestanding = options.Freestanding,
            NoPlt = options.Plt == Switch.Off,
            TlsModel = options.TlsModel switch
            {
                null => null,
                "global-dynamic" => TlsModel.GeneralDynamic,
                "local-dynamic" => TlsModel.LocalDynamic,
                "initial-exec" => TlsModel.InitialExec,
                _ => TlsModel.LocalExec,
            },
            Instrumentation = options.InstrumentFunctions
                ? new Instrumentation { ExcludedFunctions = options.UninstrumentedFunctions, ExcludedFiles = options.UninstrumentedFiles }
                : null,
            FunctionSections = options.FunctionSections == Switch.On,
            DataSections = options.DataSections == Switch.On,
            Features = Features(options),
            Directory = options.DebugLevel > 0 ? Directory.GetCurrentDirectory() : "",
            Producer = $"GNU C17 12.2.0 compatible, kiln {CarriedFiles.Version}",
            StandardYear = Year(options),
            MainFile = mainFile,
        };
    }

    /// <summary>Code generation's options.</summary>
    public static CodeGenOptions CodeGen(DriverOptions options, string mainFile)
    {
        (int pic, int pie) = Independence(options);
        return new CodeGenOptions
        {
            OptimizationLevel = Level(options),
            OptimizeForSize = options.OptimizeLevel == 's',
            Relocation = pic > 0 ? RelocationModel.Pic : pie > 0 ? RelocationModel.Pie : RelocationModel.Static,
            CodeModel = options.CodeModel switch
            {
                "kernel" => CodeModel.Kernel,
                "medium" => CodeModel.Medium,
                "large" => CodeModel.Large,
                _ => CodeModel.Small,
            },
            UsePlt = options.Plt != Switch.Off,
            FunctionSections = options.FunctionSections == Switch.On,
            DataSections = options.DataSections == Switch.On,
            OmitFramePointer = OrNull(options.OmitFramePointer),
            RedZone = Is(options.RedZone, true),
            UnwindTables = Is(options.UnwindTables, true),
            DebugLevel = options.DebugLevel,
            DebugPrefixMap = options.DebugPrefixMap,
            ZeroInitializedInBss = Is(options.ZeroInBss, true),
            MergeConstants = Is(options.MergeConstants, true),
            JumpTables = Is(options.JumpTables, true),
            BranchProtection = options.CfProtection is "full" or "branch",
            StackProbes = options.StackClashProtection || options.StackCheck,
            Verify = options.VerifyPasses,
            Ident = options.Ident == Switch.Off ? null : $"kiln {CarriedFiles.Version}",
            FileName = Path.GetFileName(mainFile),
            Features = Features(options),
            IntelSyntax = options.IntelSyntax,
        };
    }
}
