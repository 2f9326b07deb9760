/* The lower bound: a blocking socket, one send and as few recv as the response needs. It understands only the server of
 * this benchmark. */
#define _POSIX_C_SOURCE 200809L

#include "peer.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HEADER_MAX = 4096 };

struct connection {
    int socket;
    char request[512];
    size_t request_len;
    char *response;
    size_t size;
};

void peer_start(const struct peer_plan *plan) { (void)plan; }
void peer_stop(void) {}

static int connect_to(const char *base_url)
{
    char host[64];
    int port, on = 1;
    struct sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    if (sscanf(base_url, "http://%63[0-9.]:%d", host, &port) != 2 || inet_pton(AF_INET, host, &address.sin_addr) != 1)
        peer_fail("the base URL must be http:// with an IPv4 address and a port");
    address.sin_port = htons((unsigned short)port);
    int connection = socket(AF_INET, SOCK_STREAM, 0);
    if (connection < 0 || connect(connection, (struct sockaddr *)&address, sizeof address) != 0)
        peer_fail("cannot connect");
    setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return connection;
}

void *peer_open(const struct peer_plan *plan)
{
    struct connection *own = malloc(sizeof *own);
    if (own == NULL || (own->response = malloc(own->size = plan->bytes + HEADER_MAX)) == NULL)
        peer_fail("no memory");
    own->socket = connect_to(plan->base_url);
    own->request_len = (size_t)snprintf(
        own->request, sizeof own->request,
        "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: raw/1\r\nAccept: %s\r\nAccept-Encoding: identity\r\n\r\n",
        plan->path, plan->base_url + strlen("http://"),
        plan->mode == PEER_BINARY ? PEER_ACCEPT_BINARY : PEER_ACCEPT_JSON);
    return own;
}

void peer_close(void *own)
{
    struct connection *connection = own;
    close(connection->socket);
    free(connection->response);
    free(connection);
}

/* Receives until the buffer has `wanted` bytes, or the header if `wanted` is 0. Returns the number of bytes. */
static size_t receive(struct connection *own, size_t have, size_t wanted)
{
    while (wanted == 0 || have < wanted) {
        ssize_t received = recv(own->socket, own->response + have, own->size - 1 - have, 0);
        if (received <= 0)
            peer_fail("the connection was lost");
        have += (size_t)received;
        own->response[have] = '\0';
        if (wanted == 0 && strstr(own->response, "\r\n\r\n") != NULL)
            break;
    }
    return have;
}

void peer_call(const struct peer_plan *plan, void *argument)
{
    static const char length_name[] = "\r\nContent-Length: ";
    struct connection *own = argument;
    if (send(own->socket, own->request, own->request_len, MSG_NOSIGNAL) != (ssize_t)own->request_len)
        peer_fail("the request could not be sent");
    size_t have = receive(own, 0, 0);
    const char *body = strstr(own->response, "\r\n\r\n") + 4;
    const char *length = strstr(own->response, length_name);
    if (length == NULL)
        peer_fail("the response has no length");
    size_t header_len = (size_t)(body - own->response);
    size_t body_len = strtoul(length + sizeof length_name - 1, NULL, 10);
    if (body_len > plan->bytes)
        peer_fail("the response is too long");
    receive(own, have, header_len + body_len);
    peer_check(plan, strtol(own->response + strlen("HTTP/1.1 "), NULL, 10), body_len, NULL);
}
