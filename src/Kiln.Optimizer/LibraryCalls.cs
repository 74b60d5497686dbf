using System.Text;
using Kiln.IR;
using Kiln.Target;
using Kiln.Target.Abi;

namespace Kiln.Optimizer;

/// <summary>The library functions that the optimizer knows; the rows of <see cref="LibraryCalls"/>'s table say by which names.</summary>
internal enum LibraryFunction : byte
{
    None,
    Strlen, Strnlen, Strcmp, Strncmp, Memcmp, Strchr, Strrchr, Strstr, Strpbrk, Strspn, Strcspn, Memchr,
    Strcpy, Stpcpy, Strncpy, Stpncpy, Strcat, Strncat,
    Memcpy, Mempcpy, Memmove, Memset, Bcopy, Bzero,
    MemcpyChk, MempcpyChk, MemmoveChk, MemsetChk,
    StrcpyChk, StpcpyChk, StrncpyChk, StpncpyChk, StrcatChk, StrncatChk,
    SprintfChk, VsprintfChk, SnprintfChk, VsnprintfChk,
    Printf, PrintfUnlocked, PrintfChk, Vprintf, VprintfChk,
    Fprintf, FprintfUnlocked, FprintfChk, Vfprintf, VfprintfChk,
    Fputs, FputsUnlocked, Sprintf, Snprintf,
    Isdigit, Isascii, Toascii,
    ObjectSize, DynamicObjectSize,
}

/// <summary>
/// Calls of library functions whose meaning the C standard, POSIX or gcc's manual fixes: folded where the arguments say enough, or turned
/// into calls of simpler functions. A call counts where it carries <see cref="CallFlags.Library"/>: Lowering decides, by declarations
/// and by -fno-builtin. The table below says which functions; one method each (in the partial files, by kind) says what becomes of a call.
/// New calls are looked at again, so that a rule may end in another function's call: strcat(d, "x") is strcpy(d + strlen(d), "x"), which
/// is a copy of two bytes.
///
/// Needs: the verifier's law. Keeps: the CFG. Leaves what it replaced for DeadCode.
/// </summary>
public sealed partial class LibraryCalls
{
    // Copies and fills up to this are operations, as Lowering makes them; beyond it they are calls.
    private const int OperationLimit = 128;

