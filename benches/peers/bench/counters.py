"""Figures that do not depend on the load of the machine: instructions, system calls and allocations per call.

Each is counted in two complete runs with different numbers of calls; the difference belongs to the calls."""

import pathlib
import re
import shutil
import subprocess
import tempfile

from . import peers


def run(peer, endpoint, calls, prefix=(), extra=None):
    """Runs a client for this number of calls under a counting program. Returns the standard error output."""
    done = subprocess.run(
        [*prefix, *endpoint.arguments(peer)],
        env={**peers.environment(endpoint.roots), **(extra or {})},
        input=f"{calls}\n",
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{peer.key} under {prefix}: {done.stderr}")
    return done.stderr


def for_each_call(count, fewer, more):
    """The figure per call; `count(calls)` returns the total of a run."""
    return (count(more) - count(fewer)) / (more - fewer)


def perf_counts():
    """Whether perf can count instructions; virtual machines often do not allow it."""
    if shutil.which("perf") is None:
        return False
    attempt = subprocess.run(["perf", "stat", "-x,", "-e", "instructions:u", "true"], capture_output=True, text=True)
    return attempt.returncode == 0 and re.match(r"\d+,", attempt.stderr) is not None


def instruction_counter():
    return "perf stat" if perf_counts() else "valgrind --tool=callgrind"


def counting_program():
    """The command that counts instructions, and a pattern for the count that it prints."""
    if perf_counts():
        return ("perf", "stat", "-x,", "-e", "instructions:u"), r"^(\d+),"
    return ("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"), r"Collected : (\d+)"


def can_count_instructions(peer, endpoint):
    """Whether the counting program knows all instructions: valgrind lacks some that `-march=native` may use."""
    try:
        run(peer, endpoint, 1, counting_program()[0])
    except RuntimeError as error:
        if "Illegal opcode" in str(error):
            return False
        raise
    return True


def instructions(peer, endpoint):
    prefix, pattern = counting_program()

    def count(calls):
        return int(re.search(pattern, run(peer, endpoint, calls, prefix), re.MULTILINE).group(1))

    return for_each_call(count, 200, 1200)


def system_calls(peer, endpoint):
    def count(calls):
        with tempfile.NamedTemporaryFile("r", suffix=".strace") as table:
            run(peer, endpoint, calls, ("strace", "-f", "-c", "-o", table.name))
            return sum(int(line.split()[3]) for line in pathlib.Path(table.name).read_text().splitlines()
                       if re.match(r"\s*\d+\.\d+\s.*(?<!total)$", line))

    return for_each_call(count, 100, 600)


def allocations(peer, endpoint):
    def count(calls):
        text = run(peer, endpoint, calls, extra={"LD_PRELOAD": str(peers.BUILT / "count_malloc.so")})
        return int(re.search(r"^allocations (\d+)", text, re.MULTILINE).group(1))

    return for_each_call(count, 100, 1100)
