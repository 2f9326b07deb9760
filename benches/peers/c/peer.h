/* What the clients in C and C++ have in common: peer.c has main(), a client has the functions below.
 *
 *     CLIENT BASE_URL PATH BYTES MODE THREADS
 *
 * Reads numbers from its standard input, a line each; makes that many calls, spread over THREADS threads
 * that stay, and writes "done". It ends with its input, or with a message and status 1 when an answer is not
 * a 200 with BYTES bytes of body. Whoever writes the numbers takes the time. */
#ifndef PEER_H
#define PEER_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum peer_mode {
    PEER_BINARY, /* the body is handed over; JSON is not asked for */
    PEER_JSON,   /* JSON is asked for, and handed over as text */
    PEER_VALUE   /* and one value is read out of it: the string "name" */
};

struct peer_plan {
    const char *base_url;
    const char *path;
    size_t bytes;
    enum peer_mode mode;
    int threads;
};

#define PEER_MEMBER "name"
#define PEER_ACCEPT_JSON "application/json"
#define PEER_ACCEPT_BINARY "application/octet-stream"
/* From this size on, buffers are as large as the peers profit from. */
#define PEER_LARGE_BODY (1024 * 1024)

/* Once, before any thread is started, and after the last has ended. */
void peer_start(const struct peer_plan *plan);
void peer_stop(void);

/* On each thread: what it needs for its calls. */
void *peer_open(const struct peer_plan *plan);
void peer_close(void *own);

/* One GET, from the request to the check of status and length with peer_check(). */
void peer_call(const struct peer_plan *plan, void *own);

/* Ends the program unless the answer is the one expected; `value` counts in PEER_VALUE alone. */
void peer_check(const struct peer_plan *plan, long status, size_t bytes, const char *value);

/* Ends the program with a message. */
void peer_fail(const char *what);

#ifdef __cplusplus
}
#endif

#endif
