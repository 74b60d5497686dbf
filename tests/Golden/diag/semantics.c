struct s { int a : 3; };
int twice(int x) { return x * 2; }
int main(void)
{
    struct s v = { 9, 1 };
    int *p = &v.a;
    const int c = 1;
    c = 2;
    twice(1, 2);
    return undeclared + v.b;
}
int twice(long x);
