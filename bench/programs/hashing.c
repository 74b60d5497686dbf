/* Hashing: rounds of shifts, rotates and additions over memory, and an open table. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static uint64_t rotate(uint64_t x, int n)
{
    return x << n | x >> (64 - n);
}

static uint64_t mix(const unsigned char *data, size_t size, uint64_t k0, uint64_t k1)
{
    uint64_t a = k0 ^ 0x736f6d6570736575, b = k1 ^ 0x646f72616e646f6d, c = k0 ^ 0x6c7967656e657261, d = k1 ^ 0x7465646279746573;
    for (size_t i = 0; i + 8 <= size; i += 8) {
        uint64_t word;
        memcpy(&word, data + i, 8);
        d ^= word;
        for (int round = 0; round < 2; round++) {
            a += b; b = rotate(b, 13) ^ a; a = rotate(a, 32);
            c += d; d = rotate(d, 16) ^ c;
            a += d; d = rotate(d, 21) ^ a;
            c += b; b = rotate(b, 17) ^ c; c = rotate(c, 32);
        }
        a ^= word;
    }
    return a ^ b ^ c ^ d;
}

static uint64_t keys[1 << 16];
static unsigned values[1 << 16];

int main(void)
{
    static unsigned char data[1 << 16];
    uint64_t h = 1, found = 0;
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (unsigned char)(i * 7 + i / 256);
    for (int i = 0; i < 4000; i++)
        h = mix(data, sizeof data, h, (uint64_t)i);
    for (int i = 0; i < 30000000; i++) {
        uint64_t key = (h + (uint64_t)(i % 40000)) * 0x9e3779b97f4a7c15;
        unsigned slot = (unsigned)(key >> 48);
        while (keys[slot] && keys[slot] != key)
            slot = (slot + 1) & 0xffff;
        keys[slot] = key;
        found += values[slot]++;
    }
    printf("%llx %llu\n", (unsigned long long)h, (unsigned long long)found);
    return 0;
}
