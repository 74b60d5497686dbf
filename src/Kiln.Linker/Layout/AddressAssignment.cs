using Kiln.Linker.Sections;
using Kiln.Linker.Symbols;
using Kiln.Linker.Synthetic;
using Kiln.Object.Elf;

namespace Kiln.Linker.Layout;

/// <summary>
/// Gives every output section its address and its place in the file, and makes the segments. Segments are runs of sections with the same
/// permissions, each on pages of its own; the part that is protected after relocation ends on a page border.
/// Needs: sections ordered, all sizes fixed.
/// </summary>
internal sealed class AddressAssignment(LinkJob job)
{
    private readonly ulong _maxPage = job.Options.MaxPageSize;
    private readonly ulong _commonPage = job.Options.CommonPageSize;
    private readonly List<List<OutputSection>> _groups = [];
    private bool _hasHeaderGroup;

    private bool IsPaged => !job.Options.OMagic && !job.Options.NMagic;

    /// <summary>Runs the assignment.</summary>
    public void Run()
    {
        PlaceParts();
        MakeGroups();
        int segments = CountSegments();
        job.HeadersSize = ElfFormat.HeaderSize64 + (ulong)segments * ElfFormat.ProgramHeaderSize64;
        job.ImageBase = job.Options.ImageBase ?? job.Options.TextSegment ?? (job.IsPositionIndependent ? 0 : 0x400000UL);
        AssignAddresses();
        AssignOffsets();
        MakeSegments();
        FindTls();
    }

    private static ulong AlignUp(ulong value, ulong alignment) => (value + alignment - 1) & ~(alignment - 1);

    // Offsets of members in their sections.
    private void PlaceParts()
    {
        foreach (OutputSection section in job.Outputs)
        {
            ulong at = 0;
            foreach (int part in section.Parts.Span)
                if (part < 0)
                {
                    Chunk chunk = section.Chunks[~part];
                    section.Alignment = Math.Max(section.Alignment, chunk.Alignment);
                    at = AlignUp(at, chunk.Alignment);
                    chunk.Offset = at;
                    at += chunk.Size;
                }
                else
                {
                    ref InputSection input = ref job.Sections[part];
                    at = AlignUp(at, input.Alignment);
                    input.Offset = at;
                    at += input.Size;
                }
            section.Size = at;
            if (section.Name == ".bss" && at > 0)
                section.Size = AlignUp(at, Math.Min(section.Alignment, 8));
        }
    }

    // Permissions as far as segments tell them apart.
    private uint Permissions(OutputSection section)
    {
        if (job.Options.OMagic)
            return 7;
        uint flags = SegmentFlags.Read;
        if (section.IsWritable)
            flags |= SegmentFlags.Write;
        if (section.IsCode || !section.IsWritable && !job.Options.SeparateCode)
            flags |= SegmentFlags.Execute;
        return flags;
    }

    private void MakeGroups()
    {
        List<OutputSection>? group = null;
        foreach (OutputSection section in job.Outputs)
        {
            if (!section.IsAllocated)
                continue;
            if (group is null || Permissions(group[^1]) != Permissions(section) && !(section.IsTls && section.HasNoBits)
                || section.GivenAddress is not null && !job.Options.OMagic || StartsLargeData(group[^1], section))
                _groups.Add(group = []);
            group.Add(section);
        }
        // Zeros in the middle of a segment are written out.
        foreach (List<OutputSection> sections in _groups)
        {
            int last = sections.Count - 1;
            while (last >= 0 && sections[last].HasNoBits)
                last--;
            for (int i = 0; i < last; i++)
                if (sections[i].HasNoBits && !sections[i].IsTls)
                    sections[i].Type = SectionType.ProgBits;
        }
        if (IsPaged && job.Options.SeparateCode && (_groups.Count == 0 || Permissions(_groups[0][0]) != SegmentFlags.Read))
            _hasHeaderGroup = true;
    }

    // Large data behind large zeros begins a segment of its own: writing gigabytes of zeros out would serve nobody.
    private static bool StartsLargeData(OutputSection before, OutputSection section) =>
        before.HasNoBits && !before.IsTls && !section.HasNoBits && (section.Flags & SectionFlags.X86_64Large) != 0;

