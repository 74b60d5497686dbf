using Xunit;

namespace Kiln.Tests.Linker;

/// <summary>Errors are told in ld's words, with the place in the source where debug information knows it.</summary>
public class ErrorTextTests
{
    private const string User = """
        int f(void) { return 1; }
        extern int und(void), und2;
        int g(void)
        {
            return und() + und() + und2 + und() + und() + und() + und() + und();
        }
        int h(void) { return und(); }
        int main(void) { return f() + g(); }
        """;

    [Theory]
    [InlineData("", "a.o -e main")]
    [InlineData("-g", "a.o -e main")]
    [InlineData("-O2 -ffunction-sections", "a.o -e main")]
    [InlineData("-g", "c.o b.o -e f")]
    [InlineData("", "c.o b.o -e f")]
    [InlineData("", "b.o -lnothing missing.o")]
    public void Same_as_GNU_ld(string options, string words)
    {
        using var shop = new Workshop();
        string[] compile = options.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        shop.Compile("a", User, compile);
        shop.Compile("b", "int f(void) { return 2; }\nint h2(void) { return f(); }\n", compile);
        shop.Compile("c", "\nint f(void) { return 3; }\n", compile);
        string[] arguments = [.. words.Split(' '), "-o", "out"];
        Assert.Equal(1, shop.Link(arguments));
        (int status, string expected) = shop.Tool("ld", shop.Absolute(arguments));
        Assert.Equal(1, status);
        Assert.Equal(shop.Shorten(expected), shop.Messages);
        Assert.False(File.Exists(shop.PathOf("out")));
    }

    [Fact]
    public void Needs_position_independent_code()
    {
        using var shop = new Workshop();
        shop.Compile("a", "extern int x; int f(void) { return x; }", "-O1", "-fno-pie");
        Assert.Equal(1, shop.Link("-shared", "a.o", "-o", "out"));
        Assert.Contains("a.o: relocation R_X86_64_PC32 against undefined symbol `x' can not be used when making a shared object; recompile with -fPIC", shop.Messages);
    }

    [Fact]
    public void Relocation_overflow()
    {
        using var shop = new Workshop();
        shop.Compile("a", "extern char far[]; char *f(void) { return far; } int _start(void) { return f() != 0; }", "-O1", "-fno-pie");
        Assert.Equal(1, shop.Link("a.o", "-o", "out", "--defsym", "far=0x123456789"));
        Assert.Contains("relocation truncated to fit: R_X86_64_32 against symbol `far'", shop.Messages);
    }

    [Fact]
    public void Warnings_of_the_C_library_are_passed_on()
    {
        using var shop = new Workshop();
        string main = shop.Compile("a", "char *gets(char *); char b[9]; int main(void) { gets(b); return 0; }");
        Assert.Equal(0, shop.Link(Workshop.Command("pie", "a", main)));
        Assert.Contains("in function `main':\na.c:(.text+0xf): warning: the `gets' function is dangerous and should not be used.", shop.Messages);
    }

    [Fact]
    public void A_library_that_lacks_a_symbol_is_told_of()
    {
        using var shop = new Workshop();
        shop.Make("shared", "libx.so", shop.Compile("x", "int missing(void); int f(void) { return missing(); }", "-fPIC"));
        Assert.Equal(1, shop.Link(Workshop.Command("pie", "a", shop.Compile("a", "int f(void); int main(void) { return f(); }"), "-lx")));
        Assert.Contains("libx.so: undefined reference to `missing'", shop.Messages);
    }
}
