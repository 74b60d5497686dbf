using System.Buffers.Binary;
using Kiln.Linker.Inputs;
using Kiln.Linker.Layout;
using Kiln.Linker.Symbols;
using Kiln.Object.Elf;

namespace Kiln.Linker.Synthetic;

/// <summary>.dynamic (gABI 5): what the dynamic linker must know, in ld's order. Its length is fixed first, its values are found last.</summary>
internal sealed class DynamicChunk : Chunk
{
    private readonly List<(long Tag, ulong Value)> _entries = [];

    private void Add(long tag, ulong value = 0) => _entries.Add((tag, value));

    /// <summary>Decides the entries; strings go to .dynstr. Needs all sections but their addresses.</summary>
    public void Collect(LinkJob job)
    {
        SyntheticSections synthetic = job.Synthetic;
        DynamicSymbolTable symbols = synthetic.DynamicSymbols;
        LinkOptions options = job.Options;
        foreach (SharedFile library in job.Libraries)
            if (library.IsNeeded)
                Add(DynamicTag.Needed, symbols.String(library.NeededName));
        foreach (string filter in options.Filters)
            Add(DynamicTag.Filter, symbols.String(filter));
        foreach (string filter in options.AuxiliaryFilters)
            Add(DynamicTag.Auxiliary, symbols.String(filter));
        if (options.SoName is { } soName && job.IsShared)
            Add(DynamicTag.SoName, symbols.String(soName));
        if (options.RunPaths.Count > 0)
            Add(options.NewDynamicTags ? DynamicTag.RunPath : DynamicTag.RPath, symbols.String(string.Join(':', options.RunPaths)));
        if (options.Symbolic == SymbolicBinding.All && job.IsShared)
            Add(DynamicTag.Symbolic);
        if (FunctionAddress(job, options.InitSymbol) is not null)
            Add(DynamicTag.Init);
        if (FunctionAddress(job, options.FiniSymbol) is not null)
            Add(DynamicTag.Fini);
        AddArray(job, ".preinit_array", DynamicTag.PreInitArray, DynamicTag.PreInitArraySz);
        AddArray(job, ".init_array", DynamicTag.InitArray, DynamicTag.InitArraySz);
        AddArray(job, ".fini_array", DynamicTag.FiniArray, DynamicTag.FiniArraySz);
        if (symbols.SysVHash.Exists)
            Add(DynamicTag.Hash);
        if (symbols.GnuHash.Exists)
            Add(DynamicTag.GnuHash);
        Add(DynamicTag.StrTab);
        Add(DynamicTag.SymTab);
        Add(DynamicTag.StrSz);
        Add(DynamicTag.SymEnt, ElfFormat.SymbolSize64);
        if (job.IsExecutable)
            Add(DynamicTag.Debug);
        if (synthetic.GotPlt.Exists)
            Add(DynamicTag.PltGot);
        if (synthetic.RelaPlt.Exists)
        {
            Add(DynamicTag.PltRelSz);
            Add(DynamicTag.PltRel, (ulong)DynamicTag.Rela);
            Add(DynamicTag.JmpRel);
        }
        if (synthetic.RelaDyn.Exists)
        {
            Add(DynamicTag.Rela);
            Add(DynamicTag.RelaSz);
            Add(DynamicTag.RelaEnt, ElfFormat.RelaSize64);
        }
        AddFlags(job);
        AddVersions(synthetic);
        if (synthetic.RelaDyn.Exists && options.CombineRelocations)
            Add(DynamicTag.RelaCount);
        Add(DynamicTag.Null);
        Alignment = 8;
        Size = (ulong)_entries.Count * ElfFormat.DynamicSize64;
        symbols.FixStrings();
    }

