/* 64 threads share one client for the given time, while the server misbehaves in every way, and other
 * threads change settings, clone, cancel and fork. Every response must belong to its request, and no
 * resource may remain. */
#define _GNU_SOURCE
#include "measure.h"
#include "server.h"
#include "streams.h"
#include "worker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The seconds of the first round, in which the process makes its one-time allocations. */
enum { WARM_UP = 1 };

/* The bytes that may remain: less than one for each request of the shortest run. */
enum { HEAP_ALLOWED = 64 * 1024 };
/* The fragmentation of the allocator. A leak outside the heap would be larger. */
enum { RESIDENT_ALLOWED = 16 * 1024 * 1024 };
/* A sanitizer keeps freed memory and its own data, so the resident memory means nothing there. */
#ifdef __has_feature
#define HAS_FEATURE(name) __has_feature(name)
#else
#define HAS_FEATURE(name) 0
#endif
#define IS_SANITIZED (HAS_FEATURE(address_sanitizer) || HAS_FEATURE(thread_sanitizer))
/* The memory for connections and their buffers, which changes while the client is used. */
enum { HEAP_ALLOWED_WHILE_USED = 8 * 1024 * 1024 };

static void sleep_for(double seconds)
{
    time_t full_seconds = (time_t)seconds;
    nanosleep(&(struct timespec){full_seconds, (long)((seconds - (double)full_seconds) * 1e9)}, NULL);
}

static void start_thread(pthread_t *thread, void *(*run)(void *), void *argument)
{
    if (pthread_create(thread, NULL, run, argument) != 0) {
        perror("pthread_create");
        exit(EXIT_FAILURE);
    }
}

/* Runs all threads for this time, and waits until they have ended. */
static void run_for(soak *with, double seconds)
{
    pthread_t threads[WORKERS + 2];
    worker workers[WORKERS];
    atomic_store(&with->stop, false);
    for (unsigned i = 0; i < WORKERS + 2; i++) {
        void *(*run)(void *) = i < WORKERS ? work : i == WORKERS ? cancel_others : fork_children;
        if (i < WORKERS)
            workers[i] = (worker){with, i};
        start_thread(&threads[i], run, i < WORKERS ? (void *)&workers[i] : with);
    }
    sleep_for(seconds);
    atomic_store(&with->stop, true);
    for (unsigned i = 0; i < WORKERS + 2; i++)
        pthread_join(threads[i], NULL);
}

static sac_client *new_client(const char *url)
{
    sac_client *client = NULL;
    sac_code code = sac_client_new(url, &client);
    code = code ? code : sac_set_timeout_ms(client, 60000);
    code = code ? code : sac_set_proxy(client, "");
    if (code != SAC_OK) {
        fprintf(stderr, "%s: %s\n", url, sac_code_name(code));
        exit(EXIT_FAILURE);
    }
    return client;
}

static long long growth(size_t before, size_t after)
{
    return (long long)after - (long long)before;
}

static void check_freed(soak *with, resources before, resources after)
{
    if (growth(before.heap, after.heap) > HEAP_ALLOWED)
        report_fault(with, "memory was not freed: the heap has %zu B instead of %zu B", after.heap,
                     before.heap);
    if (!IS_SANITIZED && growth(before.resident, after.resident) > RESIDENT_ALLOWED)
        report_fault(with, "memory was not freed: %zu B are resident instead of %zu B",
                     after.resident, before.resident);
    if (after.descriptors != before.descriptors)
        report_fault(with, "descriptors were not closed: %d instead of %d", after.descriptors,
                     before.descriptors);
    if (after.threads != before.threads)
        report_fault(with, "threads did not end: %d instead of %d", after.threads,
                     before.threads);
}

static sabotage sabotage_named(const char *name)
{
    static const char *const names[] = {"", "wrong-id", "memory", "descriptor", "thread", "stream"};
    for (int i = 1; i < (int)(sizeof names / sizeof *names); i++)
        if (strcmp(name, names[i]) == 0)
            return (sabotage)i;
    fprintf(stderr, "unknown sabotage: %s\n", name);
    exit(2);
}

static void summarise(const soak *with, double seconds, resources before, resources after)
{
    const counters *done = &with->done;
    printf("soak: %.0f s, %d threads, %lu requests (%lu ok, %lu failed as expected, of these %lu "
           "cancelled; %lu retried), %lu streams (%lu left early), %lu settings, %lu clones, %lu forks; heap %+lld B, resident "
           "%+lld KiB, descriptors %+d, threads %+d; %lu faults\n",
           seconds, WORKERS, done->requests, done->ok, done->failed_as_expected, done->cancelled,
           done->retried, done->streams, done->left_early, done->settings, done->clones, done->forks,
           growth(before.heap, after.heap), growth(before.resident, after.resident) / 1024,
           after.descriptors - before.descriptors, after.threads - before.threads, done->faults);
}

int main(int argc, char **argv)
{
    static soak with = {.lock = PTHREAD_MUTEX_INITIALIZER};
    double seconds = argc > 1 ? strtod(argv[1], NULL) : 0;
    server started;
    pthread_t holder;
    if (seconds <= 0 || argc > 3) {
        fprintf(stderr, "usage: %s SECONDS [wrong-id|memory|descriptor|thread|stream]\n", argv[0]);
        return 2;
    }
    sabotage fault = argc > 2 ? sabotage_named(argv[2]) : NO_SABOTAGE;
    allow_descriptors();
    if (!server_start(&started, fault == WRONG_ID)) {
        perror("the server does not start");
        return EXIT_FAILURE;
    }
    with.client = new_client(started.url);
    run_for(&with, WARM_UP);
    sac_client_free(with.client);
    resources before = measure();

    with.sabotage = fault;
    with.client = new_client(started.url);
    /* In a thread of its own, whose end returns what the allocator keeps for it. */
    start_thread(&holder, hold_streams, &with);
    pthread_join(holder, NULL);
    sac_client_free(with.client);
    check_freed(&with, before, measure());

    with.client = new_client(started.url);
    run_for(&with, seconds / 3);
    resources used = measure();
    run_for(&with, seconds * 2 / 3);
    resources used_longer = measure();
    if (growth(used.heap, used_longer.heap) > HEAP_ALLOWED_WHILE_USED)
        report_fault(&with, "the client grows: the heap has %zu B instead of %zu B",
                     used_longer.heap, used.heap);
    sac_client_free(with.client);
    resources after = measure();
    check_freed(&with, before, after);

    server_stop(&started);
    summarise(&with, seconds, before, after);
    return with.done.faults == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
