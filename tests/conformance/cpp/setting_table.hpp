// How the C++ runner reads settings. Generated from interface/settings.toml by `make interface`. Do not edit.
// `set` applies a member to the target, if the case has it.
template <class Target>
void set_settings_of_client(Target& target, const Part& settings)
{
    using std::chrono::milliseconds;
    set(target, settings / "timeout_ms",
        [](const Part& value) { return sac::Timeout(milliseconds(value.as<long>())); });
    set(target, settings / "connect_timeout_ms",
        [](const Part& value) { return sac::ConnectTimeout(milliseconds(value.as<long>())); });
    set(target, settings / "read_timeout_ms",
        [](const Part& value) { return sac::ReadTimeout(milliseconds(value.as<long>())); });
    set(target, settings / "deadline_ms",
        [](const Part& value) { return sac::Deadline(milliseconds(value.as<long>())); });
    set(target, settings / "retry_attempts",
        [](const Part& value) { return sac::Retries(value.as<std::uint32_t>()); });
    set(target, settings / "backoff_ms",
        [](const Part& value) { return sac::Backoff(milliseconds((value / 0).as<long>()), milliseconds((value / 1).as<long>())); });
    set(target, settings / "retry_statuses", [](const Part& value) {
        const auto statuses = value.as<std::vector<int>>();
        return sac::RetryStatuses(statuses.begin(), statuses.end());
    });
    set(target, settings / "retry_after_max_ms",
        [](const Part& value) { return sac::RetryAfterMax(milliseconds(value.as<long>())); });
    set(target, settings / "retry_budget",
        [](const Part& value) { return sac::RetryBudget(value.as<std::uint32_t>()); });
    set(target, settings / "rate_limit",
        [](const Part& value) { return sac::RateLimit((value / 0).as<std::uint32_t>(), milliseconds((value / 1).as<long>()), (value / 2).as<std::uint32_t>()); });
    set(target, settings / "max_body_bytes",
        [](const Part& value) { return sac::MaxBodyBytes(value.as<std::uint64_t>()); });
    set(target, settings / "redirects",
        [](const Part& value) { return sac::Redirects(value.as<std::uint32_t>()); });
    set(target, settings / "user_agent",
        [](const Part& value) { return sac::UserAgent(value.as<std::string>()); });
    set(target, settings / "verify",
        [](const Part& value) { return sac::Verify(value.as<bool>()); });
    set(target, settings / "ca_file",
        [](const Part& value) { return sac::CaFile(value.as<std::string>()); });
    set(target, settings / "ca_pem",
        [](const Part& value) { return sac::CaPem(value.as<std::string>()); });
    set(target, settings / "pinned_keys",
        [](const Part& value) { return sac::PinnedKeys(value.as<std::string>()); });
    set(target, settings / "min_tls",
        [](const Part& value) { return sac::MinTls(static_cast<sac::Tls>(value.as<int>())); });
    set(target, settings / "cookie_jar",
        [](const Part& value) { return sac::CookieJar(value.as<bool>()); });
    set(target, settings / "connection_max_age_ms",
        [](const Part& value) { return sac::ConnectionMaxAge(milliseconds(value.as<long>())); });
}

template <class Target>
void set_settings_of_request(Target& target, const Part& settings)
{
    using std::chrono::milliseconds;
    set(target, settings / "timeout_ms",
        [](const Part& value) { return sac::Timeout(milliseconds(value.as<long>())); });
    set(target, settings / "connect_timeout_ms",
        [](const Part& value) { return sac::ConnectTimeout(milliseconds(value.as<long>())); });
    set(target, settings / "read_timeout_ms",
        [](const Part& value) { return sac::ReadTimeout(milliseconds(value.as<long>())); });
    set(target, settings / "deadline_ms",
        [](const Part& value) { return sac::Deadline(milliseconds(value.as<long>())); });
    set(target, settings / "retry_attempts",
        [](const Part& value) { return sac::Retries(value.as<std::uint32_t>()); });
    set(target, settings / "backoff_ms",
        [](const Part& value) { return sac::Backoff(milliseconds((value / 0).as<long>()), milliseconds((value / 1).as<long>())); });
    set(target, settings / "retry_statuses", [](const Part& value) {
        const auto statuses = value.as<std::vector<int>>();
        return sac::RetryStatuses(statuses.begin(), statuses.end());
    });
    set(target, settings / "max_body_bytes",
        [](const Part& value) { return sac::MaxBodyBytes(value.as<std::uint64_t>()); });
    set(target, settings / "redirects",
        [](const Part& value) { return sac::Redirects(value.as<std::uint32_t>()); });
    set(target, settings / "verify",
        [](const Part& value) { return sac::Verify(value.as<bool>()); });
    set(target, settings / "keep_alive",
        [](const Part& value) { return sac::KeepAlive(value.as<bool>()); });
}
