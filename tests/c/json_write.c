/* Writing the JSON body of a request value by value. */
#include "check.h"

#include <float.h>
#include <math.h>

/* Checks the body that the server receives, and that it is sent as JSON. */
#define CHECK_SENT(expected) check_sent(client, request, (expected), __LINE__)

static void check_sent(const sac_client *client, const sac_request *request, const char *expected,
                       int line)
{
    sac_response *response = sac_send(client, request);
    CHECK_RESPONSE(response);
    CHECK_CODE(SAC_OK, response->code);
    check_text(expected, sac_json_string(response, "/body", NULL), __FILE__, line, "the body");
    CHECK_TEXT("application/json", sac_json_string(response, "/headers/content-type", NULL));
    sac_response_free(response);
}

static void check_kinds_of_values(const sac_client *client)
{
    sac_request *request = new_request("POST", "/v1/echo");
    CHECK_CODE(SAC_OK, sac_request_json_string(request, "/customer/name", "Ada"));
    CHECK_CODE(SAC_OK, sac_request_json_int64(request, "/numbers/-", INT64_MIN));
    CHECK_CODE(SAC_OK, sac_request_json_uint64(request, "/numbers/-", UINT64_MAX));
    CHECK_CODE(SAC_OK, sac_request_json_double(request, "/numbers/2", 0.1));
    CHECK_CODE(SAC_OK, sac_request_json_double(request, "/numbers/-", DBL_MAX));
    CHECK_CODE(SAC_OK, sac_request_json_bool(request, "/paid", true));
    CHECK_CODE(SAC_OK, sac_request_json_bool(request, "/sent", false));
    CHECK_CODE(SAC_OK, sac_request_json_null(request, "/note"));
    CHECK_CODE(SAC_OK, sac_request_json_text(request, "/tags", " [1.10, \"\\u0000\"]\n"));
    const char *numbers = "\"numbers\":[-9223372036854775808,18446744073709551615,0.1,"
                          "1.7976931348623157e+308]";
    char expected[512];
    snprintf(expected, sizeof expected,
             "{\"customer\":{\"name\":\"Ada\"},%s,\"paid\":true,\"sent\":false,\"note\":null,"
             "\"tags\":[1.10, \"\\u0000\"]}",
             numbers);
    CHECK_SENT(expected);
    CHECK_SENT(expected);

    CHECK_CODE(SAC_OK, sac_request_json_string(request, "/customer", "Grace"));
    CHECK_CODE(SAC_OK, sac_request_json_text(request, "/numbers", "[]"));
    CHECK_SENT("{\"customer\":\"Grace\",\"numbers\":[],\"paid\":true,\"sent\":false,\"note\":null,"
               "\"tags\":[1.10, \"\\u0000\"]}");
    CHECK_CODE(SAC_OK, sac_request_json_int64(request, "", 7));
    CHECK_SENT("7");
    sac_request_free(request);
}

