/* XSAVEC intrinsics. */
#ifndef _XSAVECINTRIN_H_INCLUDED
#define _XSAVECINTRIN_H_INCLUDED

#include <mmintrin.h>

#pragma GCC push_options
#pragma GCC target("xsavec")

__KILN_INLINE void _xsavec(void *__P, long long __M) { __asm__ volatile ("xsavec %0" : "+m" (*(char (*)[576])__P) : "a" ((int)__M), "d" ((int)(__M >> 32)) : "memory"); }
__KILN_INLINE void _xsavec64(void *__P, long long __M) { __asm__ volatile ("xsavec64 %0" : "+m" (*(char (*)[576])__P) : "a" ((int)__M), "d" ((int)(__M >> 32)) : "memory"); }

#pragma GCC pop_options

#endif
