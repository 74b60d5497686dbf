using System.Globalization;
using System.Text;
using Kiln.Base;
using Xunit;

namespace Kiln.Tests.Base;

public class SoftFloatTests
{
    private static UInt128 Hex(string text) => UInt128.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static UInt128 Parse(FloatFormat format, string text) => SoftFloat.Parse(format, Encoding.ASCII.GetBytes(text))!.Value;

    // Expectations: gcc 12 on x86-64 at -O0, bytes of the objects.
    [Theory]
    [InlineData(FloatFormat.X87, "1.1", "3fff8ccccccccccccccd")]
    [InlineData(FloatFormat.X87, "3.3", "4000d333333333333333")]
    [InlineData(FloatFormat.X87, "1e-4940", "00000000000663278e62")]
    [InlineData(FloatFormat.X87, "1.18973149535723176502e+4932", "7ffeffffffffffffffff")]
    [InlineData(FloatFormat.X87, "3.14159265358979323846264338327950288", "4000c90fdaa22168c235")]
    [InlineData(FloatFormat.Quad, "1.1", "3fff199999999999999999999999999a")]
    [InlineData(FloatFormat.Quad, "3.3", "4000a666666666666666666666666666")]
    [InlineData(FloatFormat.Quad, "1e-4940", "00000000000cc64f1cc4376f7da08f39")]
    [InlineData(FloatFormat.Quad, "3.14159265358979323846264338327950288", "4000921fb54442d18469898cc51701b8")]
    [InlineData(FloatFormat.Half, "1.1", "3c66")]
    [InlineData(FloatFormat.Half, "65519", "7bff")]
    [InlineData(FloatFormat.Half, "65520", "7c00")]
    [InlineData(FloatFormat.Half, "6e-8", "1")]
    [InlineData(FloatFormat.BFloat16, "1.1", "3f8d")]
    [InlineData(FloatFormat.Single, "0x1.8p-149", "2")]
    [InlineData(FloatFormat.Single, "0x1p-150", "0")]
    [InlineData(FloatFormat.Single, "1'000.5", "447a2000")]
    public void ConstantsAreRoundedOnce(FloatFormat format, string text, string bits) => Assert.Equal(Hex(bits), Parse(format, text));

    [Fact]
    public void WideArithmeticAgreesWithGcc()
    {
        const FloatFormat x = FloatFormat.X87, q = FloatFormat.Quad;
        UInt128 a = Parse(x, "1.1"), b = Parse(x, "3.3"), d = Parse(x, "7.25e300");
        Assert.Equal(Hex("40018ccccccccccccccd"), SoftFloat.Add(x, a, b));
        Assert.Equal(Hex("c0008ccccccccccccccc"), SoftFloat.Sub(x, a, b));
        Assert.Equal(Hex("4000e851eb851eb851ec"), SoftFloat.Mul(x, a, b));
        Assert.Equal(Hex("3ffdaaaaaaaaaaaaaaab"), SoftFloat.Div(x, a, b));
        Assert.Equal(Hex("000000000002210d2f76"), SoftFloat.Div(x, Parse(x, "1e-4940"), Parse(x, "3")));
        Assert.Equal(Hex("3fff863f5e4b52b7acfb"), SoftFloat.Sqrt(x, a));
        Assert.Equal(Hex("4000872571a5b7e6cea2"), SoftFloat.Rem(x, d, b));
        Assert.Equal(Hex("ffffc000000000000000"), SoftFloat.Div(x, 0, 0));
        UInt128 e = Parse(q, "1.1"), f = Parse(q, "3.3");
        Assert.Equal(Hex("4001199999999999999999999999999a"), SoftFloat.Add(q, e, f));
        Assert.Equal(Hex("c0001999999999999999999999999999"), SoftFloat.Sub(q, e, f));
        Assert.Equal(Hex("4000d0a3d70a3d70a3d70a3d70a3d70a"), SoftFloat.Mul(q, e, f));
        Assert.Equal(Hex("3ffd5555555555555555555555555556"), SoftFloat.Div(q, e, f));
        Assert.Equal(Hex("3fff199999999999999a000000000000"), SoftFloat.Convert(x, q, a));
        Assert.Equal(Hex("4000d333333333333333"), SoftFloat.Convert(q, x, f));
        Assert.Equal(Hex("407f0000000000000000000000000000"), SoftFloat.FromInteger(q, UInt128.MaxValue));
    }

    // The exact path for doubles is the same code as for the wide formats: judge it by the machine.
    [Fact]
    public void ExactArithmeticAgreesWithTheMachine()
    {
        var random = new Random(1);
        for (int i = 0; i < 20000; i++)
        {
            double a = Sample(random), b = Sample(random), c = Sample(random);
            Same(Math.FusedMultiplyAdd(a, b, c), SoftFloat.Fma(FloatFormat.Double, Bits(a), Bits(b), Bits(c)));
            Same(a + b, SoftFloat.Fma(FloatFormat.Double, Bits(a), Bits(1), Bits(b)));
            Same(a % b, SoftFloat.Rem(FloatFormat.Double, Bits(a), Bits(b)));
            // Wide enough that rounding twice is innocuous: quad division, then to double.
            UInt128 wide = SoftFloat.Div(
                FloatFormat.Quad,
                SoftFloat.Convert(FloatFormat.Double, FloatFormat.Quad, Bits(a)),
                SoftFloat.Convert(FloatFormat.Double, FloatFormat.Quad, Bits(b)));
            if (double.IsNormal(a / b))
                Same(a / b, SoftFloat.Convert(FloatFormat.Quad, FloatFormat.Double, wide));
            Assert.Equal(
                (UInt128)BitConverter.HalfToUInt16Bits((Half)a) & (double.IsNaN(a) ? 0x7c00u : 0xffffu),
                SoftFloat.Convert(FloatFormat.Double, FloatFormat.Half, Bits(a)) & (double.IsNaN(a) ? 0x7c00u : 0xffffu));
            FloatOrder order = a < b ? FloatOrder.Less : a > b ? FloatOrder.Greater : a == b ? FloatOrder.Equal : FloatOrder.Unordered;
            Assert.Equal(order, SoftFloat.Compare(FloatFormat.Double, Bits(a), Bits(b)));
        }
    }

