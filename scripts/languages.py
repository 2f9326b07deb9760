"""The bindings: C++, Go and Ruby, each with its compilers, style and tests."""

import os
import re
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import build
import tools
from checks import Checks, expect
from project import (HEADER, LIBRARY, REPOSITORY, ROOT, SONAME, VERSION, WARNINGS, argument, command,
                     declared_functions, demo_server, linked, output, run)

CPP = Path("build/cpp")
CPP_FLAGS = [*WARNINGS, "-Wconversion", "-Wshadow", "-Iinclude", f"-I{CPP}", "-pthread"]
# Only with clang++, which needs half the time of g++ with the sanitizers.
SANITIZERS = ["-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer"]
CPP_COMPILERS = {
    "g++, C++11": ["g++", "-std=c++11"],
    "g++, C++17": ["g++", "-std=c++17"],
    "g++, C++20": ["g++", "-std=c++20"],
    "clang++, C++17": ["clang++", "-std=c++17"],
    "clang++, C++11, ASan and UBSan": ["clang++", "-std=c++11", *SANITIZERS],
    "clang++, C++20, ASan and UBSan": ["clang++", "-std=c++20", *SANITIZERS],
}
# Object files of two standards in one program.
MIXED_STANDARDS = {"main": 11, "server": 20, "callback_test": 11, "client_test": 20, "request_test": 11}
# Each prefix of constants in the C header, with the enumeration for them.
ENUMERATIONS = {"ERR_": "Code", "JSON_TYPE_": "JsonType", "DIGEST_": "Digest", "TLS_": "Tls", "LOG_": "LogLevel",
                "RECORDS_": "RecordKind", "ENCODING_": "Encoding", "WEBHOOK_": "WebhookScheme", "TOKEN_": "TokenReason"}

GO_MODULES = ["bindings/go", "examples/go", "tests/conformance/go"]
# Debian 12's Go, which must be able to build the binding.
OLD_GO = Path("/usr/lib/go-1.19/bin")

RUBY = Path("bindings/ruby")
RUBY_WORK = Path("build/ruby")
# The library that the binding loads.
RUBY_LIBRARY = {"SAC_LIBRARY": str(ROOT / LIBRARY / SONAME)}
# The usual classes, and the tests that compare their signatures with the real arguments and results.
RBS_CLASSES = ("SAC::Client,SAC::Credentials,SAC::Calls,SAC::Request,SAC::Stream,SAC::Stream::Chunks,SAC::Record,SAC::Response,"
               "SAC::Headers,SAC::Values,SAC::Cancel,SAC::Error,SAC::SignedCookie,SAC::Attempt")
RBS_TESTS = ["client", "call_option", "response", "stored_response", "error", "hook", "record", "attempt"]
USE_GEM = r"""
gem "sac"
require "sac"
gem_dir = Gem.loaded_specs["sac"].full_gem_path
%w[LICENSE-MIT LICENSE-APACHE CHANGELOG.md README.md].each do |file|
  File.exist?(File.join(gem_dir, file)) or abort "no #{file}"
end
readme = File.read(File.join(gem_dir, "README.md"), encoding: "UTF-8")
links = readme.scan(/\]\(([^)\s#]+)|^\[[^\]]+\]:\s*([^\s#]+)/).flatten.compact.grep_v(/\A[a-z]+:/)
features = readme.scan(/^ *require "(sac[^"]*)"/).map { |(feature)| "lib/#{feature}.rb" }
names = readme.scan(%r{(?<![\w:/.-])(?:[\w.-]+/)*(?:[\w.-]+\.(?:md|rb|rbs)|LICENSE[\w-]*)(?![\w/])})
features.include?("lib/sac.rb") or abort "README.md does not say how to load the gem"
missing = (links + features + names).uniq.reject { |file| File.exist?(File.join(gem_dir, file)) }
missing.empty? or abort "README.md names files that the gem does not have: #{missing.join(', ')}"
puts "sac #{SAC::VERSION} with libsac #{SAC.library_version}, from #{gem_dir}"
exit SAC::Client.new("http://127.0.0.1:1").get("/").code == :connect
"""
GEM_LINKS = """
require "rubygems/package"
spec = Gem::Package.new(ARGV[0]).spec
puts spec.homepage, spec.metadata.values_at("source_code_uri", "changelog_uri")
"""


@command()
def test_cpp():
    """The C++ headers: g++, clang++, three standards, sanitizers.

    Every function of sac.h is bound, every header compiles alone, misuse does not compile, and the tests pass with
    every compiler and standard. Needs g++, clang++, doctest and nlohmann/json."""
    build.build()
    checks = Checks()
    shutil.rmtree(CPP, ignore_errors=True)
    CPP.mkdir(parents=True)
    (CPP / "constants.inc").write_text("".join(f"CONSTANT({c}, {cpp})\n" for c, cpp in enumerators()), encoding="utf-8")
    # All tests are one translation unit, which compiles much faster. doctest's implementation must come first.
    tests = ["main", "server", *sorted(file.stem for file in Path("tests/cpp").glob("*_test.cpp"))]
    unit = "".join(f'#include "{ROOT}/tests/cpp/{name}.cpp"\n' for name in tests)
    (CPP / "all.cpp").write_text(unit, encoding="utf-8")
    checks.check("every function of sac.h is bound", check_bound)
    checks.check("every header compiles alone", check_headers)
    checks.check("misuse does not compile", check_misuse)
    checks.check("two standards in one program", check_mixed)
    # Two compilers at a time: each needs about 1 GB.
    with ThreadPoolExecutor(2) as pool:
        compiled = {name: pool.submit(compile_unit, name, words) for name, words in CPP_COMPILERS.items()}
        for name, program in compiled.items():
            program.exception()
            checks.check(f"tests, {name}", run_unit, program)
    return checks


