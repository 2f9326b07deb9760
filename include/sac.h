/*
 * libsac, the Simple API Client: call JSON APIs from C, C++, Go and Ruby.
 *
 * This file is generated from the library's sources. Do not edit it.
 *
 * What holds for every function:
 *  - Every function that sends returns a response that is never NULL; free it with
 *    sac_response_free. response->code == SAC_OK means that all went well.
 *  - Strings are NUL-terminated UTF-8. NULL where a value is required gives
 *    SAC_ERR_NULL_ARGUMENT, invalid UTF-8 SAC_ERR_INVALID_UTF8; where NULL is allowed, the
 *    function says so. The library copies what it keeps: what a caller passes in has to live
 *    until the function returns and no longer.
 *  - Out-parameters are written on success only; the *out of a constructor is NULL on failure.
 *  - A client may be used from any number of threads at once, setters included; a call works on
 *    the settings as they were when it began. A request may be sent from several threads at once,
 *    but not changed while one of them sends it. A response does not change until it is freed.
 *  - A function that takes a handle as const does not change it. Every *_free accepts NULL.
 *  - Nothing is written to stdout or stderr, no signal is raised, no environment is changed, and
 *    a bug of the library is answered with SAC_ERR_INTERNAL.
 */

#ifndef SAC_H
#define SAC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * The version this header belongs to: the first number.
 */
#define SAC_VERSION_MAJOR 0

/**
 * The version this header belongs to: the second number.
 */
#define SAC_VERSION_MINOR 1

/**
 * The version this header belongs to: the third number.
 */
#define SAC_VERSION_PATCH 0

/**
 * Digest of a signed cookie: SHA-1, what cookie-manager verifies, and the only reason to use it.
 */
#define SAC_DIGEST_SHA1 1

/**
 * Digest of a signed cookie: SHA-256.
 */
#define SAC_DIGEST_SHA256 2

/**
 * Digest of a signed cookie: SHA-512.
 */
#define SAC_DIGEST_SHA512 3

/**
 * Log level: a call failed.
 */
#define SAC_LOG_ERROR 1

/**
 * Log level: something failed and was repaired, for example by sending a request again.
 */
#define SAC_LOG_WARN 2

/**
 * Log level: one line per call.
 */
#define SAC_LOG_INFO 3

/**
 * Log level: one line per step of a call.
 */
#define SAC_LOG_DEBUG 4

/**
 * Log level: everything.
 */
#define SAC_LOG_TRACE 5

/**
 * TLS 1.2 (RFC 5246) is the oldest version accepted: the default.
 */
#define SAC_TLS_1_2 12

/**
 * TLS 1.3 (RFC 8446) is the oldest version accepted.
 */
#define SAC_TLS_1_3 13

/**
 * A flag that ends calls early: every request that carries it ends with `SAC_ERR_CANCELLED`, the
 * waiting ones too. Once triggered it stays so. May be triggered from anywhere, a signal handler
 * included.
 */
typedef struct sac_cancel sac_cancel;

/**
 * A client: a base URL, a scope of headers, cookies and credentials, and settings. May be used
 * from any number of threads at once, setters included. After `fork` the child may go on using
 * its copy; the two never share a connection.
 */
typedef struct sac_client sac_client;

/**
 * A request that can be sent any number of times. May be sent from several threads at once, but
 * not changed while one of them sends it.
 */
typedef struct sac_request sac_request;

/**
 * The result of a call: `SAC_OK`, or one of the `SAC_ERR_…` constants.
 */
typedef int32_t sac_code;

/**
 * Receives log messages.
 *
 * `userdata`: as it was given with the callback. `level`: one of `SAC_LOG_ERROR` to
 * `SAC_LOG_TRACE`. `message`: one line without secrets, valid until the callback returns. Called on
 * the thread that makes the call, by several threads at once where several make calls, so it has
 * to be thread-safe. It may call the library, and must not unwind or `longjmp` out.
 */
typedef void (*sac_log_callback)(void *userdata, int32_t level, const char *message);

/**
 * Is told before each wait for a retry, and says whether it may happen.
 *
 * `userdata`: as it was given with the callback. `attempt`: how many were made. `code`, `status`:
 * what came of the last one; the status is 0 where there was no answer. `wait_ms`: the wait in
 * milliseconds. Returns whether the retry may happen; after false the call ends with what it has.
 * Called on the thread that makes the call, by several threads at once where several make calls.
 * It may call the library, and must not unwind or `longjmp` out.
 */
typedef bool (*sac_retry_callback)(void *userdata,
                                   uint32_t attempt,
                                   int32_t code,
                                   int32_t status,
                                   uint64_t wait_ms);

/**
 * How a response's `json` relates to its `body`: one of the `SAC_JSON_…` constants.
 */
typedef int32_t sac_json_state;

