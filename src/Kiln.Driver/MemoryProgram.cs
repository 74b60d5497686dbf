using System.Runtime.InteropServices;
using System.Text;

namespace Kiln.Driver;

/// <summary>Runs a program that lies in memory: writes it to a memfd and becomes it (execve). For <c>-run</c>.</summary>
internal static unsafe partial class MemoryProgram
{
    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int CreateMemoryFile(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(int file, byte* bytes, nint count);

    [LibraryImport("libc", EntryPoint = "fexecve", SetLastError = true)]
    private static partial int ExecuteFile(int file, byte** arguments, byte** environment);

    /// <summary>Becomes the program; comes back only where that fails, with an exit status.</summary>
    public static int Execute(byte[] image, string name, List<string> arguments, TextWriter error)
    {
        error.Flush();
        int file = CreateMemoryFile(name, 1 /* MFD_CLOEXEC */);
        if (file < 0)
            return Fail("memfd_create", error);
        fixed (byte* bytes = image)
        {
            for (nint done = 0; done < image.Length;)
            {
                nint written = Write(file, bytes + done, image.Length - done);
                if (written <= 0)
                    return Fail("write", error);
                done += written;
            }
        }
        var environment = new List<string>();
        foreach (System.Collections.DictionaryEntry entry in Environment.GetEnvironmentVariables())
            environment.Add($"{entry.Key}={entry.Value}");
        ExecuteFile(file, Vector([name, .. arguments]), Vector(environment));
        return Fail("execve", error);
    }

    private static int Fail(string call, TextWriter error)
    {
        error.WriteLine($"kiln: error: {call}: {Marshal.GetLastPInvokeErrorMessage()}");
        return 1;
    }

    // A NULL-ended array of C strings; never freed, since the process is about to become another.
    private static byte** Vector(List<string> words)
    {
        var vector = (byte**)NativeMemory.Alloc((nuint)(words.Count + 1), (nuint)sizeof(byte*));
        for (int i = 0; i < words.Count; i++)
        {
            byte[] text = Encoding.UTF8.GetBytes(words[i] + "\0");
            vector[i] = (byte*)NativeMemory.Alloc((nuint)text.Length);
            text.CopyTo(new Span<byte>(vector[i], text.Length));
        }
        vector[words.Count] = null;
        return vector;
    }
}
