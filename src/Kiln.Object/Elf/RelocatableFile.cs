using Kiln.Base;

namespace Kiln.Object.Elf;

// A relocatable ELF object (ET_REL) that is being made: sections with their bytes and relocations, symbols, groups.
// Write() lays it out: header, contents, symbol table, string tables, relocations, section headers.
//
// In:  sections in the order of their headers; symbols in any order (Write puts locals first, as the gABI asks).
// Out: the bytes of the file. Contents are not copied until Write.
//
// Invariants: relocations and groups name symbols by the index AddSymbol gave; symbols name sections by their index in
// Sections plus 1, or by the special numbers below. More than 65,279 sections use SHN_XINDEX and SHT_SYMTAB_SHNDX (gABI, chapter 4).
// Left out: compressed sections.

/// <summary>A relocation of a section of a <see cref="RelocatableFile"/>.</summary>
public record struct ObjectRelocation(long Offset, int Symbol, int Type, long Addend);

/// <summary>A symbol of a <see cref="RelocatableFile"/>.</summary>
public struct ObjectSymbol
{
    public const int Undefined = 0, Absolute = -1, Common = -2;

    /// <summary>The section of a group is this less the group's number.</summary>
    public const int FirstGroup = -16;

    /// <summary>Offset of the name in the file's string table.</summary>
    public int Name;

    /// <summary>Binding, type, visibility and the rest of st_other.</summary>
    public byte Binding, Type, Other;

    /// <summary>Index of the section in <see cref="RelocatableFile.Sections"/> plus 1, or a special number.</summary>
    public int Section;

    public ulong Value, Size;
}

/// <summary>A section of a <see cref="RelocatableFile"/>.</summary>
public sealed class ObjectSection
{
    public required string Name { get; init; }
    public required uint Type { get; init; }
    public ulong Flags { get; set; }
    public int EntrySize { get; set; }
    public long Alignment { get; set; } = 1;

    /// <summary>The bytes; a section without file space has <see cref="Size"/> alone.</summary>
    public ReadOnlyMemory<byte> Data { get; set; }

    public long Size { get; set; }

    /// <summary>sh_link as an index in Sections plus 1, or 0.</summary>
    public int Link { get; set; }

    public uint Info { get; set; }

    public GrowBuffer<ObjectRelocation> Relocations { get; } = new(0);
}

/// <summary>A relocatable object in the making. See the file's header.</summary>
public sealed class RelocatableFile
{
    private readonly GrowBuffer<ObjectSymbol> _symbols = new(256);
    private readonly ByteWriter _strings = new(4096);
    private readonly List<Group> _groups = [];

    private sealed record Group(int Signature, uint Flags, List<int> Members);

    /// <summary>Makes an empty object.</summary>
    public RelocatableFile() => _strings.U8(0);

    public required int Machine { get; init; }
    public required bool Is64 { get; init; }

    /// <summary>Whether addends stand in the relocations (RELA) or in the fields (REL).</summary>
    public required bool UsesRela { get; init; }

    /// <summary>e_flags.</summary>
    public uint Flags { get; set; }

    /// <summary>EI_OSABI; GNU where a symbol is unique or an indirect function, or a section is retained.</summary>
    public int OsAbi { get; set; }

    /// <summary>The sections, without symbol table, string tables, groups and relocations.</summary>
    public List<ObjectSection> Sections { get; } = [];

