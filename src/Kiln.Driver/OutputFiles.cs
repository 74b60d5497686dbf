using Kiln.Driver.Options;

namespace Kiln.Driver;

/// <summary>Writes outputs whole or not at all.</summary>
internal static class OutputFiles
{
    /// <summary>Writes a file; devices such as /dev/null are written in place.</summary>
    public static void Write(string name, ReadOnlySpan<byte> bytes, TextWriter error)
    {
        try
        {
            if (name.StartsWith("/dev/", StringComparison.Ordinal))
            {
                using var device = new FileStream(name, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
                device.Write(bytes);
                return;
            }
            string temporary = $"{name}.{Environment.ProcessId}.tmp";
            using (FileStream file = File.Create(temporary))
                file.Write(bytes);
            File.Move(temporary, name, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{name}: {InputFiles.Reason(e)}");
        }
    }

    /// <summary>Writes to standard output.</summary>
    public static void WriteStandard(ReadOnlySpan<byte> bytes)
    {
        using Stream standard = Console.OpenStandardOutput();
        standard.Write(bytes);
    }
}
