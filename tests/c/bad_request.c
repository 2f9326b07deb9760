/* Bad input to every function that creates, changes or sends a request: those that send return a
 * response, the others a code. */
#include "check.h"

static const uint8_t BYTES[] = {1, 2, 3};

/* Every call of one line returns this code for this client and path. */
static void check_one_line_calls(sac_code expected, const sac_client *client, const char *path)
{
    CHECK_CODE(expected, code_of(sac_get(client, path)));
    CHECK_CODE(expected, code_of(sac_get_binary(client, path)));
    CHECK_CODE(expected, code_of(sac_delete(client, path)));
    CHECK_CODE(expected, code_of(sac_post_json(client, path, "{}")));
    CHECK_CODE(expected, code_of(sac_put_json(client, path, "{}")));
    CHECK_CODE(expected, code_of(sac_patch_json(client, path, "{}")));
    CHECK_CODE(expected, code_of(sac_post_form(client, path, NULL)));
}

static void check_paths(const sac_client *client)
{
    check_one_line_calls(SAC_ERR_NULL_ARGUMENT, NULL, "/");
    check_one_line_calls(SAC_ERR_NULL_ARGUMENT, client, NULL);
    check_one_line_calls(SAC_ERR_INVALID_UTF8, client, "/" BAD_UTF8);
    static const char *const paths[] = {"", "v1", "http://other/", "/a#b", "/a\nb", "/a\\b", "?a"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        check_one_line_calls(SAC_ERR_INVALID_PATH, client, paths[i]);
}

static void check_bodies(const sac_client *client)
{
    static const char *const texts[] = {"", "{", "{'a': 1}", "[1,]", "{} {}", "nul"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        CHECK_CODE(SAC_ERR_INVALID_JSON, code_of(sac_post_json(client, "/v1/echo", texts[i])));
        CHECK_CODE(SAC_ERR_INVALID_JSON, code_of(sac_put_json(client, "/v1/echo", texts[i])));
        CHECK_CODE(SAC_ERR_INVALID_JSON, code_of(sac_patch_json(client, "/v1/echo", texts[i])));
    }
    const char *json = "\"" BAD_UTF8 "\"";
    CHECK_CODE(SAC_ERR_INVALID_UTF8, code_of(sac_post_json(client, "/v1/echo", json)));
    CHECK_CODE(SAC_ERR_INVALID_UTF8, code_of(sac_put_json(client, "/v1/echo", json)));
    CHECK_CODE(SAC_ERR_INVALID_UTF8, code_of(sac_patch_json(client, "/v1/echo", json)));

    const char *const bad_name[] = {BAD_UTF8, "1", NULL};
    const char *const bad_value[] = {"a", BAD_UTF8, NULL};
    CHECK_CODE(SAC_ERR_INVALID_UTF8, code_of(sac_post_form(client, "/v1/form", bad_name)));
    CHECK_CODE(SAC_ERR_INVALID_UTF8, code_of(sac_post_form(client, "/v1/form", bad_value)));
}

/* The response of a call that sent no request. */
static void check_nothing_was_sent(void)
{
    sac_response *response = sac_get(NULL, "/");
    CHECK_RESPONSE(response);
    CHECK(response->status == 0);
    CHECK(response->attempts == 0);
    CHECK(response->body_len == 0);
    CHECK(response->json_state == SAC_JSON_NONE);
    CHECK(sac_response_header_count(response) == 0);
    CHECK_TEXT(NULL, sac_response_header(response, "Content-Type"));
    sac_response_free(response);
}

static void check_request_new(void)
{
    sac_request *request = NULL;
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_request_new(NULL, "/", &request));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_request_new("GET", NULL, &request));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_request_new("GET", "/", NULL));
    CHECK_CODE(SAC_ERR_INVALID_UTF8, sac_request_new(BAD_UTF8, "/", &request));
    CHECK_CODE(SAC_ERR_INVALID_UTF8, sac_request_new("GET", "/" BAD_UTF8, &request));
    static const char *const methods[] = {"", "G T", "GET\n", "CONNECT", "G\xc3\x84T"};
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        request = (sac_request *)&request;
        CHECK_CODE(SAC_ERR_INVALID_METHOD, sac_request_new(methods[i], "/", &request));
        CHECK(request == NULL);
    }
    CHECK_CODE(SAC_ERR_INVALID_PATH, sac_request_new("GET", "v1", &request));
    CHECK(request == NULL);
}

static void check_null_request(const sac_client *client)
{
    sac_request_free(NULL);
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, code_of(sac_send(client, NULL)));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_request_set_header(NULL, "A", "b"));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_request_add_query(NULL, "a", "b"));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_request_set_json(NULL, "{}"));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_request_add_form_field(NULL, "a", "b"));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_request_set_body(NULL, "a/b", BYTES, sizeof BYTES));
}

