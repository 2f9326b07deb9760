#!/usr/bin/env python3
"""Usage: filter_c.py HEADER

Prints include/sac.h for Doxygen, with Doxygen's commands in the comment of each function and
callback: its pages have tables of parameters and errors, and every name is a link.
"""

import re
import sys

import comment
import header


def main(path):
    items = {item.name: item for item in header.read(path)}
    sections, _ = comment.explain(list(items.values()))
    links = Links(items)
    with open(path, encoding="utf-8") as file:
        text = file.read()
    print("/** @file\n * The C interface of libsac.\n */")
    print(header.ITEM.sub(lambda match: rewritten(match, items, sections, links), text))


def rewritten(match, items, sections, links):
    name = next((name for name in sections if re.search(rf"\b{name}\)?\(", match["text"])), None)
    if not name:
        return links.make(match[0].replace("/**\n * ", "/**\n * @brief ", 1))
    return f"/**\n{links.make(commands(sections[name], items[name]))} */\n{match['text']}"


def commands(sections, item):
    lines = [f"@brief {sections.description[0]}", ""]
    for paragraph in sections.description[1:] + sections.inherited:
        lines += [paragraph, ""]
    lines += [f"@param {name} {sections.parameters.get(name, '')}" for _, name in item.parameters]
    if sections.returns:
        lines += [f"@return {sections.returns}"]
    for code, reason in sections.errors:
        lines += [f"@retval {code} {reason}"]
    if sections.errors_elsewhere:
        lines += ["@par Errors", sections.errors_elsewhere]
    lines += ["@par Threads", sections.threads]
    return "".join(f" * {line}\n" for line in lines)


class Links:
    """Quoted names of the interface as links."""

    def __init__(self, items):
        self.items = items

    def make(self, text):
        return re.sub(r"`(\w+)`", self._link, text)

    def _link(self, match):
        return f"@ref {match[1]}" if match[1] in self.items else match[0]


if __name__ == "__main__":
    main(sys.argv[1])
