/*
 * libsac, the Simple API Client: call JSON APIs from C, C++, Go and Ruby.
 *
 * This file is generated from the library's sources. Do not edit it.
 *
 * These rules apply to every function:
 *  - A function that sends returns a response that is never NULL. Free it with sac_response_free.
 *    response->code == SAC_OK means success.
 *  - Strings are NUL-terminated UTF-8. Invalid UTF-8 gives SAC_ERR_INVALID_UTF8. NULL gives
 *    SAC_ERR_NULL_ARGUMENT, unless the function allows it. The library copies what it keeps: an
 *    argument only has to stay valid until the function returns.
 *  - Out-parameters are written only on success. The *out of a constructor is NULL on failure.
 *  - Any number of threads may use a client at once, also to change its settings. A running call
 *    keeps the settings that it started with. Several threads may send a request at once, but no
 *    thread may change it while another one sends it. A response does not change until it is freed.
 *  - A function that takes a handle as const does not change it. Every *_free accepts NULL.
 *  - The library writes nothing to stdout or stderr, raises no signal, and does not change the
 *    environment. A bug in the library gives SAC_ERR_INTERNAL.
 */

#ifndef SAC_H
#define SAC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * The major version number of this header.
 */
#define SAC_VERSION_MAJOR 0

/**
 * The minor version number of this header.
 */
#define SAC_VERSION_MINOR 1

/**
 * The patch version number of this header.
 */
#define SAC_VERSION_PATCH 0

/**
 * Digest: SHA-1. Use it only if the other side accepts no better one, as cookie-manager does.
 */
#define SAC_DIGEST_SHA1 1

/**
 * Digest: SHA-256.
 */
#define SAC_DIGEST_SHA256 2

/**
 * Digest: SHA-512.
 */
#define SAC_DIGEST_SHA512 3

/**
 * Encoding: hexadecimal with lower-case letters (RFC 4648 section 8).
 */
#define SAC_ENCODING_HEX 1

/**
 * Encoding: base64 with padding (RFC 4648 section 4).
 */
#define SAC_ENCODING_BASE64 2

/**
 * Encoding: base64url without padding (RFC 4648 section 5), as in a JWT.
 */
#define SAC_ENCODING_BASE64URL 3

/**
 * Webhook scheme: Standard Webhooks 1.0.0 with symmetric keys (`webhook-id`, `webhook-timestamp`,
 * `webhook-signature`; also with the names of Svix, `svix-…`). The secrets are base64, also with
 * the prefix `whsec_`.
 */
#define SAC_WEBHOOK_STANDARD 1

/**
 * Webhook scheme: Stripe (`Stripe-Signature`).
 */
#define SAC_WEBHOOK_STRIPE 2

/**
 * Webhook scheme: GitHub (`X-Hub-Signature-256`).
 */
#define SAC_WEBHOOK_GITHUB 3

/**
 * Webhook scheme: Shopify (`X-Shopify-Hmac-Sha256`).
 */
#define SAC_WEBHOOK_SHOPIFY 4

/**
 * Webhook scheme: Slack (`X-Slack-Signature`).
 */
#define SAC_WEBHOOK_SLACK 5

/**
 * Log level: a call failed.
 */
#define SAC_LOG_ERROR 1

/**
 * Log level: a problem that the library solved, for example by a retry.
 */
#define SAC_LOG_WARN 2

/**
 * Log level: one line for each call.
 */
#define SAC_LOG_INFO 3

/**
 * Log level: one line for each step of a call.
 */
#define SAC_LOG_DEBUG 4

/**
 * Log level: all details.
 */
#define SAC_LOG_TRACE 5

/**
 * The reason of a token callback: there is no token, or it has expired.
 */
#define SAC_TOKEN_NEEDED 1

/**
 * The reason of a token callback: the token expires soon.
 */
#define SAC_TOKEN_EXPIRING 2

/**
 * The reason of a token callback: the server has refused the token with a 401.
 */
#define SAC_TOKEN_REFUSED 3

/**
 * TLS 1.2 (RFC 5246) is the oldest version that is accepted: the default.
 */
#define SAC_TLS_1_2 12

/**
 * TLS 1.3 (RFC 8446) is the oldest version that is accepted.
 */
#define SAC_TLS_1_3 13

/**
 * A request that is about to be sent, for a callback. The library owns it; it is valid until the callback
 * returns. One thread at a time.
 */
typedef struct sac_attempt sac_attempt;

/**
 * A flag that ends calls early. The calls of all requests that it is attached to end with
 * `SAC_ERR_CANCELLED`, also while they wait. A triggered cancel stays triggered. Any thread may
 * trigger it, and any signal handler.
 */
typedef struct sac_cancel sac_cancel;

/**
 * A client: a base URL, settings, and a scope of headers, cookies and credentials. Any number of
 * threads may use it at once, also to change settings. After `fork`, the child may use its copy.
 * Parent and child never share a connection.
 */
typedef struct sac_client sac_client;

/**
 * A request, which can be sent any number of times. Several threads may send it at once, but no
 * thread may change it while another one sends it.
 */
typedef struct sac_request sac_request;

/**
 * The body of a response, which is read while it arrives. One thread at a time may use it, and it may
 * move from thread to thread. It keeps what it needs of the client and of the request, which may be
 * freed before it.
 */
typedef struct sac_stream sac_stream;

/**
 * The token that a token callback sets. It is valid only until the callback returns.
 */
typedef struct sac_token sac_token;

/**
 * The result of a call: `SAC_OK`, or one of the `SAC_ERR_…` constants.
 */
typedef int32_t sac_code;

/**
 * Fetches a bearer token and sets it with `sac_token_set`.
 *
 * `userdata`: the pointer that was set with the callback. `reason`: `SAC_TOKEN_NEEDED`,
 * `SAC_TOKEN_EXPIRING` or `SAC_TOKEN_REFUSED`. `token`: receives the token. Returns `SAC_OK`, or any other
 * code if there is no token. Called on the thread of a call that needs the token, never by two threads at
 * once for one source; no time limit interrupts it. It may call the library. A call that needs this token
 * ends with `SAC_ERR_TOKEN`, so use another client, or a request with its own `Authorization`. It must not
 * wait for another thread that makes such a call, and must not unwind or leave by `longjmp`.
 *
 * Errors: any code; its name is part of the error of the call, which ends with `SAC_ERR_TOKEN`.
 * `SAC_ERR_CANCELLED` (it gave up because of this call: the call ends with that code, and the next call
 * asks again).
 */
typedef sac_code (*sac_token_callback)(void *userdata, int32_t reason, struct sac_token *token);

/**
 * Receives the tokens that a token server has issued.
 *
 * `userdata`: the pointer that was set with the callback. `access_token`: the token for requests.
 * `refresh_token`: the new refresh token; NULL if the server has issued none. Both are secrets, valid until
 * the callback returns. `expires_in_ms`: how long the access token may be used, in milliseconds; 0 if that
 * is unknown. Called on the thread of the call that needed the token, before any call uses it. The
 * restrictions of `sac_token_callback` apply.
 */
typedef void (*sac_token_saved_callback)(void *userdata,
                                         const char *access_token,
                                         const char *refresh_token,
                                         uint64_t expires_in_ms);

/**
 * Receives log messages.
 *
 * `userdata`: the pointer that was set with the callback. `level`: one of `SAC_LOG_ERROR` to
 * `SAC_LOG_TRACE`. `message`: one line without secrets, valid until the callback returns. Called
 * on the thread that makes the call, and by several threads at once if several make calls, so it
 * must be thread-safe. It may call the library. It must not unwind or leave by `longjmp`.
 */
typedef void (*sac_log_callback)(void *userdata, int32_t level, const char *message);

/**
 * Decides before each wait for a retry whether the retry may happen.
 *
 * `userdata`: the pointer that was set with the callback. `attempt`: the number of attempts so
 * far. `code`, `status`: the result of the last attempt; the status is 0 if no response arrived.
 * `wait_ms`: the wait in milliseconds. Returns true to allow the retry; false ends the call with
 * the result of the last attempt. Called on the thread that makes the call, and by several threads
 * at once if several make calls, so it must be thread-safe. It may call the library. It must not
 * unwind or leave by `longjmp`.
 */
typedef bool (*sac_retry_callback)(void *userdata,
                                   uint32_t attempt,
                                   int32_t code,
                                   int32_t status,
                                   uint64_t wait_ms);

/**
 * Called before each request that goes out, after all waits: the first one, each retry, and each
 * redirect. May set header fields, for example a signature.
 *
 * `userdata`: the pointer that was set with the callback. `attempt`: the request, valid until the
 * callback returns. Returns true to send it; false ends the call with `SAC_ERR_CANCELLED`, without a
 * retry. Called on the thread that makes the call, and by several threads at once if several make
 * calls, so it must be thread-safe. It may call the library. It must not unwind or leave by `longjmp`.
 */
typedef bool (*sac_attempt_callback)(void *userdata, struct sac_attempt *attempt);

/**
 * How `json` of a response relates to its `body`: one of the `SAC_JSON_…` constants.
 */
typedef int32_t sac_json_state;

/**
 * The result of a call. The library creates it and never changes it. Any number of threads may
 * read it until `sac_response_free`. Later versions may append fields, but never move or remove
 * one.
 */
typedef struct sac_response {
    /**
     * `SAC_OK`, or the error.
     */
    sac_code code;
    /**
     * The HTTP status; 0 if no response arrived.
     */
    int32_t status;
    /**
     * The JSON text: never NULL, NUL-terminated, well-formed (RFC 8259).
     */
    const char *json;
    /**
     * The length of `json` in bytes, without the NUL.
     */
    size_t json_len;
    /**
     * The received bytes of the body, after content decoding; never NULL.
     */
    const uint8_t *body;
    /**
     * The number of bytes in `body`.
     */
    size_t body_len;
    /**
     * The error in English, on one line; NULL exactly if `code` is `SAC_OK`.
     */
    const char *error;
    /**
     * `SAC_JSON_EXACT`, `SAC_JSON_REPAIRED` or `SAC_JSON_NONE`.
     */
    sac_json_state json_state;
    /**
     * The number of requests that were sent, without redirects; 0 if none was sent.
     */
    uint32_t attempts;
    /**
     * The duration of the whole call in microseconds, including waits.
     */
    uint64_t elapsed_us;
} sac_response;

/**
 * Writes the next bytes of a request body.
 *
 * `userdata`: the pointer that was set with the callback. `buffer`, `size`: where to write at most
 * `size` bytes; `size` is at least 1. Returns the number of bytes written; 0 at the end of the body;
 * -1 to end the call with `SAC_ERR_CANCELLED`. It may wait for bytes; no time limit interrupts it.
 * Called on the thread that makes the call, or that reads from its stream. It may call the library. It
 * must not unwind or leave by `longjmp`.
 */
typedef int64_t (*sac_body_callback)(void *userdata, uint8_t *buffer, size_t size);

/**
 * Makes a body callback begin again, because the request is sent again.
 *
 * `userdata`: the pointer that was set with the callback. Returns true if the next bytes will be the
 * first ones; false ends the call with `SAC_ERR_INVALID_ARGUMENT`. Called on the thread that makes the
 * call. It must not unwind or leave by `longjmp`.
 */
typedef bool (*sac_rewind_callback)(void *userdata);

/**
 * Receives the next bytes of a response body.
 *
 * `userdata`: the pointer that was set with the callback. `bytes`, `len`: the bytes, valid until
 * the callback returns. Returns true to continue; false ends the call with `SAC_ERR_CANCELLED`.
 * Called on the thread that makes the call. It may call the library. It must not unwind or leave
 * by `longjmp`.
 */
typedef bool (*sac_data_callback)(void *userdata, const uint8_t *bytes, size_t len);

/**
 * Receives the progress of the request body and of the response body. A retry starts again from 0.
 *
 * `userdata`: the pointer that was set with the callback. `sent`, `to_send`: the bytes of the
 * request body that were sent, and their total. `received`, `to_receive`: the bytes of the
 * response body that were received, after content decoding, and their total. A total is 0 if it is
 * unknown. Returns true to continue; false ends the call with `SAC_ERR_CANCELLED`. Called on the
 * thread that makes the call, after each piece of at most 128 KiB. It may call the library. It
 * must not unwind or leave by `longjmp`.
 */
typedef bool (*sac_progress_callback)(void *userdata,
                                      uint64_t sent,
                                      uint64_t to_send,
                                      uint64_t received,
                                      uint64_t to_receive);

