/* Arithmetic modulo 64-bit numbers: Miller-Rabin, modular powers, extended Euclid, Montgomery-like products. */
#include <stdint.h>
#include <stdio.h>

static uint64_t mulmod(uint64_t a, uint64_t b, uint64_t m) { return (unsigned __int128)a * b % m; }

static uint64_t powmod(uint64_t base, uint64_t exponent, uint64_t m)
{
    uint64_t result = 1;
    for (base %= m; exponent; exponent >>= 1) {
        if (exponent & 1)
            result = mulmod(result, base, m);
        base = mulmod(base, base, m);
    }
    return result;
}

static int is_prime(uint64_t n)
{
    if (n < 2 || n % 2 == 0)
        return n == 2;
    uint64_t d = n - 1;
    int twos = 0;
    while (d % 2 == 0) {
        d /= 2;
        twos++;
    }
    for (uint64_t a = 2; a < 12; a++) {
        if (a % n == 0)
            continue;
        uint64_t x = powmod(a, d, n);
        if (x == 1 || x == n - 1)
            continue;
        int i;
        for (i = 1; i < twos; i++) {
            x = mulmod(x, x, n);
            if (x == n - 1)
                break;
        }
        if (i == twos)
            return 0;
    }
    return 1;
}

static int64_t inverse(int64_t a, int64_t m)
{
    int64_t r0 = m, r1 = a, t0 = 0, t1 = 1;
    while (r1) {
        int64_t q = r0 / r1, r = r0 - q * r1, t = t0 - q * t1;
        r0 = r1;
        r1 = r;
        t0 = t1;
        t1 = t;
    }
    return t0 < 0 ? t0 + m : t0;
}

static uint32_t power32(uint32_t base, uint32_t exponent)
{
    uint64_t result = 1, b = base;
    while (exponent) {
        if (exponent & 1)
            result = result * b % 998244353;
        b = b * b % 998244353;
        exponent >>= 1;
    }
    return (uint32_t)result;
}

int main(void)
{
    int primes = 0;
    for (uint64_t n = 1000000000000000003ull; n < 1000000000000000003ull + 1500; n += 2)
        primes += is_prime(n);
    int64_t sum = 0;
    for (int64_t a = 1; a < 900000; a++)
        sum += inverse(a, 1000000007);
    uint64_t total = 0;
    for (uint32_t i = 1; i < 600000; i++)
        total += power32(i, 998244351);
    printf("%d %lld %llu\n", primes, (long long)sum, (unsigned long long)total);
    return 0;
}
