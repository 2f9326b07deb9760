#include "check.hpp"

namespace {

bool contains(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

/// Checks that every string of a list is in a text, or that none is.
void check_contains(const Part& list, const std::string& text, bool wanted)
{
    for (const std::string& part : list.texts())
        if (contains(text, part) != wanted)
            throw Fault((wanted ? "missing: " : "not wanted: ") + part + ": " + text);
}

void same_or_none(const std::string& what, const Part& expected, sac::View actual)
{
    same(what + " is there", !expected.is_null(), static_cast<bool>(actual));
    if (actual)
        same(what, expected.as<std::string>(), actual.str());
}

std::string name_of(sac::JsonState state)
{
    switch (state) {
    case sac::JsonState::none:
        return "none";
    case sac::JsonState::exact:
        return "exact";
    case sac::JsonState::repaired:
        return "repaired";
    }
    return "unknown";
}

void check_head(const Part& expect, const sac::Response& response)
{
    same("reason", (expect / "reason").as<std::string>(response.reason().str()),
         response.reason().str());
    same("status", (expect / "status").as<int>(response.status()), response.status());
    same("attempts", (expect / "attempts").as<unsigned>(response.attempts()), response.attempts());
    for (const Part& pair : (expect / "headers").items()) {
        const auto name = (pair / 0).as<std::string>();
        same_or_none(name, pair / 1, response.header(name));
    }
    for (const Part& pair : (expect / "links").items()) {
        const auto rel = (pair / 0).as<std::string>();
        same_or_none(rel, pair / 1, response.link(rel));
    }
}

/// Checks the rules for every response, and what this case expects.
void check_json(const Part& expect, const sac::Response& response)
{
    if (!response.ok())
        same("error in json", response.error().message(),
             response.get<std::string>("/error").or_throw());
    same("json", (expect / "json").as<std::string>(response.json()), response.json().str());
    const std::string state = name_of(response.json_state());
    same("json_state", (expect / "json_state").as<std::string>(state), state);
    check_contains(expect / "journal_contains", response.journal(), true);
    if ((expect / "body_base64").exists())
        same("body", decode_base64((expect / "body_base64").as<std::string>()),
             response.body().str());
}

/// `failure`: that of the response, or of a stream after its last record.
void check_error(const Part& expect, const sac::Error& failure)
{
    const std::string error = failure ? failure.message() : "";
    same("error", (expect / "error").as<std::string>(error), error);
    check_contains(expect / "error_contains", error, true);
}

void check_record(const Part& expect, const sac::Event& record)
{
    const sac::Response& json = record.json();
    const std::string state = name_of(json.json_state()), code = sac::name(json.code());
    same("type", (expect / "type").as<std::string>(record.type()), record.type().str());
    same("id", (expect / "id").as<std::string>(record.id()), record.id().str());
    same("data", (expect / "data").as<std::string>(record.data()), record.data().str());
    same("json", (expect / "json").as<std::string>(json.json()), json.json().str());
    same("json_state", (expect / "json_state").as<std::string>(state), state);
    same("code", (expect / "code").as<std::string>(code), code);
}

void check_records(const Part& expect, sac::Stream& stream)
{
    std::size_t read = 0;
    for (const sac::Event& record : stream) {
        if (read < expect.size())
            check_record(expect / read, record);
        ++read;
    }
    same("number of records", expect.size(), read);
    same("a record after the end", false, static_cast<bool>(stream.next()));
}

void check_request(const Part& expect, const std::string& request)
{
    const auto start = (expect / "starts_with").as<std::string>("");
    const auto end = (expect / "ends_with").as<std::string>("");
    same("its start", start, request.substr(0, start.size()));
    if (request.size() < end.size())
        throw Fault("it is too short: " + request);
    same("its end", end, request.substr(request.size() - end.size()));
    check_contains(expect / "contains", request, true);
    check_contains(expect / "lacks", request, false);
}

}  // namespace

void check(const Part& expect, const sac::Response& response)
{
    check_head(expect, response);
    check_json(expect, response);
    check_error(expect, response.error());
    for (const Part& value : (expect / "values").items())
        check_values(value, response);
}

void check(const Part& expect, sac::Stream& stream)
{
    check_records(expect / "records", stream);
    check_head(expect, stream.head());
    check_json(expect, stream.head());
    check_error(expect, stream.error());
}

void check_client(const Part& expect, const sac::Client& client, const CallbackLog& seen)
{
    const int calls = (expect / "retry_calls").as<int>(seen.retry_calls);
    same("retry_calls", calls, seen.retry_calls);
    check_contains(expect / "log_contains", seen.log, true);
    check_contains(expect / "log_lacks", seen.log, false);
    for (const Part& pair : (expect / "paths_of").items()) {
        const auto url = (pair / 0).as<std::string>();
        const auto path = client.path_of(url);
        same("path of " + url + " is there", !(pair / 1).is_null(), static_cast<bool>(path));
        if (path)
            same("path of " + url, (pair / 1).as<std::string>(), *path);
    }
}

void check_requests(const Part& expect, const Texts& seen)
{
    if (!expect.exists())
        return;
    same("number of requests", expect.size(), seen.size());
    for (std::size_t i = 0; i < seen.size(); ++i)
        try {
            check_request(expect / i, seen[i]);
        } catch (const Fault& fault) {
            throw Fault("request " + std::to_string(i) + ": " + fault.what());
        }
}
