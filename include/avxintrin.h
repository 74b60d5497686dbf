/* AVX intrinsics. */
#ifndef _AVXINTRIN_H_INCLUDED
#define _AVXINTRIN_H_INCLUDED

#include <smmintrin.h>

#pragma GCC push_options
#pragma GCC target("avx")

typedef double __v4df __attribute__((__vector_size__(32)));
typedef float __v8sf __attribute__((__vector_size__(32)));
typedef long long __v4di __attribute__((__vector_size__(32)));
typedef unsigned long long __v4du __attribute__((__vector_size__(32)));
typedef int __v8si __attribute__((__vector_size__(32)));
typedef unsigned int __v8su __attribute__((__vector_size__(32)));
typedef short __v16hi __attribute__((__vector_size__(32)));
typedef unsigned short __v16hu __attribute__((__vector_size__(32)));
typedef char __v32qi __attribute__((__vector_size__(32)));
typedef signed char __v32qs __attribute__((__vector_size__(32)));
typedef unsigned char __v32qu __attribute__((__vector_size__(32)));
typedef float __m256 __attribute__((__vector_size__(32), __may_alias__));
typedef long long __m256i __attribute__((__vector_size__(32), __may_alias__));
typedef double __m256d __attribute__((__vector_size__(32), __may_alias__));
typedef float __m256_u __attribute__((__vector_size__(32), __may_alias__, __aligned__(1)));
typedef long long __m256i_u __attribute__((__vector_size__(32), __may_alias__, __aligned__(1)));
typedef double __m256d_u __attribute__((__vector_size__(32), __may_alias__, __aligned__(1)));

