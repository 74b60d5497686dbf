/* Additions with carry. */
#ifndef _ADXINTRIN_H_INCLUDED
#define _ADXINTRIN_H_INCLUDED

#include <mmintrin.h>

__KILN_INLINE unsigned char _addcarry_u32(unsigned char __A, unsigned int __B, unsigned int __C, unsigned int *__D) { return __builtin_ia32_addcarryx_u32(__A, __B, __C, __D); }
__KILN_INLINE unsigned char _addcarryx_u32(unsigned char __A, unsigned int __B, unsigned int __C, unsigned int *__D) { return __builtin_ia32_addcarryx_u32(__A, __B, __C, __D); }
__KILN_INLINE unsigned char _subborrow_u32(unsigned char __A, unsigned int __B, unsigned int __C, unsigned int *__D) { return __builtin_ia32_sbb_u32(__A, __B, __C, __D); }
__KILN_INLINE unsigned char _addcarry_u64(unsigned char __A, unsigned long long __B, unsigned long long __C, unsigned long long *__D) { return __builtin_ia32_addcarryx_u64(__A, __B, __C, __D); }
__KILN_INLINE unsigned char _addcarryx_u64(unsigned char __A, unsigned long long __B, unsigned long long __C, unsigned long long *__D) { return __builtin_ia32_addcarryx_u64(__A, __B, __C, __D); }
__KILN_INLINE unsigned char _subborrow_u64(unsigned char __A, unsigned long long __B, unsigned long long __C, unsigned long long *__D) { return __builtin_ia32_sbb_u64(__A, __B, __C, __D); }

#endif
