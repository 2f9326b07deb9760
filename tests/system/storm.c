/* Timeouts during a storm of signals: never early, and at most 20 ms late. Each signal interrupts
 * the waiting system call, so a call that restarts its timeout after each signal never ends. */
#define _GNU_SOURCE
#include "check.h"
#include "server.h"

#include <time.h>

enum { TIMEOUT_MS = 250, MAX_LATE_MS = 20, TRIES = 5 };

static volatile sig_atomic_t signals;
static volatile bool storm_ended;
static pthread_t target;

static void count_signal(int number)
{
    (void)number;
    signals++;
}

static void *storm(void *unused)
{
    const struct timespec interval = {.tv_nsec = 300 * 1000};
    while (!storm_ended) {
        pthread_kill(target, SIGUSR1);
        nanosleep(&interval, NULL);
    }
    return unused;
}

static long now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000L + now.tv_nsec / 1000;
}

/* A timeout may be late because the machine was busy, so the best of several tries decides. A
 * timeout that is early is wrong. */
static void check_timeout(const sac_client *client, const sac_request *request, const char *what)
{
    long best = -1;
    for (int i = 0; i < TRIES && (best < 0 || best > MAX_LATE_MS * 1000L); i++) {
        int before = signals;
        long start = now_us();
        sac_response *response = sac_send(client, request);
        long late = now_us() - start - TIMEOUT_MS * 1000L;
        CHECK_CODE(SAC_ERR_TIMEOUT, response->code);
        CHECK(late >= 0);
        CHECK(signals - before > 20);
        if (best < 0 || late < best)
            best = late;
        sac_response_free(response);
    }
    printf("%s: %ld us late\n", what, best);
    CHECK(best <= MAX_LATE_MS * 1000L);
}

static void check_all(const sac_client *client, sac_cancel *cancel)
{
    const char *suffix = cancel ? " with a cancel" : "";
    sac_code (*const setters[])(sac_request *, uint64_t) = {
        sac_request_set_timeout_ms, sac_request_set_read_timeout_ms, sac_request_set_deadline_ms};
    const char *names[] = {"timeout", "read timeout", "deadline"};
    for (int i = 0; i < 3; i++) {
        char what[64];
        sac_request *request;
        need(sac_request_new("GET", "/silent", &request), "sac_request_new");
        CHECK_CODE(SAC_OK, setters[i](request, TIMEOUT_MS));
        CHECK_CODE(SAC_OK, sac_request_set_cancel(request, cancel));
        snprintf(what, sizeof what, "%s%s", names[i], suffix);
        check_timeout(client, request, what);
        sac_request_free(request);
    }
}

int main(void)
{
    sac_client *client;
    sac_cancel *cancel;
    pthread_t thread;
    struct sigaction action = {.sa_handler = count_signal};
    start_server();
    need(sac_client_new(server_url, &client), "sac_client_new");
    need(sac_cancel_new(&cancel), "sac_cancel_new");
    target = pthread_self();
    CHECK(sigaction(SIGUSR1, &action, NULL) == 0);
    CHECK(pthread_create(&thread, NULL, storm, NULL) == 0);
    check_all(client, NULL);
    check_all(client, cancel);
    storm_ended = true;
    pthread_join(thread, NULL);
    sac_cancel_free(cancel);
    sac_client_free(client);
    return check_result();
}
