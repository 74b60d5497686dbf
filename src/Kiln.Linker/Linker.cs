namespace Kiln.Linker;

/// <summary>The linker's front door.</summary>
public static class Linker
{
    /// <summary>Links the inputs and writes <see cref="LinkOptions.Output"/>, whole or not at all. False after an error.</summary>
    public static bool Link(LinkOptions options, IReadOnlyList<LinkInput> inputs, ILinkMessages messages) =>
        Link(options, inputs, messages, out _);

    /// <summary>Links the inputs; where <see cref="LinkOptions.Output"/> is null the image is given back in memory.</summary>
    public static bool Link(LinkOptions options, IReadOnlyList<LinkInput> inputs, ILinkMessages messages, out byte[]? image) =>
        Kiln.Linker.Link.Run(new LinkJob(options, messages), inputs, out image);
}
