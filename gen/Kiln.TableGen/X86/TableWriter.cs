using System.Text;
using Kiln.Isa.X86;

namespace Kiln.TableGen.X86;

/// <summary>Turns rows into the columns of Table.g.cs, the enum of Mnemonic.g.cs and the names of RegisterNames.g.cs.</summary>
internal sealed class TableWriter
{
    private readonly List<TableRow> _rows;
    private readonly List<string> _mnemonics = [];
    private readonly Dictionary<string, int> _numbers = [];
    private readonly List<OperandType> _types = [OperandTypeNone];
    private readonly Dictionary<string, int> _typeNumbers = [];
    private readonly StringBuilder _names = new("\0");
    private readonly Dictionary<string, int> _nameOffsets = new() { [""] = 0 };

    private static OperandType OperandTypeNone => new("", OperandBits.None, ImmediateKind.None, 0, false, false);

    public TableWriter(List<TableRow> rows)
    {
        foreach (TableRow row in rows)
        {
            if (_numbers.TryAdd(row.Name, _mnemonics.Count + 1))
                _mnemonics.Add(row.Name);
        }
        _mnemonics.Sort(string.CompareOrdinal);
        for (int i = 0; i < _mnemonics.Count; i++)
            _numbers[_mnemonics[i]] = i + 1;
        _rows = [.. rows.OrderBy(r => _numbers[r.Name])];
    }

    /// <summary>A mnemonic as an identifier: <c>rex.w</c> is RexW.</summary>
    private static string Identifier(string name) =>
        string.Concat(name.Split('.').Select(p => char.ToUpperInvariant(p[0]) + p[1..]));

    private int NameOffset(string name)
    {
        if (!_nameOffsets.TryGetValue(name, out int offset))
        {
            offset = _names.Length;
            _nameOffsets.Add(name, offset);
            _names.Append(name).Append('\0');
        }
        return offset;
    }

    private int TypeNumber(string name)
    {
        if (!_typeNumbers.TryGetValue(name, out int number))
        {
            number = _types.Count;
            _typeNumbers.Add(name, number);
            _types.Add(OperandType.Of(name));
        }
        return number;
    }

    public string Mnemonics()
    {
        var w = new DataWriter("namespace Kiln.Isa.X86;\n\n");
        w.Line("/// <summary>The mnemonics of x86, by the names of the vendors' manuals.</summary>");
        w.Line("public enum Mnemonic : ushort");
        w.Line("{");
        w.Line("    None,");
        foreach (string name in _mnemonics)
            w.Line($"    {Identifier(name)},");
        var seen = new HashSet<string>();
        foreach (TableRow row in _rows)
        {
            foreach (string alias in row.Aliases)
                if (seen.Add(alias) && !_numbers.ContainsKey(alias))
                    w.Line($"    {Identifier(alias)} = {Identifier(row.Name)},");
        }
        w.Line("}");
        return w.ToString();
    }

