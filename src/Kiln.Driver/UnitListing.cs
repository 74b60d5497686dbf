using System.Globalization;
using Kiln.IR;
using Kiln.IR.Text;

namespace Kiln.Driver;

/// <summary>The text of a unit's IR, as code generation would get it: for <c>-emit-ir</c>.</summary>
internal sealed class UnitListing(Module module)
{
    private readonly StringWriter _functions = new(CultureInfo.InvariantCulture) { NewLine = "\n" };

    /// <summary>Adds a function.</summary>
    public void Add(Function function)
    {
        _functions.WriteLine();
        _functions.Write(Printer.Print(function, showsLocations: false));
    }

    /// <summary>The whole text: what the functions name stands before them.</summary>
    public string Finish() => ModulePrinter.Print(module, []) + _functions;

    /// <summary>For <c>-fverify</c>: throws if a function's text, read again, gives another text.</summary>
    public static void CheckText(Function function)
    {
        string text = Printer.Print(function);
        string again = Printer.Print(Parser.ParseFunction(text, function.Module));
        if (text != again)
            throw new InvalidOperationException($"the text of {function.Module[function.Symbol].Name} is read otherwise:\n{text}\n{again}");
    }
}
