using Kiln.Base;
using Kiln.Frontend.Diagnostics;
using Kiln.Frontend.Preprocess;
using Xunit;

namespace Kiln.Tests.Frontend;

public class DiagnosticFormTests
{
    private sealed class Sink : IDiagnosticSink
    {
        public List<Diagnostic> Seen { get; } = [];

        public int ErrorCount => 0;

        public void Report(in Diagnostic diagnostic) => Seen.Add(diagnostic);
    }

    [Fact]
    public void Chain_of_includes_and_caret()
    {
        MemoryFiles files = PreprocessRun.Files("int x;\n#include \"a.h\"\n").Add("a.h", "\n#include \"b.h\"\n").Add("b.h", "  #error no\n");
        PreprocessRun run = PreprocessRun.Of(files);
        run.Tokens();
        Assert.Equal(
            """
            In file included from a.h:2,
                             from t.c:2:
            b.h:1:4: error: #error no
                1 |   #error no
                  |    ^~~~~

            """,
            run.Messages);
    }

    [Fact]
    public void Notes_tell_the_macros() // as gcc 12 prints it
    {
        const string Text = "#define PASTE(a, b) a ## b\n#define OUTER(x) PASTE(x, +)\nint a = OUTER(1);\n";
        PreprocessRun run = PreprocessRun.Of(PreprocessRun.Files(Text));
        run.Tokens();
        Assert.Equal(
            """
            t.c:3:15: error: pasting "1" and "+" does not give a valid preprocessing token
                3 | int a = OUTER(1);
                  |               ^
            t.c:1:21: note: in definition of macro 'PASTE'
                1 | #define PASTE(a, b) a ## b
                  |                     ^
            t.c:3:9: note: in expansion of macro 'OUTER'
                3 | int a = OUTER(1);
                  |         ^~~~~

            """,
            run.Messages);
    }

    [Fact]
    public void Options_decide_severity()
    {
        const string Text = "#warning w\n#if zork\n#endif\n";
        Assert.Equal(["t.c:1:2: warning: #warning w [-Wcpp]"], PreprocessRun.Complaints(Text));
        Assert.Equal(["t.c:1:2: error: #warning w [-Werror=cpp]"], PreprocessRun.Complaints(Text, null, "error=cpp"));
        Assert.Equal(
            ["t.c:1:2: warning: #warning w [-Wcpp]", "t.c:2:5: error: \"zork\" is not defined, evaluates to 0 [-Werror=undef]"],
            PreprocessRun.Complaints(Text, null, "undef", "error", "no-error=cpp"));
        Assert.Empty(PreprocessRun.Complaints(Text, null, "no-cpp"));
    }

    [Fact]
    public void Specific_options_outrank_groups()
    {
        var map = new SourceMap();
        var engine = new DiagnosticEngine(map, new Sink());
        Assert.True(engine.SetOption("no-unused-variable"));
        Assert.True(engine.SetOption("all"));
        Assert.False(engine.IsOn(Warning.UnusedVariable));
        Assert.True(engine.IsOn(Warning.UnusedFunction));
        Assert.False(engine.SetOption("zork"));
        Assert.False(engine.IsOn(Warning.UnusedParameter));
        Assert.True(engine.SetOption("extra"));
        Assert.True(engine.IsOn(Warning.UnusedParameter));
    }

    [Fact]
    public void Pragmas_hold_from_their_place_on()
    {
        const string Text = """
            #pragma GCC diagnostic push
            #pragma GCC diagnostic ignored "-Wcpp"
            #warning a
            #include "h.h"
            #pragma GCC diagnostic error "-Wcpp"
            #warning b
            #pragma GCC diagnostic pop
            #warning c
            """;
        PreprocessRun run = PreprocessRun.Of(PreprocessRun.Files(Text).Add("h.h", "#warning h\n#pragma GCC diagnostic warning \"-Wcpp\"\n#warning i\n"));
        run.Tokens();
        string[] heads = [.. run.Messages.Split('\n').Where(line => line.Contains("#warning") && line.Contains(": "))];
        Assert.Equal(
            ["h.h:3:2: warning: #warning i [-Wcpp]", "t.c:6:2: error: #warning b [-Werror=cpp]", "t.c:8:2: warning: #warning c [-Wcpp]"],
            heads);
    }

    [Fact]
    public void System_headers_are_quiet()
    {
        MemoryFiles files = PreprocessRun.Files("#include <s.h>\n#include \"p.h\"\n")
            .Add("/sys/s.h", "#warning s\n").Add("p.h", "#pragma GCC system_header\n#warning p\n");
        PreprocessRun run = PreprocessRun.Of(files, new PreprocessorOptions { SystemDirectories = ["/sys"] });
        run.Tokens();
        Assert.Equal("", run.Messages);
    }

    [Fact]
    public void Errors_can_be_limited()
    {
        var map = new SourceMap();
        var sink = new Sink();
        var engine = new DiagnosticEngine(map, sink) { MaxErrors = 2 };
        Assert.True(engine.Report(default, Messages.NestingTooDeep));
        Assert.Throws<CompilationStoppedException>(() => engine.Report(default, Messages.NestingTooDeep));
        Assert.Equal(2, sink.Seen.Count);
    }

    [Fact]
    public void A_note_goes_with_its_message()
    {
        var sink = new Sink();
        var engine = new DiagnosticEngine(new SourceMap(), sink) { NoWarnings = true, PedanticErrors = true };
        Assert.False(engine.Report(default, Messages.Redefined, "x"));
        Assert.False(engine.Report(default, Messages.PreviousDefinition));
        Assert.Empty(sink.Seen);
    }
}
