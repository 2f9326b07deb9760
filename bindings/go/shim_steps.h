/* Applies a step that is a setting. Generated from interface/settings.toml by `make interface`. Do not edit. Part of shim.c. */
static sac_code apply_setting(sac_request *request, int step, reader *reader)
{
    uint64_t first;

    switch (step) {
    case GOSAC_TIMEOUT_MS:
        return sac_request_set_timeout_ms(request, read_number(reader));
    case GOSAC_CONNECT_TIMEOUT_MS:
        return sac_request_set_connect_timeout_ms(request, read_number(reader));
    case GOSAC_READ_TIMEOUT_MS:
        return sac_request_set_read_timeout_ms(request, read_number(reader));
    case GOSAC_DEADLINE_MS:
        return sac_request_set_deadline_ms(request, read_number(reader));
    case GOSAC_RETRY_ATTEMPTS:
        return sac_request_set_retry_attempts(request, (uint32_t)read_number(reader));
    case GOSAC_BACKOFF_MS:
        first = read_number(reader);
        return sac_request_set_backoff_ms(request, first, read_number(reader));
    case GOSAC_RETRY_STATUSES:
        return set_statuses(request, reader);
    case GOSAC_MAX_BODY_BYTES:
        return sac_request_set_max_body_bytes(request, read_number(reader));
    case GOSAC_REDIRECTS:
        return sac_request_set_redirects(request, (uint32_t)read_number(reader));
    case GOSAC_VERIFY:
        return sac_request_set_verify(request, read_number(reader) != 0);
    case GOSAC_KEEP_ALIVE:
        return sac_request_set_keep_alive(request, read_number(reader) != 0);
    default:
        return SAC_ERR_INTERNAL;
    }
}
