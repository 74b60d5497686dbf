using System.Text;
using Kiln.Base;
using Kiln.Linker.Inputs;
using Kiln.Linker.Layout;
using Kiln.Linker.Relocations;
using Kiln.Linker.Symbols;
using Kiln.Linker.Synthetic;
using Kiln.Object.Elf;

namespace Kiln.Linker.Sections;

/// <summary>
/// --gc-sections: leaves out the loaded sections to which no chain of relocations leads from the roots: the entry, what -u, --init,
/// --fini and the dynamic symbol table name, and the sections that must stay by their kind. Sections of a group live together; a
/// section linked to another lives with it; call frame information keeps what it needs for functions that are live.
/// Needs: symbols resolved and classified as far as exports go, .eh_frame taken apart.
/// </summary>
internal sealed class GarbageCollection(LinkJob job)
{
    private readonly GrowBuffer<int> _work = new(256);
    private readonly Dictionary<string, List<int>> _startStop = [];
    private readonly Dictionary<int, List<int>> _linked = [];
    private readonly Dictionary<int, List<(int Input, int Record)>> _frames = [];
    private readonly Dictionary<int, int[]> _groups = [];

    /// <summary>Marks what is reached and drops the rest.</summary>
    public void Run()
    {
        Index();
        Roots();
        while (_work.Count > 0)
            Visit(_work.Pop());
        Sweep();
    }

    // Tables by which other things than relocations keep sections.
    private void Index()
    {
        for (int id = 1; id < job.Sections.Count; id++)
        {
            ref InputSection section = ref job.Sections[id];
            if (!section.IsLive)
                continue;
            if (section.LinkedTo != 0)
                AddTo(_linked, section.LinkedTo, id);
            if (section.Name.Length > 0 && section.Name[0] != (byte)'.' && section.IsAllocated)
                AddTo(_startStop, Encoding.UTF8.GetString(section.Name.Span), id);
        }
        foreach (ObjectFile file in job.Objects)
            IndexGroups(file);
        EhFrameChunk frames = job.Synthetic.EhFrame;
        for (int i = 0; i < frames.Inputs.Count; i++)
        {
            ObjectFile file = job.ObjectOf(frames.InputOf(i).Section);
            ReadOnlySpan<ElfRelocation> relocations = file.Elf.Relocations(job.Sections[frames.InputOf(i).Section].Relocations);
            FrameRecord[] records = frames.InputOf(i).Records;
            for (int r = 0; r < records.Length; r++)
            {
                if (records[r].Cie < 0 || records[r].RelocationCount == 0)
                    continue;
                int function = EhFrameChunk.FunctionSection(job, file, relocations[records[r].FirstRelocation]);
                if (function != 0)
                    AddTo(_frames, function, (i, r));
            }
        }
    }

    private static void AddTo<TKey, TItem>(Dictionary<TKey, List<TItem>> table, TKey key, TItem item) where TKey : notnull
    {
        if (!table.TryGetValue(key, out List<TItem>? list))
            table[key] = list = [];
        list.Add(item);
    }

    private void IndexGroups(ObjectFile file)
    {
        ReadOnlySpan<ElfSectionHeader> headers = file.Elf.Sections;
        for (int i = 1; i < headers.Length; i++)
        {
            if (headers[i].Type != SectionType.Group)
                continue;
            ReadOnlySpan<byte> words = file.Elf.Data(headers[i]).Span;
            var members = new List<int>();
            for (int at = 4; at + 4 <= words.Length; at += 4)
            {
                uint member = System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(words[at..]);
                if (member > 0 && member < (uint)file.SectionCount)
                    members.Add(file.FirstSection + (int)member);
            }
            int[] all = [.. members];
            foreach (int member in all)
                _groups[member] = all;
        }
    }

    private void Roots()
    {
        LinkOptions options = job.Options;
        MarkNamed(options.Entry);
        if (options.InitSymbol is { } init)
            MarkNamed(init);
        if (options.FiniSymbol is { } fini)
            MarkNamed(fini);
        for (int id = 1; id < job.Symbols.Count; id++)
        {
            ref Symbol symbol = ref job.Symbols[id];
            if (symbol.Has(SymbolTraits.Exported) && (job.IsShared || symbol.Has(SymbolTraits.InLibrary | SymbolTraits.ListedDynamic)
                || options.ExportDynamic) || symbol.Has(SymbolTraits.Kept) || options.GcKeepExported && symbol.Has(SymbolTraits.Exported)
                || symbol.Has(SymbolTraits.Exported) && !symbol.Has(SymbolTraits.LinkerDefined))
                MarkSymbol(id);
        }
        for (int id = 1; id < job.Sections.Count; id++)
            if (job.Sections[id].IsLive && SectionNames.IsKept(job.Sections[id]))
                Mark(id);
    }

    private void MarkNamed(string name)
    {
        int id = job.Symbols.Find(name);
        if (id != 0)
            MarkSymbol(job.Symbols.Final(id));
    }

