/* AVX2 intrinsics. */
#ifndef _AVX2INTRIN_H_INCLUDED
#define _AVX2INTRIN_H_INCLUDED

#include <avxintrin.h>

#pragma GCC push_options
#pragma GCC target("avx2")

__KILN_INLINE __m256i _mm256_add_epi8(__m256i __A, __m256i __B) { return (__m256i)((__v32qu)__A + (__v32qu)__B); }
__KILN_INLINE __m256i _mm256_add_epi16(__m256i __A, __m256i __B) { return (__m256i)((__v16hu)__A + (__v16hu)__B); }
__KILN_INLINE __m256i _mm256_add_epi32(__m256i __A, __m256i __B) { return (__m256i)((__v8su)__A + (__v8su)__B); }
__KILN_INLINE __m256i _mm256_add_epi64(__m256i __A, __m256i __B) { return (__m256i)((__v4du)__A + (__v4du)__B); }
__KILN_INLINE __m256i _mm256_sub_epi8(__m256i __A, __m256i __B) { return (__m256i)((__v32qu)__A - (__v32qu)__B); }
__KILN_INLINE __m256i _mm256_sub_epi16(__m256i __A, __m256i __B) { return (__m256i)((__v16hu)__A - (__v16hu)__B); }
__KILN_INLINE __m256i _mm256_sub_epi32(__m256i __A, __m256i __B) { return (__m256i)((__v8su)__A - (__v8su)__B); }
__KILN_INLINE __m256i _mm256_sub_epi64(__m256i __A, __m256i __B) { return (__m256i)((__v4du)__A - (__v4du)__B); }
__KILN_INLINE __m256i _mm256_mullo_epi16(__m256i __A, __m256i __B) { return (__m256i)((__v16hu)__A * (__v16hu)__B); }
__KILN_INLINE __m256i _mm256_and_si256(__m256i __A, __m256i __B) { return (__m256i)((__v4du)__A & (__v4du)__B); }
__KILN_INLINE __m256i _mm256_or_si256(__m256i __A, __m256i __B) { return (__m256i)((__v4du)__A | (__v4du)__B); }
__KILN_INLINE __m256i _mm256_xor_si256(__m256i __A, __m256i __B) { return (__m256i)((__v4du)__A ^ (__v4du)__B); }
__KILN_INLINE __m256i _mm256_andnot_si256(__m256i __A, __m256i __B) { return (__m256i)(~(__v4du)__A & (__v4du)__B); }
__KILN_INLINE __m256i _mm256_cmpeq_epi8(__m256i __A, __m256i __B) { return (__m256i)((__v32qi)__A == (__v32qi)__B); }
__KILN_INLINE __m256i _mm256_cmpgt_epi8(__m256i __A, __m256i __B) { return (__m256i)((__v32qs)__A > (__v32qs)__B); }
__KILN_INLINE __m256i _mm256_cmpeq_epi16(__m256i __A, __m256i __B) { return (__m256i)((__v16hi)__A == (__v16hi)__B); }
__KILN_INLINE __m256i _mm256_cmpgt_epi16(__m256i __A, __m256i __B) { return (__m256i)((__v16hi)__A > (__v16hi)__B); }
__KILN_INLINE __m256i _mm256_cmpeq_epi32(__m256i __A, __m256i __B) { return (__m256i)((__v8si)__A == (__v8si)__B); }
__KILN_INLINE __m256i _mm256_cmpgt_epi32(__m256i __A, __m256i __B) { return (__m256i)((__v8si)__A > (__v8si)__B); }
__KILN_INLINE __m256i _mm256_packs_epi16(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_packsswb256((__v16hi)__A, (__v16hi)__B); }
__KILN_INLINE __m256i _mm256_packs_epi32(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_packssdw256((__v8si)__A, (__v8si)__B); }
__KILN_INLINE __m256i _mm256_packus_epi16(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_packuswb256((__v16hi)__A, (__v16hi)__B); }
__KILN_INLINE __m256i _mm256_adds_epi8(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_paddsb256((__v32qi)__A, (__v32qi)__B); }
__KILN_INLINE __m256i _mm256_adds_epi16(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_paddsw256((__v16hi)__A, (__v16hi)__B); }
__KILN_INLINE __m256i _mm256_adds_epu8(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_paddusb256((__v32qi)__A, (__v32qi)__B); }
__KILN_INLINE __m256i _mm256_adds_epu16(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_paddusw256((__v16hi)__A, (__v16hi)__B); }
__KILN_INLINE __m256i _mm256_subs_epi8(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_psubsb256((__v32qi)__A, (__v32qi)__B); }
__KILN_INLINE __m256i _mm256_subs_epi16(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_psubsw256((__v16hi)__A, (__v16hi)__B); }
__KILN_INLINE __m256i _mm256_subs_epu8(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_psubusb256((__v32qi)__A, (__v32qi)__B); }
__KILN_INLINE __m256i _mm256_subs_epu16(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_psubusw256((__v16hi)__A, (__v16hi)__B); }
__KILN_INLINE __m256i _mm256_madd_epi16(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_pmaddwd256((__v16hi)__A, (__v16hi)__B); }
__KILN_INLINE __m256i _mm256_mulhi_epi16(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_pmulhw256((__v16hi)__A, (__v16hi)__B); }
__KILN_INLINE __m256i _mm256_mulhi_epu16(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_pmulhuw256((__v16hi)__A, (__v16hi)__B); }
__KILN_INLINE __m256i _mm256_mul_epu32(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_pmuludq256((__v8si)__A, (__v8si)__B); }
__KILN_INLINE __m256i _mm256_max_epi16(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_pmaxsw256((__v16hi)__A, (__v16hi)__B); }
__KILN_INLINE __m256i _mm256_max_epu8(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_pmaxub256((__v32qi)__A, (__v32qi)__B); }
__KILN_INLINE __m256i _mm256_min_epi16(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_pminsw256((__v16hi)__A, (__v16hi)__B); }
__KILN_INLINE __m256i _mm256_min_epu8(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_pminub256((__v32qi)__A, (__v32qi)__B); }
__KILN_INLINE __m256i _mm256_avg_epu8(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_pavgb256((__v32qi)__A, (__v32qi)__B); }
__KILN_INLINE __m256i _mm256_avg_epu16(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_pavgw256((__v16hi)__A, (__v16hi)__B); }
__KILN_INLINE __m256i _mm256_sad_epu8(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_psadbw256((__v32qi)__A, (__v32qi)__B); }
__KILN_INLINE __m256i _mm256_unpackhi_epi8(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_punpckhbw256((__v32qi)__A, (__v32qi)__B); }
__KILN_INLINE __m256i _mm256_unpackhi_epi16(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_punpckhwd256((__v16hi)__A, (__v16hi)__B); }
__KILN_INLINE __m256i _mm256_unpackhi_epi32(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_punpckhdq256((__v8si)__A, (__v8si)__B); }
__KILN_INLINE __m256i _mm256_unpackhi_epi64(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_punpckhqdq256((__v4di)__A, (__v4di)__B); }
__KILN_INLINE __m256i _mm256_unpacklo_epi8(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_punpcklbw256((__v32qi)__A, (__v32qi)__B); }
__KILN_INLINE __m256i _mm256_unpacklo_epi16(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_punpcklwd256((__v16hi)__A, (__v16hi)__B); }
__KILN_INLINE __m256i _mm256_unpacklo_epi32(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_punpckldq256((__v8si)__A, (__v8si)__B); }
__KILN_INLINE __m256i _mm256_unpacklo_epi64(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_punpcklqdq256((__v4di)__A, (__v4di)__B); }
__KILN_INLINE __m256i _mm256_sll_epi16(__m256i __A, __m128i __B) { return (__m256i)__builtin_ia32_psllw256((__v16hi)__A, (__v8hi)__B); }
__KILN_INLINE __m256i _mm256_slli_epi16(__m256i __A, int __B) { return (__m256i)__builtin_ia32_psllwi256((__v16hi)__A, __B); }
__KILN_INLINE __m256i _mm256_sll_epi32(__m256i __A, __m128i __B) { return (__m256i)__builtin_ia32_pslld256((__v8si)__A, (__v4si)__B); }
__KILN_INLINE __m256i _mm256_slli_epi32(__m256i __A, int __B) { return (__m256i)__builtin_ia32_pslldi256((__v8si)__A, __B); }
__KILN_INLINE __m256i _mm256_sll_epi64(__m256i __A, __m128i __B) { return (__m256i)__builtin_ia32_psllq256((__v4di)__A, (__v2di)__B); }
__KILN_INLINE __m256i _mm256_slli_epi64(__m256i __A, int __B) { return (__m256i)__builtin_ia32_psllqi256((__v4di)__A, __B); }
__KILN_INLINE __m256i _mm256_srl_epi16(__m256i __A, __m128i __B) { return (__m256i)__builtin_ia32_psrlw256((__v16hi)__A, (__v8hi)__B); }
__KILN_INLINE __m256i _mm256_srli_epi16(__m256i __A, int __B) { return (__m256i)__builtin_ia32_psrlwi256((__v16hi)__A, __B); }
__KILN_INLINE __m256i _mm256_srl_epi32(__m256i __A, __m128i __B) { return (__m256i)__builtin_ia32_psrld256((__v8si)__A, (__v4si)__B); }
__KILN_INLINE __m256i _mm256_srli_epi32(__m256i __A, int __B) { return (__m256i)__builtin_ia32_psrldi256((__v8si)__A, __B); }
__KILN_INLINE __m256i _mm256_srl_epi64(__m256i __A, __m128i __B) { return (__m256i)__builtin_ia32_psrlq256((__v4di)__A, (__v2di)__B); }
__KILN_INLINE __m256i _mm256_srli_epi64(__m256i __A, int __B) { return (__m256i)__builtin_ia32_psrlqi256((__v4di)__A, __B); }
__KILN_INLINE __m256i _mm256_sra_epi16(__m256i __A, __m128i __B) { return (__m256i)__builtin_ia32_psraw256((__v16hi)__A, (__v8hi)__B); }
__KILN_INLINE __m256i _mm256_srai_epi16(__m256i __A, int __B) { return (__m256i)__builtin_ia32_psrawi256((__v16hi)__A, __B); }
__KILN_INLINE __m256i _mm256_sra_epi32(__m256i __A, __m128i __B) { return (__m256i)__builtin_ia32_psrad256((__v8si)__A, (__v4si)__B); }
__KILN_INLINE __m256i _mm256_srai_epi32(__m256i __A, int __B) { return (__m256i)__builtin_ia32_psradi256((__v8si)__A, __B); }
#define _mm256_shuffle_epi32(A, B) ((__m256i)__builtin_ia32_pshufd256((__v8si)(__m256i)(A), (B)))
#define _mm256_shufflehi_epi16(A, B) ((__m256i)__builtin_ia32_pshufhw256((__v16hi)(__m256i)(A), (B)))
#define _mm256_shufflelo_epi16(A, B) ((__m256i)__builtin_ia32_pshuflw256((__v16hi)(__m256i)(A), (B)))
__KILN_INLINE int _mm256_movemask_epi8(__m256i __A) { return __builtin_ia32_pmovmskb256((__v32qi)__A); }
#define _mm256_bslli_epi128(A, N) ((__m256i)__builtin_ia32_pslldqi256((__v4di)(__m256i)(A), ((N) & 255) * 8))
#define _mm256_bsrli_epi128(A, N) ((__m256i)__builtin_ia32_psrldqi256((__v4di)(__m256i)(A), ((N) & 255) * 8))
#define _mm256_slli_si256(A, N) ((__m256i)__builtin_ia32_pslldqi256((__v4di)(__m256i)(A), ((N) & 255) * 8))
#define _mm256_srli_si256(A, N) ((__m256i)__builtin_ia32_psrldqi256((__v4di)(__m256i)(A), ((N) & 255) * 8))
__KILN_INLINE __m256i _mm256_hadd_epi16(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_phaddw256((__v16hi)__A, (__v16hi)__B); }
__KILN_INLINE __m256i _mm256_hadd_epi32(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_phaddd256((__v8si)__A, (__v8si)__B); }
__KILN_INLINE __m256i _mm256_hadds_epi16(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_phaddsw256((__v16hi)__A, (__v16hi)__B); }
__KILN_INLINE __m256i _mm256_hsub_epi16(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_phsubw256((__v16hi)__A, (__v16hi)__B); }
__KILN_INLINE __m256i _mm256_hsub_epi32(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_phsubd256((__v8si)__A, (__v8si)__B); }
__KILN_INLINE __m256i _mm256_hsubs_epi16(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_phsubsw256((__v16hi)__A, (__v16hi)__B); }
__KILN_INLINE __m256i _mm256_maddubs_epi16(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_pmaddubsw256((__v32qi)__A, (__v32qi)__B); }
__KILN_INLINE __m256i _mm256_mulhrs_epi16(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_pmulhrsw256((__v16hi)__A, (__v16hi)__B); }
__KILN_INLINE __m256i _mm256_shuffle_epi8(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_pshufb256((__v32qi)__A, (__v32qi)__B); }
__KILN_INLINE __m256i _mm256_sign_epi8(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_psignb256((__v32qi)__A, (__v32qi)__B); }
__KILN_INLINE __m256i _mm256_sign_epi16(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_psignw256((__v16hi)__A, (__v16hi)__B); }
__KILN_INLINE __m256i _mm256_sign_epi32(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_psignd256((__v8si)__A, (__v8si)__B); }
__KILN_INLINE __m256i _mm256_abs_epi8(__m256i __A) { return (__m256i)__builtin_ia32_pabsb256((__v32qi)__A); }
__KILN_INLINE __m256i _mm256_abs_epi16(__m256i __A) { return (__m256i)__builtin_ia32_pabsw256((__v16hi)__A); }
__KILN_INLINE __m256i _mm256_abs_epi32(__m256i __A) { return (__m256i)__builtin_ia32_pabsd256((__v8si)__A); }
#define _mm256_alignr_epi8(A, B, N) ((__m256i)__builtin_ia32_palignr256((__v4di)(__m256i)(A), (__v4di)(__m256i)(B), (N) * 8))
__KILN_INLINE __m256i _mm256_min_epi8(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_pminsb256((__v32qi)__A, (__v32qi)__B); }
__KILN_INLINE __m256i _mm256_max_epi8(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_pmaxsb256((__v32qi)__A, (__v32qi)__B); }
__KILN_INLINE __m256i _mm256_min_epu16(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_pminuw256((__v16hi)__A, (__v16hi)__B); }
__KILN_INLINE __m256i _mm256_max_epu16(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_pmaxuw256((__v16hi)__A, (__v16hi)__B); }
__KILN_INLINE __m256i _mm256_min_epi32(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_pminsd256((__v8si)__A, (__v8si)__B); }
__KILN_INLINE __m256i _mm256_max_epi32(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_pmaxsd256((__v8si)__A, (__v8si)__B); }
__KILN_INLINE __m256i _mm256_min_epu32(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_pminud256((__v8si)__A, (__v8si)__B); }
__KILN_INLINE __m256i _mm256_max_epu32(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_pmaxud256((__v8si)__A, (__v8si)__B); }
__KILN_INLINE __m256i _mm256_mul_epi32(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_pmuldq256((__v8si)__A, (__v8si)__B); }
__KILN_INLINE __m256i _mm256_packus_epi32(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_packusdw256((__v8si)__A, (__v8si)__B); }
__KILN_INLINE __m256i _mm256_mullo_epi32(__m256i __A, __m256i __B) { return (__m256i)((__v8su)__A * (__v8su)__B); }
__KILN_INLINE __m256i _mm256_cmpeq_epi64(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_pcmpeqq256((__v4di)__A, (__v4di)__B); }
__KILN_INLINE __m256i _mm256_cvtepi8_epi16(__m128i __A) { return (__m256i)__builtin_ia32_pmovsxbw256((__v16qi)__A); }
__KILN_INLINE __m256i _mm256_cvtepi8_epi32(__m128i __A) { return (__m256i)__builtin_ia32_pmovsxbd256((__v16qi)__A); }
__KILN_INLINE __m256i _mm256_cvtepi8_epi64(__m128i __A) { return (__m256i)__builtin_ia32_pmovsxbq256((__v16qi)__A); }
__KILN_INLINE __m256i _mm256_cvtepi16_epi32(__m128i __A) { return (__m256i)__builtin_ia32_pmovsxwd256((__v8hi)__A); }
__KILN_INLINE __m256i _mm256_cvtepi16_epi64(__m128i __A) { return (__m256i)__builtin_ia32_pmovsxwq256((__v8hi)__A); }
__KILN_INLINE __m256i _mm256_cvtepi32_epi64(__m128i __A) { return (__m256i)__builtin_ia32_pmovsxdq256((__v4si)__A); }
__KILN_INLINE __m256i _mm256_cvtepu8_epi16(__m128i __A) { return (__m256i)__builtin_ia32_pmovzxbw256((__v16qi)__A); }
__KILN_INLINE __m256i _mm256_cvtepu8_epi32(__m128i __A) { return (__m256i)__builtin_ia32_pmovzxbd256((__v16qi)__A); }
__KILN_INLINE __m256i _mm256_cvtepu8_epi64(__m128i __A) { return (__m256i)__builtin_ia32_pmovzxbq256((__v16qi)__A); }
__KILN_INLINE __m256i _mm256_cvtepu16_epi32(__m128i __A) { return (__m256i)__builtin_ia32_pmovzxwd256((__v8hi)__A); }
__KILN_INLINE __m256i _mm256_cvtepu16_epi64(__m128i __A) { return (__m256i)__builtin_ia32_pmovzxwq256((__v8hi)__A); }
__KILN_INLINE __m256i _mm256_cvtepu32_epi64(__m128i __A) { return (__m256i)__builtin_ia32_pmovzxdq256((__v4si)__A); }
#define _mm256_mpsadbw_epu8(A, B, C) ((__m256i)__builtin_ia32_mpsadbw256((__v32qi)(__m256i)(A), (__v32qi)(__m256i)(B), (C)))
__KILN_INLINE __m256i _mm256_cmpgt_epi64(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_pcmpgtq256((__v4di)__A, (__v4di)__B); }
__KILN_INLINE __m256i _mm256_blendv_epi8(__m256i __A, __m256i __B, __m256i __C) { return (__m256i)__builtin_ia32_pblendvb256((__v32qi)__A, (__v32qi)__B, (__v32qi)__C); }
#define _mm256_blend_epi16(A, B, C) ((__m256i)__builtin_ia32_pblendw256((__v16hi)(__m256i)(A), (__v16hi)(__m256i)(B), (C)))
#define _mm256_blend_epi32(A, B, C) ((__m256i)__builtin_ia32_pblendd256((__v8si)(__m256i)(A), (__v8si)(__m256i)(B), (C)))
#define _mm_blend_epi32(A, B, C) ((__m128i)__builtin_ia32_pblendd128((__v4si)(__m128i)(A), (__v4si)(__m128i)(B), (C)))
__KILN_INLINE __m256i _mm256_stream_load_si256(__m256i const *__A) { return (__m256i)(__builtin_ia32_movntdqa256((void *)__A)); }
__KILN_INLINE __m128 _mm_broadcastss_ps(__m128 __A) { return (__m128)__builtin_ia32_vbroadcastss_ps((__v4sf)__A); }
__KILN_INLINE __m256 _mm256_broadcastss_ps(__m128 __A) { return (__m256)__builtin_ia32_vbroadcastss_ps256((__v4sf)__A); }
__KILN_INLINE __m256d _mm256_broadcastsd_pd(__m128d __A) { return (__m256d)__builtin_ia32_vbroadcastsd_pd256((__v2df)__A); }
__KILN_INLINE __m256i _mm256_broadcastsi128_si256(__m128i __A) { return (__m256i)__builtin_ia32_vbroadcastsi256((__v2di)__A); }
#define _mm_broadcastsi128_si256(X) _mm256_broadcastsi128_si256(X)
#define _mm_broadcastsd_pd(X) _mm_movedup_pd(X)
__KILN_INLINE __m128i _mm_broadcastb_epi8(__m128i __A) { return (__m128i)__builtin_ia32_pbroadcastb128((__v16qi)__A); }
__KILN_INLINE __m256i _mm256_broadcastb_epi8(__m128i __A) { return (__m256i)__builtin_ia32_pbroadcastb256((__v16qi)__A); }
__KILN_INLINE __m128i _mm_broadcastw_epi16(__m128i __A) { return (__m128i)__builtin_ia32_pbroadcastw128((__v8hi)__A); }
__KILN_INLINE __m256i _mm256_broadcastw_epi16(__m128i __A) { return (__m256i)__builtin_ia32_pbroadcastw256((__v8hi)__A); }
__KILN_INLINE __m128i _mm_broadcastd_epi32(__m128i __A) { return (__m128i)__builtin_ia32_pbroadcastd128((__v4si)__A); }
__KILN_INLINE __m256i _mm256_broadcastd_epi32(__m128i __A) { return (__m256i)__builtin_ia32_pbroadcastd256((__v4si)__A); }
__KILN_INLINE __m128i _mm_broadcastq_epi64(__m128i __A) { return (__m128i)__builtin_ia32_pbroadcastq128((__v2di)__A); }
__KILN_INLINE __m256i _mm256_broadcastq_epi64(__m128i __A) { return (__m256i)__builtin_ia32_pbroadcastq256((__v2di)__A); }
__KILN_INLINE __m256i _mm256_permutevar8x32_epi32(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_permvarsi256((__v8si)__A, (__v8si)__B); }
__KILN_INLINE __m256 _mm256_permutevar8x32_ps(__m256 __A, __m256i __B) { return (__m256)__builtin_ia32_permvarsf256((__v8sf)__A, (__v8si)__B); }
#define _mm256_permute4x64_pd(A, B) ((__m256d)__builtin_ia32_permdf256((__v4df)(__m256d)(A), (B)))
#define _mm256_permute4x64_epi64(A, B) ((__m256i)__builtin_ia32_permdi256((__v4di)(__m256i)(A), (B)))
#define _mm256_permute2x128_si256(A, B, C) ((__m256i)__builtin_ia32_permti256((__v4di)(__m256i)(A), (__v4di)(__m256i)(B), (C)))
#define _mm256_extracti128_si256(A, B) ((__m128i)__builtin_ia32_extract128i256((__v4di)(__m256i)(A), (B)))
#define _mm256_inserti128_si256(A, B, C) ((__m256i)__builtin_ia32_insert128i256((__v4di)(__m256i)(A), (__v2di)(__m128i)(B), (C)))
__KILN_INLINE __m128i _mm_maskload_epi32(int const *__A, __m128i __B) { return (__m128i)__builtin_ia32_maskloadd(__A, (__v4si)__B); }
__KILN_INLINE __m256i _mm256_maskload_epi32(int const *__A, __m256i __B) { return (__m256i)__builtin_ia32_maskloadd256(__A, (__v8si)__B); }
__KILN_INLINE void _mm_maskstore_epi32(int *__A, __m128i __B, __m128i __C) { __builtin_ia32_maskstored(__A, (__v4si)__B, (__v4si)__C); }
__KILN_INLINE void _mm256_maskstore_epi32(int *__A, __m256i __B, __m256i __C) { __builtin_ia32_maskstored256(__A, (__v8si)__B, (__v8si)__C); }
__KILN_INLINE __m128i _mm_maskload_epi64(long long const *__A, __m128i __B) { return (__m128i)__builtin_ia32_maskloadq(__A, (__v2di)__B); }
__KILN_INLINE __m256i _mm256_maskload_epi64(long long const *__A, __m256i __B) { return (__m256i)__builtin_ia32_maskloadq256(__A, (__v4di)__B); }
__KILN_INLINE void _mm_maskstore_epi64(long long *__A, __m128i __B, __m128i __C) { __builtin_ia32_maskstoreq(__A, (__v2di)__B, (__v2di)__C); }
__KILN_INLINE void _mm256_maskstore_epi64(long long *__A, __m256i __B, __m256i __C) { __builtin_ia32_maskstoreq256(__A, (__v4di)__B, (__v4di)__C); }
__KILN_INLINE __m128i _mm_sllv_epi32(__m128i __A, __m128i __B) { return (__m128i)__builtin_ia32_psllv4si((__v4si)__A, (__v4si)__B); }
__KILN_INLINE __m256i _mm256_sllv_epi32(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_psllv8si((__v8si)__A, (__v8si)__B); }
__KILN_INLINE __m128i _mm_sllv_epi64(__m128i __A, __m128i __B) { return (__m128i)__builtin_ia32_psllv2di((__v2di)__A, (__v2di)__B); }
__KILN_INLINE __m256i _mm256_sllv_epi64(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_psllv4di((__v4di)__A, (__v4di)__B); }
__KILN_INLINE __m128i _mm_srlv_epi32(__m128i __A, __m128i __B) { return (__m128i)__builtin_ia32_psrlv4si((__v4si)__A, (__v4si)__B); }
__KILN_INLINE __m256i _mm256_srlv_epi32(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_psrlv8si((__v8si)__A, (__v8si)__B); }
__KILN_INLINE __m128i _mm_srlv_epi64(__m128i __A, __m128i __B) { return (__m128i)__builtin_ia32_psrlv2di((__v2di)__A, (__v2di)__B); }
__KILN_INLINE __m256i _mm256_srlv_epi64(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_psrlv4di((__v4di)__A, (__v4di)__B); }
__KILN_INLINE __m128i _mm_srav_epi32(__m128i __A, __m128i __B) { return (__m128i)__builtin_ia32_psrav4si((__v4si)__A, (__v4si)__B); }
__KILN_INLINE __m256i _mm256_srav_epi32(__m256i __A, __m256i __B) { return (__m256i)__builtin_ia32_psrav8si((__v8si)__A, (__v8si)__B); }
#define _mm_i32gather_pd(BASE, INDEX, SCALE) ((__m128d)__builtin_ia32_gathersiv2df((__v2df){ 0 }, (BASE), (__v4si)(__m128i)(INDEX), (__v2df)((__v2di){ 0 } == (__v2di){ 0 }), (SCALE)))
#define _mm_mask_i32gather_pd(SRC, BASE, INDEX, MASK, SCALE) ((__m128d)__builtin_ia32_gathersiv2df((__v2df)(__m128d)(SRC), (BASE), (__v4si)(__m128i)(INDEX), (__v2df)(__m128d)(MASK), (SCALE)))
#define _mm256_i32gather_pd(BASE, INDEX, SCALE) ((__m256d)__builtin_ia32_gathersiv4df((__v4df){ 0 }, (BASE), (__v4si)(__m128i)(INDEX), (__v4df)((__v4di){ 0 } == (__v4di){ 0 }), (SCALE)))
#define _mm256_mask_i32gather_pd(SRC, BASE, INDEX, MASK, SCALE) ((__m256d)__builtin_ia32_gathersiv4df((__v4df)(__m256d)(SRC), (BASE), (__v4si)(__m128i)(INDEX), (__v4df)(__m256d)(MASK), (SCALE)))
#define _mm_i64gather_pd(BASE, INDEX, SCALE) ((__m128d)__builtin_ia32_gatherdiv2df((__v2df){ 0 }, (BASE), (__v2di)(__m128i)(INDEX), (__v2df)((__v2di){ 0 } == (__v2di){ 0 }), (SCALE)))
#define _mm_mask_i64gather_pd(SRC, BASE, INDEX, MASK, SCALE) ((__m128d)__builtin_ia32_gatherdiv2df((__v2df)(__m128d)(SRC), (BASE), (__v2di)(__m128i)(INDEX), (__v2df)(__m128d)(MASK), (SCALE)))
#define _mm256_i64gather_pd(BASE, INDEX, SCALE) ((__m256d)__builtin_ia32_gatherdiv4df((__v4df){ 0 }, (BASE), (__v4di)(__m256i)(INDEX), (__v4df)((__v4di){ 0 } == (__v4di){ 0 }), (SCALE)))
#define _mm256_mask_i64gather_pd(SRC, BASE, INDEX, MASK, SCALE) ((__m256d)__builtin_ia32_gatherdiv4df((__v4df)(__m256d)(SRC), (BASE), (__v4di)(__m256i)(INDEX), (__v4df)(__m256d)(MASK), (SCALE)))
#define _mm_i32gather_ps(BASE, INDEX, SCALE) ((__m128)__builtin_ia32_gathersiv4sf((__v4sf){ 0 }, (BASE), (__v4si)(__m128i)(INDEX), (__v4sf)((__v4si){ 0 } == (__v4si){ 0 }), (SCALE)))
#define _mm_mask_i32gather_ps(SRC, BASE, INDEX, MASK, SCALE) ((__m128)__builtin_ia32_gathersiv4sf((__v4sf)(__m128)(SRC), (BASE), (__v4si)(__m128i)(INDEX), (__v4sf)(__m128)(MASK), (SCALE)))
#define _mm256_i32gather_ps(BASE, INDEX, SCALE) ((__m256)__builtin_ia32_gathersiv8sf((__v8sf){ 0 }, (BASE), (__v8si)(__m256i)(INDEX), (__v8sf)((__v8si){ 0 } == (__v8si){ 0 }), (SCALE)))
#define _mm256_mask_i32gather_ps(SRC, BASE, INDEX, MASK, SCALE) ((__m256)__builtin_ia32_gathersiv8sf((__v8sf)(__m256)(SRC), (BASE), (__v8si)(__m256i)(INDEX), (__v8sf)(__m256)(MASK), (SCALE)))
#define _mm_i64gather_ps(BASE, INDEX, SCALE) ((__m128)__builtin_ia32_gatherdiv4sf((__v4sf){ 0 }, (BASE), (__v2di)(__m128i)(INDEX), (__v4sf)((__v4si){ 0 } == (__v4si){ 0 }), (SCALE)))
#define _mm_mask_i64gather_ps(SRC, BASE, INDEX, MASK, SCALE) ((__m128)__builtin_ia32_gatherdiv4sf((__v4sf)(__m128)(SRC), (BASE), (__v2di)(__m128i)(INDEX), (__v4sf)(__m128)(MASK), (SCALE)))
#define _mm256_i64gather_ps(BASE, INDEX, SCALE) ((__m128)__builtin_ia32_gatherdiv4sf256((__v4sf){ 0 }, (BASE), (__v4di)(__m256i)(INDEX), (__v4sf)((__v4si){ 0 } == (__v4si){ 0 }), (SCALE)))
#define _mm256_mask_i64gather_ps(SRC, BASE, INDEX, MASK, SCALE) ((__m128)__builtin_ia32_gatherdiv4sf256((__v4sf)(__m128)(SRC), (BASE), (__v4di)(__m256i)(INDEX), (__v4sf)(__m128)(MASK), (SCALE)))
#define _mm_i32gather_epi64(BASE, INDEX, SCALE) ((__m128i)__builtin_ia32_gathersiv2di((__v2di){ 0 }, (BASE), (__v4si)(__m128i)(INDEX), (__v2di)((__v2di){ 0 } == (__v2di){ 0 }), (SCALE)))
#define _mm_mask_i32gather_epi64(SRC, BASE, INDEX, MASK, SCALE) ((__m128i)__builtin_ia32_gathersiv2di((__v2di)(__m128i)(SRC), (BASE), (__v4si)(__m128i)(INDEX), (__v2di)(__m128i)(MASK), (SCALE)))
#define _mm256_i32gather_epi64(BASE, INDEX, SCALE) ((__m256i)__builtin_ia32_gathersiv4di((__v4di){ 0 }, (BASE), (__v4si)(__m128i)(INDEX), (__v4di)((__v4di){ 0 } == (__v4di){ 0 }), (SCALE)))
#define _mm256_mask_i32gather_epi64(SRC, BASE, INDEX, MASK, SCALE) ((__m256i)__builtin_ia32_gathersiv4di((__v4di)(__m256i)(SRC), (BASE), (__v4si)(__m128i)(INDEX), (__v4di)(__m256i)(MASK), (SCALE)))
#define _mm_i64gather_epi64(BASE, INDEX, SCALE) ((__m128i)__builtin_ia32_gatherdiv2di((__v2di){ 0 }, (BASE), (__v2di)(__m128i)(INDEX), (__v2di)((__v2di){ 0 } == (__v2di){ 0 }), (SCALE)))
#define _mm_mask_i64gather_epi64(SRC, BASE, INDEX, MASK, SCALE) ((__m128i)__builtin_ia32_gatherdiv2di((__v2di)(__m128i)(SRC), (BASE), (__v2di)(__m128i)(INDEX), (__v2di)(__m128i)(MASK), (SCALE)))
#define _mm256_i64gather_epi64(BASE, INDEX, SCALE) ((__m256i)__builtin_ia32_gatherdiv4di((__v4di){ 0 }, (BASE), (__v4di)(__m256i)(INDEX), (__v4di)((__v4di){ 0 } == (__v4di){ 0 }), (SCALE)))
#define _mm256_mask_i64gather_epi64(SRC, BASE, INDEX, MASK, SCALE) ((__m256i)__builtin_ia32_gatherdiv4di((__v4di)(__m256i)(SRC), (BASE), (__v4di)(__m256i)(INDEX), (__v4di)(__m256i)(MASK), (SCALE)))
#define _mm_i32gather_epi32(BASE, INDEX, SCALE) ((__m128i)__builtin_ia32_gathersiv4si((__v4si){ 0 }, (BASE), (__v4si)(__m128i)(INDEX), (__v4si)((__v4si){ 0 } == (__v4si){ 0 }), (SCALE)))
#define _mm_mask_i32gather_epi32(SRC, BASE, INDEX, MASK, SCALE) ((__m128i)__builtin_ia32_gathersiv4si((__v4si)(__m128i)(SRC), (BASE), (__v4si)(__m128i)(INDEX), (__v4si)(__m128i)(MASK), (SCALE)))
#define _mm256_i32gather_epi32(BASE, INDEX, SCALE) ((__m256i)__builtin_ia32_gathersiv8si((__v8si){ 0 }, (BASE), (__v8si)(__m256i)(INDEX), (__v8si)((__v8si){ 0 } == (__v8si){ 0 }), (SCALE)))
#define _mm256_mask_i32gather_epi32(SRC, BASE, INDEX, MASK, SCALE) ((__m256i)__builtin_ia32_gathersiv8si((__v8si)(__m256i)(SRC), (BASE), (__v8si)(__m256i)(INDEX), (__v8si)(__m256i)(MASK), (SCALE)))
#define _mm_i64gather_epi32(BASE, INDEX, SCALE) ((__m128i)__builtin_ia32_gatherdiv4si((__v4si){ 0 }, (BASE), (__v2di)(__m128i)(INDEX), (__v4si)((__v4si){ 0 } == (__v4si){ 0 }), (SCALE)))
#define _mm_mask_i64gather_epi32(SRC, BASE, INDEX, MASK, SCALE) ((__m128i)__builtin_ia32_gatherdiv4si((__v4si)(__m128i)(SRC), (BASE), (__v2di)(__m128i)(INDEX), (__v4si)(__m128i)(MASK), (SCALE)))
#define _mm256_i64gather_epi32(BASE, INDEX, SCALE) ((__m128i)__builtin_ia32_gatherdiv4si256((__v4si){ 0 }, (BASE), (__v4di)(__m256i)(INDEX), (__v4si)((__v4si){ 0 } == (__v4si){ 0 }), (SCALE)))
#define _mm256_mask_i64gather_epi32(SRC, BASE, INDEX, MASK, SCALE) ((__m128i)__builtin_ia32_gatherdiv4si256((__v4si)(__m128i)(SRC), (BASE), (__v4di)(__m256i)(INDEX), (__v4si)(__m128i)(MASK), (SCALE)))

#pragma GCC pop_options

#endif
