#include "perform.hpp"

#include <chrono>

using std::chrono::milliseconds;

namespace {

/// Sets options on a client, up to the first that is refused.
class Setter {
public:
    Setter(const Part& settings, sac::Client& client) : settings_(settings), client_(client) {}

    const sac::Error& error() const { return error_; }
    Part operator/(const std::string& name) const { return settings_ / name; }

    /// Sets what is made of a member, where it is there.
    template <class Make>
    void set(const std::string& name, Make make)
    {
        const Part value = settings_ / name;
        if (!error_ && value.exists())
            error_ = client_.set(make(value));
    }

    template <class Option>
    void text(const std::string& name)
    {
        set(name, [](const Part& value) { return Option(value.as<std::string>()); });
    }
    template <class Option, class Number>
    void number(const std::string& name)
    {
        set(name, [](const Part& value) { return Option(value.as<Number>()); });
    }
    template <class Option>
    void time(const std::string& name)
    {
        set(name, [](const Part& value) { return Option(milliseconds(value.as<long>())); });
    }

    /// Sets pairs, then removes names.
    template <class Fields>
    void fields(const std::string& name,
                sac::Error (sac::Client::*remove)(const sac::detail::Argument&))
    {
        set(name, [](const Part& value) { return value.fields<Fields>(); });
        for (const std::string& removed : (settings_ / ("remove_" + name)).texts())
            if (!error_)
                error_ = (client_.*remove)(removed);
    }

private:
    const Part settings_;
    sac::Client& client_;
    sac::Error error_;
};

milliseconds time_at(const Part& list, std::size_t index)
{
    return milliseconds((list / index).as<long>());
}

void set_scope(Setter& setter)
{
    setter.fields<sac::Header>("headers", &sac::Client::remove_header);
    setter.fields<sac::Cookie>("cookies", &sac::Client::remove_cookie);
    setter.text<sac::Bearer>("bearer");
    setter.text<sac::UserAgent>("user_agent");
    setter.text<sac::CaPem>("ca_pem");
    setter.text<sac::CaFile>("ca_file");
}

void set_numbers(Setter& setter)
{
    setter.number<sac::Redirects, std::uint32_t>("redirects");
    setter.number<sac::Retries, std::uint32_t>("retry_attempts");
    setter.time<sac::Timeout>("timeout_ms");
    setter.time<sac::ConnectTimeout>("connect_timeout_ms");
    setter.time<sac::ReadTimeout>("read_timeout_ms");
    setter.time<sac::Deadline>("deadline_ms");
    setter.number<sac::MaxBodyBytes, std::uint64_t>("max_body_bytes");
    setter.time<sac::RetryAfterMax>("retry_after_max_ms");
    setter.time<sac::ConnectionMaxAge>("connection_max_age_ms");
}

void set_credentials(Setter& setter)
{
    setter.set("basic", [](const Part& value) {
        const Texts pair = value.texts();
        return sac::Basic(pair.at(0), pair.at(1));
    });
    setter.set("signed_cookie", [](const Part& value) {
        return sac::SignedCookie(
            (value / "name").as<std::string>(), (value / "payload").as<std::string>(),
            (value / "key_id").as<std::string>(), (value / "key").as<std::string>(),
            static_cast<sac::Digest>((value / "digest").as<int>()));
    });
}

void set_policy(Setter& setter)
{
    setter.set("backoff_ms", [](const Part& value) {
        return sac::Backoff(time_at(value, 0), time_at(value, 1));
    });
    setter.set("retry_statuses", [](const Part& value) {
        const auto statuses = value.as<std::vector<int>>();
        return sac::RetryStatuses(statuses.begin(), statuses.end());
    });
    setter.set("rate_limit", [](const Part& value) {
        return sac::RateLimit((value / 0).as<std::uint32_t>(), time_at(value, 1),
                              (value / 2).as<std::uint32_t>());
    });
    setter.number<sac::Verify, bool>("verify");
    setter.set("min_tls", [](const Part& value) {
        return sac::MinTls(static_cast<sac::Tls>(value.as<int>()));
    });
}

void set_callbacks(Setter& setter, Witness& seen)
{
    setter.set("retry_callback", [&seen](const Part& value) {
        const bool allowed = value.as<bool>();
        return sac::OnRetry([&seen, allowed](const sac::Retry&) {
            ++seen.retry_calls;
            return allowed;
        });
    });
    setter.set("log_level", [&seen](const Part& value) {
        return sac::OnLog([&seen](sac::LogLevel, sac::View line) { seen.log += line.str() + '\n'; },
                          static_cast<sac::LogLevel>(value.as<int>()));
    });
}

sac::Error set_up(const Part& settings, sac::Client& client, Witness& seen)
{
    if ((settings / "reset").as<bool>(false))
        client.reset();
    Setter setter(settings, client);
    set_scope(setter);
    set_numbers(setter);
    set_credentials(setter);
    set_policy(setter);
    set_callbacks(setter, seen);
    return setter.error();
}

}  // namespace

sac::Client make_client(const Part& test, const std::string& url, Witness& seen)
{
    sac::Client client(
        (test / "base_url").as<std::string>(url + (test / "base_path").as<std::string>("")));
    client.or_throw();
    set_up(test / "client", client, seen).or_throw();
    if (!(test / "clone").exists())
        return client;
    sac::Client scope = client.clone();
    set_up(test / "clone", scope, seen).or_throw();
    return scope;
}
