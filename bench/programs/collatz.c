/* Integers: dependent arithmetic and unpredictable branches. */
#include <stdint.h>
#include <stdio.h>

static unsigned length(uint64_t n)
{
    unsigned steps = 1;
    while (n != 1) {
        n = n % 2 ? 3 * n + 1 : n / 2;
        steps++;
    }
    return steps;
}

int main(void)
{
    unsigned longest = 0;
    uint64_t best = 0;
    for (uint64_t n = 1; n < 1000000; n++) {
        unsigned steps = length(n);
        if (steps > longest) {
            longest = steps;
            best = n;
        }
    }
    printf("%llu %u\n", (unsigned long long)best, longest);
    return 0;
}
