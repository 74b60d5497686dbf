using Kiln.Base;
using Kiln.Linker.Inputs;
using Kiln.Linker.Sections;
using Kiln.Linker.Symbols;
using Kiln.Linker.Targets;
using Kiln.Object.Elf;

namespace Kiln.Linker.Relocations;

/// <summary>A reference that cannot be bound, to be reported in order after the scan.</summary>
internal readonly record struct ScanProblem(int Section, ulong Offset, int Symbol, int Type, ScanProblemKind Kind);

internal enum ScanProblemKind : byte
{
    Undefined,
    NeedsPic,
    Discarded,
    OutOfRange,
    Unsupported,
    TlsMismatch,
    Warning,
}

/// <summary>
/// Goes through the relocations of all live sections that are loaded, and notes what the symbols need: GOT slots, PLT entries,
/// copies, dynamic relocations. Objects are scanned side by side; what they note is bits and counts, so that the order does not
/// matter, and problems are kept by object and told in order.
/// Needs: symbols classified, garbage collected. RelocationWriter decides by the same rules (<see cref="Rules"/>) later.
/// </summary>
internal sealed class RelocationScan(LinkJob job)
{
    private readonly int[] _needs = new int[job.Symbols.Count];
    private readonly List<ScanProblem>?[] _problems = new List<ScanProblem>?[job.Objects.Count];
    private int _gotBase, _tlsLd, _staticTls, _textRelocations;

    /// <summary>What each symbol needs, by id.</summary>
    public Needs NeedsOf(int id) => id < _needs.Length ? (Needs)_needs[id] : Needs.None;

    public bool UsesGotBase => _gotBase != 0;
    public bool UsesTlsLd => _tlsLd != 0;
    public bool UsesStaticTls => _staticTls != 0;
    public bool HasTextRelocations => _textRelocations != 0;

