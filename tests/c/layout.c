/* The layout of sac_response, which no later version may change, and the numbers of the codes. */
#include "check.h"

#include <stddef.h>

/* C99 has no static assertion: an array of negative size does not compile. */
#define STATIC_CHECK(name, condition) typedef char static_check_##name[(condition) ? 1 : -1]
#define FIELD_AT(field, offset) STATIC_CHECK(field, offsetof(sac_response, field) == (offset))

STATIC_CHECK(code_is_int32, sizeof(sac_code) == 4);
STATIC_CHECK(json_state_is_int32, sizeof(sac_json_state) == 4);
STATIC_CHECK(json_type_is_int32, sizeof(sac_json_type) == 4);

#if UINTPTR_MAX == UINT64_MAX
FIELD_AT(code, 0);
FIELD_AT(status, 4);
FIELD_AT(json, 8);
FIELD_AT(json_len, 16);
FIELD_AT(body, 24);
FIELD_AT(body_len, 32);
FIELD_AT(error, 40);
FIELD_AT(json_state, 48);
FIELD_AT(attempts, 52);
FIELD_AT(elapsed_us, 56);
#endif

static void check_codes(void)
{
    static const struct {
        sac_code code;
        sac_code number;
        const char *name;
    } codes[] = {
#define CODE(name, number) {name, number, #name}
        CODE(SAC_OK, 0),
        CODE(SAC_ERR_NULL_ARGUMENT, 1),
        CODE(SAC_ERR_INVALID_UTF8, 2),
        CODE(SAC_ERR_INVALID_URL, 3),
        CODE(SAC_ERR_INVALID_PATH, 4),
        CODE(SAC_ERR_INVALID_METHOD, 5),
        CODE(SAC_ERR_INVALID_HEADER, 6),
        CODE(SAC_ERR_INVALID_COOKIE, 7),
        CODE(SAC_ERR_INVALID_JSON, 8),
        CODE(SAC_ERR_INVALID_ARGUMENT, 9),
        CODE(SAC_ERR_FILE, 10),
        CODE(SAC_ERR_CERTIFICATE, 11),
        CODE(SAC_ERR_SIGNATURE, 12),
        CODE(SAC_ERR_RESOLVE, 20),
        CODE(SAC_ERR_CONNECT, 21),
        CODE(SAC_ERR_TLS, 22),
        CODE(SAC_ERR_PROXY, 23),
        CODE(SAC_ERR_TIMEOUT, 24),
        CODE(SAC_ERR_CLOSED, 25),
        CODE(SAC_ERR_PROTOCOL, 26),
        CODE(SAC_ERR_REDIRECT, 27),
        CODE(SAC_ERR_TOO_LARGE, 28),
        CODE(SAC_ERR_TOKEN, 29),
        CODE(SAC_ERR_STATUS, 40),
        CODE(SAC_ERR_RATE_LIMITED, 41),
        CODE(SAC_ERR_NOT_JSON, 42),
        CODE(SAC_ERR_CANCELLED, 60),
        CODE(SAC_ERR_INTERNAL, 61),
#undef CODE
    };
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        CHECK(codes[i].code == codes[i].number);
        CHECK_TEXT(codes[i].name, sac_code_name(codes[i].code));
        const char *message = sac_code_message(codes[i].code);
        CHECK(message && strlen(message) > 5);
    }
}

static void check_unknown_codes(void)
{
    static const int32_t numbers[] = {-1, 13, 30, 1000, INT32_MAX, INT32_MIN};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        CHECK_TEXT("SAC_ERR_UNKNOWN", sac_code_name(numbers[i]));
        CHECK(sac_code_message(numbers[i]) != NULL);
    }
}

static void check_version(void)
{
    char version[32];
    snprintf(version, sizeof version, "%d.%d.%d", SAC_VERSION_MAJOR, SAC_VERSION_MINOR,
             SAC_VERSION_PATCH);
    CHECK_TEXT(version, sac_version());
}

int main(void)
{
    CHECK(SAC_JSON_NONE == 0 && SAC_JSON_EXACT == 1 && SAC_JSON_REPAIRED == 2);
    CHECK(SAC_JSON_TYPE_MISSING == 0 && SAC_JSON_TYPE_NULL == 1 && SAC_JSON_TYPE_BOOL == 2);
    CHECK(SAC_JSON_TYPE_NUMBER == 3 && SAC_JSON_TYPE_STRING == 4 && SAC_JSON_TYPE_ARRAY == 5);
    CHECK(SAC_JSON_TYPE_OBJECT == 6);
    CHECK(SAC_DIGEST_SHA1 == 1 && SAC_DIGEST_SHA256 == 2 && SAC_DIGEST_SHA512 == 3);
    CHECK(SAC_LOG_ERROR == 1 && SAC_LOG_WARN == 2 && SAC_LOG_INFO == 3);
    CHECK(SAC_LOG_DEBUG == 4 && SAC_LOG_TRACE == 5);
    check_codes();
    check_unknown_codes();
    check_version();
    return check_result();
}
