"""The speed of the JSON parsers of libsac, simdjson and yyjson, on the documents of benches/json.rs.

`scripts/run bench-json` starts it to print their table."""

import pathlib
import random
import subprocess

from . import peers

FOLDER = peers.BUILT / "documents"
PROGRAMS = {"libsac": ("json-sac", "--measure"), "simdjson": ("json-simdjson",), "yyjson": ("json-yyjson",)}


def command(parser):
    program, *options = PROGRAMS[parser]
    return [str(peers.BUILT / program), *options]


def write_documents():
    FOLDER.mkdir(exist_ok=True)
    subprocess.run([str(peers.BUILT / "json-sac"), "--write", str(FOLDER)], check=True)
    return sorted(FOLDER.glob("*.json"))


def measure(parser, document):
    """MB/s of each reading of the document."""
    printed = subprocess.check_output([*command(parser), str(document)], text=True)
    return {reading: int(speed) for _, reading, speed in (line.split("\t") for line in printed.splitlines())}


def speeds(rounds):
    """For each document its size, and MB/s by parser and reading: the highest of all rounds, because other activity of
    the machine only makes a run slower. The parsers take turns in a random order."""
    built = [parser for parser in PROGRAMS if pathlib.Path(command(parser)[0]).exists()]
    results = {}
    for document in write_documents():
        fastest = {parser: {} for parser in built}
        for _ in range(rounds):
            for parser in random.sample(built, len(built)):
                for reading, speed in measure(parser, document).items():
                    fastest[parser][reading] = max(speed, fastest[parser].get(reading, 0))
        results[document.stem.replace("-", " ")] = {"bytes": document.stat().st_size, "speeds": fastest}
    return results


def rows(results):
    """A row for each document and reading: their names, and the speed of each parser, or an empty text."""
    for document, own in results.items():
        for reading in dict.fromkeys(reading for speeds_of in own["speeds"].values() for reading in speeds_of):
            speeds_of = [own["speeds"].get(parser, {}).get(reading, "") for parser in PROGRAMS]
            yield [f"{document}, {own['bytes'] / 1000:.0f} KB", reading, *map(str, speeds_of)]


if __name__ == "__main__":
    for row in [["MB/s", "", *PROGRAMS], *rows(speeds(rounds=5))]:
        print("{:24} {:16} {:>9} {:>9} {:>9}".format(*row))
