#!/usr/bin/env python3
"""Writes a C program that calls every function of the header with bad arguments.

Usage: surface.py HEADER OUTPUT

Each pointer is NULL once, each string contains a line end once, each length and number has its
largest value once. The calls come from the header, so that no function can be forgotten. A parameter
of an unknown type stops this script. A function that accepts an unexpected NULL fails the program.
"""
import re
import sys

# The parameters that may be NULL. All others must refuse it.
NULL_ALLOWED = {
    ("sac_post_json", "json"), ("sac_put_json", "json"), ("sac_patch_json", "json"),
    ("sac_post_form", "fields"), ("sac_request_add_part", "file_name"),
    ("sac_request_add_part", "content_type"), ("sac_request_add_part_file", "content_type"),
    ("sac_set_user_agent", "value"), ("sac_set_unix_socket", "path"), ("sac_set_proxy", "url"),
    ("sac_set_pinned_keys", "pins"), ("sac_set_client_certificate_password", "password"),
    ("sac_set_logger", "callback"), ("sac_set_retry_callback", "callback"),
    ("sac_set_attempt_callback", "callback"), ("sac_set_aws_sigv4", "session_token"),
    ("sac_request_set_output_callback", "callback"),
    ("sac_request_set_progress_callback", "callback"), ("sac_request_set_trace_callback", "callback"),
    ("sac_request_set_rewind_callback", "callback"), ("sac_request_set_body_callback", "callback"),
    ("sac_request_set_cancel", "cancel"),
    ("sac_json_string", "len"), ("sac_json_text", "len"),
    ("sac_node_name", "len"), ("sac_node_string", "len"), ("sac_node_text", "len"),
    ("sac_send_all", "client"), ("sac_send_all", "requests"),
    ("sac_webhook_verify", "id"),
    ("sac_set_token_callback", "callback"), ("sac_set_token_saved_callback", "callback"),
    ("sac_set_oauth2_client_credentials", "scope"), ("sac_set_oauth2_refresh_token", "client_secret"),
}
# Functions that return an empty string instead of NULL.
NEVER_NULL = {"sac_response_reason"}
# A valid string for a parameter of this name.
STRINGS = {
    "base_url": "http://127.0.0.1:1", "url": "http://127.0.0.1:1/", "path": "/v1/echo",
    "method": "POST", "json": "{}", "payload_json": "{}", "content_type": "text/plain",
    "pointer": "/a", "text": "[1]", "token_url": "http://127.0.0.1:1/token", "file_path": "build/tests/surface", "pem": "x",
}
# A valid value for a parameter of this type.
VALUES = {
    "const struct sac_client *": "f.client", "struct sac_client *": "f.client",
    "const struct sac_request *": "f.request", "struct sac_request *": "f.request",
    "const struct sac_cancel *": "f.cancel", "struct sac_cancel *": "f.cancel",
    "const struct sac_response *": "f.response",
    "const struct sac_request *const *": "(const sac_request *const *)&f.request",
    "struct sac_client **": "&f.new_client", "struct sac_request **": "&f.new_request",
    "struct sac_cancel **": "&f.new_cancel", "char **": "&f.string",
    "const char **": "&f.text", "int64_t *": "&f.integer", "uint64_t *": "&f.natural", "double *": "&f.number",
    "bool *": "&f.truth", "size_t *": "&f.size", "const uint8_t *": "BYTES",
    "const uint16_t *": "STATUSES", "const char *const *": "PAIR", "void *": "NULL",
    "sac_log_callback": "on_log", "sac_retry_callback": "on_retry", "sac_attempt_callback": "on_attempt",
    "sac_data_callback": "on_data", "sac_trace_callback": "on_trace", "sac_progress_callback": "on_progress",
    "sac_token_callback": "on_token", "sac_token_saved_callback": "on_token_saved",
    # There is no token outside of a callback.
    "struct sac_token *": "NULL",
    "sac_body_callback": "on_body", "sac_rewind_callback": "on_rewind",
    "const struct sac_stream *": "f.stream", "struct sac_stream *": "f.stream", "uint8_t *": "&f.byte",
    # There is no event without a server that sends one.
    "const struct sac_event *": "NULL",
    # An attempt exists only within its callback: tests/c/attempts.c.
    "const struct sac_attempt *": "NULL", "struct sac_attempt *": "NULL",
    "sac_records": "1", "uint64_t": "1", "uint32_t": "1", "int64_t": "1", "double": "1", "size_t": "1", "sac_node": "1", "bool": "true", "int32_t": "1",
}
# These free their argument, so that only NULL can be tried.
ONLY_NULL = re.compile(r"^sac_\w*_free$")
LARGEST = {"uint64_t": "UINT64_MAX", "uint32_t": "UINT32_MAX", "int32_t": "INT32_MAX"}
LINE_ENDS = [r"\r\n", r"\n", r"\r"]


