/* Signing and verifying a cookie, without a server. */
#include "check.h"

static const char KEY[] = "ka5ud5455&y&a&e\xc2\xa3u\xc2\xa3"
                          "334ee4rka5y&a&e\xc2\xa3u\xc2\xa3"
                          "334ud5455&y&\xc2\xa3";
static const char KEY_ID[] = "service1>service2";

/* Signed by itsdangerous at 2020-04-09T00:00:00Z. */
static const char KNOWN[] =
    "{\"uuid\": \"19d66a3e-cf98-4d68-8b9a-1df2a40b067f\", \"key_id\": \"service1>service2\"}"
    ".Xo5lgA.i3C_q5NExD1dUc42-jyrv-vcFsc";

static sac_code verify(const char *cookie, uint64_t max_age_s, int32_t digest, char **payload)
{
    const char *const key_ids[] = {"another", KEY_ID};
    const char *const keys[] = {"another key", KEY};
    return sac_cookie_verify(cookie, key_ids, keys, 2, max_age_s, digest, payload);
}

static void check_known_answer(void)
{
    char *payload = NULL;
    CHECK_CODE(SAC_OK, verify(KNOWN, 0, SAC_DIGEST_SHA1, &payload));
    CHECK(payload && strstr(payload, "19d66a3e-cf98-4d68-8b9a-1df2a40b067f"));
    sac_string_free(payload);

    payload = NULL;
    CHECK_CODE(SAC_ERR_INVALID_COOKIE, verify(KNOWN, 50, SAC_DIGEST_SHA1, &payload));
    CHECK_CODE(SAC_ERR_INVALID_COOKIE, verify(KNOWN, 0, SAC_DIGEST_SHA256, &payload));
    CHECK(payload == NULL);
}

static void check_round_trip(int32_t digest)
{
    char *cookie = NULL, *payload = NULL;
    CHECK_CODE(SAC_OK, sac_cookie_sign("{\"b\": 1, \"a\": \"x;y\"}", KEY_ID, KEY, digest, &cookie));
    CHECK(cookie && !strchr(cookie, ';'));
    CHECK_CODE(SAC_OK, verify(cookie, 50, digest, &payload));
    CHECK(payload && strstr(payload, "\"b\": 1, \"a\":") && strstr(payload, KEY_ID));
    sac_string_free(payload);

    payload = NULL;
    if (cookie) {
        cookie[2] = 'c';
        CHECK_CODE(SAC_ERR_INVALID_COOKIE, verify(cookie, 50, digest, &payload));
        CHECK(payload == NULL);
    }
    sac_string_free(cookie);
}

static void check_unknown_key(void)
{
    const char *const key_ids[] = {"another"};
    const char *const keys[] = {KEY};
    char *payload = NULL;
    CHECK_CODE(SAC_ERR_INVALID_COOKIE,
               sac_cookie_verify(KNOWN, key_ids, keys, 1, 0, SAC_DIGEST_SHA1, &payload));
    CHECK_CODE(SAC_ERR_INVALID_COOKIE,
               sac_cookie_verify(KNOWN, key_ids, keys, 0, 0, SAC_DIGEST_SHA1, &payload));
    CHECK(payload == NULL);
}

static void check_what_is_no_cookie(void)
{
    static const char *const cookies[] = {"", ".", "..", "...", "{}", "{}.Xo5lgA", "{}.Xo5lgA.",
                                          "{}.!.!"};
    for (size_t i = 0; i < sizeof cookies / sizeof cookies[0]; i++) {
        char *payload = NULL;
        CHECK_CODE(SAC_ERR_INVALID_COOKIE, verify(cookies[i], 0, SAC_DIGEST_SHA1, &payload));
        CHECK(payload == NULL);
    }
}

static void check_bad_input_to_sign(void)
{
    const int32_t sha1 = SAC_DIGEST_SHA1;
    char *out = NULL;
    const char *bad[] = {NULL, BAD_UTF8};
    const sac_code codes[] = {SAC_ERR_NULL_ARGUMENT, SAC_ERR_INVALID_UTF8};
    for (int i = 0; i < 2; i++) {
        CHECK_CODE(codes[i], sac_cookie_sign(bad[i], KEY_ID, KEY, sha1, &out));
        CHECK_CODE(codes[i], sac_cookie_sign("{}", bad[i], KEY, sha1, &out));
        CHECK_CODE(codes[i], sac_cookie_sign("{}", KEY_ID, bad[i], sha1, &out));
    }
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_cookie_sign("{}", KEY_ID, KEY, sha1, NULL));
    CHECK_CODE(SAC_ERR_INVALID_JSON, sac_cookie_sign("{", KEY_ID, KEY, sha1, &out));
    CHECK_CODE(SAC_ERR_INVALID_ARGUMENT, sac_cookie_sign("{}", KEY_ID, KEY, 0, &out));
    CHECK_CODE(SAC_ERR_INVALID_ARGUMENT, sac_cookie_sign("{}", KEY_ID, KEY, 4, &out));
    CHECK(out == NULL);
}

static void check_bad_input_to_verify(void)
{
    const char *const ids[] = {KEY_ID}, *const keys[] = {KEY};
    const char *const null[] = {NULL}, *const bad[] = {BAD_UTF8};
    const int32_t sha1 = SAC_DIGEST_SHA1;
    char *out = NULL;
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_cookie_verify(NULL, ids, keys, 1, 0, sha1, &out));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_cookie_verify(KNOWN, NULL, keys, 1, 0, sha1, &out));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_cookie_verify(KNOWN, ids, NULL, 1, 0, sha1, &out));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_cookie_verify(KNOWN, null, keys, 1, 0, sha1, &out));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_cookie_verify(KNOWN, ids, null, 1, 0, sha1, &out));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_cookie_verify(KNOWN, ids, keys, 1, 0, sha1, NULL));
    CHECK_CODE(SAC_ERR_INVALID_UTF8, sac_cookie_verify(BAD_UTF8, ids, keys, 1, 0, sha1, &out));
    CHECK_CODE(SAC_ERR_INVALID_UTF8, sac_cookie_verify(KNOWN, bad, keys, 1, 0, sha1, &out));
    CHECK_CODE(SAC_ERR_INVALID_UTF8, sac_cookie_verify(KNOWN, ids, bad, 1, 0, sha1, &out));
    CHECK_CODE(SAC_ERR_INVALID_ARGUMENT, sac_cookie_verify(KNOWN, ids, keys, 1, 0, 0, &out));
    CHECK(out == NULL);
}

int main(void)
{
    check_known_answer();
    check_round_trip(SAC_DIGEST_SHA1);
    check_round_trip(SAC_DIGEST_SHA256);
    check_round_trip(SAC_DIGEST_SHA512);
    check_unknown_key();
    check_what_is_no_cookie();
    check_bad_input_to_sign();
    check_bad_input_to_verify();
    return check_result();
}
