using System.Buffers.Binary;
using System.Text;
using Kiln.Base;
using Kiln.IR;

namespace Kiln.Driver;

/// <summary>
/// The file of <c>-fsave-optimization-record</c>: JSON of gcc's form (an array of: who wrote it, the passes, the records), compressed. What is
/// recorded is which calls were inlined. The gzip file (RFC 1952) holds stored blocks (RFC 1951, 3.2.4).
/// </summary>
internal sealed class OptimizationRecord(SourceMap sources, Module module)
{
    private readonly StringBuilder _records = new();

    /// <summary>Records that a call is inlined.</summary>
    public void Inlined(Function caller, Value call, Function callee)
    {
        string into = module[caller.Symbol].Name, name = module[callee.Symbol].Name;
        _records.Append(_records.Length == 0 ? "" : ",\n")
            .Append("{\"kind\": \"success\", \"pass\": \"inline\", \"location\": ").Append(Place(caller[call].Location))
            .Append(", \"function\": ").Append(Quoted(into))
            .Append(", \"message\": [\"  Inlined \", {\"symtab_node\": ").Append(Quoted(name)).Append(", \"location\": ").Append(Place(callee.Location))
            .Append("}, \" into \", {\"symtab_node\": ").Append(Quoted(into)).Append(", \"location\": ").Append(Place(caller.Location))
            .Append("}, \"\\n\"]}");
    }

    private string Place(Location location)
    {
        FilePosition at = sources.Position(location);
        return $"{{\"file\": {Quoted(at.File)}, \"line\": {at.Line}, \"column\": {at.Column}}}";
    }

    private static string Quoted(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (char c in text)
        {
            if (c < ' ')
                quoted.Append($"\\u{(int)c:x4}");
            else
                quoted.Append(c is '"' or '\\' ? "\\" : "").Append(c);
        }
        return quoted.Append('"').ToString();
    }

    /// <summary>The file's bytes.</summary>
    public byte[] Compressed()
    {
        byte[] text = Encoding.UTF8.GetBytes(
            "[{\"format\": \"1\", \"generator\": {\"name\": \"kiln\", \"pkgversion\": \"\", \"version\": " + Quoted(CarriedFiles.Version) + ", \"target\": \"x86_64-linux-gnu\"}},"
            + "\n[{\"id\": \"inline\", \"name\": \"inline\", \"num\": 1, \"type\": \"simple_ipa\", \"optgroups\": [\"inline\"]}],\n["
            + _records + "]]\n");
        var file = new ByteWriter(text.Length + 64);
        // Deflate, no flags, no time, no level, Unix.
        file.Bytes([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]);
        Span<byte> number = stackalloc byte[4];
        for (int at = 0; at < text.Length; at += ushort.MaxValue)
        {
            int length = Math.Min(ushort.MaxValue, text.Length - at);
            file.Bytes([at + length == text.Length ? (byte)1 : (byte)0]);
            BinaryPrimitives.WriteUInt16LittleEndian(number, (ushort)length);
            BinaryPrimitives.WriteUInt16LittleEndian(number[2..], (ushort)~length);
            file.Bytes(number);
            file.Bytes(text.AsSpan(at, length));
        }
        BinaryPrimitives.WriteUInt32LittleEndian(number, Crc32(text));
        file.Bytes(number);
        BinaryPrimitives.WriteUInt32LittleEndian(number, (uint)text.Length);
        file.Bytes(number);
        return file.ToArray();
    }

    private static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        uint crc = ~0u;
        foreach (byte b in bytes)
        {
            crc ^= b;
            for (int i = 0; i < 8; i++)
                crc = (crc & 1) != 0 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
        }
        return ~crc;
    }
}
