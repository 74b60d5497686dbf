/* Matrices: single precision, row times column. */
#include <stdio.h>

enum { N = 768 };
static float a[N][N], b[N][N], c[N][N];

int main(void)
{
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            a[i][j] = (float)(i * 3 + j) / N;
            b[i][j] = (float)(i - j * 2) / N;
        }
    for (int i = 0; i < N; i++)
        for (int k = 0; k < N; k++)
            for (int j = 0; j < N; j++)
                c[i][j] += a[i][k] * b[k][j];
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            float sum = 0;
            for (int k = 0; k < N; k++)
                sum += c[i][k] * b[k][j];
            a[i][j] = sum;
        }
    double total = 0;
    for (int i = 0; i < N; i++)
        total += a[i][i];
    printf("%.6g\n", total);
    return 0;
}
