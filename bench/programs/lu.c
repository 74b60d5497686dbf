/* LU decomposition with partial pivoting, double precision, rows by pointer. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static double **matrix(int n)
{
    double **rows = malloc(n * sizeof *rows);
    for (int i = 0; i < n; i++)
        rows[i] = malloc(n * sizeof **rows);
    return rows;
}

static int decompose(double **a, int *pivot, int n)
{
    for (int k = 0; k < n; k++) {
        int best = k;
        for (int i = k + 1; i < n; i++)
            if (fabs(a[i][k]) > fabs(a[best][k]))
                best = i;
        pivot[k] = best;
        if (a[best][k] == 0)
            return 0;
        if (best != k) {
            double *t = a[k];
            a[k] = a[best];
            a[best] = t;
        }
        for (int i = k + 1; i < n; i++) {
            double factor = a[i][k] /= a[k][k];
            for (int j = k + 1; j < n; j++)
                a[i][j] -= factor * a[k][j];
        }
    }
    return 1;
}

int main(void)
{
    int n = 400, *pivot = malloc(n * sizeof *pivot);
    double **a = matrix(n), total = 0;
    for (int round = 0; round < 10; round++) {
        unsigned seed = 7 + round;
        for (int i = 0; i < n; i++)
            for (int j = 0; j < n; j++) {
                seed = seed * 1103515245 + 12345;
                a[i][j] = (seed >> 16 & 1023) / 64.0 - 8;
            }
        if (decompose(a, pivot, n))
            for (int i = 0; i < n; i++)
                total += log(fabs(a[i][i]));
    }
    printf("%.8f\n", total);
    return 0;
}
