using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Kiln.Base;
using Kiln.Linker.Inputs;
using Kiln.Linker.Relocations;
using Kiln.Linker.Symbols;
using Kiln.Object.Elf;

namespace Kiln.Linker.Synthetic;

/// <summary>Bytes that are all known before the layout.</summary>
internal sealed class BytesChunk : Chunk
{
    public ByteWriter Content { get; } = new();

    public void Fix(ulong alignment)
    {
        Alignment = alignment;
        Size = (ulong)Content.Length;
    }

    /// <inheritdoc/>
    public override void Write(LinkJob job, Span<byte> to) => Content.Span.CopyTo(to);
}

/// <summary>
/// The dynamic symbol table with its names, hash tables and versions (gABI 5, LSB 10.7). Symbols that others look up stand behind,
/// in the order of .gnu.hash's buckets.
/// </summary>
internal sealed class DynamicSymbolTable : Chunk
{
    private readonly List<int> _symbols = [0];
    private readonly Dictionary<string, uint> _strings = new() { [""] = 0 };
    private int _firstHashed = 1;
    private uint[] _names = [];

    public BytesChunk Strings { get; } = new();
    public BytesChunk SysVHash { get; } = new();
    public BytesChunk GnuHash { get; } = new();
    public BytesChunk Versions { get; } = new();
    public BytesChunk Definitions { get; } = new();
    public BytesChunk Needs { get; } = new();
    public int DefinitionCount { get; private set; }
    public int NeedCount { get; private set; }
    public int Count => _symbols.Count;

    /// <summary>The offset of a text in .dynstr, entered when it is new.</summary>
    public uint String(string text)
    {
        ref uint offset = ref CollectionsMarshal.GetValueRefOrAddDefault(_strings, text, out bool known);
        if (!known)
        {
            offset = (uint)Strings.Content.Length;
            Strings.Content.CString(text);
        }
        return offset;
    }

    private uint String(Bytes name)
    {
        uint offset = (uint)Strings.Content.Length;
        Strings.Content.Bytes(name.Span);
        Strings.Content.U8(0);
        return offset;
    }

    /// <summary>Decides which symbols are in the table and in which order, and fills everything but addresses.</summary>
    public void Collect(LinkJob job, Needs[] needs)
    {
        Strings.Content.U8(0);
        SymbolSlots[] slots = job.Synthetic.Slots;
        var hashed = new List<int>();
        for (int id = 1; id < job.Symbols.Count; id++)
        {
            ref Symbol symbol = ref job.Symbols[id];
            if (symbol.Alias != 0 || symbol.Has(SymbolTraits.Local))
                continue;
            if (symbol.Has(SymbolTraits.Exported))
                hashed.Add(id);
            else if (symbol.IsPreemptible && needs[id] != Relocations.Needs.None)
            {
                if (symbol.Has(SymbolTraits.CanonicalPlt))
                    hashed.Add(id);
                else
                    _symbols.Add(id);
            }
        }
        _firstHashed = _symbols.Count;
        uint buckets = BucketCount(hashed.Count);
        if ((job.Options.HashStyle & HashStyle.Gnu) != 0)
            hashed.Sort((a, b) =>
            {
                int order = (job.Symbols[a].Hash % buckets).CompareTo(job.Symbols[b].Hash % buckets);
                return order != 0 ? order : a.CompareTo(b);
            });
        _symbols.AddRange(hashed);
        for (int i = 1; i < _symbols.Count; i++)
            slots[_symbols[i]].Dynamic = i;
        _names = new uint[_symbols.Count];
        for (int i = 1; i < _symbols.Count; i++)
            _names[i] = String(job.Symbols[_symbols[i]].Name);
        Alignment = 8;
        Size = (ulong)_symbols.Count * ElfFormat.SymbolSize64;
        if ((job.Options.HashStyle & HashStyle.Gnu) != 0)
            BuildGnuHash(job, buckets);
        if ((job.Options.HashStyle & HashStyle.SysV) != 0)
            BuildSysVHash(job);
        BuildVersions(job);
    }

    /// <summary>Ends the table of strings, once the dynamic section has entered its own.</summary>
    public void FixStrings() => Strings.Fix(1);

