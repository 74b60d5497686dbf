using System.Buffers.Binary;
using System.Text;
using Kiln.Base;
using Kiln.Object.Elf;

namespace Kiln.Object.Archives;

/// <summary>A member to be written.</summary>
public sealed class ArchiveEntry
{
    /// <summary>The name; in a thin archive the path relative to the archive's directory.</summary>
    public required string Name { get; set; }

    /// <summary>The bytes. A thin archive needs them for the index alone.</summary>
    public required Bytes Data { get; set; }

    public long Date { get; set; }
    public int User { get; set; }
    public int Group { get; set; }
    public int Mode { get; set; } = 0x1a4;

    /// <summary>Where its bytes start in the archive that it was read from.</summary>
    public int Offset { get; set; }
}

/// <summary>
/// Writes an ar archive in GNU's form: the index of symbols first, then the table of long names, then the members. The same members
/// give the same bytes.
/// </summary>
public sealed class ArchiveWriter(bool isThin)
{
    private const int LongestShortName = 15;

    /// <summary>The members in order.</summary>
    public List<ArchiveEntry> Entries { get; } = [];

    /// <summary>Whether to write the index of symbols.</summary>
    public bool HasIndex { get; set; } = true;

    /// <summary>The archive's bytes.</summary>
    public ByteWriter Build()
    {
        var output = new ByteWriter(1 << 16);
        output.Bytes(isThin ? Archive.ThinMagic : Archive.Magic);
        var longNames = new ByteWriter();
        var nameFields = new string[Entries.Count];
        for (int i = 0; i < nameFields.Length; i++)
            nameFields[i] = NameField(Entries[i].Name, longNames);
        longNames.Align(2, (byte)'\n');
        var names = new ByteWriter();
        var owners = new List<int>();
        if (HasIndex)
            CollectSymbols(names, owners);
        WriteIndex(output, names, owners, longNames.Length);
        if (longNames.Length > 0)
        {
            Header(output, "//", "", "", "", "", longNames.Length);
            output.Bytes(longNames.Span);
        }
        for (int i = 0; i < Entries.Count; i++)
        {
            ArchiveEntry entry = Entries[i];
            Header(output, nameFields[i], Text(entry.Date, 10), Text(entry.User, 10), Text(entry.Group, 10), Text(entry.Mode, 8),
                entry.Data.Length);
            if (isThin)
                continue;
            output.Bytes(entry.Data.Span);
            output.Align(2, (byte)'\n');
        }
        return output;
    }

    private static string Text(long value, int radix) => radix == 8 ? Convert.ToString(value, 8) : value.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static void Header(ByteWriter output, string name, string date, string user, string group, string mode, long size)
    {
        Field(name, 16);
        Field(date, 12);
        Field(user, 6);
        Field(group, 6);
        Field(mode, 8);
        Field(Text(size, 10), 10);
        output.Bytes("`\n"u8);

        void Field(string text, int width)
        {
            Span<byte> field = output.Append(width);
            field.Fill((byte)' ');
            Encoding.UTF8.GetBytes(text.AsSpan(0, Math.Min(text.Length, width)), field);
        }
    }

    // A short name ends with a slash; a long one stands in the table and is named by its offset.
    private string NameField(string name, ByteWriter longNames)
    {
        if (!isThin && Encoding.UTF8.GetByteCount(name) <= LongestShortName && !name.Contains('/'))
            return name + "/";
        int offset = longNames.Length;
        longNames.Text(name);
        longNames.Bytes("/\n"u8);
        return "/" + Text(offset, 10);
    }

    private void CollectSymbols(ByteWriter names, List<int> owners)
    {
        for (int i = 0; i < Entries.Count; i++)
        {
            if (ElfFile.Read(Entries[i].Data, out _) is not { } elf)
                continue;
            ElfSymbols symbols = elf.Symbols(elf.FindSection(SectionType.SymTab));
            for (int s = symbols.FirstGlobal; s < symbols.Count; s++)
            {
                ref readonly ElfSymbol symbol = ref symbols.Span[s];
                if (symbol.Section == ElfSectionIndex.Undefined || symbol.Binding == SymbolBinding.Local)
                    continue;
                names.Bytes(symbols.Name(symbol).Span);
                names.U8(0);
                owners.Add(i);
            }
        }
    }

    // Offsets are of four bytes unless a member lies beyond them.
    private void WriteIndex(ByteWriter output, ByteWriter names, List<int> owners, int longNamesLength)
    {
        if (!HasIndex || owners.Count == 0)
            return;
        names.Align(2);
        int size = 4 + 4 * owners.Count + names.Length;
        long at = output.Length + Archive.HeaderSize + size + (longNamesLength > 0 ? Archive.HeaderSize + longNamesLength : 0);
        var offsets = new long[Entries.Count];
        for (int i = 0; i < offsets.Length; i++)
        {
            offsets[i] = at;
            at += Archive.HeaderSize + (isThin ? 0 : Entries[i].Data.Length + (Entries[i].Data.Length & 1));
        }
        Header(output, "/", "0", "0", "0", "0", size);
        output.U32BigEndian(owners.Count);
        foreach (int owner in owners)
            output.U32BigEndian(offsets[owner]);
        output.Bytes(names.Span);
    }
}
