"""What a copy of the RustSec data says of crates. Imported by check_dependencies.py.

A copy is a folder with `crates` in it, as https://github.com/rustsec/advisory-db has it. cargo-audit and
cargo-deny leave one in cargo's home; RUSTSEC_DB names another."""

import os
import re
from pathlib import Path

try:
    import tomllib
except ImportError:  # Before Python 3.11.
    tomllib = None


def find_copy():
    """The folder of the newest copy on this machine; None where there is none that can be read."""
    if not tomllib:
        return None
    named = os.environ.get("RUSTSEC_DB")
    if named:
        if not (Path(named) / "crates").is_dir():
            raise SystemExit(f"RUSTSEC_DB: {named} has no folder crates")
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
    """Whether a version meets a requirement as cargo reads it, such as `>= 1.2, < 2`."""
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
    """What versions are ordered by (https://semver.org section 11)."""
    numbers, _, before = version.split("+")[0].partition("-")
    parts = [int(part) for part in numbers.split(".")]
    words = [(0, int(word), "") if word.isdigit() else (1, 0, word) for word in before.split(".")]
    return tuple(parts + [0] * (3 - len(parts))), (0, words) if before else (1, [])


def next_of(bound, sign):
    """The first version that a caret (the default) or a tilde leaves out."""
    parts = [int(part) for part in bound.split("+")[0].split("-")[0].split(".")]
    if sign == "~":
        place = min(1, len(parts) - 1)
    else:
        place = next((at for at, part in enumerate(parts) if part), len(parts) - 1)
    return tuple(parts[:place] + [parts[place] + 1] + [0] * (2 - place))


def check_itself():
    """The reading of requirements, which would otherwise pass whatever it misreads."""
    for version, requirement, expected in [
        ("1.2.3", ">= 1.2.3", True), ("1.2.2", ">=1.2.3", False), ("2.0.0", "^1.2", False),
        ("1.9.0", "1.2", True), ("0.2.9", "^0.2.3", True), ("0.3.0", "^0.2.3", False),
        ("1.2.9", "~1.2.3", True), ("1.3.0", "~1.2.3", False), ("1.5.0", ">= 1, < 1.5.0", False),
        ("1.0.0-rc.1", ">= 1.0.0", False), ("1.0.0-rc.2", "> 1.0.0-rc.1", True),
        ("10.0.0", "< 9.0.0", False), ("1.2.3", "=1.2.3", True), ("1.2.4", "<= 1.2.3", False),
    ]:
        if meets(version, requirement) != expected:
            yield f"this check misreads {version} {requirement}"
