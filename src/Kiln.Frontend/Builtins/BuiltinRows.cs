using System.Text;

namespace Kiln.Frontend.Builtins;

/// <summary>The words of one row of <see cref="BuiltinRows"/>.</summary>
internal readonly ref struct BuiltinRow
{
    /// <summary>What is behind the name of each member of a family.</summary>
    public static readonly string[] Suffixes = ["", "f", "l", "f16", "f32", "f64", "f32x", "f64x", "f128"];

    /// <summary>Splits a row.</summary>
    public BuiltinRow(ReadOnlySpan<byte> text)
    {
        int space = text.IndexOf((byte)' ');
        ReadOnlySpan<byte> name = text[..space];
        Members = name[^1] != '%' ? 1 : name[^2] != '%' ? 3 : 9;
        Name = name.TrimEnd((byte)'%');
        Flags = text[(text.LastIndexOf((byte)' ') + 1)..];
    }

    /// <summary>The name, or the stem of the names of a family.</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary>How many functions the row stands for.</summary>
    public int Members { get; }

    /// <summary>The flags' letters.</summary>
    public ReadOnlySpan<byte> Flags { get; }

    /// <summary>Whether a name is one of the row's.</summary>
    public bool Has(ReadOnlySpan<byte> name)
    {
        if (!name.StartsWith(Name))
            return false;
        ReadOnlySpan<byte> rest = name[Name.Length..];
        for (int member = 0; member < Members; member++)
        {
            if (Ascii.Equals(rest, Suffixes[member]))
                return true;
        }
        return false;
    }
}

