/*
 * IEEE 754 binary128 (and binary16) arithmetic in integers: what the compiler calls for __float128/_Float128 and _Float16.
 * Rounding follows the machine's rounding mode, and exceptions are raised as its own instructions raise them: on x86-64 both are in MXCSR.
 * Traps are not taken where exceptions are unmasked.
 *
 * A number is unpacked into sign, exponent and a significand of 113 bits with its leading bit at position 112, working forms carry
 * three more bits below (guard, round, sticky).
 */
#include "kiln_runtime.h"

#define FRACTION_BITS 112
#define EXPONENT_MAX 0x7fff
#define BIAS 0x3fff
#define HIDDEN_BIT ((uti)1 << FRACTION_BITS)
#define SIGN_BIT ((uti)1 << 127)
#define QUIET_BIT ((uti)1 << (FRACTION_BITS - 1))
#define INFINITY_BITS ((uti)EXPONENT_MAX << FRACTION_BITS)
#define EXTRA 3

typedef union {
    tf number;
    uti bits;
} quad;

enum { NEAREST, DOWNWARD, UPWARD, TOWARD_ZERO };
enum { INVALID = 1, DIVISION_BY_ZERO = 4, OVERFLOW = 8, UNDERFLOW = 16, INEXACT = 32 };

static int rounding_mode(void)
{
    return __builtin_ia32_stmxcsr() >> 13 & 3;
}

static void raise_exceptions(unsigned exceptions)
{
    unsigned state = __builtin_ia32_stmxcsr();
    if ((state & exceptions) != exceptions)
        __builtin_ia32_ldmxcsr(state | exceptions);
}

/* Whether a magnitude is rounded up; `rest` is what is cut off in eighths of the last place, the lowest bit sticky. */
static int rounds_up(int negative, int odd, int rest)
{
    if (rest == 0)
        return 0;
    switch (rounding_mode()) {
    case NEAREST:
        return rest > 4 || (rest == 4 && odd);
    case DOWNWARD:
        return negative;
    case UPWARD:
        return !negative;
    default:
        return 0;
    }
}

/* Whether what is too large becomes infinite rather than the largest number. */
static int overflows_to_infinity(int negative)
{
    int mode = rounding_mode();
    return mode == NEAREST || mode == (negative ? DOWNWARD : UPWARD);
}

static uti bits_of(tf number)
{
    return (quad){ .number = number }.bits;
}

static tf number_of(uti bits)
{
    return (quad){ .bits = bits }.number;
}

static int is_nan(uti bits)
{
    return (bits & ~SIGN_BIT) > INFINITY_BITS;
}

static int leading_zeros(uti value)
{
    return value >> 64 ? __builtin_clzll(value >> 64) : 64 + __builtin_clzll((udi)value);
}

static uti shift_right_sticky(uti value, int amount)
{
    if (amount <= 0)
        return value;
    if (amount > 127)
        return value != 0;
    return value >> amount | (value << (128 - amount) != 0);
}

/* Exponent and significand of a finite number that is not zero; subnormal numbers are normalized. */
static int unpack(uti magnitude, uti *significand)
{
    int exponent = magnitude >> FRACTION_BITS;
    uti fraction = magnitude & (HIDDEN_BIT - 1);
    if (exponent == 0) {
        int shift = leading_zeros(fraction) - (127 - FRACTION_BITS);
        *significand = fraction << shift;
        return 1 - shift;
    }
    *significand = fraction | HIDDEN_BIT;
    return exponent;
}