    // Name, function, and the types that a call must have (p pointer, i int, l long; result first, v none; a dot: variable arguments
    // follow). A call with other types is left alone. An underscore form that only gcc's headers use stands with its own name.
    private static readonly (string Name, LibraryFunction Function, string Types)[] _rows =
    [
        ("strlen", LibraryFunction.Strlen, "lp"),
        ("strnlen", LibraryFunction.Strnlen, "lpl"),
        ("strcmp", LibraryFunction.Strcmp, "ipp"),
        ("strncmp", LibraryFunction.Strncmp, "ippl"),
        ("memcmp", LibraryFunction.Memcmp, "ippl"),
        ("bcmp", LibraryFunction.Memcmp, "ippl"),
        ("strchr", LibraryFunction.Strchr, "ppi"),
        ("index", LibraryFunction.Strchr, "ppi"),
        ("strrchr", LibraryFunction.Strrchr, "ppi"),
        ("rindex", LibraryFunction.Strrchr, "ppi"),
        ("strstr", LibraryFunction.Strstr, "ppp"),
        ("strpbrk", LibraryFunction.Strpbrk, "ppp"),
        ("strspn", LibraryFunction.Strspn, "lpp"),
        ("strcspn", LibraryFunction.Strcspn, "lpp"),
        ("memchr", LibraryFunction.Memchr, "ppil"),
        ("strcpy", LibraryFunction.Strcpy, "ppp"),
        ("stpcpy", LibraryFunction.Stpcpy, "ppp"),
        ("strncpy", LibraryFunction.Strncpy, "pppl"),
        ("stpncpy", LibraryFunction.Stpncpy, "pppl"),
        ("strcat", LibraryFunction.Strcat, "ppp"),
        ("strncat", LibraryFunction.Strncat, "pppl"),
        ("memcpy", LibraryFunction.Memcpy, "pppl"),
        ("mempcpy", LibraryFunction.Mempcpy, "pppl"),
        ("memmove", LibraryFunction.Memmove, "pppl"),
        ("memset", LibraryFunction.Memset, "ppil"),
        ("bcopy", LibraryFunction.Bcopy, "vppl"),
        ("bzero", LibraryFunction.Bzero, "vpl"),
        ("__memcpy_chk", LibraryFunction.MemcpyChk, "pppll"),
        ("__mempcpy_chk", LibraryFunction.MempcpyChk, "pppll"),
        ("__memmove_chk", LibraryFunction.MemmoveChk, "pppll"),
        ("__memset_chk", LibraryFunction.MemsetChk, "ppill"),
        ("__strcpy_chk", LibraryFunction.StrcpyChk, "pppl"),
        ("__stpcpy_chk", LibraryFunction.StpcpyChk, "pppl"),
        ("__strncpy_chk", LibraryFunction.StrncpyChk, "pppll"),
        ("__stpncpy_chk", LibraryFunction.StpncpyChk, "pppll"),
        ("__strcat_chk", LibraryFunction.StrcatChk, "pppl"),
        ("__strncat_chk", LibraryFunction.StrncatChk, "pppll"),
        ("__sprintf_chk", LibraryFunction.SprintfChk, "ipilp."),
        ("__vsprintf_chk", LibraryFunction.VsprintfChk, "ipilpp"),
        ("__snprintf_chk", LibraryFunction.SnprintfChk, "iplilp."),
        ("__vsnprintf_chk", LibraryFunction.VsnprintfChk, "iplilpp"),
        ("printf", LibraryFunction.Printf, "ip."),
        ("printf_unlocked", LibraryFunction.PrintfUnlocked, "ip."),
        ("__printf_chk", LibraryFunction.PrintfChk, "iip."),
        ("vprintf", LibraryFunction.Vprintf, "ipp"),
        ("__vprintf_chk", LibraryFunction.VprintfChk, "iipp"),
        ("fprintf", LibraryFunction.Fprintf, "ipp."),
        ("fprintf_unlocked", LibraryFunction.FprintfUnlocked, "ipp."),
        ("__fprintf_chk", LibraryFunction.FprintfChk, "ipip."),
        ("vfprintf", LibraryFunction.Vfprintf, "ippp"),
        ("__vfprintf_chk", LibraryFunction.VfprintfChk, "ipipp"),
        ("fputs", LibraryFunction.Fputs, "ipp"),
        ("fputs_unlocked", LibraryFunction.FputsUnlocked, "ipp"),
        ("sprintf", LibraryFunction.Sprintf, "ipp."),
        ("snprintf", LibraryFunction.Snprintf, "iplp."),
        ("isdigit", LibraryFunction.Isdigit, "ii"),
        ("isascii", LibraryFunction.Isascii, "ii"),
        ("toascii", LibraryFunction.Toascii, "ii"),
        // What Lowering writes for the builtins: these calls never reach selection.
        ("__builtin_object_size", LibraryFunction.ObjectSize, "lpi"),
        ("__builtin_dynamic_object_size", LibraryFunction.DynamicObjectSize, "lpi"),
    ];

    private readonly TargetInfo _target;
    private readonly Dictionary<string, int> _rowOf = [];
    private readonly ObjectSizes _sizes = new();
    private Value[] _replacement = [];
    private int[] _uses = [];
    private Function _function = null!;
    private Value _at;
    private Value[] _arguments = [];
    private bool _decides;

    public LibraryCalls(TargetInfo target)
    {
        _target = target;
        for (int i = 0; i < _rows.Length; i++)
            _rowOf.Add(_rows[i].Name, i);
    }

