using Kiln.Base;

namespace Kiln.Frontend.Sema;

/// <summary>
/// Says what is wrong, with the severity that the language options give it. Texts are gcc's. Options are named without the dash;
/// what is off by default is asked for with <see cref="IsEnabled"/> before a text is built.
/// </summary>
internal sealed class Reporter(IDiagnosticSink sink, LanguageOptions options)
{
    private readonly HashSet<string> _offByDefault =
    [
        "Wall", "Wextra", "Wunused-variable", "Wparentheses", "Wsign-compare", "Wunused-value", "Wunused-label", "Wunused-parameter",
        "Wreturn-type", "Wimplicit-fallthrough", "Wshadow", "Wpointer-arith", "Wpedantic", "Wmissing-braces", "Wmissing-field-initializers",
        "Wunused-function", "Wunused-but-set-variable", "Wstrict-prototypes", "Wvla", "Wdeclaration-after-statement", "Wformat", "Wnonnull",
    ];

    public int ErrorCount => sink.ErrorCount;

    /// <summary>Not zero: nothing is reported (a tentative analysis).</summary>
    public int Suppressed { get; set; }

    public bool IsEnabled(string option) => !_offByDefault.Contains(option);

    public void Error(Location location, string message, string? option = null) => Report(Severity.Error, location, message, option);

    public void Warning(string option, Location location, string message)
    {
        if (IsEnabled(option))
            Report(Severity.Warning, location, message, option);
    }

    /// <summary>A warning that no option governs.</summary>
    public void Warning(Location location, string message) => Report(Severity.Warning, location, message, null);

    /// <summary>What the standard forbids and gcc takes with a warning.</summary>
    public void Pedwarn(string? option, Location location, string message)
    {
        if (option is not null && !IsEnabled(option))
            return;
        Report(options.PedanticErrors ? Severity.Error : Severity.Warning, location, message, option);
    }

    /// <summary>What the standard forbids and gcc takes silently but with -pedantic.</summary>
    public void Pedantic(Location location, string message)
    {
        if (PedanticOff)
            return;
        if (options.PedanticErrors)
            Report(Severity.Error, location, message, "Wpedantic");
        else if (options.Pedantic)
            Report(Severity.Warning, location, message, "Wpedantic");
    }

    /// <summary>Within __extension__.</summary>
    public bool PedanticOff { get; set; }

    public bool IsPedantic => !PedanticOff && (options.Pedantic || options.PedanticErrors);

    public void Note(Location location, string message) => Report(Severity.Note, location, message, null);

    private void Report(Severity severity, Location location, string message, string? option)
    {
        if (Suppressed == 0)
            sink.Report(new Diagnostic(severity, location, message, option));
    }
}
