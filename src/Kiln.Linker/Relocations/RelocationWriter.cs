using System.Buffers.Binary;
using System.Text;
using Kiln.Linker.Inputs;
using Kiln.Linker.Sections;
using Kiln.Linker.Symbols;
using Kiln.Linker.Synthetic;
using Kiln.Linker.Targets;
using Kiln.Object.Elf;

namespace Kiln.Linker.Relocations;

/// <summary>
/// Fills in the fields that relocations name, once all addresses are known, and sets the dynamic relocations of the section.
/// One writer serves one thread; errors wait with it until they can be told in order.
/// </summary>
internal sealed class RelocationWriter(LinkJob job)
{
    private readonly SyntheticSections _synthetic = job.Synthetic;
    private readonly ulong _gotBase = job.GotBase;
    private int _nextDynamic;

    /// <summary>What went wrong: the section, the offset and the text.</summary>
    public List<(int Section, ulong Offset, string Text)> Errors { get; } = [];

    /// <summary>Applies the relocations of a section whose bytes are in <paramref name="data"/>.</summary>
    public void Apply(int sectionId, Span<byte> data, ulong address)
    {
        ref InputSection section = ref job.Sections[sectionId];
        if (section.Relocations == 0)
            return;
        ObjectFile file = job.ObjectOf(sectionId);
        ReadOnlySpan<ElfRelocation> relocations = file.Elf.Relocations(section.Relocations);
        _nextDynamic = section.DynamicStart;
        if (!section.IsAllocated)
        {
            ApplyUnallocated(file, sectionId, relocations, data);
            return;
        }
        for (int i = 0; i < relocations.Length; i++)
            i += ApplyOne(file, sectionId, relocations[i], data, 0, address, i + 1 < relocations.Length);
    }

    /// <summary>Applies relocations to one record of a section: offsets count from <paramref name="start"/>.</summary>
    public void ApplyRecord(ObjectFile file, int sectionId, ReadOnlySpan<ElfRelocation> relocations, Span<byte> data, ulong start, ulong address)
    {
        for (int i = 0; i < relocations.Length; i++)
            ApplyOne(file, sectionId, relocations[i], data, start, address, hasNext: false);
    }

    // S of a referent; a section symbol of merged data takes the addend in to find its piece.
    private ulong ValueOf(in Referent referent, ref long addend, out bool isGone)
    {
        isGone = false;
        if (referent.Id != 0)
        {
            ref Symbol symbol = ref job.Symbols[referent.Id];
            isGone = symbol.Section > 0 && !job.Sections[symbol.Section].IsLive;
            return job.Addresses[referent.Id];
        }
        if (referent.Section == 0)
            return referent.Value;
        int id = referent.Section;
        if (job.Sections[id].Fate == SectionFate.Duplicate)
            id = job.Sections[id].KeptTwin;
        ref InputSection section = ref job.Sections[id];
        if (id == 0 || !section.IsLive || section.Output < 0)
        {
            isGone = true;
            return 0;
        }
        if (section.Fate == SectionFate.Merged && referent.IsSectionSymbol)
        {
            ulong address = job.AddressIn(id, referent.Value + (ulong)addend);
            addend = 0;
            return address;
        }
        return job.AddressIn(id, referent.Value);
    }

