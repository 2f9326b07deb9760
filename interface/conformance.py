"""The conformance suite: which settings a case may have, and how each runner reads them."""

from table import MARK

# A case cannot contain the file or the key of these settings, or cannot see their effect.
LEFT_OUT = {"path_pair", "pem_pair", "optional_path", "password", "proxy"}
C_VALUE = {
    "milliseconds": "(uint64_t)number({at})", "deadline": "(uint64_t)number({at})", "bytes": "(uint64_t)number({at})",
    "count": "(uint32_t)number({at})", "tls_version": "(int32_t)number({at})", "flag": "truth({at})",
    "guard": "truth({at})", "text": "text({at})", "optional_text": "text({at})",
    "path": "text({at})", "pem": "text({at})",
}
CPP_VALUE = {
    "milliseconds": "milliseconds(value.as<long>())", "deadline": "milliseconds(value.as<long>())",
    "bytes": "value.as<std::uint64_t>()", "count": "value.as<std::uint32_t>()", "flag": "value.as<bool>()",
    "guard": "value.as<bool>()", "tls_version": "static_cast<sac::Tls>(value.as<int>())",
    "text": "value.as<std::string>()", "optional_text": "value.as<std::string>()",
    "path": "value.as<std::string>()", "pem": "value.as<std::string>()",
    "backoff": "milliseconds((value / 0).as<long>()), milliseconds((value / 1).as<long>())",
    "rate": "(value / 0).as<std::uint32_t>(), milliseconds((value / 1).as<long>()), (value / 2).as<std::uint32_t>()",
}
GO_TYPES = {
    "milliseconds": "int64", "deadline": "int64", "bytes": "int64", "count": "int", "flag": "bool", "guard": "bool",
    "tls_version": "int", "text": "string", "optional_text": "string", "path": "string", "pem": "string",
    "backoff": "[2]int64", "statuses": "[]int", "rate": "[3]int64",
}
GO_VALUE = {
    "milliseconds": "ms(*s.{f})", "deadline": "ms(*s.{f})", "tls_version": "tlsVersion(*s.{f})",
    "pem": "[]byte(*s.{f})", "backoff": "ms(s.{f}[0]), ms(s.{f}[1])", "statuses": "*s.{f}...",
    "rate": "int(s.{f}[0]), ms(s.{f}[1]), int(s.{f}[2])",
}


def schema(client, request):
    def names(rows):
        return "".join(f'    "{row.c}",\n' for row in rows)
    return f"//! The settings that a case may have.\n// {MARK}\n\n/// For a client and its clone.\n" \
        f"pub const CLIENT: &[&str] = &[\n{names(client)}];\n\n/// For a request.\n" \
        f"pub const REQUEST: &[&str] = &[\n{names(request)}];\n"


def c_setting(row, handle):
    function = f"sac_set_{row.c}" if handle == "client" else f"sac_request_set_{row.c}"
    at = f'"/%s/{row.c}", part'

    def item(index, type_):
        return f'({type_})number(c, "/%s/{row.c}/{index}", part)'
    if row.kind == "statuses":
        call = f"set_statuses_of_{handle}(c, part, {handle})"
    elif row.kind == "backoff":
        call = f"{function}({handle}, {item(0, 'uint64_t')}, {item(1, 'uint64_t')})"
    elif row.kind == "rate":
        call = f"{function}({handle}, {item(0, 'uint32_t')}, {item(1, 'uint64_t')}, {item(2, 'uint32_t')})"
    else:
        call = f"{function}({handle}, {C_VALUE[row.kind].format(at='c, ' + at)})"
    return f"    if (code == SAC_OK && has(c, {at}))\n        code = {call};\n"


def c_statuses(rows, handle):
    row = next(row for row in rows if row.kind == "statuses")
    function = f"sac_set_{row.c}" if handle == "client" else f"sac_request_set_{row.c}"
    return f"static sac_code set_statuses_of_{handle}(const test_case *c, const char *part, sac_{handle} *{handle})\n{{\n" \
        "    uint16_t statuses[MOST_STATUSES];\n" \
        f'    size_t length = count(c, "/%s/{row.c}", part);\n' \
        "    for (size_t i = 0; i < length && i < MOST_STATUSES; i++)\n" \
        f'        statuses[i] = (uint16_t)number(c, "/%s/{row.c}/%zu", part, i);\n' \
        f"    return {function}({handle}, statuses, length);\n}}\n\n"


