/* Bad input to every function that creates or changes a client gives a code, never a crash, and
 * leaves the client unchanged. */
#include "check.h"

static void check_new(const char *base_url)
{
    static const char *const urls[] = {
        "",          "/",           "127.0.0.1",  "ftp://127.0.0.1",      "http://",
        "http:///x", "http://a?b=c", "http://a#b", "http://127.0.0.1:99999", "http://a b",
    };
    sac_client *client = NULL;
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        client = (sac_client *)&client;
        CHECK_CODE(SAC_ERR_INVALID_URL, sac_client_new(urls[i], &client));
        CHECK(client == NULL);
        if (client)
            fprintf(stderr, "  with %s\n", urls[i]);
    }
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_client_new(NULL, &client));
    CHECK(client == NULL);
    CHECK_CODE(SAC_ERR_INVALID_UTF8, sac_client_new("http://" BAD_UTF8, &client));
    CHECK(client == NULL);
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_client_new(base_url, NULL));
}

static void check_null_client(void)
{
    char *path = NULL;
    sac_client_free(NULL);
    sac_client_reset(NULL);
    CHECK(sac_client_clone(NULL) == NULL);
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_client_path_of(NULL, "http://a/", &path));
    CHECK(path == NULL);
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_add_header(NULL, "A", "b"));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_remove_header(NULL, "A"));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_add_basic(NULL, "u", "p"));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_add_digest(NULL, "u", "p"));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_add_bearer(NULL, "t"));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_add_cookie(NULL, "a", "b"));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_remove_cookie(NULL, "a"));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT,
               sac_add_signed_cookie(NULL, "a", "{}", "id", "key", SAC_DIGEST_SHA1));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_timeout_ms(NULL, 1));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_connect_timeout_ms(NULL, 1));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_verify(NULL, true));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_ca_file(NULL, "/nowhere"));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_ca_pem(NULL, ""));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_user_agent(NULL, "a"));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_max_body_bytes(NULL, 1));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_redirects(NULL, 1));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_logger(NULL, NULL, NULL, SAC_LOG_INFO));
}

static void check_null_values(sac_client *client)
{
    char *path = NULL;
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_client_path_of(client, NULL, &path));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_client_path_of(client, "http://a/", NULL));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_add_header(client, NULL, "b"));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_add_header(client, "A", NULL));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_remove_header(client, NULL));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_add_basic(client, NULL, "p"));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_add_basic(client, "u", NULL));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_add_bearer(client, NULL));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_add_cookie(client, NULL, "b"));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_add_cookie(client, "a", NULL));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_remove_cookie(client, NULL));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_ca_file(client, NULL));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_set_ca_pem(client, NULL));
}

static void check_invalid_utf8(sac_client *client)
{
    char *path = NULL;
    CHECK_CODE(SAC_ERR_INVALID_UTF8, sac_client_path_of(client, "http://" BAD_UTF8, &path));
    CHECK_CODE(SAC_ERR_INVALID_UTF8, sac_add_header(client, BAD_UTF8, "b"));
    CHECK_CODE(SAC_ERR_INVALID_UTF8, sac_add_header(client, "A", BAD_UTF8));
    CHECK_CODE(SAC_ERR_INVALID_UTF8, sac_remove_header(client, BAD_UTF8));
    CHECK_CODE(SAC_ERR_INVALID_UTF8, sac_add_basic(client, BAD_UTF8, "p"));
    CHECK_CODE(SAC_ERR_INVALID_UTF8, sac_add_basic(client, "u", BAD_UTF8));
    CHECK_CODE(SAC_ERR_INVALID_UTF8, sac_add_digest(client, "u", BAD_UTF8));
    CHECK_CODE(SAC_ERR_INVALID_ARGUMENT, sac_add_digest(client, "u:v", "p"));
    CHECK_CODE(SAC_ERR_INVALID_UTF8, sac_add_bearer(client, BAD_UTF8));
    CHECK_CODE(SAC_ERR_INVALID_UTF8, sac_add_cookie(client, BAD_UTF8, "b"));
    CHECK_CODE(SAC_ERR_INVALID_UTF8, sac_add_cookie(client, "a", BAD_UTF8));
    CHECK_CODE(SAC_ERR_INVALID_UTF8, sac_remove_cookie(client, BAD_UTF8));
    CHECK_CODE(SAC_ERR_INVALID_UTF8, sac_set_ca_file(client, BAD_UTF8));
    CHECK_CODE(SAC_ERR_INVALID_UTF8, sac_set_ca_pem(client, BAD_UTF8));
    CHECK_CODE(SAC_ERR_INVALID_UTF8, sac_set_user_agent(client, BAD_UTF8));
}