/**
 * What came of a call. Made by the library alone and never changed; any number of threads may
 * read it until `sac_response_free`. Later versions may append fields, never move or remove one.
 */
typedef struct sac_response {
    /**
     * `SAC_OK`, or what went wrong.
     */
    sac_code code;
    /**
     * The HTTP status; 0 where no response arrived.
     */
    int32_t status;
    /**
     * JSON text: never NULL, NUL-terminated, well-formed (RFC 8259).
     */
    const char *json;
    /**
     * The length of `json` in bytes, without the NUL.
     */
    size_t json_len;
    /**
     * The body's bytes as received, with content coding undone; never NULL.
     */
    const uint8_t *body;
    /**
     * The number of bytes in `body`.
     */
    size_t body_len;
    /**
     * What went wrong, in English, on one line; NULL exactly when `code` is `SAC_OK`.
     */
    const char *error;
    /**
     * `SAC_JSON_EXACT`, `SAC_JSON_REPAIRED` or `SAC_JSON_NONE`.
     */
    sac_json_state json_state;
    /**
     * Requests put on the wire, redirect hops not counted; 0 where none was.
     */
    uint32_t attempts;
    /**
     * The whole call in microseconds, waits included.
     */
    uint64_t elapsed_us;
} sac_response;

/**
 * Takes the next bytes of an answer's body.
 *
 * `userdata`: as it was given with the callback. `bytes`, `len`: the bytes, valid until the callback
 * returns. Returns whether there may be more; false ends the call with `SAC_ERR_CANCELLED`. Called
 * on the thread that makes the call. It may call the library, and must not unwind or `longjmp` out.
 */
typedef bool (*sac_data_callback)(void *userdata, const uint8_t *bytes, size_t len);

/**
 * Is told how far the bodies of request and answer have come. A retry begins anew.
 *
 * `userdata`: as it was given with the callback. `sent`, `to_send`: bytes of the request's body.
 * `received`, `to_receive`: bytes of the answer's, with content coding undone. A total that is not
 * known is 0. Returns whether the call may go on; false ends it with `SAC_ERR_CANCELLED`. Called on
 * the thread that makes the call, after each piece of up to 128 KiB. It may call the library, and
 * must not unwind or `longjmp` out.
 */
typedef bool (*sac_progress_callback)(void *userdata,
                                      uint64_t sent,
                                      uint64_t to_send,
                                      uint64_t received,
                                      uint64_t to_receive);

/**
 * The type of a JSON value: one of the `SAC_JSON_TYPE_…` constants.
 */
typedef int32_t sac_json_type;

/**
 * The call succeeded.
 */
#define SAC_OK 0

/**
 * A required pointer was NULL.
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
 * A path does not start with `/`, or contains a character that a path must not contain.
 */
#define SAC_ERR_INVALID_PATH 4

/**
 * A method is not a token (RFC 9110 section 9.1), or is one that a client cannot send.
 */
#define SAC_ERR_INVALID_METHOD 5

/**
 * A header field name or value is not allowed (RFC 9110 section 5), or frames the message.
 */
#define SAC_ERR_INVALID_HEADER 6

/**
 * A cookie name or value is not allowed (RFC 6265 section 4.1.1), or a signature does not verify.
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
 * The proxy refused, or does not support the protocol.
 */
#define SAC_ERR_PROXY 23

/**
 * Time ran out.
 */
#define SAC_ERR_TIMEOUT 24

/**
 * The connection was lost, or the body is incomplete.
 */
#define SAC_ERR_CLOSED 25

/**
 * The response is not valid HTTP.
 */
#define SAC_ERR_PROTOCOL 26

/**
 * Too many redirects, or a redirect that is refused.
 */
#define SAC_ERR_REDIRECT 27

/**
 * The body is larger than allowed.
 */
#define SAC_ERR_TOO_LARGE 28

/**
 * The server responded with a status of 400 or above.
 */
#define SAC_ERR_STATUS 40

/**
 * Too many requests: the server said so (429 or 403), or the wait for a limit would exceed the deadline.
 */
#define SAC_ERR_RATE_LIMITED 41

/**
 * The caller asked for JSON, the status is 2xx, and the body contains none.
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
 * The body held no JSON, or there was none.
 */
#define SAC_JSON_NONE 0

/**
 * The body was well-formed JSON.
 */
#define SAC_JSON_EXACT 1

/**
 * The body was damaged JSON and has been repaired.
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

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The version of the library that is loaded, such as `"0.1.0"`.
 *
 * Returns a string that lives as long as the library; never NULL. Any thread, any time.
 */
const char *sac_version(void);

/**
 * The name of a code's constant, such as `"SAC_ERR_TIMEOUT"`.
 *
 * `code`: any number. Returns a string that lives as long as the library; `"SAC_ERR_UNKNOWN"` for a
 * number that is no code, never NULL. Any thread, any time.
 */
const char *sac_code_name(int32_t code);

