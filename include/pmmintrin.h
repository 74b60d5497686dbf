/* SSE3 intrinsics. */
#ifndef _PMMINTRIN_H_INCLUDED
#define _PMMINTRIN_H_INCLUDED

#include <emmintrin.h>

#pragma GCC push_options
#pragma GCC target("sse3")

#define _MM_DENORMALS_ZERO_MASK 0x0040
#define _MM_DENORMALS_ZERO_ON 0x0040
#define _MM_DENORMALS_ZERO_OFF 0x0000
#define _MM_SET_DENORMALS_ZERO_MODE(M) _mm_setcsr((_mm_getcsr() & ~_MM_DENORMALS_ZERO_MASK) | (M))
#define _MM_GET_DENORMALS_ZERO_MODE() (_mm_getcsr() & _MM_DENORMALS_ZERO_MASK)
__KILN_INLINE __m128 _mm_addsub_ps(__m128 __A, __m128 __B) { return (__m128)__builtin_ia32_addsubps((__v4sf)__A, (__v4sf)__B); }
__KILN_INLINE __m128 _mm_hadd_ps(__m128 __A, __m128 __B) { return (__m128)__builtin_ia32_haddps((__v4sf)__A, (__v4sf)__B); }
__KILN_INLINE __m128 _mm_hsub_ps(__m128 __A, __m128 __B) { return (__m128)__builtin_ia32_hsubps((__v4sf)__A, (__v4sf)__B); }
__KILN_INLINE __m128d _mm_addsub_pd(__m128d __A, __m128d __B) { return (__m128d)__builtin_ia32_addsubpd((__v2df)__A, (__v2df)__B); }
__KILN_INLINE __m128d _mm_hadd_pd(__m128d __A, __m128d __B) { return (__m128d)__builtin_ia32_haddpd((__v2df)__A, (__v2df)__B); }
__KILN_INLINE __m128d _mm_hsub_pd(__m128d __A, __m128d __B) { return (__m128d)__builtin_ia32_hsubpd((__v2df)__A, (__v2df)__B); }
__KILN_INLINE __m128 _mm_movehdup_ps(__m128 __A) { return (__m128)__builtin_ia32_movshdup((__v4sf)__A); }
__KILN_INLINE __m128 _mm_moveldup_ps(__m128 __A) { return (__m128)__builtin_ia32_movsldup((__v4sf)__A); }
__KILN_INLINE __m128d _mm_loaddup_pd(double const *__P) { return _mm_set1_pd(*__P); }
__KILN_INLINE __m128d _mm_movedup_pd(__m128d __A) { return (__m128d){ __A[0], __A[0] }; }
__KILN_INLINE __m128i _mm_lddqu_si128(__m128i const *__P) { return (__m128i)__builtin_ia32_lddqu(__P); }
__KILN_INLINE void _mm_monitor(void const *__P, unsigned int __E, unsigned int __H) { __asm__ volatile ("monitor" : : "a" (__P), "c" (__E), "d" (__H)); }
__KILN_INLINE void _mm_mwait(unsigned int __E, unsigned int __H) { __asm__ volatile ("mwait" : : "c" (__E), "a" (__H)); }

#pragma GCC pop_options

#endif
