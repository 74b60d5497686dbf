/* MMX intrinsics, on SSE registers. */
#ifndef _MMINTRIN_H_INCLUDED
#define _MMINTRIN_H_INCLUDED

/* Every intrinsic is one line; what is plain arithmetic is written with vector operators, the rest is a builtin of the same feature. */
#define __KILN_INLINE extern __inline __attribute__((__gnu_inline__, __always_inline__, __artificial__))

typedef int __m64 __attribute__((__vector_size__(8), __may_alias__));
typedef int __m64_u __attribute__((__vector_size__(8), __may_alias__, __aligned__(1)));
typedef int __m32 __attribute__((__vector_size__(4), __may_alias__));
typedef short __m16 __attribute__((__vector_size__(2), __may_alias__));
typedef int __m32_u __attribute__((__vector_size__(4), __may_alias__, __aligned__(1)));
typedef short __m16_u __attribute__((__vector_size__(2), __may_alias__, __aligned__(1)));
typedef int __v2si __attribute__((__vector_size__(8)));
typedef unsigned int __v2su __attribute__((__vector_size__(8)));
typedef short __v4hi __attribute__((__vector_size__(8)));
typedef unsigned short __v4hu __attribute__((__vector_size__(8)));
typedef char __v8qi __attribute__((__vector_size__(8)));
typedef unsigned char __v8qu __attribute__((__vector_size__(8)));
typedef signed char __v8qs __attribute__((__vector_size__(8)));
typedef long long __v1di __attribute__((__vector_size__(8)));
typedef float __v2sf __attribute__((__vector_size__(8)));

