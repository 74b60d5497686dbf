/*
 * A start object of programs that are linked with -ffast-math: denormal results become zero, and denormal operands count as zero
 * (Intel SDM volume 1, 10.2.3.3 and 10.2.3.4), before main and before other constructors.
 */
static void flush_denormals(void)
{
    unsigned control;
    __asm__ volatile("stmxcsr %0" : "=m"(control));
    control |= 0x8040;
    __asm__ volatile("ldmxcsr %0" : : "m"(control));
}

__attribute__((section(".preinit_array"), used)) static void (*const flush_denormals_entry)(void) = flush_denormals;
