/* A panic inside the library, in a build of it that panics for the method PANIC: it is answered,
 * prints nothing, and leaves the library fit for use. */
#include <sac.h>
#include <stdio.h>
#include <string.h>

static int fault(const char *what)
{
    printf("not so: %s\n", what);
    return 1;
}

static int send_panic(const sac_client *client)
{
    int faults = 0;
    sac_request *request = NULL;
    if (sac_request_new("PANIC", "/", &request) != SAC_OK)
        return fault("a request can be made");
    sac_response *response = sac_send(client, request);
    if (!response)
        return fault("there is a response");
    if (response->code != SAC_ERR_INTERNAL)
        faults += fault("the code is SAC_ERR_INTERNAL");
    if (!response->error || !strstr(response->error, "a panic on request"))
        faults += fault("the error names the panic");
    if (strncmp(response->json, "{\"error\": \"", 11) != 0)
        faults += fault("json holds the error");
    sac_response_free(response);
    sac_request_free(request);
    return faults;
}

int main(void)
{
    int faults = 0;
    sac_client *client = NULL;
    if (sac_client_new("http://127.0.0.1:1", &client) != SAC_OK)
        return fault("a client can be made");
    for (int i = 0; i < 3; i++)
        faults += send_panic(client);
    sac_response *response = sac_get(client, "/");
    if (response->code != SAC_ERR_CONNECT)
        faults += fault("after a panic the next call goes its way");
    sac_response_free(response);
    sac_client_free(client);
    return faults;
}
