"""The programs in the pages, each with its expected output.

A fenced block of C, C++, Go or Ruby is a program, or a piece of one. The next block of `text` is the
output of each program before it. If none follows before the next heading, they print nothing. In the
output, `…` matches anything within a line.
"""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

LANGUAGES = ("c", "cpp", "go", "ruby")
# Pieces of Ruby that run only in an application of Rails, Sidekiq or Puma: only their syntax is checked.
PIECE = "rb"
# Blocks that are not programs: output, and commands for a shell.
OTHERS = ("text", "sh", PIECE)
# The addresses in the pages, which are replaced by those of the test's servers.
PLACES = {
    "http://127.0.0.1:8080": "demo",
    "https://127.0.0.1:8443": "tls",
    "http://127.0.0.1:8090": "digest",
    "http://127.0.0.1:3128": "proxy",
    "/run/shop.sock": "socket",
}
WHOLE = {
    "c": r"^int main\(",
    "cpp": r"^int main\(",
    "go": r"^package main",
    "ruby": r"^",
}
# Code with such a start of a line belongs outside functions. It ends with a line that does not start with a
# space.
OUTSIDE = {
    "c": r"(static|typedef|struct \w+ \{|extern|#include)\b|#include",
    "cpp": r"(static|struct|class|template|extern|namespace)\b|#include",
    "go": r"(func (\(|\w+[(\[])|type )",
    "ruby": r"(?!)",
}


@dataclass
class Snippet:
    """A program; `line` is the number of its first line in the page."""

    page: str
    line: int
    language: str
    text: str
    output: str = ""
    is_piece: bool = False

    @property
    def name(self):
        """Such as `docs_guide_retries_line12`. A file of Go whose name ends with `_386` is for that processor."""
        return re.sub(r"\W", "_", f"{Path(self.page).with_suffix('')}_line{self.line}").lower()

    @property
    def place(self):
        return f"{self.page}:{self.line}"

    @property
    def is_whole(self):
        return bool(re.search(WHOLE[self.language], self.text, re.MULTILINE))

    def parts(self):
        """Splits the text into pieces outside functions and pieces for a function, each a line number and a text."""
        outside, inside = [], []
        lines = self.text.splitlines()
        at = 0
        while at < len(lines):
            end = at + 1
            if re.match(OUTSIDE[self.language], lines[at]):
                end = at + 1 + _rest(lines[at:])
                outside.append((self.line + at, "\n".join(lines[at:end])))
            elif inside and inside[-1][0] + inside[-1][1].count("\n") + 1 == self.line + at:
                inside[-1] = (inside[-1][0], f"{inside[-1][1]}\n{lines[at]}")
            else:
                inside.append((self.line + at, lines[at]))
            at = end
        return outside, inside


def read(path, root):
    """Returns the snippets of a page."""
    snippets, pending = [], []
    block, language, start = None, "", 0
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        fence = re.match(r"```(\S*)", line)
        if block is None and fence:
            block, language, start = [], fence[1], number + 1
            if language not in LANGUAGES + OTHERS:
                sys.exit(f"{path}:{number}: {language!r} is not one of {', '.join(LANGUAGES + OTHERS)}")
        elif block is not None and line == "```":
            text = "".join(f"{one}\n" for one in block)
            block = None
            if language in LANGUAGES:
                page = str(path.relative_to(root))
                pending.append(Snippet(page, start, language, text))
                snippets.append(pending[-1])
            elif language == PIECE:
                snippets.append(Snippet(str(path.relative_to(root)), start, "ruby", text, "Syntax OK", True))
            elif language == "text":
                for snippet in pending:
                    snippet.output = text
                pending = []
        elif block is not None:
            block.append(line)
        elif line.startswith("#"):
            pending = []
    return snippets


def matches(expected, actual):
    """Whether the output of a program matches its page."""
    pattern = re.escape(expected.rstrip()).replace("…", r"[^\n]*")
    return re.fullmatch(pattern, actual.rstrip()) is not None


def _rest(lines):
    """The number of lines after the first that belong to the same definition."""
    if re.search(r"(;|\}|>|\"|\))$", lines[0]) and not lines[0].endswith(")"):
        return 0
    for count, line in enumerate(lines[1:], 1):
        if re.match(r"[})]", line) or (line.endswith(";") and not line.startswith((" ", "\t"))):
            return count
    return len(lines) - 1
