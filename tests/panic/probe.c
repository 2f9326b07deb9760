/* A panic inside the library, in a build that panics for the method PANIC. The call returns a
 * response, nothing is printed, and the library remains usable. */
#include "check.h"

static void check_panic(const sac_client *client)
{
    sac_request *request = new_request("PANIC", "/");
    sac_response *response = sac_send(client, request);
    CHECK(response != NULL);
    CHECK_CODE(SAC_ERR_INTERNAL, response->code);
    CHECK(response->error && strstr(response->error, "a panic on request"));
    CHECK(strncmp(response->json, "{\"error\": \"", 11) == 0);
    sac_response_free(response);
    sac_request_free(request);
}

int main(void)
{
    sac_client *client = new_client("http://127.0.0.1:1");
    for (int i = 0; i < 3; i++)
        check_panic(client);
    CHECK_CODE(SAC_ERR_CONNECT, code_of(sac_get(client, "/")));
    sac_client_free(client);
    return check_result();
}
