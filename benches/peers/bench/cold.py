"""From the start of a process to its first answer; and how large a library is."""

import os
import pathlib
import random
import re
import statistics
import subprocess
import tempfile
import time

from . import peers


def start_once(peer, target):
    """Milliseconds from the start of the process until it says that its one call is done."""
    arguments = target.arguments(peer)
    program = arguments[0] if "/" in arguments[0] else subprocess.check_output(["which", arguments[0]], text=True).strip()
    order, said = os.pipe(), os.pipe()
    os.write(order[1], b"1\n")
    os.close(order[1])
    actions = [(os.POSIX_SPAWN_DUP2, order[0], 0), (os.POSIX_SPAWN_DUP2, said[1], 1), (os.POSIX_SPAWN_CLOSE, said[0])]
    environment = peers.environment(target.roots)
    start = time.perf_counter()
    process = os.posix_spawn(program, arguments, environment, file_actions=actions)
    os.close(said[1])
    answer = os.read(said[0], 5)
    took = (time.perf_counter() - start) * 1000
    os.waitpid(process, 0)
    os.close(order[0])
    os.close(said[0])
    if not answer.startswith(b"done"):
        raise RuntimeError(f"{peer.key}: it said {answer!r}")
    return took


def start(chosen, target, times):
    """The median for each, in another order each round. Each is started twice in a row and the second counts: a large
    program leaves cold caches to whoever is next, by which one and the same client took from 1.0 to 1.3 times as long."""
    took = {peer.key: [] for peer in chosen}
    order = list(chosen)
    for _ in range(times):
        random.shuffle(order)
        for peer in order:
            start_once(peer, target)
            took[peer.key].append(start_once(peer, target))
    return {key: statistics.median(each) for key, each in took.items()}


def needed(path):
    """The files that the loader maps for a library, itself included."""
    listed = subprocess.check_output(["ldd", str(path)], text=True)
    others = re.findall(r"=> (/\S+)", listed)
    return [pathlib.Path(path)] + [pathlib.Path(other) for other in others]


def stripped_size(path):
    with tempfile.NamedTemporaryFile() as copy:
        subprocess.run(["strip", "--strip-unneeded", "-o", copy.name, str(path.resolve())], check=True)
        return os.path.getsize(copy.name)


def library_sizes():
    """For libsac and libcurl: the file alone, and with all that it needs but the C library's own."""
    own = re.compile(r"lib(c|m|dl|pthread|rt|resolv)\.so")
    libcurl = next(path for path in needed(peers.BUILT / "curl") if path.name.startswith("libcurl"))
    sizes = {}
    for key, library in (("sac-c", peers.LIBRARY), ("curl", libcurl)):
        files = [path for path in needed(library) if not own.match(path.name)]
        each = [stripped_size(path) for path in files]
        sizes[key] = {"alone": each[0], "all": sum(each), "files": len(each)}
    return sizes