    public string Table()
    {
        var w = new DataWriter("namespace Kiln.Isa.X86;\n\n");
        w.Line("/// <summary>The rows of X86.table as columns. RowFormat.cs tells how they are packed.</summary>");
        w.Line("internal static class Table");
        w.Line("{");
        w.Line($"    public const int MnemonicCount = {_mnemonics.Count + 1}, RowCount = {_rows.Count};");
        w.Line();
        var first = new int[_mnemonics.Count + 2];
        for (int i = _rows.Count - 1; i >= 0; i--)
            first[_numbers[_rows[i].Name]] = i;
        first[^1] = _rows.Count;
        w.Column("ushort", "FirstRow", "The first row of a mnemonic; the next mnemonic's is its end.", first);
        w.Column("ushort", "RowMnemonic", "The mnemonic of a row.", _rows.Select(r => _numbers[r.Name]));
        w.Column("ulong", "Encodings", "How a row is encoded: see RowEncoding.", _rows.Select(r => r.Encoding));
        w.Column("uint", "Operands", "Types of the operands, a byte each.", _rows.Select(r => Pack(r.Types.Select(TypeNumber), 8)));
        w.Column("ulong", "Signatures", "The rough classes that the four operands may be of, a set of 16 bits each.",
            _rows.Select(r => Enumerable.Range(0, 4).Aggregate(0UL, (sum, i) =>
                sum | (ulong)(i < r.Types.Count ? Signature.Of(OperandType.Of(r.Types[i]).Bits) : 1 << (int)CoarseClass.None) << i * 16)));
        w.Column("ushort", "Roles", "Places of the operands, four bits each.", _rows.Select(r => Pack(r.Roles.Select(x => (int)x), 4)));
        w.Column("byte", "Accesses", "Access of the operands, two bits each: 1 read, 2 written.", _rows.Select(r => Pack(r.Access, 2)));
        string[] cpus = [.. _rows.Select(r => r.Cpu).Distinct()];
        w.Column("uint", "Flags", "Flags: a byte read, a byte written, a byte undefined after, a byte the feature.",
            _rows.Select(r => (ulong)(uint)(r.FlagsRead | r.FlagsWritten << 8 | r.FlagsUndefined << 16 | Array.IndexOf(cpus, r.Cpu) << 24)));
        (ulong, ulong)[] sets = [.. _rows.Select(r => (r.ImplicitReads, r.ImplicitWrites)).Distinct()];
        w.Column("byte", "Implicit", "Which pair of implicit register sets a row has.", _rows.Select(r => Array.IndexOf(sets, (r.ImplicitReads, r.ImplicitWrites))));
        w.Column("ulong", "ImplicitReads", "Sets of registers read.", sets.Select(s => s.Item1));
        w.Column("ulong", "ImplicitWrites", "Sets of registers written.", sets.Select(s => s.Item2));
        w.Column("ushort", "IntelNames", "The row's name in Intel syntax: an offset into Names.", _rows.Select(r => NameOffset(r.IntelName ?? r.Name)));
        w.Column("ushort", "GnuNames", "The row's name in AT&amp;T syntax, without suffix.", _rows.Select(r => NameOffset(r.AttName ?? r.Name)));
        w.Column("ushort", "MnemonicNames", "The name of a mnemonic.", _mnemonics.Prepend("").Select(NameOffset));
        w.Column("ulong", "TypeBits", "What an operand type takes: see OperandBits.", _types.Select(t => (ulong)t.Bits));
        w.Column("byte", "TypeImmediates", "What an immediate type means: see ImmediateKind.", _types.Select(t => (int)t.Immediate));
        w.Column("byte", "TypeSizes", "Size in bytes of the memory that an operand type takes.", _types.Select(t => t.MemorySize));
        WriteDecode(w);
        WriteLookup(w);
        w.Blob("Names", "Names, each closed by a zero byte.", _names.ToString());
        w.Line("}");
        return w.ToString().Replace("\n\n}\n", "\n}\n", StringComparison.Ordinal);
    }

    private static ulong Pack(IEnumerable<int> values, int bits)
    {
        ulong packed = 0;
        int shift = 0;
        foreach (int value in values)
        {
            packed |= (ulong)value << shift;
            shift += bits;
        }
        return packed;
    }

    /// <summary>The decoder's index: by map and opcode the rows that have it, the most particular first.</summary>
    private void WriteDecode(DataWriter w)
    {
        var lists = new List<int>[8 * 256];
        for (int i = 0; i < _rows.Count; i++)
        {
            ulong e = _rows[i].Encoding;
            if ((e & RowEncoding.NoDecode) != 0)
                continue;
            int map = RowEncoding.Map(e) + (RowEncoding.Space(e) != 0 ? 4 : 0);
            int count = _rows[i].Roles.Contains(Role.Opcode) && (e & RowEncoding.LowByteRegister) == 0 ? 8 : 1;
            for (int k = 0; k < count; k++)
                (lists[map * 256 + RowEncoding.Opcode(e) + k] ??= []).Add(i);
        }
        var first = new List<int>();
        var rows = new List<int>();
        foreach (List<int>? list in lists)
        {
            first.Add(rows.Count);
            if (list is not null)
                rows.AddRange(list.OrderByDescending(Particularity));
        }
        first.Add(rows.Count);
        w.Column("ushort", "DecodeFirst", "Where the rows of a map (0..3 legacy, 4..7 VEX) and opcode start in DecodeRows.", first);
        w.Column("ushort", "DecodeRows", "Rows by map and opcode.", rows);
    }

    private int Particularity(int row)
    {
        ulong e = _rows[row].Encoding;
        int score = RowEncoding.Extension(e) switch { RowEncoding.ExtensionFixed => 64, < 8 => 32, _ => 0 };
        if (RowEncoding.Prefix(e) is OpcodePrefix.P66 or OpcodePrefix.PF2 or OpcodePrefix.PF3)
            score += 16;
        if (RowEncoding.Wide(e) == 1)
            score += 8;
        if (RowEncoding.Prefix(e) == OpcodePrefix.P9B)
            score -= 4;
        score += RowEncoding.OperandSize(e) switch { 4 => 2, > 1 => 1, _ => 0 };
        if (_rows[row].Name == "nop" && _rows[row].Types.Count == 0)
            score += 4;
        return score;
    }

