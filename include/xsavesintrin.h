/* XSAVES intrinsics. */
#ifndef _XSAVESINTRIN_H_INCLUDED
#define _XSAVESINTRIN_H_INCLUDED

#include <mmintrin.h>

#pragma GCC push_options
#pragma GCC target("xsaves")

__KILN_INLINE void _xsaves(void *__P, long long __M) { __asm__ volatile ("xsaves %0" : "+m" (*(char (*)[576])__P) : "a" ((int)__M), "d" ((int)(__M >> 32)) : "memory"); }
__KILN_INLINE void _xsaves64(void *__P, long long __M) { __asm__ volatile ("xsaves64 %0" : "+m" (*(char (*)[576])__P) : "a" ((int)__M), "d" ((int)(__M >> 32)) : "memory"); }
__KILN_INLINE void _xrstors(void *__P, long long __M) { __asm__ volatile ("xrstors %0" : "+m" (*(char (*)[576])__P) : "a" ((int)__M), "d" ((int)(__M >> 32)) : "memory"); }
__KILN_INLINE void _xrstors64(void *__P, long long __M) { __asm__ volatile ("xrstors64 %0" : "+m" (*(char (*)[576])__P) : "a" ((int)__M), "d" ((int)(__M >> 32)) : "memory"); }

#pragma GCC pop_options

#endif
