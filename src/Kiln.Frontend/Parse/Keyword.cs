using Kiln.Base;

namespace Kiln.Frontend.Parse;

/// <summary>C's and GNU C's keywords. Spellings that mean the same are one keyword.</summary>
internal enum Keyword : byte
{
    None,
    // Storage classes and function specifiers.
    Typedef, Extern, Static, Auto, Register, ThreadLocal, Inline, Noreturn, Constexpr,
    // Type specifiers.
    Void, Char, Short, Int, Long, Float, Double, Signed, Unsigned, Bool, Complex, Imaginary, Int128,
    Float16, Float32, Float64, Float128, Float32x, Float64x, Float128x, BFloat16, Float80, Decimal32, Decimal64, Decimal128, BitInt,
    Struct, Union, Enum, Typeof, TypeofUnqual, AutoType, VaList,
    // Qualifiers.
    Const, Volatile, Restrict, Atomic,
    Alignas, Attribute, Extension, StaticAssert,
    // Statements.
    If, Else, While, Do, For, Switch, Case, Default, Break, Continue, Return, Goto, Asm, Label,
    // Expressions.
    Sizeof, Alignof, Alignof2, Generic, Real, Imag, FunctionName, True, False, NullPointer,
    BuiltinVaArg, BuiltinOffsetof, BuiltinChooseExpr, BuiltinTypesCompatible, BuiltinHasAttribute, BuiltinShuffle, BuiltinShuffleVector,
    BuiltinConvertVector, BuiltinComplex, BuiltinTgMath, BuiltinCallWithStaticChain, BuiltinAssocBarrier,
}

/// <summary>The standards a keyword needs.</summary>
internal static class KeywordTable
{
    private enum When : byte
    {
        Always,
        /// <summary>C99 on, or GNU C.</summary>
        C99OrGnu,
        /// <summary>C99 on.</summary>
        C99,
        /// <summary>GNU C of any standard.</summary>
        Gnu,
        GnuOr23,
        C23,
        X86,
    }

