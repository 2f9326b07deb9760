"""Reads the command line, runs the command, and reports the result. scripts/run starts it."""

import argparse
import contextlib
import inspect
import os
import signal
import subprocess
import sys
import tempfile
import time
import traceback

import abi
import benchmarks
import build
import c
import dependencies
import install_test
import languages
import package
import peers
import programs
import reference
import rust
import system
import tools
from checks import Checks, Failed, heading
from project import COMMANDS, ROOT, argument, command

# In the order of the list of commands.
SUBJECTS = [build, rust, c, system, languages, programs, peers, benchmarks, abi, dependencies, reference, package, install_test, tools]

# The commands of `make test`.
GROUPS = [
    "check-interface", "check-header", "fmt", "check-lints", "clippy", "test-deps", "test-rust", "test-symbols",
    "test-abi", "test-c", "test-panic", "test-system", "conformance", "test-interop", "test-oauth2", "test-cpp", "test-go",
    "test-ruby", "test-docs", "test-guide", "test-sanitize", "test-soak", "test-install",
]
# A group that runs beside the others, from another one on. It uses one processor for most of its time, and builds into
# separate folders, except for the debug build, which exists by then and stays the same after test-panic.
ASIDE, ASIDE_FROM = "test-install", "test-system"


@command(argument("groups", nargs="*", metavar="GROUP", help="for example test-c; the default is all"))
def test(groups):
    """Set up the tools, run every check, and print one summary.

    Works in a new clone: root on a system with apt-get installs the missing tools. All groups run, even if one
    fails."""
    unknown = [name for name in groups if name not in GROUPS]
    if unknown:
        raise Failed(f"no group of checks: {' '.join(unknown)} (there are: {' '.join(GROUPS)})")
    tools.set_up("test")
    groups, rows, start = groups or GROUPS, [], time.monotonic()
    with contextlib.ExitStack() as stack:
        aside = None
        for name in groups:
            if aside is None and ASIDE in groups and GROUPS.index(name) >= GROUPS.index(ASIDE_FROM):
                aside = stack.enter_context(Aside(ASIDE))
            heading(name)
            state, detail, seconds = aside.finish() if name == ASIDE else timed(name)
            rows.append((name, state, f"{seconds:6.0f} s", detail))
    heading("summary")
    for name, state, seconds, detail in rows:
        print(f"{name:16} {state:7} {seconds}  {detail}")
    states = [row[1] for row in rows]
    print(f"{states.count('passed')} passed, {states.count('FAILED')} failed, {states.count('skipped')} skipped, "
          f"in {time.monotonic() - start:.0f} s")
    return "FAILED" not in states


class Aside:
    """A group in a process of its own, from the start of the `with` statement. Its output appears when it has ended."""

    def __init__(self, name):
        self.name = name

    def __enter__(self):
        self.output = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")
        self.start = time.monotonic()
        self.process = subprocess.Popen([ROOT / "scripts/run", self.name], stdout=self.output, stderr=subprocess.STDOUT)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.output.close()

    def finish(self):
        """Waits for the end. Returns the same as `timed`."""
        self.process.wait()
        seconds = time.monotonic() - self.start
        self.output.seek(0)
        text = self.output.read()
        print(text, end="", flush=True)
        detail = (text.splitlines() or [""])[-1]
        return "FAILED" if self.process.returncode else "passed", detail, seconds


def timed(name):
    """Runs a group. Returns its state, the counts of its checks, and the seconds."""
    start = time.monotonic()
    return *perform(name, read_arguments([name])), time.monotonic() - start


def perform(name, options):
    """Runs a command. Returns its state, `passed`, `FAILED` or `skipped`, and the counts of its checks."""
    function, _ = COMMANDS[name]
    try:
        result = function(**options)
    except Failed as failure:
        print(f"{name}: {failure}", file=sys.stderr, flush=True)
        return "FAILED", str(failure).splitlines()[0]
    except Exception as error:  # A bug in the command; the traceback says where.
        traceback.print_exc()
        return "FAILED", str(error)
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
    lines = ["`scripts/run COMMAND --help` explains a command. Most are also targets of make."]
    for module in [sys.modules["__main__"], *SUBJECTS]:
        title = inspect.getdoc(module).split("\n\n")[0] if module in SUBJECTS else "Everything."
        lines += ["", " ".join(title.split())]
        for name, (function, _) in COMMANDS.items():
            if function.__module__ == module.__name__:
                summary = inspect.getdoc(function).split("\n")[0].rstrip(".")
                lines.append(f"  {name:15} {summary[0].lower()}{summary[1:]}")
    return "\n".join(lines)


def main():
    os.chdir(ROOT)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True)
    # An exit leaves the `with` statements, which end the servers.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    words = ["--help" if word == "help" else word for word in sys.argv[1:2]] + sys.argv[2:]
    options = read_arguments(words)
    state, _ = perform(words[0], options)
    return 1 if state == "FAILED" else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
