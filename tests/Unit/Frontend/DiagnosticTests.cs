using System.Diagnostics;
using Xunit;

namespace Kiln.Tests.Frontend;

/// <summary>What is refused or warned of, in gcc's words; each expectation was read off gcc 12.</summary>
public class DiagnosticTests
{
    [Theory]
    [InlineData("int f(void) { return x; }", "1: error: 'x' undeclared (first use in this function)")]
    [InlineData("int x = y;", "1: error: 'y' undeclared here (not in a function)")]
    [InlineData("int f(void) { return 1 }", "1: error: expected ';' before '}' token")]
    [InlineData("int f(void) { int *p = 1; return !p; }", "1: warning: initialization of 'int *' from 'int' makes pointer from integer without a cast")]
    [InlineData("void f(int *p, char *q) { p = q; }", "1: warning: assignment to 'int *' from incompatible pointer type 'char *'")]
    [InlineData("void f(char *p, const char *q) { p = q; }", "1: warning: assignment discards 'const' qualifier from pointer target type")]
    [InlineData("struct s { int a; }; int f(struct s x) { return x.b; }", "1: error: 'struct s' has no member named 'b'")]
    [InlineData("struct s; struct s x;", "1: error: storage size of 'x' isn't known")]
    [InlineData("void f(void) { struct s x; }", "1: error: storage size of 'x' isn't known")]
    [InlineData("int f(int a) { return a(); }", "1: error: called object 'a' is not a function or function pointer")]
    [InlineData("int g(int); int f(void) { return g(); }", "1: error: too few arguments to function 'g'")]
    [InlineData("int g(int); int f(void) { return g(1, 2); }", "1: error: too many arguments to function 'g'")]
    [InlineData("int f(void); char f(void);", "1: error: conflicting types for 'f'; have 'char(void)'")]
    [InlineData("int x; char x;", "1: error: conflicting types for 'x'; have 'char'")]
    [InlineData("static int f(void); int f(void) { return 0; } int x; static int x;", "1: error: static declaration of 'x' follows non-static declaration")]
    [InlineData("void f(void) { break; }", "1: error: break statement not within loop or switch")]
    [InlineData("void f(void) { continue; }", "1: error: continue statement not within a loop")]
    [InlineData("void f(void) { case 1: ; }", "1: error: case label not within a switch statement")]
    [InlineData("void f(int a) { switch (a) { case 1: case 1: ; } }", "1: error: duplicate case value")]
    [InlineData("void f(int a) { switch (a) { case 1 ... 5: case 3: ; } }", "1: error: duplicate case value")]
    [InlineData("void f(void) { goto out; }", "1: error: label 'out' used but not defined")]
    [InlineData("void f(void) { a: a: ; }", "1: error: duplicate label 'a'")]
    [InlineData("void f(int n) { goto in; int a[n]; in: ; }", "1: error: jump into scope of identifier with variably modified type")]
    [InlineData("void f(void) { const int a = 1; a = 2; }", "1: error: assignment of read-only variable 'a'")]
    [InlineData("void f(void) { 1 = 2; }", "1: error: lvalue required as left operand of assignment")]
    [InlineData("struct s { int a : 3; } x; int *p = &x.a;", "1: error: cannot take address of bit-field 'a'")]
    [InlineData("int f(int a, struct s { int x; } b) { return a + b; }", "1: error: invalid operands to binary + (have 'int' and 'struct s')")]
    [InlineData("int a[-1];", "1: error: size of array 'a' is negative")]
    [InlineData("int n; int a[n];", "1: error: variably modified 'a' at file scope")]
    [InlineData("int f(void); int x = f();", "1: error: initializer element is not constant")]
    [InlineData("struct s { int a; int a; };", "1: error: duplicate member 'a'")]
    [InlineData("struct s { int a; }; struct s { int b; };", "1: error: redefinition of 'struct s'")]
    [InlineData("struct s { int a : 33; };", "1: error: width of 'a' exceeds its type")]
    [InlineData("_Static_assert(1 == 2, \"no\");", "1: error: static assertion failed: \"no\"")]
    [InlineData("_Static_assert(((1, 2) ? 3 : 4) == 3 || 1, \"\");", "1: error: expression in static assertion is not constant")]
    [InlineData("int long char x;", "1: error: two or more data types in declaration specifiers")]
    [InlineData("short float x;", "1: error: both 'short' and 'float' in declaration specifiers")]
    [InlineData("int f(void) { return _Generic(1, char: 2); }", "1: error: '_Generic' selector of type 'int' is not compatible with any association")]
    [InlineData("void f(int) { void g(void); g(1); }", "1: error: too many arguments to function 'g'")]
    [InlineData("int f(void) { foo(); return 0; }", "1: warning: implicit declaration of function 'foo'")]
    [InlineData("f(void) { return 0; }", "1: warning: return type defaults to 'int'")]
    [InlineData("int x __attribute__((frobnicate));", "1: warning: 'frobnicate' attribute directive ignored")]
    [InlineData("int x __attribute__((alias));", "1: error: wrong number of arguments specified for 'alias' attribute")]
    [InlineData("int f(int x) { return x / 0; }", "1: warning: division by zero")]
    [InlineData("int f(int x) { return x << 40; }", "1: warning: left shift count >= width of type")]
    [InlineData("int x = 2147483647 + 1;", "1: warning: integer overflow in expression of type 'int' results in '-2147483648'")]
    [InlineData("int a[2] = { 1, 2, 3 };", "1: warning: excess elements in array initializer")]
    [InlineData("struct s { int a; } x = { .b = 1 };", "1: error: 'struct s' has no member named 'b'")]
    [InlineData("int f(int *p, long q) { return p == q; }", "1: warning: comparison between pointer and integer")]
    [InlineData("int f(void) { int a; return sizeof(struct t); }", "1: error: invalid application of 'sizeof' to incomplete type 'struct t'")]
    [InlineData("foo x;", "1: error: unknown type name 'foo'")]
    [InlineData("void f(void) { asm(\"%[a]\" : : \"r\"(1)); }", "1: error: undefined named operand 'a'")]
    public void ReportsAsGccDoes(string source, string expected)
    {
        var unit = new AnalysedUnit(source);
        Assert.Contains(expected, unit.Messages);
        Assert.Equal(expected.Contains("error:"), unit.ErrorCount > 0);
    }

