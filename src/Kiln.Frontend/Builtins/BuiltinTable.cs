using System.Text;
using Kiln.Base;
using Kiln.Frontend.Types;
using Kiln.Target.X86;

namespace Kiln.Frontend.Builtins;

/// <summary>
/// Looks builtins up by name. Making the table interns the names, nothing more; a row is read when its name is met.
/// </summary>
public sealed class BuiltinTable
{
    private readonly TypeTable _types;
    private readonly Interner _names;
    /// <summary>By name id: the start of the row in the text, or 0 for none; the low three bits tell the member of a family.</summary>
    private readonly int[] _rows;
    private readonly Dictionary<int, BuiltinInfo> _known = [];
    private readonly Dictionary<BuiltinInfo, FunctionType> _functionTypes = [];

    private static ReadOnlySpan<byte> FamilyLetters => "dfeh1234k"u8;

    /// <summary>Makes the table for a compilation.</summary>
    public BuiltinTable(TypeTable types, Interner names)
    {
        _types = types;
        _names = names;
        var entries = new GrowBuffer<(int Name, int Row)>(1200);
        Span<byte> spelled = stackalloc byte[64];
        for (int at = 0, start = 0; BuiltinRows.Next(ref at, out BuiltinRow row); start = at)
        {
            row.Name.CopyTo(spelled);
            for (int member = 0; member < row.Members; member++)
            {
                int length = row.Name.Length + Encoding.ASCII.GetBytes(BuiltinRow.Suffixes[member], spelled[row.Name.Length..]);
                entries.Add((names.Intern(spelled[..length]), (start + 1) << 4 | member));
            }
        }
        _rows = new int[names.Count];
        foreach ((int name, int row) in entries.Span)
            _rows[name] = row;
    }

    /// <summary>The builtin that an identifier without a declaration names: <c>__builtin_X</c>, <c>__sync_X</c>, <c>__atomic_X</c>.</summary>
    public BuiltinInfo? Find(int name, LanguageOptions options)
    {
        _ = options;
        ReadOnlySpan<byte> text = _names.Bytes(name);
        if (!text.StartsWith("__"u8))
            return null;
        if (text.StartsWith("__builtin_"u8))
        {
            ReadOnlySpan<byte> rest = text["__builtin_".Length..];
            int id = _names.Find(rest);
            if (id >= 0 && RowOf(id) != 0)
                return Get(id);
            return rest.StartsWith("ia32_"u8) ? FindIntrinsic(name, rest) : null;
        }
        if (RowOf(name) != 0)
        {
            BuiltinInfo found = Get(name);
            return (found.Flags & BuiltinFlags.Library) != 0 ? null : found;
        }
        return FindSized(text);
    }

    private BuiltinInfo? FindIntrinsic(int name, ReadOnlySpan<byte> spelled)
    {
        if (_known.TryGetValue(name, out BuiltinInfo? known))
            return known;
        if (IntrinsicTable.Find(Encoding.ASCII.GetString(spelled["ia32_".Length..])) is not { } intrinsic)
            return null;
        BuiltinFlags flags = BuiltinFlags.NoThrow | (intrinsic.HasEffects ? 0 : BuiltinFlags.Const);
        var made = new BuiltinInfo(BuiltinId.Intrinsic, Encoding.ASCII.GetString(spelled), "", flags) { Intrinsic = intrinsic };
        _known.Add(name, made);
        return made;
    }

    private FunctionType IntrinsicFunction(Intrinsic intrinsic)
    {
        var parameters = new QualType[intrinsic.Parameters.Length];
        for (int i = 0; i < parameters.Length; i++)
            parameters[i] = TypeOf(intrinsic.Parameters[i]);
        return _types.FunctionOf(TypeOf(intrinsic.Result), parameters, true, false);
    }

    private CType TypeOf(IntrinsicType type)
    {
        CType lane = type.Lane switch
        {
            'v' => _types.Void,
            'B' or 'c' => _types.Char,
            'b' => _types.UnsignedChar,
            'S' or 's' => _types.Short,
            'h' => _types.UnsignedShort,
            'I' or 'i' or '#' => _types.Int,
            'u' => _types.UnsignedInt,
            'L' or 'q' => _types.LongLong,
            'y' => _types.UnsignedLongLong,
            'F' or 'f' => _types.Float,
            'D' or 'd' => _types.Double,
            'p' => _types.VoidPointer,
            'k' => _types.PointerTo(new QualType(_types.Void, Qualifiers.Const)),
            _ => throw new ArgumentOutOfRangeException(nameof(type), type.Lane, "no such type"),
        };
        return type.IsVector ? _types.VectorOf(lane, type.Size / (int)lane.Size) : lane;
    }