    /// <summary>Whether a function has calls for this pass at all.</summary>
    public static bool IsWanted(Function function)
    {
        foreach (ref CallInfo call in function.Calls.Span)
        {
            if ((call.Flags & CallFlags.Library) != 0)
                return true;
        }
        return false;
    }

    /// <summary>Whether a function asks for sizes of objects.</summary>
    public static bool AsksForSizes(Function function)
    {
        foreach (ref CallInfo call in function.Calls.Span)
        {
            if ((call.Flags & CallFlags.Library) != 0 && !call.Callee.IsNone
                && function.Module[call.Callee].Name is "__builtin_object_size" or "__builtin_dynamic_object_size")
                return true;
        }
        return false;
    }

    /// <summary>Rewrites calls; tells whether there were any to rewrite. With <paramref name="decides"/>, a size of an object that is not
    /// known by now counts as unknown.</summary>
    public bool Run(Function function, bool decides = false)
    {
        if (!IsWanted(function))
            return false;
        _function = function;
        _decides = decides;
        Array.Clear(_replacement);
        CountUses();
        bool changed = false;
        for (int b = 1; b < function.BlockCount; b++)
        {
            for (Value v = function[new Block(b)].First; !v.IsNone;)
            {
                Value next = function[v].Next, previous = function[v].Previous;
                if (function.OpOf(v) == Op.Call && Rewrite(v))
                {
                    changed = true;
                    // On with what now stands in the call's place.
                    next = previous.IsNone ? function[new Block(b)].First : function[previous].Next;
                }
                v = next;
            }
        }
        if (changed)
            Replacement.Apply(function, _replacement);
        _function = null!;
        return changed;
    }

    private void CountUses()
    {
        if (_uses.Length < _function.ValueCount)
            _uses = new int[Math.Max(_function.ValueCount, _uses.Length * 2)];
        else
            Array.Clear(_uses);
        for (int b = 1; b < _function.BlockCount; b++)
        {
            for (Value v = _function[new Block(b)].First; !v.IsNone; v = _function[v].Next)
            {
                foreach (Value operand in _function.Operands(v))
                    _uses[operand.Id]++;
            }
        }
    }

    // One call: the replacement takes its place, if a rule gives one.
    private bool Rewrite(Value call)
    {
        CallInfo info = _function.Calls[(int)_function[call].Aux];
        if ((info.Flags & CallFlags.Library) == 0 || info.Callee.IsNone)
            return false;
        SymbolData callee = _function.Module[info.Callee];
        if (!_rowOf.TryGetValue(callee.LibraryName ?? callee.Name, out int row) || !HasTypes(info.Signature, _rows[row].Types))
            return false;
        _at = call;
        _arguments = _function.Operands(call).ToArray();
        for (int i = 0; i < _arguments.Length; i++)
            _arguments[i] = Find(_arguments[i]);
        Value result = Rule(_rows[row].Function);
        if (result.IsNone)
            return false;
        if (result != call)
        {
            Note(call, result);
            // A new call may be looked at again, and must know whether its result is wanted.
            if (result.Id >= _uses.Length)
                Array.Resize(ref _uses, Math.Max(result.Id + 1, _uses.Length * 2));
            _uses[result.Id] += Uses(call);
        }
        _function.Remove(call);
        return true;
    }

    private void Note(Value value, Value replacement)
    {
        if (value.Id >= _replacement.Length)
            Array.Resize(ref _replacement, Math.Max(value.Id + 1, _replacement.Length * 2));
        _replacement[value.Id] = replacement;
    }

