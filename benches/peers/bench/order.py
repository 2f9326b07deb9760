"""Finds the functions of the library that a process runs for its first call. `scripts/run order` starts it."""

import pathlib
import re
import subprocess
import sys
import tempfile

from . import peers, servers
from .client import Endpoint
from .measure import SMALL

HEAD = """\
# The functions of the library that a process runs for its first call, by their names for the linker.
# `scripts/run link` places them next to each other. Written by `make order`.
"""


def functions(profile):
    """The functions of libsac in a profile of callgrind, which writes each name once and then its number."""
    names, library, found = {}, False, set()
    for kind, number, name in re.findall(r"^(c?ob|c?fn)=\((\d+)\)(?: (.*))?$", profile, re.MULTILINE):
        key = (kind[-2:], number)
        names.setdefault(key, name)
        if kind == "ob":
            library = "/libsac.so" in names[key]
        elif kind == "fn" and library and not names[key].startswith("0x"):
            # Callgrind counts recursive calls separately.
            found.add(re.sub(r"'\d+$", "", names[key]))
    return found


def pattern(name):
    """The name without the parts that depend on the version of the compiler or of a crate."""
    name = re.sub(r"17h[0-9a-f]{16}E.*", "17h*", name)
    name = re.sub(r"\.llvm\.\d+$", "*", name)
    return re.sub(r"(?<=Cs)[0-9A-Za-z]{10,13}(?=_)", "*", name)


def run(peer, endpoint):
    with tempfile.NamedTemporaryFile("r") as profile:
        tool = ("valgrind", "--tool=callgrind", "--demangle=no", f"--callgrind-out-file={profile.name}")
        command = [*tool, *endpoint.arguments(peer)]
        done = subprocess.run(command, env=peers.environment(endpoint.roots), input="1\n", capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"a call under callgrind failed: {done.stderr}")
        return {pattern(name) for name in functions(pathlib.Path(profile.name).read_text())}


def main():
    peer, output = peers.compiled(sys.argv[1], "libsac", "C"), pathlib.Path(sys.argv[2])
    with servers.plain() as url, servers.nginx(url, SMALL) as nginx:
        plain = run(peer, Endpoint(url, SMALL, 200))
        secure = run(peer, Endpoint(nginx.base_url("keep"), SMALL, 200, roots=nginx.roots)) - plain
    parts = (("Any call.", plain), ("Over TLS.", secure))
    output.write_text(HEAD + "".join(f"\n# {what}\n" + "".join(f"{name}\n" for name in sorted(part)) for what, part in parts))


main()