    private int RowOf(int name) => (uint)name < (uint)_rows.Length ? _rows[name] : 0;

    /// <summary>__sync_fetch_and_add_4, __atomic_load_8: the size is the pointer's matter.</summary>
    private BuiltinInfo? FindSized(ReadOnlySpan<byte> text)
    {
        if (!text.StartsWith("__sync_"u8) && !text.StartsWith("__atomic_"u8))
            return null;
        int underscore = text.LastIndexOf((byte)'_');
        ReadOnlySpan<byte> size = text[(underscore + 1)..];
        if (!(size.SequenceEqual("1"u8) || size.SequenceEqual("2"u8) || size.SequenceEqual("4"u8) || size.SequenceEqual("8"u8) || size.SequenceEqual("16"u8)))
            return null;
        string stem = Encoding.ASCII.GetString(text[..underscore]);
        if (stem is "__atomic_load" or "__atomic_store" or "__atomic_exchange" or "__atomic_compare_exchange")
            stem += "_n";
        int id = _names.Find(Encoding.ASCII.GetBytes(stem));
        return id >= 0 && RowOf(id) != 0 ? Get(id) : null;
    }

    /// <summary>The builtin that a plain name means (strlen), where the options allow it.</summary>
    public BuiltinInfo? FindPlain(int name, LanguageOptions options)
    {
        if (options.NoBuiltin || RowOf(name) == 0 || options.NoBuiltins.Count > 0 && options.NoBuiltins.Contains(_names.Text(name)))
            return null;
        BuiltinInfo found = Get(name);
        if ((found.Flags & BuiltinFlags.PlainName) != 0)
            return found;
        return (found.Flags & BuiltinFlags.GnuName) != 0 && options.IsGnu ? found : null;
    }

    /// <summary>The builtin of an id that has one row only.</summary>
    public BuiltinInfo Known(BuiltinId id)
    {
        string name = id switch
        {
            BuiltinId.Trap => "trap",
            BuiltinId.Shuffle => "shuffle",
            BuiltinId.ShuffleVector => "shufflevector",
            BuiltinId.ConvertVector => "convertvector",
            BuiltinId.CallWithStaticChain => "call_with_static_chain",
            _ => throw new ArgumentOutOfRangeException(nameof(id), id, null),
        };
        return Get(_names.Intern(name));
    }

    private BuiltinInfo Get(int name)
    {
        if (_known.TryGetValue(name, out BuiltinInfo? known))
            return known;
        int packed = _rows[name];
        int member = packed & 15;
        ReadOnlySpan<byte> row = BuiltinRows.Text[((packed >> 4) - 1)..];
        int end = row.IndexOf((byte)'\n');
        string text = Encoding.ASCII.GetString(end < 0 ? row : row[..end]);
        string[] parts = text.Split(' ');
        string stem = parts[0].TrimEnd('%');
        string signature = parts[1];
        if (member > 0)
            signature = signature.Replace('d', (char)FamilyLetters[member]);
        BuiltinFlags flags = BuiltinFlags.Library | BuiltinFlags.NoThrow;
        if (signature == "?")
            flags |= BuiltinFlags.Special;
        foreach (char flag in parts[2])
        {
            switch (flag)
            {
                case 'P':
                    flags |= BuiltinFlags.PlainName;
                    break;
                case 'G':
                    flags |= BuiltinFlags.GnuName;
                    break;
                case 'L':
                    flags &= ~BuiltinFlags.Library;
                    break;
                case 'c':
                    flags |= BuiltinFlags.Const;
                    break;
                case 'p':
                    flags |= BuiltinFlags.Pure;
                    break;
                case 'e':
                    flags |= BuiltinFlags.MathErrno;
                    break;
                case 'r':
                    flags |= BuiltinFlags.NoReturn;
                    break;
                case 'm':
                    flags |= BuiltinFlags.Malloc;
                    break;
                case 'x':
                    flags |= BuiltinFlags.ReturnsTwice;
                    break;
                case '-':
                    break;
                default:
                    throw new ArgumentOutOfRangeException(nameof(name), flag, text);
            }
        }
        var made = new BuiltinInfo(BuiltinRows.IdOf(stem), _names.Text(name), signature, flags);
        _known.Add(name, made);
        return made;
    }