/// <summary>
/// The builtins, a row each: name, type, flags. A name stands without its <c>__builtin_</c>; one that begins with two underscores is whole.
/// <para>Names: <c>%</c> behind it stands for three functions, of double, float (f) and long double (l); <c>%%</c> for the _FloatN ones too.</para>
/// <para>Types, the result first: v void, b _Bool, c char, i int, u unsigned, l long, L unsigned long, q long long, Q unsigned long long,
/// z size_t, Z ptrdiff_t, w wchar_t, W wint_t, t uint16_t, n __int128, N unsigned __int128, h _Float16, f float, d double, e long double, k _Float128,
/// 1 _Float32, 2 _Float64, 3 _Float32x, 4 _Float64x, p void *, P const void *, V volatile void *, s char *, S const char *, a va_list; C before a letter: complex of it;
/// * behind: pointer to it; a dot at the end: variadic; ? alone: any types.</para>
/// <para>Flags: P the plain name of ISO C means it too; G the plain name, but in strict ISO modes; L no library function stands behind it;
/// c const, p pure, e const but for errno, r noreturn, m malloc, x returns twice.</para>
/// </summary>
internal static class BuiltinRows
{
    public static ReadOnlySpan<byte> Text => """
        memcpy ppPz P
        mempcpy ppPz G
        memmove ppPz P
        memset ppiz P
        memcmp iPPz Pp
        memchr pPiz Pp
        memrchr pPiz Gp
        bcmp iPPz Gp
        bcopy vPpz G
        bzero vpz G
        strlen zS Pp
        strnlen zSz Gp
        strcpy ssS P
        stpcpy ssS G
        strncpy ssSz P
        stpncpy ssSz G
        strcat ssS P
        strncat ssSz P
        strcmp iSS Pp
        strncmp iSSz Pp
        strcasecmp iSS Gp
        strncasecmp iSSz Gp
        strchr sSi Pp
        strrchr sSi Pp
        index sSi Gp
        rindex sSi Gp
        strstr sSS Pp
        strspn zSS Pp
        strcspn zSS Pp
        strpbrk sSS Pp
        strdup sS Gm
        strndup sSz Gm
        __memcpy_chk ppPzz P
        __mempcpy_chk ppPzz P
        __memmove_chk ppPzz P
        __memset_chk ppizz P
        __strcpy_chk ssSz P
        __stpcpy_chk ssSz P
        __strncpy_chk ssSzz P
        __stpncpy_chk ssSzz P
        __strcat_chk ssSz P
        __strncat_chk ssSzz P
        __sprintf_chk isizS. P
        __snprintf_chk iszizS. P
        __vsprintf_chk isizSa P
        __vsnprintf_chk iszizSa P
        __printf_chk iiS. P
        __fprintf_chk ipiS. P
        __vprintf_chk iiSa P
        __vfprintf_chk ipiSa P
        printf iS. P
        fprintf ipS. P
        sprintf isS. P
        snprintf iszS. P
        vprintf iSa P
        vfprintf ipSa P
        vsprintf isSa P
        vsnprintf iszSa P
        scanf iS. P
        fscanf ipS. P
        sscanf iSS. P
        vscanf iSa P
        vfscanf ipSa P
        vsscanf iSSa P
        puts iS P
        putchar ii P
        fputs iSp P
        fputc iip P
        putc iip -
        fwrite zPzzp P
        printf_unlocked iS. G
        fprintf_unlocked ipS. G
        puts_unlocked iS G
        putchar_unlocked ii G
        fputs_unlocked iSp G
        fputc_unlocked iip G
        fwrite_unlocked zPzzp G
        malloc pz Pm
        calloc pzz Pm
        realloc ppz P
        free vp P
        aligned_alloc pzz Pm
        posix_memalign ip*zz G
        abort v Pr
        exit vi Pr
        _exit vi Gr
        _Exit vi Pr
        abs ii Pc
        labs ll Pc
        llabs qq Pc
        imaxabs ll Pc
        ffs ii Gc
        ffsl il Gc
        ffsll iq Gc
        ffsimax il c
        isalnum ii Pp
        isalpha ii Pp
        isascii ii Gp
        isblank ii Pp
        iscntrl ii Pp
        isdigit ii Pp
        isgraph ii Pp
        islower ii Pp
        isprint ii Pp
        ispunct ii Pp
        isspace ii Pp
        isupper ii Pp
        isxdigit ii Pp
        toascii ii Gp
        tolower ii Pp
        toupper ii Pp
        iswalnum iW Pp
        iswalpha iW Pp
        iswblank iW Pp
        iswcntrl iW Pp
        iswdigit iW Pp
        iswgraph iW Pp
        iswlower iW Pp
        iswprint iW Pp
        iswpunct iW Pp
        iswspace iW Pp
        iswupper iW Pp
        iswxdigit iW Pp
        towlower WW Pp
        towupper WW Pp
        strftime zszSP P
        strfmon ZszS. G
        gettext sS G
        dgettext sSS G
        dcgettext sSSi G
        execl iSS. G
        execlp iSS. G
        execle iSS. G
        execv iSs* G
        execvp iSs* G
        execve iSs*s* G
        fork i G
        acos% dd Pe
        acosh% dd Pe
        asin% dd Pe
        asinh% dd Pc
        atan% dd Pc
        atan2% ddd Pe
        atanh% dd Pe
        cbrt% dd Pc
        ceil%% dd Pc
        copysign%% ddd Pc
        cos% dd Pe
        cosh% dd Pe
        drem% ddd Ge
        erf% dd Pe
        erfc% dd Pe
        exp% dd Pe
        exp10% dd Ge
        exp2% dd Pe
        expm1% dd Pe
        fabs%% dd Pc
        fdim% ddd Pe
        floor%% dd Pc
        fma%% dddd Pe
        fmax%% ddd Pc
        fmin%% ddd Pc
        fmod% ddd Pe
        frexp% ddi* P
        gamma% dd G
        gamma_r ddi* G
        gammaf_r ffi* G
        gammal_r eei* G
        hypot% ddd Pe
        ilogb% id Pe
        j0% dd Ge
        j1% dd Ge
        jn% did Ge
        ldexp% ddi Pe
        lgamma% dd P
        lgamma_r ddi* G
        lgammaf_r ffi* G
        lgammal_r eei* G
        llrint% qd Pe
        llround% qd Pe
        log% dd Pe
        log10% dd Pe
        log1p% dd Pe
        log2% dd Pe
        logb% dd Pe
        lrint% ld Pe
        lround% ld Pe
        modf% ddd* P
        nearbyint%% dd Pc
        nextafter% ddd Pe
        nexttoward dde Pe
        nexttowardf ffe Pe
        nexttowardl eee Pe
        pow% ddd Pe
        pow10% dd Ge
        remainder% ddd Pe
        remquo% dddi* P
        rint%% dd Pc
        round%% dd Pc
        roundeven%% dd c
        scalb% ddd Ge
        scalbln% ddl Pe
        scalbn% ddi Pe
        significand% dd Gc
        sin% dd Pe
        sincos% vdd*d* G
        sinh% dd Pe
        sqrt%% dd Pe
        tan% dd Pe
        tanh% dd Pc
        tgamma% dd Pe
        trunc%% dd Pc
        y0% dd Ge
        y1% dd Ge
        yn% did Ge
        finite% id Gc
        cabs% dCd Pe
        cacos% CdCd Pe
        cacosh% CdCd Pe
        carg% dCd Pe
        casin% CdCd Pe
        casinh% CdCd Pe
        catan% CdCd Pe
        catanh% CdCd Pe
        ccos% CdCd Pe
        ccosh% CdCd Pe
        cexp% CdCd Pe
        cimag% dCd Pc
        clog% CdCd Pe
        clog10% CdCd Ge
        conj% CdCd Pc
        cpow% CdCdCd Pe
        cproj% CdCd Pc
        creal% dCd Pc
        csin% CdCd Pe
        csinh% CdCd Pe
        csqrt% CdCd Pe
        ctan% CdCd Pe
        ctanh% CdCd Pe
        cexpi% Cdd Lc
        feclearexcept ii P
        fegetenv ip P
        fegetexceptflag ipi P
        fegetround i P
        feholdexcept ip P
        feraiseexcept ii P
        fesetenv iP P
        fesetexceptflag iPi P
        fesetround ii P
        fetestexcept ii P
        feupdateenv iP P
        alloca pz GLm
        alloca_with_align pzz Lm
        alloca_with_align_and_max pzzz Lm
        stack_save p L
        stack_restore vp L
        inf% d Lc
        huge_val% d Lc
        inff16 h Lc
        inff32 1 Lc
        inff64 2 Lc
        inff128 k Lc
        inff32x 3 Lc
        inff64x 4 Lc
        infq k Lc
        huge_valf16 h Lc
        huge_valf32 1 Lc
        huge_valf64 2 Lc
        huge_valf128 k Lc
        huge_valf32x 3 Lc
        huge_valf64x 4 Lc
        huge_valq k Lc
        nan% dS Pc
        nanf16 hS c
        nanf32 1S c
        nanf64 2S c
        nanf128 kS c
        nanf32x 3S c
        nanf64x 4S c
        nanq kS Lc
        nans% dS Lc
        nansf16 hS Lc
        nansf32 1S Lc
        nansf64 2S Lc
        nansf128 kS Lc
        nansf32x 3S Lc
        nansf64x 4S Lc
        nansq kS Lc
        fabsq kk Lc
        copysignq kkk Lc
        powi% ddi Lc
        flt_rounds i L
        isnan ? L
        isnanf if L
        isnanl ie L
        isinf ? L
        isinff if L
        isinfl ie L
        isinf_sign ? L
        isfinite ? L
        finited32 id -
        isnormal ? L
        signbit ? L
        signbitf if L
        signbitl ie L
        issignaling ? L
        fpclassify ? L
        isgreater ? L
        isgreaterequal ? L
        isless ? L
        islessequal ? L
        islessgreater ? L
        isunordered ? L
        iseqsig ? L
        clz iu Lc
        clzl iL Lc
        clzll iQ Lc
        clzimax iL Lc
        ctz iu Lc
        ctzl iL Lc
        ctzll iQ Lc
        ctzimax iL Lc
        popcount iu Lc
        popcountl iL Lc
        popcountll iQ Lc
        popcountimax iL Lc
        parity iu Lc
        parityl iL Lc
        parityll iQ Lc
        parityimax iL Lc
        clrsb ii Lc
        clrsbl il Lc
        clrsbll iq Lc
        clrsbimax il Lc
        bswap16 tt Lc
        bswap32 uu Lc
        bswap64 LL Lc
        bswap128 NN Lc
        expect lll Lc
        expect_with_probability llld Lc
        unreachable v Lr
        trap v Lr
        prefetch vP. L
        assume_aligned pPz. Lc
        object_size ? L
        dynamic_object_size ? L
        constant_p ? L
        classify_type ? L
        speculation_safe_value ? L
        extend_pointer lp L
        clear_padding ? L
        launder pp L
        __clear_cache vpp -
        frame_address pu L
        return_address pu L
        extract_return_addr pp L
        frob_return_addr pp L
        dwarf_cfa p L
        dwarf_sp_column u L
        init_dwarf_reg_size_table vp L
        eh_return vlp Lr
        eh_return_data_regno ii L
        unwind_init v L
        apply_args p L
        apply ppPz L
        return vP Lr
        next_arg p. L
        saveregs p L
        args_info ii L
        setjmp ip Lx
        longjmp vpi Lr
        va_start ? L
        va_end ? L
        va_copy ? L
        stdarg_start ? L
        va_arg_pack ? L
        va_arg_pack_len ? L
        LINE ? L
        FILE ? L
        FUNCTION ? L
        cpu_init i L
        cpu_is iS L
        cpu_supports iS L
        thread_pointer p Lc
        add_overflow ? L
        sub_overflow ? L
        mul_overflow ? L
        add_overflow_p ? L
        sub_overflow_p ? L
        mul_overflow_p ? L
        sadd_overflow biii* L
        saddl_overflow blll* L
        saddll_overflow bqqq* L
        uadd_overflow buuu* L
        uaddl_overflow bLLL* L
        uaddll_overflow bQQQ* L
        ssub_overflow biii* L
        ssubl_overflow blll* L
        ssubll_overflow bqqq* L
        usub_overflow buuu* L
        usubl_overflow bLLL* L
        usubll_overflow bQQQ* L
        smul_overflow biii* L
        smull_overflow blll* L
        smulll_overflow bqqq* L
        umul_overflow buuu* L
        umull_overflow bLLL* L
        umulll_overflow bQQQ* L
        __atomic_load_n ? L
        __atomic_load ? L
        __atomic_store_n ? L
        __atomic_store ? L
        __atomic_exchange_n ? L
        __atomic_exchange ? L
        __atomic_compare_exchange_n ? L
        __atomic_compare_exchange ? L
        __atomic_fetch_add ? L
        __atomic_fetch_sub ? L
        __atomic_fetch_and ? L
        __atomic_fetch_xor ? L
        __atomic_fetch_or ? L
        __atomic_fetch_nand ? L
        __atomic_add_fetch ? L
        __atomic_sub_fetch ? L
        __atomic_and_fetch ? L
        __atomic_xor_fetch ? L
        __atomic_or_fetch ? L
        __atomic_nand_fetch ? L
        __atomic_test_and_set bVi L
        __atomic_clear vVi L
        __atomic_thread_fence vi L
        __atomic_signal_fence vi L
        __atomic_always_lock_free ? L
        __atomic_is_lock_free ? L
        __sync_fetch_and_add ? L
        __sync_fetch_and_sub ? L
        __sync_fetch_and_or ? L
        __sync_fetch_and_and ? L
        __sync_fetch_and_xor ? L
        __sync_fetch_and_nand ? L
        __sync_add_and_fetch ? L
        __sync_sub_and_fetch ? L
        __sync_or_and_fetch ? L
        __sync_and_and_fetch ? L
        __sync_xor_and_fetch ? L
        __sync_nand_and_fetch ? L
        __sync_bool_compare_and_swap ? L
        __sync_val_compare_and_swap ? L
        __sync_lock_test_and_set ? L
        __sync_lock_release ? L
        __sync_synchronize v L
        shuffle ? L
        shufflevector ? L
        convertvector ? L
        call_with_static_chain ? L
        """u8;

