/* SSE4.1 and SSE4.2 intrinsics. */
#ifndef _SMMINTRIN_H_INCLUDED
#define _SMMINTRIN_H_INCLUDED

#include <tmmintrin.h>

#pragma GCC push_options
#pragma GCC target("sse4.1")

#define _MM_FROUND_TO_NEAREST_INT 0x00
#define _MM_FROUND_TO_NEG_INF 0x01
#define _MM_FROUND_TO_POS_INF 0x02
#define _MM_FROUND_TO_ZERO 0x03
#define _MM_FROUND_CUR_DIRECTION 0x04
#define _MM_FROUND_RAISE_EXC 0x00
#define _MM_FROUND_NO_EXC 0x08
#define _MM_FROUND_NINT (_MM_FROUND_TO_NEAREST_INT | _MM_FROUND_RAISE_EXC)
#define _MM_FROUND_FLOOR (_MM_FROUND_TO_NEG_INF | _MM_FROUND_RAISE_EXC)
#define _MM_FROUND_CEIL (_MM_FROUND_TO_POS_INF | _MM_FROUND_RAISE_EXC)
#define _MM_FROUND_TRUNC (_MM_FROUND_TO_ZERO | _MM_FROUND_RAISE_EXC)
#define _MM_FROUND_RINT (_MM_FROUND_CUR_DIRECTION | _MM_FROUND_RAISE_EXC)
#define _MM_FROUND_NEARBYINT (_MM_FROUND_CUR_DIRECTION | _MM_FROUND_NO_EXC)
__KILN_INLINE int _mm_testz_si128(__m128i __A, __m128i __B) { return __builtin_ia32_ptestz128((__v2di)__A, (__v2di)__B); }
__KILN_INLINE int _mm_testc_si128(__m128i __A, __m128i __B) { return __builtin_ia32_ptestc128((__v2di)__A, (__v2di)__B); }
__KILN_INLINE int _mm_testnzc_si128(__m128i __A, __m128i __B) { return __builtin_ia32_ptestnzc128((__v2di)__A, (__v2di)__B); }
#define _mm_test_all_zeros(M, V) _mm_testz_si128((M), (V))
#define _mm_test_all_ones(V) _mm_testc_si128((V), _mm_cmpeq_epi32((V), (V)))
#define _mm_test_mix_ones_zeros(M, V) _mm_testnzc_si128((M), (V))
#define _mm_round_pd(A, B) ((__m128d)__builtin_ia32_roundpd((__v2df)(__m128d)(A), (B)))
#define _mm_round_ps(A, B) ((__m128)__builtin_ia32_roundps((__v4sf)(__m128)(A), (B)))
#define _mm_round_sd(A, B, C) ((__m128d)__builtin_ia32_roundsd((__v2df)(__m128d)(A), (__v2df)(__m128d)(B), (C)))
#define _mm_round_ss(A, B, C) ((__m128)__builtin_ia32_roundss((__v4sf)(__m128)(A), (__v4sf)(__m128)(B), (C)))
#define _mm_ceil_pd(V) _mm_round_pd((V), _MM_FROUND_CEIL)
#define _mm_ceil_ps(V) _mm_round_ps((V), _MM_FROUND_CEIL)
#define _mm_ceil_sd(D, V) _mm_round_sd((D), (V), _MM_FROUND_CEIL)
#define _mm_ceil_ss(D, V) _mm_round_ss((D), (V), _MM_FROUND_CEIL)
#define _mm_floor_pd(V) _mm_round_pd((V), _MM_FROUND_FLOOR)
#define _mm_floor_ps(V) _mm_round_ps((V), _MM_FROUND_FLOOR)
#define _mm_floor_sd(D, V) _mm_round_sd((D), (V), _MM_FROUND_FLOOR)
#define _mm_floor_ss(D, V) _mm_round_ss((D), (V), _MM_FROUND_FLOOR)
#define _mm_blend_epi16(A, B, C) ((__m128i)__builtin_ia32_pblendw128((__v8hi)(__m128i)(A), (__v8hi)(__m128i)(B), (C)))
__KILN_INLINE __m128i _mm_blendv_epi8(__m128i __A, __m128i __B, __m128i __C) { return (__m128i)__builtin_ia32_pblendvb128((__v16qi)__A, (__v16qi)__B, (__v16qi)__C); }
#define _mm_blend_ps(A, B, C) ((__m128)__builtin_ia32_blendps((__v4sf)(__m128)(A), (__v4sf)(__m128)(B), (C)))
__KILN_INLINE __m128 _mm_blendv_ps(__m128 __A, __m128 __B, __m128 __C) { return (__m128)__builtin_ia32_blendvps((__v4sf)__A, (__v4sf)__B, (__v4sf)__C); }
#define _mm_blend_pd(A, B, C) ((__m128d)__builtin_ia32_blendpd((__v2df)(__m128d)(A), (__v2df)(__m128d)(B), (C)))
__KILN_INLINE __m128d _mm_blendv_pd(__m128d __A, __m128d __B, __m128d __C) { return (__m128d)__builtin_ia32_blendvpd((__v2df)__A, (__v2df)__B, (__v2df)__C); }
#define _mm_dp_ps(A, B, C) ((__m128)__builtin_ia32_dpps((__v4sf)(__m128)(A), (__v4sf)(__m128)(B), (C)))
#define _mm_dp_pd(A, B, C) ((__m128d)__builtin_ia32_dppd((__v2df)(__m128d)(A), (__v2df)(__m128d)(B), (C)))
__KILN_INLINE __m128i _mm_min_epi8(__m128i __A, __m128i __B) { return (__m128i)__builtin_ia32_pminsb128((__v16qi)__A, (__v16qi)__B); }
__KILN_INLINE __m128i _mm_max_epi8(__m128i __A, __m128i __B) { return (__m128i)__builtin_ia32_pmaxsb128((__v16qi)__A, (__v16qi)__B); }
__KILN_INLINE __m128i _mm_min_epu16(__m128i __A, __m128i __B) { return (__m128i)__builtin_ia32_pminuw128((__v8hi)__A, (__v8hi)__B); }
__KILN_INLINE __m128i _mm_max_epu16(__m128i __A, __m128i __B) { return (__m128i)__builtin_ia32_pmaxuw128((__v8hi)__A, (__v8hi)__B); }
__KILN_INLINE __m128i _mm_min_epi32(__m128i __A, __m128i __B) { return (__m128i)__builtin_ia32_pminsd128((__v4si)__A, (__v4si)__B); }
__KILN_INLINE __m128i _mm_max_epi32(__m128i __A, __m128i __B) { return (__m128i)__builtin_ia32_pmaxsd128((__v4si)__A, (__v4si)__B); }
__KILN_INLINE __m128i _mm_min_epu32(__m128i __A, __m128i __B) { return (__m128i)__builtin_ia32_pminud128((__v4si)__A, (__v4si)__B); }
__KILN_INLINE __m128i _mm_max_epu32(__m128i __A, __m128i __B) { return (__m128i)__builtin_ia32_pmaxud128((__v4si)__A, (__v4si)__B); }
__KILN_INLINE __m128i _mm_mul_epi32(__m128i __A, __m128i __B) { return (__m128i)__builtin_ia32_pmuldq128((__v4si)__A, (__v4si)__B); }
__KILN_INLINE __m128i _mm_packus_epi32(__m128i __A, __m128i __B) { return (__m128i)__builtin_ia32_packusdw128((__v4si)__A, (__v4si)__B); }
__KILN_INLINE __m128i _mm_mullo_epi32(__m128i __A, __m128i __B) { return (__m128i)((__v4su)__A * (__v4su)__B); }
__KILN_INLINE __m128i _mm_cmpeq_epi64(__m128i __A, __m128i __B) { return (__m128i)__builtin_ia32_pcmpeqq((__v2di)__A, (__v2di)__B); }
__KILN_INLINE __m128i _mm_cvtepi8_epi16(__m128i __A) { return (__m128i)__builtin_ia32_pmovsxbw128((__v16qi)__A); }
__KILN_INLINE __m128i _mm_cvtepi8_epi32(__m128i __A) { return (__m128i)__builtin_ia32_pmovsxbd128((__v16qi)__A); }
__KILN_INLINE __m128i _mm_cvtepi8_epi64(__m128i __A) { return (__m128i)__builtin_ia32_pmovsxbq128((__v16qi)__A); }
__KILN_INLINE __m128i _mm_cvtepi16_epi32(__m128i __A) { return (__m128i)__builtin_ia32_pmovsxwd128((__v8hi)__A); }
__KILN_INLINE __m128i _mm_cvtepi16_epi64(__m128i __A) { return (__m128i)__builtin_ia32_pmovsxwq128((__v8hi)__A); }
__KILN_INLINE __m128i _mm_cvtepi32_epi64(__m128i __A) { return (__m128i)__builtin_ia32_pmovsxdq128((__v4si)__A); }
__KILN_INLINE __m128i _mm_cvtepu8_epi16(__m128i __A) { return (__m128i)__builtin_ia32_pmovzxbw128((__v16qi)__A); }
__KILN_INLINE __m128i _mm_cvtepu8_epi32(__m128i __A) { return (__m128i)__builtin_ia32_pmovzxbd128((__v16qi)__A); }
__KILN_INLINE __m128i _mm_cvtepu8_epi64(__m128i __A) { return (__m128i)__builtin_ia32_pmovzxbq128((__v16qi)__A); }
__KILN_INLINE __m128i _mm_cvtepu16_epi32(__m128i __A) { return (__m128i)__builtin_ia32_pmovzxwd128((__v8hi)__A); }
__KILN_INLINE __m128i _mm_cvtepu16_epi64(__m128i __A) { return (__m128i)__builtin_ia32_pmovzxwq128((__v8hi)__A); }
__KILN_INLINE __m128i _mm_cvtepu32_epi64(__m128i __A) { return (__m128i)__builtin_ia32_pmovzxdq128((__v4si)__A); }
#define _mm_mpsadbw_epu8(A, B, C) ((__m128i)__builtin_ia32_mpsadbw128((__v16qi)(__m128i)(A), (__v16qi)(__m128i)(B), (C)))
#define _mm_insert_ps(A, B, C) ((__m128)__builtin_ia32_insertps128((__v4sf)(__m128)(A), (__v4sf)(__m128)(B), (C)))
#define _MM_MK_INSERTPS_NDX(S, D, M) (((S) << 6) | ((D) << 4) | (M))
#define _mm_extract_ps(X, N) (((__v4si)(__m128)(X))[(N) & 3])
#define _MM_EXTRACT_FLOAT(D, S, N) ((D) = ((__v4sf)(__m128)(S))[(N) & 3])
#define _MM_PICK_OUT_PS(X, N) _mm_insert_ps(_mm_setzero_ps(), (X), _MM_MK_INSERTPS_NDX((N), 0, 0x0e))
#define _mm_insert_epi8(A, D, N) ((__m128i)__builtin_ia32_vec_set_v16qi((__v16qi)(__m128i)(A), (D), (N)))
#define _mm_insert_epi32(A, D, N) ((__m128i)__builtin_ia32_vec_set_v4si((__v4si)(__m128i)(A), (D), (N)))
#define _mm_insert_epi64(A, D, N) ((__m128i)__builtin_ia32_vec_set_v2di((__v2di)(__m128i)(A), (D), (N)))
#define _mm_extract_epi8(A, N) ((int)(unsigned char)__builtin_ia32_vec_ext_v16qi((__v16qi)(__m128i)(A), (N)))
#define _mm_extract_epi32(A, N) ((int)__builtin_ia32_vec_ext_v4si((__v4si)(__m128i)(A), (N)))
#define _mm_extract_epi64(A, N) ((long long)__builtin_ia32_vec_ext_v2di((__v2di)(__m128i)(A), (N)))
__KILN_INLINE __m128i _mm_minpos_epu16(__m128i __A) { return (__m128i)__builtin_ia32_phminposuw128((__v8hi)__A); }
__KILN_INLINE __m128i _mm_stream_load_si128(__m128i *__A) { return (__m128i)(__builtin_ia32_movntdqa(__A)); }

