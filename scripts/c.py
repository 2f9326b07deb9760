"""The library as C sees it: its tests under valgrind and the sanitizers, a panic, a soak."""

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
# What has to do with threads.
THREADED = ["threads", "cancel", "fork", "scope", "retries"]
# Reports have to be failures, and to name functions.
SANITIZER_OPTIONS = {
    "ASAN_OPTIONS": "detect_leaks=1:exitcode=99", "TSAN_OPTIONS": "exitcode=99:halt_on_error=0",
    "UBSAN_OPTIONS": "halt_on_error=1:exitcode=99:print_stacktrace=1",
}
SANITIZED = Path("build/sanitize")
# What a soak does wrong on purpose, and what it has to say of it.
SABOTAGES = {
    "wrong-id": "the response belongs to another request",
    "memory": "memory was not freed",
    "descriptor": "descriptors were not closed",
    "thread": "threads did not end",
}


@command(argument("names", nargs="*", metavar="NAME", help="tests/c/NAME.c; all of them unless named"))
def test_c(names):
    """The header as C and C++, the C tests under valgrind.

    Each of tests/c/*.c is run with the shared and with the static library, against a demo server of its own; a program
    that calls every function of the header with what no caller should give it, with the shared one. A test may have
    suppressions for valgrind next to it (NAME.supp). Needs cc, g++ and valgrind."""
    build.build()
    checks, folder = Checks(), Path("build/tests")
    folder.mkdir(parents=True, exist_ok=True)
    for compiler, language, standard in (("gcc", "c", "c99"), ("clang", "c", "c99"), ("g++", "c++", "c++11")):
        if shutil.which(compiler):
            checks.check(f"{HEADER} as {standard}, {compiler}", compile_header, compiler, language, standard)
    for source in [Path(f"tests/c/{name}.c") for name in names] or sorted(Path("tests/c").glob("*.c")):
        for kind, libraries in (("shared", linked()), ("static", STATIC)):
            checks.check(f"{source}, {kind}", test_under_valgrind, source, folder / f"{source.stem}-{kind}", libraries)
    surface = folder / "surface.c"
    checks.check("tests/c/surface.py", run, "tests/c/surface.py", HEADER, surface)
    checks.check(f"every function of {HEADER}", test_under_valgrind, surface, folder / "surface", linked())
    return checks


@command()
def test_panic():
    """A panic in a built shared library is answered, and prints nothing.

    The library is built like the shipped one, except for a method that panics. It is linked by cc, and for old systems,
    where the unwinder is another one."""
    checks, folder = Checks(), Path("build/panic").resolve()
    run("cargo", "build", "--locked", "--features", "panic-probe")
    build.link("debug", TARGET / "debug/libsac.a", folder)
    zig = build.find_zig()
    if zig:
        build.link("debug", TARGET / "debug/libsac.a", folder / "old", zig.compiler)
    # The build without the probe takes its place again, for whoever looks there next.
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
    """A short soak, and that it notices what it is there for."""
    program = build_soak()
    checks = Checks()
    for sabotage, words in SABOTAGES.items():
        checks.check(f"the soak notices: {sabotage}", notice_sabotage, program, sabotage, words)
    checks.check("soak", output, program, "8")
    return checks


@command(argument("seconds", nargs="?", default=os.environ.get("SOAK_SECONDS", "180"),
                  help="how long (SOAK_SECONDS in the environment, or 180)"))
def soak(seconds):
    """A long soak of one client.

    It says with figures that nothing was lost, mixed up or left behind."""
    run(build_soak(), seconds)


@command()
def test_sanitize():
    """The C tests under AddressSanitizer, UBSan and ThreadSanitizer.

    And a short soak (SANITIZED_SOAK_SECONDS in the environment, or 3) under both. The library is built with the
    sanitizer, leaks included; for ThreadSanitizer Rust's standard library too, which needs its sources (rustup
    component add rust-src). Of each checker, valgrind among them, it is shown first that it reports what it is there
    for. Needs clang and valgrind."""
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
        checks.skip("ThreadSanitizer", "it needs the sources of the standard library (rustup component add rust-src)")
    return checks


def compile_header(compiler, language, standard):
    run(compiler, "-x", language, f"-std={standard}", *WARNINGS, "-Iinclude", "-fsyntax-only", "-",
        input=b'#include "sac.h"\n')


def test_under_valgrind(source, program, libraries):
    compile_c([source], program, *libraries)
    own = source.with_suffix(".supp")
    suppressions = [f"--suppressions={own}"] if own.exists() else []
    # A test that hangs is one that fails.
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


def notice_sabotage(program, sabotage, words):
    """On a busy machine there may be too few requests in a second for a slow leak to show, but not in eight."""
    for seconds in ("1", "8"):
        done = subprocess.run([program, seconds, sabotage], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0 and words in done.stdout:
            return
    raise Failed(f"it does not say {words!r}, but:\n{done.stdout}")


def sysroot():
    return Path(output("rustc", "--print", "sysroot").strip())


def build_sanitized(kind, *flags):
    """The switches are for nightly compilers; a stable one obeys them if it is told to. Dependencies are not optimised,
    which saves more time here than it costs."""
    run("cargo", *flags, "rustc", "--locked", "--lib", "--crate-type", "staticlib", "--target", host(),
        "--target-dir", TARGET / "sanitize", "--config", 'profile.dev.package."*".opt-level=0',
        environment={"RUSTC_BOOTSTRAP": "1", "RUSTFLAGS": f"-Zsanitizer={kind}"})
    shutil.copyfile(TARGET / "sanitize" / host() / "debug/libsac.a", SANITIZED / f"libsac-{kind}.a")


def sanitized(kind, *sources):
    """Builds a program with Rust's runtime, which is the newer one: it knows what clang's does not, and goes through a
    fork of many threads."""
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
    for source in sources:
        checks.check(f"{source}, {name}", run_sanitized, kind, source)
    checks.check(f"soak, {name}", soak_sanitized, kind)


def run_sanitized(kind, source):
    program = sanitized(kind, source)
    with demo_server() as url:
        run(program, url, timeout=300, environment=SANITIZER_OPTIONS)


def soak_sanitized(kind):
    program = sanitized(kind, *sorted(Path("tests/soak").glob("*.c")))
    seconds = os.environ.get("SANITIZED_SOAK_SECONDS", "3")
    return output(program, seconds, timeout=300, environment=SANITIZER_OPTIONS)


def report(words, *program):
    """A checker ends a program with 99, and says these words."""
    done = subprocess.run([str(word) for word in program], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          env={**os.environ, **SANITIZER_OPTIONS})
    expect(done.returncode == 99 and words in done.stdout,
           f"it ended with {done.returncode} and not 99, or does not say {words!r}:\n{done.stdout}")
