using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Kiln.Linker.Output;

/// <summary>Puts the image into its file: under another name first, so that what is there stays whole until the new one is.</summary>
internal static class OutputFile
{
    /// <summary>Writes a file with execute permission where the user's mask leaves it. Null, or what went wrong.</summary>
    public static string? Write(string path, ReadOnlySpan<byte> bytes, bool isExecutable)
    {
        try
        {
            // A device or a pipe is written to as it is; replacing it would be a surprise.
            if (File.Exists(path) && (File.GetAttributes(path) & (FileAttributes.Device | FileAttributes.ReparsePoint)) != 0
                || path.StartsWith("/dev/", StringComparison.Ordinal) || path.StartsWith("/proc/", StringComparison.Ordinal))
            {
                using var direct = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
                direct.Write(bytes);
                return null;
            }
            string temporary = $"{path}.{Environment.ProcessId}.tmp";
            try
            {
                using (SafeFileHandle handle = Create(temporary, isExecutable))
                    RandomAccess.Write(handle, bytes, 0);
                File.Move(temporary, path, overwrite: true);
            }
            catch
            {
                File.Delete(temporary);
                throw;
            }
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return $"cannot open output file {path}: Permission denied";
        }
        catch (DirectoryNotFoundException)
        {
            return $"cannot open output file {path}: No such file or directory";
        }
        catch (IOException e)
        {
            return $"cannot open output file {path}: {(Directory.Exists(path) ? "Is a directory" : e.Message)}";
        }
    }

    private static unsafe SafeFileHandle Create(string path, bool isExecutable)
    {
        byte[] name = System.Text.Encoding.UTF8.GetBytes(path + "\0");
        fixed (byte* pointer = name)
        {
            int file = creat(pointer, isExecutable ? ReadWriteExecute : ReadWrite);
            if (file >= 0)
                return new SafeFileHandle(file, ownsHandle: true);
        }
        // The runtime's own way gives an exception that says what is wrong.
        return File.OpenHandle(path, FileMode.Create, FileAccess.Write);
    }

    private const int ReadWriteExecute = 0x1ff, ReadWrite = 0x1b6;

    [DllImport("libc", ExactSpelling = true)]
    private static extern unsafe int creat(byte* path, int mode);
}
