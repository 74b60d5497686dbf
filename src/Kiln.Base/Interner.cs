using System.Numerics;
using System.Text;

namespace Kiln.Base;

/// <summary>
/// Gives every distinct byte string a small integer, so that names are compared and looked up as integers.
/// 0 is the empty string. Ids are dense: a table by name is an array.
/// </summary>
public sealed class Interner
{
    private byte[] _bytes;
    private int _length;
    private Entry[] _entries;
    private int _count;
    private int[] _buckets;
    private string?[] _strings = [];

    private struct Entry
    {
        public int Start;
        public int Length;
        public uint Hash;
        public int Next;
    }

    /// <summary>Makes an interner that holds the empty string alone and has room for some names before it grows.</summary>
    public Interner(int expected = 64)
    {
        int capacity = (int)BitOperations.RoundUpToPowerOf2((uint)expected);
        _bytes = new byte[capacity * 16];
        _entries = new Entry[capacity];
        _buckets = new int[capacity * 2];
        Intern([]);
    }

    /// <summary>How many names there are; ids are below it.</summary>
    public int Count => _count;

    /// <summary>The bytes of a name; valid until the next Intern.</summary>
    public ReadOnlySpan<byte> Bytes(int id) => _bytes.AsSpan(_entries[id].Start, _entries[id].Length);

    /// <summary>The name as a string (made once).</summary>
    public string Text(int id)
    {
        if (id >= _strings.Length)
            Array.Resize(ref _strings, Math.Max(id + 1, _strings.Length * 2));
        return _strings[id] ??= Encoding.UTF8.GetString(Bytes(id));
    }

    /// <summary>FNV-1a over the bytes: the hash that <see cref="Intern(ReadOnlySpan{byte}, uint)"/> wants.</summary>
    public static uint Hash(ReadOnlySpan<byte> bytes)
    {
        uint hash = 2166136261;
        foreach (byte b in bytes)
            hash = (hash ^ b) * 16777619;
        return hash;
    }

    /// <summary>The id of a name, new or known.</summary>
    public int Intern(ReadOnlySpan<byte> name) => Intern(name, Hash(name));

    /// <summary>The id of a name.</summary>
    public int Intern(string name)
    {
        int length = Encoding.UTF8.GetByteCount(name);
        Span<byte> bytes = length <= 256 ? stackalloc byte[length] : new byte[length];
        Encoding.UTF8.GetBytes(name, bytes);
        return Intern(bytes);
    }

    /// <summary>The id of a name whose <see cref="Hash"/> the caller knows.</summary>
    public int Intern(ReadOnlySpan<byte> name, uint hash)
    {
        int found = Find(name, hash);
        return found >= 0 ? found : Add(name, hash);
    }

    private int Add(ReadOnlySpan<byte> name, uint hash)
    {
        if (_count >= _buckets.Length)
            Rehash();
        if (_count == _entries.Length)
            Array.Resize(ref _entries, _count * 2);
        if (_length + name.Length > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(_length + name.Length, _bytes.Length * 2));
        name.CopyTo(_bytes.AsSpan(_length));
        ref int bucket = ref _buckets[hash & (uint)(_buckets.Length - 1)];
        int id = _count++;
        _entries[id] = new Entry { Start = _length, Length = name.Length, Hash = hash, Next = bucket };
        _length += name.Length;
        bucket = id + 1;
        return id;
    }

    /// <summary>The id of a known name, or -1.</summary>
    public int Find(ReadOnlySpan<byte> name) => Find(name, Hash(name));

    private int Find(ReadOnlySpan<byte> name, uint hash)
    {
        Entry[] entries = _entries;
        int[] buckets = _buckets;
        for (int i = buckets[hash & (uint)(buckets.Length - 1)]; i != 0;)
        {
            ref Entry entry = ref entries[i - 1];
            if (entry.Hash == hash && entry.Length == name.Length && name.SequenceEqual(_bytes.AsSpan(entry.Start, entry.Length)))
                return i - 1;
            i = entry.Next;
        }
        return -1;
    }

    private void Rehash()
    {
        _buckets = new int[_buckets.Length * 2];
        for (int i = 0; i < _count; i++)
        {
            ref Entry entry = ref _entries[i];
            ref int bucket = ref _buckets[entry.Hash & (uint)(_buckets.Length - 1)];
            entry.Next = bucket;
            bucket = i + 1;
        }
    }
}
