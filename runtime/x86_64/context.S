/*
 * The unwinder's entry points: each saves the registers of its caller by DWARF number (System V ABI, AMD64, figure 3.36) and calls its
 * C part with the address of that block as a further argument. Loading a state is the way back.
 */

/* The block: 17 words; 16 holds the return address. Only what the ABI preserves matters, and the two data registers. */
#define SAVE_STATE(target, last) \
    subq $(17 * 8), %rsp; \
    .cfi_adjust_cfa_offset 17 * 8; \
    movq %rax, 0(%rsp); \
    movq %rdx, 8(%rsp); \
    movq %rcx, 16(%rsp); \
    movq %rbx, 24(%rsp); \
    movq %rsi, 32(%rsp); \
    movq %rdi, 40(%rsp); \
    movq %rbp, 48(%rsp); \
    leaq 18 * 8(%rsp), %rax; \
    movq %rax, 56(%rsp); \
    movq %r8, 64(%rsp); \
    movq %r9, 72(%rsp); \
    movq %r10, 80(%rsp); \
    movq %r11, 88(%rsp); \
    movq %r12, 96(%rsp); \
    movq %r13, 104(%rsp); \
    movq %r14, 112(%rsp); \
    movq %r15, 120(%rsp); \
    movq 17 * 8(%rsp), %rax; \
    movq %rax, 128(%rsp); \
    movq %rsp, last; \
    call target; \
    addq $(17 * 8), %rsp; \
    .cfi_adjust_cfa_offset -17 * 8; \
    ret

#define ENTRY(name, target, last) \
    .globl name; \
    .type name, @function; \
    .p2align 4; \
name: \
    .cfi_startproc; \
    SAVE_STATE(target, last); \
    .cfi_endproc; \
    .size name, . - name

    .text
ENTRY(_Unwind_RaiseException, __kiln_raise, %rsi)
ENTRY(_Unwind_ForcedUnwind, __kiln_forced, %rcx)
ENTRY(_Unwind_Resume, __kiln_resume, %rsi)
ENTRY(_Unwind_Resume_or_Rethrow, __kiln_rethrow, %rsi)
ENTRY(_Unwind_Backtrace, __kiln_backtrace, %rdx)

/* void __kiln_load_state(const struct machine_state *): takes over the registers and jumps to the return address. */
    .globl __kiln_load_state
    .hidden __kiln_load_state
    .type __kiln_load_state, @function
    .p2align 4
__kiln_load_state:
    movq 0(%rdi), %rax
    movq 8(%rdi), %rdx
    movq 24(%rdi), %rbx
    movq 48(%rdi), %rbp
    movq 96(%rdi), %r12
    movq 104(%rdi), %r13
    movq 112(%rdi), %r14
    movq 120(%rdi), %r15
    movq 56(%rdi), %rsp
    jmpq *128(%rdi)
    .size __kiln_load_state, . - __kiln_load_state

    .section .note.GNU-stack, "", @progbits
