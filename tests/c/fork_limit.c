/* The rate limit of a client is one for the process and those that it forks. */
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
    bool good = response->code == SAC_OK;
    if (!good)
        fprintf(stderr, "process %d: %s\n", (int)getpid(), response->json);
    sac_response_free(response);
    return good;
}

/* As a worker that is set up after the fork: the limit that is there already is set once more. */
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

/* A child that makes requests until it is killed, in the midst of one. */
static void kill_a_child(sac_client *client)
{
    int begun[2];
    char byte;
    CHECK(pipe(begun) == 0);
    pid_t child = fork();
    if (child == 0) {
        while (get(client))
            if (write(begun[1], "x", 1) != 1)
                break;
        _exit(1);
    }
    CHECK(child > 0);
    CHECK(read(begun[0], &byte, 1) == 1);
    CHECK(kill(child, SIGKILL) == 0);
    CHECK(waitpid(child, NULL, 0) == child);
    close(begun[0]);
    close(begun[1]);
}

int main(int argc, char **argv)
{
    pid_t children[CHILDREN];
    sac_client *client = new_client(base_url_of(argc, argv));
    CHECK_CODE(SAC_OK, sac_set_rate_limit(client, 1, INTERVAL_MS, 1));
    long begin = now_ms();
    CHECK(get(client));

    kill_a_child(client);
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

    /* One request of the parent, one at least of the killed child, those of the children, and one more. */
    long span = now_ms() - begin, least = (1 + CHILDREN * REQUESTS + 1) * (long)INTERVAL_MS;
    if (span < least)
        fprintf(stderr, "%ld ms instead of %ld\n", span, least);
    CHECK(span >= least);
    sac_client_free(client);
    return check_result();
}
