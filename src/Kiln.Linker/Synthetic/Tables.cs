using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Kiln.Base;
using Kiln.Linker.Symbols;
using Kiln.Linker.Targets;
using Kiln.Object.Elf;

namespace Kiln.Linker.Synthetic;

/// <summary>What a GOT word holds.</summary>
internal enum GotWordKind : byte
{
    Address,
    TlsModule,
    TlsOffset,
    OwnTlsModule,
    Zero,
    ThreadOffset,
    Descriptor,
}

/// <summary>The global offset table: words with addresses and thread-local offsets, and their dynamic relocations.</summary>
internal sealed class GotChunk : Chunk
{
    private readonly record struct Word(GotWordKind Kind, int Symbol);

    private readonly GrowBuffer<Word> _words = new();

    /// <summary>The word of the module's own pair for local dynamic, or -1.</summary>
    public int OwnModuleWord { get; private set; } = -1;

    /// <summary>How many dynamic relocations the words need.</summary>
    public int DynamicCount { get; private set; }

    /// <summary>Where its dynamic relocations begin in .rela.dyn.</summary>
    public int DynamicStart { get; set; }

    private int Add(GotWordKind kind, int symbol)
    {
        Size += 8;
        Alignment = 8;
        return _words.Add(new Word(kind, symbol));
    }

    public int AddAddress(LinkJob job, int symbol)
    {
        ref Symbol s = ref job.Symbols[symbol];
        if (s.IsPreemptible || job.IsPositionIndependent && !s.IsAbsolute && s.State != SymbolState.Undefined)
            DynamicCount++;
        return Add(GotWordKind.Address, symbol);
    }

    public int AddTlsPair(LinkJob job, int symbol)
    {
        ref Symbol s = ref job.Symbols[symbol];
        DynamicCount += s.IsPreemptible ? 2 : job.IsShared ? 1 : 0;
        int word = Add(GotWordKind.TlsModule, symbol);
        Add(GotWordKind.TlsOffset, symbol);
        return word;
    }

    public void AddOwnModule(LinkJob job)
    {
        DynamicCount += job.IsShared ? 1 : 0;
        OwnModuleWord = Add(GotWordKind.OwnTlsModule, 0);
        Add(GotWordKind.Zero, 0);
    }

    public int AddThreadOffset(LinkJob job, int symbol)
    {
        if (job.Symbols[symbol].IsPreemptible || job.IsShared)
            DynamicCount++;
        return Add(GotWordKind.ThreadOffset, symbol);
    }

    public int AddDescriptor(int symbol)
    {
        DynamicCount++;
        int word = Add(GotWordKind.Descriptor, symbol);
        Add(GotWordKind.Zero, symbol);
        return word;
    }

    public ulong AddressOf(int word) => Address + (ulong)word * 8;

    /// <inheritdoc/>
    public override void Write(LinkJob job, Span<byte> to)
    {
        int next = DynamicStart;
        RelocationChunk dynamic = job.Synthetic.RelaDyn;
        for (int i = 0; i < _words.Count; i++)
        {
            (GotWordKind kind, int id) = _words[i];
            ref Symbol symbol = ref job.Symbols[id];
            int dynamicIndex = job.Synthetic.Slots[id].Dynamic;
            ulong address = job.Addresses[id];
            ulong place = AddressOf(i);
            bool preemptible = symbol.IsPreemptible;
            ulong word = 0;
            switch (kind)
            {
                case GotWordKind.Address:
                    if (preemptible)
                        dynamic.Set(next++, place, dynamicIndex, X86_64Relocation.GlobDat, 0);
                    else
                    {
                        word = address;
                        if (job.IsPositionIndependent && !symbol.IsAbsolute && symbol.State != SymbolState.Undefined)
                            dynamic.Set(next++, place, 0, X86_64Relocation.Relative, (long)address);
                    }
                    break;
                case GotWordKind.TlsModule:
                    if (preemptible)
                        dynamic.Set(next++, place, dynamicIndex, X86_64Relocation.DtpMod64, 0);
                    else if (job.IsShared)
                        dynamic.Set(next++, place, 0, X86_64Relocation.DtpMod64, 0);
                    else
                        word = 1;
                    break;
                case GotWordKind.TlsOffset:
                    if (preemptible)
                        dynamic.Set(next++, place, dynamicIndex, X86_64Relocation.DtpOff64, 0);
                    else
                        word = address - job.TlsStart;
                    break;
                case GotWordKind.OwnTlsModule:
                    if (job.IsShared)
                        dynamic.Set(next++, place, 0, X86_64Relocation.DtpMod64, 0);
                    else
                        word = 1;
                    break;
                case GotWordKind.ThreadOffset:
                    if (preemptible)
                        dynamic.Set(next++, place, dynamicIndex, X86_64Relocation.TpOff64, 0);
                    else if (job.IsShared)
                        dynamic.Set(next++, place, 0, X86_64Relocation.TpOff64, (long)(address - job.TlsStart));
                    else
                        word = address - job.TlsEnd;
                    break;
                case GotWordKind.Descriptor:
                    dynamic.Set(next++, place, preemptible ? dynamicIndex : 0, X86_64Relocation.TlsDesc,
                        preemptible ? 0 : (long)(address - job.TlsStart));
                    break;
                case GotWordKind.Zero:
                    break;
                default:
                    throw new InvalidOperationException($"GOT word {kind}");
            }
            BinaryPrimitives.WriteUInt64LittleEndian(to[(i * 8)..], word);
        }
    }
}