    /// <summary>Puts a name into the string table.</summary>
    public int AddName(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty)
            return 0;
        int at = _strings.Length;
        _strings.Bytes(name);
        _strings.U8(0);
        return at;
    }

    /// <summary>Adds a symbol; its index is for relocations and groups. Index 0 means no symbol.</summary>
    public int AddSymbol(in ObjectSymbol symbol) => _symbols.Add(symbol) + 1;

    /// <summary>Adds a group of sections (indices in Sections plus 1).</summary>
    public void AddGroup(int signature, uint flags, List<int> members) => _groups.Add(new Group(signature, flags, members));

    /// <summary>How many groups were added.</summary>
    public int GroupCount => _groups.Count;

    /// <summary>Appends the file to <paramref name="output"/>.</summary>
    public void Write(ByteWriter output) => new Layout(this, output).Write();

    private struct Header
    {
        public int Name;
        public uint Type;
        public ulong Flags;
        public long Offset, Size, Alignment;
        public int Link;
        public uint Info;
        public int EntrySize;
    }

    /// <summary>One writing of a file.</summary>
    private sealed class Layout(RelocatableFile file, ByteWriter output)
    {
        private readonly bool _is64 = file.Is64;
        private readonly GrowBuffer<Header> _headers = new(32);
        private readonly ByteWriter _names = new(512);
        private readonly Dictionary<string, int> _nameOffsets = [];
        private int[] _sectionIndex = [];
        private int[] _symbolIndex = [];
        private int _start;

        public void Write()
        {
            _start = output.Length;
            output.Fill(0, _is64 ? ElfFormat.HeaderSize64 : ElfFormat.HeaderSize32);
            _names.U8(0);
            _headers.Add(default);
            int firstGlobal = OrderSymbols();
            NumberSections(out int symbolTable, out int indexTable);
            WriteGroups(symbolTable);
            for (int i = 0; i < file.Sections.Count; i++)
                WriteContents(file.Sections[i], _sectionIndex[i]);
            WriteSymbols(symbolTable, indexTable, firstGlobal);
            WriteBlob(symbolTable + (indexTable != 0 ? 2 : 1), file._strings.Span);
            for (int i = 0; i < file.Sections.Count; i++)
            {
                if (file.Sections[i].Relocations.Count != 0)
                    WriteRelocations(file.Sections[i], _sectionIndex[i], symbolTable);
            }
            WriteBlob(_headers.Count - 1, _names.Span);
            WriteHeaders();
        }

        private int OrderSymbols()
        {
            _symbolIndex = new int[file._symbols.Count + 1];
            int next = 1;
            for (int i = 0; i < file._symbols.Count; i++)
            {
                if (file._symbols[i].Binding == SymbolBinding.Local)
                    _symbolIndex[i + 1] = next++;
            }
            int firstGlobal = next;
            for (int i = 0; i < file._symbols.Count; i++)
            {
                if (file._symbols[i].Binding != SymbolBinding.Local)
                    _symbolIndex[i + 1] = next++;
            }
            return firstGlobal;
        }

        private int NameOffset(string name)
        {
            if (!_nameOffsets.TryGetValue(name, out int at))
            {
                at = _names.Length;
                _names.CString(name);
                _nameOffsets.Add(name, at);
            }
            return at;
        }

        /// <summary>Makes all headers with their names, so that links can name any section.</summary>
        private void NumberSections(out int symbolTable, out int indexTable)
        {
            foreach (Group group in file._groups)
                _headers.Add(new Header { Name = NameOffset(".group"), Type = SectionType.Group, EntrySize = 4, Alignment = 4 });
            _sectionIndex = new int[file.Sections.Count];
            for (int i = 0; i < file.Sections.Count; i++)
            {
                ObjectSection section = file.Sections[i];
                bool hasRelocations = section.Relocations.Count != 0;
                string prefix = file.UsesRela ? ".rela" : ".rel";
                int relocationName = hasRelocations ? NameOffset(prefix + section.Name) : 0;
                // the name of a section is the tail of its relocations' name
                int name = hasRelocations ? relocationName + prefix.Length : NameOffset(section.Name);
                _sectionIndex[i] = _headers.Add(new Header
                {
                    Name = name,
                    Type = section.Type,
                    Flags = section.Flags,
                    EntrySize = section.EntrySize,
                    Alignment = section.Alignment,
                    Info = section.Info,
                });
                if (hasRelocations)
                    _headers.Add(new Header
                    {
                        Name = relocationName,
                        Type = file.UsesRela ? SectionType.Rela : SectionType.Rel,
                        Flags = SectionFlags.InfoLink | section.Flags & SectionFlags.Group,
                    });
            }
            for (int i = 0; i < file.Sections.Count; i++)
            {
                int link = file.Sections[i].Link;
                if (link != 0)
                    _headers[_sectionIndex[i]].Link = _sectionIndex[link - 1];
            }
            symbolTable = _headers.Add(new Header { Name = NameOffset(".symtab"), Type = SectionType.SymTab });
            indexTable = 0;
            if (symbolTable >= ElfSectionIndex.LoReserve)
                indexTable = _headers.Add(new Header { Name = NameOffset(".symtab_shndx"), Type = SectionType.SymTabShndx });
            _headers.Add(new Header { Name = NameOffset(".strtab"), Type = SectionType.StrTab, Alignment = 1 });
            _headers.Add(new Header { Name = NameOffset(".shstrtab"), Type = SectionType.StrTab, Alignment = 1 });
        }

        private void Align(long alignment)
        {
            long misfit = (output.Length - _start) & (alignment - 1);
            if (alignment > 1 && misfit != 0)
                output.Fill(0, (int)(alignment - misfit));
        }

        private void WriteBlob(int header, ReadOnlySpan<byte> bytes)
        {
            _headers[header].Offset = output.Length - _start;
            _headers[header].Size = bytes.Length;
            output.Bytes(bytes);
        }

        private void WriteGroups(int symbolTable)
        {
            for (int i = 0; i < file._groups.Count; i++)
            {
                Group group = file._groups[i];
                Align(4);
                ref Header header = ref _headers[1 + i];
                header.Offset = output.Length - _start;
                header.Link = symbolTable;
                header.Info = (uint)_symbolIndex[group.Signature];
                output.U32(group.Flags);
                foreach (int member in group.Members)
                {
                    output.U32(_sectionIndex[member - 1]);
                    if (file.Sections[member - 1].Relocations.Count != 0)
                        output.U32(_sectionIndex[member - 1] + 1);
                }
                header.Size = output.Length - _start - header.Offset;
            }
        }

        private void WriteContents(ObjectSection section, int index)
        {
            ref Header header = ref _headers[index];
            Align(Math.Min(section.Alignment, 64));
            header.Offset = output.Length - _start;
            header.Size = section.Type == SectionType.NoBits ? section.Size : section.Data.Length;
            if (section.Type != SectionType.NoBits)
                output.Bytes(section.Data.Span);
        }

        private void WriteSymbols(int table, int indexTable, int firstGlobal)
        {
            Align(8);
            int entrySize = _is64 ? ElfFormat.SymbolSize64 : ElfFormat.SymbolSize32;
            int count = file._symbols.Count + 1;
            ref Header header = ref _headers[table];
            header.Offset = output.Length - _start;
            header.Size = (long)count * entrySize;
            header.EntrySize = entrySize;
            header.Alignment = _is64 ? 8 : 4;
            header.Link = table + (indexTable != 0 ? 2 : 1);
            header.Info = (uint)firstGlobal;
            var order = new int[count];
            for (int i = 1; i < count; i++)
                order[_symbolIndex[i]] = i;
            output.Fill(0, entrySize);
            for (int i = 1; i < count; i++)
                WriteSymbol(in file._symbols[order[i] - 1]);
            if (indexTable == 0)
                return;
            ref Header indices = ref _headers[indexTable];
            indices.Offset = output.Length - _start;
            indices.Size = count * 4L;
            indices.EntrySize = 4;
            indices.Alignment = 4;
            indices.Link = table;
            output.U32(0);
            for (int i = 1; i < count; i++)
            {
                int section = SectionIndex(in file._symbols[order[i] - 1]);
                bool isExtended = file._symbols[order[i] - 1].Section > 0 && section >= ElfSectionIndex.LoReserve;
                output.U32(isExtended ? section : 0);
            }
        }

        private int SectionIndex(in ObjectSymbol symbol) => symbol.Section switch
        {
            ObjectSymbol.Undefined => ElfSectionIndex.Undefined,
            ObjectSymbol.Absolute => ElfSectionIndex.Absolute,
            ObjectSymbol.Common => ElfSectionIndex.Common,
            <= ObjectSymbol.FirstGroup => 1 + ObjectSymbol.FirstGroup - symbol.Section,
            int section => _sectionIndex[section - 1],
        };

        private void WriteSymbol(in ObjectSymbol symbol)
        {
            int section = SectionIndex(in symbol);
            if (symbol.Section > 0 && section >= ElfSectionIndex.LoReserve)
                section = ElfSectionIndex.Extended;
            int info = symbol.Binding << 4 | symbol.Type;
            output.U32(symbol.Name);
            if (_is64)
            {
                output.U8(info);
                output.U8(symbol.Other);
                output.U16(section);
                output.U64(symbol.Value);
                output.U64(symbol.Size);
            }
            else
            {
                output.U32((long)symbol.Value);
                output.U32((long)symbol.Size);
                output.U8(info);
                output.U8(symbol.Other);
                output.U16(section);
            }
        }

        private void WriteRelocations(ObjectSection section, int index, int symbolTable)
        {
            Align(8);
            int entrySize = _is64
                ? file.UsesRela ? ElfFormat.RelaSize64 : ElfFormat.RelSize64
                : file.UsesRela ? ElfFormat.RelaSize32 : ElfFormat.RelSize32;
            ref Header header = ref _headers[index + 1];
            header.Offset = output.Length - _start;
            header.Size = (long)section.Relocations.Count * entrySize;
            header.EntrySize = entrySize;
            header.Alignment = _is64 ? 8 : 4;
            header.Link = symbolTable;
            header.Info = (uint)index;
            foreach (ref readonly ObjectRelocation relocation in section.Relocations.Span)
            {
                uint symbol = (uint)_symbolIndex[relocation.Symbol];
                if (_is64)
                {
                    output.U64((ulong)relocation.Offset);
                    output.U64((ulong)symbol << 32 | (uint)relocation.Type);
                    if (file.UsesRela)
                        output.U64((ulong)relocation.Addend);
                }
                else
                {
                    output.U32(relocation.Offset);
                    output.U32(symbol << 8 | (byte)relocation.Type);
                    if (file.UsesRela)
                        output.U32(relocation.Addend);
                }
            }
        }

        private void WriteHeaders()
        {
            Align(8);
            long tableOffset = output.Length - _start;
            int count = _headers.Count;
            ref Header first = ref _headers[0];
            if (count >= ElfSectionIndex.LoReserve)
            {
                first.Size = count;
                first.Link = count - 1;
            }
            for (int i = 0; i < count; i++)
                WriteHeader(in _headers[i]);
            var fileHeader = new ByteWriter(ElfFormat.HeaderSize64);
            WriteFileHeader(fileHeader, tableOffset, count);
            fileHeader.Span.CopyTo(output.Span[_start..]);
        }

        private void WriteHeader(in Header header)
        {
            output.U32(header.Name);
            output.U32(header.Type);
            Word(output, (long)header.Flags);
            Word(output, 0);
            Word(output, header.Offset);
            Word(output, header.Size);
            output.U32(header.Link);
            output.U32(header.Info);
            Word(output, header.Alignment);
            Word(output, header.EntrySize);
        }

        private void Word(ByteWriter to, long value)
        {
            if (_is64)
                to.U64((ulong)value);
            else
                to.U32(value);
        }

        private void WriteFileHeader(ByteWriter to, long tableOffset, int count)
        {
            to.U32(ElfFormat.MagicLittle);
            to.U8(_is64 ? ElfFormat.Class64 : ElfFormat.Class32);
            to.U8(ElfFormat.DataLittle);
            to.U8(ElfFormat.VersionCurrent);
            to.U8(file.OsAbi);
            to.U64(0);
            to.U16(ElfType.Relocatable);
            to.U16(file.Machine);
            to.U32(ElfFormat.VersionCurrent);
            Word(to, 0);
            Word(to, 0);
            Word(to, tableOffset);
            to.U32(file.Flags);
            to.U16(_is64 ? ElfFormat.HeaderSize64 : ElfFormat.HeaderSize32);
            to.U16(0);
            to.U16(0);
            to.U16(_is64 ? ElfFormat.SectionHeaderSize64 : ElfFormat.SectionHeaderSize32);
            to.U16(count >= ElfSectionIndex.LoReserve ? 0 : count);
            to.U16(count - 1 >= ElfSectionIndex.LoReserve ? ElfSectionIndex.Extended : count - 1);
        }
    }
}