/**
 * What a code means, as a sentence in English.
 *
 * `code`: any number. Returns a string that lives as long as the library, never NULL. Any thread, any
 * time.
 */
const char *sac_code_message(int32_t code);

/**
 * Makes a client for the API at a base URL.
 *
 * `base_url`: `http://` or `https://`, a host, optionally a port and a base path, which every
 * request's path goes behind. `user:password@` acts as `sac_add_basic`. A link-local IPv6 address may
 * name its interface, `http://[fe80::1%25eth0]` (RFC 6874), which is not sent. No query, no fragment.
 * `out`: receives the client, to be freed with `sac_client_free`; NULL on failure.
 *
 * No connection is made yet. Any thread. Errors: `SAC_ERR_NULL_ARGUMENT`,
 * `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_URL`.
 */
sac_code sac_client_new(const char *base_url,
                        struct sac_client **out);

/**
 * Makes a scope of its own, such as for one incoming request: the same connections and limits,
 * with copies of the settings, headers, cookies and credentials; from then on, what is set on one
 * does not reach the other. Costs one small allocation.
 *
 * `client`: the client to copy. Returns a new client, to be freed with `sac_client_free` in any
 * order; NULL only where `client` is NULL. Any thread.
 */
struct sac_client *sac_client_clone(const struct sac_client *client);

/**
 * Forgets all headers, cookies and credentials of a client, and wipes their memory; settings stay.
 *
 * `client`: NULL does nothing. Any thread; calls that have begun keep what they began with.
 */
void sac_client_reset(struct sac_client *client);

/**
 * Frees a client. Its connections close when the last of its clones is freed.
 *
 * `client`: not freed before; NULL does nothing. Any thread, once no other uses the client any
 * more.
 */
void sac_client_free(struct sac_client *client);

/**
 * The path to give to `sac_get` for a full URL of this client's origin, as it stands in a
 * `Location` or `Link` header or under `"next"`.
 *
 * `url`: a full URL, or an absolute path of the same origin. `out`: receives the path, to be
 * freed with `sac_string_free`. Any thread. Errors: `SAC_ERR_NULL_ARGUMENT`,
 * `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_URL` (another origin, or not below the base path).
 */
sac_code sac_client_path_of(const struct sac_client *client, const char *url, char **out);

/**
 * The counters of a client and all its clones, as a JSON object: `requests`, `attempts`,
 * `timeouts`, `bytes_sent`, `bytes_received`, `connections_opened`, `connections_reused`,
 * `waited_ms`, and `retries` by cause.
 *
 * `out`: receives the text, to be freed with `sac_string_free`. Any thread. Errors:
 * `SAC_ERR_NULL_ARGUMENT`.
 */
sac_code sac_client_stats(const struct sac_client *client, char **out);

/**
 * Sets a header field for every request of this client, or replaces it.
 *
 * `name`: a token, in any case; the fields that frame a message (`Content-Length`,
 * `Transfer-Encoding`, `Connection` and their kin) are refused. `value`: UTF-8 without control
 * characters; that of `Host` is a host, and a port where it has one (RFC 9110 section 7.2); that of
 * `Expect` is `100-continue` (section 10.1.1): the body then waits until the server wants it, for one
 * second at most. Both are copied. Any thread; calls that have begun are not affected. Errors:
 * `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_HEADER`.
 */
sac_code sac_add_header(struct sac_client *client,
                        const char *name,
                        const char *value);

/**
 * Removes a header field; one that is not there is no error.
 *
 * `name`: in any case. Any thread; calls that have begun are not affected. Errors:
 * `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_HEADER`.
 */
sac_code sac_remove_header(struct sac_client *client, const char *name);

/**
 * Authenticates every request with a user name and a password (RFC 7617), in place of what
 * `Authorization` was set before.
 *
 * `username`: without a colon. `password`: without control characters. Both are copied, kept out of
 * every log line and error text, and wiped when the client forgets them. Any thread. Errors:
 * `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_ARGUMENT` (a colon in the user name, a control
 * character).
 */
sac_code sac_add_basic(struct sac_client *client,
                       const char *username,
                       const char *password);

/**
 * Authenticates every request with a bearer token (RFC 6750), in place of what `Authorization`
 * was set before.
 *
 * `token`: copied, kept out of every log line and error text, and wiped when the client forgets
 * it. Any thread. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`,
 * `SAC_ERR_INVALID_HEADER`.
 */
sac_code sac_add_bearer(struct sac_client *client, const char *token);

/**
 * Sends a cookie with every request, in place of one of the same name.
 *
 * `name`: a token (RFC 6265 section 4.1.1). `value`: without control characters and semicolons.
 * Both are copied; the value is kept out of log lines and error texts. Any thread. Errors:
 * `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_COOKIE`.
 */
sac_code sac_add_cookie(struct sac_client *client, const char *name, const char *value);