/* Rounds a significand with EXTRA bits below (leading bit at FRACTION_BITS + EXTRA) and packs it. */
static tf pack(uti sign, int exponent, uti significand)
{
    int negative = sign != 0, is_tiny = exponent <= 0;
    if (is_tiny) {
        /* Tiny is what would still be below the normal numbers when rounded with an exponent of any size. */
        if (exponent == 0 && rounds_up(negative, significand >> EXTRA & 1, significand & 7)
            && ((significand >> EXTRA) + 1) >> (FRACTION_BITS + 1))
            is_tiny = 0;
        significand = shift_right_sticky(significand, 1 - exponent);
        exponent = 0;
    }
    int rest = significand & 7;
    significand >>= EXTRA;
    if (rounds_up(negative, significand & 1, rest))
        significand++;
    if (rest != 0)
        raise_exceptions(is_tiny ? INEXACT | UNDERFLOW : INEXACT);
    if (exponent == 0)
        return number_of(sign | significand); /* a carry into the hidden bit is the smallest normal number */
    if (significand >> (FRACTION_BITS + 1)) {
        significand >>= 1;
        exponent++;
    }
    if (exponent >= EXPONENT_MAX) {
        raise_exceptions(OVERFLOW | INEXACT);
        return number_of(sign | (overflows_to_infinity(negative) ? INFINITY_BITS : INFINITY_BITS - 1));
    }
    return number_of(sign | (uti)exponent << FRACTION_BITS | (significand & (HIDDEN_BIT - 1)));
}

static int is_signaling(uti bits)
{
    return is_nan(bits) && !(bits & QUIET_BIT);
}

/* The result of an operation with a NaN: that NaN, quiet; of two the one with the larger fraction. */
static tf nan_of(uti a, uti b)
{
    if (is_signaling(a) || is_signaling(b))
        raise_exceptions(INVALID);
    int takes_b = !is_nan(a) || (is_nan(b) && (b & (HIDDEN_BIT - 1)) > (a & (HIDDEN_BIT - 1)));
    return number_of((takes_b ? b : a) | QUIET_BIT);
}

static tf invalid(void)
{
    raise_exceptions(INVALID);
    return number_of(SIGN_BIT | INFINITY_BITS | QUIET_BIT);
}

tf __addtf3(tf left, tf right)
{
    uti a = bits_of(left), b = bits_of(right);
    uti a_size = a & ~SIGN_BIT, b_size = b & ~SIGN_BIT;
    if (is_nan(a) || is_nan(b))
        return nan_of(a, b);
    if (a_size == INFINITY_BITS)
        return b_size == INFINITY_BITS && a != b ? invalid() : left;
    if (b_size == INFINITY_BITS)
        return right;
    if (b_size == 0)
        return a_size == 0 ? number_of(rounding_mode() == DOWNWARD ? a | b : a & b) : left;
    if (a_size == 0)
        return right;
    if (a_size < b_size) {
        uti swap = a;
        a = b;
        b = swap;
        swap = a_size;
        a_size = b_size;
        b_size = swap;
    }
    uti sign = a & SIGN_BIT, a_significand, b_significand;
    int exponent = unpack(a_size, &a_significand);
    int distance = exponent - unpack(b_size, &b_significand);
    a_significand <<= EXTRA;
    b_significand = shift_right_sticky(b_significand << EXTRA, distance);
    if ((a ^ b) & SIGN_BIT) {
        uti difference = a_significand - b_significand;
        if (difference == 0)
            return number_of(rounding_mode() == DOWNWARD ? SIGN_BIT : 0);
        int shift = leading_zeros(difference) - (127 - FRACTION_BITS - EXTRA);
        return pack(sign, exponent - shift, difference << shift);
    }
    uti sum = a_significand + b_significand;
    if (sum >> (FRACTION_BITS + EXTRA + 1)) {
        sum = shift_right_sticky(sum, 1);
        exponent++;
    }
    return pack(sign, exponent, sum);
}

tf __negtf2(tf value)
{
    return number_of(bits_of(value) ^ SIGN_BIT);
}

tf __subtf3(tf left, tf right)
{
    uti b = bits_of(right);
    return __addtf3(left, is_nan(b) ? right : number_of(b ^ SIGN_BIT));
}

