using System.Buffers.Binary;
using System.Text;
using Xunit;

namespace Kiln.Tests.Assembler;

/// <summary>Reads a relocatable ELF file, independently of the product, into what two files can be compared by.</summary>
internal sealed class ElfDump
{
    public sealed record Section(string Name, uint Type, ulong Flags, ulong EntrySize, ulong Alignment, byte[] Data, ulong Size, string Group)
    {
        public List<string> Relocations { get; } = [];
    }

    public List<Section> Sections { get; } = [];
    public List<string> Symbols { get; } = [];

    private readonly byte[] _file;
    private readonly bool _is64;

    public ElfDump(byte[] file)
    {
        _file = file;
        Assert.Equal(0x464c457fu, U32(0));
        _is64 = file[4] == 2;
        long table = (long)Word(_is64 ? 40 : 32);
        int count = U16(_is64 ? 60 : 48), names = U16(_is64 ? 62 : 50);
        int size = _is64 ? 64 : 40;
        if (count == 0)
            count = (int)Word((int)table + (_is64 ? 32 : 20));
        if (names == 0xffff)
            names = (int)U32((int)table + (_is64 ? 40 : 24));
        var headers = new List<(uint Name, uint Type, ulong Flags, ulong Offset, ulong Size, uint Link, uint Info, ulong Align, ulong Entry)>();
        for (int i = 0; i < count; i++)
        {
            int at = (int)table + i * size;
            headers.Add(_is64
                ? (U32(at), U32(at + 4), Word(at + 8), Word(at + 24), Word(at + 32), U32(at + 40), U32(at + 44), Word(at + 48), Word(at + 56))
                : (U32(at), U32(at + 4), Word(at + 8), Word(at + 16), Word(at + 20), U32(at + 24), U32(at + 28), Word(at + 32), Word(at + 36)));
        }
        string NameOf(int index) => CString((int)headers[names].Offset + (int)headers[index].Name);
        var groups = new Dictionary<int, string>();
        int symbolTable = headers.FindIndex(h => h.Type == 2);
        int indexTable = headers.FindIndex(h => h.Type == 18);
        var symbolNames = new List<string>();
        if (symbolTable >= 0)
        {
            var header = headers[symbolTable];
            int strings = (int)headers[(int)header.Link].Offset;
            for (int i = 0; i < (int)(header.Size / header.Entry); i++)
            {
                int at = (int)header.Offset + i * (int)header.Entry;
                string name = CString(strings + (int)U32(at));
                int info = file[at + (_is64 ? 4 : 12)], other = file[at + (_is64 ? 5 : 13)], index = U16(at + (_is64 ? 6 : 14));
                ulong value = Word(at + (_is64 ? 8 : 4)), length = Word(at + (_is64 ? 16 : 8));
                if (index == 0xffff)
                    index = (int)U32((int)headers[indexTable].Offset + i * 4);
                string section = index switch { 0 => "UND", 0xfff1 => "ABS", 0xfff2 => "COM", _ => NameOf(index) };
                symbolNames.Add((info & 15) == 3 ? section : name);
                if (i > 0 && (info & 15) != 3 && name != "_GLOBAL_OFFSET_TABLE_")
                    Symbols.Add($"{name} {section} value={value} size={length} bind={info >> 4} type={info & 15} other={other}");
                // the order that the gABI asks for
                Assert.True(i == 0 || (info >> 4 == 0) == (i < header.Info));
            }
        }
        for (int i = 0; i < count; i++)
        {
            if (headers[i].Type != 17)
                continue;
            string signature = symbolNames[(int)headers[i].Info];
            for (int k = 4; k < (int)headers[i].Size; k += 4)
                groups[(int)U32((int)headers[i].Offset + k)] = signature + ":" + U32((int)headers[i].Offset);
        }
        var bySection = new Dictionary<int, Section>();
        for (int i = 1; i < count; i++)
        {
            var h = headers[i];
            if (h.Type is 2 or 3 or 4 or 9 or 17 or 18)
                continue;
            byte[] data = h.Type == 8 ? [] : file.AsSpan((int)h.Offset, (int)h.Size).ToArray();
            var made = new Section(NameOf(i), h.Type, h.Flags, h.Entry, h.Align, data, h.Size, groups.GetValueOrDefault(i, ""));
            bySection[i] = made;
            Sections.Add(made);
        }
        for (int i = 1; i < count; i++)
        {
            var h = headers[i];
            if (h.Type is not (4 or 9))
                continue;
            for (int k = 0; k < (int)(h.Size / h.Entry); k++)
            {
                int at = (int)h.Offset + k * (int)h.Entry;
                ulong offset = Word(at), info = Word(at + (_is64 ? 8 : 4));
                int symbol = (int)(_is64 ? info >> 32 : info >> 8), type = (int)(_is64 ? (uint)info : info & 0xff);
                long addend = h.Type == 9 ? 0 : (long)Word(at + (_is64 ? 16 : 8));
                bySection[(int)h.Info].Relocations.Add($"{offset:x6} type={type} {symbolNames[symbol]}{addend:+0;-0}");
            }
            bySection[(int)h.Info].Relocations.Sort(StringComparer.Ordinal);
        }
        Symbols.Sort(StringComparer.Ordinal);
    }

