"""Shared by the commands: the project's names, starting programs, the functions of the header."""

import os
import re
import select
import shlex
import subprocess
from pathlib import Path

from checks import Failed, expect

# Paths are relative to the root, in which every command runs.
ROOT = Path(__file__).resolve().parent.parent
HEADER = Path("include/sac.h")
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", "target"))
# The library that most commands build and use.
LIBRARY = Path("build/lib")
RELEASE = Path("build/release")

WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]
MANIFEST = (ROOT / "Cargo.toml").read_text(encoding="utf-8")
VERSION = re.search(r'^version = "(.*)"', MANIFEST, re.M)[1]
# The public address of the project. A publisher sets it in Cargo.toml, or in the environment.
REPOSITORY = os.environ.get("SAC_REPOSITORY") or "".join(re.findall(r'^repository = "(.*)"', MANIFEST, re.M))
# The number changes only with an incompatible change of the C interface: docs/abi.md.
SONAME = "libsac.so.0"
# The other libraries of a program that links libsac.a, except those that every compiler adds. The release build
# compares the list with that of rustc.
STATIC_LIBS = ["-lutil", "-lrt", "-lpthread", "-lm", "-ldl"]
# Files next to a release: the licences of the compiled-in packages, and the CycloneDX bill of materials.
LICENCES = "LICENSES-DEPENDENCIES"
SBOM_FILE = "libsac.cdx.json"

COMMANDS = {}


def command(*arguments):
    """Makes a function a command: `test_c` becomes `test-c`, its documentation becomes the help, and `arguments` are
    its parameters."""

    def register(function):
        COMMANDS[function.__name__.replace("_", "-")] = (function, arguments)
        return function

    return register


def argument(*names, **options):
    """A parameter of a command, with the arguments of argparse."""
    return names, options


def run(*words, environment=None, **options):
    """Runs a program; raises Failed unless it ends with 0. `environment` is added to that of this process."""
    words = [str(word) for word in words]
    if environment:
        options["env"] = {**os.environ, **environment}
    try:
        done = subprocess.run(words, **options)
    except subprocess.TimeoutExpired as expired:
        raise Failed(f"{quoted_command(words)} did not end within {expired.timeout} s") from expired
    except FileNotFoundError as error:
        raise Failed(f"{error.filename} is missing: `scripts/run set-up test` installs the tools") from error
    expect(done.returncode == 0, f"{quoted_command(words)} ended with {done.returncode}\n{done.stdout or ''}".rstrip())
    return done


def output(*words, **options):
    """The output of a program; raises Failed unless it ends with 0."""
    return run(*words, stdout=subprocess.PIPE, text=True, **options).stdout


def quoted_command(words):
    text = shlex.join(words)
    return text if len(text) <= 200 else text[:200] + "…"


def succeeds(*words, **options):
    """Whether a program starts and ends with 0."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    try:
        return subprocess.run(words, **quiet, **options).returncode == 0
    except OSError:
        return False


def host():
    """The target triple of this machine, from rustc."""
    return re.search(r"^host: (.*)$", output("rustc", "-vV"), re.M)[1]


def linked(folder=LIBRARY):
    """The flags that link a program with the shared library in a folder, and let the program find it."""
    return [f"-L{folder}", "-lsac", f"-Wl,-rpath,{ROOT / folder}"]


def compile_c(sources, program, *libraries, flags=("-std=c99", "-g"), compiler="cc"):
    run(compiler, *flags, *WARNINGS, "-Iinclude", "-Itests/c", *sources, "-o", program, *libraries, "-lpthread")


def declared_functions():
    """The functions of the interface, sorted. A function's name is directly before a parenthesis, and that of a
    callback type follows `(*`."""
    found = re.findall(r"\b(sac_[a-z0-9_]+) *\((?!\*)", output("cc", "-E", "-P", HEADER))
    expect(found, f"{HEADER} declares no function")
    return sorted(set(found))


def newest_glibc(library):
    """The newest version of glibc's symbols that a library needs, for example `2.17`."""
    versions = re.findall(r"GLIBC_([0-9.]+)", output("objdump", "-T", library))
    return max(versions, key=version_key)


def version_key(version):
    return [int(part) for part in version.split(".")]


class Server:
    """A server of this workspace on a free port. A `with` statement starts it, gives its URL, and ends it."""

    def __init__(self, program, *arguments):
        self.program, self.arguments = program, arguments

    def __enter__(self):
        words = [TARGET / "debug" / self.program, *self.arguments, "--port", "0"]
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        ready, _, _ = select.select([self.process.stdout], [], [], 30)
        url = self.process.stdout.readline().strip() if ready else ""
        if not url:
            self.__exit__()
            raise Failed(f"{self.program} does not start")
        return url

    def __exit__(self, *_):
        self.process.terminate()
        self.process.communicate()


def demo_server():
    """The demo server. It ends when its stdin closes, however this process ends."""
    return Server("demo-server", "--until-eof")
