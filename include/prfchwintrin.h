/* PREFETCHW intrinsics. */
#ifndef _PRFCHWINTRIN_H_INCLUDED
#define _PRFCHWINTRIN_H_INCLUDED

#include <mmintrin.h>

__KILN_INLINE void _m_prefetch(void *__P) { __builtin_prefetch(__P, 0, 3); }
__KILN_INLINE void _m_prefetchw(void *__P) { __builtin_prefetch(__P, 1, 3); }

#endif