/**
 * Removes a cookie, signed or not; one that is not there is no error.
 *
 * `name`: in the case it was given. Any thread. Errors: `SAC_ERR_NULL_ARGUMENT`,
 * `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_COOKIE`.
 */
sac_code sac_remove_cookie(struct sac_client *client, const char *name);

/**
 * Sends a signed cookie with every request, in place of one of the same name: the format of
 * itsdangerous' TimestampSigner, as cookie-manager verifies it. It is signed afresh for each
 * attempt, since a signature is accepted for a short time only.
 *
 * `name`: a token. `payload_json`: a JSON object; `key_id` is added to it. `key_id`, `key`: which
 * key signs, and the key; the key is kept out of log lines and error texts, and wiped when the
 * client forgets it. `digest`: `SAC_DIGEST_SHA1` (what cookie-manager verifies),
 * `SAC_DIGEST_SHA256` or `SAC_DIGEST_SHA512`. All are copied. Any thread. Errors:
 * `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_COOKIE` (the name),
 * `SAC_ERR_INVALID_JSON` (no JSON object), `SAC_ERR_INVALID_ARGUMENT` (no such digest, an
 * empty key).
 */
sac_code sac_add_signed_cookie(struct sac_client *client,
                               const char *name,
                               const char *payload_json,
                               const char *key_id,
                               const char *key,
                               int32_t digest);

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
 * Sets the trusted certificate authorities from a file, instead of those of the system.
 *
 * `pem_path`: a file with one or more PEM certificates (RFC 7468), read now; the form
 * `TRUSTED CERTIFICATE` of OpenSSL is refused. Any thread; running calls are not affected. Errors:
 * `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_FILE` (it cannot be read),
 * `SAC_ERR_CERTIFICATE` (it contains no usable certificate).
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
 * Sets the certificate for servers that request one, and its private key, from files. After a
 * redirect to another origin, the certificate is not used for the rest of the call.
 *
 * `cert_pem_path`: a PEM file with the certificate and then its intermediate certificates.
 * `key_pem_path`: a PEM file with its private key, not encrypted; both are read now. Any thread;
 * running calls are not affected. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`,
 * `SAC_ERR_FILE` (one cannot be read), `SAC_ERR_CERTIFICATE` (one is not usable, the key is
 * encrypted, or they do not match; the log says which).
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
 * Sets who receives the log messages of this client, and from which level on. Clones made
 * afterwards log there too.
 *
 * `callback`: see `sac_log_callback`; NULL for nobody, the default. `userdata`: handed to the
 * callback as it is; the caller keeps it alive until the client, its clones and their calls are
 * done with it. `level`: one of `SAC_LOG_ERROR` to `SAC_LOG_TRACE`; a message is handed over
 * where it is at least that urgent; ignored if `callback` is NULL. Any thread; calls that have begun are not affected. Errors:
 * `SAC_ERR_NULL_ARGUMENT` (the client), `SAC_ERR_INVALID_ARGUMENT` (no such level).
 */
sac_code sac_set_logger(struct sac_client *client,
                        sac_log_callback callback,
                        void *userdata,
                        int32_t level);

/**
 * Sets who is told before each wait for a retry, and may forbid it. Clones made afterwards ask
 * there too.
 *
 * `callback`: see `sac_retry_callback`; NULL for nobody, the default. `userdata`: handed to the
 * callback as it is; the caller keeps it alive until the client, its clones and their calls are
 * done with it. Any thread; calls that have begun are not affected. Errors:
 * `SAC_ERR_NULL_ARGUMENT` (the client).
 */
sac_code sac_set_retry_callback(struct sac_client *client,
                                sac_retry_callback callback,
                                void *userdata);

/**
 * Gets a resource. Asks for `application/json`.
 *
 * `path`: starts with `/` and goes behind the client's base path; may hold a query. Blocks until
 * the call is over. Returns a response, never NULL, to be freed with `sac_response_free`. Any
 * thread. Errors are in the response.
 */
struct sac_response *sac_get(const struct sac_client *client, const char *path);

/**
 * Gets a resource that need not be JSON. Asks for `application/octet-stream`; its bytes are in the
 * response's `body`.
 *
 * As `sac_get` otherwise.
 */
struct sac_response *sac_get_binary(const struct sac_client *client, const char *path);

/**
 * Deletes a resource.
 *
 * As `sac_get` otherwise.
 */
struct sac_response *sac_delete(const struct sac_client *client, const char *path);

/**
 * Posts JSON.
 *
 * `json`: a well-formed text, sent as it stands; NULL for no body. As `sac_get` otherwise.
 */
struct sac_response *sac_post_json(const struct sac_client *client,
                                   const char *path,
                                   const char *json);

/**
 * Puts JSON.
 *
 * `json`: a well-formed text, sent as it stands; NULL for no body. As `sac_get` otherwise.
 */
struct sac_response *sac_put_json(const struct sac_client *client,
                                  const char *path,
                                  const char *json);

/**
 * Patches with JSON.
 *
 * `json`: a well-formed text, sent as it stands; NULL for no body. As `sac_get` otherwise.
 */
struct sac_response *sac_patch_json(const struct sac_client *client,
                                    const char *path,
                                    const char *json);

/**
 * Posts a form (`application/x-www-form-urlencoded`).
 *
 * `fields`: name, value, name, value, …, NULL; encoded by the library; NULL for no body. A name
 * without a value is `SAC_ERR_NULL_ARGUMENT`. As `sac_get` otherwise.
 */
struct sac_response *sac_post_form(const struct sac_client *client,
                                   const char *path,
                                   const char *const *fields);

/**
 * Sends a request.
 *
 * `request`: may be sent any number of times, by several threads at once. Blocks until the call
 * is over. Returns a response, never NULL, to be freed with `sac_response_free`. Any thread.
 * Errors are in the response.
 */
struct sac_response *sac_send(const struct sac_client *client, const struct sac_request *request);

/**
 * Sends many requests, several at a time, and waits for all of them.
 *
 * `requests`: an array of requests; the same one may stand there more than once. `count`: how many
 * there are. `parallel`: how many are under way at once, at most; 0 is `SAC_ERR_INVALID_ARGUMENT` in
 * each response. Blocks until all calls are over. Returns an array of `count` responses in the order
 * of the requests, each as `sac_send` gives it, to be freed with `sac_responses_free`; a NULL request
 * or client is answered there too. NULL only where there is no memory for the array. Any thread. The
 * threads that it starts, one less than `parallel`, end before it returns; callbacks are called on
 * them.
 */
struct sac_response **sac_send_all(const struct sac_client *client,
                                   const struct sac_request *const *requests,
                                   size_t count,
                                   uint32_t parallel);

/**
 * Frees the responses of `sac_send_all`, and their array.
 *
 * `responses`: such an array, not freed before, with all its responses; NULL does nothing. `count`:
 * as it was given to `sac_send_all`. Any thread.
 */
void sac_responses_free(struct sac_response **responses, size_t count);

/**
 * Makes a request.
 *
 * `method`: any token, case-sensitive, such as `GET` or `PROPFIND`; not `CONNECT`. `path`: starts
 * with `/`, goes behind the client's base path, may hold a query; spaces and non-ASCII characters
 * are percent-encoded, `%XX` is kept; `.` and `..` are resolved (RFC 3986 section 5.2.4), never above
 * the base path. `out`: receives the request, to be freed with
 * `sac_request_free`; NULL on failure. Any thread. Errors: `SAC_ERR_NULL_ARGUMENT`,
 * `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_METHOD`, `SAC_ERR_INVALID_PATH`.
 */
sac_code sac_request_new(const char *method,
                         const char *path,
                         struct sac_request **out);

/**
 * Frees a request.
 *
 * `request`: not freed before, and sent by no thread any more; NULL does nothing. Any thread.
 */
void sac_request_free(struct sac_request *request);

/**
 * Sets a header field of this request, in place of the client's or the library's own.
 *
 * `name`, `value`: as for `sac_add_header`, copied. One thread at a time. Errors:
 * `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_HEADER`.
 */
sac_code sac_request_set_header(struct sac_request *request, const char *name, const char *value);

/**
 * Adds a query parameter behind those that are there.
 *
 * `name`, `value`: any text, percent-encoded by the library, copied. One thread at a time. Errors:
 * `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`.
 */
sac_code sac_request_add_query(struct sac_request *request, const char *name, const char *value);

/**
 * Gives the request a JSON body, in place of an earlier one.
 *
 * `json`: a well-formed text (RFC 8259), copied and sent as it stands. One thread at a time.
 * Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_JSON`,
 * `SAC_ERR_INVALID_ARGUMENT` (the request has a body of another kind).
 */
