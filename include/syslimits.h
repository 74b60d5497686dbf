/* The C library's limits.h, for programs that ask for gcc's way to it. */
#include <limits.h>
