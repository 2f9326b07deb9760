/* One client, shared by 64 threads for as long as it is told to, while the server misbehaves in
 * all the ways that it knows and others change settings, clone, cancel and fork. Every answer must
 * be the one that belongs to its request, and nothing may be left behind. */
#define _GNU_SOURCE
#include "measure.h"
#include "server.h"
#include "work.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The length in seconds of the first round, after which all that a process allocates once is there. */
enum { WARM_UP = 1 };

/* What may stay: less than one byte for each request of the shortest run. */
enum { HEAP_ALLOWED = 64 * 1024 };
/* The allocator's own disorder. A leak that the heap does not show would be beyond it. */
enum { RESIDENT_ALLOWED = 16 * 1024 * 1024 };
/* A sanitizer keeps freed memory and books of its own: there, what is resident says nothing. */
#ifdef __has_feature
#define HAS_FEATURE(name) __has_feature(name)
#else
#define HAS_FEATURE(name) 0
#endif
#define IS_SANITIZED (HAS_FEATURE(address_sanitizer) || HAS_FEATURE(thread_sanitizer))
/* The client's connections and their buffers come and go while it lives. */
enum { HEAP_ALLOWED_WHILE_USED = 8 * 1024 * 1024 };

static void rest(double seconds)
{
    time_t whole = (time_t)seconds;
    nanosleep(&(struct timespec){whole, (long)((seconds - (double)whole) * 1e9)}, NULL);
}

/* All threads at work for so long; when this returns, all have ended. */
static void run_for(soak *with, double seconds)
{
    pthread_t threads[WORKERS + 2];
    worker workers[WORKERS];
    atomic_store(&with->ends, false);
    for (unsigned i = 0; i < WORKERS + 2; i++) {
        void *(*run)(void *) = i < WORKERS ? work : i == WORKERS ? cancel_others : fork_children;
        if (i < WORKERS)
            workers[i] = (worker){with, i};
        if (pthread_create(&threads[i], NULL, run, i < WORKERS ? (void *)&workers[i] : with) != 0) {
            perror("pthread_create");
            exit(EXIT_FAILURE);
        }
    }
    rest(seconds);
    atomic_store(&with->ends, true);
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

static long long grown(size_t before, size_t after)
{
    return (long long)after - (long long)before;
}

static void check_freed(soak *with, holdings before, holdings after)
{
    if (grown(before.heap, after.heap) > HEAP_ALLOWED)
        note_fault(with, "memory is left: %zu B on the heap were %zu B", after.heap, before.heap);
    if (!IS_SANITIZED && grown(before.resident, after.resident) > RESIDENT_ALLOWED)
        note_fault(with, "memory is left: %zu B resident were %zu B", after.resident, before.resident);
    if (after.descriptors != before.descriptors)
        note_fault(with, "%d descriptors were %d", after.descriptors, before.descriptors);
    if (after.threads != before.threads)
        note_fault(with, "%d threads were %d", after.threads, before.threads);
}

static sabotage sabotage_named(const char *name)
{
    static const char *const names[] = {"", "wrong-id", "memory", "descriptor", "thread"};
    for (int i = 1; i < 5; i++)
        if (strcmp(name, names[i]) == 0)
            return (sabotage)i;
    fprintf(stderr, "no such sabotage: %s\n", name);
    exit(2);
}

static void summarise(const soak *with, double seconds, holdings before, holdings after)
{
    const tally *done = &with->done;
    printf("soak: %.0f s, %d threads, %lu requests (%lu ok, %lu failed as meant to, of these %lu "
           "cancelled; %lu retried), %lu settings, %lu clones, %lu forks; heap %+lld B, resident "
           "%+lld KiB, descriptors %+d, threads %+d; %lu faults\n",
           seconds, WORKERS, done->requests, done->ok, done->failed_as_meant, done->cancelled,
           done->retried, done->settings, done->clones, done->forks,
           grown(before.heap, after.heap), grown(before.resident, after.resident) / 1024,
           after.descriptors - before.descriptors, after.threads - before.threads, done->faults);
}

int main(int argc, char **argv)
{
    static soak with = {.lock = PTHREAD_MUTEX_INITIALIZER};
    double seconds = argc > 1 ? strtod(argv[1], NULL) : 0;
    server started;
    if (seconds <= 0 || argc > 3) {
        fprintf(stderr, "usage: %s SECONDS [wrong-id|memory|descriptor|thread]\n", argv[0]);
        return 2;
    }
    sabotage by = argc > 2 ? sabotage_named(argv[2]) : NO_SABOTAGE;
    if (!server_start(&started, by == WRONG_ID)) {
        perror("the server does not start");
        return EXIT_FAILURE;
    }
    with.client = new_client(started.url);
    run_for(&with, WARM_UP);
    sac_client_free(with.client);
    holdings before = measure();

    with.by = by;
    with.client = new_client(started.url);
    run_for(&with, seconds / 3);
    holdings used = measure();
    run_for(&with, seconds * 2 / 3);
    holdings used_longer = measure();
    if (grown(used.heap, used_longer.heap) > HEAP_ALLOWED_WHILE_USED)
        note_fault(&with, "the client grows: %zu B on the heap were %zu B", used_longer.heap, used.heap);
    sac_client_free(with.client);
    holdings after = measure();
    check_freed(&with, before, after);

    server_stop(&started);
    summarise(&with, seconds, before, after);
    return with.done.faults == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
