/* Functions with attributes const and pure whose results are returned in memory. */
#include <stdio.h>

struct large { long a[4]; };

__attribute__((const, noinline)) static struct large make(long x)
{
    return (struct large){ { x, x + 1, x + 2, x + 3 } };
}

static long table[4] = { 5, 6, 7, 8 };

__attribute__((pure, noinline)) static struct large read(int i)
{
    return (struct large){ { table[i], i, 0, table[3] } };
}

int main(void)
{
    struct large a = make(1), b = make(1), c = read(1);
    table[1] = 60;
    struct large d = read(1);
    printf("%ld %ld %ld %ld %ld %ld\n", a.a[3], b.a[0], c.a[0], c.a[3], d.a[0], make(9).a[2]);
    return 0;
}