    /// <summary>Facts that a builtin's flags state of its function type.</summary>
    public FunctionTypeFlags TypeFlags(BuiltinInfo builtin)
    {
        FunctionTypeFlags flags = FunctionTypeFlags.None;
        if ((builtin.Flags & BuiltinFlags.NoReturn) != 0)
            flags |= FunctionTypeFlags.NoReturn;
        if ((builtin.Flags & BuiltinFlags.Const) != 0)
            flags |= FunctionTypeFlags.Const;
        if ((builtin.Flags & BuiltinFlags.Pure) != 0)
            flags |= FunctionTypeFlags.Pure;
        if ((builtin.Flags & BuiltinFlags.Malloc) != 0)
            flags |= FunctionTypeFlags.Malloc;
        if ((builtin.Flags & BuiltinFlags.ReturnsTwice) != 0)
            flags |= FunctionTypeFlags.ReturnsTwice;
        return flags;
    }

    /// <summary>The function type of a builtin; null where it takes any types.</summary>
    public FunctionType? TypeOf(BuiltinInfo builtin)
    {
        if ((builtin.Flags & BuiltinFlags.Special) != 0)
            return null;
        if (_functionTypes.TryGetValue(builtin, out FunctionType? known))
            return known;
        if (builtin.Intrinsic is { } intrinsic)
        {
            FunctionType type = IntrinsicFunction(intrinsic);
            _functionTypes.Add(builtin, type);
            return type;
        }
        string signature = builtin.Signature;
        int at = 0;
        QualType result = ParseType(signature, ref at);
        var parameters = new List<QualType>(4);
        bool isVariadic = false;
        while (at < signature.Length)
        {
            if (signature[at] == '.')
            {
                isVariadic = true;
                break;
            }
            QualType parameter = ParseType(signature, ref at);
            // A va_list parameter is adjusted as any array.
            parameters.Add(parameter.Type is ArrayType array ? _types.PointerTo(array.Element) : parameter);
        }
        FunctionType made = _types.FunctionOf(result, [.. parameters], true, isVariadic);
        _functionTypes.Add(builtin, made);
        return made;
    }

    private QualType ParseType(string signature, ref int at)
    {
        char letter = signature[at++];
        bool isComplex = letter == 'C';
        if (isComplex)
            letter = signature[at++];
        CType type = letter switch
        {
            'v' => _types.Void,
            'b' => _types.Bool,
            'c' => _types.Char,
            'i' => _types.Int,
            'u' => _types.UnsignedInt,
            'l' => _types.Long,
            'L' => _types.UnsignedLong,
            'q' => _types.LongLong,
            'Q' => _types.UnsignedLongLong,
            'z' => _types.SizeType,
            'Z' => _types.PointerDifferenceType,
            'w' => _types.WideChar,
            'W' => _types.UnsignedInt,
            't' => _types.UnsignedShort,
            'n' => _types.Int128,
            'N' => _types.UnsignedInt128,
            'h' => _types.Float16,
            'f' => _types.Float,
            'd' => _types.Double,
            'e' => _types.LongDouble,
            'k' => _types.Float128,
            '1' => _types.Float32,
            '2' => _types.Float64,
            '3' => _types.Float32x,
            '4' => _types.Float64x,
            'p' => _types.VoidPointer,
            'P' => _types.PointerTo(new QualType(_types.Void, Qualifiers.Const)),
            'V' => _types.PointerTo(new QualType(_types.Void, Qualifiers.Volatile)),
            's' => _types.CharPointer,
            'S' => _types.ConstCharPointer,
            'a' => _types.VaList,
            _ => throw new ArgumentOutOfRangeException(nameof(signature), letter, signature),
        };
        if (isComplex)
            type = _types.ComplexOf(type);
        while (at < signature.Length && signature[at] == '*')
        {
            type = _types.PointerTo(type);
            at++;
        }
        return type;
    }
}
