/* Settings of a single request. */
#include "check.h"

/* The settings of a request take precedence, and those of the client stay. */
static void check_own_settings(const sac_client *client)
{
    sac_request *request = NULL;
    CHECK_CODE(SAC_OK, sac_request_new("GET", "/v1/redirect", &request));
    CHECK_CODE(SAC_OK, sac_request_set_verify(request, false));
    CHECK_CODE(SAC_OK, sac_request_set_redirects(request, 0));
    sac_response *response = sac_send(client, request);
    CHECK_RESPONSE(response);
    CHECK(response->status == 302);
    sac_response_free(response);
    CHECK_CODE(SAC_OK, sac_request_set_redirects(request, 1));
    CHECK_CODE(SAC_OK, sac_request_set_max_body_bytes(request, 1));
    CHECK_CODE(SAC_ERR_TOO_LARGE, code_of(sac_send(client, request)));
    sac_request_free(request);

    CHECK_CODE(SAC_OK, sac_request_new("GET", "/v1/slow?ms=5000", &request));
    CHECK_CODE(SAC_OK, sac_request_set_timeout_ms(request, 50));
    CHECK_CODE(SAC_ERR_TIMEOUT, code_of(sac_send(client, request)));
    sac_request_free(request);
}

int main(int argc, char **argv)
{
    sac_client *client = new_client(base_url_of(argc, argv));
    check_own_settings(client);
    sac_client_free(client);
    return check_result();
}
