/* XSAVEOPT intrinsics. */
#ifndef _XSAVEOPTINTRIN_H_INCLUDED
#define _XSAVEOPTINTRIN_H_INCLUDED

#include <mmintrin.h>

#pragma GCC push_options
#pragma GCC target("xsaveopt")

__KILN_INLINE void _xsaveopt(void *__P, long long __M) { __asm__ volatile ("xsaveopt %0" : "+m" (*(char (*)[576])__P) : "a" ((int)__M), "d" ((int)(__M >> 32)) : "memory"); }
__KILN_INLINE void _xsaveopt64(void *__P, long long __M) { __asm__ volatile ("xsaveopt64 %0" : "+m" (*(char (*)[576])__P) : "a" ((int)__M), "d" ((int)(__M >> 32)) : "memory"); }

#pragma GCC pop_options

#endif
