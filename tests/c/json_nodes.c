/* Reading values from node to node, and parsing any text like the body of a response. */
#include "check.h"

static const char TEXT[] =
    "{\"list\": [1, -2.5, \"two\", true, null, [], {}],\n"
    " \"big\": 18446744073709551615, \"na\\u00efve\": \"a\\u0000b\", \"\": {\"~/\": false}}";

static sac_response *parsed(const char *text)
{
    sac_response *response = sac_json_parse(text, strlen(text));
    CHECK_RESPONSE(response);
    CHECK_CODE(SAC_OK, response->code);
    CHECK(response->status == 0 && response->attempts == 0);
    return response;
}

static void check_iteration(const sac_response *response)
{
    static const sac_json_type types[] = {SAC_JSON_TYPE_NUMBER, SAC_JSON_TYPE_NUMBER,
                                          SAC_JSON_TYPE_STRING, SAC_JSON_TYPE_BOOL,
                                          SAC_JSON_TYPE_NULL,   SAC_JSON_TYPE_ARRAY,
                                          SAC_JSON_TYPE_OBJECT};
    sac_node root = sac_json_find(response, 0, "");
    sac_node list = sac_json_find(response, root, "/list");
    size_t count = 0;
    CHECK(root != 0 && list != 0 && sac_json_first(response, root) == list);
    CHECK(sac_node_length(response, root) == 4 && sac_node_length(response, list) == 7);
    for (sac_node node = sac_json_first(response, list); node != 0; node = sac_json_next(response, node)) {
        CHECK(count < 7 && sac_node_type(response, node) == types[count]);
        CHECK_TEXT(NULL, sac_node_name(response, node, NULL));
        CHECK(sac_json_first(response, node) == 0);
        count++;
    }
    CHECK(count == 7);

    static const char *const names[] = {"list", "big", "na\xc3\xafve", ""};
    count = 0;
    for (sac_node node = list; node != 0; node = sac_json_next(response, node)) {
        size_t length = 0;
        CHECK(count < 4);
        CHECK_TEXT(names[count], sac_node_name(response, node, &length));
        CHECK(length == strlen(names[count]));
        count++;
    }
    CHECK(count == 4 && sac_json_next(response, root) == 0);
}

static void check_values(const sac_response *response)
{
    size_t length = 0;
    int64_t integer = 7;
    uint64_t unsigned_integer = 7;
    double number = 7;
    bool boolean = true;
    sac_node big = sac_json_find(response, 0, "/big");
    CHECK(sac_node_uint64(response, big, &unsigned_integer) && unsigned_integer == UINT64_MAX);
    CHECK(sac_json_uint64(response, "/big", &unsigned_integer) && unsigned_integer == UINT64_MAX);
    CHECK(!sac_node_int64(response, big, &integer) && integer == 7);
    CHECK_TEXT("18446744073709551615", sac_node_text(response, big, &length));
    CHECK(length == 20);
    sac_node list = sac_json_find(response, 0, "/list");
    CHECK(sac_node_int64(response, sac_json_find(response, list, "/0"), &integer) && integer == 1);
    CHECK(sac_node_double(response, sac_json_find(response, list, "/1"), &number) && number < -2.4);
    CHECK_TEXT("two", sac_node_string(response, sac_json_find(response, list, "/2"), &length));
    CHECK(length == 3);
    CHECK(sac_node_bool(response, sac_json_find(response, 0, "//~0~1"), &boolean) && !boolean);
    const char *string = sac_node_string(response, sac_json_next(response, big), &length);
    CHECK(string != NULL && length == 3 && memcmp(string, "a\0b", 4) == 0);
    CHECK(sac_node_string(response, sac_json_next(response, big), NULL) == string);
    CHECK(!sac_node_bool(response, big, &boolean) && !boolean);
    CHECK_TEXT(NULL, sac_node_string(response, big, NULL));
}

/* 0, an invented node and a node of another response have no value. */
static void check_invalid_nodes(const sac_response *response)
{
    sac_response *other = parsed(TEXT);
    sac_node list = sac_json_find(response, 0, "/list");
    sac_node foreign = sac_json_find(other, 0, "/list");
    sac_node nodes[] = {0, 1, 2, 10, SIZE_MAX, list + 1, list - 1, foreign, foreign + 1};
    for (size_t i = 0; i < sizeof nodes / sizeof nodes[0]; i++) {
        int64_t integer = 7;
        double number = 7;
        CHECK(sac_node_type(response, nodes[i]) == SAC_JSON_TYPE_MISSING);
        CHECK(sac_json_first(response, nodes[i]) == 0 && sac_json_next(response, nodes[i]) == 0);
        CHECK_TEXT(NULL, sac_node_name(response, nodes[i], NULL));
        CHECK_TEXT(NULL, sac_node_string(response, nodes[i], NULL));
        CHECK_TEXT(NULL, sac_node_text(response, nodes[i], NULL));
        CHECK(!sac_node_int64(response, nodes[i], &integer) && integer == 7);
        CHECK(!sac_node_double(response, nodes[i], &number));
        CHECK(sac_node_length(response, nodes[i]) == 0);
        CHECK(nodes[i] == 0 || sac_json_find(response, nodes[i], "") == 0);
    }
    CHECK(sac_json_find(response, 0, "list") == 0 && sac_json_find(response, list, "/7") == 0);
    sac_response_free(other);
}

