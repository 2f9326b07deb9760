"""The Rust sources: format, lints, tests, Miri, fuzzing."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from checks import expect, heading
from project import TARGET, argument, command, host, run, succeeds

# The lints that Cargo.toml must deny.
NO_PANIC = ["unwrap_used", "expect_used", "panic", "indexing_slicing", "arithmetic_side_effects"]
# The tests for Miri: they use no network.
MIRI_TESTS = ["answer::content", "answer::json::value_cache", "auth::basic", "json_pointer", "log::decoding",
              "request::path", "wait::cancel"]
COVERAGE = ["level=4", "inline-8bit-counters", "pc-table", "trace-compares"]
FUZZ_TARGETS = sorted(file.stem for file in Path(__file__).parent.glob("../fuzz/fuzz_targets/*.rs"))


@command()
def fmt():
    """The Rust sources are formatted."""
    run("cargo", "fmt", "--all", "--", "--check")


@command()
def clippy():
    """The Rust sources are free of warnings."""
    run("cargo", "clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings")


@command()
def check_lints():
    """Unsafe code is in src/ffi only, and no code allows a lint that Cargo.toml denies.

    Tests are an exception."""
    section = Path("Cargo.toml").read_text(encoding="utf-8").split("\n[lints.clippy]\n")[1].split("\n[")[0]
    denied = re.findall(r'^([a-z_]+) = "deny"$', section, re.M)
    lacking = set(NO_PANIC) - set(denied)
    expect(not lacking, f"Cargo.toml does not deny {lacking}")
    lines, faults = list(lines_outside_tests()), []
    for what, pattern, exception in (
        ("a denied lint is allowed", rf"(allow|expect|warn)\(.*clippy::({'|'.join(denied)})",
         r"^src/lib.rs:\d+: #!\[cfg_attr\(test, "),
        ("unsafe code outside of src/ffi", r"\bunsafe\b",
         r"^src/ffi/|(deny|forbid)\(unsafe_code\)|: *//|`unsafe`"),
        ("unsafe code is allowed outside of src/ffi", r"allow\(unsafe_code\)", r"^src/lib.rs:"),
    ):
        faults += [f"{what}: {line}" for line in lines if re.search(pattern, line) and not re.search(exception, line)]
    allowed = re.findall(r"allow\(unsafe_code\).*\n(.*)", Path("src/lib.rs").read_text(encoding="utf-8"))
    if allowed != ["pub mod ffi;"]:
        faults.append("src/lib.rs allows unsafe code in more than ffi")
    expect(not faults, "\n".join(faults))
    print(f"unsafe code is in src/ffi only; {len(denied)} lints are denied, and none is allowed")


@command()
def test_rust():
    """The Rust tests."""
    run("cargo", "test", "--locked", "--workspace", "--no-fail-fast")


@command()
def test_large():
    """Bodies of 2 GiB each way, and 1 GiB of records, need constant memory: ten minutes, 4 GiB of disk."""
    run("cargo", "test", "--locked", "--test", "streams", "memory::", "--", "--nocapture", "--test-threads=1",
        environment={"SAC_LONG_TESTS": "1"})


@command()
def miri():
    """The tests that need no network under Miri, which finds undefined behaviour.

    They cover the C boundary and the code that reads untrusted bytes. Needs a nightly toolchain:
    rustup component add miri rust-src --toolchain nightly"""
    expect(succeeds("cargo", "+nightly", "miri", "--version"), "Miri is missing: see scripts/run miri --help")
    for name in MIRI_TESTS:
        file = Path("src", *name.split("::")).with_suffix(".rs")
        expect(file.exists(), f"MIRI_TESTS names {name}, but there is no {file}")
    words = ["cargo", "+nightly", "miri", "test", "--locked", "--target-dir", TARGET / "miri"]
    # The panic guard of the boundary leaks the payload of a panic on purpose.
    environment = {"MIRIFLAGS": "-Zmiri-disable-isolation"}
    run(*words, "--test", "ffi", environment=environment)
    run(*words, "--lib", "--", *MIRI_TESTS, environment=environment)


@command(
    argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(FUZZ_TARGETS)}; the default is all"),
    argument("--seconds", type=int, default=os.environ.get("FUZZ_SECONDS", "300"),
             help="for each target (FUZZ_SECONDS in the environment, or 300)"),
)
def fuzz(targets, seconds):
    """Fuzz every target, guided by coverage (libFuzzer), with AddressSanitizer.

    New inputs go to build/fuzz/corpus, from which the next run continues. An input that breaks a promise goes to
    build/fuzz/found."""
    programs = build_fuzz_targets()
    results = []
    for target in targets or FUZZ_TARGETS:
        heading(target)
        results.append(fuzz_target(programs / target, target, seconds))
        print(results[-1])
    heading(f"fuzzed for {seconds} s each")
    print("\n".join(results))
    return not any("BROKEN" in line for line in results)


def lines_outside_tests():
    """`FILE:NUMBER: LINE` of the sources, without the code that is compiled only for tests: test files, and the items
    after `#[cfg(test)]`."""
    for file in sorted(Path("src").rglob("*.rs")):
        if file.name == "tests.rs" or file.name.endswith("_tests.rs") or "tests" in file.parts[:-1]:
            continue
        within = False
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            if line == "#[cfg(test)]":
                within = True
            elif within:
                within = not (line.startswith("}") or (line.endswith(";") and not line.startswith(" ")))
            else:
                yield f"{file}:{number}: {line}"


def build_fuzz_targets():
    """Instrumented like with cargo-fuzz. The sanitizer needs an unstable option, which RUSTC_BOOTSTRAP enables in a
    stable compiler."""
    flags = ["--cfg", "fuzzing", "-Zsanitizer=address", "-Cpasses=sancov-module"]
    flags += [f"-Cllvm-args=-sanitizer-coverage-{option}" for option in COVERAGE]
    # The same versions of the dependencies as in the library.
    shutil.copyfile("Cargo.lock", "fuzz/Cargo.lock")
    run("cargo", "build", "--release", "--target", host(), cwd="fuzz",
        environment={"RUSTC_BOOTSTRAP": "1", "RUSTFLAGS": " ".join(flags)})
    return Path("fuzz/target", host(), "release")


def fuzz_target(program, name, seconds):
    """Fuzzes a target. Returns one line with the result."""
    folder = Path("build/fuzz").resolve()
    log = folder / f"{name}.log"
    for part in (folder / "corpus" / name, folder / "found"):
        part.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as file:
        done = subprocess.run(
            [program, f"-max_total_time={seconds}", "-max_len=4096", "-timeout=20", "-rss_limit_mb=2048",
             "-print_final_stats=1", f"-artifact_prefix={folder}/found/{name}-", folder / "corpus" / name,
             f"fuzz/corpus/{name}"], stdout=file, stderr=subprocess.STDOUT)
    text = log.read_text(encoding="utf-8", errors="replace")
    if done.returncode != 0:
        reasons = re.findall(r"^.*(?:panicked at|ERROR: ).*\n(?:.*\n){0,8}", text, re.M)
        print("".join(reasons) or "\n".join(text.splitlines()[-20:]))
    runs = re.search(r"^stat::number_of_executed_units: *(\d+)", text, re.M)
    covered = re.findall(r"cov: (\d+)", text)
    return (f"{name:14} {runs[1] if runs else '?':>12} runs, {covered[-1] if covered else '?':>6} edges, "
            f"promise {'kept' if done.returncode == 0 else 'BROKEN'}")
