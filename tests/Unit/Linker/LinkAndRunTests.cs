using Xunit;

namespace Kiln.Tests.Linker;

/// <summary>Programs of every kind of output run, whatever they ask of the linker.</summary>
public class LinkAndRunTests
{
    private const string Everything = """
        #include <stdio.h>
        static int implementation(int x) { return x + 1; }
        static int (*resolve(void))(int) { return implementation; }
        int indirect(int) __attribute__((ifunc("resolve")));
        static int hidden(int) __attribute__((ifunc("resolve")));
        int (*pointer)(int) = indirect;
        __thread int initialized = 3; __thread int zero; static __thread int local = 4;
        extern char **environ;
        int common; int absent(void) __attribute__((weak)); extern int absent_data __attribute__((weak));
        static const char *strings[] = { "tail", "a tail", "tail" };
        __attribute__((constructor(101))) static void first(void) { fputs("first ", stdout); }
        __attribute__((constructor)) static void second(void) { fputs("second ", stdout); }
        __attribute__((destructor)) static void last(void) { puts("last"); }
        __attribute__((section("table"))) int one = 1; __attribute__((section("table"))) int two = 2;
        extern int __start_table[], __stop_table[];
        int main(int argc, char **argv, char **environment)
        {
            int (*taken)(int) = indirect, sum = 0;
            for (int *p = __start_table; p < __stop_table; p++) sum += *p;
            zero += 2;
            printf("%d %d %d %d ", indirect(1), taken(2), hidden(3), pointer == taken);
            printf("%d %d %d %d %d ", initialized, zero, local, common, sum);
            printf("%d %d %d %s\n", environ == environment, absent == 0, &absent_data == 0, strings[1]);
            return 0;
        }
        """;

    [Theory]
    [InlineData("pie")]
    [InlineData("nopie")]
    [InlineData("static")]
    [InlineData("static-pie")]
    public void Everything_runs(string kind)
    {
        using var shop = new Workshop();
        string[] options = kind is "pie" or "static-pie" ? ["-O1", "-fPIE", "-fcommon"] : ["-O1", "-fno-pie", "-fcommon"];
        shop.Make(kind, "a", shop.Compile("a", Everything, options));
        Assert.Equal("first second 2 3 4 1 3 2 4 0 3 1 1 1 a tail\nlast\n", shop.Run("a"));
    }

    [Theory]
    [InlineData("global-dynamic", "gnu")]
    [InlineData("global-dynamic", "gnu2")]
    [InlineData("initial-exec", "gnu")]
    public void Thread_local_variables_in_and_out_of_libraries(string model, string dialect)
    {
        using var shop = new Workshop();
        string[] options = ["-O1", "-fPIC", "-ftls-model=" + model, "-mtls-dialect=" + dialect];
        string library = shop.Compile("b", "__thread int ext = 5; __thread char aligned[3] __attribute__((aligned(64))) = \"x\";", options);
        string user = shop.Compile("a", """
            #include <stdio.h>
            __thread int a = 1, b; static __thread int c = 3, d; extern __thread int ext;
            int *ga(void) { return &a; } int *gb(void) { return &b; } int *gc(void) { return &c; } int *gd(void) { return &d; }
            int run(void) { *gb() = 2; *gd() = 4; printf("%d %d %d %d %d\n", *ga(), *gb(), *gc(), *gd(), ext); return 0; }
            """, options);
        string main = shop.Compile("m", "int run(void); int main(void) { return run(); }");
        shop.Make("pie", "whole", main, user, library);
        shop.Make("static", "fixed", main, user, library);
        shop.Make("shared", "libb.so", library);
        shop.Make("pie", "one", main, user, "-lb");
        shop.Make("shared", "liba.so", user, "-lb");
        shop.Make("pie", "two", main, "-la", "-rpath-link", ".");
        foreach (string program in (string[])["whole", "fixed", "one", "two"])
            Assert.Equal("1 2 3 4 5\n", shop.Run(program));
    }