/**
 * Receives the events of a call, in order.
 *
 * `userdata`: the pointer that was set with the callback. `event_json`: a JSON object on one line,
 * valid until the callback returns. Its member `event` is one of these; the other members are absent
 * if they have no value, and `error` if there was none:
 *
 * - `connection_wanted`: `address` (host and port)
 * - `lookup_started`: `host`
 * - `lookup_done`: `host`, `addresses`, `error`
 * - `connect_started`: `address` (with the port, or the path of a Unix domain socket)
 * - `connect_done`: `address`, `error`
 * - `tls_started`
 * - `tls_done`: `tls` (see `sac_response_tls`), `error`
 * - `connection_ready`: `reused`, `idle_us` (how long a reused connection was idle),
 *   `local_address`, `remote_address`
 * - `head_sent`: the head of the request has been passed to the system
 * - `continue_awaited`: the body waits for the server (`Expect: 100-continue`)
 * - `request_sent`: `error`
 * - `first_byte`: the first byte of the response has arrived
 * - `interim`: `status`, `headers` (an array of names and values; RFC 9110 section 15.2)
 *
 * Later versions may add events and members. Called on the thread that makes the call or reads from
 * its stream. It must not make calls or read from streams: these end with
 * `SAC_ERR_INVALID_ARGUMENT`. It must not unwind or leave by `longjmp`.
 */
typedef void (*sac_trace_callback)(void *userdata, const char *event_json);

/**
 * The type of a JSON value: one of the `SAC_JSON_TYPE_…` constants.
 */
typedef int32_t sac_json_type;

/**
 * A value in the JSON of a response; 0 for no value. Valid as long as the response.
 *
 * The numbers have no other meaning: they have no order and differ between responses. The
 * functions treat a number that is not a node of the response, for example a node of another
 * response, like 0. On 64-bit systems, the probability of a mistake is 1 in 2^64 for each byte of
 * the JSON.
 */
typedef size_t sac_node;

/**
 * An event, or another record of a stream. It belongs to the stream and is valid until the next call
 * with the stream. Later versions may append fields.
 */
typedef struct sac_event {
    /**
     * The type that the server has named, or "message"; "" for a record that is not an event.
     */
    const char *type;
    /**
     * The ID of the last event so far; "" for none.
     */
    const char *id;
    /**
     * The data of the event, or the text of the record: NUL-terminated, but it may contain NULs. The
     * data of an event is valid UTF-8.
     */
    const char *data;
    /**
     * The length of `data` in bytes, without the NUL at its end.
     */
    size_t data_len;
} sac_event;

/**
 * How a stream splits a body into records.
 */
typedef int32_t sac_records;

/**
 * The call succeeded.
 */
#define SAC_OK 0

/**
 * A required pointer is NULL.
 */
#define SAC_ERR_NULL_ARGUMENT 1

/**
 * A string is not valid UTF-8.
 */
#define SAC_ERR_INVALID_UTF8 2

/**
 * A URL cannot be used: not http or https, no host, or a part that is not allowed there.
 */
#define SAC_ERR_INVALID_URL 3

/**
 * A path does not start with `/`, or contains a character that is not allowed.
 */
#define SAC_ERR_INVALID_PATH 4

/**
 * A method is not a token (RFC 9110 section 9.1), or a client cannot send it.
 */
#define SAC_ERR_INVALID_METHOD 5

/**
 * A header field name or value is not allowed (RFC 9110 section 5), or the field frames the
 * message.
 */
#define SAC_ERR_INVALID_HEADER 6

/**
 * A cookie name or value is not allowed (RFC 6265 section 4.1.1), or a signature is not valid.
 */
#define SAC_ERR_INVALID_COOKIE 7

/**
 * A JSON text from the caller is not well-formed (RFC 8259).
 */
#define SAC_ERR_INVALID_JSON 8

/**
 * A value is out of range, or options exclude each other.
 */
#define SAC_ERR_INVALID_ARGUMENT 9

/**
 * A local file cannot be read or written.
 */
#define SAC_ERR_FILE 10

/**
 * A certificate or key is not usable PEM.
 */
#define SAC_ERR_CERTIFICATE 11

/**
 * The signature of a webhook does not verify, or the webhook is too old.
 */
#define SAC_ERR_SIGNATURE 12

/**
 * The host name has no address.
 */
#define SAC_ERR_RESOLVE 20

/**
 * The connection to the server failed.
 */
#define SAC_ERR_CONNECT 21

/**
 * The TLS handshake or the verification of the certificate failed.
 */
#define SAC_ERR_TLS 22

/**
 * The proxy refused the request, or does not speak the protocol.
 */
#define SAC_ERR_PROXY 23

/**
 * A time limit was exceeded.
 */
#define SAC_ERR_TIMEOUT 24

/**
 * The connection closed before the response was complete.
 */
#define SAC_ERR_CLOSED 25

/**
 * The response is not valid HTTP.
 */
#define SAC_ERR_PROTOCOL 26

/**
 * Too many redirects, or a redirect that the library refuses.
 */
#define SAC_ERR_REDIRECT 27

/**
 * The body is larger than allowed.
 */
#define SAC_ERR_TOO_LARGE 28

/**
 * No access token could be obtained. The request was not sent, or the server has refused the token
 * that it had.
 */
#define SAC_ERR_TOKEN 29

/**
 * The server responded with a status of 400 or above.
 */
#define SAC_ERR_STATUS 40

/**
 * Too many requests: the server said so (429 or 403), or the wait for a rate limit would exceed
 * the deadline.
 */
#define SAC_ERR_RATE_LIMITED 41

/**
 * The caller asked for JSON and the status is 2xx, but the body contains no JSON.
 */
#define SAC_ERR_NOT_JSON 42

/**
 * The caller cancelled the call.
 */
#define SAC_ERR_CANCELLED 60

/**
 * A bug in the library.
 */
#define SAC_ERR_INTERNAL 61

/**
 * The body contains no JSON, or there is no body.
 */
#define SAC_JSON_NONE 0

/**
 * The body is well-formed JSON.
 */
#define SAC_JSON_EXACT 1

/**
 * The body is damaged JSON, which the library repaired.
 */
#define SAC_JSON_REPAIRED 2

/**
 * There is no such value.
 */
#define SAC_JSON_TYPE_MISSING 0

/**
 * `null`.
 */
#define SAC_JSON_TYPE_NULL 1

/**
 * `true` or `false`.
 */
#define SAC_JSON_TYPE_BOOL 2

/**
 * A number.
 */
#define SAC_JSON_TYPE_NUMBER 3

/**
 * A string.
 */
#define SAC_JSON_TYPE_STRING 4

/**
 * An array.
 */
#define SAC_JSON_TYPE_ARRAY 5

/**
 * An object.
 */
#define SAC_JSON_TYPE_OBJECT 6

/**
 * As the media type of the response says: `text/event-stream` is `SAC_RECORDS_EVENTS`,
 * `application/x-ndjson`, `application/jsonl`, `application/json-seq` and similar types are
 * `SAC_RECORDS_LINES`, all others are `SAC_RECORDS_ARRAY`.
 */
#define SAC_RECORDS_AUTO 0

/**
 * Server-sent events, as the HTML standard of the WHATWG describes them. A response with another
 * media type than `text/event-stream` or `text/plain` has none, and its first record fails with
 * `SAC_ERR_PROTOCOL`. A response without a media type is read.
 */
#define SAC_RECORDS_EVENTS 1

/**
 * JSON texts one after another: JSON lines (NDJSON), or a JSON text sequence (RFC 7464). A text may
 * have several lines, and a line several texts. A comma at the end of a line separates, too.
 */
#define SAC_RECORDS_LINES 2

/**
 * The elements of the outermost array. If the body does not begin with an array, it is read like
 * `SAC_RECORDS_LINES`.
 */
#define SAC_RECORDS_ARRAY 3

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Gets the version of the loaded library, for example `"0.1.0"`.
 *
 * Returns a string that stays valid as long as the library is loaded; never NULL. Any thread, any
 * time.
 */
const char *sac_version(void);

/**
 * Gets the name of a code's constant, for example `"SAC_ERR_TIMEOUT"`.
 *
 * `code`: any number. Returns a string that stays valid as long as the library is loaded; never
 * NULL. Returns `"SAC_ERR_UNKNOWN"` if the number is not a code. Any thread, any time.
 */
const char *sac_code_name(int32_t code);

/**
 * Gets the meaning of a code as an English sentence.
 *
 * `code`: any number. Returns a string that stays valid as long as the library is loaded; never
 * NULL. Any thread, any time.
 */
const char *sac_code_message(int32_t code);

/**
 * Creates a client for the API at a base URL. This opens no connection.
 *
 * `base_url`: `http://` or `https://`, a host, and optionally a port and a base path; no query and
 * no fragment. The path of each request is appended to the base path. A `user:password@` before
 * the host acts as `sac_add_basic`. A link-local IPv6 address may name its network interface,
 * `http://[fe80::1%25eth0]` (RFC 6874); the name is not sent. `out`: receives the client; free it
 * with `sac_client_free`; NULL on failure. Any thread. Errors: `SAC_ERR_NULL_ARGUMENT`,
 * `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_URL`.
 */
sac_code sac_client_new(const char *base_url, struct sac_client **out);

/**
 * Creates a separate scope, for example for one incoming request. The new client starts with a
 * copy of the settings, headers, cookies and credentials. Later changes to one client do not
 * affect the other. Connections, the rate limit, the counters and a source of tokens with its token
 * are shared. A clone costs one small allocation.
 *
 * `client`: the client to copy. Returns a new client; free it with `sac_client_free`, in any
 * order; NULL only if `client` is NULL. Any thread.
 */
struct sac_client *sac_client_clone(const struct sac_client *client);

/**
 * Removes all headers, cookies and credentials of a client. The settings stay. The memory of the
 * secrets is wiped when no running call uses them any more.
 *
 * `client`: NULL has no effect. Any thread; running calls are not affected.
 */
void sac_client_reset(struct sac_client *client);

/**
 * Closes the connections of a client and its clones that no request is using. Later requests open new ones.
 *
 * `client`: NULL has no effect. Any thread; running calls and open streams are not affected.
 */
void sac_client_close_idle(const struct sac_client *client);

/**
 * Frees a client. Its connections close when the client and all its clones are freed.
 *
 * `client`: not freed before; NULL has no effect. Any thread, but only when no other thread uses
 * the client.
 */
void sac_client_free(struct sac_client *client);

/**
 * Converts a full URL of this client's origin to a path for `sac_get`. Such URLs are in `Location`
 * and `Link` header fields, or in members such as `"next"`.
 *
 * `url`: a full URL, or an absolute path of the same origin. `out`: receives the path; free it
 * with `sac_string_free`. Any thread. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`,
 * `SAC_ERR_INVALID_URL` (another origin, or not below the base path).
 */
sac_code sac_client_path_of(const struct sac_client *client, const char *url, char **out);

/**
 * Gets the counters of a client and all its clones, as a JSON object: `requests`, `attempts`,
 * `timeouts`, `bytes_sent`, `bytes_received`, `connections_opened`, `connections_reused`,
 * `waited_ms`, and `retries` by cause.
 *
 * `out`: receives the JSON text; free it with `sac_string_free`. Any thread. Errors:
 * `SAC_ERR_NULL_ARGUMENT`.
 */
sac_code sac_client_stats(const struct sac_client *client, char **out);

/**
 * Sets a header field for every request of this client. It replaces a field of the same name.
 *
 * `name`: a token, in upper or lower case. Fields that frame a message (`Content-Length`,
 * `Transfer-Encoding`, `Connection` and similar fields) are refused. `value`: UTF-8 without
 * control characters. The value of `Host` is a host, optionally with a port (RFC 9110 section
 * 7.2). The value of `Expect` is `100-continue` (section 10.1.1): the body then waits until the
 * server asks for it, but at most one second. Both are copied. Any thread; running calls are not
 * affected. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_HEADER`.
 */
sac_code sac_add_header(struct sac_client *client, const char *name, const char *value);

/**
 * Removes a header field. It is not an error if there is no such field. `Authorization` also stands for
 * a source of tokens, which is removed too.
 *
 * `name`: in upper or lower case. Any thread; running calls are not affected. Errors:
 * `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_HEADER`.
 */
sac_code sac_remove_header(struct sac_client *client,
                           const char *name);

/**
 * Authenticates every request with a user name and a password (RFC 7617). This replaces an earlier
 * `Authorization` or source of tokens.
 *
 * `username`: without a colon. `password`: without control characters. Both are copied, kept out
 * of every log line and error text, and wiped when the client no longer needs them. Any thread;
 * running calls are not affected. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`,
 * `SAC_ERR_INVALID_ARGUMENT` (a colon in the user name, or a control character).
 */
sac_code sac_add_basic(struct sac_client *client, const char *username, const char *password);

/**
 * Authenticates every request with a bearer token (RFC 6750). This replaces an earlier
 * `Authorization` or source of tokens.
 *
 * `token`: copied, kept out of every log line and error text, and wiped when the client no longer
 * needs it. Any thread; running calls are not affected. Errors: `SAC_ERR_NULL_ARGUMENT`,
 * `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_HEADER`.
 */
