namespace Kiln.Linker.Output;

/// <summary>The map and the dependency file.</summary>
internal static class Reports
{
    public static void Write(LinkJob job)
    {
    }
}
