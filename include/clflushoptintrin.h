/* CLFLUSHOPT intrinsics. */
#ifndef _CLFLUSHOPTINTRIN_H_INCLUDED
#define _CLFLUSHOPTINTRIN_H_INCLUDED

#include <mmintrin.h>

#pragma GCC push_options
#pragma GCC target("clflushopt")

__KILN_INLINE void _mm_clflushopt(void *__P) { __builtin_ia32_clflushopt(__P); }

#pragma GCC pop_options

#endif
