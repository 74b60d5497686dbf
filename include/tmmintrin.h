/* SSSE3 intrinsics. */
#ifndef _TMMINTRIN_H_INCLUDED
#define _TMMINTRIN_H_INCLUDED

#include <pmmintrin.h>

#pragma GCC push_options
#pragma GCC target("ssse3")

__KILN_INLINE __m128i _mm_hadd_epi16(__m128i __A, __m128i __B) { return (__m128i)__builtin_ia32_phaddw128((__v8hi)__A, (__v8hi)__B); }
__KILN_INLINE __m128i _mm_hadd_epi32(__m128i __A, __m128i __B) { return (__m128i)__builtin_ia32_phaddd128((__v4si)__A, (__v4si)__B); }
__KILN_INLINE __m128i _mm_hadds_epi16(__m128i __A, __m128i __B) { return (__m128i)__builtin_ia32_phaddsw128((__v8hi)__A, (__v8hi)__B); }
__KILN_INLINE __m128i _mm_hsub_epi16(__m128i __A, __m128i __B) { return (__m128i)__builtin_ia32_phsubw128((__v8hi)__A, (__v8hi)__B); }
__KILN_INLINE __m128i _mm_hsub_epi32(__m128i __A, __m128i __B) { return (__m128i)__builtin_ia32_phsubd128((__v4si)__A, (__v4si)__B); }
__KILN_INLINE __m128i _mm_hsubs_epi16(__m128i __A, __m128i __B) { return (__m128i)__builtin_ia32_phsubsw128((__v8hi)__A, (__v8hi)__B); }
__KILN_INLINE __m128i _mm_maddubs_epi16(__m128i __A, __m128i __B) { return (__m128i)__builtin_ia32_pmaddubsw128((__v16qi)__A, (__v16qi)__B); }
__KILN_INLINE __m128i _mm_mulhrs_epi16(__m128i __A, __m128i __B) { return (__m128i)__builtin_ia32_pmulhrsw128((__v8hi)__A, (__v8hi)__B); }
__KILN_INLINE __m128i _mm_shuffle_epi8(__m128i __A, __m128i __B) { return (__m128i)__builtin_ia32_pshufb128((__v16qi)__A, (__v16qi)__B); }
__KILN_INLINE __m128i _mm_sign_epi8(__m128i __A, __m128i __B) { return (__m128i)__builtin_ia32_psignb128((__v16qi)__A, (__v16qi)__B); }
__KILN_INLINE __m128i _mm_sign_epi16(__m128i __A, __m128i __B) { return (__m128i)__builtin_ia32_psignw128((__v8hi)__A, (__v8hi)__B); }
__KILN_INLINE __m128i _mm_sign_epi32(__m128i __A, __m128i __B) { return (__m128i)__builtin_ia32_psignd128((__v4si)__A, (__v4si)__B); }
__KILN_INLINE __m128i _mm_abs_epi8(__m128i __A) { return (__m128i)__builtin_ia32_pabsb128((__v16qi)__A); }
__KILN_INLINE __m128i _mm_abs_epi16(__m128i __A) { return (__m128i)__builtin_ia32_pabsw128((__v8hi)__A); }
__KILN_INLINE __m128i _mm_abs_epi32(__m128i __A) { return (__m128i)__builtin_ia32_pabsd128((__v4si)__A); }
#define _mm_alignr_epi8(A, B, N) ((__m128i)__builtin_ia32_palignr128((__v2di)(__m128i)(A), (__v2di)(__m128i)(B), (N) * 8))
__KILN_INLINE __m64 _mm_hadd_pi16(__m64 __A, __m64 __B) { return (__m64)__builtin_ia32_phaddw((__v4hi)__A, (__v4hi)__B); }
__KILN_INLINE __m64 _mm_hadd_pi32(__m64 __A, __m64 __B) { return (__m64)__builtin_ia32_phaddd((__v2si)__A, (__v2si)__B); }
__KILN_INLINE __m64 _mm_hadds_pi16(__m64 __A, __m64 __B) { return (__m64)__builtin_ia32_phaddsw((__v4hi)__A, (__v4hi)__B); }
__KILN_INLINE __m64 _mm_hsub_pi16(__m64 __A, __m64 __B) { return (__m64)__builtin_ia32_phsubw((__v4hi)__A, (__v4hi)__B); }
__KILN_INLINE __m64 _mm_hsub_pi32(__m64 __A, __m64 __B) { return (__m64)__builtin_ia32_phsubd((__v2si)__A, (__v2si)__B); }
__KILN_INLINE __m64 _mm_hsubs_pi16(__m64 __A, __m64 __B) { return (__m64)__builtin_ia32_phsubsw((__v4hi)__A, (__v4hi)__B); }
__KILN_INLINE __m64 _mm_maddubs_pi16(__m64 __A, __m64 __B) { return (__m64)__builtin_ia32_pmaddubsw((__v8qi)__A, (__v8qi)__B); }
__KILN_INLINE __m64 _mm_mulhrs_pi16(__m64 __A, __m64 __B) { return (__m64)__builtin_ia32_pmulhrsw((__v4hi)__A, (__v4hi)__B); }
__KILN_INLINE __m64 _mm_sign_pi8(__m64 __A, __m64 __B) { return (__m64)__builtin_ia32_psignb((__v8qi)__A, (__v8qi)__B); }
__KILN_INLINE __m64 _mm_sign_pi16(__m64 __A, __m64 __B) { return (__m64)__builtin_ia32_psignw((__v4hi)__A, (__v4hi)__B); }
__KILN_INLINE __m64 _mm_sign_pi32(__m64 __A, __m64 __B) { return (__m64)__builtin_ia32_psignd((__v2si)__A, (__v2si)__B); }
__KILN_INLINE __m64 _mm_shuffle_pi8(__m64 __A, __m64 __B) { __m128i __n = _mm_and_si128(_mm_movpi64_epi64(__B), _mm_set1_epi8((char)0x87)); return _mm_movepi64_pi64((__m128i)__builtin_ia32_pshufb128((__v16qi)_mm_movpi64_epi64(__A), (__v16qi)__n)); }
__KILN_INLINE __m64 _mm_abs_pi8(__m64 __A) { return (__m64)__builtin_ia32_pabsb((__v8qi)__A); }
__KILN_INLINE __m64 _mm_abs_pi16(__m64 __A) { return (__m64)__builtin_ia32_pabsw((__v4hi)__A); }
__KILN_INLINE __m64 _mm_abs_pi32(__m64 __A) { return (__m64)__builtin_ia32_pabsd((__v2si)__A); }
#define _mm_alignr_pi8(A, B, N) ((__m64)((N) >= 16 ? 0 : (long long)_mm_movepi64_pi64(_mm_alignr_epi8(_mm_setzero_si128(), _mm_set_epi64((A), (B)), (N) & 15))))

#pragma GCC pop_options

#endif
