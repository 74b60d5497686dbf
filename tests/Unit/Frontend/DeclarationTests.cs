using Kiln.Frontend;
using Kiln.Frontend.Ast;
using Kiln.Frontend.Builtins;
using Kiln.Frontend.Types;
using Kiln.Target;
using Xunit;

namespace Kiln.Tests.Frontend;

/// <summary>What declarations make of names: types, linkage, what must be emitted.</summary>
public class DeclarationTests
{
    [Theory]
    [InlineData("int *v[3];", "int *[3]")]
    [InlineData("int (*v)[3];", "int (*)[3]")]
    [InlineData("int (*v)(const char *, ...);", "int (*)(const char *, ...)")]
    [InlineData("int (*(*v)(int))[4];", "int (*(*)(int))[4]")]
    [InlineData("void (*v[2])(void);", "void (*[2])(void)")]
    [InlineData("const volatile unsigned long *const v;", "const volatile long unsigned int *const")]
    [InlineData("long double _Complex v;", "_Complex long double")]
    [InlineData("typedef float m __attribute__((vector_size(16))); m v;", "__vector(4) float")]
    [InlineData("int a __attribute__((mode(QI))); typeof(a) v;", "signed char")]
    [InlineData("typeof(int (*)(void)) v;", "int (*)(void)")]
    [InlineData("int f(int a[const 3], int b(void)); typeof(&f) v;", "int (*)(int *, int (*)(void))")]
    [InlineData("_Atomic(int) *v;", "_Atomic int *")]
    public void TypesPrintAsGccPrintsThem(string source, string expected)
    {
        var unit = new AnalysedUnit(source);
        Assert.Equal(0, unit.ErrorCount);
        // gcc sets no space between a type and a parameter list or a bound; neither is one here.
        Assert.Equal(expected, new TypePrinter(unit.Names).Print(unit.Variable("v").Type));
    }

    [Theory]
    [InlineData("int f(void) { return 0; }", true)]
    [InlineData("static int f(void) { return 0; }", false)]
    [InlineData("static int f(void) { return 0; } static __attribute__((used)) int g(void) { return 0; }", false)]
    [InlineData("__attribute__((used)) static int f(void) { return 0; }", true)]
    [InlineData("inline int f(void) { return 0; }", false)]
    [InlineData("extern inline int f(void) { return 0; }", true)]
    [InlineData("inline int f(void) { return 0; } extern int f(void);", true)]
    [InlineData("inline int f(void) { return 0; } int f(void);", true)]
    [InlineData("extern inline __attribute__((gnu_inline)) int f(void) { return 0; }", false)]
    [InlineData("inline __attribute__((gnu_inline)) int f(void) { return 0; }", true)]
    [InlineData("__attribute__((constructor)) static void f(void) { }", true)]
    public void InlineDecidesWhatIsEmitted(string source, bool expected)
    {
        var unit = new AnalysedUnit(source);
        Assert.Equal(expected, unit.Function("f").Declaration.MustEmit);
    }

    [Fact]
    public void TentativeDefinitionsComeAtTheEnd()
    {
        var unit = new AnalysedUnit("int a; int b = 1; extern int c; int a; static int d; int e[];");
        Assert.Equal(["b", "a", "d", "e"], unit.Variables.Select(v => unit.Names.Text(v.Name)));
        Assert.True(unit.Ended);
        Assert.Equal(1, ((ArrayType)unit.Variable("e").Type.Type).Count);
        Assert.Contains("1: warning: array 'e' assumed to have one element", unit.Messages);
    }

    [Fact]
    public void NestedFunctionsMarkWhatTheyCapture()
    {
        var unit = new AnalysedUnit("""
            int f(int a, int b)
            {
                int c = 1;
                int g(int d) { return a + c + d; }
                return g(b);
            }
            """);
        FunctionDefinition f = unit.Function("f");
        Assert.True(f.Parameters[0].IsCaptured);
        Assert.False(f.Parameters[1].IsCaptured);
        Assert.True((f.NestedFunctions[0].Declaration.Flags & FunctionFlags.NeedsStaticChain) != 0);
        Assert.True((f.Declaration.Flags & FunctionFlags.HasNestedFunctions) != 0);
    }

    [Fact]
    public void EveryRowOfTheBuiltinTableHasAType()
    {
        var names = new Kiln.Base.Interner();
        var types = new TypeTable(TargetInfo.X86_64, names);
        var table = new BuiltinTable(types, names);
        int count = 0, known = names.Count;
        for (int name = 0; name < known; name++)
        {
            if (table.Find(names.Intern("__builtin_" + names.Text(name)), new LanguageOptions()) is not { } builtin)
                continue;
            count++;
            bool isSpecial = (builtin.Flags & BuiltinFlags.Special) != 0;
            Assert.Equal(isSpecial, table.TypeOf(builtin) is null);
            // What no library function stands behind must be known by an id.
            Assert.True((builtin.Flags & BuiltinFlags.Library) != 0 || builtin.Id != BuiltinId.None || builtin.Name is "cexpi" or "cexpif" or "cexpil" or "clear_padding",
                builtin.Name);
        }
        Assert.True(count > 500);
    }
}
