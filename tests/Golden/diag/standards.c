/* options: -std=c90 -pedantic */
struct flexible { int count; int items[]; };
struct unnamed { int a; struct { int b; }; };
_Thread_local int apart;
_Static_assert(1, "true");
static int missing(void);
int f(int n)
{
    const const int twice = 1;
    __extension__ long long quiet = 1;
    n++;
    int late = n;
    switch (n)
    {
    case _Alignof(int):
        return missing();
    }
    return late + twice + (int)quiet + __func__[0];
}
long long wide;
