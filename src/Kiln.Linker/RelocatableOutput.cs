using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Kiln.Base;
using Kiln.Linker.Inputs;
using Kiln.Linker.Output;
using Kiln.Linker.Sections;
using Kiln.Linker.Symbols;
using Kiln.Linker.Synthetic;
using Kiln.Object.Elf;

namespace Kiln.Linker;

/// <summary>
/// -r: one object of several. Sections of the same name and kind are joined, COMDAT groups are kept as groups of sections of their
/// own, relocations are carried over to the joined sections and the common symbol table. Nothing is merged but .note.gnu.property, and
/// nothing relaxed or laid out.
/// </summary>
internal sealed class RelocatableOutput
{
    private sealed class Joined(string name, uint type, ulong flags)
    {
        public string Name => name;
        public uint Type { get; set; } = type;
        public ulong Flags { get; set; } = flags;
        public ulong Alignment = 1, Size;
        public uint EntrySize;
        public int Index, RelocationIndex, SectionSymbol, Group = -1;
        public int LinkedTo;
        public List<int> Members { get; } = [];

        /// <summary>Bytes of no input.</summary>
        public byte[] Contents { get; init; } = [];
        public GrowBuffer<ElfRelocation> Relocations { get; } = new();
    }

    private sealed class Group(int signature, Bytes name)
    {
        public int Signature => signature;
        public Bytes Name => name;
        public int LocalSymbol;
        public int Index;
        public uint Flags;
        public List<Joined> Members { get; } = [];
    }

    private readonly LinkJob _job;
    private readonly List<Joined> _sections = [];
    private readonly Dictionary<(string Name, uint Type, ulong Flags, uint EntrySize, int Group), Joined> _byKey = [];
    private readonly Dictionary<int, Joined> _sectionOf = [];
    private readonly List<Group> _groups = [];
    private readonly Dictionary<int, int> _groupOfSection = [];
    private readonly GrowBuffer<ElfSymbol> _symbols = new();
    private readonly ByteWriter _strings = new();
    private readonly List<int[]> _localIndices = [];
    private int[] _globalIndices = [];

    private RelocatableOutput(LinkJob job) => _job = job;

    /// <summary>Builds and writes the object.</summary>
    public static bool Run(LinkJob job, out byte[]? image)
    {
        image = null;
        var output = new RelocatableOutput(job);
        output.FindGroups();
        output.JoinSections();
        output.BuildSymbols();
        output.CarryRelocations();
        if (job.HasFailed)
            return false;
        ByteWriter bytes = output.Write();
        if (job.Options.Output is not { } path)
        {
            image = bytes.ToArray();
            return true;
        }
        if (OutputFile.Write(path, bytes.Span, isExecutable: false) is not { } problem)
            return true;
        job.Error(problem);
        return false;
    }

    private void FindGroups()
    {
        foreach (ObjectFile file in _job.Objects)
        {
            ReadOnlySpan<ElfSectionHeader> headers = file.Elf.Sections;
            for (int i = 1; i < headers.Length; i++)
            {
                if (headers[i].Type != SectionType.Group)
                    continue;
                ReadOnlySpan<byte> words = file.Elf.Data(headers[i]).Span;
                int signature = headers[i].Info < (uint)file.SymbolIds.Length ? file.SymbolIds[headers[i].Info] : 0;
                var group = new Group(signature, SignatureName(file, headers[i]))
                {
                    Flags = words.Length >= 4 ? BinaryPrimitives.ReadUInt32LittleEndian(words) : 0,
                };
                bool isKept = false;
                for (int at = 4; at + 4 <= words.Length; at += 4)
                {
                    uint member = BinaryPrimitives.ReadUInt32LittleEndian(words[at..]);
                    if (member == 0 || member >= (uint)file.SectionCount || !_job.Sections[file.FirstSection + (int)member].IsLive)
                        continue;
                    _groupOfSection[file.FirstSection + (int)member] = _groups.Count;
                    isKept = true;
                }
                if (isKept)
                    _groups.Add(group);
            }
        }
    }

