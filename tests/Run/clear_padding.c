// __builtin_clear_padding in records, unions, bit-fields, long double and arrays.
#include <stdio.h>
#include <string.h>

struct S { char a; long b; int c : 3; int d : 9; struct { char x; short y; } q[2]; union { char c; short s; } u; };
struct L { long double x; char y; };

static void show(const void *object, int size)
{
    for (int i = 0; i < size; i++)
        printf("%02x", ((const unsigned char *)object)[i]);
    puts("");
}

static void variable(int n)
{
    struct { char c; int i; } v[n][2];
    memset(v, 0xff, sizeof v);
    __builtin_clear_padding(&v);
    show(v, sizeof v);
}

int main(void)
{
    struct S s;
    struct L l;
    memset(&s, 0xff, sizeof s);
    memset(&l, 0xff, sizeof l);
    __builtin_clear_padding(&s);
    __builtin_clear_padding(&l);
    show(&s, sizeof s);
    show(&l, sizeof l);
    variable(2);
}
