// Ranges in designators of more than one part: what follows belongs to the last element; parts of strings and flexible members.
#include <stdio.h>

int a[4][4] = { [0 ... 2][1 ... 2] = 7, 8, 9 };
struct S { struct { int p; struct { int q[3]; }; }; int z; };
struct S s[3] = { [0 ... 1].q[0 ... 1] = 3, 4, 5, [2].p = 1, 2, 3 };
struct T { int a; char b[]; };
struct T t = { .a = 1, .b = "abcd", .b[0] = '2' };
struct T u = { .a = 1, .b[2] = 'c', .b[1] = 'x', .b[0] = 'a', .b[1] = 'b' };

int main(void)
{
    int l[4][4] = { [0 ... 2][1 ... 2] = 7, 8, 9 };
    struct S m[3] = { [0 ... 1].q[0 ... 1] = 3, 4, 5, [2].p = 1, 2, 3 };
    for (int i = 0; i < 16; i++)
        printf("%d%d ", (&a[0][0])[i], (&l[0][0])[i]);
    puts("");
    for (unsigned i = 0; i < sizeof s / sizeof(int); i++)
        printf("%d%d ", ((int *)s)[i], ((int *)m)[i]);
    printf("\n%s %.3s\n", t.b, u.b);
}
