/* Verifying webhooks: the cases of tests/webhooks.json, and what is particular to C. */
#include "check.h"

#include <time.h>

enum { MAX_TEXTS = 16 };

static const struct {
    const char *name;
    int32_t number;
} SCHEMES[] = {
    {"standard", SAC_WEBHOOK_STANDARD}, {"stripe", SAC_WEBHOOK_STRIPE},
    {"github", SAC_WEBHOOK_GITHUB},     {"shopify", SAC_WEBHOOK_SHOPIFY},
    {"slack", SAC_WEBHOOK_SLACK},
};

static const char SECRET[] = "It's a Secret to Everybody";
static const uint8_t BODY[] = "Hello, World!";
enum { LENGTH = sizeof BODY - 1 };
static const char SIGNATURE[] =
    "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
static const char *const SECRETS[] = {SECRET};
static const char *const HEADERS[] = {"x-hub-signature-256", SIGNATURE, "X-GitHub-Delivery",
                                      "72d3162e", NULL};

static sac_response *read_cases(void)
{
    FILE *file = fopen("tests/webhooks.json", "rb");
    if (!file) {
        perror("tests/webhooks.json");
        exit(EXIT_FAILURE);
    }
    static char text[1 << 20];
    const size_t length = fread(text, 1, sizeof text, file);
    fclose(file);
    sac_response *cases = sac_json_parse(text, length);
    CHECK(cases->json_state == SAC_JSON_EXACT);
    return cases;
}

/* The texts of a list, from this place in an array on; returns the place after them. */
static size_t add_texts(const sac_response *cases, sac_node list, const char **texts, size_t count)
{
    sac_node text = sac_json_first(cases, list);
    for (; text && count < MAX_TEXTS; text = sac_json_next(cases, text))
        texts[count++] = sac_node_string(cases, text, NULL);
    CHECK(text == 0);
    return count;
}

static int32_t scheme_of(const sac_response *cases, sac_node one)
{
    const char *name = sac_node_string(cases, sac_json_find(cases, one, "/scheme"), NULL);
    for (size_t i = 0; i < sizeof SCHEMES / sizeof SCHEMES[0]; i++) {
        if (name && strcmp(SCHEMES[i].name, name) == 0)
            return SCHEMES[i].number;
    }
    return 0;
}

static void check_case(const sac_response *cases, sac_node one)
{
    const char *secrets[MAX_TEXTS] = {NULL}, *headers[MAX_TEXTS + 1] = {NULL};
    const size_t count = add_texts(cases, sac_json_find(cases, one, "/secrets"), secrets, 0);
    size_t texts = 0;
    sac_node field = sac_json_first(cases, sac_json_find(cases, one, "/headers"));
    for (; field; field = sac_json_next(cases, field))
        texts = add_texts(cases, field, headers, texts);
    headers[texts] = NULL;

    size_t length = 0;
    const char *body = sac_node_string(cases, sac_json_find(cases, one, "/body"), &length);
    uint64_t tolerance_s = 0;
    CHECK(sac_node_uint64(cases, sac_json_find(cases, one, "/tolerance_s"), &tolerance_s));
    char *id = NULL;
    const sac_code code = sac_webhook_verify(scheme_of(cases, one), secrets, count, headers,
                                             (const uint8_t *)body, length, tolerance_s, &id);

    const char *name = sac_node_string(cases, sac_json_find(cases, one, "/name"), NULL);
    const int faults = check_faults;
    CHECK_TEXT(sac_node_string(cases, sac_json_find(cases, one, "/code"), NULL),
               sac_code_name(code));
    /* NULL for an error, as in the case. */
    CHECK_TEXT(sac_node_string(cases, sac_json_find(cases, one, "/id"), NULL), id);
    if (check_faults > faults)
        fprintf(stderr, "  in the case %s\n", name);
    sac_string_free(id);
}

static void check_cases(void)
{
    sac_response *cases = read_cases();
    CHECK(sac_json_length(cases, "") >= 80);
    sac_node one = sac_json_first(cases, sac_json_find(cases, 0, ""));
    for (; one; one = sac_json_next(cases, one))
        check_case(cases, one);
    sac_response_free(cases);
}

