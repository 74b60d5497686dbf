using System.Globalization;
using Kiln.Isa.X86;

namespace Kiln.TableGen.X86;

/// <summary>One row of X86.table, read and checked.</summary>
internal sealed class TableRow
{
    public required string Name;
    public required int Line;
    public string? AttName, IntelName;
    public bool NoSuffix;
    public readonly List<string> Types = [];
    public readonly List<int> Access = [];
    public readonly List<Role> Roles = [];
    public readonly List<string> Aliases = [];
    public ulong Encoding;
    public int FlagsRead, FlagsWritten, FlagsUndefined;
    public ulong ImplicitReads, ImplicitWrites;
    public string Cpu = "";
    public int Modes = 7;

    private const string FlagLetters = "CPAZSODI";

    public int OperandSize => RowEncoding.OperandSize(Encoding);
    public Suffix Suffix => RowEncoding.SuffixOf(Encoding);

    /// <summary>Reads a row whose templates are expanded.</summary>
    public static TableRow Parse(string text, string cpu, int line)
    {
        string[] fields = text.Split('|');
        if (fields.Length != 4)
            throw new FormatException($"line {line}: a row has four fields: {text}");
        var row = new TableRow { Name = fields[0].Trim(), Line = line, Cpu = cpu };
        try
        {
            foreach (string operand in fields[1].Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
                row.ParseOperand(operand);
            row.ParseEncoding(fields[2].Trim(), fields[3]);
            row.ParseAttributes(fields[3]);
            row.Finish();
        }
        catch (Exception e) when (e is not FormatException { Message: ['l', 'i', 'n', 'e', ..] })
        {
            throw new FormatException($"line {line}: {e.Message}: {text}", e);
        }
        return row;
    }

    private void Set(int shift, int value) => Encoding |= (ulong)value << shift;

    private void ParseOperand(string text)
    {
        int access = 1;
        int colon = text.IndexOf(':');
        if (colon >= 0 && text[..colon] is "r" or "w" or "rw")
        {
            access = text[..colon] switch { "r" => 1, "w" => 2, _ => 3 };
            text = text[(colon + 1)..];
        }
        else if (text.StartsWith("w:", StringComparison.Ordinal) || text.StartsWith("rw:", StringComparison.Ordinal))
        {
            access = text[0] == 'w' ? 2 : 3;
            text = text[(text.IndexOf(':') + 1)..];
        }
        Types.Add(text);
        Access.Add(access);
    }

    private void ParseEncoding(string text, string attributes)
    {
        string order = "";
        int colon = text.IndexOf(':');
        if (colon >= 0)
        {
            order = text[..colon].Trim();
            text = text[(colon + 1)..];
        }
        int extension = RowEncoding.ExtensionNone, bytes = 0;
        bool sawOpcode = false;
        var immediates = 0;
        foreach (string token in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            switch (token)
            {
                case "o8": Set(RowEncoding.OperandSizeShift, 1); break;
                case "o16": Set(RowEncoding.OperandSizeShift, 2); break;
                case "o32": Set(RowEncoding.OperandSizeShift, 3); break;
                case "o64": Set(RowEncoding.OperandSizeShift, 4); break;
                case "w32": SetSuffix(Suffix.L); break;
                case "w64": SetSuffix(Suffix.Q); Set(RowEncoding.WideShift, 1); break;
                case "a16": Set(RowEncoding.AddressSizeShift, 1); break;
                case "a32": Set(RowEncoding.AddressSizeShift, 2); break;
                case "a64": Set(RowEncoding.AddressSizeShift, 3); break;
                case "NP": Set(RowEncoding.PrefixShift, (int)OpcodePrefix.None); break;
                case "REX.W": Set(RowEncoding.WideShift, 1); break;
                case "/r": extension = RowEncoding.ExtensionRegister; break;
                case "/is4": immediates++; break;
                case "ib" or "iw" or "id" or "io" or "cb" or "cw" or "cd" or "mo": immediates++; break;
                case ['/', >= '0' and <= '7']: extension = token[1] - '0'; break;
                default:
                    if (token.StartsWith("VEX.", StringComparison.Ordinal))
                        ParseVex(token);
                    else
                        ParseByte(token, ref sawOpcode, ref bytes, ref extension);
                    break;
            }
        }
        if (!sawOpcode)
            throw new FormatException("no opcode");
        Set(RowEncoding.ExtensionShift, extension);
        AssignRoles(order, attributes.Contains(" far", StringComparison.Ordinal));
    }

    private void ParseByte(string token, ref bool sawOpcode, ref int bytes, ref int extension)
    {
        bool plus = token.EndsWith("+r", StringComparison.Ordinal);
        int value = int.Parse(plus ? token[..^2] : token, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        int map = RowEncoding.Map(Encoding);
        if (!sawOpcode && map == 0 && RowEncoding.Space(Encoding) == 0 && bytes == 0)
        {
            OpcodePrefix prefix = value switch
            {
                0x66 => OpcodePrefix.P66,
                0xf2 => OpcodePrefix.PF2,
                0xf3 => OpcodePrefix.PF3,
                0x9b => OpcodePrefix.P9B,
                _ => OpcodePrefix.Any,
            };
            if (prefix != OpcodePrefix.Any)
            {
                // A prefix byte that nothing follows is the opcode itself: Finish() puts it back.
                Set(RowEncoding.PrefixShift, (int)prefix);
                _lonePrefix = value;
                sawOpcode = true;
                return;
            }
        }
        if (_lonePrefix >= 0)
            _lonePrefix = -1;
        if (map == 0 && value == 0x0f && RowEncoding.Space(Encoding) == 0 && bytes == 0)
        {
            Set(RowEncoding.MapShift, 1);
            sawOpcode = true;
        }
        else if (map == 1 && bytes == 0 && value is 0x38 or 0x3a or 0x0f && RowEncoding.Space(Encoding) == 0)
        {
            ulong next = value == 0x38 ? 2UL : value == 0x3a ? 3UL : RowEncoding.SuffixMap;
            Encoding = Encoding & ~(15UL << RowEncoding.MapShift) | next << RowEncoding.MapShift;
        }
        else if (bytes == 0)
        {
            Set(RowEncoding.OpcodeShift, value);
            bytes = 1;
            sawOpcode = true;
        }
        else
        {
            Set(RowEncoding.SecondShift, value);
            extension = RowEncoding.ExtensionFixed;
            if (plus)
                Encoding |= RowEncoding.LowByteRegister;
        }
    }

    private int _lonePrefix = -1;
    private string _aliasPrefix = "";

    private void ParseVex(string token)
    {
        Set(RowEncoding.SpaceShift, 1);
        Set(RowEncoding.PrefixShift, (int)OpcodePrefix.None);
        foreach (string part in token.Split('.')[1..])
        {
            switch (part)
            {
                case "128" or "LZ" or "L0": break;
                case "256" or "L1": Set(RowEncoding.LengthShift, 1); break;
                case "LIG": Set(RowEncoding.LengthShift, 3); break;
                case "NP": break;
                case "66": SetPrefix(OpcodePrefix.P66); break;
                case "F3": SetPrefix(OpcodePrefix.PF3); break;
                case "F2": SetPrefix(OpcodePrefix.PF2); break;
                case "0F": Set(RowEncoding.MapShift, 1); break;
                case "0F38": Set(RowEncoding.MapShift, 2); break;
                case "0F3A": Set(RowEncoding.MapShift, 3); break;
                case "W0": break;
                case "W1": Set(RowEncoding.WideShift, 1); break;
                case "WIG": Set(RowEncoding.WideShift, 2); break;
                case "W32": SetSuffix(Suffix.L); Encoding |= RowEncoding.SuffixOptional; break;
                case "W64": SetSuffix(Suffix.Q); Encoding |= RowEncoding.SuffixOptional; Set(RowEncoding.WideShift, 1); break;
                default: throw new FormatException($"unknown part {part}");
            }
        }
    }

    private void SetPrefix(OpcodePrefix prefix) =>
        Encoding = Encoding & ~(7UL << RowEncoding.PrefixShift) | (ulong)prefix << RowEncoding.PrefixShift;

    private void SetSuffix(Suffix suffix) =>
        Encoding = Encoding & ~(15UL << RowEncoding.SuffixShift) | (ulong)suffix << RowEncoding.SuffixShift;

    private void AssignRoles(string order, bool isFar)
    {
        int letter = 0;
        bool sawImmediate = isFar;
        for (int i = 0; i < Types.Count; i++)
        {
            OperandType type = OperandType.Of(Types[i]);
            char code = letter < order.Length ? order[letter] : '\0';
            if (order == "ZO")
                Roles.Add(Role.Implied);
            else if (order is "FD" or "TD")
                Roles.Add(Types[i].StartsWith("moffs", StringComparison.Ordinal) ? Role.Offset : Role.Implied);
            else if (type.IsRelative)
                Roles.Add(Role.Relative);
            else if (type.Immediate != ImmediateKind.None)
            {
                Roles.Add(isFar ? (i == 0 ? Role.Immediate2 : Role.Immediate) : sawImmediate ? Role.Immediate2 : Role.Immediate);
                sawImmediate = true;
                if (code == 'I')
                    letter++;
            }
            else if (type.IsFixed || code == '-')
            {
                Roles.Add(Role.Implied);
                if (code == '-')
                    letter++;
            }
            else
            {
                Roles.Add(code switch
                {
                    'R' => Role.ModReg,
                    'M' => Role.ModRm,
                    'V' => Role.Vex,
                    'O' => Role.Opcode,
                    'S' => Role.Is4,
                    'B' => Role.ModBoth,
                    _ => throw new FormatException($"operand {Types[i]} has no place"),
                });
                letter++;
            }
        }
        if (letter > 0 && Roles[0] == Role.ModRm && Types[0].Contains('m'))
            Encoding |= RowEncoding.IsStore;
    }

    private void ParseAttributes(string text)
    {
        foreach (string attribute in text.Split([' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            // In a template the values of several attributes are joined with commas: `wf=OC,rf=C`.
            string key = "";
            foreach (string part in attribute.Split(','))
            {
                int equals = part.IndexOf('=');
                string value = part;
                if (equals > 0)
                    (key, value) = (part[..equals], part[(equals + 1)..]);
                else if (key is not ("alias" or "falias" or "r" or "w" or "rw") || part is "mr" or "mw" or "mrw" or "nd")
                    key = "";
                ParseAttribute(key, value);
            }
        }
    }

    private void ParseAttribute(string key, string value)
    {
        switch (key)
        {
            case "wf": FlagsWritten |= Flags(value); break;
            case "uf": FlagsUndefined |= Flags(value); break;
            case "rf": FlagsRead |= Flags(value); break;
            case "r": ImplicitReads |= Register(value); break;
            case "w": ImplicitWrites |= Register(value); break;
            case "rw": ImplicitReads |= Register(value); ImplicitWrites |= Register(value); break;
            case "alias": Aliases.Add(value); break;
            case "falias":
                // falias=set:nae,c names setnae and setc.
                int colon = value.IndexOf(':');
                if (colon >= 0)
                    (_aliasPrefix, value) = (value[..colon], value[(colon + 1)..]);
                if (value != "-")
                    Aliases.Add(_aliasPrefix + value);
                break;
            case "att": AttName = value; break;
            case "intel": IntelName = value; break;
            case "suffix":
                NoSuffix = value == "-";
                SetSuffix(value switch
                {
                    "-" => Suffix.None,
                    "b" => Suffix.B,
                    "w" => Suffix.W,
                    "l" => Suffix.L,
                    "q" => Suffix.Q,
                    "fs" => Suffix.FloatS,
                    "fl" => Suffix.FloatL,
                    "ft" => Suffix.FloatT,
                    "is" => Suffix.IntegerS,
                    "il" => Suffix.IntegerL,
                    "ill" => Suffix.IntegerLL,
                    "x" => Suffix.X,
                    "y" => Suffix.Y,
                    _ => throw new FormatException($"unknown suffix {value}"),
                });
                break;
            case "":
                ParseWord(value);
                break;
            default:
                if (key is "roles" or "before" or "a")
                    break;
                throw new FormatException($"unknown attribute {key}");
        }
    }

    private void ParseWord(string word)
    {
        switch (word)
        {
            case "-": break;
            case "d64": Encoding |= RowEncoding.Default64; Modes = 4; break;
            case "f64": Encoding |= RowEncoding.Forced64; break;
            case "64": Modes = 4; break;
            case "no64": Modes = 3; break;
            case "lock": Encoding |= RowEncoding.Lockable; break;
            case "rep": Encoding |= RowEncoding.Repeatable; break;
            case "repe": Encoding |= RowEncoding.RepeatableEqual; break;
            case "nd": Encoding |= RowEncoding.NoDecode; break;
            case "vexonly": Encoding |= RowEncoding.NeedsVexPrefix; break;
            case "nosize": Encoding |= RowEncoding.DefaultSize; break;
            case "xchg": Encoding |= RowEncoding.IsExchange; break;
            case "string": Encoding |= RowEncoding.IsString; break;
            case "no16": Modes = 6; break;
            case "only16": Modes = 1; break;
            case "only32": Modes = 2; break;
            case "relax": Encoding |= RowEncoding.IsRelaxable; break;
            case "swap": Encoding |= RowEncoding.SwappedName; break;
            case "optional": Encoding |= RowEncoding.SuffixOptional; break;
            case "far": Encoding |= RowEncoding.IsFar; break;
            case "twin": Encoding |= RowEncoding.HasTwin; break;
            case "x87": ImplicitReads |= 1UL << 48; ImplicitWrites |= 1UL << 48; break;
            case "print": Encoding &= ~RowEncoding.SuffixOptional; break;
            case "before": break;
            case "onlysized": Encoding |= RowEncoding.OnlySized; break;
            case "mr": ImplicitReads |= 1UL << 52; break;
            case "mw": ImplicitWrites |= 1UL << 52; break;
            case "mrw": ImplicitReads |= 1UL << 52; ImplicitWrites |= 1UL << 52; break;
            default: throw new FormatException($"unknown word {word}");
        }
    }

    private static int Flags(string letters)
    {
        int flags = 0;
        foreach (char letter in letters)
        {
            int bit = FlagLetters.IndexOf(letter);
            if (bit < 0)
                throw new FormatException($"unknown flag {letter}");
            flags |= 1 << bit;
        }
        return flags;
    }

    private static ulong Register(string name) => name == "vectors" ? 0xffff0000 : 1UL << name switch
    {
        "a" => 0,
        "c" => 1,
        "d" => 2,
        "b" => 3,
        "sp" => 4,
        "bp" => 5,
        "si" => 6,
        "di" => 7,
        "r11" => 11,
        "xmm0" => 16,
        "st" => 48,
        _ => throw new FormatException($"unknown register {name}"),
    };

    /// <summary>Fills in what follows from the rest.</summary>
    private void Finish()
    {
        if (_lonePrefix >= 0)
        {
            SetPrefix(OpcodePrefix.Any);
            Set(RowEncoding.OpcodeShift, _lonePrefix);
        }
        bool isWide = OperandSize == 4 || RowEncoding.Space(Encoding) == 0 && RowEncoding.Wide(Encoding) == 1 ||
            RowEncoding.Space(Encoding) == 1 && Types.Exists(t => t is "r64" or "r/m64" or "r64/m8" or "r64/m16") && RowEncoding.Wide(Encoding) == 1;
        if (isWide)
            Modes &= 4;
        if (Suffix == Suffix.None && OperandSize != 0 && !NoSuffix && (AttName is null || AttName.StartsWith("mov", StringComparison.Ordinal) ||
            (Encoding & RowEncoding.IsString) != 0 || AttName is "lret" or "ljmp" or "lcall" or "sysret"))
            SetSuffix((Suffix)OperandSize);
        Set(RowEncoding.ModesShift, Modes);
        bool isInteger = Suffix is >= Suffix.B and <= Suffix.Q;
        bool hasMemory = false, hasSizedRegister = false;
        for (int i = 0; i < Types.Count; i++)
        {
            OperandType type = OperandType.Of(Types[i]);
            if ((type.Bits & OperandBits.MAny) != 0 && (type.Bits & OperandBits.MAny) != OperandBits.MAny)
                hasMemory = true;
            else if ((type.Bits & (OperandBits.R8 | OperandBits.R16 | OperandBits.R32 | OperandBits.R64 | OperandBits.Al | OperandBits.Ax |
                OperandBits.Eax | OperandBits.Rax)) != 0 && Types[i] is not ("cl" or "dx"))
                hasSizedRegister = true;
        }
        if (isInteger && hasMemory && !hasSizedRegister && (Encoding & (RowEncoding.DefaultSize | RowEncoding.SuffixOptional | RowEncoding.Default64 | RowEncoding.OnlySized)) == 0)
            Encoding |= RowEncoding.NeedsSize;
    }
}
