/* The intrinsics of x86 from MMX to AVX2. */
#ifndef _IMMINTRIN_H_INCLUDED
#define _IMMINTRIN_H_INCLUDED

#include <x86gprintrin.h>

#include <mmintrin.h>
#include <xmmintrin.h>
#include <emmintrin.h>
#include <pmmintrin.h>
#include <tmmintrin.h>
#include <smmintrin.h>
#include <wmmintrin.h>
#include <avxintrin.h>
#include <avx2intrin.h>
#include <shaintrin.h>
#include <fmaintrin.h>
#include <f16cintrin.h>
#include <gfniintrin.h>
#include <vaesintrin.h>
#include <vpclmulqdqintrin.h>

#pragma GCC push_options
#pragma GCC target("movbe")
__KILN_INLINE short _loadbe_i16(void const *__P) { return __builtin_bswap16(*(__kiln_short_u const *)__P); }
__KILN_INLINE int _loadbe_i32(void const *__P) { return __builtin_bswap32(*(__kiln_int_u const *)__P); }
__KILN_INLINE long long _loadbe_i64(void const *__P) { return __builtin_bswap64(*(__kiln_ll_u const *)__P); }
__KILN_INLINE void _storebe_i16(void *__P, short __A) { *(__kiln_short_u *)__P = __builtin_bswap16(__A); }
__KILN_INLINE void _storebe_i32(void *__P, int __A) { *(__kiln_int_u *)__P = __builtin_bswap32(__A); }
__KILN_INLINE void _storebe_i64(void *__P, long long __A) { *(__kiln_ll_u *)__P = __builtin_bswap64(__A); }
#pragma GCC pop_options

#endif
