/* The HMAC of data, by the examples of the RFCs. */
#include "check.h"

static const char DATA[] = "what do ya want for nothing?";

static const uint8_t *bytes(const char *text)
{
    return (const uint8_t *)text;
}

static void check_mac(const char *expected, int32_t digest, int32_t encoding)
{
    char *mac = NULL;
    CHECK_CODE(SAC_OK, sac_hmac(digest, bytes("Jefe"), 4, bytes(DATA), strlen(DATA), encoding, &mac));
    CHECK_TEXT(expected, mac);
    sac_string_free(mac);
}

/* RFC 2202 section 3 and RFC 4231 section 4.3, test case 2. */
static void check_examples(void)
{
    check_mac("effcdf6ae5eb2fa2d27416d5f184df9c259a7c79", SAC_DIGEST_SHA1, SAC_ENCODING_HEX);
    check_mac("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
              SAC_DIGEST_SHA256, SAC_ENCODING_HEX);
    check_mac("W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=", SAC_DIGEST_SHA256,
              SAC_ENCODING_BASE64);
    check_mac("7_zfauXrL6LSdBbV8YTfnCWafHk", SAC_DIGEST_SHA1, SAC_ENCODING_BASE64URL);
    check_mac("164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
              "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
              SAC_DIGEST_SHA512, SAC_ENCODING_HEX);
}

/* Key and data are bytes, which may contain NULs. */
static void check_bytes(void)
{
    static const uint8_t key[] = {0, 'k', 0}, data[] = {0, 255, 0};
    char *whole = NULL, *cut = NULL, *empty = NULL;
    CHECK_CODE(SAC_OK, sac_hmac(SAC_DIGEST_SHA256, key, 3, data, 3, SAC_ENCODING_HEX, &whole));
    CHECK_CODE(SAC_OK, sac_hmac(SAC_DIGEST_SHA256, key, 3, data, 2, SAC_ENCODING_HEX, &cut));
    CHECK_CODE(SAC_OK, sac_hmac(SAC_DIGEST_SHA256, key, 3, NULL, 0, SAC_ENCODING_HEX, &empty));
    CHECK(whole && cut && empty && strcmp(whole, cut) != 0 && strcmp(cut, empty) != 0);
    sac_string_free(whole);
    sac_string_free(cut);
    sac_string_free(empty);
}

static void check_bad_input(void)
{
    const uint8_t *data = bytes(DATA);
    char *out = NULL;
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_hmac(2, NULL, 1, data, 1, 1, &out));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_hmac(2, data, 1, NULL, 1, 1, &out));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_hmac(2, data, 1, data, 1, 1, NULL));
    CHECK_CODE(SAC_ERR_INVALID_ARGUMENT, sac_hmac(2, data, 0, data, 1, 1, &out));
    CHECK_CODE(SAC_ERR_INVALID_ARGUMENT, sac_hmac(0, data, 1, data, 1, 1, &out));
    CHECK_CODE(SAC_ERR_INVALID_ARGUMENT, sac_hmac(4, data, 1, data, 1, 1, &out));
    CHECK_CODE(SAC_ERR_INVALID_ARGUMENT, sac_hmac(2, data, 1, data, 1, 0, &out));
    CHECK_CODE(SAC_ERR_INVALID_ARGUMENT, sac_hmac(2, data, 1, data, 1, 4, &out));
    CHECK(out == NULL);
}

int main(void)
{
    check_examples();
    check_bytes();
    check_bad_input();
    return check_result();
}
