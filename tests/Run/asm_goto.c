/* Results of asm goto, where it falls through and where it jumps to. */
#include <stdio.h>

static int f(int v)
{
    int a, b;
    asm goto ("movl %2, %0\n\tleal 5(%2), %1\n\ttestl %2, %2\n\tjz %l[zero]" : "=&r"(a), "=&d"(b) : "r"(v) : "cc" : zero);
    return a * 100 + b;
zero:
    return -a - b;
}

static int counts(int limit)
{
    int n = 0;
again:
    asm goto ("incl %0\n\tcmpl %1, %0\n\tjl %l3" : "+r"(n) : "r"(limit) : "cc" : again);
    return n;
}

int main(void)
{
    printf("%d %d %d\n", f(0), f(1), f(7));
    printf("%d %d\n", counts(5), counts(-3));
}
