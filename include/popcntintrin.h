/* POPCNT intrinsics. */
#ifndef _POPCNTINTRIN_H_INCLUDED
#define _POPCNTINTRIN_H_INCLUDED

#include <mmintrin.h>

#pragma GCC push_options
#pragma GCC target("popcnt")

__KILN_INLINE int _mm_popcnt_u32(unsigned int __A) { return __builtin_popcount(__A); }
__KILN_INLINE long long _mm_popcnt_u64(unsigned long long __A) { return __builtin_popcountll(__A); }

#pragma GCC pop_options

#endif
