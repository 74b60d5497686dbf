using System.Text;
using Kiln.Base;
using Kiln.Linker.Synthetic;
using Kiln.Object.Elf;

namespace Kiln.Linker.Layout;

/// <summary>A section of the output: input sections and chunks of the linker's own, one after the other.</summary>
internal sealed class OutputSection(string name)
{
    public string Name { get; } = name;
    public uint Type { get; set; }
    public ulong Flags { get; set; }
    public ulong Address { get; set; }

    /// <summary>Where it stands in the file.</summary>
    public ulong Offset { get; set; }

    public ulong Size { get; set; }
    public ulong Alignment { get; set; } = 1;
    public ulong EntrySize { get; set; }

    /// <summary>Its section header's index and fields.</summary>
    public int Index { get; set; }
    public int Link { get; set; }
    public int Info { get; set; }
    public uint NameOffset { get; set; }

    /// <summary>Its place in the default layout; equal places keep the order of appearance.</summary>
    public int Order { get; set; }

    /// <summary>What it is made of: ids of input sections, and ~N for the chunk N of <see cref="Chunks"/>.</summary>
    public GrowBuffer<int> Parts { get; } = new(4);

    /// <summary>The linker's own chunks in it.</summary>
    public List<Chunk> Chunks { get; } = [];

    /// <summary>Whether it is protected after relocation.</summary>
    public bool IsRelro { get; set; }

    /// <summary>A fixed address asked for by the user.</summary>
    public ulong? GivenAddress { get; set; }

    public bool IsAllocated => (Flags & SectionFlags.Alloc) != 0;
    public bool IsWritable => (Flags & SectionFlags.Write) != 0;
    public bool IsCode => (Flags & SectionFlags.ExecInstr) != 0;
    public bool IsTls => (Flags & SectionFlags.Tls) != 0;
    public bool HasNoBits => Type == SectionType.NoBits;

    /// <summary>Whether it takes room in the address space of its neighbours: thread-local zeros do not.</summary>
    public bool TakesAddresses => !(IsTls && HasNoBits);

    public void Add(Chunk chunk)
    {
        Chunks.Add(chunk);
        chunk.Section = this;
        Parts.Add(~(Chunks.Count - 1));
    }

    public override string ToString() => Name;
}

/// <summary>A segment of the output.</summary>
internal sealed class Segment
{
    public uint Type { get; set; }
    public uint Flags { get; set; }
    public ulong Offset { get; set; }
    public ulong Address { get; set; }
    public ulong FileSize { get; set; }
    public ulong MemorySize { get; set; }
    public ulong Alignment { get; set; }

    /// <summary>The first and the last section in it, or null.</summary>
    public OutputSection? First { get; set; }
    public OutputSection? Last { get; set; }

    /// <summary>Whether the file's headers are in it.</summary>
    public bool HasHeaders { get; set; }
}