sac_code sac_request_set_json(struct sac_request *request, const char *json);

/**
 * Adds a field to the request's form (`application/x-www-form-urlencoded`).
 *
 * `name`, `value`: any text, encoded by the library, copied. One thread at a time. Errors:
 * `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_ARGUMENT` (the request has a
 * body of another kind).
 */
sac_code sac_request_add_form_field(struct sac_request *request,
                                    const char *name,
                                    const char *value);

/**
 * Gives the request a body of bytes, in place of an earlier one.
 *
 * `content_type`: the media type, such as `application/octet-stream`. `bytes`, `len`: the bytes;
 * NULL is allowed where `len` is 0. Both are copied. One thread at a time. Errors:
 * `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_HEADER` (the media type),
 * `SAC_ERR_INVALID_ARGUMENT` (the request has a body of another kind).
 */
sac_code sac_request_set_body(struct sac_request *request,
                              const char *content_type,
                              const uint8_t *bytes,
                              size_t len);

/**
 * Lets a cancel end the calls of this request.
 *
 * `cancel`: the request keeps a hold on it of its own; NULL for none. One thread at a time. Errors:
 * `SAC_ERR_NULL_ARGUMENT` (the request).
 */
sac_code sac_request_set_cancel(struct sac_request *request, struct sac_cancel *cancel);

