using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Kiln.Base;
using Kiln.Linker.Symbols;
using Kiln.Object.Elf;

namespace Kiln.Linker.Inputs;

/// <summary>
/// A shared library as the link sees it: names to dynamic symbols, through the library's own hash table, so that a large
/// library costs nothing for the symbols that nobody asks for.
/// Follows the gABI's chapter on dynamic linking, and for .gnu.hash and versions the GNU tools' formats.
/// </summary>
internal sealed class SharedFile : InputFile
{
    private readonly ElfSymbols _symbols;
    private readonly Bytes _versions;
    private readonly Bytes _gnuHash;
    private readonly uint _bucketCount, _firstHashed, _bloomCount, _bloomShift;
    private readonly int _word;
    private Dictionary<uint, List<int>>? _ownTable;

    private SharedFile(string name, Bytes bytes, int index, ElfFile elf, int dynSym) : base(name, bytes, index)
    {
        Elf = elf;
        _word = elf.Is64 ? 8 : 4;
        _symbols = elf.Symbols(dynSym);
        ReadOnlySpan<ElfSectionHeader> sections = elf.Sections;
        for (int i = 1; i < sections.Length; i++)
            switch (sections[i].Type)
            {
                case SectionType.GnuHash:
                    _gnuHash = elf.Data(i);
                    break;
                case SectionType.GnuVerSym:
                    _versions = elf.Data(i);
                    break;
                case SectionType.GnuVerDef:
                    ReadDefinitions(elf.Data(i).Span, elf.Data((int)sections[i].Link));
                    break;
                case SectionType.Dynamic:
                    ReadDynamic(elf.Dynamic(i), elf.Data((int)sections[i].Link));
                    break;
            }
        ReadOnlySpan<byte> hash = _gnuHash.Span;
        if (hash.Length >= 16)
        {
            _bucketCount = U32(hash, 0);
            _firstHashed = U32(hash, 4);
            _bloomCount = U32(hash, 8);
            _bloomShift = U32(hash, 12);
            ulong least = 16 + (ulong)_bloomCount * (uint)_word + (ulong)_bucketCount * 4;
            if (least > (ulong)hash.Length || _bucketCount == 0 || _bloomCount == 0 || !System.Numerics.BitOperations.IsPow2(_bloomCount))
                _gnuHash = default;
        }
        else
            _gnuHash = default;
    }

    public ElfFile Elf { get; }

    /// <summary>The name that DT_NEEDED records.</summary>
    public string SoName { get; private set; } = "";

    /// <summary>The name by which another file needs it: its DT_SONAME, else its file name as ld records it.</summary>
    public string NeededName => SoName.Length > 0 ? SoName : Name.Contains('/') && GivenAsLibrary ? Path.GetFileName(Name) : Name;

    /// <summary>Whether it was found by -l, so that its directory is no part of its name.</summary>
    public bool GivenAsLibrary { get; set; }

    /// <summary>The libraries that it needs itself.</summary>
    public List<string> Needed { get; } = [];

    /// <summary>Its DT_RPATH or DT_RUNPATH.</summary>
    public string? RunPath { get; private set; }

    /// <summary>The names of its versions, by version index; null where there is none.</summary>
    public List<Bytes> VersionNames { get; } = [];

    /// <summary>Whether the output records it only when it is used.</summary>
    public bool AsNeeded { get; set; }

    /// <summary>Whether a reference of an object is resolved by it.</summary>
    public bool IsUsed { get; set; }

    /// <summary>Whether it was loaded only because another library needs it.</summary>
    public bool IsIndirect { get; set; }

    /// <summary>Whether the output records it.</summary>
    public bool IsNeeded => !IsIndirect && (IsUsed || !AsNeeded);

    /// <summary>Whether its needs were followed.</summary>
    public bool NeedsFollowed { get; set; }

    /// <summary>Version needs of the output by this library's version index: the output's index; 0 for none.</summary>
    public ushort[] OutputVersions { get; set; } = [];

    /// <summary>Where the symbols that .gnu.hash finds begin: undefined ones stand before, all of them.</summary>
    public int UndefinedEnd => _gnuHash.Length > 0 && _firstHashed > 0 ? (int)Math.Min(_firstHashed, (uint)_symbols.Count) : _symbols.Count;

    /// <summary>Its dynamic symbols.</summary>
    public ElfSymbols Symbols => _symbols;

    /// <summary>Reads a library. Null with a problem where it cannot be one.</summary>
    public static SharedFile? Read(string name, Bytes bytes, int index, ElfFile elf, out string? problem)
    {
        int dynSym = elf.FindSection(SectionType.DynSym);
        problem = dynSym == 0 && elf.FindSection(SectionType.Dynamic) == 0 ? "no dynamic symbols in the shared library" : null;
        return problem is null ? new SharedFile(name, bytes, index, elf, dynSym) : null;
    }