    private static UInt128 Bits(double value) => BitConverter.DoubleToUInt64Bits(value);

    private static void Same(double expected, UInt128 actual)
    {
        double value = BitConverter.UInt64BitsToDouble((ulong)actual);
        Assert.True(expected == value && double.IsNegative(expected) == double.IsNegative(value) || double.IsNaN(expected) && double.IsNaN(value),
            $"expected {expected:R}, got {value:R}");
    }

    private static double Sample(Random random) => random.Next(8) switch
    {
        0 => BitConverter.UInt64BitsToDouble((ulong)random.NextInt64() << 1 ^ (ulong)random.NextInt64()),
        1 => random.Next(-100, 100),
        2 => BitConverter.UInt64BitsToDouble((ulong)random.Next(1 << 20)),
        3 => random.Next(4) switch { 0 => double.NaN, 1 => double.PositiveInfinity, 2 => -0.0, _ => double.MaxValue },
        _ => (random.NextDouble() - 0.5) * Math.Pow(2, random.Next(-60, 60)),
    };

    [Fact]
    public void DecimalConstantsAgreeWithTheRuntime()
    {
        var random = new Random(2);
        for (int i = 0; i < 3000; i++)
        {
            string text = $"{random.NextInt64()}.{random.Next()}e{random.Next(-340, 310)}";
            Assert.Equal(Bits(double.Parse(text, CultureInfo.InvariantCulture)), Parse(FloatFormat.Double, text));
            Assert.Equal(
                BitConverter.SingleToUInt32Bits(float.Parse(text, CultureInfo.InvariantCulture)), (uint)Parse(FloatFormat.Single, text));
        }
    }

    [Fact]
    public void IntegersAreTruncatedAndSaturated()
    {
        UInt128 Double(string text) => Parse(FloatFormat.Double, text);
        Assert.Equal(-2, SoftFloat.ToSigned(FloatFormat.Double, Double("-2.9"), 32, out bool saturated));
        Assert.False(saturated);
        Assert.Equal(int.MaxValue, SoftFloat.ToSigned(FloatFormat.Double, Double("2147483648"), 32, out saturated));
        Assert.True(saturated);
        Assert.Equal(int.MinValue, SoftFloat.ToSigned(FloatFormat.Double, Double("-2147483648.9"), 32, out saturated));
        Assert.False(saturated);
        Assert.Equal(Int128.MinValue, SoftFloat.ToSigned(FloatFormat.Double, Double("-0x1p127"), 128, out saturated));
        Assert.False(saturated);
        Assert.Equal(255u, SoftFloat.ToUnsigned(FloatFormat.Double, Double("255.99"), 8, out saturated));
        Assert.False(saturated);
        Assert.Equal((UInt128)0, SoftFloat.ToUnsigned(FloatFormat.Double, Double("-0.5"), 8, out saturated));
        Assert.False(saturated);
        Assert.Equal((UInt128)0, SoftFloat.ToUnsigned(FloatFormat.Double, Double("-1"), 8, out saturated));
        Assert.True(saturated);
    }

    [Fact]
    public void TextFormIsExact()
    {
        var random = new Random(3);
        Assert.Equal("-0x1.8p+3", SoftFloat.Format(FloatFormat.Double, Bits(-12)));
        Assert.Equal("0x1p-1074", SoftFloat.Format(FloatFormat.Double, 1));
        foreach (FloatFormat format in Enum.GetValues<FloatFormat>())
        {
            for (int i = 0; i < 500; i++)
            {
                UInt128 bits = new((ulong)random.NextInt64() << 1, (ulong)random.NextInt64() << 1 ^ (ulong)random.NextInt64());
                bits >>= 128 - SoftFloat.Width(format);
                if (format == FloatFormat.X87)
                    bits |= UInt128.One << 63;
                if (format == FloatFormat.X87 && (bits >> 64 & 0x7fff) == 0)
                    continue;
                Assert.Equal(bits, Parse(format, SoftFloat.Format(format, bits)));
            }
        }
    }

    [Theory]
    [InlineData("2.5", MidpointRounding.ToEven, "2")]
    [InlineData("3.5", MidpointRounding.ToEven, "4")]
    [InlineData("-0.5", MidpointRounding.ToNegativeInfinity, "-1")]
    [InlineData("-0.5", MidpointRounding.ToPositiveInfinity, "-0")]
    [InlineData("0x1p-16000", MidpointRounding.ToPositiveInfinity, "1")]
    [InlineData("2.5", MidpointRounding.AwayFromZero, "3")]
    public void RoundsToIntegers(string from, MidpointRounding mode, string to) =>
        Assert.Equal(Parse(FloatFormat.Quad, to), SoftFloat.RoundToIntegral(FloatFormat.Quad, Parse(FloatFormat.Quad, from), mode));
}
