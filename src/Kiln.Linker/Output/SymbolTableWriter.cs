using System.Runtime.InteropServices;
using Kiln.Base;
using Kiln.Linker.Inputs;
using Kiln.Linker.Layout;
using Kiln.Linker.Relocations;
using Kiln.Linker.Sections;
using Kiln.Linker.Symbols;
using Kiln.Object.Elf;

namespace Kiln.Linker.Output;

/// <summary>
/// Makes .symtab and .strtab: the objects' local symbols, each behind the name of its source file, then global symbols that became
/// local, then the global ones. Needs all addresses.
/// </summary>
internal sealed class SymbolTableWriter(LinkJob job)
{
    private readonly GrowBuffer<ElfSymbol> _symbols = new(256);

    /// <summary>The names.</summary>
    public ByteWriter Strings { get; } = new(4096);

    /// <summary>The index of the first global symbol.</summary>
    public int FirstGlobal { get; private set; }

    /// <summary>The table's bytes.</summary>
    public ReadOnlySpan<byte> Bytes => MemoryMarshal.AsBytes(_symbols.Span);

    /// <summary>For --emit-relocs: the index of every global symbol by id, of local ones by object, and of sections.</summary>
    public int[] GlobalIndices { get; private set; } = [];
    public Dictionary<ObjectFile, int[]> LocalIndices { get; } = [];
    public Dictionary<OutputSection, int> SectionIndices { get; } = [];

    /// <summary>Fills the table.</summary>
    public void Build()
    {
        Strings.U8(0);
        _symbols.Add(default);
        if (job.Options.EmitRelocations)
        {
            GlobalIndices = new int[job.Symbols.Count];
            foreach (OutputSection section in job.Outputs)
                SectionIndices[section] = _symbols.Add(new ElfSymbol
                {
                    Info = SymbolType.Section,
                    Section = (ushort)section.Index,
                    Value = section.Address,
                });
        }
        foreach (ObjectFile file in job.Objects)
            if (!file.SymbolsOnly)
                AddLocals(file);
        for (int id = 1; id < job.Symbols.Count; id++)
            if (IsWritten(id) && IsLocal(job.Symbols[id]))
                AddGlobal(id, isLocal: true);
        FirstGlobal = _symbols.Count;
        for (int id = 1; id < job.Symbols.Count; id++)
            if (IsWritten(id) && !IsLocal(job.Symbols[id]))
                AddGlobal(id, isLocal: false);
    }

    private uint Name(ReadOnlySpan<byte> name)
    {
        if (name.Length == 0)
            return 0;
        uint offset = (uint)Strings.Length;
        Strings.Bytes(name);
        Strings.U8(0);
        return offset;
    }

    private void AddLocals(ObjectFile file)
    {
        if (job.Options.Discard == DiscardKind.All)
            return;
        ElfSymbols symbols = file.Symbols;
        ReadOnlySpan<ElfSymbol> span = symbols.Span;
        int end = Math.Min(symbols.FirstGlobal, span.Length);
        for (int i = 1; i < end; i++)
        {
            ref readonly ElfSymbol elf = ref span[i];
            if (elf.Type == SymbolType.Section)
                continue;
            ReadOnlySpan<byte> name = symbols.Name(elf).Span;
            if (elf.Type == SymbolType.File)
            {
                _symbols.Add(new ElfSymbol { Name = Name(name), Info = elf.Info, Section = ElfSectionIndex.Absolute });
                continue;
            }
            if (name.Length == 0)
                continue;
            int section = symbols.Section(i);
            if (section == ElfSymbols.Absolute)
            {
                _symbols.Add(new ElfSymbol { Name = Name(name), Info = elf.Info, Other = elf.Other, Section = ElfSectionIndex.Absolute, Value = elf.Value, Size = elf.Size });
                continue;
            }
            if (section <= 0 || section >= file.SectionCount)
                continue;
            int id = file.FirstSection + section;
            ref InputSection input = ref job.Sections[id];
            if (!input.IsLive || IsDiscarded(name, input))
                continue;
            OutputSection? output = job.OutputOf(id);
            if (output is null)
                continue;
            if (job.Options.EmitRelocations)
            {
                if (!LocalIndices.TryGetValue(file, out int[]? indices))
                    LocalIndices[file] = indices = new int[span.Length];
                indices[i] = _symbols.Count;
            }
            ulong address = file.SymbolIds[i] != 0 ? job.Addresses[file.SymbolIds[i]] : job.AddressIn(id, elf.Value);
            _symbols.Add(new ElfSymbol
            {
                Name = Name(name),
                Info = elf.Info,
                Other = elf.Other,
                Section = (ushort)output.Index,
                Value = elf.Type == SymbolType.Tls ? address - job.TlsStart : address,
                Size = elf.Size,
            });
        }
    }

    private bool IsDiscarded(ReadOnlySpan<byte> name, in InputSection section)
    {
        bool isTemporary = name.StartsWith(".L"u8);
        return job.Options.Discard switch
        {
            DiscardKind.None => false,
            DiscardKind.Merged => isTemporary && section.Fate == SectionFate.Merged,
            DiscardKind.Temporary => isTemporary,
            DiscardKind.All => true,
            _ => throw new InvalidOperationException($"discard {job.Options.Discard}"),
        };
    }

    private bool IsWritten(int id)
    {
        ref Symbol symbol = ref job.Symbols[id];
        if (symbol.Alias != 0 || symbol.Has(SymbolTraits.Local | SymbolTraits.Collected))
            return false;
        switch (symbol.State)
        {
            case SymbolState.Defined:
                return symbol.Section <= 0 || job.Sections[symbol.Section].IsLive;
            case SymbolState.Common:
                return true;
            case SymbolState.Shared:
                return symbol.Has(SymbolTraits.InObject);
            case SymbolState.Undefined:
                return symbol.Has(SymbolTraits.InObject);
            default:
                throw new InvalidOperationException($"symbol state {symbol.State}");
        }
    }

    private static bool IsLocal(in Symbol symbol) => symbol.State is SymbolState.Defined or SymbolState.Common && symbol.IsHidden;

    private void AddGlobal(int id, bool isLocal)
    {
        ElfSymbol elf = job.OutputSymbol(id);
        ref Symbol symbol = ref job.Symbols[id];
        if (isLocal)
            elf.Info = (byte)(elf.Info & 15);
        uint name = (uint)Strings.Length;
        Strings.Bytes(symbol.Name.Span);
        ReadOnlySpan<byte> version = symbol.VersionName.Span;
        bool isDefault = symbol.Has(SymbolTraits.DefaultVersion);
        if (symbol.State == SymbolState.Shared)
        {
            // As ld writes it: name@VERSION for what a library defines.
            var library = (SharedFile)job.Files[symbol.File];
            version = library.VersionName(library.VersionOf(symbol.ElfIndex)).Span;
            isDefault = false;
        }
        if (version.Length > 0)
        {
            Strings.U8('@');
            if (isDefault)
                Strings.U8('@');
            Strings.Bytes(version);
        }
        Strings.U8(0);
        elf.Name = name;
        int index = _symbols.Add(elf);
        if (id < GlobalIndices.Length)
            GlobalIndices[id] = index;
    }
}
