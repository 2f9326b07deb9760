/* A server in its own process, so that its work does not count as that of the client.
 *
 * GET /N returns N bytes of JSON at once, in one piece. GET /hold/M/N returns when M such requests
 * wait. GET /held returns the number of waiting requests. GET /silent never returns. */
#ifndef SERVER_H
#define SERVER_H

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t server_pid;
static char server_url[64];
static int server_port;

static pthread_mutex_t holding_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t holding_over = PTHREAD_COND_INITIALIZER;
static int holding, holding_round;

static inline void fail_in_server(const char *what)
{
    perror(what);
    _exit(EXIT_FAILURE);
}

/* Waits until this number of requests wait in this round. */
static inline void hold(int wanted)
{
    pthread_mutex_lock(&holding_lock);
    int round = holding_round;
    if (++holding == wanted) {
        holding = 0;
        holding_round++;
        pthread_cond_broadcast(&holding_over);
    }
    while (round == holding_round)
        pthread_cond_wait(&holding_over, &holding_lock);
    pthread_mutex_unlock(&holding_lock);
}

static inline int count_held(void)
{
    pthread_mutex_lock(&holding_lock);
    int held = holding;
    pthread_mutex_unlock(&holding_lock);
    return held;
}

/* Head and body in one piece. The caller frees it. */
static inline char *response_of(size_t length, size_t *total)
{
    const char *head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n";
    char *response = malloc(length + 256);
    if (!response || length < 2)
        fail_in_server("the response cannot have this length");
    size_t start = (size_t)sprintf(response, head, length);
    memset(response + start, 'x', length);
    response[start] = '"';
    response[start + length - 1] = '"';
    *total = start + length;
    return response;
}

static inline void send_all(int peer, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t sent = send(peer, bytes, length, MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        bytes += sent;
        length -= (size_t)sent;
    }
}

static inline void send_number(int peer, int number)
{
    char response[128];
    int length = sprintf(response, "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n%8d", number);
    send_all(peer, response, (size_t)length);
}

static inline void send_response(int peer, const char *path)
{
    int wanted;
    size_t length, total;
    if (strncmp(path, "/silent", 7) == 0)
        return;
    if (strncmp(path, "/held", 5) == 0) {
        send_number(peer, count_held());
        return;
    }
    if (sscanf(path, "/hold/%d/%zu", &wanted, &length) == 2)
        hold(wanted);
    else
        length = strtoul(path + 1, NULL, 10);
    char *response = response_of(length, &total);
    send_all(peer, response, total);
    free(response);
}

static inline void *serve_peer(void *argument)
{
    int peer = (int)(long)argument;
    char request[8192];
    size_t have = 0;
    ssize_t got;
    while ((got = recv(peer, request + have, sizeof request - 1 - have, 0)) > 0) {
        have += (size_t)got;
        request[have] = '\0';
        if (!strstr(request, "\r\n\r\n"))
            continue;
        send_response(peer, request + strlen("GET "));
        have = 0;
    }
    close(peer);
    return NULL;
}

static inline void serve(int listener)
{
    for (;;) {
        int on = 1, peer = accept(listener, NULL, NULL);
        pthread_t thread;
        if (peer < 0 || setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0)
            fail_in_server("accept");
        if (pthread_create(&thread, NULL, serve_peer, (void *)(long)peer) != 0)
            fail_in_server("pthread_create");
        pthread_detach(thread);
    }
}

static inline void stop_server(void)
{
    kill(server_pid, SIGKILL);
    waitpid(server_pid, NULL, 0);
}

/* Starts the server, which ends with this process. */
static inline void start_server(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, size) != 0 ||
        listen(listener, 256) != 0 || getsockname(listener, (struct sockaddr *)&address, &size) != 0)
        fail_in_server("the server does not start");
    server_port = ntohs(address.sin_port);
    sprintf(server_url, "http://127.0.0.1:%d", server_port);
    server_pid = fork();
    if (server_pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        serve(listener);
    }
    if (server_pid < 0)
        fail_in_server("fork");
    close(listener);
    atexit(stop_server);
}

#endif
