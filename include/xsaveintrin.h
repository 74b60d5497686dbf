/* XSAVE intrinsics. */
#ifndef _XSAVEINTRIN_H_INCLUDED
#define _XSAVEINTRIN_H_INCLUDED

#include <mmintrin.h>

#pragma GCC push_options
#pragma GCC target("xsave")

__KILN_INLINE void _xsave(void *__P, long long __M) { __asm__ volatile ("xsave %0" : "+m" (*(char (*)[576])__P) : "a" ((int)__M), "d" ((int)(__M >> 32)) : "memory"); }
__KILN_INLINE void _xsave64(void *__P, long long __M) { __asm__ volatile ("xsave64 %0" : "+m" (*(char (*)[576])__P) : "a" ((int)__M), "d" ((int)(__M >> 32)) : "memory"); }
__KILN_INLINE void _xrstor(void *__P, long long __M) { __asm__ volatile ("xrstor %0" : "+m" (*(char (*)[576])__P) : "a" ((int)__M), "d" ((int)(__M >> 32)) : "memory"); }
__KILN_INLINE void _xrstor64(void *__P, long long __M) { __asm__ volatile ("xrstor64 %0" : "+m" (*(char (*)[576])__P) : "a" ((int)__M), "d" ((int)(__M >> 32)) : "memory"); }
__KILN_INLINE void _xsetbv(unsigned int __A, long long __V) { __asm__ volatile ("xsetbv" : : "c" (__A), "a" ((int)__V), "d" ((int)(__V >> 32))); }
__KILN_INLINE long long _xgetbv(unsigned int __A) { return __builtin_ia32_xgetbv(__A); }

#pragma GCC pop_options

#endif
