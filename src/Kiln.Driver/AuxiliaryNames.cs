using Kiln.Driver.Options;

namespace Kiln.Driver;

/// <summary>
/// The names of files that are made beside an output: dependencies, dumps, and what <c>-save-temps</c> keeps (gcc's manual, section 3.2,
/// <c>-dumpbase</c>). Where one output is made of each input, they are named after that output; what is made on the way to a program is
/// named after the program and the input.
/// </summary>
internal static class AuxiliaryNames
{
    /// <summary>The name without what tells the kind of file: <c>dir/prog-x</c> for <c>x.c</c> on the way to <c>dir/prog</c>.</summary>
    public static string Stem(DriverOptions options, string input)
    {
        string name = options.DumpBase is { } given ? Path.GetFileNameWithoutExtension(given) : Path.GetFileNameWithoutExtension(input);
        string? output = options.Output == "-" || options.Stage == Stage.SyntaxOnly ? null : options.Output;
        string stem = options.Stage == Stage.Link ? $"{WithoutProgramSuffix(output ?? "a.out")}-{name}"
            : output is null ? name
            : options.DumpBase is null ? Path.ChangeExtension(output, null)
            : Path.Combine(Path.GetDirectoryName(output) ?? "", name);
        return options.TemporariesHere ? Path.GetFileName(stem) : stem;
    }

    /// <summary>The name of a dump without its number and kind: <c>dir/prog-x.c</c>.</summary>
    public static string Dump(DriverOptions options, string input) => Stem(options, input) + Path.GetExtension(options.DumpBase ?? input);

    /// <summary>The name of a dependency file: after the output where one is named, be it a program that many inputs share.</summary>
    public static string Dependencies(DriverOptions options, string input) =>
        options.Output is { } output and not "-" ? Path.ChangeExtension(output, ".d") : Stem(options, input) + ".d";

    private static string WithoutProgramSuffix(string program) =>
        Path.GetExtension(program) is ".exe" or ".out" ? Path.ChangeExtension(program, null) : program;
}
