#include "perform.hpp"

#include <chrono>
#include <map>
#include <stdexcept>

namespace {

sac::Response call_by_name(const Part& request, const sac::Client& client)
{
    const auto name = (request / "call").as<std::string>();
    const auto path = (request / "path").as<std::string>();
    const Part json = request / "json";
    if (name == "get")
        return client.get(path);
    if (name == "get_binary")
        return client.get_binary(path);
    if (name == "delete")
        return client.del(path);
    if (name == "post_form")
        return client.post(path, (request / "form").fields<sac::Form>());
    if (name == "post_json")
        return json.exists() ? client.post(path, sac::Json(json.as<std::string>()))
                             : client.post(path);
    if (name == "put_json")
        return json.exists() ? client.put(path, sac::Json(json.as<std::string>()))
                             : client.put(path);
    if (name == "patch_json")
        return json.exists() ? client.patch(path, sac::Json(json.as<std::string>()))
                             : client.patch(path);
    throw std::runtime_error("there is no call " + name);
}

/// Sets the option of a member, if the case has it.
template <class Make>
void set(sac::Request& request, const Part& value, Make make)
{
    if (value.exists())
        request.set(make(value));
}

template <class Option, class Value>
void set_value(sac::Request& request, const Part& value)
{
    set(request, value, [](const Part& part) { return Option(part.as<Value>()); });
}

template <class Fields>
void set_fields(sac::Request& request, const Part& value)
{
    set(request, value, [](const Part& part) { return part.fields<Fields>(); });
}

void set_content(sac::Request& request, const Part& part)
{
    set_fields<sac::Query>(request, part / "query");
    set_fields<sac::Header>(request, part / "headers");
    set_fields<sac::Form>(request, part / "form");
    set_value<sac::Json, std::string>(request, part / "json");
    set(request, part / "body_base64", [&part](const Part& body) {
        return sac::Body((part / "content_type").as<std::string>(),
                         decode_base64(body.as<std::string>()));
    });
    set_value<sac::IdempotencyKey, std::string>(request, part / "idempotency_key");
}

#include "setting_table.hpp"

sac::RecordKind kind_of_records(const std::string& name)
{
    static const std::map<std::string, sac::RecordKind> kinds = {
        {"auto", sac::RecordKind::automatic},
        {"events", sac::RecordKind::events},
        {"lines", sac::RecordKind::lines},
        {"array", sac::RecordKind::array}};
    return kinds.at(name);
}

sac::Request make_request(const Part& part)
{
    sac::Request request((part / "method").as<std::string>(), (part / "path").as<std::string>());
    set_content(request, part);
    set_settings_of_request(request, part);
    set(request, part / "records", [](const Part& kind) {
        return sac::Records(kind_of_records(kind.as<std::string>()));
    });
    set_value<sac::LastEventId, std::string>(request, part / "last_event_id");
    if ((part / "cancelled").as<bool>(false)) {
        const sac::Cancel cancel;
        cancel.trigger();
        request.set(cancel);
    }
    return request;
}

}  // namespace

sac::Response call(const Part& part, const sac::Client& client)
{
    if ((part / "call").exists())
        return call_by_name(part, client);
    return client.send(make_request(part));
}

sac::Stream open_stream(const Part& part, const sac::Client& client)
{
    return client.stream(make_request(part));
}
