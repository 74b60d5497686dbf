namespace Kiln.Base;

/// <summary>How grave a diagnostic is. Error and Fatal make the exit status 1.</summary>
public enum Severity : byte
{
    Ignored,
    Note,
    Remark,
    Warning,
    Error,
    Fatal,
}

/// <summary>One message to the user, with its place.</summary>
/// <param name="Severity">How grave it is.</param>
/// <param name="Location">Its place in the source map, or none.</param>
/// <param name="Message">The text, in gcc's wording where tools read it.</param>
/// <param name="Option">The option that governs it, without the dash (<c>Wunused</c>), or null.</param>
public readonly record struct Diagnostic(Severity Severity, Location Location, string Message, string? Option = null);

/// <summary>Where messages go. A room reports and goes on; who runs the room decides how to show them.</summary>
public interface IDiagnosticSink
{
    /// <summary>Takes a message.</summary>
    void Report(in Diagnostic diagnostic);

    /// <summary>How many errors were reported so far.</summary>
    int ErrorCount { get; }
}