sac_code sac_add_bearer(struct sac_client *client, const char *token);

/**
 * Authenticates with a user name and a password if the server asks for it with the scheme `Digest`
 * (RFC 7616, and RFC 2617 for older servers). This replaces an earlier `Authorization`.
 *
 * The response to a 401 is the same request with credentials, on the same attempt. Later requests
 * use the nonce of the server again, so they need only one round trip. The strongest algorithm that
 * the server offers is used: SHA-512-256, SHA-256 or MD5, each also with a session key (`-sess`). A
 * digest of the body (`qop=auth-int`) is not supported. If the server refuses the credentials, asks
 * for something that is not supported, or the body cannot be sent again, the 401 is the result.
 * Another origin and a proxy get no credentials.
 *
 * `username`: without a colon. `password`: without control characters. Both are copied, kept out
 * of every log line and error text, and wiped when the client no longer needs them. Any thread;
 * running calls are not affected. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`,
 * `SAC_ERR_INVALID_ARGUMENT` (a colon in the user name, or a control character).
 */
sac_code sac_add_digest(struct sac_client *client, const char *username, const char *password);

/**
 * Signs every request with AWS Signature Version 4, as services of AWS and compatible services demand. This
 * replaces an earlier `Authorization`. Each attempt gets a new signature, because one is valid only for some
 * minutes by the clock of this system.
 *
 * The signature covers `Host`, `Content-Type`, `Content-MD5` and all `x-amz-` fields, and the hash of the
 * body. The library reads a file or a body callback once more to compute the hash. An `x-amz-content-sha256`
 * field of the program is used as the hash. If a body callback cannot begin again, S3 over https
 * gets `UNSIGNED-PAYLOAD`; other calls end with `SAC_ERR_INVALID_ARGUMENT`. The attempt callback runs before the
 * signature, which covers the fields that it sets. A request with its own `Authorization` is not
 * signed, and neither is a redirect to another origin. `sac_add_bearer`, `sac_add_basic`,
 * `sac_remove_header` with `Authorization` and `sac_client_reset` end it.
 *
 * `region`: such as `us-east-1`. `service`: the name in signatures, such as `s3` or `dynamodb`.
 * `access_key_id`, `secret_access_key`: the key. `session_token`: the token of temporary credentials;
 * NULL or `""` if there is none. All are copied; the last three are kept out of every log line and error
 * text, and wiped when the client no longer needs them. Any thread; running calls are not affected. Errors:
 * `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_ARGUMENT` (a string is empty, or
 * contains a character that it cannot contain).
 */
sac_code sac_set_aws_sigv4(struct sac_client *client,
                           const char *region,
                           const char *service,
                           const char *access_key_id,
                           const char *secret_access_key,
                           const char *session_token);

/**
 * Sends a cookie with every request. It replaces a cookie of the same name.
 *
 * `name`: a token (RFC 6265 section 4.1.1). `value`: without control characters and semicolons.
 * Both are copied. The value is kept out of every log line and error text. Any thread; running
 * calls are not affected. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`,
 * `SAC_ERR_INVALID_COOKIE`.
 */
sac_code sac_add_cookie(struct sac_client *client, const char *name, const char *value);

/**
 * Removes a cookie, signed or not. It is not an error if there is no such cookie.
 *
 * `name`: case-sensitive. Any thread; running calls are not affected. Errors:
 * `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_COOKIE`.
 */
sac_code sac_remove_cookie(struct sac_client *client, const char *name);

/**
 * Sends a signed cookie with every request, in the format of itsdangerous' TimestampSigner, which
 * cookie-manager verifies. It replaces a cookie of the same name. The library signs it again for
 * each attempt, because a signature is accepted only for a short time.
 *
 * `name`: a token. `payload_json`: a JSON object; `key_id` is added to it. `key_id`: the name of
 * the key. `key`: the key; it is kept out of every log line and error text, and wiped when the
 * client no longer needs it. `digest`: `SAC_DIGEST_SHA1` (which cookie-manager verifies),
 * `SAC_DIGEST_SHA256` or `SAC_DIGEST_SHA512`. All are copied. Any thread; running calls are not
 * affected. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_COOKIE` (the
 * name), `SAC_ERR_INVALID_JSON` (not a JSON object), `SAC_ERR_INVALID_ARGUMENT` (no such digest,
 * or an empty key).
 */
sac_code sac_add_signed_cookie(struct sac_client *client,
                               const char *name,
                               const char *payload_json,
                               const char *key_id,
                               const char *key,
                               int32_t digest);

/**
 * Authenticates every request with bearer tokens (RFC 6750) from a callback. This replaces an earlier
 * `Authorization` or source of tokens. Later clones use the same callback and share its token.
 *
 * The library calls the callback when a call needs a token, two minutes before a token expires (in the
 * last tenth of a life of less than 20 minutes), and when the server refuses a token with a 401. One
 * thread calls it at a time; other calls use the old token, or wait within their own deadline and cancel.
 * After a 401 the request is sent once more with the new token, if its body can be sent again; a second
 * 401 is the answer. If the callback fails, calls continue with the old token until it expires. Without a
 * token they end with `SAC_ERR_TOKEN`. The callback is not called again for 30 seconds after a failure.
 * A request with its own `Authorization` gets no token, and neither does another origin after a redirect.
 *
 * `callback`: see `sac_token_callback`; NULL removes the source of tokens, of whatever kind. `userdata`:
 * passed to the callback unchanged; it must stay valid until the client, its clones and their calls no
 * longer use it. Any thread; running calls are not affected. Errors: `SAC_ERR_NULL_ARGUMENT` (the
 * client).
 */
sac_code sac_set_token_callback(struct sac_client *client,
                                sac_token_callback callback,
                                void *userdata);

/**
 * Sets the token that a token callback fetches. If it is called more than once, the last call counts.
 *
 * `token`: the token of the running callback; it is not valid after the callback returns. `value`: copied,
 * kept out of every log line and error text, and wiped when no call needs it any more. `expires_in_ms`:
 * how long the token may be used from now on, in milliseconds; 0 if that is unknown: then only a 401 ends
 * its use. One thread at a time: that of the callback. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`,
 * `SAC_ERR_INVALID_HEADER` (empty, or with whitespace or a control character).
 */
sac_code sac_token_set(struct sac_token *token,
                       const char *value,
                       uint64_t expires_in_ms);

/**
 * Authenticates every request with the bearer token in a file (RFC 6750), such as the tokens that
 * Kubernetes and Vault write. This replaces an earlier `Authorization` or source of tokens. Later clones
 * share it.
 *
 * The first call reads the file. Each later call reads it again if its size or its time of change differ.
 * If the file is missing or contains no token, the last good token is used; without one, calls end with
 * `SAC_ERR_TOKEN`. After a 401 the file is read again, and the request is sent once more if the token has
 * changed and the body can be sent again. Whitespace around the token is ignored.
 *
 * `path`: the file; it need not exist yet. Any thread; running calls are not affected. Errors:
 * `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_ARGUMENT` (empty).
 */
sac_code sac_set_bearer_file(struct sac_client *client,
                             const char *path);

/**
 * Authenticates every request with tokens that a token server issues for the credentials of the client
 * (OAuth 2.0, RFC 6749 section 4.4). This replaces an earlier `Authorization` or source of tokens. Later
 * clones share it.
 *
 * The library requests tokens at the same times as it calls a token callback; see
 * `sac_set_token_callback`. The request has the settings of the client (proxy, TLS, time limits, retries,
 * rate limit), but none of its header fields, cookies and callbacks, and follows no redirect. The
 * credentials go into `Authorization: Basic`; if the server does not accept that, into the form, and the
 * library remembers it (section 2.3.1). If the server refuses, calls end with `SAC_ERR_TOKEN` and the words
 * of the server, and it is not asked again for 30 seconds; if it cannot be asked, for 1 second.
 *
 * `token_url`: `http://` or `https://`, without credentials; it may have a query. `client_id`,
 * `client_secret`: not empty. `scope`: words separated by spaces; NULL for the default of the server. All
 * are copied. The secret is kept out of every log line and error text, and wiped when the client no longer
 * needs it. Any thread; running calls are not affected. Errors: `SAC_ERR_NULL_ARGUMENT`,
 * `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_URL`, `SAC_ERR_INVALID_ARGUMENT`.
 */
sac_code sac_set_oauth2_client_credentials(struct sac_client *client,
                                           const char *token_url,
                                           const char *client_id,
                                           const char *client_secret,
                                           const char *scope);

/**
 * Authenticates every request with tokens that a token server issues for a refresh token (OAuth 2.0, RFC
 * 6749 section 6). This replaces an earlier `Authorization` or source of tokens. Later clones share it.
 *
 * It works like `sac_set_oauth2_client_credentials`. If the server replaces the refresh token, the library
 * uses the new one from then on; `sac_set_token_saved_callback` sets a callback that saves it. Processes
 * that fork later do not share the new one.
 *
 * `token_url`, `client_id`: as for `sac_set_oauth2_client_credentials`. `client_secret`: NULL for a public
 * client, which sends only its ID. `refresh_token`: not empty. All are copied; the secrets are kept out of
 * every log line and error text, and wiped when the client no longer needs them. Any thread; running calls
 * are not affected. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_URL`,
 * `SAC_ERR_INVALID_ARGUMENT`.
 */
sac_code sac_set_oauth2_refresh_token(struct sac_client *client,
                                      const char *token_url,
                                      const char *client_id,
                                      const char *client_secret,
                                      const char *refresh_token);

/**
 * Sets the callback that receives the tokens that a token server has issued, for example to save a
 * refresh token that the server has replaced. Later clones use the same callback.
 *
 * `callback`: see `sac_token_saved_callback`; NULL removes it. `userdata`: passed to the callback
 * unchanged; it must stay valid until the client, its clones and their calls no longer use it. Any thread;
 * running calls are not affected. Errors: `SAC_ERR_NULL_ARGUMENT` (the client).
 */
sac_code sac_set_token_saved_callback(struct sac_client *client,
                                      sac_token_saved_callback callback,
                                      void *userdata);

/**
 * Sets the time limit of one attempt, from the DNS lookup to the last byte, with redirects. An
 * endless response, such as a watch, needs 0.
 *
 * `ms`: milliseconds; 0 disables it; the default is 30000. Any thread; running calls are not
 * affected. Errors: `SAC_ERR_NULL_ARGUMENT`.
 */
sac_code sac_set_timeout_ms(struct sac_client *client, uint64_t ms);

/**
 * Sets the time limit of DNS lookup, connect and TLS handshake together.
 *
 * `ms`: milliseconds; 0 disables it; the default is 10000. Any thread; running calls are not
 * affected. Errors: `SAC_ERR_NULL_ARGUMENT`.
 */
sac_code sac_set_connect_timeout_ms(struct sac_client *client, uint64_t ms);

/**
 * Sets the longest time without data from the server, before or within its response. Each byte
 * restarts the time. It never extends `sac_set_timeout_ms`.
 *
 * `ms`: milliseconds; 0, the default, disables it. Any thread; running calls are not affected.
 * Errors: `SAC_ERR_NULL_ARGUMENT`.
 */
sac_code sac_set_read_timeout_ms(struct sac_client *client, uint64_t ms);

/**
 * Sets the time limit of a whole call, with retries and waits. If a wait would exceed it, the call
 * ends at once with the last response, or with `SAC_ERR_TIMEOUT`.
 *
 * `ms`: milliseconds; 0, the default, disables it. Any thread; running calls are not affected.
 * Errors: `SAC_ERR_NULL_ARGUMENT`.
 */
sac_code sac_set_deadline_ms(struct sac_client *client, uint64_t ms);

/**
 * Sets the largest number of attempts after the first one. Only requests that are safe to send
 * twice are retried: requests that were never sent, requests that the server refused (429, a 403
 * that is a rate limit, 503 with `Retry-After`), and idempotent requests (RFC 9110 section 9.2.2,
 * RFC 10008). A request with an idempotency key counts as idempotent.
 *
 * One repetition does not count and also happens at 0. If the server closes a kept connection
 * before the first byte of the response, the request is sent once more on a new connection, if it
 * was not sent or is idempotent (RFC 9112 section 9.3.1). A 408 that closes such a connection has
 * the same effect.
 *
 * If the server asks for a delay, other calls of this client and its clones to the same path also
 * wait, within their deadline. Calls without retries do not wait.
 *
 * `retries`: 3 means up to four requests; 0, the default, disables retries. Any thread; running
 * calls are not affected. Errors: `SAC_ERR_NULL_ARGUMENT`.
 */
