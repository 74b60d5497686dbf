using System.Text;
using Kiln.Frontend.Builtins;
using Kiln.Frontend.Parse;
using Kiln.Target.X86;

namespace Kiln.Frontend.Preprocess;

/// <summary>What Kiln's own front end knows: its tables of attributes and builtins answer <c>__has_attribute</c> and <c>__has_builtin</c>.</summary>
internal sealed class FrontendFeatures : IFeatureOracle
{
    private HashSet<string>? _builtins;

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
        _builtins ??= ReadBuiltins();
        if (_builtins.Contains(name))
            return 1;
        if (name.StartsWith(IntrinsicTable.Prefix, StringComparison.Ordinal))
            return IntrinsicTable.Find(name[IntrinsicTable.Prefix.Length..]) is not null ? 1 : 0;
        // __sync_fetch_and_add_4 and __atomic_load_8 are of the family of the name without the size.
        int size = name.LastIndexOf('_');
        return name.StartsWith("__", StringComparison.Ordinal) && size > 0 && name.AsSpan(size + 1) is "1" or "2" or "4" or "8" or "16"
            && (name.StartsWith("__sync_", StringComparison.Ordinal) || name.StartsWith("__atomic_", StringComparison.Ordinal))
            && _builtins.Contains(name[..size]) ? 1 : 0;
    }

    private static HashSet<string> ReadBuiltins()
    {
        var names = new HashSet<string>
        {
            "__builtin_offsetof", "__builtin_types_compatible_p", "__builtin_choose_expr", "__builtin_shuffle", "__builtin_shufflevector",
            "__builtin_convertvector", "__builtin_has_attribute", "__builtin_assoc_barrier", "__builtin_tgmath",
        };
        foreach (string row in Encoding.ASCII.GetString(BuiltinRows.Text).Split('\n'))
        {
            int space = row.IndexOf(' ');
            if (space <= 0)
                continue;
            string[] words = row.Split(' ');
            string name = words[0].TrimEnd('%');
            string flags = words.Length > 2 ? words[2] : "";
            int percents = words[0].Length - name.Length;
            string[] suffixes = percents == 0 ? [""] : percents == 1 ? ["", "f", "l"] : ["", "f", "l", "f16", "f32", "f64", "f32x", "f64x", "f128"];
            foreach (string suffix in suffixes)
            {
                bool isWhole = name.StartsWith("__", StringComparison.Ordinal);
                names.Add(isWhole ? name : $"__builtin_{name}{suffix}");
                if (isWhole && !name.StartsWith("__sync_", StringComparison.Ordinal) && !name.StartsWith("__atomic_", StringComparison.Ordinal))
                    names.Add($"__builtin_{name}");
                if (flags.Contains('P') || flags.Contains('G'))
                    names.Add(name + suffix);
            }
        }
        return names;
    }
}
