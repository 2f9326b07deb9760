/* After ten thousand requests, the process has as many descriptors as after one. */
#define _GNU_SOURCE
#include "check.h"
#include "server.h"

#include <dirent.h>

enum { CALLS = 10000 };

static int count_descriptors(void)
{
    int count = 0;
    DIR *directory = opendir("/proc/self/fd");
    if (!directory)
        exit(EXIT_FAILURE);
    while (readdir(directory))
        count++;
    closedir(directory);
    return count;
}

int main(void)
{
    sac_client *client;
    start_server();
    need(sac_client_new(server_url, &client), "sac_client_new");
    int after_first = 0;
    for (int i = 0; i < CALLS; i++) {
        /* With clones, and with requests that fail. */
        sac_client *scope = sac_client_clone(client);
        sac_response *response = sac_get(scope, i % 100 == 99 ? "no path" : "/200");
        CHECK_CODE(i % 100 == 99 ? SAC_ERR_INVALID_PATH : SAC_OK, response->code);
        sac_response_free(response);
        sac_client_free(scope);
        if (i == 0)
            after_first = count_descriptors();
    }
    CHECK(count_descriptors() == after_first);
    sac_client_free(client);
    return check_result();
}
