/* Attributes behind a star that say nothing about the pointer belong to what is declared. */
#include <stdio.h>

static void show(char **text) { puts(*text); }

int * __attribute__((aligned(64))) aligned_pointer;
struct s { int x; char * __attribute__((aligned(16))) y; };

int main(void)
{
    char * __attribute__((cleanup(show))) outer = "outer";
    {
        char * __attribute__((cleanup(show))) inner = "inner";
    }
    printf("%d %d\n", (int)((unsigned long)&aligned_pointer % 64), (int)__builtin_offsetof(struct s, y));
}