/// <summary>.got.plt: the address of .dynamic, two words of the dynamic linker, then a word for every entry of .plt.</summary>
internal sealed class GotPltChunk : Chunk
{
    public ulong SlotOf(int pltIndex) => Address + (ulong)(X86_64.GotPltReserved + pltIndex) * 8;

    /// <inheritdoc/>
    public override void Write(LinkJob job, Span<byte> to)
    {
        SyntheticSections synthetic = job.Synthetic;
        if (synthetic.Dynamic.Exists)
            BinaryPrimitives.WriteUInt64LittleEndian(to, synthetic.Dynamic.Address);
        PltChunk plt = synthetic.Plt;
        for (int i = 0; i < plt.Count; i++)
        {
            // At first a slot leads behind the jump in its entry; an ifunc's is filled before anybody jumps.
            ulong value = plt.AddressOf(i) + 6;
            BinaryPrimitives.WriteUInt64LittleEndian(to[((X86_64.GotPltReserved + i) * 8)..], value);
        }
    }
}

/// <summary>.plt: lazily bound entries for functions elsewhere, then entries of indirect functions defined here.</summary>
internal sealed class PltChunk : Chunk
{
    private readonly GrowBuffer<int> _lazy = new();
    private readonly GrowBuffer<int> _indirect = new();

    public int Count => _lazy.Count + _indirect.Count;
    public int LazyCount => _lazy.Count;
    public bool HasHeader => _lazy.Count > 0;

    public int SymbolAt(int index) => index < _lazy.Count ? _lazy[index] : _indirect[index - _lazy.Count];

    public void AddLazy(int symbol) => _lazy.Add(symbol);

    public void AddIndirect(int symbol) => _indirect.Add(symbol);

    /// <summary>Fixes the order: the slots of symbols get their indices.</summary>
    public void Number(SymbolSlots[] slots)
    {
        for (int i = 0; i < Count; i++)
            slots[SymbolAt(i)].Plt = i + 1;
        Alignment = 16;
        Size = (ulong)((HasHeader ? X86_64.PltHeaderSize : 0) + Count * X86_64.PltEntrySize);
    }

    public ulong AddressOf(int index) => Address + (ulong)((HasHeader ? X86_64.PltHeaderSize : 0) + index * X86_64.PltEntrySize);

    /// <inheritdoc/>
    public override void Write(LinkJob job, Span<byte> to)
    {
        GotPltChunk got = job.Synthetic.GotPlt;
        if (HasHeader)
            X86_64.WritePltHeader(to, Address, got.Address);
        for (int i = 0; i < Count; i++)
        {
            ulong at = AddressOf(i);
            X86_64.WritePltEntry(to[(int)(at - Address)..], at, got.SlotOf(i), i, HasHeader ? Address : 0);
        }
        WriteRelocations(job, got);
    }

    private void WriteRelocations(LinkJob job, GotPltChunk got)
    {
        for (int i = 0; i < Count; i++)
        {
            int id = SymbolAt(i);
            if (i < _lazy.Count)
                job.Synthetic.RelaPlt.Set(i, got.SlotOf(i), job.Synthetic.Slots[id].Dynamic, X86_64Relocation.JumpSlot, 0);
            else
                job.Synthetic.RelaPlt.Set(i, got.SlotOf(i), 0, X86_64Relocation.IRelative, (long)job.ResolverAddress(id));
        }
    }
}

