/* options: -fstack-protector-strong */
/* A function whose frame is overrun ends the program before it returns; others go on. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static __attribute__((noinline)) int copy(const char *text, volatile int length)
{
    char room[16];
    memcpy(room, text, length);
    return room[3];
}

int main(void)
{
    char text[64];
    memset(text, 'x', sizeof text);
    printf("%c\n", copy(text, 16));
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        close(2);
        _exit(copy(text, 48));
    }
    int status = 0;
    waitpid(child, &status, 0);
    puts(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT ? "stopped" : "not noticed");
}
