namespace Kiln.Frontend.Preprocess;

/// <summary>Where a header was found.</summary>
/// <param name="File">The file, or null if there is none.</param>
/// <param name="Directory">The index of its directory in the chain; -1 for the including file's own or an absolute path.</param>
/// <param name="IsSystem">Whether it is a system header.</param>
internal readonly record struct FoundHeader(CachedFile? File, int Directory, bool IsSystem);

/// <summary>
/// The directories that headers are looked for in, in gcc's order: -iquote, -I, -isystem and the standard ones, -idirafter. A directory that
/// does not exist is dropped, and one that is named twice counts where it is a system directory.
/// </summary>
internal sealed class IncludeSearch
{
    private readonly FileCache _files;
    private readonly List<string> _directories = [];
    private readonly List<bool> _isSystem = [];
    private readonly Dictionary<(string Name, int First), FoundHeader> _found = [];

    public IncludeSearch(PreprocessorOptions options, FileCache files)
    {
        _files = files;
        var system = new HashSet<string>();
        foreach (string directory in options.SystemDirectories)
            system.Add(Trimmed(directory));
        AddAll(options.QuoteDirectories, isSystem: false, unless: null, from: 0);
        FirstAngled = _directories.Count;
        AddAll(options.IncludeDirectories, isSystem: false, unless: system, from: FirstAngled);
        AddAll(options.SystemDirectories, isSystem: true, unless: null, from: FirstAngled);
        AddAll(options.AfterDirectories, isSystem: true, unless: null, from: FirstAngled);
    }

    /// <summary>Where the chain for angle brackets starts.</summary>
    public int FirstAngled { get; }

    /// <summary>The directories in order.</summary>
    public IReadOnlyList<string> Directories => _directories;

    /// <summary>The user's directories that do not exist.</summary>
    public List<string> Missing { get; } = [];

    /// <summary>Looks for a header in the chain.</summary>
    public FoundHeader Find(string name, int first)
    {
        if (_found.TryGetValue((name, first), out FoundHeader found))
            return found;
        found = new FoundHeader(null, -1, false);
        for (int i = first; i < _directories.Count; i++)
        {
            CachedFile? file = _files.Find(Join(_directories[i], name));
            if (file is not null)
            {
                found = new FoundHeader(file, i, _isSystem[i]);
                break;
            }
        }
        _found.Add((name, first), found);
        return found;
    }

    /// <summary>A path of a directory and a name, as gcc shows it.</summary>
    public static string Join(string directory, string name) =>
        directory.Length == 0 ? name : directory[^1] == '/' ? directory + name : $"{directory}/{name}";

    private void AddAll(IReadOnlyList<string> directories, bool isSystem, HashSet<string>? unless, int from)
    {
        foreach (string directory in directories)
        {
            string trimmed = Trimmed(directory);
            if (unless is not null && unless.Contains(trimmed) || _directories.IndexOf(trimmed, from) >= 0)
                continue;
            if (!_files.DirectoryExists(trimmed))
            {
                if (!isSystem)
                    Missing.Add(trimmed);
                continue;
            }
            _directories.Add(trimmed);
            _isSystem.Add(isSystem);
        }
    }

    private static string Trimmed(string directory)
    {
        while (directory.Length > 1 && directory[^1] == '/')
            directory = directory[..^1];
        return directory;
    }
}
