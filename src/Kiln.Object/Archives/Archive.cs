using System.Buffers.Binary;
using System.Text;
using Kiln.Base;

namespace Kiln.Object.Archives;

/// <summary>One member of an archive, as its header tells of it.</summary>
/// <param name="Name">The name; in a thin archive the path of the file, relative to the archive's directory.</param>
/// <param name="Header">Where its header stands in the archive.</param>
/// <param name="Data">Its bytes; none in a thin archive.</param>
/// <param name="Size">Its size as the header says, which in a thin archive is the file's.</param>
/// <param name="Next">Where the next header stands.</param>
public readonly record struct ArchiveMember(string Name, int Header, Bytes Data, long Size, long Date, int User, int Group, int Mode, int Next);

/// <summary>
/// Reads an ar archive in the System V form that GNU uses, thin ones too, and BSD's long names. Members are found when they are
/// asked for; every offset is checked, so that any bytes at all are safe to read.
/// </summary>
public sealed class Archive
{
    public const int HeaderSize = 60;
    private const int MagicSize = 8;
    private readonly Bytes _bytes;
    private Bytes _longNames;
    private Bytes _index;
    private int _indexWord;

    private Archive(Bytes bytes, bool isThin)
    {
        _bytes = bytes;
        IsThin = isThin;
    }

    /// <summary>The bytes that begin an archive and a thin archive.</summary>
    public static ReadOnlySpan<byte> Magic => "!<arch>\n"u8;
    public static ReadOnlySpan<byte> ThinMagic => "!<thin>\n"u8;

    /// <summary>Whether members are other files.</summary>
    public bool IsThin { get; }

    /// <summary>Whether there is a symbol index.</summary>
    public bool HasIndex { get; private set; }

    /// <summary>How many symbols the index has.</summary>
    public int SymbolCount { get; private set; }

    /// <summary>The names of the index, one after the other, each closed by a NUL.</summary>
    public Bytes SymbolNames { get; private set; }

    /// <summary>Where the first member that is not a table begins.</summary>
    public int FirstMember { get; private set; } = MagicSize;

    /// <summary>Whether bytes begin as an archive does.</summary>
    public static bool IsArchive(ReadOnlySpan<byte> bytes) => bytes.StartsWith(Magic) || bytes.StartsWith(ThinMagic);

    /// <summary>Reads the tables at the head of an archive. Null with a problem where they do not hold together.</summary>
    public static Archive? Read(Bytes bytes, out string? problem)
    {
        problem = "file format not recognized";
        if (!IsArchive(bytes.Span))
            return null;
        var archive = new Archive(bytes, bytes.Span.StartsWith(ThinMagic));
        problem = archive.ReadTables();
        return problem is null ? archive : null;
    }

    private string? ReadTables()
    {
        int at = MagicSize;
        while (at < _bytes.Length)
        {
            if (!Header(at, out ReadOnlySpan<byte> name, out long size))
                return "malformed archive";
            int data = at + HeaderSize;
            bool isTable = name is [(byte)'/'] || name.SequenceEqual("//"u8) || name.SequenceEqual("/SYM64/"u8)
                || name.StartsWith("__.SYMDEF"u8);
            if (!isTable)
                break;
            if (size > _bytes.Length - data)
                return "malformed archive";
            Bytes content = _bytes.Slice(data, (int)size);
            if (name is [(byte)'/'] && !HasIndex)
            {
                if (!ReadIndex(content, 4))
                    return "malformed archive";
            }
            else if (name.SequenceEqual("/SYM64/"u8) && !HasIndex)
            {
                if (!ReadIndex(content, 8))
                    return "malformed archive";
            }
            else if (name.SequenceEqual("//"u8))
                _longNames = content;
            at = data + (int)size + ((int)size & 1);
        }
        FirstMember = at;
        return null;
    }

