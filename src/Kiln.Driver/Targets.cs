using Kiln.Target;

namespace Kiln.Driver;

/// <summary>The targets by their triples.</summary>
internal static class Targets
{
    /// <summary>The target of a triple such as <c>x86_64-linux-gnu</c> or <c>x86_64-pc-linux-gnu</c>, or null.</summary>
    public static TargetInfo? Find(string triple)
    {
        string architecture = triple.Split('-')[0];
        bool isLinux = triple.Contains("linux", StringComparison.Ordinal);
        return architecture is "x86_64" or "amd64" && isLinux ? TargetInfo.X86_64 : null;
    }
}