    private void AddFlags(LinkJob job)
    {
        LinkOptions options = job.Options;
        ulong flags = options.DynamicFlags;
        ulong flags1 = options.DynamicFlags1;
        if (options.Symbolic == SymbolicBinding.All && job.IsShared)
            flags |= DynamicFlags.Symbolic;
        if (options.BindNow)
        {
            if (options.NewDynamicTags)
                flags |= DynamicFlags.BindNow;
            else
                Add(DynamicTag.BindNow);
            flags1 |= DynamicFlags1.Now;
        }
        if (job.Synthetic.Scan.HasTextRelocations)
        {
            flags |= DynamicFlags.TextRel;
            Add(DynamicTag.TextRel);
        }
        if (job.Synthetic.Scan.UsesStaticTls)
            flags |= DynamicFlags.StaticTls;
        if (job.Options.Kind == OutputKind.Pie)
            flags1 |= DynamicFlags1.Pie;
        if (flags != 0)
            Add(DynamicTag.Flags, flags);
        if (flags1 != 0)
            Add(DynamicTag.Flags1, flags1);
    }

    private void AddVersions(SyntheticSections synthetic)
    {
        DynamicSymbolTable symbols = synthetic.DynamicSymbols;
        if (symbols.Definitions.Exists)
        {
            Add(DynamicTag.VerDef);
            Add(DynamicTag.VerDefNum, (ulong)symbols.DefinitionCount);
        }
        if (symbols.Needs.Exists)
        {
            Add(DynamicTag.VerNeed);
            Add(DynamicTag.VerNeedNum, (ulong)symbols.NeedCount);
        }
        if (symbols.Versions.Exists)
            Add(DynamicTag.VerSym);
    }

    private void AddArray(LinkJob job, string section, long tag, long sizeTag)
    {
        if (Find(job, section) is null)
            return;
        Add(tag);
        Add(sizeTag);
    }

    private static OutputSection? Find(LinkJob job, string name)
    {
        foreach (OutputSection section in job.Outputs)
            if (section.Name == name)
                return section;
        return null;
    }

    // The id of the function that -init or -fini names, if an object defines it.
    private static int? FunctionAddress(LinkJob job, string? name)
    {
        if (name is null)
            return null;
        int id = job.Symbols.Find(name);
        return id != 0 && job.Symbols[id].State == SymbolState.Defined ? id : null;
    }

    private static ulong Value(LinkJob job, long tag, ulong value)
    {
        SyntheticSections s = job.Synthetic;
        DynamicSymbolTable symbols = s.DynamicSymbols;
        return tag switch
        {
            DynamicTag.Init => job.Addresses[FunctionAddress(job, job.Options.InitSymbol)!.Value],
            DynamicTag.Fini => job.Addresses[FunctionAddress(job, job.Options.FiniSymbol)!.Value],
            DynamicTag.PreInitArray => Find(job, ".preinit_array")!.Address,
            DynamicTag.PreInitArraySz => Find(job, ".preinit_array")!.Size,
            DynamicTag.InitArray => Find(job, ".init_array")!.Address,
            DynamicTag.InitArraySz => Find(job, ".init_array")!.Size,
            DynamicTag.FiniArray => Find(job, ".fini_array")!.Address,
            DynamicTag.FiniArraySz => Find(job, ".fini_array")!.Size,
            DynamicTag.Hash => symbols.SysVHash.Address,
            DynamicTag.GnuHash => symbols.GnuHash.Address,
            DynamicTag.StrTab => symbols.Strings.Address,
            DynamicTag.StrSz => symbols.Strings.Size,
            DynamicTag.SymTab => symbols.Address,
            DynamicTag.PltGot => s.GotPlt.Address,
            DynamicTag.PltRelSz => s.RelaPlt.Size,
            DynamicTag.JmpRel => s.RelaPlt.Address,
            DynamicTag.Rela => s.RelaDyn.Address,
            DynamicTag.RelaSz => s.RelaDyn.Size,
            DynamicTag.RelaCount => (ulong)s.RelaDyn.CountRelative(),
            DynamicTag.VerDef => symbols.Definitions.Address,
            DynamicTag.VerNeed => symbols.Needs.Address,
            DynamicTag.VerSym => symbols.Versions.Address,
            _ => value,
        };
    }

    /// <inheritdoc/>
    public override void Write(LinkJob job, Span<byte> to)
    {
        for (int i = 0; i < _entries.Count; i++)
        {
            (long tag, ulong value) = _entries[i];
            BinaryPrimitives.WriteInt64LittleEndian(to[(i * 16)..], tag);
            BinaryPrimitives.WriteUInt64LittleEndian(to[(i * 16 + 8)..], Value(job, tag, value));
        }
    }
}
