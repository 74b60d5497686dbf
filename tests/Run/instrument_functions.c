/* options: -finstrument-functions -finstrument-functions-exclude-function-list=silent,quiet */
/* Each entry and exit of an instrumented function is told, with the function's address and the place of its call. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#define NOT_ME __attribute__((no_instrument_function))

static int depth;
static int matched;
static void *sites[16];

static int twice(int a) { return a * 2; }
static int very_silent(int a) { return a + 1; }
static inline __attribute__((always_inline)) int forced(int a) { return a ^ 5; }

static double mixed(double x, int y)
{
    if (y)
        return x + twice(y);
    return x * 2.5;
}

static void leaves(int status) { exit(status); }

int main(void);

NOT_ME static const char *name(void *function)
{
    return function == (void *)twice ? "twice" : function == (void *)mixed ? "mixed" : function == (void *)leaves ? "leaves"
        : function == (void *)main ? "main" : "another";
}

NOT_ME void __cyg_profile_func_enter(void *function, void *site)
{
    sites[depth] = site;
    printf("%*s> %s\n", 2 * depth++, "", name(function));
}

NOT_ME void __cyg_profile_func_exit(void *function, void *site)
{
    matched += sites[--depth] == site;
    printf("%*s< %s\n", 2 * depth, "", name(function));
}

int main(void)
{
    int x = 3;
    printf("%g\n", mixed(1.5, x));
    printf("%g\n", mixed(1.5, 0));
    printf("%d\n", very_silent(x) + forced(x));
    printf("%d\n", matched);
    leaves(0);
    return 1;
}
