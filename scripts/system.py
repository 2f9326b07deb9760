"""The library's use of the system: system calls, allocations, threads, descriptors, signals."""

import os
import re
import shutil
import subprocess
import tempfile
from collections import Counter
from pathlib import Path

import build
from c import STATIC
from checks import Checks, expect
from project import command, compile_c, linked, output, run

FOLDER = Path("build/tests")
# The number of calls whose system calls are counted, and of calls before the counting starts.
COUNTED, BEFORE = 100, 10
# On an idle connection: a check that it is open, the request, the response, and nothing else.
EXPECTED = {"sendto": COUNTED, "recvfrom": 2 * COUNTED}
# The system calls of the allocator.
ALLOCATOR_CALLS = {"brk", "madvise", "mmap", "munmap"}
# The user who runs the set-user-ID program, and its owner. Neither is root, and neither needs a name.
CALLER, OWNER = 64001, 64002


@command()
def test_system():
    """System calls, allocations, threads, descriptors and timeouts, seen from outside.

    Each program of tests/system runs with its own server. Needs cc, strace and openssl; one check needs root."""
    build.build()
    checks = Checks()
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in ("allocations", "calls", "descriptors", "storm"):
        compile_c([f"tests/system/{name}.c"], FOLDER / f"system-{name}", *linked(), flags=("-std=c99", "-O1", "-g"))
    checks.check("allocations, and the memory of connections", output, FOLDER / "system-allocations")
    checks.check("descriptors after 10,000 requests", output, FOLDER / "system-descriptors")
    checks.check("timeouts during many signals", output, FOLDER / "system-storm")
    checks.check("three system calls per call", check_system_calls)
    checks.check("no thread for an IP address", check_threads, "127.0.0.1", 0)
    checks.check("one thread for a name, none for an idle connection", check_threads, "localhost", 1)
    name = "a set-user-ID program ignores the environment"
    with tempfile.TemporaryDirectory() as folder:
        if os.geteuid() != 0:
            checks.skip(name, "only root can make a set-user-ID program of another user")
        elif not make_set_user_id(Path(folder)):
            checks.skip(name, f"{folder} does not allow set-user-ID programs")
        else:
            checks.check(name, check_set_user_id, Path(folder))
    return checks


def traced(host, calls):
    """The number of each system call of the client, for this number of library calls."""
    with tempfile.TemporaryDirectory() as folder:
        # One file for each process and thread; the first one is the client's.
        run("strace", "-ff", "-o", f"{folder}/trace", FOLDER / "system-calls", host, calls, stdout=subprocess.DEVNULL)
        files = sorted(Path(folder).iterdir(), key=lambda file: int(file.suffix[1:]))
        return Counter(re.findall(r"^([a-z0-9_]+)\(", files[0].read_text(encoding="utf-8", errors="replace"), re.M))


def check_system_calls():
    few, many = traced("127.0.0.1", BEFORE), traced("127.0.0.1", BEFORE + COUNTED)
    for name in sorted({*few, *many, *EXPECTED} - ALLOCATOR_CALLS):
        more, expected = many[name] - few[name], EXPECTED.get(name, 0)
        expect(more == expected, f"{COUNTED} calls make {more} times {name}, not {expected} times")


def check_threads(host, threads):
    """The client starts this number of threads for any number of calls. It also forks one child, its server."""
    calls = traced(host, BEFORE)
    started = calls["clone"] + calls["clone3"] - 1
    expect(started == threads, f"{started} threads for {BEFORE} calls to {host}, not {threads}")


def make_set_user_id(folder):
    """Builds the program twice, as `plain` and as the set-user-ID program `secure`. Returns whether the system supports
    that."""
    plain, secure = folder / "plain", folder / "secure"
    compile_c(["tests/system/secure.c"], plain, *STATIC, flags=("-std=c99", "-O1", "-g"))
    shutil.copyfile(plain, secure)
    folder.chmod(0o755)
    plain.chmod(0o755)
    os.chown(secure, OWNER, OWNER)
    secure.chmod(0o4755)
    return as_caller(secure, "LANG=C").startswith("mistrusted")


def check_set_user_id(folder):
    """A set-user-ID program ignores the environment variables for proxies and trusted certificates; the same program
    without that bit uses them."""
    plain, secure = folder / "plain", folder / "secure"
    for proxy in ("http_proxy=http://127.0.0.1:1", "ALL_PROXY=http://127.0.0.1:1"):
        expect_line("trusted SAC_ERR_PROXY", plain, proxy)
        expect_line("mistrusted SAC_OK", secure, proxy)
    make_certificate(folder)
    server = subprocess.Popen(
        ["openssl", "s_server", "-www", "-accept", "127.0.0.1:0", "-cert", folder / "ca.pem", "-key", folder / "key"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        line = next((line for line in server.stdout if line.startswith("ACCEPT ")), None)
        expect(line, "openssl s_server does not start")
        url = f"https://localhost:{line.strip().rsplit(':', 1)[1]}"
        for trust in (f"SSL_CERT_FILE={folder}/ca.pem", f"SSL_CERT_DIR={folder}/ca"):
            # The page of the server is not JSON.
            expect_line("trusted SAC_ERR_NOT_JSON", plain, trust, url)
            expect_line("mistrusted SAC_ERR_TLS", secure, trust, url)
    finally:
        server.terminate()
        server.communicate()


def make_certificate(folder):
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", folder / "key",
        "-out", folder / "ca.pem")
    (folder / "ca").mkdir(mode=0o755)
    (folder / "ca").chmod(0o755)
    for copy in (folder / "ca.pem", folder / "ca/ca.pem"):
        if not copy.exists():
            shutil.copyfile(folder / "ca.pem", copy)
        copy.chmod(0o644)


def expect_line(line, program, variable, *url):
    text = as_caller(program, variable, *url)
    expect(text == line, f"{program.name} with {variable}: {text}, not {line}")


def as_caller(program, variable, *url):
    """The output of tests/system/secure.c for the caller, with only this environment variable."""
    return output("setpriv", "--reuid", CALLER, "--regid", CALLER, "--clear-groups", "env", "-i", variable, program,
                  *url).strip()
