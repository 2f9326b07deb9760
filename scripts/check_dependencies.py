#!/usr/bin/env python3
"""What the project depends on is what it says it depends on: licences that it allows, sources that
it trusts, no version that was withdrawn, no crate twice that need not be, and a line in
docs/dependencies.md for each that it names itself. Works on what cargo has on this machine. Where that
has a copy of the RustSec data (RUSTSEC_DB, or cargo's home), no crate has a known vulnerability."""

import json
import re
import sys
from pathlib import Path

sys.dont_write_bytecode = True

import advisories
from crates import Graph

REGISTRY = "registry+https://github.com/rust-lang/crates.io-index"
ALLOWED = {
    "MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "ISC", "BSD-2-Clause", "BSD-3-Clause",
    "0BSD", "Zlib", "Unicode-3.0",
}
# What only helps to build or to test may also be under these.
ALLOWED_FOR_TOOLS = ALLOWED | {"MPL-2.0"}
# Crates that are in the library in two versions, each with the reason why that cannot be helped.
TWICE = {}


def allows(expression, allowed):
    """Whether an SPDX expression leaves a choice that is allowed."""
    # The crates of old write MIT/Apache-2.0.
    words = re.findall(r"[()]|[^\s()]+", expression.replace("/", " OR ").replace(" WITH ", "_WITH_"))

    def joined(word, part, judge):
        parts = [part()]
        while words[:1] == [word]:
            words.pop(0)
            parts.append(part())
        return judge(parts)

    def either():
        return joined("OR", both, any)

    def both():
        return joined("AND", one, all)

    def one():
        word = words.pop(0)
        if word == "(":
            result = either()
            words.pop(0)
            return result
        return word.replace("_WITH_", " WITH ") in allowed

    return either()


def check_licences(graph, library):
    for package, data in sorted(graph.packages.items()):
        allowed = ALLOWED if package in library else ALLOWED_FOR_TOOLS
        if not allows(data["license"] or "(none)", allowed):
            yield f"{graph.name(package)} is under {data['license']}"


def check_sources(graph):
    for package, data in graph.packages.items():
        if package not in graph.members and data["source"] != REGISTRY:
            yield f"{graph.name(package)} comes from {data['source'] or data['manifest_path']}"


def check_duplicates(graph, library):
    versions = {}
    for package in library:
        versions.setdefault(graph.packages[package]["name"], set()).add(package)
    for name, several in versions.items():
        if len(several) > 1 and name not in TWICE:
            yield f"{name} is in the library {len(several)} times"
    for name in TWICE:
        if len(versions.get(name, ())) < 2:
            yield f"{name} is no longer there twice: take it off the list in {sys.argv[0]}"


def index_entries(name):
    """What cargo's copy of the registry's index says of a crate, a dictionary for each version."""
    folder = {1: "1", 2: "2", 3: f"3/{name[0]}"}.get(len(name), f"{name[:2]}/{name[2:4]}")
    for index in (Path.home() / ".cargo/registry/index").glob("*/.cache"):
        entry = index / folder / name
        if entry.exists():
            for part in entry.read_bytes().split(b"\0"):
                if part.startswith(b"{"):
                    yield json.loads(part)


def check_withdrawn(graph):
    for data in graph.packages.values():
        for entry in index_entries(data["name"].lower()):
            if entry["vers"] == data["version"] and entry["yanked"]:
                yield f"{data['name']} {data['version']} has been withdrawn"


def check_advisories(graph, library, copy):
    """Of those in the library also what is unsound; that one is no longer kept is only said."""
    for package, data in sorted(graph.packages.items()):
        for name, kind, title in advisories.advisories(copy, data["name"], data["version"]):
            line = f"{graph.name(package)}: {name}, {kind}: {title}"
            if kind == "vulnerability" or (kind == "unsound" and package in library):
                yield line
            else:
                print(line)


def check_documented(graph):
    text = Path("docs/dependencies.md").read_text(encoding="utf-8")
    cells = [line.split("|")[1] for line in text.splitlines() if line.startswith("| ")]
    named = {name for cell in cells for name in re.findall(r"[a-z][\w-]*", re.sub(r"\(.*?\)", "", cell))}
    named.discard("crate")
    used = {dependency["name"] for dependency in graph.packages[graph.root]["dependencies"]}
    for name in sorted(used - named):
        yield f"{name} has no line in docs/dependencies.md"
    for name in sorted(named - used):
        yield f"{name} has a line in docs/dependencies.md, and nobody needs it"


def check_itself():
    """The reading of licences, which would otherwise pass whatever it misreads."""
    for expression, expected in [
        ("MIT", True), ("GPL-3.0", False), ("MIT OR GPL-3.0", True), ("MIT AND GPL-3.0", False),
        ("(MIT OR GPL-3.0) AND Unicode-3.0", True), ("MIT/Apache-2.0", True), ("MPL-2.0", False),
        ("GPL-2.0 OR (ISC AND Zlib)", True), ("Apache-2.0 WITH LLVM-exception", True),
    ]:
        if allows(expression, ALLOWED) != expected:
            yield f"this check misreads the licence {expression}"


def main():
    graph = Graph()
    library = graph.in_the_library()
    copy = advisories.find_copy()
    faults = [
        *check_itself(), *advisories.check_itself(), *check_licences(graph, library), *check_sources(graph),
        *check_duplicates(graph, library), *check_withdrawn(graph), *check_documented(graph),
        *(check_advisories(graph, library, copy) if copy else ()),
    ]
    for fault in faults:
        print(f"dependencies: {fault}", file=sys.stderr)
    if copy:
        print(f"every crate was looked up in the RustSec data of {copy}")
    else:
        print("NOT TRIED: no copy of the RustSec data can be read here (Python 3.11; cargo audit makes a copy, RUSTSEC_DB names one)")
    print(f"{len(library) - 1} crates in the library, {len(graph.packages)} in all, "
          f"{len(faults)} faults")
    return 1 if faults else 0


sys.exit(main())
