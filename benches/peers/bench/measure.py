"""All measurements, and their order."""

import contextlib
import dataclasses
import math
import os

from . import cold, counters, machine, parsers, peers, servers
from .client import Client, Endpoint
from .rounds import Effort, compare

BASIC = tuple(peer.key for peer in peers.ALL if not peer.parses and peer.key not in ("sac-ruby-main", "original"))
PARSING = tuple(peer.key for peer in peers.ALL if peer.parses)
READING = tuple(peer.key for peer in peers.ALL if peer.reads_values)


@dataclasses.dataclass(frozen=True)
class Scenario:
    """One comparison with one thread and a kept connection."""

    key: str
    path: str
    bytes: int
    mode: str
    peers: tuple
    restarts: int = 5


SMALL = "/json/200"
FEW_FIELDS = "/json/200/two-fields"
SCENARIOS = (
    Scenario("json-200", SMALL, 200, "json", (*BASIC, "sac-ruby-main", "original")),
    Scenario("json-10k", "/json/10240", 10240, "json", (*BASIC, *PARSING, "original")),
    Scenario("json-1m", "/json/1048576", 1048576, "json", (*BASIC, *PARSING), restarts=9),
    Scenario("binary-1m", "/binary/1048576", 1048576, "binary", BASIC, restarts=9),
    Scenario("binary-10m", "/binary/10485760", 10485760, "binary", BASIC, restarts=9),
    Scenario("value-200", SMALL, 200, "value", READING),
    Scenario("value-10k", "/json/10240", 10240, "value", READING),
    Scenario("walk", "/list/1000", 110288, "walk", READING),
)
THREADS = (1, 4, 16, 64)
THREADED = tuple(key for key in BASIC if key != "faraday")
TLS = tuple(peer.key for peer in peers.ALL if peer.tls and not peer.parses and peer.key != "sac-ruby-main")


def say(what):
    print(what, flush=True)


@contextlib.contextmanager
def one_processor():
    """Keeps the processes that start in this block on one processor. Client and server wait for each other anyway, and
    the time that an idle processor of a virtual machine takes to wake up is not part of the comparison."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def summarise(series_of):
    floor, libcurl, plain = (series_of.get(key) for key in (peers.FLOOR, peers.LIBCURL, peers.SAC))
    return {
        key: {
            "us": series.median(),
            "spread": series.spread(),
            "to_floor": series.ratio_to(floor) if floor else None,
            "to_libcurl": series.ratio_to(libcurl) if libcurl else None,
            "to_yyjson": series.ratio_to(series_of[peers.YYJSON]) if peers.YYJSON in series_of else None,
            "over_sac": series.distance_to(plain) if plain else None,
            "resident": series.resident,
            "peak": series.peak,
        }
        for key, series in series_of.items()
    }


def side_by_side(chosen, endpoint, effort):
    """Compares the programs in C and C++, then those of each other language with the same references. The reason is that
    the work of a runtime after its turn, such as garbage collection, takes a processor from the next program. The other
    languages start less often, because their start takes most of the time, and no target depends on them."""
    native = [peer for peer in chosen if peer.native]
    references = [peer for peer in native if peer.key in (peers.FLOOR, peers.LIBCURL, peers.YYJSON, peers.SAC)]
    fewer = dataclasses.replace(effort, restarts=math.ceil(effort.restarts / 2))
    results = {}
    for language in dict.fromkeys(peer.language for peer in chosen if not peer.native):
        others = [peer for peer in chosen if peer.language == language]
        results |= summarise(compare(references + others, endpoint, fewer))
    return results | summarise(compare(native, endpoint, effort))


def measure_calls(url, effort):
    results = {}
    for scenario in SCENARIOS:
        say(f"one thread, {scenario.key}")
        own = dataclasses.replace(effort, restarts=min(scenario.restarts, effort.restarts * 2))
        endpoint = Endpoint(url, scenario.path, scenario.bytes, scenario.mode)
        results[scenario.key] = side_by_side(peers.choose(*scenario.peers), endpoint, own)
    return results


def measure_threads(url, effort):
    # The turns are longer here, because waking 64 threads takes a large part of a short turn.
    effort = dataclasses.replace(effort, seconds=effort.seconds * 3)
    results = {}
    for threads in THREADS:
        say(f"{threads} threads")
        endpoint = Endpoint(url, SMALL, 200, "json", threads)
        results[str(threads)] = side_by_side(peers.choose(*THREADED), endpoint, effort)
    return results


def measure_tls(nginx, effort):
    results, resumed = {}, {}
    for kind in servers.PORTS:
        say(f"TLS, {kind}")
        endpoint = Endpoint(nginx.base_url(kind), SMALL, 200, "json", roots=nginx.roots)
        results[kind] = side_by_side(peers.choose(*TLS), endpoint, effort)
    for kind in ("resumed", "new"):
        endpoint = Endpoint(nginx.base_url(kind), SMALL, 200, "json", roots=nginx.roots)
        resumed[kind] = {peer.key: share_resumed(peer, endpoint, nginx, kind) for peer in peers.choose(*TLS)}
    return {"times": results, "resumed": resumed}


def share_resumed(peer, endpoint, nginx, kind, calls=20):
    """The share of handshakes with a resumed session, without the first handshake; from nginx's log."""
    before = nginx.lines()
    with Client(peer, endpoint) as client:
        client.call(calls)
    handshakes, resumed = nginx.handshakes(kind, before)
    return resumed / max(1, handshakes - 1)


