using Kiln.Assembler.Sections;
using Kiln.Base;
using Kiln.Object.Elf;

namespace Kiln.Assembler.Language;

/// <summary>Assembles a source file to an ELF object: what <c>as</c> does.</summary>
public static class Assembly
{
    /// <summary>Assembles; false where errors were reported, and then there is no object.</summary>
    public static bool Assemble(SourceFile source, AssemblerOptions options, IDiagnosticSink diagnostics, ByteWriter output)
    {
        var emitter = new ObjectEmitter(options.Target, diagnostics)
        {
            LineVersion = options.DwarfVersion != 0 ? options.DwarfVersion : options.MakesLines ? 5 : 3,
            FrameVersion = options.CieVersion,
        };
        Read(emitter, source, options);
        return emitter.Finish(output);
    }

    /// <summary>Reads a source file into an emitter.</summary>
    public static void Read(Emitter emitter, SourceFile source, AssemblerOptions options)
    {
        var reader = new AssemblyReader(emitter, options);
        reader.ReadFile(source);
        reader.End();
        if (options.NoExecutableStack && emitter.FindSection(".note.GNU-stack") == 0)
            emitter.Section(".note.GNU-stack", SectionType.ProgBits, 0);
    }
}

/// <summary>Keeps messages in the form that GNU as prints: <c>f.s:3: Error: no such instruction: `foo'</c>.</summary>
public sealed class AssemblerMessages(SourceMap map) : IDiagnosticSink
{
    private readonly List<string> _lines = [];

    /// <summary>The messages so far.</summary>
    public IReadOnlyList<string> Lines => _lines;

    /// <inheritdoc/>
    public int ErrorCount { get; private set; }

    /// <inheritdoc/>
    public void Report(in Diagnostic diagnostic)
    {
        if (diagnostic.Severity >= Severity.Error)
            ErrorCount++;
        string kind = diagnostic.Severity switch
        {
            Severity.Error => "Error: ",
            Severity.Fatal => "Fatal error: ",
            Severity.Warning => "Warning: ",
            Severity.Note => " Info: ",
            _ => "",
        };
        if (diagnostic.Location.IsValid)
        {
            FilePosition position = map.Position(diagnostic.Location);
            _lines.Add($"{position.File}:{position.Line}: {kind}{diagnostic.Message}");
        }
        else
        {
            _lines.Add($"{kind}{diagnostic.Message}");
        }
    }
}
