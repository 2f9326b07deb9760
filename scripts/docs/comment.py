"""The parts of a function's comment in include/sac.h: what it does, each parameter, what it returns,
on which threads it may be called, and its errors.

The comments are prose in a known order. A sentence that begins with parameters and a colon is about
them, one that begins with "Returns", "Any thread", "One thread at a time" or "Errors" about that,
and a sentence behind it goes on with the same, up to the end of the paragraph.
"""

import re
from dataclasses import dataclass, field

NAMED = re.compile(r"((?:`\w+`(?:, )?)+): (.*)")
ERROR = re.compile(r"`(SAC_ERR_\w+)`(?: \(([^)]*)\))?")
LIKE = re.compile(r"(?:As|Like) `(sac_\w+)`(?:, but only for this request\.| otherwise\.)")
# What is said of all handles in the introduction need not be said of each.
HANDLES = {
    "client": "The client.",
    "request": "The request.",
    "response": "The response.",
    "cancel": "The cancel.",
}
THREADS = ("Any thread", "One thread at a time", "Called on the thread", "Called by several")


@dataclass
class Documentation:
    """A comment, taken apart."""

    description: list[str] = field(default_factory=list)
    parameters: dict[str, str] = field(default_factory=dict)
    returns: str = ""
    threads: str = ""
    errors: list[tuple[str, str]] = field(default_factory=list)
    errors_elsewhere: str = ""
    like: str = ""
    inherited: list[str] = field(default_factory=list)


def explain(items):
    """The documentation of each function and callback, by name, and what is wrong with it."""
    functions = {item.name: item for item in items if item.kind in ("function", "callback")}
    read = {name: _take_apart(item) for name, item in functions.items()}
    faults = []
    for name, item in functions.items():
        _complete(item, read[name], read)
        faults += _faults(item, read[name])
    return read, faults


def _take_apart(item):
    said = Documentation()
    names = [name for _, name in item.parameters]
    for paragraph in item.comment:
        place = "description"
        said.description.append("")
        for sentence in _sentences(paragraph):
            place, sentence = _place(sentence, names, place)
            _add(said, place, sentence)
    said.description = [paragraph for paragraph in said.description if paragraph]
    return said


def _sentences(paragraph):
    """Cut at stops before a capital or a quoted name, outside of brackets."""
    parts, depth, start = [], 0, 0
    for at, char in enumerate(paragraph):
        depth += {"(": 1, ")": -1}.get(char, 0)
        if depth == 0 and char == "." and re.match(r"\. [A-Z`]", paragraph[at : at + 3]):
            parts.append(paragraph[start : at + 1])
            start = at + 2
    return parts + [paragraph[start:]]


def _place(sentence, names, before):
    """Where a sentence belongs, and what is left to be said there."""
    named = NAMED.match(sentence)
    if named:
        about = re.findall(r"\w+", named[1])
        if all(name in names for name in about):
            return tuple(about), named[2]
    if sentence.startswith("Returns "):
        return "returns", sentence[len("Returns ") :]
    if sentence.startswith(THREADS):
        return "threads", sentence
    if sentence.startswith("Errors"):
        return "errors", sentence
    if LIKE.fullmatch(sentence):
        return "like", sentence
    if sentence.startswith(("Both ", "All ", "Blocks ")):
        return "description", sentence
    return before, sentence


def _add(said, place, sentence):
    if isinstance(place, tuple):
        for name in place:
            said.parameters[name] = f"{said.parameters.get(name, '')} {sentence}".strip()
    elif place == "errors":
        said.errors += ERROR.findall(sentence)
        if not said.errors:
            said.errors_elsewhere = sentence
    elif place == "like":
        said.like = LIKE.fullmatch(sentence)[1]
        said.description[-1] = f"{said.description[-1]} {sentence}".strip()
    elif place == "description":
        said.description[-1] = f"{said.description[-1]} {sentence}".strip()
    else:
        setattr(said, place, f"{getattr(said, place)} {sentence}".strip())


def _complete(item, said, read):
    """Adds what stands at the function that this one is like, and what goes without saying."""
    other = read.get(said.like, Documentation())
    said.inherited = other.description[1:] if "otherwise" in said.description[-1] else other.description
    for _, name in item.parameters:
        text = said.parameters.get(name) or other.parameters.get(name) or HANDLES.get(name)
        if text:
            said.parameters[name] = text
    said.threads = said.threads or other.threads
    said.errors = said.errors or other.errors
    said.errors_elsewhere = said.errors_elsewhere or other.errors_elsewhere
    said.returns = said.returns or (other.returns if item.result != "sac_code" else "")
    if not said.returns and item.result == "sac_code":
        said.returns = "`SAC_OK`, or one of the errors."


def _faults(item, said):
    faults = [
        f"{item.name}: nothing is said of its parameter {name}"
        for _, name in item.parameters
        if name not in said.parameters
    ]
    if item.result != "void" and not said.returns:
        faults.append(f"{item.name}: nothing is said of what it returns")
    if not said.threads:
        faults.append(f"{item.name}: nothing is said of the threads on which it may be called")
    if item.result == "sac_code" and not said.errors:
        faults.append(f"{item.name}: nothing is said of its errors")
    return faults