/* The 256-bit product of two 128-bit numbers. */
static void multiply_wide(uti a, uti b, uti *high, uti *low)
{
    udi a0 = a, a1 = a >> 64, b0 = b, b1 = b >> 64;
    uti p00 = (uti)a0 * b0, p01 = (uti)a0 * b1, p10 = (uti)a1 * b0, p11 = (uti)a1 * b1;
    uti middle = (p00 >> 64) + (udi)p01 + (udi)p10;
    *low = middle << 64 | (udi)p00;
    *high = p11 + (p01 >> 64) + (p10 >> 64) + (middle >> 64);
}

tf __multf3(tf left, tf right)
{
    uti a = bits_of(left), b = bits_of(right), sign = (a ^ b) & SIGN_BIT;
    uti a_size = a & ~SIGN_BIT, b_size = b & ~SIGN_BIT;
    if (is_nan(a) || is_nan(b))
        return nan_of(a, b);
    if (a_size == INFINITY_BITS || b_size == INFINITY_BITS)
        return a_size == 0 || b_size == 0 ? invalid() : number_of(sign | INFINITY_BITS);
    if (a_size == 0 || b_size == 0)
        return number_of(sign);
    uti a_significand, b_significand, high, low;
    int exponent = unpack(a_size, &a_significand) + unpack(b_size, &b_significand) - BIAS;
    /* 113 + 3 bits by 113 + 15 bits: the product's leading bit is at 242 or 243, so 114 or 115 of the upper half. */
    multiply_wide(a_significand << EXTRA, b_significand << 15, &high, &low);
    high |= low != 0;
    if (high >> (FRACTION_BITS + EXTRA)) {
        exponent++;
    } else {
        high = high << 1 | low >> 127;
        high |= low << 1 != 0;
    }
    return pack(sign, exponent, high);
}

tf __divtf3(tf left, tf right)
{
    uti a = bits_of(left), b = bits_of(right), sign = (a ^ b) & SIGN_BIT;
    uti a_size = a & ~SIGN_BIT, b_size = b & ~SIGN_BIT;
    if (is_nan(a) || is_nan(b))
        return nan_of(a, b);
    if (a_size == INFINITY_BITS)
        return b_size == INFINITY_BITS ? invalid() : number_of(sign | INFINITY_BITS);
    if (b_size == INFINITY_BITS)
        return number_of(sign);
    if (b_size == 0) {
        if (a_size == 0)
            return invalid();
        raise_exceptions(DIVISION_BY_ZERO);
        return number_of(sign | INFINITY_BITS);
    }
    if (a_size == 0)
        return number_of(sign);
    uti a_significand, b_significand;
    int exponent = unpack(a_size, &a_significand) - unpack(b_size, &b_significand) + BIAS;
    if (a_significand < b_significand) {
        a_significand <<= 1;
        exponent--;
    }
    /* One bit a step: 113 bits and the extra ones. */
    uti quotient = 0;
    for (int i = 0; i <= FRACTION_BITS + EXTRA; i++) {
        quotient <<= 1;
        if (a_significand >= b_significand) {
            a_significand -= b_significand;
            quotient |= 1;
        }
        a_significand <<= 1;
    }
    return pack(sign, exponent, quotient | (a_significand != 0));
}

/* -1, 0, 1, or 2 where the two are unordered, which is invalid in comparisons for order. */
static int compare(tf left, tf right, int is_order)
{
    uti a = bits_of(left), b = bits_of(right);
    if (is_nan(a) || is_nan(b)) {
        if (is_order || is_signaling(a) || is_signaling(b))
            raise_exceptions(INVALID);
        return 2;
    }
    if (((a | b) & ~SIGN_BIT) == 0)
        return 0;
    if ((a ^ b) & SIGN_BIT)
        return a & SIGN_BIT ? -1 : 1;
    if (a == b)
        return 0;
    return (a < b) != (a >> 127) ? -1 : 1;
}

/* Each returns a number that compares with 0 as left does with right; unordered makes the comparison false. */
int __eqtf2(tf left, tf right)
{
    return compare(left, right, 0);
}

int __netf2(tf left, tf right)
{
    return compare(left, right, 0);
}

