#!/usr/bin/env python3
"""Usage: filter_c.py HEADER

Prints include/sac.h for Doxygen: the comment of each function and callback as Doxygen's own
commands, so that its pages have tables of parameters and errors, and every name is a link.
"""

import re
import sys

import comment
import header


def main(path):
    items = {item.name: item for item in header.read(path)}
    said, _ = comment.explain(list(items.values()))
    links = Links(items)
    with open(path, encoding="utf-8") as file:
        text = file.read()
    print("/** @file\n * The C interface of libsac.\n */")
    print(header.ITEM.sub(lambda match: rewritten(match, items, said, links), text))


def rewritten(match, items, said, links):
    name = next((name for name in said if re.search(rf"\b{name}\)?\(", match["text"])), None)
    if not name:
        return links.make(match[0].replace("/**\n * ", "/**\n * @brief ", 1))
    return f"/**\n{links.make(commands(said[name], items[name]))} */\n{match['text']}"


def commands(said, item):
    lines = [f"@brief {said.description[0]}", ""]
    for paragraph in said.description[1:] + said.inherited:
        lines += [paragraph, ""]
    lines += [f"@param {name} {said.parameters.get(name, '')}" for _, name in item.parameters]
    if said.returns:
        lines += [f"@return {said.returns}"]
    for code, reason in said.errors:
        lines += [f"@retval {code} {reason}"]
    if said.errors_elsewhere:
        lines += ["@par Errors", said.errors_elsewhere]
    lines += ["@par Threads", said.threads]
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
