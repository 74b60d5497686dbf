using System.Text;
using Kiln.Base;
using Kiln.Linker.Inputs;
using Kiln.Linker.Sections;
using Kiln.Linker.Symbols;
using Kiln.Linker.Synthetic;
using Kiln.Object.Elf;

namespace Kiln.Linker.Layout;

/// <summary>Puts input sections and the linker's own chunks into output sections, and these into their order.</summary>
internal sealed class OutputBuilder(LinkJob job)
{
    private readonly Dictionary<OutputSection, List<int>> _ranks = [];
    private readonly List<OutputSection> _created = [];
    private readonly Dictionary<ulong, OutputSection> _byHash = [];

    /// <summary>Takes the mergeable sections apart: their sizes are needed for the layout, their pieces for every reference.</summary>
    public static void MergeSections(LinkJob job)
    {
        var chunks = new Dictionary<(string Output, uint EntrySize, bool Strings, ulong Alignment), int>();
        List<MergedChunk> all = job.Synthetic.Merged;
        foreach (ObjectFile file in job.Objects)
            for (int id = file.FirstSection + 1; id < file.FirstSection + file.SectionCount; id++)
            {
                ref InputSection section = ref job.Sections[id];
                if (section.Fate != SectionFate.Merged)
                    continue;
                string output = Encoding.UTF8.GetString(SectionNames.Map(section.Name.Span, out int _));
                bool isStrings = (section.Flags & SectionFlags.Strings) != 0;
                var key = (output, section.EntrySize, isStrings, section.Alignment);
                if (!chunks.TryGetValue(key, out int number))
                {
                    chunks[key] = number = all.Count;
                    all.Add(new MergedChunk(section.EntrySize, isStrings, section.Alignment));
                }
                section.Output = number;
                section.Special = all[number].Add(job, id);
            }
        foreach (MergedChunk chunk in all)
            chunk.Place();
    }

    /// <summary>Builds and orders the output sections.</summary>
    public void Run()
    {
        FindNamedEmptySections();
        AddHeadChunks();
        foreach (ObjectFile file in job.Objects)
            for (int id = file.FirstSection + 1; id < file.FirstSection + file.SectionCount; id++)
                AddInput(id);
        AddTailChunks();
        Sort();
        Order();
    }

    private OutputSection Get(ReadOnlySpan<byte> name, uint type, ulong flags)
    {
        ulong hash = 14695981039346656037;
        foreach (byte b in name)
            hash = (hash ^ b) * 1099511628211;
        if (_byHash.TryGetValue(hash, out OutputSection? found))
            return found;
        var section = new OutputSection(Encoding.UTF8.GetString(name)) { Type = type, Flags = flags };
        _byHash[hash] = section;
        _created.Add(section);
        return section;
    }

    private void AddChunk(ReadOnlySpan<byte> name, Chunk chunk, uint type, ulong flags, ulong entrySize = 0)
    {
        OutputSection section = Get(name, type, flags);
        Absorb(section, type, flags, chunk.Alignment);
        section.EntrySize = entrySize;
        section.Add(chunk);
    }

    // What a member's type and flags add to its section's.
    private static void Absorb(OutputSection section, uint type, ulong flags, ulong alignment)
    {
        if (section.Parts.Count == 0)
        {
            section.Type = type;
            section.Flags = flags;
        }
        else
        {
            if (section.Type == SectionType.NoBits && type != SectionType.NoBits)
                section.Type = type;
            else if (section.Type != type && type != SectionType.NoBits && section.Type == SectionType.Note)
                section.Type = SectionType.ProgBits;
            // Merge and Strings stay only where all members have them.
            const ulong all = SectionFlags.Merge | SectionFlags.Strings;
            section.Flags = (section.Flags | flags) & ~all | section.Flags & flags & all;
        }
        section.Alignment = Math.Max(section.Alignment, alignment);
    }

