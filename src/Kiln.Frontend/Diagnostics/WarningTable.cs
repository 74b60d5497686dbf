namespace Kiln.Frontend.Diagnostics;

/// <summary>
/// gcc's names of the warning options of C, and what turns each on: D by default, A by -Wall, X by -Wextra,
/// P by -pedantic, U belongs to -Wunused. One row a member of <see cref="Warning"/>, in its order.
/// </summary>
public static class WarningTable
{
    private const string Rows = """
        abi
        absolute-value:X
        address:A
        address-of-packed-member:D
        aggregate-return
        aggressive-loop-optimizations:D
        alloc-size-larger-than:D
        alloc-zero
        alloca
        alloca-larger-than
        arith-conversion
        array-bounds:A
        array-compare:A
        array-parameter:A
        attribute-alias:D
        attribute-warning:D
        attributes:D
        bad-function-cast
        bidi-chars:D
        bool-compare:A
        bool-operation:A
        builtin-declaration-mismatch:D
        builtin-macro-redefined:D
        c++-compat
        c11-c2x-compat
        c90-c99-compat
        c99-c11-compat
        cannot-profile:D
        cast-align
        cast-function-type:X
        cast-qual
        char-subscripts:A
        clobbered:X
        comment:A
        conversion
        coverage-invalid-line-number:D
        coverage-mismatch:D
        cpp:D
        dangling-else:A
        dangling-pointer:A
        date-time
        declaration-after-statement
        deprecated:D
        deprecated-declarations:D
        designated-init:D
        disabled-optimization
        discarded-array-qualifiers:D
        discarded-qualifiers:D
        div-by-zero:D
        double-promotion
        duplicate-decl-specifier:A
        duplicated-branches
        duplicated-cond
        empty-body:X
        endif-labels:D
        enum-compare:A
        enum-conversion:X
        expansion-to-defined:XP
        float-conversion
        float-equal
        format:A
        format-contains-nul:A
        format-diag
        format-extra-args:A
        format-nonliteral
        format-overflow:A
        format-security
        format-signedness
        format-truncation:A
        format-y2k
        format-zero-length:A
        frame-address:A
        frame-larger-than
        free-nonheap-object:D
        if-not-aligned:D
        ignored-attributes:D
        ignored-qualifiers:X
        implicit
        implicit-fallthrough:X
        implicit-function-declaration:D
        implicit-int:D
        incompatible-pointer-types:D
        infinite-recursion:A
        init-self
        inline
        int-conversion:D
        int-in-bool-context:A
        int-to-pointer-cast:D
        invalid-memory-model:D
        invalid-pch
        jump-misses-init
        larger-than
        logical-not-parentheses:A
        logical-op
        long-long
        lto-type-mismatch:D
        main:AP
        maybe-uninitialized:A
        memset-elt-size:A
        memset-transposed-args:A
        misleading-indentation:A
        mismatched-dealloc:D
        missing-attributes:A
        missing-braces:A
        missing-declarations
        missing-field-initializers:X
        missing-include-dirs
        missing-parameter-type:X
        missing-profile:D
        missing-prototypes
        multichar:D
        multistatement-macros:A
        nested-externs
        nonnull:A
        nonnull-compare:A
        normalized:D
        null-dereference
        odr:D
        old-style-declaration:X
        old-style-definition
        openmp-simd:A
        overflow:D
        overlength-strings:P
        override-init:X
        override-init-side-effects:D
        packed
        packed-bitfield-compat:D
        packed-not-aligned:A
        padded
        parentheses:A
        pedantic:P
        pointer-arith:P
        pointer-compare:D
        pointer-sign:AP
        pointer-to-int-cast:D
        pragmas:D
        prio-ctor-dtor:D
        psabi:D
        redundant-decls
        restrict:A
        return-local-addr:D
        return-type:A
        scalar-storage-order:D
        sequence-point:A
        shadow
        shadow-compatible-local
        shadow-local
        shift-count-negative:D
        shift-count-overflow:D
        shift-negative-value:X
        shift-overflow:D
        sign-compare:X
        sign-conversion
        sizeof-array-argument:D
        sizeof-array-div:A
        sizeof-pointer-div:A
        sizeof-pointer-memaccess:A
        stack-protector
        stack-usage
        strict-aliasing:A
        strict-overflow
        strict-prototypes
        string-compare:X
        stringop-overflow:D
        stringop-overread:D
        stringop-truncation:A
        suggest-attribute=cold
        suggest-attribute=const
        suggest-attribute=format
        suggest-attribute=malloc
        suggest-attribute=noreturn
        suggest-attribute=pure
        suggest-final-methods
        suggest-final-types
        switch:A
        switch-bool:D
        switch-default
        switch-enum
        switch-outside-range:D
        switch-unreachable:D
        sync-nand:D
        system-headers
        tautological-compare:A
        traditional
        traditional-conversion
        trampolines
        trigraphs:A
        trivial-auto-var-init
        tsan:D
        type-limits:X
        undef
        uninitialized:AX
        unknown-pragmas:A
        unsuffixed-float-constants
        unused
        unused-but-set-parameter:U
        unused-but-set-variable:AU
        unused-const-variable:AU
        unused-function:AU
        unused-label:AU
        unused-local-typedefs:AU
        unused-macros
        unused-parameter:U
        unused-result:D
        unused-value:AU
        unused-variable:AU
        use-after-free:A
        varargs:D
        variadic-macros:P
        vector-operation-performance
        vla
        vla-larger-than
        vla-parameter:A
        volatile-register-var:A
        write-strings
        zero-length-bounds:A
        """;

