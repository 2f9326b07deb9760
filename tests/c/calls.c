/* What calls send and what responses contain, against a server that echoes. */
#include "check.h"

/* The response of a call that must succeed. */
static sac_response *ok_response(sac_response *response)
{
    CHECK_RESPONSE(response);
    CHECK_CODE(SAC_OK, response->code);
    CHECK(response->status == 200);
    CHECK(response->attempts == 1);
    CHECK(response->elapsed_us > 0);
    return response;
}

/* The server received this method, media type and body. Frees the response. */
static void check_received(sac_response *response, const char *method, const char *type,
                           const char *body)
{
    ok_response(response);
    CHECK_TEXT(method, sac_json_string(response, "/method", NULL));
    CHECK_TEXT(type, sac_json_string(response, "/headers/content-type", NULL));
    CHECK_TEXT(body, sac_json_string(response, "/body", NULL));
    sac_response_free(response);
}

static void check_one_line_calls(const sac_client *client)
{
    const char *echo = "/v1/echo";
    const char *json_type = "application/json";
    const char *form_type = "application/x-www-form-urlencoded";
    const char *json = "{\"a\": [1, 2.50, \"\xc3\xbc\"]}";
    const char *const fields[] = {"name", "J\xc3\xb6rg & Co", "empty", "", "a=b", "+", NULL};
    check_received(sac_get(client, echo), "GET", NULL, "");
    check_received(sac_delete(client, echo), "DELETE", NULL, "");
    check_received(sac_post_json(client, echo, json), "POST", json_type, json);
    check_received(sac_put_json(client, echo, json), "PUT", json_type, json);
    check_received(sac_patch_json(client, echo, json), "PATCH", json_type, json);
    check_received(sac_post_form(client, echo, fields), "POST", form_type,
                   "name=J%C3%B6rg+%26+Co&empty=&a%3Db=%2B");

    sac_response *form = ok_response(sac_post_form(client, "/v1/form", fields));
    CHECK_TEXT("J\xc3\xb6rg & Co", sac_json_string(form, "/form/name", NULL));
    CHECK_TEXT("", sac_json_string(form, "/form/empty", NULL));
    CHECK_TEXT("+", sac_json_string(form, "/form/a=b", NULL));
    sac_response_free(form);
}

/* NULL sends no body. */
static void check_no_body(const sac_client *client)
{
    const char *echo = "/v1/echo";
    sac_response *responses[] = {
        sac_post_json(client, echo, NULL),
        sac_put_json(client, echo, NULL),
        sac_patch_json(client, echo, NULL),
        sac_post_form(client, echo, NULL),
    };
    for (size_t i = 0; i < sizeof responses / sizeof responses[0]; i++) {
        ok_response(responses[i]);
        CHECK_TEXT("", sac_json_string(responses[i], "/body", NULL));
        sac_response_free(responses[i]);
    }
}

static void check_accept(const sac_client *client)
{
    sac_response *json = ok_response(sac_get(client, "/v1/echo"));
    CHECK_TEXT("application/json", sac_json_string(json, "/headers/accept", NULL));
    sac_response_free(json);
    sac_response *binary = ok_response(sac_get_binary(client, "/v1/echo"));
    CHECK_TEXT("application/octet-stream", sac_json_string(binary, "/headers/accept", NULL));
    sac_response_free(binary);
}

static void check_request(const sac_client *client)
{
    sac_request *request = new_request("REPORT", "/v1/echo?first=1");
    CHECK_CODE(SAC_OK, sac_request_set_header(request, "X-One", "1"));
    CHECK_CODE(SAC_OK, sac_request_set_header(request, "x-one", "\xc3\xbc"));
    CHECK_CODE(SAC_OK, sac_request_add_query(request, "q", "a b&c=\xc3\xbc"));
    CHECK_CODE(SAC_OK, sac_request_add_query(request, "q", "#?/"));
    CHECK_CODE(SAC_OK, sac_request_set_body(request, "text/x-demo", (const uint8_t *)"a\0b", 3));
    /* A request may be sent again and again. */
    for (int i = 0; i < 2; i++) {
        sac_response *response = ok_response(sac_send(client, request));
        CHECK_TEXT("REPORT", sac_json_string(response, "/method", NULL));
        CHECK_TEXT("\xc3\xbc", sac_json_string(response, "/headers/x-one", NULL));
        CHECK_TEXT("text/x-demo", sac_json_string(response, "/headers/content-type", NULL));
        CHECK_TEXT("1", sac_json_string(response, "/query/first", NULL));
        CHECK_TEXT("a b&c=\xc3\xbc", sac_json_string(response, "/query/q/0", NULL));
        CHECK_TEXT("#?/", sac_json_string(response, "/query/q/1", NULL));
        CHECK_TEXT("YQBi", sac_json_string(response, "/body_base64", NULL));
        sac_response_free(response);
    }
    sac_request_free(request);
}

