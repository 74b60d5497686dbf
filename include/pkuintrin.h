/* Protection key intrinsics. */
#ifndef _PKUINTRIN_H_INCLUDED
#define _PKUINTRIN_H_INCLUDED

#include <mmintrin.h>

#pragma GCC push_options
#pragma GCC target("pku")

__KILN_INLINE unsigned int _rdpkru_u32(void) { unsigned int __n; __asm__ volatile ("rdpkru" : "=a" (__n) : "c" (0) : "edx"); return __n; }
__KILN_INLINE void _wrpkru(unsigned int __A) { __asm__ volatile ("wrpkru" : : "a" (__A), "c" (0), "d" (0) : "memory"); }

#pragma GCC pop_options

#endif
