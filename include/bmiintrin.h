/* BMI intrinsics. */
#ifndef _BMIINTRIN_H_INCLUDED
#define _BMIINTRIN_H_INCLUDED

#include <mmintrin.h>

#pragma GCC push_options
#pragma GCC target("bmi")

__KILN_INLINE unsigned short __tzcnt_u16(unsigned short __A) { return __builtin_ia32_tzcnt_u16(__A); }
__KILN_INLINE unsigned int __tzcnt_u32(unsigned int __A) { return __builtin_ia32_tzcnt_u32(__A); }
__KILN_INLINE unsigned int _tzcnt_u32(unsigned int __A) { return __builtin_ia32_tzcnt_u32(__A); }
__KILN_INLINE unsigned int __andn_u32(unsigned int __A, unsigned int __B) { return ~__A & __B; }
__KILN_INLINE unsigned int _andn_u32(unsigned int __A, unsigned int __B) { return ~__A & __B; }
__KILN_INLINE unsigned int __bextr_u32(unsigned int __A, unsigned int __B) { return __builtin_ia32_bextr_u32(__A, __B); }
__KILN_INLINE unsigned int _bextr_u32(unsigned int __A, unsigned int __S, unsigned int __L) { return __builtin_ia32_bextr_u32(__A, (__S & 255) | ((__L & 255) << 8)); }
__KILN_INLINE unsigned int __blsi_u32(unsigned int __A) { return __A & -__A; }
__KILN_INLINE unsigned int _blsi_u32(unsigned int __A) { return __A & -__A; }
__KILN_INLINE unsigned int __blsmsk_u32(unsigned int __A) { return __A ^ (__A - 1); }
__KILN_INLINE unsigned int _blsmsk_u32(unsigned int __A) { return __A ^ (__A - 1); }
__KILN_INLINE unsigned int __blsr_u32(unsigned int __A) { return __A & (__A - 1); }
__KILN_INLINE unsigned int _blsr_u32(unsigned int __A) { return __A & (__A - 1); }
__KILN_INLINE unsigned long long __tzcnt_u64(unsigned long long __A) { return __builtin_ia32_tzcnt_u64(__A); }
__KILN_INLINE unsigned long long _tzcnt_u64(unsigned long long __A) { return __builtin_ia32_tzcnt_u64(__A); }
__KILN_INLINE unsigned long long __andn_u64(unsigned long long __A, unsigned long long __B) { return ~__A & __B; }
__KILN_INLINE unsigned long long _andn_u64(unsigned long long __A, unsigned long long __B) { return ~__A & __B; }
__KILN_INLINE unsigned long long __bextr_u64(unsigned long long __A, unsigned long long __B) { return __builtin_ia32_bextr_u64(__A, __B); }
__KILN_INLINE unsigned long long _bextr_u64(unsigned long long __A, unsigned int __S, unsigned int __L) { return __builtin_ia32_bextr_u64(__A, (__S & 255) | ((__L & 255) << 8)); }
__KILN_INLINE unsigned long long __blsi_u64(unsigned long long __A) { return __A & -__A; }
__KILN_INLINE unsigned long long _blsi_u64(unsigned long long __A) { return __A & -__A; }
__KILN_INLINE unsigned long long __blsmsk_u64(unsigned long long __A) { return __A ^ (__A - 1); }
__KILN_INLINE unsigned long long _blsmsk_u64(unsigned long long __A) { return __A ^ (__A - 1); }
__KILN_INLINE unsigned long long __blsr_u64(unsigned long long __A) { return __A & (__A - 1); }
__KILN_INLINE unsigned long long _blsr_u64(unsigned long long __A) { return __A & (__A - 1); }
__KILN_INLINE unsigned short _tzcnt_u16(unsigned short __A) { return __builtin_ia32_tzcnt_u16(__A); }

#pragma GCC pop_options

#endif
