/* What this process holds: memory, descriptors, threads. */
#ifndef SOAK_MEASURE_H
#define SOAK_MEASURE_H

#include <stddef.h>

typedef struct holdings {
    size_t heap;     /* bytes allocated and not freed */
    size_t resident; /* bytes of memory in use, after free memory has been given back */
    int descriptors;
    int threads;
} holdings;

holdings measure(void);

#endif
