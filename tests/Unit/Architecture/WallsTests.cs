using System.Xml.Linq;
using Xunit;

namespace Kiln.Tests.Architecture;

/// <summary>The walls between rooms: who references whom, and that the product takes no packages.</summary>
public sealed class WallsTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Kiln.Base"] = [],
        ["Kiln.Target"] = ["Kiln.Base"],
        ["Kiln.Isa"] = ["Kiln.Base", "Kiln.Target"],
        ["Kiln.Object"] = ["Kiln.Base", "Kiln.Target"],
        ["Kiln.IR"] = ["Kiln.Base", "Kiln.Target"],
        ["Kiln.Frontend"] = ["Kiln.Base", "Kiln.Target"],
        ["Kiln.Assembler"] = ["Kiln.Base", "Kiln.Target", "Kiln.Isa", "Kiln.Object"],
        ["Kiln.Linker"] = ["Kiln.Base", "Kiln.Target", "Kiln.Isa", "Kiln.Object"],
        ["Kiln.Optimizer"] = ["Kiln.Base", "Kiln.Target", "Kiln.IR"],
        ["Kiln.Lowering"] = ["Kiln.Base", "Kiln.Target", "Kiln.Frontend", "Kiln.IR"],
        ["Kiln.CodeGen"] = ["Kiln.Base", "Kiln.Target", "Kiln.IR", "Kiln.Isa", "Kiln.Object", "Kiln.Assembler"],
        ["Kiln.Driver"] =
        [
            "Kiln.Base", "Kiln.Target", "Kiln.Isa", "Kiln.Object", "Kiln.IR", "Kiln.Frontend", "Kiln.Assembler", "Kiln.Linker",
            "Kiln.Optimizer", "Kiln.Lowering", "Kiln.CodeGen",
        ],
        ["Kiln"] = ["Kiln.Driver"],
    };

    /// <summary>The top of the tree: the folder that holds the solution.</summary>
    internal static string Root
    {
        get
        {
            string directory = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(directory, "Kiln.slnx")))
                directory = Path.GetDirectoryName(directory) ?? throw new InvalidOperationException("no solution above the tests");
            return directory;
        }
    }

    [Fact]
    public void RoomsReferenceOnlyWhatThePlanAllows()
    {
        string[] projects = Directory.GetFiles(Path.Combine(Root, "src"), "*.csproj", SearchOption.AllDirectories);
        Assert.Equal(Allowed.Count, projects.Length);
        foreach (string project in projects)
        {
            string room = Path.GetFileNameWithoutExtension(project);
            foreach (XElement reference in XDocument.Load(project).Descendants("ProjectReference"))
            {
                string other = Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/'));
                Assert.True(Allowed[room].Contains(other), $"{room} must not know {other}");
            }
        }
    }

    [Fact]
    public void TheProductHasNoPackages()
    {
        foreach (string project in Directory.GetFiles(Path.Combine(Root, "src"), "*.csproj", SearchOption.AllDirectories))
            Assert.Empty(XDocument.Load(project).Descendants("PackageReference"));
    }

    [Fact]
    public void UnsafeCodeStandsInBaseLinkerAndInteropAlone()
    {
        foreach (string project in Directory.GetFiles(Path.Combine(Root, "src"), "*.csproj", SearchOption.AllDirectories))
        {
            if (XDocument.Load(project).Descendants("AllowUnsafeBlocks").Any())
                Assert.Contains(Path.GetFileNameWithoutExtension(project), (string[])["Kiln.Base", "Kiln.Linker", "Kiln.Driver", "Kiln"]);
        }
    }
}
