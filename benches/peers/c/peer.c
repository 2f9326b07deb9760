#define _POSIX_C_SOURCE 200809L

#include "peer.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The threads wait for the start of a round, and main waits for its end. */
static pthread_barrier_t round_begins, round_ends;
static long calls_each;

void peer_fail(const char *what)
{
    fprintf(stderr, "%s\n", what);
    exit(1);
}

void peer_check(const struct peer_plan *plan, long status, size_t bytes, const char *value)
{
    if (status != 200 || bytes != plan->bytes) {
        fprintf(stderr, "%s: status %ld with %zu bytes\n", plan->path, status, bytes);
        exit(1);
    }
    if (plan->mode == PEER_VALUE && (value == NULL || strcmp(value, "Ada Lovelace") != 0))
        peer_fail("the value in the JSON is wrong");
}

void peer_check_sum(double sum, double expected)
{
    double difference = sum - expected;
    if (expected <= 0 || difference > 0.001 || difference < -0.001)
        peer_fail("the sum of the values in the JSON is wrong");
}

static void call_many(const struct peer_plan *plan, void *own, long calls)
{
    for (long i = 0; i < calls; i++)
        peer_call(plan, own);
}

/* A round without calls is the last one. */
static void *work(void *argument)
{
    const struct peer_plan *plan = argument;
    void *own = peer_open(plan);
    for (;;) {
        pthread_barrier_wait(&round_begins);
        if (calls_each == 0)
            break;
        call_many(plan, own, calls_each);
        pthread_barrier_wait(&round_ends);
    }
    peer_close(own);
    return NULL;
}

/* 0 at the end of the input. */
static long read_count(void)
{
    char line[32];
    if (fgets(line, sizeof line, stdin) == NULL)
        return 0;
    long count = strtol(line, NULL, 10);
    if (count <= 0)
        peer_fail("a line of standard input is not a number of calls");
    return count;
}

static void say_done(void)
{
    puts("done");
    fflush(stdout);
}

static void run_on_main(const struct peer_plan *plan)
{
    void *own = peer_open(plan);
    for (long count; (count = read_count()) != 0;) {
        call_many(plan, own, count);
        say_done();
    }
    peer_close(own);
}

static void run_on_threads(struct peer_plan *plan)
{
    unsigned parties = (unsigned)plan->threads + 1;
    pthread_t *threads = calloc((size_t)plan->threads, sizeof *threads);
    if (threads == NULL || pthread_barrier_init(&round_begins, NULL, parties) != 0 ||
        pthread_barrier_init(&round_ends, NULL, parties) != 0)
        peer_fail("no barrier");
    for (int i = 0; i < plan->threads; i++)
        if (pthread_create(&threads[i], NULL, work, plan) != 0)
            peer_fail("no thread");
    for (long count; (count = read_count()) != 0;) {
        calls_each = (count + plan->threads - 1) / plan->threads;
        pthread_barrier_wait(&round_begins);
        pthread_barrier_wait(&round_ends);
        say_done();
    }
    calls_each = 0;
    pthread_barrier_wait(&round_begins);
    for (int i = 0; i < plan->threads; i++)
        pthread_join(threads[i], NULL);
    free(threads);
}

static enum peer_mode parse_mode(const char *text)
{
    if (strcmp(text, "binary") == 0)
        return PEER_BINARY;
    if (strcmp(text, "walk") == 0)
        return PEER_WALK;
    return strcmp(text, "value") == 0 ? PEER_VALUE : PEER_JSON;
}

int main(int argc, char **argv)
{
    if (argc != 6)
        peer_fail("usage: CLIENT BASE_URL PATH BYTES binary|json|value|walk THREADS");
    struct peer_plan plan = {argv[1], argv[2], strtoul(argv[3], NULL, 10), parse_mode(argv[4]), atoi(argv[5])};
    peer_start(&plan);
    if (plan.threads <= 1)
        run_on_main(&plan);
    else
        run_on_threads(&plan);
    peer_stop();
    return 0;
}
