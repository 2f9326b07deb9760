"""How scripts and tests check: each check is counted, and the next one goes on if one has failed. Needs nothing of
the project, so that tests outside of it can take this file along."""

import contextlib
import os
import sys
import tempfile
import time
import traceback

# A longer output is shown without its middle.
LINES_SHOWN = 160


class Failed(Exception):
    """Says what is wrong, and where to look."""


def expect(truth, what):
    if not truth:
        raise Failed(what)


def heading(text):
    print(f"\n== {text} ==", flush=True)


class Checks:
    """Runs checks, says what came of each, and counts.

    What a check prints is shown if it fails; if `live`, it is shown at once, under a heading."""

    def __init__(self, live=False):
        self.live = live
        self.passed, self.failed, self.skipped = [], [], []

    def check(self, name, action, *arguments, **options):
        """A check is passed if the action returns, and failed if it raises. A text that it returns is shown."""
        begun = time.monotonic()
        fault = text = None
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as log:
            if self.live:
                heading(name)
            with contextlib.nullcontext() if self.live else redirected(log):
                try:
                    text = action(*arguments, **options)
                except Failed as failure:
                    fault = str(failure)
                except Exception as error:  # A fault of a check fails this check, not the others.
                    fault = str(error) or type(error).__name__
                    traceback.print_exc()
            seconds = time.monotonic() - begun
            if fault is None:
                self.passed.append(name)
                print(f"ok      {name}" + (f" ({seconds:.0f} s)" if seconds >= 1 else ""))
            else:
                self.failed.append(name)
                print(f"FAILED  {name}: {fault}")
                log.seek(0)
                print(shortened(log.read()), end="")
        if isinstance(text, str):
            print("".join(f"        {line}\n" for line in text.strip().splitlines()), end="")
        sys.stdout.flush()

    def skip(self, name, reason):
        """Says what is not tried, and what it would take."""
        self.skipped.append(name)
        print(f"skipped {name}: {reason}", flush=True)

    def summary(self):
        """The counts in a line, with the names of what failed and what was skipped."""
        line = f"{len(self.passed)} passed, {len(self.failed)} failed, {len(self.skipped)} skipped"
        for word, names in (("failed", self.failed), ("skipped", self.skipped)):
            if names:
                line += f"; {word}: {', '.join(names)}"
        return line


@contextlib.contextmanager
def redirected(file):
    """What this process and those that it starts print goes to a file in between."""
    outputs = (sys.stdout, sys.stderr)
    for output in outputs:
        output.flush()
    kept = [os.dup(1), os.dup(2)]
    os.dup2(file.fileno(), 1)
    os.dup2(file.fileno(), 2)
    try:
        yield
    finally:
        for number, (output, descriptor) in enumerate(zip(outputs, kept), 1):
            output.flush()
            os.dup2(descriptor, number)
            os.close(descriptor)


def shortened(text):
    lines = text.splitlines(keepends=True)
    if len(lines) > LINES_SHOWN:
        half = LINES_SHOWN // 2
        lines = lines[:half] + [f"… {len(lines) - LINES_SHOWN} lines …\n"] + lines[-half:]
    return "".join(f"        {line}" for line in lines)
