/* The server of the benchmark: one thread for each connection, and responses that are prepared at the start.
 *
 *     server        prints its base URL, and ends when its standard input ends
 *
 * GET /json/200, /json/10240, /binary/1048576, /binary/10485760; any other request gets a 404.
 * It reads and writes with one system call each, and reads only the path of a request. */
#define _POSIX_C_SOURCE 200809L

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct response {
    const char *path;
    const char *status;
    const char *type;
    size_t body_len;
    char *bytes; /* header and body */
    size_t len;
};

static struct response responses[] = {
    {"/json/200", "200 OK", "application/json", 200, NULL, 0},
    {"/json/10240", "200 OK", "application/json", 10240, NULL, 0},
    {"/binary/1048576", "200 OK", "application/octet-stream", 1048576, NULL, 0},
    {"/binary/10485760", "200 OK", "application/octet-stream", 10485760, NULL, 0},
    {"", "404 Not Found", "application/json", 2, NULL, 0},
};
enum { RESPONSE_COUNT = sizeof responses / sizeof responses[0] };

/* A JSON object of exactly LEN bytes, like those of APIs: items of several members, then padding. */
static void write_json(char *out, size_t len)
{
    static const char head[] = "{\"name\":\"Ada Lovelace\",\"items\":[", tail[] = "\",\"total\":1}";
    static const char note[] = "],\"note\":\"";
    size_t used = 0;
    if (len < sizeof head + sizeof note + sizeof tail) {
        memcpy(out, "{}", len);
        return;
    }
    memcpy(out, head, sizeof head - 1);
    used += sizeof head - 1;
    for (int id = 1;; id++) {
        char item[160];
        int size = snprintf(item, sizeof item,
                            "%s{\"id\":%d,\"title\":\"Kettle \\u00bd\",\"price\":%d.95,"
                            "\"tags\":[\"home\",\"steel\"],\"sold\":%s}",
                            id > 1 ? "," : "", id, 10 + id % 90, id % 2 ? "true" : "null");
        if (used + (size_t)size + sizeof note - 1 + sizeof tail - 1 > len)
            break;
        memcpy(out + used, item, (size_t)size);
        used += (size_t)size;
    }
    memcpy(out + used, note, sizeof note - 1);
    used += sizeof note - 1;
    memset(out + used, 'x', len - used - (sizeof tail - 1));
    memcpy(out + len - (sizeof tail - 1), tail, sizeof tail - 1);
}

/* The same bytes in every run, with all values and without a pattern that could be compressed. */
static void write_binary(char *out, size_t len)
{
    uint32_t state = 1;
    for (size_t i = 0; i < len; i++) {
        state = state * 1664525u + 1013904223u;
        out[i] = (char)(state >> 24);
    }
}

static void prepare(struct response *response)
{
    enum { HEADER_MAX = 1024 };
    response->bytes = malloc(HEADER_MAX + response->body_len);
    if (response->bytes == NULL)
        abort();
    int header = snprintf(response->bytes, HEADER_MAX,
                          "HTTP/1.1 %s\r\n"
                          "Date: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
                          "Content-Type: %s\r\n"
                          "Content-Length: %zu\r\n"
                          "Connection: keep-alive\r\n"
                          "Server: bench\r\n"
                          "Cache-Control: no-store\r\n"
                          "ETag: \"33a64df551425fcc55e4d42a148795d9\"\r\n"
                          "X-Request-Id: 0f8fad5b-d9cb-469f-a165-70867728950e\r\n"
                          "X-RateLimit-Limit: 5000\r\n"
                          "X-RateLimit-Remaining: 4987\r\n"
                          "Strict-Transport-Security: max-age=31536000\r\n"
                          "\r\n",
                          response->status, response->type, response->body_len);
    char *body = response->bytes + header;
    if (strcmp(response->type, "application/json") == 0)
        write_json(body, response->body_len);
    else
        write_binary(body, response->body_len);
    response->len = (size_t)header + response->body_len;
}

/* The last response is for unknown paths. */
static const struct response *find_response(const char *request)
{
    static const char get[] = "GET ";
    if (strncmp(request, get, sizeof get - 1) != 0)
        return &responses[RESPONSE_COUNT - 1];
    const char *path = request + sizeof get - 1;
    size_t len = strcspn(path, " ");
    for (int i = 0; i < RESPONSE_COUNT - 1; i++)
        if (strlen(responses[i].path) == len && memcmp(responses[i].path, path, len) == 0)
            return &responses[i];
    return &responses[RESPONSE_COUNT - 1];
}

static int send_all(int socket, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t sent = send(socket, bytes, len, MSG_NOSIGNAL);
        if (sent <= 0)
            return -1;
        bytes += sent;
        len -= (size_t)sent;
    }
    return 0;
}

/* One request at a time: no client sends the next request before it has the response. */
static void *serve(void *argument)
{
    int socket = (int)(intptr_t)argument;
    char request[8192];
    size_t have = 0;
    for (;;) {
        ssize_t received = recv(socket, request + have, sizeof request - 1 - have, 0);
        if (received <= 0)
            break;
        have += (size_t)received;
        request[have] = '\0';
        if (have < 4 || memcmp(request + have - 4, "\r\n\r\n", 4) != 0)
            continue;
        const struct response *response = find_response(request);
        if (send_all(socket, response->bytes, response->len) != 0)
            break;
        have = 0;
    }
    close(socket);
    return NULL;
}

static void *accept_all(void *argument)
{
    int listener = (int)(intptr_t)argument, on = 1;
    for (;;) {
        int socket = accept(listener, NULL, NULL);
        if (socket < 0)
            continue;
        setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        pthread_t thread;
        if (pthread_create(&thread, NULL, serve, (void *)(intptr_t)socket) != 0)
            close(socket);
        else
            pthread_detach(thread);
    }
    return NULL;
}

static int listen_on_loopback(struct sockaddr_in *address)
{
    socklen_t size = sizeof *address;
    memset(address, 0, sizeof *address);
    address->sin_family = AF_INET;
    address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)address, sizeof *address) != 0 ||
        listen(listener, 512) != 0 || getsockname(listener, (struct sockaddr *)address, &size) != 0) {
        perror("server");
        exit(1);
    }
    return listener;
}

int main(void)
{
    for (int i = 0; i < RESPONSE_COUNT; i++)
        prepare(&responses[i]);
    struct sockaddr_in address;
    int listener = listen_on_loopback(&address);
    pthread_t acceptor;
    if (pthread_create(&acceptor, NULL, accept_all, (void *)(intptr_t)listener) != 0)
        return 1;
    printf("http://127.0.0.1:%d\n", ntohs(address.sin_port));
    fflush(stdout);
    while (getchar() != EOF)
        ;
    return 0;
}