    /// <summary>Reads the row at a place in the text and moves on to the next.</summary>
    public static bool Next(ref int at, out BuiltinRow row)
    {
        ReadOnlySpan<byte> rest = Text[Math.Min(at, Text.Length)..];
        if (rest.IsEmpty)
        {
            row = default;
            return false;
        }
        int end = rest.IndexOf((byte)'\n');
        row = new BuiltinRow(end < 0 ? rest : rest[..end]);
        at += end < 0 ? rest.Length : end + 1;
        return true;
    }

    /// <summary>What a row's builtin does.</summary>
    public static BuiltinId IdOf(string name) => name switch
    {
        "memcpy" => BuiltinId.Memcpy,
        "mempcpy" => BuiltinId.Mempcpy,
        "memmove" => BuiltinId.Memmove,
        "memset" => BuiltinId.Memset,
        "memcmp" => BuiltinId.Memcmp,
        "memchr" => BuiltinId.Memchr,
        "bcmp" => BuiltinId.Bcmp,
        "bcopy" => BuiltinId.Bcopy,
        "bzero" => BuiltinId.Bzero,
        "strlen" => BuiltinId.Strlen,
        "strnlen" => BuiltinId.Strnlen,
        "strcpy" => BuiltinId.Strcpy,
        "stpcpy" => BuiltinId.Stpcpy,
        "strncpy" => BuiltinId.Strncpy,
        "strcat" => BuiltinId.Strcat,
        "strncat" => BuiltinId.Strncat,
        "strcmp" => BuiltinId.Strcmp,
        "strncmp" => BuiltinId.Strncmp,
        "strchr" or "index" => BuiltinId.Strchr,
        "strrchr" or "rindex" => BuiltinId.Strrchr,
        "strstr" => BuiltinId.Strstr,
        "strspn" => BuiltinId.Strspn,
        "strcspn" => BuiltinId.Strcspn,
        "strpbrk" => BuiltinId.Strpbrk,
        "strdup" => BuiltinId.Strdup,
        "__memcpy_chk" => BuiltinId.MemcpyChk,
        "__mempcpy_chk" => BuiltinId.MempcpyChk,
        "__memmove_chk" => BuiltinId.MemmoveChk,
        "__memset_chk" => BuiltinId.MemsetChk,
        "__strcpy_chk" => BuiltinId.StrcpyChk,
        "__stpcpy_chk" => BuiltinId.StpcpyChk,
        "__strncpy_chk" => BuiltinId.StrncpyChk,
        "__strcat_chk" => BuiltinId.StrcatChk,
        "__strncat_chk" => BuiltinId.StrncatChk,
        "printf" => BuiltinId.Printf,
        "fprintf" => BuiltinId.Fprintf,
        "puts" => BuiltinId.Puts,
        "putchar" => BuiltinId.Putchar,
        "fputs" => BuiltinId.Fputs,
        "fputc" => BuiltinId.Fputc,
        "fwrite" => BuiltinId.Fwrite,
        "sprintf" => BuiltinId.Sprintf,
        "snprintf" => BuiltinId.Snprintf,
        "malloc" => BuiltinId.Malloc,
        "calloc" => BuiltinId.Calloc,
        "realloc" => BuiltinId.Realloc,
        "free" => BuiltinId.Free,
        "aligned_alloc" => BuiltinId.AlignedAlloc,
        "abort" => BuiltinId.Abort,
        "exit" or "_exit" or "_Exit" => BuiltinId.Exit,
        "abs" or "labs" or "llabs" or "imaxabs" => BuiltinId.Abs,
        "ffs" or "ffsl" or "ffsll" or "ffsimax" => BuiltinId.Ffs,
        "isdigit" => BuiltinId.IsDigit,
        "isascii" => BuiltinId.IsAscii,
        "toascii" => BuiltinId.ToAscii,
        "tolower" => BuiltinId.Tolower,
        "toupper" => BuiltinId.Toupper,
        "ceil" => BuiltinId.Ceil,
        "copysign" or "copysignq" => BuiltinId.Copysign,
        "cos" => BuiltinId.Cos,
        "sin" => BuiltinId.Sin,
        "exp" => BuiltinId.Exp,
        "log" => BuiltinId.Log,
        "fabs" or "fabsq" => BuiltinId.Fabs,
        "floor" => BuiltinId.Floor,
        "fma" => BuiltinId.Fma,
        "fmax" => BuiltinId.Fmax,
        "fmin" => BuiltinId.Fmin,
        "fmod" => BuiltinId.Fmod,
        "frexp" => BuiltinId.Frexp,
        "ldexp" => BuiltinId.Ldexp,
        "lrint" or "llrint" => BuiltinId.Lrint,
        "lround" or "llround" => BuiltinId.Lround,
        "modf" => BuiltinId.Modf,
        "nearbyint" => BuiltinId.Nearbyint,
        "pow" => BuiltinId.Pow,
        "rint" => BuiltinId.Rint,
        "round" => BuiltinId.Round,
        "sqrt" => BuiltinId.Sqrt,
        "trunc" => BuiltinId.Trunc,
        "cabs" => BuiltinId.Cabs,
        "conj" => BuiltinId.Conj,
        "creal" => BuiltinId.Creal,
        "cimag" => BuiltinId.Cimag,
        "alloca" => BuiltinId.Alloca,
        "alloca_with_align" => BuiltinId.AllocaWithAlign,
        "alloca_with_align_and_max" => BuiltinId.AllocaWithAlignAndMax,
        "stack_save" => BuiltinId.StackSave,
        "stack_restore" => BuiltinId.StackRestore,
        "inf" or "inff16" or "inff32" or "inff64" or "inff128" or "inff32x" or "inff64x" or "infq" => BuiltinId.Inf,
        "huge_val" or "huge_valf16" or "huge_valf32" or "huge_valf64" or "huge_valf128" or "huge_valf32x" or "huge_valf64x" or "huge_valq" => BuiltinId.HugeVal,
        "nan" or "nanf16" or "nanf32" or "nanf64" or "nanf128" or "nanf32x" or "nanf64x" or "nanq" => BuiltinId.Nan,
        "nans" or "nansf16" or "nansf32" or "nansf64" or "nansf128" or "nansf32x" or "nansf64x" or "nansq" => BuiltinId.Nans,
        "powi" => BuiltinId.Powi,
        "flt_rounds" => BuiltinId.FltRounds,
        "isnan" or "isnanf" or "isnanl" => BuiltinId.IsNan,
        "isinf" or "isinff" or "isinfl" => BuiltinId.IsInf,
        "isinf_sign" => BuiltinId.IsInfSign,
        "isfinite" or "finite" => BuiltinId.IsFinite,
        "isnormal" => BuiltinId.IsNormal,
        "signbit" or "signbitf" or "signbitl" => BuiltinId.SignBit,
        "issignaling" => BuiltinId.IsSignaling,
        "fpclassify" => BuiltinId.FpClassify,
        "isgreater" => BuiltinId.IsGreater,
        "isgreaterequal" => BuiltinId.IsGreaterEqual,
        "isless" => BuiltinId.IsLess,
        "islessequal" => BuiltinId.IsLessEqual,
        "islessgreater" => BuiltinId.IsLessGreater,
        "isunordered" => BuiltinId.IsUnordered,
        "iseqsig" => BuiltinId.IsEqSig,
        "clz" or "clzl" or "clzll" or "clzimax" => BuiltinId.Clz,
        "ctz" or "ctzl" or "ctzll" or "ctzimax" => BuiltinId.Ctz,
        "popcount" or "popcountl" or "popcountll" or "popcountimax" => BuiltinId.Popcount,
        "parity" or "parityl" or "parityll" or "parityimax" => BuiltinId.Parity,
        "clrsb" or "clrsbl" or "clrsbll" or "clrsbimax" => BuiltinId.Clrsb,
        "bswap16" or "bswap32" or "bswap64" or "bswap128" => BuiltinId.Bswap,
        "expect" => BuiltinId.Expect,
        "expect_with_probability" => BuiltinId.ExpectWithProbability,
        "unreachable" => BuiltinId.Unreachable,
        "trap" => BuiltinId.Trap,
        "prefetch" => BuiltinId.Prefetch,
        "assume_aligned" => BuiltinId.AssumeAligned,
        "object_size" => BuiltinId.ObjectSize,
        "dynamic_object_size" => BuiltinId.DynamicObjectSize,
        "constant_p" => BuiltinId.ConstantP,
        "classify_type" => BuiltinId.ClassifyType,
        "speculation_safe_value" => BuiltinId.SpeculationSafeValue,
        "extend_pointer" => BuiltinId.ExtendPointer,
        "clear_padding" => BuiltinId.ClearPadding,
        "launder" => BuiltinId.Launder,
        "__clear_cache" => BuiltinId.ClearCache,
        "frame_address" => BuiltinId.FrameAddress,
        "return_address" => BuiltinId.ReturnAddress,
        "extract_return_addr" => BuiltinId.ExtractReturnAddress,
        "frob_return_addr" => BuiltinId.FrobReturnAddress,
        "dwarf_cfa" => BuiltinId.DwarfCfa,
        "dwarf_sp_column" => BuiltinId.DwarfSpColumn,
        "init_dwarf_reg_size_table" => BuiltinId.InitDwarfRegSizes,
        "eh_return" => BuiltinId.EhReturn,
        "eh_return_data_regno" => BuiltinId.EhReturnDataRegno,
        "unwind_init" => BuiltinId.UnwindInit,
        "apply_args" => BuiltinId.ApplyArgs,
        "apply" => BuiltinId.Apply,
        "return" => BuiltinId.Return,
        "next_arg" => BuiltinId.NextArg,
        "saveregs" => BuiltinId.SaveRegs,
        "args_info" => BuiltinId.ArgsInfo,
        "setjmp" => BuiltinId.NonLocalSetjmp,
        "longjmp" => BuiltinId.NonLocalLongjmp,
        "va_start" or "stdarg_start" => BuiltinId.VaStart,
        "va_end" => BuiltinId.VaEnd,
        "va_copy" => BuiltinId.VaCopy,
        "va_arg_pack" => BuiltinId.VaArgPack,
        "va_arg_pack_len" => BuiltinId.VaArgPackLen,
        "LINE" => BuiltinId.Line,
        "FILE" => BuiltinId.File,
        "FUNCTION" => BuiltinId.FunctionName,
        "cpu_init" => BuiltinId.CpuInit,
        "cpu_is" => BuiltinId.CpuIs,
        "cpu_supports" => BuiltinId.CpuSupports,
        "thread_pointer" => BuiltinId.ThreadPointer,
        "add_overflow" or "sadd_overflow" or "saddl_overflow" or "saddll_overflow" or "uadd_overflow" or "uaddl_overflow" or "uaddll_overflow" => BuiltinId.AddOverflow,
        "sub_overflow" or "ssub_overflow" or "ssubl_overflow" or "ssubll_overflow" or "usub_overflow" or "usubl_overflow" or "usubll_overflow" => BuiltinId.SubOverflow,
        "mul_overflow" or "smul_overflow" or "smull_overflow" or "smulll_overflow" or "umul_overflow" or "umull_overflow" or "umulll_overflow" => BuiltinId.MulOverflow,
        "add_overflow_p" => BuiltinId.AddOverflowP,
        "sub_overflow_p" => BuiltinId.SubOverflowP,
        "mul_overflow_p" => BuiltinId.MulOverflowP,
        "__atomic_load_n" => BuiltinId.AtomicLoadN,
        "__atomic_load" => BuiltinId.AtomicLoad,
        "__atomic_store_n" => BuiltinId.AtomicStoreN,
        "__atomic_store" => BuiltinId.AtomicStore,
        "__atomic_exchange_n" => BuiltinId.AtomicExchangeN,
        "__atomic_exchange" => BuiltinId.AtomicExchange,
        "__atomic_compare_exchange_n" => BuiltinId.AtomicCompareExchangeN,
        "__atomic_compare_exchange" => BuiltinId.AtomicCompareExchange,
        "__atomic_fetch_add" => BuiltinId.AtomicFetchAdd,
        "__atomic_fetch_sub" => BuiltinId.AtomicFetchSub,
        "__atomic_fetch_and" => BuiltinId.AtomicFetchAnd,
        "__atomic_fetch_xor" => BuiltinId.AtomicFetchXor,
        "__atomic_fetch_or" => BuiltinId.AtomicFetchOr,
        "__atomic_fetch_nand" => BuiltinId.AtomicFetchNand,
        "__atomic_add_fetch" => BuiltinId.AtomicAddFetch,
        "__atomic_sub_fetch" => BuiltinId.AtomicSubFetch,
        "__atomic_and_fetch" => BuiltinId.AtomicAndFetch,
        "__atomic_xor_fetch" => BuiltinId.AtomicXorFetch,
        "__atomic_or_fetch" => BuiltinId.AtomicOrFetch,
        "__atomic_nand_fetch" => BuiltinId.AtomicNandFetch,
        "__atomic_test_and_set" => BuiltinId.AtomicTestAndSet,
        "__atomic_clear" => BuiltinId.AtomicClear,
        "__atomic_thread_fence" => BuiltinId.AtomicThreadFence,
        "__atomic_signal_fence" => BuiltinId.AtomicSignalFence,
        "__atomic_always_lock_free" => BuiltinId.AtomicAlwaysLockFree,
        "__atomic_is_lock_free" => BuiltinId.AtomicIsLockFree,
        "__sync_fetch_and_add" => BuiltinId.SyncFetchAdd,
        "__sync_fetch_and_sub" => BuiltinId.SyncFetchSub,
        "__sync_fetch_and_or" => BuiltinId.SyncFetchOr,
        "__sync_fetch_and_and" => BuiltinId.SyncFetchAnd,
        "__sync_fetch_and_xor" => BuiltinId.SyncFetchXor,
        "__sync_fetch_and_nand" => BuiltinId.SyncFetchNand,
        "__sync_add_and_fetch" => BuiltinId.SyncAddFetch,
        "__sync_sub_and_fetch" => BuiltinId.SyncSubFetch,
        "__sync_or_and_fetch" => BuiltinId.SyncOrFetch,
        "__sync_and_and_fetch" => BuiltinId.SyncAndFetch,
        "__sync_xor_and_fetch" => BuiltinId.SyncXorFetch,
        "__sync_nand_and_fetch" => BuiltinId.SyncNandFetch,
        "__sync_bool_compare_and_swap" => BuiltinId.SyncBoolCompareSwap,
        "__sync_val_compare_and_swap" => BuiltinId.SyncValueCompareSwap,
        "__sync_lock_test_and_set" => BuiltinId.SyncLockTestSet,
        "__sync_lock_release" => BuiltinId.SyncLockRelease,
        "__sync_synchronize" => BuiltinId.SyncSynchronize,
        "shuffle" => BuiltinId.Shuffle,
        "shufflevector" => BuiltinId.ShuffleVector,
        "convertvector" => BuiltinId.ConvertVector,
        "call_with_static_chain" => BuiltinId.CallWithStaticChain,
        _ => BuiltinId.None,
    };
}