def measure_cold(url, nginx, times):
    say("cold start")
    chosen = [peer for peer in peers.built() if not peer.parses and peer.key != "sac-ruby-main"]
    plain = Endpoint(url, SMALL, 200, "json")
    secure = Endpoint(nginx.base_url("keep"), SMALL, 200, "json", roots=nginx.roots)
    return {
        "plain": cold.start(chosen, plain, times),
        "tls": cold.start([peer for peer in chosen if peer.tls], secure, times),
    }


def measure_counters(url):
    """The instructions and allocations of programs in C and C++, and the system calls of all."""
    endpoint = Endpoint(url, SMALL, 200, "json")
    few_fields = dataclasses.replace(endpoint, path=FEW_FIELDS)
    results = {}
    for peer in peers.built():
        say(f"counting, {peer.key}")
        own = results[peer.key] = {"system_calls": counters.system_calls(peer, endpoint)}
        if peer.native:
            if counters.can_count_instructions(peer, endpoint):
                own["instructions"] = counters.instructions(peer, endpoint)
                own["instructions_few_fields"] = counters.instructions(peer, few_fields)
            own["allocations"] = counters.allocations(peer, endpoint)
    return results


PARTS = ("calls", "tls", "cold", "threads", "counters", "sizes", "json")


def measure(parts, quick):
    """Yields the name and the results of each of these parts, when it is measured."""
    effort, times = (Effort(0.002, 1, 1), 3) if quick else (Effort(), 31)
    yield "machine", machine.describe()
    yield "counter", counters.instruction_counter()
    with one_processor(), servers.plain() as url, servers.nginx(url, SMALL) as nginx:
        if "calls" in parts:
            yield "calls", measure_calls(url, effort)
        if "tls" in parts:
            yield "tls", measure_tls(nginx, effort)
        if "cold" in parts:
            yield "cold", measure_cold(url, nginx, times)
    with servers.plain() as url:
        if "threads" in parts:
            yield "threads", measure_threads(url, effort)
        if "counters" in parts:
            yield "counters", measure_counters(url)
    if "sizes" in parts:
        yield "sizes", cold.library_sizes()
    if "json" in parts:
        say("JSON parsers")
        with one_processor():
            yield "json", parsers.speeds(rounds=1 if quick else 5)
