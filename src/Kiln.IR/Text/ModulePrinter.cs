using System.Globalization;
using System.Text;

namespace Kiln.IR.Text;

/// <summary>
/// Prints a module's text form: alias classes, symbols in the order of their numbers, assembly outside functions, and functions as
/// <see cref="Printer"/> writes them. Debug tables are not in it. <see cref="Parser.ParseModule"/> reads it.
/// </summary>
public sealed class ModulePrinter(Module module, TextWriter to)
{
    private readonly Printer _functions = new(module, to);

    /// <summary>A module with its functions as text.</summary>
    /// <param name="module">The module.</param>
    /// <param name="functions">Its functions.</param>
    /// <param name="showsLocations">Whether source places are printed.</param>
    public static string Print(Module module, IEnumerable<Function> functions, bool showsLocations = true)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        new ModulePrinter(module, text).Declarations();
        foreach (Function function in functions)
        {
            text.WriteLine();
            text.Write(Printer.Print(function, showsLocations));
        }
        return text.ToString();
    }

    /// <summary>Prints everything but the functions.</summary>
    public void Declarations()
    {
        if (module.Features != 0)
            to.WriteLine($"features 0x{module.Features:x}");
        for (int i = 1; i < module.AliasTags.Count; i++)
        {
            AliasTag tag = module.AliasTags[i];
            to.WriteLine($"alias {i} {Quoted(tag.Name)} in {tag.Parent}");
        }
        for (int i = 1; i < module.Symbols.Count; i++)
            PrintSymbol(new Symbol(i));
        foreach ((byte[] text, _) in module.TopLevelAsm)
            to.WriteLine($"assembly {Printer.Quote(text)}");
        foreach (string ident in module.Idents)
            to.WriteLine($"ident {Quoted(ident)}");
        if (module.NeedsExecutableStack)
            to.WriteLine("executable_stack");
    }

    private static string Quoted(string text) => Printer.Quote(Encoding.UTF8.GetBytes(text));

    private void PrintSymbol(Symbol symbol)
    {
        SymbolData data = module[symbol];
        to.Write($"symbol {_functions.Name(symbol)} {Spelling<SymbolKind>.Of(data.Kind)} {Spelling<Linkage>.Of(data.Linkage)}");
        if (data.Visibility != Visibility.Default)
            to.Write($" visibility {Spelling<Visibility>.Of(data.Visibility)}");
        if (data.Tls != TlsModel.None)
            to.Write($" tls {Spelling<TlsModel>.Of(data.Tls)}");
        to.Write(Spelling<SymbolFacts>.Flags((uint)FactsOf(data), " "));
        if (data.Section is not null)
            to.Write($" section {Quoted(data.Section)}");
        if (data.Size != 0)
            to.Write($" size {data.Size}");
        if (data.AlignmentLog2 != 0)
            to.Write($" align {1L << data.AlignmentLog2}");
        if (data.StringUnit != 0)
            to.Write($" characters {data.StringUnit}");
        if (!data.AliasTarget.IsNone)
            to.Write($" target {data.AliasTarget.Id}");
        if (data.ConstructorPriority >= 0)
            to.Write($" constructor {data.ConstructorPriority}");
        if (data.DestructorPriority >= 0)
            to.Write($" destructor {data.DestructorPriority}");
        to.Write(Spelling<CallFlags>.Flags((uint)data.CallFlags, " +"));
        if (data.LibraryName is not null)
            to.Write($" library {Quoted(data.LibraryName)}");
        if (data.Version is not null)
            to.Write($" version {Quoted(data.Version)}");
        PrintContents(data);
        to.WriteLine();
    }

    private void PrintContents(SymbolData data)
    {
        if (data.Data is not null)
            to.Write($" data x{Convert.ToHexStringLower(data.Data)}");
        if (data.References is null)
            return;
        to.Write(" [");
        foreach (DataReference reference in data.References)
        {
            to.Write($" {reference.Offset}:{reference.Size} {reference.Symbol.Id} {reference.Addend}");
            if (!reference.Block.IsNone)
                to.Write($" {reference.Block}");
            if (!reference.Minus.IsNone)
                to.Write($" minus {reference.Minus}");
        }
        to.Write(" ]");
    }

    private static SymbolFacts FactsOf(SymbolData data) =>
        (data.BindsLocally ? SymbolFacts.BindsLocally : 0) | (data.IsReadOnly ? SymbolFacts.ReadOnly : 0)
        | (data.IsUsed ? SymbolFacts.Used : 0) | (data.IsRetained ? SymbolFacts.Retained : 0)
        | (data.IsMergeable ? SymbolFacts.Mergeable : 0) | (data.IsReferenced ? SymbolFacts.Referenced : 0)
        | (data.IsAddressTaken ? SymbolFacts.AddressTaken : 0) | (data.IsInlineOnly ? SymbolFacts.InlineOnly : 0)
        | (data.IsDeclaredObject ? SymbolFacts.DeclaredObject : 0);
}

/// <summary>The yes-or-no facts of a symbol, as words of the text form.</summary>
[Flags]
internal enum SymbolFacts : uint
{
    BindsLocally = 1,
    ReadOnly = 2,
    Used = 4,
    Retained = 8,
    Mergeable = 16,
    Referenced = 32,
    AddressTaken = 64,
    InlineOnly = 128,
    DeclaredObject = 256,
}
