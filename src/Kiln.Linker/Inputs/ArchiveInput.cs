using Kiln.Base;
using Kiln.Linker.Symbols;
using Kiln.Object.Archives;

namespace Kiln.Linker.Inputs;

/// <summary>An archive of the link: its index as a hash table, made at the first question, and which members were taken.</summary>
internal sealed class ArchiveInput(string path, Archive archive)
{
    private int[]? _buckets;
    private uint[] _hashes = [];
    private int[] _starts = [];
    private int[] _next = [];

    public string Path => path;

    public Archive Archive => archive;

    /// <summary>The headers of the members that are in the link.</summary>
    public HashSet<int> Taken { get; } = [];

    /// <summary>Where the header of the first member that defines a symbol stands, or -1.</summary>
    public int Find(ReadOnlySpan<byte> name, uint hash)
    {
        if (_buckets is null)
            BuildTable();
        ReadOnlySpan<byte> names = archive.SymbolNames.Span;
        for (int i = _buckets![hash & (uint)(_buckets.Length - 1)]; i != 0; i = _next[i - 1])
        {
            if (_hashes[i - 1] != hash)
                continue;
            ReadOnlySpan<byte> rest = names[_starts[i - 1]..];
            if (rest.StartsWith(name) && (rest.Length == name.Length || rest[name.Length] is 0 or (byte)'@'))
                return archive.SymbolMember(i - 1);
        }
        return -1;
    }

    private void BuildTable()
    {
        int count = archive.SymbolCount;
        _hashes = new uint[count];
        _starts = new int[count];
        _next = new int[count];
        _buckets = new int[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(count, 1))];
        ReadOnlySpan<byte> names = archive.SymbolNames.Span;
        int at = 0;
        int known = 0;
        for (; known < count && at < names.Length; known++)
        {
            int end = names[at..].IndexOf((byte)0);
            ReadOnlySpan<byte> name = end < 0 ? names[at..] : names.Slice(at, end);
            int version = name.IndexOf("@@"u8);
            _hashes[known] = SymbolTable.Hash(version > 0 ? name[..version] : name);
            _starts[known] = at;
            at += name.Length + 1;
        }
        // Backwards, so that the first of equal names is found first.
        for (int i = known - 1; i >= 0; i--)
        {
            ref int bucket = ref _buckets[_hashes[i] & (uint)(_buckets.Length - 1)];
            _next[i] = bucket;
            bucket = i + 1;
        }
    }
}
