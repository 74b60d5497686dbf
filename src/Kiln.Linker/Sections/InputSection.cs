using Kiln.Base;
using Kiln.Object.Elf;

namespace Kiln.Linker.Sections;

/// <summary>What becomes of an input section.</summary>
internal enum SectionFate : byte
{
    /// <summary>A table of the object (symbols, relocations, names): not copied.</summary>
    Table,

    /// <summary>Copied into an output section.</summary>
    Kept,

    /// <summary>Its pieces are merged with equal ones.</summary>
    Merged,

    /// <summary>Call frame information, taken apart.</summary>
    EhFrame,

    /// <summary>Left out: its COMDAT group or link-once twin was seen before.</summary>
    Duplicate,

    /// <summary>Left out: notes of the stack, properties that are merged, SHF_EXCLUDE.</summary>
    Dropped,

    /// <summary>Left out: the garbage collection found no way to it.</summary>
    Collected,
}

/// <summary>One section of an object. Its id is its place in the table of all; 0 is none.</summary>
internal struct InputSection
{
    /// <summary>The bytes, decompressed; none for NOBITS.</summary>
    public Bytes Data;

    public Bytes Name;

    /// <summary>The index of the object in the list of files.</summary>
    public int File;

    /// <summary>The index of its header in the object.</summary>
    public int Index;

    public ulong Flags;
    public ulong Size;
    public ulong Alignment;
    public uint Type;
    public uint EntrySize;

    /// <summary>The header index of its relocations, or 0.</summary>
    public int Relocations;

    /// <summary>The output section, or -1.</summary>
    public int Output;

    /// <summary>Where it stands in the output section.</summary>
    public ulong Offset;

    /// <summary>Its place in the tables of merged or of call frame sections, where it is one of those.</summary>
    public int Special;

    /// <summary>The first of its dynamic relocations in the table, and how many there are.</summary>
    public int DynamicStart, DynamicCount;

    /// <summary>The id of the section that SHF_LINK_ORDER names, or 0; the next section that hangs on the same one.</summary>
    public int LinkedTo;

    /// <summary>For a duplicate, the id of the section of the group that was kept, if it has one of the same name.</summary>
    public int KeptTwin;

    public SectionFate Fate;

    /// <summary>Whether the garbage collection reached it.</summary>
    public bool Reached;

    public readonly bool IsAllocated => (Flags & SectionFlags.Alloc) != 0;
    public readonly bool IsWritable => (Flags & SectionFlags.Write) != 0;
    public readonly bool IsCode => (Flags & SectionFlags.ExecInstr) != 0;
    public readonly bool IsTls => (Flags & SectionFlags.Tls) != 0;

    /// <summary>Whether its bytes are in the output in some way.</summary>
    public readonly bool IsLive => Fate is SectionFate.Kept or SectionFate.Merged or SectionFate.EhFrame;
}