static void check_request_bodies(const sac_client *client)
{
    sac_request *json = new_request("PUT", "/v1/echo");
    CHECK_CODE(SAC_OK, sac_request_set_json(json, "[1]"));
    check_received(sac_send(client, json), "PUT", "application/json", "[1]");
    sac_request_free(json);

    sac_request *form = new_request("POST", "/v1/echo");
    CHECK_CODE(SAC_OK, sac_request_add_form_field(form, "a", "1"));
    CHECK_CODE(SAC_OK, sac_request_add_form_field(form, "b c", "&"));
    check_received(sac_send(client, form), "POST", "application/x-www-form-urlencoded",
                   "a=1&b+c=%26");
    sac_request_free(form);

    sac_request *empty = new_request("POST", "/v1/echo");
    CHECK_CODE(SAC_OK, sac_request_set_body(empty, "text/plain", (const uint8_t *)"", 0));
    check_received(sac_send(client, empty), "POST", "text/plain", "");
    sac_request_free(empty);
}

static void check_response_headers(const sac_client *client)
{
    sac_response *response = ok_response(sac_get(client, "/v1/items"));
    CHECK_TEXT("OK", sac_response_reason(response));
    CHECK_TEXT("application/json", sac_response_header(response, "content-type"));
    CHECK_TEXT("application/json", sac_response_header(response, "CONTENT-TYPE"));
    CHECK_TEXT(NULL, sac_response_header(response, "X-Not-There"));
    size_t count = sac_response_header_count(response);
    size_t found = 0;
    CHECK(count >= 3);
    for (size_t i = 0; i < count; i++) {
        const char *name = NULL, *value = NULL;
        CHECK(sac_response_header_at(response, i, &name, &value));
        CHECK(name && value);
        found += name && value && strcmp(value, "application/json") == 0;
    }
    CHECK(found == 1);
    sac_response_free(response);
}

/* From the first page to the last by Link, and by the full URL under "next". */
static void check_pages(const sac_client *client, const char *base_url)
{
    char expected[200];
    sac_response *first = ok_response(sac_get(client, "/v1/items?per_page=20"));
    snprintf(expected, sizeof expected, "%s/v1/items?page=2&per_page=20", base_url);
    CHECK_TEXT(expected, sac_response_link(first, "next"));
    CHECK_TEXT(expected, sac_json_string(first, "/next", NULL));
    CHECK_TEXT(NULL, sac_response_link(first, "prev"));
    CHECK_TEXT(NULL, sac_response_link(first, "unheard-of"));

    char *path = NULL;
    CHECK_CODE(SAC_OK, sac_client_path_of(client, sac_response_link(first, "next"), &path));
    CHECK_TEXT("/v1/items?page=2&per_page=20", path);
    sac_response_free(first);
    sac_response *last = ok_response(sac_get(client, path ? path : "/"));
    CHECK(sac_json_length(last, "/items") == 5);
    CHECK_TEXT(NULL, sac_response_link(last, "next"));
    CHECK(sac_response_link(last, "prev") != NULL);
    sac_response_free(last);
    sac_string_free(path);
}

/* An item from POST to DELETE. */
static void check_item(const sac_client *client)
{
    sac_response *created = sac_post_json(client, "/v1/items", "{\"name\": \"Kettle\"}");
    char *path = NULL;
    CHECK_RESPONSE(created);
    CHECK_CODE(SAC_OK, created->code);
    CHECK(created->status == 201);
    CHECK_CODE(SAC_OK,
               sac_client_path_of(client, sac_response_header(created, "Location"), &path));
    sac_response_free(created);
    if (!path)
        return;

    sac_response_free(ok_response(sac_patch_json(client, path, "{\"quantity\": 5}")));
    sac_response *read = ok_response(sac_get(client, path));
    int64_t quantity = 0;
    CHECK(sac_json_int64(read, "/quantity", &quantity) && quantity == 5);
    CHECK_TEXT("Kettle", sac_json_string(read, "/name", NULL));
    sac_response_free(read);

    sac_response *deleted = sac_delete(client, path);
    CHECK_RESPONSE(deleted);
    CHECK_CODE(SAC_OK, deleted->code);
    CHECK(deleted->status == 204);
    CHECK_TEXT("{}", deleted->json);
    sac_response_free(deleted);
    CHECK_CODE(SAC_ERR_STATUS, code_of(sac_get(client, path)));
    sac_string_free(path);
}

static void check_picture_and_gzip(const sac_client *client)
{
    static const uint8_t signature[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    sac_response *picture = ok_response(sac_get_binary(client, "/v1/picture.png"));
    CHECK(picture->body_len > 100);
    CHECK(memcmp(picture->body, signature, sizeof signature) == 0);
    CHECK_TEXT("{}", picture->json);
    CHECK(picture->json_state == SAC_JSON_NONE);
    sac_response_free(picture);

    sac_response *coded = ok_response(sac_get(client, "/v1/gzip"));
    bool gzipped = false;
    CHECK(sac_json_bool(coded, "/gzipped", &gzipped) && gzipped);
    CHECK(coded->body_len == coded->json_len && coded->body_len > 1000);
    sac_response_free(coded);
}

int main(int argc, char **argv)
{
    const char *base_url = base_url_of(argc, argv);
    sac_client *client = new_client(base_url);
    check_one_line_calls(client);
    check_no_body(client);
    check_accept(client);
    check_request(client);
    check_request_bodies(client);
    check_response_headers(client);
    check_pages(client, base_url);
    check_item(client);
    check_picture_and_gzip(client);
    sac_client_free(client);
    return check_result();
}
