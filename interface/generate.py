#!/usr/bin/env python3
"""Usage: interface/generate.py [--check]

Generates the files from interface/settings.toml, formatted by rustfmt and gofmt. With --check it
writes nothing, and fails if a file does not match the table.
"""

import pathlib
import subprocess
import sys

import conformance
import cpp
import ctest
import golang
import guide
import ruby
import rust
import table

ROOT = table.FOLDER.parent
LANGUAGES = [rust, cpp, golang, ruby, conformance, ctest, guide]


def formatted(path, text):
    """The text after the formatter of its language."""
    command = {".rs": ["rustfmt", "--edition", "2024", "--config-path", str(ROOT)], ".go": ["gofmt"]}
    tool = command.get(pathlib.Path(path).suffix)
    if not tool:
        return text
    return subprocess.run(tool, input=text, capture_output=True, text=True, check=True).stdout


def main():
    check = sys.argv[1:] == ["--check"]
    if sys.argv[1:] and not check:
        sys.exit(__doc__)
    try:
        rows = table.load()
        texts = [file for language in LANGUAGES for file in language.files(rows).items()]
    except ValueError as error:
        sys.exit(f"interface/settings.toml: {error}")
    stale = []
    for path, text in texts:
        text, file = formatted(path, text), ROOT / path
        if file.exists() and file.read_text() == text:
            continue
        stale.append(path)
        if not check:
            file.write_text(text)
            print(f"wrote {path}")
    if check and stale:
        sys.exit(f"does not match interface/settings.toml: {', '.join(stale)}; run `make interface`")


if __name__ == "__main__":
    main()
