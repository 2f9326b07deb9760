/*
 * The C side of the interoperability checks. check.py runs it.
 *
 *   client send   BASE_URL PATH NAME PAYLOAD KEY_ID KEY DIGEST
 *   client sign   PAYLOAD KEY_ID KEY DIGEST
 *   client verify COOKIE KEY_ID KEY MAX_AGE_S DIGEST
 *   client webhook SCHEME TOLERANCE_S SECRET BODY [NAME VALUE]...
 *   client hmac   KEY DATA ENCODING
 *
 * The first line of the output names the code; the rest is the JSON, the cookie, the payload, the id
 * or the MAC.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sac.h"

static int print_result(int32_t code, const char *text)
{
    printf("%s\n%s", sac_code_name(code), text != NULL ? text : "");
    return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* Adds one cookie before the signed one and one after it, to check that both arrive. */
static int32_t add_cookies(sac_client *client, char **args)
{
    int32_t code = sac_add_cookie(client, "before", "first");
    if (code == SAC_OK) {
        int32_t digest = (int32_t)strtol(args[4], NULL, 10);
        code = sac_add_signed_cookie(client, args[0], args[1], args[2], args[3], digest);
    }
    if (code == SAC_OK) {
        code = sac_add_cookie(client, "after", "l\xc3\xa4st");
    }
    return code;
}

static int send_cookies(char **args)
{
    sac_client *client = NULL;
    int32_t code = sac_client_new(args[0], &client);
    if (code == SAC_OK) {
        code = add_cookies(client, args + 2);
    }
    if (code == SAC_OK) {
        code = sac_set_retry_attempts(client, 1);
    }
    int result;
    if (code == SAC_OK) {
        sac_response *response = sac_get(client, args[1]);
        result = print_result(response->code, response->json);
        sac_response_free(response);
    } else {
        result = print_result(code, NULL);
    }
    sac_client_free(client);
    return result;
}

static int sign(char **args)
{
    char *cookie = NULL;
    int32_t digest = (int32_t)strtol(args[3], NULL, 10);
    int32_t code = sac_cookie_sign(args[0], args[1], args[2], digest, &cookie);
    int result = print_result(code, cookie);
    sac_string_free(cookie);
    return result;
}

static int verify(char **args)
{
    const char *key_ids[] = { "another", args[1] };
    const char *keys[] = { "another key", args[2] };
    uint64_t max_age_s = strtoull(args[3], NULL, 10);
    int32_t digest = (int32_t)strtol(args[4], NULL, 10);
    char *payload = NULL;
    int32_t code = sac_cookie_verify(args[0], key_ids, keys, 2, max_age_s, digest, &payload);
    int result = print_result(code, payload);
    sac_string_free(payload);
    return result;
}

/* The fields are the last arguments, which end with NULL, as the library expects it. */
static int verify_webhook(char **args)
{
    const char *const secrets[] = { args[2] };
    char *id = NULL;
    int32_t code = sac_webhook_verify((int32_t)strtol(args[0], NULL, 10), secrets, 1,
                                      (const char *const *)(args + 4), (const uint8_t *)args[3],
                                      strlen(args[3]), strtoull(args[1], NULL, 10), &id);
    int result = print_result(code, id);
    sac_string_free(id);
    return result;
}

static int compute_hmac(char **args)
{
    char *mac = NULL;
    int32_t code = sac_hmac(SAC_DIGEST_SHA256, (const uint8_t *)args[0], strlen(args[0]),
                            (const uint8_t *)args[1], strlen(args[1]),
                            (int32_t)strtol(args[2], NULL, 10), &mac);
    int result = print_result(code, mac);
    sac_string_free(mac);
    return result;
}

int main(int argc, char **argv)
{
    if (argc == 9 && strcmp(argv[1], "send") == 0) {
        return send_cookies(argv + 2);
    }
    if (argc == 6 && strcmp(argv[1], "sign") == 0) {
        return sign(argv + 2);
    }
    if (argc == 7 && strcmp(argv[1], "verify") == 0) {
        return verify(argv + 2);
    }
    if (argc >= 6 && strcmp(argv[1], "webhook") == 0) {
        return verify_webhook(argv + 2);
    }
    if (argc == 5 && strcmp(argv[1], "hmac") == 0) {
        return compute_hmac(argv + 2);
    }
    fputs("usage: client send|sign|verify|webhook|hmac …, see client.c\n", stderr);
    return EXIT_FAILURE;
}
