using System.Text;
using Kiln.Assembler.Language;
using Kiln.Assembler.Sections;
using Kiln.Base;
using Kiln.CodeGen;
using Kiln.CodeGen.Targets.X86;
using Kiln.Driver.Options;
using Kiln.Frontend;
using Kiln.Frontend.Diagnostics;
using Kiln.Frontend.Lex;
using Kiln.Frontend.Parse;
using Kiln.Frontend.Preprocess;
using Kiln.Frontend.Types;
using Kiln.IR;
using Kiln.Isa;
using Kiln.Optimizer;
using Kiln.Target;

namespace Kiln.Driver;

/// <summary>
/// One translation unit: everything hangs off this object, so that units can be compiled side by side. <see cref="Run"/> is the list
/// of stages.
/// </summary>
internal sealed class CompileUnit
{
    private readonly DriverOptions _options;
    private readonly TargetInfo _target;
    private readonly SystemPaths _paths;
    private readonly TextWriter _error;
    private readonly Interner _names = new(expected: 1 << 12);
    private readonly SourceMap _sources = new();
    private readonly DiagnosticEngine _diagnostics;

    /// <summary>Prepares a unit.</summary>
    public CompileUnit(DriverOptions options, TargetInfo target, SystemPaths paths, TextWriter error)
    {
        _options = options;
        _target = target;
        _paths = paths;
        _error = error;
        var printer = new DiagnosticPrinter(error, _sources, _names, new DiagnosticPrinterOptions
        {
            ShowCaret = options.ShowCaret,
            TrackMacros = options.TrackMacros,
            ShowOption = options.ShowOption,
            ShowColumn = options.ShowColumn,
            Color = options.Color == Switch.On,
            TabStop = options.TabStop,
        });
        _diagnostics = new DiagnosticEngine(_sources, printer)
        {
            NoWarnings = options.NoWarnings,
            PedanticErrors = options.PedanticErrors,
            FatalErrors = options.FatalErrors,
            MaxErrors = options.MaxErrors,
        };
        if (options.Pedantic)
        {
            _diagnostics.SetOption("pedantic");
            if (OptionMapping.Language(options).Standard < CStandard.C99)
            {
                foreach (string warning in (string[])["long-long", "vla", "declaration-after-statement"])
                    _diagnostics.SetOption(warning);
            }
        }
        foreach (string warning in options.Warnings)
            _diagnostics.SetOption(warning);
    }

    /// <summary>The machine code of all functions as text, where -fcompare-debug asks for it; set by <see cref="Run"/>.</summary>
    public StringBuilder? FinalCode { get; init; }

    /// <summary>The headers that were read, for dependency files; set by <see cref="Run"/>.</summary>
    public Preprocessor? Preprocessor { get; private set; }

    /// <summary>Compiles or assembles a file as far as the options say.</summary>
    /// <param name="file">The input's name, <c>-</c> for standard input.</param>
    /// <param name="language">The language, as <c>-x</c> names it.</param>
    /// <param name="output">Gets the object's bytes, or the text of -S or -E.</param>
    /// <returns>Whether there were no errors.</returns>
    public bool Run(string file, string language, ByteWriter output)
    {
        try
        {
            return language switch
            {
                "assembler" => Assemble(file, output),
                "assembler-with-cpp" => AssembleWithPreprocessor(file, output),
                _ when _options.Stage == Stage.Preprocess => Preprocess(file, language, output),
                _ => Compile(file, language, output),
            } && _diagnostics.ErrorCount == 0;
        }
        catch (CompilationStoppedException e)
        {
            _error.WriteLine(e.Message);
            return false;
        }
    }

    private Preprocessor NewPreprocessor(string file, string language)
    {
        PreprocessorOptions options = OptionMapping.Preprocessor(_options, _paths, language, _error);
        var files = new FileCache(InputFiles.Over(file), options.Trigraphs ?? !options.IsGnu && options.StandardYear < 2023);
        if (CarriedFiles.OnDisk is null)
            files.Carry(CarriedFiles.PseudoRoot, CarriedFiles.Read);
        var preprocessor = new Preprocessor(options, _target, files, _names, _sources, _diagnostics);
        Preprocessor = preprocessor;
        return preprocessor;
    }

    private bool Preprocess(string file, string language, ByteWriter output)
    {
        using var text = new MemoryStream();
        if (!PreprocessedOutput.Write(NewPreprocessor(file, language), file, text))
            return false;
        if (!_options.Dependencies)
            output.Bytes(text.GetBuffer().AsSpan(0, (int)text.Length));
        return true;
    }

