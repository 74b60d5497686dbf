using Kiln.Frontend.Preprocess;
using Kiln.IR;
using Kiln.IR.Text;
using Kiln.Optimizer;
using Kiln.Target;
using Kiln.Tests.Architecture;
using Kiln.Tests.Lowering;
using Xunit;

namespace Kiln.Tests.IR;

/// <summary>The text form: print, parse, print is a fixpoint; text that is no IR is refused with its line.</summary>
public sealed class TextTests
{
    public static TheoryData<string> Sources
    {
        get
        {
            var sources = new TheoryData<string>();
            foreach (string file in Directory.EnumerateFiles(Path.Combine(WallsTests.Root, "bench/programs"), "*.c").Order(StringComparer.Ordinal))
                sources.Add(file[(WallsTests.Root.Length + 1)..]);
            foreach (string file in Directory.EnumerateFiles(Path.Combine(WallsTests.Root, "runtime"), "*.c").Order(StringComparer.Ordinal))
                sources.Add(file[(WallsTests.Root.Length + 1)..]);
            return sources;
        }
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void PrintParsePrintIsAFixpoint(string source)
    {
        string path = Path.Combine(WallsTests.Root, source);
        CompiledUnit unit = CompiledUnit.Of(File.ReadAllText(path), path: path, preprocessing: new PreprocessorOptions
        {
            SystemDirectories = [Path.Combine(WallsTests.Root, "include"), "/usr/include", "/usr/include/x86_64-linux-gnu"],
        });
        Assert.Equal(0, unit.ErrorCount);
        Check(unit.Module, unit.Functions);
        var pipeline = new Pipeline(TargetInfo.X86_64);
        foreach (Function function in unit.Functions)
        {
            pipeline.Early(function);
            pipeline.Late(function);
        }
        Check(unit.Module, unit.Functions);
    }

    private static void Check(Module module, List<Function> functions)
    {
        string text = ModulePrinter.Print(module, functions);
        (Module again, List<Function> read) = Parser.ParseModule(text);
        var verifier = new Verifier();
        foreach (Function function in read)
            verifier.Require(function, "reading");
        Assert.Equal(text, ModulePrinter.Print(again, read));
    }

    [Fact]
    public void EveryKindOfLineIsRead()
    {
        const string text = """
            features 0x80000007
            alias 1 "char" in 0
            alias 2 "int" in 1
            symbol @table object internal binds_locally read_only used referenced section ".rodata.x" size 24 align 8 data x0102ff [ 8:8 2 -4 16:4 2 0 b3 minus b2 ]
            symbol @f function external visibility hidden binds_locally address_taken constructor 101 +pure +no_throw version "f@@V1"
            symbol @".LC 0"#3 object internal binds_locally mergeable size 3 characters 1 data x686900
            symbol @t undefined weak_reference tls initial_exec
            symbol @g alias external target 2
            assembly ".globl q\0a"
            ident "made by hand"
            executable_stack

            function @f (i8 sext integer 7:1, f80 stack 0:16:16, ptr memory 16:24:8) -> (i128 integer 0:8, f64 vector 0:8) variadic(3 1 0 40) stack(40) pops(8) preserves(1) !no_inline !cold features 0x80000fff @10..99
            {
              scope 0 in -1 @10 @99
              variable 0 "a\5cb" type 3 scope 0 parameter 1 @12
              slot s1 size 48 align 16 pinned variable 0
              parameter %1 = i8
              parameter %2 = f80
              parameter %3 = ptr
            b1: entry frequency 0.25
              %4 = load v4i32 align 4 volatile alias 2 !invariant @table+8 @20
              %5 = shuffle v4i32 [0 7 255 1] %4, v4i32 x000102030405060708090a0b0c0d0e0f
              %6 = float_compare i1.unordered_less.quiet %2, f80 0x3fff8000000000000000
              %7 = atomic_rmw i64.nand align 8 sequentially_consistent &s1, i64 -1
              %8 = asm i32 "mov %1, %0" volatile [output_register "r" i32 in "r12" early, input_register "0" i32 tied 0 input 0 named "in"] clobber "rax" clobbers_memory clobbers_flags i32 any
              %9 = result i64 #1 %8
              fence #6
              %10 = call i32 indirect (i8 zext integer 7:4) -> (i32 integer 0:4) +no_return +no_inline @".LC 0"#3-1, %1 @30
              branch_if #32768 %6 -> b2, b3 @31
            b2: address_taken from b1
              switch i32 1 exhaustive { -5: 1 7..9: 0 } -> b3, b4
            b3: cold from b2 b1
              %20 = phi i128 i128 -170141183460469231731687303715884105728, i128 5
              return %20, f64 0x8000000000000000
            b4: from b2
              %21 = add i32 !no_signed_wrap !no_unsigned_wrap i32 1, %10
              trap
            }

            """;
        (Module module, List<Function> functions) = Parser.ParseModule(text);
        Assert.Equal(text, ModulePrinter.Print(module, functions));
    }

    [Theory]
    [InlineData("symbol @a object external\nsymbol @a object external\n", 2)]
    [InlineData("symbol @a#7 object internal\n", 1)]
    [InlineData("symbol @a object external colour red\n", 1)]
    [InlineData("nonsense\n", 1)]
    [InlineData("function @f () -> ()\n{\n}\n", 3)]
    [InlineData("function @f () -> ()\n{\nb1: entry\n  return\n", 5)]
    [InlineData("function @f () -> ()\n{\nb1: entry\n  %1 = add i32 i32 1\n  return\n}\n", 4)]
    [InlineData("function @f () -> ()\n{\nb1: entry\n  %1 = add i32 i32 1, %2\n  return\n}\n", 6)]
    [InlineData("function @f () -> ()\n{\nb1: entry\n  %1 = add i31 i32 1, i32 2\n  return\n}\n", 4)]
    [InlineData("function @f () -> ()\n{\nb1: entry\n  %1 = frobnicate i32 i32 1, i32 2\n  return\n}\n", 4)]
    [InlineData("function @f () -> ()\n{\nb1: entry\n  branch -> b2\n}\n", 5)]
    [InlineData("function @f () -> ()\n{\nb1: entry\n  branch -> b1\nb2: from b1\n  return\n}\n", 7)]
    [InlineData("function @f () -> ()\n{\nb1: entry\n  %1 = load i32 align 3 @x\n  return\n}\n", 4)]
    [InlineData("function @f () -> ()\n{\nb1: entry\n  %1 = load i32 align 4 &s1\n  return\n}\n", 4)]
    [InlineData("function @f () -> ()\n{\nb1: entry\n  %1 = load i32 align 4 @x @5 rest\n  return\n}\n", 4)]
    [InlineData("ident \"open\n", 1)]
    [InlineData("ident \"\\zz\"\n", 1)]
    public void WrongTextIsRefused(string text, int line)
    {
        var error = Assert.Throws<IrTextException>(() => Parser.ParseModule(text));
        Assert.Equal(line, error.Line);
    }
}
