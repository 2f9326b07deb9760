/* Loaded with LD_PRELOAD: counts the calls of malloc, calloc, realloc, aligned_alloc and posix_memalign, and prints the
 * number on standard error at exit. */
#define _GNU_SOURCE

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

static atomic_long count;

/* glibc's functions, by their internal names. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

void *malloc(size_t size)
{
    atomic_fetch_add(&count, 1);
    return __libc_malloc(size);
}

void *calloc(size_t number, size_t size)
{
    atomic_fetch_add(&count, 1);
    return __libc_calloc(number, size);
}

void *realloc(void *block, size_t size)
{
    atomic_fetch_add(&count, 1);
    return __libc_realloc(block, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    atomic_fetch_add(&count, 1);
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
    *out = aligned_alloc(alignment, size);
    return *out == NULL ? 12 : 0;
}

__attribute__((destructor)) static void report(void)
{
    fprintf(stderr, "allocations %ld\n", atomic_load(&count));
}
