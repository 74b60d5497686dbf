/* RDSEED intrinsics. */
#ifndef _RDSEEDINTRIN_H_INCLUDED
#define _RDSEEDINTRIN_H_INCLUDED

#include <mmintrin.h>

#pragma GCC push_options
#pragma GCC target("rdseed")

__KILN_INLINE int _rdseed16_step(unsigned short *__P) { return __builtin_ia32_rdseed_hi_step(__P); }
__KILN_INLINE int _rdseed32_step(unsigned int *__P) { return __builtin_ia32_rdseed_si_step(__P); }
__KILN_INLINE int _rdseed64_step(unsigned long long *__P) { return __builtin_ia32_rdseed_di_step(__P); }

#pragma GCC pop_options

#endif