/* The registers are those of SSE: nothing of the x87's is touched. */
__KILN_INLINE void _mm_empty(void) { }
#define _m_empty _mm_empty
__KILN_INLINE __m64 _mm_cvtsi32_si64(int __A) { return (__m64)(__v2si){ __A, 0 }; }
__KILN_INLINE int _mm_cvtsi64_si32(__m64 __A) { return ((__v2si)__A)[0]; }
__KILN_INLINE __m64 _mm_cvtsi64_m64(long long __A) { return (__m64)__A; }
__KILN_INLINE long long _mm_cvtm64_si64(__m64 __A) { return (long long)__A; }
__KILN_INLINE __m64 _mm_cvtsi64x_si64(long long __A) { return (__m64)__A; }
__KILN_INLINE long long _mm_cvtsi64_si64x(__m64 __A) { return (long long)__A; }
__KILN_INLINE __m64 _mm_set_pi64x(long long __A) { return (__m64)__A; }
#define _m_from_int _mm_cvtsi32_si64
#define _m_to_int _mm_cvtsi64_si32
#define _m_from_int64 _mm_cvtsi64_m64
#define _m_to_int64 _mm_cvtm64_si64
__KILN_INLINE __m64 _mm_packs_pi16(__m64 __A, __m64 __B) { return (__m64)__builtin_ia32_packsswb((__v4hi)__A, (__v4hi)__B); }
#define _m_packsswb _mm_packs_pi16
__KILN_INLINE __m64 _mm_packs_pi32(__m64 __A, __m64 __B) { return (__m64)__builtin_ia32_packssdw((__v2si)__A, (__v2si)__B); }
#define _m_packssdw _mm_packs_pi32
__KILN_INLINE __m64 _mm_packs_pu16(__m64 __A, __m64 __B) { return (__m64)__builtin_ia32_packuswb((__v4hi)__A, (__v4hi)__B); }
#define _m_packuswb _mm_packs_pu16
__KILN_INLINE __m64 _mm_unpackhi_pi8(__m64 __A, __m64 __B) { return (__m64)__builtin_ia32_punpckhbw((__v8qi)__A, (__v8qi)__B); }
#define _m_punpckhbw _mm_unpackhi_pi8
__KILN_INLINE __m64 _mm_unpackhi_pi16(__m64 __A, __m64 __B) { return (__m64)__builtin_ia32_punpckhwd((__v4hi)__A, (__v4hi)__B); }
#define _m_punpckhwd _mm_unpackhi_pi16
__KILN_INLINE __m64 _mm_unpackhi_pi32(__m64 __A, __m64 __B) { return (__m64)__builtin_ia32_punpckhdq((__v2si)__A, (__v2si)__B); }
#define _m_punpckhdq _mm_unpackhi_pi32
__KILN_INLINE __m64 _mm_unpacklo_pi8(__m64 __A, __m64 __B) { return (__m64)__builtin_ia32_punpcklbw((__v8qi)__A, (__v8qi)__B); }
#define _m_punpcklbw _mm_unpacklo_pi8
__KILN_INLINE __m64 _mm_unpacklo_pi16(__m64 __A, __m64 __B) { return (__m64)__builtin_ia32_punpcklwd((__v4hi)__A, (__v4hi)__B); }
#define _m_punpcklwd _mm_unpacklo_pi16
__KILN_INLINE __m64 _mm_unpacklo_pi32(__m64 __A, __m64 __B) { return (__m64)__builtin_ia32_punpckldq((__v2si)__A, (__v2si)__B); }
#define _m_punpckldq _mm_unpacklo_pi32
__KILN_INLINE __m64 _mm_adds_pi8(__m64 __A, __m64 __B) { return (__m64)__builtin_ia32_paddsb((__v8qi)__A, (__v8qi)__B); }
#define _m_paddsb _mm_adds_pi8
__KILN_INLINE __m64 _mm_adds_pi16(__m64 __A, __m64 __B) { return (__m64)__builtin_ia32_paddsw((__v4hi)__A, (__v4hi)__B); }
#define _m_paddsw _mm_adds_pi16
__KILN_INLINE __m64 _mm_adds_pu8(__m64 __A, __m64 __B) { return (__m64)__builtin_ia32_paddusb((__v8qi)__A, (__v8qi)__B); }
#define _m_paddusb _mm_adds_pu8
__KILN_INLINE __m64 _mm_adds_pu16(__m64 __A, __m64 __B) { return (__m64)__builtin_ia32_paddusw((__v4hi)__A, (__v4hi)__B); }
#define _m_paddusw _mm_adds_pu16
__KILN_INLINE __m64 _mm_subs_pi8(__m64 __A, __m64 __B) { return (__m64)__builtin_ia32_psubsb((__v8qi)__A, (__v8qi)__B); }
#define _m_psubsb _mm_subs_pi8
__KILN_INLINE __m64 _mm_subs_pi16(__m64 __A, __m64 __B) { return (__m64)__builtin_ia32_psubsw((__v4hi)__A, (__v4hi)__B); }
#define _m_psubsw _mm_subs_pi16
__KILN_INLINE __m64 _mm_subs_pu8(__m64 __A, __m64 __B) { return (__m64)__builtin_ia32_psubusb((__v8qi)__A, (__v8qi)__B); }
#define _m_psubusb _mm_subs_pu8
__KILN_INLINE __m64 _mm_subs_pu16(__m64 __A, __m64 __B) { return (__m64)__builtin_ia32_psubusw((__v4hi)__A, (__v4hi)__B); }
#define _m_psubusw _mm_subs_pu16
__KILN_INLINE __m64 _mm_madd_pi16(__m64 __A, __m64 __B) { return (__m64)__builtin_ia32_pmaddwd((__v4hi)__A, (__v4hi)__B); }
#define _m_pmaddwd _mm_madd_pi16
__KILN_INLINE __m64 _mm_mulhi_pi16(__m64 __A, __m64 __B) { return (__m64)__builtin_ia32_pmulhw((__v4hi)__A, (__v4hi)__B); }
#define _m_pmulhw _mm_mulhi_pi16
__KILN_INLINE __m64 _mm_add_pi8(__m64 __A, __m64 __B) { return (__m64)((__v8qu)__A + (__v8qu)__B); }
#define _m_paddb _mm_add_pi8
__KILN_INLINE __m64 _mm_add_pi16(__m64 __A, __m64 __B) { return (__m64)((__v4hu)__A + (__v4hu)__B); }
#define _m_paddw _mm_add_pi16
__KILN_INLINE __m64 _mm_add_pi32(__m64 __A, __m64 __B) { return (__m64)((__v2su)__A + (__v2su)__B); }
#define _m_paddd _mm_add_pi32
__KILN_INLINE __m64 _mm_add_si64(__m64 __A, __m64 __B) { return (__m64)((__v1di)__A + (__v1di)__B); }
__KILN_INLINE __m64 _mm_sub_pi8(__m64 __A, __m64 __B) { return (__m64)((__v8qu)__A - (__v8qu)__B); }
#define _m_psubb _mm_sub_pi8
__KILN_INLINE __m64 _mm_sub_pi16(__m64 __A, __m64 __B) { return (__m64)((__v4hu)__A - (__v4hu)__B); }
#define _m_psubw _mm_sub_pi16
__KILN_INLINE __m64 _mm_sub_pi32(__m64 __A, __m64 __B) { return (__m64)((__v2su)__A - (__v2su)__B); }
#define _m_psubd _mm_sub_pi32
__KILN_INLINE __m64 _mm_sub_si64(__m64 __A, __m64 __B) { return (__m64)((__v1di)__A - (__v1di)__B); }
__KILN_INLINE __m64 _mm_mullo_pi16(__m64 __A, __m64 __B) { return (__m64)((__v4hu)__A * (__v4hu)__B); }
#define _m_pmullw _mm_mullo_pi16
__KILN_INLINE __m64 _mm_and_si64(__m64 __A, __m64 __B) { return (__m64)((__v2si)__A & (__v2si)__B); }
#define _m_pand _mm_and_si64
__KILN_INLINE __m64 _mm_or_si64(__m64 __A, __m64 __B) { return (__m64)((__v2si)__A | (__v2si)__B); }
#define _m_por _mm_or_si64
__KILN_INLINE __m64 _mm_xor_si64(__m64 __A, __m64 __B) { return (__m64)((__v2si)__A ^ (__v2si)__B); }
#define _m_pxor _mm_xor_si64
__KILN_INLINE __m64 _mm_cmpeq_pi8(__m64 __A, __m64 __B) { return (__m64)((__v8qi)__A == (__v8qi)__B); }
#define _m_pcmpeqb _mm_cmpeq_pi8
__KILN_INLINE __m64 _mm_cmpeq_pi16(__m64 __A, __m64 __B) { return (__m64)((__v4hi)__A == (__v4hi)__B); }
#define _m_pcmpeqw _mm_cmpeq_pi16
__KILN_INLINE __m64 _mm_cmpeq_pi32(__m64 __A, __m64 __B) { return (__m64)((__v2si)__A == (__v2si)__B); }
#define _m_pcmpeqd _mm_cmpeq_pi32
__KILN_INLINE __m64 _mm_cmpgt_pi8(__m64 __A, __m64 __B) { return (__m64)((__v8qs)__A > (__v8qs)__B); }
#define _m_pcmpgtb _mm_cmpgt_pi8
__KILN_INLINE __m64 _mm_cmpgt_pi16(__m64 __A, __m64 __B) { return (__m64)((__v4hi)__A > (__v4hi)__B); }
#define _m_pcmpgtw _mm_cmpgt_pi16
__KILN_INLINE __m64 _mm_cmpgt_pi32(__m64 __A, __m64 __B) { return (__m64)((__v2si)__A > (__v2si)__B); }
#define _m_pcmpgtd _mm_cmpgt_pi32
__KILN_INLINE __m64 _mm_andnot_si64(__m64 __A, __m64 __B) { return (__m64)(~(__v2si)__A & (__v2si)__B); }
#define _m_pandn _mm_andnot_si64
__KILN_INLINE __m64 _mm_sll_pi16(__m64 __A, __m64 __B) { return (__m64)__builtin_ia32_psllw((__v4hi)__A, (__v4hi)__B); }
#define _m_psllw _mm_sll_pi16
__KILN_INLINE __m64 _mm_slli_pi16(__m64 __A, int __B) { return (__m64)__builtin_ia32_psllwi((__v4hi)__A, __B); }
#define _m_psllwi _mm_slli_pi16
__KILN_INLINE __m64 _mm_sll_pi32(__m64 __A, __m64 __B) { return (__m64)__builtin_ia32_pslld((__v2si)__A, (__v2si)__B); }
#define _m_pslld _mm_sll_pi32
__KILN_INLINE __m64 _mm_slli_pi32(__m64 __A, int __B) { return (__m64)__builtin_ia32_pslldi((__v2si)__A, __B); }
#define _m_pslldi _mm_slli_pi32
__KILN_INLINE __m64 _mm_sll_si64(__m64 __A, __m64 __B) { return (__m64)__builtin_ia32_psllq((__v1di)__A, (__v1di)__B); }
#define _m_psllq _mm_sll_si64
__KILN_INLINE __m64 _mm_slli_si64(__m64 __A, int __B) { return (__m64)__builtin_ia32_psllqi((__v1di)__A, __B); }
#define _m_psllqi _mm_slli_si64
__KILN_INLINE __m64 _mm_srl_pi16(__m64 __A, __m64 __B) { return (__m64)__builtin_ia32_psrlw((__v4hi)__A, (__v4hi)__B); }
#define _m_psrlw _mm_srl_pi16
__KILN_INLINE __m64 _mm_srli_pi16(__m64 __A, int __B) { return (__m64)__builtin_ia32_psrlwi((__v4hi)__A, __B); }
#define _m_psrlwi _mm_srli_pi16
__KILN_INLINE __m64 _mm_srl_pi32(__m64 __A, __m64 __B) { return (__m64)__builtin_ia32_psrld((__v2si)__A, (__v2si)__B); }
#define _m_psrld _mm_srl_pi32
__KILN_INLINE __m64 _mm_srli_pi32(__m64 __A, int __B) { return (__m64)__builtin_ia32_psrldi((__v2si)__A, __B); }
#define _m_psrldi _mm_srli_pi32
__KILN_INLINE __m64 _mm_srl_si64(__m64 __A, __m64 __B) { return (__m64)__builtin_ia32_psrlq((__v1di)__A, (__v1di)__B); }
#define _m_psrlq _mm_srl_si64
__KILN_INLINE __m64 _mm_srli_si64(__m64 __A, int __B) { return (__m64)__builtin_ia32_psrlqi((__v1di)__A, __B); }
#define _m_psrlqi _mm_srli_si64
__KILN_INLINE __m64 _mm_sra_pi16(__m64 __A, __m64 __B) { return (__m64)__builtin_ia32_psraw((__v4hi)__A, (__v4hi)__B); }
#define _m_psraw _mm_sra_pi16
__KILN_INLINE __m64 _mm_srai_pi16(__m64 __A, int __B) { return (__m64)__builtin_ia32_psrawi((__v4hi)__A, __B); }
#define _m_psrawi _mm_srai_pi16
__KILN_INLINE __m64 _mm_sra_pi32(__m64 __A, __m64 __B) { return (__m64)__builtin_ia32_psrad((__v2si)__A, (__v2si)__B); }
#define _m_psrad _mm_sra_pi32
__KILN_INLINE __m64 _mm_srai_pi32(__m64 __A, int __B) { return (__m64)__builtin_ia32_psradi((__v2si)__A, __B); }
#define _m_psradi _mm_srai_pi32
__KILN_INLINE __m64 _mm_setzero_si64(void) { return (__m64)(__v2si){ 0, 0 }; }
__KILN_INLINE __m64 _mm_set_pi32(int __e1, int __e0) { return (__m64)(__v2si){ __e0, __e1 }; }
__KILN_INLINE __m64 _mm_setr_pi32(int __e0, int __e1) { return (__m64)(__v2si){ __e0, __e1 }; }
__KILN_INLINE __m64 _mm_set1_pi32(int __A) { return (__m64)(__v2si){ __A, __A }; }
__KILN_INLINE __m64 _mm_set_pi16(short __e3, short __e2, short __e1, short __e0) { return (__m64)(__v4hi){ __e0, __e1, __e2, __e3 }; }
__KILN_INLINE __m64 _mm_setr_pi16(short __e0, short __e1, short __e2, short __e3) { return (__m64)(__v4hi){ __e0, __e1, __e2, __e3 }; }
__KILN_INLINE __m64 _mm_set1_pi16(short __A) { return (__m64)(__v4hi){ __A, __A, __A, __A }; }
__KILN_INLINE __m64 _mm_set_pi8(char __e7, char __e6, char __e5, char __e4, char __e3, char __e2, char __e1, char __e0) { return (__m64)(__v8qi){ __e0, __e1, __e2, __e3, __e4, __e5, __e6, __e7 }; }
__KILN_INLINE __m64 _mm_setr_pi8(char __e0, char __e1, char __e2, char __e3, char __e4, char __e5, char __e6, char __e7) { return (__m64)(__v8qi){ __e0, __e1, __e2, __e3, __e4, __e5, __e6, __e7 }; }
__KILN_INLINE __m64 _mm_set1_pi8(char __A) { return (__m64)(__v8qi){ __A, __A, __A, __A, __A, __A, __A, __A }; }

#endif