    private bool AnyGroup(Func<OutputSection, bool> test)
    {
        foreach (List<OutputSection> group in _groups)
            foreach (OutputSection section in group)
                if (test(section))
                    return true;
        return false;
    }

    private int CountSegments()
    {
        SyntheticSections s = job.Synthetic;
        int count = _groups.Count + (_hasHeaderGroup ? 1 : 0) + 1;
        count += s.Interp.Exists ? 2 : 0;
        count += s.Dynamic.Exists ? 1 : 0;
        count += NoteRuns().Count;
        count += s.Property.Exists ? 1 : 0;
        count += AnyGroup(static x => x.IsTls) ? 1 : 0;
        count += s.EhFrameHeader.Exists ? 1 : 0;
        count += AnyGroup(static x => x.IsRelro) ? 1 : 0;
        return count;
    }

    private void AssignAddresses()
    {
        ulong at = job.ImageBase + job.HeadersSize;
        // Without paging, as for boot sectors, the headers are not loaded when an address is asked for.
        for (int g = 0; g < _groups.Count; g++)
        {
            List<OutputSection> group = _groups[g];
            OutputSection first = group[0];
            if (first.GivenAddress is { } given)
                at = given;
            else if (g > 0 || _hasHeaderGroup)
                at = StartOf(group, at);
            if (job.Options.RodataSegment is { } rodata && first.Name == ".rodata")
                at = rodata;
            at = AssignGroup(group, at);
        }
    }

    private ulong StartOf(List<OutputSection> group, ulong at)
    {
        OutputSection first = group[0];
        if (job.Options.NMagic && first.IsWritable)
            return AlignUp(at, _maxPage) + (at & (_maxPage - 1));
        if (!IsPaged)
            return at;
        if (!first.IsWritable || !group.Exists(static x => x.IsRelro))
            return first.IsWritable ? AlignUp(at, _maxPage) + (at & (_maxPage - 1)) : AlignUp(at, _maxPage);
        // The protected part ends where a page does: the start moves up by what is missing.
        ulong start = AlignUp(at, _maxPage);
        for (int round = 0; round < 3; round++)
        {
            ulong end = AssignGroup(group, start, relroOnly: true);
            ulong missing = AlignUp(end, _commonPage) - end;
            if (missing == 0)
                break;
            ulong alignment = 1;
            foreach (OutputSection section in group)
                if (section.IsRelro)
                    alignment = Math.Max(alignment, section.Alignment);
            missing &= ~(alignment - 1);
            if (missing == 0)
                break;
            start += missing;
        }
        return start;
    }

    private ulong AssignGroup(List<OutputSection> group, ulong at, bool relroOnly = false)
    {
        bool wasRelro = false;
        ulong tlsAlignment = 1;
        foreach (OutputSection section in group)
            if (section.IsTls)
                tlsAlignment = Math.Max(tlsAlignment, section.Alignment);
        bool seenTls = false;
        foreach (OutputSection section in group)
        {
            if (relroOnly && !section.IsRelro)
                break;
            if (wasRelro && !section.IsRelro && IsPaged)
                at = AlignUp(at, _commonPage);
            wasRelro = section.IsRelro;
            if (section.IsTls && !seenTls)
            {
                // The block begins at its strictest alignment.
                section.Alignment = tlsAlignment;
                seenTls = true;
            }
            if (section.GivenAddress is { } given)
                at = given;
            section.Address = AlignUp(at, section.Alignment);
            if (section.TakesAddresses)
                at = section.Address + section.Size;
            else if (section.IsTls)
                at = PassTlsZeros(group, section, at);
        }
        return at;
    }

    // .tbss lies behind .tdata in the block but takes no room there; a second run of zeros follows the first.
    private static ulong PassTlsZeros(List<OutputSection> group, OutputSection section, ulong at)
    {
        int index = group.IndexOf(section);
        if (index > 0 && group[index - 1].IsTls && !group[index - 1].TakesAddresses)
            section.Address = AlignUp(group[index - 1].Address + group[index - 1].Size, section.Alignment);
        return at;
    }

