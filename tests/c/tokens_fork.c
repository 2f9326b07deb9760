/* A fork while a thread of the parent fetches a token. */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

static const char USER[] = "/v1/users/1";

static void *get_user(void *client)
{
    return code_of(sac_get(client, USER)) == SAC_OK ? NULL : client;
}

/* A callback that waits until the process has forked; in the child it does not wait. */
typedef struct forked {
    pid_t parent;
    int begun[2], go[2];
} forked;

static sac_code fetch_around_fork(void *userdata, int32_t reason, sac_token *token)
{
    forked *forked = userdata;
    char byte = 0;
    CHECK(reason == SAC_TOKEN_NEEDED);
    if (getpid() == forked->parent)
        CHECK(write(forked->begun[1], "!", 1) == 1 && read(forked->go[0], &byte, 1) == 1);
    return sac_token_set(token, "demo-token", 0);
}

/* The child does not wait for the refresh of a thread that only its parent has. */
static void check_fork(const char *base_url)
{
    forked forked = {.parent = getpid()};
    char byte = 0;
    CHECK(pipe(forked.begun) == 0 && pipe(forked.go) == 0);
    sac_client *client = new_client(base_url);
    CHECK_CODE(SAC_OK, sac_set_token_callback(client, fetch_around_fork, &forked));
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, get_user, client) == 0);
    CHECK(read(forked.begun[0], &byte, 1) == 1);
    pid_t child = fork();
    if (child == 0) {
        sac_code code = code_of(sac_get(client, USER));
        sac_client_free(client);
        _exit(code == SAC_OK && check_faults == 0 ? 0 : 1);
    }
    int status = -1;
    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CHECK(write(forked.go[1], "!", 1) == 1);
    void *failed = NULL;
    CHECK(pthread_join(thread, &failed) == 0 && failed == NULL);
    sac_client_free(client);
    for (int i = 0; i < 2; i++)
        close(forked.begun[i]), close(forked.go[i]);
}

int main(int argc, char **argv)
{
    check_fork(base_url_of(argc, argv));
    return check_result();
}
