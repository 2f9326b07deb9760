#!/usr/bin/env python3
"""Usage: man.py HEADER FOLDER VERSION DATE

Writes the manual of the C interface into FOLDER: a page in section 3 for each function, callback
and type, one for the codes and one for the other constants, each also under every constant's name,
and libsac(7), an overview. Ends with 1 if a part of a comment is missing.
"""

import os
import re
import sys

import comment
import header

GROUPS = [
    ("The client", "sac_client_"),
    ("Headers, cookies, credentials", "sac_add_", "sac_remove_"),
    ("Settings", "sac_set_"),
    ("Calls", "sac_get", "sac_delete", "sac_post_", "sac_put_", "sac_patch_", "sac_send", "sac_responses_"),
    ("Requests", "sac_request_"),
    ("Cancelling", "sac_cancel_"),
    ("Responses", "sac_response_"),
    ("Streams", "sac_stream_", "sac_event_"),
    ("Values in JSON", "sac_json_"),
    ("Other functions", "sac_"),
]


class Manual:
    """All pages, with links to each other."""

    def __init__(self, path, folder, version, date):
        self.items = header.read(path)
        self.introduction = header.introduction(path)
        self.sections, self.errors = comment.explain(self.items)
        self.folder, self.version, self.date = folder, version, date
        self.pages = {item.name for item in self.items if item.kind != "constant"} | {"sac_constants"}
        self.constants = {item.name: item for item in self.items if item.kind == "constant"}

    def write(self):
        """Every page."""
        for item in self.items:
            if item.kind in ("function", "callback"):
                self._page(item.name, summary_of(item), self._function(item))
            elif item.kind in ("type", "struct") and item.name != "sac_code":
                self._page(item.name, summary_of(item), self._type(item))
        self._codes()
        self._constants()
        self._overview()

    def _page(self, name, summary, lines, section=3):
        top = [
            f'.TH {name.upper()} {section} "{self.date}" "libsac {self.version}" "Simple API Client"',
            ".ad l",
            ".nh",
            ".SH NAME",
            f"{name} \\- {self.prose(summary)}",
        ]
        self._write(f"{name}.{section}", top + lines)

    def _write(self, name, lines):
        folder = os.path.join(self.folder, "man" + name.rsplit(".", 1)[1])
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")

    def _function(self, item):
        sections = self.sections[item.name]
        lines = synopsis(item) + [".SH DESCRIPTION"] + self._paragraphs(sections.description)
        if sections.inherited:
            lines += [".PP"] + self._paragraphs(sections.inherited)
        if sections.parameters:
            lines.append(".SH PARAMETERS")
            for _, name in item.parameters:
                lines += [".TP", f".I {name}", self.prose(sentence(sections.parameters.get(name, "")))]
        for title, text in (("RETURN VALUE", sections.returns), ("THREADS", sections.threads)):
            if text:
                lines += [f".SH {title}", self.prose(sentence(text))]
        if sections.errors or sections.errors_elsewhere:
            lines.append(".SH ERRORS")
        for code, reason in sections.errors:
            text = sentence(reason) if reason else self.constants[code].comment[0]
            lines += [".TP", f".B {code}", self.prose(text)]
        if sections.errors_elsewhere:
            lines.append(self.prose(sections.errors_elsewhere))
        return lines + self._see_also(item)

    def _type(self, item):
        lines = [".SH SYNOPSIS", ".nf", ".B #include <sac.h>", ".PP"]
        if item.members:
            lines += [f"typedef struct {item.name} {{"]
            lines += [f"    {escape(member.text)}" for member in item.members]
            lines += [f"}} {item.name};"]
        else:
            lines += [f".B {escape(item.text)}"]
        lines += [".fi", ".SH DESCRIPTION"] + self._paragraphs(item.comment)
        for member in item.members:
            lines += [".TP", f".I {member.name}"] + self._paragraphs(member.comment)
        users = [
            other.name
            for other in self.items
            if other.kind == "function" and re.search(rf"\b{item.name}\b", other.text)
        ]
        return lines + see_also(users)

    def _codes(self):
        item = next(item for item in self.items if item.name == "sac_code")
        codes = [one for one in self.constants.values() if re.match(r"SAC_(OK$|ERR_)", one.name)]
        lines = [".SH SYNOPSIS", ".nf", ".B #include <sac.h>", ".PP", f".B {item.text}", ".fi"]
        lines += [".SH DESCRIPTION"] + self._paragraphs(item.comment)
        lines += [".PP", "The numbers never change."] + self._list(codes)
        self._page("sac_code", summary_of(item), lines + see_also(["sac_code_name", "sac_code_message"]))
        self._aliases(codes, "sac_code")

    def _constants(self):
        others = [one for one in self.constants.values() if not re.match(r"SAC_(OK$|ERR_)", one.name)]
        lines = [".SH SYNOPSIS", ".nf", ".B #include <sac.h>", ".fi", ".SH DESCRIPTION"]
        lines += ["The constants of arguments and results, except the codes, which are in"]
        lines += [f"{reference('sac_code')}."] + self._list(others)
        related = ["sac_json_state", "sac_json_type", "sac_set_min_tls", "sac_add_signed_cookie", "sac_set_logger", "sac_hmac",
                   "sac_webhook_verify"]
        self._page("sac_constants", "constants of libsac", lines + see_also(related))
        self._aliases(others, "sac_constants")

    def _list(self, constants):
        lines = []
        for one in constants:
            number = one.text.split()[-1]
            lines += [".TP", f".BR {one.name} \" = {number}\""] + self._paragraphs(one.comment)
        return lines

    def _aliases(self, constants, page):
        for one in constants:
            link = os.path.join(self.folder, "man3", f"{one.name}.3")
            if not os.path.islink(link):
                os.symlink(f"{page}.3", link)

    def _overview(self):
        paragraphs, rules = self.introduction
        lines = [".SH SYNOPSIS", ".nf", ".B #include <sac.h>", ".PP", "cc program.c \\-lsac", ".fi"]
        lines += [".SH DESCRIPTION", self.prose(paragraphs[0]), ".PP", paragraphs[-1]]
        for rule in rules:
            lines += [".IP \\(bu 2", self.prose(rule)]
        functions = [item for item in self.items if item.kind == "function"]
        for title, *prefixes in GROUPS:
            members = [item for item in functions if item.name.startswith(tuple(prefixes))]
            functions = [item for item in functions if item not in members]
            lines.append(f".SS {title}")
            for item in members:
                lines += [".TP", f".BR {item.name} (3)", self.prose(sentence(summary_of(item)))]
        self._page("libsac", "the Simple API Client", lines + self._overview_end(), 7)

    def _overview_end(self):
        types = [item.name for item in self.items if item.kind not in ("function", "constant")]
        return see_also(types + ["sac_constants"])

    def _paragraphs(self, paragraphs):
        lines = []
        for text in paragraphs:
            lines += ([".PP"] if lines else []) + [self.prose(text)]
        return lines

    def _see_also(self, item):
        text = " ".join(item.comment)
        names = re.findall(r"`(sac_\w+)`", text) + [name.rstrip(" *") for name in re.findall(r"\bsac_\w+", item.text)]
        return see_also(name for name in names if name != item.name)

    def prose(self, text):
        """Text with fonts for its quoted words; a line that begins with a full stop is not a macro."""

        def quoted(match):
            word = match[1]
            if word in self.pages:
                return reference(word)
            bold = word in self.constants or not re.fullmatch(r"\w+", word) or word.endswith("…")
            return f"\\f{'B' if bold else 'I'}{escape(word)}\\fR"

        parts = re.split(r"(`[^`]+`)", text)
        out = "".join(
            re.sub(r"`([^`]+)`", quoted, part) if part.startswith("`") else escape(part) for part in parts
        )
        return re.sub(r"^([.'])", r"\\&\1", out)


