/* After fork, the child uses its copy of the client, on its own connections. */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <sys/wait.h>
#include <unistd.h>

enum { CHILDREN = 3, PEER_SIZE = 64 };

/* The address that the server sees for this client's connection. */
static bool read_peer(const sac_client *client, char peer[PEER_SIZE])
{
    sac_response *response = sac_get(client, "/v1/echo");
    const char *seen = sac_json_string(response, "/peer", NULL);
    if (!seen)
        fprintf(stderr, "process %d: %s\n", (int)getpid(), response->json);
    snprintf(peer, PEER_SIZE, "%s", seen ? seen : "");
    sac_response_free(response);
    return peer[0] != '\0';
}

/* The child. Its exit status names the failure. */
static int run_child(sac_client *client, const char *parents_peer)
{
    char first[PEER_SIZE], second[PEER_SIZE];
    if (!read_peer(client, first) || !read_peer(client, second))
        return 1;
    if (strcmp(first, parents_peer) == 0) {
        fprintf(stderr, "the child used the parent's connection\n");
        return 2;
    }
    if (strcmp(first, second) != 0) {
        fprintf(stderr, "the child does not keep its own connection\n");
        return 3;
    }
    if (sac_add_header(client, "X-Child", "1") != SAC_OK)
        return 4;
    sac_client *scope = sac_client_clone(client);
    bool read = read_peer(scope, first);
    sac_client_free(scope);
    sac_client_free(client);
    return read ? 0 : 5;
}

/* The exit status of a child that may free its copy of a stream, but not read it. */
static int run_child_with_stream(sac_client *client, sac_stream *stream)
{
    /* Some records have arrived before the fork. */
    while (sac_stream_next(stream))
        ;
    if (sac_stream_code(stream) != SAC_ERR_INVALID_ARGUMENT)
        return 1;
    sac_stream_free(stream);
    sac_code code = code_of(sac_get(client, "/"));
    sac_client_free(client);
    return code == SAC_OK ? 0 : 2;
}

static void check_stream(sac_client *client)
{
    sac_request *request = new_request("GET", "/v1/readings?count=20000");
    sac_stream *stream = sac_stream_open(client, request);
    sac_request_free(request);
    CHECK(sac_stream_next(stream) != NULL);
    pid_t child = fork();
    if (child == 0)
        _exit(run_child_with_stream(client, stream));
    int status = -1, count = 1;
    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    while (sac_stream_next(stream))
        count++;
    CHECK(count == 20000);
    CHECK_CODE(SAC_OK, sac_stream_code(stream));
    sac_stream_free(stream);
}

int main(int argc, char **argv)
{
    char before[PEER_SIZE], after[PEER_SIZE];
    pid_t children[CHILDREN];
    sac_client *client = new_client(base_url_of(argc, argv));
    CHECK(read_peer(client, before));

    for (int i = 0; i < CHILDREN; i++) {
        children[i] = fork();
        if (children[i] == 0)
            _exit(run_child(client, before));
        CHECK(children[i] > 0);
    }
    /* The parent keeps its connection, while the children run and afterwards. */
    CHECK(read_peer(client, after));
    CHECK_TEXT(before, after);
    for (int i = 0; i < CHILDREN; i++) {
        int status = -1;
        CHECK(waitpid(children[i], &status, 0) == children[i]);
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    CHECK(read_peer(client, after));
    CHECK_TEXT(before, after);
    check_stream(client);
    sac_client_free(client);
    return check_result();
}
