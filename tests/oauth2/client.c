/*
 * The C side of the checks with a token server. check.py runs it.
 *
 *   client BASE_URL CLIENT_ID CLIENT_SECRET SCOPE REFRESH_TOKEN
 *
 * "-" means NULL; without a refresh token it uses the credentials of the client. For each line of
 * its input it sends GET /thing from many threads at once. Each line of its output is the name of a
 * code, a tab and the JSON of the response; then a line with "saved", a tab, and the last refresh
 * token that the library has saved.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sac.h"

enum { THREADS = 16 };

static char saved[256] = "-";

static void save(void *userdata, const char *access_token, const char *refresh_token,
                 uint64_t expires_in_ms)
{
    (void)userdata, (void)access_token, (void)expires_in_ms;
    snprintf(saved, sizeof saved, "%s", refresh_token ? refresh_token : "-");
}

static void *get(void *client)
{
    return sac_get(client, "/thing");
}

static void get_from_threads(sac_client *client)
{
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++) {
        if (pthread_create(&threads[i], NULL, get, client) != 0)
            exit(EXIT_FAILURE);
    }
    for (size_t i = 0; i < THREADS; i++) {
        void *result = NULL;
        pthread_join(threads[i], &result);
        sac_response *response = result;
        printf("%s\t", sac_code_name(response->code));
        /* Line ends are between the values of the JSON. */
        for (size_t j = 0; j < response->json_len; j++)
            putchar(response->json[j] == '\n' ? ' ' : response->json[j]);
        putchar('\n');
        sac_response_free(response);
    }
    printf("saved\t%s\n", saved);
    fflush(stdout);
}

static const char *optional(const char *argument)
{
    return strcmp(argument, "-") == 0 ? NULL : argument;
}

int main(int argc, char **argv)
{
    if (argc != 6) {
        fputs("usage: see client.c\n", stderr);
        return EXIT_FAILURE;
    }
    char url[256], line[16];
    snprintf(url, sizeof url, "%s/token", argv[1]);
    const char *secret = optional(argv[3]), *refresh_token = optional(argv[5]);
    sac_client *client = NULL;
    sac_code code = sac_client_new(argv[1], &client);
    if (code == SAC_OK)
        code = sac_set_token_saved_callback(client, save, NULL);
    if (code == SAC_OK && refresh_token)
        code = sac_set_oauth2_refresh_token(client, url, argv[2], secret, refresh_token);
    else if (code == SAC_OK)
        code = sac_set_oauth2_client_credentials(client, url, argv[2], secret, optional(argv[4]));
    if (code != SAC_OK) {
        fprintf(stderr, "%s\n", sac_code_name(code));
        return EXIT_FAILURE;
    }
    while (fgets(line, sizeof line, stdin))
        get_from_threads(client);
    sac_client_free(client);
    return EXIT_SUCCESS;
}
