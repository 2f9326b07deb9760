/* The server of the benchmark: one thread for each connection, and responses that are prepared at the start.
 *
 *     server        prints its base URL, and ends when its standard input ends
 *
 * GET the paths of `responses`; any other request gets a 404. It reads and writes with one system call
 * each, and reads only the path of a request. */
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

/* Writes LEN bytes of a body. */
typedef void write_body(char *out, size_t len);
static write_body write_json, write_list, write_binary;

struct response {
    const char *path;
    const char *status;
    write_body *write_body;
    size_t body_len;
    int few_fields; /* two header fields instead of eleven */
    char *bytes;    /* header and body */
    size_t len;
};

enum { LIST_BYTES = 110288 };

static struct response responses[] = {
    {"/json/200", "200 OK", write_json, 200, 0, NULL, 0},
    {"/json/200/two-fields", "200 OK", write_json, 200, 1, NULL, 0},
    {"/json/10240", "200 OK", write_json, 10240, 0, NULL, 0},
    {"/json/1048576", "200 OK", write_json, 1048576, 0, NULL, 0},
    {"/list/1000", "200 OK", write_list, LIST_BYTES, 0, NULL, 0},
    {"/binary/1048576", "200 OK", write_binary, 1048576, 0, NULL, 0},
    {"/binary/10485760", "200 OK", write_binary, 10485760, 0, NULL, 0},
    {"", "404 Not Found", write_json, 2, 0, NULL, 0},
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

/* A list of 1,000 objects with five members each, and the sum of their integers, numbers and booleans and of the
 * lengths of their strings, so that a client can check its own sum. */
static void write_list(char *out, size_t len)
{
    static const struct {
        const char *json;
        int bytes;
    } names[] = {
        {"Stainless steel kettle, 1.7 l", 29}, {"Oak desk", 8},
        {"Caf\\u00e9 table, round", 18},        {"Reading lamp with dimmer", 24},
        {"Wool blanket 140 x 200 cm, grey", 31}, {"Set of four chairs", 18},
        {"Bookshelf, five boards", 22},        {"Garden hose, 25 m", 17},
    };
    double sum = 0;
    char *text = NULL;
    size_t used = 0;
    FILE *memory = open_memstream(&text, &used);
    if (memory == NULL)
        abort();
    fputs("{\"items\":[", memory);
    for (int i = 0; i < 1000; i++) {
        char login[32];
        int kind = i * 5 % 8, id = 48213000 + i * 7, euros = 5 + i * 37 % 400, cents = i * 13 % 100;
        int login_bytes = snprintf(login, sizeof login, "%s-%d", i % 3 == 0 ? "ada" : "grace.hopper", i);
        fprintf(memory, "%s{\"id\":%d,\"name\":\"%s\",\"price\":%d.%02d,\"active\":%s,\"owner\":{\"login\":\"%s\"}}",
                i > 0 ? "," : "", id, names[kind].json, euros, cents, i % 4 != 0 ? "true" : "false", login);
        sum += id + names[kind].bytes + euros + cents / 100.0 + (i % 4 != 0) + login_bytes;
    }
    fprintf(memory, "],\"sum\":%.2f}", sum);
    if (fclose(memory) != 0 || used != len) {
        fprintf(stderr, "the list has %zu bytes, not LIST_BYTES\n", used);
        exit(1);
    }
    memcpy(out, text, len);
    free(text);
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

static const char more_fields[] = "Date: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
                                  "Connection: keep-alive\r\n"
                                  "Server: bench\r\n"
                                  "Cache-Control: no-store\r\n"
                                  "ETag: \"33a64df551425fcc55e4d42a148795d9\"\r\n"
                                  "X-Request-Id: 0f8fad5b-d9cb-469f-a165-70867728950e\r\n"
                                  "X-RateLimit-Limit: 5000\r\n"
                                  "X-RateLimit-Remaining: 4987\r\n"
                                  "Strict-Transport-Security: max-age=31536000\r\n";

static void prepare(struct response *response)
{
    enum { HEADER_MAX = 1024 };
    int binary = response->write_body == write_binary;
    response->bytes = malloc(HEADER_MAX + response->body_len);
    if (response->bytes == NULL)
        abort();
    int header = snprintf(response->bytes, HEADER_MAX,
                          "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n%s\r\n", response->status,
                          binary ? "application/octet-stream" : "application/json", response->body_len,
                          response->few_fields ? "" : more_fields);
    response->write_body(response->bytes + header, response->body_len);
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
