using Kiln.Driver.Options;
using Kiln.Target;

namespace Kiln.Driver;

/// <summary>
/// Turns what the driver was asked for into the command line of the linker, as gcc's specs do: start files, options and inputs in
/// their order, the support library around libc, end files. <c>-###</c> shows it; the linker's role takes it without a process.
/// </summary>
internal sealed class LinkCommand(DriverOptions options, TargetInfo target, SystemPaths paths)
{
    private readonly List<string> _words = [];

    /// <summary>The kind of output, with the default filled in.</summary>
    public LinkKind Kind { get; } = options.LinkKind == LinkKind.Default ? LinkKind.Pie : options.LinkKind;

    /// <summary>The words of the command, without the linker's name.</summary>
    /// <param name="inputs">The inputs with compiled objects in the places of their sources.</param>
    /// <param name="output">The output's name.</param>
    public List<string> Build(List<DriverInput> inputs, string output)
    {
        if (options.Sysroot is { } sysroot)
            _words.Add($"--sysroot={sysroot}");
        if (Kind != LinkKind.Relocatable)
            OutputKind();
        Add("-o", output);
        bool startFiles = !options.NoStandardLibraries && !options.NoStartFiles && Kind != LinkKind.Relocatable;
        bool libraries = !options.NoStandardLibraries && !options.NoDefaultLibraries && Kind != LinkKind.Relocatable;
        if (startFiles)
            StartFiles();
        foreach (string directory in options.LibraryDirectories)
            _words.Add("-L" + directory);
        foreach (string directory in paths.LibraryDirectories)
            _words.Add("-L" + directory);
        foreach (DriverInput input in inputs)
            _words.Add(input.Kind == DriverInputKind.Library ? "-l" + input.Text : input.Text);
        if (libraries)
            Libraries();
        if (startFiles)
            EndFiles();
        return _words;
    }

    private void Add(params ReadOnlySpan<string> words)
    {
        foreach (string word in words)
            _words.Add(word);
    }

    private void OutputKind()
    {
        Add("--build-id", "--eh-frame-hdr", "-m", "elf_x86_64", "--hash-style=gnu");
        switch (Kind)
        {
            case LinkKind.Static:
                Add("-static");
                break;
            case LinkKind.StaticPie:
                Add("-static", "-pie", "--no-dynamic-linker", "-z", "text");
                break;
            case LinkKind.Shared:
                Add("-shared");
                break;
            case LinkKind.Pie:
                Add("-pie", "-dynamic-linker", paths.DynamicLinker);
                break;
            case LinkKind.NoPie:
                Add("-dynamic-linker", paths.DynamicLinker);
                break;
            default:
                throw new InvalidOperationException($"link kind {Kind}");
        }
        if (options.ExportDynamic)
            Add("-export-dynamic");
    }

    private static string Carried(string name) => $"{CarriedFiles.Root}/lib/x86_64-linux-gnu/{name}";

    private string SystemFile(string name) => paths.FindFile(name) ?? name;

    private void StartFiles()
    {
        string? first = Kind switch
        {
            LinkKind.Shared => null,
            LinkKind.Pie => "Scrt1.o",
            LinkKind.StaticPie => "rcrt1.o",
            _ => "crt1.o",
        };
        if (first is not null)
            Add(SystemFile(first));
        Add(SystemFile("crti.o"));
        Add(Carried(BeginFile));
        // A library leaves the modes of the program's processor alone.
        if (Kind == LinkKind.Shared)
            return;
        if (options.FastMath)
            Add(Carried("crtfastmath.o"));
        if (options.X87Precision != 0)
            Add(Carried($"crtprec{options.X87Precision}.o"));
    }

    private string BeginFile => Kind switch
    {
        LinkKind.Shared or LinkKind.Pie or LinkKind.StaticPie => "crtbeginS.o",
        LinkKind.Static => "crtbeginT.o",
        _ => "crtbegin.o",
    };

    // The unwinder is part of the support library; libgcc_s comes in only where the program itself asks for it.
    private void Libraries()
    {
        string support = Carried("libkiln.a");
        if (options.SharedLibgcc)
            Add("--as-needed", "-lgcc_s", "--no-as-needed");
        if (options.Pthread)
            Add("-lpthread");
        if (options.NoLibc)
            Add(support);
        else if (Kind is LinkKind.Static or LinkKind.StaticPie)
            Add("--start-group", support, "-lc", "--end-group");
        else
            Add(support, "-lc", support);
    }

    private void EndFiles()
    {
        Add(Carried(Kind is LinkKind.Shared or LinkKind.Pie or LinkKind.StaticPie ? "crtendS.o" : "crtend.o"));
        Add(SystemFile("crtn.o"));
    }

    /// <summary>The target the command is for.</summary>
    public TargetInfo Target => target;
}