    private static uint U32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private void ReadDynamic(ElfDynamic[] entries, Bytes strings)
    {
        foreach (ElfDynamic entry in entries)
        {
            if (entry.Tag is not (DynamicTag.SoName or DynamicTag.Needed or DynamicTag.RPath or DynamicTag.RunPath))
                continue;
            string text = Encoding.UTF8.GetString(ElfFile.String(strings.Span, (uint)Math.Min(entry.Value, uint.MaxValue)));
            if (entry.Tag == DynamicTag.SoName)
                SoName = text;
            else if (entry.Tag == DynamicTag.Needed)
                Needed.Add(text);
            else if (entry.Tag == DynamicTag.RunPath || RunPath is null)
                RunPath = text;
        }
    }

    // Each record of .gnu.version_d: version, flags, index, count, hash, aux, next; its name is that of the first aux record.
    private void ReadDefinitions(ReadOnlySpan<byte> data, Bytes strings)
    {
        uint at = 0;
        for (int guard = 0; guard < 0x8000 && at + 20 <= (uint)data.Length; guard++)
        {
            ReadOnlySpan<byte> record = data[(int)at..];
            int index = BinaryPrimitives.ReadUInt16LittleEndian(record[4..]) & 0x7fff;
            uint aux = at + U32(record, 12);
            uint next = U32(record, 16);
            if (aux >= at && aux + 8 <= (uint)data.Length)
            {
                while (VersionNames.Count <= index)
                    VersionNames.Add(default);
                VersionNames[index] = ElfFile.StringBytes(strings, U32(data, (int)aux));
            }
            if (next == 0 || at + next < at)
                break;
            at += next;
        }
    }

    /// <summary>The version index of a dynamic symbol, with the hidden bit; 1 where the library has no versions.</summary>
    public int VersionOf(int symbol) => _versions.Length >= (symbol + 1) * 2
        ? BinaryPrimitives.ReadUInt16LittleEndian(_versions.Span[(symbol * 2)..]) : 1;

    /// <summary>The name of a version of the library, empty for none.</summary>
    public Bytes VersionName(int index)
    {
        index &= 0x7fff;
        return index >= 2 && index < VersionNames.Count ? VersionNames[index] : default;
    }

    /// <summary>The index of the dynamic symbol that defines a name (in its default version where none is given), or 0.</summary>
    public int Find(ReadOnlySpan<byte> name, ReadOnlySpan<byte> version, uint hash)
    {
        if (_gnuHash.Length == 0)
            return FindInOwnTable(name, version, hash);
        ReadOnlySpan<byte> table = _gnuHash.Span;
        int bits = _word * 8;
        int bloomAt = 16 + (int)(hash / (uint)bits & _bloomCount - 1) * _word;
        ulong bloom = _word == 8 ? BinaryPrimitives.ReadUInt64LittleEndian(table[bloomAt..]) : U32(table, bloomAt);
        if ((bloom >> (int)(hash % (uint)bits) & bloom >> (int)((hash >> (int)_bloomShift) % (uint)bits) & 1) == 0)
            return 0;
        int buckets = 16 + (int)_bloomCount * _word;
        uint symbol = U32(table, buckets + (int)(hash % _bucketCount) * 4);
        if (symbol < _firstHashed)
            return 0;
        long chain = buckets + (long)_bucketCount * 4 + (symbol - _firstHashed) * 4L;
        for (; chain + 4 <= table.Length && symbol < _symbols.Count; chain += 4, symbol++)
        {
            uint link = U32(table, (int)chain);
            if ((link | 1) == (hash | 1) && Matches((int)symbol, name, version))
                return (int)symbol;
            if ((link & 1) != 0)
                break;
        }
        return 0;
    }

    // Without a version the default one matches alone, as in ld.
    private bool Matches(int index, ReadOnlySpan<byte> name, ReadOnlySpan<byte> version)
    {
        ref readonly ElfSymbol symbol = ref _symbols.Span[index];
        if (symbol.Section == ElfSectionIndex.Undefined || symbol.Binding == SymbolBinding.Local
            || !_symbols.Name(symbol).Span.SequenceEqual(name) || symbol.Visibility is SymbolVisibility.Hidden or SymbolVisibility.Internal)
            return false;
        int own = VersionOf(index);
        if (own == SymbolVersion.Local)
            return false;
        if (version.Length == 0)
            return (own & SymbolVersion.Hidden) == 0;
        return VersionName(own).Span.SequenceEqual(version);
    }

    /// <summary>What the library wants said to those who refer to certain symbols: its .gnu.warning sections.</summary>
    public List<(Bytes Name, string Text)> Warnings()
    {
        var result = new List<(Bytes, string)>();
        Bytes names = Elf.SectionNameTable;
        ReadOnlySpan<ElfSectionHeader> sections = Elf.Sections;
        for (int i = 1; i < sections.Length; i++)
        {
            if (sections[i].Type != SectionType.ProgBits || sections[i].Flags != 0)
                continue;
            Bytes name = ElfFile.StringBytes(names, sections[i].Name);
            if (name.Span.StartsWith(".gnu.warning."u8))
                result.Add((name.Slice(13, name.Length - 13), Encoding.UTF8.GetString(Elf.Data(i).Span.TrimEnd((byte)0))));
        }
        return result;
    }

