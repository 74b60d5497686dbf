/* Quotients of complex numbers near the ends of long double's range and of __float128's come out to a few units in the last place. */
#include <stdio.h>

typedef _Complex long double number;

static number make(long double re, long double im)
{
    number z;
    __real__ z = re;
    __imag__ z = im;
    return z;
}

static void check(volatile number a, volatile number b, long double re, long double im)
{
    number q = a / b;
    long double dre = __real__ q / re - 1, dim = __imag__ q / im - 1;
    if (re == 0)
        dre = __real__ q;
    if (im == 0)
        dim = __imag__ q;
    printf("%s %s\n", __builtin_fabsl(dre) < 0x1p-60L ? "ok" : "off", __builtin_fabsl(dim) < 0x1p-60L ? "ok" : "off");
}

int main(void)
{
    check(make(1, 2), make(3, 4), 0.44L, 0.08L);
    check(make(0x1p16383L, 0x1p16383L), make(0x1p16383L, 0x1p16383L), 1, 0);
    check(make(0x1p16382L, 0x1p-16382L), make(0x1p16382L, 0x1p-16382L), 1, 0);
    check(make(0x1p-16382L, 0x1p-16382L), make(0x1p-16382L, 0x1p-16382L), 1, 0);
    check(make(0x1p-16382L, 0x1p-16380L), make(0x1p-16381L, 0x1p-16381L), 1.25L, 0.75L);
    check(make(0x1p1000L, 0x1p-16000L), make(0x1p-600L, 0x1p300L), 0x1p-200L, -0x1p700L);
    volatile _Complex _Float128 a = 0x1p-16382f128, b = 0x1p-16382f128;
    __imag__ a = 0x1p-16380f128;
    __imag__ b = 0x1p-16382f128;
    _Complex _Float128 q = a / b;
    printf("%g %g\n", (double)__real__ q, (double)__imag__ q);
    volatile _Complex double c = 0x1p1023 + 0x1p-1022i, d = 0x1p-1022 + 0x1p1000i;
    _Complex double r = c / d;
    printf("%a %a\n", __real__ r, __imag__ r);
    return 0;
}
