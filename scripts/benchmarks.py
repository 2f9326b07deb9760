"""The benchmarks: the programs that they compare, and their driver in benches/peers/bench."""

import functools
import json
import os
import shutil
import sys
from pathlib import Path

import build
import tools
from checks import Failed, heading
from project import (RELEASE, ROOT, TARGET, WARNINGS, argument, command, compile_c, linked, output, run,
                     succeeds)

PEERS = Path("benches/peers")
BENCH = Path("build/bench")
YYJSON = BENCH / "yyjson"
# The object file of main() of the clients in C and C++.
PEER = BENCH / "peer.o"
# simdjson chooses the code of its On-Demand interface when it is compiled, so its documentation recommends this.
FOR_SIMDJSON = ["-O3", "-march=native"]


@command(
    argument("--quick", action="store_true", help="one short round of everything, without writing the results"),
    argument("--report", action="store_true", help="write the page again from the last results"),
    argument("--only", nargs="+", default=[], metavar="PART",
             help="measure these (calls, tls, cold, threads, counters, sizes, json), and use the last results for the rest"),
)
def bench(quick, report, only):
    """Compare libsac with other clients; updates docs/performance.md.

    Builds the clients and their server, and takes about 20 minutes. As root, it installs the missing tools. A library
    that is not available is not compared."""
    tools.set_up("bench")
    heading("building")
    build.release()
    BENCH.mkdir(parents=True, exist_ok=True)
    compile_peers()
    compile_parsers()
    tools.python_environment(BENCH / "venv", PEERS / "python/requirements.txt")
    heading("measuring")
    options = ["--quick"] * quick + ["--report"] * report + ["--only", *only] * bool(only)
    run("python3", "-m", "bench", *options, environment=peers_environment())


@command()
def bench_json():
    """Compare the JSON parser of the library with simdjson and yyjson, in MB/s.

    Prints the table, and does not change docs/performance.md."""
    tools.set_up("bench")
    heading("building")
    BENCH.mkdir(parents=True, exist_ok=True)
    compile_parsers()
    heading("measuring")
    run("python3", "-m", "bench.parsers", environment=peers_environment())


@command()
def order():
    """Update the list of functions that a first call runs, which the linker places next to each other.

    Writes packaging/first-call, from one call without and one with TLS. Useful after many functions were moved or
    renamed: a function that is missing in the list works, but takes longer to load."""
    tools.set_up("bench")
    heading("building")
    build.release()
    BENCH.mkdir(parents=True, exist_ok=True)
    # A debug link keeps the names of the functions.
    folder = Path("build/order")
    build.link("debug", TARGET / "release/libsac.a", folder)
    compile_peer("server")
    compile_c([PEERS / "c/sac.c", PEERS / "c/peer.c"], BENCH / "order", *linked(folder), flags=("-std=c99", "-O2"))
    heading("calling")
    run("python3", "-m", "bench.order", "order", build.FIRST_CALL, environment=peers_environment())


def compile_peers():
    compile_peer("server")
    run("cc", "-std=c99", "-O2", *WARNINGS, "-c", PEERS / "c/peer.c", "-o", PEER)
    run("cc", "-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared", PEERS / "c/count_malloc.c",
        "-o", BENCH / "count_malloc.so")
    compile_peer("raw", PEER)
    compile_peer("curl", PEER, "-lcurl")
    compile_peer("sac", PEER, *linked(RELEASE), program="sac-c")
    compile_cpp_peer("sac", PEER, *linked(RELEASE), program="sac-cpp")
    if is_available("curl-yyjson", has_yyjson()):
        compile_peer("curl", PEER, *yyjson(), "-lcurl", program="curl-yyjson", flags=["-DWITH_YYJSON"])
    if is_available("cpr", tools.works("cpr")):
        compile_cpp_peer("cpr", PEER, "-lcpr", "-lcurl")
    if is_available("httplib", tools.works("cpp-httplib")):
        flags = output("pkg-config", "--cflags", "--libs", "cpp-httplib").split()
        compile_cpp_peer("httplib", PEER, *flags, "-lssl", "-lcrypto")
    if is_available("beast", tools.works("boost")):
        compile_cpp_peer("beast", PEER)
    if is_available("beast-simdjson", tools.works("boost") and tools.works("simdjson")):
        flags = [*FOR_SIMDJSON, "-DWITH_SIMDJSON"]
        compile_cpp_peer("beast", PEER, "-lsimdjson", program="beast-simdjson", flags=flags)
    compile_go_peers()


