/* Interpreters: a stack machine with a switch, and the same with computed goto. */
#include <stdio.h>

enum { PUSH, ADD, SUB, MUL, DUP, SWAP, OVER, DROP, LESS, JUMP_IF, JUMP, LOAD, STORE, HALT };

/* sum = 0; i = 0; do { sum = sum * 3 + i; i = i + 1; } while (i < n); */
static const long program[] = {
    PUSH, 0, STORE, 0, PUSH, 0, STORE, 1,
    LOAD, 0, PUSH, 3, MUL, LOAD, 1, ADD, STORE, 0,
    LOAD, 1, PUSH, 1, ADD, DUP, STORE, 1, LOAD, 2, LESS, JUMP_IF, 8,
    LOAD, 0, HALT,
};

static long run_switch(const long *pc, long n)
{
    long stack[64], variables[4] = { 0, 0, n, 0 }, *sp = stack, t;
    const long *start = pc;
    for (;;) {
        switch (*pc++) {
        case PUSH: *sp++ = *pc++; break;
        case ADD: sp--; sp[-1] = (long)((unsigned long)sp[-1] + (unsigned long)*sp); break;
        case SUB: sp--; sp[-1] -= *sp; break;
        case MUL: sp--; sp[-1] = (long)((unsigned long)sp[-1] * (unsigned long)*sp); break;
        case DUP: *sp = sp[-1]; sp++; break;
        case SWAP: t = sp[-1]; sp[-1] = sp[-2]; sp[-2] = t; break;
        case OVER: *sp = sp[-2]; sp++; break;
        case DROP: sp--; break;
        case LESS: sp--; sp[-1] = sp[-1] < *sp; break;
        case JUMP_IF: t = *pc++; if (*--sp) pc = start + t; break;
        case JUMP: pc = start + *pc; break;
        case LOAD: *sp++ = variables[*pc++]; break;
        case STORE: variables[*pc++] = *--sp; break;
        case HALT: return *--sp;
        }
    }
}

static long run_goto(const long *pc, long n)
{
    static const void *const labels[] = {
        &&push, &&add, &&sub, &&mul, &&dup, &&swap, &&over, &&drop, &&less, &&jump_if, &&jump, &&load, &&store, &&halt,
    };
    long stack[64], variables[4] = { 0, 0, n, 0 }, *sp = stack, t;
    const long *start = pc;
#define NEXT goto *labels[*pc++]
    NEXT;
push: *sp++ = *pc++; NEXT;
add: sp--; sp[-1] = (long)((unsigned long)sp[-1] + (unsigned long)*sp); NEXT;
sub: sp--; sp[-1] -= *sp; NEXT;
mul: sp--; sp[-1] = (long)((unsigned long)sp[-1] * (unsigned long)*sp); NEXT;
dup: *sp = sp[-1]; sp++; NEXT;
swap: t = sp[-1]; sp[-1] = sp[-2]; sp[-2] = t; NEXT;
over: *sp = sp[-2]; sp++; NEXT;
drop: sp--; NEXT;
less: sp--; sp[-1] = sp[-1] < *sp; NEXT;
jump_if: t = *pc++; if (*--sp) pc = start + t; NEXT;
jump: pc = start + *pc; NEXT;
load: *sp++ = variables[*pc++]; NEXT;
store: variables[*pc++] = *--sp; NEXT;
halt: return *--sp;
}

int main(void)
{
    printf("%ld %ld\n", run_switch(program, 8000000), run_goto(program, 8000000));
    return 0;
}
