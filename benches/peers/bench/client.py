"""One client process: starts it, sends it the numbers of calls, measures the time, and ends it."""

import dataclasses
import subprocess
import time

from . import peers


@dataclasses.dataclass(frozen=True)
class Endpoint:
    """The URL of the calls, and the arguments of c/peer.h."""

    base_url: str
    path: str
    bytes: int
    mode: str = "json"
    threads: int = 1
    roots: object = None

    def arguments(self, peer):
        mode = "value" if peer.parses and self.mode == "json" else self.mode
        return [*peer.command, self.base_url, self.path, str(self.bytes), mode, str(self.threads)]


class Failed(Exception):
    """A client ended, or did not report that it is done."""


class Client:
    def __init__(self, peer, endpoint):
        self.peer = peer
        self.process = subprocess.Popen(
            endpoint.arguments(peer),
            env=peers.environment(endpoint.roots),
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
        """Makes this number of calls. Returns the seconds that they took."""
        start = time.perf_counter()
        self.process.stdin.write(b"%d\n" % count)
        self.process.stdin.flush()
        reply = self.process.stdout.readline()
        seconds = time.perf_counter() - start
        if reply != b"done\n":
            raise Failed(f"{self.peer.key}: it replied {reply!r}, and ended with {self.process.poll()}")
        return seconds

    def memory(self):
        """The resident memory now, and its peak, in KiB."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            fields = dict(line.split(":", 1) for line in status)
        return tuple(int(fields[name].split()[0]) for name in ("VmRSS", "VmHWM"))
