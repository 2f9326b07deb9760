/* The attempt callback, and AWS Signature Version 4. */
#include "check.h"

#include <pthread.h>

/* The SHA-256 of "abc", and of no bytes. */
static const char ABC[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
static const char EMPTY[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

typedef struct seen {
    int calls;
    bool send;
    uint32_t number;
    char method[16], target[64], type[64], length[16], sha256[80], body[64];
    bool has_body;
} seen;

static void copy(char *to, size_t size, const char *text)
{
    snprintf(to, size, "%s", text ? text : "none");
}

static bool look(void *userdata, sac_attempt *attempt)
{
    seen *seen = userdata;
    seen->calls++;
    seen->number = sac_attempt_number(attempt);
    copy(seen->method, sizeof seen->method, sac_attempt_method(attempt));
    copy(seen->target, sizeof seen->target, sac_attempt_target(attempt));
    copy(seen->type, sizeof seen->type, sac_attempt_header(attempt, "content-TYPE"));
    copy(seen->length, sizeof seen->length, sac_attempt_header(attempt, "Content-Length"));
    copy(seen->sha256, sizeof seen->sha256, sac_attempt_body_sha256(attempt));
    size_t len = 99;
    const uint8_t *body = sac_attempt_body(attempt, &len);
    CHECK(sac_attempt_body(attempt, NULL) == body);
    seen->has_body = body != NULL;
    CHECK(len < sizeof seen->body);
    memcpy(seen->body, body ? body : (const uint8_t *)"", len);
    seen->body[len] = 0;
    const char *url = sac_attempt_url(attempt);
    CHECK(strncmp(url, "http://", 7) == 0 && strstr(url, seen->target));
    CHECK(sac_attempt_header(attempt, "X-None") == NULL);
    CHECK_TEXT("application/json", sac_attempt_header(attempt, "accept"));

    CHECK_CODE(SAC_OK, sac_attempt_set_header(attempt, "X-Signature", "first"));
    const char *first = sac_attempt_header(attempt, "x-signature");
    CHECK_CODE(SAC_OK, sac_attempt_set_header(attempt, "x-signature", "hmac 1234567"));
    CHECK_TEXT("first", first);
    CHECK_TEXT("hmac 1234567", sac_attempt_header(attempt, "X-SIGNATURE"));
    CHECK_CODE(SAC_ERR_INVALID_HEADER, sac_attempt_set_header(attempt, "Content-Length", "1"));
    CHECK_CODE(SAC_ERR_INVALID_HEADER, sac_attempt_set_header(attempt, "X-A", "1\r\nX-B: 2"));
    CHECK_CODE(SAC_ERR_INVALID_HEADER, sac_attempt_set_header(attempt, "X A", "1"));
    CHECK_CODE(SAC_ERR_INVALID_UTF8, sac_attempt_set_header(attempt, "X-A", "\xff"));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_attempt_set_header(attempt, "X-A", NULL));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_attempt_set_header(attempt, NULL, "1"));
    CHECK(sac_attempt_header(attempt, NULL) == NULL);
    CHECK(sac_attempt_header(attempt, "\xff") == NULL);
    return seen->send;
}

static void check_what_it_sees(const char *base_url)
{
    sac_client *client = new_client(base_url);
    seen seen = {.send = true};
    CHECK_CODE(SAC_OK, sac_set_attempt_callback(client, look, &seen));
    sac_request *request = new_request("PUT", "/v1/echo?a=%20b");
    CHECK_CODE(SAC_OK, sac_request_set_body(request, "text/plain", (const uint8_t *)"abc", 3));
    sac_response *response = sac_send(client, request);
    CHECK_RESPONSE(response);
    CHECK_CODE(SAC_OK, response->code);
    CHECK(seen.calls == 1 && seen.number == 1 && seen.has_body);
    CHECK_TEXT("PUT", seen.method);
    CHECK_TEXT("/v1/echo?a=%20b", seen.target);
    CHECK_TEXT("text/plain", seen.type);
    CHECK_TEXT("3", seen.length);
    CHECK_TEXT("abc", seen.body);
    CHECK_TEXT(ABC, seen.sha256);
    CHECK_TEXT("hmac 1234567", sac_json_string(response, "/headers/x-signature", NULL));
    CHECK(sac_json_type_of(response, "/headers/x-b") == SAC_JSON_TYPE_MISSING);
    sac_response_free(response);

    CHECK_CODE(SAC_OK, code_of(sac_get(client, "/v1/items/1")));
    CHECK(seen.has_body);
    CHECK_TEXT("", seen.body);
    CHECK_TEXT("none", seen.length);
    CHECK_TEXT(EMPTY, seen.sha256);

    /* The callback can refuse a retry as well as the first attempt. */
    seen.send = false;
    response = sac_get(client, "/v1/items/1");
    CHECK_RESPONSE(response);
    CHECK_CODE(SAC_ERR_CANCELLED, response->code);
    CHECK(response->attempts == 0);
    CHECK(strstr(response->error, "cancelled by the attempt callback") != NULL);
    CHECK(strstr(response->error, "1234567") == NULL);
    sac_response_free(response);

    CHECK_CODE(SAC_OK, sac_set_attempt_callback(client, NULL, NULL));
    CHECK_CODE(SAC_OK, code_of(sac_get(client, "/v1/items/1")));
    CHECK(seen.calls == 3);
    sac_request_free(request);
    sac_client_free(client);
}

/* A body callback that is read twice: for its hash, and to be sent. */
typedef struct source {
    size_t next;
    int rewinds;
    sac_attempt *attempt;
} source;