@command()
def test_go():
    """The Go binding: vet, tests, race detector, static, old Go.

    The examples must build, and the benchmarks must run. Needs go and pkg-config."""
    build.build()
    checks, environment = Checks(), build.go_environment()
    with demo_server() as url:
        environment["SAC_DEMO_URL"] = url

        def go(*words, folder="bindings/go", **more):
            run("go", *words, cwd=folder, environment={**environment, **more})

        def vet(**more):
            for module in GO_MODULES:
                go("vet", "./...", folder=module, **more)

        checks.check("gofmt", check_gofmt)
        checks.check("go vet", vet)
        checks.check("go test", go, "test", "-count=1", "./...")
        checks.check("go test -race", go, "test", "-count=1", "-race", "./...")
        checks.check("go test, GOGC=1, cgocheck=1", go, "test", "-count=1", ".", GOGC="1", GODEBUG="cgocheck=1")
        checks.check("go test -tags sac_static", go, "test", "-count=1", "-tags", "sac_static", ".")
        checks.check("the examples build", go, "build", "-o", "/dev/null", "./...", folder="examples/go")
        checks.check("the benchmarks run", go, "test", "-run", "^$", "-bench", ".", "-benchtime", "20x", ".")
        if not OLD_GO.is_dir() and tools.can_install():
            tools.apt_install("golang-1.19-go")
        if OLD_GO.is_dir():
            path = f"{OLD_GO}:{os.environ['PATH']}"
            checks.check("go vet, Go 1.19", vet, PATH=path)
            checks.check("go test, Go 1.19", go, "test", "-count=1", "./...", PATH=path)
        else:
            checks.skip("Go 1.19", "it is not installed (Debian 12: golang-1.19-go)")
    return checks


@command()
def test_ruby():
    """The Ruby binding: tests, style, signatures, documentation, the gem.

    Needs ruby with ffi, rack, faraday, minitest and rbs, rubocop and yard. The tests also run with the newest Ruby of
    Debian if `scripts/run set-up test` has unpacked it."""
    build.build()
    checks = Checks()
    RUBY_WORK.mkdir(parents=True, exist_ok=True)
    together = [
        ("tests", run_ruby_tests, "test/all.rb"),
        ("Faraday's own examples", run_faraday_examples),
        ("the generated declarations are current", run, RUBY / "tool/generate", "--check"),
        ("style", run, "rubocop", "--cache", "false", "--config", RUBY / ".rubocop.yml", RUBY, "examples/ruby",
         "tests/conformance/ruby"),
        ("signatures", check_signatures),
        ("documentation", check_yard, RUBY_WORK / "yardoc"),
        ("gem", check_gem),
        ("links of the gem", check_gem_links),
    ]
    if tools.has_newest_ruby():
        together.insert(1, ("tests with the newest Ruby of Debian", tools.newest_ruby,
                            ["ruby", "-Ibindings/ruby/lib", "-Ibindings/ruby/test", "-e",
                             'puts "Ruby #{RUBY_VERSION}"; require "./bindings/ruby/test/all"'], RUBY_LIBRARY))
    else:
        checks.skip("the newest Ruby of Debian", "scripts/run set-up test unpacks it, as root")
    checks.check_together(together)
    return checks


@command(argument("path", type=Path, help="the file of the gem"))
def gem(path, files=(), environment=None):
    """Build the Ruby gem, with the licences and the changelog of the project.

    Its links lead to the public address of the project, which is `repository` in Cargo.toml or SAC_REPOSITORY, such as
    https://example.org/libsac. Without an address, the gem has no links."""
    environment = {"SAC_REPOSITORY": REPOSITORY, **(environment or {})}
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree("bindings/ruby", folder, dirs_exist_ok=True)
        for file in ["LICENSE-APACHE", "LICENSE-MIT", "CHANGELOG.md", *files]:
            shutil.copy2(file, folder)
        run("gem", "build", "--quiet", "--output", path.resolve(), "sac.gemspec", cwd=folder,
            environment=environment)


def enumerators():
    """Each constant of the C header, with its required enumerator in sac/code.hpp."""
    text = HEADER.read_text(encoding="utf-8")
    for prefix, name in ENUMERATIONS.items():
        for constant, short in re.findall(rf"^#define (SAC_{prefix}([A-Z0-9_]+)) [0-9]+$", text, re.M):
            short = {"JsonType:bool": "boolean", "RecordKind:auto": "automatic"}.get(f"{name}:{short.lower()}", short.lower())
            yield constant, f"{name}::{'v' if name == 'Tls' else ''}{short}"
    yield "SAC_OK", "Code::ok"
    for state in ("NONE", "EXACT", "REPAIRED"):
        yield f"SAC_JSON_{state}", f"JsonState::{state.lower()}"


