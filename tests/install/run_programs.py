"""Usage: run_programs.py LIBRARY GO_BINDING GEM URL

Builds programs in every language with the installed libsac, as pkg-config, CMake, the loader and Ruby find it, and runs
each against the demo server at URL. LIBRARY is the file that must be found, GO_BINDING the folder of the module, GEM the
gem. Works in the current folder, without the source tree.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

from checks import Checks, expect

HERE = Path(__file__).resolve().parent
LIBRARY, GO_BINDING, GEM, URL = sys.argv[1:]


def output(*words, environment=None, folder=None):
    words = [str(word) for word in words]
    environment = {**os.environ, **(environment or {})}
    done = subprocess.run(words, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True)
    expect(done.returncode == 0, f"{' '.join(words)} ended with {done.returncode}\n{done.stdout}")
    return done.stdout


def expect_name(*words, environment=None):
    """A program prints the name of user 1."""
    printed = output(*words, URL, environment=environment)
    expect(printed.endswith(" Ada Lovelace\n"), f"unexpected output: {printed}")


def expect_shared(program):
    """A program runs with the installed library."""
    found = re.search(r"libsac\.so\.0 => (\S+)", output("ldd", program))
    expect(found and os.path.realpath(found[1]) == os.path.realpath(LIBRARY),
           f"{program} uses {found and found[1]} instead of {LIBRARY}")
    expect_name(f"./{program}")


def expect_static(program):
    """A program runs without a shared libsac."""
    # ldd fails for a program that needs no shared library.
    found = subprocess.run(["ldd", program], capture_output=True, text=True).stdout
    expect("libsac" not in found, f"{program} is not linked statically: {found}")
    expect_name(f"./{program}")


def compile_hello(compiler, source, program, package, *options):
    flags = output("pkg-config", *options, "--cflags", "--libs", package).split()
    output(*compiler, HERE / source, *flags, "-o", program)


def gcc_shared():
    compile_hello(["gcc", "-std=c99", "-Wall", "-Werror"], "hello.c", "gcc-shared", "sac")
    expect_shared("gcc-shared")


def gcc_static():
    compile_hello(["gcc", "-std=c99"], "hello.c", "gcc-static", "sac-static")
    expect_static("gcc-static")


def gcc_all_static():
    """glibc warns about getaddrinfo, which needs the shared glibc for some names."""
    compile_hello(["gcc", "-static"], "hello.c", "gcc-all-static", "sac", "--static")
    expect_static("gcc-all-static")


def gxx_shared():
    compile_hello(["g++", "-std=c++11", "-Wall", "-Werror"], "hello.cpp", "gxx-shared", "sac")
    expect_shared("gxx-shared")


def cmake_targets():
    output("cmake", "-S", HERE, "-B", "cmake", "-DCMAKE_BUILD_TYPE=Release")
    output("cmake", "--build", "cmake", "--parallel")
    for language in ("c", "cpp"):
        expect_shared(f"cmake/shared-{language}")
        expect_static(f"cmake/static-{language}")


def build_go(program, *flags):
    output("go", "build", "-o", f"../{program}", *flags, ".", folder="go")


def go_shared():
    build_go("go-shared")
    expect_shared("go-shared")


def go_static():
    build_go("go-static", "-tags", "sac_static")
    expect_static("go-static")


def ruby_gem():
    gems = Path("gems").resolve()
    output("gem", "install", "--quiet", "--local", "--ignore-dependencies", "--no-document", "--install-dir", gems, GEM)
    path = f"{gems}:{output('gem', 'env', 'path').strip()}"
    expect_name("ruby", HERE / "hello.rb", environment={"GEM_PATH": path})


def main():
    Path("go").mkdir()
    Path("go/hello.go").write_bytes((HERE / "hello.go").read_bytes())
    Path("go/go.mod").write_text(
        f"module outside\n\ngo 1.19\n\nrequire libsac/sac v0.0.0\n\nreplace libsac/sac => {GO_BINDING}\n",
        encoding="utf-8")
    checks = Checks()
    checks.check("gcc, pkg-config, shared", gcc_shared)
    checks.check("gcc, pkg-config, the library static", gcc_static)
    checks.check("gcc, pkg-config, all static", gcc_all_static)
    checks.check("g++, pkg-config", gxx_shared)
    checks.check("CMake, sac::sac and sac::static, C and C++", cmake_targets)
    checks.check("go build", go_shared)
    checks.check("go build -tags sac_static", go_static)
    checks.check("gem install", ruby_gem)
    print(checks.summary())
    return 1 if checks.failed else 0


sys.exit(main())
