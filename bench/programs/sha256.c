/* Cryptographic digest: SHA-256 over a buffer, rotations and tables. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static uint32_t k[64];

static uint32_t rotr(uint32_t x, int n) { return x >> n | x << (32 - n); }

static void fill_constants(void)
{
    int found = 0;
    for (int p = 2; found < 64; p++) {
        int prime = 1;
        for (int d = 2; d * d <= p; d++)
            if (p % d == 0)
                prime = 0;
        if (!prime)
            continue;
        double low = 1, high = 8;
        for (int i = 0; i < 100; i++) {
            double middle = (low + high) / 2;
            if (middle * middle * middle > p)
                high = middle;
            else
                low = middle;
        }
        k[found++] = (uint32_t)((low - (int)low) * 4294967296.0);
    }
}

static void block(uint32_t state[8], const unsigned char *p)
{
    uint32_t w[64];
    for (int i = 0; i < 16; i++)
        w[i] = (uint32_t)p[4 * i] << 24 | (uint32_t)p[4 * i + 1] << 16 | (uint32_t)p[4 * i + 2] << 8 | p[4 * i + 3];
    for (int i = 16; i < 64; i++) {
        uint32_t s0 = rotr(w[i - 15], 7) ^ rotr(w[i - 15], 18) ^ w[i - 15] >> 3;
        uint32_t s1 = rotr(w[i - 2], 17) ^ rotr(w[i - 2], 19) ^ w[i - 2] >> 10;
        w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
    for (int i = 0; i < 64; i++) {
        uint32_t t1 = h + (rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25)) + ((e & f) ^ (~e & g)) + k[i] + w[i];
        uint32_t t2 = (rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
        h = g; g = f; f = e; e = d + t1; d = c; c = b; b = a; a = t1 + t2;
    }
    state[0] += a; state[1] += b; state[2] += c; state[3] += d;
    state[4] += e; state[5] += f; state[6] += g; state[7] += h;
}

int main(void)
{
    static unsigned char data[1 << 16];
    uint32_t state[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
    fill_constants();
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (unsigned char)(i * 131 >> 3);
    for (int round = 0; round < 500; round++)
        for (size_t i = 0; i < sizeof data; i += 64)
            block(state, data + i);
    for (int i = 0; i < 8; i++)
        printf("%08x", (unsigned)state[i]);
    puts("");
    return 0;
}
