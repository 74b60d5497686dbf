/* Complex multiplication and division with the treatment of infinities that C17 annex G.5.1 asks for. */
#include "kiln_runtime.h"

/* Quotients in a wider type, where neither squares nor sums leave the range. */
#define WIDE(x, y, type, wide, fabs_, ...) \
    wide denominator = (wide)c * c + (wide)d * d; \
    x = (type)(((wide)a * c + (wide)b * d) / denominator); \
    y = (type)(((wide)b * c - (wide)a * d) / denominator)

/*
 * Smith's method, which divides by the greater part so that squares neither overflow nor vanish, with the care that Baudin and Smith
 * ("A Robust Complex Division in Scilab", 2012) and McLaren take of the ends of the range: operands near them are scaled by powers of
 * two first, and where the ratio of the parts is subnormal the factors are multiplied in an order in which it does not count.
 * HUGE and TINY are the type's greatest and least normal numbers, STEP the distance from 1 to the next number.
 */
#define SMITH(x, y, type, wide, fabs_, HUGE, TINY, STEP) \
    { \
        int swaps = fabs_(c) < fabs_(d); \
        type great = swaps ? d : c, less = swaps ? c : d; \
        type first = swaps ? b : a, second = swaps ? a : b; /* x = (first + second*ratio) / denominator */ \
        const type top = (HUGE) / 2, safe = top * (STEP); \
        type scale = 1; \
        if (fabs_(great) >= top) \
            scale = (type)0.5; \
        else if (fabs_(great) < (STEP)) \
            scale = 1 / (STEP); \
        else if ((fabs_(first) < (TINY) && fabs_(second) < safe || fabs_(second) < (TINY) && fabs_(first) < safe) && fabs_(great) < safe) \
            scale = 1 / (STEP); \
        first *= scale; \
        second *= scale; \
        great *= scale; \
        less *= scale; \
        type ratio = less / great, denominator = less * ratio + great, across, along; \
        if (fabs_(ratio) > (TINY)) { \
            across = second * ratio; \
            along = first * ratio; \
        } else { \
            across = less * (second / great); \
            along = less * (first / great); \
        } \
        x = (first + across) / denominator; \
        y = (swaps ? along - second : second - along) / denominator; \
    }

#define COMPLEX(multiply, divide, type, method, wide, copysign_, fabs_, ...) \
    _Complex type multiply(type a, type b, type c, type d) \
    { \
        type ac = a * c, bd = b * d, ad = a * d, bc = b * c; \
        type x = ac - bd, y = ad + bc; \
        if (x != x && y != y) { \
            int again = 0; \
            if (__builtin_isinf(a) || __builtin_isinf(b)) { \
                a = copysign_(__builtin_isinf(a) ? 1 : 0, a); \
                b = copysign_(__builtin_isinf(b) ? 1 : 0, b); \
                if (c != c) \
                    c = copysign_(0, c); \
                if (d != d) \
                    d = copysign_(0, d); \
                again = 1; \
            } \
            if (__builtin_isinf(c) || __builtin_isinf(d)) { \
                c = copysign_(__builtin_isinf(c) ? 1 : 0, c); \
                d = copysign_(__builtin_isinf(d) ? 1 : 0, d); \
                if (a != a) \
                    a = copysign_(0, a); \
                if (b != b) \
                    b = copysign_(0, b); \
                again = 1; \
            } \
            if (!again && (__builtin_isinf(ac) || __builtin_isinf(bd) || __builtin_isinf(ad) || __builtin_isinf(bc))) { \
                if (a != a) \
                    a = copysign_(0, a); \
                if (b != b) \
                    b = copysign_(0, b); \
                if (c != c) \
                    c = copysign_(0, c); \
                if (d != d) \
                    d = copysign_(0, d); \
                again = 1; \
            } \
            if (again) { \
                x = (type)__builtin_inff() * (a * c - b * d); \
                y = (type)__builtin_inff() * (a * d + b * c); \
            } \
        } \
        _Complex type result; \
        __real__ result = x; \
        __imag__ result = y; \
        return result; \
    } \
    _Complex type divide(type a, type b, type c, type d) \
    { \
        type x, y; \
        method(x, y, type, wide, fabs_, __VA_ARGS__); \
        if (x != x && y != y) { \
            if (c == 0 && d == 0 && (a == a || b == b)) { \
                x = copysign_((type)__builtin_inff(), c) * a; \
                y = copysign_((type)__builtin_inff(), c) * b; \
            } else if ((__builtin_isinf(a) || __builtin_isinf(b)) && __builtin_isfinite(c) && __builtin_isfinite(d)) { \
                a = copysign_(__builtin_isinf(a) ? 1 : 0, a); \
                b = copysign_(__builtin_isinf(b) ? 1 : 0, b); \
                x = (type)__builtin_inff() * (a * c + b * d); \
                y = (type)__builtin_inff() * (b * c - a * d); \
            } else if ((__builtin_isinf(c) || __builtin_isinf(d)) && __builtin_isfinite(a) && __builtin_isfinite(b)) { \
                c = copysign_(__builtin_isinf(c) ? 1 : 0, c); \
                d = copysign_(__builtin_isinf(d) ? 1 : 0, d); \
                x = 0 * (a * c + b * d); \
                y = 0 * (b * c - a * d); \
            } \
        } \
        _Complex type result; \
        __real__ result = x; \
        __imag__ result = y; \
        return result; \
    }

static tf copysign_tf(tf size, tf sign)
{
    union {
        tf number;
        uti bits;
    } a = { size }, b = { sign };
    uti mask = (uti)1 << 127;
    a.bits = (a.bits & ~mask) | (b.bits & mask);
    return a.number;
}

static tf fabs_tf(tf value)
{
    return copysign_tf(value, 1);
}

COMPLEX(__mulsc3, __divsc3, float, WIDE, double, __builtin_copysignf, __builtin_fabsf, 0)
COMPLEX(__muldc3, __divdc3, double, WIDE, long double, __builtin_copysign, __builtin_fabs, 0)
COMPLEX(__mulxc3, __divxc3, long double, SMITH, long double, __builtin_copysignl, __builtin_fabsl, __LDBL_MAX__, __LDBL_MIN__, __LDBL_EPSILON__)
COMPLEX(__multc3, __divtc3, _Float128, SMITH, _Float128, copysign_tf, fabs_tf, __FLT128_MAX__, __FLT128_MIN__, __FLT128_EPSILON__)