    /// <summary>Scans every object and reports what cannot be bound.</summary>
    public void Run()
    {
        int count = job.Objects.Count;
        if (job.Threads > 1 && count > 8)
            Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = job.Threads }, ScanObject);
        else
            for (int i = 0; i < count; i++)
                ScanObject(i);
        var report = new ScanReport(job);
        for (int i = 0; i < count; i++)
            if (_problems[i] is { } problems)
                report.Report(job.Objects[i], problems);
    }

    private void ScanObject(int index)
    {
        ObjectFile file = job.Objects[index];
        for (int i = 1; i < file.SectionCount; i++)
        {
            ref InputSection section = ref job.Sections[file.FirstSection + i];
            if (section.Relocations == 0 || !section.IsLive)
                continue;
            if (section.IsAllocated)
                ScanSection(file, index, file.FirstSection + i);
            else
                CheckUnallocated(file, index, file.FirstSection + i);
        }
    }

    private void Problem(int file, in ScanProblem problem) => (_problems[file] ??= []).Add(problem);

    // Debug information takes whatever values there are; only undefined symbols are told of.
    private void CheckUnallocated(ObjectFile file, int fileIndex, int sectionId)
    {
        foreach (ref readonly ElfRelocation relocation in file.Elf.Relocations(job.Sections[sectionId].Relocations))
        {
            if ((uint)relocation.Symbol >= (uint)file.SymbolIds.Length)
                continue;
            int id = file.SymbolIds[relocation.Symbol];
            if (id != 0 && job.Symbols[id].State == SymbolState.Undefined && IsError(job.Symbols[id]))
                Problem(fileIndex, new ScanProblem(sectionId, relocation.Offset, id, relocation.Type, ScanProblemKind.Undefined));
        }
    }

    private void ScanSection(ObjectFile file, int fileIndex, int sectionId)
    {
        ref InputSection section = ref job.Sections[sectionId];
        ReadOnlySpan<ElfRelocation> relocations = file.Elf.Relocations(section.Relocations);
        ReadOnlySpan<byte> data = section.Data.Span;
        EhFrameInput? frames = section.Fate == SectionFate.EhFrame ? job.Synthetic.EhFrame.InputOf(section.Special) : null;
        for (int i = 0; i < relocations.Length; i++)
        {
            ref readonly ElfRelocation relocation = ref relocations[i];
            int type = relocation.Type;
            RelocationKind kind = X86_64.Kind(type);
            if (kind is RelocationKind.None)
                continue;
            if (kind is RelocationKind.Unknown or RelocationKind.DynamicOnly)
            {
                Problem(fileIndex, new ScanProblem(sectionId, relocation.Offset, 0, type, ScanProblemKind.Unsupported));
                continue;
            }
            int width = X86_64.Width(type);
            if (relocation.Offset > (ulong)data.Length || (ulong)data.Length - relocation.Offset < (ulong)Math.Max(width, 2 * (width == 0 ? 1 : 0))
                || !Referent.Of(job, file, relocation.Symbol, out Referent referent))
            {
                Problem(fileIndex, new ScanProblem(sectionId, relocation.Offset, 0, type, ScanProblemKind.OutOfRange));
                continue;
            }
            if (frames is not null && !frames.IsLive(relocation.Offset))
                continue;
            if (!IsBound(fileIndex, sectionId, relocation, ref referent))
                continue;
            int skip = ScanOne(file, fileIndex, sectionId, relocation, kind, referent, data, i + 1 < relocations.Length);
            i += skip;
        }
    }

    // Whether the symbol has a definition or may do without one.
    private bool IsBound(int fileIndex, int sectionId, in ElfRelocation relocation, ref Referent referent)
    {
        if (referent.Id != 0)
        {
            ref Symbol symbol = ref job.Symbols[referent.Id];
            if (symbol.Has(SymbolTraits.HasWarning))
                Problem(fileIndex, new ScanProblem(sectionId, relocation.Offset, referent.Id, relocation.Type, ScanProblemKind.Warning));
            if (symbol.State == SymbolState.Undefined && IsError(symbol))
            {
                Problem(fileIndex, new ScanProblem(sectionId, relocation.Offset, referent.Id, relocation.Type, ScanProblemKind.Undefined));
                return false;
            }
            return true;
        }
        if (referent.Section == 0)
            return true;
        ref InputSection target = ref job.Sections[referent.Section];
        if (target.Fate != SectionFate.Duplicate || target.KeptTwin != 0 || Rules.ToleratesDiscarded(job.Sections[sectionId]))
            return true;
        Problem(fileIndex, new ScanProblem(sectionId, relocation.Offset, relocation.Symbol, referent.Section, ScanProblemKind.Discarded));
        return false;
    }

    // Whether an undefined symbol is an error (or a warning) to the user.
    private bool IsError(in Symbol symbol)
    {
        if (symbol.IsUndefinedWeak)
            return false;
        if (job.IsShared && !job.Options.NoUndefined && !symbol.IsHidden && job.Options.UnresolvedInObjects != UnresolvedPolicy.Report)
            return false;
        if (job.IsShared && !job.Options.NoUndefined && !symbol.IsHidden)
            return false;
        return job.Options.UnresolvedInObjects != UnresolvedPolicy.Ignore || job.Options.NoUndefined;
    }

    private void Need(ObjectFile file, in Referent referent, int symbolIndex, Needs needs)
    {
        if (referent.Id != 0)
        {
            Interlocked.Or(ref _needs[referent.Id], (int)needs);
            return;
        }
        Needs[] local = file.LocalNeeds ??= new Needs[file.SymbolIds.Length];
        local[symbolIndex] |= needs;
    }

    // A dynamic relocation in this section.
    private void Dynamic(ObjectFile file, int fileIndex, int sectionId, in ElfRelocation relocation, in Referent referent)
    {
        ref InputSection section = ref job.Sections[sectionId];
        section.DynamicCount++;
        if (referent.IsPreemptible)
            Need(file, referent, relocation.Symbol, Needs.Dynamic);
        if (section.IsWritable)
            return;
        _textRelocations = 1;
        if (job.Options.TextRelocationsAreErrors == true)
            Problem(fileIndex, new ScanProblem(sectionId, relocation.Offset, referent.Id, relocation.Type, ScanProblemKind.NeedsPic));
    }

    // Notes what one relocation needs; gives back how many of the following ones belong to it.
    private int ScanOne(ObjectFile file, int fileIndex, int sectionId, in ElfRelocation relocation, RelocationKind kind, in Referent referent,
        ReadOnlySpan<byte> data, bool hasNext)
    {
        int symbol = relocation.Symbol;
        ref InputSection section = ref job.Sections[sectionId];
        switch (kind)
        {
            case RelocationKind.Absolute:
                ScanAbsolute(file, fileIndex, sectionId, relocation, referent);
                return 0;
            case RelocationKind.PcRelative:
                if (referent.IsPreemptible)
                {
                    if (referent.IsUndefined && job.IsExecutable)
                        return 0;
                    if (!job.IsExecutable)
                        Problem(fileIndex, new ScanProblem(sectionId, relocation.Offset, referent.Id, relocation.Type, ScanProblemKind.NeedsPic));
                    else
                        DirectAddress(file, fileIndex, sectionId, relocation, referent);
                }
                else if (referent.IsIFunc)
                    Need(file, referent, symbol, Needs.Plt | Needs.CanonicalPlt);
                return 0;
            case RelocationKind.Plt:
                if (referent.IsPreemptible || referent.IsIFunc)
                    Need(file, referent, symbol, Needs.Plt);
                return 0;
            case RelocationKind.PltFromGot:
                _gotBase = 1;
                if (referent.IsPreemptible || referent.IsIFunc)
                    Need(file, referent, symbol, Needs.Plt);
                return 0;
            case RelocationKind.GotPcRelaxable:
                if (Rules.RelaxedGot(job, referent, data, relocation) == X86_64.GotForm.None)
                    NeedGot(file, referent, symbol);
                return 0;
            case RelocationKind.GotPc:
                NeedGot(file, referent, symbol);
                return 0;
            case RelocationKind.GotSlot:
                _gotBase = 1;
                NeedGot(file, referent, symbol);
                return 0;
            case RelocationKind.GotBasePc:
                _gotBase = 1;
                return 0;
            case RelocationKind.FromGot:
                _gotBase = 1;
                if (referent.IsPreemptible)
                    if (job.IsExecutable)
                        DirectAddress(file, fileIndex, sectionId, relocation, referent);
                    else
                        Problem(fileIndex, new ScanProblem(sectionId, relocation.Offset, referent.Id, relocation.Type, ScanProblemKind.NeedsPic));
                else if (referent.IsIFunc)
                    Need(file, referent, symbol, Needs.Plt | Needs.CanonicalPlt);
                return 0;
            case RelocationKind.Size:
                return 0;
            default:
                return ScanTls(file, fileIndex, sectionId, relocation, kind, referent, data, hasNext);
        }
    }

    private void NeedGot(ObjectFile file, in Referent referent, int symbol) =>
        Need(file, referent, symbol, referent.IsIFunc && !referent.IsPreemptible ? Needs.Got | Needs.Plt | Needs.CanonicalPlt : Needs.Got);

    private void ScanAbsolute(ObjectFile file, int fileIndex, int sectionId, in ElfRelocation relocation, in Referent referent)
    {
        bool isWord = X86_64.Width(relocation.Type) == job.Target.WordSize;
        if (referent.IsPreemptible)
        {
            if (isWord && (job.IsShared || job.Sections[sectionId].IsWritable || referent.IsUndefined && job.IsPositionIndependent))
                Dynamic(file, fileIndex, sectionId, relocation, referent);
            else if (job.IsExecutable && (!job.IsPositionIndependent || isWord))
            {
                if (!referent.IsUndefined)
                {
                    DirectAddress(file, fileIndex, sectionId, relocation, referent);
                    if (job.IsPositionIndependent)
                        Dynamic(file, fileIndex, sectionId, relocation, default);
                }
            }
            else
                Problem(fileIndex, new ScanProblem(sectionId, relocation.Offset, referent.Id, relocation.Type, ScanProblemKind.NeedsPic));
            return;
        }
        if (referent.IsIFunc)
            Need(file, referent, relocation.Symbol, Needs.Plt | Needs.CanonicalPlt);
        if (!job.IsPositionIndependent || referent.IsAbsolute)
            return;
        if (isWord)
            Dynamic(file, fileIndex, sectionId, relocation, default);
        else
            Problem(fileIndex, new ScanProblem(sectionId, relocation.Offset, referent.Id, relocation.Type, ScanProblemKind.NeedsPic));
    }

    // Code of an executable holds the address of something in a library: the function gets its PLT entry as its address, the variable
    // a copy in the executable.
    private void DirectAddress(ObjectFile file, int fileIndex, int sectionId, in ElfRelocation relocation, in Referent referent)
    {
        if (referent.Type is SymbolType.Function or SymbolType.GnuIFunc)
            Need(file, referent, relocation.Symbol, Needs.Plt | Needs.CanonicalPlt);
        else if (job.Options.CopyRelocations && referent.Type != SymbolType.Tls)
            Need(file, referent, relocation.Symbol, Needs.Copy);
        else
            Problem(fileIndex, new ScanProblem(sectionId, relocation.Offset, referent.Id, relocation.Type, ScanProblemKind.NeedsPic));
    }

    private int ScanTls(ObjectFile file, int fileIndex, int sectionId, in ElfRelocation relocation, RelocationKind kind, in Referent referent,
        ReadOnlySpan<byte> data, bool hasNext)
    {
        int symbol = relocation.Symbol;
        if (referent.Type != SymbolType.Tls && !referent.IsSectionSymbol && !referent.IsUndefined && kind != RelocationKind.TlsLd
            && referent.Type != SymbolType.NoType)
        {
            Problem(fileIndex, new ScanProblem(sectionId, relocation.Offset, referent.Id, relocation.Type, ScanProblemKind.TlsMismatch));
            return 0;
        }
        switch (kind)
        {
            case RelocationKind.TlsGd:
                switch (Rules.Model(job, referent, X86_64.CanRelaxTlsGd(data, relocation.Offset) && hasNext))
                {
                    case TlsModel.LocalExec:
                        return 1;
                    case TlsModel.InitialExec:
                        Need(file, referent, symbol, Needs.TlsIe);
                        return 1;
                    default:
                        Need(file, referent, symbol, Needs.TlsGd);
                        return 0;
                }
            case RelocationKind.TlsLd:
                if (Rules.RelaxesLocalDynamic(job) && X86_64.CanRelaxTlsLd(data, relocation.Offset) && hasNext)
                    return 1;
                _tlsLd = 1;
                return 0;
            case RelocationKind.TlsModuleOffset:
                return 0;
            case RelocationKind.TlsIe:
                if (Rules.Model(job, referent, X86_64.CanRelaxTlsIe(data, relocation.Offset)) != TlsModel.LocalExec)
                {
                    Need(file, referent, symbol, Needs.TlsIe);
                    if (job.IsShared)
                        _staticTls = 1;
                }
                return 0;
            case RelocationKind.TlsLe:
                if (job.IsShared)
                {
                    if (X86_64.Width(relocation.Type) == 8)
                    {
                        job.Sections[sectionId].DynamicCount++;
                        _staticTls = 1;
                        if (referent.IsPreemptible)
                            Need(file, referent, symbol, Needs.Dynamic);
                    }
                    else
                        Problem(fileIndex, new ScanProblem(sectionId, relocation.Offset, referent.Id, relocation.Type, ScanProblemKind.NeedsPic));
                }
                else if (referent.IsPreemptible && !referent.IsUndefined)
                    Problem(fileIndex, new ScanProblem(sectionId, relocation.Offset, referent.Id, relocation.Type, ScanProblemKind.NeedsPic));
                return 0;
            case RelocationKind.TlsDescriptor:
                switch (Rules.Model(job, referent, X86_64.CanRelaxTlsDescriptor(data, relocation.Offset)))
                {
                    case TlsModel.LocalExec:
                        return 0;
                    case TlsModel.InitialExec:
                        Need(file, referent, symbol, Needs.TlsIe);
                        return 0;
                    default:
                        Need(file, referent, symbol, Needs.TlsDescriptor);
                        return 0;
                }
            case RelocationKind.TlsDescriptorCall:
                return 0;
            default:
                throw new InvalidOperationException($"relocation kind {kind}");
        }
    }
}
