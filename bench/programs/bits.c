/* Bit tricks: counting, reversing, Gray codes, CRC, bit boards, and bytes put together by hand. */
#include <stdint.h>
#include <stdio.h>

static int count(uint64_t x)
{
    x -= x >> 1 & 0x5555555555555555;
    x = (x & 0x3333333333333333) + (x >> 2 & 0x3333333333333333);
    return (int)(((x + (x >> 4)) & 0x0f0f0f0f0f0f0f0f) * 0x0101010101010101 >> 56);
}

static uint32_t reverse(uint32_t x)
{
    x = (x >> 1 & 0x55555555) | (x & 0x55555555) << 1;
    x = (x >> 2 & 0x33333333) | (x & 0x33333333) << 2;
    x = (x >> 4 & 0x0f0f0f0f) | (x & 0x0f0f0f0f) << 4;
    return x >> 24 | (x >> 8 & 0xff00) | (x << 8 & 0xff0000) | x << 24;
}

static uint32_t crc_bits(const unsigned char *p, int n)
{
    uint32_t crc = ~0u;
    while (n--) {
        crc ^= *p++;
        for (int k = 0; k < 8; k++)
            crc = crc & 1 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
    }
    return ~crc;
}

static int log2_floor(uint32_t x)
{
    int r = 0;
    if (x >= 1u << 16) { x >>= 16; r += 16; }
    if (x >= 1u << 8) { x >>= 8; r += 8; }
    if (x >= 1u << 4) { x >>= 4; r += 4; }
    if (x >= 1u << 2) { x >>= 2; r += 2; }
    return r + (x >= 2);
}

static uint64_t knight(int square)
{
    uint64_t b = 1ull << square, l1 = b >> 1 & 0x7f7f7f7f7f7f7f7f, l2 = b >> 2 & 0x3f3f3f3f3f3f3f3f;
    uint64_t r1 = b << 1 & 0xfefefefefefefefe, r2 = b << 2 & 0xfcfcfcfcfcfcfcfc, h1 = l1 | r1, h2 = l2 | r2;
    return h1 << 16 | h1 >> 16 | h2 << 8 | h2 >> 8;
}

static uint32_t big_endian(const unsigned char *p) { return (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3]; }
static uint64_t little_endian(const unsigned char *p)
{
    uint64_t x = 0;
    for (int i = 7; i >= 0; i--)
        x = x << 8 | p[i];
    return x;
}

int main(void)
{
    static unsigned char data[4096];
    uint64_t seed = 88172645463325252ull, sum = 0;
    for (int i = 0; i < 4096; i++) {
        seed ^= seed << 13; seed ^= seed >> 7; seed ^= seed << 17;
        data[i] = (unsigned char)seed;
    }
    for (int i = 0; i < 10000000; i++) {
        seed ^= seed << 13; seed ^= seed >> 7; seed ^= seed << 17;
        sum += count(seed) + (reverse((uint32_t)seed) >> 20) + log2_floor((uint32_t)seed | 1) + (seed ^ seed >> 1) % 3;
    }
    for (int i = 0; i < 300; i++)
        sum += crc_bits(data, sizeof data);
    for (int i = 0; i < 3000000; i++)
        sum += count(knight(i & 63)) + big_endian(data + (i & 4087)) + little_endian(data + (i & 4087));
    printf("%llu\n", (unsigned long long)sum);
    return 0;
}
