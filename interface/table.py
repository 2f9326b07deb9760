"""Reads and checks the table of the settings, and has the names and texts of each language."""

import pathlib
import re
import textwrap
import tomllib

FOLDER = pathlib.Path(__file__).parent
CODES = (FOLDER.parent / "src/code.rs").read_text()

# A kind of value: the names and types of its parameters in C; the unit in texts.
KINDS = {
    "milliseconds": ([("ms", "uint64_t")], "milliseconds"),
    "deadline": ([("ms", "uint64_t")], "milliseconds"),
    "count": ([(None, "uint32_t")], None),
    "bytes": ([("bytes", "uint64_t")], "bytes"),
    "flag": ([(None, "bool")], None),
    "guard": ([(None, "bool")], None),
    "tls_version": ([(None, "int32_t")], None),
    "text": ([(None, "const char *")], "a string, copied"),
    "optional_text": ([(None, "const char *")], None),
    "password": ([(None, "const char *")], "a string, copied, and wiped when it is no longer used"),
    "proxy": ([(None, "const char *")], None),
    "optional_path": ([(None, "const char *")], None),
    "path": ([(None, "const char *")], None),
    "pem": ([(None, "const char *")], None),
    "path_pair": ([(None, "const char *"), (None, "const char *")], None),
    "pem_pair": ([(None, "const char *"), (None, "const char *")], None),
    "backoff": ([("base", "uint64_t"), ("max", "uint64_t")], "milliseconds"),
    "statuses": ([("statuses", "const uint16_t *"), ("count", "size_t")], None),
    "rate": ([("requests", "uint32_t"), ("per_ms", "uint64_t"), ("burst", "uint32_t")], None),
}

# The kinds that a request may have, and the kinds that only a method of the client sets.
OF_REQUESTS = {"milliseconds", "deadline", "count", "bytes", "flag", "guard", "backoff", "statuses"}
BY_METHOD = {"path", "path_pair", "pem", "pem_pair", "rate"}
# The type of a default.
DEFAULTS = {
    "milliseconds": int, "deadline": int, "count": int, "bytes": int, "flag": bool, "guard": bool, "tls_version": str,
    "backoff": list, "statuses": list,
}

REQUIRED = {"name", "kind", "for", "what", "since"}
OPTIONAL = {
    "default", "zero", "nullable", "more", "value", "errors", "parameter", "parameters", "method", "field",
    "by_hand", "secret", "cpp", "go", "ruby", "go_error",
}
MILLISECONDS = {"milliseconds", "deadline", "backoff"}