#define _CMP_EQ_OQ 0x00
#define _CMP_LT_OS 0x01
#define _CMP_LE_OS 0x02
#define _CMP_UNORD_Q 0x03
#define _CMP_NEQ_UQ 0x04
#define _CMP_NLT_US 0x05
#define _CMP_NLE_US 0x06
#define _CMP_ORD_Q 0x07
#define _CMP_EQ_UQ 0x08
#define _CMP_NGE_US 0x09
#define _CMP_NGT_US 0x0a
#define _CMP_FALSE_OQ 0x0b
#define _CMP_NEQ_OQ 0x0c
#define _CMP_GE_OS 0x0d
#define _CMP_GT_OS 0x0e
#define _CMP_TRUE_UQ 0x0f
#define _CMP_EQ_OS 0x10
#define _CMP_LT_OQ 0x11
#define _CMP_LE_OQ 0x12
#define _CMP_UNORD_S 0x13
#define _CMP_NEQ_US 0x14
#define _CMP_NLT_UQ 0x15
#define _CMP_NLE_UQ 0x16
#define _CMP_ORD_S 0x17
#define _CMP_EQ_US 0x18
#define _CMP_NGE_UQ 0x19
#define _CMP_NGT_UQ 0x1a
#define _CMP_FALSE_OS 0x1b
#define _CMP_NEQ_OS 0x1c
#define _CMP_GE_OQ 0x1d
#define _CMP_GT_OQ 0x1e
#define _CMP_TRUE_US 0x1f
__KILN_INLINE __m256 _mm256_add_ps(__m256 __A, __m256 __B) { return (__m256)((__v8sf)__A + (__v8sf)__B); }
__KILN_INLINE __m256 _mm256_sub_ps(__m256 __A, __m256 __B) { return (__m256)((__v8sf)__A - (__v8sf)__B); }
__KILN_INLINE __m256 _mm256_mul_ps(__m256 __A, __m256 __B) { return (__m256)((__v8sf)__A * (__v8sf)__B); }
__KILN_INLINE __m256 _mm256_div_ps(__m256 __A, __m256 __B) { return (__m256)((__v8sf)__A / (__v8sf)__B); }
__KILN_INLINE __m256 _mm256_addsub_ps(__m256 __A, __m256 __B) { return (__m256)__builtin_ia32_addsubps256((__v8sf)__A, (__v8sf)__B); }
__KILN_INLINE __m256 _mm256_min_ps(__m256 __A, __m256 __B) { return (__m256)__builtin_ia32_minps256((__v8sf)__A, (__v8sf)__B); }
__KILN_INLINE __m256 _mm256_max_ps(__m256 __A, __m256 __B) { return (__m256)__builtin_ia32_maxps256((__v8sf)__A, (__v8sf)__B); }
__KILN_INLINE __m256 _mm256_hadd_ps(__m256 __A, __m256 __B) { return (__m256)__builtin_ia32_haddps256((__v8sf)__A, (__v8sf)__B); }
__KILN_INLINE __m256 _mm256_hsub_ps(__m256 __A, __m256 __B) { return (__m256)__builtin_ia32_hsubps256((__v8sf)__A, (__v8sf)__B); }
__KILN_INLINE __m256 _mm256_and_ps(__m256 __A, __m256 __B) { return (__m256)((__v8su)__A & (__v8su)__B); }
__KILN_INLINE __m256 _mm256_or_ps(__m256 __A, __m256 __B) { return (__m256)((__v8su)__A | (__v8su)__B); }
__KILN_INLINE __m256 _mm256_xor_ps(__m256 __A, __m256 __B) { return (__m256)((__v8su)__A ^ (__v8su)__B); }
__KILN_INLINE __m256 _mm256_andnot_ps(__m256 __A, __m256 __B) { return (__m256)(~(__v8su)__A & (__v8su)__B); }
#define _mm256_blend_ps(A, B, C) ((__m256)__builtin_ia32_blendps256((__v8sf)(__m256)(A), (__v8sf)(__m256)(B), (C)))
__KILN_INLINE __m256 _mm256_blendv_ps(__m256 __A, __m256 __B, __m256 __C) { return (__m256)__builtin_ia32_blendvps256((__v8sf)__A, (__v8sf)__B, (__v8sf)__C); }
#define _mm256_shuffle_ps(A, B, C) ((__m256)__builtin_ia32_shufps256((__v8sf)(__m256)(A), (__v8sf)(__m256)(B), (C)))
#define _mm_cmp_ps(A, B, C) ((__m128)__builtin_ia32_cmpps((__v4sf)(__m128)(A), (__v4sf)(__m128)(B), (C)))
#define _mm256_cmp_ps(A, B, C) ((__m256)__builtin_ia32_cmpps256((__v8sf)(__m256)(A), (__v8sf)(__m256)(B), (C)))
__KILN_INLINE __m256 _mm256_sqrt_ps(__m256 __A) { return (__m256)__builtin_ia32_sqrtps256((__v8sf)__A); }
#define _mm256_round_ps(A, B) ((__m256)__builtin_ia32_roundps256((__v8sf)(__m256)(A), (B)))
#define _mm256_ceil_ps(V) _mm256_round_ps((V), _MM_FROUND_CEIL)
#define _mm256_floor_ps(V) _mm256_round_ps((V), _MM_FROUND_FLOOR)
__KILN_INLINE __m256 _mm256_unpackhi_ps(__m256 __A, __m256 __B) { return (__m256)__builtin_ia32_unpckhps256((__v8sf)__A, (__v8sf)__B); }
__KILN_INLINE __m256 _mm256_unpacklo_ps(__m256 __A, __m256 __B) { return (__m256)__builtin_ia32_unpcklps256((__v8sf)__A, (__v8sf)__B); }
__KILN_INLINE int _mm256_movemask_ps(__m256 __A) { return __builtin_ia32_movmskps256((__v8sf)__A); }
__KILN_INLINE __m128 _mm_permutevar_ps(__m128 __A, __m128i __B) { return (__m128)__builtin_ia32_vpermilvarps((__v4sf)__A, (__v4si)__B); }
__KILN_INLINE __m256 _mm256_permutevar_ps(__m256 __A, __m256i __B) { return (__m256)__builtin_ia32_vpermilvarps256((__v8sf)__A, (__v8si)__B); }
#define _mm_permute_ps(A, B) ((__m128)__builtin_ia32_vpermilps((__v4sf)(__m128)(A), (B)))
#define _mm256_permute_ps(A, B) ((__m256)__builtin_ia32_vpermilps256((__v8sf)(__m256)(A), (B)))
#define _mm256_permute2f128_ps(A, B, C) ((__m256)__builtin_ia32_vperm2f128_ps256((__v8sf)(__m256)(A), (__v8sf)(__m256)(B), (C)))
#define _mm256_extractf128_ps(A, B) ((__m128)__builtin_ia32_vextractf128_ps256((__v8sf)(__m256)(A), (B)))
#define _mm256_insertf128_ps(A, B, C) ((__m256)__builtin_ia32_vinsertf128_ps256((__v8sf)(__m256)(A), (__v4sf)(__m128)(B), (C)))
__KILN_INLINE __m256 _mm256_broadcast_ps(__m128 const *__A) { return (__m256)__builtin_ia32_vbroadcastf128_ps256(__A); }
__KILN_INLINE __m128 _mm_maskload_ps(float const *__A, __m128i __B) { return (__m128)__builtin_ia32_maskloadps(__A, (__v4si)__B); }
__KILN_INLINE void _mm_maskstore_ps(float *__A, __m128i __B, __m128 __C) { __builtin_ia32_maskstoreps(__A, (__v4si)__B, (__v4sf)__C); }
__KILN_INLINE __m256 _mm256_maskload_ps(float const *__A, __m256i __B) { return (__m256)__builtin_ia32_maskloadps256(__A, (__v8si)__B); }
__KILN_INLINE void _mm256_maskstore_ps(float *__A, __m256i __B, __m256 __C) { __builtin_ia32_maskstoreps256(__A, (__v8si)__B, (__v8sf)__C); }
__KILN_INLINE int _mm_testz_ps(__m128 __A, __m128 __B) { return __builtin_ia32_vtestzps((__v4sf)__A, (__v4sf)__B); }
__KILN_INLINE int _mm256_testz_ps(__m256 __A, __m256 __B) { return __builtin_ia32_vtestzps256((__v8sf)__A, (__v8sf)__B); }
__KILN_INLINE int _mm_testc_ps(__m128 __A, __m128 __B) { return __builtin_ia32_vtestcps((__v4sf)__A, (__v4sf)__B); }
__KILN_INLINE int _mm256_testc_ps(__m256 __A, __m256 __B) { return __builtin_ia32_vtestcps256((__v8sf)__A, (__v8sf)__B); }
__KILN_INLINE int _mm_testnzc_ps(__m128 __A, __m128 __B) { return __builtin_ia32_vtestnzcps((__v4sf)__A, (__v4sf)__B); }
__KILN_INLINE int _mm256_testnzc_ps(__m256 __A, __m256 __B) { return __builtin_ia32_vtestnzcps256((__v8sf)__A, (__v8sf)__B); }
__KILN_INLINE __m256 _mm256_load_ps(float const *__P) { return *(__m256 const *)__P; }
__KILN_INLINE void _mm256_store_ps(float *__P, __m256 __A) { *(__m256 *)__P = __A; }
__KILN_INLINE __m256 _mm256_loadu_ps(float const *__P) { return *(__m256_u const *)__P; }
__KILN_INLINE void _mm256_storeu_ps(float *__P, __m256 __A) { *(__m256_u *)__P = __A; }
__KILN_INLINE void _mm256_stream_ps(float *__A, __m256 __B) { __builtin_ia32_movntps256(__A, (__v8sf)__B); }
__KILN_INLINE __m256 _mm256_set_ps(float __e7, float __e6, float __e5, float __e4, float __e3, float __e2, float __e1, float __e0) { return (__m256)(__v8sf){ __e0, __e1, __e2, __e3, __e4, __e5, __e6, __e7 }; }
__KILN_INLINE __m256 _mm256_setr_ps(float __e0, float __e1, float __e2, float __e3, float __e4, float __e5, float __e6, float __e7) { return (__m256)(__v8sf){ __e0, __e1, __e2, __e3, __e4, __e5, __e6, __e7 }; }
__KILN_INLINE __m256 _mm256_set1_ps(float __A) { return (__m256)(__v8sf){ __A, __A, __A, __A, __A, __A, __A, __A }; }
__KILN_INLINE __m256 _mm256_setzero_ps(void) { return (__m256){ 0 }; }
__KILN_INLINE __m256 _mm256_undefined_ps(void) { __m256 __A = __A; return __A; }
#define _mm256_set_m128(H, L) _mm256_insertf128_ps(_mm256_castps128_ps256(L), (H), 1)
#define _mm256_setr_m128(L, H) _mm256_insertf128_ps(_mm256_castps128_ps256(L), (H), 1)
__KILN_INLINE __m128 _mm256_castps256_ps128(__m256 __A) { return (__m128)__builtin_ia32_ps_ps256((__v8sf)__A); }
__KILN_INLINE __m256 _mm256_castps128_ps256(__m128 __A) { return (__m256)__builtin_ia32_ps256_ps((__v4sf)__A); }
__KILN_INLINE __m256 _mm256_zextps128_ps256(__m128 __A) { return _mm256_insertf128_ps(_mm256_setzero_ps(), __A, 0); }
__KILN_INLINE __m256 _mm256_loadu2_m128(float const *__H, float const *__L) { return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(__L)), _mm_loadu_ps(__H), 1); }
__KILN_INLINE void _mm256_storeu2_m128(float *__H, float *__L, __m256 __A) { _mm_storeu_ps(__L, _mm256_castps256_ps128(__A)); _mm_storeu_ps(__H, _mm256_extractf128_ps(__A, 1)); }
__KILN_INLINE __m256d _mm256_add_pd(__m256d __A, __m256d __B) { return (__m256d)((__v4df)__A + (__v4df)__B); }
__KILN_INLINE __m256d _mm256_sub_pd(__m256d __A, __m256d __B) { return (__m256d)((__v4df)__A - (__v4df)__B); }
__KILN_INLINE __m256d _mm256_mul_pd(__m256d __A, __m256d __B) { return (__m256d)((__v4df)__A * (__v4df)__B); }
__KILN_INLINE __m256d _mm256_div_pd(__m256d __A, __m256d __B) { return (__m256d)((__v4df)__A / (__v4df)__B); }
__KILN_INLINE __m256d _mm256_addsub_pd(__m256d __A, __m256d __B) { return (__m256d)__builtin_ia32_addsubpd256((__v4df)__A, (__v4df)__B); }
__KILN_INLINE __m256d _mm256_min_pd(__m256d __A, __m256d __B) { return (__m256d)__builtin_ia32_minpd256((__v4df)__A, (__v4df)__B); }
__KILN_INLINE __m256d _mm256_max_pd(__m256d __A, __m256d __B) { return (__m256d)__builtin_ia32_maxpd256((__v4df)__A, (__v4df)__B); }
__KILN_INLINE __m256d _mm256_hadd_pd(__m256d __A, __m256d __B) { return (__m256d)__builtin_ia32_haddpd256((__v4df)__A, (__v4df)__B); }
__KILN_INLINE __m256d _mm256_hsub_pd(__m256d __A, __m256d __B) { return (__m256d)__builtin_ia32_hsubpd256((__v4df)__A, (__v4df)__B); }
__KILN_INLINE __m256d _mm256_and_pd(__m256d __A, __m256d __B) { return (__m256d)((__v4du)__A & (__v4du)__B); }
__KILN_INLINE __m256d _mm256_or_pd(__m256d __A, __m256d __B) { return (__m256d)((__v4du)__A | (__v4du)__B); }
__KILN_INLINE __m256d _mm256_xor_pd(__m256d __A, __m256d __B) { return (__m256d)((__v4du)__A ^ (__v4du)__B); }
__KILN_INLINE __m256d _mm256_andnot_pd(__m256d __A, __m256d __B) { return (__m256d)(~(__v4du)__A & (__v4du)__B); }
#define _mm256_blend_pd(A, B, C) ((__m256d)__builtin_ia32_blendpd256((__v4df)(__m256d)(A), (__v4df)(__m256d)(B), (C)))
__KILN_INLINE __m256d _mm256_blendv_pd(__m256d __A, __m256d __B, __m256d __C) { return (__m256d)__builtin_ia32_blendvpd256((__v4df)__A, (__v4df)__B, (__v4df)__C); }
#define _mm256_shuffle_pd(A, B, C) ((__m256d)__builtin_ia32_shufpd256((__v4df)(__m256d)(A), (__v4df)(__m256d)(B), (C)))
#define _mm_cmp_pd(A, B, C) ((__m128d)__builtin_ia32_cmppd((__v2df)(__m128d)(A), (__v2df)(__m128d)(B), (C)))
#define _mm256_cmp_pd(A, B, C) ((__m256d)__builtin_ia32_cmppd256((__v4df)(__m256d)(A), (__v4df)(__m256d)(B), (C)))
__KILN_INLINE __m256d _mm256_sqrt_pd(__m256d __A) { return (__m256d)__builtin_ia32_sqrtpd256((__v4df)__A); }
#define _mm256_round_pd(A, B) ((__m256d)__builtin_ia32_roundpd256((__v4df)(__m256d)(A), (B)))
#define _mm256_ceil_pd(V) _mm256_round_pd((V), _MM_FROUND_CEIL)
#define _mm256_floor_pd(V) _mm256_round_pd((V), _MM_FROUND_FLOOR)
__KILN_INLINE __m256d _mm256_unpackhi_pd(__m256d __A, __m256d __B) { return (__m256d)__builtin_ia32_unpckhpd256((__v4df)__A, (__v4df)__B); }
__KILN_INLINE __m256d _mm256_unpacklo_pd(__m256d __A, __m256d __B) { return (__m256d)__builtin_ia32_unpcklpd256((__v4df)__A, (__v4df)__B); }
__KILN_INLINE int _mm256_movemask_pd(__m256d __A) { return __builtin_ia32_movmskpd256((__v4df)__A); }
__KILN_INLINE __m128d _mm_permutevar_pd(__m128d __A, __m128i __B) { return (__m128d)__builtin_ia32_vpermilvarpd((__v2df)__A, (__v2di)__B); }
__KILN_INLINE __m256d _mm256_permutevar_pd(__m256d __A, __m256i __B) { return (__m256d)__builtin_ia32_vpermilvarpd256((__v4df)__A, (__v4di)__B); }
#define _mm_permute_pd(A, B) ((__m128d)__builtin_ia32_vpermilpd((__v2df)(__m128d)(A), (B)))
#define _mm256_permute_pd(A, B) ((__m256d)__builtin_ia32_vpermilpd256((__v4df)(__m256d)(A), (B)))
#define _mm256_permute2f128_pd(A, B, C) ((__m256d)__builtin_ia32_vperm2f128_pd256((__v4df)(__m256d)(A), (__v4df)(__m256d)(B), (C)))
#define _mm256_extractf128_pd(A, B) ((__m128d)__builtin_ia32_vextractf128_pd256((__v4df)(__m256d)(A), (B)))
#define _mm256_insertf128_pd(A, B, C) ((__m256d)__builtin_ia32_vinsertf128_pd256((__v4df)(__m256d)(A), (__v2df)(__m128d)(B), (C)))
__KILN_INLINE __m256d _mm256_broadcast_pd(__m128d const *__A) { return (__m256d)__builtin_ia32_vbroadcastf128_pd256(__A); }
__KILN_INLINE __m128d _mm_maskload_pd(double const *__A, __m128i __B) { return (__m128d)__builtin_ia32_maskloadpd(__A, (__v2di)__B); }
__KILN_INLINE void _mm_maskstore_pd(double *__A, __m128i __B, __m128d __C) { __builtin_ia32_maskstorepd(__A, (__v2di)__B, (__v2df)__C); }
__KILN_INLINE __m256d _mm256_maskload_pd(double const *__A, __m256i __B) { return (__m256d)__builtin_ia32_maskloadpd256(__A, (__v4di)__B); }
__KILN_INLINE void _mm256_maskstore_pd(double *__A, __m256i __B, __m256d __C) { __builtin_ia32_maskstorepd256(__A, (__v4di)__B, (__v4df)__C); }
__KILN_INLINE int _mm_testz_pd(__m128d __A, __m128d __B) { return __builtin_ia32_vtestzpd((__v2df)__A, (__v2df)__B); }
__KILN_INLINE int _mm256_testz_pd(__m256d __A, __m256d __B) { return __builtin_ia32_vtestzpd256((__v4df)__A, (__v4df)__B); }
__KILN_INLINE int _mm_testc_pd(__m128d __A, __m128d __B) { return __builtin_ia32_vtestcpd((__v2df)__A, (__v2df)__B); }
__KILN_INLINE int _mm256_testc_pd(__m256d __A, __m256d __B) { return __builtin_ia32_vtestcpd256((__v4df)__A, (__v4df)__B); }
__KILN_INLINE int _mm_testnzc_pd(__m128d __A, __m128d __B) { return __builtin_ia32_vtestnzcpd((__v2df)__A, (__v2df)__B); }
__KILN_INLINE int _mm256_testnzc_pd(__m256d __A, __m256d __B) { return __builtin_ia32_vtestnzcpd256((__v4df)__A, (__v4df)__B); }
__KILN_INLINE __m256d _mm256_load_pd(double const *__P) { return *(__m256d const *)__P; }
__KILN_INLINE void _mm256_store_pd(double *__P, __m256d __A) { *(__m256d *)__P = __A; }
__KILN_INLINE __m256d _mm256_loadu_pd(double const *__P) { return *(__m256d_u const *)__P; }
__KILN_INLINE void _mm256_storeu_pd(double *__P, __m256d __A) { *(__m256d_u *)__P = __A; }
__KILN_INLINE void _mm256_stream_pd(double *__A, __m256d __B) { __builtin_ia32_movntpd256(__A, (__v4df)__B); }
__KILN_INLINE __m256d _mm256_set_pd(double __e3, double __e2, double __e1, double __e0) { return (__m256d)(__v4df){ __e0, __e1, __e2, __e3 }; }
__KILN_INLINE __m256d _mm256_setr_pd(double __e0, double __e1, double __e2, double __e3) { return (__m256d)(__v4df){ __e0, __e1, __e2, __e3 }; }
__KILN_INLINE __m256d _mm256_set1_pd(double __A) { return (__m256d)(__v4df){ __A, __A, __A, __A }; }
__KILN_INLINE __m256d _mm256_setzero_pd(void) { return (__m256d){ 0 }; }
__KILN_INLINE __m256d _mm256_undefined_pd(void) { __m256d __A = __A; return __A; }
#define _mm256_set_m128d(H, L) _mm256_insertf128_pd(_mm256_castpd128_pd256(L), (H), 1)
#define _mm256_setr_m128d(L, H) _mm256_insertf128_pd(_mm256_castpd128_pd256(L), (H), 1)
__KILN_INLINE __m128d _mm256_castpd256_pd128(__m256d __A) { return (__m128d)__builtin_ia32_pd_pd256((__v4df)__A); }
__KILN_INLINE __m256d _mm256_castpd128_pd256(__m128d __A) { return (__m256d)__builtin_ia32_pd256_pd((__v2df)__A); }
__KILN_INLINE __m256d _mm256_zextpd128_pd256(__m128d __A) { return _mm256_insertf128_pd(_mm256_setzero_pd(), __A, 0); }
__KILN_INLINE __m256d _mm256_loadu2_m128d(double const *__H, double const *__L) { return _mm256_insertf128_pd(_mm256_castpd128_pd256(_mm_loadu_pd(__L)), _mm_loadu_pd(__H), 1); }
__KILN_INLINE void _mm256_storeu2_m128d(double *__H, double *__L, __m256d __A) { _mm_storeu_pd(__L, _mm256_castpd256_pd128(__A)); _mm_storeu_pd(__H, _mm256_extractf128_pd(__A, 1)); }
#define _mm_cmp_ss(A, B, C) ((__m128)__builtin_ia32_cmpss((__v4sf)(__m128)(A), (__v4sf)(__m128)(B), (C)))
#define _mm_cmp_sd(A, B, C) ((__m128d)__builtin_ia32_cmpsd((__v2df)(__m128d)(A), (__v2df)(__m128d)(B), (C)))
#define _mm256_dp_ps(A, B, C) ((__m256)__builtin_ia32_dpps256((__v8sf)(__m256)(A), (__v8sf)(__m256)(B), (C)))
__KILN_INLINE __m256d _mm256_cvtepi32_pd(__m128i __A) { return (__m256d)__builtin_ia32_cvtdq2pd256((__v4si)__A); }
__KILN_INLINE __m256 _mm256_cvtepi32_ps(__m256i __A) { return (__m256)__builtin_ia32_cvtdq2ps256((__v8si)__A); }
__KILN_INLINE __m128 _mm256_cvtpd_ps(__m256d __A) { return (__m128)__builtin_ia32_cvtpd2ps256((__v4df)__A); }
__KILN_INLINE __m256i _mm256_cvtps_epi32(__m256 __A) { return (__m256i)__builtin_ia32_cvtps2dq256((__v8sf)__A); }
__KILN_INLINE __m256d _mm256_cvtps_pd(__m128 __A) { return (__m256d)__builtin_ia32_cvtps2pd256((__v4sf)__A); }
__KILN_INLINE __m128i _mm256_cvttpd_epi32(__m256d __A) { return (__m128i)__builtin_ia32_cvttpd2dq256((__v4df)__A); }
__KILN_INLINE __m128i _mm256_cvtpd_epi32(__m256d __A) { return (__m128i)__builtin_ia32_cvtpd2dq256((__v4df)__A); }
__KILN_INLINE __m256i _mm256_cvttps_epi32(__m256 __A) { return (__m256i)__builtin_ia32_cvttps2dq256((__v8sf)__A); }
__KILN_INLINE __m256 _mm256_rcp_ps(__m256 __A) { return (__m256)__builtin_ia32_rcpps256((__v8sf)__A); }
__KILN_INLINE __m256 _mm256_rsqrt_ps(__m256 __A) { return (__m256)__builtin_ia32_rsqrtps256((__v8sf)__A); }
__KILN_INLINE __m256 _mm256_movehdup_ps(__m256 __A) { return (__m256)__builtin_ia32_movshdup256((__v8sf)__A); }
__KILN_INLINE __m256 _mm256_moveldup_ps(__m256 __A) { return (__m256)__builtin_ia32_movsldup256((__v8sf)__A); }
__KILN_INLINE __m256d _mm256_movedup_pd(__m256d __A) { return (__m256d)__builtin_ia32_movddup256((__v4df)__A); }
__KILN_INLINE double _mm256_cvtsd_f64(__m256d __A) { return __A[0]; }
__KILN_INLINE float _mm256_cvtss_f32(__m256 __A) { return __A[0]; }
__KILN_INLINE int _mm256_cvtsi256_si32(__m256i __A) { return ((__v8si)__A)[0]; }
#define _mm256_extractf128_si256(A, B) ((__m128i)__builtin_ia32_vextractf128_si256((__v8si)(__m256i)(A), (B)))
#define _mm256_insertf128_si256(A, B, C) ((__m256i)__builtin_ia32_vinsertf128_si256((__v8si)(__m256i)(A), (__v4si)(__m128i)(B), (C)))
#define _mm256_permute2f128_si256(A, B, C) ((__m256i)__builtin_ia32_vperm2f128_si256((__v8si)(__m256i)(A), (__v8si)(__m256i)(B), (C)))
__KILN_INLINE int _mm256_testz_si256(__m256i __A, __m256i __B) { return __builtin_ia32_ptestz256((__v4di)__A, (__v4di)__B); }
__KILN_INLINE int _mm256_testc_si256(__m256i __A, __m256i __B) { return __builtin_ia32_ptestc256((__v4di)__A, (__v4di)__B); }
__KILN_INLINE int _mm256_testnzc_si256(__m256i __A, __m256i __B) { return __builtin_ia32_ptestnzc256((__v4di)__A, (__v4di)__B); }
#define _mm256_extract_epi8(A, N) ((int)(unsigned char)((__v32qi)(__m256i)(A))[(N) & 31])
#define _mm256_insert_epi8(A, D, N) __extension__ ({ __v32qi __kiln_v = (__v32qi)(__m256i)(A); __kiln_v[(N) & 31] = (D); (__m256i)__kiln_v; })
#define _mm256_extract_epi16(A, N) ((int)(unsigned short)((__v16hi)(__m256i)(A))[(N) & 15])
#define _mm256_insert_epi16(A, D, N) __extension__ ({ __v16hi __kiln_v = (__v16hi)(__m256i)(A); __kiln_v[(N) & 15] = (D); (__m256i)__kiln_v; })
#define _mm256_extract_epi32(A, N) ((int)((__v8si)(__m256i)(A))[(N) & 7])
#define _mm256_insert_epi32(A, D, N) __extension__ ({ __v8si __kiln_v = (__v8si)(__m256i)(A); __kiln_v[(N) & 7] = (D); (__m256i)__kiln_v; })
#define _mm256_extract_epi64(A, N) ((long long)((__v4di)(__m256i)(A))[(N) & 3])
#define _mm256_insert_epi64(A, D, N) __extension__ ({ __v4di __kiln_v = (__v4di)(__m256i)(A); __kiln_v[(N) & 3] = (D); (__m256i)__kiln_v; })
__KILN_INLINE __m128 _mm_broadcast_ss(float const *__A) { return (__m128)__builtin_ia32_vbroadcastss(__A); }
__KILN_INLINE __m256 _mm256_broadcast_ss(float const *__A) { return (__m256)__builtin_ia32_vbroadcastss256(__A); }
__KILN_INLINE __m256d _mm256_broadcast_sd(double const *__A) { return (__m256d)__builtin_ia32_vbroadcastsd256(__A); }
__KILN_INLINE __m256i _mm256_load_si256(__m256i const *__P) { return *__P; }
__KILN_INLINE void _mm256_store_si256(__m256i *__P, __m256i __A) { *__P = __A; }
__KILN_INLINE __m256i _mm256_loadu_si256(__m256i_u const *__P) { return *__P; }
__KILN_INLINE void _mm256_storeu_si256(__m256i_u *__P, __m256i __A) { *__P = __A; }
__KILN_INLINE __m256i _mm256_lddqu_si256(__m256i const *__P) { return *(__m256i_u const *)__P; }
__KILN_INLINE __m256i _mm256_setzero_si256(void) { return (__m256i){ 0 }; }
__KILN_INLINE __m256i _mm256_undefined_si256(void) { __m256i __A = __A; return __A; }
__KILN_INLINE __m128i _mm256_castsi256_si128(__m256i __A) { return (__m128i)__builtin_ia32_si_si256((__v8si)__A); }
__KILN_INLINE __m256i _mm256_castsi128_si256(__m128i __A) { return (__m256i)__builtin_ia32_si256_si((__v4si)__A); }
__KILN_INLINE __m256i _mm256_zextsi128_si256(__m128i __A) { return _mm256_insertf128_si256(_mm256_setzero_si256(), __A, 0); }
#define _mm256_set_m128i(H, L) _mm256_insertf128_si256(_mm256_castsi128_si256(L), (H), 1)
#define _mm256_setr_m128i(L, H) _mm256_insertf128_si256(_mm256_castsi128_si256(L), (H), 1)
__KILN_INLINE __m256i _mm256_loadu2_m128i(__m128i_u const *__H, __m128i_u const *__L) { return _mm256_insertf128_si256(_mm256_castsi128_si256(*__L), *__H, 1); }
__KILN_INLINE void _mm256_storeu2_m128i(__m128i_u *__H, __m128i_u *__L, __m256i __A) { *__L = _mm256_castsi256_si128(__A); *__H = _mm256_extractf128_si256(__A, 1); }
__KILN_INLINE void _mm256_stream_si256(__m256i *__A, __m256i __B) { __builtin_ia32_movntdq256(__A, (__v4di)__B); }
__KILN_INLINE void _mm256_zeroall(void) { __builtin_ia32_vzeroall(); }
__KILN_INLINE void _mm256_zeroupper(void) { __builtin_ia32_vzeroupper(); }
__KILN_INLINE __m256i _mm256_set_epi32(int __e7, int __e6, int __e5, int __e4, int __e3, int __e2, int __e1, int __e0) { return (__m256i)(__v8si){ __e0, __e1, __e2, __e3, __e4, __e5, __e6, __e7 }; }
__KILN_INLINE __m256i _mm256_setr_epi32(int __e0, int __e1, int __e2, int __e3, int __e4, int __e5, int __e6, int __e7) { return (__m256i)(__v8si){ __e0, __e1, __e2, __e3, __e4, __e5, __e6, __e7 }; }
__KILN_INLINE __m256i _mm256_set1_epi32(int __A) { return (__m256i)(__v8si){ __A, __A, __A, __A, __A, __A, __A, __A }; }
__KILN_INLINE __m256i _mm256_set_epi16(short __e15, short __e14, short __e13, short __e12, short __e11, short __e10, short __e9, short __e8, short __e7, short __e6, short __e5, short __e4, short __e3, short __e2, short __e1, short __e0) { return (__m256i)(__v16hi){ __e0, __e1, __e2, __e3, __e4, __e5, __e6, __e7, __e8, __e9, __e10, __e11, __e12, __e13, __e14, __e15 }; }
__KILN_INLINE __m256i _mm256_setr_epi16(short __e0, short __e1, short __e2, short __e3, short __e4, short __e5, short __e6, short __e7, short __e8, short __e9, short __e10, short __e11, short __e12, short __e13, short __e14, short __e15) { return (__m256i)(__v16hi){ __e0, __e1, __e2, __e3, __e4, __e5, __e6, __e7, __e8, __e9, __e10, __e11, __e12, __e13, __e14, __e15 }; }
__KILN_INLINE __m256i _mm256_set1_epi16(short __A) { return (__m256i)(__v16hi){ __A, __A, __A, __A, __A, __A, __A, __A, __A, __A, __A, __A, __A, __A, __A, __A }; }
__KILN_INLINE __m256i _mm256_set_epi8(char __e31, char __e30, char __e29, char __e28, char __e27, char __e26, char __e25, char __e24, char __e23, char __e22, char __e21, char __e20, char __e19, char __e18, char __e17, char __e16, char __e15, char __e14, char __e13, char __e12, char __e11, char __e10, char __e9, char __e8, char __e7, char __e6, char __e5, char __e4, char __e3, char __e2, char __e1, char __e0) { return (__m256i)(__v32qi){ __e0, __e1, __e2, __e3, __e4, __e5, __e6, __e7, __e8, __e9, __e10, __e11, __e12, __e13, __e14, __e15, __e16, __e17, __e18, __e19, __e20, __e21, __e22, __e23, __e24, __e25, __e26, __e27, __e28, __e29, __e30, __e31 }; }
__KILN_INLINE __m256i _mm256_setr_epi8(char __e0, char __e1, char __e2, char __e3, char __e4, char __e5, char __e6, char __e7, char __e8, char __e9, char __e10, char __e11, char __e12, char __e13, char __e14, char __e15, char __e16, char __e17, char __e18, char __e19, char __e20, char __e21, char __e22, char __e23, char __e24, char __e25, char __e26, char __e27, char __e28, char __e29, char __e30, char __e31) { return (__m256i)(__v32qi){ __e0, __e1, __e2, __e3, __e4, __e5, __e6, __e7, __e8, __e9, __e10, __e11, __e12, __e13, __e14, __e15, __e16, __e17, __e18, __e19, __e20, __e21, __e22, __e23, __e24, __e25, __e26, __e27, __e28, __e29, __e30, __e31 }; }
__KILN_INLINE __m256i _mm256_set1_epi8(char __A) { return (__m256i)(__v32qi){ __A, __A, __A, __A, __A, __A, __A, __A, __A, __A, __A, __A, __A, __A, __A, __A, __A, __A, __A, __A, __A, __A, __A, __A, __A, __A, __A, __A, __A, __A, __A, __A }; }
__KILN_INLINE __m256i _mm256_set_epi64x(long long __e3, long long __e2, long long __e1, long long __e0) { return (__m256i)(__v4di){ __e0, __e1, __e2, __e3 }; }
__KILN_INLINE __m256i _mm256_setr_epi64x(long long __e0, long long __e1, long long __e2, long long __e3) { return (__m256i)(__v4di){ __e0, __e1, __e2, __e3 }; }
__KILN_INLINE __m256i _mm256_set1_epi64x(long long __A) { return (__m256i)(__v4di){ __A, __A, __A, __A }; }
__KILN_INLINE __m256 _mm256_castpd_ps(__m256d __A) { return (__m256)(__A); }
__KILN_INLINE __m256i _mm256_castpd_si256(__m256d __A) { return (__m256i)(__A); }
__KILN_INLINE __m256d _mm256_castps_pd(__m256 __A) { return (__m256d)(__A); }
__KILN_INLINE __m256i _mm256_castps_si256(__m256 __A) { return (__m256i)(__A); }
__KILN_INLINE __m256d _mm256_castsi256_pd(__m256i __A) { return (__m256d)(__A); }
__KILN_INLINE __m256 _mm256_castsi256_ps(__m256i __A) { return (__m256)(__A); }

#pragma GCC pop_options

#endif
