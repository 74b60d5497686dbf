/* Block cipher by tables: rounds of AES shape with tables computed at start. */
#include <stdint.h>
#include <stdio.h>

static uint8_t sbox[256];
static uint32_t t0[256], t1[256], t2[256], t3[256];

static uint8_t xtime(uint8_t x) { return (uint8_t)(x << 1 ^ (x >> 7) * 0x1b); }

static void tables(void)
{
    uint8_t p = 1, q = 1;
    do {
        p = p ^ (uint8_t)(p << 1) ^ (p & 0x80 ? 0x1b : 0);
        q ^= q << 1;
        q ^= q << 2;
        q ^= q << 4;
        if (q & 0x80)
            q ^= 0x09;
        uint8_t x = q ^ (uint8_t)(q << 1 | q >> 7) ^ (uint8_t)(q << 2 | q >> 6) ^ (uint8_t)(q << 3 | q >> 5) ^ (uint8_t)(q << 4 | q >> 4);
        sbox[p] = x ^ 0x63;
    } while (p != 1);
    sbox[0] = 0x63;
    for (int i = 0; i < 256; i++) {
        uint32_t s = sbox[i], s2 = xtime((uint8_t)s), s3 = s2 ^ s;
        t0[i] = s2 << 24 | s << 16 | s << 8 | s3;
        t1[i] = t0[i] >> 8 | t0[i] << 24;
        t2[i] = t0[i] >> 16 | t0[i] << 16;
        t3[i] = t0[i] >> 24 | t0[i] << 8;
    }
}

static void expand(const uint32_t key[4], uint32_t w[44])
{
    uint32_t rcon = 1;
    for (int i = 0; i < 4; i++)
        w[i] = key[i];
    for (int i = 4; i < 44; i++) {
        uint32_t t = w[i - 1];
        if (i % 4 == 0) {
            t = t << 8 | t >> 24;
            t = (uint32_t)sbox[t >> 24] << 24 | sbox[t >> 16 & 255] << 16 | sbox[t >> 8 & 255] << 8 | sbox[t & 255];
            t ^= rcon << 24;
            rcon = xtime((uint8_t)rcon);
        }
        w[i] = w[i - 4] ^ t;
    }
}

static void encrypt(const uint32_t *w, uint32_t state[4])
{
    uint32_t a = state[0] ^ w[0], b = state[1] ^ w[1], c = state[2] ^ w[2], d = state[3] ^ w[3];
    for (int round = 1; round < 10; round++) {
        w += 4;
        uint32_t e = t0[a >> 24] ^ t1[b >> 16 & 255] ^ t2[c >> 8 & 255] ^ t3[d & 255] ^ w[0];
        uint32_t f = t0[b >> 24] ^ t1[c >> 16 & 255] ^ t2[d >> 8 & 255] ^ t3[a & 255] ^ w[1];
        uint32_t g = t0[c >> 24] ^ t1[d >> 16 & 255] ^ t2[a >> 8 & 255] ^ t3[b & 255] ^ w[2];
        uint32_t h = t0[d >> 24] ^ t1[a >> 16 & 255] ^ t2[b >> 8 & 255] ^ t3[c & 255] ^ w[3];
        a = e; b = f; c = g; d = h;
    }
    w += 4;
    state[0] = ((uint32_t)sbox[a >> 24] << 24 | sbox[b >> 16 & 255] << 16 | sbox[c >> 8 & 255] << 8 | sbox[d & 255]) ^ w[0];
    state[1] = ((uint32_t)sbox[b >> 24] << 24 | sbox[c >> 16 & 255] << 16 | sbox[d >> 8 & 255] << 8 | sbox[a & 255]) ^ w[1];
    state[2] = ((uint32_t)sbox[c >> 24] << 24 | sbox[d >> 16 & 255] << 16 | sbox[a >> 8 & 255] << 8 | sbox[b & 255]) ^ w[2];
    state[3] = ((uint32_t)sbox[d >> 24] << 24 | sbox[a >> 16 & 255] << 16 | sbox[b >> 8 & 255] << 8 | sbox[c & 255]) ^ w[3];
}

int main(void)
{
    uint32_t key[4] = { 0x2b7e1516, 0x28aed2a6, 0xabf71588, 0x09cf4f3c }, state[4] = { 0x3243f6a8, 0x885a308d, 0x313198a2, 0xe0370734 }, w[44];
    tables();
    expand(key, w);
    for (int i = 0; i < 3000000; i++)
        encrypt(w, state);
    printf("%08x%08x%08x%08x\n", (unsigned)state[0], (unsigned)state[1], (unsigned)state[2], (unsigned)state[3]);
    return 0;
}
