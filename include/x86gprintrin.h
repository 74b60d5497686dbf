/* Intrinsics of general registers. */
#ifndef _X86GPRINTRIN_H_INCLUDED
#define _X86GPRINTRIN_H_INCLUDED

#include <mmintrin.h>

#include <ia32intrin.h>
#include <adxintrin.h>
#include <bmiintrin.h>
#include <bmi2intrin.h>
#include <fxsrintrin.h>
#include <lzcntintrin.h>
#include <pkuintrin.h>
#include <prfchwintrin.h>
#include <rdseedintrin.h>
#include <xsaveintrin.h>
#include <xsavecintrin.h>
#include <xsaveoptintrin.h>
#include <xsavesintrin.h>
#include <clflushoptintrin.h>
#include <clwbintrin.h>
#include <popcntintrin.h>

__KILN_INLINE void _wbinvd(void) { __builtin_ia32_wbinvd(); }
#pragma GCC push_options
#pragma GCC target("rdrnd")
__KILN_INLINE int _rdrand16_step(unsigned short *__P) { return __builtin_ia32_rdrand16_step(__P); }
__KILN_INLINE int _rdrand32_step(unsigned int *__P) { return __builtin_ia32_rdrand32_step(__P); }
__KILN_INLINE int _rdrand64_step(unsigned long long *__P) { return __builtin_ia32_rdrand64_step(__P); }
#pragma GCC pop_options
#pragma GCC push_options
#pragma GCC target("rdpid")
__KILN_INLINE unsigned int _rdpid_u32(void) { return __builtin_ia32_rdpid(); }
#pragma GCC pop_options
#pragma GCC push_options
#pragma GCC target("fsgsbase")
__KILN_INLINE unsigned int _readfsbase_u32(void) { return __builtin_ia32_rdfsbase32(); }
__KILN_INLINE void _writefsbase_u32(unsigned int __A) { __builtin_ia32_wrfsbase32(__A); }
__KILN_INLINE unsigned long long _readfsbase_u64(void) { return __builtin_ia32_rdfsbase64(); }
__KILN_INLINE void _writefsbase_u64(unsigned long long __A) { __builtin_ia32_wrfsbase64(__A); }
__KILN_INLINE unsigned int _readgsbase_u32(void) { return __builtin_ia32_rdgsbase32(); }
__KILN_INLINE void _writegsbase_u32(unsigned int __A) { __builtin_ia32_wrgsbase32(__A); }
__KILN_INLINE unsigned long long _readgsbase_u64(void) { return __builtin_ia32_rdgsbase64(); }
__KILN_INLINE void _writegsbase_u64(unsigned long long __A) { __builtin_ia32_wrgsbase64(__A); }
#pragma GCC pop_options

#endif
