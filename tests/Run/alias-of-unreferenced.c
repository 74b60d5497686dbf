// A static variable that only an alias at the end refers to is made; what a static initializer in it names as well.
#include <stdio.h>

static int seven(void) { return 7; }
static int dummy = 5;
extern __typeof(dummy) flag __attribute__((weak, alias("dummy")));
static int (*table[])(void) = { seven };
extern int (*vectors[1])(void) __attribute__((alias("table")));

int main(void)
{
    printf("%d %d\n", flag, vectors[0]());
    return 0;
}
