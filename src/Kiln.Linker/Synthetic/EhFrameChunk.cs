using System.Buffers.Binary;
using Kiln.Linker.Inputs;
using Kiln.Linker.Relocations;
using Kiln.Linker.Sections;
using Kiln.Object.Elf;

namespace Kiln.Linker.Synthetic;

/// <summary>
/// The output's .eh_frame: the objects' records without those of functions that are left out, with equal CIEs written once, and one
/// zero word at the end where an object (crtend.o) brings it. References from FDEs to CIEs are written anew.
/// </summary>
internal sealed class EhFrameChunk : Chunk
{
    private readonly List<EhFrameInput> _inputs = [];
    private readonly List<(int Input, int Record)> _fdes = [];
    private int _cieCount;

    /// <summary>The section taken apart, by its number.</summary>
    public EhFrameInput InputOf(int number) => _inputs[number];

    public IReadOnlyList<EhFrameInput> Inputs => _inputs;

    /// <summary>The live FDEs in output order.</summary>
    public List<(int Input, int Record)> Fdes => _fdes;

    /// <summary>Whether a section could not be taken apart, so that no search table is made.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Takes all .eh_frame sections apart.</summary>
    public void Parse(LinkJob job)
    {
        foreach (ObjectFile file in job.Objects)
            for (int i = 1; i < file.SectionCount; i++)
            {
                ref InputSection section = ref job.Sections[file.FirstSection + i];
                if (section.Fate != SectionFate.EhFrame)
                    continue;
                var input = EhFrameInput.Parse(file.FirstSection + i, section.Data.Span, file.Elf.Relocations(section.Relocations));
                if (input is null)
                {
                    job.PlainWarning($"error in {file.Name}(.eh_frame); no .eh_frame_hdr table will be created");
                    section.Fate = SectionFate.Kept;
                    IsBroken = true;
                    continue;
                }
                section.Special = _inputs.Count;
                _inputs.Add(input);
            }
    }

    /// <summary>Whether an FDE's function is in the output. Its first relocation is that of the function's address.</summary>
    public static bool FunctionIsLive(LinkJob job, ObjectFile file, ReadOnlySpan<ElfRelocation> relocations, in FrameRecord record)
    {
        if (record.RelocationCount == 0)
            return false;
        int section = FunctionSection(job, file, relocations[record.FirstRelocation]);
        return section != 0 && job.Sections[section].IsLive;
    }

    /// <summary>The input section of the function that an FDE's first relocation names, or 0.</summary>
    public static int FunctionSection(LinkJob job, ObjectFile file, in ElfRelocation relocation)
    {
        if (!Referent.Of(job, file, relocation.Symbol, out Referent referent))
            return 0;
        // A global symbol that another object's definition replaced speaks of a section that is not this FDE's.
        if (referent.Id != 0 && (job.Symbols[referent.Id].File != file.Index || referent.Section <= 0))
            return 0;
        return referent.Section;
    }

    /// <summary>Marks the records that go into the output.</summary>
    public void MarkLive(LinkJob job)
    {
        foreach (EhFrameInput input in _inputs)
        {
            ref InputSection section = ref job.Sections[input.Section];
            ObjectFile file = job.ObjectOf(input.Section);
            ReadOnlySpan<ElfRelocation> relocations = file.Elf.Relocations(section.Relocations);
            FrameRecord[] records = input.Records;
            for (int i = 0; i < records.Length; i++)
            {
                ref FrameRecord record = ref records[i];
                if (record.Cie < 0 || !FunctionIsLive(job, file, relocations, record))
                    continue;
                record.IsLive = true;
                records[record.Cie].IsLive = true;
            }
        }
    }

    /// <summary>Gives the live records their places.</summary>
    public void Place(LinkJob job)
    {
        var seen = new Dictionary<ulong, List<(int Input, int Record)>>();
        Alignment = 8;
        int at = 0;
        bool hasEnd = false;
        for (int i = 0; i < _inputs.Count; i++)
        {
            FrameRecord[] records = _inputs[i].Records;
            for (int r = 0; r < records.Length; r++)
            {
                ref FrameRecord record = ref records[r];
                if (record.IsEnd)
                    hasEnd = true;
                if (!record.IsLive)
                    continue;
                if (record.IsCie)
                {
                    record.Output = FindEqual(job, seen, i, r);
                    if (record.Output >= 0)
                    {
                        record.IsLive = false;
                        continue;
                    }
                    _cieCount++;
                }
                else
                    _fdes.Add((i, r));
                record.Output = at;
                at += record.Size;
            }
        }
        _end = hasEnd ? at : -1;
        Size = (ulong)(hasEnd ? at + 4 : at);
    }

    private int _end = -1;

