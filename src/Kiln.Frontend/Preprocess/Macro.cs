using Kiln.Base;
using Kiln.Frontend.Lex;

namespace Kiln.Frontend.Preprocess;

/// <summary>What an identifier that the macro table knows is.</summary>
public enum MacroKind : byte
{
    /// <summary>A macro without parameters.</summary>
    Object,
    /// <summary>A macro with a parameter list, be it empty.</summary>
    Function,
    /// <summary>A macro whose value is made when it is used: <c>__LINE__</c>.</summary>
    Dynamic,
    /// <summary>No macro: a name that <c>#pragma GCC poison</c> forbids.</summary>
    Poisoned,
    /// <summary>No macro: <c>__VA_ARGS__</c> or <c>__VA_OPT__</c>, which stand in variadic macros only.</summary>
    Reserved,
}

/// <summary>The macros that are made when they are used.</summary>
public enum DynamicMacro : byte
{
    None,
    Line,
    File,
    FileName,
    BaseFile,
    IncludeLevel,
    Date,
    Time,
    Timestamp,
    Counter,
    Pragma,
    HasInclude,
    HasIncludeNext,
    HasEmbed,
    HasAttribute,
    HasCAttribute,
    HasBuiltin,
    HasFeature,
    HasExtension,
}

/// <summary>
/// A macro. The body's tokens have the locations of their spelling; an expansion adds one offset to all of them. Parameters
/// in the body are tokens of kind <see cref="TokenKind.Parameter"/>.
/// </summary>
public sealed class Macro
{
    /// <summary>The interned name.</summary>
    public int Name;
    public MacroKind Kind;
    public DynamicMacro Dynamic;

    /// <summary>The last parameter takes the rest of the arguments.</summary>
    public bool IsVariadic;

    /// <summary>The variadic parameter has a name of its own (GNU).</summary>
    public bool IsNamedVariadic;

    /// <summary>The body has <c>##</c>: an expansion is built and not only read.</summary>
    public bool HasPaste;

    /// <summary>The body has <c>__VA_OPT__</c>.</summary>
    public bool HasVaOpt;

    /// <summary>It is being expanded: its name is not expanded in there.</summary>
    public bool IsDisabled;
    public bool IsUsed;

    /// <summary>Predefined, or from the command line: not listed in <c>-dD</c> as user's, no unused warning.</summary>
    public bool IsBuiltin;
    public bool IsSystem;

    /// <summary>The names of the parameters.</summary>
    public int[] Parameters = [];

    /// <summary>The replacement list; <c>#</c> and <c>##</c> are flags of its tokens.</summary>
    public Token[] Body = [];

    /// <summary>Where the name stands in the definition.</summary>
    public Location Location;

    /// <summary>Where the body begins, and how many bytes it takes up.</summary>
    public Location BodyStart;
    public int BodyLength;

    /// <summary>How many parameters there are.</summary>
    public int ParameterCount => Parameters.Length;

    /// <summary>Whether it counts as defined for <c>#ifdef</c>.</summary>
    public bool IsDefined => Kind is MacroKind.Object or MacroKind.Function or MacroKind.Dynamic;
}

/// <summary>
/// The macros by their interned name: an array, so that looking one up costs one access.
/// </summary>
public sealed class MacroTable
{
    private Macro?[] _macros = new Macro?[1 << 12];

    /// <summary>The macro or reserved name, or null.</summary>
    public Macro? this[int name] => (uint)name < (uint)_macros.Length ? _macros[name] : null;

    /// <summary>Sets or removes what a name stands for.</summary>
    public void Set(int name, Macro? macro)
    {
        if (name >= _macros.Length)
        {
            if (macro is null)
                return;
            Array.Resize(ref _macros, Math.Max(name + 1, _macros.Length * 2));
        }
        _macros[name] = macro;
    }

    /// <summary>Whether a name is a macro's.</summary>
    public bool IsDefined(int name) => this[name] is { IsDefined: true };

    /// <summary>All entries, by name; null where there is none.</summary>
    public ReadOnlySpan<Macro?> All => _macros;
}
