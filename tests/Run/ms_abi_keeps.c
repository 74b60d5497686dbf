// What a function of the Microsoft convention keeps for its caller: rsi, rdi, xmm6 to xmm15, even where it calls others.
#include <stdio.h>

__attribute__((noinline)) static double other(double a, long b)
{
    __asm__ volatile("pxor %%xmm6, %%xmm6; pxor %%xmm9, %%xmm9; pxor %%xmm15, %%xmm15; mov $7, %%rsi; mov $8, %%rdi"
                     ::: "xmm6", "xmm9", "xmm15", "rsi", "rdi");
    return a + b;
}

__attribute__((ms_abi, noinline)) static double doubled(double x, long n)
{
    char room[64];
    snprintf(room, sizeof room, "%ld", n);
    return other(x, n) * 2 + room[0];
}

int main(void)
{
    double around = 0;
    long kept = 1;
    double a, b, c;
    __asm__ volatile("mov $5, %%rsi; mov $6, %%rdi" ::: "rsi", "rdi");
    for (int i = 0; i < 3; i++) {
        a = i + 0.5, b = i + 0.25, c = i * 3;
        double d = doubled(a, i), e = doubled(b, kept);
        around += a * b * c + d - e;
        kept += i;
    }
    register double six __asm__("xmm6") = 6.5;
    register long source __asm__("rsi") = 11;
    __asm__ volatile("" : "+x"(six), "+r"(source));
    double f = doubled(six, 2);
    __asm__ volatile("" : "+x"(six), "+r"(source));
    printf("%g %ld %g\n", around, kept, f);
    return 0;
}