    [Fact]
    public void Local_dynamic_is_relaxed_and_works_in_a_library()
    {
        using var shop = new Workshop();
        string user = shop.Compile("a", """
            static __thread int c = 3, d; int *gc(void) { return &c; } int *gd(void) { return &d; }
            int run(void) { *gd() = 4; return *gc() * 10 + d; }
            """, "-O0", "-fPIC", "-ftls-model=local-dynamic");
        string main = shop.Compile("m", "int run(void); int main(void) { return run() != 34; }");
        shop.Make("pie", "whole", main, user);
        shop.Make("shared", "liba.so", user);
        shop.Make("pie", "split", main, "-la");
        shop.Run("whole");
        shop.Run("split");
    }

    [Fact]
    public void Variables_are_copied_and_functions_have_one_address()
    {
        using var shop = new Workshop();
        shop.Make("shared", "libx.so", shop.Compile("x", """
            int counter = 40; extern int alias __attribute__((alias("counter"))); const int fixed = 7;
            int *where(void) { return &counter; } int *where_alias(void) { return &alias; }
            int f(void) { return counter; } int (*address(void))(void) { return f; }
            """, "-fPIC"));
        shop.Make("nopie", "a", shop.Compile("a", """
            extern int counter; extern const int fixed; int *where(void), *where_alias(void), f(void), (*address(void))(void);
            int (*const table)(void) = f;
            int main(void)
            {
                counter += 2;
                return !(where() == &counter && where_alias() == &counter && f() == 42 && fixed == 7 && address() == f && table == f);
            }
            """, "-O1", "-fno-pie"), "-lx");
        shop.Run("a");
        (_, string relocations) = shop.Tool("readelf", "-rW", "a");
        Assert.Equal(2, relocations.Split("R_X86_64_COPY").Length - 1);
    }

    [Fact]
    public void Cxx_exceptions_are_thrown_across_groups_and_collected_sections()
    {
        using var shop = new Workshop();
        Assert.SkipUnless(File.Exists("/usr/bin/g++"), "g++ is not installed");
        File.WriteAllText(shop.PathOf("e.cc"), """
            #include <stdexcept>
            #include <cstdio>
            template<class T> inline T twice(T x) { static int n; n++; return x + x + n; }
            int other(int);
            struct A { ~A() { puts("gone"); } };
            void unused() { puts("never"); }
            int main() { try { A a; throw std::runtime_error("boom"); } catch (std::exception &e) { printf("%s %d %d\n", e.what(), twice(3), other(4)); } }
            """);
        File.WriteAllText(shop.PathOf("f.cc"), "template<class T> inline T twice(T x) { static int n; n++; return x + x + n; } int other(int a) { return twice(a); }");
        Assert.Equal(0, shop.Tool("g++", "-O1", "-ffunction-sections", "-c", "e.cc", "f.cc").Status);
        string library = Path.GetDirectoryName(shop.Tool("g++", "-print-file-name=libstdc++.a").Output.Trim())!;
        foreach (string kind in (string[])["pie", "nopie", "static", "static-pie"])
        {
            string[] unwinder = kind.StartsWith("static", StringComparison.Ordinal) ? [] : ["-lgcc_s"];
            shop.Make(kind, kind, ["e.o", "f.o", "-L" + library, "-lstdc++", "-lm", "--gc-sections", .. unwinder]);
            Assert.Equal("gone\nboom 8 9\n", shop.Run(kind));
            Assert.DoesNotContain("unused", shop.Tool("nm", kind).Output);
        }
    }

    [Fact]
    public void Output_is_the_same_for_any_number_of_threads()
    {
        using var shop = new Workshop();
        string main = shop.Compile("a", Everything, "-O1", "-fcommon", "-g");
        shop.Make("static", "one", main, "--threads=1");
        shop.Make("static", "many", main, "--threads=7");
        Assert.Equal(File.ReadAllBytes(shop.PathOf("one")), File.ReadAllBytes(shop.PathOf("many")));
    }
}
