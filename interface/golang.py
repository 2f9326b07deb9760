"""The Go side: options for clients and requests, and the steps of the shim."""

from table import MARK, resolve, sentence, wrap

# The parameters of an option by the kind of its value; %s is the name of the parameter in C.
PARAMETERS = {
    "milliseconds": "span time.Duration", "deadline": "span time.Duration", "bytes": "%s int64", "count": "%s int",
    "flag": "%s bool", "guard": "%s bool", "tls_version": "version uint16", "text": "%s string",
    "optional_text": "%s string", "password": "%s string", "optional_path": "%s string", "proxy": "%s string",
    "path": "path string", "pem": "pem []byte",
    "path_pair": "certificatePath, keyPath string", "pem_pair": "certificatePEM, keyPEM []byte",
    "backoff": "base, longest time.Duration", "statuses": "statuses ...int",
    "rate": "requests int, per time.Duration, burst int",
}
NAMES = {
    "milliseconds": "span", "deadline": "span", "tls_version": "version", "path": "path", "backoff": "base, longest",
    "statuses": "statuses", "rate": "requests, per, burst", "pem": "string(pem)",
    "path_pair": "certificatePath, keyPath", "pem_pair": "string(certificatePEM), string(keyPEM)",
}
# How each kind of option calls its C function.
SETTERS = {
    "milliseconds": ("durationOption", "ms C.uint64_t", "ms"), "deadline": ("deadlineOption", "ms C.uint64_t", "ms"),
    "bytes": ("bytesOption", "bytes C.uint64_t", "bytes"), "count": ("countOption", "count C.uint32_t", "count"),
    "flag": ("flagOption", "flag C.bool", "flag"), "guard": ("flagOption", "flag C.bool", "flag"),
    "tls_version": ("tlsOption", "version C.int32_t", "version"),
    "backoff": ("spanOption", "base, longest C.uint64_t", "base, longest"),
    "statuses": ("statusesOption", "statuses *C.uint16_t, count C.size_t", "statuses, count"),
    "rate": ("rateOption", "requests C.uint32_t, per C.uint64_t, burst C.uint32_t", "requests, per, burst"),
    "text": ("textOption", "t *cStrings", "t.orNull(0)"), "optional_path": ("textOption", "t *cStrings", "t.orNull(0)"),
    "optional_text": ("textOption", "t *cStrings", "t.orNull(0)"), "password": ("textOption", "t *cStrings", "t.orNull(0)"),
    "proxy": ("textOption", "t *cStrings", "t.at(0)"), "path": ("textOption", "t *cStrings", "t.at(0)"),
    "pem": ("textOption", "t *cStrings", "t.at(0)"), "path_pair": ("textOption", "t *cStrings", "t.at(0), t.at(1)"),
    "pem_pair": ("textOption", "t *cStrings", "t.at(0), t.at(1)"),
}
STEPS = {
    "milliseconds": "durationStep", "deadline": "deadlineStep", "bytes": "bytesStep", "count": "countStep",
    "flag": "flagStep", "guard": "flagStep", "backoff": "spanStep", "statuses": "statusesStep",
}
# How the shim reads the arguments of a step.
READ = {
    "milliseconds": "read_number(reader)", "deadline": "read_number(reader)", "bytes": "read_number(reader)",
    "count": "(uint32_t)read_number(reader)", "flag": "read_number(reader) != 0", "guard": "read_number(reader) != 0",
}


def camel(word):
    first, *rest = word.split("_")
    return first + "".join(part.capitalize() for part in rest)


def go_words(name):
    """A name as Go writes it, with its initialisms in capitals."""
    initialisms = {"tls", "utf8", "url", "json"}
    return "".join(word.upper() if word in initialisms else word.capitalize() for word in name.split("_"))


def parameters(row):
    text = PARAMETERS[row.kind]
    return text % camel(row.parameters[0][0]) if "%s" in text else text


def names(row):
    return NAMES.get(row.kind, camel(row.parameters[0][0]))


def for_go(text, rows):
    text = resolve(text, rows, lambda row: f"[{'With' if row.client else ''}{row.go}]",
                   lambda code: f"[Err{go_words(code)}]")
    return text.replace("`", "")


