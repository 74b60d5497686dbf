/* BMI2 intrinsics. */
#ifndef _BMI2INTRIN_H_INCLUDED
#define _BMI2INTRIN_H_INCLUDED

#include <mmintrin.h>

#pragma GCC push_options
#pragma GCC target("bmi2")

__KILN_INLINE unsigned int _bzhi_u32(unsigned int __A, unsigned int __B) { return __builtin_ia32_bzhi_si(__A, __B); }
__KILN_INLINE unsigned long long _bzhi_u64(unsigned long long __A, unsigned long long __B) { return __builtin_ia32_bzhi_di(__A, __B); }
__KILN_INLINE unsigned int _pdep_u32(unsigned int __A, unsigned int __B) { return __builtin_ia32_pdep_si(__A, __B); }
__KILN_INLINE unsigned long long _pdep_u64(unsigned long long __A, unsigned long long __B) { return __builtin_ia32_pdep_di(__A, __B); }
__KILN_INLINE unsigned int _pext_u32(unsigned int __A, unsigned int __B) { return __builtin_ia32_pext_si(__A, __B); }
__KILN_INLINE unsigned long long _pext_u64(unsigned long long __A, unsigned long long __B) { return __builtin_ia32_pext_di(__A, __B); }
__KILN_INLINE unsigned int _mulx_u32(unsigned int __A, unsigned int __B, unsigned int *__P) { unsigned long long __n = (unsigned long long)__A * __B; *__P = (unsigned int)(__n >> 32); return (unsigned int)__n; }
__KILN_INLINE unsigned long long _mulx_u64(unsigned long long __A, unsigned long long __B, unsigned long long *__P) { unsigned __int128 __n = (unsigned __int128)__A * __B; *__P = (unsigned long long)(__n >> 64); return (unsigned long long)__n; }

#pragma GCC pop_options

#endif
