using Kiln.Frontend.Preprocess;
using Xunit;

namespace Kiln.Tests.Frontend;

public class PreprocessMacroTests
{
    [Fact]
    public void Rescanning_example_of_the_standard() // C17 6.10.3.5 example 3
    {
        const string Text = """
            #define x 3
            #define f(a) f(x * (a))
            #undef x
            #define x 2
            #define g f
            #define z z[0]
            #define h g(~
            #define m(a) a(w)
            #define w 0,1
            #define t(a) a
            #define p() int
            #define q(x) x
            #define r(x,y) x ## y
            #define str(x) # x
            f(y+1) + f(f(z)) % t(t(g)(0) + t)(1);
            g(x+(3,4)-w) | h 5) & m
            (f)^m(m);
            p() i[q()] = { q(1), r(2,3), r(4,), r(,5), r(,) };
            char c[2][6] = { str(hello), str() };
            """;
        Assert.Equal(
            "f ( 2 * ( y + 1 ) ) + f ( 2 * ( f ( 2 * ( z [ 0 ] ) ) ) ) % f ( 2 * ( 0 ) ) + t ( 1 ) ; "
            + "f ( 2 * ( 2 + ( 3 , 4 ) - 0 , 1 ) ) | f ( 2 * ( ~ 5 ) ) & f ( 2 * ( 0 , 1 ) ) ^ m ( 0 , 1 ) ; "
            + "int i [ ] = { 1 , 23 , 4 , 5 , } ; char c [ 2 ] [ 6 ] = { \"hello\" , \"\" } ;",
            PreprocessRun.Expand(Text));
    }

    [Fact]
    public void Strings_and_pasting_example_of_the_standard() // example 4
    {
        const string Text = """
            #define str(s) # s
            #define xstr(s) str(s)
            #define debug(s, t) printf("x" # s "= %d, x" # t "= %s", \
             x ## s, x ## t)
            #define INCFILE(n) vers ## n
            #define glue(a, b) a ## b
            #define xglue(a, b) glue(a, b)
            #define HIGHLOW "hello"
            #define LOW LOW ", world"
            debug(1, 2);
            fputs(str(strncmp("abc\0d", "abc", '\4') // this goes away
             == 0) str(: @\n), s);
            xstr(INCFILE(2).h)
            glue(HIGH, LOW);
            xglue(HIGH, LOW)
            """;
        Assert.Equal(
            """
            printf ( "x" "1" "= %d, x" "2" "= %s" , x1 , x2 ) ; fputs ( "strncmp(\"abc\\0d\", \"abc\", '\\4') == 0" ": @\n" , s ) ; "vers2.h" "hello" ; "hello" ", world"
            """,
            PreprocessRun.Expand(Text));
    }

    [Fact]
    public void Placemarkers_hash_hash_and_variable_arguments() // examples 5, 7 and 6.10.3.3's
    {
        const string Text = """
            #define t(x,y,z) x ## y ## z
            int j[] = { t(1,2,3), t(,4,5), t(6,,7), t(8,9,), t(10,,), t(,11,), t(,,12), t(,,) };
            #define hash_hash # ## #
            #define mkstr(a) # a
            #define in_between(a) mkstr(a)
            #define join(c, d) in_between(c hash_hash d)
            char p[] = join(x, y);
            #define debug(...) fprintf(stderr, __VA_ARGS__)
            #define showlist(...) puts(#__VA_ARGS__)
            #define report(test, ...) ((test)?puts(#test): printf(__VA_ARGS__))
            debug("X = %d\n", x);
            showlist(The first, second, and third items.);
            report(x>y, "x is %d but y is %d", x, y);
            """;
        Assert.Equal(
            "int j [ ] = { 123 , 45 , 67 , 89 , 10 , 11 , 12 , } ; char p [ ] = \"x ## y\" ; "
            + "fprintf ( stderr , \"X = %d\\n\" , x ) ; puts ( \"The first, second, and third items.\" ) ; "
            + "( ( x > y ) ? puts ( \"x>y\" ) : printf ( \"x is %d but y is %d\" , x , y ) ) ;",
            PreprocessRun.Expand(Text));
    }

    [Fact]
    public void Va_opt_examples_of_the_standard() // C23 6.10.5.1
    {
        const string Text = """
            #define F(...) f(0 __VA_OPT__(,) __VA_ARGS__)
            #define G(X, ...) f(0, X __VA_OPT__(,) __VA_ARGS__)
            #define SDEF(sname, ...) S sname __VA_OPT__(= { __VA_ARGS__ })
            #define EMP
            F(a, b, c) F() F(EMP) G(a, b, c) G(a, ) G(a)
            SDEF(foo); SDEF(bar, 1, 2);
            #define H2(X, Y, ...) __VA_OPT__(X ## Y,) __VA_ARGS__
            #define H3(X, ...) #__VA_OPT__(X##X X##X)
            #define H4(X, ...) __VA_OPT__(a X ## X) ## b
            #define H5A(...) __VA_OPT__()/**/__VA_OPT__()
            #define H5B(X) a ## X ## b
            #define H5C(X) H5B(X)
            H2(a, b, c, d) H3(, 0) H4(, 1) H5C(H5A())
            """;
        Assert.Equal(
            "f ( 0 , a , b , c ) f ( 0 ) f ( 0 ) f ( 0 , a , b , c ) f ( 0 , a ) f ( 0 , a ) "
            + "S foo ; S bar = { 1 , 2 } ; ab , c , d \"\" a b ab",
            PreprocessRun.Expand(Text, new PreprocessorOptions { StandardYear = 2023 }));
    }