    private static bool HasTypes(Signature signature, string types)
    {
        bool isVariadic = types[^1] == '.';
        int count = types.Length - (isVariadic ? 2 : 1);
        if (isVariadic ? signature.Parameters.Length < count : signature.Parameters.Length != count)
            return false;
        if (types[0] == 'v' ? signature.Results.Length != 0 : signature.Results.Length != 1 || signature.Results[0].Type != TypeOf(types[0]))
            return false;
        for (int i = 0; i < count; i++)
        {
            if (signature.Parameters[i].Type != TypeOf(types[i + 1]))
                return false;
        }
        return true;
    }

    private static IrType TypeOf(char letter) => letter switch
    {
        'p' => IrType.Pointer,
        'i' => IrType.I32,
        'l' => IrType.I64,
        'v' => IrType.Void,
        _ => throw new ArgumentOutOfRangeException(nameof(letter), letter, null),
    };

    // The value in the call's place; none: the call stays. A call without a result gives any value.
    private Value Rule(LibraryFunction function) => function switch
    {
        LibraryFunction.Strlen => Strlen(),
        LibraryFunction.Strnlen => Strnlen(),
        LibraryFunction.Strcmp => Strcmp(),
        LibraryFunction.Strncmp => Strncmp(),
        LibraryFunction.Memcmp => Memcmp(),
        LibraryFunction.Strchr => Strchr(),
        LibraryFunction.Strrchr => Strrchr(),
        LibraryFunction.Strstr => Strstr(),
        LibraryFunction.Strpbrk => Strpbrk(),
        LibraryFunction.Strspn => Strspn(),
        LibraryFunction.Strcspn => Strcspn(),
        LibraryFunction.Memchr => Memchr(),
        LibraryFunction.Strcpy => Strcpy(),
        LibraryFunction.Stpcpy => Stpcpy(),
        LibraryFunction.Strncpy => Strncpy(),
        LibraryFunction.Stpncpy => Stpncpy(),
        LibraryFunction.Strcat => Strcat(),
        LibraryFunction.Strncat => Strncat(),
        LibraryFunction.Memcpy => Memcpy(),
        LibraryFunction.Mempcpy => Mempcpy(),
        LibraryFunction.Memmove => Memmove(),
        LibraryFunction.Memset => Memset(_arguments[0], _arguments[1], _arguments[2]),
        LibraryFunction.Bcopy => Done(EmitCall("memmove", _arguments[1], _arguments[0], _arguments[2])),
        LibraryFunction.Bzero => Done(EmitCall("memset", _arguments[0], Int(0), _arguments[1])),
        LibraryFunction.MemcpyChk => MemoryChk("memcpy"),
        LibraryFunction.MempcpyChk => MemoryChk("mempcpy"),
        LibraryFunction.MemmoveChk => MemoryChk("memmove"),
        LibraryFunction.MemsetChk => MemoryChk("memset"),
        LibraryFunction.StrcpyChk => StrcpyChk("strcpy"),
        LibraryFunction.StpcpyChk => StrcpyChk("stpcpy"),
        LibraryFunction.StrncpyChk => StrncpyChk("strncpy"),
        LibraryFunction.StpncpyChk => StrncpyChk("stpncpy"),
        LibraryFunction.StrcatChk => StrcatChk(),
        LibraryFunction.StrncatChk => StrncatChk(),
        LibraryFunction.SprintfChk => SprintfChk("sprintf"),
        LibraryFunction.VsprintfChk => SprintfChk("vsprintf"),
        LibraryFunction.SnprintfChk => SnprintfChk("snprintf"),
        LibraryFunction.VsnprintfChk => SnprintfChk("vsnprintf"),
        LibraryFunction.Printf => Printf(0, ""),
        LibraryFunction.PrintfUnlocked => Printf(0, "_unlocked"),
        LibraryFunction.PrintfChk => Printf(1, ""),
        LibraryFunction.Vprintf => Printf(0, "", isList: true),
        LibraryFunction.VprintfChk => Printf(1, "", isList: true),
        LibraryFunction.Fprintf => Fprintf(1, ""),
        LibraryFunction.FprintfUnlocked => Fprintf(1, "_unlocked"),
        LibraryFunction.FprintfChk => Fprintf(2, ""),
        LibraryFunction.Vfprintf => Fprintf(1, "", isList: true),
        LibraryFunction.VfprintfChk => Fprintf(2, "", isList: true),
        LibraryFunction.Fputs => Fputs(""),
        LibraryFunction.FputsUnlocked => Fputs("_unlocked"),
        LibraryFunction.Sprintf => Sprintf(),
        LibraryFunction.Snprintf => Snprintf(),
        LibraryFunction.Isdigit => Bit(Compare(IntPredicate.LessEqualUnsigned, New(Op.Add, IrType.I32, _arguments[0], Int(-'0')), Int(9))),
        LibraryFunction.Isascii => Bit(Compare(IntPredicate.LessEqualUnsigned, _arguments[0], Int(127))),
        LibraryFunction.Toascii => New(Op.And, IrType.I32, _arguments[0], Int(127)),
        LibraryFunction.ObjectSize or LibraryFunction.DynamicObjectSize => ObjectSize(),
        _ => throw new ArgumentOutOfRangeException(nameof(function), function, null),
    };