#pragma GCC push_options
#pragma GCC target("sse4.2")
#define _SIDD_UBYTE_OPS 0
#define _SIDD_UWORD_OPS 1
#define _SIDD_SBYTE_OPS 2
#define _SIDD_SWORD_OPS 3
#define _SIDD_CMP_EQUAL_ANY 0
#define _SIDD_CMP_RANGES 4
#define _SIDD_CMP_EQUAL_EACH 8
#define _SIDD_CMP_EQUAL_ORDERED 12
#define _SIDD_POSITIVE_POLARITY 0
#define _SIDD_NEGATIVE_POLARITY 16
#define _SIDD_MASKED_POSITIVE_POLARITY 32
#define _SIDD_MASKED_NEGATIVE_POLARITY 48
#define _SIDD_LEAST_SIGNIFICANT 0
#define _SIDD_MOST_SIGNIFICANT 64
#define _SIDD_BIT_MASK 0
#define _SIDD_UNIT_MASK 64
#define _mm_cmpistrm(A, B, C) ((__m128i)__builtin_ia32_pcmpistrm128((__v16qi)(__m128i)(A), (__v16qi)(__m128i)(B), (C)))
#define _mm_cmpistri(A, B, C) ((int)__builtin_ia32_pcmpistri128((__v16qi)(__m128i)(A), (__v16qi)(__m128i)(B), (C)))
#define _mm_cmpestrm(A, B, C, D, E) ((__m128i)__builtin_ia32_pcmpestrm128((__v16qi)(__m128i)(A), (int)(B), (__v16qi)(__m128i)(C), (int)(D), (E)))
#define _mm_cmpestri(A, B, C, D, E) ((int)__builtin_ia32_pcmpestri128((__v16qi)(__m128i)(A), (int)(B), (__v16qi)(__m128i)(C), (int)(D), (E)))
#define _mm_cmpistra(A, B, C) ((int)__builtin_ia32_pcmpistria128((__v16qi)(__m128i)(A), (__v16qi)(__m128i)(B), (C)))
#define _mm_cmpestra(A, B, C, D, E) ((int)__builtin_ia32_pcmpestria128((__v16qi)(__m128i)(A), (int)(B), (__v16qi)(__m128i)(C), (int)(D), (E)))
#define _mm_cmpistrc(A, B, C) ((int)__builtin_ia32_pcmpistric128((__v16qi)(__m128i)(A), (__v16qi)(__m128i)(B), (C)))
#define _mm_cmpestrc(A, B, C, D, E) ((int)__builtin_ia32_pcmpestric128((__v16qi)(__m128i)(A), (int)(B), (__v16qi)(__m128i)(C), (int)(D), (E)))
#define _mm_cmpistro(A, B, C) ((int)__builtin_ia32_pcmpistrio128((__v16qi)(__m128i)(A), (__v16qi)(__m128i)(B), (C)))
#define _mm_cmpestro(A, B, C, D, E) ((int)__builtin_ia32_pcmpestrio128((__v16qi)(__m128i)(A), (int)(B), (__v16qi)(__m128i)(C), (int)(D), (E)))
#define _mm_cmpistrs(A, B, C) ((int)__builtin_ia32_pcmpistris128((__v16qi)(__m128i)(A), (__v16qi)(__m128i)(B), (C)))
#define _mm_cmpestrs(A, B, C, D, E) ((int)__builtin_ia32_pcmpestris128((__v16qi)(__m128i)(A), (int)(B), (__v16qi)(__m128i)(C), (int)(D), (E)))
#define _mm_cmpistrz(A, B, C) ((int)__builtin_ia32_pcmpistriz128((__v16qi)(__m128i)(A), (__v16qi)(__m128i)(B), (C)))
#define _mm_cmpestrz(A, B, C, D, E) ((int)__builtin_ia32_pcmpestriz128((__v16qi)(__m128i)(A), (int)(B), (__v16qi)(__m128i)(C), (int)(D), (E)))
__KILN_INLINE __m128i _mm_cmpgt_epi64(__m128i __A, __m128i __B) { return (__m128i)__builtin_ia32_pcmpgtq((__v2di)__A, (__v2di)__B); }
#pragma GCC pop_options

#pragma GCC push_options
#pragma GCC target("crc32")
__KILN_INLINE unsigned int _mm_crc32_u8(unsigned int __A, unsigned char __B) { return __builtin_ia32_crc32qi(__A, __B); }
__KILN_INLINE unsigned int _mm_crc32_u16(unsigned int __A, unsigned short __B) { return __builtin_ia32_crc32hi(__A, __B); }
__KILN_INLINE unsigned int _mm_crc32_u32(unsigned int __A, unsigned int __B) { return __builtin_ia32_crc32si(__A, __B); }
__KILN_INLINE unsigned long long _mm_crc32_u64(unsigned long long __A, unsigned long long __B) { return __builtin_ia32_crc32di(__A, __B); }
#pragma GCC pop_options

#include <popcntintrin.h>

#pragma GCC pop_options

#endif
