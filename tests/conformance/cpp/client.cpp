#include "perform.hpp"

#include <algorithm>
#include <chrono>

namespace {

/// Sets options of a client, until one is refused.
class Setter {
public:
    Setter(const Part& settings, sac::Client& client) : settings_(settings), client_(client) {}

    const sac::Error& error() const { return error_; }
    Part operator/(const std::string& name) const { return settings_ / name; }

    /// Sets the option of a member, if the case has it.
    template <class Make>
    void set(const std::string& name, Make make)
    {
        set_part(settings_ / name, make);
    }
    template <class Make>
    void set_part(const Part& value, Make make)
    {
        if (!error_ && value.exists())
            error_ = client_.set(make(value));
    }

    /// Sets pairs, then removes names.
    template <class Fields>
    void fields(const std::string& name,
                sac::Error (sac::Client::*remove)(const sac::detail::CString&))
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

template <class Make>
void set(Setter& setter, const Part& value, Make make)
{
    setter.set_part(value, make);
}

#include "setting_table.hpp"

void set_scope(Setter& setter)
{
    setter.fields<sac::Header>("headers", &sac::Client::remove_header);
    setter.fields<sac::Cookie>("cookies", &sac::Client::remove_cookie);
    setter.set("bearer",
               [](const Part& value) { return sac::Bearer(value.as<std::string>()); });
}

void set_credentials(Setter& setter)
{
    setter.set("basic", [](const Part& value) {
        const Texts pair = value.texts();
        return sac::Basic(pair.at(0), pair.at(1));
    });
    setter.set("aws_sigv4", [](const Part& value) {
        const Texts texts = value.texts();
        return sac::AwsSigV4(texts.at(0), texts.at(1), texts.at(2), texts.at(3), texts.at(4));
    });
    setter.set("digest", [](const Part& value) {
        const Texts pair = value.texts();
        return sac::DigestAuth(pair.at(0), pair.at(1));
    });
    setter.set("signed_cookie", [](const Part& value) {
        return sac::SignedCookie(
            (value / "name").as<std::string>(), (value / "payload").as<std::string>(),
            (value / "key_id").as<std::string>(), (value / "key").as<std::string>(),
            static_cast<sac::Digest>((value / "digest").as<int>()));
    });
}

void set_token_source(Setter& setter, CallbackLog& seen)
{
    const auto text = [](const Part& value) { return value.as<std::string>(); };
    setter.set("bearer_file", [&](const Part& value) { return sac::BearerFile(text(value)); });
    setter.set("client_credentials", [&](const Part& value) {
        const std::string url = text(value / "token_url"), id = text(value / "client_id");
        const std::string secret = text(value / "client_secret");
        const Part scope = value / "scope";
        return scope.exists() ? sac::ClientCredentials(url, id, secret, text(scope))
                              : sac::ClientCredentials(url, id, secret);
    });
    setter.set("refresh_token", [&](const Part& value) {
        const std::string url = text(value / "token_url"), id = text(value / "client_id");
        const std::string token = text(value / "refresh_token");
        const Part secret = value / "client_secret";
        return secret.exists() ? sac::RefreshToken(url, id, text(secret), token)
                               : sac::RefreshToken(url, id, token);
    });
    setter.set("tokens", [&seen](const Part& value) {
        const Texts tokens = value.texts();
        return sac::OnToken([&seen, tokens](sac::TokenReason) {
            return sac::Token(tokens.at(std::min(seen.token_calls++, tokens.size() - 1)));
        });
    });
}

void set_callbacks(Setter& setter, CallbackLog& seen)
{
    setter.set("attempt_callback", [](const Part& value) {
        const bool allowed = value.as<bool>();
        return sac::OnAttempt([allowed](sac::Attempt& attempt) {
            const std::string number = std::to_string(attempt.number());
            return !attempt.set_header("X-Attempt", number + ' ' + attempt.method().str() + ' ' +
                                                        attempt.target().str() + ' ' +
                                                        attempt.body_sha256().str()) &&
                   allowed;
        });
    });
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

sac::Error set_up(const Part& settings, sac::Client& client, CallbackLog& seen)
{
    if ((settings / "reset").as<bool>(false))
        client.reset();
    Setter setter(settings, client);
    set_scope(setter);
    set_credentials(setter);
    set_token_source(setter, seen);
    set_settings_of_client(setter, settings);
    set_callbacks(setter, seen);
    return setter.error();
}

}  // namespace

sac::Client make_client(const Part& test, const std::string& url, CallbackLog& seen)
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
