namespace Kiln.Linker;

/// <summary>What one word of the input list is.</summary>
public enum LinkInputKind : byte
{
    /// <summary>A path: an object, an archive, a shared library or a linker script that stands for one.</summary>
    File,

    /// <summary><c>-lNAME</c> or <c>-l:FILE</c>: looked for in the library directories.</summary>
    Library,

    /// <summary><c>--start-group</c>.</summary>
    GroupStart,

    /// <summary><c>--end-group</c>.</summary>
    GroupEnd,

    /// <summary><c>-R FILE</c>: only the symbols of the file, at the addresses it gives.</summary>
    JustSymbols,
}

/// <summary>The state of positional options where an input stands.</summary>
[Flags]
public enum LinkInputState : byte
{
    None = 0,

    /// <summary><c>-Bstatic</c>: libraries are looked for as archives only.</summary>
    Static = 1,

    /// <summary><c>--as-needed</c>: a shared library is recorded only when it is used.</summary>
    AsNeeded = 2,

    /// <summary><c>--whole-archive</c>.</summary>
    WholeArchive = 4,

    /// <summary><c>--copy-dt-needed-entries</c>.</summary>
    CopyNeeded = 8,
}

/// <summary>One input, in the order of the command line.</summary>
public readonly record struct LinkInput(LinkInputKind Kind, string Name, LinkInputState State = LinkInputState.None);

/// <summary>Takes the messages of a link. The text is what follows <c>ld: </c> in GNU ld's messages.</summary>
public interface ILinkMessages
{
    /// <summary>A message; <see cref="Kiln.Base.Severity.Note"/> is plain output such as <c>--trace</c>'s.</summary>
    void Report(Kiln.Base.Severity severity, string text);
}
