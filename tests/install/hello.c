/* A program outside the project. It prints the version of the library and the name of user 1. */
#include <sac.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    sac_client *client = NULL;
    if (argc != 2 || sac_client_new(argv[1], &client) != SAC_OK)
        return 2;
    sac_add_bearer(client, "demo-token");
    sac_response *response = sac_get(client, "/v1/users/1");
    if (response->code == SAC_OK)
        printf("%s %s\n", sac_version(), sac_json_string(response, "/name", NULL));
    else
        fprintf(stderr, "%s\n", response->error);
    int status = response->code == SAC_OK ? 0 : 1;
    sac_response_free(response);
    sac_client_free(client);
    return status;
}