def c_runner(client, request):
    text = f"/* How the C runner reads settings. {MARK} */\n#include \"perform.h\"\n\nenum {{ MOST_STATUSES = 16 }};\n\n"
    for handle, rows in (("client", client), ("request", request)):
        text += c_statuses(rows, handle)
        text += f"sac_code set_settings_of_{handle}(const test_case *c, const char *part, sac_{handle} *{handle})\n{{\n" \
            "    sac_code code = SAC_OK;\n" + "".join(c_setting(row, handle) for row in rows) + "    return code;\n}\n\n"
    return text.rstrip() + "\n"


def cpp_setting(row):
    if row.kind == "statuses":
        return f"    set(target, settings / \"{row.c}\", [](const Part& value) {{\n" \
            "        const auto statuses = value.as<std::vector<int>>();\n" \
            f"        return sac::{row.cpp}(statuses.begin(), statuses.end());\n    }});\n"
    return f"    set(target, settings / \"{row.c}\",\n" \
        f"        [](const Part& value) {{ return sac::{row.cpp}({CPP_VALUE[row.kind]}); }});\n"


def cpp_runner(client, request):
    text = f"// How the C++ runner reads settings. {MARK}\n" \
        "// `set` applies a member to the target, if the case has it.\n"
    for handle, rows in (("client", client), ("request", request)):
        text += f"template <class Target>\nvoid set_settings_of_{handle}(Target& target, const Part& settings)\n{{\n" \
            "    using std::chrono::milliseconds;\n" + "".join(map(cpp_setting, rows)) + "}\n\n"
    return text.rstrip() + "\n"


def go_runner(client, request):
    text = f"// {MARK}\n\npackage main\n\nimport \"libsac/sac\"\n\n"
    for handle, rows, type_ in (("client", client, "Option"), ("request", request, "RequestOption")):
        text += f"// {handle}Settings are the settings of a {handle} that a case may have.\ntype {handle}Settings struct {{\n"
        text += "".join(f'\t{row.go} *{GO_TYPES[row.kind]} `json:"{row.c}"`\n' for row in rows) + "}\n\n"
        text += f"func (s *{handle}Settings) options() []sac.{type_} {{\n\tvar options []sac.{type_}\n"
        for row in rows:
            name = f"With{row.go}" if handle == "client" else row.go
            value = GO_VALUE.get(row.kind, "*s.{f}").format(f=row.go)
            text += f"\tif s.{row.go} != nil {{\n\t\toptions = append(options, sac.{name}({value}))\n\t}}\n"
        text += "\treturn options\n}\n\n"
    return text.rstrip() + "\n"


def ruby_runner(client, request):
    rows = {row.name: row for row in client + request}.values()
    seconds = {"milliseconds": "number / 1000.0", "deadline": "number / 1000.0",
               "backoff": "number.map { |ms| ms / 1000.0 }", "tls_version": "SAC::TLS_VERSIONS.key(number) || number",
               "rate": "{ requests: number[0], per: number[1] / 1000.0, burst: number[2] }"}
    lines = [f'  "{row.c}" => [:{row.ruby}, ->(number) {{ {seconds.get(row.kind, "number")} }}]' for row in rows]
    return f"# frozen_string_literal: true\n\n# {MARK}\n\n" \
        "# The settings that a case may have: the name in Ruby, and the conversion of its value.\n" \
        "SETTINGS = {\n" + ",\n".join(lines) + "\n}.freeze\n"


def files(rows):
    rows = [row for row in rows if row.kind not in LEFT_OUT]
    client, request = [row for row in rows if row.client], [row for row in rows if row.request]
    return {
        "tests/conformance/server/src/settings.rs": schema(client, request),
        "tests/conformance/c/setting_table.c": c_runner(client, request),
        "tests/conformance/cpp/setting_table.hpp": cpp_runner(client, request),
        "tests/conformance/go/settings_generated.go": go_runner(client, request),
        "tests/conformance/ruby/setting_table.rb": ruby_runner(client, request),
    }
