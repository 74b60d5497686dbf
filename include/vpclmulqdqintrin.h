/* VPCLMULQDQ intrinsics of 256 bits. */
#ifndef _VPCLMULQDQINTRIN_H_INCLUDED
#define _VPCLMULQDQINTRIN_H_INCLUDED

#include <avx2intrin.h>

#pragma GCC push_options
#pragma GCC target("vpclmulqdq")

#define _mm256_clmulepi64_epi128(A, B, C) ((__m256i)__builtin_ia32_vpclmulqdq_v4di((__v4di)(__m256i)(A), (__v4di)(__m256i)(B), (C)))

#pragma GCC pop_options

#endif
