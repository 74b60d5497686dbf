// Comparisons below a branch on another comparison of the same two values, in all pairs of signed and unsigned orders.
#include <stdio.h>

typedef unsigned u;

#define FIRST(X) \
    X(a < b, 0) X(a <= b, 1) X(a > b, 2) X(a >= b, 3) X(a == b, 4) X(a != b, 5) \
    X((u)a < (u)b, 6) X((u)a <= (u)b, 7) X((u)a > (u)b, 8) X((u)a >= (u)b, 9) X(b < a, 10) X((u)b >= (u)a, 11)

#define BELOW(c, n) \
    __attribute__((noinline)) static int below##n(int a, int b) \
    { \
        int r = 0; \
        if (c) { \
            if (a < b) r += 1; \
            if (a <= b) r += 2; \
            if (a == b) r += 4; \
            if ((u)a < (u)b) r += 8; \
            if ((u)b <= (u)a) r += 16; \
            if (b < a) r += 32; \
        } else { \
            if (a > b) r += 64; \
            if (a >= b) r += 128; \
            if (a != b) r += 256; \
            if ((u)a > (u)b) r += 512; \
            if ((u)b >= (u)a) r += 1024; \
            if (c) r += 2048; \
        } \
        return r; \
    }
FIRST(BELOW)

int main(void)
{
    static const int samples[] = { 0, 1, -1, 2, -2147483647 - 1, 2147483647, -7 };
    unsigned long hash = 0;
    for (int i = 0; i < 7; i++) {
        for (int j = 0; j < 7; j++) {
#define CALL(c, n) hash = hash * 31 + below##n(samples[i], samples[j]);
            FIRST(CALL)
        }
    }
    printf("%lx\n", hash);
    return 0;
}