sac_code sac_set_retry_attempts(struct sac_client *client, uint32_t retries);

/**
 * Sets the wait before a retry if the server asks for no delay: a random part of a limit that
 * starts at `base` and doubles up to `max`. After a 429 or 503 the limit starts at one second, or
 * at `base` if that is longer, and the wait is at least half of it.
 *
 * `base`, `max`: milliseconds; the defaults are 100 and 20000. Any thread; running calls are not
 * affected. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_ARGUMENT` (`base` is greater than
 * `max`; nothing changes).
 */
sac_code sac_set_backoff_ms(struct sac_client *client, uint64_t base, uint64_t max);

/**
 * Sets the statuses that allow another attempt. 429 includes a 403 that is a rate limit: one with
 * `Retry-After`, or with `x-ratelimit-remaining: 0`.
 *
 * `statuses`, `count`: the statuses, each from 100 to 599, copied; NULL with 0 for none; the
 * default is 429, 500, 502, 503, 504. Any thread; running calls are not affected. Errors:
 * `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_ARGUMENT` (a number is not a status; nothing changes).
 */
sac_code sac_set_retry_statuses(struct sac_client *client, const uint16_t *statuses, size_t count);

/**
 * Sets the longest delay from a server (`Retry-After` and similar fields) that a call waits for.
 * If the delay is longer, the call ends at once with that response, and no other call waits. A
 * delay of more than ten years is ignored.
 *
 * `ms`: milliseconds; the default is 120000. Any thread; running calls are not affected. Errors:
 * `SAC_ERR_NULL_ARGUMENT`.
 */
sac_code sac_set_retry_after_max_ms(struct sac_client *client, uint64_t ms);

/**
 * Sets the budget for the retries of this client and all its clones together, which protects a
 * server that fails. A retry takes 14 tokens, or 5 if the server limits the rate. A call that
 * needs no retry gives one token back, and a retry that succeeds gives back what it has taken. A
 * status below 500 that is no rate limit counts as a success. Without enough tokens, a call ends
 * with its last response or error.
 *
 * `tokens`: the number of tokens, also at the start; 0 allows every retry; the default is 500. Any
 * thread; running calls are not affected. Errors: `SAC_ERR_NULL_ARGUMENT`.
 */
sac_code sac_set_retry_budget(struct sac_client *client, uint32_t tokens);

/**
 * Sets the limit on the requests of this client and all its clones together. Calls wait for their
 * turn. A call whose wait would exceed its deadline ends with `SAC_ERR_RATE_LIMITED`.
 *
 * Processes that are forked later share the limit with their parent and with each other. If a
 * process sets a different limit, it has its own from then on. If it sets the same limit again,
 * nothing changes.
 *
 * `requests`, `per_ms`: the number of requests, and the time for them in milliseconds; 0 requests
 * disables the limit, the default. `burst`: the number of requests that may go at once after a
 * pause; 1 spaces all requests evenly. Calls that already wait keep their turn. Any thread;
 * running calls are not affected. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_ARGUMENT`
 * (`per_ms` or `burst` is 0, but `requests` is not).
 */
sac_code sac_set_rate_limit(struct sac_client *client,
                            uint32_t requests,
                            uint64_t per_ms,
                            uint32_t burst);

/**
 * Sets the largest body that is accepted. A body that is larger, or does not fit into memory, ends
 * the call with `SAC_ERR_TOO_LARGE`. A body to a file or a callback has no limit by default, but a
 * compressed one may expand to at most 256 MiB, or 1000 times the received bytes if that is more.
 *
 * `bytes`: bytes; counted after content decoding; 0 disables the limit; the default is 268435456.
 * Any thread; running calls are not affected. Errors: `SAC_ERR_NULL_ARGUMENT`.
 */
sac_code sac_set_max_body_bytes(struct sac_client *client, uint64_t bytes);

/**
 * Sets the largest number of redirects that a call follows. More redirects end the call with
 * `SAC_ERR_REDIRECT`.
 *
 * Another origin (scheme, host or port) gets no credentials, no client certificate, no cookies
 * that the program set, and only harmless header fields. A 307 or 308 sends it the body (RFC 9110
 * section 15.4); 0 prevents that.
 *
 * `max`: 0 returns the 3xx itself; the default is 10. Any thread; running calls are not affected.
 * Errors: `SAC_ERR_NULL_ARGUMENT`.
 */
sac_code sac_set_redirects(struct sac_client *client, uint32_t max);

/**
 * Sets the value of the `User-Agent` field.
 *
 * `value`: a string, copied; NULL restores the default, `libsac/<version>`. Any thread; running
 * calls are not affected. Errors: `SAC_ERR_NULL_ARGUMENT` (the client), `SAC_ERR_INVALID_UTF8`,
 * `SAC_ERR_INVALID_HEADER`.
 */
sac_code sac_set_user_agent(struct sac_client *client, const char *value);

/**
 * Sets whether the certificate of the server is verified (RFC 5280, RFC 9525).
 *
 * `verify`: the default is true; false accepts any certificate, so anyone on the network path can
 * read and change everything. Any thread; running calls are not affected. Errors:
 * `SAC_ERR_NULL_ARGUMENT`.
 */
sac_code sac_set_verify(struct sac_client *client, bool verify);

/**
 * Sets the trusted certificate authorities from a file, instead of those of the system. The file
 * is examined before each TLS handshake, and read again if it has changed. If it is then not
 * usable, the last authorities stay, and the log says why. Kept connections are not affected.
 *
 * `pem_path`: a file with one or more PEM certificates (RFC 7468), read now and when it changes;
 * the form `TRUSTED CERTIFICATE` of OpenSSL is refused. Any thread; running calls are not
 * affected. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_FILE` (it cannot be
 * read), `SAC_ERR_CERTIFICATE` (it contains no usable certificate).
 */
sac_code sac_set_ca_file(struct sac_client *client, const char *pem_path);

/**
 * Sets the trusted certificate authorities from memory, instead of those of the system. You may
 * also give the server's own certificate, self-signed or not. It is then trusted for the names in
 * it.
 *
 * `pem`: one or more PEM certificates (RFC 7468), copied. Any thread; running calls are not
 * affected. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_CERTIFICATE`.
 */
sac_code sac_set_ca_pem(struct sac_client *client, const char *pem);

/**
 * Sets the password for an encrypted key (PKCS #8, RFC 5958) of a client certificate that is set
 * afterwards. The encryption is PBES2 with AES, by PBKDF2 with SHA-2 or by scrypt (RFC 8018, RFC
 * 7914), as OpenSSL 1.1 and later write it. Other keys are refused;
 * `openssl pkcs8 -topk8 -v2 aes-256-cbc` converts them. No log line and no error text contains the
 * password.
 *
 * `password`: a string, copied, and wiped when it is no longer used; NULL removes it, the default.
 * Any thread; running calls are not affected. Errors: `SAC_ERR_NULL_ARGUMENT` (the client),
 * `SAC_ERR_INVALID_UTF8`.
 */
sac_code sac_set_client_certificate_password(struct sac_client *client, const char *password);

/**
 * Sets the certificate for servers that request one, and its private key, from files. After a
 * redirect to another origin, the certificate is not used for the rest of the call.
 *
 * Both files are examined before each TLS handshake, and read again if one has changed. If they
 * are then not usable, for example because the new key is not there yet, the last pair stays, and
 * the log says why. Kept connections keep the certificate of their handshake.
 *
 * `cert_pem_path`: a PEM file with the certificate and then its intermediate certificates.
 * `key_pem_path`: a PEM file with its private key; it may be the same file. An encrypted key needs
 * `sac_set_client_certificate_password` before. Both are read now and when they change. Any
 * thread; running calls are not affected. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`,
 * `SAC_ERR_FILE` (one cannot be read), `SAC_ERR_CERTIFICATE` (one is not usable, the key cannot be
 * decrypted, or they do not match; the log says which).
 */
sac_code sac_set_client_certificate(struct sac_client *client,
                                    const char *cert_pem_path,
                                    const char *key_pem_path);

/**
 * Sets the certificate for servers that request one, and its private key, from memory.
 *
 * `cert_pem`: as in the file of `sac_set_client_certificate`. `key_pem`: the same; both are
 * copied, and the copy of the key is wiped when it is no longer used. Any thread; running calls
 * are not affected. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`,
 * `SAC_ERR_CERTIFICATE`.
 */
sac_code sac_set_client_certificate_pem(struct sac_client *client,
                                        const char *cert_pem,
                                        const char *key_pem);

/**
 * Sets the public keys that a server may have, in addition to the verification of its certificate.
 * A call to a server with another key ends with `SAC_ERR_TLS`, and the error names the key that
 * was found. This applies to https, also after a redirect; a redirect to http is refused. Through
 * a proxy, it applies to the server, not to the proxy. It also applies to a token server (OAuth
 * 2.0).
 *
 * `pins`: one or more keys in the form of curl, `sha256//BASE64;sha256//BASE64`: each is the
 * SHA-256 digest of the `SubjectPublicKeyInfo` of the server's own certificate (RFC 7469 section
 * 2.4); copied; NULL removes all, the default. Any thread; running calls are not affected. Errors:
 * `SAC_ERR_NULL_ARGUMENT` (the client), `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_ARGUMENT` (an
 * entry has another form; nothing changes).
 */
sac_code sac_set_pinned_keys(struct sac_client *client, const char *pins);

/**
 * Sets the oldest TLS version that is accepted.
 *
 * `version`: `SAC_TLS_1_2`, the default, or `SAC_TLS_1_3`. Any thread; running calls are not
 * affected. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_ARGUMENT`.
 */
sac_code sac_set_min_tls(struct sac_client *client, int32_t version);

/**
 * Sets whether the client keeps cookies from servers and sends them back (RFC 6265bis). The
 * cookies belong to the scope: a clone starts with a copy, and a reset deletes them.
 *
 * A cookie that the program added takes precedence over a kept one of the same name, and a request
 * with its own `Cookie` field gets none. Cookies for a public suffix such as `com` or `co.uk` are
 * refused. The list is that of publicsuffix.org from the time when the library was built.
 *
 * `keep`: the default is false; false also deletes the kept cookies. Any thread; running calls are
 * not affected. Errors: `SAC_ERR_NULL_ARGUMENT`.
 */
sac_code sac_set_cookie_jar(struct sac_client *client, bool keep);

/**
 * Sets the proxy for all requests. By default, the environment is read when the client is created:
 * `http_proxy`, `https_proxy`, `all_proxy`, and `no_proxy` with names, suffixes, addresses and
 * networks (CIDR), each also in capitals. A CGI process ignores `HTTP_PROXY`, and a set-user-ID
 * program ignores all of them. If a proxy from the environment is not usable, each call that needs
 * it ends with `SAC_ERR_PROXY`.
 *
 * `url`: a URL with the scheme `http`, `https`, `socks4`, `socks4a`, `socks5` or `socks5h` (with
 * `4a` and `5h` the proxy looks names up), with `user:password@` if the proxy needs it; or only a
 * host and a port, for `http`; copied; NULL reads the environment now, the default; `""` uses no
 * proxy. Any thread; running calls are not affected. Errors: `SAC_ERR_NULL_ARGUMENT` (the client),
 * `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_URL`.
 */
sac_code sac_set_proxy(struct sac_client *client, const char *url);

/**
 * Sets the Unix domain socket for all connections, for local services such as Docker. The base URL
 * still sets `Host` and the base path. No proxy is used, and redirects use the same socket.
 *
 * `path`: the path of the socket, at most 107 bytes, copied; NULL uses none, the default. Any
 * thread; running calls are not affected. Errors: `SAC_ERR_NULL_ARGUMENT` (the client),
 * `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_ARGUMENT` (the path is empty or too long).
 */
sac_code sac_set_unix_socket(struct sac_client *client, const char *path);

/**
 * Sets the age from which a connection is not used for another request. The next request opens a
 * new connection and looks the host name up again, so it finds a server that has moved. A running
 * request is not interrupted. A random part of a tenth is added to the age for each connection, so
 * that connections that were opened together do not close together.
 *
 * `ms`: milliseconds; 0 disables it; the default is 300000. Any thread; running calls are not
 * affected. Errors: `SAC_ERR_NULL_ARGUMENT`.
 */
sac_code sac_set_connection_max_age_ms(struct sac_client *client, uint64_t ms);

/**
 * Sets the callback that receives the log messages of this client, and the level from which on it
 * receives them. Later clones use the same callback.
 *
 * `callback`: see `sac_log_callback`; NULL, the default, disables logging. `userdata`: passed to
 * the callback unchanged; it must stay valid until the client, its clones and their calls no
 * longer use it. `level`: one of `SAC_LOG_ERROR` to `SAC_LOG_TRACE`. The callback receives
 * messages of this level and of more urgent levels. The level is ignored if `callback` is NULL.
 * Any thread; running calls are not affected. Errors: `SAC_ERR_NULL_ARGUMENT` (the client),
 * `SAC_ERR_INVALID_ARGUMENT` (no such level).
 */
