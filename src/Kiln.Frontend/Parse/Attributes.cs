using Kiln.Base;
using Kiln.Frontend.Ast;

namespace Kiln.Frontend.Parse;

/// <summary>The attributes that are known. What gcc knows and has no effect on the tree is Ignored.</summary>
internal enum AttributeKind : byte
{
    Unknown,
    Ignored,
    Alias, Aligned, AllocSize, AllocAlign, AlwaysInline, Artificial, AssumeAligned, Cleanup, Cold, Common, Const, Constructor, Copy, Deprecated,
    Destructor, Error, Warning, Externally, FallThrough, Flatten, ForceAlignArgPointer, Format, GnuInline, Hot, Ifunc, Malloc, MayAlias, Mode, MsAbi, SysvAbi,
    Naked, NoClone, NoCommon, NoInline, NoInstrument, NoIpa, NonNull, NoPlt, NoReturn, NoThrow, NoStackProtector, NoCallerSaved, Optimize, Packed, Pure,
    Regparm, ReturnsNonNull, ReturnsTwice, Retain, Uninitialized, ScalarStorageOrder, Section, Sentinel, Symver, Target, TargetClones, TlsModel, TransparentUnion, Unavailable,
    Unused, Used, VectorSize, Visibility, WarnUnusedResult, Weak, WeakRef, Interrupt, GccStruct, MsStruct, Leaf, NoIcf, FunctionReturnThunk, FormatArg,
    NoDiscard, Access, Cdecl, Stdcall, Fastcall, Thiscall, ZeroCallUsedRegs, NoSanitize, Designated, WarnIfNotAligned, Simd, NoReorder,
}

/// <summary>One attribute as written.</summary>
internal sealed class AttributeUse(AttributeKind kind, int name, Location location)
{
    public AttributeKind Kind { get; } = kind;
    public int Name { get; } = name;
    public Location Location { get; } = location;

    /// <summary>The arguments; an identifier that stands first is not among them.</summary>
    public Expression[] Arguments { get; set; } = [];

    /// <summary>The identifier that stands first, or 0.</summary>
    public int Identifier { get; set; }

    public bool HasArguments { get; set; }
    public bool IsStandard { get; set; }

    /// <summary>It has had its effect on the type.</summary>
    public bool IsApplied { get; set; }
}

/// <summary>The attributes of a declaration.</summary>
internal sealed class AttributeList
{
    public List<AttributeUse> Uses { get; } = new(4);

    public bool Has(AttributeKind kind) => Find(kind) is not null;

    public AttributeUse? Find(AttributeKind kind)
    {
        foreach (AttributeUse use in Uses)
        {
            if (use.Kind == kind)
                return use;
        }
        return null;
    }
}