def reference(name):
    return f"\\fB{name}\\fR(3)"


def escape(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return text.replace("'", "\\(aq").replace('"', "\\(dq").replace("^", "\\(ha").replace("~", "\\(ti")


def sentence(text):
    """The text with a capital and a full stop."""
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "…")) else text + "."


def summary_of(item):
    """The first sentence in the style of a NAME section."""
    text = item.summary.rstrip(".")
    return text[0].lower() + text[1:] if text[1:2].islower() or text[1:2] == " " else text


def synopsis(item):
    result = item.result if item.result.endswith("*") else item.result + " "
    name = f"(*{item.name})" if item.kind == "callback" else item.name
    start = f"{'typedef ' if item.kind == 'callback' else ''}{result}{name}("
    indent = " " * len(start)
    lines = [".SH SYNOPSIS", ".nf", ".B #include <sac.h>", ".PP"]
    if not item.parameters:
        return lines + [f'.B "{start}void);"', ".fi"]
    for number, (type_, parameter) in enumerate(item.parameters):
        front = start if number == 0 else indent
        gap = "" if type_.endswith("*") else " "
        end = ");" if number == len(item.parameters) - 1 else ","
        lines.append(f'.BI "{front}{type_}{gap}" {parameter} "{end}"')
    return lines + [".fi"]


def see_also(names):
    names = sorted(dict.fromkeys(name for name in names if not name.endswith("_")))
    pages = [f".BR {name} (3)," for name in names] + [".BR libsac (7)"]
    return [".SH SEE ALSO"] + pages


if __name__ == "__main__":
    manual = Manual(*sys.argv[1:5])
    manual.write()
    for error in manual.errors:
        print(error, file=sys.stderr)
    sys.exit(1 if manual.errors else 0)
