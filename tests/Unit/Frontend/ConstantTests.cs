using Xunit;

namespace Kiln.Tests.Frontend;

/// <summary>Constant expressions: each line holds in gcc (which the test asks) and here.</summary>
public class ConstantTests
{
    [Theory]
    [InlineData("(-7) / 2 == -3 && (-7) % 2 == -1 && 7u / 2 == 3")]
    [InlineData("(unsigned char)300 == 44 && (signed char)200 == -56 && (_Bool)0.5 == 1")]
    [InlineData("-1 > 0u && -1L < 0u && (short)-1 < 0")]
    [InlineData("(1 << 31) < 0 && 1u << 31 == 2147483648u && (-8 >> 1) == -4")]
    [InlineData("sizeof(1 ? 1 : 2L) == 8 && sizeof('a') == 4 && sizeof(\"abc\") == 4 && sizeof(L\"ab\") == 12")]
    [InlineData("(unsigned __int128)-1 >> 127 == 1 && (__int128)1 << 100 >> 99 == 2")]
    [InlineData("(int)3.99 == 3 && (int)-3.99 == -3 && (unsigned)1e9 == 1000000000")]
    [InlineData("0x7fffffff == 2147483647 && 0b1010 == 10 && 017 == 15 && 'ab' == 24930 && '\\377' == -1")]
    [InlineData("__builtin_types_compatible_p(typeof(0x80000000), unsigned) && __builtin_types_compatible_p(typeof(2147483648), long)")]
    [InlineData("__builtin_types_compatible_p(typeof((char)1 + (char)1), int) && __builtin_types_compatible_p(typeof(1u + 1L), long)")]
    [InlineData("_Generic(1.0f + 1, float: 1, default: 0) && _Generic(1.0L * 1.0, long double: 1, default: 0)")]
    [InlineData("_Generic((const int *)0, int *: 0, const int *: 1) && _Generic(1 ? (void *)0 : (int *)0, int *: 1, default: 0)")]
    [InlineData("__builtin_clz(1) == 31 && __builtin_ctzl(8) == 3 && __builtin_popcount(255) == 8 && __builtin_ffs(0) == 0 && __builtin_bswap32(0x12345678) == 0x78563412")]
    [InlineData("__builtin_constant_p(1 + 2) && !__builtin_constant_p(variable) && __builtin_choose_expr(1, 2, variable) == 2")]
    [InlineData("__builtin_offsetof(struct { char a; struct { int b[4]; } c; }, c.b[2]) == 12")]
    [InlineData("&((struct { int a, b; } *)0)->b - (int *)0 == 1")]
    [InlineData("(long)&((struct { int a, b; } *)16)->b == 20")]
    [InlineData("__builtin_isnan(__builtin_nan(\"\")) && __builtin_isinf(__builtin_inf()) && __builtin_signbit(-0.0)")]
    [InlineData("0.1f != 0.1 && 0x1p-1 == 0.5 && 1e400L > 1e300 && 1.0f / 3 == 0x1.555556p-2f")]
    [InlineData("__alignof__(long double) == 16 && _Alignof(char) == 1 && sizeof(struct { int : 0; char c; }) == 1")]
    [InlineData("sizeof(int[3][4]) == 48 && sizeof(*(int (*)[5])0) == 20 && sizeof(void) == 1")]
    [InlineData("(enum { P = 5, Q, R = P * 2 })Q + R == 16 && sizeof(enum { BIG = 0x100000000 }) == 8")]
    [InlineData("__builtin_add_overflow_p(2147483647, 1, (int)0) && !__builtin_add_overflow_p(2147483647, 1, (long)0)")]
    [InlineData("(unsigned char)(~(unsigned char)0x0f) == 0xf0 && -(-2147483647 - 1 + 1) == 2147483647")]
    [InlineData("sizeof(((struct { unsigned long long b : 40; } *)0)->b + 0) == 8")]
    public void HoldsAsInGcc(string condition)
    {
        string source = $"int variable; _Static_assert({condition}, \"\");";
        var unit = new AnalysedUnit(source);
        Assert.Equal([], unit.Messages.FindAll(m => m.Contains("error")));
        if (AnalysedUnit.Gcc(source, "-w -fsyntax-only") is { } gcc)
            Assert.Equal("", gcc.Output);
    }
}