    /// <summary>The parser's index: a hash table of all names in both syntaxes.</summary>
    private void WriteLookup(DataWriter w)
    {
        var entries = new Dictionary<(string Name, int Mnemonic, int Size, int Memory), int>();
        foreach (TableRow row in _rows)
        {
            int number = _numbers[row.Name];
            void Add(string name, int size, int memory, int syntaxes)
            {
                var key = (name, number, size, memory);
                entries[key] = entries.GetValueOrDefault(key) | syntaxes;
            }
            foreach (string name in row.Aliases.Prepend(row.Name))
            {
                Add(name, 0, 0, 3);
                // Intel's syntax has no suffixes, but for pushw, retw and their like: nothing else tells their size.
                if (row.Suffix is Suffix.W or Suffix.L && row.IntelName is null && !row.Types.Exists(HasSize))
                    Add(name + (row.Suffix == Suffix.W ? "w" : "d"), RowEncoding.SizeOf(row.Suffix), 0, 2);
                if (row.Suffix != Suffix.None && row.AttName is null)
                    Add(name + Letter(row.Suffix), RowEncoding.SizeOf(row.Suffix), 0, 1);
            }
            if (row.Suffix == Suffix.IntegerLL)
                Add(row.Name + "q", 8, 0, 1);
            if (row.IntelName is not null)
                Add(row.IntelName, row.Suffix == Suffix.None ? 0 : RowEncoding.SizeOf(row.Suffix), 0, 2 | 1);
            if (row.AttName is null)
                continue;
            // movzb: the name tells the size of the source.
            int memorySize = row.AttName.StartsWith("movz", StringComparison.Ordinal) || row.Name is "movsx" or "movsxd"
                ? row.AttName[^1] switch { 'b' => 1, 'w' => 2, _ => 4 }
                : 0;
            int swap = (row.Encoding & RowEncoding.SwappedName) != 0 ? 4 : 0;
            // movsb, movsw, movsl are strings with no operands and sign extensions with two; movsxb is movsb's other name.
            if (memorySize != 0)
                Add(row.Name + row.AttName[^1], 0, memorySize, 1);
            if (row.Name != "movsxd" || row.Suffix != Suffix.None)
                Add(row.AttName, 0, memorySize, 1 | swap | ((row.Encoding & RowEncoding.IsString) != 0 ? 2 : 0));
            if (row.Suffix != Suffix.None)
                Add(row.AttName + Letter(row.Suffix), RowEncoding.SizeOf(row.Suffix), memorySize, 1 | swap);
        }
        int slots = 1;
        while (slots < entries.Count * 3)
            slots *= 2;
        var table = new int[slots];
        var ordered = entries.OrderBy(e => e.Key.Name, StringComparer.Ordinal).ThenBy(e => e.Key.Size).ThenBy(e => e.Key.Mnemonic).ToList();
        for (int i = 0; i < ordered.Count; i++)
        {
            if (i > 0 && ordered[i].Key.Name == ordered[i - 1].Key.Name)
                continue;
            uint slot = Hash(ordered[i].Key.Name) & (uint)(slots - 1);
            while (table[slot] != 0)
                slot = slot + 1 & (uint)(slots - 1);
            table[slot] = i + 1;
        }
        w.Column("ushort", "NameSlots", "Hash table of names: 1 + the first entry of a name; a power of two of slots.", table);
        w.Column("ushort", "EntryNames", "The entry's name. Entries of one name follow each other.", ordered.Select(e => NameOffset(e.Key.Name)).Append(0));
        w.Column("ushort", "EntryMnemonics", "The entry's mnemonic.", ordered.Select(e => e.Key.Mnemonic));
        w.Column("byte", "EntrySizes", "The operand size that the name tells.", ordered.Select(e => e.Key.Size));
        w.Column("byte", "EntryMemory", "The size of the source operand that the name tells (movzb).", ordered.Select(e => e.Key.Memory));
        w.Column("byte", "EntrySyntaxes", "Bit 0: AT&amp;T; bit 1: Intel; bit 2: only forms whose names AT&amp;T swaps.", ordered.Select(e => e.Value));
    }

    private static bool HasSize(string type) =>
        type is not ("es" or "cs" or "ss" or "ds" or "fs" or "gs") && OperandType.Of(type) is { Immediate: ImmediateKind.None };

    private static string Letter(Suffix suffix) => suffix switch
    {
        Suffix.B => "b",
        Suffix.W => "w",
        Suffix.L or Suffix.FloatL or Suffix.IntegerL => "l",
        Suffix.Q => "q",
        Suffix.FloatS or Suffix.IntegerS => "s",
        Suffix.FloatT => "t",
        Suffix.IntegerLL => "ll",
        Suffix.X => "x",
        Suffix.Y => "y",
        _ => "",
    };

