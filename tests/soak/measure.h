/* The resources of this process: memory, descriptors, threads. */
#ifndef SOAK_MEASURE_H
#define SOAK_MEASURE_H

#include <stddef.h>

typedef struct resources {
    size_t heap;     /* bytes allocated and not freed */
    size_t resident; /* bytes of memory in use, after free memory was returned to the system */
    int descriptors;
    int threads;
} resources;

resources measure(void);

#endif
