/* Usage: calls HOST COUNT. Starts a server and makes COUNT calls to it under this host name, for a
 * check that counts the system calls. */
#define _GNU_SOURCE
#include "check.h"
#include "server.h"

int main(int argc, char **argv)
{
    sac_client *client;
    char url[128];
    if (argc != 3)
        return EXIT_FAILURE;
    start_server();
    snprintf(url, sizeof url, "http://%s:%d", argv[1], server_port);
    need(sac_client_new(url, &client), "sac_client_new");
    for (int i = 0; i < atoi(argv[2]); i++) {
        sac_response *response = sac_get(client, "/200");
        CHECK_CODE(SAC_OK, response->code);
        sac_response_free(response);
    }
    sac_client_free(client);
    return check_result();
}