sac_code sac_set_logger(struct sac_client *client,
                        sac_log_callback callback,
                        void *userdata,
                        int32_t level);

/**
 * Sets the callback that decides before each wait for a retry whether the retry may happen. Later
 * clones use the same callback.
 *
 * `callback`: see `sac_retry_callback`; NULL, the default, allows every retry. `userdata`: passed
 * to the callback unchanged; it must stay valid until the client, its clones and their calls no
 * longer use it. Any thread; running calls are not affected. Errors: `SAC_ERR_NULL_ARGUMENT` (the
 * client).
 */
sac_code sac_set_retry_callback(struct sac_client *client,
                                sac_retry_callback callback,
                                void *userdata);

/**
 * Sets the callback that is called before each request that goes out: the first one of a call, each
 * retry, and each redirect. It can sign a request. Later clones use the same callback.
 *
 * `callback`: see `sac_attempt_callback`; NULL, the default, for none. `userdata`: passed to the
 * callback unchanged; it must stay valid until the client, its clones and their calls no longer use
 * it. Any thread; running calls are not affected. Errors: `SAC_ERR_NULL_ARGUMENT` (the client).
 */
sac_code sac_set_attempt_callback(struct sac_client *client,
                                  sac_attempt_callback callback,
                                  void *userdata);

/**
 * The method of the request.
 *
 * `attempt`: the request, of a callback that has not returned. Returns a string such as `POST`, valid
 * until the callback returns; NULL if `attempt` is NULL. One thread at a time.
 */
const char *sac_attempt_method(const struct sac_attempt *attempt);

/**
 * The full URL of the request, with its query, which may contain secrets.
 *
 * `attempt`: the request, of a callback that has not returned. Returns a string, valid until the
 * callback returns; NULL if `attempt` is NULL. One thread at a time.
 */
const char *sac_attempt_url(const struct sac_attempt *attempt);

/**
 * The path and the query of the request as they are sent (RFC 9112 section 3.2.1).
 *
 * `attempt`: the request, of a callback that has not returned. Returns a string such as
 * `/v1/items?page=2`, valid until the callback returns; NULL if `attempt` is NULL. One thread at a
 * time.
 */
const char *sac_attempt_target(const struct sac_attempt *attempt);

/**
 * The number of the attempt in its call, from 1, as in the journal. The requests of redirects have the
 * number of their attempt.
 *
 * `attempt`: the request, of a callback that has not returned. Returns the number; 0 if `attempt` is
 * NULL. One thread at a time.
 */
uint32_t sac_attempt_number(const struct sac_attempt *attempt);

/**
 * The value of a header field as it will be sent: with cookies and credentials, and with `Host`,
 * `Content-Length` and `Transfer-Encoding`. Credentials for a proxy, and fields of the connection such as
 * `Connection`, are not known yet.
 *
 * `attempt`: the request, of a callback that has not returned. `name`: in upper or lower case. Returns a
 * string, valid until the callback returns, also if the field is set again; NULL if there is no
 * such field. One thread at a time.
 */
const char *sac_attempt_header(const struct sac_attempt *attempt,
                               const char *name);

/**
 * The body of the request.
 *
 * `attempt`: the request, of a callback that has not returned. `len`: receives the number of bytes; NULL
 * if it is not needed. Returns the bytes, valid until the callback returns. If there is no body, the
 * result is not NULL, and there are 0 bytes. Returns NULL, and 0 bytes, if the body does not lie in
 * memory in one piece: a file, a body callback, or a form with parts. One thread at a time.
 */
const uint8_t *sac_attempt_body(const struct sac_attempt *attempt,
                                size_t *len);

/**
 * The SHA-256 of the body in hexadecimal, in small letters: 64 characters. Also of no body, of a file, of a
 * form with parts, and of a body callback that has a rewind callback. These are read once more, at most
 * once in a call.
 *
 * `attempt`: the request, of a callback that has not returned. Returns a string, valid until the callback
 * returns. Returns NULL if the hash cannot be known: the body callback cannot begin again, or the body
 * cannot be read. In the second case, the call ends with that error after the callback. One thread at a
 * time.
 */
const char *sac_attempt_body_sha256(struct sac_attempt *attempt);

/**
 * Sets a header field for this request alone, and replaces a field of the same name. A retry and a
 * redirect start without it. The value is kept out of every log line and error text, whatever the
 * name, and wiped.
 *
 * `attempt`: the request, of a callback that has not returned. `name`, `value`: as for `sac_add_header`;
 * copied. One thread at a time. Errors: `SAC_ERR_NULL_ARGUMENT`,
 * `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_HEADER`; the log says why.
 */
sac_code sac_attempt_set_header(struct sac_attempt *attempt,
                                const char *name,
                                const char *value);

/**
 * Sends a GET request. It asks for `application/json`.
 *
 * `path`: starts with `/`, may contain a query, and is appended to the client's base path. Blocks
 * until the call ends. Returns a response, never NULL; free it with `sac_response_free`. Any
 * thread. Errors are in the response.
 */
struct sac_response *sac_get(const struct sac_client *client, const char *path);

/**
 * Sends a GET request for data that need not be JSON. It asks for `application/octet-stream`. The
 * bytes are in the response's `body`.
 *
 * Like `sac_get` otherwise.
 */
struct sac_response *sac_get_binary(const struct sac_client *client, const char *path);

/**
 * Sends a DELETE request.
 *
 * Like `sac_get` otherwise.
 */
struct sac_response *sac_delete(const struct sac_client *client, const char *path);

/**
 * Sends a POST request with a JSON body.
 *
 * `json`: a well-formed JSON text, sent unchanged; NULL sends no body. Like `sac_get` otherwise.
 */
struct sac_response *sac_post_json(const struct sac_client *client,
                                   const char *path,
                                   const char *json);

/**
 * Sends a PUT request with a JSON body.
 *
 * `json`: a well-formed JSON text, sent unchanged; NULL sends no body. Like `sac_get` otherwise.
 */
struct sac_response *sac_put_json(const struct sac_client *client,
                                  const char *path,
                                  const char *json);

/**
 * Sends a PATCH request with a JSON body.
 *
 * `json`: a well-formed JSON text, sent unchanged; NULL sends no body. Like `sac_get` otherwise.
 */
struct sac_response *sac_patch_json(const struct sac_client *client,
                                    const char *path,
                                    const char *json);

/**
 * Sends a POST request with a form (`application/x-www-form-urlencoded`).
 *
 * `fields`: name, value, name, value, …, NULL; the library encodes them; NULL sends no body. A
 * name without a value gives `SAC_ERR_NULL_ARGUMENT`. Like `sac_get` otherwise.
 */
struct sac_response *sac_post_form(const struct sac_client *client,
                                   const char *path,
                                   const char *const *fields);

/**
 * Sends a request.
 *
 * `request`: may be sent any number of times, also by several threads at once. Blocks until the
 * call ends. Returns a response, never NULL; free it with `sac_response_free`. Any thread. Errors
 * are in the response.
 */
struct sac_response *sac_send(const struct sac_client *client, const struct sac_request *request);

/**
 * Sends many requests, several at a time, and waits for all of them.
 *
 * `requests`: an array of requests, which may contain the same request more than once. `count`:
 * the number of requests. `parallel`: the largest number of requests that run at once; 0 gives
 * `SAC_ERR_INVALID_ARGUMENT` in each response. Blocks until all calls end. Returns an array of
 * `count` responses in the order of the requests; free it with `sac_responses_free`. Each response
 * is like that of `sac_send`, also for a NULL request or client. The array is NULL only if there
 * is no memory for it. Any thread. The function starts at most `parallel` - 1 threads, which end
 * before it returns. Callbacks also run on these threads.
 */
struct sac_response **sac_send_all(const struct sac_client *client,
                                   const struct sac_request *const *requests,
                                   size_t count,
                                   uint32_t parallel);

/**
 * Frees the responses of `sac_send_all`, and their array.
 *
 * `responses`: the array from `sac_send_all`, not freed before, with all its responses; NULL has
 * no effect. `count`: the same number as for `sac_send_all`. Any thread, but only when no other
 * thread uses the responses.
 */
void sac_responses_free(struct sac_response **responses, size_t count);

/**
 * Creates a request.
 *
 * `method`: any token, case-sensitive, such as `GET` or `PROPFIND`, but not `CONNECT`. `path`:
 * starts with `/`, may contain a query, and is appended to the client's base path. Spaces and
 * non-ASCII characters are percent-encoded, and `%XX` stays. The segments `.` and `..` are
 * resolved (RFC 3986 section 5.2.4), never above the base path. `out`: receives the request; free
 * it with `sac_request_free`; NULL on failure. Any thread. Errors: `SAC_ERR_NULL_ARGUMENT`,
 * `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_METHOD`, `SAC_ERR_INVALID_PATH`.
 */
sac_code sac_request_new(const char *method, const char *path, struct sac_request **out);

/**
 * Frees a request.
 *
 * `request`: not freed before; NULL has no effect. Any thread, but only when no thread sends the
 * request.
 */
void sac_request_free(struct sac_request *request);

/**
 * Sets a header field of this request. It replaces the field of the client or of the library.
 *
 * `name`, `value`: as for `sac_add_header`, copied. If the value
 * is "", the request has no `Accept`, `Content-Type` or `User-Agent`. One thread at a time. Errors:
 * `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_HEADER`.
 */
sac_code sac_request_set_header(struct sac_request *request, const char *name, const char *value);

/**
 * Adds a query parameter after the existing ones.
 *
 * `name`, `value`: any text; the library copies and percent-encodes it. One thread at a time.
 * Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`.
 */
sac_code sac_request_add_query(struct sac_request *request, const char *name, const char *value);

/**
 * Sets the body of the request to JSON. It replaces an earlier JSON body.
 *
 * `json`: a well-formed JSON text (RFC 8259), copied and sent unchanged.
 * `sac_request_json_string` and its siblings can change values in it. One thread at a time.
 * Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_JSON`,
 * `SAC_ERR_INVALID_ARGUMENT` (the request has a body of another kind).
 */
sac_code sac_request_set_json(struct sac_request *request, const char *json);

/**
 * Adds a field to the form of the request (`application/x-www-form-urlencoded`).
 *
 * `name`, `value`: any text; the library copies and encodes it. One thread at a time. Errors:
 * `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_ARGUMENT` (the request has a
 * body of another kind).
 */
sac_code sac_request_add_form_field(struct sac_request *request,
                                    const char *name,
                                    const char *value);

/**
 * Sets the body of the request to bytes. They replace an earlier body of bytes.
 *
 * `content_type`: the media type, such as `application/octet-stream`. `bytes`, `len`: the bytes;
 * NULL is allowed if `len` is 0. Both are copied. One thread at a time. Errors:
 * `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_HEADER` (the media type),
 * `SAC_ERR_INVALID_ARGUMENT` (the request has a body of another kind).
 */
sac_code sac_request_set_body(struct sac_request *request,
                              const char *content_type,
                              const uint8_t *bytes,
                              size_t len);

/**
 * Attaches a cancel to the request. If it is triggered, the calls of this request end.
 *
 * `cancel`: the request keeps its own reference to it; NULL detaches an earlier one. One thread at
 * a time. Errors: `SAC_ERR_NULL_ARGUMENT` (the request).
 */
sac_code sac_request_set_cancel(struct sac_request *request, struct sac_cancel *cancel);

/**
 * Sets the key (`Idempotency-Key`) by which the server recognises a repeated request. With a key,
 * a POST or PATCH may be retried even if the outcome of an attempt is unknown.
 *
 * `key`: not empty, copied. One thread at a time. Errors: `SAC_ERR_NULL_ARGUMENT`,
 * `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_HEADER`.
 */
sac_code sac_request_set_idempotency_key(struct sac_request *request, const char *key);

/**
 * Sets a string in the JSON body of the request, and creates the body if there is none.
 *
 * `pointer`: where to set it, a JSON pointer (RFC 6901): `/name`, `/items/0/name`, or `""` for the
 * whole body. In a name, write `~` as `~0` and `/` as `~1`. Missing arrays and objects on the way
 * are created: an array if the next part of the pointer is `-` or `0`, otherwise an object. In an
 * array, `-` and the index after the last element append an element. A value that is already there
 * is replaced. Members keep the order in which they were first set. A pointer may have 128 parts.
 *
 * `value`: any text; the library adds the quotes and the escapes. A C string cannot contain a NUL
 * character; write it as `\u0000` with `sac_request_json_text`. Both are copied.
 *
 * The functions `sac_request_json_…` can also change the text that `sac_request_set_json` has set.
 * Its numbers keep their digits, but whitespace may be lost. If an object in it has several
 * members with the same name, the value of the last one stays. If a function fails, nothing
 * changes. Setting many values takes time in proportion to their number. The library makes the
 * text when it next sends the request, and sends it as `application/json`. One thread at a time.
 * Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_ARGUMENT` (this is not
 * a JSON pointer, it leads into a value that is neither an array nor an object, it contains an
 * index beyond the end of an array, or the request has a body of another kind),
 * `SAC_ERR_TOO_LARGE` (there is not enough memory).
 */
