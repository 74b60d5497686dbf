/* LZCNT intrinsics. */
#ifndef _LZCNTINTRIN_H_INCLUDED
#define _LZCNTINTRIN_H_INCLUDED

#include <mmintrin.h>

#pragma GCC push_options
#pragma GCC target("lzcnt")

__KILN_INLINE unsigned short __lzcnt16(unsigned short __A) { return __builtin_ia32_lzcnt_u16(__A); }
__KILN_INLINE unsigned int __lzcnt32(unsigned int __A) { return __builtin_ia32_lzcnt_u32(__A); }
__KILN_INLINE unsigned int _lzcnt_u32(unsigned int __A) { return __builtin_ia32_lzcnt_u32(__A); }
__KILN_INLINE unsigned long long __lzcnt64(unsigned long long __A) { return __builtin_ia32_lzcnt_u64(__A); }
__KILN_INLINE unsigned long long _lzcnt_u64(unsigned long long __A) { return __builtin_ia32_lzcnt_u64(__A); }

#pragma GCC pop_options

#endif