    private static uint BucketCount(int symbols)
    {
        ReadOnlySpan<uint> sizes = [1, 3, 17, 37, 67, 97, 131, 197, 263, 521, 1031, 2053, 4099, 8209, 16411, 32771, 65537, 131101, 262147];
        uint best = 1;
        foreach (uint size in sizes)
        {
            if (size > 1 && symbols < size)
                break;
            best = size;
        }
        return best;
    }

    private void BuildGnuHash(LinkJob job, uint buckets)
    {
        ByteWriter w = GnuHash.Content;
        int count = _symbols.Count - _firstHashed;
        int maskWords = 1;
        int shift = 6;
        if (count > 0)
        {
            int bits = System.Numerics.BitOperations.Log2((uint)count) + 1;
            shift = bits < 3 ? 5 : (1 << (bits - 2) & count) != 0 ? bits + 3 : bits + 2;
            shift = Math.Max(shift, 6);
            maskWords = 1 << (shift - 6);
        }
        w.U32(buckets);
        w.U32(count == 0 ? 1 : _firstHashed);
        w.U32(maskWords);
        w.U32(count == 0 ? 0 : shift);
        var bloom = new ulong[maskWords];
        var first = new uint[buckets];
        for (int i = _firstHashed; i < _symbols.Count; i++)
        {
            uint hash = job.Symbols[_symbols[i]].Hash;
            bloom[hash / 64 & (uint)(maskWords - 1)] |= 1UL << (int)(hash % 64) | 1UL << (int)((hash >> shift) % 64);
            ref uint bucket = ref first[hash % buckets];
            if (bucket == 0)
                bucket = (uint)i;
        }
        foreach (ulong word in bloom)
            w.U64(word);
        foreach (uint bucket in first)
            w.U32(bucket);
        for (int i = _firstHashed; i < _symbols.Count; i++)
        {
            uint hash = job.Symbols[_symbols[i]].Hash;
            bool isLast = i + 1 == _symbols.Count || job.Symbols[_symbols[i + 1]].Hash % buckets != hash % buckets;
            w.U32(isLast ? hash | 1 : hash & ~1u);
        }
        GnuHash.Fix(8);
    }

    /// <summary>The hash of the gABI.</summary>
    public static uint ElfHash(ReadOnlySpan<byte> name)
    {
        uint hash = 0;
        foreach (byte b in name)
        {
            hash = (hash << 4) + b;
            uint high = hash & 0xf0000000;
            hash ^= high >> 24;
            hash &= ~high;
        }
        return hash;
    }

    private void BuildSysVHash(LinkJob job)
    {
        uint buckets = BucketCount(_symbols.Count - 1);
        var first = new int[buckets];
        var chain = new int[_symbols.Count];
        for (int i = 1; i < _symbols.Count; i++)
        {
            uint hash = ElfHash(job.Symbols[_symbols[i]].Name.Span) % buckets;
            chain[i] = first[hash];
            first[hash] = i;
        }
        ByteWriter w = SysVHash.Content;
        w.U32(buckets);
        w.U32(_symbols.Count);
        foreach (int bucket in first)
            w.U32(bucket);
        foreach (int link in chain)
            w.U32(link);
        SysVHash.Fix(8);
    }

    // ---- Versions

    private void BuildVersions(LinkJob job)
    {
        int next = BuildDefinitions(job);
        BuildNeeds(job, next);
        if (DefinitionCount == 0 && NeedCount == 0)
            return;
        ByteWriter w = Versions.Content;
        w.U16(0);
        for (int i = 1; i < _symbols.Count; i++)
        {
            ref Symbol symbol = ref job.Symbols[_symbols[i]];
            int version = symbol.State == SymbolState.Shared ? OutputVersionOf(job, symbol)
                : symbol.State == SymbolState.Undefined ? 0 : symbol.Version;
            if (symbol.State is SymbolState.Defined or SymbolState.Common && symbol.VersionName.Length > 0
                && !symbol.Has(SymbolTraits.DefaultVersion))
                version |= SymbolVersion.Hidden;
            w.U16(version);
        }
        Versions.Fix(2);
    }

