/* A server in its own process, which misbehaves as the path of a request says. */
#ifndef SOAK_SERVER_H
#define SOAK_SERVER_H

#include <stdbool.h>
#include <sys/types.h>

/* A path is /KIND/ID. The response has the ID as `id` of the JSON and in the field X-Id. */
/* The number of records of a stream. One of the kind `silent` has some times as many, and no end. */
enum { RECORDS = 8, SILENT_TIMES = 5 };

typedef struct server {
    pid_t process;
    char url[64];
} server;

/* Starts the server. `wrong_ids`: it sometimes responds with an ID of no request. */
bool server_start(server *started, bool wrong_ids);

/* Ends the server. */
void server_stop(server *started);

#endif