    // Debug information: absolute values, offsets in the thread-local block, and 0 for what is not in the output.
    private void ApplyUnallocated(ObjectFile file, int sectionId, ReadOnlySpan<ElfRelocation> relocations, Span<byte> data)
    {
        ReadOnlySpan<byte> name = job.Sections[sectionId].Name.Span;
        // Zero would end a list of ranges or of locations.
        ulong gone = name.SequenceEqual(".debug_ranges"u8) || name.SequenceEqual(".debug_loc"u8) ? 1UL : 0;
        foreach (ref readonly ElfRelocation relocation in relocations)
        {
            int width = X86_64.Width(relocation.Type);
            if (relocation.Offset > (ulong)data.Length || (ulong)data.Length - relocation.Offset < (ulong)width)
                continue;
            if (!Referent.Of(job, file, relocation.Symbol, out Referent referent))
                continue;
            long addend = relocation.Addend;
            ulong value = ValueOf(referent, ref addend, out bool isGone);
            Span<byte> field = data.Slice((int)relocation.Offset, width);
            switch (X86_64.Kind(relocation.Type))
            {
                case RelocationKind.None:
                    break;
                case RelocationKind.Absolute:
                    Write(field, isGone ? gone : value + (ulong)addend);
                    break;
                case RelocationKind.PcRelative:
                    Write(field, isGone ? gone : value + (ulong)addend - relocation.Offset);
                    break;
                case RelocationKind.TlsModuleOffset:
                    Write(field, isGone ? 0 : value + (ulong)addend - job.TlsStart);
                    break;
                case RelocationKind.Size:
                    Write(field, referent.Size + (ulong)addend);
                    break;
                default:
                    Errors.Add((sectionId, relocation.Offset, $"{file.Name}({job.SectionText(sectionId)}+0x{relocation.Offset:x}): "
                        + $"relocation {X86_64.Name(relocation.Type)} makes no sense in a section that is not loaded"));
                    break;
            }
        }
    }

    private static void Write(Span<byte> field, ulong value)
    {
        switch (field.Length)
        {
            case 8:
                BinaryPrimitives.WriteUInt64LittleEndian(field, value);
                break;
            case 4:
                BinaryPrimitives.WriteUInt32LittleEndian(field, (uint)value);
                break;
            case 2:
                BinaryPrimitives.WriteUInt16LittleEndian(field, (ushort)value);
                break;
            case 1:
                field[0] = (byte)value;
                break;
        }
    }

    private void WriteChecked(ObjectFile file, int sectionId, in ElfRelocation relocation, in Referent referent, Span<byte> field, ulong value)
    {
        Write(field, value);
        if (!job.Options.CheckOverflow || Fits(value, field.Length * 8, X86_64.Check(relocation.Type)))
            return;
        Overflow(file, sectionId, relocation, referent);
    }

    private static bool Fits(ulong value, int bits, FieldCheck check)
    {
        if (bits >= 64)
            return true;
        long signed = (long)value;
        bool fitsSigned = signed >= -(1L << (bits - 1)) && signed < 1L << (bits - 1);
        bool fitsUnsigned = value < 1UL << bits;
        return check switch
        {
            FieldCheck.None => true,
            FieldCheck.Signed => fitsSigned,
            FieldCheck.Unsigned => fitsUnsigned,
            FieldCheck.Either => fitsSigned || fitsUnsigned,
            _ => throw new InvalidOperationException($"check {check}"),
        };
    }

    private void Overflow(ObjectFile file, int sectionId, in ElfRelocation relocation, in Referent referent)
    {
        string against;
        if (referent.Id != 0)
        {
            ref Symbol symbol = ref job.Symbols[referent.Id];
            string name = job.Symbols.Text(referent.Id);
            against = symbol.State == SymbolState.Undefined ? $"undefined symbol `{name}'"
                : symbol.Section > 0 ? $"symbol `{name}' defined in {job.SectionText(symbol.Section)} section in {job.Files[symbol.File].Name}"
                : $"symbol `{name}'";
        }
        else
            against = referent.Section != 0 ? $"`{job.SectionText(referent.Section)}'" : "`*ABS*'";
        // The place is worked out when the error is told, on one thread.
        Errors.Add((sectionId, relocation.Offset, $"\0: relocation truncated to fit: {X86_64.Name(relocation.Type)} against {against}"));
    }

    private void SetDynamic(ulong place, int symbol, int type, long addend) => _synthetic.RelaDyn.Set(_nextDynamic++, place, symbol, type, addend);