    // The symbol that a group is known by may be a local one, whose section is the group itself.
    private static Bytes SignatureName(ObjectFile file, in ElfSectionHeader header) =>
        header.Info < (uint)file.Symbols.Count ? file.Symbols.Name(file.Symbols.Span[(int)header.Info]) : default;

    // What holds of all objects or of any holds of the whole: the notes are merged, as one behind the other says something else.
    private void MergeProperties()
    {
        for (int id = 1; id < _job.Sections.Count; id++)
        {
            ref InputSection input = ref _job.Sections[id];
            if (input.IsLive && input.Type == SectionType.Note && input.Name.Span.SequenceEqual(".note.gnu.property"u8))
                input.Fate = SectionFate.Dropped;
        }
        byte[] description = PropertyNotes.Merged(_job);
        if (description.Length == 0)
            return;
        var note = new ByteWriter();
        note.U32(4);
        note.U32(description.Length);
        note.U32(NoteType.GnuProperty);
        note.Text("GNU\0");
        note.Bytes(description);
        _sections.Add(new Joined(".note.gnu.property", SectionType.Note, SectionFlags.Alloc)
        {
            Alignment = 8,
            Size = (ulong)note.Length,
            Contents = note.ToArray(),
        });
    }

    private void JoinSections()
    {
        MergeProperties();
        for (int id = 1; id < _job.Sections.Count; id++)
        {
            ref InputSection input = ref _job.Sections[id];
            if (!input.IsLive)
                continue;
            int group = _groupOfSection.TryGetValue(id, out int found) && found < _groups.Count ? found : -1;
            ulong flags = group < 0 ? input.Flags & ~SectionFlags.Group : input.Flags;
            string name = Encoding.UTF8.GetString(input.Name.Span);
            bool isLinked = input.LinkedTo != 0;
            var key = (name, input.Type == SectionType.NoBits ? SectionType.NoBits : 1u, flags, (flags & SectionFlags.Merge) != 0 ? input.EntrySize : 0,
                isLinked ? ~id : group);
            if (!_byKey.TryGetValue(key, out Joined? joined))
            {
                _byKey[key] = joined = new Joined(name, input.Type, flags) { EntrySize = input.EntrySize, Group = group, LinkedTo = input.LinkedTo };
                _sections.Add(joined);
                if (group >= 0)
                    _groups[group].Members.Add(joined);
            }
            joined.Alignment = Math.Max(joined.Alignment, input.Alignment);
            input.Offset = joined.Size + input.Alignment - 1 & ~(input.Alignment - 1);
            joined.Size = input.Offset + input.Size;
            joined.Members.Add(id);
            _sectionOf[id] = joined;
        }
        int index = 1 + _groups.Count;
        for (int g = 0; g < _groups.Count; g++)
            _groups[g].Index = 1 + g;
        foreach (Joined section in _sections)
        {
            section.Index = index++;
            foreach (int id in section.Members)
                if (_job.Sections[id].Relocations != 0 && section.RelocationIndex == 0)
                    section.RelocationIndex = index++;
        }
        _nextIndex = index;
    }

    private int _nextIndex;

    private uint Name(ReadOnlySpan<byte> name)
    {
        if (name.Length == 0)
            return 0;
        uint offset = (uint)_strings.Length;
        _strings.Bytes(name);
        _strings.U8(0);
        return offset;
    }

    private void BuildSymbols()
    {
        _strings.U8(0);
        _symbols.Add(default);
        foreach (Joined section in _sections)
            section.SectionSymbol = _symbols.Add(new ElfSymbol { Info = SymbolType.Section, Section = (ushort)section.Index });
        foreach (Group group in _groups)
            if (group.Signature == 0)
                group.LocalSymbol = _symbols.Add(new ElfSymbol { Name = Name(group.Name.Span), Section = (ushort)group.Index });
        foreach (ObjectFile file in _job.Objects)
            AddLocals(file);
        FirstGlobal = _symbols.Count;
        _globalIndices = new int[_job.Symbols.Count];
        for (int id = 1; id < _job.Symbols.Count; id++)
        {
            ref Symbol symbol = ref _job.Symbols[id];
            if (symbol.Alias != 0 || !symbol.Has(SymbolTraits.InObject))
                continue;
            _globalIndices[id] = _symbols.Add(GlobalSymbol(id));
        }
    }

