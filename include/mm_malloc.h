/* Memory of an alignment. */
#ifndef _MM_MALLOC_H_INCLUDED
#define _MM_MALLOC_H_INCLUDED

#include <stdlib.h>

extern int posix_memalign(void **, size_t, size_t);

__attribute__((__unused__)) static __inline void *_mm_malloc(size_t __size, size_t __alignment)
{
    void *__p;
    if (__alignment == 1)
        return malloc(__size);
    if (__alignment == 2 || (sizeof(void *) == 8 && __alignment == 4))
        __alignment = sizeof(void *);
    return posix_memalign(&__p, __alignment, __size) == 0 ? __p : (void *)0;
}

__attribute__((__unused__)) static __inline void _mm_free(void *__p)
{
    free(__p);
}

#endif
