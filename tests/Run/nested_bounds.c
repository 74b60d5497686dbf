/* A nested function reads the bounds of variable length arrays, in a structure and alone, of the function around it. */
#include <stdio.h>

static int measure(int n)
{
    struct s { int head; char body[n]; short tail; };
    long sizes(struct s x) { return x.head + sizeof x; }
    int table[n][n + 1];
    int row(int i) { return sizeof table[i] + table[i][1]; }
    struct s v;
    v.head = 1000;
    table[1][1] = 7;
    return sizes(v) * 1000 + row(1);
}

int main(void)
{
    printf("%d %d\n", measure(3), measure(6));
}