    private ushort U16(int at) => BinaryPrimitives.ReadUInt16LittleEndian(_file.AsSpan(at));

    private uint U32(int at) => BinaryPrimitives.ReadUInt32LittleEndian(_file.AsSpan(at));

    private ulong Word(int at) => _is64 ? BinaryPrimitives.ReadUInt64LittleEndian(_file.AsSpan(at)) : U32(at);

    private string CString(int at) => Encoding.UTF8.GetString(_file.AsSpan(at, Array.IndexOf(_file, (byte)0, at) - at));

    /// <summary>What differs between two files, or nothing. Names of labels that only one assembler chose are no difference.</summary>
    public static List<string> Compare(ElfDump ours, ElfDump theirs, bool comparesSymbols = true)
    {
        var result = new List<string>();
        var left = ours.Sections.Where(IsCompared).ToList();
        var right = theirs.Sections.Where(IsCompared).ToList();
        if (!left.Select(Describe).SequenceEqual(right.Select(Describe)))
            result.Add("sections\n  ours:   " + string.Join("\n          ", left.Select(Describe)) + "\n  theirs: " + string.Join("\n          ", right.Select(Describe)));
        foreach (Section section in left)
        {
            Section? other = right.Find(s => s.Name == section.Name && s.Group == section.Group);
            if (other is null)
                continue;
            right.Remove(other);
            if (!section.Data.AsSpan().SequenceEqual(other.Data))
            {
                int at = section.Data.AsSpan().CommonPrefixLength(other.Data);
                result.Add($"{section.Name} at {at:x} of {section.Data.Length:x}/{other.Data.Length:x}: {Bytes(section.Data, at)} / {Bytes(other.Data, at)}");
            }
            var extra = section.Relocations.Except(other.Relocations).Take(4).ToList();
            var missing = other.Relocations.Except(section.Relocations).Take(4).ToList();
            if (extra.Count + missing.Count > 0)
                result.Add($"{section.Name} relocations: ours {string.Join(" | ", extra)} / theirs {string.Join(" | ", missing)}");
        }
        if (!comparesSymbols)
            return result;
        var extraSymbols = ours.Symbols.Except(theirs.Symbols).Take(6).ToList();
        var missingSymbols = theirs.Symbols.Except(ours.Symbols).Take(6).ToList();
        if (extraSymbols.Count + missingSymbols.Count > 0)
            result.Add($"symbols: ours {string.Join(" | ", extraSymbols)} / theirs {string.Join(" | ", missingSymbols)}");
        return result;
    }

    // the line program is a choice of the assembler, and gas describes the program's properties unasked
    private static bool IsCompared(Section section) => section.Name is not (".debug_line" or ".debug_line_str" or ".note.gnu.property");

    private static string Describe(Section s) => $"{s.Name} type={s.Type:x} flags={s.Flags:x} entry={s.EntrySize} align={s.Alignment} size={s.Size:x} {s.Group}";

    private static string Bytes(byte[] data, int at) => Convert.ToHexString(data.AsSpan(Math.Max(0, at - 4), Math.Min(data.Length - Math.Max(0, at - 4), 20)));
}
