using System.Globalization;
using Kiln.IR;
using Kiln.IR.Text;
using Kiln.Optimizer;
using Kiln.Target;

namespace Kiln.Dev;

/// <summary>What can be done with a file of IR.</summary>
public static class IrCommands
{
    /// <summary>Runs <c>kdev ir</c>.</summary>
    public static int Run(string[] words)
    {
        if (words is not [var command and ("print" or "verify" or "optimize" or "run"), var file, ..])
            throw new InvalidOperationException("kdev ir print|verify|optimize|run FILE");
        (Module module, List<Function> functions) = Parser.ParseModule(File.ReadAllText(file));
        Verify(functions, "reading");
        switch (command)
        {
            case "print":
                Console.Write(ModulePrinter.Print(module, functions));
                break;
            case "optimize":
                Optimize(functions, "early late");
                Console.Write(ModulePrinter.Print(module, functions));
                break;
            case "run" when words.Length > 2:
                Console.WriteLine(Interpret(module, functions, words[2], words[3..]));
                break;
        }
        return 0;
    }

    /// <summary>Enforces the IR's law.</summary>
    public static void Verify(List<Function> functions, string after)
    {
        var verifier = new Verifier();
        foreach (Function function in functions)
            verifier.Require(function, after);
    }

    /// <summary>Runs parts of the pipeline, each over all functions, and verifies after every pass.</summary>
    /// <param name="functions">The functions.</param>
    /// <param name="passes">Words: <c>early</c>, <c>late</c>.</param>
    public static void Optimize(List<Function> functions, string passes)
    {
        var pipeline = new Pipeline(TargetInfo.X86_64) { AfterPass = new Verifier().Require };
        foreach (string pass in passes.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            Action<Function> run = pass switch
            {
                "early" => pipeline.Early,
                "late" => f => pipeline.Late(f),
                _ => throw new InvalidOperationException($"no pass '{pass}': early or late"),
            };
            functions.ForEach(run);
        }
    }

    /// <summary>Interprets a function; arguments are decimal, results hexadecimal bits, or what went wrong.</summary>
    public static string Interpret(Module module, List<Function> functions, string name, ReadOnlySpan<string> arguments)
    {
        Function? Body(Symbol symbol) => functions.Find(f => f.Symbol == symbol);
        Function function = Body(module.Find(name)) ?? throw new InvalidOperationException($"no function '{name}'");
        var bits = new UInt128[arguments.Length];
        for (int i = 0; i < bits.Length; i++)
            bits[i] = (UInt128)Int128.Parse(arguments[i], CultureInfo.InvariantCulture);
        try
        {
            return string.Join(' ', new Interpreter(module, Body).Call(function, bits).Select(r => $"0x{r:x}"));
        }
        catch (InterpreterException e)
        {
            return e.Message;
        }
    }
}
