"""Which functions of the library a process runs for its first call: `scripts/run order` starts it."""

import pathlib
import re
import subprocess
import sys
import tempfile

from . import peers, servers
from .client import Target
from .measure import SMALL

HEAD = """\
# What a process runs of the library for its first call, as the linker knows it; `scripts/run link`
# puts it side by side. Written by `make order`.
"""


def functions(profile):
    """The functions of libsac in a file of callgrind's: a name is spelt out once, with a number that stands for it."""
    names, library, found = {}, False, set()
    for kind, number, name in re.findall(r"^(c?ob|c?fn)=\((\d+)\)(?: (.*))?$", profile, re.MULTILINE):
        key = (kind[-2:], number)
        names.setdefault(key, name)
        if kind == "ob":
            library = "/libsac.so" in names[key]
        elif kind == "fn" and library and not names[key].startswith("0x"):
            # Recursion is counted apart.
            found.add(re.sub(r"'\d+$", "", names[key]))
    return found


def pattern(name):
    """The name without what differs from one compiler, or one version of a crate, to the next."""
    name = re.sub(r"17h[0-9a-f]{16}E.*", "17h*", name)
    name = re.sub(r"\.llvm\.\d+$", "*", name)
    return re.sub(r"(?<=Cs)[0-9A-Za-z]{10,13}(?=_)", "*", name)


def run(peer, target):
    with tempfile.NamedTemporaryFile("r") as profile:
        tool = ("valgrind", "--tool=callgrind", "--demangle=no", f"--callgrind-out-file={profile.name}")
        command = [*tool, *target.arguments(peer)]
        done = subprocess.run(command, env=peers.environment(target.roots), input="1\n", capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"a call under callgrind failed: {done.stderr}")
        return {pattern(name) for name in functions(pathlib.Path(profile.name).read_text())}


def main():
    peer, output = peers.compiled(sys.argv[1], "libsac", "C"), pathlib.Path(sys.argv[2])
    with servers.plain() as url, servers.nginx(url, SMALL) as nginx:
        plain = run(peer, Target(url, SMALL, 200))
        secure = run(peer, Target(nginx.base_url("keep"), SMALL, 200, roots=nginx.roots)) - plain
    parts = (("Any call.", plain), ("Over TLS.", secure))
    output.write_text(HEAD + "".join(f"\n# {what}\n" + "".join(f"{name}\n" for name in sorted(part)) for what, part in parts))


main()