/* Members are found in any order, in each form of a text; of equal names, the last one counts. */
static void check_members(void)
{
    static const char *const texts[] = {
        "[{\"id\":1,\"created_at\":2,\"updated_at\":3},{\"id\":9,\"created_at\":5,\"id\":4,\"updated_at\":6}]",
        "[{\"id\": 1, \"created_at\": 2, \"updated_at\": 3},\n {\"id\": 9, \"created_at\": 5, \"id\": 4, \"updated_at\": 6}]",
        "[{\"id\" :1,\"created_at\":2,\"updated_at\":\n3},{\"\\u0069d\":9,\"created_at\":5,\"i\\u0064\":4,\"updated_at\":6}]",
    };
    static const char *const names[] = {"/id", "/created_at", "/updated_at"};
    for (size_t t = 0; t < sizeof texts / sizeof texts[0]; t++) {
        sac_response *response = parsed(texts[t]);
        sac_node object = sac_json_first(response, sac_json_find(response, 0, ""));
        for (int64_t before = 0; object != 0; before += 3, object = sac_json_next(response, object)) {
            /* Each name after each other one, and twice. */
            for (size_t i = 0; i < 9; i++) {
                size_t first = i / 3, second = i % 3;
                int64_t a = 0, b = 0;
                CHECK(sac_node_int64(response, sac_json_find(response, object, names[first]), &a));
                CHECK(sac_node_int64(response, sac_json_find(response, object, names[second]), &b));
                CHECK(a == before + 1 + (int64_t)first && b == before + 1 + (int64_t)second);
                CHECK(sac_json_find(response, object, "/created_a") == 0);
                CHECK(sac_json_find(response, object, "/d") == 0);
            }
            CHECK(sac_json_find(response, object, NULL) == 0);
            CHECK(sac_json_find(NULL, object, "/id") == 0);
            CHECK(sac_json_find(response, object, "/\xff") == 0);
            CHECK(sac_json_find(response, object + 1, "/id") == 0);
        }
        sac_response_free(response);
    }
}

static void check_texts(void)
{
    sac_response *repaired = parsed("{'a': 1,}");
    CHECK(repaired->json_state == SAC_JSON_REPAIRED);
    CHECK(sac_json_length(repaired, "") == 1);
    sac_response_free(repaired);

    sac_response *nothing = sac_json_parse("<html></html>", 13);
    CHECK_RESPONSE(nothing);
    CHECK_CODE(SAC_ERR_NOT_JSON, nothing->code);
    CHECK(nothing->error != NULL);
    CHECK_TEXT(nothing->error, sac_json_string(nothing, "/error", NULL));
    sac_response_free(nothing);

    sac_response *empty = sac_json_parse(NULL, 0);
    CHECK_CODE(SAC_OK, empty->code);
    CHECK_TEXT("{}", empty->json);
    sac_response_free(empty);

    sac_response *null = sac_json_parse(NULL, 1);
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, null->code);
    sac_response_free(null);
}

/* The library's own texts are read by the same functions. */
static void check_own_texts(const char *base_url)
{
    sac_client *client = new_client(base_url);
    sac_response *response = sac_get(client, "/v1/items");
    CHECK_CODE(SAC_OK, response->code);
    sac_response *journal = parsed(sac_response_journal(response));
    sac_node attempt = sac_json_first(journal, sac_json_find(journal, 0, ""));
    int64_t status = 0;
    uint64_t total_us = 0;
    CHECK(sac_node_int64(journal, sac_json_find(journal, attempt, "/status"), &status));
    CHECK(status == 200 && sac_json_next(journal, attempt) == 0);
    CHECK(sac_json_uint64(journal, "/0/total_us", &total_us) && total_us > 0);
    sac_response_free(journal);
    sac_response_free(response);

    char *text = NULL;
    CHECK_CODE(SAC_OK, sac_client_stats(client, &text));
    sac_response *stats = parsed(text);
    sac_string_free(text);
    uint64_t requests = 0;
    CHECK(sac_json_uint64(stats, "/requests", &requests) && requests == 1);
    CHECK(sac_node_type(stats, sac_json_find(stats, 0, "/retries")) == SAC_JSON_TYPE_OBJECT);
    sac_response_free(stats);
    sac_client_free(client);
}

int main(int argc, char **argv)
{
    sac_response *response = parsed(TEXT);
    CHECK(response->json_state == SAC_JSON_EXACT);
    check_iteration(response);
    check_values(response);
    check_invalid_nodes(response);
    sac_response_free(response);
    check_members();
    check_texts();
    check_own_texts(base_url_of(argc, argv));
    return check_result();
}
