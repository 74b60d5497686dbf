using System.Text;
using Kiln.Frontend.Builtins;
using Kiln.Frontend.Parse;
using Kiln.Target.X86;

namespace Kiln.Frontend.Preprocess;

/// <summary>What Kiln's own front end knows: its tables of attributes and builtins answer <c>__has_attribute</c> and <c>__has_builtin</c>.</summary>
internal sealed class FrontendFeatures : IFeatureOracle
{
    /// <inheritdoc/>
    public int HasAttribute(string name) => Standard(name) is var version and > 0 ? version : AttributeTable.Contains(name) ? 1 : 0;

    /// <inheritdoc/>
    public int HasCAttribute(string scope, string name) => scope switch
    {
        "" => Standard(name),
        "gnu" => AttributeTable.Contains(name) ? 1 : 0,
        _ => 0,
    };

    /// <summary>The versions that gcc 12 tells of the attributes of C23.</summary>
    private static int Standard(string name) => name switch
    {
        "deprecated" or "maybe_unused" or "fallthrough" => 201904,
        "nodiscard" => 202003,
        _ => 0,
    };

    /// <inheritdoc/>
    public int HasBuiltin(string name)
    {
        if (s_operators.Contains(name))
            return 1;
        if (name.StartsWith(IntrinsicTable.Prefix, StringComparison.Ordinal))
            return IntrinsicTable.Find(name[IntrinsicTable.Prefix.Length..]) is not null ? 1 : 0;
        byte[] spelled = Encoding.UTF8.GetBytes(name);
        return IsBuiltin(spelled) || IsSized(spelled) ? 1 : 0;
    }

    // Builtins that take a type or otherwise read as operators do: the parser knows them, no row does.
    private static readonly HashSet<string> s_operators =
    [
        "__builtin_offsetof", "__builtin_types_compatible_p", "__builtin_choose_expr", "__builtin_shuffle", "__builtin_shufflevector",
        "__builtin_convertvector", "__builtin_has_attribute", "__builtin_assoc_barrier", "__builtin_tgmath",
    ];

    // __sync_fetch_and_add_4 and __atomic_load_8 are of the family of the name without the size.
    private static bool IsSized(ReadOnlySpan<byte> name)
    {
        int size = name.LastIndexOf((byte)'_');
        return size > 0 && (name.StartsWith("__sync_"u8) || name.StartsWith("__atomic_"u8))
            && Encoding.UTF8.GetString(name[(size + 1)..]) is "1" or "2" or "4" or "8" or "16" && IsBuiltin(name[..size]);
    }

    private static bool IsBuiltin(ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<byte> stem = name.StartsWith("__builtin_"u8) ? name["__builtin_".Length..] : default;
        for (int at = 0; BuiltinRows.Next(ref at, out BuiltinRow row);)
        {
            bool isWhole = row.Name.StartsWith("__"u8);
            if (row.Has(stem) && !(isWhole && (stem.StartsWith("__sync_"u8) || stem.StartsWith("__atomic_"u8))))
                return true;
            if ((isWhole || row.Flags.IndexOfAny((byte)'P', (byte)'G') >= 0) && row.Has(name))
                return true;
        }
        return false;
    }
}
