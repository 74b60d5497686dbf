/* options: -D_FORTIFY_SOURCE=2 -Wno-cpp */
/* What inline functions ask of their arguments is answered where they are inlined: sizes of objects, and what is constant. Without
   optimization nothing is checked, and the overflow ends in memory that nothing else uses. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

char text[8], behind[64], room[64], behind_room[64];

static void copy(const char *from)
{
    strcpy(text, from);
}

static void fill(const char *from)
{
    memset(room + 44, 1, strlen(from) * 10);
}

static void print(const char *from)
{
    sprintf(room + 54, "%s", from);
}

/* Whether a function ends the process, in a child. */
static int ends(void (*function)(const char *), const char *from)
{
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        close(2);
        function(from);
        _exit(0);
    }
    int status;
    waitpid(child, &status, 0);
    return WIFSIGNALED(status);
}

static inline __attribute__((always_inline)) int forced(int n)
{
    return __builtin_constant_p(n) ? 100 : 200;
}

static inline int twice(int n)
{
    return forced(n) + (__builtin_constant_p(n + 1) ? 1 : 2);
}

int main(int argc, char **argv)
{
#ifdef __OPTIMIZE__
    const int checks = 1;
#else
    const int checks = 0;
#endif
    const char *longer = argc > 1 ? argv[1] : "longer than eight";
    const char *shorter = argc > 1 ? argv[1] : "x";
    printf("%d %d\n", ends(copy, shorter), ends(copy, longer) == checks);
    printf("%d\n", ends(fill, argc > 1 ? argv[1] : "xx"));
    printf("%d %d\n", ends(print, shorter), ends(print, longer) == checks);
    printf("%d %d\n", forced(argc), (twice(3) == 101) == checks);
    return 0;
}
