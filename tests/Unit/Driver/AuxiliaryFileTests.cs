using Kiln.Driver;
using Xunit;

namespace Kiln.Tests.Driver;

/// <summary>Which files stand beside an output, and what they are called: the names were taken from gcc 12.2's.</summary>
public sealed class AuxiliaryFileTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("kiln-test").FullName;

    public AuxiliaryFileTests()
    {
        File.WriteAllText(In("x.c"), "static int twice(int a) { return a * 2; }\nint main(int argc, char **argv) { return twice(argc) - 2; }\n");
        File.WriteAllText(In("y.c"), "int y;\n");
    }

    [Theory]
    [InlineData("-c x.c -o out.o -save-temps", "out.i out.o out.s")]
    [InlineData("-c x.c -o out -MD", "out out.d")]
    [InlineData("-S x.c -o out.s -save-temps", "out.i out.s")]
    [InlineData("-nostdlib x.c y.c -o prog.exe -save-temps", "prog-x.i prog-x.o prog-x.s prog-y.i prog-y.o prog-y.s prog.exe")]
    [InlineData("-nostdlib x.c y.c -o prog -MD", "prog prog.d")]
    [InlineData("-E x.c -o out.i -MD", "out.d out.i")]
    [InlineData("-O1 -c x.c -o out.o -fdump-tree-optimized -fdump-rtl-final", "out.c.252t.optimized out.c.337r.final out.o")]
    [InlineData("-nostdlib x.c -o prog -fdump-tree-gimple", "prog prog-x.c.006t.gimple")]
    [InlineData("-S x.c -o out.s -fdump-tree-original=chosen", "chosen out.s")]
    public void NamesAreGccs(string arguments, string expected)
    {
        Assert.Equal(0, Run(arguments));
        IEnumerable<string> made = Directory.EnumerateFiles(_directory).Select(f => Path.GetFileName(f)).Where(f => f is not ("x.c" or "y.c"));
        Assert.Equal(expected, string.Join(' ', made.Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void DumpsShowEachStage()
    {
        Assert.Equal(0, Run("-O1 -c x.c -o o.o -fdump-tree-original=1 -fdump-tree-optimized=2 -fdump-rtl-expand=3 -fdump-rtl-reload=4"));
        Assert.Contains(";; Function twice", File.ReadAllText(In("1")), StringComparison.Ordinal);
        string optimized = File.ReadAllText(In("2"));
        Assert.DoesNotContain("@twice", optimized, StringComparison.Ordinal);
        Assert.Contains("function @main", optimized, StringComparison.Ordinal);
        Assert.Matches("=v[0-9]+", File.ReadAllText(In("3")));
        Assert.DoesNotMatch("=v[0-9]+", File.ReadAllText(In("4")));
    }

    [Fact]
    public void KindsWithoutCounterpartAreRefused() => Assert.Equal(1, Run("-c x.c -o o.o -fdump-tree-vect"));

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private string In(string name) => Path.Combine(_directory, name);

    private int Run(string arguments)
    {
        string[] words = [.. arguments.Split(' ').Select(w => w is "x.c" or "y.c" ? In(w) : w)];
        for (int i = 0; i < words.Length; i++)
        {
            if (i > 0 && words[i - 1] == "-o")
                words[i] = In(words[i]);
            else if (words[i].StartsWith("-fdump", StringComparison.Ordinal) && words[i].Contains('='))
                words[i] = words[i].Replace("=", "=" + _directory + "/", StringComparison.Ordinal);
        }
        return Roles.Run("cc", words, TextWriter.Null, TextWriter.Null);
    }
}