    /// <summary>Whether a name is defined in whatever version, hidden ones too.</summary>
    public bool FindAnyVersion(ReadOnlySpan<byte> name, uint hash)
    {
        foreach (Bytes version in VersionNames)
            if (version.Length > 0 && Find(name, version.Span, hash) != 0)
                return true;
        return false;
    }

    /// <summary>The version in which the library wants a symbol that it does not define, or null.</summary>
    public string? NeededVersion(ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<ElfSymbol> symbols = _symbols.Span;
        for (int i = 1; i < Math.Min(UndefinedEnd, symbols.Length); i++)
            if (symbols[i].Section == ElfSectionIndex.Undefined && _symbols.Name(symbols[i]).Span.SequenceEqual(name))
                return NeededVersionName(VersionOf(i) & 0x7fff);
        return null;
    }

    // Each record of .gnu.version_r: version, count, file, aux, next; each aux: hash, flags, index, name, next.
    private string? NeededVersionName(int index)
    {
        int section = Elf.FindSection(SectionType.GnuVerNeed);
        if (index < 2 || section == 0)
            return null;
        ReadOnlySpan<byte> data = Elf.Data(section).Span;
        ReadOnlySpan<byte> strings = Elf.Data((int)Elf.Sections[section].Link).Span;
        uint at = 0;
        for (int guard = 0; guard < 4096 && at + 16 <= (uint)data.Length; guard++)
        {
            uint aux = at + U32(data, (int)at + 8);
            for (int inner = 0; inner < 4096 && aux >= at && aux + 16 <= (uint)data.Length; inner++)
            {
                if ((BinaryPrimitives.ReadUInt16LittleEndian(data[((int)aux + 6)..]) & 0x7fff) == index)
                    return Encoding.UTF8.GetString(ElfFile.String(strings, U32(data, (int)aux + 8)));
                uint nextAux = U32(data, (int)aux + 12);
                if (nextAux == 0)
                    break;
                aux += nextAux;
            }
            uint next = U32(data, (int)at + 12);
            if (next == 0 || at + next < at)
                break;
            at += next;
        }
        return null;
    }

    // A library without .gnu.hash: one table is made of all its symbols.
    private int FindInOwnTable(ReadOnlySpan<byte> name, ReadOnlySpan<byte> version, uint hash)
    {
        if (_ownTable is null)
        {
            _ownTable = [];
            ReadOnlySpan<ElfSymbol> symbols = _symbols.Span;
            for (int i = 1; i < symbols.Length; i++)
            {
                if (symbols[i].Section == ElfSectionIndex.Undefined)
                    continue;
                uint key = SymbolTable.Hash(_symbols.Name(symbols[i]).Span);
                ref List<int>? list = ref CollectionsMarshal.GetValueRefOrAddDefault(_ownTable, key, out _);
                (list ??= []).Add(i);
            }
        }
        if (_ownTable.TryGetValue(hash, out List<int>? candidates))
            foreach (int candidate in candidates)
                if (Matches(candidate, name, version))
                    return candidate;
        return 0;
    }

    /// <summary>The address of a section's end and its flags, for a symbol: where a copied variable lies.</summary>
    public bool IsInReadOnlySection(in ElfSymbol symbol)
    {
        ReadOnlySpan<ElfSectionHeader> sections = Elf.Sections;
        return symbol.Section < sections.Length && (sections[symbol.Section].Flags & SectionFlags.Write) == 0 && !InRelro(symbol)
            || InRelro(symbol);
    }

    private bool InRelro(in ElfSymbol symbol)
    {
        for (int i = 0; i < Elf.SegmentCount; i++)
            if (Elf.Segment(i, out ElfProgramHeader segment) && segment.Type == SegmentType.GnuRelro
                && symbol.Value >= segment.Address && symbol.Value < segment.Address + segment.MemorySize)
                return true;
        return false;
    }

    /// <summary>The alignment that a copy of a variable needs: what its address and its section's alignment allow.</summary>
    public ulong AlignmentOf(in ElfSymbol symbol)
    {
        ReadOnlySpan<ElfSectionHeader> sections = Elf.Sections;
        ulong alignment = symbol.Section < sections.Length ? Math.Max(1, sections[symbol.Section].Alignment) : 16;
        if (!System.Numerics.BitOperations.IsPow2(alignment) || alignment > 4096)
            alignment = 16;
        if (symbol.Value != 0)
            alignment = Math.Min(alignment, symbol.Value & (~symbol.Value + 1));
        return alignment;
    }
}
