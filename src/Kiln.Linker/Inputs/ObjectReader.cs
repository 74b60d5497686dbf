using System.Buffers.Binary;
using System.IO.Compression;
using System.Numerics;
using System.Text;
using Kiln.Base;
using Kiln.Linker.Sections;
using Kiln.Linker.Symbols;
using Kiln.Object.Elf;

namespace Kiln.Linker.Inputs;

/// <summary>
/// Enters a relocatable object: its sections become rows of the table of sections, its COMDAT groups are kept or dropped, its
/// symbols go to the resolver. All that later passes take for granted of an object's headers is checked here.
/// </summary>
internal sealed class ObjectReader(LinkJob job, SymbolResolver resolver)
{
    private const ulong LargestAlignment = 1UL << 32;

    /// <summary>Enters an object.</summary>
    public void Read(string name, Bytes bytes, ElfFile elf, string? archive)
    {
        var file = new ObjectFile(name, bytes, job.Files.Count, elf) { ArchiveName = archive };
        file.HidesSymbols = archive is not null && IsExcluded(archive);
        job.Files.Add(file);
        job.Objects.Add(file);
        ReadOnlySpan<ElfSectionHeader> headers = elf.Sections;
        file.FirstSection = job.Sections.AddDefault(Math.Max(headers.Length, 1));
        file.SectionCount = headers.Length;
        int symbolTable = 0;
        Bytes names = elf.SectionNameTable;
        for (int i = 1; i < headers.Length; i++)
        {
            if (headers[i].Type == SectionType.SymTab && symbolTable == 0)
                symbolTable = i;
            ReadSection(file, i, headers[i], ElfFile.StringBytes(names, headers[i].Name));
        }
        file.Symbols = elf.Symbols(symbolTable);
        LinkRelocations(file, headers);
        for (int i = 1; i < headers.Length; i++)
            if (headers[i].Type == SectionType.Group)
                ReadGroup(file, headers[i], elf.Data(headers[i]));
        ReadSymbols(file);
    }

    /// <summary>Enters the global symbols of a file that is not itself part of the output.</summary>
    public void ReadSymbolsOnly(string name, Bytes bytes, ElfFile elf)
    {
        var file = new ObjectFile(name, bytes, job.Files.Count, elf) { SymbolsOnly = true, WantsExecutableStack = false };
        job.Files.Add(file);
        file.Symbols = elf.Symbols(elf.FindSection(SectionType.SymTab));
        for (int i = Math.Max(file.Symbols.FirstGlobal, 1); i < file.Symbols.Count; i++)
        {
            ref readonly ElfSymbol symbol = ref file.Symbols.Span[i];
            Bytes symbolName = file.Symbols.Name(symbol);
            if (symbol.Section != ElfSectionIndex.Undefined && symbolName.Length > 0 && symbol.Section != ElfSectionIndex.Common)
                resolver.Define(file, i, symbol, ElfSymbols.Absolute, symbolName);
        }
    }

    private bool IsExcluded(string archive)
    {
        List<string> excluded = job.Options.ExcludeLibraries;
        return excluded.Count > 0 && (excluded.Contains("ALL") || excluded.Contains(Path.GetFileName(archive)));
    }

    private void Problem(ObjectFile file, ReadOnlySpan<byte> section, string text) =>
        job.Error($"{file.Name}({Encoding.UTF8.GetString(section)}): {text}");

    private void ReadSection(ObjectFile file, int index, in ElfSectionHeader header, Bytes name)
    {
        ref InputSection section = ref job.Sections[file.FirstSection + index];
        section.Name = name;
        section.File = file.Index;
        section.Index = index;
        section.Type = header.Type;
        section.Flags = header.Flags;
        section.Size = header.Size;
        section.Alignment = Math.Max(header.Alignment, 1);
        section.EntrySize = (uint)Math.Min(header.EntrySize, uint.MaxValue);
        section.Output = -1;
        section.Fate = SectionFate.Table;
        switch (header.Type)
        {
            case SectionType.Null or SectionType.SymTab or SectionType.StrTab or SectionType.Rela or SectionType.Rel or SectionType.Group
                or SectionType.SymTabShndx or SectionType.LlvmAddrsig:
                // A string table that is allocated is a section like any other.
                if (header.Type != SectionType.StrTab || (header.Flags & SectionFlags.Alloc) == 0)
                    return;
                break;
        }
        section.Fate = SectionFate.Kept;
        if (!BitOperations.IsPow2(section.Alignment) || section.Alignment > LargestAlignment)
        {
            Problem(file, name.Span, $"invalid alignment {header.Alignment}");
            section.Alignment = 1;
        }
        if (!file.Elf.IsInside(header))
        {
            Problem(file, name.Span, "the section lies beyond the end of the file");
            section.Size = 0;
            return;
        }
        section.Data = file.Elf.Data(header);
        if ((header.Flags & SectionFlags.Compressed) != 0)
            Decompress(file, ref section);
        Classify(file, ref section);
    }

