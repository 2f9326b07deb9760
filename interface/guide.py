"""The table of settings in the guide."""

from table import KINDS, MARK, resolve

UNITS = {"milliseconds": "ms", "deadline": "ms", "backoff": "ms", "bytes": "bytes"}


def in_c(row):
    names = ([f"`sac_set_{row.c}`"] if row.client else []) + ([f"`sac_request_set_{row.c}`"] if row.request else [])
    return "<br>".join(names)


def in_go(row):
    return ", ".join(([f"`With{row.go}`"] if row.client else []) + ([f"`{row.go}`"] if row.request else []))


def default(row):
    if row.default is None:
        return ""
    text = row.default_in("c")
    return f"{text} {UNITS[row.kind]}" if row.kind in UNITS else text


def line(row):
    return f"| {row.name} | {in_c(row)} | `{row.cpp}` | {in_go(row)} | `{row.ruby}` | {default(row)} |\n"


def section(row, rows):
    text = " ".join([row.what[0].upper() + row.what[1:] + ".", *row.more])
    if row.zero:
        nothing = {"flag": "`false`", "guard": "`false`", "proxy": "An empty string"}.get(row.kind, "0")
        text += f" {nothing} {row.zero}."
    if row.nullable:
        text += f" NULL (`nil`, no value) {row.nullable}."
    text = resolve(text, rows, lambda row: f"*{row.name}*", lambda code: f"`SAC_ERR_{code.upper()}`")
    who = " and ".join([name for name, has in (("clients", row.client), ("requests", row.request)) if has])
    return f"## {row.name}\n\n{text} For {who}, since {row.since}.\n\n"


def page(rows):
    return f"# Settings\n\n<!-- {MARK} -->\n\n" \
        "The settings of a client apply to all its calls. The settings of a request replace them for that request.\n" \
        "Times are milliseconds in C, `std::chrono` durations in C++, `time.Duration` in Go and seconds in Ruby.\n\n" \
        "| setting | C | C++ | Go | Ruby | default |\n| --- | --- | --- | --- | --- | --- |\n" \
        + "".join(map(line, rows)) + "\n" + "".join(section(row, rows) for row in rows).rstrip() + "\n"


def files(rows):
    return {"docs/guide/settings.md": page(rows)}
