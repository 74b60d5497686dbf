/* FXSAVE intrinsics. */
#ifndef _FXSRINTRIN_H_INCLUDED
#define _FXSRINTRIN_H_INCLUDED

#include <mmintrin.h>

#pragma GCC push_options
#pragma GCC target("fxsr")

__KILN_INLINE void _fxsave(void *__P) { __asm__ volatile ("fxsave %0" : "+m" (*(char (*)[512])__P) : : "memory"); }
__KILN_INLINE void _fxrstor(void *__P) { __asm__ volatile ("fxrstor %0" : "+m" (*(char (*)[512])__P) : : "memory"); }
__KILN_INLINE void _fxsave64(void *__P) { __asm__ volatile ("fxsave64 %0" : "+m" (*(char (*)[512])__P) : : "memory"); }
__KILN_INLINE void _fxrstor64(void *__P) { __asm__ volatile ("fxrstor64 %0" : "+m" (*(char (*)[512])__P) : : "memory"); }

#pragma GCC pop_options

#endif
