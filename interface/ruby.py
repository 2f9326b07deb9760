"""The Ruby side: the row of each setting, and its signatures."""

from table import MARK, resolve, wrap

# The function of setting.rb that turns a value into arguments.
ARGUMENTS = {
    "milliseconds": "milliseconds", "deadline": "milliseconds", "count": "number", "bytes": "number", "flag": "flag",
    "guard": "guard", "tls_version": "tls_version", "text": "text", "optional_text": "text", "password": "text",
    "proxy": "proxy", "optional_path": "path",
    "path": "path", "pem": "text", "path_pair": "paths", "pem_pair": "texts", "backoff": "span",
    "statuses": "statuses", "rate": "rate",
}
TYPES = {
    "milliseconds": "seconds", "deadline": "seconds", "count": "Integer?", "bytes": "Integer", "flag": "bool",
    "guard": "bool", "tls_version": "String", "text": "String?", "proxy": "String | false | nil",
    "optional_text": "String?", "password": "String?", "optional_path": "path?", "path": "path", "pem": "String", "path_pair": "[path, path]",
    "pem_pair": "[String, String]", "backoff": "Range[Numeric] | [Numeric, Numeric]", "statuses": "Array[Integer]",
    "rate": "Hash[Symbol, Numeric]?",
}
SAYS = {
    "milliseconds": "in seconds", "deadline": "in seconds", "backoff": "a range of seconds", "bytes": "in bytes",
    "rate": "`requests:`, `per:` in seconds and `burst:`, which is 1 by default", "tls_version": '`"1.2"` or `"1.3"`',
    "proxy": "a URL; false for none, nil for the proxy from the environment", "path_pair": "two paths",
    "pem_pair": "two PEM texts", "optional_path": "a path; nil for none",
    "optional_text": "nil for none", "password": "nil for none",
}


def default(row):
    """The default as Ruby writes it, or None."""
    if row.kind == "text":
        return '"libsac/#{VERSION}"'
    if row.default is None or row.kind in {"milliseconds", "deadline"} and row.default == 0:
        return None
    if row.kind == "backoff":
        return f"({row.default[0] / 1000:g}..{row.default[1] / 1000:g})"
    if row.kind == "tls_version":
        return f'"{row.default}"'
    if row.kind == "bytes" and row.default % 2**20 == 0:
        return f"{row.default >> 20} << 20"
    return row.default_in("ruby") if row.kind != "statuses" else f"[{row.default_in('ruby')}]"


# Further options of a client.
SCOPE = [
    ("bearer", "String | false"), ("basic", "[String, String] | false"), ("digest", "[String, String] | false"),
    ("token", "^(Symbol) -> (Token | String) | false"),
    ("bearer_file", "path | false"), ("client_credentials", "Hash[Symbol, untyped] | false"),
    ("refresh_token", "Hash[Symbol, untyped] | false"), ("on_token_saved", "(^(SavedToken) -> untyped)?"),
    ("aws_sigv4", "Hash[Symbol, String?] | false"), ("headers", "headers?"), ("cookies", "headers?"),
    ("on_retry", "(^(Retry) -> untyped)?"), ("on_attempt", "(^(Attempt) -> untyped)?"),
    ("logger", "_Logger?"), ("log_level", "Symbol?"),
    ("symbolize_names", "bool"),
]


def for_ruby(text, rows):
    return resolve(text, rows, lambda row: f"`{row.ruby}`", lambda code: f"`:{code}`")


def entry(row):
    held = [f'"{row.c}"', f":{ARGUMENTS[row.kind]}"] + ([default(row)] if default(row) else [])
    return f"      {row.ruby}: [{', '.join(held)}]"


def line(row, rows):
    text = f"{row.what}, {SAYS[row.kind]}" if row.kind in SAYS else row.what
    text += f"; {default(row)}" if default(row) and row.kind != "text" else ""
    text += ". " + " ".join(row.more) if row.more else "."
    if row.zero and row.kind not in {"milliseconds", "deadline", "rate", "proxy"}:
        text += f" {'false' if row.kind in {'flag', 'guard'} else '0'} {row.zero}."
    text += "" if row.client and row.request else f" Only for a {'client' if row.client else 'call'}."
    first = wrap(for_ruby(f"`{row.ruby}`: {text}", rows), "    # - ", 116)
    head, *rest = first.splitlines(True)
    return head + "".join("    #   " + more.removeprefix("    # - ") for more in rest)


def table(rows):
    text = f"# frozen_string_literal: true\n\n# {MARK}\n\nmodule SAC\n  class Setting\n" \
        "    # All settings by their names in Ruby: the end of the name in C, the kind, and the default.\n    ALL = {\n" \
        + ",\n".join(map(entry, rows)) + "\n    }.transform_values { |row| new(*row) }.freeze\n\n" \
        "    # The settings of a client.\n    OF_CLIENTS = ALL.select { |_, setting| setting.for_clients? }.freeze\n" \
        "    # The settings of a single request.\n" \
        "    OF_REQUESTS = ALL.select { |_, setting| setting.for_requests? }.freeze\n  end\n\n"
    documentation = "".join(line(row, rows) for row in rows).replace("    # ", "  # ")
    return text + "  # The settings of clients and calls. Times are in seconds; nil or 0 means none.\n  #\n" \
        f"{documentation}  SETTINGS = Setting::ALL.keys.freeze\nend\n"


def signatures(rows):
    client = [row for row in rows if row.client]
    options = SCOPE + [(row.ruby, TYPES[row.kind]) for row in client]
    text = f"# {MARK}\n\nmodule SAC\n  SETTINGS: Array[Symbol]\n\n  class Client\n    def configure: (\n"
    text += ",\n".join(f"      ?{name}: {kind}" for name, kind in options) + "\n    ) -> self\n\n"
    for row in client:
        kind = TYPES[row.kind]
        text += f"    def {row.ruby}=: ({kind}) -> untyped\n"
        # What has no default is nil until it is set.
        held = kind if kind == "seconds" or kind.endswith(("?", "nil")) or default(row) else f"{kind}?"
        if not row.secret:
            text += f"    def {row.ruby}: () -> {f'({held})' if ' | ' in held else held}\n"
    return text + "  end\nend\n"


def files(rows):
    return {
        "bindings/ruby/lib/sac/setting_table.rb": table(rows),
        "bindings/ruby/sig/sac/settings.rbs": signatures(rows),
    }
