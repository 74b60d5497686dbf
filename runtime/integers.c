/*
 * Integer arithmetic that machines have no instruction for: 128-bit division, bit counts, and the trapping operations of -ftrapv.
 * Names and meanings are those of gcc's internals manual, "The GCC low-level runtime library".
 */
#include "kiln_runtime.h"

/* Division of 128 by 64 bits whose quotient fits 64 bits (high < divisor). */
static udi divide_narrow(udi high, udi low, udi divisor, udi *remainder)
{
#if defined __x86_64__
    udi quotient;
    __asm__("divq %4" : "=a"(quotient), "=d"(*remainder) : "a"(low), "d"(high), "rm"(divisor) : "cc");
    return quotient;
#else
    /* Two steps of 32 bits (Knuth, algorithm D) on the normalized divisor. */
    int shift = __builtin_clzll(divisor);
    divisor <<= shift;
    if (shift) {
        high = high << shift | low >> (64 - shift);
        low <<= shift;
    }
    udi divisor_high = divisor >> 32, divisor_low = divisor & 0xffffffff;
    udi quotient = 0, rest = high;
    for (int step = 0; step < 2; step++) {
        udi digit = rest / divisor_high, left = rest % divisor_high;
        udi next = step == 0 ? low >> 32 : low & 0xffffffff;
        while (digit >> 32 || digit * divisor_low > (left << 32 | next)) {
            digit--;
            left += divisor_high;
            if (left >> 32)
                break;
        }
        rest = (rest << 32 | next) - digit * divisor;
        quotient = quotient << 32 | digit;
    }
    *remainder = rest >> shift;
    return quotient;
#endif
}

uti __udivmodti4(uti a, uti b, uti *remainder)
{
    udi a_high = a >> 64, a_low = a, b_high = b >> 64, b_low = b;
    if (b_high == 0) {
        udi rest, quotient_high = 0, quotient_low;
        if (a_high >= b_low) {
            quotient_high = a_high / b_low;
            a_high %= b_low;
        }
        quotient_low = divide_narrow(a_high, a_low, b_low, &rest);
        if (remainder)
            *remainder = rest;
        return (uti)quotient_high << 64 | quotient_low;
    }
    if (a < b) {
        if (remainder)
            *remainder = a;
        return 0;
    }
    /* The quotient has at most 64 bits: estimate it from the leading 64 bits of the divisor; the estimate is at most one too large. */
    int shift = __builtin_clzll(b_high);
    udi quotient;
    if (shift == 0) {
        quotient = 1;
    } else {
        udi rest;
        uti half = a >> 1;
        quotient = divide_narrow(half >> 64, half, (udi)(b << shift >> 64), &rest) >> (63 - shift);
        if (quotient)
            quotient--;
    }
    uti rest = a - b * quotient;
    while (rest >= b) {
        quotient++;
        rest -= b;
    }
    if (remainder)
        *remainder = rest;
    return quotient;
}

uti __udivti3(uti a, uti b)
{
    return __udivmodti4(a, b, 0);
}

uti __umodti3(uti a, uti b)
{
    uti remainder;
    __udivmodti4(a, b, &remainder);
    return remainder;
}

static uti magnitude(ti a)
{
    return a < 0 ? -(uti)a : (uti)a;
}

ti __divmodti4(ti a, ti b, ti *remainder)
{
    uti rest;
    uti quotient = __udivmodti4(magnitude(a), magnitude(b), &rest);
    *remainder = a < 0 ? -rest : rest;
    return (a < 0) != (b < 0) ? -quotient : quotient;
}

ti __divti3(ti a, ti b)
{
    ti remainder;
    return __divmodti4(a, b, &remainder);
}

ti __modti3(ti a, ti b)
{
    ti remainder;
    __divmodti4(a, b, &remainder);
    return remainder;
}

ti __multi3(ti a, ti b)
{
    udi a_low = a, b_low = b, a_high = (uti)a >> 64, b_high = (uti)b >> 64;
    udi a0 = a_low & 0xffffffff, a1 = a_low >> 32, b0 = b_low & 0xffffffff, b1 = b_low >> 32;
    udi low = a0 * b0, middle = a1 * b0 + (low >> 32), other = a0 * b1 + (middle & 0xffffffff);
    udi high = a1 * b1 + (middle >> 32) + (other >> 32) + a_low * b_high + a_high * b_low;
    return (uti)high << 64 | (other << 32 | (low & 0xffffffff));
}

/* A 128-bit value as its halves, for shifts that must not be made of 128-bit shifts. */
typedef union {
    uti whole;
    struct {
        udi low, high;
    };
} halves;

ti __ashlti3(ti a, int amount)
{
    halves in = { .whole = a }, out;
    if (amount & 64) {
        out.low = 0;
        out.high = in.low << (amount & 63);
    } else if (amount == 0) {
        return a;
    } else {
        out.low = in.low << amount;
        out.high = in.high << amount | in.low >> (64 - amount);
    }
    return out.whole;
}

ti __lshrti3(ti a, int amount)
{
    halves in = { .whole = a }, out;
    if (amount & 64) {
        out.high = 0;
        out.low = in.high >> (amount & 63);
    } else if (amount == 0) {
        return a;
    } else {
        out.high = in.high >> amount;
        out.low = in.low >> amount | in.high << (64 - amount);
    }
    return out.whole;
}

