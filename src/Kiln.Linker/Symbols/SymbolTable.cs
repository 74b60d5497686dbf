using System.Text;
using Kiln.Base;

namespace Kiln.Linker.Symbols;

/// <summary>
/// The global symbols, by id, and the table of their names. Names are spans of mapped memory, hashed once with the hash of
/// .gnu.hash, so that the same number serves here, in libraries' tables and in the output's.
/// A name with a version (<c>f@V</c>) is a key of its own; <c>f@@V</c> is a definition of <c>f</c> that <c>f@V</c> is an alias of.
/// </summary>
internal sealed class SymbolTable
{
    private readonly GrowBuffer<Symbol> _symbols = new(1 << 10);
    private int[] _buckets = new int[1 << 11];
    private readonly List<MappedFile> _ownNames = [];

    public SymbolTable() => _symbols.Add(default);

    /// <summary>How many ids there are.</summary>
    public int Count => _symbols.Count;

    /// <summary>The symbol of an id.</summary>
    public ref Symbol this[int id] => ref _symbols[id];

    /// <summary>The hash of .gnu.hash.</summary>
    public static uint Hash(ReadOnlySpan<byte> name)
    {
        uint hash = 5381;
        foreach (byte b in name)
            hash = hash * 33 + b;
        return hash;
    }

    /// <summary>The id of a name without a version, made when it is new.</summary>
    public int Intern(Bytes name) => Intern(name, default, Hash(name.Span));

    /// <summary>The id of a name that is not in mapped memory.</summary>
    public int Intern(string name)
    {
        Span<byte> bytes = Encoding.UTF8.GetBytes(name);
        int at = bytes.IndexOf((byte)'@');
        int id = at < 0 ? Find(bytes, [], Hash(bytes)) : 0;
        if (id != 0)
            return id;
        MappedFile copy = MappedFile.Copy(bytes);
        _ownNames.Add(copy);
        return at <= 0 ? Intern(copy.Bytes) : InternVersioned(copy.Bytes, at);
    }

    /// <summary>The id of a name with <c>@</c> at <paramref name="at"/>; both <c>f@V</c> and <c>f@@V</c> are the key (f, V).</summary>
    public int InternVersioned(Bytes name, int at)
    {
        int version = at + 1 < name.Length && name[at + 1] == '@' ? at + 2 : at + 1;
        Bytes bare = name.Slice(0, at);
        return Intern(bare, name.Slice(version, name.Length - version), Hash(bare.Span));
    }

    /// <summary>The id of a name and a version (empty for none), made when it is new; aliases are not followed.</summary>
    public int Intern(Bytes name, Bytes version, uint hash)
    {
        int id = Find(name.Span, version.Span, hash);
        if (id != 0)
            return id;
        if (_symbols.Count >= _buckets.Length)
            Rehash();
        ref int bucket = ref _buckets[hash & (uint)(_buckets.Length - 1)];
        id = _symbols.Add(new Symbol { Name = name, VersionName = version, Hash = hash, Next = bucket, File = -1, Version = 1 });
        bucket = id;
        return id;
    }

    /// <summary>The id of a known name, or 0.</summary>
    public int Find(ReadOnlySpan<byte> name) => Find(name, [], Hash(name));

    /// <summary>The id of a known name, or 0.</summary>
    public int Find(string name) => Find(Encoding.UTF8.GetBytes(name));

    /// <summary>The id of a known name and version, or 0.</summary>
    public int Find(ReadOnlySpan<byte> name, ReadOnlySpan<byte> version, uint hash)
    {
        for (int id = _buckets[hash & (uint)(_buckets.Length - 1)]; id != 0; id = _symbols[id].Next)
        {
            ref Symbol symbol = ref _symbols[id];
            if (symbol.Hash == hash && symbol.Name.Length == name.Length && symbol.VersionName.Length == version.Length
                && symbol.Name.Span.SequenceEqual(name) && symbol.VersionName.Span.SequenceEqual(version))
                return id;
        }
        return 0;
    }

    /// <summary>Follows aliases.</summary>
    public int Final(int id)
    {
        for (int steps = 0; _symbols[id].Alias != 0 && steps < 8; steps++)
            id = _symbols[id].Alias;
        return id;
    }

    /// <summary>Adds a symbol that no name leads to.</summary>
    public int AddLocal(in Symbol symbol) => _symbols.Add(symbol);

    private void Rehash()
    {
        _buckets = new int[_buckets.Length * 2];
        for (int id = 1; id < _symbols.Count; id++)
        {
            ref Symbol symbol = ref _symbols[id];
            if (symbol.Has(SymbolTraits.Local))
                continue;
            ref int bucket = ref _buckets[symbol.Hash & (uint)(_buckets.Length - 1)];
            symbol.Next = bucket;
            bucket = id;
        }
    }

    /// <summary>The name as text, with its version if it carries one.</summary>
    public string Text(int id)
    {
        ref Symbol symbol = ref _symbols[id];
        string name = Encoding.UTF8.GetString(symbol.Name.Span);
        if (symbol.VersionName.Length == 0)
            return name;
        string at = symbol.Has(SymbolTraits.DefaultVersion) ? "@@" : "@";
        return name + at + Encoding.UTF8.GetString(symbol.VersionName.Span);
    }

    /// <summary>Frees the names that were copied.</summary>
    public void Free()
    {
        foreach (MappedFile name in _ownNames)
            name.Dispose();
    }
}
