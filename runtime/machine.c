/* Odds and ends that compiled code calls: executable stacks for trampolines, instruction caches, and what the processor can do. */
#include "kiln_runtime.h"
#include <stddef.h>

extern int mprotect(void *, size_t, int) __attribute__((weak));

/* Makes the pages that hold a trampoline (32 bytes at most) executable. */
void __enable_execute_stack(void *address)
{
    size_t page = 4096, start = (size_t)address & -page, end = ((size_t)address + 32 + page - 1) & -page;
    if (mprotect)
        mprotect((void *)start, end - start, 7);
}

void __clear_cache(void *begin, void *end)
{
    (void)begin;
    (void)end;
}

#if defined __x86_64__ || defined __i386__
#include <cpuid.h>

/* Layout and numbers are those of gcc's __cpu_model, which __builtin_cpu_supports and __builtin_cpu_is read. */
struct {
    unsigned vendor, type, subtype, features[1];
} __cpu_model __attribute__((visibility("hidden")));

unsigned __cpu_features2[1] __attribute__((visibility("hidden")));

enum { CMOV, MMX, POPCNT, SSE, SSE2, SSE3, SSSE3, SSE4_1, SSE4_2, AVX, AVX2, SSE4_A, FMA4, XOP, FMA, AVX512F, BMI, BMI2, AES, PCLMUL };

static void has(unsigned feature, unsigned is_there)
{
    if (is_there)
        __cpu_model.features[0] |= 1u << feature;
}

int __attribute__((constructor(101))) __cpu_indicator_init(void)
{
    unsigned a, b, c, d, vendor;
    if (__cpu_model.vendor)
        return 0;
    unsigned max = __get_cpuid_max(0, &vendor);
    if (max < 1) {
        __cpu_model.vendor = 3;
        return -1;
    }
    __cpu_model.vendor = vendor == signature_INTEL_ebx ? 1 : vendor == signature_AMD_ebx ? 2 : 3;
    __cpuid(1, a, b, c, d);
    unsigned saves_avx = 0;
    if (c & bit_OSXSAVE) {
        unsigned low, high;
        __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
        saves_avx = (low & 6) == 6;
    }
    has(CMOV, d & bit_CMOV);
    has(MMX, d & bit_MMX);
    has(SSE, d & bit_SSE);
    has(SSE2, d & bit_SSE2);
    has(POPCNT, c & bit_POPCNT);
    has(SSE3, c & bit_SSE3);
    has(SSSE3, c & bit_SSSE3);
    has(SSE4_1, c & bit_SSE4_1);
    has(SSE4_2, c & bit_SSE4_2);
    has(AES, c & bit_AES);
    has(PCLMUL, c & bit_PCLMUL);
    has(AVX, saves_avx && (c & bit_AVX));
    has(FMA, saves_avx && (c & bit_FMA));
    if (max >= 7) {
        __cpuid_count(7, 0, a, b, c, d);
        has(BMI, b & bit_BMI);
        has(BMI2, b & bit_BMI2);
        has(AVX2, saves_avx && (b & bit_AVX2));
    }
    if (__get_cpuid_max(0x80000000, 0) >= 0x80000001) {
        __cpuid(0x80000001, a, b, c, d);
        has(SSE4_A, c & bit_SSE4a);
        has(XOP, saves_avx && (c & bit_XOP));
        has(FMA4, saves_avx && (c & bit_FMA4));
    }
    return 0;
}
#endif