    // What a section's name and flags make of it.
    private void Classify(ObjectFile file, ref InputSection section)
    {
        ReadOnlySpan<byte> name = section.Name.Span;
        if (name.StartsWith(".gnu.linkonce."u8))
        {
            int id = job.Groups.Intern(section.Name);
            ref Symbol seen = ref job.Groups[id];
            if (seen.File >= 0)
                section.Fate = SectionFate.Duplicate;
            else
                seen.File = file.Index;
            return;
        }
        if (name.SequenceEqual(".note.GNU-stack"u8))
        {
            file.HasStackNote = true;
            file.WantsExecutableStack = section.IsCode;
            section.Fate = SectionFate.Dropped;
            return;
        }
        if (job.Options.Strip != StripKind.None && !section.IsAllocated && IsDebug(name))
        {
            section.Fate = SectionFate.Dropped;
            return;
        }
        if (job.IsRelocatable)
        {
            if (name.StartsWith(".gnu.lto_"u8))
                section.Fate = SectionFate.Dropped;
            return;
        }
        if ((section.Flags & SectionFlags.Exclude) != 0 || name.SequenceEqual(".gnu_debuglink"u8) || name.StartsWith(".gnu.lto_"u8))
            section.Fate = SectionFate.Dropped;
        else if (name.StartsWith(".gnu.warning."u8))
        {
            int id = job.Symbols.Intern(section.Name.Slice(13, name.Length - 13));
            job.SymbolWarnings[id] = Encoding.UTF8.GetString(section.Data.Span.TrimEnd((byte)0));
            job.Symbols[id].Traits |= SymbolTraits.HasWarning;
            section.Fate = SectionFate.Dropped;
        }
        else if (section.Type == SectionType.Note && name.SequenceEqual(".note.gnu.property"u8))
            section.Fate = SectionFate.Dropped;
        else if (name.SequenceEqual(".eh_frame"u8) && section.Type is SectionType.ProgBits or SectionType.X86_64Unwind && section.IsAllocated)
            section.Fate = SectionFate.EhFrame;
        else if ((section.Flags & SectionFlags.Merge) != 0 && section.EntrySize is > 0 and <= 1 << 16 && !section.IsWritable
            && section.Type == SectionType.ProgBits && section.Size > 0 && section.Size % section.EntrySize == 0)
            section.Fate = SectionFate.Merged;
    }

    private static bool IsDebug(ReadOnlySpan<byte> name) => name.StartsWith(".debug"u8) || name.StartsWith(".zdebug"u8)
        || name.StartsWith(".stab"u8) || name.SequenceEqual(".line"u8) || name.StartsWith(".gnu.debuglto"u8)
        || name.StartsWith(".gnu.linkonce.wi."u8) || name.SequenceEqual(".gdb_index"u8);

    private void Decompress(ObjectFile file, ref InputSection section)
    {
        const int headerSize = 24;
        ReadOnlySpan<byte> data = section.Data.Span;
        if (data.Length < headerSize)
        {
            Problem(file, section.Name.Span, "unable to initialize decompress status");
            return;
        }
        uint kind = BinaryPrimitives.ReadUInt32LittleEndian(data);
        ulong size = BinaryPrimitives.ReadUInt64LittleEndian(data[8..]);
        ulong alignment = BinaryPrimitives.ReadUInt64LittleEndian(data[16..]);
        // Deflate makes at most 1032 bytes of one.
        if (kind != 1 || size > (ulong)data.Length * 1040 + 64 || size > int.MaxValue || !BitOperations.IsPow2(Math.Max(alignment, 1)))
        {
            Problem(file, section.Name.Span, kind == 1 ? "unable to decompress section" : $"unsupported compression type {kind}");
            return;
        }
        byte[] result = new byte[size];
        try
        {
            using var stream = new ZLibStream(new MemoryStream(data[headerSize..].ToArray()), CompressionMode.Decompress);
            stream.ReadExactly(result);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            Problem(file, section.Name.Span, "unable to decompress section");
            return;
        }
        MappedFile copy = MappedFile.Copy(result);
        file.Owned.Add(copy);
        section.Data = copy.Bytes;
        section.Size = size;
        section.Alignment = Math.Max(alignment, 1);
        section.Flags &= ~SectionFlags.Compressed;
    }