    private void AssignOffsets()
    {
        ulong offset = job.HeadersSize;
        foreach (List<OutputSection> group in _groups)
        {
            ulong modulus = IsPaged || job.Options.NMagic ? _maxPage : Math.Max(1, group[0].Alignment);
            ulong start = group[0].Address;
            offset += start - offset & modulus - 1;
            ulong origin = offset - start;
            foreach (OutputSection section in group)
            {
                // Later sections keep their distance in the file as in memory.
                section.Offset = section.HasNoBits ? offset : section.Address + origin;
                if (!section.HasNoBits)
                    offset = section.Offset + section.Size;
            }
        }
        foreach (OutputSection section in job.Outputs)
        {
            if (section.IsAllocated)
                continue;
            offset = AlignUp(offset, section.Alignment);
            section.Offset = offset;
            if (!section.HasNoBits)
                offset += section.Size;
        }
        job.FileEnd = offset;
    }

    private Segment AddSegment(uint type, uint flags, OutputSection? first, OutputSection? last, ulong alignment)
    {
        var segment = new Segment { Type = type, Flags = flags, First = first, Last = last, Alignment = alignment };
        if (first is not null && last is not null)
        {
            segment.Offset = first.Offset;
            segment.Address = first.Address;
            segment.MemorySize = last.Address + last.Size - first.Address;
            segment.FileSize = last.HasNoBits ? (last.Offset >= first.Offset ? last.Offset - first.Offset : 0)
                : last.Offset + last.Size - first.Offset;
            segment.FileSize = Math.Min(segment.FileSize, segment.MemorySize);
        }
        job.Segments.Add(segment);
        return segment;
    }

    private void MakeSegments()
    {
        SyntheticSections s = job.Synthetic;
        if (s.Interp.Exists)
        {
            Segment headers = AddSegment(SegmentType.Phdr, SegmentFlags.Read, null, null, 8);
            headers.Offset = ElfFormat.HeaderSize64;
            headers.Address = job.ImageBase + ElfFormat.HeaderSize64;
            headers.FileSize = headers.MemorySize = job.HeadersSize - ElfFormat.HeaderSize64;
            AddSegment(SegmentType.Interp, SegmentFlags.Read, s.Interp.Section, s.Interp.Section, 1);
        }
        AddLoads();
        if (s.Dynamic.Exists)
            AddSegment(SegmentType.Dynamic, SegmentFlags.Read | SegmentFlags.Write, s.Dynamic.Section, s.Dynamic.Section, 8);
        foreach ((OutputSection first, OutputSection last) in NoteRuns())
            AddSegment(SegmentType.Note, SegmentFlags.Read, first, last, Math.Max(first.Alignment, 4));
        AddRun(SegmentType.Tls, SegmentFlags.Read, static x => x.IsTls);
        if (s.Property.Exists)
            AddSegment(SegmentType.GnuProperty, SegmentFlags.Read, s.Property.Section, s.Property.Section, 8);
        if (s.EhFrameHeader.Exists)
            AddSegment(SegmentType.GnuEhFrame, SegmentFlags.Read, s.EhFrameHeader.Section, s.EhFrameHeader.Section, 4);
        Segment stack = AddSegment(SegmentType.GnuStack, SegmentFlags.Read | SegmentFlags.Write | (job.HasExecutableStack ? SegmentFlags.Execute : 0),
            null, null, 16);
        stack.MemorySize = job.Options.StackSize;
        AddRelro();
    }