    private Value ObjectSize()
    {
        if (!IsConstant(_arguments[1], out long kind))
            return default;
        bool wantsLeast = (kind & 2) != 0;
        if (_sizes.Find(_function, _replacement, _arguments[0], wantsLeast) is { } size && (_decides || _sizes.IsCertain))
            return Long(size);
        return _decides ? Long(wantsLeast ? 0 : -1) : default;
    }

    // Building blocks

    private bool IsUnused => Uses(_at) == 0;

    private int Uses(Value value) => value.Id < _uses.Length ? _uses[value.Id] : 0;

    private Value Find(Value value)
    {
        while (value.Id < _replacement.Length && !_replacement[value.Id].IsNone)
            value = _replacement[value.Id];
        return value;
    }

    private bool IsConstant(Value value, out long constant)
    {
        ref Instruction instruction = ref _function[value];
        constant = instruction.Aux;
        return instruction.Op == Op.Constant && instruction.Type.LaneBits <= 64;
    }

    private bool IsConstant(Value value, long wanted) => IsConstant(value, out long constant) && constant == wanted;

    private Value Int(int value) => _function.Constant(IrType.I32, value);

    private Value Long(long value) => _function.Constant(IrType.I64, value);

    private Value Null => _function.Constant(IrType.Pointer, 0L);

    // A result for a call whose result is not used, or that has none.
    private Value Done(Value done)
    {
        _ = done;
        IrType type = _function.TypeOf(_at);
        return type.IsVoid ? Int(0) : _function.Any(type);
    }

    private Value New(Op op, IrType type, Value a, Value b = default, Value c = default, long aux = 0) =>
        _function.InsertBefore(_at, _function.New(op, type, a, b, c, aux, _function[_at].Location));

    private Value Compare(IntPredicate predicate, Value a, Value b) => New(Op.Compare, IrType.I1, a, b, default, (long)predicate);

    private Value Bit(Value condition) => New(Op.ZeroExtend, IrType.I32, condition);

    private Value Offset(Value pointer, Value bytes) => IsConstant(bytes, 0) ? pointer : New(Op.PointerAdd, IrType.Pointer, pointer, bytes);

    private Value Offset(Value pointer, long bytes) => Offset(pointer, Long(bytes));

    // The character at an address, as strcmp compares it.
    private Value Character(Value address) =>
        New(Op.ZeroExtend, IrType.I32, New(Op.Load, IrType.I8, address, default, default, new MemoryAccess(0).Pack()));

    // The text that an address points to, without its NUL; false where it cannot be seen.
    private bool Text(Value address, out ReadOnlySpan<byte> text)
    {
        if (ConstantData.Bytes(_function, address, out text) && text.IndexOf((byte)0) is >= 0 and int length)
        {
            text = text[..length];
            return true;
        }
        text = default;
        return false;
    }

