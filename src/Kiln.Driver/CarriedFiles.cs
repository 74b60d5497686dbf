using System.Reflection;

namespace Kiln.Driver;

/// <summary>
/// The files that come with Kiln: freestanding headers (<c>include/…</c>) and each target's start files and support library
/// (<c>lib/TARGET/…</c>). They are read from the executable's own memory, unless <c>../lib/kiln/VERSION/</c> lies beside the
/// executable. <see cref="Unpack"/> writes them out for those who want paths.
/// </summary>
internal static class CarriedFiles
{
    /// <summary>The version in names of directories and in <c>--version</c>.</summary>
    public const string Version = "0.1.0";

    /// <summary>What the paths of carried files begin with where they are not on disk.</summary>
    public const string PseudoRoot = "<kiln>";

    private static readonly Lazy<string?> DirectoryBeside = new(FindDirectory);

    /// <summary>The directory that is used instead of the executable's memory, or null.</summary>
    public static string? OnDisk => DirectoryBeside.Value;

    /// <summary>The root that paths of carried files begin with.</summary>
    public static string Root => OnDisk ?? PseudoRoot;

    /// <summary>The names below the root that start with a prefix (<c>include/</c>).</summary>
    public static List<string> Names(string prefix)
    {
        var names = new List<string>();
        if (OnDisk is { } directory)
        {
            string top = Path.Combine(directory, prefix);
            if (Directory.Exists(top))
            {
                foreach (string file in Directory.EnumerateFiles(top, "*", SearchOption.AllDirectories))
                    names.Add(Path.GetRelativePath(directory, file));
            }
            return names;
        }
        foreach (string name in Assembly.GetExecutingAssembly().GetManifestResourceNames())
        {
            if (name.StartsWith(prefix, StringComparison.Ordinal))
                names.Add(name);
        }
        return names;
    }

    /// <summary>The bytes of a carried file, or null if there is none of that name.</summary>
    public static byte[]? Read(string name)
    {
        if (OnDisk is { } directory)
        {
            string path = Path.Combine(directory, name);
            return File.Exists(path) ? File.ReadAllBytes(path) : null;
        }
        using Stream? stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name);
        if (stream is null)
            return null;
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>A directory on disk that holds all carried files: the one beside the executable, or one in the user's cache that
    /// is written once, all or nothing.</summary>
    public static string Unpack()
    {
        if (OnDisk is { } directory)
            return directory;
        string? cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        if (string.IsNullOrEmpty(cache))
            cache = Path.Combine(Environment.GetEnvironmentVariable("HOME") ?? Path.GetTempPath(), ".cache");
        string target = Path.Combine(cache, "kiln", $"{Version}-{Assembly.GetExecutingAssembly().ManifestModule.ModuleVersionId:N}");
        if (Directory.Exists(target))
            return target;
        string temporary = $"{target}.{Environment.ProcessId}";
        foreach (string name in Names(""))
        {
            string path = Path.Combine(temporary, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, Read(name)!);
        }
        try
        {
            Directory.Move(temporary, target);
        }
        catch (IOException) when (Directory.Exists(target))
        {
            Directory.Delete(temporary, recursive: true);
        }
        return target;
    }

    private static string? FindDirectory()
    {
        string? executable = Environment.ProcessPath;
        if (executable is null)
            return null;
        string beside = Path.Combine(Path.GetDirectoryName(executable)!, "..", "lib", "kiln", Version);
        return Directory.Exists(beside) ? Path.GetFullPath(beside) : null;
    }
}