sac_code sac_request_json_string(struct sac_request *request,
                                 const char *pointer,
                                 const char *value);

/**
 * Sets an integer in the JSON body of the request; see `sac_request_json_string`.
 *
 * `pointer`: where to set it, copied. `value`: the integer. One thread at a time. Errors:
 * `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_ARGUMENT`,
 * `SAC_ERR_TOO_LARGE`.
 */
sac_code sac_request_json_int64(struct sac_request *request, const char *pointer, int64_t value);

/**
 * Sets an unsigned integer in the JSON body of the request; see `sac_request_json_string`.
 *
 * `pointer`: where to set it, copied. `value`: the integer. One thread at a time. Errors:
 * `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_ARGUMENT`,
 * `SAC_ERR_TOO_LARGE`.
 */
sac_code sac_request_json_uint64(struct sac_request *request, const char *pointer, uint64_t value);

/**
 * Sets a number in the JSON body of the request; see `sac_request_json_string`.
 *
 * `pointer`: where to set it, copied. `value`: finite, because JSON has no number for infinity and
 * NaN (`SAC_ERR_INVALID_ARGUMENT`). The text has no more digits than the same double needs, and
 * 100 is written as `100.0`. One thread at a time. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`,
 * `SAC_ERR_INVALID_ARGUMENT`, `SAC_ERR_TOO_LARGE`.
 */
sac_code sac_request_json_double(struct sac_request *request,
                                 const char *pointer,
                                 double value);

/**
 * Sets a boolean in the JSON body of the request; see `sac_request_json_string`.
 *
 * `pointer`: where to set it, copied. `value`: the boolean. One thread at a time. Errors:
 * `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_ARGUMENT`,
 * `SAC_ERR_TOO_LARGE`.
 */
sac_code sac_request_json_bool(struct sac_request *request, const char *pointer, bool value);

/**
 * Sets `null` in the JSON body of the request; see `sac_request_json_string`.
 *
 * `pointer`: where to set it, copied. One thread at a time. Errors: `SAC_ERR_NULL_ARGUMENT`,
 * `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_ARGUMENT`, `SAC_ERR_TOO_LARGE`.
 */
sac_code sac_request_json_null(struct sac_request *request, const char *pointer);

/**
 * Sets any JSON text in the JSON body of the request, for example `[]` or a part of a response;
 * see `sac_request_json_string`.
 *
 * `pointer`: where to set it. `json`: a well-formed JSON text (RFC 8259) of any depth; numbers in
 * it keep their digits. Both are copied. One thread at a time. Errors: `SAC_ERR_NULL_ARGUMENT`,
 * `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_JSON`, `SAC_ERR_INVALID_ARGUMENT`, `SAC_ERR_TOO_LARGE`.
 */
sac_code sac_request_json_text(struct sac_request *request, const char *pointer, const char *json);

/**
 * Sets the body of the request to the content of a file. It replaces an earlier file. The library
 * opens the file when it sends the request, and reads it while it sends it. For a retry or a
 * redirect, it opens the file again and sends it from the start.
 *
 * `content_type`: the media type. `file_path`: a regular file. Both are copied. If the file cannot
 * be read, or changes while it is sent or before it is sent again, the call ends with
 * `SAC_ERR_FILE`. The server never takes a part of the file for the whole. One thread at a time.
 * Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_HEADER` (the media
 * type), `SAC_ERR_INVALID_ARGUMENT` (the request has a body of another kind).
 */
sac_code sac_request_set_body_file(struct sac_request *request,
                                   const char *content_type,
                                   const char *file_path);

/**
 * Sets the body of the request to the bytes that a callback writes while it is sent.
 *
 * `content_type`: the media type, copied. `length`: the length of the body in bytes; -1 if it is not
 * known, then the body is sent in chunks (RFC 9112 section 7.1). If the callback ends before the
 * length, the call ends with `SAC_ERR_INVALID_ARGUMENT`. `callback`: see `sac_body_callback`; NULL
 * removes a body that a callback writes, and then the type and the length are not used. `userdata`: passed to the callback unchanged; it must stay valid until the request and its calls no
 * longer use it. Once the callback was called, the request is sent again, for a retry or a redirect,
 * only if there is a rewind callback. One thread at a time, also for calls with the request. Errors:
 * `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_HEADER` (the media type),
 * `SAC_ERR_INVALID_ARGUMENT` (another negative length, or the request has a body of another kind).
 */
sac_code sac_request_set_body_callback(struct sac_request *request,
                                       const char *content_type,
                                       int64_t length,
                                       sac_body_callback callback,
                                       void *userdata);

/**
 * Sets the callback that makes a body callback begin again.
 *
 * `callback`: see `sac_rewind_callback`; NULL removes it. `userdata`: passed to the callback unchanged;
 * it must stay valid until the request and its calls no longer use it. One thread at a time. Errors:
 * `SAC_ERR_NULL_ARGUMENT` (the request).
 */
sac_code sac_request_set_rewind_callback(struct sac_request *request,
                                         sac_rewind_callback callback,
                                         void *userdata);

/**
 * Adds a part to the multipart form of the request (`multipart/form-data`, RFC 7578).
 *
 * `name`: the name of the field. `file_name`: the file name that the server receives; NULL for a
 * field that is not a file. `content_type`: the media type of the part; NULL means
 * `application/octet-stream` if there is a file name, and none otherwise. `bytes`, `len`: the
 * content; NULL is allowed if `len` is 0. All are copied. One thread at a time. Errors:
 * `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_HEADER` (the media type),
 * `SAC_ERR_INVALID_ARGUMENT` (the request has a body of another kind).
 */
sac_code sac_request_add_part(struct sac_request *request,
                              const char *name,
                              const char *file_name,
                              const char *content_type,
                              const uint8_t *bytes,
                              size_t len);

/**
 * Adds a file to the multipart form of the request. The file is sent as by
 * `sac_request_set_body_file`. The server receives the last component of the path as the file
 * name.
 *
 * `name`: the name of the field. `file_path`: a regular file, opened when the request is sent.
 * `content_type`: the media type of the file; NULL means `application/octet-stream`. All are
 * copied. One thread at a time. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`,
 * `SAC_ERR_INVALID_HEADER` (the media type), `SAC_ERR_INVALID_ARGUMENT` (the request has a body of
 * another kind).
 */
sac_code sac_request_add_part_file(struct sac_request *request,
                                   const char *name,
                                   const char *file_path,
                                   const char *content_type);

/**
 * Writes the body of the response to a file. The file appears complete or not at all. Until it is
 * complete, the bytes are in a temporary file in the same directory, `.sac-….part`. Every failure
 * removes the temporary file, but a killed process leaves it.
 *
 * Only a response with a status of 200 to 299 and with content, even of 0 bytes, creates the file.
 * Its `body` is then empty and its `json` is `{}`. Every other response (204, 205, 300 and above,
 * or to HEAD) leaves the file alone, and its bytes are in `body`.
 *
 * A retry resumes an interrupted download if the server sent a strong validator (RFC 9110 section
 * 8.8). The status is then 206. A part with another validator restarts the download. If a response
 * has `Content-Range`, that field says which part it contains, even if the status is 200.
 *
 * The request no longer asks for JSON. `sac_set_max_body_bytes` describes the limit of the body.
 * If the file cannot be written, the call ends with `SAC_ERR_FILE`.
 *
 * `file_path`: the path of the file, copied. An existing file is replaced. The new file keeps its
 * owner, group and permissions. If the system does not allow the group, group and others get only
 * the permissions that both of them had. If no file exists, the umask decides the permissions.
 * Until the file is complete, only its owner may read it. In a sticky directory that others may
 * write to, a link or file of another user gives `SAC_ERR_FILE`, as with fs.protected_symlinks and
 * fs.protected_regular on Linux. One thread at a time. If several threads send the request at
 * once, the file of the last one to end stays. Errors: `SAC_ERR_NULL_ARGUMENT`,
 * `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_ARGUMENT` (there is an output callback).
 */
sac_code sac_request_set_output_file(struct sac_request *request, const char *file_path);

/**
 * Passes the body of the response to a callback, piece by piece.
 *
 * The bytes of a response with a status of 300 and above are in `body` instead. The call is not
 * retried after the callback has received a byte. The request no longer asks for JSON.
 * `sac_set_max_body_bytes` describes the limit of the body.
 *
 * `callback`: see `sac_data_callback`; NULL removes it, so that the response contains the body
 * again. `userdata`: passed to the callback unchanged; it must stay valid until the request and
 * its calls no longer use it. One thread at a time. Errors: `SAC_ERR_NULL_ARGUMENT` (the request),
 * `SAC_ERR_INVALID_ARGUMENT` (there is an output file).
 */
sac_code sac_request_set_output_callback(struct sac_request *request,
                                         sac_data_callback callback,
                                         void *userdata);

/**
 * Reports the progress of the request body and of the response body to a callback.
 *
 * `callback`: see `sac_progress_callback`; NULL removes it. `userdata`: passed to the callback
 * unchanged; it must stay valid until the request and its calls no longer use it. One thread at a
 * time. Errors: `SAC_ERR_NULL_ARGUMENT` (the request).
 */
sac_code sac_request_set_progress_callback(struct sac_request *request,
                                           sac_progress_callback callback,
                                           void *userdata);

/**
 * Like `sac_set_timeout_ms`, but only for this request.
 *
 * One thread at a time. Errors: `SAC_ERR_NULL_ARGUMENT`.
 */
sac_code sac_request_set_timeout_ms(struct sac_request *request, uint64_t ms);

/**
 * Like `sac_set_connect_timeout_ms`, but only for this request.
 *
 * One thread at a time. Errors: `SAC_ERR_NULL_ARGUMENT`.
 */
sac_code sac_request_set_connect_timeout_ms(struct sac_request *request, uint64_t ms);

/**
 * Like `sac_set_read_timeout_ms`, but only for this request.
 *
 * One thread at a time. Errors: `SAC_ERR_NULL_ARGUMENT`.
 */
sac_code sac_request_set_read_timeout_ms(struct sac_request *request, uint64_t ms);

/**
 * Like `sac_set_deadline_ms`, but only for this request.
 *
 * One thread at a time. Errors: `SAC_ERR_NULL_ARGUMENT`.
 */
sac_code sac_request_set_deadline_ms(struct sac_request *request, uint64_t ms);

/**
 * Like `sac_set_retry_attempts`, but only for this request.
 *
 * One thread at a time. Errors: `SAC_ERR_NULL_ARGUMENT`.
 */
sac_code sac_request_set_retry_attempts(struct sac_request *request, uint32_t retries);

/**
 * Like `sac_set_backoff_ms`, but only for this request.
 *
 * One thread at a time. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_ARGUMENT` (`base` is
 * greater than `max`; nothing changes).
 */
sac_code sac_request_set_backoff_ms(struct sac_request *request, uint64_t base, uint64_t max);

/**
 * Like `sac_set_retry_statuses`, but only for this request.
 *
 * One thread at a time. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_ARGUMENT` (a number is
 * not a status; nothing changes).
 */
sac_code sac_request_set_retry_statuses(struct sac_request *request,
                                        const uint16_t *statuses,
                                        size_t count);

/**
 * Like `sac_set_max_body_bytes`, but only for this request.
 *
 * One thread at a time. Errors: `SAC_ERR_NULL_ARGUMENT`.
 */
sac_code sac_request_set_max_body_bytes(struct sac_request *request, uint64_t bytes);

/**
 * Like `sac_set_redirects`, but only for this request.
 *
 * One thread at a time. Errors: `SAC_ERR_NULL_ARGUMENT`.
 */
sac_code sac_request_set_redirects(struct sac_request *request, uint32_t max);

/**
 * Like `sac_set_verify`, but only for this request.
 *
 * One thread at a time. Errors: `SAC_ERR_NULL_ARGUMENT`.
 */
sac_code sac_request_set_verify(struct sac_request *request, bool verify);

/**
 * Sets whether other requests may use the connection of this request.
 *
 * `keep`: the default is true; false opens a new connection, sends `Connection: close` (RFC 9112
 * section 9.6) and closes the connection after the response, for each attempt and each redirect.
 * One thread at a time. Errors: `SAC_ERR_NULL_ARGUMENT`.
 */
