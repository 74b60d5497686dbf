using System.Runtime.CompilerServices;
using Kiln.TableGen.X86;

namespace Kiln.TableGen;

// Reads the instruction tables and writes the committed *.g.cs files beside them. `--check DIR` writes into a directory instead, for the
// test that compares.

internal static class Program
{
    private static int Main(string[] args)
    {
        string root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", ".."));
        string isa = Path.Combine(root, "src", "Kiln.Isa", "X86");
        string output = args is ["--check", var directory] ? directory : isa;
        try
        {
            var writer = new TableWriter(TableReader.Read(Path.Combine(isa, "X86.table")));
            File.WriteAllText(Path.Combine(output, "Mnemonic.g.cs"), writer.Mnemonics());
            File.WriteAllText(Path.Combine(output, "Table.g.cs"), writer.Table());
            File.WriteAllText(Path.Combine(output, "RegisterNames.g.cs"), TableWriter.RegisterNames());
            return 0;
        }
        catch (FormatException e)
        {
            Console.Error.WriteLine(e.Message);
            return 1;
        }
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
