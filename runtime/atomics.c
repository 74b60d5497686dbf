/*
 * Atomic operations on objects that no instruction covers (libatomic's interface): a small table of locks by address; and the 16-byte
 * ones. Weak, so that libatomic itself takes their place where a program links it.
 */
#include "kiln_runtime.h"
#include <stddef.h>

#define LOCKS 64
#define WEAK __attribute__((weak))

static unsigned char locks[LOCKS];

static unsigned char *acquire(const volatile void *object)
{
    unsigned char *lock = &locks[((size_t)object >> 4) % LOCKS];
    while (__atomic_exchange_n(lock, 1, __ATOMIC_ACQUIRE))
        ;
    return lock;
}

static void release(unsigned char *lock)
{
    __atomic_store_n(lock, 0, __ATOMIC_RELEASE);
}

static void copy(volatile void *to, const volatile void *from, size_t size)
{
    volatile char *out = to;
    const volatile char *in = from;
    while (size--)
        *out++ = *in++;
}

static int equal(const volatile void *left, const volatile void *right, size_t size)
{
    const volatile char *a = left, *b = right;
    while (size--) {
        if (*a++ != *b++)
            return 0;
    }
    return 1;
}

/* The generic names are builtins to compilers, so they get their names in the assembler. */
WEAK void generic_load(size_t size, const volatile void *object, void *result, int order) __asm__("__atomic_load");
WEAK void generic_store(size_t size, volatile void *object, void *value, int order) __asm__("__atomic_store");
WEAK void generic_exchange(size_t size, volatile void *object, void *value, void *result, int order) __asm__("__atomic_exchange");
WEAK _Bool generic_compare_exchange(size_t size, volatile void *object, void *expected, void *desired, int success, int failure)
    __asm__("__atomic_compare_exchange");
WEAK _Bool generic_is_lock_free(size_t size, const volatile void *object) __asm__("__atomic_is_lock_free");

void generic_load(size_t size, const volatile void *object, void *result, int order)
{
    (void)order;
    unsigned char *lock = acquire(object);
    copy(result, object, size);
    release(lock);
}

void generic_store(size_t size, volatile void *object, void *value, int order)
{
    (void)order;
    unsigned char *lock = acquire(object);
    copy(object, value, size);
    release(lock);
}

void generic_exchange(size_t size, volatile void *object, void *value, void *result, int order)
{
    (void)order;
    unsigned char *lock = acquire(object);
    copy(result, object, size);
    copy(object, value, size);
    release(lock);
}

_Bool generic_compare_exchange(size_t size, volatile void *object, void *expected, void *desired, int success, int failure)
{
    (void)success;
    (void)failure;
    unsigned char *lock = acquire(object);
    _Bool same = equal(object, expected, size);
    if (same)
        copy(object, desired, size);
    else
        copy(expected, object, size);
    release(lock);
    return same;
}

_Bool generic_is_lock_free(size_t size, const volatile void *object)
{
    return (size == 1 || size == 2 || size == 4 || size == 8) && (size_t)object % size == 0;
}

/* 16 bytes, under the locks. */
#define OPERATION(name, expression, fetch_name) \
    WEAK uti name##_function(volatile void *object, uti value, int order) __asm__(#fetch_name); \
    uti name##_function(volatile void *object, uti value, int order) \
    { \
        (void)order; \
        unsigned char *lock = acquire(object); \
        uti old = *(volatile uti *)object; \
        *(volatile uti *)object = expression; \
        release(lock); \
        return old; \
    }

OPERATION(exchange, value, __atomic_exchange_16)
OPERATION(fetch_add, old + value, __atomic_fetch_add_16)
OPERATION(fetch_sub, old - value, __atomic_fetch_sub_16)
OPERATION(fetch_and, old & value, __atomic_fetch_and_16)
OPERATION(fetch_or, old | value, __atomic_fetch_or_16)
OPERATION(fetch_xor, old ^ value, __atomic_fetch_xor_16)
OPERATION(fetch_nand, ~(old & value), __atomic_fetch_nand_16)

WEAK uti load_16(const volatile void *object, int order) __asm__("__atomic_load_16");
WEAK void store_16(volatile void *object, uti value, int order) __asm__("__atomic_store_16");
WEAK _Bool compare_exchange_16(volatile void *object, void *expected, uti desired, int success, int failure)
    __asm__("__atomic_compare_exchange_16");

uti load_16(const volatile void *object, int order)
{
    (void)order;
    unsigned char *lock = acquire(object);
    uti value = *(const volatile uti *)object;
    release(lock);
    return value;
}

void store_16(volatile void *object, uti value, int order)
{
    (void)order;
    unsigned char *lock = acquire(object);
    *(volatile uti *)object = value;
    release(lock);
}

_Bool compare_exchange_16(volatile void *object, void *expected, uti desired, int success, int failure)
{
    return generic_compare_exchange(16, object, expected, &desired, success, failure);
}

/* The functions behind the macros of <stdatomic.h> (C17 7.17.4, 7.17.8); a flag is a byte. */
WEAK void atomic_thread_fence(int order);
WEAK void atomic_signal_fence(int order);
WEAK _Bool atomic_flag_test_and_set(volatile void *flag);
WEAK _Bool atomic_flag_test_and_set_explicit(volatile void *flag, int order);
WEAK void atomic_flag_clear(volatile void *flag);
WEAK void atomic_flag_clear_explicit(volatile void *flag, int order);

void atomic_thread_fence(int order)
{
    (void)order;
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

void atomic_signal_fence(int order)
{
    (void)order;
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
}

_Bool atomic_flag_test_and_set(volatile void *flag)
{
    return __atomic_test_and_set(flag, __ATOMIC_SEQ_CST);
}

_Bool atomic_flag_test_and_set_explicit(volatile void *flag, int order)
{
    (void)order;
    return __atomic_test_and_set(flag, __ATOMIC_SEQ_CST);
}

void atomic_flag_clear(volatile void *flag)
{
    __atomic_clear(flag, __ATOMIC_SEQ_CST);
}

void atomic_flag_clear_explicit(volatile void *flag, int order)
{
    (void)order;
    __atomic_clear(flag, __ATOMIC_SEQ_CST);
}
