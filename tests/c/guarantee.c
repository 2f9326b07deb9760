/* Every kind of response, and no response: code, status and json. */
#include "check.h"

typedef struct expectation {
    const char *path;
    sac_code code;
    int32_t status;
    sac_json_state state;
    const char *json;  /* the whole text; NULL: not compared */
    const char *error; /* NULL: not compared */
} expectation;

static void check_expected(const expectation *expected, sac_response *response)
{
    int faults = check_faults;
    CHECK_RESPONSE(response);
    CHECK_CODE(expected->code, response->code);
    CHECK(response->status == expected->status);
    CHECK(response->json_state == expected->state);
    if (expected->json)
        CHECK_TEXT(expected->json, response->json);
    if (expected->error)
        CHECK_TEXT(expected->error, response->error);
    if (check_faults > faults)
        fprintf(stderr, "  for %s: %s\n", expected->path, response->json);
    sac_response_free(response);
}

static void check_all_expected(const sac_client *client)
{
    static const expectation table[] = {
        {"/v1/items/1", SAC_OK, 200, SAC_JSON_EXACT,
         "{\"id\":1,\"name\":\"Item 1\",\"quantity\":10,\"tags\":[\"odd\"]}", NULL},
        {"/v1/damaged?kind=html", SAC_ERR_NOT_JSON, 200, SAC_JSON_NONE, NULL, NULL},
        {"/v1/redirect", SAC_OK, 200, SAC_JSON_EXACT, NULL, NULL},
        {"/v1/nowhere", SAC_ERR_STATUS, 404, SAC_JSON_EXACT, NULL,
         "there is nothing at /v1/nowhere"},
        {"/v1/users/1", SAC_ERR_STATUS, 401, SAC_JSON_EXACT, NULL, "a bearer token is needed"},
        {"/v1/bad-gateway", SAC_ERR_STATUS, 502, SAC_JSON_NONE, "{\"error\": \"Bad Gateway\"}",
         "Bad Gateway"},
        {"/v1/always-limited", SAC_ERR_RATE_LIMITED, 429, SAC_JSON_EXACT, NULL,
         "too many requests, come back later"},
        {"/v1/flaky?key=guarantee", SAC_ERR_STATUS, 503, SAC_JSON_EXACT, NULL,
         "the service is starting"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        check_expected(&table[i], sac_get(client, table[i].path));
}

static void check_validation_error(const sac_client *client)
{
    sac_response *response = sac_post_json(client, "/v1/items", "{\"name\": \"\"}");
    CHECK_RESPONSE(response);
    CHECK_CODE(SAC_ERR_STATUS, response->code);
    CHECK(response->status == 422);
    CHECK_TEXT("name must be a string of 1 to 100 characters", response->error);
    CHECK_TEXT("name", sac_json_string(response, "/errors/0/field", NULL));
    sac_response_free(response);
}

/* Damaged JSON is repaired, and json_state says so. */
static void check_damaged(const sac_client *client)
{
    static const char *const kinds[] = {"commas", "quotes", "truncated"};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        char path[64];
        double price = 0;
        snprintf(path, sizeof path, "/v1/damaged?kind=%s", kinds[i]);
        sac_response *response = sac_get(client, path);
        CHECK_RESPONSE(response);
        CHECK_CODE(SAC_OK, response->code);
        CHECK(response->json_state == SAC_JSON_REPAIRED);
        CHECK_TEXT("Widget", sac_json_string(response, "/name", NULL));
        CHECK(sac_json_length(response, "/tags") == 2);
        CHECK_TEXT("b", sac_json_string(response, "/tags/1", NULL));
        CHECK(sac_json_double(response, "/price", &price) && price > 9.49 && price < 9.51);
        CHECK(response->body_len > 0);
        CHECK(response->body_len != response->json_len ||
              memcmp(response->body, response->json, response->body_len) != 0);
        sac_response_free(response);
    }
}

/* A caller that did not ask for JSON gets no error if there is none. */
static void check_binary(const sac_client *client)
{
    static const expectation page = {"/v1/damaged?kind=html", SAC_OK, 200, SAC_JSON_NONE, "{}",
                                     NULL};
    static const expectation json = {"/v1/items/1", SAC_OK, 200, SAC_JSON_EXACT, NULL, NULL};
    static const expectation none = {"/v1/bad-gateway", SAC_ERR_STATUS, 502, SAC_JSON_NONE, NULL,
                                     "Bad Gateway"};
    check_expected(&page, sac_get_binary(client, page.path));
    check_expected(&json, sac_get_binary(client, json.path));
    check_expected(&none, sac_get_binary(client, none.path));
}

static void check_no_server(void)
{
    sac_client *refused = new_client("http://127.0.0.1:1");
    sac_response *response = sac_get(refused, "/");
    CHECK_RESPONSE(response);
    CHECK_CODE(SAC_ERR_CONNECT, response->code);
    CHECK(response->status == 0);
    CHECK(response->body_len == 0);
    CHECK(response->json_state == SAC_JSON_NONE);
    sac_response_free(response);
    sac_client_free(refused);

    sac_client *unknown = new_client("http://no-such-host.invalid");
    CHECK_CODE(SAC_OK, sac_set_timeout_ms(unknown, 20000));
    CHECK_CODE(SAC_ERR_RESOLVE, code_of(sac_get(unknown, "/")));
    sac_client_free(unknown);
}

/* TLS with a server that does not support it. */
static void check_no_tls(const char *base_url)
{
    char url[200];
    snprintf(url, sizeof url, "https://%s", base_url + strlen("http://"));
    sac_client *client = new_client(url);
    CHECK_CODE(SAC_OK, sac_set_verify(client, false));
    CHECK_CODE(SAC_ERR_TLS, code_of(sac_get(client, "/")));
    sac_client_free(client);
}

int main(int argc, char **argv)
{
    const char *base_url = base_url_of(argc, argv);
    sac_client *client = new_client(base_url);
    check_all_expected(client);
    check_validation_error(client);
    check_damaged(client);
    check_binary(client);
    check_no_server();
    check_no_tls(base_url);
    sac_client_free(client);
    return check_result();
}