/**
 * Names the request by a key (`Idempotency-Key`), by which the server recognises a second sending;
 * this lets a POST or PATCH be retried where the outcome of an attempt is unknown.
 *
 * `key`: not empty, copied. One thread at a time. Errors: `SAC_ERR_NULL_ARGUMENT`,
 * `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_HEADER`.
 */
sac_code sac_request_set_idempotency_key(struct sac_request *request, const char *key);

/**
 * Gives the request a file as its body, in place of an earlier one. It is opened when the request
 * is sent, read while it is sent, and opened again and sent from its start where a retry or a
 * redirect needs that.
 *
 * `content_type`: the media type. `file_path`: a regular file. Both are copied. A file that cannot
 * be read, or is changed while it is sent or between two sendings, ends the call with
 * `SAC_ERR_FILE`; the server is never made believe that a part is the whole. One thread at a time.
 * Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_HEADER` (the media
 * type), `SAC_ERR_INVALID_ARGUMENT` (the request has a body of another kind).
 */
sac_code sac_request_set_body_file(struct sac_request *request,
                                   const char *content_type,
                                   const char *file_path);

/**
 * Adds a part to the request's form with files (`multipart/form-data`, RFC 7578).
 *
 * `name`: the name of the field. `file_name`: the name that the server is told where the part is a
 * file; NULL for a plain field. `content_type`: its media type; NULL for `application/octet-stream`
 * where there is a file name, and for none where there is not. `bytes`, `len`: the content; NULL is
 * allowed where `len` is 0. All are copied. One thread at a time. Errors: `SAC_ERR_NULL_ARGUMENT`,
 * `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_HEADER` (the media type), `SAC_ERR_INVALID_ARGUMENT`
 * (the request has a body of another kind).
 */
sac_code sac_request_add_part(struct sac_request *request,
                              const char *name,
                              const char *file_name,
                              const char *content_type,
                              const uint8_t *bytes,
                              size_t len);

/**
 * Adds a file to the request's form with files, as `sac_request_set_body_file` would send it. The
 * server is told the last component of its path as the file's name.
 *
 * `name`: the name of the field. `file_path`: a regular file, opened when the request is sent.
 * `content_type`: its media type; NULL for `application/octet-stream`. All are copied. One thread at
 * a time. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_HEADER` (the
 * media type), `SAC_ERR_INVALID_ARGUMENT` (the request has a body of another kind).
 */
sac_code sac_request_add_part_file(struct sac_request *request,
                                   const char *name,
                                   const char *file_path,
                                   const char *content_type);

/**
 * Lets the body of the answer go to a file, which appears whole or not at all: until then it is a
 * temporary file in the same folder, which any failure removes; a process that is killed leaves it,
 * `.sac-….part`.
 *
 * Only an answer of 200 to 299 with content, be it of no bytes, makes the file: `body` is empty and
 * `json` is `{}` then. Any other (204, 205, 300 and above, or to HEAD) leaves the file alone, and
 * its bytes go to the response. A retry goes on where the download broke, if the server has given a
 * strong validator (RFC 9110 section 8.8), and the status is 206 then. A part under another
 * validator starts the download anew. What an answer holds is what its `Content-Range` says, if it
 * has one, even if the status is 200. The request no longer asks for JSON. For how large
 * the body may be, see `sac_set_max_body_bytes`. A file that cannot be written ends the call with
 * `SAC_ERR_FILE`.
 *
 * `file_path`: where to; copied. An existing file is replaced. It keeps owner, group and permissions; if
 * the system does not allow its group, group and others get what both of them had. A new file gets
 * the permissions that the umask leaves. Until the file is whole, only its owner may read it. In a
 * sticky folder that others may write to, a link or file of another user is `SAC_ERR_FILE`, as with
 * fs.protected_symlinks and fs.protected_regular on Linux. One thread at a time; sent from several threads at once, the
 * last one to end wins. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`,
 * `SAC_ERR_INVALID_ARGUMENT` (there is an output callback).
 */
sac_code sac_request_set_output_file(struct sac_request *request,
                                     const char *file_path);

/**
 * Lets the body of the answer go to a function, piece by piece.
 *
 * The bytes of an answer of 300 and above go to the response instead. The call is not retried once
 * a byte was handed over. The request no longer asks for JSON. For how large the body may be, see
 * `sac_set_max_body_bytes`.
 *
 * `callback`: see `sac_data_callback`; NULL for none, so that the body goes into the response again.
 * `userdata`: handed to the callback as it is; the caller keeps it alive until the request and its
 * calls are done with it. One thread at a time. Errors: `SAC_ERR_NULL_ARGUMENT` (the request),
 * `SAC_ERR_INVALID_ARGUMENT` (there is an output file).
 */
