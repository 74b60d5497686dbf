struct pair { double x; long n; };
struct big { int a[10]; };
struct bits { unsigned a : 3; int b : 7; };
struct pair swap(struct pair p, struct big b)
{
    struct pair q = { p.n, (long)p.x + b.a[3] };
    return q;
}
int field(struct bits *p, int v)
{
    p->b = v;
    return p->a + p->b;
}
int sum(int n, ...)
{
    __builtin_va_list ap;
    int total = 0;
    __builtin_va_start(ap, n);
    while (n--)
        total += __builtin_va_arg(ap, int);
    __builtin_va_end(ap);
    return total;
}
