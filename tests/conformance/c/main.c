/* Runs the conformance cases through the C interface. The server sends the cases as JSON, and libsac
 * reads them by JSON pointers. */
#include "check.h"
#include <stdio.h>
#include <stdlib.h>

static sac_response *get(const sac_client *client, const char *path)
{
    sac_response *response = sac_get(client, path);
    if (response->code != SAC_OK) {
        fprintf(stderr, "%s: %s\n", path, response->error);
        exit(EXIT_FAILURE);
    }
    return response;
}

static void run(test_case *c, const sac_client *control, const char *server)
{
    char path[128];
    outcome out = {0};
    perform(c, server, &out);
    check(c, &out);
    snprintf(path, sizeof path, "/%s/__requests", c->name);
    sac_response *seen = get(control, path);
    check_requests(c, seen);
    sac_response_free(seen);
    clear_outcome(&out);
    if (!c->failed)
        printf("ok %s\n", c->name);
}

int main(int argc, char **argv)
{
    sac_client *control = NULL;
    size_t failed = 0;
    if (argc != 2 || sac_client_new(argv[1], &control) != SAC_OK) {
        fprintf(stderr, "usage: %s SERVER_URL\n", argv[0]);
        return EXIT_FAILURE;
    }
    sac_response *cases = get(control, "/__cases");
    size_t length = sac_json_length(cases, "");
    for (size_t i = 0; i < length; i++) {
        test_case c = {cases, i, NULL, false};
        c.name = text(&c, "/name");
        run(&c, control, argv[1]);
        failed += c.failed;
    }
    printf("conformance c: %zu passed, %zu failed\n", length - failed, failed);
    sac_response_free(cases);
    sac_client_free(control);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
