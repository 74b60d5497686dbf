/* Common definitions (C23 7.21). glibc's headers ask for single types with the __need_ macros. */
#if defined __need_size_t || defined __need_wchar_t || defined __need_ptrdiff_t || defined __need_NULL \
    || defined __need_wint_t || defined __need_max_align_t
#define __KILN_STDDEF_PART
#else
#ifndef _STDDEF_H
#define _STDDEF_H
#define __KILN_STDDEF_WHOLE
#endif
#endif

#if (defined __KILN_STDDEF_WHOLE || defined __need_ptrdiff_t) && !defined __KILN_PTRDIFF_T
#define __KILN_PTRDIFF_T
typedef __PTRDIFF_TYPE__ ptrdiff_t;
#endif
#undef __need_ptrdiff_t

#if (defined __KILN_STDDEF_WHOLE || defined __need_size_t) && !defined __KILN_SIZE_T
#define __KILN_SIZE_T
typedef __SIZE_TYPE__ size_t;
#endif
#undef __need_size_t

#if (defined __KILN_STDDEF_WHOLE || defined __need_wchar_t) && !defined __KILN_WCHAR_T
#define __KILN_WCHAR_T
#ifndef __cplusplus
typedef __WCHAR_TYPE__ wchar_t;
#endif
#endif
#undef __need_wchar_t

#if defined __need_wint_t && !defined _WINT_T
#define _WINT_T
typedef __WINT_TYPE__ wint_t;
#endif
#undef __need_wint_t

#if defined __KILN_STDDEF_WHOLE || defined __need_NULL
#undef NULL
#define NULL ((void *)0)
#endif
#undef __need_NULL

#ifdef __KILN_STDDEF_WHOLE
#undef __KILN_STDDEF_WHOLE
#undef offsetof
#define offsetof(type, member) __builtin_offsetof(type, member)

#if __STDC_VERSION__ >= 201112L
typedef struct {
    long long __kiln_long_long __attribute__((__aligned__(__alignof__(long long))));
    long double __kiln_long_double __attribute__((__aligned__(__alignof__(long double))));
#if defined __i386__ || defined __x86_64__
    __float128 __kiln_float128 __attribute__((__aligned__(__alignof__(__float128))));
#endif
} max_align_t;
#endif

#if __STDC_VERSION__ >= 202000L
typedef __typeof__(nullptr) nullptr_t;
#define unreachable() (__builtin_unreachable())
#define __STDC_VERSION_STDDEF_H__ 202311L
#endif
#endif
#undef __KILN_STDDEF_PART
