/* What every x86 processor does with general registers. */
#ifndef _IA32INTRIN_H_INCLUDED
#define _IA32INTRIN_H_INCLUDED

#include <mmintrin.h>

__KILN_INLINE int __bsfd(int __A) { return __builtin_ctz(__A); }
__KILN_INLINE int __bsrd(int __A) { return __builtin_ia32_bsrsi(__A); }
__KILN_INLINE int __bswapd(int __A) { return __builtin_bswap32(__A); }
__KILN_INLINE int __bsfq(long long __A) { return __builtin_ctzll(__A); }
__KILN_INLINE int __bsrq(long long __A) { return (int)__builtin_ia32_bsrdi(__A); }
__KILN_INLINE long long __bswapq(long long __A) { return __builtin_bswap64(__A); }
__KILN_INLINE int __popcntd(unsigned int __A) { return __builtin_popcount(__A); }
__KILN_INLINE long long __popcntq(unsigned long long __A) { return __builtin_popcountll(__A); }
__KILN_INLINE unsigned long long __rdpmc(int __A) { return __builtin_ia32_rdpmc(__A); }
#define __rdtsc() __builtin_ia32_rdtsc()
#define __rdtscp(P) __builtin_ia32_rdtscp(P)
#define __pause() __builtin_ia32_pause()
__KILN_INLINE unsigned char __rolb(unsigned char __A, int __C) { return __A << (__C & 7) | __A >> (-__C & 7); }
__KILN_INLINE unsigned short __rolw(unsigned short __A, int __C) { return __A << (__C & 15) | __A >> (-__C & 15); }
__KILN_INLINE unsigned int __rold(unsigned int __A, int __C) { __C &= 31; return __A << __C | __A >> (-__C & 31); }
__KILN_INLINE unsigned long long __rolq(unsigned long long __A, int __C) { __C &= 63; return __A << __C | __A >> (-__C & 63); }
__KILN_INLINE unsigned char __rorb(unsigned char __A, int __C) { return __A >> (__C & 7) | __A << (-__C & 7); }
__KILN_INLINE unsigned short __rorw(unsigned short __A, int __C) { return __A >> (__C & 15) | __A << (-__C & 15); }
__KILN_INLINE unsigned int __rord(unsigned int __A, int __C) { __C &= 31; return __A >> __C | __A << (-__C & 31); }
__KILN_INLINE unsigned long long __rorq(unsigned long long __A, int __C) { __C &= 63; return __A >> __C | __A << (-__C & 63); }
/* The red zone is stepped over. */
__KILN_INLINE unsigned long long __readeflags(void) { unsigned long long __n; __asm__ volatile ("leaq -128(%%rsp), %%rsp\n\tpushfq\n\tpopq %0\n\tleaq 128(%%rsp), %%rsp" : "=r" (__n) : : "memory"); return __n; }
__KILN_INLINE void __writeeflags(unsigned long long __A) { __asm__ volatile ("leaq -128(%%rsp), %%rsp\n\tpushq %0\n\tpopfq\n\tleaq 128(%%rsp), %%rsp" : : "r" (__A) : "memory", "cc"); }
#define _bswap(A) __bswapd(A)
#define _bswap64(A) __bswapq(A)
#define _popcnt32(A) __popcntd(A)
#define _popcnt64(A) __popcntq(A)
#define _bit_scan_forward(A) __bsfd(A)
#define _bit_scan_reverse(A) __bsrd(A)
#define _rdpmc(A) __rdpmc(A)
#define _rdtsc() __rdtsc()
#define _rdtscp(P) __rdtscp(P)
#define _rotl(A, C) __rold((A), (C))
#define _rotr(A, C) __rord((A), (C))
#define _lrotl(A, C) __rolq((A), (C))
#define _lrotr(A, C) __rorq((A), (C))
#define _rotwl(A, C) __rolw((A), (C))
#define _rotwr(A, C) __rorw((A), (C))
#pragma GCC push_options
#pragma GCC target("crc32")
__KILN_INLINE unsigned int __crc32b(unsigned int __A, unsigned char __B) { return __builtin_ia32_crc32qi(__A, __B); }
__KILN_INLINE unsigned int __crc32w(unsigned int __A, unsigned short __B) { return __builtin_ia32_crc32hi(__A, __B); }
__KILN_INLINE unsigned int __crc32d(unsigned int __A, unsigned int __B) { return __builtin_ia32_crc32si(__A, __B); }
__KILN_INLINE unsigned long long __crc32q(unsigned long long __A, unsigned long long __B) { return __builtin_ia32_crc32di(__A, __B); }
#pragma GCC pop_options

#endif