    private static readonly (string Name, Keyword Keyword, When When)[] Rows =
    [
        ("typedef", Keyword.Typedef, When.Always),
        ("extern", Keyword.Extern, When.Always),
        ("static", Keyword.Static, When.Always),
        ("auto", Keyword.Auto, When.Always),
        ("register", Keyword.Register, When.Always),
        ("__thread", Keyword.ThreadLocal, When.Always),
        ("_Thread_local", Keyword.ThreadLocal, When.Always),
        ("thread_local", Keyword.ThreadLocal, When.C23),
        ("inline", Keyword.Inline, When.C99OrGnu),
        ("__inline", Keyword.Inline, When.Always),
        ("__inline__", Keyword.Inline, When.Always),
        ("_Noreturn", Keyword.Noreturn, When.Always),
        ("constexpr", Keyword.Constexpr, When.C23),
        ("void", Keyword.Void, When.Always),
        ("char", Keyword.Char, When.Always),
        ("short", Keyword.Short, When.Always),
        ("int", Keyword.Int, When.Always),
        ("long", Keyword.Long, When.Always),
        ("float", Keyword.Float, When.Always),
        ("double", Keyword.Double, When.Always),
        ("signed", Keyword.Signed, When.Always),
        ("__signed", Keyword.Signed, When.Always),
        ("__signed__", Keyword.Signed, When.Always),
        ("unsigned", Keyword.Unsigned, When.Always),
        ("_Bool", Keyword.Bool, When.Always),
        ("bool", Keyword.Bool, When.C23),
        ("_Complex", Keyword.Complex, When.Always),
        ("__complex", Keyword.Complex, When.Always),
        ("__complex__", Keyword.Complex, When.Always),
        ("_Imaginary", Keyword.Imaginary, When.Always),
        ("__int128", Keyword.Int128, When.Always),
        ("__int128_t", Keyword.None, When.Always),
        ("_Float16", Keyword.Float16, When.Always),
        ("_Float32", Keyword.Float32, When.Always),
        ("_Float64", Keyword.Float64, When.Always),
        ("_Float128", Keyword.Float128, When.Always),
        ("__float128", Keyword.Float128, When.X86),
        ("_Float32x", Keyword.Float32x, When.Always),
        ("_Float64x", Keyword.Float64x, When.Always),
        ("_Float128x", Keyword.Float128x, When.Always),
        ("__bf16", Keyword.BFloat16, When.Always),
        ("__float80", Keyword.Float80, When.X86),
        ("_Decimal32", Keyword.Decimal32, When.Always),
        ("_Decimal64", Keyword.Decimal64, When.Always),
        ("_Decimal128", Keyword.Decimal128, When.Always),
        ("_BitInt", Keyword.BitInt, When.Always),
        ("struct", Keyword.Struct, When.Always),
        ("union", Keyword.Union, When.Always),
        ("enum", Keyword.Enum, When.Always),
        ("typeof", Keyword.Typeof, When.GnuOr23),
        ("__typeof", Keyword.Typeof, When.Always),
        ("__typeof__", Keyword.Typeof, When.Always),
        ("typeof_unqual", Keyword.TypeofUnqual, When.C23),
        ("__auto_type", Keyword.AutoType, When.Always),
        ("__builtin_va_list", Keyword.VaList, When.Always),
        ("const", Keyword.Const, When.Always),
        ("__const", Keyword.Const, When.Always),
        ("__const__", Keyword.Const, When.Always),
        ("volatile", Keyword.Volatile, When.Always),
        ("__volatile", Keyword.Volatile, When.Always),
        ("__volatile__", Keyword.Volatile, When.Always),
        ("restrict", Keyword.Restrict, When.C99),
        ("__restrict", Keyword.Restrict, When.Always),
        ("__restrict__", Keyword.Restrict, When.Always),
        ("_Atomic", Keyword.Atomic, When.Always),
        ("_Alignas", Keyword.Alignas, When.Always),
        ("alignas", Keyword.Alignas, When.C23),
        ("__attribute", Keyword.Attribute, When.Always),
        ("__attribute__", Keyword.Attribute, When.Always),
        ("__extension__", Keyword.Extension, When.Always),
        ("_Static_assert", Keyword.StaticAssert, When.Always),
        ("static_assert", Keyword.StaticAssert, When.C23),
        ("if", Keyword.If, When.Always),
        ("else", Keyword.Else, When.Always),
        ("while", Keyword.While, When.Always),
        ("do", Keyword.Do, When.Always),
        ("for", Keyword.For, When.Always),
        ("switch", Keyword.Switch, When.Always),
        ("case", Keyword.Case, When.Always),
        ("default", Keyword.Default, When.Always),
        ("break", Keyword.Break, When.Always),
        ("continue", Keyword.Continue, When.Always),
        ("return", Keyword.Return, When.Always),
        ("goto", Keyword.Goto, When.Always),
        ("asm", Keyword.Asm, When.Gnu),
        ("__asm", Keyword.Asm, When.Always),
        ("__asm__", Keyword.Asm, When.Always),
        ("__label__", Keyword.Label, When.Always),
        ("sizeof", Keyword.Sizeof, When.Always),
        ("_Alignof", Keyword.Alignof, When.Always),
        ("alignof", Keyword.Alignof, When.C23),
        ("__alignof", Keyword.Alignof2, When.Always),
        ("__alignof__", Keyword.Alignof2, When.Always),
        ("_Generic", Keyword.Generic, When.Always),
        ("__real", Keyword.Real, When.Always),
        ("__real__", Keyword.Real, When.Always),
        ("__imag", Keyword.Imag, When.Always),
        ("__imag__", Keyword.Imag, When.Always),
        ("__func__", Keyword.FunctionName, When.Always),
        ("__FUNCTION__", Keyword.FunctionName, When.Always),
        ("__PRETTY_FUNCTION__", Keyword.FunctionName, When.Always),
        ("true", Keyword.True, When.C23),
        ("false", Keyword.False, When.C23),
        ("nullptr", Keyword.NullPointer, When.C23),
        ("__builtin_va_arg", Keyword.BuiltinVaArg, When.Always),
        ("__builtin_offsetof", Keyword.BuiltinOffsetof, When.Always),
        ("__builtin_choose_expr", Keyword.BuiltinChooseExpr, When.Always),
        ("__builtin_types_compatible_p", Keyword.BuiltinTypesCompatible, When.Always),
        ("__builtin_has_attribute", Keyword.BuiltinHasAttribute, When.Always),
        ("__builtin_shuffle", Keyword.BuiltinShuffle, When.Always),
        ("__builtin_shufflevector", Keyword.BuiltinShuffleVector, When.Always),
        ("__builtin_convertvector", Keyword.BuiltinConvertVector, When.Always),
        ("__builtin_complex", Keyword.BuiltinComplex, When.Always),
        ("__builtin_tgmath", Keyword.BuiltinTgMath, When.Always),
        ("__builtin_call_with_static_chain", Keyword.BuiltinCallWithStaticChain, When.Always),
        ("__builtin_assoc_barrier", Keyword.BuiltinAssocBarrier, When.Always),
    ];

    /// <summary>The keyword of each name id; names interned later are none.</summary>
    public static Keyword[] Make(Interner names, LanguageOptions options, bool isX86)
    {
        foreach ((string name, _, _) in Rows)
            names.Intern(name);
        var table = new Keyword[names.Count];
        foreach ((string name, Keyword keyword, When when) in Rows)
        {
            bool applies = when switch
            {
                When.Always => true,
                When.C99OrGnu => options.IsGnu || options.Standard >= CStandard.C99,
                When.C99 => options.Standard >= CStandard.C99,
                When.Gnu => options.IsGnu,
                When.GnuOr23 => options.IsGnu || options.Standard >= CStandard.C23,
                When.C23 => options.Standard >= CStandard.C23,
                When.X86 => isX86,
                _ => throw new ArgumentOutOfRangeException(nameof(when), when, null),
            };
            if (applies)
                table[names.Intern(name)] = keyword;
        }
        return table;
    }
}
