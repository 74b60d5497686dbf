using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Kiln.Base;

/// <summary>
/// The bytes of a file, mapped for reading. What cannot be mapped (a pipe, an empty file) is read into memory instead.
/// The bytes are valid until <see cref="Dispose"/>.
/// </summary>
public sealed unsafe class MappedFile : IDisposable
{
    private const int ProtectRead = 1, MapPrivate = 2;
    private readonly bool _isMapped;
    private byte* _pointer;

    private MappedFile(byte* pointer, int length, bool isMapped)
    {
        _pointer = pointer;
        _isMapped = isMapped;
        Bytes = new Bytes(pointer, length);
    }

    /// <summary>The file's bytes.</summary>
    public Bytes Bytes { get; private set; }

    /// <summary>Maps a file. Throws <see cref="IOException"/> where it cannot be read or has 2 GiB or more.</summary>
    public static MappedFile Open(string path)
    {
        using SafeFileHandle handle = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete);
        long length = Length(handle);
        if (length > int.MaxValue)
            throw new IOException($"{path}: the file is too large");
        if (length > 0)
        {
            void* mapped = mmap(null, (nuint)length, ProtectRead, MapPrivate, (int)handle.DangerousGetHandle(), 0);
            if (mapped != (void*)-1)
                return new MappedFile((byte*)mapped, (int)length, isMapped: true);
        }
        using var stream = new FileStream(handle, FileAccess.Read, bufferSize: 0);
        var whole = new MemoryStream();
        stream.CopyTo(whole);
        return Copy(whole.GetBuffer().AsSpan(0, (int)whole.Length));
    }

    // A pipe has no length.
    private static long Length(SafeFileHandle handle)
    {
        try
        {
            return RandomAccess.GetLength(handle);
        }
        catch (NotSupportedException)
        {
            return 0;
        }
    }

    /// <summary>A copy of bytes at an address that does not move.</summary>
    public static MappedFile Copy(ReadOnlySpan<byte> bytes)
    {
        byte* memory = (byte*)NativeMemory.Alloc((nuint)Math.Max(bytes.Length, 1));
        bytes.CopyTo(new Span<byte>(memory, bytes.Length));
        return new MappedFile(memory, bytes.Length, isMapped: false);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_pointer == null)
            return;
        if (_isMapped)
            _ = munmap(_pointer, (nuint)Bytes.Length);
        else
            NativeMemory.Free(_pointer);
        _pointer = null;
        Bytes = default;
    }

    [DllImport("libc", ExactSpelling = true)]
    private static extern void* mmap(void* address, nuint length, int protection, int flags, int file, nint offset);

    [DllImport("libc", ExactSpelling = true)]
    private static extern int munmap(void* address, nuint length);
}