/// <summary>.plt.got: entries of functions whose address is in the GOT anyway.</summary>
internal sealed class PltGotChunk : Chunk
{
    private readonly GrowBuffer<int> _symbols = new();

    public int Add(int symbol)
    {
        Alignment = 8;
        Size += X86_64.PltGotEntrySize;
        return _symbols.Add(symbol);
    }

    public ulong AddressOf(int index) => Address + (ulong)(index * X86_64.PltGotEntrySize);

    /// <inheritdoc/>
    public override void Write(LinkJob job, Span<byte> to)
    {
        for (int i = 0; i < _symbols.Count; i++)
        {
            int word = job.Synthetic.Slots[_symbols[i]].Got - 1;
            X86_64.WritePltGotEntry(to[(i * X86_64.PltGotEntrySize)..], AddressOf(i), job.Synthetic.Got.AddressOf(word));
        }
    }
}

/// <summary>A table of dynamic relocations. Its length is fixed before the layout; the records are set while sections are written.</summary>
internal sealed class RelocationChunk : Chunk
{
    private ElfRelocation[] _records = [];

    public int Count { get; private set; }

    /// <summary>How many relative relocations lead the table, once it is written.</summary>
    public int RelativeCount { get; private set; }

    /// <summary>Fixes the number of records.</summary>
    public void SetCount(int count)
    {
        Count = count;
        Alignment = 8;
        Size = (ulong)count * ElfFormat.RelaSize64;
        _records = new ElfRelocation[count];
    }

    public void Set(int index, ulong offset, int symbol, int type, long addend) => _records[index] = new ElfRelocation(offset, symbol, type, addend);

    /// <summary>Puts relative relocations first and the rest in the order of their symbols, which the dynamic linker looks up faster so.</summary>
    public void Sort()
    {
        _records.AsSpan().Sort(static (a, b) =>
        {
            bool aRelative = a.Type == X86_64Relocation.Relative, bRelative = b.Type == X86_64Relocation.Relative;
            if (aRelative != bRelative)
                return aRelative ? -1 : 1;
            int bySymbol = aRelative ? 0 : a.Symbol.CompareTo(b.Symbol);
            int byOffset = a.Offset.CompareTo(b.Offset);
            return bySymbol != 0 ? bySymbol : byOffset != 0 ? byOffset : a.Type.CompareTo(b.Type);
        });
    }

    /// <summary>Counts the relative relocations.</summary>
    public int CountRelative()
    {
        int count = 0;
        while (count < _records.Length && _records[count].Type == X86_64Relocation.Relative)
            count++;
        return RelativeCount = count;
    }

    /// <inheritdoc/>
    public override void Write(LinkJob job, Span<byte> to) => MemoryMarshal.AsBytes(_records.AsSpan()).CopyTo(to);
}

/// <summary>.interp: the path of the dynamic linker.</summary>
internal sealed class InterpChunk : Chunk
{
    private byte[] _path = [];

    public void Set(string path)
    {
        _path = Encoding.UTF8.GetBytes(path + "\0");
        Size = (ulong)_path.Length;
    }

    /// <inheritdoc/>
    public override void Write(LinkJob job, Span<byte> to) => _path.CopyTo(to);
}

/// <summary>A note of the owner GNU.</summary>
internal sealed class NoteChunk : Chunk
{
    private int _type;

    /// <summary>The description; it may be filled after the layout.</summary>
    public byte[] Description { get; private set; } = [];

    public void Set(int type, byte[] description, ulong alignment)
    {
        _type = type;
        Description = description;
        Alignment = alignment;
        Size = 16 + (ulong)(description.Length + 3 & ~3);
    }

    /// <inheritdoc/>
    public override void Write(LinkJob job, Span<byte> to)
    {
        BinaryPrimitives.WriteInt32LittleEndian(to, 4);
        BinaryPrimitives.WriteInt32LittleEndian(to[4..], Description.Length);
        BinaryPrimitives.WriteInt32LittleEndian(to[8..], _type);
        "GNU\0"u8.CopyTo(to[12..]);
        Description.CopyTo(to[16..]);
    }
}