class Row:
    """One setting."""

    def __init__(self, given):
        name = given.get("name", "?")
        unknown = set(given) - REQUIRED - OPTIONAL
        missing = REQUIRED - set(given)
        if unknown or missing:
            raise ValueError(f"{name}: unknown {sorted(unknown)}, missing {sorted(missing)}")
        if given["kind"] not in KINDS:
            raise ValueError(f"{name}: there is no kind {given['kind']!r}")
        if not given["for"] or set(given["for"]) - {"client", "request"}:
            raise ValueError(f"{name}: 'for' is a list of \"client\" and \"request\"")
        self.name, self.kind, self.what, self.since = name, given["kind"], given["what"], given["since"]
        self.client, self.request = ("client" in given["for"]), ("request" in given["for"])
        if self.request and self.kind not in OF_REQUESTS:
            raise ValueError(f"{name}: no language can give a {self.kind} to a request yet")
        if self.kind in BY_METHOD and "method" not in given:
            raise ValueError(f"{name}: a {self.kind} needs a method of the client")
        if "method" in given and self.request:
            raise ValueError(f"{name}: a method is the client's, not a request's")
        self.default, self.zero, self.nullable = given.get("default"), given.get("zero"), given.get("nullable")
        if self.default is not None and type(self.default) is not DEFAULTS.get(self.kind):
            raise ValueError(f"{name}: {self.default!r} is no default of a {self.kind}")
        if self.kind in {"flag", "guard"} and (self.default is None or not self.zero):
            raise ValueError(f"{name}: a {self.kind} says its default, and in 'zero' what false does")
        self.more, self.errors = given.get("more", []), given.get("errors", [])
        self.value, self.method = given.get("value"), given.get("method")
        self.field = given.get("field", name)
        self.by_hand = given.get("by_hand", False) or self.kind in {
            "backoff", "statuses", "tls_version", "text", "optional_text", "proxy", "optional_path"}
        self.secret = given.get("secret", False)
        self.go_error = given.get("go_error", "ErrInvalidArgument")
        # In C and in the conformance cases, the name of a time contains its unit.
        self.c = name + ("_ms" if self.kind in MILLISECONDS else "")
        camel = "".join(word.capitalize() for word in name.split("_"))
        self.cpp, self.go, self.ruby = given.get("cpp", camel), given.get("go", camel), given.get("ruby", name)
        self.parameters = self._parameters(given)

    def _parameters(self, given):
        names = given.get("parameters") or [given.get("parameter")]
        names += [None] * len(KINDS[self.kind][0])
        parameters = [(fixed or own, type_) for (fixed, type_), own in zip(KINDS[self.kind][0], names)]
        if any(name is None for name, _ in parameters):
            raise ValueError(f"{self.name}: a {self.kind} needs the name of its parameter")
        return parameters

    @property
    def change(self):
        """The variant of `Change`; None if a method of the client sets it."""
        if self.method and self.kind not in {"pem", "pem_pair"}:
            return None
        return "".join(word.capitalize() for word in self.c.split("_"))

    def default_in(self, language):
        """The default in texts, or None."""
        if self.default is None:
            return None
        if self.kind in MILLISECONDS:
            spans = self.default if isinstance(self.default, list) else [self.default]
            return " and ".join(str(span) if language == "c" else span_text(span, language) for span in spans)
        if self.kind == "bytes" and language != "c" and self.default % 2**20 == 0:
            return f"{self.default >> 20} MiB"
        if isinstance(self.default, bool):
            return str(self.default).lower()
        if isinstance(self.default, list):
            return ", ".join(map(str, self.default))
        return str(self.default)


def span_text(ms, language):
    """A time, as Go and C++ write it; in Ruby in seconds."""
    if language == "ruby":
        return f"{ms / 1000:g}"
    if ms == 0:
        return "0"
    return f"{ms} ms" if ms % 1000 else f"{ms // 1000} s"


def load(path=FOLDER / "settings.toml"):
    """All settings, in the order of the table."""
    with open(path, "rb") as file:
        rows = [Row(given) for given in tomllib.load(file)["setting"]]
    for language in ("name", "c", "cpp", "go", "ruby"):
        names = [getattr(row, language) for row in rows]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"{name} is there twice, as the name in {language}")
    for row in rows:
        for error in row.errors:
            known_code(error.partition(" ")[0])
    return rows


def known_code(name):
    """The name, if there is such a code in src/code.rs."""
    if f"SAC_ERR_{name.upper()}:" not in CODES:
        raise ValueError(f"there is no code {name!r}")
    return name


def wrap(text, prefix, width=100):
    """A paragraph as lines of a comment. Code stays on one line."""
    whole = re.sub(r"`[^`]*`", lambda code: code.group().replace(" ", "\0"), text)
    lines = textwrap.wrap(whole, width - len(prefix), break_long_words=False, break_on_hyphens=False)
    return "".join(f"{prefix}{line}\n" for line in lines).replace("\0", " ")


def sentence(text):
    """The text with a capital and a full stop."""
    return text[0].upper() + text[1:].rstrip(".") + "."


def resolve(text, rows, setting, code):
    """Replaces references by the names of settings and codes in a language."""
    def name(match):
        kind, what = match.groups()
        if kind == "code":
            return code(known_code(what))
        found = next((row for row in rows if row.name == what), None)
        if found is None:
            raise ValueError(f"there is no setting {what!r}, which a text names")
        return setting(found)
    return re.sub(r"\{(setting|code):(\w+)\}", name, text)


MARK = "Generated from interface/settings.toml by `make interface`. Do not edit."
