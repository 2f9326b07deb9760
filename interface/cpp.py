"""The C++ side: one class for each setting."""

from table import MARK, resolve, sentence, wrap

HEAD = """/// @file
/// Settings, one class each. You can give them to a client, a request or a call, in any order.
// {mark}
#ifndef SAC_SETTING_HPP
#define SAC_SETTING_HPP

#include <sac/code.hpp>
#include <sac/duration.hpp>
#include <sac/option_kind.hpp>

#include <cstdint>

namespace sac {{

"""
FOOT = "}  // namespace sac\n\n#endif\n"

NUMBERS = {
    "milliseconds": "std::uint64_t", "deadline": "std::uint64_t", "bytes": "std::uint64_t",
    "count": "std::uint32_t", "flag": "bool", "guard": "bool",
}


def functions(row):
    """The C functions that take the value."""
    return ", ".join(([f"sac_set_{row.c}"] if row.client else []) + ([f"sac_request_set_{row.c}"] if row.request else []))


def scope(row):
    """The prefix of an option class for these handles."""
    return {(True, True): "", (True, False): "Client", (False, True): "Request"}[row.client, row.request]


def base(row):
    if row.kind in NUMBERS:
        return f"{scope(row)}NumberOption<{NUMBERS[row.kind]}, {functions(row)}>"
    name = {
        "backoff": "SpanOption", "statuses": "StatusesOption", "rate": "RateOption", "tls_version": "TlsOption",
        "text": "OptionalTextOption", "optional_text": "OptionalTextOption", "password": "OptionalTextOption",
        "optional_path": "OptionalTextOption", "proxy": "OptionalTextOption",
        "path": "TextOption", "pem": "TextOption", "path_pair": "PairOption", "pem_pair": "PairOption",
    }[row.kind]
    return f"{name}<{functions(row)}>"


def comment(row, rows):
    text = " ".join([sentence(row.what), *row.more])
    if row.zero and row.kind not in {"proxy", "rate", "flag", "guard"}:
        text += f" 0 {row.zero}."
    if row.default is not None:
        text += f" Default: {row.default_in('cpp')}."
    if not (row.client and row.request):
        text += f" For a {'client' if row.client else 'request'}."
    return wrap(resolve(text, rows, lambda row: f"`{row.cpp}`", lambda code: f"`Code::{code}`"), "/// ")


def constructors(row):
    name, kind = row.cpp, base(row).partition("<")[0]
    value = row.parameters[0][0]
    if row.kind in {"milliseconds", "deadline"}:
        text = "    /// A duration of any kind, rounded up to whole milliseconds.\n" \
            f"    explicit {name}(detail::Milliseconds time) noexcept : {kind}(time.count()) {{}}\n"
        if row.kind == "deadline":
            text += "\n    /// Up to a point in time; the remaining time counts from the creation of this option.\n" \
                f"    explicit {name}(std::chrono::steady_clock::time_point end) noexcept\n" \
                f"        : {name}(detail::time_left(end))\n    {{\n    }}\n"
        return text
    if row.kind in NUMBERS:
        says = f"{row.value}." if row.value else "the new value."
        if row.kind in {"flag", "guard"}:
            says = f"false {row.zero}."
        return wrap(f"`{value}`: {says}", "    /// ") + \
            f"    explicit {name}({NUMBERS[row.kind]} {value}) noexcept : {kind}({value}) {{}}\n"
    text = f"    using {kind}::{kind};\n"
    nothing = {"text": ("standard", "Restores the default, `libsac/<version>`."), "optional_path": ("none", "No socket, the default."),
               "optional_text": ("none", "None, the default."), "password": ("none", "None, the default.")}
    if row.kind in nothing:
        function, says = nothing[row.kind]
        text += f"\n    /// {says}\n    static {name} {function}() {{ return {name}(); }}\n"
    if row.kind == "proxy":
        text += f"\n    /// No proxy.\n    static {name} none() {{ return {name}(\"\"); }}\n" \
            "\n    /// The proxy from the environment now, the default.\n" \
            f"    static {name} from_environment() {{ return {name}(); }}\n"
    if kind == "OptionalTextOption":
        text += f"\nprivate:\n    {name}() = default;\n"
    return text


def setting(row, rows):
    head = f"class {row.cpp} : public detail::{base(row)} {{"
    if len(head) > 100:
        head = f"class {row.cpp}\n    : public detail::{base(row)} {{"
    return f"{comment(row, rows)}{head}\npublic:\n{constructors(row)}}};\n\n"


def files(rows):
    return {"include/sac/setting.hpp": HEAD.format(mark=MARK) + "".join(setting(row, rows) for row in rows) + FOOT}
