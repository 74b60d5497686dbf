/* One value in two matching constraints of an asm statement, and alive behind it. */
#include <stdio.h>

__attribute__((noinline)) static long add(long *x, const long *y)
{
    const long *a = x, *b = y;
    long *result = x, sum;
    __asm__ volatile("movq (%0), %3\n\taddq (%1), %3\n\tmovq %3, (%2)\n\tleaq 8(%0), %0\n\tleaq 8(%2), %2"
                     : "=r"(a), "=r"(b), "=r"(result), "=r"(sum)
                     : "0"(a), "1"(b), "2"(result)
                     : "memory");
    return sum * 1000 + a[0] * 100 + result[0] + x[0];
}

/* The second operand is written before the last one is read: both have one value, but not one register. */
__attribute__((noinline)) static unsigned long difference(unsigned long a, unsigned long *low)
{
    unsigned long high, rest;
    __asm__("movl $7, %k1\n\taddq %5, %1\n\tsbbq %3, %0" : "=r"(high), "=&r"(rest) : "0"(a), "rm"(*low), "1"(*low), "r"(*low));
    *low = rest;
    return high;
}

int main(void)
{
    unsigned long low = 9;
    printf("%lu", difference(100, &low));
    printf(" %lu\n", low);
    long x[2] = { 5, 3 }, y[1] = { 4 };
    printf("%ld\n", add(x, y));
    printf("%ld %ld\n", x[0], x[1]);
    return 0;
}