    private bool Compile(string file, string language, ByteWriter output)
    {
        Preprocessor preprocessor = NewPreprocessor(file, language);
        if (!preprocessor.Start(file))
            return false;
        LanguageOptions rules = OptionMapping.Language(_options);
        var types = new TypeTable(_target, _names) { Spellings = _options.DebugLevel > 1 ? new TypeSpellings() : null };
        var module = new Module { Sources = _sources };
        Emitter emitter = _options.Stage == Stage.Assembly
            ? new TextEmitter(_target, _diagnostics, _options.IntelSyntax ? AssemblySyntax.Intel : AssemblySyntax.Gnu)
            : new ObjectEmitter(_target, _diagnostics);
        CodeGenOptions codeOptions = OptionMapping.CodeGen(_options, file);
        var moduleEmitter = new ModuleEmitter(module, emitter, codeOptions);
        Dumps? dumps = _options.Dumps.Count > 0 ? new Dumps(_options, file) : null;
        StackUsageReport? usage = _options.StackUsage ? new StackUsageReport(_sources, module) : null;
        OptimizationRecord? record = _options.OptimizationRecord ? new OptimizationRecord(_sources, module) : null;
        var compiler = new CompileFunction(new X86Target(codeOptions), moduleEmitter)
        {
            AfterStage = dumps is null ? null : dumps.Machine,
            StackUsage = usage is null ? null : usage.Add,
        };
        if (FinalCode is { } final)
        {
            compiler.AfterStage += (function, stage, text) =>
            {
                if (stage == MachineStage.Final)
                    final.Append(text());
            };
        }
        UnitListing? listing = _options.EmitIr ? new UnitListing(module) : null;
        Action<Function> compile = listing is null ? compiler.Run : listing.Add;
        if (dumps is not null)
            compile = dumps.Optimized + compile;
        if (_options.VerifyPasses)
            compile = UnitListing.CheckText + compile;
        Action<Function, string>? afterPass = _options.VerifyPasses ? new Verifier().Require : null;
        var pipeline = new Pipeline(_target) { AfterPass = dumps is null ? afterPass : afterPass + dumps.AfterPass };
        var functions = new UnitFunctions(module, compile, OptionMapping.Level(_options), pipeline, record is null ? null : record.Inlined);
        var lowering = new Kiln.Lowering.Lowering(
            _target, OptionMapping.Lowering(_options, file), types, _names, module, _diagnostics, dumps is null ? functions : dumps.Watch(functions));
        // Parsing drives the rest: each external declaration is lowered as it ends, and at -O0 compiled as well.
        Parser.ParseTranslationUnit(new TokenSource(preprocessor), _names, types, rules, _diagnostics, lowering);
        if (_diagnostics.ErrorCount > 0 || _options.Stage == Stage.SyntaxOnly)
            return _diagnostics.ErrorCount == 0;
        functions.Finish();
        dumps?.Write(_error);
        if (usage is not null)
            OutputFiles.Write(AuxiliaryNames.Stem(_options, file) + ".su", usage.Text, _error);
        if (record is not null)
            OutputFiles.Write(AuxiliaryNames.Dump(_options, file) + ".opt-record.json.gz", record.Compressed(), _error);
        if (listing is not null)
        {
            output.Text(listing.Finish());
            return true;
        }
        moduleEmitter.Finish();
        return emitter.Finish(output);
    }

    private bool Assemble(string file, ByteWriter output) =>
        AssembleText(new SourceFile(file, InputFiles.Read(file)), output);

    // The text that -E prints, with its line markers, is what the assembler reads.
    private bool AssembleWithPreprocessor(string file, ByteWriter output)
    {
        var text = new ByteWriter(1 << 14);
        if (!Preprocess(file, "assembler-with-cpp", text) || _diagnostics.ErrorCount > 0)
            return false;
        if (_options.Stage is Stage.Preprocess or Stage.Assembly)
        {
            output.Bytes(text.Span);
            return true;
        }
        return AssembleText(new SourceFile(file, text.ToArray()), output);
    }

    private bool AssembleText(SourceFile source, ByteWriter output)
    {
        if (_options.Stage is Stage.Preprocess or Stage.Assembly or Stage.SyntaxOnly)
            return true;
        if (Tools.AsTool.Announces(_options.AssemblerOptions))
            _error.WriteLine(Announcements.AssemblerDetails(_target.Triple));
        var map = new SourceMap();
        var messages = new AssemblerMessages(map);
        bool done = Assembly.Assemble(source, AssemblerOptionsOf(map), messages, output);
        foreach (string line in messages.Lines)
            _error.WriteLine(line);
        return done;
    }

    private AssemblerOptions AssemblerOptionsOf(SourceMap map) => Tools.AsTool.Options(_options.AssemblerOptions, new AssemblerOptions
    {
        Target = _target,
        Map = map,
        IncludePaths = _options.IncludeDirectories,
        Syntax = _options.IntelSyntax ? AssemblySyntax.Intel : AssemblySyntax.Gnu,
        MakesLines = _options.DebugLevel > 0,
        Directory = Directory.GetCurrentDirectory(),
    });

    // The preprocessor as the parser's source of tokens.
    private sealed class TokenSource(Preprocessor preprocessor) : ITokenSource
    {
        public void Next(out Token token)
        {
            token = default;
            preprocessor.Next(ref token);
        }
    }
}
