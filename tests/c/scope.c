/* The headers, cookies and credentials of a client, and that a clone has its own. */
#include "check.h"

/* The server received this value at this pointer of the echo. */
static void check_sent(const sac_client *client, const char *pointer, const char *expected)
{
    sac_response *response = sac_get(client, "/v1/echo");
    CHECK_RESPONSE(response);
    CHECK_TEXT(expected, sac_json_string(response, pointer, NULL));
    sac_response_free(response);
}

static const char *default_user_agent(void)
{
    static char text[64];
    snprintf(text, sizeof text, "libsac/%s", sac_version());
    return text;
}

static void check_headers(sac_client *client)
{
    CHECK_CODE(SAC_OK, sac_add_header(client, "X-Demo", "1"));
    check_sent(client, "/headers/x-demo", "1");
    CHECK_CODE(SAC_OK, sac_add_header(client, "x-dEMO", "zwei \xc3\xbc"));
    check_sent(client, "/headers/x-demo", "zwei \xc3\xbc");
    CHECK_CODE(SAC_OK, sac_remove_header(client, "X-DEMO"));
    check_sent(client, "/headers/x-demo", NULL);
    CHECK_CODE(SAC_OK, sac_remove_header(client, "X-Never-There"));
    CHECK_CODE(SAC_OK, sac_add_header(client, "Host", "api.demo.example"));
    check_sent(client, "/headers/host", "api.demo.example");
    CHECK_CODE(SAC_OK, sac_remove_header(client, "Host"));

    check_sent(client, "/headers/user-agent", default_user_agent());
    CHECK_CODE(SAC_OK, sac_set_user_agent(client, "demo/1"));
    check_sent(client, "/headers/user-agent", "demo/1");
    CHECK_CODE(SAC_OK, sac_set_user_agent(client, NULL));
    check_sent(client, "/headers/user-agent", default_user_agent());
}

static void check_cookies(sac_client *client)
{
    CHECK_CODE(SAC_OK, sac_add_cookie(client, "a", "1"));
    CHECK_CODE(SAC_OK, sac_add_cookie(client, "b", "2"));
    check_sent(client, "/headers/cookie", "a=1; b=2");
    CHECK_CODE(SAC_OK, sac_add_cookie(client, "a", "3"));
    check_sent(client, "/headers/cookie", "a=3; b=2");
    CHECK_CODE(SAC_OK, sac_remove_cookie(client, "a"));
    check_sent(client, "/headers/cookie", "b=2");
    CHECK_CODE(SAC_OK, sac_remove_cookie(client, "b"));
    CHECK_CODE(SAC_OK, sac_remove_cookie(client, "never-there"));
    check_sent(client, "/headers/cookie", NULL);
}

static void check_credentials(sac_client *client)
{
    CHECK_CODE(SAC_ERR_STATUS, code_of(sac_get(client, "/v1/users/1")));
    CHECK_CODE(SAC_OK, sac_add_bearer(client, "demo-token"));
    CHECK_CODE(SAC_OK, code_of(sac_get(client, "/v1/users/1")));
    CHECK_CODE(SAC_OK, sac_add_basic(client, "Aladdin", "open sesame"));
    check_sent(client, "/headers/authorization", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
}

static void check_signed_cookie(sac_client *client)
{
    const char *key = "demo-key: no secret, \xc2\xa3" "0 worth";
    const char *payload = "{\"user\": \"ada; \\\"the\\\" \\\\ \xc3\xbc\", \"key_id\": \"replaced\"}";
    CHECK_CODE(SAC_ERR_STATUS, code_of(sac_get(client, "/v1/session")));
    CHECK_CODE(SAC_OK, sac_add_signed_cookie(client, "session", payload, "demo-service", key,
                                             SAC_DIGEST_SHA1));
    CHECK_CODE(SAC_OK, sac_add_cookie(client, "last", "1"));
    sac_response *response = sac_get(client, "/v1/session");
    CHECK_RESPONSE(response);
    CHECK_CODE(SAC_OK, response->code);
    CHECK_TEXT("ada; \"the\" \\ \xc3\xbc", sac_json_string(response, "/data/user", NULL));
    CHECK_TEXT("demo-service", sac_json_string(response, "/key_id", NULL));
    sac_response_free(response);

    CHECK_CODE(SAC_OK, sac_add_signed_cookie(client, "session", payload, "demo-service", "other",
                                             SAC_DIGEST_SHA1));
    CHECK_CODE(SAC_ERR_STATUS, code_of(sac_get(client, "/v1/session")));
    CHECK_CODE(SAC_OK, sac_remove_cookie(client, "session"));
    check_sent(client, "/headers/cookie", "last=1");
    CHECK_CODE(SAC_OK, sac_remove_cookie(client, "last"));
}

static void check_clone_and_reset(sac_client *client)
{
    CHECK_CODE(SAC_OK, sac_add_header(client, "X-Shared", "1"));
    CHECK_CODE(SAC_OK, sac_set_user_agent(client, "demo/2"));
    sac_client *scope = sac_client_clone(client);
    CHECK(scope != NULL);
    check_sent(scope, "/headers/x-shared", "1");
    check_sent(scope, "/headers/user-agent", "demo/2");
    CHECK_CODE(SAC_OK, sac_add_header(scope, "X-Own", "1"));
    CHECK_CODE(SAC_OK, sac_add_cookie(scope, "own", "1"));
    CHECK_CODE(SAC_OK, sac_remove_header(scope, "X-Shared"));
    check_sent(client, "/headers/x-own", NULL);
    check_sent(client, "/headers/cookie", NULL);
    check_sent(client, "/headers/x-shared", "1");

    sac_client_reset(scope);
    check_sent(scope, "/headers/x-own", NULL);
    check_sent(scope, "/headers/cookie", NULL);
    check_sent(scope, "/headers/authorization", NULL);
    check_sent(client, "/headers/x-shared", "1");

    /* A client may outlive its clone. */
    sac_client_free(scope);
    check_sent(client, "/headers/x-shared", "1");
}

static void check_userinfo_and_base_path(const char *base_url)
{
    char url[200];
    snprintf(url, sizeof url, "http://Aladdin:open%%20sesame@%s/v1/", base_url + strlen("http://"));
    sac_client *client = new_client(url);
    sac_response *response = sac_get(client, "/echo");
    CHECK_RESPONSE(response);
    CHECK_TEXT("/v1/echo", sac_json_string(response, "/path", NULL));
    CHECK_TEXT("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
               sac_json_string(response, "/headers/authorization", NULL));
    sac_response_free(response);
    sac_client_free(client);
}

int main(int argc, char **argv)
{
    const char *base_url = base_url_of(argc, argv);
    sac_client *client = new_client(base_url);
    check_headers(client);
    check_cookies(client);
    check_signed_cookie(client);
    check_credentials(client);
    check_clone_and_reset(client);
    check_userinfo_and_base_path(base_url);
    sac_client_free(client);
    return check_result();
}
