/* GFNI intrinsics of 128 and 256 bits. */
#ifndef _GFNIINTRIN_H_INCLUDED
#define _GFNIINTRIN_H_INCLUDED

#include <avxintrin.h>

#pragma GCC push_options
#pragma GCC target("gfni")

__KILN_INLINE __m128i _mm_gf2p8mul_epi8(__m128i __A, __m128i __B) { return (__m128i)__builtin_ia32_vgf2p8mulb_v16qi((__v16qi)__A, (__v16qi)__B); }
#define _mm_gf2p8affine_epi64_epi8(A, B, C) ((__m128i)__builtin_ia32_vgf2p8affineqb_v16qi((__v16qi)(__m128i)(A), (__v16qi)(__m128i)(B), (C)))
#define _mm_gf2p8affineinv_epi64_epi8(A, B, C) ((__m128i)__builtin_ia32_vgf2p8affineinvqb_v16qi((__v16qi)(__m128i)(A), (__v16qi)(__m128i)(B), (C)))
#pragma GCC push_options
#pragma GCC target("gfni,avx")
__KILN_INLINE __m256i _mm256_gf2p8mul_epi8(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_vgf2p8mulb_v32qi((__v32qi)__A, (__v32qi)__B); }
#define _mm256_gf2p8affine_epi64_epi8(A, B, C) ((__m256i)__builtin_ia32_vgf2p8affineqb_v32qi((__v32qi)(__m256i)(A), (__v32qi)(__m256i)(B), (C)))
#define _mm256_gf2p8affineinv_epi64_epi8(A, B, C) ((__m256i)__builtin_ia32_vgf2p8affineinvqb_v32qi((__v32qi)(__m256i)(A), (__v32qi)(__m256i)(B), (C)))
#pragma GCC pop_options

#pragma GCC pop_options

#endif
