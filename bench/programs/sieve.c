/* Integers: the sieve of Eratosthenes, again and again. */
#include <stdio.h>
#include <string.h>

enum { LIMIT = 2000000 };
static unsigned char composite[LIMIT + 1];

int main(void)
{
    long total = 0;
    for (int round = 0; round < 30; round++) {
        memset(composite, 0, sizeof composite);
        for (int i = 2; i * i <= LIMIT; i++) {
            if (!composite[i])
                for (int j = i * i; j <= LIMIT; j += i)
                    composite[j] = 1;
        }
        for (int i = 2; i <= LIMIT; i++)
            total += !composite[i] ? i & 7 : 0;
    }
    printf("%ld\n", total);
    return 0;
}
