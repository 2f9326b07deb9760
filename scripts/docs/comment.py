"""The parts of a function's comment in include/sac.h: description, parameters, return value, threads
and errors.

The comments are prose in a known order. A sentence that begins with parameters and a colon is about
them. One that begins with "Returns", "Any thread", "One thread at a time" or "Errors" is about that.
A sentence after it belongs to the same part, up to the end of the paragraph.
"""

import re
from dataclasses import dataclass, field

NAMED = re.compile(r"((?:`\w+`(?:, )?)+): (.*)")
ERROR = re.compile(r"`(SAC_ERR_\w+)`(?: \(([^)]*)\))?")
LIKE = re.compile(r"(?:As|Like) `(sac_\w+)`(?:, but only for this request\.| otherwise\.)")
# The introduction documents the handles, so the functions need not.
HANDLES = {
    "client": "The client.",
    "request": "The request.",
    "response": "The response.",
    "cancel": "The cancel.",
    "node": "The node of a value.",
}
THREADS = ("Any thread", "One thread at a time", "Called on the thread", "Called by several")


@dataclass
class Documentation:
    """The parts of a comment."""

    description: list[str] = field(default_factory=list)
    parameters: dict[str, str] = field(default_factory=dict)
    returns: str = ""
    threads: str = ""
    errors: list[tuple[str, str]] = field(default_factory=list)
    errors_elsewhere: str = ""
    like: str = ""
    inherited: list[str] = field(default_factory=list)


def explain(items):
    """The documentation of each function and callback, by name, and its errors."""
    functions = {item.name: item for item in items if item.kind in ("function", "callback")}
    read = {name: _parse(item) for name, item in functions.items()}
    errors = []
    for name, item in functions.items():
        _complete(item, read[name], read)
        errors += _missing_parts(item, read[name])
    return read, errors


def _parse(item):
    sections = Documentation()
    names = [name for _, name in item.parameters]
    for paragraph in item.comment:
        section = "description"
        sections.description.append("")
        for sentence in _sentences(paragraph):
            section, sentence = _section_of(sentence, names, section)
            _add(sections, section, sentence)
    sections.description = [paragraph for paragraph in sections.description if paragraph]
    return sections


def _sentences(paragraph):
    """Splits at full stops before a capital or a quoted name, outside of parentheses."""
    parts, depth, start = [], 0, 0
    for at, char in enumerate(paragraph):
        depth += {"(": 1, ")": -1}.get(char, 0)
        if depth == 0 and char == "." and re.match(r"\. [A-Z`]", paragraph[at : at + 3]):
            parts.append(paragraph[start : at + 1])
            start = at + 2
    return parts + [paragraph[start:]]


def _section_of(sentence, names, before):
    """The section of a sentence, and the text for it."""
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


def _add(sections, section, sentence):
    if isinstance(section, tuple):
        for name in section:
            sections.parameters[name] = f"{sections.parameters.get(name, '')} {sentence}".strip()
    elif section == "errors":
        sections.errors += ERROR.findall(sentence)
        if not sections.errors:
            sections.errors_elsewhere = sentence
    elif section == "like":
        sections.like = LIKE.fullmatch(sentence)[1]
        sections.description[-1] = f"{sections.description[-1]} {sentence}".strip()
    elif section == "description":
        sections.description[-1] = f"{sections.description[-1]} {sentence}".strip()
    else:
        setattr(sections, section, f"{getattr(sections, section)} {sentence}".strip())


def _complete(item, sections, read):
    """Adds the text of the function that this one refers to, and the default texts."""
    other = read.get(sections.like, Documentation())
    sections.inherited = other.description[1:] if "otherwise" in sections.description[-1] else other.description
    for _, name in item.parameters:
        text = sections.parameters.get(name) or other.parameters.get(name) or HANDLES.get(name)
        if text:
            sections.parameters[name] = text
    sections.threads = sections.threads or other.threads
    sections.errors = sections.errors or other.errors
    sections.errors_elsewhere = sections.errors_elsewhere or other.errors_elsewhere
    sections.returns = sections.returns or (other.returns if item.result != "sac_code" else "")
    if not sections.returns and item.result == "sac_code":
        sections.returns = "`SAC_OK`, or one of the errors."


def _missing_parts(item, sections):
    errors = [
        f"{item.name}: its parameter {name} is not documented"
        for _, name in item.parameters
        if name not in sections.parameters
    ]
    if item.result != "void" and not sections.returns:
        errors.append(f"{item.name}: its return value is not documented")
    if not sections.threads:
        errors.append(f"{item.name}: its threads are not documented")
    if item.result == "sac_code" and not sections.errors:
        errors.append(f"{item.name}: its errors are not documented")
    return errors
