"""The time from the start of a process to its first response, and the sizes of the libraries."""

import os
import pathlib
import random
import re
import statistics
import subprocess
import tempfile
import time

from . import peers


def start_once(peer, endpoint):
    """The milliseconds from the start of the process until it reports that its one call is done."""
    arguments = endpoint.arguments(peer)
    program = arguments[0] if "/" in arguments[0] else subprocess.check_output(["which", arguments[0]], text=True).strip()
    order, reply = os.pipe(), os.pipe()
    os.write(order[1], b"1\n")
    os.close(order[1])
    actions = [(os.POSIX_SPAWN_DUP2, order[0], 0), (os.POSIX_SPAWN_DUP2, reply[1], 1), (os.POSIX_SPAWN_CLOSE, reply[0])]
    environment = peers.environment(endpoint.roots)
    start = time.perf_counter()
    process = os.posix_spawn(program, arguments, environment, file_actions=actions)
    os.close(reply[1])
    text = os.read(reply[0], 5)
    elapsed = (time.perf_counter() - start) * 1000
    os.waitpid(process, 0)
    os.close(order[0])
    os.close(reply[0])
    if not text.startswith(b"done"):
        raise RuntimeError(f"{peer.key}: it replied {text!r}")
    return elapsed


def start(chosen, endpoint, times):
    """The median of each peer, in a random order each round. Each peer starts twice in a row, and the second start
    counts: a large program leaves cold caches for the next one, which made the same client up to 1.3 times slower."""
    times_of = {peer.key: [] for peer in chosen}
    order = list(chosen)
    for _ in range(times):
        random.shuffle(order)
        for peer in order:
            start_once(peer, endpoint)
            times_of[peer.key].append(start_once(peer, endpoint))
    return {key: statistics.median(each) for key, each in times_of.items()}


def needed(path):
    """The library and all other files that the loader maps for it."""
    listed = subprocess.check_output(["ldd", str(path)], text=True)
    others = re.findall(r"=> (/\S+)", listed)
    return [pathlib.Path(path)] + [pathlib.Path(other) for other in others]


def stripped_size(path):
    with tempfile.NamedTemporaryFile() as copy:
        subprocess.run(["strip", "--strip-unneeded", "-o", copy.name, str(path.resolve())], check=True)
        return os.path.getsize(copy.name)


def library_sizes():
    """For libsac and libcurl: the size of the file, and with all libraries that it needs except the C library."""
    own = re.compile(r"lib(c|m|dl|pthread|rt|resolv)\.so")
    libcurl = next(path for path in needed(peers.BUILT / "curl") if path.name.startswith("libcurl"))
    sizes = {}
    for key, library in (("sac-c", peers.LIBRARY), ("curl", libcurl)):
        files = [path for path in needed(library) if not own.match(path.name)]
        each = [stripped_size(path) for path in files]
        sizes[key] = {"alone": each[0], "all": sum(each), "files": len(each)}
    return sizes
