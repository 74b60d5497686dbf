/* AES and PCLMUL intrinsics. */
#ifndef _WMMINTRIN_H_INCLUDED
#define _WMMINTRIN_H_INCLUDED

#include <emmintrin.h>

#pragma GCC push_options
#pragma GCC target("sse2,aes")
__KILN_INLINE __m128i _mm_aesdec_si128(__m128i __A, __m128i __B) { return (__m128i)__builtin_ia32_aesdec128((__v2di)__A, (__v2di)__B); }
__KILN_INLINE __m128i _mm_aesdeclast_si128(__m128i __A, __m128i __B) { return (__m128i)__builtin_ia32_aesdeclast128((__v2di)__A, (__v2di)__B); }
__KILN_INLINE __m128i _mm_aesenc_si128(__m128i __A, __m128i __B) { return (__m128i)__builtin_ia32_aesenc128((__v2di)__A, (__v2di)__B); }
__KILN_INLINE __m128i _mm_aesenclast_si128(__m128i __A, __m128i __B) { return (__m128i)__builtin_ia32_aesenclast128((__v2di)__A, (__v2di)__B); }
__KILN_INLINE __m128i _mm_aesimc_si128(__m128i __A) { return (__m128i)__builtin_ia32_aesimc128((__v2di)__A); }
#define _mm_aeskeygenassist_si128(A, B) ((__m128i)__builtin_ia32_aeskeygenassist128((__v2di)(__m128i)(A), (B)))
#pragma GCC pop_options

#pragma GCC push_options
#pragma GCC target("sse2,pclmul")
#define _mm_clmulepi64_si128(A, B, C) ((__m128i)__builtin_ia32_pclmulqdq128((__v2di)(__m128i)(A), (__v2di)(__m128i)(B), (C)))
#pragma GCC pop_options

#endif
