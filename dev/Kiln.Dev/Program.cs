using Kiln.Dev;
using Kiln.IR.Text;

// kdev: the workbench of those who work on Kiln. See docs/testing.md.
string[] rest = args.Length > 1 ? args[1..] : [];
try
{
    switch (args.FirstOrDefault())
    {
        case "bless":
            return GoldenCases.Bless(rest);
        case "ir":
            return IrCommands.Run(rest);
        case "reduce":
            return Reducer.Run(rest);
        default:
            Console.Error.WriteLine("""
                usage: kdev bless [TEXT]                     write anew the expected outputs of golden tests whose name has TEXT in it
                       kdev ir print|verify|optimize FILE    read IR, check its law, run the passes, print it
                       kdev ir run FILE FUNCTION [ARGUMENT]  interpret a function
                       kdev reduce FILE COMMAND [WORD...]    drop lines of FILE as long as COMMAND, given a file's name, ends with 0
                """);
            return 2;
    }
}
catch (Exception e) when (e is IrTextException or IOException or InvalidOperationException)
{
    Console.Error.WriteLine($"kdev: {e.Message}");
    return 1;
}
