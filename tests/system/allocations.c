/* The allocations of a call, and the memory of connections: busy, after large bodies, and idle. The
 * limits are the current values with a small margin: an additional allocation is noticed. */
#define _GNU_SOURCE
#include "check.h"
#include "server.h"

#include <malloc.h>

enum { WARM_UP = 50, CALLS = 200, THREADS = 64 };

/* Allocations of a GET whose response has two header fields and is freed. */
enum { MAX_PER_CALL = 8, MAX_PER_LARGE_CALL = 9 };

/* The growth that buffers may have. */
static const long NO_LEAK = 64L * 1024;

/* The memory of 64 connections: at most 4 MiB with running requests, and at most 32 KiB for each
 * idle connection, after bodies of any size. */
static const long MAX_BUSY = 4L << 20, MAX_IDLE = 64L * 32 * 1024;

/* Every allocation of the process uses these functions, also those of the library. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *pointer, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *pointer);

static long allocations, bytes_in_use;

static void *count_allocation(void *pointer)
{
    __atomic_add_fetch(&allocations, 1, __ATOMIC_RELAXED);
    __atomic_add_fetch(&bytes_in_use, (long)malloc_usable_size(pointer), __ATOMIC_RELAXED);
    return pointer;
}

static void count_free(void *pointer)
{
    __atomic_sub_fetch(&bytes_in_use, (long)malloc_usable_size(pointer), __ATOMIC_RELAXED);
}

void *malloc(size_t size)
{
    return count_allocation(__libc_malloc(size));
}

void *calloc(size_t count, size_t size)
{
    return count_allocation(__libc_calloc(count, size));
}

void *realloc(void *pointer, size_t size)
{
    count_free(pointer);
    return count_allocation(__libc_realloc(pointer, size));
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return count_allocation(__libc_memalign(alignment, size));
}

int posix_memalign(void **pointer, size_t alignment, size_t size)
{
    *pointer = aligned_alloc(alignment, size);
    return *pointer ? 0 : 12;
}

void free(void *pointer)
{
    count_free(pointer);
    __libc_free(pointer);
}

static void get(const sac_client *client, const char *path)
{
    sac_response *response = sac_get(client, path);
    if (response->code != SAC_OK) {
        fprintf(stderr, "%s: %s\n", path, response->error);
        exit(EXIT_FAILURE);
    }
    sac_response_free(response);
}

static void check_calls(const sac_client *client, const char *path, long max)
{
    for (int i = 0; i < WARM_UP; i++)
        get(client, path);
    long allocations_before = allocations, bytes_before = bytes_in_use;
    for (int i = 0; i < CALLS; i++)
        get(client, path);
    long per_call = (allocations - allocations_before) / CALLS;
    printf("GET %s: %ld allocations\n", path, per_call);
    CHECK(per_call <= max);
    CHECK(bytes_in_use <= bytes_before + NO_LEAK);
}

/* Threads that call at the same time, so that each has a connection. */
typedef struct thread_group {
    const sac_client *client;
    const char *path;
    pthread_t threads[THREADS];
} thread_group;

static void *run_one(void *argument)
{
    thread_group *group = argument;
    get(group->client, group->path);
    return NULL;
}

static void start_group(thread_group *group, const char *path)
{
    group->path = path;
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&group->threads[i], NULL, run_one, group) != 0)
            exit(EXIT_FAILURE);
}

static void join_group(thread_group *group)
{
    for (int i = 0; i < THREADS; i++)
        pthread_join(group->threads[i], NULL);
}

static void wait_until_held(const sac_client *client, int wanted)
{
    int held = 0;
    while (held < wanted) {
        sac_response *response = sac_get(client, "/held");
        held = atoi(response->json);
        sac_response_free(response);
    }
}

static void check_connections(const sac_client *client)
{
    thread_group group = {.client = client};
    char path[64];
    long before = bytes_in_use;
    /* One more than the number of threads: all wait until this thread sends its request. */
    snprintf(path, sizeof path, "/hold/%d/200", THREADS + 1);
    start_group(&group, path);
    wait_until_held(client, THREADS);
    long busy = bytes_in_use - before;
    get(client, path);
    join_group(&group);
    printf("64 connections: %ld KB busy\n", busy / 1024);
    CHECK(busy <= MAX_BUSY);

    snprintf(path, sizeof path, "/hold/%d/1000000", THREADS);
    start_group(&group, path);
    join_group(&group);
    long idle = bytes_in_use - before;
    printf("64 connections: %ld KB idle\n", idle / 1024);
    CHECK(idle <= MAX_IDLE);
}

int main(void)
{
    sac_client *client;
    start_server();
    need(sac_client_new(server_url, &client), "sac_client_new");
    check_calls(client, "/200", MAX_PER_CALL);
    check_calls(client, "/1000000", MAX_PER_LARGE_CALL);
    check_connections(client);
    sac_client_free(client);
    return check_result();
}
