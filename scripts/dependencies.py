"""The dependencies of the project."""

import json
import os
import re
from pathlib import Path

from checks import Checks, Failed, expect
from crates import Graph
from project import command

try:
    import tomllib
except ImportError:  # Before Python 3.11.
    tomllib = None

REGISTRY = "registry+https://github.com/rust-lang/crates.io-index"
ALLOWED = {
    "MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "ISC", "BSD-2-Clause", "BSD-3-Clause",
    "0BSD", "Zlib", "Unicode-3.0",
}
# The licences of crates that only help to build or test.
ALLOWED_FOR_TOOLS = ALLOWED | {"MPL-2.0"}
# Crates that are in the library in two versions, each with the reason.
TWICE = {}


@command()
def test_deps():
    """The dependencies: licences, sources, duplicates, withdrawn or vulnerable versions, documentation.

    Uses cargo's data on this machine. The known vulnerabilities are those of a copy of the RustSec data, a folder with
    `crates` in it like https://github.com/rustsec/advisory-db. cargo-audit and cargo-deny keep a copy in cargo's home;
    the environment variable RUSTSEC_DB names another one."""
    checks, graph = Checks(), Graph()
    library, copy = graph.in_the_library(), find_copy()

    def check(name, faults):
        checks.check(name, expect_none, faults)

    check("this check reads licences", check_reading_of_licences())
    check("this check reads versions", check_reading_of_versions())
    check("licences", check_licences(graph, library))
    check("sources", check_sources(graph))
    check("no crate twice", check_duplicates(graph, library))
    check("no withdrawn version", check_withdrawn(graph))
    check("a line in docs/dependencies.md for each", check_documented(graph))
    if copy:
        # A list, so that notes without a fault are printed before.
        check(f"no known vulnerability in the RustSec data of {copy}", list(check_advisories(graph, library, copy)))
    else:
        checks.skip("known vulnerabilities", "there is no readable copy of the RustSec data (needs Python 3.11; "
        "cargo audit makes a copy, RUSTSEC_DB names one)")
    print(f"{len(library) - 1} crates in the library, {len(graph.packages)} in all")
    return checks


def expect_none(faults):
    """Fails if there are faults."""
    faults = list(faults)
    expect(not faults, "\n".join(faults))


def allows(expression, allowed):
    """Whether an SPDX expression allows one of these licences."""
    # Old crates write MIT/Apache-2.0.
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
            yield f"{name} is no longer there twice: take it off the list in scripts/dependencies.py"


def index_entries(name):
    """The entries of a crate in cargo's copy of the registry's index, a dictionary for each version."""
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
    """Vulnerable crates, and unsound crates of the library. Other advisories, for example for unmaintained crates, are
    only printed."""
    for package, data in sorted(graph.packages.items()):
        for name, kind, title in advisories(copy, data["name"], data["version"]):
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
        yield f"{name} has a line in docs/dependencies.md, but is not a dependency"


def check_reading_of_licences():
    """Tests the reading of licences, whose errors would otherwise stay unnoticed."""
    for expression, expected in [
        ("MIT", True), ("GPL-3.0", False), ("MIT OR GPL-3.0", True), ("MIT AND GPL-3.0", False),
        ("(MIT OR GPL-3.0) AND Unicode-3.0", True), ("MIT/Apache-2.0", True), ("MPL-2.0", False),
        ("GPL-2.0 OR (ISC AND Zlib)", True), ("Apache-2.0 WITH LLVM-exception", True),
    ]:
        if allows(expression, ALLOWED) != expected:
            yield f"this check misreads the licence {expression}"


def find_copy():
    """The folder of the newest copy on this machine; None if there is no readable copy."""
    if not tomllib:
        return None
    named = os.environ.get("RUSTSEC_DB")
    if named:
        if not (Path(named) / "crates").is_dir():
            raise Failed(f"RUSTSEC_DB: {named} has no folder crates")
        return Path(named)
    home = Path(os.environ.get("CARGO_HOME", Path.home() / ".cargo"))
    copies = [home / "advisory-db", *home.glob("advisory-dbs/*")]
    copies = [copy for copy in copies if (copy / "crates").is_dir()]
    return max(copies, key=lambda copy: copy.stat().st_mtime, default=None)


def advisories(copy, name, version):
    """The advisories that concern this version of a crate: id, kind and title of each."""
    for file in sorted((copy / "crates" / name).glob("RUSTSEC-*.md")):
        text = file.read_text(encoding="utf-8")
        front = re.match(r"```toml\n(.*?)\n```", text, re.S)
        data = tomllib.loads(front.group(1))
        advisory, versions = data["advisory"], data.get("versions", {})
        safe = versions.get("patched", []) + versions.get("unaffected", [])
        if "withdrawn" not in advisory and not any(meets(version, one) for one in safe):
            title = re.search(r"^# (.*)$", text[front.end():], re.M)
            kind = advisory.get("informational", "vulnerability").strip()
            yield advisory["id"], kind, title.group(1) if title else ""


def meets(version, requirement):
    """Whether a version meets a requirement in cargo's syntax, for example `>= 1.2, < 2`."""
    return all(compares(version, part.strip()) for part in requirement.split(","))


def compares(version, part):
    sign, bound = re.fullmatch(r"(>=|<=|>|<|=|\^|~)?\s*(\S+)", part).groups()
    this, that = key(version), key(bound)
    if sign == ">=":
        return this >= that
    if sign == "<=":
        return this <= that
    if sign == ">":
        return this > that
    if sign == "<":
        return this < that
    if sign == "=":
        return this == that
    return that <= this < (next_of(bound, sign),)


def key(version):
    """The sort key of a version (https://semver.org section 11)."""
    numbers, _, before = version.split("+")[0].partition("-")
    parts = [int(part) for part in numbers.split(".")]
    words = [(0, int(word), "") if word.isdigit() else (1, 0, word) for word in before.split(".")]
    return tuple(parts + [0] * (3 - len(parts))), (0, words) if before else (1, [])


def next_of(bound, sign):
    """The first version that a caret (the default) or a tilde excludes."""
    parts = [int(part) for part in bound.split("+")[0].split("-")[0].split(".")]
    if sign == "~":
        place = min(1, len(parts) - 1)
    else:
        place = next((at for at, part in enumerate(parts) if part), len(parts) - 1)
    return tuple(parts[:place] + [parts[place] + 1] + [0] * (2 - place))


def check_reading_of_versions():
    """Tests the reading of requirements, whose errors would otherwise stay unnoticed."""
    for version, requirement, expected in [
        ("1.2.3", ">= 1.2.3", True), ("1.2.2", ">=1.2.3", False), ("2.0.0", "^1.2", False),
        ("1.9.0", "1.2", True), ("0.2.9", "^0.2.3", True), ("0.3.0", "^0.2.3", False),
        ("1.2.9", "~1.2.3", True), ("1.3.0", "~1.2.3", False), ("1.5.0", ">= 1, < 1.5.0", False),
        ("1.0.0-rc.1", ">= 1.0.0", False), ("1.0.0-rc.2", "> 1.0.0-rc.1", True),
        ("10.0.0", "< 9.0.0", False), ("1.2.3", "=1.2.3", True), ("1.2.4", "<= 1.2.3", False),
    ]:
        if meets(version, requirement) != expected:
            yield f"this check misreads {version} {requirement}"
