using System.Diagnostics;
using Kiln.Base;
using Kiln.Frontend;
using Kiln.Frontend.Ast;
using Kiln.Frontend.Diagnostics;
using Kiln.Frontend.Lex;
using Kiln.Frontend.Parse;
using Kiln.Frontend.Preprocess;
using Kiln.Frontend.Types;
using Kiln.Target;

namespace Kiln.Tests.Frontend;

/// <summary>A translation unit parsed from text, for tests: what was handed over, and the messages.</summary>
internal sealed class AnalysedUnit : ITranslationUnitConsumer, IDiagnosticSink, ITokenSource
{
    private readonly Preprocessor _preprocessor;
    private readonly SourceMap _map = new();

    public Interner Names { get; } = new();
    public List<FunctionDefinition> Functions { get; } = [];
    public List<VariableDeclaration> Variables { get; } = [];
    public List<EntityDeclaration> Symbols { get; } = [];

    /// <summary>Messages as <c>line: severity: text</c>.</summary>
    public List<string> Messages { get; } = [];

    public bool Ended { get; private set; }
    public int ErrorCount { get; private set; }

    public AnalysedUnit(string source, LanguageOptions? options = null, params string[] warnings)
    {
        options ??= new LanguageOptions();
        TargetInfo target = TargetInfo.X86_64;
        var engine = new DiagnosticEngine(_map, this) { PedanticErrors = options.PedanticErrors };
        if (options.Pedantic)
            engine.SetOption("pedantic");
        foreach (string warning in warnings)
            engine.SetOption(warning);
        var files = new MemoryFiles().Add("test.c", source);
        var preprocessing = new PreprocessorOptions { StandardYear = options.Standard == CStandard.C89 ? 1990 : 2017, IsGnu = options.IsGnu };
        _preprocessor = new Preprocessor(preprocessing, target, new FileCache(files), Names, _map, engine);
        _preprocessor.Start("test.c");
        // As in the driver: deep nesting needs its stack.
        CompilationStack.Run(() =>
        {
            Parser.ParseTranslationUnit(this, Names, new TypeTable(target, Names), options, engine, this);
            return 0;
        });
    }

    public VariableDeclaration Variable(string name) => Variables.Find(v => Names.Text(v.Name) == name)!;

    public FunctionDefinition Function(string name) => Functions.Find(f => Names.Text(f.Declaration.Name) == name)!;

    /// <summary>Runs gcc on a source; null where there is none.</summary>
    public static (int Status, string Output)? Gcc(string source, string arguments)
    {
        if (!File.Exists("/usr/bin/gcc"))
            return null;
        var start = new ProcessStartInfo("/usr/bin/gcc", arguments + " -x c -")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["LC_ALL"] = "C";
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        process.StandardInput.Write(source);
        process.StandardInput.Close();
        if (!process.WaitForExit(30_000))
        {
            process.Kill();
            throw new TimeoutException("gcc");
        }
        return (process.ExitCode, errors.Result + output.Result);
    }

    void ITranslationUnitConsumer.FunctionDefined(FunctionDefinition function) => Functions.Add(function);

    void ITranslationUnitConsumer.VariableDefined(VariableDeclaration variable) => Variables.Add(variable);

    void ITranslationUnitConsumer.SymbolDeclared(EntityDeclaration declaration) => Symbols.Add(declaration);

    void ITranslationUnitConsumer.TopLevelAsm(AsmStatement statement)
    {
    }

    void ITranslationUnitConsumer.WeakSymbol(int name, int aliasOf)
    {
    }

    void ITranslationUnitConsumer.Ident(string text)
    {
    }

    void ITranslationUnitConsumer.EndOfUnit() => Ended = true;

    void IDiagnosticSink.Report(in Diagnostic diagnostic)
    {
        if (diagnostic.Severity >= Severity.Error)
            ErrorCount++;
        Messages.Add($"{_map.Position(diagnostic.Location).Line}: {diagnostic.Severity.ToString().ToLowerInvariant()}: {diagnostic.Message}");
    }

    void ITokenSource.Next(out Token token)
    {
        token = default;
        _preprocessor.Next(ref token);
    }
}
