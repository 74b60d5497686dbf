using System.Globalization;
using System.Text;
using Kiln.Base;
using Kiln.Driver.Options;
using Kiln.Driver.Tools;

namespace Kiln.Driver;

/// <summary>Chooses what the executable is, by its name or its first word, and runs it.</summary>
public static class Roles
{
    private static readonly string[] Names = ["as", "ld", "ar", "ranlib", "nm"];

    /// <summary>Whether a name is that of a tool that this executable can be.</summary>
    public static bool IsTool(string name) => Names.Contains(name);

    /// <summary>Runs the tool that the command line asks for and returns its exit status.</summary>
    public static int Run(string[] args)
    {
        CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
        using var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false), 4096);
        using var error = new StreamWriter(Console.OpenStandardError(), new UTF8Encoding(false), 4096);
        string program = Path.GetFileName(Environment.GetCommandLineArgs()[0]);
        (string role, string[] rest) = Choose(program, args);
        try
        {
            return CompilationStack.Run(() => Run(role, program, rest, output, error));
        }
        catch (Exception e) when (e is not UsageException)
        {
            output.Flush();
            error.WriteLine($"{program}: internal error: {e.Message}");
            error.WriteLine(e.StackTrace);
            error.WriteLine($"Please report this with the command line: {program} {string.Join(' ', args)}");
            return 1;
        }
    }

    /// <summary>Runs a tool inside this process: what it says goes to the writers; files are read and written as ever.</summary>
    /// <param name="role"><c>cc</c>, or one of the tools' names.</param>
    /// <param name="args">The command line's words.</param>
    /// <param name="output">Standard output, but for outputs named <c>-</c>.</param>
    /// <param name="error">Standard error.</param>
    /// <returns>The exit status.</returns>
    public static int Run(string role, string[] args, TextWriter output, TextWriter error) =>
        CompilationStack.Run(() => Run(role, "kiln", args, output, error));

    // kiln-ld and x86_64-linux-gnu-kiln-ld by name, kiln ld by the first word; else the compiler driver.
    private static (string Role, string[] Words) Choose(string program, string[] args)
    {
        foreach (string name in Names)
        {
            if (program.EndsWith("-" + name, StringComparison.Ordinal) || program == name)
                return (name, args);
        }
        if (args.Length > 0 && Names.Contains(args[0]))
            return (args[0], args[1..]);
        int target = program.IndexOf("-kiln", StringComparison.Ordinal);
        return target > 0 ? ("cc", ["--target=" + program[..target], .. args]) : ("cc", args);
    }

    private static int Run(string role, string program, string[] args, TextWriter output, TextWriter error) => role switch
    {
        "cc" => GccDriver.Run(program, args, output, error),
        "as" => AsTool.Run(args, output, error),
        "ld" => LdTool.Run(args, output, error),
        "ar" => ArTool.Run(args, output, error),
        "ranlib" => ArTool.RunRanlib(args, output, error),
        "nm" => NmTool.Run(args, output, error),
        _ => throw new InvalidOperationException($"no role {role}"),
    };
}
