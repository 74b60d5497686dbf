/*
 * A start object for each of -mpc32, -mpc64 and -mpc80: sets how many bits the x87 rounds results to before main and before other
 * constructors. PRECISION is the field of the control word (Intel SDM volume 1, 8.1.5.2): 0 single, 2 double, 3 double extended.
 */
#ifndef PRECISION
#define PRECISION 3
#endif

static void set_precision(void)
{
    unsigned short control;
    __asm__ volatile("fnstcw %0" : "=m"(control));
    control = (unsigned short)((control & ~0x300) | PRECISION << 8);
    __asm__ volatile("fldcw %0" : : "m"(control));
}

__attribute__((section(".preinit_array"), used)) static void (*const set_precision_entry)(void) = set_precision;