/* Strings that a stranger has typed cannot leave their quotes, as a value or as a name. */
static void check_strings(const sac_client *client)
{
    static const char *const strings[] = {
        "",
        "\"",
        "\\",
        "\\\"",
        "\", \"admin\": true, \"x\": \"",
        "line\nline\r\nline",
        "\x01\x02\b\f\t\x1f\x7f",
        "caf\xc3\xa9 \xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\x9a\x80",
        "\xe2\x80\xa8\xe2\x80\xae\xef\xbb\xbf",
        "</script><!--",
        "%s%n{}[]",
    };
    sac_request *request = new_request("POST", "/v1/echo");
    const size_t count = sizeof strings / sizeof strings[0];
    for (size_t i = 0; i < count; i++) {
        char pointer[64];
        CHECK_CODE(SAC_OK, sac_request_json_string(request, "/values/-", strings[i]));
        snprintf(pointer, sizeof pointer, "/names/%s~1", i == 9 ? "x" : strings[i]);
        CHECK_CODE(SAC_OK, sac_request_json_int64(request, pointer, (int64_t)i));
    }
    sac_response *response = sac_send(client, request);
    CHECK_RESPONSE(response);
    size_t length = 0;
    const char *body = sac_json_string(response, "/body", &length);
    sac_response *read = sac_json_parse(body, length);
    CHECK_RESPONSE(read);
    CHECK(read->json_state == SAC_JSON_EXACT && sac_json_length(read, "") == 2);
    sac_node value = sac_json_find(read, 0, "/values/0");
    sac_node name = sac_json_first(read, sac_json_find(read, 0, "/names"));
    for (size_t i = 0; i < count; i++) {
        char expected[64];
        int64_t number = -1;
        snprintf(expected, sizeof expected, "%s/", i == 9 ? "x" : strings[i]);
        CHECK_TEXT(strings[i], sac_node_string(read, value, NULL));
        CHECK_TEXT(expected, sac_node_name(read, name, NULL));
        CHECK(sac_node_int64(read, name, &number) && number == (int64_t)i);
        value = sac_json_next(read, value);
        name = sac_json_next(read, name);
    }
    CHECK(value == 0 && name == 0);
    sac_response_free(read);
    sac_response_free(response);
    sac_request_free(request);
}

/* A refused value changes nothing. */
static void check_refused_values(const sac_client *client)
{
    static const char start[] = "{\"list\":[1,2.50],\"text\":\"abc\"}";
    static const char *const misfits[] = {"list",     "/~2",      "/list/3", "/list/01",
                                          "/list/-1", "/list/",   "/list/a", "/list/0/0",
                                          "/text/0",  "/text/a/b"};
    sac_request *request = new_request("POST", "/v1/echo");
    CHECK_CODE(SAC_OK, sac_request_set_json(request, start));
    for (size_t i = 0; i < sizeof misfits / sizeof misfits[0]; i++) {
        CHECK_CODE(SAC_ERR_INVALID_ARGUMENT, sac_request_json_string(request, misfits[i], "x"));
        CHECK_CODE(SAC_ERR_INVALID_ARGUMENT, sac_request_json_int64(request, misfits[i], 1));
        CHECK_CODE(SAC_ERR_INVALID_ARGUMENT, sac_request_json_uint64(request, misfits[i], 1));
        CHECK_CODE(SAC_ERR_INVALID_ARGUMENT, sac_request_json_double(request, misfits[i], 1));
        CHECK_CODE(SAC_ERR_INVALID_ARGUMENT, sac_request_json_bool(request, misfits[i], true));
        CHECK_CODE(SAC_ERR_INVALID_ARGUMENT, sac_request_json_null(request, misfits[i]));
        CHECK_CODE(SAC_ERR_INVALID_ARGUMENT, sac_request_json_text(request, misfits[i], "[]"));
    }
    CHECK_CODE(SAC_ERR_INVALID_ARGUMENT, sac_request_json_double(request, "/a", NAN));
    CHECK_CODE(SAC_ERR_INVALID_ARGUMENT, sac_request_json_double(request, "/a", INFINITY));
    CHECK_CODE(SAC_ERR_INVALID_ARGUMENT, sac_request_json_double(request, "/a", -INFINITY));
    CHECK_CODE(SAC_ERR_INVALID_JSON, sac_request_json_text(request, "/a", ""));
    CHECK_CODE(SAC_ERR_INVALID_JSON, sac_request_json_text(request, "/a", "{\"a\":1,}"));
    CHECK_CODE(SAC_ERR_INVALID_JSON, sac_request_json_text(request, "/a", "1}, {\"b\":2"));
    CHECK_CODE(SAC_ERR_INVALID_UTF8, sac_request_json_text(request, "/a", "\"" BAD_UTF8 "\""));
    CHECK_CODE(SAC_ERR_INVALID_UTF8, sac_request_json_string(request, "/a", BAD_UTF8));
    CHECK_CODE(SAC_ERR_INVALID_UTF8, sac_request_json_string(request, "/" BAD_UTF8, "a"));
    CHECK_CODE(SAC_ERR_INVALID_UTF8, sac_request_json_null(request, "/" BAD_UTF8));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_request_json_string(NULL, "/a", "a"));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_request_json_string(request, NULL, "a"));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_request_json_string(request, "/a", NULL));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_request_json_text(request, "/a", NULL));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_request_json_null(NULL, "/a"));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_request_json_bool(request, NULL, true));
    CHECK_SENT(start);

    CHECK_CODE(SAC_OK, sac_request_json_null(request, "/list/-"));
    CHECK_SENT("{\"list\":[1,2.50,null],\"text\":\"abc\"}");
    CHECK_CODE(SAC_ERR_INVALID_JSON, sac_request_set_json(request, "{"));
    CHECK_SENT("{\"list\":[1,2.50,null],\"text\":\"abc\"}");
    CHECK_CODE(SAC_OK, sac_request_set_json(request, "[]"));
    CHECK_SENT("[]");
    sac_request_free(request);
}

