/* The steps that are settings. Generated from interface/settings.toml by `make interface`. Do not edit. */
#ifndef GOSAC_SETTING_H
#define GOSAC_SETTING_H

/* The numbers follow those of gosac_step. */
enum gosac_setting {
    GOSAC_TIMEOUT_MS = 64,
    GOSAC_CONNECT_TIMEOUT_MS,
    GOSAC_READ_TIMEOUT_MS,
    GOSAC_DEADLINE_MS,
    GOSAC_RETRY_ATTEMPTS,
    GOSAC_BACKOFF_MS,
    GOSAC_RETRY_STATUSES,
    GOSAC_MAX_BODY_BYTES,
    GOSAC_REDIRECTS,
    GOSAC_VERIFY,
    GOSAC_KEEP_ALIVE
};

#endif
