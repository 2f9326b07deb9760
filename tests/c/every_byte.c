/* Every byte, between two letters, for every setter that takes a string or bytes: the code is never
 * SAC_ERR_INTERNAL, and a request can be sent with all accepted values. */
#include "check.h"

static int accepted;

/* Counts accepted values. A setter may return any code but that of a bug. */
static void check_no_bug(sac_code code)
{
    CHECK(code != SAC_ERR_INTERNAL);
    accepted += code == SAC_OK;
}

static void try_client(const sac_client *plain, const char *text)
{
    sac_client *client = sac_client_clone(plain);
    check_no_bug(sac_add_header(client, text, "v"));
    check_no_bug(sac_add_header(client, "X-Byte", text));
    check_no_bug(sac_add_basic(client, text, text));
    check_no_bug(sac_add_bearer(client, text));
    check_no_bug(sac_add_cookie(client, text, "v"));
    check_no_bug(sac_add_cookie(client, "byte", text));
    check_no_bug(sac_add_signed_cookie(client, text, "{}", "id", "a-key-that-is-long-enough",
                                       SAC_DIGEST_SHA256));
    check_no_bug(sac_add_signed_cookie(client, "signed", "{}", text, "a-key-that-is-long-enough",
                                       SAC_DIGEST_SHA256));
    check_no_bug(sac_set_user_agent(client, text));
    check_no_bug(sac_set_ca_pem(client, text));
    check_no_bug(sac_set_client_certificate_pem(client, text, text));
    code_of(sac_get(client, "/v1/items/1"));
    sac_client_free(client);
}

static void send_and_free(const sac_client *client, sac_request *request)
{
    code_of(sac_send(client, request));
    sac_request_free(request);
}

static void try_request(const sac_client *client, const char *text, const char *path, uint8_t byte)
{
    sac_request *request = NULL;
    check_no_bug(sac_request_new(text, "/v1/echo", &request));
    if (request)
        send_and_free(client, request);
    check_no_bug(sac_request_new("GET", path, &request));
    if (request)
        send_and_free(client, request);

    request = new_request("POST", "/v1/echo");
    check_no_bug(sac_request_set_header(request, text, "v"));
    check_no_bug(sac_request_set_header(request, "X-Byte", text));
    check_no_bug(sac_request_add_query(request, text, text));
    check_no_bug(sac_request_set_idempotency_key(request, text));
    CHECK_CODE(SAC_OK, sac_request_set_body(request, "x/y", &byte, 1));
    check_no_bug(sac_request_set_body(request, text, &byte, 1));
    send_and_free(client, request);

    request = new_request("POST", "/v1/echo");
    check_no_bug(sac_request_add_form_field(request, text, text));
    send_and_free(client, request);

    request = new_request("POST", "/v1/echo");
    CHECK_CODE(SAC_OK, sac_request_add_part(request, "p", NULL, NULL, &byte, 1));
    check_no_bug(sac_request_add_part(request, text, text, text, &byte, 1));
    send_and_free(client, request);
}

static void try_webhook(const char *text, const uint8_t *byte)
{
    const char *const secrets[] = {text}, *const other[] = {text, text, NULL};
    const char *const names[] = {"X-Slack-Signature", "webhook-signature", "Stripe-Signature",
                                 "X-Hub-Signature-256", "X-Shopify-Hmac-Sha256"};
    for (int32_t scheme = SAC_WEBHOOK_STANDARD; scheme <= SAC_WEBHOOK_SLACK; scheme++) {
        CHECK(sac_webhook_verify(scheme, secrets, 1, other, byte, 1, 0, NULL) != SAC_OK);
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
            const char *const headers[] = {
                names[i], text, "webhook-id", text, "webhook-timestamp", text,
                "X-Slack-Request-Timestamp", text, NULL};
            sac_code code = sac_webhook_verify(scheme, secrets, 1, headers, byte, 1, 0, NULL);
            CHECK(code == SAC_ERR_SIGNATURE || code == SAC_ERR_INVALID_ARGUMENT ||
                  code == SAC_ERR_INVALID_UTF8);
        }
    }
    char *mac = NULL;
    CHECK_CODE(SAC_OK, sac_hmac(SAC_DIGEST_SHA256, byte, 1, byte, 1, SAC_ENCODING_HEX, &mac));
    CHECK(mac && strlen(mac) == 64);
    sac_string_free(mac);
}

int main(int argc, char **argv)
{
    sac_client *client = new_client(base_url_of(argc, argv));
    for (unsigned byte = 0; byte <= UINT8_MAX; byte++) {
        const char text[] = {'a', (char)byte, 'z', '\0'}, path[] = {'/', (char)byte, '\0'};
        try_client(client, text);
        try_request(client, text, path, (uint8_t)byte);
        const uint8_t bytes[] = {(uint8_t)byte};
        try_webhook(text, bytes);
    }
    /* Most setters accept more than half of ASCII. */
    CHECK(accepted > 64 * 15);
    sac_client_free(client);
    return check_result();
}