    private int FirstGlobal { get; set; }

    private void AddLocals(ObjectFile file)
    {
        ElfSymbols symbols = file.Symbols;
        var indices = new int[symbols.Count];
        _localIndices.Add(indices);
        int end = Math.Min(symbols.FirstGlobal, symbols.Count);
        for (int i = 1; i < end; i++)
        {
            ElfSymbol elf = symbols.Span[i];
            if (elf.Type == SymbolType.Section)
                continue;
            int section = symbols.Section(i);
            ReadOnlySpan<byte> name = symbols.Name(elf).Span;
            bool isTemporary = name.StartsWith(".L"u8);
            if (section > 0)
            {
                if (section >= file.SectionCount || !_sectionOf.TryGetValue(file.FirstSection + section, out Joined? joined))
                    continue;
                // Symbols that relocations name stay, whatever the options say of the rest; they are few.
                if (_job.Options.Discard == DiscardKind.All && elf.Type != SymbolType.Tls || isTemporary && _job.Options.Discard == DiscardKind.Temporary)
                {
                    indices[i] = -1;
                    continue;
                }
                elf.Section = (ushort)joined.Index;
                elf.Value += _job.Sections[file.FirstSection + section].Offset;
            }
            else if (_job.Options.Discard == DiscardKind.All)
                continue;
            elf.Name = Name(name);
            indices[i] = _symbols.Add(elf);
        }
    }

    private ElfSymbol GlobalSymbol(int id)
    {
        ref Symbol symbol = ref _job.Symbols[id];
        var elf = new ElfSymbol
        {
            Name = Name(Encoding.UTF8.GetBytes(_job.Symbols.Text(id))),
            Info = (byte)(symbol.Binding << 4 | symbol.Type),
            Other = symbol.Visibility,
            Value = symbol.Value,
            Size = symbol.Size,
        };
        switch (symbol.State)
        {
            case SymbolState.Undefined or SymbolState.Shared:
                int binding = symbol.Has(SymbolTraits.StrongReference) ? SymbolBinding.Global : SymbolBinding.Weak;
                elf.Info = (byte)(binding << 4 | symbol.Type);
                elf.Value = 0;
                break;
            case SymbolState.Common:
                elf.Section = ElfSectionIndex.Common;
                break;
            case SymbolState.Defined:
                if (symbol.Section == 0)
                    elf.Section = ElfSectionIndex.Absolute;
                else if (_sectionOf.TryGetValue(symbol.Section, out Joined? joined))
                {
                    elf.Section = (ushort)joined.Index;
                    elf.Value += _job.Sections[symbol.Section].Offset;
                }
                break;
            default:
                throw new InvalidOperationException($"symbol state {symbol.State}");
        }
        return elf;
    }

    private void CarryRelocations()
    {
        for (int f = 0; f < _job.Objects.Count; f++)
        {
            ObjectFile file = _job.Objects[f];
            for (int i = 1; i < file.SectionCount; i++)
            {
                int id = file.FirstSection + i;
                ref InputSection input = ref _job.Sections[id];
                if (!input.IsLive || input.Relocations == 0 || !_sectionOf.TryGetValue(id, out Joined? joined))
                    continue;
                foreach (ElfRelocation relocation in file.Elf.Relocations(input.Relocations))
                    joined.Relocations.Add(Carry(file, f, relocation, input.Offset));
            }
        }
    }

