/* The parts of the program that tests/c/surface.py writes: the arguments of the functions, and the
 * checks after each call. */
#ifndef SURFACE_H
#define SURFACE_H

#include "check.h"

static const uint8_t BYTES[] = {1, 2, 3};
static const uint16_t STATUSES[] = {503};
static const char *const PAIR[] = {"a", "b", NULL};
static const char *const BAD_CR_LF[] = {"a\r\nX-Injected: 1", "b\r\nX-Injected: 1", NULL};
static const char *const BAD_LF[] = {"a\nX-Injected: 1", "b\nX-Injected: 1", NULL};
static const char *const BAD_CR[] = {"a\rX-Injected: 1", "b\rX-Injected: 1", NULL};

/* Makes sure that the check can fail: the echo shows a field of this name. */
static inline void check_that_injected_field_is_visible(const char *base_url)
{
    sac_client *client = new_client(base_url);
    CHECK_CODE(SAC_OK, sac_add_header(client, "X-Injected", "1"));
    sac_response *response = sac_get(client, "/v1/echo");
    CHECK_TEXT("1", sac_json_string(response, "/headers/x-injected", NULL));
    sac_response_free(response);
    sac_client_free(client);
}

/* The arguments of a call, and the objects that it may create. */
typedef struct fixture {
    sac_client *client, *new_client;
    sac_request *request, *new_request;
    sac_cancel *cancel, *new_cancel;
    sac_response *response;
    sac_stream *stream;
    uint8_t byte;
    char *string;
    const char *text;
    int64_t integer;
    uint64_t natural;
    double number;
    bool truth;
    size_t size;
} fixture;

static inline void on_log(void *userdata, int32_t level, const char *message)
{
    (void)userdata, (void)level;
    if (strpbrk(message, "\r\n"))
        CHECK(!"a log message has one line");
}

static inline bool on_retry(void *userdata, uint32_t attempt, int32_t code, int32_t status,
                            uint64_t wait_ms)
{
    (void)userdata, (void)attempt, (void)code, (void)status, (void)wait_ms;
    return false;
}

static inline bool on_attempt(void *userdata, sac_attempt *attempt)
{
    (void)userdata;
    CHECK(sac_attempt_method(attempt) && sac_attempt_url(attempt) && sac_attempt_target(attempt));
    return true;
}

static inline bool on_data(void *userdata, const uint8_t *bytes, size_t len)
{
    (void)userdata, (void)bytes, (void)len;
    return true;
}

static inline int64_t on_body(void *userdata, uint8_t *buffer, size_t size)
{
    (void)userdata, (void)buffer, (void)size;
    return 0;
}

static inline sac_code on_token(void *userdata, int32_t reason, sac_token *token)
{
    (void)userdata, (void)reason;
    /* Inside the callback the token is not NULL, and refuses what no header field can have. */
    CHECK_CODE(SAC_ERR_INVALID_HEADER, sac_token_set(token, "a\r\nX-Injected: 1", 1));
    CHECK_CODE(SAC_ERR_NULL_ARGUMENT, sac_token_set(token, NULL, 1));
    return sac_token_set(token, "a", UINT64_MAX);
}

static inline void on_token_saved(void *userdata, const char *access_token,
                                  const char *refresh_token, uint64_t expires_in_ms)
{
    (void)userdata, (void)access_token, (void)refresh_token, (void)expires_in_ms;
}

static inline bool on_rewind(void *userdata)
{
    (void)userdata;
    return true;
}

static inline void on_trace(void *userdata, const char *event_json)
{
    (void)userdata, (void)event_json;
}

static inline bool on_progress(void *userdata, uint64_t sent, uint64_t to_send, uint64_t received,
                               uint64_t to_receive)
{
    (void)userdata, (void)sent, (void)to_send, (void)received, (void)to_receive;
    return true;
}

static inline fixture begin(const char *base_url)
{
    fixture f = {0};
    f.client = new_client(base_url);
    sac_set_timeout_ms(f.client, 20000);
    sac_set_logger(f.client, on_log, NULL, SAC_LOG_TRACE);
    CHECK_CODE(SAC_OK, sac_request_new("POST", "/v1/echo", &f.request));
    CHECK_CODE(SAC_OK, sac_cancel_new(&f.cancel));
    f.response = sac_get(NULL, "/");
    f.stream = sac_stream_open(NULL, NULL);
    return f;
}

/* After any accepted setting, the request arrives without an injected field. */
static inline void check_request_is_clean(fixture *f)
{
    sac_response *response = sac_send(f->client, f->request);
    CHECK_RESPONSE(response);
    CHECK(response->code != SAC_ERR_INTERNAL);
    CHECK(sac_json_type_of(response, "/headers/x-injected") == SAC_JSON_TYPE_MISSING);
    sac_response_free(response);
}

static inline void end(fixture *f)
{
    check_request_is_clean(f);
    sac_client_free(f->client), sac_client_free(f->new_client);
    sac_request_free(f->request), sac_request_free(f->new_request);
    sac_cancel_free(f->cancel), sac_cancel_free(f->new_cancel);
    sac_response_free(f->response);
    sac_stream_free(f->stream);
    sac_string_free(f->string);
}

/* The code of a response without an injected field. Frees the response. */
static inline sac_code code_of_clean(sac_response *response)
{
    CHECK_RESPONSE(response);
    CHECK(sac_json_type_of(response, "/headers/x-injected") == SAC_JSON_TYPE_MISSING);
    if (response->error)
        CHECK(!strpbrk(response->error, "\r\n"));
    return code_of(response);
}

/* Names the call, so that a failure says where it happened. */
#define BEGIN(call)                                                                                \
    do {                                                                                           \
        const char *const what = (call);                                                           \
        const int faults = check_faults;                                                           \
        fixture f = begin(base_url)
#define END()                                                                                      \
        end(&f);                                                                                   \
        if (check_faults > faults)                                                                 \
            fprintf(stderr, "  in %s\n", what);                                                    \
    } while (0)

#define CODE_IS(expected, call) CHECK_CODE(expected, call)
#define RESPONSE_IS(expected, call) CHECK_CODE(expected, code_of(call))
#define STREAM_IS(expected, call)                                                                  \
    do {                                                                                           \
        sac_stream *stream = call;                                                                 \
        CHECK_CODE(expected, sac_stream_code(stream));                                             \
        sac_stream_free(stream);                                                                   \
    } while (0)
#define STREAM_OPENED(call)                                                                        \
    do {                                                                                           \
        sac_stream *stream = call;                                                                 \
        CHECK_RESPONSE(sac_stream_head(stream));                                                   \
        sac_stream_free(stream);                                                                   \
    } while (0)
#define NOTHING(holds) CHECK(holds)
#define NO_BUG(call) CHECK((call) != SAC_ERR_INTERNAL)
#define ANSWERED(call) CHECK(code_of_clean(call) != SAC_ERR_INTERNAL)
#define ALL_ANSWERED(call)                                                                         \
    do {                                                                                           \
        sac_response **responses = call;                                                           \
        CHECK(responses != NULL);                                                                  \
        if (responses)                                                                             \
            CHECK_RESPONSE(responses[0]);                                                          \
        sac_responses_free(responses, 1);                                                          \
    } while (0)

#endif