int __lttf2(tf left, tf right)
{
    return compare(left, right, 1);
}

int __letf2(tf left, tf right)
{
    return compare(left, right, 1);
}

int __cmptf2(tf left, tf right)
{
    return compare(left, right, 1);
}

int __gttf2(tf left, tf right)
{
    int result = compare(left, right, 1);
    return result == 2 ? -2 : result;
}

int __getf2(tf left, tf right)
{
    int result = compare(left, right, 1);
    return result == 2 ? -2 : result;
}

int __unordtf2(tf left, tf right)
{
    return compare(left, right, 0) == 2;
}

/*
 * Conversions to and from the other formats. A format is its exponent's and fraction's widths; the extended format has its leading
 * bit in the fraction.
 */
static tf widen(udi bits, int exponent_bits, int fraction_bits)
{
    udi fraction = bits & (((udi)1 << fraction_bits) - 1);
    int exponent = bits >> fraction_bits & ((1 << exponent_bits) - 1);
    int bias = (1 << (exponent_bits - 1)) - 1;
    uti sign = (uti)(bits >> (exponent_bits + fraction_bits) & 1) << 127;
    uti wide = (uti)fraction << (FRACTION_BITS - fraction_bits);
    if (exponent == (1 << exponent_bits) - 1) {
        if (is_signaling(INFINITY_BITS | wide))
            raise_exceptions(INVALID);
        return number_of(sign | INFINITY_BITS | wide | (fraction ? QUIET_BIT : 0));
    }
    if (exponent == 0) {
        if (fraction == 0)
            return number_of(sign);
        int shift = leading_zeros(wide) - (127 - FRACTION_BITS);
        return number_of(sign | (uti)(1 - shift + BIAS - bias) << FRACTION_BITS | (wide << shift & (HIDDEN_BIT - 1)));
    }
    return number_of(sign | (uti)(exponent + BIAS - bias) << FRACTION_BITS | wide);
}

/* The lowest bits of a number in eighths of the last place that is kept. */
static int rest_of(uti value, int drop)
{
    uti rest = value << (128 - drop);
    return (int)(rest >> 125) | (rest << 3 != 0);
}

static udi narrow(tf value, int exponent_bits, int fraction_bits)
{
    uti bits = bits_of(value), size = bits & ~SIGN_BIT;
    int bias = (1 << (exponent_bits - 1)) - 1, top = (1 << exponent_bits) - 1;
    udi sign = (udi)(bits >> 127) << (exponent_bits + fraction_bits);
    int drop = FRACTION_BITS - fraction_bits, negative = bits >> 127;
    if (is_signaling(bits))
        raise_exceptions(INVALID);
    if (size > INFINITY_BITS)
        return sign | (udi)top << fraction_bits | (udi)1 << (fraction_bits - 1) | (udi)((size & (HIDDEN_BIT - 1)) >> drop);
    if (size == INFINITY_BITS)
        return sign | (udi)top << fraction_bits;
    if (size == 0)
        return sign;
    uti significand;
    int exponent = unpack(size, &significand) - BIAS + bias;
    int is_tiny = exponent <= 0;
    if (is_tiny) {
        if (exponent == 0 && rounds_up(negative, significand >> drop & 1, rest_of(significand, drop))
            && ((significand >> drop) + 1) >> (fraction_bits + 1))
            is_tiny = 0;
        significand = shift_right_sticky(significand, 1 - exponent);
        exponent = 0;
    }
    udi kept = significand >> drop;
    int rest = rest_of(significand, drop);
    if (rounds_up(negative, kept & 1, rest))
        kept++;
    /* The hidden bit and a carry of the rounding add to the exponent. */
    udi packed = exponent == 0 ? kept : exponent > top ? (udi)top << fraction_bits : ((udi)(exponent - 1) << fraction_bits) + kept;
    if (packed >= (udi)top << fraction_bits) {
        raise_exceptions(OVERFLOW | INEXACT);
        packed = ((udi)top << fraction_bits) - !overflows_to_infinity(negative);
    } else if (rest != 0) {
        raise_exceptions(is_tiny ? INEXACT | UNDERFLOW : INEXACT);
    }
    return sign | packed;
}