def comment(function, row, rows):
    text = [f"{function} sets {row.what}.", *row.more]
    if row.value and isinstance(row.value, str):
        text.append(sentence(row.value.partition("; copied")[0].removesuffix(", copied")))
    if row.kind == "proxy":
        text.append('"" means no proxy. The default is the environment at the time when the client was created.')
    elif row.nullable:
        text.append(f'"" {row.nullable}.')
    elif row.kind == "tls_version":
        text.append("tls.VersionTLS12, the default, or tls.VersionTLS13.")
    elif row.zero:
        text.append(f"{'false' if row.kind in {'flag', 'guard'} else '0'} {row.zero}.")
    if row.kind == "rate":
        text.append("burst: the number of requests that may go at once after a pause; 1 spaces all requests evenly.")
    if row.kind in {"milliseconds", "deadline", "backoff"}:
        text.append("Times are rounded up to whole milliseconds.")
    if row.default is not None and row.kind != "tls_version":
        text.append(f"Default: {row.default_in('go')}.")
    return wrap(for_go(" ".join(text), rows), "// ", 105)


def client_option(row, rows):
    function = f"With{row.go}"
    helper, received, passed = SETTERS[row.kind]
    closure = f"func(core *core, {received}) C.sac_code {{\n" \
        f"\t\treturn C.sac_set_{row.c}(core.pointer, {passed})\n\t}}"
    if helper == "textOption":
        what = '"the file "+strconv.Quote(path)' if row.kind == "path" else f'"{function}"'
        error = "ErrCertificate" if row.kind.startswith("pem") else row.go_error
        call = f"textOption({error}, {what}, {closure}, {names(row)})"
    else:
        call = f'{helper}("{function}", {names(row)}, {closure})'
    return f"{comment(function, row, rows)}func {function}({parameters(row)}) Option {{\n\treturn {call}\n}}\n\n"


def request_option(row, rows):
    text = wrap(f"{row.go} is like [With{row.go}], but only for this request.", "// ", 105) if row.client \
        else comment(row.go, row, rows)
    return f"{text}func {row.go}({parameters(row)}) RequestOption {{\n" \
        f'\treturn {STEPS[row.kind]}("{row.go}", C.{step(row)}, {names(row)})\n}}\n\n'


def step(row):
    return f"GOSAC_{row.c.upper()}"


def options(rows):
    client = "".join(client_option(row, rows) for row in rows if row.client)
    request = "".join(request_option(row, rows) for row in rows if row.request)
    request += "// settingName is the name of the option of a step; \"\" if the step is not a setting.\n" \
        "func settingName(step byte) string {\n\tswitch step {\n" \
        + "".join(f'\tcase C.{step(row)}:\n\t\treturn "{row.go}"\n' for row in rows if row.request) \
        + "\t}\n\treturn \"\"\n}\n"
    return f"// {MARK}\n\npackage sac\n\n// #include \"shim.h\"\nimport \"C\"\n\nimport (\n\t\"strconv\"\n\t\"time\"\n)\n\n" \
        f"{client}{request}".rstrip() + "\n"


def shim(rows):
    rows = [row for row in rows if row.request]
    text = f"/* The steps that are settings. {MARK} */\n#ifndef GOSAC_SETTING_H\n#define GOSAC_SETTING_H\n\n"
    text += "/* The numbers follow those of gosac_step. */\nenum gosac_setting {\n"
    text += ",\n".join(f"    {step(row)}{' = 64' if i == 0 else ''}" for i, row in enumerate(rows)) + "\n};\n\n#endif\n"
    return text


def steps(rows):
    text = f"/* Applies a step that is a setting. {MARK} Part of shim.c. */\n" \
        "static sac_code apply_setting(sac_request *request, int step, reader *reader)\n{\n    uint64_t first;\n\n" \
        "    switch (step) {\n"
    for row in rows:
        if not row.request:
            continue
        text += f"    case {step(row)}:\n"
        if row.kind == "backoff":
            text += f"        first = read_number(reader);\n" \
                f"        return sac_request_set_{row.c}(request, first, read_number(reader));\n"
        elif row.kind == "statuses":
            text += f"        return set_statuses(request, reader);\n"
        else:
            text += f"        return sac_request_set_{row.c}(request, {READ[row.kind]});\n"
    return text + "    default:\n        return SAC_ERR_INTERNAL;\n    }\n}\n"


def files(rows):
    return {
        "bindings/go/setting_generated.go": options(rows),
        "bindings/go/shim_setting.h": shim(rows),
        "bindings/go/shim_steps.h": steps(rows),
    }