ti __ashrti3(ti a, int amount)
{
    halves in = { .whole = a }, out;
    if (amount & 64) {
        out.high = (di)in.high >> 63;
        out.low = (di)in.high >> (amount & 63);
    } else if (amount == 0) {
        return a;
    } else {
        out.high = (di)in.high >> amount;
        out.low = in.low >> amount | in.high << (64 - amount);
    }
    return out.whole;
}

ti __negti2(ti a)
{
    return -(uti)a;
}

/* 0, 1, 2 for less, equal, greater. */
int __cmpti2(ti a, ti b)
{
    return a < b ? 0 : a == b ? 1 : 2;
}

int __ucmpti2(uti a, uti b)
{
    return a < b ? 0 : a == b ? 1 : 2;
}

int __clzti2(uti a)
{
    return a >> 64 ? __builtin_clzll(a >> 64) : 64 + __builtin_clzll(a);
}

int __ctzti2(uti a)
{
    return (udi)a ? __builtin_ctzll(a) : 64 + __builtin_ctzll(a >> 64);
}

int __ffsti2(uti a)
{
    return a ? __ctzti2(a) + 1 : 0;
}

int __clrsbti2(ti a)
{
    uti bits = a < 0 ? ~a : a;
    return bits ? __clzti2(bits) - 1 : 127;
}

int __popcountdi2(udi a)
{
    a -= a >> 1 & 0x5555555555555555;
    a = (a & 0x3333333333333333) + (a >> 2 & 0x3333333333333333);
    a = (a + (a >> 4)) & 0x0f0f0f0f0f0f0f0f;
    return a * 0x0101010101010101 >> 56;
}

int __popcountsi2(usi a)
{
    return __popcountdi2(a);
}

int __popcountti2(uti a)
{
    return __popcountdi2(a) + __popcountdi2(a >> 64);
}

int __paritydi2(udi a)
{
    a ^= a >> 32;
    a ^= a >> 16;
    a ^= a >> 8;
    a ^= a >> 4;
    return 0x6996 >> (a & 15) & 1;
}

int __paritysi2(usi a)
{
    return __paritydi2(a);
}

int __parityti2(uti a)
{
    return __paritydi2(a ^ a >> 64);
}

int __clzsi2(usi a)
{
    return __builtin_clz(a);
}

int __clzdi2(udi a)
{
    return __builtin_clzll(a);
}

int __ctzsi2(usi a)
{
    return __builtin_ctz(a);
}

int __ctzdi2(udi a)
{
    return __builtin_ctzll(a);
}

int __ffssi2(usi a)
{
    return a ? __builtin_ctz(a) + 1 : 0;
}

int __ffsdi2(udi a)
{
    return a ? __builtin_ctzll(a) + 1 : 0;
}

int __clrsbsi2(si a)
{
    usi bits = a < 0 ? ~a : a;
    return bits ? __builtin_clz(bits) - 1 : 31;
}

int __clrsbdi2(di a)
{
    udi bits = a < 0 ? ~a : a;
    return bits ? __builtin_clzll(bits) - 1 : 63;
}

usi __bswapsi2(usi a)
{
    return a >> 24 | (a >> 8 & 0xff00) | (a << 8 & 0xff0000) | a << 24;
}

udi __bswapdi2(udi a)
{
    return (udi)__bswapsi2(a) << 32 | __bswapsi2(a >> 32);
}

/* -ftrapv: the result, or the end of the program. */
#define TRAPPING(name, type, builtin) \
    type name(type a, type b) \
    { \
        type result; \
        if (builtin(a, b, &result)) \
            __builtin_trap(); \
        return result; \
    }

TRAPPING(__addvsi3, si, __builtin_add_overflow)
TRAPPING(__addvdi3, di, __builtin_add_overflow)
TRAPPING(__addvti3, ti, __builtin_add_overflow)
TRAPPING(__subvsi3, si, __builtin_sub_overflow)
TRAPPING(__subvdi3, di, __builtin_sub_overflow)
TRAPPING(__subvti3, ti, __builtin_sub_overflow)
TRAPPING(__mulvsi3, si, __builtin_mul_overflow)
TRAPPING(__mulvdi3, di, __builtin_mul_overflow)

static int product_overflows(ti a, ti b)
{
    if (a == 0 || b == 0)
        return 0;
    ti product = __multi3(a, b);
    return (a == -1 && b < 0 && product == b) || (b == -1 && a < 0 && product == a) || product / b != a;
}

ti __mulvti3(ti a, ti b)
{
    if (product_overflows(a, b))
        __builtin_trap();
    return __multi3(a, b);
}

/* The product, and whether it overflowed. */
ti __muloti4(ti a, ti b, int *overflow)
{
    *overflow = product_overflows(a, b);
    return __multi3(a, b);
}

si __negvsi2(si a)
{
    return __subvsi3(0, a);
}

di __negvdi2(di a)
{
    return __subvdi3(0, a);
}

ti __negvti2(ti a)
{
    return __subvti3(0, a);
}

si __absvsi2(si a)
{
    return a < 0 ? __negvsi2(a) : a;
}

di __absvdi2(di a)
{
    return a < 0 ? __negvdi2(a) : a;
}

ti __absvti2(ti a)
{
    return a < 0 ? __negvti2(a) : a;
}
