/* Usage: secure [URL]. Calls this URL, or its own server, and prints whether the kernel trusts the
 * environment, and the code of the call: "trusted SAC_OK". */
#define _GNU_SOURCE
#include "check.h"
#include "server.h"
#include <sys/auxv.h>

int main(int argc, char **argv)
{
    sac_client *client;
    sac_response *response;
    if (argc < 2)
        start_server();
    need(sac_client_new(argc < 2 ? server_url : argv[1], &client), "sac_client_new");
    /* Reads the environment again. */
    need(sac_set_proxy(client, NULL), "sac_set_proxy");
    response = sac_get(client, "/200");
    printf("%s %s\n", getauxval(AT_SECURE) ? "mistrusted" : "trusted",
           sac_code_name(response->code));
    sac_response_free(response);
    sac_client_free(client);
    return EXIT_SUCCESS;
}