#define CONVERT(extend, truncate, type, unsigned_type, exponent_bits, fraction_bits) \
    tf extend(type value) \
    { \
        union { \
            type number; \
            unsigned_type bits; \
        } from = { value }; \
        return widen(from.bits, exponent_bits, fraction_bits); \
    } \
    type truncate(tf value) \
    { \
        union { \
            unsigned_type bits; \
            type number; \
        } to = { narrow(value, exponent_bits, fraction_bits) }; \
        return to.number; \
    }

CONVERT(__extendsftf2, __trunctfsf2, sf, usi, 8, 23)
CONVERT(__extenddftf2, __trunctfdf2, df, udi, 11, 52)
CONVERT(__extendhftf2, __trunctfhf2, _Float16, unsigned short, 5, 10)

#if __LDBL_MANT_DIG__ == 64
typedef union {
    xf number;
    struct {
        udi significand;
        unsigned short sign_exponent;
    };
} extended;

tf __extendxftf2(xf value)
{
    extended from = { .number = value };
    uti sign = (uti)(from.sign_exponent >> 15) << 127;
    int exponent = from.sign_exponent & EXPONENT_MAX;
    uti fraction = (uti)(from.significand << 1) << 48;
    if (exponent == EXPONENT_MAX) {
        if (is_signaling(INFINITY_BITS | fraction))
            raise_exceptions(INVALID);
        return number_of(sign | INFINITY_BITS | fraction | (fraction ? QUIET_BIT : 0));
    }
    if (from.significand == 0)
        return number_of(sign);
    if (exponent == 0) {
        /* The same smallest exponent as binary128: subnormal stays subnormal, unless the leading bit is set. */
        uti wide = (uti)from.significand << 49;
        return number_of(sign | wide);
    }
    return number_of(sign | (uti)exponent << FRACTION_BITS | fraction);
}

xf __trunctfxf2(tf value)
{
    uti bits = bits_of(value), size = bits & ~SIGN_BIT;
    extended to = { .number = 0 };
    unsigned short sign = (unsigned short)(bits >> 127) << 15;
    int negative = bits >> 127;
    if (is_signaling(bits))
        raise_exceptions(INVALID);
    if (size >= INFINITY_BITS) {
        to.significand = (udi)1 << 63 | (udi)((size & (HIDDEN_BIT - 1)) >> 49);
        if (size > INFINITY_BITS)
            to.significand |= (udi)3 << 62;
        to.sign_exponent = sign | EXPONENT_MAX;
        return to.number;
    }
    int exponent = size >> FRACTION_BITS;
    uti significand = size & (HIDDEN_BIT - 1);
    if (exponent != 0)
        significand |= HIDDEN_BIT;
    udi kept = significand >> 49;
    int rest = rest_of(significand, 49), is_tiny = exponent == 0;
    if (rounds_up(negative, kept & 1, rest) && ++kept == 0) {
        kept = (udi)1 << 63;
        exponent++;
    }
    if (exponent == 0 && kept >> 63)
        exponent = 1;
    if (exponent >= EXPONENT_MAX) {
        raise_exceptions(OVERFLOW | INEXACT);
        if (overflows_to_infinity(negative)) {
            kept = (udi)1 << 63;
        } else {
            kept = ~(udi)0;
            exponent = EXPONENT_MAX - 1;
        }
    } else if (rest != 0) {
        raise_exceptions(is_tiny ? INEXACT | UNDERFLOW : INEXACT);
    }
    to.significand = kept;
    to.sign_exponent = sign | exponent;
    return to.number;
}

_Float16 __truncxfhf2(xf value)
{
    return __trunctfhf2(__extendxftf2(value));
}

xf __extendhfxf2(_Float16 value)
{
    return __trunctfxf2(__extendhftf2(value));
}
#endif