    private bool IsEmptyText(Value address) => Text(address, out ReadOnlySpan<byte> text) && text.Length == 0;

    // The length of the text at an address, if every way that the address can be made gives the same; the greatest of all ways.
    private bool Length(Value address, out long length) => Lengths(address, out length, out long greatest, 0) && length == greatest;

    private bool GreatestLength(Value address, out long greatest) => Lengths(address, out _, out greatest, 0);

    private bool Lengths(Value address, out long least, out long greatest, int depth)
    {
        least = greatest = 0;
        if (Text(address, out ReadOnlySpan<byte> text))
        {
            least = greatest = text.Length;
            return true;
        }
        if (depth > WayLimit || _function.OpOf(address) is not (Op.Phi or Op.Select))
            return false;
        _ways[depth] = address;
        Value[] ways = _function.Operands(address).ToArray();
        bool any = false;
        for (int i = _function.OpOf(address) == Op.Select ? 1 : 0; i < ways.Length; i++)
        {
            Value way = Find(ways[i]);
            // What comes round a loop again says nothing new.
            if (_ways.AsSpan(0, depth + 1).Contains(way))
                continue;
            if (!Lengths(way, out long low, out long high, depth + 1))
                return false;
            if (high < 0)
                continue;
            least = any ? Math.Min(least, low) : low;
            greatest = Math.Max(greatest, high);
            any = true;
        }
        if (!any)
            greatest = -1;
        return any || depth > 0;
    }

    private const int WayLimit = 8;

    private readonly Value[] _ways = new Value[WayLimit + 1];

    // The greatest that a count can be, as an unsigned number.
    private bool Greatest(Value count, out ulong greatest, int depth = 0)
    {
        greatest = 0;
        if (IsConstant(count, out long constant))
        {
            greatest = (ulong)constant;
            return true;
        }
        if (_function.OpOf(count) is Op.ZeroExtend or Op.SignExtend)
        {
            bool isSigned = _function.OpOf(count) == Op.SignExtend;
            return Greatest(Find(_function[count].A), out greatest, depth) && (!isSigned || (long)greatest >= 0);
        }
        if (depth > WayLimit || _function.OpOf(count) is not (Op.Phi or Op.Select))
            return false;
        _ways[depth] = count;
        Value[] ways = _function.Operands(count).ToArray();
        for (int i = _function.OpOf(count) == Op.Select ? 1 : 0; i < ways.Length; i++)
        {
            Value way = Find(ways[i]);
            if (_ways.AsSpan(0, depth + 1).Contains(way))
                continue;
            if (!Greatest(way, out ulong high, depth + 1))
                return false;
            greatest = Math.Max(greatest, high);
        }
        return true;
    }

    // A new string literal.
    private Value NewText(ReadOnlySpan<byte> text)
    {
        Module module = _function.Module;
        Symbol symbol = module.NewLocal(".LC");
        SymbolData data = module[symbol];
        data.Kind = SymbolKind.Object;
        data.IsReadOnly = true;
        data.Size = text.Length + 1;
        data.Data = [.. text, 0];
        data.IsMergeable = text.IndexOf((byte)0) < 0;
        data.StringUnit = data.IsMergeable ? (byte)1 : (byte)0;
        data.IsReferenced = true;
        return _function.SymbolAddress(symbol);
    }

