namespace Kiln.Isa.X86;

/// <summary>The names of mnemonics, and the hash table that finds them.</summary>
public static class Names
{
    /// <summary>The manual's name of a mnemonic, in small letters.</summary>
    public static ReadOnlySpan<byte> Of(Mnemonic mnemonic) =>
        (int)mnemonic < Table.MnemonicCount ? At(Table.MnemonicNames[(int)mnemonic]) : default;

    /// <summary>The name at an offset of the blob.</summary>
    internal static ReadOnlySpan<byte> At(int offset)
    {
        ReadOnlySpan<byte> name = Table.Names[offset..];
        return name[..name.IndexOf((byte)0)];
    }

    /// <summary>The first entry of a name, or -1. Entries of one name follow each other.</summary>
    internal static int FindEntry(ReadOnlySpan<byte> name)
    {
        uint hash = 2166136261;
        foreach (byte c in name)
            hash = (hash ^ c) * 16777619;
        hash ^= hash >> 15;
        ReadOnlySpan<ushort> slots = Table.NameSlots;
        for (uint slot = hash & (uint)(slots.Length - 1); slots[(int)slot] != 0; slot = slot + 1 & (uint)(slots.Length - 1))
        {
            int entry = slots[(int)slot] - 1;
            if (At(Table.EntryNames[entry]).SequenceEqual(name))
                return entry;
        }
        return -1;
    }

    /// <summary>Whether the entry after <paramref name="entry"/> is of the same name.</summary>
    internal static bool HasNext(int entry) => Table.EntryNames[entry + 1] == Table.EntryNames[entry];
}