def check_bound():
    """The C++ headers call every function of the C header."""
    allowed = Path("tests/cpp/unbound.txt").read_text(encoding="utf-8").split()
    text = "".join(file.read_text(encoding="utf-8") for file in Path("include/sac").glob("*.hpp"))
    unbound = set(declared_functions()) - set(allowed) - set(re.findall(r"\bsac_\w+\b", text))
    expect(not unbound, f"not bound in C++: {', '.join(sorted(unbound))}")


def check_headers():
    for header in [Path("include/sac.hpp"), *sorted(Path("include/sac").glob("*.hpp"))]:
        run("g++", "-std=c++11", *CPP_FLAGS, "-fsyntax-only", "-x", "c++", "-",
            input=f'#include "{header.relative_to("include")}"\n', text=True)


def check_misuse():
    """Each program with misuse does not compile, and compiles without it."""
    compiler = ["g++", "-std=c++17", *CPP_FLAGS, "-fsyntax-only"]
    for source in sorted(Path("tests/cpp/refused").glob("*.cpp")):
        run(*compiler, source)
        done = subprocess.run([*compiler, "-DMISUSE", source], stderr=subprocess.DEVNULL)
        expect(done.returncode != 0, f"{source}: the misuse compiles")


def check_mixed():
    """Object files of two standards agree about the types that they share."""
    for name, standard in MIXED_STANDARDS.items():
        run("g++", f"-std=c++{standard}", *CPP_FLAGS, "-c", f"tests/cpp/{name}.cpp", "-o", CPP / f"{name}.o")
    run("g++", "-pthread", *(CPP / f"{name}.o" for name in MIXED_STANDARDS), "-o", CPP / "mixed", *linked())
    run(CPP / "mixed")


def compile_unit(name, compiler):
    """Compiles all tests. Returns the program, the status and the output of the compiler."""
    program = CPP / re.sub(r"\W+", "-", name)
    words = [*compiler, *CPP_FLAGS, CPP / "all.cpp", "-o", program, *linked()]
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return program, done.returncode, done.stdout


def run_unit(compiled):
    program, status, text = compiled.result()
    expect(status == 0, f"it does not compile\n{text}")
    text = output(program, stderr=subprocess.STDOUT, timeout=120)
    return "\n".join(re.findall(r"^\[doctest\] test cases:.*", text, re.M))


def check_gofmt():
    unformatted = output("gofmt", "-l", *GO_MODULES).split()
    expect(not unformatted, f"gofmt would change {' '.join(unformatted)}")


def run_ruby_tests(file, **environment):
    run("ruby", "-w", "-Ilib", "-Itest", file, cwd=RUBY, environment={**RUBY_LIBRARY, **environment})


def run_faraday_examples():
    run(RUBY / "test/faraday_examples/run", environment=RUBY_LIBRARY)


def check_signatures():
    """The signatures are well-formed, and those of the usual classes match the real arguments and results."""
    run("ruby", "-e", 'gem "rbs"; load Gem.bin_path("rbs", "rbs")', "--", "-I", RUBY / "sig", "validate", "--silent")
    for name in RBS_TESTS:
        run_ruby_tests(f"test/{name}_test.rb", RBS_TEST_TARGET=RBS_CLASSES, RBS_TEST_OPT="-I sig",
                       RBS_TEST_LOGLEVEL="error", RUBYOPT="-rrbs/test/setup")


def check_yard(database):
    """Everything in the binding is documented. `database` is the folder of YARD's database."""
    text = output("yard", "stats", "--list-undoc", "--no-cache", "-b", database.resolve(), cwd=RUBY)
    expect("100.00% documented" in text, text)


def check_gem():
    """The gem can be built, installed in a separate folder, and used from there.

    It has the files that its README names."""
    with tempfile.TemporaryDirectory() as folder:
        gem(Path(folder, "sac.gem"))
        install_gem(Path(folder, "sac.gem"), Path(folder, "gems"))
        path = f"{folder}/gems:{output('gem', 'env', 'path').strip()}"
        return output("ruby", "-e", USE_GEM, environment={**RUBY_LIBRARY, "GEM_PATH": path})


def check_gem_links():
    """The gem has links if the project has a public address."""
    address = "https://example.org/libsac"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "sac.gem")
        gem(path, environment={"SAC_REPOSITORY": address})
        links = output("ruby", "-e", GEM_LINKS, path).split()
    expected = [address, address, f"{address}/blob/v{VERSION}/CHANGELOG.md"]
    expect(links == expected, f"the links are {links} instead of {expected}: bindings/ruby/sac.gemspec")


def install_gem(gem, folder):
    run("gem", "install", "--quiet", "--local", "--ignore-dependencies", "--no-document", "--install-dir", folder, gem)