    [Theory]
    [InlineData("#define e(f, args...) p(f, ## args)\ne(1) e(1,) e(1,2,3)", "p ( 1 ) p ( 1 , ) p ( 1 , 2 , 3 )")]
    [InlineData("#define e(...) p(1, ## __VA_ARGS__)\ne() e(2)", "p ( 1 ) p ( 1 , 2 )")]
    [InlineData("#define f(x) x\nf\n(1) f f(f)(2)", "1 f f ( 2 )")]
    [InlineData("#define f(x) [x]\n#define g f\ng(g)(1) f(f(2))", "[ f ] ( 1 ) [ [ 2 ] ]")]
    [InlineData("#define f(a,b) a-b\nf((1,2),{3)", "( 1 , 2 ) - { 3")]
    [InlineData("#define f(x) x\nf(1\n#define y 2\ny\n#undef f\n) f(3)", "1 2 f ( 3 )")]
    [InlineData("#define s(x) #x\ns( a  /**/ b\n c ) s('\"') s(\"\\n\")", "\"a b c\" \"'\\\"'\" \"\\\"\\\\n\\\"\"")]
    [InlineData("#define e\n#define s(x) #x\n#define t(x) s(x)\nt(a e b) t(-e-)", "\"a b\" \"--\"")]
    [InlineData("#define c(a,b) a##b\nc(L,'x') c(.,5) c(1,e) c(x,1) c(<,<=) c(%:,%:)", "L'x' .5 1e x1 <<= %:%:")]
    [InlineData("#define A B\n#define B A\nA B", "A B")]
    [InlineData("__COUNTER__ __COUNTER__ __LINE__\n__LINE__", "0 1 1 2")]
    [InlineData("#define L __LINE__\n#define f(x) x\nf(L\nL) f(\nL)", "3 4 5")]
    [InlineData("#define M(x) _Pragma(#x) x\nM(pack) ;", "#pragma pack ; pack ;")]
    [InlineData("#pragma push_macro(\"a\")\n#define a 1\na\n#pragma pop_macro(\"a\")\na", "1 a")]
    [InlineData("#define \\u00e9 1\né \\u00e9", "1 1")]
    [InlineData("a\\\nb c\\\n\\\nd \"x\\\ny\" /\\\n* c */ e /\\\n/ f \\\n g\nh", "ab cd \"xy\" e h")]
    [InlineData("%:define a(x) <: %:x :>\na(b)", "<: \"b\" :>")]
    [InlineData("#define a(x) x\n#define b a(\nb 1) ", "1")]
    public void Expands(string text, string expected) => Assert.Equal(expected, PreprocessRun.Expand(text));

    [Fact]
    public void Trigraphs_are_replaced_where_the_standard_has_them()
    {
        const string Text = "??=define a(x) ??<x??>\na(1) \"??/n\" // ??/\nb\n??";
        var strict = new PreprocessorOptions { IsGnu = false, Trigraphs = true };
        Assert.Equal("{ 1 } \"\\n\" ? ?", PreprocessRun.Expand(Text, strict));
        Assert.Equal("? ? = define", PreprocessRun.Expand("??=define"));
    }

    [Theory]
    [InlineData("#define a 1\n#define a 2", "t.c:2:9: warning: \"a\" redefined", "t.c:1:9: note: this is the location of the previous definition")]
    [InlineData("#define f(x) #y", "t.c:1:14: error: '#' is not followed by a macro parameter")]
    [InlineData("#define f(x) ##x", "t.c:1:14: error: '##' cannot appear at either end of a macro expansion")]
    [InlineData("#define f(x,x) x", "t.c:1:13: error: duplicate macro parameter \"x\"")]
    [InlineData("#define f(a,b) a\nf(1)", "t.c:2:4: error: macro \"f\" requires 2 arguments, but only 1 given", "t.c:1:9: note: macro \"f\" defined here")]
    [InlineData("#define f(a) a\nf(1,2)", "t.c:2:6: error: macro \"f\" passed 2 arguments, but takes just 1", "t.c:1:9: note: macro \"f\" defined here")]
    [InlineData("#define f(a) a\nf(1", "t.c:2:3: error: unterminated argument list invoking macro \"f\"")]
    [InlineData("#define __VA_ARGS__ 1", "t.c:1:9: warning: __VA_ARGS__ can only appear in the expansion of a C99 variadic macro")]
    [InlineData("#define c(a,b) a##b\nc(+,3);", "t.c:2:3: error: pasting \"+\" and \"3\" does not give a valid preprocessing token")]
    [InlineData("#pragma GCC poison a\na", "t.c:2:1: error: attempt to use poisoned \"a\"")]
    public void Complains(string text, params string[] expected)
    {
        string[] complaints = PreprocessRun.Complaints(text);
        Assert.Equal(expected, complaints.Take(expected.Length));
    }

    [Fact]
    public void Same_definition_twice_is_no_redefinition() =>
        Assert.Empty(PreprocessRun.Complaints("#define f(a) ( a + 1 )\n#define f(a) ( a /* */ +  1 )\n"));
}
