/* A download with a progress bar. Takes the base URL of the demo server:
 *
 *     cc -std=c99 download.c -lsac -o download && ./download http://127.0.0.1:PORT [FILE]
 *
 * The file appears complete or not at all, and a retry resumes an interrupted download.
 */
#include <inttypes.h>
#include <sac.h>
#include <stdio.h>
#include <stdlib.h>

enum { BAR = 40 };

/* The set-up fails only for bad input, which would be a bug in this program. */
static void must(sac_code code, const char *what)
{
    if (code != SAC_OK) {
        fprintf(stderr, "%s: %s\n", what, sac_code_message(code));
        exit(EXIT_FAILURE);
    }
}

/* Draws only if the percentage has changed, because this is called for every received piece. */
static bool draw(void *userdata, uint64_t sent, uint64_t to_send, uint64_t received,
                 uint64_t to_receive)
{
    int *shown = userdata;
    (void)sent, (void)to_send;
    if (to_receive == 0)
        return true; /* the server did not send the length */
    int percent = (int)(received * 100 / to_receive);
    if (percent == *shown)
        return true;
    *shown = percent;
    char bar[BAR + 1];
    for (int i = 0; i < BAR; i++)
        bar[i] = (i + 1) * 100 <= percent * BAR ? '#' : '.';
    bar[BAR] = '\0';
    printf("\r[%s] %3d %%  %" PRIu64 " of %" PRIu64 " bytes", bar, percent, received, to_receive);
    fflush(stdout);
    return true; /* false would cancel the download */
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: %s BASE_URL [FILE]\n", argv[0]);
        return EXIT_FAILURE;
    }
    const char *file = argc > 2 ? argv[2] : "download.bin";
    int shown = -1;
    sac_client *client = NULL;
    sac_request *request = NULL;
    must(sac_client_new(argv[1], &client), "client");
    must(sac_request_new("GET", "/v1/download?bytes=33554432", &request), "request");
    must(sac_request_set_output_file(request, file), "output file");
    must(sac_request_set_progress_callback(request, draw, &shown), "progress");
    must(sac_request_set_retry_attempts(request, 3), "retries");
    must(sac_request_set_timeout_ms(request, 0), "timeout"); /* no limit for the whole transfer */
    must(sac_set_read_timeout_ms(client, 30000), "read timeout"); /* but one for silence */

    sac_response *response = sac_send(client, request);
    bool ok = response->code == SAC_OK;
    if (ok)
        printf("\n%s is complete, after %" PRIu32 " attempt(s)\n", file, response->attempts);
    else
        printf("\nerror: %s\n", response->error);

    sac_response_free(response);
    sac_request_free(request);
    sac_client_free(client);
    if (ok && argc == 2)
        remove(file); /* the caller did not ask for the file */
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