/// <summary>The names of attributes.</summary>
internal static class AttributeTable
{
    private static readonly (string Name, AttributeKind Kind)[] Rows =
    [
        ("access", AttributeKind.Access),
        ("alias", AttributeKind.Alias),
        ("aligned", AttributeKind.Aligned),
        ("alloc_align", AttributeKind.AllocAlign),
        ("alloc_size", AttributeKind.AllocSize),
        ("always_inline", AttributeKind.AlwaysInline),
        ("artificial", AttributeKind.Artificial),
        ("assume_aligned", AttributeKind.AssumeAligned),
        ("cdecl", AttributeKind.Cdecl),
        ("cleanup", AttributeKind.Cleanup),
        ("cold", AttributeKind.Cold),
        ("common", AttributeKind.Common),
        ("const", AttributeKind.Const),
        ("constructor", AttributeKind.Constructor),
        ("copy", AttributeKind.Copy),
        ("deprecated", AttributeKind.Deprecated),
        ("designated_init", AttributeKind.Designated),
        ("destructor", AttributeKind.Destructor),
        ("error", AttributeKind.Error),
        ("externally_visible", AttributeKind.Externally),
        ("fallthrough", AttributeKind.FallThrough),
        ("fastcall", AttributeKind.Fastcall),
        ("flatten", AttributeKind.Flatten),
        ("force_align_arg_pointer", AttributeKind.ForceAlignArgPointer),
        ("format", AttributeKind.Format),
        ("format_arg", AttributeKind.FormatArg),
        ("function_return", AttributeKind.FunctionReturnThunk),
        ("gcc_struct", AttributeKind.GccStruct),
        ("gnu_inline", AttributeKind.GnuInline),
        ("hot", AttributeKind.Hot),
        ("ifunc", AttributeKind.Ifunc),
        ("indirect_branch", AttributeKind.FunctionReturnThunk),
        ("interrupt", AttributeKind.Interrupt),
        ("leaf", AttributeKind.Leaf),
        ("malloc", AttributeKind.Malloc),
        ("may_alias", AttributeKind.MayAlias),
        ("maybe_unused", AttributeKind.Unused),
        ("mode", AttributeKind.Mode),
        ("ms_abi", AttributeKind.MsAbi),
        ("ms_struct", AttributeKind.MsStruct),
        ("naked", AttributeKind.Naked),
        ("no_icf", AttributeKind.NoIcf),
        ("no_instrument_function", AttributeKind.NoInstrument),
        ("no_profile_instrument_function", AttributeKind.NoInstrument),
        ("no_caller_saved_registers", AttributeKind.NoCallerSaved),
        ("no_reorder", AttributeKind.NoReorder),
        ("no_sanitize", AttributeKind.NoSanitize),
        ("no_sanitize_address", AttributeKind.NoSanitize),
        ("no_address_safety_analysis", AttributeKind.NoSanitize),
        ("no_sanitize_thread", AttributeKind.NoSanitize),
        ("no_sanitize_undefined", AttributeKind.NoSanitize),
        ("no_sanitize_coverage", AttributeKind.NoSanitize),
        ("no_stack_protector", AttributeKind.NoStackProtector),
        ("no_split_stack", AttributeKind.Ignored),
        ("no_stack_limit", AttributeKind.Ignored),
        ("noclone", AttributeKind.NoClone),
        ("nocommon", AttributeKind.NoCommon),
        ("nocf_check", AttributeKind.Ignored),
        ("cf_check", AttributeKind.Ignored),
        ("nodiscard", AttributeKind.NoDiscard),
        ("noinit", AttributeKind.Unknown),
        ("noinline", AttributeKind.NoInline),
        ("noipa", AttributeKind.NoIpa),
        ("nonnull", AttributeKind.NonNull),
        ("nonstring", AttributeKind.Ignored),
        ("noplt", AttributeKind.NoPlt),
        ("noreturn", AttributeKind.NoReturn),
        ("volatile", AttributeKind.NoReturn),
        ("nothrow", AttributeKind.NoThrow),
        ("optimize", AttributeKind.Optimize),
        ("packed", AttributeKind.Packed),
        ("patchable_function_entry", AttributeKind.Ignored),
        ("pure", AttributeKind.Pure),
        ("regparm", AttributeKind.Regparm),
        ("retain", AttributeKind.Retain),
        ("returns_nonnull", AttributeKind.ReturnsNonNull),
        ("returns_twice", AttributeKind.ReturnsTwice),
        ("scalar_storage_order", AttributeKind.ScalarStorageOrder),
        ("section", AttributeKind.Section),
        ("sentinel", AttributeKind.Sentinel),
        ("simd", AttributeKind.Simd),
        ("stack_protect", AttributeKind.Ignored),
        ("stdcall", AttributeKind.Stdcall),
        ("symver", AttributeKind.Symver),
        ("sysv_abi", AttributeKind.SysvAbi),
        ("target", AttributeKind.Target),
        ("target_clones", AttributeKind.TargetClones),
        ("tainted_args", AttributeKind.Ignored),
        ("thiscall", AttributeKind.Thiscall),
        ("tls_model", AttributeKind.TlsModel),
        ("transparent_union", AttributeKind.TransparentUnion),
        ("transaction_safe", AttributeKind.Ignored),
        ("transaction_unsafe", AttributeKind.Ignored),
        ("transaction_pure", AttributeKind.Ignored),
        ("transaction_callable", AttributeKind.Ignored),
        ("unavailable", AttributeKind.Unavailable),
        ("unused", AttributeKind.Unused),
        ("used", AttributeKind.Used),
        ("uninitialized", AttributeKind.Uninitialized),
        ("vector_size", AttributeKind.VectorSize),
        ("visibility", AttributeKind.Visibility),
        ("warn_if_not_aligned", AttributeKind.WarnIfNotAligned),
        ("warn_unused_result", AttributeKind.WarnUnusedResult),
        ("warning", AttributeKind.Warning),
        ("weak", AttributeKind.Weak),
        ("weakref", AttributeKind.WeakRef),
        ("zero_call_used_regs", AttributeKind.ZeroCallUsedRegs),
        ("no_dangling", AttributeKind.Ignored),
        ("null_terminated_string_arg", AttributeKind.Ignored),
        ("fd_arg", AttributeKind.Unknown),
        ("no_vector_cost", AttributeKind.Ignored),
        ("type generic", AttributeKind.Ignored),
        ("objc_root_class", AttributeKind.Unknown),
    ];

