#include "streams.h"
#include "measure.h"
#include "server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* The client and the server, which inherits the limit, have one descriptor for each stream. */
enum { HELD = 1000, DESCRIPTORS_NEEDED = HELD + 200 };

/* A kind of stream, and its code after the last record. The first ones have an end. */
typedef struct kind {
    const char *name;
    sac_code end;
} kind;

enum { WITH_END = 3, SILENT = 4, KIND_COUNT = 5 };
static const kind KINDS[KIND_COUNT] = {
    {"events", SAC_OK},
    {"lines", SAC_OK},
    {"array", SAC_OK},
    {"cutlines", SAC_ERR_CLOSED},
    {"silent", SAC_OK}, /* is always left early */
};

/* A stream that is being read. */
typedef struct reading {
    const kind *of;
    char id[ID_SIZE];
    sac_stream *stream;
    unsigned read, leave_after; /* records; more than there are: it is read to its end */
    bool ended;
} reading;

void allow_descriptors(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < DESCRIPTORS_NEEDED) {
        limit.rlim_cur = limit.rlim_max < 4096 ? limit.rlim_max : 4096;
        setrlimit(RLIMIT_NOFILE, &limit);
        if (limit.rlim_cur < DESCRIPTORS_NEEDED) {
            fprintf(stderr, "the soak needs %d descriptors (ulimit -Hn)\n", DESCRIPTORS_NEEDED);
            exit(EXIT_FAILURE);
        }
    }
}

static reading open_reading(soak *with, const sac_client *client, const kind *of, unsigned leave_after)
{
    reading self = {.of = of, .leave_after = leave_after};
    char path[PATH_SIZE];
    sac_request *request = NULL;
    new_id(with, self.id);
    snprintf(path, sizeof path, "/%s/%s", of->name, self.id);
    if (sac_request_new("GET", path, &request) != SAC_OK)
        report_fault(with, "no request for %s", path);
    self.stream = sac_stream_open(client, request);
    sac_request_free(request);
    atomic_fetch_add(&with->done.streams, 1);
    const sac_response *head = sac_stream_head(self.stream);
    if (head->code != SAC_OK)
        report_fault(with, "%s: the stream has no head: %s", path, head->error);
    return self;
}

/* Checks that the record is the next one of this stream. */
static void check_record(soak *with, const reading *of, const sac_event *event)
{
    const sac_response *json = sac_event_json(event);
    const char *id = sac_json_string(json, "/id", NULL);
    int64_t number = -1;
    if (!id || strcmp(id, of->id) != 0 || !sac_json_int64(json, "/number", &number) ||
        number != of->read % RECORDS)
        report_fault(with, "record %u of %s %s belongs to another request: %s", of->read, of->of->name,
                     of->id, event->data);
}

static void check_end(soak *with, const reading *of)
{
    sac_code code = sac_stream_code(of->stream);
    if (code != of->of->end || of->read != RECORDS)
        report_fault(with, "%s %s ends with %s after %u records: %s", of->of->name, of->id,
                     sac_code_name(code), of->read, sac_stream_error(of->stream));
}

/* Reads the next record, or leaves the stream. A stream that was left is NULL. */
static void go_on(soak *with, reading *self)
{
    if (self->read == self->leave_after) {
        /* With this sabotage, one in ten streams is not freed. */
        if (with->sabotage != LEAKED_STREAM || atomic_load(&with->next_id) % 10)
            sac_stream_free(self->stream);
        self->stream = NULL;
        self->ended = true;
        atomic_fetch_add(&with->done.left_early, 1);
        return;
    }
    const sac_event *event = sac_stream_next(self->stream);
    if (event) {
        check_record(with, self, event);
        self->read++;
    } else {
        check_end(with, self);
        self->ended = true;
    }
}

void read_stream(soak *with, const sac_client *client, unsigned *chance)
{
    const kind *of = &KINDS[random_below(chance, KIND_COUNT)];
    bool early = of == &KINDS[SILENT] || random_below(chance, 2) == 0;
    unsigned leave_after = early ? random_below(chance, RECORDS) : RECORDS + 1;
    reading self = open_reading(with, client, of, leave_after);
    while (!self.ended)
        go_on(with, &self);
    sac_stream_free(self.stream);
}

static int64_t connections_opened(const sac_client *client)
{
    char *stats = NULL;
    int64_t opened = -1;
    if (sac_client_stats(client, &stats) == SAC_OK) {
        sac_response *json = sac_json_parse(stats, strlen(stats));
        sac_json_int64(json, "/connections_opened", &opened);
        sac_response_free(json);
    }
    sac_string_free(stats);
    return opened;
}

static void expect(soak *with, const char *what, int64_t expected, int64_t actual)
{
    if (expected != actual)
        report_fault(with, "%d streams: %lld %s instead of %lld", HELD, (long long)actual, what,
                     (long long)expected);
}

/* Reads the streams in turn, in a random order, until each has ended or was left. */
static void read_all(soak *with, reading *all, int count, unsigned *chance)
{
    for (int left = count; left > 0;) {
        int at = (int)random_below(chance, (unsigned)left);
        go_on(with, &all[at]);
        if (all[at].ended) {
            reading ended = all[at];
            all[at] = all[--left];
            all[left] = ended;
        }
    }
}

static void free_all(reading *all, int count)
{
    for (int i = 0; i < count; i++)
        sac_stream_free(all[i].stream);
}

void *hold_streams(void *soak_argument)
{
    soak *with = soak_argument;
    reading *all = calloc(HELD, sizeof *all);
    unsigned chance = 7;
    if (!all) {
        report_fault(with, "no memory for %d streams", HELD);
        return NULL;
    }
    resources before = measure();
    for (int i = 0; i < HELD; i++)
        if (i % 2)
            all[i] = open_reading(with, with->client, &KINDS[SILENT],
                                  random_below(&chance, SILENT_TIMES * RECORDS));
        else
            all[i] = open_reading(with, with->client, &KINDS[i / 2 % WITH_END], RECORDS + 1);
    expect(with, "connections", HELD, connections_opened(with->client));
    expect(with, "open descriptors", HELD, measure().descriptors - before.descriptors);
    expect(with, "more threads", 0, measure().threads - before.threads);
    read_all(with, all, HELD, &chance);
    free_all(all, HELD);
    expect(with, "kept connections", HELD / 2, measure().descriptors - before.descriptors);

    for (int i = 0; i < HELD / 2; i++)
        all[i] = open_reading(with, with->client, &KINDS[i % WITH_END], RECORDS + 1);
    read_all(with, all, HELD / 2, &chance);
    free_all(all, HELD / 2);
    expect(with, "connections, after others have reused the kept ones", HELD,
           connections_opened(with->client));
    free(all);
    return NULL;
}
