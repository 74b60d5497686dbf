using System.Diagnostics;
using Kiln.Assembler.Sections;
using Kiln.Base;
using Kiln.CodeGen;
using Kiln.CodeGen.Targets.X86;
using Kiln.IR;
using Kiln.Target;
using Kiln.Target.Abi;
using Xunit;

namespace Kiln.Tests.CodeGen.X86;

/// <summary>Builds functions in IR, compiles them for x86-64, links them with a main in C by the system's gcc, and runs the program.</summary>
internal sealed class X86Machine : IDiagnosticSink
{
    private readonly CodeGenOptions _options;
    private readonly Emitter _emitter;
    private readonly ModuleEmitter _module;
    private readonly CompileFunction _compiler;
    private readonly List<string> _messages = [];

    public X86Machine(int level = 0, params string[] features)
    {
        _options = new CodeGenOptions { OptimizationLevel = level, Features = features.Aggregate(global::Kiln.Target.X86.X86Features.Base64, global::Kiln.Target.X86.X86Features.With), Verify = true };
        _emitter = new ObjectEmitter(TargetInfo.X86_64, this);
        _module = new ModuleEmitter(Module, _emitter, _options);
        _compiler = new CompileFunction(new X86Target(_options), _module);
    }

    public Module Module { get; } = new();

    public int ErrorCount => _messages.Count;

    public void Report(in Diagnostic diagnostic) => _messages.Add(diagnostic.Message);

    /// <summary>Integer and floating-point parameters in registers, then on the stack, as System V has them.</summary>
    public static Signature Sign(IrType? result, params IrType[] parameters)
    {
        ReadOnlySpan<byte> integers = [7, 6, 2, 1, 8, 9];
        var parts = new SignaturePart[parameters.Length];
        int integer = 0, vector = 0, stack = 0;
        for (int i = 0; i < parameters.Length; i++)
        {
            IrType type = parameters[i];
            Place place;
            if (type == IrType.F80)
            {
                stack = stack + 15 & ~15;
                place = Place.OnStack(stack, 16, 16);
                stack += 16;
            }
            else if ((type.IsFloat || type.IsVector) && vector < 8)
            {
                place = Place.InRegister(RegisterBank.Vector, vector++, type.Size);
            }
            else if (!type.IsFloat && !type.IsVector && integer < 6)
            {
                place = Place.InRegister(RegisterBank.Integer, integers[integer++], type.Size);
            }
            else
            {
                place = Place.OnStack(stack, 8, 8);
                stack += 8;
            }
            parts[i] = new SignaturePart(type, place);
        }
        SignaturePart[] results = result is not { } r ? []
            : [new SignaturePart(r, r == IrType.F80 ? Place.InRegister(RegisterBank.X87, 0, 16)
                : Place.InRegister(r.IsFloat || r.IsVector ? RegisterBank.Vector : RegisterBank.Integer, 0, r.Size))];
        return new Signature { Parameters = parts, Results = results, StackSize = stack, NamedCount = parameters.Length };
    }

    /// <summary>Adds a function whose body is built by <paramref name="body"/> from its parameters.</summary>
    public void Add(string name, Signature signature, Action<Builder, Value[]> body)
    {
        Symbol symbol = Module.Intern(name);
        Module[symbol].Kind = SymbolKind.Function;
        Module[symbol].BindsLocally = true;
        var function = new Function();
        function.Reset(Module, symbol, signature);
        var builder = new Builder(function);
        function.Entry = function.NewBlock();
        builder.Current = function.Entry;
        body(builder, function.Parameters.Span.ToArray());
        _compiler.Run(function);
    }

    /// <summary>Adds a function of one expression.</summary>
    public void Expression(string name, IrType result, IrType[] parameters, Func<Builder, Value[], Value> body) =>
        Add(name, Sign(result, parameters), (b, p) => b.Return([body(b, p)]));

    /// <summary>Links with a main in C, runs, and gives what it prints.</summary>
    public string Run(string main)
    {
        _module.Finish();
        var output = new ByteWriter();
        Assert.True(_emitter.Finish(output), string.Join("\n", _messages));
        Assert.Empty(_messages);
        string directory = Directory.CreateTempSubdirectory("kiln").FullName;
        try
        {
            File.WriteAllBytes($"{directory}/a.o", output.ToArray());
            File.WriteAllText($"{directory}/main.c", "#include <stdio.h>\n#include <string.h>\n#include <stdint.h>\n" + main);
            Execute("gcc", $"-O1 -w -o {directory}/a {directory}/main.c {directory}/a.o -lm");
            if (Environment.GetEnvironmentVariable("KILN_KEEP") is { } keep)
                File.Copy($"{directory}/a.o", keep, true);
            return Execute($"{directory}/a", "");
        }
        finally
        {
            Directory.Delete(directory, true);
        }
    }

    private static string Execute(string program, string arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program}: {process.ExitCode}\n{errors.Result}{text}");
        return text;
    }
}
