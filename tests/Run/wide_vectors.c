/* Vectors of 32 bytes in functions of several targets, passed between them, with and without AVX in the rest of the program. */
#include <immintrin.h>
#include <stdio.h>

typedef int v8 __attribute__((vector_size(32)));
typedef float f8 __attribute__((vector_size(32)));

/* Passed in memory: this function has no AVX. */
__attribute__((noinline)) static int plain_sum(const v8 *v)
{
    int sum = 0;
    for (int i = 0; i < 8; i++)
        sum += (*v)[i];
    return sum;
}

__attribute__((noinline, target("avx2"))) static v8 turn(v8 a, v8 b)
{
    v8 shuffled = __builtin_shuffle(a, b, (v8){ 0, 9, 2, 11, 12, 5, 14, 7 });
    return (shuffled << 2) + (a > b) - (b >> 1) * 3;
}

__attribute__((noinline, target("avx"))) static v8 old_turn(v8 a, v8 b)
{
    return (a + b) * (a ^ b);
}

__attribute__((noinline, target("avx2,fma"))) static f8 scaled(f8 a, f8 b)
{
    return _mm256_fmadd_ps(a, b, _mm256_set1_ps(0.5f));
}

__attribute__((target("avx2,fma"))) static void run(void)
{
    v8 a = { 1, -2, 3, -4, 5, -6, 7, -8 }, b = { 9, 8, 7, 6, -5, -4, -3, -2 };
    v8 c = turn(a, b), d = old_turn(c, a);
    f8 e = scaled(__builtin_convertvector(a, f8), __builtin_convertvector(b, f8));
    printf("%d %d\n", plain_sum(&c), plain_sum(&d));
    for (int i = 0; i < 8; i++)
        printf("%d %d %g\n", c[i], d[i], e[i]);
}

int main(void)
{
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        run();
    return 0;
}