    private void AddInput(int id)
    {
        ref InputSection input = ref job.Sections[id];
        if (!input.IsLive)
            return;
        const ulong dropped = SectionFlags.Group | SectionFlags.Compressed | SectionFlags.LinkOrder | SectionFlags.GnuRetain | SectionFlags.InfoLink;
        if (input.Fate == SectionFate.EhFrame)
        {
            EhFrameChunk frames = job.Synthetic.EhFrame;
            if (!frames.Exists && frames.Size > 0)
                AddChunk(".eh_frame"u8, frames, SectionType.ProgBits, SectionFlags.Alloc);
            return;
        }
        ReadOnlySpan<byte> name = SectionNames.Map(input.Name.Span, out int rank);
        if (input.Fate == SectionFate.Merged)
        {
            MergedChunk merged = job.Synthetic.Merged[input.Output];
            if (merged.Exists)
                return;
            OutputSection target = Get(name, input.Type, input.Flags & ~dropped);
            Absorb(target, input.Type, input.Flags & ~dropped, input.Alignment);
            target.EntrySize = target.Parts.Count == 0 || target.EntrySize == input.EntrySize ? input.EntrySize : 0;
            target.Add(merged);
            Rank(target, SectionNames.PlainRank);
            return;
        }
        // Empty sections of the usual names leave no trace; an empty section of another name may be the place of a symbol.
        OutputSection section = Get(name, input.Type, input.Flags & ~dropped);
        uint type = section.Name is ".init_array" ? SectionType.InitArray : section.Name is ".fini_array" ? SectionType.FiniArray : input.Type;
        Absorb(section, type, input.Flags & ~dropped, input.Alignment);
        if (section.Parts.Count == 0)
            section.EntrySize = input.EntrySize;
        else if (section.EntrySize != input.EntrySize)
            section.EntrySize = 0;
        Rank(section, rank);
        section.Parts.Add(id);
    }

    private void Rank(OutputSection section, int rank)
    {
        if (!_ranks.TryGetValue(section, out List<int>? ranks))
        {
            if (rank == SectionNames.PlainRank && job.Options.SortSections == SectionSort.None)
                return;
            _ranks[section] = ranks = [];
        }
        while (ranks.Count < section.Parts.Count)
            ranks.Add(SectionNames.PlainRank);
        if (ranks.Count == section.Parts.Count)
            ranks.Add(rank);
        else
            ranks[section.Parts.Count] = rank;
    }

    // Chunks that stand before the inputs of their section.
    private void AddHeadChunks()
    {
        SyntheticSections s = job.Synthetic;
        const ulong read = SectionFlags.Alloc, write = SectionFlags.Alloc | SectionFlags.Write, code = SectionFlags.Alloc | SectionFlags.ExecInstr;
        if (job.HasInterpreter)
        {
            s.Interp.Set(job.Options.DynamicLinker ?? "/lib64/ld-linux-x86-64.so.2");
            AddChunk(".interp"u8, s.Interp, SectionType.ProgBits, read);
        }
        if (s.Property.Size > 0)
            AddChunk(".note.gnu.property"u8, s.Property, SectionType.Note, read);
        if (s.BuildId.Size > 0)
            AddChunk(".note.gnu.build-id"u8, s.BuildId, SectionType.Note, read);
        if (job.IsDynamic)
            AddDynamicTables(s);
        if (s.RelaDyn.Count > 0)
            AddChunk(".rela.dyn"u8, s.RelaDyn, SectionType.Rela, read, ElfFormat.RelaSize64);
        if (s.RelaPlt.Count > 0)
            AddChunk(".rela.plt"u8, s.RelaPlt, SectionType.Rela, read | SectionFlags.InfoLink, ElfFormat.RelaSize64);
        if (s.Plt.Count > 0)
            AddChunk(".plt"u8, s.Plt, SectionType.ProgBits, code, 16);
        if (s.PltGot.Size > 0)
            AddChunk(".plt.got"u8, s.PltGot, SectionType.ProgBits, code, 8);
        if (s.RelroCopies.Size > 0)
            AddChunk(".data.rel.ro"u8, s.RelroCopies, SectionType.ProgBits, write);
        if (s.Got.Size > 0)
            AddChunk(".got"u8, s.Got, SectionType.ProgBits, write, 8);
        if (s.Plt.Count > 0 || s.Scan.UsesGotBase || job.IsDynamic)
        {
            s.GotPlt.Alignment = 8;
            s.GotPlt.Size = (ulong)(Targets.X86_64.GotPltReserved + s.Plt.Count) * 8;
            AddChunk(".got.plt"u8, s.GotPlt, SectionType.ProgBits, write, 8);
        }
        if (s.Copies.Size > 0)
            AddChunk(".bss"u8, s.Copies, SectionType.NoBits, write);
    }