    private static int OutputVersionOf(LinkJob job, in Symbol symbol)
    {
        var library = (SharedFile)job.Files[symbol.File];
        int version = library.VersionOf(symbol.ElfIndex) & 0x7fff;
        ushort mapped = version < library.OutputVersions.Length ? library.OutputVersions[version] : (ushort)0;
        return mapped != 0 ? mapped : SymbolVersion.Global;
    }

    // .gnu.version_d: the file's own name as the base, then the nodes of the version script.
    private int BuildDefinitions(LinkJob job)
    {
        if (job.Versions is not { } script || script.NamedCount == 0)
            return 2;
        ByteWriter w = Definitions.Content;
        string baseName = job.Options.SoName ?? Path.GetFileName(job.Options.Output ?? "");
        var nodes = script.NamedNodes;
        Record(1, SymbolVersion.FlagBase, baseName, [], nodes.Count > 0);
        for (int i = 0; i < nodes.Count; i++)
            Record(nodes[i].Index, 0, nodes[i].Name, nodes[i].Dependencies, i + 1 < nodes.Count);
        DefinitionCount = nodes.Count + 1;
        Definitions.Fix(8);
        return nodes.Count + 2;

        void Record(int index, int flags, string name, List<string> dependencies, bool hasNext)
        {
            w.U16(1);
            w.U16(flags);
            w.U16(index);
            w.U16(1 + dependencies.Count);
            w.U32(ElfHash(Encoding.UTF8.GetBytes(name)));
            w.U32(20);
            w.U32(hasNext ? 20 + 8 * (1 + dependencies.Count) : 0);
            w.U32(String(name));
            w.U32(dependencies.Count > 0 ? 8 : 0);
            for (int i = 0; i < dependencies.Count; i++)
            {
                w.U32(String(dependencies[i]));
                w.U32(i + 1 < dependencies.Count ? 8 : 0);
            }
        }
    }

    // .gnu.version_r: the versions of the libraries' symbols that are used, in the order of their first use.
    private void BuildNeeds(LinkJob job, int next)
    {
        var used = new List<(SharedFile Library, List<int> Versions)>();
        for (int i = 1; i < _symbols.Count; i++)
        {
            ref Symbol symbol = ref job.Symbols[_symbols[i]];
            if (symbol.State != SymbolState.Shared)
                continue;
            var library = (SharedFile)job.Files[symbol.File];
            int version = library.VersionOf(symbol.ElfIndex) & 0x7fff;
            if (library.VersionName(version).Length == 0)
                continue;
            int at = used.FindIndex(u => u.Library == library);
            if (at < 0)
            {
                at = used.Count;
                used.Add((library, []));
                library.OutputVersions = new ushort[library.VersionNames.Count];
            }
            if (library.OutputVersions[version] != 0)
                continue;
            used[at].Versions.Add(version);
            library.OutputVersions[version] = (ushort)next++;
        }
        ByteWriter w = Needs.Content;
        for (int i = 0; i < used.Count; i++)
        {
            (SharedFile library, List<int> versions) = used[i];
            w.U16(1);
            w.U16(versions.Count);
            w.U32(String(library.NeededName));
            w.U32(16);
            w.U32(i + 1 < used.Count ? 16 + 16 * versions.Count : 0);
            for (int v = 0; v < versions.Count; v++)
            {
                Bytes name = library.VersionName(versions[v]);
                w.U32(ElfHash(name.Span));
                w.U16(0);
                w.U16(library.OutputVersions[versions[v]]);
                w.U32(String(Encoding.UTF8.GetString(name.Span)));
                w.U32(v + 1 < versions.Count ? 16 : 0);
            }
        }
        NeedCount = used.Count;
        Needs.Fix(8);
    }

    /// <inheritdoc/>
    public override void Write(LinkJob job, Span<byte> to)
    {
        Span<ElfSymbol> table = MemoryMarshal.Cast<byte, ElfSymbol>(to);
        for (int i = 1; i < _symbols.Count; i++)
        {
            table[i] = job.OutputSymbol(_symbols[i]);
            table[i].Name = _names[i];
        }
    }
}
