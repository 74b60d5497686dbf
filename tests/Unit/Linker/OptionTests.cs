using Xunit;

namespace Kiln.Tests.Linker;

/// <summary>What single options do, told by readelf, nm and the program.</summary>
public class OptionTests
{
    [Fact]
    public void Version_script_gives_versions_and_hides_the_rest()
    {
        using var shop = new Workshop();
        File.WriteAllText(shop.PathOf("v.map"), """
            V1 { global: plain; wild_*; "exact*"; extern "C" { inner; }; local: *; };  # one
            V2 { global: second; } V1;                                              /* two */
            """);
        string library = shop.Compile("x", """
            int plain(void) { return 1; } int wild_a(void) { return 2; } int inner(void) { return 3; } int second(void) { return 4; }
            int hidden(void) { return 5; }
            int old_f(void) { return 6; } int new_f(void) { return 7; }
            __asm__(".symver old_f,f@V1"); __asm__(".symver new_f,f@@V2");
            """, "-fPIC");
        shop.Make("shared", "libx.so", library, "--version-script=v.map", "-soname", "libx.so");
        (_, string symbols) = shop.Tool("nm", "-D", "--with-symbol-versions", "libx.so");
        foreach (string expected in (string[])["plain@@V1", "wild_a@@V1", "inner@@V1", "second@@V2", "f@V1", "f@@V2"])
            Assert.Contains(" " + expected + "\n", symbols);
        Assert.DoesNotContain("hidden", symbols);
        string user = shop.Compile("a", """
            int plain(void), second(void), f(void), f1(void); __asm__(".symver f1,f@V1");
            int main(void) { return !(plain() == 1 && second() == 4 && f() == 7 && f1() == 6); }
            """);
        shop.Make("pie", "a", user, "-lx");
        shop.Run("a");
        (_, string versions) = shop.Tool("readelf", "-VW", "a");
        Assert.Contains("Name: V1", versions);
        Assert.Contains("Name: V2", versions);
        // GNU's linker takes the library too.
        Assert.Equal(0, shop.Tool("gcc", user, "-L.", "-lx", "-o", "b").Status);
        shop.Run("b");
    }

    [Fact]
    public void As_needed_records_what_is_used()
    {
        using var shop = new Workshop();
        shop.Make("shared", "libu.so", shop.Compile("u", "int used(void) { return 0; }", "-fPIC"), "-soname", "libu.so.1");
        shop.Make("shared", "libn.so", shop.Compile("n", "int unused(void) { return 0; }", "-fPIC"));
        File.Copy(shop.PathOf("libu.so"), shop.PathOf("libu.so.1"));
        string main = shop.Compile("a", "int used(void); int main(void) { return used(); }");
        shop.Make("pie", "a", "--as-needed", main, "-lu", "-ln");
        (_, string dynamic) = shop.Tool("readelf", "-dW", "a");
        Assert.Contains("[libu.so.1]", dynamic);
        Assert.DoesNotContain("libn.so", dynamic);
        shop.Run("a");
    }

    [Fact]
    public void Wrap_defsym_and_entry()
    {
        using var shop = new Workshop();
        string main = shop.Compile("a", """
            int foo(int), __real_foo(int), alias(int); extern char constant;
            int __wrap_foo(int a) { return __real_foo(a) * 10; }
            int main(void) { return !(foo(2) == 30 && alias(3) == 4 && (long)&constant == 0x1238); }
            """, "-fno-pie");
        shop.Make("nopie", "a", main, shop.Compile("b", "int foo(int a) { return a + 1; }", "-fno-pie"), "--wrap=foo", "--defsym", "alias=foo",
            "--defsym=constant=0x1234+4");
        shop.Run("a");
    }

    [Fact]
    public void Collected_sections_are_named()
    {
        using var shop = new Workshop();
        string main = shop.Compile("a", "int unused(void) { return 5; } int more[100] = {1}; int main(void) { return 0; }", "-ffunction-sections", "-fdata-sections");
        Assert.Equal(0, shop.Link(Workshop.Command("pie", "a", "--gc-sections", "--print-gc-sections", main)));
        Assert.Contains("removing unused section '.text.unused' in file 'a.o'", shop.Messages);
        Assert.Contains("removing unused section '.data.more' in file 'a.o'", shop.Messages);
        shop.Run("a");
    }

