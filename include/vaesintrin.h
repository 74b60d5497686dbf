/* VAES intrinsics of 256 bits. */
#ifndef __VAESINTRIN_H_INCLUDED
#define __VAESINTRIN_H_INCLUDED

#include <avx2intrin.h>

#pragma GCC push_options
#pragma GCC target("vaes")

__KILN_INLINE __m256i _mm256_aesdec_epi128(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_vaesdec_v32qi((__v32qi)__A, (__v32qi)__B); }
__KILN_INLINE __m256i _mm256_aesdeclast_epi128(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_vaesdeclast_v32qi((__v32qi)__A, (__v32qi)__B); }
__KILN_INLINE __m256i _mm256_aesenc_epi128(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_vaesenc_v32qi((__v32qi)__A, (__v32qi)__B); }
__KILN_INLINE __m256i _mm256_aesenclast_epi128(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_vaesenclast_v32qi((__v32qi)__A, (__v32qi)__B); }

#pragma GCC pop_options

#endif
