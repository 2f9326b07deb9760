/* Calls that fail: retries, a deadline, a cancel with Ctrl-C, and the journal of the attempts.
 * Takes the base URL of the demo server:
 *
 *     cc -std=c99 resilient.c -lsac -o resilient && ./resilient http://127.0.0.1:PORT
 */
#define _POSIX_C_SOURCE 200809L /* sigaction, alarm */
#include <inttypes.h>
#include <sac.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* The set-up fails only for bad input, which would be a bug in this program. */
static void must(sac_code code, const char *what)
{
    if (code != SAC_OK) {
        fprintf(stderr, "%s: %s\n", what, sac_code_message(code));
        exit(EXIT_FAILURE);
    }
}

/* Called before each wait. False would end the call. */
static bool announce_retry(void *userdata, uint32_t attempt, int32_t code, int32_t status,
                           uint64_t wait_ms)
{
    (void)userdata;
    printf("  attempt %" PRIu32 ": %s, status %d; the next one in %" PRIu64 " ms\n", attempt,
           sac_code_name(code), (int)status, wait_ms);
    return true;
}

/* Prints the result of a call, and frees it. */
static void show(sac_response *response)
{
    if (response->code == SAC_OK)
        printf("  %s\n", response->json);
    else
        printf("  error: %s (%s, status %d)\n", response->error, sac_code_name(response->code),
               (int)response->status);
    printf("  attempts: %" PRIu32 ", %" PRIu64 " ms in all\n  journal: %s\n", response->attempts,
           response->elapsed_us / 1000, sac_response_journal(response));
    sac_response_free(response);
}

/* A path with a key that no other run of this program has used. */
static const char *with_new_key(const char *path)
{
    static char text[64];
    snprintf(text, sizeof text, "%s?key=%ld", path, (long)getpid());
    return text;
}

/* Ends at once, because the wait of half a minute would exceed the deadline of two seconds. */
static void meet_a_deadline(const sac_client *client)
{
    sac_request *request = NULL;
    must(sac_request_new("GET", "/v1/always-limited?retry_after=30", &request), "request");
    must(sac_request_set_deadline_ms(request, 2000), "deadline");
    show(sac_send(client, request));
    sac_request_free(request);
}

static sac_cancel *cancel;

static void on_ctrl_c(int signal_number)
{
    (void)signal_number;
    sac_cancel_trigger(cancel); /* may be called in a signal handler */
}

static void press_ctrl_c(int signal_number)
{
    (void)signal_number;
    raise(SIGINT);
}

static void handle(int signal_number, void (*handler)(int))
{
    struct sigaction action = {0};
    action.sa_handler = handler;
    sigaction(signal_number, &action, NULL);
}

/* Waits for a minute, or until Ctrl-C. */
static void wait_for_ctrl_c(const sac_client *client)
{
    sac_request *request = NULL;
    must(sac_cancel_new(&cancel), "cancel");
    must(sac_request_new("GET", "/v1/slow?ms=60000", &request), "request");
    must(sac_request_set_cancel(request, cancel), "cancel");
    must(sac_request_set_timeout_ms(request, 0), "timeout");

    handle(SIGINT, on_ctrl_c);
    handle(SIGALRM, press_ctrl_c);
    alarm(1); /* simulates Ctrl-C after a second */
    show(sac_send(client, request));
    alarm(0);
    handle(SIGINT, SIG_DFL); /* before the handler's cancel is freed */

    sac_request_free(request);
    sac_cancel_free(cancel);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s BASE_URL\n", argv[0]);
        return EXIT_FAILURE;
    }
    sac_client *client = NULL;
    must(sac_client_new(argv[1], &client), argv[1]);
    must(sac_set_retry_attempts(client, 3), "retries");
    must(sac_set_retry_callback(client, announce_retry, NULL), "callback");

    puts("A service that is starting, with retries after a back-off:");
    show(sac_get(client, with_new_key("/v1/flaky")));

    puts("A service that asks for a delay of a second:");
    show(sac_get(client, with_new_key("/v1/limited")));

    puts("A service that asks for a delay of half a minute, with a deadline of two seconds:");
    meet_a_deadline(client);

    puts("A service that takes a minute (press Ctrl-C to cancel):");
    wait_for_ctrl_c(client);

    sac_client_free(client);
    return EXIT_SUCCESS;
}
