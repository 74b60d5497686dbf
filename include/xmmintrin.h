/* SSE intrinsics. */
#ifndef _XMMINTRIN_H_INCLUDED
#define _XMMINTRIN_H_INCLUDED

#include <mmintrin.h>
#include <mm_malloc.h>

#pragma GCC push_options
#pragma GCC target("sse")

typedef float __m128 __attribute__((__vector_size__(16), __may_alias__));
typedef float __m128_u __attribute__((__vector_size__(16), __may_alias__, __aligned__(1)));
typedef float __v4sf __attribute__((__vector_size__(16)));
typedef int __kiln_v4si __attribute__((__vector_size__(16)));

enum _mm_hint { _MM_HINT_ET0 = 7, _MM_HINT_ET1 = 6, _MM_HINT_T0 = 3, _MM_HINT_T1 = 2, _MM_HINT_T2 = 1, _MM_HINT_NTA = 0 };
#define _mm_prefetch(P, I) __builtin_prefetch((P), ((I) & 4) >> 2, (I) & 3)
#define _MM_SHUFFLE(Z, Y, X, W) (((Z) << 6) | ((Y) << 4) | ((X) << 2) | (W))
#define _MM_EXCEPT_MASK 0x003f
#define _MM_EXCEPT_INVALID 0x0001
#define _MM_EXCEPT_DENORM 0x0002
#define _MM_EXCEPT_DIV_ZERO 0x0004
#define _MM_EXCEPT_OVERFLOW 0x0008
#define _MM_EXCEPT_UNDERFLOW 0x0010
#define _MM_EXCEPT_INEXACT 0x0020
#define _MM_MASK_MASK 0x1f80
#define _MM_MASK_INVALID 0x0080
#define _MM_MASK_DENORM 0x0100
#define _MM_MASK_DIV_ZERO 0x0200
#define _MM_MASK_OVERFLOW 0x0400
#define _MM_MASK_UNDERFLOW 0x0800
#define _MM_MASK_INEXACT 0x1000
#define _MM_ROUND_MASK 0x6000
#define _MM_ROUND_NEAREST 0x0000
#define _MM_ROUND_DOWN 0x2000
#define _MM_ROUND_UP 0x4000
#define _MM_ROUND_TOWARD_ZERO 0x6000
#define _MM_FLUSH_ZERO_MASK 0x8000
#define _MM_FLUSH_ZERO_ON 0x8000
#define _MM_FLUSH_ZERO_OFF 0x0000
__KILN_INLINE __m128 _mm_undefined_ps(void) { __m128 __A = __A; return __A; }
__KILN_INLINE __m128 _mm_setzero_ps(void) { return (__m128){ 0, 0, 0, 0 }; }
__KILN_INLINE __m128 _mm_add_ps(__m128 __A, __m128 __B) { return (__m128)((__v4sf)__A + (__v4sf)__B); }
__KILN_INLINE __m128 _mm_sub_ps(__m128 __A, __m128 __B) { return (__m128)((__v4sf)__A - (__v4sf)__B); }
__KILN_INLINE __m128 _mm_mul_ps(__m128 __A, __m128 __B) { return (__m128)((__v4sf)__A * (__v4sf)__B); }
__KILN_INLINE __m128 _mm_div_ps(__m128 __A, __m128 __B) { return (__m128)((__v4sf)__A / (__v4sf)__B); }
__KILN_INLINE __m128 _mm_add_ss(__m128 __A, __m128 __B) { return (__m128)__builtin_ia32_addss((__v4sf)__A, (__v4sf)__B); }
__KILN_INLINE __m128 _mm_sub_ss(__m128 __A, __m128 __B) { return (__m128)__builtin_ia32_subss((__v4sf)__A, (__v4sf)__B); }
__KILN_INLINE __m128 _mm_mul_ss(__m128 __A, __m128 __B) { return (__m128)__builtin_ia32_mulss((__v4sf)__A, (__v4sf)__B); }
__KILN_INLINE __m128 _mm_div_ss(__m128 __A, __m128 __B) { return (__m128)__builtin_ia32_divss((__v4sf)__A, (__v4sf)__B); }
__KILN_INLINE __m128 _mm_min_ss(__m128 __A, __m128 __B) { return (__m128)__builtin_ia32_minss((__v4sf)__A, (__v4sf)__B); }
__KILN_INLINE __m128 _mm_max_ss(__m128 __A, __m128 __B) { return (__m128)__builtin_ia32_maxss((__v4sf)__A, (__v4sf)__B); }
__KILN_INLINE __m128 _mm_min_ps(__m128 __A, __m128 __B) { return (__m128)__builtin_ia32_minps((__v4sf)__A, (__v4sf)__B); }
__KILN_INLINE __m128 _mm_max_ps(__m128 __A, __m128 __B) { return (__m128)__builtin_ia32_maxps((__v4sf)__A, (__v4sf)__B); }
__KILN_INLINE __m128 _mm_and_ps(__m128 __A, __m128 __B) { return (__m128)((__kiln_v4si)__A & (__kiln_v4si)__B); }
__KILN_INLINE __m128 _mm_or_ps(__m128 __A, __m128 __B) { return (__m128)((__kiln_v4si)__A | (__kiln_v4si)__B); }
__KILN_INLINE __m128 _mm_xor_ps(__m128 __A, __m128 __B) { return (__m128)((__kiln_v4si)__A ^ (__kiln_v4si)__B); }
__KILN_INLINE __m128 _mm_andnot_ps(__m128 __A, __m128 __B) { return (__m128)(~(__kiln_v4si)__A & (__kiln_v4si)__B); }
__KILN_INLINE __m128 _mm_cmpeq_ss(__m128 __A, __m128 __B) { return (__m128)__builtin_ia32_cmpeqss((__v4sf)__A, (__v4sf)__B); }
__KILN_INLINE __m128 _mm_cmplt_ss(__m128 __A, __m128 __B) { return (__m128)__builtin_ia32_cmpltss((__v4sf)__A, (__v4sf)__B); }
__KILN_INLINE __m128 _mm_cmple_ss(__m128 __A, __m128 __B) { return (__m128)__builtin_ia32_cmpless((__v4sf)__A, (__v4sf)__B); }
__KILN_INLINE __m128 _mm_cmpneq_ss(__m128 __A, __m128 __B) { return (__m128)__builtin_ia32_cmpneqss((__v4sf)__A, (__v4sf)__B); }
__KILN_INLINE __m128 _mm_cmpnlt_ss(__m128 __A, __m128 __B) { return (__m128)__builtin_ia32_cmpnltss((__v4sf)__A, (__v4sf)__B); }
__KILN_INLINE __m128 _mm_cmpnle_ss(__m128 __A, __m128 __B) { return (__m128)__builtin_ia32_cmpnless((__v4sf)__A, (__v4sf)__B); }
__KILN_INLINE __m128 _mm_cmpord_ss(__m128 __A, __m128 __B) { return (__m128)__builtin_ia32_cmpordss((__v4sf)__A, (__v4sf)__B); }
__KILN_INLINE __m128 _mm_cmpunord_ss(__m128 __A, __m128 __B) { return (__m128)__builtin_ia32_cmpunordss((__v4sf)__A, (__v4sf)__B); }
__KILN_INLINE __m128 _mm_cmpeq_ps(__m128 __A, __m128 __B) { return (__m128)__builtin_ia32_cmpeqps((__v4sf)__A, (__v4sf)__B); }
__KILN_INLINE __m128 _mm_cmplt_ps(__m128 __A, __m128 __B) { return (__m128)__builtin_ia32_cmpltps((__v4sf)__A, (__v4sf)__B); }
__KILN_INLINE __m128 _mm_cmple_ps(__m128 __A, __m128 __B) { return (__m128)__builtin_ia32_cmpleps((__v4sf)__A, (__v4sf)__B); }
__KILN_INLINE __m128 _mm_cmpgt_ps(__m128 __A, __m128 __B) { return (__m128)__builtin_ia32_cmpgtps((__v4sf)__A, (__v4sf)__B); }
__KILN_INLINE __m128 _mm_cmpge_ps(__m128 __A, __m128 __B) { return (__m128)__builtin_ia32_cmpgeps((__v4sf)__A, (__v4sf)__B); }
__KILN_INLINE __m128 _mm_cmpneq_ps(__m128 __A, __m128 __B) { return (__m128)__builtin_ia32_cmpneqps((__v4sf)__A, (__v4sf)__B); }
__KILN_INLINE __m128 _mm_cmpnlt_ps(__m128 __A, __m128 __B) { return (__m128)__builtin_ia32_cmpnltps((__v4sf)__A, (__v4sf)__B); }
__KILN_INLINE __m128 _mm_cmpnle_ps(__m128 __A, __m128 __B) { return (__m128)__builtin_ia32_cmpnleps((__v4sf)__A, (__v4sf)__B); }
__KILN_INLINE __m128 _mm_cmpngt_ps(__m128 __A, __m128 __B) { return (__m128)__builtin_ia32_cmpngtps((__v4sf)__A, (__v4sf)__B); }
__KILN_INLINE __m128 _mm_cmpnge_ps(__m128 __A, __m128 __B) { return (__m128)__builtin_ia32_cmpngeps((__v4sf)__A, (__v4sf)__B); }
__KILN_INLINE __m128 _mm_cmpord_ps(__m128 __A, __m128 __B) { return (__m128)__builtin_ia32_cmpordps((__v4sf)__A, (__v4sf)__B); }
__KILN_INLINE __m128 _mm_cmpunord_ps(__m128 __A, __m128 __B) { return (__m128)__builtin_ia32_cmpunordps((__v4sf)__A, (__v4sf)__B); }
__KILN_INLINE __m128 _mm_cmpgt_ss(__m128 __A, __m128 __B) { return (__m128)(__builtin_ia32_movss((__v4sf)__A, __builtin_ia32_cmpltss((__v4sf)__B, (__v4sf)__A))); }
__KILN_INLINE __m128 _mm_cmpge_ss(__m128 __A, __m128 __B) { return (__m128)(__builtin_ia32_movss((__v4sf)__A, __builtin_ia32_cmpless((__v4sf)__B, (__v4sf)__A))); }
__KILN_INLINE __m128 _mm_cmpngt_ss(__m128 __A, __m128 __B) { return (__m128)(__builtin_ia32_movss((__v4sf)__A, __builtin_ia32_cmpnltss((__v4sf)__B, (__v4sf)__A))); }
__KILN_INLINE __m128 _mm_cmpnge_ss(__m128 __A, __m128 __B) { return (__m128)(__builtin_ia32_movss((__v4sf)__A, __builtin_ia32_cmpnless((__v4sf)__B, (__v4sf)__A))); }
__KILN_INLINE int _mm_comieq_ss(__m128 __A, __m128 __B) { return __builtin_ia32_comieq((__v4sf)__A, (__v4sf)__B); }
__KILN_INLINE int _mm_comilt_ss(__m128 __A, __m128 __B) { return __builtin_ia32_comilt((__v4sf)__A, (__v4sf)__B); }
__KILN_INLINE int _mm_comile_ss(__m128 __A, __m128 __B) { return __builtin_ia32_comile((__v4sf)__A, (__v4sf)__B); }
__KILN_INLINE int _mm_comigt_ss(__m128 __A, __m128 __B) { return __builtin_ia32_comigt((__v4sf)__A, (__v4sf)__B); }
__KILN_INLINE int _mm_comige_ss(__m128 __A, __m128 __B) { return __builtin_ia32_comige((__v4sf)__A, (__v4sf)__B); }
__KILN_INLINE int _mm_comineq_ss(__m128 __A, __m128 __B) { return __builtin_ia32_comineq((__v4sf)__A, (__v4sf)__B); }
__KILN_INLINE int _mm_ucomieq_ss(__m128 __A, __m128 __B) { return __builtin_ia32_ucomieq((__v4sf)__A, (__v4sf)__B); }
__KILN_INLINE int _mm_ucomilt_ss(__m128 __A, __m128 __B) { return __builtin_ia32_ucomilt((__v4sf)__A, (__v4sf)__B); }
__KILN_INLINE int _mm_ucomile_ss(__m128 __A, __m128 __B) { return __builtin_ia32_ucomile((__v4sf)__A, (__v4sf)__B); }
__KILN_INLINE int _mm_ucomigt_ss(__m128 __A, __m128 __B) { return __builtin_ia32_ucomigt((__v4sf)__A, (__v4sf)__B); }
__KILN_INLINE int _mm_ucomige_ss(__m128 __A, __m128 __B) { return __builtin_ia32_ucomige((__v4sf)__A, (__v4sf)__B); }
__KILN_INLINE int _mm_ucomineq_ss(__m128 __A, __m128 __B) { return __builtin_ia32_ucomineq((__v4sf)__A, (__v4sf)__B); }
__KILN_INLINE __m128 _mm_sqrt_ps(__m128 __A) { return (__m128)__builtin_ia32_sqrtps((__v4sf)__A); }
__KILN_INLINE __m128 _mm_sqrt_ss(__m128 __A) { return (__m128)__builtin_ia32_sqrtss((__v4sf)__A); }
__KILN_INLINE __m128 _mm_rcp_ps(__m128 __A) { return (__m128)__builtin_ia32_rcpps((__v4sf)__A); }
__KILN_INLINE __m128 _mm_rcp_ss(__m128 __A) { return (__m128)__builtin_ia32_rcpss((__v4sf)__A); }
__KILN_INLINE __m128 _mm_rsqrt_ps(__m128 __A) { return (__m128)__builtin_ia32_rsqrtps((__v4sf)__A); }
__KILN_INLINE __m128 _mm_rsqrt_ss(__m128 __A) { return (__m128)__builtin_ia32_rsqrtss((__v4sf)__A); }
__KILN_INLINE int _mm_cvtss_si32(__m128 __A) { return __builtin_ia32_cvtss2si((__v4sf)__A); }
__KILN_INLINE int _mm_cvtt_ss2si(__m128 __A) { return __builtin_ia32_cvttss2si((__v4sf)__A); }
__KILN_INLINE int _mm_cvt_ss2si(__m128 __A) { return __builtin_ia32_cvtss2si((__v4sf)__A); }
__KILN_INLINE int _mm_cvttss_si32(__m128 __A) { return __builtin_ia32_cvttss2si((__v4sf)__A); }
__KILN_INLINE long long _mm_cvtss_si64(__m128 __A) { return __builtin_ia32_cvtss2si64((__v4sf)__A); }
__KILN_INLINE long long _mm_cvtss_si64x(__m128 __A) { return __builtin_ia32_cvtss2si64((__v4sf)__A); }
__KILN_INLINE long long _mm_cvttss_si64(__m128 __A) { return __builtin_ia32_cvttss2si64((__v4sf)__A); }
__KILN_INLINE long long _mm_cvttss_si64x(__m128 __A) { return __builtin_ia32_cvttss2si64((__v4sf)__A); }
__KILN_INLINE __m64 _mm_cvtps_pi32(__m128 __A) { return (__m64)__builtin_ia32_cvtps2pi((__v4sf)__A); }
__KILN_INLINE __m64 _mm_cvt_ps2pi(__m128 __A) { return (__m64)__builtin_ia32_cvtps2pi((__v4sf)__A); }
__KILN_INLINE __m64 _mm_cvttps_pi32(__m128 __A) { return (__m64)__builtin_ia32_cvttps2pi((__v4sf)__A); }
__KILN_INLINE __m64 _mm_cvtt_ps2pi(__m128 __A) { return (__m64)__builtin_ia32_cvttps2pi((__v4sf)__A); }
__KILN_INLINE __m128 _mm_cvtsi32_ss(__m128 __A, int __B) { return (__m128)__builtin_ia32_cvtsi2ss((__v4sf)__A, __B); }
__KILN_INLINE __m128 _mm_cvt_si2ss(__m128 __A, int __B) { return (__m128)__builtin_ia32_cvtsi2ss((__v4sf)__A, __B); }
__KILN_INLINE __m128 _mm_cvtsi64_ss(__m128 __A, long long __B) { return (__m128)__builtin_ia32_cvtsi642ss((__v4sf)__A, __B); }
__KILN_INLINE __m128 _mm_cvtsi64x_ss(__m128 __A, long long __B) { return (__m128)__builtin_ia32_cvtsi642ss((__v4sf)__A, __B); }
__KILN_INLINE __m128 _mm_cvtpi32_ps(__m128 __A, __m64 __B) { __v2si __n = (__v2si)__B; return (__m128){ (float)__n[0], (float)__n[1], __A[2], __A[3] }; }
__KILN_INLINE __m128 _mm_cvt_pi2ps(__m128 __A, __m64 __B) { __v2si __n = (__v2si)__B; return (__m128){ (float)__n[0], (float)__n[1], __A[2], __A[3] }; }
__KILN_INLINE __m128 _mm_cvtpi16_ps(__m64 __A) { __v4hi __n = (__v4hi)__A; return (__m128){ __n[0], __n[1], __n[2], __n[3] }; }
__KILN_INLINE __m128 _mm_cvtpu16_ps(__m64 __A) { __v4hu __n = (__v4hu)__A; return (__m128){ __n[0], __n[1], __n[2], __n[3] }; }
__KILN_INLINE __m128 _mm_cvtpi8_ps(__m64 __A) { __v8qs __n = (__v8qs)__A; return (__m128){ __n[0], __n[1], __n[2], __n[3] }; }
__KILN_INLINE __m128 _mm_cvtpu8_ps(__m64 __A) { __v8qu __n = (__v8qu)__A; return (__m128){ __n[0], __n[1], __n[2], __n[3] }; }
__KILN_INLINE __m128 _mm_cvtpi32x2_ps(__m64 __A, __m64 __B) { __v2si __n = (__v2si)__A, __m = (__v2si)__B; return (__m128){ (float)__n[0], (float)__n[1], (float)__m[0], (float)__m[1] }; }
__KILN_INLINE __m128 _mm_movehl_ps(__m128 __A, __m128 __B) { return (__m128)(__builtin_ia32_movhlps((__v4sf)__A, (__v4sf)__B)); }
__KILN_INLINE __m64 _mm_cvtps_pi16(__m128 __A) { __v4sf __h = __builtin_ia32_movhlps((__v4sf)__A, (__v4sf)__A); return (__m64)__builtin_ia32_packssdw(__builtin_ia32_cvtps2pi((__v4sf)__A), __builtin_ia32_cvtps2pi(__h)); }
__KILN_INLINE __m64 _mm_cvtps_pi8(__m128 __A) { __v4hi __n = (__v4hi)_mm_cvtps_pi16(__A); return (__m64)__builtin_ia32_packsswb(__n, (__v4hi){ 0, 0, 0, 0 }); }
#define _mm_shuffle_ps(A, B, C) ((__m128)__builtin_ia32_shufps((__v4sf)(__m128)(A), (__v4sf)(__m128)(B), (C)))
__KILN_INLINE __m128 _mm_unpackhi_ps(__m128 __A, __m128 __B) { return (__m128)__builtin_ia32_unpckhps((__v4sf)__A, (__v4sf)__B); }
__KILN_INLINE __m128 _mm_unpacklo_ps(__m128 __A, __m128 __B) { return (__m128)__builtin_ia32_unpcklps((__v4sf)__A, (__v4sf)__B); }
__KILN_INLINE __m128 _mm_loadh_pi(__m128 __A, const __m64 *__B) { return (__m128)__builtin_ia32_loadhps((__v4sf)__A, __B); }
__KILN_INLINE __m128 _mm_loadl_pi(__m128 __A, const __m64 *__B) { return (__m128)__builtin_ia32_loadlps((__v4sf)__A, __B); }
__KILN_INLINE void _mm_storeh_pi(__m64 *__A, __m128 __B) { __builtin_ia32_storehps(__A, (__v4sf)__B); }
__KILN_INLINE void _mm_storel_pi(__m64 *__A, __m128 __B) { __builtin_ia32_storelps(__A, (__v4sf)__B); }
__KILN_INLINE __m128 _mm_movelh_ps(__m128 __A, __m128 __B) { return (__m128)__builtin_ia32_movlhps((__v4sf)__A, (__v4sf)__B); }
__KILN_INLINE int _mm_movemask_ps(__m128 __A) { return __builtin_ia32_movmskps((__v4sf)__A); }
__KILN_INLINE unsigned int _mm_getcsr(void) { return __builtin_ia32_stmxcsr(); }
__KILN_INLINE void _mm_setcsr(unsigned int __A) { __builtin_ia32_ldmxcsr(__A); }
__KILN_INLINE unsigned int _MM_GET_EXCEPTION_STATE(void) { return _mm_getcsr() & _MM_EXCEPT_MASK; }
__KILN_INLINE void _MM_SET_EXCEPTION_STATE(unsigned int __A) { _mm_setcsr((_mm_getcsr() & ~_MM_EXCEPT_MASK) | __A); }
__KILN_INLINE unsigned int _MM_GET_EXCEPTION_MASK(void) { return _mm_getcsr() & _MM_MASK_MASK; }
__KILN_INLINE void _MM_SET_EXCEPTION_MASK(unsigned int __A) { _mm_setcsr((_mm_getcsr() & ~_MM_MASK_MASK) | __A); }
__KILN_INLINE unsigned int _MM_GET_ROUNDING_MODE(void) { return _mm_getcsr() & _MM_ROUND_MASK; }
__KILN_INLINE void _MM_SET_ROUNDING_MODE(unsigned int __A) { _mm_setcsr((_mm_getcsr() & ~_MM_ROUND_MASK) | __A); }
__KILN_INLINE unsigned int _MM_GET_FLUSH_ZERO_MODE(void) { return _mm_getcsr() & _MM_FLUSH_ZERO_MASK; }
__KILN_INLINE void _MM_SET_FLUSH_ZERO_MODE(unsigned int __A) { _mm_setcsr((_mm_getcsr() & ~_MM_FLUSH_ZERO_MASK) | __A); }
__KILN_INLINE __m128 _mm_set_ss(float __A) { return (__m128){ __A, 0, 0, 0 }; }
__KILN_INLINE __m128 _mm_set1_ps(float __A) { return (__m128){ __A, __A, __A, __A }; }
__KILN_INLINE __m128 _mm_set_ps1(float __A) { return (__m128){ __A, __A, __A, __A }; }
__KILN_INLINE __m128 _mm_load_ss(float const *__P) { return (__m128){ *__P, 0, 0, 0 }; }
__KILN_INLINE __m128 _mm_load1_ps(float const *__P) { return _mm_set1_ps(*__P); }
__KILN_INLINE __m128 _mm_load_ps1(float const *__P) { return _mm_set1_ps(*__P); }
__KILN_INLINE __m128 _mm_load_ps(float const *__P) { return *(__m128 const *)__P; }
__KILN_INLINE __m128 _mm_loadu_ps(float const *__P) { return *(__m128_u const *)__P; }
__KILN_INLINE __m128 _mm_loadr_ps(float const *__P) { __v4sf __A = *(__v4sf const *)__P; return (__m128)__builtin_ia32_shufps(__A, __A, 0x1b); }
__KILN_INLINE __m128 _mm_set_ps(float __Z, float __Y, float __X, float __W) { return (__m128){ __W, __X, __Y, __Z }; }
__KILN_INLINE __m128 _mm_setr_ps(float __W, float __X, float __Y, float __Z) { return (__m128){ __W, __X, __Y, __Z }; }
__KILN_INLINE void _mm_store_ss(float *__P, __m128 __A) { *__P = __A[0]; }
__KILN_INLINE float _mm_cvtss_f32(__m128 __A) { return __A[0]; }
__KILN_INLINE void _mm_store_ps(float *__P, __m128 __A) { *(__m128 *)__P = __A; }
__KILN_INLINE void _mm_storeu_ps(float *__P, __m128 __A) { *(__m128_u *)__P = __A; }
__KILN_INLINE void _mm_store1_ps(float *__P, __m128 __A) { _mm_store_ps(__P, _mm_set1_ps(__A[0])); }
__KILN_INLINE void _mm_store_ps1(float *__P, __m128 __A) { _mm_store_ps(__P, _mm_set1_ps(__A[0])); }
__KILN_INLINE void _mm_storer_ps(float *__P, __m128 __A) { _mm_store_ps(__P, (__m128)__builtin_ia32_shufps((__v4sf)__A, (__v4sf)__A, 0x1b)); }
__KILN_INLINE __m128 _mm_move_ss(__m128 __A, __m128 __B) { return (__m128)__builtin_ia32_movss((__v4sf)__A, (__v4sf)__B); }
#define _mm_extract_pi16(A, N) ((int)(unsigned short)__builtin_ia32_vec_ext_v4hi((__v4hi)(__m64)(A), (N)))
#define _m_pextrw _mm_extract_pi16
#define _mm_insert_pi16(A, D, N) ((__m64)__builtin_ia32_vec_set_v4hi((__v4hi)(__m64)(A), (D), (N)))
#define _m_pinsrw _mm_insert_pi16
__KILN_INLINE __m64 _mm_max_pi16(__m64 __A, __m64 __B) { return (__m64)__builtin_ia32_pmaxsw((__v4hi)__A, (__v4hi)__B); }
#define _m_pmaxsw _mm_max_pi16
__KILN_INLINE __m64 _mm_max_pu8(__m64 __A, __m64 __B) { return (__m64)__builtin_ia32_pmaxub((__v8qi)__A, (__v8qi)__B); }
#define _m_pmaxub _mm_max_pu8
__KILN_INLINE __m64 _mm_min_pi16(__m64 __A, __m64 __B) { return (__m64)__builtin_ia32_pminsw((__v4hi)__A, (__v4hi)__B); }
#define _m_pminsw _mm_min_pi16
__KILN_INLINE __m64 _mm_min_pu8(__m64 __A, __m64 __B) { return (__m64)__builtin_ia32_pminub((__v8qi)__A, (__v8qi)__B); }
#define _m_pminub _mm_min_pu8
__KILN_INLINE __m64 _mm_mulhi_pu16(__m64 __A, __m64 __B) { return (__m64)__builtin_ia32_pmulhuw((__v4hi)__A, (__v4hi)__B); }
#define _m_pmulhuw _mm_mulhi_pu16
__KILN_INLINE __m64 _mm_avg_pu8(__m64 __A, __m64 __B) { return (__m64)__builtin_ia32_pavgb((__v8qi)__A, (__v8qi)__B); }
#define _m_pavgb _mm_avg_pu8
__KILN_INLINE __m64 _mm_avg_pu16(__m64 __A, __m64 __B) { return (__m64)__builtin_ia32_pavgw((__v4hi)__A, (__v4hi)__B); }
#define _m_pavgw _mm_avg_pu16
__KILN_INLINE __m64 _mm_sad_pu8(__m64 __A, __m64 __B) { return (__m64)__builtin_ia32_psadbw((__v8qi)__A, (__v8qi)__B); }
#define _m_psadbw _mm_sad_pu8
__KILN_INLINE int _mm_movemask_pi8(__m64 __A) { return __builtin_ia32_pmovmskb((__v8qi)__A); }
#define _m_pmovmskb _mm_movemask_pi8
#define _mm_shuffle_pi16(A, B) ((__m64)__builtin_ia32_pshufw((__v4hi)(__m64)(A), (B)))
#define _m_pshufw _mm_shuffle_pi16
__KILN_INLINE void _mm_maskmove_si64(__m64 __A, __m64 __N, char *__P) { for (int __i = 0; __i < 8; __i++) if (((__v8qs)__N)[__i] < 0) __P[__i] = ((__v8qi)__A)[__i]; }
#define _m_maskmovq _mm_maskmove_si64
__KILN_INLINE void _mm_stream_pi(__m64 *__A, __m64 __B) { __builtin_ia32_movntq(__A, (unsigned long long)__B); }
__KILN_INLINE void _mm_stream_ps(float *__A, __m128 __B) { __builtin_ia32_movntps(__A, (__v4sf)__B); }
__KILN_INLINE void _mm_sfence(void) { __builtin_ia32_sfence(); }
#ifndef __KILN_PAUSE
#define __KILN_PAUSE
__KILN_INLINE void _mm_pause(void) { __builtin_ia32_pause(); }
#endif
#define _MM_TRANSPOSE4_PS(ROW0, ROW1, ROW2, ROW3) \
    do { \
        __v4sf __kiln_a = __builtin_ia32_unpcklps((__v4sf)(ROW0), (__v4sf)(ROW1)), __kiln_b = __builtin_ia32_unpcklps((__v4sf)(ROW2), (__v4sf)(ROW3)); \
        __v4sf __kiln_c = __builtin_ia32_unpckhps((__v4sf)(ROW0), (__v4sf)(ROW1)), __kiln_d = __builtin_ia32_unpckhps((__v4sf)(ROW2), (__v4sf)(ROW3)); \
        (ROW0) = __builtin_ia32_movlhps(__kiln_a, __kiln_b); \
        (ROW1) = __builtin_ia32_movhlps(__kiln_b, __kiln_a); \
        (ROW2) = __builtin_ia32_movlhps(__kiln_c, __kiln_d); \
        (ROW3) = __builtin_ia32_movhlps(__kiln_d, __kiln_c); \
    } while (0)

#include <emmintrin.h>

#pragma GCC pop_options

#endif
