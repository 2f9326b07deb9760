"""Reads include/sac.h: its functions, types and constants, each with its comment.

The header is generated, so its format is known: a comment of `/** … */`, then one declaration.
"""

import re
from dataclasses import dataclass, field

ITEM = re.compile(
    r"^/\*\*\n(?P<comment>(?: \*.*\n)+?) \*/\n(?P<text>(?:#define .*|typedef struct \w+ \{"
    r"[\s\S]*?\n\} \w+;|[^\n#/][^;]*;))",
    re.MULTILINE,
)
MEMBER = re.compile(r"/\*\*\n(?P<comment>(?: +\*.*\n)+?) +\*/\n +(?P<text>[^;]+;)")


@dataclass
class Item:
    """A declaration; each entry of the comment is a paragraph."""

    kind: str  # constant, struct, type, callback or function
    name: str
    comment: list[str]
    text: str
    result: str = ""
    parameters: list[tuple[str, str]] = field(default_factory=list)  # type, name
    members: list["Item"] = field(default_factory=list)

    @property
    def summary(self):
        """The first sentence, without its full stop."""
        return re.split(r"(?<=[^.])[.;:] ", self.comment[0] + " ")[0]


def read(path):
    """The items of a header, in order."""
    with open(path, encoding="utf-8") as file:
        return [_item(match) for match in ITEM.finditer(file.read())]


def introduction(path):
    """The comment at the top: its paragraphs, and the entries of its list."""
    with open(path, encoding="utf-8") as file:
        top = re.match(r"/\*\n((?: \*.*\n)+?) \*/", file.read())
    lines = [line[3:] for line in top[1].splitlines()]
    start = next(number for number, line in enumerate(lines) if line.startswith(" - "))
    entries = re.sub(r"\n +(?!- )", " ", "\n".join(lines[start:]))
    return _paragraphs(lines[:start]), [entry.lstrip(" -") for entry in entries.splitlines()]


def _item(match):
    text = " ".join(match["text"].split())
    comment = _paragraphs([line.strip()[2:] for line in match["comment"].splitlines()])
    if constant := re.match(r"#define (\w+)", text):
        return Item("constant", constant[1], comment, text)
    if struct := re.match(r"typedef struct (\w+) \{", text):
        members = [_member(member) for member in MEMBER.finditer(match["text"])]
        return Item("struct", struct[1], comment, text, members=members)
    if callback := re.match(r"typedef (.+?)\(\*(\w+)\)\((.*)\);", text):
        return _function("callback", callback[2], comment, text, callback[1], callback[3])
    if named := re.match(r"typedef .*?(\w+);", text):
        return Item("type", named[1], comment, text)
    function = re.match(r"(.+?)(sac_\w+)\((.*)\);", text)
    return _function("function", function[2], comment, text, function[1], function[3])


def _member(match):
    text = " ".join(match["text"].split())
    comment = _paragraphs([line.strip()[2:] for line in match["comment"].splitlines()])
    return Item("member", re.search(r"(\w+);$", text)[1], comment, text)


def _function(kind, name, comment, text, result, parameters):
    pairs = []
    for parameter in parameters.split(", ") if parameters != "void" else []:
        split = re.match(r"(.*?)(\w+)$", parameter)
        pairs.append((split[1].strip(), split[2]))
    return Item(kind, name, comment, text, result.strip(), pairs)


def _paragraphs(lines):
    return [" ".join(part.split()) for part in "\n".join(lines).split("\n\n") if part.strip()]
