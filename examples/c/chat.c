/* The answer of a language model, word by word. Takes the base URL of the demo server:
 *
 *     cc -std=c99 chat.c -lsac -o chat && ./chat http://127.0.0.1:PORT [PROMPT]
 *
 * The server sends its answer as events. Each word is printed when it arrives.
 */
#include <sac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The set-up fails only for bad input, which would be a bug in this program. */
static void must(sac_code code, const char *what)
{
    if (code != SAC_OK) {
        fprintf(stderr, "%s: %s\n", what, sac_code_message(code));
        exit(EXIT_FAILURE);
    }
}

/* Prints the words up to the last event, and returns whether it came. */
static bool print_answer(sac_stream *stream)
{
    for (const sac_event *event; (event = sac_stream_next(stream)) != NULL;) {
        if (strcmp(event->data, "[DONE]") == 0) {
            printf("\n");
            return true;
        }
        const char *word = sac_json_string(sac_event_json(event), "/text", NULL);
        printf("%s", word ? word : "");
        fflush(stdout);
    }
    return false;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: %s BASE_URL [PROMPT]\n", argv[0]);
        return EXIT_FAILURE;
    }
    sac_client *client = NULL;
    sac_request *request = NULL;
    must(sac_client_new(argv[1], &client), "client");
    must(sac_set_timeout_ms(client, 10000), "timeout"); /* until the head of the response */
    must(sac_set_read_timeout_ms(client, 30000), "read timeout"); /* between two events */
    must(sac_request_new("POST", "/v1/chat", &request), "request");
    must(sac_request_json_string(request, "/prompt", argc > 2 ? argv[2] : "good morning"), "prompt");
    must(sac_request_set_records(request, SAC_RECORDS_EVENTS), "records");

    sac_stream *stream = sac_stream_open(client, request);
    bool complete = print_answer(stream);
    const char *error = sac_stream_error(stream);
    if (!complete)
        fprintf(stderr, "%s\n", error ? error : "the answer has no end");
    sac_stream_free(stream);
    sac_request_free(request);
    sac_client_free(client);
    return complete ? EXIT_SUCCESS : EXIT_FAILURE;
}