    private void LinkRelocations(ObjectFile file, ReadOnlySpan<ElfSectionHeader> headers)
    {
        for (int i = 1; i < headers.Length; i++)
        {
            ref readonly ElfSectionHeader header = ref headers[i];
            if (header.Type is SectionType.Rela or SectionType.Rel)
            {
                if (header.Info == 0 || header.Info >= (uint)headers.Length)
                    continue;
                ref InputSection target = ref job.Sections[file.FirstSection + (int)header.Info];
                if (!file.Elf.IsInside(header) || header.Type == SectionType.Rel && file.Elf.Is64)
                    Problem(file, job.Sections[file.FirstSection + i].Name.Span, header.Type == SectionType.Rel
                        ? "relocations without addends are not supported here" : "the section lies beyond the end of the file");
                else if (header.Size > 0)
                {
                    target.Relocations = i;
                    // Merging would lose what relocations put into the pieces.
                    if (target.Fate == SectionFate.Merged)
                        target.Fate = SectionFate.Kept;
                }
            }
            else if ((header.Flags & SectionFlags.LinkOrder) != 0 && header.Link != 0 && header.Link < (uint)headers.Length)
                job.Sections[file.FirstSection + i].LinkedTo = file.FirstSection + (int)header.Link;
        }
    }

    // A COMDAT group whose signature was seen before is dropped with all its members.
    private void ReadGroup(ObjectFile file, in ElfSectionHeader header, Bytes data)
    {
        ReadOnlySpan<byte> words = data.Span;
        if (words.Length < 4)
            return;
        uint flags = BinaryPrimitives.ReadUInt32LittleEndian(words);
        Bytes signature = Signature(file, (int)Math.Min(header.Info, int.MaxValue));
        if ((flags & GroupFlags.Comdat) == 0 || signature.Length == 0)
            return;
        int id = job.Groups.Intern(signature);
        ref Symbol group = ref job.Groups[id];
        bool isFirst = group.File < 0;
        if (isFirst)
            group.File = file.Index;
        ObjectFile? keeper = isFirst ? null : (ObjectFile)job.Files[group.File];
        for (int at = 4; at + 4 <= words.Length; at += 4)
        {
            uint member = BinaryPrimitives.ReadUInt32LittleEndian(words[at..]);
            if (member == 0 || member >= (uint)file.SectionCount)
                continue;
            ref InputSection section = ref job.Sections[file.FirstSection + (int)member];
            if (isFirst)
                continue;
            section.Fate = SectionFate.Duplicate;
            section.KeptTwin = Twin(keeper!, section);
        }
    }

    // The section of the same name and size in the file whose group was kept.
    private int Twin(ObjectFile keeper, in InputSection section)
    {
        for (int i = 1; i < keeper.SectionCount; i++)
        {
            ref InputSection other = ref job.Sections[keeper.FirstSection + i];
            if ((other.Flags & SectionFlags.Group) != 0 && other.Fate != SectionFate.Duplicate && other.Size == section.Size
                && other.Name.Span.SequenceEqual(section.Name.Span))
                return keeper.FirstSection + i;
        }
        return 0;
    }

    private Bytes Signature(ObjectFile file, int symbolIndex)
    {
        ElfSymbols symbols = file.Symbols;
        if (symbolIndex <= 0 || symbolIndex >= symbols.Count)
            return default;
        ref readonly ElfSymbol symbol = ref symbols.Span[symbolIndex];
        if (symbol.Type != SymbolType.Section)
            return symbols.Name(symbol);
        int section = symbols.Section(symbolIndex);
        return section > 0 && section < file.SectionCount ? job.Sections[file.FirstSection + section].Name : default;
    }

    private void ReadSymbols(ObjectFile file)
    {
        ElfSymbols symbols = file.Symbols;
        ReadOnlySpan<ElfSymbol> span = symbols.Span;
        file.SymbolIds = span.Length == 0 ? [] : new int[span.Length];
        for (int i = Math.Max(symbols.FirstGlobal, 1); i < span.Length; i++)
        {
            ref readonly ElfSymbol elf = ref span[i];
            Bytes name = symbols.Name(elf);
            if (name.Length == 0 || elf.Binding == SymbolBinding.Local)
                continue;
            int section = symbols.Section(i);
            if (section >= file.SectionCount || section < 0
                && section is not (ElfSymbols.Absolute or ElfSymbols.Common or ElfSymbols.LargeCommon))
            {
                job.Error($"{file.Name}: invalid section index {span[i].Section} of symbol `{Encoding.UTF8.GetString(name.Span)}'");
                continue;
            }
            bool isReference = section == ElfSectionIndex.Undefined;
            if (section > 0 && job.Sections[file.FirstSection + section].Fate == SectionFate.Duplicate)
                isReference = true;
            file.SymbolIds[i] = isReference ? resolver.Reference(file, elf, name) : resolver.Define(file, i, elf, section, name);
            if (file.HidesSymbols && !isReference)
                job.Symbols[job.Symbols.Final(file.SymbolIds[i])].Traits |= SymbolTraits.ForcedLocal;
        }
    }
}
