#include "check.h"
#include <string.h>

static void check_member(test_case *c, size_t i, const char *member, const char *actual)
{
    if (has(c, "/expect/records/%zu/%s", i, member))
        same_text(c, member, text(c, "/expect/records/%zu/%s", i, member), actual);
}

static void check_record(test_case *c, size_t i, const sac_event *record)
{
    const sac_response *json = sac_event_json(record);
    size_t length = 0;
    const char *data = text_and_length(c, &length, "/expect/records/%zu/data", i);
    check_member(c, i, "type", record->type);
    check_member(c, i, "id", record->id);
    if (data && (length != record->data_len || memcmp(data, record->data, length) != 0))
        fail(c, "record %zu is %s", i, record->data);
    if (record->data[record->data_len] != '\0')
        fail(c, "record %zu does not end with a NUL", i);
    check_member(c, i, "json", json->json);
    check_member(c, i, "json_state", name_of_state(json->json_state));
    check_member(c, i, "code", sac_code_name(json->code));
}

void check_records(test_case *c, sac_stream *stream)
{
    size_t expected = count(c, "/expect/records"), read = 0;
    for (const sac_event *record; (record = sac_stream_next(stream)); read++)
        if (read < expected)
            check_record(c, read, record);
    if (read != expected)
        fail(c, "the stream has %zu records instead of %zu", read, expected);
    if (sac_stream_next(stream))
        fail(c, "the stream has a record after its end");
}
