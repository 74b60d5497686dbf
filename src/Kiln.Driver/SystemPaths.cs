using Kiln.Driver.Options;
using Kiln.Target;

namespace Kiln.Driver;

/// <summary>
/// Where the C library of a target lies: discovered by looking, for the layouts of Debian (multiarch directories, and cross packages
/// under /usr/TRIPLE), Fedora (lib64), Arch (lib) and Alpine (musl), below the sysroot.
/// </summary>
internal sealed class SystemPaths
{
    private readonly string _sysroot;
    private readonly TargetInfo _target;
    private readonly DriverOptions _options;
    private List<string>? _libraries;

    public SystemPaths(DriverOptions options, TargetInfo target)
    {
        _options = options;
        _target = target;
        _sysroot = options.Sysroot is null or "/" ? "" : options.Sysroot.TrimEnd('/');
    }

    /// <summary>The directories of system headers behind the carried ones, in the order of search.</summary>
    public List<string> IncludeDirectories()
    {
        var found = new List<string>();
        AddExisting(found, $"{_sysroot}/usr/local/include");
        AddExisting(found, $"{_sysroot}/usr/{_target.Multiarch}/include");
        AddExisting(found, $"{_sysroot}/usr/include/{_target.Multiarch}");
        AddExisting(found, $"{_sysroot}/usr/include");
        return found;
    }

    /// <summary>The directories of libraries, in the order of search.</summary>
    public List<string> LibraryDirectories => _libraries ??= FindLibraryDirectories();

    private List<string> FindLibraryDirectories()
    {
        var found = new List<string>();
        foreach (string prefix in _options.PrefixDirectories)
            AddExisting(found, prefix.TrimEnd('/'));
        string[] names = _target.PointerSize == 8 ? ["lib64", "lib"] : ["lib32", "lib"];
        AddExisting(found, $"{_sysroot}/usr/{_target.Multiarch}/lib");
        AddExisting(found, $"{_sysroot}/usr/local/lib/{_target.Multiarch}");
        AddExisting(found, $"{_sysroot}/lib/{_target.Multiarch}");
        AddExisting(found, $"{_sysroot}/usr/lib/{_target.Multiarch}");
        foreach (string name in names)
        {
            AddExisting(found, $"{_sysroot}/usr/local/{name}");
            AddExisting(found, $"{_sysroot}/{name}");
            AddExisting(found, $"{_sysroot}/usr/{name}");
        }
        return found;
    }

    private static void AddExisting(List<string> found, string directory)
    {
        if (Directory.Exists(directory) && !found.Contains(directory))
            found.Add(directory);
    }

    /// <summary>The path of a library or start file in the <c>-B</c>, <c>-L</c> and system directories, or null.</summary>
    public string? FindFile(string name)
    {
        foreach (string prefix in _options.PrefixDirectories)
        {
            string path = prefix.EndsWith('/') ? prefix + name : Path.Combine(prefix, name);
            if (File.Exists(path))
                return path;
        }
        foreach (string directory in LibraryDirectories)
        {
            string path = Path.Combine(directory, name);
            if (File.Exists(path))
                return path;
        }
        return null;
    }

    /// <summary>Whether the C library is musl: its loader is there and the target's glibc loader is not.</summary>
    public bool IsMusl => !File.Exists(_sysroot + _target.DynamicLinker) && File.Exists(_sysroot + MuslLoader);

    private string MuslLoader => $"/lib/ld-musl-{_target.Multiarch[.._target.Multiarch.IndexOf('-')]}.so.1";

    /// <summary>The program interpreter of dynamic executables.</summary>
    public string DynamicLinker => IsMusl ? MuslLoader : _target.DynamicLinker;
}
