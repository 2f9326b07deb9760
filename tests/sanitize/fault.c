/* Faults of a caller that have an effect inside the library. A checker that does not report them is
 * not active. */
#include <limits.h>
#include <pthread.h>
#include <sac.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static sac_response *refused(void)
{
    sac_client *client = NULL;
    if (sac_client_new("http://localhost", &client) != SAC_OK)
        exit(2);
    /* Never sent: a path must start with a slash. */
    sac_response *response = sac_get(client, "path");
    sac_client_free(client);
    return response;
}

/* The library reads a freed response. */
static void use_after_free(void)
{
    sac_response *response = refused();
    sac_response_free(response);
    printf("%zu fields\n", sac_response_header_count(response));
}

/* An object of the library is lost. */
static void leak(void)
{
    volatile const void *response = refused();
    response = NULL;
    (void)response;
}

static atomic_int changed;

static void *change(void *request)
{
    sac_request_set_header(request, "X-Name", "value");
    atomic_store_explicit(&changed, 1, memory_order_relaxed);
    return NULL;
}

/* Two threads change a request one after the other, but nothing guarantees this order. */
static void race(void)
{
    sac_request *request = NULL;
    pthread_t other;
    if (sac_request_new("GET", "/", &request) != SAC_OK ||
        pthread_create(&other, NULL, change, request) != 0)
        exit(2);
    while (!atomic_load_explicit(&changed, memory_order_relaxed))
        sched_yield();
    change(request);
    pthread_join(other, NULL);
    sac_request_free(request);
}

/* Undefined behaviour in C. */
static void overflow(int one)
{
    volatile int sum = INT_MAX;
    sum = sum + one;
    printf("%d\n", sum);
}

int main(int argc, char **argv)
{
    const char *fault = argc == 2 ? argv[1] : "";
    if (strcmp(fault, "use-after-free") == 0)
        use_after_free();
    else if (strcmp(fault, "leak") == 0)
        leak();
    else if (strcmp(fault, "race") == 0)
        race();
    else if (strcmp(fault, "overflow") == 0)
        overflow(argc - 1);
    else
        return 2;
    return 0;
}
