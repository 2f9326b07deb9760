"""Runs and counts checks; after a failed check the next one runs. Needs no other file of the project, so that tests
outside of it can use this file."""

import concurrent.futures
import contextlib
import multiprocessing
import os
import sys
import tempfile
import time
import traceback

# A longer output is printed without its middle.
LINES_SHOWN = 160


class Failed(Exception):
    """The message says what is wrong, and where to look."""


def expect(truth, what):
    if not truth:
        raise Failed(what)


def heading(text):
    print(f"\n== {text} ==", flush=True)


class Checks:
    """Runs checks, reports the result of each, and counts them.

    The output of a check is printed if the check fails; with `live`, it is printed at once, under a heading."""

    def __init__(self, live=False):
        self.live = live
        self.passed, self.failed, self.skipped = [], [], []

    def check(self, name, action, *arguments, **options):
        """A check passes if the action returns, and fails if it raises. A text that the action returns is printed."""
        if self.live:
            heading(name)
            self.report(name, *perform(action, arguments, options))
        else:
            self.report(name, *perform_quietly(action, arguments, options))

    def check_together(self, checks):
        """Runs checks at the same time, one on each processor. Each is a name, a function and its arguments.

        A check has its own process, so that its output does not mix with that of the others."""
        fork = multiprocessing.get_context("fork")
        with concurrent.futures.ProcessPoolExecutor(os.cpu_count(), mp_context=fork) as processes:
            results = [(name, processes.submit(perform_quietly, action, arguments, {})) for name, action, *arguments in checks]
            for name, result in results:
                try:
                    self.report(name, *result.result())
                except concurrent.futures.process.BrokenProcessPool:
                    self.report(name, "its process has ended", None, 0)

    def report(self, name, fault, text, seconds, log=""):
        """Counts a check, and prints its result."""
        if fault is None:
            self.passed.append(name)
            print(f"ok      {name}" + (f" ({seconds:.0f} s)" if seconds >= 1 else ""))
        else:
            self.failed.append(name)
            print(f"FAILED  {name}: {fault}")
            print(shortened(log), end="")
        if isinstance(text, str):
            print("".join(f"        {line}\n" for line in text.strip().splitlines()), end="")
        sys.stdout.flush()

    def skip(self, name, reason):
        """Reports a check that does not run, and what it needs."""
        self.skipped.append(name)
        print(f"skipped {name}: {reason}", flush=True)

    def summary(self):
        """The counts in one line, with the names of the failed and the skipped checks."""
        line = f"{len(self.passed)} passed, {len(self.failed)} failed, {len(self.skipped)} skipped"
        for word, names in (("failed", self.failed), ("skipped", self.skipped)):
            if names:
                line += f"; {word}: {', '.join(names)}"
        return line


def perform(action, arguments, options):
    """Runs the action of a check. Returns what is wrong, if anything, the text that it returns, and the seconds."""
    start = time.monotonic()
    fault = text = None
    try:
        text = action(*arguments, **options)
    except Failed as failure:
        fault = str(failure)
    except Exception as error:  # A bug in a check fails only this check.
        fault = str(error) or type(error).__name__
        traceback.print_exc()
    return fault, text, time.monotonic() - start


def perform_quietly(action, arguments, options):
    """Like `perform`, and also returns the output of the action."""
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as log:
        with redirected(log):
            result = perform(action, arguments, options)
        log.seek(0)
        return *result, log.read()


@contextlib.contextmanager
def redirected(file):
    """Redirects the output of this process and its children to a file."""
    outputs = (sys.stdout, sys.stderr)
    for output in outputs:
        output.flush()
    saved = [os.dup(1), os.dup(2)]
    os.dup2(file.fileno(), 1)
    os.dup2(file.fileno(), 2)
    try:
        yield
    finally:
        for number, (output, descriptor) in enumerate(zip(outputs, saved), 1):
            output.flush()
            os.dup2(descriptor, number)
            os.close(descriptor)


def shortened(text):
    lines = text.splitlines(keepends=True)
    if len(lines) > LINES_SHOWN:
        half = LINES_SHOWN // 2
        lines = lines[:half] + [f"… {len(lines) - LINES_SHOWN} lines …\n"] + lines[-half:]
    return "".join(f"        {line}" for line in lines)
