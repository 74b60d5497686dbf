namespace Kiln.Suites;

/// <summary>
/// What gcc's tests ask of their target (gcc internals manual, "Keywords describing target attributes"), answered for C
/// on x86-64 Linux with glibc. What stands in no list is unknown, and a test that asks for it does not count.
/// </summary>
internal static class EffectiveTargets
{
    private static readonly HashSet<string> True = Words("""
        c lp64 alloca indirect_jumps nonlocal_goto label_values trampolines untyped_assembly return_address stdint_types inttypes_types
        int32 int32plus int128 ptr32plus size20plus size24plus size32plus double64 double64plus large_double large_long_double 4byte_wchar_t
        wchar wchar_t_char32_t_compatible fpic pie pic shared static fstack_protector fenv fenv_exceptions inf inff c99_runtime
        exceptions global_constructor init_priority le mmap pthread pthread_h signal tgmath_h ucontext_h tls tls_native tls_runtime
        non_strict_align trapping hard_float freorder frame_pointer_for_non_leaf scheduling string_merging store_merge
        sync_char_short sync_int_long sync_int_long_stack sync_long_long sync_long_long_runtime cas_int cas_char bswap bswap16 bswap32 bswap64
        float32 float64 float128 float32x float64x __float128 base_quadfloat_support float32_runtime float64_runtime float128_runtime
        float32x_runtime float64x_runtime floatn_nx_runtime float16 float16_runtime sse sse_runtime sse2 sse2_runtime vect_int
        supports_stack_clash_protection caller_implicit_probes ident_directive indirect_calls nonpic R_flag_in_section naked_functions
        libc_has_complex_functions mempcpy glibc weak_undefined builtin_eh_return large_initializer native
        alias visibility weak ifunc named-sections fork stack-check weak-override iconv gc-sections cxa-atexit pthread_create
        """);

    private static readonly HashSet<string> False = Words("""
        c++ c++11 c++14 c++17 c++20 c++2a c++11_down c++14_down c++17_down default_packed ilp32 ia32 x32 llp64 int16 short_enums
        unsigned_char be float128x float128x_runtime fixed_point ptr_eq_short short_eq_int int_eq_float
        wchar_t_char16_t_compatible dll profiling linker-plugin ascii-locale run_expensive_tests vmx_hw rv32 rv64 mips64 arm_eabi
        aarch64_sve powerpc_altivec_ok powerpc_vsx_ok arm_neon_ok arm_fp16_ok arm_fp16_alternative_ok persistent noinit autoincdec
        newlib_nano_io keeps_null_pointer_checks simulator avr pru nvptx amdgcn offload_nvptx
        vxworks vxworks_kernel
        """);

    /// <summary>Is <paramref name="name"/> true of this target? Null where that is not known.</summary>
    public static bool? Holds(string name) => True.Contains(name) ? true : False.Contains(name) ? false : null;

    private static HashSet<string> Words(string list) => [.. list.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries)];
}
