/* The threads of the soak, which share one client. */
#ifndef SOAK_WORKER_H
#define SOAK_WORKER_H

#include <pthread.h>
#include <sac.h>
#include <stdatomic.h>
#include <stdbool.h>

enum { WORKERS = 64 };

/* The number of actions, and of faults. */
typedef struct counters {
    atomic_ulong requests, ok, retried, failed_as_expected, cancelled, clones, settings, forks, faults;
    atomic_ulong streams, left_early;
} counters;

/* A deliberate fault, to show that the soak notices it. */
typedef enum sabotage {
    NO_SABOTAGE,
    WRONG_ID,
    LEAKED_MEMORY,
    LEAKED_DESCRIPTOR,
    LEAKED_THREAD,
    LEAKED_STREAM
} sabotage;

typedef struct soak {
    sac_client *client;
    sabotage sabotage;
    atomic_bool stop;
    atomic_ulong next_id;
    counters done;
    pthread_mutex_t lock; /* protects the cancels */
    sac_cancel *cancels[WORKERS];
} soak;

/* A thread that sends requests. */
typedef struct worker {
    soak *of;
    unsigned number;
} worker;

/* Sends requests of all kinds until the soak ends. The argument is a `worker`. */
void *work(void *worker_argument);

/* Cancels the requests of the workers. The argument is a `soak`. */
void *cancel_others(void *soak_argument);

/* Forks repeatedly. Each child sends its own requests. The argument is a `soak`. */
void *fork_children(void *soak_argument);

enum { ID_SIZE = 32, PATH_SIZE = 64 };

unsigned random_below(unsigned *chance, unsigned below);
void new_id(soak *with, char id[ID_SIZE]);

/* Counts a fault, and prints it. */
void report_fault(soak *with, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
