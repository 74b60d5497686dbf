// Compound assignment and steps of atomic complex numbers and vectors, and a real atomic with a complex operand.
#include <stdio.h>

typedef int V __attribute__((vector_size(16)));

int main(void)
{
    _Atomic _Complex double d = 1.0 + 2.0i;
    _Atomic _Complex float f = 3.0f;
    _Atomic _Complex long double l = 1.0L;
    _Atomic int n = 5;
    d += 2.0i;
    d *= 2;
    f /= 2.0f;
    d++;
    --f;
    l -= 0.5Li;
    n += 2.5 + 1.0i;
    _Complex double e = d--;
    printf("%g %g %g %g\n", __real__ e, __imag__ e, __real__(_Complex double)d, __imag__(_Complex double)d);
    printf("%g %g %Lg %Lg %d\n", __real__(_Complex float)f, __imag__(_Complex float)f, __real__(_Complex long double)l,
        __imag__(_Complex long double)l, n);
}
