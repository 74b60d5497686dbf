/* A loop that turns its values round (a long cycle of moves on its edge) beside one that is counted up. */
#include <stdio.h>

#define SHIFT(n, x) ((x) >> (n))
#define ROTATE(n, x) (((x) >> (n)) | ((x) << (32 - (n))))

static unsigned constants[64];

__attribute__((noinline)) static void rounds(unsigned *state, unsigned *w)
{
    unsigned a = state[0], b = state[1], c = state[2], d = state[3], j = 16;
    do {
        unsigned s0 = w[(j + 1) & 15], s1 = w[(j + 14) & 15];
        s0 = ROTATE(7, s0) ^ ROTATE(18, s0) ^ SHIFT(3, s0);
        s1 = ROTATE(17, s1) ^ ROTATE(19, s1) ^ SHIFT(10, s1);
        unsigned t = d + ROTATE(6, a) + constants[j] + (w[j & 15] += s1 + w[(j + 9) & 15] + s0);
        d = c;
        c = b;
        b = a;
        a = t;
        j++;
    } while (j < 64);
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
}

int main(void)
{
    unsigned state[4] = { 1, 2, 3, 4 }, w[16];
    for (unsigned i = 0; i < 64; i++)
        constants[i] = i * 2654435761u;
    for (unsigned i = 0; i < 16; i++)
        w[i] = i + 1;
    rounds(state, w);
    printf("%08x %08x %08x %08x\n", state[0], state[1], state[2], state[3]);
    return 0;
}
