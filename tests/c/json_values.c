/* Values of a response, by JSON pointer (RFC 6901). */
#include "check.h"

static sac_response *fetch(const sac_client *client)
{
    sac_response *response = sac_get(client, "/v1/items?per_page=2");
    CHECK_RESPONSE(response);
    CHECK_CODE(SAC_OK, response->code);
    return response;
}

static void check_types(const sac_response *response)
{
    CHECK(sac_json_type_of(response, "") == SAC_JSON_TYPE_OBJECT);
    CHECK(sac_json_type_of(response, "/items") == SAC_JSON_TYPE_ARRAY);
    CHECK(sac_json_type_of(response, "/items/0/name") == SAC_JSON_TYPE_STRING);
    CHECK(sac_json_type_of(response, "/total") == SAC_JSON_TYPE_NUMBER);
    static const char *const missing[] = {"/", "/Items", "/items/2", "/items/-", "/items/00",
                                          "/items/x", "/total/0", "items", "/items/0/name/0"};
    for (size_t i = 0; i < sizeof missing / sizeof missing[0]; i++)
        CHECK(sac_json_type_of(response, missing[i]) == SAC_JSON_TYPE_MISSING);
}

static void check_values(const sac_response *response)
{
    size_t length = 0;
    int64_t integer = 0;
    double number = 0;
    bool truth = true;
    CHECK_TEXT("Item 1", sac_json_string(response, "/items/0/name", &length));
    CHECK(length == strlen("Item 1"));
    CHECK_TEXT("\"Item 1\"", sac_json_text(response, "/items/0/name", &length));
    CHECK(length == strlen("\"Item 1\""));
    CHECK_TEXT("[\"odd\"]", sac_json_text(response, "/items/0/tags", NULL));
    CHECK_TEXT(response->json, sac_json_text(response, "", &length));
    CHECK(sac_json_int64(response, "/total", &integer) && integer == 25);
    CHECK(sac_json_double(response, "/total", &number) && number > 24.9 && number < 25.1);
    CHECK(sac_json_length(response, "/items") == 2);
    CHECK(sac_json_length(response, "") == 5);

    /* A value of another type is not converted, and nothing is written. */
    CHECK_TEXT(NULL, sac_json_string(response, "/total", NULL));
    CHECK(!sac_json_bool(response, "/total", &truth) && truth);
    CHECK(!sac_json_int64(response, "/items/0/name", &integer) && integer == 25);
    CHECK(!sac_json_double(response, "/items", &number));
    CHECK(sac_json_length(response, "/total") == 0);
    CHECK(sac_json_length(response, "/items/0/name") == 0);
}

static void check_bool_and_null(const sac_client *client)
{
    bool truth = false;
    sac_response *last = sac_get(client, "/v1/items?per_page=100");
    CHECK_RESPONSE(last);
    CHECK(sac_json_type_of(last, "/next") == SAC_JSON_TYPE_NULL);
    CHECK_TEXT(NULL, sac_json_string(last, "/next", NULL));
    CHECK_TEXT("null", sac_json_text(last, "/next", NULL));
    sac_response_free(last);

    sac_response *gzip = sac_get(client, "/v1/gzip");
    CHECK_RESPONSE(gzip);
    CHECK(sac_json_type_of(gzip, "/gzipped") == SAC_JSON_TYPE_BOOL);
    CHECK(sac_json_bool(gzip, "/gzipped", &truth) && truth);
    sac_response_free(gzip);
}

/* Names that a pointer must escape, and strings that contain escapes. */
static void check_escapes(const sac_client *client)
{
    sac_response *response = sac_get(client, "/v1/echo?a/b=1&m~n=2&q=%22%5C%09%E2%82%AC&%20=3");
    CHECK_RESPONSE(response);
    CHECK_TEXT("1", sac_json_string(response, "/query/a~1b", NULL));
    CHECK_TEXT("2", sac_json_string(response, "/query/m~0n", NULL));
    CHECK_TEXT("3", sac_json_string(response, "/query/ ", NULL));
    CHECK_TEXT("\"\\\t\xe2\x82\xac", sac_json_string(response, "/query/q", NULL));
    CHECK(sac_json_type_of(response, "/query/m~n") == SAC_JSON_TYPE_MISSING);
    sac_response_free(response);
}

int main(int argc, char **argv)
{
    sac_client *client = new_client(base_url_of(argc, argv));
    sac_response *response = fetch(client);
    check_types(response);
    check_values(response);
    sac_response_free(response);
    check_bool_and_null(client);
    check_escapes(client);
    sac_client_free(client);
    return check_result();
}