/* A body has one kind. */
static void check_other_bodies(void)
{
    sac_request *bytes = new_request("POST", "/v1/echo");
    CHECK_CODE(SAC_OK, sac_request_set_body(bytes, "text/plain", (const uint8_t *)"x", 1));
    CHECK_CODE(SAC_ERR_INVALID_ARGUMENT, sac_request_json_null(bytes, "/a"));
    sac_request_free(bytes);

    sac_request *json = new_request("POST", "/v1/echo");
    CHECK_CODE(SAC_OK, sac_request_json_null(json, "/a"));
    CHECK_CODE(SAC_ERR_INVALID_ARGUMENT, sac_request_add_form_field(json, "a", "b"));
    CHECK_CODE(SAC_ERR_INVALID_ARGUMENT,
               sac_request_set_body(json, "text/plain", (const uint8_t *)"x", 1));
    sac_request_free(json);
}

/* A part of a response, and a long list. */
static void check_large_bodies(const sac_client *client)
{
    static const char answer[] = "{\"price\":{\"amount\":12.340000000000000001}}";
    sac_response *response = sac_json_parse(answer, sizeof answer - 1);
    sac_request *request = new_request("POST", "/v1/echo");
    const char *price = sac_json_text(response, "/price", NULL);
    CHECK_CODE(SAC_OK, sac_request_json_text(request, "/paid", price));
    sac_response_free(response);
    CHECK_SENT("{\"paid\":{\"amount\":12.340000000000000001}}");

    for (int64_t i = 0; i < 2000; i++) {
        CHECK_CODE(SAC_OK, sac_request_json_int64(request, "/items/-/id", i));
        char pointer[64];
        snprintf(pointer, sizeof pointer, "/counts/c%d", (int)i);
        CHECK_CODE(SAC_OK, sac_request_json_int64(request, pointer, i));
    }
    response = sac_send(client, request);
    CHECK_RESPONSE(response);
    size_t length = 0;
    int64_t last = 0;
    const char *body = sac_json_string(response, "/body", &length);
    sac_response *read = sac_json_parse(body, length);
    CHECK(sac_json_length(read, "/items") == 2000 && sac_json_length(read, "/counts") == 2000);
    CHECK(sac_json_int64(read, "/items/1999/id", &last) && last == 1999);
    CHECK(sac_json_int64(read, "/counts/c1234", &last) && last == 1234);
    sac_response_free(read);
    sac_response_free(response);
    sac_request_free(request);
}

int main(int argc, char **argv)
{
    sac_client *client = new_client(base_url_of(argc, argv));
    check_kinds_of_values(client);
    check_strings(client);
    check_refused_values(client);
    check_other_bodies();
    check_large_bodies(client);
    sac_client_free(client);
    return check_result();
}