sac_code sac_request_set_keep_alive(struct sac_request *request, bool keep);

/**
 * Reports the events of a request's connections to a callback while they happen: DNS lookup, connect,
 * TLS handshake, sending, and the first byte of the response. Retries and redirects have events too.
 *
 * `callback`: see `sac_trace_callback`; NULL, the default, removes it. `userdata`: passed to the
 * callback unchanged; it must stay valid until the request, its calls and their streams no longer use
 * it. One thread at a time. Errors: `SAC_ERR_NULL_ARGUMENT` (the request).
 */
sac_code sac_request_set_trace_callback(struct sac_request *request,
                                        sac_trace_callback callback,
                                        void *userdata);

/**
 * Creates a cancel, which `sac_request_set_cancel` attaches to requests. It uses two file
 * descriptors.
 *
 * `out`: receives the cancel; free it with `sac_cancel_free`; NULL on failure. Any thread. Errors:
 * `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INTERNAL` (no file descriptor is available).
 */
sac_code sac_cancel_new(struct sac_cancel **out);

/**
 * Ends the calls of all requests that the cancel is attached to, within 100 ms, in every phase of
 * a call. Work on a body of more than 100 MB may take longer, up to 1 ms for each MB.
 *
 * `cancel`: NULL has no effect. Any thread, and any signal handler (the function is
 * async-signal-safe).
 */
void sac_cancel_trigger(struct sac_cancel *cancel);

/**
 * Checks whether a cancel has been triggered.
 *
 * Returns true if it has; false if not, or if `cancel` is NULL. Any thread, several at once.
 */
bool sac_cancel_triggered(const struct sac_cancel *cancel);

/**
 * Frees a cancel. Requests that it is attached to keep their own reference to it.
 *
 * `cancel`: not freed before; NULL has no effect. Any thread, but only when no other thread uses
 * this handle.
 */
void sac_cancel_free(struct sac_cancel *cancel);

/**
 * Frees a response, and with it every string and all bytes that were read from it.
 *
 * `response`: not freed before; NULL has no effect. Any thread, but only when no other thread uses
 * the response.
 */
void sac_response_free(struct sac_response *response);

/**
 * Gets the reason phrase of a response's status line (RFC 9112 section 4), as the server sent it.
 *
 * Returns a string that stays valid as long as the response, without the spaces around it; bytes
 * that are not UTF-8 are read as Latin-1. Returns "" if the server sent none, if no response
 * arrived, or if `response` is NULL; never NULL. Any thread, several at once.
 */
const char *sac_response_reason(const struct sac_response *response);

/**
 * Gets the first value of a response header field.
 *
 * `name`: in upper or lower case. Returns a string that stays valid as long as the response; bytes
 * that are not UTF-8 are read as Latin-1. Returns NULL if there is no such field or an argument is
 * NULL. Any thread, several at once.
 */
const char *sac_response_header(const struct sac_response *response, const char *name);

/**
 * Counts the header fields of a response. A field that was sent twice counts twice.
 *
 * Returns the number; 0 if no response arrived or `response` is NULL. Any thread, several at once.
 */
size_t sac_response_header_count(const struct sac_response *response);

/**
 * Gets a header field of a response by its index.
 *
 * `index`: from 0 to `sac_response_header_count` - 1. `name`: receives the name, in lower case.
 * `value`: receives the value. Both stay valid as long as the response. Returns true on success.
 * Returns false and writes nothing if there is no such field or an argument is NULL. Any thread,
 * several at once.
 */
bool sac_response_header_at(const struct sac_response *response,
                            size_t index,
                            const char **name,
                            const char **value);

/**
 * Gets the journal of the call: a JSON array with one object for each attempt, in order. The
 * members are `status` or `error`, `retried_because` or `done_because`, `waited_ms` (before the
 * attempt), `delay_from` (`backoff`, `token`, `retry-after-ms`, `retry-after`, `ratelimit-reset`,
 * `x-ratelimit-reset`, `gate`, `limiter`), `reused_connection`, and the times `resolve_us`,
 * `connect_us`, `tls_us`, `first_byte_us`, `total_us`. A member without a value is absent.
 *
 * Returns a string that stays valid as long as the response; NULL only if `response` is NULL. Any
 * thread, several at once.
 */
const char *sac_response_journal(const struct sac_response *response);

/**
 * Gets the TLS session on which a response arrived: a JSON object with `version` (`TLS 1.2` or
 * `TLS 1.3`), `cipher_suite` (its name in the IANA registry), `protocol` (chosen by ALPN, RFC 7301;
 * "" for none), `server_name` (the name or address for which the certificate must be valid),
 * `resumed` (whether the session continues an earlier one), and `certificates` (those of the
 * server, from its own on, each DER in base64).
 *
 * Returns a string that stays valid as long as the response; NULL if the response did not arrive
 * over https, if none arrived, or if `response` is NULL. Responses of
 * one connection share it. Any thread, several
 * at once.
 */
const char *sac_response_tls(const struct sac_response *response);

/**
 * Gets the target of the `Link` header field (RFC 8288) with a relation, as a full URL.
 * `sac_client_path_of` converts it to a path for the next request.
 *
 * `rel`: the relation, such as `next`, in upper or lower case. Returns a string that stays valid
 * as long as the response; NULL if there is no such link or an argument is NULL. Any thread,
 * several at once.
 */
const char *sac_response_link(const struct sac_response *response, const char *rel);

/**
 * Gets the type of a JSON value in a response.
 *
 * `pointer`: a JSON pointer (RFC 6901), such as `/items/0/id`; `""` is the whole text. Returns one
 * of `SAC_JSON_TYPE_…`; `SAC_JSON_TYPE_MISSING` if there is no such value or an argument is NULL.
 * Any thread, several at once.
 */
sac_json_type sac_json_type_of(const struct sac_response *response, const char *pointer);

/**
 * Reads a string from the JSON of a response, and decodes its escapes.
 *
 * `pointer`: a JSON pointer (RFC 6901). `len`: receives the length in bytes without the final NUL,
 * because the string itself may contain NULs; may be NULL. Returns a NUL-terminated string that
 * stays valid as long as the response. An escape that stands for half of a character, such as
 * `\ud800`, becomes U+FFFD. Returns NULL if there is no such value, if it is not a string, or if
 * another argument is NULL. Any thread, several at once.
 */
const char *sac_json_string(const struct sac_response *response, const char *pointer, size_t *len);

/**
 * Reads the JSON text of a value, unchanged: a number with its own digits, an object as a whole.
 *
 * `pointer`: a JSON pointer (RFC 6901). `len`: receives the length in bytes without the final NUL;
 * may be NULL. Returns a NUL-terminated string that stays valid as long as the response. Returns
 * NULL if there is no such value or another argument is NULL. Any thread, several at once.
 */
const char *sac_json_text(const struct sac_response *response, const char *pointer, size_t *len);

/**
 * Reads an integer from the JSON of a response.
 *
 * `pointer`: a JSON pointer (RFC 6901). `out`: receives the value. Returns true on success.
 * Returns false and writes nothing if there is no such value, if it is not an integer that fits an
 * `int64_t` (nothing is rounded), or if an argument is NULL. `5.0` and `1e3` are integers too, since
 * JSON has one kind of number (RFC 8259 section 6). Any thread, several at once.
 */
bool sac_json_int64(const struct sac_response *response,
                    const char *pointer,
                    int64_t *out);

/**
 * Reads an unsigned integer from the JSON of a response.
 *
 * `pointer`: a JSON pointer (RFC 6901). `out`: receives the value. Returns true on success.
 * Returns false and writes nothing if there is no such value, if it is not an integer that fits a
 * `uint64_t` (nothing is rounded), or if an argument is NULL. Any thread, several at once.
 */
bool sac_json_uint64(const struct sac_response *response, const char *pointer, uint64_t *out);

/**
 * Reads a number from the JSON of a response, rounded to the nearest double.
 *
 * `pointer`: a JSON pointer (RFC 6901). `out`: receives the value. Returns true on success.
 * Returns false and writes nothing if there is no such value, if it is not a number, if it exceeds
 * the range of a double, or if an argument is NULL. Any thread, several at once.
 */
bool sac_json_double(const struct sac_response *response, const char *pointer, double *out);

/**
 * Reads a boolean from the JSON of a response.
 *
 * `pointer`: a JSON pointer (RFC 6901). `out`: receives the value. Returns true on success.
 * Returns false and writes nothing if there is no such value, if it is not a boolean, or if an
 * argument is NULL. Any thread, several at once.
 */
bool sac_json_bool(const struct sac_response *response, const char *pointer, bool *out);

/**
 * Counts the elements of an array, or the members of an object, in the JSON of a response.
 *
 * `pointer`: a JSON pointer (RFC 6901). Returns the number; 0 if there is no such value, if it is
 * neither an array nor an object, or if an argument is NULL. Any thread, several at once.
 */
size_t sac_json_length(const struct sac_response *response, const char *pointer);

/**
 * Repairs a JSON text from any source, by the same rules as the body of a response. Well-formed
 * text stays unchanged. Time and memory are proportional to `len`.
 *
 * `text`, `len`: bytes in UTF-8, UTF-16, UTF-32 or Latin-1; the library detects which; NULL is
 * allowed if `len` is 0. `out`: receives the text; free it with `sac_string_free`. Any thread.
 * Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_NOT_JSON` (nothing can be repaired),
 * `SAC_ERR_TOO_LARGE` (there is not enough memory).
 */
sac_code sac_json_repair(const char *text, size_t len, char **out);

/**
 * Finds a value by a JSON pointer.
 *
 * `from`: the node where the pointer starts; 0 for the whole document. `pointer`: a JSON pointer
 * (RFC 6901), for example `/items/0`, or `""` for `from` itself. If an object has several members
 * with the same name, the last one counts. Returns the node; 0 if there is no such value, or if
 * `response` or `pointer` is NULL. Compare a result with 0 before you pass it on as `from`, because
 * 0 there means the whole document. Any thread, several at once.
 */
sac_node sac_json_find(const struct sac_response *response, sac_node from, const char *pointer);

/**
 * Finds the first element of an array, or the first member of an object.
 *
 * `container`: the node of the array or object. Returns 0 if it is empty, if it is neither an array
 * nor an object, or if it is not a node. Any thread, several at once.
 */
sac_node sac_json_first(const struct sac_response *response, sac_node container);

/**
 * Finds the next element or member of the same array or object, in the order of the text.
 *
 * Returns 0 if `node` is the last one, the whole document, or not a node. Any thread, several at
 * once.
 */
sac_node sac_json_next(const struct sac_response *response, sac_node node);

/**
 * Reads the name of a member of an object, with its escapes decoded.
 *
 * `member`: the node of the member's value. `len`: receives the length in bytes without the NUL,
 * because the name may contain NULs; may be NULL. Returns a NUL-terminated string, valid as long
 * as the response; NULL if `member` is not a member of an object, or not a node. Any thread,
 * several at once.
 */
const char *sac_node_name(const struct sac_response *response, sac_node member, size_t *len);

/**
 * Reads the type of a value; see `sac_json_type_of`.
 *
 * Returns `SAC_JSON_TYPE_MISSING` if `node` is not a node. Any thread, several at once.
 */
sac_json_type sac_node_type(const struct sac_response *response, sac_node node);

/**
 * Reads a string, with its escapes decoded; see `sac_json_string`.
 *
 * `len`: receives the length in bytes without the NUL; may be NULL. Returns a NUL-terminated
 * string, valid as long as the response; NULL if the value is not a string, or if `node` is not a
 * node. Any thread, several at once.
 */
const char *sac_node_string(const struct sac_response *response, sac_node node, size_t *len);

/**
 * Reads the JSON text of a value, unchanged; see `sac_json_text`.
 *
 * `len`: receives the length in bytes without the NUL; may be NULL. Returns a NUL-terminated
 * string, valid as long as the response; NULL if `node` is not a node. Any thread, several at
 * once.
 */
const char *sac_node_text(const struct sac_response *response, sac_node node, size_t *len);

/**
 * Reads an integer; see `sac_json_int64`.
 *
 * `out`: receives the value. Returns true on success. Returns false and writes nothing if the
 * value is not an integer that fits an `int64_t`, if `node` is not a node, or if an argument is
 * NULL. Any thread, several at once.
 */
bool sac_node_int64(const struct sac_response *response, sac_node node, int64_t *out);

/**
 * Reads an unsigned integer; see `sac_json_uint64`.
 *
 * `out`: receives the value. Returns true on success. Returns false and writes nothing if the
 * value is not an integer that fits a `uint64_t`, if `node` is not a node, or if an argument is
 * NULL. Any thread, several at once.
 */