/* Each string argument of the signed cookie in turn, while the others are valid. */
static void check_signed_cookie(sac_client *client)
{
    const char *bad[] = {NULL, BAD_UTF8};
    const sac_code codes[] = {SAC_ERR_NULL_ARGUMENT, SAC_ERR_INVALID_UTF8};
    for (int i = 0; i < 2; i++) {
        const int32_t sha1 = SAC_DIGEST_SHA1;
        CHECK_CODE(codes[i], sac_add_signed_cookie(client, bad[i], "{}", "id", "key", sha1));
        CHECK_CODE(codes[i], sac_add_signed_cookie(client, "a", bad[i], "id", "key", sha1));
        CHECK_CODE(codes[i], sac_add_signed_cookie(client, "a", "{}", bad[i], "key", sha1));
        CHECK_CODE(codes[i], sac_add_signed_cookie(client, "a", "{}", "id", bad[i], sha1));
    }
    static const int32_t digests[] = {0, 4, -1, INT32_MAX};
    for (size_t i = 0; i < sizeof digests / sizeof digests[0]; i++)
        CHECK_CODE(SAC_ERR_INVALID_ARGUMENT,
                   sac_add_signed_cookie(client, "a", "{}", "id", "key", digests[i]));
    static const char *const payloads[] = {"", "{", "{'a': 1}", "{\"a\": 1,}"};
    for (size_t i = 0; i < sizeof payloads / sizeof payloads[0]; i++)
        CHECK_CODE(SAC_ERR_INVALID_JSON,
                   sac_add_signed_cookie(client, "a", payloads[i], "id", "key", SAC_DIGEST_SHA1));
    CHECK_CODE(SAC_ERR_INVALID_COOKIE,
               sac_add_signed_cookie(client, "a b", "{}", "id", "key", SAC_DIGEST_SHA1));
}

static void check_headers_and_cookies(sac_client *client)
{
    static const char *const names[] = {"",          "a b",        "a:",         "a\n",
                                        "h\xc3\xa4", "Connection", "connection", "Content-Length",
                                        "transfer-encoding"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        CHECK_CODE(SAC_ERR_INVALID_HEADER, sac_add_header(client, names[i], "1"));
    static const char *const values[] = {"a\nb", "a\r\nX: y", "a\x01"};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        CHECK_CODE(SAC_ERR_INVALID_HEADER, sac_add_header(client, "A", values[i]));
        CHECK_CODE(SAC_ERR_INVALID_HEADER, sac_set_user_agent(client, values[i]));
        CHECK_CODE(SAC_ERR_INVALID_HEADER, sac_add_bearer(client, values[i]));
        CHECK_CODE(SAC_ERR_INVALID_COOKIE, sac_add_cookie(client, "a", values[i]));
    }
    static const char *const cookie_names[] = {"", "a b", "a=b", "a;b", "a\n"};
    for (size_t i = 0; i < sizeof cookie_names / sizeof cookie_names[0]; i++)
        CHECK_CODE(SAC_ERR_INVALID_COOKIE, sac_add_cookie(client, cookie_names[i], "1"));
    CHECK_CODE(SAC_ERR_INVALID_COOKIE, sac_add_cookie(client, "a", "1; b=2"));
}

static void store_line(void *userdata, int32_t level, const char *message)
{
    CHECK(level == SAC_LOG_ERROR);
    snprintf(userdata, 256, "%s", message);
}

