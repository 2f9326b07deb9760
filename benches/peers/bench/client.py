"""One client process: started, told how many calls to make, timed, and ended."""

import dataclasses
import subprocess
import time

from . import peers


@dataclasses.dataclass(frozen=True)
class Target:
    """What to call, and how: c/peer.h."""

    base_url: str
    path: str
    bytes: int
    mode: str = "json"
    threads: int = 1
    roots: object = None

    def arguments(self, peer, mode=None):
        # What it is there for is to read the value.
        mode = "value" if peer.key == peers.JANSSON else mode or self.mode
        return [*peer.command, self.base_url, self.path, str(self.bytes), mode, str(self.threads)]


class Failed(Exception):
    """A client ended, or said something else than that it is done."""


class Client:
    def __init__(self, peer, target):
        self.peer = peer
        self.process = subprocess.Popen(
            target.arguments(peer),
            env=peers.environment(target.roots),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(timeout=30)

    def call(self, count):
        """Makes that many calls; gives the seconds that they took."""
        start = time.perf_counter()
        self.process.stdin.write(b"%d\n" % count)
        self.process.stdin.flush()
        said = self.process.stdout.readline()
        seconds = time.perf_counter() - start
        if said != b"done\n":
            raise Failed(f"{self.peer.key}: it said {said!r}, and ended with {self.process.poll()}")
        return seconds

    def memory(self):
        """Resident now, and at the most so far; in KiB."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            fields = dict(line.split(":", 1) for line in status)
        return tuple(int(fields[name].split()[0]) for name in ("VmRSS", "VmHWM"))