    // Applies one relocation; gives back how many of the following ones it made meaningless.
    private int ApplyOne(ObjectFile file, int sectionId, in ElfRelocation relocation, Span<byte> data, ulong start, ulong address, bool hasNext)
    {
        int type = relocation.Type;
        RelocationKind kind = X86_64.Kind(type);
        if (kind == RelocationKind.None)
            return 0;
        int width = X86_64.Width(type);
        ulong offset = relocation.Offset - start;
        if (offset > (ulong)data.Length || (ulong)data.Length - offset < (ulong)Math.Max(width, width == 0 ? 2 : 0)
            || !Referent.Of(job, file, relocation.Symbol, out Referent referent))
            return 0;
        int at = (int)offset;
        Span<byte> field = data.Slice(at, width);
        ulong place = address + offset;
        long addend = relocation.Addend;
        ulong value = ValueOf(referent, ref addend, out bool isGone);
        ulong a = (ulong)addend;
        switch (kind)
        {
            case RelocationKind.Absolute:
                ApplyAbsolute(file, sectionId, relocation, referent, field, place, value, a, isGone);
                return 0;
            case RelocationKind.PcRelative:
                WriteChecked(file, sectionId, relocation, referent, field, isGone ? 0 : value + a - place);
                return 0;
            case RelocationKind.Plt:
                WriteChecked(file, sectionId, relocation, referent, field, job.PltAddress(referent.Id, value) + a - place);
                return 0;
            case RelocationKind.PltFromGot:
                WriteChecked(file, sectionId, relocation, referent, field, job.PltAddress(referent.Id, value) + a - _gotBase);
                return 0;
            case RelocationKind.GotPcRelaxable:
                if (Rules.RelaxedGot(job, referent, data, relocation with { Offset = offset }) is not X86_64.GotForm.None and var form)
                {
                    if (!X86_64.RelaxGot(data, at, type, value, place, form, job.Options))
                        Errors.Add((sectionId, relocation.Offset, $"{file.Name}: failed to convert GOTPCREL relocation against "
                            + $"'{(referent.Id != 0 ? job.Symbols.Text(referent.Id) : "a local symbol")}'; relink with --no-relax"));
                    return 0;
                }
                goto case RelocationKind.GotPc;
            case RelocationKind.GotPc:
                WriteChecked(file, sectionId, relocation, referent, field, job.GotAddress(IdOf(file, relocation, referent)) + a - place);
                return 0;
            case RelocationKind.GotSlot:
                WriteChecked(file, sectionId, relocation, referent, field, job.GotAddress(IdOf(file, relocation, referent)) + a - _gotBase);
                return 0;
            case RelocationKind.GotBasePc:
                WriteChecked(file, sectionId, relocation, referent, field, _gotBase + a - place);
                return 0;
            case RelocationKind.FromGot:
                WriteChecked(file, sectionId, relocation, referent, field, value + a - _gotBase);
                return 0;
            case RelocationKind.Size:
                WriteChecked(file, sectionId, relocation, referent, field, referent.Size + a);
                return 0;
            default:
                return ApplyTls(file, sectionId, relocation, kind, referent, data, at, place, value, hasNext);
        }
    }

    // A local symbol that needs a slot became a symbol of the table after the scan.
    private static int IdOf(ObjectFile file, in ElfRelocation relocation, in Referent referent) =>
        referent.Id != 0 ? referent.Id : file.SymbolIds[relocation.Symbol];

    private void ApplyAbsolute(ObjectFile file, int sectionId, in ElfRelocation relocation, in Referent referent, Span<byte> field, ulong place,
        ulong value, ulong addend, bool isGone)
    {
        bool isWord = field.Length == job.Target.WordSize;
        if (referent.IsPreemptible)
        {
            if (isWord && (job.IsShared || job.Sections[sectionId].IsWritable || referent.IsUndefined && job.IsPositionIndependent))
            {
                SetDynamic(place, _synthetic.Slots[referent.Id].Dynamic, X86_64Relocation.Abs64, (long)addend);
                Write(field, 0);
                return;
            }
            if (isWord && job.IsPositionIndependent)
                SetDynamic(place, 0, X86_64Relocation.Relative, (long)(value + addend));
            WriteChecked(file, sectionId, relocation, referent, field, value + addend);
            return;
        }
        if (isWord && job.IsPositionIndependent && !referent.IsAbsolute)
            SetDynamic(place, 0, isGone ? X86_64Relocation.None : X86_64Relocation.Relative, (long)(value + addend));
        WriteChecked(file, sectionId, relocation, referent, field, isGone ? 0 : value + addend);
    }