def functions(header):
    """Result, name and parameters (type and name) of each function."""
    code = re.sub(r"/\*.*?\*/", "", header, flags=re.S)
    found = re.findall(r"^([\w ]+?[ *]+)(sac_\w+)\(([^;]*?)\);", code, flags=re.M | re.S)
    for result, name, parameters in found:
        if result.strip().startswith("typedef"):
            continue
        yield normal(result), name, [parameter(text) for text in listed(parameters)]


def listed(parameters):
    text = " ".join(parameters.split())
    return [] if text == "void" else text.split(", ")


def parameter(text):
    kind, name = re.fullmatch(r"(.*?)(\w+)", text).groups()
    return normal(kind), name


def normal(kind):
    return " ".join(kind.split())


def is_pointer(kind):
    return kind.endswith("*") or kind.endswith("_callback")


def literal(text, suffix=""):
    return '"' + text.replace('"', '\\"') + suffix + '"'


def valid_value(kind, name):
    if kind == "const char *":
        return literal(STRINGS.get(name, "a"))
    if kind not in VALUES:
        sys.exit(f"surface.py: no value is known for {kind} {name}; add one to VALUES")
    return VALUES[kind]


class Program:
    def __init__(self):
        self.lines = []
        self.calls = 0

    def call(self, function, arguments, check):
        result, name, _ = function
        self.calls += 1
        call = f"{name}({', '.join(arguments)})"
        shown = call.replace("\\", "\\\\").replace('"', '\\"')
        self.lines.append(f'    BEGIN("{shown}");')
        self.lines.append(f"    {check(result, call)}")
        self.lines.append("    END();")


def refuses_null(result, call):
    """The check that the function refuses NULL, for each type of result."""
    name = call.split("(")[0]
    return {
        "sac_code": f"CODE_IS(SAC_ERR_NULL_ARGUMENT, {call});",
        "struct sac_response *": f"RESPONSE_IS(SAC_ERR_NULL_ARGUMENT, {call});",
        "struct sac_response **": f"NOTHING({call} == NULL);",
        "struct sac_stream *": f"STREAM_IS(SAC_ERR_NULL_ARGUMENT, {call});",
        "const struct sac_response *": f"NOTHING({call} == NULL);",
        "const struct sac_event *": f"NOTHING({call} == NULL);",
        "struct sac_client *": f"NOTHING({call} == NULL);",
        "const char *": f"NOTHING({call} == NULL);" if name not in NEVER_NULL else
                        f"NOTHING({call}[0] == 0);",
        "bool": f"NOTHING(!{call});",
        "const uint8_t *": f"NOTHING({call} == NULL);",
        "uint32_t": f"NOTHING({call} == 0);",
        "size_t": f"NOTHING({call} == 0);",
        "sac_node": f"NOTHING({call} == 0);",
        "sac_json_type": f"NOTHING({call} == SAC_JSON_TYPE_MISSING);",
        "void": f"{call};",
    }[result]


def survives(result, call):
    return {
        "sac_code": f"NO_BUG({call});",
        "struct sac_response *": f"ANSWERED({call});",
        "struct sac_response **": f"ALL_ANSWERED({call});",
        "struct sac_stream *": f"STREAM_OPENED({call});",
        "struct sac_client *": f"f.new_client = {call};",
        "void": f"{call};",
    }.get(result, f"(void){call};")