    private ElfRelocation Carry(ObjectFile file, int fileIndex, ElfRelocation relocation, ulong offset)
    {
        int symbol = relocation.Symbol;
        long addend = relocation.Addend;
        int target = 0;
        if ((uint)symbol >= (uint)file.SymbolIds.Length)
        {
            if (symbol != 0)
                _job.Error($"{file.Name}: bad symbol index in a relocation");
        }
        else if (file.SymbolIds[symbol] is var id and not 0)
            target = _globalIndices[_job.Symbols.Final(id)];
        else
        {
            target = _localIndices[fileIndex][symbol];
            int section = file.Symbols.Section(symbol);
            if (target <= 0 && section > 0 && section < file.SectionCount)
            {
                // By the section's symbol: for a symbol that stands for one, or one that is left out.
                int sectionId = file.FirstSection + section;
                if (_job.Sections[sectionId].Fate == SectionFate.Duplicate)
                    sectionId = _job.Sections[sectionId].KeptTwin;
                if (_sectionOf.TryGetValue(sectionId, out Joined? joined))
                {
                    target = joined.SectionSymbol;
                    addend += (long)(_job.Sections[sectionId].Offset + file.Symbols.Span[symbol].Value);
                }
                else
                    return new ElfRelocation(relocation.Offset + offset, 0, 0, 0);
            }
        }
        return new ElfRelocation(relocation.Offset + offset, Math.Max(target, 0), relocation.Type, addend);
    }

    private ByteWriter Write()
    {
        bool hasStackNote = _job.Objects.Exists(static file => file.HasStackNote);
        int stack = hasStackNote ? _nextIndex++ : 0;
        int symbolTable = _nextIndex++, strings = _nextIndex++, names = _nextIndex++;
        var headers = new ElfSectionHeader[_nextIndex];
        var nameTable = new ByteWriter();
        nameTable.U8(0);
        var output = new ByteWriter(1 << 16);
        output.Fill(0, ElfFormat.HeaderSize64);
        foreach (Group group in _groups)
            WriteGroup(output, headers, nameTable, group, symbolTable);
        foreach (Joined section in _sections)
            WriteSection(output, headers, nameTable, section, symbolTable);
        if (hasStackNote)
            headers[stack] = new ElfSectionHeader
            {
                Name = Enter(nameTable, ".note.GNU-stack"),
                Type = SectionType.ProgBits,
                Flags = _job.Objects.Exists(static file => file.WantsExecutableStack) ? SectionFlags.ExecInstr : 0,
                Offset = (ulong)output.Length,
                Alignment = 1,
            };
        output.Align(8);
        headers[symbolTable] = new ElfSectionHeader
        {
            Name = Enter(nameTable, ".symtab"),
            Type = SectionType.SymTab,
            Offset = (ulong)output.Length,
            Size = (ulong)_symbols.Count * ElfFormat.SymbolSize64,
            Link = (uint)strings,
            Info = (uint)FirstGlobal,
            Alignment = 8,
            EntrySize = ElfFormat.SymbolSize64,
        };
        output.Bytes(MemoryMarshal.AsBytes(_symbols.Span));
        headers[strings] = Table(output, Enter(nameTable, ".strtab"), _strings.Span);
        uint ownName = Enter(nameTable, ".shstrtab");
        headers[names] = Table(output, ownName, nameTable.Span);
        output.Align(8);
        int table = output.Length;
        output.Bytes(MemoryMarshal.AsBytes(headers.AsSpan()));
        WriteHeader(output.Span, table, headers.Length, names);
        return output;
    }

    private static ElfSectionHeader Table(ByteWriter output, uint name, ReadOnlySpan<byte> bytes)
    {
        var header = new ElfSectionHeader { Name = name, Type = SectionType.StrTab, Offset = (ulong)output.Length, Size = (ulong)bytes.Length, Alignment = 1 };
        output.Bytes(bytes);
        return header;
    }

    private static uint Enter(ByteWriter names, string name)
    {
        uint offset = (uint)names.Length;
        names.CString(name);
        return offset;
    }

