"""The entry: reads the command line, runs the command, and says what came of it. scripts/run starts it."""

import argparse
import inspect
import os
import sys

import abi
import build
import c
import dependencies
import rust
import system
import tools
from checks import Checks, Failed
from project import COMMANDS, ROOT

# In the order of the list of commands.
SUBJECTS = [build, rust, c, system, abi, dependencies, tools]


def perform(name, options):
    """Runs a command. Returns what came of it, `passed`, `FAILED` or `skipped`, and the counts of its checks."""
    function, _ = COMMANDS[name]
    try:
        result = function(**options)
    except Failed as failure:
        print(f"{name}: {failure}", file=sys.stderr, flush=True)
        return "FAILED", str(failure).splitlines()[0]
    if not isinstance(result, Checks):
        return ("FAILED" if result is False else "passed"), ""
    print(result.summary(), flush=True)
    state = "FAILED" if result.failed else "passed" if result.passed else "skipped"
    return state, result.summary()


def read_arguments(words):
    """The options of a command, by name."""
    options = vars(parser().parse_args(words))
    del options["command"]
    return options


def parser():
    top = argparse.ArgumentParser(
        prog="scripts/run", description=overview(), formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="scripts/run COMMAND [--help] …",
    )
    subparsers = top.add_subparsers(dest="command", metavar="COMMAND", required=True, help=argparse.SUPPRESS)
    for name, (function, arguments) in COMMANDS.items():
        sub = subparsers.add_parser(name, prog=f"scripts/run {name}", description=inspect.getdoc(function),
                                    formatter_class=argparse.RawDescriptionHelpFormatter)
        for names, options in arguments:
            sub.add_argument(*names, **options)
    return top


def overview():
    """The commands with the first line of their documentation, by subject."""
    lines = ["`scripts/run COMMAND --help` explains a command. Most are targets of make as well."]
    for module in SUBJECTS:
        lines += ["", " ".join(inspect.getdoc(module).split("\n\n")[0].split())]
        for name, (function, _) in COMMANDS.items():
            if function.__module__ == module.__name__:
                summary = inspect.getdoc(function).split("\n")[0].rstrip(".")
                lines.append(f"  {name:15} {summary[0].lower()}{summary[1:]}")
    return "\n".join(lines)


def main():
    os.chdir(ROOT)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True)
    words = ["--help" if word == "help" else word for word in sys.argv[1:2]] + sys.argv[2:]
    options = read_arguments(words)
    state, _ = perform(words[0], options)
    return 1 if state == "FAILED" else 0


if __name__ == "__main__":
    sys.exit(main())
