/* What the threads of the soak do with the client that they share. */
#ifndef SOAK_WORK_H
#define SOAK_WORK_H

#include <pthread.h>
#include <sac.h>
#include <stdatomic.h>
#include <stdbool.h>

enum { WORKERS = 64 };

/* What has been done, and how many times it was not as it should be. */
typedef struct tally {
    atomic_ulong requests, ok, retried, failed_as_meant, cancelled, clones, settings, forks, faults;
} tally;

/* What goes wrong on purpose, so that the soak can be seen to notice. */
typedef enum sabotage { NO_SABOTAGE, WRONG_ID, LEAKED_MEMORY, LEAKED_DESCRIPTOR, LEAKED_THREAD } sabotage;

typedef struct soak {
    sac_client *client;
    sabotage by;
    atomic_bool ends;
    atomic_ulong next_id;
    tally done;
    pthread_mutex_t lock; /* over the cancels */
    sac_cancel *cancels[WORKERS];
} soak;

/* Sends requests of all kinds until the soak ends; the argument is a `worker`. */
typedef struct worker {
    soak *of;
    unsigned number;
} worker;

void *work(void *worker_argument);

/* Cancels the requests of others; the argument is a `soak`. */
void *cancel_others(void *soak_argument);

/* Forks again and again; each child sends requests of its own. The argument is a `soak`. */
void *fork_children(void *soak_argument);

/* Notes that something is wrong, and says what. */
void note_fault(soak *with, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
