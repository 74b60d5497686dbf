using System.Diagnostics;
using System.Text;
using Kiln.Assembler.Language;
using Kiln.Assembler.Sections;
using Kiln.Base;
using Kiln.Target;
using Xunit;

namespace Kiln.Tests.Assembler;

/// <summary>Assembles by Kiln and, where it is installed, by GNU as, for comparison.</summary>
internal static class Gas
{
    private static readonly bool IsInstalled = File.Exists("/usr/bin/as");

    /// <summary>Skips the test where GNU as is not here.</summary>
    public static void Require() => Assert.SkipUnless(IsInstalled, "GNU as is not installed");

    /// <summary>Runs a tool; null where it fails.</summary>
    public static string? Run(string tool, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(tool, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string errors = process.StandardError.ReadToEnd();
        Assert.True(process.WaitForExit(60_000), $"{tool} does not end");
        return process.ExitCode == 0 ? output.Result : null;
    }

    /// <summary>The object that GNU as makes, or null where it refuses.</summary>
    public static byte[]? Assemble(byte[] source)
    {
        string directory = Directory.CreateTempSubdirectory("kiln-gas").FullName;
        try
        {
            string input = Path.Combine(directory, "x.s"), output = Path.Combine(directory, "x.o");
            File.WriteAllBytes(input, source);
            return Run("as", "--64", input, "-o", output) is null ? null : File.ReadAllBytes(output);
        }
        finally
        {
            Directory.Delete(directory, true);
        }
    }

    /// <summary>The object that Kiln makes, or null, with the messages, where it refuses.</summary>
    public static byte[]? AssembleOurs(byte[] source, out IReadOnlyList<string> messages)
    {
        var map = new SourceMap();
        var sink = new AssemblerMessages(map);
        var output = new ByteWriter();
        bool isMade = Assembly.Assemble(new SourceFile("x.s", source), new AssemblerOptions { Target = TargetInfo.X86_64, Map = map }, sink, output);
        messages = sink.Lines;
        return isMade ? output.ToArray() : null;
    }

    /// <summary>The text that Kiln's text sink makes of a source.</summary>
    public static byte[] Rewrite(byte[] source)
    {
        var map = new SourceMap();
        var sink = new AssemblerMessages(map);
        var emitter = new TextEmitter(TargetInfo.X86_64, sink);
        Assembly.Read(emitter, new SourceFile("x.s", source), new AssemblerOptions { Target = TargetInfo.X86_64, Map = map });
        var output = new ByteWriter();
        emitter.Finish(output);
        Assert.Empty(sink.Lines);
        return output.ToArray();
    }

    /// <summary>Asserts that both make the same object.</summary>
    public static void AssertSame(string source) => AssertSame(Encoding.UTF8.GetBytes(source));

    public static void AssertSame(byte[] source)
    {
        Require();
        byte[]? theirs = Assemble(source);
        Assert.True(theirs is not null, "GNU as refuses the source");
        byte[]? ours = AssembleOurs(source, out IReadOnlyList<string> messages);
        Assert.True(ours is not null, string.Join('\n', messages));
        AssertNoDifference(ours, theirs);
    }

    public static void AssertNoDifference(byte[] ours, byte[] theirs) =>
        Assert.Equal("", string.Join('\n', ElfDump.Compare(new ElfDump(ours), new ElfDump(theirs))));
}