sac_code sac_request_set_output_callback(struct sac_request *request,
                                         sac_data_callback callback,
                                         void *userdata);

/**
 * Lets a function know how far the bodies of request and answer have come.
 *
 * `callback`: see `sac_progress_callback`; NULL for none. `userdata`: handed to the callback as it
 * is; the caller keeps it alive until the request and its calls are done with it. One thread at a
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
 * Makes a cancel, to be attached to requests with `sac_request_set_cancel`.
 *
 * `out`: receives the cancel, to be freed with `sac_cancel_free`; NULL on failure. It takes two
 * file descriptors. Any thread. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INTERNAL` (no descriptor
 * is left).
 */
sac_code sac_cancel_new(struct sac_cancel **out);

/**
 * Ends every request that carries the cancel, in whatever it waits for, within 100 ms.
 *
 * `cancel`: NULL does nothing. Any thread, and async-signal-safe.
 */
void sac_cancel_trigger(struct sac_cancel *cancel);

/**
 * Whether a cancel has been triggered.
 *
 * Returns false where `cancel` is NULL. Any thread, several at once.
 */
bool sac_cancel_triggered(const struct sac_cancel *cancel);

/**
 * Frees a cancel. Requests that carry it keep their own hold on it.
 *
 * `cancel`: not freed before; NULL does nothing. Any thread, once no other uses the handle any
 * more.
 */
void sac_cancel_free(struct sac_cancel *cancel);

/**
 * Frees a response, and with it every string and byte that was read out of it.
 *
 * `response`: not freed before; NULL does nothing. Any thread, once no other reads it any more.
 */
void sac_response_free(struct sac_response *response);

/**
 * The reason phrase of a response's status line (RFC 9112 section 4), as the server sent it.
 *
 * Returns a string that lives as long as the response (bytes that are not UTF-8 are read as
 * Latin-1; spaces around it are removed). Returns "" if the server sent none, if no response
 * arrived, or if `response` is NULL; never NULL. Any thread, several at once.
 */
const char *sac_response_reason(const struct sac_response *response);

/**
 * The first value of a response header field.
 *
 * `name`: in any case. Returns a string that lives as long as the response (bytes that are not
 * UTF-8 are read as Latin-1); NULL where there is no such field or an argument is NULL. Any
 * thread, several at once.
 */
const char *sac_response_header(const struct sac_response *response, const char *name);

/**
 * The number of header fields of a response; a field sent twice counts twice.
 *
 * Returns 0 where no response arrived or `response` is NULL. Any thread, several at once.
 */
size_t sac_response_header_count(const struct sac_response *response);

/**
 * A header field of a response by its number.
 *
 * `index`: from 0 to `sac_response_header_count` less one. `name`: receives the name, in lower case.
 * `value`: receives the value. Both live as long as the response. Returns false, and writes nothing,
 * where there is no such field or an argument is NULL. Any thread, several at once.
 */
bool sac_response_header_at(const struct sac_response *response,
                            size_t index,
                            const char **name,
                            const char **value);

/**
 * What each attempt of the call did: a JSON array with an object for each, in their order, with
 * `status` or `error`, `retried_because` or `done_because`, `waited_ms` before it and `delay_from`
 * (`backoff`, `retry-after-ms`, `retry-after`, `ratelimit-reset`, `x-ratelimit-reset`, `gate`,
 * `limiter`), `reused_connection`, and the times `resolve_us`, `connect_us`, `tls_us`,
 * `first_byte_us`, `total_us`; what has nothing to tell is left out.
 *
 * Returns a string that lives as long as the response; NULL only where `response` is NULL. Any
 * thread, several at once.
 */
const char *sac_response_journal(const struct sac_response *response);

/**
 * The target of the `Link` header field (RFC 8288) with a relation, as a full URL;
 * `sac_client_path_of` makes of it a path to ask for.
 *
 * `rel`: such as `next`, in any case. Returns a string that lives as long as the response; NULL
 * where there is none or an argument is NULL. Any thread, several at once.
 */
const char *sac_response_link(const struct sac_response *response, const char *rel);

/**
 * The type of a value.
 *
 * `pointer`: RFC 6901. Returns one of `SAC_JSON_TYPE_…`; `SAC_JSON_TYPE_MISSING` where there is no
 * such value or an argument is NULL. Any thread, several at once.
 */
sac_json_type sac_json_type_of(const struct sac_response *response,
                               const char *pointer);

