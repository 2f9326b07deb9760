/* A server that misbehaves as it is asked to, in a process of its own. */
#ifndef SOAK_SERVER_H
#define SOAK_SERVER_H

#include <stdbool.h>
#include <sys/types.h>

/* A path is /KIND/ID. The ID comes back as `id` of the JSON and as the field X-Id. */
typedef struct server {
    pid_t process;
    char url[64];
} server;

/* Starts it; `lies`: now and then it answers with an ID that nobody sent. */
bool server_start(server *started, bool lies);

/* Ends it. */
void server_stop(server *started);

#endif
