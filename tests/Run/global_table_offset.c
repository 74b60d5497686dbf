/* options: -fPIC */
// A place inside an object that the global offset table names, kept across calls in a register: made again with its offset.
#include <stdio.h>

struct Part { struct Part *next; long value; long words[20]; };
struct Whole { long head, kept; struct Part part; };

struct Whole whole = { 0, 0, { 0, 7, { 0 } } };

__attribute__((noinline)) void touch(void *p) { __asm__ volatile("" : : "r"(p) : "memory"); }
__attribute__((noinline)) struct Part *other(void) { return 0; }

__attribute__((noinline)) struct Part *start(void)
{
    touch(0);
    struct Part *p;
    if (!whole.head) {
        p = &whole.part;
        whole.kept = (long)p;
    } else {
        p = other();
        if (!p)
            return 0;
    }
    whole.head = (long)p;
    if (p->value)
        touch(p);
    p->words[3] = 4;
    touch(p);
    touch(&whole);
    return p;
}

int main(void)
{
    struct Part *p = start();
    printf("%d %d %ld %ld\n", p == &whole.part, whole.head == whole.kept, p->value, whole.part.words[3]);
    return 0;
}
