using System.Globalization;
using Kiln.Base;
using Kiln.Frontend;
using Kiln.Frontend.Diagnostics;
using Kiln.Frontend.Lex;
using Kiln.Frontend.Parse;
using Kiln.Frontend.Preprocess;
using Kiln.Frontend.Types;
using Kiln.IR;
using Kiln.IR.Text;
using Kiln.Lowering;
using Kiln.Target;
using Parser = Kiln.Frontend.Parse.Parser;

namespace Kiln.Tests.Lowering;

/// <summary>A translation unit lowered from text, for tests: its functions, its module, its messages.</summary>
internal sealed class CompiledUnit : IFunctionSink, IDiagnosticSink, ITokenSource
{
    private readonly Preprocessor _preprocessor;
    private readonly SourceMap _map = new();

    public Module Module { get; } = new();

    public List<Function> Functions { get; } = [];

    public List<string> Messages { get; } = [];

    public int ErrorCount { get; private set; }

    private CompiledUnit(string source, string path, LoweringOptions options, PreprocessorOptions preprocessing)
    {
        TargetInfo target = TargetInfo.X86_64;
        var names = new Interner();
        var engine = new DiagnosticEngine(_map, this);
        var files = new MemoryFiles(new DiskFiles()).Add(path, source);
        _preprocessor = new Preprocessor(preprocessing, target, new FileCache(files), names, _map, engine);
        var types = new TypeTable(target, names);
        Module.Sources = _map;
        var lowering = new Kiln.Lowering.Lowering(target, options, types, names, Module, engine, this);
        _preprocessor.Start(path);
        Parser.ParseTranslationUnit(this, names, types, new LanguageOptions(), engine, lowering);
    }

    /// <summary>Compiles a unit.</summary>
    public static CompiledUnit Of(string source, LoweringOptions? options = null, string path = "test.c", PreprocessorOptions? preprocessing = null) =>
        new(source, path, options ?? new LoweringOptions(), preprocessing ?? new PreprocessorOptions { Undef = false });

    /// <summary>The text of a function, without source places.</summary>
    public string Text(string name)
    {
        Function function = Functions.Find(f => Module[f.Symbol].Name == name)
            ?? throw new InvalidOperationException($"no function {name}: {string.Join('\n', Messages)}");
        string[] lines = Printer.Print(function).Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            int at = lines[i].LastIndexOf(" @", StringComparison.Ordinal);
            if (at >= 0 && uint.TryParse(lines[i].AsSpan(at + 2), CultureInfo.InvariantCulture, out _))
                lines[i] = lines[i][..at];
        }
        return string.Join('\n', lines);
    }

    public SymbolData Symbol(string name) => Module[Module.Find(name)];

    Function IFunctionSink.Rent() => new();

    void IFunctionSink.Finished(Function function) => Functions.Add(function);

    void IDiagnosticSink.Report(in Diagnostic diagnostic)
    {
        FilePosition position = _map.Position(diagnostic.Location);
        Messages.Add($"{position.File}:{position.Line}:{position.Column}: {diagnostic.Severity.ToString().ToLowerInvariant()}: {diagnostic.Message}");
        if (diagnostic.Severity >= Severity.Error)
            ErrorCount++;
    }

    void ITokenSource.Next(out Token token)
    {
        token = default;
        _preprocessor.Next(ref token);
    }
}
