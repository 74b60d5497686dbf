using System.Diagnostics;
using Kiln.Driver;
using Xunit;

namespace Kiln.Tests.CodeGen;

/// <summary>What -g says, as gdb, readelf and llvm-dwarfdump read it. gdb's answers on gcc's object are the oracle for types.</summary>
public sealed class DebugInfoTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("kiln-debug").FullName;

    public void Dispose() => Directory.Delete(_directory, true);

    private const string Source = """
        #include <stdarg.h>
        typedef unsigned long size_type;
        typedef struct node { struct node *next; int value; unsigned a : 3; signed b : 5; union { int i; float f; }; char name[8]; int tail[]; } Node;
        typedef int number;
        typedef number quad __attribute__((vector_size(16)));
        enum color { RED = -1, GREEN, BLUE = 7 };
        typedef int (*callback)(const char *, size_type, ...);
        struct opaque;
        struct large { long a, b, c, d; };
        int global = 42;
        _Thread_local int thread_own = 5;
        static int *restrict restricted;
        volatile unsigned long long changing;
        const char *const *names;
        _Complex double complex_one = 1.0;
        __int128 wide = 5;
        _Bool flag;
        long double extended = 1.5L;
        struct opaque *hidden;
        callback called;
        int matrix[2][3] = { { 1, 2, 3 }, { 4, 5, 6 } };
        number numbers[4];
        quad lanes = { 1, 2, 3, 4 };
        enum color shade = BLUE;
        unsigned char letters[] = { 'a', 'b' };
        void (*table[2])(Node *, struct { int x; } *);
        size_type sum(const Node *list, size_type limit)
        {
            size_type total = 0;
            for (int i = 0; list && i < (int)limit; i++) {
                int value = list->value;
                static int calls;
                calls++;
                total += value;
                list = list->next; /* next */
            }
            return total;
        }
        int variable(int n, int given[n])
        {
            int array[n], k = 3;
            for (int i = 0; i < n; i++)
                array[i] = i * k + given[0];
            return array[n - 1]; /* filled */
        }
        long passed(struct large in_memory, enum color chosen, ...)
        {
            int inner(int q) { return q + (int)in_memory.a; }
            long local = in_memory.a + in_memory.d;
            _Alignas(64) char aligned[64] = "hello";
            return local + chosen + aligned[0] + inner(2); /* here */
        }
        int main(int argc, char **argv)
        {
            Node last = { 0, 5 };
            Node first = { &last, 37, 2, 9 };
            int given[3] = { 10, 20, 30 };
            struct large in_memory = { 1, 2, 3, 4 };
            restricted = given;
            return (int)sum(&first, 10) + variable(3, given) + (int)passed(in_memory, BLUE, 1) + thread_own == 0 && argv;
        }

        """;

    private static int Line(string mark) => Source[..Source.IndexOf(mark, StringComparison.Ordinal)].Count(c => c == '\n') + 1;

    private string Path(string name) => System.IO.Path.Combine(_directory, name);

    private static void Needs(string tool) => Assert.SkipUnless(File.Exists("/usr/bin/" + tool), tool + " is not installed");

    private string Compile(string output, params string[] options) => CompileText(Source, output, options);

    private string CompileText(string source, string output, params string[] options)
    {
        File.WriteAllText(Path("t.c"), source);
        var error = new StringWriter();
        int status = Roles.Run("cc", [.. options, Path("t.c"), "-o", Path(output)], TextWriter.Null, error);
        Assert.True(status == 0, error.ToString());
        return Path(output);
    }

    private string Run(string tool, params string[] arguments)
    {
        var start = new ProcessStartInfo(tool) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _directory };
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        Assert.True(process.WaitForExit(60000), $"{tool} does not end");
        _ = error.Result;
        return output;
    }

    private string Gdb(string program, params string[] commands)
    {
        File.WriteAllLines(Path("commands"), ["set width 0", "set confirm off", "set debuginfod enabled off", .. commands]);
        return Run("gdb", "-nx", "-batch", "-x", Path("commands"), program);
    }

    private string Linked(string source, params string[] options)
    {
        Needs("gcc");
        string made = CompileText(source, "t.o", ["-c", .. options]);
        Run("gcc", made, "-o", Path("program"));
        return Path("program");
    }

    [Fact]
    public void TypesAreThoseThatGccDescribes()
    {
        Needs("gdb");
        Needs("gcc");
        string ours = Compile("ours.o", "-c", "-g");
        Run("gcc", "-g", "-c", Path("t.c"), "-o", Path("theirs.o"));
        string[] commands =
        [
            "ptype Node", "ptype struct large", "ptype enum color", "ptype callback", "ptype quad", "ptype struct opaque",
            .. "global thread_own restricted changing names complex_one wide flag extended hidden called matrix numbers lanes shade letters table sum variable passed main"
                .Split(' ').SelectMany(name => new[] { "whatis " + name, "ptype " + name }),
            "print sizeof(Node)", "print &((Node *)0)->tail", "print sizeof(extended)", "list passed", "info line variable",
        ];
        Assert.Equal(Gdb(Path("theirs.o"), commands).Split('\n')[..^2], Gdb(ours, commands).Split('\n')[..^2]);
    }

    [Fact]
    public void VariablesCanBeSeenWhereTheyLive()
    {
        Needs("gdb");
        string said = Gdb(
            Linked(Source, "-g", "-O0"),
            $"break {Line("/* next */")}", $"break {Line("/* filled */")}", $"break {Line("/* here */")}", "run",
            "info args", "info locals", "print list->b", "bt", "continue", "continue", "info locals", "print array", "ptype array", "print *given@2", "continue",
            "info args", "print in_memory", "print local", "print aligned", "print thread_own", "print matrix[1]", "print lanes", "up", "print first.value", "finish");
        Assert.Contains("limit = 10", said);
        Assert.Contains("calls = 1\n", said);
        Assert.Contains("value = 37\n", said);
        Assert.Contains("$1 = 9\n", said);
        Assert.Matches(@"#0 +sum \(list=0x[0-9a-f]+, limit=10\) at .*t\.c:", said);
        Assert.Matches(@"#1 +0x[0-9a-f]+ in main \(argc=1, argv=0x[0-9a-f]+\) at .*t\.c:", said);
        Assert.Contains("$2 = {10, 13, 16}\n", said);
        Assert.Contains("type = int [3]\n", said);
        Assert.Contains("$3 = {10, 20}\n", said);
        Assert.Contains("chosen = BLUE", said);
        Assert.Contains("$4 = {a = 1, b = 2, c = 3, d = 4}\n$5 = 5\n$6 = \"hello\", '\\000' <repeats 58 times>\n$7 = 5\n$8 = {4, 5, 6}\n$9 = {1, 2, 3, 4}\n", said);
        Assert.Contains("$10 = 37\n", said);
    }

    private const string Arguments = """
        __attribute__((noinline)) int leaf(int x, double d) { __asm__ volatile("" : : "r"(x), "x"(d) : "memory"); return x * 2; }
        __attribute__((noinline)) int middle(const char *p, int n, long k, float f, int *out, int six, int seven, double eight, int on_stack)
        {
            int total = 0;
            for (int i = 0; i < n; i++) {
                total += leaf(i + p[0], f + eight);
                if (total > k)
                    total -= *out;
            }
            *out = leaf(six + seven, eight);
            return total + p[1] + on_stack;
        }
        __attribute__((noinline)) int assigned(int n) { int r = 0; while (n > 0) { r += leaf(n, 1); n--; } return r; }
        int main(void)
        {
            int out = 3;
            return middle("ab", 2, 1000, 1.5f, &out, 6, 7, 8.25, 9) + assigned(2) == out;
        }

        """;

    // Each call of leaf: what gdb shows must be what was passed, or nothing; what is still needed after the call must be shown.
    [Fact]
    public void ArgumentsOfOptimizedFunctionsAreRightOrUnknown()
    {
        Needs("gdb");
        Needs("gcc");
        string program = Linked(Arguments, "-g", "-O1");
        string said = Gdb(program, "break leaf", "run", "bt", "continue", "bt", "continue", "bt", "continue", "bt", "continue", "bt");
        string[] middles = [.. said.Split('\n').Where(line => line.Contains(" in middle "))];
        Assert.Equal(3, middles.Length);
        foreach (string line in middles)
        {
            Assert.Matches(
                """\(p=0x[0-9a-f]+ "ab", n=(2|<optimized out>), k=(1000|<optimized out>), f=(1\.5|<optimized out>), out=0x[0-9a-f]+, """
                + """six=(6|<optimized out>), seven=(7|<optimized out>), eight=(8\.25|<optimized out>), on_stack=9\)""", line);
        }
        Assert.Contains("n=2, k=1000", middles[0]);
        Assert.Contains("six=6, seven=7, eight=8.25", middles[0]);
        Assert.Equal(
            ["x=97, d=9.75", "x=98, d=9.75", "x=13, d=8.25", "x=2, d=1", "x=1, d=1"],
            said.Split('\n').Where(line => line.StartsWith("#0 ", StringComparison.Ordinal)).Select(line => line[(line.IndexOf('(') + 1)..line.IndexOf(')')]));
        Assert.DoesNotMatch(@"assigned \(n=0", said);
    }

    [Theory]
    [InlineData("-O0")]
    [InlineData("-O1")]
    [InlineData("-O1", "-fno-omit-frame-pointer")]
    [InlineData("-O0", "-fno-asynchronous-unwind-tables")]
    [InlineData("-O1", "-fno-asynchronous-unwind-tables")]
    public void CallersAreFoundFromEveryInstruction(params string[] options)
    {
        Needs("gdb");
        string said = Gdb(
            Linked(Source, ["-g", .. options]), "break passed", "run",
            "python\nfor i in range(40):\n  names = []\n  frame = gdb.newest_frame()\n  while frame is not None:\n    names.append(str(frame.name()))\n    frame = frame.older()\n"
            + "  print('STACK', names[-1] if 'main' in names else names)\n  if gdb.newest_frame().name() == 'main': break\n  gdb.execute('stepi', to_string=True)\nend");
        Assert.True(said.Split('\n').Count(line => line.StartsWith("STACK", StringComparison.Ordinal)) > 5, said);
        Assert.DoesNotContain("STACK [", said);
    }

    [Theory]
    [InlineData("-O0")]
    [InlineData("-O1")]
    [InlineData("-O0", "-ffunction-sections")]
    [InlineData("-O1", "-ffunction-sections", "-fno-asynchronous-unwind-tables")]
    [InlineData("-g1")]
    public void TheFormIsSoundAndTextSaysTheSame(params string[] options)
    {
        Needs("readelf");
        Needs("as");
        string direct = Compile("direct.o", ["-g", "-c", .. options]);
        string text = Compile("t.s", ["-g", "-S", .. options]);
        Run("as", text, "-o", Path("assembled.o"));
        string[] asked = ["-wiaorsKN", "--debug-dump=decodedline"];
        string said = Run("readelf", [.. asked, direct]);
        Assert.Contains("DW_TAG_subprogram", said);
        Assert.Equal(said.Replace("direct.o", ""), Run("readelf", [.. asked, Path("assembled.o")]).Replace("assembled.o", ""));
        Needs("llvm-dwarfdump");
        Assert.Contains("No errors.", Run("llvm-dwarfdump", "--verify", direct));
    }

    [Theory]
    [InlineData("-O0")]
    [InlineData("-O1")]
    public void OptimizedCodeIsTheSameWithoutIt(string level)
    {
        Needs("objdump");
        string[] Code(params string[] options) =>
            Run("objdump", "-d", "--no-show-raw-insn", CompileText(level == "-O1" ? Source + Arguments.Replace("main", "main2") : Arguments, "code.o", ["-c", level, .. options])).Split('\n')[4..];
        Assert.Equal(Code(), Code("-g"));
    }

    [Fact]
    public void OldVersionsAreRefused()
    {
        File.WriteAllText(Path("t.c"), "int x;\n");
        var error = new StringWriter();
        Assert.NotEqual(0, Roles.Run("cc", ["-gdwarf-4", "-c", Path("t.c"), "-o", Path("t.o")], TextWriter.Null, error));
        Assert.Contains("'-gdwarf-4' is not supported", error.ToString());
    }
}
