/* Bit and byte utilities (C23 7.18). */
#ifndef _STDBIT_H
#define _STDBIT_H
#if __STDC_HOSTED__ && __has_include_next(<stdbit.h>)
#include_next <stdbit.h>
#else
#define __STDC_VERSION_STDBIT_H__ 202311L
#define __STDC_ENDIAN_LITTLE__ __ORDER_LITTLE_ENDIAN__
#define __STDC_ENDIAN_BIG__ __ORDER_BIG_ENDIAN__
#define __STDC_ENDIAN_NATIVE__ __BYTE_ORDER__

#define __kiln_width(x) ((unsigned)(8 * sizeof(x)))
#define __kiln_leading_zeros(x) \
    __extension__({ __auto_type __kiln_x = (x); __kiln_x ? (unsigned)__builtin_clzll(__kiln_x) - (64 - __kiln_width(__kiln_x)) : __kiln_width(__kiln_x); })
#define __kiln_trailing_zeros(x) \
    __extension__({ __auto_type __kiln_x = (x); __kiln_x ? (unsigned)__builtin_ctzll(__kiln_x) : __kiln_width(__kiln_x); })
#define __kiln_invert(x) ((__typeof__(x))~(x))

#define stdc_leading_zeros(x) __kiln_leading_zeros(x)
#define stdc_leading_ones(x) __kiln_leading_zeros(__kiln_invert(x))
#define stdc_trailing_zeros(x) __kiln_trailing_zeros(x)
#define stdc_trailing_ones(x) __kiln_trailing_zeros(__kiln_invert(x))
#define stdc_first_leading_zero(x) \
    __extension__({ unsigned __kiln_n = stdc_leading_ones(x); __kiln_n == __kiln_width(x) ? 0u : __kiln_n + 1; })
#define stdc_first_leading_one(x) \
    __extension__({ unsigned __kiln_n = stdc_leading_zeros(x); __kiln_n == __kiln_width(x) ? 0u : __kiln_n + 1; })
#define stdc_first_trailing_zero(x) \
    __extension__({ unsigned __kiln_n = stdc_trailing_ones(x); __kiln_n == __kiln_width(x) ? 0u : __kiln_n + 1; })
#define stdc_first_trailing_one(x) \
    __extension__({ unsigned __kiln_n = stdc_trailing_zeros(x); __kiln_n == __kiln_width(x) ? 0u : __kiln_n + 1; })
#define stdc_count_ones(x) ((unsigned)__builtin_popcountll(x))
#define stdc_count_zeros(x) (__kiln_width(x) - (unsigned)__builtin_popcountll(x))
#define stdc_has_single_bit(x) ((_Bool)(__builtin_popcountll(x) == 1))
#define stdc_bit_width(x) (__kiln_width(x) - stdc_leading_zeros(x))
#define stdc_bit_floor(x) \
    __extension__({ __auto_type __kiln_f = (x); __kiln_f ? (__typeof__(__kiln_f))1 << (stdc_bit_width(__kiln_f) - 1) : (__typeof__(__kiln_f))0; })
#define stdc_bit_ceil(x) \
    __extension__({ __auto_type __kiln_c = (x); __kiln_c <= 1 ? (__typeof__(__kiln_c))1 : (__typeof__(__kiln_c))((__typeof__(__kiln_c))1 << stdc_bit_width((__typeof__(__kiln_c))(__kiln_c - 1))); })
#endif
#endif