static int64_t read_source(void *userdata, uint8_t *buffer, size_t size)
{
    source *source = userdata;
    /* The hash is being computed, and the attempt is used at the same time. */
    if (source->attempt) {
        CHECK(sac_attempt_body_sha256(source->attempt) == NULL);
        CHECK_TEXT("POST", sac_attempt_method(source->attempt));
        CHECK_CODE(SAC_OK, sac_attempt_set_header(source->attempt, "X-Nested", "1"));
    }
    if (source->next == 3)
        return 0;
    (void)size;
    buffer[0] = (uint8_t)"abc"[source->next++];
    return 1;
}

static bool rewind_source(void *userdata)
{
    source *source = userdata;
    source->next = 0;
    source->rewinds++;
    return true;
}

static bool hash_source(void *userdata, sac_attempt *attempt)
{
    source *source = userdata;
    size_t len = 1;
    CHECK(sac_attempt_body(attempt, &len) == NULL && len == 0);
    CHECK_TEXT("chunked", sac_attempt_header(attempt, "Transfer-Encoding"));
    source->attempt = attempt;
    const char *sha256 = sac_attempt_body_sha256(attempt);
    source->attempt = NULL;
    return sac_attempt_set_header(attempt, "X-Sha256", sha256 ? sha256 : "none") == SAC_OK;
}

static void check_hash_of_callback(const char *base_url)
{
    for (int can_rewind = 0; can_rewind < 2; can_rewind++) {
        sac_client *client = new_client(base_url);
        source source = {0};
        CHECK_CODE(SAC_OK, sac_set_attempt_callback(client, hash_source, &source));
        sac_request *request = new_request("POST", "/v1/echo");
        CHECK_CODE(SAC_OK, sac_request_set_body_callback(request, "text/plain", -1, read_source, &source));
        if (can_rewind)
            CHECK_CODE(SAC_OK, sac_request_set_rewind_callback(request, rewind_source, &source));
        sac_response *response = sac_send(client, request);
        CHECK_RESPONSE(response);
        CHECK_CODE(SAC_OK, response->code);
        CHECK(source.rewinds == can_rewind);
        CHECK_TEXT(can_rewind ? ABC : "none", sac_json_string(response, "/headers/x-sha256", NULL));
        CHECK_TEXT(can_rewind ? "1" : NULL, sac_json_string(response, "/headers/x-nested", NULL));
        sac_response_free(response);
        sac_request_free(request);
        sac_client_free(client);
    }
}

enum { REQUESTS = 24 };

static bool count_calls(void *userdata, sac_attempt *attempt)
{
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&mutex);
    ++*(int *)userdata;
    pthread_mutex_unlock(&mutex);
    return sac_attempt_set_header(attempt, "X-Signature", "from a thread") == SAC_OK;
}

static void check_many_threads(const char *base_url)
{
    sac_client *client = new_client(base_url);
    int calls = 0;
    CHECK_CODE(SAC_OK, sac_set_attempt_callback(client, count_calls, &calls));
    sac_request *request = new_request("GET", "/v1/echo");
    const sac_request *requests[REQUESTS];
    for (size_t i = 0; i < REQUESTS; i++)
        requests[i] = request;
    sac_response **responses = sac_send_all(client, requests, REQUESTS, 8);
    CHECK(responses != NULL && calls == REQUESTS);
    for (size_t i = 0; responses && i < REQUESTS; i++) {
        CHECK_CODE(SAC_OK, responses[i]->code);
        CHECK_TEXT("from a thread", sac_json_string(responses[i], "/headers/x-signature", NULL));
    }
    sac_responses_free(responses, REQUESTS);
    sac_request_free(request);
    sac_client_free(client);
}

static void check_signature(const char *base_url)
{
    sac_client *client = new_client(base_url);
    CHECK_CODE(SAC_OK, sac_set_aws_sigv4(client, "us-east-1", "s3", "AKIDEXAMPLE", "s3cret-key", "t0ken"));
    sac_response *response = sac_get(client, "/v1/echo");
    CHECK_RESPONSE(response);
    CHECK_CODE(SAC_OK, response->code);
    const char *signed_as = sac_json_string(response, "/headers/authorization", NULL);
    CHECK(signed_as && strncmp(signed_as, "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/", 40) == 0);
    CHECK(signed_as && strstr(signed_as, "/us-east-1/s3/aws4_request, SignedHeaders="
                                         "host;x-amz-content-sha256;x-amz-date;x-amz-security-token, Signature="));
    CHECK_TEXT(EMPTY, sac_json_string(response, "/headers/x-amz-content-sha256", NULL));
    CHECK_TEXT("t0ken", sac_json_string(response, "/headers/x-amz-security-token", NULL));
    sac_response_free(response);

    CHECK_CODE(SAC_OK, sac_set_aws_sigv4(client, "eu-west-1", "sts", "AKIDEXAMPLE", "s3cret-key", NULL));
    response = sac_get(client, "/v1/echo");
    CHECK(sac_json_type_of(response, "/headers/x-amz-security-token") == SAC_JSON_TYPE_MISSING);
    sac_response_free(response);

    static const char *const BAD[][4] = {{"", "s3", "k", "s"}, {"r", "s/3", "k", "s"}, {"r", "s3", "k,", "s"},
                                         {"r", "s3", "k", ""}, {"r", "s3", "k", "s\n"}};
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++)
        CHECK_CODE(SAC_ERR_INVALID_ARGUMENT,
                   sac_set_aws_sigv4(client, BAD[i][0], BAD[i][1], BAD[i][2], BAD[i][3], NULL));
    sac_client_free(client);
}

int main(int argc, char **argv)
{
    const char *base_url = base_url_of(argc, argv);
    check_what_it_sees(base_url);
    check_hash_of_callback(base_url);
    check_many_threads(base_url);
    check_signature(base_url);
    return check_result();
}
