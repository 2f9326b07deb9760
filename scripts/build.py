"""The library: building and linking it, and what programs need to be built with it."""

import filecmp
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import crates
import tools
from checks import Failed, expect
from project import (BILL, HEADER, LIBRARY, LICENCES, RELEASE, ROOT, SONAME, STATIC_LIBS, TARGET, VERSION, argument,
                     command, declared_functions, output, run)

# nodelete: thread-local destructors and a possible look-up thread outlive a dlclose.
LINK_FLAGS = [
    "-shared", f"-Wl,-soname,{SONAME}", "-Wl,--version-script=packaging/libsac.map",
    "-Wl,-z,defs", "-Wl,-z,nodelete", "-Wl,-z,relro", "-Wl,-z,now", "-Wl,-z,noexecstack",
    "-Wl,--gc-sections", "-Wl,--as-needed", "-Wl,--build-id=sha1",
]
# The unwinder goes in: a shared one would be one more file to load, or to lack.
COMPILER = ["cc", "-static-libgcc"]
# What a process runs of the library for its first call: a list, which `order` makes.
FIRST_CALL = Path("packaging/first-call")
# The oldest glibc that what is handed out is to run with: CentOS 7's, and what Rust itself asks for.
OLD_GLIBC = "2.17"
ZIG = Path("build/zig")

FOLDER = argument("--folder", type=Path, help="where the links go", default=LIBRARY)


@command(FOLDER)
def build(folder=LIBRARY):
    """Build the library and the servers (debug), with links in build/lib.

    Needs cargo and a C compiler."""
    # All of the workspace at once: the same features everywhere, so nothing is built twice.
    run("cargo", "build", "--locked", "--workspace")
    expect(HEADER.is_file(), f"{HEADER} is missing: the build has not generated it")
    # What Ruby knows of the functions follows from the header.
    if shutil.which("ruby"):
        run("bindings/ruby/tool/generate")
    link("debug", TARGET / "debug/libsac.a", folder)


@command(argument("--folder", type=Path, help="where the library goes", default=RELEASE))
def release(folder=RELEASE):
    """Build the library as it is shipped, in build/release.

    With it go the licences of what is compiled in, and a bill of materials. Needs cargo and a C compiler."""
    check_static_libs(build_static_library())
    folder.mkdir(parents=True, exist_ok=True)
    (folder / LICENCES).write_text(crates.licences(), encoding="utf-8")
    gcc = output("gcc", "-dumpfullversion").strip()
    (folder / BILL).write_text(crates.bill("libgcc", gcc, "GPL-3.0-or-later WITH GCC-exception-3.1"), encoding="utf-8")
    link("release", TARGET / "release/libsac.a", folder)


