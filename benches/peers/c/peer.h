/* Shared by the clients in C and C++: peer.c has main(), and each client has the functions below.
 *
 *     CLIENT BASE_URL PATH BYTES MODE THREADS
 *
 * Reads numbers from standard input, one per line. For each it makes this number of calls, spread over THREADS
 * threads, which it keeps, and writes "done". It ends at the end of the input, or with a message and status 1 if
 * a response is not a 200 with BYTES bytes of body. The parent process measures the time. */
#ifndef PEER_H
#define PEER_H

#include <stddef.h>
#include <stdint.h>
#ifndef __cplusplus
#include <stdbool.h>
#endif

#ifdef __cplusplus
extern "C" {
#endif

enum peer_mode {
    PEER_BINARY, /* requests any type; the body is returned */
    PEER_JSON,   /* requests JSON; the JSON is returned as text */
    PEER_VALUE,  /* also reads one value of it: the string "name" */
    PEER_WALK    /* reads five values of each object in the list "items" */
};

struct peer_plan {
    const char *base_url;
    const char *path;
    size_t bytes;
    enum peer_mode mode;
    int threads;
};

#define PEER_MEMBER "name"
#define PEER_LIST "items"
#define PEER_ACCEPT_JSON "application/json"
#define PEER_ACCEPT_BINARY "application/octet-stream"
/* From this size on, clients use large buffers. */
#define PEER_LARGE_BODY (1024 * 1024)

/* Called once, before the first thread starts, and after the last one has ended. */
void peer_start(const struct peer_plan *plan);
void peer_stop(void);

/* Called on each thread: creates and frees the thread's data. */
void *peer_open(const struct peer_plan *plan);
void peer_close(void *own);

/* One GET, from the request to the check of status and length with peer_check(). */
void peer_call(const struct peer_plan *plan, void *own);

/* Ends the program unless the response is the expected one. Only PEER_VALUE uses `value`. */
void peer_check(const struct peer_plan *plan, long status, size_t bytes, const char *value);

/* The values that PEER_WALK reads of each object: the integer "id", the lengths of the strings "name" and "login" of
 * "owner", the number "price", and the boolean "active". */
struct peer_item {
    int64_t id;
    size_t name, login;
    double price;
    bool active;
};

/* The sum of the values of an item. That of all items must equal the number "sum" of the document. */
static inline double peer_sum(const struct peer_item *item)
{
    return (double)item->id + (double)item->name + (double)item->login + item->price + (item->active ? 1 : 0);
}

/* Ends the program unless both sums are equal. */
void peer_check_sum(double sum, double expected);

/* Ends the program with a message. */
void peer_fail(const char *what);

#ifdef __cplusplus
}
#endif

#endif