    private bool ReadIndex(Bytes content, int word)
    {
        if (content.Length < word)
            return false;
        ulong count = word == 4 ? BinaryPrimitives.ReadUInt32BigEndian(content.Span) : BinaryPrimitives.ReadUInt64BigEndian(content.Span);
        if (count > (ulong)((content.Length - word) / word))
            return false;
        int names = word + (int)count * word;
        _index = content.Slice(word, (int)count * word);
        _indexWord = word;
        SymbolNames = content.Slice(names, content.Length - names);
        SymbolCount = (int)count;
        HasIndex = true;
        return true;
    }

    /// <summary>Where the header of the member that defines an index symbol stands; -1 where that lies outside.</summary>
    public int SymbolMember(int symbol)
    {
        ReadOnlySpan<byte> entry = _index.Span.Slice(symbol * _indexWord, _indexWord);
        ulong offset = _indexWord == 4 ? BinaryPrimitives.ReadUInt32BigEndian(entry) : BinaryPrimitives.ReadUInt64BigEndian(entry);
        return offset < (ulong)_bytes.Length ? (int)offset : -1;
    }

    private bool Header(int at, out ReadOnlySpan<byte> name, out long size)
    {
        name = default;
        size = 0;
        if (at < 0 || _bytes.Length - at < HeaderSize)
            return false;
        ReadOnlySpan<byte> header = _bytes.Span.Slice(at, HeaderSize);
        if (header[58] != '`' || header[59] != '\n' || !Number(header.Slice(48, 10), 10, out size))
            return false;
        name = header[..16].TrimEnd((byte)' ');
        return true;
    }

    private static bool Number(ReadOnlySpan<byte> text, int radix, out long value)
    {
        value = 0;
        foreach (byte b in text.Trim((byte)' '))
        {
            if (b < '0' || b >= '0' + radix)
                return false;
            value = value * radix + (b - '0');
        }
        return true;
    }

    private static int Field(ReadOnlySpan<byte> header, int start, int length, int radix) =>
        Number(header.Slice(start, length), radix, out long value) ? (int)Math.Min(value, int.MaxValue) : 0;

    /// <summary>Reads the member whose header stands at an offset. False where there is none that makes sense.</summary>
    public bool Member(int at, out ArchiveMember member)
    {
        member = default;
        if (!Header(at, out ReadOnlySpan<byte> name, out long size))
            return false;
        ReadOnlySpan<byte> header = _bytes.Span.Slice(at, HeaderSize);
        int data = at + HeaderSize;
        int inside = IsThin ? 0 : (int)Math.Min(size, int.MaxValue);
        if (inside > _bytes.Length - data)
            return false;
        int skipped = 0;
        string? text = Name(name, data, inside, ref skipped);
        if (text is null)
            return false;
        int next = data + inside + (inside & 1);
        Number(header.Slice(16, 12), 10, out long date);
        member = new ArchiveMember(text, at, _bytes.Slice(data + skipped, inside - skipped), size - skipped, date, Field(header, 28, 6, 10),
            Field(header, 34, 6, 10), Field(header, 40, 8, 8), next);
        return true;
    }

    private string? Name(ReadOnlySpan<byte> name, int data, int size, ref int skipped)
    {
        if (name.StartsWith("#1/"u8) && Number(name[3..], 10, out long length) && length <= size)
        {
            skipped = (int)length;
            return Encoding.UTF8.GetString(_bytes.Span.Slice(data, (int)length).TrimEnd((byte)0));
        }
        if (name is [(byte)'/', >= (byte)'0' and <= (byte)'9', ..])
        {
            int colon = name.IndexOf((byte)':');
            if (!Number(colon < 0 ? name[1..] : name[1..colon], 10, out long offset) || offset >= _longNames.Length)
                return null;
            ReadOnlySpan<byte> rest = _longNames.Span[(int)offset..];
            int end = rest.IndexOf((byte)'\n');
            if (end < 0)
                end = rest.Length;
            if (end > 0 && rest[end - 1] == '/')
                end--;
            return Encoding.UTF8.GetString(rest[..end]);
        }
        if (name is [.. { } start, (byte)'/'] && start.Length > 0)
            name = start;
        return Encoding.UTF8.GetString(name);
    }
}
