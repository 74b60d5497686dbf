// ms_abi behind the star of a result's type is the function's, whether it is declared or pointed to.
#include <stdio.h>

static int cells[4];

static int *__attribute__((ms_abi)) place(long a, long b, long c)
{
    cells[1] = (int)(a * 100 + b * 10 + c);
    return cells + 1;
}

static __attribute__((ms_abi)) int *plain(long a, long b, long c) { return cells + a * 4 - b * c; }

int main(void)
{
    int *__attribute__((ms_abi)) (*f)(long, long, long) = place;
    int *(__attribute__((ms_abi)) * g)(long, long, long) = place;
    printf("%d %d\n", *f(1, 2, 3), *g(4, 5, 6));
    f = plain;
    printf("%d\n", (int)(f(5, 3, 6) - cells));
    return 0;
}
