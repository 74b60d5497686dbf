using Kiln.Dev;
using Xunit;

namespace Kiln.Tests.Golden;

/// <summary>Each input under tests/Golden gives what stands beside it; <c>kdev bless</c> renews that.</summary>
public sealed class GoldenTests
{
    public static TheoryData<string> Names => new(GoldenCases.Names);

    [Theory]
    [MemberData(nameof(Names))]
    public void GivesWhatIsExpected(string name)
    {
        Assert.True(File.Exists(GoldenCases.ExpectedFile(name)), $"{name} was never blessed");
        string produced = GoldenCases.Produce(name);
        Assert.DoesNotContain("WRONG", produced);
        Assert.Equal(File.ReadAllText(GoldenCases.ExpectedFile(name)), produced);
    }

    [Fact]
    public void NoExpectedOutputIsLeftOver()
    {
        var names = new HashSet<string>(GoldenCases.Names);
        foreach (string file in Directory.EnumerateFiles(GoldenCases.Root, "*.expected", SearchOption.AllDirectories))
            Assert.Contains(Path.GetRelativePath(GoldenCases.Root, file)[..^".expected".Length], names);
    }

    [Fact]
    public void TheReducerKeepsWhatMatters()
    {
        string[] lines = [.. Enumerable.Range(0, 100).Select(i => $"line {i}")];
        Assert.Equal(["line 17", "line 83"], Reducer.Reduce(lines, l => l.Contains("line 17") && l.Contains("line 83")));
    }
}