    [Fact]
    public void Relocatable_output_links_on()
    {
        using var shop = new Workshop();
        string a = shop.Compile("a", "int f(void); static int k = 3; const char *s = \"text\"; int main(void) { return f() + k - 10 + (s[0] != 't'); }", "-g", "-ffunction-sections");
        string b = shop.Compile("b", "static int k = 7; int f(void) { return k; }", "-g");
        Assert.Equal(0, shop.Link("-r", "-o", "r.o", a, b));
        shop.Make("pie", "p", "r.o");
        shop.Run("p");
        // GNU's linker takes the object too.
        Assert.Equal(0, shop.Tool("gcc", "r.o", "-o", "g").Status);
        shop.Run("g");
    }

    [Fact]
    public void Loads_from_the_got_become_immediates_where_the_address_is_fixed()
    {
        using var shop = new Workshop();
        shop.Compile("g", """
            __asm__(".globl _start, foo\n.weak none\n_start: mov foo@GOTPCREL(%rip),%rax\nmov foo@GOTPCREL(%rip),%ecx\ncmp none@GOTPCREL(%rip),%r9\n"
                "test %edx,foo@GOTPCREL(%rip)\ncall *none@GOTPCREL(%rip)\nfoo: ret");
            """);
        Assert.Equal(0, shop.Link("-o", "ours", "g.o"));
        Assert.Equal(0, shop.Tool("ld", "-o", "theirs", "g.o").Status);
        string Code(string file) => System.Text.RegularExpressions.Regex.Replace(shop.Tool("objdump", "-d", "--no-addresses", file).Output, "<[^>]*>| +file.*|ours|theirs", "");
        Assert.Equal(Code("theirs"), Code("ours"));
        // where the image moves, the weak symbol's 0 is the only immediate
        Assert.Equal(0, shop.Link("-pie", "--no-dynamic-linker", "-o", "ours", "g.o"));
        (_, string pie) = shop.Tool("objdump", "-d", "ours");
        Assert.Contains("cmp    $0x0,%r9", pie);
        Assert.Contains("lea ", pie);
    }

    [Theory]
    [InlineData("prefix-addr", "67e8f9ffffff")]
    [InlineData("suffix-nop", "e8faffffff90")]
    [InlineData("prefix-0x90", "90e8f9ffffff")]
    [InlineData("suffix-144", "e8faffffff90")]
    public void Calls_through_the_got_are_filled_up_as_asked(string how, string expected)
    {
        using var shop = new Workshop();
        shop.Compile("c", "__asm__(\".globl _start,foo\\nfoo: ret\\n_start: call *foo@GOTPCREL(%rip)\");");
        Assert.Equal(0, shop.Link("-z", "call-nop=" + how, "-o", "c", "c.o"));
        Assert.Contains(expected, shop.Tool("objdump", "-sj", ".text", "c").Output.Replace(" ", "", StringComparison.Ordinal));
        Assert.Equal(1, shop.Link("-z", "call-nop=prefix-nop", "-o", "d", "c.o"));
        Assert.Contains("invalid number for -z call-nop=prefix-: nop", shop.Messages);
    }

    [Fact]
    public void Relocatable_output_merges_property_notes_and_keeps_kinds_of_groups()
    {
        using var shop = new Workshop();
        shop.Compile("a", "__asm__(\".section .x,\\\"aG\\\",@progbits,grp\\n.long 1\");", "-fcf-protection");
        shop.Compile("b", "int b;", "-fcf-protection=branch");
        shop.Compile("c", "int c;");
        Assert.Equal(0, shop.Link("-r", "-o", "ab.o", "a.o", "b.o"));
        Assert.Contains("x86 feature: IBT\n", shop.Tool("readelf", "-n", "ab.o").Output);
        Assert.Contains("\ngroup section", shop.Tool("readelf", "-gW", "ab.o").Output);
        Assert.Equal(0, shop.Link("-r", "-o", "ac.o", "a.o", "c.o"));
        Assert.DoesNotContain("x86 feature", shop.Tool("readelf", "-n", "ac.o").Output);
    }

