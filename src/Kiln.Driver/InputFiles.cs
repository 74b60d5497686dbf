using Kiln.Driver.Options;
using Kiln.Frontend.Preprocess;

namespace Kiln.Driver;

/// <summary>Inputs by name, with <c>-</c> for standard input.</summary>
internal static class InputFiles
{
    /// <summary>The bytes of an input.</summary>
    public static byte[] Read(string name)
    {
        if (name == "-")
            return ReadStandardInput();
        try
        {
            return File.ReadAllBytes(name);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{name}: {Reason(e)}");
        }
    }

    /// <summary>The files that the preprocessor reads, where the main file may be standard input.</summary>
    public static IFileSystem Over(string mainFile) =>
        mainFile == "-" ? new MemoryFiles(new DiskFiles()).Add("-", ReadStandardInput()) : new DiskFiles();

    /// <summary>What went wrong, in the words of the C library.</summary>
    public static string Reason(Exception e) => e switch
    {
        FileNotFoundException or DirectoryNotFoundException => "No such file or directory",
        UnauthorizedAccessException => "Permission denied",
        _ => e.Message,
    };

    private static byte[] ReadStandardInput()
    {
        using Stream input = Console.OpenStandardInput();
        using var bytes = new MemoryStream();
        input.CopyTo(bytes);
        return bytes.ToArray();
    }
}
