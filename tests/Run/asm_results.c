/* Statements of which only a later result is used. */
#include <stdio.h>

static unsigned long second(void)
{
    unsigned long a, b;
    asm ("mov $1, %0\n\tmov $16, %1" : "=&r"(a), "=&r"(b));
    return b >> 3;
}

static unsigned remainder_of(unsigned x, unsigned y)
{
    unsigned quotient, rest;
    asm ("divl %4" : "=a"(quotient), "=d"(rest) : "0"(x), "1"(0), "r"(y) : "cc");
    return rest;
}

int main(void)
{
    printf("%lu %u %u\n", second(), remainder_of(1000, 7), remainder_of(5, 9));
}