@command(
    argument("profile", choices=["debug", "release"], help="release: ordered by the first call, without debug symbols"),
    argument("archive", type=Path, help="the static library that cargo has built"),
    argument("folder", type=Path, help="where the libraries go"),
)
def link(profile, archive, folder, compiler=None):
    """Link the shared library from the static one that cargo has built.

    It gets the names that loader and linker look for; the static library gets the interface as its only symbols."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".link-", dir=folder) as work:
        link_shared(profile, archive.resolve(), folder, Path(work), compiler or COMPILER)
        if profile == "debug":
            make_link(archive.resolve(), folder / "libsac.a")
        else:
            link_static(archive.resolve(), folder, Path(work))


@command(argument("folder", nargs="?", type=Path, default=LIBRARY, help="where the library is (build/lib)"))
def pkg_config(folder=LIBRARY):
    """Write sac.pc and sac-static.pc for the library in a folder.

    Then `PKG_CONFIG_PATH=FOLDER/pkgconfig pkg-config --libs sac` answers. A program linked by sac.pc finds its library
    in FOLDER without LD_LIBRARY_PATH."""
    described = folder.resolve() / "pkgconfig"
    described.mkdir(parents=True, exist_ok=True)
    for name, how, libs in (
        ("sac", "shared", "-L${libdir} -lsac -Wl,-rpath,${libdir}"),
        ("sac-static", "static", f"${{libdir}}/libsac.a {' '.join(STATIC_LIBS)}"),
    ):
        (described / f"{name}.pc").write_text(
            f"libdir={folder.resolve()}\nincludedir={ROOT}/include\n\nName: {name}\n"
            f"Description: Simple API Client: call JSON APIs, linked {how}\nVersion: {VERSION}\n"
            f"Cflags: -I${{includedir}}\nLibs: {libs}\n", encoding="utf-8")


@command(argument("words", nargs="+", metavar="ARGUMENT", help="as `go` takes them"))
def go(words):
    """Run go in bindings/go, with the environment in which it finds the library in build/lib.

    Example: scripts/run go -- test -run Setting ."""
    run("go", *words, cwd="bindings/go", environment=go_environment())


@command()
def clean():
    """Remove all that was built."""
    run("cargo", "clean")
    shutil.rmtree("build", ignore_errors=True)


def build_static_library():
    """Builds the static library alone, because next to an rlib cargo would leave LTO out. Returns what rustc says has
    to be linked with it."""
    words = ["cargo", "rustc", "--locked", "--release", "--lib", "--crate-type", "staticlib", "--color", "never",
             "--", "--print", "native-static-libs"]
    needed = []
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as process:
        for line in process.stderr:
            sys.stderr.write(line)
            if line.startswith("note: native-static-libs: "):
                needed = line.split()[2:]
    expect(process.returncode == 0, f"cargo ended with {process.returncode}")
    return needed


def check_static_libs(needed):
    """What rustc names is what the project tells its users, except for what every compiler adds unasked."""
    absent = set(needed) - {"-lgcc_s", "-lc", *STATIC_LIBS}
    expect(needed and not absent, f"STATIC_LIBS in scripts/project.py lacks {absent} of what rustc names, {needed}")


def link_shared(profile, archive, folder, work, compiler):
    finish = []
    if profile == "release":
        (work / "order").write_text(order_script(), encoding="utf-8")
        finish = ["-Wl,-s", f"-Wl,-T,{work}/order"]
    run(*compiler, *LINK_FLAGS, *finish, "-o", work / "libsac.so",
        "-Wl,--whole-archive", archive, "-Wl,--no-whole-archive", *STATIC_LIBS)
    # Written again in one go: the linker writes here and there, a file that is written so lies in small pieces in the
    # system's cache, and a process that loads it waits for each. What is installed is a copy anyway.
    whole = work / "whole.so"
    whole.write_bytes((work / "libsac.so").read_bytes())
    whole.chmod((work / "libsac.so").stat().st_mode)
    replace_if_changed(whole, folder / f"libsac.so.{VERSION}")
    make_link(f"libsac.so.{VERSION}", folder / SONAME)
    make_link(SONAME, folder / "libsac.so")


def order_script():
    """Puts what a first call runs side by side. The kernel maps a library in pieces of 64 KB as they are touched, and
    a first answer waits for that; otherwise its functions would lie as their crates do, all over two and a half
    megabytes. What is not in the list, or has another name by now, comes after them."""
    names = [line for line in FIRST_CALL.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
    lines = "".join(f"*(.text.{name} .text.unlikely.{name})\n" for name in names)
    return f"SECTIONS {{\n.text.first : {{\n{lines}}}\n}}\nINSERT BEFORE .text;\n"


def link_static(archive, folder, work):
    """One object whose only global symbols are those of the interface: so it gets along with whatever else a program is
    linked with, another static library in Rust, for example, or another version of ring."""
    functions = declared_functions()
    (work / "keep").write_text("".join(f"{name}\n" for name in functions), encoding="utf-8")
    run("cc", "-r", "-nostdlib", "-Wl,--gc-sections", *(f"-Wl,-u,{name}" for name in functions), "-o", work / "whole.o",
        "-Wl,--whole-archive", archive, "-Wl,--no-whole-archive")
    run("objcopy", "--strip-debug", "--remove-section=.llvm*", "--remove-section=.comment",
        f"--keep-global-symbols={work}/keep", work / "whole.o", work / "sac.o")
    run("ar", "rcsD", work / "libsac.a", work / "sac.o")
    # In a working copy it may be a link to a debug build.
    if (folder / "libsac.a").is_symlink():
        (folder / "libsac.a").unlink()
    replace_if_changed(work / "libsac.a", folder / "libsac.a")


def replace_if_changed(new, file):
    """A file stays as it is, with its time, if nothing is new in it."""
    if not (file.exists() and filecmp.cmp(new, file, shallow=False)):
        new.replace(file)


def make_link(destination, path):
    if path.is_symlink() or path.exists():
        path.unlink()
    path.symlink_to(destination)


def go_environment(folder=LIBRARY):
    """The environment in which Go builds with the library in a folder. No toolchain is fetched, and git is not asked
    for a stamp."""
    folder = folder.resolve()
    pkg_config(folder)
    # Go's build cache knows neither what pkg-config says nor what is in the library and its header, and would take an
    # old build for a new one. It is given a folder that does not exist but names their state; the linker ignores it.
    states = [os.stat(file) for file in (folder / "libsac.so", folder / "libsac.a", HEADER)]
    stamp = "-".join(f"{int(state.st_mtime)}-{state.st_size}" for state in states)
    return {
        "PKG_CONFIG_PATH": str(folder / "pkgconfig"), "GOTOOLCHAIN": "local", "GOWORK": "off",
        "GOFLAGS": "-buildvcs=false",
        "CGO_LDFLAGS": f"-O2 -g -L{folder}/made-of-{stamp}",
    }


class Zig:
    """zig from PyPI, in a folder of the build. It brings the symbols of every version of glibc, so that it can link for
    old ones."""

    def __init__(self):
        python, cache = tools.python_environment(ZIG, "packaging/requirements.txt"), ROOT / ZIG / "cache"
        self.command = ["env", f"ZIG_GLOBAL_CACHE_DIR={cache}", f"ZIG_LOCAL_CACHE_DIR={cache}", python, "-m", "ziglang"]
        self.version = output(*self.command, "version").strip()
        # The compiler that links for the old glibc.
        self.compiler = [*self.command, "cc", "-target", f"{os.uname().machine}-linux-gnu.{OLD_GLIBC}", "-lunwind"]

    def unwinder_licence(self):
        folder = re.search(r'^ *\.lib_dir = "(.*)",$', output(*self.command, "env"), re.M)[1]
        return Path(folder, "libunwind/LICENSE.TXT").read_text(encoding="utf-8")


def find_zig():
    """zig, or None if it is not available."""
    try:
        return Zig()
    except (Failed, OSError) as failure:
        print(f"not available: zig ({failure})", file=sys.stderr)
        return None
