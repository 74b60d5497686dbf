/*
 * Comes first among an executable's or library's objects: the handle that __cxa_atexit knows the module by, and the calls that end
 * it. Constructors and destructors run from .init_array and .fini_array; .ctors and .dtors are the linker's to turn into them.
 *
 * SHARED: for shared libraries and position-independent executables.
 */
#ifdef SHARED
void *__dso_handle __attribute__((visibility("hidden"))) = &__dso_handle;
extern void __cxa_finalize(void *) __attribute__((weak));
#else
void *__dso_handle __attribute__((visibility("hidden"))) = 0;
#endif

/* Transactional memory's table of clones: empty, but named by objects that other compilers made. */
__attribute__((section(".tm_clone_table"), used, aligned(8))) static void *const tm_clone_start[0];

static void finish(void)
{
    static char is_done;
    if (is_done)
        return;
    is_done = 1;
#ifdef SHARED
    if (__cxa_finalize)
        __cxa_finalize(__dso_handle);
#endif
}

__attribute__((section(".fini_array"), used)) static void (*const finish_entry)(void) = finish;