def refuses_length(result, call):
    """The check that the function refuses a length that exceeds any memory."""
    return {
        "sac_code": f"CODE_IS(SAC_ERR_INVALID_ARGUMENT, {call});",
        "struct sac_response *": f"RESPONSE_IS(SAC_ERR_INVALID_ARGUMENT, {call});",
        "struct sac_response **": f"NOTHING({call} == NULL);",
    }[result]


def null_everywhere(program, function):
    _, name, parameters = function
    if ONLY_NULL.match(name):
        nothing = ["NULL" if is_pointer(kind) else "0" for kind, _ in parameters]
        program.call(function, nothing, survives)
        return
    values = [valid_value(*one) for one in parameters]
    for index, (kind, which) in enumerate(parameters):
        if is_pointer(kind) and which != "userdata":
            arguments = values[:index] + ["NULL"] + values[index + 1:]
            allowed = (name, which) in NULL_ALLOWED
            program.call(function, arguments, survives if allowed else refuses_null)


def line_ends_everywhere(program, function):
    _, _, parameters = function
    values = [valid_value(*one) for one in parameters]
    for index, (kind, which) in enumerate(parameters):
        for end in LINE_ENDS:
            if kind == "const char *":
                injected = literal(STRINGS.get(which, "a"), end + "X-Injected: 1" + end)
            elif kind == "const char *const *":
                injected = {r"\r\n": "BAD_CR_LF", r"\n": "BAD_LF", r"\r": "BAD_CR"}[end]
            else:
                continue
            program.call(function, values[:index] + [injected] + values[index + 1:], survives)


def extremes_everywhere(program, function):
    result, _, parameters = function
    values = [valid_value(*one) for one in parameters]
    for index, (kind, _) in enumerate(parameters):
        before, after = values[:index], values[index + 1:]
        if kind == "size_t" and result in ("sac_code", "struct sac_response **"):
            program.call(function, before + ["SIZE_MAX"] + after, refuses_length)
        elif kind == "size_t":
            program.call(function, before + ["SIZE_MAX"] + after, survives)
        elif kind in LARGEST:
            program.call(function, before + [LARGEST[kind]] + after, survives)
            program.call(function, before + ["0"] + after, survives)
            if kind == "int32_t":
                program.call(function, before + ["INT32_MIN"] + after, survives)


def twice(program, function):
    """Calls a function twice with the same objects."""
    result, _, parameters = function
    values = [valid_value(*one) for one in parameters]
    constructs = any(kind.endswith("**") and not kind.startswith("const") for kind, _ in parameters)
    if result == "sac_code" and not constructs:
        def check(result, call):
            return survives(result, call) + " " + survives(result, call)
        program.call(function, values, check)


def main():
    header, output = sys.argv[1:]
    with open(header, encoding="utf-8") as file:
        all_functions = list(functions(file.read()))
    if len(all_functions) < 90:
        sys.exit(f"surface.py: {len(all_functions)} functions were found in {header}")
    program = Program()
    for function in all_functions:
        null_everywhere(program, function)
        if ONLY_NULL.match(function[1]):
            continue
        line_ends_everywhere(program, function)
        extremes_everywhere(program, function)
        twice(program, function)
    body = "\n".join(program.lines)
    with open(output, "w", encoding="utf-8") as file:
        file.write('/* Generated by tests/c/surface.py. */\n#include "surface.h"\n\n')
        file.write("static void call_everything(const char *base_url)\n{\n")
        file.write(body + "\n}\n\n")
        file.write("int main(int argc, char **argv)\n{\n")
        file.write("    const char *base_url = base_url_of(argc, argv);\n")
        file.write("    check_that_injected_field_is_visible(base_url);\n    call_everything(base_url);\n")
        file.write(f'    printf("{len(all_functions)} functions, {program.calls} calls\\n");\n')
        file.write("    return check_result();\n}\n")


main()