    private void AddDynamicTables(SyntheticSections s)
    {
        const ulong read = SectionFlags.Alloc, write = SectionFlags.Alloc | SectionFlags.Write;
        DynamicSymbolTable symbols = s.DynamicSymbols;
        if (symbols.SysVHash.Size > 0)
            AddChunk(".hash"u8, symbols.SysVHash, SectionType.Hash, read, 4);
        if (symbols.GnuHash.Size > 0)
            AddChunk(".gnu.hash"u8, symbols.GnuHash, SectionType.GnuHash, read);
        AddChunk(".dynsym"u8, symbols, SectionType.DynSym, read, ElfFormat.SymbolSize64);
        AddChunk(".dynstr"u8, symbols.Strings, SectionType.StrTab, read);
        if (symbols.Versions.Size > 0)
            AddChunk(".gnu.version"u8, symbols.Versions, SectionType.GnuVerSym, read, 2);
        if (symbols.Definitions.Size > 0)
            AddChunk(".gnu.version_d"u8, symbols.Definitions, SectionType.GnuVerDef, read);
        if (symbols.Needs.Size > 0)
            AddChunk(".gnu.version_r"u8, symbols.Needs, SectionType.GnuVerNeed, read);
        s.Dynamic.Alignment = 8;
        AddChunk(".dynamic"u8, s.Dynamic, SectionType.Dynamic, write, ElfFormat.DynamicSize64);
    }

    private void AddTailChunks()
    {
        SyntheticSections s = job.Synthetic;
        const ulong write = SectionFlags.Alloc | SectionFlags.Write;
        if (s.Commons.Size > 0)
            AddChunk(".bss"u8, s.Commons, SectionType.NoBits, write);
        if (s.TlsCommons.Size > 0)
            AddChunk(".tbss"u8, s.TlsCommons, SectionType.NoBits, write | SectionFlags.Tls);
        if (job.Options.EhFrameHeader && s.EhFrame.Exists)
        {
            s.EhFrameHeader.Place();
            AddChunk(".eh_frame_hdr"u8, s.EhFrameHeader, SectionType.ProgBits, SectionFlags.Alloc);
        }
    }

    // Sorts the members of sections by rank, by what the user asked, and by the sections that they are linked to.
    private void Sort()
    {
        foreach (OutputSection section in _created)
        {
            if (_ranks.TryGetValue(section, out List<int>? ranks))
                SortByRank(section, ranks);
            SortLinked(section);
        }
    }

    private void SortByRank(OutputSection section, List<int> ranks)
    {
        int[] parts = section.Parts.Span.ToArray();
        while (ranks.Count < parts.Length)
            ranks.Add(SectionNames.PlainRank);
        var order = new int[parts.Length];
        for (int i = 0; i < order.Length; i++)
            order[i] = i;
        Array.Sort(order, (a, b) =>
        {
            int byRank = ranks[a].CompareTo(ranks[b]);
            if (byRank == 0 && parts[a] > 0 && parts[b] > 0)
                byRank = Compare(parts[a], parts[b], ranks[a]);
            return byRank != 0 ? byRank : a.CompareTo(b);
        });
        for (int i = 0; i < order.Length; i++)
            section.Parts[i] = parts[order[i]];
    }

    private int Compare(int a, int b, int rank)
    {
        if (rank == 4 || job.Options.SortSections == SectionSort.Name)
            return job.Sections[a].Name.Span.SequenceCompareTo(job.Sections[b].Name.Span);
        return job.Options.SortSections == SectionSort.Alignment ? job.Sections[b].Alignment.CompareTo(job.Sections[a].Alignment) : 0;
    }

    // Sections with SHF_LINK_ORDER stand in the order of the sections they are linked to.
    private void SortLinked(OutputSection section)
    {
        bool any = false;
        foreach (int part in section.Parts.Span)
            any |= part > 0 && job.Sections[part].LinkedTo != 0;
        if (any)
            _linked.Add(section);
    }

