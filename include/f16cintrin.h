/* F16C intrinsics. */
#ifndef _F16CINTRIN_H_INCLUDED
#define _F16CINTRIN_H_INCLUDED

#include <avxintrin.h>

#pragma GCC push_options
#pragma GCC target("f16c")

__KILN_INLINE float _cvtsh_ss(unsigned short __A) { __v8hi __n = { (short)__A, 0, 0, 0, 0, 0, 0, 0 }; return __builtin_ia32_vcvtph2ps(__n)[0]; }
__KILN_INLINE __m128 _mm_cvtph_ps(__m128i __A) { return (__m128)__builtin_ia32_vcvtph2ps((__v8hi)__A); }
__KILN_INLINE __m256 _mm256_cvtph_ps(__m128i __A) { return (__m256)__builtin_ia32_vcvtph2ps256((__v8hi)__A); }
#define _cvtss_sh(A, N) ((unsigned short)__builtin_ia32_vcvtps2ph((__v4sf){ (A), 0, 0, 0 }, (N))[0])
#define _mm_cvtps_ph(A, B) ((__m128i)__builtin_ia32_vcvtps2ph((__v4sf)(__m128)(A), (B)))
#define _mm256_cvtps_ph(A, B) ((__m128i)__builtin_ia32_vcvtps2ph256((__v8sf)(__m256)(A), (B)))

#pragma GCC pop_options

#endif
