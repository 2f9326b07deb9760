"""The library from C: tests under valgrind and the sanitizers, a panic, a soak."""

import os
import shutil
import subprocess
from pathlib import Path

import build
from checks import Checks, Failed, expect
from project import (HEADER, LIBRARY, STATIC_LIBS, TARGET, WARNINGS, argument, command, compile_c, demo_server, host,
                     linked, output, run)

STATIC = [LIBRARY / "libsac.a", *STATIC_LIBS]
VALGRIND = ["valgrind", "--quiet", "--fair-sched=yes", "--error-exitcode=99", "--leak-check=full",
            "--show-leak-kinds=definite,indirect,possible", "--errors-for-leak-kinds=definite,indirect,possible",
            "--suppressions=tests/c/valgrind.supp"]
# The tests that use threads.
THREADED = ["threads", "cancel", "fork", "scope", "retries"]
# A report must be a failure, and name functions.
SANITIZER_OPTIONS = {
    "ASAN_OPTIONS": "detect_leaks=1:exitcode=99", "TSAN_OPTIONS": "exitcode=99:halt_on_error=0",
    "UBSAN_OPTIONS": "halt_on_error=1:exitcode=99:print_stacktrace=1",
}
SANITIZED = Path("build/sanitize")
# The deliberate errors of a soak, with the text that it must report.
SABOTAGES = {
    "wrong-id": "the response belongs to another request",
    "memory": "memory was not freed",
    "descriptor": "descriptors were not closed",
    "thread": "threads did not end",
    "stream": "descriptors were not closed",
}


@command(argument("names", nargs="*", metavar="NAME", help="tests/c/NAME.c; the default is all"))
def test_c(names):
    """The header in C and C++, and the C tests under valgrind.

    Each of tests/c/*.c runs with the shared and with the static library, against its own demo server. A program that
    calls every function of the header with invalid arguments runs with the shared library. A test may have valgrind
    suppressions next to it (NAME.supp). Needs cc, g++ and valgrind."""
    build.build()
    checks, folder = Checks(), Path("build/tests")
    folder.mkdir(parents=True, exist_ok=True)
    for compiler, language, standard in (("gcc", "c", "c99"), ("clang", "c", "c99"), ("g++", "c++", "c++11")):
        if shutil.which(compiler):
            checks.check(f"{HEADER} as {standard}, {compiler}", compile_header, compiler, language, standard)
    surface = folder / "surface.c"
    checks.check("tests/c/surface.py", run, "tests/c/surface.py", HEADER, surface)
    sources = [Path(f"tests/c/{name}.c") for name in names] or sorted(Path("tests/c").glob("*.c"))
    checks.check_together([
        (f"every function of {HEADER}", test_under_valgrind, surface, folder / "surface", linked()),
        *((f"{source}, {kind}", test_under_valgrind, source, folder / f"{source.stem}-{kind}", libraries)
          for source in sources for kind, libraries in (("shared", linked()), ("static", STATIC))),
    ])
    return checks


@command()
def test_panic():
    """A panic in a built shared library becomes a response, and prints nothing.

    The library is built like the release, except for a method that panics. It is linked by cc, and by zig for old
    systems, with another unwinder."""
    checks, folder = Checks(), Path("build/panic").resolve()
    run("cargo", "build", "--locked", "--features", "panic-probe")
    build.link("debug", TARGET / "debug/libsac.a", folder)
    zig = build.find_zig()
    if zig:
        build.link("debug", TARGET / "debug/libsac.a", folder / "old", zig.compiler)
    # Later commands need the build without the probe.
    build.build()
    compile_c(["tests/panic/probe.c"], folder / "probe", f"-L{folder}", "-lsac")
    checks.check("linked by cc", contain_panics, folder / "probe", folder)
    if zig:
        checks.check("linked for old systems", contain_panics, folder / "probe", folder / "old")
    else:
        checks.skip("linked for old systems", "zig is not available (packaging/requirements.txt)")
    return checks


@command()
def test_soak():
    """A short soak, and checks that it detects errors."""
    program = build_soak()
    checks = Checks()
    for sabotage, message in SABOTAGES.items():
        checks.check(f"the soak detects: {sabotage}", detect_sabotage, program, sabotage, message)
    checks.check("soak", output, program, "8")
    return checks


@command(argument("seconds", nargs="?", default=os.environ.get("SOAK_SECONDS", "180"),
                  help="how long (SOAK_SECONDS in the environment, or 180)"))
def soak(seconds):
    """A long soak of one client.

    Prints counts that show that no request was lost, mixed up or leaked."""
    run(build_soak(), seconds)


