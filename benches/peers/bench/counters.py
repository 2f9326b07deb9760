"""What does not move with the machine's mood: instructions, system calls and allocations for each call.

Each is counted for two whole runs of a client with different numbers of calls; the difference is the calls' own."""

import pathlib
import re
import shutil
import subprocess
import tempfile

from . import peers


def run(peer, target, calls, prefix=(), extra=None):
    """Runs a client for so many calls under a program that counts; gives what that wrote on standard error."""
    done = subprocess.run(
        [*prefix, *target.arguments(peer)],
        env={**peers.environment(target.roots), **(extra or {})},
        input=f"{calls}\n",
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{peer.key} under {prefix}: {done.stderr}")
    return done.stderr


def for_each_call(count, fewer, more):
    """`count(calls)` gives a total."""
    return (count(more) - count(fewer)) / (more - fewer)


def perf_counts():
    """Whether perf may count instructions here; virtual machines often do not let it."""
    if shutil.which("perf") is None:
        return False
    tried = subprocess.run(["perf", "stat", "-x,", "-e", "instructions:u", "true"], capture_output=True, text=True)
    return tried.returncode == 0 and re.match(r"\d+,", tried.stderr) is not None


def instruction_counter():
    return "perf stat" if perf_counts() else "valgrind --tool=callgrind"


def instructions(peer, target):
    if perf_counts():
        prefix, pattern = ("perf", "stat", "-x,", "-e", "instructions:u"), r"^(\d+),"
    else:
        prefix = ("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null")
        pattern = r"Collected : (\d+)"

    def count(calls):
        return int(re.search(pattern, run(peer, target, calls, prefix), re.MULTILINE).group(1))

    return for_each_call(count, 200, 1200)


def system_calls(peer, target):
    def count(calls):
        with tempfile.NamedTemporaryFile("r", suffix=".strace") as table:
            run(peer, target, calls, ("strace", "-f", "-c", "-o", table.name))
            return sum(int(line.split()[3]) for line in pathlib.Path(table.name).read_text().splitlines()
                       if re.match(r"\s*\d+\.\d+\s.*(?<!total)$", line))

    return for_each_call(count, 100, 600)


def allocations(peer, target):
    def count(calls):
        said = run(peer, target, calls, extra={"LD_PRELOAD": str(peers.BUILT / "count_malloc.so")})
        return int(re.search(r"^allocations (\d+)", said, re.MULTILINE).group(1))

    return for_each_call(count, 100, 1100)
