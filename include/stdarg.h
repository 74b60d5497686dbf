/* Variable arguments (C23 7.16). */
#ifndef _STDARG_H
#ifndef __need___va_list
#define _STDARG_H
#endif
#undef __need___va_list

#ifndef __GNUC_VA_LIST
#define __GNUC_VA_LIST
typedef __builtin_va_list __gnuc_va_list;
#endif

#ifdef _STDARG_H
typedef __gnuc_va_list va_list;
#if __STDC_VERSION__ >= 202000L
#define va_start(list, ...) __builtin_va_start(list, 0)
#define __STDC_VERSION_STDARG_H__ 202311L
#else
#define va_start(list, last) __builtin_va_start(list, last)
#endif
#define va_end(list) __builtin_va_end(list)
#define va_arg(list, type) __builtin_va_arg(list, type)
#if !defined __STRICT_ANSI__ || __STDC_VERSION__ >= 199900L
#define va_copy(to, from) __builtin_va_copy(to, from)
#endif
#define __va_copy(to, from) __builtin_va_copy(to, from)
/* Names that C libraries look for to see whether va_list is there. */
#ifndef _VA_LIST_
#define _VA_LIST_
#endif
#ifndef _VA_LIST
#define _VA_LIST
#endif
#ifndef _VA_LIST_DEFINED
#define _VA_LIST_DEFINED
#endif
#ifndef _VA_LIST_T_H
#define _VA_LIST_T_H
#endif
#endif
#endif
