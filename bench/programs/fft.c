/* Fast Fourier transform of complex numbers, in place, and back. */
#include <math.h>
#include <stdio.h>

enum { LOG = 16, N = 1 << LOG };
typedef struct { double re, im; } Complex;
static Complex x[N], roots[N / 2];

static Complex mul(Complex a, Complex b)
{
    return (Complex){ a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re };
}

static void transform(int inverse)
{
    for (unsigned i = 0, j = 0; i < N; i++) {
        if (i < j) {
            Complex t = x[i];
            x[i] = x[j];
            x[j] = t;
        }
        unsigned bit = N >> 1;
        while (j & bit) {
            j ^= bit;
            bit >>= 1;
        }
        j |= bit;
    }
    for (int length = 2; length <= N; length *= 2) {
        int half = length / 2, step = N / length;
        for (int i = 0; i < N; i += length)
            for (int j = 0; j < half; j++) {
                Complex w = roots[j * step];
                if (inverse)
                    w.im = -w.im;
                Complex u = x[i + j], v = mul(x[i + j + half], w);
                x[i + j] = (Complex){ u.re + v.re, u.im + v.im };
                x[i + j + half] = (Complex){ u.re - v.re, u.im - v.im };
            }
    }
    if (inverse)
        for (int i = 0; i < N; i++) {
            x[i].re /= N;
            x[i].im /= N;
        }
}

int main(void)
{
    for (int i = 0; i < N / 2; i++)
        roots[i] = (Complex){ cos(2 * 3.14159265358979323846 * i / N), sin(2 * 3.14159265358979323846 * i / N) };
    for (int i = 0; i < N; i++)
        x[i] = (Complex){ (i * 37 % 101) / 101.0, 0 };
    double energy = 0;
    for (int round = 0; round < 60; round++) {
        transform(0);
        energy += x[5].re * x[5].re + x[5].im * x[5].im;
        transform(1);
    }
    printf("%.9f %.9f\n", energy, x[123].re);
    return 0;
}
