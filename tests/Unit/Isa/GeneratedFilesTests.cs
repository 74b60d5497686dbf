using System.Diagnostics;
using System.Runtime.CompilerServices;
using Xunit;

namespace Kiln.Tests.Isa;

/// <summary>The committed data are what the generator makes of the tables.</summary>
public sealed class GeneratedFilesTests
{
    [Fact]
    public void Are_fresh()
    {
        string root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", "..", ".."));
        string generator = Directory.EnumerateFiles(Path.Combine(root, "artifacts"), "Kiln.TableGen.dll", SearchOption.AllDirectories)
            .Where(f => f.Contains($"{Path.DirectorySeparatorChar}bin{Path.DirectorySeparatorChar}")).OrderByDescending(File.GetLastWriteTimeUtc).FirstOrDefault("");
        Assert.SkipWhen(generator.Length == 0, "gen/Kiln.TableGen is not built");
        string output = Directory.CreateTempSubdirectory("kiln-tables-").FullName;
        try
        {
            using Process process = Process.Start(new ProcessStartInfo("dotnet", [generator, "--check", output]))!;
            process.WaitForExit();
            Assert.Equal(0, process.ExitCode);
            foreach (string fresh in Directory.EnumerateFiles(output))
            {
                string committed = Path.Combine(root, "src", "Kiln.Isa", "X86", Path.GetFileName(fresh));
                Assert.True(File.ReadAllText(fresh) == File.ReadAllText(committed), $"{Path.GetFileName(fresh)} is stale: run dotnet run --project gen/Kiln.TableGen");
            }
        }
        finally
        {
            Directory.Delete(output, true);
        }
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
