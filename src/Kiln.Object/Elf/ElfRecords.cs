using System.Runtime.InteropServices;

namespace Kiln.Object.Elf;

// The records of an ELF64 little-endian file, laid out as they stand in it, so that a table in a mapped file is a span of
// them. Records of ELF32 files are widened to these on reading.

/// <summary>A section header.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct ElfSectionHeader
{
    public uint Name;
    public uint Type;
    public ulong Flags;
    public ulong Address;
    public ulong Offset;
    public ulong Size;
    public uint Link;
    public uint Info;
    public ulong Alignment;
    public ulong EntrySize;
}

/// <summary>A program header.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct ElfProgramHeader
{
    public uint Type;
    public uint Flags;
    public ulong Offset;
    public ulong Address;
    public ulong PhysicalAddress;
    public ulong FileSize;
    public ulong MemorySize;
    public ulong Alignment;
}

/// <summary>A symbol.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct ElfSymbol
{
    public uint Name;
    public byte Info;
    public byte Other;
    public ushort Section;
    public ulong Value;
    public ulong Size;

    public readonly int Binding => Info >> 4;
    public readonly int Type => Info & 15;
    public readonly int Visibility => Other & 3;
}

/// <summary>A relocation with its addend.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct ElfRelocation
{
    public ulong Offset;
    public ulong Info;
    public long Addend;

    public ElfRelocation(ulong offset, int symbol, int type, long addend)
    {
        Offset = offset;
        Info = (ulong)(uint)symbol << 32 | (uint)type;
        Addend = addend;
    }

    public readonly int Type => (int)(uint)Info;
    public readonly int Symbol => (int)(Info >> 32);
}

/// <summary>An entry of the dynamic section.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct ElfDynamic
{
    public long Tag;
    public ulong Value;
}
