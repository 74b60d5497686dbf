/* A weak reference whose target an alias attribute names, and a builtin's name declared without parameters. */
#include <stdio.h>

int target(void) { return 7; }
static int reference(void) __attribute__((weakref, alias("target")));
static int missing(void) __attribute__((weakref("nowhere")));
void *alloca();

int main(void)
{
    printf("%d %d\n", reference(), missing == 0);
    char *p = alloca(10UL);
    p[9] = 3;
    printf("%d\n", p[9]);
    return 0;
}
