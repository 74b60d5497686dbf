using Kiln.Linker.Layout;

namespace Kiln.Linker.Synthetic;

/// <summary>A run of bytes in the output that the linker itself makes. Its size is known before addresses are; its bytes after.</summary>
internal abstract class Chunk
{
    /// <summary>The section that it is in; null while it is in none.</summary>
    public OutputSection? Section { get; set; }

    /// <summary>Where it stands in the section.</summary>
    public ulong Offset { get; set; }

    public ulong Size { get; set; }
    public ulong Alignment { get; set; } = 1;

    /// <summary>Its address, once the layout is done.</summary>
    public ulong Address => Section is null ? 0 : Section.Address + Offset;

    /// <summary>Whether it is in the output.</summary>
    public bool Exists => Section is not null;

    /// <summary>Writes its bytes; the span is zero before.</summary>
    public abstract void Write(LinkJob job, Span<byte> to);
}

/// <summary>A chunk of zeros that takes no room in the file: common symbols and copies of libraries' variables.</summary>
internal sealed class ZeroChunk : Chunk
{
    /// <summary>Makes room for something and returns its offset.</summary>
    public ulong Allocate(ulong size, ulong alignment)
    {
        Alignment = Math.Max(Alignment, alignment);
        ulong at = (Size + alignment - 1) & ~(alignment - 1);
        Size = at + size;
        return at;
    }

    /// <inheritdoc/>
    public override void Write(LinkJob job, Span<byte> to)
    {
    }
}
