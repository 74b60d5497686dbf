/* options: -nostdinc */
#if 0
no
#elif defined X || -1 < 0u
no
#elifdef __x86_64__
yes
#else
no
#endif
#if (-1 >> 1) == -1 && 'a' == 97 && 1 ? 2 : 0
two
#endif
#ifndef A
# define A 1
#  if A
deep
#  endif
#endif
#line 500 "other.c"
here __LINE__ __FILE__