bool sac_node_uint64(const struct sac_response *response, sac_node node, uint64_t *out);

/**
 * Reads a number, rounded to the nearest double; see `sac_json_double`.
 *
 * `out`: receives the value. Returns true on success. Returns false and writes nothing if the
 * value is not a number, if it exceeds the range of a double, if `node` is not a node, or if an
 * argument is NULL. Any thread, several at once.
 */
bool sac_node_double(const struct sac_response *response, sac_node node, double *out);

/**
 * Reads a boolean; see `sac_json_bool`.
 *
 * `out`: receives the value. Returns true on success. Returns false and writes nothing if the
 * value is not a boolean, if `node` is not a node, or if an argument is NULL. Any thread, several
 * at once.
 */
bool sac_node_bool(const struct sac_response *response, sac_node node, bool *out);

/**
 * Counts the elements of an array, or the members of an object.
 *
 * Returns 0 if the value is neither, or if `node` is not a node. Any thread, several at once.
 */
size_t sac_node_length(const struct sac_response *response, sac_node node);

/**
 * Makes a response from any JSON text, for example a journal, the body of a webhook or a file, so
 * that the same functions read it.
 *
 * `text`, `len`: the bytes, which the function copies; `text` may be NULL if `len` is 0. They are
 * read like the body of a response: damaged JSON is repaired, and `null` or no text becomes `{}`.
 * Returns a response, never NULL, which the caller frees with `sac_response_free`. Its `status` and
 * `attempts` are 0. Its `code` is `SAC_OK`, `SAC_ERR_NOT_JSON` (the text cannot be repaired),
 * `SAC_ERR_TOO_LARGE` (there is not enough memory) or `SAC_ERR_NULL_ARGUMENT`. Any thread.
 */
struct sac_response *sac_json_parse(const char *text, size_t len);

/**
 * Signs a payload with the current time, as a cookie value. The value consists of the payload, a
 * timestamp and a MAC, separated by dots: the format of itsdangerous' TimestampSigner, which
 * cookie-manager verifies. In a `Cookie` header field, the value must be a quoted string.
 * `sac_add_signed_cookie` writes it so.
 *
 * `payload_json`: a JSON object. `key_id`: the name of the key, which is added to the payload.
 * `key`: the key; the library keeps no copy. `digest`: one of `SAC_DIGEST_…`. `out`: receives the
 * value; free it with `sac_string_free`. Any thread. Errors: `SAC_ERR_NULL_ARGUMENT`,
 * `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_JSON` (not a JSON object), `SAC_ERR_INVALID_ARGUMENT`
 * (no such digest, or an empty key).
 */
sac_code sac_cookie_sign(const char *payload_json,
                         const char *key_id,
                         const char *key,
                         int32_t digest,
                         char **out);

/**
 * Verifies a cookie value that `sac_cookie_sign`, itsdangerous or cookie-manager signed. The
 * comparison takes constant time.
 *
 * `cookie`: the value, raw or as a quoted string. `key_ids`, `keys`: the names of the keys, and
 * the keys. The payload of the cookie names the key that is used. `count`: the number of keys.
 * `max_age_s`: the greatest age in seconds; 0 allows any age. `digest`: one of `SAC_DIGEST_…`.
 * `payload_json`: receives the payload; free it with `sac_string_free`. Any thread. Errors:
 * `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_ARGUMENT` (no such digest, an
 * empty key, or too many keys), `SAC_ERR_INVALID_COOKIE` (a wrong MAC, an unknown key, an expired
 * cookie, or a timestamp in the future).
 */
sac_code sac_cookie_verify(const char *cookie,
                           const char *const *key_ids,
                           const char *const *keys,
                           size_t count,
                           uint64_t max_age_s,
                           int32_t digest,
                           char **payload_json);

/**
 * Computes the HMAC of data (RFC 2104), as services want it in the signature of a request. To verify
 * a webhook, use `sac_webhook_verify`, which compares in constant time.
 *
 * `digest`: one of `SAC_DIGEST_…`. `key`, `key_len`: the key as bytes; the library keeps no copy.
 * `data`, `data_len`: the bytes to sign; may be NULL if there are none. `encoding`: one of
 * `SAC_ENCODING_…`. `out`: receives the text; free it with `sac_string_free`. Any thread. Errors:
 * `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_ARGUMENT` (no such digest or encoding, or an empty key,
 * with which anybody could compute the same).
 */
sac_code sac_hmac(int32_t digest,
                  const uint8_t *key,
                  size_t key_len,
                  const uint8_t *data,
                  size_t data_len,
                  int32_t encoding,
                  char **out);

/**
 * Verifies that the sender of a webhook knows the secret, that nobody changed the webhook, and that
 * it is not an old one. The comparison takes constant time.
 *
 * `scheme`: one of `SAC_WEBHOOK_…`. `secrets`, `count`: the secrets as the sender shows them; each
 * is valid, so that a secret can be changed. `headers`: name, value, name, value, …, NULL: all
 * fields of the request or only those of the scheme, with names in any case. Other fields may have
 * any bytes. `body`, `len`: the bytes as they arrived, before any decoding or parsing; may be NULL if
 * there are none. `tolerance_s`: the greatest difference in seconds between the time of the
 * signature and the clock, in both directions; 0 allows any. It has no effect for GitHub and
 * Shopify, which sign no time.
 *
 * `id`: receives the id of the webhook, which stays the same if the sender sends it again; free it
 * with `sac_string_free`; NULL if you do not need it. For Stripe, it is the member `id` of the body.
 * It is "" if there is none, always for Slack. GitHub and Shopify do not sign it.
 *
 * Any thread. Errors: `SAC_ERR_SIGNATURE` (no signature is right, it is too old or from the future,
 * or a header field of the scheme is missing, malformed or there twice; if the webhook verifies with
 * a `tolerance_s` of 0, only its time is wrong), `SAC_ERR_NULL_ARGUMENT` (also for a name without a
 * value), `SAC_ERR_INVALID_UTF8` (a secret), `SAC_ERR_INVALID_ARGUMENT` (no such scheme, no secret,
 * an empty one, too many, or one of Standard Webhooks that is not base64).
 */
sac_code sac_webhook_verify(int32_t scheme,
                            const char *const *secrets,
                            size_t count,
                            const char *const *headers,
                            const uint8_t *body,
                            size_t len,
                            uint64_t tolerance_s,
                            char **id);

/**
 * Sends a request, and returns when the head of its response is there.
 *
 * Until then, everything is as in `sac_send`, with retries, redirects, limits and waits. Then the stream
 * ends the time of the attempt (`sac_set_timeout_ms`), and the caller reads the body. Each read waits
 * for bytes: at most for the read timeout (for events 60 seconds, if none is set), until the deadline
 * of the call, or until a cancel. The library uses no thread of its own, and its memory is limited by
 * the longest record.
 *
 * A response with a status of 300 and above is complete in `sac_stream_head`, with its body, and
 * nothing can be read from the stream (unless `sac_request_set_raw` says otherwise). A request with an output file or an output callback gives
 * `SAC_ERR_INVALID_ARGUMENT`.
 *
 * `client`, `request`: may be freed before the stream. Returns a stream, never NULL; free it with
 * `sac_stream_free`. Any thread. Errors are in the stream: see `sac_stream_code`.
 */
struct sac_stream *sac_stream_open(const struct sac_client *client,
                                   const struct sac_request *request);

/**
 * Gets the first response of a stream, with its status, header fields and journal.
 *
 * `stream`: a stream, whose response has an empty `body` and the `json` `{}`, unless the status is 300
 * or above. Returns a response that belongs to the stream and is valid as long as the stream; NULL if
 * `stream` is NULL. Any thread.
 */
const struct sac_response *sac_stream_head(const struct sac_stream *stream);

/**
 * Reads the next bytes of the body of a stream, after content decoding.
 *
 * Waits until there are some. `stream`: a stream that is not read by records. After `sac_stream_next`,
 * the code is `SAC_ERR_INVALID_ARGUMENT`, and the stream stays as it is. `buffer`, `size`: where to
 * write at most `size` bytes. `read`: receives the number of bytes; 0 is the end of the body. One
 * thread at a time. Errors: those of `sac_stream_code`, `SAC_ERR_NULL_ARGUMENT`,
 * `SAC_ERR_INVALID_ARGUMENT`.
 */
sac_code sac_stream_read(struct sac_stream *stream,
                         uint8_t *buffer,
                         size_t size,
                         size_t *read);

/**
 * Reads the next record of a stream: an event, a JSON text, or an element of an array.
 *
 * `stream`: a stream that is not read as bytes; `sac_request_set_records` says how its body is split. After
 * `sac_stream_read` has returned bytes, the stream fails with `SAC_ERR_INVALID_ARGUMENT`, because a record
 * would begin in the middle. Waits until the record is complete. A record of more bytes than `sac_set_max_body_bytes` allows ends the stream with
 * `SAC_ERR_TOO_LARGE`. If a server interrupts an event stream that a GET has opened, the request is sent
 * again with the ID of the last event (`Last-Event-ID`), after the delay that the server has named
 * (`retry`; at least 500 ms, at most `sac_set_retry_after_max_ms`), which doubles with each request that
 * brings no event, or after a back-off. A regular end of the response is an interruption too if the server has
 * sent an ID or a delay. The request is sent at most as often as `sac_set_retry_attempts` allows without an
 * event in between. A response with the status 204 ends the stream.
 *
 * Returns the record, valid until the next call with the stream; NULL at the end of the body or after a
 * failure, which `sac_stream_code` tells apart. One thread at a time.
 */
const struct sac_event *sac_stream_next(struct sac_stream *stream);

/**
 * Reads the data of an event as JSON, with the guarantee of a response.
 *
 * `event`: the current record of a stream. Its data is parsed when this is first called. If it is
 * damaged, it is repaired, and `json_state` says so. A damaged text ends where no valid text continues, so
 * that its neighbours are whole. If it cannot be repaired, the code of the result is
 * `SAC_ERR_NOT_JSON`; the stream goes on. Returns a response that belongs to the stream and is valid as
 * long as the record; NULL if `event` is NULL. One thread at a time.
 */
const struct sac_response *sac_event_json(const struct sac_event *event);

/**
 * Gets the code of a stream.
 *
 * `stream`: a stream. Returns `SAC_OK` while the body arrives and after its regular end. After a failure,
 * returns the code of the error, for example that of the first response. One thread at a time. Errors:
 * those of a call, `SAC_ERR_NULL_ARGUMENT` (the stream).
 */
sac_code sac_stream_code(const struct sac_stream *stream);

/**
 * Gets the error of a stream, in English, on one line.
 *
 * `stream`: a stream. Returns a string that is valid as long as the stream; NULL exactly if
 * `sac_stream_code` is `SAC_OK`, or if `stream` is NULL. One thread at a time.
 */
const char *sac_stream_error(const struct sac_stream *stream);

/**
 * Frees a stream, with its first response and its event.
 *
 * If its body has arrived completely, or only a short rest of it was not read, the connection is kept for
 * later requests. Otherwise the connection is closed. Does not wait. `stream`: not freed before; NULL has no effect. Any thread, but only when no other thread
 * uses the stream.
 */
void sac_stream_free(struct sac_stream *stream);

/**
 * Sets how a stream of this request splits the body of the response into records.
 *
 * `kind`: one of `SAC_RECORDS_…`; the default is `SAC_RECORDS_AUTO`. With `SAC_RECORDS_EVENTS`, the
 * request asks for `text/event-stream`, unless `Accept` is set. Only `sac_stream_open` uses it. One
 * thread at a time. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_ARGUMENT` (no such kind).
 */
sac_code sac_request_set_records(struct sac_request *request,
                                 sac_records kind);

/**
 * Sets whether a stream of this request passes on the body of every response as the server has sent it:
 * with its content coding, and also that of an error.
 *
 * `raw`: if true, the library decodes nothing, and the caller reads the body of a response with a
 * status of 300 and above from the stream, too. `code` and `error` of the head are as always, but
 * `error` cannot contain the server's message. The default is false. Only `sac_stream_open` uses it. One
 * thread at a time. Errors: `SAC_ERR_NULL_ARGUMENT`.
 */
sac_code sac_request_set_raw(struct sac_request *request,
                             bool raw);

/**
 * Sets the ID of the last event that the caller knows, so that the server continues after it.
 *
 * The request sends it as `Last-Event-ID`. `id`: copied; "" removes it. One thread at a time. Errors:
 * `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_HEADER` (it contains a line
 * break).
 */
sac_code sac_request_set_last_event_id(struct sac_request *request,
                                       const char *id);

/**
 * Frees a string that the library returned through an out-parameter.
 *
 * `string`: not freed before; NULL has no effect. Any thread.
 */
void sac_string_free(char *string);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* SAC_H */