    [Fact]
    public void Version_scripts_are_found_by_search_and_headers_tell_of_indirect_functions()
    {
        using var shop = new Workshop();
        File.WriteAllText(shop.PathOf("searched.map"), "V1 { global: f; local: *; };");
        shop.Compile("a", "static int one(void) { return 1; } static void *pick(void) { return one; } int f(void) __attribute__((ifunc(\"pick\")));", "-fPIC");
        Assert.Equal(0, shop.Link("-shared", "-L.", "--version-script", "searched.map", "-z", "now", "--disable-new-dtags", "-o", "a.so", "a.o"));
        Assert.Contains("f@@V1", shop.Tool("nm", "-D", "a.so").Output);
        Assert.Contains("UNIX - GNU", shop.Tool("readelf", "-h", "a.so").Output);
        (_, string dynamic) = shop.Tool("readelf", "-dW", "a.so");
        Assert.Contains("(BIND_NOW)", dynamic);
        Assert.DoesNotContain("(FLAGS)", dynamic);
    }

    [Theory]
    [InlineData("--build-id=md5", "Build ID: ")]
    [InlineData("--build-id=0xabcdef", "Build ID: abcdef")]
    public void Build_id(string option, string expected)
    {
        using var shop = new Workshop();
        shop.Make("pie", "a", shop.Compile("a", "int main(void) { return 0; }"), option);
        Assert.Contains(expected, shop.Tool("readelf", "-nW", "a").Output);
    }

    [Fact]
    public void Layout_is_that_of_the_default_script()
    {
        using var shop = new Workshop();
        string main = shop.Compile("a", "#include <stdio.h>\nint x = 1; int main(void) { printf(\"%d\\n\", x); return 0; }");
        shop.Make("pie", "a", main);
        Assert.Equal(0, shop.Tool("gcc", main, "-o", "g", "-Wl,--hash-style=both").Status);
        string[] ours = Names(shop.Tool("readelf", "-SW", "a").Output), theirs = Names(shop.Tool("readelf", "-SW", "g").Output);
        Assert.Equal(theirs, ours);

        static string[] Names(string text) => [.. text.Split('\n').Where(static l => l.StartsWith("  [", StringComparison.Ordinal) && l.Contains('.'))
            .Select(static l => l[7..].Split(' ')[0]).Where(static n => n != ".tm_clone_table")];
    }

    [Fact]
    public void Thin_archives_and_groups()
    {
        using var shop = new Workshop();
        string main = shop.Compile("a", "int f(void); int main(void) { return f(); }");
        shop.Compile("b", "int g(void); int f(void) { return g(); }");
        shop.Compile("c", "int h(void); int g(void) { return h(); }");
        shop.Compile("d", "int h(void) { return 0; }");
        Assert.Equal(0, shop.Tool("ar", "rcsT", "libone.a", "b.o", "d.o").Status);
        Assert.Equal(0, shop.Tool("ar", "rcs", "libtwo.a", "c.o").Status);
        Assert.Equal(1, shop.Link(Workshop.Command("pie", "a", main, "-ltwo", "-lone")));
        Assert.Contains("undefined reference to `g'", shop.Messages);
        shop.Make("pie", "a", main, "--start-group", "-ltwo", "-lone", "--end-group");
        shop.Run("a");
    }

    [Theory]
    [InlineData("--no-such-option")]
    [InlineData("-T", "script")]
    [InlineData("-z", "nonsense")]
    [InlineData("-m", "elf_vax")]
    [InlineData("--hash-style=odd")]
    public void What_is_not_understood_is_refused(params string[] words)
    {
        using var shop = new Workshop();
        shop.Compile("a", "int main(void) { return 0; }");
        Assert.Equal(1, shop.Link([.. words, "a.o", "-o", "a"]));
        Assert.False(File.Exists(shop.PathOf("a")));
        Assert.StartsWith("ld: ", shop.Messages);
    }
}