/* Verifies a webhook of Slack that was signed this many seconds ago. */
static sac_code verify_signed_at(int64_t age_s, uint64_t tolerance_s)
{
    char timestamp[32], content[128], signature[128];
    snprintf(timestamp, sizeof timestamp, "%lld", (long long)time(NULL) - (long long)age_s);
    snprintf(content, sizeof content, "v0:%s:%s", timestamp, (const char *)BODY);
    char *mac = NULL;
    CHECK_CODE(SAC_OK, sac_hmac(SAC_DIGEST_SHA256, (const uint8_t *)SECRET, strlen(SECRET),
                                (const uint8_t *)content, strlen(content), SAC_ENCODING_HEX, &mac));
    snprintf(signature, sizeof signature, "v0=%s", mac ? mac : "");
    sac_string_free(mac);
    const char *const headers[] = {"x-slack-signature", signature, "x-slack-request-timestamp",
                                   timestamp, NULL};
    return sac_webhook_verify(SAC_WEBHOOK_SLACK, SECRETS, 1, headers, BODY, LENGTH, tolerance_s,
                              NULL);
}

static void check_tolerance(void)
{
    CHECK_CODE(SAC_OK, verify_signed_at(0, 300));
    CHECK_CODE(SAC_OK, verify_signed_at(3600, 7200));
    CHECK_CODE(SAC_OK, verify_signed_at(-3600, 7200));
    CHECK_CODE(SAC_ERR_SIGNATURE, verify_signed_at(3600, 300));
    CHECK_CODE(SAC_ERR_SIGNATURE, verify_signed_at(-3600, 300));
    CHECK_CODE(SAC_OK, verify_signed_at(3600, 0));
    CHECK_CODE(SAC_OK, verify_signed_at(-3600, UINT64_MAX));
}

static sac_code verify(const char *const *secrets, size_t count, const char *const *headers,
                       const uint8_t *body, char **id)
{
    return sac_webhook_verify(SAC_WEBHOOK_GITHUB, secrets, count, headers, body, LENGTH, 0, id);
}

static void check_arguments(void)
{
    const char *const null[] = {NULL}, *const bad[] = {BAD_UTF8}, *const odd[] = {"name", NULL};
    char *id = NULL;
    CHECK_CODE(SAC_OK, verify(SECRETS, 1, HEADERS, BODY, NULL));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, verify(NULL, 1, HEADERS, BODY, &id));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, verify(null, 1, HEADERS, BODY, &id));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, verify(SECRETS, 1, NULL, BODY, &id));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, verify(SECRETS, 1, odd, BODY, &id));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, verify(SECRETS, 1, HEADERS, NULL, &id));
    CHECK_CODE(SAC_ERR_INVALID_UTF8, verify(bad, 1, HEADERS, BODY, &id));
    CHECK_CODE(SAC_ERR_INVALID_ARGUMENT, verify(SECRETS, 0, HEADERS, BODY, &id));
    CHECK_CODE(SAC_ERR_INVALID_ARGUMENT, verify(SECRETS, SIZE_MAX, HEADERS, BODY, &id));
    CHECK_CODE(SAC_ERR_SIGNATURE, verify(SECRETS, 1, null, BODY, &id));
    static const int32_t none[] = {0, 6, -1, INT32_MAX};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        CHECK_CODE(SAC_ERR_INVALID_ARGUMENT,
                   sac_webhook_verify(none[i], SECRETS, 1, HEADERS, BODY, LENGTH, 0, &id));
    }
    CHECK(id == NULL);
}

/* Other fields may have any bytes: the request comes from the network. */
static void check_fields_of_others(void)
{
    const char *const headers[] = {BAD_UTF8, BAD_UTF8, "", "", HEADERS[0], HEADERS[1], NULL};
    const char *const bad_id[] = {HEADERS[0], HEADERS[1], "x-github-delivery", BAD_UTF8, NULL};
    char *id = NULL;
    CHECK_CODE(SAC_OK, verify(SECRETS, 1, headers, BODY, &id));
    CHECK_TEXT("", id);
    sac_string_free(id);
    id = NULL;
    CHECK_CODE(SAC_ERR_SIGNATURE, verify(SECRETS, 1, bad_id, BODY, &id));
    CHECK(id == NULL);
}

int main(void)
{
    check_cases();
    check_tolerance();
    check_arguments();
    check_fields_of_others();
    return check_result();
}
