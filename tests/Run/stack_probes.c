/* options: -fstack-clash-protection */
/* No write leaps over the guard page: a frame larger than the room that is left ends in a fault just below the stack. */
#define _GNU_SOURCE
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static sigjmp_buf out;
static char *volatile lowest; /* of the thread's stack */
static char *volatile fault;
static char *below; /* mapped memory behind the guard page */

static void handler(int number, siginfo_t *info, void *context)
{
    (void)number;
    (void)context;
    fault = info->si_addr;
    siglongjmp(out, 1);
}

__attribute__((noinline)) static void use(char *p)
{
    *(volatile char *)p = 1;
}

__attribute__((noinline)) static int small(void) { char a[3000]; use(a); return a[0]; }
__attribute__((noinline)) static int pages(void) { char a[10000]; use(a + 9000); return a[9000]; }
__attribute__((noinline)) static int loop(void) { char a[70000]; use(a + 1); return a[1]; }
__attribute__((noinline)) static int large(void) { char a[1 << 20]; use(a); return a[0]; }
__attribute__((noinline)) static int dynamic(int n) { char a[n]; use(a); return a[0]; }
__attribute__((noinline)) static int aligned(void) { _Alignas(64) char a[20000]; use(a); return a[0] + (int)((unsigned long)a % 64); }

static int try(int which)
{
    fault = 0;
    if (sigsetjmp(out, 1))
        return -1;
    return which == 0 ? large() : dynamic(1 << 20);
}

static void *thread(void *unused)
{
    (void)unused;
    char alternate[16384];
    stack_t stack = { .ss_sp = alternate, .ss_size = sizeof alternate };
    sigaltstack(&stack, 0);
    struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_ONSTACK };
    sigaction(SIGSEGV, &action, 0);
    for (int which = 0; which < 2; which++) {
        int result = try(which);
        printf("%d %s %d\n", result, fault >= lowest - 4096 && fault < lowest ? "in the guard page" : "elsewhere", below[100]);
    }
    return 0;
}

int main(void)
{
    printf("%d %d %d %d %d %d %d\n", small(), pages(), loop(), dynamic(100), dynamic(50000), dynamic(0x8001), aligned());
    size_t size = 256 << 10;
    char *area = mmap(0, size * 8, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    below = area;
    lowest = area + size * 7;
    mprotect(lowest - 4096, 4096, PROT_NONE);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstack(&attributes, lowest, size);
    pthread_t id;
    if (pthread_create(&id, &attributes, thread, 0))
        abort();
    pthread_join(id, 0);
    return 0;
}
