using Xunit;

namespace Kiln.Tests.Frontend;

/// <summary>Warnings that programs' builds rely on; each expectation was read off gcc 12 with the option.</summary>
public class WarningTests
{
    [Theory]
    [InlineData("unused-variable", "void f(void) { int a; }", "unused variable 'a'")]
    [InlineData("unused-variable", "static int a;", "'a' defined but not used")]
    [InlineData("unused-but-set-variable", "int g(void); void f(void) { int a; a = g(); }", "variable 'a' set but not used")]
    [InlineData("unused-parameter", "void f(int a) { }", "unused parameter 'a'")]
    [InlineData("unused-function", "static void f(void) { }", "'f' defined but not used")]
    [InlineData("unused-label", "void f(void) { a: ; }", "label 'a' defined but not used")]
    [InlineData("unused-local-typedefs", "void f(void) { typedef int t; }", "typedef 't' locally defined but not used")]
    [InlineData("unused-value", "void f(int a) { a + 1; }", "statement with no effect")]
    [InlineData("unused-value", "void f(int *a) { *a++; }", "value computed is not used")]
    [InlineData("return-type", "int f(int a) { if (a) return 1; }", "control reaches end of non-void function")]
    [InlineData("implicit-fallthrough", "void g(void); void f(int a) { switch (a) { case 1: g(); case 2: g(); } }", "this statement may fall through")]
    [InlineData("format", "int printf(const char *, ...); void f(long a) { printf(\"%d\", a); }", "format '%d' expects argument of type 'int', but argument 2 has type 'long int'")]
    [InlineData("format", "int printf(const char *, ...); void f(void) { printf(\"%s\"); }", "format '%s' expects a matching 'char *' argument")]
    [InlineData("format", "int printf(const char *, ...); void f(void) { printf(\"%y\", 1); }", "unknown conversion type character 'y' in format")]
    [InlineData("format", "int printf(const char *, ...); void f(void) { printf(\"a\", 1); }", "too many arguments for format")]
    [InlineData("format", "int scanf(const char *, ...); void f(float *a) { scanf(\"%d\", a); }", "format '%d' expects argument of type 'int *', but argument 2 has type 'float *'")]
    [InlineData("format", "void log(int, const char *, ...) __attribute__((format(printf, 2, 3))); void f(void) { log(1, \"%d\", \"\"); }", "format '%d' expects argument of type 'int', but argument 3 has type 'char *'")]
    [InlineData("sign-compare", "int f(int a, unsigned b) { return a < b; }", "comparison of integer expressions of different signedness: 'int' and 'unsigned int'")]
    [InlineData("parentheses", "int f(int a, int b, int c) { return a && b || c; }", "suggest parentheses around '&&' within '||'")]
    [InlineData("parentheses", "int f(int a) { if (a = 1) return 1; return 0; }", "suggest parentheses around assignment used as truth value")]
    [InlineData("dangling-else", "int f(int a) { if (a) if (a > 1) return 1; else return 2; return 3; }", "suggest explicit braces to avoid ambiguous 'else'")]
    [InlineData("missing-prototypes", "void f(void) { }", "no previous prototype for 'f'")]
    [InlineData("missing-declarations", "void f(void) { }", "no previous declaration for 'f'")]
    [InlineData("strict-prototypes", "void f();", "function declaration isn't a prototype")]
    [InlineData("old-style-definition", "int f(a) int a; { return a; }", "old-style function definition")]
    [InlineData("switch", "enum e { A, B }; void f(enum e a) { switch (a) { case A: ; } }", "enumeration value 'B' not handled in switch")]
    [InlineData("switch-default", "void f(int a) { switch (a) { case 1: ; } }", "switch missing default case")]
    [InlineData("shadow", "int a; void f(void) { int a = 1; (void)a; }", "declaration of 'a' shadows a global declaration")]
    [InlineData("type-limits", "int f(unsigned a) { return a < 0; }", "comparison of unsigned expression in '< 0' is always false")]
    [InlineData("empty-body", "void f(int a) { if (a); }", "suggest braces around empty body in an 'if' statement")]
    [InlineData("missing-field-initializers", "struct s { int a, b; } x = { 1 };", "missing initializer for field 'b' of 'struct s'")]
    [InlineData("missing-braces", "int a[2][2] = { 1, 2, 3, 4 };", "missing braces around initializer")]
    [InlineData("sequence-point", "void f(int a) { a = a++; }", "operation on 'a' may be undefined")]
    [InlineData("uninitialized", "int f(void) { int a; return a; }", "'a' is used uninitialized")]
    [InlineData("nonnull", "void g(void *) __attribute__((nonnull)); void f(void) { g(0); }", "argument 1 null where non-null expected")]
    [InlineData("cast-qual", "char *f(const char *a) { return (char *)a; }", "cast discards 'const' qualifier from pointer target type")]
    [InlineData("pointer-arith", "void *f(void *a) { return a + 1; }", "pointer of type 'void *' used in arithmetic")]
    [InlineData("write-strings", "char *f(void) { return \"a\"; }", "return discards 'const' qualifier from pointer target type")]
    [InlineData("char-subscripts", "int f(int *a, char b) { return a[b]; }", "array subscript has type 'char'")]
    [InlineData("logical-not-parentheses", "int f(int a, int b) { return !a == b; }", "logical not is only applied to the left hand side of comparison")]
    [InlineData("tautological-compare", "int f(int a) { return a == a; }", "self-comparison always evaluates to true")]
    [InlineData("address", "int a; int f(void) { if (&a) return 1; return 0; }", "the address of 'a' will always evaluate as 'true'")]
    [InlineData("bool-compare", "int f(int a) { return (a > 1) == 2; }", "comparison of constant '2' with boolean expression is always false")]
    [InlineData("duplicated-cond", "int f(int a) { if (a > 1) return 1; else if (a > 1) return 2; return 3; }", "duplicated 'if' condition")]
    [InlineData("misleading-indentation", "void g(void); void f(int a)\n{\n  if (a)\n    g();\n    g();\n}", "this 'if' clause does not guard...")]
    [InlineData("shift-negative-value", "int a = -1 << 2;", "left shift of negative value")]
    public void IsGivenWithItsOptionAlone(string option, string source, string expected)
    {
        Assert.Contains(new AnalysedUnit(source, null, option).Messages, m => m.EndsWith("warning: " + expected));
        Assert.DoesNotContain(new AnalysedUnit(source).Messages, m => m.EndsWith(expected));
    }