    private void MarkSymbol(int id)
    {
        ref Symbol symbol = ref job.Symbols[id];
        if (symbol.State != SymbolState.Defined)
            return;
        if (symbol.Section > 0)
        {
            Mark(symbol.Section);
            return;
        }
        if (job.Options.StartStopGc || !symbol.Has(SymbolTraits.LinkerDefined))
            return;
        ReadOnlySpan<byte> name = symbol.Name.Span;
        int skip = name.StartsWith("__start_"u8) ? 8 : name.StartsWith("__stop_"u8) ? 7 : 0;
        if (skip > 0 && _startStop.TryGetValue(Encoding.UTF8.GetString(name[skip..]), out List<int>? sections))
            foreach (int section in sections)
                Mark(section);
    }

    private void Mark(int id)
    {
        ref InputSection section = ref job.Sections[id];
        if (section.Fate == SectionFate.Duplicate && section.KeptTwin != 0)
        {
            Mark(section.KeptTwin);
            return;
        }
        if (section.Reached || !section.IsLive)
            return;
        section.Reached = true;
        _work.Add(id);
        if (_groups.TryGetValue(id, out int[]? members))
            foreach (int member in members)
                Mark(member);
    }

    private void Visit(int id)
    {
        ref InputSection section = ref job.Sections[id];
        ObjectFile file = job.ObjectOf(id);
        if (section.Relocations != 0 && section.Fate != SectionFate.EhFrame && section.IsAllocated)
            foreach (ref readonly ElfRelocation relocation in file.Elf.Relocations(section.Relocations))
                MarkTarget(file, relocation);
        if (_linked.TryGetValue(id, out List<int>? linked))
            foreach (int other in linked)
                Mark(other);
        if (!_frames.TryGetValue(id, out List<(int Input, int Record)>? frames))
            return;
        foreach ((int input, int record) in frames)
        {
            EhFrameInput frame = job.Synthetic.EhFrame.InputOf(input);
            MarkRecord(frame, frame.Records[record]);
            MarkRecord(frame, frame.Records[frame.Records[record].Cie]);
        }
    }

    private void MarkRecord(EhFrameInput frame, in FrameRecord record)
    {
        ObjectFile file = job.ObjectOf(frame.Section);
        ReadOnlySpan<ElfRelocation> relocations = file.Elf.Relocations(job.Sections[frame.Section].Relocations);
        for (int i = 0; i < record.RelocationCount; i++)
            MarkTarget(file, relocations[record.FirstRelocation + i]);
    }

    private void MarkTarget(ObjectFile file, in ElfRelocation relocation)
    {
        if (!Referent.Of(job, file, relocation.Symbol, out Referent referent))
            return;
        if (referent.Id != 0)
            MarkSymbol(referent.Id);
        else if (referent.Section != 0)
            Mark(referent.Section);
    }

    private void Sweep()
    {
        for (int id = 1; id < job.Sections.Count; id++)
        {
            ref InputSection section = ref job.Sections[id];
            if (!section.IsLive || section.Reached || !section.IsAllocated || section.Fate == SectionFate.EhFrame)
                continue;
            section.Fate = SectionFate.Collected;
            if (job.Options.PrintGcSections && section.Size > 0)
                job.PlainWarning($"removing unused section '{job.SectionText(id)}' in file '{job.ObjectOf(id).Name}'");
        }
        DropDebug();
        for (int id = 1; id < job.Symbols.Count; id++)
        {
            ref Symbol symbol = ref job.Symbols[id];
            if (symbol.State == SymbolState.Defined && symbol.Section > 0 && job.Sections[symbol.Section].Fate == SectionFate.Collected)
                symbol.Traits = symbol.Traits & ~(SymbolTraits.Exported | SymbolTraits.Preemptible) | SymbolTraits.Collected;
        }
    }

    // Debug sections of an object none of whose code or data is left, and such as belong to a group that went.
    private void DropDebug()
    {
        foreach (ObjectFile file in job.Objects)
        {
            bool isUsed = false, hasLoaded = false;
            for (int id = file.FirstSection + 1; id < file.FirstSection + file.SectionCount; id++)
            {
                ref InputSection section = ref job.Sections[id];
                if (!section.IsAllocated || section.Size == 0 || section.Fate is SectionFate.EhFrame or SectionFate.Dropped or SectionFate.Table)
                    continue;
                hasLoaded = true;
                isUsed |= section.Reached && section.Type != SectionType.Note;
            }
            for (int id = file.FirstSection + 1; id < file.FirstSection + file.SectionCount; id++)
            {
                ref InputSection section = ref job.Sections[id];
                if (section.IsAllocated || !section.IsLive)
                    continue;
                bool isDebug = section.Name.Span.StartsWith(".debug_"u8);
                if (isDebug && hasLoaded && !isUsed || section.LinkedTo != 0 && job.Sections[section.LinkedTo].Fate == SectionFate.Collected)
                    section.Fate = SectionFate.Collected;
            }
        }
    }
}
