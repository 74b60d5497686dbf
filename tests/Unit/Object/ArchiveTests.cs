using Kiln.Driver.Tools;
using Kiln.Tests.Linker;
using Xunit;

namespace Kiln.Tests.Object;

/// <summary>ar, ranlib and nm give what GNU's give.</summary>
public class ArchiveTests
{
    private const string Source = "int foo() { return 1; } int bar; __attribute__((weak)) int w() { return 2; } static int s() { return 3; } int (*p)() = s; extern int u; int *q = &u;";

    private static string Ours(Func<ReadOnlySpan<string>, TextWriter, TextWriter, int> tool, params string[] words)
    {
        var output = new StringWriter();
        tool(words, output, output);
        return output.ToString();
    }

    [Theory]
    [InlineData("rcs")]
    [InlineData("rcsT")]
    [InlineData("qcS")]
    public void Same_bytes_as_GNU_ar(string letters)
    {
        using var shop = new Workshop();
        string a = shop.PathOf(shop.Compile("a", Source, "-fcommon")), b = shop.PathOf(shop.Compile("a_very_long_member_name", "int other;"));
        Assert.Equal("", Ours(ArTool.Run, letters, shop.PathOf("ours.a"), a, b));
        Assert.Equal(0, shop.Tool("ar", letters, "theirs.a", a, b).Status);
        Assert.Equal(File.ReadAllBytes(shop.PathOf("theirs.a")), File.ReadAllBytes(shop.PathOf("ours.a")));
    }

    [Fact]
    public void Members_are_replaced_moved_deleted_and_extracted()
    {
        using var shop = new Workshop();
        string archive = shop.PathOf("x.a");
        foreach (string name in (string[])["one", "two", "three"])
            File.WriteAllText(shop.PathOf(name), name);
        Assert.Equal("", Ours(ArTool.Run, "rc", archive, shop.PathOf("one"), shop.PathOf("two"), shop.PathOf("three")));
        Assert.Equal("one\ntwo\nthree\n", Ours(ArTool.Run, "t", archive));
        Ours(ArTool.Run, "ma", "three", archive, "one");
        Assert.Equal("two\nthree\none\n", Ours(ArTool.Run, "t", archive));
        Ours(ArTool.Run, "d", archive, "three");
        File.WriteAllText(shop.PathOf("two"), "changed");
        Ours(ArTool.Run, "r", archive, shop.PathOf("two"));
        File.Delete(shop.PathOf("two"));
        Assert.Equal("x - two\nx - one\n", Ours(ArTool.Run, "xv", "--output=" + shop.Root, archive));
        Assert.Equal("changed", File.ReadAllText(shop.PathOf("two")));
        Assert.Equal(shop.Tool("ar", "t", "x.a").Output, Ours(ArTool.Run, "t", archive));
    }

    [Fact]
    public void Scripts_are_refused()
    {
        Assert.Equal(1, ArTool.Run(["-M"], TextWriter.Null, TextWriter.Null));
        Assert.Equal(1, ArTool.Run(["t", "/no/such/archive.a"], TextWriter.Null, TextWriter.Null));
    }

    [Theory]
    [InlineData("ra", "a.o")]
    [InlineData("rb", "b.o")]
    public void A_named_place_moves_a_member_that_is_replaced(params string[] words)
    {
        using var shop = new Workshop();
        foreach (string name in (string[])["a", "b", "c"])
            shop.Compile(name, $"int {name};");
        foreach (string archive in (string[])["ours.a", "theirs.a"])
            Assert.Equal(0, shop.Tool("ar", "rcD", archive, "a.o", "b.o", "c.o").Status);
        Assert.Equal(0, shop.Tool("ar", [.. words, "theirs.a", "c.o"]).Status);
        Assert.Equal(0, ArTool.Run([.. words, shop.PathOf("ours.a"), shop.PathOf("c.o")], TextWriter.Null, TextWriter.Null));
        Assert.Equal(File.ReadAllBytes(shop.PathOf("theirs.a")), File.ReadAllBytes(shop.PathOf("ours.a")));
        Assert.Equal(shop.Tool("ar", "tO", "ours.a").Output, Ours(ArTool.Run, ["tO", shop.PathOf("ours.a")]));
        Assert.Equal(1, ArTool.Run(["rN", "1", shop.PathOf("ours.a"), shop.PathOf("a.o")], TextWriter.Null, TextWriter.Null));
    }

    [Theory]
    [InlineData("a.o")]
    [InlineData("-f", "sysv", "a.o")]
    [InlineData("-f", "posix", "a.o")]
    [InlineData("-S", "-n", "a.o")]
    [InlineData("-g", "-A", "x.a")]
    [InlineData("-u", "x.a")]
    [InlineData("--defined-only", "-p", "x.a")]
    [InlineData("-s", "-r", "x.a")]
    [InlineData("-D", "/lib/x86_64-linux-gnu/libm.so.6")]
    public void Same_as_GNU_nm(params string[] words)
    {
        using var shop = new Workshop();
        shop.Compile("a", Source, "-fcommon");
        shop.Compile("b", "int u = 4;");
        Assert.Equal(0, shop.Tool("ar", "rcs", "x.a", "a.o", "b.o").Status);
        Assert.SkipUnless(words[^1][0] != '/' || File.Exists(words[^1]), "no such library here");
        string ours = Ours(NmTool.Run, [.. words[..^1], shop.PathOf(words[^1])]);
        Assert.Equal(shop.Tool("nm", words).Output, ours.Replace(shop.Root + "/", "", StringComparison.Ordinal));
    }
}