    private int ApplyTls(ObjectFile file, int sectionId, in ElfRelocation relocation, RelocationKind kind, in Referent referent, Span<byte> data,
        int at, ulong place, ulong value, bool hasNext)
    {
        ulong offset = (ulong)at;
        ulong a = (ulong)relocation.Addend;
        Span<byte> field = data.Slice(at, X86_64.Width(relocation.Type));
        int id = IdOf(file, relocation, referent);
        ref SymbolSlots slots = ref _synthetic.Slots[id];
        switch (kind)
        {
            case RelocationKind.TlsGd:
                switch (Rules.Model(job, referent, X86_64.CanRelaxTlsGd(data, offset) && hasNext))
                {
                    case TlsModel.LocalExec:
                        X86_64.RelaxTlsGd(data, at, (int)(value - job.TlsEnd + a + 4), isLocal: true);
                        return 1;
                    case TlsModel.InitialExec:
                        int end = X86_64.TlsGdFieldEnd(data, at);
                        X86_64.RelaxTlsGd(data, at, (int)(_synthetic.Got.AddressOf(slots.TlsIe - 1) - (place + (ulong)end)), isLocal: false);
                        return 1;
                    default:
                        WriteChecked(file, sectionId, relocation, referent, field, _synthetic.Got.AddressOf(slots.TlsGd - 1) + a - place);
                        return 0;
                }
            case RelocationKind.TlsLd:
                if (Rules.RelaxesLocalDynamic(job) && X86_64.CanRelaxTlsLd(data, offset) && hasNext)
                {
                    X86_64.RelaxTlsLd(data, at);
                    return 1;
                }
                WriteChecked(file, sectionId, relocation, referent, field,
                    _synthetic.Got.AddressOf(_synthetic.Got.OwnModuleWord) + a - place);
                return 0;
            case RelocationKind.TlsModuleOffset:
                // Behind a local dynamic sequence that was rewritten the base is the thread pointer.
                ulong origin = Rules.RelaxesLocalDynamic(job) && !_synthetic.Scan.UsesTlsLd && job.Sections[sectionId].IsCode ? job.TlsEnd : job.TlsStart;
                WriteChecked(file, sectionId, relocation, referent, field, value + a - origin);
                return 0;
            case RelocationKind.TlsIe:
                if (Rules.Model(job, referent, X86_64.CanRelaxTlsIe(data, offset)) == TlsModel.LocalExec)
                    X86_64.RelaxTlsIe(data, at, (int)(value - job.TlsEnd + a + 4));
                else
                    WriteChecked(file, sectionId, relocation, referent, field, _synthetic.Got.AddressOf(slots.TlsIe - 1) + a - place);
                return 0;
            case RelocationKind.TlsLe:
                if (job.IsShared)
                {
                    SetDynamic(place, referent.IsPreemptible ? slots.Dynamic : 0, X86_64Relocation.TpOff64,
                        (long)(referent.IsPreemptible ? a : value + a - job.TlsStart));
                    return 0;
                }
                WriteChecked(file, sectionId, relocation, referent, field, value + a - job.TlsEnd);
                return 0;
            case RelocationKind.TlsDescriptor:
                switch (Rules.Model(job, referent, X86_64.CanRelaxTlsDescriptor(data, offset)))
                {
                    case TlsModel.LocalExec:
                        X86_64.RelaxTlsDescriptor(data, at, (int)(value - job.TlsEnd + a + 4), isLocal: true);
                        return 0;
                    case TlsModel.InitialExec:
                        X86_64.RelaxTlsDescriptor(data, at, (int)(_synthetic.Got.AddressOf(slots.TlsIe - 1) + a - place), isLocal: false);
                        return 0;
                    default:
                        WriteChecked(file, sectionId, relocation, referent, field, _synthetic.Got.AddressOf(slots.TlsDescriptor - 1) + a - place);
                        return 0;
                }
            case RelocationKind.TlsDescriptorCall:
                if (!job.IsShared)
                    X86_64.RelaxTlsDescriptorCall(data, at);
                return 0;
            default:
                throw new InvalidOperationException($"relocation kind {kind}");
        }
    }
}
