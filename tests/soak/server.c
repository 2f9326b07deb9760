#define _GNU_SOURCE
#include "server.h"
#include "gzip.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { HEAD_SIZE = 8192, TEXT_SIZE = 1024, ID_SIZE = 32, STACK_SIZE = 128 * 1024 };

/* One in this number of responses has a wrong ID, if the server sends wrong IDs. */
enum { WRONG_ID_ONE_IN = 500 };

typedef struct peer {
    int socket;
    unsigned chance;
    char id[ID_SIZE];
    char head[HEAD_SIZE];
    size_t filled;
} peer;

static bool sends_wrong_ids;

/* xorshift; each connection has its own. */
static unsigned random_below(peer *with, unsigned below)
{
    with->chance ^= with->chance << 13;
    with->chance ^= with->chance >> 17;
    with->chance ^= with->chance << 5;
    return with->chance % below;
}

static void pause_ms(long ms)
{
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

static bool send_bytes(peer *to, const void *bytes, size_t length)
{
    for (const char *at = bytes; length > 0;) {
        ssize_t sent = send(to->socket, at, length, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        at += sent;
        length -= (size_t)sent;
    }
    return true;
}

__attribute__((format(printf, 2, 3))) static bool send_format(peer *to, const char *format, ...)
{
    char text[TEXT_SIZE];
    va_list values;
    va_start(values, format);
    int length = vsnprintf(text, sizeof text, format, values);
    va_end(values);
    return length > 0 && send_bytes(to, text, (size_t)length);
}

/* Ends a connection with a reset. */
static bool reset(peer *with)
{
    setsockopt(with->socket, SOL_SOCKET, SO_LINGER, &(struct linger){1, 0}, sizeof(struct linger));
    return false;
}

/* Waits until the client closes the connection. */
static bool stall(peer *with)
{
    char byte;
    while (recv(with->socket, &byte, 1, 0) > 0)
        ;
    return false;
}

static bool send_response(peer *to, const char *status, const char *fields, const char *body)
{
    return send_format(to, "HTTP/1.1 %s\r\nX-Id: %s\r\n%sContent-Length: %zu\r\n\r\n%s", status, to->id,
                       fields, strlen(body), body);
}

static bool send_slowly(peer *to, const char *body, long ms)
{
    bool ok = send_format(to, "HTTP/1.1 200 OK\r\nX-Id: %s\r\nContent-Length: %zu\r\n\r\n", to->id,
                          strlen(body));
    for (; ok && *body; body++, pause_ms(ms))
        ok = send_bytes(to, body, 1);
    return ok;
}

/* Sends a body in chunks, without the last one. */
static bool begin_chunks(peer *to, const char *fields, const char *body)
{
    bool ok = send_format(
        to, "HTTP/1.1 200 OK\r\nX-Id: %s\r\n%sTransfer-Encoding: chunked\r\n\r\n", to->id, fields);
    while (ok && *body) {
        size_t size = 1 + random_below(to, 7);
        size = size < strlen(body) ? size : strlen(body);
        ok = send_format(to, "%zx;soak\r\n%.*s\r\n", size, (int)size, body);
        body += size;
    }
    return ok;
}

static bool end_chunks(peer *to)
{
    return send_format(to, "0\r\nX-Trailer: dropped\r\n\r\n");
}

static bool send_chunks(peer *to, const char *body)
{
    return begin_chunks(to, "", body) && end_chunks(to);
}

typedef struct record_format {
    const char *type, *start, *before, *after, *end;
} record_format;

static const record_format FORMATS[] = {
    {"Content-Type: application/json\r\n", "[", "", ",", "]"},
    {"Content-Type: application/x-ndjson\r\n", "", "", "\n", "\n"},
    {"Content-Type: text/event-stream\r\n", "", "data: ", "\n\n", "\n\n"},
};

static bool has_records(const char *kind)
{
    static const char *const kinds[] = {"array", "lines", "cutlines", "events", "silent"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kind, kinds[i]) == 0)
            return true;
    return false;
}

/* Sends RECORDS records: events, JSON lines, or the elements of an array. The body of
 * `cutlines` has no end, and that of `silent` has more records, and then no end. */
static bool send_records(peer *to, const char *kind)
{
    int number = strcmp(kind, "array") == 0 ? 0 : strstr(kind, "lines") ? 1 : 2;
    const record_format *format = &FORMATS[number];
    char body[TEXT_SIZE];
    int used = snprintf(body, sizeof body, "%s", format->start);
    for (int i = 0; i < RECORDS; i++)
        used += snprintf(body + used, sizeof body - (size_t)used, "%s{\"id\":\"%s\",\"number\":%d}%s",
                         format->before, to->id, i, i + 1 < RECORDS ? format->after : format->end);
    if (!begin_chunks(to, format->type, body) || strcmp(kind, "cutlines") == 0)
        return false;
    bool is_silent = strcmp(kind, "silent") == 0;
    for (int i = 1; is_silent && i < SILENT_TIMES; i++)
        if (!send_format(to, "%x\r\n%s\r\n", (unsigned)used, body))
            return false;
    return is_silent ? stall(to) : end_chunks(to);
}

static bool send_gzip(peer *to, const char *body)
{
    unsigned char file[TEXT_SIZE + GZIP_OVERHEAD];
    size_t length = gzip_store(file, body, strlen(body));
    return send_format(to, "HTTP/1.1 200 OK\r\nX-Id: %s\r\nContent-Encoding: gzip\r\nContent-Length: %zu\r\n\r\n",
                       to->id, length) &&
           send_bytes(to, file, length);
}

/* Sends the response of a request. False ends the connection. */
static bool serve(peer *to, const char *kind)
{
    char body[TEXT_SIZE], location[128];
    snprintf(body, sizeof body, "{\"id\":\"%s\",\"kind\":\"%s\",\"list\":[1,2,3]}", to->id, kind);
    snprintf(location, sizeof location, "Location: /plain/%s\r\n", to->id);
    bool fails = random_below(to, 2) == 0;
    if (strcmp(kind, "gzip") == 0)
        return send_gzip(to, body);
    if (strcmp(kind, "chunked") == 0)
        return send_chunks(to, body);
    if (has_records(kind))
        return send_records(to, kind);
    if (strcmp(kind, "drip") == 0)
        return send_slowly(to, body, 1);
    if (strcmp(kind, "stall") == 0)
        return stall(to);
    if (strcmp(kind, "trickle") == 0)
        return send_slowly(to, body, 100);
    if (strcmp(kind, "reset") == 0 && fails)
        return random_below(to, 2) == 0 ? reset(to)
                                : send_format(to, "HTTP/1.1 200 OK\r\nContent-Le") && reset(to);
    if (strcmp(kind, "cut") == 0)
        return send_format(to, "HTTP/1.1 200 OK\r\nX-Id: %s\r\nContent-Length: 999\r\n\r\n%s", to->id, body) &&
               false;
    if (strcmp(kind, "limited") == 0 && fails)
        return send_response(to, "429 Too Many Requests", "retry-after-ms: 2\r\n", body);
    if (strcmp(kind, "busy") == 0 && fails)
        return send_response(to, "503 Service Unavailable", "", body);
    if (strcmp(kind, "missing") == 0)
        return send_response(to, "404 Not Found", "Content-Type: application/json\r\n", body);
    if (strcmp(kind, "redirect") == 0)
        return send_response(to, random_below(to, 2) ? "302 Found" : "307 Temporary Redirect",
                             location, "");
    if (strcmp(kind, "hints") == 0)
        return send_format(to, "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n") &&
               send_response(to, "200 OK", "", body);
    if (strcmp(kind, "closing") == 0)
        return send_response(to, "200 OK", "Connection: close\r\n", body) && false;
    if (strcmp(kind, "leaving") == 0)
        return send_response(to, "200 OK", "", body) && false; /* Closes without `Connection: close`. */
    if (strcmp(kind, "surplus") == 0)
        /* In one piece: bytes that arrive after the next request would be its response. */
        return send_format(to, "HTTP/1.1 200 OK\r\nX-Id: %s\r\nContent-Length: %zu\r\n\r\n%s"
                           "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{\"id\":\"xyz\"}",
                           to->id, strlen(body), body);
    if (strcmp(kind, "broken") == 0)
        snprintf(body, sizeof body, "{'id': '%s', \"list\": [1, 2,, // three\n", to->id);
    return send_response(to, "200 OK", "", body);
}

/* Reads until this number of bytes has arrived, or for 0 until the head of a request is complete. */
static bool fill(peer *from, size_t wanted)
{
    while (wanted ? from->filled < wanted : !strstr(from->head, "\r\n\r\n")) {
        ssize_t read = from->filled < HEAD_SIZE - 1
                           ? recv(from->socket, from->head + from->filled, HEAD_SIZE - 1 - from->filled, 0)
                           : 0;
        if (read <= 0)
            return false;
        from->filled += (size_t)read;
        from->head[from->filled] = '\0';
    }
    return true;
}

/* Reads the next request, and the kind of response that it asks for. */
static bool read_request(peer *from, char *kind, size_t size)
{
    if (!fill(from, 0))
        return false;
    size_t length = (size_t)(strstr(from->head, "\r\n\r\n") + 4 - from->head);
    const char *content_length = strcasestr(from->head, "\r\ncontent-length:");
    char method[16] = "", path[128] = "", format[32];
    if (content_length && content_length < from->head + length)
        length += (size_t)strtoul(content_length + 17, NULL, 10);
    if (!fill(from, length) || sscanf(from->head, "%15s %127s", method, path) != 2)
        return false;
    snprintf(format, sizeof format, "/%%%zu[^/]/%%%d[^?]", size - 1, ID_SIZE - 1);
    if (sscanf(path, format, kind, from->id) != 2)
        return false;
    if (sends_wrong_ids && random_below(from, WRONG_ID_ONE_IN) == 0)
        from->id[0]++;
    if (strcmp(method, "HEAD") == 0)
        snprintf(kind, size, "head");
    from->filled -= length;
    memmove(from->head, from->head + length, from->filled + 1);
    return true;
}

static bool send_head(peer *to)
{
    return send_format(to, "HTTP/1.1 200 OK\r\nX-Id: %s\r\nContent-Length: 999\r\n\r\n", to->id);
}

static void *serve_connection(void *argument)
{
    peer *with = argument;
    char kind[16];
    while (read_request(with, kind, sizeof kind) &&
           (strcmp(kind, "head") == 0 ? send_head(with) : serve(with, kind)))
        ;
    close(with->socket);
    free(with);
    return NULL;
}

static void accept_all(int listener)
{
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, STACK_SIZE);
    for (unsigned number = 1;; number++) {
        pthread_t thread;
        peer *with = calloc(1, sizeof *with);
        with->chance = number * 2654435761u | 1;
        with->socket = accept(listener, NULL, NULL);
        setsockopt(with->socket, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
        if (with->socket < 0 || pthread_create(&thread, &attributes, serve_connection, with) != 0) {
            perror("the server");
            _exit(EXIT_FAILURE);
        }
    }
}

bool server_start(server *started, bool wrong_ids)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 1024) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &size) != 0)
        return false;
    snprintf(started->url, sizeof started->url, "http://127.0.0.1:%d", ntohs(address.sin_port));
    started->process = fork();
    if (started->process == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        sends_wrong_ids = wrong_ids;
        accept_all(listener);
    }
    close(listener);
    return started->process > 0;
}

void server_stop(server *started)
{
    kill(started->process, SIGKILL);
    waitpid(started->process, NULL, 0);
}
