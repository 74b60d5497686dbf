using Kiln.Base;
using Xunit;

namespace Kiln.Tests.Base;

public class DigestsTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(55)]
    [InlineData(56)]
    [InlineData(64)]
    [InlineData(119)]
    [InlineData(120)]
    [InlineData(100_000)]
    public void Same_as_the_class_library(int length)
    {
        byte[] data = new byte[length];
        new Random(length).NextBytes(data);
        Assert.Equal(System.Security.Cryptography.SHA1.HashData(data), Digests.Sha1(data));
        Assert.Equal(System.Security.Cryptography.MD5.HashData(data), Digests.Md5(data));
    }
}