    private static string[]? _names;
    private static string[]? _flags;

    /// <summary>The option's name without <c>-W</c>.</summary>
    public static string Name(Warning warning)
    {
        Load();
        return _names![(int)warning];
    }

    /// <summary>The name as gcc shows it behind a message: of options that take a level, with the sign of it; of members of a group that
    /// have no option of their own, the group's.</summary>
    public static string ShownName(Warning warning) => warning switch
    {
        Warning.Format or Warning.ImplicitFallthrough or Warning.ShiftOverflow or Warning.UnusedConstVariable or Warning.Normalized
            or Warning.FrameLargerThan or Warning.LargerThan or Warning.ArrayBounds or Warning.FormatOverflow or Warning.FormatTruncation
            or Warning.StringopOverflow or Warning.AllocaLargerThan or Warning.AttributeAlias => Name(warning) + "=",
        Warning.ShadowLocal or Warning.ShadowCompatibleLocal => "shadow",
        _ => Name(warning),
    };

    /// <summary>The letters of what turns it on.</summary>
    public static string Flags(Warning warning)
    {
        Load();
        return _flags![(int)warning];
    }

    /// <summary>The option of a name without <c>-W</c> (and without <c>=value</c>), or None.</summary>
    public static Warning Find(ReadOnlySpan<char> name)
    {
        Load();
        for (int i = 1; i < _names!.Length; i++)
        {
            if (name.SequenceEqual(_names[i]))
                return (Warning)i;
        }
        return name switch
        {
            "comments" => Warning.Comment,
            "missing-format-attribute" => Warning.SuggestAttributeFormat,
            "missing-noreturn" => Warning.SuggestAttributeNoreturn,
            "shadow=local" => Warning.ShadowLocal,
            "shadow=compatible-local" => Warning.ShadowCompatibleLocal,
            "shadow=global" => Warning.Shadow,
            _ => Warning.None,
        };
    }

    private static void Load()
    {
        if (_names is not null)
            return;
        string[] rows = Rows.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var names = new string[rows.Length + 1];
        var flags = new string[rows.Length + 1];
        names[0] = flags[0] = "";
        for (int i = 0; i < rows.Length; i++)
        {
            int colon = rows[i].IndexOf(':');
            names[i + 1] = colon < 0 ? rows[i] : rows[i][..colon];
            flags[i + 1] = colon < 0 ? "" : rows[i][(colon + 1)..];
        }
        _flags = flags;
        _names = names;
    }
}