/* The log names the refused field and the reason, but not its value. */
static void check_refused_header(sac_client *client)
{
    static const struct {
        const char *name, *value;
        sac_code code;
        const char *reason;
    } cases[] = {
        {"X-Key", "s3cret\n", SAC_ERR_INVALID_HEADER,
         "SAC_ERR_INVALID_HEADER: the value of the header field x-key contains a control character"},
        {"X-Key", "s3cret\xff", SAC_ERR_INVALID_UTF8,
         "SAC_ERR_INVALID_UTF8: the header field x-key: value is not valid UTF-8"},
        {"X-Key", NULL, SAC_ERR_NULL_ARGUMENT,
         "SAC_ERR_NULL_ARGUMENT: the header field x-key: value is NULL"},
        {"X-Key: s3cret", "", SAC_ERR_INVALID_HEADER,
         "SAC_ERR_INVALID_HEADER: the header field name that begins with X-Key is not a token"},
        {"Host", "", SAC_ERR_INVALID_HEADER,
         "SAC_ERR_INVALID_HEADER: the value of the header field host is not a host with an optional port"},
        {"Host", "s3cret host", SAC_ERR_INVALID_HEADER,
         "SAC_ERR_INVALID_HEADER: the value of the header field host is not a host with an optional port"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char line[256] = "", expected[256];
        snprintf(expected, sizeof expected, "a setting was refused: %s", cases[i].reason);
        CHECK_CODE(SAC_OK, sac_set_logger(client, store_line, line, SAC_LOG_ERROR));
        CHECK_CODE(cases[i].code, sac_add_header(client, cases[i].name, cases[i].value));
        CHECK_TEXT(expected, line);
    }
    CHECK_CODE(SAC_OK, sac_set_logger(client, NULL, NULL, SAC_LOG_ERROR));
}

static void ignore_log(void *userdata, int32_t level, const char *message)
{
    (void)userdata, (void)level, (void)message;
}

static void check_settings(sac_client *client)
{
    CHECK_CODE(SAC_ERR_FILE, sac_set_ca_file(client, "/nowhere/at/all.pem"));
    CHECK_CODE(SAC_ERR_CERTIFICATE, sac_set_ca_pem(client, ""));
    CHECK_CODE(SAC_ERR_CERTIFICATE, sac_set_ca_pem(client, "-----BEGIN CERTIFICATE-----\nAAAA\n"));
    static const int32_t levels[] = {0, 6, -1, INT32_MIN};
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++)
        CHECK_CODE(SAC_ERR_INVALID_ARGUMENT, sac_set_logger(client, ignore_log, NULL, levels[i]));
    /* Without a callback, the level is ignored. */
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++)
        CHECK_CODE(SAC_OK, sac_set_logger(client, NULL, NULL, levels[i]));
}

static void check_path_of(const sac_client *client, const char *base_url)
{
    char other[200];
    snprintf(other, sizeof other, "%s0/", base_url);
    const char *urls[] = {"", "//127.0.0.1/", "https://127.0.0.1/", "http://127.0.0.1:1/", "x:", other};
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        char *path = NULL;
        CHECK_CODE(SAC_ERR_INVALID_URL, sac_client_path_of(client, urls[i], &path));
        CHECK(path == NULL);
    }
}

/* The client is unchanged after all refused calls. */
static void check_untouched(const sac_client *client)
{
    sac_response *response = sac_get(client, "/v1/echo");
    CHECK_RESPONSE(response);
    CHECK_CODE(SAC_OK, response->code);
    CHECK(sac_json_type_of(response, "/headers/a") == SAC_JSON_TYPE_MISSING);
    CHECK(sac_json_type_of(response, "/headers/cookie") == SAC_JSON_TYPE_MISSING);
    CHECK(sac_json_type_of(response, "/headers/authorization") == SAC_JSON_TYPE_MISSING);
    sac_response_free(response);
}

int main(int argc, char **argv)
{
    const char *base_url = base_url_of(argc, argv);
    sac_client *client = new_client(base_url);
    check_new(base_url);
    check_null_client();
    check_null_values(client);
    check_invalid_utf8(client);
    check_signed_cookie(client);
    check_headers_and_cookies(client);
    check_refused_header(client);
    check_settings(client);
    check_path_of(client, base_url);
    check_untouched(client);
    sac_client_free(client);
    return check_result();
}