    private void AddLoads()
    {
        ulong page = IsPaged ? _maxPage : 0;
        if (_hasHeaderGroup)
        {
            Segment headers = AddSegment(SegmentType.Load, SegmentFlags.Read, null, null, page);
            headers.Address = job.ImageBase;
            headers.FileSize = headers.MemorySize = job.HeadersSize;
            headers.HasHeaders = true;
        }
        for (int g = 0; g < _groups.Count; g++)
        {
            List<OutputSection> group = _groups[g];
            uint flags = 0;
            ulong alignment = page;
            OutputSection last = group[0];
            OutputSection? lastWithBits = null;
            foreach (OutputSection section in group)
            {
                flags |= Permissions(section);
                alignment = Math.Max(alignment, section.Alignment);
                if (section.TakesAddresses)
                    last = section;
                if (!section.HasNoBits)
                    lastWithBits = section;
            }
            Segment load = AddSegment(SegmentType.Load, flags, group[0], last, alignment);
            load.FileSize = lastWithBits is null ? 0 : lastWithBits.Offset + lastWithBits.Size - group[0].Offset;
            if (group[0].IsTls && group[0].HasNoBits && last == group[0])
                load.MemorySize = 0;
            bool takesHeaders = g == 0 && IsPaged && !_hasHeaderGroup && group[0].GivenAddress is null && group[0].Address >= job.HeadersSize
                && group[0].Address - group[0].Offset == job.ImageBase;
            if (!takesHeaders)
                continue;
            load.HasHeaders = true;
            load.MemorySize += load.Address - job.ImageBase;
            load.FileSize += load.Offset;
            load.Address = job.ImageBase;
            load.Offset = 0;
        }
    }

    // Runs of note sections with one alignment, as a reader of notes steps by it.
    private List<(OutputSection First, OutputSection Last)> NoteRuns()
    {
        var runs = new List<(OutputSection First, OutputSection Last)>();
        OutputSection? before = null;
        foreach (OutputSection section in job.Outputs)
        {
            bool isNote = section.IsAllocated && section.Type == SectionType.Note;
            if (isNote && before is not null && before.Alignment == section.Alignment)
                runs[^1] = (runs[^1].First, section);
            else if (isNote)
                runs.Add((section, section));
            before = isNote ? section : null;
        }
        return runs;
    }

    private void AddRun(uint type, uint flags, Func<OutputSection, bool> test)
    {
        OutputSection? first = null, last = null;
        ulong alignment = 1;
        foreach (OutputSection section in job.Outputs)
        {
            if (!section.IsAllocated || !test(section))
                continue;
            first ??= section;
            last = section;
            alignment = Math.Max(alignment, section.Alignment);
        }
        if (first is not null)
            AddSegment(type, flags, first, last, alignment);
    }

    private void AddRelro()
    {
        OutputSection? first = null, last = null;
        foreach (OutputSection section in job.Outputs)
            if (section.IsRelro)
            {
                first ??= section;
                if (section.TakesAddresses)
                    last = section;
            }
        if (first is null)
            return;
        last ??= first;
        Segment relro = AddSegment(SegmentType.GnuRelro, SegmentFlags.Read, first, last, 1);
        // Only whole pages can be protected, so the part ends with one even where its last section does not.
        ulong end = AlignUp(relro.Address + relro.MemorySize, _commonPage);
        relro.MemorySize = end - relro.Address;
    }

    private void FindTls()
    {
        foreach (Segment segment in job.Segments)
        {
            if (segment.Type != SegmentType.Tls)
                continue;
            job.TlsStart = segment.Address;
            job.TlsEnd = AlignUp(segment.Address + segment.MemorySize, segment.Alignment);
        }
    }

    /// <summary>Fills the column of final addresses.</summary>
    public static void ResolveSymbols(LinkJob job)
    {
        var addresses = new ulong[job.Symbols.Count];
        job.Addresses = addresses;
        SyntheticSections s = job.Synthetic;
        for (int id = 1; id < addresses.Length; id++)
        {
            ref Symbol symbol = ref job.Symbols[id];
            if (s.CopyPlaces.Count > 0 && s.CopyPlaces.TryGetValue(id, out (ZeroChunk Room, ulong Offset) place))
                addresses[id] = place.Room.Address + place.Offset;
            else if (symbol.Has(SymbolTraits.CanonicalPlt) || symbol.IsIFunc && s.Slots[id].Plt != 0 && !symbol.IsPreemptible)
                addresses[id] = job.PltAddress(id, 0);
            else if (symbol.State == SymbolState.Defined && !symbol.Has(SymbolTraits.LinkerDefined))
                addresses[id] = symbol.Section > 0 ? job.AddressIn(symbol.Section, symbol.Value) : symbol.Value;
        }
    }
}
