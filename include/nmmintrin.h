/* SSE4.2 intrinsics: with SSE4.1. */
#ifndef _NMMINTRIN_H_INCLUDED
#define _NMMINTRIN_H_INCLUDED

#include <smmintrin.h>


#endif
