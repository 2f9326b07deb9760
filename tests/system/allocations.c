/* How often a call allocates, and what connections hold: busy, after large bodies, and idle. The
 * bounds are those of today, with hardly a margin: what adds an allocation ought to know of it. */
#define _GNU_SOURCE
#include "check.h"
#include "server.h"

#include <malloc.h>

enum { WARM_UP = 50, CALLS = 200, THREADS = 64 };

/* Allocations of a GET whose answer has two header fields, its response freed. */
enum { MOST_PER_CALL = 8, MOST_PER_LARGE_CALL = 9 };

/* What a buffer may have grown by meanwhile. */
static const long NO_LEAK = 64L * 1024;

/* What 64 connections may hold: less than 16 MB with requests under way, and less than 32 KB each
 * when idle, whatever they have carried. */
static const long MOST_BUSY = 4L << 20, MOST_IDLE = 64L * 32 * 1024;

/* Every allocation of the process goes through these, the library's too. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *pointer, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *pointer);

static long allocations, bytes_held;

static void *counted(void *pointer)
{
    __atomic_add_fetch(&allocations, 1, __ATOMIC_RELAXED);
    __atomic_add_fetch(&bytes_held, (long)malloc_usable_size(pointer), __ATOMIC_RELAXED);
    return pointer;
}

static void forgotten(void *pointer)
{
    __atomic_sub_fetch(&bytes_held, (long)malloc_usable_size(pointer), __ATOMIC_RELAXED);
}

void *malloc(size_t size)
{
    return counted(__libc_malloc(size));
}

void *calloc(size_t count, size_t size)
{
    return counted(__libc_calloc(count, size));
}

void *realloc(void *pointer, size_t size)
{
    forgotten(pointer);
    return counted(__libc_realloc(pointer, size));
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return counted(__libc_memalign(alignment, size));
}

int posix_memalign(void **pointer, size_t alignment, size_t size)
{
    *pointer = aligned_alloc(alignment, size);
    return *pointer ? 0 : 12;
}

void free(void *pointer)
{
    forgotten(pointer);
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

static void check_calls(const sac_client *client, const char *path, long most)
{
    for (int i = 0; i < WARM_UP; i++)
        get(client, path);
    long allocations_before = allocations, bytes_before = bytes_held;
    for (int i = 0; i < CALLS; i++)
        get(client, path);
    long per_call = (allocations - allocations_before) / CALLS;
    printf("GET %s: %ld allocations\n", path, per_call);
    CHECK(per_call <= most);
    CHECK(bytes_held <= bytes_before + NO_LEAK);
}

/* Threads that call at the same time, so that each has a connection. */
typedef struct herd {
    const sac_client *client;
    const char *path;
    pthread_t threads[THREADS];
} herd;

static void *run_one(void *argument)
{
    herd *with = argument;
    get(with->client, with->path);
    return NULL;
}

static void start_herd(herd *with, const char *path)
{
    with->path = path;
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&with->threads[i], NULL, run_one, with) != 0)
            exit(EXIT_FAILURE);
}

static void join_herd(herd *with)
{
    for (int i = 0; i < THREADS; i++)
        pthread_join(with->threads[i], NULL);
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
    herd with = {.client = client};
    char path[64];
    long before = bytes_held;
    /* One more than there are threads: they all wait for the answer until this one comes, too. */
    snprintf(path, sizeof path, "/hold/%d/200", THREADS + 1);
    start_herd(&with, path);
    wait_until_held(client, THREADS);
    long busy = bytes_held - before;
    get(client, path);
    join_herd(&with);
    printf("64 connections: %ld KB busy\n", busy / 1024);
    CHECK(busy <= MOST_BUSY);

    snprintf(path, sizeof path, "/hold/%d/1000000", THREADS);
    start_herd(&with, path);
    join_herd(&with);
    long idle = bytes_held - before;
    printf("64 connections: %ld KB idle\n", idle / 1024);
    CHECK(idle <= MOST_IDLE);
}

int main(void)
{
    sac_client *client;
    start_server();
    need(sac_client_new(server_url, &client), "sac_client_new");
    check_calls(client, "/200", MOST_PER_CALL);
    check_calls(client, "/1000000", MOST_PER_LARGE_CALL);
    check_connections(client);
    sac_client_free(client);
    return check_result();
}
