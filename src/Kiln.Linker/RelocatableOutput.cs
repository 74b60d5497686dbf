namespace Kiln.Linker;

/// <summary>-r</summary>
internal static class RelocatableOutput
{
    public static bool Run(LinkJob job, out byte[]? image)
    {
        image = null;
        job.Error("-r is not supported yet");
        return false;
    }
}
