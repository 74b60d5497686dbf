using Kiln.Base;
using Kiln.Frontend.Lex;

namespace Kiln.Frontend.Preprocess;

/// <summary>A file that was opened: its text, and what the preprocessor has learned of it.</summary>
public sealed class CachedFile
{
    internal byte[] Text = [];
    internal SourceFile? FirstSource;
    internal DateTime Changed;

    /// <summary>The path as messages and dependency files show it.</summary>
    public required string Path { get; init; }

    /// <summary>Whether it comes with Kiln and is no file of the user's disk.</summary>
    public bool IsCarried { get; init; }

    /// <summary>The macro that guards the whole file against a second inclusion, or 0.</summary>
    public int GuardMacro { get; set; }

    /// <summary><c>#pragma once</c> or <c>#import</c>.</summary>
    public bool IsOnce { get; set; }

    /// <summary>Whether it was entered as a system header the first time.</summary>
    public bool IsSystemHeader { get; set; }

    /// <summary>How often it was entered.</summary>
    public int Inclusions { get; set; }

    /// <summary>The raw bytes, for <c>#embed</c> and for comparing files that claim to be read once.</summary>
    public ReadOnlyMemory<byte> Raw => FirstSource!.Raw;

    /// <summary>When the file was last changed.</summary>
    public DateTime LastChange => Changed != default ? Changed
        : IsCarried || !File.Exists(Path) ? DateTime.UnixEpoch : File.GetLastWriteTime(Path);
}

/// <summary>
/// The files of one compilation: each is read and cleaned once. Files that come with Kiln are given as bytes; their
/// paths start with a pseudo root such as <c>&lt;kiln&gt;</c>, and what is not there is looked for nowhere else.
/// </summary>
public sealed class FileCache(IFileSystem files, bool trigraphs = false)
{
    private readonly Dictionary<string, CachedFile?> _byPath = [];
    private string _carriedRoot = "\0";
    private Func<string, byte[]?>? _carried;

    /// <summary>The file system below.</summary>
    public IFileSystem Files => files;

    /// <summary>Says where files that come with Kiln are: below a pseudo root, bytes by the path without that root.</summary>
    public void Carry(string root, Func<string, byte[]?> read)
    {
        _carriedRoot = root + "/";
        _carried = read;
    }

    /// <summary>Whether a directory may be searched.</summary>
    public bool DirectoryExists(string path) =>
        path.StartsWith(_carriedRoot, StringComparison.Ordinal) || path + "/" == _carriedRoot || files.DirectoryExists(path);

    /// <summary>The file of a path, or null if it cannot be read.</summary>
    public CachedFile? Find(string path)
    {
        if (_byPath.TryGetValue(path, out CachedFile? file))
            return file;
        file = Read(path);
        _byPath.Add(path, file);
        return file;
    }

    /// <summary>Makes a file of text that has no path of its own: <c>&lt;built-in&gt;</c>.</summary>
    public CachedFile Make(string name, ReadOnlySpan<byte> text)
    {
        byte[] bytes = new byte[text.Length + TextCleaner.Padding + 1];
        text.CopyTo(bytes);
        return Make(name, bytes, text.Length, isCarried: true);
    }

    private CachedFile? Read(string path)
    {
        if (path.StartsWith(_carriedRoot, StringComparison.Ordinal))
        {
            byte[]? bytes = _carried?.Invoke(path[_carriedRoot.Length..]);
            if (bytes is null)
                return null;
            int length = bytes.Length;
            Array.Resize(ref bytes, length + TextCleaner.Padding + 1);
            return Make(path, bytes, length, isCarried: true);
        }
        if (!files.TryRead(path, out FileContents contents))
            return null;
        CachedFile file = Make(path, contents.Bytes, contents.Length, isCarried: false);
        file.Changed = contents.Changed;
        return file;
    }

    private CachedFile Make(string path, byte[] raw, int length, bool isCarried)
    {
        SourceFile source = TextCleaner.Clean(path, raw, length, trigraphs, out byte[] text);
        return new CachedFile { Path = path, IsCarried = isCarried, Text = text, FirstSource = source };
    }

    /// <summary>The source of a new inclusion of a file.</summary>
    internal static SourceFile Enter(CachedFile file, bool isSystem)
    {
        SourceFile source = file.FirstSource!;
        if (file.Inclusions++ > 0)
            source = source.Again();
        else
            file.IsSystemHeader = isSystem;
        source.IsSystem = isSystem;
        return source;
    }
}
