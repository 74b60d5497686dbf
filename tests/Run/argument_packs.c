/* options: -D_FORTIFY_SOURCE=2 -Wno-cpp */
/* Functions that hand their arguments on, and the C library's checking headers, which are made of such functions. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <syslog.h>
#include <unistd.h>
#include <wchar.h>

struct large { long a[5]; };
struct small { float x, y; };

static void show(const char *kinds, ...)
{
    va_list list;
    va_start(list, kinds);
    for (; *kinds; kinds++) {
        switch (*kinds) {
        case 'i': printf(" %d", va_arg(list, int)); break;
        case 'l': printf(" %ld", va_arg(list, long)); break;
        case 'd': printf(" %g", va_arg(list, double)); break;
        case 'e': printf(" %Lg", va_arg(list, long double)); break;
        case 's': printf(" %s", va_arg(list, char *)); break;
        case 'L': printf(" {%ld}", va_arg(list, struct large).a[4]); break;
        case 'S': { struct small s = va_arg(list, struct small); printf(" {%g %g}", s.x, s.y); break; }
        case 'c': { _Complex double c = va_arg(list, _Complex double); printf(" %g+%gi", __real__ c, __imag__ c); break; }
        }
    }
    printf("\n");
    va_end(list);
}

#define INLINE extern inline __attribute__((always_inline, gnu_inline))

INLINE void forward(const char *kinds, ...)
{
    show(kinds, __builtin_va_arg_pack());
}

INLINE int count(int first, ...)
{
    int before = first;
    for (int i = 0; i < 2; i++) {
        switch (i) {
        case 0: before += __builtin_va_arg_pack_len() * 10; break;
        default: goto done;
        }
    }
done:
    return before;
}

/* Handed on twice, behind an argument of its own. */
INLINE void twice(const char *kinds, ...)
{
    char prefixed[20] = "i";
    strcat(prefixed, kinds);
    show(prefixed, __builtin_va_arg_pack_len(), __builtin_va_arg_pack());
    forward(kinds, __builtin_va_arg_pack());
    static int calls;
    show("i", ++calls);
}

int main(void)
{
    struct large large = { { 1, 2, 3, 4, 5 } };
    struct small small = { 1.5f, 2.5f };
    forward("");
    forward("i", 7);
    forward("iid", 1, 2, 3.5);
    forward("lSLsd", 1L << 40, small, large, "text", 0.25);
    forward("ecdiiiiiii", 1.25L, 2.0 + 3.0i, 9.0, 1, 2, 3, 4, 5, 6, 7);
    twice("i", 5);
    twice("dS", 5.5, small);
    twice("i", 6);
    printf("%d %d %d\n", count(1), count(1, 2.0), count(2, large, small, 3));

    char buffer[32];
    wchar_t wide[8];
    snprintf(buffer, sizeof buffer, "%s-%d", "abc", 42);
    sprintf(buffer + strlen(buffer), "%.2f", 1.5);
    puts(buffer);
    swprintf(wide, 8, L"%d", 123);
    printf("%ls %d\n", wide, dprintf(1, "%c%c\n", 'o', 'k'));
    int file = open("/dev/null", O_RDWR);
    struct pollfd polled = { file, POLLIN, 0 };
    printf("%d %d %zd\n", file >= 0, poll(&polled, 1, 0) >= 0, read(file, buffer, sizeof buffer));
    memset(buffer, 'x', sizeof buffer);
    stpcpy(buffer, "end");
    strncat(buffer, "less", 2);
    puts(buffer);
    char *made;
    if (asprintf(&made, "%s%d", "n", 5) > 0)
        puts(made);
    fprintf(stdout, "%d%%\n", 100);
    return 0;
}