/**
 * A string, with its escapes undone.
 *
 * `pointer`: RFC 6901. `len`: receives the length in bytes without the NUL, since the string
 * itself may hold NULs; may be NULL. Returns a NUL-terminated string that lives as long as the
 * response; NULL where there is no such value, it is no string, or an argument is NULL. Any
 * thread, several at once.
 */
const char *sac_json_string(const struct sac_response *response, const char *pointer, size_t *len);

/**
 * The JSON text of a value as it stands: a number with its own digits, an object as a whole.
 *
 * `pointer`: RFC 6901. `len`: receives the length in bytes without the NUL; may be NULL. Returns a
 * NUL-terminated string that lives as long as the response; NULL where there is no such value or
 * an argument is NULL. Any thread, several at once.
 */
const char *sac_json_text(const struct sac_response *response, const char *pointer, size_t *len);

/**
 * An integer.
 *
 * `pointer`: RFC 6901. `out`: receives the value. Returns false, and writes nothing, where there
 * is no such value, it is no integer that fits an `int64_t` (nothing is rounded), or an argument
 * is NULL. Any thread, several at once.
 */
bool sac_json_int64(const struct sac_response *response, const char *pointer, int64_t *out);

/**
 * A number as a double, rounded to the nearest one.
 *
 * `pointer`: RFC 6901. `out`: receives the value. Returns false, and writes nothing, where there
 * is no such value, it is no number or beyond the range of a double, or an argument is NULL. Any
 * thread, several at once.
 */
bool sac_json_double(const struct sac_response *response, const char *pointer, double *out);

/**
 * A boolean.
 *
 * `pointer`: RFC 6901. `out`: receives the value. Returns false, and writes nothing, where there
 * is no such value, it is neither true nor false, or an argument is NULL. Any thread, several at
 * once.
 */
bool sac_json_bool(const struct sac_response *response, const char *pointer, bool *out);

/**
 * The number of elements of an array, or of members of an object.
 *
 * `pointer`: RFC 6901. Returns 0 where there is no such value, it is neither, or an argument is
 * NULL. Any thread, several at once.
 */
size_t sac_json_length(const struct sac_response *response, const char *pointer);

/**
 * Repairs JSON from anywhere, by the rules by which a response's body is repaired. Well-formed
 * text comes back as it is.
 *
 * `text`, `len`: bytes in any encoding that can be told (UTF-8, UTF-16, UTF-32, Latin-1); NULL is
 * allowed where `len` is 0. `out`: receives the text, to be freed with `sac_string_free`. Takes
 * time and memory in proportion to `len`. Any thread. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_NOT_JSON`
 * (nothing can be saved), `SAC_ERR_TOO_LARGE` (there is no memory for it).
 */
sac_code sac_json_repair(const char *text,
                         size_t len,
                         char **out);

/**
 * Signs a payload as a cookie value with the time of now: the payload, a timestamp and a MAC with dots
 * between them, the format of itsdangerous' TimestampSigner, as cookie-manager verifies it.
 *
 * `payload_json`: a JSON object. `key_id`: the key's name, which is added to the payload. `key`: the
 * key; not kept. `digest`: one of `SAC_DIGEST_…`. `out`: receives the value, to be freed with
 * `sac_string_free`. To stand in a `Cookie` header it has to be written as a quoted string, which
 * `sac_add_signed_cookie` does by itself. Any thread. Errors: `SAC_ERR_NULL_ARGUMENT`,
 * `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_JSON` (no JSON object), `SAC_ERR_INVALID_ARGUMENT` (no
 * such digest, an empty key).
 */
sac_code sac_cookie_sign(const char *payload_json,
                         const char *key_id,
                         const char *key,
                         int32_t digest,
                         char **out);

/**
 * Verifies a cookie value that `sac_cookie_sign`, itsdangerous or cookie-manager signed, raw or
 * as a quoted string. The comparison takes constant time.
 *
 * `cookie`: the value. `key_ids`, `keys`: the names of the keys, and the keys; the cookie's payload
 * names the one that counts. `count`: how many there are. `max_age_s`: the greatest age in seconds, 0 for any. `digest`: one of
 * `SAC_DIGEST_…`. `payload_json`: receives the payload, to be freed with `sac_string_free`. Any
 * thread. Errors: `SAC_ERR_NULL_ARGUMENT`, `SAC_ERR_INVALID_UTF8`, `SAC_ERR_INVALID_ARGUMENT`
 * (no such digest, an empty key, too many keys), `SAC_ERR_INVALID_COOKIE` (a wrong mac, an unknown key, too old, a timestamp of the future).
 */
sac_code sac_cookie_verify(const char *cookie,
                           const char *const *key_ids,
                           const char *const *keys,
                           size_t count,
                           uint64_t max_age_s,
                           int32_t digest,
                           char **payload_json);

/**
 * Frees a string that the library returned through an out-parameter.
 *
 * `string`: such a string, not freed before; NULL does nothing. Any thread.
 */
void sac_string_free(char *string);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* SAC_H */
