using Kiln.Driver.Options;
using Kiln.Target;

namespace Kiln.Driver;

/// <summary>Answers what is asked instead of compiling: <c>-print-…</c>, <c>-dump…</c>, <c>--version</c>, <c>--help</c>.</summary>
internal static class Questions
{
    private const string Help = """
        Usage: kiln [options] file...
        Compiles C and assembly files and links them, as gcc does.

          -c                 Compile and assemble, but do not link.
          -S                 Compile only; write assembly.
          -E                 Preprocess only.
          -o FILE            Write the output to FILE.
          -run FILE ARGS     Compile, link in memory and run with the arguments.
          -O0 .. -O3 -Os     Optimize.
          -g                 Write debug information.
          -I DIR -D NAME     Search headers in DIR; define a macro.
          -L DIR -l NAME     Search libraries in DIR; link a library.
          -static -shared -pie -no-pie
                             The kind of output.
          --target=TRIPLE    Make code for another machine.
          -###               Show what would be done.
          -print-search-dirs -print-file-name=LIB -dumpmachine -dumpversion
                             Answer questions of build systems.

        The first word may name a tool: kiln as, kiln ld, kiln ar, kiln ranlib, kiln nm.
        Other options are gcc's; docs/missing.md says what is not there yet.
        """;

    /// <summary>Answers all questions and returns the exit status.</summary>
    public static int Answer(DriverOptions options, TargetInfo target, SystemPaths paths, TextWriter output)
    {
        foreach (string question in options.Questions)
        {
            int equal = question.IndexOf('=');
            string name = equal < 0 ? question : question[..equal];
            string argument = equal < 0 ? "" : question[(equal + 1)..];
            output.WriteLine(AnswerTo(name, argument, options, target, paths));
        }
        return 0;
    }

    private static string AnswerTo(string name, string argument, DriverOptions options, TargetInfo target, SystemPaths paths) => name switch
    {
        "-dumpversion" => (options.GnucVersion / 10000).ToString(),
        "-dumpfullversion" => options.GnucVersionText,
        "-dumpmachine" => target.Triple,
        "-dumpspecs" => throw new UsageException("'-dumpspecs': there are no specs"),
        "--version" => Announcements.Compiler(options.GnucVersionText),
        "--help" or "--target-help" => Help,
        "-print-multiarch" => target.Multiarch,
        "-print-multi-directory" => ".",
        "-print-multi-lib" => ".;",
        "-print-multi-os-directory" => "../lib",
        "-print-sysroot" => options.Sysroot ?? "",
        "-print-sysroot-headers-suffix" => throw new UsageException("not configured with sysroot headers suffix"),
        "-print-libgcc-file-name" => $"{CarriedFiles.Unpack()}/lib/{target.Triple}/libkiln.a",
        "-print-file-name" => FileName(argument, target, paths),
        "-print-prog-name" => ProgramName(argument),
        "-print-search-dirs" => SearchDirectories(paths),
        _ => throw new UsageException($"unrecognized command-line option '{name}'"),
    };

    // A tool that stands beside the executable, as kiln-ld; else the plain name, which is searched in PATH.
    private static string ProgramName(string name)
    {
        string? directory = Path.GetDirectoryName(Environment.ProcessPath);
        string beside = Path.Combine(directory ?? "", "kiln-" + name);
        return directory is not null && Roles.IsTool(name) && File.Exists(beside) ? beside : name;
    }

    private static string FileName(string name, TargetInfo target, SystemPaths paths)
    {
        switch (name)
        {
            case "include":
                return CarriedFiles.Unpack() + "/include";
            case "libgcc.a" or "libkiln.a":
                return $"{CarriedFiles.Unpack()}/lib/{target.Triple}/libkiln.a";
            case "crtbegin.o" or "crtbeginS.o" or "crtbeginT.o" or "crtend.o" or "crtendS.o"
                or "crtfastmath.o" or "crtprec32.o" or "crtprec64.o" or "crtprec80.o":
                return $"{CarriedFiles.Unpack()}/lib/{target.Triple}/{name}";
            default:
                return paths.FindFile(name) ?? name;
        }
    }

    private static string SearchDirectories(SystemPaths paths)
    {
        string carried = CarriedFiles.Unpack() + "/";
        return $"install: {carried}\nprograms: =\nlibraries: ={carried}lib/:{string.Join(':', paths.LibraryDirectories.Select(d => d + "/"))}";
    }
}
