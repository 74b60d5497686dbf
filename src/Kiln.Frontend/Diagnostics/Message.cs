namespace Kiln.Frontend.Diagnostics;

/// <summary>What kind of message it is; the command line and pragmas make a severity of it.</summary>
public enum MessageKind : byte
{
    Note,
    /// <summary>Given if its option is on.</summary>
    Warning,
    /// <summary>A violation that the standard wants to see diagnosed and gcc accepts: a warning, or an error with -pedantic-errors.</summary>
    Pedwarn,
    Error,
    /// <summary>Ends the compilation.</summary>
    Fatal,
}

/// <summary>A row of the table of messages: kind, the option that governs it, and gcc's wording with {0}, {1}, {2} for what varies.</summary>
public readonly record struct Message(MessageKind Kind, Warning Option, string Text);

/// <summary>
/// The table of messages. Each area adds a file <c>Messages.Area.cs</c> with one property a row; a row costs nothing until it is used.
/// </summary>
public static partial class Messages
{
    private static Message Error(string text) => new(MessageKind.Error, Warning.None, text);

    private static Message Fatal(string text) => new(MessageKind.Fatal, Warning.None, text);

    private static Message Note(string text) => new(MessageKind.Note, Warning.None, text);

    private static Message Warn(Warning option, string text) => new(MessageKind.Warning, option, text);

    private static Message Pedwarn(Warning option, string text) => new(MessageKind.Pedwarn, option, text);
}
