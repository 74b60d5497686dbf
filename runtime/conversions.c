/*
 * Conversions between 128-bit integers and the machine's floating-point types, and unsigned 64-bit ones.
 * To an integer: rounded to zero. From an integer: rounded once, as the machine's rounding mode says.
 */
#include "kiln_runtime.h"

/* value * 2^64^k is exact; both halves are converted exactly and joined, truncation happening in the type's own arithmetic. */
#define TO_UNSIGNED(name, type, two64) \
    uti name(type value) \
    { \
        if (!(value >= 1)) \
            return 0; \
        if (value >= (type)two64 * (type)two64) \
            return ~(uti)0; \
        type upper = value / (type)two64; \
        udi high = (udi)upper; \
        return (uti)high << 64 | (udi)(value - (type)high * (type)two64); \
    }

#define TO_SIGNED(name, type, to_unsigned) \
    ti name(type value) \
    { \
        return value < 0 ? -(ti)to_unsigned(-value) : (ti)to_unsigned(value); \
    }

TO_UNSIGNED(__fixunssfti, sf, 18446744073709551616.0f)
TO_UNSIGNED(__fixunsdfti, df, 18446744073709551616.0)
TO_UNSIGNED(__fixunsxfti, xf, 18446744073709551616.0L)
TO_SIGNED(__fixsfti, sf, __fixunssfti)
TO_SIGNED(__fixdfti, df, __fixunsdfti)
TO_SIGNED(__fixxfti, xf, __fixunsxfti)

/*
 * Keeps the leading `digits` + 2 bits with everything below ORed into the last (sticky), so that a conversion which rounds once
 * from 64 bits gives the right result; then scales by a power of two, which is exact.
 */
static udi leading_bits(uti value, int *exponent)
{
    int length = 128 - (value >> 64 ? __builtin_clzll(value >> 64) : 64 + __builtin_clzll((udi)value));
    if (length <= 62) {
        *exponent = 0;
        return value;
    }
    int drop = length - 62;
    udi kept = value >> drop;
    if (value << (128 - drop))
        kept |= 1;
    *exponent = drop;
    return kept;
}

static df scale_df(df value, int exponent)
{
    union {
        udi bits;
        df number;
    } power = { (udi)(1023 + exponent) << 52 };
    return value * power.number;
}

df __floatuntidf(uti value)
{
    if (value == 0)
        return 0;
    int exponent;
    udi bits = leading_bits(value, &exponent);
    return scale_df((df)(di)bits, exponent);
}

df __floattidf(ti value)
{
    if (value == 0)
        return 0;
    int exponent;
    di bits = leading_bits(value < 0 ? -(uti)value : value, &exponent);
    return scale_df((df)(value < 0 ? -bits : bits), exponent);
}

/* 2^127 and more: rounding may reach 2^128, which overflows in both ways of computing it. */
static sf scale_sf(sf value, int exponent)
{
    for (; exponent > 32; exponent -= 32)
        value *= 4294967296.0f;
    return value * (sf)((udi)1 << exponent);
}

sf __floatuntisf(uti value)
{
    if (value == 0)
        return 0;
    int exponent;
    udi bits = leading_bits(value, &exponent);
    return scale_sf((sf)(di)bits, exponent);
}

sf __floattisf(ti value)
{
    if (value == 0)
        return 0;
    int exponent;
    di bits = leading_bits(value < 0 ? -(uti)value : value, &exponent);
    return scale_sf((sf)(value < 0 ? -bits : bits), exponent);
}

/* The extended format holds 64 bits: the upper half is exact, the sum rounds once. */
xf __floatuntixf(uti value)
{
    return (xf)(udi)(value >> 64) * 18446744073709551616.0L + (xf)(udi)value;
}

xf __floattixf(ti value)
{
    return (xf)(di)(value >> 64) * 18446744073709551616.0L + (xf)(udi)value;
}

udi __fixunssfdi(sf value)
{
    return value >= 9223372036854775808.0f ? (udi)(di)(value - 9223372036854775808.0f) ^ 1ull << 63 : (udi)(di)value;
}

udi __fixunsdfdi(df value)
{
    return value >= 9223372036854775808.0 ? (udi)(di)(value - 9223372036854775808.0) ^ 1ull << 63 : (udi)(di)value;
}

udi __fixunsxfdi(xf value)
{
    return value >= 9223372036854775808.0L ? (udi)(di)(value - 9223372036854775808.0L) ^ 1ull << 63 : (udi)(di)value;
}

di __fixsfdi(sf value)
{
    return (di)value;
}

di __fixdfdi(df value)
{
    return (di)value;
}

di __fixxfdi(xf value)
{
    return (di)value;
}

/* Powers with integer exponents (__builtin_powi). */
#define POWI(name, type) \
    type name(type base, int exponent) \
    { \
        unsigned left = exponent < 0 ? -(unsigned)exponent : (unsigned)exponent; \
        type result = left & 1 ? base : 1; \
        while (left >>= 1) { \
            base *= base; \
            if (left & 1) \
                result *= base; \
        } \
        return exponent < 0 ? 1 / result : result; \
    }

POWI(__powisf2, sf)
POWI(__powidf2, df)
POWI(__powixf2, xf)
POWI(__powitf2, tf)
