using System.Diagnostics;
using Kiln.Driver.Tools;
using Xunit;

namespace Kiln.Tests.Linker;

/// <summary>A directory in which a test makes objects by gcc, links them by Kiln's ld and runs what comes out.</summary>
internal sealed class Workshop : IDisposable
{
    private static readonly string? Libraries = FirstDirectory("/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib");
    private static readonly string GccDirectory = File.Exists("/usr/bin/gcc") ? Path.GetDirectoryName(Capture("gcc", "-print-libgcc-file-name").Output.Trim())! : "";

    /// <summary>Skips the test where gcc, which makes the objects, is not here.</summary>
    public Workshop()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/gcc") && Libraries is not null, "gcc is not installed");
        Root = Directory.CreateTempSubdirectory("kiln-ld").FullName;
    }

    /// <summary>The directory.</summary>
    public string Root { get; }

    /// <summary>What the last link wrote, both streams.</summary>
    public string Messages { get; private set; } = "";

    private static string? FirstDirectory(params string[] candidates) =>
        Array.Find(candidates, static directory => File.Exists(Path.Combine(directory, "crt1.o")));

    public string PathOf(string name) => Path.Combine(Root, name);

    /// <summary>Compiles C and gives the object's name.</summary>
    public string Compile(string name, string source, params string[] options)
    {
        string input = PathOf(name + ".c");
        File.WriteAllText(input, source);
        (int status, string output) = Capture("gcc", [.. options, "-w", "-c", name + ".c", "-o", name + ".o"], Root);
        Assert.True(status == 0, output);
        return name + ".o";
    }

    /// <summary>Links and gives the exit status. Names of files are those of the directory, in words and messages.</summary>
    public int Link(params string[] words)
    {
        var output = new StringWriter();
        int status = LdTool.Run(Absolute(words), output, output);
        Messages = Shorten(output.ToString());
        return status;
    }

    /// <summary>The words with files of the directory made absolute, as the directory of the process is not ours to change.</summary>
    public string[] Absolute(string[] words)
    {
        var result = (string[])words.Clone();
        for (int i = 0; i < result.Length; i++)
        {
            int equals = result[i].IndexOf('=');
            if (result[i] is "-L.")
                result[i] = "-L" + Root;
            else if (result[i] is "." || i > 0 && words[i - 1] is "-o" || result[i].EndsWith(".o", StringComparison.Ordinal) && !result[i].StartsWith('-'))
                result[i] = PathOf(result[i]);
            else if (equals > 0 && File.Exists(PathOf(result[i][(equals + 1)..])))
                result[i] = result[i][..(equals + 1)] + PathOf(result[i][(equals + 1)..]);
        }
        return result;
    }

    /// <summary>A text without the directory's name.</summary>
    public string Shorten(string text) => text.Replace(Root + "/", "", StringComparison.Ordinal);

    /// <summary>The words of a whole link of a kind: <c>pie</c>, <c>nopie</c>, <c>static</c>, <c>static-pie</c> or <c>shared</c>.</summary>
    public static string[] Command(string kind, string output, params string[] inputs)
    {
        string crt(string name) => Path.Combine(Libraries!, name);
        string gcc(string name) => Path.Combine(GccDirectory, name);
        string[] common = ["-o", output, "--eh-frame-hdr", "--build-id", "-L" + GccDirectory, "-L" + Libraries, "-L."];
        const string loader = "-dynamic-linker=/lib64/ld-linux-x86-64.so.2";
        return kind switch
        {
            "pie" => [.. common, "-pie", loader, crt("Scrt1.o"), crt("crti.o"), gcc("crtbeginS.o"), .. inputs, "-lgcc", "-lc", gcc("crtendS.o"), crt("crtn.o")],
            "nopie" => [.. common, loader, crt("crt1.o"), crt("crti.o"), gcc("crtbegin.o"), .. inputs, "-lgcc", "-lc", gcc("crtend.o"), crt("crtn.o")],
            "static" => [.. common, "-static", crt("crt1.o"), crt("crti.o"), gcc("crtbeginT.o"), .. inputs, "--start-group", "-lgcc", "-lgcc_eh", "-lc",
                "--end-group", gcc("crtend.o"), crt("crtn.o")],
            "static-pie" => [.. common, "-static", "-pie", "--no-dynamic-linker", "-z", "text", crt("rcrt1.o"), crt("crti.o"), gcc("crtbeginS.o"), .. inputs,
                "--start-group", "-lgcc", "-lgcc_eh", "-lc", "--end-group", gcc("crtendS.o"), crt("crtn.o")],
            "shared" => [.. common, "-shared", crt("crti.o"), gcc("crtbeginS.o"), .. inputs, "-lgcc", "-lc", gcc("crtendS.o"), crt("crtn.o")],
            _ => throw new ArgumentException(kind),
        };
    }

    /// <summary>Links whole and asserts that it worked.</summary>
    public void Make(string kind, string output, params string[] inputs) => Assert.True(Link(Command(kind, output, inputs)) == 0, Messages);

    /// <summary>Runs a program of the directory and gives what it wrote.</summary>
    public string Run(string program, params string[] arguments)
    {
        (int status, string output) = Capture(PathOf(program), arguments, Root);
        Assert.True(status == 0, $"{program} ended with {status}: {output}");
        return output;
    }

    /// <summary>Runs any tool in the directory.</summary>
    public (int Status, string Output) Tool(string tool, params string[] arguments) => Capture(tool, arguments, Root);

    private static (int Status, string Output) Capture(string tool, params string[] arguments) => Capture(tool, arguments, "/");

    private static (int Status, string Output) Capture(string tool, string[] arguments, string directory)
    {
        var start = new ProcessStartInfo(tool, arguments) { RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = directory };
        start.Environment["LC_ALL"] = "C";
        start.Environment["LD_LIBRARY_PATH"] = directory;
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        Assert.True(process.WaitForExit(60_000), $"{tool} does not end");
        return (process.ExitCode, output + errors.Result);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Root is not null)
            Directory.Delete(Root, true);
    }
}
