using Kiln.Base;
using Kiln.Linker;

namespace Kiln.Driver.Tools;

/// <summary>Writes a link's messages as GNU ld does: every one begins with the program's name.</summary>
internal sealed class ToolMessages(string program, TextWriter output, TextWriter error) : ILinkMessages
{
    /// <inheritdoc/>
    public void Report(Severity severity, string text)
    {
        if (severity == Severity.Note)
            output.WriteLine(text);
        else
            error.WriteLine($"{program}: {text}");
    }
}
