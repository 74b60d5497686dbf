/* options: -mpc64 -ffast-math */
/* The start objects: the x87 rounds to 53 bits, and the vector unit flushes denormals to zero. */
#include <stdio.h>
#include <string.h>

int main(void)
{
    volatile long double one = 1, small = 0x1p-60L;
    printf("%d\n", one + small == one);
    unsigned short control;
    __asm__("fnstcw %0" : "=m"(control));
    printf("%x\n", control >> 8 & 3);
    volatile double least = 0x1p-1022, half = 0.5;
    double product = least * half;
    unsigned long bits;
    memcpy(&bits, &product, 8);
    printf("%lx\n", bits);
    return 0;
}
