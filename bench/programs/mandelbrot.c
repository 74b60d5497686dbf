/* Floating point: registers only. */
#include <stdio.h>

int main(void)
{
    int inside = 0;
    for (int y = 0; y < 1600; y++) {
        for (int x = 0; x < 1600; x++) {
            double cr = 3.0 * x / 1600 - 2.2, ci = 2.4 * y / 1600 - 1.2, zr = 0, zi = 0;
            int n = 0;
            while (n < 120 && zr * zr + zi * zi < 4) {
                double t = zr * zr - zi * zi + cr;
                zi = 2 * zr * zi + ci;
                zr = t;
                n++;
            }
            inside += n == 120;
        }
    }
    printf("%d\n", inside);
    return 0;
}