    private void WriteGroup(ByteWriter output, ElfSectionHeader[] headers, ByteWriter names, Group group, int symbolTable)
    {
        output.Align(4);
        headers[group.Index] = new ElfSectionHeader
        {
            Name = Enter(names, ".group"),
            Type = SectionType.Group,
            Offset = (ulong)output.Length,
            Link = (uint)symbolTable,
            Info = (uint)(group.Signature == 0 ? group.LocalSymbol : _globalIndices[_job.Symbols.Final(group.Signature)]),
            Alignment = 4,
            EntrySize = 4,
        };
        int start = output.Length;
        output.U32(group.Flags);
        foreach (Joined member in group.Members)
        {
            output.U32(member.Index);
            if (member.RelocationIndex != 0)
                output.U32(member.RelocationIndex);
        }
        headers[group.Index].Size = (ulong)(output.Length - start);
    }

    private void WriteSection(ByteWriter output, ElfSectionHeader[] headers, ByteWriter names, Joined section, int symbolTable)
    {
        bool hasBits = section.Type != SectionType.NoBits;
        if (hasBits)
            output.Fill(0, (int)((ulong)-output.Length & Math.Min(section.Alignment, 4096) - 1));
        int start = output.Length;
        if (hasBits)
        {
            output.Fill(0, (int)section.Size);
            section.Contents.CopyTo(output.Span[start..]);
            foreach (int id in section.Members)
                _job.Sections[id].Data.Span.CopyTo(output.Span[(start + (int)_job.Sections[id].Offset)..]);
        }
        headers[section.Index] = new ElfSectionHeader
        {
            Name = Enter(names, section.Name),
            Type = section.Type,
            Flags = section.Flags,
            Offset = (ulong)start,
            Size = section.Size,
            Alignment = section.Alignment,
            EntrySize = section.EntrySize,
            Link = section.LinkedTo != 0 && _sectionOf.TryGetValue(section.LinkedTo, out Joined? linked) ? (uint)linked.Index : 0,
        };
        if (section.RelocationIndex == 0)
            return;
        output.Align(8);
        headers[section.RelocationIndex] = new ElfSectionHeader
        {
            Name = Enter(names, ".rela" + section.Name),
            Type = SectionType.Rela,
            Flags = SectionFlags.InfoLink | (section.Group >= 0 ? SectionFlags.Group : 0),
            Offset = (ulong)output.Length,
            Size = (ulong)section.Relocations.Count * ElfFormat.RelaSize64,
            Link = (uint)symbolTable,
            Info = (uint)section.Index,
            Alignment = 8,
            EntrySize = ElfFormat.RelaSize64,
        };
        output.Bytes(MemoryMarshal.AsBytes(section.Relocations.Span));
    }

    private void WriteHeader(Span<byte> h, int table, int count, int names)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(h, ElfFormat.MagicLittle);
        h[ElfFormat.IdentClass] = ElfFormat.Class64;
        h[ElfFormat.IdentData] = ElfFormat.DataLittle;
        h[ElfFormat.IdentVersion] = ElfFormat.VersionCurrent;
        if (_job.Objects.Exists(static file => file.Elf.OsAbi == ElfFormat.OsAbiGnu))
            h[ElfFormat.IdentOsAbi] = ElfFormat.OsAbiGnu;
        BinaryPrimitives.WriteUInt16LittleEndian(h[16..], ElfType.Relocatable);
        BinaryPrimitives.WriteUInt16LittleEndian(h[18..], (ushort)_job.Target.Machine);
        BinaryPrimitives.WriteUInt32LittleEndian(h[20..], ElfFormat.VersionCurrent);
        BinaryPrimitives.WriteUInt64LittleEndian(h[40..], (ulong)table);
        BinaryPrimitives.WriteUInt16LittleEndian(h[52..], ElfFormat.HeaderSize64);
        BinaryPrimitives.WriteUInt16LittleEndian(h[58..], ElfFormat.SectionHeaderSize64);
        // gABI: counts and indices that do not fit stand in the first section header.
        BinaryPrimitives.WriteUInt16LittleEndian(h[60..], (ushort)(count < ElfSectionIndex.LoReserve ? count : 0));
        BinaryPrimitives.WriteUInt16LittleEndian(h[62..], (ushort)(names < ElfSectionIndex.LoReserve ? names : ElfSectionIndex.Extended));
        if (count >= ElfSectionIndex.LoReserve)
            _job.Error("too many sections for -r");
    }
}