    private readonly List<OutputSection> _linked = [];

    private void Order()
    {
        foreach (OutputSection section in _created)
        {
            // ld leaves an output section out when nothing in it has any size, unless a symbol of the linker looks for its name.
            if (section.Parts.Count == 0 || !HasContent(section))
                continue;
            section.Order = SectionNames.Order(section);
            job.Outputs.Add(section);
        }
        foreach ((string name, ulong address) in GivenAddresses())
            foreach (OutputSection section in job.Outputs)
                if (section.Name == name)
                    section.GivenAddress = address;
        StableSort(job.Outputs);
        for (int i = 0; i < job.Outputs.Count; i++)
        {
            OutputSection section = job.Outputs[i];
            section.Index = i + 1;
            section.IsRelro = job.Options.Relro && SectionNames.IsRelro(section, job.Options.BindNow);
            foreach (int part in section.Parts.Span)
                if (part > 0)
                    job.Sections[part].Output = i;
        }
        foreach (OutputSection section in _linked)
            SortByLink(section);
    }

    private void SortByLink(OutputSection section)
    {
        int[] parts = section.Parts.Span.ToArray();
        var keys = new (int Output, int Place, int Index)[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            int linked = parts[i] > 0 ? job.Sections[parts[i]].LinkedTo : 0;
            OutputSection? target = linked > 0 ? job.OutputOf(linked) : null;
            keys[i] = target is null ? (-1, 0, i) : (target.Index, target.Parts.Span.IndexOf(linked), i);
        }
        Array.Sort(keys, parts);
        parts.CopyTo(section.Parts.Span);
    }

    private bool HasContent(OutputSection section)
    {
        foreach (int part in section.Parts.Span)
            if (part < 0 || job.Sections[part].Size > 0 || _named.Contains(part))
                return true;
        return false;
    }

    // Empty sections in which global symbols are defined.
    private readonly HashSet<int> _named = [];

    private void FindNamedEmptySections()
    {
        for (int id = 1; id < job.Symbols.Count; id++)
        {
            int section = job.Symbols[id].Section;
            if (section > 0 && job.Sections[section].Size == 0)
                _named.Add(section);
        }
    }

    private List<(string Name, ulong Address)> GivenAddresses()
    {
        var given = new List<(string, ulong)>(job.Options.SectionStarts);
        if (job.Options.TextAddress is { } text)
            given.Add((".text", text));
        if (job.Options.DataAddress is { } data)
            given.Add((".data", data));
        if (job.Options.BssAddress is { } bss)
            given.Add((".bss", bss));
        return given;
    }

    private static void StableSort(List<OutputSection> sections)
    {
        OutputSection[] sorted = [.. sections];
        var keys = new (int Order, int Index)[sorted.Length];
        for (int i = 0; i < sorted.Length; i++)
            keys[i] = (sorted[i].Order, i);
        Array.Sort(keys, sorted);
        sections.Clear();
        sections.AddRange(sorted);
    }

    /// <summary>Makes room for the common symbols.</summary>
    public static void AllocateCommons(LinkJob job)
    {
        var commons = new List<int>();
        for (int id = 1; id < job.Symbols.Count; id++)
            if (job.Symbols[id].State == SymbolState.Common && job.Symbols[id].Alias == 0)
                commons.Add(id);
        if (job.Options.SortCommon is { } isDescending)
            commons.Sort((a, b) => job.Symbols[a].Value != job.Symbols[b].Value
                ? job.Symbols[a].Value.CompareTo(job.Symbols[b].Value) * (isDescending ? -1 : 1) : a.CompareTo(b));
        foreach (int id in commons)
        {
            ref Symbol symbol = ref job.Symbols[id];
            ulong alignment = System.Numerics.BitOperations.IsPow2(symbol.Value) && symbol.Value <= 1UL << 32 ? symbol.Value : 1;
            ZeroChunk room = symbol.Type == SymbolType.Tls ? job.Synthetic.TlsCommons : job.Synthetic.Commons;
            job.Synthetic.CopyPlaces[id] = (room, room.Allocate(symbol.Size, alignment));
        }
    }
}
