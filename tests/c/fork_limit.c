/* A process and its forked children share the rate limit of a client. */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CHILDREN = 4, REQUESTS = 5, INTERVAL_MS = 100 };

static long now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000L + now.tv_nsec / 1000000L;
}

static bool get(const sac_client *client)
{
    sac_response *response = sac_get(client, "/v1/items");
    bool ok = response->code == SAC_OK;
    if (!ok)
        fprintf(stderr, "process %d: %s\n", (int)getpid(), response->json);
    sac_response_free(response);
    return ok;
}

/* Like a worker that is set up after the fork: it sets the existing limit again. */
static int run_child(sac_client *client)
{
    if (sac_set_rate_limit(client, 1, INTERVAL_MS, 1) != SAC_OK)
        return 1;
    for (int i = 0; i < REQUESTS; i++)
        if (!get(client))
            return 2;
    sac_client_free(client);
    return 0;
}

/* Kills a child during a request. */
static void kill_child_in_call(sac_client *client)
{
    int started[2];
    char byte;
    CHECK(pipe(started) == 0);
    pid_t child = fork();
    if (child == 0) {
        while (get(client))
            if (write(started[1], "x", 1) != 1)
                break;
        _exit(1);
    }
    CHECK(child > 0);
    CHECK(read(started[0], &byte, 1) == 1);
    CHECK(kill(child, SIGKILL) == 0);
    CHECK(waitpid(child, NULL, 0) == child);
    close(started[0]);
    close(started[1]);
}

int main(int argc, char **argv)
{
    pid_t children[CHILDREN];
    sac_client *client = new_client(base_url_of(argc, argv));
    CHECK_CODE(SAC_OK, sac_set_rate_limit(client, 1, INTERVAL_MS, 1));
    long start = now_ms();
    CHECK(get(client));

    kill_child_in_call(client);
    for (int i = 0; i < CHILDREN; i++) {
        children[i] = fork();
        if (children[i] == 0)
            _exit(run_child(client));
        CHECK(children[i] > 0);
    }
    for (int i = 0; i < CHILDREN; i++) {
        int status = -1;
        CHECK(waitpid(children[i], &status, 0) == children[i]);
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    CHECK(get(client));

    /* One of the parent, at least one of the killed child, those of the children, and one more. */
    const long elapsed = now_ms() - start;
    const long min_elapsed = (1 + CHILDREN * REQUESTS + 1) * (long)INTERVAL_MS;
    if (elapsed < min_elapsed)
        fprintf(stderr, "%ld ms instead of %ld\n", elapsed, min_elapsed);
    CHECK(elapsed >= min_elapsed);
    sac_client_free(client);
    return check_result();
}
