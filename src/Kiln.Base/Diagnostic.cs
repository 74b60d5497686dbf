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
public readonly record struct Diagnostic(Severity Severity, Location Location, string Message, string? Option = null)
{
    /// <summary>What to underline besides the place itself, or null.</summary>
    public SourceRange[]? Ranges { get; init; }

    /// <summary>The function that the message is about, or null.</summary>
    public string? Function { get; init; }
}

/// <summary>A run of source text, from its first byte to the one past its last; both in the same file or expansion.</summary>
public readonly record struct SourceRange(Location Start, Location End)
{
    /// <summary>The text that starts at a place and is <paramref name="length"/> bytes long.</summary>
    public static SourceRange At(Location start, int length) => new(start, start.Add(length));
}

/// <summary>Where messages go. A room reports and goes on; who runs the room decides how to show them.</summary>
public interface IDiagnosticSink
{
    /// <summary>Takes a message.</summary>
    void Report(in Diagnostic diagnostic);

    /// <summary>How many errors were reported so far.</summary>
    int ErrorCount { get; }
}
