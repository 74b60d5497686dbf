using System.Text.RegularExpressions;
using Kiln.Driver;
using Xunit;

namespace Kiln.Tests.Driver;

/// <summary>The archiver's operations on members of one name; GNU ar 2.40 gives the same lists.</summary>
public sealed class ArchiverTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("kiln-test").FullName;

    public ArchiverTests()
    {
        Directory.CreateDirectory(In("sub"));
        File.WriteAllText(In("cpu"), "first");
        File.WriteAllText(In("sub/cpu"), "second");
        File.WriteAllText(In("other"), "third");
    }

    [Fact]
    public void FilesOfOneNameBothStay()
    {
        Run("rc", "cpu", "sub/cpu");
        Assert.Equal("first second", Members());
    }

    [Fact]
    public void EachReplacesOneThatWasThere()
    {
        Run("rc", "cpu", "other", "sub/cpu");
        File.WriteAllText(In("cpu"), "uno");
        File.WriteAllText(In("sub/cpu"), "dos");
        Run("rc", "cpu", "sub/cpu");
        Assert.Equal("uno third dos", Members());
    }

    [Fact]
    public void OneReplacesTheFirst()
    {
        Run("rc", "cpu", "sub/cpu");
        Run("r", "other", "sub/cpu");
        Assert.Equal("second second third", Members());
    }

    public void Dispose() => Directory.Delete(_directory, true);

    private string In(string name) => Path.Combine(_directory, name);

    // The contents in order.
    private string Members() =>
        string.Join(' ', Regex.Matches(File.ReadAllText(In("x.a")), "first|second|third|uno|dos").Select(m => m.Value));

    private void Run(string operation, params string[] files)
    {
        string[] words = [operation, In("x.a"), .. files.Select(In)];
        Assert.Equal(0, Roles.Run("ar", words, TextWriter.Null, TextWriter.Null));
    }
}
