/* Integers: neighbours in a grid of bytes. */
#include <stdio.h>
#include <string.h>

enum { W = 512, H = 512 };
static unsigned char grid[2][H + 2][W + 2];

int main(void)
{
    unsigned state = 42;
    for (int y = 1; y <= H; y++)
        for (int x = 1; x <= W; x++)
            grid[0][y][x] = (state = state * 1664525 + 1013904223) >> 30 == 0;
    int now = 0, alive = 0;
    for (int round = 0; round < 200; round++, now ^= 1) {
        unsigned char(*from)[W + 2] = grid[now], (*to)[W + 2] = grid[now ^ 1];
        for (int y = 1; y <= H; y++)
            for (int x = 1; x <= W; x++) {
                int n = from[y - 1][x - 1] + from[y - 1][x] + from[y - 1][x + 1] + from[y][x - 1] + from[y][x + 1]
                    + from[y + 1][x - 1] + from[y + 1][x] + from[y + 1][x + 1];
                to[y][x] = n == 3 || (n == 2 && from[y][x]);
            }
    }
    for (int y = 1; y <= H; y++)
        for (int x = 1; x <= W; x++)
            alive += grid[now][y][x];
    printf("%d\n", alive);
    return 0;
}