/* Half precision: exact through binary128 one way, rounded once the other way. */
sf __extendhfsf2(_Float16 value)
{
    return __trunctfsf2(__extendhftf2(value));
}

df __extendhfdf2(_Float16 value)
{
    return __trunctfdf2(__extendhftf2(value));
}

_Float16 __truncsfhf2(sf value)
{
    return __trunctfhf2(__extendsftf2(value));
}

_Float16 __truncdfhf2(df value)
{
    return __trunctfhf2(__extenddftf2(value));
}

/* Integers: to them rounded to zero (out of range: the nearest, which is invalid), from them rounded as the mode says. */
static uti to_integer(tf value, int *negative)
{
    uti bits = bits_of(value), size = bits & ~SIGN_BIT;
    int exponent = (int)(size >> FRACTION_BITS) - BIAS;
    *negative = bits >> 127;
    if (exponent < 0) {
        if (size != 0)
            raise_exceptions(INEXACT);
        return 0;
    }
    if (exponent > 127) {
        raise_exceptions(INVALID);
        return ~(uti)0;
    }
    uti significand = (size & (HIDDEN_BIT - 1)) | HIDDEN_BIT;
    if (exponent < FRACTION_BITS && significand << (128 - FRACTION_BITS + exponent))
        raise_exceptions(INEXACT);
    return exponent > FRACTION_BITS ? significand << (exponent - FRACTION_BITS) : significand >> (FRACTION_BITS - exponent);
}

#define TO_INTEGER(name, unsigned_name, type, unsigned_type) \
    type name(tf value) \
    { \
        int negative; \
        uti size = to_integer(value, &negative); \
        uti limit = (uti)1 << (8 * sizeof(type) - 1); \
        if (size > limit || (size == limit && !negative)) \
            raise_exceptions(INVALID); \
        if (negative) \
            return size >= limit ? (type)limit : (type)-(unsigned_type)size; \
        return size >= limit ? (type)(limit - 1) : (type)size; \
    } \
    unsigned_type unsigned_name(tf value) \
    { \
        int negative; \
        uti size = to_integer(value, &negative); \
        if (negative ? size != 0 : size > (unsigned_type)~(unsigned_type)0) \
            raise_exceptions(INVALID); \
        if (negative) \
            return 0; \
        return size > (unsigned_type)~(unsigned_type)0 ? (unsigned_type)~(unsigned_type)0 : (unsigned_type)size; \
    }

TO_INTEGER(__fixtfsi, __fixunstfsi, si, usi)
TO_INTEGER(__fixtfdi, __fixunstfdi, di, udi)
TO_INTEGER(__fixtfti, __fixunstfti, ti, uti)

static tf from_integer(uti sign, uti value)
{
    if (value == 0)
        return number_of(0);
    int shift = leading_zeros(value);
    /* Leading bit to FRACTION_BITS + EXTRA, which is position 115. */
    uti significand = shift <= 12 ? shift_right_sticky(value, 12 - shift) : value << (shift - 12);
    return pack(sign, BIAS + 127 - shift, significand);
}

tf __floatuntitf(uti value)
{
    return from_integer(0, value);
}

tf __floattitf(ti value)
{
    return value < 0 ? from_integer(SIGN_BIT, -(uti)value) : from_integer(0, value);
}

tf __floatsitf(si value)
{
    return __floattitf(value);
}

tf __floatditf(di value)
{
    return __floattitf(value);
}

tf __floatunsitf(usi value)
{
    return __floatuntitf(value);
}

tf __floatunditf(udi value)
{
    return __floatuntitf(value);
}

_Float16 __floattihf(ti value)
{
    return __trunctfhf2(__floattitf(value));
}

_Float16 __floatuntihf(uti value)
{
    return __trunctfhf2(__floatuntitf(value));
}

ti __fixhfti(_Float16 value)
{
    return __fixtfti(__extendhftf2(value));
}

uti __fixunshfti(_Float16 value)
{
    return __fixunstfti(__extendhftf2(value));
}