    private static readonly Dictionary<string, (string Types, CallFlags Flags)> _callable = new()
    {
        ["strlen"] = ("lp", CallFlags.Pure),
        ["strchr"] = ("ppi", CallFlags.Pure),
        ["strcmp"] = ("ipp", CallFlags.Pure),
        ["strcpy"] = ("ppp", 0),
        ["stpcpy"] = ("ppp", 0),
        ["strncpy"] = ("pppl", 0),
        ["stpncpy"] = ("pppl", 0),
        ["strcat"] = ("ppp", 0),
        ["strncat"] = ("pppl", 0),
        ["memcpy"] = ("pppl", 0),
        ["mempcpy"] = ("pppl", 0),
        ["memmove"] = ("pppl", 0),
        ["memset"] = ("ppil", 0),
        ["__strcpy_chk"] = ("pppl", 0),
        ["__strncpy_chk"] = ("pppll", 0),
        ["__strcat_chk"] = ("pppl", 0),
        ["putchar"] = ("ii", 0),
        ["puts"] = ("ip", 0),
        ["fputc"] = ("iip", 0),
        ["fputs"] = ("ipp", 0),
        ["fwrite"] = ("lpllp", 0),
        ["putchar_unlocked"] = ("ii", 0),
        ["puts_unlocked"] = ("ip", 0),
        ["fputc_unlocked"] = ("iip", 0),
        ["fputs_unlocked"] = ("ipp", 0),
        ["fwrite_unlocked"] = ("lpllp", 0),
        ["sprintf"] = ("ipp.", 0),
        ["snprintf"] = ("iplp.", 0),
        ["vsprintf"] = ("ippp", 0),
        ["vsnprintf"] = ("iplpp", 0),
    };

    // A call of a library function, before the call that is looked at; none where the arguments cannot be passed.
    private Value EmitCall(string name, params ReadOnlySpan<Value> arguments)
    {
        (string types, CallFlags flags) = _callable[name];
        bool isVariadic = types[^1] == '.';
        int named = types.Length - (isVariadic ? 2 : 1);
        if (MakeSignature(TypeOf(types[0]), arguments, named, isVariadic) is not { } signature)
            return default;
        Module module = _function.Module;
        Symbol symbol = module.Library(name);
        module[symbol].IsReferenced = true;
        CallFlags inherited = _function.Calls[(int)_function[_at].Aux].Flags & (CallFlags.MayJumpNonLocally | CallFlags.NoPlt);
        int index = _function.Calls.Add(new CallInfo(signature, symbol, flags | inherited | CallFlags.NoThrow | CallFlags.Library));
        IrType result = signature.Results.Length > 0 ? signature.Results[0].Type : IrType.Void;
        return _function.InsertBefore(_at, _function.NewList(Op.Call, result, arguments, index, _function[_at].Location));
    }

    private Signature? MakeSignature(IrType result, ReadOnlySpan<Value> arguments, int named, bool isVariadic)
    {
        var shapes = new TypeShape[arguments.Length];
        for (int i = 0; i < shapes.Length; i++)
        {
            IrType type = _function.TypeOf(arguments[i]);
            if (!(type.IsInteger && type.LaneBits <= 64 || type.IsPointer || type == IrType.F64))
                return null;
            shapes[i] = Shape(type);
        }
        CallLayout layout = CallingConvention.Lay(_target, new CallShape
        {
            Result = result.IsVoid ? TypeShape.Void : Shape(result),
            Parameters = shapes,
            NamedCount = named,
            VectorSize = 16,
        });
        var parameters = new SignaturePart[shapes.Length];
        for (int i = 0; i < parameters.Length; i++)
            parameters[i] = new SignaturePart(_function.TypeOf(arguments[i]), layout.Parameters[i][0].Place);
        return new Signature
        {
            Parameters = parameters,
            Results = result.IsVoid ? [] : [new SignaturePart(result, layout.Result[0].Place)],
            IsVariadic = isVariadic,
            NamedCount = named,
            NamedUse = layout.NamedUse,
            StackSize = layout.StackSize,
        };
    }

    private static TypeShape Shape(IrType type) => new()
    {
        Kind = ShapeKind.Scalar,
        Size = type.Size,
        Alignment = type.Size,
        Leaves = [new ShapeLeaf(0, type.Size, type.IsFloat ? LeafKind.Double : LeafKind.Integer)],
    };
}
