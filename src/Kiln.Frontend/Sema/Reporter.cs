using Kiln.Base;
using Kiln.Frontend.Diagnostics;

namespace Kiln.Frontend.Sema;

/// <summary>
/// Says what is wrong, with the severity that the language options give it. Texts are gcc's. Options are named as Diagnostics knows them
/// with a W before; what is off by default is asked for with <see cref="IsEnabled"/> before a text is built.
/// </summary>
internal sealed class Reporter(IDiagnosticSink sink, LanguageOptions options)
{
    private readonly DiagnosticEngine? _engine = sink as DiagnosticEngine;
    private readonly Dictionary<string, Diagnostics.Warning> _known = [];

    public int ErrorCount => sink.ErrorCount;

    /// <summary>The map of places, where there is one.</summary>
    public SourceMap? Map => _engine?.Map;

    /// <summary>Within __extension__: nothing is pedantic.</summary>
    public bool PedanticOff { get; set; }

    public bool IsPedantic => !PedanticOff && (options.Pedantic || options.PedanticErrors || _engine is { Pedantic: true } or { PedanticErrors: true });

    /// <summary>Whether a pragma has turned a warning on or off.</summary>
    public bool HasPragmas => _engine is { HasPragmas: true };

    /// <summary>The number behind an option (-Wimplicit-fallthrough=2), or what it has without.</summary>
    public int Level(string option, int plain) => _engine?.Level(Find(option)) is > 0 and var level ? level : plain;

    /// <summary>Not within __extension__.</summary>
    public bool IsPedanticHere => !PedanticOff;

    /// <summary>Names the function whose body is being read, or null.</summary>
    public void SetFunction(string? name) => _engine?.Function = name;

    private Diagnostics.Warning Find(string? option)
    {
        if (option is null)
            return Diagnostics.Warning.None;
        if (!_known.TryGetValue(option, out Diagnostics.Warning warning))
            _known.Add(option, warning = WarningTable.Find(option.AsSpan(1)));
        return warning;
    }

    public bool IsEnabled(string option) =>
        Find(option) is var warning && (_engine is not null ? _engine.IsOn(warning) : WarningTable.Flags(warning).Contains('D'));

    /// <summary>Whether the command line says something of the option, be it by a group.</summary>
    public bool IsExplicit(string option) => _engine is not null && _engine.IsExplicit(Find(option));

    public void Error(Location location, string message) => Report(MessageKind.Error, null, location, message);

    public void Warning(string option, Location location, string message) => Report(MessageKind.Warning, option, location, message);

    /// <summary>A warning that no option governs.</summary>
    public void Warning(Location location, string message) => Report(MessageKind.Warning, null, location, message);

    /// <summary>What the standard forbids and gcc takes with a warning.</summary>
    public void Pedwarn(string? option, Location location, string message) => Report(MessageKind.Pedwarn, option, location, message);

    /// <summary>What the standard forbids and gcc takes silently but with -pedantic.</summary>
    public void Pedantic(Location location, string message)
    {
        if (IsPedantic)
            Report(MessageKind.Pedwarn, "Wpedantic", location, message);
    }

    /// <summary>What came with a later standard than the one asked for: a pedantic matter there.</summary>
    /// <param name="since">The first standard that has it.</param>
    /// <param name="predicate">What ISO C of the standard asked for does: <c>does not support '_Alignof'</c>.</param>
    /// <param name="option">The option that governs it.</param>
    public void Before(CStandard since, Location location, string predicate, string option = "Wpedantic")
    {
        if (options.Standard < since && IsPedantic)
            Report(MessageKind.Pedwarn, option, location, $"ISO {(options.Standard < CStandard.C99 ? "C90" : "C99")} {predicate}");
    }

    public void Note(Location location, string message) => Report(MessageKind.Note, null, location, message);

    private void Report(MessageKind kind, string? option, Location location, string message)
    {
        if (_engine is not null)
        {
            _engine.Report(location, new Message(kind, Find(option), "{0}"), message);
            return;
        }
        if (kind is MessageKind.Warning or MessageKind.Pedwarn && option is not null and not "Wpedantic" && !IsEnabled(option))
            return;
        Severity severity = kind switch
        {
            MessageKind.Error => Severity.Error,
            MessageKind.Fatal => Severity.Fatal,
            MessageKind.Note => Severity.Note,
            MessageKind.Pedwarn when options.PedanticErrors => Severity.Error,
            MessageKind.Pedwarn or MessageKind.Warning => Severity.Warning,
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
        };
        sink.Report(new Diagnostic(severity, location, message, option));
    }
}
