/* CLWB intrinsics. */
#ifndef _CLWBINTRIN_H_INCLUDED
#define _CLWBINTRIN_H_INCLUDED

#include <mmintrin.h>

#pragma GCC push_options
#pragma GCC target("clwb")

__KILN_INLINE void _mm_clwb(void *__P) { __builtin_ia32_clwb(__P); }

#pragma GCC pop_options

#endif
