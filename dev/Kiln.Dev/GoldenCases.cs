using System.Globalization;
using Kiln.Driver;
using Kiln.IR;
using Kiln.IR.Text;

namespace Kiln.Dev;

/// <summary>
/// Golden tests: a folder of <c>tests/Golden</c> for each stage, in it an input and, under the same name with <c>.expected</c> behind, what the stage
/// makes of it. The input's first line may say more in a comment: <c>options:</c> words for the command line; in IR <c>passes:</c> the passes to
/// run, and <c>run:</c> calls, which give the same before and after them. <c>kdev bless</c> writes the expected files; read the difference before
/// you commit it.
/// </summary>
public static class GoldenCases
{
    private static readonly Dictionary<string, string[]> Stages = new()
    {
        ["pp"] = ["-E"],
        ["diag"] = ["-fsyntax-only"],
        ["ir"] = ["-O0", "-emit-ir", "-fverify"],
        ["codegen"] = ["-O1", "-S", "-fverify"],
        ["opt"] = [],
    };

    /// <summary>The folder of the tests.</summary>
    public static string Root
    {
        get
        {
            string directory = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(directory, "Kiln.slnx")))
                directory = Path.GetDirectoryName(directory) ?? throw new InvalidOperationException("no solution above this program");
            return Path.Combine(directory, "tests", "Golden");
        }
    }

    /// <summary>The inputs, as paths below <see cref="Root"/>, in order.</summary>
    public static IEnumerable<string> Names
    {
        get
        {
            var names = new List<string>();
            foreach (string stage in Stages.Keys)
            {
                foreach (string file in Directory.EnumerateFiles(Path.Combine(Root, stage)))
                {
                    if (Path.GetExtension(file) is ".c" or ".ir")
                        names.Add($"{stage}/{Path.GetFileName(file)}");
                }
            }
            names.Sort(StringComparer.Ordinal);
            return names;
        }
    }

    /// <summary>The file that holds what an input is to give.</summary>
    public static string ExpectedFile(string name) => Path.Combine(Root, name + ".expected");

    /// <summary>What an input gives now.</summary>
    public static string Produce(string name)
    {
        string file = Path.Combine(Root, name);
        string stage = name[..name.IndexOf('/')];
        return stage == "opt" ? Optimize(File.ReadAllText(file)) : Compile(Stages[stage], file);
    }

    /// <summary>Runs <c>kdev bless</c>.</summary>
    public static int Bless(string[] words)
    {
        int changed = 0;
        foreach (string name in Names)
        {
            if (words.Length > 0 && !name.Contains(words[0]))
                continue;
            string now = Produce(name), file = ExpectedFile(name);
            if (File.Exists(file) && File.ReadAllText(file) == now)
                continue;
            File.WriteAllText(file, now);
            Console.WriteLine($"tests/Golden/{name}.expected");
            changed++;
        }
        Console.WriteLine($"{changed} changed: read them before you commit them");
        return 0;
    }

    private static string Said(string text, string what)
    {
        string line = text[..Math.Max(0, text.IndexOf('\n'))];
        int at = line.IndexOf(what + ":", StringComparison.Ordinal);
        if (at < 0)
            return "";
        string said = line[(at + what.Length + 1)..];
        int end = said.IndexOfAny(['*', '|']);
        return (end < 0 ? said : said[..end]).Trim();
    }

    // The messages, then the output. Names of files are made short.
    private static string Compile(string[] stage, string file)
    {
        string output = Path.GetTempFileName();
        try
        {
            string[] options = Said(File.ReadAllText(file), "options").Split(' ', StringSplitOptions.RemoveEmptyEntries);
            using var text = new StringWriter(CultureInfo.InvariantCulture);
            int status = Roles.Run("cc", [.. stage, .. options, file, "-o", output], text, text);
            string result = text.ToString() + File.ReadAllText(output);
            return result.Replace(Path.GetDirectoryName(file) + "/", "") + (status == 0 ? "" : $"status {status}\n");
        }
        finally
        {
            File.Delete(output);
        }
    }

    private static string Optimize(string text)
    {
        (Module module, List<Function> functions) = Parser.ParseModule(text);
        IrCommands.Verify(functions, "reading");
        string[] calls = Said(text, "run").Split(';', StringSplitOptions.RemoveEmptyEntries);
        string[] before = Array.ConvertAll(calls, c => Call(module, functions, c));
        IrCommands.Optimize(functions, Said(text, "passes"));
        string result = "";
        for (int i = 0; i < calls.Length; i++)
        {
            string after = Call(module, functions, calls[i]);
            result += before[i] == after ? $"; {calls[i].Trim()} = {after}\n" : $"; {calls[i].Trim()} = {before[i]}, and then {after}: WRONG\n";
        }
        return result + ModulePrinter.Print(module, functions);
    }

    private static string Call(Module module, List<Function> functions, string call)
    {
        string[] words = call.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return IrCommands.Interpret(module, functions, words[0], words.AsSpan(1));
    }
}