    /// <summary>FNV-1a; Isa's parser computes the same.</summary>
    private static uint Hash(string name)
    {
        uint hash = 2166136261;
        foreach (char c in name)
            hash = (hash ^ c) * 16777619;
        return hash ^ hash >> 15;
    }

    public static string RegisterNames()
    {
        var names = new string[544];
        void Fill(int first, params string[] list) => list.CopyTo(names, first);
        Fill(32, "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi");
        Fill(64, "eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi");
        Fill(96, "ax", "cx", "dx", "bx", "sp", "bp", "si", "di");
        Fill(128, "al", "cl", "dl", "bl", "spl", "bpl", "sil", "dil");
        Fill(164, "ah", "ch", "dh", "bh");
        for (int i = 8; i < 16; i++)
        {
            names[32 + i] = $"r{i}";
            names[64 + i] = $"r{i}d";
            names[96 + i] = $"r{i}w";
            names[128 + i] = $"r{i}b";
        }
        for (int i = 0; i < 32; i++)
        {
            names[192 + i] = $"xmm{i}";
            names[224 + i] = $"ymm{i}";
            names[256 + i] = $"zmm{i}";
        }
        for (int i = 0; i < 8; i++)
        {
            names[288 + i] = $"k{i}";
            names[320 + i] = $"mm{i}";
            names[352 + i] = $"st({i})";
        }
        Fill(384, "es", "cs", "ss", "ds", "fs", "gs");
        for (int i = 0; i < 16; i++)
        {
            names[416 + i] = $"cr{i}";
            names[448 + i] = $"db{i}";
        }
        Fill(480, "rip", "eip", "riz", "eiz");
        Fill(512, "bnd0", "bnd1", "bnd2", "bnd3");
        var w = new DataWriter("namespace Kiln.Isa.X86;\n\n");
        w.Line("/// <summary>The names of the registers, and what they can pass for.</summary>");
        w.Line("internal static class RegisterNames");
        w.Line("{");
        w.Blob("Names", "Six bytes a register number, padded with blanks.", string.Concat(names.Select(n => (n ?? "").PadRight(6))));
        (string Name, int Number)[] all =
        [
            .. names.Select((n, i) => (n, i)).Where(n => n.n is not null), ("st", 352),
            .. Enumerable.Range(0, 16).Select(i => ($"dr{i}", 448 + i)),
        ];
        (ulong Key, int Number)[] sorted = [.. all.Select(n => (Packed(n.Name), n.Number)).OrderBy(n => n.Item1)];
        w.Column("ulong", "Keys", "Names as little-endian numbers, in order.", sorted.Select(n => n.Key));
        w.Column("ushort", "Numbers", "The register of each of the keys.", sorted.Select(n => n.Number));
        w.Column("ulong", "Bits", "What a register can pass for: see OperandBits.",
            Enumerable.Range(0, names.Length).Select(r => names[r] is null ? 0 : (ulong)RegisterBits(r >> 5, r & 31)));
        w.Line("}");
        return w.ToString().Replace("\n\n}\n", "\n}\n", StringComparison.Ordinal);
    }

    private static OperandBits RegisterBits(int @class, int number) => @class switch
    {
        1 => OperandBits.R64 | (number == 0 ? OperandBits.Rax : 0),
        2 => OperandBits.R32 | number switch { 0 => OperandBits.Eax, 2 => OperandBits.Edx, _ => 0 },
        3 => OperandBits.R16 | number switch { 0 => OperandBits.Ax, 2 => OperandBits.Dx, _ => 0 },
        4 => OperandBits.R8 | number switch { 0 => OperandBits.Al, 1 => OperandBits.Cl, _ => 0 },
        5 => OperandBits.R8,
        6 => number > 15 ? OperandBits.HighVector : OperandBits.Xmm | (number == 0 ? OperandBits.Xmm0 : 0),
        7 => number > 15 ? OperandBits.HighVector : OperandBits.Ymm,
        8 => OperandBits.Zmm,
        9 => OperandBits.Mask,
        10 => OperandBits.Mmx,
        11 => OperandBits.St | (number == 0 ? OperandBits.St0 : 0),
        12 => OperandBits.Segment | number switch
        {
            0 => OperandBits.Es,
            1 => OperandBits.Cs,
            2 => OperandBits.Ss,
            3 => OperandBits.Ds,
            4 => OperandBits.Fs,
            _ => OperandBits.Gs,
        },
        13 => OperandBits.Control,
        14 => OperandBits.Debug,
        16 => OperandBits.Bound,
        _ => 0,
    };

    private static ulong Packed(string name)
    {
        ulong packed = 0;
        for (int i = name.Length - 1; i >= 0; i--)
            packed = packed << 8 | name[i];
        return packed;
    }
}