def compile_parsers():
    """The programs that measure only the JSON parsers."""
    built = output("cargo", "bench", "--locked", "--bench", "json", "--no-run", "--message-format", "json")
    programs = [message.get("executable") for message in map(json.loads, built.splitlines())]
    shutil.copy2(next(filter(None, programs)), BENCH / "json-sac")
    if is_available("json-yyjson", has_yyjson()):
        compile_peer("json_yyjson", *yyjson(), program="json-yyjson", flags=["-O3"])
    if is_available("json-simdjson", tools.works("simdjson")):
        compile_cpp_peer("json_simdjson", "-lsimdjson", program="json-simdjson", flags=FOR_SIMDJSON)


def is_available(program, has_libraries):
    """Whether the program can be compiled. If not, one of an earlier run is removed."""
    if not has_libraries:
        (BENCH / program).unlink(missing_ok=True)
        print(f"not available: the libraries of {program}; it is not compared")
    return has_libraries


def compile_peer(name, *libraries, program=None, flags=()):
    flags = ["-std=c99", "-O2", *flags]
    compile_c([PEERS / f"c/{name}.c"], BENCH / (program or name), *libraries, flags=flags)


def compile_cpp_peer(name, *libraries, program=None, flags=()):
    run("g++", "-std=c++17", "-O2", *flags, f"-I{PEERS}/c", "-Iinclude", *WARNINGS, PEERS / f"cpp/{name}.cpp",
        "-o", BENCH / (program or name), "-pthread", *libraries)


def compile_go_peers():
    go = {"cwd": PEERS / "go", "environment": build.go_environment(RELEASE)}
    run("go", "vet", "./...", **go)
    run("go", "build", "-o", ROOT / BENCH / "sac-go", "./sac", **go)
    go["environment"]["CGO_ENABLED"] = "0"
    run("go", "build", "-o", ROOT / BENCH / "net-http-go", "./nethttp", **go)
    go["cwd"] = PEERS / "go/others"
    for name in ("fasthttp", "resty"):
        if is_available(name, succeeds("go", "mod", "download", cwd=go["cwd"])):
            run("go", "build", "-o", ROOT / BENCH / name, f"./{name}", **go)


@functools.cache
def has_yyjson():
    """Unpacks and compiles the C sources that the Python package yyjson contains, unless that is done."""
    compiled, requirements = YYJSON / "yyjson.o", PEERS / "c/requirements.txt"
    if compiled.exists() and compiled.stat().st_mtime >= requirements.stat().st_mtime:
        return True
    shutil.rmtree(YYJSON, ignore_errors=True)
    YYJSON.mkdir(parents=True)
    try:
        run(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
            "--no-binary", ":all:", "--dest", YYJSON, "-r", requirements, timeout=120)
    except Failed as failure:
        print(failure)
        return False
    archive = next(YYJSON.glob("*.tar.gz"))
    run("tar", "-xzf", archive, "-C", YYJSON, "--strip-components=2", "--wildcards", "*/yyjson/yyjson.[ch]")
    run("cc", "-O3", "-c", YYJSON / "yyjson.c", "-o", compiled)
    return True


def yyjson():
    return ["-isystem", YYJSON, YYJSON / "yyjson.o"]


def peers_environment():
    return {"PATH": f"{os.environ['PATH']}:/usr/sbin", "PYTHONPATH": str(PEERS)}
