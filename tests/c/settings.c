/* The effect of a client's settings on its calls. */
#include "check.h"

static void check_timeout(const char *base_url)
{
    sac_client *client = new_client(base_url);
    CHECK_CODE(SAC_OK, sac_set_timeout_ms(client, 100));
    CHECK_CODE(SAC_OK, sac_set_connect_timeout_ms(client, 5000));
    sac_response *response = sac_get(client, "/v1/slow?ms=60000");
    CHECK_RESPONSE(response);
    CHECK_CODE(SAC_ERR_TIMEOUT, response->code);
    CHECK(response->status == 0);
    CHECK(response->elapsed_us >= 100000);
    sac_response_free(response);

    /* 0 disables the timeout. */
    CHECK_CODE(SAC_OK, sac_set_timeout_ms(client, 0));
    CHECK_CODE(SAC_OK, sac_set_connect_timeout_ms(client, 0));
    CHECK_CODE(SAC_OK, code_of(sac_get(client, "/v1/slow?ms=200")));
    sac_client_free(client);
}

static void check_redirects(const char *base_url)
{
    sac_client *client = new_client(base_url);
    CHECK_CODE(SAC_OK, sac_set_redirects(client, 0));
    sac_response *response = sac_get(client, "/v1/redirect");
    CHECK_RESPONSE(response);
    CHECK_CODE(SAC_OK, response->code);
    CHECK(response->status == 302);
    CHECK_TEXT("/v1/items", sac_response_header(response, "Location"));
    CHECK_TEXT("{}", response->json);
    sac_response_free(response);

    CHECK_CODE(SAC_OK, sac_set_redirects(client, 1));
    response = sac_get(client, "/v1/redirect");
    CHECK_RESPONSE(response);
    CHECK(response->status == 200);
    CHECK(response->attempts == 1);
    CHECK(sac_json_length(response, "/items") == 10);
    sac_response_free(response);
    sac_client_free(client);
}

static void check_max_body(const char *base_url)
{
    sac_client *client = new_client(base_url);
    CHECK_CODE(SAC_OK, sac_set_max_body_bytes(client, 1000));
    CHECK_CODE(SAC_ERR_TOO_LARGE, code_of(sac_get(client, "/v1/items?per_page=100")));
    /* The limit counts decoded bytes: this body is small before decoding. */
    CHECK_CODE(SAC_ERR_TOO_LARGE, code_of(sac_get(client, "/v1/gzip")));
    CHECK_CODE(SAC_OK, code_of(sac_get(client, "/v1/items/1")));
    sac_client_free(client);
}

static void check_connections_are_kept(const char *base_url)
{
    sac_client *client = new_client(base_url);
    sac_response *first = sac_get(client, "/v1/echo");
    sac_response *second = sac_get(client, "/v1/echo");
    CHECK_RESPONSE(first);
    CHECK_RESPONSE(second);
    CHECK(sac_json_type_of(first, "/peer") == SAC_JSON_TYPE_STRING);
    CHECK_TEXT(sac_json_string(first, "/peer", NULL), sac_json_string(second, "/peer", NULL));

    /* A clone uses the same connection. */
    sac_client *scope = sac_client_clone(client);
    sac_response *third = sac_get(scope, "/v1/echo");
    CHECK_RESPONSE(third);
    CHECK_TEXT(sac_json_string(first, "/peer", NULL), sac_json_string(third, "/peer", NULL));
    sac_client_free(scope);
    sac_client_free(client);

    /* Responses outlive the client. */
    CHECK_TEXT("/v1/echo", sac_json_string(third, "/path", NULL));
    sac_response_free(first);
    sac_response_free(second);
    sac_response_free(third);
}

typedef struct log_seen {
    int lines;
    int unknown_levels;
    bool secret;
} log_seen;

static void record_line(void *userdata, int32_t level, const char *message)
{
    log_seen *seen = userdata;
    seen->lines++;
    seen->unknown_levels += level < SAC_LOG_ERROR || level > SAC_LOG_TRACE;
    seen->secret = seen->secret || strstr(message, "s3cret");
}

static void check_logger(const char *base_url)
{
    log_seen seen = {0, 0, false};
    sac_client *client = new_client(base_url);
    CHECK_CODE(SAC_OK, sac_add_bearer(client, "s3cret-token"));
    CHECK_CODE(SAC_OK, sac_add_cookie(client, "session", "s3cret-cookie"));
    CHECK_CODE(SAC_OK, sac_add_signed_cookie(client, "signed", "{\"a\": \"s3cret-payload\"}", "id",
                                             "s3cret-key", SAC_DIGEST_SHA256));
    CHECK_CODE(SAC_OK, sac_set_logger(client, record_line, &seen, SAC_LOG_TRACE));
    CHECK_CODE(SAC_OK, code_of(sac_get(client, "/v1/items/1")));
    CHECK_CODE(SAC_ERR_STATUS, code_of(sac_get(client, "/v1/users/1")));
    CHECK(seen.lines > 0);
    CHECK(seen.unknown_levels == 0);
    CHECK(!seen.secret);

    int lines = seen.lines;
    CHECK_CODE(SAC_OK, sac_set_logger(client, NULL, NULL, 0));
    CHECK_CODE(SAC_OK, code_of(sac_get(client, "/v1/items/1")));
    CHECK(seen.lines == lines);
    sac_client_free(client);
}

int main(int argc, char **argv)
{
    const char *base_url = base_url_of(argc, argv);
    check_timeout(base_url);
    check_redirects(base_url);
    check_max_body(base_url);
    check_connections_are_kept(base_url);
    check_logger(base_url);
    return check_result();
}
