using System.Diagnostics;
using System.Text;
using Kiln.Base;
using Kiln.Frontend.Diagnostics;
using Kiln.Frontend.Lex;
using Kiln.Frontend.Preprocess;
using Kiln.Target;
using Xunit;

namespace Kiln.Tests.Frontend;

/// <summary>Preprocesses texts in memory, and asks gcc about the same.</summary>
internal sealed class PreprocessRun
{
    private readonly StringWriter _messages = new();

    public Interner Names { get; } = new();
    public SourceMap Map { get; } = new();
    public DiagnosticEngine Diagnostics { get; }
    public Preprocessor Preprocessor { get; }

    /// <summary>What was reported, in gcc's form.</summary>
    public string Messages => _messages.ToString();

    private PreprocessRun(PreprocessorOptions options, IFileSystem files, string[] warnings)
    {
        Diagnostics = new DiagnosticEngine(Map, new DiagnosticPrinter(_messages, Map, Names, new DiagnosticPrinterOptions()));
        foreach (string warning in warnings)
            Assert.True(Diagnostics.SetOption(warning), warning);
        bool trigraphs = options.Trigraphs ?? !options.IsGnu && options.StandardYear < 2023;
        Preprocessor = new Preprocessor(options, TargetInfo.X86_64, new FileCache(files, trigraphs), Names, Map, Diagnostics);
    }

    public static MemoryFiles Files(string main) => new MemoryFiles().Add("t.c", main);

    public static PreprocessRun Of(IFileSystem files, PreprocessorOptions? options = null, params string[] warnings) =>
        new(options ?? new PreprocessorOptions(), files, warnings);

    /// <summary>The tokens of <c>t.c</c> with one blank between each two.</summary>
    public string Tokens()
    {
        var text = new StringBuilder();
        try
        {
            if (!Preprocessor.Start("t.c"))
                return "";
            Token token = default;
            for (Preprocessor.Next(ref token); token.Kind != TokenKind.End; Preprocessor.Next(ref token))
            {
                if (text.Length > 0)
                    text.Append(' ');
                text.Append(token.Kind switch
                {
                    TokenKind.Pragma => "#pragma",
                    TokenKind.PragmaEnd => ";",
                    TokenKind.Embed => $"<{Preprocessor.Blob(token.Payload).Length} bytes>",
                    _ => Encoding.UTF8.GetString(Preprocessor.Spelling(token)),
                });
            }
        }
        catch (CompilationStoppedException)
        {
        }
        return text.ToString();
    }

    /// <summary>What -E prints for a file.</summary>
    public string Output(string path = "t.c")
    {
        var stream = new MemoryStream();
        PreprocessedOutput.Write(Preprocessor, path, stream);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <summary>The tokens of a text.</summary>
    public static string Expand(string text, PreprocessorOptions? options = null)
    {
        PreprocessRun run = Of(Files(text), options);
        string tokens = run.Tokens();
        Assert.Equal("", run.Messages);
        return tokens;
    }

    /// <summary>Messages alone, without the lines of source, of a text.</summary>
    public static string[] Complaints(string text, PreprocessorOptions? options = null, params string[] warnings)
    {
        PreprocessRun run = Of(Files(text), options, warnings);
        run.Tokens();
        return [.. run.Messages.Split('\n').Where(line => line.StartsWith("t.c:"))];
    }

    /// <summary>Whether the reference compiler is there; the test is skipped if not.</summary>
    public static void NeedGcc()
    {
        if (!File.Exists("/usr/bin/gcc") || !Gcc("-dumpfullversion").StartsWith("12."))
            Assert.Skip("gcc 12 is not installed");
    }

    public static string Gcc(params string[] arguments)
    {
        var start = new ProcessStartInfo("/usr/bin/gcc", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["LC_ALL"] = "C";
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        errors.Wait();
        process.WaitForExit();
        return output;
    }

    /// <summary>The directories that gcc searches for system headers.</summary>
    public static PreprocessorOptions GccDirectories() => new()
    {
        ForOutput = true,
        SystemDirectories =
        [
            Gcc("-print-file-name=include").Trim(), "/usr/local/include", "/usr/include/x86_64-linux-gnu", "/usr/include",
        ],
    };
}