@command()
def test_sanitize():
    """The C tests under AddressSanitizer, UBSan and ThreadSanitizer.

    And a short soak (SANITIZED_SOAK_SECONDS in the environment, or 3) under both. The library is built with the
    sanitizer, which also finds leaks. For ThreadSanitizer, Rust's standard library is built too, which needs its
    sources (rustup component add rust-src). First, each checker and valgrind must report a deliberate error. Needs
    clang and valgrind."""
    build.build()
    checks = Checks()
    SANITIZED.mkdir(parents=True, exist_ok=True)
    compile_c(["tests/sanitize/fault.c"], SANITIZED / "fault-plain", *linked(), flags=("-std=c11", "-g"))
    valgrind = ["valgrind", "--quiet", "--error-exitcode=99", "--leak-check=full", SANITIZED / "fault-plain"]
    checks.check("valgrind reports a use after free", report, "Invalid read", *valgrind, "use-after-free")
    checks.check("valgrind reports a leak", report, "definitely lost", *valgrind, "leak")

    build_sanitized("address")
    fault = sanitized("address", "tests/sanitize/fault.c")
    checks.check("AddressSanitizer reports a use after free", report, "heap-use-after-free", fault, "use-after-free")
    checks.check("AddressSanitizer reports a leak", report, "LeakSanitizer: detected memory leaks", fault, "leak")
    checks.check("UBSan reports an overflow", report, "signed integer overflow", fault, "overflow")
    test_sanitized(checks, "address", sorted(Path("tests/c").glob("*.c")))

    if (sysroot() / "lib/rustlib/src/rust/library").is_dir():
        build_sanitized("thread", "-Zbuild-std=std,panic_unwind")
        fault = sanitized("thread", "tests/sanitize/fault.c")
        checks.check("ThreadSanitizer reports a race", report, "data race", fault, "race")
        test_sanitized(checks, "thread", [Path(f"tests/c/{name}.c") for name in THREADED])
    else:
        checks.skip("ThreadSanitizer", "the sources of Rust's library are missing (rustup component add rust-src)")
    return checks


def compile_header(compiler, language, standard):
    run(compiler, "-x", language, f"-std={standard}", *WARNINGS, "-Iinclude", "-fsyntax-only", "-",
        input=b'#include "sac.h"\n')


def test_under_valgrind(source, program, libraries):
    compile_c([source], program, *libraries)
    own = source.with_suffix(".supp")
    suppressions = [f"--suppressions={own}"] if own.exists() else []
    # A test that hangs fails.
    with demo_server() as url:
        run(*VALGRIND, *suppressions, program, url, timeout=600)


def contain_panics(probe, folder):
    environment = {**os.environ, "LD_LIBRARY_PATH": str(folder)}
    done = subprocess.run([probe], env=environment, stderr=subprocess.PIPE, text=True)
    expect(done.returncode == 0, f"the library in {folder} does not contain a panic\n{done.stderr}")
    expect(not done.stderr, f"the panic printed: {done.stderr}")


def build_soak():
    build.build()
    program = Path("build/soak/soak")
    program.parent.mkdir(parents=True, exist_ok=True)
    compile_c(sorted(Path("tests/soak").glob("*.c")), program, *linked(), flags=("-std=c11", "-O1", "-g"))
    return program


def detect_sabotage(program, sabotage, message):
    """On a busy machine, one second may have too few requests to show a slow leak, but eight seconds have enough."""
    for seconds in ("1", "8"):
        done = subprocess.run([program, seconds, sabotage], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0 and message in done.stdout:
            return
    raise Failed(f"it does not report {message!r}, but:\n{done.stdout}")


def sysroot():
    return Path(output("rustc", "--print", "sysroot").strip())


def build_sanitized(kind, *flags):
    """The sanitizers need unstable options, which RUSTC_BOOTSTRAP enables in a stable compiler. Dependencies are not
    optimised, which saves more time here than it costs."""
    run("cargo", *flags, "rustc", "--locked", "--lib", "--crate-type", "staticlib", "--target", host(),
        "--target-dir", TARGET / "sanitize", "--config", 'profile.dev.package."*".opt-level=0',
        environment={"RUSTC_BOOTSTRAP": "1", "RUSTFLAGS": f"-Zsanitizer={kind}"})
    shutil.copyfile(TARGET / "sanitize" / host() / "debug/libsac.a", SANITIZED / f"libsac-{kind}.a")


def sanitized(kind, *sources):
    """Builds a program with Rust's sanitizer runtime, which is newer than clang's and supports a fork of a process with
    many threads."""
    program = SANITIZED / f"{Path(sources[0]).stem}-{kind}"
    flags = ["-std=c11", "-g", *WARNINGS, "-Iinclude", "-Itests/c", f"-fsanitize={kind}"]
    if kind == "address":
        flags += ["-fsanitize=undefined", "-fno-sanitize-recover=all"]
    objects = [f"{program}-{Path(source).stem}.o" for source in sources]
    for source, file in zip(sources, objects):
        run("clang", *flags, "-c", source, "-o", file)
    runtimes = sysroot() / "lib/rustlib" / host() / "lib"
    runtime = next(runtimes.glob(f"librustc*_rt.{kind[0]}san.a"))
    run("cc", *objects, SANITIZED / f"libsac-{kind}.a", "-Wl,--whole-archive", runtime, "-Wl,--no-whole-archive",
        "-Wl,--export-dynamic", *STATIC_LIBS, "-lrt", "-o", program)
    return program


def test_sanitized(checks, kind, sources):
    name = "AddressSanitizer and UBSan" if kind == "address" else "ThreadSanitizer"
    checks.check_together([(f"{source}, {name}", run_sanitized, kind, source) for source in sources])
    checks.check(f"soak, {name}", soak_sanitized, kind)


def run_sanitized(kind, source):
    program = sanitized(kind, source)
    with demo_server() as url:
        run(program, url, timeout=300, environment=SANITIZER_OPTIONS)


def soak_sanitized(kind):
    program = sanitized(kind, *sorted(Path("tests/soak").glob("*.c")))
    seconds = os.environ.get("SANITIZED_SOAK_SECONDS", "3")
    return output(program, seconds, timeout=300, environment=SANITIZER_OPTIONS)


def report(message, *program):
    """The checker ends the program with 99, and reports this message."""
    done = subprocess.run([str(word) for word in program], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          env={**os.environ, **SANITIZER_OPTIONS})
    expect(done.returncode == 99 and message in done.stdout,
           f"it ended with {done.returncode} and not 99, or does not report {message!r}:\n{done.stdout}")
