using Kiln.Frontend.Ast;
using Xunit;

namespace Kiln.Tests.Frontend;

/// <summary>Images of static objects, byte by byte (worked out by hand from C17 6.7.9).</summary>
public class InitializerTests
{
    [Theory]
    [InlineData("int v[] = { 1, 2, [4] = 5, 6, [1] = 7 };", "01000000 07000000 00000000 00000000 05000000 06000000")]
    [InlineData("char v[] = \"ab\" \"c\";", "61626300")]
    [InlineData("char v[3] = \"abc\";", "616263")]
    [InlineData("char v[5] = { \"ab\" };", "6162000000")]
    [InlineData("struct { char a; short b; char c[2]; } v = { 1, 2, \"x\" };", "01000200 7800")]
    [InlineData("struct { int a[2]; int b; } v = { 1, 2, 3 };", "01000000 02000000 03000000")]
    [InlineData("struct { struct { int a, b; } s; int c; } v = { .s.b = 2, 3 };", "00000000 02000000 03000000")]
    [InlineData("struct { int a, b, c; } v = { .c = 1, .a = 2 };", "02000000 00000000 01000000")]
    [InlineData("short v[2][2] = { { 1 }, { 2, 3 } };", "0100 0000 0200 0300")]
    [InlineData("short v[2][2] = { 1, 2, 3 };", "0100 0200 0300 0000")]
    [InlineData("char v[8] = { [1 ... 3] = 7, [6] = 1 };", "00070707 00000100")]
    [InlineData("union { int a; char b[4]; } v = { .b = { 1, 2 } };", "01020000")]
    [InlineData("struct { unsigned a : 3, b : 5; int c : 24; } v = { 5, 9, -2 };", "4d feffff")]
    [InlineData("struct { int n; short d[]; } v = { 1, { 2, 3 } };", "01000000 0200 0300")]
    [InlineData("struct { int a; struct { int b; union { int c; float d; }; }; } v = { .a = 1, .c = 3 };", "01000000 00000000 03000000")]
    [InlineData("double v = 1;", "000000000000f03f")]
    [InlineData("_Complex float v = 1 + 2.0if;", "0000803f 00000040")]
    [InlineData("long double v = 1;", "0000000000000080 ff3f 000000000000")]
    [InlineData("typedef short s4 __attribute__((vector_size(8))); s4 v = { 1, -1 };", "0100 ffff 0000 0000")]
    [InlineData("struct p { char x, y; }; struct p v[] = { { 1 }, (struct p){ 2, 3 }, 4, 5 };", "0100 0203 0405")]
    [InlineData("struct { int a; int b; } v = { a: 1, b: 2 };", "01000000 02000000")]
    [InlineData("const int one = 1; int v = one + 1;", "02000000")]
    public void ImagesAreRight(string source, string expected)
    {
        var unit = new AnalysedUnit(source);
        Assert.Equal(0, unit.ErrorCount);
        StaticImage image = unit.Variable("v").Image!;
        Assert.Empty(image.Relocations);
        var bytes = new byte[image.Size];
        image.Bytes.AsSpan(0, image.Length).CopyTo(bytes);
        Assert.Equal(expected.Replace(" ", ""), Convert.ToHexStringLower(bytes));
    }

    [Fact]
    public void AddressesAreRelocations()
    {
        var unit = new AnalysedUnit("""
            struct { int a, b; } x[4];
            int f(void);
            struct { char c; int *p; int (*g)(void); long d; char *s; } v = { 1, &x[2].b, f, (long)&x[1], "text" + 1 };
            """);
        Assert.Equal(0, unit.ErrorCount);
        ImageRelocation[] relocations = unit.Variable("v").Image!.Relocations;
        Assert.Equal([8, 16, 24, 32], relocations.Select(r => r.Offset));
        Assert.Equal([20, 0, 8, 1], relocations.Select(r => r.Addend));
        Assert.IsType<VariableDeclaration>(relocations[0].Target);
        Assert.IsType<FunctionDeclaration>(relocations[1].Target);
        Assert.IsType<StringLiteral>(relocations[3].Target);
    }

    [Fact]
    public void AutomaticListsAreFlat()
    {
        var unit = new AnalysedUnit("struct s { int a; struct { char b, c; } d; }; void f(int x) { struct s v = { x, { 2, x } }; }");
        var list = (InitializerList)((DeclarationStatement)unit.Function("f").Body.Statements[0]).Variable!.Initializer!;
        Assert.Equal([0, 4, 5], list.Elements.Select(e => e.Offset));
    }
}
