// Operands of typeof and sizeof of variable types are evaluated once; alloca outlives a scope with variable length arrays.
#include <stdio.h>

static int keeps(int n)
{
    char *p;
    if (n) {
        char v[n];
        v[0] = 2;
        p = __builtin_alloca(8);
        p[0] = v[0] - 1;
    }
    char *q = __builtin_alloca(64);
    __builtin_memset(q, 0, 64);
    return p[0];
}

int main(void)
{
    char a[1];
    int i = 0, j = 0, n = 3;
    int size = sizeof(typeof(*(++i, (char (*)[i])a)));
    (void)(typeof((int (*)[(j = ++i)])0))a;
    int inner = sizeof(typeof(*({ n = 10; struct { int x[n]; } x; &x; })));
    printf("%d %d %d %d %d\n", size, i, j, inner, keeps(48));
}
