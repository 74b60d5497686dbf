using System.Text.RegularExpressions;
using Kiln.Driver;
using Xunit;

namespace Kiln.Tests.Driver;

/// <summary>What the tools say about themselves, read by the patterns of build systems (libtool, meson, FFmpeg, perlasm, Linux, glibc).</summary>
public sealed class AnnouncementTests
{
    [Theory]
    [InlineData("ld", "-v", "GNU|with BFD")]
    [InlineData("ld", "--version", @"\AGNU ld .* [0-9]+\.[0-9]+$")]
    [InlineData("ld", "--help", ": supported targets:.* elf")]
    [InlineData("cc", "-Wl,--help", "--no-whole-archive")]
    [InlineData("cc", "-Wl,--version", @"\AGNU ld .* [0-9]+\.[0-9]+$")]
    [InlineData("as", "--version", @"\AGNU assembler .* [0-9]+\.[0-9]+$")]
    [InlineData("cc", "-Wa,--version -c -x assembler /dev/null -o /dev/null", @"\AGNU assembler .* [0-9]+\.[0-9]+$")]
    [InlineData("cc", "-Wa,-v -c -x assembler /dev/null -o /dev/null", @"GNU assembler version [2-9]\.[0-9]+")]
    [InlineData("cc", "--version", "Free Software Foundation")]
    [InlineData("cc", "--version", @"\A.* 12\.2\.0$")]
    [InlineData("cc", "-v", @"^gcc version 12\.2\.0 ")]
    [InlineData("nm", "--version", @"\AGNU nm ")]
    [InlineData("ar", "--version", @"\AGNU ar ")]
    public void LinesAreWhatBuildSystemsLookFor(string role, string arguments, string pattern)
    {
        using var output = new StringWriter();
        Assert.Equal(0, Roles.Run(role, arguments.Split(' '), output, output));
        Assert.Matches(new Regex(pattern, RegexOptions.Multiline), output.ToString());
    }
}
