// 128-bit floating point raises exceptions and follows the rounding mode; so do conversions of 128-bit integers.
#include <fenv.h>
#include <stdio.h>

static void tell(const char *what, double result)
{
    int raised = fetestexcept(FE_ALL_EXCEPT);
    printf("%s %a %s%s%s%s%s\n", what, result, raised & FE_INVALID ? "i" : "", raised & FE_DIVBYZERO ? "z" : "",
        raised & FE_OVERFLOW ? "o" : "", raised & FE_UNDERFLOW ? "u" : "", raised & FE_INEXACT ? "x" : "");
    feclearexcept(FE_ALL_EXCEPT);
}

int main(void)
{
    static const int modes[] = { FE_TONEAREST, FE_DOWNWARD, FE_UPWARD, FE_TOWARDZERO };
    volatile __float128 zero = 0, one = 1, three = 3, huge = 0x1p16000Q, tiny = 0x1p-1074Q, nan = __builtin_nanq("");
    volatile __int128 wide = -((__int128)0x4000000000000001 << 64) - 1;
    volatile int order;
    for (int i = 0; i < 4; i++) {
        fesetround(modes[i]);
        volatile __float128 quotient = one / three;
        volatile double narrow = quotient;
        tell("1/3", narrow);
        volatile double lost = tiny / three;
        tell("tiny", lost);
        volatile __float128 product = huge * -huge;
        tell("huge", product == -__builtin_infq());
        quotient = one / zero;
        tell("1/0", quotient > 0);
        order = nan < one;
        tell("nan<1", order);
        order = __builtin_isless(nan, one);
        tell("isless", order);
        narrow = wide;
        tell("int", narrow);
    }
}
