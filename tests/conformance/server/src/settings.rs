//! The settings that a case may have.
// Generated from interface/settings.toml by `make interface`. Do not edit.

/// For a client and its clone.
pub const CLIENT: &[&str] = &[
    "timeout_ms",
    "connect_timeout_ms",
    "read_timeout_ms",
    "deadline_ms",
    "retry_attempts",
    "backoff_ms",
    "retry_statuses",
    "retry_after_max_ms",
    "retry_budget",
    "rate_limit",
    "max_body_bytes",
    "redirects",
    "user_agent",
    "verify",
    "ca_file",
    "ca_pem",
    "pinned_keys",
    "min_tls",
    "cookie_jar",
    "connection_max_age_ms",
];

/// For a request.
pub const REQUEST: &[&str] = &[
    "timeout_ms",
    "connect_timeout_ms",
    "read_timeout_ms",
    "deadline_ms",
    "retry_attempts",
    "backoff_ms",
    "retry_statuses",
    "max_body_bytes",
    "redirects",
    "verify",
    "keep_alive",
];
