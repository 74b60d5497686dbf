/* options: -Wall -Wextra */
#define ADD(a, b) ((a) + (b))
#define TWICE(x) ADD(x, x)
struct t { int i; } t;
int f(void)
{
    int unused;
    return TWICE(t);
}
#include "missing.h"
