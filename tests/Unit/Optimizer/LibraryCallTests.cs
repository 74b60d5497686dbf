using Kiln.IR;
using Kiln.Lowering;
using Kiln.Optimizer;
using Kiln.Target;
using Kiln.Tests.Lowering;
using Xunit;

namespace Kiln.Tests.Optimizer;

/// <summary>What calls of library functions become; each expectation is what gcc 12 -O1 makes of the same line, or weaker.</summary>
public sealed class LibraryCallTests
{
    // The functions called by f after the passes, in order, with the constant returned if nothing else is left.
    private static string Calls(string source)
    {
        var unit = CompiledUnit.Of("typedef __SIZE_TYPE__ size_t; typedef struct F F; extern F *out; extern char *s, *t; extern char buf[32];" + source,
            new LoweringOptions { OptimizationLevel = 1 });
        Assert.Equal(0, unit.ErrorCount);
        var verifier = new Verifier();
        var pipeline = new Pipeline(TargetInfo.X86_64) { AfterPass = verifier.Require };
        Function function = unit.Functions[^1];
        pipeline.Early(function);
        pipeline.Late(function);
        var calls = new List<string>();
        for (int b = 1; b < function.BlockCount; b++)
        {
            for (Value v = function[new Block(b)].First; !v.IsNone; v = function[v].Next)
            {
                if (function.OpOf(v) == Op.Call)
                    calls.Add(unit.Module[function.Calls[(int)function[v].Aux].Callee].Name);
                else if (function.OpOf(v) == Op.Return && function.Operands(v).Length == 1 && function.OpOf(function.Operands(v)[0]) == Op.Constant)
                    calls.Add(function[function.Operands(v)[0]].Aux.ToString(System.Globalization.CultureInfo.InvariantCulture));
            }
        }
        return string.Join(' ', calls);
    }

    [Theory]
    [InlineData("return __builtin_strlen(\"abc\\0d\");", "3")]
    [InlineData("const char *p = \"hello\"; return __builtin_strlen(p + 2);", "3")]
    [InlineData("return __builtin_strcmp(\"a\", \"b\");", "-1")]
    [InlineData("return __builtin_strncmp(s, t, 0);", "0")]
    [InlineData("return __builtin_memcmp(\"ab\\0c\", \"ab\\0d\", 4);", "-1")]
    [InlineData("const char *p = \"hello\"; return __builtin_strchr(p, 'l') == p + 2;", "1")]
    [InlineData("const char *p = \"hello\"; return __builtin_strrchr(p, 'l') == p + 3;", "1")]
    [InlineData("const char *p = \"hello\"; return __builtin_strstr(p, \"lo\") == p + 3;", "1")]
    [InlineData("return __builtin_strpbrk(\"hello\", \"xyz\") == 0;", "1")]
    [InlineData("return __builtin_strspn(\"aab\", \"a\") * 10 + __builtin_strcspn(\"aab\", \"b\");", "22")]
    [InlineData("return __builtin_memchr(\"abc\", 'd', 3) == 0;", "1")]
    [InlineData("return __builtin_strnlen(\"abc\", 2);", "2")]
    [InlineData("return __builtin_strlen(s) == 0;", "")]
    [InlineData("return __builtin_strlen(s) == 1;", "strlen")]
    [InlineData("return __builtin_object_size(buf + 4, 0);", "28")]
    [InlineData("char *p = buf; if (t) p += 8; return __builtin_object_size(p, 0);", "32")]
    [InlineData("char *p = buf; if (t) p += 8; return __builtin_object_size(p, 2);", "24")]
    [InlineData("return __builtin_object_size(s, 0) + __builtin_object_size(s, 2);", "-1")]
    public void ValuesAreKnown(string body, string expected) => Assert.Equal(expected, Calls($"long f(void) {{ {body} }}"));

    [Theory]
    [InlineData("__builtin_strcpy(s, \"abc\");", "")]
    [InlineData("__builtin_strcpy(s, t);", "strcpy")]
    [InlineData("__builtin_strcat(s, \"\");", "")]
    [InlineData("__builtin_strcat(s, \"abc\");", "strlen")]
    [InlineData("__builtin_strncat(s, t, 5);", "strncat")]
    [InlineData("__builtin_stpcpy(s, t);", "strcpy")]
    [InlineData("__builtin_strncpy(s, \"abcdef\", 9);", "strncpy")]
    [InlineData("__builtin_strncpy(s, \"abcdef\", 4);", "")]
    [InlineData("__builtin_printf(\"x\");", "putchar")]
    [InlineData("__builtin_printf(\"x\\n\");", "puts")]
    [InlineData("__builtin_printf(\"%s\\n\", s);", "puts")]
    [InlineData("__builtin_printf(\"%d\\n\", 1);", "printf")]
    [InlineData("__builtin_fprintf(out, \"%s\", s);", "fputs")]
    [InlineData("__builtin_fprintf(out, \"abc\");", "fwrite")]
    [InlineData("__builtin_sprintf(s, \"%s\", t);", "strcpy")]
    [InlineData("__builtin___strcpy_chk(buf, \"abc\", __builtin_object_size(buf, 0));", "")]
    [InlineData("__builtin___strcpy_chk(buf, s, __builtin_object_size(buf, 0));", "__strcpy_chk")]
    [InlineData("__builtin___strcpy_chk(s, t, __builtin_object_size(s, 0));", "strcpy")]
    [InlineData("__builtin___memcpy_chk(buf, s, 33, __builtin_object_size(buf, 0));", "__memcpy_chk")]
    [InlineData("__builtin___sprintf_chk(buf, 1, 32, \"%s\", \"abc\");", "")]
    [InlineData("__builtin___sprintf_chk(buf, 1, 3, \"%s\", \"abc\");", "__sprintf_chk")]
    public void CallsBecomeSimpler(string body, string expected) => Assert.Equal(expected, Calls($"void f(void) {{ {body} }}"));

    // A call that a call became must know whether its result is wanted.
    [Theory]
    [InlineData("return __builtin___stpncpy_chk(buf, s, 4, 32);", "stpncpy")]
    [InlineData("__builtin___stpncpy_chk(buf, s, 4, 32); return s;", "strncpy")]
    [InlineData("return __builtin___stpcpy_chk(s, t, -1);", "stpcpy")]
    public void WantedResultsAreKept(string body, string expected) => Assert.Equal(expected, Calls($"char *f(void) {{ {body} }}"));

    [Fact]
    public void AnAsmLabelGoesWithTheFunction() =>
        Assert.Equal("my_strlen", Calls("size_t strlen(const char *) __asm__(\"my_strlen\"); char *strcat(char *, const char *); void f(void) { strcat(s, \"abc\"); }"));
}
