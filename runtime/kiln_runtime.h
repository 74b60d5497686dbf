/* What the files of the support library share: names of types by machine mode, as the functions' names use them. */
#ifndef KILN_RUNTIME_H
#define KILN_RUNTIME_H

typedef signed char qi;
typedef int si;
typedef unsigned int usi;
typedef long long di;
typedef unsigned long long udi;
typedef __int128 ti;
typedef unsigned __int128 uti;
typedef float sf;
typedef double df;
typedef long double xf;
typedef _Float128 tf;

/* Functions that the compiler calls by name; other modules must not take their place. */
#define HIDDEN __attribute__((visibility("hidden")))

uti HIDDEN __udivmodti4(uti a, uti b, uti *remainder);

#endif
