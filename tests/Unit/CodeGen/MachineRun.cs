using System.Diagnostics;
using Kiln.Assembler.Sections;
using Kiln.Base;
using Kiln.CodeGen;
using Kiln.CodeGen.Legalize;
using Kiln.CodeGen.Targets.X86;
using Kiln.IR;
using Kiln.Target;
using Xunit;

namespace Kiln.Tests.CodeGen;

/// <summary>Compiles functions given in IR, links them with a C driver by the system's compiler, runs the whole.</summary>
internal sealed class MachineRun : IDiagnosticSink
{
    private readonly CodeGenOptions _options;
    private readonly ObjectEmitter _emitter;
    private readonly ModuleEmitter _moduleEmitter;
    private readonly CompileFunction _compile;
    private readonly List<string> _messages = [];

    public MachineRun(int level)
    {
        _options = new CodeGenOptions { OptimizationLevel = level, Verify = true };
        _emitter = new ObjectEmitter(TargetInfo.X86_64, this);
        _moduleEmitter = new ModuleEmitter(Module, _emitter, _options);
        _compile = new CompileFunction(new X86Target(_options), _moduleEmitter);
    }

    public Module Module { get; } = new();

    public int ErrorCount => _messages.Count;

    public void Report(in Diagnostic diagnostic) => _messages.Add(diagnostic.Message);

    /// <summary>A function with scalar parameters and result, with an open entry block.</summary>
    public (Function Function, Builder Builder) Begin(string name, IrType result, params IrType[] parameters)
    {
        var function = new Function();
        Symbol symbol = Module.Intern(name);
        Module[symbol].Kind = SymbolKind.Function;
        Module[symbol].BindsLocally = true;
        function.Reset(Module, symbol, SignatureOf(result, parameters));
        function.Entry = function.NewBlock();
        return (function, new Builder(function) { Current = function.Entry });
    }

    public static Signature SignatureOf(IrType result, params IrType[] parameters) =>
        new LibraryCalls(TargetInfo.X86_64).SignatureOf(result, parameters);

    public void Compile(Function function) => _compile.Run(function);

    /// <summary>Links with a main written in C, and gives what the program prints.</summary>
    public string Run(string driver)
    {
        _moduleEmitter.Finish();
        var bytes = new ByteWriter();
        Assert.True(_emitter.Finish(bytes), string.Join('\n', _messages));
        string directory = Directory.CreateTempSubdirectory("kiln-codegen").FullName;
        try
        {
            File.WriteAllBytes(Path.Combine(directory, "code.o"), bytes.ToArray());
            File.WriteAllText(Path.Combine(directory, "main.c"), driver);
            Execute(directory, "gcc", "-O1", "-w", "-o", "program", "main.c", "code.o", "-lm");
            return Execute(directory, "./program");
        }
        finally
        {
            Directory.Delete(directory, true);
        }
    }

    private static string Execute(string directory, string program, params string[] arguments)
    {
        string path = program.StartsWith('.') ? Path.Combine(directory, program) : program;
        var start = new ProcessStartInfo(path, arguments)
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} gave {process.ExitCode}: {errors}{output}");
        return output;
    }
}
