using Kiln.Base;
using Kiln.Frontend.Lex;
using Microsoft.Win32.SafeHandles;

namespace Kiln.Frontend.Preprocess;

/// <summary>A file's bytes, in an array with <see cref="TextCleaner.Padding"/> spare bytes, and its time of change.</summary>
public readonly record struct FileContents(byte[] Bytes, int Length, DateTime Changed);

/// <summary>Where files come from: the disk, or memory for those who compile in memory.</summary>
public interface IFileSystem
{
    /// <summary>Reads a file that is not a directory.</summary>
    bool TryRead(string path, out FileContents contents);

    /// <summary>Whether a directory exists.</summary>
    bool DirectoryExists(string path);
}

/// <summary>The files of the disk.</summary>
public sealed class DiskFiles : IFileSystem
{
    /// <inheritdoc/>
    public bool DirectoryExists(string path) => Directory.Exists(path);

    /// <inheritdoc/>
    public bool TryRead(string path, out FileContents contents)
    {
        contents = default;
        if (path == "-")
            return ReadStandardInput(out contents);
        if (!File.Exists(path))
            return false;
        try
        {
            using SafeFileHandle handle = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
            long length;
            try
            {
                length = RandomAccess.GetLength(handle);
            }
            catch (NotSupportedException)
            {
                length = 0;
            }
            if (length > int.MaxValue / 2)
                return false;
            if (length == 0)
                return ReadStream(path, out contents);
            byte[] bytes = GC.AllocateUninitializedArray<byte>((int)length + TextCleaner.Padding + 1);
            int read = 0;
            while (read < length)
            {
                int count = RandomAccess.Read(handle, bytes.AsSpan(read, (int)length - read), read);
                if (count == 0)
                    break;
                read += count;
            }
            contents = new FileContents(bytes, read, default);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static bool ReadStream(string path, out FileContents contents)
    {
        // Pipes and /proc have no length.
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        contents = Drain(stream);
        return true;
    }

    private static bool ReadStandardInput(out FileContents contents)
    {
        using Stream stream = Console.OpenStandardInput();
        contents = Drain(stream);
        return true;
    }

    private static FileContents Drain(Stream stream)
    {
        var memory = new MemoryStream();
        stream.CopyTo(memory);
        byte[] bytes = new byte[memory.Length + TextCleaner.Padding + 1];
        memory.GetBuffer().AsSpan(0, (int)memory.Length).CopyTo(bytes);
        return new FileContents(bytes, (int)memory.Length, default);
    }
}

/// <summary>Files in memory, by path, in front of another file system or of none.</summary>
public sealed class MemoryFiles(IFileSystem? behind = null) : IFileSystem
{
    private readonly Dictionary<string, byte[]> _files = [];
    private readonly HashSet<string> _directories = [];

    /// <summary>Adds a file.</summary>
    public MemoryFiles Add(string path, string text) => Add(path, System.Text.Encoding.UTF8.GetBytes(text));

    /// <summary>Adds a file.</summary>
    public MemoryFiles Add(string path, byte[] bytes)
    {
        _files[path] = bytes;
        for (string? directory = Path.GetDirectoryName(path); !string.IsNullOrEmpty(directory); directory = Path.GetDirectoryName(directory))
            _directories.Add(directory);
        return this;
    }

    /// <inheritdoc/>
    public bool DirectoryExists(string path) => _directories.Contains(path.TrimEnd('/')) || behind is not null && behind.DirectoryExists(path);

    /// <inheritdoc/>
    public bool TryRead(string path, out FileContents contents)
    {
        if (_files.TryGetValue(path, out byte[]? bytes))
        {
            var copy = new byte[bytes.Length + TextCleaner.Padding + 1];
            bytes.CopyTo(copy, 0);
            contents = new FileContents(copy, bytes.Length, DateTime.UnixEpoch);
            return true;
        }
        contents = default;
        return behind is not null && behind.TryRead(path, out contents);
    }
}