    [Fact]
    public void OneErrorDoesNotCascade()
    {
        var unit = new AnalysedUnit("""
            int f(int a)
            {
                struct unknown *p = undeclared + a * 2;
                undeclared->x[3].y(1, 2);
                return undeclared ? a : undeclared;
            }
            int g(int b) { return b + 1; }
            int h(int c) { return c c; }
            int k(void) { return 0; }
            int l(void) { return missing; }
            """);
        Assert.Equal(
            [
                "3: error: 'undeclared' undeclared (first use in this function)",
                "8: error: expected ';' before 'c'",
                "10: error: 'missing' undeclared (first use in this function)",
            ],
            unit.Messages.FindAll(m => m.Contains("error")));
    }

    [Theory]
    [InlineData("(", ")")]
    [InlineData("- ", "")]
    [InlineData("~", "")]
    [InlineData("sizeof ", "")]
    [InlineData("(int)", "")]
    [InlineData("f(", ")")]
    [InlineData("(int[]){", "}[0]")]
    [InlineData("1 + (", ")")]
    [InlineData("x[", "]")]
    [InlineData("*&", "")]
    [InlineData("x ? x : ", "")]
    [InlineData("x = ", "")]
    [InlineData("({", ";})")]
    public void DeepNestingIsReportedNotSuffered(string open, string close)
    {
        const int depth = 300_000;
        string source = "int f(int x) { return " + string.Concat(Enumerable.Repeat(open, depth)) + "x"
            + string.Concat(Enumerable.Repeat(close, depth)) + "; }";
        var watch = Stopwatch.StartNew();
        var unit = new AnalysedUnit(source);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), watch.Elapsed.ToString());
        Assert.True(unit.ErrorCount == 0 || unit.Messages.Exists(m => m.Contains("nesting too deep")), string.Join('\n', unit.Messages.Take(3)));
    }
}