static void check_request(const sac_client *client)
{
    sac_request *request = new_request("POST", "/v1/echo");
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, code_of(sac_send(NULL, request)));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_request_set_header(request, NULL, "b"));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_request_set_header(request, "A", NULL));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_request_add_query(request, NULL, "b"));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_request_add_query(request, "a", NULL));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_request_set_json(request, NULL));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_request_add_form_field(request, NULL, "b"));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_request_add_form_field(request, "a", NULL));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_request_set_body(request, NULL, BYTES, sizeof BYTES));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_request_set_body(request, "a/b", NULL, 3));

    CHECK_CODE(SAC_ERR_INVALID_UTF8, sac_request_set_header(request, BAD_UTF8, "b"));
    CHECK_CODE(SAC_ERR_INVALID_UTF8, sac_request_set_header(request, "A", BAD_UTF8));
    CHECK_CODE(SAC_ERR_INVALID_UTF8, sac_request_add_query(request, BAD_UTF8, "b"));
    CHECK_CODE(SAC_ERR_INVALID_UTF8, sac_request_add_query(request, "a", BAD_UTF8));
    CHECK_CODE(SAC_ERR_INVALID_UTF8, sac_request_set_json(request, "\"" BAD_UTF8 "\""));
    CHECK_CODE(SAC_ERR_INVALID_UTF8, sac_request_add_form_field(request, BAD_UTF8, "b"));
    CHECK_CODE(SAC_ERR_INVALID_UTF8, sac_request_add_form_field(request, "a", BAD_UTF8));
    CHECK_CODE(SAC_ERR_INVALID_UTF8, sac_request_set_body(request, BAD_UTF8, BYTES, sizeof BYTES));

    CHECK_CODE(SAC_ERR_INVALID_HEADER, sac_request_set_header(request, "a b", "c"));
    CHECK_CODE(SAC_ERR_INVALID_HEADER, sac_request_set_header(request, "Content-Length", "3"));
    CHECK_CODE(SAC_ERR_INVALID_HEADER, sac_request_set_header(request, "A", "b\r\nC: d"));
    CHECK_CODE(SAC_ERR_INVALID_HEADER, sac_request_set_header(request, "Host", ""));
    CHECK_CODE(SAC_ERR_INVALID_HEADER, sac_request_set_header(request, "Host", "a b"));
    CHECK_CODE(SAC_ERR_INVALID_HEADER, sac_request_set_body(request, "a\nb", BYTES, sizeof BYTES));
    CHECK_CODE(SAC_ERR_INVALID_JSON, sac_request_set_json(request, "{\"a\":"));

    /* The request is unchanged after all refused calls. */
    sac_response *response = sac_send(client, request);
    CHECK_RESPONSE(response);
    CHECK_CODE(SAC_OK, response->code);
    CHECK(sac_json_type_of(response, "/headers/a") == SAC_JSON_TYPE_MISSING);
    CHECK(sac_json_length(response, "/query") == 0);
    CHECK_TEXT("", sac_json_string(response, "/body", NULL));
    sac_response_free(response);
    sac_request_free(request);
}

static void check_readers_without_a_response(void)
{
    const char *name = NULL, *value = NULL;
    int64_t integer = 7;
    double number = 7;
    bool truth = true;
    size_t length = 7;
    sac_response_free(NULL);
    sac_string_free(NULL);
    CHECK_TEXT(NULL, sac_response_header(NULL, "A"));
    CHECK(sac_response_header_count(NULL) == 0);
    CHECK(!sac_response_header_at(NULL, 0, &name, &value));
    CHECK(name == NULL && value == NULL);
    CHECK_TEXT(NULL, sac_response_link(NULL, "next"));
    CHECK_TEXT("", sac_response_reason(NULL));
    CHECK(sac_json_type_of(NULL, "") == SAC_JSON_TYPE_MISSING);
    CHECK_TEXT(NULL, sac_json_string(NULL, "", &length));
    CHECK_TEXT(NULL, sac_json_text(NULL, "", &length));
    CHECK(!sac_json_int64(NULL, "", &integer) && integer == 7);
    CHECK(!sac_json_double(NULL, "", &number) && number > 6);
    CHECK(!sac_json_bool(NULL, "", &truth) && truth);
    CHECK(sac_json_length(NULL, "") == 0);
    CHECK(length == 7);
}

static void check_readers(const sac_client *client)
{
    const char *name = NULL, *value = NULL;
    int64_t integer = 7;
    double number = 7;
    bool truth = true;
    const char *bad[] = {NULL, BAD_UTF8, "no-slash", "/" BAD_UTF8};
    sac_response *response = sac_get(client, "/v1/items/1");
    CHECK_RESPONSE(response);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CHECK_TEXT(NULL, sac_response_header(response, bad[i]));
        CHECK_TEXT(NULL, sac_response_link(response, bad[i]));
        CHECK(sac_json_type_of(response, bad[i]) == SAC_JSON_TYPE_MISSING);
        CHECK_TEXT(NULL, sac_json_string(response, bad[i], NULL));
        CHECK_TEXT(NULL, sac_json_text(response, bad[i], NULL));
        CHECK(!sac_json_int64(response, bad[i], &integer) && integer == 7);
        CHECK(!sac_json_double(response, bad[i], &number) && number > 6);
        CHECK(!sac_json_bool(response, bad[i], &truth) && truth);
        CHECK(sac_json_length(response, bad[i]) == 0);
    }
    CHECK(!sac_json_int64(response, "/id", NULL));
    CHECK(!sac_json_double(response, "/id", NULL));
    CHECK(!sac_json_bool(response, "/id", NULL));
    CHECK(!sac_response_header_at(response, SIZE_MAX, &name, &value));
    CHECK(!sac_response_header_at(response, sac_response_header_count(response), &name, &value));
    CHECK(name == NULL && value == NULL);
    CHECK(!sac_response_header_at(response, 0, NULL, &value));
    CHECK(!sac_response_header_at(response, 0, &name, NULL));
    sac_response_free(response);
}

int main(int argc, char **argv)
{
    sac_client *client = new_client(base_url_of(argc, argv));
    check_paths(client);
    check_bodies(client);
    check_nothing_was_sent();
    check_request_new();
    check_null_request(client);
    check_request(client);
    check_readers_without_a_response();
    check_readers(client);
    sac_client_free(client);
    return check_result();
}