    // The place of an equal CIE: the same bytes, and relocations with the same targets.
    private int FindEqual(LinkJob job, Dictionary<ulong, List<(int Input, int Record)>> seen, int input, int record)
    {
        ReadOnlySpan<byte> bytes = Bytes(job, input, record);
        ulong hash = 14695981039346656037;
        foreach (byte b in bytes)
            hash = (hash ^ b) * 1099511628211;
        if (!seen.TryGetValue(hash, out List<(int Input, int Record)>? candidates))
            seen[hash] = candidates = [];
        foreach ((int otherInput, int otherRecord) in candidates)
            if (Bytes(job, otherInput, otherRecord).SequenceEqual(bytes) && HasSameTargets(job, input, record, otherInput, otherRecord))
                return _inputs[otherInput].Records[otherRecord].Output;
        candidates.Add((input, record));
        return -1;
    }

    private ReadOnlySpan<byte> Bytes(LinkJob job, int input, int record)
    {
        ref FrameRecord r = ref _inputs[input].Records[record];
        return job.Sections[_inputs[input].Section].Data.Span.Slice(r.Offset, r.Size);
    }

    private bool HasSameTargets(LinkJob job, int inputA, int recordA, int inputB, int recordB)
    {
        ref FrameRecord a = ref _inputs[inputA].Records[recordA];
        ref FrameRecord b = ref _inputs[inputB].Records[recordB];
        if (a.RelocationCount != b.RelocationCount)
            return false;
        ObjectFile fileA = job.ObjectOf(_inputs[inputA].Section), fileB = job.ObjectOf(_inputs[inputB].Section);
        ReadOnlySpan<ElfRelocation> all = fileA.Elf.Relocations(job.Sections[_inputs[inputA].Section].Relocations);
        ReadOnlySpan<ElfRelocation> others = fileB.Elf.Relocations(job.Sections[_inputs[inputB].Section].Relocations);
        for (int i = 0; i < a.RelocationCount; i++)
        {
            ref readonly ElfRelocation x = ref all[a.FirstRelocation + i];
            ref readonly ElfRelocation y = ref others[b.FirstRelocation + i];
            if (x.Type != y.Type || x.Addend != y.Addend || x.Offset - (ulong)a.Offset != y.Offset - (ulong)b.Offset
                || !Referent.Of(job, fileA, x.Symbol, out Referent first) || !Referent.Of(job, fileB, y.Symbol, out Referent second)
                || first.Id != second.Id || first.Id == 0 && (first.Section != second.Section || first.Value != second.Value))
                return false;
        }
        return true;
    }

    /// <summary>Where an offset of an input section is in the chunk: that of its record, or the end of what came before.</summary>
    public ulong Map(int number, ulong offset)
    {
        FrameRecord[] records = _inputs[number].Records;
        int at = _inputs[number].RecordAt(offset);
        if (at >= 0 && records[at].Output >= 0)
            return (ulong)records[at].Output + (offset - (ulong)records[at].Offset);
        if (at >= 0 && records[at].IsEnd && _end >= 0)
            return (ulong)_end;
        // A label before a record that is left out stands before the next one that is not.
        for (int i = Math.Max(at, 0); i < records.Length && at >= 0; i++)
            if (records[i].IsLive)
                return (ulong)records[i].Output;
        for (int n = number + 1; n < _inputs.Count; n++)
            foreach (ref FrameRecord record in _inputs[n].Records.AsSpan())
                if (record.IsLive)
                    return (ulong)record.Output;
        return _end >= 0 ? (ulong)_end : Size;
    }

    /// <inheritdoc/>
    public override void Write(LinkJob job, Span<byte> to)
    {
        var writer = new RelocationWriter(job);
        for (int i = 0; i < _inputs.Count; i++)
        {
            EhFrameInput input = _inputs[i];
            ref InputSection section = ref job.Sections[input.Section];
            ObjectFile file = job.ObjectOf(input.Section);
            ReadOnlySpan<ElfRelocation> relocations = file.Elf.Relocations(section.Relocations);
            ReadOnlySpan<byte> data = section.Data.Span;
            foreach (ref FrameRecord record in input.Records.AsSpan())
            {
                if (!record.IsLive)
                    continue;
                Span<byte> bytes = to.Slice(record.Output, record.Size);
                data.Slice(record.Offset, record.Size).CopyTo(bytes);
                if (record.Cie >= 0)
                    BinaryPrimitives.WriteInt32LittleEndian(bytes[4..], record.Output + 4 - input.Records[record.Cie].Output);
                writer.ApplyRecord(file, input.Section, relocations.Slice(record.FirstRelocation, record.RelocationCount), bytes,
                    (ulong)record.Offset, Address + (ulong)record.Output);
            }
        }
    }
}
