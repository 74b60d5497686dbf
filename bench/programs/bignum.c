/* Big numbers: factorial and Fibonacci in base 2^32 with 64-bit carries, printed in decimal digits' sum. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct { uint32_t *digits; size_t length, room; } Number;

static void reserve(Number *n, size_t room)
{
    if (room > n->room) {
        n->room = room * 2;
        n->digits = realloc(n->digits, n->room * sizeof *n->digits);
    }
}

static void multiply_small(Number *n, uint32_t by)
{
    uint64_t carry = 0;
    for (size_t i = 0; i < n->length; i++) {
        carry += (uint64_t)n->digits[i] * by;
        n->digits[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry) {
        reserve(n, n->length + 1);
        n->digits[n->length++] = (uint32_t)carry;
    }
}

static void add(Number *a, const Number *b)
{
    uint64_t carry = 0;
    reserve(a, b->length + 1);
    while (a->length < b->length)
        a->digits[a->length++] = 0;
    for (size_t i = 0; i < a->length; i++) {
        carry += a->digits[i];
        if (i < b->length)
            carry += b->digits[i];
        a->digits[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry) {
        reserve(a, a->length + 1);
        a->digits[a->length++] = (uint32_t)carry;
    }
}

static uint32_t divide_small(Number *n, uint32_t by)
{
    uint64_t rest = 0;
    for (size_t i = n->length; i-- > 0;) {
        rest = rest << 32 | n->digits[i];
        n->digits[i] = (uint32_t)(rest / by);
        rest %= by;
    }
    while (n->length && !n->digits[n->length - 1])
        n->length--;
    return (uint32_t)rest;
}

static void multiply(Number *result, const Number *a, const Number *b)
{
    reserve(result, a->length + b->length);
    result->length = a->length + b->length;
    memset(result->digits, 0, result->length * sizeof *result->digits);
    for (size_t i = 0; i < a->length; i++) {
        uint64_t carry = 0;
        for (size_t j = 0; j < b->length; j++) {
            carry += (uint64_t)a->digits[i] * b->digits[j] + result->digits[i + j];
            result->digits[i + j] = (uint32_t)carry;
            carry >>= 32;
        }
        result->digits[i + b->length] = (uint32_t)carry;
    }
    while (result->length && !result->digits[result->length - 1])
        result->length--;
}

static long digit_sum(Number *n)
{
    long sum = 0;
    while (n->length)
        for (uint32_t part = divide_small(n, 1000000000); part; part /= 10)
            sum += part % 10;
    return sum;
}

static Number one(void)
{
    Number n = { 0 };
    reserve(&n, 4);
    n.digits[0] = 1;
    n.length = 1;
    return n;
}

int main(void)
{
    Number f = one();
    for (uint32_t i = 2; i <= 4000; i++)
        multiply_small(&f, i);
    Number square = { 0 };
    for (int i = 0; i < 40; i++)
        multiply(&square, &f, &f);
    size_t length = square.length;
    printf("%zu %ld\n", length, digit_sum(&square));
    Number a = one(), b = one();
    for (int i = 0; i < 60000; i++) {
        add(&a, &b);
        Number t = a;
        a = b;
        b = t;
    }
    length = b.length;
    printf("%zu %ld\n", length, digit_sum(&f));
    printf("%ld\n", digit_sum(&b));
    return 0;
}