    [Theory]
    [InlineData("void f(void) { int a = 1; (void)a; }")]
    [InlineData("int f(int a) { switch (a) { default: return 1; } }")]
    [InlineData("void g(void) __attribute__((noreturn)); int f(int a) { if (a) return 1; g(); }")]
    [InlineData("int f(void) { for (;;) ; }")]
    [InlineData("void g(void); void f(int a) { switch (a) { case 1: g(); /* fall through */ case 2: g(); break; case 3: g(); __attribute__((fallthrough)); case 4: g(); } }")]
    [InlineData("int printf(const char *, ...); void f(short a, float b, char *c, void *d, unsigned long e) { printf(\"%d%f%s%p%zu%%%*d\", a, b, c, d, e, 1, 2); }")]
    [InlineData("int f(unsigned a, unsigned char b) { return a < 5 && a == b && b < 3; }")]
    [InlineData("int f(int a, int b) { if ((a = b)) return 1; return (a & b) == 1; }")]
    [InlineData("struct s { int a, b; } x = { 0 }, y = { .a = 1 };")]
    [InlineData("int f(int *a, int i) { i = i + 1; a[i] = i; return i++ + a[0]; }")]
    [InlineData("int f(int c) { int a; if (c) a = 1; else a = 2; return a; }")]
    public void IsNotGivenWithoutCause(string source) =>
        Assert.Empty(new AnalysedUnit(source, null, "all", "extra").Messages);
}
