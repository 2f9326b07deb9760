"""All that is measured, and in which order."""

import contextlib
import dataclasses
import os

from . import cold, counters, machine, peers, servers
from .client import Client, Target
from .rounds import Effort, compare

BASIC = ("raw", "curl", "cpr", "sac-c", "sac-cpp", "net-http-go", "sac-go", "net-http-ruby", "faraday", "sac-ruby", "requests")


@dataclasses.dataclass(frozen=True)
class Scenario:
    """One comparison on a kept connection and one thread."""

    key: str
    path: str
    bytes: int
    mode: str
    peers: tuple
    lives: int = 5


SMALL = "/json/200"
SCENARIOS = (
    Scenario("json-200", SMALL, 200, "json", (*BASIC, "sac-ruby-main", "original")),
    Scenario("json-10k", "/json/10240", 10240, "json", (*BASIC, "curl-jansson", "original")),
    Scenario("binary-1m", "/binary/1048576", 1048576, "binary", BASIC, lives=9),
    Scenario("binary-10m", "/binary/10485760", 10485760, "binary", BASIC, lives=9),
    Scenario("value-200", SMALL, 200, "value", tuple(peer.key for peer in peers.ALL if peer.reads_values)),
    Scenario("value-10k", "/json/10240", 10240, "value", tuple(peer.key for peer in peers.ALL if peer.reads_values)),
)
THREADS = (1, 4, 16, 64)
THREADED = ("raw", "curl", "cpr", "sac-c", "sac-cpp", "net-http-go", "sac-go", "net-http-ruby", "sac-ruby", "requests")
TLS = tuple(peer.key for peer in peers.ALL if peer.tls and peer.key not in ("curl-jansson", "sac-ruby-main"))


def say(what):
    print(what, flush=True)


@contextlib.contextmanager
def one_processor():
    """What is started meanwhile stays on one processor: client and server wait for each other anyway, and how long
    a virtual machine's idle processor takes to wake up is nothing that this is about."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def summarise(courses):
    floor, libcurl, plain = (courses.get(key) for key in (peers.FLOOR, peers.LIBCURL, peers.SAC))
    return {
        key: {
            "us": course.median(),
            "spread": course.spread(),
            "to_floor": course.ratio_to(floor) if floor else None,
            "to_libcurl": course.ratio_to(libcurl) if libcurl else None,
            "to_jansson": course.ratio_to(courses[peers.JANSSON]) if peers.JANSSON in courses else None,
            "over_sac": course.distance_to(plain) if plain else None,
            "resident": course.resident,
            "peak": course.peak,
        }
        for key, course in courses.items()
    }


def side_by_side(chosen, target, effort):
    """Programs in C and C++ among themselves, then those of each other language beside the same programs: what a
    runtime does behind its own turn, such as collecting garbage, takes a processor from whoever comes next."""
    native = [peer for peer in chosen if peer.native]
    references = [peer for peer in native if peer.key in (peers.FLOOR, peers.LIBCURL, peers.JANSSON, peers.SAC)]
    results = {}
    for language in dict.fromkeys(peer.language for peer in chosen if not peer.native):
        others = [peer for peer in chosen if peer.language == language]
        results |= summarise(compare(references + others, target, effort))
    return results | summarise(compare(native, target, effort))


def measure_calls(url, effort):
    results = {}
    for scenario in SCENARIOS:
        say(f"one thread, {scenario.key}")
        own = dataclasses.replace(effort, lives=min(scenario.lives, effort.lives * 2))
        target = Target(url, scenario.path, scenario.bytes, scenario.mode)
        results[scenario.key] = side_by_side(peers.choose(*scenario.peers), target, own)
    return results


def measure_threads(url, effort):
    # To wake sixty-four threads is a good part of a short turn.
    effort = dataclasses.replace(effort, seconds=effort.seconds * 3)
    results = {}
    for threads in THREADS:
        say(f"{threads} threads")
        target = Target(url, SMALL, 200, "json", threads)
        results[str(threads)] = side_by_side(peers.choose(*THREADED), target, effort)
    return results


def measure_tls(nginx, effort):
    results, resumed = {}, {}
    for kind in servers.PORTS:
        say(f"TLS, {kind}")
        target = Target(nginx.base_url(kind), SMALL, 200, "json", roots=nginx.roots)
        results[kind] = side_by_side(peers.choose(*TLS), target, effort)
    for kind in ("resumed", "new"):
        target = Target(nginx.base_url(kind), SMALL, 200, "json", roots=nginx.roots)
        resumed[kind] = {peer.key: share_resumed(peer, target, nginx, kind) for peer in peers.choose(*TLS)}
    return {"times": results, "resumed": resumed}


def share_resumed(peer, target, nginx, kind, calls=20):
    """The share of its handshakes, but for the first, in which a session was resumed; by nginx's own log."""
    before = nginx.lines()
    with Client(peer, target) as client:
        client.call(calls)
    handshakes, resumed = nginx.shook_hands(kind, before)
    return resumed / max(1, handshakes - 1)


def measure_cold(url, nginx, times):
    say("cold start")
    chosen = [peer for peer in peers.there() if peer.key not in (peers.JANSSON, "sac-ruby-main")]
    plain = Target(url, SMALL, 200, "json")
    secure = Target(nginx.base_url("keep"), SMALL, 200, "json", roots=nginx.roots)
    return {
        "plain": cold.start(chosen, plain, times),
        "tls": cold.start([peer for peer in chosen if peer.tls], secure, times),
    }


def measure_counters(url):
    """Instructions and allocations of programs in C and C++; system calls of all."""
    target = Target(url, SMALL, 200, "json")
    results = {}
    for peer in peers.there():
        say(f"counting, {peer.key}")
        own = results[peer.key] = {"system_calls": counters.system_calls(peer, target)}
        if peer.native:
            own["instructions"] = counters.instructions(peer, target)
            own["allocations"] = counters.allocations(peer, target)
    return results


PARTS = ("calls", "tls", "cold", "threads", "counters", "sizes")


def measure(parts, quick):
    """Gives the results of those parts, by their names."""
    effort, times = (Effort(0.002, 1, 1), 3) if quick else (Effort(), 31)
    results = {"machine": machine.describe(), "counter": counters.instruction_counter()}
    with one_processor(), servers.plain() as url, servers.nginx(url, SMALL) as nginx:
        if "calls" in parts:
            results["calls"] = measure_calls(url, effort)
        if "tls" in parts:
            results["tls"] = measure_tls(nginx, effort)
        if "cold" in parts:
            results["cold"] = measure_cold(url, nginx, times)
    with servers.plain() as url:
        if "threads" in parts:
            results["threads"] = measure_threads(url, effort)
        if "counters" in parts:
            results["counters"] = measure_counters(url)
    if "sizes" in parts:
        results["sizes"] = cold.library_sizes()
    return results
