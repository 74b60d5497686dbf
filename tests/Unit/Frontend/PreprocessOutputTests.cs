using Kiln.Base;
using Kiln.Frontend.Preprocess;
using Xunit;

namespace Kiln.Tests.Frontend;

/// <summary>The output of -E, -dM and -M against gcc's.</summary>
public class PreprocessOutputTests
{
    public static TheoryData<string> Headers =>
    [
        "assert.h", "complex.h", "ctype.h", "dirent.h", "errno.h", "fcntl.h", "fenv.h", "float.h", "inttypes.h", "iso646.h", "limits.h", "locale.h",
        "math.h", "netinet/in.h", "poll.h", "pthread.h", "pwd.h", "regex.h", "sched.h", "setjmp.h", "signal.h", "stdalign.h", "stdarg.h", "stdatomic.h",
        "stdbool.h", "stddef.h", "stdint.h", "stdio.h", "stdlib.h", "stdnoreturn.h", "string.h", "sys/mman.h", "sys/socket.h", "sys/stat.h",
        "sys/syscall.h", "sys/types.h", "sys/wait.h", "tgmath.h", "threads.h", "time.h", "uchar.h", "unistd.h", "wchar.h", "wctype.h", "immintrin.h",
    ];

    private static void SameAsGcc(string text, PreprocessorOptions? options = null, params string[] flags)
    {
        PreprocessRun.NeedGcc();
        string directory = Directory.CreateTempSubdirectory("kiln-pp").FullName;
        try
        {
            string path = Path.Combine(directory, "t.c");
            File.WriteAllText(path, text);
            PreprocessRun run = PreprocessRun.Of(new DiskFiles(), options ?? PreprocessRun.GccDirectories());
            Assert.Equal(PreprocessRun.Gcc(["-E", .. flags, path]), run.Output(path));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Theory]
    [MemberData(nameof(Headers))]
    public void Headers_come_out_as_from_gcc(string header) => SameAsGcc($"#include <{header}>\nint x;\n");

    [Fact]
    public void Spaces_and_lines_come_out_as_from_gcc() => SameAsGcc("""
        #define EMPTY
        #define f(x) x
        #define AB(a, b) a b
        #define g(x) -x
        #define s(x) #x
        -EMPTY- +EMPTY+ x EMPTY x EMPTY(x)
           f(1)f(2) f(+)+ g(-1) .f(.) f(a)b a f(b)
        AB(,) AB(-,-) AB(EMPTY -, -) f(f)(1)
        f(a
          b,
          c)
        d s( a  EMPTY b )



        e










        f(far) /* comment */ g(1)/**/2
        #pragma pack(push,   1)
        #pragma GCC visibility push(default)
        #ident "x"
        NULL f
        (paren)
        f
        #undef f
        (paren) 'x' L"y" <: %:%: 0x1p+3 1.e+x
        #line 100 "other.c"
        last
        """);

    [Fact]
    public void Comments_are_kept_on_demand() =>
        SameAsGcc("#define f(x) x /* in body */\n/* one */ a // two\n f(b) /* three\n four */ c\n",
            PreprocessRun.GccDirectories() with { KeepComments = true }, "-C");

    [Fact]
    public void Definitions_are_shown_on_demand() =>
        SameAsGcc("#define a 1\n#define f(x, y...) #x x ## y\nf(1)\n#undef a\n",
            PreprocessRun.GccDirectories() with { NoLineMarkers = true, Predefined = new() }, "-P");

    [Theory]
    [InlineData("gnu17", 2017, true)]
    [InlineData("c90", 1990, false)]
    [InlineData("gnu90", 1990, true)]
    [InlineData("iso9899:199409", 1994, false)]
    [InlineData("c99", 1999, false)]
    [InlineData("gnu99", 1999, true)]
    [InlineData("c11", 2011, false)]
    [InlineData("gnu11", 2011, true)]
    [InlineData("c2x", 2023, false)]
    public void Predefined_macros_are_gccs(string standard, int year, bool isGnu) =>
        SameMacros(new PreprocessorOptions { StandardYear = year, IsGnu = isGnu }, $"-std={standard}");

    [Fact]
    public void Predefined_macros_follow_the_options()
    {
        SameMacros(new PreprocessorOptions { Predefined = new() { OptimizeLevel = '2' } }, "-O2");
        SameMacros(new PreprocessorOptions { Predefined = new() { OptimizeLevel = 's' } }, "-Os");
        SameMacros(new PreprocessorOptions { Predefined = new() { PieLevel = 0 } }, "-fno-pie");
        SameMacros(new PreprocessorOptions { Predefined = new() { PicLevel = 1 } }, "-fpic");
        SameMacros(new PreprocessorOptions { Predefined = new() { IsFreestanding = true } }, "-ffreestanding");
        SameMacros(
            new PreprocessorOptions
            {
                Predefined = new() { FastMath = true, AssociativeMath = true, ReciprocalMath = true, NoSignedZeros = true, NoTrappingMath = true },
            },
            "-ffast-math");
        SameMacros(new PreprocessorOptions { Predefined = new() { ReciprocalMath = true } }, "-freciprocal-math");
        SameMacros(new PreprocessorOptions { Predefined = new() { CharIsSigned = false, ShortWideChar = true } }, "-funsigned-char", "-fshort-wchar");
        SameMacros(new PreprocessorOptions { Predefined = new() { StackProtector = 3, CfProtection = 3, Pthread = true } },
            "-fstack-protector-strong", "-fcf-protection", "-pthread");
        SameMacros(new PreprocessorOptions { Undef = true }, "-undef");
        SameMacros(
            new PreprocessorOptions
            {
                Predefined = new() { Features = ["mmx", "sse", "sse2", "fxsr", "sse3", "ssse3", "sse4.1", "sse4.2", "popcnt", "crc32", "avx", "xsave", "avx2", "fma"] },
            },
            "-mavx2", "-mfma");
    }

    private static void SameMacros(PreprocessorOptions options, params string[] flags)
    {
        PreprocessRun.NeedGcc();
        PreprocessorOptions gcc = PreprocessRun.GccDirectories();
        PreprocessRun run = PreprocessRun.Of(
            new MemoryFiles(new DiskFiles()).Add("/t.c", ""),
            options with { SystemDirectories = gcc.SystemDirectories, ForOutput = true, Dump = DumpKinds.Macros });
        string[] ours = [.. run.Output("/t.c").Split('\n').Order(StringComparer.Ordinal)];
        string[] theirs = [.. PreprocessRun.Gcc([.. flags, "-dM", "-E", "-x", "c", "/dev/null"]).Split('\n').Order(StringComparer.Ordinal)];
        // The one difference there is.
        Assert.Equal(theirs, ours.Where(line => !line.StartsWith("#define __KILN__ ")));
    }

    [Fact]
    public void Dependency_rules_are_gccs()
    {
        PreprocessRun.NeedGcc();
        string directory = Directory.CreateTempSubdirectory("kiln-pp").FullName;
        try
        {
            string path = Path.Combine(directory, "a b$c#d.c");
            File.WriteAllText(path, "#include <stdio.h>\n#include \"x y.h\"\n#include <sys/stat.h>\n");
            File.WriteAllText(Path.Combine(directory, "x y.h"), "");
            foreach (string flag in (string[])["-M", "-MM"])
            {
                PreprocessRun run = PreprocessRun.Of(new DiskFiles(), PreprocessRun.GccDirectories());
                run.Output(path);
                string rule = DependencyText.Make(run.Preprocessor, new DependencyOptions { SystemHeaders = flag == "-M", PhonyTargets = true });
                Assert.Equal(PreprocessRun.Gcc(flag, "-MP", path), rule);
            }
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public void Preprocessed_text_read_again_gives_the_same_tokens()
    {
        PreprocessRun.NeedGcc();
        MemoryFiles files = new MemoryFiles(new DiskFiles()).Add("t.c", "#include <stdio.h>\n#define g(x) -x\nint y = g(-1) + g(-g(-1));\n");
        PreprocessorOptions options = PreprocessRun.GccDirectories();
        string first = PreprocessRun.Of(files, options).Tokens();
        string output = PreprocessRun.Of(files, options).Output();
        PreprocessRun again = PreprocessRun.Of(PreprocessRun.Files(output), new PreprocessorOptions { Preprocessed = true });
        Assert.Equal(first, again.Tokens());
        Assert.Equal("", again.Messages);
    }
}