    /// <summary>Whether an attribute is known, by its name without underscores around it.</summary>
    public static bool Contains(string name)
    {
        foreach ((string known, AttributeKind kind) in Rows)
        {
            if (known == name)
                return kind != AttributeKind.Unknown;
        }
        return false;
    }

    /// <summary>How many arguments an attribute takes.</summary>
    public static (int Least, int Most) Arity(AttributeKind kind) => kind switch
    {
        AttributeKind.Unknown or AttributeKind.Ignored or AttributeKind.NonNull or AttributeKind.NoSanitize or AttributeKind.FunctionReturnThunk => (0, int.MaxValue),
        AttributeKind.Optimize or AttributeKind.Symver or AttributeKind.Target or AttributeKind.TargetClones => (1, int.MaxValue),
        AttributeKind.Aligned or AttributeKind.Constructor or AttributeKind.Destructor or AttributeKind.Deprecated or AttributeKind.Unavailable
            or AttributeKind.Sentinel or AttributeKind.Simd or AttributeKind.WeakRef or AttributeKind.NoDiscard => (0, 1),
        AttributeKind.Malloc => (0, 2),
        AttributeKind.Access => (1, 3),
        AttributeKind.AllocSize or AttributeKind.AssumeAligned => (1, 2),
        AttributeKind.Format => (3, 3),
        AttributeKind.Alias or AttributeKind.AllocAlign or AttributeKind.Cleanup or AttributeKind.Copy or AttributeKind.Error or AttributeKind.Warning
            or AttributeKind.FormatArg or AttributeKind.Ifunc or AttributeKind.Mode or AttributeKind.Regparm or AttributeKind.ScalarStorageOrder
            or AttributeKind.Section or AttributeKind.TlsModel or AttributeKind.VectorSize or AttributeKind.Visibility or AttributeKind.WarnIfNotAligned
            or AttributeKind.ZeroCallUsedRegs => (1, 1),
        _ => (0, 0),
    };

    /// <summary>The kinds by name id, both spellings (x and __x__).</summary>
    public static Dictionary<int, AttributeKind> Make(Interner names)
    {
        var table = new Dictionary<int, AttributeKind>(Rows.Length * 2);
        foreach ((string name, AttributeKind kind) in Rows)
        {
            table[names.Intern(name)] = kind;
            table[names.Intern("__" + name + "__")] = kind;
        }
        return table;
    }
}
